/* The report as one JSON object. */
#include "score/private.h"

#include <math.h>
#include <stdlib.h>

static json_t *
number_json(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

/* Append to an array; on failure release it and return NULL. So a loop over members needs only one line. */
static json_t *
with(json_t *array, json_t *member)
{
	if (json_array_append_new(array, member) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *
share_json(struct myo_share share, bool interval)
{
	json_t *object = json_pack("{s:f, s:I, s:I}", "percent", score_percent(share.hits, share.of), "hits",
	    (json_int_t)share.hits, "of", (json_int_t)share.of);

	if (interval && json_object_set_new(object, "interval",
	    json_pack("[f, f]", 100 * share.low, 100 * share.high)) != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *
counts_json(const int64_t *counts, size_t number)
{
	json_t *array = json_array();

	for (size_t i = 0; i < number && array != NULL; i++)
		array = with(array, json_integer((json_int_t)counts[i]));
	return array;
}

static json_t *
confusion_json(const struct myo_result *r)
{
	json_t *rows = json_array();

	for (size_t k = 0; k < r->classes && rows != NULL; k++)
		rows = with(rows, counts_json(r->confusion + k * r->classes, r->classes));
	return rows;
}

static json_t *
names_json(const struct myo_header *header)
{
	json_t *names = json_array();

	for (size_t k = 0; k < header->class_count && names != NULL; k++)
		names = with(names, json_string(header->classes[k]));
	return names;
}

static json_t *
by_class_json(const struct myo_result *r)
{
	json_t *classes = json_array();

	for (size_t k = 0; k < r->classes && classes != NULL; k++) {
		const struct myo_quality q = myo_result_quality(r, k);
		classes = with(classes,
		    json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "images", (json_int_t)q.images, "predicted",
		    (json_int_t)q.predicted, "hits", (json_int_t)q.hits, "recall", number_json(100 * q.recall),
		    "precision", number_json(100 * q.precision), "f1", number_json(100 * q.f1)));
	}
	return classes;
}

static json_t *
macro_json(const struct myo_result *r)
{
	const struct myo_macro m = myo_result_macro(r);

	return json_pack("{s:I, s:f, s:f, s:f}", "classes", (json_int_t)m.classes, "recall",
	    100 * m.recall, "precision", 100 * m.precision, "f1", 100 * m.f1);
}

static json_t *
bins_json(const struct myo_result *r)
{
	json_t *bins = json_array();

	for (int i = 0; i < MYO_BINS && bins != NULL; i++)
		bins = with(bins, json_pack("{s:[f, f], s:I, s:I, s:o}", "probability", (double)i / MYO_BINS,
		    (double)(i + 1) / MYO_BINS, "images", (json_int_t)r->bins[i].count, "correct",
		    (json_int_t)r->bins[i].correct, "confidence",
		    r->bins[i].count > 0 ? json_real(r->bins[i].confidence) : json_null()));
	return bins;
}

static json_t *
by_tiles_json(const struct myo_result *r)
{
	json_t *counts = json_array();

	for (size_t i = 0; i < r->tile_count_number && counts != NULL; i++) {
		const struct myo_tile_count *c = &r->tile_counts[i];
		counts = with(counts, json_pack("{s:I, s:I, s:o, s:o, s:o}", "tiles", (json_int_t)c->tiles, "enough",
		    (json_int_t)c->enough, "mean_probability", share_json(c->mean_probability, true), "mean_logit",
		    share_json(c->mean_logit, true), "vote", share_json(c->vote, true)));
	}
	return counts;
}

static json_t *
by_position_json(const struct myo_result *r)
{
	json_t *positions = json_array();

	for (size_t i = 0; i < r->position_number && positions != NULL; i++) {
		const struct myo_position *p = &r->positions[i];
		positions = with(positions, json_pack("{s:i, s:i, s:o}", "y", (int)p->y, "x", (int)p->x, "accuracy",
		    share_json(p->share, true)));
	}
	return positions;
}

static json_t *
against_json(const struct myo_agreement *a)
{
	return json_pack("{s:I, s:o, s:o, s:{s:f, s:[f, f]}, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:f}", "images",
	    (json_int_t)a->images, "accuracy", share_json(a->these, true), "other_accuracy", share_json(a->those, true),
	    "difference", "points", 100 * a->difference, "interval", 100 * a->low, 100 * a->high, "same",
	    share_json(a->same, true), "kappa", number_json(a->kappa), "both", (json_int_t)a->both, "only_this",
	    (json_int_t)a->only_these, "only_that", (json_int_t)a->only_those, "neither", (json_int_t)a->neither,
	    "neither_same", (json_int_t)a->neither_same, "p", a->p);
}

/* Add what is there only if it was asked for. False: no memory. */
static bool
add_tables(json_t *all, const struct myo_score_report *report, const struct myo_result *r)
{
	return (r->tile_count_number == 0 || json_object_set_new(all, "by_tiles", by_tiles_json(r)) == 0) &&
	    (r->position_number == 0 || json_object_set_new(all, "by_position", by_position_json(r)) == 0) &&
	    (report->against == NULL || json_object_set_new(all, "against", against_json(report->against)) == 0);
}

int
myo_score_json(FILE *to, const struct myo_score_report *report, const struct myo_result *r,
    const struct myo_header *header, struct myo_err *err)
{
	json_t *all = json_pack("{s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:o, s:o, s:o, s:o}",
	    "rows", (json_int_t)r->rows, "images", (json_int_t)r->images, "unlabelled", (json_int_t)r->unlabelled,
	    "accuracy", share_json(r->mean_probability, true), "k", (json_int_t)r->top,
	    "top", share_json(r->mean_top, true), "mean_logit", share_json(r->mean_logit, true),
	    "vote", share_json(r->vote, true), "tiles", share_json(r->tiles, false), "loss", r->loss,
	    "tiles_loss", r->tiles_loss, "calibration_error", r->calibration_error, "bins", bins_json(r),
	    "classes", names_json(header), "by_class", by_class_json(r), "macro", macro_json(r),
	    "confusion", confusion_json(r));

	if (all == NULL || !add_tables(all, report, r)) {
		json_decref(all);
		return myo_fail_memory(err, r->classes * r->classes * sizeof *r->confusion);
	}
	char *text = myo_json_text(all, JSON_REAL_PRECISION(12), err);
	json_decref(all);
	if (text == NULL)
		return MYO_FAIL;
	(void)fprintf(to, "%s\n", text);
	free(text);
	return MYO_OK;
}
