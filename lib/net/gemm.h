/* gemm.h - private to the room: matrix products, row-major, on the calling thread alone. */
#ifndef MYO_NET_GEMM_H
#define MYO_NET_GEMM_H

#include "net/kernels.h"

#include "base/base.h"

enum gemm_form { GEMM_PLAIN, GEMM_TRANSPOSED };

/*
 * C [m, n] = op(A) [m, k] op(B) [k, n], or added to C; lda, ldb, ldc: elements from row to row as
 * stored. On our own vector units an element of C is one chain of fused multiply-adds over k,
 * whatever m, n and its place in C are. OpenBLAS, which the portable variant calls, promises less.
 */
void net_gemm(const struct kernels *kernels, enum gemm_form form_a, enum gemm_form form_b, size_t m, size_t n,
    size_t k, const float *a, size_t lda, const float *b, size_t ldb, bool add, float *c, size_t ldc);

/*
 * C [m, n] = A [m, k] B [k, n], or added to C, where B lies in panels of net_panel(n) columns:
 * [panel][k][column], those of the last panel beyond n being finite. Columns of C likewise may lie in
 * panels, `panel_c` apart; so it is one width where C is plain. Element (i, p) of A is a[i row_a + p
 * column_a], one of the strides being 1. As in tile_kernels.gemm, rows are rounded up to a multiple of
 * GEMM_ROWS and columns to whole vectors, where A is read and C is written: net_panels_whole() says whether
 * that makes any difference.
 */
enum { GEMM_ROWS = 4 };

struct panels_product {
	size_t m, n, k;
	const float *a;
	size_t row_a, column_a;
	size_t pieces,
	    piece_a; /* A's columns lie in so many pieces of k / pieces each, the next `piece_a` further on */
	const float *b;
	float *c;
	size_t row_c, panel_c;
	bool add;
	struct tile_soon soon; /* fetched during the product: at[i], step[i] bytes in all */
};

void net_gemm_panels(const struct kernels *kernels, const struct panels_product *p);

/* Columns of a panel: at most PANEL_MAX where products are our own, otherwise all n. */
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

/* Tell OpenBLAS to stay on the thread that calls it, and make sure that it does. */
MYO_MUST_USE int net_gemm_prepare(const struct kernels *kernels, struct myo_err *err);

#endif
