/* Data sets: find out the format, choose the pictures, read and decode them in order. */
#include "data/data.h"
#include "data/format.h"
#include "data/select.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_PICTURES = 256,    /* decoded at a time, in parallel */
	CHUNK_BYTES = 4 << 20,   /* or as many as are in so many bytes */
	MAX_PICTURE = 256 << 20, /* bytes of a file */
	FIRST_BUFFER = 64 << 10
};

/* A picture on its way: its bytes in the chunk's buffer, then its pixels or what is wrong. */
struct entry {
	const struct item *item;
	size_t at, size;
	struct myo_image image;
	int32_t label, box[4];
	bool broken;
	struct myo_err err;
};

struct chunk {
	struct entry entries[CHUNK_PICTURES];
	size_t count, next; /* read; handed on */
	uint8_t *bytes;
	size_t used, room;
};

struct myo_dataset {
	struct myo_dataset_options options;
	struct source *source;
	const struct format *format;
	struct plan plan;
	size_t at;     /* item to be read next */
	size_t member; /* that is open for reading; listing->count: none */
	size_t part;   /* of the open member, to be read next */
	struct chunk *chunk;
	struct myo_batch batch;
	int64_t pictures, broken;
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static int
reserve(struct chunk *chunk, size_t more, struct myo_err *err)
{
	size_t room = chunk->room > 0 ? chunk->room : FIRST_BUFFER;

	while (room - chunk->used < more)
		room *= 2;
	if (room == chunk->room)
		return MYO_OK;
	uint8_t *larger = myo_realloc(chunk->bytes, room, 1, err);
	if (larger == NULL)
		return MYO_FAIL;
	chunk->bytes = larger;
	chunk->room = room;
	return MYO_OK;
}

/* Read a whole file to the end of the buffer; what its size was said to be is only a hint. */
static int
read_whole(struct myo_dataset *set, struct entry *entry, struct myo_err *err)
{
	struct chunk *chunk = set->chunk;
	size_t got, step;

	do {
		step = entry->size < FIRST_BUFFER ? FIRST_BUFFER : entry->size;
		if (reserve(chunk, step, err) != MYO_OK ||
		    source_read(set->source, chunk->bytes + chunk->used, step, &got, err) != MYO_OK)
			return MYO_FAIL;
		chunk->used += got;
		entry->size += got;
		if (entry->size > MAX_PICTURE)
			return myo_fail(err, "a picture file of more than %d MiB", MAX_PICTURE >> 20);
	} while (got == step);
	return MYO_OK;
}

/* Read one part; those before it that aren't wanted are read over. */
static int
read_part(struct myo_dataset *set, struct entry *entry, struct myo_err *err)
{
	struct chunk *chunk = set->chunk;
	const size_t size = set->plan.part_bytes;
	size_t got;

	if (reserve(chunk, size, err) != MYO_OK)
		return MYO_FAIL;
	for (; set->part <= entry->item->part; set->part++) {
		if (source_read(set->source, chunk->bytes + chunk->used, size, &got, err) != MYO_OK)
			return MYO_FAIL;
		if (got < size)
			return myo_fail(err, "changed while it was read");
	}
	chunk->used += size;
	entry->size = size;
	return MYO_OK;
}

static void
break_entry(struct entry *entry, const struct myo_err *err)
{
	entry->broken = true;
	entry->err = *err;
}

/* Bytes of the next item into the chunk. MYO_FAIL: nothing more can be read, of any picture. */
static int
read_entry(struct myo_dataset *set, struct entry *entry, struct myo_err *err)
{
	const struct item *item = &set->plan.items[set->at];
	struct myo_err why = MYO_ERR_INIT;

	*entry = (struct entry){ .item = item, .at = set->chunk->used };
	if (set->member != item->member) {
		if (source_seek(set->source, item->member, err) != MYO_OK)
			return MYO_FAIL;
		set->member = item->member;
		set->part = 0;
	}
	if ((set->plan.part_bytes > 0 ? read_part : read_whole)(set, entry, &why) != MYO_OK) {
		if (source_lost(set->source) || set->plan.part_bytes > 0) {
			*err = why;
			myo_err_prefix(err, "%s: ", source_listing(set->source)->members[item->member].name);
			return MYO_FAIL;
		}
		break_entry(entry, &why);
	}
	return MYO_OK;
}

static int
read_chunk(struct myo_dataset *set, struct myo_err *err)
{
	struct chunk *chunk = set->chunk;

	chunk->count = chunk->next = chunk->used = 0;
	while (set->at < set->plan.count && chunk->count < CHUNK_PICTURES && chunk->used < CHUNK_BYTES) {
		if (read_entry(set, &chunk->entries[chunk->count], err) != MYO_OK)
			return MYO_FAIL;
		chunk->count++;
		set->at++;
	}
	return MYO_OK;
}

/* ---- pixels ---------------------------------------------------------------------------------- */

static int
resize(const struct myo_dataset_options *o, struct myo_image *image, struct myo_err *err)
{
	struct myo_image resized = MYO_IMAGE_INIT;

	if (o->height == 0 || (image->height == o->height && image->width == o->width))
		return MYO_OK;
	const int rc = o->fit == MYO_FIT_CROP ? myo_image_fill(image, o->height, o->width, &resized, err)
					      : myo_image_resize(image, o->height, o->width, &resized, err);
	if (rc == MYO_OK) {
		myo_image_clear(image);
		*image = resized;
	}
	return rc;
}

/* Where a box goes when its picture of this size is resized; nothing left of it: x1 < x0. */
static void
move_box(const struct myo_dataset_options *o, int height, int width, const int32_t from[4], int32_t to[4])
{
	struct myo_cover cover = { .height = o->height, .width = o->width };

	memcpy(to, from, 4 * sizeof *to);
	if (o->height == 0 || from[2] < from[0])
		return;
	if (o->fit == MYO_FIT_CROP)
		cover = myo_image_cover(height, width, o->height, o->width);
	const int old[2] = { width, height }, whole[2] = { cover.width, cover.height };
	const int offset[2] = { cover.left, cover.top }, limit[2] = { o->width, o->height };
	for (int i = 0; i < 2; i++) {
		const int64_t first = (int64_t)from[i] * whole[i] / old[i] - offset[i];
		const int64_t last =
		    (((int64_t)from[i + 2] + 1) * whole[i] + old[i] - 1) / old[i] - 1 - offset[i];
		to[i] = (int32_t)(first < 0 ? 0 : first);
		to[i + 2] = (int32_t)(last >= limit[i] ? limit[i] - 1 : last);
	}
	if (to[2] < to[0] || to[3] < to[1])
		memcpy(to, (const int32_t[]){ 0, 0, -1, -1 }, 4 * sizeof *to);
}

static void
decode_entry(void *context, size_t i, int thread)
{
	const struct myo_dataset *set = context;
	const struct format *format = set->format;
	struct entry *entry = &set->chunk->entries[i];
	const uint8_t *bytes = set->chunk->bytes + entry->at;
	struct myo_err err = MYO_ERR_INIT;
	int rc = MYO_OK;

	(void)thread;
	if (entry->broken)
		return;
	entry->label = entry->item->label;
	if (entry->label == LABEL_INSIDE)
		rc = format->label(&set->plan, bytes, &entry->label, &err);
	if (rc == MYO_OK && format->decode != NULL)
		rc = format->decode(&set->plan, bytes, &entry->image, &err);
	else if (rc == MYO_OK)
		rc = myo_image_decode(bytes, entry->size, &entry->image, &err);
	if (rc == MYO_OK) {
		move_box(
		    &set->options, entry->image.height, entry->image.width, entry->item->box, entry->box);
		rc = resize(&set->options, &entry->image, &err);
	}
	if (rc != MYO_OK)
		break_entry(entry, &err);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The place of a picture, for messages: file and member, and the record in a batch. */
static void
prefix_place(const struct myo_dataset *set, const struct item *item, struct myo_err *err)
{
	const char *member = source_listing(set->source)->members[item->member].name;

	if (set->plan.part_bytes > 0)
		myo_err_prefix(err, "%s: %s: picture %u: ", source_name(set->source), member, item->part);
	else
		myo_err_prefix(err, "%s: %s: ", source_name(set->source), member);
}

static int
skip_broken(struct myo_dataset *set, struct entry *entry, struct myo_err *err)
{
	prefix_place(set, entry->item, &entry->err);
	set->broken++;
	if (set->options.strict) {
		*err = entry->err;
		return MYO_FAIL;
	}
	if (set->options.warn != NULL)
		set->options.warn(set->options.context, entry->err.text);
	return MYO_OK;
}

static int
start_batch(struct myo_dataset *set, const struct myo_image *image, struct myo_err *err)
{
	set->batch.rows = 0;
	if (set->batch.capacity > 0 && set->batch.height == image->height && set->batch.width == image->width)
		return MYO_OK;
	myo_batch_clear(&set->batch);
	return myo_batch_init(
	    &set->batch, image->height, image->width, false, set->plan.boxes, set->plan.count, err);
}

static void
add_row(struct myo_batch *batch, const struct entry *entry)
{
	const size_t row = batch->rows++, bytes = (size_t)batch->height * (size_t)batch->width * 3;

	memcpy(batch->image + row * bytes, entry->image.pixels, bytes);
	batch->label[row] = entry->label;
	batch->id[row] = entry->item->id;
	if (batch->box != NULL)
		memcpy(batch->box + 4 * row, entry->box, sizeof entry->box);
}

static void
clear_chunk(struct chunk *chunk)
{
	for (size_t i = 0; chunk != NULL && i < chunk->count; i++)
		myo_image_clear(&chunk->entries[i].image);
}

/* The next picture that isn't broken: MYO_OK, *out stays in the chunk; MYO_END after the last. */
static int
peek(struct myo_dataset *set, struct entry **out, struct myo_err *err)
{
	struct chunk *chunk = set->chunk;

	for (;;) {
		for (; chunk->next < chunk->count; chunk->next++) {
			*out = &chunk->entries[chunk->next];
			if (!(*out)->broken)
				return MYO_OK;
			if (skip_broken(set, *out, err) != MYO_OK)
				return MYO_FAIL;
		}
		if (set->at == set->plan.count)
			return MYO_END;
		clear_chunk(chunk);
		if (read_chunk(set, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", source_name(set->source));
			return MYO_FAIL;
		}
		myo_pool_run(set->options.pool, chunk->count, decode_entry, set);
	}
}

int
myo_dataset_next(struct myo_dataset *set, const struct myo_record **record, struct myo_err *err)
{
	struct myo_batch *batch = &set->batch;
	struct entry *entry;
	int rc;

	*record = NULL;
	batch->rows = 0;
	while ((rc = peek(set, &entry, err)) == MYO_OK) {
		if (batch->rows == 0 && start_batch(set, &entry->image, err) != MYO_OK)
			return MYO_FAIL;
		if (batch->rows == batch->capacity || batch->height != entry->image.height ||
		    batch->width != entry->image.width)
			break;
		add_row(batch, entry);
		myo_image_clear(&entry->image);
		set->chunk->next++;
		set->pictures++;
	}
	if (rc == MYO_FAIL)
		return MYO_FAIL;
	if (batch->rows > 0)
		return myo_batch_record(batch, record, err);
	if (set->pictures == 0)
		return myo_fail(err, "%s: none of the %lld pictures can be read", source_name(set->source),
		    (long long)set->broken);
	return MYO_END;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int
rewind_set(struct myo_dataset *set, struct myo_err *err)
{
	set->at = set->part = 0;
	set->member = source_listing(set->source)->count;
	return source_rewind(set->source, err);
}

/* Labels that stand in the bytes of the pictures, wanted before the pictures are. */
static int
read_labels(struct myo_dataset *set, struct myo_err *err)
{
	struct entry *entry = &set->chunk->entries[0];
	struct myo_err why = MYO_ERR_INIT;

	if (set->format->label == NULL)
		return MYO_OK;
	for (; set->at < set->plan.count; set->at++) {
		struct item *item = &set->plan.items[set->at];
		set->chunk->used = 0;
		if (read_entry(set, entry, err) != MYO_OK)
			return MYO_FAIL;
		if (set->format->label(&set->plan, set->chunk->bytes, &item->label, &why) != MYO_OK)
			item->label = LABEL_INSIDE; /* broken: it is reported when its turn comes */
	}
	return rewind_set(set, err);
}

static int
make_plan(struct myo_dataset *set, struct myo_err *err)
{
	const struct myo_dataset_options *o = &set->options;
	const struct listing *listing = source_listing(set->source);
	struct plan *plan = &set->plan;

	plan->coarse = o->coarse;
	plan->forced = o->format != NULL;
	plan->split = o->split;
	if (format_choose(o->format, listing, &set->format, err) != MYO_OK ||
	    set->format->plan(listing, plan, err) != MYO_OK ||
	    names_make_utf8(&plan->classes, err) != MYO_OK ||
	    select_split(plan, listing, o->split, err) != MYO_OK || rewind_set(set, err) != MYO_OK)
		return MYO_FAIL;
	if (o->limit > 0 || o->per_class > 0 || o->holdout > 0) {
		if (read_labels(set, err) != MYO_OK ||
		    (o->holdout > 0 && select_holdout(plan, o->holdout, o->held_out, o->seed, err) != MYO_OK) ||
		    select_limits(plan, o->per_class, o->limit, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

int
myo_dataset_new(const char *path, const struct myo_dataset_options *options, struct myo_dataset **out,
    struct myo_err *err)
{
	*out = NULL;
	struct myo_dataset *set = myo_calloc(1, sizeof *set, err);
	if (set == NULL)
		return MYO_FAIL;
	set->options = *options;
	set->chunk = myo_calloc(1, sizeof *set->chunk, err);
	int rc = set->chunk != NULL ? source_new(path, &set->source, err) : MYO_FAIL;
	if (rc == MYO_OK) {
		rc = make_plan(set, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s: ", source_name(set->source));
	}
	if (rc != MYO_OK) {
		myo_dataset_free(set);
		return MYO_FAIL;
	}
	*out = set;
	return MYO_OK;
}

void
myo_dataset_free(struct myo_dataset *set)
{
	if (set == NULL)
		return;
	myo_batch_clear(&set->batch);
	clear_chunk(set->chunk);
	if (set->chunk != NULL)
		free(set->chunk->bytes);
	free(set->chunk);
	plan_clear(&set->plan);
	source_free(set->source);
	free(set);
}

int
myo_dataset_header(const struct myo_dataset *set, struct myo_header *header, struct myo_err *err)
{
	const struct names *classes = &set->plan.classes;

	header->kind = MYO_IMAGES;
	header->rows = (int64_t)set->plan.count;
	if (classes->count == 0)
		return MYO_OK;
	return myo_header_set_classes(header, classes->count, (const char *const *)classes->items, err);
}

struct myo_dataset_facts
myo_dataset_facts(const struct myo_dataset *set)
{
	return (struct myo_dataset_facts){
		.format = set->format->name,
		.splits = set->plan.splits.count,
		.pictures = set->pictures,
		.broken = set->broken,
		.ignored = set->plan.ignored,
		.ignored_example = set->plan.ignored_example,
	};
}
