/*
 * private.h - what the files of this room share: first choices, and the text of reports.
 */
#ifndef MYO_SCORE_PRIVATE_H
#define MYO_SCORE_PRIVATE_H

#include "score/score.h"

/* ---- numbers of one row or image ------------------------------------------------------------ */

/* The index of the largest value, the first of equals. */
size_t score_largest(const double *values, size_t count);

/* Whether the label is among the `top` largest values, where of equals the first counts as larger. */
bool score_among_top(const double *values, size_t count, size_t label, size_t top);

/* Probabilities of one row. False when a logit is not finite. */
bool score_softmax(const float *logits, size_t count, double *out);

/* -log p, where p may have been rounded to 0. */
double score_negative_log(double p);

/* The class with the most votes, and among equals with the highest probability. */
size_t score_voted(const int32_t *votes, const double *probabilities, size_t classes);

/* Whether an image is right, by each of the ways to combine its tiles. */
struct outcome {
	bool mean, logit, vote;
};

/* The outcome from sums over tiles, [classes] each. */
struct outcome score_outcome(const double *probabilities, const double *logits, const int32_t *votes, size_t classes,
    size_t label);

/* ---- reports ---------------------------------------------------------------------------------- */

/* As a percentage; 0 if `of` is 0. */
double score_percent(int64_t hits, int64_t of);

/*
 * The name of a class, unchecked, so to be written by myo_put_text() or myo_put_column(); or, where it has none, one
 * that is made up in the buffer.
 */
enum { SCORE_NAME = 32 };
const char *score_class_name(const struct myo_header *header, size_t number, char buffer[SCORE_NAME]);

/* Write it. */
void score_put_class(FILE *to, const struct myo_header *header, size_t number);

#endif
