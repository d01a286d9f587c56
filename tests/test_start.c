/* How weights begin: partial identities, and what is frozen. */
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

int
main(void)
{
	Suite *suite = suite_create("start");
	TCase *all = tcase_create("all");

	tcase_add_test(all, identities_pass_on_as_many_channels_as_there_are);
	tcase_add_test(all, frozen_weights_have_no_gradient);
	suite_add_tcase(suite, all);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
