/*
 * images.h - images by id, with the sums of their rows, until they are settled: counted, and of each only
 * remembered that it was there. So the table is bounded, whatever the number of images.
 */
#ifndef MYO_SCORE_IMAGES_H
#define MYO_SCORE_IMAGES_H

#include "base/base.h"

struct image {
	int64_t id;
	int64_t rows;
	int32_t label;
	size_t tiles; /* the last of its tiles in struct tiles, + 1; 0: none is kept */
};

/* An image is done with: the one at `at`, which goes from the table. */
typedef int images_done(void *context, size_t at, struct myo_err *err);

struct images {
	size_t classes;
	struct image *items;            /* in the order in which they came first */
	double *probabilities, *logits; /* [images, classes], sums */
	int32_t *votes;                 /* [images, classes] */
	size_t count, room, most;
	size_t *slots; /* open addressing by id: index + 1, 0 for empty; twice as many as images at least */
	size_t slot_count;
	struct myo_ids settled; /* images that went from the table */
	images_done *done;
	void *context;
};

/* Images that may be in the table: two at least, of which one can be settled. */
size_t images_in(size_t memory, size_t classes);

/*
 * The image of a row, made if it is new; where the table is full, the older half of its images, whose rows are likely
 * to have come, make room. Fails on another label than before, and on an image that was settled.
 */
MYO_MUST_USE int images_find(struct images *images, int64_t id, int32_t label, size_t *at, struct myo_err *err);

/* Settle so many images, the oldest first. */
MYO_MUST_USE int images_settle(struct images *images, size_t number, struct myo_err *err);

void images_clear(struct images *images);

#endif
