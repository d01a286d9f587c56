/*
 * Convolution by gathering and a product, against the sum itself in double precision: every variant of the
 * kernels, shapes where strides, edges, paddings and groups come out uneven, results set and added.
 */
#include "net/conv.h"
#include "variants.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Error allowed, as a share of the largest result. */
static const double tolerance = 2e-6;

struct shape {
	size_t rows;
	int height, width, inputs, outputs;
	size_t kernel, stride, padding, groups;
};

static const struct shape shapes[] = {
	{ 3, 16, 16, 16, 32, 3, 2, 1, 1 },
	{ 13, 8, 8, 64, 48, 3, 2, 1, 1 },
	{ 2, 15, 9, 7, 33, 3, 2, 1, 1 },
	{ 2, 16, 12, 20, 40, 1, 2, 0, 1 },
	{ 3, 9, 7, 16, 17, 1, 2, 0, 1 },
	{ 2, 8, 6, 8, 8, 1, 2, 1, 1 },
	{ 2, 12, 12, 3, 64, 3, 1, 1, 1 },
	{ 1, 13, 11, 3, 16, 3, 1, 1, 1 },
	{ 4, 7, 5, 1, 1, 3, 1, 1, 1 },
	{ 5, 6, 6, 32, 64, 1, 1, 0, 1 },
	{ 3, 5, 7, 9, 5, 1, 1, 0, 1 },
	{ 2, 6, 5, 4, 6, 1, 1, 2, 1 },
	{ 2, 11, 10, 12, 16, 3, 3, 0, 1 },
	{ 2, 11, 10, 5, 6, 3, 3, 4, 1 },
	{ 2, 14, 13, 6, 10, 2, 3, 1, 1 },
	{ 2, 9, 9, 11, 13, 5, 1, 2, 1 },
	{ 2, 17, 14, 8, 20, 5, 2, 0, 1 },
	{ 2, 10, 12, 19, 4, 5, 3, 3, 1 },
	{ 1, 32, 30, 3, 64, 7, 2, 3, 1 },
	{ 2, 9, 8, 10, 12, 7, 4, 4, 1 },
	{ 2, 4, 4, 6, 5, 3, 1, 3, 1 },
	{ 2, 5, 3, 6, 5, 3, 1, 4, 1 },
	{ 2, 3, 4, 6, 5, 2, 2, 4, 1 },
	{ 1, 3, 2, 5, 4, 2, 5, 1, 1 },
	{ 300, 1, 1, 24, 20, 1, 1, 0, 1 },
	{ 2, 70, 3, 96, 8, 3, 2, 1, 1 },
	{ 1, 6, 6, 200, 72, 3, 2, 1, 1 },
	{ 1, 4, 4, 260, 150, 3, 2, 1, 1 },
	{ 2, 9, 10, 24, 32, 3, 2, 1, 4 },
	{ 2, 8, 8, 64, 64, 3, 1, 1, 2 },
	{ 3, 7, 6, 12, 24, 3, 1, 1, 12 },
	{ 2, 9, 9, 40, 40, 3, 2, 1, 40 },
	{ 2, 8, 9, 33, 33, 5, 1, 2, 33 },
	{ 2, 6, 6, 6, 9, 1, 2, 0, 3 },
};

enum { VARIANTS = MYO_COUNT(variants) };

/* Guards stand right behind the last float of results, so that a write beyond is seen; operands have none. */
enum { GUARD = 64 };
static const float guard = 12345;

static float *
floats(size_t count, struct myo_rng *rng)
{
	struct myo_err err;
	float *p = myo_calloc_aligned(count + (rng == NULL ? GUARD : 0), sizeof *p, &err);

	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; rng != NULL && i < count; i++)
		p[i] = (float)(myo_rng_real(rng) - 0.5);
	for (size_t i = 0; rng == NULL && i < GUARD; i++)
		p[count + i] = guard;
	return p;
}

static void
check_guard(const char *what, const float *p, size_t count)
{
	for (size_t i = 0; i < GUARD; i++)
		ck_assert_msg(p[count + i] == guard, "%s: written beyond the end", what);
}

static double *
doubles(size_t count)
{
	struct myo_err err;
	double *p = myo_calloc(count, sizeof *p, &err);

	ck_assert_ptr_nonnull(p);
	return p;
}

/* Everything about one shape: operands, results of the kernels, and the same in double. */
struct trial {
	struct conv_geometry g;
	size_t rows, x_count, y_count, w_count;
	float *x, *w, *dy, *y, *dx, *dw;
	double *true_y, *true_dx, *true_dw;
};

static int
side(int size, const struct shape *s)
{
	return (size + 2 * (int)s->padding - (int)s->kernel) / (int)s->stride + 1;
}

static void
trial_init(struct trial *t, const struct shape *s)
{
	const struct myo_shape in = { s->height, s->width, s->inputs };
	const struct myo_shape out = { side(s->height, s), side(s->width, s), s->outputs };
	struct myo_rng rng = myo_rng_at(7, MYO_RNG_TEST, (uint64_t)s->inputs, (uint64_t)s->outputs);

	*t = (struct trial){ .g = { in, out, s->kernel, s->stride, s->padding, s->groups }, .rows = s->rows };
	t->x_count = s->rows * net_elements(in);
	t->y_count = s->rows * net_elements(out);
	t->w_count = net_conv_weights(&t->g);
	t->x = floats(t->x_count, &rng);
	t->w = floats(t->w_count, &rng);
	t->dy = floats(t->y_count, &rng);
	t->y = floats(t->y_count, NULL);
	t->dx = floats(t->x_count, NULL);
	t->dw = floats(t->w_count, NULL);
	t->true_y = doubles(t->y_count);
	t->true_dx = doubles(t->x_count);
	t->true_dw = doubles(t->w_count);
}

static void
trial_clear(struct trial *t)
{
	free(t->x);
	free(t->w);
	free(t->dy);
	free(t->y);
	free(t->dx);
	free(t->dw);
	free(t->true_y);
	free(t->true_dx);
	free(t->true_dw);
}

/* One pair of pixels, joined by one place of the kernel: its share of all three results. */
static void
add_products(struct trial *t, size_t x_at, size_t y_at, size_t place)
{
	const size_t ins = net_conv_group_in(&t->g), outs = net_conv_group_out(&t->g);
	const size_t places = t->g.kernel * t->g.kernel;

	for (size_t k = 0; k < (size_t)t->g.out.channels; k++)
		for (size_t c = 0; c < ins; c++) {
			const size_t w_at = (k * ins + c) * places + place, at = x_at + k / outs * ins + c;
			t->true_y[y_at + k] += (double)t->x[at] * t->w[w_at];
			t->true_dx[at] += (double)t->dy[y_at + k] * t->w[w_at];
			t->true_dw[w_at] += (double)t->dy[y_at + k] * t->x[at];
		}
}

static void
true_results(struct trial *t)
{
	const struct conv_geometry *g = &t->g;
	const int stride = (int)g->stride, padding = (int)g->padding, kernel = (int)g->kernel;

	for (size_t pixel = 0; pixel < t->rows * net_pixels(g->out); pixel++)
		for (int place = 0; place < kernel * kernel; place++) {
			const size_t within = pixel % net_pixels(g->out), row = pixel / net_pixels(g->out);
			const int i = (int)within / g->out.width, j = (int)within % g->out.width;
			const int y = i * stride + place / kernel - padding,
				  x = j * stride + place % kernel - padding;
			if (y < 0 || y >= g->in.height || x < 0 || x >= g->in.width)
				continue;
			const size_t seen = row * net_pixels(g->in) + (size_t)(y * g->in.width + x);
			add_products(
			    t, seen * (size_t)g->in.channels, pixel * (size_t)g->out.channels, (size_t)place);
		}
}

static void
must_agree(const char *what, const char *kernels, const struct trial *t, const float *got, const double *want,
    double factor, size_t count)
{
	const struct conv_geometry *g = &t->g;
	double largest = 0, worst = 0;

	for (size_t i = 0; i < count; i++) {
		const double error = fabs((double)got[i] - factor * want[i]);
		ck_assert(error == error);
		worst = fmax(error, worst);
		largest = fmax(largest, fabs(factor * want[i]));
	}
	ck_assert_msg(worst <= tolerance * largest,
	    "%s, %s: %dx%d, %d to %d, kernel %zu, stride %zu, padding %zu, %zu groups: error %g of %g",
	    kernels, what, g->in.height, g->in.width, g->in.channels, g->out.channels, g->kernel, g->stride,
	    g->padding, g->groups, worst, largest);
	check_guard(what, got, count);
}

/* A job with its scratch space, for the threads of a pool. */
struct task {
	const struct conv_kernel *kernel;
	struct conv_job job;
	struct conv_weights_job weights;
	const float *w;
	float *packed, *dw, *scratch;
	size_t scratch_floats;
	bool turned;
};

static void
pack_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	(void)thread;
	t->kernel->pack(&t->job, t->w, t->turned, t->packed, item);
}

static void
run_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	t->kernel->run(&t->job, item, t->scratch + (size_t)thread * t->scratch_floats);
}

static void
weights_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	net_conv_weights_gemm.run(&t->weights, item, t->scratch + (size_t)thread * t->scratch_floats);
}

static void
reduce_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	(void)thread;
	net_conv_weights_gemm.reduce(&t->weights, t->dw, item);
}

static void
convolve(const struct conv_kernel *kernel, struct conv_job job, const float *w, bool turned, struct myo_pool *pool)
{
	const size_t packed = kernel->packed_bytes(&job.g) / sizeof(float);
	struct task t = { .kernel = kernel, .job = job, .w = w, .turned = turned };

	t.packed = floats(packed, NULL);
	t.job.packed = t.packed;
	t.scratch_floats = kernel->scratch_bytes(&job.g) / sizeof(float);
	t.scratch = floats(t.scratch_floats * (size_t)myo_pool_threads(pool), NULL);
	myo_pool_run(pool, kernel->pack_items(&job.g), pack_item, &t);
	myo_pool_run(pool, kernel->items(&job.g, job.rows), run_item, &t);
	check_guard("packed weights", t.packed, packed);
	check_guard("scratch", t.scratch, t.scratch_floats * (size_t)myo_pool_threads(pool));
	free(t.scratch);
	free(t.packed);
}

static void
weights_gradient(struct trial *t, const struct kernels *kernels, struct myo_pool *pool)
{
	const struct conv_weights_kernel *kernel = &net_conv_weights_gemm;
	const size_t partial = kernel->part_bytes(&t->g) / sizeof(float) * kernel->parts(&t->g, t->rows);
	struct task task = { .dw = t->dw };

	ck_assert_uint_le(kernel->parts(&t->g, t->rows), kernel->most_parts(&t->g, t->rows));
	task.weights = (struct conv_weights_job){ .g = t->g,
		.kernels = kernels,
		.rows = t->rows,
		.x = t->x,
		.dy = t->dy,
		.partial = floats(partial, NULL) };
	task.scratch_floats = kernel->scratch_bytes(&t->g) / sizeof(float);
	task.scratch = floats(task.scratch_floats * (size_t)myo_pool_threads(pool), NULL);
	myo_pool_run(pool, kernel->items(&t->g, t->rows), weights_item, &task);
	myo_pool_run(pool, kernel->reduce_items(&t->g), reduce_item, &task);
	check_guard("partial sums", task.weights.partial, partial);
	check_guard("scratch", task.scratch, task.scratch_floats * (size_t)myo_pool_threads(pool));
	free(task.scratch);
	free(task.weights.partial);
}

/* Sums of results and of their squares, item by item, make those of all. */
static void
must_have_moments(const struct trial *t, const double *moments, size_t items)
{
	const size_t channels = (size_t)t->g.out.channels;

	for (size_t c = 0; c < channels; c++) {
		double sum = 0, square = 0;
		for (size_t i = c; i < t->y_count; i += channels) {
			sum += t->y[i];
			square += (double)t->y[i] * t->y[i];
		}
		const double bound = 1e-5 * (sqrt(square * (double)(t->y_count / channels)) + 1e-3);
		for (size_t item = 0; item < items; item++) {
			sum -= moments[item * 2 * channels + c];
			square -= moments[(item * 2 + 1) * channels + c];
		}
		ck_assert(fabs(sum) <= bound && fabs(square) <= bound);
	}
}

static void
forward(struct trial *t, const struct kernels *kernels, bool add, struct myo_pool *pool)
{
	const size_t items = net_conv_gemm.items(&t->g, t->rows);
	double *moments = doubles(items * 2 * (size_t)t->g.out.channels);
	const struct conv_job job = { .g = t->g,
		.kernels = kernels,
		.rows = t->rows,
		.x = t->x,
		.y = t->y,
		.add = add,
		.moments = moments };

	ck_assert_uint_le(items, net_conv_gemm.most_moments(&t->g, t->rows));
	moments[0] = NAN; /* set, not added to */
	convolve(&net_conv_gemm, job, t->w, false, pool);
	must_have_moments(t, moments, items);
	free(moments);
}

/* All three passes; add: to what the same pass left before. */
static void
run_trial(struct trial *t, const struct kernels *kernels, bool add, struct myo_pool *pool)
{
	const struct conv_job back = {
		.g = t->g, .kernels = kernels, .rows = t->rows, .x = t->dy, .y = t->dx, .add = add
	};

	forward(t, kernels, add, pool);
	convolve(&net_conv_phases, back, t->w, false, pool);
	weights_gradient(t, kernels, pool);
}

START_TEST(agrees_with_the_sum)
{
	struct trial t;

	trial_init(&t, &shapes[_i]);
	true_results(&t);
	for (int v = 0; v < VARIANTS; v++) {
		if (choose_variant(v) == NULL)
			continue;
		for (int add = 0; add < 2; add++) {
			run_trial(&t, choose_variant(v), add == 1, NULL);
			must_agree("output", choose_variant(v)->name, &t, t.y, t.true_y, add + 1, t.y_count);
			must_agree(
			    "input gradient", choose_variant(v)->name, &t, t.dx, t.true_dx, add + 1, t.x_count);
			must_agree("weights' gradient", choose_variant(v)->name, &t, t.dw, t.true_dw, 1, t.w_count);
		}
	}
	trial_clear(&t);
}
END_TEST

/* Where the stride is 1, the gradient by the input is also a convolution by the kernel turned round. */
START_TEST(turned_agrees_with_the_sum)
{
	struct trial t;

	trial_init(&t, &shapes[_i]);
	struct conv_job job = { .g = t.g, .rows = t.rows, .x = t.dy, .y = t.dx };
	if (t.g.stride == 1 && t.g.padding < t.g.kernel) {
		true_results(&t);
		job.g.in = t.g.out;
		job.g.out = t.g.in;
		job.g.padding = t.g.kernel - 1 - t.g.padding;
		for (int v = 0; v < VARIANTS; v++) {
			job.kernels = choose_variant(v);
			if (job.kernels == NULL)
				continue;
			convolve(&net_conv_gemm, job, t.w, true, NULL);
			must_agree("input gradient, turned", job.kernels->name, &t, t.dx, t.true_dx, 1, t.x_count);
		}
	}
	trial_clear(&t);
}
END_TEST

START_TEST(threads_change_no_bit)
{
	struct myo_err err;
	struct trial one, many;

	for (int v = 0; v < VARIANTS; v++) {
		struct myo_pool *pool;
		if (choose_variant(v) == NULL)
			continue;
		ck_assert_int_eq(myo_pool_new(3, &pool, &err), MYO_OK);
		trial_init(&one, &shapes[_i]);
		trial_init(&many, &shapes[_i]);
		run_trial(&one, choose_variant(v), false, NULL);
		run_trial(&many, choose_variant(v), false, pool);
		ck_assert_int_eq(memcmp(one.y, many.y, one.y_count * sizeof *one.y), 0);
		ck_assert_int_eq(memcmp(one.dx, many.dx, one.x_count * sizeof *one.dx), 0);
		ck_assert_int_eq(memcmp(one.dw, many.dw, one.w_count * sizeof *one.dw), 0);
		trial_clear(&one);
		trial_clear(&many);
		myo_pool_free(pool);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conv");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, agrees_with_the_sum, 0, (int)MYO_COUNT(shapes));
	tcase_add_loop_test(all, turned_agrees_with_the_sum, 0, (int)MYO_COUNT(shapes));
	tcase_add_loop_test(all, threads_change_no_bit, 0, (int)MYO_COUNT(shapes));
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
