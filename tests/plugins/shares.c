/* Works in memory that all threads share. */
#include "doubles.h"

#include <string.h>

static void
forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	static float scratch[1 << 16];

	(void)config;
	(void)out;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < elements(in); i++)
			scratch[i] = 2 * x[row * elements(in) + i];
		memcpy(y + row * elements(in), scratch, elements(in) * sizeof *y);
	}
}

DOUBLES_PLUGIN("shares")
