/* store.h - memory for what is kept until the end: many short names, at little more than their length. */
#ifndef MYO_DATA_STORE_H
#define MYO_DATA_STORE_H

#include "base/base.h"

/* Zeroed, it is empty. */
struct store {
	struct store_block *last;
};

/* Zeroed bytes at any address, valid until the store is cleared; NULL when there is no memory. */
void *store_bytes(struct store *store, size_t count, struct myo_err *err);

/* A copy of a text. */
char *store_text(struct store *store, const char *text, struct myo_err *err);

/* Two texts in one; a formatted one. */
char *store_join(struct store *store, const char *first, const char *second, struct myo_err *err);
char *store_format(struct store *store, struct myo_err *err, const char *format, ...) MYO_PRINTF(3, 4);
void store_clear(struct store *store);

#endif
