/* Messages on standard error, streams on standard input and output, and exiting. */
#include "cli/private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void say(const char *label, const char *format, va_list args) MYO_PRINTF(2, 0);

/* Messages have names of files and classes in them, which may hold anything: a message is one line nonetheless. */
static void
say(const char *label, const char *format, va_list args)
{
	char text[4096];

	(void)vsnprintf(text, sizeof text, format, args);
	cli_end_line();
	(void)fprintf(stderr, "%s: %s", cli.program->name, label);
	myo_put_text(stderr, text);
	(void)fputc('\n', stderr);
}

void
myo_say(const char *format, ...)
{
	if (cli.quiet)
		return;
	va_list args;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void
myo_detail(const char *format, ...)
{
	if (!cli.verbose)
		return;
	va_list args;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void
myo_warn(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say("warning: ", format, args);
	va_end(args);
}

void
myo_complain(const struct myo_err *err)
{
	cli_end_line();
	(void)fprintf(stderr, "%s: ", cli.program->name);
	if (err->program[0] != '\0') {
		myo_put_text(stderr, err->program);
		(void)fputs(" failed upstream: ", stderr);
	}
	myo_put_text(stderr, err->text);
	(void)fputc('\n', stderr);
}

/* ---- in and out -------------------------------------------------------------------------- */

int
myo_cli_reader(struct myo_reader **out, struct myo_err *err)
{
	if (isatty(STDIN_FILENO))
		myo_cli_usage("standard input is a terminal, not a stream (%s %s)", cli.program->name,
		    cli.program->usage);
	return myo_reader_new(STDIN_FILENO, "standard input", out, err);
}

void
myo_cli_stream_out(const char *what)
{
	if (isatty(STDOUT_FILENO))
		myo_cli_usage("%s would go to the terminal: send it to a program or a file", what);
	cli.stream = true;
	myo_cli_check_words();
}

void
cli_expect_stream(void)
{
	if (cli.program->streams && !isatty(STDOUT_FILENO))
		cli.stream = true;
}

/*
 * A record is about a mebibyte, and a pipe by default a sixteenth of that: in a larger one both sides wait for each
 * other less often.
 */
static void
widen_pipe(int fd)
{
#if defined(F_SETPIPE_SZ)
	(void)fcntl(fd, F_SETPIPE_SZ, 1 << 20);
#else
	(void)fd;
#endif
}

int
myo_cli_writer(struct myo_header *header, struct myo_writer **out, struct myo_err *err)
{
	assert(cli.stream);
	*out = NULL;
	if (myo_cli_history(&header->history, err) != MYO_OK)
		return MYO_FAIL;
	widen_pipe(STDOUT_FILENO);
	return myo_writer_new(STDOUT_FILENO, "standard output", header, out, err);
}

int
myo_cli_end(struct myo_writer *writer, const json_t *history, struct myo_err *err)
{
	json_t *all = NULL;
	int rc = myo_json_copy(history, &all, err);

	if (rc == MYO_OK)
		rc = myo_cli_history(&all, err);
	if (rc == MYO_OK)
		rc = myo_writer_end(writer, all, err);
	json_decref(all);
	return rc;
}

/* ---- leaving ------------------------------------------------------------------------------ */

/* Flush and close standard output: some file systems report a full disk only on close. */
static int
close_stdout(void)
{
	struct myo_err err = MYO_ERR_INIT;

	errno = 0;
	const bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
	const int reason = errno;
	errno = 0;
	if (fclose(stdout) == 0 || errno == EBADF) { /* EBADF: it was closed from the start; see `written` */
		if (written)
			return 0;
		errno = reason;
	}
	if (errno != 0)
		(void)myo_fail_errno(&err, "standard output: can't write");
	else
		(void)myo_fail(&err, "standard output: can't write");
	myo_complain(&err);
	return 1;
}

int
myo_cli_leave(int rc, struct myo_writer *writer, const struct myo_err *err)
{
	cli_end_line();
	if (rc == MYO_FAIL) {
		if (writer != NULL || cli.stream) /* the failure must be reported even if nobody reads the stream */
			(void)signal(SIGPIPE, SIG_IGN);
		if (writer != NULL)
			myo_writer_fail(writer, cli.program->name, err);
		else if (cli.stream)
			myo_stream_fail(STDOUT_FILENO, cli.program->name, err);
		myo_complain(err);
	}
	const int closed = close_stdout();
	if (rc == MYO_FAIL)
		cli_end_stopped();
	return rc == MYO_FAIL || closed != 0 ? 1 : 0;
}
