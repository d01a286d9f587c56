/* Tensor streams: read as they come, read as a file, and written again. */
#include "fuzz.h"

#include "stream/stream.h"

#include <sys/mman.h>
#include <unistd.h>

/* Reads on to the end, and writes what it reads; the number of rows, or -1 where the stream was refused. */
static int64_t
copy(struct myo_reader *in, struct myo_writer *out)
{
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	int rc;

	while (fuzz_took(rc = myo_reader_next(in, &record, &err), &err))
		fuzz_require(myo_writer_put(out, &record, NULL) == MYO_OK, "what was read can be written");
	myo_record_clear(&record);
	if (rc == MYO_FAIL)
		return -1;
	fuzz_require(myo_writer_end(out, myo_reader_header(in)->history, NULL) == MYO_OK, "it can be ended");
	return myo_reader_rows(in);
}

/* The rows of a file, or -1. */
static int64_t
table_rows(int fd, enum myo_kind kind)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_table *table = NULL;

	fuzz_require(lseek(fd, 0, SEEK_SET) == 0, "a file can be read again");
	const bool took = fuzz_took(myo_table_new(fd, "table", kind, 0, &table, NULL, &err), &err);
	const int64_t rows = took ? (int64_t)myo_table_rows(table) : -1;
	myo_table_free(table);
	return rows;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_reader *in = NULL;
	struct myo_writer *out = NULL;
	const int fd = fuzz_file(bytes, size);

	(void)myo_is_stream(fd);
	fuzz_require(lseek(fd, 0, SEEK_CUR) == 0, "asking what it is reads nothing");
	if (!fuzz_took(myo_reader_new(fd, "stream", &in, &err), &err)) {
		fuzz_require(table_rows(fd, MYO_IMAGES) == -1, "a stream and a file are refused alike");
		return 0;
	}
	const int again = memfd_create("again", MFD_CLOEXEC);
	fuzz_require(again >= 0 && myo_writer_new(again, "again", myo_reader_header(in), &out, NULL) == MYO_OK,
	    "a stream can be written");
	const enum myo_kind kind = myo_reader_header(in)->kind;
	const int64_t rows = copy(in, out);
	fuzz_require(table_rows(fd, kind) == rows, "a stream and a file have the same rows");
	fuzz_require(rows < 0 || table_rows(again, kind) == rows, "what was written has the same rows");
	myo_writer_free(out);
	myo_reader_free(in);
	(void)close(again);
	return 0;
}
