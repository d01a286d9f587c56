/* SIGINT and SIGTERM as a flag. */
#include "cli/private.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

static const int signals[] = { SIGINT, SIGTERM };

static atomic_int stopped;                              /* the signal that did it */
static volatile sig_atomic_t caught[MYO_COUNT(signals)]; /* whether that one is */

/* The next one ends the program, whichever it is, even if two threads are given one each at the same time. */
static void
note_stop(int number)
{
	const int before = atomic_exchange(&stopped, number);

	for (size_t i = 0; i < MYO_COUNT(signals); i++)
		if (caught[i])
			(void)signal(signals[i], SIG_DFL);
	if (before != 0)
		(void)raise(number); /* which waits until this returns */
}

void
myo_cli_catch_stop(void)
{
	struct sigaction action, before;

	memset(&action, 0, sizeof action);
	action.sa_handler = note_stop;
	action.sa_flags = SA_RESTART;
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < MYO_COUNT(signals); i++)
		(void)sigaddset(&action.sa_mask, signals[i]); /* one that comes at the same time is the second */
	for (size_t i = 0; i < MYO_COUNT(signals); i++) {
		/*
		 * Whoever started the program so that it ignores a signal, as a shell does for what runs in the
		 * background, meant it.
		 */
		caught[i] = sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN;
		if (caught[i])
			(void)sigaction(signals[i], &action, NULL);
	}
	/* Whoever reads the log may go; the work is worth more than the log, and the failed write is reported. */
	(void)signal(SIGPIPE, SIG_IGN);
}

bool
myo_cli_stopped(void)
{
	return atomic_load(&stopped) != 0;
}

void
cli_end_stopped(void)
{
	const int number = atomic_load(&stopped);

	if (number == 0)
		return;
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}
