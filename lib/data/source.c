/* The files of folders and archives, as one list that can be read in order. */
#include "data/source.h"
#include "data/format.h"
#include "data/root.h"
#include "data/store.h"
#include "data/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_NOTE = 4 << 20, MAX_NOTES = 1 << 30, MAX_DEPTH = 32 };

/*
 * A compressed archive must be decompressed to be listed. The result is kept in memory up to these limits, so that it
 * needn't be decompressed again. KEEP_FILES is within any limit on open files.
 */
enum { KEEP_BYTES = 256 << 20, KEEP_FILES = 64 };

struct source {
	struct root *roots;
	size_t root_count, root_room;
	size_t path_count; /* paths given */
	struct names tars; /* those found in the folder that is being listed */
	char *name; /* see source_name() */
	uint32_t operand; /* index of the path that is being listed */
	int64_t max_member;
	struct listing listing;
	size_t room; /* for members */
	int64_t kept_bytes, note_bytes; /* decompressed bytes in memory; bytes of notes */
	int kept_files;
	struct store store; /* names, notes and the head */
};

/* ---- the list -------------------------------------------------------------------------------- */

/* Append a member to the list, with a copy of its name. NULL when out of memory. */
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
	*member = (struct member){
		.name = store_join(&source->store, prefix, name, err), .size = size, .place = -1, .root = root,
		.operand = source->operand, .prefix = (uint32_t)strlen(prefix)
	};
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
		rc = errno == ENOENT && !path_is_wanted(name) ? MYO_OK : myo_fail_errno(err, "%s: can't be read", name);
	else if (S_ISDIR(status.st_mode))
		rc = list_below(source, root, name, depth + 1, err);
	else if (S_ISREG(status.st_mode) && !walk_is_litter(name) && path_tar_stem(name) > 0)
		rc = names_append(&source->tars, name, strlen(name), err) < 0 ? MYO_FAIL : MYO_OK;
	else if (S_ISREG(status.st_mode) && !walk_is_litter(name) &&
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
		return myo_fail(err, "%s: folders nest deeper than %d (a link in a circle?)", below, MAX_DEPTH);
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

static char *
note_room(struct source *source, const struct member *member, struct myo_err *err)
{
	if (member->size > MAX_NOTE) {
		(void)myo_fail(err, "more than %d MB of text", MAX_NOTE >> 20);
		return NULL;
	}
	source->note_bytes += member->size;
	if (source->note_bytes > MAX_NOTES) {
		(void)myo_fail(err, "more than %d MB of texts beside the pictures, which stay in memory: refused",
		    MAX_NOTES >> 20);
		return NULL;
	}
	return store_bytes(&source->store, (size_t)member->size + 1, err);
}

/* Leave a note without its text. Whether that is an error depends on the format. */
static int
leave_unread(struct source *source, const struct member *member, const struct myo_err *why, struct myo_err *err)
{
	if (source->listing.unread == NULL)
		source->listing.unread = store_format(&source->store, err, "%s: %s", member->name, why->text);
	return source->listing.unread != NULL ? MYO_OK : MYO_FAIL;
}

static int
read_note(struct source *source, const struct root *root, struct member *member, struct myo_err *err)
{
	size_t got;
	char *text = note_room(source, member, err);
	const int fd = text != NULL ? root_open_file(root, member->name, err) : -1;
	const int rc = fd >= 0 ? myo_read_all(fd, text, (size_t)member->size, &got, err) : MYO_FAIL;

	if (fd >= 0)
		(void)close(fd);
	member->text = rc == MYO_OK ? text : NULL;
	return rc;
}

/* Sort the files of a folder, which are all on the list, and read the notes among them. */
static int
read_notes(struct source *source, uint32_t number, struct myo_err *err)
{
	const struct root *root = &source->roots[number];
	struct listing *listing = &source->listing;
	const size_t count = listing->count - root->first;
	struct myo_err why = MYO_ERR_INIT;

	if (count > 0)
		qsort(listing->members + root->first, count, sizeof *listing->members, compare_members);
	for (size_t i = root->first; i < listing->count; i++) {
		struct member *member = &listing->members[i];
		if (path_is_note(member->name) && read_note(source, root, member, &why) != MYO_OK &&
		    leave_unread(source, member, &why, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

/* ---- archives -------------------------------------------------------------------------------- */

static int
read_alone(struct source *source, struct pack *pack, struct member *member, struct myo_err *err)
{
	struct listing *listing = &source->listing;
	bool lost;

	uint8_t *head = store_bytes(&source->store, HEAD_BYTES, err);
	if (head == NULL || pack_read(pack, head, HEAD_BYTES, &listing->head_bytes, &lost, err) != MYO_OK)
		return MYO_FAIL;
	listing->head = head;
	member->picture = myo_image_is_one(head, listing->head_bytes);
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
	struct myo_err why = MYO_ERR_INIT;
	struct extent extent;
	size_t got;
	bool lost;

	if (pack_extent(pack, &extent))
		member->place = extent.start;
	if (walk_is_alone(walk))
		return read_alone(source, pack, member, err);
	if (member->size < 0)
		return pack_count(pack, source->max_member, &member->size, err);
	if (!path_is_note(member->name))
		return MYO_OK;
	char *text = note_room(source, member, &why);
	if (text == NULL)
		return leave_unread(source, member, &why, err);
	member->text = text;
	return pack_read(pack, text, (size_t)member->size, &got, &lost, err);
}

static int
list_members(struct source *source, uint32_t number, struct walk *walk, struct myo_err *err)
{
	const char *name;
	int64_t size;
	int rc;

	while ((rc = walk_next(walk, &name, &size, err)) == MYO_OK) {
		source->listing.alone = source->roots[number].alone = walk_is_alone(walk);
		if (source->listing.alone && source->roots[number].prefix[0] != '\0')
			return myo_fail(err, "is called a tar, and isn't one");
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

/* Where to keep an archive if it is compressed, and how much of it at most. */
static struct skim
what_to_keep(const struct source *source)
{
	const int64_t left = KEEP_BYTES - source->kept_bytes;

	if (left <= 0 || source->kept_files == KEEP_FILES)
		return (struct skim){ -1, 0 };
	return (struct skim){ memfd_create("myopic", MFD_CLOEXEC), left };
}

/* The decompressed archive isn't kept after all, so its members have no places. */
static void
forget_places(struct source *source, const struct root *root)
{
	for (size_t i = root->first; i < source->listing.count; i++)
		source->listing.members[i].place = -1;
}

static void
keep(struct source *source, struct root *root, struct skim *skim)
{
	source->kept_bytes += lseek(skim->keep, 0, SEEK_CUR);
	source->kept_files++;
	if (root->spooled >= 0)
		(void)close(root->spooled);
	root->spooled = skim->keep;
	skim->keep = -1;
}

/* An empty file that is named like a picture, and isn't the only path given, counts as a broken picture. */
static int
list_empty(struct source *source, uint32_t number, const char *name, struct myo_err *err)
{
	struct member *member = add_member(source, number, name, 0, err);

	if (member == NULL)
		return MYO_FAIL;
	source->listing.alone = source->roots[number].alone = true;
	member->place = 0;
	return MYO_OK;
}

/* Note the first link in an archive, if it has one (link not NULL). */
static int
note_link(struct source *source, const char *link, struct myo_err *err)
{
	if (link == NULL || source->listing.link != NULL)
		return MYO_OK;
	source->listing.link = store_format(&source->store, err, "%s", link);
	return source->listing.link != NULL ? MYO_OK : MYO_FAIL;
}

static int
list_archive(struct source *source, uint32_t number, struct myo_err *err)
{
	struct root *root = &source->roots[number];
	struct extent extent = { -1, 0, 0 };
	struct skim skim = what_to_keep(source);
	struct walk *walk = NULL;

	char *alone = root_name_alone(root->path, err);
	int rc = alone != NULL ? root_open(root, &extent, err) : MYO_FAIL;
	const bool empty = rc == MYO_OK && extent.length == 0 && path_is_picture(alone) && source->path_count > 1;
	if (empty)
		rc = list_empty(source, number, alone, err);
	if (rc == MYO_OK && !empty)
		rc = walk_new(&extent, alone, &skim, &walk, err);
	if (rc == MYO_OK && !empty)
		rc = list_members(source, number, walk, err);
	if (walk == NULL)
		goto out;
	if (rc == MYO_OK)
		rc = note_link(source, pack_link(walk_outermost(walk)), err);
	if (rc == MYO_OK && pack_kept(walk_outermost(walk)))
		keep(source, root, &skim);
	else if (rc == MYO_OK && pack_inflates(walk_outermost(walk)))
		forget_places(source, root);
	walk_free(walk);
out:
	if (skim.keep >= 0)
		(void)close(skim.keep);
	if (extent.fd >= 0)
		(void)close(extent.fd);
	free(alone);
	return rc;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int add_root(struct source *source, const char *path, const char *prefix, struct myo_err *err);

/* Tars in a folder count as folders of the same name; each is a root. */
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
		char *prefix = store_format(&source->store, err, "%.*s/", (int)path_tar_stem(name), name);
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
	int rc = root_init(root, path, err);
	root->prefix = prefix;
	root->first = source->listing.count;
	if (rc == MYO_OK)
		rc = root->folder ? list_folder(source, number, err) : list_archive(source, number, err);
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
	source->path_count = count;
	int rc = MYO_OK;
	for (size_t i = 0; i < count && rc == MYO_OK; i++) {
		source->operand = (uint32_t)i;
		rc = add_root(source, paths[i], "", err);
	}
	if (rc == MYO_OK) {
		const char *first = source->roots[0].name;
		source->listing.alone = source->listing.alone && source->root_count == 1;
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

bool
source_reaches(const struct source *source, size_t member)
{
	const struct member *m = &source->listing.members[member];

	return m->place >= 0 || source->roots[m->root].folder;
}

size_t
source_roots(const struct source *source)
{
	return source->root_count;
}

size_t
source_places(const struct source *source)
{
	size_t places = 0;

	for (size_t i = 0; i < source->root_count; i++)
		places += source->roots[i].prefix[0] == '\0' && !source->roots[i].alone;
	return places;
}

const char *
source_name(const struct source *source)
{
	return source->name;
}

const struct root *
source_root(const struct source *source, size_t member)
{
	return &source->roots[source->listing.members[member].root];
}

const char *
source_root_name(const struct source *source, size_t member)
{
	return source_root(source, member)->name;
}
