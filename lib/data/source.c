/* The files of a folder or an archive, as one list that can be read in order. */
#include "data/source.h"
#include "data/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TEXT = 4 << 20, MAX_DEPTH = 32 };

struct source {
	char *path; /* of the folder or file */
	const char *name;
	struct listing listing;
	size_t room;     /* for members */
	struct pack *in; /* NULL: a folder */
	size_t at;       /* the member that is being read; in.count before the first */
	int fd;          /* of that member, in a folder; -1: none */
	bool lost;
};

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

static bool
is_text(const struct member *member)
{
	const size_t length = strlen(member->name);

	return length > 4 && strcasecmp(member->name + length - 4, ".txt") == 0 && member->size <= MAX_TEXT;
}

/* A new member at the end of the list, its name copied; NULL when there is no memory. */
static struct member *
add_member(struct source *source, const char *name, int64_t size, struct myo_err *err)
{
	if (source->listing.count == source->room) {
		const size_t room = source->room > 0 ? 2 * source->room : 64;
		struct member *larger = myo_realloc(source->listing.members, room, sizeof *larger, err);
		if (larger == NULL)
			return NULL;
		source->listing.members = larger;
		source->room = room;
	}
	struct member *member = &source->listing.members[source->listing.count];
	*member = (struct member){ .name = myo_strdup(name, err), .size = size };
	if (member->name == NULL)
		return NULL;
	source->listing.count++;
	return member;
}

static int
compare_members(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* ---- folders --------------------------------------------------------------------------------- */

static int list_folder(struct source *source, const char *below, int depth, struct myo_err *err);

static int
list_entry(struct source *source, const char *below, const char *entry, int depth, struct myo_err *err)
{
	struct stat status;
	int rc = MYO_OK;
	char *name = below[0] != '\0' ? myo_format(err, "%s/%s", below, entry) : myo_strdup(entry, err);
	char *path = name != NULL ? myo_format(err, "%s/%s", source->path, name) : NULL;

	if (path == NULL)
		rc = MYO_FAIL;
	else if (stat(path, &status) != 0)
		rc = myo_fail_errno(err, "%s: can't be read", name);
	else if (S_ISDIR(status.st_mode))
		rc = list_folder(source, name, depth + 1, err);
	else if (S_ISREG(status.st_mode) && !is_litter(name) &&
		 add_member(source, name, status.st_size, err) == NULL)
		rc = MYO_FAIL;
	free(path);
	free(name);
	return rc;
}

static int
list_folder(struct source *source, const char *below, int depth, struct myo_err *err)
{
	if (depth > MAX_DEPTH)
		return myo_fail(
		    err, "%s: folders nest deeper than %d (a link in a circle?)", below, MAX_DEPTH);
	char *path = myo_format(err, "%s/%s", source->path, below);
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
			rc = list_entry(source, below, entry->d_name, depth, err);
	}
	(void)closedir(folder);
	return rc;
}

static int
open_member(struct source *source, struct myo_err *err)
{
	const char *name = source->listing.members[source->at].name;
	char *path = myo_format(err, "%s/%s", source->path, name);

	if (path == NULL)
		return MYO_FAIL;
	source->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source->fd < 0)
		(void)myo_fail_errno(err, "can't be read");
	free(path);
	return source->fd >= 0 ? MYO_OK : MYO_FAIL;
}

static void
close_member(struct source *source)
{
	if (source->fd >= 0)
		(void)close(source->fd);
	source->fd = -1;
}

/* ---- contents -------------------------------------------------------------------------------- */

int
source_rewind(struct source *source, struct myo_err *err)
{
	close_member(source);
	source->at = source->listing.count;
	source->lost = false;
	return source->in != NULL ? pack_rewind(source->in, err) : MYO_OK;
}

/* The next member of the archive that is on the list too, which must be this one. */
static int
next_in_archive(struct source *source, const char *name, struct myo_err *err)
{
	const char *found;
	int64_t size;
	int rc;

	do
		rc = pack_next(source->in, &found, &size, err);
	while (rc == MYO_OK && is_litter(found));
	if (rc == MYO_END || (rc == MYO_OK && strcmp(found, name) != 0))
		return myo_fail(err, "changed while it was read");
	return rc;
}

int
source_seek(struct source *source, size_t member, struct myo_err *err)
{
	const size_t first = source->at == source->listing.count ? 0 : source->at + 1;

	close_member(source);
	for (size_t i = first; source->in != NULL && i <= member; i++)
		if (next_in_archive(source, source->listing.members[i].name, err) != MYO_OK) {
			source->lost = true;
			return MYO_FAIL;
		}
	source->at = member;
	return MYO_OK;
}

int
source_read(struct source *source, void *bytes, size_t count, size_t *got, struct myo_err *err)
{
	if (source->in != NULL)
		return pack_read(source->in, bytes, count, got, &source->lost, err);
	if (source->fd < 0 && open_member(source, err) != MYO_OK)
		return MYO_FAIL;
	return myo_read_all(source->fd, bytes, count, got, err);
}

bool
source_lost(const struct source *source)
{
	return source->lost;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int
read_text(struct source *source, struct member *member, struct myo_err *err)
{
	const size_t size = (size_t)member->size;
	size_t got;

	member->text = myo_calloc(size + 1, 1, err);
	if (member->text == NULL)
		return MYO_FAIL;
	return source_read(source, member->text, size, &got, err);
}

static int
list_archive(struct source *source, struct myo_err *err)
{
	const char *name;
	int64_t size;
	int rc = pack_rewind(source->in, err);

	while (rc == MYO_OK) {
		rc = pack_next(source->in, &name, &size, err);
		if (rc != MYO_OK || is_litter(name))
			continue;
		source->listing.alone = pack_is_alone(source->in);
		struct member *member = add_member(source, name, size, err);
		if (member == NULL)
			return MYO_FAIL;
		int read = MYO_OK;
		if (size < 0)
			read = pack_count(source->in, &member->size, err);
		else if (is_text(member))
			read = read_text(source, member, err);
		if (read != MYO_OK) {
			myo_err_prefix(err, "%s: ", member->name);
			return MYO_FAIL;
		}
	}
	return rc == MYO_END ? MYO_OK : rc;
}

static int
list_all(struct source *source, struct myo_err *err)
{
	if (source->in != NULL)
		return list_archive(source, err);
	if (list_folder(source, "", 0, err) != MYO_OK)
		return MYO_FAIL;
	if (source->listing.count > 0)
		qsort(source->listing.members, source->listing.count, sizeof *source->listing.members,
		    compare_members);
	for (size_t i = 0; i < source->listing.count; i++) {
		struct member *member = &source->listing.members[i];
		if (!is_text(member))
			continue;
		source->at = i;
		const int rc = read_text(source, member, err);
		close_member(source);
		if (rc != MYO_OK) {
			myo_err_prefix(err, "%s: ", member->name);
			return MYO_FAIL;
		}
	}
	return MYO_OK;
}

int
source_new(const char *path, struct source **out, struct myo_err *err)
{
	const bool piped = strcmp(path, "-") == 0;
	struct stat status;
	int rc = MYO_FAIL;

	*out = NULL;
	if (path[0] == '\0')
		return myo_fail(err, "a file without a name");
	struct source *source = myo_calloc(1, sizeof *source, err);
	if (source == NULL)
		return MYO_FAIL;
	source->fd = -1;
	source->path = myo_strdup(path, err);
	source->name = piped ? "standard input" : source->path;
	if (source->path == NULL)
		goto done;
	if (!piped && stat(path, &status) != 0) {
		(void)myo_fail_errno(err, "can't be read");
		goto done;
	}
	if (piped || !S_ISDIR(status.st_mode))
		rc = pack_new(path, &source->in, err);
	else
		rc = MYO_OK;
	if (rc == MYO_OK)
		rc = list_all(source, err);
	if (rc == MYO_OK)
		rc = source_rewind(source, err);
done:
	if (rc != MYO_OK) {
		if (source->name != NULL)
			myo_err_prefix(err, "%s: ", source->name);
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
	close_member(source);
	pack_free(source->in);
	for (size_t i = 0; i < source->listing.count; i++) {
		free(source->listing.members[i].name);
		free(source->listing.members[i].text);
	}
	free(source->listing.members);
	free(source->path);
	free(source);
}

const char *
source_name(const struct source *source)
{
	return source->name;
}

const struct listing *
source_listing(const struct source *source)
{
	return &source->listing;
}
