/*
 * Convolution onto pictures of a few pixels, where most of a kernel lies in the padding.
 *
 * An output pixel meets the same few places of the kernel in every row of the batch, so it is
 * a matrix product over the batch: for each row of the kernel, the pixels that exist (side by side in x) times
 * their weights. Nothing is gathered or multiplied by zero: on 2x2 pixels a 3x3 kernel takes
 * 16 multiplications instead of 36, and on one pixel one instead of nine.
 */
#include "net/conv.h"
#include "net/gemm.h"

#include <string.h>

/*
 * PIXELS_MOST: with more, Winograd needs fewer multiplications. ROWS, OUTPUTS: of an item. INPUTS: of an item of
 * packing, few enough that what is read and what is written stay in the cache.
 */
enum { PIXELS_MOST = 4, ROWS = 64, OUTPUTS = 64, INPUTS = 16 };

static bool
fits(const struct conv_geometry *g)
{
	return g->groups == 1 && g->kernel > 1 && net_pixels(g->out) <= PIXELS_MOST;
}

/* Along one axis, the places [first, beyond) of the kernel that lie inside the input, for output o. */
struct reach {
	size_t first, beyond;
};

static struct reach
reach_of(const struct conv_geometry *g, size_t o, int side)
{
	const size_t left = o * g->stride, end = g->padding + (size_t)side; /* in padded coordinates */
	struct reach r;

	r.first = left < g->padding ? g->padding - left : 0;
	r.beyond = left + g->kernel <= end ? g->kernel : left < end ? end - left : 0;
	r.beyond = r.beyond < r.first ? r.first : r.beyond;
	return r;
}

/* Whether, along one axis, any of `outs` outputs has a pixel of the input at a place of the kernel. */
static bool
meets(const struct conv_geometry *g, size_t place, int side, int outs)
{
	for (size_t o = 0; o < (size_t)outs; o++) {
		const struct reach r = reach_of(g, o, side);
		if (place >= r.first && place < r.beyond)
			return true;
	}
	return false;
}

static size_t
no_scratch(const struct conv_geometry *g)
{
	(void)g;
	return 0;
}

static size_t
packed_bytes(const struct conv_geometry *g)
{
	return net_conv_weights(g) * sizeof(float);
}

/* Weights are packed [kernel, kernel, in, out], an item being some inputs at one place of the kernel. */
static size_t
pack_items(const struct conv_geometry *g)
{
	return g->kernel * g->kernel * net_blocks((size_t)g->in.channels, INPUTS);
}

static void
pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct conv_geometry *g = &job->g;
	const size_t places = g->kernel * g->kernel, place = item % places, first = item / places * INPUTS;
	const size_t ins = (size_t)job->g.in.channels, outs = (size_t)job->g.out.channels;
	/* w [out, in, places]; turned: [in, out, places] */
	const size_t step_o = turned ? places : ins * places, step_i = turned ? outs * places : places;
	const float *from = w + (turned ? places - 1 - place : place);
	float *to = packed + place * ins * outs;

	if (!meets(g, place / g->kernel, g->in.height, g->out.height) ||
	    !meets(g, place % g->kernel, g->in.width, g->out.width))
		return; /* these weights meet no pixel */
	for (size_t o = 0; o < outs; o++)
		for (size_t i = first; i < first + INPUTS && i < ins; i++)
			to[i * outs + o] = from[o * step_o + i * step_i];
}

/* An item is one output pixel of some rows. */
static size_t
items(const struct conv_geometry *g, size_t rows)
{
	return net_pixels(g->out) * net_blocks(rows, ROWS);
}

/* Scale, shift and what follows, for one pixel of each row. */
static void
finish(const struct conv_job *job, size_t from, size_t rows, size_t pixel)
{
	const size_t outs = (size_t)job->g.out.channels, pixels = net_pixels(job->g.out);

	for (size_t n = from; n < from + rows; n++) {
		const size_t at = (n * pixels + pixel) * outs;
		job->kernels->affine(job->y + at, job->after.add ? job->r + at : NULL, job->y + at, 1, outs,
		    job->scale, job->shift, job->after);
	}
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const size_t pixels = net_pixels(g->out), pixel = item % pixels, from = item / pixels * ROWS;
	const size_t rows = job->rows - from < ROWS ? job->rows - from : ROWS;
	const size_t ins = (size_t)g->in.channels, outs = (size_t)g->out.channels,
		     width = (size_t)g->in.width;
	const size_t oy = pixel / (size_t)g->out.width, ox = pixel % (size_t)g->out.width;
	const struct reach down = reach_of(g, oy, g->in.height), across = reach_of(g, ox, g->in.width);
	const size_t row_x = net_elements(g->in), row_y = pixels * outs;
	float *y = job->y + from * row_y + pixel * outs; /* [rows, outs], row_y apart */
	bool add = job->add;

	(void)scratch;
	for (size_t ky = down.first; ky < down.beyond && across.first < across.beyond; ky++, add = true) {
		const size_t iy = oy * g->stride + ky - g->padding,
			     ix = ox * g->stride + across.first - g->padding;
		net_gemm(job->kernels, GEMM_PLAIN, GEMM_PLAIN, rows, outs,
		    (across.beyond - across.first) * ins, job->x + from * row_x + (iy * width + ix) * ins,
		    row_x, job->packed + (ky * g->kernel + across.first) * ins * outs, outs, add, y, row_y);
	}
	for (size_t n = 0; !add && n < rows; n++) /* the pixel sees only padding */
		memset(y + n * row_y, 0, outs * sizeof *y);
	if (job->finish)
		finish(job, from, rows, pixel);
}

const struct conv_kernel net_conv_small = {
	.name = "small",
	.fits = fits,
	.packed_bytes = packed_bytes,
	.scratch_bytes = no_scratch,
	.pack_items = pack_items,
	.pack = pack,
	.items = items,
	.run = run,
};

/* ---- gradient of the weights ------------------------------------------------------------------ */

/* An item is a place of the kernel and some outputs, summed over all pixels and rows: so there is one part. */
static size_t
one_part(const struct conv_geometry *g, size_t rows)
{
	(void)g;
	(void)rows;
	return 1;
}

static size_t
weights_items(const struct conv_geometry *g, size_t rows)
{
	(void)rows;
	return g->kernel * g->kernel * net_blocks((size_t)g->out.channels, OUTPUTS);
}

static void
run_weights(const struct conv_weights_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const size_t places = g->kernel * g->kernel, place = item % places, from = item / places * OUTPUTS;
	const size_t ky = place / g->kernel, kx = place % g->kernel, width = (size_t)g->in.width;
	const size_t ins = (size_t)g->in.channels, outs = (size_t)g->out.channels;
	const size_t count = outs - from < OUTPUTS ? outs - from : OUTPUTS;
	float *sum = job->partial + from * places * ins + place * ins; /* [count, ins], places ins apart */
	bool add = false;

	(void)scratch;
	for (size_t pixel = 0; pixel < net_pixels(g->out); pixel++) {
		const size_t oy = pixel / (size_t)g->out.width, ox = pixel % (size_t)g->out.width;
		const struct reach down = reach_of(g, oy, g->in.height),
				   across = reach_of(g, ox, g->in.width);
		if (ky < down.first || ky >= down.beyond || kx < across.first || kx >= across.beyond)
			continue;
		const size_t iy = oy * g->stride + ky - g->padding, ix = ox * g->stride + kx - g->padding;
		net_gemm(job->kernels, GEMM_TRANSPOSED, GEMM_PLAIN, count, ins, job->rows,
		    job->dy + pixel * outs + from, net_elements(g->out), job->x + (iy * width + ix) * ins,
		    net_elements(g->in), add, sum, places * ins);
		add = true;
	}
	for (size_t o = 0; !add && o < count; o++) /* the place never meets a pixel */
		memset(sum + o * places * ins, 0, ins * sizeof *sum);
}

static size_t
reduce_items(const struct conv_geometry *g)
{
	return (size_t)g->out.channels;
}

/* The one part's [out, kernel, kernel, in] to dw [out, in, kernel, kernel]; an item is one output. */
static void
reduce(const struct conv_weights_job *job, float *dw, size_t item)
{
	const size_t ins = (size_t)job->g.in.channels, places = job->g.kernel * job->g.kernel;
	const float *sum = job->partial + item * places * ins;

	dw += item * ins * places;
	for (size_t i = 0; i < ins; i++)
		for (size_t place = 0; place < places; place++)
			dw[i * places + place] = sum[place * ins + i];
}

const struct conv_weights_kernel net_conv_weights_small = {
	.name = "small",
	.fits = fits,
	.scratch_bytes = no_scratch,
	.part_bytes = packed_bytes,
	.parts = one_part,
	.most_parts = one_part,
	.items = weights_items,
	.run = run_weights,
	.reduce_items = reduce_items,
	.reduce = reduce,
};
