/* Random crops of a pipe that memory can't hold, through a window that moves along it. */
#include "patch/private.h"

#include <stdlib.h>
#include <string.h>

/* An image in the window. Its pixels lie in `room` bytes: the table's, or its own if `own`. */
struct slot {
	struct source source;
	size_t room;
	uint32_t given; /* crops so far */
	bool own;
};

struct window {
	const struct myo_crops *crops;
	struct myo_patches *patches;
	struct slot *slots;
	uint32_t count;
	size_t own, most; /* bytes of slots' own pixels; as many as the table has, at most */
	struct myo_rng rng;
	uint64_t row; /* of the next image of the pipe */
};

static size_t
pixel_bytes(const struct source *source)
{
	return source->height * source->width * 3;
}

static int
open_window(struct window *w, const struct myo_table *table, struct myo_err *err)
{
	struct source *sources;
	int64_t skipped;

	if (crops_sources(w->crops, table, &sources, &w->count, &skipped, err) != MYO_OK)
		return MYO_FAIL;
	for (int64_t i = 0; i < skipped; i++)
		patch_skip(w->patches);
	w->row = myo_table_rows(table);
	w->rng = myo_rng_at(w->crops->seed, MYO_RNG_WINDOW, (uint64_t)w->crops->first_epoch, 0);
	w->slots = myo_calloc(w->count, sizeof *w->slots, err);
	for (uint32_t i = 0; i < w->count && w->slots != NULL; i++) {
		w->slots[i] = (struct slot){ .source = sources[i], .room = pixel_bytes(&sources[i]) };
		w->most += w->slots[i].room;
	}
	free(sources);
	return w->slots != NULL ? MYO_OK : MYO_FAIL;
}

static void
close_window(struct window *w)
{
	for (uint32_t i = 0; w->slots != NULL && i < w->count; i++)
		if (w->slots[i].own)
			free(w->slots[i].source.pixels);
	free(w->slots);
}

/* A slot that has pixels of its own gives the crops that it has left, and is gone. */
static int
drop_slot(struct window *w, struct myo_err *err)
{
	uint32_t i = myo_rng_below(&w->rng, w->count);
	while (!w->slots[i].own)
		i = (i + 1) % w->count;
	struct slot *slot = &w->slots[i];

	while (slot->given < (uint32_t)w->crops->crops)
		if (crops_add(w->crops, w->patches, &slot->source, w->crops->first_epoch, slot->given++, err) != MYO_OK)
			return MYO_FAIL;
	w->own -= slot->room;
	free(slot->source.pixels);
	*slot = w->slots[--w->count];
	return MYO_OK;
}

/* Put a new image into a slot that has given all of its crops. */
static int
fill_slot(struct window *w, struct slot *slot, const struct source *source, struct myo_err *err)
{
	const size_t bytes = pixel_bytes(source);
	uint8_t *pixels = slot->source.pixels;

	if (bytes > slot->room) {
		pixels = myo_realloc(slot->own ? pixels : NULL, bytes, 1, err);
		if (pixels == NULL)
			return MYO_FAIL;
		w->own += bytes - (slot->own ? slot->room : 0);
		slot->own = true;
		slot->room = bytes;
	}
	memcpy(pixels, source->pixels, bytes);
	slot->source = *source;
	slot->source.pixels = pixels;
	slot->given = 0;
	return MYO_OK;
}

/* Cut crops of random images in the window until one of them has given all, and is replaced. */
static int
push(struct window *w, const struct source *source, struct myo_err *err)
{
	struct slot *slot;

	do {
		slot = &w->slots[myo_rng_below(&w->rng, w->count)];
		if (crops_add(w->crops, w->patches, &slot->source, w->crops->first_epoch, slot->given, err) != MYO_OK)
			return MYO_FAIL;
	} while (++slot->given < (uint32_t)w->crops->crops);
	int rc = fill_slot(w, slot, source, err);
	while (rc == MYO_OK && w->own > w->most && w->count > 1) /* images are larger than those that it began with */
		rc = drop_slot(w, err);
	return rc;
}

static int
push_record(struct window *w, const struct myo_record *record, struct myo_err *err)
{
	struct columns columns;

	if (patch_columns(record, &columns, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < columns.image->shape[0]; i++, w->row++) {
		const struct source source = patch_source(&columns, i, w->row);
		if (crops_fit(w->crops, &source)) {
			if (push(w, &source, err) != MYO_OK)
				return MYO_FAIL;
		} else if (w->crops->skip_small) {
			patch_skip(w->patches);
		} else {
			return patch_too_small(&source, crops_least(w->crops), err);
		}
	}
	return MYO_OK;
}

/* The crops that are left go out in random order. */
static int
empty_window(struct window *w, struct myo_err *err)
{
	const uint32_t crops = (uint32_t)w->crops->crops;
	uint32_t *order = myo_calloc((size_t)w->count * crops, sizeof *order, err);
	uint32_t *slots = myo_calloc((size_t)w->count * crops, sizeof *slots, err);
	uint32_t left = 0;
	int rc = order != NULL && slots != NULL ? MYO_OK : MYO_FAIL;

	for (uint32_t i = 0; i < w->count && rc == MYO_OK; i++)
		for (uint32_t crop = w->slots[i].given; crop < crops; crop++)
			slots[left++] = i;
	if (rc == MYO_OK)
		myo_rng_permute(&w->rng, order, left);
	for (uint32_t i = 0; i < left && rc == MYO_OK; i++) {
		struct slot *slot = &w->slots[slots[order[i]]];
		rc = crops_add(w->crops, w->patches, &slot->source, w->crops->first_epoch, slot->given++, err);
	}
	free(slots);
	free(order);
	return rc;
}

int
myo_crops_window(const struct myo_crops *crops, struct myo_table *table, struct myo_reader *rest,
    struct myo_patches *patches, myo_patch_progress *progress, void *context, struct myo_err *err)
{
	struct window window = { .crops = crops, .patches = patches };
	struct myo_record record = MYO_RECORD_INIT;

	int rc = open_window(&window, table, err);
	while (rc == MYO_OK && (rc = myo_reader_next(rest, &record, err)) == MYO_OK) {
		rc = push_record(&window, &record, err);
		if (progress != NULL)
			progress(context, myo_patches_count(patches));
	}
	if (rc == MYO_END)
		rc = empty_window(&window, err);
	close_window(&window);
	myo_record_clear(&record);
	return rc;
}
