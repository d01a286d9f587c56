/* Random crops: of a table, epoch by epoch, or of a pipe through a window. */
#include "patch/private.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRESS_STEP = 1024 };

int
myo_crops_header(const struct myo_crops *crops, const struct myo_header *images, int64_t rows,
    struct myo_header *out, struct myo_err *err)
{
	const int64_t epoch = rows < 0 ? -1 : rows * crops->crops;

	if (patch_header(images, epoch < 0 ? -1 : epoch * crops->epochs, "random", crops->size, out, err) != MYO_OK)
		return MYO_FAIL;
	if (epoch >= 0 && myo_header_set_int(out, "epoch_rows", epoch, err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set_int(out, "epochs", crops->epochs, err);
}

/* Cut crop number `crop` of a source that is row `row` of its data set. */
static int
add_crop(const struct myo_crops *crops, struct myo_patches *patches, const struct source *source, int64_t epoch,
    uint64_t row, uint64_t crop, struct myo_err *err)
{
	const size_t size = (size_t)crops->size;

	if (source->height < size || source->width < size)
		return myo_fail(err, "image %lld is %zux%zu, smaller than a patch of %zux%zu: choose a smaller --size",
		    (long long)source->id, source->height, source->width, size, size);
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_CROP, (uint64_t)epoch,
	    row * (uint64_t)crops->crops + crop);
	const uint32_t y = myo_rng_below(&rng, (uint32_t)(source->height - size + 1));
	const uint32_t x = myo_rng_below(&rng, (uint32_t)(source->width - size + 1));
	const bool flip = crops->flip && myo_rng_below(&rng, 2) == 1;

	return patch_add(patches, source, (int)y, (int)x, flip, err);
}

/* A row of a table as a source; its tensors are checked. */
static int
table_source(const struct myo_table *images, size_t row, struct source *out, struct myo_err *err)
{
	size_t within;
	const struct myo_tensor *image = myo_table_find(images, row, "image", &within);
	const struct myo_tensor *label = myo_table_find(images, row, "label", &within);
	const struct myo_tensor *id = myo_table_find(images, row, "id", &within);

	if (image == NULL || image->dtype != MYO_U8 || image->dims != 4 || image->shape[3] != 3 ||
	    image->shape[1] > INT32_MAX / 2 || image->shape[2] > INT32_MAX / 2)
		return myo_fail(err, "row %zu has no tensor 'image' of U8 [N, height, width, 3]", row);
	if (label != NULL && (label->dtype != MYO_I32 || label->dims != 1))
		return myo_fail(err, "row %zu has a tensor 'label' that is not I32 [N]", row);
	if (id != NULL && (id->dtype != MYO_I64 || id->dims != 1))
		return myo_fail(err, "row %zu has a tensor 'id' that is not I64 [N]", row);
	*out = patch_source(image, label, id, within, (int64_t)row);
	return MYO_OK;
}

int
myo_crops_all(const struct myo_crops *crops, const struct myo_table *images, struct myo_patches *patches,
    myo_patch_progress *progress, void *context, struct myo_err *err)
{
	const size_t rows = myo_table_rows(images), each = (size_t)crops->crops;
	uint32_t *order = NULL;
	int rc = MYO_OK;

	if (rows == 0)
		return myo_fail(err, "there are no images");
	if (rows > UINT32_MAX / each)
		return myo_fail(err, "%zu images with %zu crops each are too many to shuffle", rows, each);
	const uint32_t count = (uint32_t)(rows * each);
	order = myo_calloc(count, sizeof *order, err);
	if (order == NULL)
		return MYO_FAIL;
	for (int64_t e = crops->first_epoch; e < crops->first_epoch + crops->epochs && rc == MYO_OK; e++) {
		struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_SHUFFLE, (uint64_t)e, 0);
		myo_rng_permute(&rng, order, count);
		for (uint32_t i = 0; i < count && rc == MYO_OK; i++) {
			struct source source;
			rc = table_source(images, order[i] / each, &source, err);
			if (rc == MYO_OK)
				rc = add_crop(crops, patches, &source, e, order[i] / each, order[i] % each, err);
			if (progress != NULL && i % PROGRESS_STEP == 0)
				progress(context, myo_patches_count(patches));
		}
	}
	free(order);
	return rc;
}

/* ---- the window ------------------------------------------------------------------------------------ */

/* An image in the window: still where the table has it, or a copy. */
struct slot {
	struct source source;
	uint64_t row;
	uint8_t *copy;
	size_t room;
};

static int
fill_slot(struct slot *slot, const struct source *source, uint64_t row, struct myo_err *err)
{
	const size_t bytes = source->height * source->width * 3;

	if (bytes > slot->room) {
		uint8_t *copy = myo_realloc(slot->copy, bytes, 1, err);
		if (copy == NULL)
			return MYO_FAIL;
		slot->copy = copy;
		slot->room = bytes;
	}
	memcpy(slot->copy, source->pixels, bytes);
	slot->source = *source;
	slot->source.pixels = slot->copy;
	slot->row = row;
	return MYO_OK;
}

static int
add_slot(const struct myo_crops *crops, struct myo_patches *patches, const struct slot *slot, struct myo_err *err)
{
	int rc = MYO_OK;

	for (uint64_t crop = 0; crop < (uint64_t)crops->crops && rc == MYO_OK; crop++)
		rc = add_crop(crops, patches, &slot->source, crops->first_epoch, slot->row, crop, err);
	return rc;
}

/* Let the images of a record into the window, one going out for each. */
static int
push_record(const struct myo_crops *crops, struct myo_patches *patches, struct slot *slots, uint32_t count,
    struct myo_rng *rng, const struct myo_record *record, uint64_t first_row, struct myo_err *err)
{
	const struct myo_tensor *image, *label, *id;
	int rc = patch_tensors(record, &image, &label, &id, err);

	for (size_t i = 0; i < myo_record_rows(record) && rc == MYO_OK; i++) {
		struct slot *slot = &slots[myo_rng_below(rng, count)];
		const struct source source = patch_source(image, label, id, i, (int64_t)(first_row + i));
		rc = add_slot(crops, patches, slot, err);
		if (rc == MYO_OK)
			rc = fill_slot(slot, &source, first_row + i, err);
	}
	return rc;
}

/* What is left goes out in random order. */
static int
empty_window(const struct myo_crops *crops, struct myo_patches *patches, const struct slot *slots, uint32_t count,
    struct myo_rng *rng, struct myo_err *err)
{
	uint32_t *order = myo_calloc(count, sizeof *order, err);
	int rc = order != NULL ? MYO_OK : MYO_FAIL;

	if (order != NULL)
		myo_rng_permute(rng, order, count);
	for (uint32_t i = 0; i < count && rc == MYO_OK; i++)
		rc = add_slot(crops, patches, &slots[order[i]], err);
	free(order);
	return rc;
}

int
myo_crops_window(const struct myo_crops *crops, const struct myo_table *window, struct myo_reader *rest,
    struct myo_patches *patches, myo_patch_progress *progress, void *context, struct myo_err *err)
{
	const size_t rows = myo_table_rows(window);
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_WINDOW, (uint64_t)crops->first_epoch, 0);
	struct myo_record record = MYO_RECORD_INIT;
	uint64_t row = rows;

	if (rows == 0 || rows > UINT32_MAX)
		return myo_fail(err, "a window of %zu images can't be shuffled", rows);
	const uint32_t count = (uint32_t)rows;
	struct slot *slots = myo_calloc(count, sizeof *slots, err);
	int rc = slots != NULL ? MYO_OK : MYO_FAIL;
	for (uint32_t i = 0; i < count && rc == MYO_OK; i++) {
		slots[i].row = i;
		rc = table_source(window, i, &slots[i].source, err);
	}
	while (rc == MYO_OK && (rc = myo_reader_next(rest, &record, err)) == MYO_OK) {
		rc = push_record(crops, patches, slots, count, &rng, &record, row, err);
		row += myo_record_rows(&record);
		if (progress != NULL)
			progress(context, myo_patches_count(patches));
	}
	if (rc == MYO_END)
		rc = empty_window(crops, patches, slots, count, &rng, err);
	for (uint32_t i = 0; slots != NULL && i < count; i++)
		free(slots[i].copy);
	free(slots);
	myo_record_clear(&record);
	return rc;
}
