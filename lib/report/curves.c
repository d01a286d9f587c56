/* The section on training, from logs. */
#include "report/chart.h"
#include "report/private.h"

#include <math.h>
#include <stdio.h>

enum { STYLES = 6 }; /* of lines, in report.css */

static void
widen(struct myo_scale *scale, const double *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		scale->low = fmin(scale->low, values[i]);
		scale->high = fmax(scale->high, values[i]);
	}
}

/* The x axis is in epochs, or in rows if some log lacks epochs. */
static bool
by_rows(const struct myo_report_page *page)
{
	for (size_t i = 0; i < page->log_count; i++)
		if (page->logs[i].lacks_epochs)
			return true;
	return false;
}

static const double *
x_of(const struct myo_report_page *page, const struct log_series *series)
{
	return by_rows(page) ? series->at : series->epoch;
}

static void
fit_chart(const struct myo_report_page *page, size_t first, size_t end, struct chart *chart)
{
	chart->x = chart->y = (struct myo_scale)MYO_SCALE_INIT;
	chart->x.low = 0;
	for (size_t i = 0; i < page->log_count; i++) {
		const struct log *const log = &page->logs[i];
		widen(&chart->x, by_rows(page) ? &log->rows : &log->epochs, 1); /* all charts have the same x axis */
		for (size_t s = first; s < end; s++) {
			widen(&chart->x, x_of(page, &log->series[s]), log->series[s].count);
			widen(&chart->y, log->series[s].value, log->series[s].count);
		}
	}
	if (chart->y_percent)
		chart->y = (struct myo_scale){ 0, 1 };
	else
		chart->y.low = fmin(chart->y.low, 0);
	myo_scale_settle(&chart->x);
	myo_scale_settle(&chart->y);
}

/* A chart of the series [first, end) of all logs: a colour for each log, and thin lines for validations. */
static void
put_chart(struct html *html, const struct myo_report_page *page, size_t first, size_t end, bool percent, const char *id,
    const char *says, const char *words)
{
	struct chart chart = { .y_percent = percent };
	char style[32];

	fit_chart(page, first, end, &chart);
	chart_begin(html, &chart, id, says, by_rows(page) ? "rows" : "epoch", words);
	for (size_t i = 0; i < page->log_count; i++)
		for (size_t s = first; s < end; s++) {
			const struct log_series *const series = &page->logs[i].series[s];
			(void)snprintf(style, sizeof style, "curve l%zu%s", i % STYLES,
			    s >= LOG_VALIDATION ? " validation" : "");
			if (series->count > 0)
				chart_line(html, &chart, style, x_of(page, series), series->value, series->count);
		}
	chart_end(html);
}

static void
put_percent(struct html *html, const char *before, double share)
{
	if (isnan(share))
		return;
	html_put(html, before);
	html_percent(html, share);
}

static void
put_legend(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<ul class=\"legend\">\n");
	for (size_t i = 0; i < page->log_count; i++) {
		const struct log *const log = &page->logs[i];
		html_print(html, "<li><svg viewBox=\"0 0 32 12\" aria-hidden=\"true\"><path class=\"curve l%zu\" d=\"M1 6H31\"/></svg> ",
		    i % STYLES);
		html_name(html, log->path);
		if (isnan(log->epochs))
			html_print(html, ": %.0f rows", log->rows);
		else
			html_print(html, ": %.4g epochs", log->epochs);
		if (!isnan(log->series[LOG_LOSS].last))
			html_print(html, ", loss %.3f at the end", log->series[LOG_LOSS].last);
		put_percent(html, ", right in training ", log->series[LOG_ACCURACY].last);
		put_percent(html, ", in validation ", log->series[LOG_VALIDATION].last);
		html_put(html, "</li>\n");
	}
	html_put(html, "</ul>\n");
}

static bool
any_validation(const struct myo_report_page *page)
{
	for (size_t i = 0; i < page->log_count; i++)
		for (size_t s = LOG_VALIDATION; s < LOG_SERIES; s++)
			if (page->logs[i].series[s].count > 0)
				return true;
	return false;
}

void
put_curves(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<section id=\"training\" aria-labelledby=\"training-title\">\n"
	    "<h2 id=\"training-title\">Training</h2>\n<p>Loss and accuracy are means over the rows since the point before, as they "
	    "were met in training");
	html_put(html, any_validation(page) ? "; thin lines are validations, of the images that were given for them.</p>\n" :
	    ".</p>\n");
	html_put(html, "<figure>\n<div class=\"charts\">\n");
	put_chart(html, page, LOG_LOSS, LOG_ACCURACY, false, "loss-chart",
	    by_rows(page) ? "The loss by rows" : "The loss by epoch", "loss");
	put_chart(html, page, LOG_ACCURACY, LOG_SERIES, true, "accuracy-chart",
	    by_rows(page) ? "The share of rows that are right, by rows" : "The share of rows that are right, by epoch",
	    "right");
	html_put(html, "</div>\n<figcaption>\n");
	put_legend(html, page);
	html_put(html, "</figcaption>\n</figure>\n</section>\n");
}
