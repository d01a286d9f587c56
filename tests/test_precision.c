/*
 * Convolutions as networks have them, all three passes, against the sum itself in double precision, by
 * every variant of the kernels. Whatever way the engine chooses for a shape is measured: the network is
 * one convolution. With MYOPIC_TEST_VERBOSE in the environment it prints the largest errors.
 */
#include "net/net.h"
#include "variants.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Error allowed, as a share of the largest result. Products of matrices have 1e-7 to 1e-6; Winograd's
 * F(4x4, 3x3) multiplies by up to 8 on the way there and back, and has 2e-6 to 2e-5.
 */
static const double tolerance = 1e-4, plain_tolerance = 2e-6;

struct shape {
	int rows, side, inputs, outputs, kernel, stride, padding;
};

/* Of resnet9 and the CIFAR and ImageNet forms of resnet; then strides, small pictures, large ones. */
static const struct shape realistic[] = {
	{ 16, 16, 3, 64, 3, 1, 1 },
	{ 16, 16, 16, 16, 3, 1, 1 },
	{ 72, 16, 64, 64, 3, 1, 1 },
	{ 16, 16, 64, 128, 3, 1, 1 },
	{ 24, 8, 128, 128, 3, 1, 1 },
	{ 32, 4, 256, 256, 3, 1, 1 },
	{ 32, 4, 256, 512, 3, 1, 1 },
	{ 64, 2, 256, 256, 3, 1, 1 },
	{ 64, 1, 256, 256, 3, 1, 1 },
	{ 16, 16, 16, 32, 3, 2, 1 },
	{ 16, 16, 64, 128, 3, 2, 1 },
	{ 32, 4, 128, 256, 3, 2, 1 },
	{ 16, 16, 64, 128, 1, 2, 0 },
	{ 16, 8, 64, 256, 1, 1, 0 },
	{ 1, 64, 3, 64, 7, 2, 3 },
	{ 1, 56, 64, 64, 3, 1, 1 },
	{ 1, 64, 32, 32, 3, 1, 1 },
	{ 3, 23, 48, 20, 5, 1, 2 },
};

/* Sides where tiles hang over the edge, with each padding; channels that don't fill vectors. */
static const int sides[] = { 5, 7, 9, 13, 15, 17, 31, 33 };
enum { PADDINGS = 3, EDGES = PADDINGS * (int)MYO_COUNT(sides) };

static struct shape
edge(int number)
{
	const int side = sides[number / PADDINGS];

	return (struct shape){ side < 12 ? 9 : 3, side, 13 + side, 55 - side, 3, 1, number % PADDINGS };
}

/* ---- a network that is one convolution --------------------------------------------------------- */

/* Notes the results, and puts a gradient of our own in place of the loss's; rows come in order. */
struct probe {
	float *result;
	const float *gradient;
	size_t seen, given; /* numbers so far */
};

static size_t
elements(struct myo_shape shape)
{
	return (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

static int
probe_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	(void)err;
	*out = in;
	return 0;
}

static void
probe_forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	struct probe *probe = *(struct probe *const *)config;

	(void)out;
	memcpy(probe->result + probe->seen, x, rows * elements(in) * sizeof *x);
	memcpy(y, x, rows * elements(in) * sizeof *y);
	probe->seen += rows * elements(in);
}

static void
probe_backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	struct probe *probe = *(struct probe *const *)config;

	(void)out;
	(void)x;
	(void)y;
	(void)dy;
	memcpy(dx, probe->gradient + probe->given, rows * elements(in) * sizeof *dx);
	probe->given += rows * elements(in);
}

/* Operands and results; x [rows, side, side, inputs], w as PyTorch has it, dy [rows, out, out, outputs]. */
struct trial {
	struct shape s;
	int out; /* side */
	size_t x_count, y_count, w_count;
	float *x, *w, *dy;
	float *y, *predicted, *dx, *dw;
};

static float *
floats(size_t count, uint64_t which)
{
	struct myo_rng rng = myo_rng_at(9, MYO_RNG_TEST, which, count);
	struct myo_err err;
	float *p = myo_calloc(count, sizeof *p, &err);

	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < count; i++)
		p[i] = (float)myo_rng_normal(&rng);
	return p;
}

static void
trial_init(struct trial *t, struct shape s)
{
	const int out = (s.side + 2 * s.padding - s.kernel) / s.stride + 1;

	*t = (struct trial){ .s = s, .out = out };
	t->x_count = (size_t)(s.rows * s.side * s.side * s.inputs);
	t->y_count = (size_t)(s.rows * out * out * s.outputs);
	t->w_count = (size_t)(s.outputs * s.inputs * s.kernel * s.kernel);
	t->x = floats(t->x_count, 1);
	t->w = floats(t->w_count, 2);
	t->dy = floats(t->y_count, 3);
	t->y = floats(t->y_count, 4);
	t->predicted = floats(t->y_count, 4);
	t->dx = floats(t->x_count, 4);
	t->dw = floats(t->w_count, 4);
	for (size_t i = 0; i < t->x_count; i++) /* as after a ReLU */
		t->x[i] = fmaxf(t->x[i], 0);
}

static void
trial_clear(struct trial *t)
{
	free(t->x);
	free(t->w);
	free(t->dy);
	free(t->y);
	free(t->predicted);
	free(t->dx);
	free(t->dw);
}

static struct myo_net *
new_net(const struct trial *t, struct probe *probe)
{
	const struct myo_conv conv = { .out = t->s.outputs,
		.kernel = t->s.kernel,
		.stride = t->s.stride,
		.padding = t->s.padding };
	const struct myo_custom op = { .size = sizeof op,
		.name = "probe",
		.shape = probe_shape,
		.forward = probe_forward,
		.backward = probe_backward,
		.config = &probe,
		.config_size = sizeof probe };
	const struct myo_shape in = { t->s.side, t->s.side, t->s.inputs };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new(in, t->out * t->out * t->s.outputs, &net, &err), MYO_OK);
	const myo_node x = myo_custom_op(net, myo_conv2d(net, "c", myo_input(net), conv), &op);
	ck_assert_msg(myo_output(net, myo_flatten(net, x), &err) == 0, "%s", err.text);
	memcpy(myo_net_find_weight(net, "c.weight")->value, t->w, t->w_count * sizeof *t->w);
	myo_net_changed(net);
	return net;
}

static struct myo_plan *
run_forward(const struct trial *t, struct myo_net *net, enum myo_mode mode)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;

	ck_assert_msg(myo_plan_new(net, mode, (size_t)t->s.rows, t->s.side, t->s.side, NULL, &plan, &err) ==
		MYO_OK, "%s", err.text);
	memcpy(myo_plan_input(plan), t->x, t->x_count * sizeof *t->x);
	myo_plan_want_input_gradient(plan, true);
	myo_plan_forward(plan, (size_t)t->s.rows);
	return plan;
}

static void
run_trial(struct trial *t)
{
	struct probe probe = { .result = t->predicted };
	struct myo_net *net = new_net(t, &probe);
	int32_t labels[128] = { 0 };

	ck_assert_int_le(t->s.rows, (int)MYO_COUNT(labels));
	myo_plan_free(run_forward(t, net, MYO_PREDICT));
	ck_assert_uint_eq(probe.seen, t->y_count);
	probe = (struct probe){ .result = t->y, .gradient = t->dy };
	struct myo_plan *plan = run_forward(t, net, MYO_TRAIN);
	(void)myo_plan_loss(plan, labels, 0, NULL);
	myo_plan_backward(plan);
	ck_assert(probe.seen == t->y_count && probe.given == t->y_count);
	memcpy(t->dx, myo_plan_input_gradient(plan), t->x_count * sizeof *t->dx);
	memcpy(t->dw, myo_net_find_weight(net, "c.weight")->gradient, t->w_count * sizeof *t->dw);
	myo_plan_free(plan);
	myo_net_free(net);
}

/* ---- the same in double -------------------------------------------------------------------------- */

/*
 * Rows of a batch don't know of each other, nor do the weights of one output of those of another: so the
 * first and the last row, and some outputs' weights, stand for all.
 */
struct truth {
	int row[2];
	double *y, *dx;       /* [2], as those of the trial */
	int outputs, step;    /* every step-th output's weights */
	double *dw;           /* [outputs, inputs, kernel, kernel] */
	double *w, *w_turned; /* [kernel, kernel, inputs, outputs], [kernel, kernel, outputs, inputs] */
};

static double *
doubles(size_t count)
{
	struct myo_err err;
	double *p = myo_calloc(count, sizeof *p, &err);

	ck_assert_ptr_nonnull(p);
	return p;
}

/* to[j] += sum over i of v[i] m[i][j] */
static void
add_product(double *restrict to, const float *v, int rows, const double *restrict m, int columns)
{
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < columns; j++)
			to[j] += (double)v[i] * m[i * columns + j];
}

static void
add_weights(const struct trial *t, struct truth *truth, const float *x, const float *dy, int place)
{
	const int places = t->s.kernel * t->s.kernel;

	for (int k = 0; k < truth->outputs; k++)
		for (int c = 0; c < t->s.inputs; c++)
			truth->dw[(k * t->s.inputs + c) * places + place] +=
			    (double)x[c] * (double)dy[k * truth->step];
}

/* One row of the batch; number: of those for which y and dx are wanted, or -1. */
static void
true_row(const struct trial *t, struct truth *truth, int row, int number)
{
	const struct shape s = t->s;
	const int places = s.kernel * s.kernel;

	for (int i = 0; i < t->out * t->out * places; i++) {
		const int pixel = i / places, place = i % places;
		const int y = pixel / t->out * s.stride + place / s.kernel - s.padding;
		const int x = pixel % t->out * s.stride + place % s.kernel - s.padding;
		if (y < 0 || y >= s.side || x < 0 || x >= s.side)
			continue;
		const float *seen = t->x + (size_t)((row * s.side + y) * s.side + x) * (size_t)s.inputs;
		const float *dy = t->dy + (size_t)(row * t->out * t->out + pixel) * (size_t)s.outputs;
		add_weights(t, truth, seen, dy, place);
		if (number < 0)
			continue;
		add_product(truth->y + (number * t->out * t->out + pixel) * s.outputs, seen, s.inputs,
		    truth->w + place * s.inputs * s.outputs, s.outputs);
		add_product(truth->dx + ((number * s.side + y) * s.side + x) * s.inputs, dy, s.outputs,
		    truth->w_turned + place * s.inputs * s.outputs, s.inputs);
	}
}

static void
truth_init(struct truth *truth, const struct trial *t)
{
	const struct shape s = t->s;
	const int places = s.kernel * s.kernel;

	*truth = (struct truth){ .row = { 0, s.rows - 1 }, .outputs = s.outputs < 5 ? s.outputs : 5 };
	truth->step = (s.outputs - 1) / (truth->outputs > 1 ? truth->outputs - 1 : 1);
	truth->y = doubles(2 * t->y_count / (size_t)s.rows);
	truth->dx = doubles(2 * t->x_count / (size_t)s.rows);
	truth->dw = doubles((size_t)(truth->outputs * s.inputs * places));
	truth->w = doubles(t->w_count);
	truth->w_turned = doubles(t->w_count);
	for (int k = 0; k < s.outputs; k++)
		for (int c = 0; c < s.inputs; c++)
			for (int p = 0; p < places; p++) {
				const double w = (double)t->w[(k * s.inputs + c) * places + p];
				truth->w[(p * s.inputs + c) * s.outputs + k] = w;
				truth->w_turned[(p * s.outputs + k) * s.inputs + c] = w;
			}
	for (int row = 0; row < s.rows; row++)
		true_row(t, truth, row, row == truth->row[0] ? 0 : row == truth->row[1] ? 1 : -1);
}

static void
truth_clear(struct truth *truth)
{
	free(truth->y);
	free(truth->dx);
	free(truth->dw);
	free(truth->w);
	free(truth->w_turned);
}

/* ---- how far apart ------------------------------------------------------------------------------- */

struct error {
	double worst, largest;
};

static void
account(struct error *e, const float *got, const double *want, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const double error = fabs((double)got[i] - want[i]);
		e->worst = error > e->worst || isnan(error) ? error : e->worst; /* NaN stays */
		e->largest = fmax(e->largest, fabs(want[i]));
	}
}

static struct error
error_of_rows(const struct truth *truth, const float *got, const double *want, size_t count)
{
	struct error e = { 0, 0 };

	for (size_t i = 0; i < 2; i++)
		account(&e, got + (size_t)truth->row[i] * count, want + (truth->row[1] > 0 ? i : 0) * count, count);
	return e;
}

static struct error
error_of_weights(const struct truth *truth, const struct trial *t)
{
	const size_t count = t->w_count / (size_t)t->s.outputs;
	struct error e = { 0, 0 };

	for (size_t k = 0; k < (size_t)truth->outputs; k++)
		account(&e, t->dw + k * (size_t)truth->step * count, truth->dw + k * count, count);
	return e;
}

static double
must_be_small(const char *what, const char *variant, const struct shape *s, struct error e)
{
	const double bound = strcmp(variant, "plain") == 0 ? plain_tolerance : tolerance;

	ck_assert_msg(e.largest > 0 && e.worst < bound * e.largest,
	    "%s: %s of %dx%d, %d to %d, kernel %d, stride %d, padding %d: error %g of %g", variant, what, s->side,
	    s->side, s->inputs, s->outputs, s->kernel, s->stride, s->padding, e.worst, e.largest);
	return e.worst / e.largest;
}

static void
check_shape(struct shape s)
{
	struct trial t;
	struct truth truth;

	trial_init(&t, s);
	truth_init(&truth, &t);
	const size_t outs = t.y_count / (size_t)s.rows, ins = t.x_count / (size_t)s.rows;
	for (int v = 0; v < (int)MYO_COUNT(variants); v++) {
		if (choose_variant(v) == NULL)
			continue;
		run_trial(&t);
		const double y = must_be_small("result", variants[v], &s, error_of_rows(&truth, t.y, truth.y, outs));
		const double predicted = must_be_small("result in prediction", variants[v], &s,
		    error_of_rows(&truth, t.predicted, truth.y, outs));
		const double dx = must_be_small("input gradient", variants[v], &s,
		    error_of_rows(&truth, t.dx, truth.dx, ins));
		const double dw = must_be_small("weights' gradient", variants[v], &s, error_of_weights(&truth, &t));
		if (getenv("MYOPIC_TEST_VERBOSE") != NULL)
			(void)printf("%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%.1e\t%.1e\t%.1e\n", s.rows, s.side, s.inputs,
			    s.outputs, s.kernel, s.stride, s.padding, variants[v], fmax(y, predicted), dx, dw);
	}
	truth_clear(&truth);
	trial_clear(&t);
}

START_TEST(networks_shapes)
{
	check_shape(realistic[_i]);
}
END_TEST

START_TEST(edges)
{
	check_shape(edge(_i));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("precision");
	TCase *all = tcase_create("all");

	if (getenv("MYOPIC_TEST_VERBOSE") != NULL)
		(void)printf("rows\tside\tinputs\toutputs\tkernel\tstride\tpadding\tkernels\tforward\tinput\tweights\n");
	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, networks_shapes, 0, (int)MYO_COUNT(realistic));
	tcase_add_loop_test(all, edges, 0, EDGES);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
