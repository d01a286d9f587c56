/*
 * Winograd's transforms and the product on panels, in the vectors of the compiler, which turn
 * into those of the machine. Compiled with TILES_NAME=portable, avx2, avx512 and TILES_LANES=4, 8, 16.
 */
#include "net/tiles.h"

#include <string.h>

#define PASTE(a, b) a##b
#define VARIANT(name) PASTE(net_tiles_, name)

enum { LANES = TILES_LANES, PANEL = 2 * LANES };

/* Sides of a 4x4 tile and of what it sees; of a whole 2x2 picture, and its frequencies a side. */
enum { TILE = 4, PATCH = 6, PAIR = 2, THREE = 3 };

/*
 * Rows of the product held in registers: with two vectors a row, and one for each of b's, they
 * fill the 32 registers of AVX-512 or the 16 of the others. FEW and LEAST rows take what is left
 * of a multiple of 4; few enough sums would wait for each other.
 */
enum { ROWS = LANES == 16 ? 12 : 6, FEW_ROWS = LANES == 16 ? 8 : 4, LEAST_ROWS = 4 };

/* One float a lane. Memory has no alignment that one could count on. */
typedef float vec __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

typedef int bits __attribute__((vector_size(LANES * sizeof(int))));
typedef double doubles __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Before loops over arrays of vectors, which live in registers only once the loop is gone. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 24")
#else
#define UNROLL
#endif

INLINE vec
load(const float *p)
{
	return *(const vec *)p;
}

INLINE void
store(float *p, vec v)
{
	*(vec *)p = v;
}

/* The first n floats, 0 in the other lanes. */
INLINE vec
load_some(const float *p, size_t n)
{
	vec v = { 0 };

	if (n >= LANES)
		return load(p);
	memcpy(&v, p, n * sizeof *p);
	return v;
}

INLINE void
store_some(float *p, vec v, size_t n)
{
	if (n >= LANES)
		store(p, v);
	else
		memcpy(p, &v, n * sizeof *p);
}

/* ---- the maps, of one row or column: Lavin and Gray's matrices -------------------------------- */

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

INLINE void
map_weight(const vec g[3], vec out[PATCH]) /* G */
{
	const float quarter = 1.0F / 4, sixth = 1.0F / 6, part = 1.0F / 24;
	const vec ends = g[0] + g[2], ends4 = g[0] + 4 * g[2];

	out[0] = quarter * g[0];
	out[1] = -sixth * (ends + g[1]);
	out[2] = -sixth * (ends - g[1]);
	out[3] = part * (ends4 + 2 * g[1]);
	out[4] = part * (ends4 - 2 * g[1]);
	out[5] = g[2];
}

INLINE void
map_weight_gradient(const vec u[PATCH], vec out[3]) /* G' */
{
	const float quarter = 1.0F / 4, sixth = 1.0F / 6, part = 1.0F / 24;
	const vec sum = sixth * (u[1] + u[2]), difference = sixth * (u[2] - u[1]);
	const vec sum2 = part * (u[3] + u[4]), difference2 = part * (u[3] - u[4]);

	out[0] = quarter * u[0] - sum + sum2;
	out[1] = difference + 2 * difference2;
	out[2] = 4 * sum2 - sum + u[5];
}

/* ---- transforms of tiles ------------------------------------------------------------------------ */

static void
input_four(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, float *v, size_t apart)
{
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
				store(v + (size_t)(y * PATCH + x) * apart, out[x]);
		}
	}
}

/* Of a whole picture: (x0 + x1, x1, x0) on both sides, in panels or not. */
INLINE void
pair_frequencies(const float *pixels, ptrdiff_t row, ptrdiff_t column, float *to, size_t apart, const bool turned)
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
		store(to + f * apart, half[0][y] + half[1][y]);
		store(to + (f + 1) * apart, half[turned ? 0 : 1][y]);
		store(to + (f + 2) * apart, half[turned ? 1 : 0][y]);
	}
}

static void
input_pair(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, float *v, size_t apart)
{
	for (size_t c = 0; c < channels; c += LANES)
		pair_frequencies(pixels + c, row, column, v + c, apart, false);
}

/* The gradient's map is (y0 + y1, y0, y1). */
static void
gradient_pair(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, float *w, size_t apart,
    size_t panel_apart)
{
	for (size_t c = 0; c < channels; c += LANES)
		pair_frequencies(pixels + c, row, column, w + c / PANEL * panel_apart + c % PANEL, apart, true);
}

INLINE vec
positive(vec v) /* NaN passes through */
{
	return (vec)((bits)v & ~(v < 0));
}

/* sums += v, of which n lanes count. */
INLINE void
add_doubles(double *sums, vec v, size_t n)
{
	if (n >= LANES)
		*(doubles *)sums += __builtin_convertvector(v, doubles);
	else
		for (size_t lane = 0; lane < n; lane++)
			sums[lane] += (double)v[lane];
}

/* What finishing a vector of channels needs, and gathers. */
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

/* One pixel, `at` floats after the tile's first. */
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

/* A line of outputs that ends a pair of lines, `above` the first of the two: their largest, two by two. */
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

/* One vector of channels of a tile; finish and whole are constants wherever this is inlined. */
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
				finish_pixel(&f, to, y * to->row + x * to->column + (ptrdiff_t)c, out[y][x], lanes, finish);
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
output_channels(const float *m, size_t apart, size_t channels, const struct tile_output *to,
    const enum tile_form form, const enum tile_finish finish)
{
	size_t c = 0;

	if (form == FORM_PAIR) {
		for (; channels - c >= LANES; c += LANES)
			output_pair(m + c, apart, to, c, LANES, finish);
		if (c < channels)
			output_pair(m + c, apart, to, c, channels - c, finish);
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
gradient_four(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, float *w, size_t apart,
    size_t panel_apart)
{
	for (size_t c = 0; c < channels; c += LANES, pixels += LANES) {
		float *to = w + c / PANEL * panel_apart + c % PANEL;
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
				store(to + (size_t)(y * PATCH + x) * apart, out[x]);
		}
	}
}

/* ---- the product ---------------------------------------------------------------------------------- */

/* rows x vectors of c in registers, all of k. rows and vectors are constants wherever this is inlined. */
INLINE void
block(const int rows, const int vectors, size_t k, const float *a, size_t row_a, size_t column_a, const float *b,
    float *c, size_t row_c, bool add, struct tile_soon *soon)
{
	vec sum[2 * ROWS][2];
	const char *first = soon->at[0], *second = soon->at[1];

	UNROLL
	for (int i = 0; i < rows; i++)
		UNROLL
		for (int j = 0; j < vectors; j++)
			sum[i][j] = add ? load(c + (size_t)i * row_c + j * LANES) : (vec){ 0 };
	for (size_t p = 0; p < k; p++) {
		vec line[2];
		__builtin_prefetch(first, 0, 2);
		__builtin_prefetch(second, 0, 2);
		first += soon->step[0];
		second += soon->step[1];
		UNROLL
		for (int j = 0; j < vectors; j++)
			line[j] = load(b + p * PANEL + j * LANES);
		UNROLL
		for (int i = 0; i < rows; i++) {
			const float factor = a[(size_t)i * row_a + p * column_a];
			UNROLL
			for (int j = 0; j < vectors; j++)
				sum[i][j] += factor * line[j];
		}
	}
	UNROLL
	for (int i = 0; i < rows; i++)
		UNROLL
		for (int j = 0; j < vectors; j++)
			store(c + (size_t)i * row_c + j * LANES, sum[i][j]);
	soon->at[0] = first;
	soon->at[1] = second;
}

/*
 * All rows of a panel, in blocks of ROWS (twice as many of half the width), at the end of FEW_ROWS and
 * LEAST_ROWS. One stride of a is the constant 1 wherever this is inlined.
 */
INLINE void
product(const int vectors, size_t m, size_t k, const float *a, size_t row_a, size_t column_a, const float *b,
    float *c, size_t row_c, bool add, struct tile_soon *soon)
{
	const size_t rows = vectors == 1 ? 2 * ROWS : ROWS;
	size_t i = 0;

	while (i + rows <= m && m - i != 2 * FEW_ROWS) {
		block((int)rows, vectors, k, a + i * row_a, row_a, column_a, b, c + i * row_c, row_c, add, soon);
		i += rows;
	}
	for (; i + FEW_ROWS <= m; i += FEW_ROWS)
		block(FEW_ROWS, vectors, k, a + i * row_a, row_a, column_a, b, c + i * row_c, row_c, add, soon);
	for (; i < m; i += LEAST_ROWS)
		block(LEAST_ROWS, vectors, k, a + i * row_a, row_a, column_a, b, c + i * row_c, row_c, add, soon);
}

static void
gemm(size_t m, size_t k, const float *a, size_t row_a, size_t column_a, const float *b, float *c, size_t row_c,
    size_t columns, bool add, const struct tile_soon *soon)
{
	const int vectors = columns > LANES ? 2 : 1;
	struct tile_soon stand = *soon;

	if (column_a == 1 && vectors == 2)
		product(2, m, k, a, row_a, 1, b, c, row_c, add, &stand);
	else if (column_a == 1)
		product(1, m, k, a, row_a, 1, b, c, row_c, add, &stand);
	else if (vectors == 2)
		product(2, m, k, a, 1, column_a, b, c, row_c, add, &stand);
	else
		product(1, m, k, a, 1, column_a, b, c, row_c, add, &stand);
}

/* ---- weights ---------------------------------------------------------------------------------------- */

/* The nine weights of `n` output channels, one a lane. */
INLINE void
gather(const float *w, size_t step_n, bool turned, size_t n, vec g[9])
{
	UNROLL
	for (int i = 0; i < 9; i++) {
		vec v = { 0 };
		for (size_t lane = 0; lane < LANES && lane < n; lane++)
			v[lane] = w[lane * step_n + (size_t)(turned ? 8 - i : i)];
		g[i] = v;
	}
}

INLINE void
pack_four(const vec g[9], float *u, size_t apart)
{
	vec half[3][PATCH];

	UNROLL
	for (int x = 0; x < 3; x++) {
		const vec line[3] = { g[x], g[3 + x], g[6 + x] };
		map_weight(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < PATCH; y++) {
		const vec line[3] = { half[0][y], half[1][y], half[2][y] };
		vec out[PATCH];
		map_weight(line, out);
		UNROLL
		for (int x = 0; x < PATCH; x++)
			store(u + (size_t)(y * PATCH + x) * apart, out[x]);
	}
}

/* (w1, w2 - w1, w0 - w1) on both sides. */
INLINE void
pack_pair(const vec g[9], float *u, size_t apart)
{
	vec half[3][THREE]; /* [x][f] */

	UNROLL
	for (int x = 0; x < 3; x++) {
		half[x][0] = g[3 + x];
		half[x][1] = g[6 + x] - g[3 + x];
		half[x][2] = g[x] - g[3 + x];
	}
	UNROLL
	for (int y = 0; y < THREE; y++) {
		const size_t f = (size_t)(y * THREE);
		store(u + f * apart, half[1][y]);
		store(u + (f + 1) * apart, half[2][y] - half[1][y]);
		store(u + (f + 2) * apart, half[0][y] - half[1][y]);
	}
}

INLINE void
pack(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, float *u, size_t apart,
    const enum tile_form form)
{
	for (size_t i = 0; i < inputs; i++)
		for (size_t first = 0; first < PANEL; first += LANES) {
			vec g[9] = { { 0 } };
			float *to = u + i * PANEL + first;

			if (first < n)
				gather(w + first * step_n + i * step_i, step_n, turned, n - first, g);
			if (form == FORM_FOUR)
				pack_four(g, to, apart);
			else
				pack_pair(g, to, apart);
		}
}

static void
weights_of_four(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, float *u, size_t apart)
{
	pack(w, step_n, step_i, turned, n, inputs, u, apart, FORM_FOUR);
}

static void
weights_of_pair(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, float *u, size_t apart)
{
	pack(w, step_n, step_i, turned, n, inputs, u, apart, FORM_PAIR);
}

INLINE void
unpack_four(const float *du, size_t apart, vec g[9])
{
	vec half[PATCH][3]; /* [x][y] */

	UNROLL
	for (int x = 0; x < PATCH; x++) {
		vec line[PATCH];
		UNROLL
		for (int y = 0; y < PATCH; y++)
			line[y] = load(du + (size_t)(y * PATCH + x) * apart);
		map_weight_gradient(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < 3; y++) {
		vec line[PATCH];
		UNROLL
		for (int x = 0; x < PATCH; x++)
			line[x] = half[x][y];
		map_weight_gradient(line, g + 3 * y);
	}
}

/* (u2, u0 - u1 - u2, u1) on both sides. */
INLINE void
unpack_pair(const float *du, size_t apart, vec g[9])
{
	vec half[THREE][3]; /* [x][y] */

	UNROLL
	for (int x = 0; x < THREE; x++) {
		const vec first = load(du + (size_t)x * apart), second = load(du + (size_t)(THREE + x) * apart);
		const vec third = load(du + (size_t)(2 * THREE + x) * apart);
		half[x][0] = third;
		half[x][1] = first - second - third;
		half[x][2] = second;
	}
	UNROLL
	for (int y = 0; y < 3; y++) {
		g[3 * y] = half[2][y];
		g[3 * y + 1] = half[0][y] - half[1][y] - half[2][y];
		g[3 * y + 2] = half[1][y];
	}
}

INLINE void
unpack(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i,
    const enum tile_form form)
{
	for (size_t i = 0; i < inputs; i++)
		for (size_t first = 0; first < n; first += LANES) {
			const float *from = du + i * PANEL + first;
			float *to = dw + first * step_n + i * step_i;
			vec g[9];

			if (form == FORM_FOUR)
				unpack_four(from, apart, g);
			else
				unpack_pair(from, apart, g);
			for (size_t lane = 0; lane < LANES && first + lane < n; lane++, to += step_n) {
				UNROLL
				for (int k = 0; k < 9; k++)
					to[k] = g[k][lane];
			}
		}
}

static void
gradients_of_four(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i)
{
	unpack(du, apart, n, inputs, dw, step_n, step_i, FORM_FOUR);
}

static void
gradients_of_pair(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i)
{
	unpack(du, apart, n, inputs, dw, step_n, step_i, FORM_PAIR);
}

const struct tile_kernels VARIANT(TILES_NAME) = {
	.lanes = LANES,
	.panel = PANEL,
	.maps = {
		[FORM_FOUR] = { input_four, outputs_of_four, gradient_four, weights_of_four, gradients_of_four },
		[FORM_PAIR] = { input_pair, outputs_of_pair, gradient_pair, weights_of_pair, gradients_of_pair },
	},
	.gemm = gemm,
};
