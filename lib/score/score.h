/*
 * score.h - how good predictions are: accuracy, top-k, loss, confusion, calibration; by class, by the number of tiles
 * and by their place; beside other predictions of the same images; and the mean of several.
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
 * holds, those that came first are counted as they are, half of them at a time, and of each only that it was there is
 * kept: about a byte. A later row of such an image is an error, so rows of whole images and of grids, which stand
 * together, may be of any number.
 */
struct myo_score;

/* classes: length of the logits; top: the k of top-k, 1 <= top; memory: bytes for sums. */
MYO_MUST_USE int myo_score_new(size_t classes, size_t top, size_t memory, struct myo_score **out,
    struct myo_err *err);
void myo_score_free(struct myo_score *score);

/*
 * To be asked for before the first record:
 *   tiles      accuracy against the number of tiles. The tiles of an image are kept until it is counted, in half of the
 *              memory, so images are counted earlier; one whose tiles alone are more is an error. The seed is that of
 *              the order in which an image's tiles are taken, which the order of rows doesn't change.
 *   positions  accuracy by the place of a tile in its image; images of several sizes are then an error
 *   once       rows are whole images, not tiles: a second row of one is an error, as where cat joined two data sets
 *   tell       call done() once for each image when it is counted
 */
MYO_MUST_USE int myo_score_keep_tiles(struct myo_score *score, uint64_t seed, struct myo_err *err);
void myo_score_keep_positions(struct myo_score *score);
void myo_score_once(struct myo_score *score);

/*
 * An image that is counted: its first choice by mean probability, and what that gives to the choice and to the label.
 */
struct myo_score_image {
	int64_t id;
	int32_t label;
	size_t choice;
	double p_choice, p_label;
};

typedef int myo_score_done(void *context, const struct myo_score_image *image, struct myo_err *err);
void myo_score_tell(struct myo_score *score, myo_score_done *done, void *context);

/*
 * An image as a line of tab-separated values: id, its name where there is one, label, choice, and the probabilities of
 * both. image NULL: the line of their names.
 */
void myo_score_put_image(FILE *to, const struct myo_score_image *image, const struct myo_header *header,
    const char *name);

/*
 * Add a record: logits F32 [N, classes], label I32 [N] (-1: unknown), id I64 [N]; of tiles that are kept y and x I32
 * [N], by position also height and width. Fails on a label beyond the classes, a logit that is not finite, an id with
 * two labels, or one that comes again too late.
 */
MYO_MUST_USE int myo_score_add(struct myo_score *score, const struct myo_record *record, struct myo_err *err);

/* A share of things, with its 95% interval (Wilson, 1927). */
struct myo_share {
	int64_t hits, of;
	double low, high; /* in [0, 1] */
};

struct myo_share myo_share_of(int64_t hits, int64_t of);

enum { MYO_BINS = 15 };

/* Images whose probability of the first choice fell into [i / MYO_BINS, (i + 1) / MYO_BINS). */
struct myo_bin {
	int64_t count, correct;
	double confidence; /* mean, 0 where count is 0 */
};

/*
 * Of probabilities that are right as often as they say, what chance alone gives with so many images in these bins: the
 * calibration error that is to be expected, and the standard deviation of (probability - share that is right) over all
 * images, each as a share.
 */
void myo_score_chance(const struct myo_bin bins[MYO_BINS], double *error, double *deviation);

/* Images by `tiles` tiles of each, taken at random, or by all that they have. */
struct myo_tile_count {
	int64_t tiles;
	int64_t enough; /* images that have so many */
	struct myo_share mean_probability, mean_logit, vote;
};

/* Tiles whose top left corner is there in their image. */
struct myo_position {
	int32_t y, x;
	struct myo_share share;
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
	/* Where they were kept, otherwise none: 1, 2, 4, … tiles, last all; positions sorted by y and x. */
	size_t tile_count_number, position_number;
	const struct myo_tile_count *tile_counts;
	const struct myo_position *positions;
};

/* What it was asked for; nothing is added after that. MYO_FAIL when no row has a label. */
MYO_MUST_USE int myo_score_result(struct myo_score *score, struct myo_result *out, struct myo_err *err);

/* The images of a class, and those of them that were taken for it, by mean probability. */
struct myo_share myo_result_class(const struct myo_result *result, size_t number);

/*
 * A class: its images, those that were taken for it, and those of both. recall is hits / images, the accuracy of the
 * class; precision hits / predicted; f1 their harmonic mean. NaN where that is 0 / 0.
 */
struct myo_quality {
	int64_t images, predicted, hits;
	double recall, precision, f1; /* in [0, 1] */
};

struct myo_quality myo_result_quality(const struct myo_result *result, size_t number);

/* Means over the classes that have images; the precision of one that nothing was taken for counts as 0. */
struct myo_macro {
	size_t classes;
	double recall, precision, f1;
};

struct myo_macro myo_result_macro(const struct myo_result *result);

/* ---- two sets of predictions -------------------------------------------------------------------- */

/*
 * Compares the choices for the same images, found by their ids: first those of one set, all of them, then these of the
 * other. Keeps some 50 bytes for each image of the first.
 */
struct myo_against;

/* name: what messages call the first set. */
MYO_MUST_USE int myo_against_new(const char *name, size_t classes, struct myo_against **out, struct myo_err *err);
void myo_against_free(struct myo_against *against);

/*
 * For myo_score_tell(): of the first set; of the second, which fails on an image that the first hasn't, or with another
 * label.
 */
myo_score_done myo_against_those, myo_against_these;

/*
 * same: images for which both have the same choice. kappa: Cohen's, of the choices; NaN where both choose one class
 * alone. these, those: accuracy of the second set and the first. p: McNemar's exact test that neither is better.
 * difference: accuracy of these less that of those, with its 95% interval (A. Agresti and Y. Min, "Simple improved
 * confidence intervals for comparing matched proportions", Statistics in Medicine 24 (2005): Wald's, with half an image
 * more of each of the four kinds).
 */
struct myo_agreement {
	int64_t images;
	struct myo_share same, these, those;
	double kappa, p;
	double difference, low, high;
	int64_t both, only_these, only_those, neither; /* right */
	int64_t neither_same;                          /* of neither: both take it for the same wrong class */
};

/* Fails where an image of the first set did not come in the second. */
MYO_MUST_USE int myo_against_result(const struct myo_against *against, struct myo_agreement *out, struct myo_err *err);

/* The two-sided p of so many images that one alone has right, and so many that the other has. */
double myo_mcnemar(int64_t one, int64_t other);

/* ---- the mean of predictions ---------------------------------------------------------------------- */

/*
 * Sets of predictions of the same images in the same order, read side by side: of several models, or of one by several
 * means. The rows of an image, which must stand together, become one, their mean; and the mean of these over the sets,
 * each of which weighs the same, is what comes out. Memory for a record of each set, and about a byte for each image
 * and set.
 */
struct myo_mean;

/* What is averaged. Of probabilities the logarithms come out as logits, so that the softmax of those is the mean. */
enum myo_mean_of { MYO_MEAN_PROBABILITY, MYO_MEAN_LOGIT };

/* The readers and their names, at least one, stay the caller's. Fails unless all have the same classes. */
MYO_MUST_USE int myo_mean_new(struct myo_reader *const *readers, const char *const *names, size_t count,
    enum myo_mean_of of, struct myo_mean **out, struct myo_err *err);
void myo_mean_free(struct myo_mean *mean);

/*
 * The next images, a row for each: logits, label, id, and, where the first set has the size of its images, y, x, height
 * and width as of whole ones. The data is valid until the next call. MYO_END when all sets have ended; MYO_FAIL where
 * they differ in images or labels, or an image's rows lie apart.
 */
MYO_MUST_USE int myo_mean_next(struct myo_mean *mean, struct myo_record *record, struct myo_err *err);

/* ---- the largest ------------------------------------------------------------------------------- */

/* A thing, by its number. */
struct myo_weighed {
	size_t number;
	double weight;
};

/* Of many things those with the largest weights, the largest first; of equals those that were offered first. */
struct myo_best {
	size_t count, most;
	struct myo_weighed *items; /* [most], the caller's; `count` are in use */
};

/* Put a thing among them, if it belongs there. */
void myo_best_offer(struct myo_best *best, size_t number, double weight);

/* ---- reports ---------------------------------------------------------------------------------- */

/*
 * pairs        most confused pairs of classes to list
 * all_classes  figures of every class; otherwise of many classes only the worst
 * confusion, calibration  the whole tables
 * against, against_name   what came out beside other predictions; NULL: there are none
 *
 * What the result has of tiles and positions is always in the text and in the JSON.
 */
struct myo_score_report {
	size_t pairs;
	bool all_classes, confusion, calibration;
	const struct myo_agreement *against;
	const char *against_name;
};

/* Write a report for people. header has the classes' names. What the file says of errors is the caller's to ask. */
MYO_MUST_USE int myo_score_text(FILE *to, const struct myo_score_report *report, const struct myo_result *result,
    const struct myo_header *header, struct myo_err *err);

/* One JSON object with all that there is. */
MYO_MUST_USE int myo_score_json(FILE *to, const struct myo_score_report *report, const struct myo_result *result,
    const struct myo_header *header, struct myo_err *err);

/* A table with tabs between, the names of its columns first. */
enum myo_report_table { MYO_TABLE_ALL, MYO_TABLE_CLASSES, MYO_TABLE_CONFUSION, MYO_TABLE_CALIBRATION, MYO_TABLE_TILES,
	MYO_TABLE_POSITIONS, MYO_TABLE_AGAINST };
void myo_score_tsv(FILE *to, enum myo_report_table table, const struct myo_score_report *report,
    const struct myo_result *result, const struct myo_header *header);

#endif
