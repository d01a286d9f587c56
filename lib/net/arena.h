/*
 * arena.h - private to the room: one block of memory for buffers with known lifetimes.
 *
 * Ask for all buffers, each with the first and the last moment at which it is in use, then
 * place them: two buffers share bytes only if they are never in use at the same moment.
 */
#ifndef MYO_NET_ARENA_H
#define MYO_NET_ARENA_H

#include "base/base.h"

struct arena_buffer {
	size_t bytes, offset;
	int first, last; /* both included */
};

struct arena {
	struct arena_buffer *buffers;
	size_t count, room;
	size_t bytes; /* of the whole block, once placed */
};

/* Ask for a buffer; *index names it from then on. Bytes are rounded up to cache lines. */
MYO_MUST_USE int net_arena_ask(
    struct arena *arena, size_t bytes, int first, int last, size_t *index, struct myo_err *err);

/* Give each buffer its offset: the largest first, each at the lowest place that is free all its life. */
MYO_MUST_USE int net_arena_place(struct arena *arena, struct myo_err *err);

void net_arena_clear(struct arena *arena);

#endif
