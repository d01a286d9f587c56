/*
 * Pictures in class folders: [anything/][split/]class/picture. Classes are numbered in the order of the sorted
 * folder names, as by other tools. Pictures that all lie in one folder have no labels.
 */
#include "data/format.h"

#include <string.h>
#include <strings.h>

/* Where a picture lies; the parts point into its path. */
struct place {
	const char *path;
	size_t prefix; /* length of what is before split and class */
	const char *split, *class;
	size_t split_length, class_length; /* 0: there is none */
};

static bool
is_split(const char *name, size_t length, const char *asked)
{
	static const char *const known[] = { "train", "training", "test", "testing", "val", "valid",
		"validation", "dev", "eval", "extra" };

	for (size_t i = 0; i < MYO_COUNT(known); i++)
		if (strlen(known[i]) == length && strncasecmp(known[i], name, length) == 0)
			return true;
	return asked != NULL && strlen(asked) == length && strncmp(asked, name, length) == 0;
}

static struct place
locate(const char *path, const char *asked)
{
	struct place place = { .path = path };

	place.class_length = path_part(path, 1, &place.class);
	place.split_length = path_part(path, 2, &place.split);
	if (place.split_length > 0 && !is_split(place.split, place.split_length, asked))
		place.split_length = 0;
	if (place.split_length > 0)
		place.prefix = (size_t)(place.split - path);
	else if (place.class_length > 0)
		place.prefix = (size_t)(place.class - path);
	return place;
}

static size_t
folder_length(const char *path)
{
	return (size_t)(path_base(path) - path);
}

static bool
same_folder(const char *a, const char *b)
{
	return folder_length(a) == folder_length(b) && strncmp(a, b, folder_length(a)) == 0;
}

/* All paths must have the same form: a set is refused rather than mislabelled. */
static int
check_place(const struct place *first, const struct place *place, struct myo_err *err)
{
	const char *why = NULL;

	if (first->class_length == 0 || place->class_length == 0)
		why = "not all lie in class folders";
	else if ((first->split_length > 0) != (place->split_length > 0))
		why = "only some lie in a split's folder";
	else if (first->prefix != place->prefix || strncmp(first->path, place->path, first->prefix) != 0)
		why = "they lie in different folders or at different depths";
	if (why == NULL)
		return MYO_OK;
	return myo_fail(err, "%s and %s: %s; pictures must lie as class/picture or split/class/picture",
	    first->path, place->path, why);
}

/* By its name; also by its first bytes if the file was named itself, since it may be called anything. */
static bool
is_picture(const struct listing *listing, size_t i)
{
	return listing->members[i].picture || path_is_picture(listing->members[i].name);
}

static int
bid(const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		if (is_picture(listing, i))
			return 10;
	return 0;
}

/* What the folders of a set mean. */
struct form {
	bool labelled; /* they are classes */
	bool flat;     /* they are splits, with pictures directly in them */
	bool split;    /* the folders above are splits */
};

/* Find out and check the form of the whole set, and count files that are no pictures. */
static int
survey(const struct listing *listing, struct plan *plan, struct form *form, struct myo_err *err)
{
	struct place first = { .path = NULL };
	bool all_splits = true, several = false;

	*form = (struct form){ false, false, false };
	for (size_t i = 0; i < listing->count; i++) {
		const char *path = listing->members[i].name;
		if (!is_picture(listing, i)) {
			plan_ignore(plan, path);
			continue;
		}
		const struct place place = locate(path, plan->split);
		if (first.path == NULL)
			first = place;
		all_splits = all_splits && place.split_length == 0 &&
		    is_split(place.class, place.class_length, NULL);
		several = several || !same_folder(first.path, path);
	}
	if (first.path == NULL)
		return myo_fail(err, "holds no PNG or JPEG pictures");
	form->split = first.split_length > 0;
	if (!several)
		return MYO_OK;
	form->flat = all_splits && plan->relabelled;
	form->labelled = !form->flat;
	if (form->flat)
		return MYO_OK;
	if (all_splits)
		return myo_fail(err,
		    "%s: pictures lie right in the folders of the splits; want split/class/picture",
		    first.path);
	for (size_t i = 0; i < listing->count; i++) {
		const char *path = listing->members[i].name;
		const struct place place = locate(path, plan->split);
		if (is_picture(listing, i) && check_place(&first, &place, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
plan_folders(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	struct form form;

	if (survey(listing, plan, &form, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < listing->count; i++) {
		const char *path = listing->members[i].name;
		if (!is_picture(listing, i))
			continue;
		struct item *item = plan_add(plan, i, 0, err);
		if (item == NULL)
			return MYO_FAIL;
		const struct place place = locate(path, plan->split);
		if (form.labelled)
			item->label = names_add(&plan->classes, place.class, place.class_length, err);
		if (form.flat)
			item->split = names_add(&plan->splits, place.class, place.class_length, err);
		else if (form.split)
			item->split = names_add(&plan->splits, place.split, place.split_length, err);
		if ((form.labelled && item->label < 0) || ((form.flat || form.split) && item->split < 0))
			return MYO_FAIL;
	}
	return plan_sort_classes(plan, err);
}

const struct format format_folders = {
	.name = "folders",
	.summary = "PNG and JPEG pictures in class folders; in one folder, without labels",
	.bid = bid,
	.plan = plan_folders,
};
