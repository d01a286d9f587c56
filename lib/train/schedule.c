/* The learning rate as a function of the step. */
#include "train/train.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* One-cycle starts at rate / start_divisor, and ends at that / end_divisor: PyTorch's defaults. */
static const double start_divisor = 25, end_divisor = 1e4;

static double
half_cosine(double a, double b, double t)
{
	return b + (a - b) * (1 + cos(pi * t)) / 2;
}

static double
line(double a, double b, double t)
{
	return a + (b - a) * t;
}

/*
 * Up from `low` to the rate and down to `end`, each along a curve. The phases are PyTorch's: the rise ends at the last
 * step of the warm-up, the fall at the last step of all.
 */
static double
up_and_down(const struct myo_schedule *s, double step, double low, double end, double (*along)(double, double, double))
{
	const double top = s->warmup > 0 ? (double)s->warmup - 1 : 0, last = (double)s->total - 1;

	if (step < top)
		return along(low, s->rate, step / top);
	if (step >= last)
		return last > top ? end : s->rate;
	return along(s->rate, end, (step - top) / (last - top));
}

static double
without_warmup(const struct myo_schedule *s, double step)
{
	double rate = s->rate;

	switch (s->kind) {
	case MYO_CONSTANT:
		break;
	case MYO_STEP:
		for (size_t i = 0; i < s->milestone_count && (double)s->milestones[i] <= step; i++)
			rate *= s->factor;
		break;
	case MYO_COSINE: {
		const double from = (double)s->warmup, length = (double)s->total - from;
		if (step > (double)s->total - 1)
			step = (double)s->total - 1;
		if (step > from)
			rate = half_cosine(rate, 0, (step - from) / length);
		break;
	}
	case MYO_ONECYCLE:
		rate = up_and_down(s, step, s->rate / start_divisor, s->rate / start_divisor / end_divisor,
		    half_cosine);
		break;
	case MYO_TRIANGLE:
		rate = up_and_down(s, step, s->rate * s->start, s->rate * s->end, line);
		break;
	}
	return rate;
}

/* The position of a step in the schedule as it was planned, before any stretch. */
static double
position(const struct myo_schedule *s, int64_t step)
{
	if (s->stretch.pace == 0 && s->stretch.at == 0)
		return (double)step;
	return s->stretch.at + (double)(step - s->stretch.from) * s->stretch.pace;
}

double
myo_schedule_rate(const struct myo_schedule *schedule, int64_t step)
{
	const double at = position(schedule, step), rate = without_warmup(schedule, at);
	const bool rises = schedule->kind == MYO_ONECYCLE || schedule->kind == MYO_TRIANGLE;

	if (!rises && at < (double)schedule->warmup)
		return rate * (at + 1) / ((double)schedule->warmup + 1);
	return rate;
}

void
myo_schedule_stretch(struct myo_schedule *schedule, int64_t from, int64_t total)
{
	const double at = position(schedule, from);

	if (total <= from)
		return;
	schedule->stretch.from = from;
	schedule->stretch.at = at;
	/* So that the last step of all is the last one of the schedule. */
	schedule->stretch.pace = total - 1 > from ? ((double)schedule->total - 1 - at) / (double)(total - 1 - from) : 1;
}
