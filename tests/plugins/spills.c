/* Writes one number more than it should. */
#include "doubles.h"

static void
forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	(void)config;
	(void)out;
	for (size_t i = 0; i < rows * elements(in); i++)
		y[i] = 2 * x[i];
	y[rows * elements(in)] = 0;
}

DOUBLES_PLUGIN("spills")
