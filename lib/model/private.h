/* private.h - what the files of the model room know of each other. */
#ifndef MYO_MODEL_PRIVATE_H
#define MYO_MODEL_PRIVATE_H

#include "model/model.h"

#define MODEL_FORMAT "myopic-model"
#define MODEL_VERSION "1"

/*
 * PyTorch counts the batches that each batch normalisation has seen, in an I64 scalar beside
 * running_mean. Its name, on the heap, when `weight` is a running_mean; *out is NULL when it isn't.
 */
MYO_MUST_USE int model_counter_name(const struct myo_weight *weight, char **out, struct myo_err *err);

/* MYO_FAIL unless mean and deviation make numbers of pixels. */
MYO_MUST_USE int model_check_normalisation(const struct myo_model *model, struct myo_err *err);

/* MYO_FAIL unless a trained network could hold these values: finite, and no negative variance. */
MYO_MUST_USE int model_check_weight(const struct myo_weight *weight, struct myo_err *err);

#endif
