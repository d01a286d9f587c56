/*
 * stream.h - tensors that travel through pipes, and the files they rest in.
 *
 * A stream is a header record, data records and an end record; each record is a complete
 * safetensors document (myopic-stream(5) has it byte for byte). A model file is one document
 * of the same form. A reader gets either all of a stream, its row count and checksum
 * verified, or an error: a stream that stops without its end record was cut off.
 *
 *   reader   reads record after record from any descriptor
 *   writer   writes record after record to any descriptor
 *   table    all rows of a stream at once: a regular file is mapped, a pipe is kept in memory
 *   document one safetensors document in a file (a model, golden test data)
 */
#ifndef MYO_STREAM_H
#define MYO_STREAM_H

#include "base/base.h"

#include <jansson.h>

/* ---- tensors and records --------------------------------------------------------- */

enum myo_dtype { MYO_U8, MYO_I32, MYO_I64, MYO_F32 };

enum { MYO_MAX_DIMS = 6, MYO_MAX_TENSORS = 16384 };

/* A name, a type, a row-major shape, and the data, which the tensor doesn't own. */
struct myo_tensor {
	const char *name;
	enum myo_dtype dtype;
	int dims;
	size_t shape[MYO_MAX_DIMS];
	void *data;   /* little-endian; aligned for its type */
	size_t bytes; /* product of the shape times the type's size */
	bool summed;  /* the checksum of the data is known already: */
	uint64_t sum; /* myo_sum(), which the writer then needn't compute */
};

/* The checksum that streams use: XXH3, 64 bits. */
uint64_t myo_sum(const void *data, size_t bytes);

/* Bytes of an element, and the type's name: "U8", "I32", "I64", "F32". */
size_t myo_dtype_size(enum myo_dtype dtype);
const char *myo_dtype_name(enum myo_dtype dtype);

/* The product of all dimensions. */
size_t myo_tensor_elements(const struct myo_tensor *tensor);

/* Elements of one row: the product of all dimensions but the first. */
size_t myo_tensor_row_elements(const struct myo_tensor *tensor);

/*
 * A record: tensors that share their first dimension, the rows; and metadata, strings by key.
 * A record that was read owns all that is in it, which is valid until the record is
 * read into again or cleared. A record to be written points to the caller's data: see myo_record_put().
 */
struct myo_record {
	size_t count;
	struct myo_tensor *tensors;
	json_t *meta;  /* object of strings, or NULL */
	void *storage; /* private to the room */
};

#define MYO_RECORD_INIT { 0, NULL, NULL, NULL }

void myo_record_clear(struct myo_record *record);

/* Number of rows: the first dimension of the first tensor; 0 when there is none. */
size_t myo_record_rows(const struct myo_record *record);

/* How many rows of row_bytes bytes each a record should have: about a mebibyte, and at least one row. */
size_t myo_record_room(size_t row_bytes);

/* Bytes of all tensors. */
size_t myo_record_bytes(const struct myo_record *record);

/* The tensor of that name, or NULL. */
const struct myo_tensor *myo_record_find(const struct myo_record *record, const char *name);

/*
 * The tensor of that name, which must have this type, this number of dimensions, and rows of this shape, where a 0 in
 * row_shape [dims - 1], or NULL, stands for any; else MYO_FAIL with a text that says what was wanted and what is there.
 */
MYO_MUST_USE int myo_record_need(const struct myo_record *record, const char *name,
    enum myo_dtype dtype, int dims, const size_t *row_shape, const struct myo_tensor **out,
    struct myo_err *err);

/* Make an empty record that of rows [first, first + count) of another one, into whose data it points. */
MYO_MUST_USE int myo_record_part(const struct myo_record *record, size_t first, size_t count, struct myo_record *part,
    struct myo_err *err);

/* Append a tensor whose name and data the caller keeps alive until the record is cleared. */
MYO_MUST_USE int myo_record_put(struct myo_record *record, const char *name, enum myo_dtype dtype,
    int dims, const size_t *shape, const void *data, struct myo_err *err);

/* ---- headers ---------------------------------------------------------------------- */

enum myo_kind { MYO_IMAGES, MYO_PATCHES, MYO_PREDICTIONS, MYO_HEAT };
const char *myo_kind_name(enum myo_kind kind); /* "images", … */

/*
 * kind      what the rows are
 * classes   names in the order of the labels
 * rows      expected number of rows, -1 when not known; the end record has the true number
 * history   how it was made: array of steps, see myo_history_add()
 * extra     further metadata, an object of strings ("tile", "stride", "pad", "epoch_rows")
 */
struct myo_header {
	enum myo_kind kind;
	size_t class_count;
	char **classes;
	int64_t rows;
	json_t *history;
	json_t *extra;
};

#define MYO_HEADER_INIT { MYO_IMAGES, 0, NULL, -1, NULL, NULL }

void myo_header_clear(struct myo_header *header);

/* Deep copy into an empty header. */
MYO_MUST_USE int myo_header_copy(struct myo_header *to, const struct myo_header *from, struct myo_err *err);

/* Set the names, which are copied; MYO_FAIL where two are the same. */
MYO_MUST_USE int myo_header_set_classes(struct myo_header *header, size_t count,
    const char *const *names, struct myo_err *err);

/*
 * MYO_FAIL unless both headers name their classes, and name the same ones in the same order. name: what to call the
 * other header in the text, "has 3 classes, and NAME 4".
 */
MYO_MUST_USE int myo_header_same_classes(const struct myo_header *header, const struct myo_header *other,
    const char *name, struct myo_err *err);

/* Get a string of `extra`, or NULL. Set one to a copy of value; NULL removes it. */
const char *myo_header_get(const struct myo_header *header, const char *key);
MYO_MUST_USE int myo_header_set(struct myo_header *header, const char *key, const char *value, struct myo_err *err);
/* The same for whole numbers. Get fails if the value isn't one in [min, max]; if there is none, *out = fallback. */
MYO_MUST_USE int myo_header_get_int(const struct myo_header *header, const char *key, int64_t min,
    int64_t max, int64_t fallback, int64_t *out, struct myo_err *err);
MYO_MUST_USE int myo_header_set_int(struct myo_header *header, const char *key, int64_t value, struct myo_err *err);

/* ---- JSON ------------------------------------------------------------------------- */

/* When memory runs out, Jansson's copies and texts may silently lack a part. These functions fail instead. */

/* A deep copy; the copy of NULL is NULL. */
MYO_MUST_USE int myo_json_copy(const json_t *json, json_t **copy, struct myo_err *err);

/* As text, with the flags of json_dumps(); on the heap, or NULL with *err set. */
MYO_MUST_USE char *myo_json_text(const json_t *json, size_t flags, struct myo_err *err);

/* Metadata are strings, some of which hold JSON: set one of them to the text of a JSON value. */
MYO_MUST_USE int myo_json_set_text(json_t *meta, const char *key, const json_t *value, size_t flags,
    struct myo_err *err);

/* ---- histories -------------------------------------------------------------------- */

/*
 * A history is a JSON array of steps in the order of the pipe. A step is
 *   {"command": ["myopic-sample", "--size", "16"], "version": "0.1",
 *    "files": {"m.safetensors": [history of that file]}}     (files only where there are some)
 * or, where streams were joined by cat, {"cat": [[history], [history]]}.
 *
 * myo_history_add() appends a step of `count` words to *history.
 */
MYO_MUST_USE int myo_history_add(json_t **history, int count, char *const *words, struct myo_err *err);

/* Note in the last step that it also read a file with a history of its own (a model). */
MYO_MUST_USE int myo_history_add_file(json_t *history, const char *path, const json_t *of_file, struct myo_err *err);

/*
 * The history of streams that cat joined, from the array of their histories; of a single one its own. The caller owns
 * *out.
 */
MYO_MUST_USE int myo_history_join(const json_t *histories, json_t **out, struct myo_err *err);

/* The shell commands that repeat a history, one pipeline per line, quoted for sh; on the heap. */
MYO_MUST_USE int myo_history_replay(const json_t *history, char **out, struct myo_err *err);

/*
 * Which pixels [*first, *last) of a patch show its image, along one axis; the others are padding. The patch is a square
 * of `side` pixels of the image, beginning at `start`, that was resized to `pixels` pixels; the image has `length`. A
 * pixel that covers any part of the image shows it.
 */
void myo_shown(int64_t start, int64_t side, int64_t length, size_t pixels, size_t *first, size_t *last);

/* ---- reading ----------------------------------------------------------------------- */

struct myo_reader;

/*
 * Start to read a stream. name is what messages call it ("standard input", a path).
 * Reads the header record. The descriptor stays the caller's.
 */
MYO_MUST_USE int myo_reader_new(int fd, const char *name, struct myo_reader **out, struct myo_err *err);

/* The same with a file, which the reader closes when it is freed. */
MYO_MUST_USE int myo_reader_open(const char *path, struct myo_reader **out, struct myo_err *err);
void myo_reader_free(struct myo_reader *reader);

/* The header of the stream's first part; after MYO_END its history covers every part that cat joined. */
const struct myo_header *myo_reader_header(const struct myo_reader *reader);

/* How many of the parts that cat joined have begun. */
size_t myo_reader_parts(const struct myo_reader *reader);

/*
 * A copy of the histories of those parts from number `from` on, as an array, which the caller owns. A part's history is
 * complete when the part has ended.
 */
MYO_MUST_USE int myo_reader_histories(const struct myo_reader *reader, size_t from, json_t **out, struct myo_err *err);

/* MYO_FAIL unless the stream is of this kind ("standard input: holds images, not predictions"). */
MYO_MUST_USE int myo_reader_need_kind(const struct myo_reader *reader, enum myo_kind kind, struct myo_err *err);

/*
 * Read the next data record.
 * Returns MYO_OK   record is filled; its storage is reused by the next call
 *         MYO_END  the end record of the last part was read; counts and checksums are right
 *         MYO_FAIL read error, damage, or a stream that was cut off; or an error record, and then
 *                  err->program names the program that failed, and err->text says why
 */
MYO_MUST_USE int myo_reader_next(struct myo_reader *reader, struct myo_record *record, struct myo_err *err);

/* Rows read so far. */
int64_t myo_reader_rows(const struct myo_reader *reader);

/* ---- writing ----------------------------------------------------------------------- */

struct myo_writer;

/* Start a stream: writes the header record. The descriptor and the header stay the caller's. */
MYO_MUST_USE int myo_writer_new(int fd, const char *name, const struct myo_header *header,
    struct myo_writer **out, struct myo_err *err);
void myo_writer_free(struct myo_writer *writer);

/* Write a data record, which has at least one tensor and one row. */
MYO_MUST_USE int myo_writer_put(struct myo_writer *writer, const struct myo_record *record, struct myo_err *err);

/*
 * Write the end record. history: NULL, or the complete history where it is known only
 * now (that of myo_reader_header() after MYO_END, with this program's own step).
 */
MYO_MUST_USE int myo_writer_end(struct myo_writer *writer, const json_t *history, struct myo_err *err);

/*
 * Write an error record in place of the end record: the program (why->program, where the failure came
 * from upstream) and the text. Best effort: the caller fails anyway.
 */
void myo_writer_fail(struct myo_writer *writer, const char *program, const struct myo_err *why);

/* The same for a program that failed before it had a writer: the stream is the error record alone. */
void myo_stream_fail(int fd, const char *program, const struct myo_err *why);

/* ---- whole streams ------------------------------------------------------------------ */

/*
 * All rows of a stream, by number. The stream must be of the given kind. A regular file is mapped and its checksum
 * verified. A pipe is read into memory until its pixels (tensor `image`; all data of records without one) are more than
 * `memory` bytes (0: no limit), including the record that exceeds the limit. Beside that, 96 bytes per tensor and some
 * 100 per record are held.
 */
struct myo_table;

/*
 * Returns MYO_OK    *out holds the whole stream
 *         MYO_END   the input is a pipe with more pixels than `memory`: *out has what was
 *                   read so far and *rest is the reader for what follows (free both)
 *         MYO_FAIL  err is set
 * rest may be NULL: then too many pixels are MYO_FAIL, with a text that says what to do.
 */
MYO_MUST_USE int myo_table_new(int fd, const char *name, enum myo_kind kind, size_t memory, struct myo_table **out,
    struct myo_reader **rest, struct myo_err *err);
void myo_table_free(struct myo_table *table);

/* The header, which lives as long as the table, and the number of rows. */
const struct myo_header *myo_table_header(const struct myo_table *table);
size_t myo_table_rows(const struct myo_table *table);

/* Bytes that count towards the limit `memory`. */
size_t myo_table_pixel_bytes(const struct myo_table *table);

/*
 * MYO_FAIL if a mapped file was written to since myo_table_new(): its checksum was verified only then, but its pixels
 * are read again and again.
 */
MYO_MUST_USE int myo_table_check(const struct myo_table *table, struct myo_err *err);

/*
 * The tensor of that name in the record that holds a row, and in *within the number of the row in it. NULL when the
 * record has no such tensor. Valid until the table is freed.
 */
const struct myo_tensor *myo_table_find(const struct myo_table *table, size_t row, const char *name, size_t *within);

/* ---- documents ----------------------------------------------------------------------- */

/* Read a whole safetensors document (a model file) into a record, metadata included. */
MYO_MUST_USE int myo_document_load(const char *path, struct myo_record *record, struct myo_err *err);

/* Write one, atomically. */
MYO_MUST_USE int myo_document_save(const char *path, const struct myo_record *record, struct myo_err *err);

/*
 * Whether to read a descriptor as a stream: it is a file whose first record is a
 * header or an error, or it isn't seekable. Doesn't move the position in the file.
 */
bool myo_is_stream(int fd);

#endif
