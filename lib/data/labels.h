/* labels.h - the classes of pictures by a text that somebody wrote: --labels of myopic-unpack. */
#ifndef MYO_DATA_LABELS_H
#define MYO_DATA_LABELS_H

#include "data/format.h"

/*
 * The classes (and boxes) of a plan's pictures by the text in a file, in place of what the format says:
 *
 *   a line for each picture of the listing in the order of their sorted paths, its class; or
 *   file class [x0 y0 x1 y1 ...], with tabs, commas or blanks between them, the file with or without folders and
 *   ending; a class with blanks in it wants one of the others
 *
 * Lines that name the same picture must say the same class, and a line may name but one.
 * A class is a name, and then classes are in the order of the sorted names, or everywhere a number: of a line of
 * the file names, 1 the first, whose sorted lines are the classes by what they begin with; without it the label itself.
 */
MYO_MUST_USE int labels_from_file(struct plan *plan, const struct listing *listing, const char *path, const char *names,
    struct myo_err *err);

#endif
