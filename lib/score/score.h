/*
 * score.h - how good predictions are: accuracy, top-k, loss, confusion, calibration.
 *
 * Predictions of several tiles of an image are combined in three ways: the mean of their
 * probabilities, the mean of their logits, and a vote of their first choices (ties go to the higher mean
 * probability). Rows without a label are counted and left out.
 */
#ifndef MYO_SCORE_H
#define MYO_SCORE_H

#include "base/base.h"
#include "stream/stream.h"

#include <stdio.h>

/*
 * Gathers predictions. Keeps sums for each image, some 20 bytes a class, not the predictions
 * themselves; the rows of an image may come in any order. When there are more images than `memory`
 * holds, those that came first are counted as they are, half of them at a time, and of each only that it was there is kept:
 * about a byte. A later row of such an image is an error, so rows of whole images and of grids, which stand
 * together, may be of any number.
 */
struct myo_score;

/* classes: length of the logits; top: the k of top-k, 1 <= top; memory: bytes for sums. */
MYO_MUST_USE int myo_score_new(size_t classes, size_t top, size_t memory, struct myo_score **out,
    struct myo_err *err);
void myo_score_free(struct myo_score *score);

/*
 * Add a record: logits F32 [N, classes], label I32 [N] (-1: unknown), id I64 [N]. Fails on a label
 * beyond the classes, a logit that is not finite, an id with two labels, or one that comes again too late.
 */
MYO_MUST_USE int myo_score_add(struct myo_score *score, const struct myo_record *record, struct myo_err *err);

/* A share of things, with its 95% interval (Wilson, 1927). */
struct myo_share {
	int64_t hits, of;
	double low, high; /* in [0, 1] */
};

struct myo_share myo_share_of(int64_t hits, int64_t of);

enum { MYO_BINS = 15 };

/* Rows whose probability of the first choice fell into [i / MYO_BINS, (i + 1) / MYO_BINS). */
struct myo_bin {
	int64_t count, correct;
	double confidence; /* mean, 0 where count is 0 */
};

/*
 * What came out. confusion [classes, classes]: images by label (row) and by prediction (column), by
 * mean probability. calibration_error: sum over bins of count / n |accuracy - confidence| (Guo and
 * others, 2017), of images by mean probability. loss: mean negative logarithm of the label's probability.
 * Borrowed from the score; valid until it is freed.
 */
struct myo_result {
	int64_t rows, images, unlabelled;
	bool tiled; /* some image has several rows */
	size_t classes, top;
	/* Each row by itself. Tiles of an image are no independent draws: their intervals are too narrow. */
	struct myo_share tiles, tiles_top;
	struct myo_share mean_probability, mean_top; /* images */
	struct myo_share mean_logit, vote;
	double tiles_loss, loss;
	double calibration_error;
	struct myo_bin bins[MYO_BINS];
	const int64_t *confusion;
};

/* What it was asked for; nothing is added after that. MYO_FAIL when no row has a label. */
MYO_MUST_USE int myo_score_result(struct myo_score *score, struct myo_result *out, struct myo_err *err);

/* The images of a class, and those of them that were taken for it, by mean probability. */
struct myo_share myo_result_class(const struct myo_result *result, size_t number);

/* ---- reports ---------------------------------------------------------------------------------- */

/*
 * pairs        most confused pairs of classes to list
 * all_classes  the accuracy of every class; otherwise of many classes only the worst
 * confusion, calibration  the whole tables
 */
struct myo_report {
	size_t pairs;
	bool all_classes, confusion, calibration;
};

/*
 * Write a report for people; one JSON object; a line of names and one of values with tabs between.
 * header has the classes' names. What the file says of errors is the caller's to ask.
 */
MYO_MUST_USE int myo_report_text(FILE *to, const struct myo_report *report, const struct myo_result *result,
    const struct myo_header *header, struct myo_err *err);
MYO_MUST_USE int myo_report_json(FILE *to, const struct myo_result *result, const struct myo_header *header,
    struct myo_err *err);
void myo_report_tsv(FILE *to, const struct myo_result *result);

#endif
