/* Many maps on one page. */
#include "heat/canvas.h"

#include <math.h>
#include <stdio.h>

enum { MARGIN = 20, GAP = 20, SEAM = 4, TITLE = 44, WORDS = 36, PANEL = 96, MIN_LEGEND = 200 };

/* Where everything goes: cells are all of one size, that of the largest map. */
struct layout {
	double panel_width, panel_height; /* of the largest picture, enlarged */
	double cell_width, cell_height;
	size_t columns, rows;
};

static int
factor_of(const struct myo_heat_map *map)
{
	return canvas_factor(map->height, map->width, PANEL);
}

static struct layout
lay_out(const struct myo_heat_map *maps, size_t count)
{
	struct layout l = { PANEL, PANEL, 0, 0, 0, 0 };

	for (size_t i = 0; i < count; i++) {
		l.panel_width = fmax(l.panel_width, (double)factor_of(&maps[i]) * (double)maps[i].width);
		l.panel_height = fmax(l.panel_height, (double)factor_of(&maps[i]) * (double)maps[i].height);
	}
	l.cell_width = 2 * l.panel_width + SEAM;
	l.cell_height = l.panel_height + WORDS;
	/* about four wide to three high */
	const double ratio = (l.cell_height + GAP) / (l.cell_width + GAP) * 4 / 3;
	l.columns = (size_t)fmax(1, round(sqrt((double)count * ratio)));
	if (l.columns > count)
		l.columns = count;
	l.rows = (count + l.columns - 1) / l.columns;
	return l;
}

static void
put_cell(struct canvas *canvas, const struct layout *l, int x, int y, const struct myo_heat_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels)
{
	const struct myo_heat_scale scale = canvas_scale(style, map);
	const int factor = factor_of(map);
	const double words = y + l->panel_height;
	char text[64];

	canvas_picture(canvas, x, y, pixels, map, factor);
	canvas_overlay(canvas, x + factor * (int)map->width + SEAM, y, pixels, map, factor, &scale,
	    style->alpha);
	(void)snprintf(text, sizeof text, " %.2f", map->p_about);
	const double named = canvas_text(canvas, x, words + 15, l->cell_width - 36, 12, INK_STRONG,
	    canvas_class(style, map->about));
	(void)canvas_text(canvas, x + named, words + 15, 40, 12, INK_PLAIN, text);
	(void)snprintf(text, sizeof text, "image %lld, true ", (long long)map->id);
	const double said = canvas_text(canvas, x, words + 30, l->cell_width, 11, INK_FAINT, text);
	(void)canvas_text(canvas, x + said, words + 30, l->cell_width - said, 11, INK_FAINT,
	    canvas_class(style, map->label));
}

static void
put_head(struct canvas *canvas, const struct myo_heat_style *style, size_t count)
{
	char text[256], grid[128];

	canvas_grid(style, grid, sizeof grid);
	(void)snprintf(text, sizeof text, "%zu heat map%s, %s", count, count == 1 ? "" : "s", grid);
	(void)canvas_text(canvas, MARGIN, 32, canvas->width - 2 * MARGIN, 16, INK_STRONG, text);
	(void)canvas_text(canvas, MARGIN, 50, canvas->width - 2 * MARGIN, 12, INK_FAINT,
	    style->method == MYO_HEAT_PAPER
	        ? "bold: class in question, and its mean probability; grey: the tile says another class"
	        : "bold: class in question, and its mean probability");
}

int
myo_heat_draw_sheet(const struct myo_heat_style *style, const struct myo_heat_map *maps,
    const struct myo_heat_images *images, size_t count, const char *path, struct myo_err *err)
{
	const struct layout l = lay_out(maps, count);
	const double grid_width = (double)l.columns * (l.cell_width + GAP);
	const double grid_height = fmax((double)l.rows * (l.cell_height + GAP) - GAP, MIN_LEGEND);
	const int top = MARGIN + TITLE;
	int status = MYO_OK;
	struct canvas canvas;

	if (canvas_new(MARGIN + grid_width + LEGEND_WIDTH + MARGIN, top + grid_height + MARGIN, &canvas, err) !=
	    MYO_OK) {
		myo_err_prefix(err, "%s: ", path);
		return MYO_FAIL;
	}
	put_head(&canvas, style, count);
	for (size_t i = 0; status == MYO_OK && i < count; i++) {
		const double x = MARGIN + (double)(i % l.columns) * (l.cell_width + GAP);
		const double y = top + (double)(i / l.columns) * (l.cell_height + GAP);
		struct myo_heat_image image;
		status = myo_heat_images_find(images, &maps[i], &image, err);
		if (status == MYO_OK)
			put_cell(&canvas, &l, (int)x, (int)y, style, &maps[i], image.pixels);
	}
	const struct myo_heat_scale scale = canvas_scale(style, &maps[0]);
	canvas_legend(&canvas, MARGIN + (int)grid_width, top, (int)fmin(grid_height, 400),
	    style->each ? NULL : &scale, canvas_measure(style->method));
	if (status == MYO_OK)
		status = canvas_save(&canvas, path, err);
	canvas_clear(&canvas);
	return status;
}
