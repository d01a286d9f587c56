/*
 * Recipes: options of several programs in one text file, under one name.
 *
 * A line is a program and its options, as in a shell but without pipes and files: words, which may be quoted;
 * "#" begins a comment, a backslash at the end of a line continues it. myopic-recipe(5) describes the format.
 */
#include "cli/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".recipe"
#define BLANKS " \t\r"

enum { BYTES_MOST = 64 << 10 };

/* The programs with settings of experiments. To add one, add it here and to its man page. */
static const char *const served[] = { "myopic-sample", "myopic-train", "myopic-calibrate",
	"myopic-predict", "myopic-eval" };

enum { SERVED = MYO_COUNT(served) };

/* The index of a program in served[], or SERVED. */
static size_t
number_of(const char *program)
{
	size_t i = 0;

	while (i < SERVED && strcmp(served[i], program) != 0)
		i++;
	return i;
}

bool
cli_recipe_serves(const char *program)
{
	return number_of(program) < SERVED;
}

/* ---- finding ---------------------------------------------------------------------------- */

static const char *
search_path(void)
{
	const char *path = getenv("MYOPIC_RECIPE_PATH");

	return path != NULL && path[0] != '\0' ? path : RECIPE_DIR;
}

/* Called for each recipe on the search path that isn't hidden by an earlier one. */
typedef int found_recipe(void *context, const char *folder, const char *name, struct myo_err *err);

static int
each_recipe(found_recipe *found, void *context, struct myo_err *err)
{
	const char *path = search_path();
	struct myo_names names = { 0, NULL };
	char *folder;
	int rc;

	while ((rc = myo_search_next(&path, &folder, err)) == MYO_OK) {
		size_t i = names.count;
		rc = myo_search_folder(folder, ENDING, &names, err);
		for (; rc == MYO_OK && i < names.count; i++)
			if (!myo_names_have(&names, i, names.items[i]))
				rc = found(context, folder, names.items[i], err);
		free(folder);
		if (rc != MYO_OK)
			break;
	}
	myo_names_clear(&names);
	return rc == MYO_END ? MYO_OK : rc;
}

static int
length_of(const char *name)
{
	return (int)(strlen(name) - strlen(ENDING));
}

struct known {
	char text[512];
	size_t used;
};

static int
add_known(void *context, const char *folder, const char *name, struct myo_err *err)
{
	struct known *known = context;

	(void)folder;
	(void)err;
	if (known->used < sizeof known->text)
		known->used += (size_t)snprintf(known->text + known->used, sizeof known->text - known->used,
		    "%s%.*s", known->used > 0 ? ", " : "", length_of(name), name);
	return MYO_OK;
}

static int
find(const char *name, char **file, struct myo_err *err)
{
	struct known known = { "", 0 };

	if (strchr(name, '/') != NULL) {
		*file = myo_strdup(name, err);
		return *file != NULL ? MYO_OK : MYO_FAIL;
	}
	const int rc = myo_search_file(search_path(), name, ENDING, file, err);
	if (rc != MYO_END)
		return rc;
	if (each_recipe(add_known, &known, err) != MYO_OK)
		return MYO_FAIL;
	return myo_fail(err, "there is no recipe '%s' in %s, but %s (a file is given with a slash, ./NAME" ENDING ")",
	    name, search_path(), known.used > 0 ? known.text : "nothing");
}

/* Read a whole file, on the heap, ended by 0. */
static int
read_text(const char *file, char **text, struct myo_err *err)
{
	size_t got = 0;

	*text = NULL;
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return myo_fail_errno(err, "%s: can't be read", file);
	char *bytes = myo_calloc(BYTES_MOST + 2, 1, err);
	int rc = bytes != NULL ? myo_read_all(fd, bytes, BYTES_MOST + 1, &got, err) : MYO_FAIL;
	(void)close(fd);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", file);
	else if (got > BYTES_MOST || memchr(bytes, 0, got) != NULL)
		rc = myo_fail(err, "%s: is no recipe, which is a text of at most %d KiB", file, BYTES_MOST >> 10);
	if (rc != MYO_OK) {
		free(bytes);
		return MYO_FAIL;
	}
	*text = bytes;
	return MYO_OK;
}

/* ---- reading ---------------------------------------------------------------------------- */

struct scan {
	struct cli_recipe *recipe;
	const char *program; /* whose words are kept */
	int line;
	bool goes_on;  /* the previous line ended in a backslash */
	bool ours;     /* the current command is that program's */
	int first[SERVED]; /* the line of each program's command; 0: none yet */
};

static int
keep_word(struct cli_recipe *recipe, char *word, int line, struct myo_err *err)
{
	const size_t room = (size_t)recipe->count + 2; /* for the word and for NULL */
	char **words = myo_realloc(recipe->words, room, sizeof *words, err);

	if (words == NULL)
		return MYO_FAIL;
	recipe->words = words;
	int *lines = myo_realloc(recipe->lines, room, sizeof *lines, err);
	if (lines == NULL)
		return MYO_FAIL;
	recipe->lines = lines;
	lines[recipe->count] = line;
	words[recipe->count++] = word;
	words[recipe->count] = NULL;
	return MYO_OK;
}

static int
take_program(struct scan *s, char *word, struct myo_err *err)
{
	const size_t number = number_of(word);

	if (number == SERVED) {
		struct known known = { "", 0 };
		for (size_t i = 0; i < SERVED; i++)
			known.used += (size_t)snprintf(known.text + known.used, sizeof known.text - known.used, "%s%s",
			    i > 0 ? ", " : "", served[i]);
		return myo_fail(err, "%s:%d: '%s' is none of the programs that take recipes: %s",
		    s->recipe->file, s->line, word, known.text);
	}
	if (s->first[number] > 0)
		return myo_fail(err,
		    "%s:%d: %s has a line already, line %d; a long one is continued by a backslash at its end",
		    s->recipe->file, s->line, word, s->first[number]);
	s->first[number] = s->line;
	s->ours = strcmp(word, s->program) == 0;
	return MYO_OK;
}

/* Unquote the word at *at in place and end it by 0; *at moves past it. */
static int
cut_word(struct scan *s, char **at, struct myo_err *err)
{
	char *from = *at, *to = *at;

	while (*from != '\0' && strchr(BLANKS, *from) == NULL) {
		const char quote = *from;
		if (quote != '\'' && quote != '"') {
			*to++ = *from++;
			continue;
		}
		char *end = strchr(from + 1, quote);
		if (end == NULL)
			return myo_fail(err, "%s:%d: a quote (%c) begins and doesn't end on this line",
			    s->recipe->file, s->line, quote);
		const size_t length = (size_t)(end - from - 1);
		memmove(to, from + 1, length);
		to += length;
		from = end + 1;
	}
	*at = *from != '\0' ? from + 1 : from;
	*to = '\0';
	return MYO_OK;
}

static int
take_line(struct scan *s, char *at, struct myo_err *err)
{
	bool begins = !s->goes_on;

	s->goes_on = false;
	for (at += strspn(at, BLANKS); *at != '\0' && *at != '#'; at += strspn(at, BLANKS)) {
		char *word = at;
		if (*at == '\\' && at[1 + strspn(at + 1, BLANKS)] == '\0') {
			s->goes_on = !begins;
			return MYO_OK;
		}
		if (cut_word(s, &at, err) != MYO_OK || (begins && take_program(s, word, err) != MYO_OK) ||
		    (s->ours && keep_word(s->recipe, word, s->line, err) != MYO_OK))
			return MYO_FAIL;
		begins = false;
	}
	return MYO_OK;
}

int
cli_recipe_read(const char *name, const char *program, struct cli_recipe *recipe, struct myo_err *err)
{
	struct scan scan = { .recipe = recipe, .program = program };

	*recipe = (struct cli_recipe){ 0 };
	int rc = find(name, &recipe->file, err);
	if (rc == MYO_OK)
		rc = read_text(recipe->file, &recipe->text, err);
	for (char *at = recipe->text; rc == MYO_OK && at != NULL;) {
		char *end = strchr(at, '\n');
		if (end != NULL)
			*end++ = '\0';
		scan.line++;
		rc = take_line(&scan, at, err);
		at = end;
	}
	if (rc == MYO_OK && recipe->count == 0)
		rc = myo_fail(err, "%s: has no line for %s", recipe->file, program);
	if (rc != MYO_OK)
		cli_recipe_clear(recipe);
	return rc;
}

void
cli_recipe_clear(struct cli_recipe *recipe)
{
	free(recipe->file);
	free(recipe->text);
	free(recipe->words);
	free(recipe->lines);
	*recipe = (struct cli_recipe){ 0 };
}

/* ---- showing ---------------------------------------------------------------------------- */

static int
measure(void *context, const char *folder, const char *name, struct myo_err *err)
{
	int *widest = context;

	(void)folder;
	(void)err;
	if (length_of(name) > *widest)
		*widest = length_of(name);
	return MYO_OK;
}

struct list {
	int width; /* of the names */
	int rc;
	struct myo_err *err; /* for the first recipe that can't be read; the others are listed nonetheless */
};

/* The summary is the first line, a comment. */
static int
print_summary(void *context, const char *folder, const char *name, struct myo_err *err)
{
	struct list *list = context;
	struct myo_err why = MYO_ERR_INIT;
	char *file = myo_format(err, "%s/%s", folder, name), *text;

	if (file == NULL)
		return MYO_FAIL;
	(void)printf("%-*.*s  ", list->width, length_of(name), name);
	if (read_text(file, &text, &why) == MYO_OK) {
		text[strcspn(text, "\r\n")] = '\0';
		if (text[0] == '#')
			myo_put_text(stdout, text + 1 + strspn(text + 1, BLANKS));
	} else if (list->rc == MYO_OK) {
		list->rc = MYO_FAIL;
		*list->err = why;
	}
	(void)putchar('\n');
	free(text);
	free(file);
	return MYO_OK;
}

int
cli_recipe_list(struct myo_err *err)
{
	struct list list = { .rc = MYO_OK, .err = err };

	if (each_recipe(measure, &list.width, err) != MYO_OK)
		return MYO_FAIL;
	if (list.width == 0)
		myo_say("there are no recipes in %s", search_path());
	return each_recipe(print_summary, &list, err) == MYO_OK ? list.rc : MYO_FAIL;
}

int
cli_recipe_show(const char *name, struct myo_err *err)
{
	char *file, *text = NULL;

	if (find(name, &file, err) != MYO_OK)
		return MYO_FAIL;
	const int rc = read_text(file, &text, err);
	if (rc == MYO_OK)
		(void)fputs(text, stdout);
	free(text);
	free(file);
	return rc;
}
