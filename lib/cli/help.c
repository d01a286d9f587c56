/* --help, from the same table as the parser. */
#include "cli/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 26 };

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

static void
list_text(const struct myo_texts *texts, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < texts->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", texts->items[i]);
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
	case MYO_OPT_FLAG: /* a recipe may have set it */
		if (*(bool *)option->to)
			(void)snprintf(text, size, "on");
		break;
	case MYO_OPT_LIST:
		list_text(option->to, text, size);
		break;
	case MYO_OPT_BESIDE:
	case MYO_OPT_END:
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
		(void)printf("%s\n%*s%s", left, HELP_COLUMN, "", help);
	else
		(void)printf("%-*s%s", HELP_COLUMN, left, help);
	myo_put_text(stdout, more); /* it may have words of a recipe */
	(void)putchar('\n');
}

void
cli_print_help(const struct myo_opt *options)
{
	const struct myo_program *program = cli.program;

	(void)printf("%s - %s\n\nUsage: %s [OPTION]...%s%s\n\n", program->name, program->summary,
	    program->name, program->usage[0] != '\0' ? " " : "", program->usage);
	for (const struct myo_opt *o = options; o->kind != MYO_OPT_END; o++) {
		char value[200], more[400];
		size_t used = 0;

		if (o->kind == MYO_OPT_BESIDE)
			continue;
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
	if (cli_recipe_serves(program->name)) {
		print_option(0, "recipe", "NAME", "begin with the options of a recipe; without NAME: list recipes", "");
		print_option(0, "show-recipe", "NAME", "print a recipe and exit", "");
	}
	print_option('q', "quiet", NULL, "say nothing but errors and warnings", "");
	print_option('v', "verbose", NULL, "say more", "");
	print_option('h', "help", NULL, "print this and exit", "");
	print_option('V', "version", NULL, "print the version and exit", "");
	(void)printf("\nWhat an option sets is taken back by --no- before its name.\n");
	if (program->notes != NULL)
		(void)printf("%s\n", program->notes);
}
