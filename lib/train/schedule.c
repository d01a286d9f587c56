/* The learning rate as a function of the step. */
#include "train/train.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* One-cycle starts at the rate over this, and ends at the start over the other: PyTorch's defaults. */
static const double start_divisor = 25, end_divisor = 1e4;

/* From a to b along half a cosine, as t goes from 0 to 1. */
static double
half_cosine(double a, double b, double t)
{
	return b + (a - b) * (1 + cos(pi * t)) / 2;
}

/* PyTorch's phases: the rise ends at the last step of the warm-up, the fall at the last of all. */
static double
one_cycle(const struct myo_schedule *s, int64_t step)
{
	const double low = s->rate / start_divisor;
	const int64_t top = s->warmup > 0 ? s->warmup - 1 : 0, last = s->total - 1;

	if (step < top)
		return half_cosine(low, s->rate, (double)step / (double)top);
	if (step >= last)
		return last > top ? low / end_divisor : s->rate;
	return half_cosine(s->rate, low / end_divisor, (double)(step - top) / (double)(last - top));
}

static double
without_warmup(const struct myo_schedule *s, int64_t step)
{
	double rate = s->rate;

	switch (s->kind) {
	case MYO_CONSTANT:
		break;
	case MYO_STEP:
		for (size_t i = 0; i < s->milestone_count && s->milestones[i] <= step; i++)
			rate *= s->factor;
		break;
	case MYO_COSINE: {
		const int64_t from = s->warmup, length = s->total - from;
		if (step >= s->total)
			step = s->total - 1;
		if (step > from)
			rate = half_cosine(rate, 0, (double)(step - from) / (double)length);
		break;
	}
	case MYO_ONECYCLE:
		rate = one_cycle(s, step);
		break;
	}
	return rate;
}

double
myo_schedule_rate(const struct myo_schedule *schedule, int64_t step)
{
	const double rate = without_warmup(schedule, step);

	if (schedule->kind != MYO_ONECYCLE && step < schedule->warmup)
		return rate * (double)(step + 1) / (double)(schedule->warmup + 1);
	return rate;
}
