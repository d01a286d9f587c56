/*
 * image.h - pictures: decode PNG and JPEG, turn them upright, encode PNG, resize.
 *
 * A picture is 8-bit RGB, rows from top to bottom, the three channels of a pixel beside each
 * other: U8 [height, width, 3]. What a file has beyond that is brought to it:
 *
 *   grey            all three channels alike
 *   palette         looked up; 1, 2 and 4 bits are widened
 *   16 bits         rounded to 8
 *   transparency    laid on a background, white where nobody asks for another
 *   CMYK, YCCK      r = c * k / 255 of the inverted inks (as Adobe writes them), and so on; no
 *                   colour profile is applied
 *   orientation     what EXIF says (in a JPEG's APP1 or a PNG's eXIf) is undone, so that a
 *                   picture stands as its photographer saw it; an EXIF block that is broken
 *                   or says nonsense turns nothing and breaks nothing
 *
 * Gamma and colour profiles are left alone, as other training tools do. What moves is no
 * picture: an animated PNG is refused.
 */
#ifndef MYO_IMAGE_H
#define MYO_IMAGE_H

#include "base/base.h"

/*
 * What a small, hostile file can make us allocate. No side is longer than MAX_SIDE, and what
 * is decoded has no more than MAX_PIXELS unless the rules say otherwise; no rules get beyond
 * MOST_PIXELS.
 */
enum { MYO_IMAGE_MAX_SIDE = 65500, MYO_IMAGE_MAX_PIXELS = 1 << 26, MYO_IMAGE_MOST_PIXELS = 1 << 30 };

struct myo_image {
	int height, width;
	uint8_t *pixels; /* U8 [height, width, 3], owned by the picture */
	int orientation; /* that of EXIF which was undone, 2 to 8; 1: nothing was */
};

#define MYO_IMAGE_INIT                                                                                       \
	{                                                                                                    \
		0, 0, NULL, 1                                                                                \
	}

/* Allocate zeroed pixels. MYO_FAIL: a side below 1, too large (see above), no memory. */
MYO_MUST_USE int myo_image_init(struct myo_image *image, int height, int width, struct myo_err *err);
void myo_image_clear(struct myo_image *image);

/* What is taken for a picture, and how. */
struct myo_image_rules {
	int64_t max_pixels;    /* more are refused before they have memory; 0: MYO_IMAGE_MAX_PIXELS */
	uint8_t background[3]; /* red, green, blue of what transparent pictures are laid on */
	bool as_stored;        /* EXIF turns nothing */
};

#define MYO_IMAGE_RULES_INIT                                                                                 \
	{                                                                                                    \
		0, { 255, 255, 255 }, false                                                                  \
	}

/*
 * Decode a file that is in memory. The signature decides, not a name.
 *
 * rules  NULL: those of MYO_IMAGE_RULES_INIT
 * image  filled on MYO_OK, for the caller to clear
 * err    on MYO_FAIL "not a PNG or JPEG picture" (with what it is, where that is known), or what
 *        is broken. A JPEG whose decoder only warns, since it ends early, say, and the rest is filled
 *        with grey, counts as broken.
 */
MYO_MUST_USE int myo_image_decode(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err);

/* Whether a file that begins so is a PNG or JPEG. */
bool myo_image_is_one(const void *bytes, size_t size);

/*
 * A box of the picture as the file stores it becomes that of the picture as it was turned:
 * height and width are the turned picture's. box is x0 y0 x1 y1, inclusive; one with x1 < x0 is
 * unknown and stays what it is.
 */
void myo_image_turn_box(int orientation, int height, int width, int32_t box[4]);

/* Write a PNG file, whole or not at all. */
MYO_MUST_USE int myo_image_write_png(const char *path, const struct myo_image *image, struct myo_err *err);

/* The same file in memory: on the heap, the caller's; NULL on MYO_FAIL. */
MYO_MUST_USE int myo_image_encode_png(const struct myo_image *image, uint8_t **bytes, size_t *size,
    struct myo_err *err);

/*
 * Ways to weigh the pixels that an output pixel is made of. Those that shrink are as many times
 * wider as the picture gets smaller, so they average and don't alias. The names are Pillow's
 * BILINEAR, BOX and LANCZOS, and pixels differ from Pillow's by 1 at most; TRIANGLE, which has
 * fewer bits, by more where it shrinks dozens of times.
 */
enum myo_filter {
	MYO_FILTER_TRIANGLE, /* as wide as two output pixels' spacing; bilinear when it enlarges */
	MYO_FILTER_AREA, /* the mean of those whose centres lie in the output pixel; enlarging, the nearest */
	MYO_FILTER_LANCZOS /* sinc(x) sinc(x / 3), as wide as six: sharp, and rings at edges */
};

/*
 * Resize to height x width: separable; beyond the edges the weights are renormalised. Sums are of
 * whole numbers: the same bits everywhere.
 */
MYO_MUST_USE int myo_image_resize(const struct myo_image *from, int height, int width, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err);

/* Resize so that the shorter side becomes `side`, and the other one in proportion, rounded. */
MYO_MUST_USE int myo_image_shorter(const struct myo_image *from, int side, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err);

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
MYO_MUST_USE int myo_image_fill(const struct myo_image *from, int height, int width, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err);

#endif
