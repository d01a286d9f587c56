/*
 * throughput - rows per second of an architecture, in training and in prediction.
 *
 * A training step is forward, loss, backward and a step of SGD with Nesterov's momentum. Prints
 * one row of tab-separated columns, medians over the run; with --profile also where the time goes.
 */
#include "cli/cli.h"
#include "train/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct conf {
	long size, batch, classes, threads;
	double seconds;
	bool profile;
	const char *arch;
};

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "throughput",
		.summary = "measure the rows per second of an architecture",
		.usage = "ARCHITECTURE",
	};
	const struct myo_opt options[] = { MYO_INT('s', "size", "N", &c->size, 1, 16384,
					       "side of the rows in pixels"),
		MYO_INT('b', "batch", "N", &c->batch, 1, 65536, "rows of a batch"),
		MYO_INT('k', "classes", "K", &c->classes, 2, 1000000, "number of classes"),
		MYO_INT('t', "threads", "N", &c->threads, 0, 1024, "threads; 0: one for each core"),
		MYO_REAL(0, "seconds", "S", &c->seconds, 0, 3600, "time for each of the two measurements"),
		MYO_FLAG(0, "profile", &c->profile, "also print a table by operation"), MYO_OPTIONS_END };

	myo_cli_start(&program, argc, argv);
	c->arch = argv[myo_cli_parse(options, 1, 1)];
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What a measured step works on. */
struct run {
	struct myo_plan *plan;
	struct myo_optimiser *optimiser; /* NULL: prediction */
	size_t batch;
	int32_t *labels;
};

static void
step(struct run *run)
{
	myo_plan_forward(run->plan, run->batch);
	if (run->optimiser == NULL)
		return;
	(void)myo_plan_loss(run->plan, run->labels, 0, NULL);
	myo_plan_backward(run->plan);
	myo_optimiser_step(run->optimiser, 0.1);
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Median time of a step, after two to warm up, in this many seconds but at least three steps. */
static double
median_seconds(struct run *run, double seconds, bool profile)
{
	enum { MOST = 10000, LEAST = 3 };
	static double times[MOST];
	size_t count = 0;

	step(run);
	step(run);
	myo_plan_profile(run->plan, profile);
	for (const double start = now(); count < MOST && (count < LEAST || now() - start < seconds);
	     count++) {
		const double before = now();
		step(run);
		times[count] = now() - before;
	}
	qsort(times, count, sizeof *times, by_value);
	return times[count / 2];
}

static void
print_profile(const char *what, const struct myo_plan *plan)
{
	struct myo_profile row;
	double total = 0;

	for (size_t i = 0; myo_plan_profile_row(plan, i, &row); i++)
		total += row.seconds;
	(void)printf("\n%-24s %-12s %-18s %8s %10s %7s %9s\n", what, "operation", "pass", "calls",
	    "ms a call", "share", "gflops");
	for (size_t i = 0; myo_plan_profile_row(plan, i, &row); i++)
		(void)printf("%-24s %-12s %-18s %8zu %10.3f %6.1f%% %9.1f\n", row.name, row.operation,
		    row.pass, row.calls, 1e3 * row.seconds / (double)row.calls, 100 * row.seconds / total,
		    2e-9 * row.macs / row.seconds);
}

static int
make_run(struct run *run, struct myo_net *net, enum myo_mode mode, const struct conf *c,
    struct myo_pool *pool, struct myo_err *err)
{
	const struct myo_optimiser_options sgd = {
		.kind = MYO_SGD, .momentum = 0.9, .nesterov = true, .decay = 5e-4
	};
	const size_t numbers = (size_t)c->batch * (size_t)(c->size * c->size * 3);
	const int side = (int)c->size;
	struct myo_rng rng = myo_rng_at(0, MYO_RNG_TEST, 0, 0);

	run->batch = (size_t)c->batch;
	run->labels = myo_calloc(run->batch, sizeof *run->labels, err);
	if (run->labels == NULL ||
	    myo_plan_new(net, mode, run->batch, side, side, pool, &run->plan, err) != MYO_OK)
		return MYO_FAIL;
	if (mode == MYO_TRAIN && myo_optimiser_new(net, &sgd, pool, &run->optimiser, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < numbers; i++)
		myo_plan_input(run->plan)[i] = (float)myo_rng_normal(&rng);
	for (size_t n = 0; n < run->batch; n++)
		run->labels[n] = (int32_t)myo_rng_below(&rng, (uint32_t)c->classes);
	return MYO_OK;
}

static void
clear_run(struct run *run)
{
	myo_optimiser_free(run->optimiser);
	myo_plan_free(run->plan);
	free(run->labels);
}

static int
measure(const struct conf *c, struct myo_net *net, struct myo_pool *pool, struct myo_err *err)
{
	struct run train = { 0 }, predict = { 0 };
	double macs;
	int rc = MYO_FAIL;

	if (myo_net_macs(net, (int)c->size, (int)c->size, &macs, err) != MYO_OK ||
	    make_run(&train, net, MYO_TRAIN, c, pool, err) != MYO_OK ||
	    make_run(&predict, net, MYO_PREDICT, c, pool, err) != MYO_OK)
		goto done;
	const double t = (double)c->batch / median_seconds(&train, c->seconds, c->profile);
	const double p = (double)c->batch / median_seconds(&predict, c->seconds, c->profile);
	(void)printf(
	    "peer\tnet\tsize\tbatch\tthreads\tmmacs\ttrain_per_s\ttrain_gflops\tinfer_per_s\tinfer_gflops\n");
	(void)printf("myopic-%s\t%s\t%ld\t%ld\t%d\t%.1f\t%.0f\t%.1f\t%.0f\t%.1f\n", PACKAGE_VERSION, c->arch,
	    c->size, c->batch, myo_pool_threads(pool), macs / 1e6, t, 6e-9 * macs * t, p, 2e-9 * macs * p);
	myo_detail("plans hold %.1f and %.1f MB", (double)myo_plan_bytes(train.plan) / 1e6,
	    (double)myo_plan_bytes(predict.plan) / 1e6);
	if (c->profile) {
		print_profile("training", train.plan);
		print_profile("prediction", predict.plan);
	}
	rc = MYO_OK;
done:
	clear_run(&predict);
	clear_run(&train);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .size = 16, .batch = 128, .classes = 10, .threads = 2, .seconds = 8 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_pool *pool = NULL;
	struct myo_arch *arch = NULL;
	struct myo_net *net = NULL;
	int rc = MYO_FAIL;

	parse(&c, argc, argv);
	const struct myo_shape input = { (int)c.size, (int)c.size, 3 };
	if (myo_pool_new((int)c.threads, &pool, &err) == MYO_OK &&
	    myo_arch_new(c.arch, &arch, &err) == MYO_OK &&
	    myo_arch_build(arch, input, (int)c.classes, &net, &err) == MYO_OK) {
		myo_net_init(net, 1);
		rc = measure(&c, net, pool, &err);
	}
	myo_net_free(net);
	myo_arch_free(arch);
	myo_pool_free(pool);
	return myo_cli_leave(rc, NULL, &err);
}
