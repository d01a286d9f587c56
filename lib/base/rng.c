/* Philox-4x32-10: random numbers as a function of key and counter. */
#include "base/base.h"

#include <math.h>

/* Multipliers and key increments of the paper's 4x32 variant. */
#define M0 UINT32_C(0xD2511F53)
#define M1 UINT32_C(0xCD9E8D57)
#define W0 UINT32_C(0x9E3779B9)
#define W1 UINT32_C(0xBB67AE85)

static void
philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
	uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
	uint32_t k0 = key[0], k1 = key[1];

	for (int round = 0; round < 10; round++) {
		const uint64_t p0 = (uint64_t)M0 * x0;
		const uint64_t p1 = (uint64_t)M1 * x2;
		x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
		x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
		x1 = (uint32_t)p1;
		x3 = (uint32_t)p0;
		k0 += W0;
		k1 += W1;
	}
	out[0] = x0;
	out[1] = x1;
	out[2] = x2;
	out[3] = x3;
}

/*
 * The key is made of seed and purpose. The counter's first word counts the blocks of the stream, the others are the
 * coordinates: the low 32 bits of a, and all 64 of b.
 */
struct myo_rng
myo_rng_at(uint64_t seed, enum myo_purpose purpose, uint64_t a, uint64_t b)
{
	const uint32_t seed_words[4] = { (uint32_t)seed, (uint32_t)(seed >> 32), (uint32_t)purpose, 0 };
	const uint32_t zero[2] = { 0, 0 };
	uint32_t mixed[4];
	struct myo_rng rng = { .used = 4 };

	philox(seed_words, zero, mixed);
	rng.key[0] = mixed[0];
	rng.key[1] = mixed[1];
	rng.counter[1] = (uint32_t)a;
	rng.counter[2] = (uint32_t)b;
	rng.counter[3] = (uint32_t)(b >> 32);
	return rng;
}

uint32_t
myo_rng_u32(struct myo_rng *rng)
{
	if (rng->used == 4) {
		philox(rng->counter, rng->key, rng->block);
		rng->counter[0]++;
		rng->used = 0;
	}
	return rng->block[rng->used++];
}

/* Lemire, "Fast random integer generation in an interval", 2019: a product, rarely a division. */
uint32_t
myo_rng_below(struct myo_rng *rng, uint32_t n)
{
	uint64_t product = (uint64_t)myo_rng_u32(rng) * n;

	if ((uint32_t)product < n) {
		const uint32_t threshold = (uint32_t)(-n) % n;
		while ((uint32_t)product < threshold)
			product = (uint64_t)myo_rng_u32(rng) * n;
	}
	return (uint32_t)(product >> 32);
}

double
myo_rng_real(struct myo_rng *rng)
{
	const uint64_t high = myo_rng_u32(rng) >> 5;
	const uint64_t low = myo_rng_u32(rng) >> 6;

	return (double)(high << 26 | low) * 0x1p-53;
}

double
myo_rng_normal(struct myo_rng *rng)
{
	const double pi = 3.14159265358979323846;
	const double u = 1 - myo_rng_real(rng); /* in (0, 1], so that the logarithm is finite */
	const double v = myo_rng_real(rng);

	return sqrt(-2 * log(u)) * cos(2 * pi * v);
}

/*
 * The cumulative distribution at 0, 1, ..., n, (1 + 1 + 1/2 + ... + 1/n!) / e, in units of 2^-32 and rounded down:
 * whole numbers, so that results are the same everywhere.
 */
static const uint32_t poisson[] = { 1580030168, 3160060337u, 3950075421u, 4213413783u, 4279248373u, 4292415291u,
	4294609777u, 4294923276u, 4294962463u, 4294966817u, 4294967252u, 4294967292u };

unsigned
myo_rng_poisson(struct myo_rng *rng)
{
	const uint32_t u = myo_rng_u32(rng);
	unsigned n = 0;

	while (n < MYO_COUNT(poisson) && u >= poisson[n])
		n++;
	return n;
}

void
myo_rng_permute(struct myo_rng *rng, uint32_t *order, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t j = myo_rng_below(rng, i + 1);
		order[i] = order[j];
		order[j] = i;
	}
}
