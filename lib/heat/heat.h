/*
 * heat.h - heat maps as numbers: from predictions for an image to how strongly each of its pixels
 * speaks for a class.
 *
 *   maps      predictions for grids of tiles, or the evidence inside a network, become a number for each pixel
 *   picks     the most telling maps: the surest, the worst, and the surest mistakes of each class
 *   images    the pictures that belong to the maps, found by id
 *   scores    how much of the heat lies on the object, where that is known
 *
 * A pixel for which there is no heat is masked: its heat is NaN. The room gallery draws maps.
 */
#ifndef MYO_HEAT_H
#define MYO_HEAT_H

#include "base/base.h"
#include "stream/stream.h"

#include <stdio.h>

/* ---- maps -------------------------------------------------------------------------- */

/*
 * What the heat of a pixel is. A tile of t x t pixels whose top left corner is (y, x) is centred on pixel
 * (y + t/2, x + t/2), halves rounded down. "At a pixel" means: of the tile centred on it; with a stride
 * over 1, interpolated bilinearly between the four nearest tiles. Pixels beyond the centres of the outermost tiles have
 * the value of these if they are less than a stride away; others, in grids without padding, are masked.
 */
enum myo_heat_method {
	/*
	 * The largest logit of the tile centred on a pixel, if the tile is taken for
	 * the class in question; else masked (Madala, Chandrasekaran and Bunk, arXiv 2205.10760). With a stride s over
	 * 1 a tile fills the cell of s x s pixels around its centre, and an outermost one up to s - 1 pixels beyond it.
	 */
	MYO_HEAT_PAPER,
	/* The mean of the class's probability over the tiles that cover a pixel. */
	MYO_HEAT_COVER,
	/*
	 * The class's logit at a pixel. With a padded grid of stride 1 the map's mean is the mean logit of the tiles.
	 */
	MYO_HEAT_LOGIT,
	/*
	 * How far the class's logit is above the largest of the others, at a pixel; negative where another class wins.
	 */
	MYO_HEAT_MARGIN,
	/*
	 * The entropy of the class probabilities at a pixel, in bits: how unsure the network is. About no particular
	 * class.
	 */
	MYO_HEAT_ENTROPY,
	/*
	 * The number of the class that the tile centred on a pixel is taken for, with cells as for PAPER. About no
	 * particular class.
	 */
	MYO_HEAT_CLASSES,
	/*
	 * The evidence inside a network for the class, signed: of predictions for whole images with a tensor
	 * `evidence`, whose mean over its positions is the logit. Positions divide the image into equal rectangles, on
	 * which they are shown, so that the map's mean is the logit, too.
	 */
	MYO_HEAT_EVIDENCE
};

/* The properties of a method. */
struct myo_heat_about_method {
	const char *name;     /* as in the option */
	const char *measures; /* what its numbers are, for a legend */
	bool from_zero;       /* numbers are never negative, and their scale begins at 0 */
	bool is_signed;       /* numbers may be negative, and 0 is in the middle of their scale */
	bool of_class;        /* is about a class in question */
	bool of_tiles;        /* needs predictions for tiles */
};

const struct myo_heat_about_method *myo_heat_method(enum myo_heat_method method);

/* The names of all methods, in the order of the enum, ended by NULL. */
extern const char *const myo_heat_method_names[];

/*
 * The class in question: the image's own (its label), the one predicted for it, always the same one, or each of the
 * `top` most probable ones.
 */
enum myo_heat_about { MYO_ABOUT_LABEL, MYO_ABOUT_PREDICTED, MYO_ABOUT_CLASS, MYO_ABOUT_TOP };

struct myo_heat_choice {
	enum myo_heat_method method;
	enum myo_heat_about about;
	int32_t about_class; /* for MYO_ABOUT_CLASS: in [0, classes) */
	size_t top;          /* for MYO_ABOUT_TOP: in [1, classes] */
	bool tells;          /* find the most telling tiles, too */
};

/* An image with longer sides or a larger area is taken for damage. */
enum { MYO_HEAT_MAX_SIDE = 65535, MYO_HEAT_MAX_PIXELS = 1 << 26 };

/* A telling tile: its top left corner, negative in the padding, and its probability of the class in question. */
struct myo_heat_tile {
	int32_t y, x;
	float probability;
};

enum { MYO_HEAT_TILES = 3 };

struct myo_heat_map {
	int64_t id;
	int32_t label;        /* the image's class, -1 unknown */
	int32_t predicted;    /* class of the largest mean probability over the image's tiles */
	int32_t about;        /* the class in question */
	double p_predicted;   /* mean probability over the tiles: of the predicted class, */
	double p_about;       /* of the class in question, */
	double p_label;       /* and of the image's own, NaN where that is unknown */
	double logit_about;   /* mean logit of the class in question over the tiles */
	size_t tiles;         /* how many; 1 for a whole image */
	size_t height, width;
	float *heat;          /* F32 [height, width], NaN where masked; owned */
	/*
	 * Rows [top, bottom), columns [left, right): a masked pixel in this rectangle belongs to another class (method
	 * "paper"); of a masked pixel outside it nothing is known, since no tile's cell covers it.
	 */
	size_t top, left, bottom, right;
	/*
	 * The tiles that are surest, and least sure, of the class, the most extreme first, no two of them closer than
	 * half a tile; see myo_heat_leaves().
	 */
	struct myo_heat_tile strong[MYO_HEAT_TILES], weak[MYO_HEAT_TILES];
	size_t strong_count, weak_count; /* 0 for a whole image, and unless choice.tells is set */
};

void myo_heat_map_clear(struct myo_heat_map *map);

/*
 * A map is a ledger if its mean should be the mean logit: with method EVIDENCE, and with LOGIT if there is a tile
 * centred on each pixel. *error: how far its mean is from that, relative to the larger of 1 and the logit's magnitude.
 * MYO_END if the map is no ledger.
 */
int myo_heat_ledger(const struct myo_heat_map *map, enum myo_heat_method method, double *error);

/* The grid of the tiles of a stream of predictions, from its header; all 0 for whole images. */
struct myo_heat_grid {
	size_t tile, stride;
	bool pad;
};

/* MYO_FAIL, with what to do, if the predictions aren't what the method needs: for a grid of tiles, or whole images. */
MYO_MUST_USE int myo_heat_grid_of(const struct myo_header *predictions, enum myo_heat_method method,
    struct myo_heat_grid *out, struct myo_err *err);

/*
 * Whether a tile is to be passed over because it reaches beyond its image, and so may speak of the image's edge: false
 * for all tiles if none of the grid lies inside the image, which may be too small for tile and stride.
 */
bool myo_heat_leaves(const struct myo_heat_grid *grid, int64_t y, int64_t x, int64_t height, int64_t width);

/*
 * Set the class in question from its description: "label", "predicted", "top:K", or the name of one of the
 * header's classes; else MYO_FAIL, with some of these names.
 */
MYO_MUST_USE int myo_heat_ask(const struct myo_header *header, const char *about,
    struct myo_heat_choice *out, struct myo_err *err);

/*
 * Called with each map when its last tile has come. It may keep the map by taking over its heat (setting
 * map->heat to NULL). MYO_FAIL ends the reading.
 */
typedef int myo_heat_done(void *context, struct myo_heat_map *map, struct myo_err *err);

/*
 * Makes a map of each image, and with MYO_ABOUT_TOP one for each of its classes in question, in the order of the
 * stream. The tiles of an image may come in any order, which doesn't change the map, but must follow each other: only
 * one image's logits are kept, and the ids of all. name: what messages call the stream. Name and header must
 * outlive the collector.
 */
struct myo_heat_collector;
MYO_MUST_USE int myo_heat_collector_new(const struct myo_header *predictions, const char *name,
    const struct myo_heat_choice *choice, myo_heat_done *done, void *context, struct myo_heat_collector **out,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_collector_add(struct myo_heat_collector *collector, const struct myo_record *record,
    struct myo_err *err);
/* There are no more records. */
MYO_MUST_USE int myo_heat_collector_end(struct myo_heat_collector *collector, struct myo_err *err);
void myo_heat_collector_free(struct myo_heat_collector *collector);

/* Read a whole stream into such a collector. MYO_OK only after the end record. */
MYO_MUST_USE int myo_heat_read(struct myo_reader *predictions, const char *name,
    const struct myo_heat_choice *choice, myo_heat_done *done, void *context, struct myo_err *err);

/*
 * The floor below which heat says nothing: the quantile `share` of |heat| over all pixels that aren't masked, within
 * half a per cent, in maps made in the same way from the predictions in `path`, which are of a network that knows
 * nothing. MYO_FAIL if their tiles or classes aren't those of `maps`, the header of the predictions that the floor is
 * for; if by their history they aren't of a network whose weights were shuffled and not trained since; or if no pixel
 * of the maps has any heat. Takes the same memory for any number of maps.
 */
MYO_MUST_USE int myo_heat_floor(const char *path, const struct myo_header *maps, enum myo_heat_method method,
    const char *about, double share, double *out, struct myo_err *err);

/* Writes maps to a stream of kind heat; successive maps of one size share a record. */
struct myo_heat_sink;
MYO_MUST_USE int myo_heat_sink_new(struct myo_writer *writer, struct myo_heat_sink **out, struct myo_err *err);
MYO_MUST_USE int myo_heat_sink_put(struct myo_heat_sink *sink, const struct myo_heat_map *map,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_sink_flush(struct myo_heat_sink *sink, struct myo_err *err);
void myo_heat_sink_free(struct myo_heat_sink *sink);

/*
 * The header of that stream, from that of the predictions: classes, history, method, tile; with MYO_ABOUT_TOP also
 * `top`, the number of maps of an image, which follow each other.
 */
MYO_MUST_USE int myo_heat_header(const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_header *out, struct myo_err *err);

/* ---- picks ---------------------------------------------------------------------------- */

/*
 * The most telling maps of each class, by the images' labels (images without one are ignored): those that are right and
 * surest, those whose own class is least probable, and the surest mistakes. At most `each` of a kind and class are
 * kept, so memory doesn't grow with the stream. Among equals the one that came first is kept.
 */
enum myo_heat_pick { MYO_PICK_BEST, MYO_PICK_WORST, MYO_PICK_MISTAKES, MYO_PICKS };

/* each: 1 or more. */
struct myo_heat_picks;
MYO_MUST_USE int myo_heat_picks_new(size_t classes, size_t each, struct myo_heat_picks **out, struct myo_err *err);
void myo_heat_picks_free(struct myo_heat_picks *picks);

/* Keep a copy of a map if it is one of those. Its heat may be NULL: a picture without a map. */
MYO_MUST_USE int myo_heat_picks_add(struct myo_heat_picks *picks, const struct myo_heat_map *map, struct myo_err *err);

/* The n-th of a kind and class, the most telling first; NULL after the last. Valid until a map is added. */
const struct myo_heat_map *myo_heat_picks_get(const struct myo_heat_picks *picks, size_t class_number,
    enum myo_heat_pick kind, size_t n);

/* ---- images ------------------------------------------------------------------------- */

/* A stream of images in a file, found by id. */
struct myo_heat_images;

/*
 * predictions: the header of the predictions for these images, or of the maps, by whose class names labels are
 * matched.
 */
MYO_MUST_USE int myo_heat_images_new(const char *path, const struct myo_header *predictions,
    struct myo_heat_images **out, struct myo_err *err);
void myo_heat_images_free(struct myo_heat_images *images);

/* The header of the images' stream; valid as long as the images. */
const struct myo_header *myo_heat_images_header(const struct myo_heat_images *images);

enum { MYO_HEAT_PLACES = 64 };

/*
 * Where objects are: with each image stretched to a square of MYO_HEAT_PLACES places a side, the number of images that
 * have their object at a place.
 */
struct myo_heat_places {
	size_t images; /* images with an object at any place */
	uint32_t at[MYO_HEAT_PLACES * MYO_HEAT_PLACES];
};

/* What is known of one image. All pointers are valid as long as the images. */
struct myo_heat_image {
	const uint8_t *pixels; /* U8 [height, width, 3] */
	const uint8_t *mask;   /* U8 [height, width], not 0: of the object; or NULL */
	const int32_t *box;    /* I32 [4] x0 y0 x1 y1, inclusive; or NULL */
	const char *name;      /* its path in the data set: up to name_bytes bytes, ended by 0 if shorter; or NULL */
	size_t name_bytes;
	const struct myo_heat_places *places; /* of all images; NULL without myo_heat_images_survey() */
};

/* Find out where the objects of all images are; to be called before images are looked up for MYO_HEAT_OTHERS. */
MYO_MUST_USE int myo_heat_images_survey(struct myo_heat_images *images, struct myo_err *err);

/*
 * The name of an image's file, on the heap, empty if it has none. MYO_FAIL if there is no image of that id, or it has
 * another label, which shows that these are the wrong images.
 */
MYO_MUST_USE int myo_heat_images_name(const struct myo_heat_images *images, int64_t id, int32_t label, char **name,
    struct myo_err *err);

/* The image of a map. MYO_FAIL if there is none of that id, or its size or label differs from the map's. */
MYO_MUST_USE int myo_heat_images_find(const struct myo_heat_images *images, const struct myo_heat_map *map,
    struct myo_heat_image *out, struct myo_err *err);

/* ---- scores -------------------------------------------------------------------------- */

/*
 * How well a map S points at an object whose pixels B are known (its mask, or its box). S+ is the
 * positive part of S; pixels of another class rank after all others. Pixels of which nothing is known are
 * left out, of B too: in a grid without padding they are a frame around the image, and objects are in the middle.
 *
 * ENERGY    sum of S+ over B / sum of S+; NaN if that is 0
 * AREA      share of the known pixels that are in B, which is the energy of a uniform map; NaN if energy is
 * LIFT      mean energy / mean area, so only of several maps: NaN of one
 * OTHERS    the share of S+ that lies where other images have their objects: the mean over these images of what ENERGY
 *           would be if B were their object. A map that has nothing to do with its image has as much there as on its
 *           own object
 * OWN       mean energy / mean others, as LIFT
 * POINTING  1 if the largest S is in B or within 3% of the image's longer side of it (15 pixels
 *           at 500: Zhang and others, "Top-down neural attention by excitation backprop", ECCV
 *           2016), else 0; if several pixels are the largest, the share of them that hit
 * CENTRE    the same for the centre of the image
 * RANK      of the |B| strongest pixels the share in B (relevance rank: Arras, Osman and Samek, "CLEVR-XAI", 2022);
 *           equals at the limit count in proportion
 * ROC       how often a pixel of B is stronger than one outside it, equals counting half: the area under the ROC curve;
 *           NaN if B is all of the image
 * IOU       |B and T| / |B or T|, where T are the pixels with at least half of the map's largest S+
 */
enum myo_heat_measure {
	MYO_HEAT_ENERGY, MYO_HEAT_AREA, MYO_HEAT_LIFT, MYO_HEAT_OTHERS, MYO_HEAT_OWN, MYO_HEAT_POINTING,
	MYO_HEAT_CENTRE, MYO_HEAT_RANK, MYO_HEAT_ROC, MYO_HEAT_IOU,
	MYO_HEAT_MEASURES
};

/* The names of the measures, in the order of the enum. */
extern const char *const myo_heat_measure_names[MYO_HEAT_MEASURES];

/* IoU is also computed at thresholds of (i + 1) / (MYO_HEAT_THRESHOLDS + 1) of a map's largest heat. */
enum { MYO_HEAT_THRESHOLDS = 19 };

struct myo_heat_score {
	double value[MYO_HEAT_MEASURES];
	double iou[MYO_HEAT_THRESHOLDS];
};

/* MYO_END if the image has neither mask nor box, or no known pixel is in it. */
MYO_MUST_USE int myo_heat_score(const struct myo_heat_map *map, const struct myo_heat_image *image,
    struct myo_heat_score *out, struct myo_err *err);

/* With fewer images there is no interval: with three, the 95% interval by resampling holds the truth in only 72%. */
enum { MYO_HEAT_RESAMPLINGS = 1000, MYO_HEAT_IMAGES_LEAST = 10 };

/* The bounds of the middle 95% of the values, of which there is at least one; sorts them. */
void myo_heat_middle(double *values, size_t count, double *low, double *high);

/*
 * Scores of many maps by class in question. Beside the sums over the maps it keeps those over 1000 resamplings of the
 * images, in which each image counts a Poisson-distributed number of times (the bootstrap for streams: Chamandy and
 * others, 2012); so intervals take the same memory for any number of maps: some 112 kB per class. Resamplings are a
 * function of (seed, image), whatever the order.
 */
struct myo_heat_scores;

MYO_MUST_USE int myo_heat_scores_new(size_t classes, uint64_t seed, struct myo_heat_scores **out, struct myo_err *err);
void myo_heat_scores_free(struct myo_heat_scores *scores);
MYO_MUST_USE int myo_heat_scores_add(struct myo_heat_scores *scores, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err);

/*
 * A line of the table: means over the maps of one class; in the last line, index = classes, the
 * means over the classes in which the measure is known, where LIFT and OWN are again ratios of means. low and high: the
 * middle 95% of the resamplings, NaN if the measure is known of fewer than MYO_HEAT_IMAGES_LEAST images; for POINTING
 * and CENTRE of a class Wilson's interval (base.h). MYO_END if there are no maps.
 */
struct myo_heat_line {
	size_t maps;  /* maps of images whose object is known */
	size_t empty; /* how many of them have no positive heat, and so no energy */
	double value[MYO_HEAT_MEASURES], low[MYO_HEAT_MEASURES], high[MYO_HEAT_MEASURES];
	double best_iou, best_threshold; /* at the threshold that is best for all these maps together */
};
int myo_heat_scores_line(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out);

/*
 * Write the table for people, as tab-separated values with a line of names, and as a JSON object. header has the
 * classes' names. The caller checks the file for errors of writing. MYO_FAIL if there are no scores.
 */
MYO_MUST_USE int myo_heat_scores_text(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_scores_tsv(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_scores_json(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err);

#endif
