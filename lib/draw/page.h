/* page.h - private to the room: the page as its files share it. */
#ifndef MYO_DRAW_PAGE_H
#define MYO_DRAW_PAGE_H

#include "draw/draw.h"

#include <cairo.h>

enum paper { PAPER_PNG, PAPER_SVG, PAPER_PDF, PAPER_NONE };

struct myo_page {
	char *path;
	enum paper paper;
	char *bytes; /* [room], the file as far as Cairo has made it */
	size_t size, room;
	cairo_surface_t *surface;
	cairo_t *cairo;
	double width, height;
	bool no_memory; /* there was none for more bytes */
};

/* Set the colour of what is drawn next. */
void page_colour(struct myo_page *page, struct myo_rgb colour);

/* Write an SVG file with its ids renumbered; svg.c says why. */
MYO_MUST_USE int page_write_svg(int fd, const char *text, size_t size, struct myo_err *err);

#endif
