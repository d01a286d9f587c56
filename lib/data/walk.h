/*
 * walk.h - the files of an archive, including those of tars inside it.
 *
 * A tar inside an archive counts as a folder of the same name without the ending: the file a.JPEG in n01440764.tar is
 * n01440764/a.JPEG. Inner tars are neither unpacked to disk nor held in memory.
 */
#ifndef MYO_DATA_WALK_H
#define MYO_DATA_WALK_H

#include "data/pack.h"

struct walk;

/* See pack_new(). */
MYO_MUST_USE int walk_new(const struct extent *extent, const char *alone, const struct skim *skim, struct walk **out,
    struct myo_err *err);
void walk_free(struct walk *walk);

/* See pack_next(); litter is skipped. After MYO_FAIL nothing more can be read. */
MYO_MUST_USE int walk_next(struct walk *walk, const char **name, int64_t *size, struct myo_err *err);

/* Whether a path is of a file that isn't meant to be there: hidden ("." and ".." aren't), or in __MACOSX. */
bool walk_is_litter(const char *path);

/* The innermost archive that the current file is in, to read it from; valid until the next walk_next(). */
struct pack *walk_pack(const struct walk *walk);

/* The outermost archive. */
struct pack *walk_outermost(const struct walk *walk);

/* Whether the walk is over a single file that is no archive. */
bool walk_is_alone(const struct walk *walk);

#endif
