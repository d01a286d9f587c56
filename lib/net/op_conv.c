/* Convolution: the operation, and the choice of kernels for it. */
#include "net/conv.h"
#include "net/operation.h"

#include <math.h>
#include <stdio.h>

/* The first that fits is taken; with plain kernels always the last, a matrix product. */
static const struct conv_kernel *const forward_kernels[] = { &net_conv_winograd, &net_conv_small,
	&net_conv_gemm };
static const struct conv_weights_kernel *const weights_kernels[] = { &net_conv_weights_winograd,
	&net_conv_weights_small, &net_conv_weights_gemm };

enum { WEIGHT, BIAS };

myo_node
myo_conv2d(struct myo_net *net, const char *name, myo_node x, struct myo_conv conv)
{
	conv.stride = conv.stride == 0 ? 1 : conv.stride;
	conv.groups = conv.groups == 0 ? 1 : conv.groups;
	const struct myo_shape in = myo_shape_of(net, x);

	if (net->failed || in.channels == 0)
		return net_refuse(net, name, "reads a node that isn't there");
	if (conv.out < 1 || conv.kernel < 1 || conv.stride < 1 || conv.padding < 0 || conv.groups < 1)
		return net_refuse(net, name,
		    "out %d, kernel %d, stride %d, padding %d, groups %d make no convolution", conv.out,
		    conv.kernel, conv.stride, conv.padding, conv.groups);
	if (conv.out % conv.groups != 0 || in.channels % conv.groups != 0)
		return net_refuse(net, name, "%d inputs and %d outputs can't be split into %d groups",
		    in.channels, conv.out, conv.groups);

	if (conv.start < MYO_START_HE || conv.start > MYO_START_WHITEN)
		return net_refuse(net, name, "there is no initial value %d", (int)conv.start);
	const double under = (double)in.channels * conv.kernel * conv.kernel;
	if (conv.start == MYO_START_WHITEN && (x != 0 || conv.groups != 1 || conv.out != 2 * under))
		return net_refuse(net, name,
		    "only a convolution of the images whitens, with %.0f outputs, twice the numbers under its kernel",
		    2 * under);

	const size_t side = (size_t)conv.kernel;
	const size_t shape[4] = { (size_t)conv.out, (size_t)(in.channels / conv.groups), side, side };
	const size_t channels[1] = { (size_t)conv.out };
	const double fan_out = (double)conv.out * conv.kernel * conv.kernel / conv.groups;
	const union settings set = { .conv = conv };
	const myo_node node = net_add_node(net, &net_op_conv, name, &set, 1, &x);

	const enum net_start start = conv.start == MYO_START_IDENTITY ? START_IDENTITY : START_NORMAL;
	if (node < 0 || !net_add_weight(net, WEIGHT, "weight", MYO_WEIGHT, 4, shape, start, sqrt(2 / fan_out)))
		return -1;
	net->parameters[net->parameter_count - 1]->groups = (size_t)conv.groups;
	net->nodes[node].weight[WEIGHT]->frozen = conv.frozen;
	if (conv.bias && !net_add_weight(net, BIAS, "bias", MYO_BIAS, 1, channels, START_ZERO, 0))
		return -1;
	return node;
}

/* Output side, or 0 when the kernel doesn't fit. */
static int
output_side(int side, const struct myo_conv *conv)
{
	const int64_t room = side + 2 * (int64_t)conv->padding - conv->kernel;

	return room < 0 || room > INT32_MAX ? 0 : (int)(room / conv->stride) + 1;
}

static int
shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	const struct myo_conv *conv = &node->set.conv;

	out->height = output_side(in->height, conv);
	out->width = output_side(in->width, conv);
	out->channels = conv->out;
	if (out->height == 0 || out->width == 0)
		return myo_fail(err, "a %dx%d kernel doesn't fit into %dx%d with padding %d", conv->kernel,
		    conv->kernel, in->height, in->width, conv->padding);
	return MYO_OK;
}

static void
window(const struct node *node, int *side, int *stride)
{
	*side = node->set.conv.kernel;
	*stride = node->set.conv.stride;
}

static double
macs(const struct node *node, struct myo_shape in, struct myo_shape out)
{
	const struct myo_conv *conv = &node->set.conv;

	return (double)net_elements(out) * (in.channels / conv->groups) * conv->kernel * conv->kernel;
}

static void
detail(const struct node *node, char *text, size_t size)
{
	const struct myo_conv *conv = &node->set.conv;
	static const char *const starts[] = { "", " identity", " whiten" };
	char stride[16] = "", groups[24] = "";

	if (conv->stride > 1)
		(void)snprintf(stride, sizeof stride, "/%d", conv->stride);
	if (conv->groups > 1)
		(void)snprintf(groups, sizeof groups, " by %d", conv->groups);
	(void)snprintf(text, size, "%dx%d%s%s%s%s", conv->kernel, conv->kernel, stride, groups,
	    starts[conv->start], conv->frozen ? " frozen" : "");
}

static struct conv_geometry
geometry(const struct step *step)
{
	const struct myo_conv *conv = &step->node->set.conv;

	return (struct conv_geometry){ step->in, step->out, (size_t)conv->kernel, (size_t)conv->stride,
		(size_t)conv->padding, (size_t)conv->groups };
}

static const struct conv_kernel *
choose(const struct kernels *kernels, const struct conv_geometry *g)
{
	size_t i = kernels->plain ? MYO_COUNT(forward_kernels) - 1 : 0;

	while (!forward_kernels[i]->fits(g))
		i++;
	return forward_kernels[i];
}

static const struct conv_weights_kernel *
choose_weights(const struct kernels *kernels, const struct conv_geometry *g)
{
	size_t i = kernels->plain ? MYO_COUNT(weights_kernels) - 1 : 0;

	while (!weights_kernels[i]->fits(g))
		i++;
	return weights_kernels[i];
}

/* The kernel that computes dx from dy; *g becomes the geometry that it wants. */
static const struct conv_kernel *
choose_input(const struct kernels *kernels, struct conv_geometry *g)
{
	if (g->stride > 1 || g->padding >= g->kernel)
		return &net_conv_phases;
	const struct myo_shape in = g->in;
	g->in = g->out;
	g->out = in;
	g->padding = g->kernel - 1 - g->padding;
	return choose(kernels, g);
}

/* Bytes, before the packed weights, for the scale and the shift that finish a result, [2, out]. */
static size_t
finish_bytes(const struct conv_geometry *g)
{
	return ((size_t)g->out.channels * 2 * sizeof(float) + 63) / 64 * 64;
}

static const struct myo_weight *
bias_of(const struct step *step)
{
	return step->node->weight[BIAS];
}

/* Whether all three kernels support it: the forward one, that of the weights, and, for the sums, the one for dx. */
static bool
views(const struct step *step)
{
	const struct kernels *kernels = step->plan->kernels;
	const struct conv_geometry g = geometry(step);
	struct conv_geometry turned = g;

	return choose(kernels, &g)->most_moments != NULL && choose_weights(kernels, &g)->views &&
	    choose_input(kernels, &turned)->most_moments != NULL;
}

static bool
pools(const struct step *step)
{
	const struct conv_geometry g = geometry(step);

	const struct conv_kernel *kernel = choose(step->plan->kernels, &g);

	return kernel->pools != NULL && kernel->pools(&g);
}

static struct conv_norm
norm_of(const struct step *norm)
{
	if (norm == NULL)
		return (struct conv_norm){ 0 };
	const struct norm_lines lines = net_norm_lines(norm);
	return (struct conv_norm){ norm->x[0], lines.scale, lines.shift, lines.mean, lines.relu };
}

/* Bytes of the weights' partial sums, in whole cache lines. */
static size_t
partial_bytes(const struct conv_weights_kernel *kernel, const struct conv_geometry *g, size_t rows)
{
	return (kernel->part_bytes(g) * kernel->most_parts(g, rows) + 63) / 64 * 64;
}

static int
plan(struct step *step, struct myo_err *err)
{
	const struct conv_geometry g = geometry(step);
	struct conv_geometry turned = g;
	const struct kernels *kernels = step->plan->kernels;
	const struct conv_kernel *kernel = choose(kernels, &g), *input = choose_input(kernels, &turned);
	const struct conv_weights_kernel *weights = choose_weights(kernels, &g);
	const size_t packed = finish_bytes(&g) + kernel->packed_bytes(&g);

	step->need.scratch = kernel->scratch_bytes(&g);
	if (!net_training(step)) {
		step->need.fixed = packed;
		return MYO_OK;
	}
	size_t partial = partial_bytes(weights, &g, step->plan->batch);
	if (weights->prepare != NULL)
		partial += weights->shared_bytes(&g, step->plan->batch);
	if (kernel->most_moments != NULL && bias_of(step) == NULL &&
	    !myo_mul(kernel->most_moments(&g, step->plan->batch), 2 * (size_t)g.out.channels * sizeof(double),
		&step->need.moments))
		return myo_fail_memory(err, SIZE_MAX);
	if (step->view != NULL && !myo_mul(input->most_moments(&turned, step->plan->batch),
				      2 * (size_t)g.in.channels * sizeof(double), &step->view->need.sums))
		return myo_fail_memory(err, SIZE_MAX);
	step->need.forward = packed;
	step->need.backward = net_larger(net_larger(partial, input->packed_bytes(&turned)), net_bias_bytes(step));
	step->need.scratch =
	    net_larger(step->need.scratch, net_larger(input->scratch_bytes(&turned), weights->scratch_bytes(&g)));
	step->need.x = true;
	return MYO_OK;
}

/* A job and its kernel, for the threads. */
struct task {
	struct step *step;
	const struct conv_kernel *kernel;
	struct conv_job job;
	bool turned;
	float *packed;
};

static void
pack_item(void *context, size_t item, int thread)
{
	const struct task *task = context;

	(void)thread;
	task->kernel->pack(&task->job, task->step->node->weight[WEIGHT]->value, task->turned, task->packed, item);
}

static void
run_item(void *context, size_t item, int thread)
{
	const struct task *task = context;

	task->kernel->run(&task->job, item, net_scratch(task->step, thread));
}

/* In prediction packed weights are kept as long as the plan, and packed again only after a change. */
static bool
is_packed(const struct step *step)
{
	return !net_training(step) && step->packed == step->plan->net->version;
}

static void
run_task(struct task *task)
{
	struct myo_pool *pool = task->step->plan->pool;

	task->job.packed = task->packed;
	if (!is_packed(task->step))
		myo_pool_run(pool, task->kernel->pack_items(&task->job.g), pack_item, task);
	task->step->packed = task->step->plan->net->version;
	myo_pool_run(pool, task->kernel->items(&task->job.g, task->job.rows), run_item, task);
}

static struct task
task_of(struct step *step)
{
	struct task task = { .step = step };

	task.job.g = geometry(step);
	task.job.rows = step->plan->rows;
	task.job.kernels = step->plan->kernels;
	return task;
}

/* Set the per-channel scale and shift: the bias, and in prediction a fused normalisation. */
static void
set_finish(struct step *step, struct conv_job *job, float *scale, float *shift)
{
	const struct myo_weight *bias = bias_of(step);

	for (int c = 0; c < step->out.channels; c++) {
		scale[c] = 1;
		shift[c] = bias != NULL ? bias->value[c] : 0;
	}
	if (step->norm != NULL)
		net_fold_norm(step->norm, scale, shift);
	job->scale = scale;
	job->shift = shift;
	job->after = step->tail;
	job->r = step->x[1];
	job->finish = bias != NULL || step->norm != NULL || job->after.relu || job->after.add || job->after.pool;
}

static void
forward(struct step *step)
{
	struct task task = task_of(step);
	unsigned char *memory = net_training(step) ? step->forward : step->fixed;
	float *scale = (float *)(void *)memory;

	set_finish(step, &task.job, scale, scale + step->out.channels);
	task.kernel = choose(task.job.kernels, &task.job.g);
	task.packed = (float *)(void *)(memory + finish_bytes(&task.job.g));
	task.job.x = step->x[0];
	task.job.view = norm_of(step->view);
	task.job.y = step->y;
	task.job.moments = step->moments;
	if (step->moments != NULL)
		step->moment_items = task.kernel->items(&task.job.g, task.job.rows);
	run_task(&task);
}

static void
backward(struct step *step)
{
	struct task task = task_of(step);

	task.kernel = choose_input(task.job.kernels, &task.job.g);
	task.turned = task.kernel != &net_conv_phases;
	task.packed = step->backward;
	task.job.x = step->dy;
	task.job.y = step->dx[0];
	task.job.add = step->add[0];
	if (step->view != NULL) {
		task.job.norm = norm_of(step->view);
		task.job.moments = step->view->sums;
		step->view->sum_items = task.kernel->items(&task.job.g, task.job.rows);
	}
	run_task(&task);
}

/* The same for the gradient with respect to the weights. */
struct weights_task {
	struct step *step;
	const struct conv_weights_kernel *kernel;
	struct conv_weights_job job;
};

static void
weights_item(void *context, size_t item, int thread)
{
	const struct weights_task *task = context;

	task->kernel->run(&task->job, item, net_scratch(task->step, thread));
}

static void
prepare_item(void *context, size_t item, int thread)
{
	const struct weights_task *task = context;

	task->kernel->prepare(&task->job, item, net_scratch(task->step, thread));
}

static void
reduce_item(void *context, size_t item, int thread)
{
	const struct weights_task *task = context;

	(void)thread;
	task->kernel->reduce(&task->job, task->step->node->weight[WEIGHT]->gradient, item);
}

static void
backward_weights(struct step *step)
{
	const struct conv_geometry g = geometry(step);
	const struct myo_plan *made = step->plan;
	const struct myo_weight *bias = bias_of(step);
	const struct conv_weights_kernel *kernel = choose_weights(made->kernels, &g);
	struct weights_task task = { step, kernel,
		{ .g = g, .kernels = made->kernels, .rows = made->rows, .x = step->x[0], .dy = step->dy,
		    .partial = step->backward, .view = norm_of(step->view) } };

	if (bias != NULL)
		net_bias_gradient(step, bias->gradient);
	if (step->node->weight[WEIGHT]->frozen)
		return;
	if (kernel->prepare != NULL) {
		task.job.shared = (float *)step->backward + partial_bytes(kernel, &g, made->batch) / sizeof(float);
		myo_pool_run(made->pool, kernel->prepare_items(&g, made->rows), prepare_item, &task);
	}
	myo_pool_run(made->pool, task.kernel->items(&g, made->rows), weights_item, &task);
	myo_pool_run(made->pool, task.kernel->reduce_items(&g), reduce_item, &task);
}

const struct operation net_op_conv = {
	.name = "conv2d",
	.shape = shape,
	.window = window,
	.macs = macs,
	.detail = detail,
	.plan = plan,
	.pools = pools,
	.views = views,
	.forward = forward,
	.backward = backward,
	.backward_weights = backward_weights,
};
