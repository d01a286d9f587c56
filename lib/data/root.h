/* root.h - what a data set was named by: a folder, an archive or another file, a pipe. */
#ifndef MYO_DATA_ROOT_H
#define MYO_DATA_ROOT_H

#include "data/pack.h"

#include <time.h>

struct root {
	const char *path, *name; /* where it is; for messages */
	const char *prefix;      /* stands in front of its members' names; of a tar in a folder, which counts as one */
	bool folder, alone;      /* alone: it is no archive but a file */
	struct timespec changed; /* when, as it was listed; only of a file that has its path */
	int spooled; /* the copy of a pipe, or what the path was inflated to; -1: none */
	size_t first; /* member */
};

/*
 * Find out what a path names, which is borrowed; what can't be read twice is copied. root->spooled is the caller's to
 * close.
 */
MYO_MUST_USE int root_init(struct root *root, const char *path, struct myo_err *err);

/*
 * All of a root that is a file, which must be as it was when it was looked at; the descriptor is for the caller to
 * close.
 */
MYO_MUST_USE int root_open(const struct root *root, struct extent *extent, struct myo_err *err);

/* A file below a root that is a folder: a descriptor, for the caller to close; -1 where it can't be opened. */
int root_open_file(const struct root *root, const char *name, struct myo_err *err);

/* A file's own name, on the heap; of a compressed one without what says so. */
char *root_name_alone(const char *path, struct myo_err *err);

#endif
