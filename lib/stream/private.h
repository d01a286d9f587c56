/*
 * private.h - what the files of the stream room share: safetensors documents, which every
 * record and every model file is, their bytes, and headers.
 */
#ifndef MYO_STREAM_PRIVATE_H
#define MYO_STREAM_PRIVATE_H

#include "stream/stream.h"
#include "base/hash.h"

/* Limits on what a record may claim. A stream's JSON is small; a model's can name thousands of tensors. */
#define STREAM_JSON_MOST ((size_t)16 << 20)
#define STREAM_DATA_MOST ((size_t)4 << 30)
#define DOCUMENT_JSON_MOST ((size_t)100000000) /* the format's own limit */

enum { STREAM_LENGTH = 8, STREAM_ALIGN = 8 };

/* What a record owns if it was read; a record built by myo_record_put() owns only the array of tensors. */
struct storage {
	json_t *json; /* the names of the tensors point into it */
	unsigned char *data;
	size_t data_room;
	size_t tensor_room;
};

/*
 * Parse the JSON of a document, which may be hostile, into `record`, whose old content is dropped: the tensors, with
 * all members but data set, and meta. *offsets: where in the document's data each tensor's begins, on the heap;
 * *data_bytes: how many bytes of data follow the JSON, at most data_most.
 */
MYO_MUST_USE int stream_parse(struct myo_record *record, const char *json, size_t length, size_t data_most,
    size_t **offsets, size_t *data_bytes, struct myo_err *err);

/* Point the tensors to their data; MYO_FAIL if one isn't aligned for its type. */
MYO_MUST_USE int stream_place(struct myo_record *record, unsigned char *data, const size_t *offsets,
    struct myo_err *err);

/* The storage of a record, made if need be. */
MYO_MUST_USE struct storage *stream_storage(struct myo_record *record, struct myo_err *err);

/* Room for `count` tensors. */
MYO_MUST_USE int stream_room(struct myo_record *record, size_t count, struct myo_err *err);

/*
 * The head of a document for a record, on the heap: length and JSON, padded with spaces so that the data begins at a
 * multiple of 8 bytes from the start of the stream, in which the head is at `position`. MYO_FAIL if it would have
 * more than `most` bytes, which no reader would take.
 * order [count]: filled with the order in which the data of the tensors must follow, widest types first, so that all
 * are aligned.
 */
MYO_MUST_USE int stream_head(const struct myo_record *record, uint64_t position, size_t most, unsigned char **head,
    size_t *bytes, size_t *order, struct myo_err *err);

uint64_t stream_get_u64(const unsigned char bytes[STREAM_LENGTH]);

/* Add a tensor to the checksum of a stream: not its data, but the eight bytes of their checksum. */
void stream_hash(XXH3_state_t *hash, const struct myo_tensor *tensor);

/* Write a head and its record's data, in few system calls. order is that of stream_head(). */
MYO_MUST_USE int stream_write(int fd, const unsigned char *head, size_t bytes, const struct myo_record *record,
    const size_t *order, struct myo_err *err);

/* ---- bytes ------------------------------------------------------------------------------ */

/* Where a stream's bytes come from: a descriptor, read through a buffer, or a mapped file. */
struct stream_input {
	int fd;
	const unsigned char *map; /* NULL: read from fd */
	unsigned char *buffer;
	size_t at, end; /* bytes not taken yet, as offsets in the map or the buffer */
};

/* The descriptor or map stays the caller's. */
MYO_MUST_USE int stream_input_init(struct stream_input *input, int fd, const unsigned char *map, size_t map_bytes,
    struct myo_err *err);
void stream_input_clear(struct stream_input *input);

/* Look at what comes next without taking it: at least `want` bytes, fewer than a pipe holds, or all that is left. */
MYO_MUST_USE int stream_input_peek(struct stream_input *input, size_t want, const unsigned char **bytes, size_t *count,
    struct myo_err *err);

/* Take count bytes; *got is less only at the end of the input. */
MYO_MUST_USE int stream_input_read(struct stream_input *input, void *to, size_t count, size_t *got,
    struct myo_err *err);

/* Take the next count bytes in place, if they are in a map and aligned; else NULL, and nothing is taken. */
const unsigned char *stream_input_lend(struct stream_input *input, size_t count);

/* A guess at what bytes are that aren't a stream, for messages. */
const char *stream_guess(const unsigned char *bytes, size_t count);

/* ---- headers and readers ------------------------------------------------------------------ */

/* A string of metadata, or NULL. */
const char *stream_meta(const json_t *meta, const char *key);

#define STREAM_FORMAT "myopic-stream"
#define STREAM_VERSION "2"

/* A header from the metadata of a header record, and the metadata from a header. */
MYO_MUST_USE int stream_header_parse(const json_t *meta, struct myo_header *header, struct myo_err *err);
MYO_MUST_USE int stream_header_meta(const struct myo_header *header, json_t **meta, struct myo_err *err);

/* MYO_FAIL unless a part may follow the first one of a stream that cat joined. */
MYO_MUST_USE int stream_header_fits(const struct myo_header *first, const struct myo_header *next, struct myo_err *err);

/* A reader of fd, or of a mapped file: then records point into the map, which must outlive them. */
MYO_MUST_USE int stream_reader_new(int fd, const unsigned char *map, size_t map_bytes, const char *name,
    struct myo_reader **out, struct myo_err *err);

#endif
