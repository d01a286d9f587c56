/*
 * STL-10, the official binary archive: train_X.bin, test_X.bin and unlabeled_X.bin, in which a picture is
 * 96x96 bytes each of red, green and blue, *column by column*; train_y.bin and test_y.bin, a byte for each
 * picture, its class from 1 on; class_names.txt; fold_indices.txt, ten lines of indices of pictures in train_X.bin.
 */
#include "data/format.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE = 96, PLANE = SIDE * SIDE, CLASSES = 10, MAX_FOLDS = 10 };

static const char *const splits[] = { "train", "test", "unlabeled" };

/* The member that is "train_X.bin", for split "train" and end "_X.bin"; listing->count: none. */
static size_t
find_file(const struct listing *listing, const char *split, const char *end)
{
	for (size_t i = 0; i < listing->count; i++) {
		const char *base = path_base(listing->members[i].name);
		if (strncmp(base, split, strlen(split)) == 0 && strcmp(base + strlen(split), end) == 0)
			return i;
	}
	return listing->count;
}

static int
bid(const struct listing *listing)
{
	for (size_t s = 0; s < MYO_COUNT(splits); s++)
		if (find_file(listing, splits[s], "_X.bin") < listing->count)
			return 100;
	return 0;
}

static int
label_items(const struct listing *listing, const char *split, struct plan *plan, size_t first, struct myo_err *err)
{
	const size_t at = find_file(listing, split, "_y.bin");
	const struct member *file = at < listing->count ? &listing->members[at] : NULL;

	if (file == NULL || file->text == NULL)
		return strcmp(split, "unlabeled") == 0
		           ? MYO_OK
		           : myo_fail(err,
		           "%s_y.bin isn't there, which has the labels of %s_X.bin: name the folder or archive that has both", split,
		                 split);
	if ((size_t)file->size != plan->count - first)
		return myo_fail(err, "%s: %lld labels of %zu pictures", file->name, (long long)file->size,
		    plan->count - first);
	for (size_t i = first; i < plan->count; i++) {
		const int label = (unsigned char)file->text[i - first];
		if (label < 1 || label > CLASSES)
			return myo_fail(err, "%s: byte %zu: %d is no label from 1 to %d", file->name, i - first, label,
			    CLASSES);
		plan->items[i].label = label - 1;
	}
	return MYO_OK;
}

/* Mark training pictures (from `first` on) as unwanted unless they are in the fold's line of fold_indices.txt. */
static int
choose_fold(const struct listing *listing, struct plan *plan, size_t first, struct myo_err *err)
{
	const char *file = "fold_indices.txt", *text = listing_text(listing, file);

	if (plan->fold > MAX_FOLDS || text == NULL)
		return myo_fail(err,
		    text == NULL ? "%s isn't there: name the folder or archive that has it" : "%s has no fold %d", file,
		    plan->fold - 1);
	for (size_t i = first; i < plan->count; i++)
		plan->items[i].unwanted = true;
	for (int line = 1; line < plan->fold && text != NULL; line++) {
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	size_t chosen = 0;
	while (text != NULL && *text != '\n' && *text != '\0') {
		char *end;
		const unsigned long long place = strtoull(text, &end, 10);
		if (end == text || place >= plan->count - first)
			return myo_fail(err, "%s: line %d: not places of %zu training pictures", file, plan->fold,
			    plan->count - first);
		plan->items[first + place].unwanted = false;
		chosen++;
		text = end + strspn(end, " \t\r");
	}
	return chosen > 0 ? MYO_OK : myo_fail(err, "%s: line %d: there is none", file, plan->fold);
}

static int
plan_stl(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	static const char *const known[CLASSES] = { "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey",
		"ship", "truck" };
	const char *file = "class_names.txt";
	size_t at[MYO_COUNT(splits)]; /* the member with the pictures of each */

	plan->part_bytes = 3 * PLANE;
	if (plan->fold > 0 && plan->split != NULL && strcmp(plan->split, splits[0]) != 0)
		return myo_fail(err, "--fold: folds are parts of the split '%s'", splits[0]);
	if (plan_name_classes(plan, listing_text(listing, file), file, known, CLASSES, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t s = 0; s < MYO_COUNT(splits); s++)
		at[s] = find_file(listing, splits[s], "_X.bin");
	for (size_t i = 0; i < listing->count; i++)
		for (size_t s = 0; s < MYO_COUNT(splits); s++) {
			const size_t first = plan->count;
			if (i != at[s])
				continue;
			if (plan_add_parts(plan, listing, i, splits[s], LABEL_NONE, err) != MYO_OK ||
			    label_items(listing, splits[s], plan, first, err) != MYO_OK)
				return MYO_FAIL;
			if (plan->fold > 0 && s == 0 && choose_fold(listing, plan, first, err) != MYO_OK)
				return MYO_FAIL;
		}
	return plan->count > 0 ? MYO_OK : myo_fail(err, "holds none of STL-10's files (train_X.bin)");
}

static int
decode(const struct plan *plan, const uint8_t *part, struct myo_image *image, struct myo_err *err)
{
	(void)plan;
	if (myo_image_init(image, SIDE, SIDE, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t y = 0; y < SIDE; y++)
		for (size_t x = 0; x < SIDE; x++)
			for (size_t c = 0; c < 3; c++)
				image->pixels[(y * SIDE + x) * 3 + c] = part[c * PLANE + x * SIDE + y];
	return MYO_OK;
}

const struct format format_stl10 = {
	.name = "stl10",
	.summary = "the binary version of STL-10, with its folds",
	.bid = bid,
	.plan = plan_stl,
	.notes = true,
	.folds = true,
	.decode = decode,
};
