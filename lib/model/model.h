/*
 * model.h - a trained network in a file, and its predictions for images.
 *
 * A model file is one safetensors document. Its tensors have PyTorch's names and layouts; its
 * metadata has all that is needed to use it: architecture, options, classes, input size, normalisation; and
 * the commands that made it. Any other reader of safetensors can load it as it is.
 */
#ifndef MYO_MODEL_H
#define MYO_MODEL_H

#include "net/net.h"
#include "plugin/plugin.h"
#include "stream/stream.h"

enum { MYO_MODEL_SIDE = 16384 }; /* the longest side of patches that a model is trained on */

/*
 * A model. Pixel p of channel c enters the network as (p / 255 - mean[c]) / deviation[c];
 * pixels outside the image (padding) and hidden ones (holes) enter as 0.
 */
struct myo_model {
	struct myo_arch *arch;
	struct myo_net *net;
	int size;  /* side of the patches it was trained on */
	double mean[3], deviation[3];
	struct myo_header header; /* classes and history; kind and rows aren't used */
	json_t *training; /* object of strings that myopic-info shows: steps, rows, recipe, final loss …; or NULL */
};

#define MYO_MODEL_INIT { NULL, NULL, 0, { 0 }, { 0 }, MYO_HEADER_INIT, NULL }

/*
 * A model to be trained: the network of a specification (see plugin.h) for squares of side `size` and
 * the data's classes, with initial weights drawn from the seed; without normalisation or history yet.
 */
MYO_MUST_USE int myo_model_new(struct myo_model *model, const char *spec, int size, const struct myo_header *data,
    uint64_t seed, struct myo_err *err);
void myo_model_clear(struct myo_model *model);

/* Set a member of `training` to a text made from a format. */
MYO_MUST_USE int myo_model_note(struct myo_model *model, struct myo_err *err, const char *key, const char *format, ...)
    MYO_PRINTF(4, 5);

/*
 * Save: atomically; a network with values that aren't finite is refused. Load: everything is checked,
 * the architecture's version, and every tensor's name, type and shape. The architecture is looked for
 * by name only, never as a file, so that a model file can't choose code to run.
 */
MYO_MUST_USE int myo_model_save(const struct myo_model *model, const char *path, struct myo_err *err);
MYO_MUST_USE int myo_model_load(const char *path, struct myo_model *model, struct myo_err *err);

/* MYO_FAIL, with the name of a tensor, if there are values that aren't finite: saving would fail. */
MYO_MUST_USE int myo_model_check(const struct myo_model *model, struct myo_err *err);

/*
 * A file may hold more than the model: tensors and metadata whose names begin with this. Loading skips
 * them. A checkpoint is such a file, so that it can be used like a model.
 */
#define MYO_MODEL_MORE "checkpoint/"

/* Save, and with it what `more` holds, all of whose names begin with MYO_MODEL_MORE. */
MYO_MUST_USE int myo_model_save_more(const struct myo_model *model, const struct myo_record *more, const char *path,
    struct myo_err *err);

/*
 * Load, and leave the whole file in `document`, an empty record, where the caller finds the rest. The caller clears it,
 * on failure too.
 */
MYO_MUST_USE int myo_model_load_more(const char *path, struct myo_model *model, struct myo_record *document,
    struct myo_err *err);

/*
 * Normalise `rows` rows of a record of images or patches, from row `first`, into
 * out F32 [rows, height, width, 3]. Uses "image" U8 [N,H,W,3] and, where the record has them,
 * y, x, height, width (and side, flip) to know which pixels lie outside the image, and hole to know which are hidden:
 * these become 0.
 */
MYO_MUST_USE int myo_model_normalise(const struct myo_model *model, const struct myo_record *record,
    size_t first, size_t rows, float *out, struct myo_err *err);

/* Set mean and deviation from "M,M,M:D,D,D". */
MYO_MUST_USE int myo_model_parse_normalisation(struct myo_model *model, const char *text, struct myo_err *err);

/*
 * Sums for the mean and standard deviation of the pixels of any number of records, padding and holes left out. They
 * are exact, so the order of the rows doesn't matter. Start with MYO_PIXELS_INIT.
 */
struct myo_pixels {
	uint64_t count, sum[3], square[3];
};

#define MYO_PIXELS_INIT { 0, { 0 }, { 0 } }

/* Add the pixels of the first `rows` rows of a record's "image", U8 [N, H, W, 3]. */
MYO_MUST_USE int myo_pixels_add(struct myo_pixels *pixels, const struct myo_record *record, size_t rows,
    struct myo_err *err);

/* mean, deviation [3]: of pixels / 255; a deviation is 1 where all pixels are alike. */
void myo_pixels_result(const struct myo_pixels *pixels, double *mean, double *deviation);

/*
 * Translates the labels of a data set to the model's: classes are the same if their names are. A data set
 * without class names is taken to number its classes as the model does.
 */
struct myo_class_map {
	size_t count;        /* classes of the data set */
	int32_t *to;         /* [count] the model's number of each, -1 where it has no such class */
	const char *unknown; /* the data set's first class that the model lacks, or NULL; its header's */
};

#define MYO_CLASS_MAP_INIT { 0, NULL, NULL }

/* Release with myo_class_map_clear(), before `data` is cleared. */
MYO_MUST_USE int myo_class_map_make(struct myo_class_map *map, const struct myo_model *model,
    const struct myo_header *data, struct myo_err *err);
void myo_class_map_clear(struct myo_class_map *map);

/* Fill out [rows] with the record's "label", translated; -1 stays. MYO_FAIL for a label beyond the data's classes. */
MYO_MUST_USE int myo_class_map_labels(const struct myo_class_map *map, const struct myo_record *record,
    int32_t *out, struct myo_err *err);

/* Runs a model on records of any size; keeps a plan for the last size. Model and pool must outlive it. */
struct myo_predictor;

MYO_MUST_USE int myo_predictor_new(struct myo_model *model, size_t batch, struct myo_pool *pool,
    struct myo_predictor **out, struct myo_err *err);
void myo_predictor_free(struct myo_predictor *predictor);

/* From now on a row's logits are the mean of its own and those of its mirror image (left to right). */
void myo_predictor_mirror(struct myo_predictor *predictor);

/*
 * From now on the predictor can also give evidence, what each position of the last feature map contributes to each
 * logit: see net.h. MYO_FAIL for an architecture that has none. With mirror images it is the mean of both, that of the
 * mirror image being mirrored back.
 */
MYO_MUST_USE int myo_predictor_evidence(struct myo_predictor *predictor, struct myo_err *err);

/* h, w and classes of the evidence of the rows of a record; zeros if no evidence was asked for. */
MYO_MUST_USE int myo_predictor_evidence_shape(const struct myo_predictor *predictor, const struct myo_record *record,
    struct myo_shape *out, struct myo_err *err);

/*
 * Fill the caller's logits F32 [rows of the record, classes] and, if it was asked for, evidence F32 [rows, h, w,
 * classes] (else NULL). A row's numbers depend neither on the other rows nor on how rows are divided into batches
 * (except for their last bits where OpenBLAS makes the products, see myo_product()).
 */
MYO_MUST_USE int myo_predictor_run(struct myo_predictor *predictor, const struct myo_record *record,
    float *logits, float *evidence, struct myo_err *err);

/* The number of the model's classes, which is the length of a row of logits. */
size_t myo_predictor_classes(const struct myo_predictor *predictor);

/*
 * Replaces the running statistics of batch normalisation by those of the rows it is fed: the mean of the
 * statistics of batches, weighted by their rows, where each batch is normalised by its own statistics. Batches are
 * filled across records; one ends early only where the images' size changes. The first `most` rows count, the rest are
 * ignored. Borrows the model and the pool. MYO_FAIL for a model without batch normalisation.
 */
struct myo_calibrator;

MYO_MUST_USE int myo_calibrator_new(struct myo_model *model, size_t batch, int64_t most, struct myo_pool *pool,
    struct myo_calibrator **out, struct myo_err *err);
void myo_calibrator_free(struct myo_calibrator *calibrator);

/* Take the rows of a record of images or patches. */
MYO_MUST_USE int myo_calibrator_feed(struct myo_calibrator *calibrator, const struct myo_record *record,
    struct myo_err *err);

/* Use the rows that didn't fill a batch. Only after this is the model valid again; MYO_FAIL if there were no rows. */
MYO_MUST_USE int myo_calibrator_finish(struct myo_calibrator *calibrator, struct myo_err *err);

/* Rows taken so far. */
int64_t myo_calibrator_rows(const struct myo_calibrator *calibrator);

/*
 * A record of predictions: logits, labels as the model numbers them, the places of the rows in their images, and
 * evidence if the predictor gives it. `record` points to the arrays here and into the record of the rows, and is valid
 * as long as both are. Start with MYO_PREDICTIONS_INIT; grows as needed.
 */
struct myo_predictions {
	/* logits F32 [N, K], label I32 [N], id I64 [N], y, x, height, width I32 [N], evidence F32 [N, h, w, K] */
	struct myo_record record;
	struct myo_record part; /* the rows that were predicted */
	float *logits;          /* [room, classes] */
	int32_t *label;         /* [room] */
	int32_t *place;         /* [4, room] y, x, height, width, of whole images */
	size_t room;            /* rows */
	float *evidence;
	size_t evidence_room; /* numbers */
};

#define MYO_PREDICTIONS_INIT { .record = MYO_RECORD_INIT, .part = MYO_RECORD_INIT }

/*
 * Predict rows of the record `in` from *row on, as many as make a record of about a mebibyte, and move *row past them.
 * The arrays are reused by the next call, and released by myo_predictions_clear().
 */
MYO_MUST_USE int myo_predictions_make(struct myo_predictions *predictions, struct myo_predictor *predictor,
    const struct myo_class_map *map, const struct myo_record *in, size_t *row, struct myo_err *err);
void myo_predictions_clear(struct myo_predictions *predictions);

#endif
