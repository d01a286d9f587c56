/* Pictures next to their maps, and the legend of the maps. */
#include "report/figure.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/*
 * Longer sides are shrunk to SIDE_MOST, which bounds the size of the page; pictures up to SIDE_SQUARES are enlarged
 * without smoothing.
 */
enum { SIDE_MOST = 160, SIDE_SQUARES = 100 };

void
figures_begin(struct figures *figures, const struct myo_report_page *page)
{
	const struct myo_heat_map *map;

	*figures = (struct figures){ page, { .method = page->choice.method, .grid = page->grid, .scale = MYO_SCALE_INIT,
	    .alpha = 0.6, .ending = "png", .class_count = page->header->class_count,
	    .classes = page->header->classes } };
	myo_colours(myo_heat_method(page->choice.method)->is_signed ? MYO_COLOURS_BALANCE : MYO_COLOURS_EMBER,
	    figures->style.colours);
	for (size_t i = 0; page->collector != NULL && i < page->gallery_count; i++)
		for (enum myo_heat_pick kind = 0; kind < MYO_PICKS; kind++)
			for (size_t n = 0;
			    (map = myo_heat_picks_get(page->picks, page->gallery[i], kind, n)) != NULL; n++)
				myo_gallery_scale_add(&figures->style.scale, map, page->choice.method);
	myo_gallery_scale_settle(&figures->style.scale, page->choice.method);
}

/* ---- pictures in the page ----------------------------------------------------------------------------- */

/* As put_picture(), for a picture that needs no shrinking. */
static int
put_pixels(struct html *html, const struct myo_image *image, struct myo_err *err)
{
	uint8_t *bytes;
	size_t size;

	if (myo_image_encode_png(image, &bytes, &size, err) != MYO_OK)
		return MYO_FAIL;
	html_print(html, "<img%s width=\"%d\" height=\"%d\" src=\"data:image/png;base64,",
	    image->width <= SIDE_SQUARES && image->height <= SIDE_SQUARES ? " class=\"squares\"" : "", image->width,
	    image->height);
	html_base64(html, bytes, size);
	html_put(html, "\" alt=\"");
	free(bytes);
	return MYO_OK;
}

int
put_picture(struct html *html, const struct myo_image *image, struct myo_err *err)
{
	struct myo_image small = MYO_IMAGE_INIT;
	const int longer = image->height > image->width ? image->height : image->width;

	if (longer <= SIDE_MOST)
		return put_pixels(html, image, err);
	const double shrink = (double)SIDE_MOST / longer;
	int rc = myo_image_resize(image, (int)fmax(1, round(image->height * shrink)),
	    (int)fmax(1, round(image->width * shrink)),
	    MYO_FILTER_AREA, &small, err);
	if (rc == MYO_OK)
		rc = put_pixels(html, &small, err);
	myo_image_clear(&small);
	return rc;
}

static int
put_overlay(struct html *html, const struct figures *figures, const struct myo_heat_map *map, const uint8_t *pixels,
    struct myo_err *err)
{
	struct myo_image overlay = MYO_IMAGE_INIT;

	if (myo_image_init(&overlay, (int)map->height, (int)map->width, err) != MYO_OK)
		return MYO_FAIL;
	myo_gallery_overlay(&figures->style, map, pixels, overlay.pixels);
	const int rc = put_picture(html, &overlay, err);
	myo_image_clear(&overlay);
	if (rc == MYO_OK && myo_heat_method(figures->style.method)->of_class) {
		html_put(html, "With its heat for ");
		put_class_plain(html, figures->page, (size_t)map->about);
	} else if (rc == MYO_OK) {
		html_put(html, "With its heat");
	}
	html_put(html, "\">");
	return rc;
}

/* ---- figures ---------------------------------------------------------------------------------------------- */

static void
put_caption(struct html *html, const struct figures *figures, const struct myo_heat_map *map,
    const struct myo_heat_image *image)
{
	const struct myo_report_page *const page = figures->page;

	html_put(html, "<figcaption>");
	if (map->predicted != map->label) {
		html_put(html, "taken for <strong>");
		put_class(html, page, (size_t)map->predicted);
		html_put(html, "</strong> ");
		html_percent(html, map->p_predicted);
		html_put(html, "<br>is ");
	}
	html_put(html, map->predicted == map->label ? "<strong>" : "");
	put_class(html, page, (size_t)map->label);
	html_put(html, map->predicted == map->label ? "</strong> " : " ");
	html_percent(html, map->p_label);
	html_print(html, "<br><small>image %" PRId64, map->id);
	if (image->name != NULL && image->name_bytes > 0 && image->name[0] != '\0') {
		html_put(html, ", <bdi>");
		html_text_most(html, image->name, image->name_bytes);
		html_put(html, "</bdi>");
	}
	html_put(html, "</small></figcaption>\n");
}

int
put_figure(struct html *html, const struct figures *figures, const struct myo_heat_map *map, const char *kind,
    struct myo_err *err)
{
	struct myo_heat_image found;

	if (myo_heat_images_find(figures->page->images, map, &found, err) != MYO_OK)
		return MYO_FAIL;
	const struct myo_image picture = { (int)map->height, (int)map->width, (uint8_t *)(uintptr_t)found.pixels, 1 };
	html_print(html, "<figure class=\"%s\" id=\"image-%" PRId64 "\" data-kind=\"%s\" data-true=\"%d\" "
	    "data-predicted=\"%d\">\n<div class=\"pair\">", map->predicted == map->label ? "right" : "wrong",
	    map->id, kind, map->label, map->predicted);
	if (put_picture(html, &picture, err) != MYO_OK)
		return MYO_FAIL;
	html_print(html, "Image %" PRId64 "\">", map->id);
	if (figures->page->collector != NULL && put_overlay(html, figures, map, found.pixels, err) != MYO_OK)
		return MYO_FAIL;
	html_put(html, "</div>\n");
	put_caption(html, figures, map, &found);
	html_put(html, "</figure>\n");
	return MYO_OK;
}

/* ---- the legend ----------------------------------------------------------------------------------------------- */

static const char *
meaning(enum myo_heat_method method)
{
	switch (method) {
	case MYO_HEAT_PAPER:
		return "The heat of a pixel is the largest logit of the tile around it, shown where that tile by itself is taken for the "
		    "class in question; where it is taken for another one, the picture is pale grey.";
	case MYO_HEAT_COVER:
		return "The heat of a pixel is the mean probability of the class in question over all tiles that cover it: 1 where each "
		    "of them is sure of it.";
	case MYO_HEAT_LOGIT:
		return "The heat of a pixel is the logit of the class in question for the tile around it. A logit by itself speaks "
		    "neither for nor against a class, only beside those of the others.";
	case MYO_HEAT_MARGIN:
		return "The heat of a pixel is how far, for the tile around it, the logit of the class in question lies above the largest "
		    "of the others: below 0 another class wins there.";
	case MYO_HEAT_ENTROPY:
		return "The heat of a pixel is how unsure the network is of the tile around it: the entropy of the class probabilities, in "
		    "bits. It is of no class in question.";
	case MYO_HEAT_CLASSES:
		return "The colour of a pixel is the class that the tile around it is taken for.";
	case MYO_HEAT_EVIDENCE:
		return "The heat of a pixel is what it adds to the logit of the class in question, inside of the network; its mean over the "
		    "image is the logit. What it adds to those of the other classes isn't counted against it.";
	}
	return "";
}

/* How gaps between tiles are filled, if there isn't one for every pixel. */
static void
put_gaps(struct html *html, const struct figures *figures)
{
	const size_t stride = figures->page->grid.stride;

	if (figures->page->grid.tile == 0 || stride < 2)
		return;
	html_print(html, " Tiles lie %zu pixels apart: ", stride);
	switch (figures->style.method) {
	case MYO_HEAT_PAPER:
	case MYO_HEAT_CLASSES:
		html_print(html, "each fills the square of %zu × %zu pixels around its centre, the outermost ones somewhat more, and nothing is "
		    "mixed; where none reaches, the picture is pale grey.", stride, stride);
		break;
	case MYO_HEAT_COVER:
		html_put(html, "a pixel has the mean of those few that cover it, so the map goes in steps, and nothing is put in between");
		html_put(html, stride > figures->page->grid.tile ? "; where none does, the picture is pale grey." :
		    ".");
		break;
	case MYO_HEAT_LOGIT:
	case MYO_HEAT_MARGIN:
	case MYO_HEAT_ENTROPY:
		html_put(html, "from one tile's centre to the next a pixel's heat is interpolated between the four nearest ones (bilinear), "
		    "and less than that far beyond the outermost centres it stays as it is there; further out the picture is pale grey.");
		break;
	case MYO_HEAT_EVIDENCE:
		break;
	}
}

static void
put_question(struct html *html, const struct figures *figures)
{
	const struct myo_report_page *const page = figures->page;

	if (!myo_heat_method(figures->style.method)->of_class)
		return;
	if (page->choice.about == MYO_ABOUT_PREDICTED) {
		html_put(html, " The class in question is the one that the image is taken for.");
	} else if (page->choice.about == MYO_ABOUT_LABEL) {
		html_put(html, " The class in question is the image's own.");
	} else {
		html_put(html, " The class in question is always ");
		put_class(html, page, (size_t)page->choice.about_class);
		html_put(html, ".");
	}
}

static int
put_bar(struct html *html, const struct figures *figures, struct myo_err *err)
{
	const struct myo_scale *const scale = &figures->style.scale;
	const struct myo_ticks ticks = myo_scale_ticks(scale, 7);
	uint8_t pixels[MYO_COLOURS * 3];
	const struct myo_image bar = { 1, MYO_COLOURS, pixels, 1 };
	char text[64];

	for (size_t i = 0; i < MYO_COLOURS; i++) {
		pixels[3 * i] = figures->style.colours[i].r;
		pixels[3 * i + 1] = figures->style.colours[i].g;
		pixels[3 * i + 2] = figures->style.colours[i].b;
	}
	html_put(html, "<div class=\"scale\">\n");
	if (put_pixels(html, &bar, err) != MYO_OK)
		return MYO_FAIL;
	html_put(html, "Colours from the least heat to the most\">\n<div class=\"ticks\">");
	for (size_t n = 0; n < ticks.count; n++) {
		const double value = myo_ticks_at(&ticks, n, text, sizeof text);
		html_print(html, "<span style=\"left:%.2f%%\">%s</span>",
		    100 * (value - scale->low) / (scale->high - scale->low), text);
	}
	html_print(html, "</div>\n<p>%s</p>\n</div>\n", myo_heat_method(figures->style.method)->measures);
	return MYO_OK;
}

static void
put_swatches(struct html *html, const struct figures *figures)
{
	html_put(html, "<ul class=\"legend\">\n");
	for (size_t k = 0; k < figures->style.class_count; k++) {
		const struct myo_rgb colour = myo_colours_nth(k);
		html_print(html, "<li><span class=\"swatch\" style=\"background:rgb(%d,%d,%d)\"></span> ", colour.r,
		    colour.g, colour.b);
		put_class(html, figures->page, k);
		html_put(html, "</li>\n");
	}
	html_put(html, "</ul>\n");
}

int
put_legend(struct html *html, const struct figures *figures, struct myo_err *err)
{
	html_print(html, "<p>%s", meaning(figures->style.method));
	put_gaps(html, figures);
	put_question(html, figures);
	html_put(html, " All maps share a scale, so that a weak one looks weak; the colours are laid over the picture in grey.</p>\n");
	if (figures->style.method == MYO_HEAT_CLASSES)
		put_swatches(html, figures);
	else if (put_bar(html, figures, err) != MYO_OK)
		return MYO_FAIL;
	return MYO_OK;
}
