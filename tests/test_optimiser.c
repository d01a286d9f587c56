/* Tests of what a step does: optimisers, rules, gathered and clipped gradients, averages, frozen weights. */
#include "golden.h"
#include "toy.h"

#include <fnmatch.h>
#include <unistd.h>

/* ---- optimisers ----------------------------------------------------------------------------- */

/* A layer of `in` inputs and `out` outputs with a bias. */
static struct myo_net *
layer(int in, int out)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 1, 1, in }, out, &net, &err), MYO_OK);
	ck_assert_int_eq(myo_output(net, myo_linear(net, "fc", myo_input(net), out, true), &err), 0);
	return net;
}

static struct myo_optimiser *
optimiser(struct myo_net *net, struct myo_optimiser_options options, struct myo_pool *pool)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_optimiser *o;

	ck_assert_int_eq(myo_optimiser_new(net, &options, pool, &o, &err), MYO_OK);
	return o;
}

/* The three of golden/README. */
static const struct {
	const char *name;
	double rate;
	struct myo_optimiser_options options;
} goldens[] = {
	{ "sgd", 0.05, { .kind = MYO_SGD, .momentum = 0.9, .nesterov = true, .decay = 5e-4 } },
	{ "adam", 0.002, { .kind = MYO_ADAM, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 1e-4 } },
	{ "adamw", 0.002, { .kind = MYO_ADAMW, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.05 } },
};

START_TEST(optimisers_are_pytorchs)
{
	struct myo_record golden = MYO_RECORD_INIT;
	struct myo_net *net = layer(4, 10);
	struct myo_weight *w = myo_net_find_weight(net, "fc.weight");
	struct myo_optimiser *o = optimiser(net, goldens[_i].options, NULL);
	char name[64];

	golden_load("optimisers.safetensors", &golden);
	golden_fill("optimiser.weight", 1, w->value, 40);
	for (int step = 1; step <= 3; step++) {
		(void)snprintf(name, sizeof name, "optimiser.gradient%d", step);
		golden_fill(name, 1, w->gradient, 40);
		myo_optimiser_step(o, goldens[_i].rate);
		(void)snprintf(name, sizeof name, "%s%d", goldens[_i].name, step);
		golden_compare(&golden, name, w->value, 40, 2e-7);
	}
	myo_optimiser_free(o);
	myo_net_free(net);
	myo_record_clear(&golden);
}
END_TEST

START_TEST(plain_steps_follow_the_closed_form)
{
	struct myo_net *net = layer(2, 1);
	struct myo_weight *w = myo_net_find_weight(net, "fc.weight"), *b = myo_net_find_weight(net, "fc.bias");
	struct myo_optimiser_options options = { .kind = MYO_SGD, .momentum = 0.5, .decay = 0.25,
		.decay_weights_only = true };
	struct myo_optimiser *o = optimiser(net, options, NULL);

	w->value[0] = b->value[0] = 1;
	w->gradient[0] = b->gradient[0] = 1;
	myo_optimiser_step(o, 0.125);
	ck_assert_float_eq(w->value[0], 1 - 0.125F * 1.25F); /* the gradient and a quarter of the weight */
	ck_assert_float_eq(b->value[0], 1 - 0.125F);         /* no decay */
	b->gradient[0] = 0;
	myo_optimiser_step(o, 0.125);
	ck_assert_float_eq(b->value[0], 1 - 0.125F - 0.125F * 0.5F); /* half of the momentum is left */
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

START_TEST(threads_do_not_change_a_step)
{
	struct myo_err err = MYO_ERR_INIT;
	float *first = NULL;

	for (int threads = 1; threads <= 4; threads++) {
		struct myo_pool *pool;
		struct myo_net *net = layer(300, 200);
		struct myo_weight *w = myo_net_find_weight(net, "fc.weight");
		ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
		struct myo_optimiser *o = optimiser(net, goldens[_i].options, pool);
		golden_fill("w", 1, w->value, w->elements);
		golden_fill("g", 1, w->gradient, w->elements);
		for (int step = 0; step < 3; step++)
			myo_optimiser_step(o, 0.1);
		if (threads == 1) {
			first = malloc(w->elements * sizeof *first);
			ck_assert_ptr_nonnull(first);
			memcpy(first, w->value, w->elements * sizeof *first);
		}
		ck_assert_mem_eq(first, w->value, w->elements * sizeof *first);
		myo_optimiser_free(o);
		myo_pool_free(pool);
		myo_net_free(net);
	}
	free(first);
}
END_TEST

START_TEST(every_optimiser_learns)
{
	struct myo_model model;
	struct myo_trainer_options how = how_to(32);
	struct toy toy;

	how.optimiser = goldens[_i].options;
	how.schedule = (struct myo_schedule){ .kind = MYO_ONECYCLE, .rate = _i == 0 ? 0.1 : 0.005, .total = 40,
		.warmup = 10 };
	make_toy(&toy, 40 * 32, SIDE, 2);
	make_model(&model, "resnet9:width=4");
	const struct myo_step last = train(&model, &how, &toy, 100, NULL);
	ck_assert_int_eq(last.number, 40);
	ck_assert_uint_ge(last.correct, 30);
	ck_assert_double_lt(last.loss, 0.6); /* ln 3 at first; 0.29 is the least with this smoothing */
	myo_model_clear(&model);
	clear_toy(&toy);
}
END_TEST

/* Three steps of the whole network against PyTorch's. */
START_TEST(networks_take_pytorchs_steps)
{
	static const int32_t labels[] = { 3, 8, 8, 0, 6, 1, 9, 4 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record golden = MYO_RECORD_INIT;
	struct myo_arch *arch;
	struct myo_net *net;
	struct myo_plan *plan;
	char name[160];

	golden_load("resnet9.safetensors", &golden);
	ck_assert_msg(myo_arch_new("resnet9:width=16", &arch, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_arch_build(arch, (struct myo_shape){ 16, 16, 3 }, 10, 0, &net, &err), MYO_OK);
	golden_start(net);
	ck_assert_int_eq(myo_plan_new(net, MYO_TRAIN, 8, 16, 16, NULL, &plan, &err), MYO_OK);
	struct myo_optimiser *o = optimiser(net, goldens[_i].options, NULL);
	(void)snprintf(name, sizeof name, "%s.losses", goldens[_i].name);
	const float *losses = golden_find(&golden, name)->data;
	for (int step = 1; step <= 3; step++) {
		golden_fill("resnet9.input", 1, myo_plan_input(plan), 8 * 16 * 16 * 3);
		myo_plan_forward(plan, 8);
		ck_assert_double_eq_tol(myo_plan_loss(plan, labels, 0, NULL), (double)losses[step - 1], 1e-3);
		myo_plan_backward(plan);
		myo_optimiser_step(o, goldens[_i].rate);
		for (size_t i = 0; i < myo_net_weights(net); i++) {
			const struct myo_weight *w = myo_net_weight(net, i);
			if (w->role == MYO_BUFFER)
				continue;
			(void)snprintf(name, sizeof name, "%s%d.%s", goldens[_i].name, step, w->name);
			golden_compare_sample(&golden, name, w->value, w->elements, 5e-3);
		}
	}
	myo_optimiser_free(o);
	myo_plan_free(plan);
	myo_net_free(net);
	myo_arch_free(arch);
	myo_record_clear(&golden);
}
END_TEST

/* ---- Muon -------------------------------------------------------------------------------------- */

/*
 * Convolutions whose matrices are wide, tall and square, some of more rows than a work item has; and one that is
 * frozen.
 */
static struct myo_net *
convolutions(void)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 8, 8, 3 }, 5, &net, &err), MYO_OK);
	myo_node x = myo_input(net);
	x = myo_conv2d(net, "still", x, (struct myo_conv){ .out = 3, .kernel = 1, .frozen = true, .bias = true });
	x = myo_conv2d(net, "small", x, (struct myo_conv){ .out = 8, .kernel = 3, .padding = 1 });             /* 8x27 */
	x = myo_conv2d(net, "tall", x, (struct myo_conv){ .out = 72, .kernel = 1, .bias = true });             /* 72x8 */
	x = myo_conv2d(net, "wide", x, (struct myo_conv){ .out = 8, .kernel = 3, .padding = 1 });              /* 8x648 */
	x = myo_conv2d(net, "square", x, (struct myo_conv){ .out = 72, .kernel = 3, .padding = 1 });           /* 72x72 */
	x = myo_batchnorm(net, "bn", x, (struct myo_norm){ 0 });
	x = myo_conv2d(net, "groups", x, (struct myo_conv){ .out = 100, .kernel = 3, .padding = 1, .groups = 4 }); /* 100x162 */
	x = myo_linear(net, "fc", myo_flatten(net, myo_adaptive_avgpool(net, x, 1, 1)), 5, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	return net;
}

/*
 * Step number `step`'s gradients of all weights; those of square matrices with a strong diagonal, so that none is
 * singular.
 */
static void
draw_gradients(struct myo_net *net, int step)
{
	char name[64];

	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (w->gradient == NULL)
			continue;
		(void)snprintf(name, sizeof name, "%s.gradient%d", w->name, step);
		golden_fill(name, 0.01, w->gradient, w->elements);
		const size_t columns = w->elements / w->shape[0];
		for (size_t k = 0; columns == w->shape[0] && k < columns; k++)
			w->gradient[k * columns + k] += 0.2F;
	}
}

static double
frobenius(const double *x, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += x[i] * x[i];
	return sqrt(sum);
}

/* x [rows, columns] -> a x + b x x^T x + c x x^T x x^T x, in the plainest way. */
static void
newton_schulz(double *x, size_t rows, size_t columns)
{
	double *square = calloc(rows * rows, sizeof *square), *factor = calloc(rows * rows, sizeof *factor);
	double *column = calloc(rows, sizeof *column);

	ck_assert(square != NULL && factor != NULL && column != NULL);
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < rows; k++)
			for (size_t j = 0; j < columns; j++)
				square[i * rows + k] += x[i * columns + j] * x[k * columns + j];
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < rows; k++) {
			for (size_t j = 0; j < rows; j++)
				factor[i * rows + k] += 2.0315 * square[i * rows + j] * square[j * rows + k];
			factor[i * rows + k] += -4.7750 * square[i * rows + k] + (i == k ? 3.4445 : 0);
		}
	for (size_t j = 0; j < columns; j++) {
		for (size_t i = 0; i < rows; i++) {
			column[i] = 0;
			for (size_t k = 0; k < rows; k++)
				column[i] += factor[i * rows + k] * x[k * columns + j];
		}
		for (size_t i = 0; i < rows; i++)
			x[i * columns + j] = column[i];
	}
	free(square);
	free(factor);
	free(column);
}

/* What a weight should be, in doubles. */
struct should {
	double *w, *m;
};

static struct should *
begin_should(struct myo_net *net)
{
	const size_t count = myo_net_weights(net);
	struct should *should = calloc(count, sizeof *should);

	ck_assert_ptr_nonnull(should);
	for (size_t i = 0; i < count; i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		should[i] = (struct should){ calloc(w->elements, sizeof(double)), calloc(w->elements, sizeof(double)) };
		ck_assert(should[i].w != NULL && should[i].m != NULL);
		for (size_t k = 0; k < w->elements; k++)
			should[i].w[k] = (double)w->value[k];
	}
	return should;
}

static void
free_should(struct should *should, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(should[i].w);
		free(should[i].m);
	}
	free(should);
}

static void
should_muon(struct should *s, const struct myo_weight *w, double rate, double momentum, int iterations)
{
	const size_t rows = w->shape[0], columns = w->elements / rows;
	double *u = calloc(w->elements, sizeof *u);

	ck_assert_ptr_nonnull(u);
	for (size_t k = 0; k < w->elements; k++) {
		s->m[k] = momentum * s->m[k] + (double)w->gradient[k];
		u[k] = (double)w->gradient[k] + momentum * s->m[k];
	}
	const double length = frobenius(u, w->elements), norm = frobenius(s->w, w->elements);
	for (size_t k = 0; k < w->elements; k++)
		u[k] /= length;
	for (int i = 0; i < iterations; i++)
		newton_schulz(u, rows, columns);
	for (size_t k = 0; k < w->elements; k++)
		s->w[k] = sqrt((double)rows) / norm * s->w[k] - rate * u[k];
	free(u);
}

static void
should_nesterov(struct should *s, const struct myo_weight *w, double rate, const struct myo_optimiser_options *o)
{
	for (size_t k = 0; k < w->elements; k++) {
		const double g = (double)w->gradient[k] + o->decay * s->w[k];
		s->m[k] = o->momentum * s->m[k] + g;
		s->w[k] -= rate * (g + o->momentum * s->m[k]);
	}
}

static bool
is_convolution(const struct myo_weight *w)
{
	return w->dims == 4;
}

/* No element further from what it should be than `tolerance` of the step's largest. */
static void
ck_close(const struct myo_weight *w, const double *should, double tolerance)
{
	double largest = 0;

	for (size_t k = 0; k < w->elements; k++)
		largest = fmax(largest, fabs(should[k]));
	for (size_t k = 0; k < w->elements; k++)
		ck_assert_msg(fabs((double)w->value[k] - should[k]) <= tolerance * largest,
		    "%s[%zu] is %.9g, should be %.9g", w->name, k, (double)w->value[k], should[k]);
}

/* The common case, another momentum, and as many iterations as bring most singular values near 1. */
static const struct {
	double muon_rate, muon_momentum;
	int iterations, steps;
} muons[] = { { 4.8, 0.6, 3, 4 }, { 0.5, 0.95, 1, 5 }, { 2, 0.9, 5, 3 }, { 1, 0, 2, 2 } };

static struct myo_optimiser_options
muon_of(int which)
{
	return (struct myo_optimiser_options){ .kind = MYO_MUON, .momentum = 0.9, .nesterov = true, .decay = 0.01,
		.muon_rate = muons[which].muon_rate, .muon_momentum = muons[which].muon_momentum,
		.muon_iterations = muons[which].iterations };
}

START_TEST(muon_is_what_doubles_say)
{
	const struct myo_rule rule = { "tall.weight", 0.25 };
	struct myo_optimiser_options options = muon_of(_i);
	struct myo_net *net = convolutions();
	const size_t count = myo_net_weights(net);

	golden_start(net);
	options.rates = (struct myo_rules){ 1, &rule };
	struct myo_optimiser *o = optimiser(net, options, NULL);
	struct should *should = begin_should(net);
	for (int step = 1; step <= muons[_i].steps; step++) {
		const double rate = 0.05 / step;
		draw_gradients(net, step);
		for (size_t i = 0; i < count; i++) {
			const struct myo_weight *w = myo_net_weight(net, i);
			if (w->frozen || w->gradient == NULL)
				continue;
			if (is_convolution(w))
				should_muon(&should[i], w,
				    rate * muons[_i].muon_rate * (strcmp(w->name, "tall.weight") == 0 ? 0.25 : 1),
				    muons[_i].muon_momentum, muons[_i].iterations);
			else
				should_nesterov(&should[i], w, rate, &options);
		}
		myo_optimiser_step(o, rate);
		for (size_t i = 0; i < count; i++)
			ck_close(myo_net_weight(net, i), should[i].w,
			    is_convolution(myo_net_weight(net, i)) ? 2e-6 : 1e-6);
	}
	free_should(should, count);
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

/* Squares of the singular values of x [rows, columns], rows <= columns: eigenvalues of x x^T, by Jacobi's rotations. */
static void
singular_squares(const double *x, size_t rows, size_t columns, double *out)
{
	double *s = calloc(rows * rows, sizeof *s);

	ck_assert_ptr_nonnull(s);
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < rows; k++)
			for (size_t j = 0; j < columns; j++)
				s[i * rows + k] += x[i * columns + j] * x[k * columns + j];
	for (int sweep = 0; sweep < 20; sweep++)
		for (size_t p = 0; p < rows; p++)
			for (size_t q = p + 1; q < rows; q++) {
				const double angle =
				    0.5 * atan2(2 * s[p * rows + q], s[q * rows + q] - s[p * rows + p]);
				const double c = cos(angle), d = sin(angle);
				for (size_t k = 0; k < rows; k++) {
					const double one = s[p * rows + k], two = s[q * rows + k];
					s[p * rows + k] = c * one - d * two;
					s[q * rows + k] = d * one + c * two;
				}
				for (size_t k = 0; k < rows; k++) {
					const double one = s[k * rows + p], two = s[k * rows + q];
					s[k * rows + p] = c * one - d * two;
					s[k * rows + q] = d * one + c * two;
				}
			}
	for (size_t i = 0; i < rows; i++)
		out[i] = s[i * rows + i];
	free(s);
}

START_TEST(muon_makes_singular_values_alike)
{
	const struct myo_optimiser_options options = { .kind = MYO_MUON, .muon_rate = 1, .muon_iterations = 5 };
	struct myo_net *net = convolutions();
	struct myo_optimiser *o = optimiser(net, options, NULL);
	double values[128];
	size_t seen = 0;

	/* Without a weight before it, the weight after it is the step. */
	for (size_t i = 0; i < myo_net_weights(net); i++)
		memset(myo_net_weight(net, i)->value, 0, myo_net_weight(net, i)->elements * sizeof(float));
	draw_gradients(net, 1);
	myo_optimiser_step(o, 1);
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (!is_convolution(w) || w->frozen)
			continue;
		const size_t rows = w->shape[0], columns = w->elements / rows, side = rows < columns ? rows : columns;
		double *x = calloc(w->elements, sizeof *x);
		ck_assert_ptr_nonnull(x);
		for (size_t r = 0; r < rows; r++)
			for (size_t c = 0; c < columns; c++)
				x[rows <= columns ? r * columns + c : c * rows + r] = (double)w->value[r * columns + c];
		singular_squares(x, side, w->elements / side, values);
		for (size_t k = 0; k < side; k++, seen++)
			ck_assert_msg(values[k] >= 0.68 * 0.68 && values[k] <= 1.2 * 1.2, "%s: a singular value of %g",
			    w->name, sqrt(values[k]));
		free(x);
	}
	ck_assert_uint_eq(seen, 8 + 8 + 8 + 72 + 100);
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

/* All values of a network, one after the other, on the heap. */
static float *
all_values(struct myo_net *net, size_t *count)
{
	float *out = NULL;

	*count = 0;
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		out = realloc(out, (*count + w->elements) * sizeof *out);
		ck_assert_ptr_nonnull(out);
		memcpy(out + *count, w->value, w->elements * sizeof *out);
		*count += w->elements;
	}
	return out;
}

START_TEST(threads_do_not_change_muon)
{
	struct myo_err err = MYO_ERR_INIT;
	float *first = NULL;
	size_t count;

	for (int threads = 1; threads <= 4; threads++) {
		struct myo_pool *pool;
		struct myo_net *net = convolutions();
		golden_start(net);
		ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
		struct myo_optimiser *o = optimiser(net, muon_of(0), pool);
		for (int step = 1; step <= 3; step++) {
			draw_gradients(net, step);
			myo_optimiser_step(o, 0.05);
		}
		float *values = all_values(net, &count);
		if (threads == 1)
			first = values;
		else
			ck_assert_mem_eq(first, values, count * sizeof *values);
		if (threads > 1)
			free(values);
		myo_optimiser_free(o);
		myo_pool_free(pool);
		myo_net_free(net);
	}
	free(first);
}
END_TEST

START_TEST(muon_leaves_what_is_frozen)
{
	const struct myo_optimiser_options options = muon_of(0);
	struct myo_net *net = convolutions();
	struct myo_weight *still = myo_net_find_weight(net, "still.weight"),
	    *wide = myo_net_find_weight(net, "wide.weight");
	float before[9];

	golden_start(net);
	wide->frozen = true; /* as --freeze does it */
	float *kept = malloc(wide->elements * sizeof *kept);
	ck_assert_ptr_nonnull(kept);
	memcpy(kept, wide->value, wide->elements * sizeof *kept);
	memcpy(before, still->value, sizeof before);
	struct myo_optimiser *o = optimiser(net, options, NULL);
	draw_gradients(net, 1);
	memset(myo_net_find_weight(net, "tall.weight")->gradient, 0, (size_t)72 * 8 * sizeof(float));
	myo_optimiser_step(o, 0.05);
	ck_assert_mem_eq(still->value, before, sizeof before);
	ck_assert_mem_eq(wide->value, kept, wide->elements * sizeof *kept);
	/* One that has no gradient is only brought to its norm. */
	const struct myo_weight *tall = myo_net_find_weight(net, "tall.weight");
	double sum = 0;
	for (size_t k = 0; k < tall->elements; k++)
		sum += pow((double)tall->value[k], 2);
	ck_assert_double_eq_tol(sum, 72, 1e-4);
	free(kept);
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

/* ---- rules ------------------------------------------------------------------------------------------- */

/* One weight of each kind, and a buffer. */
static struct myo_net *
kinds(void)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	ck_assert_int_eq(myo_net_new((struct myo_shape){ 2, 2, 3 }, 5, &net, &err), MYO_OK);
	myo_node x = myo_conv2d(net, "conv1", myo_input(net), (struct myo_conv){ .out = 4, .kernel = 1, .bias = true });
	x = myo_conv2d(net, "conv2", x, (struct myo_conv){ .out = 4, .kernel = 1, .frozen = true });
	x = myo_batchnorm(net, "bn", x, (struct myo_norm){ 0 });
	x = myo_linear(net, "fc", myo_flatten(net, x), 5, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	return net;
}

/* All values, and all gradients that there are, to be so. */
static void
set_all(struct myo_net *net, float value, float gradient)
{
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		for (size_t k = 0; k < w->elements; k++) {
			w->value[k] = value;
			if (w->gradient != NULL)
				w->gradient[k] = gradient;
		}
	}
}

/* All elements of a weight. */
static void
ck_all(struct myo_net *net, const char *name, double should)
{
	const struct myo_weight *w = myo_net_find_weight(net, name);

	ck_assert_msg(w != NULL, "%s", name);
	for (size_t k = 0; k < w->elements; k++)
		ck_assert_msg(fabs((double)w->value[k] - should) < 1e-6, "%s is %.9g, should be %.9g", name,
		    (double)w->value[k], should);
}

START_TEST(the_last_rule_that_matches_counts)
{
	static const struct myo_rule rules[] = { { "fc.*", 8 }, { "*.bias", 0.5 }, { "conv?.weight", 0 }, { "bn.*", 4 },
		{ "fc.weight", 2 } };
	const struct myo_optimiser_options options = { .kind = MYO_SGD, .rates = { MYO_COUNT(rules), rules } };
	struct myo_net *net = kinds();
	struct myo_optimiser *o = optimiser(net, options, NULL);

	set_all(net, 1, 1);
	myo_optimiser_step(o, 0.0625);
	ck_all(net, "conv1.weight", 1);
	ck_all(net, "conv1.bias", 1 - 0.5 * 0.0625);
	ck_all(net, "conv2.weight", 1);
	ck_all(net, "bn.weight", 1 - 4 * 0.0625);
	ck_all(net, "bn.bias", 1 - 4 * 0.0625);
	ck_all(net, "bn.running_mean", 1);
	ck_all(net, "fc.weight", 1 - 2 * 0.0625);
	ck_all(net, "fc.bias", 1 - 0.5 * 0.0625);
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

START_TEST(a_rule_for_nothing_is_named)
{
	/* No such name; a part of one; names of what isn't trained. */
	static const char *const patterns[] = { "nosuch*", "conv1", "CONV1.*", "conv2.weight", "bn.running_*", "" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net = kinds();
	struct myo_optimiser *o;

	for (size_t i = 0; i < MYO_COUNT(patterns); i++) {
		const struct myo_rule rules[] = { { "fc.*", 2 }, { patterns[i], 2 } };
		const struct myo_optimiser_options options = { .kind = i % 2 == 0 ? MYO_SGD : MYO_MUON,
			.rates = { i < 3 ? 2 : 1, rules }, .decays = { i < 3 ? 0 : 2, rules } };
		char quoted[64];
		ck_assert_int_eq(myo_optimiser_new(net, &options, NULL, &o, &err), MYO_FAIL);
		ck_assert_ptr_null(o);
		(void)snprintf(quoted, sizeof quoted, "'%s'", patterns[i]);
		ck_assert_msg(strstr(err.text, quoted) != NULL, "%s", err.text);
	}
	myo_net_free(net);
}
END_TEST

/* The decay alone, by a gradient of zero. */
START_TEST(decay_is_for_weights_only_where_asked)
{
	static const struct myo_rule rules[] = { { "*.bias", 2 } };
	static const char *const others[] = { "conv1.bias", "bn.weight", "bn.bias", "fc.bias" };

	for (int only = 0; only < 2; only++)
		for (int ruled = 0; ruled < 2; ruled++) {
			const struct myo_optimiser_options options = { .kind = _i == 0 ? MYO_SGD : MYO_ADAMW,
				.decay = 0.25, .decay_weights_only = only, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8,
				.rates = { ruled ? MYO_COUNT(rules) : 0, rules } };
			struct myo_net *net = kinds();
			struct myo_optimiser *o = optimiser(net, options, NULL);
			set_all(net, 1, 0);
			myo_optimiser_step(o, 0.125);
			const double whole = 0.125 * 0.25;
			ck_all(net, "conv1.weight", 1 - whole);
			ck_all(net, "conv2.weight", 1);
			ck_all(net, "fc.weight", 1 - whole);
			for (size_t i = 0; i < MYO_COUNT(others); i++) {
				const double rate = ruled && strstr(others[i], ".bias") != NULL ? 2 : 1;
				ck_all(net, others[i], only ? 1 : 1 - rate * whole);
			}
			myo_optimiser_free(o);
			myo_net_free(net);
		}
}
END_TEST

/* Where the rate of biases is 4 times as high. Rules for what has no decay are refused. */
START_TEST(the_decay_has_rules_of_its_own)
{
	static const struct myo_rule rates[] = { { "*.bias", 4 } };
	static const struct myo_rule decays[] = { { "fc.weight", 2 }, { "*.bias", 0.5 }, { "conv1.bias", 0 },
		{ "bn.weight", 3 } };
	const double whole = 0.125 * 0.25;

	for (int only = 0; only < 2; only++) {
		const struct myo_optimiser_options options = { .kind = _i == 0 ? MYO_SGD : MYO_ADAMW, .decay = 0.25,
			.decay_weights_only = only, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8,
			.rates = { MYO_COUNT(rates), rates }, .decays = { only ? 1 : MYO_COUNT(decays), decays } };
		struct myo_net *net = kinds();
		struct myo_optimiser *o = optimiser(net, options, NULL);
		set_all(net, 1, 0);
		myo_optimiser_step(o, 0.125);
		ck_all(net, "conv1.weight", 1 - whole);
		ck_all(net, "fc.weight", 1 - 2 * whole);
		ck_all(net, "conv1.bias", 1);
		ck_all(net, "bn.weight", only ? 1 : 1 - 3 * whole);
		ck_all(net, "bn.bias", only ? 1 : 1 - 4 * 0.5 * whole);
		ck_all(net, "fc.bias", only ? 1 : 1 - 4 * 0.5 * whole);
		myo_optimiser_free(o);
		myo_net_free(net);
	}
}
END_TEST

/* ---- clipping -------------------------------------------------------------------------------------------- */

static double
gradient_norm(struct myo_net *net)
{
	double sum = 0;

	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		for (size_t k = 0; w->gradient != NULL && k < w->elements; k++)
			sum += (double)w->gradient[k] * (double)w->gradient[k];
	}
	return sqrt(sum);
}

static void
fill_gradients(struct myo_net *net, double scale)
{
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (w->gradient != NULL && !w->frozen)
			golden_fill(w->name, scale, w->gradient, w->elements);
	}
}

/* Of 300 x 200 and 200: several work items, and more than one weight. */
START_TEST(long_gradients_are_clipped)
{
	struct myo_optimiser_options options = { .kind = MYO_SGD, .clip = 0.75 };
	struct myo_net *net = layer(300, 200);
	struct myo_weight *w = myo_net_find_weight(net, "fc.weight");
	float *before = malloc(w->elements * sizeof *before);

	ck_assert_ptr_nonnull(before);
	set_all(net, 0, 0);
	struct myo_optimiser *o = optimiser(net, options, NULL);
	myo_optimiser_step(o, 1); /* no gradient at all */
	ck_all(net, "fc.weight", 0);
	fill_gradients(net, 1);
	memcpy(before, w->gradient, w->elements * sizeof *before);
	const double norm = gradient_norm(net);
	ck_assert_double_gt(norm, 10);
	myo_optimiser_step(o, 1);
	ck_assert_double_eq_tol(gradient_norm(net), options.clip, 1e-6);
	for (size_t k = 0; k < w->elements; k++) {
		ck_assert_double_eq_tol((double)w->gradient[k], options.clip / norm * (double)before[k], 1e-8);
		ck_assert_float_eq(w->value[k], -w->gradient[k]);
	}
	free(before);
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

START_TEST(short_gradients_are_not_touched)
{
	struct myo_optimiser_options options = { .kind = MYO_SGD };
	struct myo_net *net = layer(300, 200);
	struct myo_weight *w = myo_net_find_weight(net, "fc.weight");
	float *before = malloc(w->elements * sizeof *before);

	ck_assert_ptr_nonnull(before);
	fill_gradients(net, 1);
	memcpy(before, w->gradient, w->elements * sizeof *before);
	options.clip = gradient_norm(net) * 1.001;
	struct myo_optimiser *o = optimiser(net, options, NULL);
	myo_optimiser_step(o, 1);
	ck_assert_mem_eq(w->gradient, before, w->elements * sizeof *before);
	free(before);
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

/* It is the step's gradient that is clipped, the mean: not each batch's, and not the sum. */
START_TEST(what_is_clipped_is_the_mean)
{
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_optimiser_options options = { .kind = MYO_SGD, .clip = 1 };
	struct myo_net *net = layer(1, 1);
	struct myo_weight *w = myo_net_find_weight(net, "fc.weight"), *b = myo_net_find_weight(net, "fc.bias");
	struct myo_optimiser *o = optimiser(net, options, NULL);

	set_all(net, 0, 0);
	for (int again = 1; again <= 2; again++) {
		/* (30, 0.5) of 16 rows and (-60, 0.25) of 8: (0, 10 / 24) */
		w->gradient[0] = 30;
		b->gradient[0] = 0.5F;
		ck_assert_int_eq(myo_optimiser_gather(o, 16, &err), MYO_OK);
		w->gradient[0] = -60;
		b->gradient[0] = 0.25F;
		ck_assert_int_eq(myo_optimiser_gather(o, 8, &err), MYO_OK);
		myo_optimiser_step(o, 1);
		ck_all(net, "fc.weight", 0);
		ck_all(net, "fc.bias", again * -10.0 / 24);
	}
	myo_optimiser_free(o);
	myo_net_free(net);
}
END_TEST

/* ---- gathered gradients ------------------------------------------------------------------------------- */

/* The model of a toy without batch normalisation, to which it matters what goes through the network together. */
static void
make_plain(struct myo_model *model)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_net *net;

	make_model(model, "linear");
	ck_assert_int_eq(myo_net_new((struct myo_shape){ SIDE, SIDE, 3 }, CLASSES, &net, &err), MYO_OK);
	myo_node x = myo_conv2d(net, "conv", myo_input(net), (struct myo_conv){ .out = 8, .kernel = 3, .padding = 1,
		.bias = true });
	x = myo_adaptive_avgpool(net, myo_relu(net, x), 2, 2);
	x = myo_linear(net, "fc", myo_flatten(net, x), CLASSES, true);
	ck_assert_msg(myo_output(net, x, &err) == 0, "%s", err.text);
	myo_net_init(net, 1);
	myo_net_free(model->net);
	model->net = net;
}

/* The steps of a training on all rows of a toy; how many. */
static size_t
steps_of(struct myo_model *model, const struct myo_trainer_options *how, const struct toy *toy, struct myo_step *steps,
    size_t most)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_trainer *trainer;
	size_t row = 0, made = 0;

	ck_assert_msg(myo_trainer_new(model, how, NULL, &trainer, &err) == MYO_OK, "%s", err.text);
	while (made < most && myo_trainer_feed(trainer, &toy->record, &row, myo_record_rows(&toy->record), &steps[made],
	    &err) == MYO_OK)
		made++;
	if (made < most && myo_trainer_finish(trainer, &steps[made], &err) == MYO_OK)
		made++;
	ck_assert_int_eq(myo_trainer_rows(trainer), (int64_t)myo_record_rows(&toy->record));
	ck_assert_uint_lt(made, most);
	myo_trainer_free(trainer);
	return made;
}

/*
 * Rows: whole steps; an incomplete batch in the last; whole batches but not all of them; a batch alone that isn't
 * complete.
 */
static const size_t gathered_rows[] = { 60, 47, 50, 43 };

START_TEST(batches_together_are_one_large_batch)
{
	static const double weights[CLASSES] = { 0.25, 1, 3 };
	static const enum myo_optimiser_kind optimisers[] = { MYO_SGD, MYO_ADAMW, MYO_MUON };
	struct myo_step one[8], many[8];
	struct toy toy;

	make_toy(&toy, gathered_rows[_i], SIDE, 1);
	for (int k = 0; k < 4 * (int)MYO_COUNT(optimisers); k++) {
		struct myo_trainer_options how = how_to(20);
		struct myo_model a, b;
		how.optimiser.kind = optimisers[k / 4];
		how.optimiser.clip = k / 2 % 2 == 1 ? 0.5 : 0;
		how.optimiser.beta1 = 0.9, how.optimiser.beta2 = 0.999, how.optimiser.eps = 1e-3;
		how.optimiser.muon_rate = 1, how.optimiser.muon_iterations = 3, how.optimiser.muon_momentum = 0.6;
		how.class_weights = k % 2 == 1 ? weights : NULL;
		make_plain(&a);
		make_plain(&b);
		const size_t steps = steps_of(&a, &how, &toy, one, MYO_COUNT(one));
		how.batch = 5;
		how.accumulate = 4;
		ck_assert_uint_eq(steps_of(&b, &how, &toy, many, MYO_COUNT(many)), steps);
		ck_assert_uint_eq(steps, (gathered_rows[_i] + 19) / 20);
		for (size_t i = 0; i < steps; i++) {
			ck_assert_int_eq(one[i].number, many[i].number);
			ck_assert_int_eq(one[i].rows, many[i].rows);
			ck_assert_uint_eq(one[i].batch, many[i].batch);
			ck_assert_uint_eq(one[i].correct, many[i].correct);
			ck_assert_double_eq_tol(one[i].loss, many[i].loss, 1e-5);
		}
		for (size_t i = 0; i < myo_net_weights(a.net); i++) {
			const struct myo_weight *w = myo_net_weight(a.net, i), *v = myo_net_weight(b.net, i);
			for (size_t n = 0; n < w->elements; n++)
				ck_assert_msg(fabs((double)w->value[n] - (double)v->value[n]) < 2e-5,
				    "%s[%zu]: %g and %g", w->name, n, (double)w->value[n], (double)v->value[n]);
		}
		myo_model_clear(&a);
		myo_model_clear(&b);
	}
	clear_toy(&toy);
}
END_TEST

/* ---- averaged weights ------------------------------------------------------------------------------------- */

static double
average_decay(double decay, double t)
{
	return fmin(decay, (1 + t) / (10 + t));
}

/* Another value of everything after each step, the buffers included. */
static void
draw_values(struct myo_net *net, int step)
{
	char name[64];

	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		(void)snprintf(name, sizeof name, "%s.value%d", w->name, step);
		golden_fill(name, 1, w->value, w->elements);
	}
}

START_TEST(averages_follow_the_formula)
{
	static const double decays[] = { 0.5, 0.9, 0.999, 0.01 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_average *average;
	size_t count, elements;

	struct myo_net *net = convolutions();
	ck_assert_int_eq(myo_average_new(net, decays[_i], NULL, &average, &err), MYO_OK);
	draw_values(net, 1);
	float *values = all_values(net, &count);
	double *should = calloc(count, sizeof *should);
	ck_assert_ptr_nonnull(should);
	for (size_t k = 0; k < count; k++)
		should[k] = (double)values[k]; /* where the average begins */
	free(values);
	for (int t = 1; t <= 120; t++) {
		const double d = average_decay(decays[_i], t);
		draw_values(net, t);
		values = all_values(net, &elements);
		for (size_t k = 0; k < count; k++)
			should[k] += (1 - d) * ((double)values[k] - should[k]);
		free(values);
		myo_average_step(average, t);
		const float *is = myo_average_state(average, &elements);
		ck_assert_uint_eq(elements, count);
		for (size_t k = 0; k < count && (t <= 3 || t % 40 == 0); k++)
			ck_assert_msg(fabs((double)is[k] - should[k]) < 2e-6, "step %d: [%zu] is %.9g, should be %.9g",
			    t, k, (double)is[k], should[k]);
	}
	free(should);
	myo_average_free(average);
	myo_net_free(net);
}
END_TEST

static void
predict(struct myo_plan *plan, float logits[5])
{
	golden_fill("input", 1, myo_plan_input(plan), (size_t)8 * 8 * 3);
	myo_plan_forward(plan, 1);
	memcpy(logits, myo_plan_logits(plan), 5 * sizeof *logits);
}

START_TEST(swapping_twice_is_nothing)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_average *average;
	struct myo_plan *plan, *fresh;
	struct myo_pool *pool;
	float logits[3][5], fresh_logits[5];
	size_t count;

	struct myo_net *net = convolutions();
	ck_assert_int_eq(myo_pool_new(3, &pool, &err), MYO_OK);
	ck_assert_int_eq(myo_average_new(net, 0.5, pool, &average, &err), MYO_OK);
	ck_assert_int_eq(myo_plan_new(net, MYO_PREDICT, 1, 8, 8, pool, &plan, &err), MYO_OK);
	golden_start(net);
	myo_average_step(average, 1);
	for (size_t i = 0; i < myo_net_weights(net); i++) /* all that there is, running_mean and running_var, too */
		for (size_t k = 0; k < myo_net_weight(net, i)->elements; k++)
			myo_net_weight(net, i)->value[k] += 0.125F;
	myo_average_step(average, 2);
	myo_net_changed(net);
	float *first = all_values(net, &count), *state = malloc(count * sizeof *state);
	ck_assert_ptr_nonnull(state);
	memcpy(state, myo_average_state(average, &count), count * sizeof *state);
	for (int swaps = 0; swaps <= 2; swaps++) {
		float *values = all_values(net, &count);
		ck_assert_mem_eq(values, swaps == 1 ? state : first, count * sizeof *values);
		ck_assert_mem_eq(myo_average_state(average, &count), swaps == 1 ? first : state,
		    count * sizeof *values);
		free(values);
		/* The plan notices, as one that is made now. */
		predict(plan, logits[swaps]);
		ck_assert_int_eq(myo_plan_new(net, MYO_PREDICT, 1, 8, 8, pool, &fresh, &err), MYO_OK);
		predict(fresh, fresh_logits);
		ck_assert_mem_eq(logits[swaps], fresh_logits, sizeof fresh_logits);
		myo_plan_free(fresh);
		myo_average_swap(average);
	}
	ck_assert_mem_eq(logits[0], logits[2], sizeof logits[0]);
	ck_assert(memcmp(logits[0], logits[1], sizeof logits[0]) != 0);
	free(first);
	free(state);
	myo_plan_free(plan);
	myo_average_free(average);
	myo_pool_free(pool);
	myo_net_free(net);
}
END_TEST

/* The trainer averages after each step, not after each batch, and goes on from the weights themselves. */
START_TEST(trainers_average_after_each_step)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_trainer_options how = how_to(6);
	struct myo_model model, without;
	struct myo_trainer *trainer, *plain;
	struct myo_step step;
	double *should = NULL;
	size_t count, row = 0, same_row = 0;
	struct toy toy;

	make_toy(&toy, 12 * 9, SIDE, 1);
	make_model(&model, "resnet9:width=2");
	make_model(&without, "resnet9:width=2");
	how.accumulate = 2;
	ck_assert_int_eq(myo_trainer_new(&without, &how, NULL, &plain, &err), MYO_OK);
	how.average = 0.6;
	ck_assert_int_eq(myo_trainer_new(&model, &how, NULL, &trainer, &err), MYO_OK);
	while (myo_trainer_feed(trainer, &toy.record, &row, myo_record_rows(&toy.record), &step, &err) == MYO_OK) {
		float *values = all_values(model.net, &count);
		if (should == NULL) {
			should = calloc(count, sizeof *should);
			ck_assert_ptr_nonnull(should);
			for (size_t k = 0; k < count; k++)
				should[k] = (double)values[k];
		}
		for (size_t k = 0; k < count; k++)
			should[k] += (1 - average_decay(0.6, (double)step.number)) * ((double)values[k] - should[k]);
		free(values);
		myo_trainer_swap_average(trainer);
		values = all_values(model.net, &count);
		for (size_t k = 0; k < count; k++)
			ck_assert_msg(fabs((double)values[k] - should[k]) < 1e-5 * (1 + fabs(should[k])),
			    "step %d, [%zu]: %.9g, should be %.9g", (int)step.number, k, (double)values[k], should[k]);
		free(values);
		myo_trainer_swap_average(trainer);
		ck_assert_int_eq(myo_trainer_feed(plain, &toy.record, &same_row, myo_record_rows(&toy.record), &step,
		    &err), MYO_OK);
		ck_same_weights(&model, &without);
	}
	ck_assert_int_eq(myo_trainer_steps(trainer), 9);
	free(should);
	myo_trainer_free(trainer);
	myo_trainer_free(plain);
	myo_model_clear(&model);
	myo_model_clear(&without);
	clear_toy(&toy);
}
END_TEST

/* ---- what a model begins with -------------------------------------------------------------------------- */

START_TEST(frozen_weights_stay_and_the_others_learn)
{
	static const char *const patterns[] = { "*conv1.*", "*bn?.weight", "*.bias" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_trainer_options how = how_to(16);
	struct myo_model model, begun, free_one;
	size_t frozen = 0, free_ones = 0;
	struct toy toy;

	how.average = 0.9;
	make_model(&begun, "resnet9:width=4");
	for (int steps = 1; steps <= 3; steps += 2) {
		make_toy(&toy, 16 * (size_t)steps, SIDE, 1);
		make_model(&model, "resnet9:width=4");
		make_model(&free_one, "resnet9:width=4");
		for (size_t i = 0; i < MYO_COUNT(patterns); i++)
			ck_assert_msg(myo_begin_freeze(&model, patterns[i], &err) == MYO_OK, "%s", err.text);
		(void)train(&model, &how, &toy, 16, NULL);
		(void)train(&free_one, &how, &toy, 16, NULL);
		for (size_t i = 0; i < myo_net_weights(model.net); i++) {
			const struct myo_weight *w = myo_net_weight(model.net, i), *was = myo_net_weight(begun.net, i);
			const struct myo_weight *other = myo_net_weight(free_one.net, i);
			const size_t bytes = w->elements * sizeof *w->value;
			bool named = false;
			for (size_t k = 0; k < MYO_COUNT(patterns); k++)
				named |= w->role != MYO_BUFFER && fnmatch(patterns[k], w->name, 0) == 0;
			ck_assert_msg(w->frozen == named, "%s", w->name);
			ck_assert_msg((memcmp(w->value, was->value, bytes) == 0) == w->frozen, "%s, frozen: %d",
			    w->name, w->frozen);
			/* The first step of what isn't frozen is the same as ever. */
			if (steps == 1 && !w->frozen)
				ck_assert_msg(memcmp(w->value, other->value, bytes) == 0, "%s", w->name);
			frozen += w->frozen;
			free_ones += !w->frozen;
		}
		myo_model_clear(&model);
		myo_model_clear(&free_one);
		clear_toy(&toy);
	}
	ck_assert_uint_gt(frozen, 20);
	ck_assert_uint_gt(free_ones, 20);
	ck_assert_int_eq(myo_begin_freeze(&begun, "nosuch.*", &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "'nosuch.*'"));
	ck_assert_int_eq(myo_begin_freeze(&begun, "*running_mean", &err), MYO_FAIL); /* which follows the data */
	myo_model_clear(&begun);
}
END_TEST

START_TEST(other_classes_take_all_but_the_last_layer)
{
	static const char *const four[] = { "a", "b", "c", "d" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_model old, fresh, begun;
	size_t taken;

	make_model(&old, "resnet9:width=2");
	golden_start(old.net);
	ck_assert_int_eq(myo_header_set_classes(&header, 4, four, &err), MYO_OK);
	ck_assert_int_eq(myo_model_new(&begun, "resnet9:width=2", SIDE, &header, 5, &err), MYO_OK);
	ck_assert_int_eq(myo_model_new(&fresh, "resnet9:width=2", SIDE, &header, 5, &err), MYO_OK);
	ck_assert_msg(myo_begin_with(&begun, &old, &taken, &err) == MYO_OK, "%s", err.text);
	const size_t count = myo_net_weights(begun.net);
	ck_assert_uint_eq(taken, count - 2);
	for (size_t i = 0; i < count; i++) {
		const struct myo_weight *w = myo_net_weight(begun.net, i);
		const struct myo_model *from = i < count - 2 ? &old : &fresh;
		ck_assert_msg(memcmp(w->value, myo_net_weight(from->net, i)->value,
		    w->elements * sizeof *w->value) == 0, "%s", w->name);
	}
	myo_header_clear(&header);
	myo_model_clear(&old);
	myo_model_clear(&begun);
	myo_model_clear(&fresh);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("optimiser");
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, optimisers_are_pytorchs, 0, MYO_COUNT(goldens));
	tcase_add_loop_test(all, threads_do_not_change_a_step, 0, MYO_COUNT(goldens));
	tcase_add_test(all, plain_steps_follow_the_closed_form);
	tcase_add_loop_test(all, every_optimiser_learns, 0, MYO_COUNT(goldens));
	tcase_add_loop_test(all, networks_take_pytorchs_steps, 0, MYO_COUNT(goldens));
	tcase_add_loop_test(all, muon_is_what_doubles_say, 0, MYO_COUNT(muons));
	tcase_add_test(all, muon_makes_singular_values_alike);
	tcase_add_test(all, threads_do_not_change_muon);
	tcase_add_test(all, muon_leaves_what_is_frozen);
	tcase_add_test(all, the_last_rule_that_matches_counts);
	tcase_add_test(all, a_rule_for_nothing_is_named);
	tcase_add_loop_test(all, decay_is_for_weights_only_where_asked, 0, 2);
	tcase_add_loop_test(all, the_decay_has_rules_of_its_own, 0, 2);
	tcase_add_test(all, long_gradients_are_clipped);
	tcase_add_test(all, short_gradients_are_not_touched);
	tcase_add_test(all, what_is_clipped_is_the_mean);
	tcase_add_loop_test(all, batches_together_are_one_large_batch, 0, MYO_COUNT(gathered_rows));
	tcase_add_loop_test(all, averages_follow_the_formula, 0, 4);
	tcase_add_test(all, swapping_twice_is_nothing);
	tcase_add_test(all, trainers_average_after_each_step);
	tcase_add_test(all, frozen_weights_stay_and_the_others_learn);
	tcase_add_test(all, other_classes_take_all_but_the_last_layer);
	suite_add_tcase(suite, all);
	tcase_set_timeout(all, 60);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
