/*
 * What pixels see of a picture, copied side by side (im2col). Runs are short, from a few floats to a few
 * hundred, so the copying is inlined rather than calls of memcpy().
 */
#include "net/conv.h"

#include <string.h>

/* Where the next float of a pixel goes, and how many more fit into this panel. */
struct cursor {
	float *to;
	size_t left;
};

/* The rest beyond whole vectors is copied by a vector that overlaps the previous one. */
static inline void
copy(float *to, const float *from, size_t n)
{
	enum { LONG = 16, SHORT = 8, LEAST = 4 };
	size_t i = 0;

	if (n >= LONG) {
		for (; i + LONG <= n; i += LONG)
			memcpy(to + i, from + i, LONG * sizeof *to);
		if (i < n)
			memcpy(to + n - LONG, from + n - LONG, LONG * sizeof *to);
	} else if (n >= SHORT) {
		memcpy(to, from, SHORT * sizeof *to);
		memcpy(to + n - SHORT, from + n - SHORT, SHORT * sizeof *to);
	} else if (n >= LEAST) {
		memcpy(to, from, LEAST * sizeof *to);
		memcpy(to + n - LEAST, from + n - LEAST, LEAST * sizeof *to);
	} else {
		for (; i < n; i++)
			to[i] = from[i];
	}
}

static inline void
clear(float *to, size_t n)
{
	static const float zeros[16];

	for (; n > MYO_COUNT(zeros); n -= MYO_COUNT(zeros), to += MYO_COUNT(zeros))
		memcpy(to, zeros, sizeof zeros);
	copy(to, zeros, n);
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
		clear(at->to, some);
		at->to += some;
		at->left -= some;
		n -= some;
	}
}

/* Which of the `columns` pixels in a line of a view lie inside the picture: [first, last). */
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

/* One line of a view, whose first pixel is at `line` + x * channels. */
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

/* Gather for one pixel, wherever it is; (y0, x0): the first pixel that it sees. */
static void
gather_pixel(const struct conv_view *v, const float *picture, ptrdiff_t y0, ptrdiff_t x0,
    const struct conv_gathered *out, float *pixel)
{
	const ptrdiff_t line = (ptrdiff_t)v->of.width * v->of.channels;
	const struct reach reach = reach_of(v, x0);
	struct cursor at = { pixel, out->width };

	for (ptrdiff_t y = y0; y < y0 + (ptrdiff_t)v->rows; y++) {
		if (y < 0 || y >= v->of.height)
			put_zeros(&at, out, v->columns * v->part);
		else
			put_row(&at, out, v, picture + y * line, x0, reach);
	}
	put_zeros(&at, out, out->pad);
}

/*
 * `count` neighbours on a line that see no edge to the left or right, so they are all gathered in the same way: piece
 * by piece, a piece being contiguous both in the picture and in a panel.
 */
struct neighbours {
	size_t count;
	size_t step; /* floats from one to the next in the picture */
};

/* n floats for each of the neighbours; from NULL: zeros. */
static void
put_piece(const struct neighbours *all, const struct conv_gathered *out, struct cursor *at, const float *from,
    size_t n)
{
	while (n > 0) {
		if (at->left == 0)
			next_panel(at, out);
		const size_t some = n < at->left ? n : at->left;
		float *to = at->to;
		if (from == NULL) {
			for (size_t i = 0; i < all->count; i++, to += out->pixel)
				clear(to, some);
		} else {
			const float *pixel = from;
			for (size_t i = 0; i < all->count; i++, to += out->pixel, pixel += all->step)
				copy(to, pixel, some);
			from += some;
		}
		at->to += some;
		at->left -= some;
		n -= some;
	}
}

static void
gather_inside(const struct conv_view *v, const float *picture, ptrdiff_t y0, ptrdiff_t x0, size_t count,
    const struct conv_gathered *out, float *pixel)
{
	const size_t channels = (size_t)v->of.channels, run = v->columns * v->part;
	const struct neighbours all = { count, v->step * channels };
	struct cursor at = { pixel, out->width };

	for (ptrdiff_t y = y0; y < y0 + (ptrdiff_t)v->rows; y++) {
		const float *from = picture + (y * v->of.width + x0) * (ptrdiff_t)channels;
		if (y < 0 || y >= v->of.height)
			put_piece(&all, out, &at, NULL, run);
		else if (v->part == channels)
			put_piece(&all, out, &at, from, run);
		else
			for (size_t i = 0; i < v->columns; i++)
				put_piece(&all, out, &at, from + i * channels, v->part);
	}
	put_piece(&all, out, &at, NULL, out->pad);
}

/* Of pixels [from, to) of a line of the grid, those that see no edge to the left or right; none: [to, to). */
static void
inside_of(const struct conv_view *v, size_t *from, size_t *to)
{
	const ptrdiff_t step = (ptrdiff_t)v->step, room = v->of.width - (ptrdiff_t)v->columns - v->left;
	const size_t first = v->left < 0 ? (size_t)((-v->left + step - 1) / step) : 0;
	const size_t beyond = room < 0 ? 0 : (size_t)(room / step) + 1;

	if (first >= beyond || first >= *to || beyond <= *from) {
		*from = *to;
		return;
	}
	*from = first > *from ? first : *from;
	*to = beyond < *to ? beyond : *to;
}

void
net_conv_gather(const struct conv_view *v, const float *x, size_t from, size_t to, const struct conv_gathered *out)
{
	const ptrdiff_t step = (ptrdiff_t)v->step;
	float *pixel = out->to;

	while (from < to) {
		const size_t j = from % v->width, i = from / v->width % v->height;
		const size_t beyond = to - from < v->width - j ? j + to - from : v->width;
		const float *picture = x + from / v->width / v->height * net_elements(v->of);
		const ptrdiff_t y = (ptrdiff_t)i * step + v->top;
		size_t inside = j, outside = beyond, at = j;

		inside_of(v, &inside, &outside);
		for (; at < inside; at++, pixel += out->pixel)
			gather_pixel(v, picture, y, (ptrdiff_t)at * step + v->left, out, pixel);
		if (inside < outside)
			gather_inside(v, picture, y, (ptrdiff_t)at * step + v->left, outside - inside, out, pixel);
		pixel += (outside - inside) * out->pixel;
		for (at = outside; at < beyond; at++, pixel += out->pixel)
			gather_pixel(v, picture, y, (ptrdiff_t)at * step + v->left, out, pixel);
		from += beyond - j;
	}
}

/* The offset of a line of a row; of the start or the end of its picture for a line before or after that. */
static size_t
line_offset(struct myo_shape of, size_t row, ptrdiff_t line)
{
	const ptrdiff_t within = line < 0 ? 0 : line > of.height ? of.height : line;

	return row * net_elements(of) + (size_t)within * (size_t)of.width * (size_t)of.channels;
}

size_t
net_conv_seen(const struct conv_view *v, size_t from, size_t to, size_t *floats)
{
	const size_t grid = v->height * v->width, step = v->step;
	const size_t first = from % grid / v->width * step, last = (to - 1) % grid / v->width * step;
	const size_t at = line_offset(v->of, from / grid, (ptrdiff_t)first + v->top);
	const size_t beyond = line_offset(v->of, (to - 1) / grid, (ptrdiff_t)(last + v->rows) + v->top);

	*floats = beyond > at ? beyond - at : 0;
	return at;
}
