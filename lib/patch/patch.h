/*
 * patch.h - square patches out of images: random crops to train on, grids of tiles to look at.
 *
 * A random crop lies inside its image; nothing is padded, unless a margin is asked for. Where it
 * lies, whether it is mirrored, what else befalls it, and the order of an epoch are functions of (seed, epoch, row *
 * crops + crop), so any epoch can be the first. A grid has all tiles whose corner is a multiple of the stride; with
 * padding, zeros surround the image so that every pixel is the centre of one tile at stride 1.
 *
 * Images are rows of tensors image U8 [N, height, width, 3], label I32 [N] and id I64 [N]; sizes
 * may differ from record to record. What comes out is described in HACKING.md, "patches".
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
struct myo_crops;

/*
 * size: side in pixels; crops: rows say what befell them, where anything may have; NULL: of a grid. The writer stays
 * the caller's.
 */
MYO_MUST_USE int myo_patches_new(int size, const struct myo_crops *crops, struct myo_writer *out,
    struct myo_patches **patches, struct myo_err *err);
void myo_patches_free(struct myo_patches *patches);

/* Write what is still held. */
MYO_MUST_USE int myo_patches_flush(struct myo_patches *patches, struct myo_err *err);

/* Patches so far; and images that were left out because they are too small. */
int64_t myo_patches_count(const struct myo_patches *patches);
int64_t myo_patches_skipped(const struct myo_patches *patches);

/* Called now and then with the number of patches so far. */
typedef void myo_patch_progress(void *context, int64_t done);

/* ---- random crops --------------------------------------------------------------------------- */

/* The side of a square that is cut is at most this, so that its picture is one (see image.h). */
enum { MYO_CROP_MOST = 8192 };

/*
 * size        side in pixels
 * margin      pixels by which a crop may reach beyond its image, where it is 0; less than the side of a square
 * crops       of each image in an epoch, each with a place of its own in the epoch's order
 * epochs      how many, from first_epoch (0 is the first) on; 0: without end
 * first_row   rows of that to pass over: the stream begins with this one, as a later part of the whole
 * flip        mirror half of them, left to right
 * alternate   mirror each image in every other epoch, the first or the second by chance; of several crops every other
 *             one
 * least, most sides of the squares that are cut, which are then resized: uniform in area, and no larger than the image
 *             has room for; 0: size itself
 * brightness, contrast, saturation
 *             each of them times a random factor from 1 minus this to 1 plus this; 0: as it is
 * cutout      side of a square of a crop that is hidden, its centre anywhere in the crop; 0: none
 * skip_small  leave out images with no room for a crop; otherwise such an image is an error
 */
struct myo_crops {
	int size, margin, crops;
	int least, most, cutout;
	int64_t epochs, first_epoch, first_row;
	bool flip, alternate, skip_small;
	double brightness, contrast, saturation;
	uint64_t seed;
};

/*
 * The stream's header: classes and history of the images, and the number of rows. rest: the
 * table is only the beginning, so the rows are those that the images' own header expects, or
 * unknown; NULL: it is all. Fails on an image of the table that is too small, or when there are none.
 */
MYO_MUST_USE int myo_crops_header(const struct myo_crops *crops, const struct myo_table *images,
    const struct myo_reader *rest, struct myo_header *out, struct myo_err *err);

/*
 * All epochs of crops of a table's images: each epoch a uniformly random order of all. Without end, it ends by a
 * failure to write. Fails after an epoch during which the file of the images was written to.
 */
MYO_MUST_USE int myo_crops_all(const struct myo_crops *crops, const struct myo_table *images,
    struct myo_patches *patches, myo_patch_progress *progress, void *context, struct myo_err *err);

/*
 * One epoch, from its first row, of a pipe that doesn't fit into memory: what myo_table_new() leaves with MYO_END. The
 * first images whose pixels fit are the window (with skip_small, the first of those with room for a crop); a random one
 * of them gives a crop, again and again. One that has given
 * all of its crops makes room for the next image of the pipe, in the table's own memory where that
 * is large enough; elsewhere in up to as much again, beyond which images give the crops that they have left and
 * aren't replaced. At the end what is left goes out in random order.
 *
 * With one crop of each image, and W of them in the window, an image's place among the crops is at
 * most W earlier than among the images, and later by an exponentially distributed number: the
 * difference has mean 0 and deviation W.
 */
MYO_MUST_USE int myo_crops_window(const struct myo_crops *crops, struct myo_table *beginning, size_t memory,
    struct myo_reader *rest, struct myo_patches *patches, myo_patch_progress *progress, void *context,
    struct myo_err *err);

/* How many of a table's first images have together no more pixels than so many bytes. */
size_t myo_crops_window_images(const struct myo_table *table, size_t memory);

/* ---- grids ------------------------------------------------------------------------------------- */

struct myo_grid {
	int size, stride;
	bool pad, skip_small;
};

/*
 * Tiles along a side of an image: (side + padding - size) / stride + 1, rounded down; 0 when none
 * fits. Padding is size / 2 before and (size - 1) / 2 after (both rounded down), as in the paper's code.
 */
size_t myo_grid_tiles(const struct myo_grid *grid, size_t side);

/*
 * The stream's header. first: the first record; the rows are right if all images are as large as
 * its own, and unknown if the images' header doesn't know their number.
 */
MYO_MUST_USE int myo_grid_header(const struct myo_grid *grid, const struct myo_header *images,
    const struct myo_record *first, struct myo_header *out, struct myo_err *err);

/* All tiles of all images of a record: image by image, line by line. */
MYO_MUST_USE int myo_grid_cut(const struct myo_grid *grid, const struct myo_record *images,
    struct myo_patches *patches, struct myo_err *err);

#endif
