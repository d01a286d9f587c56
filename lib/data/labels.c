/* The classes of pictures from the lines of a text. */
#include "data/labels.h"
#include "data/notes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CLASS = 1000000 };

/* ---- which picture has which ------------------------------------------------------------------------ */

static bool
same_class(const struct note *a, const struct note *b)
{
	return a->class_length == b->class_length &&
	       (a->class_length == 0 || strncmp(a->class, b->class, a->class_length) == 0);
}

/*
 * The first line that names a picture, by its whole path or its base name, with or without ending; NULL: none. All
 * others that name it must have the same class.
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
		    notes_same_file(note, &keys[i]); note++) {
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

/* Match lines to pictures in the order of their paths. found[i]: the note of item i. */
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
 * The same by the names in the lines. *named: how many pictures have a line; a line of one word doesn't count, since
 * that is a class, whatever pictures are called.
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

/* "-1" is how other programs, and this one, write that a picture has no label. */
static bool
is_unknown(const struct note *note)
{
	return note->class_length == 2 && strncmp(note->class, "-1", 2) == 0;
}

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
 * ImageNet's development kit counts classes from 1, in an order of its own, so its numbers are refused as labels.
 * Numbers are taken for the kit's if none is 0 and either they stand alone on their lines, as in its file, or every one
 * up to the largest occurs. Otherwise somebody has counted the sorted classes, from 0.
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

/* Numbers are line numbers of `names`, from 1 on. */
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
 * Lines that name no picture of the set should hold a class and nothing else. They were meant otherwise if one begins
 * with the name of some picture, or if all have a second column and first columns that differ.
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

/*
 * What each line begins with: all before a tab if there is one, else a word. Lines are counted, so only the last may be
 * followed by empty ones; the names are classes, so they must differ.
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

static int
label_pictures(struct plan *plan, const struct listing *listing, const char *text, const struct names *names,
    struct myo_err *err)
{
	struct notes notes = { 0 };
	size_t named = 0;

	const struct note **found = myo_calloc(plan->count + 1, sizeof *found, err);
	int rc = found != NULL ? notes_parse(&notes, text, err) : MYO_FAIL;
	if (rc == MYO_OK) {
		notes_sort(&notes);
		rc = match_names(plan, listing, &notes, found, &named, err);
	}
	if (rc == MYO_OK && named == 0 && plan->count > 0)
		rc = check_lines(plan, listing, &notes, text, err);
	if (rc == MYO_OK && named == 0) {
		notes_take_whole(&notes, text);
		rc = match_in_order(plan, listing, &notes, found, err);
	}
	if (rc == MYO_OK)
		rc = label_items(plan, listing, found, names, err);
	notes_clear(&notes);
	free(found);
	return rc;
}

int
labels_from_file(struct plan *plan, const struct listing *listing, const char *path, const char *names,
    struct myo_err *err)
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
