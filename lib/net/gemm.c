/*
 * Matrix products. With AVX2 and AVX-512 they use the same inner loops as Winograd convolution
 * (tiles.h): OpenBLAS is slow on the narrow matrices of a network, and on a processor newer
 * than itself it falls back to code for twenty-year-old ones. Elsewhere OpenBLAS knows the
 * machine better than we do. It may use no threads: it would divide a product by their number,
 * which changes the bits, and its pool would compete with ours.
 */
#include "net/gemm.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

int
net_gemm_prepare(const struct kernels *kernels, struct myo_err *err)
{
	const char *threads = getenv("OMP_NUM_THREADS");

	openblas_set_num_threads(1);
	/* With OpenMP the call affects only the calling thread; on ours OpenBLAS would use all cores again. */
	if (!kernels->own_gemm && openblas_get_parallel() == OPENBLAS_OPENMP &&
	    (threads == NULL || strcmp(threads, "1") != 0))
		return myo_fail(err, "OpenBLAS was built with OpenMP, and would use threads of its own: set OMP_NUM_THREADS=1");
	/* Some builds ignore the call. */
	if (openblas_get_num_threads() != 1)
		return myo_fail(err, "OpenBLAS insists on %d threads of its own (set OPENBLAS_NUM_THREADS=1)",
		    openblas_get_num_threads());
	return MYO_OK;
}

/*
 * DEPTH: as much of k as lets a panel of B stay in the first-level cache. STEP: blocks round rows up to
 * a multiple of this. LINES: rows of C at a time that go through a buffer, where they must.
 */
enum { DEPTH = 256, STEP = 4, LINES = 48 };

/* Nothing to fetch. */
static const struct tile_soon nothing;

/* A panel of B, `depth` of k, and the columns of C that it contributes to. */
struct panel {
	const struct tile_kernels *tiles;
	size_t depth, columns;
	bool add;
	float b[DEPTH * PANEL_MAX];
};

static void
fill_panel(struct panel *panel, enum gemm_form form, const float *b, size_t ldb)
{
	float *to = panel->b;

	for (size_t k = 0; k < panel->depth; k++, to += panel->tiles->panel) {
		if (form == GEMM_PLAIN)
			memcpy(to, b + k * ldb, panel->columns * sizeof *to);
		else
			for (size_t n = 0; n < panel->columns; n++)
				to[n] = b[n * ldb + k];
	}
}

/* Compute rows of C by way of a buffer, where whole blocks would write beyond its columns. */
static void
multiply_narrow(
    const struct panel *panel, size_t m, const float *a, size_t row_a, size_t column_a, float *c, size_t ldc)
{
	float lines[LINES * PANEL_MAX];
	const size_t width = panel->tiles->panel;

	for (size_t i = 0; i < m; i += LINES) {
		const size_t rows = m - i < LINES ? m - i : LINES;
		for (size_t r = 0; panel->add && r < rows; r++)
			memcpy(lines + r * width, c + (i + r) * ldc, panel->columns * sizeof *c);
		panel->tiles->gemm(rows, panel->depth, a + i * row_a, row_a, column_a, panel->b, lines, width,
		    panel->columns, panel->add, &nothing);
		for (size_t r = 0; r < rows; r++)
			memcpy(c + (i + r) * ldc, lines + r * width, panel->columns * sizeof *c);
	}
}

/* The last rows, too few for a block: on copies that are whole blocks. */
static void
multiply_last(
    const struct panel *panel, size_t m, const float *a, size_t row_a, size_t column_a, float *c, size_t ldc)
{
	float few[STEP * DEPTH], lines[STEP * PANEL_MAX] = { 0 };
	const size_t width = panel->tiles->panel;

	for (size_t r = 0; r < STEP; r++)
		for (size_t k = 0; k < panel->depth; k++)
			few[r * DEPTH + k] = r < m ? a[r * row_a + k * column_a] : 0;
	for (size_t r = 0; panel->add && r < m; r++)
		memcpy(lines + r * width, c + r * ldc, panel->columns * sizeof *c);
	panel->tiles->gemm(
	    STEP, panel->depth, few, DEPTH, 1, panel->b, lines, width, panel->columns, panel->add, &nothing);
	for (size_t r = 0; r < m; r++)
		memcpy(c + r * ldc, lines + r * width, panel->columns * sizeof *c);
}

static void
multiply(const struct panel *panel, size_t m, const float *a, size_t row_a, size_t column_a, float *c, size_t ldc)
{
	const size_t whole = m / STEP * STEP;

	if (panel->columns % panel->tiles->lanes == 0)
		panel->tiles->gemm(whole, panel->depth, a, row_a, column_a, panel->b, c, ldc, panel->columns,
		    panel->add, &nothing);
	else
		multiply_narrow(panel, whole, a, row_a, column_a, c, ldc);
	if (whole < m)
		multiply_last(panel, m - whole, a + whole * row_a, row_a, column_a, c + whole * ldc, ldc);
}

static void
gemm_panels(const struct tile_kernels *tiles, enum gemm_form form_a, enum gemm_form form_b, size_t m,
    size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, bool add, float *c,
    size_t ldc)
{
	const size_t row_a = form_a == GEMM_PLAIN ? lda : 1, column_a = form_a == GEMM_PLAIN ? 1 : lda;
	const size_t row_b = form_b == GEMM_PLAIN ? ldb : 1, column_b = form_b == GEMM_PLAIN ? 1 : ldb;
	struct panel panel; /* not initialised: clearing its 32 KiB takes longer than a small product */

	panel.tiles = tiles;
	for (size_t row = 0; k == 0 && !add && row < m; row++)
		memset(c + row * ldc, 0, n * sizeof *c);
	for (size_t from = 0; from < k; from += DEPTH)
		for (size_t column = 0; column < n; column += tiles->panel) {
			panel.depth = k - from < DEPTH ? k - from : DEPTH;
			panel.columns = n - column < tiles->panel ? n - column : tiles->panel;
			panel.add = add || from > 0;
			fill_panel(&panel, form_b, b + from * row_b + column * column_b, ldb);
			multiply(&panel, m, a + from * column_a, row_a, column_a, c + column, ldc);
		}
}

void
net_gemm(const struct kernels *kernels, enum gemm_form form_a, enum gemm_form form_b, size_t m, size_t n,
    size_t k, const float *a, size_t lda, const float *b, size_t ldb, bool add, float *c, size_t ldc)
{
	if (kernels->own_gemm)
		gemm_panels(kernels->tiles, form_a, form_b, m, n, k, a, lda, b, ldb, add, c, ldc);
	else
		cblas_sgemm(CblasRowMajor, form_a == GEMM_PLAIN ? CblasNoTrans : CblasTrans,
		    form_b == GEMM_PLAIN ? CblasNoTrans : CblasTrans, (blasint)m, (blasint)n, (blasint)k,
		    1.0F, a, (blasint)lda, b, (blasint)ldb, add ? 1.0F : 0.0F, c, (blasint)ldc);
}

/* As much of k at a time as keeps a panel of B and its columns of C in the first-level cache. */
static size_t
panels_depth(size_t k)
{
	enum { MOST = 576 };
	const size_t turns = (k + MOST - 1) / MOST;

	return (k + turns - 1) / turns;
}

/* Turns of the inner loop with the widest vectors, which take the most rows at a time; others have more turns. */
static size_t
turns_of(size_t m, size_t k)
{
	enum { ROWS = 12 };

	return (m + ROWS - 1) / ROWS * k;
}

static void
multiply_piece(const struct tile_kernels *tiles, const struct panels_product *p, size_t panel, size_t piece,
    struct tile_soon *soon)
{
	const size_t k = p->k / p->pieces, depth = panels_depth(k);
	const float *b = p->b + (panel * p->k + piece * k) * tiles->panel;

	for (size_t from = 0; from < k; from += depth) {
		const size_t some = k - from < depth ? k - from : depth, turns = turns_of(p->m, some);
		tiles->gemm(p->m, some, p->a + piece * p->piece_a + from * p->column_a, p->row_a, p->column_a,
		    b + from * tiles->panel, p->c + panel * p->panel_c, p->row_c, p->n - panel * tiles->panel,
		    p->add || piece > 0 || from > 0, soon);
		for (int i = 0; i < 2; i++)
			soon->at[i] += soon->step[i] * turns;
	}
}

static void
multiply_panels(const struct tile_kernels *tiles, const struct panels_product *p)
{
	const size_t panels = (p->n + tiles->panel - 1) / tiles->panel, turns = panels * turns_of(p->m, p->k);
	struct tile_soon soon = p->soon;

	for (int i = 0; i < 2; i++)
		soon.step[i] = p->soon.step[i] > 0 ? p->soon.step[i] / turns + 1 : 0;
	for (size_t panel = 0; panel < panels; panel++)
		for (size_t piece = 0; piece < p->pieces; piece++)
			multiply_piece(tiles, p, panel, piece, &soon);
}

void
net_gemm_panels(const struct kernels *kernels, const struct panels_product *p)
{
	const bool plain = p->column_a == 1 && p->row_a >= p->k;
	const size_t k = p->k / p->pieces;

	if (kernels->own_gemm) {
		multiply_panels(kernels->tiles, p);
		return;
	}
	for (size_t piece = 0; piece < p->pieces; piece++)
		net_gemm(kernels, plain ? GEMM_PLAIN : GEMM_TRANSPOSED, GEMM_PLAIN, p->m, p->n, k,
		    p->a + piece * p->piece_a, plain ? p->row_a : p->column_a, p->b + piece * k * p->n, p->n,
		    p->add || piece > 0, p->c, p->row_c);
}
