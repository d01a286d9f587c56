/*
 * conv_grid.h - private to the room: what a convolution by a matrix product multiplies, both ways.
 *
 * The result's pixels are the product of what each sees, gathered into a row (im2col), and the weights. The
 * gradient by the input goes the same way. Where the stride is s, a pixel of dx meets only every s-th
 * place of the kernel on each side, and which ones depends on its position modulo s: its "phase". The s x s
 * pixels of all phases around one spot make a cell; the cells are a grid, and one cell sees a few
 * neighbouring pixels of dy, as in any convolution of stride 1. That is gathered once, and each phase
 * multiplies the places that matter to it. So nothing is added up from overlapping views, and nothing
 * multiplied by the zeros of a spread-out dy. The forward pass is the case of cells with one pixel.
 */
#ifndef MYO_NET_CONV_GRID_H
#define MYO_NET_CONV_GRID_H

#include "net/conv.h"

struct conv_grid {
	struct conv_view view; /* of cells */
	struct myo_shape of;   /* the picture in which results lie */
	size_t step;           /* side of a cell */
	size_t down, across;   /* phases; fewer than step x step where the picture is smaller than a cell */
	size_t ins, outs;      /* of a group, as the product sees them */
};

/* Places of the kernel, and of a cell's view, on one side. */
struct conv_side {
	size_t count;
	size_t at;      /* in the view */
	size_t place;   /* of the kernel, that the first one means */
	ptrdiff_t step; /* from there to the next */
};

struct conv_phase {
	size_t top, left; /* in the cell */
	struct conv_side y, x;
	size_t packed; /* offset of its weights */
};

struct conv_grid net_conv_forward_grid(const struct conv_geometry *g);
struct conv_grid net_conv_input_grid(const struct conv_geometry *g);

/* The forward grid's only phase; turned: of a convolution that is a gradient by the input. packed is 0. */
struct conv_phase net_conv_forward_phase(const struct conv_geometry *g, bool turned);

/* Number `number` of down x across phases; `packed` is the caller's to set. It may have no places at all. */
struct conv_phase net_conv_input_phase(const struct conv_geometry *g, const struct conv_grid *grid, size_t number);

/* Floats that a phase multiplies: [places, ins]. */
static inline size_t
net_conv_phase_depth(const struct conv_grid *grid, const struct conv_phase *p)
{
	return p->y.count * p->x.count * grid->ins;
}

/*
 * Floats of packed weights: of a group in a phase, and of all, which are [phases, groups, panels, places,
 * ins, panel columns]. PANEL_MAX columns are a whole number of panels for every vector unit.
 */
size_t net_conv_phase_weights(const struct conv_grid *grid, const struct conv_phase *p);
size_t net_conv_grid_weights(const struct conv_geometry *g, const struct conv_grid *grid);

/*
 * Pack a phase's weights, one item in groups * net_conv_pack_columns(). gradient: w is [ins, outs, places] in
 * each group, as this product sees them, and not [outs, ins, places].
 */
size_t net_conv_pack_columns(const struct conv_grid *grid);
void net_conv_pack_phase(const struct conv_job *job, const struct conv_grid *grid, const struct conv_phase *p,
    const float *w, bool gradient, float *packed, size_t item);

#endif
