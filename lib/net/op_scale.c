/* y = factor x. */
#include "net/operation.h"

#include <math.h>
#include <stdio.h>

myo_node
myo_scale(struct myo_net *net, myo_node x, double factor)
{
	const union settings set = { .factor = factor };

	if (!isfinite(factor))
		return net_refuse(net, NULL, "scale: a factor of %g", factor);
	return net_add_node(net, &net_op_scale, NULL, &set, 1, &x);
}

static void
detail(const struct node *node, char *text, size_t size)
{
	(void)snprintf(text, size, "by %g", node->set.factor);
}

static void
forward_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	step->plan->kernels->scale(
	    step->x[0] + from, (float)step->node->set.factor, step->y + from, to - from, false);
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows * net_elements(step->out), net_chunk_of(1), forward_chunk);
}

static void
backward_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	step->plan->kernels->scale(
	    step->dy + from, (float)step->node->set.factor, step->dx[0] + from, to - from, step->add[0]);
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows * net_elements(step->out), net_chunk_of(1), backward_chunk);
}

const struct operation net_op_scale = {
	.name = "scale",
	.shape = net_same_shape,
	.detail = detail,
	.forward = forward,
	.backward = backward,
	.transpose = backward,
};
