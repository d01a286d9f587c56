/*
 * Convolution as a matrix product (conv_grid.h), forward and backward: an item gathers rows, few
 * enough to stay in the second-level cache, and multiplies them by the weights.
 */
#include "net/conv_grid.h"
#include "net/gemm.h"

#include <string.h>

/* Cells of an item: as many as gather this many floats, within bounds; a multiple of the rows that the product
 * takes at a time. */
enum { GATHER_FLOATS = 256 * 1024, CELLS_LEAST = 24, CELLS_MOST = 96, CELLS_STEP = 12 };

/* Rows are this many floats longer than needed, lest the twelve of a product compete for the same cache sets.
 */
enum { APART = 16 };

/* ---- sizes ---------------------------------------------------------------------------------------- */

static size_t
view_depth(const struct conv_grid *grid)
{
	return grid->view.rows * grid->view.columns * grid->ins;
}

static size_t
item_cells(const struct conv_grid *grid)
{
	const size_t depth = view_depth(grid) > 0 ? view_depth(grid) : 1;
	const size_t fitting = GATHER_FLOATS / depth / CELLS_STEP * CELLS_STEP;

	return fitting < CELLS_LEAST ? CELLS_LEAST : fitting > CELLS_MOST ? CELLS_MOST : fitting;
}

static size_t
all_cells(const struct conv_grid *grid, size_t rows)
{
	return rows * grid->view.height * grid->view.width;
}

static size_t
items_of(const struct conv_grid *grid, size_t rows)
{
	const size_t cells = item_cells(grid);

	return (all_cells(grid, rows) + cells - 1) / cells;
}

static size_t
gathered_stride(const struct conv_grid *grid)
{
	return net_round_up(view_depth(grid), APART) + APART;
}

/* Results that can't be written to y directly are buffered in [cells, this many]. */
static size_t
waiting_stride(const struct conv_grid *grid)
{
	return net_round_up(grid->outs, PANEL_MAX) + APART;
}

static size_t
scratch_floats(const struct conv_grid *grid)
{
	return item_cells(grid) * (gathered_stride(grid) + waiting_stride(grid));
}

/* ---- results to their places ---------------------------------------------------------------------- */

/* `count` neighbouring cells on a line of the grid, from cell (i, j) of a row of the batch on. */
struct stretch {
	size_t row, i, j, count;
};

static struct stretch
stretch_of(const struct conv_grid *grid, size_t from, size_t to)
{
	const size_t width = grid->view.width, height = grid->view.height, j = from % width;

	return (struct stretch){ from / width / height, from / width % height, j,
		to - from < width - j ? to - from : width - j };
}

/* The offset of pixel (top, left) of the first cell. *count: how many of the cells have that pixel; the others
 * would be beyond the picture's edge. */
static size_t
place_of(const struct conv_grid *grid, const struct stretch *cells, size_t top, size_t left, size_t *count)
{
	const size_t height = (size_t)grid->of.height, width = (size_t)grid->of.width;
	const size_t y = cells->i * grid->step + top, x = cells->j * grid->step + left;
	const size_t room = y < height && x < width ? (width - x + grid->step - 1) / grid->step : 0;

	*count = cells->count < room ? cells->count : room;
	return ((cells->row * height + y) * width + x) * (size_t)grid->of.channels;
}

/* Write the buffered results of a phase to their pixels in the cells [from, to). */
static void
write_phase(const struct conv_job *job, const struct conv_grid *grid, const struct conv_phase *p,
    const float *waiting, float *y, size_t from, size_t to)
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

static void
clear_cells(const struct conv_grid *grid, float *y, size_t from, size_t to)
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
	size_t weights; /* floats in all products of an item, among which the fetching is divided in proportion */
};

/* For item number `item`; if there isn't one, nothing. */
static struct ahead
look_ahead(const struct conv_job *job, const struct conv_grid *grid, size_t item)
{
	const size_t all = all_cells(grid, job->rows), from = item * item_cells(grid);
	const size_t to = from + item_cells(grid) < all ? from + item_cells(grid) : all;
	struct conv_view written = grid->view;
	struct ahead next = { { job->x, job->y }, { 0, 0 }, net_conv_grid_weights(&job->g, grid) };

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

/* The share of the fetching for a product with `some` weights, after products with `done` weights in all. */
static struct tile_soon
share_ahead(const struct ahead *next, size_t done, size_t some)
{
	struct tile_soon soon;

	for (size_t i = 0; i < 2; i++) {
		soon.at[i] = (uintptr_t)(next->at[i] + next->floats[i] * done / next->weights);
		soon.step[i] = next->floats[i] * some / next->weights * sizeof(float);
	}
	return soon;
}

/* ---- items ---------------------------------------------------------------------------------------- */

/* Some cells of one group. */
struct work {
	const struct conv_job *job;
	const struct conv_grid *grid;
	size_t group, from, to;
	const float *seen; /* what each cell sees; `stride` floats from cell to cell */
	size_t stride;
	float *gathered, *waiting;
	struct ahead next;
};

/* Whether each cell sees exactly itself, so that x needs no gathering. */
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
	const struct conv_gathered rows = {
		.to = w->gathered, .width = view_depth(w->grid), .pixel = gathered_stride(w->grid)
	};

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
run_phase(const struct work *w, const struct conv_phase *p)
{
	const struct conv_grid *grid = w->grid;
	const struct kernels *kernels = w->job->kernels;
	const size_t channels = (size_t)grid->of.channels, ins = grid->ins, columns = grid->view.columns;
	const size_t cells = w->to - w->from,
		     weights = p->packed + w->group * net_conv_phase_weights(grid, p);
	const bool direct = grid->step == 1 && net_panels_whole(kernels, cells, grid->outs);
	float *y = w->job->y + w->group * grid->outs;
	const struct panels_product product = { .m = cells,
		.n = grid->outs,
		.k = net_conv_phase_depth(grid, p),
		.a = w->seen + (p->y.at * columns + p->x.at) * ins,
		.row_a = w->stride,
		.column_a = 1,
		.pieces = p->x.count == columns ? 1 : p->y.count,
		.piece_a = columns * ins,
		.b = w->job->packed + weights,
		.c = direct ? y + w->from * channels : w->waiting,
		.row_c = direct ? channels : waiting_stride(grid),
		.panel_c = net_panel(kernels, grid->outs),
		.add = w->job->add && direct,
		.soon = share_ahead(&w->next, weights, net_conv_phase_weights(grid, p)) };

	net_gemm_panels(kernels, &product);
	if (!direct)
		write_phase(w->job, grid, p, w->waiting, y, w->from, w->to);
}

static struct work
work_of(const struct conv_job *job, const struct conv_grid *grid, size_t item, float *scratch)
{
	const size_t all = all_cells(grid, job->rows), from = item * item_cells(grid);

	return (struct work){ .job = job,
		.grid = grid,
		.from = from,
		.to = from + item_cells(grid) < all ? from + item_cells(grid) : all,
		.gathered = scratch,
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
	const struct conv_grid grid = net_conv_forward_grid(g);

	return net_conv_grid_weights(g, &grid) * sizeof(float);
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	const struct conv_grid grid = net_conv_forward_grid(g);

	return scratch_floats(&grid) * sizeof(float);
}

static size_t
pack_items(const struct conv_geometry *g)
{
	const struct conv_grid grid = net_conv_forward_grid(g);

	return g->groups * net_conv_pack_columns(&grid);
}

static void
pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct conv_grid grid = net_conv_forward_grid(&job->g);
	const struct conv_phase p = net_conv_forward_phase(&job->g, turned);

	net_conv_pack_phase(job, &grid, &p, w, turned, packed, item);
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const struct conv_grid grid = net_conv_forward_grid(g);

	return items_of(&grid, rows);
}

/* Fill an item's moments, and apply scale, shift and what follows to its results. */
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
		job->kernels->affine(y, job->after.add ? job->r + from * channels : NULL, y, to - from,
		    channels, job->scale, job->shift, job->after);
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_grid grid = net_conv_forward_grid(&job->g);
	const struct conv_phase p = net_conv_forward_phase(&job->g, false);
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
	const struct conv_grid grid = net_conv_input_grid(g);

	return net_conv_grid_weights(g, &grid) * sizeof(float);
}

static size_t
input_scratch_bytes(const struct conv_geometry *g)
{
	const struct conv_grid grid = net_conv_input_grid(g);

	return scratch_floats(&grid) * sizeof(float);
}

static size_t
input_pack_items(const struct conv_geometry *g)
{
	const struct conv_grid grid = net_conv_input_grid(g);

	return g->groups * net_conv_pack_columns(&grid);
}

/* An item is the same columns of all phases, which read the same part of w. */
static void
input_pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct conv_grid grid = net_conv_input_grid(&job->g);
	size_t offset = 0;

	(void)turned;
	for (size_t i = 0; i < grid.down * grid.across; i++) {
		struct conv_phase p = net_conv_input_phase(&job->g, &grid, i);
		p.packed = offset;
		offset += job->g.groups * net_conv_phase_weights(&grid, &p);
		net_conv_pack_phase(job, &grid, &p, w, true, packed, item);
	}
}

static size_t
input_items(const struct conv_geometry *g, size_t rows)
{
	const struct conv_grid grid = net_conv_input_grid(g);

	return items_of(&grid, rows);
}

static void
input_run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_grid grid = net_conv_input_grid(&job->g);
	struct work w = work_of(job, &grid, item, scratch);

	/* With a kernel narrower than the stride some pixels meet no weight: their gradient is 0. */
	if (!job->add && job->g.kernel < job->g.stride)
		clear_cells(&grid, job->y, w.from, w.to);
	for (; w.group < job->g.groups && view_depth(&grid) > 0; w.group++) {
		size_t offset = 0;
		look(&w);
		for (size_t i = 0; i < grid.down * grid.across; i++) {
			struct conv_phase p = net_conv_input_phase(&job->g, &grid, i);
			p.packed = offset;
			offset += job->g.groups * net_conv_phase_weights(&grid, &p);
			if (net_conv_phase_depth(&grid, &p) > 0)
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
