/* safetensors documents: parsing, where nothing in the input is trusted, and writing. */
#include "stream/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "streams are little-endian, and so must be the machine"
#endif

uint64_t
stream_get_u64(const unsigned char bytes[STREAM_LENGTH])
{
	uint64_t value = 0;

	for (int i = STREAM_LENGTH - 1; i >= 0; i--)
		value = value << 8 | bytes[i];
	return value;
}

const char *
stream_meta(const json_t *meta, const char *key)
{
	return json_string_value(json_object_get(meta, key));
}

/* ---- parsing --------------------------------------------------------------------------------- */

static bool
find_dtype(const char *name, enum myo_dtype *out)
{
	static const enum myo_dtype all[] = { MYO_U8, MYO_I32, MYO_I64, MYO_F32 };

	for (size_t i = 0; name != NULL && i < MYO_COUNT(all); i++)
		if (strcmp(myo_dtype_name(all[i]), name) == 0) {
			*out = all[i];
			return true;
		}
	return false;
}

/* A whole number that fits size_t and is not negative. */
static bool
get_size(const json_t *value, size_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (size_t)json_integer_value(value);
	return true;
}

/* Parse the entry of a tensor; *begin: the offset of its data. */
static int
parse_tensor(const char *name, const json_t *entry, struct myo_tensor *tensor, size_t *begin, struct myo_err *err)
{
	const json_t *dtype = json_object_get(entry, "dtype"), *shape = json_object_get(entry, "shape");
	const json_t *offsets = json_object_get(entry, "data_offsets");
	size_t end;

	*tensor = (struct myo_tensor){ .name = name };
	if (!json_is_object(entry) || !json_is_string(dtype) || !json_is_array(shape) || !json_is_array(offsets) ||
	    json_object_size(entry) != 3)
		return myo_fail(err, "tensor '%s' has no dtype, shape and data_offsets", name);
	if (!find_dtype(json_string_value(dtype), &tensor->dtype))
		return myo_fail(err, "tensor '%s' is of type %s, which is none of U8, I32, I64, F32", name,
		    json_string_value(dtype));
	if (json_array_size(shape) > MYO_MAX_DIMS)
		return myo_fail(err, "tensor '%s' has %zu dimensions, more than %d", name, json_array_size(shape),
		    MYO_MAX_DIMS);
	tensor->dims = (int)json_array_size(shape);
	tensor->bytes = myo_dtype_size(tensor->dtype);
	for (int d = 0; d < tensor->dims; d++) {
		if (!get_size(json_array_get(shape, (size_t)d), &tensor->shape[d]))
			return myo_fail(err, "tensor '%s' has a dimension that is no size", name);
		if (!myo_mul(tensor->bytes, tensor->shape[d], &tensor->bytes))
			return myo_fail(err, "tensor '%s' is larger than memory", name);
	}
	if (json_array_size(offsets) != 2 || !get_size(json_array_get(offsets, 0), begin) ||
	    !get_size(json_array_get(offsets, 1), &end) || end < *begin)
		return myo_fail(err, "tensor '%s' has data_offsets that are no range", name);
	if (end - *begin != tensor->bytes)
		return myo_fail(err, "tensor '%s' has %zu bytes of data, but its shape wants %zu", name, end - *begin,
		    tensor->bytes);
	return MYO_OK;
}

struct place {
	size_t begin, bytes;
	const char *name;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->begin != q->begin)
		return p->begin < q->begin ? -1 : 1;
	return p->bytes < q->bytes ? -1 : p->bytes > q->bytes; /* empty tensors first */
}

/* The tensors must lie end to end from 0. Sets *total. */
static int
check_cover(const struct myo_record *record, const size_t *offsets, size_t *total, struct myo_err *err)
{
	struct place *places = myo_calloc(record->count, sizeof *places, err);
	int rc = MYO_OK;

	*total = 0;
	if (places == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < record->count; i++)
		places[i] = (struct place){ offsets[i], record->tensors[i].bytes, record->tensors[i].name };
	if (record->count > 1)
		qsort(places, record->count, sizeof *places, compare_places);
	for (size_t i = 0; i < record->count && rc == MYO_OK; i++) {
		if (places[i].begin != *total)
			rc = myo_fail(err, "tensor '%s' %s", places[i].name,
			    places[i].begin < *total ? "overlaps another" : "leaves a hole before it");
		else
			*total += places[i].bytes; /* can't overflow: the sum is an end that was in the JSON */
	}
	free(places);
	return rc;
}

static int
check_meta(const json_t *meta, struct myo_err *err)
{
	const char *key;
	json_t *value;

	if (meta != NULL && !json_is_object(meta))
		return myo_fail(err, "__metadata__ is not an object");
	json_object_foreach((json_t *)(uintptr_t)meta, key, value)
		if (!json_is_string(value))
			return myo_fail(err, "metadata '%s' is not a string", key);
	return MYO_OK;
}

static int
parse_tensors(struct myo_record *record, json_t *json, size_t **offsets, struct myo_err *err)
{
	const size_t entries = json_object_size(json) - (json_object_get(json, "__metadata__") != NULL);
	const char *name;
	json_t *entry;

	if (entries > MYO_MAX_TENSORS)
		return myo_fail(err, "%zu tensors are more than %d", entries, MYO_MAX_TENSORS);
	if (stream_room(record, entries, err) != MYO_OK)
		return MYO_FAIL;
	*offsets = myo_calloc(entries, sizeof **offsets, err);
	if (*offsets == NULL)
		return MYO_FAIL;
	json_object_foreach(json, name, entry) {
		if (strcmp(name, "__metadata__") == 0)
			continue;
		struct myo_tensor *tensor = &record->tensors[record->count];
		if (parse_tensor(name, entry, tensor, &(*offsets)[record->count], err) != MYO_OK)
			return MYO_FAIL;
		record->count++;
	}
	return MYO_OK;
}

int
stream_parse(struct myo_record *record, const char *json, size_t length, size_t data_most, size_t **offsets,
    size_t *data_bytes, struct myo_err *err)
{
	struct storage *storage = stream_storage(record, err);
	json_error_t why;

	*offsets = NULL;
	*data_bytes = 0;
	if (storage == NULL)
		return MYO_FAIL;
	record->count = 0;
	json_decref(record->meta);
	record->meta = NULL;
	json_decref(storage->json);
	storage->json = NULL;

	if (length == 0 || json[0] != '{')
		return myo_fail(err, "a record must begin with '{'");
	storage->json = json_loadb(json, length, JSON_REJECT_DUPLICATES, &why);
	if (storage->json == NULL)
		return myo_fail(err, "damaged: %s at byte %d of a record's head", why.text, why.position);
	json_t *meta = json_object_get(storage->json, "__metadata__");
	if (check_meta(meta, err) != MYO_OK)
		return MYO_FAIL;
	record->meta = json_incref(meta);
	if (parse_tensors(record, storage->json, offsets, err) == MYO_OK &&
	    check_cover(record, *offsets, data_bytes, err) == MYO_OK) {
		if (*data_bytes <= data_most)
			return MYO_OK;
		(void)myo_fail(err, "a record of %zu bytes is larger than the limit of %zu", *data_bytes, data_most);
	}
	free(*offsets);
	*offsets = NULL;
	record->count = 0;
	return MYO_FAIL;
}

int
stream_place(struct myo_record *record, unsigned char *data, const size_t *offsets, struct myo_err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		struct myo_tensor *tensor = &record->tensors[i];
		tensor->data = data + offsets[i];
		if ((uintptr_t)tensor->data % myo_dtype_size(tensor->dtype) != 0)
			return myo_fail(err, "tensor '%s' is not aligned for its type", tensor->name);
	}
	return MYO_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A stable counting sort, the largest types first. */
static void
order_by_width(const struct myo_record *record, size_t *order)
{
	size_t n = 0;

	for (size_t size = 8; size > 0; size /= 2)
		for (size_t i = 0; i < record->count; i++)
			if (myo_dtype_size(record->tensors[i].dtype) == size)
				order[n++] = i;
}

static json_t *
tensor_json(const struct myo_tensor *tensor, size_t begin)
{
	json_t *shape = json_array();
	bool good = shape != NULL;

	for (int d = 0; d < tensor->dims; d++)
		good = good && json_array_append_new(shape, json_integer((json_int_t)tensor->shape[d])) == 0;
	if (!good) {
		json_decref(shape);
		return NULL;
	}
	return json_pack("{s:s, s:o, s:[I, I]}", "dtype", myo_dtype_name(tensor->dtype), "shape", shape, "data_offsets",
	    (json_int_t)begin, (json_int_t)(begin + tensor->bytes));
}

static json_t *
head_json(const struct myo_record *record, const size_t *order)
{
	json_t *json = json_object();
	size_t begin = 0;
	bool good = json != NULL;

	if (record->meta != NULL && json_object_size(record->meta) > 0)
		good = good && json_object_set(json, "__metadata__", record->meta) == 0;
	for (size_t i = 0; i < record->count && good; i++) {
		const struct myo_tensor *tensor = &record->tensors[order[i]];
		good = json_object_set_new(json, tensor->name, tensor_json(tensor, begin)) == 0;
		begin += tensor->bytes;
	}
	if (!good) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int
stream_head(const struct myo_record *record, uint64_t position, size_t most, unsigned char **head, size_t *bytes,
    size_t *order, struct myo_err *err)
{
	*head = NULL;
	order_by_width(record, order);

	json_t *json = head_json(record, order);
	char *text = json != NULL ? myo_json_text(json, JSON_COMPACT, err) : NULL;
	json_decref(json);
	if (text == NULL)
		return myo_fail(err, "the head of a record can't be made: a name is not UTF-8, or memory is full");

	const size_t length = strlen(text);
	const size_t end = (size_t)((position + STREAM_LENGTH + length) % STREAM_ALIGN);
	const size_t padded = length + (STREAM_ALIGN - end) % STREAM_ALIGN;
	*bytes = STREAM_LENGTH + padded;
	if (padded > most)
		(void)myo_fail(err, "the names, classes and history would take %zu bytes, and no reader takes more than %zu",
		    padded, most);
	else
		*head = myo_calloc(*bytes, 1, err);
	if (*head != NULL) {
		for (int i = 0; i < STREAM_LENGTH; i++)
			(*head)[i] = (unsigned char)((uint64_t)padded >> 8 * i);
		memset(*head + STREAM_LENGTH, ' ', padded);
		memcpy(*head + STREAM_LENGTH, text, length);
	}
	free(text);
	return *head != NULL ? MYO_OK : MYO_FAIL;
}

void
stream_hash(XXH3_state_t *hash, const struct myo_tensor *tensor)
{
	const uint64_t sum = tensor->summed ? tensor->sum : myo_sum(tensor->data, tensor->bytes);

	(void)XXH3_64bits_update(hash, &sum, sizeof sum);
}

static int
write_pieces(int fd, struct iovec *pieces, size_t count, struct myo_err *err)
{
	while (count > 0) {
		const ssize_t n = writev(fd, pieces, (int)count);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return myo_fail_errno(err, "can't write");
		}
		size_t written = (size_t)n;
		for (; count > 0 && written >= pieces->iov_len; pieces++, count--)
			written -= pieces->iov_len;
		if (written > 0) {
			pieces->iov_base = (char *)pieces->iov_base + written;
			pieces->iov_len -= written;
		}
	}
	return MYO_OK;
}

int
stream_write(int fd, const unsigned char *head, size_t bytes, const struct myo_record *record, const size_t *order,
    struct myo_err *err)
{
	enum { MOST = 64 };
	struct iovec pieces[MOST] = { { .iov_base = (void *)(uintptr_t)head, .iov_len = bytes } };
	size_t count = 1;

	for (size_t i = 0; i < record->count; i++) {
		const struct myo_tensor *tensor = &record->tensors[order[i]];
		if (tensor->bytes > 0)
			pieces[count++] = (struct iovec){ .iov_base = tensor->data, .iov_len = tensor->bytes };
		if (count == MOST) {
			if (write_pieces(fd, pieces, count, err) != MYO_OK)
				return MYO_FAIL;
			count = 0;
		}
	}
	return write_pieces(fd, pieces, count, err);
}

/* ---- files ------------------------------------------------------------------------------------ */

/* Other programs may order tensors so that some aren't aligned for their type: then move all to where they are. */
static int
align(struct myo_record *record, struct storage *storage, size_t *offsets, struct myo_err *err)
{
	size_t total = 0;
	bool aligned = true;

	for (size_t i = 0; i < record->count; i++) {
		aligned = aligned && offsets[i] % myo_dtype_size(record->tensors[i].dtype) == 0;
		total += (record->tensors[i].bytes + STREAM_ALIGN - 1) / STREAM_ALIGN * STREAM_ALIGN;
	}
	if (aligned)
		return MYO_OK;
	unsigned char *data = myo_calloc_aligned(total, 1, err);
	if (data == NULL)
		return MYO_FAIL;
	total = 0;
	for (size_t i = 0; i < record->count; i++) {
		const size_t bytes = record->tensors[i].bytes;
		if (bytes > 0)
			memcpy(data + total, storage->data + offsets[i], bytes);
		offsets[i] = total;
		total += (bytes + STREAM_ALIGN - 1) / STREAM_ALIGN * STREAM_ALIGN;
	}
	free(storage->data);
	storage->data = data;
	return MYO_OK;
}

/* Bytes to look at when a file turns out to be no document, to guess what it is. */
enum { GUESS = 512 };

static int
load(int fd, struct myo_record *record, struct myo_err *err)
{
	unsigned char start[GUESS];
	struct stat status;
	size_t got, data_bytes;
	size_t *offsets = NULL;

	if (fstat(fd, &status) != 0)
		return myo_fail_errno(err, "can't be read");
	if (!S_ISREG(status.st_mode))
		return myo_fail(err, "is not a regular file");
	if (myo_read_all(fd, start, sizeof start, &got, err) != MYO_OK)
		return MYO_FAIL;
	const size_t size = (size_t)status.st_size;
	const uint64_t n = got > STREAM_LENGTH ? stream_get_u64(start) : 0;
	if (got == 0)
		return myo_fail(err, "is empty");
	if (n < 2 || n > DOCUMENT_JSON_MOST || start[STREAM_LENGTH] != '{')
		return myo_fail(err, "is no safetensors file: %s", stream_guess(start, got));
	if (size < got || n > size - STREAM_LENGTH)
		return myo_fail(err, "is cut off within its head");
	if (lseek(fd, STREAM_LENGTH, SEEK_SET) < 0)
		return myo_fail_errno(err, "can't be read");

	struct storage *storage = stream_storage(record, err);
	char *json = storage != NULL ? myo_calloc((size_t)n, 1, err) : NULL;
	if (json == NULL)
		return MYO_FAIL;
	int rc = myo_read_all(fd, json, (size_t)n, &got, err);
	if (rc == MYO_OK && got < n)
		rc = myo_fail(err, "is cut off");
	if (rc == MYO_OK)
		rc = stream_parse(record, json, (size_t)n, SIZE_MAX, &offsets, &data_bytes, err);
	free(json);
	if (rc == MYO_OK && data_bytes != size - STREAM_LENGTH - n)
		rc = myo_fail(err, "holds %zu bytes of data where its head says %zu: it is cut off or damaged",
		    size - STREAM_LENGTH - (size_t)n, data_bytes);
	if (rc == MYO_OK) {
		storage->data = myo_calloc_aligned(data_bytes, 1, err);
		rc = storage->data != NULL ? myo_read_all(fd, storage->data, data_bytes, &got, err) : MYO_FAIL;
	}
	if (rc == MYO_OK && got < data_bytes)
		rc = myo_fail(err, "is cut off");
	if (rc == MYO_OK)
		rc = align(record, storage, offsets, err);
	if (rc == MYO_OK)
		rc = stream_place(record, storage->data, offsets, err);
	free(offsets);
	return rc;
}

int
myo_document_load(const char *path, struct myo_record *record, struct myo_err *err)
{
	myo_record_clear(record);

	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return myo_fail_errno(err, "%s: can't be opened", path);
	const int rc = load(fd, record, err);
	(void)close(fd); /* read only, nothing can be lost */
	if (rc != MYO_OK) {
		myo_record_clear(record);
		myo_err_prefix(err, "%s: ", path);
	}
	return rc;
}

int
myo_document_save(const char *path, const struct myo_record *record, struct myo_err *err)
{
	struct myo_outfile *file = NULL;
	unsigned char *head = NULL;
	size_t bytes;
	size_t *order = myo_calloc(record->count, sizeof *order, err);
	int rc = order != NULL ? stream_head(record, 0, DOCUMENT_JSON_MOST, &head, &bytes, order, err) : MYO_FAIL;

	if (rc == MYO_OK)
		rc = myo_outfile_new(path, &file, err);
	if (rc == MYO_OK) {
		rc = stream_write(myo_outfile_fd(file), head, bytes, record, order, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s: ", path);
	}
	if (rc == MYO_OK)
		rc = myo_outfile_commit(file, err);
	else
		myo_outfile_discard(file);
	free(head);
	free(order);
	return rc;
}

bool
myo_is_stream(int fd)
{
	unsigned char length[STREAM_LENGTH];
	size_t got;
	const off_t at = lseek(fd, 0, SEEK_CUR);

	if (at < 0)
		return true; /* a pipe holds nothing else */
	if (myo_read_at(fd, length, sizeof length, at, &got, NULL) != MYO_OK || got < sizeof length)
		return false;
	const uint64_t n = stream_get_u64(length);
	if (n > STREAM_JSON_MOST)
		return false;
	char *text = myo_calloc((size_t)n, 1, NULL);
	if (text == NULL)
		return true; /* a reader will find out, and say what is wrong */
	const bool whole = myo_read_at(fd, text, (size_t)n, at + STREAM_LENGTH, &got, NULL) == MYO_OK && got == n;
	json_t *json = whole ? json_loadb(text, (size_t)n, 0, NULL) : NULL;
	const char *record = stream_meta(json_object_get(json, "__metadata__"), "record");
	const bool is = record != NULL && (strcmp(record, "header") == 0 || strcmp(record, "error") == 0);
	json_decref(json);
	free(text);
	return is;
}
