/* How many steps fit into a time. */
#include "train/private.h"

#include <math.h>

enum { LOOKS = 20 }; /* at the clock, in a run */

/* The share by which the rest of a run must come out longer or shorter before it is changed. */
static const double worthwhile = 0.01;

bool
train_budget_look(struct budget *budget, double seconds, int64_t steps, int64_t now, int64_t *total)
{
	if (budget->limit <= 0 || seconds < budget->next || steps == budget->steps)
		return false;

	/*
	 * What is to come takes as long as what was: all of it, or, later, as much as is left, so that the end comes in
	 * time.
	 */
	const double since = seconds - budget->looked, left = budget->limit - budget->validation - seconds;
	const double memory = fmin(seconds, left);
	const double share = since < memory ? since / memory : 1;
	budget->pace += share * (since / (double)(steps - budget->steps) - budget->pace);
	const double more = left > budget->pace ? floor(left / budget->pace) : 0;

	budget->looked = seconds;
	budget->steps = steps;
	budget->next = seconds + budget->limit / LOOKS;
	*total = steps + (int64_t)more;
	return fabs((double)(*total - now)) > worthwhile * more;
}
