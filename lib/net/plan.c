/* Planning: shapes, steps, lifetimes, memory. */
#include "net/plan.h"

#include "net/evidence.h"
#include "net/gemm.h"
#include "net/operation.h"

#include <limits.h>
#include <stdlib.h>

/* The times at which steps run (plan.h). */
static int
forward_time(const struct myo_plan *plan, size_t step)
{
	(void)plan;
	return (int)step;
}

static int
loss_time(const struct myo_plan *plan)
{
	return (int)plan->step_count;
}

static int
backward_time(const struct myo_plan *plan, size_t step)
{
	return (int)(2 * plan->step_count - step);
}

static int
end_of_time(const struct myo_plan *plan)
{
	return (int)(2 * plan->step_count + 1);
}

static void
extend(struct value *value, int time)
{
	if (time > value->last)
		value->last = time;
}

/* Which values have a gradient, and which steps add to it instead of setting it. */
static void
plan_gradients(struct myo_plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		struct step *step = &plan->steps[i];
		bool trains = false;
		for (int k = 0; k < NET_NODE_WEIGHTS; k++) {
			const struct myo_weight *w = step->node->weight[k];
			trains |= w != NULL && w->gradient != NULL && !w->frozen;
		}
		for (int k = 0; k < step->inputs; k++)
			trains |= plan->values[step->input[k]].trains;
		plan->values[step->output].trains = trains;
	}
	/* The last reader in the forward pass comes first in the backward pass, and sets the gradient; others add. */
	for (size_t i = plan->step_count; i-- > 0;) {
		struct step *step = &plan->steps[i];
		for (int k = 0; k < step->inputs; k++) {
			struct value *value = &plan->values[step->input[k]];
			step->add[k] = value->grad_first >= 0;
			if (value->grad_first < 0)
				value->grad_first = backward_time(plan, i);
		}
	}
	plan->values[plan->net->output].grad_first = loss_time(plan);
}

/*
 * A residual addition passes its own gradient, which no later step reads, on to its shortcut: where the shortcut
 * has no gradient yet, the two share their memory.
 */
static void
share_gradients(struct myo_plan *plan)
{
	for (size_t i = 0; i < plan->net->node_count; i++) {
		plan->values[i].grad_of = (int)i;
		plan->values[i].grad_start = plan->values[i].grad_first;
	}
	for (size_t i = plan->step_count; i-- > 0;) {
		const struct step *step = &plan->steps[i];
		struct value *y = &plan->values[step->output];
		if (!step->tail.add || step->add[1] || y->grad_first < 0)
			continue;
		y->grad_of = step->input[1];
		plan->values[y->grad_of].grad_start = y->grad_start;
	}
}

static void
plan_lifetimes(struct myo_plan *plan)
{
	const bool back = plan->mode == MYO_TRAIN && !plan->forward_only;

	for (size_t i = 0; i < plan->net->node_count; i++) {
		plan->values[i].first = plan->values[i].last = -1;
		plan->values[i].grad_first = -1;
	}
	/* The caller may write the input and read the logits at any time. */
	plan->values[0].first = 0;
	plan->values[0].last = end_of_time(plan);
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		struct value *y = &plan->values[step->output];
		y->first = forward_time(plan, i);
		extend(y, y->first);
		for (int k = 0; k < step->inputs; k++)
			extend(&plan->values[step->input[k]], forward_time(plan, i));
		if (step->view != NULL)
			extend(&plan->values[step->view->input[0]], forward_time(plan, i));
		if (back && step->need.x)
			extend(&plan->values[step->input[0]], backward_time(plan, i));
		if (back && step->need.y)
			extend(y, backward_time(plan, i));
	}
	plan->values[plan->net->output].last = end_of_time(plan);
	/* The map is the result of a step, since nothing that averages or flattens is fused. */
	if (plan->evidence != NULL)
		plan->values[plan->evidence->head.map].last = end_of_time(plan);
	if (back) {
		plan_gradients(plan);
		share_gradients(plan);
	}
}

/* Let convolutions apply the normalisations that only they read. */
static void
plan_views(struct myo_plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		struct step *reader = &plan->steps[i], *norm = plan->values[reader->input[0]].maker;
		int readers = 0;

		if (norm == NULL || norm->node->op != &net_op_batchnorm || norm->tail.add || norm->tail.pool ||
		    norm->output == plan->net->output || reader->node->op->views == NULL ||
		    !reader->node->op->views(reader))
			continue;
		for (size_t k = 0; k < plan->step_count; k++)
			for (int input = 0; input < plan->steps[k].inputs; input++)
				readers += plan->steps[k].input[input] == norm->output;
		if (readers != 1)
			continue;
		reader->view = norm;
		norm->viewer = reader;
	}
}

static int
ask_values(struct myo_plan *plan, struct myo_err *err)
{
	for (size_t i = 0; i < plan->net->node_count; i++) {
		struct value *value = &plan->values[i];
		size_t bytes;

		if (value->first < 0)
			continue;
		if (!myo_mul(plan->batch, net_elements(value->shape) * sizeof(float), &bytes))
			return myo_fail_memory(err, SIZE_MAX);
		const bool viewed = value->maker != NULL && value->maker->viewer != NULL;
		if (net_arena_ask(&plan->arena, viewed ? 0 : bytes, value->first, value->last, &value->at, err) !=
		    MYO_OK)
			return MYO_FAIL;
		if (value->grad_first < 0)
			continue;
		if (value->grad_of != (int)i) { /* an earlier value, whose request is made already */
			value->grad_at = plan->values[value->grad_of].grad_at;
			continue;
		}
		/* A gradient is last read in the backward pass of the value's maker; the input's, by the caller. */
		const int last = i == 0 ? end_of_time(plan) : 2 * loss_time(plan) - value->first;
		if (net_arena_ask(&plan->arena, bytes, value->grad_start, last, &value->grad_at, err) !=
		    MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
ask_steps(struct myo_plan *plan, struct myo_err *err)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		struct step *step = &plan->steps[i];
		const int forward = forward_time(plan, i), backward = backward_time(plan, i);
		const bool back = !plan->forward_only;

		if (net_arena_ask(&plan->arena, step->need.forward, forward, forward, &step->at_forward,
			err) != MYO_OK ||
		    net_arena_ask(&plan->arena, back ? step->need.backward : 0, backward, backward,
			&step->at_backward, err) != MYO_OK ||
		    net_arena_ask(&plan->arena, step->need.keep, forward, backward, &step->at_keep, err) !=
			MYO_OK ||
		    net_arena_ask(
			&plan->arena, step->need.fixed, 0, end_of_time(plan), &step->at_fixed, err) != MYO_OK)
			return MYO_FAIL;
		if (step->moments_last > 0 && net_arena_ask(&plan->arena, step->need.moments, forward,
						  step->moments_last, &step->at_moments, err) != MYO_OK)
			return MYO_FAIL;
		if (step->viewer != NULL &&
		    net_arena_ask(&plan->arena, back ? step->need.sums : 0,
			backward_time(plan, (size_t)(step->viewer - plan->steps)), backward, &step->at_sums,
			err) != MYO_OK)
			return MYO_FAIL;
		if (step->need.scratch > plan->scratch_bytes)
			plan->scratch_bytes = step->need.scratch;
	}
	return MYO_OK;
}

static void *
at(const struct myo_plan *plan, size_t index)
{
	return plan->memory + plan->arena.buffers[index].offset;
}

static int
allocate(struct myo_plan *plan, struct myo_err *err)
{
	enum { LINE = 64 };
	const size_t threads = (size_t)myo_pool_threads(plan->pool);

	plan->scratch_bytes = (plan->scratch_bytes + LINE) / LINE * LINE;
	plan->memory = myo_calloc_aligned(plan->arena.bytes, 1, err);
	plan->scratch = myo_calloc_aligned(threads, plan->scratch_bytes, err);
	plan->losses = myo_calloc(plan->batch, sizeof *plan->losses, err);
	plan->hits = myo_calloc(plan->batch, 1, err);
	return plan->memory != NULL && plan->scratch != NULL && plan->losses != NULL && plan->hits != NULL
		   ? MYO_OK
		   : MYO_FAIL;
}

static void
put_in_place(struct myo_plan *plan)
{
	for (size_t i = 0; i < plan->net->node_count; i++) {
		struct value *value = &plan->values[i];
		if (value->first >= 0)
			value->data = at(plan, value->at);
		if (value->first >= 0 && value->grad_first >= 0)
			value->grad = at(plan, value->grad_at);
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		struct step *step = &plan->steps[i];
		for (int k = 0; k < step->inputs; k++)
			step->x[k] = plan->values[step->input[k]].data;
		if (step->view != NULL)
			step->x[0] = plan->values[step->view->input[0]].data;
		step->y = plan->values[step->output].data;
		step->dy = plan->values[step->output].grad;
		step->forward = at(plan, step->at_forward);
		step->backward = at(plan, step->at_backward);
		step->keep = at(plan, step->at_keep);
		step->fixed = at(plan, step->at_fixed);
		if (step->moments_last > 0)
			step->moments = at(plan, step->at_moments);
		if (step->viewer != NULL)
			step->sums = at(plan, step->at_sums);
	}
}

static int
plan_shapes(struct myo_plan *plan, struct myo_err *err)
{
	const struct myo_net *net = plan->net;
	struct myo_shape *shapes = myo_calloc(net->node_count, sizeof *shapes, err);

	plan->values = myo_calloc(net->node_count, sizeof *plan->values, err);
	if (shapes == NULL || plan->values == NULL ||
	    net_shapes(net, plan->height, plan->width, shapes, err) != MYO_OK) {
		free(shapes);
		return MYO_FAIL;
	}
	for (size_t i = 0; i < net->node_count; i++)
		plan->values[i].shape = shapes[i];
	free(shapes);
	return MYO_OK;
}

static int
make(struct myo_plan *plan, struct myo_err *err)
{
	const struct myo_net *net = plan->net;

	if (myo_net_finished(net, err) != MYO_OK)
		return MYO_FAIL;
	if (plan->batch < 1 || plan->batch > INT_MAX || plan->height < 1 || plan->width < 1)
		return myo_fail(err, "a plan for %zu rows of %dx%d is not possible", plan->batch,
		    plan->height, plan->width);
	if (net_choose_kernels(&plan->kernels, err) != MYO_OK ||
	    net_gemm_prepare(plan->kernels, err) != MYO_OK)
		return MYO_FAIL;
	if (plan->mode == MYO_TRAIN_BF16) {
		if (net_bf16_kernels(plan->kernels, &plan->bf16_kernels, err) != MYO_OK)
			return MYO_FAIL;
		plan->kernels = &plan->bf16_kernels;
		plan->mode = MYO_TRAIN; /* there is no other difference */
	}
	plan->forward_only = plan->mode == MYO_STATISTICS;
	if (plan->forward_only)
		plan->mode = MYO_TRAIN;
	if (plan_shapes(plan, err) != MYO_OK || net_plan_steps(plan, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->step_count; i++)
		plan->values[plan->steps[i].output].maker = &plan->steps[i];
	if (plan->mode == MYO_TRAIN)
		plan_views(plan);
	for (size_t i = 0; i < plan->step_count; i++) {
		struct step *step = &plan->steps[i];
		if (step->node->op->plan != NULL && step->node->op->plan(step, err) != MYO_OK)
			return MYO_FAIL;
	}
	if (plan->mode == MYO_EVIDENCE && net_evidence_new(plan, &plan->evidence, err) != MYO_OK)
		return MYO_FAIL;
	plan_lifetimes(plan);
	const struct myo_shape logits = plan->values[net->output].shape;
	if (net_elements(logits) != (size_t)net->classes)
		return myo_fail(err,
		    "%s: an input of %dx%d gives %dx%dx%d, not %d logits: this network was made for %dx%d",
		    net->nodes[net->output].name, plan->height, plan->width, logits.height, logits.width,
		    logits.channels, net->classes, net->input.height, net->input.width);
	if (ask_values(plan, err) != MYO_OK || ask_steps(plan, err) != MYO_OK ||
	    net_arena_place(&plan->arena, err) != MYO_OK || allocate(plan, err) != MYO_OK)
		return MYO_FAIL;
	put_in_place(plan);
	return MYO_OK;
}

int
myo_plan_new(struct myo_net *net, enum myo_mode mode, size_t batch, int height, int width,
    struct myo_pool *pool, struct myo_plan **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_plan *plan = myo_calloc(1, sizeof *plan, err);
	if (plan == NULL)
		return MYO_FAIL;
	plan->net = net;
	plan->mode = mode;
	plan->batch = batch;
	plan->height = height;
	plan->width = width;
	plan->pool = pool;
	if (make(plan, err) != MYO_OK) {
		myo_plan_free(plan);
		return MYO_FAIL;
	}
	*out = plan;
	return MYO_OK;
}

void
myo_plan_free(struct myo_plan *plan)
{
	if (plan == NULL)
		return;
	net_evidence_free(plan->evidence);
	free(plan->hits);
	free(plan->losses);
	free(plan->scratch);
	free(plan->memory);
	net_arena_clear(&plan->arena);
	free(plan->values);
	free(plan->steps);
	free(plan);
}

size_t
myo_plan_bytes(const struct myo_plan *plan)
{
	return plan->arena.bytes + (size_t)myo_pool_threads(plan->pool) * plan->scratch_bytes +
	       plan->batch * (sizeof *plan->losses + 1) + net_evidence_bytes(plan->evidence);
}

float *
myo_plan_input(struct myo_plan *plan)
{
	return plan->values[0].data;
}

const float *
myo_plan_logits(const struct myo_plan *plan)
{
	return plan->values[plan->net->output].data;
}

void
myo_plan_momentum(struct myo_plan *plan, double momentum)
{
	plan->momentum = momentum;
}

void
myo_plan_weigh(struct myo_plan *plan, double part)
{
	plan->lessening = 1 - part;
}

void
myo_plan_want_input_gradient(struct myo_plan *plan, bool want)
{
	plan->want_input = want;
}

const float *
myo_plan_input_gradient(const struct myo_plan *plan)
{
	return plan->values[0].grad;
}
