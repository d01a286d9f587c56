/* Where objects are in other images, and how much of a map's heat lies there. */
#include "heat/places.h"

#include <math.h>

enum { SIDE = MYO_HEAT_PLACES };

bool
heat_on_object(const struct myo_heat_image *image, size_t width, size_t y, size_t x)
{
	if (image->mask != NULL)
		return image->mask[y * width + x] != 0;
	return (int64_t)x >= image->box[0] && (int64_t)y >= image->box[1] && (int64_t)x <= image->box[2] &&
	    (int64_t)y <= image->box[3];
}

/* Whether the object covers the middle of a place. */
static bool
is_at(const struct myo_heat_image *image, size_t height, size_t width, size_t line, size_t column)
{
	const size_t y = (2 * line + 1) * height / (2 * SIDE), x = (2 * column + 1) * width / (2 * SIDE);

	return heat_on_object(image, width, y, x);
}

void
heat_places_add(struct myo_heat_places *places, const struct myo_heat_image *image, size_t height, size_t width)
{
	bool any = false;

	for (size_t i = 0; i < SIDE; i++)
		for (size_t j = 0; j < SIDE; j++)
			if (is_at(image, height, width, i, j)) {
				places->at[i * SIDE + j]++;
				any = true;
			}
	places->images += any;
}

/* Whether an image's own object was counted: a tiny one may cover the middle of no place. */
static bool
is_counted(const struct myo_heat_image *image, size_t height, size_t width)
{
	for (size_t i = 0; i < SIDE; i++)
		for (size_t j = 0; j < SIDE; j++)
			if (is_at(image, height, width, i, j))
				return true;
	return false;
}

double
heat_on_others(const struct myo_heat_map *map, const struct myo_heat_image *image)
{
	const struct myo_heat_places *const places = image->places;
	const size_t height = map->height, width = map->width;
	double there = 0, all = 0;

	const size_t images = places != NULL ? places->images - is_counted(image, height, width) : 0;
	if (images == 0)
		return NAN;
	for (size_t y = 0; y < height; y++) {
		const size_t line = (2 * y + 1) * SIDE / (2 * height);
		for (size_t x = 0; x < width; x++) {
			const double heat = (double)map->heat[y * width + x];
			const size_t column = (2 * x + 1) * SIDE / (2 * width);
			if (!(heat > 0)) /* also NaN */
				continue;
			const double others = (double)places->at[line * SIDE + column] -
			    (is_at(image, height, width, line, column) ? 1 : 0);
			all += heat;
			there += heat * others;
		}
	}
	return all > 0 ? there / (all * (double)images) : NAN;
}
