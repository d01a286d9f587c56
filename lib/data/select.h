/* select.h - which of a data set's pictures are wanted, and their ids. */
#ifndef MYO_DATA_SELECT_H
#define MYO_DATA_SELECT_H

#include "data/data.h"
#include "data/format.h"

/* Keep the items of the split that is asked for, and number them. */
MYO_MUST_USE int select_split(
    struct plan *plan, const struct listing *listing, const char *split, struct myo_err *err);

/* Keep so many of each class and in all (0: no limit); labels must be known. */
MYO_MUST_USE int select_limits(struct plan *plan, int64_t per_class, int64_t limit, struct myo_err *err);

#endif
