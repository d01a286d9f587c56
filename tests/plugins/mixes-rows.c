/* Subtracts the mean of the batch, so that a row's logits depend on its company. */
#include "broken.h"

/* to = from - its mean over the rows, which is also its own gradient. */
static void
centre(size_t rows, struct myo_shape shape, const float *from, float *to)
{
	const size_t each = elements(shape);

	for (size_t i = 0; i < each; i++) {
		float mean = 0;
		for (size_t row = 0; row < rows; row++)
			mean += from[row * each + i] / (float)rows;
		for (size_t row = 0; row < rows; row++)
			to[row * each + i] = from[row * each + i] - mean;
	}
}

static void
forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	(void)config;
	(void)out;
	centre(rows, in, x, y);
}

static void
backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	(void)config;
	(void)out;
	(void)x;
	(void)y;
	centre(rows, in, dy, dx);
}

BROKEN_BUILD
{
	static const struct myo_custom centring = { .size = sizeof centring, .name = "centre", .shape = same_shape,
		.forward = forward, .backward = backward };

	(void)input;
	(void)args;
	return build_linear(net, classes, &centring, err);
}

BROKEN_PLUGIN("mixes-rows", .build = build)
