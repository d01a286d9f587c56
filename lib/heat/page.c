/* One map as a page: picture | overlay | legend under a title. */
#include "heat/canvas.h"

#include <math.h>
#include <stdio.h>

enum { MARGIN = 20, GAP = 16, TITLE = 56, CAPTION = 24, MIN_PANELS = 420, MIN_LEGEND = 112 };

/* A key in faint ink and its value in strong; returns where the next one starts. */
static double
put_pair(struct canvas *canvas, double x, double baseline, double max_width, const char *key, const char *value)
{
	x += canvas_text(canvas, x, baseline, max_width, 14, INK_FAINT, key) + 6;
	return x + canvas_text(canvas, x, baseline, max_width, 16, INK_STRONG, value) + 20;
}

/* Names share what the rest of the line leaves them, so a long one is cut, never the numbers. */
static void
put_title(struct canvas *canvas, const struct myo_heat_style *style, const struct myo_heat_map *map)
{
	const double names = (canvas->width - 2 * MARGIN - 330) / 2.0;
	const double line = canvas->width - 2.0 * MARGIN;
	char text[256], grid[128];
	double x = MARGIN;

	x = put_pair(canvas, x, 34, names, "true", canvas_class(style, map->label));
	x = put_pair(canvas, x, 34, names, "predicted", canvas_class(style, map->predicted));
	(void)snprintf(text, sizeof text, "%.2f", map->p_predicted);
	x -= 12;
	x += canvas_text(canvas, x, 34, 60, 16, INK_PLAIN, text) + 20;
	(void)snprintf(text, sizeof text, "%lld", (long long)map->id);
	(void)put_pair(canvas, x, 34, canvas->width - MARGIN - x, "image", text);

	x = MARGIN + canvas_text(canvas, MARGIN, 56, line, 12, INK_FAINT, "heat for ");
	x += canvas_text(canvas, x, 56, names, 12, INK_PLAIN, canvas_class(style, map->about));
	canvas_grid(style, grid, sizeof grid);
	(void)snprintf(text, sizeof text, " (%.2f), from %zu %s", map->p_about, map->tiles, grid);
	(void)canvas_text(canvas, x, 56, canvas->width - MARGIN - x, 12, INK_FAINT, text);
}

static bool
has_masked(const struct myo_heat_map *map, bool *any_shown)
{
	bool masked = false;

	*any_shown = false;
	for (size_t i = 0; i < map->height * map->width; i++) {
		if (isnan(map->heat[i]))
			masked = true;
		else
			*any_shown = true;
	}
	return masked;
}

static void
put_caption(struct canvas *canvas, double x, double baseline, double max_width,
    const struct myo_heat_style *style, const struct myo_heat_map *map)
{
	bool shown;
	const bool masked = has_masked(map, &shown);
	const char *text = "";

	if (style->method == MYO_HEAT_PAPER && !shown)
		text = "grey: no tile says the class in question";
	else if (masked)
		text = style->method == MYO_HEAT_PAPER ? "grey: tile says another class"
		                                       : "grey: no tile covers it";
	(void)canvas_text(canvas, x, baseline, max_width, 12, INK_FAINT, text);
}

int
myo_heat_draw(const struct myo_heat_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    const char *path, struct myo_err *err)
{
	const int factor = style->enlarge > 0 ? style->enlarge : canvas_factor(map->height, map->width, 256);
	const double wide = (double)factor * (double)map->width, high = (double)factor * (double)map->height;
	const double panels = fmax(2 * wide + GAP, MIN_PANELS), legend = fmax(high, MIN_LEGEND);
	const struct myo_heat_scale scale = canvas_scale(style, map);
	const int top = MARGIN + TITLE;
	struct canvas canvas;
	char size[64];

	if (canvas_new(MARGIN + panels + GAP + LEGEND_WIDTH + MARGIN, top + legend + CAPTION + MARGIN / 2.0,
	    &canvas, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", path);
		return MYO_FAIL;
	}
	const int second = MARGIN + (int)(panels + GAP) / 2;
	put_title(&canvas, style, map);
	canvas_picture(&canvas, MARGIN, top, pixels, map, factor);
	canvas_overlay(&canvas, second, top, pixels, map, factor, &scale, style->alpha);
	canvas_legend(&canvas, MARGIN + (int)panels + GAP, top, (int)legend, &scale,
	    canvas_measure(style->method));
	(void)snprintf(size, sizeof size, "%zu × %zu pixels", map->width, map->height);
	(void)canvas_text(&canvas, MARGIN, top + high + 18, panels / 2 - GAP, 12, INK_FAINT, size);
	put_caption(&canvas, second, top + high + 18, panels / 2 - GAP / 2.0, style, map);
	const int status = canvas_save(&canvas, path, err);
	canvas_clear(&canvas);
	return status;
}
