/* Reading, decoding and handing on, all at the same time. */
#include "data/reading.h"

#include <stdlib.h>
#include <threads.h>

enum {
	JOB_PICTURES = 64,      /* of a job, */
	JOB_BYTES = 256 << 10,  /* or as many as are in so many bytes */
	MAX_PIXELS = 128 << 20, /* bytes of pixels that may wait for their turn, but for what comes next */
	FIRST_BUFFER = 64 << 10
};

/* ---- bytes ----------------------------------------------------------------------------------- */

struct buffer {
	uint8_t *bytes;
	size_t used, room;
};

/* What reads the pictures of a plan, one after the other. */
struct feed {
	const struct source *source;
	const struct plan *plan;
	int64_t max_member;
	struct cursor *cursor;
	size_t member; /* that is open; the number of members: none */
	size_t part;   /* of it, to be read next */
};

static int
feed_init(struct feed *feed, const struct source *source, const struct plan *plan, int64_t max_member, struct myo_err *err)
{
	*feed = (struct feed){ .source = source, .plan = plan, .max_member = max_member };
	feed->member = source_listing(source)->count;
	return cursor_new(source, &feed->cursor, err);
}

static int
reserve(struct buffer *buffer, size_t more, struct myo_err *err)
{
	size_t room = buffer->room > 0 ? buffer->room : FIRST_BUFFER;

	while (room - buffer->used < more)
		room *= 2;
	if (room == buffer->room)
		return MYO_OK;
	uint8_t *larger = myo_realloc(buffer->bytes, room, 1, err);
	if (larger == NULL)
		return MYO_FAIL;
	buffer->bytes = larger;
	buffer->room = room;
	return MYO_OK;
}

static int
refuse_size(const struct feed *feed, struct myo_err *err)
{
	return myo_fail(err, "a picture file of more than %lld bytes (--max-member)", (long long)feed->max_member);
}

/* Read a whole file to the end of the buffer; the size in the list is only a hint. */
static int
read_whole(struct feed *feed, size_t member, struct buffer *buffer, size_t *size, struct myo_err *err)
{
	const int64_t listed = source_listing(feed->source)->members[member].size;
	size_t got, step;

	if (listed > feed->max_member)
		return refuse_size(feed, err);
	*size = 0;
	step = (size_t)listed + 1; /* one more: that it ends there shows */
	do {
		if (reserve(buffer, step, err) != MYO_OK ||
		    cursor_read(feed->cursor, buffer->bytes + buffer->used, step, &got, err) != MYO_OK)
			return MYO_FAIL;
		buffer->used += got;
		*size += got;
		if ((int64_t)*size > feed->max_member)
			return refuse_size(feed, err);
	} while (got == step && (step = FIRST_BUFFER) > 0);
	return MYO_OK;
}

/* Read one part; those before it that aren't wanted are read over. */
static int
read_part(struct feed *feed, size_t part, struct buffer *buffer, size_t *size, struct myo_err *err)
{
	size_t got;

	*size = feed->plan->part_bytes;
	if (reserve(buffer, *size, err) != MYO_OK)
		return MYO_FAIL;
	for (; feed->part <= part; feed->part++) {
		if (cursor_read(feed->cursor, buffer->bytes + buffer->used, *size, &got, err) != MYO_OK)
			return MYO_FAIL;
		if (got < *size)
			return myo_fail(err, "changed while it was read");
	}
	buffer->used += *size;
	return MYO_OK;
}

/* Bytes of an item, at the end of the buffer. MYO_FAIL: nothing more can be read, of any picture. */
static int
feed_read(struct feed *feed, const struct item *item, struct buffer *buffer, struct entry *entry, struct myo_err *err)
{
	const char *root = source_root_name(feed->source, item->member);
	struct myo_err why = MYO_ERR_INIT;

	*entry = (struct entry){ .item = item, .at = buffer->used };
	if (feed->member != item->member) {
		if (cursor_seek(feed->cursor, item->member, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", root);
			return MYO_FAIL;
		}
		feed->member = item->member;
		feed->part = 0;
	}
	const int rc = feed->plan->part_bytes > 0 ? read_part(feed, item->part, buffer, &entry->size, &why)
	                                          : read_whole(feed, item->member, buffer, &entry->size, &why);
	if (rc == MYO_OK)
		return MYO_OK;
	if (cursor_lost(feed->cursor) || feed->plan->part_bytes > 0) {
		*err = why;
		myo_err_prefix(err, "%s: %s: ", root, source_listing(feed->source)->members[item->member].name);
		return MYO_FAIL;
	}
	entry->broken = true;
	entry->err = why;
	return MYO_OK;
}

int
reading_labels(const struct source *source, const struct format *format, struct plan *plan, struct myo_err *err)
{
	struct buffer buffer = { 0 };
	struct myo_err why = MYO_ERR_INIT;
	struct entry *entry = NULL;
	struct feed feed;
	int rc = MYO_OK;

	if (format->label == NULL)
		return MYO_OK;
	if (feed_init(&feed, source, plan, MYO_MAX_MEMBER, err) != MYO_OK)
		return MYO_FAIL;
	entry = myo_calloc(1, sizeof *entry, err);
	if (entry == NULL)
		rc = MYO_FAIL;
	for (size_t i = 0; i < plan->count && rc == MYO_OK; i++) {
		struct item *item = &plan->items[i];
		buffer.used = 0;
		rc = feed_read(&feed, item, &buffer, entry, err);
		if (rc == MYO_OK && format->label(plan, buffer.bytes, &item->label, &why) != MYO_OK)
			item->label = LABEL_INSIDE; /* broken: it is reported when its turn comes */
	}
	free(entry);
	free(buffer.bytes);
	cursor_free(feed.cursor);
	return rc;
}

/* ---- jobs and lanes ---------------------------------------------------------------------------- */

/* Some pictures that follow each other. */
struct job {
	struct entry *entries; /* [JOB_PICTURES] */
	size_t count, next;    /* read; handed on */
	struct buffer buffer;
	size_t pixels;      /* bytes of them */
	bool decoded, last; /* may be handed on; nothing comes behind it */
	int rc;             /* MYO_FAIL: behind these pictures reading failed */
	struct myo_err err;
};

/* Items of one root, which follow each other. */
struct run {
	size_t first, count;
};

struct lane {
	struct reading *reading;
	thrd_t thread;
	bool started, finished; /* all was handed on */
	struct feed feed;
	size_t run, at; /* what is read next: the at-th item of this run, by the order of runs */
	struct job *jobs; /* [depth], a ring; the three numbers below only grow */
	size_t read, begun, taken; /* how many were read, begun to be decoded, handed on */
};

struct reading {
	const struct myo_dataset_options *options;
	const struct source *source;
	const struct format *format;
	const struct plan *plan;

	struct run *runs;
	size_t run_count;
	uint32_t *order; /* [run_count]: which run comes when */

	struct lane *lanes;
	size_t lane_count, turn, depth;
	thrd_t *workers;
	size_t worker_count;

	mtx_t lock; /* of all below, of the lanes' numbers and the jobs' marks */
	cnd_t space, work, done;
	bool made, stop;
	size_t pixels; /* decoded and not handed on, in bytes */
};

/* ---- threads that read ------------------------------------------------------------------------- */

/* The next item of a lane, or NULL. */
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
	job->count = job->next = job->buffer.used = job->pixels = 0;
	job->rc = MYO_OK;
	while (job->count < JOB_PICTURES && job->buffer.used < JOB_BYTES && !job->last) {
		const struct item *item = next_item(lane);
		if (item == NULL) {
			job->last = true;
			break;
		}
		job->rc = feed_read(&lane->feed, item, &job->buffer, &job->entries[job->count], &job->err);
		job->last = job->rc != MYO_OK;
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
 * A job to decode, or NULL. What comes next in its lane is always decoded, however much waits already, since
 * that is what others wait for.
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

static void
decode_job(const struct reading *r, struct job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		struct entry *entry = &job->entries[i];
		decode_entry(r->options, r->format, r->plan, job->buffer.bytes + entry->at, entry);
		job->pixels += (size_t)entry->image.height * (size_t)entry->image.width * 3;
	}
}

static int
worker_main(void *argument)
{
	struct reading *r = argument;

	(void)mtx_lock(&r->lock);
	while (!r->stop) {
		struct job *job = find_job(r);
		if (job == NULL) {
			(void)cnd_wait(&r->work, &r->lock);
			continue;
		}
		(void)mtx_unlock(&r->lock);
		decode_job(r, job);
		(void)mtx_lock(&r->lock);
		job->decoded = true;
		r->pixels += job->pixels;
		(void)cnd_signal(&r->done);
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

/* The job was handed on: it may be read into again. */
static void
release_job(struct reading *r, struct lane *lane, struct job *job)
{
	clear_images(job);
	(void)mtx_lock(&r->lock);
	r->pixels -= job->pixels;
	job->decoded = false;
	lane->taken++;
	(void)cnd_broadcast(&r->space);
	(void)cnd_broadcast(&r->work); /* what was held back for its pixels */
	(void)mtx_unlock(&r->lock);
}

static void
wait_for(struct reading *r, struct lane *lane, const struct job *job)
{
	(void)mtx_lock(&r->lock);
	while (lane->taken == lane->read || !job->decoded)
		(void)cnd_wait(&r->done, &r->lock);
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
		wait_for(r, lane, job);
		if (job->next < job->count) {
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
	struct lane *lane = &r->lanes[r->turn];
	struct job *job = &lane->jobs[lane->taken % r->depth];

	myo_image_clear(&job->entries[job->next++].image);
	r->turn = (r->turn + 1) % r->lane_count;
}

/* ---- starting and stopping ----------------------------------------------------------------------- */

/* Items of one root follow each other; roots in their order, or in a random one. */
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
make_lanes(struct reading *r, size_t threads, struct myo_err *err)
{
	const int64_t asked = r->options->max_member;
	const int64_t max_member = asked > 0 ? asked : MYO_MAX_MEMBER;
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
make_lock(struct reading *r, struct myo_err *err)
{
	if (mtx_init(&r->lock, mtx_plain) != thrd_success)
		return myo_fail_memory(err, sizeof r->lock);
	(void)cnd_init(&r->space); /* on Linux these can't fail */
	(void)cnd_init(&r->work);
	(void)cnd_init(&r->done);
	r->made = true;
	return MYO_OK;
}

static int
start_threads(struct reading *r, size_t threads, struct myo_err *err)
{
	r->workers = myo_calloc(threads, sizeof *r->workers, err);
	if (r->workers == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < r->lane_count; i++) {
		if (thrd_create(&r->lanes[i].thread, lane_main, &r->lanes[i]) != thrd_success)
			return myo_fail(err, "a thread to read can't be started");
		r->lanes[i].started = true;
	}
	for (; r->worker_count < threads; r->worker_count++)
		if (thrd_create(&r->workers[r->worker_count], worker_main, r) != thrd_success)
			return myo_fail(err, "a thread to decode can't be started");
	return MYO_OK;
}

int
reading_new(const struct myo_dataset_options *options, const struct source *source, const struct format *format,
    const struct plan *plan, struct reading **out, struct myo_err *err)
{
	const size_t threads = (size_t)myo_threads(options->threads);

	*out = NULL;
	struct reading *r = myo_calloc(1, sizeof *r, err);
	if (r == NULL)
		return MYO_FAIL;
	r->options = options;
	r->source = source;
	r->format = format;
	r->plan = plan;
	if (make_runs(r, err) != MYO_OK || make_lanes(r, threads, err) != MYO_OK || make_lock(r, err) != MYO_OK ||
	    start_threads(r, threads, err) != MYO_OK) {
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
	(void)mtx_unlock(&r->lock);
	for (size_t i = 0; i < r->lane_count; i++)
		if (r->lanes[i].started)
			(void)thrd_join(r->lanes[i].thread, NULL);
	for (size_t i = 0; i < r->worker_count; i++)
		(void)thrd_join(r->workers[i], NULL);
	mtx_destroy(&r->lock);
	cnd_destroy(&r->space);
	cnd_destroy(&r->work);
	cnd_destroy(&r->done);
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
	cursor_free(lane->feed.cursor);
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
	free(r->lanes);
	free(r->workers);
	free(r->runs);
	free(r->order);
	free(r);
}
