/* Columns of tables against each other, and reports by the size of their tiles. */
#include "chart/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WHERE_MOST = 16 };

/* The chosen columns of one table, by number. */
struct chosen {
	const struct myo_chart_table *table;
	size_t x, y, low, high, series;
	bool whiskers, parted;
	size_t where_count;
	struct {
		size_t column;
		const char *word;
	} where[WHERE_MOST];
};

/* ---- which columns ---------------------------------------------------------------------------- */

static int
choose_where(struct chosen *chosen, const char *where, struct myo_err *err)
{
	const char *const equals = strchr(where, '=');
	char name[256];

	if (equals == NULL || (size_t)(equals - where) >= sizeof name)
		return myo_fail(err, "'%s' is not COLUMN=WORD", where);
	if (chosen->where_count == WHERE_MOST)
		return myo_fail(err, "more than %d conditions on rows", WHERE_MOST);
	(void)snprintf(name, sizeof name, "%.*s", (int)(equals - where), where);
	chosen->where[chosen->where_count].word = equals + 1;
	return myo_chart_table_need(chosen->table, name, &chosen->where[chosen->where_count++].column, err);
}

static int
choose_whiskers(struct chosen *chosen, const struct myo_chart_columns *columns, struct myo_err *err)
{
	if (columns->low == NULL || columns->high == NULL)
		return MYO_OK;
	if (columns->may_lack) {
		const int low = myo_chart_table_find(chosen->table, columns->low, &chosen->low, err);
		const int high = low != MYO_OK ? low : myo_chart_table_find(chosen->table, columns->high,
		    &chosen->high, err);
		chosen->whiskers = high == MYO_OK;
		return high == MYO_FAIL ? MYO_FAIL : MYO_OK;
	}
	chosen->whiskers = true;
	if (myo_chart_table_need(chosen->table, columns->low, &chosen->low, err) != MYO_OK)
		return MYO_FAIL;
	return myo_chart_table_need(chosen->table, columns->high, &chosen->high, err);
}

static int
choose(struct chosen *chosen, const struct myo_chart_columns *columns, struct myo_err *err)
{
	if (myo_chart_table_need(chosen->table, columns->x, &chosen->x, err) != MYO_OK ||
	    myo_chart_table_need(chosen->table, columns->y, &chosen->y, err) != MYO_OK ||
	    choose_whiskers(chosen, columns, err) != MYO_OK)
		return MYO_FAIL;
	chosen->parted = columns->series != NULL;
	if (chosen->parted && myo_chart_table_need(chosen->table, columns->series, &chosen->series, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < columns->where_count; i++)
		if (choose_where(chosen, columns->where[i], err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/*
 * The line of that name, which is added if there is none. Such lines are added before all other series, so that their
 * numbers are those of the key.
 */
static int
line_of(struct myo_chart *chart, const char *name, struct myo_chart_series **out, struct myo_err *err)
{
	const struct myo_chart_look look = { .style = MYO_CHART_LINE, .nth = chart->named };

	for (size_t i = 0; i < chart->named; i++)
		if (strcmp(chart->key[i].name, name) == 0) {
			*out = &chart->panel[0].series[i];
			return MYO_OK;
		}
	*out = chart_series(&chart->panel[0], &look, err);
	if (*out == NULL || chart_key(chart, name, &look, err) != MYO_OK)
		return MYO_FAIL;
	chart->named++;
	return MYO_OK;
}

static bool
is_wanted(const struct chosen *chosen, size_t row)
{
	for (size_t i = 0; i < chosen->where_count; i++)
		if (strcmp(myo_chart_table_text(chosen->table, row, chosen->where[i].column),
		    chosen->where[i].word) != 0)
			return false;
	return true;
}

/* MYO_END: the row has no point. */
static int
read_row(const struct chosen *chosen, size_t row, struct myo_chart_point *point, struct myo_err *err)
{
	*point = (struct myo_chart_point){ .low = NAN, .high = NAN };
	if (myo_chart_table_number(chosen->table, row, chosen->x, &point->x, err) != MYO_OK ||
	    myo_chart_table_number(chosen->table, row, chosen->y, &point->y, err) != MYO_OK)
		return MYO_FAIL;
	if (chosen->whiskers && (myo_chart_table_number(chosen->table, row, chosen->low, &point->low, err) != MYO_OK ||
	    myo_chart_table_number(chosen->table, row, chosen->high, &point->high, err) != MYO_OK))
		return MYO_FAIL;
	return isnan(point->x) || isnan(point->y) ? MYO_END : MYO_OK;
}

static int
add_rows(struct myo_chart *chart, const struct chosen *chosen, size_t *added, struct myo_err *err)
{
	struct myo_chart_series *series;
	struct myo_chart_point point;

	for (size_t row = 0; row < myo_chart_table_rows(chosen->table); row++) {
		if (!is_wanted(chosen, row))
			continue;
		const int rc = read_row(chosen, row, &point, err);
		if (rc == MYO_FAIL)
			return MYO_FAIL;
		if (rc == MYO_END)
			continue;
		const char *const name = chosen->parted ? myo_chart_table_text(chosen->table, row, chosen->series)
		                                        : myo_chart_table_name(chosen->table);
		if (line_of(chart, name, &series, err) != MYO_OK ||
		    chart_point(series, point.x, point.y, point.low, point.high, err) != MYO_OK)
			return MYO_FAIL;
		(*added)++;
	}
	return MYO_OK;
}

/* Whether a column of this name holds shares between 0 and 1, so that its axis begins at 0. */
static bool
is_share(const char *name)
{
	return strcmp(name, "share") == 0 || strcmp(name, "probability") == 0;
}

static void
set_axis(struct myo_chart_axis *axis, const char *name)
{
	if (axis->title[0] == '\0')
		(void)snprintf(axis->title, sizeof axis->title, "%s", name);
	if (is_share(name)) {
		axis->zero = true;
		axis->most = 1;
	}
}

int
myo_chart_add_table(struct myo_chart *chart, const struct myo_chart_columns *columns, const char *path,
    struct myo_err *err)
{
	struct myo_chart_table *table;
	size_t added = 0;

	if (myo_chart_table_read(path, false, &table, err) != MYO_OK)
		return MYO_FAIL;
	struct chosen chosen = { .table = table };
	int rc = choose(&chosen, columns, err);
	if (rc == MYO_OK)
		rc = add_rows(chart, &chosen, &added, err);
	if (rc == MYO_OK && added == 0)
		rc = myo_fail(err, "%s: none of its %zu rows has a point to draw", myo_chart_table_name(table),
		    myo_chart_table_rows(table));
	myo_chart_table_free(table);
	if (rc != MYO_OK)
		return rc;
	for (size_t i = 0; i < chart->panel[0].count; i++)
		chart_sort(&chart->panel[0].series[i]);
	chart->panel[0].x.places = true;
	set_axis(&chart->panel[0].x, columns->x);
	set_axis(&chart->panel[0].y, columns->y);
	return MYO_OK;
}

/* ---- sizes of tiles --------------------------------------------------------------------------------- */

void
myo_chart_by_size(struct myo_chart *chart)
{
	struct myo_chart_panel *const panel = &chart->panel[0];

	(void)snprintf(panel->x.title, sizeof panel->x.title, "tile size (pixels)");
	(void)snprintf(panel->y.title, sizeof panel->y.title, "accuracy (%%)");
	panel->x.places = true;
	panel->y.least = 0;
	panel->y.most = 100;
}

int
myo_chart_add_report(struct myo_chart *chart, double size, const char *path, struct myo_err *err)
{
	struct chart_report report;
	struct myo_chart_series *series;

	if (chart_report_read(path, false, &report, err) != MYO_OK ||
	    line_of(chart, "measured", &series, err) != MYO_OK ||
	    chart_point(series, size, report.accuracy, report.low, report.high, err) != MYO_OK)
		return MYO_FAIL;
	chart_sort(series);
	return MYO_OK;
}
