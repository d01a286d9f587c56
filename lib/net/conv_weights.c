/*
 * The gradient of a convolution's weights: dy^T times what was gathered, summed over the pixels of
 * the batch. Items are parts of the batch, each with a partial sum of its own that stays in the second-level
 * cache; where it is too large for that, it too is divided among items. The partial sums are added in order.
 *
 * A partial sum is [groups, row shares, panels, outputs, panel columns]: what is gathered is in panels, since the
 * product wants its second operand so, and thus the columns of the sum are in panels as well.
 */
#include "net/conv.h"
#include "net/gemm.h"

#include <string.h>

/* The most floats of one item's sum; and floats that are gathered at once, within bounds of pixels. */
enum { SUM_FLOATS = 128 * 1024, GATHER_FLOATS = 48 * 1024, PIXELS_LEAST = 48, PIXELS_MOST = 128 };

/* The least number of items, given enough pixels: some for each of a few threads. */
enum { ITEMS = 8 };

/* Outputs whose sums are added up in one item. */
enum { REDUCED = 8 };

/* How the sum of one group is divided into shares. */
struct cut {
	size_t rows, row_shares;    /* rows of the kernel in a share; number of such shares */
	size_t columns;             /* floats that a pixel sees in these rows */
	size_t outputs, out_shares; /* outputs in a share; number of such shares */
	size_t pixels;              /* gathered at once */
};

static struct cut
cut_of(const struct conv_geometry *g)
{
	const size_t outs = net_conv_group_out(g), row = g->kernel * net_conv_group_in(g);
	struct cut cut;

	cut.rows = g->kernel * row * outs <= SUM_FLOATS ? g->kernel : 1;
	cut.row_shares = g->kernel / cut.rows;
	cut.columns = cut.rows * row;
	cut.out_shares = (cut.columns * outs + SUM_FLOATS - 1) / SUM_FLOATS;
	cut.outputs = net_round_up((outs + cut.out_shares - 1) / cut.out_shares, GEMM_ROWS);
	cut.out_shares = (outs + cut.outputs - 1) / cut.outputs;
	cut.pixels = net_least(GATHER_FLOATS / cut.columns, PIXELS_MOST);
	if (cut.pixels < PIXELS_LEAST)
		cut.pixels = PIXELS_LEAST;
	return cut;
}

/* Floats of a row share's sum. PANEL_MAX columns are a whole number of panels for every vector unit. */
static size_t
share_floats(const struct conv_geometry *g, const struct cut *cut)
{
	return net_round_up(cut->columns, PANEL_MAX) * net_round_up(net_conv_group_out(g), GEMM_ROWS);
}

static size_t
part_floats(const struct conv_geometry *g)
{
	const struct cut cut = cut_of(g);

	return g->groups * cut.row_shares * share_floats(g, &cut);
}

static bool
fits_all(const struct conv_geometry *g)
{
	(void)g;
	return true;
}

/* Scratch: what is gathered, then a copy of dy. */
static size_t
scratch_bytes(const struct conv_geometry *g)
{
	const struct cut cut = cut_of(g);

	return cut.pixels * (net_round_up(cut.columns, PANEL_MAX) + net_round_up(net_conv_group_out(g), GEMM_ROWS)) *
	       sizeof(float);
}

static size_t
part_bytes(const struct conv_geometry *g)
{
	return part_floats(g) * sizeof(float);
}

static size_t
blocks_of(const struct conv_geometry *g, const struct cut *cut, size_t rows)
{
	return (rows * net_pixels(g->out) + cut->pixels - 1) / cut->pixels;
}

static size_t
parts(const struct conv_geometry *g, size_t rows)
{
	const struct cut cut = cut_of(g);
	size_t count = 2;

	while (count * cut.row_shares * cut.out_shares < ITEMS)
		count *= 2;
	return net_least(blocks_of(g, &cut, rows), count);
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const struct cut cut = cut_of(g);

	return parts(g, rows) * cut.row_shares * cut.out_shares;
}

/* One share of the sum, for a block of pixels of the output. */
struct work {
	const struct conv_weights_job *job;
	struct cut cut;
	size_t ky, output;       /* the share's first row of the kernel, and first output */
	size_t from, to, beyond; /* the block is pixels [from, to), the next one [to, beyond) */
	float *sum;              /* of the first group, from that output on */
	float *scratch;
};

/* This group's share of the next block's x and dy, to be fetched. */
static struct tile_soon
look_ahead(const struct work *w, const struct conv_view *view, size_t group)
{
	const struct conv_geometry *g = &w->job->g;
	const size_t channels = (size_t)g->out.channels;
	const float *at[2] = { w->job->x, w->job->dy + w->to * channels };
	size_t floats[2] = { 0, (w->beyond - w->to) * channels };
	struct tile_soon soon;

	if (w->beyond > w->to)
		at[0] += net_conv_seen(view, w->to, w->beyond, &floats[0]);
	for (size_t i = 0; i < 2; i++) {
		soon.at[i] = (uintptr_t)(at[i] + floats[i] * group / g->groups);
		soon.step[i] = floats[i] / g->groups * sizeof(float);
	}
	return soon;
}

/* Copy dy of some outputs, padded with zeros to a multiple of GEMM_ROWS: [pixels, outputs rounded up]. */
static void
copy_outputs(const struct work *w, const float *dy, size_t count, size_t pixels, float *to)
{
	const size_t channels = (size_t)w->job->g.out.channels, stride = net_round_up(count, GEMM_ROWS);

	for (size_t i = 0; i < pixels; i++, dy += channels, to += stride) {
		memcpy(to, dy, count * sizeof *to);
		memset(to + count, 0, (stride - count) * sizeof *to);
	}
}

static void
add_group(const struct work *w, size_t group, bool first)
{
	const struct conv_geometry *g = &w->job->g;
	const struct kernels *kernels = w->job->kernels;
	const size_t outs = net_conv_group_out(g), channels = (size_t)g->out.channels,
		     pixels = w->to - w->from;
	const size_t width = net_panel(kernels, w->cut.columns);
	struct conv_view view = net_conv_view(g);
	struct panels_product product = { .m = net_least(w->cut.outputs, outs - w->output),
		.n = w->cut.columns,
		.k = pixels,
		.pieces = 1,
		.b = w->scratch,
		.row_a = 1,
		.column_a = channels,
		.row_c = width,
		.add = !first };
	const struct conv_gathered panels = { .to = w->scratch,
		.width = width,
		.apart = pixels * width,
		.pixel = width,
		.pad = net_round_up(w->cut.columns, kernels->own_gemm ? kernels->tiles->lanes : 1) -
		       w->cut.columns };

	view.rows = w->cut.rows;
	view.top += (ptrdiff_t)w->ky;
	net_conv_gather(&view, w->job->x + group * net_conv_group_in(g), w->from, w->to, &panels);
	product.a = w->job->dy + w->from * channels + group * outs + w->output;
	if (!net_panels_whole(kernels, product.m, 0)) {
		float *copy = w->scratch + w->cut.pixels * net_round_up(w->cut.columns, PANEL_MAX);
		copy_outputs(w, product.a, product.m, pixels, copy);
		product.a = copy;
		product.column_a = net_round_up(product.m, GEMM_ROWS);
	}
	product.c = w->sum + group * w->cut.row_shares * share_floats(g, &w->cut);
	product.panel_c = net_round_up(outs, GEMM_ROWS) * width;
	product.soon = look_ahead(w, &view, group);
	net_gemm_panels(kernels, &product);
}

static void
run(const struct conv_weights_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	struct work w = { .job = job, .cut = cut_of(g), .scratch = scratch };
	const size_t count = parts(g, job->rows), part = item % count, share = item / count;
	const size_t blocks = blocks_of(g, &w.cut, job->rows), all = job->rows * net_pixels(g->out);
	const size_t first = part * blocks / count, beyond = (part + 1) * blocks / count;

	w.ky = share % w.cut.row_shares * w.cut.rows;
	w.output = share / w.cut.row_shares * w.cut.outputs;
	w.sum = job->partial + part * part_floats(g) + share % w.cut.row_shares * share_floats(g, &w.cut) +
		w.output * net_panel(job->kernels, w.cut.columns);
	for (size_t block = first; block < beyond; block++) {
		w.from = block * w.cut.pixels;
		w.to = net_least(w.from + w.cut.pixels, all);
		w.beyond = block + 1 < beyond ? net_least(w.to + w.cut.pixels, all) : w.to;
		for (size_t group = 0; group < g->groups; group++)
			add_group(&w, group, block == first);
	}
}

static size_t
reduce_items(const struct conv_geometry *g)
{
	return g->groups * ((net_conv_group_out(g) + REDUCED - 1) / REDUCED);
}

/* Copy `count` columns of one output's sum, from `column` on, to their places in dw [in / groups, kernel,
 * kernel]. */
static void
bring_home(const struct conv_geometry *g, const float *sum, size_t column, size_t count, float *dw)
{
	const size_t ins = net_conv_group_in(g), places = g->kernel * g->kernel;
	size_t place = column / ins, i = column % ins;

	for (size_t n = 0; n < count; place++, i = 0) {
		const size_t run = net_least(ins - i, count - n);
		float *to = dw + i * places + place;
		for (size_t beyond = n + run; n < beyond; n++, to += places)
			*to = sum[n];
	}
}

/* Some outputs of a group, and where their sums lie. */
struct home {
	size_t some;                 /* outputs */
	size_t width, panel, panels; /* floats of a line of a panel, and of a panel; panels of a row share */
	float *sum;                  /* of those outputs, first part, first row share */
};

/* Add the sums of all parts to that of the first, in order. */
static void
add_parts(const struct conv_weights_job *job, const struct cut *cut, const struct home *home)
{
	const size_t count = parts(&job->g, job->rows), apart = part_floats(&job->g);

	for (size_t i = 0; i < cut->row_shares * home->panels; i++) {
		float *sum = home->sum + i / home->panels * share_floats(&job->g, cut) +
			     i % home->panels * home->panel;
		for (size_t part = 1; part < count; part++)
			job->kernels->sum(sum, sum + part * apart, sum, home->some * home->width);
	}
}

/* Fetch memory that will be written with strides too long for the hardware prefetcher. */
static void
fetch(const float *p, size_t floats)
{
	enum { LINE = 16 };

	for (size_t i = 0; i < floats; i += LINE)
		__builtin_prefetch(p + i, 1);
}

/* An item is some outputs of a group. */
static void
reduce(const struct conv_weights_job *job, float *dw, size_t item)
{
	const struct conv_geometry *g = &job->g;
	const struct cut cut = cut_of(g);
	const size_t outs = net_conv_group_out(g), blocks = (outs + REDUCED - 1) / REDUCED,
		     group = item / blocks;
	const size_t one = g->kernel * g->kernel * net_conv_group_in(g),
		     width = net_panel(job->kernels, cut.columns);
	const size_t first = item % blocks * REDUCED;
	const struct home home = { .some = net_least(REDUCED, outs - first),
		.width = width,
		.panel = net_round_up(outs, GEMM_ROWS) * width,
		.panels = (cut.columns + width - 1) / width,
		.sum = job->partial + group * cut.row_shares * share_floats(g, &cut) + first * width };

	dw += (group * outs + first) * one;
	fetch(dw, home.some * one);
	add_parts(job, &cut, &home);
	for (size_t o = 0; o < home.some; o++)
		for (size_t share = 0; share < cut.row_shares; share++) {
			const float *sum = home.sum + share * share_floats(g, &cut) + o * width;
			for (size_t column = 0; column < cut.columns; column += width, sum += home.panel)
				bring_home(g, sum, share * cut.columns + column,
				    net_least(width, cut.columns - column), dw + o * one);
		}
}

const struct conv_weights_kernel net_conv_weights_gemm = {
	.name = "gemm",
	.fits = fits_all,
	.scratch_bytes = scratch_bytes,
	.part_bytes = part_bytes,
	.parts = parts,
	.most_parts = parts,
	.items = items,
	.run = run,
	.reduce_items = reduce_items,
	.reduce = reduce,
};
