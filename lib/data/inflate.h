/*
 * inflate.h - decompresses files: those of gzip by gunzip.h, others by libarchive.
 */
#ifndef MYO_DATA_INFLATE_H
#define MYO_DATA_INFLATE_H

#include "base/base.h"

#include <archive.h>

struct inflate;

/* Gives the next bytes of the file, valid until it is called again; *count is 0 at the end. */
typedef int inflate_source(void *context, const void **bytes, size_t *count, struct myo_err *err);

/*
 * first    the first `count` bytes of the file, which must stay valid until the source is called: it gives those after
 *          them
 * *out     NULL: the file isn't compressed; the source was not called then, unless the file is shorter than any header
 */
MYO_MUST_USE int inflate_new(const void *first, size_t count, inflate_source *source, void *context,
    struct inflate **out, struct myo_err *err);
void inflate_free(struct inflate *inflate);

/*
 * Put into *err why libarchive failed: the error that our callback left in *trouble, if any, since libarchive may
 * report another; else its own message, without a newline that may be at its end. Returns MYO_FAIL.
 */
int archive_why(struct archive *archive, const struct myo_err *trouble, struct myo_err *err);

/*
 * The next bytes, valid until the next call; *count is 0 at the end, which is only reached if the file is complete, as
 * far as its format shows that, and its checksums are right.
 */
MYO_MUST_USE int inflate_read(struct inflate *inflate, const void **bytes, size_t *count, struct myo_err *err);

#endif
