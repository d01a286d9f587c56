/*
 * A pool of C11 threads over numbered work items.
 *
 * Workers wait for a new round; the caller works too, and then waits until all workers have finished. A
 * round is often a fraction of a millisecond, so both sides spin a little before they sleep.
 *
 * Each thread begins with a share of its own, a run of neighbouring items, and then helps the others. So when
 * rounds follow each other over the same data, a thread finds in its cache what it wrote in the round before.
 */
#include "base/base.h"

#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>
#include <unistd.h>

struct worker {
	struct myo_pool *pool;
	int number; /* 1 … threads - 1; the caller is 0 */
	thrd_t thread;
};

/* A thread's share of a round: items [next, end). Each has a cache line of its own. */
struct share {
	_Alignas(64) atomic_size_t next;
	size_t end;
};

struct myo_pool {
	int threads;
	struct worker *workers;
	mtx_t lock;
	cnd_t wake, done;
	atomic_uint round; /* raised for each run; workers wait for a change */
	atomic_int busy;   /* workers that have not finished the round */
	struct share *shares; /* [threads] */
	bool stop;

	myo_work *work;
	void *context;
};

enum { SPINS = 2000 };

static inline void
relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/*
 * Subnormal numbers don't matter here, but take the processor a hundred times as long as others: while items are
 * worked on they count as 0, on every thread. Returns what restore_small() wants.
 */
static unsigned
flush_small(void)
{
#if defined(__x86_64__)
	enum { FLUSH_RESULTS = 0x8000, FLUSH_OPERANDS = 0x0040 };
	const unsigned before = __builtin_ia32_stmxcsr();

	__builtin_ia32_ldmxcsr(before | FLUSH_RESULTS | FLUSH_OPERANDS);
	return before;
#else
	return 0;
#endif
}

static void
restore_small(unsigned before)
{
#if defined(__x86_64__)
	__builtin_ia32_ldmxcsr(before);
#else
	(void)before;
#endif
}

static void
work_items(struct myo_pool *pool, int number)
{
	for (int i = 0; i < pool->threads; i++) {
		struct share *share = &pool->shares[(number + i) % pool->threads];
		for (;;) {
			const size_t item = atomic_fetch_add_explicit(&share->next, 1, memory_order_relaxed);
			if (item >= share->end)
				break;
			pool->work(pool->context, item, number);
		}
	}
}

static int
worker_main(void *argument)
{
	struct worker *self = argument;
	struct myo_pool *pool = self->pool;
	unsigned seen = 0;

	(void)flush_small();
	for (;;) {
		for (int i = 0; i < SPINS && atomic_load(&pool->round) == seen; i++)
			relax();
		if (atomic_load(&pool->round) == seen) {
			(void)mtx_lock(&pool->lock);
			while (atomic_load(&pool->round) == seen)
				(void)cnd_wait(&pool->wake, &pool->lock);
			(void)mtx_unlock(&pool->lock);
		}
		seen = atomic_load(&pool->round);
		if (pool->stop)
			return 0;

		work_items(pool, self->number);
		if (atomic_fetch_sub(&pool->busy, 1) == 1) {
			(void)mtx_lock(&pool->lock);
			(void)cnd_signal(&pool->done);
			(void)mtx_unlock(&pool->lock);
		}
	}
}

int
myo_threads(int threads)
{
	cpu_set_t set;

	if (threads > 0)
		return threads;
	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return CPU_COUNT(&set);
	/* The call fails where the kernel's set of processors is larger than ours: take all that are online. */
	const long there = sysconf(_SC_NPROCESSORS_ONLN);
	return there > 0 && there <= INT_MAX ? (int)there : 1;
}

static void
free_memory(struct myo_pool *pool)
{
	free(pool->shares);
	free(pool->workers);
	free(pool);
}

static void
start_round(struct myo_pool *pool)
{
	(void)mtx_lock(&pool->lock);
	atomic_fetch_add(&pool->round, 1);
	(void)cnd_broadcast(&pool->wake);
	(void)mtx_unlock(&pool->lock);
}

int
myo_pool_new(int threads, struct myo_pool **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_pool *pool = myo_calloc(1, sizeof *pool, err);
	if (pool == NULL)
		return MYO_FAIL;
	const int wanted = myo_threads(threads);
	pool->workers = myo_calloc((size_t)wanted, sizeof *pool->workers, err);
	pool->shares = myo_calloc_aligned((size_t)wanted, sizeof *pool->shares, err);
	if (pool->workers == NULL || pool->shares == NULL) {
		free_memory(pool);
		return MYO_FAIL;
	}
	pool->threads = 1;
	const bool lock = mtx_init(&pool->lock, mtx_plain) == thrd_success;
	const bool wake = lock && cnd_init(&pool->wake) == thrd_success;
	if (!wake || cnd_init(&pool->done) != thrd_success) {
		if (wake)
			cnd_destroy(&pool->wake);
		if (lock)
			mtx_destroy(&pool->lock);
		free_memory(pool);
		return myo_fail(err, "locks for %d threads can't be made", wanted);
	}
	for (int i = 1; i < wanted; i++) {
		struct worker *worker = &pool->workers[i];
		worker->pool = pool;
		worker->number = i;
		if (thrd_create(&worker->thread, worker_main, worker) != thrd_success) {
			myo_pool_free(pool);
			return myo_fail(err, "thread %d of %d can't be started", i + 1, wanted);
		}
		pool->threads++;
	}
	*out = pool;
	return MYO_OK;
}

void
myo_pool_free(struct myo_pool *pool)
{
	if (pool == NULL)
		return;
	pool->stop = true;
	start_round(pool);
	for (int i = 1; i < pool->threads; i++)
		(void)thrd_join(pool->workers[i].thread, NULL);
	cnd_destroy(&pool->done);
	cnd_destroy(&pool->wake);
	mtx_destroy(&pool->lock);
	free_memory(pool);
}

int
myo_pool_threads(const struct myo_pool *pool)
{
	return pool != NULL ? pool->threads : 1;
}

void
myo_pool_run(struct myo_pool *pool, size_t items, myo_work *work, void *context)
{
	const unsigned before = flush_small();

	if (pool == NULL || pool->threads == 1 || items < 2) {
		for (size_t i = 0; i < items; i++)
			work(context, i, 0);
		restore_small(before);
		return;
	}
	const size_t threads = (size_t)pool->threads;
	for (size_t i = 0; i < threads; i++) {
		atomic_store(&pool->shares[i].next, i * items / threads);
		pool->shares[i].end = (i + 1) * items / threads;
	}
	pool->work = work;
	pool->context = context;
	atomic_store(&pool->busy, pool->threads - 1);
	start_round(pool);

	work_items(pool, 0);
	restore_small(before);
	for (int i = 0; i < SPINS && atomic_load(&pool->busy) > 0; i++)
		relax();
	if (atomic_load(&pool->busy) > 0) {
		(void)mtx_lock(&pool->lock);
		while (atomic_load(&pool->busy) > 0)
			(void)cnd_wait(&pool->done, &pool->lock);
		(void)mtx_unlock(&pool->lock);
	}
}
