/* Logs of trainings: tab-separated values under a line of names. */
#include "report/private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = LOG_POINTS - 1, COLUMNS = 32 };

/* Where a column's numbers go: at which offset of a point; SIZE_MAX: nowhere. */
struct columns {
	size_t count, to[COLUMNS];
};

static size_t
column_of(const char *name)
{
	char *end;

	if (strcmp(name, "epoch") == 0)
		return offsetof(struct log_point, epoch);
	if (strcmp(name, "loss") == 0)
		return offsetof(struct log_point, loss);
	if (strcmp(name, "accuracy") == 0)
		return offsetof(struct log_point, share[LOG_ACCURACY]);
	if (strncmp(name, "validation", 10) != 0)
		return SIZE_MAX;
	/* "validation", "validation2", ... */
	const unsigned long n = name[10] == '\0' ? 1 : strtoul(name + 10, &end, 10);
	if (n < 1 || n > LOG_VALIDATIONS || (name[10] != '\0' && *end != '\0'))
		return SIZE_MAX;
	return offsetof(struct log_point, share) + (LOG_VALIDATION + n - 1) * sizeof(double);
}

/* The next field of a line, which is cut up; NULL after the last. */
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
read_point(char *line, const struct columns *columns, struct log_point *point, struct myo_err *err)
{
	char *field, *end;
	size_t count = 0;

	point->epoch = point->loss = NAN;
	for (size_t i = 0; i < LOG_SHARES; i++)
		point->share[i] = NAN;
	while ((field = next_field(&line)) != NULL && count < columns->count) {
		const size_t to = columns->to[count++];
		const double value = strtod(field, &end);
		if (to == SIZE_MAX)
			continue;
		if (strcmp(field, "NA") != 0 && (end == field || *end != '\0' || !isfinite(value)))
			return myo_fail(err, "'%.40s' is no number", field);
		if (strcmp(field, "NA") != 0)
			memcpy((char *)point + to, &value, sizeof value);
	}
	if (count != columns->count || field != NULL)
		return myo_fail(err, "has not as many columns as the first line names");
	return isfinite(point->epoch) ? MYO_OK : myo_fail(err, "has no epoch");
}

/* Keep it where it is the next of every stride-th; when they are too many, half of them go. */
static void
keep(struct log *log, const struct log_point *point, size_t number)
{
	log->last = *point;
	if (number % log->stride != 0)
		return;
	if (log->count == KEPT) {
		for (size_t i = 0; i <= KEPT / 2; i++)
			log->points[i] = log->points[2 * i];
		log->count = KEPT / 2 + 1;
		log->stride *= 2;
		if (number % log->stride != 0)
			return;
	}
	log->points[log->count++] = *point;
	for (size_t i = LOG_VALIDATION; i < LOG_SHARES; i++)
		log->has_validation = log->has_validation || !isnan(point->share[i]);
}

/* A training that still runs may be in the middle of its last line, which is left out. */
static int
read_lines(FILE *file, struct log *log, struct myo_err *err)
{
	struct columns columns = { 0 };
	struct log_point point;
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t length;
	int rc = MYO_OK;

	errno = 0;
	while (rc == MYO_OK && (length = getline(&line, &room, file)) > 0 && line[length - 1] == '\n') {
		line[length - 1] = '\0';
		if (number == 0)
			rc = read_names(line, &columns, err);
		else if ((rc = read_point(line, &columns, &point, err)) == MYO_OK)
			keep(log, &point, number - 1);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s:%zu: ", log->path, number + 1);
		number++;
	}
	free(line);
	if (rc == MYO_OK && feof(file) == 0) /* no memory for a line, or no reading */
		return myo_fail_errno(err, "%s: can't be read", log->path);
	if (rc == MYO_OK && log->count == 0)
		return myo_fail(err, "%s: has no line of a training", log->path);
	return rc;
}

int
log_read(const char *path, struct log *log, struct myo_err *err)
{
	*log = (struct log){ .stride = 1 };
	log->path = myo_strdup(path, err);
	log->points = myo_calloc(LOG_POINTS, sizeof *log->points, err);
	if (log->path == NULL || log->points == NULL)
		return MYO_FAIL;
	FILE *const file = fopen(path, "re");
	if (file == NULL)
		return myo_fail_errno(err, "%s: can't be read", path);
	const int rc = read_lines(file, log, err);
	(void)fclose(file); /* read only, nothing can be lost */
	if (rc == MYO_OK && log->points[log->count - 1].epoch < log->last.epoch)
		log->points[log->count++] = log->last;
	return rc;
}

void
log_clear(struct log *log)
{
	free(log->path);
	free(log->points);
	*log = (struct log){ 0 };
}
