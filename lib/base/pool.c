/*
 * A pool of C11 threads over numbered work items.
 *
 * Workers wait for a new round, take items from a shared counter until none is left, and the
 * caller, who works too, waits until all have come back. A round is often a fraction of a
 * millisecond, so both sides spin a little before they sleep.
 */
#include "base/base.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>

struct worker {
	struct myo_pool *pool;
	int number; /* 1 … threads - 1; the caller is 0 */
	thrd_t thread;
};

struct myo_pool {
	int threads;
	struct worker *workers;
	mtx_t lock;
	cnd_t wake, done;
	atomic_uint round; /* raised for each run; workers wait for a change */
	atomic_int busy;   /* workers that have not finished the round */
	atomic_size_t next;
	bool stop;

	size_t items;
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

static void
work_items(struct myo_pool *pool, int number)
{
	for (;;) {
		const size_t item = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
		if (item >= pool->items)
			return;
		pool->work(pool->context, item, number);
	}
}

static int
worker_main(void *argument)
{
	struct worker *self = argument;
	struct myo_pool *pool = self->pool;
	unsigned seen = 0;

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

static int
cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0) {
		const int count = CPU_COUNT(&set);
		if (count > 0)
			return count;
	}
	return 1;
}

/* Let the workers see a new round. */
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
	const int wanted = threads > 0 ? threads : cores();
	pool->workers = myo_calloc((size_t)wanted, sizeof *pool->workers, err);
	if (pool->workers == NULL) {
		free(pool);
		return MYO_FAIL;
	}
	pool->threads = 1;
	if (mtx_init(&pool->lock, mtx_plain) != thrd_success ||
	    cnd_init(&pool->wake) != thrd_success || cnd_init(&pool->done) != thrd_success) {
		free(pool->workers);
		free(pool);
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
	free(pool->workers);
	free(pool);
}

int
myo_pool_threads(const struct myo_pool *pool)
{
	return pool != NULL ? pool->threads : 1;
}

void
myo_pool_run(struct myo_pool *pool, size_t items, myo_work *work, void *context)
{
	if (pool == NULL || pool->threads == 1 || items < 2) {
		for (size_t i = 0; i < items; i++)
			work(context, i, 0);
		return;
	}
	pool->items = items;
	pool->work = work;
	pool->context = context;
	atomic_store(&pool->next, 0);
	atomic_store(&pool->busy, pool->threads - 1);
	start_round(pool);

	work_items(pool, 0);
	for (int i = 0; i < SPINS && atomic_load(&pool->busy) > 0; i++)
		relax();
	if (atomic_load(&pool->busy) > 0) {
		(void)mtx_lock(&pool->lock);
		while (atomic_load(&pool->busy) > 0)
			(void)cnd_wait(&pool->done, &pool->lock);
		(void)mtx_unlock(&pool->lock);
	}
}
