/* variants.h - for tests of the engine: the inner loops, by the names that MYOPIC_KERNELS takes. */
#ifndef VARIANTS_H
#define VARIANTS_H

#include "net/net.h"

#include <check.h>
#include <stdlib.h>

enum { PLAIN, PORTABLE, AVX2, AVX512 };
static const char *const variants[] = { "plain", "portable", "avx2", "avx512" };

/* Those of the plans to come; NULL where this machine can't run them. */
static inline const struct kernels *
choose_variant(int variant)
{
	const struct kernels *kernels;
	struct myo_err err;

	ck_assert_int_eq(setenv("MYOPIC_KERNELS", variants[variant], 1), 0);
	return myo_kernels(&kernels, &err) == MYO_OK ? kernels : NULL;
}

#endif
