/* Grids of tiles. */
#include "patch/private.h"

int
myo_grid_header(const struct myo_grid *grid, const struct myo_header *images, int64_t rows, struct myo_header *out,
    struct myo_err *err)
{
	if (patch_header(images, rows, "grid", grid->size, out, err) != MYO_OK ||
	    myo_header_set_int(out, "stride", grid->stride, err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set_int(out, "pad", grid->pad, err);
}

size_t
myo_grid_tiles(const struct myo_grid *grid, size_t side)
{
	const size_t size = (size_t)grid->size;
	const size_t padded = side + (grid->pad ? size / 2 + (size - 1) / 2 : 0);

	return padded < size ? 0 : (padded - size) / (size_t)grid->stride + 1;
}

int
myo_grid_cut(const struct myo_grid *grid, const struct myo_record *images, struct myo_patches *patches,
    struct myo_err *err)
{
	const struct myo_tensor *image, *label, *id;
	const int64_t first = myo_patches_count(patches);
	const int before = grid->pad ? grid->size / 2 : 0;

	if (patch_tensors(images, &image, &label, &id, err) != MYO_OK)
		return MYO_FAIL;
	const size_t down = myo_grid_tiles(grid, image->shape[1]), across = myo_grid_tiles(grid, image->shape[2]);
	for (size_t row = 0; row < image->shape[0]; row++) {
		const struct source source = patch_source(image, label, id, row, first + (int64_t)row);
		if (down == 0 || across == 0)
			return myo_fail(err, "image %lld is %zux%zu, smaller than a tile of %dx%d: choose a smaller --size",
			    (long long)source.id, source.height, source.width, grid->size, grid->size);
		for (size_t i = 0; i < down; i++)
			for (size_t j = 0; j < across; j++)
				if (patch_add(patches, &source, (int)i * grid->stride - before,
				    (int)j * grid->stride - before, false, err) != MYO_OK)
					return MYO_FAIL;
	}
	return MYO_OK;
}
