/* The most telling tiles of a class. */
#include "report/figure.h"

#include <inttypes.h>

/* Larger tiles are most of their image, which is shown anyway. */
enum { SIDE_MOST = 256 };

bool
has_tiles(const struct myo_report_page *page)
{
	return page->telling != NULL && page->grid.tile <= SIDE_MOST;
}

static int
put_tile(struct html *html, const struct figures *figures, const struct myo_tell *tell, bool names_class,
    struct myo_err *err)
{
	const struct myo_heat_map map = { .id = tell->id, .label = tell->label, .height = (size_t)tell->height,
		.width = (size_t)tell->width };
	const struct myo_heat_tile tile = { .y = tell->y, .x = tell->x };
	const int side = (int)figures->page->grid.tile;
	struct myo_image image = MYO_IMAGE_INIT;
	struct myo_heat_image found;

	if (myo_heat_images_find(figures->page->images, &map, &found, err) != MYO_OK ||
	    myo_image_init(&image, side, side, err) != MYO_OK)
		return MYO_FAIL;
	myo_gallery_tile(&figures->style, &map, found.pixels, &tile, image.pixels);
	html_put(html, "<li>");
	const int rc = put_picture(html, &image, err);
	myo_image_clear(&image);
	if (rc != MYO_OK)
		return MYO_FAIL;
	html_print(html, "Tile of image %" PRId64 " at row %d, column %d\"> ", tell->id, tell->y, tell->x);
	if (names_class) {
		put_class(html, figures->page, (size_t)tell->about);
		html_put(html, " ");
	}
	html_percent(html, myo_tell_probability(tell->odds));
	html_put(html, "</li>\n");
	return MYO_OK;
}

int
put_tiles_of(struct html *html, const struct figures *figures, size_t number, struct myo_err *err)
{
	static const char *const titles[MYO_TELLS] =
	    { "Tiles that speak most for it", "Tiles that speak least for it",
		"Tiles that speak most for another class" };
	const struct myo_tell *tell;

	html_put(html, "<div class=\"telling\">\n");
	for (int kind = 0; kind < MYO_TELLS; kind++) {
		if (myo_telling_get(figures->page->telling, number, (enum myo_tells)kind, 0) == NULL)
			continue;
		html_print(html, "<div>\n<h4>%s</h4>\n<ul class=\"tiles\">\n", titles[kind]);
		for (size_t n = 0;
		    (tell = myo_telling_get(figures->page->telling, number, (enum myo_tells)kind, n)) != NULL; n++)
			if (put_tile(html, figures, tell, kind == MYO_TELLS_WRONG, err) != MYO_OK)
				return MYO_FAIL;
		html_put(html, "</ul>\n</div>\n");
	}
	html_put(html, "</div>\n");
	return MYO_OK;
}
