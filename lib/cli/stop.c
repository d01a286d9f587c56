/* SIGINT and SIGTERM as a flag; SIGBUS as an error. */
#include "cli/private.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM };

static atomic_int stopped;                              /* the signal that stopped the program, or 0 */
static volatile sig_atomic_t caught[MYO_COUNT(signals)]; /* whether each of the signals is caught */

/* The next signal ends the program, whichever it is, even if two threads receive one each at the same time. */
static void
note_stop(int number)
{
	const int before = atomic_exchange(&stopped, number);

	for (size_t i = 0; i < MYO_COUNT(signals); i++)
		if (caught[i])
			(void)signal(signals[i], SIG_DFL);
	if (before != 0)
		(void)raise(number); /* delivered when this handler returns */
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
		(void)sigaddset(&action.sa_mask, signals[i]); /* so that signals are handled one after the other */
	for (size_t i = 0; i < MYO_COUNT(signals); i++) {
		/* A signal that was ignored from the start, as for background jobs of a shell, stays ignored. */
		caught[i] = sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN;
		if (caught[i])
			(void)sigaction(signals[i], &action, NULL);
	}
	/* If the reader of a log goes away, the work goes on; the failed write is reported in the end. */
	(void)signal(SIGPIPE, SIG_IGN);
}

/* The stream then has no end record, by which its reader sees that it was cut off. */
static void
end_by_bus(int number)
{
	static const char text[] = ": a file that is being read became shorter, or its disk fails: begin again, and leave it alone meanwhile\n";
	const char *name = cli.program->name;

	(void)number;
	const bool said = write(STDERR_FILENO, name, strlen(name)) > 0 &&
	    write(STDERR_FILENO, text, sizeof text - 1) > 0;
	(void)said; /* if writing fails, nothing more can be done */
	_exit(1);
}

void
cli_catch_bus(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = end_by_bus;
	action.sa_flags = (int)SA_RESETHAND;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL);
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
