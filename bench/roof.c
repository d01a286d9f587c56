/*
 * roof - what this machine could do at best: multiply-adds, OpenBLAS's sgemm, memory.
 *
 * Prints rows of tab-separated columns, each the best of a few rounds, on one thread and on all. Threads
 * are our own, as in the engine, and OpenBLAS stays on each of them.
 */
#include "cli/cli.h"

#include <cblas.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { ROUNDS = 5, THREADS_MOST = 256, SIDE = 2048, CHAINS = 12, UNIT = 1 << 20 };

/* ---- work on several threads ------------------------------------------------------------------- */

/* A thread's share of a measurement, done `repeats` times. */
struct share {
	void (*work)(struct share *share);
	pthread_barrier_t *start;
	size_t repeats;
	int thread, threads;
	float *a, *b, *c; /* of all threads */
	size_t count;     /* floats of this thread's part of a and b */
	float sink;       /* results go here, so that nobody can leave the work out */
};

static void *
thread_main(void *argument)
{
	struct share *share = argument;

	(void)pthread_barrier_wait(share->start);
	share->work(share);
	return NULL;
}

static int
run_once(const struct share *like, int threads, size_t repeats, double *seconds, struct myo_err *err)
{
	static struct share shares[THREADS_MOST];
	static pthread_t handles[THREADS_MOST];
	pthread_barrier_t start;

	if (pthread_barrier_init(&start, NULL, (unsigned)threads + 1) != 0)
		return myo_fail(err, "no barrier for %d threads", threads);
	for (int i = 0; i < threads; i++) {
		shares[i] = *like;
		shares[i].start = &start;
		shares[i].repeats = repeats;
		shares[i].thread = i;
		shares[i].threads = threads;
		if (pthread_create(&handles[i], NULL, thread_main, &shares[i]) != 0)
			return myo_fail(err, "thread %d of %d can't be started", i + 1, threads);
	}
	const double before = myo_now();
	(void)pthread_barrier_wait(&start);
	for (int i = 0; i < threads; i++)
		(void)pthread_join(handles[i], NULL);
	*seconds = myo_now() - before;
	(void)pthread_barrier_destroy(&start);
	return MYO_OK;
}

/* Repeats a second of all threads together, the best of a few rounds of at least `least` seconds. */
static int
measure(const struct share *like, int threads, double least, double *rate, struct myo_err *err)
{
	size_t repeats = 1;
	double seconds;

	for (;; repeats *= 2) {
		if (run_once(like, threads, repeats, &seconds, err) != MYO_OK)
			return MYO_FAIL;
		if (seconds >= least)
			break;
	}
	*rate = (double)repeats / seconds;
	for (int round = 1; round < ROUNDS; round++) {
		if (run_once(like, threads, repeats, &seconds, err) != MYO_OK)
			return MYO_FAIL;
		*rate = (double)repeats / seconds > *rate ? (double)repeats / seconds : *rate;
	}
	return MYO_OK;
}

/* ---- multiply-adds and reading, for each vector unit ----------------------------------------------- */

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

enum { FMA_STEPS = 1 << 16 };

/*
 * fma_NAME: CHAINS independent chains of x = x m + c, which tend to 1. read_NAME: the sum of a thread's
 * part of a, in as many chains; count is a multiple of UNIT.
 */
#define FOR_UNIT(NAME, LANES, TARGET)                                                                        \
	typedef float vec_##NAME __attribute__((vector_size(LANES * sizeof(float))));                        \
	TARGET static void fma_##NAME(struct share *share)                                                   \
	{                                                                                                    \
		vec_##NAME x[CHAINS] = { { 0 } };                                                            \
		const vec_##NAME m = x[0] + 0.5F, c = x[0] + 0.5F;                                           \
		for (int k = 0; k < CHAINS; k++) /* equal chains would be computed once */                   \
			x[k] += (float)k;                                                                    \
		for (size_t i = 0; i < share->repeats * FMA_STEPS; i++)                                      \
			UNROLL for (int k = 0; k < CHAINS; k++) x[k] = x[k] * m + c;                         \
		for (int k = 0; k < CHAINS; k++)                                                             \
			share->sink += x[k][0];                                                              \
	}                                                                                                    \
	TARGET static void read_##NAME(struct share *share)                                                  \
	{                                                                                                    \
		enum { STREAMS = 8, STEP = STREAMS * (LANES) };                                              \
		vec_##NAME x[STREAMS] = { { 0 } };                                                           \
		for (size_t r = 0; r < share->repeats; r++) {                                                \
			const float *p = share->a + (size_t)share->thread * share->count;                    \
			for (const float *end = p + share->count; p < end; p += STEP)                        \
				UNROLL for (int k = 0; k < STREAMS; k++) x[k] +=                             \
				    *(const vec_##NAME *)(const void *)(p + k * (LANES));                    \
		}                                                                                            \
		for (int k = 0; k < STREAMS; k++)                                                            \
			share->sink += x[k][0];                                                              \
	}

FOR_UNIT(portable, 4, )
#if defined(KERNELS_X86)
FOR_UNIT(avx2, 8, __attribute__((target("avx2,fma"))))
FOR_UNIT(avx512, 16, __attribute__((target("avx512f"))))
#endif

struct unit {
	const char *name;
	int lanes;
	void (*fma)(struct share *share), (*read)(struct share *share);
};

/* The units that this processor has, the widest last. */
static size_t
find_units(struct unit *units)
{
	size_t count = 0;

	units[count++] = (struct unit){ "portable", 4, fma_portable, read_portable };
#if defined(KERNELS_X86)
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		units[count++] = (struct unit){ "avx2", 8, fma_avx2, read_avx2 };
	if (__builtin_cpu_supports("avx512f"))
		units[count++] = (struct unit){ "avx512", 16, fma_avx512, read_avx512 };
#endif
	return count;
}

/* ---- the product, and writing and copying ------------------------------------------------------------ */

/* A band of rows of c = a b, 2048 cubed in all. */
static void
multiply(struct share *share)
{
	const int from = SIDE * share->thread / share->threads, to = SIDE * (share->thread + 1) / share->threads;

	for (size_t r = 0; r < share->repeats; r++)
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, to - from, SIDE, SIDE, 1,
		    share->a + (size_t)from * SIDE, SIDE, share->b, SIDE, 0, share->c + (size_t)from * SIDE, SIDE);
	share->sink = share->c[(size_t)from * SIDE];
}

static void
fill(struct share *share)
{
	float *to = share->a + (size_t)share->thread * share->count;

	for (size_t r = 0; r < share->repeats; r++) {
		memset(to, (int)(r & 1), share->count * sizeof *to);
		share->sink += to[r % share->count];
	}
}

static void
copy(struct share *share)
{
	const size_t from = (size_t)share->thread * share->count;

	for (size_t r = 0; r < share->repeats; r++) {
		memcpy(share->b + from, share->a + from, share->count * sizeof(float));
		share->sink += share->b[from + r % share->count];
	}
}

/* ---- the table -------------------------------------------------------------------------------------- */

static const size_t sets_mb[] = { 1, 8, 64, 256 };
enum { LARGEST_MB = 256 };

static int
print_rate(const char *what, const char *size, struct share *like, int threads, double amount,
    const char *unit, struct myo_err *err)
{
	double rate;

	if (measure(like, threads, 0.1, &rate, err) != MYO_OK)
		return MYO_FAIL;
	(void)printf("%s\t%s\t%d\t%.1f\t%s\n", what, size, threads, 1e-9 * amount * rate, unit);
	(void)fflush(stdout);
	return MYO_OK;
}

static int
print_arithmetic(const struct unit *units, size_t count, float *a, float *b, float *c, int threads,
    struct myo_err *err)
{
	struct share like = { .a = a, .b = b, .c = c };

	for (size_t u = 0; u < count; u++) {
		const double flops = 2.0 * CHAINS * FMA_STEPS * units[u].lanes * threads;
		like.work = units[u].fma;
		if (print_rate("fma", units[u].name, &like, threads, flops, "GFLOP/s", err) != MYO_OK)
			return MYO_FAIL;
	}
	like.work = multiply;
	return print_rate("sgemm", "2048", &like, threads, 2.0 * SIDE * SIDE * SIDE, "GFLOP/s", err);
}

/* A set of so many megabytes, shared out among the threads; for copying half of it is the source. */
static int
print_memory(const struct unit *widest, float *a, float *b, int threads, struct myo_err *err)
{
	const struct {
		const char *name;
		void (*work)(struct share *share);
		size_t arrays;
	} ways[] = { { "read", widest->read, 1 }, { "write", fill, 1 }, { "copy", copy, 2 } };

	for (size_t s = 0; s < MYO_COUNT(sets_mb); s++)
		for (size_t w = 0; w < MYO_COUNT(ways); w++) {
			const size_t floats = sets_mb[s] * UNIT / sizeof(float) / ways[w].arrays;
			struct share like = { .work = ways[w].work, .a = a, .b = b };
			char size[32];

			like.count = floats / (size_t)threads / 1024 * 1024;
			if (like.count == 0)
				continue; /* too little for so many threads */
			const double bytes = (double)like.count * threads * sizeof(float) * (double)ways[w].arrays;
			(void)snprintf(size, sizeof size, "%zu MB", sets_mb[s]);
			if (print_rate(ways[w].name, size, &like, threads, bytes, "GB/s", err) != MYO_OK)
				return MYO_FAIL;
		}
	return MYO_OK;
}

/* OpenBLAS chooses its code by the processor's model, and takes one that is younger than itself for an old one. */
static void
check_core(const struct unit *widest)
{
	static const char *const wide[] = { "SkylakeX", "Cooperlake", "Sapphirerapids" };
	static const char *const old[] = { "Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Sandybridge",
		"Katmai", "Coppermine", "Northwood", "Banias", "Atom", "Athlon", "Opteron", "Opteron_SSE3",
		"Barcelona", "Bobcat", "Generic" };
	const char *core = openblas_get_corename();
	bool fits = widest->lanes < 16;

	for (size_t i = 0; i < MYO_COUNT(wide); i++)
		fits |= strcasecmp(core, wide[i]) == 0;
	for (size_t i = 0; widest->lanes > 4 && i < MYO_COUNT(old); i++)
		fits &= strcasecmp(core, old[i]) != 0;
	(void)printf("# %s, core %s\n", openblas_get_config(), core);
	if (!fits)
		(void)printf("# this processor has %s: try OPENBLAS_CORETYPE=%s in the environment\n", widest->name,
		    widest->lanes == 16 ? "SkylakeX" : "Haswell");
}

static int
measure_all(int threads, struct myo_err *err)
{
	struct unit units[3];
	const size_t count = find_units(units), floats = (size_t)LARGEST_MB * UNIT / sizeof(float);
	float *a = myo_calloc_aligned(floats, sizeof *a, err), *b = myo_calloc_aligned(floats, sizeof *b, err),
	      *c = myo_calloc_aligned((size_t)SIDE * SIDE, sizeof *c, err);
	int rc = a != NULL && b != NULL && c != NULL ? MYO_OK : MYO_FAIL;

	check_core(&units[count - 1]);
	(void)printf("what\tof\tthreads\trate\tunit\n");
	openblas_set_num_threads(1);
	for (size_t i = 0; rc == MYO_OK && i < floats; i++) {
		a[i] = (float)(i % 7) - 3;
		b[i] = (float)(i % 5) - 2;
	}
	const int numbers[] = { 1, threads };
	for (size_t i = 0; i < (threads > 1 ? 2 : 1) && rc == MYO_OK; i++) {
		rc = print_arithmetic(units, count, a, b, c, numbers[i], err);
		if (rc == MYO_OK)
			rc = print_memory(&units[count - 1], a, b, numbers[i], err);
	}
	free(c);
	free(b);
	free(a);
	return rc;
}

int
main(int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "roof",
		.summary = "measure what this machine can do at best",
		.usage = "",
	};
	struct myo_err err = MYO_ERR_INIT;
	long threads = sysconf(_SC_NPROCESSORS_ONLN);

	threads = threads < 1 ? 1 : threads > THREADS_MOST ? THREADS_MOST : threads;
	const struct myo_opt options[] = { MYO_INT('t', "threads", "N", &threads, 1, THREADS_MOST,
					       "threads of the second half"),
		MYO_OPTIONS_END };
	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	const int rc = measure_all((int)threads, &err);
	return myo_cli_leave(rc, NULL, &err);
}
