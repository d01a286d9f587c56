/* Lines of text. */
#include "draw/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 256 }; /* bytes of a line that are worth reading */

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

/* Bytes of the character that a text begins with; 0 where it begins with none, or with one that steers. */
static size_t
character(const char *text)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least; /* a smaller one has no business to be so long */
	} forms[] = { { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	const unsigned char *const bytes = (const unsigned char *)text;

	if (bytes[0] < 0x80)
		return bytes[0] >= 0x20 && bytes[0] != 0x7f ? 1 : 0;
	for (size_t form = 0; form < MYO_COUNT(forms); form++) {
		if ((bytes[0] & forms[form].mask) != forms[form].lead)
			continue;
		uint32_t code = bytes[0] & (unsigned char)~forms[form].mask;
		for (size_t i = 1; i <= form + 1; i++) {
			if ((bytes[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (bytes[i] & 0x3f);
		}
		const bool good = code >= forms[form].least && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) && code > 0x9f;
		return good ? form + 2 : 0;
	}
	return 0;
}

/* The text as it can be drawn: Cairo refuses a whole page for a byte that is no UTF-8. Returns its length, cut to the room. */
static size_t
clean(const char *text, char room[LONGEST])
{
	size_t used = 0;

	while (*text != '\0') {
		const size_t bytes = character(text), step = bytes > 0 ? bytes : 1;
		if (used + step >= LONGEST)
			break;
		if (bytes > 0)
			memcpy(room + used, text, bytes);
		else
			room[used] = '?';
		used += step;
		text += step;
	}
	room[used] = '\0';
	return used;
}

/* The text, or as much of it as fits with an ellipsis. Cuts between characters, never within one. Returns its width. */
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
		length = LONGEST - 4; /* the ellipsis' three bytes and the end */
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

/* `before`: the share of the width that stands left of x. */
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
