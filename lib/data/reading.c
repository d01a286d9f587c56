/* Reading, decoding and handing on, concurrently. */
#include "data/reading.h"
#include "data/feed.h"

#include <stdlib.h>
#include <threads.h>

/* Threads report pixels to each other in bulk, since waking one costs as much as decoding a small picture. */
enum {
	JOB_PICTURES = 64,      /* most pictures of a job */
	JOB_BYTES = 512 << 10,  /* a job that has this many bytes of files is full too */
	MAX_PIXELS = 128 << 20, /* bytes of decoded pixels that may wait, besides those of the next job of each lane */
	TELL_PIXELS = 4 << 20   /* bytes of pixels that are reported at once */
};

/* ---- jobs and lanes ---------------------------------------------------------------------------- */

/* Some successive pictures of a lane. */
struct job {
	const struct lane *lane;
	size_t number;         /* in its lane */
	struct entry *entries; /* [JOB_PICTURES] */
	size_t count;
	struct buffer buffer; /* bytes of those that only the lane's thread can read */
	size_t ready, next;   /* how many may be handed on, and how many were */
	bool decoded, last;   /* no more of its pictures will be ready; it is the lane's last job */
	int rc;               /* MYO_FAIL: reading failed after these pictures */
	struct myo_err err;
};

/* Successive items of one root. */
struct run {
	size_t first, count;
};

struct lane {
	struct reading *reading;
	thrd_t thread;
	bool started, finished; /* all of its pictures were handed on */
	struct feed feed;
	size_t run, at; /* what is read next: item number `at` of run order[run] */
	struct job *jobs; /* [depth], a ring buffer, indexed modulo depth by the counters below */
	size_t read, begun, taken; /* how many jobs were read, begun to be decoded, handed on */
	bool hungry; /* the caller is waiting for the job number `taken` */
	size_t seen; /* that job's `ready` when the caller last looked; only the caller uses it */
};

struct worker {
	struct reading *reading;
	thrd_t thread;
	bool started;
	struct feed feed; /* for what any thread can read: picture by picture, each decoded while in cache */
	struct buffer buffer;
};

struct reading {
	const struct myo_dataset_options *options;
	const struct source *source;
	const struct format *format;
	const struct plan *plan;

	struct run *runs;
	size_t run_count;
	uint32_t *order; /* [run_count]: the order in which runs are read */

	struct lane *lanes;
	size_t lane_count, turn, depth;
	struct worker *workers;
	size_t worker_count;

	mtx_t lock; /* of all below but `given`, and of the counters and flags of lanes and jobs */
	cnd_t space, work, done; /* a job is free; there is one to decode; pictures are ready */
	cnd_t room;              /* fewer pixels wait, or a worker is needed */
	bool made, stop;
	size_t pixels; /* bytes that were decoded and not reported as handed on */
	size_t given;  /* bytes handed on that are still to be reported; only the caller uses it */
};

/* ---- threads that read ------------------------------------------------------------------------- */

static const struct item *
next_item(struct lane *lane)
{
	const struct reading *r = lane->reading;

	while (lane->run < r->run_count) {
		const struct run *run = &r->runs[r->order[lane->run]];
		if (lane->at < run->count)
			return &r->plan->items[run->first + lane->at++];
		lane->run += r->lane_count;
		lane->at = 0;
	}
	return NULL;
}

static void
fill_job(struct lane *lane, struct job *job)
{
	const struct reading *r = lane->reading;
	size_t bytes = 0;

	job->lane = lane;
	job->number = lane->read;
	job->count = job->buffer.used = 0;
	job->rc = MYO_OK;
	while (job->count < JOB_PICTURES && bytes + job->buffer.used < JOB_BYTES && !job->last) {
		const struct item *item = next_item(lane);
		struct entry *entry = &job->entries[job->count];
		if (item == NULL) {
			job->last = true;
			break;
		}
		if (r->plan->part_bytes == 0 && source_reaches(r->source, item->member)) {
			*entry = (struct entry){ .item = item, .unread = true };
			bytes += (size_t)source_listing(r->source)->members[item->member].size;
		} else {
			job->rc = feed_read(&lane->feed, item, &job->buffer, entry, &job->err);
			job->last = job->rc != MYO_OK;
		}
		job->count += !job->last;
	}
}

static int
lane_main(void *argument)
{
	struct lane *lane = argument;
	struct reading *r = lane->reading;
	bool last = false;

	(void)mtx_lock(&r->lock);
	while (!last && !r->stop) {
		if (lane->read - lane->taken == r->depth) {
			(void)cnd_wait(&r->space, &r->lock);
			continue;
		}
		struct job *job = &lane->jobs[lane->read % r->depth];
		(void)mtx_unlock(&r->lock);
		fill_job(lane, job);
		last = job->last;
		(void)mtx_lock(&r->lock);
		lane->read++;
		(void)cnd_signal(&r->work);
	}
	(void)mtx_unlock(&r->lock);
	return 0;
}

/* ---- threads that decode ------------------------------------------------------------------------ */

/*
 * A job to decode, or NULL. A job whose turn it is in its lane is always decoded, however many pixels wait already,
 * since the caller may be waiting for it.
 */
static struct job *
find_job(struct reading *r)
{
	for (size_t i = 0; i < r->lane_count; i++) {
		struct lane *lane = &r->lanes[i];
		if (lane->begun == lane->read || (r->pixels > MAX_PIXELS && lane->begun > lane->taken))
			continue;
		return &lane->jobs[lane->begun++ % r->depth];
	}
	return NULL;
}

static size_t
pixel_bytes(const struct entry *entry)
{
	return (size_t)entry->image.height * (size_t)entry->image.width * 3;
}

/* Whether the caller waits for a job that no worker has begun: no worker must wait then. */
static bool
starves(const struct reading *r)
{
	for (size_t i = 0; i < r->lane_count; i++)
		if (r->lanes[i].hungry && r->lanes[i].begun == r->lanes[i].taken)
			return true;
	return false;
}

/*
 * Report that the job's pictures up to `ready` are decoded, `bytes` of pixels more; all: those were the last. While too
 * many pixels wait, so does the worker, unless the caller waits for this job or for one that no worker has begun.
 */
static void
hand_over(struct reading *r, struct job *job, size_t ready, size_t bytes, bool all)
{
	const struct lane *lane = job->lane;

	(void)mtx_lock(&r->lock);
	job->ready = ready;
	job->decoded = all;
	r->pixels += bytes;
	if (lane->hungry && job->number == lane->taken)
		(void)cnd_signal(&r->done);
	while (!all && !r->stop && r->pixels > MAX_PIXELS && !(lane->hungry && job->number == lane->taken) &&
	    !starves(r))
		(void)cnd_wait(&r->room, &r->lock);
	(void)mtx_unlock(&r->lock);
}

/* The bytes of a picture. MYO_FAIL: neither it nor any that follows can be read. */
static int
picture_bytes(struct worker *worker, const struct job *job, struct entry *entry, const uint8_t **bytes,
    struct myo_err *err)
{
	if (!entry->unread) {
		*bytes = job->buffer.bytes + entry->at;
		return MYO_OK;
	}
	worker->buffer.used = 0;
	const int rc = feed_read(&worker->feed, entry->item, &worker->buffer, entry, err);
	*bytes = worker->buffer.bytes;
	return rc;
}

static void
decode_job(struct worker *worker, struct job *job)
{
	struct reading *r = worker->reading;
	const uint8_t *bytes;
	size_t i, fresh = 0;

	for (i = 0; i < job->count; i++) {
		struct entry *entry = &job->entries[i];
		if (picture_bytes(worker, job, entry, &bytes, &job->err) != MYO_OK) {
			job->rc = MYO_FAIL; /* replaces an error of the lane's, which was later in the job */
			break;
		}
		decode_entry(r->options, r->format, r->plan, bytes, entry);
		fresh += pixel_bytes(entry);
		if (fresh >= TELL_PIXELS) {
			hand_over(r, job, i + 1, fresh, false);
			fresh = 0;
		}
	}
	hand_over(r, job, i, fresh, true);
}

static int
worker_main(void *argument)
{
	struct worker *worker = argument;
	struct reading *r = worker->reading;

	(void)mtx_lock(&r->lock);
	while (!r->stop) {
		struct job *job = find_job(r);
		if (job == NULL) {
			(void)cnd_wait(&r->work, &r->lock);
			continue;
		}
		(void)mtx_unlock(&r->lock);
		decode_job(worker, job);
		(void)mtx_lock(&r->lock);
	}
	(void)mtx_unlock(&r->lock);
	return 0;
}

/* ---- handing on ---------------------------------------------------------------------------------- */

static void
clear_images(struct job *job)
{
	for (size_t i = 0; i < job->count; i++)
		myo_image_clear(&job->entries[i].image);
}

/* Report the pixels that were handed on, and wake workers that had to wait. */
static void
give_back(struct reading *r)
{
	const bool held_back = r->pixels > MAX_PIXELS;

	r->pixels -= r->given;
	r->given = 0;
	if (held_back) {
		(void)cnd_broadcast(&r->room);
		(void)cnd_broadcast(&r->work);
	}
}

/* Free a job that was handed on. Its lane is only woken when half of its jobs are free, rather than for each. */
static void
release_job(struct reading *r, struct lane *lane, struct job *job)
{
	(void)mtx_lock(&r->lock);
	give_back(r);
	job->next = job->ready = 0;
	job->decoded = false;
	lane->seen = 0;
	lane->taken++;
	if (lane->read - lane->taken <= r->depth / 2)
		(void)cnd_broadcast(&r->space);
	(void)mtx_unlock(&r->lock);
}

/* Wait until more of the job's pictures are ready than were handed on, or no more will be. */
static void
wait_for(struct reading *r, struct lane *lane, const struct job *job)
{
	(void)mtx_lock(&r->lock);
	while (lane->taken == lane->read || (!job->decoded && job->ready == job->next)) {
		lane->hungry = true;
		give_back(r);
		(void)cnd_wait(&r->done, &r->lock);
	}
	lane->hungry = false;
	lane->seen = job->ready;
	(void)mtx_unlock(&r->lock);
}

int
reading_peek(struct reading *r, struct entry **entry, struct myo_err *err)
{
	for (size_t idle = 0; idle < r->lane_count;) {
		struct lane *lane = &r->lanes[r->turn];
		if (lane->finished) {
			r->turn = (r->turn + 1) % r->lane_count;
			idle++;
			continue;
		}
		struct job *job = &lane->jobs[lane->taken % r->depth];
		if (job->next == lane->seen)
			wait_for(r, lane, job);
		if (job->next < lane->seen) {
			*entry = &job->entries[job->next];
			return MYO_OK;
		}
		if (job->rc != MYO_OK) {
			*err = job->err;
			return MYO_FAIL;
		}
		lane->finished = job->last;
		release_job(r, lane, job);
		idle = 0;
	}
	return MYO_END;
}

void
reading_pop(struct reading *r)
{
	const struct lane *lane = &r->lanes[r->turn];
	struct job *job = &lane->jobs[lane->taken % r->depth];
	struct entry *entry = &job->entries[job->next++];

	r->given += pixel_bytes(entry);
	myo_image_clear(&entry->image);
	if (r->given >= TELL_PIXELS) {
		(void)mtx_lock(&r->lock);
		give_back(r);
		(void)mtx_unlock(&r->lock);
	}
	r->turn = (r->turn + 1) % r->lane_count;
}

/* ---- starting and stopping ----------------------------------------------------------------------- */

static int
make_runs(struct reading *r, struct myo_err *err)
{
	const struct member *members = source_listing(r->source)->members;
	const struct plan *plan = r->plan;
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		count += i == 0 || members[plan->items[i].member].root != members[plan->items[i - 1].member].root;
	r->runs = myo_calloc(count + 1, sizeof *r->runs, err);
	r->order = myo_calloc(count + 1, sizeof *r->order, err);
	if (r->runs == NULL || r->order == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->count; i++) {
		if (i == 0 || members[plan->items[i].member].root != members[plan->items[i - 1].member].root)
			r->runs[r->run_count++].first = i;
		r->runs[r->run_count - 1].count++;
	}
	for (size_t i = 0; i < count; i++)
		r->order[i] = (uint32_t)i;
	if (r->options->shuffle) {
		struct myo_rng rng = myo_rng_at(r->options->seed, MYO_RNG_FILES, 0, 0);
		myo_rng_permute(&rng, r->order, (uint32_t)count);
	}
	return MYO_OK;
}

static int
make_lanes(struct reading *r, size_t threads, int64_t max_member, struct myo_err *err)
{
	const size_t wanted = r->options->interleave > 1 ? (size_t)r->options->interleave : 1;
	const size_t count = wanted < r->run_count ? wanted : r->run_count;

	r->lanes = myo_calloc(count + 1, sizeof *r->lanes, err);
	if (r->lanes == NULL)
		return MYO_FAIL;
	r->depth = 2 * threads / (count > 0 ? count : 1) + 3;
	for (size_t i = 0; i < count; i++) {
		struct lane *lane = &r->lanes[r->lane_count++];
		lane->reading = r;
		lane->run = i;
		lane->jobs = myo_calloc(r->depth, sizeof *lane->jobs, err);
		if (lane->jobs == NULL || feed_init(&lane->feed, r->source, r->plan, max_member, err) != MYO_OK)
			return MYO_FAIL;
		for (size_t j = 0; j < r->depth; j++) {
			lane->jobs[j].entries = myo_calloc(JOB_PICTURES, sizeof *lane->jobs[j].entries, err);
			if (lane->jobs[j].entries == NULL)
				return MYO_FAIL;
		}
	}
	return MYO_OK;
}

static int
make_workers(struct reading *r, size_t count, int64_t max_member, struct myo_err *err)
{
	r->workers = myo_calloc(count, sizeof *r->workers, err);
	if (r->workers == NULL)
		return MYO_FAIL;
	for (; r->worker_count < count; r->worker_count++) {
		struct worker *worker = &r->workers[r->worker_count];
		worker->reading = r;
		if (feed_init(&worker->feed, r->source, r->plan, max_member, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
make_lock(struct reading *r, struct myo_err *err)
{
	if (mtx_init(&r->lock, mtx_plain) != thrd_success)
		return myo_fail_memory(err, sizeof r->lock);
	(void)cnd_init(&r->space); /* on Linux these can't fail */
	(void)cnd_init(&r->work);
	(void)cnd_init(&r->done);
	(void)cnd_init(&r->room);
	r->made = true;
	return MYO_OK;
}

static int
start_threads(struct reading *r, struct myo_err *err)
{
	for (size_t i = 0; i < r->lane_count; i++) {
		if (thrd_create(&r->lanes[i].thread, lane_main, &r->lanes[i]) != thrd_success)
			return myo_fail(err, "a thread to read can't be started");
		r->lanes[i].started = true;
	}
	for (size_t i = 0; i < r->worker_count; i++) {
		if (thrd_create(&r->workers[i].thread, worker_main, &r->workers[i]) != thrd_success)
			return myo_fail(err, "a thread to decode can't be started");
		r->workers[i].started = true;
	}
	return MYO_OK;
}

int
reading_new(const struct myo_dataset_options *options, const struct source *source, const struct format *format,
    const struct plan *plan, struct reading **out, struct myo_err *err)
{
	const size_t threads = (size_t)myo_threads(options->threads);
	const int64_t max_member = options->max_member > 0 ? options->max_member : MYO_MAX_MEMBER;

	*out = NULL;
	struct reading *r = myo_calloc(1, sizeof *r, err);
	if (r == NULL)
		return MYO_FAIL;
	r->options = options;
	r->source = source;
	r->format = format;
	r->plan = plan;
	if (make_runs(r, err) != MYO_OK || make_lanes(r, threads, max_member, err) != MYO_OK ||
	    make_workers(r, threads, max_member, err) != MYO_OK || make_lock(r, err) != MYO_OK ||
	    start_threads(r, err) != MYO_OK) {
		reading_free(r);
		return MYO_FAIL;
	}
	*out = r;
	return MYO_OK;
}

static void
stop_threads(struct reading *r)
{
	(void)mtx_lock(&r->lock);
	r->stop = true;
	(void)cnd_broadcast(&r->space);
	(void)cnd_broadcast(&r->work);
	(void)cnd_broadcast(&r->room);
	(void)mtx_unlock(&r->lock);
	for (size_t i = 0; i < r->lane_count; i++)
		if (r->lanes[i].started)
			(void)thrd_join(r->lanes[i].thread, NULL);
	for (size_t i = 0; i < r->worker_count; i++)
		if (r->workers[i].started)
			(void)thrd_join(r->workers[i].thread, NULL);
	mtx_destroy(&r->lock);
	cnd_destroy(&r->space);
	cnd_destroy(&r->work);
	cnd_destroy(&r->done);
	cnd_destroy(&r->room);
}

static void
clear_lane(struct lane *lane, size_t depth)
{
	for (size_t i = 0; lane->jobs != NULL && i < depth; i++) {
		struct job *job = &lane->jobs[i];
		if (job->entries != NULL)
			clear_images(job);
		free(job->entries);
		free(job->buffer.bytes);
	}
	free(lane->jobs);
	feed_clear(&lane->feed);
}

void
reading_free(struct reading *r)
{
	if (r == NULL)
		return;
	if (r->made)
		stop_threads(r);
	for (size_t i = 0; i < r->lane_count; i++)
		clear_lane(&r->lanes[i], r->depth);
	for (size_t i = 0; i < r->worker_count; i++) {
		feed_clear(&r->workers[i].feed);
		free(r->workers[i].buffer.bytes);
	}
	free(r->lanes);
	free(r->workers);
	free(r->runs);
	free(r->order);
	free(r);
}
