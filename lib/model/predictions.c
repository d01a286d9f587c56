/* What goes down the pipe for a record of images or patches. */
#include "model/model.h"

#include <stdlib.h>

void
myo_predictions_clear(struct myo_predictions *predictions)
{
	myo_record_clear(&predictions->record);
	free(predictions->logits);
	free(predictions->label);
	free(predictions->place);
	*predictions = (struct myo_predictions)MYO_PREDICTIONS_INIT;
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

int
myo_predictions_make(struct myo_predictions *predictions, struct myo_predictor *predictor,
    const struct myo_class_map *map, const struct myo_record *in, struct myo_err *err)
{
	struct myo_predictions *p = predictions;
	const size_t rows = myo_record_rows(in);
	const size_t shape[] = { rows, myo_predictor_classes(predictor) };
	const struct myo_tensor *id;

	myo_record_clear(&p->record);
	if (make_room(p, rows, shape[1], err) != MYO_OK ||
	    myo_predictor_run(predictor, in, p->logits, err) != MYO_OK ||
	    myo_class_map_labels(map, in, p->label, err) != MYO_OK ||
	    myo_record_need(in, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_put(&p->record, "logits", MYO_F32, 2, shape, p->logits, err) != MYO_OK ||
	    myo_record_put(&p->record, "label", MYO_I32, 1, &rows, p->label, err) != MYO_OK ||
	    myo_record_put(&p->record, "id", MYO_I64, 1, &rows, id->data, err) != MYO_OK)
		return MYO_FAIL;
	return put_place(p, in, rows, err);
}
