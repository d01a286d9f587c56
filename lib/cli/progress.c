/*
 * Progress: a line that is redrawn on a terminal, plain lines at growing intervals elsewhere.
 * A program in the middle of a pipe shows nothing unless --verbose, so that the programs of a
 * pipeline don't overwrite each other's line.
 */
#include "cli/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct myo_progress {
	char *what;
	int64_t total, done, from;
	double start, last, interval;
	bool terminal, silent, drawn;
};

void
cli_end_line(void)
{
	if (cli.line_open)
		(void)fputs("\r\033[K", stderr);
	cli.line_open = false;
}

static bool
feeds_a_pipe(void)
{
	struct stat status;

	return fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
}

int
myo_progress_new(const char *what, int64_t total, struct myo_progress **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_progress *p = myo_calloc(1, sizeof *p, err);
	if (p == NULL)
		return MYO_FAIL;
	p->what = myo_strdup(what, err);
	if (p->what == NULL) {
		free(p);
		return MYO_FAIL;
	}
	p->total = total;
	p->terminal = isatty(STDERR_FILENO) != 0;
	p->silent = cli.quiet || (feeds_a_pipe() && !cli.verbose);
	p->start = p->last = myo_now();
	p->interval = p->terminal ? 0.2 : 10;
	*out = p;
	return MYO_OK;
}

static void
print_duration(char *text, size_t size, double seconds)
{
	const long s = (long)(seconds + 0.5);

	if (s >= 3600)
		(void)snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
	else
		(void)snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
}

/* "myopic-sample: 12800 of 100000 patches (12%), 431/s, 3:22 left, loss 1.43" */
static void
describe(const struct myo_progress *p, const char *note, char *line, size_t size)
{
	const double elapsed = p->last - p->start;
	const double rate = elapsed > 0 ? (double)(p->done - p->from) / elapsed : 0;
	char duration[32];
	size_t used;

	if (p->total > 0)
		used = (size_t)snprintf(line, size, "%s: %lld of %lld %s (%d%%)", cli.program->name, (long long)p->done,
		    (long long)p->total, p->what, (int)(100 * p->done / p->total));
	else
		used = (size_t)snprintf(line, size, "%s: %lld %s", cli.program->name, (long long)p->done, p->what);
	if (rate > 0 && used < size)
		used += (size_t)snprintf(line + used, size - used, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
	if (rate > 0 && p->total > p->done && used < size) {
		print_duration(duration, sizeof duration, (double)(p->total - p->done) / rate);
		used += (size_t)snprintf(line + used, size - used, ", %s left", duration);
	}
	if (note != NULL && used < size)
		(void)snprintf(line + used, size - used, ", %s", note);
}

/*
 * How many characters fit on a line of the terminal at present, without the last column, after which some terminals
 * wrap.
 */
static size_t
room_on_line(void)
{
	struct winsize window;

	/* TIOCGWINSZ isn't in POSIX, but everywhere. */
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col - 1U : SIZE_MAX;
}

/* Cut a text after so many characters: of a line that wraps, the first part could not be overwritten. */
static void
cut(char *text, size_t characters)
{
	bool shown;

	for (; *text != '\0' && characters > 0; characters--)
		text += myo_character(text, SIZE_MAX, &shown);
	*text = '\0';
}

static void
print_state(struct myo_progress *p, const char *note)
{
	char line[480];

	describe(p, note, line, sizeof line);
	if (p->terminal) {
		cut(line, room_on_line());
		(void)fprintf(stderr, "\r\033[K%s", line);
	} else {
		(void)fprintf(stderr, "%s\n", line);
	}
	(void)fflush(stderr);
	cli.line_open = p->terminal;
	p->drawn = true;
}

void
myo_progress_from(struct myo_progress *progress, int64_t done)
{
	progress->from = done;
}

void
myo_progress_total(struct myo_progress *progress, int64_t total)
{
	progress->total = total;
}

void
myo_progress_at(struct myo_progress *progress, int64_t done, const char *note)
{
	enum { SLOWEST = 300 };

	progress->done = done;
	if (progress->silent)
		return;
	const double t = myo_now();
	if (t - progress->last < progress->interval)
		return;
	progress->last = t;
	print_state(progress, note);
	if (!progress->terminal && progress->interval < SLOWEST)
		progress->interval *= 1.5;
}

void
myo_progress_free(struct myo_progress *progress)
{
	if (progress == NULL)
		return;
	cli_end_line();
	free(progress->what);
	free(progress);
}
