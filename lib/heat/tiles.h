/* tiles.h - private to the room: what a network said of one image, and the ways from there to a map. */
#ifndef MYO_HEAT_TILES_H
#define MYO_HEAT_TILES_H

#include "heat/heat.h"

struct tile {
	int32_t y, x; /* top left corner; negative in the padding */
	size_t row;   /* of the logits */
	size_t says;  /* the first class of the largest logit */
	double sum;   /* of exp(logit - largest) over the classes: with it a probability takes one exp() */
	double value; /* what a method makes of the tile; NaN: nothing */
};

/* A class, by its sum of probabilities. */
struct ranked {
	double total;
	int32_t number;
};

struct tiles {
	int64_t id;
	int32_t label, height, width; /* of the image */
	size_t count, room, classes;
	struct tile *tile;      /* [count] */
	float *logits;          /* [count, classes] */
	double *powers, *total; /* [classes] exp(logit - largest) of a tile; sums of probabilities over the tiles */
	struct ranked *ranked;  /* [classes] the most probable first; NULL: nobody asks for them */
	/* Of a whole image with evidence: [places high, places wide, classes]; borrowed. NULL of tiles. */
	const float *evidence;
	size_t evidence_height, evidence_width;
};

/* ---- tiles.c ---- */

/*
 * Sort the tiles, so that no sum depends on the order they came in, and look at each of them. side: of a tile, 0 of
 * whole images.
 */
MYO_MUST_USE int tiles_check(struct tiles *tiles, size_t side, struct myo_err *err);

/*
 * What is said of the whole image and of each tile, whatever the class in question: once for all maps of an image.
 * Fills says and sum of the tiles, tiles->total, and tiles->ranked unless that is NULL.
 */
void tiles_judge(struct tiles *tiles, struct myo_heat_map *map);

/* A judged tile's probability of a class. */
double tiles_probability(const struct tiles *tiles, const struct tile *tile, size_t class_number);

/* The classes in question, [choice->top or 1], from the sums that tiles_judge() left. */
MYO_MUST_USE int tiles_ask(const struct tiles *tiles, const struct myo_heat_choice *choice, size_t rank,
    struct myo_heat_map *map, struct myo_err *err);

/* The tiles that tell most of the class in question. */
void tiles_tell(struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map);

/* ---- spread.c: from values of tiles to those of pixels; map->heat is NaN all over ---- */

/* Each tile speaks for the cell around its pixel; sets the map's rectangle. */
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

/*
 * The image's map for the rank-th class in question, the caller's to clear. The tiles are checked, and judged to be
 * `judged`.
 */
MYO_MUST_USE int tiles_map(struct tiles *tiles, const struct myo_heat_grid *grid, const struct myo_heat_choice *choice,
    const struct myo_heat_map *judged, size_t rank, struct myo_heat_map *out, struct myo_err *err);

#endif
