/* Round numbers along an axis, and the bar that shows what colours mean. */
#include "draw/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool
myo_scale_parse(const char *text, struct myo_scale *out)
{
	char *end;

	out->low = strtod(text, &end);
	if (end == text || *end != ':')
		return false;
	text = end + 1;
	out->high = strtod(text, &end);
	return end != text && *end == '\0' && out->low < out->high && isfinite(out->high - out->low);
}

void
myo_scale_settle(struct myo_scale *scale)
{
	if (scale->low > scale->high) {
		scale->low = 0;
		scale->high = 1;
	} else if (!(scale->low < scale->high)) {
		scale->high = scale->low + fmax(1, fabs(scale->low));
	}
}

unsigned
myo_scale_colour(const struct myo_scale *scale, double number)
{
	const double share = (number - scale->low) / (scale->high - scale->low);

	/* written so that NaN, from 0/0 for a scale without width, gives the first colour */
	return share > 0 ? (unsigned)lround(fmin(share, 1) * (MYO_COLOURS - 1)) : 0;
}

/* ---- round numbers ------------------------------------------------------------------------- */

struct myo_ticks
myo_scale_ticks(const struct myo_scale *scale, size_t most)
{
	static const double nice[] = { 1, 2, 5, 10 };
	const double want = (scale->high - scale->low) / (double)(most > 2 ? most - 1 : 1);
	struct myo_ticks ticks = { 0 };

	if (!isfinite(want) || !(want > 0))
		return ticks;
	const double power = pow(10, floor(log10(want)));
	for (size_t i = 0; i < MYO_COUNT(nice); i++) {
		ticks.step = nice[i] * power;
		if (ticks.step >= want * (1 - 1e-9))
			break;
	}
	ticks.first = ceil(scale->low / ticks.step - 1e-9) * ticks.step;
	const double steps = floor((scale->high - ticks.first) / ticks.step + 1e-9);
	/* written so that NaN, from a step that underflowed, leaves no ticks */
	if (!(steps >= 0 && steps < (double)(most > 2 ? most : 2)))
		return ticks;
	ticks.count = (size_t)steps + 1;
	ticks.decimals = ticks.step >= 1 ? 0 : (int)ceil(-log10(ticks.step) - 1e-9);
	return ticks;
}

double
myo_ticks_at(const struct myo_ticks *ticks, size_t n, char *text, size_t size)
{
	/* counted in steps from zero, so that zero is exact and not "-0" */
	const double steps = round(ticks->first / ticks->step) + (double)n;
	const double value = fabs(steps) < 0.5 ? 0 : steps * ticks->step;

	if (ticks->step >= 1e-4 && ticks->step < 1e5)
		(void)snprintf(text, size, "%.*f", ticks->decimals, value);
	else
		(void)snprintf(text, size, "%.3g", value);
	return value;
}

/* ---- the bar ---------------------------------------------------------------------------------- */

enum { BAR = 18, TICK = 4, APART = 28 };

static void
put_tick(struct myo_page *page, double x, double y, const char *text)
{
	myo_page_fill(page, x, floor(y), TICK, 1, (struct myo_rgb){ 26, 26, 26 });
	(void)myo_page_text(page, x + TICK + 4, floor(y) + 4.5, MYO_BAR_WIDTH, 12, MYO_INK_PLAIN, text);
}

static void
put_numbers(struct myo_page *page, double x, double y, double height, const struct myo_scale *scale)
{
	const struct myo_ticks ticks = myo_scale_ticks(scale, (size_t)fmax(2, height / APART + 1));
	char text[64];

	for (size_t n = 0; n < ticks.count; n++) {
		const double value = myo_ticks_at(&ticks, n, text, sizeof text);
		put_tick(page, x, y + (height - 1) * (1 - (value - scale->low) / (scale->high - scale->low)), text);
	}
}

void
myo_page_bar(struct myo_page *page, int x, int y, int height, const struct myo_rgb table[MYO_COLOURS],
    const struct myo_scale *scale, const char *measures)
{
	for (int row = 0; row < height; row++)
		myo_page_fill(page, x, y + row, BAR, 1,
		    table[(MYO_COLOURS - 1) * (height - 1 - row) / (height > 1 ? height - 1 : 1)]);
	if (scale != NULL) {
		put_numbers(page, x + BAR, y, height, scale);
	} else {
		put_tick(page, x + BAR, y, "high");
		put_tick(page, x + BAR, y + height - 1, "low");
	}
	myo_page_text_up(page, x + MYO_BAR_WIDTH - 3, y + height, height, 12, MYO_INK_FAINT, measures);
}
