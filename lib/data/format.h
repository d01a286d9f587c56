/*
 * format.h - what a data set format is: a struct of functions, one file each, listed in format.c.
 *
 * bid() looks at the names and sizes of all files, the texts of notes, and the first bytes where there is but one file,
 * and says how sure it is; the highest bid plans: it names the classes and splits, and adds an item for each picture,
 * in the order of the list. What is common to all formats is elsewhere: splits, ids and limits (select.c), reading in
 * parallel (reading.c), resizing (decode.c), broken pictures (dataset.c).
 */
#ifndef MYO_DATA_FORMAT_H
#define MYO_DATA_FORMAT_H

#include "data/source.h"
#include "image/image.h"

enum {
	LABEL_NONE = -1,  /* unknown */
	LABEL_INSIDE = -2 /* stands in the bytes of the picture: format->label() reads it */
};

/* A picture: a whole file, or a part of one (see plan->part_bytes). */
struct item {
	uint32_t member, part;
	int32_t label;
	int32_t split;  /* index into plan->splits; -1: the set isn't split */
	int32_t box[4]; /* x0 y0 x1 y1, inclusive; x1 < x0: unknown */
	bool unwanted;  /* counts for the ids of others, and is left out */
	int64_t id;     /* given later */
};

/* Zeroed, there are none. Whoever moves or renames items says so by names_changed(). */
struct names {
	size_t count, room;
	char **items;
	size_t placed, places; /* so many of them are in the table; its size, a power of two, more than twice that */
	uint32_t *table;       /* open addressing by what a name hashes to: 1 + its index; 0: free */
};

struct plan {
	struct names classes, splits;
	size_t count, room;
	struct item *items;
	size_t part_bytes; /* pictures are parts of so many bytes, from the start of the file; 0: whole files */
	bool boxes;     /* items have boxes */
	bool numbered;  /* classes are called by their numbers, for want of names */
	bool coarse;    /* as asked for: see myo_dataset_options */
	int fold;       /* the same */
	bool forced;    /* the user named the format, so odd names are no reason to refuse */
	const char *split; /* as asked for, or NULL */
	bool relabelled;   /* labels come from elsewhere, whatever folders are called */
	int64_t ignored;   /* files that are no part of the set; one of them; one that is called like an archive */
	const char *ignored_example, *ignored_archive;
	int64_t ignored_pictures; /* of them, pictures of a kind that isn't read; one of them */
	const char *ignored_picture;
};

struct format {
	const char *name, *summary; /* name NULL: known only to be refused, by plan() */

	bool folds, coarse; /* plan() knows --fold, --coarse */
	bool notes; /* plan() reads the texts of notes, so all must have been read */

	/* 0: not mine; the highest wins. Formats with signs of their own bid 100, class folders 10. */
	int (*bid)(const struct listing *listing);
	int (*plan)(const struct listing *listing, struct plan *plan, struct myo_err *err);

	/* For parts; NULL: a picture is a PNG or JPEG file. */
	int (*label)(const struct plan *plan, const uint8_t *part, int32_t *label, struct myo_err *err);
	int (*decode)(const struct plan *plan, const uint8_t *part, struct myo_image *image, struct myo_err *err);
};

extern const struct format format_cifar10, format_cifar100, format_cifar_other, format_stl10, format_tiny_imagenet,
    format_webdataset, format_folders;

/* The format of that name, or the highest bid when name is NULL. */
MYO_MUST_USE int format_choose(
    const char *name, const struct listing *listing, const struct format **out, struct myo_err *err);

/* ---- for plan() ------------------------------------------------------------------------------ */

/* An item with label and split unknown and no box; NULL when there is no memory. Valid until the next. */
struct item *plan_add(struct plan *plan, size_t member, size_t part, struct myo_err *err);
void plan_clear(struct plan *plan);

/* A file is no part of the set. */
void plan_ignore(struct plan *plan, const char *path);

/*
 * Names of classes from a text (file: what to call it), or the known ones, or numbers; each where the one before is
 * missing.
 */
MYO_MUST_USE int plan_name_classes(struct plan *plan, const char *text, const char *file, const char *const *known,
    size_t count, struct myo_err *err);

/* Classes are called 0, 1 and so on. */
MYO_MUST_USE int plan_number_classes(struct plan *plan, size_t count, struct myo_err *err);

/*
 * An item for each part of a member, the split and label of all the same. Fails unless its size is
 * a whole number of them.
 */
MYO_MUST_USE int plan_add_parts(struct plan *plan, const struct listing *listing, size_t member, const char *split,
    int32_t label, struct myo_err *err);

/* Put the classes in the order of their names, and the labels with them. */
MYO_MUST_USE int plan_sort_classes(struct plan *plan, struct myo_err *err);

/* Add a name at the end, whether it is there or not. Its index, or -1 without memory. */
int names_append(struct names *names, const char *name, size_t length, struct myo_err *err);

/* The index of a name, added at the end if it is new; -1 without memory. */
int names_add(struct names *names, const char *name, size_t length, struct myo_err *err);

/* The lines of a text that aren't empty. */
MYO_MUST_USE int names_of_lines(struct names *names, const char *text, struct myo_err *err);
void names_sort(struct names *names); /* by strcmp() */
void names_changed(struct names *names);
void names_clear(struct names *names);

/* A name in UTF-8: itself, or, where it isn't, a copy on the heap with the bytes beyond ASCII as %XX. */
MYO_MUST_USE int name_in_utf8(const char *name, char **copy, struct myo_err *err);

/* In a name that isn't UTF-8, which streams can't hold, write the bytes beyond ASCII as %XX. */
MYO_MUST_USE int names_make_utf8(struct names *names, struct myo_err *err);

/* The member of this base name, or listing->count; the text of it, or NULL. */
size_t listing_find(const struct listing *listing, const char *base);
const char *listing_text(const struct listing *listing, const char *base);

/* Whether the name of a file ends so. */
bool path_ends(const char *path, const char *end);

/* What follows the last slash; whether the ending is that of a PNG or JPEG file. */
const char *path_base(const char *path);
bool path_is_picture(const char *path);

/*
 * Whether a file says something of others, by the end of its name: what formats read, and nothing else that lies beside
 * pictures.
 */
bool path_is_note(const char *path);

/* The length of a name without the ending that says that it is a tar; 0: it is none. */
size_t path_tar_stem(const char *path);

/* Whether a file is called like a part of a set: a picture, an archive, numbers, or a note. */
bool path_is_wanted(const char *path);

/* A path is cut at its slashes into parts from the end: back 0 is the base name. Returns its length, 0: none. */
size_t path_part(const char *path, int back, const char **part);

#endif
