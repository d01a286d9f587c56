/* Running a plan: forward, backward, and how long it took. */
#include "net/operation.h"
#include "net/plan.h"

#include <string.h>

static void
call(struct step *step, enum pass pass, void (*function)(struct step *step))
{
	if (!step->plan->profile) {
		function(step);
		return;
	}
	const double start = myo_now();
	function(step);
	step->seconds[pass] += myo_now() - start;
	step->calls[pass]++;
	step->rows[pass] += (double)step->plan->rows;
}

void
myo_plan_forward(struct myo_plan *plan, size_t rows)
{
	plan->rows = rows < plan->batch ? rows : plan->batch;
	for (size_t i = 0; i < plan->step_count; i++)
		call(&plan->steps[i], PASS_FORWARD, plan->steps[i].node->op->forward);
	if (plan->mode == MYO_TRAIN) /* running statistics are new */
		myo_net_changed(plan->net);
}

static bool
wanted(const struct myo_plan *plan, int node)
{
	return plan->values[node].trains || plan->want_input;
}

/* Operations may have computed gradients of frozen weights along with others. */
static void
clear_frozen(struct myo_net *net)
{
	for (size_t i = 0; i < net->parameter_count; i++) {
		const struct myo_weight *w = &net->parameters[i]->weight;
		if (w->frozen && w->gradient != NULL)
			memset(w->gradient, 0, w->elements * sizeof *w->gradient);
	}
}

void
myo_plan_backward(struct myo_plan *plan)
{
	myo_net_changed(plan->net); /* a step of an optimiser is to follow */
	for (size_t i = plan->step_count; i-- > 0;) {
		struct step *step = &plan->steps[i];
		const struct operation *op = step->node->op;

		if (!wanted(plan, step->output))
			continue;
		for (int k = 0; k < step->inputs; k++)
			step->dx[k] = wanted(plan, step->input[k]) ? plan->values[step->input[k]].grad : NULL;
		if (op->backward_weights != NULL)
			call(step, PASS_WEIGHTS, op->backward_weights);
		if (step->dx[0] != NULL || op->backward_weights == NULL)
			call(step, PASS_BACKWARD, op->backward);
	}
	clear_frozen(plan->net);
}

void
myo_plan_profile(struct myo_plan *plan, bool on)
{
	plan->profile = on;
}

bool
myo_plan_profile_row(const struct myo_plan *plan, size_t index, struct myo_profile *out)
{
	static const char *const passes[PASSES] = { "forward", "backward", "backward weights" };

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		for (int pass = 0; pass < PASSES; pass++) {
			if (step->calls[pass] == 0 || index-- > 0)
				continue;
			/* The pass of frozen weights has no multiply-accumulates of its own. */
			const struct myo_weight *w = step->node->weight[0];
			const bool idle = pass == PASS_WEIGHTS && w != NULL && w->frozen; /* except for a bias */
			*out = (struct myo_profile){ step->node->name, step->node->op->name, passes[pass],
				step->calls[pass], step->seconds[pass], idle ? 0 : step->macs * step->rows[pass] };
			return true;
		}
	}
	return false;
}
