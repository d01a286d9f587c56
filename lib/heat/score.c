/* How much of the heat lies on the object, where that is known. */
#include "heat/heat.h"

#include <math.h>
#include <stdlib.h>

/* ---- one map --------------------------------------------------------------------------- */

/* The object's pixels: the mask where there is one, else the box, clipped to the image. */
static bool
on_object(const struct myo_heat_image *image, size_t width, size_t y, size_t x)
{
	if (image->mask != NULL)
		return image->mask[y * width + x] != 0;
	return (int64_t)x >= image->box[0] && (int64_t)y >= image->box[1] && (int64_t)x <= image->box[2] &&
	    (int64_t)y <= image->box[3];
}

/* Whether a pixel of the object has a neighbour that isn't: only these reach beyond it. */
static bool
on_edge(const struct myo_heat_map *map, const struct myo_heat_image *image, size_t y, size_t x)
{
	return y == 0 || x == 0 || y + 1 == map->height || x + 1 == map->width ||
	    !on_object(image, map->width, y - 1, x) || !on_object(image, map->width, y + 1, x) ||
	    !on_object(image, map->width, y, x - 1) || !on_object(image, map->width, y, x + 1);
}

/* The pixels of the object and those within 3% of the longer side of it. */
static bool *
near_object(const struct myo_heat_map *map, const struct myo_heat_image *image, struct myo_err *err)
{
	const double longer = (double)(map->height > map->width ? map->height : map->width);
	const long reach = lround(0.03 * longer); /* 15 pixels of 500 */
	const long height = (long)map->height, width = (long)map->width;
	bool *const near = myo_calloc(map->height * map->width, sizeof *near, err); /* [height, width] */

	for (long y = 0; near != NULL && y < height; y++) {
		for (long x = 0; x < width; x++) {
			if (!on_object(image, map->width, (size_t)y, (size_t)x))
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

int
myo_heat_score(const struct myo_heat_map *map, const struct myo_heat_image *image, struct myo_heat_score *out,
    struct myo_err *err)
{
	double inside = 0, all = 0;
	size_t object = 0;

	if (image->mask == NULL && image->box == NULL)
		return MYO_END;
	for (size_t y = 0; y < map->height; y++) {
		for (size_t x = 0; x < map->width; x++) {
			const double heat = (double)map->heat[y * map->width + x];
			const bool on = on_object(image, map->width, y, x);
			object += on;
			if (heat > 0) { /* false for a masked pixel's NaN */
				all += heat;
				inside += on ? heat : 0;
			}
		}
	}
	if (object == 0)
		return MYO_END;
	bool *const near = near_object(map, image, err);
	if (near == NULL)
		return MYO_FAIL;
	out->energy = all > 0 ? inside / all : NAN;
	out->area = (double)object / ((double)map->height * (double)map->width);
	out->pointing = pointing(map, near);
	out->centre = near[map->height / 2 * map->width + map->width / 2];
	free(near);
	return MYO_OK;
}

/* ---- many maps --------------------------------------------------------------------------- */

struct sums {
	size_t maps, empty;
	double energy, area, pointing, centre;
};

struct myo_heat_scores {
	size_t classes;
	struct sums *of; /* [classes] */
};

int
myo_heat_scores_new(size_t classes, struct myo_heat_scores **out, struct myo_err *err)
{
	struct myo_heat_scores *const scores = myo_calloc(1, sizeof *scores, err);

	if (scores == NULL)
		return MYO_FAIL;
	scores->classes = classes;
	scores->of = myo_calloc(classes > 0 ? classes : 1, sizeof *scores->of, err);
	if (scores->of == NULL) {
		free(scores);
		return MYO_FAIL;
	}
	*out = scores;
	return MYO_OK;
}

void
myo_heat_scores_free(struct myo_heat_scores *scores)
{
	if (scores == NULL)
		return;
	free(scores->of);
	free(scores);
}

int
myo_heat_scores_add(struct myo_heat_scores *scores, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err)
{
	struct myo_heat_score score;
	const int status = myo_heat_score(map, image, &score, err);

	if (status != MYO_OK)
		return status == MYO_END ? MYO_OK : MYO_FAIL;
	struct sums *const sums = &scores->of[map->about];
	sums->maps++;
	sums->area += score.area;
	sums->pointing += score.pointing;
	sums->centre += score.centre;
	if (isnan(score.energy))
		sums->empty++;
	else
		sums->energy += score.energy;
	return MYO_OK;
}

static void
mean_of_classes(const struct myo_heat_scores *scores, struct myo_heat_line *out)
{
	size_t classes = 0, with_energy = 0;

	for (size_t i = 0; i < scores->classes; i++) {
		struct myo_heat_line line;
		if (myo_heat_scores_line(scores, i, &line) != MYO_OK)
			continue;
		classes++;
		out->maps += line.maps;
		out->empty += line.empty;
		out->area += line.area;
		out->pointing += line.pointing;
		out->centre += line.centre;
		if (!isnan(line.energy)) {
			with_energy++;
			out->energy += line.energy;
		}
	}
	out->energy = with_energy > 0 ? out->energy / (double)with_energy : NAN;
	if (classes > 0) {
		out->area /= (double)classes;
		out->pointing /= (double)classes;
		out->centre /= (double)classes;
	}
}

int
myo_heat_scores_line(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out)
{
	*out = (struct myo_heat_line){ 0 };
	if (index >= scores->classes) {
		mean_of_classes(scores, out);
	} else if (scores->of[index].maps > 0) {
		const struct sums *const sums = &scores->of[index];
		const double maps = (double)sums->maps;
		out->maps = sums->maps;
		out->empty = sums->empty;
		out->energy = sums->energy / (double)(sums->maps - sums->empty); /* NaN when all are empty */
		out->area = sums->area / maps;
		out->pointing = sums->pointing / maps;
		out->centre = sums->centre / maps;
	}
	out->lift = out->energy / out->area;
	return out->maps > 0 ? MYO_OK : MYO_END;
}
