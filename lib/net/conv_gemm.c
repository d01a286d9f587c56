/*
 * Convolution as a matrix product: what each output pixel sees is gathered into a row
 * (im2col), and the rows of an item, few enough to stay in the second-level cache, are multiplied
 * with the weights.
 */
#include "net/conv.h"
#include "net/gemm.h"

#include <string.h>

/* The cache that an item's gathered rows should fit in, and pixels beyond which more don't help. */
enum { GATHER_FLOATS = 256 * 1024, PIXELS_MOST = 1024 };

size_t
net_conv_lines(const struct conv_geometry *g, size_t depth)
{
	const size_t height = (size_t)g->out.height, width = (size_t)g->out.width;
	const size_t fitting = GATHER_FLOATS / depth;
	const size_t pixels = fitting < PIXELS_MOST ? fitting : PIXELS_MOST;
	size_t lines = pixels / width > 0 ? pixels / width : 1;

	/* Whole rows of the batch, or an equal share of one, so that few items lie across two. */
	if (lines >= height)
		return lines / height * height;
	while (height % lines != 0)
		lines--;
	return lines;
}

/* One pixel's view: kernel rows ky0 … ky1 - 1, each one run of neighbouring pixels, cut at the edges. */
static float *
gather_pixel(const struct conv_geometry *g, const float *image, size_t oy, size_t ox, size_t ky0, size_t ky1,
    float *out)
{
	const size_t channels = (size_t)g->in.channels, width = (size_t)g->in.width;
	const size_t part = net_conv_group_in(g), run = g->kernel * part;
	const size_t left = ox * g->stride; /* in padded coordinates */
	const size_t first = left < g->padding ? g->padding - left : 0;
	const size_t beyond = g->padding + width;
	const size_t last = left + g->kernel > beyond ? (beyond > left ? beyond - left : 0) : g->kernel;

	for (size_t ky = ky0; ky < ky1; ky++, out += run) {
		const size_t y = oy * g->stride + ky;
		if (y < g->padding || y >= g->padding + (size_t)g->in.height || first >= last) {
			memset(out, 0, run * sizeof *out);
			continue;
		}
		const float *from = image + ((y - g->padding) * width + left + first - g->padding) * channels;
		memset(out, 0, first * part * sizeof *out);
		if (g->groups == 1) {
			memcpy(out + first * part, from, (last - first) * part * sizeof *out);
		} else {
			for (size_t kx = first; kx < last; kx++, from += channels)
				memcpy(out + kx * part, from, part * sizeof *out);
		}
		memset(out + last * part, 0, (g->kernel - last) * part * sizeof *out);
	}
	return out;
}

void
net_conv_gather(const struct conv_geometry *g, const float *x, size_t group, size_t ky0, size_t ky1,
    size_t from, size_t to, float *out)
{
	const size_t height = (size_t)g->out.height, width = (size_t)g->out.width;

	for (size_t line = from; line < to; line++) {
		const float *image = x + line / height * net_elements(g->in) + group * net_conv_group_in(g);
		for (size_t ox = 0; ox < width; ox++)
			out = gather_pixel(g, image, line % height, ox, ky0, ky1, out);
	}
}

static bool
fits_all(const struct conv_geometry *g)
{
	(void)g;
	return true;
}

size_t
net_conv_packed_bytes(const struct conv_geometry *g)
{
	return net_conv_weights(g) * sizeof(float);
}

static size_t
depth_of(const struct conv_geometry *g)
{
	return g->kernel * g->kernel * net_conv_group_in(g);
}

static size_t
scratch_bytes(const struct conv_geometry *g)
{
	if (net_conv_pointwise(g))
		return 0;
	return net_conv_lines(g, depth_of(g)) * (size_t)g->out.width * depth_of(g) * sizeof(float);
}

size_t
net_conv_pack_items(const struct conv_geometry *g)
{
	return g->kernel * g->kernel * g->groups;
}

void
net_conv_pack(const struct conv_job *job, const float *w, bool turned, float *packed, size_t item)
{
	const struct conv_geometry *g = &job->g;
	const size_t places = g->kernel * g->kernel, place = item % places, group = item / places;
	const size_t ins = net_conv_group_in(g), outs = net_conv_group_out(g);
	float *to = packed + item * ins * outs;

	if (!turned) {
		const float *from = w + group * outs * ins * places + place;
		for (size_t i = 0; i < ins; i++)
			for (size_t o = 0; o < outs; o++)
				to[i * outs + o] = from[(o * ins + i) * places];
	} else {
		/* w [groups, ins, outs, places] in our terms: its outputs are our inputs. */
		const float *from = w + group * outs * ins * places + (places - 1 - place);
		for (size_t i = 0; i < ins; i++)
			for (size_t o = 0; o < outs; o++)
				to[i * outs + o] = from[(i * outs + o) * places];
	}
}

static size_t
items(const struct conv_geometry *g, size_t rows)
{
	const size_t lines = net_conv_lines(g, depth_of(g));

	return (rows * (size_t)g->out.height + lines - 1) / lines;
}

static void
run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const size_t depth = depth_of(g), lines = net_conv_lines(g, depth);
	const size_t all = job->rows * (size_t)g->out.height;
	const size_t from = item * lines, to = from + lines < all ? from + lines : all;
	const size_t width = (size_t)g->out.width, pixels = (to - from) * width;
	const size_t channels = (size_t)g->out.channels, outs = net_conv_group_out(g);
	float *y = job->y + from * width * channels; /* [pixels, channels] */

	for (size_t group = 0; group < g->groups; group++) {
		const float *seen = scratch; /* [pixels, depth] */
		size_t step = depth;
		if (net_conv_pointwise(g)) {
			seen = job->x + from * width * (size_t)g->in.channels + group * net_conv_group_in(g);
			step = (size_t)g->in.channels;
		} else {
			net_conv_gather(g, job->x, group, 0, g->kernel, from, to, scratch);
		}
		net_gemm(job->kernels, GEMM_PLAIN, GEMM_PLAIN, pixels, outs, depth, seen, step,
		    job->packed + group * depth * outs, outs, job->add, y + group * outs, channels);
	}
	if (job->finish)
		job->kernels->affine(y, job->after.add ? job->r + from * width * channels : NULL, y, pixels,
		    channels, job->scale, job->shift, job->after);
}

const struct conv_kernel net_conv_gemm = {
	.name = "gemm",
	.fits = fits_all,
	.packed_bytes = net_conv_packed_bytes,
	.scratch_bytes = scratch_bytes,
	.pack_items = net_conv_pack_items,
	.pack = net_conv_pack,
	.items = items,
	.run = run,
};

/* ---- the gradient by the input where the stride leaves gaps ------------------------------- */

/*
 * A pixel's dy times the weights is what its view gets of the gradient; views overlap, so an
 * item is a row of the batch, whose pixels are added up in order (col2im).
 */
static size_t
scatter_items(const struct conv_geometry *g, size_t rows)
{
	(void)g;
	return rows;
}

/* Add one pixel's share [kernel, kernel, in / groups] to the image it saw. */
static void
scatter_pixel(const struct conv_job *job, const float *share, float *image, size_t oy, size_t ox)
{
	const struct conv_geometry *g = &job->g;
	const size_t channels = (size_t)g->in.channels, width = (size_t)g->in.width;
	const size_t part = net_conv_group_in(g);

	for (size_t ky = 0; ky < g->kernel; ky++)
		for (size_t kx = 0; kx < g->kernel; kx++, share += part) {
			const size_t y = oy * g->stride + ky, x = ox * g->stride + kx;
			if (y < g->padding || y >= g->padding + (size_t)g->in.height || x < g->padding ||
			    x >= g->padding + width)
				continue;
			float *to = image + ((y - g->padding) * width + x - g->padding) * channels;
			job->kernels->sum(to, share, to, part);
		}
}

static void
scatter_run(const struct conv_job *job, size_t item, void *scratch)
{
	const struct conv_geometry *g = &job->g;
	const size_t depth = depth_of(g), height = (size_t)g->out.height, width = (size_t)g->out.width;
	const size_t most = net_conv_lines(g, depth), lines = most < height ? most : height;
	const size_t channels = (size_t)g->out.channels, outs = net_conv_group_out(g);
	const float *dy = job->x + item * net_elements(g->out);
	float *dx = job->y + item * net_elements(g->in);

	if (!job->add)
		memset(dx, 0, net_elements(g->in) * sizeof *dx);
	for (size_t group = 0; group < g->groups; group++)
		for (size_t from = 0; from < height; from += lines) {
			const size_t to = from + lines < height ? from + lines : height;
			const float *share = scratch; /* [pixels, depth] */
			net_gemm(job->kernels, GEMM_PLAIN, GEMM_TRANSPOSED, (to - from) * width, depth, outs,
			    dy + from * width * channels + group * outs, channels,
			    job->packed + group * depth * outs, outs, false, scratch, depth);
			for (size_t oy = from; oy < to; oy++)
				for (size_t ox = 0; ox < width; ox++, share += depth)
					scatter_pixel(job, share, dx + group * net_conv_group_in(g), oy, ox);
		}
}

static size_t
scatter_scratch(const struct conv_geometry *g)
{
	return net_conv_lines(g, depth_of(g)) * (size_t)g->out.width * depth_of(g) * sizeof(float);
}

const struct conv_kernel net_conv_scatter = {
	.name = "scatter",
	.fits = fits_all,
	.packed_bytes = net_conv_packed_bytes,
	.scratch_bytes = scatter_scratch,
	.pack_items = net_conv_pack_items,
	.pack = net_conv_pack,
	.items = scatter_items,
	.run = scatter_run,
};
