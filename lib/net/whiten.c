/*
 * Whitening: filters that turn patches of the images into uncorrelated numbers of unit variance.
 * Each principal component has a filter and its negative, so that both signs survive the ReLU or
 * GELU that follows (Jordan, "94% on CIFAR-10 in 3.29 seconds", 2024).
 */
#include "net/eigen.h"
#include "net/operation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Added to a component's variance, so that noise isn't amplified; Jordan's value. */
static const double eps = 5e-4;

static bool
whitens(const struct node *node)
{
	return node->op == &net_op_conv && node->set.conv.start == MYO_START_WHITEN;
}

bool
myo_net_wants_whitening(const struct myo_net *net)
{
	for (size_t i = 0; i < net->node_count; i++)
		if (whitens(&net->nodes[i]))
			return true;
	return false;
}

/* Sums over patches, in double precision: of the numbers, [n], and of their products, [n, n], above the diagonal. */
struct sums {
	size_t side, channels, n; /* n = side^2 channels, in the order (row, column, channel) */
	double patches;
	double *patch, *sum, *products;
};

static void
add_patch(struct sums *s, const float *at, size_t line)
{
	const size_t run = s->side * s->channels;

	for (size_t row = 0; row < s->side; row++)
		for (size_t i = 0; i < run; i++)
			s->patch[row * run + i] = at[row * line + i];
	for (size_t i = 0; i < s->n; i++) {
		s->sum[i] += s->patch[i];
		for (size_t k = i; k < s->n; k++)
			s->products[i * s->n + k] += s->patch[i] * s->patch[k];
	}
	s->patches++;
}

/* All patches of an image, [height, width, channels]. */
static void
add_image(struct sums *s, const float *image, size_t height, size_t width)
{
	const size_t line = width * s->channels;

	for (size_t y = 0; y + s->side <= height; y++)
		for (size_t x = 0; x + s->side <= width; x++)
			add_patch(s, image + y * line + x * s->channels, line);
}

/* Turn the sums of products into the covariance; false if it isn't finite. */
static bool
covariance(struct sums *s)
{
	const size_t n = s->n;
	bool finite = true;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i; k < n; k++) {
			const double mean = s->sum[i] / s->patches * (s->sum[k] / s->patches);
			const double c = s->products[i * n + k] / s->patches - mean;
			s->products[i * n + k] = s->products[k * n + i] = c;
			finite &= isfinite(c) != 0;
		}
	return finite;
}

/* Set filters i and n + i of weight [2 n, channels, side, side] from principal component i. */
static void
set_filters(const struct sums *s, float *weight, size_t i, const double *vector, double value)
{
	const double scale = 1 / sqrt((value > 0 ? value : 0) + eps);
	const size_t area = s->side * s->side;

	for (size_t k = 0; k < s->n; k++) {
		const size_t place = k % s->channels * area + k / s->channels;
		const float v = (float)(scale * vector[k]);
		weight[i * s->n + place] = v;
		weight[(s->n + i) * s->n + place] = -v;
	}
}

static int
whiten(const struct node *node, const float *rows, size_t count, size_t height, size_t width, struct myo_err *err)
{
	const struct myo_weight *weight = node->weight[0];
	struct sums s = { .side = weight->shape[2], .channels = weight->shape[1] };
	double *memory, *values, *vectors;

	s.n = s.side * s.side * s.channels;
	if (count == 0 || height < s.side || width < s.side)
		return myo_fail(err, "%s: %zu rows of %zux%zu have no patches of %zux%zu to whiten", node->name, count,
		    height, width, s.side, s.side);
	memory = myo_calloc(3 * s.n + 2 * s.n * s.n, sizeof *memory, err);
	if (memory == NULL)
		return MYO_FAIL;
	s.patch = memory;
	s.sum = s.patch + s.n;
	values = s.sum + s.n;
	s.products = values + s.n;
	vectors = s.products + s.n * s.n;
	for (size_t i = 0; i < count; i++)
		add_image(&s, rows + i * height * width * s.channels, height, width);
	if (!covariance(&s)) {
		free(memory);
		return myo_fail(err, "%s: the rows to whiten hold numbers that are not finite", node->name);
	}
	net_eigen(s.products, s.n, values, vectors);
	for (size_t i = 0; i < s.n; i++)
		set_filters(&s, weight->value, i, vectors + i * s.n, values[i]);
	free(memory);
	return MYO_OK;
}

int
myo_net_whiten(struct myo_net *net, const float *rows, size_t count, int height, int width, struct myo_err *err)
{
	myo_net_changed(net);
	for (size_t i = 0; i < net->node_count; i++)
		if (whitens(&net->nodes[i]) &&
		    whiten(&net->nodes[i], rows, count, (size_t)height, (size_t)width, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}
