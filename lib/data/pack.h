/*
 * pack.h - reads the regular files in an archive in a single pass.
 *
 * Archives are read by libarchive: tar, zip, 7zip, cpio and others, compressed or not. A file that is no archive counts
 * as one with a single member. An archive may lie inside another: if the outer one is a tar that isn't compressed, the
 * inner one is read from its place in the file, and unwanted members are skipped without being read.
 */
#ifndef MYO_DATA_PACK_H
#define MYO_DATA_PACK_H

#include "base/base.h"

/* Bytes of a regular file. */
struct extent {
	int fd; /* borrowed; its offset is neither used nor changed */
	int64_t start, length;
};

struct pack;

/*
 * For reading little but names: blocks are small. If the file is compressed, its decompressed bytes are also written to
 * a descriptor, as long as they are at most so many; pack_kept() tells at the end whether all of them were.
 */
struct skim {
	int keep; /* the descriptor, borrowed; -1: none */
	int64_t most;
};

/*
 * alone  name of the only member if the file is no archive
 * skim   NULL: contents are wanted
 */
MYO_MUST_USE int pack_new(const struct extent *extent, const char *alone, const struct skim *skim, struct pack **out,
    struct myo_err *err);

/* Open the current member of `outer` as an archive. `outer` must not be moved or freed before this one is freed. */
MYO_MUST_USE int pack_new_inside(struct pack *outer, struct pack **out, struct myo_err *err);
void pack_free(struct pack *pack);

/* Whether the file is compressed as a whole. */
bool pack_inflates(const struct pack *pack);

/* After MYO_END: whether all decompressed bytes went to the descriptor. */
bool pack_kept(const struct pack *pack);

/*
 * Go to the next regular file. *name is valid until the next call, without "./" at its front;
 * *size is -1 where only reading it tells. Fails at a link that is named like a part of a set (path_is_wanted()).
 * Returns MYO_END only if the archive is complete; if it is a tar, so must be those concatenated to it.
 */
MYO_MUST_USE int pack_next(struct pack *pack, const char **name, int64_t *size, struct myo_err *err);

/* Read from the member; *got is less than count only at its end. *lost: after MYO_FAIL no other can be read either. */
MYO_MUST_USE int pack_read(
    struct pack *pack, void *bytes, size_t count, size_t *got, bool *lost, struct myo_err *err);

/*
 * After pack_next(), before any of the member is read: whether its bytes lie as they are in the outermost file, as they
 * do in a tar, and where. If that file is compressed, the place is in the skim's descriptor, and only holds if
 * pack_kept() is true in the end.
 */
bool pack_extent(const struct pack *pack, struct extent *extent);

/* The first link that was passed over and may lead to a folder, as "a, a link to b,"; or NULL. */
const char *pack_link(const struct pack *pack);

/* After pack_next(): whether the file is no archive, so that the member is all of it. */
bool pack_is_alone(const struct pack *pack);

/* Count the rest of a member's bytes by reading them; *size is most + 1 if they are more than `most`. */
MYO_MUST_USE int pack_count(struct pack *pack, int64_t most, int64_t *size, struct myo_err *err);

#endif
