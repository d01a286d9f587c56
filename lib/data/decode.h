/* decode.h - one picture, from the bytes of its file to the pixels of a row. */
#ifndef MYO_DATA_DECODE_H
#define MYO_DATA_DECODE_H

#include "data/data.h"
#include "data/format.h"

/* A picture on its way: its bytes, then its pixels or what is wrong. */
struct entry {
	const struct item *item;
	size_t at, size; /* of its bytes, in the buffer into which they were read */
	bool unread;     /* they are still to be read, by the thread that decodes them */
	struct myo_image image;
	bool summed;  /* sum is set, which it is for pictures of which one fills a record */
	uint64_t sum; /* checksum of the pixels */
	int32_t label, box[4];
	bool broken;
	struct myo_err err; /* why */
};

/* Decode, resize and label an entry, unless it is broken already; it may become so. Any thread may do this. */
void decode_entry(const struct myo_dataset_options *options, const struct format *format, const struct plan *plan,
    const uint8_t *bytes, struct entry *entry);

#endif
