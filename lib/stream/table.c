/* All rows of a stream, by number: of a mapped file, or of a pipe that was read into memory. */
#include "stream/private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct myo_table {
	char *name; /* for messages */
	struct myo_header header;
	struct myo_record *records;
	size_t *first; /* number of each record's first row */
	size_t count, room;
	size_t rows;
	size_t pixel_bytes;
	char **names; /* of tensors, each once */
	size_t name_count;
	unsigned char *map; /* of a regular file, from its beginning; NULL for a pipe */
	size_t map_bytes;
	int fd; /* the table's own, of that file; -1: none */
	struct stat status; /* of the file when it was mapped */
};

/* The table's own copy of a tensor's name; NULL when there is no memory. */
static const char *
own_name(struct myo_table *table, const char *name, struct myo_err *err)
{
	for (size_t i = 0; i < table->name_count; i++)
		if (strcmp(table->names[i], name) == 0)
			return table->names[i];
	char **names = myo_realloc(table->names, table->name_count + 1, sizeof *names, err);
	if (names == NULL)
		return NULL;
	table->names = names;
	names[table->name_count] = myo_strdup(name, err);
	return names[table->name_count] != NULL ? names[table->name_count++] : NULL;
}

/* Keep a record's tensors only: its JSON would take four kilobytes, more than a small picture. */
static int
trim(struct myo_table *table, struct myo_record *record, struct myo_err *err)
{
	struct storage *storage = record->storage;

	for (size_t i = 0; i < record->count; i++) {
		record->tensors[i].name = own_name(table, record->tensors[i].name, err);
		if (record->tensors[i].name == NULL)
			return MYO_FAIL;
	}
	json_decref(record->meta);
	json_decref(storage->json);
	record->meta = storage->json = NULL;
	struct myo_tensor *fewer = myo_realloc(record->tensors, record->count, sizeof *fewer, err);
	if (fewer == NULL)
		return MYO_FAIL;
	record->tensors = fewer;
	storage->tensor_room = record->count;
	return MYO_OK;
}

static int
add_record(struct myo_table *table, struct myo_record *record, struct myo_err *err)
{
	if (table->count == table->room) {
		const size_t room = table->room == 0 ? 64 : 2 * table->room;
		struct myo_record *records = myo_realloc(table->records, room, sizeof *records, err);
		if (records == NULL)
			return MYO_FAIL;
		table->records = records;
		size_t *first = myo_realloc(table->first, room, sizeof *first, err);
		if (first == NULL)
			return MYO_FAIL;
		table->first = first;
		table->room = room;
	}
	if (trim(table, record, err) != MYO_OK)
		return MYO_FAIL;
	table->records[table->count] = *record;
	table->first[table->count] = table->rows;
	table->count++;
	table->rows += myo_record_rows(record);
	*record = (struct myo_record)MYO_RECORD_INIT; /* handed over */
	return MYO_OK;
}

/* Map the whole of the file that fd is open on; *at: the descriptor's position. NULL: it can't be mapped. */
static unsigned char *
map_file(int fd, struct stat *status, size_t *at)
{
	if (fstat(fd, status) != 0 || !S_ISREG(status->st_mode) || status->st_size <= 0)
		return NULL;
	const off_t here = lseek(fd, 0, SEEK_CUR);
	if (here < 0 || here >= status->st_size)
		return NULL;
	*at = (size_t)here;
	void *map = mmap(NULL, (size_t)status->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	return map != MAP_FAILED ? map : NULL;
}

/*
 * The bytes that count towards the limit: only pixels, so that how many images fit depends neither on how rows are
 * divided into records nor on what else the rows have.
 */
static size_t
pixel_bytes(const struct myo_record *record)
{
	const struct myo_tensor *image = myo_record_find(record, "image");

	return image != NULL ? image->bytes : myo_record_bytes(record);
}

/* Read all records into the table. MYO_END: they have more than `memory` bytes of pixels. */
static int
fill(struct myo_table *table, struct myo_reader *reader, size_t memory, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	int rc;

	while ((rc = myo_reader_next(reader, &record, err)) == MYO_OK) {
		table->pixel_bytes += pixel_bytes(&record);
		if (add_record(table, &record, err) != MYO_OK) {
			rc = MYO_FAIL;
			break;
		}
		if (memory > 0 && table->map == NULL && table->pixel_bytes > memory)
			return MYO_END;
	}
	myo_record_clear(&record);
	if (rc != MYO_END)
		return MYO_FAIL;
	/* Only now does the header's history cover all parts. */
	return myo_header_copy(&table->header, myo_reader_header(reader), err);
}

int
myo_table_new(int fd, const char *name, enum myo_kind kind, size_t memory, struct myo_table **out,
    struct myo_reader **rest, struct myo_err *err)
{
	struct myo_reader *reader = NULL;
	size_t at = 0;

	*out = NULL;
	if (rest != NULL)
		*rest = NULL;
	struct myo_table *table = myo_calloc(1, sizeof *table, err);
	if (table == NULL)
		return MYO_FAIL;
	table->header = (struct myo_header)MYO_HEADER_INIT;
	table->fd = -1;
	table->name = myo_strdup(name, err);
	if (table->name == NULL) {
		free(table);
		return MYO_FAIL;
	}
	table->map = map_file(fd, &table->status, &at);
	table->map_bytes = table->map != NULL ? (size_t)table->status.st_size : 0;

	int rc = table->map != NULL ?
	    stream_reader_new(fd, table->map + at, table->map_bytes - at, name, &reader, err) :
	    myo_reader_new(fd, name, &reader, err);
	if (rc == MYO_OK && table->map != NULL && (table->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		rc = myo_fail_errno(err, "%s: can't be kept open", name);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(reader, kind, err);
	if (rc == MYO_OK)
		rc = myo_header_copy(&table->header, myo_reader_header(reader), err);
	if (rc == MYO_OK)
		rc = fill(table, reader, memory, err);
	if (rc == MYO_END && rest == NULL)
		rc = myo_fail(err,
		    "%s: holds more than %zu bytes of pixels: write it to a file and read that, which is mapped instead",
		    name, memory);
	if (rc == MYO_END) {
		*rest = reader;
		reader = NULL;
	}
	myo_reader_free(reader);
	if (rc == MYO_FAIL) {
		myo_table_free(table);
		return MYO_FAIL;
	}
	*out = table;
	return rc;
}

void
myo_table_free(struct myo_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		myo_record_clear(&table->records[i]);
	free(table->records);
	free(table->first);
	free(table->name);
	for (size_t i = 0; i < table->name_count; i++)
		free(table->names[i]);
	free(table->names);
	if (table->fd >= 0)
		(void)close(table->fd); /* only read from */
	myo_header_clear(&table->header);
	if (table->map != NULL)
		(void)munmap(table->map, table->map_bytes);
	free(table);
}

const struct myo_header *
myo_table_header(const struct myo_table *table)
{
	return &table->header;
}

size_t
myo_table_rows(const struct myo_table *table)
{
	return table->rows;
}

size_t
myo_table_pixel_bytes(const struct myo_table *table)
{
	return table->pixel_bytes;
}

int
myo_table_check(const struct myo_table *table, struct myo_err *err)
{
	const struct stat *then = &table->status;
	struct stat now;

	if (table->fd < 0)
		return MYO_OK;
	if (fstat(table->fd, &now) != 0)
		return myo_fail_errno(err, "%s: can't be looked at", table->name);
	if (now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
		return MYO_OK;
	return myo_fail(err, "%s: the file was written to while it was read: begin again, and leave it alone meanwhile",
	    table->name);
}

const struct myo_tensor *
myo_table_find(const struct myo_table *table, size_t row, const char *name, size_t *within)
{
	size_t low = 0, high = table->count; /* the record is in [low, high) */

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;
		if (table->first[middle] <= row)
			low = middle;
		else
			high = middle;
	}
	*within = row - table->first[low];
	return myo_record_find(&table->records[low], name);
}
