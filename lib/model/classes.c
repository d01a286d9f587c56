/* The classes of a data set in the model's numbers. */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

static int32_t
number_of(const struct myo_header *header, const char *name)
{
	for (size_t i = 0; i < header->class_count; i++)
		if (strcmp(header->classes[i], name) == 0)
			return (int32_t)i;
	return -1;
}

int
myo_class_map_make(struct myo_class_map *map, const struct myo_model *model, const struct myo_header *data,
    struct myo_err *err)
{
	const bool names = data->class_count > 0;

	*map = (struct myo_class_map)MYO_CLASS_MAP_INIT;
	map->count = names ? data->class_count : model->header.class_count;
	map->to = myo_calloc(map->count, sizeof *map->to, err);
	if (map->to == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < map->count; i++) {
		map->to[i] = names ? number_of(&model->header, data->classes[i]) : (int32_t)i;
		if (map->to[i] < 0 && map->unknown == NULL)
			map->unknown = data->classes[i];
	}
	return MYO_OK;
}

void
myo_class_map_clear(struct myo_class_map *map)
{
	free(map->to);
	*map = (struct myo_class_map)MYO_CLASS_MAP_INIT;
}

int
myo_class_map_labels(const struct myo_class_map *map, const struct myo_record *record, int32_t *out,
    struct myo_err *err)
{
	const struct myo_tensor *label;

	if (myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK)
		return MYO_FAIL;
	const int32_t *in = label->data;
	for (size_t i = 0; i < label->shape[0]; i++) {
		if (in[i] >= 0 && (size_t)in[i] >= map->count)
			return myo_fail(err, "a row has the label %ld, but there are %zu classes",
			    (long)in[i], map->count);
		out[i] = in[i] < 0 ? -1 : map->to[in[i]];
	}
	return MYO_OK;
}
