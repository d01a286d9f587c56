/*
 * heat.h - heat maps as numbers: from what a network says of an image to how strongly each of its pixels
 * speaks for a class.
 *
 *   maps      predictions over grids of tiles, or the evidence inside of a network, become one number for each pixel
 *   picks     the maps that tell most: the surest, the worst, and the surest mistakes of each class
 *   images    the pictures that belong to the maps, found by id
 *   scores    how much of the heat lies on the object, where that is known
 *
 * A pixel for which there is no heat is masked: its heat is NaN. How maps look is the room gallery's concern.
 */
#ifndef MYO_HEAT_H
#define MYO_HEAT_H

#include "base/base.h"
#include "stream/stream.h"

#include <stdio.h>

/* ---- maps -------------------------------------------------------------------------- */

/*
 * What the heat of a pixel is. A tile of t x t pixels whose top left corner is (y, x) is around pixel
 * (y + t/2, x + t/2), halves rounded down. "At" means: the value of the tile around the pixel; with a stride
 * over 1, between the four tiles nearest to it by bilinear interpolation. Pixels beyond the outermost tiles' have the
 * value of these if they are less than a stride away; of others, in grids without padding, nothing is known.
 */
enum myo_heat_method {
	/*
	 * The largest logit of the tile around a pixel, and only where that tile's class is
	 * the class in question (Madala, Chandrasekaran and Bunk, arXiv 2205.10760). With a stride s over 1
	 * a tile fills the cell of s x s pixels around its pixel, the outermost ones up to s - 1 pixels beyond theirs.
	 */
	MYO_HEAT_PAPER,
	/* The mean, over the tiles that cover a pixel, of the class's probability. */
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
	 * The entropy of the class probabilities at a pixel, in bits: how unsure the network is. Of no class in
	 * question.
	 */
	MYO_HEAT_ENTROPY,
	/*
	 * The number of the class that the tile around a pixel is taken for, by cells as with PAPER. Of no class in
	 * question.
	 */
	MYO_HEAT_CLASSES,
	/*
	 * The evidence inside of a network for the class, signed, of whole images: predictions with a tensor
	 * `evidence`, whose mean over its places is the logit. A place is shown on the rectangle of the image that is
	 * its share, so the map's mean is the logit, too.
	 */
	MYO_HEAT_EVIDENCE
};

/* What one should know of a method. */
struct myo_heat_about_method {
	const char *name;     /* as the option has it */
	const char *measures; /* what its numbers are, for a legend */
	bool from_zero;       /* numbers are never negative, and a scale of them begins at 0 */
	bool is_signed;       /* numbers may be negative, and a scale has 0 in its middle */
	bool of_class;        /* is about a class in question */
	bool of_tiles;        /* wants predictions of tiles */
};

const struct myo_heat_about_method *myo_heat_method(enum myo_heat_method method);

/* The names of all methods, in their order, and NULL. */
extern const char *const myo_heat_method_names[];

/*
 * The class in question: the image's own, the one predicted for it, always the same, or each of the `top` most
 * probable.
 */
enum myo_heat_about { MYO_ABOUT_LABEL, MYO_ABOUT_PREDICTED, MYO_ABOUT_CLASS, MYO_ABOUT_TOP };

struct myo_heat_choice {
	enum myo_heat_method method;
	enum myo_heat_about about;
	int32_t about_class; /* for MYO_ABOUT_CLASS: in [0, classes) */
	size_t top;          /* for MYO_ABOUT_TOP: in [1, classes] */
	bool tells;          /* look for the tiles that tell most, too */
};

/* The probabilities of a row of finite logits, [classes]; returns the number of the first of the largest. */
size_t myo_heat_softmax(const float *logits, size_t classes, double *out);

/* Sides and area of an image beyond this are taken for damage. */
enum { MYO_HEAT_MAX_SIDE = 65535, MYO_HEAT_MAX_PIXELS = 1 << 26 };

/* A tile that tells: its top left corner, negative in the padding, and its probability of the class in question. */
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
	double logit_about;   /* mean logit over the tiles of the class in question */
	size_t tiles;         /* 1 of a whole image */
	size_t height, width;
	float *heat;          /* F32 [height, width], NaN where masked; owned */
	/*
	 * Rows from top to bottom, columns from left to right, ends not in it: masked pixels there are another class's
	 * (method "paper"). Of other masked pixels nothing is known: no tile is around them.
	 */
	size_t top, left, bottom, right;
	/*
	 * The tiles that are surest and least sure of the class, best first, no two nearer than half a tile; see
	 * myo_heat_leaves().
	 */
	struct myo_heat_tile strong[MYO_HEAT_TILES], weak[MYO_HEAT_TILES];
	size_t strong_count, weak_count; /* none of a whole image, and where nobody asked for them */
};

void myo_heat_map_clear(struct myo_heat_map *map);

/*
 * How far a map's mean is from the logit of which it is the ledger, relative to the larger of 1 and the logit's size.
 * MYO_END where the map is no ledger: of another method, or of tiles of which not each is around one pixel.
 */
int myo_heat_ledger(const struct myo_heat_map *map, enum myo_heat_method method, double *error);

/* How the tiles of a stream of predictions lie; from its header. Of whole images all is 0. */
struct myo_heat_grid {
	size_t tile, stride;
	bool pad;
};

/* MYO_FAIL, with what to do, when the predictions aren't what the method wants: a grid of tiles, or whole images. */
MYO_MUST_USE int myo_heat_grid_of(const struct myo_header *predictions, enum myo_heat_method method,
    struct myo_heat_grid *out, struct myo_err *err);

/*
 * Whether a tile reaches beyond its image, and so tells of the image's edge, though the grid has tiles that don't. In
 * images that are small beside tile and stride it has none.
 */
bool myo_heat_leaves(const struct myo_heat_grid *grid, int64_t y, int64_t x, int64_t height, int64_t width);

/*
 * Set the class in question from its description: "label", "predicted", "top:K", or the name of one of the
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
 * Makes a map of each image, and with MYO_ABOUT_TOP of each image's classes in question, in the order of the stream.
 * The tiles of an image may come in any order, but before those of the next image: what is kept is one image's logits,
 * and the ids of all. Results don't depend on the order of the tiles. name is what messages call the stream. The
 * predictions' header lives as long as the collector.
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

/* All of it for a stream that nothing else reads. MYO_OK only after the end record. */
MYO_MUST_USE int myo_heat_read(struct myo_reader *predictions, const char *name,
    const struct myo_heat_choice *choice, myo_heat_done *done, void *context, struct myo_err *err);

/*
 * The size of heat (its absolute value) that a share of all shown pixels stays below, within half a per cent. path:
 * predictions of a network that knows nothing, of which maps are made in the same way; so what comes out is the floor
 * below which heat says nothing. MYO_FAIL where its tiles or classes aren't those of `maps`, the header of the
 * predictions that it is the floor of, where its history doesn't end with weights that were shuffled and not trained
 * since, or where no pixel of its maps has any heat. Memory is the same for any number of maps.
 */
MYO_MUST_USE int myo_heat_floor(const char *path, const struct myo_header *maps, enum myo_heat_method method,
    const char *about, double share, double *out, struct myo_err *err);

/* Write maps, as they come, into a stream of kind heat: rows of one size share a record. */
struct myo_heat_sink;
MYO_MUST_USE int myo_heat_sink_new(struct myo_writer *writer, struct myo_heat_sink **out, struct myo_err *err);
MYO_MUST_USE int myo_heat_sink_put(struct myo_heat_sink *sink, const struct myo_heat_map *map,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_sink_flush(struct myo_heat_sink *sink, struct myo_err *err);
void myo_heat_sink_free(struct myo_heat_sink *sink);

/*
 * The header of that stream, from the one of the predictions: classes, history, method, tile; with MYO_ABOUT_TOP `top`,
 * of how many maps that follow each other an image has.
 */
MYO_MUST_USE int myo_heat_header(const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_header *out, struct myo_err *err);

/* ---- picks ---------------------------------------------------------------------------- */

/*
 * The maps that tell most of each class (by the images' labels; those without one are left out): images that are right
 * and surest, those whose own class is least probable, and the surest mistakes. At most `each` of a kind and class are
 * kept, so memory doesn't grow with the stream. Of equals the one that came first stays.
 */
enum myo_heat_pick { MYO_PICK_BEST, MYO_PICK_WORST, MYO_PICK_MISTAKES, MYO_PICKS };

/* each: 1 or more. */
struct myo_heat_picks;
MYO_MUST_USE int myo_heat_picks_new(size_t classes, size_t each, struct myo_heat_picks **out, struct myo_err *err);
void myo_heat_picks_free(struct myo_heat_picks *picks);

/* Keep copies of a map where it is one of those. Its heat may be NULL: a picture without a map. */
MYO_MUST_USE int myo_heat_picks_add(struct myo_heat_picks *picks, const struct myo_heat_map *map, struct myo_err *err);

/* The n-th of a kind and class, the most telling first; NULL after the last. Lives until a map is added. */
const struct myo_heat_map *myo_heat_picks_get(const struct myo_heat_picks *picks, size_t class_number,
    enum myo_heat_pick kind, size_t n);

/* ---- images ------------------------------------------------------------------------- */

/* A stream of images in a file, found by id. */
struct myo_heat_images;

/*
 * predictions: the header of those that the images belong to, or of their maps, whose names of classes say which label
 * is which.
 */
MYO_MUST_USE int myo_heat_images_new(const char *path, const struct myo_header *predictions,
    struct myo_heat_images **out, struct myo_err *err);
void myo_heat_images_free(struct myo_heat_images *images);

/* Of their stream; theirs. */
const struct myo_header *myo_heat_images_header(const struct myo_heat_images *images);

enum { MYO_HEAT_PLACES = 64 };

/* Where objects are in images, each stretched to a square of so many places a side: how many have theirs there. */
struct myo_heat_places {
	size_t images; /* with an object */
	uint32_t at[MYO_HEAT_PLACES * MYO_HEAT_PLACES];
};

/* What is known of one image. Everything lies in the table and lives as long as it. */
struct myo_heat_image {
	const uint8_t *pixels; /* U8 [height, width, 3] */
	const uint8_t *mask;   /* U8 [height, width], not 0: of the object; or NULL */
	const int32_t *box;    /* I32 [4] x0 y0 x1 y1, inclusive; or NULL */
	const char *name;      /* its path in the data set, name_bytes at most, no 0 at the end of so many; or NULL */
	size_t name_bytes;
	const struct myo_heat_places *places; /* of all images; NULL: nobody has asked */
};

/* Look where the objects of all images are; before images are found that are to be compared by it. */
MYO_MUST_USE int myo_heat_images_survey(struct myo_heat_images *images, struct myo_err *err);

/*
 * The name of an image's file, on the heap, empty where it has none; MYO_FAIL when there is no image of that id, or it
 * has another label, as those of other images may.
 */
MYO_MUST_USE int myo_heat_images_name(const struct myo_heat_images *images, int64_t id, int32_t label, char **name,
    struct myo_err *err);

/*
 * The image of a map; MYO_FAIL when there is none of that id, or it has another size, or another label than the map
 * knows.
 */
MYO_MUST_USE int myo_heat_images_find(const struct myo_heat_images *images, const struct myo_heat_map *map,
    struct myo_heat_image *out, struct myo_err *err);

/* ---- scores -------------------------------------------------------------------------- */

/*
 * How well one map S points at an object of which the pixels B are known (its mask, or its box). S+ is the
 * positive part of the shown pixels; those of another class come after all others. Pixels of which nothing is known are
 * left out, of B too: in a grid without padding they are a frame around the image, and objects are in the middle.
 *
 * ENERGY    sum of S+ over B / sum of S+; NaN where there is none
 * AREA      share of the known pixels that are in B: the energy of an even map; NaN where there is no energy
 * LIFT      mean energy / mean area, so only of several maps: NaN of one
 * OTHERS    the share of S+ that lies where other images have their objects: the mean over them of what would be ENERGY
 *           if their objects were here. A map that has nothing to do with its image has as much on them as on its own
 * OWN       mean energy / mean others, as LIFT
 * POINTING  1 if the largest S is in B or within 3% of the image's longer side of it (15 pixels
 *           at 500: Zhang and others, "Top-down neural attention by excitation backprop", ECCV
 *           2016), else 0; where several pixels are largest, the share of them that hit
 * CENTRE    the same for the centre of the image
 * RANK      of the |B| strongest pixels the share in B (relevance rank: Arras, Osman and Samek, "CLEVR-XAI", 2022); of
 *           equals their share
 * ROC       how often a pixel of B is stronger than one beside it, half of equals: the area under the ROC curve; NaN
 *           where B is all of the image
 * IOU       |B and T| / |B or T|, where T are the pixels with at least half of the map's largest S+
 */
enum myo_heat_measure {
	MYO_HEAT_ENERGY, MYO_HEAT_AREA, MYO_HEAT_LIFT, MYO_HEAT_OTHERS, MYO_HEAT_OWN, MYO_HEAT_POINTING,
	MYO_HEAT_CENTRE, MYO_HEAT_RANK, MYO_HEAT_ROC, MYO_HEAT_IOU,
	MYO_HEAT_MEASURES
};

/* Their names, in that order. */
extern const char *const myo_heat_measure_names[MYO_HEAT_MEASURES];

/* The IoU is tried at i + 1 of MYO_HEAT_THRESHOLDS + 1 parts of a map's largest heat, too. */
enum { MYO_HEAT_THRESHOLDS = 19 };

struct myo_heat_score {
	double value[MYO_HEAT_MEASURES];
	double iou[MYO_HEAT_THRESHOLDS];
};

/* MYO_END when the image has neither mask nor box, or no known pixel in it. */
MYO_MUST_USE int myo_heat_score(const struct myo_heat_map *map, const struct myo_heat_image *image,
    struct myo_heat_score *out, struct myo_err *err);

/* There is no interval of fewer images: of three, the 95% that resamplings give hold the truth in 72%. */
enum { MYO_HEAT_RESAMPLINGS = 1000, MYO_HEAT_IMAGES_LEAST = 10 };

/* The middle 95% of numbers, 1 or more, which it sorts. */
void myo_heat_middle(double *values, size_t count, double *low, double *high);

/*
 * Scores of many maps by class in question. Beside the means it keeps those of 1000 resamplings of the images, in which
 * each image counts a Poisson-distributed number of times (the bootstrap for streams: Chamandy and others, 2012); so
 * intervals cost the same memory for any number of maps: some 96 kB a class. The numbers are of (seed, image), whatever
 * the order.
 */
struct myo_heat_scores;

MYO_MUST_USE int myo_heat_scores_new(size_t classes, uint64_t seed, struct myo_heat_scores **out, struct myo_err *err);
void myo_heat_scores_free(struct myo_heat_scores *scores);
MYO_MUST_USE int myo_heat_scores_add(struct myo_heat_scores *scores, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err);

/*
 * A line of the table: means over the maps of one class; for the last line, index = classes, the
 * means over the classes in which the measure is known, LIFT again of the means of both. low and high: the middle 95%
 * of the resamplings, NaN where the measure is known of one image alone; for POINTING and CENTRE of a class Wilson's
 * interval (base.h). MYO_END where there are no maps.
 */
struct myo_heat_line {
	size_t maps;  /* with a known object */
	size_t empty; /* of them, without any positive heat: left out of energy */
	double value[MYO_HEAT_MEASURES], low[MYO_HEAT_MEASURES], high[MYO_HEAT_MEASURES];
	double best_iou, best_threshold; /* at the threshold that is best for all these maps together */
};
int myo_heat_scores_line(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out);

/*
 * The table for people, as tab-separated values with a line of names, and as a JSON object. header has the classes'
 * names. What the file says of errors is the caller's to ask. MYO_FAIL when there are no scores.
 */
MYO_MUST_USE int myo_heat_scores_text(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_scores_tsv(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err);
MYO_MUST_USE int myo_heat_scores_json(FILE *to, const struct myo_heat_scores *scores, const struct myo_header *header,
    struct myo_err *err);

#endif
