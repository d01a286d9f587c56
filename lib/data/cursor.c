/* Reading the files of a source. */
#include "data/source.h"
#include "data/root.h"
#include "data/walk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cursor {
	const struct source *source;
	const struct root *root; /* the open one; NULL: none */
	struct extent file;      /* of the archive, or of the member in a folder; fd -1: none */
	struct walk *walk;       /* over the archive; NULL: not begun */
	char *alone;
	size_t walked;  /* the walk's current member; at first the one before the root's first (which may wrap) */
	size_t at;      /* the current member */
	int64_t offset; /* of the next byte in it, if it has a place (see source.h) */
	bool lost;
};

int
cursor_new(const struct source *source, struct cursor **out, struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	(*out)->source = source;
	(*out)->file.fd = -1;
	return MYO_OK;
}

static void
close_file(struct cursor *cursor)
{
	if (cursor->file.fd >= 0)
		(void)close(cursor->file.fd);
	cursor->file.fd = -1;
}

static void
leave_root(struct cursor *cursor)
{
	walk_free(cursor->walk);
	free(cursor->alone);
	close_file(cursor);
	cursor->walk = NULL;
	cursor->alone = NULL;
	cursor->root = NULL;
}

void
cursor_free(struct cursor *cursor)
{
	if (cursor == NULL)
		return;
	leave_root(cursor);
	free(cursor);
}

static int
enter_root(struct cursor *cursor, const struct root *root, struct myo_err *err)
{
	leave_root(cursor);
	cursor->lost = false;
	if (!root->folder && root_open(root, &cursor->file, err) != MYO_OK)
		return MYO_FAIL;
	cursor->root = root;
	return MYO_OK;
}

/* Go to the next file of the archive, which must be the one that was listed there. */
static int
next_in_archive(struct cursor *cursor, const char *name, struct myo_err *err)
{
	const char *found;
	int64_t size;

	const int rc = walk_next(cursor->walk, &found, &size, err);
	name += strlen(cursor->root->prefix);
	if (rc == MYO_END || (rc == MYO_OK && strcmp(found, name) != 0))
		return myo_fail(err, "changed while it was read");
	return rc;
}

static int
walk_to(struct cursor *cursor, size_t member, struct myo_err *err)
{
	const struct root *root = cursor->root;
	const struct member *const members = source_listing(cursor->source)->members;

	if (cursor->walk == NULL) {
		cursor->alone = root_name_alone(root->path, err);
		if (cursor->alone == NULL || walk_new(&cursor->file, cursor->alone, NULL, &cursor->walk, err) != MYO_OK)
			return MYO_FAIL;
		cursor->walked = root->first - 1;
	}
	while (cursor->walked != member)
		if (next_in_archive(cursor, members[++cursor->walked].name, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

int
cursor_seek(struct cursor *cursor, size_t member, struct myo_err *err)
{
	const struct member *to = &source_listing(cursor->source)->members[member];
	const struct root *root = source_root(cursor->source, member);

	if ((cursor->root != root && enter_root(cursor, root, err) != MYO_OK) ||
	    (!root->folder && to->place < 0 && walk_to(cursor, member, err) != MYO_OK)) {
		cursor->lost = true;
		return MYO_FAIL;
	}
	if (root->folder)
		close_file(cursor);
	cursor->at = member;
	cursor->offset = 0;
	return MYO_OK;
}

static int
read_placed(struct cursor *cursor, const struct member *member, void *bytes, size_t count, size_t *got,
    struct myo_err *err)
{
	const int64_t left = member->size - cursor->offset;
	const size_t wanted = (int64_t)count < left ? count : (size_t)left;
	int rc = myo_read_at(cursor->file.fd, bytes, wanted, member->place + cursor->offset, got, err);

	if (rc == MYO_OK && *got < wanted)
		rc = myo_fail(err, "changed while it was read");
	cursor->offset += (int64_t)*got;
	cursor->lost = rc != MYO_OK;
	return rc;
}

int
cursor_read(struct cursor *cursor, void *bytes, size_t count, size_t *got, struct myo_err *err)
{
	const struct member *member = &source_listing(cursor->source)->members[cursor->at];

	*got = 0;
	if (member->place >= 0)
		return read_placed(cursor, member, bytes, count, got, err);
	if (!cursor->root->folder)
		return pack_read(walk_pack(cursor->walk), bytes, count, got, &cursor->lost, err);
	if (cursor->file.fd < 0)
		cursor->file.fd = root_open_file(cursor->root, member->name, err);
	return cursor->file.fd >= 0 ? myo_read_all(cursor->file.fd, bytes, count, got, err) : MYO_FAIL;
}

bool
cursor_lost(const struct cursor *cursor)
{
	return cursor->lost;
}
