/* Tensors and records in memory. */
#include "stream/private.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	size_t size;
} dtypes[] = {
	[MYO_U8] = { "U8", 1 },
	[MYO_I32] = { "I32", 4 },
	[MYO_I64] = { "I64", 8 },
	[MYO_F32] = { "F32", 4 },
};

size_t
myo_dtype_size(enum myo_dtype dtype)
{
	return dtypes[dtype].size;
}

const char *
myo_dtype_name(enum myo_dtype dtype)
{
	return dtypes[dtype].name;
}

uint64_t
myo_sum(const void *data, size_t bytes)
{
	return (uint64_t)XXH3_64bits(data, bytes);
}

size_t
myo_tensor_elements(const struct myo_tensor *tensor)
{
	return tensor->bytes / myo_dtype_size(tensor->dtype);
}

size_t
myo_tensor_row_elements(const struct myo_tensor *tensor)
{
	size_t elements = 1;

	for (int d = 1; d < tensor->dims; d++)
		elements *= tensor->shape[d];
	return elements;
}

struct storage *
stream_storage(struct myo_record *record, struct myo_err *err)
{
	if (record->storage == NULL)
		record->storage = myo_calloc(1, sizeof(struct storage), err);
	return record->storage;
}

int
stream_room(struct myo_record *record, size_t count, struct myo_err *err)
{
	struct storage *storage = stream_storage(record, err);

	if (storage == NULL)
		return MYO_FAIL;
	if (count > MYO_MAX_TENSORS)
		return myo_fail(err, "more than %d tensors in a record", MYO_MAX_TENSORS);
	if (count <= storage->tensor_room)
		return MYO_OK;
	const size_t room = count < 8 ? 8 : 2 * count;
	struct myo_tensor *tensors = myo_realloc(record->tensors, room, sizeof *tensors, err);
	if (tensors == NULL)
		return MYO_FAIL;
	record->tensors = tensors;
	storage->tensor_room = room;
	return MYO_OK;
}

void
myo_record_clear(struct myo_record *record)
{
	struct storage *storage = record->storage;

	if (storage != NULL) {
		json_decref(storage->json);
		free(storage->data);
		free(storage);
	}
	json_decref(record->meta);
	free(record->tensors);
	*record = (struct myo_record)MYO_RECORD_INIT;
}

size_t
myo_record_rows(const struct myo_record *record)
{
	return record->count > 0 && record->tensors[0].dims > 0 ? record->tensors[0].shape[0] : 0;
}

size_t
myo_record_room(size_t row_bytes)
{
	const size_t room = ((size_t)1 << 20) / row_bytes;

	return room > 0 ? room : 1;
}

size_t
myo_record_bytes(const struct myo_record *record)
{
	size_t bytes = 0;

	for (size_t i = 0; i < record->count; i++)
		bytes += record->tensors[i].bytes;
	return bytes;
}

const struct myo_tensor *
myo_record_find(const struct myo_record *record, const char *name)
{
	for (size_t i = 0; i < record->count; i++)
		if (strcmp(record->tensors[i].name, name) == 0)
			return &record->tensors[i];
	return NULL;
}

int
myo_record_need(const struct myo_record *record, const char *name, enum myo_dtype dtype, int dims,
    const size_t *row_shape, const struct myo_tensor **out, struct myo_err *err)
{
	const struct myo_tensor *tensor = myo_record_find(record, name);

	*out = NULL;
	if (tensor == NULL)
		return myo_fail(err, "there is no tensor '%s'", name);
	if (tensor->dtype != dtype)
		return myo_fail(err, "tensor '%s' is %s, not %s", name, myo_dtype_name(tensor->dtype),
		    myo_dtype_name(dtype));
	if (tensor->dims != dims)
		return myo_fail(err, "tensor '%s' has %d dimensions, not %d", name, tensor->dims, dims);
	for (int d = 1; row_shape != NULL && d < dims; d++)
		if (row_shape[d - 1] != 0 && tensor->shape[d] != row_shape[d - 1])
			return myo_fail(err, "dimension %d of tensor '%s' is %zu, not %zu", d + 1, name,
			    tensor->shape[d], row_shape[d - 1]);
	*out = tensor;
	return MYO_OK;
}

int
myo_record_put(struct myo_record *record, const char *name, enum myo_dtype dtype, int dims, const size_t *shape,
    const void *data, struct myo_err *err)
{
	size_t bytes = myo_dtype_size(dtype);

	if (dims < 0 || dims > MYO_MAX_DIMS)
		return myo_fail(err, "tensor '%s' has %d dimensions", name, dims);
	for (int d = 0; d < dims; d++)
		if (!myo_mul(bytes, shape[d], &bytes))
			return myo_fail(err, "tensor '%s' is too large", name);
	if (stream_room(record, record->count + 1, err) != MYO_OK)
		return MYO_FAIL;

	struct myo_tensor *tensor = &record->tensors[record->count++];
	*tensor = (struct myo_tensor){ .name = name, .dtype = dtype, .dims = dims, .bytes = bytes };
	for (int d = 0; d < dims; d++)
		tensor->shape[d] = shape[d];
	/* `data` isn't const, but nothing writes to the data of records that are to be written. */
	memcpy(&tensor->data, &data, sizeof data);
	return MYO_OK;
}

int
myo_record_part(const struct myo_record *record, size_t first, size_t count, struct myo_record *part,
    struct myo_err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct myo_tensor *tensor = &record->tensors[i];
		size_t shape[MYO_MAX_DIMS];

		memcpy(shape, tensor->shape, sizeof shape);
		shape[0] = count;
		const size_t row = myo_tensor_row_elements(tensor) * myo_dtype_size(tensor->dtype);
		if (myo_record_put(part, tensor->name, tensor->dtype, tensor->dims, shape,
			(const unsigned char *)tensor->data + first * row, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

void
myo_shown(int64_t start, int64_t side, int64_t length, size_t pixels, size_t *first, size_t *last)
{
	const int64_t before = start < 0 ? -start : 0, end = length - start, n = (int64_t)pixels;
	const int64_t begin = before < side ? before : side, stop = end < begin ? begin : end < side ? end : side;

	*first = (size_t)(begin * n / side);
	*last = (size_t)((stop * n + side - 1) / side);
}
