/*
 * conv_grid.h - private to the room: what a convolution by a matrix product multiplies, both ways.
 *
 * Forward, what each pixel of the result sees is gathered into a row (im2col), and the rows are multiplied by the
 * weights. The gradient with respect to the input is computed in the same way. With stride s, a pixel of dx meets only
 * every s-th place of the kernel along each axis, and which ones depends on its position modulo s: its "phase". A cell
 * is s x s neighbouring pixels, one of each phase. The cells are a grid, and a cell sees a few
 * neighbouring pixels of dy, as in a convolution of stride 1. These are gathered once, and each phase
 * multiplies those places that it meets. So there are neither overlapping results to be added up nor
 * multiplications by the zeros of a dilated dy. The forward pass is the case of cells of one pixel.
 */
#ifndef MYO_NET_CONV_GRID_H
#define MYO_NET_CONV_GRID_H

#include "net/conv.h"

struct conv_grid {
	struct conv_view view; /* of cells */
	struct myo_shape of;   /* the picture that results are written to */
	size_t step;           /* side of a cell */
	size_t down, across;   /* phases; fewer than step x step where the picture is smaller than a cell */
	size_t ins, outs;      /* channels of a group that the product reads, and that it makes */
};

/* The places of the kernel that a phase meets along one axis, and where in the cell's view their pixels are. */
struct conv_side {
	size_t count;
	size_t at;      /* the first pixel, in the view */
	size_t place;   /* the place of the kernel that it meets */
	ptrdiff_t step; /* from place to place of the kernel, for pixels side by side */
};

struct conv_phase {
	size_t top, left; /* in the cell */
	struct conv_side y, x;
	size_t packed; /* offset of its weights */
};

struct conv_grid net_conv_forward_grid(const struct conv_geometry *g);
struct conv_grid net_conv_input_grid(const struct conv_geometry *g);

/* The forward grid's only phase; turned: with the kernel rotated by half a turn (conv.h). packed is 0. */
struct conv_phase net_conv_forward_phase(const struct conv_geometry *g, bool turned);

/* Phase `number` of down x across; the caller sets `packed`. It may have no places at all. */
struct conv_phase net_conv_input_phase(const struct conv_geometry *g, const struct conv_grid *grid, size_t number);

/* The depth of a phase's product: floats [places, ins] of a cell. */
static inline size_t
net_conv_phase_depth(const struct conv_grid *grid, const struct conv_phase *p)
{
	return p->y.count * p->x.count * grid->ins;
}

/*
 * Floats of packed weights: those of a group in a phase, and all, which are [phases, groups, panels, places,
 * ins, panel columns]. PANEL_MAX columns are a whole number of panels for every vector unit.
 */
size_t net_conv_phase_weights(const struct conv_grid *grid, const struct conv_phase *p);
size_t net_conv_grid_weights(const struct conv_geometry *g, const struct conv_grid *grid);

/*
 * Pack one item, of groups * net_conv_pack_columns(), of a phase's weights. gradient: in terms of this product w is
 * [ins, outs, places] in each group, not [outs, ins, places].
 */
size_t net_conv_pack_columns(const struct conv_grid *grid);
void net_conv_pack_phase(const struct conv_job *job, const struct conv_grid *grid, const struct conv_phase *p,
    const float *w, bool gradient, float *packed, size_t item);

#endif
