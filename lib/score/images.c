/* The table of images by id, with the sums of their rows. */
#include "score/images.h"

#include <stdlib.h>
#include <string.h>

size_t
images_in(size_t memory, size_t classes)
{
	const double each = (double)sizeof(struct image) + 4 * (double)sizeof(size_t) +
	    (double)classes * (double)(2 * sizeof(double) + sizeof(int32_t));
	const double most = (double)memory / each;

	return most > 2 ? (size_t)most : 2;
}

void
images_clear(struct images *images)
{
	free(images->items);
	free(images->probabilities);
	free(images->logits);
	free(images->votes);
	free(images->slots);
	myo_ids_clear(&images->settled);
	*images = (struct images){ 0 };
}

/* The slot that holds an id, or the empty one where it belongs. */
static size_t *
find_slot(const struct images *s, int64_t id)
{
	size_t at = myo_ids_hash((uint64_t)id) & (s->slot_count - 1);

	while (s->slots[at] != 0 && s->items[s->slots[at] - 1].id != id)
		at = (at + 1) & (s->slot_count - 1);
	return &s->slots[at];
}

static void
fill_slots(struct images *s)
{
	memset(s->slots, 0, s->slot_count * sizeof *s->slots);
	for (size_t i = 0; i < s->count; i++)
		*find_slot(s, s->items[i].id) = i + 1;
}

static int
grow(struct images *s, struct myo_err *err)
{
	const size_t wanted = s->room == 0 ? 1024 : 2 * s->room, room = wanted < s->most ? wanted : s->most;
	size_t cells, slot_count = s->slot_count > 0 ? s->slot_count : 4;

	while (slot_count < 2 * room)
		slot_count *= 2;
	if (!myo_mul(room, s->classes, &cells))
		return myo_fail_memory(err, SIZE_MAX);
	void *items = myo_realloc(s->items, room, sizeof *s->items, err);
	if (items == NULL)
		return MYO_FAIL;
	s->items = items;
	void *probabilities = myo_realloc(s->probabilities, cells, sizeof *s->probabilities, err);
	if (probabilities == NULL)
		return MYO_FAIL;
	s->probabilities = probabilities;
	void *logits = myo_realloc(s->logits, cells, sizeof *s->logits, err);
	if (logits == NULL)
		return MYO_FAIL;
	s->logits = logits;
	void *votes = myo_realloc(s->votes, cells, sizeof *s->votes, err);
	if (votes == NULL)
		return MYO_FAIL;
	s->votes = votes;

	size_t *slots = myo_realloc(s->slots, slot_count, sizeof *slots, err);
	if (slots == NULL)
		return MYO_FAIL;
	s->slots = slots;
	s->slot_count = slot_count;
	s->room = room;
	fill_slots(s);
	return MYO_OK;
}

int
images_settle(struct images *s, size_t number, struct myo_err *err)
{
	const size_t left = s->count - number, k = s->classes;

	if (number == 0)
		return MYO_OK;
	for (size_t i = 0; i < number; i++)
		if (myo_ids_add(&s->settled, s->items[i].id, err) != MYO_OK || s->done(s->context, i, err) != MYO_OK)
			return MYO_FAIL;
	memmove(s->items, s->items + number, left * sizeof *s->items);
	memmove(s->probabilities, s->probabilities + number * k, left * k * sizeof *s->probabilities);
	memmove(s->logits, s->logits + number * k, left * k * sizeof *s->logits);
	memmove(s->votes, s->votes + number * k, left * k * sizeof *s->votes);
	s->count = left;
	fill_slots(s);
	return MYO_OK;
}

static int
add(struct images *s, int64_t id, int32_t label, size_t *out, struct myo_err *err)
{
	if (myo_ids_have(&s->settled, id))
		return myo_fail(err,
		    "image %lld comes again when too many others have come since to remember it: an id must "
		    "stand for one image, and its rows far apart want more memory", (long long)id);
	if (s->count == s->room && (s->room < s->most ? grow(s, err) : images_settle(s, s->count / 2, err)) != MYO_OK)
		return MYO_FAIL;
	const size_t at = s->count++;
	*find_slot(s, id) = at + 1;
	s->items[at] = (struct image){ .id = id, .label = label };
	memset(s->probabilities + at * s->classes, 0, s->classes * sizeof *s->probabilities);
	memset(s->logits + at * s->classes, 0, s->classes * sizeof *s->logits);
	memset(s->votes + at * s->classes, 0, s->classes * sizeof *s->votes);
	*out = at;
	return MYO_OK;
}

int
images_find(struct images *s, int64_t id, int32_t label, size_t *out, struct myo_err *err)
{
	const size_t slot = s->slot_count > 0 ? *find_slot(s, id) : 0;

	if (slot == 0)
		return add(s, id, label, out, err);
	*out = slot - 1;
	if (s->items[*out].label != label)
		return myo_fail(err, "image %lld has labels %d and %d: an id must stand for one image", (long long)id,
		    s->items[*out].label, label);
	return MYO_OK;
}
