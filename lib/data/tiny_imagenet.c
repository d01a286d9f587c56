/*
 * Tiny ImageNet in its own layout:
 *
 *   train/WNID/images/NAME.JPEG, WNID_boxes.txt    file x0 y0 x1 y1
 *   val/images/NAME.JPEG, val_annotations.txt      file WNID x0 y0 x1 y1
 *   test/images/NAME.JPEG                          without labels
 *   wnids.txt, words.txt                            the classes; WNID and names for many more
 *
 * To take val/ for class folders would give one class, "images". Classes are in the order of
 * the sorted WordNet ids, and have the first of their names.
 */
#include "data/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WNID = 9 }; /* "n01443537" */

/* What a text says of a picture; file and wnid point into the text. */
struct note {
	const char *file, *wnid; /* wnid NULL: the folder says it */
	size_t file_length;
	int32_t box[4];
};

struct notes {
	size_t count, room;
	struct note *items;
};

static bool
is_wnid(const char *name, size_t length)
{
	return length == WNID && name[0] == 'n' && strspn(name + 1, "0123456789") >= WNID - 1;
}

static bool
is_part(const char *path, int back, const char *name)
{
	const char *part;
	const size_t length = path_part(path, back, &part);

	return length == strlen(name) && strncmp(part, name, length) == 0;
}

static bool
is_note_file(const char *base)
{
	return strcmp(base, "val_annotations.txt") == 0 ||
	       (is_wnid(base, WNID) && strcmp(base + WNID, "_boxes.txt") == 0);
}

static int
bid(const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		const char *base = path_base(listing->members[i].name);
		if (strcmp(base, "val_annotations.txt") == 0 ||
		    (strlen(base) > WNID && is_wnid(base, WNID) && is_note_file(base)))
			return 100;
	}
	return 0;
}

/* ---- what the texts say ---------------------------------------------------------------------- */

static int
compare_notes(const void *a, const void *b)
{
	const struct note *p = a, *q = b;
	const size_t shorter = p->file_length < q->file_length ? p->file_length : q->file_length;
	const int order = strncmp(p->file, q->file, shorter);

	return order != 0 ? order : p->file_length < q->file_length ? -1 : p->file_length > q->file_length;
}

static struct note *
add_note(struct notes *notes, struct myo_err *err)
{
	if (notes->count == notes->room) {
		const size_t room = notes->room > 0 ? 2 * notes->room : 1024;
		struct note *larger = myo_realloc(notes->items, room, sizeof *larger, err);
		if (larger == NULL)
			return NULL;
		notes->items = larger;
		notes->room = room;
	}
	notes->items[notes->count] = (struct note){ .file = NULL };
	return &notes->items[notes->count++];
}

/* file [WNID] x0 y0 x1 y1, separated by tabs */
static bool
parse_note(const char *line, struct note *note)
{
	const char *at = line;
	char *end;

	note->file = line;
	note->file_length = strcspn(at, "\t\r\n");
	at += note->file_length;
	if (*at++ != '\t')
		return false;
	if (*at == 'n') {
		if (!is_wnid(at, strcspn(at, "\t\r\n")))
			return false;
		note->wnid = at;
		at += WNID;
	}
	for (int i = 0; i < 4; i++) {
		const long value = strtol(at, &end, 10);
		if (end == at || value < 0 || value > MYO_IMAGE_MAX_SIDE)
			return false;
		note->box[i] = (int32_t)value;
		at = end;
	}
	return *at == '\0' || *at == '\r' || *at == '\n';
}

static int
read_notes(const struct listing *listing, struct notes *notes, struct myo_err *err)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct member *member = &listing->members[i];
		if (member->text == NULL || !is_note_file(path_base(member->name)))
			continue;
		const char *line = member->text;
		for (int number = 1; *line != '\0'; number++) {
			struct note *note = add_note(notes, err);
			if (note == NULL)
				return MYO_FAIL;
			if (!parse_note(line, note))
				return myo_fail(
				    err, "%s: line %d: not a picture and its box", member->name, number);
			line += strcspn(line, "\n");
			line += *line == '\n';
		}
	}
	if (notes->count > 0)
		qsort(notes->items, notes->count, sizeof *notes->items, compare_notes);
	return MYO_OK;
}

static const struct note *
find_note(const struct notes *notes, const char *base)
{
	const struct note key = { .file = base, .file_length = strlen(base) };

	return notes->count > 0 ? bsearch(&key, notes->items, notes->count, sizeof key, compare_notes) : NULL;
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* The split of a picture; *wnid is the folder's where that is its class. NULL: no part of the set. */
static const char *
place(const char *path, const char **wnid)
{
	const size_t length = path_part(path, 2, wnid);

	if (!is_part(path, 1, "images"))
		return NULL;
	if (is_wnid(*wnid, length))
		return "train";
	*wnid = NULL;
	return is_part(path, 2, "test") ? "test" : "val";
}

static int
add_picture(const struct listing *listing, size_t at, const struct notes *notes, struct plan *plan,
    struct myo_err *err)
{
	const char *path = listing->members[at].name, *wnid;
	const char *split = place(path, &wnid);
	const struct note *note = find_note(notes, path_base(path));

	if (split == NULL) {
		plan->ignored++;
		plan->ignored_example = path;
		return MYO_OK;
	}
	if (wnid == NULL && note != NULL)
		wnid = note->wnid;
	if (wnid == NULL && split[0] == 'v')
		return myo_fail(err, "%s: val_annotations.txt says nothing of it", path);
	struct item *item = plan_add(plan, at, 0, err);
	if (item == NULL)
		return MYO_FAIL;
	item->split = names_add(&plan->splits, split, strlen(split), err);
	if (note != NULL)
		memcpy(item->box, note->box, sizeof item->box);
	if (wnid != NULL)
		item->label = names_add(&plan->classes, wnid, WNID, err);
	return item->split < 0 || (wnid != NULL && item->label < 0) ? MYO_FAIL : MYO_OK;
}

/* ---- classes --------------------------------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
	return strncmp(*(char *const *)a, *(char *const *)b, WNID);
}

static bool
is_taken(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

/* Names in place of sorted ids; a second class of one name keeps its id behind it. */
static int
name_classes(struct names *classes, const char *words, struct myo_err *err)
{
	struct names named = { 0 };
	int rc = MYO_OK;

	for (size_t i = 0; i < classes->count; i++)
		if (names_add(&named, classes->items[i], WNID, err) < 0)
			rc = MYO_FAIL;
	for (const char *line = words; rc == MYO_OK && *line != '\0'; line += *line == '\n') {
		const char *id = line, *name = line + WNID + 1;
		char **found = NULL;
		if (strcspn(line, "\t\n") == WNID && line[WNID] == '\t')
			found = bsearch(&id, classes->items, classes->count, sizeof id, compare_names);
		if (found != NULL) {
			const int length = (int)strcspn(name, ",\r\n");
			char *text = myo_format(err, "%.*s", length, name);
			if (text != NULL && is_taken(&named, text)) {
				free(text);
				text = myo_format(err, "%.*s (%s)", length, name, *found);
			}
			if (text == NULL)
				rc = MYO_FAIL;
			char **to = &named.items[found - classes->items];
			if (text != NULL) {
				free(*to);
				*to = text;
			}
		}
		line += strcspn(line, "\n");
	}
	names_clear(classes);
	*classes = named;
	return rc;
}

static int
plan_all(const struct listing *listing, const struct notes *notes, struct plan *plan, struct myo_err *err)
{
	const char *words = NULL;

	plan->boxes = true;
	for (size_t i = 0; i < listing->count; i++) {
		const struct member *member = &listing->members[i];
		const char *base = path_base(member->name);
		if (member->text != NULL && strcmp(base, "wnids.txt") == 0) {
			if (names_of_lines(&plan->classes, member->text, err) != MYO_OK)
				return MYO_FAIL;
		} else if (member->text != NULL && strcmp(base, "words.txt") == 0) {
			words = member->text;
		} else if (path_is_picture(base) && add_picture(listing, i, notes, plan, err) != MYO_OK) {
			return MYO_FAIL;
		}
	}
	if (plan->count == 0)
		return myo_fail(
		    err, "holds none of Tiny ImageNet's pictures (train/WNID/images, val/images)");
	for (size_t k = 0; k < plan->classes.count; k++)
		if (!is_wnid(plan->classes.items[k], strlen(plan->classes.items[k])))
			return myo_fail(err, "wnids.txt: '%s' is no WordNet id", plan->classes.items[k]);
	if (plan_sort_classes(plan, err) != MYO_OK)
		return MYO_FAIL;
	return words != NULL ? name_classes(&plan->classes, words, err) : MYO_OK;
}

static int
plan_tiny(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	struct notes notes = { 0 };
	int rc = read_notes(listing, &notes, err);

	if (rc == MYO_OK)
		rc = plan_all(listing, &notes, plan, err);
	free(notes.items);
	return rc;
}

const struct format format_tiny_imagenet = {
	.name = "tiny-imagenet",
	.summary = "Tiny ImageNet in its own layout, with the objects' boxes",
	.bid = bid,
	.plan = plan_tiny,
};
