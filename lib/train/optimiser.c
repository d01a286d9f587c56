/* What a step does to the weights: element by element, so any number of threads gives the same bits. */
#include "train/optimiser.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 16384 }; /* elements of a work item: three or four arrays of them fit the second-level cache */

struct myo_optimiser {
	struct myo_optimiser_options options; /* but for the rules */
	struct myo_net *net;
	struct myo_pool *pool;
	float *state;
	size_t state_count;
	float *gathered; /* gradients of earlier batches, or NULL */
	double shares;   /* sum of their shares; 0: there are none */
	struct chunk *chunks;
	size_t chunk_count;
	struct muon muon; /* without matrices unless MYO_MUON */
	int64_t steps;
	double rate;   /* of the step under way */
	double share;  /* of the gathering under way */
	double scale;  /* of the gradients under way */
};

/* ---- weights ---------------------------------------------------------------------------------- */

static bool
trained(const struct myo_weight *w)
{
	return w->role != MYO_BUFFER && !w->frozen;
}

static bool
is_muons(const struct myo_optimiser *o, const struct myo_weight *w)
{
	return o->options.kind == MYO_MUON && train_muon_takes(w);
}

static size_t
state_of(const struct myo_optimiser *o)
{
	return o->options.kind == MYO_ADAM || o->options.kind == MYO_ADAMW ? 2 : 1;
}

static void
count(struct myo_optimiser *o)
{
	size_t elements = 0;

	o->chunk_count = 0;
	for (size_t i = 0; i < myo_net_weights(o->net); i++) {
		const struct myo_weight *w = myo_net_weight(o->net, i);
		if (trained(w)) {
			o->chunk_count += (w->elements + CHUNK - 1) / CHUNK;
			elements += w->elements;
		}
	}
	o->state_count = elements * state_of(o);
}

static double
follow_rules(const struct myo_rules *rules, const struct myo_weight *w)
{
	double factor = 1;

	for (size_t i = 0; i < rules->count; i++)
		if (fnmatch(rules->items[i].pattern, w->name, 0) == 0)
			factor = rules->items[i].factor;
	return factor;
}

static bool
decays(const struct myo_optimiser *o, const struct myo_weight *w)
{
	return trained(w) && !is_muons(o, w) && (w->role == MYO_WEIGHT || !o->options.decay_weights_only);
}

static bool
learns(const struct myo_optimiser *o, const struct myo_weight *w)
{
	(void)o;
	return trained(w);
}

/* Each rule must match some weight that does what the rule is about. */
static int
check_rules(const struct myo_optimiser *o, const struct myo_rules *rules,
    bool (*does)(const struct myo_optimiser *, const struct myo_weight *), const char *what, struct myo_err *err)
{
	for (size_t i = 0; i < rules->count; i++) {
		bool found = false;
		for (size_t k = 0; !found && k < myo_net_weights(o->net); k++) {
			const struct myo_weight *w = myo_net_weight(o->net, k);
			found = does(o, w) && fnmatch(rules->items[i].pattern, w->name, 0) == 0;
		}
		if (!found)
			return myo_fail(err,
			    "no weight that %s has a name like '%s'; myopic-info shows those of a model", what,
			    rules->items[i].pattern);
	}
	return MYO_OK;
}

/* Divide every trained weight into chunks, and add those that Muon trains to it. */
static int
cut(struct myo_optimiser *o, const struct myo_optimiser_options *options, struct myo_err *err)
{
	const bool square = state_of(o) > 1;
	float *state = o->state;
	struct chunk *chunk = o->chunks;

	for (size_t i = 0; i < myo_net_weights(o->net); i++) {
		struct myo_weight *w = myo_net_weight(o->net, i);
		if (!trained(w))
			continue;
		const double rate = follow_rules(&options->rates, w), decay = decays(o, w) ?
		    follow_rules(&options->decays, w) : 0;
		const bool muons = is_muons(o, w);
		if (muons && train_muon_add(&o->muon, w, rate, state, err) != MYO_OK)
			return MYO_FAIL;
		for (size_t first = 0; first < w->elements; first += CHUNK, chunk++) {
			const size_t some = w->elements - first < CHUNK ? w->elements - first : CHUNK;
			*chunk = (struct chunk){ .weight = w, .first = first, .count = some, .rate = rate,
				.decay = decay,
				.momentum = muons ? NULL : state, .square = square ? state + some : NULL };
			state += some * state_of(o);
		}
	}
	return o->muon.matrix_count > 0 ? train_muon_prepare(&o->muon, err) : MYO_OK;
}

int
myo_optimiser_new(struct myo_net *net, const struct myo_optimiser_options *options, struct myo_pool *pool,
    struct myo_optimiser **out, struct myo_err *err)
{
	struct myo_optimiser *o = myo_calloc(1, sizeof *o, err);

	*out = NULL;
	if (o == NULL)
		return MYO_FAIL;
	o->options = *options;
	o->options.rates = o->options.decays = (struct myo_rules){ 0 };
	o->net = net;
	o->pool = pool;
	count(o);
	if (o->chunk_count == 0) {
		free(o);
		return myo_fail(err, "all weights are frozen: there is nothing to train");
	}
	o->state = myo_calloc_aligned(o->state_count, sizeof *o->state, err);
	o->chunks = o->state != NULL ? myo_calloc(o->chunk_count, sizeof *o->chunks, err) : NULL;
	if (o->chunks == NULL || check_rules(o, &options->rates, learns, "is trained", err) != MYO_OK ||
	    check_rules(o, &options->decays, decays, "decays", err) != MYO_OK || cut(o, options, err) != MYO_OK) {
		myo_optimiser_free(o);
		return MYO_FAIL;
	}
	*out = o;
	return MYO_OK;
}

void
myo_optimiser_free(struct myo_optimiser *optimiser)
{
	if (optimiser == NULL)
		return;
	train_muon_clear(&optimiser->muon);
	free(optimiser->chunks);
	free(optimiser->gathered);
	free(optimiser->state);
	free(optimiser);
}

/* ---- gradients ---------------------------------------------------------------------------------- */

static void
gather_chunk(void *context, size_t item, int thread)
{
	const struct myo_optimiser *o = context;
	const struct chunk *chunk = &o->chunks[item];
	const float share = (float)o->share;
	const float *restrict gradient = chunk->weight->gradient + chunk->first;
	float *restrict sum = chunk->gathered;

	(void)thread;
	for (size_t i = 0; i < chunk->count; i++)
		sum[i] += share * gradient[i];
}

int
myo_optimiser_gather(struct myo_optimiser *optimiser, double share, struct myo_err *err)
{
	struct myo_optimiser *o = optimiser;

	if (o->gathered == NULL) {
		o->gathered = myo_calloc_aligned(o->state_count / state_of(o), sizeof *o->gathered, err);
		if (o->gathered == NULL)
			return MYO_FAIL;
		float *at = o->gathered;
		for (size_t i = 0; i < o->chunk_count; i++) {
			o->chunks[i].gathered = at;
			at += o->chunks[i].count;
		}
	}
	o->share = share;
	o->shares += share;
	myo_pool_run(o->pool, o->chunk_count, gather_chunk, o);
	return MYO_OK;
}

static void
take_gathered(void *context, size_t item, int thread)
{
	const struct myo_optimiser *o = context;
	const struct chunk *chunk = &o->chunks[item];
	float *gradient = chunk->weight->gradient + chunk->first;

	(void)thread;
	for (size_t i = 0; i < chunk->count; i++)
		gradient[i] = (float)o->scale * chunk->gathered[i];
	memset(chunk->gathered, 0, chunk->count * sizeof(float));
}

static void
sum_squares(void *context, size_t item, int thread)
{
	const struct myo_optimiser *o = context;
	struct chunk *chunk = &o->chunks[item];
	const float *gradient = chunk->weight->gradient + chunk->first;
	double sum = 0;

	(void)thread;
	for (size_t i = 0; i < chunk->count; i++)
		sum += (double)gradient[i] * (double)gradient[i];
	chunk->norm = sum;
}

static void
scale_chunk(void *context, size_t item, int thread)
{
	const struct myo_optimiser *o = context;
	const struct chunk *chunk = &o->chunks[item];
	float *gradient = chunk->weight->gradient + chunk->first;

	(void)thread;
	for (size_t i = 0; i < chunk->count; i++)
		gradient[i] *= (float)o->scale;
}

static void
clip(struct myo_optimiser *o)
{
	double sum = 0;

	myo_pool_run(o->pool, o->chunk_count, sum_squares, o);
	for (size_t i = 0; i < o->chunk_count; i++)
		sum += o->chunks[i].norm;
	o->scale = o->options.clip / sqrt(sum);
	if (sum > 0 && o->scale < 1)
		myo_pool_run(o->pool, o->chunk_count, scale_chunk, o);
}

/* ---- steps ---------------------------------------------------------------------------------------- */

static void
sgd(const struct myo_optimiser *o, const struct chunk *chunk)
{
	const float decay = (float)(chunk->decay * o->options.decay);
	const float momentum = (float)o->options.momentum, rate = (float)(o->rate * chunk->rate);
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
	const double decay = chunk->decay * options->decay, of_step = o->rate * chunk->rate;
	const bool decoupled = options->kind == MYO_ADAMW;
	const float keep = decoupled ? (float)(1 - of_step * decay) : 1, added = decoupled ? 0 : (float)decay;
	const float beta1 = (float)options->beta1, rest1 = (float)(1 - options->beta1);
	const float beta2 = (float)options->beta2, rest2 = (float)(1 - options->beta2);
	const float rate = (float)(of_step / (1 - pow(options->beta1, (double)o->steps)));
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
	const struct chunk *chunk = &o->chunks[item];

	(void)thread;
	if (chunk->momentum == NULL)
		return; /* Muon trains it */
	if (o->options.kind == MYO_ADAM || o->options.kind == MYO_ADAMW)
		adam(o, chunk);
	else
		sgd(o, chunk);
}

void
myo_optimiser_step(struct myo_optimiser *optimiser, double rate)
{
	struct myo_optimiser *o = optimiser;
	const struct myo_optimiser_options *options = &o->options;

	o->steps++;
	o->rate = rate;
	if (o->shares > 0) {
		o->scale = 1 / o->shares;
		myo_pool_run(o->pool, o->chunk_count, take_gathered, o);
		o->shares = 0;
	}
	if (options->clip > 0)
		clip(o);
	myo_pool_run(o->pool, o->chunk_count, step_chunk, o);
	if (o->muon.matrix_count > 0)
		train_muon_step(&o->muon, rate * options->muon_rate, options->muon_momentum, options->muon_iterations,
		    o->pool);
	myo_net_changed(o->net);
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
