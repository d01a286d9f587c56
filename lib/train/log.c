/* What happened, as tab-separated values. */
#include "train/train.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct myo_log {
	FILE *file;
	char *path;
	size_t validations;
	int64_t bytes;
	int reason; /* errno of the first line that failed, or 0 */
};

static void
put(struct myo_log *log, int printed)
{
	if (printed >= 0)
		log->bytes += printed;
	else if (log->reason == 0)
		log->reason = errno != 0 ? errno : EIO;
}

enum { NAMES_ROOM = 256 };

/* The first line; returns its length. */
static size_t
make_names(const struct myo_log *log, char names[NAMES_ROOM])
{
	size_t used = (size_t)snprintf(names, NAMES_ROOM, "step\tepoch\trows\tlr\tloss\taccuracy\tseconds");

	for (size_t i = 0; i < log->validations; i++)
		used += (size_t)snprintf(names + used, NAMES_ROOM - used, i == 0 ? "\tvalidation" : "\tvalidation%zu", i + 1);
	return used + (size_t)snprintf(names + used, NAMES_ROOM - used, "\n");
}

static void
put_names(struct myo_log *log)
{
	char names[NAMES_ROOM];

	(void)make_names(log, names);
	put(log, fprintf(log->file, "%s", names));
}

/* Whether a file has our first line, and a line that ends where the checkpoint says; any other isn't ours to cut. */
static bool
is_ours(const struct myo_log *log, int fd, int64_t bytes)
{
	char names[NAMES_ROOM], found[NAMES_ROOM], last;
	const size_t length = make_names(log, names);

	return bytes >= (int64_t)length && pread(fd, found, length, 0) == (ssize_t)length &&
	       memcmp(names, found, length) == 0 && pread(fd, &last, 1, (off_t)bytes - 1) == 1 && last == '\n';
}

static int
open_file(struct myo_log *log, bool resume, struct myo_err *err)
{
	const int fd = open(log->path, (resume ? O_RDWR : O_WRONLY | O_TRUNC) | O_CREAT | O_CLOEXEC, 0666);

	log->file = fd >= 0 ? fdopen(fd, resume ? "r+" : "w") : NULL;
	if (log->file != NULL && setvbuf(log->file, NULL, _IOLBF, BUFSIZ) == 0)
		return MYO_OK;
	(void)myo_fail_errno(err, "%s: can't be written", log->path);
	if (log->file != NULL)
		(void)fclose(log->file);
	else if (fd >= 0)
		(void)close(fd);
	return MYO_FAIL;
}

int
myo_log_new(const char *path, size_t validations, bool resume, struct myo_log **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_log *log = myo_calloc(1, sizeof *log, err);
	if (log == NULL)
		return MYO_FAIL;
	log->validations = validations;
	log->path = myo_strdup(path, err);
	if (log->path == NULL || open_file(log, resume, err) != MYO_OK) {
		free(log->path);
		free(log);
		return MYO_FAIL;
	}
	if (!resume)
		put_names(log);
	*out = log;
	return MYO_OK;
}

int
myo_log_resume(struct myo_log *log, int64_t bytes, struct myo_err *err)
{
	const int fd = fileno(log->file);
	struct stat status;

	if (fstat(fd, &status) != 0)
		return myo_fail_errno(err, "%s: can't be looked at", log->path);
	if (!S_ISREG(status.st_mode))
		return MYO_OK; /* a pipe or a terminal has no past */
	if (status.st_size == 0) {
		if (ftruncate(fd, 0) != 0)
			return myo_fail_errno(err, "%s: can't be written", log->path);
		put_names(log);
		return MYO_OK;
	}
	if (status.st_size < bytes)
		return myo_fail(err, "%s: has %lld bytes where the checkpoint counts %lld: it is another log", log->path,
		    (long long)status.st_size, (long long)bytes);
	if (bytes == 0 || !is_ours(log, fd, bytes)) /* 0: the sitting before had none */
		return myo_fail(err, "%s: isn't the log that the checkpoint goes on with, and stays as it is: name another file",
		    log->path);
	if (ftruncate(fd, (off_t)bytes) != 0 || lseek(fd, 0, SEEK_END) < 0)
		return myo_fail_errno(err, "%s: can't be cut back to where the checkpoint stands", log->path);
	log->bytes = bytes;
	return MYO_OK;
}

int
myo_log_sync(struct myo_log *log, int64_t *bytes, struct myo_err *err)
{
	*bytes = log->bytes;
	if (fflush(log->file) != 0 || (fsync(fileno(log->file)) != 0 && errno != EINVAL && errno != EROFS))
		return myo_fail_errno(err, "%s: the log can't be written", log->path);
	return MYO_OK;
}

static void
put_share(struct myo_log *log, char before, double value)
{
	put(log, isnan(value) ? fprintf(log->file, "%cNA", before) : fprintf(log->file, "%c%.4f", before, value));
}

void
myo_log_write(struct myo_log *log, const struct myo_log_line *line)
{
	errno = 0;
	put(log, fprintf(log->file, "%lld", (long long)line->step));
	put_share(log, '\t', line->epoch);
	put(log, fprintf(log->file, "\t%lld\t%.6g", (long long)line->rows, line->rate));
	put(log, isnan(line->loss) ? fprintf(log->file, "\tNA") : fprintf(log->file, "\t%.6f", line->loss));
	put_share(log, '\t', line->accuracy);
	put(log, fprintf(log->file, "\t%.2f", line->seconds));
	for (size_t i = 0; i < log->validations; i++)
		put_share(log, '\t', line->validation[i]);
	put(log, fprintf(log->file, "\n"));
}

int
myo_log_close(struct myo_log *log, struct myo_err *err)
{
	int rc = MYO_OK;

	if (log == NULL)
		return MYO_OK;
	errno = 0;
	if (fclose(log->file) != 0)
		put(log, -1);
	if (log->reason != 0) {
		errno = log->reason;
		rc = myo_fail_errno(err, "%s: the log can't be written", log->path);
	}
	free(log->path);
	free(log);
	return rc;
}
