/* A model over records of any size, batch by batch. */
#include "model/model.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct myo_predictor {
	struct myo_model *model;
	struct myo_pool *pool;
	size_t batch; /* at most */

	struct myo_plan *plan;
	size_t rows; /* that the plan has room for */
	int height, width;
	bool mirror;
};

int
myo_predictor_new(struct myo_model *model, size_t batch, struct myo_pool *pool, struct myo_predictor **out,
    struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	**out = (struct myo_predictor){ .model = model, .pool = pool, .batch = batch };
	return MYO_OK;
}

void
myo_predictor_free(struct myo_predictor *predictor)
{
	if (predictor == NULL)
		return;
	myo_plan_free(predictor->plan);
	free(predictor);
}

size_t
myo_predictor_classes(const struct myo_predictor *predictor)
{
	return (size_t)myo_net_classes(predictor->model->net);
}

void
myo_predictor_mirror(struct myo_predictor *predictor)
{
	predictor->mirror = true;
}

/*
 * A plan for this size, with room for a batch or for all of the record, whichever is less:
 * a record of large pictures has few rows, and a plan's memory grows with rows times pixels.
 */
static int
prepare(struct myo_predictor *p, size_t height, size_t width, size_t rows, struct myo_err *err)
{
	const size_t wanted = rows < p->batch ? rows : p->batch;

	if (p->plan != NULL && (size_t)p->height == height && (size_t)p->width == width && p->rows >= wanted)
		return MYO_OK;
	if (height > INT_MAX || width > INT_MAX)
		return myo_fail(err, "an image of %zux%zu pixels is too large", height, width);
	myo_plan_free(p->plan);
	p->plan = NULL;
	p->height = (int)height;
	p->width = (int)width;
	p->rows = wanted;
	return myo_plan_new(p->model->net, MYO_PREDICT, wanted, p->height, p->width, p->pool, &p->plan, err);
}

/* lines [rows * height, width, 3]: left and right change places. */
static void
turn(float *lines, size_t count, size_t width)
{
	enum { CHANNELS = 3 };

	for (size_t i = 0; i < count; i++, lines += width * CHANNELS)
		for (size_t left = 0, right = width - 1; left < right; left++, right--) {
			float pixel[CHANNELS];
			memcpy(pixel, lines + left * CHANNELS, sizeof pixel);
			memcpy(lines + left * CHANNELS, lines + right * CHANNELS, sizeof pixel);
			memcpy(lines + right * CHANNELS, pixel, sizeof pixel);
		}
}

/* Rows [first, first + n) of the record, which fit into the plan. */
static int
run_some(struct myo_predictor *p, const struct myo_record *record, size_t first, size_t n, float *logits,
    struct myo_err *err)
{
	const size_t count = n * myo_predictor_classes(p);
	float *input = myo_plan_input(p->plan);

	if (myo_model_normalise(p->model, record, first, n, input, err) != MYO_OK)
		return MYO_FAIL;
	myo_plan_forward(p->plan, n);
	memcpy(logits, myo_plan_logits(p->plan), count * sizeof *logits);
	if (!p->mirror)
		return MYO_OK;
	/* Once more from the record: the input may have made room for other activations. */
	if (myo_model_normalise(p->model, record, first, n, input, err) != MYO_OK)
		return MYO_FAIL;
	turn(input, n * (size_t)p->height, (size_t)p->width);
	myo_plan_forward(p->plan, n);
	for (size_t i = 0; i < count; i++)
		logits[i] = (logits[i] + myo_plan_logits(p->plan)[i]) / 2;
	return MYO_OK;
}

int
myo_predictor_run(struct myo_predictor *predictor, const struct myo_record *record, float *logits,
    struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const size_t classes = myo_predictor_classes(predictor);
	const struct myo_tensor *image;

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err) != MYO_OK)
		return MYO_FAIL;
	const size_t rows = image->shape[0];
	if (rows == 0)
		return MYO_OK;
	if (prepare(predictor, image->shape[1], image->shape[2], rows, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t first = 0; first < rows; first += predictor->rows) {
		const size_t n = rows - first < predictor->rows ? rows - first : predictor->rows;
		if (run_some(predictor, record, first, n, logits + first * classes, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}
