/* Options from a table, which is used for parsing, checking, --help, recipes and histories. */
#include "cli/private.h"

#include <assert.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cli_state cli;

/* What getopt_long() returns for a long option: SET or UNSET plus its row, or one of those that all tables have. */
enum { MAX_OPTIONS = 64 };
enum { SET = 256, UNSET = SET + MAX_OPTIONS, COMMON = UNSET + MAX_OPTIONS,
	COMMON_HELP = COMMON, COMMON_VERSION, COMMON_QUIET, COMMON_VERBOSE, COMMON_RECIPE, COMMON_SHOW };

/*
 * A standard descriptor that is closed would be the next that open() returns, so that messages might go into a log.
 * So /dev/null takes its place: opened such that reading standard input and writing standard output fail, as if they
 * were closed; messages go nowhere.
 */
static void
fill_gaps(void)
{
	static const int modes[] = { [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY,
		[STDERR_FILENO] = O_WRONLY };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			return;
}

void
myo_cli_start(const struct myo_program *program, int argc, char **argv)
{
	static char line[BUFSIZ];

	fill_gaps();
	(void)setvbuf(stderr, line, _IOLBF, sizeof line); /* so that lines of several programs don't mix */
	cli = (struct cli_state){ .program = program, .argc = argc, .argv = argv, .operands = argc };
	/* a file that exceeds the size limit is an error of write(), like a full disk */
	(void)signal(SIGXFSZ, SIG_IGN);
	cli_catch_bus();
}

static _Noreturn void wrong_recipe(const char *format, va_list args) MYO_PRINTF(1, 0);

static _Noreturn void
wrong_recipe(const char *format, va_list args)
{
	struct myo_err err = MYO_ERR_INIT;
	char text[sizeof err.text];

	(void)vsnprintf(text, sizeof text, format, args);
	cli_expect_stream();
	exit(myo_cli_leave(myo_fail(&err, "%s:%d: %s", cli.recipe, cli.line, text), NULL, &err));
}

void
myo_cli_usage(const char *format, ...)
{
	struct myo_err err = MYO_ERR_INIT;
	char text[4096];
	va_list args;

	va_start(args, format);
	if (cli.recipe != NULL)
		wrong_recipe(format, args);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	cli_end_line();
	(void)fprintf(stderr, "%s: ", cli.program->name);
	myo_put_text(stderr, text);
	(void)fprintf(stderr, "; try %s --help\n", cli.program->name);
	cli_expect_stream();
	if (cli.stream) {
		(void)myo_fail(&err, "%s", text);
		(void)signal(SIGPIPE, SIG_IGN); /* exit with 2, even if nobody reads the stream */
		myo_stream_fail(STDOUT_FILENO, cli.program->name, &err);
	}
	exit(2);
}

/* Exit after printing what was asked for: with 0 only if all of it was written. */
static _Noreturn void
exit_printed(int rc, const struct myo_err *err)
{
	exit(myo_cli_leave(rc, NULL, err));
}

/* ---- tables ------------------------------------------------------------------------------- */

/* The tables of getopt_long, made from ours, and the defaults. */
struct parser {
	const struct myo_opt *options;
	struct option longs[2 * MAX_OPTIONS + 7];
	char shorts[2 * MAX_OPTIONS + 8];
	int rows[UCHAR_MAX + 1];       /* of a letter; -1: none */
	int beside;                    /* rows from this one on are left out of the history */
	char no_names[MAX_OPTIONS][40]; /* "no-flip" */
	unsigned char defaults[MAX_OPTIONS][CLI_VALUE_SIZE];
};

static void
add_common(struct option *longs)
{
	size_t n = 0;

	longs[n++] = (struct option){ "help", no_argument, NULL, COMMON_HELP };
	longs[n++] = (struct option){ "version", no_argument, NULL, COMMON_VERSION };
	longs[n++] = (struct option){ "quiet", no_argument, NULL, COMMON_QUIET };
	longs[n++] = (struct option){ "verbose", no_argument, NULL, COMMON_VERBOSE };
	if (cli_recipe_serves(cli.program->name)) {
		longs[n++] = (struct option){ "recipe", required_argument, NULL, COMMON_RECIPE };
		longs[n++] = (struct option){ "show-recipe", required_argument, NULL, COMMON_SHOW };
	}
}

static void
make_parser(const struct myo_opt *options, struct parser *p)
{
	size_t longs = 0, shorts = 0;

	memset(p, 0, sizeof *p);
	p->options = options;
	p->beside = INT_MAX;
	for (size_t i = 0; i < MYO_COUNT(p->rows); i++)
		p->rows[i] = -1;
	p->shorts[shorts++] = ':'; /* report a missing value by ':', not as an unknown option */
	for (int row = 0; options[row].kind != MYO_OPT_END; row++) {
		const struct myo_opt *o = &options[row];
		const int has_value = o->kind == MYO_OPT_FLAG ? no_argument : required_argument;
		assert(row < MAX_OPTIONS);
		if (o->kind == MYO_OPT_BESIDE) {
			p->beside = row;
			continue;
		}
		cli_keep(o, p->defaults[row]);
		(void)snprintf(p->no_names[row], sizeof p->no_names[row], "no-%s", o->name);
		p->longs[longs++] = (struct option){ o->name, has_value, NULL, SET + row };
		p->longs[longs++] = (struct option){ p->no_names[row], no_argument, NULL, UNSET + row };
		if (o->letter != 0) {
			p->shorts[shorts++] = o->letter;
			if (has_value == required_argument)
				p->shorts[shorts++] = ':';
			p->rows[(unsigned char)o->letter] = row;
		}
	}
	add_common(p->longs + longs);
	memcpy(p->shorts + shorts, "hVqv", 5);
}

/* ---- parsing ------------------------------------------------------------------------------ */

static void
set_row(const struct parser *p, int row)
{
	cli_set(&p->options[row], optarg);
	if (row < p->beside)
		cli_note_set(&p->options[row], optarg);
}

static void
unset_row(const struct parser *p, int row)
{
	const struct myo_opt *o = &p->options[row];
	bool by_default = false;

	if (o->kind == MYO_OPT_FLAG)
		memcpy(&by_default, p->defaults[row], sizeof by_default);
	cli_give_back(o, p->defaults[row]);
	if (row < p->beside)
		cli_note_off(o, by_default);
}

/* Report a mistake that getopt_long() found, in our own words. */
static _Noreturn void
refuse(const struct parser *p, int got, char **argv)
{
	const char *word = argv[optind - 1], *first = NULL;

	if (got == ':')
		myo_cli_usage("%s wants a value", argv[optind - 1]);
	if (optopt > 0 && optopt <= UCHAR_MAX)
		myo_cli_usage("there is no option -%c", optopt);
	if (optopt >= SET)
		myo_cli_usage("%s takes no value", argv[optind - 1]);
	for (const struct option *o = p->longs; o->name != NULL; o++) {
		if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, o->name, strcspn(word + 2, "=")) != 0)
			continue;
		if (first != NULL)
			myo_cli_usage("%s may be --%s or --%s: write it out", word, first, o->name);
		first = o->name;
	}
	myo_cli_usage("there is no option %s", word);
}

static void
take_option(const struct parser *p, int got, char **argv)
{
	const struct myo_err none = MYO_ERR_INIT;

	switch (got) {
	case 'h': case COMMON_HELP:
		cli_print_help(p->options);
		exit_printed(MYO_OK, &none);
	case 'V': case COMMON_VERSION:
		(void)printf("%s (myopic) %s\n", cli.program->name, PACKAGE_VERSION);
		exit_printed(MYO_OK, &none);
	case 'q': case COMMON_QUIET:
		cli.quiet = true;
		return;
	case 'v': case COMMON_VERBOSE:
		cli.verbose = true;
		return;
	case COMMON_RECIPE: /* handled before all others */
		return;
	case ':': case '?':
		refuse(p, got, argv);
	default:
		if (got >= UNSET)
			unset_row(p, got - UNSET);
		else
			set_row(p, got >= SET ? got - SET : p->rows[(unsigned char)got]);
	}
}

/* ---- recipes -------------------------------------------------------------------------------- */

/*
 * The argument of --recipe, or NULL. Without an argument --recipe lists all recipes and exits, and --show-recipe shows
 * one and exits. Other options, and mistakes, are handled later.
 */
static const char *
look_for_recipe(const struct parser *p)
{
	struct myo_err err = MYO_ERR_INIT;
	const char *name = NULL;
	int got;

	while ((got = getopt_long(cli.argc, cli.argv, p->shorts, p->longs, NULL)) != -1) {
		if (got == COMMON_SHOW)
			exit_printed(cli_recipe_show(optarg, &err), &err);
		if ((got == ':' && optopt == COMMON_RECIPE) || (got == COMMON_RECIPE && optarg[0] == '-'))
			exit_printed(cli_recipe_list(&err), &err);
		if (got == COMMON_RECIPE && name != NULL)
			myo_cli_usage("--recipe: there can be only one, and here are '%s' and '%s'", name, optarg);
		if (got == COMMON_RECIPE)
			name = optarg;
	}
	optind = 0; /* makes getopt_long() start again */
	return name;
}

static void
take_recipe(struct parser *p, const char *name)
{
	static struct cli_recipe recipe; /* values of options point into it */
	struct myo_err err = MYO_ERR_INIT;
	char shorts[sizeof p->shorts + 1];
	int got;

	if (cli_recipe_read(name, cli.program->name, &recipe, &err) != MYO_OK) {
		cli_expect_stream();
		exit(myo_cli_leave(MYO_FAIL, NULL, &err));
	}
	(void)snprintf(shorts, sizeof shorts, "+%s", p->shorts); /* "+": stop at the first operand */
	cli.recipe = recipe.file;
	while ((got = getopt_long(recipe.count, recipe.words, shorts, p->longs, NULL)) != -1) {
		cli.line = recipe.lines[optind - 1];
		if (got >= COMMON || (got < SET && strchr("hVqv", got) != NULL))
			myo_cli_usage("%s is not for recipes", recipe.words[optind - 1]);
		take_option(p, got, recipe.words);
	}
	if (optind < recipe.count) {
		cli.line = recipe.lines[optind];
		myo_cli_usage("'%s' is no option: a line holds a program and its options, nothing else",
		    recipe.words[optind]);
	}
	cli.recipe = NULL;
	optind = 0;
}

int
myo_cli_parse(const struct myo_opt *options, int min, int max)
{
	struct parser parser;
	int got;

	make_parser(options, &parser);
	opterr = 0;
	const char *recipe = look_for_recipe(&parser);
	if (recipe != NULL)
		take_recipe(&parser, recipe);
	while ((got = getopt_long(cli.argc, cli.argv, parser.shorts, parser.longs, NULL)) != -1)
		take_option(&parser, got, cli.argv);

	const int operands = cli.argc - optind;
	if (operands < min)
		myo_cli_usage("something is missing: %s %s", cli.program->name, cli.program->usage);
	if (max == 0 && operands > 0 && strchr(cli.program->usage, '<') != NULL)
		myo_cli_usage("'%s' is one too many: what is read comes from standard input, as in %s < %s",
		    cli.argv[optind], cli.program->name, cli.argv[optind]);
	if (max >= 0 && operands > max)
		myo_cli_usage("'%s' is one too many", cli.argv[optind + max]);
	cli.operands = optind;
	return optind;
}
