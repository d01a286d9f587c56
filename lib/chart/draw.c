/* Drawing a chart: the layout of the page. */
#include "chart/private.h"

#include <math.h>
#include <stdlib.h>

/* In units: around the chart, between two panels, and the least size at which a panel is of use. */
static const double margin = 10, between = 14, least_width = 90, least_height = 50;

/* The share of the height for the upper one of two stacked panels. */
static const double upper = 0.74;

/* ---- axes ------------------------------------------------------------------------------------- */

enum which { ACROSS, UP, RIGHT };

/* The numbers to be shown on an axis; the first `marked` of them have marks. */
struct numbers {
	double *items;
	size_t count, marked;
};

static void
gather_series(struct numbers *numbers, const struct myo_chart_series *series, enum which which)
{
	const bool bars = series->look.style == MYO_CHART_BARS;

	for (size_t k = 0; k < series->count; k++) {
		const struct myo_chart_point *const point = &series->points[k];
		numbers->items[numbers->count++] = which == ACROSS ? point->x : point->y;
		if (bars != (which == ACROSS) || isnan(point->low) || isnan(point->high))
			continue;
		numbers->items[numbers->count++] = point->low;
		numbers->items[numbers->count++] = point->high;
	}
}

static int
gather(struct numbers *numbers, const struct myo_chart_panel *panel, enum which which, struct myo_err *err)
{
	size_t most = 0;

	for (size_t i = 0; i < panel->count; i++)
		most += 3 * panel->series[i].count;
	*numbers = (struct numbers){ .items = myo_calloc(most, sizeof *numbers->items, err) };
	if (numbers->items == NULL)
		return MYO_FAIL;
	for (int marks = 1; marks >= 0; marks--) {
		for (size_t i = 0; i < panel->count; i++) {
			const struct myo_chart_series *const series = &panel->series[i];
			const bool ours = which == ACROSS || series->right == (which == RIGHT);
			if (ours && chart_has_marks(series) == (marks == 1))
				gather_series(numbers, series, which);
		}
		if (marks == 1)
			numbers->marked = numbers->count;
	}
	return MYO_OK;
}

static int
settle(const struct chart_frame *frame, enum which which, struct chart_axis *axis, struct myo_err *err)
{
	const struct myo_chart_panel *const panel = frame->panel;
	const struct myo_chart_axis *const want = which == ACROSS ? &panel->x : which == UP ? &panel->y : &panel->right;
	const double length = (which == ACROSS ? frame->width : frame->height) / (12 * frame->u);
	struct numbers numbers;

	if (gather(&numbers, panel, which, err) != MYO_OK)
		return MYO_FAIL;
	const int rc = chart_axis_settle(want, numbers.items, numbers.count, numbers.marked, length,
	    which != ACROSS, axis, err);
	free(numbers.items);
	return rc;
}

static bool
has_right(const struct myo_chart_panel *panel)
{
	for (size_t i = 0; i < panel->count; i++)
		if (panel->series[i].right)
			return true;
	return false;
}

/* ---- panels -------------------------------------------------------------------------------------- */

/* Place a panel: in its part of the page, within the room for labels and titles. */
static int
place(struct chart_frame *frame, double x, double y, double width, double height, struct myo_err *err)
{
	frame->has_right = has_right(frame->panel);
	frame->x = x;
	frame->y = y;
	frame->width = width;
	frame->height = height - chart_room_below(frame);
	if (frame->height < least_height * frame->u)
		return myo_fail(err,
		    "a page of %.0f x %.0f pixels has no room for the chart: make it larger, or the text smaller",
		    myo_page_width(frame->page), myo_page_height(frame->page));
	/* upright axes first: their labels depend on the height alone, and reduce the width */
	if (settle(frame, UP, &frame->up, err) != MYO_OK ||
	    (frame->has_right && settle(frame, RIGHT, &frame->right, err) != MYO_OK) ||
	    settle(frame, ACROSS, &frame->across, err) != MYO_OK)
		return MYO_FAIL;
	frame->left = chart_room_left(frame);
	frame->x = round(x + frame->left);
	frame->width = floor(width - frame->left - chart_room_right(frame));
	if (frame->width < least_width * frame->u)
		return myo_fail(err,
		    "a page of %.0f x %.0f pixels has no room for the chart: make it larger, or the text smaller",
		    myo_page_width(frame->page), myo_page_height(frame->page));
	return settle(frame, ACROSS, &frame->across, err);
}

static int
place_all(const struct myo_chart *chart, struct chart_frame *frames, struct myo_err *err)
{
	struct myo_page *const page = frames[0].page;
	const double u = frames[0].u, side = margin * u;
	const double top = chart_words_above(chart, page, u, false);
	const double width = myo_page_width(page) - 2 * side;
	const double height = myo_page_height(page) - top - chart_words_below(chart, page, u, false);

	if (chart->panels == 1)
		return place(&frames[0], side, top, width, height, err);
	if (!chart->stacked) {
		const double each = (width - between * u) / 2;
		if (place(&frames[0], side, top, each, height, err) != MYO_OK)
			return MYO_FAIL;
		return place(&frames[1], side + each + between * u, top, each, height, err);
	}
	frames[0].bare = true;
	const double high = upper * height;
	if (place(&frames[0], side, top, width, high, err) != MYO_OK ||
	    place(&frames[1], side, top + high, width, height - high, err) != MYO_OK)
		return MYO_FAIL;
	/* one above the other, with the same left and right sides */
	const double left = fmax(frames[0].x, frames[1].x),
	    right = fmin(frames[0].x + frames[0].width, frames[1].x + frames[1].width);
	for (size_t i = 0; i < 2; i++) {
		frames[i].left += left - frames[i].x;
		frames[i].x = left;
		frames[i].width = right - left;
	}
	return MYO_OK;
}

static int
draw_panel(const struct chart_frame *frame, struct myo_err *err)
{
	chart_draw_grid(frame);
	for (int guides = 1; guides >= 0; guides--) /* guides are drawn below all else but bars */
		for (size_t i = 0; i < frame->panel->count; i++) {
			const struct myo_chart_series *const series = &frame->panel->series[i];
			const bool below = series->look.style == MYO_CHART_GUIDE ||
			    series->look.style == MYO_CHART_BARS;
			if (below == (guides == 1) && chart_draw_series(frame, series, err) != MYO_OK)
				return MYO_FAIL;
		}
	chart_draw_axes(frame);
	return MYO_OK;
}

static int
draw(const struct myo_chart *chart, struct myo_page *page, double u, struct myo_err *err)
{
	struct chart_frame frames[MYO_CHART_PANELS] = { 0 };

	for (size_t i = 0; i < chart->panels; i++) {
		frames[i].page = page;
		frames[i].u = u;
		frames[i].panel = &chart->panel[i];
	}
	if (place_all(chart, frames, err) != MYO_OK)
		return MYO_FAIL;
	(void)chart_words_above(chart, page, u, true);
	(void)chart_words_below(chart, page, u, true);
	for (size_t i = 0; i < chart->panels; i++)
		if (draw_panel(&frames[i], err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

int
myo_chart_draw(const struct myo_chart *chart, const char *path, const struct myo_chart_size *size, struct myo_err *err)
{
	const double plain = 12; /* units */
	struct myo_page *page;

	if (myo_page_new(path, size->width, size->height, &page, err) != MYO_OK)
		return MYO_FAIL;
	int rc = draw(chart, page, size->text / plain, err);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	if (rc == MYO_OK)
		rc = myo_page_save(page, err);
	myo_page_free(page);
	return rc;
}
