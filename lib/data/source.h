/*
 * source.h - the files of a data set, wherever they lie: in folders, in archives, in a pipe.
 *
 * Opening lists all files and keeps the text of small ones that say something of others; then cursors read
 * the contents in the order of the list, each by itself, so several threads can. A pipe is kept in a temporary
 * file without a name; a file that is no archive is a list of one.
 */
#ifndef MYO_DATA_SOURCE_H
#define MYO_DATA_SOURCE_H

#include "base/base.h"

struct member {
	const char *name; /* path within its root, without "./" at the front */
	int64_t size;     /* bytes */
	int64_t place;    /* in the file of its root, where its bytes lie there as they are; else -1 */
	const char *text; /* contents of a note (see source.c), ended by 0, or NULL */
	uint32_t root;    /* where it was found: a folder, one of the tars in it, an archive */
	uint32_t operand; /* which of the paths that were given led there */
	uint32_t prefix;  /* length of what is put in front of its name for the tar in a folder that it is in */
	bool picture;     /* it is a root of its own, and begins like a picture */
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
	bool alone;       /* there is one root, and it is no archive but a file */
	const uint8_t *head; /* then: how it begins */
	size_t head_bytes;
	const char *link;   /* of the archives, see pack_link(); NULL: none */
	const char *unread; /* of the first note that has no text: which, and why; NULL: all have */
};

struct source;
struct root;

/* paths: files, folders, or "-" for standard input, once. max_member: bytes of a file that must be read to list it. */
MYO_MUST_USE int source_new(const char *const *paths, size_t count, int64_t max_member, struct source **out,
    struct myo_err *err);
void source_free(struct source *source);

const struct listing *source_listing(const struct source *source);

/* Whether a member can be read without those before it, so that any thread can by a cursor of its own. */
bool source_reaches(const struct source *source, size_t member);

/* How many folders and archives there are, those in folders among them; and how many were named, single files apart. */
size_t source_roots(const struct source *source);
size_t source_places(const struct source *source);

/* What a member is in. */
const struct root *source_root(const struct source *source, size_t member);

/* For messages: all of it ("a.tar and 3 more"), and the root that a member is in. */
const char *source_name(const struct source *source);
const char *source_root_name(const struct source *source, size_t member);

/* ---- contents (cursor.c) ------------------------------------------------------------------------- */

struct cursor;

/* The source must outlive it. */
MYO_MUST_USE int cursor_new(const struct source *source, struct cursor **out, struct myo_err *err);
void cursor_free(struct cursor *cursor);

/*
 * Go to a member: any that is a file of its own or has its place in one; of others forward within their root. Another
 * root begins anew.
 */
MYO_MUST_USE int cursor_seek(struct cursor *cursor, size_t member, struct myo_err *err);

/*
 * Read from the member; *got is less than count only at its end. After MYO_FAIL, the members
 * that follow may still be readable: cursor_lost() is false then.
 */
MYO_MUST_USE int cursor_read(struct cursor *cursor, void *bytes, size_t count, size_t *got, struct myo_err *err);
bool cursor_lost(const struct cursor *cursor);

#endif
