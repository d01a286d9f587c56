/*
 * data.h - where images come from: drawn pictures whose evidence is known, and data sets.
 *
 * Both give records of the kind "images" (HACKING.md has the dictionary).
 */
#ifndef MYO_DATA_H
#define MYO_DATA_H

#include "base/base.h"
#include "image/image.h"
#include "stream/stream.h"

/* ---- rows on their way into a record --------------------------------------------------------- */

/*
 * Pictures of one size with what belongs to them, as many as a record should hold: about a
 * mebibyte of pixels, at least one picture. To add one, fill row number `rows`, then increment `rows`.
 */
struct myo_batch {
	size_t capacity, rows;
	int height, width;
	uint8_t *image; /* U8 [capacity, height, width, 3] */
	int32_t *label; /* I32 [capacity] */
	int64_t *id;    /* I64 [capacity] */
	uint8_t *mask;  /* U8 [capacity, height, width], or NULL */
	int32_t *box;   /* I32 [capacity, 4], or NULL */
	const char **name; /* [capacity], in UTF-8, borrowed; all NULL: they have none */
	uint8_t *names; /* U8 [rows, longest name], padded with zeros; made by myo_batch_record() */
	bool summed;    /* sum is the checksum of the image; only in a batch for one picture */
	uint64_t sum;
	struct myo_record record;
};

#define MYO_BATCH_INIT                                                                          \
	{                                                                                       \
		0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 0, MYO_RECORD_INIT \
	}

/* How many pictures of a size a record holds. */
size_t myo_batch_room(int height, int width);

/* An empty batch; mask, box: whether it has these; most: its greatest capacity, 0: no such limit. */
MYO_MUST_USE int myo_batch_init(
    struct myo_batch *batch, int height, int width, bool mask, bool box, size_t most, struct myo_err *err);
void myo_batch_clear(struct myo_batch *batch);

/* The rows so far as a record of the kind "images", valid until the batch is changed or the next call. */
MYO_MUST_USE int myo_batch_record(struct myo_batch *batch, const struct myo_record **record, struct myo_err *err);

/* ---- drawn pictures -------------------------------------------------------------------------- */

/*
 * A picture is an object on a background. Each is covered with one of K textures, a fine
 * one for the object and a coarse one for the background, in random colours: only texture
 * tells the label, and it is known where it does.
 *
 *   MYO_ON_OBJECT      the object's texture is the label's. The background's is too with
 *                      probability `correlation`; otherwise it is any of the K
 *   MYO_ON_BACKGROUND  the same with the parts exchanged
 *   MYO_ON_BOTH        both textures are the label's, always
 *
 * Textures look the same in a mirror, so flipping a picture never changes its label. Labels
 * are balanced: each run of K pictures that starts at a multiple of K has every label once.
 */
enum myo_evidence { MYO_ON_OBJECT, MYO_ON_BACKGROUND, MYO_ON_BOTH };

enum { MYO_SYNTH_MIN_SIDE = 16, MYO_SYNTH_MAX_SIDE = 1024, MYO_SYNTH_MAX_CLASSES = 10 };

struct myo_synth {
	int side;    /* height and width in pixels, MYO_SYNTH_MIN_SIDE to MYO_SYNTH_MAX_SIDE */
	int classes; /* 2 to MYO_SYNTH_MAX_CLASSES */
	enum myo_evidence evidence;
	double correlation; /* 0 to 1 */
	double noise;       /* standard deviation of the noise on each value, which is 0 to 255 */
	uint64_t seed;
};

/* Name of class 0 to MYO_SYNTH_MAX_CLASSES - 1. */
const char *myo_synth_class(int class);

/* The label of picture `number`, without drawing it. */
int32_t myo_synth_label(const struct myo_synth *synth, uint32_t number);

/*
 * Draw picture `number`, a function of *synth and the number alone.
 *
 * pixels  U8 [side, side, 3]
 * mask    U8 [side, side], 1 where more than half of the pixel is the object
 * box     x0 y0 x1 y1 of the mask, inclusive
 */
void myo_synth_draw(const struct myo_synth *synth, uint32_t number, uint8_t *pixels, uint8_t *mask, int32_t box[4]);

/*
 * Fill a batch (made for this side, with mask and box) with the pictures first, first + 1 and so
 * on, `rows` of them and at most its capacity; a picture's id is its number.
 */
void myo_synth_fill(const struct myo_synth *synth, uint32_t first, size_t rows, struct myo_pool *pool,
    struct myo_batch *batch);

/* ---- data sets ------------------------------------------------------------------------------- */

/*
 * A data set is one or several folders, archives or single files; its format is detected from their contents.
 * Rows come in the order of the archive, or of the sorted paths of a folder. A picture's id is its place among all
 * pictures of the split, broken ones included, when sorted by path, so it doesn't depend on the packing.
 *
 * Files are read and pictures decoded by threads of the set's own, ahead of the caller. The output doesn't depend on
 * the number of threads; memory doesn't grow with the set, except by some hundred bytes a file.
 */
struct myo_dataset;

enum myo_fit { MYO_FIT_CROP, MYO_FIT_STRETCH, MYO_FIT_SHORTER };

enum {
	MYO_MAX_MEMBER = 256 << 20, /* default limit on the bytes of a picture's file */
	MYO_MAX_INTERLEAVE = 64
};

struct myo_dataset_options {
	const char *format; /* a name that myo_dataset_format() knows; NULL: detect it */
	const char *split;  /* its name, or "all"; NULL only where the set hasn't several */
	bool coarse;        /* CIFAR-100: the 20 coarse labels */
	int fold;           /* STL-10: 1 + number of a fold of the training images; 0: all of them */

	const char *labels;      /* path of a text with the classes of pictures; NULL: the format tells them */
	const char *label_names; /* path of a text that tells what the numbers in `labels` mean, or NULL */
	const char *class_names; /* path of a text with readable names of the classes, or NULL */

	size_t class_count; /* of `classes`, the wanted ones, each a name or several separated by commas; 0: all */
	const char *const *classes;
	double holdout;     /* share of each class that is held out, 1e-9 to 0.5; 0: none */
	bool held_out;      /* the held-out pictures are wanted, not the others */
	uint64_t seed;      /* of the choice of held-out pictures, and of shuffling */
	int64_t skip;       /* leave out the pictures that a limit of so many would take */
	int64_t limit;      /* most pictures, taken from all classes in turn; 0: no limit */
	int64_t per_class;  /* most pictures of each class; 0: no limit */

	bool shuffle;   /* folders, archives and single files, tars in folders included, come in a random order */
	int interleave; /* read so many of them at a time, a picture of each in turn; 0 or 1: one after the other */

	int height, width;     /* to resize to; 0: as they are */
	enum myo_fit fit;      /* for other proportions, see image.h; MYO_FIT_SHORTER: height is the shorter side */
	enum myo_filter filter;
	struct myo_image_rules rules; /* how to decode */
	int64_t max_member;    /* bytes of a file with one picture; 0: MYO_MAX_MEMBER */
	bool strict;           /* a broken picture is an error */
	int threads;           /* that decode; 0: one for each core */

	/* Called, or NULL, for each broken picture that is skipped, by the thread that calls myo_dataset_next(). */
	void (*warn)(void *context, const char *text);
	void *context;
};

/* Paths of files and folders; "-": standard input. Braces stand for several: a-{00..12}.tar, {cats,dogs}.zip. */
MYO_MUST_USE int myo_dataset_new(const char *const *paths, size_t count, const struct myo_dataset_options *options,
    struct myo_dataset **out, struct myo_err *err);
void myo_dataset_free(struct myo_dataset *set);

/* Fill in kind, class names and the number of rows to expect. */
MYO_MUST_USE int myo_dataset_header(const struct myo_dataset *set, struct myo_header *header, struct myo_err *err);

/*
 * The next record of images, valid until the next call. Pictures of one size that follow each
 * other share a record.
 * Returns MYO_OK, MYO_END after the last, or MYO_FAIL; a set of which no picture could be read
 * is MYO_FAIL.
 */
MYO_MUST_USE int myo_dataset_next(struct myo_dataset *set, const struct myo_record **record, struct myo_err *err);

struct myo_dataset_facts {
	const char *format;
	size_t classes;           /* of the wanted pictures; 0: none of these has a label */
	bool apart;               /* none has a label, perhaps because several folders or archives were named */
	int64_t pictures, unlabelled, broken; /* so far: read; without a label among these; skipped as broken */
	int64_t ignored;          /* files that are no part of it; an example; one named like an archive, or NULL */
	const char *ignored_example, *ignored_archive;
	int64_t ignored_pictures; /* pictures among these, of kinds that aren't read; an example, or NULL */
	const char *ignored_picture;
	const char *link;         /* in an archive, perhaps for a folder of the set: "a, a link to b,"; or NULL */
	bool from_one;            /* labels are numbers, and seem to count from 1: none is 0 */
	bool one_place;           /* all files are in one folder or archive */
};

struct myo_dataset_facts myo_dataset_facts(const struct myo_dataset *set);

/* Name and summary of format i; false when there are no more. */
bool myo_dataset_format(size_t i, const char **name, const char **summary);

#endif
