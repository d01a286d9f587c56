/* Softmax cross-entropy with label smoothing. */
#include "net/plan.h"

#include <math.h>

struct loss {
	struct myo_plan *plan;
	const int32_t *labels;
	double smoothing;
	double share; /* the share of a row of weight 1 in the mean */
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

static double
weight_of(const struct loss *loss, size_t class)
{
	return loss->plan->class_weights != NULL ? loss->plan->class_weights[class] : 1;
}

/*
 * Let t be the target times the weight of each class, T the sum of t, and p the softmax of the logits z: the loss is
 * T log sum exp z - sum t z, and its gradient with respect to z is T p - t. z [classes], dz [classes] or NULL.
 */
static double
row_loss(const struct loss *loss, const float *z, size_t label, float *dz)
{
	const size_t classes = (size_t)loss->plan->net->classes;
	const double largest = (double)z[largest_of(z, classes)];
	const double spread = loss->smoothing / (double)classes, peak = (1 - loss->smoothing) * weight_of(loss, label);
	double sum = 0, spread_z = 0, weights = 0;

	for (size_t k = 0; k < classes; k++) {
		sum += exp((double)z[k] - largest);
		spread_z += weight_of(loss, k) * ((double)z[k] - largest);
		weights += weight_of(loss, k);
	}
	const double whole = loss->plan->class_weights != NULL ? peak + spread * weights : 1;
	for (size_t k = 0; dz != NULL && k < classes; k++) {
		const double p = exp((double)z[k] - largest) / sum;
		const double t = spread * weight_of(loss, k) + (k == label ? peak : 0);
		dz[k] = (float)((whole * p - t) * loss->share);
	}
	return whole * log(sum) - peak * ((double)z[label] - largest) - spread * spread_z;
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
		plan->losses[n] = row_loss(loss, z, label, logits->grad != NULL ? logits->grad + n * classes : NULL);
		plan->hits[n] = largest_of(z, classes) == label;
	}
}

double
myo_plan_loss(struct myo_plan *plan, const int32_t *labels, double smoothing, size_t *correct)
{
	struct loss loss = { plan, labels, smoothing, 0 };
	double total = 0, weights = 0;
	size_t hits = 0;

	for (size_t n = 0; n < plan->rows; n++)
		weights += weight_of(&loss, (size_t)labels[n]);
	loss.share = 1 / weights;
	myo_pool_run(plan->pool, (plan->rows + ROWS - 1) / ROWS, loss_rows, &loss);
	for (size_t n = 0; n < plan->rows; n++) {
		total += plan->losses[n];
		hits += plan->hits[n];
	}
	if (correct != NULL)
		*correct = hits;
	return total / weights;
}

void
myo_plan_class_weights(struct myo_plan *plan, const double *weights)
{
	plan->class_weights = weights;
}
