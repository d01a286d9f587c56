/* y = max(x, 0). */
#include "net/operation.h"

myo_node
myo_relu(struct myo_net *net, myo_node x)
{
	return net_add_node(net, &net_op_relu, NULL, NULL, 1, &x);
}

static int
plan(struct step *step, struct myo_err *err)
{
	(void)err;
	step->need.y = true;
	return MYO_OK;
}

static void
forward_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	step->plan->kernels->relu(step->x[0] + from, step->y + from, to - from);
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
	step->plan->kernels->gate(step->y + from, step->dy + from, step->dx[0] + from, to - from, step->add[0]);
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows * net_elements(step->out), net_chunk_of(1), backward_chunk);
}

const struct operation net_op_relu = {
	.name = "relu", .shape = net_same_shape, .plan = plan, .forward = forward, .backward = backward
};
