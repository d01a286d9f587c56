/* labels.h - the classes of pictures from a text that somebody wrote: --labels of myopic-unpack. */
#ifndef MYO_DATA_LABELS_H
#define MYO_DATA_LABELS_H

#include "data/format.h"

/*
 * Set the classes (and boxes) of a plan's pictures from the text in the file at `path`, replacing those that the format
 * gave. Lines are either of
 *
 *   class                          one line for each picture, in the order of their sorted paths
 *   file class [x0 y0 x1 y1 ...]   separated by tabs, commas or blanks (not by blanks if classes contain them); file
 *                                  with or without its folders and its ending
 *
 * Lines that name the same picture must agree on the class, and none may name several pictures.
 * If all classes are numbers (-1: none), they are the labels or, with the file `names`, numbers of its lines from 1 on.
 * Otherwise they are names. Names are sorted to give the labels; in `names`, each line begins with one.
 */
MYO_MUST_USE int labels_from_file(struct plan *plan, const struct listing *listing, const char *path, const char *names,
    struct myo_err *err);

#endif
