/* Random crops of a table, epoch by epoch. */
#include "patch/private.h"

#include <stdlib.h>

/* PROGRESS_STEP: crops between two calls of progress(). AHEAD: how many crops before its turn an image is fetched. */
enum { PROGRESS_STEP = 1024, AHEAD = 4 };

/* ---- one crop ------------------------------------------------------------------------------ */

/* How many places there are for a square along an image's height or width; 0 when there is no room. */
static size_t
places(const struct myo_crops *crops, int side, size_t length)
{
	const size_t room = length + 2 * (size_t)crops->margin + 1;

	return room > (size_t)side ? room - (size_t)side : 0;
}

bool
crops_fit(const struct myo_crops *crops, const struct source *source)
{
	const int least = crops_least(crops);

	return places(crops, least, source->height) > 0 && places(crops, least, source->width) > 0;
}

int
crops_add(const struct myo_crops *crops, struct myo_patches *patches, const struct source *source, int64_t epoch,
    uint32_t crop, struct myo_err *err)
{
	const uint64_t number = source->row * (uint64_t)crops->crops + crop;
	const int side = augment_side(crops, source, epoch, number);
	const struct effects effects = augment_choose(crops, epoch, number);
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_CROP, (uint64_t)epoch, number);
	const uint32_t y = myo_rng_below(&rng, (uint32_t)places(crops, side, source->height));
	const uint32_t x = myo_rng_below(&rng, (uint32_t)places(crops, side, source->width));
	const bool flip = crops->alternate ? augment_mirrored(crops, source->row, epoch, crop) :
	    crops->flip && myo_rng_below(&rng, 2) == 1;
	const struct square square = { .y = (int)y - crops->margin, .x = (int)x - crops->margin, .side = side,
		.flip = flip };

	return patch_add(patches, source, &square, &effects, err);
}

/* ---- all images -------------------------------------------------------------------------------- */

int
crops_none_fits(const struct myo_crops *crops, uint64_t images, struct myo_err *err)
{
	const int least = crops_least(crops);

	return myo_fail(err, "all of the %llu images are smaller than a patch of %dx%d: choose a smaller --size",
	    (unsigned long long)images, least, least);
}

int
crops_sources(const struct myo_crops *crops, const struct myo_table *images, struct source **out, uint32_t *count,
    int64_t *skipped, struct myo_err *err)
{
	const size_t rows = myo_table_rows(images);
	struct source *sources = NULL;
	size_t fitting = 0;
	int rc = MYO_OK;

	*out = NULL;
	if (rows == 0)
		return myo_fail(err, "there are no images");
	if (rows > UINT32_MAX / (size_t)crops->crops)
		return myo_fail(err, "%zu images with %d crops each are too many to shuffle", rows, crops->crops);
	sources = myo_calloc(rows, sizeof *sources, err);
	if (sources == NULL)
		return MYO_FAIL;
	for (size_t row = 0; row < rows && rc == MYO_OK; row++) {
		struct columns columns;
		size_t within;
		rc = patch_table_columns(images, row, &within, &columns, err);
		if (rc != MYO_OK)
			break;
		sources[fitting] = patch_source(&columns, within, row);
		if (crops_fit(crops, &sources[fitting]))
			fitting++;
		else if (!crops->skip_small)
			rc = patch_too_small(&sources[fitting], crops_least(crops), err);
	}
	if (rc == MYO_OK && fitting == 0)
		rc = crops_none_fits(crops, rows, err);
	if (rc != MYO_OK) {
		free(sources);
		return rc;
	}
	*out = sources;
	*count = (uint32_t)fitting;
	*skipped = (int64_t)(rows - fitting);
	return MYO_OK;
}

/*
 * The rows of an epoch when the table holds only the first images: from the number of images in their header, which is
 * that of the first part only if cat joined several; -1: not known.
 */
static int64_t
guess_epoch(const struct myo_crops *crops, const struct myo_table *images, const struct myo_reader *rest)
{
	const int64_t rows = myo_table_header(images)->rows;

	if (crops->skip_small || myo_reader_parts(rest) > 1 || rows < (int64_t)myo_table_rows(images) ||
	    rows > INT64_MAX / crops->crops)
		return -1;
	return rows * crops->crops;
}

int
myo_crops_header(const struct myo_crops *crops, const struct myo_table *images, const struct myo_reader *rest,
    struct myo_header *out, struct myo_err *err)
{
	const struct myo_header *header = myo_table_header(images);
	struct source *sources = NULL;
	uint32_t count = 0;
	int64_t skipped;

	if ((rest == NULL || !crops->skip_small) &&
	    crops_sources(crops, images, &sources, &count, &skipped, err) != MYO_OK)
		return MYO_FAIL;
	free(sources);
	const int64_t epoch = rest != NULL ? guess_epoch(crops, images, rest) : (int64_t)count * crops->crops;
	const bool known = epoch > 0 && crops->epochs > 0 && epoch <= INT64_MAX / crops->epochs;

	if (known && crops->first_row > epoch * crops->epochs)
		return myo_fail(err, "there are %lld rows in all: none is left from row %lld on",
		    (long long)(epoch * crops->epochs), (long long)crops->first_row);
	if (patch_header(header, known ? epoch * crops->epochs - crops->first_row : -1, "random", crops->size, out,
	    err) != MYO_OK)
		return MYO_FAIL;
	if (epoch > 0 && myo_header_set_int(out, "epoch_rows", epoch, err) != MYO_OK)
		return MYO_FAIL;
	if (crops->margin > 0 && myo_header_set_int(out, "margin", crops->margin, err) != MYO_OK)
		return MYO_FAIL;
	if (crops->first_row > 0 && myo_header_set_int(out, "first_row", crops->first_row, err) != MYO_OK)
		return MYO_FAIL;
	return crops->epochs > 0 ? myo_header_set_int(out, "epochs", crops->epochs, err) : MYO_OK;
}

/*
 * Images are read in random order from a file larger than any cache: prefetch the pixels of a small one before its
 * turn.
 */
static void
fetch(const struct source *source)
{
	enum { LINE = 64, MOST = 16 << 10 };
	const size_t bytes = source->height * source->width * 3;

	for (size_t at = 0; bytes <= MOST && at < bytes; at += LINE)
		__builtin_prefetch(source->pixels + at);
}

int
myo_crops_all(const struct myo_crops *crops, const struct myo_table *images, struct myo_patches *patches,
    myo_patch_progress *progress, void *context, struct myo_err *err)
{
	const uint32_t each = (uint32_t)crops->crops;
	struct source *sources;
	uint32_t count, *order;
	int64_t skipped;

	if (crops_sources(crops, images, &sources, &count, &skipped, err) != MYO_OK)
		return MYO_FAIL;
	for (int64_t i = 0; i < skipped; i++)
		patch_skip(patches);
	order = myo_calloc((size_t)count * each, sizeof *order, err);
	int rc = order != NULL ? MYO_OK : MYO_FAIL;
	const int64_t rows = (int64_t)count * each, passed = crops->first_row / rows;
	uint32_t first = (uint32_t)(crops->first_row % rows);
	for (int64_t n = passed; (crops->epochs == 0 || n < crops->epochs) && rc == MYO_OK; n++, first = 0) {
		const int64_t e = crops->first_epoch + n;
		struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_SHUFFLE, (uint64_t)e, 0);
		myo_rng_permute(&rng, order, count * each);
		for (uint32_t i = first; i < count * each && rc == MYO_OK; i++) {
			if (count * each - i > AHEAD)
				fetch(&sources[order[i + AHEAD] / each]);
			rc = crops_add(crops, patches, &sources[order[i] / each], e, order[i] % each, err);
			if (progress != NULL && i % PROGRESS_STEP == 0)
				progress(context, myo_patches_count(patches));
		}
		if (rc == MYO_OK)
			rc = myo_table_check(images, err);
	}
	free(order);
	free(sources);
	return rc;
}
