/* Which rows become maps, and of which class: those to be shown, and those to be scored. */
#include "report/private.h"

#include <stdlib.h>

/* ---- what the model says of an image as a whole ----------------------------------------------------- */

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

/* What is said of an image; NULL: nothing. */
static const struct myo_score_image *
find(const struct wholes *wholes, int64_t id)
{
	const struct myo_score_image key = { .id = id };

	return wholes->count == 0 ? NULL : bsearch(&key, wholes->images, wholes->count, sizeof key, by_id);
}

/* The same of an image that has a label; MYO_FAIL when there is no such image, or another one. */
static int
need(const struct wholes *wholes, int64_t id, int32_t label, const struct myo_score_image **out, struct myo_err *err)
{
	*out = find(wholes, id);
	if (*out == NULL)
		return myo_fail(err, "%s: no image %lld, of which there are pictures to show", wholes->name, (long long)id);
	if ((*out)->label != label)
		return myo_fail(err, "%s: image %lld has label %d, but %d on standard input: other images?", wholes->name,
		    (long long)id, (*out)->label, label);
	return MYO_OK;
}

/* ---- maps to be shown ---------------------------------------------------------------------------------- */

/* A record without one of its tensors, which points into the other. */
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
 * The collector knows only what tiles say. So it is told the class that the whole image is taken for in the place of the label, and
 * makes the label's map; judge() puts the label back.
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
		const int32_t of = ((const int32_t *)label->data)[row];
		const struct myo_score_image *whole;
		if (of < 0)
			continue; /* any class: the map isn't shown */
		if (need(&page->wholes, ((const int64_t *)id->data)[row], of, &whole, err) != MYO_OK)
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

/* Whether the label's place holds another class. */
static bool
is_of_wholes(const struct myo_report_page *page)
{
	return page->has_whole && page->collector != NULL && page->choice.about == MYO_ABOUT_PREDICTED;
}

int
maps_show(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	return is_of_wholes(page) ? show_of_wholes(page, record, err) : myo_heat_collector_add(page->collector, record, err);
}

/* A picture is taken for what the figures take it for. */
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
	if (page->collector != NULL && myo_heat_method(page->choice.method)->of_class &&
	    myo_heat_scores_add(page->scores, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	return myo_heat_picks_add(page->picks, map, err);
}
