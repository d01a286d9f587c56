/* The table of scores, for people and for programs. */
#include "heat/heat.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *
name_of(const struct myo_header *header, size_t index)
{
	return index < header->class_count ? header->classes[index] : "(mean)";
}

static int
need_scores(const struct myo_heat_scores *scores, const struct myo_header *header, struct myo_err *err)
{
	struct myo_heat_line line;

	if (myo_heat_scores_line(scores, header->class_count, &line) == MYO_OK)
		return MYO_OK;
	return myo_fail(err, "no scores: none of the images has a mask or a box with a pixel in it");
}

enum { NUMBER = 32 };

/* A number with so many decimals, or `none` if it is undefined, in `text`, which is returned. */
static const char *
number_text(char text[NUMBER], double value, int decimals, const char *none)
{
	if (isnan(value))
		(void)snprintf(text, NUMBER, "%s", none);
	else
		(void)snprintf(text, NUMBER, "%.*f", decimals, value);
	return text;
}

/* ---- text ------------------------------------------------------------------------------------ */

enum { LEAST_NAME = 8, MOST_NAME = 40 };

static size_t
name_width(const struct myo_heat_scores *scores, const struct myo_header *header)
{
	size_t widest = LEAST_NAME;
	struct myo_heat_line line;

	for (size_t i = 0; i < header->class_count; i++) {
		if (myo_heat_scores_line(scores, i, &line) != MYO_OK)
			continue;
		const size_t width = myo_characters(name_of(header, i));
		widest = width > widest ? width : widest;
	}
	return widest < MOST_NAME ? widest : MOST_NAME;
}

/* A measure's mean and, if it is known, its interval: in whole per cent, or as a plain number with two decimals. */
static void
put_mean(FILE *to, const struct myo_heat_line *line, enum myo_heat_measure m, bool percent, bool interval, int width)
{
	const double by = percent ? 100 : 1, value = line->value[m], low = line->low[m], high = line->high[m];
	const int decimals = percent ? 0 : 2;
	const char *const unit = percent && !isnan(value) ? "%" : "";
	char text[4 * NUMBER], a[NUMBER], b[NUMBER], c[NUMBER];

	if (interval && !isnan(low))
		(void)snprintf(text, sizeof text, "%s%s (%s to %s)", number_text(a, by * value, decimals, "-"), unit,
		    number_text(b, by * low, decimals, "-"), number_text(c, by * high, decimals, "-"));
	else
		(void)snprintf(text, sizeof text, "%s%s", number_text(a, by * value, decimals, "-"), unit);
	(void)fprintf(to, " %*s", width, text);
}

int
myo_heat_scores_text(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err)
{
	struct myo_heat_line line;

	if (need_scores(scores, header, err) != MYO_OK)
		return MYO_FAIL;
	const size_t width = name_width(scores, header);
	(void)fprintf(to, "%-*s %6s %17s %5s %5s %6s %18s %17s %6s %5s %5s %5s %10s\n", (int)width, "heat for", "maps",
	    "on the object", "area", "lift", "others", "own", "pointing", "centre", "rank", "ROC", "IoU", "best IoU");
	for (size_t i = 0; i <= header->class_count; i++) {
		if (myo_heat_scores_line(scores, i, &line) != MYO_OK)
			continue;
		myo_put_column(to, name_of(header, i), width);
		(void)fprintf(to, " %6zu", line.maps);
		put_mean(to, &line, MYO_HEAT_ENERGY, true, true, 17);
		put_mean(to, &line, MYO_HEAT_AREA, true, false, 5);
		put_mean(to, &line, MYO_HEAT_LIFT, false, false, 5);
		put_mean(to, &line, MYO_HEAT_OTHERS, true, false, 6);
		put_mean(to, &line, MYO_HEAT_OWN, false, true, 18);
		put_mean(to, &line, MYO_HEAT_POINTING, true, true, 17);
		put_mean(to, &line, MYO_HEAT_CENTRE, true, false, 6);
		put_mean(to, &line, MYO_HEAT_RANK, false, false, 5);
		put_mean(to, &line, MYO_HEAT_ROC, false, false, 5);
		put_mean(to, &line, MYO_HEAT_IOU, false, false, 5);
		(void)fprintf(to, " %.2f @%.2f\n", line.best_iou, line.best_threshold);
	}
	if (myo_heat_scores_line(scores, header->class_count, &line) == MYO_OK && line.empty > 0)
		(void)fprintf(to, "%zu of %zu maps have no positive heat and count for no share on the object\n",
		    line.empty, line.maps);
	return MYO_OK;
}

/* ---- for programs ------------------------------------------------------------------------------- */

int
myo_heat_scores_tsv(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err)
{
	struct myo_heat_line line;
	char a[NUMBER], b[NUMBER], c[NUMBER];

	if (need_scores(scores, header, err) != MYO_OK)
		return MYO_FAIL;
	(void)fprintf(to, "class\tmaps\tempty");
	for (int m = 0; m < MYO_HEAT_MEASURES; m++)
		(void)fprintf(to, "\t%s\t%s_low\t%s_high", myo_heat_measure_names[m], myo_heat_measure_names[m],
		    myo_heat_measure_names[m]);
	(void)fprintf(to, "\tbest_iou\tbest_threshold\n");
	for (size_t i = 0; i <= header->class_count; i++) {
		if (myo_heat_scores_line(scores, i, &line) != MYO_OK)
			continue;
		myo_put_text(to, name_of(header, i));
		(void)fprintf(to, "\t%zu\t%zu", line.maps, line.empty);
		for (int m = 0; m < MYO_HEAT_MEASURES; m++)
			(void)fprintf(to, "\t%s\t%s\t%s", number_text(a, line.value[m], 4, "NA"),
			    number_text(b, line.low[m], 4, "NA"), number_text(c, line.high[m], 4, "NA"));
		(void)fprintf(to, "\t%.4f\t%.2f\n", line.best_iou, line.best_threshold);
	}
	return MYO_OK;
}

/* A number, or null where there is none. */
static json_t *
number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
line_json(const char *name, const struct myo_heat_line *line)
{
	json_t *object = json_pack("{s:s, s:I, s:I, s:o, s:o}", "class", name, "maps", (json_int_t)line->maps, "empty",
	    (json_int_t)line->empty, "best_iou", number(line->best_iou), "best_threshold",
	    number(line->best_threshold));

	for (int m = 0; object != NULL && m < MYO_HEAT_MEASURES; m++) {
		json_t *const measure = json_pack("{s:o, s:o, s:o}", "mean", number(line->value[m]), "low",
		    number(line->low[m]),
		    "high", number(line->high[m]));
		if (json_object_set_new(object, myo_heat_measure_names[m], measure) != 0) {
			json_decref(object);
			object = NULL;
		}
	}
	return object;
}

int
myo_heat_scores_json(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err)
{
	json_t *const all = json_object(), *const classes = json_array();
	struct myo_heat_line line;
	int status = need_scores(scores, header, err);
	bool whole = all != NULL && classes != NULL;

	for (size_t i = 0; status == MYO_OK && whole && i <= header->class_count; i++) {
		if (myo_heat_scores_line(scores, i, &line) != MYO_OK)
			continue;
		json_t *const object = line_json(name_of(header, i), &line);
		whole = i < header->class_count ? json_array_append_new(classes, object) == 0
		                                : json_object_set_new(all, "mean", object) == 0;
	}
	if (status == MYO_OK && !(whole && json_object_set(all, "classes", classes) == 0))
		status = myo_fail_memory(err, sizeof line * header->class_count);
	char *const text = status == MYO_OK ? myo_json_text(all, JSON_REAL_PRECISION(9), err) : NULL;
	if (text != NULL)
		(void)fprintf(to, "%s\n", text);
	else
		status = MYO_FAIL;
	free(text);
	json_decref(classes);
	json_decref(all);
	return status;
}
