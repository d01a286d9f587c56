/*
 * telling.h - what single tiles tell: those that argue most for and against each class, and the smallest size at which
 * one tile is enough to recognise an image.
 *
 *   tells    the most telling tiles of a data set, found in one pass
 *   enough   for each image the smallest of several sizes at which some tile is taken for its class
 */
#ifndef MYO_TELLING_H
#define MYO_TELLING_H

#include "base/base.h"
#include "heat/heat.h"
#include "stream/stream.h"

/* ---- tells ----------------------------------------------------------------------------- */

/*
 * Among the tiles of a class's own images: those that argue most for the class, those that argue most against it, and
 * those that argue most for some other class. How much a tile argues for a class is measured by the log-odds, log(p /
 * (1 - p)): unlike p, they distinguish tiles that are all nearly certain.
 */
enum myo_tells { MYO_TELLS_FOR, MYO_TELLS_AGAINST, MYO_TELLS_WRONG, MYO_TELLS };

struct myo_tell {
	int64_t id;             /* of the image */
	int32_t label;          /* its class */
	int32_t y, x;           /* the tile's top left corner, negative in the padding */
	int32_t height, width;  /* of the image */
	int32_t about;          /* the class that is argued for or against */
	double odds;            /* its log-odds */
};

/*
 * grid: of the tiles. A tile that reaches into the padding is ignored if the image has tiles that don't
 * (myo_heat_leaves()), since what it shows may be the image's edge.
 *
 * At most `each` tiles of a kind and class are kept, no two of one image, whose neighbouring tiles would show the
 * same. Memory doesn't grow with the stream. Among equals the one that came first is kept.
 */
struct myo_telling;
MYO_MUST_USE int myo_telling_new(size_t classes, const struct myo_heat_grid *grid, size_t each,
    struct myo_telling **out, struct myo_err *err);
void myo_telling_free(struct myo_telling *telling);

/*
 * Add a record of predictions for tiles. Rows without a label are ignored. Fails on a label beyond the classes and on a
 * logit that is not finite.
 */
MYO_MUST_USE int myo_telling_add(struct myo_telling *telling, const struct myo_record *record, struct myo_err *err);

/* The n-th of a kind and class, the most telling first; NULL after the last. Valid until a record is added. */
const struct myo_tell *myo_telling_get(const struct myo_telling *telling, size_t class_number,
    enum myo_tells kind, size_t n);

/* The probability with these log-odds. */
double myo_tell_probability(double odds);

/* ---- enough ------------------------------------------------------------------------------ */

/*
 * Gathers what the tiles of each image are taken for, size by size, from the smallest on. Keeps a bit per class and
 * some 16 bytes for each image.
 */
struct myo_enough;

/* sizes: how many there will be, 1 to 255. */
MYO_MUST_USE int myo_enough_new(size_t classes, size_t sizes, struct myo_enough **out, struct myo_err *err);
void myo_enough_free(struct myo_enough *enough);

/*
 * Read all predictions for the tiles of the next larger size. They must be of the same images in the same order as
 * those before, and the rows of each image must follow each other; MYO_FAIL, with the place, if that isn't so. name:
 * what messages call them.
 */
MYO_MUST_USE int myo_enough_read(struct myo_enough *enough, struct myo_reader *predictions, const char *name,
    struct myo_err *err);

/* The result for one size. Only images with a label count. */
struct myo_enough_size {
	int64_t images, tiles, right_tiles;
	int32_t side;   /* of the images, if all are squares of one side; else 0 */
	int64_t enough; /* images of which some tile of this size is taken for their class */
	int64_t first;  /* of these, images of which no tile of a smaller size is */
	/*
	 * For comparison, what looking at so many tiles finds whatever they show: for an image's class k, the share of
	 * the images of other classes of which some tile is taken for k; the mean of that over all images. For a
	 * network that always says the most frequent class it is as large as the share that is right.
	 */
	double others;
};
struct myo_enough_size myo_enough_at(const struct myo_enough *enough, size_t size);

/* The n-th image; MYO_END after the last. *size: the number of the first size that is enough for it; -1: none. */
int myo_enough_image(const struct myo_enough *enough, size_t n, int64_t *id, int32_t *label, int *size);

#endif
