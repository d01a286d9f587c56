/* What a header says of tiles and classes, and the header of the heat stream made from it. */
#include "heat/heat.h"

#include <stdlib.h>
#include <string.h>

int
myo_heat_grid_of(const struct myo_header *predictions, struct myo_heat_grid *out, struct myo_err *err)
{
	const char *const sampling = myo_header_get(predictions, "sampling");
	int64_t tile, stride, pad;

	if (myo_header_get_int(predictions, "tile", 1, MYO_HEAT_MAX_SIDE, 0, &tile, err) != MYO_OK ||
	    myo_header_get_int(predictions, "stride", 1, MYO_HEAT_MAX_SIDE, 1, &stride, err) != MYO_OK ||
	    myo_header_get_int(predictions, "pad", 0, 1, 0, &pad, err) != MYO_OK)
		return MYO_FAIL;
	if (tile == 0)
		return myo_fail(err, "predictions of whole images; heat maps want those of tiles, as "
		    "myopic-sample --grid --stride 1 --pad cuts them");
	if (sampling == NULL || strcmp(sampling, "grid") != 0)
		return myo_fail(err, "predictions of random crops; heat maps want those of a grid of tiles, as "
		    "myopic-sample --grid --stride 1 --pad cuts them");
	*out = (struct myo_heat_grid){ (size_t)tile, (size_t)stride, pad != 0 };
	return MYO_OK;
}

int
myo_heat_ask(const struct myo_header *header, const char *about, struct myo_heat_choice *out,
    struct myo_err *err)
{
	const size_t count = header->class_count;

	out->about_class = -1;
	if (strcmp(about, "label") == 0) {
		out->about = MYO_ABOUT_LABEL;
		return MYO_OK;
	}
	if (strcmp(about, "predicted") == 0) {
		out->about = MYO_ABOUT_PREDICTED;
		return MYO_OK;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(header->classes[i], about) == 0) {
			out->about = MYO_ABOUT_CLASS;
			out->about_class = (int32_t)i;
			return MYO_OK;
		}
	}
	if (count == 0)
		return myo_fail(err, "no class '%s': the predictions name none", about);
	return myo_fail(err, "no class '%s' among the %zu of the predictions (%s, …, %s)", about, count,
	    header->classes[0], header->classes[count - 1]);
}

int
myo_heat_header(const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_header *out, struct myo_err *err)
{
	static const char *const drop[] = { "sampling", "stride", "pad", "epochs", "epoch_rows" };

	if (myo_header_copy(out, predictions, err) != MYO_OK)
		return MYO_FAIL;
	out->kind = MYO_HEAT;
	out->rows = -1;
	for (size_t i = 0; i < MYO_COUNT(drop); i++)
		if (myo_header_set(out, drop[i], NULL, err) != MYO_OK)
			return MYO_FAIL;
	return myo_header_set(out, "method", choice->method == MYO_HEAT_PAPER ? "paper" : "cover", err);
}
