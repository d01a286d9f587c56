/* The frame of the page: its head, its sections in order, its end. */
#include "report/private.h"

#include <stdlib.h>

static void
put_lines(struct html *html, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		html_put(html, *lines);
}

static void
put_title(struct html *html, const struct myo_report_page *page)
{
	html_text(html, page->settings.title != NULL ? page->settings.title : "Report on a model's predictions");
}

/* A policy tells the browser to load nothing, whatever names may hold. */
static void
put_head(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
	    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"generator\" content=\"myopic " PACKAGE_VERSION "\">\n<title>");
	put_title(html, page);
	html_put(html, "</title>\n<style>\n");
	put_lines(html, report_css);
	html_put(html, "</style>\n</head>\n");
}

static void
put_subtitle(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<p class=\"faint\">");
	put_images(html, page->figures->images);
	html_print(html, " of %zu class%s", page->figures->classes, page->figures->classes == 1 ? "" : "es");
	if (page->grid.tile > 0 && page->grid.stride > 0)
		html_print(html, "; tiles of %zu × %zu pixels, %zu apart%s", page->grid.tile, page->grid.tile,
		    page->grid.stride, page->grid.pad ? ", the image padded with zeros" : "");
	else if (page->grid.tile > 0)
		html_print(html, "; random crops of %zu × %zu pixels", page->grid.tile, page->grid.tile);
	html_put(html, "</p>\n");
}

static void
put_contents(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<nav aria-label=\"Contents\">\n<ul class=\"contents\">\n"
	    "<li><a href=\"#summary\">Summary</a></li>\n<li><a href=\"#confusion\">Confusion</a></li>\n"
	    "<li><a href=\"#classes\">Classes</a></li>\n<li><a href=\"#calibration\">Calibration</a></li>\n");
	if (page->gallery_count > 0)
		html_put(html, "<li><a href=\"#pictures\">Pictures</a></li>\n");
	if (has_objects(page))
		html_put(html, "<li><a href=\"#objects\">Evidence and objects</a></li>\n");
	if (page->log_count > 0)
		html_put(html, "<li><a href=\"#training\">Training</a></li>\n");
	html_put(html, "<li><a href=\"#making\">How it was made</a></li>\n</ul>\n</nav>\n");
}

static int
put_page(struct html *html, const struct myo_report_page *page, const json_t *history, struct myo_err *err)
{
	put_head(html, page);
	html_put(html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the contents</a>\n<header>\n<h1>");
	put_title(html, page);
	html_put(html, "</h1>\n");
	put_subtitle(html, page);
	put_contents(html, page);
	html_put(html, "</header>\n<main id=\"main\" tabindex=\"-1\">\n");
	put_summary(html, page);
	put_confusion(html, page);
	put_classes(html, page);
	put_calibration(html, page);
	if (page->gallery_count > 0 && put_pictures(html, page, err) != MYO_OK)
		return MYO_FAIL;
	if (has_objects(page))
		put_objects(html, page);
	if (page->log_count > 0)
		put_curves(html, page);
	if (put_making(html, page, history, err) != MYO_OK)
		return MYO_FAIL;
	html_put(html, "</main>\n<script>\n");
	put_lines(html, report_js);
	html_put(html, "</script>\n</body>\n</html>\n");
	return html_end(html);
}

int
myo_report_page_write(struct myo_report_page *page, const json_t *history, int fd, const char *path,
    struct myo_err *err)
{
	if (page_finish(page, err) != MYO_OK)
		return MYO_FAIL;
	struct html *const html = myo_calloc(1, sizeof *html, err);
	if (html == NULL)
		return MYO_FAIL;
	html->fd = fd;
	html->path = path;
	html->err = err;
	const int rc = put_page(html, page, history, err);
	free(html);
	return rc;
}
