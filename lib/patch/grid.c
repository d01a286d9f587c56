/* Grids of tiles. */
#include "patch/private.h"

size_t
myo_grid_tiles(const struct myo_grid *grid, size_t side)
{
	const size_t size = (size_t)grid->size;
	const size_t padded = side + (grid->pad ? size / 2 + (size - 1) / 2 : 0);

	return padded < size ? 0 : (padded - size) / (size_t)grid->stride + 1;
}

int
myo_grid_header(const struct myo_grid *grid, const struct myo_header *images, const struct myo_record *first,
    struct myo_header *out, struct myo_err *err)
{
	struct columns columns;
	size_t rows;

	if (patch_columns(first, &columns, err) != MYO_OK)
		return MYO_FAIL;
	const size_t down = myo_grid_tiles(grid, columns.image->shape[1]);
	const size_t across = myo_grid_tiles(grid, columns.image->shape[2]);
	const bool known = images->rows >= 0 && !grid->skip_small &&
	    myo_mul(down * across, (size_t)images->rows, &rows) && rows <= INT64_MAX;

	if (patch_header(images, known ? (int64_t)rows : -1, "grid", grid->size, out, err) != MYO_OK ||
	    myo_header_set_int(out, "stride", grid->stride, err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set_int(out, "pad", grid->pad, err);
}

static int
cut_image(const struct myo_grid *grid, const struct source *source, struct myo_patches *patches, struct myo_err *err)
{
	const size_t down = myo_grid_tiles(grid, source->height), across = myo_grid_tiles(grid, source->width);
	const int before = grid->pad ? grid->size / 2 : 0;

	if (down == 0 || across == 0) {
		if (!grid->skip_small)
			return patch_too_small(source, grid->size, err);
		patch_skip(patches);
		return MYO_OK;
	}
	for (size_t i = 0; i < down; i++)
		for (size_t j = 0; j < across; j++) {
			const struct square square = { .y = (int)i * grid->stride - before,
				.x = (int)j * grid->stride - before, .side = grid->size };
			if (patch_add(patches, source, &square, NULL, err) != MYO_OK)
				return MYO_FAIL;
		}
	return MYO_OK;
}

int
myo_grid_cut(const struct myo_grid *grid, const struct myo_record *images, struct myo_patches *patches,
    struct myo_err *err)
{
	struct columns columns;

	if (patch_columns(images, &columns, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t row = 0; row < columns.image->shape[0]; row++) {
		const struct source source = patch_source(&columns, row, row);
		if (cut_image(grid, &source, patches, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}
