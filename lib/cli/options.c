/* Options from a table: one description serves parsing, checking and --help. */
#include "cli/private.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cli_state cli;

enum { MAX_OPTIONS = 64, HELP_COLUMN = 26, COMMON = 256 };
enum common { COMMON_HELP = COMMON + MAX_OPTIONS, COMMON_VERSION, COMMON_QUIET, COMMON_VERBOSE };

void
myo_cli_start(const struct myo_program *program, int argc, char **argv)
{
	cli = (struct cli_state){ .program = program, .argc = argc, .argv = argv };
}

void
myo_cli_usage(const char *format, ...)
{
	va_list args;

	cli_end_line();
	(void)fprintf(stderr, "%s: ", cli.program->name);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "; try %s --help\n", cli.program->name);
	exit(2);
}

/* ---- help ----------------------------------------------------------------------------- */

static void
print_bytes(char *text, size_t size, size_t bytes)
{
	static const char units[] = "KMGT";
	int unit = -1;

	while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < (int)sizeof units - 1) {
		bytes /= 1024;
		unit++;
	}
	(void)snprintf(text, size, unit < 0 ? "%zu" : "%zu%c", bytes, unit < 0 ? 0 : units[unit]);
}

/* The default as help shows it; empty when there is none worth showing. */
static void
default_text(const struct myo_opt *option, char *text, size_t size)
{
	text[0] = '\0';
	switch (option->kind) {
	case MYO_OPT_INT:
		(void)snprintf(text, size, "%ld", *(long *)option->to);
		break;
	case MYO_OPT_U64:
		(void)snprintf(text, size, "%llu", (unsigned long long)*(uint64_t *)option->to);
		break;
	case MYO_OPT_REAL:
		if (!isnan(*(double *)option->to))
			(void)snprintf(text, size, "%g", *(double *)option->to);
		break;
	case MYO_OPT_TEXT:
		if (*(const char **)option->to != NULL)
			(void)snprintf(text, size, "%s", *(const char **)option->to);
		break;
	case MYO_OPT_BYTES:
		print_bytes(text, size, *(size_t *)option->to);
		break;
	case MYO_OPT_CHOICE:
		(void)snprintf(text, size, "%s", option->choices[*(int *)option->to]);
		break;
	case MYO_OPT_END:
	case MYO_OPT_FLAG:
	case MYO_OPT_LIST:
		break;
	}
}

static void
print_option(char letter, const char *name, const char *value, const char *help, const char *more)
{
	char left[128];
	char shorthand[8] = "    ";

	if (letter != 0)
		(void)snprintf(shorthand, sizeof shorthand, "-%c, ", letter);
	(void)snprintf(left, sizeof left, "  %s--%s%s%s", shorthand, name, value != NULL ? " " : "",
	    value != NULL ? value : "");
	if (strlen(left) + 2 > HELP_COLUMN)
		(void)printf("%s\n%*s%s%s\n", left, HELP_COLUMN, "", help, more);
	else
		(void)printf("%-*s%s%s\n", HELP_COLUMN, left, help, more);
}

static void
print_help(const struct myo_opt *options)
{
	const struct myo_program *program = cli.program;

	(void)printf("%s - %s\n\nUsage: %s [OPTION]...%s%s\n\n", program->name, program->summary,
	    program->name, program->usage[0] != '\0' ? " " : "", program->usage);
	for (const struct myo_opt *o = options; o->kind != MYO_OPT_END; o++) {
		char value[200], more[400];
		size_t used = 0;

		more[0] = '\0';
		if (o->kind == MYO_OPT_CHOICE) {
			for (int i = 0; o->choices[i] != NULL && used < sizeof more; i++)
				used += (size_t)snprintf(more + used, sizeof more - used, "%s%s",
				    i == 0 ? ": " : ", ", o->choices[i]);
		}
		default_text(o, value, sizeof value);
		if (value[0] != '\0' && used < sizeof more)
			(void)snprintf(more + used, sizeof more - used, " (default %s)", value);
		print_option(o->letter, o->name, o->value, o->help, more);
	}
	print_option('q', "quiet", NULL, "say nothing but errors and warnings", "");
	print_option('v', "verbose", NULL, "say more", "");
	print_option('h', "help", NULL, "print this and exit", "");
	print_option('V', "version", NULL, "print the version and exit", "");
	if (program->notes != NULL)
		(void)printf("\n%s\n", program->notes);
}

/* Exit after --help or --version: 0 only if all of the text went out. */
static _Noreturn void
exit_printed(void)
{
	const struct myo_err none = MYO_ERR_INIT;

	exit(myo_cli_leave(MYO_OK, NULL, &none));
}

/* ---- values ----------------------------------------------------------------------------- */

static void
parse_int(const struct myo_opt *o, const char *text)
{
	char *end;

	errno = 0;
	const long value = strtol(text, &end, 10);
	if (end == text || *end != '\0')
		myo_cli_usage("--%s: '%s' is not a whole number", o->name, text);
	if (errno != 0 || (double)value < o->min || (double)value > o->max)
		myo_cli_usage("--%s: %s is not from %.0f to %.0f", o->name, text, o->min, o->max);
	*(long *)o->to = value;
}

static void
parse_u64(const struct myo_opt *o, const char *text)
{
	char *end;

	errno = 0;
	const unsigned long long value = strtoull(text, &end, 10);
	if (end == text || *end != '\0' || strchr(text, '-') != NULL || errno != 0)
		myo_cli_usage("--%s: '%s' is not a whole number from 0 to 2^64 - 1", o->name, text);
	*(uint64_t *)o->to = value;
}

static void
parse_real(const struct myo_opt *o, const char *text)
{
	char *end;
	const double value = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(value))
		myo_cli_usage("--%s: '%s' is not a number", o->name, text);
	if (value < o->min || value > o->max)
		myo_cli_usage("--%s: %s is not from %g to %g", o->name, text, o->min, o->max);
	*(double *)o->to = value;
}

static void
parse_bytes(const struct myo_opt *o, const char *text)
{
	static const char units[] = "KMGT";
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	bool good = end != text && strchr(text, '-') == NULL && errno == 0;
	if (good && *end != '\0') {
		const char *unit = strchr(units, *end);
		good = unit != NULL && end[1] == '\0';
		for (const char *u = units; good && u <= unit; u++) {
			good = value <= SIZE_MAX / 1024;
			value *= 1024;
		}
	}
	if (!good)
		myo_cli_usage("--%s: '%s' is not a size like 512, 64K, 100M or 2G", o->name, text);
	*(size_t *)o->to = (size_t)value;
}

static void
parse_choice(const struct myo_opt *o, const char *text)
{
	char known[256];
	size_t used = 0;

	for (int i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], text) == 0) {
			*(int *)o->to = i;
			return;
		}
		if (used < sizeof known)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
			    i == 0 ? "" : ", ", o->choices[i]);
	}
	myo_cli_usage("--%s: '%s' is none of %s", o->name, text, known);
}

static void
add_text(const struct myo_opt *o, const char *text)
{
	struct myo_texts *texts = o->to;
	struct myo_err err = MYO_ERR_INIT;
	const char **items = myo_realloc(texts->items, texts->count + 1, sizeof *items, &err);

	if (items == NULL) {
		myo_complain(&err);
		exit(1);
	}
	items[texts->count++] = text;
	texts->items = items;
}

static void
set_option(const struct myo_opt *o, const char *text)
{
	switch (o->kind) {
	case MYO_OPT_FLAG: *(bool *)o->to = true; return;
	case MYO_OPT_INT: parse_int(o, text); return;
	case MYO_OPT_U64: parse_u64(o, text); return;
	case MYO_OPT_REAL: parse_real(o, text); return;
	case MYO_OPT_TEXT: *(const char **)o->to = text; return;
	case MYO_OPT_BYTES: parse_bytes(o, text); return;
	case MYO_OPT_CHOICE: parse_choice(o, text); return;
	case MYO_OPT_LIST: add_text(o, text); return;
	case MYO_OPT_END: return;
	}
}

/* ---- parsing ------------------------------------------------------------------------------ */

/* The tables of getopt_long, made from ours. A long option's value is COMMON plus its row. */
struct getopt_tables {
	struct option longs[MAX_OPTIONS + 5];
	char shorts[2 * MAX_OPTIONS + 8];
	int rows[UCHAR_MAX + 1]; /* of a letter; -1: none */
};

static void
make_tables(const struct myo_opt *options, struct getopt_tables *t)
{
	size_t longs = 0, shorts = 0;

	memset(t, 0, sizeof *t);
	for (size_t i = 0; i < MYO_COUNT(t->rows); i++)
		t->rows[i] = -1;
	t->shorts[shorts++] = ':'; /* a missing value is told apart from an unknown option */
	for (int row = 0; options[row].kind != MYO_OPT_END && row < MAX_OPTIONS; row++) {
		const struct myo_opt *o = &options[row];
		const int has_value = o->kind == MYO_OPT_FLAG ? no_argument : required_argument;
		t->longs[longs++] = (struct option){ o->name, has_value, NULL, COMMON + row };
		if (o->letter != 0) {
			t->shorts[shorts++] = o->letter;
			if (has_value == required_argument)
				t->shorts[shorts++] = ':';
			t->rows[(unsigned char)o->letter] = row;
		}
	}
	t->longs[longs++] = (struct option){ "help", no_argument, NULL, COMMON_HELP };
	t->longs[longs++] = (struct option){ "version", no_argument, NULL, COMMON_VERSION };
	t->longs[longs++] = (struct option){ "quiet", no_argument, NULL, COMMON_QUIET };
	t->longs[longs++] = (struct option){ "verbose", no_argument, NULL, COMMON_VERBOSE };
	memcpy(t->shorts + shorts, "hVqv", 5);
}

/* One option as getopt_long returned it; the words of a mistake are ours. */
static void
take_option(const struct myo_opt *options, const struct getopt_tables *t, int got, char **argv)
{
	switch (got) {
	case 'h': case COMMON_HELP:
		print_help(options);
		exit_printed();
	case 'V': case COMMON_VERSION:
		(void)printf("%s (myopic) %s\n", cli.program->name, PACKAGE_VERSION);
		exit_printed();
	case 'q': case COMMON_QUIET:
		cli.quiet = true;
		return;
	case 'v': case COMMON_VERBOSE:
		cli.verbose = true;
		return;
	case ':':
		myo_cli_usage("%s wants a value", argv[optind - 1]);
	case '?':
		if (optopt > 0 && optopt <= UCHAR_MAX)
			myo_cli_usage("there is no option -%c", optopt);
		if (optopt >= COMMON)
			myo_cli_usage("%s takes no value", argv[optind - 1]);
		myo_cli_usage("there is no option %s", argv[optind - 1]);
	default:
		set_option(&options[got >= COMMON ? got - COMMON : t->rows[(unsigned char)got]], optarg);
	}
}

int
myo_cli_parse(const struct myo_opt *options, int min, int max)
{
	struct getopt_tables tables;
	int got;

	make_tables(options, &tables);
	opterr = 0;
	while ((got = getopt_long(cli.argc, cli.argv, tables.shorts, tables.longs, NULL)) != -1)
		take_option(options, &tables, got, cli.argv);

	const int operands = cli.argc - optind;
	if (operands < min)
		myo_cli_usage("something is missing: %s %s", cli.program->name, cli.program->usage);
	if (max >= 0 && operands > max)
		myo_cli_usage("'%s' is one too many", cli.argv[optind + max]);
	return optind;
}

int
myo_cli_history(json_t **history, struct myo_err *err)
{
	char *path = cli.argv[0];
	char *name = myo_strdup(cli.program->name, err);

	if (name == NULL)
		return MYO_FAIL;
	cli.argv[0] = name; /* the name, not where it was found */
	const int rc = myo_history_add(history, cli.argc, cli.argv, err);
	cli.argv[0] = path;
	free(name);
	return rc;
}
