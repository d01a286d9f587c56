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
 * mebibyte of pixels, at least one picture. Fill row `rows`, then count it.
 */
struct myo_batch {
	size_t capacity, rows;
	int height, width;
	uint8_t *image; /* U8 [capacity, height, width, 3] */
	int32_t *label; /* I32 [capacity] */
	int64_t *id;    /* I64 [capacity] */
	uint8_t *mask;  /* U8 [capacity, height, width], or NULL */
	int32_t *box;   /* I32 [capacity, 4], or NULL */
	const char **name; /* [capacity], in UTF-8, somebody else's; all NULL: they have none */
	uint8_t *names; /* U8 [rows, the longest], filled up with zeros; made for the record */
	bool summed;    /* of a batch for one picture, whose checksum was made with it: */
	uint64_t sum;
	struct myo_record record;
};

#define MYO_BATCH_INIT                                                                          \
	{                                                                                       \
		0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 0, MYO_RECORD_INIT \
	}

/* How many pictures of a size a record holds. */
size_t myo_batch_room(int height, int width);

/* Starts empty; most: rows at most, 0 for no such limit. */
MYO_MUST_USE int myo_batch_init(
    struct myo_batch *batch, int height, int width, bool mask, bool box, size_t most, struct myo_err *err);
void myo_batch_clear(struct myo_batch *batch);

/* The rows so far as a record of the kind "images", valid until the batch is changed or asked again. */
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
	double noise;       /* standard deviation of what is added to each value of 0 to 255 */
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
 * A data set is one or several folders, archives or single files; which format it has is found out from
 * what is in them. Its rows come in the order of the archive, or of the sorted paths of a folder. A picture's
 * id is its place among the pictures of the split (broken ones too) when their paths are sorted, so that it
 * doesn't depend on the packing.
 *
 * Files are read, pictures decoded and rows handed on at the same time, by threads of the set's own. What comes out
 * doesn't depend on how many they are; what is held doesn't grow with the set, but for some hundred bytes a file.
 */
struct myo_dataset;

enum myo_fit { MYO_FIT_CROP, MYO_FIT_STRETCH, MYO_FIT_SHORTER };

enum {
	MYO_MAX_MEMBER = 256 << 20, /* bytes of a file that holds one picture, if nothing else is asked for */
	MYO_MAX_INTERLEAVE = 64
};

struct myo_dataset_options {
	const char *format; /* a name that myo_dataset_format() knows; NULL: find out */
	const char *split;  /* its name; "all"; NULL where the set has but one */
	bool coarse;        /* CIFAR-100: the 20 coarse labels */
	int fold;           /* STL-10: 1 + number of the fold of the training images; 0: none */

	const char *labels;      /* a text that says the classes of pictures; NULL: where they lie does */
	const char *label_names; /* a text that says what the numbers in it mean */
	const char *class_names; /* a text with readable names of the classes */

	size_t class_count; /* names of the classes that are wanted, or several with commas between them; 0: all */
	const char *const *classes;
	double holdout;     /* share of each class that is held out, 1e-9 to 0.5; 0: none */
	bool held_out;      /* those are wanted, and not the others */
	uint64_t seed;      /* of which they are, and of the order of the files */
	int64_t skip;       /* pictures to pass over */
	int64_t limit;      /* of pictures, taken in turns from all classes; 0: none */
	int64_t per_class;  /* of pictures of each class; 0: none */

	bool shuffle;   /* the files in a random order */
	int interleave; /* so many of them at a time, a picture of each in turn; 0 or 1: one after the other */

	int height, width;     /* to resize to; 0: as they are */
	enum myo_fit fit;      /* what happens to other proportions, see image.h; MYO_FIT_SHORTER: height is the side */
	enum myo_filter filter;
	struct myo_image_rules rules; /* how to decode */
	int64_t max_member;    /* bytes of a file with one picture; 0: MYO_MAX_MEMBER */
	bool strict;           /* a broken picture ends it */
	int threads;           /* that decode; 0: one for each core */

	/* Is told of each broken picture that is skipped, by the thread that asks for records; NULL: nobody is. */
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
	size_t classes;           /* of the pictures that are wanted; 0: none has a label */
	bool apart;               /* several folders or archives were named, and it may be for that that none has */
	int64_t pictures, unlabelled, broken; /* so far: read; of them, without a label; skipped */
	int64_t ignored;          /* files that are no part of it; one of them; one called like an archive, or NULL */
	const char *ignored_example, *ignored_archive;
	int64_t ignored_pictures; /* of them, pictures of a kind that isn't read; one of them, or NULL */
	const char *ignored_picture;
	const char *link;         /* in an archive, and where to ("a, a link to b,"), maybe a folder of the set; or NULL */
	bool from_one;            /* labels are numbers, and none of the pictures has 0 */
	bool one_place;           /* all files are in one folder or archive */
};

struct myo_dataset_facts myo_dataset_facts(const struct myo_dataset *set);

/* Name and summary of format i; false when there are no more. */
bool myo_dataset_format(size_t i, const char **name, const char **summary);

#endif
