/* The reports of myopic-eval, which are JSON. */
#include "chart/private.h"
#include "stream/stream.h"

#include <math.h>
#include <stdlib.h>

/* A member of an object that must be a number in [least, most]; MYO_END if there is none of that name. */
static int
number_of(const json_t *object, const char *key, double least, double most, double *out, struct myo_err *err)
{
	const json_t *const value = json_object_get(object, key);

	*out = NAN;
	if (value == NULL)
		return MYO_END;
	if (json_is_number(value))
		*out = json_number_value(value);
	if (!(*out >= least && *out <= most))
		return myo_fail(err, "its '%s' is no number from %g to %g", key, least, most);
	return MYO_OK;
}

/* The same for one that must be there. */
static int
need_number(const json_t *object, const char *key, double least, double most, double *out, struct myo_err *err)
{
	const int rc = number_of(object, key, least, most, out, err);

	return rc == MYO_END ? myo_fail(err, "there is no '%s' in it", key) : rc;
}

static int
need_pair(const json_t *object, const char *key, double most, double *low, double *high, struct myo_err *err)
{
	const json_t *const pair = json_object_get(object, key);

	*low = json_number_value(json_array_get(pair, 0));
	*high = json_number_value(json_array_get(pair, 1));
	if (json_array_size(pair) != 2 || !json_is_number(json_array_get(pair, 0)) ||
	    !json_is_number(json_array_get(pair, 1)) || !(*low >= 0 && *low <= *high && *high <= most))
		return myo_fail(err, "its '%s' is no pair of numbers from 0 to %g", key, most);
	return MYO_OK;
}

static int
read_accuracy(const json_t *all, struct chart_report *report, struct myo_err *err)
{
	const json_t *const accuracy = json_object_get(all, "accuracy");

	report->low = report->high = NAN;
	if (!json_is_object(accuracy))
		return myo_fail(err, "is no report of myopic-eval: there is no 'accuracy' in it");
	if (need_number(accuracy, "percent", 0, 100, &report->accuracy, err) != MYO_OK)
		return MYO_FAIL;
	if (json_object_get(accuracy, "interval") == NULL)
		return MYO_OK;
	return need_pair(accuracy, "interval", 100, &report->low, &report->high, err);
}

static int
read_bin(const json_t *object, struct chart_bin *bin, struct myo_err *err)
{
	const json_t *const images = json_object_get(object, "images"),
	    *const correct = json_object_get(object, "correct");

	bin->confidence = NAN;
	if (need_pair(object, "probability", 1, &bin->low, &bin->high, err) != MYO_OK ||
	    (!json_is_null(json_object_get(object, "confidence")) &&
	    need_number(object, "confidence", 0, 1, &bin->confidence, err) != MYO_OK))
		return MYO_FAIL;
	bin->low *= 100;
	bin->high *= 100;
	bin->confidence *= 100;
	bin->images = json_integer_value(images);
	bin->correct = json_integer_value(correct);
	if (bin->images == 0)
		bin->confidence = 0;
	if (!json_is_integer(images) || !json_is_integer(correct) || isnan(bin->confidence) ||
	    bin->correct < 0 || bin->correct > bin->images)
		return myo_fail(err, "its 'images' and 'correct' are no numbers of images");
	return MYO_OK;
}

static int
read_bins(const json_t *all, struct chart_report *report, struct myo_err *err)
{
	const json_t *const bins = json_object_get(all, "bins");
	const size_t count = json_array_size(bins);

	if (count < 1 || count > CHART_BINS)
		return myo_fail(err, "has no 'bins' of the calibration, or more than %d", CHART_BINS);
	for (size_t i = 0; i < count; i++)
		if (read_bin(json_array_get(bins, i), &report->bins[i], err) != MYO_OK) {
			myo_err_prefix(err, "bin %zu: ", i + 1);
			return MYO_FAIL;
		}
	report->bin_count = count;
	if (number_of(all, "calibration_error", 0, 1, &report->error, err) == MYO_FAIL)
		return MYO_FAIL;
	report->error *= 100;
	return MYO_OK;
}

int
chart_report_read(const char *path, bool bins, struct chart_report *report, struct myo_err *err)
{
	json_error_t wrong;
	char *text;
	size_t length;

	*report = (struct chart_report){ .error = NAN };
	if (chart_read(path, &text, &length, err) != MYO_OK)
		return MYO_FAIL;
	json_t *const all = json_loadb(text, length, 0, &wrong);
	free(text);
	if (all == NULL)
		return myo_fail(err, "%s:%d: is no JSON, as myopic-eval --json writes it: %s", chart_file(path), wrong.line, wrong.text);
	int rc = read_accuracy(all, report, err);
	if (rc == MYO_OK && bins)
		rc = read_bins(all, report, err);
	json_decref(all);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", chart_file(path));
	return rc;
}
