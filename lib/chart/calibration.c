/* How far probabilities can be believed: a reliability diagram over a histogram. */
#include "chart/private.h"
#include "score/score.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { SHARES = 0, NUMBERS = 1 };

static void
set_axes(struct myo_chart *chart)
{
	struct myo_chart_panel *const shares = &chart->panel[SHARES], *const numbers = &chart->panel[NUMBERS];

	chart->panels = 2;
	chart->stacked = true;
	shares->x.range = shares->y.range = numbers->x.range = (struct myo_scale){ 0, 100 };
	numbers->y.zero = true;
	(void)snprintf(numbers->x.title, sizeof numbers->x.title, "probability of the first choice (%%)");
	(void)snprintf(shares->y.title, sizeof shares->y.title, "accuracy (%%)");
	(void)snprintf(numbers->y.title, sizeof numbers->y.title, "images");
}

static int
add_diagonal(struct myo_chart *chart, struct myo_err *err)
{
	const struct myo_chart_look look = { .style = MYO_CHART_GUIDE, .dashes = 1, .grey = true };
	struct myo_chart_series *const series = chart_series(&chart->panel[SHARES], &look, err);

	if (series == NULL || chart_point(series, 0, 0, NAN, NAN, err) != MYO_OK ||
	    chart_point(series, 100, 100, NAN, NAN, err) != MYO_OK)
		return MYO_FAIL;
	return chart_key(chart, "perfect calibration", &look, err);
}

static int
add_bars(struct myo_chart *chart, int panel, bool grey, const struct chart_report *report, struct myo_err *err)
{
	const struct myo_chart_look look = { .style = MYO_CHART_BARS, .grey = grey };
	struct myo_chart_series *const series = chart_series(&chart->panel[panel], &look, err);

	if (series == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < report->bin_count; i++) {
		const struct chart_bin *const bin = &report->bins[i];
		const double accuracy = bin->images > 0 ? 100 * (double)bin->correct / (double)bin->images : 0;
		if (bin->images > 0 && chart_point(series, (bin->low + bin->high) / 2,
		    panel == SHARES ? accuracy : (double)bin->images, bin->low, bin->high, err) != MYO_OK)
			return MYO_FAIL;
	}
	return panel == SHARES ? chart_key(chart, "accuracy in the bin", &look, err) : MYO_OK;
}

/* Each bin's accuracy at its mean probability, with Wilson's interval. */
static int
add_marks(struct myo_chart *chart, const struct chart_report *report, struct myo_err *err)
{
	const struct myo_chart_look look = { .style = MYO_CHART_MARKS };
	struct myo_chart_series *const series = chart_series(&chart->panel[SHARES], &look, err);

	if (series == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < report->bin_count; i++) {
		const struct chart_bin *const bin = &report->bins[i];
		const struct myo_share share = myo_share_of(bin->correct, bin->images);
		if (bin->images > 0 &&
		    chart_point(series, bin->confidence, 100 * (double)bin->correct / (double)bin->images,
		    100 * share.low, 100 * share.high, err) != MYO_OK)
			return MYO_FAIL;
	}
	return chart_key(chart, "at its mean probability, with its 95% interval", &look, err);
}

/* The calibration error, and which way the probabilities are wrong. */
static int
put_words(struct myo_chart *chart, const struct chart_report *report, struct myo_err *err)
{
	double probable = 0, right = 0, images = 0, error = 0, variance = 0;
	char number[CHART_LABEL];

	for (size_t i = 0; i < report->bin_count; i++) {
		const struct chart_bin *const bin = &report->bins[i];
		images += (double)bin->images;
		right += (double)bin->correct;
		probable += (double)bin->images * bin->confidence;
		error += fabs(100 * (double)bin->correct - (double)bin->images * bin->confidence);
		variance += (double)bin->images * bin->confidence / 100 * (1 - bin->confidence / 100);
	}
	if (!(images > 0))
		return myo_fail(err, "no image in any of its bins");
	const double over = (probable - 100 * right) / images;
	char offset[48] = "";
	/* more than 1.96 standard deviations of what chance gives if probabilities are perfectly calibrated */
	if (fabs(over) > 100 * 1.96 * sqrt(variance) / images)
		(void)snprintf(offset, sizeof offset, "; probabilities %.1f too %s", fabs(over), over < 0 ? "low" : "high");
	chart_label(number, images, 0);
	(void)snprintf(chart->subtitle, sizeof chart->subtitle, "Calibration error %.1f points over %s images%s",
	    isnan(report->error) ? error / images : report->error, number, offset);
	return MYO_OK;
}

int
myo_chart_calibration(const char *path, struct myo_chart **out, struct myo_err *err)
{
	struct chart_report report;

	*out = NULL;
	if (chart_report_read(path, true, &report, err) != MYO_OK || myo_chart_new(out, err) != MYO_OK)
		return MYO_FAIL;
	set_axes(*out);
	int rc = put_words(*out, &report, err);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", chart_file(path));
	if (rc == MYO_OK)
		rc = add_bars(*out, SHARES, false, &report, err);
	if (rc == MYO_OK)
		rc = add_marks(*out, &report, err);
	if (rc == MYO_OK)
		rc = add_diagonal(*out, err);
	if (rc == MYO_OK)
		rc = add_bars(*out, NUMBERS, true, &report, err);
	if (rc != MYO_OK) {
		myo_chart_free(*out);
		*out = NULL;
	}
	return rc;
}
