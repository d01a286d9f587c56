/*
 * tiles.h - the tiles of images, kept until their image is settled: how accurate are so many of them together?
 */
#ifndef MYO_SCORE_TILES_H
#define MYO_SCORE_TILES_H

#include "score/private.h"

enum { TILES_LEVELS = 40 }; /* level i is 2^i tiles; the last is more than memory holds */

/* Images by the first 2^i of their tiles, or by all if they have no more. */
struct tiles_level {
	int64_t enough; /* images that have so many */
	int64_t mean, logit, vote; /* images that are right by each way */
};

struct tiles {
	size_t classes;
	uint64_t seed;

	struct tile *items; /* linked lists of the tiles of each image, and of free items */
	float *logits;      /* [room, classes] */
	size_t used, room, most;
	size_t empty; /* 1 + the first free item; 0: none */

	struct tiles_level levels[TILES_LEVELS];
	int64_t largest, with_largest; /* tiles of an image, and images that have so many */

	struct tile *sorted; /* [sorted_room], the tiles of one image */
	size_t sorted_room;
	double *probabilities, *sums, *row; /* [classes] */
	int32_t *votes;                     /* [classes] */
	struct myo_tile_count *counts;      /* [TILES_LEVELS + 1], the result */
};

MYO_MUST_USE int tiles_new(size_t classes, uint64_t seed, size_t memory, struct tiles **out, struct myo_err *err);
void tiles_free(struct tiles *tiles);

/* Whether no tile can be kept until those of some image are released. */
bool tiles_full(const struct tiles *tiles);

/* Keep a tile of an image, at the head of its list, *chain. */
MYO_MUST_USE int tiles_keep(struct tiles *tiles, size_t *chain, int64_t id, int32_t y, int32_t x, const float *logits,
    struct myo_err *err);

/* Count an image of `count` tiles, and release them. all: the outcome of all of them. */
MYO_MUST_USE int tiles_settle(struct tiles *tiles, size_t chain, size_t count, size_t label, struct outcome all,
    struct myo_err *err);

/*
 * Fill tiles->counts, with an element for each level below the most tiles of an image, and one for all tiles, which
 * `all` counts. Returns how many elements that is.
 */
size_t tiles_result(struct tiles *tiles, const struct tiles_level *all, int64_t images);

#endif
