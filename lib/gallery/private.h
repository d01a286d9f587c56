/* private.h - private to the room: what pages and sheets share. */
#ifndef MYO_GALLERY_PRIVATE_H
#define MYO_GALLERY_PRIVATE_H

#include "gallery/gallery.h"

/* "tiles of 16 × 16, stride 1, padded", or "whole images" */
void gallery_grid(const struct myo_gallery_style *style, char *text, size_t size);

/* What grey means on a map; "" if no pixel is masked. */
const char *gallery_grey(const struct myo_gallery_style *style, const struct myo_heat_map *map);

/*
 * The pixels of a side on a page: multiplied by `factor`; or if that is negative, divided by -factor, rounded up.
 */
int gallery_side(size_t side, int factor);

/* The integer factor that makes the shorter side at least `side`, unless the longer one would get too long. */
int gallery_factor(size_t height, size_t width, int side);

/* A key in faint ink and its value in strong ink; returns the x of the next pair. */
double gallery_pair(struct myo_page *page, double x, double baseline, double max_width, const char *key,
    const char *value);

/*
 * The legend, `height` high and LEGEND_WIDTH wide: a bar with the scale (NULL: each map has its own), or the names of
 * the classes that the maps show.
 */
enum { LEGEND_WIDTH = 128 };
MYO_MUST_USE int gallery_legend(struct myo_page *page, int x, int y, int height, const struct myo_gallery_style *style,
    const struct myo_scale *scale, const struct myo_heat_map *const *maps, size_t count, struct myo_err *err);

/* Draw the picture, the heat, or the heat over the picture. factor: see gallery_side(); pixels are averaged. */
enum panel { PANEL_PICTURE, PANEL_HEAT, PANEL_OVERLAY };
MYO_MUST_USE int gallery_panel(struct myo_page *page, int x, int y, const struct myo_gallery_style *style,
    const struct myo_heat_map *map, const uint8_t *pixels, enum panel panel, int factor, struct myo_err *err);

/*
 * A class as part of a file name: at most GALLERY_NAME_BYTES of its name, followed by its number if an earlier class
 * has the same; so it is unique.
 */
enum { GALLERY_NAME_BYTES = 64, GALLERY_PART_BYTES = GALLERY_NAME_BYTES + 16 };
void gallery_class_part(char part[GALLERY_PART_BYTES], const struct myo_gallery_style *style, int32_t number);

#endif
