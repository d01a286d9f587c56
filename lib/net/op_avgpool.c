/* Average pooling: by windows, and to a fixed grid. Padding is left out of an average. */
#include "net/pooling.h"

#include <stdio.h>
#include <string.h>

myo_node
myo_avgpool(struct myo_net *net, myo_node x, struct myo_pool2d pool)
{
	return net_add_pool(net, &net_op_avgpool, x, pool);
}

myo_node
myo_adaptive_avgpool(struct myo_net *net, myo_node x, int height, int width)
{
	const union settings set = { .grid = { height, width } };

	if (height < 1 || width < 1)
		return net_refuse(net, NULL, "adaptive: a grid of %dx%d", height, width);
	return net_add_node(net, &net_op_adaptive, NULL, &set, 1, &x);
}

static int
adaptive_shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	(void)err;
	*out = (struct myo_shape){ node->set.grid.height, node->set.grid.width, in[0].channels };
	return MYO_OK;
}

static void
adaptive_detail(const struct node *node, char *text, size_t size)
{
	(void)snprintf(text, size, "avg to %dx%d", node->set.grid.height, node->set.grid.width);
}

/* The pixels under a cell: floor(i side / n) to ceil((i + 1) side / n) - 1. */
static struct frame
adaptive_frame(const struct step *step, size_t oy, size_t ox)
{
	const size_t height = (size_t)step->in.height, width = (size_t)step->in.width;
	const size_t rows = (size_t)step->out.height, columns = (size_t)step->out.width;

	return (struct frame){ oy * height / rows, ((oy + 1) * height + rows - 1) / rows,
		ox * width / columns, ((ox + 1) * width + columns - 1) / columns };
}

static struct frame
frame_of(const struct step *step, size_t oy, size_t ox)
{
	return step->node->op == &net_op_adaptive ? adaptive_frame(step, oy, ox)
						  : net_pool_frame(step, oy, ox);
}

static float
share_of(struct frame f)
{
	return 1 / (float)((f.y1 - f.y0) * (f.x1 - f.x0));
}

static void
average(const struct step *step, const float *x, struct frame f, float *y)
{
	const size_t channels = (size_t)step->in.channels, width = (size_t)step->in.width;
	const struct kernels *kernels = step->plan->kernels;

	memset(y, 0, channels * sizeof *y);
	for (size_t iy = f.y0; iy < f.y1; iy++)
		for (size_t ix = f.x0; ix < f.x1; ix++)
			kernels->sum(y, x + (iy * width + ix) * channels, y, channels);
	const float share = share_of(f);
	for (size_t c = 0; c < channels; c++)
		y[c] *= share;
}

static void
forward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const size_t channels = (size_t)step->in.channels;
	const size_t height = (size_t)step->out.height, width = (size_t)step->out.width;

	(void)thread;
	for (size_t n = from; n < to; n++) {
		const float *x = step->x[0] + n * net_elements(step->in);
		float *y = step->y + n * net_elements(step->out);
		for (size_t o = 0; o < height * width; o++)
			average(step, x, frame_of(step, o / width, o % width), y + o * channels);
	}
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), forward_rows);
}

static void
spread(const struct step *step, float *dx, struct frame f, const float *dy)
{
	const size_t channels = (size_t)step->in.channels, width = (size_t)step->in.width;
	const float share = share_of(f);

	for (size_t iy = f.y0; iy < f.y1; iy++)
		for (size_t ix = f.x0; ix < f.x1; ix++)
			step->plan->kernels->scale(dy, share, dx + (iy * width + ix) * channels, channels, true);
}

static void
backward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const size_t channels = (size_t)step->in.channels;
	const size_t height = (size_t)step->out.height, width = (size_t)step->out.width;

	(void)thread;
	for (size_t n = from; n < to; n++) {
		const float *dy = step->dy + n * net_elements(step->out);
		float *dx = step->dx[0] + n * net_elements(step->in);
		if (!step->add[0])
			memset(dx, 0, net_elements(step->in) * sizeof *dx);
		for (size_t o = 0; o < height * width; o++)
			spread(step, dx, frame_of(step, o / width, o % width), dy + o * channels);
	}
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), backward_rows);
}

const struct operation net_op_avgpool = {
	.name = "avgpool",
	.shape = net_pool_shape,
	.window = net_pool_window,
	.detail = net_pool_detail,
	.forward = forward,
	.backward = backward,
	.transpose = backward,
};

const struct operation net_op_adaptive = {
	.name = "adaptive",
	.ends_plane = true,
	.shape = adaptive_shape,
	.detail = adaptive_detail,
	.forward = forward,
	.backward = backward,
	.transpose = backward,
};
