/* Expanding braces in paths. */
#include "data/braces.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_NAMES = 1000000 };

static int expand(const char *path, struct names *names, struct myo_err *err);

/* The path with `text` in place of its braces, which are [open, close]. */
static int
expand_with(const char *path, const char *open, const char *close, const char *text, int length, struct names *names,
    struct myo_err *err)
{
	char *one = myo_format(err, "%.*s%.*s%s", (int)(open - path), path, length, text, close + 1);
	int rc = one != NULL ? MYO_OK : MYO_FAIL;

	if (rc == MYO_OK && names->count >= MAX_NAMES)
		rc = myo_fail(err, "stands for more than %d files", MAX_NAMES);
	if (rc == MYO_OK)
		rc = expand(one, names, err);
	free(one);
	return rc;
}

/* "000..146" between the braces. Returns the least number of digits of a number; 0: it is no range. */
static int
parse_range(const char *open, const char *close, long *first, long *last)
{
	char *end;

	if (!isdigit((unsigned char)open[1]))
		return 0;
	*first = strtol(open + 1, &end, 10);
	const int digits = (int)(end - open - 1);
	if (strncmp(end, "..", 2) != 0 || !isdigit((unsigned char)end[2]) || digits > 9)
		return 0;
	const char *second = end + 2;
	*last = strtol(second, &end, 10);
	if (end != close || end - second > 9 || *last < *first)
		return 0;
	return open[1] == '0' ? digits : 1;
}

static int
expand(const char *path, struct names *names, struct myo_err *err)
{
	const char *open = strchr(path, '{'), *close = open != NULL ? strchr(open, '}') : NULL;
	long first, last;
	char number[32];
	int rc = MYO_OK;

	if (close == NULL)
		return names_append(names, path, strlen(path), err) < 0 ? MYO_FAIL : MYO_OK;
	const int digits = parse_range(open, close, &first, &last);
	if (digits > 0) {
		for (long n = first; n <= last && rc == MYO_OK; n++) {
			const int length = snprintf(number, sizeof number, "%0*ld", digits, n);
			rc = expand_with(path, open, close, number, length, names, err);
		}
		return rc;
	}
	if (memchr(open, ',', (size_t)(close - open)) == NULL)
		return myo_fail(err, "isn't there, and its braces hold neither 00..12 nor a,b");
	for (const char *item = open + 1; item <= close && rc == MYO_OK;) {
		const size_t length = strcspn(item, ",}");
		rc = expand_with(path, open, close, item, (int)length, names, err);
		item += length + 1;
	}
	return rc;
}

int
braces_expand(const char *path, struct names *names, struct myo_err *err)
{
	if (strchr(path, '{') == NULL || access(path, F_OK) == 0)
		return names_append(names, path, strlen(path), err) < 0 ? MYO_FAIL : MYO_OK;
	if (expand(path, names, err) == MYO_OK)
		return MYO_OK;
	myo_err_prefix(err, "%s: ", path);
	return MYO_FAIL;
}
