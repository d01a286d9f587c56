/* places.h - private to the room: where objects are, in one image and in others. */
#ifndef MYO_HEAT_PLACES_H
#define MYO_HEAT_PLACES_H

#include "heat/heat.h"

/* Whether a pixel is the object's: by the mask where there is one, else by the box, clipped to the image. */
bool heat_on_object(const struct myo_heat_image *image, size_t width, size_t y, size_t x);

/* Count an image of that size, with a mask or a box. */
void heat_places_add(struct myo_heat_places *places, const struct myo_heat_image *image, size_t height, size_t width);

/* The share of a map's positive heat that lies where other images have objects; NaN where that isn't known. */
double heat_on_others(const struct myo_heat_map *map, const struct myo_heat_image *image);

#endif
