/* Pictures with more and more of their pixels removed, or restored. */
#include "erase/erase.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const myo_erase_modes[] = { "deletion", "insertion", NULL };
const char *const myo_erase_orders[] = { "hottest", "coldest", "random", "turned", NULL };

/* ---- order ------------------------------------------------------------------------------ */

struct spot {
	float heat;
	uint32_t lot, pixel; /* lot: a random number that orders equals */
};

static int
hotter_first(const void *a, const void *b)
{
	const struct spot *const s = a, *const t = b;

	if (s->heat < t->heat || s->heat > t->heat)
		return s->heat < t->heat ? 1 : -1;
	return (s->lot > t->lot) - (s->lot < t->lot);
}

/*
 * The pixels in the order in which they are removed or restored, [height * width], for the caller to free. Equals are
 * in random order, the same for each enum myo_erase_order: line by line they would be removed in one piece, which
 * affects a network differently from scattered pixels, whatever the map says.
 */
static uint32_t *
order_of(const struct myo_erase *how, const struct myo_heat_map *map, struct myo_err *err)
{
	const size_t pixels = map->height * map->width;
	struct spot *const spots = myo_calloc(pixels, sizeof *spots, err);
	uint32_t *const order = myo_calloc(pixels, sizeof *order, err);

	if (spots == NULL || order == NULL) {
		free(spots);
		free(order);
		return NULL;
	}
	struct myo_rng rng = myo_rng_at(how->seed, MYO_RNG_ERASE, (uint64_t)map->id, 0);
	myo_rng_permute(&rng, order, (uint32_t)pixels);
	for (size_t i = 0; i < pixels && how->order != MYO_ERASE_RANDOM; i++) {
		const size_t from = how->order == MYO_ERASE_TURNED ? pixels - 1 - order[i] : order[i];
		const float heat = isnan(map->heat[from]) ? -INFINITY : map->heat[from];
		spots[i] = (struct spot){ how->order == MYO_ERASE_COLDEST ? -heat : heat, (uint32_t)i, order[i] };
	}
	if (how->order != MYO_ERASE_RANDOM) {
		qsort(spots, pixels, sizeof *spots, hotter_first);
		for (size_t i = 0; i < pixels; i++)
			order[i] = spots[i].pixel;
	}
	free(spots);
	return order;
}

/* ---- what replaces pixels --------------------------------------------------------------------- */

/* Fill to, U8 [count, 3], with the mean colour. */
static void
fill_mean(const uint8_t *pixels, size_t count, uint8_t *to)
{
	double sum[3] = { 0 };

	for (size_t i = 0; i < count; i++)
		for (size_t c = 0; c < 3; c++)
			sum[c] += pixels[3 * i + c];
	for (size_t i = 0; i < count; i++)
		for (size_t c = 0; c < 3; c++)
			to[3 * i + c] = (uint8_t)lround(sum[c] / (double)count);
}

/* Weights of a Gaussian, [2 * reach + 1], for the caller to free. */
static double *
gaussian(double sigma, size_t *reach, struct myo_err *err)
{
	*reach = (size_t)ceil(3 * sigma);
	double *const weight = myo_calloc(2 * *reach + 1, sizeof *weight, err);

	for (size_t i = 0; weight != NULL && i <= 2 * *reach; i++) {
		const double far = (double)i - (double)*reach;
		weight[i] = sigma > 0 ? exp(-far * far / (2 * sigma * sigma)) : 1;
	}
	return weight;
}

/*
 * One pass along lines of `length` points, which are `step` apart; lines begin `apart` from each other. Weights beyond
 * the edge are left out, and the others renormalised.
 */
static void
blur_lines(const double *from, double *to, size_t lines, size_t apart, size_t length, size_t step, const double *weight,
    size_t reach)
{
	for (size_t n = 0; n < lines; n++) {
		for (size_t p = 0; p < length; p++) {
			const size_t first = p > reach ? p - reach : 0, last = p + reach < length ?
			    p + reach : length - 1;
			double sum = 0, all = 0;
			for (size_t q = first; q <= last; q++) {
				sum += weight[q + reach - p] * from[n * apart + q * step];
				all += weight[q + reach - p];
			}
			to[n * apart + p * step] = sum / all;
		}
	}
}

/* The blurred picture, U8 [height, width, 3]. */
static int
fill_blurred(const uint8_t *pixels, size_t height, size_t width, double sigma, uint8_t *to, struct myo_err *err)
{
	const size_t count = height * width;
	size_t reach;
	double *const weight = gaussian(sigma * (double)(height > width ? height : width), &reach, err);
	double *const from = myo_calloc(count, sizeof *from, err),
	    *const across = myo_calloc(count, sizeof *across, err);
	const int status = weight != NULL && from != NULL && across != NULL ? MYO_OK : MYO_FAIL;

	for (size_t c = 0; status == MYO_OK && c < 3; c++) {
		for (size_t i = 0; i < count; i++)
			from[i] = pixels[3 * i + c];
		blur_lines(from, across, height, width, width, 1, weight, reach);
		blur_lines(across, from, width, 1, height, width, weight, reach);
		for (size_t i = 0; i < count; i++)
			to[3 * i + c] = (uint8_t)lround(from[i]);
	}
	free(weight);
	free(from);
	free(across);
	return status;
}

/* ---- pictures ------------------------------------------------------------------------------------ */

int
myo_erase_make(const struct myo_erase *how, const struct myo_heat_map *map, const uint8_t *pixels, uint8_t *to,
    struct myo_err *err)
{
	const size_t count = map->height * map->width, steps = (size_t)how->steps;
	const bool deletion = how->mode == MYO_ERASE_DELETION;
	uint8_t *const filler = myo_calloc(count, 3, err);
	uint32_t *const order = order_of(how, map, err);
	int status = filler != NULL && order != NULL ? MYO_OK : MYO_FAIL;

	if (status == MYO_OK && deletion)
		fill_mean(pixels, count, filler);
	else if (status == MYO_OK)
		status = fill_blurred(pixels, map->height, map->width, how->sigma, filler, err);
	if (status == MYO_OK) {
		const uint8_t *const after = deletion ? filler : pixels;
		memcpy(to, deletion ? pixels : filler, count * 3);
		for (size_t s = 1; s <= steps; s++) {
			uint8_t *const picture = to + s * count * 3;
			memcpy(picture, picture - count * 3, count * 3);
			for (size_t i = count * (s - 1) / steps; i < count * s / steps; i++)
				memcpy(picture + 3 * (size_t)order[i], after + 3 * (size_t)order[i], 3);
		}
	}
	free(filler);
	free(order);
	return status;
}

int
myo_erase_header(const struct myo_erase *how, const struct myo_header *maps, struct myo_header *out,
    struct myo_err *err)
{
	const char *const method = myo_header_get(maps, "method"),
	    *const names = myo_heat_method(MYO_HEAT_CLASSES)->name;

	if (method != NULL && strcmp(method, names) == 0)
		return myo_fail(err,
		    "maps of --method %s hold numbers of classes, none of which is hotter than another", names);
	if (myo_header_copy(out, maps, err) != MYO_OK)
		return MYO_FAIL;
	out->kind = MYO_IMAGES;
	out->rows = -1;
	if (myo_header_set(out, "tile", NULL, err) != MYO_OK || myo_header_set(out, "method", NULL, err) != MYO_OK ||
	    myo_header_set(out, "erase", myo_erase_modes[how->mode], err) != MYO_OK ||
	    myo_header_set(out, "order", myo_erase_orders[how->order], err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set_int(out, "steps", how->steps, err);
}
