/*
 * Convolution by Winograd's F(4x4, 3x3), for 3x3 kernels of stride 1.
 *
 * The output is cut into 4x4 tiles, tiles into lines across a picture, and an item takes a few
 * lines: few enough that its transformed tiles stay in the second-level cache. tiles.h has the
 * transforms. The layouts between the passes:
 *
 *   v       [frequency][tile][input]                  transformed input, inputs rounded up to LANES_MAX
 *   m       [frequency][tile][output]                 products, outputs rounded up to PANEL_MAX
 *   packed  [frequency][panel][input][panel column]   transformed weights; a partial sum of their gradient
 *   w       [frequency][panel][tile][panel column]    transformed gradient of the output
 */
#include "net/conv.h"
#include "net/tiles.h"

/*
 * v and m of an item should fill about a mebibyte; but packed weights are read once an item, so
 * with many channels an item needs many tiles to be worth it.
 */
enum { ITEM_BYTES = 1 << 20, TILES_LEAST = 48, TILES_WIDE = 96, TILES_MOST = 192, WIDE = 256 };

/* Channels below which vectors stay too empty. */
enum { CHANNELS_LEAST = 12 };

/* Partial sums of the weights' gradient: as many as fit into this many bytes, within bounds. */
enum { PARTIAL_BYTES = 32 << 20, PARTS_LEAST = 4, PARTS_MOST = 16 };

/* Rows of packed weights; gemm() takes four at a time. */
enum { INPUT_STEP = 4 };

static size_t
round_up(size_t n, size_t step)
{
	return (n + step - 1) / step * step;
}

static size_t
inputs_of(const struct conv_geometry *g)
{
	return (size_t)g->in.channels;
}

static size_t
outputs_of(const struct conv_geometry *g)
{
	return (size_t)g->out.channels;
}

static bool
fits(const struct conv_geometry *g)
{
	return g->kernel == 3 && g->stride == 1 && g->groups == 1 && g->padding <= 2 &&
	    inputs_of(g) >= CHANNELS_LEAST && outputs_of(g) >= CHANNELS_LEAST;
}

/* ---- sizes ------------------------------------------------------------------------------------ */

static size_t
tiles_across(const struct conv_geometry *g)
{
	return ((size_t)g->out.width + TILE - 1) / TILE;
}

/* Lines of tiles in one picture. */
static size_t
tile_lines(const struct conv_geometry *g)
{
	return ((size_t)g->out.height + TILE - 1) / TILE;
}

static size_t
input_stride(const struct conv_geometry *g)
{
	return round_up(inputs_of(g), LANES_MAX);
}

static size_t
output_stride(const struct conv_geometry *g)
{
	return round_up(outputs_of(g), PANEL_MAX);
}

/* Lines of tiles in an item. */
static size_t
item_lines(const struct conv_geometry *g)
{
	const size_t channels = input_stride(g) + output_stride(g);
	const size_t least = channels >= WIDE ? TILES_WIDE : TILES_LEAST;
	size_t tiles = ITEM_BYTES / (FREQUENCIES * sizeof(float) * channels);

	tiles = tiles < least ? least : tiles > TILES_MOST ? TILES_MOST : tiles;
	return tiles > tiles_across(g) ? tiles / tiles_across(g) : 1;
}

static size_t
item_tiles(const struct conv_geometry *g)
{
	return round_up(item_lines(g) * tiles_across(g), 4); /* gemm() takes four at a time */
}

static size_t
packed_frequency(const struct conv_geometry *g)
{
	return output_stride(g) * round_up(inputs_of(g), INPUT_STEP);
}

static size_t
packed_floats(const struct conv_geometry *g)
{
	return FREQUENCIES * packed_frequency(g);
}

static size_t
packed_bytes(const struct conv_geometry *g)
{
	return packed_floats(g) * sizeof(float);
}

/* v, then m or w; gemm() may read a few floats beyond v's last tile. */
static size_t
scratch_bytes(const struct conv_geometry *g)
{
	return FREQUENCIES * item_tiles(g) * (input_stride(g) + output_stride(g)) * sizeof(float);
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	return (rows * tile_lines(g) + item_lines(g) - 1) / item_lines(g);
}

/* ---- weights ------------------------------------------------------------------------------------ */

/* Packing goes by PANEL_MAX outputs, which are a whole number of panels for every vector unit. */
static size_t
panel_groups(const struct conv_geometry *g)
{
	return output_stride(g) / PANEL_MAX;
}

static void
pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t inputs = inputs_of(&job->g), outputs = outputs_of(&job->g);
	/* w [outputs, inputs, 9]; turned: [inputs, outputs, 9] */
	const size_t step_n = turned ? 9 : inputs * 9, step_i = turned ? outputs * 9 : 9;

	for (size_t n = item * PANEL_MAX; n < (item + 1) * PANEL_MAX && n < outputs; n += tiles->panel) {
		const size_t count = outputs - n < tiles->panel ? outputs - n : tiles->panel;
		tiles->pack(w + n * step_n, step_n, step_i, turned, count, inputs,
		    packed + n * round_up(inputs, INPUT_STEP), packed_frequency(&job->g));
	}
}

/* ---- tiles of an item ------------------------------------------------------------------------- */

/* Lines of tiles [from, to), counted over the batch. */
struct span {
	size_t from, to;
};

static struct span
item_span(const struct conv_geometry *g, size_t rows, size_t item)
{
	const size_t lines = item_lines(g), all = rows * tile_lines(g);
	const size_t from = item * lines;

	return (struct span){ from, from + lines < all ? from + lines : all };
}

/* Pixels [from, from + side) of a line `size` long that exist, seen from the first. */
static void
clip_side(int from, int side, int size, int *first, int *last)
{
	*first = from < 0 ? -from : 0;
	*last = size - from < side ? size - from : side;
	if (*last < *first)
		*last = *first;
}

static void
transform_input(const struct conv_geometry *g, const struct tile_kernels *tiles, const float *x, struct span span,
    float *v)
{
	const size_t stride = input_stride(g), apart = item_tiles(g) * stride;
	const ptrdiff_t column = g->in.channels, row = column * g->in.width;
	const int padding = (int)g->padding;

	for (size_t line = span.from; line < span.to; line++) {
		const float *picture = x + line / tile_lines(g) * net_elements(g->in);
		const int top = (int)(line % tile_lines(g)) * TILE - padding;
		struct tile_clip clip;

		clip_side(top, PATCH, g->in.height, &clip.y0, &clip.y1);
		for (size_t tile = 0; tile < tiles_across(g); tile++, v += stride) {
			const int left = (int)tile * TILE - padding;
			clip_side(left, PATCH, g->in.width, &clip.x0, &clip.x1);
			tiles->input(picture + top * row + left * column, row, column, clip, inputs_of(g), v, apart);
		}
	}
}

/* The part of a tile of outputs that exists, and the offset of its first pixel. */
static size_t
output_tile(const struct conv_geometry *g, size_t line, size_t tile, struct tile_clip *clip)
{
	const int top = (int)(line % tile_lines(g)) * TILE, left = (int)tile * TILE;

	clip_side(top, TILE, g->out.height, &clip->y0, &clip->y1);
	clip_side(left, TILE, g->out.width, &clip->x0, &clip->x1);
	return line / tile_lines(g) * net_elements(g->out) +
	    ((size_t)top * (size_t)g->out.width + (size_t)left) * outputs_of(g);
}

/* First output pixel of a line of tiles, counted over the batch. */
static size_t
first_pixel(const struct conv_geometry *g, size_t line)
{
	const size_t height = (size_t)g->out.height, top = line % tile_lines(g) * TILE;

	return (line / tile_lines(g) * height + top) * (size_t)g->out.width;
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const struct tile_kernels *tiles = job->kernels->tiles;
	const struct span span = item_span(g, job->rows, item);
	const size_t v_apart = item_tiles(g) * input_stride(g), m_apart = item_tiles(g) * output_stride(g);
	const size_t count = (span.to - span.from) * tiles_across(g), outputs = outputs_of(g);
	const ptrdiff_t column = g->out.channels, row = column * g->out.width;
	float *v = scratch, *m = v + FREQUENCIES * v_apart;

	transform_input(g, tiles, job->x, span, v);
	for (size_t f = 0; f < FREQUENCIES; f++)
		for (size_t n = 0; n < outputs; n += tiles->panel)
			tiles->gemm(count, inputs_of(g), v + f * v_apart, input_stride(g), 1,
			    job->packed + f * packed_frequency(g) + n * round_up(inputs_of(g), INPUT_STEP),
			    m + f * m_apart + n, output_stride(g), outputs - n, false);
	for (size_t line = span.from; line < span.to; line++)
		for (size_t tile = 0; tile < tiles_across(g); tile++, m += output_stride(g)) {
			struct tile_clip clip;
			float *y = job->y + output_tile(g, line, tile, &clip);
			tiles->output(m, m_apart, outputs, y, row, column, clip, job->add);
		}
	if (job->finish) {
		const size_t from = first_pixel(g, span.from), to = first_pixel(g, span.to);
		float *y = job->y + from * outputs;
		job->kernels->affine(y, job->after.add ? job->r + from * outputs : NULL, y, to - from, outputs,
		    job->scale, job->shift, job->after);
	}
}

const struct conv_kernel net_conv_winograd = {
	.name = "winograd",
	.fits = fits,
	.packed_bytes = packed_bytes,
	.scratch_bytes = scratch_bytes,
	.pack_items = panel_groups,
	.pack = pack,
	.items = items,
	.run = run,
};

/* ---- gradient of the weights --------------------------------------------------------------------- */

static size_t
parts(const struct conv_geometry *g, size_t rows)
{
	const size_t all = items(g, rows);
	size_t count = PARTIAL_BYTES / packed_bytes(g);

	count = count < PARTS_LEAST ? PARTS_LEAST : count > PARTS_MOST ? PARTS_MOST : count;
	return count < all ? count : all;
}

static void
add_item(const struct conv_weights_job *job, size_t item, float *sum, bool first, float *scratch)
{
	const struct conv_geometry *g = &job->g;
	const struct tile_kernels *tiles = job->kernels->tiles;
	const struct span span = item_span(g, job->rows, item);
	const size_t v_apart = item_tiles(g) * input_stride(g), w_apart = item_tiles(g) * output_stride(g);
	const size_t panel_apart = item_tiles(g) * tiles->panel, outputs = outputs_of(g);
	const size_t count = (span.to - span.from) * tiles_across(g);
	const ptrdiff_t column = g->out.channels, row = column * g->out.width;
	float *v = scratch, *w = v + FREQUENCIES * v_apart, *to = w;

	transform_input(g, tiles, job->x, span, v);
	for (size_t line = span.from; line < span.to; line++)
		for (size_t tile = 0; tile < tiles_across(g); tile++, to += tiles->panel) {
			struct tile_clip clip;
			const float *dy = job->dy + output_tile(g, line, tile, &clip);
			tiles->gradient(dy, row, column, clip, outputs, to, w_apart, panel_apart);
		}
	for (size_t f = 0; f < FREQUENCIES; f++)
		for (size_t n = 0; n < outputs; n += tiles->panel)
			tiles->gemm(inputs_of(g), count, v + f * v_apart, 1, input_stride(g),
			    w + f * w_apart + n / tiles->panel * panel_apart,
			    sum + f * packed_frequency(g) + n * round_up(inputs_of(g), INPUT_STEP), tiles->panel,
			    outputs - n, !first);
}

/* Part `part` is the sum over every parts-th item, in order. */
static void
run_weights(const struct conv_weights_job *job, size_t part, void *scratch)
{
	const size_t all = items(&job->g, job->rows), step = parts(&job->g, job->rows);

	for (size_t item = part; item < all; item += step)
		add_item(job, item, job->partial + part * packed_floats(&job->g), item == part, scratch);
}

static void
reduce(const struct conv_weights_job *job, float *dw, size_t item)
{
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t inputs = inputs_of(&job->g), outputs = outputs_of(&job->g);

	for (size_t n = item * PANEL_MAX; n < (item + 1) * PANEL_MAX && n < outputs; n += tiles->panel) {
		const size_t count = outputs - n < tiles->panel ? outputs - n : tiles->panel;
		tiles->unpack(job->partial + n * round_up(inputs, INPUT_STEP), packed_frequency(&job->g),
		    parts(&job->g, job->rows), packed_floats(&job->g), count, inputs, dw + n * inputs * 9, inputs * 9, 9);
	}
}

const struct conv_weights_kernel net_conv_weights_winograd = {
	.name = "winograd",
	.fits = fits,
	.scratch_bytes = scratch_bytes,
	.part_bytes = packed_bytes,
	.parts = parts,
	.items = parts,
	.run = run_weights,
	.reduce_items = panel_groups,
	.reduce = reduce,
};
