/* y = 2 x, but the gradient of the last column is left at zero. */
#include "broken.h"

static void
forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	(void)config;
	(void)out;
	for (size_t i = 0; i < rows * elements(in); i++)
		y[i] = 2 * x[i];
}

static void
backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	const size_t width = (size_t)in.width, channels = (size_t)in.channels;

	(void)config;
	(void)out;
	(void)x;
	(void)y;
	for (size_t line = 0; line < rows * (size_t)in.height; line++)
		for (size_t column = 0; column < width; column++)
			for (size_t c = 0; c < channels; c++) {
				const size_t i = (line * width + column) * channels + c;
				dx[i] = column < width - 1 ? 2 * dy[i] : 0;
			}
}

BROKEN_BUILD
{
	static const struct myo_custom twice = { .size = sizeof twice, .name = "twice", .shape = same_shape,
		.forward = forward, .backward = backward };

	(void)input;
	(void)args;
	return build_linear(net, classes, &twice, err);
}

BROKEN_PLUGIN("forgets-a-column", .build = build)
