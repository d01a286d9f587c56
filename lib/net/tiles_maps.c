/* The transforms of tiles of activations (tiles.h): inputs, outputs, and the outputs' gradient. */
#include "net/vec.h"

/* ---- the transforms of one row or column: Lavin and Gray's matrices --------------------------- */

INLINE void
map_input(const vec d[PATCH], vec out[PATCH]) /* B' */
{
	const vec even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
	const vec even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);

	out[0] = 4 * d[0] - 5 * d[2] + d[4];
	out[1] = even + odd;
	out[2] = even - odd;
	out[3] = even2 + odd2;
	out[4] = even2 - odd2;
	out[5] = 4 * d[1] - 5 * d[3] + d[5];
}

INLINE void
map_output(const vec m[PATCH], vec out[TILE]) /* A' */
{
	const vec sum = m[1] + m[2], difference = m[1] - m[2];
	const vec sum2 = m[3] + m[4], difference2 = m[3] - m[4];

	out[0] = m[0] + sum + sum2;
	out[1] = difference + 2 * difference2;
	out[2] = sum + 4 * sum2;
	out[3] = difference + 8 * difference2 + m[5];
}

INLINE void
map_gradient(const vec y[TILE], vec out[PATCH]) /* A */
{
	const vec even = y[0] + y[2], odd = y[1] + y[3];
	const vec even2 = y[0] + 4 * y[2], odd2 = 2 * y[1] + 8 * y[3];

	out[0] = y[0];
	out[1] = even + odd;
	out[2] = even - odd;
	out[3] = even2 + odd2;
	out[4] = even2 - odd2;
	out[5] = y[3];
}

/* One axis of a 3x3 picture (tiles.h): the values at 1 and at -1, and the operands of the complex product. */
INLINE void
map_input_trio(const vec x[THREE], vec out[FIVE])
{
	const vec ends = x[0] + x[2], real = x[0] - x[2];

	out[0] = ends + x[1];
	out[1] = ends - x[1];
	out[2] = real;
	out[3] = x[1];
	out[4] = real + x[1];
}

INLINE void
map_output_trio(const vec m[FIVE], vec out[THREE])
{
	const vec odd = m[0] - m[1], imaginary = m[4] - m[2] - m[3];

	out[0] = odd + imaginary;
	out[1] = m[0] + m[1] - m[2] + m[3];
	out[2] = odd - imaginary;
}

INLINE void
map_gradient_trio(const vec y[THREE], vec out[FIVE])
{
	const vec ends = y[0] + y[2], apart = y[0] - y[2];

	out[0] = ends + y[1];
	out[1] = y[1] - ends;
	out[2] = -apart - y[1];
	out[3] = y[1] - apart;
	out[4] = apart;
}

/* ---- transforms of tiles ------------------------------------------------------------------------ */

static void
input_four(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *to, size_t apart)
{
	value *v = to;

	for (size_t c = 0; c < channels; c += LANES, pixels += LANES, v += LANES) {
		vec half[PATCH][PATCH]; /* columns done: [x][f] */

		UNROLL
		for (int x = 0; x < PATCH; x++) {
			vec d[PATCH];
			UNROLL
			for (int y = 0; y < PATCH; y++)
				d[y] = load(pixels + y * row + x * column);
			map_input(d, half[x]);
		}
		UNROLL
		for (int y = 0; y < PATCH; y++) {
			vec line[PATCH], out[PATCH];
			UNROLL
			for (int x = 0; x < PATCH; x++)
				line[x] = half[x][y];
			map_input(line, out);
			UNROLL
			for (int x = 0; x < PATCH; x++)
				put(v + (size_t)(y * PATCH + x) * apart, out[x]);
		}
	}
}

/* A whole 2x2 picture: (x0 + x1, x1, x0) along both axes; turned: (x0 + x1, x0, x1). */
INLINE void
pair_frequencies(const float *pixels, ptrdiff_t row, ptrdiff_t column, value *to, size_t apart, const bool turned)
{
	vec half[PAIR][THREE]; /* [x][f] */

	UNROLL
	for (int x = 0; x < PAIR; x++) {
		const vec first = load(pixels + x * column), second = load(pixels + row + x * column);
		half[x][0] = first + second;
		half[x][1] = turned ? first : second;
		half[x][2] = turned ? second : first;
	}
	UNROLL
	for (int y = 0; y < THREE; y++) {
		const size_t f = (size_t)(y * THREE);
		put(to + f * apart, half[0][y] + half[1][y]);
		put(to + (f + 1) * apart, half[turned ? 0 : 1][y]);
		put(to + (f + 2) * apart, half[turned ? 1 : 0][y]);
	}
}

static void
input_pair(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *to, size_t apart)
{
	value *v = to;

	for (size_t c = 0; c < channels; c += LANES)
		pair_frequencies(pixels + c, row, column, v + c, apart, false);
}

/* The gradient's transform is (y0 + y1, y0, y1). */
static void
gradient_pair(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *to, size_t apart,
    size_t panel_apart)
{
	value *w = to;

	for (size_t c = 0; c < channels; c += LANES)
		pair_frequencies(pixels + c, row, column, w + c / PANEL * panel_apart + c % PANEL, apart, true);
}

/* Both axes of a 3x3 picture, for one vector of channels; `gradient` chooses the transform. */
INLINE void
trio_frequencies(const float *pixels, ptrdiff_t row, ptrdiff_t column, value *to, size_t apart, const bool gradient)
{
	vec half[THREE][FIVE]; /* [x][f] */

	UNROLL
	for (int x = 0; x < THREE; x++) {
		vec line[THREE];
		UNROLL
		for (int y = 0; y < THREE; y++)
			line[y] = load(pixels + y * row + x * column);
		if (gradient)
			map_gradient_trio(line, half[x]);
		else
			map_input_trio(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < FIVE; y++) {
		const vec line[THREE] = { half[0][y], half[1][y], half[2][y] };
		vec out[FIVE];
		if (gradient)
			map_gradient_trio(line, out);
		else
			map_input_trio(line, out);
		UNROLL
		for (int x = 0; x < FIVE; x++)
			put(to + (size_t)(y * FIVE + x) * apart, out[x]);
	}
}

static void
input_trio(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *to, size_t apart)
{
	value *v = to;

	for (size_t c = 0; c < channels; c += LANES)
		trio_frequencies(pixels + c, row, column, v + c, apart, false);
}

static void
gradient_trio(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *to, size_t apart,
    size_t panel_apart)
{
	value *w = to;

	for (size_t c = 0; c < channels; c += LANES)
		trio_frequencies(pixels + c, row, column, w + c / PANEL * panel_apart + c % PANEL, apart, true);
}

INLINE vec
positive(vec v) /* NaN passes through */
{
	return (vec)((bits)v & ~(v < 0));
}

/* sums += v, of which the first n lanes count. */
INLINE void
add_doubles(double *sums, vec v, size_t n)
{
	if (n >= LANES)
		*(doubles *)sums += __builtin_convertvector(v, doubles);
	else
		for (size_t lane = 0; lane < n; lane++)
			sums[lane] += (double)v[lane];
}

/* What finishing a vector of channels needs, and what it gathers. */
struct finishing {
	vec scale, shift, mean;
	vec sum, product;
};

INLINE struct finishing
start_finish(const struct tile_output *to, size_t c, size_t lanes, const enum tile_finish finish)
{
	struct finishing f = { { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };

	if (finish == FINISH_AFFINE || finish == FINISH_POOL || finish == FINISH_NORM) {
		f.scale = load_some(to->scale + c, lanes);
		f.shift = load_some(to->shift + c, lanes);
	}
	if (finish == FINISH_NORM)
		f.mean = load_some(to->mean + c, lanes);
	return f;
}

/* Finish and store one pixel, `at` floats after the tile's first. */
INLINE void
finish_pixel(
    struct finishing *f, const struct tile_output *to, ptrdiff_t at, vec v, size_t lanes, const enum tile_finish finish)
{
	if (finish == FINISH_ADD)
		v += load_some(to->y + at, lanes);
	if (finish == FINISH_AFFINE) {
		v = f->scale * v + f->shift;
		v = to->relu ? positive(v) : v;
		if (to->r != NULL)
			v += load_some(to->r + at, lanes);
		v = to->relu_after ? positive(v) : v;
	}
	if (finish == FINISH_MOMENTS) {
		f->sum += v;
		f->product += v * v;
	}
	if (finish == FINISH_NORM) {
		const vec r = load_some(to->r + at, lanes);
		const vec g = to->relu ? (vec)((bits)v & (f->scale * r + f->shift > 0)) : v;
		f->sum += g;
		f->product += g * (r - f->mean);
	}
	store_some(to->y + at, v, lanes);
}

INLINE void
end_finish(
    const struct finishing *f, const struct tile_output *to, size_t c, size_t lanes, const enum tile_finish finish)
{
	if (finish == FINISH_MOMENTS || finish == FINISH_NORM) {
		add_doubles(to->sums + c, f->sum, lanes);
		add_doubles(to->products + c, f->product, lanes);
	}
}

/* NaN wins over numbers. */
INLINE vec
larger(vec a, vec b)
{
	const bits wins = (b > a) | (b != b);

	return (vec)(((bits)b & wins) | ((bits)a & ~wins));
}

/* Pool a pair of lines of outputs, `above` being the first: store the maximum of each 2x2. */
INLINE void
finish_pool(const struct finishing *f, const struct tile_output *to, ptrdiff_t at, const vec above[TILE],
    const vec below[TILE], int width, size_t lanes)
{
	UNROLL
	for (int x = 0; x < TILE; x += 2) {
		const vec top = larger(f->scale * above[x] + f->shift, f->scale * above[x + 1] + f->shift);
		const vec bottom = larger(f->scale * below[x] + f->shift, f->scale * below[x + 1] + f->shift);
		const vec v = larger(top, bottom);
		if (x < width)
			store_some(to->y + at + x / 2 * to->column, to->relu ? positive(v) : v, lanes);
	}
}

/* One vector of channels of a tile; finish and whole are constants where this is inlined. */
INLINE void
output_four(const float *m, size_t apart, const struct tile_output *to, size_t c, size_t n,
    const enum tile_finish finish, const bool whole)
{
	const size_t lanes = whole ? LANES : n;
	const int height = whole ? TILE : to->height, width = whole ? TILE : to->width;
	struct finishing f = start_finish(to, c, lanes, finish);
	vec half[PATCH][TILE]; /* [x][y] */
	vec out[TILE][TILE];

	UNROLL
	for (int x = 0; x < PATCH; x++) {
		vec line[PATCH];
		UNROLL
		for (int y = 0; y < PATCH; y++)
			line[y] = load(m + (size_t)(y * PATCH + x) * apart);
		map_output(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < TILE; y++) {
		vec line[PATCH];
		UNROLL
		for (int x = 0; x < PATCH; x++)
			line[x] = half[x][y];
		map_output(line, out[y]);
		if (finish == FINISH_POOL && y % 2 == 1 && y < height)
			finish_pool(&f, to, y / 2 * to->row + (ptrdiff_t)c, out[y - 1], out[y], width, lanes);
		if (finish == FINISH_POOL)
			continue;
		UNROLL
		for (int x = 0; x < TILE; x++)
			if (y < height && x < width)
				finish_pixel(&f, to, y * to->row + x * to->column + (ptrdiff_t)c, out[y][x],
				    lanes, finish);
	}
	end_finish(&f, to, c, lanes, finish);
}

INLINE void
output_pair(const float *m, size_t apart, const struct tile_output *to, size_t c, size_t n,
    const enum tile_finish finish)
{
	struct finishing f = start_finish(to, c, n, finish);
	vec half[THREE][PAIR]; /* [x][y] */

	UNROLL
	for (int x = 0; x < THREE; x++) {
		const vec first = load(m + (size_t)x * apart);
		half[x][0] = first + load(m + (size_t)(THREE + x) * apart);
		half[x][1] = first + load(m + (size_t)(2 * THREE + x) * apart);
	}
	UNROLL
	for (int y = 0; y < PAIR; y++) {
		const ptrdiff_t at = y * to->row + (ptrdiff_t)c;
		finish_pixel(&f, to, at, half[0][y] + half[1][y], n, finish);
		finish_pixel(&f, to, at + to->column, half[0][y] + half[2][y], n, finish);
	}
	end_finish(&f, to, c, n, finish);
}

INLINE void
output_trio(const float *m, size_t apart, const struct tile_output *to, size_t c, size_t n,
    const enum tile_finish finish)
{
	struct finishing f = start_finish(to, c, n, finish);
	vec half[FIVE][THREE]; /* [x][y] */

	UNROLL
	for (int x = 0; x < FIVE; x++) {
		vec line[FIVE];
		UNROLL
		for (int y = 0; y < FIVE; y++)
			line[y] = load(m + (size_t)(y * FIVE + x) * apart);
		map_output_trio(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < THREE; y++) {
		vec line[FIVE], out[THREE];
		UNROLL
		for (int x = 0; x < FIVE; x++)
			line[x] = half[x][y];
		map_output_trio(line, out);
		UNROLL
		for (int x = 0; x < THREE; x++)
			finish_pixel(&f, to, y * to->row + x * to->column + (ptrdiff_t)c, out[x], n, finish);
	}
	end_finish(&f, to, c, n, finish);
}

/* A whole picture. */
INLINE void
output_picture(const float *m, size_t apart, const struct tile_output *to, size_t c, size_t n,
    const enum tile_form form, const enum tile_finish finish)
{
	if (form == FORM_PAIR)
		output_pair(m, apart, to, c, n, finish);
	else
		output_trio(m, apart, to, c, n, finish);
}

INLINE void
output_channels(const float *m, size_t apart, size_t channels, const struct tile_output *to,
    const enum tile_form form, const enum tile_finish finish)
{
	size_t c = 0;

	if (form != FORM_FOUR) {
		for (; channels - c >= LANES; c += LANES)
			output_picture(m + c, apart, to, c, LANES, form, finish);
		if (c < channels)
			output_picture(m + c, apart, to, c, channels - c, form, finish);
		return;
	}
	if (to->height == TILE && to->width == TILE)
		for (; channels - c >= LANES; c += LANES)
			output_four(m + c, apart, to, c, LANES, finish, true);
	for (; c < channels; c += LANES)
		output_four(m + c, apart, to, c, channels - c, finish, false);
}

INLINE void
output(const float *m, size_t apart, size_t channels, const struct tile_output *to, const enum tile_form form)
{
	switch (to->finish) {
	case FINISH_SET:
		output_channels(m, apart, channels, to, form, FINISH_SET);
		break;
	case FINISH_ADD:
		output_channels(m, apart, channels, to, form, FINISH_ADD);
		break;
	case FINISH_AFFINE:
		output_channels(m, apart, channels, to, form, FINISH_AFFINE);
		break;
	case FINISH_POOL:
		output_channels(m, apart, channels, to, form, FINISH_POOL);
		break;
	case FINISH_MOMENTS:
		output_channels(m, apart, channels, to, form, FINISH_MOMENTS);
		break;
	case FINISH_NORM:
		output_channels(m, apart, channels, to, form, FINISH_NORM);
		break;
	}
}

static void
outputs_of_four(const float *m, size_t apart, size_t channels, const struct tile_output *to)
{
	output(m, apart, channels, to, FORM_FOUR);
}

static void
outputs_of_pair(const float *m, size_t apart, size_t channels, const struct tile_output *to)
{
	output(m, apart, channels, to, FORM_PAIR);
}

static void
outputs_of_trio(const float *m, size_t apart, size_t channels, const struct tile_output *to)
{
	output(m, apart, channels, to, FORM_TRIO);
}

static void
gradient_four(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *w, size_t apart,
    size_t panel_apart)
{
	for (size_t c = 0; c < channels; c += LANES, pixels += LANES) {
		value *to = (value *)w + c / PANEL * panel_apart + c % PANEL;
		vec half[TILE][PATCH]; /* [x][f] */

		UNROLL
		for (int x = 0; x < TILE; x++) {
			vec line[TILE];
			UNROLL
			for (int y = 0; y < TILE; y++)
				line[y] = load(pixels + y * row + x * column);
			map_gradient(line, half[x]);
		}
		UNROLL
		for (int y = 0; y < PATCH; y++) {
			vec line[TILE], out[PATCH];
			UNROLL
			for (int x = 0; x < TILE; x++)
				line[x] = half[x][y];
			map_gradient(line, out);
			UNROLL
			for (int x = 0; x < PATCH; x++)
				put(to + (size_t)(y * PATCH + x) * apart, out[x]);
		}
	}
}

const struct tile_maps VARIANT(maps)[FORMS] = {
	[FORM_FOUR] = { input_four, outputs_of_four, gradient_four },
	[FORM_PAIR] = { input_pair, outputs_of_pair, gradient_pair },
	[FORM_TRIO] = { input_trio, outputs_of_trio, gradient_trio },
};
