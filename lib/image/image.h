/*
 * image.h - pictures: decode PNG and JPEG, turn them upright, encode PNG, resize.
 *
 * A picture is 8-bit RGB, rows from top to bottom, the three channels of a pixel next to each
 * other: U8 [height, width, 3]. Other kinds of files are converted to that:
 *
 *   grey            all three channels alike
 *   palette         looked up; 1, 2 and 4 bits are widened
 *   16 bits         rounded to 8
 *   transparency    composited on a background, by default white
 *   CMYK, YCCK      r = c * k / 255 of the inverted inks (as Adobe writes them), and so on; no
 *                   colour profile is applied
 *   orientation     that of EXIF (in a JPEG's APP1 or a PNG's eXIf) is undone, so that the
 *                   picture is upright; an EXIF block that is broken or makes no sense is ignored
 *
 * Gamma and colour profiles are ignored, as in other training tools. An animated PNG is refused.
 */
#ifndef MYO_IMAGE_H
#define MYO_IMAGE_H

#include "base/base.h"

/*
 * Limits on what a small, hostile file can make us allocate. No side is longer than MAX_SIDE, and
 * decoded pictures have no more than MAX_PIXELS unless the rules say otherwise; rules can't allow more than
 * MOST_PIXELS.
 */
enum { MYO_IMAGE_MAX_SIDE = 65500, MYO_IMAGE_MAX_PIXELS = 1 << 26, MYO_IMAGE_MOST_PIXELS = 1 << 30 };

struct myo_image {
	int height, width;
	uint8_t *pixels; /* U8 [height, width, 3], owned by the picture */
	int orientation; /* the EXIF orientation that was undone, 2 to 8; 1: none */
};

#define MYO_IMAGE_INIT                                                                                       \
	{                                                                                                    \
		0, 0, NULL, 1                                                                                \
	}

/* Allocate zeroed pixels. MYO_FAIL if a side is below 1, the picture too large (see above), or there is no memory. */
MYO_MUST_USE int myo_image_init(struct myo_image *image, int height, int width, struct myo_err *err);
void myo_image_clear(struct myo_image *image);

/* Which pictures are accepted, and how they are decoded. */
struct myo_image_rules {
	int64_t max_pixels;    /* more are refused before memory is allocated; 0: MYO_IMAGE_MAX_PIXELS */
	uint8_t background[3]; /* red, green and blue of the background of transparent pictures */
	bool as_stored;        /* ignore the EXIF orientation */
};

#define MYO_IMAGE_RULES_INIT                                                                                 \
	{                                                                                                    \
		0, { 255, 255, 255 }, false                                                                  \
	}

/*
 * Decode a file that is in memory. Its signature determines the format.
 *
 * rules  NULL: those of MYO_IMAGE_RULES_INIT
 * image  filled on MYO_OK, for the caller to clear
 * err    on MYO_FAIL "not a PNG or JPEG picture" (with what it is, if that is known), or what
 *        is broken. A JPEG for which the decoder only warns also counts as broken, such as one that ends early,
 *        the rest of which would be grey.
 */
MYO_MUST_USE int myo_image_decode(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err);

/* Whether a file that begins with these bytes is a PNG or JPEG. */
bool myo_image_is_one(const void *bytes, size_t size);

/*
 * Transform a box of the picture as it is stored to one of the picture as it was turned upright, of which
 * height and width are given. box is x0 y0 x1 y1, inclusive; one with x1 < x0 is unknown, and isn't changed.
 */
void myo_image_turn_box(int orientation, int height, int width, int32_t box[4]);

/* Write a PNG file, whole or not at all. */
MYO_MUST_USE int myo_image_write_png(const char *path, const struct myo_image *image, struct myo_err *err);

/* The same in memory: *bytes on the heap, owned by the caller; NULL on MYO_FAIL. */
MYO_MUST_USE int myo_image_encode_png(const struct myo_image *image, uint8_t **bytes, size_t *size,
    struct myo_err *err);

/*
 * Filters: how the pixels that contribute to an output pixel are weighted. When shrinking, a filter is widened by the
 * same factor, so that it averages and doesn't alias. They are Pillow's
 * BILINEAR, BOX and LANCZOS, and pixels differ from Pillow's by at most 1; those of TRIANGLE, which has
 * fewer bits, by more when shrinking dozens of times.
 */
enum myo_filter {
	MYO_FILTER_TRIANGLE, /* as wide as two output pixels; bilinear when enlarging */
	MYO_FILTER_AREA, /* the mean of the pixels whose centres lie in the output pixel; nearest when enlarging */
	MYO_FILTER_LANCZOS /* sinc(x) sinc(x / 3), as wide as six output pixels: sharp, with ringing at edges */
};

/*
 * Resize to height x width: separably; weights beyond the edges are left out, and the others renormalised. Sums are
 * integers, so results have the same bits everywhere.
 */
MYO_MUST_USE int myo_image_resize(const struct myo_image *from, int height, int width, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err);

/* Resize so that the shorter side becomes `side` and the other is in proportion, rounded. */
MYO_MUST_USE int myo_image_shorter(const struct myo_image *from, int side, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err);

/*
 * How a picture fills a frame of another size with its proportions kept: resize it
 * to height x width, which covers the frame, then cut the frame out at (top, left). The excess
 * is cut equally from both sides (an odd pixel from the bottom or the right).
 */
struct myo_cover {
	int height, width, top, left;
};

struct myo_cover myo_image_cover(int from_height, int from_width, int height, int width);

/* Resize and cut in that way, to height x width. */
MYO_MUST_USE int myo_image_fill(const struct myo_image *from, int height, int width, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err);

#endif
