/* A set of ids: a hash table of words, each of which has a bit for each of 64 neighbouring ids. */
#include "base/base.h"

#include <stdlib.h>

struct myo_ids_word {
	uint64_t at;   /* of ids 64 at to 64 at + 63 */
	uint64_t bits; /* 0: the slot is empty */
};

size_t
myo_ids_hash(uint64_t id)
{
	uint64_t h = id;

	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (size_t)(h ^ h >> 33);
}

/* The word of that number, or the empty slot where it belongs. */
static struct myo_ids_word *
find(const struct myo_ids *ids, uint64_t at)
{
	size_t i = myo_ids_hash(at) & (ids->room - 1);

	while (ids->words[i].bits != 0 && ids->words[i].at != at)
		i = (i + 1) & (ids->room - 1);
	return &ids->words[i];
}

static int
grow(struct myo_ids *ids, struct myo_err *err)
{
	struct myo_ids larger = { .count = ids->count, .room = ids->room > 0 ? 2 * ids->room : 64 };

	larger.words = myo_calloc(larger.room, sizeof *larger.words, err);
	if (larger.words == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < ids->room; i++)
		if (ids->words[i].bits != 0)
			*find(&larger, ids->words[i].at) = ids->words[i];
	free(ids->words);
	*ids = larger;
	return MYO_OK;
}

int
myo_ids_add(struct myo_ids *ids, int64_t id, struct myo_err *err)
{
	const uint64_t at = (uint64_t)id / 64;

	if (2 * (ids->count + 1) > ids->room && grow(ids, err) != MYO_OK)
		return MYO_FAIL;
	struct myo_ids_word *word = find(ids, at);
	ids->count += word->bits == 0;
	word->at = at;
	word->bits |= UINT64_C(1) << (uint64_t)id % 64;
	return MYO_OK;
}

bool
myo_ids_have(const struct myo_ids *ids, int64_t id)
{
	return ids->room > 0 && (find(ids, (uint64_t)id / 64)->bits >> (uint64_t)id % 64 & 1) != 0;
}

void
myo_ids_clear(struct myo_ids *ids)
{
	free(ids->words);
	*ids = (struct myo_ids){ 0 };
}
