/* Resizing: two passes of weighted sums, the weights in fixed point. */
#include "image/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WEIGHT_BITS = 14 };

/* For each output position: where its inputs begin, and `taps` weights that sum to 1 << WEIGHT_BITS. */
struct filter {
	int taps;
	int *first;       /* [out] */
	int32_t *weights; /* [out, taps] */
};

static void
filter_clear(struct filter *filter)
{
	free(filter->first);
	free(filter->weights);
}

/*
 * Triangle of radius max(1, in / out) around the centre of the output pixel. What rounding
 * leaves of the sum goes to the largest weight, so a flat picture stays what it is.
 */
static void
fill_weights(const struct filter *filter, int in, int out, int at, double *exact)
{
	const double scale = (double)in / out;
	const double radius = scale > 1 ? scale : 1;
	const double centre = (at + 0.5) * scale - 0.5;
	int first = (int)ceil(centre - radius);
	first = first < 0 ? 0 : first;
	if (first > in - filter->taps)
		first = in - filter->taps;
	double sum = 0;
	for (int t = 0; t < filter->taps; t++) {
		const double distance = fabs(first + t - centre) / radius;
		exact[t] = distance < 1 ? 1 - distance : 0;
		sum += exact[t];
	}
	int32_t *weights = filter->weights + (size_t)at * (size_t)filter->taps;
	int32_t left = 1 << WEIGHT_BITS;
	int largest = 0;
	for (int t = 0; t < filter->taps; t++) {
		weights[t] = (int32_t)floor(exact[t] / sum * (1 << WEIGHT_BITS) + 0.5);
		left -= weights[t];
		if (weights[t] > weights[largest])
			largest = t;
	}
	weights[largest] += left;
	filter->first[at] = first;
}

static int
filter_init(struct filter *filter, int in, int out, struct myo_err *err)
{
	const double scale = (double)in / out;
	const int reach = 2 * (int)ceil(scale > 1 ? scale : 1) + 1;
	double *exact = NULL;

	filter->taps = reach < in ? reach : in;
	filter->first = myo_calloc((size_t)out, sizeof *filter->first, err);
	filter->weights = myo_calloc((size_t)out * (size_t)filter->taps, sizeof *filter->weights, err);
	exact = myo_calloc((size_t)filter->taps, sizeof *exact, err);
	const bool complete = filter->first != NULL && filter->weights != NULL && exact != NULL;
	for (int i = 0; complete && i < out; i++)
		fill_weights(filter, in, out, i, exact);
	free(exact);
	return complete ? MYO_OK : MYO_FAIL;
}

/* One output sample: inputs lie `step` bytes apart. */
static uint8_t
weigh(const uint8_t *from, size_t step, const int32_t *weights, int taps)
{
	int32_t sum = 1 << (WEIGHT_BITS - 1);

	for (int t = 0; t < taps; t++)
		sum += weights[t] * from[(size_t)t * step];
	sum >>= WEIGHT_BITS;
	return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* U8 [height, in, 3] to U8 [height, out, 3]. */
static void
resize_rows(const struct myo_image *from, const struct filter *filter, struct myo_image *to)
{
	for (size_t y = 0; y < (size_t)from->height; y++) {
		const uint8_t *row = from->pixels + y * (size_t)from->width * 3;
		uint8_t *out = to->pixels + y * (size_t)to->width * 3;
		for (size_t x = 0; x < (size_t)to->width; x++) {
			const int32_t *weights = filter->weights + x * (size_t)filter->taps;
			const uint8_t *first = row + (size_t)filter->first[x] * 3;
			for (size_t c = 0; c < 3; c++)
				out[3 * x + c] = weigh(first + c, 3, weights, filter->taps);
		}
	}
}

/* U8 [in, width, 3] to U8 [out, width, 3]. */
static void
resize_columns(const struct myo_image *from, const struct filter *filter, struct myo_image *to)
{
	const size_t row_bytes = (size_t)from->width * 3;

	for (size_t y = 0; y < (size_t)to->height; y++) {
		const int32_t *weights = filter->weights + y * (size_t)filter->taps;
		const uint8_t *first = from->pixels + (size_t)filter->first[y] * row_bytes;
		uint8_t *out = to->pixels + y * row_bytes;
		for (size_t i = 0; i < row_bytes; i++)
			out[i] = weigh(first + i, row_bytes, weights, filter->taps);
	}
}

int
myo_image_resize(
    const struct myo_image *from, int height, int width, struct myo_image *to, struct myo_err *err)
{
	struct filter across = { 0 }, down = { 0 };
	struct myo_image half = MYO_IMAGE_INIT;
	int rc = myo_image_init(to, height, width, err);

	if (rc == MYO_OK)
		rc = filter_init(&across, from->width, width, err);
	if (rc == MYO_OK)
		rc = filter_init(&down, from->height, height, err);
	if (rc == MYO_OK)
		rc = myo_image_init(&half, from->height, width, err);
	if (rc == MYO_OK) {
		resize_rows(from, &across, &half);
		resize_columns(&half, &down, to);
	} else {
		myo_image_clear(to);
	}
	myo_image_clear(&half);
	filter_clear(&down);
	filter_clear(&across);
	return rc;
}

/* The side that follows when the other is scaled from `from` to `to`, rounded, never below `least`. */
static int
follow(int side, int from, int to, int least)
{
	const int64_t scaled = ((int64_t)side * to + from / 2) / from;

	return scaled < least ? least : scaled > MYO_IMAGE_MAX_SIDE ? MYO_IMAGE_MAX_SIDE : (int)scaled;
}

struct myo_cover
myo_image_cover(int from_height, int from_width, int height, int width)
{
	struct myo_cover cover = { .height = height, .width = width };

	/* from_width / from_height against width / height, without fractions */
	if ((int64_t)from_width * height > (int64_t)width * from_height)
		cover.width = follow(from_width, from_height, height, width);
	else
		cover.height = follow(from_height, from_width, width, height);
	cover.top = (cover.height - height) / 2;
	cover.left = (cover.width - width) / 2;
	return cover;
}

int
myo_image_fill(const struct myo_image *from, int height, int width, struct myo_image *to, struct myo_err *err)
{
	const struct myo_cover cover = myo_image_cover(from->height, from->width, height, width);
	struct myo_image whole = MYO_IMAGE_INIT;

	if (cover.height == height && cover.width == width)
		return myo_image_resize(from, height, width, to, err);
	*to = (struct myo_image)MYO_IMAGE_INIT;
	int rc = myo_image_resize(from, cover.height, cover.width, &whole, err);
	if (rc == MYO_OK)
		rc = myo_image_init(to, height, width, err);
	if (rc == MYO_OK) {
		const size_t row_bytes = (size_t)width * 3, whole_bytes = (size_t)cover.width * 3;
		const uint8_t *first =
		    whole.pixels + (size_t)cover.top * whole_bytes + (size_t)cover.left * 3;
		for (size_t y = 0; y < (size_t)height; y++)
			memcpy(to->pixels + y * row_bytes, first + y * whole_bytes, row_bytes);
	}
	myo_image_clear(&whole);
	return rc;
}
