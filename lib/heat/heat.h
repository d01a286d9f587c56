/*
 * heat.h - heat maps: from what a network says of the tiles of an image to pictures of where
 * the evidence for a class lies.
 *
 *   maps      predictions over grids of tiles become one number for each pixel
 *   images    the pictures that belong to the maps, found by id
 *   colours   an even run of colours, and the scale that leads from heat to colour
 *   gallery   a picture for each map, and one with many of them, as PNG files
 *   scores    how much of the heat lies on the object, where that is known
 *
 * A pixel for which there is no heat is masked: its heat is NaN, and pictures show it grey.
 */
#ifndef MYO_HEAT_H
#define MYO_HEAT_H

#include "base/base.h"
#include "stream/stream.h"

/* ---- maps -------------------------------------------------------------------------- */

enum myo_heat_method {
	/*
	 * A pixel shows the largest logit of the tile around it, and only where that tile's class is
	 * the class in question (Madala, Chandrasekaran and Bunk, arXiv 2205.10760). The tile of t x t
	 * pixels whose top left corner is (y, x) is around pixel (y + t/2, x + t/2), halves rounded
	 * down; with a stride s over 1 it fills the cell of s x s pixels around that pixel.
	 */
	MYO_HEAT_PAPER,
	/* The mean, over the tiles that cover a pixel, of the class's probability. */
	MYO_HEAT_COVER
};

/* The class in question: the image's own, the one predicted for the image, or always the same. */
enum myo_heat_about { MYO_ABOUT_LABEL, MYO_ABOUT_PREDICTED, MYO_ABOUT_CLASS };

struct myo_heat_choice {
	enum myo_heat_method method;
	enum myo_heat_about about;
	int32_t about_class; /* for MYO_ABOUT_CLASS: in [0, classes) */
};

/* Sides and area of an image beyond this are taken for damage. */
enum { MYO_HEAT_MAX_SIDE = 65535, MYO_HEAT_MAX_PIXELS = 1 << 26 };

struct myo_heat_map {
	int64_t id;
	int32_t label;        /* the image's class, -1 unknown */
	int32_t predicted;    /* class of the largest mean probability over the image's tiles */
	int32_t about;        /* the class in question */
	double p_predicted;   /* mean probability over the tiles: of the predicted class, */
	double p_about;       /* and of the class in question */
	size_t tiles;
	size_t height, width;
	float *heat;          /* F32 [height, width], NaN where masked; owned */
};

void myo_heat_map_clear(struct myo_heat_map *map);

/* Maps in the order they came. Zeroed, it is empty. */
struct myo_heat_list {
	size_t count, room;
	struct myo_heat_map *maps; /* [count] */
};

/* Append a map and take its heat (map->heat becomes NULL). */
MYO_MUST_USE int myo_heat_list_take(struct myo_heat_list *list, struct myo_heat_map *map, struct myo_err *err);
void myo_heat_list_clear(struct myo_heat_list *list);

/* How the tiles of a stream of predictions lie; from its header. */
struct myo_heat_grid {
	size_t tile, stride;
	bool pad;
};

/* MYO_FAIL, with what to do, when the predictions aren't of a grid of tiles. */
MYO_MUST_USE int myo_heat_grid_of(const struct myo_header *predictions, struct myo_heat_grid *out,
    struct myo_err *err);

/*
 * Set the class in question from its description: "label", "predicted", or the name of one of the
 * header's classes; MYO_FAIL with what there is.
 */
MYO_MUST_USE int myo_heat_ask(const struct myo_header *header, const char *about,
    struct myo_heat_choice *out, struct myo_err *err);

/*
 * Called with each map as its last tile has come. It may keep the map by taking its heat (setting
 * map->heat to NULL). MYO_FAIL ends the reading.
 */
typedef int myo_heat_done(void *context, struct myo_heat_map *map, struct myo_err *err);

/*
 * Read predictions to their end and make a map of each image, in the order of the stream. The
 * tiles of an image may come in any order, but before those of the next image: what is kept is
 * one image's logits, and the ids of all. Results don't depend on the order of the tiles.
 * MYO_OK only after the end record. name is what messages call the stream.
 */
MYO_MUST_USE int myo_heat_read(struct myo_reader *predictions, const char *name,
    const struct myo_heat_choice *choice, myo_heat_done *done, void *context, struct myo_err *err);

/* Write maps, as they come, into a stream of kind heat: rows of one size share a record. */
struct myo_heat_sink;
MYO_MUST_USE int myo_heat_sink_new(struct myo_writer *writer, struct myo_heat_sink **out, struct myo_err *err);
MYO_MUST_USE int myo_heat_sink_put(struct myo_heat_sink *sink, const struct myo_heat_map *map,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_sink_flush(struct myo_heat_sink *sink, struct myo_err *err);
void myo_heat_sink_free(struct myo_heat_sink *sink);

/* The header of that stream, from the one of the predictions: classes, history, method, tile. */
MYO_MUST_USE int myo_heat_header(const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_header *out, struct myo_err *err);

/* ---- images ------------------------------------------------------------------------- */

/* A stream of images in a file, found by id. */
struct myo_heat_images;

MYO_MUST_USE int myo_heat_images_new(const char *path, struct myo_heat_images **out, struct myo_err *err);
void myo_heat_images_free(struct myo_heat_images *images);

/* What is known of one image. Everything lies in the table and lives as long as it. */
struct myo_heat_image {
	const uint8_t *pixels; /* U8 [height, width, 3] */
	const uint8_t *mask;   /* U8 [height, width], not 0: of the object; or NULL */
	const int32_t *box;    /* I32 [4] x0 y0 x1 y1, inclusive; or NULL */
	const char *name;      /* its path in the data set, name_bytes at most, no 0 at the end where it has so many; or NULL */
	size_t name_bytes;
};

/* The image of a map; MYO_FAIL when there is none of that id or it has another size or label. */
MYO_MUST_USE int myo_heat_images_find(const struct myo_heat_images *images, const struct myo_heat_map *map,
    struct myo_heat_image *out, struct myo_err *err);

/* ---- colours ------------------------------------------------------------------------ */

enum { MYO_HEAT_COLOURS = 256 };

/*
 * table[i] = red, green, blue (sRGB) of the i-th colour: from dark blue over red to pale yellow
 * in steps of equal perceived difference and rising lightness. The path is a cubic curve in
 * OKLab (Ottosson, 2020), walked at an even pace.
 */
void myo_heat_colours(uint8_t table[MYO_HEAT_COLOURS][3]);

/* What heat the first and the last colour stand for. */
struct myo_heat_scale {
	double low, high;
};

#define MYO_HEAT_SCALE_INIT { INFINITY, -INFINITY } /* of nothing; needs math.h */

/* From "MIN:MAX", two finite numbers, the smaller one first; false when it is something else. */
MYO_MUST_USE bool myo_heat_scale_parse(const char *text, struct myo_heat_scale *out);

/* Widen a scale by a map's shown pixels. A mean probability's scale starts at 0. */
void myo_heat_scale_add(struct myo_heat_scale *scale, const struct myo_heat_map *map,
    enum myo_heat_method method);

/* Give a scale of nothing, or of one value, a width, so that it can be drawn. */
void myo_heat_scale_settle(struct myo_heat_scale *scale);

/* The colour, 0 to MYO_HEAT_COLOURS - 1, of a heat; beyond the scale its ends. heat is no NaN. */
unsigned myo_heat_scale_colour(const struct myo_heat_scale *scale, double heat);

/* ---- gallery ------------------------------------------------------------------------ */

/*
 * What the pictures of a run share.
 * scale     for all maps, unless `each`: then each map has its own
 * alpha     how much of the colour, 0 to 1, covers the picture
 * enlarge   side of the square that an image's pixel becomes; 0: as many as make a side of at
 *           least 256
 * classes   names in the order of the labels
 */
struct myo_heat_style {
	enum myo_heat_method method;
	struct myo_heat_grid grid;
	struct myo_heat_scale scale;
	bool each;
	double alpha;
	int enlarge;
	size_t class_count;
	char *const *classes;
};

/*
 * One page, picture | overlay | legend under a title, as a PNG file at path. The file appears
 * whole or not at all.
 */
MYO_MUST_USE int myo_heat_draw(const struct myo_heat_style *style, const struct myo_heat_map *map,
    const uint8_t *pixels, const char *path, struct myo_err *err);

/* Many maps on one page, each as picture | overlay; count > 0. */
MYO_MUST_USE int myo_heat_draw_sheet(const struct myo_heat_style *style, const struct myo_heat_map *maps,
    const struct myo_heat_images *images, size_t count, const char *path, struct myo_err *err);

/* MYO_FAIL unless `folder` is one that can be written to, or could be made; makes nothing. */
MYO_MUST_USE int myo_heat_folder_check(const char *folder, struct myo_err *err);

/*
 * The file name of a map's page: the id in six digits or more, the class in question, at most 64 bytes of it, and where the image has a
 * name that without its ending, at most the last 64 bytes: "000017-ship-holiday_boat.png". What a file name can't hold
 * is replaced. On the heap.
 */
MYO_MUST_USE char *myo_heat_file_name(const struct myo_heat_style *style, const struct myo_heat_map *map,
    const struct myo_heat_image *image,
    struct myo_err *err);

/*
 * Make the folder if it is absent and draw all maps into it, then the first `sheet` of them
 * (fewer if there are fewer, none with 0) as sheet.png. The pool's threads share the pages; drawn,
 * if not NULL, is told of progress now and then, on the caller's thread.
 */
typedef void myo_heat_drawn(void *context, size_t done);
MYO_MUST_USE int myo_heat_gallery(const struct myo_heat_style *style, const struct myo_heat_map *maps,
    const struct myo_heat_images *images, size_t count, size_t sheet, const char *folder,
    struct myo_pool *pool, myo_heat_drawn *drawn, void *context, struct myo_err *err);

/* ---- scores -------------------------------------------------------------------------- */

/*
 * How well one map S points at an object of which the pixels B are known (its mask, or its box).
 * energy    sum of S+ over B / sum of S+, where S+ is the positive part of the shown pixels;
 *           NaN where there is none
 * area      share of the image's pixels that are in B
 * pointing  1 if the largest S is in B or within 3% of the image's longer side of it (15 pixels
 *           at 500: Zhang and others, "Top-down neural attention by excitation backprop", ECCV
 *           2016), else 0; where several pixels are largest, the share of them that hit
 * centre    the same for the centre of the image
 */
struct myo_heat_score {
	double energy, area, pointing, centre;
};

/* MYO_END when the image has neither mask nor box, or no pixel in it. */
MYO_MUST_USE int myo_heat_score(const struct myo_heat_map *map, const struct myo_heat_image *image,
    struct myo_heat_score *out, struct myo_err *err);

/* Scores of many maps by class in question. */
struct myo_heat_scores;

MYO_MUST_USE int myo_heat_scores_new(size_t classes, struct myo_heat_scores **out, struct myo_err *err);
void myo_heat_scores_free(struct myo_heat_scores *scores);
MYO_MUST_USE int myo_heat_scores_add(struct myo_heat_scores *scores, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err);

/*
 * A line of the table: means over the maps of one class; for the last line, index = classes, the
 * means over the classes. lift = energy / area, of these means. MYO_END where there are no maps.
 */
struct myo_heat_line {
	size_t maps;     /* with a known object */
	size_t empty;    /* of them, without any positive heat: left out of energy */
	double energy, area, lift, pointing, centre;
};
int myo_heat_scores_line(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out);

#endif
