/* Opening what a data set was named by. */
#include "data/root.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

/* Copy what can't be read twice to an unlinked temporary file. */
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
			myo_err_prefix(err, "a copy of the pipe in %s (TMPDIR may name another place): ", name);
			rc = MYO_FAIL;
		}
	} while (rc == MYO_OK && got == BLOCK);
done:
	free(block);
	free(name);
	return rc;
}

int
root_open(const struct root *root, struct extent *extent, struct myo_err *err)
{
	struct stat status;

	extent->start = 0;
	extent->fd = root->spooled >= 0 ? fcntl(root->spooled, F_DUPFD_CLOEXEC, 0) :
	    open(root->path, O_RDONLY | O_CLOEXEC);
	if (extent->fd < 0)
		return myo_fail_errno(err, "can't be read");
	if (fstat(extent->fd, &status) != 0)
		(void)myo_fail_errno(err, "can't be read");
	else if (root->spooled < 0 && (status.st_mtim.tv_sec != root->changed.tv_sec ||
					  status.st_mtim.tv_nsec != root->changed.tv_nsec))
		(void)myo_fail(err, "changed while it was read");
	else {
		extent->length = status.st_size;
		return MYO_OK;
	}
	(void)close(extent->fd);
	extent->fd = -1;
	return MYO_FAIL;
}

int
root_init(struct root *root, const char *path, struct myo_err *err)
{
	const bool piped = strcmp(path, "-") == 0;
	struct stat status;
	int fd = STDIN_FILENO, rc = MYO_OK;

	*root = (struct root){ .path = path, .name = piped ? "standard input" : path, .prefix = "", .spooled = -1 };
	if ((piped ? fstat(STDIN_FILENO, &status) : stat(path, &status)) != 0)
		return myo_fail_errno(err, "can't be read");
	root->folder = S_ISDIR(status.st_mode);
	root->changed = status.st_mtim;
	if (piped && root->folder)
		return myo_fail(err, "is a folder: name it instead");
	if (root->folder || (!piped && S_ISREG(status.st_mode)))
		return MYO_OK;
	if (piped && S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_CUR) == 0) {
		root->spooled = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* a regular file needs no copy */
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

int
root_open_file(const struct root *root, const char *name, struct myo_err *err)
{
	char *path = myo_format(err, "%s/%s", root->path, name);
	int fd = -1;

	if (path != NULL && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		(void)myo_fail_errno(err, "can't be read");
	free(path);
	return fd;
}

char *
root_name_alone(const char *path, struct myo_err *err)
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
