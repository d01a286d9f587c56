/* Scales, names and phrases that all pictures share. */
#include "gallery/private.h"

#include <math.h>
#include <stdio.h>

void
myo_gallery_scale_add(struct myo_scale *scale, const struct myo_heat_map *map, enum myo_heat_method method)
{
	const struct myo_heat_about_method *const about = myo_heat_method(method);

	for (size_t i = 0; i < map->height * map->width; i++) {
		const double heat = (double)map->heat[i];
		if (isnan(heat))
			continue;
		scale->low = fmin(scale->low, about->from_zero ? 0 : about->is_signed ? -fabs(heat) : heat);
		scale->high = fmax(scale->high, about->is_signed ? fabs(heat) : heat);
	}
}

void
myo_gallery_scale_settle(struct myo_scale *scale, enum myo_heat_method method)
{
	if (myo_heat_method(method)->is_signed && !(scale->low < scale->high))
		*scale = (struct myo_scale){ -1, 1 };
	myo_scale_settle(scale);
}

struct myo_scale
myo_gallery_scale(const struct myo_gallery_style *style, const struct myo_heat_map *map)
{
	struct myo_scale scale = style->scale;

	if (style->each) {
		scale = (struct myo_scale)MYO_SCALE_INIT;
		myo_gallery_scale_add(&scale, map, style->method);
	}
	myo_gallery_scale_settle(&scale, style->method);
	return scale;
}

const char *
myo_gallery_class(const struct myo_gallery_style *style, int32_t label)
{
	return label >= 0 && (size_t)label < style->class_count ? style->classes[label] : "unknown";
}

void
gallery_grid(const struct myo_gallery_style *style, char *text, size_t size)
{
	const struct myo_heat_grid *const grid = &style->grid;
	const bool between = grid->stride > 1 &&
	    (style->method == MYO_HEAT_LOGIT || style->method == MYO_HEAT_MARGIN || style->method == MYO_HEAT_ENTROPY);

	if (grid->tile == 0)
		(void)snprintf(text, size, "whole images");
	else
		(void)snprintf(text, size, "tiles of %zu × %zu, stride %zu%s%s", grid->tile, grid->tile, grid->stride,
		    grid->pad ? ", padded" : "", between ? ", bilinear between their centres" : "");
}

const char *
gallery_grey(const struct myo_gallery_style *style, const struct myo_heat_map *map)
{
	bool masked = false, shown = false;

	for (size_t i = 0; i < map->height * map->width; i++) {
		masked = masked || isnan(map->heat[i]);
		shown = shown || !isnan(map->heat[i]);
	}
	if (style->method == MYO_HEAT_PAPER && !shown)
		return "grey: no tile says the class in question";
	if (!masked)
		return "";
	if (style->method == MYO_HEAT_PAPER)
		return style->grid.pad ? "grey: the tile says another class" :
		    "grey: the tile says another class, or there is none";
	return style->method == MYO_HEAT_COVER ? "grey: no tile covers it" : "grey: no tile is around it";
}

int
gallery_factor(size_t height, size_t width, int side)
{
	const int shorter = (int)(height < width ? height : width);
	const int longer = (int)(height < width ? width : height);
	const int wanted = (side + shorter - 1) / shorter, most = 4 * side / longer;

	return wanted < most ? wanted : most > 1 ? most : 1;
}

int
gallery_side(size_t side, int factor)
{
	return factor > 0 ? (int)side * factor : ((int)side - factor - 1) / -factor;
}

double
gallery_pair(struct myo_page *page, double x, double baseline, double max_width, const char *key, const char *value)
{
	x += myo_page_text(page, x, baseline, max_width, 14, MYO_INK_FAINT, key) + 6;
	return x + myo_page_text(page, x, baseline, max_width, 16, MYO_INK_STRONG, value) + 20;
}
