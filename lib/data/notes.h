/*
 * notes.h - what texts say about pictures and classes: labels, boxes, readable names.
 */
#ifndef MYO_DATA_NOTES_H
#define MYO_DATA_NOTES_H

#include "data/format.h"

/* A line about a picture; file and class point into the text, which must outlive it. */
struct note {
	const char *file, *class; /* class NULL: the line has none */
	size_t file_length, class_length;
	bool words;     /* the class is several words in a line separated by blanks: it may end anywhere */
	bool odd_box;   /* four numbers stand where a box would, but make none */
	int line;       /* in its text, from 1 on */
	int32_t box[4]; /* x0 y0 x1 y1, inclusive; x1 < x0: none */
};

/* Zeroed, it is empty. */
struct notes {
	size_t count, room;
	struct note *items;
};

/* Append an empty note. NULL when out of memory; else valid until the next is added. */
struct note *notes_add(struct notes *notes, struct myo_err *err);
void notes_sort(struct notes *notes); /* by file and line, as notes_find() needs them */
const struct note *notes_find(const struct notes *notes, const char *file, size_t length); /* the first of several */
bool notes_same_file(const struct note *a, const struct note *b);
void notes_clear(struct notes *notes);

/*
 * Add a note for each line of a text that isn't empty: "file class x0 y0 x1 y1 ...". The separator is a tab if the line
 * has one, else a comma if it has one, else a blank. A note lacks what its line lacks.
 */
MYO_MUST_USE int notes_parse(struct notes *notes, const char *text, struct myo_err *err);

/* Replace the notes of notes_parse() by others of the same text, where each whole line is a class. */
void notes_take_whole(struct notes *notes, const char *text);

/* Load a text file onto the heap. An error begins with the path. */
MYO_MUST_USE int notes_load(const char *path, char **text, struct myo_err *err);

/* ---- readable names of classes (naming.c) --------------------------------------------------------- */

/*
 * Rename classes by lines "class name, other names", where the class ends at a tab or is one word. A class gets the
 * first name of its line, or stays as it is without one; if another class has that name already, the old name is added
 * in brackets. *named: how many get a name. all: nothing changes unless every class does.
 */
MYO_MUST_USE int naming_by_class(struct names *classes, const char *text, bool all, size_t *named, struct myo_err *err);

/*
 * For --class-names: a file of such lines, with one for every class; or, if no line begins with a class, of the names
 * themselves, one for each class in their order (if classes are only numbers, more lines add classes without pictures).
 */
MYO_MUST_USE int naming_by_file(struct plan *plan, const char *path, struct myo_err *err);

#endif
