/*
 * chart.h - private to the room: small charts as inline SVG, styled by the page, so that they suit light and dark mode.
 */
#ifndef MYO_REPORT_CHART_H
#define MYO_REPORT_CHART_H

#include "draw/draw.h"
#include "report/html.h"

/* In units of the drawing, which the browser scales; a unit is about a pixel on a phone. */
enum { CHART_WIDTH = 360, CHART_HEIGHT = 270, CHART_LEFT = 46, CHART_RIGHT = 20, CHART_TOP = 12, CHART_BOTTOM = 44 };

/* The ends of the axes; x_percent, y_percent: numbers are shares in [0, 1], labelled in per cent. */
struct chart {
	struct myo_scale x, y;
	bool x_percent, y_percent;
};

double chart_x(const struct chart *chart, double value);
double chart_y(const struct chart *chart, double value);

/*
 * Begin the drawing, with the grid, the numbers and the titles of the axes. says: a title, which describes the chart in
 * words; id: its id.
 */
void chart_begin(struct html *html, const struct chart *chart, const char *id, const char *says, const char *x_words,
    const char *y_words);

/* A line through points; those that are NaN are skipped. */
void chart_line(struct html *html, const struct chart *chart, const char *style, const double *x, const double *y,
    size_t count);
void chart_end(struct html *html);

#endif
