/*
 * Convolution as a matrix product: what each pixel sees is gathered into a row (im2col), and the rows
 * of an item, few enough to stay in the second-level cache, are multiplied with the weights.
 *
 * The gradient by the input goes the same way. Where the stride is s, a pixel of dx meets only every
 * s-th place of the kernel on each side, and which ones depends on its position modulo s: its "phase". The s x s
 * pixels of all phases around one spot make a cell; the cells are a grid, and one cell sees a few
 * neighbouring pixels of dy, as in any convolution of stride 1. That is gathered once, and each phase multiplies
 * the places that matter to it. So nothing is added up from overlapping views, and nothing multiplied
 * by the zeros of a spread-out dy. The forward pass is the case of cells with one pixel.
 */
#include "net/conv.h"
#include "net/gemm.h"

#include <string.h>

/* Cells of an item: as many as have rows of this many floats, within bounds; a multiple of the product's rows. */
enum { GATHER_FLOATS = 256 * 1024, CELLS_LEAST = 24, CELLS_MOST = 96, CELLS_STEP = 12 };

/* Rows are this much longer than they need be, lest twelve at a time compete for the same lines of the cache. */
enum { APART = 16 };

struct grid {
	struct conv_view view; /* of cells */
	struct myo_shape of;   /* the picture in which results lie */
	size_t step;           /* side of a cell */
	size_t down, across;   /* phases; fewer than step x step where the picture is smaller than a cell */
	size_t ins, outs;      /* of a group, as the product sees them */
};

/* Places of the kernel, and of a cell's view, on one side. */
struct side {
	size_t count;
	size_t at;       /* in the view */
	size_t place;    /* of the kernel, that the first one means */
	ptrdiff_t step;  /* from there to the next */
};

struct phase {
	size_t top, left; /* in the cell */
	struct side y, x;
	size_t packed; /* offset of its weights */
};

static size_t
round_up(size_t n, size_t step)
{
	return (n + step - 1) / step * step;
}

/* ---- grids and phases ------------------------------------------------------------------------------- */

static struct grid
forward_grid(const struct conv_geometry *g)
{
	return (struct grid){ .view = net_conv_view(g), .of = g->out, .step = 1, .down = 1, .across = 1,
		.ins = net_conv_group_in(g), .outs = net_conv_group_out(g) };
}

static struct phase
forward_phase(const struct conv_geometry *g, bool turned)
{
	const struct side side = { .count = g->kernel, .place = turned ? g->kernel - 1 : 0, .step = turned ? -1 : 1 };

	return (struct phase){ .y = side, .x = side };
}

/*
 * Pixels at a, a + s, … have (position + padding) mod s = r, so places r, r + s, … of the kernel matter to
 * them; the last of these belongs to the first pixel of dy that they see, which the first of them finds at `top`.
 */
static struct side
input_side(const struct conv_geometry *g, size_t a, ptrdiff_t *top)
{
	const size_t s = g->stride, r = (a + g->padding) % s;
	struct side side = { .step = -(ptrdiff_t)s };

	if (r < g->kernel) {
		side.count = (g->kernel - r + s - 1) / s;
		side.place = r + s * (side.count - 1);
	}
	*top = (ptrdiff_t)((a + g->padding) / s) - (ptrdiff_t)side.count + 1;
	return side;
}

/* What a cell sees on one side: all that its phases do. */
static void
cell_view(const struct conv_geometry *g, size_t phases, ptrdiff_t *top, size_t *count)
{
	ptrdiff_t beyond = 0;

	*top = 0;
	*count = 0;
	for (size_t a = 0; a < phases; a++) {
		ptrdiff_t first;
		const struct side side = input_side(g, a, &first);
		if (side.count == 0)
			continue;
		const ptrdiff_t last = first + (ptrdiff_t)side.count;
		*top = *count == 0 || first < *top ? first : *top;
		beyond = *count == 0 || last > beyond ? last : beyond;
		*count = (size_t)(beyond - *top);
	}
}

static struct grid
input_grid(const struct conv_geometry *g)
{
	const size_t s = g->stride, height = (size_t)g->in.height, width = (size_t)g->in.width;
	struct grid grid = { .of = g->in, .step = s, .down = s < height ? s : height, .across = s < width ? s : width,
		.ins = net_conv_group_out(g), .outs = net_conv_group_in(g) };

	grid.view = (struct conv_view){ .of = g->out, .part = grid.ins, .height = (height + s - 1) / s,
		.width = (width + s - 1) / s, .step = 1 };
	cell_view(g, grid.down, &grid.view.top, &grid.view.rows);
	cell_view(g, grid.across, &grid.view.left, &grid.view.columns);
	return grid;
}

static struct phase
input_phase(const struct conv_geometry *g, const struct grid *grid, size_t number)
{
	struct phase p = { .top = number / grid->across, .left = number % grid->across };
	ptrdiff_t y, x;

	p.y = input_side(g, p.top, &y);
	p.x = input_side(g, p.left, &x);
	p.y.at = (size_t)(y - grid->view.top);
	p.x.at = (size_t)(x - grid->view.left);
	return p;
}

static size_t
depth_of(const struct grid *grid, const struct phase *p)
{
	return p->y.count * p->x.count * grid->ins;
}

/* Floats of a group's weights in a phase: panels of PANEL_MAX columns are whole numbers of any unit's. */
static size_t
group_weights(const struct grid *grid, const struct phase *p)
{
	return round_up(grid->outs, PANEL_MAX) * depth_of(grid, p);
}

/* Of all phases and groups: [phases, groups, panels, places, ins, panel columns]. */
static size_t
all_weights(const struct conv_geometry *g, const struct grid *grid)
{
	return g->groups * round_up(grid->outs, PANEL_MAX) * grid->ins * g->kernel * g->kernel;
}

/* ---- weights ------------------------------------------------------------------------------------ */

/* Where the weights of a convolution lie: w(n, k) at n step_n + k step_k, its places side by side. */
struct source {
	const float *w;
	size_t step_n, step_k, side;
};

/* Some columns of a panel, [places, ins, width]: `n` of them, and zeros up to `wide`. */
static void
pack_columns(const struct phase *p, size_t ins, const struct source *from, size_t n, size_t wide, size_t width,
    float *to)
{
	enum { TOGETHER = 16 }; /* inputs at a time, so that both sides stay in the cache */

	for (size_t some = 0; some < ins; some += TOGETHER)
		for (size_t place = 0; place < p->y.count * p->x.count; place++) {
			const ptrdiff_t y = (ptrdiff_t)p->y.place + (ptrdiff_t)(place / p->x.count) * p->y.step;
			const ptrdiff_t x = (ptrdiff_t)p->x.place + (ptrdiff_t)(place % p->x.count) * p->x.step;
			const float *w = from->w + y * (ptrdiff_t)from->side + x;
			for (size_t i = some; i < some + TOGETHER && i < ins; i++) {
				float *line = to + (place * ins + i) * width;
				for (size_t o = 0; o < n; o++)
					line[o] = w[o * from->step_n + i * from->step_k];
				memset(line + n, 0, (wide - n) * sizeof *line);
			}
		}
}

/* An item of packing is PANEL_MAX columns of a group. */
static size_t
column_blocks(const struct grid *grid)
{
	return (grid->outs + PANEL_MAX - 1) / PANEL_MAX;
}

/* gradient: w is [ins, outs, places] in each group, as this product sees them, and not the other way round. */
static void
pack_phase(const struct conv_job *job, const struct grid *grid, const struct phase *p, const float *w,
    bool gradient, float *packed, size_t item)
{
	const size_t ins = grid->ins, outs = grid->outs, places = job->g.kernel * job->g.kernel;
	const size_t group = item / column_blocks(grid), from = item % column_blocks(grid) * PANEL_MAX;
	const size_t beyond = from + PANEL_MAX < outs ? from + PANEL_MAX : outs;
	const size_t width = net_panel(job->kernels, outs), depth = depth_of(grid, p);
	struct source source = { .step_n = gradient ? places : ins * places,
		.step_k = gradient ? outs * places : places, .side = job->g.kernel };

	packed += p->packed + group * group_weights(grid, p);
	for (size_t n = from; n < beyond; n += width) {
		const size_t count = beyond - n < width ? beyond - n : width;
		source.w = w + group * outs * ins * places + n * source.step_n;
		pack_columns(p, ins, &source, count, job->kernels->own_gemm ? width : count, width,
		    packed + n / width * width * depth + n % width);
	}
}

/* ---- sizes ---------------------------------------------------------------------------------------- */

static size_t
view_depth(const struct grid *grid)
{
	return grid->view.rows * grid->view.columns * grid->ins;
}

static size_t
item_cells(const struct grid *grid)
{
	const size_t depth = view_depth(grid) > 0 ? view_depth(grid) : 1;
	const size_t fitting = GATHER_FLOATS / depth / CELLS_STEP * CELLS_STEP;

	return fitting < CELLS_LEAST ? CELLS_LEAST : fitting > CELLS_MOST ? CELLS_MOST : fitting;
}

static size_t
all_cells(const struct grid *grid, size_t rows)
{
	return rows * grid->view.height * grid->view.width;
}

static size_t
items_of(const struct grid *grid, size_t rows)
{
	const size_t cells = item_cells(grid);

	return (all_cells(grid, rows) + cells - 1) / cells;
}

static size_t
gathered_stride(const struct grid *grid)
{
	return round_up(view_depth(grid), APART) + APART;
}

/* Results that can't go to their place at once wait in [cells, this many]. */
static size_t
waiting_stride(const struct grid *grid)
{
	return round_up(grid->outs, PANEL_MAX) + APART;
}

static size_t
scratch_floats(const struct grid *grid)
{
	return item_cells(grid) * (gathered_stride(grid) + waiting_stride(grid));
}

/* ---- results to their places ---------------------------------------------------------------------- */

/* Neighbouring cells on a line of the grid: from (i, j) of a row on. */
struct stretch {
	size_t row, i, j, count;
};

static struct stretch
stretch_of(const struct grid *grid, size_t from, size_t to)
{
	const size_t width = grid->view.width, height = grid->view.height, j = from % width;

	return (struct stretch){ from / width / height, from / width % height, j,
		to - from < width - j ? to - from : width - j };
}

/* The pixel (top, left) of the first cell, as an offset; 0 in *count if it isn't there, else how many cells have one. */
static size_t
place_of(const struct grid *grid, const struct stretch *cells, size_t top, size_t left, size_t *count)
{
	const size_t height = (size_t)grid->of.height, width = (size_t)grid->of.width;
	const size_t y = cells->i * grid->step + top, x = cells->j * grid->step + left;
	const size_t room = y < height && x < width ? (width - x + grid->step - 1) / grid->step : 0;

	*count = cells->count < room ? cells->count : room;
	return ((cells->row * height + y) * width + x) * (size_t)grid->of.channels;
}

/* Bring what waits to its pixel in each of the cells [from, to). */
static void
write_phase(const struct conv_job *job, const struct grid *grid, const struct phase *p, const float *waiting,
    float *y, size_t from, size_t to)
{
	const size_t apart = grid->step * (size_t)grid->of.channels, outs = grid->outs;

	while (from < to) {
		const struct stretch cells = stretch_of(grid, from, to);
		size_t count;
		float *pixel = y + place_of(grid, &cells, p->top, p->left, &count);
		const float *line = waiting;
		for (size_t n = 0; n < count; n++, pixel += apart, line += waiting_stride(grid)) {
			if (job->add)
				job->kernels->sum(pixel, line, pixel, outs);
			else
				memcpy(pixel, line, outs * sizeof *pixel);
		}
		waiting += cells.count * waiting_stride(grid);
		from += cells.count;
	}
}

/* Zeros to all pixels of the cells [from, to). */
static void
clear_cells(const struct grid *grid, float *y, size_t from, size_t to)
{
	const size_t width = (size_t)grid->of.width, channels = (size_t)grid->of.channels;

	while (from < to) {
		const struct stretch cells = stretch_of(grid, from, to);
		const size_t x = cells.j * grid->step, all = cells.count * grid->step;
		const size_t pixels = all < width - x ? all : width - x;
		for (size_t top = 0; top < grid->down; top++) {
			size_t count;
			float *line = y + place_of(grid, &cells, top, 0, &count);
			if (count > 0)
				memset(line, 0, pixels * channels * sizeof *line);
		}
		from += cells.count;
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
look_ahead(const struct conv_job *job, const struct grid *grid, size_t item)
{
	const size_t all = all_cells(grid, job->rows), from = item * item_cells(grid);
	const size_t to = from + item_cells(grid) < all ? from + item_cells(grid) : all;
	struct conv_view written = grid->view;
	struct ahead next = { { job->x, job->y }, { 0, 0 }, all_weights(&job->g, grid) };

	written.of = grid->of;
	written.top = 0;
	written.step = grid->step;
	written.rows = grid->step;
	if (from < all) {
		next.at[0] += net_conv_seen(&grid->view, from, to, &next.floats[0]);
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

/* Some cells of one group. */
struct work {
	const struct conv_job *job;
	const struct grid *grid;
	size_t group, from, to;
	const float *seen; /* by each cell; `stride` floats from one to the next */
	size_t stride;
	float *gathered, *waiting;
	struct ahead next;
};

/* Each cell sees itself: what it sees lies in x as gathered. */
static bool
sees_itself(const struct conv_view *v)
{
	return v->rows == 1 && v->columns == 1 && v->step == 1 && v->top == 0 && v->left == 0 &&
	       v->height == (size_t)v->of.height && v->width == (size_t)v->of.width;
}

static void
look(struct work *w)
{
	const struct conv_view *view = &w->grid->view;
	const float *x = w->job->x + w->group * w->grid->ins;
	const struct conv_gathered rows = { .to = w->gathered, .width = view_depth(w->grid),
		.pixel = gathered_stride(w->grid) };

	if (sees_itself(view) && net_panels_whole(w->job->kernels, w->to - w->from, 0)) {
		w->stride = (size_t)view->of.channels;
		w->seen = x + w->from * w->stride;
		return;
	}
	net_conv_gather(view, x, w->from, w->to, &rows);
	w->seen = w->gathered;
	w->stride = rows.pixel;
}

static void
run_phase(const struct work *w, const struct phase *p)
{
	const struct grid *grid = w->grid;
	const struct kernels *kernels = w->job->kernels;
	const size_t channels = (size_t)grid->of.channels, ins = grid->ins, columns = grid->view.columns;
	const size_t cells = w->to - w->from, weights = p->packed + w->group * group_weights(grid, p);
	const bool direct = grid->step == 1 && net_panels_whole(kernels, cells, grid->outs);
	float *y = w->job->y + w->group * grid->outs;
	const struct panels_product product = { .m = cells, .n = grid->outs, .k = depth_of(grid, p),
		.a = w->seen + (p->y.at * columns + p->x.at) * ins, .row_a = w->stride, .column_a = 1,
		.pieces = p->x.count == columns ? 1 : p->y.count, .piece_a = columns * ins,
		.b = w->job->packed + weights,
		.c = direct ? y + w->from * channels : w->waiting,
		.row_c = direct ? channels : waiting_stride(grid), .panel_c = net_panel(kernels, grid->outs),
		.add = w->job->add && direct, .soon = share_ahead(&w->next, weights, group_weights(grid, p)) };

	net_gemm_panels(kernels, &product);
	if (!direct)
		write_phase(w->job, grid, p, w->waiting, y, w->from, w->to);
}

static struct work
work_of(const struct conv_job *job, const struct grid *grid, size_t item, float *scratch)
{
	const size_t all = all_cells(grid, job->rows), from = item * item_cells(grid);

	return (struct work){ .job = job, .grid = grid, .from = from,
		.to = from + item_cells(grid) < all ? from + item_cells(grid) : all, .gathered = scratch,
		.waiting = scratch + item_cells(grid) * gathered_stride(grid),
		.next = look_ahead(job, grid, item + 1) };
}

/* ---- forward -------------------------------------------------------------------------------------- */

static bool
fits_all(const struct conv_geometry *g)
{
	(void)g;
	return true;
}

static size_t
packed_bytes(const struct conv_geometry *g)
{
	const struct grid grid = forward_grid(g);

	return all_weights(g, &grid) * sizeof(float);
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	const struct grid grid = forward_grid(g);

	return scratch_floats(&grid) * sizeof(float);
}

static size_t
pack_items(const struct conv_geometry *g)
{
	const struct grid grid = forward_grid(g);

	return g->groups * column_blocks(&grid);
}

static void
pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct grid grid = forward_grid(&job->g);
	const struct phase p = forward_phase(&job->g, turned);

	pack_phase(job, &grid, &p, w, turned, packed, item);
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const struct grid grid = forward_grid(g);

	return items_of(&grid, rows);
}

/* What a normalisation wants to know of an item's results, and scale, shift and what follows. */
static void
finish(const struct conv_job *job, size_t item, size_t from, size_t to)
{
	const size_t channels = (size_t)job->g.out.channels;
	float *y = job->y + from * channels;

	if (job->moments != NULL) {
		double *sums = job->moments + item * 2 * channels;
		memset(sums, 0, 2 * channels * sizeof *sums);
		job->kernels->moments(y, to - from, channels, sums, sums + channels);
	}
	if (job->finish)
		job->kernels->affine(y, job->after.add ? job->r + from * channels : NULL, y, to - from, channels,
		    job->scale, job->shift, job->after);
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct grid grid = forward_grid(&job->g);
	const struct phase p = forward_phase(&job->g, false);
	struct work w = work_of(job, &grid, item, scratch);

	for (; w.group < job->g.groups; w.group++) {
		look(&w);
		run_phase(&w, &p);
	}
	finish(job, item, w.from, w.to);
}

const struct conv_kernel net_conv_gemm = {
	.name = "gemm",
	.fits = fits_all,
	.packed_bytes = packed_bytes,
	.scratch_bytes = scratch_bytes,
	.pack_items = pack_items,
	.pack = pack,
	.items = items,
	.most_moments = items,
	.run = run,
};

/* ---- the gradient by the input ---------------------------------------------------------------------- */

static size_t
input_packed_bytes(const struct conv_geometry *g)
{
	const struct grid grid = input_grid(g);

	return all_weights(g, &grid) * sizeof(float);
}

static size_t
input_scratch_bytes(const struct conv_geometry *g)
{
	const struct grid grid = input_grid(g);

	return scratch_floats(&grid) * sizeof(float);
}

static size_t
input_pack_items(const struct conv_geometry *g)
{
	const struct grid grid = input_grid(g);

	return g->groups * column_blocks(&grid);
}

/* An item is some columns of all phases, which read the same weights. */
static void
input_pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct grid grid = input_grid(&job->g);
	size_t offset = 0;

	(void)turned;
	for (size_t i = 0; i < grid.down * grid.across; i++) {
		struct phase p = input_phase(&job->g, &grid, i);
		p.packed = offset;
		offset += job->g.groups * group_weights(&grid, &p);
		pack_phase(job, &grid, &p, w, true, packed, item);
	}
}

static size_t
input_items(const struct conv_geometry *g, size_t rows)
{
	const struct grid grid = input_grid(g);

	return items_of(&grid, rows);
}

static void
input_run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct grid grid = input_grid(&job->g);
	struct work w = work_of(job, &grid, item, scratch);

	/* A kernel narrower than the stride overlooks some pixels. */
	if (!job->add && job->g.kernel < job->g.stride)
		clear_cells(&grid, job->y, w.from, w.to);
	for (; w.group < job->g.groups && view_depth(&grid) > 0; w.group++) {
		size_t offset = 0;
		look(&w);
		for (size_t i = 0; i < grid.down * grid.across; i++) {
			struct phase p = input_phase(&job->g, &grid, i);
			p.packed = offset;
			offset += job->g.groups * group_weights(&grid, &p);
			if (depth_of(&grid, &p) > 0)
				run_phase(&w, &p);
		}
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
