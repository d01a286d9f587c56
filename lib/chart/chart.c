/* What a chart holds: series of points, the key, the words. */
#include "chart/private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
empty_axis(struct myo_chart_axis *axis)
{
	*axis = (struct myo_chart_axis){ .range = MYO_SCALE_INIT, .least = -INFINITY, .most = INFINITY };
}

int
myo_chart_new(struct myo_chart **out, struct myo_err *err)
{
	struct myo_chart *const chart = myo_calloc(1, sizeof *chart, err);

	*out = chart;
	if (chart == NULL)
		return MYO_FAIL;
	chart->panels = 1;
	for (size_t i = 0; i < MYO_CHART_PANELS; i++) {
		empty_axis(&chart->panel[i].x);
		empty_axis(&chart->panel[i].y);
		empty_axis(&chart->panel[i].right);
	}
	return MYO_OK;
}

void
myo_chart_free(struct myo_chart *chart)
{
	if (chart == NULL)
		return;
	for (size_t i = 0; i < MYO_CHART_PANELS; i++) {
		for (size_t k = 0; k < chart->panel[i].count; k++)
			free(chart->panel[i].series[k].points);
		free(chart->panel[i].series);
	}
	for (size_t i = 0; i < chart->keys; i++)
		free(chart->key[i].name);
	free(chart->key);
	free(chart);
}

struct myo_chart_series *
chart_series(struct myo_chart_panel *panel, const struct myo_chart_look *look, struct myo_err *err)
{
	if (panel->count == panel->room) {
		const size_t room = panel->room > 0 ? 2 * panel->room : 8;
		struct myo_chart_series *const more = myo_realloc(panel->series, room, sizeof *more, err);
		if (more == NULL)
			return NULL;
		panel->series = more;
		panel->room = room;
	}
	struct myo_chart_series *const series = &panel->series[panel->count++];
	*series = (struct myo_chart_series){ .look = *look };
	return series;
}

int
chart_point(struct myo_chart_series *series, double x, double y, double low, double high, struct myo_err *err)
{
	if (series->count == series->room) {
		const size_t room = series->room > 0 ? 2 * series->room : 32;
		struct myo_chart_point *const more = myo_realloc(series->points, room, sizeof *more, err);
		if (more == NULL)
			return MYO_FAIL;
		series->points = more;
		series->room = room;
	}
	series->points[series->count++] = (struct myo_chart_point){ x, y, low, high };
	return MYO_OK;
}

static int
compare(double a, double b)
{
	return (a > b) - (a < b);
}

/* qsort() keeps no order among equals, so y decides. */
static int
compare_points(const void *a, const void *b)
{
	const struct myo_chart_point *const p = a, *const q = b;
	const int by_x = compare(p->x, q->x);

	return by_x != 0 ? by_x : compare(p->y, q->y);
}

void
chart_sort(struct myo_chart_series *series)
{
	if (series->count > 1)
		qsort(series->points, series->count, sizeof *series->points, compare_points);
}

int
chart_key(struct myo_chart *chart, const char *name, const struct myo_chart_look *look, struct myo_err *err)
{
	struct myo_chart_key *const more = myo_realloc(chart->key, chart->keys + 1, sizeof *more, err);

	if (more == NULL)
		return MYO_FAIL;
	chart->key = more;
	more[chart->keys] = (struct myo_chart_key){ .name = myo_strdup(name, err), .look = *look };
	if (more[chart->keys].name == NULL)
		return MYO_FAIL;
	chart->keys++;
	return MYO_OK;
}

void
chart_note(struct myo_chart *chart, const char *format, ...)
{
	size_t used = strlen(chart->note);
	va_list args;

	if (used > 0 && used + 1 < sizeof chart->note)
		chart->note[used++] = ' ';
	va_start(args, format);
	(void)vsnprintf(chart->note + used, sizeof chart->note - used, format, args);
	va_end(args);
}

int
myo_chart_name(struct myo_chart *chart, const char *names, struct myo_err *err)
{
	size_t given = 1;

	for (const char *p = names; *p != '\0'; p++)
		given += *p == ',';
	if (given != chart->named)
		return myo_fail(err, "'%s' are %zu names, and the chart has %zu things to be named", names, given,
		    chart->named);
	for (size_t i = 0; i < given; i++) {
		const int length = (int)strcspn(names, ",");
		char *const name = myo_format(err, "%.*s", length, names);
		if (name == NULL)
			return MYO_FAIL;
		free(chart->key[i].name);
		chart->key[i].name = name;
		names += length + 1;
	}
	chart->given = true;
	return MYO_OK;
}
