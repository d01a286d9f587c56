/* The bytes of pictures, one after the other. */
#include "data/feed.h"

#include <stdlib.h>

enum { FIRST_BUFFER = 64 << 10 };

int
feed_init(struct feed *feed, const struct source *source, const struct plan *plan, int64_t max_member,
    struct myo_err *err)
{
	*feed = (struct feed){ .source = source, .plan = plan, .max_member = max_member };
	feed->member = source_listing(source)->count;
	return cursor_new(source, &feed->cursor, err);
}

static int
reserve(struct buffer *buffer, size_t more, struct myo_err *err)
{
	size_t room = buffer->room > 0 ? buffer->room : FIRST_BUFFER;

	while (room - buffer->used < more)
		room *= 2;
	if (room == buffer->room)
		return MYO_OK;
	uint8_t *larger = myo_realloc(buffer->bytes, room, 1, err);
	if (larger == NULL)
		return MYO_FAIL;
	buffer->bytes = larger;
	buffer->room = room;
	return MYO_OK;
}

static int
refuse_size(const struct feed *feed, struct myo_err *err)
{
	return myo_fail(err, "a picture file of more than %lld bytes (--max-member)", (long long)feed->max_member);
}

/* Read a whole file to the end of the buffer; the size in the list is only a hint. */
static int
read_whole(struct feed *feed, size_t member, struct buffer *buffer, size_t *size, struct myo_err *err)
{
	const int64_t listed = source_listing(feed->source)->members[member].size;
	size_t got, step;

	if (listed > feed->max_member)
		return refuse_size(feed, err);
	*size = 0;
	step = (size_t)listed + 1; /* one more, to see that it ends there */
	do {
		if (reserve(buffer, step, err) != MYO_OK ||
		    cursor_read(feed->cursor, buffer->bytes + buffer->used, step, &got, err) != MYO_OK)
			return MYO_FAIL;
		buffer->used += got;
		*size += got;
		if ((int64_t)*size > feed->max_member)
			return refuse_size(feed, err);
	} while (got == step && (step = FIRST_BUFFER) > 0);
	return MYO_OK;
}

/* Read one part. Unwanted parts before it are read, and overwritten. */
static int
read_part(struct feed *feed, size_t part, struct buffer *buffer, size_t *size, struct myo_err *err)
{
	size_t got;

	*size = feed->plan->part_bytes;
	if (reserve(buffer, *size, err) != MYO_OK)
		return MYO_FAIL;
	for (; feed->part <= part; feed->part++) {
		if (cursor_read(feed->cursor, buffer->bytes + buffer->used, *size, &got, err) != MYO_OK)
			return MYO_FAIL;
		if (got < *size)
			return myo_fail(err, "changed while it was read");
	}
	buffer->used += *size;
	return MYO_OK;
}

int
feed_read(struct feed *feed, const struct item *item, struct buffer *buffer, struct entry *entry, struct myo_err *err)
{
	const char *root = source_root_name(feed->source, item->member);
	struct myo_err why = MYO_ERR_INIT;

	*entry = (struct entry){ .item = item, .at = buffer->used };
	if (feed->member != item->member) {
		if (cursor_seek(feed->cursor, item->member, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", root);
			return MYO_FAIL;
		}
		feed->member = item->member;
		feed->part = 0;
	}
	const int rc = feed->plan->part_bytes > 0 ? read_part(feed, item->part, buffer, &entry->size, &why)
	                                          : read_whole(feed, item->member, buffer, &entry->size, &why);
	if (rc == MYO_OK)
		return MYO_OK;
	if (cursor_lost(feed->cursor) || feed->plan->part_bytes > 0) {
		*err = why;
		myo_err_prefix(err, "%s: %s: ", root, source_listing(feed->source)->members[item->member].name);
		return MYO_FAIL;
	}
	entry->broken = true;
	entry->err = why;
	return MYO_OK;
}

void
feed_clear(struct feed *feed)
{
	cursor_free(feed->cursor);
}

int
feed_labels(const struct source *source, const struct format *format, struct plan *plan, struct myo_err *err)
{
	struct buffer buffer = { 0 };
	struct myo_err why = MYO_ERR_INIT;
	struct entry *entry = NULL;
	struct feed feed;
	int rc = MYO_OK;

	if (format->label == NULL)
		return MYO_OK;
	if (feed_init(&feed, source, plan, MYO_MAX_MEMBER, err) != MYO_OK)
		return MYO_FAIL;
	entry = myo_calloc(1, sizeof *entry, err);
	if (entry == NULL)
		rc = MYO_FAIL;
	for (size_t i = 0; i < plan->count && rc == MYO_OK; i++) {
		struct item *item = &plan->items[i];
		buffer.used = 0;
		rc = feed_read(&feed, item, &buffer, entry, err);
		if (rc == MYO_OK && format->label(plan, buffer.bytes, &item->label, &why) != MYO_OK)
			item->label = LABEL_INSIDE; /* broken, which is reported when it is decoded */
	}
	free(entry);
	free(buffer.bytes);
	feed_clear(&feed);
	return rc;
}
