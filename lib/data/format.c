/* The table of data set formats, and functions that their plan() share. */
#include "data/format.h"

#include "base/hash.h"
#include "data/data.h"
#include "data/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct format *const formats[] = {
	&format_cifar10,
	&format_cifar100,
	&format_cifar_other,
	&format_stl10,
	&format_tiny_imagenet,
	&format_webdataset,
	&format_folders,
};

bool
myo_dataset_format(size_t i, const char **name, const char **summary)
{
	for (size_t k = 0; k < MYO_COUNT(formats); k++) {
		if (formats[k]->name == NULL || i-- > 0)
			continue;
		*name = formats[k]->name;
		*summary = formats[k]->summary;
		return true;
	}
	return false;
}

int
format_choose(const char *name, const struct listing *listing, const struct format **out, struct myo_err *err)
{
	int highest = 0;

	*out = NULL;
	for (size_t i = 0; i < MYO_COUNT(formats); i++) {
		if (name != NULL) {
			if (formats[i]->name != NULL && strcmp(formats[i]->name, name) == 0)
				*out = formats[i];
			continue;
		}
		const int bid = formats[i]->bid(listing);
		if (bid > highest) {
			highest = bid;
			*out = formats[i];
		}
	}
	if (*out != NULL)
		return MYO_OK;
	if (name != NULL)
		return myo_fail(err, "there is no format '%s'", name);
	if (listing->count == 0)
		return myo_fail(err, "holds no files");
	if (listing->alone)
		return myo_fail(err, "is no whole archive, no PNG or JPEG picture, and no batch of CIFAR");
	return myo_fail(err,
	    "holds no PNG or JPEG pictures and no data set known here; it holds %zu files such as %s",
	    listing->count, listing->members[0].name);
}

/* ---- items ----------------------------------------------------------------------------------- */

struct item *
plan_add(struct plan *plan, size_t member, size_t part, struct myo_err *err)
{
	if (member > UINT32_MAX || part > UINT32_MAX) {
		(void)myo_fail(err, "more files or pictures than %u", UINT32_MAX);
		return NULL;
	}
	if (plan->count == plan->room) {
		const size_t room = plan->room > 0 ? 2 * plan->room : 1024;
		struct item *larger = myo_realloc(plan->items, room, sizeof *larger, err);
		if (larger == NULL)
			return NULL;
		plan->items = larger;
		plan->room = room;
	}
	struct item *item = &plan->items[plan->count++];
	*item = (struct item){ .member = (uint32_t)member,
		.part = (uint32_t)part,
		.label = LABEL_NONE,
		.split = -1,
		.box = { 0, 0, -1, -1 } };
	return item;
}

int
plan_add_parts(struct plan *plan, const struct listing *listing, size_t member, const char *split, int32_t label,
    struct myo_err *err)
{
	const struct member *file = &listing->members[member];
	const int64_t part = (int64_t)plan->part_bytes;
	const int number = names_add(&plan->splits, split, strlen(split), err);

	if (number < 0)
		return MYO_FAIL;
	if (file->size == 0 || file->size % part != 0)
		return myo_fail(err, "%s: %lld bytes are not a whole number of records of %lld; cut off?",
		    file->name, (long long)file->size, (long long)part);
	for (int64_t i = 0; i < file->size / part; i++) {
		struct item *item = plan_add(plan, member, (size_t)i, err);
		if (item == NULL)
			return MYO_FAIL;
		item->split = number;
		item->label = label;
	}
	return MYO_OK;
}

/* Archives that are ignored inside others: any that is no tar, and tars that are nested too deeply. */
static bool
is_archive(const char *path)
{
	static const char *const endings[] = { ".zip", ".7z", ".rar", ".cpio", ".cab", ".iso", ".lzh", ".xar" };
	const char *dot = strrchr(path_base(path), '.');

	for (size_t i = 0; dot != NULL && i < MYO_COUNT(endings); i++)
		if (strcasecmp(dot, endings[i]) == 0)
			return true;
	return path_tar_stem(path) > 0;
}

static bool
is_foreign_picture(const char *path)
{
	static const char *const endings[] = { ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif",
		".jxl", ".jp2",
		".ppm", ".pgm", ".pnm" };
	const char *dot = strrchr(path_base(path), '.');

	for (size_t i = 0; dot != NULL && i < MYO_COUNT(endings); i++)
		if (strcasecmp(dot, endings[i]) == 0)
			return true;
	return false;
}

void
plan_ignore(struct plan *plan, const char *path)
{
	plan->ignored++;
	if (is_foreign_picture(path) && plan->ignored_pictures++ == 0)
		plan->ignored_picture = path;
	if (plan->ignored_example == NULL)
		plan->ignored_example = path;
	if (plan->ignored_archive == NULL && is_archive(path))
		plan->ignored_archive = path;
}

int
plan_number_classes(struct plan *plan, size_t count, struct myo_err *err)
{
	char number[24];

	plan->numbered = true;
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(number, sizeof number, "%zu", i);
		if (names_append(&plan->classes, number, strlen(number), err) < 0)
			return MYO_FAIL;
	}
	return MYO_OK;
}

int
plan_name_classes(struct plan *plan, const char *text, const char *file, const char *const *known, size_t count,
    struct myo_err *err)
{
	if (text != NULL) {
		if (names_of_lines(&plan->classes, text, err) != MYO_OK)
			return MYO_FAIL;
		if (plan->classes.count == count)
			return MYO_OK;
		return myo_fail(err, "%s: names %zu classes, not %zu", file, plan->classes.count, count);
	}
	if (known == NULL)
		return plan_number_classes(plan, count, err);
	for (size_t i = 0; i < count; i++)
		if (names_add(&plan->classes, known[i], strlen(known[i]), err) < 0)
			return MYO_FAIL;
	return MYO_OK;
}

struct ranked {
	char *name;
	size_t before;
};

static int
compare_ranked(const void *a, const void *b)
{
	return strcmp(((const struct ranked *)a)->name, ((const struct ranked *)b)->name);
}

int
plan_sort_classes(struct plan *plan, struct myo_err *err)
{
	const size_t count = plan->classes.count;
	struct ranked *ranked = myo_calloc(count + 1, sizeof *ranked, err);
	int32_t *now = myo_calloc(count + 1, sizeof *now, err); /* [before] */
	const int rc = ranked != NULL && now != NULL ? MYO_OK : MYO_FAIL;

	for (size_t i = 0; rc == MYO_OK && i < count; i++)
		ranked[i] = (struct ranked){ plan->classes.items[i], i };
	if (rc == MYO_OK)
		qsort(ranked, count, sizeof *ranked, compare_ranked);
	for (size_t i = 0; rc == MYO_OK && i < count; i++) {
		plan->classes.items[i] = ranked[i].name;
		now[ranked[i].before] = (int32_t)i;
	}
	names_changed(&plan->classes);
	for (size_t i = 0; rc == MYO_OK && i < plan->count; i++)
		if (plan->items[i].label >= 0)
			plan->items[i].label = now[plan->items[i].label];
	free(now);
	free(ranked);
	return rc;
}

void
plan_clear(struct plan *plan)
{
	names_clear(&plan->classes);
	names_clear(&plan->splits);
	free(plan->items);
	*plan = (struct plan){ 0 };
}

/* ---- names ----------------------------------------------------------------------------------- */

int
names_append(struct names *names, const char *name, size_t length, struct myo_err *err)
{
	if (names->count == names->room) {
		const size_t room = names->room > 0 ? 2 * names->room : 16;
		char **larger = myo_realloc(names->items, room, sizeof *larger, err);
		if (larger == NULL)
			return -1;
		names->items = larger;
		names->room = room;
	}
	char *copy = myo_format(err, "%.*s", (int)length, name);
	if (copy == NULL)
		return -1;
	names->items[names->count] = copy;
	return (int)names->count++;
}

/* The slot of a name in the hash table, or the free one where it belongs. */
static size_t
place_of(const struct names *names, const char *name, size_t length)
{
	size_t place = (size_t)XXH3_64bits(name, length);

	for (;; place++) {
		const uint32_t number = names->table[place & (names->places - 1)];
		const char *known = number > 0 ? names->items[number - 1] : NULL;
		if (known == NULL || (strncmp(known, name, length) == 0 && known[length] == '\0'))
			return place & (names->places - 1);
	}
}

/* Put all names into the hash table; of several equal ones, the first. */
static int
place_names(struct names *names, struct myo_err *err)
{
	if (2 * names->count >= names->places) {
		const size_t places = 4 * (names->room > 16 ? names->room : 16);
		uint32_t *table = myo_calloc(places, sizeof *table, err);
		if (table == NULL)
			return MYO_FAIL;
		free(names->table);
		names->table = table;
		names->places = places;
		names->placed = 0;
	}
	for (; names->placed < names->count; names->placed++) {
		const char *name = names->items[names->placed];
		uint32_t *place = &names->table[place_of(names, name, strlen(name))];
		*place = *place > 0 ? *place : (uint32_t)(names->placed + 1);
	}
	return MYO_OK;
}

int
names_add(struct names *names, const char *name, size_t length, struct myo_err *err)
{
	if (place_names(names, err) != MYO_OK)
		return -1;
	const uint32_t number = names->table[place_of(names, name, length)];
	return number > 0 ? (int)(number - 1) : names_append(names, name, length, err);
}

void
names_changed(struct names *names)
{
	free(names->table);
	names->table = NULL;
	names->placed = names->places = 0;
}

int
names_of_lines(struct names *names, const char *text, struct myo_err *err)
{
	while (*text != '\0') {
		const size_t length = strcspn(text, "\r\n");
		if (length > 0 && names_add(names, text, length, err) < 0)
			return MYO_FAIL;
		text += length + strspn(text + length, "\r\n");
	}
	return MYO_OK;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
names_sort(struct names *names)
{
	if (names->count > 0)
		qsort(names->items, names->count, sizeof *names->items, compare_texts);
	names_changed(names);
}

void
names_clear(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	free(names->table);
	*names = (struct names){ 0 };
}

int
name_in_utf8(const char *name, char **copy, struct myo_err *err)
{
	static const char digits[] = "0123456789ABCDEF";

	*copy = NULL;
	json_t *text = json_string(name); /* NULL: not UTF-8, or out of memory, which shows below */
	json_decref(text);
	if (text != NULL)
		return MYO_OK;
	char *to = *copy = myo_calloc(strlen(name) + 1, 3, err);
	if (to == NULL)
		return MYO_FAIL;
	for (; *name != '\0'; name++) {
		const unsigned char byte = (unsigned char)*name;
		if (byte >= 0x80) {
			*to++ = '%';
			*to++ = digits[byte >> 4];
			*to++ = digits[byte & 15];
		} else {
			*to++ = *name;
		}
	}
	return MYO_OK;
}

int
names_make_utf8(struct names *names, struct myo_err *err)
{
	for (size_t i = 0; i < names->count; i++) {
		char *copy;
		if (name_in_utf8(names->items[i], &copy, err) != MYO_OK)
			return MYO_FAIL;
		if (copy != NULL) {
			free(names->items[i]);
			names->items[i] = copy;
			names_changed(names);
		}
	}
	return MYO_OK;
}

/* ---- paths ----------------------------------------------------------------------------------- */

size_t
listing_find(const struct listing *listing, const char *base)
{
	size_t i = 0;

	while (i < listing->count && strcmp(path_base(listing->members[i].name), base) != 0)
		i++;
	return i;
}

const char *
listing_text(const struct listing *listing, const char *base)
{
	const size_t i = listing_find(listing, base);

	return i < listing->count ? listing->members[i].text : NULL;
}

bool
path_ends(const char *path, const char *end)
{
	const size_t a = strlen(path), b = strlen(end);

	return a >= b && strcmp(path + a - b, end) == 0;
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool
path_is_picture(const char *path)
{
	static const char *const endings[] = { ".png", ".jpg", ".jpeg", ".jpe", ".jfif" };
	const char *dot = strrchr(path_base(path), '.');

	for (size_t i = 0; dot != NULL && i < MYO_COUNT(endings); i++)
		if (strcasecmp(dot, endings[i]) == 0)
			return true;
	return false;
}

bool
path_is_note(const char *path)
{
	static const char *const endings[] = {
		"batches.meta.txt", "fine_label_names.txt", "coarse_label_names.txt",     /* CIFAR */
		"class_names.txt", "fold_indices.txt", "_y.bin",                          /* STL-10 */
		"wnids.txt", "words.txt", "val_annotations.txt", "_boxes.txt",            /* Tiny ImageNet */
		".cls",                                                                   /* WebDataset */
	};
	const size_t length = strlen(path);

	for (size_t i = 0; i < MYO_COUNT(endings); i++) {
		const size_t end = strlen(endings[i]);
		if (length >= end && strcasecmp(path + length - end, endings[i]) == 0)
			return true;
	}
	return false;
}

size_t
path_tar_stem(const char *name)
{
	static const char *const endings[] = { ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz",
		".txz", ".tar.zst",
		".tzst", ".tar.lz4", ".tar.lzma", ".tar.lz", ".tar.Z" };
	const size_t length = strlen(name);

	for (size_t i = 0; i < MYO_COUNT(endings); i++) {
		const size_t end = strlen(endings[i]);
		if (length > end && name[length - end - 1] != '/' && strcasecmp(name + length - end, endings[i]) == 0)
			return length - end;
	}
	return 0;
}

bool
path_is_wanted(const char *name)
{
	return path_is_picture(name) || path_ends(name, ".bin") || path_tar_stem(name) > 0 || path_is_note(name);
}

size_t
path_part(const char *path, int back, const char **part)
{
	const char *end = path + strlen(path);

	for (;;) {
		const char *start = end;
		while (start > path && start[-1] != '/')
			start--;
		*part = start;
		if (back-- == 0)
			return (size_t)(end - start);
		if (start == path)
			return 0;
		end = start - 1;
	}
}
