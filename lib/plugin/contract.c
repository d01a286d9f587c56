/* The points of the contract between myopic and an architecture. */
#include "plugin/contract.h"
#include "net/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXEL_CHANNELS = 3, MAX_ROWS = 8 };

/* ---- subjects ------------------------------------------------------------------------ */

int
myo_subject_new(const struct contract *contract, bool train, size_t rows, uint64_t seed,
    struct myo_pool *pool, struct subject *out, struct myo_err *err)
{
	*out = (struct subject){ NULL, NULL, rows };
	if (myo_arch_build(contract->arch, contract->shape, CONTRACT_CLASSES, 0, &out->net, err) != MYO_OK)
		return MYO_FAIL;
	myo_net_init(out->net, seed);
	if (myo_plan_new(out->net, train ? MYO_TRAIN : MYO_PREDICT, rows, contract->shape.height,
		contract->shape.width, pool, &out->plan, err) != MYO_OK) {
		myo_subject_clear(out);
		return MYO_FAIL;
	}
	return MYO_OK;
}

void
myo_subject_clear(struct subject *subject)
{
	myo_plan_free(subject->plan);
	myo_net_free(subject->net);
	*subject = (struct subject){ NULL, NULL, 0 };
}

static size_t
row_elements(const struct contract *contract)
{
	return (size_t)contract->shape.height * (size_t)contract->shape.width *
	       (size_t)contract->shape.channels;
}

static void
fill_row(float *to, const struct contract *contract, uint64_t seed, size_t row)
{
	struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, 0, row);

	for (size_t i = 0; i < row_elements(contract); i++)
		to[i] = (float)myo_rng_normal(&rng);
}

void
myo_subject_fill(const struct subject *subject, const struct contract *contract, uint64_t seed)
{
	float *input = myo_plan_input(subject->plan); /* [rows, height, width, channels] */

	for (size_t row = 0; row < subject->rows; row++)
		fill_row(input + row * row_elements(contract), contract, seed, row);
}

double
myo_subject_loss(const struct subject *subject)
{
	int32_t labels[MAX_ROWS];

	for (size_t row = 0; row < subject->rows; row++)
		labels[row] = (int32_t)(row % CONTRACT_CLASSES);
	myo_plan_forward(subject->plan, subject->rows);
	return myo_plan_loss(subject->plan, labels, 0.0, NULL);
}

/* Move running statistics away from their initial values, so that predictions depend on them. */
static void
warm_up(const struct subject *subject, const struct contract *contract)
{
	for (uint64_t step = 0; step < 3; step++) {
		myo_subject_fill(subject, contract, 100 + step);
		(void)myo_subject_loss(subject);
	}
}

/* ---- builds -------------------------------------------------------------------------- */

/* A plugin may refuse a shape, but must say why in one line. */
static int
check_refusal(struct myo_shape shape, const struct myo_err *why, struct myo_err *err)
{
	if (why->text[0] == '\0' || strchr(why->text, '\n') != NULL)
		return myo_fail(
		    err, "refuses %dx%d without one line of text that says why", shape.height, shape.width);
	return MYO_OK;
}

/* Build and free a network; *built: whether the plugin did, or else refused properly. MYO_FAIL: the point fails. */
static int
try_shape(const struct contract *contract, struct myo_shape shape, int classes, bool *built,
    struct myo_err *why, struct myo_err *err)
{
	struct myo_net *net;

	*built = myo_arch_build(contract->arch, shape, classes, 0, &net, why) == MYO_OK;
	if (!*built)
		return check_refusal(shape, why, err);
	const bool trains = myo_net_weights(net) > 0;
	myo_net_free(net);
	return trains ? MYO_OK
		      : myo_fail(err, "the network for %dx%d has no parameters to train", shape.height, shape.width);
}

/* The first of these inputs for which it builds; rather oblong than square, so that exchanged sides show. */
static int
choose_shape(struct contract *contract, struct myo_err *why, struct myo_err *err)
{
	static const int sides[] = { 8, 12, 16, 24, 32, 48, 64, 96, 128, 224, 5, 4, 3, 2, 1 };

	for (size_t i = 0; i < MYO_COUNT(sides); i++)
		for (int oblong = 1; oblong >= 0; oblong--) {
			const int width = sides[i] + oblong * (sides[i] / 4);
			bool built;
			contract->shape = (struct myo_shape){ sides[i], width, PIXEL_CHANNELS };
			if (try_shape(contract, contract->shape, CONTRACT_CLASSES, &built, why, err) !=
			    MYO_OK)
				return MYO_FAIL;
			if (built)
				return MYO_OK;
		}
	return myo_fail(err, "no input from 1x1 to 224x224 builds: %s", why->text);
}

static int
builds(struct contract *contract, struct myo_err *err)
{
	static const struct myo_shape shapes[] = { { 1, 1, 3 }, { 2, 2, 3 }, { 3, 3, 3 }, { 4, 4, 3 },
		{ 7, 7, 3 }, { 8, 8, 3 }, { 12, 12, 3 }, { 16, 16, 3 }, { 16, 24, 3 }, { 24, 16, 3 },
		{ 32, 32, 3 }, { 56, 56, 3 }, { 96, 96, 3 } };
	struct myo_err why = MYO_ERR_INIT;
	char refusal[300] = "";
	size_t used = 0, refused = 0;

	if (choose_shape(contract, &why, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < MYO_COUNT(shapes); i++) {
		bool built;
		if (try_shape(contract, shapes[i], i % 2 == 0 ? 2 : 10, &built, &why, err) != MYO_OK)
			return MYO_FAIL;
		refused += !built;
		if (!built)
			(void)snprintf(refusal, sizeof refusal, "%.*s", (int)sizeof refusal - 1, why.text);
		else if (used < sizeof contract->detail)
			used += (size_t)snprintf(contract->detail + used, sizeof contract->detail - used,
			    "%s%dx%d", used > 0 ? ", " : "", shapes[i].height, shapes[i].width);
	}
	if (refused > 0 && used < sizeof contract->detail)
		(void)snprintf(contract->detail + used, sizeof contract->detail - used,
		    "; refuses %zu, such as: %s", refused, refusal);
	return MYO_OK;
}

/* ---- the same arguments, the same network ----------------------------------------------- */

static int
compare_weights(struct myo_net *a, struct myo_net *b, struct myo_err *err)
{
	if (myo_net_weights(a) != myo_net_weights(b))
		return myo_fail(
		    err, "one build has %zu tensors, the next %zu", myo_net_weights(a), myo_net_weights(b));
	for (size_t i = 0; i < myo_net_weights(a); i++) {
		const struct myo_weight *x = myo_net_weight(a, i), *y = myo_net_weight(b, i);
		if (strcmp(x->name, y->name) != 0)
			return myo_fail(err, "tensor %zu is called %s in one build and %s in the next", i,
			    x->name, y->name);
		if (x->role != y->role || x->dims != y->dims ||
		    memcmp(x->shape, y->shape, sizeof *x->shape * (size_t)x->dims) != 0)
			return myo_fail(err, "%s has another shape in the next build", x->name);
	}
	return MYO_OK;
}

static int
compare_descriptions(const struct myo_net *a, const struct myo_net *b, struct myo_err *err)
{
	char *one = NULL, *two = NULL;
	int rc = myo_net_describe(a, &one, err);

	if (rc == MYO_OK)
		rc = myo_net_describe(b, &two, err);
	if (rc == MYO_OK && strcmp(one, two) != 0)
		rc = myo_fail(err, "two builds with the same arguments have different operations");
	free(two);
	free(one);
	return rc;
}

/* Forward in prediction mode; the logits of both must have the same bits. */
static int
compare_logits(const struct contract *contract, const struct subject *a, const struct subject *b,
    const char *what, struct myo_err *err)
{
	myo_subject_fill(a, contract, 7);
	myo_subject_fill(b, contract, 7);
	myo_plan_forward(a->plan, a->rows);
	myo_plan_forward(b->plan, b->rows);

	const float *x = myo_plan_logits(a->plan), *y = myo_plan_logits(b->plan);
	for (size_t i = 0; i < a->rows * CONTRACT_CLASSES; i++)
		if (!isfinite(x[i]))
			return myo_fail(err, "a logit is %g", (double)x[i]);
	if (memcmp(x, y, a->rows * CONTRACT_CLASSES * sizeof *x) != 0)
		return myo_fail(err, "%s", what);
	return MYO_OK;
}

static int
builds_the_same(struct contract *contract, struct myo_err *err)
{
	struct subject a = { NULL, NULL, 0 }, b = { NULL, NULL, 0 };
	struct myo_err why;
	bool built;

	int rc = myo_subject_new(contract, false, 2, 1, NULL, &a, err);
	/* Another network in between exposes state that a plugin keeps from call to call. */
	if (rc == MYO_OK)
		rc = try_shape(contract, (struct myo_shape){ 96, 96, PIXEL_CHANNELS }, 10, &built, &why, err);
	if (rc == MYO_OK)
		rc = myo_subject_new(contract, false, 2, 1, NULL, &b, err);
	if (rc == MYO_OK)
		rc = compare_weights(a.net, b.net, err);
	if (rc == MYO_OK)
		rc = compare_descriptions(a.net, b.net, err);
	if (rc == MYO_OK)
		rc = compare_logits(contract, &a, &b, "two builds with the same weights give different logits", err);
	if (rc == MYO_OK)
		(void)snprintf(contract->detail, sizeof contract->detail,
		    "%zu tensors, %zu parameters for %dx%d", myo_net_weights(a.net),
		    myo_net_parameters(a.net), contract->shape.height, contract->shape.width);
	myo_subject_clear(&b);
	myo_subject_clear(&a);
	return rc;
}

/* ---- invariance ------------------------------------------------------------------------- */

static void
copy_values(struct myo_net *to, struct myo_net *from)
{
	for (size_t i = 0; i < myo_net_weights(from); i++) {
		const struct myo_weight *source = myo_net_weight(from, i);
		memcpy(myo_net_weight(to, i)->value, source->value, source->elements * sizeof *source->value);
	}
}

/* Networks for prediction, built anew, with the values of a network that was warmed up in training mode. */
static int
trained_subjects(const struct contract *contract, size_t count, const size_t *rows, struct subject *out,
    struct myo_err *err)
{
	struct subject trained;

	int rc = myo_subject_new(contract, true, MAX_ROWS, 1, NULL, &trained, err);
	if (rc != MYO_OK)
		return MYO_FAIL;
	warm_up(&trained, contract);
	for (size_t i = 0; rc == MYO_OK && i < count; i++) {
		rc = myo_subject_new(contract, false, rows[i], 2 + i, NULL, &out[i], err);
		if (rc == MYO_OK)
			rc = compare_weights(trained.net, out[i].net, err);
		if (rc == MYO_OK)
			copy_values(out[i].net, trained.net);
	}
	myo_subject_clear(&trained);
	return rc;
}

/* Each of the first `rows` rows must have the logits that it has alone, in a plan for one row. */
static int
compare_rows(struct contract *contract, const struct subject *together, const struct subject *alone,
    size_t rows, struct myo_err *err)
{
	const double tolerance = 1e-4;
	double largest = 1, worst = 0;

	myo_subject_fill(together, contract, 7);
	myo_plan_forward(together->plan, rows);
	for (size_t row = 0; row < rows; row++) {
		fill_row(myo_plan_input(alone->plan), contract, 7, row);
		myo_plan_forward(alone->plan, 1);
		for (size_t k = 0; k < CONTRACT_CLASSES; k++) {
			const double a = (double)myo_plan_logits(alone->plan)[k];
			const double b = (double)myo_plan_logits(together->plan)[row * CONTRACT_CLASSES + k];
			if (!isfinite(a) || !isfinite(b))
				return myo_fail(err, "a logit is not a finite number");
			largest = fmax(largest, fabs(a));
			worst = fmax(worst, fabs(a - b));
		}
	}
	if (worst > tolerance * largest)
		return myo_fail(
		    err, "a row's logits differ by %.3g when it is alone; rows must be independent", worst);
	(void)snprintf(contract->detail, sizeof contract->detail,
	    "a row's logits are the same alone and among %zu, within %.2g", together->rows, tolerance);
	return MYO_OK;
}

static int
batch_invariance(struct contract *contract, struct myo_err *err)
{
	const size_t rows[2] = { 5, 1 };
	struct subject subjects[2] = { { NULL, NULL, 0 }, { NULL, NULL, 0 } };

	int rc = trained_subjects(contract, 2, rows, subjects, err);
	if (rc == MYO_OK)
		rc = compare_rows(contract, &subjects[0], &subjects[1], rows[0], err);
	if (rc == MYO_OK) /* fewer rows than the plan can hold */
		rc = compare_rows(contract, &subjects[0], &subjects[1], 2, err);
	myo_subject_clear(&subjects[1]);
	myo_subject_clear(&subjects[0]);
	return rc;
}

static int
step_on_threads(const struct contract *contract, int threads, struct subject *out, struct myo_err *err)
{
	struct myo_pool *pool = NULL;

	*out = (struct subject){ NULL, NULL, 0 };
	if (threads > 1 && myo_pool_new(threads, &pool, err) != MYO_OK)
		return MYO_FAIL;
	int rc = myo_subject_new(contract, true, MAX_ROWS, 1, pool, out, err);
	if (rc == MYO_OK) {
		myo_subject_fill(out, contract, 7);
		(void)myo_subject_loss(out);
		myo_plan_backward(out->plan);
		myo_plan_free(out->plan); /* before its pool; the step's results are in the network */
		out->plan = NULL;
	}
	myo_pool_free(pool);
	return rc;
}

static int
compare_steps(struct myo_net *one, struct myo_net *many, int threads, struct myo_err *err)
{
	for (size_t i = 0; i < myo_net_weights(one); i++) {
		const struct myo_weight *a = myo_net_weight(one, i), *b = myo_net_weight(many, i);
		const bool buffer = a->role == MYO_BUFFER;
		if (memcmp(buffer ? a->value : a->gradient, buffer ? b->value : b->gradient,
			a->elements * sizeof(float)) != 0)
			return myo_fail(
			    err, "%s%s differs on %d threads", a->name, buffer ? "" : "'s gradient", threads);
	}
	return MYO_OK;
}

/* The engine wouldn't split up so small an input among threads, so the plugin's own operations are called here. */
static int
custom_operations(const struct contract *contract, struct myo_err *err)
{
	struct myo_pool *pool = NULL;
	struct subject subject = { NULL, NULL, 0 };

	int rc = myo_pool_new(2, &pool, err);
	if (rc == MYO_OK)
		rc = myo_subject_new(contract, true, MAX_ROWS, 1, pool, &subject, err);
	if (rc == MYO_OK)
		rc = myo_plan_check_custom(subject.plan, pool, err);
	myo_subject_clear(&subject);
	myo_pool_free(pool);
	return rc;
}

static int
thread_invariance(struct contract *contract, struct myo_err *err)
{
	static const int threads[] = { 2, 5 };
	struct subject one, many;

	int rc = step_on_threads(contract, 1, &one, err);
	for (size_t i = 0; rc == MYO_OK && i < MYO_COUNT(threads); i++) {
		rc = step_on_threads(contract, threads[i], &many, err);
		if (rc == MYO_OK)
			rc = compare_steps(one.net, many.net, threads[i], err);
		myo_subject_clear(&many);
	}
	myo_subject_clear(&one);
	if (rc == MYO_OK)
		rc = custom_operations(contract, err);
	if (rc == MYO_OK)
		(void)snprintf(contract->detail, sizeof contract->detail, "the same bits on 1, 2 and 5 threads");
	return rc;
}

/* A network's tensors must be all of its state, since they are what a model file keeps. */
static int
tensors_are_all(struct contract *contract, struct myo_err *err)
{
	const size_t rows[2] = { 4, 4 };
	struct subject subjects[2] = { { NULL, NULL, 0 }, { NULL, NULL, 0 } };

	int rc = trained_subjects(contract, 2, rows, subjects, err);
	if (rc == MYO_OK)
		rc = compare_logits(contract, &subjects[0], &subjects[1],
		    "another network with the same tensors gives different logits", err);
	if (rc == MYO_OK)
		(void)snprintf(contract->detail, sizeof contract->detail,
		    "the same bits from another network with the same tensors");
	myo_subject_clear(&subjects[1]);
	myo_subject_clear(&subjects[0]);
	return rc;
}

/* ---- learning ---------------------------------------------------------------------------- */

static void
descend(struct myo_net *net, double rate)
{
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		struct myo_weight *weight = myo_net_weight(net, i);
		for (size_t j = 0; weight->role != MYO_BUFFER && j < weight->elements; j++)
			weight->value[j] -= (float)rate * weight->gradient[j];
	}
}

/* With one of the rates at least, the loss falls clearly in 30 steps on the same patches. */
static int
loss_falls(struct contract *contract, struct myo_err *err)
{
	static const double rates[] = { 0.05, 0.005, 0.5, 5 };
	enum { STEPS = 30 };
	double first = 0, best = INFINITY;

	for (size_t i = 0; i < MYO_COUNT(rates); i++) {
		struct subject subject;
		double loss = 0;
		if (myo_subject_new(contract, true, MAX_ROWS, 1, NULL, &subject, err) != MYO_OK)
			return MYO_FAIL;
		for (int step = 0; step <= STEPS; step++) {
			myo_subject_fill(&subject, contract, 7);
			loss = myo_subject_loss(&subject);
			if (step == 0)
				first = loss;
			if (!isfinite(loss) || step == STEPS)
				break;
			myo_plan_backward(subject.plan);
			descend(subject.net, rates[i]);
		}
		myo_subject_clear(&subject);
		if (loss < best) /* false for NaN */
			best = loss;
		if (loss < 0.7 * first) {
			(void)snprintf(contract->detail, sizeof contract->detail,
			    "from %.3g to %.3g in %d steps on %d patches", first, loss, STEPS, MAX_ROWS);
			return MYO_OK;
		}
	}
	return myo_fail(err, "the loss on %d patches only went from %.3g to %.3g in %d steps", MAX_ROWS,
	    first, best, STEPS);
}

const struct contract_point myo_contract[] = {
	{ "builds", builds },
	{ "builds the same twice", builds_the_same },
	{ "gradients", myo_contract_gradients },
	{ "batch invariance", batch_invariance },
	{ "thread invariance", thread_invariance },
	{ "tensors are all", tensors_are_all },
	{ "loss falls", loss_falls },
};
const size_t myo_contract_points = MYO_COUNT(myo_contract);
