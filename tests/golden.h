/* golden.h - what tests share to compare with the golden files; golden/README says what is in them. */
#ifndef MYO_TESTS_GOLDEN_H
#define MYO_TESTS_GOLDEN_H

#include "net/net.h"
#include "stream/stream.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers in [-scale, scale) that are a function of the name alone: fill() of golden/make.py. */
static inline void
golden_fill(const char *name, double scale, float *out, size_t count)
{
	uint64_t seed = UINT64_C(0xCBF29CE484222325);

	for (const char *c = name; *c != 0; c++)
		seed = (seed ^ (unsigned char)*c) * UINT64_C(0x100000001B3);
	for (size_t i = 0; i < count; i++) {
		uint64_t z = seed + (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
		z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
		z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
		z ^= z >> 31;
		out[i] = (float)(((double)(z >> 40) / (1 << 23) - 1) * scale);
	}
}

/* Set all parameters from their names: start() of golden/make.py. */
static inline void
golden_start(struct myo_net *net)
{
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		double scale = 0.25;
		float base = w->role == MYO_NORM_SCALE || strstr(w->name, "running_var") != NULL ? 1 : 0;

		if (w->dims == 4)
			scale = sqrt(6 / (double)(w->shape[0] * w->shape[2] * w->shape[3]));
		else if (w->dims == 2)
			scale = sqrt(1 / (double)w->shape[1]);
		golden_fill(w->name, scale, w->value, w->elements);
		for (size_t k = 0; k < w->elements; k++)
			w->value[k] += base;
	}
}

static inline void
golden_load(const char *file, struct myo_record *record)
{
	struct myo_err err = MYO_ERR_INIT;
	const char *folder = getenv("srcdir");
	char path[512];

	(void)snprintf(path, sizeof path, "%s/tests/golden/%s", folder != NULL ? folder : ".", file);
	ck_assert_msg(myo_document_load(path, record, &err) == MYO_OK, "%s", err.text);
}

static inline const struct myo_tensor *
golden_find(const struct myo_record *golden, const char *name)
{
	const struct myo_tensor *t = myo_record_find(golden, name);

	ck_assert_msg(t != NULL && t->dtype == MYO_F32, "%s is not in the golden file", name);
	return t;
}

/* No entry of `is` may differ from the golden one by more than `tolerance` of the golden one's largest. */
static inline void
golden_compare(const struct myo_record *golden, const char *name, const float *is, size_t count, double tolerance)
{
	const struct myo_tensor *t = golden_find(golden, name);
	const float *should = t->data;
	double largest = 0;

	ck_assert_msg(t->bytes == count * sizeof(float), "%s: %zu numbers, not %zu", name, count,
	    t->bytes / sizeof(float));
	for (size_t i = 0; i < count; i++) { /* not fmax(), of which gcc 12 for ARM can't make a vector, and stops */
		const double size = fabs((double)should[i]);
		largest = size > largest ? size : largest;
	}
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(fabs((double)is[i] - (double)should[i]) <= tolerance * largest,
		    "%s[%zu]: %.9g, should be %.9g (largest %g)", name, i, (double)is[i], (double)should[i],
		    largest);
}

/*
 * The same for a tensor of which the golden file has a sample and the norm: the norm, and the
 * distance of the samples, may be off by `tolerance` of themselves.
 */
static inline void
golden_compare_sample(
    const struct myo_record *golden, const char *name, const float *is, size_t elements, double tolerance)
{
	enum { SAMPLES = 64 };
	const struct myo_tensor *t = golden_find(golden, name);
	const float *should = t->data;
	const size_t step = elements > SAMPLES ? elements / SAMPLES : 1;
	const size_t count = t->bytes / sizeof(float) - 1;
	double norm = 0, distance = 0, length = 0;

	ck_assert_uint_eq(count, elements < SAMPLES ? elements : SAMPLES);
	for (size_t i = 0; i < elements; i++)
		norm += pow((double)is[i], 2);
	norm = sqrt(norm);
	for (size_t i = 0; i < count; i++) {
		distance += pow((double)is[i * step] - (double)should[i], 2);
		length += pow((double)should[i], 2);
	}
	ck_assert_msg(fabs(norm - (double)should[count]) <= tolerance * (double)should[count],
	    "norm of %s: %.9g, should be %.9g", name, norm, (double)should[count]);
	ck_assert_msg(sqrt(distance) <= tolerance * sqrt(length), "%s: off by %.3g of its size", name,
	    sqrt(distance / length));
}

#endif
