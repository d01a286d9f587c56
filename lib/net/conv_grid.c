/* Grids, phases, and the weights that belong to them. */
#include "net/conv_grid.h"
#include "net/gemm.h"

#include <string.h>

/* ---- grids and phases ------------------------------------------------------------------------------- */

struct conv_grid
net_conv_forward_grid(const struct conv_geometry *g)
{
	return (struct conv_grid){ .view = net_conv_view(g),
		.of = g->out,
		.step = 1,
		.down = 1,
		.across = 1,
		.ins = net_conv_group_in(g),
		.outs = net_conv_group_out(g) };
}

struct conv_phase
net_conv_forward_phase(const struct conv_geometry *g, bool turned)
{
	const struct conv_side side = {
		.count = g->kernel, .place = turned ? g->kernel - 1 : 0, .step = turned ? -1 : 1
	};

	return (struct conv_phase){ .y = side, .x = side };
}

/*
 * Pixels a, a + s, … have (position + padding) mod s = r, so they meet places r, r + s, … of the kernel, the last
 * one at the first pixel of dy that they see. *top: that pixel of dy for pixel a.
 */
static struct conv_side
input_side(const struct conv_geometry *g, size_t a, ptrdiff_t *top)
{
	const size_t s = g->stride, r = (a + g->padding) % s;
	struct conv_side side = { .step = -(ptrdiff_t)s };

	if (r < g->kernel) {
		side.count = (g->kernel - r + s - 1) / s;
		side.place = r + s * (side.count - 1);
	}
	*top = (ptrdiff_t)((a + g->padding) / s) - (ptrdiff_t)side.count + 1;
	return side;
}

/* What a cell sees along one axis: all that any of its phases does. */
static void
cell_view(const struct conv_geometry *g, size_t phases, ptrdiff_t *top, size_t *count)
{
	ptrdiff_t beyond = 0;

	*top = 0;
	*count = 0;
	for (size_t a = 0; a < phases; a++) {
		ptrdiff_t first;
		const struct conv_side side = input_side(g, a, &first);
		if (side.count == 0)
			continue;
		const ptrdiff_t last = first + (ptrdiff_t)side.count;
		*top = *count == 0 || first < *top ? first : *top;
		beyond = *count == 0 || last > beyond ? last : beyond;
		*count = (size_t)(beyond - *top);
	}
}

struct conv_grid
net_conv_input_grid(const struct conv_geometry *g)
{
	const size_t s = g->stride, height = (size_t)g->in.height, width = (size_t)g->in.width;
	struct conv_grid grid = { .of = g->in,
		.step = s,
		.down = s < height ? s : height,
		.across = s < width ? s : width,
		.ins = net_conv_group_out(g),
		.outs = net_conv_group_in(g) };

	grid.view = (struct conv_view){ .of = g->out,
		.part = grid.ins,
		.height = (height + s - 1) / s,
		.width = (width + s - 1) / s,
		.step = 1 };
	cell_view(g, grid.down, &grid.view.top, &grid.view.rows);
	cell_view(g, grid.across, &grid.view.left, &grid.view.columns);
	return grid;
}

struct conv_phase
net_conv_input_phase(const struct conv_geometry *g, const struct conv_grid *grid, size_t number)
{
	struct conv_phase p = { .top = number / grid->across, .left = number % grid->across };
	ptrdiff_t y, x;

	p.y = input_side(g, p.top, &y);
	p.x = input_side(g, p.left, &x);
	p.y.at = (size_t)(y - grid->view.top);
	p.x.at = (size_t)(x - grid->view.left);
	return p;
}

size_t
net_conv_phase_weights(const struct conv_grid *grid, const struct conv_phase *p)
{
	return net_round_up(grid->outs, PANEL_MAX) * net_conv_phase_depth(grid, p);
}

size_t
net_conv_grid_weights(const struct conv_geometry *g, const struct conv_grid *grid)
{
	return g->groups * net_round_up(grid->outs, PANEL_MAX) * grid->ins * g->kernel * g->kernel;
}

/* ---- weights ------------------------------------------------------------------------------------ */

/* Where the weights of a convolution lie: w(n, k) at n step_n + k step_k, its places side by side. */
struct source {
	const float *w;
	size_t step_n, step_k, side;
};

/* Pack columns of a panel, [places, ins, width]: n of them, and zeros up to `wide`. */
static void
pack_columns(const struct conv_phase *p, size_t ins, const struct source *from, size_t n, size_t wide,
    size_t width, float *to)
{
	enum { TOGETHER = 16 }; /* inputs at a time, so that what is read and what is written stay in the cache */

	for (size_t some = 0; some < ins; some += TOGETHER)
		for (size_t place = 0; place < p->y.count * p->x.count; place++) {
			const ptrdiff_t y =
			    (ptrdiff_t)p->y.place + (ptrdiff_t)(place / p->x.count) * p->y.step;
			const ptrdiff_t x =
			    (ptrdiff_t)p->x.place + (ptrdiff_t)(place % p->x.count) * p->x.step;
			const float *w = from->w + y * (ptrdiff_t)from->side + x;
			for (size_t i = some; i < some + TOGETHER && i < ins; i++) {
				float *line = to + (place * ins + i) * width;
				for (size_t o = 0; o < n; o++)
					line[o] = w[o * from->step_n + i * from->step_k];
				memset(line + n, 0, (wide - n) * sizeof *line);
			}
		}
}

size_t
net_conv_pack_columns(const struct conv_grid *grid)
{
	return (grid->outs + PANEL_MAX - 1) / PANEL_MAX;
}

void
net_conv_pack_phase(const struct conv_job *job, const struct conv_grid *grid, const struct conv_phase *p,
    const float *w, bool gradient, float *packed, size_t item)
{
	const size_t ins = grid->ins, outs = grid->outs, places = job->g.kernel * job->g.kernel;
	const size_t group = item / net_conv_pack_columns(grid),
		     from = item % net_conv_pack_columns(grid) * PANEL_MAX;
	const size_t beyond = from + PANEL_MAX < outs ? from + PANEL_MAX : outs;
	const size_t width = net_panel(job->kernels, outs), depth = net_conv_phase_depth(grid, p);
	struct source source = { .step_n = gradient ? places : ins * places,
		.step_k = gradient ? outs * places : places,
		.side = job->g.kernel };

	packed += p->packed + group * net_conv_phase_weights(grid, p);
	for (size_t n = from; n < beyond; n += width) {
		const size_t count = beyond - n < width ? beyond - n : width;
		source.w = w + group * outs * ins * places + n * source.step_n;
		pack_columns(p, ins, &source, count, job->kernels->own_gemm ? width : count, width,
		    packed + n / width * width * depth + n % width);
	}
}
