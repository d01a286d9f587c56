/*
 * feed.h - what reads the files of a plan's pictures, or their parts of files, into memory. Several may at once.
 */
#ifndef MYO_DATA_FEED_H
#define MYO_DATA_FEED_H

#include "data/decode.h"

/* Bytes, whose room grows with them; all zeros at first, `bytes` to be freed. */
struct buffer {
	uint8_t *bytes;
	size_t used, room;
};

struct feed {
	const struct source *source;
	const struct plan *plan;
	int64_t max_member;
	struct cursor *cursor;
	size_t member; /* that is open; the number of members: none */
	size_t part;   /* of it, to be read next */
};

/* max_member: bytes of a file at most. The source and the plan must outlive it. */
MYO_MUST_USE int feed_init(struct feed *feed, const struct source *source, const struct plan *plan, int64_t max_member,
    struct myo_err *err);
void feed_clear(struct feed *feed);

/*
 * Bytes of an item, at the end of the buffer: they are the entry's, which may turn out to be broken. MYO_FAIL: nothing
 * more can be read, of any picture. See cursor_seek() for which item may follow which.
 */
MYO_MUST_USE int feed_read(
    struct feed *feed, const struct item *item, struct buffer *buffer, struct entry *entry, struct myo_err *err);

/* Labels that stand in the bytes of the pictures, for those who must know them before. */
MYO_MUST_USE int feed_labels(
    const struct source *source, const struct format *format, struct plan *plan, struct myo_err *err);

#endif
