/* private.h - what the files of the patch room share: one image, and a patch cut out of it. */
#ifndef MYO_PATCH_PRIVATE_H
#define MYO_PATCH_PRIVATE_H

#include "patch/patch.h"

/* An image. row is its number in its stream, by which its random numbers are chosen. */
struct source {
	uint8_t *pixels; /* [height, width, 3] */
	size_t height, width;
	uint64_t row;
	int64_t id;
	int32_t label;
};

/* A square of an image that becomes a patch; (y, x) is its top left corner. */
struct square {
	int y, x, side; /* if this isn't the side of the patch, the square is resized */
	bool flip;
};

/* Pixels [top, bottom) x [left, right) of a patch. */
struct area {
	size_t top, bottom, left, right;
};

/* How a crop is augmented after it was cut: what is done to its colours (augment.c), and a hole, which may be empty. */
struct effects {
	int32_t brightness, contrast, saturation, hue;
	struct area hole;
};

/* The three tensors of images. */
struct columns {
	const struct myo_tensor *image, *label, *id;
};

/* Those of a record; or of the record that holds a row of a table, of which it is row *within. They are checked. */
MYO_MUST_USE int patch_columns(const struct myo_record *record, struct columns *out, struct myo_err *err);
MYO_MUST_USE int patch_table_columns(const struct myo_table *table, size_t row, size_t *within, struct columns *out,
    struct myo_err *err);

/* The image that is row `within` of the tensors and row `row` of its stream. */
struct source patch_source(const struct columns *columns, size_t within, uint64_t row);

/* Add the patch that a square becomes; what lies outside the image is 0. effects: for crops; else NULL. */
MYO_MUST_USE int patch_add(struct myo_patches *patches, const struct source *source, const struct square *square,
    const struct effects *effects, struct myo_err *err);

/* Count an image that was left out. */
void patch_skip(struct myo_patches *patches);

/* Set the error for an image that has no room for a patch. Returns MYO_FAIL. */
int patch_too_small(const struct source *source, int size, struct myo_err *err);

/* The header of patches, with the classes and the history of the images. */
MYO_MUST_USE int patch_header(const struct myo_header *images, int64_t rows, const char *sampling, int tile,
    struct myo_header *out, struct myo_err *err);

/* ---- random crops ------------------------------------------------------------------------------- */

/*
 * The images of a table that have room for a crop, in an array on the heap. *skipped: the number of others, which
 * are an error unless skip_small is set.
 */
MYO_MUST_USE int crops_sources(const struct myo_crops *crops, const struct myo_table *images, struct source **out,
    uint32_t *count, int64_t *skipped, struct myo_err *err);

/* Set the error for when none of so many images has room for a crop. Returns MYO_FAIL. */
int crops_none_fits(const struct myo_crops *crops, uint64_t images, struct myo_err *err);

bool crops_fit(const struct myo_crops *crops, const struct source *source);

/* Cut crop number `crop` of a source in an epoch. */
MYO_MUST_USE int crops_add(const struct myo_crops *crops, struct myo_patches *patches, const struct source *source,
    int64_t epoch, uint32_t crop, struct myo_err *err);

/* ---- augmentation: augment.c ------------------------------------------------------------------------- */

/* The side of the smallest square that a crop may be cut from. */
int crops_least(const struct myo_crops *crops);

/*
 * The random choices for a crop of an epoch, whose number is row * crops + crop: the side of its square; whether it is
 * mirrored, with `alternate`; and the rest.
 */
int augment_side(const struct myo_crops *crops, const struct source *source, int64_t epoch, uint64_t number);
bool augment_mirrored(const struct myo_crops *crops, uint64_t row, int64_t epoch, uint32_t crop);
struct effects augment_choose(const struct myo_crops *crops, int64_t epoch, uint64_t number);

/* Resize the part of a square that lies inside its image to the area `inside` of a patch, to [size, size, 3]. */
MYO_MUST_USE int augment_resize(const struct source *source, const struct square *square, const struct area *inside,
    uint8_t *to, size_t size, struct myo_err *err);

/* Apply effects to a patch, pixels [size, size, 3], of which `inside` shows the image. */
void augment_apply(const struct effects *effects, uint8_t *pixels, size_t size, const struct area *inside);

#endif
