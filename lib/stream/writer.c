/* Writing a stream, with the row count and the checksum by which a reader verifies it. */
#include "stream/private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct myo_writer {
	int fd;
	char *name;
	uint64_t position; /* bytes written */
	int64_t rows;
	XXH3_state_t *hash;
	bool failed; /* a write failed: nothing more can be written to this stream */
	bool ended;
};

static int
put_record(struct myo_writer *writer, const struct myo_record *record, struct myo_err *err)
{
	unsigned char *head = NULL;
	size_t bytes;
	size_t *order = myo_calloc(record->count, sizeof *order, err);
	int rc = order != NULL ? MYO_OK : MYO_FAIL;

	if (rc == MYO_OK)
		rc = stream_head(record, writer->position, STREAM_JSON_MOST, &head, &bytes, order, err);
	if (rc == MYO_OK) {
		rc = stream_write(writer->fd, head, bytes, record, order, err);
		writer->failed = rc != MYO_OK;
	}
	if (rc == MYO_OK) {
		(void)XXH3_64bits_update(writer->hash, head, bytes);
		writer->position += bytes;
	} else {
		myo_err_prefix(err, "%s: ", writer->name);
	}
	for (size_t i = 0; i < record->count && rc == MYO_OK; i++) {
		const struct myo_tensor *tensor = &record->tensors[order[i]];
		stream_hash(writer->hash, tensor);
		writer->position += tensor->bytes;
	}
	free(head);
	free(order);
	return rc;
}

/* Write a record that has only metadata. Takes over meta, which is NULL where there was no memory for it. */
static int
put_meta(struct myo_writer *writer, json_t *meta, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;

	if (meta == NULL)
		return myo_fail(err, "%s: a record can't be made: a text is not UTF-8, or memory is full",
		    writer->name);
	record.meta = meta;
	const int rc = put_record(writer, &record, err);
	myo_record_clear(&record);
	return rc;
}

int
myo_writer_new(int fd, const char *name, const struct myo_header *header, struct myo_writer **out, struct myo_err *err)
{
	json_t *meta;

	*out = NULL;
	struct myo_writer *writer = myo_calloc(1, sizeof *writer, err);
	if (writer == NULL)
		return MYO_FAIL;
	writer->fd = fd;
	writer->name = myo_strdup(name, err);
	writer->hash = XXH3_createState();
	int rc = writer->name != NULL ? MYO_OK : MYO_FAIL;
	if (rc == MYO_OK && writer->hash == NULL)
		rc = myo_fail_memory(err, 0);
	if (rc == MYO_OK) {
		(void)XXH3_64bits_reset(writer->hash);
		rc = stream_header_meta(header, &meta, err);
	}
	if (rc == MYO_OK)
		rc = put_meta(writer, meta, err);
	if (rc != MYO_OK) {
		myo_writer_free(writer);
		return MYO_FAIL;
	}
	*out = writer;
	return MYO_OK;
}

void
myo_writer_free(struct myo_writer *writer)
{
	if (writer == NULL)
		return;
	(void)XXH3_freeState(writer->hash);
	free(writer->name);
	free(writer);
}

int
myo_writer_put(struct myo_writer *writer, const struct myo_record *record, struct myo_err *err)
{
	const size_t rows = myo_record_rows(record);

	if (rows == 0)
		return myo_fail(err, "%s: a record without rows", writer->name);
	for (size_t i = 0; i < record->count; i++) {
		const struct myo_tensor *tensor = &record->tensors[i];
		if (tensor->dims == 0 || tensor->shape[0] != rows)
			return myo_fail(err, "%s: tensor '%s' has other rows than '%s'", writer->name, tensor->name,
			    record->tensors[0].name);
		if (tensor->bytes == 0)
			return myo_fail(err, "%s: the rows of tensor '%s' are empty", writer->name, tensor->name);
	}
	if (myo_record_bytes(record) > STREAM_DATA_MOST)
		return myo_fail(err, "%s: a record of more than %zu GiB, which no reader takes", writer->name,
		    STREAM_DATA_MOST >> 30);
	if (put_record(writer, record, err) != MYO_OK)
		return MYO_FAIL;
	writer->rows += (int64_t)rows;
	return MYO_OK;
}

int
myo_writer_end(struct myo_writer *writer, const json_t *history, struct myo_err *err)
{
	char rows[32], sum[32];
	char *text = history != NULL ? myo_json_text(history, JSON_COMPACT, err) : NULL;

	if (history != NULL && text == NULL)
		return MYO_FAIL;
	if (text != NULL) /* what else is in an end record is checked by itself */
		(void)XXH3_64bits_update(writer->hash, text, strlen(text));
	(void)snprintf(rows, sizeof rows, "%" PRId64, writer->rows);
	(void)snprintf(sum, sizeof sum, "%016" PRIx64, (uint64_t)XXH3_64bits_digest(writer->hash));
	json_t *meta = json_pack("{s:s, s:s, s:s}", "record", "end", "rows", rows, "xxh3", sum);
	if (text != NULL && json_object_set_new(meta, "history", json_string(text)) != 0) {
		json_decref(meta);
		meta = NULL;
	}
	free(text);
	const int rc = put_meta(writer, meta, err);
	writer->ended = rc == MYO_OK;
	return rc;
}

/* JSON is UTF-8: in a text, which may hold the name of a file, other bytes become question marks. */
static void
mend(char *text)
{
	bool shown;

	for (size_t bytes; *text != '\0'; text += bytes) {
		bytes = myo_character(text, SIZE_MAX, &shown);
		if (bytes == 1 && !shown && (unsigned char)*text >= 0x80)
			*text = '?';
	}
}

void
myo_writer_fail(struct myo_writer *writer, const char *program, const struct myo_err *why)
{
	struct myo_err ignored = MYO_ERR_INIT;

	if (writer == NULL || writer->failed || writer->ended)
		return;
	struct myo_err said = *why;
	mend(said.program);
	mend(said.text);
	json_t *meta = json_pack("{s:s, s:s, s:s}", "record", "error", "program",
	    said.program[0] != '\0' ? said.program : program, "message", said.text);
	(void)put_meta(writer, meta, &ignored);
	writer->ended = true;
}

void
myo_stream_fail(int fd, const char *program, const struct myo_err *why)
{
	char name[] = "stream";
	struct myo_writer writer = { .fd = fd, .name = name, .hash = XXH3_createState() };

	if (writer.hash == NULL)
		return;
	(void)XXH3_64bits_reset(writer.hash);
	myo_writer_fail(&writer, program, why);
	(void)XXH3_freeState(writer.hash);
}
