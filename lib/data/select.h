/* select.h - which of a data set's pictures are wanted, and their ids. */
#ifndef MYO_DATA_SELECT_H
#define MYO_DATA_SELECT_H

#include "data/data.h"
#include "data/format.h"

/* Keep the items of a split, give them their ids, then drop those that are unwanted. */
MYO_MUST_USE int select_split(
    struct plan *plan, const struct listing *listing, const char *split, struct myo_err *err);

/*
 * Keep the pictures that are held out, or those that aren't. In the order of ids, one of each 1 / share successive
 * pictures of a class is held out, chosen at random by the seed; so both parts have the classes in the same
 * proportions, and no ids in common. Labels must be known.
 */
MYO_MUST_USE int select_holdout(struct plan *plan, double share, bool held_out, uint64_t seed, struct myo_err *err);

/*
 * Keep only the classes that are named, each name being a class or several separated by commas. They are renumbered,
 * and stay in their order. Labels must be known.
 */
MYO_MUST_USE int select_classes(struct plan *plan, const char *const *names, size_t count, struct myo_err *err);

/* Keep at most so many pictures of each class, and in all (0: no limit). Labels must be known. */
MYO_MUST_USE int select_limits(struct plan *plan, int64_t per_class, int64_t limit, struct myo_err *err);

/* Drop the pictures that a limit of so many would keep, so that the two are complementary. Labels must be known. */
MYO_MUST_USE int select_skip(struct plan *plan, int64_t skip, struct myo_err *err);

#endif
