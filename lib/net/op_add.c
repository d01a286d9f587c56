/* y = a + b, of one shape. */
#include "net/operation.h"

myo_node
myo_add(struct myo_net *net, myo_node x, myo_node y)
{
	const myo_node inputs[2] = { x, y };

	return net_add_node(net, &net_op_add, NULL, NULL, 2, inputs);
}

static int
shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	(void)node;
	if (in[0].height != in[1].height || in[0].width != in[1].width || in[0].channels != in[1].channels)
		return myo_fail(err, "%dx%dx%d and %dx%dx%d can't be added", in[0].height, in[0].width,
		    in[0].channels, in[1].height, in[1].width, in[1].channels);
	*out = in[0];
	return MYO_OK;
}

static void
forward_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	step->plan->kernels->sum(step->x[0] + from, step->x[1] + from, step->y + from, to - from);
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows * net_elements(step->out), net_chunk_of(1), forward_chunk);
}

/* Both inputs get dy; if they are the same node, the second dy is added. */
static void
backward_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	for (int k = 0; k < 2; k++)
		if (step->dx[k] != NULL)
			step->plan->kernels->scale(step->dy + from, 1, step->dx[k] + from, to - from, step->add[k]);
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows * net_elements(step->out), net_chunk_of(1), backward_chunk);
}

const struct operation net_op_add = {
	.name = "add", .shape = shape, .forward = forward, .backward = backward
};
