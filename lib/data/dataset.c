/* Data sets: detect the format, choose the pictures, hand them on as records. */
#include "data/data.h"
#include "data/braces.h"
#include "data/feed.h"
#include "data/labels.h"
#include "data/notes.h"
#include "data/reading.h"
#include "data/select.h"
#include "data/store.h"

#include <stdlib.h>
#include <string.h>

struct myo_dataset {
	struct myo_dataset_options options;
	struct names paths;
	struct source *source;
	const struct format *format;
	struct plan plan;
	const char *split; /* the one of the plan's that is wanted; NULL: see select_split() */
	bool labelled; /* pictures that are wanted have labels */
	bool from_one; /* see struct myo_dataset_facts */
	struct reading *reading; /* NULL before the first record */
	struct myo_batch batch;
	struct store names; /* of pictures, where their paths aren't in UTF-8 */
	int64_t pictures, unlabelled, broken;
};

/* ---- rows ------------------------------------------------------------------------------------ */

/* Put a picture's place in front of a message: root and member, and its number if it is part of a file. */
static void
prefix_place(const struct myo_dataset *set, const struct item *item, struct myo_err *err)
{
	const char *root = source_root_name(set->source, item->member);
	const char *member = source_listing(set->source)->members[item->member].name;

	if (set->plan.part_bytes > 0)
		myo_err_prefix(err, "%s: %s: picture %u: ", root, member, item->part);
	else
		myo_err_prefix(err, "%s: %s: ", root, member);
}

static int
skip_broken(struct myo_dataset *set, struct entry *entry, struct myo_err *err)
{
	prefix_place(set, entry->item, &entry->err);
	set->broken++;
	if (set->options.strict) {
		*err = entry->err;
		return MYO_FAIL;
	}
	if (set->options.warn != NULL)
		set->options.warn(set->options.context, entry->err.text);
	return MYO_OK;
}

static int
start_batch(struct myo_dataset *set, const struct myo_image *image, struct myo_err *err)
{
	set->batch.rows = 0;
	if (set->batch.capacity > 0 && set->batch.height == image->height && set->batch.width == image->width)
		return MYO_OK;
	myo_batch_clear(&set->batch);
	return myo_batch_init(&set->batch, image->height, image->width, false, set->plan.boxes, set->plan.count, err);
}

/* A picture's name: its path; NULL for parts of files. */
static int
name_of(struct myo_dataset *set, const struct item *item, const char **name, struct myo_err *err)
{
	const char *path = source_listing(set->source)->members[item->member].name;
	char *copy = NULL;

	*name = NULL;
	if (set->plan.part_bytes > 0)
		return MYO_OK;
	if (name_in_utf8(path, &copy, err) != MYO_OK)
		return MYO_FAIL;
	*name = copy != NULL ? store_text(&set->names, copy, err) : path;
	free(copy);
	return *name != NULL ? MYO_OK : MYO_FAIL;
}

static int
add_row(struct myo_dataset *set, struct entry *entry, struct myo_err *err)
{
	struct myo_batch *batch = &set->batch;
	const size_t row = batch->rows, bytes = (size_t)batch->height * (size_t)batch->width * 3;

	if (name_of(set, entry->item, &batch->name[row], err) != MYO_OK)
		return MYO_FAIL;
	if (batch->capacity == 1) { /* the picture fills the record: swap buffers rather than copy */
		uint8_t *const before = batch->image;
		batch->image = entry->image.pixels;
		entry->image.pixels = before;
		batch->summed = entry->summed;
		batch->sum = entry->sum;
	} else {
		memcpy(batch->image + row * bytes, entry->image.pixels, bytes);
	}
	batch->label[row] = entry->label;
	batch->id[row] = entry->item->id;
	if (batch->box != NULL)
		memcpy(batch->box + 4 * row, entry->box, sizeof entry->box);
	batch->rows++;
	return MYO_OK;
}

/* The next picture that isn't broken, without taking it. MYO_END after the last. */
static int
peek(struct myo_dataset *set, struct entry **out, struct myo_err *err)
{
	int rc;

	while ((rc = reading_peek(set->reading, out, err)) == MYO_OK && (*out)->broken) {
		if (skip_broken(set, *out, err) != MYO_OK)
			return MYO_FAIL;
		reading_pop(set->reading);
	}
	return rc;
}

int
myo_dataset_next(struct myo_dataset *set, const struct myo_record **record, struct myo_err *err)
{
	struct myo_batch *batch = &set->batch;
	struct entry *entry;
	int rc;

	*record = NULL;
	batch->rows = 0;
	if (set->reading == NULL &&
	    reading_new(&set->options, set->source, set->format, &set->plan, &set->reading, err) != MYO_OK)
		return MYO_FAIL;
	while ((rc = peek(set, &entry, err)) == MYO_OK) {
		if (batch->rows == 0 && start_batch(set, &entry->image, err) != MYO_OK)
			return MYO_FAIL;
		if (batch->rows == batch->capacity || batch->height != entry->image.height ||
		    batch->width != entry->image.width)
			break;
		if (add_row(set, entry, err) != MYO_OK)
			return MYO_FAIL;
		set->unlabelled += entry->label < 0;
		reading_pop(set->reading);
		set->pictures++;
	}
	if (rc == MYO_FAIL)
		return MYO_FAIL;
	if (batch->rows > 0)
		return myo_batch_record(batch, record, err);
	if (set->pictures == 0)
		return set->broken == 0
		           ? myo_fail(err, "%s: nothing is left of it to unpack", source_name(set->source))
		           : myo_fail(err, "%s: none of the %lld pictures can be read", source_name(set->source),
		                 (long long)set->broken);
	return MYO_END;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Options that only some formats have. For formats without a name, plan() has a better reason to refuse. */
static int
check_asked(const struct format *format, const struct myo_dataset_options *o, struct myo_err *err)
{
	if (o->fold > 0 && !format->folds && format->name != NULL)
		return myo_fail(err, "--fold: the format '%s' has no folds", format->name);
	if (o->coarse && !format->coarse && format->name != NULL)
		return myo_fail(err, "--coarse: the format '%s' has no coarse labels", format->name);
	return MYO_OK;
}

static bool
has_class(const struct plan *plan, int32_t label)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].label == label || plan->items[i].label == LABEL_INSIDE)
			return true;
	return false;
}

/* Of a set without splits, --holdout makes two: "train", and "test" or "val", the held-out pictures. */
static const char *
split_by_holdout(struct myo_dataset_options *o, const struct plan *plan)
{
	static const char *const held[] = { "test", "val", "validation" };

	if (plan->splits.count > 0 || o->split == NULL || o->holdout <= 0)
		return o->split;
	for (size_t i = 0; i < MYO_COUNT(held); i++)
		if (strcmp(o->split, held[i]) == 0) {
			o->held_out = true;
			return NULL;
		}
	return strcmp(o->split, "train") == 0 ? NULL : o->split;
}

/*
 * Labels from a file. If it covers all pictures, all splits have the same classes; if not, it must cover the split that
 * is wanted.
 */
static int
label(struct myo_dataset *set, struct myo_err *err)
{
	const struct myo_dataset_options *o = &set->options;
	const struct listing *listing = source_listing(set->source);
	struct plan *plan = &set->plan;

	if (labels_from_file(plan, listing, o->labels, o->label_names, err) == MYO_OK)
		return MYO_OK;
	if (plan->splits.count == 0 || set->split == NULL || strcmp(set->split, "all") == 0)
		return MYO_FAIL;
	if (select_split(plan, listing, set->split, err) != MYO_OK)
		return MYO_FAIL;
	return labels_from_file(plan, listing, o->labels, o->label_names, err);
}

/* Detect the format, let it plan, and set labels and names of classes where options say so. */
static int
make_plan(struct myo_dataset *set, struct myo_err *err)
{
	const struct myo_dataset_options *o = &set->options;
	const struct listing *listing = source_listing(set->source);
	struct plan *plan = &set->plan;

	plan->coarse = o->coarse;
	plan->fold = o->fold;
	plan->forced = o->format != NULL;
	plan->split = o->split;
	plan->relabelled = o->labels != NULL;
	if (format_choose(o->format, listing, &set->format, err) != MYO_OK)
		return MYO_FAIL;
	if (check_asked(set->format, o, err) != MYO_OK)
		return MYO_FAIL;
	if (set->format->notes && listing->unread != NULL)
		return myo_fail(err, "%s", listing->unread);
	if (set->format->plan(listing, plan, err) != MYO_OK)
		return MYO_FAIL;
	set->split = split_by_holdout(&set->options, plan);
	if (o->labels != NULL && label(set, err) != MYO_OK)
		return MYO_FAIL;
	set->from_one = plan->numbered && plan->classes.count > 1 && !has_class(plan, 0) && has_class(plan, 1);
	if (o->class_names != NULL && naming_by_file(plan, o->class_names, err) != MYO_OK)
		return MYO_FAIL;
	return names_make_utf8(&plan->classes, err);
}

static int
choose(struct myo_dataset *set, struct myo_err *err)
{
	struct myo_dataset_options *o = &set->options;
	struct plan *plan = &set->plan;

	if (select_split(plan, source_listing(set->source), set->split, err) != MYO_OK)
		return MYO_FAIL;
	if ((o->limit > 0 || o->per_class > 0 || o->holdout > 0 || o->class_count > 0 || o->skip > 0) &&
	    feed_labels(set->source, set->format, plan, err) != MYO_OK)
		return MYO_FAIL;
	if (o->holdout > 0 && select_holdout(plan, o->holdout, o->held_out, o->seed, err) != MYO_OK)
		return MYO_FAIL;
	if (o->class_count > 0 && select_classes(plan, o->classes, o->class_count, err) != MYO_OK)
		return MYO_FAIL;
	if (select_skip(plan, o->skip, err) != MYO_OK)
		return MYO_FAIL;
	return o->limit > 0 || o->per_class > 0 ? select_limits(plan, o->per_class, o->limit, err) : MYO_OK;
}

static bool
has_labels(const struct plan *plan)
{
	size_t i = 0;

	while (i < plan->count && plan->items[i].label == LABEL_NONE)
		i++;
	return i < plan->count;
}

static int
open_set(struct myo_dataset *set, const char *const *paths, size_t count, struct myo_err *err)
{
	const int64_t asked = set->options.max_member;

	for (size_t i = 0; i < count; i++)
		if (braces_expand(paths[i], &set->paths, err) != MYO_OK)
			return MYO_FAIL;
	if (source_new((const char *const *)set->paths.items, set->paths.count, asked > 0 ? asked : MYO_MAX_MEMBER,
		&set->source, err) != MYO_OK)
		return MYO_FAIL;
	if (make_plan(set, err) == MYO_OK && choose(set, err) == MYO_OK) {
		set->labelled = has_labels(&set->plan);
		return MYO_OK;
	}
	myo_err_prefix(err, "%s: ", source_name(set->source));
	return MYO_FAIL;
}

int
myo_dataset_new(const char *const *paths, size_t count, const struct myo_dataset_options *options,
    struct myo_dataset **out, struct myo_err *err)
{
	*out = NULL;
	struct myo_dataset *set = myo_calloc(1, sizeof *set, err);
	if (set == NULL)
		return MYO_FAIL;
	set->options = *options;
	if (open_set(set, paths, count, err) != MYO_OK) {
		myo_dataset_free(set);
		return MYO_FAIL;
	}
	*out = set;
	return MYO_OK;
}

void
myo_dataset_free(struct myo_dataset *set)
{
	if (set == NULL)
		return;
	reading_free(set->reading);
	myo_batch_clear(&set->batch);
	plan_clear(&set->plan);
	source_free(set->source);
	names_clear(&set->paths);
	store_clear(&set->names);
	free(set);
}

int
myo_dataset_header(const struct myo_dataset *set, struct myo_header *header, struct myo_err *err)
{
	const struct names *classes = &set->plan.classes;

	header->kind = MYO_IMAGES;
	header->rows = (int64_t)set->plan.count;
	if (classes->count == 0)
		return MYO_OK;
	return myo_header_set_classes(header, classes->count, (const char *const *)classes->items, err);
}

struct myo_dataset_facts
myo_dataset_facts(const struct myo_dataset *set)
{
	return (struct myo_dataset_facts){
		.format = set->format->name,
		.classes = set->labelled ? set->plan.classes.count : 0,
		.apart = !set->labelled && set->format == &format_folders && source_places(set->source) > 1,
		.pictures = set->pictures,
		.unlabelled = set->unlabelled,
		.broken = set->broken,
		.ignored = set->plan.ignored,
		.ignored_example = set->plan.ignored_example,
		.ignored_archive = set->plan.ignored_archive,
		.ignored_pictures = set->plan.ignored_pictures,
		.ignored_picture = set->plan.ignored_picture,
		.link = source_listing(set->source)->link,
		.from_one = set->from_one,
		.one_place = source_roots(set->source) == 1,
	};
}
