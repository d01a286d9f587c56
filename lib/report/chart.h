/*
 * chart.h - private to the room: small charts as SVG in the page, in its own ink, so that they fit light and dark.
 */
#ifndef MYO_REPORT_CHART_H
#define MYO_REPORT_CHART_H

#include "draw/draw.h"
#include "report/html.h"

/* Units of the drawing, which the browser stretches; about a pixel each on a telephone. */
enum { CHART_WIDTH = 360, CHART_HEIGHT = 270, CHART_LEFT = 46, CHART_RIGHT = 20, CHART_TOP = 12, CHART_BOTTOM = 44 };

/* What the ends of the axes stand for; x_percent, y_percent: shares in [0, 1] that are called per cents. */
struct chart {
	struct myo_scale x, y;
	bool x_percent, y_percent;
};

double chart_x(const struct chart *chart, double value);
double chart_y(const struct chart *chart, double value);

/*
 * Open the drawing: id names its title, which says in words what it shows; then the grid, numbers and words of the
 * axes.
 */
void chart_begin(struct html *html, const struct chart *chart, const char *id, const char *says, const char *x_words,
    const char *y_words);

/* A line through points, of which those that are no number are left out. */
void chart_line(struct html *html, const struct chart *chart, const char *style, const double *x, const double *y,
    size_t count);
void chart_end(struct html *html);

#endif
