/* The product on packed panels, and the table of a variant. */
#include "net/vec.h"

/*
 * Rows of the product that are held in registers: two vectors for each row, and two for a line of b,
 * nearly fill the 32 registers of AVX-512 or the 16 of the others. FEW and LEAST rows take what is left
 * of a multiple of 4; the fewer the sums, the longer each multiply-add waits for the one before.
 */
enum { ROWS = LANES == 16 ? 12 : 6, FEW_ROWS = LANES == 16 ? 8 : 4, LEAST_ROWS = 4 };

/* A block of rows x vectors of c, in registers, over all of k. rows and vectors are constants where this is inlined. */
INLINE void
block(const int rows, const int vectors, size_t k, const float *a, size_t row_a, size_t column_a, const float *b,
    float *c, size_t row_c, bool add, struct tile_soon *soon)
{
	vec sum[2 * ROWS][2];
	uintptr_t first = soon->at[0], second = soon->at[1];

	UNROLL
	for (int i = 0; i < rows; i++)
		UNROLL
		for (int j = 0; j < vectors; j++)
			sum[i][j] = add ? load(c + (size_t)i * row_c + j * LANES) : (vec){ 0 };
	for (size_t p = 0; p < k; p++) {
		vec line[2];
		__builtin_prefetch((const void *)first, 0, 2);
		__builtin_prefetch((const void *)second, 0, 2);
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
 * All rows of a panel, in blocks of ROWS (2 * ROWS if one vector wide), and at the end of FEW_ROWS and
 * LEAST_ROWS. One stride of a is the constant 1 where this is inlined.
 */
INLINE void
product(const int vectors, size_t m, size_t k, const float *a, size_t row_a, size_t column_a, const float *b,
    float *c, size_t row_c, bool add, struct tile_soon *soon)
{
	const size_t rows = vectors == 1 ? 2 * ROWS : ROWS;
	size_t i = 0;

	/* There is room for this many rows, and blocks don't reach beyond them. */
	m = (m + LEAST_ROWS - 1) / LEAST_ROWS * LEAST_ROWS;
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

/* ---- products of transformed numbers --------------------------------------------------------------- */

#if defined(TILES_BF16)

/* Two neighbours in k, the first in the lower half. */
typedef uint32_t pair __attribute__((aligned(2), may_alias));

/* As block(), with pairs a[i row_a + p column_a] and b [p][PANEL]. A turn of the loop takes two of k. */
INLINE void
block_of_pairs(const int rows, const int vectors, size_t pairs, const pair *a, size_t row_a, size_t column_a,
    const pair *b, float *c, size_t row_c, bool add, struct tile_soon *soon)
{
	__m512 sum[ROWS][2];
	uintptr_t first = soon->at[0], second = soon->at[1];

	UNROLL
	for (int i = 0; i < rows; i++)
		UNROLL
		for (int j = 0; j < vectors; j++)
			sum[i][j] = add ? _mm512_loadu_ps(c + (size_t)i * row_c + j * LANES) : _mm512_setzero_ps();
	for (size_t p = 0; p < pairs; p++) {
		__m512bh line[2];
		UNROLL
		for (int turn = 0; turn < 2; turn++) {
			__builtin_prefetch((const void *)first, 0, 2);
			__builtin_prefetch((const void *)second, 0, 2);
			first += soon->step[0];
			second += soon->step[1];
		}
		UNROLL
		for (int j = 0; j < vectors; j++)
			line[j] = (__m512bh)_mm512_loadu_si512(b + p * PANEL + j * LANES);
		UNROLL
		for (int i = 0; i < rows; i++) {
			const __m512bh factor = (__m512bh)_mm512_set1_epi32((int)a[(size_t)i * row_a + p * column_a]);
			UNROLL
			for (int j = 0; j < vectors; j++)
				sum[i][j] = _mm512_dpbf16_ps(sum[i][j], factor, line[j]);
		}
	}
	UNROLL
	for (int i = 0; i < rows; i++)
		UNROLL
		for (int j = 0; j < vectors; j++)
			_mm512_storeu_ps(c + (size_t)i * row_c + j * LANES, sum[i][j]);
	soon->at[0] = first;
	soon->at[1] = second;
}

/* The rows of the next block, when so many are left. */
INLINE size_t
next_rows(size_t left)
{
	return left >= ROWS && left != 2 * FEW_ROWS ? ROWS : left >= FEW_ROWS ? FEW_ROWS : LEAST_ROWS;
}

/* A block of as many rows as next_rows() says. */
INLINE void
next_block(size_t rows, const int vectors, size_t pairs, const pair *a, size_t row_a, size_t column_a,
    const pair *b, float *c, size_t row_c, bool add, struct tile_soon *soon)
{
	if (rows == ROWS)
		block_of_pairs(ROWS, vectors, pairs, a, row_a, column_a, b, c, row_c, add, soon);
	else if (rows == FEW_ROWS)
		block_of_pairs(FEW_ROWS, vectors, pairs, a, row_a, column_a, b, c, row_c, add, soon);
	else
		block_of_pairs(LEAST_ROWS, vectors, pairs, a, row_a, column_a, b, c, row_c, add, soon);
}

INLINE void
multiply_pairs(const int vectors, size_t m, size_t pairs, const value *v, size_t v_step, const pair *u,
    float *c, size_t row_c, struct tile_soon *soon)
{
	size_t rows;

	for (size_t i = 0; i < m; i += rows) {
		rows = next_rows(m - i);
		next_block(rows, vectors, pairs, (const pair *)(v + i * v_step), v_step / 2, 1, u, c + i * row_c,
		    row_c, false, soon);
	}
}

/* With an odd k the last pair of v has some number as padding, and that of the weights a zero to meet it. */
static void
multiply(size_t m, size_t k, const void *v, size_t v_step, const void *u, float *c, size_t row_c, size_t columns,
    const struct tile_soon *soon)
{
	struct tile_soon stand = *soon;

	if (columns > LANES)
		multiply_pairs(2, m, (k + 1) / 2, v, v_step, u, c, row_c, &stand);
	else
		multiply_pairs(1, m, (k + 1) / 2, v, v_step, u, c, row_c, &stand);
}

/* Tiles at a time, and pairs of rows of v, that fit into the nearer caches. */
enum { DEPTH = 256, PAIRS = 8 * 1024 };

/* From lines [k][step] make pairs of neighbouring lines, [(k + 1) / 2][LANES]; an odd last line is paired with 0. */
INLINE void
pair_lines(size_t k, const value *from, size_t step, pair *to, size_t width)
{
	for (size_t p = 0; p < k; p += 2, from += 2 * step, to += width) {
		const __m256i first = _mm256_loadu_si256((const __m256i *)from);
		const __m256i second = p + 1 < k ? _mm256_loadu_si256((const __m256i *)(from + step)) :
		    _mm256_setzero_si256();
		_mm512_storeu_si512(to, side_by_side(_mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1)));
	}
}

/* Make pairs for m rows of v, divided into blocks as by next_rows(): [block][pairs][LANES]. */
INLINE void
pair_rows(size_t m, size_t k, const value *v, size_t v_step, pair *to)
{
	for (size_t i = 0; i < m; i += next_rows(m - i), to += (k + 1) / 2 * LANES)
		pair_lines(k, v + i, v_step, to, LANES);
}

INLINE void
correlate_panel(const int vectors, size_t m, size_t pairs, const pair *v, const pair *w, float *c, bool add,
    struct tile_soon *soon)
{
	size_t rows;

	for (size_t i = 0; i < m; i += rows, v += pairs * LANES, c += rows * PANEL) {
		rows = next_rows(m - i);
		next_block(rows, vectors, pairs, v, 1, LANES, w, c, PANEL, add, soon);
	}
}

/* m rows of all panels, over k tiles; there must be room for their pairs. */
static void
correlate_rows(size_t m, size_t k, const value *v, size_t v_step, const value *w, size_t w_apart, float *c,
    size_t c_apart, size_t columns, bool add, struct tile_soon soon)
{
	pair of_v[PAIRS], of_w[DEPTH / 2 * PANEL];

	pair_rows(m, k, v, v_step, of_v);
	for (size_t n = 0; n < columns; n += PANEL, w += w_apart, c += c_apart, soon.at[0] += c_apart * sizeof *c) {
		struct tile_soon stand = soon;
		for (size_t j = 0; j < PANEL; j += LANES)
			pair_lines(k, w + j, PANEL, of_w + j, PANEL);
		if (columns - n > LANES)
			correlate_panel(2, m, (k + 1) / 2, of_v, of_w, c, add, &stand);
		else
			correlate_panel(1, m, (k + 1) / 2, of_v, of_w, c, add, &stand);
	}
}

static void
correlate(size_t m, size_t k, const void *v, size_t v_step, const void *w, size_t w_apart, float *c, size_t c_apart,
    size_t columns, bool add, const struct tile_soon *soon)
{
	/*
	 * There is room for so many rows, and they make no more blocks than m / ROWS rounded up, for which there is
	 * room for pairs.
	 */
	m = (m + LEAST_ROWS - 1) / LEAST_ROWS * LEAST_ROWS;
	for (size_t from = 0; from < k; from += DEPTH) {
		const size_t some = k - from < DEPTH ? k - from : DEPTH;
		const size_t most = PAIRS / ((some + 1) / 2 * LANES) * ROWS; /* rows for whose pairs there is room */
		const value *of_v = (const value *)v + from * v_step, *of_w = (const value *)w + from * PANEL;
		struct tile_soon rest = *soon;
		for (size_t i = 0; i < m; i += most, rest.at[0] += most * PANEL * sizeof *c)
			correlate_rows(m - i < most ? m - i : most, some, of_v + i, v_step, of_w, w_apart,
			    c + i * PANEL, c_apart, columns, add || from > 0, rest);
	}
}

#else

static void
multiply(size_t m, size_t k, const void *v, size_t v_step, const void *u, float *c, size_t row_c, size_t columns,
    const struct tile_soon *soon)
{
	gemm(m, k, v, v_step, 1, u, c, row_c, columns, false, soon);
}

static void
correlate(size_t m, size_t k, const void *v, size_t v_step, const void *w, size_t w_apart, float *c, size_t c_apart,
    size_t columns, bool add, const struct tile_soon *soon)
{
	const value *panel = w;
	struct tile_soon next = *soon;

	for (size_t n = 0; n < columns; n += PANEL, panel += w_apart, c += c_apart, next.at[0] += c_apart * sizeof *c)
		gemm(m, k, v, 1, v_step, panel, c, PANEL, columns - n, add, &next);
}

#endif

const struct tile_kernels VARIANT(tiles) = {
	.lanes = LANES,
	.panel = PANEL,
	.value = sizeof(value),
	.maps = VARIANT(maps),
	.weights = VARIANT(weights),
	.gemm = gemm,
	.multiply = multiply,
	.correlate = correlate,
};
