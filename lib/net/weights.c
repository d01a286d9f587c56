/* Parameters: finding, counting and drawing them. */
#include "net/graph.h"

#include <string.h>

size_t
myo_net_weights(const struct myo_net *net)
{
	return net->parameter_count;
}

struct myo_weight *
myo_net_weight(const struct myo_net *net, size_t index)
{
	return index < net->parameter_count ? &net->parameters[index]->weight : NULL;
}

struct myo_weight *
myo_net_find_weight(const struct myo_net *net, const char *name)
{
	for (size_t i = 0; i < net->parameter_count; i++)
		if (strcmp(net->parameters[i]->weight.name, name) == 0)
			return &net->parameters[i]->weight;
	return NULL;
}

size_t
myo_net_parameters(const struct myo_net *net)
{
	size_t total = 0;

	for (size_t i = 0; i < net->parameter_count; i++)
		if (net->parameters[i]->weight.role != MYO_BUFFER)
			total += net->parameters[i]->weight.elements;
	return total;
}

static float
draw(enum net_start start, double spread, struct myo_rng *rng)
{
	switch (start) {
	case START_ZERO:
		return 0;
	case START_ONE:
		return 1;
	case START_NORMAL:
	case START_IDENTITY:
		return (float)(spread * myo_rng_normal(rng));
	case START_UNIFORM:
		return (float)(spread * (2 * myo_rng_real(rng) - 1));
	}
	return 0;
}

/* weight [out, in / groups, side, side]: let the first filters of each group pass on one input each. */
static void
set_identity(const struct parameter *p)
{
	const size_t inputs = p->weight.shape[1], side = p->weight.shape[2], filters = p->weight.shape[0] / p->groups;
	const size_t filter = inputs * side * side, centre = side / 2 * side + side / 2;

	for (size_t out = 0; out < p->weight.shape[0]; out++) {
		float *value = p->weight.value + out * filter;
		const size_t input = out % filters;
		if (input >= inputs)
			continue;
		memset(value, 0, filter * sizeof *value);
		value[input * side * side + centre] = 1;
	}
}

void
myo_net_changed(struct myo_net *net)
{
	net->version++;
}

void
myo_net_init(struct myo_net *net, uint64_t seed)
{
	myo_net_changed(net);
	for (size_t i = 0; i < net->parameter_count; i++) {
		const struct parameter *p = net->parameters[i];
		struct myo_rng rng = myo_rng_at(seed, MYO_RNG_INIT, i, 0);

		for (size_t k = 0; k < p->weight.elements; k++)
			p->weight.value[k] = draw(p->start, p->spread, &rng);
		if (p->start == START_IDENTITY)
			set_identity(p);
		if (p->weight.gradient != NULL)
			memset(p->weight.gradient, 0, p->weight.elements * sizeof(float));
	}
}

void
myo_net_shuffle(struct myo_net *net, uint64_t seed)
{
	myo_net_changed(net);
	for (size_t i = 0; i < net->parameter_count; i++) {
		const struct myo_weight *w = &net->parameters[i]->weight;
		struct myo_rng rng = myo_rng_at(seed, MYO_RNG_WEIGHTS, i, 0);

		for (size_t left = w->role != MYO_BUFFER ? w->elements : 0; left > 1; left--) {
			const size_t k = myo_rng_below(&rng, (uint32_t)left);
			const float last = w->value[left - 1];
			w->value[left - 1] = w->value[k];
			w->value[k] = last;
		}
	}
}
