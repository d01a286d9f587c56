/* myopic-eval - say how good predictions are. */
#include "cli/cli.h"
#include "score/score.h"

#include <stdio.h>
#include <stdlib.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_TSV };
static const char *const formats[] = { "text", "json", "tsv", NULL };

struct conf {
	long top, pairs;
	int format;
	bool confusion, calibration;
};

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-eval",
		.summary = "say how good predictions are",
		.usage = "< predictions",
		.notes = "Tiles of one image are combined by mean probability, by mean logit, and by vote.",
	};
	const struct myo_opt options[] = {
		MYO_INT('k', "top", "K", &c->top, 1, 100000, "count a label among the K largest as found"),
		MYO_INT('p', "pairs", "N", &c->pairs, 0, 1000, "most confused pairs of classes to list"),
		MYO_FLAG('m', "confusion", &c->confusion, "print the confusion matrix"),
		MYO_FLAG('c', "calibration", &c->calibration, "print the reliability table"),
		MYO_CHOICE('f', "format", "FORMAT", &c->format, formats, "how to print"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
}

/* ---- text ---------------------------------------------------------------------------------------- */

static double
percent(struct myo_share share)
{
	return share.of > 0 ? 100.0 * (double)share.hits / (double)share.of : 0;
}

static void
print_share(const char *what, struct myo_share share)
{
	(void)printf("%-22s %6.2f%%  (%lld of %lld, 95%% interval %.2f to %.2f)\n", what, percent(share),
	    (long long)share.hits, (long long)share.of, 100 * share.low, 100 * share.high);
}

static const char *
class_name(const struct myo_header *header, size_t number, char *buffer, size_t size)
{
	if (number < header->class_count)
		return header->classes[number];
	(void)snprintf(buffer, size, "class %zu", number);
	return buffer;
}

static void
print_classes(const struct myo_result *r, const struct myo_header *header)
{
	char name[32];

	(void)printf("\naccuracy by class\n");
	for (size_t k = 0; k < r->classes; k++) {
		int64_t all = 0;
		for (size_t j = 0; j < r->classes; j++)
			all += r->confusion[k * r->classes + j];
		if (all > 0)
			(void)printf("  %-20s %6.2f%%  of %lld\n", class_name(header, k, name, sizeof name),
			    100.0 * (double)r->confusion[k * r->classes + k] / (double)all, (long long)all);
	}
}

/* The largest entries beside the diagonal that are smaller than (count, place), one by one. */
static void
print_pairs(const struct myo_result *r, const struct myo_header *header, long pairs)
{
	const size_t cells = r->classes * r->classes;
	int64_t last = INT64_MAX;
	size_t last_at = 0;
	char a[32], b[32];

	for (long n = 0; n < pairs; n++) {
		size_t best = cells;
		for (size_t i = 0; i < cells; i++) {
			const int64_t count = r->confusion[i];
			if (i / r->classes == i % r->classes || count == 0)
				continue;
			if (count > last || (count == last && i <= last_at))
				continue;
			if (best == cells || count > r->confusion[best])
				best = i;
		}
		if (best == cells)
			return;
		if (n == 0)
			(void)printf("\nmost confused\n");
		last = r->confusion[best];
		last_at = best;
		(void)printf("  %5lld  %s taken for %s\n", (long long)last,
		    class_name(header, best / r->classes, a, sizeof a),
		    class_name(header, best % r->classes, b, sizeof b));
	}
}

static void
print_confusion(const struct myo_result *r, const struct myo_header *header)
{
	char name[32];

	(void)printf("\nconfusion: a line for each class, a column for what it was taken for\n%-20s", "");
	for (size_t j = 0; j < r->classes; j++)
		(void)printf(" %6zu", j);
	(void)printf("\n");
	for (size_t k = 0; k < r->classes; k++) {
		(void)printf("%3zu %-16.16s", k, class_name(header, k, name, sizeof name));
		for (size_t j = 0; j < r->classes; j++)
			(void)printf(" %6lld", (long long)r->confusion[k * r->classes + j]);
		(void)printf("\n");
	}
}

static void
print_calibration(const struct myo_result *r)
{
	(void)printf("\nreliability: images by the probability of their first choice\n");
	(void)printf("  %-12s %8s %10s %10s\n", "probability", "images", "mean", "accuracy");
	for (int i = 0; i < MYO_BINS; i++)
		if (r->bins[i].count > 0)
			(void)printf("  %.2f to %.2f %8lld %9.2f%% %9.2f%%\n", (double)i / MYO_BINS,
			    (double)(i + 1) / MYO_BINS, (long long)r->bins[i].count, 100 * r->bins[i].confidence,
			    100.0 * (double)r->bins[i].correct / (double)r->bins[i].count);
}

static void
print_text(const struct conf *c, const struct myo_result *r, const struct myo_header *header)
{
	char top[32];

	(void)snprintf(top, sizeof top, "top-%zu", r->top);
	print_share("accuracy", r->mean_probability);
	if (r->top < r->classes)
		print_share(top, r->mean_top);
	if (r->tiled) {
		(void)printf("  (%lld tiles of %lld images; an image by the mean probability of its tiles)\n",
		    (long long)r->rows, (long long)r->images);
		print_share("by mean logit", r->mean_logit);
		print_share("by vote", r->vote);
		print_share("each tile by itself", r->tiles);
	}
	(void)printf("%-22s %7.4f\n", "loss", r->loss);
	(void)printf("%-22s %6.2f%%\n", "calibration error", 100 * r->calibration_error);
	if (r->unlabelled > 0)
		(void)printf("%-22s %lld\n", "rows without a label", (long long)r->unlabelled);
	print_classes(r, header);
	print_pairs(r, header, c->pairs);
	if (c->confusion)
		print_confusion(r, header);
	if (c->calibration)
		print_calibration(r);
}

/* ---- for programs ------------------------------------------------------------------------------------ */

static json_t *
share_json(struct myo_share share)
{
	return json_pack("{s:f, s:I, s:I, s:[f, f]}", "percent", percent(share), "hits", (json_int_t)share.hits, "of",
	    (json_int_t)share.of, "interval", 100 * share.low, 100 * share.high);
}

static json_t *
confusion_json(const struct myo_result *r)
{
	json_t *rows = json_array();

	for (size_t k = 0; k < r->classes; k++) {
		json_t *row = json_array();
		for (size_t j = 0; j < r->classes; j++)
			(void)json_array_append_new(row, json_integer((json_int_t)r->confusion[k * r->classes + j]));
		(void)json_array_append_new(rows, row);
	}
	return rows;
}

static int
print_json(const struct myo_result *r, const struct myo_header *header, struct myo_err *err)
{
	json_t *classes = json_array(), *bins = json_array();
	int rc = MYO_FAIL;

	for (size_t k = 0; k < header->class_count; k++)
		(void)json_array_append_new(classes, json_string(header->classes[k]));
	for (int i = 0; i < MYO_BINS; i++)
		(void)json_array_append_new(bins, json_pack("{s:I, s:I, s:f}", "images", (json_int_t)r->bins[i].count,
		    "correct", (json_int_t)r->bins[i].correct, "confidence", r->bins[i].confidence));
	json_t *all = json_pack("{s:I, s:I, s:I, s:o, s:o, s:i, s:o, s:o, s:o, s:f, s:f, s:o, s:o, s:o}", "rows",
	    (json_int_t)r->rows, "images", (json_int_t)r->images, "unlabelled", (json_int_t)r->unlabelled, "accuracy",
	    share_json(r->mean_probability), "top", share_json(r->mean_top), "k", (int)r->top, "mean_logit",
	    share_json(r->mean_logit), "vote", share_json(r->vote), "tiles", share_json(r->tiles), "loss", r->loss,
	    "calibration_error", r->calibration_error, "classes", classes, "bins", bins, "confusion", confusion_json(r));
	char *text = all != NULL ? json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(8)) : NULL;
	if (text != NULL) {
		(void)printf("%s\n", text);
		rc = MYO_OK;
	} else {
		(void)myo_fail_memory(err, 0);
	}
	free(text);
	json_decref(all);
	return rc;
}

/* A head and one line, to paste under others. */
static void
print_tsv(const struct myo_result *r)
{
	(void)printf("images\trows\taccuracy\tlow\thigh\ttop\tk\tmean_logit\tvote\ttiles\tloss\tcalibration_error\n");
	(void)printf("%lld\t%lld\t%.4f\t%.4f\t%.4f\t%.4f\t%zu\t%.4f\t%.4f\t%.4f\t%.6f\t%.6f\n", (long long)r->images,
	    (long long)r->rows, percent(r->mean_probability), 100 * r->mean_probability.low,
	    100 * r->mean_probability.high, percent(r->mean_top), r->top, percent(r->mean_logit), percent(r->vote),
	    percent(r->tiles), r->loss, r->calibration_error);
}

/* ---- the program --------------------------------------------------------------------------------------- */

static int
evaluate(const struct conf *c, struct myo_err *err)
{
	struct myo_reader *in = NULL;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_score *score = NULL;
	struct myo_result result;

	int rc = myo_cli_reader(&in, err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(in, MYO_PREDICTIONS, err);
	while (rc == MYO_OK && (rc = myo_reader_next(in, &record, err)) == MYO_OK) {
		const struct myo_tensor *logits = myo_record_find(&record, "logits");
		if (score == NULL && logits != NULL && logits->dims == 2)
			rc = myo_score_new(logits->shape[1], (size_t)c->top, &score, err);
		if (rc == MYO_OK && score == NULL)
			rc = myo_fail(err, "standard input: there is no tensor 'logits' of [N, classes]");
		if (rc == MYO_OK)
			rc = myo_score_add(score, &record, err);
	}
	if (rc == MYO_END) /* only now are the predictions known to be all */
		rc = score != NULL ? myo_score_result(score, &result, err) :
		    myo_fail(err, "standard input: there are no predictions");
	if (rc == MYO_OK && c->format == FORMAT_TEXT)
		print_text(c, &result, myo_reader_header(in));
	if (rc == MYO_OK && c->format == FORMAT_JSON)
		rc = print_json(&result, myo_reader_header(in), err);
	if (rc == MYO_OK && c->format == FORMAT_TSV)
		print_tsv(&result);
	myo_score_free(score);
	myo_record_clear(&record);
	myo_reader_free(in);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .top = 5, .pairs = 5 };
	struct myo_err err = MYO_ERR_INIT;

	parse(&c, argc, argv);
	return myo_cli_leave(evaluate(&c, &err), NULL, &err);
}
