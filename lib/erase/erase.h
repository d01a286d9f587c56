/*
 * erase.h - does heat lie where the network looks? Pixels are taken away, or given, in the order of their heat, and the
 * class's probability tells.
 *
 *   erase    maps and their images become pictures with more and more pixels gone (deletion) or there (insertion):
 *            Petsiuk, Das and Saenko, "RISE", BMVC 2018
 *   curves   the probabilities that a network gives them become curves, and the areas below
 */
#ifndef MYO_ERASE_H
#define MYO_ERASE_H

#include "base/base.h"
#include "heat/heat.h"
#include "stream/stream.h"

#include <stdio.h>

/* ---- erase ---------------------------------------------------------------------------- */

enum myo_erase_mode { MYO_ERASE_DELETION, MYO_ERASE_INSERTION };

/*
 * Which pixels come first. Masked ones have less heat than all others; equals are drawn by lot, by the seed. TURNED:
 * the hottest of the map after half a turn, in pieces as large as the map's own, but elsewhere.
 */
enum myo_erase_order { MYO_ERASE_HOTTEST, MYO_ERASE_COLDEST, MYO_ERASE_RANDOM, MYO_ERASE_TURNED };

/* Their names, in that order, and NULL. */
extern const char *const myo_erase_modes[];
extern const char *const myo_erase_orders[];

/*
 * steps   into how many parts the pixels are divided; steps + 1 pictures come of each map
 * sigma   of the Gaussian blur that insertion begins with, as a share of the longer side; deletion puts the picture's
 *         mean colour in the place of its pixels
 * seed    of MYO_ERASE_RANDOM, and of the lots of equals
 */
struct myo_erase {
	enum myo_erase_mode mode;
	enum myo_erase_order order;
	int steps;
	double sigma;
	uint64_t seed;
};

/* The pictures of one map, U8 [steps + 1, height, width, 3], into `to`, the caller's. */
MYO_MUST_USE int myo_erase_make(const struct myo_erase *how, const struct myo_heat_map *map, const uint8_t *pixels,
    uint8_t *to, struct myo_err *err);

/*
 * The header of the stream of pictures, from that of the maps. Its rows are steps + 1 for each map, in their order;
 * label is the class in question, and the id (steps + 1) times that of the map's place in the stream, plus the step.
 * MYO_FAIL where the maps hold no heat.
 */
MYO_MUST_USE int myo_erase_header(const struct myo_erase *how, const struct myo_header *maps, struct myo_header *out,
    struct myo_err *err);

/* ---- curves ---------------------------------------------------------------------------- */

/*
 * Gathers what a network says of those pictures: mean curves, and the areas with intervals (by resampling the images,
 * as heat.h says of scores; all maps of an image count as often). Memory is the same for any number of maps.
 */
struct myo_erase_curves;

/*
 * predictions: the header, which tells mode, order, steps, and how many maps an image has. MYO_FAIL where it isn't one
 * of such pictures.
 */
MYO_MUST_USE int myo_erase_curves_new(const struct myo_header *predictions, uint64_t seed,
    struct myo_erase_curves **out, struct myo_err *err);
void myo_erase_curves_free(struct myo_erase_curves *curves);
MYO_MUST_USE int myo_erase_curves_add(struct myo_erase_curves *curves, const struct myo_record *record,
    struct myo_err *err);

/*
 * Print them: a line for each step with the share of pixels that were taken or given and the mean probability of the
 * class in question; and the area below that curve, by trapezoids, with its 95% interval, which fewer than
 * MYO_HEAT_IMAGES_LEAST images have none of: NA, in JSON null. As a table with tabs, in which each line has the area,
 * or one JSON object. MYO_FAIL when the last image's rows are not all there.
 */
MYO_MUST_USE int myo_erase_curves_text(FILE *to, const struct myo_erase_curves *curves, struct myo_err *err);
MYO_MUST_USE int myo_erase_curves_json(FILE *to, const struct myo_erase_curves *curves, struct myo_err *err);

#endif
