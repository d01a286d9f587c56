/* The program's options and operands, as histories have them. */
#include "cli/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct given {
	const char *name;
	const char *value; /* NULL: a flag */
	bool off;          /* a flag that is on by default was turned off */
};

static struct given *given;
static size_t given_count;

/* Files that are read besides standard input, whose own histories are kept in the history. */
struct file {
	const char *path;
	const struct myo_header *header; /* its history may become complete later */
};

static struct file *files;
static size_t file_count;

static void
forget(const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < given_count; i++)
		if (strcmp(given[i].name, name) != 0)
			given[kept++] = given[i];
	given_count = kept;
}

static void
note(const char *name, const char *value, bool off)
{
	struct myo_err err = MYO_ERR_INIT;
	struct given *more = myo_realloc(given, given_count + 1, sizeof *more, &err);

	if (more == NULL)
		exit(myo_cli_leave(MYO_FAIL, NULL, &err));
	given = more;
	given[given_count++] = (struct given){ name, value, off };
}

void
cli_note_set(const struct myo_opt *option, const char *value)
{
	if (option->kind != MYO_OPT_LIST)
		forget(option->name); /* the last one counts */
	note(option->name, value, false);
}

void
cli_note_off(const struct myo_opt *option, bool by_default)
{
	forget(option->name);
	if (by_default)
		note(option->name, NULL, true);
}

void
myo_cli_settle(const char *name, const char *value)
{
	forget(name);
	note(name, value, false);
}

static void
check_word(const char *word)
{
	bool shown;

	for (size_t at = 0, bytes; word != NULL && word[at] != '\0'; at += bytes) {
		bytes = myo_character(word + at, SIZE_MAX, &shown);
		if (bytes == 1 && !shown && (unsigned char)word[at] >= 0x80)
			myo_cli_usage("'%s' isn't UTF-8, so the history can't hold it: give the file another name, by a link, say", word);
	}
}

void
myo_cli_check_words(void)
{
	for (size_t i = 0; i < given_count; i++)
		check_word(given[i].value);
	for (int i = cli.operands; i < cli.argc; i++)
		check_word(cli.argv[i]);
}

/* Append a word; false if it is NULL, because there was no memory for it. */
static bool
add(char **words, int *count, char *word)
{
	words[*count] = word;
	*count += word != NULL;
	return word != NULL;
}

/* words has room for 2 + 2 * given_count + operands. */
static int
make_words(char **words, int *count, struct myo_err *err)
{
	bool good = add(words, count, myo_strdup(cli.program->name, err)); /* without the path by which it was called */
	bool dashes = false;

	for (size_t i = 0; good && i < given_count; i++) {
		const struct given *g = &given[i];
		good = add(words, count, myo_format(err, "--%s%s", g->off ? "no-" : "", g->name)) &&
		       (g->value == NULL || add(words, count, myo_strdup(g->value, err)));
	}
	for (int i = cli.operands; i < cli.argc; i++)
		dashes = dashes || cli.argv[i][0] == '-';
	if (good && dashes)
		good = add(words, count, myo_strdup("--", err));
	for (int i = cli.operands; good && i < cli.argc; i++)
		good = add(words, count, myo_strdup(cli.argv[i], err));
	return good ? MYO_OK : MYO_FAIL;
}

/* Set an option; the values of a list go into one text. */
static bool
add_option(json_t *options, const struct given *g)
{
	char name[128];

	(void)snprintf(name, sizeof name, "--%s%s", g->off ? "no-" : "", g->name);
	const char *before = json_string_value(json_object_get(options, name)), *value = g->value != NULL ?
	    g->value : "on";
	json_t *text = before != NULL ? json_sprintf("%s %s", before, value) : json_string(value);
	return json_object_set_new(options, name, text) == 0;
}

int
myo_cli_options(json_t **out, struct myo_err *err)
{
	bool good = (*out = json_object()) != NULL;

	for (size_t i = 0; good && i < given_count; i++)
		good = add_option(*out, &given[i]);
	if (good)
		return MYO_OK;
	json_decref(*out);
	*out = NULL;
	return myo_fail(err, "out of memory, or the command line is not UTF-8");
}

int
myo_cli_reads(const char *path, const struct myo_header *header, struct myo_err *err)
{
	struct file *more = myo_realloc(files, file_count + 1, sizeof *more, err);

	if (more == NULL)
		return MYO_FAIL;
	files = more;
	files[file_count++] = (struct file){ path, header };
	return MYO_OK;
}

int
myo_cli_history(json_t **history, struct myo_err *err)
{
	const size_t most = 2 + 2 * given_count + (size_t)(cli.argc - cli.operands);
	char **words = myo_calloc(most, sizeof *words, err);
	int count = 0;

	if (words == NULL)
		return MYO_FAIL;
	int rc = make_words(words, &count, err);
	if (rc == MYO_OK)
		rc = myo_history_add(history, count, words, err);
	for (size_t i = 0; rc == MYO_OK && i < file_count; i++)
		rc = myo_history_add_file(*history, files[i].path, files[i].header->history, err);
	for (int i = 0; i < count; i++)
		free(words[i]);
	free(words);
	return rc;
}
