/* What a model begins with besides random weights: whitening filters, weights of another model, frozen weights. */
#include "train/private.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* The first `count` rows of the kept records, normalised; MYO_FAIL if they aren't all of the model's size. */
static int
gather(const struct myo_model *model, const struct myo_intake *intake, float *rows, size_t count, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const size_t row = (size_t)model->size * (size_t)model->size * 3;

	for (size_t i = 0, from = 0; from < count; i++) {
		const struct myo_record *record = myo_intake_kept(intake, i);
		const size_t there = myo_record_rows(record), taken = there < count - from ? there : count - from;
		const struct myo_tensor *image;
		if (myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err) != MYO_OK ||
		    train_check_side(image, (int64_t)from, (size_t)model->size, err) != MYO_OK ||
		    myo_model_normalise(model, record, 0, taken, rows + from * row, err) != MYO_OK)
			return MYO_FAIL;
		from += taken;
	}
	return MYO_OK;
}

int
myo_begin_whiten(struct myo_model *model, const struct myo_intake *intake, size_t rows, struct myo_err *err)
{
	const size_t side = (size_t)model->size;

	if (!myo_net_wants_whitening(model->net))
		return MYO_OK;
	float *values = myo_calloc(rows, side * side * 3 * sizeof *values, err);
	if (values == NULL)
		return MYO_FAIL;
	int rc = gather(model, intake, values, rows, err);
	if (rc == MYO_OK)
		rc = myo_net_whiten(model->net, values, rows, model->size, model->size, err);
	free(values);
	return rc;
}

static bool
same_shape(const struct myo_weight *a, const struct myo_weight *b)
{
	return a->dims == b->dims && memcmp(a->shape, b->shape, (size_t)a->dims * sizeof a->shape[0]) == 0;
}

int
myo_begin_with(struct myo_model *model, const struct myo_model *other, size_t *taken, struct myo_err *err)
{
	*taken = 0;
	for (size_t i = 0; i < myo_net_weights(model->net); i++) {
		struct myo_weight *to = myo_net_weight(model->net, i);
		const struct myo_weight *from = myo_net_find_weight(other->net, to->name);
		if (from == NULL || !same_shape(to, from))
			continue;
		memcpy(to->value, from->value, to->elements * sizeof *to->value);
		++*taken;
	}
	myo_net_changed(model->net);
	return *taken > 0 ? MYO_OK :
	    myo_fail(err, "none of its weights has the name and shape of one of this network's");
}

int
myo_begin_freeze(struct myo_model *model, const char *pattern, struct myo_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < myo_net_weights(model->net); i++) {
		struct myo_weight *w = myo_net_weight(model->net, i);
		if (w->role == MYO_BUFFER || fnmatch(pattern, w->name, 0) != 0)
			continue;
		w->frozen = true;
		found++;
	}
	return found > 0 ? MYO_OK : myo_fail(err, "no weight has a name like '%s'; myopic-info shows those of a model",
	    pattern);
}
