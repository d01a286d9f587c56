/*
 * From nodes to steps: which nodes are fused into one pass over the activations.
 *
 * A normalisation is fused with the element-wise operations that follow it: ReLU, a residual addition, ReLU; or ReLU
 * and pooling by 2x2. In prediction a convolution is fused with these, and with the normalisation between.
 * A node is fused with the one before it only if no other node reads that one's result. A step runs in the place of its
 * last node, where all that it reads has been computed.
 */
#include "net/operation.h"

#include <stdlib.h>

struct users {
	int count, last;
};

/* The only reader of a node, or NULL. */
static const struct node *
sole_user(const struct myo_net *net, const struct users *users, int node)
{
	if (node == net->output || users[node].count != 1)
		return NULL;
	return &net->nodes[users[node].last];
}

/* Fuse a ReLU that is the only reader of the step's result. */
static bool
take_relu(const struct myo_net *net, const struct users *users, bool *taken, struct step *step)
{
	const struct node *next = sole_user(net, users, step->output);

	if (next == NULL || next->op != &net_op_relu)
		return false;
	step->output = (int)(next - net->nodes);
	taken[step->output] = true;
	return true;
}

static bool
take_add(const struct myo_net *net, const struct users *users, bool *taken, struct step *step)
{
	const struct node *next = sole_user(net, users, step->output);

	if (next == NULL || next->op != &net_op_add || taken[next - net->nodes])
		return false;
	step->input[1] = next->input[next->input[0] == step->output ? 1 : 0];
	step->inputs = 2;
	step->output = (int)(next - net->nodes);
	taken[step->output] = true;
	return true;
}

/* Fuse pooling by 2x2 that is the only reader of the step's result. */
static bool
take_pool(const struct myo_plan *plan, const struct users *users, bool *taken, struct step *step)
{
	const struct node *next = sole_user(plan->net, users, step->output);
	const struct myo_shape shape = plan->values[step->output].shape;

	if (next == NULL || next->op != &net_op_maxpool || shape.height % 2 != 0 || shape.width % 2 != 0 ||
	    next->set.pool.kernel != 2 || next->set.pool.stride != 2 || next->set.pool.padding != 0 ||
	    !step->node->op->pools(step))
		return false;
	step->output = (int)(next - plan->net->nodes);
	taken[step->output] = true;
	return true;
}

static void
take_followers(const struct myo_plan *plan, const struct users *users, bool *taken, struct step *step)
{
	const struct myo_net *net = plan->net;
	const bool conv = step->node->op == &net_op_conv && plan->mode != MYO_TRAIN;

	if (conv) {
		const struct node *next = sole_user(net, users, step->output);
		if (next != NULL && next->op == &net_op_batchnorm) {
			step->norm = next;
			step->output = (int)(next - net->nodes);
			taken[step->output] = true;
		}
	}
	if (!conv && step->node->op != &net_op_batchnorm)
		return;
	step->tail.relu = take_relu(net, users, taken, step);
	step->tail.add = take_add(net, users, taken, step);
	step->tail.relu_after = step->tail.add && take_relu(net, users, taken, step);
	step->tail.pool = !step->tail.add && take_pool(plan, users, taken, step);
}

static int
by_output(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return x->output < y->output ? -1 : x->output > y->output;
}

int
net_plan_steps(struct myo_plan *plan, struct myo_err *err)
{
	const struct myo_net *net = plan->net;
	bool *used = myo_calloc(net->node_count, sizeof *used, err);
	bool *taken = myo_calloc(net->node_count, sizeof *taken, err);
	struct users *users = myo_calloc(net->node_count, sizeof *users, err);
	int rc = MYO_FAIL;

	plan->steps = myo_calloc(net->node_count, sizeof *plan->steps, err);
	if (used == NULL || taken == NULL || users == NULL || plan->steps == NULL)
		goto done;
	net_mark_used(net, used);
	for (size_t i = 0; i < net->node_count; i++)
		for (int k = 0; used[i] && k < net->nodes[i].inputs; k++)
			users[net->nodes[i].input[k]] =
			    (struct users){ users[net->nodes[i].input[k]].count + 1, (int)i };

	for (size_t i = 1; i < net->node_count; i++) { /* the input needs no step */
		const struct node *node = &net->nodes[i];
		if (!used[i] || taken[i])
			continue;
		struct step *step = &plan->steps[plan->step_count++];
		step->plan = plan;
		step->node = node;
		step->inputs = node->inputs;
		for (int k = 0; k < node->inputs; k++)
			step->input[k] = node->input[k];
		step->output = (int)i;
		step->in = plan->values[node->input[0]].shape;
		step->out = plan->values[i].shape;
		if (node->op->macs != NULL)
			step->macs = node->op->macs(node, step->in, step->out);
		take_followers(plan, users, taken, step);
	}
	qsort(plan->steps, plan->step_count, sizeof *plan->steps, by_output);
	rc = MYO_OK;
done:
	free(users);
	free(taken);
	free(used);
	return rc;
}
