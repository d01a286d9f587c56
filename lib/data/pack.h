/*
 * pack.h - the regular files in an archive, one after the other, as often as wanted.
 *
 * Archives are read by libarchive: tar, zip, 7zip, cpio and others, and what compresses
 * them. A file that is none is an archive of one, named after the file.
 */
#ifndef MYO_DATA_PACK_H
#define MYO_DATA_PACK_H

#include "base/base.h"

struct pack;

/* path "-": standard input. What can't be read twice is copied to a temporary file without a name. */
MYO_MUST_USE int pack_new(const char *path, struct pack **out, struct myo_err *err);
void pack_free(struct pack *pack);

/* Back to before the first. */
MYO_MUST_USE int pack_rewind(struct pack *pack, struct myo_err *err);

/*
 * Go to the next regular file. *name is valid until the next call, without "./" at its front;
 * *size is -1 where only reading it tells.
 * Returns MYO_END only if the archive is complete.
 */
MYO_MUST_USE int pack_next(struct pack *pack, const char **name, int64_t *size, struct myo_err *err);

/* *lost: on MYO_FAIL, whether nothing after this can be read either. */
MYO_MUST_USE int pack_read(
    struct pack *pack, void *bytes, size_t count, size_t *got, bool *lost, struct myo_err *err);

/* After pack_next(): whether the file is no archive, and this member all of it. */
bool pack_is_alone(const struct pack *pack);

/* Read the rest of a file for its size. */
MYO_MUST_USE int pack_count(struct pack *pack, int64_t *size, struct myo_err *err);

#endif
