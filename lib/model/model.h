/*
 * model.h - a trained network in a file, and what it says of images.
 *
 * A model file is one safetensors document. Its tensors have PyTorch's names and layouts; its
 * metadata is enough to use it: architecture, options, classes, input size, normalisation, and
 * the commands that made it. Readers of safetensors elsewhere can load it as it is.
 */
#ifndef MYO_MODEL_H
#define MYO_MODEL_H

#include "net/net.h"
#include "plugin/plugin.h"
#include "stream/stream.h"

/*
 * All that a model is. Pixel p of channel c enters the network as (p / 255 - mean[c]) / deviation[c];
 * pixels outside the image (padding) enter as 0.
 */
struct myo_model {
	struct myo_arch *arch;
	struct myo_net *net;
	int size;  /* side of the patches it was trained on */
	double mean[3], deviation[3];
	struct myo_header header; /* classes and history; kind and rows mean nothing here */
	json_t *training; /* object of strings: epochs, steps, recipe, final loss …, as info shows it */
};

#define MYO_MODEL_INIT { NULL, NULL, 0, { 0 }, { 0 }, MYO_HEADER_INIT, NULL }

void myo_model_clear(struct myo_model *model);

MYO_MUST_USE int myo_model_save(const struct myo_model *model, const char *path, struct myo_err *err);
MYO_MUST_USE int myo_model_load(const char *path, struct myo_model *model, struct myo_err *err);

/*
 * Normalise `rows` rows of a record of images or patches, from row `first`, into
 * out F32 [rows, height, width, 3]. Uses "image" U8 [N,H,W,3] and, where the record has them,
 * y, x, height, width (and flip) to know which pixels lie outside the image: those become 0.
 */
MYO_MUST_USE int myo_model_normalise(const struct myo_model *model, const struct myo_record *record,
    size_t first, size_t rows, float *out, struct myo_err *err);

/* Runs a model over records of any size; keeps a plan for the size it saw last. */
struct myo_predictor;

MYO_MUST_USE int myo_predictor_new(struct myo_model *model, size_t batch, struct myo_pool *pool,
    struct myo_predictor **out, struct myo_err *err);
void myo_predictor_free(struct myo_predictor *predictor);

/* logits F32 [rows of the record, classes], filled by batches; the caller's. */
MYO_MUST_USE int myo_predictor_run(struct myo_predictor *predictor, const struct myo_record *record,
    float *logits, struct myo_err *err);

#endif
