/*
 * Resizing: along the rows, then down the columns, by weighted sums in fixed point. Of the rows resized along x only
 * those are kept that the next row of the output needs.
 */
#include "image/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* For each output position: where its inputs begin, and `taps` weights that sum to 1 << bits. */
struct filter {
	int taps, bits;
	int *first;       /* [out] */
	int32_t *weights; /* [out, taps] */
};

/* Outputs [begin, begin + count) of the `out` outputs to which `in` inputs are resized. */
struct span {
	int in, out, begin, count;
};

static void
filter_clear(struct filter *filter)
{
	free(filter->first);
	free(filter->weights);
}

/* ---- weights --------------------------------------------------------------------------------- */

/* The radius of a filter, in output pixels when shrinking, else in input pixels. */
static double
reach(enum myo_filter kind)
{
	return kind == MYO_FILTER_TRIANGLE ? 1 : kind == MYO_FILTER_AREA ? 0.5 : 3;
}

static double
sinc(double x)
{
	const double angle = acos(-1) * x;

	return x == 0 ? 1 : sin(angle) / angle;
}

/*
 * The weight of input i for an output centred on `centre`. At the edges of AREA the last bit decides, so the arithmetic
 * and its order are Pillow's; the triangle's is older.
 */
static double
weigh(enum myo_filter kind, int i, double centre, double radius)
{
	if (kind == MYO_FILTER_TRIANGLE) {
		const double distance = fabs(i - (centre - 0.5)) / radius;
		return distance < 1 ? 1 - distance : 0;
	}
	const double x = (i - centre + 0.5) * (1 / radius);
	if (kind == MYO_FILTER_AREA)
		return x > -0.5 && x <= 0.5;
	return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/*
 * Round weights to integers. The rounding error of their sum is added to the largest weight, so that a uniform picture
 * isn't changed.
 */
static void
round_weights(const double *exact, double sum, int taps, int bits, int32_t *weights)
{
	int32_t left = 1 << bits;
	int largest = 0;

	for (int t = 0; t < taps; t++) {
		weights[t] = (int32_t)floor(exact[t] / sum * (1 << bits) + 0.5);
		left -= weights[t];
		if (weights[t] > weights[largest])
			largest = t;
	}
	weights[largest] += left;
}

/* The weights of output `at`; inputs beyond the edges have none, and the others are renormalised. */
static void
fill_weights(const struct filter *filter, enum myo_filter kind, const struct span *span, int at, double *exact)
{
	const double scale = (double)span->in / span->out;
	const double radius = scale > 1 ? scale : 1;
	const double centre = (at + 0.5) * scale;
	const int from = (int)fmax(centre - reach(kind) * radius + 0.5, 0);
	const int to = (int)fmin(centre + reach(kind) * radius + 0.5, span->in);
	const int first = from < span->in - filter->taps ? from : span->in - filter->taps;
	double sum = 0;

	for (int t = 0; t < filter->taps; t++) {
		const int i = first + t;
		exact[t] = i >= from && i < to ? weigh(kind, i, centre, radius) : 0;
		sum += exact[t];
	}
	const size_t row = (size_t)(at - span->begin);
	filter->first[row] = first;
	round_weights(exact, sum, filter->taps, filter->bits, filter->weights + row * (size_t)filter->taps);
}

/*
 * Sums of 8-bit values times weights must fit into 32 bits, where the absolute values of Lanczos' weights sum to less
 * than 2. The triangle has fewer bits for compatibility: models have been trained on its results.
 */
static int
filter_init(struct filter *filter, enum myo_filter kind, const struct span *span, struct myo_err *err)
{
	const double scale = (double)span->in / span->out;
	const int taps = 2 * (int)ceil(reach(kind) * (scale > 1 ? scale : 1)) + 1;

	filter->bits = kind == MYO_FILTER_TRIANGLE ? 14 : 21;
	filter->taps = taps < span->in ? taps : span->in;
	filter->first = myo_calloc((size_t)span->count, sizeof *filter->first, err);
	filter->weights =
	    myo_calloc((size_t)span->count * (size_t)filter->taps, sizeof *filter->weights, err);
	double *exact = myo_calloc((size_t)filter->taps, sizeof *exact, err);
	const bool complete = filter->first != NULL && filter->weights != NULL && exact != NULL;
	for (int i = 0; complete && i < span->count; i++)
		fill_weights(filter, kind, span, span->begin + i, exact);
	free(exact);
	return complete ? MYO_OK : MYO_FAIL;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static uint8_t
round_sum(int32_t sum, int bits)
{
	sum = (sum + (1 << (bits - 1))) >> bits;
	return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* Resize one row, U8 [in, 3], to U8 [count, 3]. */
static void
resize_row(const uint8_t *row, const struct filter *filter, uint8_t *to, size_t count)
{
	for (size_t x = 0; x < count; x++) {
		const int32_t *weights = filter->weights + x * (size_t)filter->taps;
		const uint8_t *at = row + (size_t)filter->first[x] * 3;
		int32_t red = 0, green = 0, blue = 0;
		for (int t = 0; t < filter->taps; t++, at += 3) {
			red += weights[t] * at[0];
			green += weights[t] * at[1];
			blue += weights[t] * at[2];
		}
		to[3 * x] = round_sum(red, filter->bits);
		to[3 * x + 1] = round_sum(green, filter->bits);
		to[3 * x + 2] = round_sum(blue, filter->bits);
	}
}

static void
add_row(int32_t *restrict sums, const uint8_t *restrict row, int32_t weight, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] += weight * row[i];
}

/* Input row i, resized along x, is in the ring at index i modulo down.taps. */
struct work {
	struct filter across, down;
	uint8_t *ring; /* U8 [down.taps, width, 3] */
	int32_t *sums; /* I32 [width, 3] */
};

static uint8_t *
ring_row(const struct work *work, int i, size_t row_bytes)
{
	return work->ring + (size_t)(i % work->down.taps) * row_bytes;
}

static void
resize_rows(const struct work *work, const struct myo_image *from, const struct myo_image *to)
{
	const struct filter *down = &work->down;
	const size_t width = (size_t)to->width, row_bytes = width * 3;
	int next = 0; /* first input row that isn't in the ring yet */

	for (size_t y = 0; y < (size_t)to->height; y++) {
		const int first = down->first[y];
		for (next = next > first ? next : first; next < first + down->taps; next++)
			resize_row(from->pixels + (size_t)next * (size_t)from->width * 3, &work->across,
			    ring_row(work, next, row_bytes), width);
		memset(work->sums, 0, row_bytes * sizeof *work->sums);
		for (int t = 0; t < down->taps; t++)
			add_row(work->sums, ring_row(work, first + t, row_bytes),
			    down->weights[y * (size_t)down->taps + (size_t)t], row_bytes);
		uint8_t *out = to->pixels + y * row_bytes;
		for (size_t i = 0; i < row_bytes; i++)
			out[i] = round_sum(work->sums[i], down->bits);
	}
}

/* The part of height x width at (cover->top, cover->left) of the picture resized to the cover's size. */
static int
resize_part(const struct myo_image *from, const struct myo_cover *cover, int height, int width,
    enum myo_filter filter, struct myo_image *to, struct myo_err *err)
{
	const struct span across = { from->width, cover->width, cover->left, width };
	const struct span down = { from->height, cover->height, cover->top, height };
	struct work work = { .ring = NULL };

	int rc = image_alloc(to, height, width, err);
	if (rc == MYO_OK)
		rc = filter_init(&work.across, filter, &across, err);
	if (rc == MYO_OK)
		rc = filter_init(&work.down, filter, &down, err);
	if (rc == MYO_OK) {
		work.ring = myo_realloc(NULL, (size_t)work.down.taps * (size_t)width, 3, err);
		work.sums = myo_realloc(NULL, (size_t)width * 3, sizeof *work.sums, err);
		rc = work.ring != NULL && work.sums != NULL ? MYO_OK : MYO_FAIL;
	}
	if (rc == MYO_OK)
		resize_rows(&work, from, to);
	else
		myo_image_clear(to);
	free(work.sums);
	free(work.ring);
	filter_clear(&work.down);
	filter_clear(&work.across);
	return rc;
}

int
myo_image_resize(const struct myo_image *from, int height, int width, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err)
{
	const struct myo_cover whole = { .height = height, .width = width };

	return resize_part(from, &whole, height, width, filter, to, err);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* A side in proportion, when the other is scaled from `from` to `to`; rounded. */
static int64_t
follow(int side, int from, int to)
{
	return ((int64_t)side * to + from / 2) / from;
}

int
myo_image_shorter(
    const struct myo_image *from, int side, enum myo_filter filter, struct myo_image *to, struct myo_err *err)
{
	const bool upright = from->height > from->width;
	const int64_t longer =
	    upright ? follow(from->height, from->width, side) : follow(from->width, from->height, side);

	*to = (struct myo_image)MYO_IMAGE_INIT;
	if (longer > MYO_IMAGE_MAX_SIDE)
		return myo_fail(err,
		    "%dx%d pixels resized to a shorter side of %d: no side may be longer than %d",
		    from->height, from->width, side, MYO_IMAGE_MAX_SIDE);
	return upright ? myo_image_resize(from, (int)longer, side, filter, to, err)
		       : myo_image_resize(from, side, (int)longer, filter, to, err);
}

/* The side of a cover that exceeds the frame. */
static int
cover_side(int side, int from, int to, int least)
{
	const int64_t scaled = follow(side, from, to);

	return scaled < least ? least : scaled > MYO_IMAGE_MAX_SIDE ? MYO_IMAGE_MAX_SIDE : (int)scaled;
}

struct myo_cover
myo_image_cover(int from_height, int from_width, int height, int width)
{
	struct myo_cover cover = { .height = height, .width = width };

	/* from_width / from_height against width / height, without fractions */
	if ((int64_t)from_width * height > (int64_t)width * from_height)
		cover.width = cover_side(from_width, from_height, height, width);
	else
		cover.height = cover_side(from_height, from_width, width, height);
	cover.top = (cover.height - height) / 2;
	cover.left = (cover.width - width) / 2;
	return cover;
}

int
myo_image_fill(const struct myo_image *from, int height, int width, enum myo_filter filter,
    struct myo_image *to, struct myo_err *err)
{
	const struct myo_cover cover = myo_image_cover(from->height, from->width, height, width);

	return resize_part(from, &cover, height, width, filter, to, err);
}
