/* Placing buffers of known lifetimes in one block. */
#include "net/arena.h"

#include <stdlib.h>

enum { LINE = 64 };

int
net_arena_ask(struct arena *arena, size_t bytes, int first, int last, size_t *index, struct myo_err *err)
{
	if (bytes > SIZE_MAX / 4)
		return myo_fail_memory(err, bytes);
	if (arena->count == arena->room) {
		const size_t room = arena->room > 0 ? 2 * arena->room : 64;
		struct arena_buffer *buffers = myo_realloc(arena->buffers, room, sizeof *buffers, err);
		if (buffers == NULL)
			return MYO_FAIL;
		arena->buffers = buffers;
		arena->room = room;
	}
	*index = arena->count++;
	arena->buffers[*index] =
	    (struct arena_buffer){ .bytes = (bytes + LINE - 1) / LINE * LINE, .first = first, .last = last };
	return MYO_OK;
}

/* Large before small; among equals the one asked for first, so that the order is unique. */
static int
by_size(const void *a, const void *b)
{
	const struct arena_buffer *x = *(const struct arena_buffer *const *)a;
	const struct arena_buffer *y = *(const struct arena_buffer *const *)b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int
by_offset(const void *a, const void *b)
{
	const struct arena_buffer *x = *(const struct arena_buffer *const *)a;
	const struct arena_buffer *y = *(const struct arena_buffer *const *)b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* The lowest offset with room for a buffer between the placed ones whose lifetimes overlap its own. */
static size_t
find_place(const struct arena_buffer *buffer, struct arena_buffer *const *placed, size_t count,
    struct arena_buffer **alive)
{
	size_t living = 0, offset = 0;

	for (size_t i = 0; i < count; i++)
		if (placed[i]->first <= buffer->last && buffer->first <= placed[i]->last)
			alive[living++] = placed[i];
	if (living > 0)
		qsort(alive, living, sizeof(struct arena_buffer *), by_offset);
	for (size_t i = 0; i < living; i++) {
		if (offset + buffer->bytes <= alive[i]->offset)
			break;
		if (alive[i]->offset + alive[i]->bytes > offset)
			offset = alive[i]->offset + alive[i]->bytes;
	}
	return offset;
}

int
net_arena_place(struct arena *arena, struct myo_err *err)
{
	struct arena_buffer **order = myo_calloc(2 * arena->count, sizeof *order, err);
	int rc = MYO_OK;

	if (order == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < arena->count; i++)
		order[i] = &arena->buffers[i];
	qsort(order, arena->count, sizeof *order, by_size);
	arena->bytes = 0;
	for (size_t i = 0; i < arena->count && rc == MYO_OK; i++) {
		struct arena_buffer *buffer = order[i];
		buffer->offset = find_place(buffer, order, i, order + arena->count);
		if (buffer->offset > SIZE_MAX / 2)
			rc = myo_fail_memory(err, buffer->offset);
		else if (buffer->offset + buffer->bytes > arena->bytes)
			arena->bytes = buffer->offset + buffer->bytes;
	}
	free(order);
	return rc;
}

void
net_arena_clear(struct arena *arena)
{
	free(arena->buffers);
	*arena = (struct arena){ 0 };
}
