/*
 * tiles.h - the tiles of images, kept until their image is done with: how often are so many of them right together?
 */
#ifndef MYO_SCORE_TILES_H
#define MYO_SCORE_TILES_H

#include "score/private.h"

enum { TILES_LEVELS = 40 }; /* numbers of tiles: 1, 2, 4, …; more than memory holds */

/* Images by the first 2^i of their tiles, or by all where there are no more. */
struct tiles_level {
	int64_t enough; /* images that have so many */
	int64_t mean, logit, vote;
};

struct tiles {
	size_t classes;
	uint64_t seed;

	struct tile *items; /* chains of the tiles of an image, and of places to be used again */
	float *logits;      /* [room, classes] */
	size_t used, room, most;
	size_t empty; /* the first place to be used again, + 1 */

	struct tiles_level levels[TILES_LEVELS];
	int64_t largest, with_largest; /* tiles of an image, and images that have so many */

	struct tile *sorted; /* [sorted_room], the tiles of one image */
	size_t sorted_room;
	double *probabilities, *sums, *row; /* [classes] */
	int32_t *votes;                     /* [classes] */
	struct myo_tile_count *counts;      /* [TILES_LEVELS + 1], what comes out */
};

MYO_MUST_USE int tiles_new(size_t classes, uint64_t seed, size_t memory, struct tiles **out, struct myo_err *err);
void tiles_free(struct tiles *tiles);

/* Whether no tile can be kept before some image's are given back. */
bool tiles_full(const struct tiles *tiles);

/* Keep a tile of an image, whose chain begins at *chain. */
MYO_MUST_USE int tiles_keep(struct tiles *tiles, size_t *chain, int64_t id, int32_t y, int32_t x, const float *logits,
    struct myo_err *err);

/* Count an image of `count` tiles, with what comes of all of them, and give its tiles back. */
MYO_MUST_USE int tiles_settle(struct tiles *tiles, size_t chain, size_t count, size_t label, struct outcome all,
    struct myo_err *err);

/*
 * One of the result for each level that some image has tiles for, and one for all tiles, in tiles->counts. `all`: that
 * one.
 */
size_t tiles_result(struct tiles *tiles, const struct tiles_level *all, int64_t images);

#endif
