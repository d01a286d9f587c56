/* Which rows become maps, and about which class: maps to be shown, and maps to be scored. */
#include "report/private.h"

#include <stdlib.h>

/* ---- predictions for whole images -------------------------------------------------------------------- */

int
wholes_add(void *wholes, const struct myo_score_image *image, struct myo_err *err)
{
	struct wholes *const w = wholes;

	if (w->count == w->room) {
		const size_t room = w->room > 0 ? 2 * w->room : 1024;
		struct myo_score_image *const more = myo_realloc(w->images, room, sizeof *more, err);
		if (more == NULL)
			return MYO_FAIL;
		w->images = more;
		w->room = room;
	}
	w->images[w->count++] = *image;
	return MYO_OK;
}

static int
by_id(const void *a, const void *b)
{
	const struct myo_score_image *const x = a, *const y = b;

	return (x->id > y->id) - (x->id < y->id);
}

void
wholes_sort(struct wholes *wholes)
{
	if (wholes->count > 0)
		qsort(wholes->images, wholes->count, sizeof *wholes->images, by_id);
}

/* The prediction for an image, or NULL. */
static const struct myo_score_image *
find(const struct wholes *wholes, int64_t id)
{
	const struct myo_score_image key = { .id = id };

	return wholes->count == 0 ? NULL : bsearch(&key, wholes->images, wholes->count, sizeof key, by_id);
}

/* The same for an image that has a label; MYO_FAIL if there is none, or it has another label. */
static int
need(const struct wholes *wholes, int64_t id, int32_t label, const struct myo_score_image **out, struct myo_err *err)
{
	*out = find(wholes, id);
	if (*out == NULL)
		return myo_fail(err, "%s: no image %lld, of which there are pictures to show", wholes->name,
		    (long long)id);
	if ((*out)->label != label)
		return myo_fail(err, "%s: image %lld has label %d, but %d on standard input: other images?",
		    wholes->name, (long long)id, (*out)->label, label);
	return MYO_OK;
}

/* ---- records, image by image ---------------------------------------------------------------------------- */

/* The columns that identify an image, from its first row on. */
struct columns {
	const int64_t *id;                      /* [rows], as all below */
	const int32_t *label, *height, *width;
};

static int
find_columns(const struct myo_record *record, struct columns *out, struct myo_err *err)
{
	const struct myo_tensor *id, *label, *height, *width;

	if (myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    myo_record_need(record, "height", MYO_I32, 1, NULL, &height, err) != MYO_OK ||
	    myo_record_need(record, "width", MYO_I32, 1, NULL, &width, err) != MYO_OK)
		return MYO_FAIL;
	*out = (struct columns){ id->data, label->data, height->data, width->data };
	return MYO_OK;
}

/* Called for rows [first, end) of a record, which are of one image. */
typedef int of_image(struct myo_report_page *page, const struct myo_record *record, const struct columns *c,
    size_t first, size_t end, struct myo_err *err);

static int
each_image(struct myo_report_page *page, const struct myo_record *record, of_image *act, struct myo_err *err)
{
	const size_t rows = myo_record_rows(record);
	struct columns columns;

	if (find_columns(record, &columns, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	for (size_t first = 0, end; first < rows; first = end) {
		for (end = first + 1; end < rows && columns.id[end] == columns.id[first]; end++)
			;
		if (act(page, record, &columns, first, end, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
collect(struct myo_heat_collector *collector, const struct myo_record *record, size_t first, size_t end,
    struct myo_err *err)
{
	struct myo_record rows = MYO_RECORD_INIT;
	int rc = myo_record_part(record, first, end - first, &rows, err);

	if (rc == MYO_OK)
		rc = myo_heat_collector_add(collector, &rows, err);
	myo_record_clear(&rows);
	return rc;
}

/* ---- maps to be shown ---------------------------------------------------------------------------------- */

/* Make `out` a record of all tensors but one; it points into the first. */
static int
copy_but(const struct myo_record *record, const struct myo_tensor *but, struct myo_record *out, struct myo_err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct myo_tensor *const t = &record->tensors[i];
		if (t != but && myo_record_put(out, t->name, t->dtype, t->dims, t->shape, t->data, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

/*
 * The collector knows only the predictions for tiles. So the label is replaced by the class that the whole image is
 * taken for, of which the collector then makes the map; judge() restores the label.
 */
static int
show_of_wholes(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	const size_t rows = myo_record_rows(record);
	const struct myo_tensor *id, *label;
	struct myo_record asked = MYO_RECORD_INIT;
	int32_t *about = NULL; /* [rows] */
	int rc = MYO_FAIL;

	if (myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    copy_but(record, label, &asked, err) != MYO_OK || (about = myo_calloc(rows, sizeof *about, err)) == NULL)
		goto done;
	for (size_t row = 0; row < rows; row++) {
		const int64_t image = ((const int64_t *)id->data)[row];
		const int32_t of = ((const int32_t *)label->data)[row];
		const struct myo_score_image *whole = find(&page->wholes, image);
		if (of < 0 && whole == NULL)
			continue; /* any class will do, since the map isn't shown */
		if (of >= 0 && need(&page->wholes, image, of, &whole, err) != MYO_OK)
			goto done;
		about[row] = (int32_t)whole->choice;
	}
	if (myo_record_put(&asked, "label", MYO_I32, 1, &rows, about, err) == MYO_OK)
		rc = myo_heat_collector_add(page->collector, &asked, err);
done:
	myo_record_clear(&asked);
	free(about);
	return rc;
}

static bool
is_of_wholes(const struct myo_report_page *page)
{
	return page->has_whole && page->collector != NULL && page->choice.about == MYO_ABOUT_PREDICTED;
}

/* Pass on only images with a label: others have no map about it, and aren't shown. */
static int
show_labelled(struct myo_report_page *page, const struct myo_record *record, const struct columns *c,
    size_t first, size_t end, struct myo_err *err)
{
	return c->label[first] < 0 ? MYO_OK : collect(page->collector, record, first, end, err);
}

int
maps_show(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	if (is_of_wholes(page))
		return show_of_wholes(page, record, err);
	if (page->choice.about == MYO_ABOUT_LABEL)
		return each_image(page, record, show_labelled, err);
	return myo_heat_collector_add(page->collector, record, err);
}

/* Set the predicted class of a map to that of the predictions which the page is about. */
static int
judge(const struct myo_report_page *page, struct myo_heat_map *map, struct myo_err *err)
{
	const struct myo_score_image *whole = find(&page->wholes, map->id);

	if (is_of_wholes(page))
		map->label = whole != NULL ? whole->label : -1;
	if (map->label < 0)
		return MYO_OK;
	if (need(&page->wholes, map->id, map->label, &whole, err) != MYO_OK)
		return MYO_FAIL;
	map->predicted = (int32_t)whole->choice;
	map->p_predicted = whole->p_choice;
	map->p_label = whole->p_label;
	return MYO_OK;
}

int
page_take(void *context, struct myo_heat_map *map, struct myo_err *err)
{
	struct myo_report_page *const page = context;
	struct myo_heat_image image;

	if (page->has_whole && judge(page, map, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_heat_images_find(page->images, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	return myo_heat_picks_add(page->picks, map, err);
}

/* ---- maps to be scored ----------------------------------------------------------------------------------- */

/* Pass an image to the collector, if it has a label and its object is known. */
static int
score_image(struct myo_report_page *page, const struct myo_record *record, const struct columns *c,
    size_t first, size_t end, struct myo_err *err)
{
	const struct myo_heat_map map = { .id = c->id[first], .label = c->label[first],
		.height = (size_t)c->height[first], .width = (size_t)c->width[first] };
	struct myo_heat_image image;

	if (map.label < 0)
		return MYO_OK;
	if (myo_heat_images_find(page->images, &map, &image, err) != MYO_OK)
		return MYO_FAIL;
	return image.mask == NULL && image.box == NULL ? MYO_OK : collect(page->scored, record, first, end, err);
}

int
maps_score(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	return each_image(page, record, score_image, err);
}

static int
take_score(void *context, struct myo_heat_map *map, struct myo_err *err)
{
	const struct myo_report_page *const page = context;
	struct myo_heat_image image;

	if (myo_heat_images_find(page->images, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	return myo_heat_scores_add(page->scores, map, &image, err);
}

/*
 * The object is of the label's class, about which maps of another class would say nothing: so the maps to be scored are
 * about the label, whichever are shown.
 */
int
maps_score_begin(struct myo_report_page *page, struct myo_err *err)
{
	const struct myo_heat_choice choice = { .method = page->choice.method, .about = MYO_ABOUT_LABEL };

	if (!myo_heat_method(choice.method)->of_class)
		return MYO_OK;
	return myo_heat_collector_new(page->header, page->name, &choice, take_score, page, &page->scored, err);
}
