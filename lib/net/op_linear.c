/* y = W x + b on vectors. */
#include "net/gemm.h"
#include "net/operation.h"

#include <math.h>
#include <stdio.h>

enum { WEIGHT, BIAS };

/* Shape of a work item: rows of the batch, and outputs or inputs. */
enum { ROWS = 32, COLUMNS = 256 };

myo_node
myo_linear(struct myo_net *net, const char *name, myo_node x, int out, bool bias)
{
	const struct myo_shape in = myo_shape_of(net, x);

	if (!net->failed && in.channels > 0 && (in.height != 1 || in.width != 1))
		return net_refuse(net, name, "needs a vector, not %dx%dx%d (flatten it first)", in.height,
		    in.width, in.channels);
	if (out < 1)
		return net_refuse(net, name, "%d outputs", out);

	const size_t shape[2] = { (size_t)out, (size_t)in.channels };
	const double bound = in.channels > 0 ? 1 / sqrt(in.channels) : 0;
	const union settings set = { .linear = { shape[1], shape[0] } };
	const myo_node node = net_add_node(net, &net_op_linear, name, &set, 1, &x);

	if (node < 0 || !net_add_weight(net, WEIGHT, "weight", MYO_WEIGHT, 2, shape, START_UNIFORM, bound) ||
	    (bias && !net_add_weight(net, BIAS, "bias", MYO_BIAS, 1, shape, START_UNIFORM, bound)))
		return -1;
	return node;
}

static int
shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	if (net_elements(in[0]) != node->set.linear.in)
		return myo_fail(err, "expects %zu features and gets %zu", node->set.linear.in, net_elements(in[0]));
	*out = (struct myo_shape){ 1, 1, (int)node->set.linear.out };
	return MYO_OK;
}

static double
macs(const struct node *node, struct myo_shape in, struct myo_shape out)
{
	(void)in;
	(void)out;
	return (double)node->set.linear.in * (double)node->set.linear.out;
}

static void
detail(const struct node *node, char *text, size_t size)
{
	(void)snprintf(text, size, "%zu", node->set.linear.in);
}

static int
plan(struct step *step, struct myo_err *err)
{
	(void)err;
	step->need.x = true;
	step->need.backward = net_bias_bytes(step);
	return MYO_OK;
}

/* An item: some rows, some outputs. x [rows, in], W [out, in], y [rows, out]. */
static void
forward_item(void *context, size_t item, int thread)
{
	const struct step *step = context;
	const size_t ins = step->node->set.linear.in, outs = step->node->set.linear.out;
	const size_t across = net_blocks(outs, COLUMNS), row = item / across * ROWS, o = item % across * COLUMNS;
	const size_t rows = net_least(ROWS, step->plan->rows - row), columns = net_least(COLUMNS, outs - o);
	const struct myo_weight *weight = step->node->weight[WEIGHT], *bias = step->node->weight[BIAS];
	float *y = step->y + row * outs + o;

	(void)thread;
	net_gemm(step->plan->kernels, GEMM_PLAIN, GEMM_TRANSPOSED, rows, columns, ins, step->x[0] + row * ins,
	    ins, weight->value + o * ins, ins, false, y, outs);
	for (size_t n = 0; bias != NULL && n < rows; n++)
		step->plan->kernels->sum(y + n * outs, bias->value + o, y + n * outs, columns);
}

static void
forward(struct step *step)
{
	const size_t items = net_blocks(step->plan->rows, ROWS) * net_blocks(step->node->set.linear.out, COLUMNS);

	myo_pool_run(step->plan->pool, items, forward_item, step);
}

/* An item: some rows, some inputs. dx [rows, in] = dy [rows, out] W [out, in]. */
static void
backward_item(void *context, size_t item, int thread)
{
	const struct step *step = context;
	const size_t ins = step->node->set.linear.in, outs = step->node->set.linear.out;
	const size_t across = net_blocks(ins, COLUMNS), row = item / across * ROWS, i = item % across * COLUMNS;
	const size_t rows = net_least(ROWS, step->plan->rows - row), columns = net_least(COLUMNS, ins - i);

	(void)thread;
	net_gemm(step->plan->kernels, GEMM_PLAIN, GEMM_PLAIN, rows, columns, outs, step->dy + row * outs,
	    outs, step->node->weight[WEIGHT]->value + i, ins, step->add[0], step->dx[0] + row * ins + i, ins);
}

static void
backward(struct step *step)
{
	const size_t items = net_blocks(step->plan->rows, ROWS) * net_blocks(step->node->set.linear.in, COLUMNS);

	myo_pool_run(step->plan->pool, items, backward_item, step);
}

static double
constant(const struct node *node, size_t channel)
{
	return node->weight[BIAS] != NULL ? (double)node->weight[BIAS]->value[channel] : 0;
}

/* An item: some outputs, some inputs, all rows. dW [out, in] = dy^T x. */
static void
weights_item(void *context, size_t item, int thread)
{
	const struct step *step = context;
	const size_t ins = step->node->set.linear.in, outs = step->node->set.linear.out;
	const size_t across = net_blocks(ins, COLUMNS), o = item / across * COLUMNS, i = item % across * COLUMNS;
	const size_t rows = net_least(COLUMNS, outs - o), columns = net_least(COLUMNS, ins - i);

	(void)thread;
	net_gemm(step->plan->kernels, GEMM_TRANSPOSED, GEMM_PLAIN, rows, columns, step->plan->rows,
	    step->dy + o, outs, step->x[0] + i, ins, false,
	    step->node->weight[WEIGHT]->gradient + o * ins + i, ins);
}

static void
backward_weights(struct step *step)
{
	const size_t ins = step->node->set.linear.in, outs = step->node->set.linear.out;

	myo_pool_run(step->plan->pool, net_blocks(outs, COLUMNS) * net_blocks(ins, COLUMNS), weights_item, step);
	if (step->node->weight[BIAS] != NULL)
		net_bias_gradient(step, step->node->weight[BIAS]->gradient);
}

const struct operation net_op_linear = {
	.name = "linear",
	.ends_plane = true,
	.shape = shape,
	.macs = macs,
	.detail = detail,
	.plan = plan,
	.forward = forward,
	.backward = backward,
	.transpose = backward,
	.constant = constant,
	.backward_weights = backward_weights,
};
