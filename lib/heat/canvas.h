/*
 * canvas.h - private to the room: a white page, and what is drawn on it. Positions and lengths
 * are in pixels from the top left corner. Drawing never fails by itself; what went wrong is
 * noticed when the page is saved.
 */
#ifndef MYO_HEAT_CANVAS_H
#define MYO_HEAT_CANVAS_H

#include "heat/heat.h"

#include <cairo.h>

struct canvas {
	cairo_surface_t *surface;
	cairo_t *cairo;
	int width, height;
	uint8_t colours[MYO_HEAT_COLOURS][3];
};

enum { CANVAS_MAX_SIDE = 32000 }; /* Cairo's own limit is 32767 */

MYO_MUST_USE int canvas_new(double width, double height, struct canvas *out, struct myo_err *err);
void canvas_clear(struct canvas *canvas);
MYO_MUST_USE int canvas_save(struct canvas *canvas, const char *path, struct myo_err *err);

/* How a text looks. */
enum ink { INK_STRONG, INK_PLAIN, INK_FAINT };

/* A line of text on a baseline, cut with an ellipsis at max_width; returns the width drawn. */
double canvas_text(struct canvas *canvas, double x, double baseline, double max_width, double size,
    enum ink ink, const char *text);

/* The same along a line that rises from (x, y), centred within length. */
void canvas_text_up(struct canvas *canvas, double x, double y, double length, double size, enum ink ink,
    const char *text);

/* A picture, U8 [height, width, 3], each pixel a square of factor x factor. */
void canvas_picture(struct canvas *canvas, int x, int y, const uint8_t *pixels, const struct myo_heat_map *map,
    int factor);

/* The same with the heat over it; masked pixels are pale grey. */
void canvas_overlay(struct canvas *canvas, int x, int y, const uint8_t *pixels, const struct myo_heat_map *map,
    int factor, const struct myo_heat_scale *scale, double alpha);

/*
 * The legend: a bar of all colours, numbers beside it, and along it what they measure. With scale
 * NULL the ends are words, since each map has its own. It is LEGEND_WIDTH wide.
 */
enum { LEGEND_WIDTH = 76 };
void canvas_legend(struct canvas *canvas, int x, int y, int height, const struct myo_heat_scale *scale,
    const char *measures);

/* The scale that a map is drawn with. */
struct myo_heat_scale canvas_scale(const struct myo_heat_style *style, const struct myo_heat_map *map);

/* The whole factor that makes the shorter side at least `side`, within reason for the longer one. */
int canvas_factor(size_t height, size_t width, int side);

/* A class's name; "unknown" for -1. */
const char *canvas_class(const struct myo_heat_style *style, int32_t label);

/* "tiles of 16 × 16, stride 1, padded" */
void canvas_grid(const struct myo_heat_style *style, char *text, size_t size);

/* What a method's numbers are. */
const char *canvas_measure(enum myo_heat_method method);

#endif
