/* What a step does to the weights: element by element, so any number of threads gives the same bits. */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 16384 }; /* elements of a work item: three or four arrays of them fit the second-level cache */

/* A piece of one weight. */
struct chunk {
	struct myo_weight *weight;
	size_t first, count;
	float *momentum, *square; /* state of these elements; square is Adam's */
	bool decay;
};

struct myo_optimiser {
	struct myo_optimiser_options options;
	struct myo_net *net;
	struct myo_pool *pool;
	float *state;
	size_t state_count;
	struct chunk *chunks;
	size_t chunk_count;
	int64_t steps;
	double rate; /* of the step under way */
};

static bool
trained(const struct myo_weight *w)
{
	return w->role != MYO_BUFFER;
}

/* Cut every trained weight into chunks; with chunks NULL only count them and the elements. */
static void
cut(struct myo_optimiser *o, struct myo_net *net, size_t *chunks, size_t *elements)
{
	const bool adam = o->options.kind != MYO_SGD;

	*chunks = *elements = 0;
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		struct myo_weight *w = myo_net_weight(net, i);
		for (size_t first = 0; trained(w) && first < w->elements; first += CHUNK) {
			const size_t count = w->elements - first < CHUNK ? w->elements - first : CHUNK;
			if (o->chunks != NULL) {
				float *state = o->state + (adam ? 2 : 1) * *elements;
				o->chunks[*chunks] = (struct chunk){ w, first, count, state, adam ? state + count : NULL,
					w->role == MYO_WEIGHT || !o->options.decay_weights_only };
			}
			++*chunks;
			*elements += count;
		}
	}
}

int
myo_optimiser_new(struct myo_net *net, const struct myo_optimiser_options *options, struct myo_pool *pool,
    struct myo_optimiser **out, struct myo_err *err)
{
	struct myo_optimiser *o = myo_calloc(1, sizeof *o, err);
	size_t chunks, elements;

	*out = NULL;
	if (o == NULL)
		return MYO_FAIL;
	o->options = *options;
	o->net = net;
	o->pool = pool;
	cut(o, net, &chunks, &elements);
	o->state = myo_calloc_aligned(elements, (options->kind == MYO_SGD ? 1 : 2) * sizeof *o->state, err);
	struct chunk *made = o->state != NULL ? myo_calloc(chunks, sizeof *made, err) : NULL;
	if (made == NULL) {
		myo_optimiser_free(o);
		return MYO_FAIL;
	}
	o->chunks = made;
	cut(o, net, &o->chunk_count, &elements);
	o->state_count = elements * (options->kind == MYO_SGD ? 1 : 2);
	*out = o;
	return MYO_OK;
}

void
myo_optimiser_free(struct myo_optimiser *optimiser)
{
	if (optimiser == NULL)
		return;
	free(optimiser->chunks);
	free(optimiser->state);
	free(optimiser);
}

static void
sgd(const struct myo_optimiser *o, const struct chunk *chunk)
{
	const float decay = chunk->decay ? (float)o->options.decay : 0;
	const float momentum = (float)o->options.momentum, rate = (float)o->rate;
	const bool nesterov = o->options.nesterov;
	float *restrict w = chunk->weight->value + chunk->first;
	const float *restrict gradient = chunk->weight->gradient + chunk->first;
	float *restrict m = chunk->momentum;

	for (size_t i = 0; i < chunk->count; i++) {
		const float g = gradient[i] + decay * w[i];
		m[i] = momentum * m[i] + g;
		w[i] -= rate * (nesterov ? g + momentum * m[i] : m[i]);
	}
}

static void
adam(const struct myo_optimiser *o, const struct chunk *chunk)
{
	const struct myo_optimiser_options *options = &o->options;
	const double decay = chunk->decay ? options->decay : 0;
	const bool decoupled = options->kind == MYO_ADAMW;
	const float keep = decoupled ? (float)(1 - o->rate * decay) : 1, added = decoupled ? 0 : (float)decay;
	const float beta1 = (float)options->beta1, rest1 = (float)(1 - options->beta1);
	const float beta2 = (float)options->beta2, rest2 = (float)(1 - options->beta2);
	const float rate = (float)(o->rate / (1 - pow(options->beta1, (double)o->steps)));
	const float root = (float)sqrt(1 - pow(options->beta2, (double)o->steps)), eps = (float)options->eps;
	float *restrict w = chunk->weight->value + chunk->first;
	const float *restrict gradient = chunk->weight->gradient + chunk->first;
	float *restrict m = chunk->momentum;
	float *restrict v = chunk->square;

	for (size_t i = 0; i < chunk->count; i++) {
		const float old = w[i] * keep, g = gradient[i] + added * old;
		m[i] = beta1 * m[i] + rest1 * g;
		v[i] = beta2 * v[i] + rest2 * g * g;
		w[i] = old - rate * m[i] / (sqrtf(v[i]) / root + eps);
	}
}

static void
step_chunk(void *context, size_t item, int thread)
{
	const struct myo_optimiser *o = context;

	(void)thread;
	if (o->options.kind == MYO_SGD)
		sgd(o, &o->chunks[item]);
	else
		adam(o, &o->chunks[item]);
}

void
myo_optimiser_step(struct myo_optimiser *optimiser, double rate)
{
	optimiser->steps++;
	optimiser->rate = rate;
	myo_pool_run(optimiser->pool, optimiser->chunk_count, step_chunk, optimiser);
	myo_net_changed(optimiser->net);
}

float *
myo_optimiser_state(struct myo_optimiser *optimiser, size_t *elements)
{
	*elements = optimiser->state_count;
	return optimiser->state;
}

int64_t
myo_optimiser_steps(const struct myo_optimiser *optimiser)
{
	return optimiser->steps;
}

void
myo_optimiser_resume(struct myo_optimiser *optimiser, int64_t steps)
{
	optimiser->steps = steps;
}
