/* Tests of the stream room: what is written is what is read, whichever way it goes. */
#include "streams.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>
#include <xxhash.h>

/* ---- records and headers --------------------------------------------------------------------------- */

START_TEST(records_say_what_is_missing)
{
	const size_t shape[] = { 2, 3, 4 }, want[] = { 3, 0 }, other[] = { 5, 0 };
	const uint8_t data[24] = { 0 };
	const struct myo_tensor *tensor;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err;

	ck_assert_uint_eq(myo_record_rows(&record), 0);
	ck_assert_int_eq(myo_record_put(&record, "a", MYO_U8, 3, shape, data, &err), MYO_OK);
	ck_assert_uint_eq(myo_record_rows(&record), 2);
	ck_assert_int_eq(myo_record_need(&record, "a", MYO_U8, 3, want, &tensor, &err), MYO_OK);
	ck_assert_ptr_eq(tensor, myo_record_find(&record, "a"));
	ck_assert_uint_eq(myo_tensor_row_elements(tensor), 12);
	ck_assert_uint_eq(myo_tensor_elements(tensor), 24);
	ck_assert_int_eq(myo_record_put(&record, "c", MYO_F32, 1, shape, data, &err), MYO_OK);
	ck_assert_uint_eq(myo_record_bytes(&record), 24 + 8);

	ck_assert_int_eq(myo_record_need(&record, "b", MYO_U8, 3, want, &tensor, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "there is no tensor 'b'");
	ck_assert_int_eq(myo_record_need(&record, "a", MYO_F32, 3, want, &tensor, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "tensor 'a' is U8, not F32");
	ck_assert_int_eq(myo_record_need(&record, "a", MYO_U8, 2, want, &tensor, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "tensor 'a' has 3 dimensions, not 2");
	ck_assert_int_eq(myo_record_need(&record, "a", MYO_U8, 3, other, &tensor, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "dimension 2 of tensor 'a' is 3, not 5");
	ck_assert_int_eq(myo_record_put(&record, "a", MYO_U8, 7, shape, data, &err), MYO_FAIL);
	ck_assert_int_eq(myo_record_put(&record, "a", MYO_F32, 2, (size_t[]){ SIZE_MAX, 2 }, data, &err), MYO_FAIL);
	myo_record_clear(&record);
}
END_TEST

START_TEST(headers_keep_what_is_set)
{
	struct myo_header header, copy = MYO_HEADER_INIT;
	struct myo_err err;
	int64_t value;

	make_header(&header, MYO_HEAT, "x");
	ck_assert_int_eq(myo_header_get_int(&header, "tile", 1, 9, 7, &value, &err), MYO_OK);
	ck_assert_int_eq(value, 3);
	ck_assert_int_eq(myo_header_get_int(&header, "stride", 1, 9, 7, &value, &err), MYO_OK);
	ck_assert_int_eq(value, 7);
	ck_assert_int_eq(myo_header_get_int(&header, "tile", 4, 9, 7, &value, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "metadata 'tile' is '3', not a number from 4 to 9");
	ck_assert_int_eq(myo_header_set(&header, "tile", "3x", &err), MYO_OK);
	ck_assert_int_eq(myo_header_get_int(&header, "tile", 1, 9, 7, &value, &err), MYO_FAIL);
	ck_assert_int_eq(myo_header_set_int(&header, "tile", -5, &err), MYO_OK);
	ck_assert_str_eq(myo_header_get(&header, "tile"), "-5");
	ck_assert_int_eq(myo_header_set(&header, "name", "\xff", &err), MYO_FAIL);

	ck_assert_int_eq(myo_header_copy(&copy, &header, &err), MYO_OK);
	ck_assert_int_eq(myo_header_set(&header, "tile", NULL, &err), MYO_OK);
	ck_assert_ptr_null(myo_header_get(&header, "tile"));
	myo_header_clear(&header);
	ck_assert_int_eq(copy.kind, MYO_HEAT);
	ck_assert_uint_eq(copy.class_count, 2);
	ck_assert_str_eq(copy.classes[1], "dog \"\xc3\xa9\"");
	ck_assert_str_eq(myo_header_get(&copy, "tile"), "-5");
	ck_assert_uint_eq(json_array_size(copy.history), 1);
	myo_header_clear(&copy);
	myo_header_clear(&copy);
}
END_TEST

/* ---- there and back ----------------------------------------------------------------------------------- */

/* These are the rows that put_rows() made, from `first`; names and data are as they should be. */
static void
check_rows(const struct myo_record *record, int first)
{
	const struct myo_tensor *image = myo_record_find(record, "image"), *id = myo_record_find(record, "id");
	const struct myo_tensor *label = myo_record_find(record, "label"), *logits = myo_record_find(record, "logits");

	ck_assert(record->count == 4 && image != NULL && id != NULL && label != NULL && logits != NULL);
	for (size_t t = 0; t < record->count; t++)
		ck_assert_uint_eq((uintptr_t)record->tensors[t].data % myo_dtype_size(record->tensors[t].dtype), 0);
	for (size_t i = 0; i < myo_record_rows(record); i++) {
		const int number = first + (int)i;
		for (size_t p = 0; p < 27; p++)
			ck_assert_uint_eq(((uint8_t *)image->data)[27 * i + p], (uint8_t)(number * 7 + (int)p));
		ck_assert_int_eq(((int64_t *)id->data)[i], number);
		ck_assert_int_eq(((int32_t *)label->data)[i], number % 2);
		ck_assert_float_eq(((float *)logits->data)[2 * i], (float)number / 3);
	}
}

enum { WAYS = 3 };

/* The bytes as a file, as a pipe, or as a pipe into which they drip one by one. */
static int
open_way(int way, struct bytes bytes)
{
	int ends[2];

	if (way == 0)
		return file_of(bytes.data, bytes.count);
	if (way == 1)
		return pipe_of(bytes.data, bytes.count);
	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		(void)close(ends[0]);
		for (size_t i = 0; i < bytes.count; i++)
			if (write(ends[1], bytes.data + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	(void)close(ends[1]);
	return ends[0];
}

static void
close_way(int fd)
{
	(void)close(fd);
	while (wait(NULL) > 0)
		;
}

START_TEST(what_is_written_is_read)
{
	struct bytes stream = make_stream(MYO_PATCHES, 4, _i >= WAYS);
	struct myo_reader *reader = NULL;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err;
	int rc, records = 0;

	const int fd = open_way(_i % WAYS, stream);
	ck_assert_msg(myo_reader_new(fd, "test", &reader, &err) == MYO_OK, "%s", err.text);
	const struct myo_header *header = myo_reader_header(reader);
	ck_assert_int_eq(header->kind, MYO_PATCHES);
	ck_assert_uint_eq(header->class_count, 2);
	ck_assert_str_eq(header->classes[1], "dog \"\xc3\xa9\"");
	ck_assert_str_eq(myo_header_get(header, "tile"), "3");
	ck_assert_int_eq(header->rows, -1);
	ck_assert_int_eq(myo_reader_need_kind(reader, MYO_PATCHES, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_need_kind(reader, MYO_PREDICTIONS, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "test: holds patches, not predictions");
	while ((rc = myo_reader_next(reader, &record, &err)) == MYO_OK) {
		records++;
		ck_assert_uint_eq(myo_record_rows(&record), (size_t)records);
		check_rows(&record, (int)myo_reader_rows(reader) - records);
	}
	ck_assert_msg(rc == MYO_END, "%s", err.text);
	ck_assert_int_eq(myo_reader_next(reader, &record, &err), MYO_END);
	ck_assert_int_eq(records, 4);
	ck_assert_int_eq((int)myo_reader_rows(reader), 10);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(json_array_get(header->history, 0),
	    "command"), 0)),
	    "made");
	myo_record_clear(&record);
	myo_reader_free(reader);
	close_way(fd);
	free(stream.data);
}
END_TEST

static size_t
length_at(const unsigned char *bytes)
{
	size_t length = 0;

	for (int i = 8; i-- > 0;)
		length = length << 8 | bytes[i];
	return length;
}

/* What the checksum is made of, by myopic-stream(5): appends a record's part to `of`; returns where its data end. */
static const unsigned char *
collect(const unsigned char *head, const json_t *json, unsigned char *of, size_t *count)
{
	const unsigned char *data = head + 8 + length_at(head), *end = data;
	const char *name;
	const json_t *tensor;

	memcpy(of + *count, head, (size_t)(data - head));
	*count += (size_t)(data - head);
	json_object_foreach((json_t *)(uintptr_t)json, name, tensor) {
		const json_t *offsets = json_object_get(tensor, "data_offsets");
		if (offsets == NULL)
			continue;
		const json_int_t begin = json_integer_value(json_array_get(offsets, 0));
		const json_int_t stop = json_integer_value(json_array_get(offsets, 1));
		const uint64_t sum = XXH3_64bits(data + begin, (size_t)(stop - begin));
		for (int i = 0; i < 8; i++)
			of[(*count)++] = (unsigned char)(sum >> 8 * i);
		end = data + stop > end ? data + stop : end;
	}
	return end;
}

START_TEST(checksums_are_what_the_page_says)
{
	const struct bytes stream = make_stream(MYO_PATCHES, 4, _i > 0);
	const unsigned char *at = stream.data;
	unsigned char *of = malloc(stream.count);
	char ours[32] = "";
	size_t count = 0;

	ck_assert_ptr_nonnull(of);
	while (at < stream.data + stream.count) {
		json_t *json = json_loadb((const char *)at + 8, length_at(at), 0, NULL);
		const json_t *meta = json_object_get(json, "__metadata__");
		const char *sum = json_string_value(json_object_get(meta, "xxh3"));
		if (sum != NULL) {
			const char *history = json_string_value(json_object_get(meta, "history"));
			ck_assert_int_eq(history != NULL, _i > 0);
			if (history != NULL) {
				memcpy(of + count, history, strlen(history));
				count += strlen(history);
			}
			(void)snprintf(ours, sizeof ours, "%016" PRIx64, (uint64_t)XXH3_64bits(of, count));
			ck_assert_str_eq(sum, ours);
			at += 8 + length_at(at);
		} else {
			at = collect(at, json, of, &count);
		}
		json_decref(json);
	}
	ck_assert_str_ne(ours, "");
	free(of);
	free(stream.data);
}
END_TEST

/* A writer takes the checksum of data from whoever made them, and a reader finds one that is wrong. */
START_TEST(checksums_may_be_brought_along)
{
	const uint8_t data[6] = { 1, 2, 3, 4, 5, 6 };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_reader *reader;
	struct myo_writer *writer;
	struct myo_err err;
	const int fd = file_of("", 0);

	ck_assert_int_eq(myo_writer_new(fd, "out", &header, &writer, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "a", MYO_U8, 2, (size_t[]){ 2, 3 }, data, &err), MYO_OK);
	record.tensors[0].summed = true;
	record.tensors[0].sum = myo_sum(data, sizeof data) ^ (_i > 0 ? 1 : 0);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_writer_free(writer);
	myo_record_clear(&record);

	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(myo_reader_new(fd, "in", &reader, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_next(reader, &record, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_next(reader, &record, &err), _i > 0 ? MYO_FAIL : MYO_END);
	if (_i > 0)
		ck_assert_ptr_nonnull(strstr(err.text, "damaged: its checksum"));
	myo_record_clear(&record);
	myo_reader_free(reader);
	(void)close(fd);
}
END_TEST

/* A record larger than any buffer, from a pipe: its memory grows with it. */
START_TEST(large_records_pass_through_pipes)
{
	const size_t rows = 40, each = 1000003, shape[] = { rows, each };
	uint8_t *data = malloc(rows * each);
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_reader *reader;
	struct myo_writer *writer;
	struct myo_err err;
	int ends[2];

	ck_assert_ptr_nonnull(data);
	for (size_t i = 0; i < rows * each; i++)
		data[i] = (uint8_t)(i * i >> 7);
	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		(void)close(ends[0]);
		const bool good = myo_record_put(&record, "big", MYO_U8, 2, shape, data, &err) == MYO_OK &&
		    myo_writer_new(ends[1], "test", &header, &writer, &err) == MYO_OK &&
		    myo_writer_put(writer, &record, &err) == MYO_OK && myo_writer_end(writer, NULL, &err) == MYO_OK;
		_exit(good ? 0 : 1);
	}
	(void)close(ends[1]);
	ck_assert_int_eq(myo_reader_new(ends[0], "test", &reader, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_next(reader, &record, &err), MYO_OK);
	ck_assert_uint_eq(record.tensors[0].bytes, rows * each);
	ck_assert_int_eq(memcmp(record.tensors[0].data, data, rows * each), 0);
	ck_assert_int_eq(myo_reader_next(reader, &record, &err), MYO_END);
	myo_record_clear(&record);
	myo_reader_free(reader);
	close_way(ends[0]);
	free(data);
}
END_TEST

START_TEST(writers_refuse_what_readers_would)
{
	const uint8_t data[8] = { 0 };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_writer *writer;
	struct myo_err err;
	const int fd = file_of("", 0), full = open("/dev/full", O_WRONLY);

	ck_assert_int_eq(myo_writer_new(fd, "out", &header, &writer, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_FAIL);
	ck_assert_int_eq(myo_record_put(&record, "a", MYO_U8, 1, (size_t[]){ 2 }, data, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "b", MYO_U8, 1, (size_t[]){ 3 }, data, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "out: tensor 'b' has other rows than 'a'");
	myo_record_clear(&record);
	ck_assert_int_eq(myo_record_put(&record, "a", MYO_U8, 2, (size_t[]){ 2, 0 }, data, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_FAIL);
	myo_record_clear(&record);
	myo_writer_free(writer);
	(void)close(fd);

	if (full >= 0) {
		ck_assert_int_eq(myo_writer_new(full, "out", &header, &writer, &err), MYO_FAIL);
		ck_assert_str_eq(err.text, "out: can't write: No space left on device");
		(void)close(full);
	}
}
END_TEST

/* ---- parts and errors ----------------------------------------------------------------------------------- */

START_TEST(streams_joined_by_cat_are_one)
{
	struct bytes one = make_stream(MYO_IMAGES, 2, false), two = make_stream(MYO_IMAGES, 3, true);
	struct bytes other = make_stream(MYO_HEAT, 1, false);
	struct bytes both = { malloc(one.count + two.count + other.count), one.count + two.count };
	struct myo_reader *reader;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err;
	char *replay;
	int rc;

	ck_assert_ptr_nonnull(both.data);
	memcpy(both.data, one.data, one.count);
	memcpy(both.data + one.count, two.data, two.count);
	const int fd = open_way(_i, both);
	ck_assert_int_eq(myo_reader_new(fd, "test", &reader, &err), MYO_OK);
	while ((rc = myo_reader_next(reader, &record, &err)) == MYO_OK)
		check_rows(&record, (int)myo_reader_rows(reader) - (int)myo_record_rows(&record) -
		    (myo_reader_rows(reader) > 3 ? 3 : 0));
	ck_assert_msg(rc == MYO_END, "%s", err.text);
	ck_assert_int_eq((int)myo_reader_rows(reader), 9);
	ck_assert_int_eq(myo_history_replay(myo_reader_header(reader)->history, &replay, &err), MYO_OK);
	ck_assert_str_eq(replay, "{ made; made; }\n");
	free(replay);
	myo_record_clear(&record);
	myo_reader_free(reader);
	close_way(fd);

	/* Not of two kinds. */
	int64_t rows;
	memcpy(both.data + one.count, other.data, other.count);
	ck_assert_int_eq(swallow(file_of(both.data, one.count + other.count), &rows, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "test: joined of images and heat");
	/* Nor with something that is no stream, however short. */
	memcpy(both.data + one.count, "hello, world", 12);
	for (size_t more = 1; more <= 12; more++) {
		ck_assert_int_eq(swallow(file_of(both.data, one.count + more), &rows, &err), MYO_FAIL);
		ck_assert_str_eq(err.text, "test: damaged: what follows its end record is no stream");
	}
	free(both.data);
	free(one.data);
	free(two.data);
	free(other.data);
}
END_TEST

START_TEST(streams_of_other_classes_are_not_joined)
{
	static const char *const names[] = { "cat", "cow" };
	struct bytes one = make_stream(MYO_IMAGES, 1, false);
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_writer *writer;
	struct myo_err err;
	int64_t rows;

	for (size_t count = 1; count <= 2; count++) {
		const int fd = file_of(one.data, one.count);
		ck_assert_int_ge((int)lseek(fd, 0, SEEK_END), 0);
		ck_assert_int_eq(myo_header_set_classes(&header, count, names, &err), MYO_OK);
		ck_assert_int_eq(myo_writer_new(fd, "test", &header, &writer, &err), MYO_OK);
		ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
		myo_writer_free(writer);
		ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
		ck_assert_int_eq(swallow(fd, &rows, &err), MYO_FAIL);
		ck_assert_str_eq(err.text, count == 1 ? "test: joined of streams with 2 and 1 classes" :
		    "test: joined of streams whose class 1 is 'dog \"\xc3\xa9\"' and 'cow'");
	}
	myo_header_clear(&header);
	free(one.data);
}
END_TEST

/* What the reader says of a stream that a program gave up on. */
static void
give_up(const struct myo_err *why, struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_writer *writer;
	int64_t rows;
	const int fd = file_of("", 0);

	ck_assert_int_eq(myo_writer_new(fd, "test", &header, &writer, err), MYO_OK);
	put_rows(writer, 0, 5);
	myo_writer_fail(writer, "myopic-sample", why);
	myo_writer_fail(writer, "myopic-sample", why); /* once is enough */
	myo_writer_free(writer);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(swallow(fd, &rows, err), MYO_FAIL);
	ck_assert_int_eq((int)rows, 5);
}

START_TEST(errors_are_passed_on)
{
	struct myo_err why = MYO_ERR_INIT, err, again;

	(void)myo_fail(&why, "train.tar: picture 3: cut off");
	give_up(&why, &err);
	ck_assert_str_eq(err.program, "myopic-sample");
	ck_assert_str_eq(err.text, "train.tar: picture 3: cut off");

	/* The next program says it in the words and the name of the first. */
	(void)snprintf(err.program, sizeof err.program, "myopic-unpack");
	give_up(&err, &again);
	ck_assert_str_eq(again.program, "myopic-unpack");
	ck_assert_str_eq(again.text, "train.tar: picture 3: cut off");

	/* One that fails before it has a header sends nothing else. */
	int64_t rows;
	const int fd = file_of("", 0);
	myo_stream_fail(fd, "myopic-unpack", &why);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	ck_assert(myo_is_stream(fd));
	ck_assert_int_eq(swallow(fd, &rows, &err), MYO_FAIL);
	ck_assert_str_eq(err.program, "myopic-unpack");
	ck_assert_str_eq(err.text, "train.tar: picture 3: cut off");

	/* Text that JSON can't hold doesn't hide who failed. */
	(void)myo_fail(&why, "\xff\xfe: cut off");
	give_up(&why, &err);
	ck_assert_str_eq(err.program, "myopic-sample");
	ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

/* ---- tables ---------------------------------------------------------------------------------------------- */

static void
check_table(const struct myo_table *table, size_t rows)
{
	size_t within;

	for (size_t row = 0; row < rows; row++) {
		const struct myo_tensor *id = myo_table_find(table, row, "id", &within);
		ck_assert_ptr_nonnull(id);
		ck_assert_uint_lt(within, id->shape[0]);
		ck_assert_int_eq(((int64_t *)id->data)[within], (int64_t)row);
		ck_assert_ptr_null(myo_table_find(table, row, "no", &within));
	}
}

START_TEST(tables_hold_all_rows)
{
	struct bytes stream = make_stream(MYO_IMAGES, 7, true);
	struct myo_table *table;
	struct myo_err err;

	const int fd = open_way(_i, stream);
	ck_assert_msg(myo_table_new(fd, "test", MYO_IMAGES, 0, &table, NULL, &err) == MYO_OK, "%s", err.text);
	ck_assert_uint_eq(myo_table_rows(table), 28);
	ck_assert_int_eq(myo_table_header(table)->kind, MYO_IMAGES);
	ck_assert_uint_eq(json_array_size(myo_table_header(table)->history), 1);
	check_table(table, 28);
	myo_table_free(table);
	close_way(fd);
	free(stream.data);
}
END_TEST

/* Before any of the rows is read, and so before it shows that they aren't all there. */
START_TEST(tables_refuse_other_kinds)
{
	struct bytes stream = make_stream(MYO_PATCHES, 2, true);
	struct myo_table *table;
	struct myo_err err;

	stream.count--;
	const int fd = open_way(_i, stream);
	ck_assert_int_eq(myo_table_new(fd, "test", MYO_IMAGES, 0, &table, NULL, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "test: holds patches, not images");
	ck_assert_ptr_null(table);
	close_way(fd);
	free(stream.data);
}
END_TEST

/* A file is taken from where the descriptor stands, at any alignment. */
START_TEST(tables_begin_where_the_descriptor_stands)
{
	struct bytes stream = make_stream(MYO_IMAGES, 4, false);
	unsigned char *shifted = calloc(stream.count + 8, 1);
	struct myo_table *table;
	struct myo_err err;

	ck_assert_ptr_nonnull(shifted);
	memcpy(shifted + _i, stream.data, stream.count);
	const int fd = file_of(shifted, stream.count + (size_t)_i);
	ck_assert_int_eq((int)lseek(fd, _i, SEEK_SET), _i);
	ck_assert_msg(myo_table_new(fd, "test", MYO_IMAGES, 0, &table, NULL, &err) == MYO_OK, "%s", err.text);
	check_table(table, 10);
	myo_table_free(table);
	(void)close(fd);
	free(shifted);
	free(stream.data);
}
END_TEST

START_TEST(tables_of_pipes_keep_to_their_memory)
{
	struct bytes stream = make_stream(MYO_IMAGES, 10, false); /* of 55 rows at 47 bytes */
	struct myo_table *table;
	struct myo_reader *rest;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err;
	int rc;

	int fd = pipe_of(stream.data, stream.count);
	ck_assert_int_eq(myo_table_new(fd, "test", MYO_IMAGES, 1000, &table, NULL, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, "test: holds more than 1000 bytes") == err.text, "%s", err.text);
	(void)close(fd);

	fd = pipe_of(stream.data, stream.count);
	ck_assert_int_eq(myo_table_new(fd, "test", MYO_IMAGES, 1000, &table, &rest, &err), MYO_END);
	const size_t held = myo_table_rows(table);
	ck_assert(held * 47 >= 1000 && held < 55);
	check_table(table, held);
	size_t row = held;
	while ((rc = myo_reader_next(rest, &record, &err)) == MYO_OK) {
		check_rows(&record, (int)row);
		row += myo_record_rows(&record);
	}
	ck_assert_int_eq(rc, MYO_END);
	ck_assert_uint_eq(row, 55);
	myo_record_clear(&record);
	myo_reader_free(rest);
	myo_table_free(table);
	(void)close(fd);

	/* As much as fits is a table without a rest. */
	fd = pipe_of(stream.data, stream.count);
	ck_assert_int_eq(myo_table_new(fd, "test", MYO_IMAGES, 55 * 47, &table, &rest, &err), MYO_OK);
	ck_assert_ptr_null(rest);
	ck_assert_uint_eq(myo_table_rows(table), 55);
	myo_table_free(table);
	(void)close(fd);
	free(stream.data);
}
END_TEST

/* ---- documents -------------------------------------------------------------------------------------------- */

START_TEST(documents_come_back_as_they_went)
{
	const float f[6] = { 1, -2, 3.5F, 0, 1e-30F, 6 };
	const uint8_t odd[3] = { 1, 2, 3 };
	const int64_t scalar = -1;
	struct myo_record out = MYO_RECORD_INIT, in = MYO_RECORD_INIT;
	struct myo_err err;
	char folder[] = "/tmp/myopic.stream.XXXXXX", path[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/x", folder);
	ck_assert_int_eq(myo_record_put(&out, "odd", MYO_U8, 1, (size_t[]){ 3 }, odd, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&out, "f", MYO_F32, 2, (size_t[]){ 2, 3 }, f, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&out, "scalar", MYO_I64, 0, NULL, &scalar, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&out, "none", MYO_I32, 2, (size_t[]){ 0, 9 }, f, &err), MYO_OK);
	out.meta = json_pack("{s:s}", "format", "test");
	ck_assert_msg(myo_document_save(path, &out, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(myo_document_load(path, &in, &err) == MYO_OK, "%s", err.text);
	ck_assert_uint_eq(in.count, 4);
	for (size_t i = 0; i < out.count; i++) {
		const struct myo_tensor *a = &out.tensors[i], *b = myo_record_find(&in, a->name);
		ck_assert_ptr_nonnull(b);
		ck_assert(a->dtype == b->dtype && a->dims == b->dims && a->bytes == b->bytes);
		ck_assert_int_eq(memcmp(a->shape, b->shape, (size_t)a->dims * sizeof *a->shape), 0);
		ck_assert_int_eq(memcmp(a->data, b->data, a->bytes), 0);
	}
	ck_assert_str_eq(json_string_value(json_object_get(in.meta, "format")), "test");

	/* The same document again is the same bytes. */
	const int fd = open(path, O_RDONLY);
	struct bytes first = bytes_of(fd);
	ck_assert_int_eq(myo_document_save(path, &out, &err), MYO_OK);
	struct bytes second = bytes_of(open(path, O_RDONLY));
	ck_assert_uint_eq(first.count, second.count);
	ck_assert_int_eq(memcmp(first.data, second.data, first.count), 0);
	free(first.data);
	free(second.data);

	/* What is no safetensors file is told from its beginning, what is cut is refused. */
	ck_assert_int_eq(myo_document_load(folder, &in, &err), MYO_FAIL);
	ck_assert_int_eq(truncate(path, 200), 0);
	ck_assert_int_eq(myo_document_load(path, &in, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "cut off"));
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(myo_document_load(path, &in, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "x: is empty"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(myo_document_load(path, &in, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
	ck_assert_int_eq(rmdir(folder), 0);
	myo_record_clear(&out);
	myo_record_clear(&in);
}
END_TEST

/* As other programs write them, whose tensors needn't be aligned for their type. */
START_TEST(documents_may_have_tensors_anywhere)
{
	struct bytes odd = document("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
	    "\"b\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[3,19]},"
	    "\"c\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[19,19]}}", 19);
	unsigned char *data = (unsigned char *)odd.data + odd.count - 19;
	struct myo_record in = MYO_RECORD_INIT;
	struct myo_err err;
	char path[32];

	for (int i = 0; i < 19; i++)
		data[i] = (unsigned char)(40 + i);
	const int fd = file_of(odd.data, odd.count);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ck_assert_msg(myo_document_load(path, &in, &err) == MYO_OK, "%s", err.text);
	ck_assert_uint_eq(in.count, 3);
	ck_assert_mem_eq(myo_record_find(&in, "a")->data, data, 3);
	ck_assert_mem_eq(myo_record_find(&in, "b")->data, data + 3, 16);
	ck_assert_uint_eq((uintptr_t)myo_record_find(&in, "b")->data % 8, 0);
	myo_record_clear(&in);
	(void)close(fd);
	free(odd.data);
}
END_TEST

/* What no reader takes isn't written. */
START_TEST(heads_that_are_too_large_are_refused)
{
	const size_t bytes = (size_t)17 << 20;
	char *text = malloc(bytes + 1);
	struct myo_header header;
	struct myo_writer *writer;
	struct myo_err err;
	const int fd = file_of("", 0);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', bytes);
	text[bytes] = '\0';
	make_header(&header, MYO_IMAGES, "made");
	ck_assert_int_eq(myo_header_set(&header, "long", text, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fd, "test", &header, &writer, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, "no reader takes more than 16777216") != NULL, "%s", err.text);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_END), 0);
	myo_header_clear(&header);
	(void)close(fd);
	free(text);
}
END_TEST

START_TEST(streams_and_documents_are_told_apart)
{
	struct bytes stream = make_stream(MYO_IMAGES, 1, false);
	struct bytes spaced = document("{\"__metadata__\": {\"kind\": \"heat\", \"record\": \"header\"}}  ", 9);
	struct bytes model = document("{\"__metadata__\":{\"record\":\"a header\"}}", 0);
	const struct {
		const void *bytes;
		size_t count;
		bool is;
	} cases[] = {
		{ stream.data, stream.count, true }, { spaced.data, spaced.count, true }, { model.data, model.count, false },
		{ stream.data, 20, false }, { "", 0, false }, { "hello, world", 12, false },
	};

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const int fd = file_of(cases[i].bytes, cases[i].count);
		ck_assert_msg(myo_is_stream(fd) == cases[i].is, "%zu", i);
		ck_assert_int_eq((int)lseek(fd, 0, SEEK_CUR), 0);
		(void)close(fd);
	}
	const int fd = pipe_of("", 0);
	ck_assert(myo_is_stream(fd));
	(void)close(fd);
	free(stream.data);
	free(spaced.data);
	free(model.data);
}
END_TEST

/* ---- histories ----------------------------------------------------------------------------------------------- */

/* A shell that is given the replay must see the words that were in the command. */
START_TEST(replayed_words_survive_the_shell)
{
	const char *const words[] = { "printf", "<%s>\\n", "plain", "", " ", "it's", "''", "a'b\"c`d$HOME$(x)", "*",
		"~", "#", "a;b&c|d",
		"new\nline", "\\", "-n", "x=y", "!", "{a,b}", "caf\xc3\xa9", "%s", "<>", NULL };
	char said[1024], expected[1024];
	json_t *history = NULL;
	struct myo_err err;
	size_t count = 0, used = 0;
	char *replay;

	while (words[count] != NULL)
		count++;
	for (size_t i = 2; i < count; i++)
		used += (size_t)snprintf(expected + used, sizeof expected - used, "<%s>\n", words[i]);
	ck_assert_int_eq(add_step(&history, words, &err), MYO_OK);
	ck_assert_int_eq(add_step(&history, (const char *[]){ "cat", NULL }, &err), MYO_OK);
	ck_assert_int_eq(myo_history_replay(history, &replay, &err), MYO_OK);

	FILE *shell = popen(replay, "r");
	ck_assert_ptr_nonnull(shell);
	said[fread(said, 1, sizeof said - 1, shell)] = '\0';
	ck_assert_int_eq(pclose(shell), 0);
	ck_assert_str_eq(said, expected);
	free(replay);
	json_decref(history);
}
END_TEST

START_TEST(files_with_a_history_come_first)
{
	json_t *model = NULL, *history = NULL, *empty = NULL;
	struct myo_err err;
	char *replay;

	ck_assert_int_eq(add_step(&model, (const char *[]){ "synth", NULL }, &err), MYO_OK);
	ck_assert_int_eq(add_step(&model, (const char *[]){ "train", "-o", "m x", NULL }, &err), MYO_OK);
	ck_assert_int_eq(add_step(&history, (const char *[]){ "synth", NULL }, &err), MYO_OK);
	ck_assert_int_eq(add_step(&history, (const char *[]){ "predict", "-m", "m x", NULL }, &err), MYO_OK);
	ck_assert_int_eq(myo_history_add_file(history, "m x", model, &err), MYO_OK);
	ck_assert_int_eq(myo_history_add_file(history, "unknown", NULL, &err), MYO_OK);
	ck_assert_int_eq(myo_history_replay(history, &replay, &err), MYO_OK);
	ck_assert_str_eq(replay, "synth | train -o 'm x'\nsynth | predict -m 'm x'\n");
	free(replay);
	json_decref(model);
	json_decref(history);

	ck_assert_int_eq(add_step(&empty, (const char *[]){ "\xff", NULL }, &err), MYO_FAIL);
	json_decref(empty);
}
END_TEST

START_TEST(damaged_histories_are_refused)
{
	static const char *const bad[] = { "[1]", "[{}]", "[{\"command\":[]}]", "[{\"command\":[1]}]", "[{\"cat\":1}]",
		"[{\"cat\":[1]}]", "[{\"command\":\"rm\"}]", "{}", "[{\"cat\":[]}]", "[{\"cat\":[[]]}]" };
	struct myo_err err;
	char *replay;

	for (size_t i = 0; i < MYO_COUNT(bad); i++) {
		json_t *history = json_loads(bad[i], 0, NULL);
		ck_assert_msg(myo_history_replay(history, &replay, &err) == MYO_FAIL, "%s: %s", bad[i], replay);
		ck_assert_ptr_null(replay);
		json_decref(history);
	}

	/* Deeper than anybody's. */
	json_t *deep = json_array();
	for (int i = 0; i < 1000; i++)
		deep = json_pack("[{s:[o]}]", "cat", deep);
	ck_assert_int_eq(myo_history_replay(deep, &replay, &err), MYO_FAIL);
	json_decref(deep);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stream");
	TCase *all = tcase_create("all");

	tcase_add_test(all, records_say_what_is_missing);
	tcase_add_test(all, headers_keep_what_is_set);
	tcase_add_loop_test(all, what_is_written_is_read, 0, 2 * WAYS);
	tcase_add_loop_test(all, checksums_are_what_the_page_says, 0, 2);
	tcase_add_loop_test(all, checksums_may_be_brought_along, 0, 2);
	tcase_add_test(all, large_records_pass_through_pipes);
	tcase_add_test(all, writers_refuse_what_readers_would);
	tcase_add_loop_test(all, streams_joined_by_cat_are_one, 0, WAYS);
	tcase_add_test(all, streams_of_other_classes_are_not_joined);
	tcase_add_test(all, errors_are_passed_on);
	tcase_add_loop_test(all, tables_hold_all_rows, 0, WAYS);
	tcase_add_loop_test(all, tables_refuse_other_kinds, 0, WAYS);
	tcase_add_loop_test(all, tables_begin_where_the_descriptor_stands, 0, 9);
	tcase_add_test(all, tables_of_pipes_keep_to_their_memory);
	tcase_add_test(all, documents_come_back_as_they_went);
	tcase_add_test(all, documents_may_have_tensors_anywhere);
	tcase_add_test(all, heads_that_are_too_large_are_refused);
	tcase_add_test(all, streams_and_documents_are_told_apart);
	tcase_add_test(all, replayed_words_survive_the_shell);
	tcase_add_test(all, files_with_a_history_come_first);
	tcase_add_test(all, damaged_histories_are_refused);
	tcase_set_timeout(all, 30);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
