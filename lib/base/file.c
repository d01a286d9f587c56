/* Files that appear whole or not at all, and reads and writes that finish what they start. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct myo_outfile {
	int fd;
	char *path;
	char *folder;
	char *beside; /* a temporary name; empty while the file has none */
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

static void
outfile_free(struct myo_outfile *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		(void)close(file->fd);
	free(file->path);
	free(file->folder);
	free(file->beside);
	free(file);
}

/* Umask can only be read by setting it; programs do that before they have threads. */
static mode_t
default_mode(void)
{
	const mode_t mask = umask(0);

	(void)umask(mask);
	return 0666 & ~mask;
}

/*
 * Open a file without a name, so that even a killed program leaves nothing behind; a file
 * system without that (NFS, say) gets a temporary name beside the target.
 */
static int
open_temporary(struct myo_outfile *file, struct myo_err *err)
{
#ifdef O_TMPFILE
	file->fd = open(file->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (file->fd >= 0)
		return MYO_OK;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return myo_fail_errno(err, "%s: can't be written", file->path);
#endif
	file->beside = myo_format(err, "%s.XXXXXX", file->path);
	if (file->beside == NULL)
		return MYO_FAIL;
	file->fd = mkstemp(file->beside);
	if (file->fd < 0) {
		(void)myo_fail_errno(err, "%s: can't be written", file->path);
		free(file->beside);
		file->beside = NULL;
		return MYO_FAIL;
	}
	(void)fchmod(file->fd, default_mode());
	return MYO_OK;
}

int
myo_outfile_new(const char *path, struct myo_outfile **out, struct myo_err *err)
{
	struct stat status;

	*out = NULL;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return myo_fail(err, "%s: is a folder", path);

	struct myo_outfile *file = myo_calloc(1, sizeof *file, err);
	if (file == NULL)
		return MYO_FAIL;
	file->fd = -1;
	file->path = myo_strdup(path, err);
	file->folder = file->path != NULL ? folder_of(path, err) : NULL;
	if (file->folder == NULL || open_temporary(file, err) != MYO_OK) {
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

/* Give a nameless file a name beside the target: rename(2) can replace, linkat(2) can't. */
static int
name_file(struct myo_outfile *file, struct myo_err *err)
{
	char self[64];

	(void)snprintf(self, sizeof self, "/proc/self/fd/%d", file->fd);
	for (int attempt = 0; attempt < 100; attempt++) {
		char *name = myo_format(err, "%s.%ld.%d", file->path, (long)getpid(), attempt);
		if (name == NULL)
			return MYO_FAIL;
		if (linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
			file->beside = name;
			return MYO_OK;
		}
		const int reason = errno;
		free(name);
		errno = reason;
		if (reason != EEXIST)
			break;
	}
	return myo_fail_errno(err, "%s: can't be published", file->path);
}

static int
publish(struct myo_outfile *file, struct myo_err *err)
{
	if (fsync(file->fd) != 0)
		return myo_fail_errno(err, "%s: can't be written to disk", file->path);
	if (file->beside == NULL && name_file(file, err) != MYO_OK)
		return MYO_FAIL;

	const int fd = file->fd;
	file->fd = -1;
	if (close(fd) != 0) /* NFS reports a full disk here */
		return myo_fail_errno(err, "%s: can't be closed", file->path);
	if (rename(file->beside, file->path) != 0)
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
	const int rc = publish(file, err);

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
