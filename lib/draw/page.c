/* The paper, and the file that it becomes. */
#include "draw/page.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static enum paper
paper_of(const char *path)
{
	static const char *const ends[] = { [PAPER_PNG] = ".png", [PAPER_SVG] = ".svg", [PAPER_PDF] = ".pdf" };
	const size_t length = strlen(path);

	for (size_t i = 0; i < MYO_COUNT(ends); i++)
		if (length > strlen(ends[i]) && strcasecmp(path + length - strlen(ends[i]), ends[i]) == 0)
			return (enum paper)i;
	return PAPER_NONE;
}

bool
myo_page_can_be(const char *path)
{
	return paper_of(path) != PAPER_NONE;
}

/* Bytes of the file as Cairo makes them. */
static cairo_status_t
write_some(void *closure, const unsigned char *bytes, unsigned count)
{
	struct myo_page *const page = closure;

	if (!page->failed && myo_write_all(myo_outfile_fd(page->file), bytes, count, &page->err) == MYO_OK)
		return CAIRO_STATUS_SUCCESS;
	page->failed = true;
	return CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *
surface_of(struct myo_page *page)
{
	cairo_surface_t *surface;

	switch (page->paper) {
	case PAPER_SVG:
		surface = cairo_svg_surface_create_for_stream(write_some, page, page->width, page->height);
		cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
		return surface;
	case PAPER_PDF:
		surface = cairo_pdf_surface_create_for_stream(write_some, page, page->width, page->height);
		/* No date in the file: the same page has the same bytes. */
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
		return surface;
	default:
		return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)page->width, (int)page->height);
	}
}

/* Grey edges: coloured ones are for one kind of screen only. */
static void
set_fonts(cairo_t *cairo)
{
	cairo_font_options_t *const options = cairo_font_options_create();

	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
	cairo_set_font_options(cairo, options);
	cairo_font_options_destroy(options);
}

static int
lay_paper(struct myo_page *page, const char *path, struct myo_err *err)
{
	page->path = myo_strdup(path, err);
	if (page->path == NULL)
		return MYO_FAIL;
	page->paper = paper_of(path);
	if (page->paper == PAPER_NONE)
		return myo_fail(err, "%s: a picture's name ends in .png, .svg or .pdf", path);
	if (!(page->width <= MYO_PAGE_MAX_SIDE) || !(page->height <= MYO_PAGE_MAX_SIDE))
		return myo_fail(err, "%s: a picture of %.0f x %.0f pixels is too large; enlarge less, or put less on it", path,
		    page->width, page->height);
	if (page->paper != PAPER_PNG && myo_outfile_new(path, &page->file, err) != MYO_OK)
		return MYO_FAIL;
	page->surface = surface_of(page);
	page->cairo = cairo_create(page->surface);
	if (cairo_status(page->cairo) != CAIRO_STATUS_SUCCESS)
		return myo_fail(err, "%s: a picture of %.0f x %.0f pixels: %s", path, page->width, page->height,
		    cairo_status_to_string(cairo_status(page->cairo)));
	return MYO_OK;
}

int
myo_page_new(const char *path, double width, double height, struct myo_page **out, struct myo_err *err)
{
	struct myo_page *const page = myo_calloc(1, sizeof *page, err);

	*out = NULL;
	if (page == NULL)
		return MYO_FAIL;
	page->width = ceil(width);
	page->height = ceil(height);
	if (lay_paper(page, path, err) != MYO_OK) {
		myo_page_free(page);
		return MYO_FAIL;
	}
	set_fonts(page->cairo);
	cairo_set_source_rgb(page->cairo, 1, 1, 1);
	cairo_paint(page->cairo);
	*out = page;
	return MYO_OK;
}

void
myo_page_free(struct myo_page *page)
{
	if (page == NULL)
		return;
	if (page->cairo != NULL)
		cairo_destroy(page->cairo);
	if (page->surface != NULL)
		cairo_surface_destroy(page->surface); /* may still write, into what is then thrown away */
	myo_outfile_discard(page->file);
	free(page->path);
	free(page);
}

double
myo_page_width(const struct myo_page *page)
{
	return page->width;
}

double
myo_page_height(const struct myo_page *page)
{
	return page->height;
}

int
myo_page_save(struct myo_page *page, struct myo_err *err)
{
	cairo_status_t status = cairo_status(page->cairo);

	if (status == CAIRO_STATUS_SUCCESS && page->paper == PAPER_PNG) {
		if (myo_outfile_new(page->path, &page->file, err) != MYO_OK)
			return MYO_FAIL;
		status = cairo_surface_write_to_png_stream(page->surface, write_some, page);
	} else if (status == CAIRO_STATUS_SUCCESS) {
		cairo_show_page(page->cairo);
		cairo_surface_finish(page->surface);
		status = cairo_surface_status(page->surface);
	}
	if (page->failed) {
		if (err != NULL)
			*err = page->err;
		myo_err_prefix(err, "%s: ", page->path);
		return MYO_FAIL;
	}
	if (status != CAIRO_STATUS_SUCCESS)
		return myo_fail(err, "%s: can't be drawn: %s", page->path, cairo_status_to_string(status));
	struct myo_outfile *const file = page->file;
	page->file = NULL;
	return myo_outfile_commit(file, err);
}
