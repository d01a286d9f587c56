/* The engine's matrix products, for other rooms. */
#include "net/gemm.h"
#include "net/net.h"

int
myo_kernels(const struct kernels **out, struct myo_err *err)
{
	return net_choose_kernels(out, err) == MYO_OK ? net_gemm_prepare(*out, err) : MYO_FAIL;
}

const char *
myo_kernels_name(const struct kernels *kernels)
{
	return kernels->name;
}

void
myo_product(const struct kernels *kernels, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
    const float *a, size_t lda, const float *b, size_t ldb, bool add, float *c, size_t ldc)
{
	net_gemm(kernels, transpose_a ? GEMM_TRANSPOSED : GEMM_PLAIN, transpose_b ? GEMM_TRANSPOSED : GEMM_PLAIN, m, n,
	    k, a, lda, b, ldb, add, c, ldc);
}
