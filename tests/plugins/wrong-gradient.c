/* y = x + x^2 / 2 with a gradient that forgets the square. */
#include "broken.h"

#include <string.h>

static void
forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	(void)config;
	(void)out;
	for (size_t i = 0; i < rows * elements(in); i++)
		y[i] = x[i] + x[i] * x[i] / 2;
}

static void
backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	(void)config;
	(void)out;
	(void)x;
	(void)y;
	memcpy(dx, dy, rows * elements(in) * sizeof *dx);
}

BROKEN_BUILD
{
	static const struct myo_custom square = { .size = sizeof square, .name = "square", .shape = same_shape,
		.forward = forward, .backward = backward };

	(void)input;
	(void)args;
	return build_linear(net, classes, &square, err);
}

BROKEN_PLUGIN("wrong-gradient", .build = build)
