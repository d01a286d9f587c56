/*
 * Convolution as a matrix product: what each pixel sees is gathered into a row (im2col), and the rows
 * of an item, few enough to stay in the second-level cache, are multiplied with the weights.
 *
 * The gradient by the input goes the same way. Where stride is s, a pixel of dx meets only every
 * s-th place of the kernel on each side, and which ones depends on its position modulo s: its
 * "phase". The pixels of one phase are a grid that sees dy as any convolution of stride 1 sees its input,
 * by a kernel of those places alone. So nothing is added up from overlapping views, and nothing
 * multiplied by the zeros of a spread-out dy.
 */
#include "net/conv.h"
#include "net/gemm.h"

#include <string.h>

/* Pixels of an item: as many as have rows of this many floats, within bounds; a multiple of the product's rows. */
enum { GATHER_FLOATS = 256 * 1024, PIXELS_LEAST = 24, PIXELS_MOST = 96, PIXELS_STEP = 12 };

/* Rows are this much longer than they need be, lest twelve at a time compete for the same lines of the cache. */
enum { APART = 16 };

/* One grid of results: the whole of y, or a phase of dx. */
struct phase {
	struct conv_view view;
	struct myo_shape of;  /* the picture in which results lie */
	size_t top, left;     /* where its first pixel is */
	size_t step;          /* from pixel to pixel, both ways */
	size_t place_y, place_x; /* of the kernel, that the first row and column of the view mean */
	ptrdiff_t place_step;
	size_t ins, outs; /* of a group, as this product sees them */
	size_t packed; /* offset of its weights */
};

static size_t
round_up(size_t n, size_t step)
{
	return (n + step - 1) / step * step;
}

static size_t
depth_of(const struct phase *p)
{
	return p->view.rows * p->view.columns * p->ins;
}

static size_t
phase_pixels(const struct phase *p)
{
	return p->view.height * p->view.width;
}

/* ---- phases ------------------------------------------------------------------------------------- */

static struct phase
forward_phase(const struct conv_geometry *g, bool turned)
{
	return (struct phase){
		.view = net_conv_view(g),
		.of = g->out,
		.step = 1,
		.place_y = turned ? g->kernel - 1 : 0,
		.place_x = turned ? g->kernel - 1 : 0,
		.place_step = turned ? -1 : 1,
		.ins = net_conv_group_in(g),
		.outs = net_conv_group_out(g),
	};
}

/*
 * One side of a phase. Results at a, a + s, … have (position + padding) mod s = r, so places r, r + s, …
 * of the kernel matter to them; the last of these belongs to the first pixel of dy that they see.
 */
struct phase_side {
	size_t first, count; /* positions */
	size_t places, last;
	ptrdiff_t top; /* what the first position sees first */
};

static struct phase_side
side_of(const struct conv_geometry *g, size_t a, int size)
{
	const size_t s = g->stride, r = (a + g->padding) % s;
	struct phase_side side = { .first = a };

	side.count = a < (size_t)size ? ((size_t)size - a + s - 1) / s : 0;
	side.places = r < g->kernel ? (g->kernel - r + s - 1) / s : 0;
	side.last = side.places > 0 ? r + s * (side.places - 1) : 0;
	side.top = (ptrdiff_t)((a + g->padding) / s) - (ptrdiff_t)side.places + 1;
	return side;
}

/* Phases side by side: positions from 0 to the stride, as far as there are so many. */
static size_t
phases_along(const struct conv_geometry *g, int size)
{
	return g->stride < (size_t)size ? g->stride : (size_t)size;
}

static size_t
phases(const struct conv_geometry *g)
{
	return phases_along(g, g->in.height) * phases_along(g, g->in.width);
}

static struct phase
input_phase(const struct conv_geometry *g, size_t number)
{
	const size_t across = phases_along(g, g->in.width);
	const struct phase_side y = side_of(g, number / across, g->in.height);
	const struct phase_side x = side_of(g, number % across, g->in.width);

	return (struct phase){
		.view = { .of = g->out, .part = net_conv_group_out(g), .height = y.count, .width = x.count,
		    .top = y.top, .left = x.top, .step = 1, .rows = y.places, .columns = x.places },
		.of = g->in,
		.top = y.first,
		.left = x.first,
		.step = g->stride,
		.place_y = y.last,
		.place_x = x.last,
		.place_step = -(ptrdiff_t)g->stride,
		.ins = net_conv_group_out(g),
		.outs = net_conv_group_in(g),
	};
}

/* Floats of a group's weights in a phase: panels of PANEL_MAX columns are whole numbers of any unit's. */
static size_t
group_weights(const struct phase *p)
{
	return round_up(p->outs, PANEL_MAX) * depth_of(p);
}

/* Of all groups: packed weights are [phases, groups, panels, places, ins, panel columns]. */
static size_t
phase_weights(const struct conv_geometry *g, const struct phase *p)
{
	return g->groups * group_weights(p);
}

/* Of all phases, among which the kernel's places are shared out. */
static size_t
all_weights(const struct conv_geometry *g, const struct phase *p)
{
	return g->groups * round_up(p->outs, PANEL_MAX) * p->ins * g->kernel * g->kernel;
}

/* ---- weights ------------------------------------------------------------------------------------ */

/* Where the weights of a convolution lie: w(n, k) at n step_n + k step_k, its places side by side. */
struct source {
	const float *w;
	size_t step_n, step_k, side;
};

/* Some columns of a panel, [places, ins, width]: `n` of them, and zeros up to `wide`. */
static void
pack_columns(const struct phase *p, const struct source *from, size_t n, size_t wide, size_t width, float *to)
{
	enum { TOGETHER = 16 }; /* inputs at a time, so that both sides stay in the cache */
	const size_t ins = p->ins, rows = p->view.rows, columns = p->view.columns;

	for (size_t some = 0; some < ins; some += TOGETHER)
		for (size_t place = 0; place < rows * columns; place++) {
			const size_t y = (size_t)((ptrdiff_t)p->place_y + (ptrdiff_t)(place / columns) * p->place_step);
			const size_t x = (size_t)((ptrdiff_t)p->place_x + (ptrdiff_t)(place % columns) * p->place_step);
			const float *w = from->w + y * from->side + x;
			for (size_t i = some; i < some + TOGETHER && i < ins; i++) {
				float *line = to + (place * ins + i) * width;
				for (size_t o = 0; o < n; o++)
					line[o] = w[o * from->step_n + i * from->step_k];
				memset(line + n, 0, (wide - n) * sizeof *line);
			}
		}
}

/* Columns go to pack by PANEL_MAX, which are a whole number of panels for every vector unit. */
static size_t
column_blocks(const struct phase *p)
{
	return (p->outs + PANEL_MAX - 1) / PANEL_MAX;
}

/* gradient: w is [ins, outs, places] in each group, as this product sees them, and not the other way round. */
static void
pack_phase(const struct conv_job *job, const struct phase *p, const float *w, bool gradient, float *packed,
    size_t item)
{
	const size_t group = item / column_blocks(p), from = item % column_blocks(p) * PANEL_MAX;
	const size_t beyond = from + PANEL_MAX < p->outs ? from + PANEL_MAX : p->outs;
	const size_t places = job->g.kernel * job->g.kernel, width = net_panel(job->kernels, p->outs);
	struct source source = { .step_n = gradient ? places : p->ins * places,
		.step_k = gradient ? p->outs * places : places,
		.side = job->g.kernel };

	packed += p->packed + group * group_weights(p);
	for (size_t n = from; n < beyond; n += width) {
		const size_t count = beyond - n < width ? beyond - n : width;
		source.w = w + group * p->outs * p->ins * places + n * source.step_n;
		pack_columns(p, &source, count, job->kernels->own_gemm ? width : count, width,
		    packed + n / width * width * depth_of(p) + n % width);
	}
}

static size_t
packed_bytes(const struct conv_geometry *g)
{
	const struct phase p = forward_phase(g, false);

	return all_weights(g, &p) * sizeof(float);
}

static size_t
pack_items(const struct conv_geometry *g)
{
	const struct phase p = forward_phase(g, false);

	return g->groups * column_blocks(&p);
}

static void
pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct phase p = forward_phase(&job->g, turned);

	pack_phase(job, &p, w, turned, packed, item);
}

/* ---- the product -------------------------------------------------------------------------------- */

static size_t
item_pixels(size_t depth)
{
	const size_t fitting = GATHER_FLOATS / (depth > 0 ? depth : 1) / PIXELS_STEP * PIXELS_STEP;

	return fitting < PIXELS_LEAST ? PIXELS_LEAST : fitting > PIXELS_MOST ? PIXELS_MOST : fitting;
}

/* Results that can't go to their place at once wait in [pixels, this many]. */
static size_t
waiting_stride(const struct phase *p)
{
	return round_up(p->outs, PANEL_MAX) + APART;
}

static size_t
gathered_stride(const struct phase *p)
{
	return round_up(depth_of(p), APART) + APART;
}

static size_t
scratch_floats(const struct phase *p, size_t pixels)
{
	return pixels * (gathered_stride(p) + waiting_stride(p));
}

/* Grid and picture are the same: the results of neighbours lie side by side. */
static bool
fills_picture(const struct phase *p)
{
	return p->step == 1;
}

/* Each pixel sees itself: what it sees lies in x as gathered. */
static bool
sees_itself(const struct conv_view *v)
{
	return v->rows == 1 && v->columns == 1 && v->step == 1 && v->top == 0 && v->left == 0 &&
	       v->height == (size_t)v->of.height && v->width == (size_t)v->of.width;
}

/* Bring what waits to `count` neighbours on a line of the grid; NULL: zeros. */
static void
write_line(
    const struct conv_job *job, const struct phase *p, const float *waiting, float *pixel, size_t count)
{
	const size_t apart = p->step * (size_t)p->of.channels, from = waiting_stride(p);

	for (size_t i = 0; i < count; i++, pixel += apart) {
		if (waiting == NULL)
			memset(pixel, 0, p->outs * sizeof *pixel);
		else if (job->add)
			job->kernels->sum(pixel, waiting + i * from, pixel, p->outs);
		else
			memcpy(pixel, waiting + i * from, p->outs * sizeof *pixel);
	}
}

/* The same for pixels [from, to) of the grid. */
static void
write_pixels(const struct conv_job *job, const struct phase *p, const float *waiting, float *y, size_t from,
    size_t to)
{
	const size_t width = p->view.width, height = p->view.height;

	while (from < to) {
		const size_t j = from % width, count = to - from < width - j ? to - from : width - j;
		const size_t line = from / width % height * p->step + p->top;
		const size_t at = line * (size_t)p->of.width + j * p->step + p->left;
		write_line(job, p, waiting,
		    y + (from / width / height * net_pixels(p->of) + at) * (size_t)p->of.channels, count);
		if (waiting != NULL)
			waiting += count * waiting_stride(p);
		from += count;
	}
}

/* ---- what comes next ----------------------------------------------------------------------------- */

/* Memory that the next item reads and writes, fetched during this one's products. */
struct ahead {
	const float *at[2];
	size_t floats[2];
	size_t weights; /* of all products of an item, among which this is shared out */
};

/* For item number `item`; if there isn't one, nothing. */
static struct ahead
look_ahead(const struct conv_job *job, const struct phase *p, size_t pixels, size_t item)
{
	const size_t grid = phase_pixels(p), all = job->rows * grid, from = item * pixels;
	struct ahead next = { { job->x, job->y }, { 0, 0 }, all_weights(&job->g, p) };

	const size_t to = from + pixels < all ? from + pixels : all;
	struct conv_view written = p->view;

	written.of = p->of;
	written.top = 0;
	written.step = p->step;
	written.rows = p->step;
	if (from < all) {
		next.at[0] += net_conv_seen(&p->view, from, to, &next.floats[0]);
		next.at[1] += net_conv_seen(&written, from, to, &next.floats[1]);
	}
	return next;
}

/* The share of it that falls on a product with `some` weights, after products with `done`. */
static struct tile_soon
share_ahead(const struct ahead *next, size_t done, size_t some)
{
	struct tile_soon soon;

	for (size_t i = 0; i < 2; i++) {
		soon.at[i] = (const char *)(next->at[i] + next->floats[i] * done / next->weights);
		soon.step[i] = next->floats[i] * some / next->weights * sizeof(float);
	}
	return soon;
}

/* ---- items ---------------------------------------------------------------------------------------- */

/* Pixels [from, to) of a phase, for one group. */
static void
run_group(const struct conv_job *job, const struct phase *p, size_t group, size_t from, size_t to,
    const struct ahead *next, float *scratch)
{
	const size_t pixels = to - from, depth = depth_of(p), channels = (size_t)p->of.channels;
	const float *x = job->x + group * p->ins;
	float *y = job->y + group * p->outs;
	const size_t weights = p->packed + group * group_weights(p);
	float *waiting = scratch + round_up(pixels, GEMM_ROWS) * gathered_stride(p);
	const bool direct = fills_picture(p) && net_panels_whole(job->kernels, pixels, p->outs);
	struct panels_product product = { .m = pixels, .n = p->outs, .k = depth, .a = scratch,
		.row_a = gathered_stride(p), .column_a = 1, .add = job->add && direct };

	if (sees_itself(&p->view) && net_panels_whole(job->kernels, pixels, 0)) {
		product.row_a = (size_t)p->view.of.channels;
		product.a = x + from * product.row_a;
	} else {
		const struct conv_gathered rows = { .to = scratch, .width = depth, .pixel = product.row_a };
		net_conv_gather(&p->view, x, from, to, &rows);
	}
	product.b = job->packed + weights;
	product.c = direct ? y + from * channels : waiting;
	product.row_c = direct ? channels : waiting_stride(p);
	product.panel_c = net_panel(job->kernels, p->outs);
	product.soon = share_ahead(next, weights, group_weights(p));
	net_gemm_panels(job->kernels, &product);
	if (!direct)
		write_pixels(job, p, waiting, y, from, to);
}

/* Item number `item` of a phase, if it has so many. */
static void
run_phase(const struct conv_job *job, const struct phase *p, size_t pixels, size_t item, const struct ahead *next,
    float *scratch)
{
	const size_t all = job->rows * phase_pixels(p), from = item * pixels;
	const size_t to = from + pixels < all ? from + pixels : all;

	for (size_t group = 0; from < all && group < job->g.groups; group++) {
		if (depth_of(p) > 0)
			run_group(job, p, group, from, to, next, scratch);
		else if (!job->add)
			write_pixels(job, p, NULL, job->y + group * p->outs, from, to);
	}
}

static size_t
items_of(const struct phase *p, size_t rows, size_t pixels)
{
	return (rows * phase_pixels(p) + pixels - 1) / pixels;
}

/* ---- forward -------------------------------------------------------------------------------------- */

static bool
fits_all(const struct conv_geometry *g)
{
	(void)g;
	return true;
}

static size_t
forward_pixels(const struct phase *p)
{
	return item_pixels(depth_of(p));
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	const struct phase p = forward_phase(g, false);

	return scratch_floats(&p, forward_pixels(&p)) * sizeof(float);
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const struct phase p = forward_phase(g, false);

	return items_of(&p, rows, forward_pixels(&p));
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct phase p = forward_phase(&job->g, false);
	const size_t pixels = forward_pixels(&p), all = job->rows * phase_pixels(&p), from = item * pixels;
	const size_t count = all - from < pixels ? all - from : pixels, channels = (size_t)p.of.channels;
	float *y = job->y + from * channels;

	const struct ahead next = look_ahead(job, &p, pixels, item + 1);

	run_phase(job, &p, pixels, item, &next, scratch);
	if (job->finish)
		job->kernels->affine(y, job->after.add ? job->r + from * channels : NULL, y, count, channels,
		    job->scale, job->shift, job->after);
}

const struct conv_kernel net_conv_gemm = {
	.name = "gemm",
	.fits = fits_all,
	.packed_bytes = packed_bytes,
	.scratch_bytes = scratch_bytes,
	.pack_items = pack_items,
	.pack = pack,
	.items = items,
	.run = run,
};

/* ---- the gradient by the input ---------------------------------------------------------------------- */

/* The phase with most places has most pixels, or one less each way. */
static size_t
input_pixels(const struct conv_geometry *g)
{
	const size_t side = (g->kernel + g->stride - 1) / g->stride;

	return item_pixels(side * side * net_conv_group_out(g));
}

static size_t
input_packed_bytes(const struct conv_geometry *g)
{
	const struct phase p = input_phase(g, 0);

	return all_weights(g, &p) * sizeof(float);
}

static size_t
input_scratch_bytes(const struct conv_geometry *g)
{
	size_t most = 0;

	for (size_t i = 0; i < phases(g); i++) {
		const struct phase p = input_phase(g, i);
		const size_t floats = scratch_floats(&p, input_pixels(g));
		most = floats > most ? floats : most;
	}
	return most * sizeof(float);
}

/* An item is some columns of all phases, which read the same weights. */
static size_t
input_pack_items(const struct conv_geometry *g)
{
	const struct phase p = input_phase(g, 0);

	return g->groups * column_blocks(&p);
}

static void
input_pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	size_t offset = 0;

	(void)turned;
	for (size_t i = 0; i < phases(&job->g); i++) {
		struct phase p = input_phase(&job->g, i);
		p.packed = offset;
		offset += phase_weights(&job->g, &p);
		pack_phase(job, &p, w, true, packed, item);
	}
}

static size_t
input_items(const struct conv_geometry *g, size_t rows)
{
	const struct phase p = input_phase(g, 0);

	return items_of(&p, rows, input_pixels(g));
}

/* An item is as many pixels of each phase, near each other, so that the caches see dy once. */
static void
input_run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct phase largest = input_phase(&job->g, 0);
	const size_t pixels = input_pixels(&job->g);
	const struct ahead next = look_ahead(job, &largest, pixels, item + 1);
	size_t offset = 0;

	for (size_t i = 0; i < phases(&job->g); i++) {
		struct phase p = input_phase(&job->g, i);
		p.packed = offset;
		offset += phase_weights(&job->g, &p);
		run_phase(job, &p, pixels, item, &next, scratch);
	}
}

const struct conv_kernel net_conv_phases = {
	.name = "phases",
	.fits = fits_all,
	.packed_bytes = input_packed_bytes,
	.scratch_bytes = input_scratch_bytes,
	.pack_items = input_pack_items,
	.pack = input_pack,
	.items = input_items,
	.run = input_run,
};
