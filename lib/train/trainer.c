/* The training loop as an object: rows in, steps out. */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>

struct myo_trainer {
	struct myo_model *model;
	struct myo_recipe recipe;
	struct myo_optimiser *optimiser;
	struct myo_plan *plan;
	int32_t *labels; /* [batch] */
	size_t waiting;  /* rows in the batch so far */
	int64_t steps, rows;
};

int
myo_trainer_new(struct myo_model *model, const struct myo_recipe *recipe, struct myo_pool *pool,
    struct myo_trainer **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_trainer *t = myo_calloc(1, sizeof *t, err);
	if (t == NULL)
		return MYO_FAIL;
	t->model = model;
	t->recipe = *recipe;
	t->labels = myo_calloc(recipe->batch, sizeof *t->labels, err);
	if (t->labels == NULL ||
	    myo_optimiser_new(model->net, &recipe->optimiser, pool, &t->optimiser, err) != MYO_OK ||
	    myo_plan_new(model->net, MYO_TRAIN, recipe->batch, model->size, model->size, pool, &t->plan, err) != MYO_OK) {
		myo_trainer_free(t);
		return MYO_FAIL;
	}
	*out = t;
	return MYO_OK;
}

void
myo_trainer_free(struct myo_trainer *trainer)
{
	if (trainer == NULL)
		return;
	myo_plan_free(trainer->plan);
	myo_optimiser_free(trainer->optimiser);
	free(trainer->labels);
	free(trainer);
}

/* A step with the rows that are waiting in the plan. */
static int
make_step(struct myo_trainer *t, struct myo_step *step, struct myo_err *err)
{
	size_t correct;

	myo_plan_forward(t->plan, t->waiting);
	const double loss = myo_plan_loss(t->plan, t->labels, t->recipe.smoothing, &correct);
	const double rate = myo_schedule_rate(&t->recipe.schedule, t->steps);
	t->steps++;
	t->rows += (int64_t)t->waiting;
	*step = (struct myo_step){ t->steps, t->rows, t->waiting, rate, loss, correct };
	if (!isfinite(loss))
		return myo_fail(err, "step %lld: the loss is %g: the training has diverged at a learning rate of %g; "
		    "choose a lower one, or a longer warm-up", (long long)t->steps, loss, rate);
	myo_plan_backward(t->plan);
	myo_optimiser_step(t->optimiser, rate);
	t->waiting = 0;
	return MYO_OK;
}

static int
check_record(const struct myo_trainer *t, const struct myo_record *record, const struct myo_tensor **image,
    const struct myo_tensor **label, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const size_t side = (size_t)t->model->size;

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, image, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, label, err) != MYO_OK)
		return MYO_FAIL;
	if ((*image)->shape[1] != side || (*image)->shape[2] != side)
		return myo_fail(err, "row %lld of the stream is %zux%zu pixels, the rows before it are %zux%zu; myopic-sample cuts "
		    "squares of one size", (long long)(t->rows + (int64_t)t->waiting), (*image)->shape[2],
		    (*image)->shape[1], side, side);
	return MYO_OK;
}

static int
take_labels(struct myo_trainer *t, const int32_t *labels, size_t rows, struct myo_err *err)
{
	const int classes = myo_net_classes(t->model->net);

	for (size_t i = 0; i < rows; i++) {
		const long long row = (long long)(t->rows + (int64_t)(t->waiting + i));
		if (labels[i] < 0)
			return myo_fail(err, "row %lld of the stream has no label; training needs one for each", row);
		if (labels[i] >= classes)
			return myo_fail(err, "row %lld of the stream has the label %ld, but there are %d classes", row,
			    (long)labels[i], classes);
		t->labels[t->waiting + i] = labels[i];
	}
	return MYO_OK;
}

int
myo_trainer_feed(struct myo_trainer *trainer, const struct myo_record *record, size_t *row,
    struct myo_step *step, struct myo_err *err)
{
	struct myo_trainer *t = trainer;
	const struct myo_tensor *image, *label;

	if (check_record(t, record, &image, &label, err) != MYO_OK)
		return MYO_FAIL;
	const size_t left = image->shape[0] - *row, space = t->recipe.batch - t->waiting;
	const size_t rows = left < space ? left : space;
	float *to = myo_plan_input(t->plan) + t->waiting * myo_tensor_row_elements(image);
	if (take_labels(t, (const int32_t *)label->data + *row, rows, err) != MYO_OK ||
	    myo_model_normalise(t->model, record, *row, rows, to, err) != MYO_OK)
		return MYO_FAIL;
	*row += rows;
	t->waiting += rows;
	return t->waiting == t->recipe.batch ? make_step(t, step, err) : MYO_END;
}

int
myo_trainer_finish(struct myo_trainer *trainer, struct myo_step *step, struct myo_err *err)
{
	return trainer->waiting > 0 ? make_step(trainer, step, err) : MYO_END;
}
