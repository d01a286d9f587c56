/* Running a model on records of any size, batch by batch. */
#include "model/model.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct myo_predictor {
	struct myo_model *model;
	struct myo_pool *pool;
	size_t batch; /* at most */

	struct myo_plan *plan;
	size_t rows; /* that the plan has room for */
	int height, width;
	bool mirror, evidence;

	struct myo_shape map; /* h, w, classes of the plan's evidence */
	float *mirrored;      /* [rows, h, w, classes], that of mirror images */
};

int
myo_predictor_new(struct myo_model *model, size_t batch, struct myo_pool *pool, struct myo_predictor **out,
    struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	**out = (struct myo_predictor){ .model = model, .pool = pool, .batch = batch };
	return MYO_OK;
}

void
myo_predictor_free(struct myo_predictor *predictor)
{
	if (predictor == NULL)
		return;
	myo_plan_free(predictor->plan);
	free(predictor->mirrored);
	free(predictor);
}

size_t
myo_predictor_classes(const struct myo_predictor *predictor)
{
	return (size_t)myo_net_classes(predictor->model->net);
}

void
myo_predictor_mirror(struct myo_predictor *predictor)
{
	predictor->mirror = true;
}

static int
blame(const struct myo_predictor *p, struct myo_err *err)
{
	myo_err_prefix(err, "%s: ", myo_arch_plugin(p->model->arch)->name);
	return MYO_FAIL;
}

int
myo_predictor_evidence(struct myo_predictor *predictor, struct myo_err *err)
{
	if (myo_net_has_evidence(predictor->model->net, err) != MYO_OK)
		return blame(predictor, err);
	predictor->evidence = true;
	return MYO_OK;
}

/* The rows' pictures, U8 [rows, H, W, 3]. */
static int
find_image(const struct myo_record *record, const struct myo_tensor **image, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, image, err) != MYO_OK)
		return MYO_FAIL;
	if ((*image)->shape[1] > INT_MAX || (*image)->shape[2] > INT_MAX)
		return myo_fail(err, "an image of %zux%zu pixels is too large", (*image)->shape[2], (*image)->shape[1]);
	return MYO_OK;
}

int
myo_predictor_evidence_shape(const struct myo_predictor *predictor, const struct myo_record *record,
    struct myo_shape *out, struct myo_err *err)
{
	const struct myo_tensor *image;

	*out = (struct myo_shape){ 0, 0, 0 };
	if (!predictor->evidence)
		return MYO_OK;
	if (find_image(record, &image, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_net_evidence_shape(
		predictor->model->net, (int)image->shape[1], (int)image->shape[2], out, err) != MYO_OK)
		return blame(predictor, err);
	return MYO_OK;
}

static size_t
map_numbers(const struct myo_predictor *p)
{
	return (size_t)p->map.height * (size_t)p->map.width * (size_t)p->map.channels;
}

/* Set the size of the evidence that the new plan will give, and make room for that of mirror images. */
static int
prepare_evidence(struct myo_predictor *p, struct myo_err *err)
{
	size_t count;

	if (!p->evidence)
		return MYO_OK;
	if (myo_net_evidence_shape(p->model->net, p->height, p->width, &p->map, err) != MYO_OK)
		return blame(p, err);
	if (!p->mirror)
		return MYO_OK;
	if (!myo_mul(map_numbers(p), p->rows, &count))
		return myo_fail_memory(err, SIZE_MAX);
	float *mirrored = myo_realloc(p->mirrored, count, sizeof *mirrored, err);
	if (mirrored == NULL)
		return MYO_FAIL;
	p->mirrored = mirrored;
	return MYO_OK;
}

/*
 * A plan for this size, with room for a batch or for all of the record, whichever is less:
 * a record of large pictures has few rows, and a plan's memory grows with rows times pixels.
 */
static int
prepare(struct myo_predictor *p, int height, int width, size_t rows, struct myo_err *err)
{
	const size_t wanted = rows < p->batch ? rows : p->batch;

	if (p->plan != NULL && p->height == height && p->width == width && p->rows >= wanted)
		return MYO_OK;
	myo_plan_free(p->plan);
	p->plan = NULL;
	p->height = height;
	p->width = width;
	p->rows = wanted;
	if (prepare_evidence(p, err) != MYO_OK)
		return MYO_FAIL;
	return myo_plan_new(p->model->net, p->evidence ? MYO_EVIDENCE : MYO_PREDICT, wanted, height, width,
	    p->pool, &p->plan, err);
}

/* Mirror lines [count, width, channels] left to right. */
static void
turn(float *lines, size_t count, size_t width, size_t channels)
{
	for (size_t i = 0; i < count; i++, lines += width * channels)
		for (size_t left = 0, right = width - 1; left < right; left++, right--)
			for (size_t c = 0; c < channels; c++) {
				const float number = lines[left * channels + c];
				lines[left * channels + c] = lines[right * channels + c];
				lines[right * channels + c] = number;
			}
}

/* Rows [first, first + n) of the record, or their mirror images, through the network. */
static int
forward(struct myo_predictor *p, const struct myo_record *record, size_t first, size_t n, bool mirror,
    struct myo_err *err)
{
	float *input = myo_plan_input(p->plan);

	if (myo_model_normalise(p->model, record, first, n, input, err) != MYO_OK)
		return MYO_FAIL;
	if (mirror)
		turn(input, n * (size_t)p->height, (size_t)p->width, 3);
	myo_plan_forward(p->plan, n);
	return MYO_OK;
}

/* Mirror the evidence of mirror images, which the plan has now, back, and average it with that in `evidence`. */
static void
add_mirrored(struct myo_predictor *p, size_t n, float *evidence)
{
	const size_t lines = n * (size_t)p->map.height, width = (size_t)p->map.width, classes = (size_t)p->map.channels;

	myo_plan_evidence(p->plan, p->mirrored);
	turn(p->mirrored, lines, width, classes);
	for (size_t i = 0; i < lines * width * classes; i++)
		evidence[i] = (evidence[i] + p->mirrored[i]) / 2;
}

/* Rows [first, first + n) of the record, which fit into the plan. */
static int
run_some(struct myo_predictor *p, const struct myo_record *record, size_t first, size_t n, float *logits,
    float *evidence, struct myo_err *err)
{
	const size_t count = n * myo_predictor_classes(p);

	if (forward(p, record, first, n, false, err) != MYO_OK)
		return MYO_FAIL;
	memcpy(logits, myo_plan_logits(p->plan), count * sizeof *logits);
	if (p->evidence)
		myo_plan_evidence(p->plan, evidence);
	if (!p->mirror)
		return MYO_OK;
	if (forward(p, record, first, n, true, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < count; i++)
		logits[i] = (logits[i] + myo_plan_logits(p->plan)[i]) / 2;
	if (p->evidence)
		add_mirrored(p, n, evidence);
	return MYO_OK;
}

int
myo_predictor_run(struct myo_predictor *predictor, const struct myo_record *record, float *logits, float *evidence,
    struct myo_err *err)
{
	const size_t classes = myo_predictor_classes(predictor);
	const struct myo_tensor *image;

	if (find_image(record, &image, err) != MYO_OK)
		return MYO_FAIL;
	const size_t rows = image->shape[0];
	if (rows == 0)
		return MYO_OK;
	if (prepare(predictor, (int)image->shape[1], (int)image->shape[2], rows, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t first = 0; first < rows; first += predictor->rows) {
		const size_t n = rows - first < predictor->rows ? rows - first : predictor->rows;
		if (run_some(predictor, record, first, n, logits + first * classes,
			predictor->evidence ? evidence + first * map_numbers(predictor) : NULL, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}
