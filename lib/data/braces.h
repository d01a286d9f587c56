/* braces.h - names with braces stand for several, as in the shell and in WebDataset's own lists. */
#ifndef MYO_DATA_BRACES_H
#define MYO_DATA_BRACES_H

#include "data/format.h"

/*
 * Append what a path stands for: a-{000..146}.tar is 147 names, the numbers as wide as the first is written where that
 * begins with 0; {cats,dogs}.zip is two; several braces are taken from the left, the last moving fastest. A path that
 * is there, or that has no braces, is itself.
 */
MYO_MUST_USE int braces_expand(const char *path, struct names *names, struct myo_err *err);

#endif
