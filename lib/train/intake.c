/*
 * Reading a stream ahead. A thread fills a ring of records, so that the programs
 * upstream and the training here don't wait for each other; the consumer holds the oldest record of the ring.
 */
#include "train/train.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

enum { RING = 8, PATIENCE_MS = 100 };

struct item {
	struct myo_record record;
	json_t *since; /* if parts begin with it: histories, from that of the previous part, complete now, on */
};

struct myo_intake {
	struct myo_reader *reader;
	bool (*stopped)(void);
	json_t *histories; /* of the parts from which records were given out */

	/* The records that myo_intake_keep() has read; they are given out before those of the ring. */
	struct item *kept;
	size_t kept_count, kept_next;
	bool holding; /* the consumer has the ring's oldest record */
	bool ended;   /* the consumer was told MYO_END */

	thrd_t thread;
	mtx_t lock;
	cnd_t changed;
	struct item ring[RING];
	size_t filled, taken; /* how many records were ever put into the ring, and given back */
	bool quit;            /* the consumer wants no more */
	bool over;            /* the thread has read its last */
	int rc;               /* what that returned */
	struct myo_err err;

	struct myo_intake *before; /* see left_behind */
};

static int
read_ahead(void *argument)
{
	struct myo_intake *in = argument;
	struct myo_err err = MYO_ERR_INIT;
	size_t parts = 0;
	int rc = MYO_OK;

	for (;;) {
		(void)mtx_lock(&in->lock);
		while (!in->quit && in->filled - in->taken == RING)
			(void)cnd_wait(&in->changed, &in->lock);
		const bool quit = in->quit;
		struct item *slot = &in->ring[in->filled % RING];
		(void)mtx_unlock(&in->lock);
		if (quit)
			break;

		rc = myo_reader_next(in->reader, &slot->record, &err);
		if (rc == MYO_OK && myo_reader_parts(in->reader) > parts) {
			rc = myo_reader_histories(in->reader, parts > 0 ? parts - 1 : 0, &slot->since, &err);
			parts = myo_reader_parts(in->reader);
		}

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
	if ((in->histories = json_array()) == NULL)
		goto no_array;
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
	json_decref(in->histories);
no_array:
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

static void
clear_item(struct item *item)
{
	myo_record_clear(&item->record);
	json_decref(item->since);
	item->since = NULL;
}

/* A chain of the intakes whose threads were stuck, the last one first, so that leak checkers see them as in use. */
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
		clear_item(&intake->ring[i]);
	for (size_t i = intake->kept_next > 0 ? intake->kept_next - 1 : 0; i < intake->kept_count; i++)
		clear_item(&intake->kept[i]);
	free(intake->kept);
	json_decref(intake->histories);
	myo_reader_free(intake->reader);
	free(intake);
}

int
myo_intake_history(const struct myo_intake *intake, json_t **out, struct myo_err *err)
{
	return intake->ended ? myo_json_copy(myo_reader_header(intake->reader)->history, out, err) :
	    myo_history_join(intake->histories, out, err);
}

/* Give back the record that is held, and hold the next one of the ring. */
static int
next_of_ring(struct myo_intake *in, struct item **item, struct myo_err *err)
{
	(void)mtx_lock(&in->lock);
	bool stop = in->stopped != NULL && in->stopped();
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
	if (stop) {
		rc = myo_fail(err, "stopped");
	} else if (in->filled != in->taken) {
		*item = &in->ring[in->taken % RING];
		in->holding = true;
	} else {
		rc = in->rc;
		if (rc == MYO_FAIL)
			*err = in->err;
	}
	(void)mtx_unlock(&in->lock);
	return rc;
}

/* Give out a record, and add the histories of the parts that begin with it. */
static int
take(struct myo_intake *in, struct item *item, const struct myo_record **record, struct myo_err *err)
{
	*record = &item->record;
	if (item->since == NULL)
		return MYO_OK;
	const size_t before = json_array_size(in->histories);
	if (before > 0)
		(void)json_array_remove(in->histories, before - 1);
	const int rc = json_array_extend(in->histories, item->since);
	json_decref(item->since);
	item->since = NULL;
	return rc == 0 ? MYO_OK : myo_fail_memory(err, 0);
}

int
myo_intake_next(struct myo_intake *intake, const struct myo_record **record, struct myo_err *err)
{
	struct item *oldest;

	if (intake->kept_next > 0) /* the one that the previous call gave out */
		clear_item(&intake->kept[intake->kept_next - 1]);
	if (intake->kept_next < intake->kept_count)
		return take(intake, &intake->kept[intake->kept_next++], record, err);
	intake->kept_next = intake->kept_count = 0;
	const int rc = next_of_ring(intake, &oldest, err);
	intake->ended = rc == MYO_END;
	return rc == MYO_OK ? take(intake, oldest, record, err) : rc;
}

int
myo_intake_peek(struct myo_intake *intake, struct myo_err *err)
{
	struct item *oldest;

	if (intake->kept_next < intake->kept_count)
		return MYO_OK;
	const int rc = next_of_ring(intake, &oldest, err);
	intake->ended = rc == MYO_END;
	return rc;
}

const struct myo_record *
myo_intake_kept(const struct myo_intake *intake, size_t index)
{
	return index < intake->kept_count ? &intake->kept[index].record : NULL;
}

/* ---- measuring ------------------------------------------------------------------------------ */

/* Move the ring's oldest record to those that are kept. */
static int
keep_one(struct myo_intake *in, struct myo_err *err)
{
	struct item *item;

	struct item *more = myo_realloc(in->kept, in->kept_count + 1, sizeof *more, err);
	if (more == NULL)
		return MYO_FAIL;
	in->kept = more;
	const int rc = next_of_ring(in, &item, err);
	if (rc != MYO_OK)
		return rc;
	in->kept[in->kept_count++] = *item;
	*item = (struct item){ MYO_RECORD_INIT, NULL };
	return MYO_OK;
}

static size_t
row_bytes(const struct myo_record *record)
{
	return myo_record_bytes(record) / myo_record_rows(record);
}

/* How many rows like those of a record fit into so many bytes, at least one. */
static size_t
rows_of(size_t bytes, const struct myo_record *record)
{
	const size_t row = row_bytes(record);

	return row > 0 && row < bytes ? bytes / row : 1;
}

int
myo_intake_keep(struct myo_intake *intake, size_t most, size_t bytes, size_t *rows, struct myo_err *err)
{
	size_t have = 0, wanted = most;
	int rc = MYO_OK;

	for (size_t i = 0; have < wanted; i++) {
		if (i == intake->kept_count && (rc = keep_one(intake, err)) != MYO_OK)
			break;
		const struct myo_record *const record = &intake->kept[i].record;
		if (i == 0 && rows_of(bytes, record) < most)
			wanted = rows_of(bytes, record);
		if (row_bytes(record) != row_bytes(&intake->kept[0].record))
			break; /* rows of two sizes, which are refused when their turn comes */
		have += myo_record_rows(record);
	}
	*rows = have < wanted ? have : wanted;
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
myo_intake_measure(const struct myo_intake *intake, size_t rows, int *side, double *mean, double *deviation,
    struct myo_err *err)
{
	struct myo_pixels pixels = MYO_PIXELS_INIT;

	if (intake->kept_count == 0)
		return myo_fail(err, "the stream has no rows: there is nothing to train on");
	if (side_of(&intake->kept[0].record, side, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < intake->kept_count && rows > 0; i++) {
		const struct myo_record *const record = &intake->kept[i].record;
		const size_t there = myo_record_rows(record), some = there < rows ? there : rows;
		if (myo_pixels_add(&pixels, record, some, err) != MYO_OK)
			return MYO_FAIL;
		rows -= some;
	}
	myo_pixels_result(&pixels, mean, deviation);
	return MYO_OK;
}
