/* One map as a page. */
#include "gallery/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MARGIN = 20, GAP = 16, TITLE = 56, CAPTION = 26, MIN_PANEL = 200, MIN_LEGEND = 150, CUT = 64, CUT_GAP = 10,
	CUT_TITLE = 22, CUT_WORDS = 20 };

struct layout {
	int factor, cut_factor;
	int panel;     /* width of a panel with its gap */
	int top, high; /* of the panels */
	int cuts;      /* top of the row of tiles; 0: none */
	int cut_group; /* width of a group of MYO_HEAT_TILES tiles */
	int second;    /* left edge of the second group */
	int legend;    /* height of the legend */
	double width, height;
};

/* Two groups of tiles below the panels; large tiles may make them wider than these. */
static void
lay_out_cuts(struct layout *l, size_t tile)
{
	l->cut_factor = gallery_factor(tile, tile, CUT);
	l->cut_group = MYO_HEAT_TILES * (l->cut_factor * (int)tile + CUT_GAP) - CUT_GAP;
	l->second = MARGIN + (int)fmax(l->cut_group + CUT_GAP + 2 * GAP, l->panel);
	l->cuts = (int)l->height;
	l->width = fmax(l->width, l->second + l->cut_group + MARGIN);
	l->height += CUT_TITLE + l->cut_factor * (int)tile + CUT_WORDS + MARGIN;
}

static struct layout
lay_out(const struct myo_gallery_style *style, const struct myo_heat_map *map)
{
	struct layout l = { .top = MARGIN + TITLE };
	const bool cuts = map->strong_count > 0 && myo_heat_method(style->method)->of_class && map->tiles > 1;

	l.factor = style->enlarge > 0 ? style->enlarge : gallery_factor(map->height, map->width, 256);
	l.panel = (int)fmax((double)l.factor * (double)map->width, MIN_PANEL) + GAP;
	l.high = l.factor * (int)map->height;
	l.legend = l.high > MIN_LEGEND ? l.high : MIN_LEGEND;
	l.width = 2.0 * MARGIN + 3.0 * l.panel + LEGEND_WIDTH;
	l.height = l.top + fmax(l.high + CAPTION, l.legend) + MARGIN;
	if (cuts)
		lay_out_cuts(&l, style->grid.tile);
	return l;
}

/* Names share the room that the rest of the line leaves, so that long names are cut, and never numbers. */
static void
put_title(struct myo_page *page, const struct myo_gallery_style *style, const struct myo_heat_map *map)
{
	const double names = (myo_page_width(page) - 2 * MARGIN - 330) / 2.0;
	const double line = myo_page_width(page) - 2.0 * MARGIN, right = myo_page_width(page) - MARGIN;
	char text[256], grid[128];
	double x = MARGIN;

	x = gallery_pair(page, x, 34, names, "true", myo_gallery_class(style, map->label));
	x = gallery_pair(page, x, 34, names, "predicted", myo_gallery_class(style, map->predicted));
	(void)snprintf(text, sizeof text, "%.2f", map->p_predicted);
	x -= 12;
	x += myo_page_text(page, x, 34, 60, 16, MYO_INK_PLAIN, text) + 20;
	(void)snprintf(text, sizeof text, "%lld", (long long)map->id);
	(void)gallery_pair(page, x, 34, right - x, "image", text);

	gallery_grid(style, grid, sizeof grid);
	if (!myo_heat_method(style->method)->of_class) {
		(void)snprintf(text, sizeof text, "%s, from %zu %s", myo_heat_method(style->method)->measures,
		    map->tiles, grid);
		(void)myo_page_text(page, MARGIN, 56, line, 12, MYO_INK_FAINT, text);
		return;
	}
	x = MARGIN + myo_page_text(page, MARGIN, 56, line, 12, MYO_INK_FAINT, "heat for ");
	x += myo_page_text(page, x, 56, names, 12, MYO_INK_PLAIN, myo_gallery_class(style, map->about));
	if (map->tiles == 1 && style->grid.tile > 0)
		(void)snprintf(text, sizeof text, " (probability %.2f, logit %.2f), from one tile of %zu × %zu",
		    map->p_about, map->logit_about, style->grid.tile, style->grid.tile);
	else if (map->tiles > 1)
		(void)snprintf(text, sizeof text, " (probability %.2f, logit %.2f), from %zu %s", map->p_about,
		    map->logit_about, map->tiles, grid);
	else
		(void)snprintf(text, sizeof text, " (probability %.2f, logit %.2f), from the whole image", map->p_about,
		    map->logit_about);
	(void)myo_page_text(page, x, 56, right - x, 12, MYO_INK_FAINT, text);
}

static int
put_panels(struct myo_page *page, const struct layout *l, const struct myo_gallery_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels, struct myo_err *err)
{
	const double words = l->top + l->high + 18;
	char size[64];

	for (int i = 0; i < 3; i++)
		if (gallery_panel(page, MARGIN + i * l->panel, l->top, style, map, pixels, (enum panel)i,
		    l->factor, err) != MYO_OK)
			return MYO_FAIL;
	(void)snprintf(size, sizeof size, "%zu × %zu pixels", map->width, map->height);
	(void)myo_page_text(page, MARGIN, words, l->panel - GAP, 12, MYO_INK_FAINT, size);
	(void)myo_page_text(page, MARGIN + l->panel, words, 2 * l->panel - GAP, 12, MYO_INK_FAINT,
	    gallery_grey(style, map));
	return MYO_OK;
}

static int
put_cuts(struct myo_page *page, int x, const struct layout *l, const struct myo_gallery_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels, const char *title, const struct myo_heat_tile *tiles,
    size_t count, struct myo_err *err)
{
	const size_t side = style->grid.tile;
	const int wide = l->cut_factor * (int)side, top = l->cuts + CUT_TITLE;
	uint8_t *const cut = myo_calloc(side * side, 3, err);
	int status = cut != NULL ? MYO_OK : MYO_FAIL;
	char text[32];

	(void)myo_page_text(page, x, l->cuts + 12, l->cut_group, 12, MYO_INK_FAINT, title);
	for (size_t i = 0; status == MYO_OK && i < count; i++) {
		const int left = x + (int)i * (wide + CUT_GAP);
		myo_gallery_tile(style, map, pixels, &tiles[i], cut);
		status = myo_page_pixels(page, left, top, cut, side, side, l->cut_factor, err);
		(void)snprintf(text, sizeof text, "%.2f", (double)tiles[i].probability);
		(void)myo_page_text_around(page, left + wide / 2.0, top + wide + 15, wide, 12, MYO_INK_PLAIN, text);
	}
	free(cut);
	return status;
}

static int
draw(struct myo_page *page, const struct layout *l, const struct myo_gallery_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels, struct myo_err *err)
{
	const struct myo_scale scale = myo_gallery_scale(style, map);

	put_title(page, style, map);
	if (put_panels(page, l, style, map, pixels, err) != MYO_OK ||
	    gallery_legend(page, MARGIN + 3 * l->panel, l->top, l->legend, style, &scale, &map, 1, err) != MYO_OK)
		return MYO_FAIL;
	if (l->cuts == 0)
		return MYO_OK;
	if (put_cuts(page, MARGIN, l, style, map, pixels, "tiles that speak most for the class", map->strong,
	    map->strong_count, err) != MYO_OK)
		return MYO_FAIL;
	return put_cuts(page, l->second, l, style, map, pixels, "tiles that speak least for it", map->weak,
	    map->weak_count, err);
}

int
myo_gallery_page(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    const char *path, struct myo_err *err)
{
	const struct layout l = lay_out(style, map);
	struct myo_page *page;

	if (myo_page_new(path, l.width, l.height, &page, err) != MYO_OK)
		return MYO_FAIL;
	int status = draw(page, &l, style, map, pixels, err);
	if (status == MYO_OK)
		status = myo_page_save(page, err);
	myo_page_free(page);
	return status;
}
