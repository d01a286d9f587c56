/* Patches gathered into records. */
#include "patch/private.h"

#include <stdlib.h>
#include <string.h>

/* MOST_SIDE keeps every coordinate, padding included, well within an int. */
enum { CHANNELS = 3, RECORD_ROWS = 4096, MOST_SIDE = 1 << 24 };

struct myo_patches {
	struct myo_writer *out;
	size_t size, room, count; /* side; rows that a record can hold, and those gathered so far */
	int64_t total, skipped;
	bool flips, sides, holes; /* whether rows have these columns */
	uint8_t *image; /* [room, size, size, 3] */
	int32_t *label, *y, *x, *height, *width, *side;
	int32_t *hole; /* [room, 4] */
	int64_t *id;
	uint8_t *flip;
};

int
myo_patches_new(int size, const struct myo_crops *crops, struct myo_writer *out, struct myo_patches **result,
    struct myo_err *err)
{
	const size_t side = (size_t)size, bytes = side * side * CHANNELS;

	*result = NULL;
	struct myo_patches *p = myo_calloc(1, sizeof *p, err);
	if (p == NULL)
		return MYO_FAIL;
	p->out = out;
	p->size = side;
	p->flips = crops != NULL && (crops->flip || crops->alternate);
	p->sides = crops != NULL && crops->most > 0;
	p->holes = crops != NULL && crops->cutout > 0;
	p->room = myo_record_room(bytes);
	p->room = p->room > RECORD_ROWS ? RECORD_ROWS : p->room;
	if ((p->image = myo_calloc(p->room, bytes, err)) == NULL ||
	    (p->label = myo_calloc(p->room, sizeof *p->label, err)) == NULL ||
	    (p->y = myo_calloc(p->room, sizeof *p->y, err)) == NULL ||
	    (p->x = myo_calloc(p->room, sizeof *p->x, err)) == NULL ||
	    (p->height = myo_calloc(p->room, sizeof *p->height, err)) == NULL ||
	    (p->width = myo_calloc(p->room, sizeof *p->width, err)) == NULL ||
	    (p->side = myo_calloc(p->room, sizeof *p->side, err)) == NULL ||
	    (p->hole = myo_calloc(p->room, 4 * sizeof *p->hole, err)) == NULL ||
	    (p->id = myo_calloc(p->room, sizeof *p->id, err)) == NULL ||
	    (p->flip = myo_calloc(p->room, sizeof *p->flip, err)) == NULL) {
		myo_patches_free(p);
		return MYO_FAIL;
	}
	*result = p;
	return MYO_OK;
}

void
myo_patches_free(struct myo_patches *patches)
{
	if (patches == NULL)
		return;
	free(patches->image);
	free(patches->label);
	free(patches->y);
	free(patches->x);
	free(patches->height);
	free(patches->width);
	free(patches->side);
	free(patches->hole);
	free(patches->id);
	free(patches->flip);
	free(patches);
}

int64_t
myo_patches_count(const struct myo_patches *patches)
{
	return patches->total;
}

int64_t
myo_patches_skipped(const struct myo_patches *patches)
{
	return patches->skipped;
}

void
patch_skip(struct myo_patches *patches)
{
	patches->skipped++;
}

static int
put_rows(struct myo_patches *p, struct myo_record *record, struct myo_err *err)
{
	const size_t n = p->count;
	const size_t image[4] = { n, p->size, p->size, CHANNELS }, row[1] = { n }, corners[2] = { n, 4 };

	if (myo_record_put(record, "id", MYO_I64, 1, row, p->id, err) != MYO_OK ||
	    myo_record_put(record, "label", MYO_I32, 1, row, p->label, err) != MYO_OK ||
	    myo_record_put(record, "y", MYO_I32, 1, row, p->y, err) != MYO_OK ||
	    myo_record_put(record, "x", MYO_I32, 1, row, p->x, err) != MYO_OK ||
	    myo_record_put(record, "height", MYO_I32, 1, row, p->height, err) != MYO_OK ||
	    myo_record_put(record, "width", MYO_I32, 1, row, p->width, err) != MYO_OK)
		return MYO_FAIL;
	if ((p->flips && myo_record_put(record, "flip", MYO_U8, 1, row, p->flip, err) != MYO_OK) ||
	    (p->sides && myo_record_put(record, "side", MYO_I32, 1, row, p->side, err) != MYO_OK) ||
	    (p->holes && myo_record_put(record, "hole", MYO_I32, 2, corners, p->hole, err) != MYO_OK))
		return MYO_FAIL;
	return myo_record_put(record, "image", MYO_U8, 4, image, p->image, err);
}

int
myo_patches_flush(struct myo_patches *patches, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;

	if (patches->count == 0)
		return MYO_OK;
	int rc = put_rows(patches, &record, err);
	if (rc == MYO_OK)
		rc = myo_writer_put(patches->out, &record, err);
	myo_record_clear(&record);
	patches->count = 0;
	return rc;
}

/* ---- cutting ------------------------------------------------------------------------------------ */

/* Copy the square's pixels as they are to the part of the patch that shows the image. */
static void
copy(uint8_t *to, size_t size, const struct source *source, const struct square *square, const struct area *inside)
{
	for (size_t line = inside->top; line < inside->bottom; line++) {
		const size_t row = (size_t)((int64_t)line + square->y),
		    column = (size_t)((int64_t)inside->left + square->x);
		memcpy(to + (line * size + inside->left) * CHANNELS,
		    source->pixels + (row * source->width + column) * CHANNELS,
		    (inside->right - inside->left) * CHANNELS);
	}
}

static int
cut(uint8_t *to, size_t size, const struct source *source, const struct square *square, struct area *inside,
    struct myo_err *err)
{
	myo_shown(square->y, square->side, (int64_t)source->height, size, &inside->top, &inside->bottom);
	myo_shown(square->x, square->side, (int64_t)source->width, size, &inside->left, &inside->right);
	if (inside->bottom - inside->top < size || inside->right - inside->left < size)
		memset(to, 0, size * size * CHANNELS);
	if ((size_t)square->side != size)
		return augment_resize(source, square, inside, to, size, err);
	copy(to, size, source, square, inside);
	return MYO_OK;
}

/* Mirror a patch left to right, and `inside`, which of its pixels show the image. */
static void
mirror(uint8_t *pixels, size_t size, struct area *inside)
{
	const size_t left_edge = inside->left;

	for (size_t line = 0; line < size; line++, pixels += size * CHANNELS)
		for (size_t left = 0, right = size - 1; left < right; left++, right--)
			for (size_t c = 0; c < CHANNELS; c++) {
				const uint8_t swap = pixels[left * CHANNELS + c];
				pixels[left * CHANNELS + c] = pixels[right * CHANNELS + c];
				pixels[right * CHANNELS + c] = swap;
			}
	inside->left = size - inside->right;
	inside->right = size - left_edge;
}

/* In the form of a box: left, top, right and bottom pixel, inclusive. */
static void
put_hole(int32_t *to, const struct area *hole)
{
	to[0] = (int32_t)hole->left;
	to[1] = (int32_t)hole->top;
	to[2] = (int32_t)hole->right - 1;
	to[3] = (int32_t)hole->bottom - 1;
}

int
patch_add(struct myo_patches *p, const struct source *source, const struct square *square,
    const struct effects *effects, struct myo_err *err)
{
	const size_t at = p->count;
	uint8_t *to = p->image + at * p->size * p->size * CHANNELS;
	struct area inside;

	if (cut(to, p->size, source, square, &inside, err) != MYO_OK)
		return MYO_FAIL;
	if (square->flip)
		mirror(to, p->size, &inside);
	if (effects != NULL) {
		augment_apply(effects, to, p->size, &inside);
		put_hole(&p->hole[4 * at], &effects->hole);
	}
	p->label[at] = source->label;
	p->id[at] = source->id;
	p->y[at] = square->y;
	p->x[at] = square->x;
	p->height[at] = (int32_t)source->height;
	p->width[at] = (int32_t)source->width;
	p->side[at] = square->side;
	p->flip[at] = square->flip;
	p->count++;
	p->total++;
	return p->count == p->room ? myo_patches_flush(p, err) : MYO_OK;
}

/* ---- images and headers ---------------------------------------------------------------------------- */

static int
check_columns(const struct columns *c, struct myo_err *err)
{
	if (c->image == NULL || c->image->dtype != MYO_U8 || c->image->dims != 4 || c->image->shape[3] != CHANNELS)
		return myo_fail(err, "no tensor 'image' of U8 [N, height, width, 3]");
	if (c->label == NULL || c->label->dtype != MYO_I32 || c->label->dims != 1)
		return myo_fail(err, "no tensor 'label' of I32 [N]");
	if (c->id == NULL || c->id->dtype != MYO_I64 || c->id->dims != 1)
		return myo_fail(err, "no tensor 'id' of I64 [N]");
	if (c->image->shape[1] > MOST_SIDE || c->image->shape[2] > MOST_SIDE)
		return myo_fail(err, "images of %zux%zu are too large: at most %d pixels along a side",
		    c->image->shape[1], c->image->shape[2], MOST_SIDE);
	return MYO_OK;
}

int
patch_columns(const struct myo_record *record, struct columns *out, struct myo_err *err)
{
	out->image = myo_record_find(record, "image");
	out->label = myo_record_find(record, "label");
	out->id = myo_record_find(record, "id");
	return check_columns(out, err);
}

int
patch_table_columns(const struct myo_table *table, size_t row, size_t *within, struct columns *out,
    struct myo_err *err)
{
	out->image = myo_table_find(table, row, "image", within);
	out->label = myo_table_find(table, row, "label", within);
	out->id = myo_table_find(table, row, "id", within);
	return check_columns(out, err);
}

struct source
patch_source(const struct columns *columns, size_t within, uint64_t row)
{
	const struct myo_tensor *image = columns->image;

	return (struct source){
		.pixels = (uint8_t *)image->data + within * myo_tensor_row_elements(image),
		.height = image->shape[1],
		.width = image->shape[2],
		.row = row,
		.id = ((const int64_t *)columns->id->data)[within],
		.label = ((const int32_t *)columns->label->data)[within],
	};
}

int
patch_too_small(const struct source *source, int size, struct myo_err *err)
{
	return myo_fail(err, "image %lld is %zux%zu pixels, smaller than a patch of %dx%d: choose a smaller --size, or "
	    "leave such images out with --skip-small", (long long)source->id, source->width,
	    source->height, size, size);
}

int
patch_header(const struct myo_header *images, int64_t rows, const char *sampling, int tile, struct myo_header *out,
    struct myo_err *err)
{
	if (myo_header_copy(out, images, err) != MYO_OK)
		return MYO_FAIL;
	out->kind = MYO_PATCHES;
	out->rows = rows;
	if (myo_header_set(out, "sampling", sampling, err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set_int(out, "tile", tile, err);
}
