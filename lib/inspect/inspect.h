/*
 * inspect.h - what is in streams and documents, and whether two of them are the same: for myopic-info and myopic-cmp.
 */
#ifndef MYO_INSPECT_H
#define MYO_INSPECT_H

#include "base/base.h"
#include "stream/stream.h"

/* Element i of a tensor as a number; large I64 are rounded. */
double myo_tensor_value(const struct myo_tensor *tensor, size_t i);

/* The same for types of integers, exactly. */
int64_t myo_tensor_whole(const struct myo_tensor *tensor, size_t i);

/* ---- summaries ----------------------------------------------------------------------------- */

/*
 * A summary of all tensors of one name, type and row shape; or, if there would be more than MYO_SUMMARY_SHAPES of
 * these, as for pictures of any size, of all tensors of one name, type and number of dimensions.
 */
enum { MYO_SUMMARY_SHAPES = 8 };

struct myo_summary {
	char *name;
	enum myo_dtype dtype;
	int dims;
	size_t shape[MYO_MAX_DIMS]; /* the first dimension: rows in all; the others: the smallest of all shapes */
	size_t most_shape[MYO_MAX_DIMS]; /* the largest of all shapes; the same if there is one shape */
	bool folded;                     /* it is for all row shapes */
	double least, most, sum;    /* of the finite elements; least > most if there are none */
	int64_t least_whole, most_whole; /* of integers, exactly, which doubles may not be */
	int64_t elements, not_finite;
};

struct myo_summaries {
	struct myo_summary *items;
	size_t count;
};

#define MYO_SUMMARIES_INIT { NULL, 0 }

/* Add the tensors of a record. */
MYO_MUST_USE int myo_summaries_add(struct myo_summaries *all, const struct myo_record *record, struct myo_err *err);
void myo_summaries_clear(struct myo_summaries *all);

/*
 * A JSON array with an object for each summary: name, dtype, shape, not_finite, least, most, mean, and for several
 * shapes shape_most. NULL: no memory.
 */
json_t *myo_summaries_json(const struct myo_summaries *all);

/* ---- labels ---------------------------------------------------------------------------------- */

/* The number of rows by label; `classes` is set by the caller. */
struct myo_labels {
	size_t classes;
	int64_t *of; /* [classes]; NULL before the first record */
	int64_t rows, unlabelled, beyond; /* beyond: with a label that is no class */
};

MYO_MUST_USE int myo_labels_add(struct myo_labels *labels, const struct myo_record *record, struct myo_err *err);
void myo_labels_clear(struct myo_labels *labels);

/* `of` as a JSON array; after the first record. NULL: no memory. */
json_t *myo_labels_json(const struct myo_labels *labels);

/* ---- comparison ------------------------------------------------------------------------------- */

/*
 * Values a and b of floats, of pixels (U8 tensors `image`) and of a model's mean and deviation count as the same if
 * |a - b| <= absolute + relative * max(|a|, |b|), or both are NaN, or both the same infinity. Other integers, such as
 * labels, ids and places, must be equal.
 * The caller sets the first three members; the others are the result.
 */
struct myo_comparison {
	double absolute, relative;
	bool history; /* compare histories, too, and the facts of a model's training */
	int64_t differences;
	double largest;  /* the largest finite |a - b| */
	char first[512]; /* the first difference, in words */
};

/* Compare two streams, row by row, however rows are divided into records. Reads both to the end. */
MYO_MUST_USE int myo_compare_streams(struct myo_comparison *comparison, struct myo_reader *a, struct myo_reader *b,
    struct myo_err *err);

/* Compare two documents, tensor by tensor. */
void myo_compare_documents(struct myo_comparison *comparison, const struct myo_record *a, const struct myo_record *b);

#endif
