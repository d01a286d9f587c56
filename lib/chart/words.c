/* Title, subtitle and key above the curves, the note below them. */
#include "chart/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* In units. */
enum { MARGIN = 18, TITLE = 16, TITLE_LINE = 23, SUBTITLE = 12, SUBTITLE_LINE = 19, KEY = 12,
	KEY_LINE = 19, SAMPLE = 28, SAMPLE_GAP = 6, KEY_GAP = 18, NOTE = 10, NOTE_LINE = 14, GAP = 10 };

/* How many bytes of a text make a line: as many whole words as fit, at least one. */
static size_t
line_length(struct myo_page *page, const char *text, double size, double wide)
{
	char line[4 * MYO_CHART_TEXT];
	size_t length = strcspn(text, " ");

	while (text[length] != '\0') {
		const size_t longer = length + 1 + strcspn(text + length + 1, " ");
		(void)snprintf(line, sizeof line, "%.*s", (int)longer, text);
		if (longer > MYO_PAGE_LINE || myo_page_text_width(page, size, MYO_INK_FAINT, line) > wide)
			break;
		length = longer;
	}
	return length;
}

/* Faint text in as many lines as it takes, `apart` from one to the next. Returns their height; ink: draw them, too. */
static double
put_lines(struct myo_page *page, double u, double top, double size, double apart, const char *text, bool ink)
{
	const double left = MARGIN * u, wide = myo_page_width(page) - 2 * MARGIN * u;
	double height = 0;

	while (*text != '\0') {
		const size_t length = line_length(page, text, size * u, wide);
		char line[4 * MYO_CHART_TEXT];
		(void)snprintf(line, sizeof line, "%.*s", (int)length, text);
		if (ink)
			(void)myo_page_text(page, left, top + height + size * u, wide, size * u, MYO_INK_FAINT, line);
		height += apart * u;
		text += length + (text[length] == ' ');
	}
	return height;
}

/* The width of an entry of the key, with sample and name; a name too long for a line is cut. */
static double
key_width(struct myo_page *page, double u, double wide, const struct myo_chart_key *key)
{
	return fmin(wide, (SAMPLE + SAMPLE_GAP) * u + myo_page_text_width(page, KEY * u, MYO_INK_PLAIN, key->name));
}

/*
 * The key from left to right, in as many lines as it takes; if that is more than one, the entries after the first
 * `named` (kinds of lines, the paper) begin a new line. Returns the height.
 */
static double
put_key(const struct myo_chart *chart, struct myo_page *page, double u, double top, bool ink)
{
	const double left = MARGIN * u, wide = myo_page_width(page) - 2 * MARGIN * u,
	    before = (SAMPLE + SAMPLE_GAP) * u;
	double x = 0, y = 0, all = -KEY_GAP * u;

	for (size_t i = 0; i < chart->keys; i++)
		all += key_width(page, u, wide, &chart->key[i]) + KEY_GAP * u;
	for (size_t i = 0; i < chart->keys; i++) {
		const double width = key_width(page, u, wide, &chart->key[i]);
		if (x > 0 && (x + width > wide || (all > wide && i == chart->named))) {
			x = 0;
			y += KEY_LINE * u;
		}
		if (ink) {
			chart_draw_sample(page, u, left + x, top + y + KEY_LINE * u / 2, SAMPLE * u,
			    &chart->key[i].look);
			(void)myo_page_text(page, left + x + before, top + y + 13.5 * u, wide - before, KEY * u,
			    MYO_INK_PLAIN, chart->key[i].name);
		}
		x += width + KEY_GAP * u;
	}
	return y + KEY_LINE * u;
}

double
chart_words_above(const struct myo_chart *chart, struct myo_page *page, double u, bool ink)
{
	const double left = MARGIN * u, wide = myo_page_width(page) - 2 * MARGIN * u;
	double height = 0.6 * MARGIN * u;

	if (chart->title[0] != '\0') {
		if (ink)
			(void)myo_page_text(page, left, height + TITLE * u, wide, TITLE * u, MYO_INK_STRONG,
			    chart->title);
		height += TITLE_LINE * u;
	}
	height += put_lines(page, u, height, SUBTITLE, SUBTITLE_LINE, chart->subtitle, ink);
	if (chart->keys > 1 || (chart->keys > 0 && chart->given))
		height += put_key(chart, page, u, height, ink);
	return height + GAP * u;
}

double
chart_words_below(const struct myo_chart *chart, struct myo_page *page, double u, bool ink)
{
	const double edge = 0.5 * MARGIN * u;
	const double height = put_lines(page, u, 0, NOTE, NOTE_LINE, chart->note, false);

	if (ink)
		(void)put_lines(page, u, myo_page_height(page) - height - edge, NOTE, NOTE_LINE, chart->note, true);
	return height + (height > 0 ? GAP * u : 0) + edge;
}
