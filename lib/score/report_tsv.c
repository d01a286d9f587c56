/* Tables of the report as tab-separated values. What is undefined is NA. */
#include "score/private.h"

#include <inttypes.h>
#include <math.h>

static void
percent_tsv(FILE *to, double share)
{
	if (isnan(share))
		(void)fprintf(to, "\tNA");
	else
		(void)fprintf(to, "\t%.4f", 100 * share);
}

static void
share_tsv(FILE *to, struct myo_share share)
{
	(void)fprintf(to, "\t%.4f\t%.4f\t%.4f", score_percent(share.hits, share.of), 100 * share.low, 100 * share.high);
}

/* New columns must come last, since scripts may count columns. */
static void
all_tsv(FILE *to, const struct myo_result *r)
{
	const struct myo_macro macro = myo_result_macro(r);

	(void)fprintf(to, "images\trows\taccuracy\tlow\thigh\ttop\tk\tmean_logit\tvote\ttiles\tloss\tcalibration_error\t"
	    "macro_recall\tmacro_precision\tmacro_f1\n");
	(void)fprintf(to, "%" PRId64 "\t%" PRId64, r->images, r->rows);
	share_tsv(to, r->mean_probability);
	(void)fprintf(to, "\t%.4f\t%zu\t%.4f\t%.4f\t%.4f\t%.6f\t%.6f", score_percent(r->mean_top.hits, r->mean_top.of),
	    r->top, score_percent(r->mean_logit.hits, r->mean_logit.of), score_percent(r->vote.hits, r->vote.of),
	    score_percent(r->tiles.hits, r->tiles.of), r->loss, r->calibration_error);
	percent_tsv(to, macro.recall);
	percent_tsv(to, macro.precision);
	percent_tsv(to, macro.f1);
	(void)fprintf(to, "\n");
}

static void
classes_tsv(FILE *to, const struct myo_result *r, const struct myo_header *header)
{
	(void)fprintf(to, "class\timages\tpredicted\thits\trecall\tprecision\tf1\n");
	for (size_t k = 0; k < r->classes; k++) {
		const struct myo_quality q = myo_result_quality(r, k);
		score_put_class(to, header, k);
		(void)fprintf(to, "\t%" PRId64 "\t%" PRId64 "\t%" PRId64, q.images, q.predicted, q.hits);
		percent_tsv(to, q.recall);
		percent_tsv(to, q.precision);
		percent_tsv(to, q.f1);
		(void)fprintf(to, "\n");
	}
}

static void
confusion_tsv(FILE *to, const struct myo_result *r, const struct myo_header *header)
{
	(void)fprintf(to, "class");
	for (size_t k = 0; k < r->classes; k++) {
		(void)fputc('\t', to);
		score_put_class(to, header, k);
	}
	for (size_t k = 0; k < r->classes; k++) {
		(void)fputc('\n', to);
		score_put_class(to, header, k);
		for (size_t j = 0; j < r->classes; j++)
			(void)fprintf(to, "\t%" PRId64, r->confusion[k * r->classes + j]);
	}
	(void)fprintf(to, "\n");
}

static void
calibration_tsv(FILE *to, const struct myo_result *r)
{
	(void)fprintf(to, "from\tto\timages\tcorrect\tconfidence\taccuracy\n");
	for (int i = 0; i < MYO_BINS; i++) {
		const struct myo_bin *bin = &r->bins[i];
		(void)fprintf(to, "%.6f\t%.6f\t%" PRId64 "\t%" PRId64, (double)i / MYO_BINS, (double)(i + 1) / MYO_BINS,
		    bin->count, bin->correct);
		percent_tsv(to, bin->count > 0 ? bin->confidence : NAN);
		percent_tsv(to, bin->count > 0 ? (double)bin->correct / (double)bin->count : NAN);
		(void)fprintf(to, "\n");
	}
}

static void
tiles_tsv(FILE *to, const struct myo_result *r)
{
	(void)fprintf(to, "tiles\timages\tenough\tmean_probability\tlow\thigh\tmean_logit\tmean_logit_low\tmean_logit_high\t"
	    "vote\tvote_low\tvote_high\n");
	for (size_t i = 0; i < r->tile_count_number; i++) {
		const struct myo_tile_count *c = &r->tile_counts[i];
		(void)fprintf(to, "%" PRId64 "\t%" PRId64 "\t%" PRId64, c->tiles, r->images, c->enough);
		share_tsv(to, c->mean_probability);
		share_tsv(to, c->mean_logit);
		share_tsv(to, c->vote);
		(void)fprintf(to, "\n");
	}
}

static void
positions_tsv(FILE *to, const struct myo_result *r)
{
	(void)fprintf(to, "y\tx\ttiles\tcorrect\taccuracy\tlow\thigh\n");
	for (size_t i = 0; i < r->position_number; i++) {
		const struct myo_position *p = &r->positions[i];
		(void)fprintf(to, "%" PRId32 "\t%" PRId32 "\t%" PRId64 "\t%" PRId64, p->y, p->x, p->share.of,
		    p->share.hits);
		share_tsv(to, p->share);
		(void)fprintf(to, "\n");
	}
}

static void
against_tsv(FILE *to, const struct myo_agreement *a)
{
	(void)fprintf(to, "images\taccuracy\tlow\thigh\tother_accuracy\tother_low\tother_high\t"
	    "difference\tdifference_low\tdifference_high\tsame\tsame_low\tsame_high\tkappa\t"
	    "both\tonly_this\tonly_that\tneither\tneither_same\tp\n%" PRId64, a->images);
	share_tsv(to, a->these);
	share_tsv(to, a->those);
	(void)fprintf(to, "\t%.4f\t%.4f\t%.4f", 100 * a->difference, 100 * a->low, 100 * a->high);
	share_tsv(to, a->same);
	if (isnan(a->kappa))
		(void)fprintf(to, "\tNA");
	else
		(void)fprintf(to, "\t%.6f", a->kappa);
	(void)fprintf(to, "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%.6g\n", a->both,
	    a->only_these, a->only_those, a->neither, a->neither_same, a->p);
}

void
myo_score_put_image(FILE *to, const struct myo_score_image *image, const struct myo_header *header, const char *name)
{
	char text[SCORE_NAME];

	if (image == NULL) {
		(void)fprintf(to, "id%s%s\tlabel\tchoice\tright\tp_choice\tp_label\n", name != NULL ? "\t" : "",
		    name != NULL ? name : "");
		return;
	}
	(void)fprintf(to, "%" PRId64 "\t", image->id);
	if (name != NULL) {
		myo_put_text(to, name);
		(void)fprintf(to, "\t");
	}
	myo_put_text(to, score_class_name(header, (size_t)image->label, text));
	(void)fprintf(to, "\t");
	myo_put_text(to, score_class_name(header, image->choice, text));
	(void)fprintf(to, "\t%d\t%.6f\t%.6f\n", image->choice == (size_t)image->label, image->p_choice, image->p_label);
}

void
myo_score_tsv(FILE *to, enum myo_report_table table, const struct myo_score_report *report,
    const struct myo_result *result, const struct myo_header *header)
{
	switch (table) {
	case MYO_TABLE_ALL:
		all_tsv(to, result);
		break;
	case MYO_TABLE_CLASSES:
		classes_tsv(to, result, header);
		break;
	case MYO_TABLE_CONFUSION:
		confusion_tsv(to, result, header);
		break;
	case MYO_TABLE_CALIBRATION:
		calibration_tsv(to, result);
		break;
	case MYO_TABLE_TILES:
		tiles_tsv(to, result);
		break;
	case MYO_TABLE_POSITIONS:
		positions_tsv(to, result);
		break;
	case MYO_TABLE_AGAINST:
		against_tsv(to, report->against);
		break;
	}
}
