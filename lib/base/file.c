/* Files that appear whole or not at all, and reads and writes that finish what they start. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct myo_outfile {
	int fd;
	char *path;   /* as messages call it */
	char *target; /* the path with symbolic links followed */
	char *folder; /* of the target */
	char *beside; /* a temporary name; NULL while the file has none */
	bool device;  /* written to as it is: there is nothing to publish */
	bool there;   /* the target exists, and has this mode: */
	mode_t mode;
};

static char *
folder_of(const char *path, struct myo_err *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return myo_strdup(".", err);
	if (slash == path)
		return myo_strdup("/", err);
	return myo_format(err, "%.*s", (int)(slash - path), path);
}

/* The target of a link at path `at`, whose content is to[length]; on the heap. */
static char *
link_from(const char *at, const char *to, int length, struct myo_err *err)
{
	if (to[0] == '/')
		return myo_format(err, "%.*s", length, to);
	char *folder = folder_of(at, err);
	char *path = folder != NULL ? myo_format(err, "%s/%.*s", folder, length, to) : NULL;
	free(folder);
	return path;
}

/* The path with symbolic links followed, on the heap. Not realpath(), since the file needn't exist yet. */
static char *
follow(const char *path, struct myo_err *err)
{
	enum { LINKS_MOST = 40 };
	char to[4096];
	char *at = myo_strdup(path, err);

	for (int links = 0; at != NULL; links++) {
		const ssize_t length = readlink(at, to, sizeof to);
		if (length < 0)
			return at;
		char *next = NULL;
		if (links == LINKS_MOST || (size_t)length == sizeof to)
			(void)myo_fail(err, "%s: leads through too many links", path);
		else
			next = link_from(at, to, (int)length, err);
		free(at);
		at = next;
	}
	return NULL;
}

static void
outfile_free(struct myo_outfile *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		(void)close(file->fd);
	free(file->path);
	free(file->target);
	free(file->folder);
	free(file->beside);
	free(file);
}

static bool
open_named(struct myo_outfile *file, const char *name)
{
	file->fd = open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
	return file->fd >= 0;
}

enum { SELF_ROOM = 64 };

/* A path by which a file without a name can be reached. */
static const char *
self_path(const struct myo_outfile *file, char self[SELF_ROOM])
{
	(void)snprintf(self, SELF_ROOM, "/proc/self/fd/%d", file->fd);
	return self;
}

/* Give a file without a name this one. linkat(2) can't replace a file: rename(2) follows. */
static bool
link_named(struct myo_outfile *file, const char *name)
{
	char self[SELF_ROOM];

	return linkat(AT_FDCWD, self_path(file, self), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Give the file a temporary name beside the target. Short, since the target's own name may be as long as allowed. */
static int
take_name(struct myo_outfile *file, bool (*make)(struct myo_outfile *, const char *), const char *failed,
    struct myo_err *err)
{
	static atomic_uint count; /* of all threads */

	for (int attempt = 0; attempt < 100; attempt++) {
		char *name = myo_format(err, "%s/.myopic.%ld.%u", file->folder, (long)getpid(),
		    atomic_fetch_add(&count, 1));
		if (name == NULL)
			return MYO_FAIL;
		if (make(file, name)) {
			file->beside = name;
			return MYO_OK;
		}
		const int reason = errno;
		free(name);
		errno = reason;
		if (reason != EEXIST) /* else left by a killed program that had the same process id */
			break;
	}
	return myo_fail_errno(err, "%s: %s", file->path, failed);
}

/*
 * Open a file without a name, so that even a killed program leaves nothing behind. Where the file system has no such
 * files (NFS, say), or where there is no /proc to name it by later, it has a temporary name beside the target.
 */
static int
open_temporary(struct myo_outfile *file, struct myo_err *err)
{
#ifdef O_TMPFILE
	char self[SELF_ROOM];

	file->fd = open(file->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (file->fd >= 0 && access(self_path(file, self), F_OK) == 0)
		return MYO_OK;
	if (file->fd >= 0)
		(void)close(file->fd);
	else if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return myo_fail_errno(err, "%s: can't be written", file->path);
#endif
	return take_name(file, open_named, "can't be written", err);
}

static int
open_device(struct myo_outfile *file, struct myo_err *err)
{
	file->fd = open(file->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return file->fd >= 0 ? MYO_OK : myo_fail_errno(err, "%s: can't be written", file->path);
}

int
myo_outfile_new(const char *path, struct myo_outfile **out, struct myo_err *err)
{
	struct stat status;

	*out = NULL;
	if (path[0] == '\0')
		return myo_fail(err, "a file to be written has no name");
	const bool there = stat(path, &status) == 0;
	if (!there && errno != ENOENT && errno != ELOOP) /* of ELOOP follow() has a better message */
		return myo_fail_errno(err, "%s: can't be written", path);
	if (there && S_ISDIR(status.st_mode))
		return myo_fail(err, "%s: is a folder", path);
	if (there && !S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
		return myo_fail(err, "%s: is no regular file", path);
	if (there && access(path, W_OK) != 0) /* rename(2) would replace even a read-only file */
		return myo_fail_errno(err, "%s: can't be written", path);

	struct myo_outfile *file = myo_calloc(1, sizeof *file, err);
	if (file == NULL)
		return MYO_FAIL;
	file->fd = -1;
	file->device = there && S_ISCHR(status.st_mode);
	file->there = there && !file->device;
	file->mode = there ? status.st_mode & 07777 : 0;
	file->path = myo_strdup(path, err);
	file->target = file->path != NULL ? follow(path, err) : NULL;
	file->folder = file->target != NULL ? folder_of(file->target, err) : NULL;
	if (file->folder == NULL || (file->device ? open_device : open_temporary)(file, err) != MYO_OK) {
		outfile_free(file);
		return MYO_FAIL;
	}
	*out = file;
	return MYO_OK;
}

int
myo_outfile_fd(const struct myo_outfile *file)
{
	return file->fd;
}

/* NFS reports a full disk here. */
static int
close_file(struct myo_outfile *file, struct myo_err *err)
{
	const int fd = file->fd;

	file->fd = -1;
	return close(fd) == 0 ? MYO_OK : myo_fail_errno(err, "%s: can't be closed", file->path);
}

static int
publish(struct myo_outfile *file, struct myo_err *err)
{
	if (file->there && fchmod(file->fd, file->mode) != 0)
		return myo_fail_errno(err, "%s: can't have the permissions of the file that it replaces", file->path);
	if (fsync(file->fd) != 0)
		return myo_fail_errno(err, "%s: can't be written to disk", file->path);
	if (file->beside == NULL && take_name(file, link_named, "can't be published", err) != MYO_OK)
		return MYO_FAIL;
	if (close_file(file, err) != MYO_OK)
		return MYO_FAIL;
	if (rename(file->beside, file->target) != 0)
		return myo_fail_errno(err, "%s: can't be put in place", file->path);
	free(file->beside);
	file->beside = NULL;

	/* The name itself is on disk once the folder is; where a folder can't be synced, so be it. */
	const int folder = open(file->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0) {
		(void)fsync(folder);
		(void)close(folder);
	}
	return MYO_OK;
}

int
myo_outfile_commit(struct myo_outfile *file, struct myo_err *err)
{
	const int rc = (file->device ? close_file : publish)(file, err);

	myo_outfile_discard(file);
	return rc;
}

void
myo_outfile_discard(struct myo_outfile *file)
{
	if (file == NULL)
		return;
	if (file->beside != NULL)
		(void)unlink(file->beside);
	outfile_free(file);
}

int
myo_outfile_check(const char *path, struct myo_err *err)
{
	struct myo_outfile *file;

	if (path == NULL)
		return MYO_OK;
	if (myo_outfile_new(path, &file, err) != MYO_OK)
		return MYO_FAIL;
	myo_outfile_discard(file);
	return MYO_OK;
}

int
myo_outfile_remove(const char *path, struct myo_err *err)
{
	struct stat status;
	char *target = follow(path, err);
	int rc = target != NULL ? MYO_OK : MYO_FAIL;

	if (rc == MYO_OK && lstat(target, &status) == 0 && S_ISREG(status.st_mode) && unlink(target) != 0 &&
	    errno != ENOENT)
		rc = myo_fail_errno(err, "%s: can't be removed", path);
	free(target);
	return rc;
}

int
myo_write_all(int fd, const void *bytes, size_t count, struct myo_err *err)
{
	const char *from = bytes;

	while (count > 0) {
		const ssize_t n = write(fd, from, count);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return myo_fail_errno(err, "can't write");
		}
		from += n;
		count -= (size_t)n;
	}
	return MYO_OK;
}

int
myo_read_all(int fd, void *bytes, size_t count, size_t *got, struct myo_err *err)
{
	char *to = bytes;

	*got = 0;
	while (*got < count) {
		const ssize_t n = read(fd, to + *got, count - *got);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return myo_fail_errno(err, "can't read");
		}
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return MYO_OK;
}

int
myo_read_at(int fd, void *bytes, size_t count, int64_t offset, size_t *got, struct myo_err *err)
{
	char *to = bytes;

	*got = 0;
	while (*got < count) {
		const ssize_t n = pread(fd, to + *got, count - *got, (off_t)(offset + (int64_t)*got));
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return myo_fail_errno(err, "can't read");
		}
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return MYO_OK;
}
