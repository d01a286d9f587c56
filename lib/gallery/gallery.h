/*
 * gallery.h - how heat maps look: from maps to pixels, pages and contact sheets.
 *
 *   style     what all pictures have in common
 *   pixels    a map, or a picture with a map over it, as pixels of the picture's own size
 *   pages     a page for a map, and sheets of many maps
 *   spool     maps set aside until their common scale is known
 *   folder    a folder of such files
 */
#ifndef MYO_GALLERY_H
#define MYO_GALLERY_H

#include "draw/draw.h"
#include "heat/heat.h"
#include "telling/telling.h"

/* ---- style ---------------------------------------------------------------------------- */

/*
 * scale      common to all maps, unless `each` is set: then each map has its own
 * colours    the colour map; not for MYO_HEAT_CLASSES, where each class has a colour
 * alpha      opacity of the heat over the picture, 0 to 1
 * floor      heat of at most this magnitude is what a network that knows nothing shows, and drawn faint; 0: none
 * enlarge    side of the square that an image's pixel becomes; 0: chosen to make the sides at least 256
 * ending     of the pictures' file names: "png", "svg" or "pdf"
 * classes    names in the order of the labels
 */
struct myo_gallery_style {
	enum myo_heat_method method;
	struct myo_heat_grid grid;
	struct myo_scale scale;
	bool each;
	struct myo_rgb colours[MYO_COLOURS];
	double alpha, floor;
	int enlarge;
	const char *ending;
	size_t class_count;
	char *const *classes;
};

/*
 * Widen a scale to include a map's pixels that aren't masked: it begins at 0 if the method's numbers are never
 * negative, and is symmetric about 0 if they are signed.
 */
void myo_gallery_scale_add(struct myo_scale *scale, const struct myo_heat_map *map, enum myo_heat_method method);

/* After all maps: give a scale without width some, keeping 0 in its middle if numbers are signed. */
void myo_gallery_scale_settle(struct myo_scale *scale, enum myo_heat_method method);

/* The scale with which a map is drawn, settled. */
struct myo_scale myo_gallery_scale(const struct myo_gallery_style *style, const struct myo_heat_map *map);

/* A class's name; "unknown" for -1. */
const char *myo_gallery_class(const struct myo_gallery_style *style, int32_t label);

/* ---- pixels ---------------------------------------------------------------------------- */

/* Draw the heat in its colours, and masked pixels in pale grey, to the caller's U8 [height, width, 3]. */
void myo_gallery_heat(const struct myo_gallery_style *style, const struct myo_heat_map *map, uint8_t *to);

/* The same over the picture in shades of grey; pixels and to: U8 [height, width, 3]. */
void myo_gallery_overlay(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    uint8_t *to);

/* A tile cut out of the picture, to U8 [tile, tile, 3]; chequered grey where it lies outside. */
void myo_gallery_tile(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    const struct myo_heat_tile *tile, uint8_t *to);

/* ---- pages ------------------------------------------------------------------------------ */

/*
 * A page for a map: picture | heat | overlay | legend under a title, and below them the tiles that are surest and least
 * sure of the class. The file at path appears whole or not at all.
 */
MYO_MUST_USE int myo_gallery_page(const struct myo_gallery_style *style, const struct myo_heat_map *map,
    const uint8_t *pixels, const char *path, struct myo_err *err);

/* Maps under a heading. */
struct myo_gallery_part {
	const char *title; /* NULL: none */
	size_t count;
	const struct myo_heat_map *const *maps; /* [count] */
};

/* Many maps on one page, each as picture | overlay, part by part; at least one map. */
MYO_MUST_USE int myo_gallery_sheet(const struct myo_gallery_style *style, const char *title,
    const struct myo_gallery_part *parts, size_t part_count, const struct myo_heat_images *images, const char *path,
    struct myo_err *err);

/*
 * A page of the most telling tiles: a line for each class that has any and is `shown` ([class_count]; NULL: all), with
 * tiles for it, against it, and for other classes, at most `each` of a kind. Of style only grid and classes are used.
 * MYO_FAIL if there are no such tiles.
 */
MYO_MUST_USE int myo_gallery_tells(const struct myo_gallery_style *style, const struct myo_telling *telling,
    const bool *shown, size_t each, const struct myo_heat_images *images, const char *path, struct myo_err *err);

/* MYO_FAIL unless `folder` can be written to or could be made; doesn't make it. */
MYO_MUST_USE int myo_gallery_folder_check(const char *folder, struct myo_err *err);

/*
 * The file name of a map's page, on the heap: "000017-ship-holiday_boat.png". That is the id in at least six digits; the
 * class in question if the method has one, at most 64 bytes of it; and the image's name if it has one, without its
 * ending, at most the last 64 bytes. Characters that are bad in file names are replaced; if that would make a class
 * look like an earlier one, its number is appended.
 */
MYO_MUST_USE char *myo_gallery_file_name(const struct myo_gallery_style *style, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err);

/* ---- spool ------------------------------------------------------------------------------ */

/* Maps set aside in a temporary file without a name, in TMPDIR or /tmp, so that memory doesn't grow with them. */
struct myo_gallery_spool;
MYO_MUST_USE int myo_gallery_spool_new(struct myo_gallery_spool **out, struct myo_err *err);
MYO_MUST_USE int myo_gallery_spool_put(struct myo_gallery_spool *spool, const struct myo_heat_map *map,
    struct myo_err *err);
size_t myo_gallery_spool_count(const struct myo_gallery_spool *spool);

/* The next map, for the caller to clear; after a put it is the first. MYO_END after the last. */
MYO_MUST_USE int myo_gallery_spool_next(struct myo_gallery_spool *spool, struct myo_heat_map *out, struct myo_err *err);
void myo_gallery_spool_free(struct myo_gallery_spool *spool);

/* ---- folder ------------------------------------------------------------------------------ */

/*
 * The files of a folder: a page for each map of the spool; "sheet.ENDING" with the first `sheet` of them; and
 * for each class of which picks has maps, "class-NAME.ENDING" with the surest that are right, the least probable and
 * the surest mistakes, at most `class_sheet` of each. sheet 0, picks NULL: no such files. drawn, unless NULL, is called
 * with the number of pages now and then, on the caller's thread.
 */
struct myo_gallery_job {
	const char *folder;
	struct myo_gallery_spool *spool;
	const struct myo_heat_picks *picks;
	const struct myo_heat_images *images;
	size_t sheet, class_sheet;
	struct myo_pool *pool;
	void (*drawn)(void *context, size_t pages);
	void *context;
};

/*
 * Draw these files; the folder is made if there is none. Of several failures the first in the order of maps is
 * reported, whatever the threads do.
 */
MYO_MUST_USE int myo_gallery_draw(const struct myo_gallery_style *style, const struct myo_gallery_job *job,
    struct myo_err *err);

#endif
