/*
 * inspect.h - what is in streams and documents, and whether two of them are the same.
 *
 * myopic-info and myopic-cmp are these two questions with options around them.
 */
#ifndef MYO_INSPECT_H
#define MYO_INSPECT_H

#include "base/base.h"
#include "stream/stream.h"

/* Element i of a tensor as a number; large I64 are rounded. */
double myo_tensor_value(const struct myo_tensor *tensor, size_t i);

/* The same of whole numbers, exactly. */
int64_t myo_tensor_whole(const struct myo_tensor *tensor, size_t i);

/* ---- summaries ----------------------------------------------------------------------------- */

/*
 * What is known of all tensors of one name, type and row shape; or, where there are more than MYO_SUMMARY_SHAPES of
 * these, as of pictures as they come, of all tensors of one name and type.
 */
enum { MYO_SUMMARY_SHAPES = 8 };

struct myo_summary {
	char *name;
	enum myo_dtype dtype;
	int dims;
	size_t shape[MYO_MAX_DIMS]; /* the first dimension: rows in all; of several shapes the smallest sides */
	size_t most_shape[MYO_MAX_DIMS]; /* the largest; the same where there is one shape */
	bool folded;                     /* of any shape */
	double least, most, sum;    /* of the finite elements; least > most where there are none */
	int64_t least_whole, most_whole; /* of whole numbers, which doubles may not hold */
	int64_t elements, not_finite;
};

struct myo_summaries {
	struct myo_summary *items;
	size_t count;
};

#define MYO_SUMMARIES_INIT { NULL, 0 }

/* Take the tensors of a record into account. */
MYO_MUST_USE int myo_summaries_add(struct myo_summaries *all, const struct myo_record *record, struct myo_err *err);
void myo_summaries_clear(struct myo_summaries *all);

/*
 * A JSON array with an object for each: name, dtype, shape, not_finite, least, most, mean, and of several shapes
 * shape_most. NULL: no memory.
 */
json_t *myo_summaries_json(const struct myo_summaries *all);

/* ---- labels ---------------------------------------------------------------------------------- */

/* Rows by their tensor `label`; classes is set by the caller. */
struct myo_labels {
	size_t classes;
	int64_t *of; /* [classes]; NULL before the first record */
	int64_t rows, unlabelled, beyond; /* beyond: with a label that none of the classes has */
};

MYO_MUST_USE int myo_labels_add(struct myo_labels *labels, const struct myo_record *record, struct myo_err *err);
void myo_labels_clear(struct myo_labels *labels);

/* The numbers as an array; after the first record. NULL: no memory. */
json_t *myo_labels_json(const struct myo_labels *labels);

/* ---- comparison ------------------------------------------------------------------------------- */

/*
 * Values a and b of floats, of pixels (U8 tensors `image`) and of a model's mean and deviation are the same if
 * |a - b| <= absolute + relative max(|a|, |b|), or both are NaN, or both the same infinity. Other whole numbers are
 * labels, ids and places, which are the same or not.
 * The first three members are set by the caller, the others come out.
 */
struct myo_comparison {
	double absolute, relative;
	bool history; /* the commands that made them count too, and what a model says of its training */
	int64_t differences;
	double largest;  /* |a - b| of all values that are finite */
	char first[512]; /* the first difference, in words */
};

/* Two streams, row by row: how rows are divided into records means nothing. Reads both to the end. */
MYO_MUST_USE int myo_compare_streams(struct myo_comparison *comparison, struct myo_reader *a, struct myo_reader *b,
    struct myo_err *err);

/* Two documents, tensor by tensor. */
void myo_compare_documents(struct myo_comparison *comparison, const struct myo_record *a, const struct myo_record *b);

#endif
