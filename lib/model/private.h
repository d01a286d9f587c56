/* private.h - what the files of the model room share. */
#ifndef MYO_MODEL_PRIVATE_H
#define MYO_MODEL_PRIVATE_H

#include "model/model.h"

#define MODEL_FORMAT "myopic-model"
#define MODEL_VERSION "1"

/*
 * PyTorch keeps the number of batches that a batch normalisation has seen in an I64 scalar beside its
 * running_mean. *out: the name of that scalar, on the heap, if `weight` is a running_mean; else NULL.
 */
MYO_MUST_USE int model_counter_name(const struct myo_weight *weight, char **out, struct myo_err *err);

/* MYO_FAIL unless pixels can be normalised by the model's mean and deviation. */
MYO_MUST_USE int model_check_normalisation(const struct myo_model *model, struct myo_err *err);

/* MYO_FAIL unless the values are possible in a trained network: finite, and variances not negative. */
MYO_MUST_USE int model_check_weight(const struct myo_weight *weight, struct myo_err *err);

#endif
