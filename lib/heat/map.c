/* From predictions over tiles to one map for each image. */
#include "heat/heat.h"

#include <math.h>
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

struct tile {
	int32_t y, x;
	size_t row; /* of the logits */
};

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
	size_t classes;
	myo_heat_done *done;
	void *context;
	struct ids seen;
	/* the image at hand */
	bool open;
	int64_t id;
	int32_t label, height, width;
	size_t tiles, room;
	struct tile *tile;      /* [tiles] */
	float *logits;          /* [tiles, classes] */
	double *chance, *total; /* [classes] a tile's probabilities, and their sum over the tiles */
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

/* ---- one image ------------------------------------------------------------------------ */

static int
by_place(const void *a, const void *b)
{
	const struct tile *const s = a, *const t = b;

	if (s->y != t->y)
		return s->y < t->y ? -1 : 1;
	return (s->x > t->x) - (s->x < t->x);
}

static size_t
largest(const float *logits, size_t classes)
{
	size_t best = 0;

	for (size_t k = 1; k < classes; k++)
		if (logits[k] > logits[best])
			best = k;
	return best;
}

static void
softmax(const float *logits, size_t classes, double *out)
{
	const double top = (double)logits[largest(logits, classes)];
	double sum = 0;

	for (size_t k = 0; k < classes; k++)
		sum += out[k] = exp((double)logits[k] - top);
	for (size_t k = 0; k < classes; k++)
		out[k] /= sum;
}

/* Sort the tiles, so that no sum depends on the order they came in, and look at each of them. */
static int
check_tiles(struct reading *r, struct myo_err *err)
{
	const int64_t side = (int64_t)r->grid.tile;
	const long long id = (long long)r->id;

	qsort(r->tile, r->tiles, sizeof *r->tile, by_place);
	for (size_t i = 0; i < r->tiles; i++) {
		const struct tile *const t = &r->tile[i];
		if (i > 0 && by_place(t - 1, t) == 0)
			return myo_fail(err, "image %lld: two tiles at y %d, x %d", id, t->y, t->x);
		if (t->y <= -side || t->x <= -side || t->y >= r->height || t->x >= r->width)
			return myo_fail(err, "image %lld: the tile at y %d, x %d lies outside of its %d x %d "
			    "pixels", id, t->y, t->x, r->height, r->width);
		for (size_t k = 0; k < r->classes; k++)
			if (!isfinite(r->logits[t->row * r->classes + k]))
				return myo_fail(err, "image %lld: the tile at y %d, x %d has a logit that is "
				    "no finite number", id, t->y, t->x);
	}
	return MYO_OK;
}

/* What is said of the whole image, and so the class in question. */
static int
judge(struct reading *r, struct myo_heat_map *map, struct myo_err *err)
{
	memset(r->total, 0, r->classes * sizeof *r->total);
	for (size_t i = 0; i < r->tiles; i++) {
		softmax(r->logits + r->tile[i].row * r->classes, r->classes, r->chance);
		for (size_t k = 0; k < r->classes; k++)
			r->total[k] += r->chance[k];
	}
	size_t best = 0;
	for (size_t k = 1; k < r->classes; k++)
		if (r->total[k] > r->total[best])
			best = k;
	map->predicted = (int32_t)best;
	map->about = r->choice.about == MYO_ABOUT_LABEL ? r->label :
	    r->choice.about == MYO_ABOUT_CLASS          ? r->choice.about_class :
	                                                  map->predicted;
	if (map->about < 0)
		return myo_fail(err, "image %lld has no label; ask for the predicted class or for one by name",
		    (long long)r->id);
	map->p_predicted = r->total[best] / (double)r->tiles;
	map->p_about = r->total[map->about] / (double)r->tiles;
	return MYO_OK;
}

/*
 * Each tile speaks for the cell around its centre. Cells overlap only where a grid's last tiles
 * are set flush with the edge: there the nearer centre has the pixel, the first one at a tie.
 */
static int
fill_cells(const struct reading *r, struct myo_heat_map *map, struct myo_err *err)
{
	const int64_t side = (int64_t)r->grid.tile, stride = (int64_t)r->grid.stride;
	const int64_t height = r->height, width = r->width;
	/* [height, width] */
	int64_t *const nearest = myo_calloc(map->height * map->width, sizeof *nearest, err);

	if (nearest == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < map->height * map->width; i++)
		nearest[i] = INT64_MAX;
	for (size_t i = 0; i < r->tiles; i++) {
		const float *const logits = r->logits + r->tile[i].row * r->classes;
		const size_t says = largest(logits, r->classes);
		const float heat = (int32_t)says == map->about ? logits[says] : NAN;
		const int64_t top = r->tile[i].y + side / 2 - stride / 2;
		const int64_t left = r->tile[i].x + side / 2 - stride / 2;
		for (int64_t y = top > 0 ? top : 0; y < top + stride && y < height; y++) {
			for (int64_t x = left > 0 ? left : 0; x < left + stride && x < width; x++) {
				/* in half pixels, so that the centre of an even tile is exact */
				const int64_t dy = 2 * (y - r->tile[i].y) + 1 - side;
				const int64_t dx = 2 * (x - r->tile[i].x) + 1 - side;
				const int64_t at = y * width + x, far = dy * dy + dx * dx;
				if (far < nearest[at]) {
					nearest[at] = far;
					map->heat[at] = heat;
				}
			}
		}
	}
	free(nearest);
	return MYO_OK;
}

/* A rectangle's four corners; running sums along both sides turn them into its pixels. */
static void
mark(double *sums, size_t pitch, size_t top, size_t left, size_t bottom, size_t right, double value)
{
	sums[top * pitch + left] += value;
	sums[top * pitch + right] -= value;
	sums[bottom * pitch + left] -= value;
	sums[bottom * pitch + right] += value;
}

/*
 * The mean of the tiles over each pixel. Tiles are marked by their corners in tables of
 * differences, so the work is tiles + pixels, not tiles x their pixels.
 */
static int
average_cover(struct reading *r, struct myo_heat_map *map, struct myo_err *err)
{
	const int64_t side = (int64_t)r->grid.tile;
	const size_t pitch = map->width + 1, cells = pitch * (map->height + 1);
	double *const sum = myo_calloc(cells, sizeof *sum, err);     /* [height + 1, width + 1] */
	double *const count = myo_calloc(cells, sizeof *count, err); /* the same */
	const int status = sum != NULL && count != NULL ? MYO_OK : MYO_FAIL;

	for (size_t i = 0; status == MYO_OK && i < r->tiles; i++) {
		const struct tile *const t = &r->tile[i];
		const int64_t bottom = t->y + side, right = t->x + side;
		const size_t y0 = t->y > 0 ? (size_t)t->y : 0, x0 = t->x > 0 ? (size_t)t->x : 0;
		const size_t y1 = bottom < r->height ? (size_t)bottom : map->height;
		const size_t x1 = right < r->width ? (size_t)right : map->width;
		softmax(r->logits + t->row * r->classes, r->classes, r->chance);
		mark(sum, pitch, y0, x0, y1, x1, r->chance[map->about]);
		mark(count, pitch, y0, x0, y1, x1, 1);
	}
	for (size_t y = 0; status == MYO_OK && y < map->height; y++) {
		for (size_t x = 0; x < map->width; x++) {
			const size_t at = y * pitch + x;
			if (x > 0) {
				sum[at] += sum[at - 1];
				count[at] += count[at - 1];
			}
		}
	}
	for (size_t y = 0; status == MYO_OK && y < map->height; y++) {
		for (size_t x = 0; x < map->width; x++) {
			const size_t at = y * pitch + x;
			if (y > 0) {
				sum[at] += sum[at - pitch];
				count[at] += count[at - pitch];
			}
			/* sums of differences may miss a true 0 or 1 by a rounding error */
			if (count[at] > 0.5)
				map->heat[y * map->width + x] = (float)fmin(1, fmax(0, sum[at] / count[at]));
		}
	}
	free(sum);
	free(count);
	return status;
}

static int
finish_image(struct reading *r, struct myo_err *err)
{
	struct myo_heat_map map = { .id = r->id, .label = r->label, .tiles = r->tiles,
		.height = (size_t)r->height, .width = (size_t)r->width };
	int status = MYO_FAIL;

	if (!r->open)
		return MYO_OK;
	r->open = false;
	if (check_tiles(r, err) != MYO_OK || judge(r, &map, err) != MYO_OK)
		return blame(r, err);
	map.heat = myo_calloc(map.height * map.width, sizeof *map.heat, err);
	if (map.heat == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < map.height * map.width; i++)
		map.heat[i] = NAN;
	if (r->choice.method == MYO_HEAT_PAPER)
		status = fill_cells(r, &map, err);
	else
		status = average_cover(r, &map, err);
	if (status == MYO_OK)
		status = r->done(r->context, &map, err);
	myo_heat_map_clear(&map);
	return status;
}

/* ---- the stream ------------------------------------------------------------------------ */

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

	if (myo_record_need(record, "logits", MYO_F32, 2, &r->classes, &tensor, err) != MYO_OK)
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
	const int32_t height = c->height[row], width = c->width[row], label = c->label[row];

	if (height < 1 || width < 1 || height > MYO_HEAT_MAX_SIDE || width > MYO_HEAT_MAX_SIDE ||
	    (int64_t)height * width > MYO_HEAT_MAX_PIXELS)
		return myo_fail(err, "image %lld: its size is given as %d x %d pixels", id, height, width);
	if (label < -1 || (label >= 0 && (size_t)label >= r->classes))
		return myo_fail(err, "image %lld: label %d, but there are %zu classes", id, label, r->classes);
	switch (ids_add(&r->seen, c->id[row], err)) {
	case MYO_OK:
		break;
	case MYO_END:
		return myo_fail(err, "image %lld comes a second time after others; an id is for one image, "
		    "and its tiles follow each other", id);
	default:
		return MYO_FAIL;
	}
	r->open = true;
	r->id = c->id[row];
	r->label = label;
	r->height = height;
	r->width = width;
	r->tiles = 0;
	return MYO_OK;
}

static int
make_room(struct reading *r, struct myo_err *err)
{
	const size_t room = r->room == 0 ? 1024 : r->room * 2;
	struct tile *const tile = myo_realloc(r->tile, room, sizeof *tile, err);

	if (tile == NULL)
		return MYO_FAIL;
	r->tile = tile;
	float *const logits = myo_realloc(r->logits, room, r->classes * sizeof *logits, err);
	if (logits == NULL)
		return MYO_FAIL;
	r->logits = logits;
	r->room = room;
	return MYO_OK;
}

static int
take_row(struct reading *r, const struct columns *c, size_t row, struct myo_err *err)
{
	if (!r->open || c->id[row] != r->id) {
		if (finish_image(r, err) != MYO_OK)
			return MYO_FAIL;
		if (start_image(r, c, row, err) != MYO_OK)
			return blame(r, err);
	} else if (c->height[row] != r->height || c->width[row] != r->width || c->label[row] != r->label) {
		return myo_fail(err, "%s: image %lld: its tiles don't agree on its size or label", r->name,
		    (long long)r->id);
	}
	if (r->tiles == r->room && make_room(r, err) != MYO_OK)
		return MYO_FAIL;
	memcpy(r->logits + r->tiles * r->classes, c->logits + row * r->classes,
	    r->classes * sizeof *r->logits);
	r->tile[r->tiles] = (struct tile){ c->y[row], c->x[row], r->tiles };
	r->tiles++;
	return MYO_OK;
}

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
	struct reading r = { .name = name, .choice = *choice, .classes = header->class_count,
		.done = done, .context = context };
	struct myo_record record = MYO_RECORD_INIT;
	int status = MYO_FAIL;

	if (myo_heat_grid_of(header, &r.grid, err) != MYO_OK)
		return blame(&r, err);
	if (r.classes == 0)
		return myo_fail(err, "%s: predictions without classes", name);
	r.chance = myo_calloc(r.classes, sizeof *r.chance, err);
	r.total = myo_calloc(r.classes, sizeof *r.total, err);
	if (r.chance != NULL && r.total != NULL)
		status = take_all(&r, predictions, &record, err);
	myo_record_clear(&record);
	ids_clear(&r.seen);
	free(r.tile);
	free(r.logits);
	free(r.chance);
	free(r.total);
	return status;
}
