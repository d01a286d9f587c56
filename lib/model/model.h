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

enum { MYO_MODEL_SIDE = 16384 }; /* of the patches that a model is trained on, at most */

/*
 * All that a model is. Pixel p of channel c enters the network as (p / 255 - mean[c]) / deviation[c];
 * pixels outside the image (padding) enter as 0, and so do hidden ones (holes).
 */
struct myo_model {
	struct myo_arch *arch;
	struct myo_net *net;
	int size;  /* side of the patches it was trained on */
	double mean[3], deviation[3];
	struct myo_header header; /* classes and history; kind and rows mean nothing here */
	json_t *training; /* object of strings: steps, rows, recipe, final loss …, as info shows it; or NULL */
};

#define MYO_MODEL_INIT { NULL, NULL, 0, { 0 }, { 0 }, MYO_HEADER_INIT, NULL }

/*
 * A model to be trained: the network of a specification (see plugin.h) for squares of this size and
 * the data's classes, with initial weights by the seed; no normalisation, no history yet.
 */
MYO_MUST_USE int myo_model_new(struct myo_model *model, const char *spec, int size, const struct myo_header *data,
    uint64_t seed, struct myo_err *err);
void myo_model_clear(struct myo_model *model);

/* Note a fact of the training, for people: text from a format. */
MYO_MUST_USE int myo_model_note(struct myo_model *model, struct myo_err *err, const char *key, const char *format, ...)
    MYO_PRINTF(4, 5);

/*
 * Save: atomically; a network with values that aren't finite is refused. Load: everything is checked,
 * the architecture's version, every tensor's name, type and shape; an architecture is only looked
 * for by name, so that a model file can't choose code to run.
 */
MYO_MUST_USE int myo_model_save(const struct myo_model *model, const char *path, struct myo_err *err);
MYO_MUST_USE int myo_model_load(const char *path, struct myo_model *model, struct myo_err *err);

/* MYO_FAIL, with the name of a tensor, if there are values that aren't finite: saving would fail. */
MYO_MUST_USE int myo_model_check(const struct myo_model *model, struct myo_err *err);

/*
 * A file may hold more than the model: tensors and metadata whose names begin so. Loading passes over
 * them; a checkpoint is such a file, so all that works on models works on it, too.
 */
#define MYO_MODEL_MORE "checkpoint/"

/* Save with what `more` holds; its names begin with MYO_MODEL_MORE. */
MYO_MUST_USE int myo_model_save_more(const struct myo_model *model, const struct myo_record *more, const char *path,
    struct myo_err *err);

/*
 * Load, and leave the whole document in `document`, an empty record, for the caller to look for more, and to clear, on
 * failure too.
 */
MYO_MUST_USE int myo_model_load_more(const char *path, struct myo_model *model, struct myo_record *document,
    struct myo_err *err);

/*
 * Normalise `rows` rows of a record of images or patches, from row `first`, into
 * out F32 [rows, height, width, 3]. Uses "image" U8 [N,H,W,3] and, where the record has them,
 * y, x, height, width (and side, flip) to know which pixels lie outside the image, and hole, what of it is hidden:
 * those become 0.
 */
MYO_MUST_USE int myo_model_normalise(const struct myo_model *model, const struct myo_record *record,
    size_t first, size_t rows, float *out, struct myo_err *err);

/* Set mean and deviation from "M,M,M:D,D,D". */
MYO_MUST_USE int myo_model_parse_normalisation(struct myo_model *model, const char *text, struct myo_err *err);

/*
 * Mean and deviation of the pixels of any number of records, padding and holes left out. The sums are
 * exact, so the order of the rows doesn't matter. Start with MYO_PIXELS_INIT.
 */
struct myo_pixels {
	uint64_t count, sum[3], square[3];
};

#define MYO_PIXELS_INIT { 0, { 0 }, { 0 } }

/* Count the pixels of a record's "image", U8 [rows, H, W, 3], of its first `rows` rows. */
MYO_MUST_USE int myo_pixels_add(struct myo_pixels *pixels, const struct myo_record *record, size_t rows,
    struct myo_err *err);

/* mean, deviation [3], of pixels / 255; the deviation of pixels that are all alike is given as 1. */
void myo_pixels_result(const struct myo_pixels *pixels, double *mean, double *deviation);

/*
 * Labels of a data set in the model's terms: classes are the same if their names are. A data set
 * without class names is taken to number them as the model does.
 */
struct myo_class_map {
	size_t count;        /* classes of the data set */
	int32_t *to;         /* [count] the model's number of each, -1 where it has no such class */
	const char *unknown; /* the first name that the model doesn't have, or NULL; the data header's */
};

#define MYO_CLASS_MAP_INIT { 0, NULL, NULL }

/* Release with myo_class_map_clear(), before `data` goes. */
MYO_MUST_USE int myo_class_map_make(struct myo_class_map *map, const struct myo_model *model,
    const struct myo_header *data, struct myo_err *err);
void myo_class_map_clear(struct myo_class_map *map);

/* The record's "label", mapped, into out [rows]; -1 stays. MYO_FAIL where a label is no class of the data. */
MYO_MUST_USE int myo_class_map_labels(const struct myo_class_map *map, const struct myo_record *record,
    int32_t *out, struct myo_err *err);

/* Runs a model over records of any size; keeps a plan for the size it saw last. Model and pool must outlive it. */
struct myo_predictor;

MYO_MUST_USE int myo_predictor_new(struct myo_model *model, size_t batch, struct myo_pool *pool,
    struct myo_predictor **out, struct myo_err *err);
void myo_predictor_free(struct myo_predictor *predictor);

/* From now on a row's logits are the mean of its own and of those of its mirror image, left for right. */
void myo_predictor_mirror(struct myo_predictor *predictor);

/*
 * From now on the predictor can give evidence, too (net.h): what each position of the last feature map has to do
 * with each logit. MYO_FAIL for an architecture in which that can't be told. With mirror images it is the mean of
 * both, the mirror image's turned back.
 */
MYO_MUST_USE int myo_predictor_evidence(struct myo_predictor *predictor, struct myo_err *err);

/* Of the rows of a record: h, w, classes; zeros where no evidence was asked for. */
MYO_MUST_USE int myo_predictor_evidence_shape(const struct myo_predictor *predictor, const struct myo_record *record,
    struct myo_shape *out, struct myo_err *err);

/*
 * logits F32 [rows of the record, classes] and, where it was asked for, evidence F32 [rows, h, w, classes] (else NULL),
 * filled by batches; the caller's. A row's numbers don't depend on the rows beside it, nor on where a batch begins
 * (but for their last bits where products are OpenBLAS's, see myo_product()).
 */
MYO_MUST_USE int myo_predictor_run(struct myo_predictor *predictor, const struct myo_record *record,
    float *logits, float *evidence, struct myo_err *err);

/* The model's number of classes, the length of a row of logits. */
size_t myo_predictor_classes(const struct myo_predictor *predictor);

/*
 * Replaces the running statistics of batch normalisation by those of the rows it is fed: the mean over
 * batches, each normalised by its own statistics, in proportion to their rows. Batches are filled
 * across records; one ends early only where the images' size changes. Takes `most` rows, and no
 * notice of the rest. Borrows the model and the pool. MYO_FAIL for a model without batch normalisation.
 */
struct myo_calibrator;

MYO_MUST_USE int myo_calibrator_new(struct myo_model *model, size_t batch, int64_t most, struct myo_pool *pool,
    struct myo_calibrator **out, struct myo_err *err);
void myo_calibrator_free(struct myo_calibrator *calibrator);

/* A record of images or patches. */
MYO_MUST_USE int myo_calibrator_feed(struct myo_calibrator *calibrator, const struct myo_record *record,
    struct myo_err *err);

/* The rows that didn't fill a batch. Only after this the model is whole again; MYO_FAIL if there were no rows. */
MYO_MUST_USE int myo_calibrator_finish(struct myo_calibrator *calibrator, struct myo_err *err);

/* Rows taken so far. */
int64_t myo_calibrator_rows(const struct myo_calibrator *calibrator);

/*
 * What is sent down the pipe for a record: logits, labels in the model's terms, where the rows
 * lie in their images, and evidence where the predictor gives it. `record` points to the arrays here and into the
 * record it was made of, and is valid as long as both are. Grows as needed; start with MYO_PREDICTIONS_INIT.
 */
struct myo_predictions {
	/* logits F32 [N, K], label I32 [N], id I64 [N], y, x, height, width I32 [N], evidence F32 [N, h, w, K] */
	struct myo_record record;
	struct myo_record part; /* the rows that it is of */
	float *logits;          /* [room, classes] */
	int32_t *label;         /* [room] */
	int32_t *place;         /* [4, room] y, x, height, width, of whole images */
	size_t room;            /* rows */
	float *evidence;
	size_t evidence_room; /* numbers */
};

#define MYO_PREDICTIONS_INIT { .record = MYO_RECORD_INIT, .part = MYO_RECORD_INIT }

/*
 * Of the record `in`, its rows from *row on, as many as make a record of about a mebibyte; *row moves behind them.
 * The arrays are used again for the next ones, and released by myo_predictions_clear().
 */
MYO_MUST_USE int myo_predictions_make(struct myo_predictions *predictions, struct myo_predictor *predictor,
    const struct myo_class_map *map, const struct myo_record *in, size_t *row, struct myo_err *err);
void myo_predictions_clear(struct myo_predictions *predictions);

#endif
