/* Lines of text. */
#include "draw/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = MYO_PAGE_LINE + 1 };

static void
set_ink(struct myo_page *page, double size, enum myo_ink ink)
{
	const double grey = ink == MYO_INK_FAINT ? 0.42 : 0.1;

	cairo_select_font_face(page->cairo, "sans", CAIRO_FONT_SLANT_NORMAL,
	    ink == MYO_INK_STRONG ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(page->cairo, size);
	cairo_set_source_rgb(page->cairo, grey, grey, grey);
}

static double
width_of(struct myo_page *page, const char *text)
{
	cairo_text_extents_t extents;

	cairo_text_extents(page->cairo, text, &extents);
	return extents.x_advance;
}

/*
 * Make a text fit to be drawn: a byte that isn't valid UTF-8 would make Cairo fail the whole page. Returns its length,
 * cut to the room.
 */
static size_t
clean(const char *text, char room[LONGEST])
{
	const char *const end = text + strlen(text);
	size_t used = 0;

	while (text < end) {
		bool shown;
		const size_t bytes = myo_character(text, (size_t)(end - text), &shown), now = shown ? bytes : 1;
		if (used + now >= LONGEST)
			break;
		memcpy(room + used, shown ? text : "?", now);
		used += now;
		text += bytes;
	}
	room[used] = '\0';
	return used;
}

/* The text, or as many of its characters as fit with an ellipsis, in `room`. Returns its width. */
static double
fit(struct myo_page *page, const char *text, double max_width, char room[LONGEST])
{
	char whole[LONGEST];
	size_t length = clean(text, whole);
	double width;

	(void)snprintf(room, LONGEST, "%s", whole);
	if (strlen(text) < LONGEST && (width = width_of(page, room)) <= max_width)
		return width;
	if (length > LONGEST - 4)
		length = LONGEST - 4; /* three bytes of the ellipsis, and the 0 */
	do {
		while (length > 0 && ((unsigned char)whole[length] & 0xc0) == 0x80)
			length--;
		while (length > 0 && whole[length - 1] == ' ')
			length--;
		(void)snprintf(room, LONGEST, "%.*s…", (int)length, whole);
		width = width_of(page, room);
	} while (width > max_width && length-- > 0);
	return width;
}

/* before: the share of the text's width that is left of x. */
static double
put(struct myo_page *page, double x, double baseline, double max_width, double size, enum myo_ink ink,
    const char *text, double before)
{
	char shown[LONGEST];

	set_ink(page, size, ink);
	const double width = fit(page, text, max_width, shown);
	cairo_move_to(page->cairo, x - before * width, baseline);
	cairo_show_text(page->cairo, shown);
	return width;
}

double
myo_page_text(struct myo_page *page, double x, double baseline, double max_width, double size, enum myo_ink ink,
    const char *text)
{
	return put(page, x, baseline, max_width, size, ink, text, 0);
}

void
myo_page_text_left_of(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text)
{
	(void)put(page, x, baseline, max_width, size, ink, text, 1);
}

void
myo_page_text_around(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text)
{
	(void)put(page, x, baseline, max_width, size, ink, text, 0.5);
}

void
myo_page_text_up(struct myo_page *page, double x, double y, double length, double size, enum myo_ink ink,
    const char *text)
{
	cairo_save(page->cairo);
	cairo_translate(page->cairo, x, y - length / 2);
	cairo_rotate(page->cairo, -acos(-1) / 2);
	(void)put(page, 0, 0, length, size, ink, text, 0.5);
	cairo_restore(page->cairo);
}

double
myo_page_text_width(struct myo_page *page, double size, enum myo_ink ink, const char *text)
{
	char whole[LONGEST];

	(void)clean(text, whole);
	set_ink(page, size, ink);
	return width_of(page, whole);
}
