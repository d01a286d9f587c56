/*
 * Matrix products by OpenBLAS. Threads are ours: OpenBLAS splits a product by the number of its
 * threads, which would change the bits, and its pool would compete with ours.
 */
#include "net/gemm.h"

#include <cblas.h>

int
net_gemm_prepare(struct myo_err *err)
{
	openblas_set_num_threads(1);
	/* Some builds ignore the call. */
	if (openblas_get_num_threads() != 1)
		return myo_fail(err, "OpenBLAS insists on %d threads of its own (set OPENBLAS_NUM_THREADS=1)",
		    openblas_get_num_threads());
	return MYO_OK;
}

void
net_gemm(enum gemm_form form_a, enum gemm_form form_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
    const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
	cblas_sgemm(CblasRowMajor, form_a == GEMM_PLAIN ? CblasNoTrans : CblasTrans,
	    form_b == GEMM_PLAIN ? CblasNoTrans : CblasTrans, (blasint)m, (blasint)n, (blasint)k, 1.0f, a,
	    (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}
