/* The ends of an axis, and its ticks. */
#include "chart/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* beside: room around the points, relative to their range. near_zero: a low end below this share of the high is 0. */
static const double beside = 0.04, near_zero = 0.15;

/* Numbers from this one on are written as powers of ten, since 10,000,000 takes too much room. */
#define LARGE 1e7

/* In heights of a label: distances of labels above each other, and side by side; width of a digit; least gap. */
static const double apart_upright = 3, apart = 4.6, digit = 0.62, gap = 0.7;

/* ---- labels ----------------------------------------------------------------------------------- */

/* 2×10⁻⁷ */
static void
label_power(char label[CHART_LABEL], double number)
{
	static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
	int power = (int)floor(log10(fabs(number)) + 1e-9);
	double head = number / pow(10, power);
	char raised[CHART_LABEL / 2] = "", plain[16];
	size_t used = 0;

	if (fabs(head) >= 9.995) {
		head /= 10;
		power++;
	}
	(void)snprintf(plain, sizeof plain, "%d", abs(power));
	used = (size_t)snprintf(raised, sizeof raised, "%s", power < 0 ? "⁻" : "");
	for (const char *p = plain; *p != '\0'; p++)
		used += (size_t)snprintf(raised + used, sizeof raised - used, "%s", digits[*p - '0']);
	if (fabs(head - 1) < 1e-6)
		(void)snprintf(label, CHART_LABEL, "10%s", raised);
	else
		(void)snprintf(label, CHART_LABEL, "%s%.3g×10%s", head < 0 ? "−" : "", fabs(head), raised);
}

/* 12,000 and −3.5 */
void
chart_label(char label[CHART_LABEL], double number, int decimals)
{
	char plain[CHART_LABEL];
	size_t used = 0;

	if (number != 0 && (decimals == CHART_POWERS || decimals > 5 || fabs(number) >= LARGE)) {
		label_power(label, number);
		return;
	}
	(void)snprintf(plain, sizeof plain, "%.*f", decimals > 0 ? decimals : 0, fabs(number));
	const size_t whole = strcspn(plain, ".");
	if (number < 0)
		used = (size_t)snprintf(label, CHART_LABEL, "−");
	for (const char *p = plain; *p != '\0'; p++) {
		const size_t left = p < plain + whole ? whole - (size_t)(p - plain) : 0;
		if (p > plain && left > 0 && left % 3 == 0)
			label[used++] = ',';
		label[used++] = *p;
	}
	label[used] = '\0';
}

static double
label_width(const char *label)
{
	return digit * (double)myo_characters(label);
}

/* ---- ends ----------------------------------------------------------------------------------------- */

static int
set_log_ends(struct chart_axis *axis, const struct myo_chart_axis *want, struct myo_err *err)
{
	if (!(axis->low > 0))
		return myo_fail(err, "the axis '%s' is logarithmic, and there is no place for %g on it",
		    want->title, axis->low);
	const double room = axis->low < axis->high ? pow(axis->high / axis->low, beside) : 2;
	axis->low /= room;
	axis->high *= room;
	return MYO_OK;
}

static void
set_linear_ends(struct chart_axis *axis, const struct myo_chart_axis *want)
{
	const double low = axis->low, high = axis->high;
	const bool from_zero = low >= 0 && (want->zero || (low < high && low < near_zero * high));
	double room = beside * (high - (from_zero ? 0 : low));

	if (!(room > 0))
		room = low != 0 ? fabs(low) / 10 : 1;
	axis->low = from_zero ? 0 : low - room;
	axis->high = high + room;
	if (low >= want->least)
		axis->low = fmax(axis->low, want->least);
	if (high <= want->most)
		axis->high = fmin(axis->high, want->most);
}

/* Set the ends that were asked for; MYO_FAIL if all numbers lie outside them. */
static int
set_range(struct chart_axis *axis, const struct myo_chart_axis *want, struct myo_err *err)
{
	if (axis->high < want->range.low || axis->low > want->range.high)
		return myo_fail(err, "no point lies between %g and %g along '%s'", want->range.low,
		    want->range.high, want->title);
	axis->low = want->range.low;
	axis->high = want->range.high;
	return axis->log && !(axis->low > 0) ? set_log_ends(axis, want, err) : MYO_OK;
}

static int
set_ends(struct chart_axis *axis, const struct myo_chart_axis *want, const double *points, size_t count,
    struct myo_err *err)
{
	axis->low = INFINITY;
	axis->high = -INFINITY;
	for (size_t i = 0; i < count; i++) {
		axis->low = fmin(axis->low, points[i]);
		axis->high = fmax(axis->high, points[i]);
	}
	if (axis->low > axis->high)
		return myo_fail(err, "there is nothing to be drawn along '%s'", want->title);
	if (axis->log && !(axis->low > 0))
		return set_log_ends(axis, want, err);
	if (want->range.low < want->range.high)
		return set_range(axis, want, err);
	if (axis->log)
		return set_log_ends(axis, want, err);
	set_linear_ends(axis, want);
	return MYO_OK;
}

/* ---- ticks ------------------------------------------------------------------------------------------ */

static void
put_tick(struct chart_axis *axis, double at, int decimals)
{
	const double share = chart_axis_share(axis, at);

	if (axis->count == CHART_TICKS || share < -1e-9 || share > 1 + 1e-9)
		return;
	axis->ticks[axis->count].at = at;
	chart_label(axis->ticks[axis->count++].label, at, decimals);
}

static void
round_ticks(struct chart_axis *axis, size_t most)
{
	const struct myo_scale scale = { axis->low, axis->high };
	struct myo_ticks ticks = myo_scale_ticks(&scale, most);
	const bool large = fmax(fabs(axis->low), fabs(axis->high)) >= LARGE;
	char text[64];

	while (ticks.count < 2 && most < CHART_TICKS) /* a single tick shows no scale */
		ticks = myo_scale_ticks(&scale, ++most);
	axis->count = 0;
	for (size_t n = 0; n < ticks.count; n++)
		put_tick(axis, myo_ticks_at(&ticks, n, text, sizeof text), large ? CHART_POWERS : ticks.decimals);
}

/* How many decimals it takes to show a number exactly, at most 6. */
static int
decimals_of(double number)
{
	int decimals = 0;

	while (decimals < 6 &&
	    fabs(number - round(number * pow(10, decimals)) / pow(10, decimals)) > 1e-9 * fabs(number))
		decimals++;
	return decimals;
}

/* Ticks at every `step`-th power of ten, and at `heads` of its 1, 2 and 5 times. */
static void
power_ticks(struct chart_axis *axis, int step, size_t heads)
{
	static const double head[] = { 1, 2, 5 };
	const int first = (int)floor(log10(axis->low)), last = (int)ceil(log10(axis->high));
	const bool powers = axis->high / axis->low > 1e4; /* 0.00001 to 10,000 can't be read at a glance */

	axis->count = 0;
	for (int power = first / step * step - step; power <= last; power += step)
		for (size_t i = 0; i < heads; i++) {
			const double at = head[i] * pow(10, power);
			put_tick(axis, at, powers ? CHART_POWERS : decimals_of(at));
		}
}

static void
log_ticks(struct chart_axis *axis, size_t most)
{
	power_ticks(axis, 1, 3);
	if (axis->count < 3) { /* too few: use round numbers, though they are unevenly spaced */
		round_ticks(axis, most);
		return;
	}
	for (int step = 1; axis->count > most && step < 64; step++)
		power_ticks(axis, step, 1);
}

static int
compare_numbers(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Whether a number is easy to read: whole tenths, or at most two digits such as 0.25 and 0.001; not 0.1667. */
static bool
is_round(double number)
{
	char two[32];

	if (decimals_of(number) <= 1)
		return true;
	(void)snprintf(two, sizeof two, "%.1e", number);
	return fabs(number - strtod(two, NULL)) <= 1e-9 * fabs(number);
}

/*
 * Put ticks where the points are, if these are round numbers and so few that there is room for most of their labels.
 * Returns whether that is so; sorted: a copy of the points, which is sorted.
 */
static bool
ticks_at_places(struct chart_axis *axis, double *sorted, size_t count, double length)
{
	enum { PLACES = 12 };
	size_t different = 0;
	double end = -INFINITY;

	qsort(sorted, count, sizeof *sorted, compare_numbers);
	for (size_t i = 0; i < count; i++)
		if (different == 0 || sorted[i] > sorted[different - 1])
			sorted[different++] = sorted[i];
	axis->count = 0;
	for (size_t i = 0; i < different && different <= PLACES; i++) {
		if (!is_round(sorted[i]))
			return false;
		struct chart_tick *const tick = &axis->ticks[axis->count];
		put_tick(axis, sorted[i], decimals_of(sorted[i]));
		if (tick == &axis->ticks[axis->count])
			continue; /* it is beyond the ends */
		const double middle = length * chart_axis_share(axis, tick->at), half = label_width(tick->label) / 2;
		if (middle - half < end + gap)
			axis->count--;
		else
			end = middle + half;
	}
	return different > 1 && 3 * axis->count >= 2 * different;
}

static int
set_ticks(struct chart_axis *axis, const struct myo_chart_axis *want, const double *points, size_t marked,
    double length, bool upright, struct myo_err *err)
{
	const double fit = length / (upright ? apart_upright : apart) + 1;
	const size_t most = fit < 2 ? 2 : fit < CHART_TICKS ? (size_t)fit : CHART_TICKS;

	if (want->places && marked > 1) {
		double *const sorted = myo_calloc(marked, sizeof *sorted, err);
		if (sorted == NULL)
			return MYO_FAIL;
		memcpy(sorted, points, marked * sizeof *sorted);
		const bool done = ticks_at_places(axis, sorted, marked, length);
		free(sorted);
		if (done)
			return MYO_OK;
	}
	if (axis->log)
		log_ticks(axis, most);
	else
		round_ticks(axis, most);
	return MYO_OK;
}

int
chart_axis_settle(const struct myo_chart_axis *want, const double *points, size_t count, size_t marked, double length,
    bool upright, struct chart_axis *axis, struct myo_err *err)
{
	*axis = (struct chart_axis){ .log = want->log, .down = want->down };
	if (set_ends(axis, want, points, count, err) != MYO_OK)
		return MYO_FAIL;
	return set_ticks(axis, want, points, marked, length, upright, err);
}

double
chart_axis_share(const struct chart_axis *axis, double number)
{
	double share;

	if (axis->log)
		share = number > 0 ? log(number / axis->low) / log(axis->high / axis->low) : -INFINITY;
	else
		share = (number - axis->low) / (axis->high - axis->low);
	return axis->down ? 1 - share : share;
}
