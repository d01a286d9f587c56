/* From heat to colour. */
#include "gallery/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Heat below the floor keeps this share of its colour. */
static const double faint = 0.25;

/* Rec. 709 luma of the coded values: the picture in grey. */
static double
luma(const uint8_t *pixel)
{
	return 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
}

static uint8_t
mix(double share, double a, double b)
{
	return (uint8_t)lround(share * a + (1 - share) * b);
}

static struct myo_rgb
colour_of(const struct myo_gallery_style *style, const struct myo_scale *scale, double heat)
{
	if (style->method == MYO_HEAT_CLASSES)
		return myo_colours_nth((size_t)heat);
	return style->colours[myo_scale_colour(scale, heat)];
}

/* Write a pixel: the heat's colour over a grey, with opacity `share`. */
static void
put(uint8_t *to, const struct myo_gallery_style *style, const struct myo_scale *scale, double heat,
    double share, double grey)
{
	const struct myo_rgb colour = colour_of(style, scale, heat);
	const double part = style->floor > 0 && fabs(heat) <= style->floor ? share * faint : share;

	to[0] = mix(part, colour.r, grey);
	to[1] = mix(part, colour.g, grey);
	to[2] = mix(part, colour.b, grey);
}

/* PALE: the grey of masked pixels, which no heat has, as all of its colours are coloured. With DARKER for chequers. */
enum { PALE = 225, DARKER = 195 };

void
myo_gallery_heat(const struct myo_gallery_style *style, const struct myo_heat_map *map, uint8_t *to)
{
	const struct myo_scale scale = myo_gallery_scale(style, map);

	for (size_t i = 0; i < map->height * map->width; i++) {
		if (isnan(map->heat[i]))
			memset(to + 3 * i, PALE, 3);
		else
			put(to + 3 * i, style, &scale, (double)map->heat[i], 1, PALE);
	}
}

void
myo_gallery_overlay(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    uint8_t *to)
{
	const struct myo_scale scale = myo_gallery_scale(style, map);

	for (size_t i = 0; i < map->height * map->width; i++) {
		const double grey = luma(pixels + 3 * i);
		if (isnan(map->heat[i]))
			memset(to + 3 * i, mix(0.5, grey, PALE), 3);
		else
			put(to + 3 * i, style, &scale, (double)map->heat[i], style->alpha, grey);
	}
}

void
myo_gallery_tile(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    const struct myo_heat_tile *tile, uint8_t *to)
{
	const int64_t side = (int64_t)style->grid.tile, height = (int64_t)map->height, width = (int64_t)map->width;

	for (int64_t v = 0; v < side; v++) {
		for (int64_t u = 0; u < side; u++) {
			const int64_t y = tile->y + v, x = tile->x + u;
			if (y >= 0 && x >= 0 && y < height && x < width)
				memcpy(to + (v * side + u) * 3, pixels + (y * width + x) * 3, 3);
			else
				memset(to + (v * side + u) * 3, (v + u) % 2 == 0 ? PALE : DARKER, 3);
		}
	}
}

/* Replace squares of pixels [height, width, 3] by their means, in place: writing never overtakes reading. */
static void
shrink(uint8_t *pixels, size_t height, size_t width, size_t square)
{
	uint8_t *to = pixels;

	for (size_t y = 0; y < height; y += square) {
		for (size_t x = 0; x < width; x += square) {
			const size_t bottom = y + square < height ? y + square : height;
			const size_t right = x + square < width ? x + square : width;
			const size_t count = (bottom - y) * (right - x);
			size_t sum[3] = { count / 2, count / 2, count / 2 };
			for (size_t v = y; v < bottom; v++)
				for (size_t u = x; u < right; u++)
					for (size_t c = 0; c < 3; c++)
						sum[c] += pixels[(v * width + u) * 3 + c];
			for (size_t c = 0; c < 3; c++)
				*to++ = (uint8_t)(sum[c] / count);
		}
	}
}

int
gallery_panel(struct myo_page *page, int x, int y, const struct myo_gallery_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels, enum panel panel, int factor, struct myo_err *err)
{
	uint8_t *const drawn = myo_calloc(map->height * map->width, 3, err);

	if (drawn == NULL)
		return MYO_FAIL;
	switch (panel) {
	case PANEL_PICTURE:
		memcpy(drawn, pixels, map->height * map->width * 3);
		break;
	case PANEL_HEAT:
		myo_gallery_heat(style, map, drawn);
		break;
	case PANEL_OVERLAY:
		myo_gallery_overlay(style, map, pixels, drawn);
		break;
	}
	if (factor < 0)
		shrink(drawn, map->height, map->width, (size_t)-factor);
	const int status = factor > 0 ?
	    myo_page_pixels(page, x, y, drawn, map->height, map->width, factor, err) :
	    myo_page_pixels(page, x, y, drawn, (size_t)gallery_side(map->height, factor),
	    (size_t)gallery_side(map->width, factor), 1, err);
	free(drawn);
	return status;
}
