/* Softmax cross-entropy with label smoothing. */
#include "net/plan.h"

#include <math.h>

struct loss {
	struct myo_plan *plan;
	const int32_t *labels;
	double smoothing;
};

/* Rows of a work item. */
enum { ROWS = 16 };

static size_t
largest_of(const float *z, size_t classes)
{
	size_t best = 0;

	for (size_t k = 1; k < classes; k++)
		if (z[k] > z[best])
			best = k;
	return best;
}

/*
 * With target t and softmax p of the logits z: loss = log sum exp z - sum t z, and its gradient
 * by z is p - t. z [classes], dz [classes] or NULL.
 */
static double
row_loss(const float *z, size_t classes, size_t label, double smoothing, double share, float *dz)
{
	const double largest = (double)z[largest_of(z, classes)];
	const double spread = smoothing / (double)classes;
	double sum = 0, all = 0;

	for (size_t k = 0; k < classes; k++) {
		sum += exp((double)z[k] - largest);
		all += (double)z[k] - largest;
	}
	for (size_t k = 0; dz != NULL && k < classes; k++) {
		const double p = exp((double)z[k] - largest) / sum;
		const double t = spread + (k == label ? 1 - smoothing : 0);
		dz[k] = (float)((p - t) * share);
	}
	return log(sum) - (1 - smoothing) * ((double)z[label] - largest) - spread * all;
}

static void
loss_rows(void *context, size_t item, int thread)
{
	const struct loss *loss = context;
	struct myo_plan *plan = loss->plan;
	const size_t classes = (size_t)plan->net->classes;
	const struct value *logits = &plan->values[plan->net->output];
	const size_t from = item * ROWS, to = from + ROWS < plan->rows ? from + ROWS : plan->rows;

	(void)thread;
	for (size_t n = from; n < to; n++) {
		const float *z = logits->data + n * classes;
		const size_t label = (size_t)loss->labels[n];
		plan->losses[n] = row_loss(z, classes, label, loss->smoothing, 1 / (double)plan->rows,
		    logits->grad != NULL ? logits->grad + n * classes : NULL);
		plan->hits[n] = largest_of(z, classes) == label;
	}
}

double
myo_plan_loss(struct myo_plan *plan, const int32_t *labels, double smoothing, size_t *correct)
{
	struct loss loss = { plan, labels, smoothing };
	double total = 0;
	size_t hits = 0;

	myo_pool_run(plan->pool, (plan->rows + ROWS - 1) / ROWS, loss_rows, &loss);
	for (size_t n = 0; n < plan->rows; n++) {
		total += plan->losses[n];
		hits += plan->hits[n];
	}
	if (correct != NULL)
		*correct = hits;
	return total / (double)plan->rows;
}
