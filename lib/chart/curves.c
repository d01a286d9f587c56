/* Charts of logs of training. */
#include "chart/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VALIDATIONS = 8, LOSS = 0, ACCURACY = 1 };

struct log {
	const struct myo_chart_table *table;
	size_t x, loss, accuracy;
	double per_x; /* a unit of the x axis in units of the log's column */
	size_t validations;
	size_t validation[VALIDATIONS];
};

static int
find_columns(struct log *log, bool minutes, struct myo_err *err)
{
	if (myo_chart_table_need(log->table, minutes ? "seconds" : "epoch", &log->x, err) != MYO_OK ||
	    myo_chart_table_need(log->table, "loss", &log->loss, err) != MYO_OK ||
	    myo_chart_table_need(log->table, "accuracy", &log->accuracy, err) != MYO_OK)
		return MYO_FAIL;
	log->per_x = minutes ? 60 : 1;
	for (; log->validations < VALIDATIONS; log->validations++) {
		char name[32] = "validation";
		if (log->validations > 0)
			(void)snprintf(name, sizeof name, "validation%zu", log->validations + 1);
		const int rc = myo_chart_table_find(log->table, name, &log->validation[log->validations], err);
		if (rc != MYO_OK)
			return rc == MYO_END ? MYO_OK : MYO_FAIL;
	}
	return MYO_OK;
}

/* Add a column of the log to a panel as a series; rows without a number are skipped. */
static int
add_series(struct myo_chart *chart, int panel, const struct log *log, size_t column, double times,
    const struct myo_chart_look *look, size_t *points, struct myo_err *err)
{
	struct myo_chart_series *series = NULL;
	double x, y;

	for (size_t row = 0; row < myo_chart_table_rows(log->table); row++) {
		if (myo_chart_table_number(log->table, row, log->x, &x, err) != MYO_OK ||
		    myo_chart_table_number(log->table, row, column, &y, err) != MYO_OK)
			return MYO_FAIL;
		if (isnan(x) || isnan(y))
			continue;
		if (series == NULL && (series = chart_series(&chart->panel[panel], look, err)) == NULL)
			return MYO_FAIL;
		if (chart_point(series, x / log->per_x, times * y, NAN, NAN, err) != MYO_OK)
			return MYO_FAIL;
		(*points)++;
	}
	if (series != NULL)
		chart_sort(series);
	return MYO_OK;
}

/* Training is dashed, the first validation solid, and further ones have patterns of their own. */
static struct myo_chart_look
look_of(size_t nth, size_t validation)
{
	return (struct myo_chart_look){ .style = validation == 0 ? MYO_CHART_BESIDE : MYO_CHART_LINE, .nth = nth,
		.dashes = validation == 0 ? 1 : validation == 1 ? 0 : validation };
}

static int
no_points(const struct log *log, bool minutes, struct myo_err *err)
{
	const char *const name = myo_chart_table_name(log->table);
	const size_t rows = myo_chart_table_rows(log->table);
	double x = NAN;

	for (size_t row = 0; row < rows && isnan(x); row++)
		if (myo_chart_table_number(log->table, row, log->x, &x, err) != MYO_OK)
			return MYO_FAIL;
	if (rows > 0 && isnan(x) && !minutes)
		return myo_fail(err, "%s: tells no epochs by which to draw it; --against minutes does without", name);
	return myo_fail(err, "%s: has no loss and no accuracy yet", name);
}

static int
add_log(struct myo_chart *chart, const char *path, size_t nth, bool minutes, size_t *validations, struct myo_err *err)
{
	const struct myo_chart_look training = look_of(nth, 0);
	struct myo_chart_table *table;
	size_t points = 0;

	if (myo_chart_table_read(path, true, &table, err) != MYO_OK)
		return MYO_FAIL;
	struct log log = { .table = table };
	int rc = find_columns(&log, minutes, err);
	if (rc == MYO_OK)
		rc = add_series(chart, LOSS, &log, log.loss, 1, &training, &points, err);
	if (rc == MYO_OK)
		rc = add_series(chart, ACCURACY, &log, log.accuracy, 100, &training, &points, err);
	for (size_t i = 0; rc == MYO_OK && i < log.validations; i++) {
		const struct myo_chart_look look = look_of(nth, i + 1);
		rc = add_series(chart, ACCURACY, &log, log.validation[i], 100, &look, &points, err);
	}
	if (rc == MYO_OK && points == 0)
		rc = no_points(&log, minutes, err);
	if (log.validations > *validations)
		*validations = log.validations;
	myo_chart_table_free(table);
	return rc;
}

/* ---- the key -------------------------------------------------------------------------------------- */

static const char *
base_of(const char *path)
{
	const char *const slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Name logs by their files, without the folders if the names differ even so. */
static int
name_logs(struct myo_chart *chart, const char *const *paths, size_t count, struct myo_err *err)
{
	bool differ = true;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			differ = differ && strcmp(base_of(paths[i]), base_of(paths[k])) != 0;
	for (size_t i = 0; i < count; i++) {
		const struct myo_chart_look look = { .style = MYO_CHART_LINE, .nth = i };
		if (chart_key(chart, chart_file(differ ? base_of(paths[i]) : paths[i]), &look, err) != MYO_OK)
			return MYO_FAIL;
	}
	chart->named = count;
	return MYO_OK;
}

static int
name_kinds(struct myo_chart *chart, size_t validations, struct myo_err *err)
{
	char name[32];

	for (size_t i = 0; i <= validations; i++) {
		struct myo_chart_look look = look_of(0, i);
		look.style = MYO_CHART_SMOOTH; /* marks distinguish logs */
		look.grey = true;
		(void)snprintf(name, sizeof name, i < 2 ? "%s" : "%s %zu", i == 0 ? "training" : "validation", i);
		if (chart_key(chart, name, &look, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

/* If no log has a loss, or no log an accuracy, leave out that panel. */
static void
leave_out_empty(struct myo_chart *chart)
{
	const struct myo_chart_panel loss = chart->panel[LOSS];

	if (chart->panel[LOSS].count > 0 && chart->panel[ACCURACY].count > 0)
		return;
	if (loss.count == 0) {
		chart->panel[LOSS] = chart->panel[ACCURACY];
		chart->panel[ACCURACY] = loss;
	}
	chart->panels = 1;
}

int
myo_chart_curves(const char *const *paths, size_t count, bool minutes, struct myo_chart **out, struct myo_err *err)
{
	size_t validations = 0;

	if (myo_chart_new(out, err) != MYO_OK)
		return MYO_FAIL;
	struct myo_chart *const chart = *out;
	chart->panels = 2;
	for (size_t i = 0; i < chart->panels; i++) {
		struct myo_chart_axis *const x = &chart->panel[i].x;
		(void)snprintf(x->title, sizeof x->title, minutes ? "minutes of training" : "epochs");
		x->zero = true;
	}
	(void)snprintf(chart->panel[LOSS].y.title, sizeof chart->panel[LOSS].y.title, "loss");
	(void)snprintf(chart->panel[ACCURACY].y.title, sizeof chart->panel[ACCURACY].y.title, "accuracy (%%)");
	chart->panel[ACCURACY].y.least = 0;
	chart->panel[ACCURACY].y.most = 100;
	int rc = name_logs(chart, paths, count, err);
	for (size_t i = 0; rc == MYO_OK && i < count; i++)
		rc = add_log(chart, paths[i], i, minutes, &validations, err);
	if (rc == MYO_OK)
		rc = name_kinds(chart, validations, err);
	if (rc == MYO_OK)
		leave_out_empty(chart);
	if (rc != MYO_OK) {
		myo_chart_free(chart);
		*out = NULL;
	}
	return rc;
}
