/* How many rows there are of each class. */
#include "inspect/inspect.h"

#include <stdlib.h>

int
myo_labels_add(struct myo_labels *labels, const struct myo_record *record, struct myo_err *err)
{
	const struct myo_tensor *const label = myo_record_find(record, "label");

	if (labels->of == NULL && (labels->of = myo_calloc(labels->classes + 1, sizeof *labels->of, err)) == NULL)
		return MYO_FAIL;
	if (label == NULL || label->dtype != MYO_I32 || label->dims != 1)
		return MYO_OK;
	for (size_t row = 0; row < label->shape[0]; row++) {
		const int32_t of = ((const int32_t *)label->data)[row];
		if (of >= 0 && (size_t)of < labels->classes)
			labels->of[of]++;
		else if (of < 0)
			labels->unlabelled++;
		else
			labels->beyond++;
		labels->rows++;
	}
	return MYO_OK;
}

void
myo_labels_clear(struct myo_labels *labels)
{
	free(labels->of);
	*labels = (struct myo_labels){ 0 };
}

json_t *
myo_labels_json(const struct myo_labels *labels)
{
	json_t *const list = json_array();
	bool good = list != NULL;

	for (size_t k = 0; good && k < labels->classes; k++)
		good = json_array_append_new(list, json_integer((json_int_t)labels->of[k])) == 0;
	if (good)
		return list;
	json_decref(list);
	return NULL;
}
