/* private.h - what the files of the cli room share. */
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
	bool line_open; /* there is an unfinished progress line on the terminal */
	const char *recipe; /* the file that the current option comes from; NULL: the command line */
	int line;           /* in that file */
};

extern struct cli_state cli;

/* End an unfinished progress line, so that a message starts on a line of its own. */
void cli_end_line(void);

/*
 * The command line or a recipe is wrong: report it to the reader of the stream that standard output was going to be,
 * though parse() has not declared it yet.
 */
void cli_expect_stream(void);

/* Catch SIGBUS: a mapped file that was truncated is an error with a line of its own. */
void cli_catch_bus(void);

/* If a signal stopped the program, end by that signal. */
void cli_end_stopped(void);

/* ---- options (values.c, help.c, history.c) --------------------------------------------- */

enum { CLI_VALUE_SIZE = sizeof(struct myo_texts) }; /* no kind of option has a larger variable */

/* Set the option's variable from text. Exits on a mistake. */
void cli_set(const struct myo_opt *option, const char *text);

/* Save an option's value as its default; and for --no-NAME restore that, but turn a flag off and empty a list. */
void cli_keep(const struct myo_opt *option, unsigned char kept[CLI_VALUE_SIZE]);
void cli_give_back(const struct myo_opt *option, const unsigned char kept[CLI_VALUE_SIZE]);

void cli_print_help(const struct myo_opt *options);

/* For the history: an option was set (value NULL: a flag); or reset (by_default: of a flag whose default is on). */
void cli_note_set(const struct myo_opt *option, const char *value);
void cli_note_off(const struct myo_opt *option, bool by_default);

/* ---- recipes (recipe.c) ------------------------------------------------------------------ */

/* What a recipe has for one program. */
struct cli_recipe {
	char *file;
	char *text;   /* the words point into it */
	char **words; /* like argv: words[0] is the program's name, and NULL follows the last one */
	int *lines;   /* the line of each word in the file */
	int count;
};

/* Whether recipes may have lines for the program. */
bool cli_recipe_serves(const char *program);

/* Find a recipe, by name or as a file, and read it. It must have a line for the program. */
MYO_MUST_USE int cli_recipe_read(const char *name, const char *program, struct cli_recipe *recipe, struct myo_err *err);
void cli_recipe_clear(struct cli_recipe *recipe);

/* Print a list of all recipes; print one as it is in its file. */
MYO_MUST_USE int cli_recipe_list(struct myo_err *err);
MYO_MUST_USE int cli_recipe_show(const char *name, struct myo_err *err);

#endif
