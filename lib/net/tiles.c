/* The product on packed panels, and the table of a variant. */
#include "net/vec.h"

/*
 * Rows of the product held in registers: with two vectors a row, and one for each of b's, they
 * fill the 32 registers of AVX-512 or the 16 of the others. FEW and LEAST rows take what is left
 * of a multiple of 4; few enough sums would wait for each other.
 */
enum { ROWS = LANES == 16 ? 12 : 6, FEW_ROWS = LANES == 16 ? 8 : 4, LEAST_ROWS = 4 };

/* rows x vectors of c in registers, all of k. rows and vectors are constants wherever this is inlined. */
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

const struct tile_kernels VARIANT(tiles) = {
	.lanes = LANES,
	.panel = PANEL,
	.maps = VARIANT(maps),
	.weights = VARIANT(weights),
	.gemm = gemm,
};
