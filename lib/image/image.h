/*
 * image.h - pictures: decode PNG and JPEG, encode PNG, resize.
 *
 * A picture is 8-bit RGB, rows from top to bottom, the three channels of a pixel beside each
 * other: U8 [height, width, 3]. What a file has beyond that is brought to it:
 *
 *   grey            all three channels alike
 *   palette         looked up; 1, 2 and 4 bits are widened
 *   16 bits         rounded to 8
 *   transparency    laid on white
 *   CMYK, YCCK      r = c * k / 255 of the inverted inks (as Adobe writes them), and so on; no
 *                   colour profile is applied
 *
 * Gamma, colour profiles and EXIF orientation are left alone, as other training tools do.
 */
#ifndef MYO_IMAGE_H
#define MYO_IMAGE_H

#include "base/base.h"

/* No side is longer and no picture larger: what a small, hostile file can make us allocate. */
enum { MYO_IMAGE_MAX_SIDE = 65500, MYO_IMAGE_MAX_PIXELS = 1 << 26 };

struct myo_image {
	int height, width;
	uint8_t *pixels; /* U8 [height, width, 3], owned by the picture */
};

#define MYO_IMAGE_INIT                                                                                       \
	{                                                                                                    \
		0, 0, NULL                                                                                   \
	}

/* Allocate zeroed pixels. MYO_FAIL: a side below 1, too large (see above), no memory. */
MYO_MUST_USE int myo_image_init(struct myo_image *image, int height, int width, struct myo_err *err);
void myo_image_clear(struct myo_image *image);

/*
 * Decode a file that is in memory. The signature decides, not a name.
 *
 * image  filled on MYO_OK, for the caller to clear
 * err    on MYO_FAIL "not a PNG or JPEG picture", or what is broken. A file whose decoder only
 *        warns (JPEG that ends early, say, the rest filled with grey) counts as broken.
 */
MYO_MUST_USE int myo_image_decode(
    const void *bytes, size_t size, struct myo_image *image, struct myo_err *err);

/* Write a PNG file, whole or not at all. */
MYO_MUST_USE int myo_image_write_png(const char *path, const struct myo_image *image, struct myo_err *err);

/*
 * Resize to height x width: separable, with a triangle filter as wide as two output pixels'
 * spacing in the input when it shrinks (so it averages and doesn't alias), and bilinear when it
 * enlarges; beyond the edges the weights are renormalised. Integer arithmetic: the same bits
 * everywhere.
 */
MYO_MUST_USE int myo_image_resize(
    const struct myo_image *from, int height, int width, struct myo_image *to, struct myo_err *err);

/*
 * How a picture of one size comes to fill a frame of another with its proportions kept: resize it
 * to height x width, which covers the frame, then cut the frame out at (top, left); what sticks
 * out is cut evenly from both sides (an odd pixel from the bottom or the right).
 */
struct myo_cover {
	int height, width, top, left;
};

struct myo_cover myo_image_cover(int from_height, int from_width, int height, int width);

/* Do that. */
MYO_MUST_USE int myo_image_fill(
    const struct myo_image *from, int height, int width, struct myo_image *to, struct myo_err *err);

#endif
