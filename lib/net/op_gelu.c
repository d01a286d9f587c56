/* y = x Φ(x) with Φ(x) = (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel, 2016). */
#include "net/operation.h"

myo_node
myo_gelu(struct myo_net *net, myo_node x)
{
	return net_add_node(net, &net_op_gelu, NULL, NULL, 1, &x);
}

static int
plan(struct step *step, struct myo_err *err)
{
	(void)err;
	step->need.x = true;
	return MYO_OK;
}

static void
forward_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	step->plan->kernels->gelu(step->x[0] + from, step->y + from, to - from);
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
	step->plan->kernels->gelu_gradient(
	    step->x[0] + from, step->dy + from, step->dx[0] + from, to - from, step->add[0]);
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows * net_elements(step->out), net_chunk_of(1), backward_chunk);
}

const struct operation net_op_gelu = {
	.name = "gelu", .shape = net_same_shape, .plan = plan, .forward = forward, .backward = backward
};
