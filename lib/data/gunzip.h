/*
 * gunzip.h - read gzip's bytes and verify their checksums, which libarchive 3 leaves out: a bit
 * that flips in the pixels of an archive would go unnoticed.
 */
#ifndef MYO_DATA_GUNZIP_H
#define MYO_DATA_GUNZIP_H

#include "data/inflate.h"

struct gunzip;

/* Whether a file that begins so was written by gzip. */
bool gunzip_wants(const uint8_t *first, size_t count);

MYO_MUST_USE int gunzip_new(inflate_source *source, void *context, struct gunzip **out, struct myo_err *err);
void gunzip_free(struct gunzip *gunzip);

/*
 * The next bytes, at most 256 KiB, valid until the next call; *count is 0 at the end, which
 * is only reached if every checksum and length is right.
 */
MYO_MUST_USE int gunzip_read(struct gunzip *gunzip, const void **bytes, size_t *count, struct myo_err *err);

#endif
