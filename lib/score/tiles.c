/*
 * Accuracy by the number of tiles. An image's tiles are taken in an order that is a function of the seed, the
 * image's id, the tile's place and, among tiles at one place, their logits; so the order of rows doesn't change
 * the result.
 */
#include "score/tiles.h"

#include <stdlib.h>
#include <string.h>

struct tile {
	uint64_t digest; /* hash of the logits, by which tiles at the same place are ordered */
	uint32_t draw;   /* random number by which tiles are ordered; at first the same for all at one place */
	size_t next;     /* 1 + the index of the next tile of the image; 0: none */
};

int
tiles_new(size_t classes, uint64_t seed, size_t memory, struct tiles **out, struct myo_err *err)
{
	const double each = 2 * (double)sizeof(struct tile) + (double)classes * (double)sizeof(float);
	const double most = (double)memory / each;
	struct tiles *t = myo_calloc(1, sizeof *t, err);

	*out = t;
	if (t == NULL)
		return MYO_FAIL;
	t->classes = classes;
	t->seed = seed;
	t->most = most > 1 ? (size_t)most : 1;
	if ((t->probabilities = myo_calloc(classes, sizeof *t->probabilities, err)) == NULL ||
	    (t->sums = myo_calloc(classes, sizeof *t->sums, err)) == NULL ||
	    (t->row = myo_calloc(classes, sizeof *t->row, err)) == NULL ||
	    (t->votes = myo_calloc(classes, sizeof *t->votes, err)) == NULL ||
	    (t->counts = myo_calloc(TILES_LEVELS + 1, sizeof *t->counts, err)) == NULL) {
		tiles_free(t);
		*out = NULL;
		return MYO_FAIL;
	}
	return MYO_OK;
}

void
tiles_free(struct tiles *tiles)
{
	if (tiles == NULL)
		return;
	free(tiles->items);
	free(tiles->logits);
	free(tiles->sorted);
	free(tiles->probabilities);
	free(tiles->sums);
	free(tiles->row);
	free(tiles->votes);
	free(tiles->counts);
	free(tiles);
}

/* ---- keeping ---------------------------------------------------------------------------------- */

bool
tiles_full(const struct tiles *tiles)
{
	return tiles->empty == 0 && tiles->used == tiles->most;
}

static int
grow(struct tiles *t, struct myo_err *err)
{
	const size_t wanted = t->room == 0 ? 1024 : 2 * t->room, room = wanted < t->most ? wanted : t->most;
	size_t cells;

	if (!myo_mul(room, t->classes, &cells))
		return myo_fail_memory(err, SIZE_MAX);
	void *items = myo_realloc(t->items, room, sizeof *t->items, err);
	if (items == NULL)
		return MYO_FAIL;
	t->items = items;
	void *logits = myo_realloc(t->logits, cells, sizeof *t->logits, err);
	if (logits == NULL)
		return MYO_FAIL;
	t->logits = logits;
	t->room = room;
	return MYO_OK;
}

static uint64_t
digest(const float *logits, size_t count)
{
	uint64_t sum = 0;
	uint32_t bits;

	for (size_t c = 0; c < count; c++) {
		memcpy(&bits, &logits[c], sizeof bits);
		sum = myo_ids_hash(sum ^ bits);
	}
	return sum;
}

int
tiles_keep(struct tiles *t, size_t *chain, int64_t id, int32_t y, int32_t x, const float *logits, struct myo_err *err)
{
	struct myo_rng rng = myo_rng_at(t->seed, MYO_RNG_TILES, ((uint32_t)y << 16) + (uint32_t)x, (uint64_t)id);
	size_t at = t->used;

	if (t->empty > 0) {
		at = t->empty - 1;
		t->empty = t->items[at].next;
	} else {
		if (t->used == t->room && grow(t, err) != MYO_OK)
			return MYO_FAIL;
		t->used++;
	}
	memcpy(t->logits + at * t->classes, logits, t->classes * sizeof *t->logits);
	t->items[at] = (struct tile){ .digest = digest(logits, t->classes), .draw = myo_rng_u32(&rng), .next = *chain };
	*chain = at + 1;
	return MYO_OK;
}

/* ---- counting --------------------------------------------------------------------------------- */

static int
compare_tiles(const void *a, const void *b)
{
	const struct tile *x = a, *y = b;

	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return (x->digest > y->digest) - (x->digest < y->digest);
}

/* Random crops may lie at the same place: all but the first draw again, or they would follow each other. */
static bool
part_twins(struct tile *sorted, size_t count)
{
	bool any = false;

	for (size_t first = 0, n = 1; n < count; n++) {
		if (sorted[n].draw != sorted[first].draw) {
			first = n;
			continue;
		}
		const uint64_t twin = ((uint64_t)sorted[first].draw << 32) + (n - first);
		sorted[n].draw = (uint32_t)(myo_ids_hash(twin) >> 32);
		any = true;
	}
	return any;
}

/* Copy an image's tiles to t->sorted, in order, with 1 + their index in `next`; and release the tiles. */
static int
sort_chain(struct tiles *t, size_t chain, size_t count, struct myo_err *err)
{
	if (count > t->sorted_room) {
		void *sorted = myo_realloc(t->sorted, count, sizeof *t->sorted, err);
		if (sorted == NULL)
			return MYO_FAIL;
		t->sorted = sorted;
		t->sorted_room = count;
	}
	for (size_t n = 0; n < count; n++) {
		struct tile *tile = &t->items[chain - 1];
		const size_t next = tile->next;
		t->sorted[n] = *tile;
		t->sorted[n].next = chain;
		tile->next = t->empty;
		t->empty = chain;
		chain = next;
	}
	qsort(t->sorted, count, sizeof *t->sorted, compare_tiles);
	if (part_twins(t->sorted, count))
		qsort(t->sorted, count, sizeof *t->sorted, compare_tiles);
	return MYO_OK;
}

static void
count_outcome(struct tiles_level *level, struct outcome outcome)
{
	level->mean += outcome.mean;
	level->logit += outcome.logit;
	level->vote += outcome.vote;
}

int
tiles_settle(struct tiles *t, size_t chain, size_t count, size_t label, struct outcome all, struct myo_err *err)
{
	const size_t k = t->classes;
	size_t level = 0;

	if (sort_chain(t, chain, count, err) != MYO_OK)
		return MYO_FAIL;
	memset(t->probabilities, 0, k * sizeof *t->probabilities);
	memset(t->sums, 0, k * sizeof *t->sums);
	memset(t->votes, 0, k * sizeof *t->votes);
	for (size_t n = 1; n < count; n++) {
		const float *logits = t->logits + (t->sorted[n - 1].next - 1) * k;
		(void)score_softmax(logits, k, t->row); /* add_row() has checked that they are finite */
		t->votes[score_largest(t->row, k)]++;
		for (size_t c = 0; c < k; c++) {
			t->probabilities[c] += t->row[c];
			t->sums[c] += (double)logits[c];
		}
		if (n == (size_t)1 << level) {
			t->levels[level].enough++;
			count_outcome(&t->levels[level++],
			    score_outcome(t->probabilities, t->sums, t->votes, k, label));
		}
	}
	for (; level < TILES_LEVELS; level++) {
		t->levels[level].enough += count == (size_t)1 << level;
		count_outcome(&t->levels[level], all);
	}
	if ((int64_t)count > t->largest) {
		t->largest = (int64_t)count;
		t->with_largest = 0;
	}
	t->with_largest += (int64_t)count == t->largest;
	return MYO_OK;
}

static struct myo_tile_count
result_of(int64_t tiles, int64_t enough, const struct tiles_level *level, int64_t images)
{
	return (struct myo_tile_count){ .tiles = tiles, .enough = enough,
		.mean_probability = myo_share_of(level->mean, images),
		.mean_logit = myo_share_of(level->logit, images), .vote = myo_share_of(level->vote, images) };
}

size_t
tiles_result(struct tiles *t, const struct tiles_level *all, int64_t images)
{
	size_t n = 0;

	for (; n < TILES_LEVELS && INT64_C(1) << n < t->largest; n++)
		t->counts[n] = result_of(INT64_C(1) << n, t->levels[n].enough, &t->levels[n], images);
	t->counts[n] = result_of(t->largest, t->with_largest, all, images);
	return n + 1;
}
