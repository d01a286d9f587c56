/*
 * Every variant of the kernels against plain ones, which know no tricks: a step at many sizes, and the losses of
 * 200 steps of training. With MYOPIC_TEST_VERBOSE in the environment it prints how far apart they are.
 */
#include "train/train.h"
#include "variants.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 200, TENTH = 20, SPAN = 50 };
enum { BATCH = 16, SIDE = 12, BATCH_MOST = 1024, CLASSES = 4, WIDTH = 16 };

/* ---- a network with every kind of convolution -------------------------------------------------- */

/* y = (x + sqrt(x² + 1)) / 2: like a ReLU, without its corner. */
static int
soft_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	(void)err;
	*out = in;
	return 0;
}

static size_t
elements(size_t rows, struct myo_shape shape)
{
	return rows * (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

static void
soft_forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	(void)config;
	(void)out;
	for (size_t i = 0; i < elements(rows, in); i++)
		y[i] = (x[i] + sqrtf(x[i] * x[i] + 1)) / 2;
}

static void
soft_backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	(void)config;
	(void)out;
	(void)y;
	for (size_t i = 0; i < elements(rows, in); i++)
		dx[i] = dy[i] * (1 + x[i] / sqrtf(x[i] * x[i] + 1)) / 2;
}

static myo_node
activation(struct myo_net *net, myo_node x, bool smooth)
{
	const struct myo_custom soft = { .size = sizeof soft,
		.name = "soft",
		.shape = soft_shape,
		.forward = soft_forward,
		.backward = soft_backward };

	return smooth ? myo_custom_op(net, x, &soft) : myo_relu(net, x);
}

static myo_node
unit(struct myo_net *net, const char *name, myo_node x, struct myo_conv conv)
{
	x = myo_conv2d(net, name, x, conv);
	return myo_batchnorm(net, myo_name(net, "%s.bn", name), x, (struct myo_norm){ 0 });
}

/* Convolutions of few channels, on all pixels, strided, 1x1, and on a sixth of each side: 2x2 pixels of 12x12. */
static struct myo_net *
new_net(int side, bool smooth, uint64_t seed)
{
	const struct myo_conv same = { .out = WIDTH, .kernel = 3, .padding = 1 };
	const struct myo_conv wide = { .out = 2 * WIDTH, .kernel = 3, .padding = 1 };
	const struct myo_conv down = { .out = 2 * WIDTH, .kernel = 3, .stride = 2, .padding = 1 };
	const struct myo_conv project = { .out = 2 * WIDTH, .kernel = 1, .stride = 2 };
	const struct myo_pool2d third = { .kernel = 3 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ side, side, 3 }, CLASSES, &net, &err), MYO_OK);
	myo_node x = activation(net, unit(net, "stem", myo_input(net), same), smooth);
	x = myo_add(net, x, activation(net, unit(net, "a", x, same), smooth));
	const myo_node side_way = unit(net, "b.project", x, project);
	x = activation(net, myo_add(net, unit(net, "b", x, down), side_way), smooth);
	x = activation(net, unit(net, "c", x, wide), smooth);
	x = smooth ? myo_avgpool(net, x, third) : myo_maxpool(net, x, third);
	x = activation(net, unit(net, "d", x, wide), smooth);
	x = myo_linear(net, "fc", myo_flatten(net, x), CLASSES, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	myo_net_init(net, seed);
	return net;
}

/* ---- what it learns -------------------------------------------------------------------------------- */

/* Waves in a direction that is the class's, of any phase and colour, in noise. */
static void
draw(float *x, int32_t *labels, size_t batch, int side, uint64_t step)
{
	struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, step, 0);

	for (size_t n = 0; n < batch; n++) {
		labels[n] = (int32_t)myo_rng_below(&rng, CLASSES);
		const double angle = 3.14159265358979 * labels[n] / CLASSES, phase = 6.3 * myo_rng_real(&rng);
		double colour[3];
		for (int c = 0; c < 3; c++)
			colour[c] = myo_rng_normal(&rng);
		for (int i = 0; i < side * side; i++) {
			const double across = cos(angle) * (i % side) + sin(angle) * (i / side); /* pixels */
			const double wave = sin(1.3 * across + phase);
			for (int c = 0; c < 3; c++)
				*x++ = (float)(colour[c] * wave + myo_rng_normal(&rng));
		}
	}
}

static struct myo_plan *
new_plan(struct myo_net *net, enum myo_mode mode, const char *variant, size_t batch, int side)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;

	ck_assert_int_eq(setenv("MYOPIC_KERNELS", variant, 1), 0);
	ck_assert_msg(myo_plan_new(net, mode, batch, side, side, NULL, &plan, &err) == MYO_OK, "%s", err.text);
	return plan;
}

/* ---- a step at many sizes ------------------------------------------------------------------------ */

static const struct {
	int side;
	size_t batch;
} sizes[] = { { 8, 1024 }, { 8, 7 }, { 9, 1000 }, { 12, 64 }, { 16, 1 }, { 16, 7 }, { 23, 3 }, { 32, 2 }, { 48, 2 },
	{ 64, 1 }, { 96, 1 }, { 224, 1 } };

/* What a step of training leaves behind, and what prediction then says. */
struct outcome {
	float *logits, *predicted; /* [batch, CLASSES] */
	float *gradients;          /* of all weights */
	size_t count;              /* of gradients */
	double loss;
};

static float *
floats(size_t count)
{
	struct myo_err err;
	float *p = myo_calloc(count, sizeof *p, &err);

	ck_assert_ptr_nonnull(p);
	return p;
}

static void
run_step(const char *variant, size_t batch, int side, struct outcome *out)
{
	struct myo_net *net = new_net(side, true, 1);
	struct myo_plan *plan = new_plan(net, MYO_TRAIN, variant, batch, side);
	int32_t labels[BATCH_MOST];

	*out = (struct outcome){ .logits = floats(batch * CLASSES), .predicted = floats(batch * CLASSES),
		.gradients = floats(myo_net_parameters(net)) };
	draw(myo_plan_input(plan), labels, batch, side, 0);
	myo_plan_forward(plan, batch);
	out->loss = myo_plan_loss(plan, labels, 0, NULL);
	memcpy(out->logits, myo_plan_logits(plan), batch * CLASSES * sizeof(float));
	myo_plan_backward(plan);
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (w->gradient == NULL)
			continue;
		memcpy(out->gradients + out->count, w->gradient, w->elements * sizeof(float));
		out->count += w->elements;
	}
	myo_plan_free(plan);
	plan = new_plan(net, MYO_PREDICT, variant, batch, side);
	draw(myo_plan_input(plan), labels, batch, side, 1);
	myo_plan_forward(plan, batch);
	memcpy(out->predicted, myo_plan_logits(plan), batch * CLASSES * sizeof(float));
	myo_plan_free(plan);
	myo_net_free(net);
}

static void
outcome_clear(struct outcome *out)
{
	free(out->gradients);
	free(out->predicted);
	free(out->logits);
}

/* Root of the sum of squared differences, as a share of that of the numbers. */
static double
apart(const float *a, const float *b, size_t count)
{
	double difference = 0, size = 0;

	for (size_t i = 0; i < count; i++) {
		difference += pow((double)a[i] - (double)b[i], 2);
		size += pow((double)a[i], 2);
	}
	return sqrt(difference / size);
}

/* Roundings alone: 3e-7 to 5e-6. */
START_TEST(every_size_and_batch)
{
	const size_t batch = sizes[_i].batch;
	const int side = sizes[_i].side;
	struct outcome plain, fast;

	run_step("plain", batch, side, &plain);
	for (int v = PORTABLE; v < (int)MYO_COUNT(variants); v++) {
		if (choose_variant(v) == NULL)
			continue;
		run_step(variants[v], batch, side, &fast);
		const double logits = apart(plain.logits, fast.logits, batch * CLASSES);
		const double predicted = apart(plain.predicted, fast.predicted, batch * CLASSES);
		const double gradients = apart(plain.gradients, fast.gradients, plain.count);
		if (getenv("MYOPIC_TEST_VERBOSE") != NULL)
			(void)printf("%s, %zu of %dx%d: loss %.4f, differences: loss %.2g, logits %.2g, in prediction %.2g, "
				     "gradients %.2g\n", variants[v], batch, side, side, plain.loss,
				     fabs(plain.loss - fast.loss),
			    logits, predicted, gradients);
		ck_assert_msg(fabs(plain.loss - fast.loss) < 1e-5 && logits < 3e-5 && predicted < 3e-5 &&
		    gradients < 3e-5,
		    "%s, %zu of %dx%d: the loss differs by %g, logits by %g, in prediction by %g, gradients by %g",
		    variants[v], batch, side, side, fabs(plain.loss - fast.loss), logits, predicted, gradients);
		outcome_clear(&fast);
	}
	outcome_clear(&plain);
}
END_TEST

/* ---- 200 steps --------------------------------------------------------------------------------------- */

/* The loss of each step. */
static void
train(const char *variant, bool smooth, uint64_t seed, double *losses)
{
	const struct myo_optimiser_options sgd = {
		.kind = MYO_SGD, .momentum = 0.9, .nesterov = true, .decay = 5e-4
	};
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = new_net(SIDE, smooth, seed);
	struct myo_optimiser *optimiser;
	struct myo_plan *plan = new_plan(net, MYO_TRAIN, variant, BATCH, SIDE);
	int32_t labels[BATCH];

	ck_assert_int_eq(myo_optimiser_new(net, &sgd, NULL, &optimiser, &err), MYO_OK);
	for (uint64_t step = 0; step < STEPS; step++) {
		draw(myo_plan_input(plan), labels, BATCH, SIDE, step);
		myo_plan_forward(plan, BATCH);
		losses[step] = myo_plan_loss(plan, labels, 0, NULL);
		myo_plan_backward(plan);
		myo_optimiser_step(optimiser, 0.02);
	}
	myo_optimiser_free(optimiser);
	myo_plan_free(plan);
	myo_net_free(net);
}

/* Largest and mean difference of two curves over steps [from, to). */
static void
compare(const double *a, const double *b, int from, int to, double *largest, double *average)
{
	*largest = *average = 0;
	for (int step = from; step < to; step++) {
		const double difference = fabs(a[step] - b[step]);
		ck_assert(isfinite(difference));
		*largest = fmax(*largest, difference);
		*average += difference / (to - from);
	}
}

static double
mean(const double *losses, int from, int to)
{
	double sum = 0;

	for (int step = from; step < to; step++)
		sum += losses[step];
	return sum / (to - from);
}

static void
report(const char *variant, const char *network, const double *plain, const double *fast)
{
	double largest, average;

	compare(plain, fast, 0, STEPS, &largest, &average);
	if (getenv("MYOPIC_TEST_VERBOSE") != NULL)
		(void)printf("%s, %s: loss %.3f to %.3f; difference at most %.2g, in the mean %.2g\n", variant, network,
		    mean(plain, 0, TENTH), mean(plain, STEPS - TENTH, STEPS), largest, average);
}

/*
 * Kernels round differently, by about 1e-7 of a loss. Where nothing in a network has a corner, training makes
 * no more of it: over six seeds the curves stayed within 2e-6 of each other for all 200 steps.
 */
START_TEST(without_corners_curves_are_the_same)
{
	double plain[STEPS], fast[STEPS], largest, average;

	train("plain", true, 1, plain);
	ck_assert_msg(mean(plain, STEPS - TENTH, STEPS) < 0.3 * mean(plain, 0, TENTH), "it doesn't learn");
	for (int v = PORTABLE; v < (int)MYO_COUNT(variants); v++) {
		if (choose_variant(v) == NULL)
			continue;
		train(variants[v], true, 1, fast);
		report(variants[v], "smooth", plain, fast);
		compare(plain, fast, 0, STEPS, &largest, &average);
		ck_assert_msg(largest < 1e-5, "%s: the losses differ by %g", variants[v], largest);
	}
}
END_TEST

/*
 * A ReLU lets the gradient of a pixel through or not, so sooner or later, mostly after ten to fifty steps,
 * a rounding turns into another gradient. From there the curves part, as those of any two runs do that
 * differ in one bit, and wander around each other: over eight seeds single losses, of 16 rows, came to
 * differ by as much as 0.5, but the means of 50 steps by 0.03 at most.
 */
START_TEST(curves_lie_on_each_other)
{
	double plain[STEPS], fast[STEPS], largest, average;

	train("plain", false, 1, plain);
	for (int v = PORTABLE; v < (int)MYO_COUNT(variants); v++) {
		if (choose_variant(v) == NULL)
			continue;
		train(variants[v], false, 1, fast);
		report(variants[v], "with ReLUs", plain, fast);
		compare(plain, fast, 0, 1, &largest, &average);
		ck_assert_msg(largest < 1e-6, "%s: the first losses differ by %g", variants[v], largest);
		compare(plain, fast, 0, TENTH, &largest, &average);
		ck_assert_msg(largest < 2e-2, "%s: early losses differ by %g", variants[v], largest);
		for (int from = 0; from < STEPS; from += SPAN) {
			const double difference = mean(fast, from, from + SPAN) - mean(plain, from, from + SPAN);
			ck_assert_msg(fabs(difference) < 0.1, "%s: the mean loss after step %d differs by %g",
			    variants[v], from, difference);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("variants");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, every_size_and_batch, 0, (int)MYO_COUNT(sizes));
	tcase_add_test(all, without_corners_curves_are_the_same);
	tcase_add_test(all, curves_lie_on_each_other);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
