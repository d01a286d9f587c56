/* root.h - what a data set was named by: a folder, an archive or another file, a pipe. */
#ifndef MYO_DATA_ROOT_H
#define MYO_DATA_ROOT_H

#include "data/pack.h"

#include <time.h>

struct root {
	const char *path, *name; /* where it is; for messages */
	const char *prefix;      /* of its members' names: "NAME/" for a tar in a folder, which counts as a folder; "" */
	bool folder, alone;      /* alone: it is a single file that is no archive */
	struct timespec changed; /* modification time when it was listed; not of a pipe */
	int spooled; /* descriptor of the copy of a pipe, or of the decompressed archive; -1: none */
	size_t first; /* index of its first member */
};

/*
 * Find out what a path names; the path is borrowed. What can't be read twice is copied. The caller closes
 * root->spooled.
 */
MYO_MUST_USE int root_init(struct root *root, const char *path, struct myo_err *err);

/* Open a root that is a file; fails if that was modified since root_init(). The caller closes the descriptor. */
MYO_MUST_USE int root_open(const struct root *root, struct extent *extent, struct myo_err *err);

/* Open a file below a root that is a folder. Returns a descriptor, for the caller to close, or -1. */
int root_open_file(const struct root *root, const char *name, struct myo_err *err);

/* The base name of a path, on the heap, without the ending of a compressed file (.gz and so on). */
char *root_name_alone(const char *path, struct myo_err *err);

#endif
