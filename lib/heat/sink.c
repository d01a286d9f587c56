/* Writing maps to a stream of kind heat. */
#include "heat/heat.h"

#include <stdlib.h>
#include <string.h>

struct myo_heat_sink {
	struct myo_writer *writer;
	size_t height, width; /* of the maps that are held */
	size_t rows, room;
	float *heat;          /* [rows, height, width] */
	int64_t *id;          /* [rows], as all below */
	int32_t *label, *about;
};

int
myo_heat_sink_new(struct myo_writer *writer, struct myo_heat_sink **out, struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	(*out)->writer = writer;
	return MYO_OK;
}

static void
drop_rows(struct myo_heat_sink *sink)
{
	free(sink->heat);
	free(sink->id);
	free(sink->label);
	free(sink->about);
	sink->heat = NULL;
	sink->id = NULL;
	sink->label = sink->about = NULL;
	sink->rows = sink->room = 0;
}

void
myo_heat_sink_free(struct myo_heat_sink *sink)
{
	if (sink == NULL)
		return;
	drop_rows(sink);
	free(sink);
}

int
myo_heat_sink_flush(struct myo_heat_sink *sink, struct myo_err *err)
{
	const size_t shape[] = { sink->rows, sink->height, sink->width };
	struct myo_record record = MYO_RECORD_INIT;
	int status = MYO_FAIL;

	if (sink->rows == 0)
		return MYO_OK;
	if (myo_record_put(&record, "heat", MYO_F32, 3, shape, sink->heat, err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, shape, sink->label, err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, shape, sink->id, err) == MYO_OK &&
	    myo_record_put(&record, "class", MYO_I32, 1, shape, sink->about, err) == MYO_OK)
		status = myo_writer_put(sink->writer, &record, err);
	myo_record_clear(&record);
	sink->rows = 0;
	return status;
}

static int
set_size(struct myo_heat_sink *sink, size_t height, size_t width, struct myo_err *err)
{
	const size_t bytes = height * width * sizeof *sink->heat;
	const size_t room = myo_record_room(bytes);

	drop_rows(sink);
	sink->height = height;
	sink->width = width;
	sink->heat = myo_calloc(room, bytes, err);
	sink->id = myo_calloc(room, sizeof *sink->id, err);
	sink->label = myo_calloc(room, sizeof *sink->label, err);
	sink->about = myo_calloc(room, sizeof *sink->about, err);
	if (sink->heat == NULL || sink->id == NULL || sink->label == NULL || sink->about == NULL)
		return MYO_FAIL;
	sink->room = room;
	return MYO_OK;
}

int
myo_heat_sink_put(struct myo_heat_sink *sink, const struct myo_heat_map *map, struct myo_err *err)
{
	const size_t pixels = map->height * map->width;

	if (map->height != sink->height || map->width != sink->width)
		if (myo_heat_sink_flush(sink, err) != MYO_OK ||
		    set_size(sink, map->height, map->width, err) != MYO_OK)
			return MYO_FAIL;
	memcpy(sink->heat + sink->rows * pixels, map->heat, pixels * sizeof *sink->heat);
	sink->id[sink->rows] = map->id;
	sink->label[sink->rows] = map->label;
	sink->about[sink->rows] = map->about;
	if (++sink->rows == sink->room)
		return myo_heat_sink_flush(sink, err);
	return MYO_OK;
}
