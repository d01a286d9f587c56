/*
 * positions.h - tiles counted by their place in the image.
 */
#ifndef MYO_SCORE_POSITIONS_H
#define MYO_SCORE_POSITIONS_H

#include "score/score.h"

enum { POSITIONS_MOST = 1 << 22 };

/* Zeroed, it is empty. */
struct positions {
	struct position *places; /* hash table, open addressing */
	size_t count, room;      /* places in use; size of the table, a power of two and more than twice that */
	int32_t height, width;   /* of the images; 0: none was seen */
	struct myo_position *sorted; /* the result */
};

/* Count a tile of an image of this size. Fails if an earlier image has another size. */
MYO_MUST_USE int positions_add(struct positions *positions, int32_t y, int32_t x, int32_t height,
    int32_t width, bool right, struct myo_err *err);

/* Fill positions->sorted [positions->count]. */
MYO_MUST_USE int positions_result(struct positions *positions, struct myo_err *err);

void positions_clear(struct positions *positions);

#endif
