/* Which variant of the kernels runs on this machine. */
#include "net/kernels.h"

#include <stdlib.h>
#include <string.h>

extern const struct kernels net_kernels_portable, net_kernels_plain;

#if defined(KERNELS_X86)
extern const struct kernels net_kernels_avx2, net_kernels_avx512;

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

static bool
has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
	       __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
#endif

static bool
always(void)
{
	return true;
}

/* The fastest first. */
static const struct {
	const struct kernels *kernels;
	bool (*runs)(void);
} variants[] = {
#if defined(KERNELS_X86)
	{ &net_kernels_avx512, has_avx512 },
	{ &net_kernels_avx2, has_avx2 },
#endif
	{ &net_kernels_portable, always },
	{ &net_kernels_plain, always }, /* never the fastest */
};

int
net_choose_kernels(const struct kernels **out, struct myo_err *err)
{
	const char *wanted = getenv("MYOPIC_KERNELS");

	for (size_t i = 0; i < MYO_COUNT(variants); i++) {
		if (wanted != NULL && strcmp(variants[i].kernels->name, wanted) != 0)
			continue;
		if (variants[i].runs()) {
			*out = variants[i].kernels;
			return MYO_OK;
		}
		if (wanted != NULL)
			return myo_fail(err, "MYOPIC_KERNELS=%s: this processor can't run them", wanted);
	}
	return myo_fail(err,
	    "MYOPIC_KERNELS=%s: there are plain, portable, avx2 and avx512, the last two on x86-64", wanted);
}

int
net_bf16_kernels(const struct kernels *kernels, struct kernels *out, struct myo_err *err)
{
	*out = *kernels;
#if defined(KERNELS_BF16)
	if (kernels->tiles == &net_tiles_avx512 && __builtin_cpu_supports("avx512bf16") != 0) {
		out->tiles = &net_tiles_bf16;
		return MYO_OK;
	}
#endif
	return myo_fail(err, "this processor, or MYOPIC_KERNELS, has no products of bfloat16 (AVX512_BF16): float32 runs everywhere");
}
