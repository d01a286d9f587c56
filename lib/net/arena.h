/*
 * arena.h - private to the room: one block of memory for buffers with known lifetimes.
 *
 * Ask for all buffers, each with the first and the last time at which it is in use, then
 * place them: two buffers share bytes only if they are never in use at the same time.
 */
#ifndef MYO_NET_ARENA_H
#define MYO_NET_ARENA_H

#include "base/base.h"

struct arena_buffer {
	size_t bytes, offset;
	int first, last; /* times, both inclusive */
};

struct arena {
	struct arena_buffer *buffers;
	size_t count, room;
	size_t bytes; /* of the whole block, once placed */
};

/* Ask for a buffer, whose size is rounded up to whole cache lines; *index: its index in `buffers`. */
MYO_MUST_USE int net_arena_ask(
    struct arena *arena, size_t bytes, int first, int last, size_t *index, struct myo_err *err);

/* Give each buffer its offset: the largest first, each at the lowest place that is free during its whole lifetime. */
MYO_MUST_USE int net_arena_place(struct arena *arena, struct myo_err *err);

void net_arena_clear(struct arena *arena);

#endif
