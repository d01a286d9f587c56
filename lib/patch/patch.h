/*
 * patch.h - square patches out of images: random crops to train on, grids of tiles to look at.
 *
 * A random crop lies inside its image; nothing is padded. Where it lies, whether it is mirrored,
 * and the order of an epoch are functions of (seed, epoch, row, crop), so any epoch can be the first.
 * A grid has all tiles whose corner is a multiple of the stride; with padding, zeros surround the
 * image so that every pixel is the centre of one tile at stride 1.
 */
#ifndef MYO_PATCH_H
#define MYO_PATCH_H

#include "base/base.h"
#include "stream/stream.h"

/*
 * Patches on their way into a stream, gathered into records of about a mebibyte. Used by what
 * follows; the caller makes one, flushes it at the end, and then ends the stream.
 */
struct myo_patches;

/* size: side in pixels; flip: rows say whether they are mirrored. The writer stays the caller's. */
MYO_MUST_USE int myo_patches_new(int size, bool flip, struct myo_writer *out, struct myo_patches **patches,
    struct myo_err *err);
void myo_patches_free(struct myo_patches *patches);

/* Write what is still held. */
MYO_MUST_USE int myo_patches_flush(struct myo_patches *patches, struct myo_err *err);

/* Patches so far. */
int64_t myo_patches_count(const struct myo_patches *patches);

/* Called now and then with the number of patches so far. */
typedef void myo_patch_progress(void *context, int64_t done);

/* ---- random crops --------------------------------------------------------------------------- */

/*
 * size     side in pixels
 * crops    of each image in an epoch, each with a place of its own in the epoch's order
 * epochs   how many, from first_epoch (0 is the first) on
 * flip     mirror half of them, left to right
 */
struct myo_crops {
	int size, crops;
	int64_t epochs, first_epoch;
	bool flip;
	uint64_t seed;
};

/* The stream's header: classes and history of `images`; rows: of an epoch's images, -1 if unknown. */
MYO_MUST_USE int myo_crops_header(const struct myo_crops *crops, const struct myo_header *images, int64_t rows,
    struct myo_header *out, struct myo_err *err);

/* All epochs of crops of a table's images: each epoch a uniformly random order of all. */
MYO_MUST_USE int myo_crops_all(const struct myo_crops *crops, const struct myo_table *images,
    struct myo_patches *patches, myo_patch_progress *progress, void *context, struct myo_err *err);

/*
 * One epoch of a pipe that doesn't fit into memory. The table is a window: each further image takes
 * a random place in it, whose former owner goes out; what the window holds at the end goes out in
 * random order. So an image goes out late by a time that is exponentially distributed with the
 * window's length as its mean, and at most a window's length early.
 */
MYO_MUST_USE int myo_crops_window(const struct myo_crops *crops, const struct myo_table *window,
    struct myo_reader *rest, struct myo_patches *patches, myo_patch_progress *progress, void *context,
    struct myo_err *err);

/* ---- grids ------------------------------------------------------------------------------------- */

struct myo_grid {
	int size, stride;
	bool pad;
};

/*
 * Tiles along a side of an image: (side + padding - size) / stride + 1, rounded down; 0 when none
 * fits. Padding is size / 2 before and (size - 1) / 2 after (both rounded down), as in the paper's code.
 */
size_t myo_grid_tiles(const struct myo_grid *grid, size_t side);

/* The stream's header; rows: tiles in all, -1 if unknown. */
MYO_MUST_USE int myo_grid_header(const struct myo_grid *grid, const struct myo_header *images, int64_t rows,
    struct myo_header *out, struct myo_err *err);

/* All tiles of all images of a record: image by image, line by line. */
MYO_MUST_USE int myo_grid_cut(const struct myo_grid *grid, const struct myo_record *images,
    struct myo_patches *patches, struct myo_err *err);

#endif
