/* Reading a stream from any descriptor, record by record. */
#include "stream/private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct myo_reader {
	struct stream_input input;
	int opened; /* the file that myo_reader_open() opened, or -1 */
	char *name;
	struct myo_header header; /* of the first part; history of all parts at the end */
	struct myo_record own;    /* head and end records are read into this */
	json_t *histories;        /* of the parts so far */
	int64_t rows, part_rows;
	size_t parts;
	bool in_part; /* the header of a part was read, its end record not yet */
	XXH3_state_t *hash; /* of this part */
	bool ended;
	bool failed; /* for good: what follows a damaged record can't be trusted */
	char *json;
	size_t json_room;
};

/* A record's head as it was read, kept for the checksum, which covers all records of a part but its end record. */
struct head {
	unsigned char length[STREAM_LENGTH];
	size_t json_bytes; /* of reader->json */
};

/* ---- bytes --------------------------------------------------------------------------------------- */

/* The stream ends here, where it must not. */
static int
cut_off(const struct myo_reader *reader, struct myo_err *err)
{
	return myo_fail(err,
	    "the stream is cut off after %" PRId64 " rows: it has no end record, so the program that wrote it didn't finish",
	    reader->rows);
}

/* What follows an end record is no further part. */
static int
no_next_part(struct myo_err *err)
{
	return myo_fail(err, "damaged: what follows its end record is no stream");
}

static int
read_bytes(struct myo_reader *reader, void *to, size_t count, struct myo_err *err)
{
	size_t got;

	if (stream_input_read(&reader->input, to, count, &got, err) != MYO_OK)
		return MYO_FAIL;
	return got == count ? MYO_OK : cut_off(reader, err);
}

/*
 * A record's data, in *data: in place in a map, if it is aligned there, or in the record's
 * storage, which grows as bytes arrive, so that a false head can't make us allocate gigabytes.
 */
static int
read_data(struct myo_reader *reader, struct storage *storage, size_t bytes, unsigned char **data, struct myo_err *err)
{
	const size_t step = (size_t)16 << 20;
	size_t done = 0;

	*data = (unsigned char *)(uintptr_t)stream_input_lend(&reader->input, bytes); /* nobody writes to it */
	if (*data != NULL)
		return MYO_OK;
	while (done < bytes || storage->data == NULL) {
		const size_t want = bytes - done < step ? bytes : done + (done > step ? done : step);
		const size_t upto = want < bytes ? want : bytes;
		if (upto > storage->data_room || storage->data == NULL) {
			unsigned char *larger = myo_realloc(storage->data, upto, 1, err);
			if (larger == NULL)
				return MYO_FAIL;
			storage->data = larger;
			storage->data_room = upto;
		}
		if (read_bytes(reader, storage->data + done, upto - done, err) != MYO_OK)
			return MYO_FAIL;
		done = upto;
		if (bytes == 0)
			break;
	}
	*data = storage->data;
	return MYO_OK;
}

/* Check that a stream begins like one, before any of its first record is trusted. */
static int
check_start(struct myo_reader *reader, struct myo_err *err)
{
	const unsigned char *bytes;
	size_t count;

	if (stream_input_peek(&reader->input, STREAM_LENGTH + 1, &bytes, &count, err) != MYO_OK)
		return MYO_FAIL;
	if (count == 0)
		return myo_fail(err, "empty: the program before this one wrote nothing");
	const uint64_t n = count > STREAM_LENGTH ? stream_get_u64(bytes) : 0;
	if (n < 2 || n > STREAM_JSON_MOST || bytes[STREAM_LENGTH] != '{')
		return myo_fail(err, "not a myopic stream: %s", stream_guess(bytes, count));
	return MYO_OK;
}

/* A record's length and JSON, in head->length and reader->json. MYO_END: the input ends before it begins. */
static int
read_head(struct myo_reader *reader, struct head *head, struct myo_err *err)
{
	size_t got;

	if (stream_input_read(&reader->input, head->length, STREAM_LENGTH, &got, err) != MYO_OK)
		return MYO_FAIL;
	if (got == 0)
		return MYO_END;
	const uint64_t n = got == STREAM_LENGTH ? stream_get_u64(head->length) : 0;
	if (!reader->in_part && (n < 2 || n > STREAM_JSON_MOST))
		return no_next_part(err);
	if (got < STREAM_LENGTH)
		return cut_off(reader, err);
	if (n < 2 || n > STREAM_JSON_MOST)
		return myo_fail(err, "damaged after %" PRId64 " rows: a record's head of %" PRIu64 " bytes",
		    reader->rows, n);
	head->json_bytes = (size_t)n;
	if (head->json_bytes > reader->json_room) {
		char *json = myo_realloc(reader->json, head->json_bytes, 1, err);
		if (json == NULL)
			return MYO_FAIL;
		reader->json = json;
		reader->json_room = head->json_bytes;
	}
	if (read_bytes(reader, reader->json, head->json_bytes, err) != MYO_OK)
		return MYO_FAIL;
	size_t end = head->json_bytes;
	while (end > 0 && reader->json[end - 1] == ' ')
		end--;
	if (end == 0 || reader->json[end - 1] != '}') /* the padding: no byte of a stream may change unnoticed */
		return myo_fail(err, "damaged after %" PRId64 " rows: a record's head doesn't end with '}'",
		    reader->rows);
	return MYO_OK;
}

/* The next record of any sort. MYO_END where the input ends before it begins. */
static int
read_record(struct myo_reader *reader, struct myo_record *record, struct head *head, struct myo_err *err)
{
	unsigned char *data = NULL;
	size_t *offsets, bytes;

	int rc = read_head(reader, head, err);
	if (rc != MYO_OK)
		return rc;
	rc = stream_parse(record, reader->json, head->json_bytes, STREAM_DATA_MOST, &offsets, &bytes, err);
	if (rc != MYO_OK)
		myo_err_prefix(err, "after %" PRId64 " rows: ", reader->rows);
	if (rc == MYO_OK && stream_meta(record->meta, "record") != NULL && record->count > 0)
		rc = myo_fail(err, "damaged after %" PRId64 " rows: tensors in a record of sort '%s'", reader->rows,
		    stream_meta(record->meta, "record"));
	if (rc == MYO_OK)
		rc = read_data(reader, record->storage, bytes, &data, err);
	if (rc == MYO_OK)
		rc = stream_place(record, data, offsets, err);
	free(offsets);
	return rc;
}

static void
hash_record(struct myo_reader *reader, const struct head *head, const struct myo_record *record)
{
	(void)XXH3_64bits_update(reader->hash, head->length, STREAM_LENGTH);
	(void)XXH3_64bits_update(reader->hash, reader->json, head->json_bytes);
	for (size_t i = 0; i < record->count; i++)
		stream_hash(reader->hash, &record->tensors[i]);
}

static int
upstream_failed(const json_t *meta, struct myo_err *err)
{
	const char *program = stream_meta(meta, "program"), *message = stream_meta(meta, "message");

	(void)myo_fail(err, "%s", message != NULL ? message : "it didn't say why");
	if (err != NULL)
		(void)snprintf(err->program, sizeof err->program, "%s", program != NULL ? program : "a program");
	return MYO_FAIL;
}

/* ---- parts ------------------------------------------------------------------------------------------ */

static int
not_a_header(const struct myo_reader *reader, struct myo_err *err)
{
	const char *format = stream_meta(reader->own.meta, "format");

	if (reader->parts > 0)
		return no_next_part(err);
	if (format != NULL && strcmp(format, STREAM_FORMAT) != 0)
		return myo_fail(err, "not a stream, but a file of format '%s': models are read from a file, by its name", format);
	if (stream_meta(reader->own.meta, "record") == NULL)
		return myo_fail(err, "not a stream, but a safetensors file: models are read from a file, by its name");
	return myo_fail(err, "not a stream: its first record is not a header, its beginning is lost");
}

/* Keep the history of a part's header; an empty one where there is none. */
static int
keep_history(struct myo_reader *reader, const json_t *history, struct myo_err *err)
{
	json_t *copy = NULL;

	if (history != NULL && myo_json_copy(history, &copy, err) != MYO_OK)
		return MYO_FAIL;
	if (json_array_append_new(reader->histories, copy != NULL ? copy : json_array()) != 0)
		return myo_fail_memory(err, 0);
	return MYO_OK;
}

/* The header record of the first or a later part. MYO_END: no further part. */
static int
begin_part(struct myo_reader *reader, struct myo_err *err)
{
	struct head head;
	struct myo_header next = MYO_HEADER_INIT;

	int rc = read_record(reader, &reader->own, &head, err);
	if (rc != MYO_OK)
		return rc;
	const char *record = stream_meta(reader->own.meta, "record");
	if (record != NULL && strcmp(record, "error") == 0)
		return upstream_failed(reader->own.meta, err);
	if (record == NULL || strcmp(record, "header") != 0)
		return not_a_header(reader, err);
	rc = stream_header_parse(reader->own.meta, &next, err);
	if (rc == MYO_OK && reader->parts > 0)
		rc = stream_header_fits(&reader->header, &next, err);
	if (rc == MYO_OK)
		rc = keep_history(reader, next.history, err);
	if (rc == MYO_OK && reader->parts == 0) {
		reader->header = next;
		next = (struct myo_header)MYO_HEADER_INIT;
	}
	myo_header_clear(&next);
	if (rc != MYO_OK)
		return rc;
	reader->parts++;
	reader->in_part = true;
	reader->part_rows = 0;
	(void)XXH3_64bits_reset(reader->hash);
	hash_record(reader, &head, &reader->own);
	return MYO_OK;
}

/* The end record of a part: its count and checksum must be ours. */
static int
check_end(struct myo_reader *reader, const json_t *meta, struct myo_err *err)
{
	const char *rows = stream_meta(meta, "rows"), *sum = stream_meta(meta, "xxh3");
	const char *history = stream_meta(meta, "history");
	char ours[32];

	if (json_object_size(meta) != (history != NULL ? 4 : 3))
		return myo_fail(err, "damaged: its end record holds more or less than it should");
	(void)snprintf(ours, sizeof ours, "%" PRId64, reader->part_rows);
	if (rows == NULL || strcmp(rows, ours) != 0)
		return myo_fail(err, "damaged: %s rows where its end record says %s", ours,
		    rows != NULL ? rows : "nothing");
	if (history != NULL)
		(void)XXH3_64bits_update(reader->hash, history, strlen(history));
	(void)snprintf(ours, sizeof ours, "%016" PRIx64, (uint64_t)XXH3_64bits_digest(reader->hash));
	if (sum == NULL || strcmp(sum, ours) != 0)
		return myo_fail(err, "damaged: its checksum is %s where its end record says %s", ours,
		    sum != NULL ? sum : "nothing");
	if (history != NULL) { /* the complete one, in place of the header's */
		json_t *complete = json_loads(history, 0, NULL);
		const bool good = json_is_array(complete) &&
		    json_array_set(reader->histories, json_array_size(reader->histories) - 1, complete) == 0;
		json_decref(complete);
		if (!good)
			return myo_fail(err, "the history is not a list");
	}
	return MYO_OK;
}

/* All parts are read: the header gets the history of all of them. */
static int
join_histories(struct myo_reader *reader, struct myo_err *err)
{
	json_t *joined;

	if (myo_history_join(reader->histories, &joined, err) != MYO_OK)
		return MYO_FAIL;
	json_decref(reader->header.history);
	reader->header.history = joined;
	return MYO_OK;
}

/* ---- the interface ------------------------------------------------------------------------------------ */

int
myo_reader_new(int fd, const char *name, struct myo_reader **out, struct myo_err *err)
{
	return stream_reader_new(fd, NULL, 0, name, out, err);
}

int
myo_reader_open(const char *path, struct myo_reader **out, struct myo_err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	*out = NULL;
	if (fd < 0)
		return myo_fail_errno(err, "%s: can't be opened", path);
	if (myo_reader_new(fd, path, out, err) != MYO_OK) {
		(void)close(fd);
		return MYO_FAIL;
	}
	(*out)->opened = fd;
	return MYO_OK;
}

int
stream_reader_new(int fd, const unsigned char *map, size_t map_bytes, const char *name, struct myo_reader **out,
    struct myo_err *err)
{
	*out = NULL;

	struct myo_reader *reader = myo_calloc(1, sizeof *reader, err);
	if (reader == NULL)
		return MYO_FAIL;
	reader->opened = -1;
	reader->header = (struct myo_header)MYO_HEADER_INIT;
	reader->name = myo_strdup(name, err);
	reader->hash = XXH3_createState();
	reader->histories = json_array();
	int rc = reader->name != NULL ? stream_input_init(&reader->input, fd, map, map_bytes, err) : MYO_FAIL;
	if (rc == MYO_OK && (reader->hash == NULL || reader->histories == NULL))
		rc = myo_fail_memory(err, 0);
	if (rc == MYO_OK) {
		rc = check_start(reader, err);
		if (rc == MYO_OK)
			rc = begin_part(reader, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s: ", name);
	}
	if (rc != MYO_OK) {
		myo_reader_free(reader);
		return MYO_FAIL;
	}
	*out = reader;
	return MYO_OK;
}

void
myo_reader_free(struct myo_reader *reader)
{
	if (reader == NULL)
		return;
	myo_header_clear(&reader->header);
	myo_record_clear(&reader->own);
	json_decref(reader->histories);
	(void)XXH3_freeState(reader->hash);
	stream_input_clear(&reader->input);
	free(reader->json);
	free(reader->name);
	if (reader->opened >= 0)
		(void)close(reader->opened); /* only read from */
	free(reader);
}

const struct myo_header *
myo_reader_header(const struct myo_reader *reader)
{
	return &reader->header;
}

size_t
myo_reader_parts(const struct myo_reader *reader)
{
	return reader->parts;
}

int
myo_reader_histories(const struct myo_reader *reader, size_t from, json_t **out, struct myo_err *err)
{
	int rc = (*out = json_array()) != NULL ? MYO_OK : myo_fail_memory(err, 0);

	for (size_t i = from; rc == MYO_OK && i < json_array_size(reader->histories); i++) {
		json_t *copy = NULL;
		rc = myo_json_copy(json_array_get(reader->histories, i), &copy, err);
		if (rc == MYO_OK && json_array_append_new(*out, copy) != 0)
			rc = myo_fail_memory(err, 0);
	}
	if (rc != MYO_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}

int64_t
myo_reader_rows(const struct myo_reader *reader)
{
	return reader->rows;
}

int
myo_reader_need_kind(const struct myo_reader *reader, enum myo_kind kind, struct myo_err *err)
{
	if (reader->header.kind == kind)
		return MYO_OK;
	return myo_fail(err, "%s: holds %s, not %s", reader->name, myo_kind_name(reader->header.kind),
	    myo_kind_name(kind));
}

/* All tensors of a data record have the same number of rows, at least one. */
static int
check_rows(const struct myo_record *record, struct myo_err *err)
{
	const size_t rows = myo_record_rows(record);

	if (rows == 0)
		return myo_fail(err, "damaged: a record holds no rows");
	for (size_t i = 0; i < record->count; i++) {
		if (record->tensors[i].dims == 0 || record->tensors[i].shape[0] != rows)
			return myo_fail(err, "damaged: tensors '%s' and '%s' of a record differ in rows",
			    record->tensors[0].name, record->tensors[i].name);
		if (record->tensors[i].bytes == 0) /* else a record of no bytes could claim any number of rows */
			return myo_fail(err, "damaged: the rows of tensor '%s' are empty", record->tensors[i].name);
	}
	return MYO_OK;
}

/* Read one record. MYO_END: it was the end record of a part. */
static int
next_record(struct myo_reader *reader, struct myo_record *record, struct myo_err *err)
{
	struct head head;

	const int rc = read_record(reader, record, &head, err);
	if (rc == MYO_END)
		return cut_off(reader, err);
	if (rc != MYO_OK)
		return rc;
	const char *sort = stream_meta(record->meta, "record");
	if (sort == NULL) {
		if (check_rows(record, err) != MYO_OK)
			return MYO_FAIL;
		hash_record(reader, &head, record);
		reader->part_rows += (int64_t)myo_record_rows(record);
		reader->rows += (int64_t)myo_record_rows(record);
		return MYO_OK;
	}
	if (strcmp(sort, "end") == 0) {
		reader->in_part = false;
		return check_end(reader, record->meta, err) == MYO_OK ? MYO_END : MYO_FAIL;
	}
	if (strcmp(sort, "error") == 0)
		return upstream_failed(record->meta, err);
	return myo_fail(err, "damaged: a record of sort '%s' within the stream", sort);
}

int
myo_reader_next(struct myo_reader *reader, struct myo_record *record, struct myo_err *err)
{
	if (reader->ended)
		return MYO_END;
	if (reader->failed)
		return myo_fail(err, "%s: read on after a failure", reader->name);

	int rc = next_record(reader, record, err);
	while (rc == MYO_END && !reader->ended) {
		rc = begin_part(reader, err);
		if (rc == MYO_END) {
			reader->ended = true;
			rc = join_histories(reader, err) == MYO_OK ? MYO_END : MYO_FAIL;
		} else if (rc == MYO_OK) {
			rc = next_record(reader, record, err);
		}
	}
	if (rc == MYO_FAIL) {
		reader->failed = true;
		myo_err_prefix(err, "%s: ", reader->name);
	}
	return rc;
}
