/*
 * Gradients against finite differences of the loss, in single precision.
 *
 * Two kinds of tests for each tensor and for the input. Along the gradient itself the loss changes most, so its
 * slope is known best there, and a wrong factor shows; single elements show what that direction can't, above all an
 * element that was left at zero. Both try several step sizes, of which one must agree: a large one crosses kinks of
 * ReLU, a small one drowns in rounding.
 *
 * In a deep network a few points are so strongly curved that no step size will do. So tests that disagree are
 * repeated with other weights and other pixels: a wrong gradient is wrong everywhere.
 */
#include "net/net.h"
#include "plugin/contract.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS = 8,
	ELEMENTS = 4,
	INPUT_ELEMENTS = 48,
	MAX_TENSORS = 48,
	MAX_STEPS = 10,
	ROUNDS = 3,
	NOISE_SAMPLES = 4,
	GROSS = 10
};
enum { MAX_TESTS = 1 + INPUT_ELEMENTS + (MAX_TENSORS + 2) * (1 + ELEMENTS) };

/* Networks of more than LARGE parameters take a tenth of a second or more for one loss, so they get fewer tests. */
enum { LARGE = 4000000, LARGE_TENSORS = 10, LARGE_INPUT_ELEMENTS = 16 };

static const double relative = 0.03; /* tolerance, relative to the expected slope */

/* What the loss is differentiated by: a tensor's values, or the input (value NULL). */
struct variable {
	const char *name;
	float *value;
	const float *gradient; /* as backward computed it */
	const float *start;    /* the values that the gradient belongs to */
	size_t elements;
	double scale; /* root mean square of the values, or a substitute where they are about zero */
};

struct probe {
	const struct contract *contract;
	const struct subject *subject;
	float *input; /* a copy, since a pass may use the plan's input as scratch */
	double loss, noise;
	struct suspects *suspects;
};

/* The tests that disagreed in every round so far. Tests have the same numbers in each round, in their order. */
struct suspects {
	int round;
	size_t test;  /* number of the next one */
	size_t tests; /* that disagreed in this round */
	size_t clear; /* that agreed, with rounding small enough for that to mean something; of all rounds */
	bool disagrees[MAX_TESTS];
	struct myo_err first; /* the first that disagreed in this round */
};

/* Whether the next test is to be done in this round; if not, it is passed over. */
static bool
is_wanted(struct suspects *suspects)
{
	if (suspects->round == 0 || suspects->disagrees[suspects->test])
		return true;
	suspects->test++;
	return false;
}

/* Note the outcome of a test; text: what to say if it disagrees. */
static void
note(struct suspects *suspects, bool agrees, const struct myo_err *text)
{
	suspects->disagrees[suspects->test++] = !agrees;
	if (!agrees && suspects->tests++ == 0)
		suspects->first = *text;
}

static double
norm(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sqrt(sum);
}

static size_t
input_elements(const struct probe *probe)
{
	const struct myo_shape shape = probe->contract->shape;

	return probe->subject->rows * (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

/* The loss at start + step * direction; direction NULL: the unit vector of `element`. */
static double
loss_at(const struct probe *probe, const struct variable *v, const float *direction, size_t element, double step)
{
	const bool is_input = v->value == NULL;
	float *to = is_input ? myo_plan_input(probe->subject->plan) : v->value;

	if (!is_input)
		memcpy(myo_plan_input(probe->subject->plan), probe->input,
		    input_elements(probe) * sizeof(float));
	memcpy(to, v->start, v->elements * sizeof *to);
	if (direction == NULL)
		to[element] = (float)((double)v->start[element] + step);
	else
		for (size_t i = 0; i < v->elements; i++)
			to[i] = (float)((double)v->start[i] + step * (double)direction[i]);
	const double loss = myo_subject_loss(probe->subject);
	if (!is_input)
		memcpy(v->value, v->start, v->elements * sizeof *v->value);
	return loss;
}

/*
 * How much of the loss is rounding: the most it moves when each pixel moves by half a unit in
 * the last place. Batch normalisation of a channel that is nearly constant magnifies that.
 */
static double
measure_noise(const struct probe *probe)
{
	float *input = myo_plan_input(probe->subject->plan);
	double noise = 4e-6 * fmax(1, probe->loss); /* rounding of sums in single precision, in any case */

	for (uint64_t i = 0; i < NOISE_SAMPLES; i++) {
		struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, 3, i);
		for (size_t j = 0; j < input_elements(probe); j++)
			input[j] =
			    probe->input[j] * (1 + (myo_rng_u32(&rng) & 1 ? FLT_EPSILON : -FLT_EPSILON));
		noise = fmax(noise, fabs(myo_subject_loss(probe->subject) - probe->loss));
	}
	return noise;
}

/*
 * Whether the slope in a direction agrees with the expected one, for one of the step sizes from
 * `step` down. size: the typical size of slopes here; once rounding could hide a quarter of that, only
 * gross errors show, and smaller steps say nothing. If none agrees, *slope is the closest.
 *
 * Where ReLU or a maximum has a kink at the point itself, the gradient is one of the two
 * one-sided slopes, and the central difference lies between them: any of the three will do.
 */
static bool
slope_agrees(const struct probe *probe, const struct variable *v, const float *direction, size_t element,
    double step, double expected, double size, double *slope)
{
	const bool clear = probe->noise / step < size / 4;
	double closest = INFINITY;

	for (int i = 0; i < MAX_STEPS && (i == 0 || probe->noise / step < size / 4); i++, step /= 4) {
		const double up = (loss_at(probe, v, direction, element, step) - probe->loss) / step;
		const double down = (probe->loss - loss_at(probe, v, direction, element, -step)) / step;
		const double found[3] = { (up + down) / 2, up, down };
		for (size_t j = 0; j < MYO_COUNT(found); j++) {
			const double miss = fabs(found[j] - expected);
			if (miss <= relative * size + (clear ? 1 : GROSS) * probe->noise / step) {
				probe->suspects->clear += clear;
				return true;
			}
			if (miss < closest) {
				closest = miss;
				*slope = found[j];
			}
		}
	}
	return false;
}

static int
check_along_gradient(const struct probe *probe, const struct variable *v, struct myo_err *err)
{
	const double length = norm(v->gradient, v->elements);
	double slope = 0;

	if (!is_wanted(probe->suspects))
		return MYO_OK;
	float *direction = myo_calloc(v->elements, sizeof *direction, err);
	if (direction == NULL)
		return MYO_FAIL;
	struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, 1, v->elements);
	for (size_t i = 0; i < v->elements; i++)
		direction[i] = length > 0 ? (float)((double)v->gradient[i] / length)
					  : (float)(myo_rng_normal(&rng) / sqrt((double)v->elements));

	/* A step that changes the loss by about a fiftieth, or the values by a tenth, whichever is less. */
	double step = 0.1 * v->scale * sqrt((double)v->elements);
	if (length > 0)
		step = fmin(step, 0.02 * fmax(1, probe->loss) / length);
	const bool agrees = slope_agrees(probe, v, direction, 0, step, length, length, &slope);
	free(direction);
	(void)myo_fail(err, "%s: along its gradient the loss changes by %.4g, not %.4g", v->name, slope, length);
	note(probe->suspects, agrees, err);
	return MYO_OK;
}

static void
check_elements(const struct probe *probe, const struct variable *v, size_t count)
{
	const double typical = norm(v->gradient, v->elements) / sqrt((double)v->elements);
	struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, 2, v->elements);

	for (size_t i = 0; i < count; i++) {
		const size_t element = myo_rng_below(&rng, (uint32_t)v->elements);
		const double expected = (double)v->gradient[element];
		const double size = fmax(fabs(expected), typical);
		struct myo_err text = MYO_ERR_INIT;
		double slope = 0;
		if (!is_wanted(probe->suspects))
			continue;
		const bool agrees =
		    slope_agrees(probe, v, NULL, element, 0.2 * v->scale, expected, size, &slope);
		(void)myo_fail(&text, "%s, element %zu: the loss changes by %.4g, the gradient says %.4g",
		    v->name, element, slope, expected);
		note(probe->suspects, agrees, &text);
	}
}

static int
check_variable(const struct probe *probe, struct variable *v, size_t elements, struct myo_err *err)
{
	for (size_t i = 0; i < v->elements; i++)
		if (!isfinite(v->gradient[i]))
			return myo_fail(err, "%s: its gradient is not finite", v->name);
	v->scale = norm(v->start, v->elements) / sqrt((double)v->elements);
	if (v->scale < 1e-3)
		v->scale = 0.1; /* such as a bias, which starts at zero */
	if (check_along_gradient(probe, v, err) != MYO_OK)
		return MYO_FAIL;
	check_elements(probe, v, elements);
	return MYO_OK;
}

static float *
copy_floats(const float *from, size_t count, struct myo_err *err)
{
	float *copy = myo_calloc(count, sizeof *copy, err);

	if (copy != NULL)
		memcpy(copy, from, count * sizeof *copy);
	return copy;
}

/* The input, then tensors spread evenly over the network. Tests only run forward, so the gradients stay. */
static int
check_all(struct probe *probe, struct myo_err *err)
{
	struct myo_net *net = probe->subject->net;
	const bool large = myo_net_parameters(net) > LARGE;
	const size_t tensors = myo_net_weights(net);
	const size_t every = tensors / (large ? LARGE_TENSORS : MAX_TENSORS) + 1;

	float *gradient =
	    copy_floats(myo_plan_input_gradient(probe->subject->plan), input_elements(probe), err);
	if (gradient == NULL)
		return MYO_FAIL;
	probe->noise = measure_noise(probe);
	struct variable input = { "the input", NULL, gradient, probe->input, input_elements(probe), 0 };
	int rc = check_variable(probe, &input, large ? LARGE_INPUT_ELEMENTS : INPUT_ELEMENTS, err);
	free(gradient);

	for (size_t i = 0; rc == MYO_OK && i < tensors; i++) {
		struct myo_weight *weight = myo_net_weight(net, i);
		if (weight->role == MYO_BUFFER || weight->frozen || (i % every != 0 && i + 2 < tensors))
			continue;
		float *start = copy_floats(weight->value, weight->elements, err);
		if (start == NULL)
			return MYO_FAIL;
		struct variable v = { weight->name, weight->value, weight->gradient, start, weight->elements,
			0 };
		rc = check_variable(probe, &v, ELEMENTS, err);
		free(start);
	}
	return rc;
}

/* With this round's weights and pixels, all tests or, after the first round, those that disagreed in all so far. */
static int
check_round(struct contract *contract, struct suspects *suspects, struct myo_err *err)
{
	const uint64_t seed = (uint64_t)suspects->round;
	struct subject subject;
	struct probe probe = { contract, &subject, NULL, 0, 0, suspects };

	if (myo_subject_new(contract, true, ROWS, 1 + seed, NULL, &subject, err) != MYO_OK)
		return MYO_FAIL;
	myo_subject_fill(&subject, contract, 7 + seed);
	probe.input = copy_floats(myo_plan_input(subject.plan), input_elements(&probe), err);
	int rc = probe.input != NULL ? MYO_OK : MYO_FAIL;
	if (rc == MYO_OK) {
		myo_plan_want_input_gradient(subject.plan, true);
		probe.loss = myo_subject_loss(&subject);
		myo_plan_backward(subject.plan);
		rc = check_all(&probe, err);
	}
	free(probe.input);
	myo_subject_clear(&subject);
	return rc;
}

int
myo_contract_gradients(struct contract *contract, struct myo_err *err)
{
	struct suspects suspects;

	memset(&suspects, 0, sizeof suspects);
	for (suspects.round = 0; suspects.round < ROUNDS; suspects.round++) {
		suspects.test = suspects.tests = 0;
		if (check_round(contract, &suspects, err) != MYO_OK)
			return MYO_FAIL;
		if (suspects.tests == 0) {
			(void)snprintf(contract->detail, sizeof contract->detail,
			    "%zu tests against finite differences, %zu of them sharp", suspects.test,
			    suspects.clear);
			return MYO_OK;
		}
	}
	return myo_fail(err, "%s (%zu of %zu tests disagree)", suspects.first.text, suspects.tests, suspects.test);
}
