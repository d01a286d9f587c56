/*
 * cli.h - what the programs in bin/ share: options from a table, messages, progress, leaving.
 * The only room that prints and exits; only bin/ uses it.
 *
 * A program's main() has the same shape everywhere: name, parse, open, work, report, leave.
 */
#ifndef MYO_CLI_H
#define MYO_CLI_H

#include "base/base.h"
#include "stream/stream.h"

#include <stdio.h>

/* ---- the program -------------------------------------------------------------------- */

/*
 * summary   one line without a full stop: what the program does
 * usage     what follows the options: "< images > patches", "[FILE]"
 * notes     closing paragraph of the help, or NULL
 * streams   whatever it is told, standard output is a stream, but for what --help and the like print: whoever reads it
 *           learns of a wrong command line, too
 */
struct myo_program {
	const char *name; /* "myopic-sample" */
	const char *summary;
	const char *usage;
	const char *notes;
	bool streams;
};

/*
 * First thing in main(). Keeps argv for the history, and opens /dev/null in the place of a standard file that is
 * closed.
 */
void myo_cli_start(const struct myo_program *program, int argc, char **argv);

/* ---- options ------------------------------------------------------------------------ */

enum myo_opt_kind { MYO_OPT_END, MYO_OPT_BESIDE, MYO_OPT_FLAG, MYO_OPT_INT, MYO_OPT_U64, MYO_OPT_REAL,
	MYO_OPT_TEXT, MYO_OPT_BYTES, MYO_OPT_CHOICE, MYO_OPT_LIST };

struct myo_texts { /* values of an option that may be given several times; they stay as long as the program runs */
	size_t count;
	const char **items;
};

/* One row of an option table. Defaults are what the variable holds before parsing; help shows them. */
struct myo_opt {
	enum myo_opt_kind kind;
	char letter; /* 0: long form only */
	const char *name;
	const char *value; /* what the help calls the argument: "N", "FILE" */
	const char *help;  /* one line without a full stop */
	void *to;
	double min, max;
	const char *const *choices; /* NULL-terminated; *(int *)to is the index */
};

/* The macros check the variable's type. A NULL text or a real NAN default is shown as no default. */
#define MYO_TYPED(type, pointer) ((void)sizeof((pointer) == (type *)0), (void *)(pointer))
#define MYO_FLAG(l, n, to, help) { MYO_OPT_FLAG, l, n, NULL, help, MYO_TYPED(bool, to), 0, 1, NULL }
#define MYO_INT(l, n, v, to, min, max, help) { MYO_OPT_INT, l, n, v, help, MYO_TYPED(long, to), min, max, NULL }
#define MYO_U64(l, n, v, to, help) { MYO_OPT_U64, l, n, v, help, MYO_TYPED(uint64_t, to), 0, 0, NULL }
#define MYO_REAL(l, n, v, to, min, max, help) { MYO_OPT_REAL, l, n, v, help, MYO_TYPED(double, to), min, max, NULL }
#define MYO_TEXT(l, n, v, to, help) { MYO_OPT_TEXT, l, n, v, help, MYO_TYPED(const char *, to), 0, 0, NULL }
/* A size in bytes: 512, 64K, 100M, 2G. */
#define MYO_BYTES(l, n, v, to, help) { MYO_OPT_BYTES, l, n, v, help, MYO_TYPED(size_t, to), 0, 0, NULL }
#define MYO_CHOICE(l, n, v, to, names, help) { MYO_OPT_CHOICE, l, n, v, help, MYO_TYPED(int, to), 0, 0, names }
#define MYO_LIST(l, n, v, to, help) { MYO_OPT_LIST, l, n, v, help, MYO_TYPED(struct myo_texts, to), 0, 0, NULL }
/* Stands between rows: those behind it (threads, logs) don't change the result, so histories leave them out. */
#define MYO_OPTIONS_BESIDE { MYO_OPT_BESIDE, 0, NULL, NULL, NULL, NULL, 0, 0, NULL }
#define MYO_OPTIONS_END { MYO_OPT_END, 0, NULL, NULL, NULL, NULL, 0, 0, NULL }

/*
 * Parse the command line. --help, --version, --quiet and --verbose are added to every table, and --no-NAME for
 * every option: a flag is off, another option has its default again, of a list nothing is left. Programs that
 * recipes have lines for (recipe.c) take --recipe and --show-recipe; a recipe's options come before the command line's.
 * Prints help, version or recipes and exits 0; exits 2 with one line on a mistake, 1 where a recipe is wrong.
 * Operands: at least min, at most max (-1: any number); returns where they start in argv.
 */
int myo_cli_parse(const struct myo_opt *options, int min, int max);

/*
 * "myopic-x: text; try --help", exit 2: for mistakes that the table can't see. Whoever reads a stream of the program
 * learns it, too.
 */
_Noreturn void myo_cli_usage(const char *format, ...) MYO_PRINTF(1, 2);

/*
 * Add this program's own command to a history: the options in force that change the result, whether they come from
 * a recipe or the command line, by their long names, then the operands; and the files of myo_cli_reads(). After
 * myo_cli_parse().
 */
MYO_MUST_USE int myo_cli_history(json_t **history, struct myo_err *err);

/*
 * Exits where a history couldn't hold what the program was told: before the work. Programs that write streams needn't
 * ask.
 */
void myo_cli_check_words(void);

/*
 * From now on histories say that the option had this value, whatever was given: where a repetition needs it for the
 * same result. The text is borrowed for good.
 */
void myo_cli_settle(const char *name, const char *value);

/* The same options, each by itself: an object of strings, "--lr": "0.2"; the caller's. */
MYO_MUST_USE int myo_cli_options(json_t **out, struct myo_err *err);

/* From now on histories say that this program reads that file, too, and how it was made. Both are borrowed for good. */
MYO_MUST_USE int myo_cli_reads(const char *path, const struct myo_header *header, struct myo_err *err);

/* ---- messages ----------------------------------------------------------------------- */

void myo_say(const char *format, ...) MYO_PRINTF(1, 2);     /* what was done; not with --quiet */
void myo_detail(const char *format, ...) MYO_PRINTF(1, 2);  /* only with --verbose */
void myo_warn(const char *format, ...) MYO_PRINTF(1, 2);    /* a warning, always */
void myo_complain(const struct myo_err *err);               /* "program: text", or of the upstream program */

/* ---- progress ------------------------------------------------------------------------ */

/*
 * On a terminal a line that is redrawn: done, share, rate, time left; elsewhere a plain line
 * at growing intervals. Nothing with --quiet, nor in the middle of a pipe unless --verbose.
 */
struct myo_progress;
/* total -1: unknown */
MYO_MUST_USE int myo_progress_new(const char *what, int64_t total, struct myo_progress **out, struct myo_err *err);
/* Work that goes on: so much was done before, and doesn't count in the rate. */
void myo_progress_from(struct myo_progress *progress, int64_t done);
/* The total has changed; 0 or less: unknown. */
void myo_progress_total(struct myo_progress *progress, int64_t total);
void myo_progress_at(struct myo_progress *progress, int64_t done, const char *note); /* note may be NULL */
void myo_progress_free(struct myo_progress *progress); /* ends the line */

/* ---- being stopped ---------------------------------------------------------------------- */

/*
 * From now on the first SIGINT or SIGTERM only makes myo_cli_stopped() true, for a program that
 * has something to put in order; the second one ends it. Those that are ignored stay so. When such a program has
 * failed, myo_cli_leave() ends it by the signal, so that a shell's loop around it ends, too.
 */
void myo_cli_catch_stop(void);
bool myo_cli_stopped(void);

/* ---- in and out ------------------------------------------------------------------------ */

/* Standard input as a stream; refuses a terminal with a usage message. */
MYO_MUST_USE int myo_cli_reader(struct myo_reader **out, struct myo_err *err);

/*
 * Standard output is going to be a stream, "a stream of patches": refuses a terminal, and words that no history can
 * hold, with a usage message. From now on whoever reads it learns of failures, before its first record, too. This comes
 * at the end of parse(), since what --help and the like print is text.
 */
void myo_cli_stream_out(const char *what);

/* Standard output as that stream. header->history gets this program's step first. */
MYO_MUST_USE int myo_cli_writer(struct myo_header *header, struct myo_writer **out, struct myo_err *err);

/*
 * Its end record: the history of what was read, which is complete only now (NULL: nothing was), with this program's
 * step.
 */
MYO_MUST_USE int myo_cli_end(struct myo_writer *writer, const json_t *history, struct myo_err *err);

/*
 * The end of every main(): reports *err when rc is MYO_FAIL, sends an error record down
 * `writer` (NULL: down standard output, if that is to be a stream), checks and closes standard output, returns the
 * exit status.
 */
MYO_MUST_USE int myo_cli_leave(int rc, struct myo_writer *writer, const struct myo_err *err);

#endif
