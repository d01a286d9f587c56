/* The training loop as an object: rows in, steps out. */
#include "train/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct myo_trainer {
	struct myo_model *model;
	struct myo_trainer_options options;
	struct myo_optimiser *optimiser;
	struct myo_average *average; /* or NULL */
	struct myo_plan *plan;
	int32_t *labels; /* [batch] */
	size_t waiting;  /* rows in the batch so far */
	struct {
		size_t batches, rows, correct; /* batches that have gone through the network */
		double weights;                /* sum over their rows: 1 each, unless classes have weights */
		double loss;                   /* weighted sum over their rows */
	} step; /* the step so far */
	int64_t steps, rows;
	int64_t *seen;   /* [classes] rows of each */
	float *buffers;  /* those of the network when the current step began; NULL where a step is one batch */
	bool spoilt;
	double row_macs;
};

/*
 * Copy the network's buffers, which a forward pass changes, to `kept` or back; kept NULL: neither. Returns how many
 * numbers they have.
 */
static size_t
copy_buffers(struct myo_net *net, float *kept, bool back)
{
	size_t at = 0;

	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (w->role != MYO_BUFFER)
			continue;
		if (kept != NULL)
			memcpy(back ? w->value : kept + at, back ? kept + at : w->value, w->elements * sizeof *kept);
		at += w->elements;
	}
	return at;
}

int
myo_trainer_new(struct myo_model *model, const struct myo_trainer_options *options, struct myo_pool *pool,
    struct myo_trainer **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_trainer *t = myo_calloc(1, sizeof *t, err);
	if (t == NULL)
		return MYO_FAIL;
	t->model = model;
	t->options = *options;
	if (t->options.accumulate == 0)
		t->options.accumulate = 1;
	t->labels = myo_calloc(options->batch, sizeof *t->labels, err);
	t->seen = t->labels != NULL ? myo_calloc((size_t)myo_net_classes(model->net), sizeof *t->seen, err) : NULL;
	if (t->seen == NULL ||
	    myo_optimiser_new(model->net, &options->optimiser, pool, &t->optimiser, err) != MYO_OK ||
	    myo_net_macs(model->net, model->size, model->size, &t->row_macs, err) != MYO_OK ||
	    myo_plan_new(model->net, options->bf16 ? MYO_TRAIN_BF16 : MYO_TRAIN, options->batch, model->size,
	    model->size, pool,
	        &t->plan, err) != MYO_OK) {
		myo_trainer_free(t);
		return MYO_FAIL;
	}
	myo_plan_class_weights(t->plan, options->class_weights);
	if (t->options.accumulate > 1 &&
	    (t->buffers = myo_calloc(copy_buffers(model->net, NULL, false), sizeof *t->buffers, err)) == NULL) {
		myo_trainer_free(t);
		return MYO_FAIL;
	}
	if (options->average > 0 && myo_average_new(model->net, options->average, pool, &t->average, err) != MYO_OK) {
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
	myo_average_free(trainer->average);
	myo_optimiser_free(trainer->optimiser);
	free(trainer->buffers);
	free(trainer->labels);
	free(trainer->seen);
	free(trainer);
}

static void
change_weights(struct myo_trainer *t, struct myo_step *step)
{
	const double rate = myo_schedule_rate(&t->options.schedule, t->steps);

	myo_optimiser_step(t->optimiser, rate);
	t->steps++;
	t->rows += (int64_t)t->step.rows;
	if (t->average != NULL)
		myo_average_step(t->average, t->steps);
	*step = (struct myo_step){ t->steps, t->rows, t->step.rows, rate, t->step.loss / t->step.weights,
		t->step.correct };
	memset(&t->step, 0, sizeof t->step);
}

static int
diverged(struct myo_trainer *t, double loss, struct myo_err *err)
{
	t->spoilt = true;
	return myo_fail(err, "step %lld: the loss is %s: the training has diverged at a learning rate of %g; choose a lower one, "
	    "a longer warm-up, or --clip", (long long)t->steps + 1, isnan(loss) ? "no number" : "infinite",
	    myo_schedule_rate(&t->options.schedule, t->steps));
}

/* Count the waiting rows to the step; returns the sum of their weights. */
static double
count_rows(struct myo_trainer *t)
{
	const double *of_class = t->options.class_weights;
	double weights = 0;

	for (size_t n = 0; n < t->waiting; n++) {
		t->seen[t->labels[n]]++;
		weights += of_class != NULL ? of_class[t->labels[n]] : 1;
	}
	t->step.batches++;
	t->step.rows += t->waiting;
	t->step.weights += weights;
	return weights;
}

/*
 * Send the waiting rows through the network. With the last batch of a step, or the `last` of all, make the step, by the
 * gradient of the mean loss over all of its rows, and return MYO_OK; else MYO_END.
 */
static int
pass_batch(struct myo_trainer *t, bool last, struct myo_step *step, struct myo_err *err)
{
	const struct myo_trainer_options *o = &t->options;
	size_t correct;

	if (t->buffers != NULL && t->step.batches == 0)
		(void)copy_buffers(t->model->net, t->buffers, false);
	/*
	 * The few rows that may be left for a last batch have poor statistics, which would spoil the running ones: they
	 * count by their number. A batch that is the only one counts in full.
	 */
	const bool only = t->steps == 0 && t->step.batches == 0;
	myo_plan_weigh(t->plan, only ? 1 : (double)t->waiting / (double)o->batch);
	myo_plan_forward(t->plan, t->waiting);
	const double loss = myo_plan_loss(t->plan, t->labels, o->smoothing, &correct);
	if (!isfinite(loss))
		return diverged(t, loss, err);
	myo_plan_backward(t->plan);
	const double weights = count_rows(t);
	t->step.correct += correct;
	t->step.loss += loss * weights;
	if (o->accumulate > 1 && myo_optimiser_gather(t->optimiser, weights, err) != MYO_OK)
		return MYO_FAIL;
	t->waiting = 0;
	if (t->step.batches < o->accumulate && !last)
		return MYO_END;
	change_weights(t, step);
	return MYO_OK;
}

int
train_check_side(const struct myo_tensor *image, int64_t row, size_t side, struct myo_err *err)
{
	if (image->shape[1] == side && image->shape[2] == side)
		return MYO_OK;
	return myo_fail(err, "row %lld of the stream is %zux%zu pixels, the rows before it are %zux%zu; myopic-sample cuts "
	    "squares of one size", (long long)row, image->shape[2], image->shape[1], side, side);
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
	return train_check_side(*image, t->rows + (int64_t)(t->step.rows + t->waiting), side, err);
}

static int
take_labels(struct myo_trainer *t, const int32_t *labels, size_t rows, struct myo_err *err)
{
	const int classes = myo_net_classes(t->model->net);

	for (size_t i = 0; i < rows; i++) {
		const long long row = (long long)(t->rows + (int64_t)(t->step.rows + t->waiting + i));
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
myo_trainer_feed(struct myo_trainer *trainer, const struct myo_record *record, size_t *row, size_t end,
    struct myo_step *step, struct myo_err *err)
{
	struct myo_trainer *t = trainer;
	const struct myo_tensor *image, *label;
	int rc = MYO_END;

	if (check_record(t, record, &image, &label, err) != MYO_OK)
		return MYO_FAIL;
	while (rc == MYO_END && *row < end) {
		const size_t left = end - *row, space = t->options.batch - t->waiting;
		const size_t rows = left < space ? left : space;
		float *to = myo_plan_input(t->plan) + t->waiting * myo_tensor_row_elements(image);
		if (take_labels(t, (const int32_t *)label->data + *row, rows, err) != MYO_OK ||
		    myo_model_normalise(t->model, record, *row, rows, to, err) != MYO_OK)
			return MYO_FAIL;
		*row += rows;
		t->waiting += rows;
		if (t->waiting == t->options.batch)
			rc = pass_batch(t, false, step, err);
	}
	return rc;
}

int
myo_trainer_finish(struct myo_trainer *trainer, struct myo_step *step, struct myo_err *err)
{
	if (trainer->waiting > 0)
		return pass_batch(trainer, true, step, err);
	if (trainer->step.batches == 0)
		return MYO_END;
	change_weights(trainer, step);
	return MYO_OK;
}

/* ---- measuring -------------------------------------------------------------------------------- */

int
myo_trainer_measure(struct myo_trainer *trainer, double seconds, double *pace, struct myo_err *err)
{
	struct myo_trainer *t = trainer;
	const size_t batch = t->options.batch;
	float *kept = myo_calloc(copy_buffers(t->model->net, NULL, false), sizeof *kept, err);
	int made = 0;
	double from = myo_now();

	if (kept == NULL)
		return MYO_FAIL;
	(void)copy_buffers(t->model->net, kept, false);
	memset(myo_plan_input(t->plan), 0, batch * (size_t)t->model->size * (size_t)t->model->size * 3 * sizeof(float));
	memset(t->labels, 0, batch * sizeof *t->labels);
	do {
		myo_plan_forward(t->plan, batch);
		(void)myo_plan_loss(t->plan, t->labels, t->options.smoothing, NULL);
		myo_plan_backward(t->plan);
		if (made++ == 0)
			from = myo_now(); /* the first one warms up */
	} while (made < 3 || myo_now() - from < seconds);
	*pace = (myo_now() - from) / (made - 1) * (double)t->options.accumulate;
	(void)copy_buffers(t->model->net, kept, true);
	myo_net_changed(t->model->net);
	free(kept);
	return MYO_OK;
}

/* ---- what others want to know ------------------------------------------------------------------- */

bool
myo_trainer_spoilt(const struct myo_trainer *trainer)
{
	return trainer->spoilt;
}

size_t
myo_trainer_step_rows(const struct myo_trainer *trainer)
{
	return trainer->options.batch * trainer->options.accumulate;
}

int64_t
myo_trainer_steps(const struct myo_trainer *trainer)
{
	return trainer->steps;
}

int64_t
myo_trainer_rows(const struct myo_trainer *trainer)
{
	return trainer->rows;
}

int
myo_trainer_missing_class(const struct myo_trainer *trainer)
{
	for (int k = 0; k < myo_net_classes(trainer->model->net); k++)
		if (trainer->seen[k] == 0)
			return k;
	return -1;
}

int
train_keep_trainer(struct keeper *keeper, struct myo_trainer *trainer, struct myo_err *err)
{
	struct myo_trainer *t = trainer;
	const size_t classes = (size_t)myo_net_classes(t->model->net);
	int64_t optimiser_steps = myo_optimiser_steps(t->optimiser);
	size_t count;
	float *state = myo_optimiser_state(t->optimiser, &count);

	/* Undo what the batches of an unfinished step did to the running statistics: their rows will come again. */
	if (!train_keeper_loads(keeper) && t->step.batches > 0)
		(void)copy_buffers(t->model->net, t->buffers, true);
	if (train_keep_count(keeper, "steps", &t->steps, err) != MYO_OK ||
	    train_keep_count(keeper, "rows", &t->rows, err) != MYO_OK ||
	    train_keep_counts(keeper, "seen", t->seen, classes, err) != MYO_OK ||
	    train_keep_count(keeper, "optimiser_steps", &optimiser_steps, err) != MYO_OK ||
	    train_keep_floats(keeper, "optimiser", state, count, err) != MYO_OK)
		return MYO_FAIL;
	struct myo_schedule *s = &t->options.schedule;
	if (train_keep_count(keeper, "stretch_from", &s->stretch.from, err) != MYO_OK ||
	    train_keep_real(keeper, "stretch_at", &s->stretch.at, err) != MYO_OK ||
	    train_keep_real(keeper, "stretch_pace", &s->stretch.pace, err) != MYO_OK)
		return MYO_FAIL;
	if (t->average != NULL) {
		state = myo_average_state(t->average, &count);
		if (train_keep_floats(keeper, "average", state, count, err) != MYO_OK)
			return MYO_FAIL;
	}
	if (train_keeper_loads(keeper))
		myo_optimiser_resume(t->optimiser, optimiser_steps);
	return MYO_OK;
}

double
myo_trainer_macs(const struct myo_trainer *trainer)
{
	return trainer->row_macs;
}

void
myo_trainer_swap_average(struct myo_trainer *trainer)
{
	if (trainer->average != NULL)
		myo_average_swap(trainer->average);
}

void
myo_trainer_stretch(struct myo_trainer *trainer, int64_t total)
{
	myo_schedule_stretch(&trainer->options.schedule, trainer->steps, total);
}
