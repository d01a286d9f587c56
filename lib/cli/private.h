/* private.h - what the files of the cli room know of each other. */
#ifndef MYO_CLI_PRIVATE_H
#define MYO_CLI_PRIVATE_H

#include "cli/cli.h"

struct cli_state {
	const struct myo_program *program;
	int argc;
	char **argv;
	int operands; /* where they begin in argv */
	bool quiet, verbose;
	bool stream; /* standard output is one */
	bool line_open; /* a progress line stands unfinished on the terminal */
	const char *recipe; /* the file that the option in hand comes from; NULL: the command line */
	int line;           /* in that file */
};

extern struct cli_state cli;

/* End an unfinished progress line, so that a message starts on a line of its own. */
void cli_end_line(void);

/*
 * The command line or its recipe is wrong: whoever is going to read a stream learns it, though parse() has not come to
 * its end.
 */
void cli_expect_stream(void);

/* A mapped file that becomes shorter than it was is an error with a line of its own. */
void cli_catch_bus(void);

/* Where a signal stopped the program: end by it. */
void cli_end_stopped(void);

/* ---- options (values.c, help.c, history.c) --------------------------------------------- */

enum { CLI_VALUE_SIZE = sizeof(struct myo_texts) }; /* no kind of option has a larger variable */

/* Give the option's variable the value that the text says. Exits on a mistake. */
void cli_set(const struct myo_opt *option, const char *text);

/* Keep what the option's variable holds, and give it back. */
void cli_keep(const struct myo_opt *option, unsigned char kept[CLI_VALUE_SIZE]);
void cli_give_back(const struct myo_opt *option, const unsigned char kept[CLI_VALUE_SIZE]);

void cli_print_help(const struct myo_opt *options);

/* For the history: an option was set (value NULL: a flag), or taken back, which is a default or not. */
void cli_note_set(const struct myo_opt *option, const char *value);
void cli_note_off(const struct myo_opt *option, bool by_default);

/* ---- recipes (recipe.c) ------------------------------------------------------------------ */

/* What a recipe has for one program. */
struct cli_recipe {
	char *file;
	char *text;   /* the words point into it */
	char **words; /* as an argv: words[0] is the program's name, NULL is behind the last */
	int *lines;   /* of each word in the file */
	int count;
};

/* Whether the program is one that recipes have lines for. */
bool cli_recipe_serves(const char *program);

/* Find and read a recipe, by name or as a file. It must have a line for the program. */
MYO_MUST_USE int cli_recipe_read(const char *name, const char *program, struct cli_recipe *recipe, struct myo_err *err);
void cli_recipe_clear(struct cli_recipe *recipe);

/* Print what there is, and one as it is. */
MYO_MUST_USE int cli_recipe_list(struct myo_err *err);
MYO_MUST_USE int cli_recipe_show(const char *name, struct myo_err *err);

#endif
