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

/* Gathers predictions. Keeps sums for each image, not the predictions themselves. */
struct myo_score;

/* classes: length of the logits; top: the k of top-k, 1 <= top. */
MYO_MUST_USE int myo_score_new(size_t classes, size_t top, struct myo_score **out, struct myo_err *err);
void myo_score_free(struct myo_score *score);

/* Add a record: logits F32 [N, classes], label I32 [N], id I64 [N]. */
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
	struct myo_share tiles, tiles_top;          /* each row by itself */
	struct myo_share mean_probability, mean_top; /* images */
	struct myo_share mean_logit, vote;
	double tiles_loss, loss;
	double calibration_error;
	struct myo_bin bins[MYO_BINS];
	const int64_t *confusion;
};

/* MYO_FAIL when no row has a label. */
MYO_MUST_USE int myo_score_result(struct myo_score *score, struct myo_result *out, struct myo_err *err);

#endif
