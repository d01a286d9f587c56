/* braces.h - paths with braces, which stand for several, as in the shell and in WebDataset. */
#ifndef MYO_DATA_BRACES_H
#define MYO_DATA_BRACES_H

#include "data/format.h"

/*
 * Append the paths that a path stands for: a-{000..146}.tar is 147 of them, with numbers padded to the width of the
 * first if that begins with 0; {cats,dogs}.zip is two; of several braces the last vary fastest. A path that exists, or
 * has no braces, stands for itself.
 */
MYO_MUST_USE int braces_expand(const char *path, struct names *names, struct myo_err *err);

#endif
