/* Gradients of every operation against differences of the loss, by the input and by each parameter. */
#include "net/net.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 3 };

/* ---- networks to check: what stands between input and logits ---------------------------------- */

typedef myo_node build_case(struct myo_net *net, myo_node x);

static myo_node
conv(struct myo_net *net, const char *name, myo_node x, int out, int kernel, int stride, int padding,
    int groups)
{
	return myo_conv2d(net, name, x,
	    (struct myo_conv){ .out = out,
		.kernel = kernel,
		.stride = stride,
		.padding = padding,
		.groups = groups,
		.bias = true });
}

static myo_node
norm(struct myo_net *net, const char *name, myo_node x)
{
	return myo_batchnorm(net, name, x, (struct myo_norm){ .momentum = 0.3 });
}

static myo_node
conv_3x3(struct myo_net *net, myo_node x)
{
	return conv(net, "c", x, 7, 3, 1, 1, 1);
}

static myo_node
conv_winograd(struct myo_net *net, myo_node x)
{
	return conv(net, "d", conv(net, "c", x, 13, 3, 1, 1, 1), 14, 3, 1, 0, 1);
}

/* Pictures of at most four pixels, from ones that a padded kernel overlooks and ones that it strides over. */
static myo_node
conv_small(struct myo_net *net, myo_node x)
{
	x = conv(net, "d", conv(net, "c", x, 5, 3, 2, 1, 1), 13, 3, 1, 1, 1);
	return conv(net, "f", conv(net, "e", x, 12, 3, 1, 1, 1), 3, 2, 2, 1, 1);
}

static myo_node
conv_one_pixel(struct myo_net *net, myo_node x)
{
	return conv(net, "d", conv(net, "c", x, 14, 3, 1, 1, 1), 3, 5, 1, 2, 1);
}

static myo_node
conv_strided(struct myo_net *net, myo_node x)
{
	return conv(net, "d", conv(net, "c", x, 5, 3, 2, 1, 1), 4, 2, 3, 1, 1);
}

static myo_node
conv_groups(struct myo_net *net, myo_node x)
{
	return conv(net, "d", conv(net, "c", x, 6, 5, 1, 2, 3), 6, 3, 2, 0, 2);
}

static myo_node
conv_depthwise(struct myo_net *net, myo_node x)
{
	return conv(net, "d", conv(net, "c", x, 6, 3, 1, 1, 6), 12, 3, 2, 1, 6);
}

static myo_node
conv_pointwise(struct myo_net *net, myo_node x)
{
	return conv(net, "d", conv(net, "c", x, 9, 1, 1, 0, 1), 5, 1, 2, 0, 1);
}

static myo_node
conv_wide_padding(struct myo_net *net, myo_node x)
{
	return conv(net, "c", x, 4, 2, 1, 3, 1);
}

static myo_node
norm_alone(struct myo_net *net, myo_node x)
{
	return norm(net, "n", x);
}

static myo_node
norm_relu(struct myo_net *net, myo_node x)
{
	return myo_relu(net, norm(net, "n", conv(net, "c", x, 5, 1, 1, 0, 1)));
}

static myo_node
residual_after(struct myo_net *net, myo_node x)
{
	return myo_relu(net, myo_add(net, norm(net, "n", conv(net, "c", x, 6, 3, 1, 1, 1)), x));
}

/* The sum's gradient is not the shortcut's alone. */
static myo_node
residual_read_again(struct myo_net *net, myo_node x)
{
	const myo_node y = myo_add(net, norm(net, "n", conv(net, "c", x, 6, 3, 1, 1, 1)), x);

	return myo_add(net, conv(net, "d", y, 6, 3, 1, 1, 1), x);
}

static myo_node
residual_before(struct myo_net *net, myo_node x)
{
	return myo_add(net, x, myo_relu(net, norm(net, "n", conv(net, "c", x, 6, 3, 1, 1, 1))));
}

/* Both sides of the addition end in a normalisation; only one can take it along. */
static myo_node
residual_projected(struct myo_net *net, myo_node x)
{
	const myo_node side = norm(net, "m", conv(net, "d", x, 8, 1, 2, 0, 1));

	return myo_relu(net, myo_add(net, norm(net, "n", conv(net, "c", x, 8, 3, 2, 1, 1)), side));
}

/* A normalisation of x added to x itself. */
static myo_node
norm_plus_itself(struct myo_net *net, myo_node x)
{
	x = conv(net, "c", x, 4, 1, 1, 0, 1);
	return myo_add(net, norm(net, "n", x), x);
}

/* A convolution without bias, so that it gathers the moments for the normalisation after it. */
static myo_node
bare_conv(struct myo_net *net, const char *name, myo_node x, int out)
{
	return myo_conv2d(net, name, x, (struct myo_conv){ .out = out, .kernel = 3, .padding = 1 });
}

/* The second convolution alone reads the first normalisation, and so reads through it. */
static myo_node
conv_through_norm(struct myo_net *net, myo_node x)
{
	x = myo_relu(net, norm(net, "n", bare_conv(net, "c", x, 13)));
	return norm(net, "m", bare_conv(net, "d", x, 12));
}

static myo_node
norm_and_pool(struct myo_net *net, myo_node x)
{
	x = norm(net, "n", bare_conv(net, "c", x, 12));
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2 });
}

static myo_node
norm_relu_and_pool(struct myo_net *net, myo_node x)
{
	x = myo_relu(net, norm(net, "n", bare_conv(net, "c", x, 5)));
	x = myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2 });
	return myo_add(net, x, bare_conv(net, "d", x, 5));
}

/* Blocks one behind the other, whose shortcuts' gradients share their memory. */
static myo_node
residual_chain(struct myo_net *net, myo_node x)
{
	for (int i = 0; i < 3; i++) {
		const myo_node y = norm(net, myo_name(net, "n%d", i), bare_conv(net, myo_name(net, "c%d", i), x, 12));
		x = i == 1 ? myo_add(net, myo_relu(net, y), x) : myo_relu(net, myo_add(net, y, x));
	}
	return x;
}

/* Nodes with three and more uses, one of them twice in one addition. */
static myo_node
many_uses(struct myo_net *net, myo_node x)
{
	const myo_node a = conv(net, "c", x, 6, 3, 1, 1, 1);
	const myo_node b = myo_add(net, a, a);
	const myo_node c = myo_add(net, myo_relu(net, a), myo_scale(net, b, -0.75));

	return myo_add(net, myo_add(net, c, x), myo_add(net, a, norm(net, "n", c)));
}

static myo_node
max_pool(struct myo_net *net, myo_node x)
{
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 3, .stride = 2, .padding = 1 });
}

static myo_node
max_pool_shared(struct myo_net *net, myo_node x)
{
	const struct myo_pool2d overlapping = { .kernel = 3, .stride = 1, .padding = 1 };

	return myo_add(net, x, myo_maxpool(net, x, overlapping));
}

/* By 2x2, a line and a column left over; the second adds to what the first has set. */
static myo_node
max_pool_halves(struct myo_net *net, myo_node x)
{
	const struct myo_pool2d halve = { .kernel = 2 };
	const myo_node y = myo_maxpool(net, x, halve);

	return myo_add(net, y, myo_maxpool(net, myo_scale(net, x, -1), halve));
}

static myo_node
max_pool_halves_twice(struct myo_net *net, myo_node x)
{
	const struct myo_pool2d halve = { .kernel = 2 };

	return myo_add(net, myo_maxpool(net, x, halve), myo_maxpool(net, x, halve));
}

static myo_node
average_pool(struct myo_net *net, myo_node x)
{
	const struct myo_pool2d pool = { .kernel = 3, .stride = 1, .padding = 1 };

	return myo_avgpool(net, myo_add(net, x, myo_avgpool(net, x, pool)), (struct myo_pool2d){ .kernel = 2 });
}

static myo_node
adaptive_pool(struct myo_net *net, myo_node x)
{
	return myo_adaptive_avgpool(net, x, 3, 4);
}

static myo_node
gelu_twice(struct myo_net *net, myo_node x)
{
	x = myo_scale(net, x, 3);
	return myo_add(net, myo_gelu(net, x), myo_gelu(net, myo_scale(net, x, -1)));
}

static myo_node
gelu_after_norm(struct myo_net *net, myo_node x)
{
	x = myo_gelu(net, norm(net, "n", bare_conv(net, "c", x, 13)));
	return norm(net, "m", bare_conv(net, "d", x, 12));
}

static myo_node
linear_layers(struct myo_net *net, myo_node x)
{
	x = myo_relu(net, myo_linear(net, "a", myo_flatten(net, x), 19, true));
	return myo_linear(net, "b", x, 7, false);
}

/* y = x² over the left half of the picture: an operation that changes the shape. */
static int
square_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	*out = (struct myo_shape){ in.height, in.width / 2, in.channels };
	return out->width > 0 ? 0 : myo_fail(err, "a picture of width %d has no half", in.width);
}

static void
square_forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	const float factor = *(const float *)config;
	const size_t run = (size_t)out.width * (size_t)out.channels,
		     step = (size_t)in.width * (size_t)in.channels;

	for (size_t line = 0; line < rows * (size_t)out.height; line++)
		for (size_t i = 0; i < run; i++)
			y[line * run + i] = factor * x[line * step + i] * x[line * step + i];
}

static void
square_backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	const float factor = *(const float *)config;
	const size_t run = (size_t)out.width * (size_t)out.channels,
		     step = (size_t)in.width * (size_t)in.channels;

	(void)y;
	for (size_t line = 0; line < rows * (size_t)out.height; line++)
		for (size_t i = 0; i < step; i++)
			dx[line * step + i] =
			    i < run ? 2 * factor * x[line * step + i] * dy[line * run + i] : 0;
}

static myo_node
custom(struct myo_net *net, myo_node x)
{
	float factor = 0.7F;
	const struct myo_custom op = { .size = sizeof op,
		.name = "square",
		.shape = square_shape,
		.forward = square_forward,
		.backward = square_backward,
		.config = &factor,
		.config_size = sizeof factor };
	const myo_node y = myo_custom_op(net, x, &op);
	const myo_node z = myo_custom_op(net, x, &op); /* a second use, to which it is added */

	factor = 0; /* the network has its own copy */
	return myo_add(net, y, z);
}

static const struct {
	const char *name;
	build_case *build;
	struct myo_shape in;
} cases[] = {
	{ "conv 3x3", conv_3x3, { 5, 7, 3 } },
	{ "conv 3x3 with many channels", conv_winograd, { 7, 6, 12 } },
	{ "conv on 2x2 pixels", conv_small, { 4, 3, 6 } },
	{ "conv on one pixel", conv_one_pixel, { 1, 1, 17 } },
	{ "conv strided", conv_strided, { 9, 8, 2 } },
	{ "conv in groups", conv_groups, { 7, 6, 6 } },
	{ "conv depthwise", conv_depthwise, { 5, 5, 6 } },
	{ "conv 1x1", conv_pointwise, { 5, 4, 6 } },
	{ "conv with padding beyond the kernel", conv_wide_padding, { 2, 3, 3 } },
	{ "batchnorm", norm_alone, { 3, 5, 5 } },
	{ "batchnorm, relu", norm_relu, { 4, 5, 3 } },
	{ "batchnorm, add, relu", residual_after, { 4, 3, 6 } },
	{ "batchnorm, relu, add", residual_before, { 4, 3, 6 } },
	{ "a shortcut that is read again", residual_read_again, { 4, 3, 6 } },
	{ "two batchnorms added", residual_projected, { 5, 4, 5 } },
	{ "batchnorm added to its input", norm_plus_itself, { 3, 3, 3 } },
	{ "many uses of a node", many_uses, { 4, 5, 6 } },
	{ "conv, batchnorm, relu, conv, batchnorm", conv_through_norm, { 5, 6, 12 } },
	{ "the same on 2x2 pixels", conv_through_norm, { 2, 2, 12 } },
	{ "conv, batchnorm, max pooling by 2", norm_and_pool, { 6, 4, 12 } },
	{ "conv, batchnorm, relu, max pooling by 2", norm_relu_and_pool, { 4, 6, 3 } },
	{ "residual blocks", residual_chain, { 4, 5, 12 } },
	{ "relu", myo_relu, { 5, 3, 4 } },
	{ "gelu", gelu_twice, { 5, 3, 4 } },
	{ "batchnorm, gelu, conv", gelu_after_norm, { 4, 5, 12 } },
	{ "max pooling", max_pool, { 7, 6, 3 } },
	{ "max pooling that overlaps", max_pool_shared, { 4, 6, 3 } },
	{ "average pooling", average_pool, { 5, 6, 3 } },
	{ "adaptive pooling", adaptive_pool, { 5, 3, 3 } },
	{ "linear", linear_layers, { 2, 3, 5 } },
	{ "custom", custom, { 3, 5, 4 } },
	{ "conv, batchnorm, relu, conv, batchnorm on 3x3 pixels", conv_through_norm, { 3, 3, 12 } },
	{ "max pooling by 2", max_pool_halves, { 7, 5, 3 } },
	{ "the same twice", max_pool_halves_twice, { 4, 5, 13 } },
};

/* The shape of what is built decides how many classes there are, so it is built twice. */
static struct myo_net *
new_net(struct myo_shape in, build_case *build)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = NULL;
	int classes = 1;

	for (int round = 0; round < 2; round++) {
		myo_net_free(net);
		ck_assert_msg(myo_net_new(in, classes, &net, &err) == MYO_OK, "%s", err.text);
		const myo_node y = myo_flatten(net, build(net, myo_input(net)));
		classes = myo_shape_of(net, y).channels;
		const int rc = myo_output(net, y, &err);
		ck_assert_msg(round == 0 || rc == 0, "%s", err.text);
	}
	return net;
}

/* ---- differences ------------------------------------------------------------------------------- */

struct check {
	struct myo_net *net;
	struct myo_plan *plan;
	float *input; /* [inputs] */
	size_t inputs;
	int32_t labels[ROWS];
};

/* Distinct numbers at equal distances, none of them 0, in random order: small steps cross no kink. */
static void
fill_apart(float *out, size_t count, struct myo_rng *rng)
{
	uint32_t *order = calloc(count, sizeof *order);

	ck_assert_ptr_nonnull(order);
	myo_rng_permute(rng, order, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		out[i] = (float)((2.0 * order[i] + 1) / (double)count - 1);
	free(order);
}

static double
loss_of(struct check *check)
{
	memcpy(myo_plan_input(check->plan), check->input, check->inputs * sizeof *check->input);
	myo_plan_forward(check->plan, ROWS);
	return myo_plan_loss(check->plan, check->labels, 0.1, NULL);
}

/* A tensor, its gradient, and a direction in which it moves. */
struct probe {
	float *values;
	const float *gradient;
	size_t count;
	float *start, *direction; /* [count] */
};

static double
loss_at(struct check *check, const struct probe *probe, double distance)
{
	for (size_t i = 0; i < probe->count; i++)
		probe->values[i] = (float)((double)probe->start[i] + distance * (double)probe->direction[i]);
	return loss_of(check);
}

/* The loss's slope along the direction, by differences of fourth order. */
static double
slope(struct check *check, const struct probe *probe, double h)
{
	const double near = loss_at(check, probe, h) - loss_at(check, probe, -h);
	const double far = loss_at(check, probe, 2 * h) - loss_at(check, probe, -2 * h);

	return (8 * near - far) / (12 * h);
}

/* Entries +1 or -1, all of them or one in `sparse`; the gradient's share along them. */
static double
draw_direction(struct probe *probe, uint32_t sparse, struct myo_rng *rng)
{
	double share = 0;

	for (size_t i = 0; i < probe->count; i++) {
		probe->direction[i] = myo_rng_below(rng, sparse) > 0 ? 0 : myo_rng_below(rng, 2) ? 1 : -1;
		share += (double)probe->gradient[i] * (double)probe->direction[i];
	}
	return share;
}

/*
 * Along random directions, the slope must be the gradient's share. The loss is known to about
 * 1e-7, so at steps of 1e-3 the slope is known to about 1e-4, and the share of a wrong gradient
 * is off by its own size. A step that crosses the kink of a ReLU or of a maximum betrays itself,
 * because the slope then depends on the step: then fewer entries move.
 */
static void
check_gradient(struct check *check, const char *what, float *values, const float *gradient, size_t count,
    struct myo_rng *rng)
{
	enum { GOOD_ENOUGH = 4, TRIES = 40 };
	struct probe probe = { values, gradient, count, calloc(count, sizeof(float)),
		calloc(count, sizeof(float)) };
	double size = 0;
	uint32_t sparse = 1;
	int good = 0;

	ck_assert(probe.start != NULL && probe.direction != NULL);
	memcpy(probe.start, values, count * sizeof *values);
	for (size_t i = 0; i < count; i++)
		size += (double)gradient[i] * (double)gradient[i];
	const double tolerance = 5e-4 + 5e-3 * sqrt(size);
	for (int i = 0; i < TRIES && good < GOOD_ENOUGH; i++) {
		const double share = draw_direction(&probe, sparse, rng);
		const double wide = slope(check, &probe, 1e-3), narrow = slope(check, &probe, 4e-4);
		if (fabs(wide - narrow) > tolerance) {
			sparse = sparse < count / 2 ? 2 * sparse : sparse;
			continue;
		}
		good++;
		ck_assert_msg(fabs(wide - share) <= 2 * tolerance, "%s: gradient %.6f, differences say %.6f",
		    what, share, wide);
	}
	ck_assert_msg(good == GOOD_ENOUGH, "%s: too many kinks", what);
	memcpy(values, probe.start, count * sizeof *values);
	free(probe.direction);
	free(probe.start);
}

START_TEST(gradients_are_what_differences_say)
{
	const struct myo_shape in = cases[_i].in;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_rng rng = myo_rng_at(17, MYO_RNG_TEST, (uint64_t)_i, 0);
	struct check check = { .inputs = ROWS * (size_t)(in.height * in.width * in.channels) };
	char what[128];

	check.net = new_net(in, cases[_i].build);
	check.input = calloc(check.inputs, sizeof *check.input);
	ck_assert_ptr_nonnull(check.input);
	fill_apart(check.input, check.inputs, &rng);
	myo_net_init(check.net, 3);
	for (size_t i = 0; i < myo_net_weights(check.net); i++) {
		const struct myo_weight *w = myo_net_weight(check.net, i);
		for (size_t k = 0; w->role != MYO_WEIGHT && w->role != MYO_BUFFER && k < w->elements; k++)
			w->value[k] += (float)(myo_rng_real(&rng) - 0.5);
		for (size_t k = 1; w->role == MYO_NORM_SCALE && k < w->elements; k += 3) /* by which the largest is the smallest */
			w->value[k] = -w->value[k];
	}
	for (size_t n = 0; n < ROWS; n++)
		check.labels[n] = (int32_t)myo_rng_below(&rng, (uint32_t)myo_net_classes(check.net));
	ck_assert_msg(
	    myo_plan_new(check.net, MYO_TRAIN, ROWS, in.height, in.width, NULL, &check.plan, &err) == MYO_OK,
	    "%s", err.text);

	myo_plan_want_input_gradient(check.plan, true);
	(void)loss_of(&check);
	myo_plan_backward(check.plan);
	float *gradient = calloc(check.inputs, sizeof *gradient);
	ck_assert_ptr_nonnull(gradient);
	memcpy(gradient, myo_plan_input_gradient(check.plan), check.inputs * sizeof *gradient);
	(void)snprintf(what, sizeof what, "%s: input", cases[_i].name);
	check_gradient(&check, what, check.input, gradient, check.inputs, &rng);
	for (size_t i = 0; i < myo_net_weights(check.net); i++) {
		const struct myo_weight *w = myo_net_weight(check.net, i);
		(void)snprintf(what, sizeof what, "%s: %s", cases[_i].name, w->name);
		if (w->role != MYO_BUFFER)
			check_gradient(&check, what, w->value, w->gradient, w->elements, &rng);
	}
	free(gradient);
	free(check.input);
	myo_plan_free(check.plan);
	myo_net_free(check.net);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gradients");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, gradients_are_what_differences_say, 0, (int)MYO_COUNT(cases));
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
