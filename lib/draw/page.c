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

/* Keep the bytes of the file that Cairo makes, since nothing is written before the page is saved. */
static cairo_status_t
take_bytes(void *closure, const unsigned char *bytes, unsigned count)
{
	struct myo_page *const page = closure;
	size_t room = page->room > 0 ? page->room : 1 << 16;

	while (room - page->size < count)
		room *= 2;
	if (room > page->room) {
		char *const larger = myo_realloc(page->bytes, room, 1, NULL);
		if (larger == NULL) {
			page->no_memory = true;
			return CAIRO_STATUS_NO_MEMORY;
		}
		page->bytes = larger;
		page->room = room;
	}
	memcpy(page->bytes + page->size, bytes, count);
	page->size += count;
	return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
surface_of(struct myo_page *page)
{
	cairo_surface_t *surface;

	switch (page->paper) {
	case PAPER_SVG:
		surface = cairo_svg_surface_create_for_stream(take_bytes, page, page->width, page->height);
		cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
		return surface;
	case PAPER_PDF:
		surface = cairo_pdf_surface_create_for_stream(take_bytes, page, page->width, page->height);
		/* No date in the file, so that the same page has the same bytes. */
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
		return surface;
	default:
		return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)page->width, (int)page->height);
	}
}

/* Antialias text in grey, not for the subpixels of one kind of screen. */
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
		return myo_fail(err,
		    "%s: a picture of %.0f x %.0f pixels is too large; enlarge less, or put less on it", path,
		    page->width, page->height);
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
		cairo_surface_destroy(page->surface); /* may still make bytes, which are thrown away */
	free(page->bytes);
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

/* Write the bytes, which are complete. */
static int
write_file(const struct myo_page *page, struct myo_err *err)
{
	struct myo_outfile *file;

	if (myo_outfile_new(page->path, &file, err) != MYO_OK)
		return MYO_FAIL;
	const int fd = myo_outfile_fd(file);
	const int status = page->paper == PAPER_SVG ? page_write_svg(fd, page->bytes, page->size, err)
	                                            : myo_write_all(fd, page->bytes, page->size, err);
	if (status == MYO_OK)
		return myo_outfile_commit(file, err);
	myo_err_prefix(err, "%s: ", page->path);
	myo_outfile_discard(file);
	return MYO_FAIL;
}

int
myo_page_save(struct myo_page *page, struct myo_err *err)
{
	cairo_status_t status = cairo_status(page->cairo);

	if (status == CAIRO_STATUS_SUCCESS && page->paper == PAPER_PNG) {
		status = cairo_surface_write_to_png_stream(page->surface, take_bytes, page);
	} else if (status == CAIRO_STATUS_SUCCESS) {
		cairo_show_page(page->cairo);
		cairo_surface_finish(page->surface);
		status = cairo_surface_status(page->surface);
	}
	if (page->no_memory)
		return myo_fail(err, "%s: out of memory for its %zu bytes", page->path, page->size);
	if (status != CAIRO_STATUS_SUCCESS)
		return myo_fail(err, "%s: can't be drawn: %s", page->path, cairo_status_to_string(status));
	return write_file(page, err);
}
