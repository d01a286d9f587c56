/* The most telling tiles on one page. */
#include "gallery/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 20, GAP = 10, GROUP_GAP = 36, TITLE = 60, HEADING = 24, WORDS = 46, LINE_GAP = 14,
	LEAST_NAME = 70, MOST_NAME = 230, LETTER = 11, CUT = 64, CELL = 84,
	LEAST_GROUP = 185 }; /* that a heading wants */

struct layout {
	int factor, side; /* enlargement of a tile, and its side after that */
	double name, cell, line;       /* widths of the names and of a cell, height of a line */
	double at[MYO_TELLS + 1];      /* where each group begins, and where the page ends */
	size_t lines;
};

static bool
is_shown(const struct myo_telling *telling, const bool *shown, size_t k)
{
	return (shown == NULL || shown[k]) && myo_telling_get(telling, k, MYO_TELLS_FOR, 0) != NULL;
}

static size_t
most_of(const struct myo_gallery_style *style, const struct myo_telling *telling, const bool *shown,
    enum myo_tells kind, size_t each)
{
	size_t most = 0;

	for (size_t k = 0; k < style->class_count; k++) {
		size_t n = 0;
		while (is_shown(telling, shown, k) && n < each && myo_telling_get(telling, k, kind, n) != NULL)
			n++;
		most = n > most ? n : most;
	}
	return most;
}

static struct layout
lay_out(const struct myo_gallery_style *style, const struct myo_telling *telling, const bool *shown, size_t each)
{
	struct layout l = { .factor = gallery_factor(style->grid.tile, style->grid.tile, CUT) };

	l.side = l.factor * (int)style->grid.tile;
	l.cell = (l.side > CELL ? l.side : CELL) + GAP;
	l.line = l.side + WORDS + LINE_GAP;
	for (size_t k = 0; k < style->class_count; k++) {
		if (!is_shown(telling, shown, k))
			continue;
		l.lines++;
		l.name = fmax(l.name, (double)strlen(style->classes[k]) * LETTER + GAP);
	}
	l.name = fmin(fmax(l.name, LEAST_NAME), MOST_NAME);
	l.at[0] = MARGIN + l.name;
	for (size_t kind = 0; kind < MYO_TELLS; kind++) {
		const size_t most = most_of(style, telling, shown, (enum myo_tells)kind, each);
		l.at[kind + 1] = l.at[kind] + fmax((double)most * l.cell, LEAST_GROUP) + GROUP_GAP;
	}
	l.at[MYO_TELLS] += MARGIN - GROUP_GAP;
	return l;
}

static int
put_tile(struct myo_page *page, const struct layout *l, double x, double y, const struct myo_gallery_style *style,
    const struct myo_tell *tell, const struct myo_heat_images *images, uint8_t *cut, struct myo_err *err)
{
	const struct myo_heat_map place = { .id = tell->id, .label = tell->label, .height = (size_t)tell->height,
		.width = (size_t)tell->width };
	const struct myo_heat_tile tile = { .y = tell->y, .x = tell->x };
	const double probability = myo_tell_probability(tell->odds);
	struct myo_heat_image image;
	char text[64];

	if (myo_heat_images_find(images, &place, &image, err) != MYO_OK)
		return MYO_FAIL;
	myo_gallery_tile(style, &place, image.pixels, &tile, cut);
	if (myo_page_pixels(page, (int)x, (int)y, cut, style->grid.tile, style->grid.tile, l->factor, err) != MYO_OK)
		return MYO_FAIL;
	(void)snprintf(text, sizeof text, probability < 0.0095 ? "%.1g" : "%.2f", probability);
	(void)myo_page_text(page, x, y + l->side + 14, l->cell - GAP, 12, MYO_INK_PLAIN, text);
	(void)snprintf(text, sizeof text, "image %lld", (long long)tell->id);
	if (myo_page_text_width(page, 10, MYO_INK_FAINT, text) > l->cell - GAP / 2.0)
		(void)snprintf(text, sizeof text, "%lld", (long long)tell->id);
	(void)myo_page_text(page, x, y + l->side + 28, l->cell - GAP / 2.0, 10, MYO_INK_FAINT, text);
	if (tell->about != tell->label)
		(void)myo_page_text(page, x, y + l->side + 42, l->cell - GAP / 2.0, 11, MYO_INK_STRONG,
		    myo_gallery_class(style, tell->about));
	return MYO_OK;
}

static int
put_lines(struct myo_page *page, const struct layout *l, const struct myo_gallery_style *style,
    const struct myo_telling *telling, const bool *shown, size_t each, const struct myo_heat_images *images,
    struct myo_err *err)
{
	uint8_t *const cut = myo_calloc(style->grid.tile * style->grid.tile, 3, err);
	double y = MARGIN + TITLE + HEADING;
	int status = cut != NULL ? MYO_OK : MYO_FAIL;

	for (size_t k = 0; status == MYO_OK && k < style->class_count; k++) {
		if (!is_shown(telling, shown, k))
			continue;
		(void)myo_page_text(page, MARGIN, y + 16, l->name - GAP, 14, MYO_INK_STRONG, style->classes[k]);
		for (size_t kind = 0; kind < MYO_TELLS; kind++) {
			for (size_t n = 0; status == MYO_OK && n < each; n++) {
				const struct myo_tell *const tell =
				    myo_telling_get(telling, k, (enum myo_tells)kind, n);
				if (tell != NULL)
					status =
					    put_tile(page, l,
					    l->at[kind] + (double)n * l->cell, y, style, tell, images, cut, err);
			}
		}
		y += l->line;
	}
	free(cut);
	return status;
}

static void
put_head(struct myo_page *page, const struct layout *l, const struct myo_gallery_style *style)
{
	static const char *const kinds[MYO_TELLS] = { [MYO_TELLS_FOR] = "argue most for the class",
		[MYO_TELLS_AGAINST] = "argue most against it", [MYO_TELLS_WRONG] = "argue most for another class" };
	const double wide = myo_page_width(page) - 2 * MARGIN;
	char text[256], grid[128];

	gallery_grid(style, grid, sizeof grid);
	(void)myo_page_text(page, MARGIN, 32, wide, 16, MYO_INK_STRONG, "The most telling tiles");
	(void)snprintf(text, sizeof text, "%s, of images of the class, one of an image at most", grid);
	(void)myo_page_text(page, MARGIN, 50, wide, 12, MYO_INK_FAINT, text);
	(void)myo_page_text(page, MARGIN, 66, wide, 12, MYO_INK_FAINT,
	    "below a tile its probability of the class that is argued about");
	for (size_t kind = 0; kind < MYO_TELLS; kind++)
		(void)myo_page_text(page, l->at[kind], MARGIN + TITLE + 12, l->at[kind + 1] - l->at[kind], 13,
		    MYO_INK_PLAIN, kinds[kind]);
}

int
myo_gallery_tells(const struct myo_gallery_style *style, const struct myo_telling *telling,
    const bool *shown, size_t each, const struct myo_heat_images *images, const char *path, struct myo_err *err)
{
	const struct layout l = lay_out(style, telling, shown, each);
	struct myo_page *page;

	if (l.lines == 0)
		return myo_fail(err, "none of the tiles is of an image with a label that is to be shown");
	if (myo_page_new(path, l.at[MYO_TELLS],
	    MARGIN + TITLE + HEADING + (double)l.lines * l.line + MARGIN, &page, err) != MYO_OK)
		return MYO_FAIL;
	put_head(page, &l, style);
	int status = put_lines(page, &l, style, telling, shown, each, images, err);
	if (status == MYO_OK)
		status = myo_page_save(page, err);
	myo_page_free(page);
	return status;
}
