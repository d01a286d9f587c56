/* Lines, marks, whiskers and bars. */
#include "chart/private.h"

#include <math.h>
#include <stdlib.h>

/*
 * In units. If more than MANY points are closer than `crowded` on average, marks are at least `sparse` apart. whisker,
 * cap: thickness, and half the width of the ends.
 */
static const double crowded = 14, sparse = 56, whisker = 1.1, cap = 3;
enum { MANY = 12 };

static const struct {
	double thick, radius;
} styles[] = {
	[MYO_CHART_LINE] = { 1.9, 3.5 },
	[MYO_CHART_BESIDE] = { 1.2, 3.1 },
	[MYO_CHART_SMOOTH] = { 1.6, 0 },
	[MYO_CHART_GUIDE] = { 1, 0 },
	[MYO_CHART_MARKS] = { 0, 3.7 },
	[MYO_CHART_BARS] = { 0, 0 },
};

/* ---- colours -------------------------------------------------------------------------------- */

struct myo_rgb
chart_colour(const struct myo_chart_look *look)
{
	enum { YELLOW = 6 }; /* only for areas: a thin yellow line can't be seen on white */

	if (look->grey)
		return (struct myo_rgb){ 110, 110, 110 };
	return myo_colours_nth(look->nth < YELLOW ? look->nth : look->nth + 1);
}

/* The colour for an area, so pale that what is drawn over it can be read easily. */
static struct myo_rgb
pale(struct myo_rgb colour)
{
	const double share = 0.32;

	return (struct myo_rgb){ (uint8_t)lround(255 - share * (255 - colour.r)),
		(uint8_t)lround(255 - share * (255 - colour.g)), (uint8_t)lround(255 - share * (255 - colour.b)) };
}

bool
chart_has_marks(const struct myo_chart_series *series)
{
	return styles[series->look.style].radius > 0;
}

/* ---- places ----------------------------------------------------------------------------------- */

/* Limit what is far beyond the frame to the range of Cairo's coordinates. */
static double
within(double share)
{
	return fmin(100, fmax(-100, share));
}

static double
place_x(const struct chart_frame *frame, double x)
{
	return frame->x + frame->width * within(chart_axis_share(&frame->across, x));
}

static double
place_y(const struct chart_frame *frame, const struct chart_axis *axis, double y)
{
	return frame->y + frame->height * (1 - within(chart_axis_share(axis, y)));
}

static bool
is_inside(const struct chart_frame *frame, double x, double y)
{
	const double slack = 0.01;

	return x >= frame->x - slack && x <= frame->x + frame->width + slack && y >= frame->y - slack &&
	       y <= frame->y + frame->height + slack;
}

/* A series on the page: its axis, and the points that its line goes through, one for each x. */
struct course {
	const struct chart_frame *frame;
	const struct myo_chart_series *series;
	const struct chart_axis *up;
	size_t count;
	double *places; /* [count, 2] */
};

static void
find_course(struct course *course)
{
	const struct myo_chart_point *const points = course->series->points;

	course->count = 0;
	for (size_t i = 0, next; i < course->series->count; i = next) {
		double sum = 0;
		for (next = i; next < course->series->count && points[next].x <= points[i].x; next++)
			sum += points[next].y;
		course->places[2 * course->count] = place_x(course->frame, points[i].x);
		course->places[2 * course->count++ + 1] = place_y(course->frame, course->up, sum / (double)(next - i));
	}
}

/* Of the places [first, next) keep the first, the last, the highest and the lowest, in order. Returns how many. */
static size_t
keep_some(const double *from, size_t first, size_t next, double *to)
{
	size_t high = first, low = first, kept = 0;

	for (size_t i = first; i < next; i++) {
		high = from[2 * i + 1] < from[2 * high + 1] ? i : high;
		low = from[2 * i + 1] > from[2 * low + 1] ? i : low;
	}
	for (size_t i = first; i < next; i++)
		if (i == first || i == high || i == low || i + 1 == next) {
			to[2 * kept] = from[2 * i];
			to[2 * kept++ + 1] = from[2 * i + 1];
		}
	return kept;
}

/*
 * Of places within half a pixel along x a few show all that can be seen; drawing a line through all of them would take
 * very long.
 */
static void
thin_out(struct course *course)
{
	double *const places = course->places;
	size_t kept = 0;

	for (size_t i = 0, next; i < course->count; i = next) {
		const double column = floor(2 * places[2 * i]);
		for (next = i + 1; next < course->count && floor(2 * places[2 * next]) <= column; next++)
			;
		kept += keep_some(places, i, next, places + 2 * kept);
	}
	course->count = kept;
}

static bool
is_crowded(const struct course *course)
{
	const double *const places = course->places;

	return course->count > MANY && places[2 * course->count - 2] - places[0] <
	    crowded * course->frame->u * (double)(course->count - 1);
}

/* ---- ink ---------------------------------------------------------------------------------------- */

static void
put_mark(const struct course *course, double x, double y)
{
	const struct myo_chart_look *const look = &course->series->look;

	if (is_inside(course->frame, x, y))
		myo_page_mark(course->frame->page, x, y, styles[look->style].radius * course->frame->u, look->nth,
		    look->style == MYO_CHART_BESIDE, chart_colour(look));
}

/* Draw a mark at each point; where they are crowded, only at some places of the line. */
static void
put_marks(const struct course *course)
{
	double last = -INFINITY;

	if (!is_crowded(course)) {
		for (size_t i = 0; i < course->series->count; i++)
			put_mark(course, place_x(course->frame, course->series->points[i].x),
			    place_y(course->frame, course->up, course->series->points[i].y));
		return;
	}
	for (size_t i = 0; i < course->count; i++) {
		const double x = course->places[2 * i];
		if (x - last < sparse * course->frame->u)
			continue;
		put_mark(course, x, course->places[2 * i + 1]);
		last = x;
	}
}

static void
put_whiskers(const struct course *course)
{
	const double thick = whisker * course->frame->u, half = cap * course->frame->u;
	const struct myo_rgb colour = chart_colour(&course->series->look);

	for (size_t i = 0; i < course->series->count; i++) {
		const struct myo_chart_point *const point = &course->series->points[i];
		if (isnan(point->low) || isnan(point->high))
			continue;
		const double x = place_x(course->frame, point->x);
		const double low = place_y(course->frame, course->up, point->low);
		const double high = place_y(course->frame, course->up, point->high);
		const double ends[] = { x - half, low, x + half, low, NAN, NAN, x, low, x, high, NAN, NAN, x - half,
			high, x + half, high };
		myo_page_line(course->frame->page, ends, MYO_COUNT(ends) / 2, thick, colour);
	}
}

static void
put_bars(const struct course *course)
{
	const struct chart_frame *const frame = course->frame;
	const struct myo_rgb colour = chart_colour(&course->series->look);

	for (size_t i = 0; i < course->series->count; i++) {
		const struct myo_chart_point *const point = &course->series->points[i];
		const double left = place_x(frame, point->low), right = place_x(frame, point->high);
		const double top = place_y(frame, course->up, point->y), ground = place_y(frame, course->up, 0);
		const double edge[] = { left, ground, left, top, right, top, right, ground };
		myo_page_fill(frame->page, left, top, right - left, ground - top, pale(colour));
		myo_page_line(frame->page, edge, MYO_COUNT(edge) / 2, 0.8 * frame->u, colour);
	}
}

int
chart_draw_series(const struct chart_frame *frame, const struct myo_chart_series *series, struct myo_err *err)
{
	const struct myo_chart_look *const look = &series->look;
	const double slack = frame->u; /* half the width of a line along the frame is outside it */
	struct course course = { .frame = frame, .series = series, .up = series->right ? &frame->right : &frame->up };

	if (series->count == 0)
		return MYO_OK;
	course.places = myo_calloc(series->count, 2 * sizeof *course.places, err);
	if (course.places == NULL)
		return MYO_FAIL;
	find_course(&course);
	thin_out(&course);
	myo_page_clip(frame->page, frame->x - slack, frame->y - slack, frame->width + 2 * slack,
	    frame->height + 2 * slack);
	if (look->style == MYO_CHART_BARS)
		put_bars(&course);
	else if (styles[look->style].thick > 0)
		myo_page_dashes_nth(frame->page, course.places, course.count, styles[look->style].thick * frame->u,
		    look->dashes, chart_colour(look));
	if (chart_has_marks(series))
		put_whiskers(&course);
	myo_page_unclip(frame->page);
	if (chart_has_marks(series))
		put_marks(&course);
	free(course.places);
	return MYO_OK;
}

/* ---- the key ---------------------------------------------------------------------------------------- */

void
chart_draw_sample(struct myo_page *page, double u, double x, double y, double wide, const struct myo_chart_look *look)
{
	const struct myo_rgb colour = chart_colour(look);
	const double middle = x + wide / 2, half = 5 * u;
	const double line[] = { x, y, x + wide, y };

	if (look->style == MYO_CHART_BARS) {
		myo_page_fill(page, middle - half, y - half, 2 * half, 2 * half, pale(colour));
		myo_page_frame(page, middle - half, y - half, 2 * half, 2 * half, 0.8 * u, colour);
		return;
	}
	if (styles[look->style].thick > 0)
		myo_page_dashes_nth(page, line, 2, styles[look->style].thick * u, look->dashes, colour);
	if (styles[look->style].radius > 0)
		myo_page_mark(page, middle, y, styles[look->style].radius * u, look->nth,
		    look->style == MYO_CHART_BESIDE, colour);
}
