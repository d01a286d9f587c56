/*
 * gallery.h - how heat maps look: from maps to pixels, pages and contact sheets.
 *
 *   style     what the pictures of a run share
 *   pixels    a map, or a picture with a map over it, as pixels of the picture's own size
 *   pages     a page for a map, and sheets of many
 *   spool     maps set aside until the scale that they share is known
 *   folder    all of them as files
 */
#ifndef MYO_GALLERY_H
#define MYO_GALLERY_H

#include "draw/draw.h"
#include "heat/heat.h"
#include "telling/telling.h"

/* ---- style ---------------------------------------------------------------------------- */

/*
 * scale      for all maps, unless `each`: then each map has its own
 * colours    from the scale to colour; of MYO_HEAT_CLASSES each class has its own
 * alpha      how much of the colour, 0 to 1, covers the picture
 * floor      heat no larger than this, in size, is what a network finds that knows nothing, and is drawn faint; 0: none
 * enlarge    side of the square that an image's pixel becomes; 0: as many as make a side of at least 256
 * ending     of the pictures' names: "png", "svg" or "pdf"
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
 * Widen a scale by a map's shown pixels: from 0 where the method's numbers are never negative, even about 0 where they
 * are signed.
 */
void myo_gallery_scale_add(struct myo_scale *scale, const struct myo_heat_map *map, enum myo_heat_method method);

/*
 * When all maps have widened it: give a scale of nothing a width, with its 0 still in the middle where numbers are
 * signed.
 */
void myo_gallery_scale_settle(struct myo_scale *scale, enum myo_heat_method method);

/* The scale that a map is drawn with, fit to be drawn. */
struct myo_scale myo_gallery_scale(const struct myo_gallery_style *style, const struct myo_heat_map *map);

/* A class's name; "unknown" for -1. */
const char *myo_gallery_class(const struct myo_gallery_style *style, int32_t label);

/* ---- pixels ---------------------------------------------------------------------------- */

/* The heat in its colours, masked pixels pale grey: U8 [height, width, 3] of the map, the caller's. */
void myo_gallery_heat(const struct myo_gallery_style *style, const struct myo_heat_map *map, uint8_t *to);

/* The same laid over the picture, of which lightness stays; `pixels` and `to` are U8 [height, width, 3]. */
void myo_gallery_overlay(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    uint8_t *to);

/* A tile cut out of the picture, U8 [tile, tile, 3]; a grey chequer where it lies outside. */
void myo_gallery_tile(const struct myo_gallery_style *style, const struct myo_heat_map *map, const uint8_t *pixels,
    const struct myo_heat_tile *tile, uint8_t *to);

/* ---- pages ------------------------------------------------------------------------------ */

/*
 * One page, picture | heat | overlay | legend under a title, and below them the tiles that speak most and least for the
 * class, as a file at path that appears whole or not at all.
 */
MYO_MUST_USE int myo_gallery_page(const struct myo_gallery_style *style, const struct myo_heat_map *map,
    const uint8_t *pixels, const char *path, struct myo_err *err);

/* Maps with a heading. */
struct myo_gallery_part {
	const char *title; /* NULL: none */
	size_t count;
	const struct myo_heat_map *const *maps; /* [count] */
};

/* Many maps on one page, each as picture | overlay, part by part; there is at least one map. */
MYO_MUST_USE int myo_gallery_sheet(const struct myo_gallery_style *style, const char *title,
    const struct myo_gallery_part *parts, size_t part_count, const struct myo_heat_images *images, const char *path,
    struct myo_err *err);

/*
 * The most telling tiles as a page: a line for each class that has any and is `shown` ([class_count]; NULL: all), with
 * tiles for it, against it, and for other classes, `each` of a kind at most. Of style only grid and classes count.
 * MYO_FAIL when there are none.
 */
MYO_MUST_USE int myo_gallery_tells(const struct myo_gallery_style *style, const struct myo_telling *telling,
    const bool *shown, size_t each, const struct myo_heat_images *images, const char *path, struct myo_err *err);

/* MYO_FAIL unless `folder` is one that can be written to, or could be made; makes nothing. */
MYO_MUST_USE int myo_gallery_folder_check(const char *folder, struct myo_err *err);

/*
 * The file name of a map's page: the id in six digits or more, the class in question (where the method has one), at
 * most 64 bytes of it, and where the image has a name that without its ending, at most the last 64 bytes:
 * "000017-ship-holiday_boat.png". What a file name can't hold is replaced; a class that would look like an earlier one
 * then has its number behind it. On the heap.
 */
MYO_MUST_USE char *myo_gallery_file_name(const struct myo_gallery_style *style, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err);

/* ---- spool ------------------------------------------------------------------------------ */

/* Maps set aside in a file without a name, in TMPDIR or /tmp: memory doesn't grow with them. */
struct myo_gallery_spool;
MYO_MUST_USE int myo_gallery_spool_new(struct myo_gallery_spool **out, struct myo_err *err);
MYO_MUST_USE int myo_gallery_spool_put(struct myo_gallery_spool *spool, const struct myo_heat_map *map,
    struct myo_err *err);
size_t myo_gallery_spool_count(const struct myo_gallery_spool *spool);

/* The maps in their order, from the first after the last put; the caller's to clear. MYO_END after the last. */
MYO_MUST_USE int myo_gallery_spool_next(struct myo_gallery_spool *spool, struct myo_heat_map *out, struct myo_err *err);
void myo_gallery_spool_free(struct myo_gallery_spool *spool);

/* ---- folder ------------------------------------------------------------------------------ */

/*
 * What a folder is filled with: a page for each map of the spool; "sheet.ENDING" with the first `sheet` of them; and
 * for each class that picks has maps of, "class-NAME.ENDING" with the surest that are right, the least probable and the
 * surest mistakes, at most `class_sheet` of each. 0, and picks NULL: none. drawn, if not NULL, is told of progress now
 * and then, on the caller's thread.
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
 * Fill it; the folder is made if it is absent. Of several failures the first in order is told, whichever thread came
 * first.
 */
MYO_MUST_USE int myo_gallery_draw(const struct myo_gallery_style *style, const struct myo_gallery_job *job,
    struct myo_err *err);

#endif
