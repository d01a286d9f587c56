/* Axes, grids and lines of small charts. */
#include "report/chart.h"

#include <math.h>
#include <stdio.h>

enum { RIGHT = CHART_WIDTH - CHART_RIGHT, FOOT = CHART_HEIGHT - CHART_BOTTOM };

static double
share(const struct myo_scale *scale, double value)
{
	return (value - scale->low) / (scale->high - scale->low);
}

double
chart_x(const struct chart *chart, double value)
{
	return CHART_LEFT + (RIGHT - CHART_LEFT) * share(&chart->x, value);
}

double
chart_y(const struct chart *chart, double value)
{
	return FOOT - (FOOT - CHART_TOP) * share(&chart->y, value);
}

/* A tick and its label, for shares in per cent. */
static double
tick(bool percent, const struct myo_ticks *ticks, size_t n, char *text, size_t size)
{
	const double value = myo_ticks_at(ticks, n, text, size);

	if (percent)
		(void)snprintf(text, size, "%.*f%%", ticks->decimals > 2 ? ticks->decimals - 2 : 0, 100 * value);
	return value;
}

static void
put_grid(struct html *html, const struct chart *chart)
{
	const struct myo_ticks across = myo_scale_ticks(&chart->x, 6), up = myo_scale_ticks(&chart->y, 6);
	char text[64];

	html_put(html, "<g class=\"grid\">\n");
	for (size_t n = 0; n < across.count; n++) {
		const double x = chart_x(chart, tick(chart->x_percent, &across, n, text, sizeof text));
		html_print(html, "<path d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x,
		    CHART_TOP, FOOT, x, FOOT + 16, text);
	}
	for (size_t n = 0; n < up.count; n++) {
		const double y = chart_y(chart, tick(chart->y_percent, &up, n, text, sizeof text));
		html_print(html, "<path d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
		    CHART_LEFT, y, RIGHT, CHART_LEFT - 6, y + 4, text);
	}
	html_put(html, "</g>\n");
}

void
chart_begin(struct html *html, const struct chart *chart, const char *id, const char *says, const char *x_words,
    const char *y_words)
{
	html_print(html, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s\">\n<title id=\"%s\">",
	    CHART_WIDTH, CHART_HEIGHT, id, id);
	html_text(html, says);
	html_put(html, "</title>\n");
	put_grid(html, chart);
	html_print(html, "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (CHART_LEFT + RIGHT) / 2,
	    CHART_HEIGHT - 8);
	html_text(html, x_words);
	html_print(html, "</text>\n<text class=\"axis\" transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"middle\">",
	    (CHART_TOP + FOOT) / 2);
	html_text(html, y_words);
	html_put(html, "</text>\n");
}

void
chart_line(struct html *html, const struct chart *chart, const char *style, const double *x, const double *y,
    size_t count)
{
	size_t drawn = 0, last = 0;

	html_print(html, "<polyline class=\"%s\" points=\"", style);
	for (size_t i = 0; i < count; i++) {
		if (isnan(x[i]) || isnan(y[i]))
			continue;
		html_print(html, "%s%.1f,%.1f", drawn++ > 0 ? " " : "", chart_x(chart, x[i]), chart_y(chart, y[i]));
		last = i;
	}
	html_put(html, "\"/>\n");
	if (drawn == 1) /* a line of one point would be invisible */
		html_print(html, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"1.5\"/>\n", style,
		    chart_x(chart, x[last]), chart_y(chart, y[last]));
}

void
chart_end(struct html *html)
{
	html_put(html, "</svg>\n");
}
