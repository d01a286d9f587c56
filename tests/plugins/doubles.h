/* doubles.h - y = 2 x, for operations that have only one mistake. */
#ifndef DOUBLES_H
#define DOUBLES_H

#include "broken.h"

static inline size_t
elements(struct myo_shape shape)
{
	return (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

static inline int
same_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	(void)err;
	*out = in;
	return 0;
}

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
