/*
 * inflate.h - the bytes of a compressed file, whatever compressed it: gzip's by gunzip.h, those of others by
 * libarchive.
 */
#ifndef MYO_DATA_INFLATE_H
#define MYO_DATA_INFLATE_H

#include "base/base.h"

#include <archive.h>

struct inflate;

/* Gives what comes next, valid until it is called again; *count is 0 at the end. */
typedef int inflate_source(void *context, const void **bytes, size_t *count, struct myo_err *err);

/*
 * first    how the file begins, count bytes of it, which must stay until the source is asked for more: it goes on
 *          behind them
 * *out     NULL: the file isn't compressed; the source was asked for nothing then, unless the file is shorter than any
 *          header
 */
MYO_MUST_USE int inflate_new(const void *first, size_t count, inflate_source *source, void *context,
    struct inflate **out, struct myo_err *err);
void inflate_free(struct inflate *inflate);

/*
 * Why libarchive failed, as err's text: `trouble`, if its callback left any there, where libarchive may say something
 * else; otherwise its own words, some of which end in a newline. Returns MYO_FAIL.
 */
int archive_why(struct archive *archive, const struct myo_err *trouble, struct myo_err *err);

/*
 * The next bytes, valid until the next call; *count is 0 at the end, which is only reached where the file is whole, as
 * far as what compressed it lets that be seen, and its checksums are right.
 */
MYO_MUST_USE int inflate_read(struct inflate *inflate, const void **bytes, size_t *count, struct myo_err *err);

#endif
