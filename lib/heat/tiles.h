/* tiles.h - private to the room: what a network said of one image, and the ways from there to a map. */
#ifndef MYO_HEAT_TILES_H
#define MYO_HEAT_TILES_H

#include "heat/heat.h"

struct tile {
	int32_t y, x; /* top left corner; negative in the padding */
	size_t row;   /* of the logits */
	double value; /* what a method makes of the tile; NaN: nothing */
};

struct tiles {
	int64_t id;
	int32_t label, height, width; /* of the image */
	size_t count, room, classes;
	struct tile *tile;      /* [count] */
	float *logits;          /* [count, classes] */
	double *chance, *total; /* [classes] a tile's probabilities, and their sum over the tiles */
	/* Of a whole image with evidence: [places high, places wide, classes]; borrowed. NULL of tiles. */
	const float *evidence;
	size_t evidence_height, evidence_width;
};

/* ---- tiles.c ---- */

/* Sort the tiles, so that no sum depends on the order they came in, and look at each of them. side: of a tile, 0 of whole images. */
MYO_MUST_USE int tiles_check(struct tiles *tiles, size_t side, struct myo_err *err);

/* The first of the largest, [classes]. */
size_t tiles_largest(const float *logits, size_t classes);

/* What is said of the whole image, whatever the class in question; fills tiles->total. */
void tiles_judge(struct tiles *tiles, struct myo_heat_map *map);

/* The classes in question, [choice->top or 1], from the sums that tiles_judge() left. */
MYO_MUST_USE int tiles_ask(const struct tiles *tiles, const struct myo_heat_choice *choice, size_t rank,
    struct myo_heat_map *map, struct myo_err *err);

/* The tiles that tell most. */
void tiles_tell(struct tiles *tiles, size_t side, struct myo_heat_map *map);

/* ---- spread.c: from values of tiles to those of pixels; map->heat is NaN all over ---- */

/* Each tile speaks for the cell around its pixel. */
MYO_MUST_USE int spread_cells(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err);

/* The mean of the tiles over each pixel, which lies in [0, 1]. */
MYO_MUST_USE int spread_cover(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err);

/* Between the tiles around each pixel. MYO_FAIL where the tiles are not all those of a grid. */
MYO_MUST_USE int spread_smooth(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err);

/* Each place of the evidence on its share of the image. */
void spread_places(const struct tiles *tiles, struct myo_heat_map *map);

/* ---- map.c ---- */

/* The image's map for the rank-th class in question, the caller's to clear. The tiles are checked. */
MYO_MUST_USE int tiles_map(struct tiles *tiles, const struct myo_heat_grid *grid,
    const struct myo_heat_choice *choice, size_t rank, struct myo_heat_map *out, struct myo_err *err);

#endif
