/*
 * pack.h - the regular files in an archive, one after the other, once.
 *
 * Archives are read by libarchive: tar, zip, 7zip, cpio and others, and what compresses
 * them. A file that is none is an archive of one. An archive may lie inside of another: where the outer one
 * is plain, its bytes are read from their place in the file, and what isn't wanted is passed over unread.
 */
#ifndef MYO_DATA_PACK_H
#define MYO_DATA_PACK_H

#include "base/base.h"

/* Bytes of a regular file. */
struct extent {
	int fd; /* somebody else's; where it stands doesn't matter and doesn't change */
	int64_t start, length;
};

struct pack;

/*
 * Only names are wanted, so little is read at a time. Where the file is compressed, what comes out goes to a
 * descriptor, too, as long as that is at most so many bytes: pack_kept() says at the end whether all of it did.
 */
struct skim {
	int keep; /* -1: none */
	int64_t most;
};

/*
 * alone  what to call the only member of what is no archive
 * skim   NULL: the contents are wanted
 */
MYO_MUST_USE int pack_new(const struct extent *extent, const char *alone, const struct skim *skim, struct pack **out,
    struct myo_err *err);

/* The archive that is the file at which `outer` stands, which must neither move nor go away before this one has. */
MYO_MUST_USE int pack_new_inside(struct pack *outer, struct pack **out, struct myo_err *err);
void pack_free(struct pack *pack);

/* Whether the file is compressed as a whole. */
bool pack_inflates(const struct pack *pack);

/* After MYO_END. */
bool pack_kept(const struct pack *pack);

/*
 * Go to the next regular file. *name is valid until the next call, without "./" at its front;
 * *size is -1 where only reading it tells. Fails at a link that is called like a picture.
 * Returns MYO_END only if the archive is complete, and all that follow it in the file, if it is a tar.
 */
MYO_MUST_USE int pack_next(struct pack *pack, const char **name, int64_t *size, struct myo_err *err);

/* *lost: on MYO_FAIL, whether nothing after this can be read either. */
MYO_MUST_USE int pack_read(
    struct pack *pack, void *bytes, size_t count, size_t *got, bool *lost, struct myo_err *err);

/*
 * After pack_next(), before any of the member is read: whether its bytes lie in the outermost file as they are,
 * which is so in a plain tar, and where; or, if that is compressed, in what is kept of it, if all of it will be.
 */
bool pack_extent(const struct pack *pack, struct extent *extent);

/* The first link that was passed over and may have led to a folder, and where to ("a, a link to b,"), or NULL. */
const char *pack_link(const struct pack *pack);

/* After pack_next(): whether the file is no archive, and this member all of it. */
bool pack_is_alone(const struct pack *pack);

/* Read the rest of a file for its size; more than `most` bytes count as one more, and aren't read. */
MYO_MUST_USE int pack_count(struct pack *pack, int64_t most, int64_t *size, struct myo_err *err);

#endif
