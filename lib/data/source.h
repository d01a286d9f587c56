/*
 * source.h - the files of a data set, wherever they lie: in a folder, in an archive, in a pipe.
 *
 * Opening lists all files and keeps the text of small .txt ones; then the contents can be read
 * in the order of the list, as often as wanted. A pipe is kept in a temporary file without a
 * name; a single file that is no archive is a list of one.
 */
#ifndef MYO_DATA_SOURCE_H
#define MYO_DATA_SOURCE_H

#include "base/base.h"

struct member {
	char *name;   /* path within the source, without "./" at the front */
	int64_t size; /* bytes */
	char *text;   /* contents of a .txt file up to 4 MiB, ended by 0, or NULL */
};

/* A folder is listed in the order of strcmp on the whole path, an archive in its own. */
struct listing {
	size_t count;
	struct member *members;
	bool alone; /* the only member is the source itself, which is no archive */
};

struct source;

/* path: a file, a folder, or "-" for standard input. */
MYO_MUST_USE int source_new(const char *path, struct source **out, struct myo_err *err);
void source_free(struct source *source);

const char *source_name(const struct source *source); /* for messages */
const struct listing *source_listing(const struct source *source);

/* Begin to read contents at the first member. */
MYO_MUST_USE int source_rewind(struct source *source, struct myo_err *err);

/* Go forward to a member; only forward. */
MYO_MUST_USE int source_seek(struct source *source, size_t member, struct myo_err *err);

/*
 * Read from the member; *got is less than count only at its end. After MYO_FAIL, the members
 * that follow may still be readable: source_lost() is false then.
 */
MYO_MUST_USE int source_read(
    struct source *source, void *bytes, size_t count, size_t *got, struct myo_err *err);
bool source_lost(const struct source *source);

#endif
