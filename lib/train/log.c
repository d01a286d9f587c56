/* The log of a training, as tab-separated values. */
#include "train/train.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct myo_log {
	int fd;
	char *path;
	size_t validations;
	int64_t bytes; /* of whole lines */
	bool failed;
	struct myo_err why; /* of the first failure */
};

enum { LINE_ROOM = 512 };

/* A line as it is made up; it is written whole or not at all. */
struct line {
	char text[LINE_ROOM];
	size_t used;
};

static void MYO_PRINTF(2, 3)
add(struct line *line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	const int printed = vsnprintf(line->text + line->used, LINE_ROOM - line->used, format, arguments);
	va_end(arguments);
	/* there is room: seven numbers, and one for each validation, are below 400 bytes */
	line->used += (size_t)printed;
}

static void
put(struct myo_log *log, const struct line *line)
{
	struct myo_err err = MYO_ERR_INIT;

	if (myo_write_all(log->fd, line->text, line->used, &err) == MYO_OK) {
		log->bytes += (int64_t)line->used;
		return;
	}
	if (!log->failed)
		log->why = err;
	log->failed = true;
	if (ftruncate(log->fd, (off_t)log->bytes) == 0) /* fails for a pipe */
		(void)lseek(log->fd, (off_t)log->bytes, SEEK_SET);
}

static void
make_names(const struct myo_log *log, struct line *names)
{
	add(names, "step\tepoch\trows\tlr\tloss\taccuracy\tseconds");
	for (size_t i = 0; i < log->validations; i++)
		if (i == 0)
			add(names, "\tvalidation");
		else
			add(names, "\tvalidation%zu", i + 1);
	add(names, "\n");
}

static void
put_names(struct myo_log *log)
{
	struct line names = { .used = 0 };

	make_names(log, &names);
	put(log, &names);
}

/* Whether the file has our first line, and a line that ends where the checkpoint says; no other file may be cut. */
static bool
is_ours(const struct myo_log *log, int64_t bytes)
{
	struct line names = { .used = 0 };
	char found[LINE_ROOM], last;

	make_names(log, &names);
	return bytes >= (int64_t)names.used && pread(log->fd, found, names.used, 0) == (ssize_t)names.used &&
	       memcmp(names.text, found, names.used) == 0 && pread(log->fd, &last, 1, (off_t)bytes - 1) == 1 &&
	       last == '\n';
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
	log->fd = log->path != NULL ? open(path, (resume ? O_RDWR : O_WRONLY | O_TRUNC) | O_CREAT | O_CLOEXEC, 0666) :
	    -1;
	if (log->fd < 0) {
		if (log->path != NULL)
			(void)myo_fail_errno(err, "%s: can't be written", path);
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
	const int fd = log->fd;
	struct stat status;

	if (fstat(fd, &status) != 0)
		return myo_fail_errno(err, "%s: can't be looked at", log->path);
	if (!S_ISREG(status.st_mode))
		return MYO_OK; /* nothing can be cut from a pipe or a terminal */
	if (status.st_size == 0) {
		if (ftruncate(fd, 0) != 0)
			return myo_fail_errno(err, "%s: can't be written", log->path);
		put_names(log);
		return MYO_OK;
	}
	if (status.st_size < bytes)
		return myo_fail(err, "%s: has %lld bytes where the checkpoint counts %lld: it is another log",
		    log->path, (long long)status.st_size, (long long)bytes);
	if (bytes == 0 || !is_ours(log, bytes)) /* 0: the checkpoint is of a run without a log */
		return myo_fail(err,
		    "%s: isn't the log that the checkpoint goes on with, and stays as it is: name another file",
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
	if (fsync(log->fd) != 0 && errno != EINVAL && errno != EROFS)
		return myo_fail_errno(err, "%s: the log can't be written", log->path);
	return MYO_OK;
}

static void
add_share(struct line *line, double value)
{
	if (isnan(value))
		add(line, "\tNA");
	else
		add(line, "\t%.4f", value);
}

void
myo_log_write(struct myo_log *log, const struct myo_log_line *said)
{
	struct line line = { .used = 0 };

	add(&line, "%lld", (long long)said->step);
	add_share(&line, said->epoch);
	add(&line, "\t%lld\t%.6g", (long long)said->rows, said->rate);
	if (isnan(said->loss))
		add(&line, "\tNA");
	else
		add(&line, "\t%.6f", said->loss);
	add_share(&line, said->accuracy);
	add(&line, "\t%.2f", said->seconds);
	for (size_t i = 0; i < log->validations; i++)
		add_share(&line, said->validation[i]);
	add(&line, "\n");
	put(log, &line);
}

int
myo_log_close(struct myo_log *log, struct myo_err *err)
{
	int rc = MYO_OK;

	if (log == NULL)
		return MYO_OK;
	if (log->failed)
		rc = myo_fail(err, "%s: the log can't be written: %s", log->path, log->why.text);
	if (close(log->fd) != 0 && rc == MYO_OK)
		rc = myo_fail_errno(err, "%s: the log can't be written", log->path);
	free(log->path);
	free(log);
	return rc;
}
