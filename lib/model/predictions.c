/* Records of predictions for records of images or patches. */
#include "model/model.h"

#include <stdlib.h>

void
myo_predictions_clear(struct myo_predictions *predictions)
{
	myo_record_clear(&predictions->record);
	myo_record_clear(&predictions->part);
	free(predictions->logits);
	free(predictions->label);
	free(predictions->place);
	free(predictions->evidence);
	*predictions = (struct myo_predictions)MYO_PREDICTIONS_INIT;
}

/* The number of floats of a row's evidence; the sizes have been checked, so it can't overflow. */
static size_t
numbers(struct myo_shape map)
{
	return (size_t)map.height * (size_t)map.width * (size_t)map.channels;
}

/* Rows of a record of predictions: about a mebibyte, at least one. */
static size_t
rows_of(struct myo_shape map, size_t classes)
{
	const size_t row = (classes + numbers(map)) * sizeof(float) + sizeof(int64_t) + 5 * sizeof(int32_t);

	return myo_record_room(row);
}

static int
make_room(struct myo_predictions *p, size_t rows, size_t classes, struct myo_err *err)
{
	size_t floats, places;

	if (rows <= p->room)
		return MYO_OK;
	if (!myo_mul(rows, classes, &floats) || !myo_mul(rows, 4, &places))
		return myo_fail_memory(err, SIZE_MAX);
	float *logits = myo_realloc(p->logits, floats, sizeof *logits, err);
	if (logits == NULL)
		return MYO_FAIL;
	p->logits = logits;
	int32_t *label = myo_realloc(p->label, rows, sizeof *label, err);
	if (label == NULL)
		return MYO_FAIL;
	p->label = label;
	int32_t *place = myo_realloc(p->place, places, sizeof *place, err);
	if (place == NULL)
		return MYO_FAIL;
	p->place = place;
	p->room = rows;
	return MYO_OK;
}

/* Make room for the evidence, whose maps may differ in size from record to record. */
static int
make_evidence_room(struct myo_predictions *p, size_t rows, struct myo_shape map, struct myo_err *err)
{
	size_t count;

	if (!myo_mul(rows, numbers(map), &count))
		return myo_fail_memory(err, SIZE_MAX);
	if (count <= p->evidence_room)
		return MYO_OK;
	float *evidence = myo_realloc(p->evidence, count, sizeof *evidence, err);
	if (evidence == NULL)
		return MYO_FAIL;
	p->evidence = evidence;
	p->evidence_room = count;
	return MYO_OK;
}

/* y, x, height and width: those of the patches, or for whole images 0, 0 and their size. */
static int
put_place(struct myo_predictions *p, const struct myo_record *in, size_t rows, struct myo_err *err)
{
	static const char *const names[] = { "y", "x", "height", "width" };
	const struct myo_tensor *image = myo_record_find(in, "image");
	const bool patches = myo_record_find(in, "y") != NULL;
	const int32_t whole[] = { 0, 0, (int32_t)image->shape[1], (int32_t)image->shape[2] };

	for (size_t k = 0; k < MYO_COUNT(names); k++) {
		const struct myo_tensor *t;
		int32_t *of_all = p->place + k * rows;
		if (patches && myo_record_need(in, names[k], MYO_I32, 1, NULL, &t, err) != MYO_OK)
			return MYO_FAIL;
		for (size_t i = 0; !patches && i < rows; i++)
			of_all[i] = whole[k];
		if (myo_record_put(&p->record, names[k], MYO_I32, 1, &rows, patches ? t->data : of_all, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
put_all(struct myo_predictions *p, const struct myo_record *in, size_t classes, struct myo_shape map,
    struct myo_err *err)
{
	const size_t rows = myo_record_rows(in), shape[] = { rows, classes };
	const size_t map_shape[] = { rows, (size_t)map.height, (size_t)map.width, classes };
	const struct myo_tensor *id;

	if (myo_record_need(in, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_put(&p->record, "logits", MYO_F32, 2, shape, p->logits, err) != MYO_OK ||
	    myo_record_put(&p->record, "label", MYO_I32, 1, &rows, p->label, err) != MYO_OK ||
	    myo_record_put(&p->record, "id", MYO_I64, 1, &rows, id->data, err) != MYO_OK ||
	    put_place(p, in, rows, err) != MYO_OK)
		return MYO_FAIL;
	if (numbers(map) == 0)
		return MYO_OK;
	return myo_record_put(&p->record, "evidence", MYO_F32, 4, map_shape, p->evidence, err);
}

int
myo_predictions_make(struct myo_predictions *predictions, struct myo_predictor *predictor,
    const struct myo_class_map *map, const struct myo_record *in, size_t *row, struct myo_err *err)
{
	struct myo_predictions *p = predictions;
	const size_t classes = myo_predictor_classes(predictor), left = myo_record_rows(in) - *row;
	struct myo_shape shape;

	myo_record_clear(&p->record);
	myo_record_clear(&p->part);
	if (myo_predictor_evidence_shape(predictor, in, &shape, err) != MYO_OK)
		return MYO_FAIL;
	const size_t most = rows_of(shape, classes), rows = left < most ? left : most;
	if (myo_record_part(in, *row, rows, &p->part, err) != MYO_OK || make_room(p, rows, classes, err) != MYO_OK ||
	    make_evidence_room(p, rows, shape, err) != MYO_OK ||
	    myo_predictor_run(predictor, &p->part, p->logits, p->evidence, err) != MYO_OK ||
	    myo_class_map_labels(map, &p->part, p->label, err) != MYO_OK ||
	    put_all(p, &p->part, classes, shape, err) != MYO_OK)
		return MYO_FAIL;
	*row += rows;
	return MYO_OK;
}
