/* What came out, for people and for programs. */
#include "score/score.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NAME = 24, MANY_CLASSES = 20, WORST_CLASSES = 10 };

static double
percent(int64_t hits, int64_t of)
{
	return of > 0 ? 100.0 * (double)hits / (double)of : 0;
}

/* ---- text ---------------------------------------------------------------------------------- */

static void
share_text(FILE *to, const char *what, struct myo_share share, bool interval)
{
	(void)fprintf(to, "%-*s %6.2f%%  (%" PRId64 " of %" PRId64, NAME, what, percent(share.hits, share.of), share.hits,
	    share.of);
	if (interval)
		(void)fprintf(to, "; 95%% interval %.2f to %.2f", 100 * share.low, 100 * share.high);
	(void)fprintf(to, ")\n");
}

/* A class as people call it. Names come from the stream, so nothing in them may steer a terminal. */
static const char *
class_text(const struct myo_header *header, size_t number, char *buffer, size_t size)
{
	if (number >= header->class_count) {
		(void)snprintf(buffer, size, "class %zu", number);
		return buffer;
	}
	size_t at = 0;
	for (const char *c = header->classes[number]; *c != '\0' && at + 1 < size; c++)
		buffer[at++] = (unsigned char)*c < ' ' || *c == 127 ? '?' : *c;
	buffer[at] = '\0';
	return buffer;
}

struct class_share {
	size_t number;
	struct myo_share share;
};

/* Worst first; among equals in the order of the classes. */
static int
compare_classes(const void *a, const void *b)
{
	const struct class_share *x = a, *y = b;
	const double p = percent(x->share.hits, x->share.of), q = percent(y->share.hits, y->share.of);

	if (p < q || p > q)
		return p < q ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int
classes_text(FILE *to, const struct myo_report *report, const struct myo_result *r, const struct myo_header *header,
    struct myo_err *err)
{
	struct class_share *classes = myo_calloc(r->classes, sizeof *classes, err);
	char name[64];
	size_t count = 0;

	if (classes == NULL)
		return MYO_FAIL;
	for (size_t k = 0; k < r->classes; k++) {
		const struct myo_share share = myo_result_class(r, k);
		if (share.of > 0)
			classes[count++] = (struct class_share){ k, share };
	}
	const bool worst = count > MANY_CLASSES && !report->all_classes;
	if (worst) {
		qsort(classes, count, sizeof *classes, compare_classes);
		(void)fprintf(to, "\naccuracy of the %d worst of %zu classes\n", WORST_CLASSES, count);
		count = WORST_CLASSES;
	} else {
		(void)fprintf(to, "\naccuracy by class\n");
	}
	for (size_t i = 0; i < count; i++)
		(void)fprintf(to, "  %-*s %6.2f%%  (%" PRId64 " of %" PRId64 ")\n", NAME - 2,
		    class_text(header, classes[i].number, name, sizeof name),
		    percent(classes[i].share.hits, classes[i].share.of), classes[i].share.hits, classes[i].share.of);
	free(classes);
	return MYO_OK;
}

/* The largest entry beside the diagonal that comes after `last` in size, and then in place; `cells` when none does. */
static size_t
next_pair(const struct myo_result *r, size_t last)
{
	const size_t cells = r->classes * r->classes;
	size_t best = cells;

	for (size_t i = 0; i < cells; i++) {
		const int64_t count = r->confusion[i];
		if (i / r->classes == i % r->classes || count == 0 || (best < cells && count <= r->confusion[best]))
			continue;
		if (last == cells || count < r->confusion[last] || (count == r->confusion[last] && i > last))
			best = i;
	}
	return best;
}

static void
pairs_text(FILE *to, const struct myo_report *report, const struct myo_result *r, const struct myo_header *header)
{
	const size_t cells = r->classes * r->classes;
	size_t pair = cells;
	char a[64], b[64];

	for (size_t n = 0; n < report->pairs; n++) {
		pair = next_pair(r, pair);
		if (pair == cells)
			return;
		if (n == 0)
			(void)fprintf(to, "\nmost confused\n");
		(void)fprintf(to, "  %5" PRId64 "  %s taken for %s\n", r->confusion[pair],
		    class_text(header, pair / r->classes, a, sizeof a), class_text(header, pair % r->classes, b, sizeof b));
	}
}

static void
confusion_text(FILE *to, const struct myo_result *r, const struct myo_header *header)
{
	char name[64];

	(void)fprintf(to, "\nconfusion: a line for each class, a column for what it was taken for\n%*s", NAME, "");
	for (size_t j = 0; j < r->classes; j++)
		(void)fprintf(to, " %6zu", j);
	(void)fprintf(to, "\n");
	for (size_t k = 0; k < r->classes; k++) {
		(void)fprintf(to, "%4zu %-*.*s", k, NAME - 5, NAME - 5, class_text(header, k, name, sizeof name));
		for (size_t j = 0; j < r->classes; j++)
			(void)fprintf(to, " %6" PRId64, r->confusion[k * r->classes + j]);
		(void)fprintf(to, "\n");
	}
}

static void
calibration_text(FILE *to, const struct myo_result *r)
{
	(void)fprintf(to, "\nreliability: images by the probability of their first choice\n");
	(void)fprintf(to, "  %-12s %8s %10s %10s\n", "probability", "images", "mean", "accuracy");
	for (int i = 0; i < MYO_BINS; i++)
		if (r->bins[i].count > 0)
			(void)fprintf(to, "  %.2f to %.2f %8" PRId64 " %9.2f%% %9.2f%%\n", (double)i / MYO_BINS,
			    (double)(i + 1) / MYO_BINS, r->bins[i].count, 100 * r->bins[i].confidence,
			    percent(r->bins[i].correct, r->bins[i].count));
}

int
myo_report_text(FILE *to, const struct myo_report *report, const struct myo_result *r, const struct myo_header *header,
    struct myo_err *err)
{
	char top[32];

	(void)snprintf(top, sizeof top, "top-%zu accuracy", r->top);
	share_text(to, "accuracy", r->mean_probability, true);
	if (r->top > 1 && r->top < r->classes)
		share_text(to, top, r->mean_top, true);
	if (r->tiled) {
		(void)fprintf(to, "\n%" PRId64 " tiles of %" PRId64 " images, an image by the mean probability of its tiles;\n",
		    r->rows, r->images);
		share_text(to, "by their mean logit", r->mean_logit, true);
		share_text(to, "by their vote", r->vote, true);
		share_text(to, "each tile by itself", r->tiles, false);
		(void)fprintf(to, "\n");
	}
	(void)fprintf(to, "%-*s %6.4f\n", NAME, "loss", r->loss);
	(void)fprintf(to, "%-*s %6.2f%%\n", NAME, "calibration error", 100 * r->calibration_error);
	if (r->unlabelled > 0)
		(void)fprintf(to, "%-*s %" PRId64 ", left out\n", NAME, "rows without a label", r->unlabelled);
	if (classes_text(to, report, r, header, err) != MYO_OK)
		return MYO_FAIL;
	pairs_text(to, report, r, header);
	if (report->confusion)
		confusion_text(to, r, header);
	if (report->calibration)
		calibration_text(to, r);
	return MYO_OK;
}

/* ---- for programs ------------------------------------------------------------------------------ */

static json_t *
share_json(struct myo_share share, bool interval)
{
	json_t *object = json_pack("{s:f, s:I, s:I}", "percent", percent(share.hits, share.of), "hits",
	    (json_int_t)share.hits, "of", (json_int_t)share.of);

	if (interval && json_object_set_new(object, "interval",
	    json_pack("[f, f]", 100 * share.low, 100 * share.high)) != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* An array of whole numbers. */
static json_t *
counts_json(const int64_t *counts, size_t number)
{
	json_t *array = json_array();

	for (size_t i = 0; i < number; i++)
		if (json_array_append_new(array, json_integer((json_int_t)counts[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
confusion_json(const struct myo_result *r)
{
	json_t *rows = json_array();

	for (size_t k = 0; k < r->classes; k++)
		if (json_array_append_new(rows, counts_json(r->confusion + k * r->classes, r->classes)) != 0) {
			json_decref(rows);
			return NULL;
		}
	return rows;
}

static json_t *
classes_json(const struct myo_header *header)
{
	json_t *names = json_array();

	for (size_t k = 0; k < header->class_count; k++)
		if (json_array_append_new(names, json_string(header->classes[k])) != 0) {
			json_decref(names);
			return NULL;
		}
	return names;
}

static json_t *
bins_json(const struct myo_result *r)
{
	json_t *bins = json_array();

	for (int i = 0; i < MYO_BINS; i++)
		if (json_array_append_new(bins, json_pack("{s:[f, f], s:I, s:I, s:f}", "probability", (double)i / MYO_BINS,
		    (double)(i + 1) / MYO_BINS, "images", (json_int_t)r->bins[i].count, "correct",
		    (json_int_t)r->bins[i].correct, "confidence", r->bins[i].confidence)) != 0) {
			json_decref(bins);
			return NULL;
		}
	return bins;
}

int
myo_report_json(FILE *to, const struct myo_result *r, const struct myo_header *header, struct myo_err *err)
{
	json_t *all = json_pack("{s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:o, s:o}",
	    "rows", (json_int_t)r->rows, "images", (json_int_t)r->images, "unlabelled", (json_int_t)r->unlabelled,
	    "accuracy", share_json(r->mean_probability, true), "k", (json_int_t)r->top,
	    "top", share_json(r->mean_top, true), "mean_logit", share_json(r->mean_logit, true),
	    "vote", share_json(r->vote, true), "tiles", share_json(r->tiles, false), "loss", r->loss,
	    "tiles_loss", r->tiles_loss, "calibration_error", r->calibration_error, "bins", bins_json(r),
	    "classes", classes_json(header), "confusion", confusion_json(r));

	if (all == NULL)
		return myo_fail_memory(err, r->classes * r->classes * sizeof *r->confusion);
	char *text = myo_json_text(all, JSON_REAL_PRECISION(12), err);
	json_decref(all);
	if (text == NULL)
		return MYO_FAIL;
	(void)fprintf(to, "%s\n", text);
	free(text);
	return MYO_OK;
}

void
myo_report_tsv(FILE *to, const struct myo_result *r)
{
	(void)fprintf(to, "images\trows\taccuracy\tlow\thigh\ttop\tk\tmean_logit\tvote\ttiles\tloss\tcalibration_error\n");
	(void)fprintf(to, "%" PRId64 "\t%" PRId64 "\t%.4f\t%.4f\t%.4f\t%.4f\t%zu\t%.4f\t%.4f\t%.4f\t%.6f\t%.6f\n", r->images,
	    r->rows, percent(r->mean_probability.hits, r->mean_probability.of), 100 * r->mean_probability.low,
	    100 * r->mean_probability.high, percent(r->mean_top.hits, r->mean_top.of), r->top,
	    percent(r->mean_logit.hits, r->mean_logit.of), percent(r->vote.hits, r->vote.of),
	    percent(r->tiles.hits, r->tiles.of), r->loss, r->calibration_error);
}
