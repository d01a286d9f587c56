/*
 * Winograd convolution (winograd.h): the gradient with respect to the weights.
 *
 * There are two ways. In the first, items of tiles each add to one of a few partial sums, which are added up in the
 * end. Where such sums would be larger than the tiles that they are made of, the second transforms all tiles first, and
 * an item is a frequency and a share of the outputs: its sum is complete at once, and written once.
 */
#include "net/winograd.h"

/*
 * PARTS: of partial sums, or PARTS_LARGE if one has LARGE bytes: as many threads can work, but each sum costs writing
 * and reading. In the second way, SHARES of the outputs, and tiles to PREPARE in an item.
 */
enum { PARTS = 8, PARTS_LARGE = 4, LARGE = 3 << 20, SHARES = 2, PREPARE = 16 };

static struct cut
cut_of(const struct winograd *c, size_t rows)
{
	return net_winograd_cut(c, rows, net_winograd_lines(c, rows, c->out_stride), c->out_stride);
}

/* The most tiles for which the second way is taken. */
static size_t
most_whole_tiles(const struct winograd *c)
{
	return 2 * c->in_stride * c->out_stride / (c->in_stride + c->out_stride);
}

static size_t
all_tiles(const struct winograd *c, size_t rows)
{
	return rows * c->down * c->across;
}

static bool
whole(const struct winograd *c, size_t rows)
{
	return all_tiles(c, rows) <= most_whole_tiles(c);
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	const struct winograd c = net_winograd(g);

	return net_winograd_room(&c, c.out_stride);
}

static size_t
most_parts(const struct conv_geometry *g, size_t rows)
{
	const struct winograd c = net_winograd(g);

	if (whole(&c, rows))
		return 1;
	return net_winograd_packed_bytes(g) >= LARGE ? PARTS_LARGE : PARTS;
}

static size_t
parts(const struct conv_geometry *g, size_t rows)
{
	const struct winograd c = net_winograd(g);
	const size_t most = most_parts(g, rows), all = cut_of(&c, rows).items;

	return most < all ? most : all;
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const struct winograd c = net_winograd(g);

	return whole(&c, rows) ? c.frequencies * SHARES : parts(g, rows);
}

static size_t
shared_bytes(const struct conv_geometry *g, size_t rows)
{
	const struct winograd c = net_winograd(g);
	const size_t all = all_tiles(&c, rows), most = most_whole_tiles(&c);
	const size_t tiles = net_round_up(all < most ? all : most, 4);

	return c.frequencies * (tiles * (c.v_step + c.out_stride) + 2 * ASIDE) * sizeof(float);
}

/* ---- tiles ---------------------------------------------------------------------------------------- */

static void
transform_gradient(const struct winograd *c, const struct source *s, struct span span, const struct cut *cut,
    float *strip, void *w)
{
	const struct tile_kernels *tiles = s->kernels->tiles;
	const size_t row = net_strip_row(c, s->stride), step = (size_t)c->tile * s->stride;

	for (size_t line = span.from; line < span.to; line++) {
		net_fill_strip(c, s, line, c->tile, 0, strip);
		for (size_t tile = 0; tile < c->across; tile++, w = net_value_at(tiles, w, tiles->panel))
			tiles->maps[c->form].gradient(strip + tile * step, (ptrdiff_t)row, (ptrdiff_t)s->stride,
			    net_round_up(c->outputs, tiles->lanes), w, cut->m_apart, cut->tiles * tiles->panel);
	}
}

static void
transform(const struct conv_weights_job *job, const struct winograd *c, const struct cut *cut, struct span span,
    float *strip, void *v, void *w)
{
	const struct source x = { job->kernels, job->x, job->g.in, c->in_stride, job->view };
	const struct source dy = { job->kernels, job->dy, job->g.out, c->out_stride, { 0 } };

	net_transform_input(c, &x, span, strip, v, cut->v_apart);
	transform_gradient(c, &dy, span, cut, strip, w);
}

/* The products of `count` tiles in frequency f for outputs [first, beyond), set as or added to a sum. */
static void
multiply(const struct tile_kernels *tiles, const struct winograd *c, const struct cut *cut, size_t count, size_t f,
    size_t first, size_t beyond, const void *v, const void *w, float *sum, bool add)
{
	const size_t panel = c->panel_rows * tiles->panel, number = first / tiles->panel;
	float *to = sum + f * c->packed_apart + number * panel; /* the panels of a sum are contiguous */
	const struct next next = net_next(to + panel, panel * sizeof *to, to, 0, 0, net_turns(c->inputs, count));

	tiles->correlate(c->inputs, count, net_value(tiles, v, f * cut->v_apart), c->v_step,
	    net_value(tiles, w, f * cut->m_apart + number * cut->tiles * tiles->panel), cut->tiles * tiles->panel, to,
	    panel, beyond - first, add, &next.soon);
}

/* ---- the second way ----------------------------------------------------------------------------- */

static struct cut
whole_cut(const struct winograd *c, size_t rows)
{
	return net_winograd_cut(c, rows, rows * c->down, c->out_stride);
}

static size_t
prepare_lines(const struct winograd *c)
{
	return c->across < PREPARE ? PREPARE / c->across : 1;
}

static size_t
prepare_items(const struct conv_geometry *g, size_t rows)
{
	const struct winograd c = net_winograd(g);
	const size_t lines = prepare_lines(&c);

	return whole(&c, rows) ? (rows * c.down + lines - 1) / lines : 0;
}

static void
prepare(const struct conv_weights_job *job, size_t item, void *scratch)
{
	const struct winograd c = net_winograd(&job->g);
	const struct cut cut = whole_cut(&c, job->rows);
	const struct span span = net_winograd_span(&c, job->rows, item, prepare_lines(&c));
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t tile = span.from * c.across, w = c.frequencies * cut.v_apart;

	transform(job, &c, &cut, span, scratch, net_value_at(tiles, job->shared, tile * c.v_step),
	    net_value_at(tiles, job->shared, w + tile * tiles->panel));
}

static void
run_whole(const struct conv_weights_job *job, const struct winograd *c, size_t item)
{
	const struct cut cut = whole_cut(c, job->rows);
	const size_t share = net_round_up(c->out_stride / PANEL_MAX, SHARES) / SHARES * PANEL_MAX;
	const size_t first = item % SHARES * share, end = first + share;
	const struct tile_kernels *tiles = job->kernels->tiles;

	if (first >= c->outputs)
		return; /* too few outputs for another share */
	multiply(tiles, c, &cut, all_tiles(c, job->rows), item / SHARES, first, end < c->outputs ? end : c->outputs,
	    job->shared, net_value(tiles, job->shared, c->frequencies * cut.v_apart), job->partial, false);
}

/* ---- the first way ------------------------------------------------------------------------------ */

static void
add_item(const struct conv_weights_job *job, const struct winograd *c, size_t item, float *sum, bool first,
    float *scratch)
{
	const struct cut cut = cut_of(c, job->rows);
	const struct span span = net_winograd_span(c, job->rows, item, cut.lines);
	const size_t wide = c->in_stride > c->out_stride ? c->in_stride : c->out_stride;
	float *v = scratch + (size_t)c->seen * net_strip_row(c, wide);
	void *w = net_value_at(job->kernels->tiles, v, c->frequencies * cut.v_apart);

	transform(job, c, &cut, span, scratch, v, w);
	for (size_t f = 0; f < c->frequencies; f++)
		multiply(job->kernels->tiles, c, &cut, (span.to - span.from) * c->across, f, 0, c->outputs, v, w, sum,
		    !first);
}

static void
run(const struct conv_weights_job *job, size_t item, void *scratch)
{
	const struct winograd c = net_winograd(&job->g);

	if (whole(&c, job->rows)) {
		run_whole(job, &c, item);
		return;
	}
	const size_t all = cut_of(&c, job->rows).items, count = parts(&job->g, job->rows);
	const size_t from = item * all / count, to = (item + 1) * all / count;
	for (size_t i = from; i < to; i++)
		add_item(job, &c, i, job->partial + item * c.frequencies * c.packed_apart, i == from, scratch);
}

/* ---- the sum of the parts ------------------------------------------------------------------------- */

/* An item of reducing is PANEL_MAX outputs, as in packing. */
static size_t
reduce_items(const struct conv_geometry *g)
{
	return net_winograd(g).out_stride / PANEL_MAX;
}

/*
 * One panel of outputs: some inputs at a time, so that their sums are still in the cache when they turn into weights.
 */
static void
reduce_panel(const struct conv_weights_job *job, const struct winograd *c, float *dw, size_t n)
{
	enum { INPUTS = 32 };
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t count = parts(&job->g, job->rows), left = c->outputs - n;
	float *sum = job->partial + n * c->panel_rows;

	for (size_t i = 0; i < c->inputs; i += INPUTS) {
		const size_t some = c->inputs - i < INPUTS ? c->inputs - i : INPUTS;
		for (size_t f = 0; f < c->frequencies; f++) {
			float *to = sum + f * c->packed_apart + i * tiles->panel;
			for (size_t part = 1; part < count; part++)
				job->kernels->sum(
				    to, to + part * c->frequencies * c->packed_apart, to, some * tiles->panel);
		}
		tiles->weights[c->form].unpack(sum + i * tiles->panel, c->packed_apart,
		    left < tiles->panel ? left : tiles->panel, some, dw + (n * c->inputs + i) * 9, c->inputs * 9, 9);
	}
}

static void
reduce(const struct conv_weights_job *job, float *dw, size_t item)
{
	const struct winograd c = net_winograd(&job->g);
	const size_t beyond = (item + 1) * PANEL_MAX;

	for (size_t n = item * PANEL_MAX; n < beyond && n < c.outputs; n += job->kernels->tiles->panel)
		reduce_panel(job, &c, dw, n);
}

const struct conv_weights_kernel net_conv_weights_winograd = {
	.name = "winograd",
	.views = true,
	.fits = net_winograd_fits,
	.scratch_bytes = scratch_bytes,
	.part_bytes = net_winograd_packed_bytes,
	.parts = parts,
	.most_parts = most_parts,
	.shared_bytes = shared_bytes,
	.prepare_items = prepare_items,
	.prepare = prepare,
	.items = items,
	.run = run,
	.reduce_items = reduce_items,
	.reduce = reduce,
};
