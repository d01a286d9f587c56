/* Random crops of a pipe that memory can't hold, through a window that moves along it. */
#include "patch/private.h"

#include <stdlib.h>
#include <string.h>

/* An image in the window. There are `room` bytes for its pixels: the table's, or its own if `own`. */
struct slot {
	struct source source;
	size_t room;
	uint32_t given; /* how many crops it has given */
	bool own;
};

struct window {
	const struct myo_crops *crops;
	struct myo_patches *patches;
	struct slot *slots;
	uint32_t count;
	size_t room;      /* for slots */
	size_t held, own; /* bytes of pixels of all slots, as long as the window fills; bytes that slots own */
	size_t most;      /* limit of held, and then of own */
	bool full;        /* images are replaced from now on */
	struct myo_rng rng;
	uint64_t row; /* number of the next image of the pipe */
};

static size_t
pixel_bytes(const struct source *source)
{
	return source->height * source->width * 3;
}

/* Add an image. own: copy its pixels; otherwise they are the table's. */
static int
add_slot(struct window *w, const struct source *source, bool own, struct myo_err *err)
{
	struct slot slot = { .source = *source, .room = pixel_bytes(source), .own = own };

	if (w->count >= UINT32_MAX / (uint32_t)w->crops->crops)
		return myo_fail(err, "a window of %u images with %d crops each is too much to shuffle: choose less --memory",
		    w->count, w->crops->crops);
	if (w->count == w->room) {
		const size_t room = w->room > 0 ? 2 * w->room : 64;
		struct slot *slots = myo_realloc(w->slots, room, sizeof *slots, err);
		if (slots == NULL)
			return MYO_FAIL;
		w->slots = slots;
		w->room = room;
	}
	if (own) {
		slot.source.pixels = myo_calloc(slot.room, 1, err);
		if (slot.source.pixels == NULL)
			return MYO_FAIL;
		memcpy(slot.source.pixels, source->pixels, slot.room);
		w->own += slot.room;
	}
	w->held += slot.room;
	w->slots[w->count++] = slot;
	return MYO_OK;
}

static void
close_window(struct window *w)
{
	for (uint32_t i = 0; w->slots != NULL && i < w->count; i++)
		if (w->slots[i].own)
			free(w->slots[i].source.pixels);
	free(w->slots);
}

/* Let a random slot that owns its pixels give the crops that it has left, and remove it. */
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
	while (rc == MYO_OK && w->own > w->most && w->count > 1) /* new images are larger than the first ones */
		rc = drop_slot(w, err);
	return rc;
}

/* Take the next image. ours: its pixels are the table's, and within the limit. */
static int
take(struct window *w, const struct source *source, bool ours, struct myo_err *err)
{
	if (!crops_fit(w->crops, source)) {
		if (!w->crops->skip_small)
			return patch_too_small(source, crops_least(w->crops), err);
		patch_skip(w->patches);
		return MYO_OK;
	}
	w->full = w->full || (w->count > 0 && w->held + pixel_bytes(source) > w->most);
	return w->full ? push(w, source, err) : add_slot(w, source, !ours, err);
}

/*
 * The table may hold images beyond the limit, because records are read whole; they are treated like those that
 * follow, so that the division into records doesn't matter.
 */
static int
take_table(struct window *w, const struct myo_table *table, struct myo_err *err)
{
	const size_t rows = myo_table_rows(table), ours = myo_crops_window_images(table, w->most);
	struct columns columns;
	size_t within;

	for (; w->row < rows; w->row++) {
		if (patch_table_columns(table, w->row, &within, &columns, err) != MYO_OK)
			return MYO_FAIL;
		const struct source source = patch_source(&columns, within, w->row);
		if (take(w, &source, w->row < ours, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
take_record(struct window *w, const struct myo_record *record, struct myo_err *err)
{
	struct columns columns;

	if (patch_columns(record, &columns, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < columns.image->shape[0]; i++, w->row++) {
		const struct source source = patch_source(&columns, i, w->row);
		if (take(w, &source, false, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

/* Write the crops that are left in random order. */
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

size_t
myo_crops_window_images(const struct myo_table *table, size_t memory)
{
	const size_t rows = myo_table_rows(table);
	size_t bytes = 0, within;

	for (size_t row = 0; row < rows; row++) {
		const struct myo_tensor *image = myo_table_find(table, row, "image", &within);
		bytes += image != NULL ? myo_tensor_row_elements(image) : 0;
		if (bytes > memory)
			return row;
	}
	return rows;
}

int
myo_crops_window(const struct myo_crops *crops, struct myo_table *table, size_t memory, struct myo_reader *rest,
    struct myo_patches *patches, myo_patch_progress *progress, void *context, struct myo_err *err)
{
	struct window window = { .crops = crops, .patches = patches, .most = memory };
	struct myo_record record = MYO_RECORD_INIT;

	window.rng = myo_rng_at(crops->seed, MYO_RNG_WINDOW, (uint64_t)crops->first_epoch, 0);
	int rc = take_table(&window, table, err);
	while (rc == MYO_OK && (rc = myo_reader_next(rest, &record, err)) == MYO_OK) {
		rc = take_record(&window, &record, err);
		if (progress != NULL)
			progress(context, myo_patches_count(patches));
	}
	if (rc == MYO_END)
		rc = window.count > 0 ? empty_window(&window, err) : crops_none_fits(crops, window.row, err);
	close_window(&window);
	myo_record_clear(&record);
	return rc;
}
