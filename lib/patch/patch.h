/*
 * patch.h - square patches cut out of images: random crops to train on, grids of tiles to look at.
 *
 * A random crop lies inside its image; nothing is padded, unless a margin is asked for. Where it
 * lies, whether it is mirrored, and how else it is augmented, are functions of (seed, epoch, row * crops + crop); the
 * order of an epoch is one of (seed, epoch). So any epoch can be the first. A grid has all tiles whose corner is at a
 * multiple of the stride; with padding, zeros surround the image so that at stride 1 every pixel is the centre of one
 * tile.
 *
 * Images are rows of tensors image U8 [N, height, width, 3], label I32 [N] and id I64 [N]; sizes
 * may differ from record to record. HACKING.md describes the stream that is written, "patches".
 */
#ifndef MYO_PATCH_H
#define MYO_PATCH_H

#include "base/base.h"
#include "stream/stream.h"

/*
 * Gathers patches into records of about a mebibyte and writes them to a stream. For the functions
 * below; the caller makes one, flushes it at the end, and then ends the stream.
 */
struct myo_patches;
struct myo_crops;

/*
 * size: side in pixels. crops: of random crops their settings, by which rows get columns that say how they were
 * augmented; NULL: tiles of a grid. The writer stays the caller's.
 */
MYO_MUST_USE int myo_patches_new(int size, const struct myo_crops *crops, struct myo_writer *out,
    struct myo_patches **patches, struct myo_err *err);
void myo_patches_free(struct myo_patches *patches);

/* Write the patches that are still held. */
MYO_MUST_USE int myo_patches_flush(struct myo_patches *patches, struct myo_err *err);

/* The patches so far; and the images that were left out because they are too small. */
int64_t myo_patches_count(const struct myo_patches *patches);
int64_t myo_patches_skipped(const struct myo_patches *patches);

/* Called now and then with the number of patches so far. */
typedef void myo_patch_progress(void *context, int64_t done);

/* ---- random crops --------------------------------------------------------------------------- */

/* The longest side of a square that is cut: any such square is small enough for a picture of image.h. */
enum { MYO_CROP_MOST = 8192 };

/*
 * size        side in pixels
 * margin      pixels by which a crop may reach beyond its image, where it is 0; less than the side of a square
 * crops       per image and epoch; each has a place of its own in the epoch's order
 * epochs      how many, from first_epoch (0 is the first) on; 0: without end
 * first_row   how many of their rows to skip: the stream begins with this row, and is a later part of the whole
 * flip        mirror half of the crops, left to right
 * alternate   mirror each image in every other epoch, beginning with the first or the second at random; of several
 *             crops of an image, every other one
 * least, most range of the sides of the squares that are cut, which are then resized to size: uniform in area, and no
 *             larger than the image has room for; 0: size itself
 * brightness, contrast, saturation
 *             multiply each by a random factor from 1 minus this to 1 plus this; 0: don't
 * hue         turn it by a random part of the circle, up to this to either side, at most 0.5; 0: don't
 * cutout      side of a square of the crop to hide, its centre anywhere in the crop; 0: none
 * skip_small  leave out images with no room for a crop; otherwise such an image is an error
 */
struct myo_crops {
	int size, margin, crops;
	int least, most, cutout;
	int64_t epochs, first_epoch, first_row;
	bool flip, alternate, skip_small;
	double brightness, contrast, saturation, hue;
	uint64_t seed;
};

/*
 * The stream's header: classes and history of the images, and the number of rows. rest: where the images go on if the
 * table holds only the first of them, so that the rows follow from the number that the images' header expects, or are
 * unknown; NULL: the table holds all. Fails if an image of the table is too small, or there are no images.
 */
MYO_MUST_USE int myo_crops_header(const struct myo_crops *crops, const struct myo_table *images,
    const struct myo_reader *rest, struct myo_header *out, struct myo_err *err);

/*
 * Write all epochs of crops of a table's images, each in a uniformly random order. With epochs 0 it returns when
 * writing fails. Fails after an epoch if the images' file was written to meanwhile.
 */
MYO_MUST_USE int myo_crops_all(const struct myo_crops *crops, const struct myo_table *images,
    struct myo_patches *patches, myo_patch_progress *progress, void *context, struct myo_err *err);

/*
 * Write one epoch, from its first row, of a pipe that doesn't fit into memory: of the table and the reader that
 * myo_table_new() returns with MYO_END. The first images whose pixels fit into `memory` are the window (with
 * skip_small, the first ones with room for a crop). A random image of the window gives a crop, again and again; one
 * that has given all of its crops is replaced by the next image of the pipe, in the table's own memory if that
 * is large enough, else in new memory. When that exceeds `memory` as well, images give all the crops that they have
 * left and aren't replaced. At the end the remaining crops are written in random order.
 *
 * With one crop per image, and W images in the window, a crop is at
 * most W places earlier among the crops than its image among the images, or later by an exponentially distributed
 * number of places: the difference has mean 0 and standard deviation W.
 */
MYO_MUST_USE int myo_crops_window(const struct myo_crops *crops, struct myo_table *beginning, size_t memory,
    struct myo_reader *rest, struct myo_patches *patches, myo_patch_progress *progress, void *context,
    struct myo_err *err);

/* How many of a table's first images have no more than `memory` bytes of pixels together. */
size_t myo_crops_window_images(const struct myo_table *table, size_t memory);

/* ---- grids ------------------------------------------------------------------------------------- */

struct myo_grid {
	int size, stride;
	bool pad, skip_small;
};

/*
 * The number of tiles along a side of an image: (side + padding - size) / stride + 1, rounded down; 0 when none
 * fits. Padding is size / 2 before and (size - 1) / 2 after (both rounded down), as in the paper's code.
 */
size_t myo_grid_tiles(const struct myo_grid *grid, size_t side);

/*
 * The stream's header. first: the first record of images; the number of rows is right if all images are as large as
 * those in it, and unknown if the images' header doesn't give theirs.
 */
MYO_MUST_USE int myo_grid_header(const struct myo_grid *grid, const struct myo_header *images,
    const struct myo_record *first, struct myo_header *out, struct myo_err *err);

/* Write all tiles of all images of a record: image by image, line by line. */
MYO_MUST_USE int myo_grid_cut(const struct myo_grid *grid, const struct myo_record *images,
    struct myo_patches *patches, struct myo_err *err);

#endif
