/* How much of one map's heat lies on the object. */
#include "heat/places.h"

#include <math.h>
#include <stdlib.h>

/* Whether a pixel of the object has a neighbour outside it: only such pixels can be the nearest to one outside. */
static bool
on_edge(const struct myo_heat_map *map, const struct myo_heat_image *image, size_t y, size_t x)
{
	return y == 0 || x == 0 || y + 1 == map->height || x + 1 == map->width ||
	    !heat_on_object(image, map->width, y - 1, x) || !heat_on_object(image, map->width, y + 1, x) ||
	    !heat_on_object(image, map->width, y, x - 1) || !heat_on_object(image, map->width, y, x + 1);
}

/* The pixels of the object, and those within 3% of the longer side of it. */
static bool *
near_object(const struct myo_heat_map *map, const struct myo_heat_image *image, struct myo_err *err)
{
	const double longer = (double)(map->height > map->width ? map->height : map->width);
	const long reach = lround(0.03 * longer); /* 15 pixels of 500 */
	const long height = (long)map->height, width = (long)map->width;
	bool *const near = myo_calloc(map->height * map->width, sizeof *near, err); /* [height, width] */

	for (long y = 0; near != NULL && y < height; y++) {
		for (long x = 0; x < width; x++) {
			if (!heat_on_object(image, map->width, (size_t)y, (size_t)x))
				continue;
			near[y * width + x] = true;
			if (!on_edge(map, image, (size_t)y, (size_t)x))
				continue;
			for (long v = y > reach ? y - reach : 0; v <= y + reach && v < height; v++)
				for (long u = x > reach ? x - reach : 0; u <= x + reach && u < width; u++)
					if ((v - y) * (v - y) + (u - x) * (u - x) <= reach * reach)
						near[v * width + u] = true;
		}
	}
	return near;
}

/* The share of the largest pixels that are near the object; 0 where nothing is shown. */
static double
pointing(const struct myo_heat_map *map, const bool *near)
{
	double hits = 0, all = 0;
	float largest = -INFINITY;

	for (size_t i = 0; i < map->height * map->width; i++) {
		if (isnan(map->heat[i]) || map->heat[i] < largest)
			continue;
		if (map->heat[i] > largest) {
			largest = map->heat[i];
			hits = all = 0;
		}
		all++;
		hits += near[i];
	}
	return all > 0 ? hits / all : 0;
}

/* ---- pixels by heat -------------------------------------------------------------------- */

/* Whether a pixel has heat or belongs to another class. */
static bool
is_known(const struct myo_heat_map *map, size_t i)
{
	const size_t y = i / map->width, x = i % map->width;

	return !isnan(map->heat[i]) || (y >= map->top && y < map->bottom && x >= map->left && x < map->right);
}

/* A pixel; the heat of one of another class is -INFINITY. */
struct spot {
	float heat;
	bool on;
};

static int
hotter_first(const void *a, const void *b)
{
	const struct spot *const s = a, *const t = b;

	return (s->heat < t->heat) - (s->heat > t->heat);
}

/* All known pixels, hottest first, for the caller to free. *object: how many belong to the object. */
static struct spot *
sort_pixels(const struct myo_heat_map *map, const struct myo_heat_image *image, size_t *known, size_t *object,
    struct myo_err *err)
{
	const size_t pixels = map->height * map->width;
	struct spot *const spots = myo_calloc(pixels, sizeof *spots, err);

	*known = *object = 0;
	for (size_t i = 0; spots != NULL && i < pixels; i++) {
		if (!is_known(map, i))
			continue;
		struct spot *const spot = &spots[(*known)++];
		spot->heat = isnan(map->heat[i]) ? -INFINITY : map->heat[i];
		spot->on = heat_on_object(image, map->width, i / map->width, i % map->width);
		*object += spot->on;
	}
	if (spots != NULL)
		qsort(spots, *known, sizeof *spots, hotter_first);
	return spots;
}

/* The end of the run of pixels that are as hot as the one at `from`; *on: how many of them belong to the object. */
static size_t
equals(const struct spot *spots, size_t pixels, size_t from, size_t *on)
{
	size_t to = from;

	for (*on = 0; to < pixels && !(spots[to].heat < spots[from].heat); to++)
		*on += spots[to].on;
	return to;
}

/* RANK and ROC, in one pass from the hottest pixel down. */
static void
rank_pixels(const struct spot *spots, size_t pixels, size_t object, struct myo_heat_score *out)
{
	const double beside = (double)(pixels - object);
	double found = 0, wins = 0, ranked = 0;
	size_t on;

	for (size_t at = 0, to; at < pixels; at = to) {
		to = equals(spots, pixels, at, &on);
		const double off = (double)(to - at - on);
		if (at < object)
			ranked += (double)on * (to <= object ? 1 : (double)(object - at) / (double)(to - at));
		/* a pixel outside the object is beaten by the object's pixels before it, and half by its equals */
		wins += off * (found + (double)on / 2);
		found += (double)on;
	}
	out->value[MYO_HEAT_RANK] = ranked / (double)object;
	out->value[MYO_HEAT_ROC] = beside > 0 ? wins / (beside * (double)object) : NAN;
}

/* IoU at all thresholds; 0 if no heat is positive. */
static void
overlap(const struct spot *spots, size_t pixels, size_t object, struct myo_heat_score *out)
{
	size_t at = 0, on = 0;

	for (int i = MYO_HEAT_THRESHOLDS; i-- > 0;) {
		const double least = (double)spots[0].heat * (i + 1) / (MYO_HEAT_THRESHOLDS + 1);
		for (; spots[0].heat > 0 && at < pixels && (double)spots[at].heat >= least; at++)
			on += spots[at].on;
		out->iou[i] = (double)on / (double)(object + at - on);
	}
	out->value[MYO_HEAT_IOU] = out->iou[MYO_HEAT_THRESHOLDS / 2];
}

/* ENERGY and AREA. */
static void
weigh(const struct spot *spots, size_t pixels, size_t object, struct myo_heat_score *out)
{
	double inside = 0, all = 0;

	for (size_t i = 0; i < pixels && spots[i].heat > 0; i++) {
		all += (double)spots[i].heat;
		inside += spots[i].on ? (double)spots[i].heat : 0;
	}
	out->value[MYO_HEAT_ENERGY] = all > 0 ? inside / all : NAN;
	out->value[MYO_HEAT_AREA] = all > 0 ? (double)object / (double)pixels : NAN;
	out->value[MYO_HEAT_LIFT] = out->value[MYO_HEAT_OWN] = NAN;
}

int
myo_heat_score(const struct myo_heat_map *map, const struct myo_heat_image *image, struct myo_heat_score *out,
    struct myo_err *err)
{
	size_t pixels, object;

	if (image->mask == NULL && image->box == NULL)
		return MYO_END;
	struct spot *const spots = sort_pixels(map, image, &pixels, &object, err);
	if (spots == NULL || object == 0) {
		free(spots);
		return spots == NULL ? MYO_FAIL : MYO_END;
	}
	weigh(spots, pixels, object, out);
	out->value[MYO_HEAT_OTHERS] = heat_on_others(map, image);
	rank_pixels(spots, pixels, object, out);
	overlap(spots, pixels, object, out);
	free(spots);
	bool *const near = near_object(map, image, err);
	if (near == NULL)
		return MYO_FAIL;
	out->value[MYO_HEAT_POINTING] = pointing(map, near);
	out->value[MYO_HEAT_CENTRE] = near[map->height / 2 * map->width + map->width / 2];
	free(near);
	return MYO_OK;
}
