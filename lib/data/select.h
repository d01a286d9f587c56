/* select.h - which of a data set's pictures are wanted, and their ids. */
#ifndef MYO_DATA_SELECT_H
#define MYO_DATA_SELECT_H

#include "data/data.h"
#include "data/format.h"

/* Keep the items of the split that is asked for, number them, and leave out those that are unwanted. */
MYO_MUST_USE int select_split(
    struct plan *plan, const struct listing *listing, const char *split, struct myo_err *err);

/*
 * Keep what isn't held out, or what is. Of 1 / share pictures of a class that follow each other in the order of
 * their ids one is held out, a random one by the seed; so both parts have all classes in the same proportions, and
 * share no ids. Labels must be known.
 */
MYO_MUST_USE int select_holdout(struct plan *plan, double share, bool held_out, uint64_t seed, struct myo_err *err);

/*
 * Keep the classes that are named, each name a class or several with commas between them, and no others; they are
 * numbered anew in the order in which they were. Labels must be known.
 */
MYO_MUST_USE int select_classes(struct plan *plan, const char *const *names, size_t count, struct myo_err *err);

/* Keep so many of each class and in all (0: no limit); labels must be known. */
MYO_MUST_USE int select_limits(struct plan *plan, int64_t per_class, int64_t limit, struct myo_err *err);

/* Leave out what a limit of so many would keep, so that the two make the whole; labels must be known. */
MYO_MUST_USE int select_skip(struct plan *plan, int64_t skip, struct myo_err *err);

#endif
