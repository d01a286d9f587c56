/* Evidence: the positions of the last feature map, and what each has to do with the logits. */
#include "toy.h"
#include "variants.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

static float *
floats(size_t count)
{
	float *x = calloc(count, sizeof *x);

	ck_assert_ptr_nonnull(x);
	return x;
}

static float *
random_floats(size_t count, uint64_t which)
{
	struct myo_rng rng = myo_rng_at(4, MYO_RNG_TEST, which, 0);
	float *x = floats(count);

	for (size_t i = 0; i < count; i++)
		x[i] = (float)myo_rng_normal(&rng);
	return x;
}

static float
largest(const float *x, size_t count)
{
	float most = 0;

	for (size_t i = 0; i < count; i++)
		most = fmaxf(most, fabsf(x[i]));
	return most;
}

/* Weights and running statistics, none of them a default. */
static void
draw_weights(struct myo_net *net)
{
	myo_net_init(net, 3);
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		struct myo_weight *w = myo_net_weight(net, i);
		struct myo_rng rng = myo_rng_at(5, MYO_RNG_TEST, i, 0);
		const bool positive = strstr(w->name, "running_var") != NULL || w->role == MYO_NORM_SCALE;
		for (size_t k = 0; w->dims == 1 && k < w->elements; k++)
			w->value[k] = (float)(positive ? 0.5 + myo_rng_real(&rng) : 0.3 * myo_rng_normal(&rng));
	}
	myo_net_changed(net);
}

/* ---- rows through a network, batch by batch ------------------------------------------------------- */

struct rows {
	size_t count, map, classes; /* positions of the map */
	int height, width;
	float *image, *logits, *evidence; /* [count, height, width, 3], [count, classes], [count, map, classes] */
};

static void
make_rows(struct rows *r, const struct myo_net *net, size_t count, int height, int width)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_shape shape;

	ck_assert_msg(myo_net_evidence_shape(net, height, width, &shape, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(shape.channels, myo_net_classes(net));
	*r = (struct rows){ .count = count, .map = (size_t)(shape.height * shape.width),
		.classes = (size_t)shape.channels, .height = height, .width = width };
	r->image = random_floats(count * (size_t)(height * width * 3), (uint64_t)(height * width));
	r->logits = floats(count * r->classes);
	r->evidence = floats(count * r->map * r->classes);
}

static void
clear_rows(struct rows *r)
{
	free(r->image);
	free(r->logits);
	free(r->evidence);
}

static void
run(struct rows *r, struct myo_net *net, enum myo_mode mode, size_t batch, struct myo_pool *pool)
{
	const size_t row = (size_t)(r->height * r->width * 3);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_plan *plan;

	ck_assert_msg(myo_plan_new(net, mode, batch, r->height, r->width, pool, &plan, &err) == MYO_OK, "%s", err.text);
	for (size_t from = 0; from < r->count; from += batch) {
		const size_t n = r->count - from < batch ? r->count - from : batch;
		memcpy(myo_plan_input(plan), r->image + from * row, n * row * sizeof *r->image);
		myo_plan_forward(plan, n);
		memcpy(r->logits + from * r->classes, myo_plan_logits(plan), n * r->classes * sizeof *r->logits);
		if (mode == MYO_EVIDENCE)
			myo_plan_evidence(plan, r->evidence + from * r->map * r->classes);
	}
	myo_plan_free(plan);
}

/* The mean over the positions is the logit, within 1e-4 of the largest number that it is made of. */
static void
must_add_up(const float *logits, const float *evidence, size_t rows, size_t map, size_t classes)
{
	for (size_t n = 0; n < rows; n++) {
		const float *e = evidence + n * map * classes;
		const double scale = (double)largest(e, map * classes);
		for (size_t k = 0; k < classes; k++) {
			double sum = 0;
			for (size_t p = 0; p < map; p++)
				sum += (double)e[p * classes + k];
			const double mean = sum / (double)map, logit = (double)logits[n * classes + k];
			ck_assert_msg(fabs(mean - logit) <= 1e-4 * fmax(fabs(logit), 0.01 * scale),
			    "row %zu, class %zu: the mean is %.9g, the logit %.9g", n, k, mean, logit);
		}
	}
}

/* ---- heads ------------------------------------------------------------------------------------------- */

enum { CHANNELS = 6, KINDS = 5 };

/* An operation that shows the head one position of the map: the number, or EVERY, or NONE. */
enum { EVERY = -1, NONE = -2 };
static int lit;

static int
spot_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	(void)err;
	*out = in;
	return 0;
}

static void
spot_forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	const size_t pixels = (size_t)(in.height * in.width), channels = (size_t)in.channels;

	(void)config;
	(void)out;
	for (size_t i = 0; i < rows * pixels * channels; i++)
		y[i] = lit == EVERY || (int)(i / channels % pixels) == lit ? x[i] : 0;
}

static void
spot_backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	(void)config;
	(void)out;
	(void)x;
	(void)y;
	memcpy(dx, dy, rows * (size_t)(in.height * in.width * in.channels) * sizeof *dx);
}

static myo_node
spot(struct myo_net *net, myo_node x)
{
	return myo_custom_op(net, x,
	    &(struct myo_custom){ .size = sizeof(struct myo_custom), .name = "spot", .shape = spot_shape,
		.forward = spot_forward, .backward = spot_backward });
}

static myo_node
global(struct myo_net *net, myo_node x)
{
	x = myo_flatten(net, myo_adaptive_avgpool(net, spot(net, x), 1, 1));
	return myo_linear(net, "fc", x, KINDS, true);
}

static myo_node
no_bias(struct myo_net *net, myo_node x)
{
	x = myo_flatten(net, myo_adaptive_avgpool(net, spot(net, x), 1, 1));
	return myo_scale(net, myo_linear(net, "fc", x, KINDS, false), 1.0 / 9);
}

static myo_node
quadrants(struct myo_net *net, myo_node x)
{
	x = myo_flatten(net, myo_adaptive_avgpool(net, spot(net, x), 2, 2));
	return myo_linear(net, "fc", x, KINDS, true);
}

/* More cells in a side than 8 pixels can fill without sharing. */
static myo_node
overlaps(struct myo_net *net, myo_node x)
{
	x = myo_flatten(net, myo_adaptive_avgpool(net, spot(net, x), 5, 3));
	return myo_linear(net, "fc", x, KINDS, true);
}

static myo_node
two_poolings(struct myo_net *net, myo_node x)
{
	x = myo_avgpool(net, spot(net, x), (struct myo_pool2d){ .kernel = 3, .stride = 1, .padding = 1 });
	x = myo_adaptive_avgpool(net, myo_scale(net, x, -2), 2, 2);
	return myo_linear(net, "fc", myo_flatten(net, x), KINDS, true);
}

static myo_node
normalised(struct myo_net *net, myo_node x)
{
	x = myo_avgpool(net, spot(net, x), (struct myo_pool2d){ .kernel = 2 });
	x = myo_batchnorm(net, "before", x, (struct myo_norm){ 0 });
	x = myo_flatten(net, myo_scale(net, x, 0.5));
	x = myo_batchnorm(net, "between", myo_linear(net, "hidden", x, 7, true), (struct myo_norm){ 0 });
	return myo_batchnorm(net, "after", myo_linear(net, "fc", x, KINDS, true), (struct myo_norm){ 0 });
}

/* No pooling at all: each position has weights of its own. */
static myo_node
flattened(struct myo_net *net, myo_node x)
{
	return myo_linear(net, "fc", myo_flatten(net, spot(net, x)), KINDS, true);
}

/* The map holds the classes. */
static myo_node
convolutional(struct myo_net *net, myo_node x)
{
	x = myo_conv2d(net, "last", x, (struct myo_conv){ .out = KINDS, .kernel = 1, .bias = true });
	return myo_adaptive_avgpool(net, spot(net, x), 1, 1);
}

static const struct {
	myo_node (*build)(struct myo_net *net, myo_node x);
	bool any_size;
} heads[] = { { global, true }, { no_bias, true }, { quadrants, true }, { overlaps, true }, { two_poolings, true },
	{ normalised, false }, { flattened, false }, { convolutional, true } };

static struct myo_net *
net_with(myo_node (*head)(struct myo_net *net, myo_node x), int side)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ side, side, 3 }, KINDS, &net, &err), MYO_OK);
	const myo_node x = myo_conv2d(net, "conv", myo_input(net),
	    (struct myo_conv){ .out = CHANNELS, .kernel = 3, .padding = 1, .bias = true });
	ck_assert_msg(myo_output(net, head(net, myo_relu(net, x)), &err) == 0, "%s", err.text);
	draw_weights(net);
	return net;
}

/*
 * As affine as a head is, what it makes of one position alone, less what it makes of none, is that position's
 * term of the logits.
 */
static void
check_positions(struct rows *r, struct myo_net *net)
{
	struct rows none = *r, one = *r;

	none.logits = floats(r->count * r->classes);
	one.logits = floats(r->count * r->classes);
	lit = NONE;
	run(&none, net, MYO_PREDICT, r->count, NULL);
	const float scale = largest(r->evidence, r->count * r->map * r->classes);
	ck_assert(scale > 0.01F);
	for (size_t p = 0; p < r->map; p++) {
		lit = (int)p;
		run(&one, net, MYO_PREDICT, r->count, NULL);
		for (size_t i = 0; i < r->count * r->classes; i++) {
			const float wanted = (one.logits[i] - none.logits[i]) * (float)r->map + none.logits[i];
			const float found = r->evidence[(i / r->classes * r->map + p) * r->classes + i % r->classes];
			ck_assert_msg(fabsf(found - wanted) <= 1e-6F * (float)r->map * scale + 1e-5F * scale,
			    "position %zu: %.9g, not %.9g", p, (double)found, (double)wanted);
		}
	}
	lit = EVERY;
	free(none.logits);
	free(one.logits);
}

START_TEST(a_position_has_what_the_head_makes_of_it)
{
	static const int sizes[][2] = { { 8, 8 }, { 12, 7 }, { 16, 16 } };
	const int head = _i % (int)MYO_COUNT(heads);

	if (!choose_variant(_i / (int)MYO_COUNT(heads)))
		return;
	struct myo_net *net = net_with(heads[head].build, 8);
	for (size_t i = 0; i < (heads[head].any_size ? MYO_COUNT(sizes) : 1); i++) {
		struct rows r;
		lit = EVERY;
		make_rows(&r, net, 3, sizes[i][0], sizes[i][1]);
		ck_assert_uint_eq(r.map, (size_t)(sizes[i][0] * sizes[i][1]));
		run(&r, net, MYO_EVIDENCE, r.count, NULL);
		must_add_up(r.logits, r.evidence, r.count, r.map, r.classes);
		check_positions(&r, net);
		clear_rows(&r);
	}
	myo_net_free(net);
}
END_TEST

/* ---- by hand --------------------------------------------------------------------------------------------- */

/* The map of net_with(), [height, width, CHANNELS], from its formula. */
static void
map_by_hand(const struct myo_net *net, const float *image, int height, int width, double *map)
{
	const float *w = myo_net_find_weight(net, "conv.weight")->value,
	    *b = myo_net_find_weight(net, "conv.bias")->value;

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			for (int o = 0; o < CHANNELS; o++) {
				double sum = (double)b[o];
				for (int tap = 0; tap < 27; tap++) {
					const int iy = y + tap / 3 % 3 - 1, ix = x + tap % 3 - 1, c = tap / 9;
					if (iy >= 0 && iy < height && ix >= 0 && ix < width)
						sum += (double)w[o * 27 + tap] * (double)image[(iy * width + ix) * 3 + c];
				}
				map[(y * width + x) * CHANNELS + o] = fmax(sum, 0);
			}
}

/* Averaged to 1x1: w f + b at each position. To 2x2: the cells that cover it, each with its share. */
static double
evidence_by_hand(const struct myo_net *net, const double *f, int y, int x, int height, int width, int cells, int k)
{
	const float *w = myo_net_find_weight(net, "fc.weight")->value;
	double sum = 0;

	for (int cell = 0; cell < cells * cells; cell++) {
		const int cy = cell / cells, cx = cell % cells;
		const int y0 = cy * height / cells, y1 = ((cy + 1) * height + cells - 1) / cells;
		const int x0 = cx * width / cells, x1 = ((cx + 1) * width + cells - 1) / cells;
		double product = 0;
		if (y < y0 || y >= y1 || x < x0 || x >= x1)
			continue;
		for (int c = 0; c < CHANNELS; c++)
			product += (double)w[(k * CHANNELS + c) * cells * cells + cell] * f[c];
		sum += product / ((y1 - y0) * (x1 - x0));
	}
	return sum * height * width + (double)myo_net_find_weight(net, "fc.bias")->value[k];
}

START_TEST(evidence_is_what_the_formula_says)
{
	static const int sizes[][2] = { { 16, 16 }, { 32, 32 }, { 9, 14 } };
	const int cells = 1 + _i % 2;

	if (!choose_variant(_i / 2))
		return;
	lit = EVERY;
	struct myo_net *net = net_with(cells == 1 ? global : quadrants, 16);
	for (size_t i = 0; i < MYO_COUNT(sizes); i++) {
		const int height = sizes[i][0], width = sizes[i][1];
		double map[32 * 32 * CHANNELS];
		struct rows r;
		make_rows(&r, net, 4, height, width);
		run(&r, net, MYO_EVIDENCE, 3, NULL);
		for (int n = 0; n < 4; n++) {
			map_by_hand(net, r.image + n * height * width * 3, height, width, map);
			for (int p = 0; p < height * width; p++)
				for (int k = 0; k < KINDS; k++) {
					const double wanted = evidence_by_hand(
					    net, map + p * CHANNELS, p / width, p % width, height, width, cells, k);
					const double found = (double)r.evidence[(n * height * width + p) * KINDS + k];
					ck_assert_double_eq_tol(found, wanted, 1e-4 * (1 + fabs(wanted)));
				}
		}
		clear_rows(&r);
	}
	myo_net_free(net);
}
END_TEST

/* ---- architectures -------------------------------------------------------------------------------------------- */

static const struct {
	const char *spec;
	int size[3][2]; /* the first: what the network is built for */
	int map[3][2];
} networks[] = {
	{ "resnet9:width=8", { { 16, 16 }, { 32, 32 }, { 40, 24 } }, { { 2, 2 }, { 4, 4 }, { 5, 3 } } },
	{ "resnet:form=small,depth=18,width=4", { { 16, 16 }, { 32, 32 }, { 24, 40 } }, { { 2, 2 }, { 4, 4 }, { 3, 5 } } },
	{ "resnet:form=imagenet,depth=50,width=4", { { 64, 64 }, { 96, 96 }, { 64, 100 } }, { { 2, 2 }, { 3, 3 }, { 2, 4 } } },
	{ "resnet:depth=8,width=8", { { 16, 16 }, { 32, 32 }, { 24, 18 } }, { { 4, 4 }, { 8, 8 }, { 6, 5 } } },
	{ "airbench:width=8,pools=2", { { 16, 16 }, { 32, 32 }, { 20, 31 } }, { { 3, 3 }, { 7, 7 }, { 4, 7 } } },
	{ "linear:grid=4", { { 16, 16 }, { 32, 32 }, { 19, 16 } }, { { 16, 16 }, { 32, 32 }, { 19, 16 } } },
};

static struct myo_net *
network(const char *spec, int height, int width, int classes)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_arch *arch;
	struct myo_net *net;

	ck_assert_msg(myo_arch_new(spec, &arch, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(myo_arch_build(arch, (struct myo_shape){ height, width, 3 }, classes, 0, &net, &err) == MYO_OK,
	    "%s", err.text);
	myo_arch_free(arch);
	draw_weights(net);
	return net;
}

/* Bits depend on nothing but the row. OpenBLAS, which portable code calls for convolutions, rounds by the batch. */
static void
must_be_the_same(const struct rows *a, const struct rows *b, bool to_the_bit)
{
	const size_t count = a->count * a->map * a->classes;
	const float tolerance = 1e-4F * largest(a->evidence, count);

	if (to_the_bit) {
		ck_assert_mem_eq(a->logits, b->logits, a->count * a->classes * sizeof *a->logits);
		ck_assert_mem_eq(a->evidence, b->evidence, count * sizeof *a->evidence);
	}
	for (size_t i = 0; i < count; i++)
		ck_assert_float_eq_tol(a->evidence[i], b->evidence[i], tolerance);
}

static void
try_threads_and_batches(const struct rows *r, struct myo_net *net, int variant)
{
	static const size_t batches[] = { 1, 2, 3, 11 };
	struct myo_err err = MYO_ERR_INIT;

	for (int threads = 1; threads <= 4; threads++) {
		struct myo_pool *pool;
		struct rows other = *r;
		ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
		other.logits = floats(r->count * r->classes);
		other.evidence = floats(r->count * r->map * r->classes);
		run(&other, net, MYO_EVIDENCE, r->count, pool);
		must_be_the_same(r, &other, true);
		run(&other, net, MYO_EVIDENCE, batches[threads - 1], pool);
		must_be_the_same(r, &other, variant >= 2);
		/* Without evidence the logits are no others. */
		run(&other, net, MYO_PREDICT, r->count, pool);
		ck_assert_mem_eq(r->logits, other.logits, r->count * r->classes * sizeof *r->logits);
		free(other.logits);
		free(other.evidence);
		myo_pool_free(pool);
	}
}

START_TEST(architectures_tell_their_evidence)
{
	const int which = _i % (int)MYO_COUNT(networks), variant = _i / (int)MYO_COUNT(networks);
	struct myo_err err = MYO_ERR_INIT;

	if (!choose_variant(variant))
		return;
	struct myo_net *net = network(networks[which].spec, networks[which].size[0][0], networks[which].size[0][1], 21);
	for (int i = 0; i < 3; i++) {
		const int *size = networks[which].size[i], *map = networks[which].map[i];
		struct myo_shape shape;
		struct rows r;
		ck_assert_int_eq(myo_net_evidence_shape(net, size[0], size[1], &shape, &err), MYO_OK);
		ck_assert_int_eq(shape.height, map[0]);
		ck_assert_int_eq(shape.width, map[1]);
		make_rows(&r, net, 5, size[0], size[1]);
		run(&r, net, MYO_EVIDENCE, 5, NULL);
		must_add_up(r.logits, r.evidence, r.count, r.map, r.classes);
		ck_assert_mem_ne(r.evidence, r.evidence + r.classes, r.classes * sizeof *r.evidence);
		try_threads_and_batches(&r, net, variant);
		clear_rows(&r);
	}
	myo_net_free(net);
}
END_TEST

/* What is derived from the weights is derived again when they change. */
START_TEST(changed_weights_are_seen)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = network("resnet9:width=4", 16, 16, 4);
	struct rows r;
	struct myo_plan *plan;

	make_rows(&r, net, 2, 32, 32);
	float *twice = floats(r.count * r.map * r.classes);
	ck_assert_int_eq(myo_plan_new(net, MYO_EVIDENCE, r.count, 32, 32, NULL, &plan, &err), MYO_OK);
	for (uint64_t seed = 1; seed < 4; seed++) {
		myo_net_shuffle(net, seed);
		memcpy(myo_plan_input(plan), r.image, r.count * 32 * 32 * 3 * sizeof *r.image);
		myo_plan_forward(plan, r.count);
		myo_plan_evidence(plan, r.evidence);
		must_add_up(myo_plan_logits(plan), r.evidence, r.count, r.map, r.classes);
		myo_plan_evidence(plan, twice); /* the map stays as it is */
		ck_assert_mem_eq(r.evidence, twice, r.count * r.map * r.classes * sizeof *twice);
	}
	myo_plan_free(plan);
	free(twice);
	clear_rows(&r);
	myo_net_free(net);
}
END_TEST

/* Running statistics, too: of a normalisation within the head. */
static myo_node
normalised_head(struct myo_net *net, myo_node x)
{
	x = myo_batchnorm(net, "n", myo_adaptive_avgpool(net, x, 2, 2), (struct myo_norm){ .momentum = 0.5 });
	return myo_linear(net, "fc", myo_flatten(net, x), KINDS, true);
}

START_TEST(changed_statistics_are_seen)
{
	enum { TRAINED = 8, SHOWN = 2, WIDE = 8, PIXELS = WIDE * WIDE * 3 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;
	struct myo_plan *evidence, *training;
	float *terms = floats(SHOWN * WIDE * WIDE * KINDS);

	ck_assert_int_eq(myo_net_new((struct myo_shape){ WIDE, WIDE, 3 }, KINDS, &net, &err), MYO_OK);
	ck_assert_msg(myo_output(net, normalised_head(net, myo_input(net)), &err) == 0, "%s", err.text);
	myo_net_init(net, 5);
	ck_assert_int_eq(myo_plan_new(net, MYO_EVIDENCE, SHOWN, WIDE, WIDE, NULL, &evidence, &err), MYO_OK);
	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, TRAINED, WIDE, WIDE, NULL, &training, &err), MYO_OK);
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < SHOWN * PIXELS; i++)
			myo_plan_input(evidence)[i] = (float)(i % 7) - 2;
		myo_plan_forward(evidence, SHOWN);
		myo_plan_evidence(evidence, terms);
		must_add_up(myo_plan_logits(evidence), terms, SHOWN, WIDE * WIDE, KINDS);
		for (int i = 0; i < TRAINED * PIXELS; i++)
			myo_plan_input(training)[i] = (float)(i % 11) - 3;
		myo_plan_forward(training, TRAINED);
	}
	myo_plan_free(training);
	myo_plan_free(evidence);
	myo_net_free(net);
	free(terms);
}
END_TEST

/* ---- networks without ------------------------------------------------------------------------------------------- */

static myo_node
hidden_relu(struct myo_net *net, myo_node x)
{
	x = myo_relu(net, myo_linear(net, "hidden", myo_flatten(net, x), 9, true));
	return myo_linear(net, "fc", x, KINDS, true);
}

static myo_node
own_end(struct myo_net *net, myo_node x)
{
	return spot(net, global(net, x));
}

static myo_node
no_map(struct myo_net *net, myo_node x)
{
	return myo_conv2d(net, "all", x, (struct myo_conv){ .out = KINDS, .kernel = 8 });
}

static myo_node
largest_of_all(struct myo_net *net, myo_node x)
{
	x = myo_maxpool(net, x, (struct myo_pool2d){ .kernel = 8 });
	return myo_linear(net, "fc", myo_scale(net, x, 2), KINDS, true);
}

#define WANTED "evidence wants nothing but average pooling, flattening and linear layers between a feature map and the logits, not "

static const struct {
	myo_node (*build)(struct myo_net *net, myo_node x);
	const char *text;
} without[] = {
	{ hidden_relu, WANTED "'relu5' (relu)" },
	{ own_end, WANTED "'spot' (custom)" },
	{ no_map, WANTED "'all' (conv2d)" },
	{ largest_of_all, WANTED "'maxpool3' (maxpool)" },
};

START_TEST(networks_without_such_a_head_are_refused)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = net_with(without[_i].build, 8);
	struct myo_shape shape;
	struct myo_plan *plan;

	ck_assert_int_eq(myo_net_has_evidence(net, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, without[_i].text);
	ck_assert_int_eq(myo_net_evidence_shape(net, 8, 8, &shape, &err), MYO_FAIL);
	ck_assert_int_eq(myo_plan_new(net, MYO_EVIDENCE, 1, 8, 8, NULL, &plan, &err), MYO_FAIL);
	ck_assert_ptr_null(plan);
	ck_assert_str_eq(err.text, without[_i].text);
	ck_assert_int_eq(myo_plan_new(net, MYO_PREDICT, 1, 8, 8, NULL, &plan, &err), MYO_OK);
	myo_plan_free(plan);
	myo_net_free(net);
}
END_TEST

/* One position has all of the evidence, which says nothing. */
START_TEST(one_position_is_refused)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = network("resnet9:width=2", 8, 8, 3);
	struct myo_shape shape;
	struct myo_plan *plan;

	ck_assert_int_eq(myo_net_has_evidence(net, &err), MYO_OK);
	ck_assert_int_eq(myo_net_evidence_shape(net, 9, 15, &shape, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "evidence wants a feature map of more than one position, and 9x15 pixels leave 1x1");
	ck_assert_int_eq(myo_plan_new(net, MYO_EVIDENCE, 1, 8, 8, NULL, &plan, &err), MYO_FAIL);
	ck_assert_int_eq(myo_net_evidence_shape(net, 8, 16, &shape, &err), MYO_OK);
	ck_assert_int_eq(myo_net_evidence_shape(net, 4, 4, &shape, &err), MYO_FAIL);
	myo_net_free(net);
}
END_TEST

/*
 * ---- predictions ---------------------------------------------------------------------------------------------------
 */

/* All rows of a toy through a predictor at once: logits and evidence, on the heap. */
static struct myo_shape
predict(struct myo_model *model, const struct myo_record *record, bool mirror, float **logits, float **evidence)
{
	const size_t rows = myo_record_rows(record);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_predictor *predictor;
	struct myo_shape map;

	ck_assert_int_eq(myo_predictor_new(model, 4, NULL, &predictor, &err), MYO_OK);
	ck_assert_int_eq(myo_predictor_evidence_shape(predictor, record, &map, &err), MYO_OK);
	ck_assert_int_eq(map.height * map.width * map.channels, 0);
	if (mirror)
		myo_predictor_mirror(predictor);
	ck_assert_msg(myo_predictor_evidence(predictor, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_predictor_evidence_shape(predictor, record, &map, &err), MYO_OK);
	ck_assert_int_eq(map.channels, CLASSES);
	*logits = floats(rows * CLASSES);
	*evidence = floats(rows * (size_t)(map.height * map.width * CLASSES));
	ck_assert_msg(myo_predictor_run(predictor, record, *logits, *evidence, &err) == MYO_OK, "%s", err.text);
	must_add_up(*logits, *evidence, rows, (size_t)(map.height * map.width), CLASSES);
	myo_predictor_free(predictor);
	return map;
}

START_TEST(predictions_carry_evidence_in_records_of_a_mebibyte)
{
	enum { ROWS = 60, IMAGE = 64 };
	const size_t row = (size_t)IMAGE * IMAGE * CLASSES;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model = MYO_MODEL_INIT;
	struct myo_header header;
	struct myo_class_map map;
	struct myo_predictor *predictor;
	struct myo_predictions predictions = MYO_PREDICTIONS_INIT;
	struct toy toy;
	float *logits, *evidence;
	size_t done = 0, records = 0;

	make_model(&model, "linear:grid=4");
	make_toy(&toy, ROWS, IMAGE, 2);
	make_header(&header, MYO_IMAGES, ROWS);
	(void)predict(&model, &toy.record, false, &logits, &evidence);
	ck_assert_int_eq(myo_class_map_make(&map, &model, &header, &err), MYO_OK);
	ck_assert_int_eq(myo_predictor_new(&model, 8, NULL, &predictor, &err), MYO_OK);
	ck_assert_int_eq(myo_predictor_evidence(predictor, &err), MYO_OK);
	while (done < ROWS) {
		static const size_t shape[] = { IMAGE, IMAGE, CLASSES };
		const size_t from = done;
		const struct myo_tensor *t, *id, *label, *height;
		ck_assert_msg(myo_predictions_make(&predictions, predictor, &map, &toy.record, &done, &err) == MYO_OK,
		    "%s", err.text);
		const size_t n = myo_record_rows(&predictions.record);
		ck_assert_uint_eq(done - from, n);
		ck_assert_int_eq(myo_record_need(&predictions.record, "evidence", MYO_F32, 4, shape, &t, &err), MYO_OK);
		ck_assert_uint_le(t->bytes, 1 << 20);
		ck_assert_mem_eq(t->data, evidence + from * row, n * row * sizeof *evidence);
		ck_assert_mem_eq(predictions.logits, logits + from * CLASSES, n * CLASSES * sizeof *logits);
		ck_assert_int_eq(myo_record_need(&predictions.record, "id", MYO_I64, 1, NULL, &id, &err), MYO_OK);
		ck_assert_mem_eq(id->data, toy.id + from, n * sizeof *toy.id);
		ck_assert_int_eq(myo_record_need(&predictions.record, "label", MYO_I32, 1, NULL, &label, &err), MYO_OK);
		ck_assert_mem_eq(label->data, toy.label + from, n * sizeof *toy.label);
		ck_assert_int_eq(myo_record_need(&predictions.record, "height", MYO_I32, 1, NULL, &height, &err),
		    MYO_OK);
		ck_assert_int_eq(((const int32_t *)height->data)[n - 1], IMAGE);
		records++;
	}
	ck_assert_uint_eq(records, 3); /* of 21, 21 and 18 rows */
	myo_predictions_clear(&predictions);
	myo_predictor_free(predictor);
	myo_class_map_clear(&map);
	free(logits);
	free(evidence);
	myo_header_clear(&header);
	clear_toy(&toy);
	myo_model_clear(&model);
}
END_TEST

/* The mirror images are made here by hand. */
START_TEST(mirrored_evidence_is_turned_back)
{
	enum { ROWS = 6, IMAGE = 24 };
	struct myo_model model = MYO_MODEL_INIT;
	struct toy toy, turned;
	float *logits[3], *evidence[3];

	make_model(&model, "resnet9:width=4");
	draw_weights(model.net);
	make_toy(&toy, ROWS, IMAGE, 3);
	make_toy(&turned, ROWS, IMAGE, 3);
	for (size_t line = 0; line < ROWS * IMAGE; line++)
		for (size_t x = 0; x < IMAGE; x++)
			memcpy(turned.pixels + (line * IMAGE + x) * 3, toy.pixels + (line * IMAGE + IMAGE - 1 - x) * 3,
			    3);
	const struct myo_shape map = predict(&model, &toy.record, false, &logits[0], &evidence[0]);
	(void)predict(&model, &turned.record, false, &logits[1], &evidence[1]);
	(void)predict(&model, &toy.record, true, &logits[2], &evidence[2]);
	ck_assert_int_eq(map.height, 3);
	for (int i = 0; i < ROWS * map.height * map.width * CLASSES; i++) {
		const int k = i % CLASSES, x = i / CLASSES % map.width, line = i / CLASSES / map.width;
		const float back = evidence[1][(line * map.width + map.width - 1 - x) * CLASSES + k];
		ck_assert_float_eq(evidence[2][i], (evidence[0][i] + back) / 2);
	}
	ck_assert_mem_ne(evidence[0], evidence[2], CLASSES * sizeof(float));
	for (int i = 0; i < 3; i++) {
		free(logits[i]);
		free(evidence[i]);
	}
	clear_toy(&toy);
	clear_toy(&turned);
	myo_model_clear(&model);
}
END_TEST

/* Sizes change from record to record, and one of them is too small. */
START_TEST(a_predictor_gives_evidence_of_any_size)
{
	static const size_t sides[] = { 16, 24, 16, 8, 32 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model = MYO_MODEL_INIT;
	struct myo_predictor *predictor;

	make_model(&model, "resnet9:width=2");
	draw_weights(model.net);
	ck_assert_int_eq(myo_predictor_new(&model, 4, NULL, &predictor, &err), MYO_OK);
	myo_predictor_mirror(predictor);
	ck_assert_int_eq(myo_predictor_evidence(predictor, &err), MYO_OK);
	for (size_t i = 0; i < MYO_COUNT(sides); i++) {
		const size_t map = sides[i] / 8 * (sides[i] / 8), rows = 2 + 2 * i;
		float logits[10 * CLASSES], evidence[10 * 16 * CLASSES];
		struct toy toy;
		make_toy(&toy, rows, sides[i], i);
		const int rc = myo_predictor_run(predictor, &toy.record, logits, evidence, &err);
		ck_assert_int_eq(rc, map > 1 ? MYO_OK : MYO_FAIL);
		if (rc == MYO_OK)
			must_add_up(logits, evidence, rows, map, CLASSES);
		else
			ck_assert_str_eq(err.text,
			    "resnet9: evidence wants a feature map of more than one position, and 8x8 pixels leave 1x1");
		clear_toy(&toy);
	}
	myo_predictor_free(predictor);
	myo_model_clear(&model);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("evidence");
	TCase *all = tcase_create("all");
	const int variant_count = (int)MYO_COUNT(variants);

	tcase_set_timeout(all, 120);
	tcase_add_loop_test(all, a_position_has_what_the_head_makes_of_it, 0, variant_count * (int)MYO_COUNT(heads));
	tcase_add_loop_test(all, evidence_is_what_the_formula_says, 0, 2 * variant_count);
	tcase_add_loop_test(all, architectures_tell_their_evidence, 0, variant_count * (int)MYO_COUNT(networks));
	tcase_add_test(all, changed_weights_are_seen);
	tcase_add_test(all, changed_statistics_are_seen);
	tcase_add_loop_test(all, networks_without_such_a_head_are_refused, 0, (int)MYO_COUNT(without));
	tcase_add_test(all, one_position_is_refused);
	tcase_add_test(all, predictions_carry_evidence_in_records_of_a_mebibyte);
	tcase_add_test(all, mirrored_evidence_is_turned_back);
	tcase_add_test(all, a_predictor_gives_evidence_of_any_size);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
