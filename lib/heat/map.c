/* From the predictions for an image to its map. */
#include "heat/tiles.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static double
value_of(const struct tiles *tiles, const struct tile *tile, enum myo_heat_method method, size_t about)
{
	const float *const logits = tiles->logits + tile->row * tiles->classes;
	const size_t classes = tiles->classes;
	double bits = 0, other = -INFINITY;

	switch (method) {
	case MYO_HEAT_PAPER:
		return tile->says == about ? (double)logits[about] : NAN;
	case MYO_HEAT_COVER:
		return tiles_probability(tiles, tile, about);
	case MYO_HEAT_LOGIT:
		return (double)logits[about];
	case MYO_HEAT_MARGIN:
		for (size_t k = 0; k < classes; k++)
			if (k != about)
				other = fmax(other, (double)logits[k]);
		/* the difference of two floats may exceed a float's range */
		return classes > 1 ? fmin(FLT_MAX, fmax(-FLT_MAX, (double)logits[about] - other)) : 0;
	case MYO_HEAT_ENTROPY:
		for (size_t k = 0; k < classes; k++) {
			const double p = tiles_probability(tiles, tile, k);
			bits -= p > 0 ? p * log2(p) : 0;
		}
		return fmax(0, bits);
	case MYO_HEAT_CLASSES:
		return (double)tile->says;
	case MYO_HEAT_EVIDENCE:
		break;
	}
	return NAN;
}

static int
spread(struct tiles *tiles, const struct myo_heat_grid *grid, enum myo_heat_method method, struct myo_heat_map *map,
    struct myo_err *err)
{
	for (size_t i = 0; tiles->evidence == NULL && i < tiles->count; i++)
		tiles->tile[i].value = value_of(tiles, &tiles->tile[i], method, (size_t)map->about);
	switch (method) {
	case MYO_HEAT_PAPER:
	case MYO_HEAT_CLASSES:
		return spread_cells(tiles, grid, map, err);
	case MYO_HEAT_COVER:
		return spread_cover(tiles, grid, map, err);
	case MYO_HEAT_LOGIT:
	case MYO_HEAT_MARGIN:
	case MYO_HEAT_ENTROPY:
		return spread_smooth(tiles, grid, map, err);
	case MYO_HEAT_EVIDENCE:
		spread_places(tiles, map);
		break;
	}
	return MYO_OK;
}

int
tiles_map(struct tiles *tiles, const struct myo_heat_grid *grid, const struct myo_heat_choice *choice,
    const struct myo_heat_map *judged, size_t rank, struct myo_heat_map *out, struct myo_err *err)
{
	*out = *judged;
	if (tiles_ask(tiles, choice, rank, out, err) != MYO_OK)
		return MYO_FAIL;
	if (choice->tells && tiles->evidence == NULL)
		tiles_tell(tiles, grid, out);
	out->heat = myo_calloc(out->height * out->width, sizeof *out->heat, err);
	if (out->heat == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < out->height * out->width; i++)
		out->heat[i] = NAN;
	if (spread(tiles, grid, choice->method, out, err) == MYO_OK)
		return MYO_OK;
	myo_heat_map_clear(out);
	return MYO_FAIL;
}

void
myo_heat_map_clear(struct myo_heat_map *map)
{
	if (map == NULL)
		return;
	free(map->heat);
	map->heat = NULL;
}

int
myo_heat_ledger(const struct myo_heat_map *map, enum myo_heat_method method, double *error)
{
	const size_t pixels = map->height * map->width;
	double sum = 0;

	if (method != MYO_HEAT_EVIDENCE && (method != MYO_HEAT_LOGIT || map->tiles != pixels))
		return MYO_END;
	for (size_t i = 0; i < pixels; i++)
		sum += (double)map->heat[i];
	*error = fabs(sum / (double)pixels - map->logit_about) / fmax(1, fabs(map->logit_about));
	return MYO_OK;
}
