/* The files of folders and archives, as one list that can be read in order. */
#include "data/source.h"
#include "data/format.h"
#include "data/store.h"
#include "data/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_NOTE = 4 << 20, MAX_DEPTH = 32, BLOCK = 1 << 16 };

/* What gzip has compressed must be inflated to be listed; so much of it stays in memory, and needn't be inflated again. */
enum { KEEP_BYTES = 256 << 20 };

struct root {
	const char *path, *name; /* where it is; for messages */
	const char *prefix;      /* what stands in front of its members' names; of a tar in a folder, which counts as one */
	bool folder;
	int spooled; /* the copy of a pipe, or what the path was inflated to; -1: none */
	size_t first, count; /* members */
};

struct source {
	struct root *roots;
	size_t root_count, root_room;
	struct names tars; /* found in the folder that is being listed */
	char *name; /* of all */
	int64_t max_member;
	struct listing listing;
	size_t room; /* for members */
	struct store store; /* names, notes and the head */
};

/* ---- roots ------------------------------------------------------------------------------------- */

/* Copy what can't be read twice into a file that has no name. */
static int
spool(int from, int *to, struct myo_err *err)
{
	const char *folder = getenv("TMPDIR");
	char *name =
	    myo_format(err, "%s/myopic.XXXXXX", folder != NULL && folder[0] != '\0' ? folder : "/tmp");
	uint8_t *block = myo_calloc(BLOCK, 1, err);
	size_t got = 0;
	int rc = MYO_FAIL;

	if (name == NULL || block == NULL)
		goto done;
	*to = mkstemp(name);
	if (*to < 0) {
		(void)myo_fail_errno(err, "a copy of the pipe can't be made in %s", name);
		goto done;
	}
	(void)unlink(name);
	do {
		rc = myo_read_all(from, block, BLOCK, &got, err);
		if (rc == MYO_OK && myo_write_all(*to, block, got, err) != MYO_OK) {
			myo_err_prefix(
			    err, "a copy of the pipe in %s (TMPDIR may name another place): ", name);
			rc = MYO_FAIL;
		}
	} while (rc == MYO_OK && got == BLOCK);
done:
	free(block);
	free(name);
	return rc;
}

/* A descriptor of a root that is a file, for the caller to close. */
static int
open_root(const struct root *root, struct extent *extent, struct myo_err *err)
{
	struct stat status;

	extent->start = 0;
	extent->fd = root->spooled >= 0 ? fcntl(root->spooled, F_DUPFD_CLOEXEC, 0) : open(root->path, O_RDONLY | O_CLOEXEC);
	if (extent->fd < 0)
		return myo_fail_errno(err, "can't be read");
	if (fstat(extent->fd, &status) == 0) {
		extent->length = status.st_size;
		return MYO_OK;
	}
	(void)myo_fail_errno(err, "can't be read");
	(void)close(extent->fd);
	extent->fd = -1;
	return MYO_FAIL;
}

/* Find out what a path names; what can't be read twice is copied. */
static int
init_root(struct root *root, const char *path, struct myo_err *err)
{
	const bool piped = strcmp(path, "-") == 0;
	struct stat status;
	int fd = STDIN_FILENO, rc = MYO_OK;

	*root = (struct root){ .path = path, .name = piped ? "standard input" : path, .prefix = "", .spooled = -1 };
	if ((piped ? fstat(STDIN_FILENO, &status) : stat(path, &status)) != 0)
		return myo_fail_errno(err, "can't be read");
	root->folder = S_ISDIR(status.st_mode);
	if (piped && root->folder)
		return myo_fail(err, "is a folder: name it instead");
	if (root->folder || (!piped && S_ISREG(status.st_mode)))
		return MYO_OK;
	if (piped && S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_CUR) == 0) {
		root->spooled = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* a file as it is, needs no copy */
		return root->spooled >= 0 ? MYO_OK : myo_fail_errno(err, "can't be read");
	}
	if (!piped)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return myo_fail_errno(err, "can't be read");
	rc = spool(fd, &root->spooled, err);
	if (!piped)
		(void)close(fd);
	return rc;
}

/* A file's own name; of a compressed one without what says so. */
static char *
name_alone(const char *path, struct myo_err *err)
{
	static const char *const endings[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z" };
	const char *slash = strrchr(path, '/');
	char *name = myo_strdup(slash != NULL && slash[1] != '\0' ? slash + 1 : path, err);
	const size_t length = name != NULL ? strlen(name) : 0;

	for (size_t i = 0; name != NULL && i < MYO_COUNT(endings); i++) {
		const size_t end = strlen(endings[i]);
		if (length > end && strcmp(name + length - end, endings[i]) == 0) {
			name[length - end] = '\0';
			break;
		}
	}
	return name;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Files that systems leave beside the real ones. */
static bool
is_litter(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash != NULL ? slash + 1 : name;

	return base[0] == '.' || base[0] == '\0' || strncmp(name, "__MACOSX/", 9) == 0 ||
	       strstr(name, "/__MACOSX/") != NULL;
}

/* Small files that say something of others: texts, classes of WebDataset, labels of STL-10. */
static bool
is_note(const struct member *member)
{
	static const char *const endings[] = { ".txt", ".cls", "_y.bin" };
	const size_t length = strlen(member->name);

	for (size_t i = 0; i < MYO_COUNT(endings); i++) {
		const size_t end = strlen(endings[i]);
		if (length > end && strcasecmp(member->name + length - end, endings[i]) == 0)
			return member->size <= MAX_NOTE;
	}
	return false;
}

/* A new member at the end of the list, its name copied; NULL when there is no memory. */
static struct member *
add_member(struct source *source, uint32_t root, const char *name, int64_t size, struct myo_err *err)
{
	struct listing *listing = &source->listing;

	if (listing->count == source->room) {
		const size_t room = source->room > 0 ? 2 * source->room : 64;
		struct member *larger = myo_realloc(listing->members, room, sizeof *larger, err);
		if (larger == NULL)
			return NULL;
		listing->members = larger;
		source->room = room;
	}
	struct member *member = &listing->members[listing->count];
	const char *prefix = source->roots[root].prefix;
	*member = (struct member){ .name = store_join(&source->store, prefix, name, err), .size = size, .root = root };
	if (member->name == NULL)
		return NULL;
	listing->count++;
	return member;
}

static int
compare_members(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* ---- folders --------------------------------------------------------------------------------- */

static int list_below(struct source *source, uint32_t root, const char *below, int depth, struct myo_err *err);

static int
list_entry(struct source *source, uint32_t root, const char *below, const char *entry, int depth, struct myo_err *err)
{
	struct stat status;
	int rc = MYO_OK;
	char *name = below[0] != '\0' ? myo_format(err, "%s/%s", below, entry) : myo_strdup(entry, err);
	char *path = name != NULL ? myo_format(err, "%s/%s", source->roots[root].path, name) : NULL;

	if (path == NULL)
		rc = MYO_FAIL;
	else if (stat(path, &status) != 0)
		rc = myo_fail_errno(err, "%s: can't be read", name);
	else if (S_ISDIR(status.st_mode))
		rc = list_below(source, root, name, depth + 1, err);
	else if (S_ISREG(status.st_mode) && !is_litter(name) && walk_tar_stem(name) > 0)
		rc = names_append(&source->tars, name, strlen(name), err) < 0 ? MYO_FAIL : MYO_OK;
	else if (S_ISREG(status.st_mode) && !is_litter(name) &&
		 add_member(source, root, name, status.st_size, err) == NULL)
		rc = MYO_FAIL;
	free(path);
	free(name);
	return rc;
}

static int
list_below(struct source *source, uint32_t root, const char *below, int depth, struct myo_err *err)
{
	if (depth > MAX_DEPTH)
		return myo_fail(
		    err, "%s: folders nest deeper than %d (a link in a circle?)", below, MAX_DEPTH);
	char *path = myo_format(err, "%s/%s", source->roots[root].path, below);
	if (path == NULL)
		return MYO_FAIL;
	DIR *folder = opendir(path);
	free(path);
	if (folder == NULL)
		return myo_fail_errno(err, "%s: can't be read", below[0] != '\0' ? below : "the folder");

	int rc = MYO_OK;
	while (rc == MYO_OK) {
		errno = 0;
		const struct dirent *entry = readdir(folder);
		if (entry == NULL) {
			if (errno != 0)
				rc = myo_fail_errno(err, "%s: can't be read", below);
			break;
		}
		if (entry->d_name[0] != '.')
			rc = list_entry(source, root, below, entry->d_name, depth, err);
	}
	(void)closedir(folder);
	return rc;
}

static int
open_in_folder(const struct root *root, const char *name, struct myo_err *err)
{
	char *path = myo_format(err, "%s/%s", root->path, name);
	int fd = -1;

	if (path != NULL && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		(void)myo_fail_errno(err, "can't be read");
	free(path);
	return fd;
}

/* Room for a note that ends in a 0. */
static char *
note_room(struct source *source, const struct member *member, struct myo_err *err)
{
	return store_bytes(&source->store, (size_t)member->size + 1, err);
}

/* The notes among the files of a folder, which are all on the list. */
static int
read_notes(struct source *source, uint32_t number, struct myo_err *err)
{
	const struct root *root = &source->roots[number];
	struct listing *listing = &source->listing;
	const size_t count = listing->count - root->first;
	if (count > 0)
		qsort(listing->members + root->first, count, sizeof *listing->members, compare_members);
	for (size_t i = root->first; i < listing->count; i++) {
		struct member *member = &listing->members[i];
		size_t got;
		if (!is_note(member))
			continue;
		char *text = note_room(source, member, err);
		const int fd = text != NULL ? open_in_folder(root, member->name, err) : -1;
		int rc = fd >= 0 ? myo_read_all(fd, text, (size_t)member->size, &got, err) : MYO_FAIL;
		if (fd >= 0)
			(void)close(fd);
		if (rc != MYO_OK) {
			myo_err_prefix(err, "%s: ", member->name);
			return MYO_FAIL;
		}
		member->text = text;
	}
	return MYO_OK;
}

/* ---- archives -------------------------------------------------------------------------------- */

/* The first bytes of what is no archive, and its size. */
static int
read_alone(struct source *source, struct pack *pack, struct member *member, struct myo_err *err)
{
	struct listing *listing = &source->listing;
	bool lost;

	uint8_t *head = store_bytes(&source->store, HEAD_BYTES, err);
	if (head == NULL || pack_read(pack, head, HEAD_BYTES, &listing->head_bytes, &lost, err) != MYO_OK)
		return MYO_FAIL;
	listing->head = head;
	member->size = (int64_t)listing->head_bytes;
	if (listing->head_bytes < HEAD_BYTES)
		return MYO_OK;
	int64_t more;
	if (pack_count(pack, source->max_member, &more, err) != MYO_OK)
		return MYO_FAIL;
	member->size += more;
	return MYO_OK;
}

static int
read_member(struct source *source, struct walk *walk, struct member *member, struct myo_err *err)
{
	struct pack *pack = walk_pack(walk);
	size_t got;
	bool lost;

	if (walk_is_alone(walk))
		return read_alone(source, pack, member, err);
	if (member->size < 0)
		return pack_count(pack, source->max_member, &member->size, err);
	if (!is_note(member))
		return MYO_OK;
	char *text = note_room(source, member, err);
	member->text = text;
	return text != NULL ? pack_read(pack, text, (size_t)member->size, &got, &lost, err) : MYO_FAIL;
}

/* All members of an archive, onto the list. */
static int
list_members(struct source *source, uint32_t number, struct walk *walk, struct myo_err *err)
{
	const char *name;
	int64_t size;
	int rc;

	while ((rc = walk_next(walk, &name, &size, err)) == MYO_OK) {
		if (is_litter(name))
			continue;
		source->listing.alone = walk_is_alone(walk);
		struct member *member = add_member(source, number, name, size, err);
		if (member == NULL)
			return MYO_FAIL;
		if (read_member(source, walk, member, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", member->name);
			return MYO_FAIL;
		}
	}
	return rc == MYO_END ? MYO_OK : MYO_FAIL;
}

static int
list_archive(struct source *source, uint32_t number, struct myo_err *err)
{
	struct root *root = &source->roots[number];
	struct extent extent = { -1, 0, 0 };
	struct skim skim = { memfd_create("myopic", MFD_CLOEXEC), KEEP_BYTES };
	struct walk *walk = NULL;

	char *alone = name_alone(root->path, err);
	int rc = alone != NULL ? open_root(root, &extent, err) : MYO_FAIL;
	if (rc == MYO_OK)
		rc = walk_new(&extent, alone, &skim, &walk, err);
	if (rc == MYO_OK)
		rc = list_members(source, number, walk, err);
	if (rc == MYO_OK && pack_kept(walk_outermost(walk))) {
		if (root->spooled >= 0)
			(void)close(root->spooled);
		root->spooled = skim.keep;
		skim.keep = -1;
	}
	walk_free(walk);
	if (skim.keep >= 0)
		(void)close(skim.keep);
	if (extent.fd >= 0)
		(void)close(extent.fd);
	free(alone);
	return rc;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int add_root(struct source *source, const char *path, const char *prefix, struct myo_err *err);

/* A folder's tars count as folders, called like them: each is a root of its own. */
static int
add_tars(struct source *source, const char *folder, struct myo_err *err)
{
	struct names tars = source->tars;
	int rc = MYO_OK;

	source->tars = (struct names){ 0 };
	names_sort(&tars);
	for (size_t i = 0; i < tars.count && rc == MYO_OK; i++) {
		const char *name = tars.items[i];
		char *path = store_format(&source->store, err, "%s/%s", folder, name);
		char *prefix = store_format(&source->store, err, "%.*s/", (int)walk_tar_stem(name), name);
		rc = path != NULL && prefix != NULL ? add_root(source, path, prefix, err) : MYO_FAIL;
	}
	names_clear(&tars);
	return rc;
}

static int
list_folder(struct source *source, uint32_t number, struct myo_err *err)
{
	if (list_below(source, number, "", 0, err) != MYO_OK)
		return MYO_FAIL;
	return read_notes(source, number, err);
}

static int
add_root(struct source *source, const char *path, const char *prefix, struct myo_err *err)
{
	const uint32_t number = (uint32_t)source->root_count;

	if (path[0] == '\0')
		return myo_fail(err, "a file without a name");
	if (source->root_count == source->root_room) {
		const size_t room = source->root_room > 0 ? 2 * source->root_room : 16;
		struct root *larger = myo_realloc(source->roots, room, sizeof *larger, err);
		if (larger == NULL)
			return MYO_FAIL;
		source->roots = larger;
		source->root_room = room;
	}
	struct root *root = &source->roots[source->root_count++];
	int rc = init_root(root, path, err);
	root->prefix = prefix;
	root->first = source->listing.count;
	if (rc == MYO_OK)
		rc = root->folder ? list_folder(source, number, err) : list_archive(source, number, err);
	root->count = source->listing.count - root->first;
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", root->name);
	return rc == MYO_OK && root->folder ? add_tars(source, path, err) : rc;
}

int
source_new(const char *const *paths, size_t count, int64_t max_member, struct source **out, struct myo_err *err)
{
	*out = NULL;
	struct source *source = myo_calloc(1, sizeof *source, err);
	if (source == NULL)
		return MYO_FAIL;
	source->max_member = max_member;
	int rc = MYO_OK;
	for (size_t i = 0; i < count && rc == MYO_OK; i++)
		rc = add_root(source, paths[i], "", err);
	if (rc == MYO_OK) {
		const char *first = source->roots[0].name;
		source->listing.alone = source->listing.alone && count == 1;
		source->name =
		    count > 1 ? myo_format(err, "%s and %zu more", first, count - 1) : myo_strdup(first, err);
		rc = source->name != NULL ? MYO_OK : MYO_FAIL;
	}
	if (rc != MYO_OK) {
		source_free(source);
		return MYO_FAIL;
	}
	*out = source;
	return MYO_OK;
}

void
source_free(struct source *source)
{
	if (source == NULL)
		return;
	for (size_t i = 0; i < source->root_count; i++)
		if (source->roots[i].spooled >= 0)
			(void)close(source->roots[i].spooled);
	names_clear(&source->tars);
	store_clear(&source->store);
	free(source->listing.members);
	free(source->roots);
	free(source->name);
	free(source);
}

const struct listing *
source_listing(const struct source *source)
{
	return &source->listing;
}

const char *
source_name(const struct source *source)
{
	return source->name;
}

const char *
source_root_name(const struct source *source, size_t member)
{
	return source->roots[source->listing.members[member].root].name;
}

/* ---- contents -------------------------------------------------------------------------------- */

struct cursor {
	const struct source *source;
	const struct root *root; /* that is open; NULL: none */
	struct walk *walk;       /* over it; NULL: a folder */
	char *alone;
	int fd;    /* of the archive, or of the member in a folder; -1: none */
	size_t at; /* the member at hand; before the first, the last of the root before it (or wraps) */
	bool lost;
};

int
cursor_new(const struct source *source, struct cursor **out, struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	(*out)->source = source;
	(*out)->fd = -1;
	return MYO_OK;
}

static void
close_fd(struct cursor *cursor)
{
	if (cursor->fd >= 0)
		(void)close(cursor->fd);
	cursor->fd = -1;
}

static void
leave_root(struct cursor *cursor)
{
	walk_free(cursor->walk);
	free(cursor->alone);
	close_fd(cursor);
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
	struct extent extent;

	leave_root(cursor);
	cursor->lost = false;
	if (!root->folder) {
		cursor->alone = name_alone(root->path, err);
		if (cursor->alone == NULL || open_root(root, &extent, err) != MYO_OK)
			return MYO_FAIL;
		cursor->fd = extent.fd;
		if (walk_new(&extent, cursor->alone, NULL, &cursor->walk, err) != MYO_OK)
			return MYO_FAIL;
	}
	cursor->root = root;
	cursor->at = root->first - 1;
	return MYO_OK;
}

/* The next file of the archive that is on the list too, which must be this one. */
static int
next_in_archive(struct cursor *cursor, const char *name, struct myo_err *err)
{
	const char *found;
	int64_t size;
	int rc;

	do
		rc = walk_next(cursor->walk, &found, &size, err);
	while (rc == MYO_OK && is_litter(found));
	name += strlen(cursor->root->prefix);
	if (rc == MYO_END || (rc == MYO_OK && strcmp(found, name) != 0))
		return myo_fail(err, "changed while it was read");
	return rc;
}

int
cursor_seek(struct cursor *cursor, size_t member, struct myo_err *err)
{
	const struct member *members = cursor->source->listing.members;
	const struct root *root = &cursor->source->roots[members[member].root];

	if (cursor->root != root && enter_root(cursor, root, err) != MYO_OK) {
		cursor->lost = true;
		return MYO_FAIL;
	}
	if (cursor->walk == NULL)
		close_fd(cursor);
	while (cursor->walk != NULL && cursor->at != member)
		if (next_in_archive(cursor, members[++cursor->at].name, err) != MYO_OK) {
			cursor->lost = true;
			return MYO_FAIL;
		}
	cursor->at = member;
	return MYO_OK;
}

int
cursor_read(struct cursor *cursor, void *bytes, size_t count, size_t *got, struct myo_err *err)
{
	if (cursor->walk != NULL)
		return pack_read(walk_pack(cursor->walk), bytes, count, got, &cursor->lost, err);
	*got = 0;
	if (cursor->fd < 0)
		cursor->fd = open_in_folder(cursor->root, cursor->source->listing.members[cursor->at].name, err);
	return cursor->fd >= 0 ? myo_read_all(cursor->fd, bytes, count, got, err) : MYO_FAIL;
}

bool
cursor_lost(const struct cursor *cursor)
{
	return cursor->lost;
}
