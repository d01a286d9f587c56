/*
 * Cairo numbers ids in SVG files (id="image7") consecutively in the whole process, so that the same page would have
 * other bytes the second time, or with another number of threads. Here ids are renumbered in the order in which they
 * appear in the file.
 */
#include "draw/page.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
	const char *text;
	size_t length;
};

struct names {
	size_t count, room;
	struct name *items;
};

/* The number of a name, which is added if it is new. MYO_FAIL when there is no memory for it. */
static int
number_of(struct names *names, const char *text, size_t length, size_t *number, struct myo_err *err)
{
	for (*number = 0; *number < names->count; (*number)++)
		if (names->items[*number].length == length && memcmp(names->items[*number].text, text, length) == 0)
			return MYO_OK;
	if (names->count == names->room) {
		const size_t room = names->room == 0 ? 64 : 2 * names->room;
		struct name *const items = myo_realloc(names->items, room, sizeof *items, err);
		if (items == NULL)
			return MYO_FAIL;
		names->items = items;
		names->room = room;
	}
	names->items[names->count++] = (struct name){ text, length };
	return MYO_OK;
}

/* The length of a name of letters and a number at `at`; *letters: how many are letters. 0: there is no such name. */
static size_t
name_at(const char *at, const char *end, size_t *letters)
{
	const char *c = at;

	while (c < end && isalpha((unsigned char)*c))
		c++;
	*letters = (size_t)(c - at);
	while (c < end && isdigit((unsigned char)*c))
		c++;
	const size_t length = (size_t)(c - at);
	return *letters > 0 && length > *letters && c < end && (*c == '"' || *c == ')') ? length : 0;
}

int
page_write_svg(int fd, const char *text, size_t size, struct myo_err *err)
{
	const char *const end = text + size;
	const char *from = text; /* not written yet */
	struct names names = { 0 };
	size_t length, letters, number;
	int status = MYO_OK;

	for (const char *c = text; status == MYO_OK && c < end; c++) {
		const bool begins = *c == '#' || (*c == '"' && c - text >= 3 && memcmp(c - 3, "id=", 3) == 0);
		if (!begins || (length = name_at(c + 1, end, &letters)) == 0)
			continue;
		char digits[24];
		status = number_of(&names, c + 1, length, &number, err);
		const int count = snprintf(digits, sizeof digits, "%zu", number);
		if (status == MYO_OK)
			status = myo_write_all(fd, from, (size_t)(c + 1 + letters - from), err);
		if (status == MYO_OK)
			status = myo_write_all(fd, digits, (size_t)count, err);
		from = c + 1 + length;
		c = from - 1;
	}
	if (status == MYO_OK)
		status = myo_write_all(fd, from, (size_t)(end - from), err);
	free(names.items);
	return status;
}
