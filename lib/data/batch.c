/* Rows of pictures on their way into a record. */
#include "data/data.h"

#include <stdlib.h>
#include <string.h>

size_t
myo_batch_room(int height, int width)
{
	return myo_record_room((size_t)height * (size_t)width * 3);
}

int
myo_batch_init(struct myo_batch *batch, int height, int width, bool mask, bool box, size_t most, struct myo_err *err)
{
	const size_t pixels = (size_t)height * (size_t)width;
	size_t capacity = myo_batch_room(height, width);

	if (most != 0 && capacity > most)
		capacity = most;
	*batch = (struct myo_batch)MYO_BATCH_INIT;
	batch->capacity = capacity;
	batch->height = height;
	batch->width = width;
	batch->image = myo_calloc(capacity, pixels * 3, err);
	batch->label = myo_calloc(capacity, sizeof *batch->label, err);
	batch->id = myo_calloc(capacity, sizeof *batch->id, err);
	batch->name = myo_calloc(capacity, sizeof *batch->name, err);
	if (mask)
		batch->mask = myo_calloc(capacity, pixels, err);
	if (box)
		batch->box = myo_calloc(capacity, 4 * sizeof *batch->box, err);
	if (batch->image == NULL || batch->label == NULL || batch->id == NULL || batch->name == NULL ||
	    (mask && batch->mask == NULL) || (box && batch->box == NULL)) {
		myo_batch_clear(batch);
		return MYO_FAIL;
	}
	return MYO_OK;
}

void
myo_batch_clear(struct myo_batch *batch)
{
	myo_record_clear(&batch->record);
	free(batch->names);
	free(batch->name);
	free(batch->box);
	free(batch->mask);
	free(batch->id);
	free(batch->label);
	free(batch->image);
	*batch = (struct myo_batch)MYO_BATCH_INIT;
}

static int
put_names(struct myo_batch *batch, struct myo_err *err)
{
	size_t longest = 0;

	for (size_t i = 0; i < batch->rows; i++) {
		const size_t length = batch->name[i] != NULL ? strlen(batch->name[i]) : 0;
		longest = length > longest ? length : longest;
	}
	free(batch->names);
	batch->names = NULL;
	if (longest == 0)
		return MYO_OK;
	batch->names = myo_calloc(batch->rows, longest, err);
	if (batch->names == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < batch->rows; i++)
		if (batch->name[i] != NULL)
			memcpy(batch->names + i * longest, batch->name[i], strlen(batch->name[i]));
	return myo_record_put(
	    &batch->record, "name", MYO_U8, 2, (const size_t[]){ batch->rows, longest }, batch->names, err);
}

int
myo_batch_record(struct myo_batch *batch, const struct myo_record **record, struct myo_err *err)
{
	const size_t n = batch->rows, h = (size_t)batch->height, w = (size_t)batch->width;
	struct myo_record *r = &batch->record;

	*record = NULL;
	myo_record_clear(r);
	if (myo_record_put(r, "image", MYO_U8, 4, (const size_t[]){ n, h, w, 3 }, batch->image, err) !=
		MYO_OK ||
	    myo_record_put(r, "label", MYO_I32, 1, &n, batch->label, err) != MYO_OK ||
	    myo_record_put(r, "id", MYO_I64, 1, &n, batch->id, err) != MYO_OK)
		return MYO_FAIL;
	r->tensors[0].summed = batch->summed;
	r->tensors[0].sum = batch->sum;
	if (batch->box != NULL &&
	    myo_record_put(r, "box", MYO_I32, 2, (const size_t[]){ n, 4 }, batch->box, err) != MYO_OK)
		return MYO_FAIL;
	if (batch->mask != NULL &&
	    myo_record_put(r, "mask", MYO_U8, 3, (const size_t[]){ n, h, w }, batch->mask, err) != MYO_OK)
		return MYO_FAIL;
	if (put_names(batch, err) != MYO_OK)
		return MYO_FAIL;
	*record = r;
	return MYO_OK;
}
