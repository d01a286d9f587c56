/* gemm.h - private to the room: matrix products, row-major, on the calling thread alone. */
#ifndef MYO_NET_GEMM_H
#define MYO_NET_GEMM_H

#include "net/kernels.h"

#include "base/base.h"

enum gemm_form { GEMM_PLAIN, GEMM_TRANSPOSED };

/*
 * C [m, n] = op(A) [m, k] op(B) [k, n], or added to C; lda, ldb, ldc: elements from row to row as
 * stored. With AVX2 and AVX-512, for which products are our own, an element of C is one chain of fused multiply-adds
 * over k, whatever m, n and its place in C are. OpenBLAS, which the portable variant calls, promises less.
 */
void net_gemm(const struct kernels *kernels, enum gemm_form form_a, enum gemm_form form_b, size_t m, size_t n,
    size_t k, const float *a, size_t lda, const float *b, size_t ldb, bool add, float *c, size_t ldc);

/*
 * C [m, n] = A [m, k] B [k, n], or added to C. B is in panels of net_panel(n) columns, [panel][k][column], whose
 * columns beyond n in the last panel must hold finite numbers. C may be in panels too, `panel_c` floats apart; for a
 * plain matrix that is the width of a panel. Element (i, p) of A is a[i row_a + p column_a], and one of the strides
 * is 1. As in tile_kernels.gemm, reads of A and writes to C are rounded up to a multiple of GEMM_ROWS rows and to whole
 * vectors of columns: net_panels_whole() tells whether they are exact anyway.
 */
enum { GEMM_ROWS = 4 };

struct panels_product {
	size_t m, n, k;
	const float *a;
	size_t row_a, column_a;
	size_t pieces,
	    piece_a; /* the k columns of A are in `pieces` equal runs, which begin `piece_a` floats apart */
	const float *b;
	float *c;
	size_t row_c, panel_c;
	bool add;
	struct tile_soon soon; /* to be fetched during the product: at[i], and here step[i] is bytes in all */
};

void net_gemm_panels(const struct kernels *kernels, const struct panels_product *p);

/* Columns of a panel: those of the vector unit where products are our own, else all n. */
static inline size_t
net_panel(const struct kernels *kernels, size_t n)
{
	return kernels->own_gemm ? kernels->tiles->panel : n;
}

static inline bool
net_panels_whole(const struct kernels *kernels, size_t m, size_t n)
{
	return !kernels->own_gemm || (m % GEMM_ROWS == 0 && n % kernels->tiles->lanes == 0);
}

/* Make sure that OpenBLAS uses only the thread that calls it. */
MYO_MUST_USE int net_gemm_prepare(const struct kernels *kernels, struct myo_err *err);

#endif
