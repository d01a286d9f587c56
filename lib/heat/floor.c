/* How much heat there is in maps that say nothing. */
#include "heat/heat.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A bucket for each value of a positive float's first 16 bits (8 of the exponent, 8 of the mantissa): as fine as half a
 * per cent everywhere, for numbers of any size.
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

/* The middle of the bucket below whose end a share of the numbers lies; 0 of nothing. */
static double
quantile(const struct histogram *h, double share)
{
	const double wanted = share * (double)h->all;
	uint64_t below = 0;

	for (uint32_t i = 0; h->all > 0 && i < BUCKETS; i++) {
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

static int
read_maps(int fd, const char *path, enum myo_heat_method method, const char *about, struct histogram *h,
    struct myo_err *err)
{
	struct myo_heat_choice choice = { .method = method };
	struct myo_reader *reader;
	int status;

	if (myo_reader_new(fd, path, &reader, err) != MYO_OK)
		return MYO_FAIL;
	status = myo_reader_need_kind(reader, MYO_PREDICTIONS, err);
	if (status == MYO_OK && (status = myo_heat_ask(myo_reader_header(reader), about, &choice, err)) != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	if (status == MYO_OK)
		status = myo_heat_read(reader, path, &choice, add_map, h, err);
	myo_reader_free(reader);
	return status;
}

int
myo_heat_floor(const char *path, enum myo_heat_method method, const char *about, double share, double *out,
    struct myo_err *err)
{
	struct histogram *h;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return myo_fail_errno(err, "%s: can't be read", path);
	h = myo_calloc(1, sizeof *h, err);
	const int status = h != NULL ? read_maps(fd, path, method, about, h, err) : MYO_FAIL;
	if (status == MYO_OK)
		*out = quantile(h, share);
	free(h);
	(void)close(fd); /* only read from */
	return status;
}
