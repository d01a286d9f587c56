/* Whether a plugin's custom operations can be called as the engine calls them: for any rows, on several threads. */
#include "net/operation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 3, GUARD = 16, CALLERS = 2 };

static const double seconds = 0.1, tolerance = 1e-4;

/* The arrays that an operation reads and writes, each between guard words, which must not change. */
struct trial {
	const struct step *step;
	size_t ins, outs; /* elements of a row */
	float *x, *dy, *y, *dx;
	float *y_alone, *dx_alone; /* the results of calls on one thread */
	bool differs, spills;
};

static float *
guarded(size_t count, struct myo_err *err)
{
	float *all = myo_calloc(count + 2 * GUARD, sizeof *all, err);

	for (size_t i = 0; all != NULL && i < GUARD; i++)
		all[i] = all[count + GUARD + i] = -12345;
	return all != NULL ? all + GUARD : NULL;
}

static bool
is_intact(const float *values, size_t count)
{
	for (size_t i = 1; i <= GUARD; i++)
		if (values[-(ptrdiff_t)i] != -12345 || values[count + i - 1] != -12345)
			return false;
	return true;
}

static void
close_trial(struct trial *t)
{
	float *const all[] = { t->x, t->dy, t->y, t->dx, t->y_alone, t->dx_alone };

	for (size_t i = 0; i < MYO_COUNT(all); i++)
		if (all[i] != NULL)
			free(all[i] - GUARD);
}

static int
open_trial(const struct step *step, uint64_t caller, struct trial *t, struct myo_err *err)
{
	struct myo_rng rng = myo_rng_at(caller, MYO_RNG_TEST, 1, 0);

	*t = (struct trial){ .step = step, .ins = net_elements(step->in), .outs = net_elements(step->out) };
	if ((t->x = guarded(ROWS * t->ins, err)) == NULL || (t->dx = guarded(ROWS * t->ins, err)) == NULL ||
	    (t->dx_alone = guarded(ROWS * t->ins, err)) == NULL || (t->y = guarded(ROWS * t->outs, err)) == NULL ||
	    (t->dy = guarded(ROWS * t->outs, err)) == NULL || (t->y_alone = guarded(ROWS * t->outs, err)) == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < ROWS * t->ins; i++)
		t->x[i] = (float)myo_rng_normal(&rng);
	for (size_t i = 0; i < ROWS * t->outs; i++)
		t->dy[i] = (float)myo_rng_normal(&rng);
	return MYO_OK;
}

/* Rows [from, from + rows), forward and backward. */
static void
call(struct trial *t, size_t from, size_t rows)
{
	const struct myo_custom *op = &t->step->node->set.custom;
	float *x = t->x + from * t->ins, *y = t->y + from * t->outs;

	op->forward(op->config, rows, t->step->in, t->step->out, x, y);
	op->backward(op->config, rows, t->step->in, t->step->out, x, y, t->dy + from * t->outs, t->dx + from * t->ins);
	t->spills = t->spills || !is_intact(t->y, ROWS * t->outs) || !is_intact(t->dx, ROWS * t->ins) ||
	    !is_intact(t->x, ROWS * t->ins) || !is_intact(t->dy, ROWS * t->outs);
}

static bool
is_near(const float *a, const float *b, size_t count)
{
	double largest = 1, worst = 0;

	for (size_t i = 0; i < count; i++) {
		largest = fmax(largest, fabs((double)a[i]));
		worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
	}
	return worst <= tolerance * largest;
}

/* All rows at once, and then one by one, the last first: results for a row must not depend on other rows. */
static int
alone(struct trial *t, struct myo_err *err)
{
	const char *name = t->step->node->name;

	call(t, 0, ROWS);
	memcpy(t->y_alone, t->y, ROWS * t->outs * sizeof *t->y);
	memcpy(t->dx_alone, t->dx, ROWS * t->ins * sizeof *t->dx);
	for (size_t row = ROWS; row-- > 0;)
		call(t, row, 1);
	if (t->spills)
		return myo_fail(err, "%s: writes beyond its result, or into what it reads", name);
	if (!is_near(t->y_alone, t->y, ROWS * t->outs) || !is_near(t->dx_alone, t->dx, ROWS * t->ins))
		return myo_fail(err, "%s: gives other results row by row than for all rows at once", name);
	memcpy(t->y_alone, t->y, ROWS * t->outs * sizeof *t->y);
	memcpy(t->dx_alone, t->dx, ROWS * t->ins * sizeof *t->dx);
	return MYO_OK;
}

/* Keep calling for a while, and compare. An item is one caller, with its own trial. */
static void
insist(void *context, size_t item, int thread)
{
	struct trial *t = (struct trial *)context + item;
	const double end = myo_now() + seconds;

	(void)thread;
	do {
		for (size_t row = ROWS; row-- > 0;)
			call(t, row, 1);
		t->differs = t->differs || memcmp(t->y, t->y_alone, ROWS * t->outs * sizeof *t->y) != 0 ||
		    memcmp(t->dx, t->dx_alone, ROWS * t->ins * sizeof *t->dx) != 0;
	} while (!t->differs && !t->spills && myo_now() < end);
}

static int
check_step(const struct step *step, struct myo_pool *pool, struct myo_err *err)
{
	struct trial trials[CALLERS] = { { .step = NULL } };
	int rc = MYO_OK;

	for (uint64_t i = 0; rc == MYO_OK && i < CALLERS; i++) {
		rc = open_trial(step, i, &trials[i], err);
		if (rc == MYO_OK)
			rc = alone(&trials[i], err);
	}
	if (rc == MYO_OK)
		myo_pool_run(pool, CALLERS, insist, trials);
	for (size_t i = 0; rc == MYO_OK && i < CALLERS; i++)
		if (trials[i].differs || trials[i].spills)
			rc = myo_fail(err, "%s: gives other results while another thread calls it: it keeps something that "
			    "all threads share", step->node->name);
	for (size_t i = 0; i < CALLERS; i++)
		close_trial(&trials[i]);
	return rc;
}

int
myo_plan_check_custom(const struct myo_plan *plan, struct myo_pool *pool, struct myo_err *err)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].node->op == &net_op_custom && check_step(&plan->steps[i], pool, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}
