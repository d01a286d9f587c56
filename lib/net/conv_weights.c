/*
 * The gradient of a convolution's weights: dy^T times what was gathered, summed over the pixels of
 * the batch. Items are parts of the batch, and where it pays also rows of the kernel, each with a
 * partial sum of its own; the parts are added in order.
 */
#include "net/conv.h"
#include "net/gemm.h"

#include <string.h>

enum { PARTS_MOST = 8, NARROW = 64 };

/* Kernel rows in an item: one, unless that makes a matrix too narrow for a fast product. */
static size_t
rows_together(const struct conv_geometry *g)
{
	return g->kernel * net_conv_group_in(g) >= NARROW ? 1 : g->kernel;
}

static size_t
item_depth(const struct conv_geometry *g)
{
	return rows_together(g) * g->kernel * net_conv_group_in(g);
}

static size_t
blocks_of(const struct conv_geometry *g, size_t rows)
{
	const size_t lines = net_conv_lines(g, item_depth(g));

	return (rows * (size_t)g->out.height + lines - 1) / lines;
}

static bool
fits_all(const struct conv_geometry *g)
{
	(void)g;
	return true;
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	if (net_conv_pointwise(g))
		return 0;
	return net_conv_lines(g, item_depth(g)) * (size_t)g->out.width * item_depth(g) * sizeof(float);
}

static size_t
parts(const struct conv_geometry *g, size_t rows)
{
	const size_t blocks = blocks_of(g, rows);

	return blocks < PARTS_MOST ? blocks : PARTS_MOST;
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	return parts(g, rows) * (g->kernel / rows_together(g));
}

/* Add one block of lines to the partial sum of kernel rows [ky0, ky1). */
static void
add_block(const struct conv_weights_job *job, float *partial, size_t ky0, size_t ky1, size_t from, size_t to,
    bool first, float *scratch)
{
	const struct conv_geometry *g = &job->g;
	const size_t ins = net_conv_group_in(g), outs = net_conv_group_out(g);
	const size_t depth = item_depth(g), whole = g->kernel * g->kernel * ins;
	const size_t width = (size_t)g->out.width, channels = (size_t)g->out.channels;
	const float *dy = job->dy + from * width * channels; /* [pixels, channels] */

	for (size_t group = 0; group < g->groups; group++) {
		const float *seen = scratch; /* [pixels, depth] */
		size_t step = depth;
		if (net_conv_pointwise(g)) {
			seen = job->x + from * width * (size_t)g->in.channels + group * ins;
			step = (size_t)g->in.channels;
		} else {
			net_conv_gather(g, job->x, group, ky0, ky1, from, to, scratch);
		}
		net_gemm(job->kernels, GEMM_TRANSPOSED, GEMM_PLAIN, outs, depth, (to - from) * width,
		    dy + group * outs, channels, seen, step, !first,
		    partial + group * outs * whole + ky0 * g->kernel * ins, whole);
	}
}

static void
run(const struct conv_weights_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const size_t count = parts(g, job->rows), part = item % count;
	const size_t together = rows_together(g), ky0 = item / count * together;
	const size_t blocks = blocks_of(g, job->rows), lines = net_conv_lines(g, item_depth(g));
	const size_t first = part * blocks / count, beyond = (part + 1) * blocks / count;
	const size_t all = job->rows * (size_t)g->out.height;
	float *partial = job->partial + part * net_conv_weights(g);

	for (size_t block = first; block < beyond; block++) {
		const size_t from = block * lines, to = from + lines < all ? from + lines : all;
		add_block(job, partial, ky0, ky0 + together, from, to, block == first, scratch);
	}
}

size_t
net_conv_reduce_items(const struct conv_geometry *g)
{
	return (size_t)g->out.channels;
}

void
net_conv_reduce(const struct conv_weights_job *job, size_t count, float *dw, size_t item)
{
	const struct conv_geometry *g = &job->g;
	const size_t ins = net_conv_group_in(g), places = g->kernel * g->kernel;
	const size_t whole = net_conv_weights(g);
	float *sum = job->partial + item * places * ins; /* the first part's [places, ins] of this output */

	for (size_t part = 1; part < count; part++)
		job->kernels->sum(sum, sum + part * whole, sum, places * ins);
	dw += item * ins * places;
	for (size_t i = 0; i < ins; i++)
		for (size_t place = 0; place < places; place++)
			dw[i * places + place] = sum[place * ins + i];
}

static void
reduce(const struct conv_weights_job *job, float *dw, size_t item)
{
	net_conv_reduce(job, parts(&job->g, job->rows), dw, item);
}

const struct conv_weights_kernel net_conv_weights_gemm = {
	.name = "gemm",
	.fits = fits_all,
	.scratch_bytes = scratch_bytes,
	.part_bytes = net_conv_packed_bytes,
	.parts = parts,
	.most_parts = parts,
	.items = items,
	.run = run,
	.reduce_items = net_conv_reduce_items,
	.reduce = reduce,
};
