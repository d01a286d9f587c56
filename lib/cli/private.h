/* private.h - what the files of the cli room know of each other. */
#ifndef MYO_CLI_PRIVATE_H
#define MYO_CLI_PRIVATE_H

#include "cli/cli.h"

struct cli_state {
	const struct myo_program *program;
	int argc;
	char **argv;
	bool quiet, verbose;
	bool line_open; /* a progress line stands unfinished on the terminal */
};

extern struct cli_state cli;

/* End an unfinished progress line, so that a message starts on a line of its own. */
void cli_end_line(void);

#endif
