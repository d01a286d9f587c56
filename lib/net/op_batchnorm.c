/*
 * Batch normalisation (Ioffe and Szegedy, 2015), fused with what follows it: ReLU,
 * a residual addition, ReLU again; or ReLU and pooling by 2x2.
 *
 * y = after(a x + b) with a = scale / deviation, b = shift - a mean. Backward, with g the gradient
 * with respect to a x + b, and averages over the n pixels of the batch:
 *   dscale = sum g (x - mean) / deviation,   dshift = sum g
 *   dx = a (g - average g - (x - mean) average(g (x - mean)) / variance)
 */
#include "net/operation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SCALE, SHIFT, MEAN, VARIANCE };

myo_node
myo_batchnorm(struct myo_net *net, const char *name, myo_node x, struct myo_norm norm)
{
	norm.momentum = norm.momentum == 0 ? 0.1 : norm.momentum;
	norm.eps = norm.eps == 0 ? 1e-5 : norm.eps;
	if (!(norm.momentum > 0 && norm.momentum <= 1) || !(norm.eps > 0 && norm.eps < 1))
		return net_refuse(net, name, "momentum %g and eps %g make no normalisation", norm.momentum, norm.eps);

	const union settings set = { .norm = norm };
	const myo_node node = net_add_node(net, &net_op_batchnorm, name, &set, 1, &x);
	const size_t channels[1] = { (size_t)myo_shape_of(net, node).channels };

	if (node < 0 || !net_add_weight(net, SCALE, "weight", MYO_NORM_SCALE, 1, channels, START_ONE, 0) ||
	    !net_add_weight(net, SHIFT, "bias", MYO_NORM_SHIFT, 1, channels, START_ZERO, 0) ||
	    !net_add_weight(net, MEAN, "running_mean", MYO_BUFFER, 1, channels, START_ZERO, 0) ||
	    !net_add_weight(net, VARIANCE, "running_var", MYO_BUFFER, 1, channels, START_ONE, 0))
		return -1;
	net->nodes[node].weight[SCALE]->frozen = norm.frozen_scale;
	return node;
}

static void
detail(const struct node *node, char *text, size_t size)
{
	(void)snprintf(text, size, "%s", node->set.norm.frozen_scale ? "scale 1" : "");
}

void
net_fold_norm(const struct node *norm, float *scale, float *shift)
{
	for (size_t c = 0; c < norm->weight[SCALE]->elements; c++) {
		const double a = norm->weight[SCALE]->value[c] /
				 sqrt((double)norm->weight[VARIANCE]->value[c] + norm->set.norm.eps);
		shift[c] = (float)(a * ((double)shift[c] - norm->weight[MEAN]->value[c]) +
				   norm->weight[SHIFT]->value[c]);
		scale[c] = (float)(a * scale[c]);
	}
}

/* Sums over the batch are made in this many parts, which are added in order. */
enum { PARTS = 32 };

/*
 * With few channels inner loops would be short. So passes treat a group of neighbouring pixels as one
 * pixel with `width` channels, and per-channel numbers are repeated to that width.
 */
static size_t
width_of(const struct step *step)
{
	enum { WIDE = 128 };
	size_t width = (size_t)step->out.channels;

	for (size_t pixels = net_pixels(step->out); pixels % 2 == 0 && 2 * width <= WIDE; pixels /= 2)
		width *= 2;
	return width;
}

/* Groups of pixels in the batch. */
static size_t
groups_of(const struct step *step)
{
	return step->plan->rows * net_elements(step->out) / width_of(step);
}

/* Lines of per-channel numbers, kept from the forward to the backward pass. */
enum line { LINE_A, LINE_B, LINE_MEAN, LINE_K, LINE_L, LINES };

static float *
line(const struct step *step, enum line which)
{
	float *lines = net_training(step) ? step->keep : step->forward;

	return lines + (size_t)which * width_of(step);
}

static void
repeat_lines(const struct step *step)
{
	const size_t channels = (size_t)step->out.channels;

	for (enum line which = 0; which < LINES; which++)
		for (size_t i = channels; i < width_of(step); i++)
			line(step, which)[i] = line(step, which)[i - channels];
}

struct norm_lines
net_norm_lines(const struct step *norm)
{
	return (struct norm_lines){ line(norm, LINE_A), line(norm, LINE_B), line(norm, LINE_MEAN), norm->tail.relu };
}

static int
plan(struct step *step, struct myo_err *err)
{
	const size_t width = width_of(step), sums = PARTS * 2 * width * sizeof(double);

	(void)err;
	if (!net_training(step)) {
		step->need.forward = LINES * width * sizeof(float);
		return MYO_OK;
	}
	struct step *maker = step->plan->values[step->input[0]].maker;
	/* The moments are added up in place, so only one normalisation can use them; another one makes its own. */
	if (maker != NULL && maker->need.moments > 0 && maker->moments_last == 0) {
		step->gatherer = maker;
		maker->moments_last = (int)(step - step->plan->steps);
	}
	step->need.keep = LINES * width * sizeof(float);
	step->need.forward = sums;
	step->need.backward = sums;
	step->need.x = true;
	step->need.y = step->tail.relu_after;
	return MYO_OK;
}

/* The partial sums of a part: two lines of doubles. */
static double *
part_sums(void *memory, const struct step *step, size_t part)
{
	return (double *)memory + part * 2 * width_of(step);
}

static void
moments_part(void *context, size_t part, int thread)
{
	const struct step *step = context;
	const size_t width = width_of(step), groups = groups_of(step);
	const size_t from = part * groups / PARTS, to = (part + 1) * groups / PARTS;
	double *sums = part_sums(step->forward, step, part);

	(void)thread;
	memset(sums, 0, 2 * width * sizeof *sums);
	step->plan->kernels->moments(step->x[0] + from * width, to - from, width, sums, sums + width);
}

/* Add up the sums of all parts, two lines of `width` each, and then by channel; the result is at `total`. */
static double *
add_parts(double *total, const struct step *step, size_t parts, size_t width)
{
	const size_t channels = (size_t)step->out.channels;

	for (size_t part = 1; part < parts; part++)
		for (size_t i = 0; i < 2 * width; i++)
			total[i] += total[part * 2 * width + i];
	for (size_t i = channels; i < width; i++) {
		total[i % channels] += total[i];
		total[width + i % channels] += total[width + i];
	}
	memmove(total + channels, total + width, channels * sizeof *total);
	return total;
}

/* Compute mean and variance of the batch, and from them the lines and the running statistics. */
static void
batch_statistics(struct step *step)
{
	const struct node *node = step->node;
	const size_t channels = (size_t)step->out.channels;
	const double n = (double)(step->plan->rows * net_pixels(step->out));
	const double own = step->plan->momentum > 0 ? step->plan->momentum : node->set.norm.momentum;
	const double momentum = own * (1 - step->plan->lessening);

	const double *sum;
	if (step->gatherer != NULL) {
		sum = add_parts(step->gatherer->moments, step, step->gatherer->moment_items, channels);
	} else {
		myo_pool_run(step->plan->pool, PARTS, moments_part, step);
		sum = add_parts(step->forward, step, PARTS, width_of(step));
	}
	const double *square = sum + channels;
	for (size_t c = 0; c < channels; c++) {
		float *running_mean = &node->weight[MEAN]->value[c];
		float *running_variance = &node->weight[VARIANCE]->value[c];
		const double mean = sum[c] / n;
		/* off by 1% if the mean is a thousand deviations from 0; negative only by rounding */
		const double spread = square[c] / n - mean * mean;
		const double variance = spread > 0 ? spread : spread <= 0 ? 0 : spread; /* NaN stays */
		const double unbiased = n > 1 ? variance * n / (n - 1) : variance;
		const double a = node->weight[SCALE]->value[c] / sqrt(variance + node->set.norm.eps);

		*running_mean = (float)((1 - momentum) * (double)*running_mean + momentum * mean);
		if (n > 1) /* a single value has no variance */
			*running_variance = (float)((1 - momentum) * (double)*running_variance + momentum * unbiased);
		line(step, LINE_A)[c] = (float)a;
		line(step, LINE_B)[c] = (float)(node->weight[SHIFT]->value[c] - a * mean);
		line(step, LINE_MEAN)[c] = (float)mean;
		line(step, LINE_K)[c] =
		    (float)(1 / (variance + node->set.norm.eps)); /* kept there for the backward pass */
	}
}

static void
running_statistics(struct step *step)
{
	for (int c = 0; c < step->out.channels; c++) {
		line(step, LINE_A)[c] = 1;
		line(step, LINE_B)[c] = 0;
	}
	net_fold_norm(step->node, line(step, LINE_A), line(step, LINE_B));
}

/* With pooling, work is divided into lines of windows. */
struct pool_line {
	size_t x, y; /* where its pixels and its results begin, in floats */
	size_t row, count;
};

static struct pool_line
pool_line(const struct step *step, size_t line)
{
	const size_t row = (size_t)step->out.width * (size_t)step->out.channels;

	return (struct pool_line){ line * 2 * row, line * row / 2, row, (size_t)step->out.width / 2 };
}

static size_t
pool_lines(const struct step *step)
{
	return step->plan->rows * (size_t)step->out.height / 2;
}

static void
pool_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	for (; from < to; from++) {
		const struct pool_line l = pool_line(step, from);
		step->plan->kernels->pool(step->x[0] + l.x, l.row, step->y + l.y, l.count,
		    (size_t)step->out.channels, line(step, LINE_A), line(step, LINE_B), step->tail.relu);
	}
}

static void
affine_chunk(struct step *step, size_t from, size_t to, int thread)
{
	const size_t width = width_of(step), at = from * width;

	(void)thread;
	step->plan->kernels->affine(step->x[0] + at, step->tail.add ? step->x[1] + at : NULL, step->y + at,
	    to - from, width, line(step, LINE_A), line(step, LINE_B), step->tail);
}

static void
forward(struct step *step)
{
	if (net_training(step))
		batch_statistics(step);
	else
		running_statistics(step);
	repeat_lines(step);
	if (step->tail.pool)
		net_chunks(step, pool_lines(step), net_chunk_of(2 * pool_line(step, 0).row), pool_chunk);
	else if (step->viewer == NULL)
		net_chunks(step, groups_of(step), net_chunk_of(width_of(step)), affine_chunk);
}

/* In prediction, with the running statistics: dx = a dy. */
static void
transpose(struct step *step)
{
	running_statistics(step);
	memset(line(step, LINE_B), 0, (size_t)step->out.channels * sizeof(float));
	repeat_lines(step);
	step->x[0] = step->dy;
	step->y = step->dx[0];
	net_chunks(step, groups_of(step), net_chunk_of(width_of(step)), affine_chunk);
}

static double
constant(const struct node *node, size_t channel)
{
	const double deviation = sqrt((double)node->weight[VARIANCE]->value[channel] + node->set.norm.eps);

	return (double)node->weight[SHIFT]->value[channel] -
	       (double)node->weight[SCALE]->value[channel] / deviation * (double)node->weight[MEAN]->value[channel];
}

static void
pool_sums_part(void *context, size_t part, int thread)
{
	const struct step *step = context;
	const size_t lines = pool_lines(step), to = (part + 1) * lines / PARTS;
	const size_t channels = (size_t)step->out.channels;
	double *sums = (double *)step->backward + part * 2 * channels;

	(void)thread;
	memset(sums, 0, 2 * channels * sizeof *sums);
	for (size_t i = part * lines / PARTS; i < to; i++) {
		const struct pool_line l = pool_line(step, i);
		step->plan->kernels->pool_sums(step->x[0] + l.x, l.row, step->dy + l.y, l.count, channels,
		    line(step, LINE_A), line(step, LINE_B), line(step, LINE_MEAN), step->tail.relu, sums,
		    sums + channels);
	}
}

static void
pool_input_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	for (; from < to; from++) {
		const struct pool_line l = pool_line(step, from);
		step->plan->kernels->pool_input(step->x[0] + l.x, l.row, step->dy + l.y, step->dx[0] + l.x,
		    l.count, (size_t)step->out.channels, line(step, LINE_A), line(step, LINE_B),
		    line(step, LINE_MEAN), line(step, LINE_K), line(step, LINE_L), step->tail.relu,
		    step->add[0]);
	}
}

static void
sums_part(void *context, size_t part, int thread)
{
	const struct step *step = context;
	const size_t width = width_of(step), groups = groups_of(step);
	const size_t from = part * groups / PARTS, to = (part + 1) * groups / PARTS, at = from * width;
	double *sums = part_sums(step->backward, step, part);

	(void)thread;
	memset(sums, 0, 2 * width * sizeof *sums);
	step->plan->kernels->norm_sums(step->x[0] + at, step->tail.relu_after ? step->y + at : NULL,
	    step->dy + at, to - from, width, line(step, LINE_A), line(step, LINE_B), line(step, LINE_MEAN),
	    step->tail, sums, sums + width);
}

/* Whether the shortcut's gradient takes the place of dy, and is made in the same pass as dx. */
static bool
makes_both(const struct step *step)
{
	return step->tail.relu_after && step->dx[0] != NULL && step->dx[1] == step->dy && !step->add[0];
}

static void
input_chunk(struct step *step, size_t from, size_t to, int thread)
{
	const size_t width = width_of(step), at = from * width;

	(void)thread;
	step->plan->kernels->norm_input(step->x[0] + at, step->tail.relu_after ? step->y + at : NULL,
	    step->dy + at, step->dx[0] + at, makes_both(step) ? step->dx[1] + at : NULL, to - from,
	    width, line(step, LINE_A), line(step, LINE_B), line(step, LINE_MEAN), line(step, LINE_K),
	    line(step, LINE_L), step->tail, step->add[0]);
}

/* The gradient with respect to the tail's addend: dy where the last ReLU lets it through. */
static void
addend_chunk(struct step *step, size_t from, size_t to, int thread)
{
	(void)thread;
	if (step->tail.relu_after)
		step->plan->kernels->gate(
		    step->y + from, step->dy + from, step->dx[1] + from, to - from, step->add[1]);
	else
		step->plan->kernels->scale(step->dy + from, 1, step->dx[1] + from, to - from, step->add[1]);
}

static void
backward(struct step *step)
{
	const size_t channels = (size_t)step->out.channels, width = width_of(step), groups = groups_of(step);
	const double n = (double)(step->plan->rows * net_pixels(step->out));
	const double *sum;

	if (step->viewer != NULL) {
		sum = add_parts(step->sums, step, step->sum_items, channels);
	} else if (step->tail.pool) {
		myo_pool_run(step->plan->pool, PARTS, pool_sums_part, step);
		sum = add_parts(step->backward, step, PARTS, channels);
	} else {
		myo_pool_run(step->plan->pool, PARTS, sums_part, step);
		sum = add_parts(step->backward, step, PARTS, width);
	}
	const double *product = sum + channels;
	for (size_t c = 0; c < channels; c++) {
		const double a = line(step, LINE_A)[c], precision = line(step, LINE_K)[c];
		step->node->weight[SHIFT]->gradient[c] = (float)sum[c];
		step->node->weight[SCALE]->gradient[c] = (float)(product[c] * sqrt(precision));
		line(step, LINE_K)[c] = (float)(-a * precision * product[c] / n);
		line(step, LINE_L)[c] = (float)(-a * sum[c] / n);
	}
	repeat_lines(step);
	if (step->dx[0] != NULL && step->tail.pool)
		net_chunks(step, pool_lines(step), net_chunk_of(2 * pool_line(step, 0).row), pool_input_chunk);
	else if (step->dx[0] != NULL)
		net_chunks(step, groups, net_chunk_of(width), input_chunk);
	const bool same = step->dx[1] == step->dy && !step->tail.relu_after;
	if (step->tail.add && step->dx[1] != NULL && !same && !makes_both(step))
		net_chunks(step, groups * width, net_chunk_of(1), addend_chunk);
}

static bool
pools(const struct step *step)
{
	(void)step;
	return true;
}

const struct operation net_op_batchnorm = {
	.name = "batchnorm",
	.shape = net_same_shape,
	.detail = detail,
	.plan = plan,
	.pools = pools,
	.forward = forward,
	.backward = backward,
	.transpose = transpose,
	.constant = constant,
};
