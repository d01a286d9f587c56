/* The engine against PyTorch: each operation, and the whole of resnet9. */
#include "golden.h"
#include "plugin/plugin.h"

enum { ROWS = 5 };

/* ---- networks of one operation ------------------------------------------------------------- */

typedef myo_node build_case(struct myo_net *net, myo_node x);

static myo_node
conv3x3(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 8, .kernel = 3, .padding = 1 });
}

static myo_node
conv3x3_bias(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 20, .kernel = 3, .padding = 1, .bias = true });
}

static myo_node
conv3x3_valid(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 7, .kernel = 3 });
}

static myo_node
conv3x3_stride2(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 5, .kernel = 3, .stride = 2, .padding = 1 });
}

static myo_node
conv5x5_groups(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x,
	    (struct myo_conv){ .out = 4, .kernel = 5, .padding = 2, .groups = 2, .bias = true });
}

static myo_node
conv_depthwise(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 8, .kernel = 3, .padding = 1, .groups = 8 });
}

static myo_node
conv1x1(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 33, .kernel = 1 });
}

static myo_node
conv1x1_stride2(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 6, .kernel = 1, .stride = 2 });
}

static myo_node
conv7x7_stride2(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 6, .kernel = 7, .stride = 2, .padding = 3 });
}

static myo_node
conv2x2_padded(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "conv", x, (struct myo_conv){ .out = 5, .kernel = 2, .padding = 2, .bias = true });
}

static myo_node
batchnorm(struct myo_net *net, myo_node x)
{
	return myo_batchnorm(net, "bn", x, (struct myo_norm){ .momentum = 0.9, .eps = 1e-3 });
}

static myo_node
batchnorm_relu(struct myo_net *net, myo_node x)
{
	return myo_relu(net, myo_batchnorm(net, "bn", x, (struct myo_norm){ 0 }));
}

static myo_node
conv_batchnorm(struct myo_net *net, myo_node x)
{
	const int channels = myo_shape_of(net, x).channels;

	x = myo_conv2d(net, "conv", x, (struct myo_conv){ .out = channels, .kernel = 3, .padding = 1 });
	return myo_batchnorm(net, "bn", x, (struct myo_norm){ 0 });
}

static myo_node
residual_after(struct myo_net *net, myo_node x)
{
	return myo_relu(net, myo_add(net, conv_batchnorm(net, x), x));
}

static myo_node
residual_before(struct myo_net *net, myo_node x)
{
	return myo_add(net, x, myo_relu(net, conv_batchnorm(net, x)));
}

static myo_node
maxpool2(struct myo_net *net, myo_node x)
{
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2 });
}

static myo_node
maxpool3(struct myo_net *net, myo_node x)
{
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 3, .stride = 2, .padding = 1 });
}

static myo_node
avgpool2(struct myo_net *net, myo_node x)
{
	return myo_avgpool(net, x, (struct myo_pool2d){ .kernel = 2 });
}

static myo_node
avgpool3(struct myo_net *net, myo_node x)
{
	return myo_avgpool(net, x, (struct myo_pool2d){ .kernel = 3, .stride = 2, .padding = 1 });
}

static myo_node
adaptive(struct myo_net *net, myo_node x)
{
	return myo_adaptive_avgpool(net, x, 3, 2);
}

static myo_node
adaptive_wider(struct myo_net *net, myo_node x)
{
	return myo_adaptive_avgpool(net, x, 3, 4);
}

static myo_node
linear(struct myo_net *net, myo_node x)
{
	return myo_linear(net, "fc", myo_flatten(net, x), 11, true);
}

static myo_node
linear_plain(struct myo_net *net, myo_node x)
{
	return myo_linear(net, "fc", x, 6, false);
}

static myo_node
add_scale(struct myo_net *net, myo_node x)
{
	return myo_add(net, x, myo_scale(net, x, 0.5));
}

static const struct {
	const char *name;
	struct myo_shape in;
	build_case *build;
} cases[] = {
	{ "conv3x3", { 7, 6, 5 }, conv3x3 },
	{ "conv3x3_bias", { 5, 9, 3 }, conv3x3_bias },
	{ "conv3x3_valid", { 6, 5, 4 }, conv3x3_valid },
	{ "conv3x3_stride2", { 9, 7, 6 }, conv3x3_stride2 },
	{ "conv5x5_groups", { 8, 7, 6 }, conv5x5_groups },
	{ "conv_depthwise", { 6, 6, 8 }, conv_depthwise },
	{ "conv1x1", { 5, 4, 9 }, conv1x1 },
	{ "conv1x1_stride2", { 7, 7, 4 }, conv1x1_stride2 },
	{ "conv7x7_stride2", { 13, 12, 3 }, conv7x7_stride2 },
	{ "conv2x2_padded", { 3, 4, 3 }, conv2x2_padded },
	{ "batchnorm", { 5, 4, 7 }, batchnorm },
	{ "batchnorm_relu", { 4, 4, 6 }, batchnorm_relu },
	{ "residual_after", { 4, 5, 4 }, residual_after },
	{ "residual_before", { 4, 5, 4 }, residual_before },
	{ "relu", { 3, 5, 4 }, myo_relu },
	{ "maxpool2", { 6, 7, 3 }, maxpool2 },
	{ "maxpool3", { 7, 8, 3 }, maxpool3 },
	{ "avgpool2", { 6, 7, 3 }, avgpool2 },
	{ "avgpool3", { 7, 8, 3 }, avgpool3 },
	{ "adaptive", { 7, 5, 3 }, adaptive },
	{ "adaptive_wider", { 2, 3, 3 }, adaptive_wider },
	{ "linear", { 2, 3, 5 }, linear },
	{ "linear_plain", { 1, 1, 70 }, linear_plain },
	{ "add_scale", { 3, 3, 4 }, add_scale },
};

/* The shape of what an operation makes decides how many classes a network has, so it is built twice. */
static struct myo_net *
case_net(struct myo_shape in, build_case *build)
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

/* ---- comparing -------------------------------------------------------------------------------- */

static struct myo_plan *
new_plan(struct myo_net *net, enum myo_mode mode, size_t rows, int height, int width, const char *input)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;

	ck_assert_msg(myo_plan_new(net, mode, rows, height, width, NULL, &plan, &err) == MYO_OK, "%s", err.text);
	golden_fill(input, 1, myo_plan_input(plan),
	    rows * (size_t)height * (size_t)width * (size_t)myo_net_input(net).channels);
	return plan;
}

static const char *
key(const char *first, const char *between, const char *last)
{
	static char text[256];

	(void)snprintf(text, sizeof text, "%s.%s%s", first, between, last);
	return text;
}

/* Gradients of all parameters, and the buffers, by compare(). */
static void
compare_weights(const struct myo_record *golden, const char *name, const struct myo_net *net,
    double tolerance,
    void (*compare)(
	const struct myo_record *golden, const char *key, const float *is, size_t count, double tolerance))
{
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (w->role == MYO_BUFFER)
			compare(golden, key(name, "", w->name), w->value, w->elements, tolerance);
		else
			compare(golden, key(name, "d.", w->name), w->gradient, w->elements, tolerance);
	}
}

START_TEST(operation_is_as_pytorch_has_it)
{
	const char *name = cases[_i].name;
	const struct myo_shape in = cases[_i].in;
	const double tolerance = 3e-6; /* sums of up to some hundred products in single precision */
	struct myo_record golden = MYO_RECORD_INIT;
	struct myo_net *net = case_net(in, cases[_i].build);
	const size_t classes = (size_t)myo_net_classes(net);
	int32_t labels[ROWS];
	float loss;

	golden_load("operations.safetensors", &golden);
	golden_start(net);
	for (size_t n = 0; n < ROWS; n++)
		labels[n] = (int32_t)((7 * n + 3) % classes);

	struct myo_plan *plan = new_plan(net, MYO_TRAIN, ROWS, in.height, in.width, name);
	myo_plan_want_input_gradient(plan, true);
	myo_plan_forward(plan, ROWS);
	loss = (float)myo_plan_loss(plan, labels, 0.1, NULL);
	myo_plan_backward(plan);
	golden_compare(&golden, key(name, "", "logits"), myo_plan_logits(plan), ROWS * classes, tolerance);
	golden_compare(&golden, key(name, "", "loss"), &loss, 1, tolerance);
	golden_compare(&golden, key(name, "", "dx"), myo_plan_input_gradient(plan),
	    ROWS * (size_t)(in.height * in.width * in.channels), tolerance);
	compare_weights(&golden, name, net, tolerance, golden_compare);
	myo_plan_free(plan);

	plan = new_plan(net, MYO_PREDICT, ROWS, in.height, in.width, name);
	myo_plan_forward(plan, ROWS);
	golden_compare(&golden, key(name, "", "predict"), myo_plan_logits(plan), ROWS * classes, tolerance);
	myo_plan_free(plan);
	myo_net_free(net);
	myo_record_clear(&golden);
}
END_TEST

/* Eight convolutions and normalisations add up to errors of some 1e-5, and more in the gradients. */
START_TEST(resnet9_is_as_pytorch_has_it)
{
	static const int32_t labels[] = { 3, 8, 8, 0, 6, 1, 9, 4 };
	const size_t rows = _i == 0 ? MYO_COUNT(labels) : 3;
	const char *input = _i == 0 ? "resnet9.input" : "resnet9.wide3";
	const char *spec = _i == 0 ? "resnet9:width=16" : "resnet9:width=64";
	const char *name = _i == 0 ? "w16" : "w64";
	const double tolerance = 1e-4, gradient_tolerance = 5e-4;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record golden = MYO_RECORD_INIT;
	struct myo_arch *arch;
	struct myo_net *net;

	golden_load("resnet9.safetensors", &golden);
	ck_assert_msg(myo_arch_new(spec, &arch, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(
	    myo_arch_build(arch, (struct myo_shape){ 16, 16, 3 }, 10, 0, &net, &err) == MYO_OK, "%s", err.text);
	golden_start(net);

	struct myo_plan *plan = new_plan(net, MYO_TRAIN, rows, 16, 16, input);
	myo_plan_want_input_gradient(plan, true);
	myo_plan_forward(plan, rows);
	const float loss = (float)myo_plan_loss(plan, labels, 0, NULL);
	myo_plan_backward(plan);
	golden_compare(&golden, key(name, "", "logits"), myo_plan_logits(plan), rows * 10, tolerance);
	golden_compare(&golden, key(name, "", "loss"), &loss, 1, tolerance);
	golden_compare_sample(&golden, key(name, "", "dx"), myo_plan_input_gradient(plan), rows * 16 * 16 * 3,
	    gradient_tolerance);
	compare_weights(&golden, name, net, gradient_tolerance, golden_compare_sample);
	myo_plan_free(plan);

	plan = new_plan(net, MYO_PREDICT, rows, 16, 16, input);
	myo_plan_forward(plan, rows);
	golden_compare(&golden, key(name, "", "predict"), myo_plan_logits(plan), rows * 10, tolerance);
	myo_plan_free(plan);

	plan = new_plan(net, MYO_PREDICT, 2, 32, 32, "resnet9.larger");
	myo_plan_forward(plan, 2);
	golden_compare(&golden, key(name, "", "predict32"), myo_plan_logits(plan), 20, tolerance);
	myo_plan_free(plan);
	myo_net_free(net);
	myo_arch_free(arch);
	myo_record_clear(&golden);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("golden");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, operation_is_as_pytorch_has_it, 0, (int)MYO_COUNT(cases));
	tcase_add_loop_test(all, resnet9_is_as_pytorch_has_it, 0, 2);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
