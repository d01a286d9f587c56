/* A stream of predictions, image by image; and the list of maps that comes of it. */
#include "heat/tiles.h"

#include <stdlib.h>
#include <string.h>

void
myo_heat_map_clear(struct myo_heat_map *map)
{
	if (map == NULL)
		return;
	free(map->heat);
	map->heat = NULL;
}

int
myo_heat_list_take(struct myo_heat_list *list, struct myo_heat_map *map, struct myo_err *err)
{
	if (list->count == list->room) {
		const size_t room = list->room == 0 ? 256 : list->room * 2;
		struct myo_heat_map *const maps = myo_realloc(list->maps, room, sizeof *maps, err);
		if (maps == NULL)
			return MYO_FAIL;
		list->maps = maps;
		list->room = room;
	}
	list->maps[list->count++] = *map;
	map->heat = NULL;
	return MYO_OK;
}

void
myo_heat_list_clear(struct myo_heat_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		myo_heat_map_clear(&list->maps[i]);
	free(list->maps);
	*list = (struct myo_heat_list){ 0 };
}

/* A set of ids: open addressing, at most half full. */
struct ids {
	size_t count, room; /* room is 0 or a power of two */
	int64_t *id;
	bool *taken;
};

struct reading {
	const char *name; /* of the stream, for messages */
	struct myo_heat_grid grid;
	struct myo_heat_choice choice;
	myo_heat_done *done;
	void *context;
	struct ids seen;
	struct tiles at_hand; /* of the image whose rows are coming; no tiles: there is none yet */
};

/* Put the stream's name in front of a text of this file. */
static int
blame(const struct reading *r, struct myo_err *err)
{
	myo_err_prefix(err, "%s: ", r->name);
	return MYO_FAIL;
}

/* ---- ids ------------------------------------------------------------------------------ */

static size_t
slot_of(const struct ids *ids, int64_t id)
{
	/* Fibonacci hashing: consecutive ids, the usual case, spread evenly. */
	size_t slot = (size_t)(((uint64_t)id * UINT64_C(11400714819323198485)) >> 20) & (ids->room - 1);

	while (ids->taken[slot] && ids->id[slot] != id)
		slot = (slot + 1) & (ids->room - 1);
	return slot;
}

static void
ids_clear(struct ids *ids)
{
	free(ids->id);
	free(ids->taken);
	*ids = (struct ids){ 0 };
}

static int
ids_grow(struct ids *ids, struct myo_err *err)
{
	struct ids larger = { 0, ids->room == 0 ? 1024 : ids->room * 2, NULL, NULL };

	larger.id = myo_calloc(larger.room, sizeof *larger.id, err);
	larger.taken = myo_calloc(larger.room, sizeof *larger.taken, err);
	if (larger.id == NULL || larger.taken == NULL) {
		ids_clear(&larger);
		return MYO_FAIL;
	}
	for (size_t i = 0; i < ids->room; i++) {
		if (ids->taken[i]) {
			const size_t slot = slot_of(&larger, ids->id[i]);
			larger.id[slot] = ids->id[i];
			larger.taken[slot] = true;
			larger.count++;
		}
	}
	ids_clear(ids);
	*ids = larger;
	return MYO_OK;
}

/* MYO_END when it is in the set already. */
static int
ids_add(struct ids *ids, int64_t id, struct myo_err *err)
{
	if (ids->count * 2 >= ids->room && ids_grow(ids, err) != MYO_OK)
		return MYO_FAIL;
	const size_t slot = slot_of(ids, id);
	if (ids->taken[slot])
		return MYO_END;
	ids->id[slot] = id;
	ids->taken[slot] = true;
	ids->count++;
	return MYO_OK;
}

/* ---- the image at hand ------------------------------------------------------------------ */

static int
finish_image(struct reading *r, struct myo_err *err)
{
	struct myo_heat_map map;

	if (r->at_hand.count == 0)
		return MYO_OK;
	if (tiles_map(&r->at_hand, &r->grid, &r->choice, &map, err) != MYO_OK)
		return blame(r, err);
	r->at_hand.count = 0;
	const int status = r->done(r->context, &map, err);
	myo_heat_map_clear(&map);
	return status;
}

/* The columns of a record of predictions. */
struct columns {
	const float *logits;   /* [rows, classes] */
	const int64_t *id;     /* [rows], as all below */
	const int32_t *label, *y, *x, *height, *width;
};

static int
find_columns(const struct reading *r, const struct myo_record *record, struct columns *out,
    struct myo_err *err)
{
	const struct {
		const char *name;
		const int32_t **to;
	} whole[] = { { "label", &out->label }, { "y", &out->y }, { "x", &out->x },
		{ "height", &out->height }, { "width", &out->width } };
	const struct myo_tensor *tensor;

	if (myo_record_need(record, "logits", MYO_F32, 2, &r->at_hand.classes, &tensor, err) != MYO_OK)
		return MYO_FAIL;
	out->logits = tensor->data;
	if (myo_record_need(record, "id", MYO_I64, 1, NULL, &tensor, err) != MYO_OK)
		return MYO_FAIL;
	out->id = tensor->data;
	for (size_t i = 0; i < MYO_COUNT(whole); i++) {
		if (myo_record_need(record, whole[i].name, MYO_I32, 1, NULL, &tensor, err) != MYO_OK)
			return MYO_FAIL;
		*whole[i].to = tensor->data;
	}
	return MYO_OK;
}

static int
start_image(struct reading *r, const struct columns *c, size_t row, struct myo_err *err)
{
	const long long id = (long long)c->id[row];
	const size_t classes = r->at_hand.classes;
	const int32_t height = c->height[row], width = c->width[row], label = c->label[row];

	if (height < 1 || width < 1 || height > MYO_HEAT_MAX_SIDE || width > MYO_HEAT_MAX_SIDE ||
	    (int64_t)height * width > MYO_HEAT_MAX_PIXELS)
		return myo_fail(err, "image %lld: its size is given as %d x %d pixels", id, height, width);
	if (label < -1 || (label >= 0 && (size_t)label >= classes))
		return myo_fail(err, "image %lld: label %d, but there are %zu classes", id, label, classes);
	switch (ids_add(&r->seen, c->id[row], err)) {
	case MYO_OK:
		break;
	case MYO_END:
		return myo_fail(err, "image %lld comes a second time after others; an id is for one image, "
		    "and its tiles follow each other", id);
	default:
		return MYO_FAIL;
	}
	r->at_hand.id = c->id[row];
	r->at_hand.label = label;
	r->at_hand.height = height;
	r->at_hand.width = width;
	return MYO_OK;
}

static int
make_room(struct tiles *tiles, struct myo_err *err)
{
	const size_t room = tiles->room == 0 ? 1024 : tiles->room * 2;
	struct tile *const tile = myo_realloc(tiles->tile, room, sizeof *tile, err);

	if (tile == NULL)
		return MYO_FAIL;
	tiles->tile = tile;
	float *const logits = myo_realloc(tiles->logits, room, tiles->classes * sizeof *logits, err);
	if (logits == NULL)
		return MYO_FAIL;
	tiles->logits = logits;
	tiles->room = room;
	return MYO_OK;
}

static int
take_row(struct reading *r, const struct columns *c, size_t row, struct myo_err *err)
{
	struct tiles *const t = &r->at_hand;
	const size_t classes = t->classes;

	if (t->count == 0 || c->id[row] != t->id) {
		if (finish_image(r, err) != MYO_OK)
			return MYO_FAIL;
		if (start_image(r, c, row, err) != MYO_OK)
			return blame(r, err);
	} else if (c->height[row] != t->height || c->width[row] != t->width || c->label[row] != t->label) {
		return myo_fail(err, "%s: image %lld: its tiles don't agree on its size or label", r->name,
		    (long long)t->id);
	}
	if (t->count == t->room && make_room(t, err) != MYO_OK)
		return MYO_FAIL;
	memcpy(t->logits + t->count * classes, c->logits + row * classes, classes * sizeof *t->logits);
	t->tile[t->count] = (struct tile){ c->y[row], c->x[row], t->count };
	t->count++;
	return MYO_OK;
}

/* ---- the stream ------------------------------------------------------------------------ */

/* All rows, to the end record. */
static int
take_all(struct reading *r, struct myo_reader *predictions, struct myo_record *record, struct myo_err *err)
{
	int status;

	while ((status = myo_reader_next(predictions, record, err)) == MYO_OK) {
		struct columns columns;
		if (find_columns(r, record, &columns, err) != MYO_OK)
			return blame(r, err);
		for (size_t row = 0; row < myo_record_rows(record); row++)
			if (take_row(r, &columns, row, err) != MYO_OK)
				return MYO_FAIL;
	}
	if (status != MYO_END)
		return MYO_FAIL;
	return finish_image(r, err);
}

int
myo_heat_read(struct myo_reader *predictions, const char *name, const struct myo_heat_choice *choice,
    myo_heat_done *done, void *context, struct myo_err *err)
{
	const struct myo_header *const header = myo_reader_header(predictions);
	struct reading r = { .name = name, .choice = *choice, .done = done, .context = context };
	struct tiles *const t = &r.at_hand;
	struct myo_record record = MYO_RECORD_INIT;
	int status = MYO_FAIL;

	if (myo_heat_grid_of(header, &r.grid, err) != MYO_OK)
		return blame(&r, err);
	if (header->class_count == 0)
		return myo_fail(err, "%s: predictions without classes", name);
	t->classes = header->class_count;
	t->chance = myo_calloc(t->classes, sizeof *t->chance, err);
	t->total = myo_calloc(t->classes, sizeof *t->total, err);
	if (t->chance != NULL && t->total != NULL)
		status = take_all(&r, predictions, &record, err);
	myo_record_clear(&record);
	ids_clear(&r.seen);
	free(t->tile);
	free(t->logits);
	free(t->chance);
	free(t->total);
	return status;
}
