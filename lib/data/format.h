/*
 * format.h - what a data set format is: a struct of functions, one file each, listed in format.c.
 *
 * bid() looks at the names and sizes of all files, the texts of notes, and the first bytes where there is but one file,
 * and says how sure it is. plan() of the format with the highest bid names the classes and splits, and adds an item for
 * each picture, in the order of the list. What all formats have in common is elsewhere: splits, ids and limits
 * (select.c), reading in parallel (reading.c), resizing (decode.c), broken pictures (dataset.c).
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
	bool unwanted;  /* left out, though counted in the ids */
	int64_t id;     /* set by select_split() */
};

/* Zeroed, it is empty. Whoever moves or renames items calls names_changed(). */
struct names {
	size_t count, room;
	char **items;
	size_t placed, places; /* how many are in the hash table; its size, a power of two, more than twice that */
	uint32_t *table;       /* open addressing: 1 + index of a name; 0: free */
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
	bool relabelled;   /* labels come from elsewhere, so folders needn't be classes */
	int64_t ignored;   /* files that are no part of the set; an example; one named like an archive */
	const char *ignored_example, *ignored_archive;
	int64_t ignored_pictures; /* pictures among these, of kinds that aren't read; an example */
	const char *ignored_picture;
};

struct format {
	const char *name, *summary; /* name NULL: plan() only refuses the set, and says why */

	bool folds, coarse; /* plan() knows --fold, --coarse */
	bool notes; /* plan() needs the texts of notes, so that one couldn't be read is an error */

	/* 0: another format; the highest wins. Formats with unmistakable names of files bid 100, class folders 10. */
	int (*bid)(const struct listing *listing);
	int (*plan)(const struct listing *listing, struct plan *plan, struct myo_err *err);

	/* For parts. label NULL: none is LABEL_INSIDE; decode NULL: pictures are PNG or JPEG files. */
	int (*label)(const struct plan *plan, const uint8_t *part, int32_t *label, struct myo_err *err);
	int (*decode)(const struct plan *plan, const uint8_t *part, struct myo_image *image, struct myo_err *err);
};

extern const struct format format_cifar10, format_cifar100, format_cifar_other, format_stl10, format_tiny_imagenet,
    format_webdataset, format_folders;

/* The format of that name, or the highest bid when name is NULL. */
MYO_MUST_USE int format_choose(
    const char *name, const struct listing *listing, const struct format **out, struct myo_err *err);

/* ---- for plan() ------------------------------------------------------------------------------ */

/* Add an item with label and split unknown, and no box. NULL on failure; else valid until the next is added. */
struct item *plan_add(struct plan *plan, size_t member, size_t part, struct myo_err *err);
void plan_clear(struct plan *plan);

/* Count a file that is no part of the set; the path must outlive the plan. */
void plan_ignore(struct plan *plan, const char *path);

/*
 * Name `count` classes by the lines of a text (file: its name, for messages); without a text (NULL) by the known
 * names; without these (NULL) by numbers.
 */
MYO_MUST_USE int plan_name_classes(struct plan *plan, const char *text, const char *file, const char *const *known,
    size_t count, struct myo_err *err);

/* Name classes 0, 1 and so on. */
MYO_MUST_USE int plan_number_classes(struct plan *plan, size_t count, struct myo_err *err);

/*
 * Add an item for each part of a member, all with this split and label. Fails unless its size is a whole number of
 * parts, one at least.
 */
MYO_MUST_USE int plan_add_parts(struct plan *plan, const struct listing *listing, size_t member, const char *split,
    int32_t label, struct myo_err *err);

/* Sort the classes by name, and renumber the labels. */
MYO_MUST_USE int plan_sort_classes(struct plan *plan, struct myo_err *err);

/* Append a name, even one that is there already. Returns its index, or -1 when out of memory. */
int names_append(struct names *names, const char *name, size_t length, struct myo_err *err);

/* The index of a name, which is appended if it is new; -1 when out of memory. */
int names_add(struct names *names, const char *name, size_t length, struct myo_err *err);

/* Add each line of a text that is neither empty nor there already. */
MYO_MUST_USE int names_of_lines(struct names *names, const char *text, struct myo_err *err);
void names_sort(struct names *names); /* by strcmp() */
void names_changed(struct names *names);
void names_clear(struct names *names);

/* *copy: NULL if a name is in UTF-8; else a copy on the heap, with the bytes beyond ASCII written as %XX. */
MYO_MUST_USE int name_in_utf8(const char *name, char **copy, struct myo_err *err);

/* The same for all names, in place: streams can hold nothing but UTF-8. */
MYO_MUST_USE int names_make_utf8(struct names *names, struct myo_err *err);

/* The first member with this base name, or listing->count; its text, or NULL. */
size_t listing_find(const struct listing *listing, const char *base);
const char *listing_text(const struct listing *listing, const char *base);

/* Whether a path ends in `end`; case matters. */
bool path_ends(const char *path, const char *end);

/* What follows the last slash; whether the ending is that of a PNG or JPEG file. */
const char *path_base(const char *path);
bool path_is_picture(const char *path);

/*
 * Whether a file is a note, by the end of its name: a file about others that one of the formats reads. Anything else
 * that lies beside pictures is none.
 */
bool path_is_note(const char *path);

/* The length of a tar's name without its ending (.tar, .tgz and so on); 0: it isn't named like a tar. */
size_t path_tar_stem(const char *path);

/* Whether a file is named like a part of a set: a picture, a tar, a .bin, or a note. */
bool path_is_wanted(const char *path);

/* Part of a path, between slashes, counted from its end: back 0 is the base name. Returns its length; 0: none. */
size_t path_part(const char *path, int back, const char **part);

#endif
