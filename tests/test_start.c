/* How weights begin: partial identities, whitening, and what is frozen. */
#include "net/eigen.h"
#include "net/net.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, SIDE = 6, CLASSES = 4 };

/* Two convolutions, of 3 inputs in one group and of 8 in two, each with a normalisation. */
static struct myo_net *
new_net(enum myo_start start, bool frozen)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ SIDE, SIDE, 3 }, CLASSES, &net, &err), MYO_OK);
	myo_node x = myo_input(net);
	x = myo_conv2d(net, "c", x,
	    (struct myo_conv){ .out = 8, .kernel = 2, .bias = true, .start = start, .frozen = frozen });
	x = myo_relu(net, myo_batchnorm(net, "n", x, (struct myo_norm){ .frozen_scale = frozen }));
	x = myo_conv2d(net, "d", x,
	    (struct myo_conv){ .out = 10, .kernel = 3, .padding = 1, .groups = 2, .start = start });
	x = myo_relu(net, myo_batchnorm(net, "m", x, (struct myo_norm){ 0 }));
	x = myo_linear(net, "fc", myo_flatten(net, x), CLASSES, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	myo_net_init(net, 3);
	return net;
}

START_TEST(identities_pass_on_as_many_channels_as_there_are)
{
	struct myo_net *he = new_net(MYO_START_HE, false), *identity = new_net(MYO_START_IDENTITY, false);
	const struct {
		const char *name;
		size_t filters, inputs, side, centre; /* of a group */
	} convs[] = { { "c.weight", 8, 3, 2, 3 }, { "d.weight", 5, 4, 3, 4 } };

	for (size_t i = 0; i < MYO_COUNT(convs); i++) {
		const size_t area = convs[i].side * convs[i].side, filter = convs[i].inputs * area;
		const struct myo_weight *w = myo_net_find_weight(identity, convs[i].name);
		const float *drawn = myo_net_find_weight(he, convs[i].name)->value;
		for (size_t k = 0; k < w->elements; k++) {
			const size_t out = k / filter % convs[i].filters, place = k % filter;
			const float passes = place == out * area + convs[i].centre ? 1 : 0;
			ck_assert(w->value[k] == (out < convs[i].inputs ? passes : drawn[k]));
		}
	}
	ck_assert(myo_net_find_weight(identity, "fc.weight")->value[7] ==
		  myo_net_find_weight(he, "fc.weight")->value[7]);
	myo_net_free(identity);
	myo_net_free(he);
}
END_TEST

static void
train_once(struct myo_net *net)
{
	static const int32_t labels[ROWS] = { 0, 1, 2, 3, 1 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 0, 0);
	struct myo_plan *plan;

	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, ROWS, SIDE, SIDE, NULL, &plan, &err), MYO_OK);
	for (size_t i = 0; i < ROWS * SIDE * SIDE * 3; i++)
		myo_plan_input(plan)[i] = (float)myo_rng_normal(&rng);
	myo_plan_forward(plan, ROWS);
	(void)myo_plan_loss(plan, labels, 0, NULL);
	myo_plan_backward(plan);
	myo_plan_free(plan);
}

static bool
all_zero(const struct myo_weight *w)
{
	for (size_t i = 0; i < w->elements; i++)
		if (w->gradient[i] != 0)
			return false;
	return true;
}

/* The frozen tensors of one network have no gradient, and all others that of the other network. */
static void
compare_gradients(const struct myo_net *frozen, const struct myo_net *all)
{
	for (size_t i = 0; i < myo_net_weights(all); i++) {
		const struct myo_weight *w = myo_net_weight(frozen, i), *other = myo_net_weight(all, i);
		if (w->gradient == NULL)
			continue;
		ck_assert(!all_zero(other));
		if (w->frozen)
			ck_assert_msg(all_zero(w), "%s has a gradient", w->name);
		else
			ck_assert_mem_eq(w->gradient, other->gradient, w->elements * sizeof(float));
	}
}

START_TEST(frozen_weights_have_no_gradient)
{
	struct myo_net *all = new_net(MYO_START_HE, false), *frozen = new_net(MYO_START_HE, true);

	ck_assert(myo_net_find_weight(frozen, "c.weight")->frozen && myo_net_find_weight(frozen, "n.weight")->frozen);
	ck_assert(!myo_net_find_weight(frozen, "c.bias")->frozen && !myo_net_find_weight(frozen, "n.bias")->frozen);
	train_once(all);
	train_once(frozen);
	compare_gradients(frozen, all);

	/* Whatever the caller freezes, and whatever has had a gradient before. */
	for (size_t i = 0; i < myo_net_weights(frozen); i++) {
		myo_net_init(frozen, 3);
		train_once(frozen);
		myo_net_weight(frozen, i)->frozen = true;
		train_once(frozen);
		compare_gradients(frozen, all);
	}
	myo_net_free(frozen);
	myo_net_free(all);
}
END_TEST

/* ---- whitening ------------------------------------------------------------------------ */

/* Products of a random matrix with itself, of rank `rank`, have known sums to come back to. */
START_TEST(eigenvectors_make_the_matrix_again)
{
	static const struct {
		size_t n, rank;
	} cases[] = { { 1, 1 }, { 2, 2 }, { 12, 12 }, { 12, 5 }, { 27, 27 }, { 48, 40 } };
	const size_t n = cases[_i].n, rank = cases[_i].rank;
	struct myo_rng rng = myo_rng_at(2, MYO_RNG_TEST, (uint64_t)_i, 0);
	double *memory = calloc(n * (rank + 3 * n + 1), sizeof *memory);
	double *root = memory, *a = root + n * rank, *given = a + n * n, *vectors = given + n * n,
	       *values = vectors + n * n;

	ck_assert_ptr_nonnull(memory);
	for (size_t i = 0; i < n * rank; i++)
		root[i] = myo_rng_normal(&rng) * pow(10, (double)(i % rank) / (double)rank * 4); /* ill-conditioned */
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			for (size_t j = 0; j < rank; j++)
				a[i * n + k] += root[i * rank + j] * root[k * rank + j];
	memcpy(given, a, n * n * sizeof *a);
	net_eigen(a, n, values, vectors);

	for (size_t i = 0; i < n; i++) {
		ck_assert(i == 0 || values[i] <= values[i - 1]);
		ck_assert(i < rank ? values[i] > 0 : fabs(values[i]) < 1e-12 * values[0]);
		double largest = 0; /* the sign is that of the first element of at least half the largest size */
		size_t first = 0;
		for (size_t j = 0; j < n; j++)
			largest = fmax(largest, fabs(vectors[i * n + j]));
		while (fabs(vectors[i * n + first]) < largest / 2)
			first++;
		ck_assert(vectors[i * n + first] > 0);
		for (size_t k = 0; k < n; k++) {
			double dot = 0, product = 0;
			for (size_t j = 0; j < n; j++) {
				dot += vectors[i * n + j] * vectors[k * n + j];
				product += vectors[j * n + i] * values[j] * vectors[j * n + k];
			}
			ck_assert_double_eq_tol(dot, i == k, 1e-13 * (double)n);
			ck_assert_double_eq_tol(product, given[i * n + k], 1e-13 * (double)n * values[0]);
		}
	}
	free(memory);
}
END_TEST

enum { IMAGES = 60, HEIGHT = 9, WIDTH = 11 };

/* Images whose neighbours are alike, also across channels, and whose mean isn't 0. */
static float *
new_images(uint64_t seed)
{
	struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, 9, 0);
	float *images = calloc(IMAGES * HEIGHT * WIDTH * 3, sizeof *images);

	ck_assert_ptr_nonnull(images);
	for (size_t i = 0; i < IMAGES * HEIGHT * WIDTH * 3; i++) {
		images[i] = (float)(0.3 * myo_rng_normal(&rng) + 0.05 * (double)(i % 3));
		if (i % (WIDTH * 3) >= 3)
			images[i] += 0.8F * images[i - 3] - 0.2F * images[i - 1];
	}
	return images;
}

/* A whitening convolution alone, and a linear layer to have logits. */
static struct myo_net *
new_whitening(int kernel)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ HEIGHT, WIDTH, 3 }, 6 * kernel * kernel, &net, &err), MYO_OK);
	const myo_node x = myo_conv2d(net, "w", myo_input(net),
	    (struct myo_conv){ .out = 6 * kernel * kernel, .kernel = kernel, .start = MYO_START_WHITEN,
	    .frozen = true });
	ck_assert_msg(myo_output(net, myo_adaptive_avgpool(net, x, 1, 1), &err) == 0, "%s", err.text);
	myo_net_init(net, 1);
	return net;
}

/* The response of filter `f` of weight [., 3, k, k] at a place of an image. */
static double
response(const struct myo_weight *w, size_t f, const float *image, size_t y, size_t x)
{
	const size_t k = w->shape[2];
	double sum = 0;

	for (size_t c = 0; c < 3; c++)
		for (size_t i = 0; i < k * k; i++)
			sum += (double)w->value[(f * 3 + c) * k * k + i] *
			       (double)image[((y + i / k) * WIDTH + x + i % k) * 3 + c];
	return sum;
}

/* Covariance of the responses of filters f and g over all patches. */
static double
covariance(const struct myo_weight *w, size_t f, size_t g, const float *images)
{
	double n = 0, a = 0, b = 0, ab = 0;

	for (size_t i = 0; i < IMAGES; i++)
		for (size_t y = 0; y + w->shape[2] <= HEIGHT; y++)
			for (size_t x = 0; x + w->shape[2] <= WIDTH; x++) {
				const float *image = images + i * HEIGHT * WIDTH * 3;
				const double u = response(w, f, image, y, x), v = response(w, g, image, y, x);
				n++;
				a += u;
				b += v;
				ab += u * v;
			}
	return ab / n - a / n * (b / n);
}

START_TEST(whitened_responses_are_uncorrelated_and_of_unit_variance)
{
	struct myo_err err = MYO_ERR_INIT;
	const int kernel = _i;
	struct myo_net *net = new_whitening(kernel), *again = new_whitening(kernel);
	const struct myo_weight *w = myo_net_find_weight(net, "w.weight"),
	    *same = myo_net_find_weight(again, "w.weight");
	float *images = new_images(4);
	const size_t filters = w->shape[0] / 2;

	ck_assert(myo_net_wants_whitening(net));
	ck_assert_int_eq(myo_net_whiten(net, images, IMAGES, HEIGHT, WIDTH, &err), MYO_OK);
	for (size_t f = 0; f < filters; f++) {
		double length = 0;
		for (size_t i = 0; i < filters; i++) {
			ck_assert(w->value[(filters + f) * filters + i] == -w->value[f * filters + i]);
			length += pow((double)w->value[f * filters + i], 2);
		}
		for (size_t g = f; g < filters; g++) /* 1 / length is the variance + 5e-4 */
			ck_assert_double_eq_tol(covariance(w, f, g, images), f == g ? 1 - 5e-4 * length : 0, 1e-5);
	}
	ck_assert_int_eq(myo_net_whiten(again, images, IMAGES, HEIGHT, WIDTH, &err), MYO_OK);
	ck_assert_mem_eq(w->value, same->value, w->elements * sizeof(float));
	free(images);
	myo_net_free(again);
	myo_net_free(net);
}
END_TEST

START_TEST(what_can_t_be_whitened_is_refused)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = new_whitening(3), *other = new_net(MYO_START_HE, true);
	float *images = new_images(4);

	ck_assert_int_eq(myo_net_whiten(net, images, 0, HEIGHT, WIDTH, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "w: 0 rows of 9x11 have no patches of 3x3 to whiten");
	ck_assert_int_eq(myo_net_whiten(net, images, IMAGES, HEIGHT, 2, &err), MYO_FAIL);
	memset(images, 0, IMAGES * HEIGHT * WIDTH * 3 * sizeof *images); /* no variance at all */
	ck_assert_int_eq(myo_net_whiten(net, images, IMAGES, HEIGHT, WIDTH, &err), MYO_OK);
	ck_assert(isfinite(myo_net_find_weight(net, "w.weight")->value[0]));
	images[70] = NAN;
	ck_assert_int_eq(myo_net_whiten(net, images, IMAGES, HEIGHT, WIDTH, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "w: the rows to whiten hold numbers that are not finite");
	ck_assert(!myo_net_wants_whitening(other));
	myo_net_free(other);
	myo_net_free(net);
	free(images);

	static const struct myo_conv wrong[] = { { .out = 24, .kernel = 2, .groups = 3 }, { .out = 25, .kernel = 2 },
		{ .out = 12, .kernel = 2 } };
	for (size_t i = 0; i < MYO_COUNT(wrong) + 1; i++) {
		ck_assert_int_eq(myo_net_new((struct myo_shape){ 8, 8, 3 }, 2, &net, &err), MYO_OK);
		struct myo_conv conv = i < MYO_COUNT(wrong) ? wrong[i] : (struct myo_conv){ .out = 24, .kernel = 2 };
		const myo_node x = myo_input(net);
		conv.start = MYO_START_WHITEN;
		(void)myo_conv2d(net, "w", i < MYO_COUNT(wrong) ? x : myo_relu(net, x), conv);
		ck_assert_int_eq(myo_output(net, x, &err), -1);
		ck_assert_msg(strncmp(err.text, "w: only a convolution of the images whitens, with 24 outputs",
		    60) == 0,
		    "%s", err.text);
		myo_net_free(net);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("start");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, identities_pass_on_as_many_channels_as_there_are);
	tcase_add_test(all, frozen_weights_have_no_gradient);
	tcase_add_loop_test(all, eigenvectors_make_the_matrix_again, 0, 6);
	tcase_add_loop_test(all, whitened_responses_are_uncorrelated_and_of_unit_variance, 1, 4);
	tcase_add_test(all, what_can_t_be_whitened_is_refused);
	suite_add_tcase(suite, all);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
