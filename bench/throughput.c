/*
 * throughput - rows per second of an architecture, in training and in prediction.
 *
 * A training step is forward, loss, backward and a step of SGD with Nesterov's momentum. Prints one row of
 * tab-separated columns, medians over the run, and the peak of the process's memory; with --profile
 * also where the time goes.
 */
#include "cli/cli.h"
#include "train/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BOTH, TRAIN, PREDICT }; /* which passes are measured */

struct conf {
	long size, batch, classes, threads;
	double seconds;
	int pass;
	bool bf16, profile;
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
	static const char *const passes[] = { "both", "train", "predict", NULL };
	const struct myo_opt options[] = { MYO_INT('s', "size", "N", &c->size, 1, 16384,
					       "side of the rows in pixels"),
		MYO_INT('b', "batch", "N", &c->batch, 1, 65536, "rows of a batch"),
		MYO_INT('k', "classes", "K", &c->classes, 2, 1000000, "number of classes"),
		MYO_INT('t', "threads", "N", &c->threads, 0, 1024, "threads; 0: one for each core"),
		MYO_REAL(0, "seconds", "S", &c->seconds, 0, 3600, "time for each of the two measurements"),
		MYO_CHOICE('p', "pass", "NAME", &c->pass, passes, "what to measure"),
		MYO_FLAG(0, "bf16", &c->bf16, "train with operands in bfloat16"),
		MYO_FLAG(0, "profile", &c->profile, "also print tables by operation"), MYO_OPTIONS_END };

	myo_cli_start(&program, argc, argv);
	c->arch = argv[myo_cli_parse(options, 1, 1)];
}

/* What a measured step works on. */
struct run {
	struct myo_plan *plan;
	struct myo_optimiser *optimiser; /* NULL: prediction */
	size_t batch;
	int32_t *labels;
	double seconds; /* median of a step */
	double total;   /* of all steps that were measured */
	size_t steps;
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

/* Steps for so many seconds, but at least three, after two to warm up. */
static void
measure_run(struct run *run, double seconds, bool profile)
{
	enum { MOST = 10000, LEAST = 3 };
	static double times[MOST];
	size_t count = 0;

	step(run);
	step(run);
	myo_plan_profile(run->plan, profile);
	for (const double start = myo_now(); count < MOST && (count < LEAST || myo_now() - start < seconds);
	     count++) {
		const double before = myo_now();
		step(run);
		times[count] = myo_now() - before;
		run->total += times[count];
	}
	qsort(times, count, sizeof *times, by_value);
	run->seconds = times[count / 2];
	run->steps = count;
}

/* ---- where the time goes ---------------------------------------------------------------------- */

static void
print_line(const char *name, const struct myo_profile *row, const struct run *run)
{
	(void)printf("%-24s %-12s %-18s %8.0f %10.3f %6.1f%%", name, row->operation, row->pass,
	    (double)row->calls / (double)run->steps, 1e3 * row->seconds / (double)run->steps,
	    100 * row->seconds / run->total);
	if (row->macs > 0)
		(void)printf(" %9.1f", 2e-9 * row->macs / row->seconds);
	(void)printf("\n");
}

/* Sums over all operations of a sort, in the order in which they come first. */
static void
print_sums(const struct run *run)
{
	enum { SORTS = 64 };
	struct myo_profile sums[SORTS], row, rest = { .operation = "", .pass = "", .calls = run->steps };
	size_t count = 0;

	rest.seconds = run->total;
	for (size_t i = 0; myo_plan_profile_row(run->plan, i, &row); i++) {
		size_t k = 0;
		while (k < count &&
		    (strcmp(sums[k].operation, row.operation) != 0 || strcmp(sums[k].pass, row.pass) != 0))
			k++;
		if (k == SORTS)
			continue;
		if (k == count)
			sums[count++] = (struct myo_profile){ .operation = row.operation, .pass = row.pass };
		sums[k].calls += row.calls;
		sums[k].seconds += row.seconds;
		sums[k].macs += row.macs;
		rest.seconds -= row.seconds;
	}
	for (size_t k = 0; k < count; k++)
		print_line("all", &sums[k], run);
	print_line(run->optimiser != NULL ? "loss, optimiser" : "rest", &rest, run);
}

static void
print_profile(const char *what, const struct run *run)
{
	struct myo_profile row;

	if (run->plan == NULL)
		return;
	(void)printf("\n%-24s %-12s %-18s %8s %10s %7s %9s\n", what, "operation", "pass", "calls", "ms a step",
	    "share", "gflops");
	print_sums(run);
	(void)printf("\n");
	for (size_t i = 0; myo_plan_profile_row(run->plan, i, &row); i++)
		print_line(row.name, &row, run);
}

/* ---- the row ---------------------------------------------------------------------------------- */

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
	if (mode != MYO_PREDICT && myo_optimiser_new(net, &sgd, pool, &run->optimiser, err) != MYO_OK)
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
	run->optimiser = NULL;
	run->plan = NULL;
	run->labels = NULL;
}

/* Rows a second and GFLOP/s; NA where they weren't measured. */
static void
print_rate(const struct run *run, double flops)
{
	const double rate = (double)run->batch / run->seconds;

	if (run->steps == 0)
		(void)printf("\tNA\tNA");
	else
		(void)printf("\t%.0f\t%.1f", rate, 1e-9 * flops * rate);
}

/* The columns that other programs have, and the most memory that the process had. */
static void
print_row(const struct conf *c, int threads, double macs, const struct run *train, const struct run *predict)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("peer\tnet\tsize\tbatch\tthreads\tmmacs\ttrain_per_s\ttrain_gflops\tinfer_per_s\t"
		     "infer_gflops\tpeak_mb\n");
	(void)printf("myopic-%s\t%s\t%ld\t%ld\t%d\t%.1f", PACKAGE_VERSION, c->arch, c->size, c->batch, threads,
	    macs / 1e6);
	print_rate(train, 6 * macs);
	print_rate(predict, 2 * macs);
	(void)printf("\t%.0f\n", (double)usage.ru_maxrss * 1024 / 1e6);
}

static int
measure_pass(struct run *run, struct myo_net *net, enum myo_mode mode, const struct conf *c,
    struct myo_pool *pool, struct myo_err *err)
{
	if (make_run(run, net, mode, c, pool, err) != MYO_OK)
		return MYO_FAIL;
	myo_detail("the plan holds %.1f MB", (double)myo_plan_bytes(run->plan) / 1e6);
	measure_run(run, c->seconds, c->profile);
	return MYO_OK;
}

static int
measure(const struct conf *c, struct myo_net *net, struct myo_pool *pool, struct myo_err *err)
{
	struct run train = { 0 }, predict = { 0 };
	double macs;

	int rc = myo_net_macs(net, (int)c->size, (int)c->size, &macs, err);
	if (rc == MYO_OK && c->pass != PREDICT)
		rc = measure_pass(&train, net, c->bf16 ? MYO_TRAIN_BF16 : MYO_TRAIN, c, pool, err);
	if (!c->profile)
		clear_run(&train); /* one plan at a time, for the peak */
	if (rc == MYO_OK && c->pass != TRAIN)
		rc = measure_pass(&predict, net, MYO_PREDICT, c, pool, err);
	if (rc == MYO_OK)
		print_row(c, myo_pool_threads(pool), macs, &train, &predict);
	if (rc == MYO_OK && c->profile) {
		print_profile("training", &train);
		print_profile("prediction", &predict);
	}
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
	    myo_arch_build(arch, input, (int)c.classes, 0, &net, &err) == MYO_OK) {
		myo_net_init(net, 1);
		rc = measure(&c, net, pool, &err);
	}
	myo_net_free(net);
	myo_arch_free(arch);
	myo_pool_free(pool);
	return myo_cli_leave(rc, NULL, &err);
}
