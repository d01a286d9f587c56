/*
 * images.h - a table of images by id, with the sums of their rows, until they are settled: then they are counted, and
 * only their ids are kept. So the table is bounded, whatever the number of images.
 */
#ifndef MYO_SCORE_IMAGES_H
#define MYO_SCORE_IMAGES_H

#include "base/base.h"

struct image {
	int64_t id;
	int64_t rows;
	int32_t label;
	size_t tiles; /* 1 + the index of the last of its tiles in struct tiles; 0: none is kept */
};

/* Called when the image at index `at` is settled, before it is removed. */
typedef int images_done(void *context, size_t at, struct myo_err *err);

struct images {
	size_t classes;
	struct image *items;            /* in the order of their first rows */
	double *probabilities, *logits; /* [images, classes], sums */
	int32_t *votes;                 /* [images, classes] */
	size_t count, room, most;
	size_t *slots; /* hash table by id, open addressing: index + 1, 0 if empty; at least twice as many as images */
	size_t slot_count;
	struct myo_ids settled; /* images that were removed */
	images_done *done;
	void *context;
};

/* How many images may be in a table of so much memory: at least two, so that one can be settled. */
size_t images_in(size_t memory, size_t classes);

/*
 * Find the image of a row, or add it. If the table is full, the older half of its images are settled, since their rows
 * have probably all come. Fails if the label differs from an earlier row's, or the image was settled.
 */
MYO_MUST_USE int images_find(struct images *images, int64_t id, int32_t label, size_t *at, struct myo_err *err);

/* Settle the `number` oldest images. */
MYO_MUST_USE int images_settle(struct images *images, size_t number, struct myo_err *err);

void images_clear(struct images *images);

#endif
