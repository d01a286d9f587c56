/*
 * walk.h - the files of an archive, those of the archives in it among them.
 *
 * A tar inside of an archive counts as a folder that is called like it, without its ending: of n01440764.tar the
 * file a.JPEG is n01440764/a.JPEG. Nothing of it is unpacked to disk or held in memory.
 */
#ifndef MYO_DATA_WALK_H
#define MYO_DATA_WALK_H

#include "data/pack.h"

struct walk;

/* See pack_new(). */
MYO_MUST_USE int walk_new(const struct extent *extent, const char *alone, const struct skim *skim, struct walk **out,
    struct myo_err *err);
void walk_free(struct walk *walk);

/* See pack_next(); litter is passed over. On MYO_FAIL nothing after this can be read. */
MYO_MUST_USE int walk_next(struct walk *walk, const char **name, int64_t *size, struct myo_err *err);

/* Whether a path is of what systems leave beside the real files: hidden ones and __MACOSX; "." and ".." are none. */
bool walk_is_litter(const char *path);

/* The archive that the file at hand is in, to be read from; it moves with the walk. */
struct pack *walk_pack(const struct walk *walk);

/* The one that all of it is in. */
struct pack *walk_outermost(const struct walk *walk);

/* Whether the walk is over what is no archive, but one file. */
bool walk_is_alone(const struct walk *walk);

#endif
