/*
 * What pixels see of a picture, copied side by side (im2col). Runs are short, from a few floats to a few
 * hundred, so they are copied in line, not by a call each.
 */
#include "net/conv.h"

#include <string.h>

/* Where the next float of a pixel goes, and how many more are in this panel. */
struct cursor {
	float *to;
	size_t left;
};

static inline void
copy(float *to, const float *from, size_t n)
{
	for (; n >= 16; n -= 16, to += 16, from += 16)
		memcpy(to, from, 16 * sizeof *to);
	if (n >= 8) {
		memcpy(to, from, 8 * sizeof *to);
		n -= 8, to += 8, from += 8;
	}
	if (n >= 4) {
		memcpy(to, from, 4 * sizeof *to);
		n -= 4, to += 4, from += 4;
	}
	for (size_t i = 0; i < n && i < 4; i++)
		to[i] = from[i];
}

static inline void
next_panel(struct cursor *at, const struct conv_gathered *out)
{
	at->to += out->apart - out->width;
	at->left = out->width;
}

static inline void
put(struct cursor *at, const struct conv_gathered *out, const float *from, size_t n)
{
	for (;;) {
		const size_t some = n < at->left ? n : at->left;
		copy(at->to, from, some);
		at->to += some;
		at->left -= some;
		n -= some;
		if (n == 0)
			return;
		from += some;
		next_panel(at, out);
	}
}

static inline void
put_zeros(struct cursor *at, const struct conv_gathered *out, size_t n)
{
	while (n > 0) {
		if (at->left == 0)
			next_panel(at, out);
		const size_t some = n < at->left ? n : at->left;
		memset(at->to, 0, some * sizeof *at->to);
		at->to += some;
		at->left -= some;
		n -= some;
	}
}

/* Pixels of a line that lie inside the picture: [first, last) of those that a view has in a row. */
struct reach {
	size_t first, last;
};

static inline struct reach
reach_of(const struct conv_view *v, ptrdiff_t x)
{
	const ptrdiff_t width = v->of.width, columns = (ptrdiff_t)v->columns;
	const ptrdiff_t last = width - x < columns ? width - x : columns;
	const ptrdiff_t first = x < 0 ? -x : 0;

	if (first >= last)
		return (struct reach){ v->columns, v->columns };
	return (struct reach){ (size_t)first, (size_t)last };
}

/* A row of a view whose first pixel is at `line` + x channels. */
static inline void
put_row(struct cursor *at, const struct conv_gathered *out, const struct conv_view *v, const float *line,
    ptrdiff_t x, struct reach reach)
{
	const ptrdiff_t channels = v->of.channels;
	const float *from = line + (x + (ptrdiff_t)reach.first) * channels;

	put_zeros(at, out, reach.first * v->part);
	if ((ptrdiff_t)v->part == channels) {
		if (reach.first < reach.last)
			put(at, out, from, (reach.last - reach.first) * v->part);
	} else {
		for (size_t i = reach.first; i < reach.last; i++, from += channels)
			put(at, out, from, v->part);
	}
	put_zeros(at, out, (v->columns - reach.last) * v->part);
}

void
net_conv_gather(const struct conv_view *v, const float *x, size_t from, size_t to, const struct conv_gathered *out)
{
	const ptrdiff_t line = (ptrdiff_t)v->of.width * v->of.channels;
	size_t j = from % v->width, i = from / v->width % v->height, row = from / v->width / v->height;
	float *pixel = out->to;

	for (size_t n = from; n < to; n++, pixel += out->pixel) {
		const float *picture = x + row * net_elements(v->of);
		const ptrdiff_t x0 = (ptrdiff_t)(j * v->step) + v->left;
		const ptrdiff_t y0 = (ptrdiff_t)(i * v->step) + v->top;
		const struct reach reach = reach_of(v, x0);
		struct cursor at = { pixel, out->width };

		for (ptrdiff_t y = y0; y < y0 + (ptrdiff_t)v->rows; y++) {
			if (at.left == 0)
				next_panel(&at, out);
			if (y < 0 || y >= v->of.height)
				put_zeros(&at, out, v->columns * v->part);
			else
				put_row(&at, out, v, picture + y * line, x0, reach);
		}
		put_zeros(&at, out, out->pad);
		if (++j == v->width) {
			j = 0;
			if (++i == v->height) {
				i = 0;
				row++;
			}
		}
	}
}
