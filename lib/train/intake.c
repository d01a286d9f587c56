/*
 * A stream that is read ahead. A thread of its own fills a ring of records, so that decoding
 * upstream and computing here don't wait for each other; the consumer holds the oldest.
 */
#include "train/train.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

enum { RING = 8, PATIENCE_MS = 100 };

struct myo_intake {
	struct myo_reader *reader;
	bool (*stopped)(void);

	/* Records that were read to measure them; they come first. */
	struct myo_record *kept;
	size_t kept_count, kept_next;
	bool holding; /* the consumer has the ring's oldest record */

	thrd_t thread;
	mtx_t lock;
	cnd_t changed;
	struct myo_record ring[RING];
	size_t filled, taken; /* records put into the ring and given back, ever */
	bool quit;            /* the consumer wants no more */
	bool over;            /* the thread has read its last */
	int rc;               /* of its last reading */
	struct myo_err err;

	struct myo_intake *before; /* left behind before this one */
};

static int
read_ahead(void *argument)
{
	struct myo_intake *in = argument;
	struct myo_err err = MYO_ERR_INIT;
	int rc = MYO_OK;

	for (;;) {
		(void)mtx_lock(&in->lock);
		while (!in->quit && in->filled - in->taken == RING)
			(void)cnd_wait(&in->changed, &in->lock);
		const bool quit = in->quit;
		struct myo_record *slot = &in->ring[in->filled % RING];
		(void)mtx_unlock(&in->lock);
		if (quit)
			break;

		rc = myo_reader_next(in->reader, slot, &err);

		(void)mtx_lock(&in->lock);
		if (rc == MYO_OK)
			in->filled++;
		(void)cnd_signal(&in->changed);
		(void)mtx_unlock(&in->lock);
		if (rc != MYO_OK)
			break;
	}
	(void)mtx_lock(&in->lock);
	in->over = true;
	in->rc = rc;
	in->err = err;
	(void)cnd_signal(&in->changed);
	(void)mtx_unlock(&in->lock);
	return 0;
}

int
myo_intake_new(struct myo_reader *reader, bool (*stopped)(void), struct myo_intake **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_intake *in = myo_calloc(1, sizeof *in, err);
	if (in == NULL) {
		myo_reader_free(reader);
		return MYO_FAIL;
	}
	in->reader = reader;
	in->stopped = stopped;
	if (mtx_init(&in->lock, mtx_plain) != thrd_success)
		goto no_lock;
	if (cnd_init(&in->changed) != thrd_success)
		goto no_condition;
	if (thrd_create(&in->thread, read_ahead, in) != thrd_success)
		goto no_thread;
	*out = in;
	return MYO_OK;
no_thread:
	cnd_destroy(&in->changed);
no_condition:
	mtx_destroy(&in->lock);
no_lock:
	myo_reader_free(reader);
	free(in);
	return myo_fail(err, "a thread can't be started");
}

static struct timespec
in_a_moment(void)
{
	struct timespec t;

	(void)timespec_get(&t, TIME_UTC);
	t.tv_nsec += PATIENCE_MS * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_nsec -= 1000000000L;
		t.tv_sec++;
	}
	return t;
}

/* True when the thread has ended; false when it is stuck in a read. */
static bool
end_thread(struct myo_intake *in)
{
	const struct timespec until = in_a_moment();
	int rc = thrd_success;

	(void)mtx_lock(&in->lock);
	in->quit = true;
	(void)cnd_signal(&in->changed);
	while (!in->over && rc == thrd_success)
		rc = cnd_timedwait(&in->changed, &in->lock, &until);
	const bool over = in->over;
	(void)mtx_unlock(&in->lock);
	if (over)
		(void)thrd_join(in->thread, NULL);
	else
		(void)thrd_detach(in->thread);
	return over;
}

/* Of those whose thread is stuck the last one; a chain, so that leak checkers see what is still in use. */
static _Atomic(struct myo_intake *) left_behind;

void
myo_intake_free(struct myo_intake *intake)
{
	if (intake == NULL)
		return;
	if (!end_thread(intake)) {
		intake->before = atomic_exchange(&left_behind, intake);
		return;
	}
	cnd_destroy(&intake->changed);
	mtx_destroy(&intake->lock);
	for (size_t i = 0; i < RING; i++)
		myo_record_clear(&intake->ring[i]);
	for (size_t i = intake->kept_next > 0 ? intake->kept_next - 1 : 0; i < intake->kept_count; i++)
		myo_record_clear(&intake->kept[i]);
	free(intake->kept);
	myo_reader_free(intake->reader);
	free(intake);
}

const struct myo_reader *
myo_intake_reader(const struct myo_intake *intake)
{
	return intake->reader;
}

/* The oldest record of the ring, which stays there until the next call. */
static int
next_of_ring(struct myo_intake *in, struct myo_record **record, struct myo_err *err)
{
	bool stop = false;

	(void)mtx_lock(&in->lock);
	if (in->holding) {
		in->taken++;
		in->holding = false;
		(void)cnd_signal(&in->changed);
	}
	while (in->filled == in->taken && !in->over && !stop) {
		const struct timespec until = in_a_moment();
		(void)cnd_timedwait(&in->changed, &in->lock, &until);
		stop = in->stopped != NULL && in->stopped();
	}
	int rc = MYO_OK;
	if (in->filled != in->taken) {
		*record = &in->ring[in->taken % RING];
		in->holding = true;
	} else if (in->over) {
		rc = in->rc;
		if (rc == MYO_FAIL)
			*err = in->err;
	} else {
		rc = myo_fail(err, "stopped");
	}
	(void)mtx_unlock(&in->lock);
	return rc;
}

int
myo_intake_next(struct myo_intake *intake, const struct myo_record **record, struct myo_err *err)
{
	struct myo_record *oldest;

	if (intake->kept_next > 0) /* given out by the call before, if any */
		myo_record_clear(&intake->kept[intake->kept_next - 1]);
	if (intake->kept_next < intake->kept_count) {
		*record = &intake->kept[intake->kept_next++];
		return MYO_OK;
	}
	intake->kept_next = intake->kept_count = 0;
	const int rc = next_of_ring(intake, &oldest, err);
	if (rc == MYO_OK)
		*record = oldest;
	return rc;
}

const struct myo_record *
myo_intake_kept(const struct myo_intake *intake, size_t index)
{
	return index < intake->kept_count ? &intake->kept[index] : NULL;
}

/* ---- measuring ------------------------------------------------------------------------------ */

/* Take the ring's oldest record for good. */
static int
keep_one(struct myo_intake *in, struct myo_err *err)
{
	struct myo_record *record;

	struct myo_record *more = myo_realloc(in->kept, in->kept_count + 1, sizeof *more, err);
	if (more == NULL)
		return MYO_FAIL;
	in->kept = more;
	const int rc = next_of_ring(in, &record, err);
	if (rc != MYO_OK)
		return rc;
	in->kept[in->kept_count++] = *record;
	*record = (struct myo_record)MYO_RECORD_INIT;
	return MYO_OK;
}

int
myo_intake_keep(struct myo_intake *intake, size_t rows, size_t bytes, struct myo_err *err)
{
	size_t have_rows = 0, have_bytes = 0;
	int rc = MYO_OK;

	for (size_t i = 0; rc == MYO_OK && have_rows < rows && have_bytes < bytes; i++) {
		if (i == intake->kept_count && (rc = keep_one(intake, err)) != MYO_OK)
			break;
		have_rows += myo_record_rows(&intake->kept[i]);
		have_bytes += myo_record_bytes(&intake->kept[i]);
	}
	return rc == MYO_FAIL ? MYO_FAIL : MYO_OK;
}

static int
side_of(const struct myo_record *record, int *side, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const struct myo_tensor *image;

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err) != MYO_OK)
		return MYO_FAIL;
	if (image->shape[1] != image->shape[2] || image->shape[1] > MYO_MODEL_SIDE)
		return myo_fail(err, "the first row is %zux%zu pixels; training wants squares of one size, of at most "
		    "%d: myopic-sample cuts them", image->shape[2], image->shape[1], MYO_MODEL_SIDE);
	*side = (int)image->shape[1];
	return MYO_OK;
}

int
myo_intake_measure(const struct myo_intake *intake, int *side, double *mean, double *deviation, struct myo_err *err)
{
	struct myo_pixels pixels = MYO_PIXELS_INIT;

	if (intake->kept_count == 0)
		return myo_fail(err, "the stream has no rows: there is nothing to train on");
	if (side_of(&intake->kept[0], side, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < intake->kept_count; i++)
		if (myo_pixels_add(&pixels, &intake->kept[i], err) != MYO_OK)
			return MYO_FAIL;
	myo_pixels_result(&pixels, mean, deviation);
	return MYO_OK;
}
