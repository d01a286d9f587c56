/*
 * gunzip.h - read a gzip file and verify its checksums, which libarchive 3 leaves out: a bit
 * that flips in the pixels of an archive would go unnoticed.
 */
#ifndef MYO_DATA_GUNZIP_H
#define MYO_DATA_GUNZIP_H

#include "base/base.h"

struct gunzip;

/* Whether the file begins like one that gzip wrote. The descriptor doesn't move. */
MYO_MUST_USE int gunzip_wants(int fd, bool *wants, struct myo_err *err);

/* Start to read at the descriptor's start; it stays the caller's. */
MYO_MUST_USE int gunzip_new(int fd, struct gunzip **out, struct myo_err *err);
void gunzip_free(struct gunzip *gunzip);

/*
 * The next bytes, at most some 64 KiB, valid until the next call; *count is 0 at the end, which
 * is only reached if every checksum and length is right.
 */
MYO_MUST_USE int gunzip_read(struct gunzip *gunzip, const void **bytes, size_t *count, struct myo_err *err);

#endif
