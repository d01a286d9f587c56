/* Which variant of the kernels runs on this machine. */
#include "net/kernels.h"

#include <stdlib.h>
#include <string.h>

extern const struct kernels net_kernels_portable;

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
};

const struct kernels *
net_kernels(void)
{
	const char *wanted = getenv("MYOPIC_KERNELS");
	const size_t count = sizeof variants / sizeof variants[0];

	for (size_t i = 0; wanted != NULL && i < count; i++)
		if (strcmp(variants[i].kernels->name, wanted) == 0 && variants[i].runs())
			return variants[i].kernels;
	for (size_t i = 0; i < count; i++)
		if (variants[i].runs())
			return variants[i].kernels;
	return &net_kernels_portable;
}
