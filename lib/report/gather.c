/* Gathering predictions for the page. */
#include "report/private.h"

#include <stdlib.h>

/* ---- making and freeing ------------------------------------------------------------------------- */

static int
set_up(struct myo_report_page *page, struct myo_err *err)
{
	const struct myo_header *const header = page->header;
	int64_t tile, stride, pad;

	if (myo_heat_ask(header, page->settings.about, &page->choice, err) != MYO_OK)
		return MYO_FAIL;
	if (page->choice.about == MYO_ABOUT_TOP)
		return myo_fail(err, "class '%s': a report shows one map of an image", page->settings.about);
	if (myo_header_get_int(header, "tile", 0, MYO_HEAT_MAX_SIDE, 0, &tile, err) != MYO_OK ||
	    myo_header_get_int(header, "stride", 0, MYO_HEAT_MAX_SIDE, 0, &stride, err) != MYO_OK ||
	    myo_header_get_int(header, "pad", 0, 1, 0, &pad, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	page->grid = (struct myo_heat_grid){ (size_t)tile, (size_t)stride, pad != 0 };
	if (page->settings.method != MYO_REPORT_AUTO)
		page->choice.method = (enum myo_heat_method)page->settings.method;
	else
		page->choice.method = tile > 0 ? MYO_HEAT_COVER : MYO_HEAT_EVIDENCE;
	if (page->images == NULL)
		return MYO_OK;
	if (header->class_count == 0)
		return myo_fail(err, "%s: the predictions name no classes, by which pictures are sorted", page->name);
	if (myo_heat_picks_new(header->class_count, page->settings.each, &page->picks, err) != MYO_OK ||
	    myo_heat_scores_new(header->class_count, 0, &page->scores, err) != MYO_OK)
		return MYO_FAIL;
	page->chance = myo_calloc(header->class_count, sizeof *page->chance, err);
	return page->chance != NULL ? MYO_OK : MYO_FAIL;
}

int
myo_report_page_new(const struct myo_report_settings *settings, const struct myo_header *predictions, const char *name,
    const struct myo_heat_images *images, struct myo_report_page **out, struct myo_err *err)
{
	struct myo_report_page *const page = myo_calloc(1, sizeof *page, err);

	*out = NULL;
	if (page == NULL)
		return MYO_FAIL;
	page->settings = *settings;
	page->header = predictions;
	page->name = name;
	page->images = images;
	if (set_up(page, err) != MYO_OK) {
		myo_report_page_free(page);
		return MYO_FAIL;
	}
	*out = page;
	return MYO_OK;
}

void
myo_report_page_free(struct myo_report_page *page)
{
	if (page == NULL)
		return;
	myo_score_free(page->score);
	myo_score_free(page->whole_score);
	json_decref(page->whole_history);
	free(page->wholes.images);
	myo_heat_collector_free(page->collector);
	myo_heat_collector_free(page->scored);
	myo_heat_picks_free(page->picks);
	myo_heat_scores_free(page->scores);
	myo_telling_free(page->telling);
	free(page->chance);
	for (size_t i = 0; i < page->log_count; i++)
		log_clear(&page->logs[i]);
	free(page->logs);
	free(page->gallery);
	free(page);
}

/* ---- predictions ---------------------------------------------------------------------------------- */

/* Begin with the first record, which shows how many classes there are, and whether maps can be made. */
static int
begin(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	struct myo_heat_choice choice = page->choice;
	const struct myo_tensor *logits;

	if (myo_record_need(record, "logits", MYO_F32, 2, NULL, &logits, err) != MYO_OK ||
	    myo_score_new(logits->shape[1], page->settings.top, page->settings.memory, &page->score, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	if (page->grid.tile == 0 && myo_header_get(page->header, "tile") == NULL)
		myo_score_once(page->score);
	if (page->images == NULL || (page->settings.method == MYO_REPORT_AUTO && page->grid.tile == 0 &&
	    myo_record_find(record, "evidence") == NULL))
		return MYO_OK;
	if (page->grid.tile > 0 &&
	    myo_telling_new(page->header->class_count, &page->grid, page->settings.each, &page->telling, err) != MYO_OK)
		return MYO_FAIL;
	if (page->has_whole && choice.about == MYO_ABOUT_PREDICTED)
		choice.about = MYO_ABOUT_LABEL; /* maps_show() replaces the labels */
	if (myo_heat_collector_new(page->header, page->name, &choice, page_take, page, &page->collector, err) != MYO_OK)
		return MYO_FAIL;
	return maps_score_begin(page, err);
}

int
myo_report_page_add(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	if (page->score == NULL && begin(page, record, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_score_add(page->score, record, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	if (page->collector != NULL && maps_show(page, record, err) != MYO_OK)
		return MYO_FAIL;
	if (page->scored != NULL && maps_score(page, record, err) != MYO_OK)
		return MYO_FAIL;
	if (page->telling != NULL && myo_telling_add(page->telling, record, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	if (page->collector != NULL)
		return MYO_OK;
	if (page->images != NULL && plain_add(page, record, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	return MYO_OK;
}

/* ---- whole images beside tiles --------------------------------------------------------------------- */

static int
new_whole_score(struct myo_report_page *page, size_t classes, struct myo_err *err)
{
	if (myo_score_new(classes, page->settings.top, page->settings.memory, &page->whole_score, err) != MYO_OK)
		return MYO_FAIL;
	myo_score_once(page->whole_score);
	if (page->images != NULL)
		myo_score_tell(page->whole_score, wholes_add, &page->wholes);
	return MYO_OK;
}

/* Put the name of the whole images' predictions in front of an error; the reader does so for its own. */
static int
blame_whole(const struct myo_report_page *page, struct myo_err *err)
{
	myo_err_prefix(err, "%s: ", page->wholes.name);
	return MYO_FAIL;
}

static int
check_whole(const struct myo_report_page *page, const struct myo_header *whole, struct myo_err *err)
{
	int64_t tile;

	if (myo_header_same_classes(whole, page->header, "the tiles", err) != MYO_OK ||
	    myo_header_get_int(whole, "tile", 0, INT32_MAX, 0, &tile, err) != MYO_OK)
		return MYO_FAIL;
	return tile == 0 ? MYO_OK : myo_fail(err, "predictions of patches, not of whole images");
}

static int
add_whole(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	const struct myo_tensor *logits;

	if (myo_record_need(record, "logits", MYO_F32, 2, NULL, &logits, err) != MYO_OK)
		return MYO_FAIL;
	if (page->whole_score == NULL && new_whole_score(page, logits->shape[1], err) != MYO_OK)
		return MYO_FAIL;
	return myo_score_add(page->whole_score, record, err);
}

int
myo_report_page_whole(struct myo_report_page *page, struct myo_reader *whole, const char *name, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	int rc;

	page->wholes.name = name;
	if (myo_reader_need_kind(whole, MYO_PREDICTIONS, err) != MYO_OK)
		return MYO_FAIL;
	if (check_whole(page, myo_reader_header(whole), err) != MYO_OK)
		return blame_whole(page, err);
	while ((rc = myo_reader_next(whole, &record, err)) == MYO_OK)
		if (add_whole(page, &record, err) != MYO_OK) {
			rc = blame_whole(page, err);
			break;
		}
	myo_record_clear(&record);
	if (rc != MYO_END)
		return MYO_FAIL;
	if (page->whole_score == NULL)
		return myo_fail(err, "%s: there are no predictions", name);
	if (myo_score_result(page->whole_score, &page->whole, err) != MYO_OK)
		return blame_whole(page, err);
	page->has_whole = true;
	wholes_sort(&page->wholes);
	return myo_json_copy(myo_reader_header(whole)->history, &page->whole_history, err);
}

int
myo_report_page_log(struct myo_report_page *page, const char *path, struct myo_err *err)
{
	struct log *const more = myo_realloc(page->logs, page->log_count + 1, sizeof *more, err);

	if (more == NULL)
		return MYO_FAIL;
	page->logs = more;
	more[page->log_count] = (struct log){ 0 };
	return log_read(path, &more[page->log_count++], err);
}

/* ---- the end ----------------------------------------------------------------------------------------- */

struct ranked {
	size_t number;
	bool too_few; /* images, fewer than IMAGES_TO_JUDGE */
	double accuracy;
};

static int
worst_first(const void *a, const void *b)
{
	const struct ranked *const x = a, *const y = b;

	if (x->too_few != y->too_few)
		return x->too_few ? 1 : -1;
	if (x->accuracy < y->accuracy || x->accuracy > y->accuracy)
		return x->accuracy < y->accuracy ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int
by_number(const void *a, const void *b)
{
	const size_t *const x = a, *const y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * Choose the classes whose pictures are shown; of too many, those of the lowest accuracy, and first among those with
 * enough images.
 */
static int
choose_gallery(struct myo_report_page *page, struct myo_err *err)
{
	const size_t classes = page->header->class_count, most = page->settings.gallery;
	struct ranked *const ranked = myo_calloc(classes, sizeof *ranked, err);
	size_t count = 0;

	page->gallery = myo_calloc(classes, sizeof *page->gallery, err);
	if (ranked == NULL || page->gallery == NULL) {
		free(ranked);
		return MYO_FAIL;
	}
	for (size_t k = 0; k < classes; k++) {
		const struct myo_share share = myo_result_class(page->figures, k);
		if (myo_heat_picks_get(page->picks, k, MYO_PICK_WORST, 0) != NULL && share.of > 0)
			ranked[count++] = (struct ranked){ k, share.of < IMAGES_TO_JUDGE,
				(double)share.hits / (double)share.of };
	}
	if (count > most)
		qsort(ranked, count, sizeof *ranked, worst_first);
	page->gallery_cut = count > most;
	page->gallery_count = count > most ? most : count;
	for (size_t i = 0; i < page->gallery_count; i++)
		page->gallery[i] = ranked[i].number;
	qsort(page->gallery, page->gallery_count, sizeof *page->gallery, by_number);
	free(ranked);
	return MYO_OK;
}

int
page_finish(struct myo_report_page *page, struct myo_err *err)
{
	if (page->score == NULL)
		return myo_fail(err, "%s: there are no predictions", page->name);
	if (page->collector != NULL && myo_heat_collector_end(page->collector, err) != MYO_OK)
		return MYO_FAIL;
	if (page->scored != NULL && myo_heat_collector_end(page->scored, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_score_result(page->score, &page->result, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", page->name);
		return MYO_FAIL;
	}
	page->figures = page->has_whole ? &page->whole : &page->result;
	return page->picks != NULL ? choose_gallery(page, err) : MYO_OK;
}
