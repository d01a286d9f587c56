/* page.h - private to the room: the page as its files share it. */
#ifndef MYO_DRAW_PAGE_H
#define MYO_DRAW_PAGE_H

#include "draw/draw.h"

#include <cairo.h>

enum paper { PAPER_PNG, PAPER_SVG, PAPER_PDF, PAPER_NONE };

struct myo_page {
	char *path;
	enum paper paper;
	struct myo_outfile *file; /* of SVG and PDF, which Cairo writes as it draws; NULL before */
	cairo_surface_t *surface;
	cairo_t *cairo;
	double width, height;
	struct myo_err err; /* of a write that failed */
	bool failed;
};

/* What is drawn next has this colour. */
void page_colour(struct myo_page *page, struct myo_rgb colour);

#endif
