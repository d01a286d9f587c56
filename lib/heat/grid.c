/* The grid of tiles in a header, and the header of a stream of maps. */
#include "heat/heat.h"

#include <stdlib.h>
#include <string.h>

#define CUT "as myopic-sample --grid --stride 1 --pad cuts them"

int
myo_heat_grid_of(const struct myo_header *predictions, enum myo_heat_method method, struct myo_heat_grid *out,
    struct myo_err *err)
{
	const char *const sampling = myo_header_get(predictions, "sampling");
	const bool of_tiles = myo_heat_method(method)->of_tiles;
	int64_t tile, stride, pad;

	if (myo_header_get_int(predictions, "tile", 1, MYO_HEAT_MAX_SIDE, 0, &tile, err) != MYO_OK ||
	    myo_header_get_int(predictions, "stride", 1, MYO_HEAT_MAX_SIDE, 1, &stride, err) != MYO_OK ||
	    myo_header_get_int(predictions, "pad", 0, 1, 0, &pad, err) != MYO_OK)
		return MYO_FAIL;
	*out = (struct myo_heat_grid){ 0 };
	if (!of_tiles)
		return tile == 0 ? MYO_OK :
		    myo_fail(err, "predictions of tiles; maps of evidence want those of whole images, "
		    "as myopic-predict --evidence makes them of images");
	if (tile == 0)
		return myo_fail(err, "predictions of whole images, and those of tiles are wanted, " CUT
		    " (maps of whole images: myopic-heat --method evidence)");
	if (sampling == NULL || strcmp(sampling, "grid") != 0)
		return myo_fail(err, "predictions of random crops; heat maps want those of a grid of tiles, " CUT);
	*out = (struct myo_heat_grid){ (size_t)tile, (size_t)stride, pad != 0 };
	return MYO_OK;
}

/* Whether any tile lies inside a side of so many pixels: whether the first one that begins inside it ends there. */
static bool
fits(const struct myo_heat_grid *grid, int64_t side)
{
	const int64_t tile = (int64_t)grid->tile, stride = grid->stride > 0 ? (int64_t)grid->stride : 1;
	const int64_t before = grid->pad ? tile / 2 : 0;

	return (stride - before % stride) % stride <= side - tile;
}

bool
myo_heat_leaves(const struct myo_heat_grid *grid, int64_t y, int64_t x, int64_t height, int64_t width)
{
	const int64_t tile = (int64_t)grid->tile;

	return (y < 0 || x < 0 || y + tile > height || x + tile > width) && fits(grid, height) && fits(grid, width);
}

int
myo_heat_header(const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_header *out, struct myo_err *err)
{
	/* What describes the rows of the predictions: crops, tiles, or erased pictures. */
	static const char *const drop[] = { "sampling", "stride", "pad", "epochs", "epoch_rows", "top", "erase",
		"order", "steps" };

	if (myo_header_copy(out, predictions, err) != MYO_OK)
		return MYO_FAIL;
	out->kind = MYO_HEAT;
	out->rows = -1;
	for (size_t i = 0; i < MYO_COUNT(drop); i++)
		if (myo_header_set(out, drop[i], NULL, err) != MYO_OK)
			return MYO_FAIL;
	if (choice->about == MYO_ABOUT_TOP && choice->top > 1 &&
	    myo_header_set_int(out, "top", (int64_t)choice->top, err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set(out, "method", myo_heat_method(choice->method)->name, err);
}
