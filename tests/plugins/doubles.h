/* doubles.h - y = 2 x, for operations that have only one mistake. */
#ifndef DOUBLES_H
#define DOUBLES_H

#include "broken.h"

static inline void
double_backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	(void)config;
	(void)out;
	(void)x;
	(void)y;
	for (size_t i = 0; i < rows * elements(in); i++)
		dx[i] = 2 * dy[i];
}

/* A plugin with an operation of this forward(). */
#define DOUBLES_PLUGIN(NAME) \
	BROKEN_BUILD \
	{ \
		static const struct myo_custom twice = { .size = sizeof twice, .name = "twice", .shape = same_shape, \
			.forward = forward, .backward = double_backward }; \
		(void)input; \
		(void)args; \
		return build_linear(net, classes, &twice, err); \
	} \
	BROKEN_PLUGIN(NAME, .build = build)

#endif
