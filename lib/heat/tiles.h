/* tiles.h - private to the room: what a network said of the tiles of one image. */
#ifndef MYO_HEAT_TILES_H
#define MYO_HEAT_TILES_H

#include "heat/heat.h"

struct tile {
	int32_t y, x; /* top left corner; negative in the padding */
	size_t row;   /* of the logits */
};

struct tiles {
	int64_t id;
	int32_t label, height, width; /* of the image */
	size_t count, room, classes;
	struct tile *tile;      /* [count] */
	float *logits;          /* [count, classes] */
	double *chance, *total; /* [classes] a tile's probabilities, and their sum over the tiles */
};

/* The image's map, the caller's to clear. Sorts the tiles. */
MYO_MUST_USE int tiles_map(struct tiles *tiles, const struct myo_heat_grid *grid,
    const struct myo_heat_choice *choice, struct myo_heat_map *out, struct myo_err *err);

#endif
