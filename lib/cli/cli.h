/*
 * cli.h - what the programs in bin/ share: options from a table, messages, progress, exiting.
 * The only room that prints and exits; only bin/ uses it.
 *
 * All main() have the same shape: start, parse, open, work, report, leave.
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
 * streams   standard output is always a stream, except for --help and the like: so a wrong command line is reported to
 *           its reader, too
 */
struct myo_program {
	const char *name; /* "myopic-sample" */
	const char *summary;
	const char *usage;
	const char *notes;
	bool streams;
};

/* The first call in main(). Keeps argv for the history, and fills standard descriptors that are closed. */
void myo_cli_start(const struct myo_program *program, int argc, char **argv);

/* ---- options ------------------------------------------------------------------------ */

enum myo_opt_kind { MYO_OPT_END, MYO_OPT_BESIDE, MYO_OPT_FLAG, MYO_OPT_INT, MYO_OPT_U64, MYO_OPT_REAL,
	MYO_OPT_TEXT, MYO_OPT_BYTES, MYO_OPT_CHOICE, MYO_OPT_LIST };

struct myo_texts { /* values of an option that may be given several times; valid as long as the program runs */
	size_t count;
	const char **items;
};

/* One row of an option table. The default is what the variable holds before parsing; help shows it. */
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
/* A separator: the rows after it (threads, logs) don't change the result, so histories leave them out. */
#define MYO_OPTIONS_BESIDE { MYO_OPT_BESIDE, 0, NULL, NULL, NULL, NULL, 0, 0, NULL }
#define MYO_OPTIONS_END { MYO_OPT_END, 0, NULL, NULL, NULL, NULL, 0, 0, NULL }

/*
 * Parse the command line. --help, --version, --quiet and --verbose are added to every table, and --no-NAME for
 * every option, which turns a flag off, empties a list, and resets any other option to its default. Programs for which
 * recipes have lines (recipe.c) take --recipe and --show-recipe; a recipe's options come before the command line's.
 * Prints help, version or recipes and exits 0; exits 2 with one line on a mistake, and 1 if a recipe is wrong.
 * Operands: at least min, at most max (-1: any number); returns where they start in argv.
 */
int myo_cli_parse(const struct myo_opt *options, int min, int max);

/*
 * Print "myopic-x: text; try --help" and exit 2: for mistakes that the table can't detect. They are reported to the
 * reader of the program's stream, too.
 */
_Noreturn void myo_cli_usage(const char *format, ...) MYO_PRINTF(1, 2);

/*
 * Add this program's own command to a history: the options in force that change the result, whether they come from
 * a recipe or the command line, by their long names, then the operands; and the files of myo_cli_reads(). After
 * myo_cli_parse().
 */
MYO_MUST_USE int myo_cli_history(json_t **history, struct myo_err *err);

/*
 * Exit if a word of the command line can't be kept in a history: to be called before the work. myo_cli_stream_out()
 * does it, too.
 */
void myo_cli_check_words(void);

/*
 * From now on histories say that the option had this value, whatever was given, if that is what a repetition needs for
 * the same result. The text must stay valid.
 */
void myo_cli_settle(const char *name, const char *value);

/* The options of myo_cli_history() as an object of strings, "--lr": "0.2", which the caller owns. */
MYO_MUST_USE int myo_cli_options(json_t **out, struct myo_err *err);

/*
 * From now on histories say that this program also reads that file, and how the file was made. Path and header must
 * stay valid.
 */
MYO_MUST_USE int myo_cli_reads(const char *path, const struct myo_header *header, struct myo_err *err);

/* ---- messages ----------------------------------------------------------------------- */

void myo_say(const char *format, ...) MYO_PRINTF(1, 2);     /* what was done; not with --quiet */
void myo_detail(const char *format, ...) MYO_PRINTF(1, 2);  /* only with --verbose */
void myo_warn(const char *format, ...) MYO_PRINTF(1, 2);    /* a warning, always */
void myo_complain(const struct myo_err *err);               /* "program: text", or of the upstream program */

/* ---- progress ------------------------------------------------------------------------ */

/*
 * On a terminal, a line that is redrawn: done, share, rate, time left; elsewhere, plain lines
 * at growing intervals. Nothing with --quiet, nor in the middle of a pipe unless --verbose.
 */
struct myo_progress;
/* total -1: unknown */
MYO_MUST_USE int myo_progress_new(const char *what, int64_t total, struct myo_progress **out, struct myo_err *err);
/* For resumed work: so much was done before, which doesn't count for the rate. */
void myo_progress_from(struct myo_progress *progress, int64_t done);
/* The total has changed; 0 or less: unknown. */
void myo_progress_total(struct myo_progress *progress, int64_t total);
void myo_progress_at(struct myo_progress *progress, int64_t done, const char *note); /* note may be NULL */
void myo_progress_free(struct myo_progress *progress); /* ends the line */

/* ---- being stopped ---------------------------------------------------------------------- */

/*
 * From now on the first SIGINT or SIGTERM only makes myo_cli_stopped() true, for a program that
 * has something to save; the second one ends it. A signal that is ignored stays ignored. When such a program then
 * fails, myo_cli_leave() ends it by the signal, so that a shell's loop around it ends, too.
 */
void myo_cli_catch_stop(void);
bool myo_cli_stopped(void);

/* ---- in and out ------------------------------------------------------------------------ */

/* Standard input as a stream; refuses a terminal with a usage message. */
MYO_MUST_USE int myo_cli_reader(struct myo_reader **out, struct myo_err *err);

/*
 * Declare that standard output is a stream, "a stream of patches": refuses a terminal, and words that can't be kept in a
 * history, with a usage message. From now on failures are reported to its reader, even before the first record. To be
 * called at the end of parse(), since --help and the like print text.
 */
void myo_cli_stream_out(const char *what);

/* Open standard output as that stream. Adds this program's step to header->history first. */
MYO_MUST_USE int myo_cli_writer(struct myo_header *header, struct myo_writer **out, struct myo_err *err);

/*
 * Write the end record, with the complete history: that of the stream that was read (NULL: none), and this program's
 * step.
 */
MYO_MUST_USE int myo_cli_end(struct myo_writer *writer, const json_t *history, struct myo_err *err);

/*
 * The end of every main(): if rc is MYO_FAIL, reports *err and writes an error record to
 * `writer` (NULL: to standard output, if that was declared to be a stream); checks and closes standard output; returns
 * the exit status.
 */
MYO_MUST_USE int myo_cli_leave(int rc, struct myo_writer *writer, const struct myo_err *err);

#endif
