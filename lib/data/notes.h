/*
 * notes.h - what texts say of pictures and classes: labels, boxes, readable names.
 */
#ifndef MYO_DATA_NOTES_H
#define MYO_DATA_NOTES_H

#include "data/format.h"

/* A line about a picture; file and class point into the text, which must outlive it. */
struct note {
	const char *file, *class; /* class NULL: it isn't said */
	size_t file_length, class_length;
	bool words;     /* the class is several, in a line that blanks divide: nobody knows where it ends */
	bool odd_box;   /* four numbers stand where a box would, and are none */
	int line;       /* in its text, from 1 on */
	int32_t box[4]; /* x0 y0 x1 y1, inclusive; x1 < x0: none */
};

/* Zeroed, there are none. */
struct notes {
	size_t count, room;
	struct note *items;
};

/* One more, empty; NULL without memory. Valid until the next. */
struct note *notes_add(struct notes *notes, struct myo_err *err);
void notes_sort(struct notes *notes); /* by file and line; before they are looked for */
const struct note *notes_find(const struct notes *notes, const char *file, size_t length); /* the first of several */
bool notes_same_file(const struct note *a, const struct note *b);
void notes_clear(struct notes *notes);

/*
 * A note for each line of a text that isn't empty: "file class x0 y0 x1 y1 ...". The separator is a tab, where there is
 * none a comma, or else a blank; what a line lacks, its note lacks.
 */
MYO_MUST_USE int notes_parse(struct notes *notes, const char *text, struct myo_err *err);

/* The same text anew, each line a class and nothing else: what looked like a file belongs to it. */
void notes_take_whole(struct notes *notes, const char *text);

/* The text in a file, on the heap; the path stands in front of what is wrong. */
MYO_MUST_USE int notes_load(const char *path, char **text, struct myo_err *err);

/* ---- readable names of classes (naming.c) --------------------------------------------------------- */

/*
 * By lines of "class name, other names", the class up to a tab or else a word: classes that have one get the first of
 * the names, the others stay. A second class of one name keeps what it was called behind it. *named: how many lines
 * name one. all: nothing changes unless each class gets one.
 */
MYO_MUST_USE int naming_by_class(struct names *classes, const char *text, bool all, size_t *named, struct myo_err *err);

/*
 * For --class-names: a file of such lines, one for each class at least; or, where none names a class, of as many lines
 * as there are classes, their names in order (more are classes without pictures, where classes are but numbers).
 */
MYO_MUST_USE int naming_by_file(struct plan *plan, const char *path, struct myo_err *err);

#endif
