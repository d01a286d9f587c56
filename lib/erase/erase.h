/*
 * erase.h - does heat lie where the network looks? Pixels are removed from an image, or restored, in the order of their
 * heat, and the class's probability shows how much they matter.
 *
 *   erase    maps and their images become pictures with more and more pixels removed (deletion) or restored
 *            (insertion): Petsiuk, Das and Saenko, "RISE", BMVC 2018
 *   curves   the probabilities that a network gives to these become curves, and areas under them
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
 * Which pixels come first. Masked ones count as colder than all others; equals are in random order, by the seed.
 * TURNED: the hottest of the map rotated by half a turn, which has regions as large as the map's own, but elsewhere.
 */
enum myo_erase_order { MYO_ERASE_HOTTEST, MYO_ERASE_COLDEST, MYO_ERASE_RANDOM, MYO_ERASE_TURNED };

/* The names of modes and orders, as in the enums, ended by NULL. */
extern const char *const myo_erase_modes[];
extern const char *const myo_erase_orders[];

/*
 * steps   how many parts the pixels are divided into; each map gives steps + 1 pictures
 * sigma   of the Gaussian blur with which insertion begins, as a share of the longer side; deletion replaces pixels by
 *         the picture's mean colour
 * seed    of MYO_ERASE_RANDOM, and of the order of equals
 */
struct myo_erase {
	enum myo_erase_mode mode;
	enum myo_erase_order order;
	int steps;
	double sigma;
	uint64_t seed;
};

/* Make the pictures of one map in `to`, U8 [steps + 1, height, width, 3]. */
MYO_MUST_USE int myo_erase_make(const struct myo_erase *how, const struct myo_heat_map *map, const uint8_t *pixels,
    uint8_t *to, struct myo_err *err);

/*
 * The header of the stream of pictures, from that of the maps. The stream has steps + 1 rows for each map, in order;
 * label is the class in question, and id is (steps + 1) times the map's number in its stream, plus the step.
 * MYO_FAIL if the maps hold no heat.
 */
MYO_MUST_USE int myo_erase_header(const struct myo_erase *how, const struct myo_header *maps, struct myo_header *out,
    struct myo_err *err);

/* ---- curves ---------------------------------------------------------------------------- */

/*
 * Gathers a network's predictions for these pictures: mean curves, and areas with intervals (by resampling the images,
 * like the scores of heat.h; all maps of an image count equally often). Takes the same memory for any number of maps.
 */
struct myo_erase_curves;

/*
 * predictions: their header, which has mode, order, steps, and how many maps an image has. MYO_FAIL if it isn't of such
 * pictures.
 */
MYO_MUST_USE int myo_erase_curves_new(const struct myo_header *predictions, uint64_t seed,
    struct myo_erase_curves **out, struct myo_err *err);
void myo_erase_curves_free(struct myo_erase_curves *curves);
MYO_MUST_USE int myo_erase_curves_add(struct myo_erase_curves *curves, const struct myo_record *record,
    struct myo_err *err);

/*
 * Print the result: for each step the share of pixels that were removed or restored, and the mean probability of the
 * class in question; and the area under that curve, by trapezoids, with its 95% interval, which is NA (in JSON null)
 * with fewer than MYO_HEAT_IMAGES_LEAST images. As tab-separated values, where each line repeats the area, or as one
 * JSON object. MYO_FAIL if rows of the last image are missing.
 */
MYO_MUST_USE int myo_erase_curves_text(FILE *to, const struct myo_erase_curves *curves, struct myo_err *err);
MYO_MUST_USE int myo_erase_curves_json(FILE *to, const struct myo_erase_curves *curves, struct myo_err *err);

#endif
