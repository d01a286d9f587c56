/* What max and average pooling share: settings, shapes, and the pixels under a window. */
#include "net/pooling.h"

#include <stdio.h>

myo_node
net_add_pool(struct myo_net *net, const struct operation *op, myo_node x, struct myo_pool2d pool)
{
	pool.stride = pool.stride == 0 ? pool.kernel : pool.stride;
	const union settings set = { .pool = pool };

	/* A window must hold a pixel, so the padding is at most half of it, as in PyTorch. */
	if (pool.kernel < 1 || pool.stride < 1 || pool.padding < 0 || pool.padding > pool.kernel / 2)
		return net_refuse(net, NULL, "%s: kernel %d, stride %d, padding %d make no pooling", op->name,
		    pool.kernel, pool.stride, pool.padding);
	return net_add_node(net, op, NULL, &set, 1, &x);
}

static int
output_side(int side, const struct myo_pool2d *pool)
{
	const int64_t room = side + 2 * (int64_t)pool->padding - pool->kernel;

	return room < 0 ? 0 : (int)(room / pool->stride) + 1;
}

int
net_pool_shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	const struct myo_pool2d *pool = &node->set.pool;

	out->height = output_side(in[0].height, pool);
	out->width = output_side(in[0].width, pool);
	out->channels = in[0].channels;
	if (out->height == 0 || out->width == 0)
		return myo_fail(err, "a %dx%d window doesn't fit into %dx%d with padding %d", pool->kernel,
		    pool->kernel, in[0].height, in[0].width, pool->padding);
	return MYO_OK;
}

void
net_pool_window(const struct node *node, int *side, int *stride)
{
	*side = node->set.pool.kernel;
	*stride = node->set.pool.stride;
}

void
net_pool_detail(const struct node *node, char *text, size_t size)
{
	const struct myo_pool2d *pool = &node->set.pool;

	(void)snprintf(text, size, "%dx%d/%d", pool->kernel, pool->kernel, pool->stride);
}

/* Along one axis, the pixels [first, beyond) in the window of output o. */
static void
span(size_t o, const struct myo_pool2d *pool, int side, size_t *first, size_t *beyond)
{
	const size_t start = o * (size_t)pool->stride, end = start + (size_t)pool->kernel;
	const size_t padding = (size_t)pool->padding, edge = padding + (size_t)side;

	*first = start > padding ? start - padding : 0;
	*beyond = (end < edge ? end : edge) - padding;
}

struct frame
net_pool_frame(const struct step *step, size_t oy, size_t ox)
{
	const struct myo_pool2d *pool = &step->node->set.pool;
	struct frame f;

	span(oy, pool, step->in.height, &f.y0, &f.y1);
	span(ox, pool, step->in.width, &f.x0, &f.x1);
	return f;
}
