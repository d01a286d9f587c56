/*
 * Muon: steps whose singular values are nearly equal, by products of matrices alone.
 *
 * The iteration of Newton and Schulz takes X, whose singular values s are at most 1, to a X + b (X X^T) X +
 * c (X X^T)^2 X, whose singular values are a s + b s^3 + c s^5. With Jordan's coefficients these don't converge to 1,
 * but five iterations bring all but the smallest into 0.7 to 1.2, as the polynomial is steep at 0. Tall matrices have
 * X^T X on the right instead.
 */
#include "train/optimiser.h"

#include <math.h>
#include <stdlib.h>

static const float degree1 = 3.4445F, degree3 = -4.7750F, degree5 = 2.0315F; /* coefficients of the polynomial */

/* Rows of a work item; with fewer, the product's other matrix would be packed too often. */
enum { ROWS = 64 };

bool
train_muon_takes(const struct myo_weight *weight)
{
	return weight->role == MYO_WEIGHT && weight->dims == 4 && !weight->frozen;
}

int
train_muon_add(struct muon *muon, struct myo_weight *weight, double rate, float *state, struct myo_err *err)
{
	struct matrix *matrices = myo_realloc(muon->matrices, muon->matrix_count + 1, sizeof *matrices, err);

	if (matrices == NULL)
		return MYO_FAIL;
	muon->matrices = matrices;
	matrices[muon->matrix_count++] = (struct matrix){ .weight = weight, .rows = weight->shape[0],
		.columns = weight->elements / weight->shape[0], .rate = rate, .momentum = state };
	return MYO_OK;
}

static size_t
side(const struct matrix *m)
{
	return m->rows < m->columns ? m->rows : m->columns;
}

static bool
wide(const struct matrix *m)
{
	return m->rows <= m->columns;
}

/* Divide of(matrix) rows of each matrix into blocks of ROWS. */
static int
make_blocks(const struct muon *muon, size_t (*of)(const struct matrix *), struct block **out, size_t *count,
    struct myo_err *err)
{
	size_t total = 0;

	for (size_t i = 0; i < muon->matrix_count; i++)
		total += (of(&muon->matrices[i]) + ROWS - 1) / ROWS;
	*out = myo_calloc(total, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	*count = 0;
	for (size_t i = 0; i < muon->matrix_count; i++) {
		const size_t rows = of(&muon->matrices[i]);
		for (size_t first = 0; first < rows; first += ROWS)
			(*out)[(*count)++] = (struct block){ i, first, rows - first < ROWS ? rows - first : ROWS };
	}
	return MYO_OK;
}

static size_t
rows_of(const struct matrix *m)
{
	return m->rows;
}

int
train_muon_prepare(struct muon *muon, struct myo_err *err)
{
	size_t room = 0;

	if (myo_kernels(&muon->kernels, err) != MYO_OK ||
	    make_blocks(muon, side, &muon->side_blocks, &muon->side_block_count, err) != MYO_OK ||
	    make_blocks(muon, rows_of, &muon->blocks, &muon->block_count, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < muon->matrix_count; i++) {
		const size_t least = side(&muon->matrices[i]);
		room += 2 * muon->matrices[i].weight->elements + 2 * least * least;
	}
	float *at = muon->memory = myo_calloc_aligned(room, sizeof *muon->memory, err);
	if (at == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < muon->matrix_count; i++) {
		struct matrix *m = &muon->matrices[i];
		m->x = at;
		m->next = m->x + m->weight->elements;
		m->gram = m->next + m->weight->elements;
		m->factor = m->gram + side(m) * side(m);
		at = m->factor + side(m) * side(m);
	}
	return MYO_OK;
}

void
train_muon_clear(struct muon *muon)
{
	free(muon->matrices);
	free(muon->side_blocks);
	free(muon->blocks);
	free(muon->memory);
	*muon = (struct muon){ 0 };
}

static double
norm(const float *x, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)x[i] * (double)x[i];
	return sqrt(sum);
}

/* Update the momentum; x becomes Nesterov's direction, scaled to Frobenius norm 1. */
static void
begin(void *context, size_t item, int thread)
{
	const struct muon *muon = context;
	struct matrix *m = &muon->matrices[item];
	const float *restrict gradient = m->weight->gradient;
	const float momentum = muon->momentum;
	const size_t count = m->weight->elements;

	(void)thread;
	for (size_t i = 0; i < count; i++) {
		m->momentum[i] = momentum * m->momentum[i] + gradient[i];
		m->x[i] = gradient[i] + momentum * m->momentum[i];
	}
	const float factor = (float)(1 / (norm(m->x, count) + 1e-7));
	for (size_t i = 0; i < count; i++)
		m->x[i] *= factor;
}

/* gram = x x^T, or x^T x of a tall matrix. */
static void
square(void *context, size_t item, int thread)
{
	const struct muon *muon = context;
	const struct block *at = &muon->side_blocks[item];
	const struct matrix *m = &muon->matrices[at->matrix];
	const size_t n = side(m);

	(void)thread;
	if (wide(m))
		myo_product(muon->kernels, false, true, at->count, n, m->columns, m->x + at->first * m->columns,
		    m->columns, m->x, m->columns, false, m->gram + at->first * n, n);
	else
		myo_product(muon->kernels, true, false, at->count, n, m->rows, m->x + at->first, m->columns, m->x,
		    m->columns, false, m->gram + at->first * n, n);
}

/* factor = degree1 I + degree3 A + degree5 A^2, A being the Gram matrix: times x it is the polynomial. */
static void
polynomial(void *context, size_t item, int thread)
{
	const struct muon *muon = context;
	const struct block *at = &muon->side_blocks[item];
	const struct matrix *m = &muon->matrices[at->matrix];
	const size_t n = side(m);

	(void)thread;
	myo_product(muon->kernels, false, false, at->count, n, n, m->gram + at->first * n, n, m->gram, n, false,
	    m->factor + at->first * n, n);
	for (size_t i = at->first; i < at->first + at->count; i++)
		for (size_t k = 0; k < n; k++)
			m->factor[i * n + k] =
			    degree3 * m->gram[i * n + k] + degree5 * m->factor[i * n + k] + (i == k ? degree1 : 0);
}

static void
multiply(void *context, size_t item, int thread)
{
	const struct muon *muon = context;
	const struct block *at = &muon->blocks[item];
	const struct matrix *m = &muon->matrices[at->matrix];
	float *to = m->next + at->first * m->columns;

	(void)thread;
	if (wide(m))
		myo_product(muon->kernels, false, false, at->count, m->columns, m->rows,
		    m->factor + at->first * m->rows, m->rows, m->x, m->columns, false, to, m->columns);
	else
		myo_product(muon->kernels, false, false, at->count, m->columns, m->columns,
		    m->x + at->first * m->columns, m->columns, m->factor, m->columns, false, to, m->columns);
}

/* Scale the weight to Frobenius norm sqrt(rows), as if each row had norm 1, and make the step. */
static void
finish(void *context, size_t item, int thread)
{
	const struct muon *muon = context;
	const struct matrix *m = &muon->matrices[item];
	float *restrict w = m->weight->value;
	const size_t count = m->weight->elements;
	const double length = norm(w, count);
	const float keep = length > 0 ? (float)(sqrt((double)m->rows) / length) : 1;
	const float rate = (float)((double)muon->rate * m->rate);

	(void)thread;
	if (!(m->rate > 0)) /* a rule has set its rate to 0: nor is it scaled */
		return;
	for (size_t i = 0; i < count; i++)
		w[i] = keep * w[i] - rate * m->x[i];
}

void
train_muon_step(struct muon *muon, double rate, double momentum, int iterations, struct myo_pool *pool)
{
	muon->rate = (float)rate;
	muon->momentum = (float)momentum;
	myo_pool_run(pool, muon->matrix_count, begin, muon);
	for (int i = 0; i < iterations; i++) {
		myo_pool_run(pool, muon->side_block_count, square, muon);
		myo_pool_run(pool, muon->side_block_count, polynomial, muon);
		myo_pool_run(pool, muon->block_count, multiply, muon);
		for (size_t k = 0; k < muon->matrix_count; k++) {
			float *x = muon->matrices[k].x;
			muon->matrices[k].x = muon->matrices[k].next;
			muon->matrices[k].next = x;
		}
	}
	myo_pool_run(pool, muon->matrix_count, finish, muon);
}
