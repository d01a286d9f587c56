/*
 * Tiny ImageNet in its own layout:
 *
 *   train/WNID/images/NAME.JPEG, WNID_boxes.txt    file x0 y0 x1 y1
 *   val/images/NAME.JPEG, val_annotations.txt      file WNID x0 y0 x1 y1
 *   test/images/NAME.JPEG                          without labels
 *   wnids.txt, words.txt                            the classes; WNID and names for many more
 *
 * or with val/ as it is often rearranged, val/WNID/images/NAME.JPEG or val/WNID/NAME.JPEG, where the folders are the
 * labels.
 *
 * This isn't left to class folders, where val/ would have one class, "images". Classes are in the order of the sorted
 * WordNet ids, and get the first of their names.
 */
#include "data/notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WNID = 9 }; /* "n01443537" */

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

/* file [WNID] x0 y0 x1 y1, separated by tabs */
static bool
parse_note(const char *line, struct note *note)
{
	const char *at = line;
	char *end;

	int32_t box[4];

	note->file = line;
	note->file_length = strcspn(at, "\t\r\n");
	at += note->file_length;
	if (*at++ != '\t')
		return false;
	if (*at == 'n') {
		if (!is_wnid(at, strcspn(at, "\t\r\n")))
			return false;
		note->class = at;
		note->class_length = WNID;
		at += WNID;
	}
	for (int i = 0; i < 4; i++) {
		const long value = strtol(at, &end, 10);
		if (end == at || value < 0 || value > MYO_IMAGE_MAX_SIDE)
			return false;
		box[i] = (int32_t)value;
		at = end;
	}
	memcpy(note->box, box, sizeof box);
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
			struct note *note = notes_add(notes, err);
			if (note == NULL)
				return MYO_FAIL;
			if (!parse_note(line, note))
				return myo_fail(err, "%s: line %d: not a picture and its box", member->name, number);
			note->line = number;
			line += strcspn(line, "\n");
			line += *line == '\n';
		}
	}
	notes_sort(notes);
	return MYO_OK;
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* The split of a picture, NULL: no part of the set. *wnid: its class, if that is its folder's name; else NULL. */
static const char *
place(const char *path, const char **wnid)
{
	const bool images = is_part(path, 1, "images");
	const int back = images ? 2 : 1;
	const size_t length = path_part(path, back, wnid);

	if (is_wnid(*wnid, length))
		return is_part(path, back + 1, "val") ? "val" : is_part(path, back + 1, "test") ? "test" : "train";
	*wnid = NULL;
	if (!images)
		return NULL;
	return is_part(path, 2, "test") ? "test" : "val";
}

static int
add_picture(const struct listing *listing, size_t at, const struct notes *notes, struct plan *plan,
    struct myo_err *err)
{
	const char *path = listing->members[at].name, *wnid;
	const char *split = place(path, &wnid);
	const struct note *note = notes_find(notes, path_base(path), strlen(path_base(path)));

	if (split == NULL) {
		plan_ignore(plan, path);
		return MYO_OK;
	}
	if (wnid == NULL && note != NULL)
		wnid = note->class;
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

static int
plan_all(const struct listing *listing, const struct notes *notes, struct plan *plan, struct myo_err *err)
{
	const char *words = NULL;
	size_t named;

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
		return myo_fail(err, "holds none of Tiny ImageNet's pictures (train/WNID/images, val/images)");
	for (size_t k = 0; k < plan->classes.count; k++)
		if (!is_wnid(plan->classes.items[k], strlen(plan->classes.items[k])))
			return myo_fail(err, "wnids.txt: '%s' is no WordNet id", plan->classes.items[k]);
	if (plan_sort_classes(plan, err) != MYO_OK)
		return MYO_FAIL;
	return words != NULL ? naming_by_class(&plan->classes, words, false, &named, err) : MYO_OK;
}

static int
plan_tiny(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	struct notes notes = { 0 };
	int rc = read_notes(listing, &notes, err);

	if (rc == MYO_OK)
		rc = plan_all(listing, &notes, plan, err);
	notes_clear(&notes);
	return rc;
}

const struct format format_tiny_imagenet = {
	.name = "tiny-imagenet",
	.summary = "Tiny ImageNet in its own layout, with the objects' boxes",
	.bid = bid,
	.plan = plan_tiny,
	.notes = true,
};
