/* myopic-eval - say how good predictions are. */
#include "cli/cli.h"
#include "score/score.h"

#include <math.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_TSV };
static const char *const formats[] = { "text", "json", "tsv", NULL };

struct conf {
	long top, pairs;
	int format;
	bool classes, confusion, calibration;
	double min_accuracy;
	size_t memory;
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
		MYO_FLAG('a', "classes", &c->classes, "print the accuracy of every class, however many"),
		MYO_FLAG('m', "confusion", &c->confusion, "print the confusion matrix"),
		MYO_FLAG('c', "calibration", &c->calibration, "print the reliability table"),
		MYO_CHOICE('f', "format", "FORMAT", &c->format, formats, "how to print"),
		MYO_BYTES(0, "memory", "SIZE", &c->memory, "memory for images with rows still to come; of more, rows stand together"),
		MYO_REAL(0, "min-accuracy", "PERCENT", &c->min_accuracy, 0, 100, "exit with status 1 if the accuracy is less"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
}

/* Score all predictions; their number and checksum are right when this succeeds. */
static int
read_predictions(const struct conf *c, struct myo_reader *in, struct myo_score **score, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	int rc;

	while ((rc = myo_reader_next(in, &record, err)) == MYO_OK) {
		const struct myo_tensor *logits = myo_record_find(&record, "logits");
		if (*score == NULL && logits != NULL && logits->dims == 2)
			rc = myo_score_new(logits->shape[1], (size_t)c->top, c->memory, score, err);
		else if (*score == NULL)
			rc = myo_fail(err, "no tensor 'logits' of F32 [N, classes]");
		if (rc == MYO_OK)
			rc = myo_score_add(*score, &record, err);
		if (rc != MYO_OK) {
			myo_err_prefix(err, "standard input: ");
			break;
		}
	}
	if (rc == MYO_END)
		rc = *score != NULL ? MYO_OK : myo_fail(err, "standard input: there are no predictions");
	myo_record_clear(&record);
	return rc;
}

static int
report(const struct conf *c, const struct myo_result *result, const struct myo_header *header, struct myo_err *err)
{
	const struct myo_report how = { .pairs = (size_t)c->pairs, .all_classes = c->classes, .confusion = c->confusion,
		.calibration = c->calibration };
	const struct myo_share *share = &result->mean_probability;
	const double accuracy = 100 * (double)share->hits / (double)share->of;

	switch ((enum format)c->format) {
	case FORMAT_TEXT:
		if (myo_report_text(stdout, &how, result, header, err) != MYO_OK)
			return MYO_FAIL;
		break;
	case FORMAT_JSON:
		if (myo_report_json(stdout, result, header, err) != MYO_OK)
			return MYO_FAIL;
		break;
	case FORMAT_TSV:
		myo_report_tsv(stdout, result);
		break;
	}
	if (accuracy < c->min_accuracy)
		return myo_fail(err, "the accuracy is %.2f%%, less than %g%%", accuracy, c->min_accuracy);
	return MYO_OK;
}

int
main(int argc, char **argv)
{
	struct conf c = { .top = 5, .pairs = 5, .min_accuracy = NAN, .memory = (size_t)512 << 20 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_reader *in = NULL;
	struct myo_score *score = NULL;
	struct myo_result result;

	parse(&c, argc, argv);
	int rc = myo_cli_reader(&in, &err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(in, MYO_PREDICTIONS, &err);
	if (rc == MYO_OK)
		rc = read_predictions(&c, in, &score, &err);
	if (rc == MYO_OK)
		rc = myo_score_result(score, &result, &err);
	if (rc == MYO_OK)
		rc = report(&c, &result, myo_reader_header(in), &err);
	const int status = myo_cli_leave(rc, NULL, &err);
	myo_score_free(score);
	myo_reader_free(in);
	return status;
}
