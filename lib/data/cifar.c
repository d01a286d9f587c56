/*
 * CIFAR-10 and CIFAR-100, the official binary archives: records of one label byte (10) or a
 * coarse and a fine one (100), then 32x32 bytes each of red, green and blue, row by row.
 */
#include "data/format.h"

#include <string.h>

enum { SIDE = 32, PLANE = SIDE * SIDE, PART10 = 1 + 3 * PLANE, PART100 = 2 + 3 * PLANE };

static bool
is_batch10(const char *base)
{
	return (strncmp(base, "data_batch_", 11) == 0 && base[11] >= '1' && base[11] <= '5' &&
	    strcmp(base + 12, ".bin") == 0) || strcmp(base, "test_batch.bin") == 0;
}

/* Named nearly like a batch: perhaps a copy of one, which would be learnt from twice. */
static bool
is_nearly_batch10(const char *base)
{
	return !is_batch10(base) && (strncmp(base, "data_batch_", 11) == 0 || strncmp(base, "test_batch", 10) == 0) &&
	    path_ends(base, ".bin");
}

static bool
is_batch100(const char *base)
{
	return strcmp(base, "train.bin") == 0 || strcmp(base, "test.bin") == 0;
}

/*
 * Whether a file that is no archive may consist of records of `part` bytes: those in its head must begin with labels
 * below classes[0], classes[1] ...
 */
static bool
looks_like(const struct listing *listing, size_t part, const uint8_t *classes, size_t labels)
{
	if (!listing->alone || listing->members[0].size % (int64_t)part != 0)
		return false;
	for (size_t at = 0; at + labels <= listing->head_bytes; at += part)
		for (size_t i = 0; i < labels; i++)
			if (listing->head[at + i] >= classes[i])
				return false;
	return true;
}

static int
bid10(const struct listing *listing)
{
	if (looks_like(listing, PART10, (const uint8_t[]){ 10 }, 1))
		return 50;
	for (size_t i = 0; i < listing->count; i++)
		if (is_batch10(path_base(listing->members[i].name)))
			return 100;
	return 0;
}

/* Anything may be called "train.bin", so the folder, the label names' file or the size must match too. */
static int
bid100(const struct listing *listing)
{
	int batches = 0, signs = 0;

	if (looks_like(listing, PART100, (const uint8_t[]){ 20, 100 }, 2))
		return 50;
	for (size_t i = 0; i < listing->count; i++) {
		const struct member *member = &listing->members[i];
		const char *base = path_base(member->name);
		batches += is_batch100(base);
		signs += strcmp(base, "fine_label_names.txt") == 0 ||
			 strstr(member->name, "cifar-100-binary/") != NULL ||
			 (is_batch100(base) && member->size > 0 && member->size % PART100 == 0);
	}
	return batches > 0 && signs > 0 ? 100 : 0;
}

/* ---- planning -------------------------------------------------------------------------------- */

/*
 * A batch that comes twice with the same path is from a set that was named twice, and is wanted twice. With different
 * paths it is from two copies of the set, such as an archive beside the folder that was unpacked from it.
 */
static int
check_twice(const struct listing *listing, size_t batch, struct myo_err *err)
{
	const char *name = listing->members[batch].name;
	const char *first = listing->members[listing_find(listing, path_base(name))].name;

	return strcmp(first, name) == 0 ? MYO_OK : myo_fail(err, "%s and %s: the same batch twice", first, name);
}

static int
add_batches(const struct listing *listing, bool (*is_batch)(const char *), struct plan *plan, struct myo_err *err)
{
	for (size_t i = 0; i < listing->count; i++) {
		const char *base = path_base(listing->members[i].name);
		const char *split = strncmp(base, "test", 4) == 0 ? "test" : "train";
		const bool only = listing->alone || (plan->forced && listing->count == 1); /* whatever it is called */
		if (!only && !is_batch(base))
			continue;
		if (check_twice(listing, i, err) != MYO_OK ||
		    plan_add_parts(plan, listing, i, split, LABEL_INSIDE, err) != MYO_OK)
			return MYO_FAIL;
	}
	return plan->count > 0 ? MYO_OK
			       : myo_fail(err, "holds no batches of CIFAR (data_batch_1.bin, or train.bin)");
}

static int
plan10(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	static const char *const known[] = { "airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
		"horse", "ship", "truck" };

	plan->part_bytes = PART10;
	const char *file = "batches.meta.txt";
	if (plan_name_classes(plan, listing_text(listing, file), file, known, MYO_COUNT(known), err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < listing->count && !listing->alone && !plan->forced; i++)
		if (is_nearly_batch10(path_base(listing->members[i].name)))
			return myo_fail(err, "%s: is called like a batch, and none of CIFAR-10's is called so",
			    listing->members[i].name);
	return add_batches(listing, is_batch10, plan, err);
}

static int
plan100(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	const char *file = plan->coarse ? "coarse_label_names.txt" : "fine_label_names.txt";

	plan->part_bytes = PART100;
	if (plan_name_classes(plan, listing_text(listing, file), file, NULL, plan->coarse ? 20 : 100, err) != MYO_OK)
		return MYO_FAIL;
	return add_batches(listing, is_batch100, plan, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

static int
read_label(const struct plan *plan, const uint8_t *part, int32_t *label, struct myo_err *err)
{
	*label = part[plan->part_bytes == PART100 && !plan->coarse ? 1 : 0];
	if ((size_t)*label < plan->classes.count)
		return MYO_OK;
	return myo_fail(err, "label %d, but there are %zu classes", *label, plan->classes.count);
}

static int
decode(const struct plan *plan, const uint8_t *part, struct myo_image *image, struct myo_err *err)
{
	const uint8_t *planes = part + (plan->part_bytes - 3 * PLANE); /* U8 [3, SIDE, SIDE] */

	if (myo_image_init(image, SIDE, SIDE, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < PLANE; i++)
		for (size_t c = 0; c < 3; c++)
			image->pixels[3 * i + c] = planes[c * PLANE + i];
	return MYO_OK;
}

const struct format format_cifar10 = {
	.name = "cifar10",
	.summary = "the binary version of CIFAR-10, or a batch of it",
	.bid = bid10,
	.plan = plan10,
	.notes = true,
	.label = read_label,
	.decode = decode,
};

const struct format format_cifar100 = {
	.name = "cifar100",
	.summary = "the binary version of CIFAR-100, or a batch of it",
	.bid = bid100,
	.plan = plan100,
	.coarse = true,
	.notes = true,
	.label = read_label,
	.decode = decode,
};

/* ---- the versions that aren't read ----------------------------------------------------------- */

/* Batches without an ending are Python's pickles, which can run code when they are loaded; .mat is MATLAB's. */
static int
bid_other(const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		const char *name = listing->members[i].name;
		const char *base = path_base(name);
		if (strcmp(base, "data_batch_1") == 0 || strcmp(base, "data_batch_1.mat") == 0 ||
		    strcmp(base, "test_batch") == 0 || strstr(name, "cifar-100-python/") != NULL ||
		    strstr(name, "cifar-100-matlab/") != NULL)
			return 100;
	}
	return 0;
}

static int
refuse_other(const struct listing *listing, struct plan *plan, struct myo_err *err)
{
	bool hundred = false;

	(void)plan;
	for (size_t i = 0; i < listing->count; i++)
		hundred = hundred || strstr(listing->members[i].name, "cifar-100") != NULL;
	return myo_fail(err,
	    "is the version of CIFAR for Python or MATLAB; the one that is read here is "
	    "cifar-%d-binary.tar.gz",
	    hundred ? 100 : 10);
}

const struct format format_cifar_other = {
	.bid = bid_other,
	.plan = refuse_other,
};
