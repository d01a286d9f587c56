/* Readable names for classes. */
#include "data/notes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A class by what it is called, for looking it up. */
struct called {
	const char *id;
	size_t length, class;
};

static int
compare_called(const void *a, const void *b)
{
	const struct called *p = a, *q = b;
	const size_t shorter = p->length < q->length ? p->length : q->length;
	const int order = strncmp(p->id, q->id, shorter);

	return order != 0 ? order : p->length < q->length ? -1 : p->length > q->length;
}

static bool
is_taken(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (names[i] != NULL && strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The first of the names in a line: up to a comma, without blanks around it. */
static size_t
first_name(const char **line)
{
	*line += strspn(*line, " \t");
	size_t length = strcspn(*line, ",\r\n");
	while (length > 0 && isspace((unsigned char)(*line)[length - 1]))
		length--;
	return length;
}

/* A name for a class: names[class], on the heap. One that another class has is told apart by the id. */
static int
give_name(char **names, const struct names *classes, size_t class, const char *name, size_t length, struct myo_err *err)
{
	char *text = myo_format(err, "%.*s", (int)length, name);

	if (text != NULL && is_taken(names, classes->count, text)) {
		free(text);
		text = myo_format(err, "%.*s (%s)", (int)length, name, classes->items[class]);
	}
	if (text == NULL)
		return MYO_FAIL;
	free(names[class]);
	names[class] = text;
	return MYO_OK;
}

/* Classes without a name keep what they are called; all names go over to the classes. */
static void
take_names(struct names *classes, char **names)
{
	for (size_t i = 0; i < classes->count; i++)
		if (names[i] != NULL) {
			free(classes->items[i]);
			classes->items[i] = names[i];
			names[i] = NULL;
		}
}

static void
free_names(char **names, size_t count)
{
	for (size_t i = 0; names != NULL && i < count; i++)
		free(names[i]);
	free(names);
}

int
naming_by_class(struct names *classes, const char *text, bool all, size_t *named, struct myo_err *err)
{
	const size_t count = classes->count;
	struct called *sorted = myo_calloc(count + 1, sizeof *sorted, err);
	char **names = myo_calloc(count + 1, sizeof *names, err); /* [class], or NULL */
	int rc = sorted != NULL && names != NULL ? MYO_OK : MYO_FAIL;

	*named = 0;
	for (size_t i = 0; rc == MYO_OK && i < count; i++)
		sorted[i] = (struct called){ classes->items[i], strlen(classes->items[i]), i };
	if (rc == MYO_OK)
		qsort(sorted, count, sizeof *sorted, compare_called);
	while (rc == MYO_OK && *text != '\0') {
		const struct called key = { text, strcspn(text, " \t,\r\n"), 0 };
		const struct called *found = bsearch(&key, sorted, count, sizeof key, compare_called);
		const char *name = text + key.length + strspn(text + key.length, "\t,");
		const size_t length = first_name(&name);
		if (found != NULL && length > 0 && names[found->class] == NULL) {
			rc = give_name(names, classes, found->class, name, length, err);
			*named += 1;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (rc == MYO_OK && (!all || *named == count))
		take_names(classes, names);
	free_names(names, count);
	free(sorted);
	return rc;
}

/* ---- from a file ------------------------------------------------------------------------------------- */

static size_t
count_lines(const char *text)
{
	size_t lines = 0;

	while (*text != '\0') {
		const size_t length = strcspn(text, "\r\n");
		lines += length > 0;
		text += length + strspn(text + length, "\r\n");
	}
	return lines;
}

static int
name_in_order(struct plan *plan, const char *text, size_t lines, struct myo_err *err)
{
	/* Classes of which no picture is there. */
	for (size_t i = plan->classes.count; i < lines; i++) {
		char *number = myo_format(err, "%zu", i);
		const int rc = number != NULL ? names_append(&plan->classes, number, strlen(number), err) : -1;
		free(number);
		if (rc < 0)
			return MYO_FAIL;
	}
	char **names = myo_calloc(lines + 1, sizeof *names, err);
	int rc = names != NULL ? MYO_OK : MYO_FAIL;
	for (size_t i = 0; rc == MYO_OK && i < lines; i++) {
		text += strspn(text, "\r\n");
		const char *name = text;
		const size_t length = first_name(&name);
		rc = give_name(names, &plan->classes, i, name, length, err);
		text += strcspn(text, "\r\n");
	}
	if (rc == MYO_OK)
		take_names(&plan->classes, names);
	free_names(names, lines);
	return rc;
}

int
naming_by_file(struct plan *plan, const char *path, struct myo_err *err)
{
	const size_t count = plan->classes.count;
	char *text;
	size_t named;

	if (notes_load(path, &text, err) != MYO_OK)
		return MYO_FAIL;
	int rc = count > 0 ? naming_by_class(&plan->classes, text, true, &named, err)
	                   : myo_fail(err, "the data set has no classes to be named");
	const size_t lines = count_lines(text);
	if (rc == MYO_OK && named < count && (lines == count || (lines > count && plan->numbered)))
		rc = name_in_order(plan, text, lines, err);
	else if (rc == MYO_OK && named < count)
		rc = myo_fail(err, "%zu lines, and %zu of them name one of the %zu classes", lines, named, count);
	plan->numbered = false;
	free(text);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	return rc;
}
