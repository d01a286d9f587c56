/* New statistics for batch normalisation: the mean of those of a stream's batches. */
#include "model/model.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct myo_calibrator {
	struct myo_model *model;
	struct myo_pool *pool;
	size_t batch;
	int64_t most, rows; /* rows to take, taken */
	int64_t seen;       /* rows that have gone through the network */

	struct myo_plan *plan; /* for the size of the last rows */
	size_t height, width;
	size_t filled; /* rows that wait in its input */
};

static bool
has_statistics(const struct myo_net *net)
{
	for (size_t i = 0; i < myo_net_weights(net); i++)
		if (myo_net_weight(net, i)->role == MYO_BUFFER)
			return true;
	return false;
}

int
myo_calibrator_new(struct myo_model *model, size_t batch, int64_t most, struct myo_pool *pool,
    struct myo_calibrator **out, struct myo_err *err)
{
	*out = NULL;
	if (!has_statistics(model->net))
		return myo_fail(err, "%s has no batch normalisation, and so no statistics to calibrate",
		    myo_arch_plugin(model->arch)->name);
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	**out = (struct myo_calibrator){ .model = model, .pool = pool, .batch = batch, .most = most };
	return MYO_OK;
}

void
myo_calibrator_free(struct myo_calibrator *calibrator)
{
	if (calibrator == NULL)
		return;
	myo_plan_free(calibrator->plan);
	free(calibrator);
}

int64_t
myo_calibrator_rows(const struct myo_calibrator *calibrator)
{
	return calibrator->rows;
}

/* Send the waiting rows through the network. Their weight in the statistics is their share of all rows so far. */
static void
run(struct myo_calibrator *c)
{
	if (c->filled == 0)
		return;
	c->seen += (int64_t)c->filled;
	myo_plan_momentum(c->plan, (double)c->filled / (double)c->seen);
	myo_plan_forward(c->plan, c->filled);
	c->filled = 0;
}

/* Make a plan for rows of this size, after using the rows that wait in a plan for another size. */
static int
prepare(struct myo_calibrator *c, size_t height, size_t width, struct myo_err *err)
{
	if (c->plan != NULL && c->height == height && c->width == width)
		return MYO_OK;
	if (height > INT_MAX || width > INT_MAX)
		return myo_fail(err, "an image of %zux%zu pixels is too large", width, height);
	run(c);
	myo_plan_free(c->plan);
	c->plan = NULL;
	c->height = height;
	c->width = width;
	return myo_plan_new(c->model->net, MYO_STATISTICS, c->batch, (int)height, (int)width, c->pool, &c->plan, err);
}

int
myo_calibrator_feed(struct myo_calibrator *c, const struct myo_record *record, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const struct myo_tensor *image;

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err) != MYO_OK)
		return MYO_FAIL;
	const size_t row = image->shape[1] * image->shape[2] * 3;
	size_t left = image->shape[0];
	if (c->most - c->rows < (int64_t)left)
		left = (size_t)(c->most - c->rows);
	if (left == 0)
		return MYO_OK;
	if (prepare(c, image->shape[1], image->shape[2], err) != MYO_OK)
		return MYO_FAIL;
	for (size_t first = 0; left > 0;) {
		const size_t room = c->batch - c->filled, n = left < room ? left : room;
		if (myo_model_normalise(c->model, record, first, n, myo_plan_input(c->plan) + c->filled * row, err) !=
		    MYO_OK)
			return MYO_FAIL;
		c->filled += n;
		c->rows += (int64_t)n;
		first += n;
		left -= n;
		if (c->filled == c->batch)
			run(c);
	}
	return MYO_OK;
}

int
myo_calibrator_finish(struct myo_calibrator *c, struct myo_err *err)
{
	if (c->rows == 0)
		return myo_fail(err, "the stream has no rows: there is nothing to calibrate on");
	run(c);
	return MYO_OK;
}
