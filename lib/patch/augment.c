/*
 * Augmentation of random crops, so that a network doesn't see the same ones again: other sizes, alternate mirroring,
 * other colours, a hole. Each is drawn from random numbers of its own, so that none of them changes another; and
 * pixels are computed in integers, so that the same seed gives the same bytes everywhere.
 */
#include "image/image.h"
#include "patch/private.h"

#include <math.h>
#include <string.h>

/* Factors are multiples of 1 / ONE. GREY fills holes, for people who look at crops; models treat holes as 0. */
enum { CHANNELS = 3, ONE = 1 << 16, GREY = 128 };

/* ---- sizes --------------------------------------------------------------------------------------- */

int
crops_least(const struct myo_crops *crops)
{
	return crops->most > 0 ? crops->least : crops->size;
}

/* The longest side of a square, up to crops->most, that an image has room for. */
static uint32_t
longest(const struct myo_crops *crops, const struct source *source)
{
	const size_t shorter = source->height < source->width ? source->height : source->width;
	const size_t room = shorter + 2 * (size_t)crops->margin;

	return room < (size_t)crops->most ? (uint32_t)room : (uint32_t)crops->most;
}

/*
 * Uniform in area, like Inception's crops (Szegedy and others, "Going deeper with convolutions", 2015) and
 * torchvision's RandomResizedCrop: side s is as frequent as there are whole numbers in [s^2, (s + 1)^2).
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
 * Alternately, as in Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU" (2024): two epochs show every image both
 * ways, where random mirroring would show half of the images the same way twice.
 */
bool
augment_mirrored(const struct myo_crops *crops, uint64_t row, int64_t epoch, uint32_t crop)
{
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_ALTERNATE, 0, row);

	return (myo_rng_below(&rng, 2) + (uint64_t)epoch + crop) % 2 == 1;
}

/* ---- colours -------------------------------------------------------------------------------------- */

/* Uniform in [-amount, amount]. */
static int32_t
either_way(struct myo_rng *rng, double amount)
{
	return (int32_t)lround(amount * (2 * myo_rng_real(rng) - 1) * ONE);
}

/* Luma by ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue. */
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

static int32_t
least_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t
most_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/*
 * Turn the hue of a pixel that isn't grey, by sixths of the circle in multiples of 1 / ONE, -3 to 3. Its largest and
 * its smallest value stay: Smith, "Color gamut transform pairs" (1978), where this is the hexcone model, HSV.
 */
static void
turn_hue(uint8_t *pixel, int32_t turn)
{
	enum { CIRCLE = 6 * ONE };
	const int32_t red = pixel[0], green = pixel[1], blue = pixel[2];
	const int32_t most = most_of(most_of(red, green), blue);
	const int32_t range = most - least_of(least_of(red, green), blue);
	int32_t hue; /* red is at 0, green at 2, blue at 4 */

	if (most == red)
		hue = (green - blue) * ONE / range;
	else if (most == green)
		hue = 2 * ONE + (blue - red) * ONE / range;
	else
		hue = 4 * ONE + (red - green) * ONE / range;
	for (int32_t c = 0; c < CHANNELS; c++) {
		/* a channel is largest up to a sixth from its own hue, and smallest from two sixths on */
		const int32_t along = (hue + turn + (5 - 2 * c) * ONE + CIRCLE) % CIRCLE;
		const int32_t below = most_of(0, least_of(ONE, least_of(along, 4 * ONE - along)));
		pixel[c] = (uint8_t)(most - (range * below + ONE / 2) / ONE);
	}
}

static void
turn_hues(uint8_t *pixels, size_t size, const struct area *inside, int32_t turn)
{
	for (size_t y = inside->top; y < inside->bottom && turn != 0; y++)
		for (size_t x = inside->left; x < inside->right; x++) {
			uint8_t *pixel = pixels + (y * size + x) * CHANNELS;
			if (pixel[0] != pixel[1] || pixel[1] != pixel[2])
				turn_hue(pixel, turn);
		}
}

/*
 * The operations of torchvision's ColorJitter (transforms/_functional_tensor.py). The first three are
 * p' = f p + (1 - f) q, clamped to 0 to 255:
 *
 *   brightness  q = 0
 *   contrast    q = the mean grey of the patch
 *   saturation  q = the pixel's own grey
 *   hue         turned
 *
 * always in this order, whereas torchvision shuffles them, and rounded to nearest, whereas it rounds down. Pixels
 * outside the image stay 0 and don't count for the mean.
 */
static void
colour(const struct effects *effects, uint8_t *pixels, size_t size, const struct area *inside)
{
	adjust(pixels, size, inside, effects->brightness, 0);
	if (effects->contrast != ONE)
		adjust(pixels, size, inside, effects->contrast, mean_grey(pixels, size, inside));
	adjust(pixels, size, inside, effects->saturation, OWN_GREY);
	turn_hues(pixels, size, inside, effects->hue);
}

/* ---- holes ---------------------------------------------------------------------------------------- */

/* Along one axis of a patch: `pixels` pixels around a random one, clipped to the patch, [first, last). */
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

/* Three factors and a turn, all drawn if any is, so that the amount of one doesn't change the others. */
struct effects
augment_choose(const struct myo_crops *crops, int64_t epoch, uint64_t number)
{
	struct effects effects = { .brightness = ONE, .contrast = ONE, .saturation = ONE };
	struct myo_rng rng;

	if (crops->brightness > 0 || crops->contrast > 0 || crops->saturation > 0 || crops->hue > 0) {
		rng = myo_rng_at(crops->seed, MYO_RNG_COLOUR, (uint64_t)epoch, number);
		effects.brightness += either_way(&rng, crops->brightness);
		effects.contrast += either_way(&rng, crops->contrast);
		effects.saturation += either_way(&rng, crops->saturation);
		effects.hue = either_way(&rng, 6 * crops->hue);
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
