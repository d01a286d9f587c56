/* SIGINT and SIGTERM as a flag. */
#include "cli/cli.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t stopped;

static void
note_stop(int number)
{
	(void)number;
	stopped = 1;
}

void
myo_cli_catch_stop(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = note_stop;
	action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	/* Whoever reads the log may go; the work is worth more than the log, and the failed write is reported. */
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &action, NULL);
}

bool
myo_cli_stopped(void)
{
	return stopped != 0;
}
