/* How trainings went, from their logs. */
#include "report/chart.h"
#include "report/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STYLES = 6 }; /* of lines, in report.css */

/* A member of all points of a log, in order; NaN where there is none. */
static void
column(const struct log *log, size_t offset, double *out)
{
	for (size_t i = 0; i < log->count; i++)
		out[i] = *(const double *)(const void *)((const char *)&log->points[i] + offset);
}

static void
widen(struct myo_scale *scale, const double *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (isnan(values[i]))
			continue;
		scale->low = fmin(scale->low, values[i]);
		scale->high = fmax(scale->high, values[i]);
	}
}

/* A column of a log, by epoch. */
struct series {
	double epoch[LOG_POINTS], value[LOG_POINTS];
	size_t count;
};

static void
take_series(const struct log *log, size_t offset, struct series *series)
{
	series->count = log->count;
	column(log, offsetof(struct log_point, epoch), series->epoch);
	column(log, offset, series->value);
}

static void
fit_chart(const struct myo_report_page *page, const size_t *offsets, size_t count, struct chart *chart,
    struct series *series)
{
	chart->x = chart->y = (struct myo_scale)MYO_SCALE_INIT;
	chart->x.low = 0;
	for (size_t i = 0; i < page->log_count; i++)
		for (size_t c = 0; c < count; c++) {
			take_series(&page->logs[i], offsets[c], series);
			widen(&chart->x, series->epoch, series->count);
			widen(&chart->y, series->value, series->count);
		}
	if (chart->y_percent)
		chart->y = (struct myo_scale){ 0, 1 };
	else
		chart->y.low = fmin(chart->y.low, 0);
	myo_scale_settle(&chart->x);
	myo_scale_settle(&chart->y);
}

/* A chart of some columns of all logs: a colour for each log, and thick lines for the first column. */
static void
put_chart(struct html *html, const struct myo_report_page *page, const size_t *offsets, size_t count, bool percent,
    const char *id, const char *says, const char *words, struct series *series)
{
	struct chart chart = { .y_percent = percent };
	char style[32];

	fit_chart(page, offsets, count, &chart, series);
	chart_begin(html, &chart, id, says, "epoch", words);
	for (size_t i = 0; i < page->log_count; i++)
		for (size_t c = 0; c < count; c++) {
			take_series(&page->logs[i], offsets[c], series);
			(void)snprintf(style, sizeof style, "curve l%zu%s", i % STYLES, c > 0 ? " validation" : "");
			chart_line(html, &chart, style, series->epoch, series->value, series->count);
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
		html_print(html, ": %.4g epochs", log->last.epoch);
		if (!isnan(log->last.loss))
			html_print(html, ", loss %.3f at the end", log->last.loss);
		put_percent(html, ", right in training ", log->last.share[LOG_ACCURACY]);
		put_percent(html, ", in validation ", log->last.share[LOG_VALIDATION]);
		html_put(html, "</li>\n");
	}
	html_put(html, "</ul>\n");
}

static bool
any_validation(const struct myo_report_page *page)
{
	for (size_t i = 0; i < page->log_count; i++)
		if (page->logs[i].has_validation)
			return true;
	return false;
}

int
put_curves(struct html *html, const struct myo_report_page *page, struct myo_err *err)
{
	const size_t loss = offsetof(struct log_point, loss);
	size_t shares[LOG_SHARES];
	struct series *const series = myo_calloc(1, sizeof *series, err);

	if (series == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < LOG_SHARES; i++)
		shares[i] = offsetof(struct log_point, share) + i * sizeof(double);
	html_put(html, "<section id=\"training\" aria-labelledby=\"training-title\">\n"
	    "<h2 id=\"training-title\">Training</h2>\n<p>Loss and accuracy are means over the rows since the point before, as they "
	    "were met in training");
	html_put(html, any_validation(page) ? "; thin lines are validations, of data that wasn't trained on.</p>\n" : ".</p>\n");
	html_put(html, "<figure>\n<div class=\"charts\">\n");
	put_chart(html, page, &loss, 1, false, "loss-chart", "The loss by epoch", "loss", series);
	put_chart(html, page, shares, LOG_SHARES, true, "accuracy-chart", "The share of rows that are right, by epoch",
	    "right", series);
	html_put(html, "</div>\n<figcaption>\n");
	put_legend(html, page);
	html_put(html, "</figcaption>\n</figure>\n</section>\n");
	free(series);
	return MYO_OK;
}
