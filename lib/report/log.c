/* Reading logs of training: tab-separated values under a line of names. */
#include "report/private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 32 };

/* The numbers of a line; NaN: it lacks one. */
struct line {
	double epoch, rows, series[LOG_SERIES];
};

/* Where each column's numbers go, as an index into struct line; SIZE_MAX: nowhere. */
struct columns {
	size_t count, to[COLUMNS];
};

static size_t
column_of(const char *name)
{
	char *end;

	if (strcmp(name, "epoch") == 0)
		return offsetof(struct line, epoch);
	if (strcmp(name, "rows") == 0)
		return offsetof(struct line, rows);
	if (strcmp(name, "loss") == 0)
		return offsetof(struct line, series[LOG_LOSS]);
	if (strcmp(name, "accuracy") == 0)
		return offsetof(struct line, series[LOG_ACCURACY]);
	if (strncmp(name, "validation", 10) != 0)
		return SIZE_MAX;
	/* "validation", "validation2", ... */
	const unsigned long n = name[10] == '\0' ? 1 : strtoul(name + 10, &end, 10);
	if (n < 1 || n > LOG_VALIDATIONS || (name[10] != '\0' && *end != '\0'))
		return SIZE_MAX;
	return offsetof(struct line, series) + (LOG_VALIDATION + n - 1) * sizeof(double);
}

/* The next field of a line, which is modified; NULL after the last. */
static char *
next_field(char **line)
{
	char *const field = *line;

	if (field == NULL)
		return NULL;
	char *const tab = strchr(field, '\t');
	if (tab != NULL)
		*tab = '\0';
	*line = tab != NULL ? tab + 1 : NULL;
	return field;
}

static int
read_names(char *line, struct columns *columns, struct myo_err *err)
{
	bool has_epoch = false, has_loss = false;
	char *name;

	columns->count = 0;
	while ((name = next_field(&line)) != NULL) {
		if (columns->count == COLUMNS)
			return myo_fail(err, "has more than %d columns", COLUMNS);
		has_epoch = has_epoch || strcmp(name, "epoch") == 0;
		has_loss = has_loss || strcmp(name, "loss") == 0;
		columns->to[columns->count++] = column_of(name);
	}
	return has_epoch && has_loss ? MYO_OK :
	    myo_fail(err, "is no log of myopic-train: its first line names no epoch and no loss");
}

static int
read_line(char *text, const struct columns *columns, struct line *line, struct myo_err *err)
{
	char *field, *end;
	size_t count = 0;

	line->epoch = line->rows = NAN;
	for (size_t i = 0; i < LOG_SERIES; i++)
		line->series[i] = NAN;
	while ((field = next_field(&text)) != NULL && count < columns->count) {
		const size_t to = columns->to[count++];
		const double value = strtod(field, &end);
		if (to == SIZE_MAX)
			continue;
		if (strcmp(field, "NA") != 0 && (end == field || *end != '\0' || !isfinite(value)))
			return myo_fail(err, "'%.40s' is no number", field);
		if (strcmp(field, "NA") != 0)
			memcpy((char *)line + to, &value, sizeof value);
	}
	if (count != columns->count || field != NULL)
		return myo_fail(err, "has not as many columns as the first line names");
	return !isnan(line->epoch) || !isnan(line->rows) ? MYO_OK : myo_fail(err, "has no epoch and no number of rows");
}

/* ---- series ----------------------------------------------------------------------------------- */

/* Merge point a and the later point b into `to`: to their mean over rows, or to b. */
static void
join(struct log_series *s, size_t to, size_t a, size_t b, bool mean)
{
	const double rows = s->rows[a] + s->rows[b];

	s->value[to] = mean ? s->rows[a] / rows * s->value[a] + s->rows[b] / rows * s->value[b] : s->value[b];
	s->epoch[to] = s->epoch[b];
	s->at[to] = s->at[b];
	s->rows[to] = rows;
}

/* Add a number; if there are too many points, merge pairs of them. */
static void
take(struct log_series *s, const struct line *line, double value, double rows, bool mean)
{
	const bool begins = s->taken++ % s->stride == 0;

	if (begins && s->count == LOG_POINTS) {
		for (size_t i = 0; i < LOG_POINTS / 2; i++)
			join(s, i, 2 * i, 2 * i + 1, mean);
		s->count = LOG_POINTS / 2;
		s->stride *= 2;
	}
	s->epoch[s->count] = line->epoch;
	s->at[s->count] = line->rows;
	s->value[s->count] = value;
	s->rows[s->count] = rows;
	if (begins)
		s->count++;
	else
		join(s, s->count - 1, s->count - 1, s->count, mean);
}

static void
keep(struct log *log, const struct line *line)
{
	/* if the log doesn't say, all lines count the same */
	const double rows = line->rows > log->rows ? line->rows - log->rows : 1;

	for (size_t i = 0; i < LOG_SERIES; i++) {
		const bool training = i < LOG_VALIDATION;
		if (!isnan(line->series[i]))
			take(&log->series[i], line, line->series[i], rows, training);
		if (training || !isnan(line->series[i]))
			log->series[i].last = line->series[i];
	}
	log->epochs = line->epoch;
	log->lacks_epochs = log->lacks_epochs || isnan(line->epoch);
	log->rows = line->rows;
}

/* ---- files -------------------------------------------------------------------------------------- */

/* Read lines; a last one without a newline is ignored, since the training may still be running. */
static int
read_lines(FILE *file, struct log *log, struct myo_err *err)
{
	struct columns columns = { 0 };
	struct line line;
	char *text = NULL;
	size_t room = 0, number = 0;
	ssize_t length;
	int rc = MYO_OK;

	errno = 0;
	while (rc == MYO_OK && (length = getline(&text, &room, file)) > 0 && text[length - 1] == '\n') {
		text[length - 1] = '\0';
		if (number == 0)
			rc = read_names(text, &columns, err);
		else if ((rc = read_line(text, &columns, &line, err)) == MYO_OK)
			keep(log, &line);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s:%zu: ", log->path, number + 1);
		number++;
	}
	free(text);
	if (rc == MYO_OK && feof(file) == 0) /* no memory for a line, or a read error */
		return myo_fail_errno(err, "%s: can't be read", log->path);
	if (rc == MYO_OK && number < 2)
		return myo_fail(err, "%s: has no line of a training", log->path);
	return rc;
}

int
log_read(const char *path, struct log *log, struct myo_err *err)
{
	*log = (struct log){ 0 };
	log->path = myo_strdup(path, err);
	log->series = myo_calloc(LOG_SERIES, sizeof *log->series, err);
	if (log->path == NULL || log->series == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < LOG_SERIES; i++) {
		log->series[i].stride = 1;
		log->series[i].last = NAN;
	}
	FILE *const file = fopen(path, "re");
	if (file == NULL)
		return myo_fail_errno(err, "%s: can't be read", path);
	const int rc = read_lines(file, log, err);
	(void)fclose(file); /* read only, nothing can be lost */
	return rc;
}

void
log_clear(struct log *log)
{
	free(log->path);
	free(log->series);
	*log = (struct log){ 0 };
}
