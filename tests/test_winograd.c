/*
 * Winograd's convolution against the sum itself in double precision: every vector unit that this
 * machine has, at sizes where tiles hang over the edge and channels don't fill vectors.
 */
#include "net/conv.h"
#include "variants.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Error allowed, as a share of the largest result. The transforms' numbers reach 8, so about ten
 * roundings of 6e-8 each show; 256 channels at realistic sizes stay below 2e-5. */
static const double float_tolerance = 5e-5;

/* The same of results that no transform but the last can round. */
static const double whole_tolerance = 2e-6;

/* Error of bfloat16, root of the mean square, as a share of that of the results. It rounds by up to 4e-3. */
static const double bf16_tolerance = 5e-2;

struct shape {
	size_t rows;
	int height, width;
	size_t inputs, outputs;
	int padding;
};

static const struct shape shapes[] = {
	{ 2, 16, 16, 64, 64, 1 },
	{ 3, 9, 7, 13, 20, 1 },
	{ 2, 5, 6, 16, 12, 0 },
	{ 2, 5, 9, 33, 47, 2 },
	{ 1, 2, 2, 12, 12, 1 },
	{ 70, 2, 2, 64, 48, 1 },
	{ 3, 2, 2, 256, 20, 1 },
	{ 1, 3, 3, 12, 12, 1 },
	{ 70, 3, 3, 64, 48, 1 },
	{ 3, 3, 3, 256, 20, 1 },
	{ 5, 4, 4, 256, 128, 1 },
	{ 1, 3, 17, 17, 31, 1 },
	{ 40, 8, 8, 16, 16, 1 },
	{ 8, 8, 8, 32, 64, 1 },
	{ 16, 8, 8, 187, 64, 1 }, /* rows that don't fill the last block, where blocks fill their room */
	{ 40, 8, 8, 250, 16, 1 },
};

enum { VARIANTS = 4, BF16 = VARIANTS - 1 };
static const char *const names[VARIANTS] = { "portable", "AVX2", "AVX-512", "bfloat16" };

/* NULL: this machine can't run it. */
static const struct kernels *
variant(int number)
{
	static struct kernels bf16;
	struct myo_err err;

	if (number < BF16)
		return choose_variant(PORTABLE + number);
	const struct kernels *kernels = choose_variant(AVX512);
	return kernels != NULL && net_bf16_kernels(kernels, &bf16, &err) == MYO_OK ? &bf16 : NULL;
}

static float *
floats(size_t count, struct myo_rng *rng)
{
	struct myo_err err;
	float *p = myo_calloc_aligned(count, sizeof *p, &err);

	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; rng != NULL && i < count; i++)
		p[i] = (float)(myo_rng_real(rng) - 0.5);
	return p;
}

/* -1, 0 and 1, as multiples of one number. */
static void
make_whole(float *p, size_t count, float unit, struct myo_rng *rng)
{
	for (size_t i = 0; i < count; i++)
		p[i] = unit * ((float)myo_rng_below(rng, 3) - 1);
}

/* Everything about one shape: operands, results of the kernels, and the same in double. */
struct trial {
	struct shape s;
	int out_height, out_width;
	size_t x_count, y_count, w_count;
	float *x, *w, *dy, *y, *dx, *dw;
	double *true_y, *true_dx, *true_dw;
};

static void
trial_init(struct trial *t, struct shape s)
{
	struct myo_rng rng = myo_rng_at(7, MYO_RNG_TEST, s.inputs, s.outputs);
	struct myo_err err;

	*t = (struct trial){ .s = s, .out_height = s.height + 2 * s.padding - 2,
		.out_width = s.width + 2 * s.padding - 2 };
	t->x_count = s.rows * (size_t)(s.height * s.width) * s.inputs;
	t->y_count = s.rows * (size_t)(t->out_height * t->out_width) * s.outputs;
	t->w_count = s.inputs * s.outputs * 9;
	t->x = floats(t->x_count, &rng);
	t->w = floats(t->w_count, &rng);
	t->dy = floats(t->y_count, &rng);
	t->y = floats(t->y_count, NULL);
	t->dx = floats(t->x_count, NULL);
	t->dw = floats(t->w_count, NULL);
	t->true_y = myo_calloc(t->y_count, sizeof(double), &err);
	t->true_dx = myo_calloc(t->x_count, sizeof(double), &err);
	t->true_dw = myo_calloc(t->w_count, sizeof(double), &err);
	ck_assert(t->true_y != NULL && t->true_dx != NULL && t->true_dw != NULL);
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

/* One pair of pixels, joined by one place of the window: its share of all three results. */
static void
add_products(struct trial *t, size_t x_at, size_t y_at, size_t place)
{
	const size_t inputs = t->s.inputs;

	for (size_t k = 0; k < t->s.outputs; k++)
		for (size_t c = 0; c < inputs; c++) {
			const size_t w_at = (k * inputs + c) * 9 + place;
			t->true_y[y_at + k] += (double)t->x[x_at + c] * t->w[w_at];
			t->true_dx[x_at + c] += (double)t->dy[y_at + k] * t->w[w_at];
			t->true_dw[w_at] += (double)t->dy[y_at + k] * t->x[x_at + c];
		}
}

static void
true_results(struct trial *t)
{
	const struct shape s = t->s;

	for (size_t n = 0; n < s.rows; n++)
		for (int i = 0; i < t->out_height; i++)
			for (int j = 0; j < t->out_width; j++)
				for (int place = 0; place < 9; place++) {
					const int y = i + place / 3 - s.padding, x = j + place % 3 - s.padding;
					if (y < 0 || y >= s.height || x < 0 || x >= s.width)
						continue;
					const size_t in =
					    (n * (size_t)s.height + (size_t)y) * (size_t)s.width + (size_t)x;
					const size_t out =
					    (n * (size_t)t->out_height + (size_t)i) * (size_t)t->out_width +
					    (size_t)j;
					add_products(t, in * s.inputs, out * s.outputs, (size_t)place);
				}
}

static void
must_agree(const char *what, const struct shape *s, const float *got, const double *want, size_t count,
    double tolerance)
{
	double largest = 0, worst = 0;

	for (size_t i = 0; i < count; i++) {
		const double error = fabs((double)got[i] - want[i]);
		worst = error > worst || isnan(error) ? error : worst; /* NaN stays */
		largest = fabs(want[i]) > largest ? fabs(want[i]) : largest;
	}
	ck_assert_msg(worst <= tolerance * largest, "%s at %dx%d, %zu to %zu: error %g of %g", what, s->height,
	    s->width, s->inputs, s->outputs, worst, largest);
}

static void
must_resemble(const char *what, const struct shape *s, const float *got, const double *want, size_t count)
{
	double errors = 0, all = 0;

	for (size_t i = 0; i < count; i++) {
		errors += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
		all += want[i] * want[i];
	}
	ck_assert_msg(sqrt(errors / all) <= bf16_tolerance, "%s at %dx%d, %zu to %zu: error of %g", what,
	    s->height, s->width, s->inputs, s->outputs, sqrt(errors / all));
}

/* A job with its scratch space, for the threads of a pool. */
struct task {
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
	net_conv_winograd.pack(&t->job, t->w, t->turned, t->packed, item);
}

static void
run_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	net_conv_winograd.run(&t->job, item, t->scratch + (size_t)thread * t->scratch_floats);
}

static void
prepare_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	net_conv_weights_winograd.prepare(&t->weights, item, t->scratch + (size_t)thread * t->scratch_floats);
}

static void
weights_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	net_conv_weights_winograd.run(&t->weights, item, t->scratch + (size_t)thread * t->scratch_floats);
}

static void
reduce_item(void *context, size_t item, int thread)
{
	const struct task *t = context;

	(void)thread;
	net_conv_weights_winograd.reduce(&t->weights, t->dw, item);
}

static void
convolve(struct task *t, struct conv_job job, const float *w, bool turned, struct myo_pool *pool)
{
	t->job = job;
	t->w = w;
	t->turned = turned;
	t->packed = floats(net_conv_winograd.packed_bytes(&job.g) / sizeof(float), NULL);
	t->job.packed = t->packed;
	t->scratch_floats = net_conv_winograd.scratch_bytes(&job.g) / sizeof(float);
	t->scratch = floats(t->scratch_floats * (size_t)myo_pool_threads(pool), NULL);
	ck_assert(net_conv_winograd.fits(&job.g));
	myo_pool_run(pool, net_conv_winograd.pack_items(&job.g), pack_item, t);
	myo_pool_run(pool, net_conv_winograd.items(&job.g, job.rows), run_item, t);
	free(t->scratch);
	free(t->packed);
}

/* All three passes by the kernels; the input's gradient added to what is there, which is 0. */
static void
run_trial(struct trial *t, const struct kernels *kernels, struct myo_pool *pool)
{
	const struct shape s = t->s;
	const struct myo_shape in = { s.height, s.width, (int)s.inputs };
	const struct myo_shape out = { t->out_height, t->out_width, (int)s.outputs };
	const struct conv_geometry g = { in, out, 3, 1, (size_t)s.padding, 1 };
	const struct conv_geometry back = { out, in, 3, 1, (size_t)(2 - s.padding), 1 };
	const struct conv_weights_kernel *weights = &net_conv_weights_winograd;
	struct task task = { .dw = t->dw };

	memset(t->dx, 0, t->x_count * sizeof *t->dx);
	convolve(&task, (struct conv_job){ .g = g, .kernels = kernels, .rows = s.rows, .x = t->x, .y = t->y }, t->w,
	    false, pool);
	convolve(&task, (struct conv_job){ .g = back, .kernels = kernels, .rows = s.rows, .x = t->dy, .y = t->dx,
	    .add = true }, t->w, true, pool);

	float *partial = floats(weights->part_bytes(&g) / sizeof(float) * weights->parts(&g, s.rows), NULL);
	task.weights = (struct conv_weights_job){ .g = g, .kernels = kernels, .rows = s.rows, .x = t->x,
	    .dy = t->dy, .partial = partial };
	task.scratch_floats = weights->scratch_bytes(&g) / sizeof(float);
	task.scratch = floats(task.scratch_floats * (size_t)myo_pool_threads(pool), NULL);
	task.weights.shared = floats(weights->shared_bytes(&g, s.rows) / sizeof(float), NULL);
	myo_pool_run(pool, weights->prepare_items(&g, s.rows), prepare_item, &task);
	myo_pool_run(pool, weights->items(&g, s.rows), weights_item, &task);
	myo_pool_run(pool, weights->reduce_items(&g), reduce_item, &task);
	free(task.weights.shared);
	free(task.scratch);
	free(partial);
}

static void
all_agree(struct trial *t, int v, double tolerance)
{
	if (variant(v) == NULL)
		return;
	run_trial(t, variant(v), NULL);
	must_agree("output", &t->s, t->y, t->true_y, t->y_count, tolerance);
	must_agree("input gradient", &t->s, t->dx, t->true_dx, t->x_count, tolerance);
	must_agree("weight gradient", &t->s, t->dw, t->true_dw, t->w_count, tolerance);
}

START_TEST(agrees_with_the_sum)
{
	struct trial t;

	trial_init(&t, shapes[_i]);
	true_results(&t);
	for (int v = 0; v < BF16; v++)
		all_agree(&t, v, float_tolerance);
	if (variant(BF16) != NULL) {
		run_trial(&t, variant(BF16), NULL);
		must_resemble("output", &t.s, t.y, t.true_y, t.y_count);
		must_resemble("input gradient", &t.s, t.dx, t.true_dx, t.x_count);
		must_resemble("weight gradient", &t.s, t.dw, t.true_dw, t.w_count);
	}
	trial_clear(&t);
}
END_TEST

/*
 * Operands of which the transforms are whole numbers that bfloat16 holds: then it is as good as float. 576 is the
 * product of the denominators of what weights go through, twice.
 */
START_TEST(whole_numbers_are_exact)
{
	struct myo_rng rng = myo_rng_at(8, MYO_RNG_TEST, (uint64_t)_i, 0);
	struct trial t;

	trial_init(&t, shapes[_i]);
	make_whole(t.x, t.x_count, 1, &rng);
	make_whole(t.dy, t.y_count, 1, &rng);
	make_whole(t.w, t.w_count, 576, &rng);
	true_results(&t);
	for (int v = 0; v < VARIANTS; v++)
		all_agree(&t, v, whole_tolerance);
	trial_clear(&t);
}
END_TEST

START_TEST(threads_change_no_bit)
{
	struct myo_err err;
	struct trial one, many;

	for (int v = 0; v < VARIANTS; v++) {
		if (variant(v) == NULL)
			continue;
		for (int threads = 2; threads <= 5; threads++) {
			struct myo_pool *pool;
			ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
			trial_init(&one, shapes[_i]);
			trial_init(&many, shapes[_i]);
			run_trial(&one, variant(v), NULL);
			run_trial(&many, variant(v), pool);
			ck_assert_msg(memcmp(one.y, many.y, one.y_count * sizeof *one.y) == 0, "%s, %d threads",
			    names[v], threads);
			ck_assert_msg(memcmp(one.dx, many.dx, one.x_count * sizeof *one.dx) == 0, "%s, %d threads",
			    names[v], threads);
			ck_assert_msg(memcmp(one.dw, many.dw, one.w_count * sizeof *one.dw) == 0, "%s, %d threads",
			    names[v], threads);
			trial_clear(&one);
			trial_clear(&many);
			myo_pool_free(pool);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("winograd");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, agrees_with_the_sum, 0, (int)MYO_COUNT(shapes));
	tcase_add_loop_test(all, whole_numbers_are_exact, 0, (int)MYO_COUNT(shapes));
	tcase_add_loop_test(all, threads_change_no_bit, 0, (int)MYO_COUNT(shapes));
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
