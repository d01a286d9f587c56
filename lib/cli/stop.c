/* SIGINT and SIGTERM as a flag. */
#include "cli/private.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t stopped; /* the signal that did it */

static void
note_stop(int number)
{
	stopped = number;
}

/* Whoever started the program so that it ignores a signal, as a shell does for what runs in the background, meant it. */
static void
catch_signal(int number, const struct sigaction *action)
{
	struct sigaction before;

	if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		(void)sigaction(number, action, NULL);
}

void
myo_cli_catch_stop(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = note_stop;
	action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
	(void)sigemptyset(&action.sa_mask);
	catch_signal(SIGINT, &action);
	catch_signal(SIGTERM, &action);
	/* Whoever reads the log may go; the work is worth more than the log, and the failed write is reported. */
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &action, NULL);
}

bool
myo_cli_stopped(void)
{
	return stopped != 0;
}

void
cli_end_stopped(void)
{
	if (stopped == 0)
		return;
	(void)signal(stopped, SIG_DFL);
	(void)raise(stopped);
}
