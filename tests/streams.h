/* Small streams in memory, for the tests of the stream room. */
#ifndef STREAMS_H
#define STREAMS_H

#include "stream/stream.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bytes {
	unsigned char *data;
	size_t count;
};

/* A file without a name that holds these bytes; the descriptor stands at its beginning. */
static inline int
file_of(const void *data, size_t count)
{
	FILE *file = tmpfile();
	ck_assert_ptr_nonnull(file);
	const int fd = dup(fileno(file));

	ck_assert_int_ge(fd, 0);
	(void)fclose(file);
	ck_assert_int_eq(myo_write_all(fd, data, count, NULL), MYO_OK);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* A pipe that holds these bytes, fewer than a pipe takes, and is closed behind them. */
static inline int
pipe_of(const void *data, size_t count)
{
	int ends[2];

	ck_assert_uint_le(count, 65536);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(myo_write_all(ends[1], data, count, NULL), MYO_OK);
	(void)close(ends[1]);
	return ends[0];
}

/* All that a descriptor is open on, which is closed. */
static inline struct bytes
bytes_of(int fd)
{
	struct bytes bytes = { NULL, 0 };
	size_t got, room = (size_t)1 << 16;

	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	do {
		room *= 2;
		bytes.data = realloc(bytes.data, room);
		ck_assert_ptr_nonnull(bytes.data);
		ck_assert_int_eq(myo_read_all(fd, bytes.data + bytes.count, room - bytes.count, &got, NULL), MYO_OK);
		bytes.count += got;
	} while (bytes.count == room);
	(void)close(fd);
	return bytes;
}

/* A document: this JSON and so many zero bytes of data. */
static inline struct bytes
document(const char *json, size_t data)
{
	const size_t length = strlen(json);
	struct bytes bytes = { calloc(8 + length + data, 1), 8 + length + data };

	ck_assert_ptr_nonnull(bytes.data);
	for (int i = 0; i < 8; i++)
		bytes.data[i] = (unsigned char)((uint64_t)length >> 8 * i);
	memcpy(bytes.data + 8, json, length);
	return bytes;
}

/* Rows first … first + rows - 1 of a made-up data set: image U8 [rows,3,3,3], label, id, logits F32 [rows,2]. */
static inline void
put_rows(struct myo_writer *writer, int first, size_t rows)
{
	enum { MOST = 64, PIXELS = 27 };
	static uint8_t image[MOST * PIXELS];
	static int32_t label[MOST];
	static int64_t id[MOST];
	static float logits[MOST * 2];
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err;

	ck_assert_uint_le(rows, MOST);
	for (size_t i = 0; i < rows; i++) {
		const int number = first + (int)i;
		for (int p = 0; p < PIXELS; p++)
			image[i * PIXELS + (size_t)p] = (uint8_t)(number * 7 + p);
		label[i] = number % 2;
		id[i] = number;
		logits[2 * i] = (float)number / 3;
		logits[2 * i + 1] = (float)-number;
	}
	ck_assert(myo_record_put(&record, "image", MYO_U8, 4, (size_t[]){ rows, 3, 3, 3 }, image, &err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, &rows, label, &err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, &rows, id, &err) == MYO_OK &&
	    myo_record_put(&record, "logits", MYO_F32, 2, (size_t[]){ rows, 2 }, logits, &err) == MYO_OK);
	ck_assert_msg(myo_writer_put(writer, &record, &err) == MYO_OK, "%s", err.text);
	myo_record_clear(&record);
}

/* myo_history_add() for literals; words end with NULL. */
static inline int
add_step(json_t **history, const char *const *words, struct myo_err *err)
{
	enum { MOST = 64 };
	char *argv[MOST] = { NULL };
	int argc = 0;

	for (; words[argc] != NULL; argc++) {
		ck_assert_int_lt(argc, MOST);
		argv[argc] = (char *)(uintptr_t)words[argc];
	}
	return myo_history_add(history, argc, argv, err);
}

static inline void
make_header(struct myo_header *header, enum myo_kind kind, const char *command)
{
	static const char *const classes[] = { "cat", "dog \"\xc3\xa9\"" };

	*header = (struct myo_header)MYO_HEADER_INIT;
	header->kind = kind;
	ck_assert_int_eq(myo_header_set_classes(header, 2, classes, NULL), MYO_OK);
	ck_assert_int_eq(myo_header_set(header, "tile", "3", NULL), MYO_OK);
	ck_assert_int_eq(add_step(&header->history, (const char *[]){ command, NULL }, NULL), MYO_OK);
}

/* A whole stream of rows 0 … in `records` records of 1, 2, 3, … rows. late: the history comes with the end. */
static inline struct bytes
make_stream(enum myo_kind kind, size_t records, bool late)
{
	struct myo_writer *writer = NULL;
	struct myo_header header;
	struct myo_err err;
	const int fd = file_of("", 0);
	int row = 0;

	make_header(&header, kind, "made");
	ck_assert_msg(myo_writer_new(fd, "test", &header, &writer, &err) == MYO_OK, "%s", err.text);
	for (size_t i = 0; i < records; i++) {
		put_rows(writer, row, i + 1);
		row += (int)i + 1;
	}
	ck_assert_int_eq(myo_writer_end(writer, late ? header.history : NULL, &err), MYO_OK);
	myo_writer_free(writer);
	myo_header_clear(&header);
	return bytes_of(fd);
}

/* Read a stream to its end and close the descriptor. What the last call said. */
static inline int
swallow(int fd, int64_t *rows, struct myo_err *err)
{
	struct myo_reader *reader = NULL;
	struct myo_record record = MYO_RECORD_INIT;

	*rows = 0;
	*err = (struct myo_err)MYO_ERR_INIT;
	int rc = myo_reader_new(fd, "test", &reader, err);
	while (rc == MYO_OK)
		rc = myo_reader_next(reader, &record, err);
	if (reader != NULL)
		*rows = myo_reader_rows(reader);
	myo_record_clear(&record);
	myo_reader_free(reader);
	(void)close(fd);
	return rc;
}

#endif
