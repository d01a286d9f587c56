/* private.h - what the files of the patch room share: one image, and a patch cut out of it. */
#ifndef MYO_PATCH_PRIVATE_H
#define MYO_PATCH_PRIVATE_H

#include "patch/patch.h"

/* An image. row is its number in its stream, which names its random numbers. */
struct source {
	uint8_t *pixels; /* [height, width, 3] */
	size_t height, width;
	uint64_t row;
	int64_t id;
	int32_t label;
};

/* The three tensors that an image is a row of. */
struct columns {
	const struct myo_tensor *image, *label, *id;
};

/* Those of a record, or of the record that has a table's row, which is row *within of it; checked. */
MYO_MUST_USE int patch_columns(const struct myo_record *record, struct columns *out, struct myo_err *err);
MYO_MUST_USE int patch_table_columns(const struct myo_table *table, size_t row, size_t *within, struct columns *out,
    struct myo_err *err);

/* The image that is row `within` of the tensors, and row `row` of its stream. */
struct source patch_source(const struct columns *columns, size_t within, uint64_t row);

/* Add the patch whose top left corner is (y, x); what lies outside the image is 0. */
MYO_MUST_USE int patch_add(struct myo_patches *patches, const struct source *source, int y, int x, bool flip,
    struct myo_err *err);

/* Count an image that is left out. */
void patch_skip(struct myo_patches *patches);

/* What is said of an image that has no room for a patch. Returns MYO_FAIL. */
int patch_too_small(const struct source *source, int size, struct myo_err *err);

/* Header of patches: classes and history of the images. */
MYO_MUST_USE int patch_header(const struct myo_header *images, int64_t rows, const char *sampling, int tile,
    struct myo_header *out, struct myo_err *err);

/* ---- random crops ------------------------------------------------------------------------------- */

/*
 * The images of a table that have room for a crop: array on the heap. skipped: of the others, which
 * are there only with skip_small.
 */
MYO_MUST_USE int crops_sources(const struct myo_crops *crops, const struct myo_table *images, struct source **out,
    uint32_t *count, int64_t *skipped, struct myo_err *err);

bool crops_fit(const struct myo_crops *crops, const struct source *source);

/* Cut crop number `crop` of a source in an epoch. */
MYO_MUST_USE int crops_add(const struct myo_crops *crops, struct myo_patches *patches, const struct source *source,
    int64_t epoch, uint32_t crop, struct myo_err *err);

#endif
