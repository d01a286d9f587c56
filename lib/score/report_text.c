/* The report for people. */
#include "score/private.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* NAME_MOST: the most characters of a name that are shown in a table. */
enum { NAME = 24, NAME_MOST = 40, MANY_CLASSES = 20, WORST_CLASSES = 10, MANY_PLACES = 32, WIDE = 16 };

double
score_percent(int64_t hits, int64_t of)
{
	return of > 0 ? 100.0 * (double)hits / (double)of : 0;
}

const char *
score_class_name(const struct myo_header *header, size_t number, char buffer[SCORE_NAME])
{
	if (number < header->class_count)
		return header->classes[number];
	(void)snprintf(buffer, SCORE_NAME, "class %zu", number);
	return buffer;
}

void
score_put_class(FILE *to, const struct myo_header *header, size_t number)
{
	char buffer[SCORE_NAME];

	myo_put_text(to, score_class_name(header, number, buffer));
}

static void
share_text(FILE *to, const char *what, struct myo_share share, bool interval)
{
	(void)fprintf(to, "%-*s %6.2f%%  (%" PRId64 " of %" PRId64, NAME, what, score_percent(share.hits, share.of),
	    share.hits, share.of);
	if (interval)
		(void)fprintf(to, "; 95%% interval %.2f to %.2f", 100 * share.low, 100 * share.high);
	(void)fprintf(to, ")\n");
}

/* ---- names in tables ---------------------------------------------------------------------------- */

/* The width of a column that has to hold this text, too. */
static size_t
wider(size_t width, const char *text)
{
	const size_t count = myo_characters(text), most = count < NAME_MOST ? count : NAME_MOST;

	return most > width ? most : width;
}

/* ---- classes -------------------------------------------------------------------------------- */

struct class_line {
	size_t number;
	struct myo_quality quality;
};

/* The worst first, and classes of only a few images last; among equals in the order of the classes. */
static int
compare_classes(const void *a, const void *b)
{
	static const int64_t handful = 10;
	const struct class_line *x = a, *y = b;
	const bool few = x->quality.images < handful, others_few = y->quality.images < handful;

	if (few != others_few)
		return few ? 1 : -1;

	if (x->quality.recall < y->quality.recall || x->quality.recall > y->quality.recall)
		return x->quality.recall < y->quality.recall ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static void
class_text(FILE *to, const char *name, size_t width, double recall, double precision, double f1)
{
	(void)fprintf(to, "  ");
	myo_put_column(to, name, width);
	(void)fprintf(to, " %6.2f%%", 100 * recall);
	if (isnan(precision))
		(void)fprintf(to, " %10s", "-");
	else
		(void)fprintf(to, " %9.2f%%", 100 * precision);
	(void)fprintf(to, " %7.2f%%", 100 * f1);
}

static int
classes_text(FILE *to, const struct myo_score_report *report, const struct myo_result *r,
    const struct myo_header *header, struct myo_err *err)
{
	struct class_line *lines = myo_calloc(r->classes, sizeof *lines, err);
	const struct myo_macro macro = myo_result_macro(r);
	char name[64], text[SCORE_NAME];
	size_t count = 0, width = NAME - 2;

	if (lines == NULL)
		return MYO_FAIL;
	for (size_t k = 0; k < r->classes; k++) {
		const struct myo_quality quality = myo_result_quality(r, k);
		if (quality.images > 0)
			lines[count++] = (struct class_line){ k, quality };
	}
	const bool worst = count > MANY_CLASSES && !report->all_classes;
	(void)snprintf(name, sizeof name, "by class");
	if (worst) {
		(void)snprintf(name, sizeof name, "%d worst of %zu classes", WORST_CLASSES, count);
		qsort(lines, count, sizeof *lines, compare_classes);
	}
	const size_t shown = worst ? WORST_CLASSES : count;
	for (size_t i = 0; i < shown; i++)
		width = wider(width, score_class_name(header, lines[i].number, text));
	(void)fprintf(to, "\n%-*s %7s %10s %8s %8s\n", (int)width + 2, name, "recall", "precision", "F1", "images");
	for (size_t i = 0; i < shown; i++) {
		const struct myo_quality *q = &lines[i].quality;
		class_text(to, score_class_name(header, lines[i].number, text), width, q->recall, q->precision, q->f1);
		(void)fprintf(to, " %8" PRId64 "\n", q->images);
	}
	class_text(to, worst ? "mean of all" : "mean", width, macro.recall, macro.precision, macro.f1);
	(void)fprintf(to, "\n");
	free(lines);
	return MYO_OK;
}

static int
pairs_text(FILE *to, const struct myo_score_report *report, const struct myo_result *r, const struct myo_header *header,
    struct myo_err *err)
{
	const size_t cells = r->classes * r->classes;
	struct myo_best best = { .most = report->pairs < cells ? report->pairs : cells };

	if (best.most == 0)
		return MYO_OK;
	if ((best.items = myo_calloc(best.most, sizeof *best.items, err)) == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < cells; i++)
		if (i / r->classes != i % r->classes && r->confusion[i] > 0)
			myo_best_offer(&best, i, (double)r->confusion[i]);
	for (size_t n = 0; n < best.count; n++) {
		const size_t pair = best.items[n].number;
		(void)fprintf(to, "%s  %5" PRId64 "  ", n == 0 ? "\nmost confused\n" : "", r->confusion[pair]);
		score_put_class(to, header, pair / r->classes);
		(void)fprintf(to, " taken for ");
		score_put_class(to, header, pair % r->classes);
		(void)fprintf(to, "\n");
	}
	free(best.items);
	return MYO_OK;
}

static void
confusion_text(FILE *to, const struct myo_result *r, const struct myo_header *header)
{
	char name[SCORE_NAME];
	size_t width = NAME - 5;

	for (size_t k = 0; k < r->classes; k++)
		width = wider(width, score_class_name(header, k, name));
	(void)fprintf(to, "\nconfusion: a line for each class, a column for what it was taken for\n%*s",
	    (int)width + 5, "");
	for (size_t j = 0; j < r->classes; j++)
		(void)fprintf(to, " %6zu", j);
	(void)fprintf(to, "\n");
	for (size_t k = 0; k < r->classes; k++) {
		(void)fprintf(to, "%4zu ", k);
		myo_put_column(to, score_class_name(header, k, name), width);
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
			    score_percent(r->bins[i].correct, r->bins[i].count));
}

/* ---- tiles ------------------------------------------------------------------------------------ */

static void
tiles_text(FILE *to, const struct myo_result *r)
{
	(void)fprintf(to, "\naccuracy by the number of tiles: so many of each image, or all where it has fewer\n");
	(void)fprintf(to, "  %8s %12s %17s %11s %8s\n", "tiles", "have so many", "mean probability",
	    "mean logit", "vote");
	for (size_t i = 0; i < r->tile_count_number; i++) {
		const struct myo_tile_count *c = &r->tile_counts[i];
		(void)fprintf(to, "  %8" PRId64 " %12" PRId64 " %16.2f%% %10.2f%% %7.2f%%\n", c->tiles, c->enough,
		    score_percent(c->mean_probability.hits, c->mean_probability.of),
		    score_percent(c->mean_logit.hits, c->mean_logit.of), score_percent(c->vote.hits, c->vote.of));
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* *out: the distinct x of all positions, on the heap. Returns how many; 0: no memory. */
static size_t
columns_of(const struct myo_result *r, int32_t **out, struct myo_err *err)
{
	int32_t *x = myo_calloc(r->position_number, sizeof *x, err);
	size_t count = 0;

	*out = x;
	if (x == NULL)
		return 0;
	for (size_t i = 0; i < r->position_number; i++)
		x[i] = r->positions[i].x;
	qsort(x, r->position_number, sizeof *x, compare_numbers);
	for (size_t i = 0; i < r->position_number; i++)
		if (count == 0 || x[count - 1] != x[i])
			x[count++] = x[i];
	return count;
}

/* One line of the table: the positions of one y, from index `first` on. Returns the index of the next y's first. */
static size_t
line_text(FILE *to, const struct myo_result *r, size_t first, const int32_t *x, size_t columns)
{
	const int32_t y = r->positions[first].y;
	const int width = columns > WIDE ? 4 : 6;

	(void)fprintf(to, "  %6" PRId32, y);
	for (size_t c = 0; c < columns; c++) {
		const struct myo_position *p = &r->positions[first];
		if (first == r->position_number || p->y != y || p->x != x[c]) {
			(void)fprintf(to, " %*s", width, "-");
			continue;
		}
		(void)fprintf(to, " %*.*f", width, columns > WIDE ? 0 : 2, score_percent(p->share.hits, p->share.of));
		first++;
	}
	(void)fprintf(to, "\n");
	return first;
}

static int
positions_text(FILE *to, const struct myo_result *r, struct myo_err *err)
{
	int32_t *x;
	const size_t columns = columns_of(r, &x, err);
	size_t lines = 0;

	if (x == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < r->position_number; i++)
		lines += i == 0 || r->positions[i].y != r->positions[i - 1].y;
	(void)fprintf(to, "\naccuracy by position: per cent right of the tiles whose top left corner is at y (line) and x (column)\n");
	if (lines > MANY_PLACES || columns > MANY_PLACES) {
		(void)fprintf(to, "  %zu by %zu are too many to read; JSON and TSV have them\n", lines, columns);
	} else {
		(void)fprintf(to, "  %6s", "");
		for (size_t c = 0; c < columns; c++)
			(void)fprintf(to, " %*" PRId32, columns > WIDE ? 4 : 6, x[c]);
		(void)fprintf(to, "\n");
		for (size_t i = 0; i < r->position_number;)
			i = line_text(to, r, i, x, columns);
	}
	free(x);
	return MYO_OK;
}

/* ---- other predictions ------------------------------------------------------------------------ */

static void
against_text(FILE *to, const struct myo_score_report *report)
{
	const struct myo_agreement *a = report->against;

	(void)fprintf(to, "\nagainst ");
	myo_put_text(to, report->against_name);
	(void)fprintf(to, "\n");
	share_text(to, "  its accuracy", a->those, true);
	(void)fprintf(to, "%-*s %+6.2f   (points that this one has more; 95%% interval %+.2f to %+.2f)\n", NAME,
	    "  difference", 100 * a->difference, 100 * a->low, 100 * a->high);
	share_text(to, "  the same choice", a->same, true);
	if (isnan(a->kappa))
		(void)fprintf(to, "%-*s undefined: both choose one class alone\n", NAME, "  Cohen's kappa");
	else
		(void)fprintf(to, "%-*s %6.4f\n", NAME, "  Cohen's kappa", a->kappa);
	(void)fprintf(to, "%-*s %6" PRId64 "\n", NAME, "  both right", a->both);
	(void)fprintf(to, "%-*s %6" PRId64 "\n", NAME, "  only this right", a->only_these);
	(void)fprintf(to, "%-*s %6" PRId64 "\n", NAME, "  only that right", a->only_those);
	(void)fprintf(to, "%-*s %6" PRId64 ", %" PRId64 " of them by the same choice\n", NAME,
	    "  both wrong", a->neither, a->neither_same);
	(void)fprintf(to, "%-*s p %s %.3g, of %" PRId64 " images that only one has right\n", NAME,
	    "  McNemar's exact test", a->p > 1e-300 ? "=" : "<", fmax(a->p, 1e-300), a->only_these + a->only_those);
}

int
myo_score_text(FILE *to, const struct myo_score_report *report, const struct myo_result *r,
    const struct myo_header *header, struct myo_err *err)
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
	if (report->against != NULL)
		against_text(to, report);
	if (r->tile_count_number > 0)
		tiles_text(to, r);
	if (r->position_number > 0 && positions_text(to, r, err) != MYO_OK)
		return MYO_FAIL;
	if (classes_text(to, report, r, header, err) != MYO_OK || pairs_text(to, report, r, header, err) != MYO_OK)
		return MYO_FAIL;
	if (report->confusion)
		confusion_text(to, r, header);
	if (report->calibration)
		calibration_text(to, r);
	return MYO_OK;
}
