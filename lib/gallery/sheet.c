/* Many maps on one page. */
#include "gallery/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 20, GAP = 20, SEAM = 4, TITLE = 60, HEADING = 30, WORDS = 36, PANEL = 96, MIN_LEGEND = 200,
	MAX_LEGEND = 400, MIN_WIDTH = 420, MOST = 256 };

/* Where everything goes: all cells are as wide as the widest map needs, and as high as the highest of their line. */
struct layout {
	double cell_width;
	size_t columns;
	double width, height; /* of all cells */
};

/* Small pictures are enlarged, and those with a side of more than MOST are shrunk. */
static int
factor_of(const struct myo_heat_map *map)
{
	const int longer = (int)(map->height > map->width ? map->height : map->width);

	return longer > MOST ? -((longer + MOST - 1) / MOST) : gallery_factor(map->height, map->width, PANEL);
}

static double
line_height(const struct myo_gallery_part *part, size_t first, size_t columns)
{
	double height = 0;

	for (size_t i = first; i < part->count && i < first + columns; i++)
		height = fmax(height, gallery_side(part->maps[i]->height, factor_of(part->maps[i])));
	return height + WORDS;
}

static struct layout
lay_out(const struct myo_gallery_part *parts, size_t part_count)
{
	struct layout l = { .height = 0 };
	double width = PANEL, height = PANEL; /* of the largest picture */
	size_t all = 0, widest = 0;

	for (size_t p = 0; p < part_count; p++) {
		for (size_t i = 0; i < parts[p].count; i++) {
			const struct myo_heat_map *const map = parts[p].maps[i];
			width = fmax(width, gallery_side(map->width, factor_of(map)));
			height = fmax(height, gallery_side(map->height, factor_of(map)));
		}
		all += parts[p].count;
		widest = parts[p].count > widest ? parts[p].count : widest;
	}
	l.cell_width = 2 * width + SEAM;
	/* an aspect ratio of about 4:3 */
	const double ratio = (height + WORDS + GAP) / (l.cell_width + GAP) * 4 / 3;
	l.columns = (size_t)fmax(1, round(sqrt((double)all * ratio)));
	if (l.columns >= widest || widest <= 3) /* a few maps are side by side */
		l.columns = widest;
	else if (part_count > 1 && widest % l.columns != 0) /* parts of one size look best in full rows */
		l.columns = widest % (l.columns + 1) == 0 ? l.columns + 1 : l.columns;
	l.width = fmax((double)l.columns * (l.cell_width + GAP), MIN_WIDTH); /* the text above needs that much */
	for (size_t p = 0; p < part_count; p++) {
		l.height += parts[p].title != NULL ? HEADING : 0;
		for (size_t i = 0; i < parts[p].count; i += l.columns)
			l.height += line_height(&parts[p], i, l.columns) + GAP;
	}
	l.height = fmax(l.height - GAP, MIN_LEGEND);
	return l;
}

/* Format the id of a map's image; returns the room that it leaves for a class and its probability. */
static double
room_beside(struct myo_page *page, const struct layout *l, const char *word, const struct myo_heat_map *map,
    char *text, size_t size)
{
	(void)snprintf(text, size, "%s%lld", word, (long long)map->id);
	return l->cell_width - myo_page_text_width(page, 11, MYO_INK_FAINT, text) - 46;
}

static int
put_cell(struct myo_page *page, const struct layout *l, int x, int y, const struct myo_gallery_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels, struct myo_err *err)
{
	const bool of_class = myo_heat_method(style->method)->of_class;
	const int factor = factor_of(map);
	const double words = y + gallery_side(map->height, factor);
	char text[64];

	if (gallery_panel(page, x, y, style, map, pixels, PANEL_PICTURE, factor, err) != MYO_OK ||
	    gallery_panel(page, x + gallery_side(map->width, factor) + SEAM, y, style, map, pixels, PANEL_OVERLAY,
	    factor, err) != MYO_OK)
		return MYO_FAIL;
	const char *const class = myo_gallery_class(style, of_class ? map->about : map->predicted);
	double room = room_beside(page, l, "image ", map, text, sizeof text);
	if (myo_page_text_width(page, 12, MYO_INK_STRONG, class) > room) /* the name matters more than `word` */
		room = room_beside(page, l, "", map, text, sizeof text);
	myo_page_text_left_of(page, x + l->cell_width, words + 15, l->cell_width, 11, MYO_INK_FAINT, text);
	(void)snprintf(text, sizeof text, " %.2f", of_class ? map->p_about : map->p_predicted);
	const double named = myo_page_text(page, x, words + 15, room, 12, MYO_INK_STRONG, class);
	(void)myo_page_text(page, x + named, words + 15, 40, 12, MYO_INK_PLAIN, text);
	/* a map about the image's own class says what the image is taken for, if for another one */
	const bool mistaken = of_class && map->about == map->label && map->predicted != map->label;
	double said = myo_page_text(page, x, words + 30, l->cell_width, 11, MYO_INK_FAINT,
	    mistaken ? "taken for " : "true ");
	said += myo_page_text(page, x + said, words + 30, l->cell_width - said - 32, 11, MYO_INK_FAINT,
	    myo_gallery_class(style, mistaken ? map->predicted : map->label));
	(void)snprintf(text, sizeof text, " %.2f", mistaken ? map->p_predicted : map->p_label);
	if (mistaken || map->label >= 0)
		(void)myo_page_text(page, x + said, words + 30, 32, 11, MYO_INK_FAINT, text);
	return MYO_OK;
}

static void
put_head(struct myo_page *page, const struct myo_gallery_style *style, const char *title)
{
	const double line = myo_page_width(page) - 2 * MARGIN;
	const bool of_class = myo_heat_method(style->method)->of_class;
	const char *const mean = style->grid.tile > 0 ? "mean " : "";
	char text[256], grid[128];

	gallery_grid(style, grid, sizeof grid);
	(void)myo_page_text(page, MARGIN, 32, line, 16, MYO_INK_STRONG, title);
	(void)myo_page_text(page, MARGIN, 50, line, 12, MYO_INK_FAINT, grid);
	(void)snprintf(text, sizeof text, "bold: %s, and its %sprobability%s",
	    of_class ? "class in question" : "predicted class", mean,
	    style->method == MYO_HEAT_PAPER && style->grid.pad ? "; grey: the tile says another class" :
	    style->method == MYO_HEAT_PAPER ? "; grey: the tile says another class, or there is none" : "");
	(void)myo_page_text(page, MARGIN, 66, line, 12, MYO_INK_FAINT, text);
}

static int
put_part(struct myo_page *page, const struct layout *l, const struct myo_gallery_style *style,
    const struct myo_gallery_part *part, const struct myo_heat_images *images, double *y, struct myo_err *err)
{
	if (part->title != NULL) {
		(void)myo_page_text(page, MARGIN, *y + 14, l->width, 14, MYO_INK_PLAIN, part->title);
		*y += HEADING;
	}
	for (size_t i = 0; i < part->count; i++) {
		const double x = MARGIN + (double)(i % l->columns) * (l->cell_width + GAP);
		struct myo_heat_image image;
		if (myo_heat_images_find(images, part->maps[i], &image, err) != MYO_OK ||
		    put_cell(page, l, (int)x, (int)*y, style, part->maps[i], image.pixels, err) != MYO_OK)
			return MYO_FAIL;
		if ((i + 1) % l->columns == 0 || i + 1 == part->count)
			*y += line_height(part, i / l->columns * l->columns, l->columns) + GAP;
	}
	return MYO_OK;
}

/* All maps of all parts, [*count], for the caller to free. */
static const struct myo_heat_map **
all_maps(const struct myo_gallery_part *parts, size_t part_count, size_t *count, struct myo_err *err)
{
	size_t at = 0;

	*count = 0;
	for (size_t p = 0; p < part_count; p++)
		*count += parts[p].count;
	const struct myo_heat_map **const all = myo_calloc(*count, sizeof *all, err);
	for (size_t p = 0; all != NULL && p < part_count; p++)
		for (size_t i = 0; i < parts[p].count; i++)
			all[at++] = parts[p].maps[i];
	return all;
}

static int
put_legend(struct myo_page *page, const struct layout *l, const struct myo_gallery_style *style,
    const struct myo_gallery_part *parts, size_t part_count, struct myo_err *err)
{
	size_t count;
	const struct myo_heat_map **const all = all_maps(parts, part_count, &count, err);

	if (all == NULL)
		return MYO_FAIL;
	const struct myo_scale scale = myo_gallery_scale(style, all[0]);
	const int status = gallery_legend(page, MARGIN + (int)l->width, MARGIN + TITLE,
	    (int)fmin(l->height, MAX_LEGEND), style, style->each ? NULL : &scale, all, count, err);
	free(all);
	return status;
}

int
myo_gallery_sheet(const struct myo_gallery_style *style, const char *title, const struct myo_gallery_part *parts,
    size_t part_count, const struct myo_heat_images *images, const char *path, struct myo_err *err)
{
	const struct layout l = lay_out(parts, part_count);
	double y = MARGIN + TITLE;
	struct myo_page *page;

	if (myo_page_new(path, MARGIN + l.width + LEGEND_WIDTH + MARGIN, y + l.height + MARGIN, &page, err) != MYO_OK)
		return MYO_FAIL;
	put_head(page, style, title);
	int status = put_legend(page, &l, style, parts, part_count, err);
	for (size_t p = 0; status == MYO_OK && p < part_count; p++)
		status = put_part(page, &l, style, &parts[p], images, &y, err);
	if (status == MYO_OK)
		status = myo_page_save(page, err);
	myo_page_free(page);
	return status;
}
