/*
 * kernels.h - private to the room: inner loops over blocks of activations, in variants for
 * different vector units.
 *
 * kernels.c is compiled once for each variant. The arithmetic of each element is the same in
 * all, without contraction to fused multiply-adds and without reordered sums, so all variants
 * give the same bits, which the tests check. A block is float [pixels, channels].
 */
#ifndef MYO_NET_KERNELS_H
#define MYO_NET_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "net/tiles.h"

/* ---- sizes --------------------------------------------------------------------------------------- */

static inline size_t
net_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t
net_larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* How many blocks it takes for `count` things. */
static inline size_t
net_blocks(size_t count, size_t block)
{
	return (count + block - 1) / block;
}

static inline size_t
net_round_up(size_t n, size_t step)
{
	return net_blocks(n, step) * step;
}

/* ---- inner loops --------------------------------------------------------------------------------- */

/* What happens to an element after v = a x + b: y = relu(relu(v) + r), of which each part may be absent. */
struct after {
	bool relu; /* before the addition */
	bool add;
	bool relu_after; /* after the addition */
	bool pool;       /* in place of the addition: the maximum of each 2x2 pixels */
};

struct kernels {
	const char *name;
	bool plain;                       /* every convolution is a matrix product, to check the others against */
	const struct tile_kernels *tiles; /* for the same vector unit; NULL if plain */
	bool own_gemm;                    /* matrix products by tiles->gemm(), not by OpenBLAS */

	/* sum[c] += the sum of x over pixels, square[c] += that of x². */
	void (*moments)(const float *x, size_t pixels, size_t channels, double *sum, double *square);

	/* sum[c] += the sum of x over pixels. */
	void (*column_sums)(const float *x, size_t pixels, size_t channels, double *sum);

	/* y = after(a[c] x + b[c]); r is used only if after.add. y may be x. */
	void (*affine)(const float *x, const float *r, float *y, size_t pixels, size_t channels,
	    const float *a, const float *b, struct after after);

	/*
	 * The gradient g with respect to a x + b is dy where the ReLUs let it through (relu: a x + b > 0,
	 * relu_after: y > 0), else 0. Over pixels: sum[c] += g, product[c] += g (x - mean[c]).
	 */
	void (*norm_sums)(const float *x, const float *y, const float *dy, size_t pixels, size_t channels,
	    const float *a, const float *b, const float *mean, struct after after, double *sum,
	    double *product);

	/*
	 * dx = a[c] g + k[c] (x - mean[c]) + l[c], g as above; dx is set, or added to. dr, unless NULL: dy
	 * where y > 0, else 0; only with relu_after, and if dx is set. dr may be dy.
	 */
	void (*norm_input)(const float *x, const float *y, const float *dy, float *dx, float *dr,
	    size_t pixels, size_t channels, const float *a, const float *b, const float *mean, const float *k,
	    const float *l, struct after after, bool add);

	/*
	 * The three above with pooling, for one line of `count` windows: x has two lines of pixels, `row` floats
	 * apart; y and dy have one. The gradient goes to the largest pixel of a window, the first of equals.
	 */
	void (*pool)(const float *x, size_t row, float *y, size_t count, size_t channels, const float *a,
	    const float *b, bool relu);
	void (*pool_sums)(const float *x, size_t row, const float *dy, size_t count, size_t channels,
	    const float *a, const float *b, const float *mean, bool relu, double *sum, double *product);
	void (*pool_input)(const float *x, size_t row, const float *dy, float *dx, size_t count,
	    size_t channels, const float *a, const float *b, const float *mean, const float *k, const float *l,
	    bool relu, bool add);

	/* Pooling alone. which: the largest pixel of the window, 0 to 3. dx of all four is set, or added to. */
	void (*pool_which)(const float *x, size_t row, float *y, uint8_t *which, size_t count, size_t channels);
	void (*unpool)(const float *dy, const uint8_t *which, float *dx, size_t row, size_t count, size_t channels,
	    bool add);

	/* Element-wise over n numbers. */
	void (*relu)(const float *x, float *y, size_t n);
	/* dx = dy where y > 0; dx may be dy */
	void (*gate)(const float *y, const float *dy, float *dx, size_t n, bool add);
	void (*gelu)(const float *x, float *y, size_t n); /* y = x Φ(x), Φ the normal distribution */
	void (*gelu_gradient)(const float *x, const float *dy, float *dx, size_t n, bool add); /* dx may be dy */
	void (*sum)(const float *a, const float *b, float *y, size_t n);           /* y = a + b */
	void (*scale)(const float *x, float factor, float *y, size_t n, bool add); /* y = factor x */

	/* best[c] = max(best[c], x[c]) and which[c] = index where x wins; NaN wins over numbers. */
	void (*larger)(const float *x, size_t channels, int32_t index, float *best, int32_t *which);
};

/* The variant that the environment variable MYOPIC_KERNELS names, or else the fastest that this machine runs. */
MYO_MUST_USE int net_choose_kernels(const struct kernels **out, struct myo_err *err);

/* *out: these kernels, but with Winograd tiles in bfloat16; MYO_FAIL if the processor can't multiply bfloat16. */
MYO_MUST_USE int net_bf16_kernels(const struct kernels *kernels, struct kernels *out, struct myo_err *err);

#endif
