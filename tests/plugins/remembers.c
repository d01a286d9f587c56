/* Has a state that no model file keeps: the mean of all that it has seen. */
#include "doubles.h"

static void
forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	static float mean;

	(void)config;
	(void)out;
	for (size_t i = 0; i < rows * elements(in); i++) {
		mean += 0.01F * (x[i] - mean);
		y[i] = 2 * x[i] + mean;
	}
}

DOUBLES_PLUGIN("remembers")
