/* places.h - private to the room: where the objects are, of one image and of others. */
#ifndef MYO_HEAT_PLACES_H
#define MYO_HEAT_PLACES_H

#include "heat/heat.h"

/* Whether a pixel belongs to the object: by the mask if there is one, else by the box. */
bool heat_on_object(const struct myo_heat_image *image, size_t width, size_t y, size_t x);

/* Add an image of this size that has a mask or a box. */
void heat_places_add(struct myo_heat_places *places, const struct myo_heat_image *image, size_t height, size_t width);

/* MYO_HEAT_OTHERS of a map; NaN if it isn't known. */
double heat_on_others(const struct myo_heat_map *map, const struct myo_heat_image *image);

#endif
