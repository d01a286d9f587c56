/*
 * Matrix products. With AVX2 and AVX-512 they are made of the same blocks as Winograd's
 * (tiles.h): OpenBLAS is slow on the narrow matrices of a network, and on a processor younger
 * than itself it falls back to code for one twenty years old. Elsewhere OpenBLAS knows the
 * machine better than we do. Threads are ours: OpenBLAS would split a product by the number of
 * its threads, which changes the bits, and its pool would compete with ours.
 */
#include "net/gemm.h"

#include <cblas.h>
#include <string.h>

int
net_gemm_prepare(struct myo_err *err)
{
	openblas_set_num_threads(1);
	/* Some builds ignore the call. */
	if (openblas_get_num_threads() != 1)
		return myo_fail(err, "OpenBLAS insists on %d threads of its own (set OPENBLAS_NUM_THREADS=1)",
		    openblas_get_num_threads());
	return MYO_OK;
}

/*
 * DEPTH: as much of k as lets a panel of B stay in the first-level cache. STEP: rows that the
 * blocks round up to. LINES: rows of C at a time where they go through a buffer.
 */
enum { DEPTH = 256, STEP = 4, LINES = 48 };

/* Nothing to fetch. */
static const struct tile_soon nothing;

/* One panel of B, `depth` of k: the columns of C that it makes. */
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

/* Rows of C by way of a buffer: where whole blocks would reach beyond its columns. */
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

/* The last rows, fewer than a block has: on copies with whole blocks. */
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
multiply(
    const struct panel *panel, size_t m, const float *a, size_t row_a, size_t column_a, float *c, size_t ldc)
{
	const size_t whole = m / STEP * STEP;

	if (panel->columns % panel->tiles->lanes == 0)
		panel->tiles->gemm(
		    whole, panel->depth, a, row_a, column_a, panel->b, c, ldc, panel->columns, panel->add, &nothing);
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
	struct panel panel = { .tiles = tiles };

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

static void
multiply_panels(const struct tile_kernels *tiles, const struct panels_product *p)
{
	const size_t panels = (p->n + tiles->panel - 1) / tiles->panel, depth = panels_depth(p->k);
	const size_t turns = panels * p->k * ((p->m + 11) / 12);
	struct tile_soon soon = p->soon;

	for (int i = 0; i < 2; i++)
		soon.step[i] = p->soon.step[i] > 0 ? p->soon.step[i] / turns + 1 : 0;
	for (size_t panel = 0; panel < panels; panel++) {
		const size_t columns = p->n - panel * tiles->panel;
		for (size_t from = 0; from < p->k; from += depth) {
			const size_t some = p->k - from < depth ? p->k - from : depth;
			tiles->gemm(p->m, some, p->a + from * p->column_a, p->row_a, p->column_a,
			    p->b + (panel * p->k + from) * tiles->panel, p->c + panel * p->panel_c, p->row_c,
			    columns, p->add || from > 0, &soon);
			for (int i = 0; i < 2; i++)
				soon.at[i] += soon.step[i] * some * ((p->m + 11) / 12);
		}
	}
}

void
net_gemm_panels(const struct kernels *kernels, const struct panels_product *p)
{
	if (kernels->own_gemm)
		multiply_panels(kernels->tiles, p);
	else if (p->column_a == 1 && p->row_a >= p->k)
		net_gemm(kernels, GEMM_PLAIN, GEMM_PLAIN, p->m, p->n, p->k, p->a, p->row_a, p->b, p->n, p->add,
		    p->c, p->row_c);
	else
		net_gemm(kernels, GEMM_TRANSPOSED, GEMM_PLAIN, p->m, p->n, p->k, p->a, p->column_a, p->b, p->n,
		    p->add, p->c, p->row_c);
}
