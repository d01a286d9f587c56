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

/* Tell OpenBLAS to stay on the thread that calls it, and make sure that it does. */
MYO_MUST_USE int net_gemm_prepare(struct myo_err *err);

#endif
