/* Lines, areas, marks, dots and pixels. */
#include "draw/page.h"

#include <math.h>
#include <string.h>

void
page_colour(struct myo_page *page, struct myo_rgb colour)
{
	cairo_set_source_rgb(page->cairo, colour.r / 255.0, colour.g / 255.0, colour.b / 255.0);
}

void
myo_page_fill(struct myo_page *page, double x, double y, double width, double height, struct myo_rgb colour)
{
	page_colour(page, colour);
	cairo_rectangle(page->cairo, x, y, width, height);
	cairo_fill(page->cairo);
}

void
myo_page_frame(struct myo_page *page, double x, double y, double width, double height, double thick,
    struct myo_rgb colour)
{
	page_colour(page, colour);
	cairo_set_line_width(page->cairo, thick);
	cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_MITER);
	cairo_rectangle(page->cairo, x + thick / 2, y + thick / 2, width - thick, height - thick);
	cairo_stroke(page->cairo);
}

void
myo_page_line(struct myo_page *page, const double *points, size_t count, double thick, struct myo_rgb colour)
{
	bool drawing = false;

	page_colour(page, colour);
	cairo_set_line_width(page->cairo, thick);
	cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_ROUND);
	for (size_t i = 0; i < count; i++) {
		const double x = points[2 * i], y = points[2 * i + 1];
		if (isnan(x) || isnan(y)) {
			drawing = false;
			continue;
		}
		if (drawing)
			cairo_line_to(page->cairo, x, y);
		else
			cairo_move_to(page->cairo, x, y);
		drawing = true;
	}
	cairo_stroke(page->cairo);
}

void
myo_page_dashes(struct myo_page *page, const double *points, size_t count, double thick, struct myo_rgb colour)
{
	static const double pattern[] = { 5, 4 };

	cairo_set_dash(page->cairo, pattern, MYO_COUNT(pattern), 0);
	myo_page_line(page, points, count, thick, colour);
	cairo_set_dash(page->cairo, NULL, 0, 0);
}

void
myo_page_dashes_nth(struct myo_page *page, const double *points, size_t count, double thick, size_t n,
    struct myo_rgb colour)
{
	/* in line widths: dashes; dots; both */
	static const double patterns[][4] = { { 4, 2.5, 4, 2.5 }, { 1.2, 1.8, 1.2, 1.8 }, { 6, 2, 1.2, 2 } };
	double pattern[4];

	if (n > 0) {
		for (size_t i = 0; i < MYO_COUNT(pattern); i++)
			pattern[i] = thick * patterns[(n - 1) % MYO_COUNT(patterns)][i];
		cairo_set_dash(page->cairo, pattern, MYO_COUNT(pattern), 0);
	}
	myo_page_line(page, points, count, thick, colour);
	cairo_set_dash(page->cairo, NULL, 0, 0);
}

/* Corners of marks, x y, for a radius of 1; all marks have about the area of the disc. */
static const double square[] = { -0.86, -0.86, 0.86, -0.86, 0.86, 0.86, -0.86, 0.86 };
static const double triangle[] = { 0, -1.2, 1.12, 0.8, -1.12, 0.8 };
static const double diamond[] = { 0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0 };
static const double tip[] = { 0, 1.2, 1.12, -0.8, -1.12, -0.8 };
static const double plus[] = { -0.42, -1.2, 0.42, -1.2, 0.42, -0.42, 1.2, -0.42, 1.2, 0.42, 0.42, 0.42,
	0.42, 1.2, -0.42, 1.2, -0.42, 0.42, -1.2, 0.42, -1.2, -0.42, -0.42, -0.42 };

static void
trace_mark(struct myo_page *page, double x, double y, double radius, size_t n)
{
	static const struct {
		const double *corners;
		size_t count;
	} marks[] = { { NULL, 0 }, { square, 4 }, { triangle, 3 }, { diamond, 4 }, { tip, 3 }, { plus, 12 } };
	const size_t which = n % MYO_COUNT(marks);

	cairo_new_path(page->cairo);
	if (marks[which].corners == NULL)
		cairo_arc(page->cairo, x, y, radius, 0, 2 * acos(-1));
	for (size_t i = 0; i < marks[which].count; i++)
		cairo_line_to(page->cairo, x + radius * marks[which].corners[2 * i],
		    y + radius * marks[which].corners[2 * i + 1]);
	cairo_close_path(page->cairo);
}

void
myo_page_mark(struct myo_page *page, double x, double y, double radius, size_t n, bool hollow, struct myo_rgb colour)
{
	static const struct myo_rgb white = { 255, 255, 255 };
	const double edge = 0.36 * radius;

	trace_mark(page, x, y, radius, n);
	cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_MITER);
	cairo_set_line_width(page->cairo, hollow ? edge : 2 * edge);
	page_colour(page, white);
	if (hollow)
		cairo_fill_preserve(page->cairo);
	else
		cairo_stroke_preserve(page->cairo);
	page_colour(page, colour);
	if (hollow)
		cairo_stroke(page->cairo);
	else
		cairo_fill(page->cairo);
}

void
myo_page_dot(struct myo_page *page, double x, double y, double radius, struct myo_rgb colour)
{
	page_colour(page, colour);
	cairo_new_sub_path(page->cairo);
	cairo_arc(page->cairo, x, y, radius, 0, 2 * acos(-1));
	cairo_fill(page->cairo);
}

void
myo_page_clip(struct myo_page *page, double x, double y, double width, double height)
{
	cairo_rectangle(page->cairo, x, y, width, height);
	cairo_clip(page->cairo);
}

void
myo_page_unclip(struct myo_page *page)
{
	cairo_reset_clip(page->cairo);
}

/* One line of pixels in Cairo's format, each repeated `factor` times. */
static void
widen(unsigned char *line, const uint8_t *pixels, size_t width, int factor)
{
	for (size_t i = 0; i < width; i++) {
		const uint8_t *const p = pixels + 3 * i;
		const uint32_t word = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		for (int n = 0; n < factor; n++, line += sizeof word)
			memcpy(line, &word, sizeof word);
	}
}

int
myo_page_pixels(struct myo_page *page, int x, int y, const uint8_t *pixels, size_t height, size_t width, int factor,
    struct myo_err *err)
{
	const size_t side = MYO_PAGE_MAX_SIDE, times = (size_t)factor;

	/* Enlarged here, since viewers of PDF and SVG smooth what they enlarge. */
	if (width > side / times || height > side / times)
		return myo_fail(err, "%s: a picture of %zu x %zu pixels, enlarged %d times, is too large",
		    page->path, width, height, factor);
	cairo_surface_t *const large = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * times),
	    (int)(height * times));
	if (cairo_surface_status(large) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(large);
		return myo_fail_memory(err, width * times * height * times * 4);
	}
	const size_t pitch = (size_t)cairo_image_surface_get_stride(large);
	unsigned char *const bytes = cairo_image_surface_get_data(large);
	for (size_t row = 0; row < height; row++) {
		unsigned char *const first = bytes + row * times * pitch;
		widen(first, pixels + row * width * 3, width, factor);
		for (size_t n = 1; n < times; n++)
			memcpy(first + n * pitch, first, width * times * 4);
	}
	cairo_surface_mark_dirty(large);
	cairo_set_source_surface(page->cairo, large, x, y);
	cairo_pattern_set_filter(cairo_get_source(page->cairo), CAIRO_FILTER_NEAREST);
	cairo_rectangle(page->cairo, x, y, (double)(width * times), (double)(height * times));
	cairo_fill(page->cairo);
	cairo_surface_destroy(large); /* Cairo keeps a reference as long as it needs it */
	return MYO_OK;
}
