/*
 * source.h - the files of a data set, wherever they lie: in folders, in archives, in a pipe.
 *
 * Opening lists all files, and keeps the contents of notes, small files about the others. Then cursors read contents in
 * the order of the list, each on its own, so several threads can read. A pipe is copied to an unlinked temporary file;
 * a file that is no archive is a list of one.
 */
#ifndef MYO_DATA_SOURCE_H
#define MYO_DATA_SOURCE_H

#include "base/base.h"

struct member {
	const char *name; /* path within its root, without "./" at the front */
	int64_t size;     /* bytes */
	int64_t place;    /* offset of its bytes in the file of its root, if they lie there as they are; else -1 */
	const char *text; /* contents of a note (see source.c), ended by 0, or NULL */
	uint32_t root;    /* index of what it is in: a folder, a tar in a folder, an archive; or itself, if named */
	uint32_t operand; /* index of the given path that led to it */
	uint32_t prefix;  /* length of the root's prefix at the front of its name (see root.h) */
	bool picture;     /* its root is this file alone, and it begins like a picture */
};

/* The first bytes of a file that is no archive. */
enum { HEAD_BYTES = 4096 };

/*
 * The roots in the order in which they were given; a folder in the order of strcmp on the whole path, an archive in its
 * own.
 */
struct listing {
	size_t count;
	struct member *members;
	bool alone;       /* there is one root, and it is a single file that is no archive */
	const uint8_t *head; /* then: how it begins */
	size_t head_bytes;
	const char *link;   /* the first of the archives' links, see pack_link(); NULL: none */
	const char *unread; /* the first note whose text couldn't be kept, and why; NULL: none */
};

struct source;
struct root;

/*
 * paths: files, folders, or "-" for standard input, once; borrowed. max_member: files that must be read to learn their
 * size are read no further than this.
 */
MYO_MUST_USE int source_new(const char *const *paths, size_t count, int64_t max_member, struct source **out,
    struct myo_err *err);
void source_free(struct source *source);

const struct listing *source_listing(const struct source *source);

/* Whether a member can be read without reading those before it in its root. */
bool source_reaches(const struct source *source, size_t member);

/* How many roots there are; and how many of them are folders and archives that were named, not tars in folders. */
size_t source_roots(const struct source *source);
size_t source_places(const struct source *source);

/* The root that a member is in. */
const struct root *source_root(const struct source *source, size_t member);

/* For messages: the whole source ("a.tar and 3 more"), and the root that a member is in. */
const char *source_name(const struct source *source);
const char *source_root_name(const struct source *source, size_t member);

/* ---- contents (cursor.c) ------------------------------------------------------------------------- */

struct cursor;

/* The source must outlive it. */
MYO_MUST_USE int cursor_new(const struct source *source, struct cursor **out, struct myo_err *err);
void cursor_free(struct cursor *cursor);

/*
 * Go to a member. Those that source_reaches() can be visited in any order, others only forward within their root;
 * coming from another root starts the root from its beginning.
 */
MYO_MUST_USE int cursor_seek(struct cursor *cursor, size_t member, struct myo_err *err);

/*
 * Read from the member; *got is less than count only at its end. After MYO_FAIL, the members
 * that follow may still be readable: cursor_lost() is false then.
 */
MYO_MUST_USE int cursor_read(struct cursor *cursor, void *bytes, size_t count, size_t *got, struct myo_err *err);
bool cursor_lost(const struct cursor *cursor);

#endif
