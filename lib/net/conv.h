/*
 * conv.h - private to the room: kernels for convolution.
 *
 * A convolution needs three computations: the result, the gradient by the input, and the gradient
 * by the weights. With stride 1 the second is itself a convolution, of dy with the kernel
 * turned round and inputs and outputs exchanged, so kernels of the first kind do both.
 * A kernel cuts its work into items of a fixed shape; op_conv.c chooses kernels and shares out
 * the items. A new way to convolve is a file with one struct, and a line in op_conv.c.
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
 * A normalisation with or without ReLU, v = relu(scale[c] x + shift[c]), of whose result only this convolution
 * knows: x is what goes into it. scale NULL: there is none.
 */
struct conv_norm {
	const float *x, *scale, *shift, *mean;
	bool relu;
};

/* One computation on `rows` rows; x and y as its kernel says. */
struct conv_job {
	struct conv_geometry g;
	const struct kernels *kernels;
	size_t rows;
	const float *x;
	const float *packed;
	float *y;
	bool add; /* add to y instead of setting it */

	/* What a forward kernel does to an item's results while they are in the cache. */
	bool finish;
	const float *scale, *shift; /* [out channels] */
	const float *r;             /* shape of y; where after.add */
	struct after after;         /* after.pool: y has half the height and width, even in `out` */

	struct conv_norm view; /* the kernel is given view.x as x and applies the rest itself */

	/*
	 * Not NULL: [items, 2, out channels], each item's sums for a normalisation. Of results and their squares;
	 * or, where the results are the gradient by what `norm` makes, of g and g (x - mean) with g the results
	 * that its ReLU lets through.
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
	 * Bring weights into the kernel's form, in `pack_items` items. w [out, in / groups, kernel, kernel];
	 * turned: w is that of the convolution whose gradient by the input this one is.
	 */
	size_t (*pack_items)(const struct conv_geometry *g);
	void (*pack)(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item);

	size_t (*items)(const struct conv_geometry *g, size_t rows);
	/* Items that may be for up to so many rows; NULL: the kernel knows nothing of moments. */
	size_t (*most_moments)(const struct conv_geometry *g, size_t rows);
	void (*run)(const struct conv_job *job, size_t item, void *scratch);
};

extern const struct conv_kernel net_conv_small, net_conv_winograd, net_conv_gemm;

/* The gradient by the input of any convolution, y [rows, in] from x = dy [rows, out], in one geometry: the
 * convolution's own, and weights not turned. */
extern const struct conv_kernel net_conv_phases;

/* The gradient by the weights, in partial sums that are added in order. */
struct conv_weights_job {
	struct conv_geometry g;
	const struct kernels *kernels;
	size_t rows;
	const float *x;  /* [rows, in] */
	const float *dy; /* [rows, out] */
	float *partial;  /* [parts], each in the kernel's own form */
	float *shared;   /* what prepare() makes */
	struct conv_norm view; /* as above */
};

struct conv_weights_kernel {
	const char *name;
	/* It applies job.view. So do the kernels for the same convolution both ways, and gather moments for
	 * job.norm. */
	bool views;
	bool (*fits)(const struct conv_geometry *g);
	size_t (*scratch_bytes)(const struct conv_geometry *g); /* a thread's */
	size_t (*part_bytes)(const struct conv_geometry *g);
	size_t (*parts)(const struct conv_geometry *g, size_t rows);
	size_t (*most_parts)(const struct conv_geometry *g, size_t rows); /* for up to so many rows */
	/* Work before run(), for all its items; all three NULL: none. Bytes are for up to so many rows. */
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
 * What a grid of pixels sees of a picture: pixel (i, j) sees rows x columns pixels, the first being
 * (i step + top, j step + left), and zeros where there are none.
 */
struct conv_view {
	struct myo_shape of;
	size_t part;          /* channels seen: those of a group */
	size_t height, width; /* of the grid */
	ptrdiff_t top, left;
	size_t step, rows, columns;
};

/*
 * Where what is seen goes, [pixels, rows, columns, part] in all: the first `width` floats of each pixel to
 * `to`, the next `width` to `to` + apart, and so on; from pixel to pixel, `pixel` floats. `pad` zeros follow
 * after the last.
 */
struct conv_gathered {
	float *to;
	size_t width, apart, pixel, pad;
};

/* Gather for pixels [from, to) of the grid, counted over all rows. x: at the first channel of the group. */
void net_conv_gather(const struct conv_view *view, const float *x, size_t from, size_t to,
    const struct conv_gathered *out);

/* The stretch of x, whole lines of all channels, that pixels [from, to) see, at least one: its offset. */
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
