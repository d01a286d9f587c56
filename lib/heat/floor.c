/* How much heat there is in maps of a network that knows nothing. */
#include "heat/heat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * A bucket for each value of the first 16 bits of a positive float after its sign (8 of the exponent, 8 of the
 * mantissa): finer than half a per cent for numbers of any magnitude.
 */
enum { BITS_LEFT_OUT = 15, BUCKETS = 1 << 16 };

struct histogram {
	uint64_t count[BUCKETS], all;
};

static int
add_map(void *context, struct myo_heat_map *map, struct myo_err *err)
{
	struct histogram *const h = context;

	(void)err;
	for (size_t i = 0; i < map->height * map->width; i++) {
		const float size = fabsf(map->heat[i]);
		uint32_t bits;
		if (isnan(size))
			continue;
		memcpy(&bits, &size, sizeof bits);
		h->count[bits >> BITS_LEFT_OUT]++;
		h->all++;
	}
	return MYO_OK;
}

/* The middle of the bucket up to whose end a share of the numbers lies. */
static double
quantile(const struct histogram *h, double share)
{
	const double wanted = share * (double)h->all;
	uint64_t below = 0;

	for (uint32_t i = 0; i < BUCKETS; i++) {
		below += h->count[i];
		if (below > 0 && (double)below >= wanted) {
			const uint32_t bits = (i << BITS_LEFT_OUT) + (UINT32_C(1) << (BITS_LEFT_OUT - 1));
			float middle;
			memcpy(&middle, &bits, sizeof middle);
			return i > 0 ? (double)middle : 0;
		}
	}
	return 0;
}

/* ---- whether a network knows nothing ------------------------------------------------------------ */

/* Whether a step of myopic-calibrate has --shuffle SEED; -1 is off. */
static bool
shuffles_weights(const json_t *step)
{
	const json_t *const command = json_object_get(step, "command");
	bool shuffles = false;

	for (size_t i = 1; i + 1 < json_array_size(command); i++) {
		const char *const word = json_string_value(json_array_get(command, i));
		const char *const seed = json_string_value(json_array_get(command, i + 1));
		shuffles = shuffles || (word != NULL && strcmp(word, "--shuffle") == 0 && seed != NULL &&
		    strtoll(seed, NULL, 10) >= 0);
	}
	return shuffles;
}

static bool knows_nothing(const json_t *history);

/* Whether a step read files, and knows_nothing() is true of all of them. */
static bool
files_know_nothing(const json_t *step)
{
	json_t *const files = json_object_get(step, "files"), *history;
	const char *path;

	json_object_foreach(files, path, history)
		if (!knows_nothing(history))
			return false;
	return json_object_size(files) > 0;
}

/*
 * Whether a model or predictions with this history are of a network whose weights were shuffled and not trained
 * since. The histories of its images and of other models don't matter.
 */
static bool
knows_nothing(const json_t *history)
{
	const json_t *const step = json_array_get(history, json_array_size(history) - 1); /* the last; of none NULL */
	const char *const program = json_string_value(json_array_get(json_object_get(step, "command"), 0));

	if (program == NULL)
		return false;
	if (strcmp(program, "myopic-predict") == 0)
		return files_know_nothing(step);
	return strcmp(program, "myopic-calibrate") == 0 && (shuffles_weights(step) || files_know_nothing(step));
}

/* MYO_FAIL unless tiles and classes are the same, so that heat can be compared, and the network knows nothing. */
static int
check_like(const struct myo_header *floor, const struct myo_header *maps, enum myo_heat_method method,
    struct myo_err *err)
{
	struct myo_heat_grid grid, other;

	if (myo_heat_grid_of(floor, method, &grid, err) != MYO_OK ||
	    myo_heat_grid_of(maps, method, &other, err) != MYO_OK)
		return MYO_FAIL;
	if (grid.tile != other.tile || grid.stride != other.stride || grid.pad != other.pad)
		return myo_fail(err,
		    "its tiles are %zu x %zu at stride %zu%s, those of the maps %zu x %zu at stride %zu%s", grid.tile,
		    grid.tile, grid.stride, grid.pad ? ", padded" : "", other.tile, other.tile, other.stride,
		    other.pad ? ", padded" : "");
	if (myo_header_same_classes(floor, maps, "the maps", err) != MYO_OK)
		return MYO_FAIL;
	if (!knows_nothing(floor->history))
		return myo_fail(err,
		    "the network's weights aren't shuffled, so it knows something; myopic-calibrate --shuffle makes "
		    "one that doesn't");
	return MYO_OK;
}

static int
read_maps(struct myo_reader *reader, const char *path, const struct myo_header *maps, enum myo_heat_method method,
    const char *about, struct histogram *h, struct myo_err *err)
{
	struct myo_heat_choice choice = { .method = method };

	if (myo_reader_need_kind(reader, MYO_PREDICTIONS, err) != MYO_OK)
		return MYO_FAIL;
	if (check_like(myo_reader_header(reader), maps, method, err) != MYO_OK ||
	    myo_heat_ask(myo_reader_header(reader), about, &choice, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", path);
		return MYO_FAIL;
	}
	return myo_heat_read(reader, path, &choice, add_map, h, err);
}

int
myo_heat_floor(const char *path, const struct myo_header *maps, enum myo_heat_method method,
    const char *about, double share, double *out, struct myo_err *err)
{
	struct myo_reader *reader = NULL;
	struct histogram *const h = myo_calloc(1, sizeof *h, err);
	int status = h != NULL ? myo_reader_open(path, &reader, err) : MYO_FAIL;

	if (status == MYO_OK)
		status = read_maps(reader, path, maps, method, about, h, err);
	if (status == MYO_OK && h->all == 0)
		status = myo_fail(err, "%s: no heat in its maps to make a floor of", path);
	if (status == MYO_OK)
		*out = quantile(h, share);
	myo_reader_free(reader);
	free(h);
	return status;
}
