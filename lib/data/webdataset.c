/*
 * WebDataset: tars of samples. The files of a sample follow each other and have a key in common, the path up to
 * the first dot of the base name. What follows the dot, in either case, says what a file is: jpg, jpeg and
 * png are the picture, cls its class, a number in ASCII. The rest (json, txt) is ignored.
 */
#include "data/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_CLASS = 1000000 };

/* What follows the key and its dot; "" if there is no dot. */
static const char *
extension(const char *path)
{
	const char *base = path_base(path);
	const char *dot = strchr(base, '.');

	return dot != NULL ? dot + 1 : base + strlen(base);
}

static bool
is(const char *ending, const char *kind)
{
	return strcasecmp(ending, kind) == 0;
}

static bool
is_picture(const char *ending)
{
	return is(ending, "jpg") || is(ending, "jpeg") || is(ending, "png");
}

static bool
same_key(const struct member *a, const struct member *b)
{
	const size_t length = (size_t)(extension(a->name) - a->name);

	return a->root == b->root && (size_t)(extension(b->name) - b->name) == length &&
	       strncmp(a->name, b->name, length) == 0;
}

static int
bid(const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		if (is(extension(listing->members[i].name), "cls"))
			return 90; /* less than other formats, since some sets of theirs contain such files */
	return 0;
}

static int
read_class(const struct member *file, int32_t *label, struct myo_err *err)
{
	char *end = NULL;
	const long value = file->text != NULL ? strtol(file->text, &end, 10) : -1;

	while (end != NULL && isspace((unsigned char)*end))
		end++;
	if (end == NULL || end == file->text || *end != '\0' || value < 0 || value > MAX_CLASS)
		return myo_fail(err, "%s: not the number of a class, 0 to %d", file->name, MAX_CLASS);
	*label = (int32_t)value;
	return MYO_OK;
}

static int
compare_endings(const void *a, const void *b)
{
	const struct member *p = *(const struct member *const *)a, *q = *(const struct member *const *)b;
	const int order = strcasecmp(extension(p->name), extension(q->name));

	return order != 0 ? order : p < q ? -1 : p > q;
}

/* A sample has each ending only once. sorted: scratch space for its files. */
static int
check_endings(const struct member *files, size_t count, const struct member **sorted, struct myo_err *err)
{
	for (size_t i = 0; i < count; i++)
		sorted[i] = &files[i];
	qsort(sorted, count, sizeof(struct member *), compare_endings);
	for (size_t i = 1; i < count; i++)
		if (is(extension(sorted[i]->name), extension(sorted[i - 1]->name)))
			return myo_fail(err, "%s: its sample has two files of this ending", sorted[i]->name);
	return MYO_OK;
}

/*
 * Add the sample that begins at file `first`; *after: the first file behind it. sorted: scratch space for all files.
 * *lonely: set to its file if it has a label but no picture, and none was found so far.
 */
static int
add_sample(const struct listing *listing, size_t first, size_t *after, const struct member **sorted,
    const char **lonely, struct plan *plan, struct myo_err *err)
{
	const struct member *files = listing->members;
	size_t picture = listing->count, i = first;
	int32_t label = LABEL_NONE;

	for (; i < listing->count && same_key(&files[first], &files[i]); i++) {
		const char *ending = extension(files[i].name);
		if (is_picture(ending)) {
			if (picture < listing->count)
				return myo_fail(err, "%s: its sample has another picture, %s", files[i].name,
				    files[picture].name);
			picture = i;
		} else if (is(ending, "cls")) {
			if (read_class(&files[i], &label, err) != MYO_OK)
				return MYO_FAIL;
		} else {
			plan_ignore(plan, files[i].name);
		}
	}
	*after = i;
	if (check_endings(files + first, i - first, sorted, err) != MYO_OK)
		return MYO_FAIL;
	if (picture == listing->count) {
		if (label != LABEL_NONE && *lonely == NULL)
			*lonely = files[first].name;
		return MYO_OK;
	}
	struct item *item = plan_add(plan, picture, 0, err);
	if (item == NULL)
		return MYO_FAIL;
	item->label = label;
	return MYO_OK;
}

static int
plan_samples(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	const struct member **sorted = myo_calloc(listing->count, sizeof(struct member *), err);
	int rc = sorted != NULL ? MYO_OK : MYO_FAIL;
	const char *lonely = NULL;
	bool unlabelled = false;
	int32_t most = LABEL_NONE;

	for (size_t i = 0; rc == MYO_OK && i < listing->count;)
		rc = add_sample(listing, i, &i, sorted, &lonely, plan, err);
	free(sorted);
	if (rc != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->count; i++) {
		most = plan->items[i].label > most ? plan->items[i].label : most;
		unlabelled = unlabelled || plan->items[i].label == LABEL_NONE;
	}
	if (lonely != NULL && unlabelled)
		return myo_fail(err,
		    "%s: its picture isn't beside it: in a shard the files of a sample follow each other (tar --sort=name)",
		    lonely);
	if (plan->count == 0)
		return myo_fail(err, "holds no samples with a picture (KEY.jpg, KEY.png)");
	return plan_number_classes(plan, (size_t)(most + 1), err);
}

const struct format format_webdataset = {
	.name = "webdataset",
	.summary = "shards of samples, KEY.jpg or KEY.png and KEY.cls",
	.bid = bid,
	.plan = plan_samples,
	.notes = true,
};
