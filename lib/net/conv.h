/*
 * conv.h - private to the room: kernels for convolution.
 *
 * A convolution needs three computations: the result, the gradient with respect to the input, and that with respect
 * to the weights. With stride 1 the second is itself a convolution, of dy with the kernel rotated by half a turn
 * ("turned" below) and inputs and outputs exchanged, so kernels of the first kind do both.
 * A kernel divides its work into items of a fixed shape; op_conv.c chooses kernels and runs
 * the items on threads. A new way to convolve is a file with one struct, and a line in op_conv.c.
 */
#ifndef MYO_NET_CONV_H
#define MYO_NET_CONV_H

#include "net/graph.h"
#include "net/kernels.h"

struct conv_geometry {
	struct myo_shape in, out;
	size_t kernel, stride, padding, groups;
};

/*
 * A normalisation, with ReLU or not, v = relu(scale[c] x + shift[c]), whose result only this convolution
 * reads, and which is therefore never stored. scale NULL: there is none.
 */
struct conv_norm {
	const float *x, *scale, *shift, *mean;
	bool relu;
};

/* One computation on `rows` rows; what x and y are depends on the kernel. */
struct conv_job {
	struct conv_geometry g;
	const struct kernels *kernels;
	size_t rows;
	const float *x;
	const float *packed;
	float *y;
	bool add; /* add to y instead of setting it */

	/* What a forward kernel does to an item's results while they are in the cache: y = after(scale y + shift). */
	bool finish;
	const float *scale, *shift; /* [out channels] */
	const float *r;             /* the addend if after.add, in the shape of y */
	struct after after;         /* after.pool: y has half the height and width, even in `out` */

	struct conv_norm view; /* its input view.x is passed as x, and the kernel applies the normalisation itself */

	/*
	 * If not NULL: [items, 2, out channels], filled with each item's sums for a normalisation: of the results and
	 * of their squares; or, where the results are the gradient with respect to the output of `norm`, of g and
	 * g (x - mean), g being the results that the ReLU of `norm` lets through.
	 */
	double *moments;
	struct conv_norm norm;
};

/* y = x * w: x [rows, in], y [rows, out]. */
struct conv_kernel {
	const char *name;
	bool (*pools)(const struct conv_geometry *g); /* whether after.pool is possible; NULL: never */
	bool (*fits)(const struct conv_geometry *g);
	size_t (*packed_bytes)(const struct conv_geometry *g);
	size_t (*scratch_bytes)(const struct conv_geometry *g); /* a thread's */

	/*
	 * Bring weights into the kernel's layout, in `pack_items` items. w [out, in / groups, kernel, kernel];
	 * turned: w is that of the convolution of which this one computes the gradient with respect to the input.
	 */
	size_t (*pack_items)(const struct conv_geometry *g);
	void (*pack)(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item);

	size_t (*items)(const struct conv_geometry *g, size_t rows);
	/* The most items that up to so many rows can have; NULL: the kernel can't fill job.moments. */
	size_t (*most_moments)(const struct conv_geometry *g, size_t rows);
	void (*run)(const struct conv_job *job, size_t item, void *scratch);
};

extern const struct conv_kernel net_conv_small, net_conv_winograd, net_conv_gemm;

/* The gradient with respect to the input of any convolution: y [rows, in] from x = dy [rows, out], with the
 * geometry of the convolution itself and weights that aren't turned. */
extern const struct conv_kernel net_conv_phases;

/* The gradient with respect to the weights, in partial sums that are added in order. */
struct conv_weights_job {
	struct conv_geometry g;
	const struct kernels *kernels;
	size_t rows;
	const float *x;  /* [rows, in] */
	const float *dy; /* [rows, out] */
	float *partial;  /* [parts], each in the kernel's own form */
	float *shared;   /* what prepare() has made */
	struct conv_norm view; /* as in struct conv_job */
};

struct conv_weights_kernel {
	const char *name;
	/* Whether it can apply job.view; then so can the other two kernels of the same convolution, which also fill
	 * job.moments. */
	bool views;
	bool (*fits)(const struct conv_geometry *g);
	size_t (*scratch_bytes)(const struct conv_geometry *g); /* a thread's */
	size_t (*part_bytes)(const struct conv_geometry *g);
	size_t (*parts)(const struct conv_geometry *g, size_t rows);
	size_t (*most_parts)(const struct conv_geometry *g, size_t rows); /* for up to so many rows */
	/* Work that must be done before run() is called; all three NULL: none. Bytes: for up to so many rows. */
	size_t (*shared_bytes)(const struct conv_geometry *g, size_t rows);
	size_t (*prepare_items)(const struct conv_geometry *g, size_t rows);
	void (*prepare)(const struct conv_weights_job *job, size_t item, void *scratch);
	size_t (*items)(const struct conv_geometry *g, size_t rows);
	void (*run)(const struct conv_weights_job *job, size_t item, void *scratch);
	/* dw [out, in / groups, kernel, kernel] = the sum of the parts, in `reduce_items` items. */
	size_t (*reduce_items)(const struct conv_geometry *g);
	void (*reduce)(const struct conv_weights_job *job, float *dw, size_t item);
};

extern const struct conv_weights_kernel net_conv_weights_small, net_conv_weights_winograd,
    net_conv_weights_gemm;

/* ---- what the GEMM kernels share (conv_gather.c) ------------------------------------------ */

/*
 * What the pixels of a grid see of a picture: pixel (i, j) sees rows x columns pixels, the first of which is
 * (i step + top, j step + left), and zeros outside the picture.
 */
struct conv_view {
	struct myo_shape of;  /* the picture */
	size_t part;          /* channels that are seen: those of a group */
	size_t height, width; /* of the grid */
	ptrdiff_t top, left;
	size_t step, rows, columns;
};

/*
 * Where what is seen goes, [pixels, rows, columns, part] in all. It is divided into panels: the first `width` floats of
 * a pixel go to `to`, the next `width` to `to` + apart, and so on, followed by `pad` zeros. The next pixel is `pixel`
 * floats further on.
 */
struct conv_gathered {
	float *to;
	size_t width, apart, pixel, pad;
};

/* Gather for pixels [from, to) of the grid, counted over all rows. x points to the first channel of the group. */
void net_conv_gather(const struct conv_view *view, const float *x, size_t from, size_t to,
    const struct conv_gathered *out);

/* The offset of that part of x, in whole lines, which pixels [from, to) see, and its length in *floats; from < to. */
size_t net_conv_seen(const struct conv_view *view, size_t from, size_t to, size_t *floats);

static inline size_t
net_conv_group_in(const struct conv_geometry *g)
{
	return (size_t)g->in.channels / g->groups;
}

static inline size_t
net_conv_group_out(const struct conv_geometry *g)
{
	return (size_t)g->out.channels / g->groups;
}

/* What output pixels see of the input. */
static inline struct conv_view
net_conv_view(const struct conv_geometry *g)
{
	return (struct conv_view){ g->in, net_conv_group_in(g), (size_t)g->out.height, (size_t)g->out.width,
		-(ptrdiff_t)g->padding, -(ptrdiff_t)g->padding, g->stride, g->kernel, g->kernel };
}

/* Floats of all weights: kernel² in / groups × out. */
static inline size_t
net_conv_weights(const struct conv_geometry *g)
{
	return g->kernel * g->kernel * net_conv_group_in(g) * (size_t)g->out.channels;
}

#endif
