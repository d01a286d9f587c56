/*
 * ids.h - a set of image ids: a bit for each where they are neighbours, as positions in a data set are.
 */
#ifndef MYO_SCORE_IDS_H
#define MYO_SCORE_IDS_H

#include "base/base.h"

/* Zeroed, it is empty. */
struct ids {
	struct ids_word *words; /* open addressing by `at` */
	size_t count, room;     /* words in use; a power of two, more than twice as many */
};

MYO_MUST_USE int ids_add(struct ids *ids, int64_t id, struct myo_err *err);
bool ids_have(const struct ids *ids, int64_t id);
void ids_clear(struct ids *ids);

/* Mixes the bits of an id (the finaliser of MurmurHash3). */
size_t ids_hash(uint64_t id);

#endif
