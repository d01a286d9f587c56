/* Passes over activations that several operations share. */
#include "net/plan.h"

#include <string.h>

struct chunks {
	struct step *step;
	size_t count, chunk;
	net_chunk_work *work;
};

static void
chunk_item(void *context, size_t item, int thread)
{
	const struct chunks *c = context;
	const size_t from = item * c->chunk;
	const size_t to = c->count - from < c->chunk ? c->count : from + c->chunk;

	c->work(c->step, from, to, thread);
}

void
net_chunks(struct step *step, size_t count, size_t chunk, net_chunk_work *work)
{
	struct chunks chunks = { step, count, chunk, work };

	myo_pool_run(step->plan->pool, (count + chunk - 1) / chunk, chunk_item, &chunks);
}

/* Pixels of a batch are summed in this many parts. */
enum { BIAS_PARTS = 16 };

static size_t
bias_pixels(const struct step *step)
{
	return step->plan->rows * net_pixels(step->out);
}

static void
bias_part(void *context, size_t part, int thread)
{
	const struct step *step = context;
	const size_t pixels = bias_pixels(step), channels = (size_t)step->out.channels;
	const size_t from = part * pixels / BIAS_PARTS, to = (part + 1) * pixels / BIAS_PARTS;
	double *sum = (double *)step->backward + part * channels;

	(void)thread;
	memset(sum, 0, channels * sizeof *sum);
	step->plan->kernels->column_sums(step->dy + from * channels, to - from, channels, sum);
}

size_t
net_bias_bytes(const struct step *step)
{
	return BIAS_PARTS * (size_t)step->out.channels * sizeof(double);
}

void
net_bias_gradient(struct step *step, float *gradient)
{
	const size_t channels = (size_t)step->out.channels;
	const double *sums = step->backward; /* [BIAS_PARTS, channels] */

	myo_pool_run(step->plan->pool, BIAS_PARTS, bias_part, step);
	for (size_t c = 0; c < channels; c++) {
		double total = 0;
		for (size_t part = 0; part < BIAS_PARTS; part++)
			total += sums[part * channels + c];
		gradient[c] = (float)total;
	}
}
