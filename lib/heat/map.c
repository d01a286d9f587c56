/* From what a network said of an image's tiles to its map. */
#include "heat/tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
by_place(const void *a, const void *b)
{
	const struct tile *const s = a, *const t = b;

	if (s->y != t->y)
		return s->y < t->y ? -1 : 1;
	return (s->x > t->x) - (s->x < t->x);
}

static size_t
largest(const float *logits, size_t classes)
{
	size_t best = 0;

	for (size_t k = 1; k < classes; k++)
		if (logits[k] > logits[best])
			best = k;
	return best;
}

static void
softmax(const float *logits, size_t classes, double *out)
{
	const double top = (double)logits[largest(logits, classes)];
	double sum = 0;

	for (size_t k = 0; k < classes; k++)
		sum += out[k] = exp((double)logits[k] - top);
	for (size_t k = 0; k < classes; k++)
		out[k] /= sum;
}

/* Sort the tiles, so that no sum depends on the order they came in, and look at each of them. */
static int
check_tiles(struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_err *err)
{
	const int64_t side = (int64_t)grid->tile;
	const long long id = (long long)tiles->id;

	qsort(tiles->tile, tiles->count, sizeof *tiles->tile, by_place);
	for (size_t i = 0; i < tiles->count; i++) {
		const struct tile *const t = &tiles->tile[i];
		if (i > 0 && by_place(t - 1, t) == 0)
			return myo_fail(err, "image %lld: two tiles at y %d, x %d", id, t->y, t->x);
		if (t->y <= -side || t->x <= -side || t->y >= tiles->height || t->x >= tiles->width)
			return myo_fail(err, "image %lld: the tile at y %d, x %d lies outside of its %d x %d "
			    "pixels", id, t->y, t->x, tiles->height, tiles->width);
		for (size_t k = 0; k < tiles->classes; k++)
			if (!isfinite(tiles->logits[t->row * tiles->classes + k]))
				return myo_fail(err, "image %lld: the tile at y %d, x %d has a logit that is "
				    "no finite number", id, t->y, t->x);
	}
	return MYO_OK;
}

/* What is said of the whole image, and so the class in question. */
static int
judge(const struct tiles *tiles, const struct myo_heat_choice *choice, struct myo_heat_map *map,
    struct myo_err *err)
{
	memset(tiles->total, 0, tiles->classes * sizeof *tiles->total);
	for (size_t i = 0; i < tiles->count; i++) {
		softmax(tiles->logits + tiles->tile[i].row * tiles->classes, tiles->classes, tiles->chance);
		for (size_t k = 0; k < tiles->classes; k++)
			tiles->total[k] += tiles->chance[k];
	}
	size_t best = 0;
	for (size_t k = 1; k < tiles->classes; k++)
		if (tiles->total[k] > tiles->total[best])
			best = k;
	map->predicted = (int32_t)best;
	map->about = choice->about == MYO_ABOUT_LABEL ? tiles->label :
	    choice->about == MYO_ABOUT_CLASS              ? choice->about_class :
	                                                    map->predicted;
	if (map->about < 0)
		return myo_fail(err, "image %lld has no label; ask for the predicted class or for one by name",
		    (long long)tiles->id);
	map->p_predicted = tiles->total[best] / (double)tiles->count;
	map->p_about = tiles->total[map->about] / (double)tiles->count;
	return MYO_OK;
}

/*
 * Each tile speaks for the cell around its centre. Cells overlap only in a grid whose last tiles
 * are set flush with the edge: there the nearer centre has the pixel, the first one at a tie.
 */
static int
fill_cells(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err)
{
	const int64_t side = (int64_t)grid->tile, stride = (int64_t)grid->stride;
	const int64_t height = tiles->height, width = tiles->width;
	/* [height, width] */
	int64_t *const nearest = myo_calloc(map->height * map->width, sizeof *nearest, err);

	if (nearest == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < map->height * map->width; i++)
		nearest[i] = INT64_MAX;
	for (size_t i = 0; i < tiles->count; i++) {
		const float *const logits = tiles->logits + tiles->tile[i].row * tiles->classes;
		const size_t says = largest(logits, tiles->classes);
		const float heat = (int32_t)says == map->about ? logits[says] : NAN;
		const int64_t top = tiles->tile[i].y + side / 2 - stride / 2;
		const int64_t left = tiles->tile[i].x + side / 2 - stride / 2;
		for (int64_t y = top > 0 ? top : 0; y < top + stride && y < height; y++) {
			for (int64_t x = left > 0 ? left : 0; x < left + stride && x < width; x++) {
				/* in half pixels, so that the centre of an even tile is exact */
				const int64_t dy = 2 * (y - tiles->tile[i].y) + 1 - side;
				const int64_t dx = 2 * (x - tiles->tile[i].x) + 1 - side;
				const int64_t at = y * width + x, far = dy * dy + dx * dx;
				if (far < nearest[at]) {
					nearest[at] = far;
					map->heat[at] = heat;
				}
			}
		}
	}
	free(nearest);
	return MYO_OK;
}

/* A rectangle's four corners; running sums along both sides turn them into its pixels. */
static void
mark(double *sums, size_t pitch, size_t top, size_t left, size_t bottom, size_t right, double value)
{
	sums[top * pitch + left] += value;
	sums[top * pitch + right] -= value;
	sums[bottom * pitch + left] -= value;
	sums[bottom * pitch + right] += value;
}

/*
 * The mean of the tiles over each pixel. Tiles are marked by their corners in tables of
 * differences, so the work is tiles + pixels, not tiles x their pixels.
 */
static int
average_cover(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err)
{
	const int64_t side = (int64_t)grid->tile;
	const size_t pitch = map->width + 1, cells = pitch * (map->height + 1);
	double *const sum = myo_calloc(cells, sizeof *sum, err);     /* [height + 1, width + 1] */
	double *const count = myo_calloc(cells, sizeof *count, err); /* the same */
	const int status = sum != NULL && count != NULL ? MYO_OK : MYO_FAIL;

	for (size_t i = 0; status == MYO_OK && i < tiles->count; i++) {
		const struct tile *const t = &tiles->tile[i];
		const int64_t bottom = t->y + side, right = t->x + side;
		const size_t y0 = t->y > 0 ? (size_t)t->y : 0, x0 = t->x > 0 ? (size_t)t->x : 0;
		const size_t y1 = bottom < tiles->height ? (size_t)bottom : map->height;
		const size_t x1 = right < tiles->width ? (size_t)right : map->width;
		softmax(tiles->logits + t->row * tiles->classes, tiles->classes, tiles->chance);
		mark(sum, pitch, y0, x0, y1, x1, tiles->chance[map->about]);
		mark(count, pitch, y0, x0, y1, x1, 1);
	}
	for (size_t y = 0; status == MYO_OK && y < map->height; y++) {
		for (size_t x = 0; x < map->width; x++) {
			const size_t at = y * pitch + x;
			if (x > 0) {
				sum[at] += sum[at - 1];
				count[at] += count[at - 1];
			}
		}
	}
	for (size_t y = 0; status == MYO_OK && y < map->height; y++) {
		for (size_t x = 0; x < map->width; x++) {
			const size_t at = y * pitch + x;
			if (y > 0) {
				sum[at] += sum[at - pitch];
				count[at] += count[at - pitch];
			}
			/* sums of differences may miss a true 0 or 1 by a rounding error */
			if (count[at] > 0.5)
				map->heat[y * map->width + x] = (float)fmin(1, fmax(0, sum[at] / count[at]));
		}
	}
	free(sum);
	free(count);
	return status;
}

int
tiles_map(struct tiles *tiles, const struct myo_heat_grid *grid, const struct myo_heat_choice *choice,
    struct myo_heat_map *out, struct myo_err *err)
{
	*out = (struct myo_heat_map){ .id = tiles->id, .label = tiles->label, .tiles = tiles->count,
		.height = (size_t)tiles->height, .width = (size_t)tiles->width };
	if (check_tiles(tiles, grid, err) != MYO_OK || judge(tiles, choice, out, err) != MYO_OK)
		return MYO_FAIL;
	out->heat = myo_calloc(out->height * out->width, sizeof *out->heat, err);
	if (out->heat == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < out->height * out->width; i++)
		out->heat[i] = NAN;
	const int status = choice->method == MYO_HEAT_PAPER ? fill_cells(tiles, grid, out, err)
	                                                    : average_cover(tiles, grid, out, err);
	if (status != MYO_OK)
		myo_heat_map_clear(out);
	return status;
}
