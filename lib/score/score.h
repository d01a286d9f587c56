/*
 * score.h - how good predictions are: accuracy, top-k, loss, confusion, calibration; by class, by the number of tiles
 * and by their place; compared with other predictions of the same images; and the mean of several.
 *
 * Predictions for several tiles of an image are combined in three ways: the mean of their
 * probabilities, the mean of their logits, and a vote of their first choices (ties go to the higher mean
 * probability). Rows without a label are counted, and otherwise ignored.
 */
#ifndef MYO_SCORE_H
#define MYO_SCORE_H

#include "base/base.h"
#include "stream/stream.h"

#include <stdio.h>

/*
 * Gathers predictions. Keeps sums for each image, some 20 bytes per class, not the predictions
 * themselves; the rows of an image may come in any order. When there are more images than `memory`
 * holds, the older half of them are counted as they are, and only their ids are kept, at about a byte each. A later row
 * of such an image is an error. So there may be any number of images whose rows follow each other, as those of whole
 * images and of grids do.
 */
struct myo_score;

/* classes: length of the logits; top: the k of top-k, at least 1; memory: bytes for sums. */
MYO_MUST_USE int myo_score_new(size_t classes, size_t top, size_t memory, struct myo_score **out,
    struct myo_err *err);
void myo_score_free(struct myo_score *score);

/*
 * To be asked for before the first record:
 *   tiles      accuracy by the number of tiles. The tiles of an image are kept until it is counted, in half of the
 *              memory, so that images are counted earlier; an image whose tiles alone need more is an error. The seed
 *              determines the order in which an image's tiles are taken, whatever the order of rows.
 *   positions  accuracy by the place of a tile in its image; images of different sizes are an error then
 *   once       rows are whole images, not tiles: a second row of one is an error, as when cat has joined two data sets
 *   tell       call done() once for each image, when it is counted
 */
MYO_MUST_USE int myo_score_keep_tiles(struct myo_score *score, uint64_t seed, struct myo_err *err);
void myo_score_keep_positions(struct myo_score *score);
void myo_score_once(struct myo_score *score);

/* An image that is counted: its first choice by mean probability, and the mean probabilities of choice and label. */
struct myo_score_image {
	int64_t id;
	int32_t label;
	size_t choice;
	double p_choice, p_label;
};

typedef int myo_score_done(void *context, const struct myo_score_image *image, struct myo_err *err);
void myo_score_tell(struct myo_score *score, myo_score_done *done, void *context);

/*
 * Write an image as a line of tab-separated values: id, name unless NULL, label, choice, and the probabilities of
 * both. image NULL: write the line of column names.
 */
void myo_score_put_image(FILE *to, const struct myo_score_image *image, const struct myo_header *header,
    const char *name);

/*
 * Add a record: logits F32 [N, classes], label I32 [N] (-1: unknown), id I64 [N]; for tiles and positions y and x
 * I32 [N], for positions also height and width. Fails on a label beyond the classes, a logit that is not finite, an id
 * with two labels, or an id that comes again when its image has been counted.
 */
MYO_MUST_USE int myo_score_add(struct myo_score *score, const struct myo_record *record, struct myo_err *err);

/* A proportion, with its 95% confidence interval (Wilson, 1927; see base.h). */
struct myo_share {
	int64_t hits, of;
	double low, high; /* in [0, 1] */
};

struct myo_share myo_share_of(int64_t hits, int64_t of);

enum { MYO_BINS = 15 };

/* Images whose first choice has a probability in [i / MYO_BINS, (i + 1) / MYO_BINS); the last bin has 1, too. */
struct myo_bin {
	int64_t count, correct;
	double confidence; /* mean, 0 where count is 0 */
};

/*
 * What chance alone gives, with so many images in these bins, if probabilities are perfectly calibrated: the expected
 * value of calibration_error, and the standard deviation of mean probability minus accuracy over all images.
 */
void myo_score_chance(const struct myo_bin bins[MYO_BINS], double *error, double *deviation);

/* Accuracy of images by `tiles` random tiles of each, or by all tiles of images that have fewer. */
struct myo_tile_count {
	int64_t tiles;
	int64_t enough; /* images that have so many tiles */
	struct myo_share mean_probability, mean_logit, vote;
};

/* Accuracy of the tiles whose top left corner is at (y, x) in their image. */
struct myo_position {
	int32_t y, x;
	struct myo_share share;
};

/*
 * The result. confusion [classes, classes]: images by label (row) and by prediction (column), which is the one by
 * mean probability. calibration_error: sum over bins of count / n * |accuracy - confidence| (Guo and
 * others, 2017), for images by mean probability. loss: mean negative logarithm of the label's probability.
 * Tables are borrowed from the score, and valid until it is freed.
 */
struct myo_result {
	int64_t rows, images, unlabelled;
	bool tiled; /* some image has several rows */
	size_t classes, top;
	/* Each row by itself. Tiles of one image aren't independent, so these intervals are too narrow for tiles. */
	struct myo_share tiles, tiles_top;
	struct myo_share mean_probability, mean_top; /* images */
	struct myo_share mean_logit, vote;
	double tiles_loss, loss;
	double calibration_error;
	struct myo_bin bins[MYO_BINS];
	const int64_t *confusion;
	/* If they were asked for, else none: for 1, 2, 4, … and at last all tiles; positions sorted by y and x. */
	size_t tile_count_number, position_number;
	const struct myo_tile_count *tile_counts;
	const struct myo_position *positions;
};

/* Compute the result; nothing may be added after this. MYO_FAIL when no row has a label. */
MYO_MUST_USE int myo_score_result(struct myo_score *score, struct myo_result *out, struct myo_err *err);

/* The accuracy of a class: of its images, the share that is taken for it, by mean probability. */
struct myo_share myo_result_class(const struct myo_result *result, size_t number);

/*
 * A class: its images, the images taken for it (predicted), and those in both sets (hits). recall is hits / images, the
 * accuracy of the class; precision is hits / predicted; f1 is their harmonic mean. NaN where that is 0 / 0.
 */
struct myo_quality {
	int64_t images, predicted, hits;
	double recall, precision, f1; /* in [0, 1] */
};

struct myo_quality myo_result_quality(const struct myo_result *result, size_t number);

/* Means over the classes that have images; the precision of a class that nothing is taken for counts as 0. */
struct myo_macro {
	size_t classes;
	double recall, precision, f1;
};

struct myo_macro myo_result_macro(const struct myo_result *result);

/* ---- two sets of predictions -------------------------------------------------------------------- */

/*
 * Compares two sets of choices for the same images, found by their ids: "those" of the first set, which is added first
 * and whole, with "these" of the second. Keeps 50 to 100 bytes for each image of the first set.
 */
struct myo_against;

/* name: what messages call the first set. */
MYO_MUST_USE int myo_against_new(const char *name, size_t classes, struct myo_against **out, struct myo_err *err);
void myo_against_free(struct myo_against *against);

/*
 * For myo_score_tell(): add an image of the first set; and of the second, which fails if the first doesn't have it, or
 * has it with another label.
 */
myo_score_done myo_against_those, myo_against_these;

/*
 * same: images for which both sets have the same choice. kappa: Cohen's, of the choices; NaN if both always choose the
 * same class. these, those: accuracy of the second set and of the first. p: of McNemar's exact test of the hypothesis
 * that neither is better. difference: accuracy of these minus that of those, with its 95% interval (A. Agresti and
 * Y. Min, "Simple improved confidence intervals for comparing matched proportions", Statistics in Medicine 24 (2005):
 * Wald's, with half an image added to each of the four counts).
 */
struct myo_agreement {
	int64_t images;
	struct myo_share same, these, those;
	double kappa, p;
	double difference, low, high;
	int64_t both, only_these, only_those, neither; /* images by which of the sets is right */
	int64_t neither_same;                          /* of `neither`: both take it for the same wrong class */
};

/* Fails if an image of the first set is not in the second. */
MYO_MUST_USE int myo_against_result(const struct myo_against *against, struct myo_agreement *out, struct myo_err *err);

/* The two-sided p of McNemar's exact test: images that only the one has right, and that only the other has right. */
double myo_mcnemar(int64_t one, int64_t other);

/* ---- the mean of predictions ---------------------------------------------------------------------- */

/*
 * The mean of several sets of predictions for the same images in the same order, which are read in parallel: of several
 * models, or of one model for different tiles. In each set the mean over the rows of an image, which must follow each
 * other, is taken; the result is the mean over the sets, with equal weights. Takes memory for a record of each set, and
 * about a byte per image and set.
 */
struct myo_mean;

/* What is averaged. For probabilities, the logits are the logarithms of the means, so that their softmax is these. */
enum myo_mean_of { MYO_MEAN_PROBABILITY, MYO_MEAN_LOGIT };

/* The readers, at least one, and their names stay the caller's. Fails unless all have the same classes. */
MYO_MUST_USE int myo_mean_new(struct myo_reader *const *readers, const char *const *names, size_t count,
    enum myo_mean_of of, struct myo_mean **out, struct myo_err *err);
void myo_mean_free(struct myo_mean *mean);

/*
 * A record of the next images, a row for each: logits, label, id, and, if the first set has the size of its images, y,
 * x, height and width as for whole images. The data is valid until the next call. MYO_END when all sets have ended;
 * MYO_FAIL if they differ in images or labels, or the rows of an image don't follow each other.
 */
MYO_MUST_USE int myo_mean_next(struct myo_mean *mean, struct myo_record *record, struct myo_err *err);

/* ---- the largest ------------------------------------------------------------------------------- */

/* A thing, by its number, and its weight. */
struct myo_weighed {
	size_t number;
	double weight;
};

/* The things with the largest weights, the largest first; among equals those that were offered first. */
struct myo_best {
	size_t count, most;
	struct myo_weighed *items; /* [most], the caller's; the first `count` are in use */
};

/* Insert a thing, if it belongs among them. */
void myo_best_offer(struct myo_best *best, size_t number, double weight);

/* ---- reports ---------------------------------------------------------------------------------- */

/*
 * pairs        how many of the most confused pairs of classes to list
 * all_classes  list every class; otherwise, if there are many, only the worst
 * confusion, calibration  include these tables
 * against, against_name   the comparison with other predictions, and their name; NULL: none
 *
 * Text and JSON always include what the result has of tiles and positions.
 */
struct myo_score_report {
	size_t pairs;
	bool all_classes, confusion, calibration;
	const struct myo_agreement *against;
	const char *against_name;
};

/* Write a report for people. header has the classes' names. The caller checks the file for errors of writing. */
MYO_MUST_USE int myo_score_text(FILE *to, const struct myo_score_report *report, const struct myo_result *result,
    const struct myo_header *header, struct myo_err *err);

/* The same as one JSON object, with all that there is. */
MYO_MUST_USE int myo_score_json(FILE *to, const struct myo_score_report *report, const struct myo_result *result,
    const struct myo_header *header, struct myo_err *err);

/* One table of it as tab-separated values, with a first line of column names. */
enum myo_report_table { MYO_TABLE_ALL, MYO_TABLE_CLASSES, MYO_TABLE_CONFUSION, MYO_TABLE_CALIBRATION, MYO_TABLE_TILES,
	MYO_TABLE_POSITIONS, MYO_TABLE_AGAINST };
void myo_score_tsv(FILE *to, enum myo_report_table table, const struct myo_score_report *report,
    const struct myo_result *result, const struct myo_header *header);

#endif
