/* A plugin's custom operation. */
#include "net/operation.h"

#include <stdlib.h>
#include <string.h>

myo_node
myo_custom_op(struct myo_net *net, myo_node x, const struct myo_custom *op)
{
	union settings set = { .factor = 0 };
	const char *name = op->name != NULL ? op->name : "custom";
	void *config = NULL;

	if (op->size != sizeof *op)
		return net_refuse(
		    net, name, "a struct myo_custom of %u bytes, not %zu", (unsigned)op->size, sizeof *op);
	if (op->shape == NULL || op->forward == NULL || op->backward == NULL)
		return net_refuse(net, name, "shape, forward and backward are all needed");
	if (op->config != NULL) {
		config = myo_calloc(op->config_size, 1, &net->err);
		if (config == NULL) {
			net->failed = true;
			return -1;
		}
		memcpy(config, op->config, op->config_size);
	}
	set.custom = *op;
	set.custom.config = config;
	set.custom.name = NULL; /* the node has it */
	const myo_node node = net_add_node(net, &net_op_custom, name, &set, 1, &x);
	if (node < 0)
		free(config);
	return node;
}

static int
shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	*out = (struct myo_shape){ 0, 0, 0 };
	return node->set.custom.shape(node->set.custom.config, in[0], out, err) == 0 ? MYO_OK : MYO_FAIL;
}

/* Rows of an item, which depend on the shape only. */
static size_t
chunk_of(const struct step *step)
{
	return net_chunk_of(net_elements(step->in) + net_elements(step->out));
}

static int
plan(struct step *step, struct myo_err *err)
{
	(void)err;
	step->need.x = true;
	step->need.y = true;
	/* The plugin's backward() sets dx; where dx has to be added to, it is computed here first. */
	if (net_training(step))
		step->need.scratch = chunk_of(step) * net_elements(step->in) * sizeof(float);
	return MYO_OK;
}

static void
forward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const struct myo_custom *op = &step->node->set.custom;

	(void)thread;
	op->forward(op->config, to - from, step->in, step->out, step->x[0] + from * net_elements(step->in),
	    step->y + from * net_elements(step->out));
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows, chunk_of(step), forward_rows);
}

static void
backward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const struct myo_custom *op = &step->node->set.custom;
	const size_t ins = net_elements(step->in), outs = net_elements(step->out);
	float *dx = step->dx[0] + from * ins;
	float *made = step->add[0] ? net_scratch(step, thread) : dx;

	op->backward(op->config, to - from, step->in, step->out, step->x[0] + from * ins,
	    step->y + from * outs, step->dy + from * outs, made);
	if (made != dx)
		step->plan->kernels->sum(dx, made, dx, (to - from) * ins);
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows, chunk_of(step), backward_rows);
}

const struct operation net_op_custom = {
	.name = "custom", .shape = shape, .plan = plan, .forward = forward, .backward = backward
};
