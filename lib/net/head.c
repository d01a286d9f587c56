/* The head of a network (evidence.h): where it begins, and how gradients go back through it. */
#include "net/evidence.h"
#include "net/operation.h"

#include <stdlib.h>

/* Whether an operation mixes positions, but not channels. */
static bool
pools(const struct operation *op)
{
	return op == &net_op_avgpool || op == &net_op_adaptive;
}

/*
 * Walk back from the logits, through affine operations, to the earliest one that mixes positions. What is done before
 * that, to each position alone, belongs to the map: so a normalisation's shift counts for each position, and no fused
 * pass is split.
 */
int
net_find_head(const struct myo_net *net, struct head *out, struct myo_err *err)
{
	struct head head = { -1, -1 };
	int at = net->output;

	if (myo_net_finished(net, err) != MYO_OK)
		return MYO_FAIL;
	for (; at > 0 && net->nodes[at].op->transpose != NULL; at = net->nodes[at].input[0]) {
		const struct node *node = &net->nodes[at];
		/* Shares are the same for all channels, so that between poolings only a scale may stand. */
		if (head.grid >= 0 && !pools(node->op) && node->op != &net_op_scale)
			break;
		if (pools(node->op) && head.grid < 0)
			head.grid = at;
		if (pools(node->op) || node->op == &net_op_flatten)
			head.map = node->input[0];
	}
	if (head.map < 0)
		return myo_fail(err,
		    "evidence wants nothing but average pooling, flattening and linear layers between a feature map and "
		    "the logits, not '%s' (%s)", net->nodes[at].name, net->nodes[at].op->name);
	if (head.grid < 0)
		head.grid = head.map;
	*out = head;
	return MYO_OK;
}

int
net_check_map(struct myo_shape map, int height, int width, struct myo_err *err)
{
	if (net_pixels(map) > 1)
		return MYO_OK;
	return myo_fail(err, "evidence wants a feature map of more than one position, and %dx%d pixels leave 1x1",
	    height, width);
}

int
myo_net_has_evidence(const struct myo_net *net, struct myo_err *err)
{
	struct head head;

	return net_find_head(net, &head, err);
}

int
myo_net_evidence_shape(const struct myo_net *net, int height, int width, struct myo_shape *out, struct myo_err *err)
{
	struct head head;
	struct myo_shape *shapes = myo_calloc(net->node_count, sizeof *shapes, err);

	int rc = shapes != NULL ? net_find_head(net, &head, err) : MYO_FAIL;
	if (rc == MYO_OK)
		rc = net_shapes(net, height, width, shapes, err);
	if (rc == MYO_OK)
		rc = net_check_map(shapes[head.map], height, width, err);
	if (rc == MYO_OK)
		*out = (struct myo_shape){ shapes[head.map].height, shapes[head.map].width, net->classes };
	free(shapes);
	return rc;
}

/* ---- gradients -------------------------------------------------------------------------------- */

static int
make_step(struct descent *d, int at, bool flat, const struct myo_plan *of, struct myo_err *err)
{
	const struct node *node = &d->plan.net->nodes[at];
	struct step *step = &d->steps[d->count++];

	*step = (struct step){ .node = node, .plan = &d->plan, .inputs = 1, .output = at,
		.in = of->values[node->input[0]].shape, .out = of->values[at].shape };
	if (flat)
		step->in.channels = step->out.channels = 1;
	return node->op->plan != NULL ? node->op->plan(step, err) : MYO_OK;
}

static int
allocate(struct descent *d, size_t elements, struct myo_err *err)
{
	size_t floats, bytes = 0;

	for (size_t i = 0; i < d->count; i++)
		bytes = net_larger(bytes, d->steps[i].need.forward);
	if (!myo_mul(d->plan.rows, elements, &floats))
		return myo_fail_memory(err, SIZE_MAX);
	for (int i = 0; i < 2; i++) {
		d->gradients[i] = myo_calloc_aligned(floats, sizeof(float), err);
		if (d->gradients[i] == NULL)
			return MYO_FAIL;
	}
	d->bytes = 2 * floats * sizeof(float) + bytes;
	d->lines = myo_calloc_aligned(bytes + 1, 1, err);
	if (d->lines == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < d->count; i++)
		d->steps[i].forward = d->lines;
	return MYO_OK;
}

int
net_descent_init(struct descent *d, const struct myo_plan *plan, size_t rows, int from, int to, bool flat,
    struct myo_err *err)
{
	size_t elements = flat ? net_pixels(plan->values[from].shape) : net_elements(plan->values[from].shape);

	*d = (struct descent){ .plan = { .net = plan->net, .mode = MYO_PREDICT, .batch = rows, .rows = rows,
		.pool = plan->pool, .kernels = plan->kernels } };
	d->steps = myo_calloc((size_t)(from - to) + 1, sizeof *d->steps, err);
	if (d->steps == NULL)
		return MYO_FAIL;
	for (int at = from; at > to; at = plan->net->nodes[at].input[0]) {
		if (make_step(d, at, flat, plan, err) != MYO_OK)
			return MYO_FAIL;
		const struct myo_shape in = d->steps[d->count - 1].in;
		elements = net_larger(elements, net_elements(in));
	}
	return allocate(d, elements, err);
}

void
net_descent_clear(struct descent *d)
{
	free(d->lines);
	free(d->gradients[1]);
	free(d->gradients[0]);
	free(d->steps);
	*d = (struct descent){ .steps = NULL };
}

/* What the constants that a step adds to each pixel's channels contribute to the logits. */
static void
add_constant(const struct step *step, double *constant)
{
	const size_t channels = (size_t)step->out.channels, pixels = net_pixels(step->out);

	for (size_t c = 0; c < channels; c++) {
		const double b = step->node->op->constant(step->node, c);
		for (size_t n = 0; n < step->plan->rows; n++)
			for (size_t p = 0; p < pixels; p++)
				constant[n] += b * (double)step->dy[(n * pixels + p) * channels + c];
	}
}

const float *
net_descend(struct descent *d, double *constant)
{
	float *dy = d->gradients[0], *dx = d->gradients[1];

	for (size_t i = 0; i < d->count; i++) {
		struct step *step = &d->steps[i];
		float *const made = dx;
		step->dy = dy;
		step->dx[0] = dx;
		if (constant != NULL && step->node->op->constant != NULL)
			add_constant(step, constant);
		step->node->op->transpose(step);
		dx = dy;
		dy = made;
	}
	return dy;
}
