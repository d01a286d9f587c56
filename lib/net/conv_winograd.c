/* Winograd convolution (winograd.h): results, and with turned weights the gradient with respect to the input. */
#include "net/winograd.h"

#include <string.h>

/* Outputs that go through m at a time. */
static size_t
block_of(const struct winograd *c)
{
	return c->out_stride < OUTPUTS_MOST ? c->out_stride : OUTPUTS_MOST;
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	const struct winograd c = net_winograd(g);

	return net_winograd_room(&c, block_of(&c));
}

static struct cut
cut_of(const struct winograd *c, size_t rows)
{
	return net_winograd_cut(c, rows, net_winograd_lines(c, rows, block_of(c)), block_of(c));
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const struct winograd c = net_winograd(g);

	return cut_of(&c, rows).items;
}

static size_t
most_items(const struct conv_geometry *g, size_t rows)
{
	return rows * net_winograd(g).down;
}

static bool
pools(const struct conv_geometry *g)
{
	return net_winograd(g).form == FORM_FOUR;
}

/* An item of packing is PANEL_MAX outputs, a whole number of panels for every vector unit. */
static size_t
pack_items(const struct conv_geometry *g)
{
	return net_winograd(g).out_stride / PANEL_MAX;
}

static void
pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct winograd c = net_winograd(&job->g);
	const struct tile_kernels *tiles = job->kernels->tiles;
	/* w [outputs, inputs, 9]; turned: [inputs, outputs, 9] */
	const size_t step_n = turned ? 9 : c.inputs * 9, step_i = turned ? c.outputs * 9 : 9;

	for (size_t n = item * PANEL_MAX; n < (item + 1) * PANEL_MAX && n < c.outputs; n += tiles->panel) {
		const size_t count = c.outputs - n < tiles->panel ? c.outputs - n : tiles->panel;
		tiles->weights[c.form].pack(w + n * step_n, step_n, step_i, turned, count, c.inputs,
		    net_value_at(tiles, packed, n * c.panel_rows), c.packed_apart);
	}
}

/* ---- an item ------------------------------------------------------------------------------------ */

/* An item, as its passes see it. */
struct item {
	const struct conv_job *job;
	struct winograd c;
	struct cut cut;
	size_t number;
	struct span span;
};

/* The first output pixel of a line of tiles, both counted over the batch. */
static size_t
first_pixel(const struct item *i, size_t line)
{
	const struct conv_geometry *g = &i->job->g;
	const size_t top = line % i->c.down * (size_t)i->c.tile;

	return (line / i->c.down * (size_t)g->out.height + top) * (size_t)g->out.width;
}

/* Memory needed after the products: where this item's results go (which 0), or the next item's input (which 1). */
static const float *
touched_next(const struct item *i, int which, size_t *floats)
{
	const struct conv_job *job = i->job;

	if (which == 0) {
		const size_t pooled = job->after.pool ? 4 : 1; /* pixels that become one of y */
		const size_t from = first_pixel(i, i->span.from) / pooled;
		*floats = (first_pixel(i, i->span.to) / pooled - from) * i->c.outputs;
		return job->y + from * i->c.outputs;
	}
	const size_t line = i->span.to, size = net_elements(job->g.in);
	if (line >= job->rows * i->c.down) {
		*floats = 0;
		return job->x;
	}
	*floats = (i->span.to - i->span.from) * size / i->c.down;
	return job->x + line * size / i->c.down;
}

static void
multiply(const struct item *item, size_t first, size_t beyond, const void *v, float *m)
{
	const struct winograd *c = &item->c;
	const struct tile_kernels *tiles = item->job->kernels->tiles;
	const void *packed = item->job->packed;
	const size_t count = (item->span.to - item->span.from) * c->across, panel = c->panel_rows * tiles->panel;
	const size_t panels = (beyond - first + tiles->panel - 1) / tiles->panel;
	struct next next[2];

	for (int which = 0; which < 2; which++) {
		size_t floats;
		const float *from = touched_next(item, which, &floats);
		next[which] = net_next(packed, panel * tiles->value, from, first > 0 ? 0 : floats,
		    (c->frequencies + 1) / 2 * panels, net_turns(count, c->inputs));
	}
	for (size_t f = 0; f < c->frequencies; f++)
		for (size_t n = first; n < beyond; n += tiles->panel) {
			const size_t u = f * c->packed_apart + n / tiles->panel * panel;
			const bool last = n + tiles->panel >= beyond;
			struct next *to_come = &next[f % 2];
			to_come->soon.at[0] = (uintptr_t)net_value(tiles, packed,
			    last ? u + c->packed_apart - (panels - 1) * panel : u + panel);
			tiles->multiply(count, c->inputs, net_value(tiles, v, f * item->cut.v_apart), c->v_step,
			    net_value(tiles, packed, u), m + f * item->cut.m_apart + n - first, block_of(c), beyond - n,
			    &to_come->soon);
			to_come->soon.at[1] += to_come->share;
		}
}

/* Set how results of outputs from `first` on are finished. Returns the tensor in y's shape that this reads, or NULL. */
static const float *
finish_of(const struct conv_job *job, size_t first, struct tile_output *to)
{
	to->finish = job->add ? FINISH_ADD : job->moments != NULL ? FINISH_MOMENTS : FINISH_SET;
	if (job->norm.scale != NULL) {
		to->finish = FINISH_NORM;
		to->scale = job->norm.scale + first;
		to->shift = job->norm.shift + first;
		to->mean = job->norm.mean + first;
		to->relu = job->norm.relu;
		return job->norm.x;
	}
	if (job->finish) {
		to->finish = job->after.pool ? FINISH_POOL : FINISH_AFFINE;
		to->scale = job->scale + first;
		to->shift = job->shift + first;
		to->relu = job->after.relu;
		to->relu_after = job->after.relu_after;
		return job->after.add ? job->r : NULL;
	}
	return NULL;
}

/* Clear the item's own sums, if it gathers some. */
static void
start_sums(const struct item *i, size_t first, size_t beyond, struct tile_output *to)
{
	if (i->job->moments == NULL)
		return;
	to->sums = i->job->moments + i->number * 2 * i->c.outputs + first;
	to->products = to->sums + i->c.outputs;
	memset(to->sums, 0, (beyond - first) * sizeof *to->sums);
	memset(to->products, 0, (beyond - first) * sizeof *to->products);
}

static void
transform_output(const struct item *i, size_t first, size_t beyond, const float *m)
{
	const struct winograd *c = &i->c;
	const struct conv_job *job = i->job;
	const struct tile_maps *maps = &job->kernels->tiles->maps[c->form];
	const size_t pooled = job->after.pool ? 2 : 1; /* lines and columns that become one of y */
	const size_t step = (size_t)c->tile / pooled * c->outputs;
	struct tile_output to = { .column = (ptrdiff_t)c->outputs };
	const float *r = finish_of(job, first, &to);

	to.row = (ptrdiff_t)(c->outputs * (size_t)job->g.out.width / pooled);
	start_sums(i, first, beyond, &to);
	for (size_t line = i->span.from; line < i->span.to; line++) {
		const size_t from = first_pixel(i, line) / (pooled * pooled) * c->outputs + first;
		const int below = job->g.out.height - (int)(line % c->down) * c->tile;
		to.height = below < c->tile ? below : c->tile;
		for (size_t tile = 0; tile < c->across; tile++, m += block_of(c)) {
			const int right = job->g.out.width - (int)tile * c->tile;
			to.width = right < c->tile ? right : c->tile;
			to.y = job->y + from + tile * step;
			to.r = r != NULL ? r + from + tile * step : NULL;
			maps->output(m, i->cut.m_apart, beyond - first, &to);
		}
	}
}

static void
run(const struct conv_job *job, size_t number, void *scratch)
{
	struct item item = { .job = job, .c = net_winograd(&job->g), .number = number };
	const struct winograd *c = &item.c;

	item.cut = cut_of(c, job->rows);
	item.span = net_winograd_span(c, job->rows, number, item.cut.lines);
	const struct source source = { job->kernels, job->x, job->g.in, c->in_stride, job->view };
	float *strip = scratch, *v = strip + (size_t)c->seen * net_strip_row(c, c->in_stride);
	float *m = net_value_at(job->kernels->tiles, v, c->frequencies * item.cut.v_apart);

	net_transform_input(c, &source, item.span, strip, v, item.cut.v_apart);
	for (size_t first = 0; first < c->outputs; first += block_of(c)) {
		const size_t end = first + block_of(c), beyond = end < c->outputs ? end : c->outputs;
		multiply(&item, first, beyond, v, m);
		transform_output(&item, first, beyond, m);
	}
}

const struct conv_kernel net_conv_winograd = {
	.name = "winograd",
	.pools = pools,
	.fits = net_winograd_fits,
	.packed_bytes = net_winograd_packed_bytes,
	.scratch_bytes = scratch_bytes,
	.pack_items = pack_items,
	.pack = pack,
	.items = items,
	.most_moments = most_items,
	.run = run,
};
