/* tiles.h - private to the room: the predictions for one image, and the ways from there to a map. */
#ifndef MYO_HEAT_TILES_H
#define MYO_HEAT_TILES_H

#include "heat/heat.h"

struct tile {
	int32_t y, x; /* top left corner; negative in the padding */
	size_t row;   /* of the logits */
	size_t says;  /* the class that it is taken for: that of the largest logit, the first of equals */
	double sum;   /* of exp(logit - largest) over the classes: with it a probability takes only one exp() */
	double value; /* what a method assigns to the tile; NaN: nothing */
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
	struct ranked *ranked;  /* [classes], the most probable first; NULL: not wanted */
	/* For a whole image with evidence: [evidence_height, evidence_width, classes], borrowed; else NULL. */
	const float *evidence;
	size_t evidence_height, evidence_width;
};

/* ---- tiles.c ---- */

/*
 * Sort the tiles, so that no sum depends on the order in which they came, and check each of them. side: of a tile; 0
 * for whole images.
 */
MYO_MUST_USE int tiles_check(struct tiles *tiles, size_t side, struct myo_err *err);

/*
 * Compute what doesn't depend on the class in question, once for all maps of an image: `says` and `sum` of the tiles,
 * tiles->total, tiles->ranked unless that is NULL, and the members of the map that are about the image.
 */
void tiles_judge(struct tiles *tiles, struct myo_heat_map *map);

/* A tile's probability of a class, after tiles_judge(). */
double tiles_probability(const struct tiles *tiles, const struct tile *tile, size_t class_number);

/* Set the rank-th class in question, and the map's members that are about it, after tiles_judge(). */
MYO_MUST_USE int tiles_ask(const struct tiles *tiles, const struct myo_heat_choice *choice, size_t rank,
    struct myo_heat_map *map, struct myo_err *err);

/* Find the most telling tiles of the class in question. */
void tiles_tell(struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map);

/* ---- spread.c: from values of tiles to those of pixels; map->heat is all NaN before ---- */

/* Each tile's value fills the cell around its centre; sets the map's rectangle. */
MYO_MUST_USE int spread_cells(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err);

/* The mean of the values of the tiles that cover each pixel; values are in [0, 1]. */
MYO_MUST_USE int spread_cover(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err);

/* Interpolate between the centres of tiles. MYO_FAIL unless the tiles are a whole grid. */
MYO_MUST_USE int spread_smooth(const struct tiles *tiles, const struct myo_heat_grid *grid, struct myo_heat_map *map,
    struct myo_err *err);

/* Each position of the evidence fills its rectangle of the image. */
void spread_places(const struct tiles *tiles, struct myo_heat_map *map);

/* ---- map.c ---- */

/*
 * The image's map for the rank-th class in question, for the caller to clear. To be called after tiles_check() and
 * tiles_judge(), which has filled `judged`.
 */
MYO_MUST_USE int tiles_map(struct tiles *tiles, const struct myo_heat_grid *grid, const struct myo_heat_choice *choice,
    const struct myo_heat_map *judged, size_t rank, struct myo_heat_map *out, struct myo_err *err);

#endif
