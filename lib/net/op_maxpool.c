/* Max pooling. Where several pixels share the maximum, the first in reading order gets the gradient. */
#include "net/pooling.h"

#include <math.h>
#include <string.h>

myo_node
myo_maxpool(struct myo_net *net, myo_node x, struct myo_pool2d pool)
{
	return net_add_pool(net, &net_op_maxpool, x, pool);
}

/* A row of the batch is pooled with best values in y and their pixels in the scratch space or kept. */
static int
plan(struct step *step, struct myo_err *err)
{
	size_t kept;

	step->need.scratch = (size_t)step->out.channels * sizeof(int32_t);
	if (!net_training(step))
		return MYO_OK;
	if (!myo_mul(step->plan->batch, net_elements(step->out) * sizeof(int32_t), &kept))
		return myo_fail_memory(err, SIZE_MAX);
	step->need.keep = kept; /* [rows, out]: the pixel of the input that won */
	return MYO_OK;
}

static void
pool_row(const struct step *step, const float *x, float *y, int32_t *which, bool keep)
{
	const size_t channels = (size_t)step->in.channels, width = (size_t)step->in.width;

	for (size_t oy = 0; oy < (size_t)step->out.height; oy++)
		for (size_t ox = 0; ox < (size_t)step->out.width; ox++) {
			const struct frame f = net_pool_frame(step, oy, ox);
			for (size_t c = 0; c < channels; c++) {
				y[c] = -INFINITY;
				which[c] = (int32_t)(f.y0 * width + f.x0);
			}
			for (size_t iy = f.y0; iy < f.y1; iy++)
				for (size_t ix = f.x0; ix < f.x1; ix++) {
					const size_t pixel = iy * width + ix;
					step->plan->kernels->larger(
					    x + pixel * channels, channels, (int32_t)pixel, y, which);
				}
			y += channels;
			which += keep ? channels : 0;
		}
}

static void
forward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const bool keep = net_training(step);

	for (size_t n = from; n < to; n++) {
		int32_t *which =
		    keep ? (int32_t *)step->keep + n * net_elements(step->out) : net_scratch(step, thread);
		pool_row(step, step->x[0] + n * net_elements(step->in), step->y + n * net_elements(step->out),
		    which, keep);
	}
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), forward_rows);
}

static void
backward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const size_t channels = (size_t)step->in.channels, pixels = net_pixels(step->out);

	(void)thread;
	for (size_t n = from; n < to; n++) {
		const int32_t *which = (const int32_t *)step->keep + n * net_elements(step->out);
		const float *dy = step->dy + n * net_elements(step->out);
		float *dx = step->dx[0] + n * net_elements(step->in);
		if (!step->add[0])
			memset(dx, 0, net_elements(step->in) * sizeof *dx);
		for (size_t p = 0; p < pixels; p++, which += channels, dy += channels)
			for (size_t c = 0; c < channels; c++)
				dx[(size_t)which[c] * channels + c] += dy[c];
	}
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), backward_rows);
}

const struct operation net_op_maxpool = {
	.name = "maxpool",
	.shape = net_pool_shape,
	.window = net_pool_window,
	.detail = net_pool_detail,
	.plan = plan,
	.forward = forward,
	.backward = backward,
};
