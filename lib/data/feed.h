/*
 * feed.h - reads the bytes of a plan's pictures, which are files or parts of files. Each thread can have its own feed.
 */
#ifndef MYO_DATA_FEED_H
#define MYO_DATA_FEED_H

#include "data/decode.h"

/* Bytes that grow on demand. Zeroed, it is empty; the owner frees `bytes`. */
struct buffer {
	uint8_t *bytes;
	size_t used, room;
};

struct feed {
	const struct source *source;
	const struct plan *plan;
	int64_t max_member;
	struct cursor *cursor;
	size_t member; /* the open one; the number of members: none */
	size_t part;   /* of it, to be read next */
};

/* max_member: most bytes of a picture's file. The source and the plan must outlive the feed. */
MYO_MUST_USE int feed_init(struct feed *feed, const struct source *source, const struct plan *plan, int64_t max_member,
    struct myo_err *err);
void feed_clear(struct feed *feed);

/*
 * Append an item's bytes to the buffer, and fill in its entry, which may turn out to be broken. MYO_FAIL: no further
 * picture can be read either. See cursor_seek() for the order in which items can be read.
 */
MYO_MUST_USE int feed_read(
    struct feed *feed, const struct item *item, struct buffer *buffer, struct entry *entry, struct myo_err *err);

/* Read the labels that are LABEL_INSIDE, for selections by label. Those that are no classes stay as they are. */
MYO_MUST_USE int feed_labels(
    const struct source *source, const struct format *format, struct plan *plan, struct myo_err *err);

#endif
