/* Max pooling. Where several pixels share the maximum, the first in reading order gets the gradient. */
#include "net/pooling.h"

#include <math.h>
#include <string.h>

myo_node
myo_maxpool(struct myo_net *net, myo_node x, struct myo_pool2d pool)
{
	return net_add_pool(net, &net_op_maxpool, x, pool);
}

/* Adjacent 2x2 windows, by far the most frequent, have loops of their own. */
static bool
halves(const struct step *step)
{
	const struct myo_pool2d *pool = &step->node->set.pool;

	return pool->kernel == 2 && pool->stride == 2 && pool->padding == 0;
}

/* Bytes to note the winner of a window: a pixel of the input, or for 2x2 one of four. */
static size_t
winner_bytes(const struct step *step)
{
	return halves(step) ? sizeof(uint8_t) : sizeof(int32_t);
}

/* A row of the batch is pooled into y; the pixels that won go to memory that is kept, or to scratch space. */
static int
plan(struct step *step, struct myo_err *err)
{
	const size_t line = halves(step) ? (size_t)step->out.width : 1; /* pixels that the scratch space holds */
	size_t kept;

	step->need.scratch = line * (size_t)step->out.channels * winner_bytes(step);
	if (!net_training(step))
		return MYO_OK;
	if (!myo_mul(step->plan->batch, net_elements(step->out) * winner_bytes(step), &kept))
		return myo_fail_memory(err, SIZE_MAX);
	step->need.keep = kept; /* [rows, out]: who won */
	return MYO_OK;
}

/* The same for 2x2; an odd last line or column is ignored. */
static void
halve_row(const struct step *step, const float *x, float *y, uint8_t *which, bool keep)
{
	const size_t channels = (size_t)step->in.channels, width = (size_t)step->out.width;
	const size_t row = (size_t)step->in.width * channels;

	for (int line = 0; line < step->out.height; line++, x += 2 * row, y += width * channels) {
		step->plan->kernels->pool_which(x, row, y, which, width, channels);
		which += keep ? width * channels : 0;
	}
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
		const float *x = step->x[0] + n * net_elements(step->in);
		float *y = step->y + n * net_elements(step->out);
		void *which = keep ? (unsigned char *)step->keep + n * net_elements(step->out) * winner_bytes(step)
				   : net_scratch(step, thread);
		if (halves(step))
			halve_row(step, x, y, which, keep);
		else
			pool_row(step, x, y, which, keep);
	}
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), forward_rows);
}

static void
unhalve_row(const struct step *step, const float *dy, const uint8_t *which, float *dx)
{
	const size_t channels = (size_t)step->in.channels, width = (size_t)step->out.width;
	const size_t row = (size_t)step->in.width * channels, pooled = 2 * width * channels;
	const size_t left = (size_t)(step->in.height - 2 * step->out.height) * row;

	for (int line = 0; line < step->out.height; line++, dx += 2 * row, dy += width * channels,
	    which += width * channels) {
		step->plan->kernels->unpool(dy, which, dx, row, width, channels, step->add[0]);
		if (!step->add[0] && pooled < row) {
			memset(dx + pooled, 0, (row - pooled) * sizeof *dx);
			memset(dx + row + pooled, 0, (row - pooled) * sizeof *dx);
		}
	}
	if (!step->add[0])
		memset(dx, 0, left * sizeof *dx);
}

static void
backward_halves(struct step *step, size_t from, size_t to, int thread)
{
	const size_t in = net_elements(step->in), out = net_elements(step->out);

	(void)thread;
	for (size_t n = from; n < to; n++)
		unhalve_row(step, step->dy + n * out, (const uint8_t *)step->keep + n * out, step->dx[0] + n * in);
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
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)),
	    halves(step) ? backward_halves : backward_rows);
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
