/* A stream of predictions, image by image. */
#include "heat/tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct myo_heat_collector {
	const char *name; /* of the stream, for messages */
	struct myo_heat_grid grid;
	struct myo_heat_choice choice;
	myo_heat_done *done;
	void *context;
	struct myo_ids seen;
	struct tiles at_hand; /* those of the current image; no tiles: there is none yet */
};

static int
blame(const struct myo_heat_collector *c, struct myo_err *err)
{
	myo_err_prefix(err, "%s: ", c->name);
	return MYO_FAIL;
}

/* ---- the image at hand ------------------------------------------------------------------ */

static int
finish_image(struct myo_heat_collector *c, struct myo_err *err)
{
	const size_t maps = c->choice.about == MYO_ABOUT_TOP ? c->choice.top : 1;
	struct tiles *const t = &c->at_hand;
	struct myo_heat_map judged;

	if (t->count == 0)
		return MYO_OK;
	if (tiles_check(t, c->grid.tile, err) != MYO_OK)
		return blame(c, err);
	tiles_judge(t, &judged);
	for (size_t rank = 0; rank < maps; rank++) {
		struct myo_heat_map map;
		if (tiles_map(t, &c->grid, &c->choice, &judged, rank, &map, err) != MYO_OK)
			return blame(c, err);
		const int status = c->done(c->context, &map, err);
		myo_heat_map_clear(&map);
		if (status != MYO_OK)
			return status;
	}
	t->count = 0;
	return MYO_OK;
}

/* The columns of a record of predictions. */
struct columns {
	const float *logits;   /* [rows, classes] */
	const int64_t *id;     /* [rows], as all below */
	const int32_t *label, *y, *x, *height, *width;
	const struct myo_tensor *evidence; /* [rows, places high, places wide, classes], or NULL */
};

static int
find_evidence(const struct myo_heat_collector *c, const struct myo_record *record, struct columns *out,
    struct myo_err *err)
{
	out->evidence = NULL;
	if (c->choice.method != MYO_HEAT_EVIDENCE)
		return MYO_OK;
	if (myo_record_find(record, "evidence") == NULL)
		return myo_fail(err, "no evidence in the predictions; myopic-predict --evidence puts it there");
	if (myo_record_need(record, "evidence", MYO_F32, 4, NULL, &out->evidence, err) != MYO_OK)
		return MYO_FAIL;
	if (out->evidence->shape[3] != c->at_hand.classes)
		return myo_fail(err, "evidence for %zu classes, but there are %zu", out->evidence->shape[3],
		    c->at_hand.classes);
	return MYO_OK;
}

static int
find_columns(const struct myo_heat_collector *c, const struct myo_record *record, struct columns *out,
    struct myo_err *err)
{
	const struct {
		const char *name;
		const int32_t **to;
	} whole[] = { { "label", &out->label }, { "y", &out->y }, { "x", &out->x },
		{ "height", &out->height }, { "width", &out->width } };
	const struct myo_tensor *tensor;

	if (myo_record_need(record, "logits", MYO_F32, 2, &c->at_hand.classes, &tensor, err) != MYO_OK)
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
	return find_evidence(c, record, out, err);
}

static int
start_image(struct myo_heat_collector *r, const struct columns *c, size_t row, struct myo_err *err)
{
	const long long id = (long long)c->id[row];
	const size_t classes = r->at_hand.classes;
	const int32_t height = c->height[row], width = c->width[row], label = c->label[row];

	if (height < 1 || width < 1 || height > MYO_HEAT_MAX_SIDE || width > MYO_HEAT_MAX_SIDE ||
	    (int64_t)height * width > MYO_HEAT_MAX_PIXELS)
		return myo_fail(err, "image %lld: its size is given as %d x %d pixels", id, height, width);
	if (label < -1 || (label >= 0 && (size_t)label >= classes))
		return myo_fail(err, "image %lld: label %d, but there are %zu classes", id, label, classes);
	if (myo_ids_have(&r->seen, c->id[row]))
		return myo_fail(err, "image %lld comes a second time after others; an id is for one image, "
		    "and its tiles follow each other", id);
	if (myo_ids_add(&r->seen, c->id[row], err) != MYO_OK)
		return MYO_FAIL;
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
take_row(struct myo_heat_collector *r, const struct columns *c, size_t row, struct myo_err *err)
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
	t->tile[t->count] = (struct tile){ .y = c->y[row], .x = c->x[row], .row = t->count };
	t->count++;
	return MYO_OK;
}

/* A whole image. Its map is made at once, since its evidence is in the record. */
static int
take_whole(struct myo_heat_collector *r, const struct columns *c, size_t row, struct myo_err *err)
{
	const size_t places = c->evidence->shape[1] * c->evidence->shape[2] * c->evidence->shape[3];
	struct tiles *const t = &r->at_hand;

	t->evidence = (const float *)c->evidence->data + row * places;
	t->evidence_height = c->evidence->shape[1];
	t->evidence_width = c->evidence->shape[2];
	for (size_t i = 0; i < places; i++)
		if (!isfinite(t->evidence[i]))
			return myo_fail(err, "%s: image %lld: its evidence has a number that is not finite", r->name,
			    (long long)c->id[row]);
	if (take_row(r, c, row, err) != MYO_OK)
		return MYO_FAIL;
	return finish_image(r, err);
}

/* ---- the stream ------------------------------------------------------------------------ */

int
myo_heat_collector_new(const struct myo_header *predictions, const char *name, const struct myo_heat_choice *choice,
    myo_heat_done *done, void *context, struct myo_heat_collector **out, struct myo_err *err)
{
	struct myo_heat_collector *const c = myo_calloc(1, sizeof *c, err);

	*out = NULL;
	if (c == NULL)
		return MYO_FAIL;
	*c = (struct myo_heat_collector){ .name = name, .choice = *choice, .done = done, .context = context };
	c->at_hand.classes = predictions->class_count;
	if (myo_heat_grid_of(predictions, choice->method, &c->grid, err) != MYO_OK) {
		(void)blame(c, err);
		goto fail;
	}
	if (predictions->class_count == 0) {
		(void)myo_fail(err, "%s: predictions without classes", name);
		goto fail;
	}
	c->at_hand.powers = myo_calloc(c->at_hand.classes, sizeof *c->at_hand.powers, err);
	c->at_hand.total = myo_calloc(c->at_hand.classes, sizeof *c->at_hand.total, err);
	if (c->at_hand.powers == NULL || c->at_hand.total == NULL)
		goto fail;
	if (choice->about == MYO_ABOUT_TOP &&
	    (c->at_hand.ranked = myo_calloc(c->at_hand.classes, sizeof *c->at_hand.ranked, err)) == NULL)
		goto fail;
	*out = c;
	return MYO_OK;
fail:
	myo_heat_collector_free(c);
	return MYO_FAIL;
}

void
myo_heat_collector_free(struct myo_heat_collector *collector)
{
	if (collector == NULL)
		return;
	myo_ids_clear(&collector->seen);
	free(collector->at_hand.tile);
	free(collector->at_hand.logits);
	free(collector->at_hand.powers);
	free(collector->at_hand.total);
	free(collector->at_hand.ranked);
	free(collector);
}

int
myo_heat_collector_add(struct myo_heat_collector *collector, const struct myo_record *record, struct myo_err *err)
{
	struct columns columns;

	if (find_columns(collector, record, &columns, err) != MYO_OK)
		return blame(collector, err);
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const int status = columns.evidence != NULL ? take_whole(collector, &columns, row, err)
		                                            : take_row(collector, &columns, row, err);
		if (status != MYO_OK)
			return status;
	}
	return MYO_OK;
}

int
myo_heat_collector_end(struct myo_heat_collector *collector, struct myo_err *err)
{
	return finish_image(collector, err);
}

int
myo_heat_read(struct myo_reader *predictions, const char *name, const struct myo_heat_choice *choice,
    myo_heat_done *done, void *context, struct myo_err *err)
{
	struct myo_heat_collector *collector;
	struct myo_record record = MYO_RECORD_INIT;
	int status;

	if (myo_heat_collector_new(myo_reader_header(predictions), name, choice, done, context,
	    &collector, err) != MYO_OK)
		return MYO_FAIL;
	while ((status = myo_reader_next(predictions, &record, err)) == MYO_OK)
		if ((status = myo_heat_collector_add(collector, &record, err)) != MYO_OK)
			break;
	if (status == MYO_END)
		status = myo_heat_collector_end(collector, err);
	myo_record_clear(&record);
	myo_heat_collector_free(collector);
	return status;
}
