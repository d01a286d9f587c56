/* A page and what is drawn on it. */
#include "heat/canvas.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
canvas_new(double width, double height, struct canvas *out, struct myo_err *err)
{
	memset(out, 0, sizeof *out);
	if (!(width <= CANVAS_MAX_SIDE) || !(height <= CANVAS_MAX_SIDE))
		return myo_fail(err, "a picture of %.0f x %.0f pixels is too large; enlarge less, or put "
		    "fewer maps on a sheet", width, height);
	out->width = (int)ceil(width);
	out->height = (int)ceil(height);
	out->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, out->width, out->height);
	out->cairo = cairo_create(out->surface);
	if (cairo_status(out->cairo) != CAIRO_STATUS_SUCCESS) {
		(void)myo_fail(err, "a picture of %d x %d pixels: %s", out->width, out->height,
		    cairo_status_to_string(cairo_status(out->cairo)));
		canvas_clear(out);
		return MYO_FAIL;
	}
	cairo_set_source_rgb(out->cairo, 1, 1, 1);
	cairo_paint(out->cairo);
	/* Grey edges: coloured ones are for one kind of screen only. */
	cairo_font_options_t *const options = cairo_font_options_create();
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
	cairo_set_font_options(out->cairo, options);
	cairo_font_options_destroy(options);
	myo_heat_colours(out->colours);
	return MYO_OK;
}

void
canvas_clear(struct canvas *canvas)
{
	if (canvas->cairo != NULL)
		cairo_destroy(canvas->cairo);
	if (canvas->surface != NULL)
		cairo_surface_destroy(canvas->surface);
	canvas->cairo = NULL;
	canvas->surface = NULL;
}

struct target {
	int fd;
	struct myo_err *err;
	bool failed;
};

static cairo_status_t
write_some(void *closure, const unsigned char *bytes, unsigned count)
{
	struct target *const target = closure;

	if (myo_write_all(target->fd, bytes, count, target->err) == MYO_OK)
		return CAIRO_STATUS_SUCCESS;
	target->failed = true;
	return CAIRO_STATUS_WRITE_ERROR;
}

int
canvas_save(struct canvas *canvas, const char *path, struct myo_err *err)
{
	struct myo_outfile *file;
	cairo_status_t status = cairo_status(canvas->cairo);

	if (status != CAIRO_STATUS_SUCCESS)
		return myo_fail(err, "%s: can't be drawn: %s", path, cairo_status_to_string(status));
	if (myo_outfile_new(path, &file, err) != MYO_OK)
		return MYO_FAIL;
	struct target target = { myo_outfile_fd(file), err, false };
	status = cairo_surface_write_to_png_stream(canvas->surface, write_some, &target);
	if (status != CAIRO_STATUS_SUCCESS) {
		if (target.failed)
			myo_err_prefix(err, "%s: ", path);
		else
			(void)myo_fail(err, "%s: can't be made a PNG: %s", path,
			    cairo_status_to_string(status));
		myo_outfile_discard(file);
		return MYO_FAIL;
	}
	return myo_outfile_commit(file, err);
}

/* ---- text ------------------------------------------------------------------------------ */

static void
set_ink(struct canvas *canvas, double size, enum ink ink)
{
	const double grey = ink == INK_FAINT ? 0.42 : 0.1;

	cairo_select_font_face(canvas->cairo, "sans", CAIRO_FONT_SLANT_NORMAL,
	    ink == INK_STRONG ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(canvas->cairo, size);
	cairo_set_source_rgb(canvas->cairo, grey, grey, grey);
}

static double
width_of(struct canvas *canvas, const char *text)
{
	cairo_text_extents_t extents;

	cairo_text_extents(canvas->cairo, text, &extents);
	return extents.x_advance;
}

/* The text, or as much of it as fits with an ellipsis; in `room`, which holds text of any length
 * that could be worth reading. Cuts between characters, never within one. */
static double
fit(struct canvas *canvas, const char *text, double max_width, char *room, size_t size)
{
	size_t length = strlen(text);
	double width;

	(void)snprintf(room, size, "%s", text);
	if (length < size && (width = width_of(canvas, room)) <= max_width)
		return width;
	if (length > size - 4)
		length = size - 4; /* the ellipsis' three bytes and the end */
	do {
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
		while (length > 0 && text[length - 1] == ' ')
			length--;
		(void)snprintf(room, size, "%.*s…", (int)length, text);
		width = width_of(canvas, room);
	} while (width > max_width && length-- > 0);
	return width;
}

double
canvas_text(struct canvas *canvas, double x, double baseline, double max_width, double size, enum ink ink,
    const char *text)
{
	char shown[256];

	set_ink(canvas, size, ink);
	const double width = fit(canvas, text, max_width, shown, sizeof shown);
	cairo_move_to(canvas->cairo, x, baseline);
	cairo_show_text(canvas->cairo, shown);
	return width;
}

void
canvas_text_up(struct canvas *canvas, double x, double y, double length, double size, enum ink ink,
    const char *text)
{
	char shown[256];

	set_ink(canvas, size, ink);
	const double width = fit(canvas, text, length, shown, sizeof shown);
	cairo_save(canvas->cairo);
	cairo_translate(canvas->cairo, x, y - (length - width) / 2);
	cairo_rotate(canvas->cairo, -acos(-1) / 2);
	cairo_move_to(canvas->cairo, 0, 0);
	cairo_show_text(canvas->cairo, shown);
	cairo_restore(canvas->cairo);
}

/* ---- pictures --------------------------------------------------------------------------- */

struct rgb {
	uint8_t r, g, b;
};

/* Rec. 709 luma of the coded values: what the picture looks like without its colours. */
static double
luma(const uint8_t *pixel)
{
	return 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
}

static struct rgb
heated(const struct canvas *canvas, const uint8_t *pixel, double heat,
    const struct myo_heat_scale *scale, double alpha)
{
	const double grey = luma(pixel);

	if (isnan(heat)) {
		/* pale, so that it recedes, and without colour, which no heat is */
		const uint8_t pale = (uint8_t)lround(0.5 * grey + 0.5 * 225);
		return (struct rgb){ pale, pale, pale };
	}
	const uint8_t *const colour = canvas->colours[myo_heat_scale_colour(scale, heat)];
	return (struct rgb){ (uint8_t)lround(alpha * colour[0] + (1 - alpha) * grey),
		(uint8_t)lround(alpha * colour[1] + (1 - alpha) * grey),
		(uint8_t)lround(alpha * colour[2] + (1 - alpha) * grey) };
}

/* A square of one colour, straight into the surface's memory: exact, whatever Cairo smooths. */
static void
put_square(const struct canvas *canvas, int x, int y, int side, struct rgb colour)
{
	const int pitch = cairo_image_surface_get_stride(canvas->surface);
	unsigned char *const bytes = cairo_image_surface_get_data(canvas->surface);
	const uint32_t word = (uint32_t)colour.r << 16 | (uint32_t)colour.g << 8 | colour.b;

	for (int row = y; row < y + side && row < canvas->height; row++)
		for (int column = x; column < x + side && column < canvas->width; column++)
			memcpy(bytes + (ptrdiff_t)row * pitch + (ptrdiff_t)column * 4, &word, 4);
}

void
canvas_picture(struct canvas *canvas, int x, int y, const uint8_t *pixels, const struct myo_heat_map *map,
    int factor)
{
	cairo_surface_flush(canvas->surface);
	for (size_t row = 0; row < map->height; row++) {
		for (size_t column = 0; column < map->width; column++) {
			const uint8_t *const pixel = pixels + (row * map->width + column) * 3;
			put_square(canvas, x + (int)column * factor, y + (int)row * factor, factor,
			    (struct rgb){ pixel[0], pixel[1], pixel[2] });
		}
	}
	cairo_surface_mark_dirty(canvas->surface);
}

void
canvas_overlay(struct canvas *canvas, int x, int y, const uint8_t *pixels, const struct myo_heat_map *map,
    int factor, const struct myo_heat_scale *scale, double alpha)
{
	cairo_surface_flush(canvas->surface);
	for (size_t row = 0; row < map->height; row++) {
		for (size_t column = 0; column < map->width; column++) {
			const size_t at = row * map->width + column;
			put_square(canvas, x + (int)column * factor, y + (int)row * factor, factor,
			    heated(canvas, pixels + at * 3, (double)map->heat[at], scale, alpha));
		}
	}
	cairo_surface_mark_dirty(canvas->surface);
}

/* ---- legend ------------------------------------------------------------------------------- */

enum { BAR_WIDTH = 18, TICK = 4 };

static void
put_tick(struct canvas *canvas, double x, double y, const char *text)
{
	cairo_set_source_rgb(canvas->cairo, 0.1, 0.1, 0.1);
	cairo_rectangle(canvas->cairo, x, floor(y), TICK, 1);
	cairo_fill(canvas->cairo);
	(void)canvas_text(canvas, x + TICK + 4, floor(y) + 4.5, LEGEND_WIDTH, 12, INK_PLAIN, text);
}

/* Round numbers, 1, 2 or 5 times a power of ten apart, with no more decimals than that needs. */
static void
put_numbers(struct canvas *canvas, double x, double y, double height, const struct myo_heat_scale *scale)
{
	const double span = scale->high - scale->low;
	const double want = span * 28 / height; /* at least 28 pixels apart */
	const double power = pow(10, floor(log10(want)));
	const double step = power * (want <= power ? 1 : want <= 2 * power ? 2 : want <= 5 * power ? 5 : 10);
	const int decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
	char text[64];

	for (double n = ceil(scale->low / step - 1e-9); n * step <= scale->high + step * 1e-9; n++) {
		const double value = n == 0 ? 0 : n * step; /* no "-0" */
		if (step >= 1e-4 && step < 1e5)
			(void)snprintf(text, sizeof text, "%.*f", decimals, value);
		else
			(void)snprintf(text, sizeof text, "%.3g", value);
		put_tick(canvas, x, y + (height - 1) * (1 - (value - scale->low) / span), text);
	}
}

void
canvas_legend(struct canvas *canvas, int x, int y, int height, const struct myo_heat_scale *scale,
    const char *measures)
{
	for (int row = 0; row < height; row++) {
		const int colour = (MYO_HEAT_COLOURS - 1) * (height - 1 - row) / (height > 1 ? height - 1 : 1);
		const uint8_t *const c = canvas->colours[colour];
		cairo_set_source_rgb(canvas->cairo, c[0] / 255.0, c[1] / 255.0, c[2] / 255.0);
		cairo_rectangle(canvas->cairo, x, y + row, BAR_WIDTH, 1);
		cairo_fill(canvas->cairo);
	}
	if (scale != NULL) {
		put_numbers(canvas, x + BAR_WIDTH, y, height, scale);
	} else {
		put_tick(canvas, x + BAR_WIDTH, y, "high");
		put_tick(canvas, x + BAR_WIDTH, y + height - 1, "low");
	}
	canvas_text_up(canvas, x + LEGEND_WIDTH - 3, y + height, height, 12, INK_FAINT, measures);
}

/* ---- what pages share ------------------------------------------------------------------------ */

struct myo_heat_scale
canvas_scale(const struct myo_heat_style *style, const struct myo_heat_map *map)
{
	struct myo_heat_scale scale = style->scale;

	if (style->each) {
		scale = (struct myo_heat_scale)MYO_HEAT_SCALE_INIT;
		myo_heat_scale_add(&scale, map, style->method);
	}
	myo_heat_scale_settle(&scale);
	return scale;
}

int
canvas_factor(size_t height, size_t width, int side)
{
	const int shorter = (int)(height < width ? height : width);
	const int longer = (int)(height < width ? width : height);
	const int wanted = (side + shorter - 1) / shorter, most = 4 * side / longer;

	return wanted < most ? wanted : most > 1 ? most : 1;
}

const char *
canvas_class(const struct myo_heat_style *style, int32_t label)
{
	return label >= 0 && (size_t)label < style->class_count ? style->classes[label] : "unknown";
}

void
canvas_grid(const struct myo_heat_style *style, char *text, size_t size)
{
	const struct myo_heat_grid *const grid = &style->grid;

	(void)snprintf(text, size, "tiles of %zu × %zu, stride %zu%s", grid->tile, grid->tile, grid->stride,
	    grid->pad ? ", padded" : "");
}

const char *
canvas_measure(enum myo_heat_method method)
{
	return method == MYO_HEAT_PAPER ? "largest logit" : "mean probability";
}
