/* Names and notes, in large blocks. */
#include "data/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16 };

struct store_block {
	struct store_block *before;
	size_t used, room;
	char bytes[];
};

void *
store_bytes(struct store *store, size_t count, struct myo_err *err)
{
	struct store_block *block = store->last;

	if (block == NULL || block->room - block->used < count) {
		const size_t room = count > BLOCK ? count : BLOCK;
		block = myo_calloc(1, sizeof *block + room, err);
		if (block == NULL)
			return NULL;
		block->before = store->last;
		block->room = room;
		store->last = block;
	}
	void *bytes = block->bytes + block->used;
	block->used += count;
	return bytes;
}

char *
store_join(struct store *store, const char *first, const char *second, struct myo_err *err)
{
	const size_t front = strlen(first), back = strlen(second) + 1;
	char *both = store_bytes(store, front + back, err);

	if (both != NULL) {
		memcpy(both, first, front);
		memcpy(both + front, second, back);
	}
	return both;
}

char *
store_text(struct store *store, const char *text, struct myo_err *err)
{
	return store_join(store, "", text, err);
}

char *
store_format(struct store *store, struct myo_err *err, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	const int length = vsnprintf(NULL, 0, format, args);
	char *text = length >= 0 ? store_bytes(store, (size_t)length + 1, err) : NULL;
	if (text != NULL)
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}

void
store_clear(struct store *store)
{
	while (store->last != NULL) {
		struct store_block *block = store->last;
		store->last = block->before;
		free(block);
	}
}
