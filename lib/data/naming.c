/* Readable names for classes. */
#include "data/notes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A class and its present name, to look it up. */
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

/* New names, until the classes take them. */
struct naming {
	struct names *classes;
	char **names;       /* [class], on the heap; NULL: none so far */
	struct names given; /* the same, to look them up */
};

static int
naming_init(struct naming *naming, struct names *classes, struct myo_err *err)
{
	*naming = (struct naming){ .classes = classes, .names = myo_calloc(classes->count + 1, sizeof(char *), err) };
	return naming->names != NULL ? MYO_OK : MYO_FAIL;
}

static void
naming_clear(struct naming *naming)
{
	for (size_t i = 0; naming->names != NULL && i < naming->classes->count; i++)
		free(naming->names[i]);
	free(naming->names);
	names_clear(&naming->given);
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

/* Give a class a name. If another class has that already, the present name is added in brackets. */
static int
give_name(struct naming *naming, size_t class, const char *name, size_t length, struct myo_err *err)
{
	const size_t before = naming->given.count;

	if (names_add(&naming->given, name, length, err) < 0)
		return MYO_FAIL;
	char *text = naming->given.count > before
	                 ? myo_format(err, "%.*s", (int)length, name)
	                 : myo_format(err, "%.*s (%s)", (int)length, name, naming->classes->items[class]);
	naming->names[class] = text;
	return text != NULL && names_add(&naming->given, text, strlen(text), err) >= 0 ? MYO_OK : MYO_FAIL;
}

static void
take_names(struct naming *naming)
{
	for (size_t i = 0; i < naming->classes->count; i++)
		if (naming->names[i] != NULL) {
			free(naming->classes->items[i]);
			naming->classes->items[i] = naming->names[i];
			naming->names[i] = NULL;
		}
	names_changed(naming->classes);
}

/*
 * The class that a line begins with, which ends at a tab or, if there is no such class, at a blank or comma. *length:
 * that of its name in the line.
 */
static const struct called *
find_called(const struct called *sorted, size_t count, const char *line, size_t *length)
{
	const size_t tab = strcspn(line, "\t\r\n");
	const struct called whole = { line, tab, 0 }, word = { line, strcspn(line, " \t,\r\n"), 0 };
	const struct called *found = NULL;

	*length = tab;
	if (line[tab] == '\t')
		found = bsearch(&whole, sorted, count, sizeof whole, compare_called);
	if (found != NULL)
		return found;
	*length = word.length;
	return bsearch(&word, sorted, count, sizeof word, compare_called);
}

/* Names for all classes that lines of a text begin with; *named: how many. */
static int
read_names(struct naming *naming, const struct called *sorted, const char *text, size_t *named, struct myo_err *err)
{
	for (; *text != '\0'; text += *text == '\n') {
		size_t key;
		const struct called *found = find_called(sorted, naming->classes->count, text, &key);
		const char *name = text + key + strspn(text + key, "\t,");
		const size_t length = first_name(&name);
		if (found != NULL && length > 0 && naming->names[found->class] == NULL) {
			if (give_name(naming, found->class, name, length, err) != MYO_OK)
				return MYO_FAIL;
			*named += 1;
		}
		text += strcspn(text, "\n");
	}
	return MYO_OK;
}

int
naming_by_class(struct names *classes, const char *text, bool all, size_t *named, struct myo_err *err)
{
	const size_t count = classes->count;
	struct called *sorted = myo_calloc(count + 1, sizeof *sorted, err);
	struct naming naming;
	int rc = naming_init(&naming, classes, err);

	*named = 0;
	if (sorted == NULL)
		rc = MYO_FAIL;
	for (size_t i = 0; rc == MYO_OK && i < count; i++)
		sorted[i] = (struct called){ classes->items[i], strlen(classes->items[i]), i };
	if (rc == MYO_OK) {
		qsort(sorted, count, sizeof *sorted, compare_called);
		rc = read_names(&naming, sorted, text, named, err);
	}
	if (rc == MYO_OK && (!all || *named == count))
		take_names(&naming);
	naming_clear(&naming);
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
	/* Classes without pictures. */
	for (size_t i = plan->classes.count; i < lines; i++) {
		char *number = myo_format(err, "%zu", i);
		const int rc = number != NULL ? names_append(&plan->classes, number, strlen(number), err) : -1;
		free(number);
		if (rc < 0)
			return MYO_FAIL;
	}
	struct naming naming;
	int rc = naming_init(&naming, &plan->classes, err);
	for (size_t i = 0; rc == MYO_OK && i < lines; i++) {
		text += strspn(text, "\r\n");
		const char *name = text;
		const size_t length = first_name(&name);
		rc = give_name(&naming, i, name, length, err);
		text += strcspn(text, "\r\n");
	}
	if (rc == MYO_OK)
		take_names(&naming);
	naming_clear(&naming);
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
	if (rc == MYO_OK && named == 0 && (lines == count || (lines > count && plan->numbered)))
		rc = name_in_order(plan, text, lines, err);
	else if (rc == MYO_OK && named < count)
		rc = myo_fail(err, "%zu lines, and %zu of them name one of the %zu classes", lines, named, count);
	plan->numbered = false;
	free(text);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	return rc;
}
