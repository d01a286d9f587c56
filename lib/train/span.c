/* Lengths of training, as people write them. */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
myo_span_parse(const char *text, struct myo_span *out, struct myo_err *err)
{
	char *end;

	*out = (struct myo_span){ strtod(text, &end), 'e' };
	if (end != text && (*end == '%' || *end == 's'))
		out->unit = *end++;
	if (end == text || *end != '\0' || !isfinite(out->value) || out->value < 0 || out->value > 1e12 ||
	    (out->unit == '%' && out->value > 100) || (out->unit == 's' && out->value != floor(out->value)))
		return myo_fail(err, "'%.60s' is no length of training: write 5 or 0.5 (epochs), 30%% (of the run), "
		    "or 200s (steps)", text);
	return MYO_OK;
}

int
myo_span_steps(const struct myo_span *span, double total, double epoch, int64_t *steps, struct myo_err *err)
{
	double length = span->value;

	if (span->unit == '%') {
		if (total <= 0 && length > 0)
			return myo_fail(err, "the length of the run is not known, so %g%% of it isn't either", length);
		length *= total / 100;
	} else if (span->unit == 'e') {
		if (epoch <= 0 && length > 0)
			return myo_fail(err, "the length of an epoch is not known, so %g of them isn't either: "
			    "write steps, as in 200s", length);
		length *= epoch;
	}
	if (length > 1e15)
		return myo_fail(err, "%g steps are too many", length);
	*steps = (int64_t)llround(length);
	return MYO_OK;
}

int
myo_span_list(const char *text, double total, double epoch, int64_t **out, size_t *count, struct myo_err *err)
{
	char *copy = myo_strdup(text, err);
	int64_t *list = copy != NULL ? myo_calloc(strlen(text) / 2 + 1, sizeof *list, err) : NULL;
	int rc = list != NULL ? MYO_OK : MYO_FAIL;

	*out = NULL;
	*count = 0;
	for (char *item = copy; rc == MYO_OK && item != NULL;) {
		struct myo_span span;
		char *comma = strchr(item, ',');
		if (comma != NULL)
			*comma++ = '\0';
		rc = myo_span_parse(item, &span, err);
		if (rc == MYO_OK)
			rc = myo_span_steps(&span, total, epoch, &list[*count], err);
		if (rc == MYO_OK && *count > 0 && list[*count] <= list[*count - 1])
			rc = myo_fail(err, list[*count] < list[*count - 1] ? "'%.100s' is not in ascending order" :
			    "two of '%.100s' fall on the same step", text);
		++*count;
		item = comma;
	}
	free(copy);
	if (rc != MYO_OK) {
		free(list);
		return MYO_FAIL;
	}
	*out = list;
	return MYO_OK;
}

int
myo_duration_parse(const char *text, double *seconds, struct myo_err *err)
{
	double unit = 1;
	char *end;

	*seconds = strtod(text, &end);
	if (end != text && *end != '\0') {
		unit = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : 0;
		end++;
	}
	*seconds *= unit;
	if (end == text || *end != '\0' || !isfinite(*seconds) || *seconds <= 0 || *seconds > 1e9)
		return myo_fail(err, "'%.60s' is no time: write 90s, 10m or 1.5h", text);
	return MYO_OK;
}
