/* Winograd convolution: sizes, items, strips. */
#include "net/winograd.h"

#include <string.h>

/*
 * Tiles of an item: v and m should take about ITEM_BYTES. But packed weights are read once per item,
 * so that with many channels it needs at least TILES_WIDE tiles to be worth it. Within these bounds their number
 * is chosen so that WORKERS threads, or half as many, finish at the same time, where reading the weights is taken to
 * cost as much as TILES_LOST tiles.
 */
enum { ITEM_BYTES = 640 << 10, TILES_LEAST = 36, TILES_WIDE = 64, TILES_MOST = 96, WIDE = 512 };
enum { WORKERS = 4, TILES_LOST = 4 };

/* With fewer channels most lanes of vectors would be unused; with fewer pixels most of a tile. */
enum { CHANNELS_LEAST = 12, PIXELS_LEAST = 5 };

/* Rows that gemm() takes at a time. */
enum { STEP = 4 };

/* Whether pictures are squares of this side, with a padding that keeps their size. */
static bool
is_square(const struct conv_geometry *g, int side)
{
	return g->in.height == side && g->in.width == side && g->padding == 1;
}

bool
net_winograd_fits(const struct conv_geometry *g)
{
	return g->kernel == 3 && g->stride == 1 && g->groups == 1 && g->padding <= 2 &&
	    g->in.channels >= CHANNELS_LEAST && g->out.channels >= CHANNELS_LEAST &&
	    (is_square(g, 2) || net_pixels(g->out) >= PIXELS_LEAST);
}

struct winograd
net_winograd(const struct conv_geometry *g)
{
	enum { MANY = 128 };
	struct winograd c = { .form = FORM_FOUR, .tile = 4, .seen = 6, .margin = (int)g->padding, .frequencies = 36 };

	if (is_square(g, 2))
		c = (struct winograd){ .form = FORM_PAIR, .tile = 2, .seen = 2, .frequencies = 9 };
	if (is_square(g, 3))
		c = (struct winograd){ .form = FORM_TRIO, .tile = 3, .seen = 3, .frequencies = 25 };
	c.inputs = (size_t)g->in.channels;
	c.outputs = (size_t)g->out.channels;
	c.in_stride = net_round_up(c.inputs, LANES_MAX);
	c.out_stride = net_round_up(c.outputs, PANEL_MAX);
	c.v_step = c.in_stride + (c.in_stride >= MANY ? ASIDE : 0);
	c.across = (size_t)((g->out.width + c.tile - 1) / c.tile);
	c.down = (size_t)((g->out.height + c.tile - 1) / c.tile);
	c.panel_rows = net_round_up(c.inputs, STEP);
	c.packed_apart = c.out_stride * c.panel_rows + ASIDE;
	return c;
}

size_t
net_winograd_packed_bytes(const struct conv_geometry *g)
{
	const struct winograd c = net_winograd(g);

	return c.frequencies * c.packed_apart * sizeof(float);
}

/* ---- items ---------------------------------------------------------------------------------------- */

size_t
net_winograd_most_lines(const struct winograd *c, size_t floats)
{
	const size_t least = c->in_stride + c->out_stride >= WIDE ? TILES_WIDE : TILES_LEAST;
	size_t tiles = ITEM_BYTES / (c->frequencies * sizeof(float) * (c->in_stride + floats));

	tiles = tiles < least ? least : tiles > TILES_MOST ? TILES_MOST : tiles;
	return tiles > c->across ? tiles / c->across : 1;
}

size_t
net_winograd_lines(const struct winograd *c, size_t rows, size_t floats)
{
	const size_t all = rows * c->down, most = net_winograd_most_lines(c, floats);
	size_t best = most, best_cost = SIZE_MAX;

	for (size_t lines = most; lines > 0; lines--) {
		const size_t turns = ((all + lines - 1) / lines + WORKERS - 1) / WORKERS;
		const size_t cost = turns * (net_round_up(lines * c->across, STEP) + TILES_LOST);
		if (cost < best_cost) {
			best_cost = cost;
			best = lines;
		}
	}
	return best;
}

struct cut
net_winograd_cut(const struct winograd *c, size_t rows, size_t lines, size_t floats)
{
	struct cut cut = { .lines = lines, .items = (rows * c->down + lines - 1) / lines };

	cut.tiles = net_round_up(lines * c->across, STEP);
	cut.v_apart = cut.tiles * c->v_step + ASIDE;
	cut.m_apart = cut.tiles * floats + ASIDE;
	return cut;
}

size_t
net_winograd_room(const struct winograd *c, size_t floats)
{
	const size_t wide = c->in_stride > c->out_stride ? c->in_stride : c->out_stride;
	const struct cut cut = net_winograd_cut(c, 1, net_winograd_most_lines(c, floats), floats);
	const size_t tiles = c->frequencies * (cut.v_apart + cut.m_apart);

	return ((size_t)c->seen * net_strip_row(c, wide) + tiles) * sizeof(float);
}

/* ---- strips --------------------------------------------------------------------------------------- */

size_t
net_strip_row(const struct winograd *c, size_t stride)
{
	return (c->across * (size_t)c->tile + (size_t)(c->seen - c->tile)) * stride + ASIDE;
}

static void
copy_pixels(const struct source *s, const float *from, size_t pixels, float *to)
{
	const size_t channels = (size_t)s->shape.channels;

	if (s->view.scale != NULL)
		s->kernels->affine(from, NULL, to, pixels, channels, s->view.scale, s->view.shift,
		    (struct after){ .relu = s->view.relu });
	else
		memcpy(to, from, pixels * channels * sizeof *to);
}

/* Copy a line of pixels, with zeros for the channels up to the stride. */
static void
copy_line(const struct source *s, const float *from, size_t pixels, float *to)
{
	const size_t channels = (size_t)s->shape.channels;

	if (channels == s->stride) {
		copy_pixels(s, from, pixels, to);
		return;
	}
	for (size_t i = 0; i < pixels; i++, from += channels, to += s->stride) {
		copy_pixels(s, from, 1, to);
		memset(to + channels, 0, (s->stride - channels) * sizeof *to);
	}
}

void
net_fill_strip(const struct winograd *c, const struct source *s, size_t line, int count, int margin, float *strip)
{
	const int top = (int)(line % c->down) * c->tile - margin;
	const size_t row = net_strip_row(c, s->stride), width = (size_t)s->shape.width;
	const size_t before = (size_t)margin * s->stride, end = before + width * s->stride;
	const float *picture = s->x + line / c->down * net_elements(s->shape);

	for (int y = top; y < top + count; y++, strip += row) {
		if (y < 0 || y >= s->shape.height) {
			memset(strip, 0, row * sizeof *strip);
			continue;
		}
		memset(strip, 0, before * sizeof *strip);
		copy_line(s, picture + (size_t)y * width * (size_t)s->shape.channels, width, strip + before);
		memset(strip + end, 0, (row - end) * sizeof *strip);
	}
}

void
net_transform_input(const struct winograd *c, const struct source *s, struct span span, float *strip, void *v,
    size_t apart)
{
	const struct tile_kernels *tiles = s->kernels->tiles;
	const size_t row = net_strip_row(c, s->stride), step = (size_t)c->tile * s->stride;

	for (size_t line = span.from; line < span.to; line++) {
		net_fill_strip(c, s, line, c->seen, c->margin, strip);
		for (size_t tile = 0; tile < c->across; tile++, v = net_value_at(tiles, v, c->v_step))
			tiles->maps[c->form].input(
			    strip + tile * step, (ptrdiff_t)row, (ptrdiff_t)s->stride, s->stride, v, apart);
	}
}

/* ---- fetching ahead ------------------------------------------------------------------------------- */

size_t
net_turns(size_t m, size_t k)
{
	enum { ROWS_MOST = 12 };

	return (m + ROWS_MOST - 1) / ROWS_MOST * k;
}

struct next
net_next(const void *panel, size_t panel_bytes, const float *from, size_t floats, size_t calls, size_t turns)
{
	struct next next;

	next.soon.at[0] = (uintptr_t)panel;
	next.soon.step[0] = panel_bytes / turns + 1;
	next.soon.at[1] = (uintptr_t)from;
	next.soon.step[1] = floats > 0 ? floats * sizeof *from / (calls * turns) + 1 : 0;
	next.share = next.soon.step[1] * turns;
	return next;
}
