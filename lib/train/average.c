/* Averaged weights: element by element, so any number of threads gives the same bits. */
#include "train/train.h"

#include <stdlib.h>

enum { CHUNK = 16384 }; /* elements of a work item */

struct chunk {
	float *value, *average;
	size_t count;
};

struct myo_average {
	struct myo_net *net;
	struct myo_pool *pool;
	double decay;
	float *state;
	size_t elements, chunk_count;
	struct chunk *chunks;
	float share; /* of the step under way */
};

/* Cut all values into chunks; with chunks NULL only count. */
static void
cut(struct myo_average *a)
{
	a->chunk_count = a->elements = 0;
	for (size_t i = 0; i < myo_net_weights(a->net); i++) {
		const struct myo_weight *w = myo_net_weight(a->net, i);
		for (size_t first = 0; first < w->elements; first += CHUNK) {
			const size_t count = w->elements - first < CHUNK ? w->elements - first : CHUNK;
			if (a->chunks != NULL)
				a->chunks[a->chunk_count] = (struct chunk){ w->value + first, a->state + a->elements,
					count };
			a->chunk_count++;
			a->elements += count;
		}
	}
}

int
myo_average_new(struct myo_net *net, double decay, struct myo_pool *pool, struct myo_average **out, struct myo_err *err)
{
	struct myo_average *a = *out = myo_calloc(1, sizeof **out, err);

	if (a == NULL)
		return MYO_FAIL;
	a->net = net;
	a->pool = pool;
	a->decay = decay;
	cut(a);
	a->state = myo_calloc_aligned(a->elements, sizeof *a->state, err);
	struct chunk *chunks = a->state != NULL ? myo_calloc(a->chunk_count, sizeof *chunks, err) : NULL;
	if (chunks == NULL) {
		myo_average_free(a);
		*out = NULL;
		return MYO_FAIL;
	}
	a->chunks = chunks;
	cut(a);
	return MYO_OK;
}

void
myo_average_free(struct myo_average *average)
{
	if (average == NULL)
		return;
	free(average->chunks);
	free(average->state);
	free(average);
}

static void
step_chunk(void *context, size_t item, int thread)
{
	const struct myo_average *average = context;
	const struct chunk *chunk = &average->chunks[item];
	const float *restrict value = chunk->value;
	float *restrict a = chunk->average;

	(void)thread;
	for (size_t i = 0; i < chunk->count; i++)
		a[i] += average->share * (value[i] - a[i]);
}

void
myo_average_step(struct myo_average *average, int64_t t)
{
	const double early = (1 + (double)t) / (10 + (double)t);

	average->share = t <= 1 ? 1 : (float)(1 - (early < average->decay ? early : average->decay));
	myo_pool_run(average->pool, average->chunk_count, step_chunk, average);
}

static void
swap_chunk(void *context, size_t item, int thread)
{
	const struct myo_average *average = context;
	const struct chunk *chunk = &average->chunks[item];

	(void)thread;
	for (size_t i = 0; i < chunk->count; i++) {
		const float value = chunk->value[i];
		chunk->value[i] = chunk->average[i];
		chunk->average[i] = value;
	}
}

void
myo_average_swap(struct myo_average *average)
{
	myo_pool_run(average->pool, average->chunk_count, swap_chunk, average);
	myo_net_changed(average->net);
}

float *
myo_average_state(struct myo_average *average, size_t *elements)
{
	*elements = average->elements;
	return average->state;
}
