/*
 * Turning pictures upright. An EXIF orientation is up to three steps, from the picture as it is
 * stored: swap rows and columns, mirror left and right, mirror top and bottom.
 */
#include "image/private.h"

#include <string.h>

static bool
swaps(int orientation)
{
	return orientation >= 5;
}

static bool
mirrors_across(int orientation)
{
	return orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
}

static bool
mirrors_down(int orientation)
{
	return orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
}

/*
 * Fill `to` with pixels of `from`, where the next pixel to the right is `across` bytes further, and the next below
 * `down` bytes. Square by square, since one of the two steps goes down columns, and neighbouring columns share
 * cache lines.
 */
static void
gather(const uint8_t *from, ptrdiff_t across, ptrdiff_t down, const struct myo_image *to)
{
	enum { SQUARE = 32 };

	for (int top = 0; top < to->height; top += SQUARE)
		for (int left = 0; left < to->width; left += SQUARE) {
			const int bottom = to->height - top < SQUARE ? to->height : top + SQUARE;
			const int right = to->width - left < SQUARE ? to->width : left + SQUARE;
			for (int y = top; y < bottom; y++) {
				const uint8_t *source = from + y * down + left * across;
				uint8_t *pixel =
				    to->pixels + ((size_t)y * (size_t)to->width + (size_t)left) * 3;
				for (int x = left; x < right; x++, source += across, pixel += 3)
					memcpy(pixel, source, 3);
			}
		}
}

int
image_turn(struct myo_image *image, struct myo_err *err)
{
	const int orientation = image->orientation;
	const bool swap = swaps(orientation);
	struct myo_image to;

	if (orientation <= 1)
		return MYO_OK;
	const int height = swap ? image->width : image->height, width = swap ? image->height : image->width;
	if (image_alloc(&to, height, width, err) != MYO_OK)
		return MYO_FAIL;
	const ptrdiff_t row_bytes = (ptrdiff_t)image->width * 3;
	ptrdiff_t across = swap ? row_bytes : 3, down = swap ? 3 : row_bytes;
	const uint8_t *from = image->pixels;
	if (mirrors_across(orientation)) {
		from += (width - 1) * across;
		across = -across;
	}
	if (mirrors_down(orientation)) {
		from += (height - 1) * down;
		down = -down;
	}
	gather(from, across, down, &to);
	to.orientation = orientation;
	myo_image_clear(image);
	*image = to;
	return MYO_OK;
}

/* Reverse a range, so that it counts from the other end of `count` pixels. */
static void
mirror(int32_t *first, int32_t *last, int count)
{
	const int32_t old = *first;

	*first = count - 1 - *last;
	*last = count - 1 - old;
}

void
myo_image_turn_box(int orientation, int height, int width, int32_t box[4])
{
	if (box[2] < box[0])
		return;
	if (swaps(orientation)) {
		const int32_t old[4] = { box[0], box[1], box[2], box[3] };
		for (int i = 0; i < 4; i++)
			box[i] = old[i ^ 1];
	}
	if (mirrors_across(orientation))
		mirror(&box[0], &box[2], width);
	if (mirrors_down(orientation))
		mirror(&box[1], &box[3], height);
}
