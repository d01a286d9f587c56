/* Tab-separated values with a line of names. */
#include "chart/private.h"

#include <ctype.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { BYTES_MOST = 64 << 20, BYTES_FIRST = 64 << 10 };

/* A larger number is a mistake, and could make the arithmetic of scales overflow. */
#define NUMBER_MOST 1e100

struct myo_chart_table {
	const char *file;
	char *path;
	char *text; /* the file, in which every cell has been made a string */
	size_t columns, rows, room;
	char **cells;  /* [1 + rows, columns], the names first */
	size_t *lines; /* [1 + rows], the line of each in the file */
};

/* ---- files ---------------------------------------------------------------------------------- */

const char *
chart_file(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int
read_descriptor(int fd, char **text, size_t *length, struct myo_err *err)
{
	size_t room = 0, got = 0;

	*length = 0;
	while (*length == room) {
		if (room > BYTES_MOST)
			return myo_fail(err, "is larger than %d MiB", BYTES_MOST >> 20);
		room = room > 0 ? 2 * room : BYTES_FIRST;
		char *const more = myo_realloc(*text, room + 1, 1, err);
		if (more == NULL)
			return MYO_FAIL;
		*text = more;
		if (myo_read_all(fd, more + *length, room - *length, &got, err) != MYO_OK)
			return MYO_FAIL;
		*length += got;
	}
	(*text)[*length] = '\0';
	if (memchr(*text, 0, *length) != NULL)
		return myo_fail(err, "is no text: it has bytes of zero; tables are those of --tsv, or a log of myopic-train");
	return MYO_OK;
}

int
chart_read(const char *path, char **text, size_t *length, struct myo_err *err)
{
	const bool standard = strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	*text = NULL;
	if (fd < 0)
		return myo_fail_errno(err, "%s: can't be read", path);
	const int rc = read_descriptor(fd, text, length, err);
	if (!standard)
		(void)close(fd);
	if (rc == MYO_OK)
		return MYO_OK;
	myo_err_prefix(err, "%s: ", chart_file(path));
	free(*text);
	*text = NULL;
	return MYO_FAIL;
}

/* ---- lines and cells -------------------------------------------------------------------------- */

/* End a line at its newline, or at a carriage return before it; returns where the next one begins; NULL: none. */
static char *
end_line(char *line)
{
	char *const newline = strchr(line, '\n');
	char *const end = newline != NULL ? newline : line + strlen(line);

	*end = '\0';
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	return newline != NULL ? newline + 1 : NULL;
}

static int
make_room(struct myo_chart_table *table, size_t used, struct myo_err *err)
{
	if (used < table->room)
		return MYO_OK;
	const size_t room = table->room > 0 ? 2 * table->room : 64;
	size_t cells;
	if (!myo_mul(room, table->columns, &cells))
		return myo_fail_memory(err, SIZE_MAX);
	char **const more = myo_realloc(table->cells, cells, sizeof *more, err);
	if (more == NULL)
		return MYO_FAIL;
	table->cells = more;
	size_t *const lines = myo_realloc(table->lines, room, sizeof *lines, err);
	if (lines == NULL)
		return MYO_FAIL;
	table->lines = lines;
	table->room = room;
	return MYO_OK;
}

static size_t
count_cells(const char *line)
{
	size_t count = 1;

	for (; *line != '\0'; line++)
		count += *line == '\t';
	return count;
}

/* Add the `used`-th line that isn't empty; number: of the line in the file. */
static int
add_line(struct myo_chart_table *table, char *line, size_t number, size_t used, struct myo_err *err)
{
	const size_t count = count_cells(line);

	if (used == 0)
		table->columns = count;
	else if (count != table->columns)
		return myo_fail(err, "%s:%zu: %zu %s, where the first line has %zu", table->file, number, count,
		    count == 1 ? "cell" : "cells", table->columns);
	if (make_room(table, used, err) != MYO_OK)
		return MYO_FAIL;
	table->lines[used] = number;
	for (size_t i = 0; i < count; i++) {
		char *const tab = line + strcspn(line, "\t");
		table->cells[used * count + i] = line;
		line = tab + 1;
		*tab = '\0';
	}
	return MYO_OK;
}

static int
split(struct myo_chart_table *table, size_t length, bool growing, struct myo_err *err)
{
	size_t used = 0, number = 0;

	if (growing && length > 0 && table->text[length - 1] != '\n') {
		char *const last = strrchr(table->text, '\n');
		*(last != NULL ? last : table->text) = '\0';
	}
	for (char *line = table->text, *next; line != NULL; line = next) {
		next = end_line(line);
		number++;
		if (*line != '\0' && add_line(table, line, number, used++, err) != MYO_OK)
			return MYO_FAIL;
	}
	if (used == 0)
		return myo_fail(err, "%s: is empty, where a line with the names of the columns should be", table->file);
	table->rows = used - 1;
	return MYO_OK;
}

int
myo_chart_table_read(const char *path, bool growing, struct myo_chart_table **out, struct myo_err *err)
{
	struct myo_chart_table *const table = myo_calloc(1, sizeof *table, err);
	size_t length;

	*out = NULL;
	if (table == NULL)
		return MYO_FAIL;
	table->path = myo_strdup(path, err);
	table->file = table->path != NULL ? chart_file(table->path) : NULL;
	if (table->path == NULL || chart_read(path, &table->text, &length, err) != MYO_OK ||
	    split(table, length, growing, err) != MYO_OK) {
		myo_chart_table_free(table);
		return MYO_FAIL;
	}
	*out = table;
	return MYO_OK;
}

void
myo_chart_table_free(struct myo_chart_table *table)
{
	if (table == NULL)
		return;
	free(table->lines);
	free(table->cells);
	free(table->text);
	free(table->path);
	free(table);
}

/* ---- what is in it ------------------------------------------------------------------------------ */

const char *
myo_chart_table_name(const struct myo_chart_table *table)
{
	return table->file;
}

size_t
myo_chart_table_rows(const struct myo_chart_table *table)
{
	return table->rows;
}

int
myo_chart_table_find(const struct myo_chart_table *table, const char *name, size_t *column, struct myo_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < table->columns; i++)
		if (strcmp(table->cells[i], name) == 0 && found++ == 0)
			*column = i;
	if (found > 1)
		return myo_fail(err, "%s:%zu: two columns have the name '%s'", table->file, table->lines[0], name);
	return found == 1 ? MYO_OK : MYO_END;
}

int
myo_chart_table_need(const struct myo_chart_table *table, const char *name, size_t *column, struct myo_err *err)
{
	char known[512] = "";
	size_t used = 0;
	const int rc = myo_chart_table_find(table, name, column, err);

	if (rc != MYO_END)
		return rc;
	for (size_t i = 0; i < table->columns && used < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", table->cells[i]);
	return myo_fail(err, "%s: has no column '%s', but %s", table->file, name, known);
}

const char *
myo_chart_table_text(const struct myo_chart_table *table, size_t row, size_t column)
{
	return table->cells[(row + 1) * table->columns + column];
}

int
myo_chart_table_number(const struct myo_chart_table *table, size_t row, size_t column, double *number,
    struct myo_err *err)
{
	const char *const text = myo_chart_table_text(table, row, column);
	char *end;

	*number = NAN;
	if (*text == '\0' || strcasecmp(text, "NA") == 0)
		return MYO_OK;
	const double value = strtod(text, &end);
	if (end == text || *end != '\0' || isspace((unsigned char)*text))
		return myo_fail(err, "%s:%zu: '%.40s' in column '%.40s' is no number", table->file,
		    table->lines[row + 1], text, table->cells[column]);
	if (!isfinite(value))
		return MYO_OK;
	if (fabs(value) > NUMBER_MOST)
		return myo_fail(err, "%s:%zu: %.40s in column '%.40s' is too large to be drawn", table->file,
		    table->lines[row + 1], text, table->cells[column]);
	*number = value;
	return MYO_OK;
}
