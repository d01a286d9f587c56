/* The engine: graphs and their mistakes, plans, and what must not change a bit of the result. */
#include "net/arena.h"
#include "net/net.h"
#include "variants.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a network with everything in it -------------------------------------------------------- */

enum { CLASSES = 7 };

/* apart: put y = 1 x between operations that would otherwise run in one pass. */
static myo_node
then(struct myo_net *net, myo_node x, bool apart)
{
	return apart ? myo_scale(net, x, 1) : x;
}

static myo_node
unit(struct myo_net *net, const char *name, myo_node x, struct myo_conv conv, bool apart)
{
	x = then(net, myo_conv2d(net, name, x, conv), apart);
	return then(net, myo_batchnorm(net, myo_name(net, "%s.bn", name), x, (struct myo_norm){ 0 }), apart);
}

static struct myo_net *
new_net(int side, bool apart)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	const struct myo_conv same = { .out = 16, .kernel = 3, .padding = 1 };

	ck_assert_msg(
	    myo_net_new((struct myo_shape){ side, side, 3 }, CLASSES, &net, &err) == MYO_OK, "%s", err.text);
	myo_node x = myo_input(net);
	x = myo_relu(net, unit(net, "stem", x, same, apart));
	x = myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 3, .stride = 2, .padding = 1 });
	/* A result that two normalisations read. */
	const myo_node twice = then(net, myo_conv2d(net, "e", x, same), apart);
	const myo_node one = then(net, myo_batchnorm(net, "e.one", twice, (struct myo_norm){ 0 }), apart);
	x = myo_add(net, then(net, myo_relu(net, one), apart),
	    then(net, myo_batchnorm(net, "e.two", twice, (struct myo_norm){ 0 }), apart));
	/* A residual unit of each kind. */
	x = myo_add(net, x, then(net, myo_relu(net, unit(net, "a", x, same, apart)), apart));
	const struct myo_conv down = { .out = 20, .kernel = 3, .stride = 2, .padding = 1 };
	const struct myo_conv project = { .out = 20, .kernel = 1, .stride = 2 };
	const myo_node side_way = unit(net, "b.project", x, project, apart);
	x = myo_relu(net, then(net, myo_add(net, unit(net, "b", x, down, apart), side_way), apart));
	x = myo_conv2d(net, "c", x,
	    (struct myo_conv){ .out = 18, .kernel = 3, .padding = 1, .groups = 2, .bias = true });
	x = myo_gelu(net, unit(net, "d", then(net, x, apart), same, apart));
	x = myo_avgpool(net, then(net, x, apart), (struct myo_pool2d){ .kernel = 2, .stride = 1 });
	x = myo_flatten(net, myo_adaptive_avgpool(net, x, 2, 2));
	x = myo_linear(net, "fc", x, CLASSES, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	myo_net_init(net, 11);
	return net;
}

static struct myo_plan *
new_plan(struct myo_net *net, enum myo_mode mode, size_t batch, int side, struct myo_pool *pool)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;

	ck_assert_msg(myo_plan_new(net, mode, batch, side, side, pool, &plan, &err) == MYO_OK, "%s", err.text);
	return plan;
}

static void
fill(float *x, size_t count, uint64_t which)
{
	struct myo_rng rng = myo_rng_at(2, MYO_RNG_TEST, which, 0);

	for (size_t i = 0; i < count; i++)
		x[i] = (float)myo_rng_normal(&rng);
}

/* All that two training steps leave behind: logits, losses, gradients, weights, statistics. */
struct trace {
	size_t count;
	float numbers[1 << 17];
};

static void
note(struct trace *trace, const float *numbers, size_t count)
{
	ck_assert_uint_le(trace->count + count, MYO_COUNT(trace->numbers));
	memcpy(trace->numbers + trace->count, numbers, count * sizeof *numbers);
	trace->count += count;
}

static void
train(struct myo_net *net, struct myo_pool *pool, size_t batch, size_t rows, int side, struct trace *trace)
{
	const size_t classes = (size_t)myo_net_classes(net);
	struct myo_plan *plan = new_plan(net, MYO_TRAIN, batch, side, pool);
	const size_t pixels = rows * (size_t)(side * side * 3);
	int32_t labels[64];

	trace->count = 0;
	for (size_t n = 0; n < rows; n++)
		labels[n] = (int32_t)((3 * n + 1) % classes);
	myo_plan_want_input_gradient(plan, true);
	for (uint64_t step = 0; step < 2; step++) {
		fill(myo_plan_input(plan), pixels, step);
		myo_plan_forward(plan, rows);
		const float loss = (float)myo_plan_loss(plan, labels, 0.1, NULL);
		myo_plan_backward(plan);
		note(trace, &loss, 1);
		note(trace, myo_plan_logits(plan), rows * classes);
		note(trace, myo_plan_input_gradient(plan), pixels);
		for (size_t i = 0; i < myo_net_weights(net); i++) {
			struct myo_weight *w = myo_net_weight(net, i);
			note(trace, w->gradient != NULL ? w->gradient : w->value, w->elements);
			for (size_t k = 0; w->gradient != NULL && k < w->elements; k++)
				w->value[k] -= 0.1F * w->gradient[k];
		}
	}
	myo_plan_free(plan);
}

static void
must_equal(const struct trace *a, const struct trace *b, const char *what)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		ck_assert_msg(memcmp(&a->numbers[i], &b->numbers[i], sizeof(float)) == 0,
		    "%s: number %zu of %zu: %.9g and %.9g", what, i, a->count, (double)a->numbers[i],
		    (double)b->numbers[i]);
}

/* As far apart as a few steps carry differences of rounding. */
static void
must_be_near(const struct trace *a, const struct trace *b, const char *what)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		ck_assert_msg(fabsf(a->numbers[i] - b->numbers[i]) <= 2e-3F * (1 + fabsf(a->numbers[i])),
		    "%s: number %zu of %zu: %.9g and %.9g", what, i, a->count, (double)a->numbers[i],
		    (double)b->numbers[i]);
}

static struct trace first, second;

/* ---- what must not change a bit --------------------------------------------------------------- */

START_TEST(threads_change_no_bit)
{
	struct myo_err err = MYO_ERR_INIT;

	if (!choose_variant(_i))
		return;
	struct myo_net *net = new_net(16, false);
	train(net, NULL, 21, 21, 16, &first);
	myo_net_free(net);
	for (int threads = 1; threads <= 8; threads++) {
		struct myo_pool *pool;
		ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
		net = new_net(16, false);
		train(net, pool, 21, 21, 16, &second);
		must_equal(&first, &second, "threads");
		myo_net_free(net);
		myo_pool_free(pool);
	}
}
END_TEST

/* Passes of their own have buffers of their own: so this also holds the arena to its lifetimes. */
START_TEST(fusing_changes_only_rounding)
{
	if (!choose_variant(_i))
		return;
	struct myo_net *fused = new_net(16, false), *apart = new_net(16, true);

	train(fused, NULL, 9, 9, 16, &first);
	train(apart, NULL, 9, 9, 16, &second);
	must_be_near(&first, &second, "training");

	struct myo_plan *a = new_plan(fused, MYO_PREDICT, 4, 16, NULL),
			*b = new_plan(apart, MYO_PREDICT, 4, 16, NULL);
	fill(myo_plan_input(a), 4 * 16 * 16 * 3, 5);
	fill(myo_plan_input(b), 4 * 16 * 16 * 3, 5);
	myo_plan_forward(a, 4);
	myo_plan_forward(b, 4);
	for (size_t i = 0; i < 4 * CLASSES; i++)
		ck_assert_float_eq_tol(myo_plan_logits(a)[i], myo_plan_logits(b)[i], 1e-3F);
	ck_assert_uint_lt(myo_plan_bytes(a), myo_plan_bytes(b));
	myo_plan_free(a);
	myo_plan_free(b);
	myo_net_free(fused);
	myo_net_free(apart);
}
END_TEST

/* A convolution with a bias, normalised by scales of either sign, and pooled without a ReLU. */
static struct myo_net *
signed_net(bool apart)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	const struct myo_conv biased = { .out = 16, .kernel = 3, .padding = 1, .bias = true };

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 16, 16, 3 }, CLASSES, &net, &err), MYO_OK);
	myo_node x = unit(net, "a", myo_input(net), biased, apart);
	x = myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2, .stride = 2 });
	x = myo_maxpool(net, unit(net, "b", then(net, x, apart), biased, apart), (struct myo_pool2d){ .kernel = 2, .stride = 2 });
	x = myo_linear(net, "fc", myo_flatten(net, then(net, x, apart)), CLASSES, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	myo_net_init(net, 11);
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		struct myo_weight *w = myo_net_weight(net, i);
		for (size_t k = 0; k < w->elements; k++) {
			if (w->role == MYO_NORM_SCALE && k % 2 == 1)
				w->value[k] = -w->value[k];
			if (w->role == MYO_BIAS)
				w->value[k] = 0.3F * (float)(k % 5) - 0.5F;
		}
	}
	return net;
}

START_TEST(fusing_keeps_signs_and_biases)
{
	if (!choose_variant(_i))
		return;
	struct myo_net *nets[2] = { signed_net(false), signed_net(true) };
	float logits[2][4 * CLASSES];

	train(nets[0], NULL, 9, 9, 16, &first);
	train(nets[1], NULL, 9, 9, 16, &second);
	must_be_near(&first, &second, "training");
	for (int n = 0; n < 2; n++) {
		struct myo_plan *plan = new_plan(nets[n], MYO_PREDICT, 4, 16, NULL);
		fill(myo_plan_input(plan), 4 * 16 * 16 * 3, 5);
		myo_plan_forward(plan, 4);
		memcpy(logits[n], myo_plan_logits(plan), sizeof logits[n]);
		myo_plan_free(plan);
		myo_net_free(nets[n]);
	}
	for (size_t i = 0; i < MYO_COUNT(logits[0]); i++)
		ck_assert_float_eq_tol(logits[0][i], logits[1][i], 1e-3F);
}
END_TEST

/* What an operation alone makes of pictures of 4x4x4, and with labels 0 its gradient by them. */
static void
run_alone(myo_node (*build)(struct myo_net *net, myo_node x), const float *x, float *y, float *dx)
{
	struct myo_err err = MYO_ERR_INIT;
	const int32_t label = 0;
	struct myo_net *net = NULL;
	int classes = 2;

	for (int round = 0; round < 2; round++) { /* the first tells how many numbers come out */
		myo_net_free(net);
		ck_assert_int_eq(myo_net_new((struct myo_shape){ 4, 4, 4 }, classes, &net, &err), MYO_OK);
		const myo_node out = myo_flatten(net, build(net, myo_input(net)));
		classes = myo_shape_of(net, out).channels;
		ck_assert(myo_output(net, out, &err) == 0 || round == 0);
	}
	struct myo_plan *plan = NULL;
	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, 1, 4, 4, NULL, &plan, &err), MYO_OK);
	memcpy(myo_plan_input(plan), x, 64 * sizeof *x);
	myo_plan_want_input_gradient(plan, true);
	myo_plan_forward(plan, 1);
	memcpy(y, myo_plan_logits(plan), (size_t)classes * sizeof *y);
	(void)myo_plan_loss(plan, &label, 0, NULL);
	myo_plan_backward(plan);
	memcpy(dx, myo_plan_input_gradient(plan), 64 * sizeof *dx);
	myo_plan_free(plan);
	myo_net_free(net);
}

static myo_node
pool_halves(struct myo_net *net, myo_node x)
{
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2, .stride = 2 });
}

static myo_node
pool_overlapping(struct myo_net *net, myo_node x)
{
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 3, .stride = 1 });
}

/* A network that has diverged must show it. */
START_TEST(what_is_no_number_passes_through)
{
	float x[64], y[64], dx[64];

	if (!choose_variant(_i))
		return;
	for (int i = 0; i < 64; i++)
		x[i] = (float)i - 20;
	x[5] = NAN; /* line 0, column 1, channel 1; behind the flattening channels are apart */
	run_alone(myo_relu, x, y, dx);
	ck_assert(isnan(y[17]) && y[1] == 0 && y[63] == 43);
	run_alone(pool_halves, x, y, dx); /* 4 of 2x2 */
	ck_assert(isnan(y[4]) && !isnan(y[0]) && !isnan(y[5]));
	run_alone(pool_overlapping, x, y, dx); /* 4 of 2x2, of lines and columns 0 to 2 and 1 to 3 */
	ck_assert(isnan(y[4]) && isnan(y[5]) && !isnan(y[6]) && !isnan(y[0]));
}
END_TEST

/* Of equals, as after a ReLU, the first in reading order has the gradient. */
START_TEST(the_first_of_equals_is_the_largest)
{
	float x[64], y[64], dx[64];

	if (!choose_variant(_i))
		return;
	for (int i = 0; i < 64; i++)
		x[i] = 1;
	run_alone(pool_halves, x, y, dx);
	for (int line = 0; line < 4; line++)
		for (int column = 0; column < 4; column++)
			for (int c = 0; c < 4; c++)
				ck_assert_msg((dx[(line * 4 + column) * 4 + c] != 0) == (line % 2 == 0 && column % 2 == 0),
				    "%d, %d", line, column);
	run_alone(pool_overlapping, x, y, dx);
	for (int line = 0; line < 4; line++)
		for (int column = 0; column < 4; column++)
			ck_assert_msg((dx[(line * 4 + column) * 4] != 0) == (line < 2 && column < 2), "%d, %d", line, column);
}
END_TEST

/* What calibration needs of a training plan, in less memory. */
START_TEST(statistics_are_those_of_training)
{
	struct myo_net *nets[2] = { new_net(16, false), new_net(16, false) };
	static const enum myo_mode modes[] = { MYO_TRAIN, MYO_STATISTICS };
	size_t bytes[2];

	if (!choose_variant(_i))
		return;
	for (int n = 0; n < 2; n++) {
		struct myo_plan *plan = new_plan(nets[n], modes[n], 9, 16, NULL);
		for (uint64_t turn = 0; turn < 2; turn++) {
			fill(myo_plan_input(plan), 9 * 16 * 16 * 3, turn);
			myo_plan_forward(plan, 9);
		}
		bytes[n] = myo_plan_bytes(plan);
		myo_plan_free(plan);
	}
	for (size_t i = 0; i < myo_net_weights(nets[0]); i++) {
		const struct myo_weight *a = myo_net_weight(nets[0], i), *b = myo_net_weight(nets[1], i);
		ck_assert_mem_eq(a->value, b->value, a->elements * sizeof(float));
	}
	ck_assert_uint_lt(bytes[1], bytes[0]);
	myo_net_free(nets[0]);
	myo_net_free(nets[1]);
}
END_TEST

START_TEST(a_partial_batch_is_a_batch)
{
	if (!choose_variant(_i))
		return;
	struct myo_net *net = new_net(16, false);

	train(net, NULL, 5, 5, 16, &first);
	myo_net_free(net);
	net = new_net(16, false);
	train(net, NULL, 33, 5, 16, &second);
	must_equal(&first, &second, "a batch with room to spare");
	myo_net_free(net);
}
END_TEST

/* Running statistics move by as much less as a batch is short. */
START_TEST(a_batch_counts_by_its_part)
{
	enum { SIDE = 4, ROWS = 2 };
	const double parts[] = { 1, 0.25, 1 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ SIDE, SIDE, 3 }, 3, &net, &err), MYO_OK);
	const myo_node x = myo_batchnorm(net, "norm", myo_input(net), (struct myo_norm){ .momentum = 0.5 });
	ck_assert_int_eq(myo_output(net, myo_linear(net, "fc", myo_flatten(net, x), 3, true), &err), 0);
	myo_net_init(net, 1);
	struct myo_plan *const plan = new_plan(net, MYO_TRAIN, ROWS, SIDE, NULL);
	const struct myo_weight *const mean = myo_net_find_weight(net, "norm.running_mean");
	double wanted = 0;
	for (size_t i = 0; i < MYO_COUNT(parts); i++) {
		for (size_t k = 0; k < (size_t)ROWS * SIDE * SIDE * 3; k++)
			myo_plan_input(plan)[k] = (float)(i + 1);
		myo_plan_weigh(plan, parts[i]);
		myo_plan_forward(plan, ROWS);
		wanted += 0.5 * parts[i] * ((double)(i + 1) - wanted);
		ck_assert_double_eq_tol((double)mean->value[0], wanted, 1e-6);
	}
	myo_plan_free(plan);
	myo_net_free(net);
}
END_TEST

/* In prediction rows know nothing of each other. OpenBLAS rounds by the size of a product: portable code is
 * only near. */
START_TEST(rows_of_a_batch_are_strangers)
{
	enum { ROWS = 19 };
	const size_t row = 16 * 16 * 3;
	float alone[ROWS * CLASSES];

	if (!choose_variant(_i))
		return;
	float *images = calloc(ROWS, row * sizeof *images);
	ck_assert_ptr_nonnull(images);
	struct myo_net *net = new_net(16, false);
	struct myo_plan *plan = new_plan(net, MYO_PREDICT, ROWS, 16, NULL);
	fill(images, ROWS * row, 8);
	for (size_t n = 0; n < ROWS; n++) {
		memcpy(myo_plan_input(plan), images + n * row, row * sizeof *images);
		myo_plan_forward(plan, 1);
		memcpy(alone + n * CLASSES, myo_plan_logits(plan), CLASSES * sizeof *alone);
	}
	memcpy(myo_plan_input(plan), images, ROWS * row * sizeof *images);
	myo_plan_forward(plan, ROWS);
	const float tolerance = _i > 1 ? 0 : 1e-4F;
	for (size_t i = 0; i < ROWS * CLASSES; i++)
		ck_assert(fabsf(alone[i] - myo_plan_logits(plan)[i]) <= tolerance);
	/* The input stays as it was, so the same forward pass can run again. */
	ck_assert_mem_eq(myo_plan_input(plan), images, ROWS * row * sizeof *images);
	myo_plan_free(plan);
	myo_net_free(net);
	free(images);
}
END_TEST

START_TEST(unknown_kernels_are_refused)
{
	struct myo_net *net = new_net(16, false);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;

	ck_assert_int_eq(setenv("MYOPIC_KERNELS", "fastest", 1), 0);
	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, 1, 16, 16, NULL, &plan, &err), MYO_FAIL);
	ck_assert_str_eq(
	    err.text, "MYOPIC_KERNELS=fastest: there are plain, portable, avx2 and avx512, the last two on x86-64");
	myo_net_free(net);
}
END_TEST

/* Prediction packs weights once, and again when it is told that they changed. */
START_TEST(changed_weights_are_seen)
{
	struct myo_net *net = new_net(16, false);
	struct myo_plan *plan = new_plan(net, MYO_PREDICT, 2, 16, NULL);
	float before[2 * CLASSES];

	fill(myo_plan_input(plan), (size_t)2 * 16 * 16 * 3, 1);
	myo_plan_forward(plan, 2);
	memcpy(before, myo_plan_logits(plan), sizeof before);
	myo_plan_forward(plan, 2);
	ck_assert_mem_eq(before, myo_plan_logits(plan), sizeof before);
	myo_net_init(net, 12);
	myo_plan_forward(plan, 2);
	ck_assert_mem_ne(before, myo_plan_logits(plan), sizeof before);
	struct myo_net *same = new_net(16, false);
	for (size_t i = 0; i < myo_net_weights(net); i++)
		memcpy(myo_net_weight(net, i)->value, myo_net_weight(same, i)->value,
		    myo_net_weight(net, i)->elements * sizeof(float));
	myo_net_changed(net);
	myo_plan_forward(plan, 2);
	ck_assert_mem_eq(before, myo_plan_logits(plan), sizeof before);
	myo_plan_free(plan);
	myo_net_free(same);
	myo_net_free(net);
}
END_TEST

/* Vector units round products differently; nothing else. */
START_TEST(variants_agree)
{
	struct myo_net *net = new_net(16, false);

	(void)choose_variant(0);
	train(net, NULL, 9, 9, 16, &first);
	myo_net_free(net);
	if (!choose_variant(_i))
		return;
	net = new_net(16, false);
	train(net, NULL, 9, 9, 16, &second);
	ck_assert_uint_eq(first.count, second.count);
	double difference = 0, size = 0;
	for (size_t i = 0; i < first.count; i++) {
		difference += pow((double)first.numbers[i] - (double)second.numbers[i], 2);
		size += pow((double)first.numbers[i], 2);
	}
	ck_assert_msg(sqrt(difference / size) < 1e-2, "relative difference %g", sqrt(difference / size));
	myo_net_free(net);
}
END_TEST

/* Without products every vector unit does the same arithmetic. */
START_TEST(variants_agree_to_the_bit_where_nothing_is_multiplied_up)
{
	struct trace *traces[] = { &first, &second };

	for (int side = 0; side < 2; side++) {
		struct myo_err err = MYO_ERR_INIT;
		struct myo_net *net;
		if (!choose_variant(side == 0 ? 0 : _i))
			return;
		ck_assert_int_eq(myo_net_new((struct myo_shape){ 9, 9, 3 }, 3, &net, &err), MYO_OK);
		myo_node x = myo_input(net);
		x = myo_relu(net, myo_batchnorm(net, "a", x, (struct myo_norm){ 0 }));
		x = myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 3, .stride = 2, .padding = 1 });
		const myo_node y = myo_batchnorm(net, "b", myo_scale(net, x, 0.3), (struct myo_norm){ 0 });
		x = myo_gelu(net, myo_add(net, y, x));
		x = myo_avgpool(net, myo_add(net, x, myo_relu(net, y)), (struct myo_pool2d){ .kernel = 2 });
		x = myo_flatten(net, myo_adaptive_avgpool(net, x, 1, 1));
		ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
		myo_net_init(net, 1);
		train(net, NULL, 33, 33, 9, traces[side]);
		myo_net_free(net);
	}
	must_equal(&first, &second, "variants");
}
END_TEST

/* Logits that are a tenth of GELU of the inputs, and the gradient behind the softmax, against the C library's. */
START_TEST(gelu_and_its_slope_are_within_a_millionth)
{
	enum { NUMBERS = 4000 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	const int32_t label = 17;
	double sum = 0;

	if (!choose_variant(_i))
		return;
	ck_assert_int_eq(myo_net_new((struct myo_shape){ 1, 1, NUMBERS }, NUMBERS, &net, &err), MYO_OK);
	const myo_node last = myo_scale(net, myo_gelu(net, myo_input(net)), 0.1);
	ck_assert_msg(myo_output(net, last, &err) == 0, "%s", err.text);
	struct myo_plan *plan = new_plan(net, MYO_TRAIN, 1, 1, NULL);
	float *x = myo_plan_input(plan);
	for (int i = 0; i < NUMBERS; i++)
		x[i] = (float)(i - NUMBERS / 2) / (NUMBERS / 2) * 14;
	x[0] = -1e30F;
	x[NUMBERS - 1] = 50;
	myo_plan_want_input_gradient(plan, true);
	myo_plan_forward(plan, 1);
	(void)myo_plan_loss(plan, &label, 0, NULL);
	myo_plan_backward(plan);

	const float *y = myo_plan_logits(plan);
	for (int i = 0; i < NUMBERS; i++)
		sum += exp((double)y[i]);
	for (int i = 0; i < NUMBERS; i++) {
		const double at = (double)x[i], share = erfc(-at / sqrt(2)) / 2;
		const double slope = share + at * exp(-at * at / 2) / sqrt(2 * acos(-1));
		const double dy = 0.1 * (exp((double)y[i]) / sum - (i == label));
		ck_assert_double_eq_tol(10 * (double)y[i], at * share, 1e-6 * fmax(1, at));
		ck_assert_double_eq_tol((double)myo_plan_input_gradient(plan)[i] / dy, slope, 2e-6);
	}
	myo_plan_free(plan);
	myo_net_free(net);
}
END_TEST

/* A plan for another size is the network that is built for that size. */
START_TEST(a_plan_may_have_another_size)
{
	struct myo_net *small = new_net(16, false), *large = new_net(24, false);
	struct myo_plan *a = new_plan(small, MYO_PREDICT, 3, 24, NULL),
			*b = new_plan(large, MYO_PREDICT, 3, 24, NULL);
	double macs_a, macs_b;
	struct myo_err err = MYO_ERR_INIT;

	fill(myo_plan_input(a), 3 * 24 * 24 * 3, 1);
	fill(myo_plan_input(b), 3 * 24 * 24 * 3, 1);
	myo_plan_forward(a, 3);
	myo_plan_forward(b, 3);
	ck_assert_mem_eq(myo_plan_logits(a), myo_plan_logits(b), 3 * CLASSES * sizeof(float));
	ck_assert_int_eq(myo_net_macs(small, 24, 24, &macs_a, &err), MYO_OK);
	ck_assert_int_eq(myo_net_macs(large, 24, 24, &macs_b, &err), MYO_OK);
	ck_assert(macs_a == macs_b && macs_a > 0);
	myo_plan_free(a);
	myo_plan_free(b);
	myo_net_free(small);
	myo_net_free(large);
}
END_TEST

/* ---- the arena ---------------------------------------------------------------------------------- */

START_TEST(buffers_that_live_together_lie_apart)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_rng rng = myo_rng_at(4, MYO_RNG_TEST, (uint64_t)_i, 0);
	struct arena arena = { 0 };
	size_t sum = 0, alive_most = 0;

	for (size_t i = 0; i < 60; i++) {
		const int start = (int)myo_rng_below(&rng, 40), length = (int)myo_rng_below(&rng, 12);
		size_t index;
		ck_assert_int_eq(
		    net_arena_ask(&arena, myo_rng_below(&rng, 5000), start, start + length, &index, &err),
		    MYO_OK);
		ck_assert_uint_eq(index, i);
	}
	ck_assert_int_eq(net_arena_place(&arena, &err), MYO_OK);
	for (size_t i = 0; i < arena.count; i++) {
		const struct arena_buffer *a = &arena.buffers[i];
		sum += a->bytes;
		ck_assert_uint_le(a->offset + a->bytes, arena.bytes);
		ck_assert_uint_eq(a->offset % 64, 0);
		for (size_t k = 0; k < i; k++) {
			const struct arena_buffer *b = &arena.buffers[k];
			const bool together = a->first <= b->last && b->first <= a->last;
			ck_assert(!together || a->offset + a->bytes <= b->offset ||
				  b->offset + b->bytes <= a->offset);
		}
	}
	for (int time = 0; time < 52; time++) {
		size_t alive = 0;
		for (size_t i = 0; i < arena.count; i++)
			if (arena.buffers[i].first <= time && time <= arena.buffers[i].last)
				alive += arena.buffers[i].bytes;
		alive_most = alive > alive_most ? alive : alive_most;
	}
	ck_assert_uint_ge(arena.bytes, alive_most);
	ck_assert_uint_le(arena.bytes, 2 * alive_most); /* and so memory is shared */
	ck_assert_uint_lt(arena.bytes, sum);
	net_arena_clear(&arena);
}
END_TEST

/* ---- loss ------------------------------------------------------------------------------------------ */

/* logits = input, through a linear layer that is the identity. */
static struct myo_net *
identity(int classes)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 1, 1, classes }, classes, &net, &err), MYO_OK);
	ck_assert_int_eq(myo_output(net, myo_linear(net, "fc", myo_input(net), classes, false), &err), 0);
	for (int k = 0; k < classes; k++)
		myo_net_find_weight(net, "fc.weight")->value[k * classes + k] = 1;
	return net;
}

/* sum over rows of (1 - s) w_label (-log p_label) + s / K sum over k of w_k (-log p_k), over the sum of w_label */
static double
weighted_loss(size_t rows, const float (*logits)[3], const int32_t *labels, const double *w, double s,
    double (*gradient)[3])
{
	double total = 0, weights = 0;

	for (size_t n = 0; n < rows; n++)
		weights += w[labels[n]];
	for (size_t n = 0; n < rows; n++) {
		double sum = 0;
		for (size_t k = 0; k < 3; k++) {
			sum += exp((double)logits[n][k]);
			gradient[n][k] = 0;
		}
		for (size_t k = 0; k < 3; k++) { /* -log p_k has the gradient p - (1 at k) */
			const double times = w[k] * (s / 3 + ((int32_t)k == labels[n] ? 1 - s : 0)) / weights;
			total += times * (log(sum) - (double)logits[n][k]);
			for (size_t j = 0; j < 3; j++)
				gradient[n][j] += times * (exp((double)logits[n][j]) / sum - (j == k ? 1 : 0));
		}
	}
	return total;
}

START_TEST(classes_have_weights_in_the_loss)
{
	/* PyTorch's CrossEntropyLoss(weight, label_smoothing) of these logits and labels, without and with 0.2. */
	static const double pytorch[] = { 2.0677769084529207, 1.9974582749484917 }, smoothings[] = { 0, 0.2 };
	static const float logits[4][3] = { { 1, -2, 0.5F }, { 0, 0.25F, -1 }, { 2, 2, 3 }, { -1, 4, 0 } };
	static const int32_t labels[] = { 0, 2, 1, 2 };
	static const double w[] = { 0.5, 3, 1.25 };
	struct myo_net *net = identity(3);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;
	double gradient[4][3];

	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, 4, 1, 1, NULL, &plan, &err), MYO_OK);
	memcpy(myo_plan_input(plan), logits, sizeof logits);
	myo_plan_want_input_gradient(plan, true);
	myo_plan_class_weights(plan, w);
	for (size_t i = 0; i < MYO_COUNT(smoothings); i++) {
		myo_plan_forward(plan, 4);
		const double loss = myo_plan_loss(plan, labels, smoothings[i], NULL);
		myo_plan_backward(plan);
		const double expected = weighted_loss(4, logits, labels, w, smoothings[i], gradient);
		ck_assert_double_eq_tol(loss, expected, 1e-12);
		ck_assert_double_eq_tol(loss, pytorch[i], 1e-12);
		for (size_t n = 0; n < 4; n++)
			for (size_t k = 0; k < 3; k++)
				ck_assert_double_eq_tol((double)myo_plan_input_gradient(plan)[n * 3 + k],
				    gradient[n][k], 1e-7);
	}
	/* Weights that are alike are none; NULL takes them away. */
	static const double twos[] = { 2, 2, 2 };
	myo_plan_class_weights(plan, twos);
	const double alike = myo_plan_loss(plan, labels, 0.1, NULL);
	myo_plan_class_weights(plan, NULL);
	ck_assert_double_eq_tol(myo_plan_loss(plan, labels, 0.1, NULL), alike, 1e-12);
	myo_plan_free(plan);
	myo_net_free(net);
}
END_TEST

START_TEST(loss_is_cross_entropy_with_smoothing)
{
	static const double smoothings[] = { 0, 0.1, 1 };
	const float logits[2][4] = { { 1, -2, 0.5F, 3 }, { 90, -90, 0, 89 } };
	const int32_t labels[2] = { 2, 0 };
	struct myo_net *net = identity(4);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;
	size_t correct;

	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, 2, 1, 1, NULL, &plan, &err), MYO_OK);
	memcpy(myo_plan_input(plan), logits, sizeof logits);
	myo_plan_want_input_gradient(plan, true);
	for (size_t i = 0; i < MYO_COUNT(smoothings); i++) {
		const double s = smoothings[i];
		double expected = 0;
		myo_plan_forward(plan, 2);
		const double loss = myo_plan_loss(plan, labels, s, &correct);
		myo_plan_backward(plan);
		for (size_t n = 0; n < 2; n++) {
			double sum = 0;
			for (size_t k = 0; k < 4; k++)
				sum += exp((double)logits[n][k] - 90);
			for (size_t k = 0; k < 4; k++) {
				const double p = exp((double)logits[n][k] - 90) / sum;
				const double t = s / 4 + ((int32_t)k == labels[n] ? 1 - s : 0);
				expected -= t * ((double)logits[n][k] - 90 - log(sum)) / 2;
				ck_assert_double_eq_tol(
				    (double)myo_plan_input_gradient(plan)[n * 4 + k], (p - t) / 2, 1e-7);
			}
		}
		ck_assert_double_eq_tol(loss, expected, 1e-9 * expected);
		ck_assert_uint_eq(correct, 1);
	}
	/* Differences beyond what exp() can hold. */
	myo_plan_input(plan)[0] = 3e38F;
	myo_plan_input(plan)[1] = -3e38F;
	myo_plan_forward(plan, 1);
	ck_assert(isfinite(myo_plan_loss(plan, labels, 0.1, NULL)));
	myo_plan_free(plan);
	myo_net_free(net);
}
END_TEST

/* ---- graphs ------------------------------------------------------------------------------------------ */

/* Each builds something that can't be, for an input of 8x8x3 and 10 classes. */
static myo_node
kernel_too_large(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "big", x, (struct myo_conv){ .out = 4, .kernel = 9 });
}

static myo_node
bad_groups(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "split", x, (struct myo_conv){ .out = 4, .kernel = 3, .groups = 2 });
}

static myo_node
no_outputs(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "none", x, (struct myo_conv){ .kernel = 3 });
}

static myo_node
not_a_vector(struct myo_net *net, myo_node x)
{
	return myo_linear(net, "fc", x, 10, true);
}

static myo_node
unlike_shapes(struct myo_net *net, myo_node x)
{
	return myo_add(net, x, myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2 }));
}

static myo_node
same_name(struct myo_net *net, myo_node x)
{
	x = myo_conv2d(net, "twin", x, (struct myo_conv){ .out = 4, .kernel = 1 });
	return myo_conv2d(net, "twin", x, (struct myo_conv){ .out = 4, .kernel = 1 });
}

static myo_node
two_inputs(struct myo_net *net, myo_node x)
{
	(void)x;
	return myo_input(net);
}

static myo_node
no_such_node(struct myo_net *net, myo_node x)
{
	return myo_relu(net, x + 1);
}

static myo_node
wrong_classes(struct myo_net *net, myo_node x)
{
	return myo_linear(net, "fc", myo_flatten(net, x), 11, true);
}

static myo_node
pool_all_padding(struct myo_net *net, myo_node x)
{
	return myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2, .padding = 2 });
}

static const struct {
	myo_node (*build)(struct myo_net *net, myo_node x);
	const char *text;
} mistakes[] = {
	{ kernel_too_large, "big: a 9x9 kernel doesn't fit into 8x8 with padding 0" },
	{ bad_groups, "split: 3 inputs and 4 outputs can't be split into 2 groups" },
	{ no_outputs, "none: out 0, kernel 3, stride 1, padding 0, groups 1 make no convolution" },
	{ not_a_vector, "fc: needs a vector, not 8x8x3 (flatten it first)" },
	{ unlike_shapes, "add2: 8x8x3 and 4x4x3 can't be added" },
	{ same_name, "twin: another operation has this name" },
	{ two_inputs, "the input must come first, and once" },
	{ no_such_node, "reads a node that isn't there" },
	{ wrong_classes, "fc: as output it must be a vector of 10, one for each class, not 1x1x11" },
	{ pool_all_padding, "maxpool: kernel 2, stride 2, padding 2 make no pooling" },
};

/* A failure stays, whatever is built on it, and has the text of what failed first. */
START_TEST(mistakes_have_a_text)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	struct myo_plan *plan;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 8, 8, 3 }, 10, &net, &err), MYO_OK);
	myo_node x = mistakes[_i].build(net, myo_input(net));
	if (mistakes[_i].build != wrong_classes) {
		ck_assert_int_lt(x, 0);
		x = myo_linear(net, "later", myo_flatten(net, x), 10, true);
	}
	ck_assert_int_eq(myo_output(net, x, &err), -1);
	ck_assert_str_eq(err.text, mistakes[_i].text);
	ck_assert_int_eq(myo_net_finished(net, &err), MYO_FAIL);
	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, 1, 8, 8, NULL, &plan, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, mistakes[_i].text);
	myo_net_free(net);
}
END_TEST

START_TEST(plans_that_do_not_fit_name_the_operation)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	struct myo_plan *plan;
	double macs;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 16, 16, 3 }, 10, &net, &err), MYO_OK);
	myo_node x = myo_conv2d(net, "conv", myo_input(net), (struct myo_conv){ .out = 4, .kernel = 5 });
	x = myo_linear(net, "fc", myo_flatten(net, x), 10, true);
	ck_assert_int_eq(myo_output(net, x, &err), 0);
	ck_assert_int_eq(myo_plan_new(net, MYO_PREDICT, 1, 32, 32, NULL, &plan, &err), MYO_FAIL);
	ck_assert_ptr_null(plan);
	ck_assert_str_eq(err.text,
	    "fc: expects 576 features and gets 3136: an input of 32x32 does not fit, this network "
	    "was made for 16x16");
	ck_assert_int_eq(myo_net_macs(net, 4, 16, &macs, &err), MYO_FAIL);
	ck_assert_str_eq(err.text,
	    "conv: a 5x5 kernel doesn't fit into 4x16 with padding 0: an input of 4x16 does not "
	    "fit, this network was made for 16x16");
	ck_assert_int_eq(myo_plan_new(net, MYO_PREDICT, 0, 16, 16, NULL, &plan, &err), MYO_FAIL);
	ck_assert_int_eq(myo_plan_new(net, MYO_PREDICT, (size_t)1 << 31, 16, 16, NULL, &plan, &err), MYO_FAIL);
	myo_net_free(net);
}
END_TEST

START_TEST(a_network_can_be_described)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	char *text;
	double macs;
	int field;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 16, 12, 3 }, 10, &net, &err), MYO_OK);
	myo_node x =
	    myo_conv2d(net, "one", myo_input(net), (struct myo_conv){ .out = 8, .kernel = 3, .padding = 1 });
	x = myo_batchnorm(net, "norm", x, (struct myo_norm){ 0 });
	x = myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 2 });
	x = myo_conv2d(net, "two", x,
	    (struct myo_conv){ .out = 6, .kernel = 3, .stride = 2, .padding = 1, .groups = 2 });
	x = myo_flatten(net, myo_adaptive_avgpool(net, x, 1, 1));
	(void)myo_conv2d(net, "unused", 0, (struct myo_conv){ .out = 1, .kernel = 16, .padding = 8 });
	x = myo_linear(net, "fc", x, 10, true);
	ck_assert_int_eq(myo_output(net, x, &err), 0);

	ck_assert_int_eq(myo_net_macs(net, 16, 12, &macs, &err), MYO_OK);
	ck_assert(macs == 16 * 12 * 8 * 27 + 4 * 3 * 6 * 9 * 4 + 60);
	ck_assert_int_eq(myo_net_receptive_field(net, &field, &err), MYO_OK);
	ck_assert_int_eq(field, 3 + 1 + 2 * 2);
	ck_assert_uint_eq(myo_net_parameters(net), 8 * 27 + 2 * 8 + 6 * 4 * 9 + 3 * 256 + 70);
	ck_assert_int_eq(myo_net_describe(net, &text, &err), MYO_OK);
	ck_assert_ptr_nonnull(strstr(text, "one        conv2d 3x3                16x12x8         216\n"));
	ck_assert_ptr_nonnull(strstr(text, "two        conv2d 3x3/2 by 2         4x3x6           216\n"));
	free(text);

	const struct myo_weight *w = myo_net_find_weight(net, "two.weight");
	ck_assert_ptr_nonnull(w);
	ck_assert(w->dims == 4 && w->shape[0] == 6 && w->shape[1] == 4 && w->shape[2] == 3 && w->shape[3] == 3);
	ck_assert_ptr_null(myo_net_find_weight(net, "two.bias"));
	ck_assert_int_eq(myo_net_find_weight(net, "norm.running_var")->role, MYO_BUFFER);
	ck_assert_ptr_null(myo_net_find_weight(net, "norm.running_var")->gradient);
	ck_assert_ptr_null(myo_net_weight(net, myo_net_weights(net)));
	myo_net_free(net);
}
END_TEST

START_TEST(initial_weights_have_their_distribution)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	double squares = 0, largest = 0;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 4, 4, 32 }, 40, &net, &err), MYO_OK);
	myo_node x = myo_conv2d(net, "c", myo_input(net),
	    (struct myo_conv){ .out = 64, .kernel = 3, .padding = 1, .groups = 2, .bias = true });
	x = myo_linear(net, "fc", myo_flatten(net, x), 40, true);
	ck_assert_int_eq(myo_output(net, x, &err), 0);
	myo_net_init(net, 5);
	const struct myo_weight *conv = myo_net_find_weight(net, "c.weight"),
				*fc = myo_net_find_weight(net, "fc.weight");
	const float before = conv->value[100];

	for (size_t i = 0; i < conv->elements; i++)
		squares += (double)conv->value[i] * (double)conv->value[i];
	for (size_t i = 0; i < fc->elements; i++)
		largest = fmax(largest, fabs((double)fc->value[i]));
	/* The deviation of a variance of n normal numbers is sqrt(2 / n) of it. */
	const double variance = 2.0 / (64 * 9 / 2), n = (double)conv->elements;
	ck_assert_double_eq_tol(squares / n, variance, 5 * variance * sqrt(2 / n));
	ck_assert(largest <= 1 / sqrt(1024) && largest > 0.999 / sqrt(1024));
	ck_assert(myo_net_find_weight(net, "c.bias")->value[3] == 0 &&
		  myo_net_find_weight(net, "fc.bias")->value[3] != 0);
	myo_net_init(net, 6);
	ck_assert(conv->value[100] != before);
	myo_net_init(net, 5);
	ck_assert(conv->value[100] == before);
	myo_net_free(net);
}
END_TEST

static int
by_size(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* Copies of all values, one tensor after the other. */
static size_t
copy_values(const struct myo_net *net, float *to, bool sorted)
{
	size_t count = 0;

	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		memcpy(to + count, w->value, w->elements * sizeof *to);
		if (sorted)
			qsort(to + count, w->elements, sizeof *to, by_size);
		count += w->elements;
	}
	return count;
}

START_TEST(shuffled_weights_are_the_same_numbers)
{
	static float before[3][1 << 15], after[3][1 << 15];
	struct myo_net *net = new_net(16, false);

	for (size_t i = 0; i < myo_net_weights(net); i++)
		fill(myo_net_weight(net, i)->value, myo_net_weight(net, i)->elements, i);
	const size_t count = copy_values(net, before[0], false);
	ck_assert_uint_le(count, MYO_COUNT(before[0]));
	(void)copy_values(net, before[1], true);
	for (uint64_t seed = 0; seed < 3; seed++) {
		struct myo_net *other = new_net(16, false);
		for (size_t i = 0; i < myo_net_weights(other); i++)
			fill(myo_net_weight(other, i)->value, myo_net_weight(other, i)->elements, i);
		myo_net_shuffle(other, seed);
		(void)copy_values(other, after[seed], true);
		ck_assert_mem_eq(before[1], after[seed], count * sizeof(float));
		(void)copy_values(other, after[seed], false);
		for (size_t i = 0; i < myo_net_weights(other); i++) {
			const struct myo_weight *was = myo_net_weight(net, i), *is = myo_net_weight(other, i);
			const bool same = memcmp(was->value, is->value, was->elements * sizeof(float)) == 0;
			ck_assert_msg(same == (was->role == MYO_BUFFER), "%s", was->name);
		}
		myo_net_free(other);
	}
	ck_assert_mem_ne(after[0], after[1], count * sizeof(float));
	ck_assert_mem_ne(after[1], after[2], count * sizeof(float));
	myo_net_shuffle(net, 2);
	(void)copy_values(net, before[2], false);
	ck_assert_mem_eq(before[2], after[2], count * sizeof(float));
	myo_net_free(net);
}
END_TEST

START_TEST(profiles_count_what_ran)
{
	struct myo_net *net = new_net(16, false);
	struct myo_plan *plan = new_plan(net, MYO_TRAIN, 4, 16, NULL);
	const int32_t labels[4] = { 0, 1, 2, 3 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_profile row;
	double macs, forward = 0;
	size_t rows = 0;

	ck_assert(!myo_plan_profile_row(plan, 0, &row)); /* off at first */
	myo_plan_profile(plan, true);
	for (int step = 0; step < 3; step++) {
		myo_plan_forward(plan, 2);
		(void)myo_plan_loss(plan, labels, 0, NULL);
		myo_plan_backward(plan);
	}
	ck_assert_int_eq(myo_net_macs(net, 16, 16, &macs, &err), MYO_OK);
	while (myo_plan_profile_row(plan, rows, &row)) {
		ck_assert_uint_eq(row.calls, 3);
		ck_assert(row.seconds >= 0);
		forward += strcmp(row.pass, "forward") == 0 ? row.macs : 0;
		rows++;
	}
	ck_assert_double_eq_tol(forward, macs * 2 * 3, 1);
	ck_assert_uint_gt(rows, 20);
	myo_plan_free(plan);
	myo_net_free(net);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net");
	TCase *all = tcase_create("all");
	const int variant_count = (int)MYO_COUNT(variants);

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, threads_change_no_bit, 0, variant_count);
	tcase_add_loop_test(all, fusing_changes_only_rounding, 0, variant_count);
	tcase_add_loop_test(all, fusing_keeps_signs_and_biases, 0, variant_count);
	tcase_add_loop_test(all, what_is_no_number_passes_through, 0, variant_count);
	tcase_add_loop_test(all, the_first_of_equals_is_the_largest, 0, variant_count);
	tcase_add_loop_test(all, statistics_are_those_of_training, 0, variant_count);
	tcase_add_loop_test(all, a_partial_batch_is_a_batch, 0, variant_count);
	tcase_add_test(all, a_batch_counts_by_its_part);
	tcase_add_loop_test(all, rows_of_a_batch_are_strangers, 0, variant_count);
	tcase_add_loop_test(all, variants_agree, 1, variant_count);
	tcase_add_loop_test(all, variants_agree_to_the_bit_where_nothing_is_multiplied_up, 1, variant_count);
	tcase_add_test(all, unknown_kernels_are_refused);
	tcase_add_test(all, changed_weights_are_seen);
	tcase_add_loop_test(all, gelu_and_its_slope_are_within_a_millionth, 0, variant_count);
	tcase_add_test(all, a_plan_may_have_another_size);
	tcase_add_loop_test(all, buffers_that_live_together_lie_apart, 0, 20);
	tcase_add_test(all, loss_is_cross_entropy_with_smoothing);
	tcase_add_test(all, classes_have_weights_in_the_loss);
	tcase_add_loop_test(all, mistakes_have_a_text, 0, (int)MYO_COUNT(mistakes));
	tcase_add_test(all, plans_that_do_not_fit_name_the_operation);
	tcase_add_test(all, a_network_can_be_described);
	tcase_add_test(all, initial_weights_have_their_distribution);
	tcase_add_test(all, shuffled_weights_are_the_same_numbers);
	tcase_add_test(all, profiles_count_what_ran);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
