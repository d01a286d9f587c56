/* The evidence of each position: its weights, and their products with the feature map. */
#include "net/evidence.h"

#include "net/gemm.h"
#include "net/operation.h"

#include <stdlib.h>
#include <string.h>

/* Positions of an item, and so the most rows of a cell's product. */
enum { BLOCK = 64 };

static size_t
channels_of(const struct evidence *e)
{
	return (size_t)e->map.channels;
}

static size_t
classes_of(const struct evidence *e)
{
	return e->descent.plan.rows;
}

/* ---- which position counts in which cell ------------------------------------------------------- */

static int
add_share(struct evidence *e, struct share share, struct myo_err *err)
{
	if (e->share_count == e->share_room) {
		const size_t room = e->share_room > 0 ? 2 * e->share_room : 256;
		struct share *shares = myo_realloc(e->shares, room, sizeof *shares, err);
		if (shares == NULL)
			return MYO_FAIL;
		e->shares = shares;
		e->share_room = room;
	}
	e->shares[e->share_count++] = share;
	return MYO_OK;
}

/* Send a unit gradient for each cell back through the poolings; without poolings each position is a cell. */
static int
find_shares(struct evidence *e, const struct myo_plan *plan, struct myo_err *err)
{
	const size_t cells = net_pixels(e->grid), positions = net_pixels(e->map);
	struct descent d;

	if (e->head.grid == e->head.map) {
		for (size_t p = 0; p < positions; p++)
			if (add_share(e, (struct share){ (uint32_t)p, (uint32_t)p, (float)positions }, err) != MYO_OK)
				return MYO_FAIL;
		return MYO_OK;
	}
	int rc = net_descent_init(&d, plan, 1, e->head.grid, e->head.map, true, err);
	for (size_t g = 0; rc == MYO_OK && g < cells; g++) {
		memset(d.gradients[0], 0, cells * sizeof *d.gradients[0]);
		d.gradients[0][g] = 1;
		const float *by = net_descend(&d, NULL); /* [positions] */
		for (size_t p = 0; rc == MYO_OK && p < positions; p++)
			if (by[p] != 0)
				rc = add_share(
				    e, (struct share){ (uint32_t)g, (uint32_t)p, by[p] * (float)positions }, err);
	}
	net_descent_clear(&d);
	return rc;
}

static int
by_block(const void *a, const void *b)
{
	const struct share *x = a, *y = b;
	const uint32_t of_x = x->position / BLOCK, of_y = y->position / BLOCK;

	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	if (x->cell != y->cell)
		return x->cell < y->cell ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

static int
sort_shares(struct evidence *e, struct myo_err *err)
{
	size_t i = 0;

	e->blocks = (net_pixels(e->map) + BLOCK - 1) / BLOCK;
	e->first = myo_calloc(e->blocks + 1, sizeof *e->first, err);
	if (e->first == NULL)
		return MYO_FAIL;
	if (e->share_count > 0) /* none if the head scales by 0 */
		qsort(e->shares, e->share_count, sizeof *e->shares, by_block);
	for (size_t b = 0; b < e->blocks; b++) {
		while (i < e->share_count && e->shares[i].position / BLOCK == b)
			i++;
		e->first[b + 1] = i;
	}
	return MYO_OK;
}

/* ---- the weights of a position ------------------------------------------------------------------- */

/* Compute weights and constant, unless the network's weights are unchanged since the last time. */
static void
derive(struct evidence *e, const struct myo_plan *plan)
{
	const size_t classes = classes_of(e), inputs = net_elements(e->grid);

	if (e->version == plan->net->version)
		return;
	memset(e->descent.gradients[0], 0, classes * classes * sizeof(float));
	for (size_t k = 0; k < classes; k++)
		e->descent.gradients[0][k * classes + k] = 1;
	memset(e->sums, 0, classes * sizeof *e->sums);
	const float *by = net_descend(&e->descent, e->sums); /* [classes, cells, channels] */
	for (size_t i = 0; i < inputs; i++)
		for (size_t k = 0; k < classes; k++)
			e->weights[i * classes + k] = by[k * inputs + i];
	for (size_t k = 0; k < classes; k++)
		e->constant[k] = (float)e->sums[k];
	e->version = plan->net->version;
}

/* ---- making it --------------------------------------------------------------------------------------- */

static int
make(struct evidence *e, struct myo_plan *plan, struct myo_err *err)
{
	const size_t classes = (size_t)plan->net->classes;
	size_t floats, scratch;

	if (net_find_head(plan->net, &e->head, err) != MYO_OK)
		return MYO_FAIL;
	e->map = plan->values[e->head.map].shape;
	e->grid = plan->values[e->head.grid].shape;
	if (net_check_map(e->map, plan->height, plan->width, err) != MYO_OK)
		return MYO_FAIL;
	if (!myo_mul(net_elements(e->grid), classes, &floats) ||
	    !myo_mul(BLOCK * sizeof(float), channels_of(e) + classes, &scratch))
		return myo_fail_memory(err, SIZE_MAX);
	e->weights = myo_calloc_aligned(floats, sizeof *e->weights, err);
	e->constant = myo_calloc_aligned(classes, sizeof *e->constant, err);
	e->sums = myo_calloc_aligned(classes, sizeof *e->sums, err);
	if (e->weights == NULL || e->constant == NULL || e->sums == NULL ||
	    net_descent_init(&e->descent, plan, classes, plan->net->output, e->head.grid, false, err) != MYO_OK ||
	    find_shares(e, plan, err) != MYO_OK || sort_shares(e, err) != MYO_OK)
		return MYO_FAIL;
	if (plan->scratch_bytes < scratch)
		plan->scratch_bytes = scratch;
	return MYO_OK;
}

int
net_evidence_new(struct myo_plan *plan, struct evidence **out, struct myo_err *err)
{
	struct evidence *e = myo_calloc(1, sizeof *e, err);

	*out = e;
	return e != NULL ? make(e, plan, err) : MYO_FAIL;
}

void
net_evidence_free(struct evidence *e)
{
	if (e == NULL)
		return;
	net_descent_clear(&e->descent);
	free(e->first);
	free(e->shares);
	free(e->sums);
	free(e->constant);
	free(e->weights);
	free(e);
}

size_t
net_evidence_bytes(const struct evidence *e)
{
	if (e == NULL)
		return 0;
	return (net_elements(e->grid) * sizeof(float) + sizeof(float) + sizeof(double)) * classes_of(e) +
	       e->descent.bytes + e->share_room * sizeof *e->shares + e->blocks * sizeof *e->first;
}

/* ---- the evidence of rows ------------------------------------------------------------------------------ */

/* For shares [from, to), all of one cell: add the products of their positions to the evidence. */
static void
add_cell(const struct myo_plan *plan, size_t from, size_t to, const float *map, float *out, float *scratch)
{
	const struct evidence *e = plan->evidence;
	const size_t channels = channels_of(e), classes = classes_of(e);
	float *products = scratch + BLOCK * channels; /* [to - from, classes] */

	for (size_t i = from; i < to; i++)
		memcpy(scratch + (i - from) * channels, map + e->shares[i].position * channels, channels * sizeof *map);
	net_gemm(plan->kernels, GEMM_PLAIN, GEMM_PLAIN, to - from, classes, channels, scratch, channels,
	    e->weights + e->shares[from].cell * channels * classes, classes, false, products, classes);
	for (size_t i = from; i < to; i++)
		plan->kernels->scale(products + (i - from) * classes, e->shares[i].weight,
		    out + e->shares[i].position * classes, classes, true);
}

/*
 * An item is a block of positions of one row. It calls the same products whatever the batch is, so that even
 * OpenBLAS gives the same bits.
 */
static void
evidence_item(void *context, size_t item, int thread)
{
	const struct myo_plan *plan = context;
	const struct evidence *e = plan->evidence;
	const size_t row = item / e->blocks, block = item % e->blocks, positions = net_pixels(e->map);
	const size_t classes = classes_of(e), end = e->first[block + 1];
	const float *map = plan->values[e->head.map].data + row * net_elements(e->map);
	float *out = e->out + row * positions * classes; /* [h, w, classes] */

	for (size_t p = block * BLOCK; p < positions && p < (block + 1) * BLOCK; p++)
		memcpy(out + p * classes, e->constant, classes * sizeof *out);
	for (size_t from = e->first[block], to; from < end; from = to) {
		for (to = from + 1; to < end && e->shares[to].cell == e->shares[from].cell; to++)
			;
		add_cell(plan, from, to, map, out,
		    (float *)(void *)(plan->scratch + (size_t)thread * plan->scratch_bytes));
	}
}

void
myo_plan_evidence(struct myo_plan *plan, float *evidence)
{
	derive(plan->evidence, plan);
	plan->evidence->out = evidence;
	myo_pool_run(plan->pool, plan->rows * plan->evidence->blocks, evidence_item, plan);
}
