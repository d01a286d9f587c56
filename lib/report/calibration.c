/* The section on calibration: whether the model is right as often as it says. */
#include "report/chart.h"
#include "report/private.h"

#include <math.h>

enum { FOOT = CHART_HEIGHT - CHART_BOTTOM };

static void
put_bars(struct html *html, const struct chart *chart, const struct myo_result *r)
{
	for (int i = 0; i < MYO_BINS; i++) {
		const struct myo_bin *const bin = &r->bins[i];
		if (bin->count == 0)
			continue;
		const double left = chart_x(chart, (double)i / MYO_BINS),
		    right = chart_x(chart, (double)(i + 1) / MYO_BINS);
		const double top = chart_y(chart, (double)bin->correct / (double)bin->count);
		html_print(html, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
		    left + 1, top, right - left - 2, FOOT - top);
	}
}

/* A dot at each bar's end, at its mean probability; its area shows the share of the images. */
static void
put_dots(struct html *html, const struct chart *chart, const struct myo_result *r)
{
	for (int i = 0; i < MYO_BINS; i++) {
		const struct myo_bin *const bin = &r->bins[i];
		if (bin->count > 0)
			html_print(html, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
			    chart_x(chart, bin->confidence), chart_y(chart, (double)bin->correct / (double)bin->count),
			    fmax(2, 12 * sqrt((double)bin->count / (double)r->images)));
	}
}

static void
put_chart(struct html *html, const struct myo_result *r)
{
	const struct chart chart = { { 0, 1 }, { 0, 1 }, true, true };
	const double ends[] = { 0, 1 };

	chart_begin(html, &chart, "calibration-chart",
	    "Share of images that are right, by the probability of their first choice; "
	    "the table below has the numbers", "probability of the first choice", "right");
	put_bars(html, &chart, r);
	chart_line(html, &chart, "ideal", ends, ends, 2);
	put_dots(html, &chart, r);
	chart_end(html);
}

static void
put_numbers(struct html *html, const struct myo_result *r)
{
	html_put(html, "<details>\n<summary>The numbers</summary>\n"
	    "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Calibration in numbers\">\n<table>\n<thead><tr>"
	    "<th scope=\"col\">Probability</th><th scope=\"col\" class=\"n\">Images</th><th scope=\"col\" class=\"n\">Mean "
	    "probability</th><th scope=\"col\" class=\"n\">Right</th></tr></thead>\n<tbody>\n");
	for (int i = 0; i < MYO_BINS; i++) {
		const struct myo_bin *const bin = &r->bins[i];
		if (bin->count == 0)
			continue;
		html_print(html, "<tr><th scope=\"row\">%.1f to %.1f%%</th><td class=\"n\">", 100.0 * i / MYO_BINS,
		    100.0 * (i + 1) / MYO_BINS);
		html_count(html, bin->count);
		html_put(html, "</td><td class=\"n\">");
		html_percent(html, bin->confidence);
		html_put(html, "</td><td class=\"n\">");
		html_percent(html, (double)bin->correct / (double)bin->count);
		html_put(html, "</td></tr>\n");
	}
	html_put(html, "</tbody>\n</table>\n</div>\n</details>\n");
}

void
put_calibration(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<section id=\"calibration\" aria-labelledby=\"calibration-title\">\n"
	    "<h2 id=\"calibration-title\">Calibration</h2>\n"
	    "<p>Is the model right as often as it says? Images are gathered by the probability of their first choice. The height "
	    "of a bar is the share of them that is right; a dot, the larger the more images, stands at their mean probability. "
	    "On the dashed line the two agree; below it the model is too sure, above it not sure enough.</p>\n<figure>\n");
	put_chart(html, page->figures);
	html_put(html, "</figure>\n");
	put_numbers(html, page->figures);
	html_put(html, "</section>\n");
}
