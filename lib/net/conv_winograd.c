/*
 * Convolution by Winograd's F(4x4, 3x3), for 3x3 kernels of stride 1.
 *
 * The output is cut into 4x4 tiles, tiles into lines across a picture, and an item takes a few
 * lines: few enough that its transformed tiles stay in the second-level cache. A line's pixels are
 * first copied into a strip with zeros around the picture, so that all tiles are alike. tiles.h has the
 * transforms. The layouts between the passes:
 *
 *   strip   [line][pixel][channel]                    what a line of tiles sees
 *   v       [frequency][tile][input]                  transformed input
 *   m       [frequency][tile][output]                 products, of OUTPUTS_MOST outputs at a time
 *   packed  [frequency][panel][input][panel column]   transformed weights; a partial sum of their gradient
 *   w       [frequency][panel][tile][panel column]    transformed gradient of the output
 *
 * with inputs rounded up to LANES_MAX and outputs to PANEL_MAX.
 */
#include "net/conv.h"
#include "net/tiles.h"

#include <string.h>

/*
 * Tiles of an item: v and m should fill about ITEM_BYTES. But packed weights are read once an item,
 * so with many channels an item needs many tiles to be worth it. Within these bounds their number
 * is the one with which WORKERS threads, or half as many, end together; reading the weights costs as much as
 * a few tiles.
 */
enum { ITEM_BYTES = 640 << 10, TILES_LEAST = 36, TILES_WIDE = 64, TILES_MOST = 96, WIDE = 512 };
enum { WORKERS = 4, TILES_LOST = 4 };

/* Outputs that go through m at a time. */
enum { OUTPUTS_MOST = 4 * PANEL_MAX };

/* Strides of many lines used at once are this much more than a power of two, or they would share cache sets. */
enum { ASIDE = 16 };

/* Channels below which vectors stay too empty. */
enum { CHANNELS_LEAST = 12 };

/* Partial sums of the weights' gradient: few threads have to wait for each other with many, but each is written and read. */
enum { PARTS = 8, PARTS_LARGE = 4, LARGE = 3 << 20 };

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

/* The sides of a form's tile, of what it sees, and the padding that strips have to show. */
struct form {
	enum tile_form form;
	int tile, seen, margin;
	size_t frequencies;
};

static struct form
form_of(const struct conv_geometry *g)
{
	if (g->in.height == 2 && g->in.width == 2 && g->padding == 1)
		return (struct form){ FORM_PAIR, 2, 2, 0, 9 };
	return (struct form){ FORM_FOUR, 4, 6, (int)g->padding, 36 };
}

static size_t
tile_side(const struct conv_geometry *g)
{
	return (size_t)form_of(g).tile;
}

static size_t
frequencies(const struct conv_geometry *g)
{
	return form_of(g).frequencies;
}

/* Of fewer pixels most of a tile would be empty. */
static bool
fits(const struct conv_geometry *g)
{
	enum { PIXELS_LEAST = 5 };

	return g->kernel == 3 && g->stride == 1 && g->groups == 1 && g->padding <= 2 &&
	    inputs_of(g) >= CHANNELS_LEAST && outputs_of(g) >= CHANNELS_LEAST &&
	    (form_of(g).form == FORM_PAIR || net_pixels(g->out) >= PIXELS_LEAST);
}

/* ---- sizes ------------------------------------------------------------------------------------ */

static size_t
tiles_across(const struct conv_geometry *g)
{
	return ((size_t)g->out.width + tile_side(g) - 1) / tile_side(g);
}

/* Lines of tiles in one picture. */
static size_t
tile_lines(const struct conv_geometry *g)
{
	return ((size_t)g->out.height + tile_side(g) - 1) / tile_side(g);
}

static size_t
input_stride(const struct conv_geometry *g)
{
	return round_up(inputs_of(g), LANES_MAX);
}

/* Floats from tile to tile of v. */
static size_t
v_step(const struct conv_geometry *g)
{
	enum { MANY = 128 };

	return input_stride(g) + (input_stride(g) >= MANY ? ASIDE : 0);
}

static size_t
output_stride(const struct conv_geometry *g)
{
	return round_up(outputs_of(g), PANEL_MAX);
}

/* Outputs in m. */
static size_t
output_block(const struct conv_geometry *g)
{
	return output_stride(g) < OUTPUTS_MOST ? output_stride(g) : OUTPUTS_MOST;
}

/* Most lines of tiles in an item that holds `floats` for each frequency of a tile. */
static size_t
most_lines(const struct conv_geometry *g, size_t floats)
{
	const size_t least = input_stride(g) + output_stride(g) >= WIDE ? TILES_WIDE : TILES_LEAST;
	size_t tiles = ITEM_BYTES / (frequencies(g) * sizeof(float) * floats);

	tiles = tiles < least ? least : tiles > TILES_MOST ? TILES_MOST : tiles;
	return tiles > tiles_across(g) ? tiles / tiles_across(g) : 1;
}

/* Lines of an item, at most `most`: those with which the last of the workers ends first. */
static size_t
best_lines(const struct conv_geometry *g, size_t rows, size_t most)
{
	const size_t all = rows * tile_lines(g);
	size_t best = most, best_cost = SIZE_MAX;

	for (size_t lines = most; lines > 0; lines--) {
		const size_t turns = ((all + lines - 1) / lines + WORKERS - 1) / WORKERS;
		const size_t cost = turns * (round_up(lines * tiles_across(g), 4) + TILES_LOST);
		if (cost < best_cost) {
			best_cost = cost;
			best = lines;
		}
	}
	return best;
}

/* How a computation is cut into items. */
struct cut {
	size_t lines; /* of tiles in an item */
	size_t items;
	size_t tiles; /* for which there is room; gemm() takes four at a time */
	size_t v_apart, m_apart; /* floats from frequency to frequency of v, and of m or w */
};

/* floats: of m or w for a tile. */
static struct cut
cut_of(const struct conv_geometry *g, size_t rows, size_t floats)
{
	struct cut cut;

	cut.lines = best_lines(g, rows, most_lines(g, input_stride(g) + floats));
	cut.items = (rows * tile_lines(g) + cut.lines - 1) / cut.lines;
	cut.tiles = round_up(cut.lines * tiles_across(g), 4);
	cut.v_apart = cut.tiles * v_step(g) + ASIDE;
	cut.m_apart = cut.tiles * floats + ASIDE;
	return cut;
}

static size_t
packed_frequency(const struct conv_geometry *g)
{
	return output_stride(g) * round_up(inputs_of(g), INPUT_STEP) + ASIDE;
}

static size_t
packed_floats(const struct conv_geometry *g)
{
	return frequencies(g) * packed_frequency(g);
}

static size_t
packed_bytes(const struct conv_geometry *g)
{
	return packed_floats(g) * sizeof(float);
}

/* Floats from line to line of a strip with so many channels. */
static size_t
strip_row(const struct conv_geometry *g, size_t channels)
{
	const struct form form = form_of(g);

	return (tiles_across(g) * (size_t)form.tile + (size_t)(form.seen - form.tile)) * channels + ASIDE;
}

/* A strip, v, then m or w; for any number of rows. */
static size_t
room(const struct conv_geometry *g, size_t floats)
{
	const size_t wide = input_stride(g) > output_stride(g) ? input_stride(g) : output_stride(g);
	const size_t lines = most_lines(g, input_stride(g) + floats);
	const size_t tiles = round_up(lines * tiles_across(g), 4);
	const size_t tile_floats = frequencies(g) * (tiles * (v_step(g) + floats) + 2 * ASIDE);

	return ((size_t)form_of(g).seen * strip_row(g, wide) + tile_floats) * sizeof(float);
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	return room(g, output_block(g));
}

static struct cut
forward_cut(const struct conv_geometry *g, size_t rows)
{
	return cut_of(g, rows, output_block(g));
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	return forward_cut(g, rows).items;
}

static size_t
most_items(const struct conv_geometry *g, size_t rows)
{
	return rows * tile_lines(g);
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
		tiles->weights[form_of(&job->g).form].pack(w + n * step_n, step_n, step_i, turned, count, inputs,
		    packed + n * round_up(inputs, INPUT_STEP), packed_frequency(&job->g));
	}
}

/* ---- tiles of an item ------------------------------------------------------------------------- */

/* Lines of tiles [from, to), counted over the batch. */
struct span {
	size_t from, to;
};

static struct span
span_of(const struct conv_geometry *g, const struct cut *cut, size_t rows, size_t item)
{
	const size_t all = rows * tile_lines(g), from = item * cut->lines;

	return (struct span){ from, from + cut->lines < all ? from + cut->lines : all };
}

/* What a convolution reads: a batch, perhaps as a normalisation sees it. */
struct source {
	const float *x;
	struct myo_shape shape;
	size_t stride; /* of pixels in a strip: channels, rounded up */
	const struct kernels *kernels;
	struct conv_norm view;
};

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

/* Copy a line of pixels, with zeros for channels beyond. */
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

/* Lines [top, top + count) of a picture, `margin` pixels of zeros before them, into a strip. */
static void
fill_strip(const struct conv_geometry *g, const struct source *s, size_t picture, int top, int count,
    size_t margin, float *strip)
{
	const size_t row = strip_row(g, s->stride), width = (size_t)s->shape.width;
	const size_t end = (margin + width) * s->stride, line = width * (size_t)s->shape.channels;
	const float *from = s->x + picture * net_elements(s->shape);

	for (int y = top; y < top + count; y++, strip += row) {
		if (y < 0 || y >= s->shape.height) {
			memset(strip, 0, row * sizeof *strip);
			continue;
		}
		memset(strip, 0, margin * s->stride * sizeof *strip);
		copy_line(s, from + (size_t)y * line, width, strip + margin * s->stride);
		memset(strip + end, 0, (row - end) * sizeof *strip);
	}
}

static void
transform_input(const struct conv_geometry *g, const struct source *s, struct span span, float *strip, float *v,
    size_t apart)
{
	const ptrdiff_t row = (ptrdiff_t)strip_row(g, s->stride), column = (ptrdiff_t)s->stride;
	const struct form form = form_of(g);

	for (size_t line = span.from; line < span.to; line++) {
		const int top = (int)(line % tile_lines(g)) * form.tile - form.margin;

		fill_strip(g, s, line / tile_lines(g), top, form.seen, (size_t)form.margin, strip);
		for (size_t tile = 0; tile < tiles_across(g); tile++, v += v_step(g))
			s->kernels->tiles->maps[form.form].input(
			    strip + tile * tile_side(g) * s->stride, row, column, s->stride, v, apart);
	}
}

/* First output pixel of a line of tiles, counted over the batch. */
static size_t
first_pixel(const struct conv_geometry *g, size_t line)
{
	const size_t height = (size_t)g->out.height, top = line % tile_lines(g) * tile_side(g);

	return (line / tile_lines(g) * height + top) * (size_t)g->out.width;
}

/* Turns of gemm()'s inner loop for m rows, at least. */
static size_t
turns_of(size_t m, size_t k)
{
	enum { ROWS_MOST = 12 };

	return (m + ROWS_MOST - 1) / ROWS_MOST * k;
}

/*
 * What comes next, to be fetched in each of `calls` of gemm(): the panel of weights for the next
 * call, and a share of what the item's results or the next item's input will touch.
 */
struct next {
	struct tile_soon soon;
	size_t panel, share; /* bytes from call to call */
};

static struct next
next_of(const float *panel, size_t panel_floats, const float *from, size_t floats, size_t calls, size_t turns)
{
	struct next next = { .panel = panel_floats * sizeof *panel };

	next.soon.at[0] = (const char *)panel;
	next.soon.step[0] = next.panel / turns + 1;
	next.soon.at[1] = (const char *)from;
	next.soon.step[1] = floats > 0 ? floats * sizeof *from / (calls * turns) + 1 : 0;
	next.share = next.soon.step[1] * turns;
	return next;
}

/* The input of the item that this thread is likely to work on next. */
static const float *
next_input(const struct conv_job *job, const struct cut *cut, struct span span, size_t *floats)
{
	const struct conv_geometry *g = &job->g;
	const size_t all = job->rows * tile_lines(g), line = span.from + (size_t)job->threads * cut->lines;
	const size_t pixels = net_elements(g->in);

	*floats = line < all ? (span.to - span.from) * pixels / tile_lines(g) : 0;
	return job->x + (line < all ? line * pixels / tile_lines(g) : 0);
}

/* The products of outputs [first, beyond). */
static void
multiply(const struct conv_job *job, const struct cut *cut, struct span span, size_t first, size_t beyond,
    const float *v, float *m)
{
	const struct conv_geometry *g = &job->g;
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t inputs = inputs_of(g), count = (span.to - span.from) * tiles_across(g);
	const size_t panel = round_up(inputs, INPUT_STEP) * tiles->panel;
	const size_t panels = (beyond - first + tiles->panel - 1) / tiles->panel;
	const size_t calls = (frequencies(g) + 1) / 2 * panels, turns = turns_of(count, inputs);
	const size_t pooled = job->after.pool ? 4 : 1; /* pixels that become one of y */
	const size_t start = first_pixel(g, span.from) / pooled, pixels = first_pixel(g, span.to) / pooled - start;
	size_t floats;
	const float *input = next_input(job, cut, span, &floats);
	const float *output = job->y + start * outputs_of(g);
	struct next next[2] = {
		next_of(job->packed, panel, output, first > 0 ? 0 : pixels * outputs_of(g), calls, turns),
		next_of(job->packed, panel, input, first > 0 ? 0 : floats, calls, turns),
	};

	for (size_t f = 0; f < frequencies(g); f++)
		for (size_t n = first; n < beyond; n += tiles->panel) {
			const float *u = job->packed + f * packed_frequency(g) + n / tiles->panel * panel;
			const bool last = n + tiles->panel >= beyond;
			struct next *to_come = &next[f % 2];
			to_come->soon.at[0] = (const char *)(last ? u + packed_frequency(g) - (panels - 1) * panel : u + panel);
			tiles->gemm(count, inputs, v + f * cut->v_apart, v_step(g), 1, u,
			    m + f * cut->m_apart + n - first, output_block(g), beyond - n, false, &to_come->soon);
			to_come->soon.at[1] += to_come->share;
		}
}

/* How the results of outputs from `first` on are finished. Returns what is read with them, in y's shape, or NULL. */
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

/* The results of outputs [first, beyond). */
static void
transform_output(const struct conv_job *job, const struct cut *cut, struct span span, size_t item, size_t first,
    size_t beyond, const float *m)
{
	const struct conv_geometry *g = &job->g;
	const size_t outputs = outputs_of(g);
	double *sums = job->moments != NULL ? job->moments + item * 2 * outputs + first : NULL;
	const size_t pooled = job->after.pool ? 2 : 1; /* lines and columns that become one of y */
	struct tile_output to = { .column = g->out.channels };

	const float *r = finish_of(job, first, &to);
	const struct form form = form_of(g);
	const size_t step = tile_side(g) / pooled * outputs;

	to.row = (ptrdiff_t)(outputs * (size_t)g->out.width / pooled);
	if (sums != NULL) {
		to.sums = sums;
		to.products = sums + outputs;
		memset(to.sums, 0, (beyond - first) * sizeof *sums);
		memset(to.products, 0, (beyond - first) * sizeof *sums);
	}
	for (size_t line = span.from; line < span.to; line++) {
		const size_t from = first_pixel(g, line) / (pooled * pooled) * outputs + first;
		const int below = g->out.height - (int)(line % tile_lines(g)) * form.tile;
		to.height = below < form.tile ? below : form.tile;
		for (size_t tile = 0; tile < tiles_across(g); tile++, m += output_block(g)) {
			const int right = g->out.width - (int)tile * form.tile;
			to.width = right < form.tile ? right : form.tile;
			to.y = job->y + from + tile * step;
			to.r = r != NULL ? r + from + tile * step : NULL;
			job->kernels->tiles->maps[form.form].output(m, cut->m_apart, beyond - first, &to);
		}
	}
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const struct cut cut = forward_cut(g, job->rows);
	const struct span span = span_of(g, &cut, job->rows, item);
	float *strip = scratch, *v = strip + (size_t)form_of(g).seen * strip_row(g, input_stride(g));
	float *m = v + frequencies(g) * cut.v_apart;

	const struct source source = { job->x, g->in, input_stride(g), job->kernels, job->view };

	transform_input(g, &source, span, strip, v, cut.v_apart);
	for (size_t first = 0; first < outputs_of(g); first += output_block(g)) {
		const size_t left = outputs_of(g) - first;
		const size_t beyond = first + (left < output_block(g) ? left : output_block(g));
		multiply(job, &cut, span, first, beyond, v, m);
		transform_output(job, &cut, span, item, first, beyond, m);
	}
}

static bool
pools(const struct conv_geometry *g)
{
	return form_of(g).form == FORM_FOUR;
}

const struct conv_kernel net_conv_winograd = {
	.name = "winograd",
	.pools = pools,
	.fits = fits,
	.packed_bytes = packed_bytes,
	.scratch_bytes = scratch_bytes,
	.pack_items = panel_groups,
	.pack = pack,
	.items = items,
	.most_moments = most_items,
	.run = run,
};

/* ---- gradient of the weights --------------------------------------------------------------------- */

static size_t
weights_scratch(const struct conv_geometry *g)
{
	return room(g, output_stride(g));
}

static struct cut
weights_cut(const struct conv_geometry *g, size_t rows)
{
	return cut_of(g, rows, output_stride(g));
}

/*
 * Two ways. Items of tiles each add to one of a few sums, which are added up in the end. But where the
 * sums are larger than the tiles that they are made of, all tiles are transformed first, and an item is
 * a frequency and a share of the outputs: its sum is complete at once, and written once.
 */
enum { SHARES = 2, PREPARED = 16 /* tiles in an item of the preparation */ };

static size_t
all_tiles(const struct conv_geometry *g, size_t rows)
{
	return rows * tile_lines(g) * tiles_across(g);
}

static size_t
most_whole_tiles(const struct conv_geometry *g)
{
	return 2 * input_stride(g) * output_stride(g) / (input_stride(g) + output_stride(g));
}

static bool
whole(const struct conv_geometry *g, size_t rows)
{
	return all_tiles(g, rows) <= most_whole_tiles(g);
}

static size_t
most_parts(const struct conv_geometry *g, size_t rows)
{
	if (whole(g, rows))
		return 1;
	return packed_bytes(g) >= LARGE ? PARTS_LARGE : PARTS;
}

static size_t
parts(const struct conv_geometry *g, size_t rows)
{
	const size_t most = most_parts(g, rows), all = weights_cut(g, rows).items;

	return most < all ? most : all;
}

static size_t
weights_items(const struct conv_geometry *g, size_t rows)
{
	return whole(g, rows) ? frequencies(g) * SHARES : parts(g, rows);
}

/* All tiles as one item. */
static struct cut
whole_cut(const struct conv_geometry *g, size_t rows)
{
	struct cut cut = { .lines = rows * tile_lines(g), .items = 1 };

	cut.tiles = round_up(all_tiles(g, rows), 4);
	cut.v_apart = cut.tiles * v_step(g) + ASIDE;
	cut.m_apart = cut.tiles * output_stride(g) + ASIDE;
	return cut;
}

static size_t
shared_bytes(const struct conv_geometry *g, size_t rows)
{
	const size_t tiles = all_tiles(g, rows) < most_whole_tiles(g) ? all_tiles(g, rows) : most_whole_tiles(g);
	const size_t floats = round_up(tiles, 4) * (v_step(g) + output_stride(g)) + 2 * ASIDE;

	return frequencies(g) * floats * sizeof(float);
}

static void
transform_gradient(const struct conv_geometry *g, const struct source *s, struct span span,
    const struct cut *cut, float *strip, float *w)
{
	const struct tile_kernels *tiles = s->kernels->tiles;
	const struct form form = form_of(g);
	const ptrdiff_t row = (ptrdiff_t)strip_row(g, s->stride), column = (ptrdiff_t)s->stride;

	for (size_t line = span.from; line < span.to; line++) {
		fill_strip(g, s, line / tile_lines(g), (int)(line % tile_lines(g)) * form.tile, form.tile, 0, strip);
		for (size_t tile = 0; tile < tiles_across(g); tile++, w += tiles->panel)
			tiles->maps[form.form].gradient(strip + tile * tile_side(g) * s->stride, row, column,
			    round_up(outputs_of(g), tiles->lanes), w, cut->m_apart, cut->tiles * tiles->panel);
	}
}

static void
transform_both(const struct conv_weights_job *job, const struct cut *cut, struct span span, float *strip, float *v,
    float *w)
{
	const struct conv_geometry *g = &job->g;
	const struct source x = { job->x, g->in, input_stride(g), job->kernels, job->view };
	const struct source dy = { job->dy, g->out, output_stride(g), job->kernels, { 0 } };

	transform_input(g, &x, span, strip, v, cut->v_apart);
	transform_gradient(g, &dy, span, cut, strip, w);
}

/* The products of one frequency and of outputs [first, beyond), added to a sum or not. */
static void
multiply_weights(const struct conv_weights_job *job, const struct cut *cut, size_t count, size_t f, size_t first,
    size_t beyond, const float *v, const float *w, float *sum, bool add)
{
	const struct conv_geometry *g = &job->g;
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t inputs = inputs_of(g), panel = round_up(inputs, INPUT_STEP) * tiles->panel;

	for (size_t n = first; n < beyond; n += tiles->panel) {
		/* The panels of a sum lie one behind the other. */
		float *to = sum + f * packed_frequency(g) + n / tiles->panel * panel;
		const struct next next = next_of(to + panel, panel, to, 0, 0, turns_of(inputs, count));
		tiles->gemm(inputs, count, v + f * cut->v_apart, 1, v_step(g),
		    w + f * cut->m_apart + n / tiles->panel * cut->tiles * tiles->panel, to, tiles->panel,
		    beyond - n, add, &next.soon);
	}
}

static size_t
prepared_lines(const struct conv_geometry *g)
{
	return tiles_across(g) < PREPARED ? PREPARED / tiles_across(g) : 1;
}

static size_t
prepare_items(const struct conv_geometry *g, size_t rows)
{
	const size_t lines = prepared_lines(g);

	return whole(g, rows) ? (rows * tile_lines(g) + lines - 1) / lines : 0;
}

static void
prepare(const struct conv_weights_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const struct cut cut = whole_cut(g, job->rows);
	const size_t lines = prepared_lines(g), from = item * lines, to = from + lines;
	const struct span span = { from, to < cut.lines ? to : cut.lines };
	const size_t tile = from * tiles_across(g);
	float *v = job->shared, *w = v + frequencies(g) * cut.v_apart;

	transform_both(job, &cut, span, scratch, v + tile * v_step(g), w + tile * job->kernels->tiles->panel);
}

static void
run_whole(const struct conv_weights_job *job, size_t item)
{
	const struct conv_geometry *g = &job->g;
	const struct cut cut = whole_cut(g, job->rows);
	const size_t share = round_up(output_stride(g) / PANEL_MAX, SHARES) / SHARES * PANEL_MAX;
	const size_t first = item % SHARES * share, end = first + share, outputs = outputs_of(g);
	const float *v = job->shared, *w = v + frequencies(g) * cut.v_apart;

	multiply_weights(job, &cut, all_tiles(g, job->rows), item / SHARES, first, end < outputs ? end : outputs, v, w,
	    job->partial, false);
}

static void
add_item(const struct conv_weights_job *job, size_t item, float *sum, bool first, float *scratch)
{
	const struct conv_geometry *g = &job->g;
	const struct cut cut = weights_cut(g, job->rows);
	const struct span span = span_of(g, &cut, job->rows, item);
	const size_t wide = input_stride(g) > output_stride(g) ? input_stride(g) : output_stride(g);
	float *strip = scratch, *v = strip + (size_t)form_of(g).seen * strip_row(g, wide);
	float *w = v + frequencies(g) * cut.v_apart;

	transform_both(job, &cut, span, strip, v, w);
	for (size_t f = 0; f < frequencies(g); f++)
		multiply_weights(job, &cut, (span.to - span.from) * tiles_across(g), f, 0, outputs_of(g), v, w, sum,
		    !first);
}

static void
run_weights(const struct conv_weights_job *job, size_t item, void *scratch)
{
	if (whole(&job->g, job->rows)) {
		run_whole(job, item);
		return;
	}
	/* Part `item` is the sum over every so many-th item of tiles, in order. */
	const size_t all = weights_cut(&job->g, job->rows).items, step = parts(&job->g, job->rows);
	for (size_t i = item; i < all; i += step)
		add_item(job, i, job->partial + item * packed_floats(&job->g), i == item, scratch);
}

/* One panel of outputs: some inputs at a time, so that their sums are still in the cache when they turn into weights. */
static void
reduce_panel(const struct conv_weights_job *job, float *dw, size_t n)
{
	enum { INPUTS = 32 };
	const struct conv_geometry *g = &job->g;
	const struct tile_kernels *tiles = job->kernels->tiles;
	const size_t inputs = inputs_of(g), outputs = outputs_of(g), count = parts(g, job->rows);
	float *sum = job->partial + n * round_up(inputs, INPUT_STEP);

	for (size_t i = 0; i < inputs; i += INPUTS) {
		const size_t some = inputs - i < INPUTS ? inputs - i : INPUTS;
		for (size_t f = 0; f < frequencies(g); f++) {
			float *to = sum + f * packed_frequency(g) + i * tiles->panel;
			for (size_t part = 1; part < count; part++)
				job->kernels->sum(to, to + part * packed_floats(g), to, some * tiles->panel);
		}
		tiles->weights[form_of(g).form].unpack(sum + i * tiles->panel, packed_frequency(g),
		    outputs - n < tiles->panel ? outputs - n : tiles->panel, some, dw + (n * inputs + i) * 9,
		    inputs * 9, 9);
	}
}

static void
reduce(const struct conv_weights_job *job, float *dw, size_t item)
{
	const size_t outputs = outputs_of(&job->g), beyond = (item + 1) * PANEL_MAX;

	for (size_t n = item * PANEL_MAX; n < beyond && n < outputs; n += job->kernels->tiles->panel)
		reduce_panel(job, dw, n);
}

const struct conv_weights_kernel net_conv_weights_winograd = {
	.name = "winograd",
	.views = true,
	.fits = fits,
	.scratch_bytes = weights_scratch,
	.part_bytes = packed_bytes,
	.parts = parts,
	.most_parts = most_parts,
	.shared_bytes = shared_bytes,
	.prepare_items = prepare_items,
	.prepare = prepare,
	.items = weights_items,
	.run = run_weights,
	.reduce_items = panel_groups,
	.reduce = reduce,
};
