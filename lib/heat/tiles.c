/* The predictions for the tiles of one image. */
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

int
tiles_check(struct tiles *tiles, size_t side, struct myo_err *err)
{
	const int64_t reach = side > 0 ? (int64_t)side : 1;
	const long long id = (long long)tiles->id;

	qsort(tiles->tile, tiles->count, sizeof *tiles->tile, by_place);
	for (size_t i = 0; i < tiles->count; i++) {
		const struct tile *const t = &tiles->tile[i];
		if (i > 0 && by_place(t - 1, t) == 0)
			return myo_fail(err, "image %lld: two tiles at y %d, x %d", id, t->y, t->x);
		if (t->y <= -reach || t->x <= -reach || t->y >= tiles->height || t->x >= tiles->width)
			return myo_fail(err, "image %lld: the tile at y %d, x %d lies outside of its %d x %d "
			    "pixels", id, t->y, t->x, tiles->height, tiles->width);
		for (size_t k = 0; k < tiles->classes; k++)
			if (!isfinite(tiles->logits[t->row * tiles->classes + k]))
				return myo_fail(err, "image %lld: the tile at y %d, x %d has a logit that is "
				    "no finite number", id, t->y, t->x);
	}
	return MYO_OK;
}

/* ---- probabilities ------------------------------------------------------------------------------ */

double
tiles_probability(const struct tiles *tiles, const struct tile *tile, size_t class_number)
{
	const float *const logits = tiles->logits + tile->row * tiles->classes;

	return exp((double)logits[class_number] - (double)logits[tile->says]) / tile->sum;
}

/* ---- the image -------------------------------------------------------------------------------- */

/* The most probable first; equals in the order of classes. */
static int
by_total(const void *a, const void *b)
{
	const struct ranked *const s = a, *const t = b;

	if (s->total < t->total || s->total > t->total)
		return s->total < t->total ? 1 : -1;
	return (s->number > t->number) - (s->number < t->number);
}

static void
rank_classes(struct tiles *tiles)
{
	for (size_t k = 0; k < tiles->classes; k++)
		tiles->ranked[k] = (struct ranked){ tiles->total[k], (int32_t)k };
	qsort(tiles->ranked, tiles->classes, sizeof *tiles->ranked, by_total);
}

void
tiles_judge(struct tiles *tiles, struct myo_heat_map *map)
{
	const double count = (double)tiles->count;
	size_t best = 0;

	memset(tiles->total, 0, tiles->classes * sizeof *tiles->total);
	for (size_t i = 0; i < tiles->count; i++) {
		struct tile *const t = &tiles->tile[i];
		const float *const logits = tiles->logits + t->row * tiles->classes;
		t->says = myo_exponentials(logits, tiles->classes, tiles->powers, &t->sum);
		for (size_t k = 0; k < tiles->classes; k++)
			tiles->total[k] += tiles->powers[k] / t->sum;
	}
	for (size_t k = 1; k < tiles->classes; k++)
		if (tiles->total[k] > tiles->total[best])
			best = k;
	if (tiles->ranked != NULL)
		rank_classes(tiles);
	*map = (struct myo_heat_map){ .id = tiles->id, .label = tiles->label, .predicted = (int32_t)best,
		.tiles = tiles->count, .height = (size_t)tiles->height, .width = (size_t)tiles->width };
	map->p_predicted = tiles->total[best] / count;
	map->p_label = tiles->label >= 0 ? tiles->total[tiles->label] / count : NAN;
}

int
tiles_ask(const struct tiles *tiles, const struct myo_heat_choice *choice, size_t rank, struct myo_heat_map *map,
    struct myo_err *err)
{
	double logit = 0;

	switch (choice->about) {
	case MYO_ABOUT_LABEL:
		map->about = tiles->label;
		break;
	case MYO_ABOUT_PREDICTED:
		map->about = map->predicted;
		break;
	case MYO_ABOUT_CLASS:
		map->about = choice->about_class;
		break;
	case MYO_ABOUT_TOP:
		map->about = tiles->ranked[rank].number;
		break;
	}
	if (map->about < 0)
		return myo_fail(err, "image %lld has no label; ask for the predicted class or for one by name",
		    (long long)tiles->id);
	map->p_about = tiles->total[map->about] / (double)tiles->count;
	for (size_t i = 0; i < tiles->count; i++)
		logit += (double)tiles->logits[tiles->tile[i].row * tiles->classes + (size_t)map->about];
	map->logit_about = logit / (double)tiles->count;
	return MYO_OK;
}

/* ---- telling tiles -------------------------------------------------------------------------------- */

/* Whether a tile is closer than half its side to one that is taken already, and so shows nearly the same. */
static bool
taken(const struct tile *tile, const struct myo_heat_tile *list, size_t count, size_t side)
{
	const int64_t near = (int64_t)(side + 1) / 2;

	for (size_t i = 0; i < count; i++)
		if (llabs((long long)tile->y - list[i].y) < near && llabs((long long)tile->x - list[i].x) < near)
			return true;
	return false;
}

/* Find the surest tiles (sign 1) or the least sure ones (sign -1). Returns how many there are. */
static size_t
pick(const struct tiles *tiles, const struct myo_heat_grid *grid, double sign,
    struct myo_heat_tile list[MYO_HEAT_TILES])
{
	size_t count = 0;

	for (; count < MYO_HEAT_TILES; count++) {
		const struct tile *best = NULL;
		for (size_t i = 0; i < tiles->count; i++) {
			const struct tile *const t = &tiles->tile[i];
			if ((best == NULL || sign * t->value > sign * best->value) &&
			    !myo_heat_leaves(grid, t->y, t->x, tiles->height, tiles->width) &&
			    !taken(t, list, count, grid->tile))
				best = t;
		}
		if (best == NULL)
			break;
		list[count] = (struct myo_heat_tile){ best->y, best->x, (float)best->value };
	}
	return count;
}

void
tiles_tell(struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map)
{
	for (size_t i = 0; i < tiles->count; i++)
		tiles->tile[i].value = tiles_probability(tiles, &tiles->tile[i], (size_t)map->about);
	map->strong_count = pick(tiles, grid, 1, map->strong);
	map->weak_count = pick(tiles, grid, -1, map->weak);
}
