/* The most telling maps. */
#include "heat/heat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Maps in order, the most telling first. */
struct list {
	size_t count;
	struct myo_heat_map *maps; /* [each] */
};

struct myo_heat_picks {
	size_t classes, each;
	struct list *lists; /* [classes, MYO_PICKS] */
};

int
myo_heat_picks_new(size_t classes, size_t each, struct myo_heat_picks **out, struct myo_err *err)
{
	struct myo_heat_picks *const picks = myo_calloc(1, sizeof *picks, err);
	size_t lists;

	*out = NULL;
	if (picks == NULL)
		return MYO_FAIL;
	picks->classes = classes;
	picks->each = each;
	if (!myo_mul(classes, MYO_PICKS, &lists) ||
	    (picks->lists = myo_calloc(lists, sizeof *picks->lists, err)) == NULL) {
		free(picks);
		return MYO_FAIL;
	}
	*out = picks;
	return MYO_OK;
}

void
myo_heat_picks_free(struct myo_heat_picks *picks)
{
	if (picks == NULL)
		return;
	for (size_t i = 0; i < picks->classes * MYO_PICKS; i++) {
		for (size_t n = 0; n < picks->lists[i].count; n++)
			myo_heat_map_clear(&picks->lists[i].maps[n]);
		free(picks->lists[i].maps);
	}
	free(picks->lists);
	free(picks);
}

/* How telling a map is as one of this kind; NaN: it isn't one. */
static double
weight(const struct myo_heat_map *map, enum myo_heat_pick kind)
{
	const bool right = map->predicted == map->label;

	switch (kind) {
	case MYO_PICK_BEST:
		return right ? map->p_predicted : NAN;
	case MYO_PICK_WORST:
		return -map->p_label;
	default:
		return right ? NAN : map->p_predicted;
	}
}

/* Insert a copy of a map into a list at index `at`; one that falls off the end is freed. */
static int
insert(struct list *list, size_t each, size_t at, const struct myo_heat_map *map, struct myo_err *err)
{
	const size_t pixels = map->height * map->width;

	if (list->maps == NULL && (list->maps = myo_calloc(each, sizeof *list->maps, err)) == NULL)
		return MYO_FAIL;
	float *const heat = map->heat != NULL ? myo_calloc(pixels, sizeof *heat, err) : NULL;
	if (heat == NULL && map->heat != NULL)
		return MYO_FAIL;
	if (heat != NULL)
		memcpy(heat, map->heat, pixels * sizeof *heat);
	if (list->count == each)
		myo_heat_map_clear(&list->maps[--list->count]);
	memmove(list->maps + at + 1, list->maps + at, (list->count - at) * sizeof *list->maps);
	list->maps[at] = *map;
	list->maps[at].heat = heat;
	list->count++;
	return MYO_OK;
}

int
myo_heat_picks_add(struct myo_heat_picks *picks, const struct myo_heat_map *map, struct myo_err *err)
{
	if (map->label < 0 || picks->each == 0)
		return MYO_OK;
	for (int kind = 0; kind < MYO_PICKS; kind++) {
		struct list *const list = &picks->lists[(size_t)map->label * MYO_PICKS + (size_t)kind];
		const double telling = weight(map, (enum myo_heat_pick)kind);
		size_t at = list->count;
		if (isnan(telling))
			continue;
		while (at > 0 && telling > weight(&list->maps[at - 1], (enum myo_heat_pick)kind))
			at--;
		if (at < picks->each && insert(list, picks->each, at, map, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

const struct myo_heat_map *
myo_heat_picks_get(const struct myo_heat_picks *picks, size_t class_number, enum myo_heat_pick kind, size_t n)
{
	const struct list *const list = &picks->lists[class_number * MYO_PICKS + (size_t)kind];

	return n < list->count ? &list->maps[n] : NULL;
}
