/*
 * What befalls random crops, so that a network doesn't see the same ones again: other sizes, mirrors in turn, other
 * colours, a hole. Each is drawn from numbers of its own, so that none of them changes what another one does; what is
 * done to pixels is done in whole numbers, so that the same seed gives the same bytes everywhere.
 */
#include "image/image.h"
#include "patch/private.h"

#include <math.h>
#include <string.h>

/* Factors are multiples of 1 / ONE. GREY fills holes: what is between, for those who look; models pass over it. */
enum { CHANNELS = 3, ONE = 1 << 16, GREY = 128 };

/* ---- sizes --------------------------------------------------------------------------------------- */

int
crops_least(const struct myo_crops *crops)
{
	return crops->most > 0 ? crops->least : crops->size;
}

/* The longest side that an image has room for. */
static uint32_t
longest(const struct myo_crops *crops, const struct source *source)
{
	const size_t shorter = source->height < source->width ? source->height : source->width;
	const size_t room = shorter + 2 * (size_t)crops->margin;

	return room < (size_t)crops->most ? (uint32_t)room : (uint32_t)crops->most;
}

/*
 * Uniform in the area, as Inception's crops were (Szegedy and others, "Going deeper with convolutions", 2015) and
 * torchvision's RandomResizedCrop is: side s comes as often as there are whole numbers from s^2 to below (s + 1)^2.
 */
int
augment_side(const struct myo_crops *crops, const struct source *source, int64_t epoch, uint64_t number)
{
	if (crops->most == 0)
		return crops->size;
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_SCALE, (uint64_t)epoch, number);
	const uint32_t least = (uint32_t)crops->least, end = longest(crops, source) + 1;

	return (int)sqrt(least * least + myo_rng_below(&rng, end * end - least * least));
}

/* The part of a square that lies in the image, as a picture of its own. */
static int
copy_part(const struct source *source, const struct square *square, struct myo_image *part, struct myo_err *err)
{
	const int top = square->y > 0 ? square->y : 0, left = square->x > 0 ? square->x : 0;
	const int height = (int)source->height, width = (int)source->width;
	const int bottom = square->y + square->side, right = square->x + square->side;

	if (myo_image_init(part, (bottom < height ? bottom : height) - top,
	    (right < width ? right : width) - left, err) !=
	    MYO_OK)
		return MYO_FAIL;
	const size_t bytes = (size_t)part->width * CHANNELS;
	for (size_t line = 0; line < (size_t)part->height; line++)
		memcpy(part->pixels + line * bytes,
		    source->pixels + (((size_t)top + line) * source->width + (size_t)left) * CHANNELS, bytes);
	return MYO_OK;
}

int
augment_resize(const struct source *source, const struct square *square, const struct area *inside, uint8_t *to,
    size_t size, struct myo_err *err)
{
	struct myo_image part = MYO_IMAGE_INIT, resized = MYO_IMAGE_INIT;
	const size_t bytes = (inside->right - inside->left) * CHANNELS;

	int rc = copy_part(source, square, &part, err);
	if (rc == MYO_OK)
		rc = myo_image_resize(&part, (int)(inside->bottom - inside->top), (int)(inside->right - inside->left),
		    MYO_FILTER_TRIANGLE, &resized, err);
	for (size_t line = inside->top; rc == MYO_OK && line < inside->bottom; line++)
		memcpy(to + (line * size + inside->left) * CHANNELS, resized.pixels + (line - inside->top) * bytes,
		    bytes);
	myo_image_clear(&resized);
	myo_image_clear(&part);
	return rc;
}

/* ---- mirrors -------------------------------------------------------------------------------------- */

/*
 * In turn, as Jordan ("94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024) does: two epochs show both sides of
 * every image, where chance shows half of the images the same side twice.
 */
bool
augment_mirrored(const struct myo_crops *crops, uint64_t row, int64_t epoch, uint32_t crop)
{
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_ALTERNATE, 0, row);

	return (myo_rng_below(&rng, 2) + (uint64_t)epoch + crop) % 2 == 1;
}

/* ---- colours -------------------------------------------------------------------------------------- */

/* Uniform in [1 - amount, 1 + amount]. */
static int32_t
factor(struct myo_rng *rng, double amount)
{
	return ONE + (int32_t)lround(amount * (2 * myo_rng_real(rng) - 1) * ONE);
}

/* Brightness as the eye has it, by ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue. */
static int32_t
grey_of(const uint8_t *pixel)
{
	return (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + ONE / 2) >> 16;
}

static int32_t
mean_grey(const uint8_t *pixels, size_t size, const struct area *inside)
{
	const uint64_t count = (uint64_t)(inside->bottom - inside->top) * (inside->right - inside->left);
	uint64_t sum = 0;

	for (size_t y = inside->top; y < inside->bottom; y++)
		for (size_t x = inside->left; x < inside->right; x++)
			sum += (uint64_t)grey_of(pixels + (y * size + x) * CHANNELS);
	return count > 0 ? (int32_t)((sum + count / 2) / count) : 0;
}

static uint8_t
blend(int32_t value, int32_t other, int32_t share)
{
	const int32_t sum = share * value + (ONE - share) * other + ONE / 2;

	return (uint8_t)(sum < 0 ? 0 : sum / ONE > 255 ? 255 : sum / ONE);
}

/* Blend pixels with a grey; OWN_GREY: each with its own. */
enum { OWN_GREY = -1 };

static void
adjust(uint8_t *pixels, size_t size, const struct area *inside, int32_t share, int32_t grey)
{
	for (size_t y = inside->top; y < inside->bottom && share != ONE; y++)
		for (size_t x = inside->left; x < inside->right; x++) {
			uint8_t *pixel = pixels + (y * size + x) * CHANNELS;
			const int32_t other = grey == OWN_GREY ? grey_of(pixel) : grey;
			for (size_t c = 0; c < CHANNELS; c++)
				pixel[c] = blend(pixel[c], other, share);
		}
}

/*
 * The operations of torchvision's ColorJitter (transforms/_functional_tensor.py), each p' = f p + (1 - f) q, cut off at
 * 0 and 255:
 *
 *   brightness  q = 0
 *   contrast    q = the mean grey of the patch
 *   saturation  q = the pixel's own grey
 *
 * always in this order, where torchvision shuffles them, and rounded, where it rounds down. What lies outside of the
 * image stays 0 and has no part in the mean.
 */
static void
colour(const struct effects *effects, uint8_t *pixels, size_t size, const struct area *inside)
{
	adjust(pixels, size, inside, effects->brightness, 0);
	if (effects->contrast != ONE)
		adjust(pixels, size, inside, effects->contrast, mean_grey(pixels, size, inside));
	adjust(pixels, size, inside, effects->saturation, OWN_GREY);
}

/* ---- holes ---------------------------------------------------------------------------------------- */

/* [first, last) of a side of a patch: so many pixels around a random one, without what lies outside of the patch. */
static void
choose_hole(struct myo_rng *rng, uint32_t pixels, uint32_t size, size_t *first, size_t *last)
{
	const uint32_t centre = myo_rng_below(rng, size), before = pixels / 2, end = centre + pixels - before;

	*first = centre > before ? centre - before : 0;
	*last = end < size ? end : size;
}

static void
fill(uint8_t *pixels, size_t size, const struct area *hole, const struct area *inside)
{
	const size_t left = hole->left > inside->left ? hole->left : inside->left;
	const size_t right = hole->right < inside->right ? hole->right : inside->right;

	for (size_t y = hole->top; y < hole->bottom && left < right; y++)
		if (y >= inside->top && y < inside->bottom)
			memset(pixels + (y * size + left) * CHANNELS, GREY, (right - left) * CHANNELS);
}

/* ---- all of them ------------------------------------------------------------------------------------ */

/* All factors are drawn whenever one is, so that one's amount doesn't change another's. */
struct effects
augment_choose(const struct myo_crops *crops, int64_t epoch, uint64_t number)
{
	struct effects effects = { .brightness = ONE, .contrast = ONE, .saturation = ONE };
	struct myo_rng rng;

	if (crops->brightness > 0 || crops->contrast > 0 || crops->saturation > 0) {
		rng = myo_rng_at(crops->seed, MYO_RNG_COLOUR, (uint64_t)epoch, number);
		effects.brightness = factor(&rng, crops->brightness);
		effects.contrast = factor(&rng, crops->contrast);
		effects.saturation = factor(&rng, crops->saturation);
	}
	/* DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017 */
	if (crops->cutout > 0) {
		const uint32_t size = (uint32_t)crops->size, pixels = (uint32_t)crops->cutout;
		rng = myo_rng_at(crops->seed, MYO_RNG_CUTOUT, (uint64_t)epoch, number);
		choose_hole(&rng, pixels, size, &effects.hole.top, &effects.hole.bottom);
		choose_hole(&rng, pixels, size, &effects.hole.left, &effects.hole.right);
	}
	return effects;
}

void
augment_apply(const struct effects *effects, uint8_t *pixels, size_t size, const struct area *inside)
{
	colour(effects, pixels, size, inside);
	fill(pixels, size, &effects->hole, inside);
}
