/* Lines about pictures. */
#include "data/notes.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 256 << 20 };

/* ---- files ------------------------------------------------------------------------------------- */

int
notes_load(const char *path, char **text, struct myo_err *err)
{
	static const char byte_order[] = "\xef\xbb\xbf"; /* the mark that Windows puts in front of UTF-8 */
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

bool
notes_same_file(const struct note *a, const struct note *b)
{
	return compare_files(a, b) == 0;
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

/* Whether four numbers follow, each after blanks; whether they make a box doesn't matter. */
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

/* Where a class ends: at the next mark. On Kaggle a comma comes before it, but blanks and a box after it. */
static const char *
class_end(const char *at, const char *end, char mark)
{
	while (at < end && *at != mark && !(mark == ',' && *at == ' ' && box_follows(at, end)))
		at++;
	return at;
}

/* The box after a class, if four numbers follow: either a box or noted as none. Other columns are ignored. */
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

/* See notes_parse(). */
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
	/* With blanks as separators only numbers may follow: any other word could belong to the class. */
	const char *word = rest;
	while (word < end && *word == ' ')
		word++;
	note->words = mark == ' ' && word < end && strchr("+-.0123456789", *word) == NULL;
	note->class = class;
	note->class_length = trimmed(class, (size_t)((note->words ? end : rest) - class));
	if (!note->words)
		parse_box(rest, end, mark, note);
}

int
notes_parse(struct notes *notes, const char *text, struct myo_err *err)
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

void
notes_take_whole(struct notes *notes, const char *text)
{
	size_t i = 0;

	while (*text != '\0') {
		const size_t whole = strcspn(text, "\n"), length = trimmed(text, whole);
		if (length > 0) {
			notes->items[i] = (struct note){ .class = text, .class_length = length,
				.box = { 0, 0, -1, -1 } };
			i++;
		}
		text += whole + (text[whole] == '\n');
	}
}
