/* Accuracy on whole images, which go through the network as they are: the paper's way to test. */
#include "train/train.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

struct myo_validator {
	char *path;
	struct myo_model *model;
	size_t batch;
	struct myo_pool *pool;
	bool (*stopped)(void); /* may be NULL */
	double macs;           /* of all images */
	int64_t labelled;      /* images that have a label */
	struct myo_header header;

	struct myo_predictions predictions; /* of a record */
};

struct tally {
	int64_t images, correct;
};

static void
count(const struct myo_validator *v, size_t rows, struct tally *tally)
{
	const size_t classes = v->model->header.class_count;

	for (size_t i = 0; i < rows; i++) {
		const float *logits = v->predictions.logits + i * classes;
		size_t best = 0;
		for (size_t k = 1; k < classes; k++)
			if (logits[k] > logits[best])
				best = k;
		tally->images += v->predictions.label[i] >= 0;
		tally->correct += v->predictions.label[i] == (int32_t)best;
	}
}

/* Check that the network can take a record, and count what that costs, without running it. */
static int
check(struct myo_validator *v, const struct myo_class_map *map, const struct myo_record *record,
    struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const struct myo_tensor *image, *id;
	double macs;

	int32_t *labels = myo_calloc(myo_record_rows(record), sizeof *labels, err);
	if (labels == NULL)
		return MYO_FAIL;
	int rc = myo_class_map_labels(map, record, labels, err);
	for (size_t i = 0; rc == MYO_OK && i < myo_record_rows(record); i++)
		v->labelled += labels[i] >= 0;
	free(labels);
	if (rc == MYO_OK)
		rc = myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err);
	if (rc == MYO_OK && (image->shape[1] > INT_MAX || image->shape[2] > INT_MAX))
		rc = myo_fail(err, "an image of %zux%zu pixels is too large", image->shape[2], image->shape[1]);
	if (rc == MYO_OK)
		rc = myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err);
	if (rc == MYO_OK) /* no rows: only checks */
		rc = myo_model_normalise(v->model, record, 0, 0, NULL, err);
	if (rc == MYO_OK)
		rc = myo_net_macs(v->model->net, (int)image->shape[1], (int)image->shape[2], &macs, err);
	if (rc == MYO_OK)
		v->macs += macs * (double)image->shape[0];
	return rc;
}

static int
take(struct myo_validator *v, const struct myo_class_map *map, struct myo_predictor *predictor,
    const struct myo_record *record, struct tally *tally, struct myo_err *err)
{
	if (predictor == NULL)
		return check(v, map, record, err);
	for (size_t row = 0; row < myo_record_rows(record);) {
		if (myo_predictions_make(&v->predictions, predictor, map, record, &row, err) != MYO_OK)
			return MYO_FAIL;
		count(v, myo_record_rows(&v->predictions.record), tally);
	}
	return MYO_OK;
}

/* Read the whole file; predictor NULL: only check it. */
static int
read_images(struct myo_validator *v, struct myo_reader *reader, struct myo_predictor *predictor,
    struct tally *tally, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_class_map map = MYO_CLASS_MAP_INIT;
	int rc;

	if (myo_reader_need_kind(reader, MYO_IMAGES, err) != MYO_OK)
		return MYO_FAIL;
	rc = myo_class_map_make(&map, v->model, myo_reader_header(reader), err);
	if (rc == MYO_OK && map.unknown != NULL)
		rc = myo_fail(err, "%s: its class '%.100s' is not among those of the training", v->path, map.unknown);
	while (rc == MYO_OK && (rc = myo_reader_next(reader, &record, err)) == MYO_OK) {
		rc = take(v, &map, predictor, &record, tally, err);
		if (rc == MYO_OK && myo_validator_stopped(v))
			rc = myo_fail(err, "stopped");
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s: ", v->path);
	}
	if (rc == MYO_END && myo_reader_rows(reader) == 0)
		rc = myo_fail(err, "%s: holds no images", v->path);
	if (rc == MYO_END && predictor == NULL) /* its history is complete now */
		rc = myo_header_copy(&v->header, myo_reader_header(reader), err) == MYO_OK ? MYO_END : MYO_FAIL;
	myo_class_map_clear(&map);
	myo_record_clear(&record);
	return rc == MYO_END ? MYO_OK : MYO_FAIL;
}

static int
read_file(struct myo_validator *v, struct myo_predictor *predictor, struct tally *tally, struct myo_err *err)
{
	struct myo_reader *reader;

	if (myo_reader_open(v->path, &reader, err) != MYO_OK)
		return MYO_FAIL;
	const int rc = read_images(v, reader, predictor, tally, err);
	myo_reader_free(reader);
	return rc;
}

/* MYO_FAIL unless it is a regular file: a pipe could be read only once. */
static int
check_file(const char *path, struct myo_err *err)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return myo_fail_errno(err, "%s: can't be read", path);
	if (!S_ISREG(status.st_mode))
		return myo_fail(err, "%s: is no file: it is read again for each validation, so write the images to one",
		    path);
	return MYO_OK;
}

int
myo_validator_new(const char *path, struct myo_model *model, size_t batch, struct myo_pool *pool,
    bool (*stopped)(void), struct myo_validator **out, struct myo_err *err)
{
	struct tally none = { 0, 0 };

	*out = NULL;
	struct myo_validator *v = myo_calloc(1, sizeof *v, err);
	if (v == NULL)
		return MYO_FAIL;
	v->header = (struct myo_header)MYO_HEADER_INIT;
	v->model = model;
	v->batch = batch;
	v->pool = pool;
	v->stopped = stopped;
	v->path = myo_strdup(path, err);
	int rc = v->path != NULL ? check_file(path, err) : MYO_FAIL;
	if (rc == MYO_OK)
		rc = read_file(v, NULL, &none, err);
	if (rc == MYO_OK && v->labelled == 0)
		rc = myo_fail(err, "%s: none of its images has a label to validate by", path);
	if (rc != MYO_OK) {
		myo_validator_free(v);
		return MYO_FAIL;
	}
	*out = v;
	return MYO_OK;
}

const struct myo_header *
myo_validator_header(const struct myo_validator *validator)
{
	return &validator->header;
}

double
myo_validator_macs(const struct myo_validator *validator)
{
	return validator->macs;
}

bool
myo_validator_stopped(const struct myo_validator *validator)
{
	return validator->stopped != NULL && validator->stopped();
}

void
myo_validator_free(struct myo_validator *validator)
{
	if (validator == NULL)
		return;
	free(validator->path);
	myo_header_clear(&validator->header);
	myo_predictions_clear(&validator->predictions);
	free(validator);
}

/* With a new predictor each time, so that none takes memory between validations. */
int
myo_validator_run(struct myo_validator *validator, int64_t *images, int64_t *correct, struct myo_err *err)
{
	struct tally tally = { 0, 0 };
	struct myo_predictor *predictor;

	if (myo_predictor_new(validator->model, validator->batch, validator->pool, &predictor, err) != MYO_OK)
		return MYO_FAIL;
	const int rc = read_file(validator, predictor, &tally, err);
	myo_predictor_free(predictor);
	*images = tally.images;
	*correct = tally.correct;
	return rc;
}
