/* Grid, ticks, labels and titles of axes. */
#include "chart/private.h"

#include <math.h>

/* In units (struct chart_frame). */
static const double text = 12, tick = 4, beside = 6, line = 17, gap = 8;

static const struct myo_rgb grid = { 228, 228, 228 }, ink = { 70, 70, 70 };

/* ---- room -------------------------------------------------------------------------------------- */

static double
widest(const struct chart_frame *frame, const struct chart_axis *axis)
{
	double most = 0;

	for (size_t i = 0; i < axis->count; i++)
		most = fmax(most, myo_page_text_width(frame->page, text * frame->u, MYO_INK_PLAIN,
		    axis->ticks[i].label));
	return most;
}

double
chart_room_left(const struct chart_frame *frame)
{
	return widest(frame, &frame->up) + (beside + line + gap) * frame->u;
}

double
chart_room_right(const struct chart_frame *frame)
{
	double half = 0;

	if (frame->has_right)
		return widest(frame, &frame->right) + (beside + line + gap) * frame->u;
	if (frame->across.count > 0) /* half of the last label may be beyond the end */
		half = myo_page_text_width(frame->page, text * frame->u, MYO_INK_PLAIN,
		    frame->across.ticks[frame->across.count - 1].label) / 2;
	return fmax(half, gap * frame->u);
}

double
chart_room_below(const struct chart_frame *frame)
{
	return frame->bare ? 2 * gap * frame->u : (tick + 2 * line + gap) * frame->u;
}

/* ---- ink ----------------------------------------------------------------------------------------- */

static double
height_of(const struct chart_frame *frame, const struct chart_axis *axis, double at)
{
	return frame->y + frame->height * (1 - chart_axis_share(axis, at));
}

/* Lines are aligned to whole pixels, so that all of them are equally sharp. */
void
chart_draw_grid(const struct chart_frame *frame)
{
	const double thin = fmax(1, round(0.8 * frame->u));

	for (size_t i = 0; i < frame->up.count; i++)
		myo_page_fill(frame->page, frame->x,
		    round(height_of(frame, &frame->up, frame->up.ticks[i].at) - thin / 2), frame->width, thin, grid);
}

static void
draw_across(const struct chart_frame *frame)
{
	const double thin = fmax(1, round(frame->u)), bottom = round(frame->y + frame->height);
	const double baseline = bottom + (tick + 4) * frame->u + 0.75 * text * frame->u;

	myo_page_fill(frame->page, frame->x, bottom, frame->width, thin, ink);
	for (size_t i = 0; i < frame->across.count; i++) {
		const double x = frame->x + frame->width * chart_axis_share(&frame->across, frame->across.ticks[i].at);
		myo_page_fill(frame->page, round(x - thin / 2), bottom, thin, tick * frame->u, ink);
		if (!frame->bare)
			myo_page_text_around(frame->page, x, baseline, frame->width, text * frame->u, MYO_INK_PLAIN,
			    frame->across.ticks[i].label);
	}
	if (!frame->bare)
		myo_page_text_around(frame->page, frame->x + frame->width / 2, baseline + line * frame->u, frame->width,
		    text * frame->u, MYO_INK_PLAIN, frame->panel->x.title);
}

void
chart_draw_axes(const struct chart_frame *frame)
{
	const double right = frame->x + frame->width, size = text * frame->u;
	const double wide = myo_page_width(frame->page);

	draw_across(frame);
	for (size_t i = 0; i < frame->up.count; i++)
		myo_page_text_left_of(frame->page, frame->x - beside * frame->u,
		    height_of(frame, &frame->up, frame->up.ticks[i].at) + 0.36 * size, wide, size, MYO_INK_PLAIN,
		    frame->up.ticks[i].label);
	myo_page_text_up(frame->page, frame->x - frame->left + (gap / 2 + text) * frame->u, frame->y + frame->height,
	    frame->height, size, MYO_INK_PLAIN, frame->panel->y.title);
	if (!frame->has_right)
		return;
	for (size_t i = 0; i < frame->right.count; i++)
		(void)myo_page_text(frame->page, right + beside * frame->u,
		    height_of(frame, &frame->right, frame->right.ticks[i].at) + 0.36 * size, wide, size, MYO_INK_FAINT,
		    frame->right.ticks[i].label);
	myo_page_text_up(frame->page, right + chart_room_right(frame) - gap / 2 * frame->u, frame->y + frame->height,
	    frame->height, size, MYO_INK_FAINT, frame->panel->right.title);
}
