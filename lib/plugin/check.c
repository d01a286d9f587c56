/*
 * Runs the contract check in a child process that reports each point over a pipe, so that a
 * plugin that crashes, hangs, exits or writes where it may not fails a point and nothing more.
 */
#include "plugin/arch.h"
#include "plugin/contract.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POINT_SECONDS = 600, LOAD_SECONDS = 20, LINE = 200 };

/* What travels through the pipe: less than PIPE_BUF, so that it is written in one piece. */
enum what { STARTS, HOLDS, FAILS, FINISHED };
struct report {
	enum what what;
	char point[32];
	char detail[MYO_DETAIL];
};

/* ---- the child ------------------------------------------------------------------------ */

static const int watched_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM, SIGSEGV, SIGBUS, SIGFPE,
	SIGILL, SIGABRT, SIGUSR1, SIGUSR2 };

static void
put_text(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text);
	for (char *c = to; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

static void
tell(int pipe, enum what what, const char *point, const char *detail)
{
	struct report report;

	memset(&report, 0, sizeof report);
	report.what = what;
	put_text(report.point, sizeof report.point, point);
	put_text(report.detail, sizeof report.detail, detail);
	if (myo_write_all(pipe, &report, sizeof report, NULL) != MYO_OK)
		_exit(EXIT_FAILURE); /* the parent is gone */
}

/* A crash must end the child by its signal, so handlers that a sanitizer or runtime has installed are removed. */
static void
reset_signals(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = SIG_DFL;
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < MYO_COUNT(watched_signals); i++)
		(void)sigaction(watched_signals[i], &action, NULL);
}

/* The first line of what was written to standard output and standard error; empty if nothing was. */
static int
read_captured(int captured, char *line, size_t size, struct myo_err *err)
{
	size_t got;

	line[0] = '\0';
	if (lseek(captured, 0, SEEK_SET) != 0)
		return myo_fail_errno(err, "what was written can't be read");
	if (myo_read_all(captured, line, size - 1, &got, err) != MYO_OK)
		return MYO_FAIL;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (got > 0 && line[0] == '\0')
		(void)snprintf(line, size, "(an empty line)");
	return MYO_OK;
}

static int
check_silence(int captured, struct myo_err *err)
{
	char line[LINE];

	(void)fflush(NULL);
	if (read_captured(captured, line, sizeof line, err) != MYO_OK)
		return MYO_FAIL;
	if (line[0] != '\0')
		return myo_fail(err, "writes to standard output or standard error: %s", line);
	return MYO_OK;
}

static int
check_signals(struct myo_err *err)
{
	for (size_t i = 0; i < MYO_COUNT(watched_signals); i++) {
		struct sigaction action;
		if (sigaction(watched_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			return myo_fail(
			    err, "catches signal %d (%s)", watched_signals[i], strsignal(watched_signals[i]));
	}
	return MYO_OK;
}

/* MYO_OK or MYO_FAIL; either way, the result is already reported. */
static int
run_point(int pipe, const struct contract_point *point, struct contract *contract)
{
	struct myo_err err = MYO_ERR_INIT;

	(void)alarm(POINT_SECONDS);
	tell(pipe, STARTS, point->name, "");
	contract->detail[0] = '\0';
	const int rc = point->holds(contract, &err);
	tell(pipe, rc == MYO_OK ? HOLDS : FAILS, point->name, rc == MYO_OK ? contract->detail : err.text);
	return rc;
}

static _Noreturn void
child(int pipe, const char *spec, int captured)
{
	struct contract contract;
	struct myo_arch *arch;
	struct myo_err err = MYO_ERR_INIT;

	memset(&contract, 0, sizeof contract);
	reset_signals();
	if (dup2(captured, STDOUT_FILENO) < 0 || dup2(captured, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);

	(void)alarm(POINT_SECONDS);
	tell(pipe, STARTS, "loads", "");
	if (myo_arch_new(spec, &arch, &err) != MYO_OK) {
		tell(pipe, FAILS, "loads", err.text);
		tell(pipe, FINISHED, "", "");
		_exit(EXIT_SUCCESS);
	}
	tell(pipe, HOLDS, "loads", myo_arch_file(arch));

	contract.arch = arch;
	for (size_t i = 0; i < myo_contract_points; i++)
		if (run_point(pipe, &myo_contract[i], &contract) != MYO_OK && i == 0)
			break; /* without a network that builds there is nothing to check */

	tell(pipe, STARTS, "keeps to itself", "");
	int rc = check_silence(captured, &err);
	if (rc == MYO_OK)
		rc = check_signals(&err);
	if (rc == MYO_OK)
		tell(pipe, HOLDS, "keeps to itself", "no output, no signal handlers");
	else
		tell(pipe, FAILS, "keeps to itself", err.text);
	tell(pipe, FINISHED, "", "");
	_exit(EXIT_SUCCESS); /* without atexit handlers, which are the parent's */
}

/* ---- the parent ------------------------------------------------------------------------- */

/* How a child ended that did not finish the points, and the first line that it wrote. */
static void
describe_end(int status, int captured, char *to, size_t size)
{
	char line[LINE];
	int used;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		used = snprintf(to, size, "did not come to an end in %d seconds", POINT_SECONDS);
	else if (WIFSIGNALED(status))
		used = snprintf(to, size, "crashed: signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		used = snprintf(to, size, "ended the process with status %d; a plugin must never exit",
		    WEXITSTATUS(status));
	if (used > 0 && (size_t)used < size && read_captured(captured, line, sizeof line, NULL) == MYO_OK &&
	    line[0] != '\0')
		(void)snprintf(to + used, size - (size_t)used, "; it wrote: %s", line);
}

static int
wait_for(pid_t pid, int *status, struct myo_err *err)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return myo_fail_errno(err, "the check's process can't be waited for");
	return MYO_OK;
}

/*
 * Whether there is more to read. Ends when the child has ended, not at the end of the pipe: processes that a plugin
 * started may live on and hold it open.
 */
static bool
goes_on(int pipe, pid_t pid)
{
	struct pollfd ready = { .fd = pipe, .events = POLLIN };
	siginfo_t ended = { .si_pid = 0 };

	for (;;) {
		const int n = poll(&ready, 1, 200);
		if (n > 0 || (n < 0 && errno != EINTR))
			return true; /* to be read, or to fail */
		if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid)
			return poll(&ready, 1, 0) > 0;
	}
}

static int
collect(int pipe, int captured, pid_t pid, myo_check_report *report, void *context, struct myo_err *err)
{
	struct report last = { STARTS, "loads", "" };
	size_t got, failed = 0, points = 0;
	int status, rc = MYO_OK;

	while (last.what != FINISHED && goes_on(pipe, pid)) {
		struct report next;
		rc = myo_read_all(pipe, &next, sizeof next, &got, err);
		if (rc != MYO_OK || got < sizeof next)
			break;
		last = next;
		if (last.what == HOLDS || last.what == FAILS) {
			points++;
			failed += last.what == FAILS;
			report(context, last.point, last.what == HOLDS, last.detail);
		}
	}
	if (wait_for(pid, &status, err) != MYO_OK || rc != MYO_OK)
		return MYO_FAIL;
	if (last.what != FINISHED) {
		describe_end(status, captured, last.detail, sizeof last.detail);
		report(context, last.point, false, last.detail);
		points++;
		failed++;
	}
	if (failed > 0)
		return myo_fail(err, "%zu of %zu points of the contract fail", failed, points);
	return MYO_OK;
}

/* Loads a plugin with its output discarded, and under a time limit. */
static _Noreturn void
try_child(const char *file)
{
	const struct myo_plugin *plugin;
	const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	reset_signals();
	(void)alarm(LOAD_SECONDS);
	if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0 || dup2(nowhere, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	const int rc = myo_plugin_load(file, &plugin, NULL);
	(void)rc; /* if it fails, the parent loads it again and learns why */
	_exit(EXIT_SUCCESS);
}

int
plugin_try(const char *file, struct myo_err *err)
{
	int status;

	(void)fflush(stdout);
	(void)fflush(stderr);
	const pid_t pid = fork();
	if (pid == 0)
		try_child(file);
	if (pid < 0)
		return myo_fail_errno(err, "%s: no process to load it in", file);
	if (wait_for(pid, &status, err) != MYO_OK)
		return MYO_FAIL;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return myo_fail(err, "%s: isn't loaded after %d seconds", file, LOAD_SECONDS);
	if (WIFSIGNALED(status))
		return myo_fail(err, "%s: crashes when it is loaded: signal %d (%s)", file, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != EXIT_SUCCESS)
		return myo_fail(err, "%s: ends the process when it is loaded, with status %d", file, WEXITSTATUS(status));
	return MYO_OK;
}

int
myo_arch_check(const char *spec, myo_check_report *report, void *context, struct myo_err *err)
{
	int ends[2];

	const int captured = memfd_create("myopic", MFD_CLOEXEC);
	if (captured < 0)
		return myo_fail_errno(err, "no memory for what a plugin writes");
	if (pipe(ends) != 0) {
		(void)myo_fail_errno(err, "no pipe to the check's process");
		(void)close(captured);
		return MYO_FAIL;
	}
	/* Otherwise the child could write our buffered output a second time. */
	(void)fflush(stdout);
	(void)fflush(stderr);
	const pid_t pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		child(ends[1], spec, captured);
	}
	int rc;
	(void)close(ends[1]);
	if (pid < 0)
		rc = myo_fail_errno(err, "no process for the check");
	else
		rc = collect(ends[0], captured, pid, report, context, err);
	(void)close(ends[0]);
	(void)close(captured);
	return rc;
}
