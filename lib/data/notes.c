/* Lines about pictures, and which picture has which. */
#include "data/notes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 256 << 20, MAX_CLASS = 1000000 };

/* ---- files ------------------------------------------------------------------------------------- */

int
notes_load(const char *path, char **text, struct myo_err *err)
{
	static const char byte_order[] = "\xef\xbb\xbf"; /* what Windows puts in front of UTF-8 */
	struct stat status;
	size_t got = 0;
	int rc = MYO_FAIL;

	*text = NULL;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		(void)myo_fail_errno(err, "can't be read");
	else if (!S_ISREG(status.st_mode) || status.st_size > MAX_FILE)
		(void)myo_fail(err, "is no file of at most %d MiB", MAX_FILE >> 20);
	else if ((*text = myo_calloc((size_t)status.st_size + 1, 1, err)) != NULL)
		rc = myo_read_all(fd, *text, (size_t)status.st_size, &got, err);
	if (fd >= 0)
		(void)close(fd);
	if (rc == MYO_OK && strlen(*text) < got)
		rc = myo_fail(err, "is no text");
	if (rc == MYO_OK && strncmp(*text, byte_order, strlen(byte_order)) == 0)
		memmove(*text, *text + strlen(byte_order), got + 1 - strlen(byte_order));
	if (rc != MYO_OK) {
		free(*text);
		*text = NULL;
		myo_err_prefix(err, "%s: ", path);
	}
	return rc;
}

/*
 * What each line begins with, up to a tab or else a word. Lines count, so none may be empty but behind the last, and
 * names are classes, so each is another's.
 */
static int
first_words(const char *text, struct names *words, struct myo_err *err)
{
	while (text[strspn(text, " \t\r\n")] != '\0') {
		const size_t whole = strcspn(text, "\r\n"), before = words->count;
		const size_t tab = strcspn(text, "\t\r\n"), length = tab < whole ? tab : strcspn(text, " ,\r\n");
		if (length == 0 || text[0] == ' ')
			return myo_fail(err, "line %zu: doesn't begin with a name, and the lines are counted",
			    before + 1);
		const int number = names_add(words, text, length, err);
		if (number < 0)
			return MYO_FAIL;
		if (words->count == before)
			return myo_fail(err,
			    "lines %d and %zu are both '%.*s': names with blanks want a tab behind them",
			    number + 1, before + 1, (int)length, text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return MYO_OK;
}

/* ---- notes -------------------------------------------------------------------------------------- */

static int
compare_files(const void *a, const void *b)
{
	const struct note *p = a, *q = b;
	const size_t shorter = p->file_length < q->file_length ? p->file_length : q->file_length;
	const int order = strncmp(p->file, q->file, shorter);

	return order != 0 ? order : p->file_length < q->file_length ? -1 : p->file_length > q->file_length;
}

static int
compare_notes(const void *a, const void *b)
{
	const int order = compare_files(a, b), p = ((const struct note *)a)->line, q = ((const struct note *)b)->line;

	return order != 0 ? order : p < q ? -1 : p > q;
}

struct note *
notes_add(struct notes *notes, struct myo_err *err)
{
	if (notes->count == notes->room) {
		const size_t room = notes->room > 0 ? 2 * notes->room : 1024;
		struct note *larger = myo_realloc(notes->items, room, sizeof *larger, err);
		if (larger == NULL)
			return NULL;
		notes->items = larger;
		notes->room = room;
	}
	notes->items[notes->count] = (struct note){ .file = "", .box = { 0, 0, -1, -1 } };
	return &notes->items[notes->count++];
}

void
notes_sort(struct notes *notes)
{
	if (notes->count > 0)
		qsort(notes->items, notes->count, sizeof *notes->items, compare_notes);
}

const struct note *
notes_find(const struct notes *notes, const char *file, size_t length)
{
	const struct note key = { .file = file, .file_length = length };
	const struct note *found =
	    notes->count > 0 ? bsearch(&key, notes->items, notes->count, sizeof key, compare_files) : NULL;

	while (found != NULL && found > notes->items && compare_files(found - 1, &key) == 0)
		found--;
	return found;
}

void
notes_clear(struct notes *notes)
{
	free(notes->items);
	*notes = (struct notes){ 0 };
}

/* ---- lines ---------------------------------------------------------------------------------------- */

static size_t
trimmed(const char *line, size_t length)
{
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	return length;
}

/* Whether blanks and a box follow, four numbers however they are written. */
static bool
box_follows(const char *at, const char *end)
{
	for (int found = 0; found < 4; found++) {
		const char *word = at;
		while (word < end && *word == ' ')
			word++;
		const char *after = word;
		while (after < end && strchr("+-.0123456789", *after) != NULL)
			after++;
		if (word == at || after == word || (after < end && *after != ' '))
			return false;
		at = after;
	}
	return true;
}

/* Where a class ends: at the next mark. Kaggle has a comma in front of it and a box between blanks behind it. */
static const char *
class_end(const char *at, const char *end, char mark)
{
	while (at < end && *at != mark && !(mark == ',' && *at == ' ' && box_follows(at, end)))
		at++;
	return at;
}

/*
 * The box behind a class, if four numbers follow. Other columns are nobody's, but numbers that are no box mustn't be
 * lost.
 */
static void
parse_box(const char *at, const char *end, char mark, struct note *note)
{
	int32_t box[4];
	int found = 0;
	bool whole = true;

	for (char *after; found < 4 && at < end; found++, at = after) {
		at += *at == mark ? 1 : 0;
		const double value = strtod(at, &after);
		if (after == at || after > end || (after < end && *after != mark && *after != ' '))
			return;
		const bool fits = value >= 0 && value <= MYO_IMAGE_MAX_SIDE; /* and is a number */
		box[found] = fits ? (int32_t)value : 0;
		whole = whole && fits && (double)box[found] == value;
	}
	if (found < 4)
		return;
	note->odd_box = !whole || box[2] < box[0] || box[3] < box[1];
	if (!note->odd_box)
		memcpy(note->box, box, sizeof box);
}

/* "file class x0 y0 x1 y1 …": the separator is a tab, where there is none a comma, or else a blank. */
static void
parse_line(const char *line, size_t length, struct note *note)
{
	const char *tab = memchr(line, '\t', length), *comma = memchr(line, ',', length);
	const char mark = tab != NULL ? '\t' : comma != NULL ? ',' : ' ';
	const char *end = line + length, *cut = memchr(line, mark, length);

	note->file = line;
	note->file_length = cut != NULL ? (size_t)(cut - line) : length;
	if (cut == NULL)
		return;
	const char *class = cut + 1;
	while (class < end && *class == ' ')
		class++;
	const char *rest = class_end(class, end, mark);
	/* Between blanks nothing but numbers may follow: another word could be one of the class as well. */
	const char *word = rest;
	while (word < end && *word == ' ')
		word++;
	note->words = mark == ' ' && word < end && strchr("+-.0123456789", *word) == NULL;
	note->class = class;
	note->class_length = trimmed(class, (size_t)((note->words ? end : rest) - class));
	if (!note->words)
		parse_box(rest, end, mark, note);
}

/* A note for each line that isn't empty. */
static int
parse_lines(const char *text, struct notes *notes, struct myo_err *err)
{
	for (int line = 1; *text != '\0'; line++) {
		const size_t whole = strcspn(text, "\n"), length = trimmed(text, whole);
		if (length > 0) {
			struct note *note = notes_add(notes, err);
			if (note == NULL)
				return MYO_FAIL;
			parse_line(text, length, note);
			note->line = line;
		}
		text += whole + (text[whole] == '\n');
	}
	return MYO_OK;
}

/* ---- which picture has which ------------------------------------------------------------------------ */

static bool
same_class(const struct note *a, const struct note *b)
{
	return a->class_length == b->class_length &&
	       (a->class_length == 0 || strncmp(a->class, b->class, a->class_length) == 0);
}

/*
 * By the whole path or else the base name, with or without ending; NULL: there is none. Any other line about it must
 * agree.
 */
static int
find_note(const struct notes *notes, const char *path, const struct note **out, struct myo_err *err)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');
	const char *end = path + strlen(path), *stem = dot != NULL ? dot : end;
	const struct note keys[] = {
		{ .file = path, .file_length = (size_t)(end - path) },
		{ .file = path, .file_length = (size_t)(stem - path) },
		{ .file = base, .file_length = (size_t)(end - base) },
		{ .file = base, .file_length = (size_t)(stem - base) },
	};

	*out = NULL;
	for (size_t i = 0; i < MYO_COUNT(keys); i++) {
		const struct note *note = notes_find(notes, keys[i].file, keys[i].file_length);
		for (; note != NULL && note < notes->items + notes->count &&
		    compare_files(note, &keys[i]) == 0; note++) {
			*out = *out != NULL ? *out : note;
			if (!same_class(*out, note))
				return myo_fail(err, "lines %d and %d say different classes of %s",
				    (*out)->line, note->line, path);
		}
	}
	return MYO_OK;
}

struct sorted {
	const char *path;
	size_t item;
};

static int
compare_sorted(const void *a, const void *b)
{
	const struct sorted *p = a, *q = b;
	const int order = strcmp(p->path, q->path);

	return order != 0 ? order : p->item < q->item ? -1 : p->item > q->item;
}

/* found[i]: the note of item i, if lines belong to the pictures in the order of their paths. */
static int
match_in_order(const struct plan *plan, const struct listing *listing, const struct notes *lines,
    const struct note **found, struct myo_err *err)
{
	if (lines->count != plan->count)
		return myo_fail(err, "%zu lines, none with the name of a picture, of %zu pictures",
		    lines->count, plan->count);
	struct sorted *sorted = myo_calloc(plan->count, sizeof *sorted, err);
	if (sorted == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->count; i++)
		sorted[i] = (struct sorted){ listing->members[plan->items[i].member].name, i };
	qsort(sorted, plan->count, sizeof *sorted, compare_sorted);
	for (size_t i = 0; i < plan->count; i++)
		found[sorted[i].item] = &lines->items[i];
	free(sorted);
	return MYO_OK;
}

/*
 * The same by the names in the lines; *named: how many pictures have one. A word alone is a class, whatever pictures
 * are called.
 */
static int
match_names(const struct plan *plan, const struct listing *listing, const struct notes *notes,
    const struct note **found, size_t *named, struct myo_err *err)
{
	const char **taken = myo_calloc(notes->count + 1, sizeof *taken, err); /* [note]: the picture that it names */
	int rc = taken != NULL ? MYO_OK : MYO_FAIL;

	*named = 0;
	for (size_t i = 0; i < plan->count && rc == MYO_OK; i++) {
		const char *path = listing->members[plan->items[i].member].name;
		rc = find_note(notes, path, &found[i], err);
		if (rc != MYO_OK || found[i] == NULL || found[i]->class == NULL)
			continue;
		const char **first = &taken[found[i] - notes->items];
		if (*first != NULL && strcmp(*first, path) != 0)
			rc = myo_fail(err, "line %d: '%.*s' is the name of %s and of %s", found[i]->line,
			    (int)found[i]->file_length, found[i]->file, *first, path);
		*first = path;
		*named += 1;
	}
	free(taken);
	return rc;
}

/* ---- classes ------------------------------------------------------------------------------------------ */

/* As others write that a picture has no label; this program, too. */
static bool
is_unknown(const struct note *note)
{
	return note->class_length == 2 && strncmp(note->class, "-1", 2) == 0;
}

/* The number that a class is, or -1. */
static long
number_of(const char *class, size_t length)
{
	long number = 0;

	if (length == 0 || length > 9)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)class[i]))
			return -1;
		number = 10 * number + (class[i] - '0');
	}
	return number;
}

/*
 * ImageNet's development kit counts classes from 1, in an order of its own. Numbers may be the kit's if none is 0 and
 * they stand alone, as in its file, or each up to the largest is there; otherwise somebody has counted the sorted
 * classes, from 0.
 */
static int
check_kit(const struct plan *plan, const struct listing *listing, bool alone, long most, struct myo_err *err)
{
	static const char validation[] = "ILSVRC2012_val_";
	long kinds = 0;

	if (strncmp(path_base(listing->members[plan->items[0].member].name), validation, strlen(validation)) != 0)
		return MYO_OK;
	bool *seen = myo_calloc((size_t)most + 1, sizeof *seen, err); /* [number] */
	if (seen == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->count; i++) {
		const int32_t label = plan->items[i].label;
		if (label < 0)
			continue;
		kinds += !seen[label];
		seen[label] = true;
	}
	const bool kit = !seen[0] && (alone || kinds == most);
	free(seen);
	return !kit ? MYO_OK
	            : myo_fail(err,
	            "counts classes from 1, as the development kit does, whose order isn't that of the sorted "
				    "WordNet ids: give those ids in the kit's order with --label-names");
}

/* Numbers are the labels. */
static int
label_by_itself(struct plan *plan, const struct listing *listing, const struct note *const *found, struct myo_err *err)
{
	long most = -1;

	for (size_t i = 0; i < plan->count; i++) {
		const long number = number_of(found[i]->class, found[i]->class_length);
		plan->items[i].label = (int32_t)number;
		most = number > most ? number : most;
	}
	if (most > MAX_CLASS)
		return myo_fail(err, "class %ld: the most is %d", most, MAX_CLASS);
	if (most >= 0 && check_kit(plan, listing, found[0]->file == NULL, most, err) != MYO_OK)
		return MYO_FAIL;
	return plan_number_classes(plan, (size_t)(most + 1), err);
}

/* Numbers stand for lines of `names`, from 1 on. */
static int
label_by_line(struct plan *plan, const struct note *const *found, const struct names *names, struct myo_err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const long number = number_of(found[i]->class, found[i]->class_length);
		if (is_unknown(found[i])) {
			plan->items[i].label = LABEL_NONE;
			continue;
		}
		if (number < 1 || (size_t)number > names->count)
			return myo_fail(err, "class %ld, but the classes' names are %zu lines", number, names->count);
		plan->items[i].label = (int32_t)(number - 1);
	}
	for (size_t k = 0; k < names->count; k++)
		if (names_append(&plan->classes, names->items[k], strlen(names->items[k]), err) < 0)
			return MYO_FAIL;
	return plan_sort_classes(plan, err);
}

static int
label_by_name(struct plan *plan, const struct note *const *found, struct myo_err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		plan->items[i].label = names_add(&plan->classes, found[i]->class, found[i]->class_length, err);
		if (plan->items[i].label < 0)
			return MYO_FAIL;
	}
	return plan_sort_classes(plan, err);
}

static int
label_items(struct plan *plan, const struct listing *listing, const struct note *const *found,
    const struct names *names, struct myo_err *err)
{
	bool numbers = true;

	names_clear(&plan->classes);
	plan->numbered = false;
	for (size_t i = 0; i < plan->count; i++) {
		const char *path = listing->members[plan->items[i].member].name;
		if (found[i] == NULL)
			return myo_fail(err, "says nothing of %s", path);
		if (found[i]->class == NULL || found[i]->class_length == 0)
			return myo_fail(err, "the line of %s has no class", path);
		if (found[i]->words)
			return myo_fail(err,
			    "line %d: '%.*s' are several words: classes with blanks want tabs or commas",
			    found[i]->line, (int)found[i]->class_length, found[i]->class);
		if (found[i]->odd_box)
			return myo_fail(err,
			    "line %d: the four numbers behind the class of %s are no box, x0 y0 x1 y1 in whole pixels, "
			    "the first two not larger than the others", found[i]->line, path);
		numbers = numbers && (is_unknown(found[i]) || number_of(found[i]->class, found[i]->class_length) >= 0);
		memcpy(plan->items[i].box, found[i]->box, sizeof found[i]->box);
		plan->boxes = plan->boxes || found[i]->box[2] >= found[i]->box[0];
	}
	if (names != NULL && !numbers)
		return myo_fail(err, "holds names of classes, so names for their numbers (--label-names) mean nothing");
	if (names != NULL)
		return label_by_line(plan, found, names, err);
	return numbers ? label_by_itself(plan, listing, found, err) : label_by_name(plan, found, err);
}

/*
 * Lines that are one for each picture hold a class and nothing else. Those that begin with a picture's name, though not
 * with one of this set, or that have a second column and are all different, were meant otherwise.
 */
static int
check_lines(const struct plan *plan, const struct listing *listing, const struct notes *lines, const char *text,
    struct myo_err *err)
{
	const char *const path = listing->members[plan->items[0].member].name;
	bool columns = lines->count > 1;

	for (size_t i = 0; i < lines->count; i++) {
		const struct note *note = &lines->items[i];
		const bool quoted = note->file_length > 1 && note->file[0] == '"';
		char name[256];
		(void)snprintf(name, sizeof name, "%.*s", (int)note->file_length - 2 * quoted, note->file + quoted);
		if (note->class != NULL && path_is_picture(name))
			return myo_fail(err, "no line names a picture of the set: line %d says '%.*s', and the first picture is '%s'",
			    note->line, (int)note->file_length, note->file, path);
		columns = columns && note->class != NULL && !note->words &&
		    (i == 0 || note->file_length != note[-1].file_length ||
		    strncmp(note->file, note[-1].file, note->file_length) != 0);
	}
	if (!columns || strpbrk(text, ",\t") == NULL)
		return MYO_OK;
	return myo_fail(err, "no line names a picture of the set: line %d says '%.*s', and the first picture is '%s'",
	    lines->items[0].line, (int)lines->items[0].file_length, lines->items[0].file, path);
}

/* ---- labels -------------------------------------------------------------------------------------------- */

/* In lines that have nothing but a class, what looks like a file is it, and there is none. */
static void
take_lines_whole(struct notes *lines, const char *text)
{
	size_t i = 0;

	while (*text != '\0') {
		const size_t whole = strcspn(text, "\n"), length = trimmed(text, whole);
		if (length > 0) {
			lines->items[i] = (struct note){ .class = text, .class_length = length,
				.box = { 0, 0, -1, -1 } };
			i++;
		}
		text += whole + (text[whole] == '\n');
	}
}

static int
label_pictures(struct plan *plan, const struct listing *listing, const char *text, const struct names *names,
    struct myo_err *err)
{
	struct notes notes = { 0 };
	size_t named = 0;

	const struct note **found = myo_calloc(plan->count + 1, sizeof *found, err);
	int rc = found != NULL ? parse_lines(text, &notes, err) : MYO_FAIL;
	if (rc == MYO_OK) {
		notes_sort(&notes);
		rc = match_names(plan, listing, &notes, found, &named, err);
	}
	if (rc == MYO_OK && named == 0 && plan->count > 0)
		rc = check_lines(plan, listing, &notes, text, err);
	if (rc == MYO_OK && named == 0) {
		take_lines_whole(&notes, text);
		rc = match_in_order(plan, listing, &notes, found, err);
	}
	if (rc == MYO_OK)
		rc = label_items(plan, listing, found, names, err);
	notes_clear(&notes);
	free(found);
	return rc;
}

int
notes_label(struct plan *plan, const struct listing *listing, const char *path, const char *names, struct myo_err *err)
{
	struct names known = { 0 };
	char *text = NULL, *lines = NULL;
	int rc = MYO_OK;

	if (plan->part_bytes > 0)
		return myo_fail(err, "--labels is for pictures that are files, and those of this set aren't");
	rc = notes_load(path, &text, err);
	if (rc == MYO_OK && names != NULL)
		rc = notes_load(names, &lines, err);
	if (rc == MYO_OK && lines != NULL && (rc = first_words(lines, &known, err)) != MYO_OK)
		myo_err_prefix(err, "%s: ", names);
	if (rc == MYO_OK) {
		rc = label_pictures(plan, listing, text, names != NULL ? &known : NULL, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s: ", path);
	}
	names_clear(&known);
	free(lines);
	free(text);
	return rc;
}
