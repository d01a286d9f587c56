/* How many steps fit into a time. */
#include "train/private.h"

#include <math.h>

enum { LOOKS = 20 }; /* how often in a run its length is adjusted */

/* The relative change of the rest of a run below which its length isn't adjusted. */
static const double worthwhile = 0.01;

bool
train_budget_look(struct budget *budget, double seconds, int64_t steps, int64_t now, int64_t *total)
{
	if (budget->limit <= 0 || seconds < budget->next || steps == budget->steps)
		return false;

	/*
	 * The pace to expect is the average so far; later on, that over a time as long as what is left, so that the run
	 * ends in time.
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
