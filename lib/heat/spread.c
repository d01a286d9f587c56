/* From values of tiles to those of pixels. */
#include "heat/tiles.h"

#include <math.h>
#include <stdlib.h>

/*
 * Along one axis, the pixels [*from, *to) of the cell of a tile centred on `centre`. The outermost cells extend
 * further, to before the centre of the next tile if there were one.
 */
static void
cell_of(int64_t centre, int64_t stride, bool first, bool last, int64_t pixels, int64_t *from, int64_t *to)
{
	const int64_t begin = first ? centre - stride + 1 : centre - stride / 2;
	const int64_t end = last ? centre + stride : centre - stride / 2 + stride;

	*from = begin > 0 ? begin : 0;
	*to = end < pixels ? end : pixels;
}

/* Along one axis, the union of all cells, from that of the first tile to that of the last. */
static void
cells_of(int64_t first, int64_t last, int64_t stride, size_t pixels, size_t *from, size_t *to)
{
	int64_t begin, end, unused;

	cell_of(first, stride, true, false, (int64_t)pixels, &begin, &unused);
	cell_of(last, stride, false, true, (int64_t)pixels, &unused, &end);
	*from = (size_t)begin;
	*to = end > begin ? (size_t)end : (size_t)begin;
}

/*
 * Cells overlap only in a grid whose last tiles
 * are aligned with the edge: there a pixel belongs to the nearer centre, and at a tie to the first.
 */
int
spread_cells(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err)
{
	const int64_t side = (int64_t)grid->tile, stride = (int64_t)grid->stride;
	int32_t top = INT32_MAX, left = INT32_MAX, bottom = INT32_MIN, right = INT32_MIN; /* of the outermost tiles */
	/* [height, width] */
	int64_t *const nearest = myo_calloc(map->height * map->width, sizeof *nearest, err);

	if (nearest == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < map->height * map->width; i++)
		nearest[i] = INT64_MAX;
	for (size_t i = 0; i < tiles->count; i++) {
		const struct tile *const t = &tiles->tile[i];
		top = t->y < top ? t->y : top;
		left = t->x < left ? t->x : left;
		bottom = t->y > bottom ? t->y : bottom;
		right = t->x > right ? t->x : right;
	}
	cells_of(top + side / 2, bottom + side / 2, stride, map->height, &map->top, &map->bottom);
	cells_of(left + side / 2, right + side / 2, stride, map->width, &map->left, &map->right);
	for (size_t i = 0; i < tiles->count; i++) {
		const struct tile *const t = &tiles->tile[i];
		int64_t y0, y1, x0, x1;
		cell_of(t->y + side / 2, stride, t->y == top, t->y == bottom, tiles->height, &y0, &y1);
		cell_of(t->x + side / 2, stride, t->x == left, t->x == right, tiles->width, &x0, &x1);
		for (int64_t y = y0; y < y1; y++) {
			for (int64_t x = x0; x < x1; x++) {
				/* in half pixels, in which the centre of a tile of even side is exact */
				const int64_t dy = 2 * (y - t->y) + 1 - side;
				const int64_t dx = 2 * (x - t->x) + 1 - side;
				const int64_t at = y * tiles->width + x, far = dy * dy + dx * dx;
				if (far < nearest[at]) {
					nearest[at] = far;
					map->heat[at] = (float)t->value;
				}
			}
		}
	}
	free(nearest);
	return MYO_OK;
}

/* ---- cover --------------------------------------------------------------------------------------- */

/* Add a value to a rectangle in a table of differences, of which sum_up() makes that of the pixels. */
static void
mark(double *sums, size_t pitch, size_t top, size_t left, size_t bottom, size_t right, double value)
{
	sums[top * pitch + left] += value;
	sums[top * pitch + right] -= value;
	sums[bottom * pitch + left] -= value;
	sums[bottom * pitch + right] += value;
}

/* Running sums of a table of differences, over [height, width] of it, along both axes. */
static void
sum_up(double *sums, size_t pitch, size_t height, size_t width)
{
	for (size_t y = 0; y < height; y++)
		for (size_t x = 1; x < width; x++)
			sums[y * pitch + x] += sums[y * pitch + x - 1];
	for (size_t y = 1; y < height; y++)
		for (size_t x = 0; x < width; x++)
			sums[y * pitch + x] += sums[(y - 1) * pitch + x];
}

/*
 * Tiles are added to tables of differences, at their four corners,
 * so the work is proportional to tiles + pixels, not to tiles x pixels of a tile.
 */
int
spread_cover(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err)
{
	const int64_t side = (int64_t)grid->tile;
	const size_t pitch = map->width + 1, cells = pitch * (map->height + 1);
	double *const sum = myo_calloc(cells, sizeof *sum, err);     /* [height + 1, width + 1] */
	double *const count = myo_calloc(cells, sizeof *count, err); /* the same */

	if (sum == NULL || count == NULL) {
		free(sum);
		free(count);
		return MYO_FAIL;
	}
	for (size_t i = 0; i < tiles->count; i++) {
		const struct tile *const t = &tiles->tile[i];
		const int64_t bottom = t->y + side, right = t->x + side;
		const size_t y0 = t->y > 0 ? (size_t)t->y : 0, x0 = t->x > 0 ? (size_t)t->x : 0;
		const size_t y1 = bottom < tiles->height ? (size_t)bottom : map->height;
		const size_t x1 = right < tiles->width ? (size_t)right : map->width;
		mark(sum, pitch, y0, x0, y1, x1, t->value);
		mark(count, pitch, y0, x0, y1, x1, 1);
	}
	sum_up(sum, pitch, map->height, map->width);
	sum_up(count, pitch, map->height, map->width);
	for (size_t y = 0; y < map->height; y++) {
		for (size_t x = 0; x < map->width; x++) {
			const size_t at = y * pitch + x;
			/* rounding errors may leave [0, 1] */
			if (count[at] > 0.5)
				map->heat[y * map->width + x] = (float)fmin(1, fmax(0, sum[at] / count[at]));
		}
	}
	free(sum);
	free(count);
	return MYO_OK;
}

/* ---- smooth ---------------------------------------------------------------------------------------- */

/* Along one axis, for each pixel: the tile whose centre precedes it, and how far it is from there to the next. */
struct step {
	bool known;
	size_t before;
	double share;
};

/*
 * centre[i]: the pixel that tile i is centred on, ascending. Pixels beyond the outermost centres have the values of
 * these tiles, but those a stride or more away are unknown.
 */
static void
walk(struct step *steps, size_t pixels, const int64_t *centre, size_t tiles, int64_t stride)
{
	size_t at = 0;

	for (size_t p = 0; p < pixels; p++) {
		while (at + 1 < tiles && centre[at + 1] <= (int64_t)p)
			at++;
		steps[p] = (struct step){ .before = at };
		steps[p].known = centre[0] - (int64_t)p < stride && (int64_t)p - centre[tiles - 1] < stride;
		if (at + 1 < tiles && (int64_t)p > centre[at])
			steps[p].share = (double)((int64_t)p - centre[at]) / (double)(centre[at + 1] - centre[at]);
	}
}

/* How many tiles the first line has; 0 if not all lines are alike. */
static size_t
columns_of(const struct tiles *tiles)
{
	size_t columns = 1;

	while (columns < tiles->count && tiles->tile[columns].y == tiles->tile[0].y)
		columns++;
	if (tiles->count % columns != 0)
		return 0;
	for (size_t i = 0; i < tiles->count; i++)
		if (tiles->tile[i].x != tiles->tile[i % columns].x ||
		    tiles->tile[i].y != tiles->tile[i / columns * columns].y)
			return 0;
	return columns;
}

/* steps [height + width]: along y, then along x. */
static void
interpolate(const struct tiles *tiles, size_t columns, const struct step *steps, struct myo_heat_map *map)
{
	const size_t rows = tiles->count / columns;

	for (size_t y = 0; y < map->height; y++) {
		const struct step v = steps[y];
		const size_t below = v.before + 1 < rows ? v.before + 1 : v.before;
		for (size_t x = 0; x < map->width; x++) {
			const struct step u = steps[map->height + x];
			if (!v.known || !u.known)
				continue;
			const size_t after = u.before + 1 < columns ? u.before + 1 : u.before;
			const struct tile *const top = tiles->tile + v.before * columns;
			const struct tile *const bottom = tiles->tile + below * columns;
			const double upper = top[u.before].value * (1 - u.share) + top[after].value * u.share;
			const double lower = bottom[u.before].value * (1 - u.share) + bottom[after].value * u.share;
			map->heat[y * map->width + x] = (float)(upper * (1 - v.share) + lower * v.share);
		}
	}
}

int
spread_smooth(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err)
{
	const int64_t half = (int64_t)grid->tile / 2;
	const size_t columns = columns_of(tiles);

	if (columns == 0)
		return myo_fail(err, "image %lld: its tiles are no grid: some are missing", (long long)tiles->id);
	const size_t rows = tiles->count / columns;
	struct step *const steps = myo_calloc(map->height + map->width, sizeof *steps, err);
	int64_t *const centre = myo_calloc(rows + columns, sizeof *centre, err); /* along y, then along x */
	if (steps == NULL || centre == NULL) {
		free(steps);
		free(centre);
		return MYO_FAIL;
	}
	for (size_t i = 0; i < rows; i++)
		centre[i] = tiles->tile[i * columns].y + half;
	for (size_t i = 0; i < columns; i++)
		centre[rows + i] = tiles->tile[i].x + half;
	walk(steps, map->height, centre, rows, (int64_t)grid->stride);
	walk(steps + map->height, map->width, centre + rows, columns, (int64_t)grid->stride);
	interpolate(tiles, columns, steps, map);
	free(steps);
	free(centre);
	return MYO_OK;
}

/* ---- places ------------------------------------------------------------------------------------------ */

/* Along an axis of `pixels` pixels: what part of pixel p belongs to place i of n. */
static double
overlap(size_t p, size_t pixels, size_t i, size_t n)
{
	const double from = (double)(i * pixels) / (double)n, to = (double)((i + 1) * pixels) / (double)n;

	return fmax(0, fmin((double)(p + 1), to) - fmax((double)p, from));
}

void
spread_places(const struct tiles *tiles, struct myo_heat_map *map)
{
	const size_t rows = tiles->evidence_height, columns = tiles->evidence_width, classes = tiles->classes;
	const float *const evidence = tiles->evidence + map->about;

	for (size_t y = 0; y < map->height; y++) {
		const size_t first_row = y * rows / map->height, last_row = ((y + 1) * rows - 1) / map->height;
		for (size_t x = 0; x < map->width; x++) {
			const size_t first = x * columns / map->width, last = ((x + 1) * columns - 1) / map->width;
			double sum = 0, area = 0;
			for (size_t i = first_row; i <= last_row; i++) {
				for (size_t j = first; j <= last; j++) {
					const double part =
					    overlap(y, map->height, i, rows) * overlap(x, map->width, j, columns);
					sum += part * (double)evidence[(i * columns + j) * classes];
					area += part;
				}
			}
			map->heat[y * map->width + x] = (float)(sum / area);
		}
	}
}
