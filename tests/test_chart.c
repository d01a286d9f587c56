/*
 * Tests of the chart room: tables, ticks, what charts hold, the paper's model, and that the same chart has the same
 * bytes.
 */
#include "chart/private.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/myopic-chart-XXXXXX";

/* A file in the tests' folder; a static text, good until the next call but seven. */
static const char *
path_of(const char *name)
{
	static char paths[8][128];
	static size_t next;
	char *const path = paths[next++ % MYO_COUNT(paths)];

	(void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static const char *
file_with(const char *name, const char *text)
{
	const char *const path = path_of(name);
	FILE *const file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	char command[64];

	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

#define ASSERT_SAYS(err, words) ck_assert_msg(strstr((err).text, words) != NULL, "'%s' does not say '%s'", (err).text, words)

/* ---- tables ---------------------------------------------------------------------------------------- */

START_TEST(tables_have_gaps)
{
	struct myo_chart_table *table;
	struct myo_err err = MYO_ERR_INIT;
	const char *const path = file_with("gaps.tsv", "a\tb\r\n1\t\r\n\n-2.5e1\tNA\nnan\t0x10\ninf\t0.25");
	static const double want[4][2] = { { 1, NAN }, { -25, NAN }, { NAN, 16 }, { NAN, 0.25 } };
	size_t column = 9;
	double number;

	ck_assert_int_eq(myo_chart_table_read(path, false, &table, &err), MYO_OK);
	ck_assert_uint_eq(myo_chart_table_rows(table), 4);
	ck_assert_int_eq(myo_chart_table_find(table, "b", &column, &err), MYO_OK);
	ck_assert_uint_eq(column, 1);
	ck_assert_int_eq(myo_chart_table_find(table, "c", &column, &err), MYO_END);
	for (size_t row = 0; row < 4; row++)
		for (size_t i = 0; i < 2; i++) {
			ck_assert_int_eq(myo_chart_table_number(table, row, i, &number, &err), MYO_OK);
			ck_assert(isnan(want[row][i]) ? isnan(number) : number == want[row][i]);
		}
	ck_assert_str_eq(myo_chart_table_text(table, 1, 1), "NA");
	ck_assert_int_eq(myo_chart_table_need(table, "c", &column, &err), MYO_FAIL);
	ASSERT_SAYS(err, "gaps.tsv: has no column 'c', but a, b");
	myo_chart_table_free(table);
	/* a program may be in the middle of the last line */
	ck_assert_int_eq(myo_chart_table_read(path, true, &table, &err), MYO_OK);
	ck_assert_uint_eq(myo_chart_table_rows(table), 3);
	myo_chart_table_free(table);
}
END_TEST

START_TEST(tables_name_the_line)
{
	static const struct {
		const char *text, *says;
	} cases[] = { { "", "bad.tsv: is empty" }, { "\n\n", "bad.tsv: is empty" },
		{ "a\tb\n1\t2\n\n3\n", "bad.tsv:4: 1 cell, where the first line has 2" },
		{ "a\tb\n1\t2\t3\n", "bad.tsv:2: 3 cells" } };
	struct myo_chart_table *table;
	struct myo_err err = MYO_ERR_INIT;
	double number;
	size_t column;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		ck_assert_int_eq(myo_chart_table_read(file_with("bad.tsv", cases[i].text), false, &table, &err),
		    MYO_FAIL);
		ck_assert_ptr_null(table);
		ASSERT_SAYS(err, cases[i].says);
	}
	ck_assert_int_eq(myo_chart_table_read(path_of("none.tsv"), false, &table, &err), MYO_FAIL);
	ASSERT_SAYS(err, "none.tsv: can't be read: No such file");
	ck_assert_int_eq(myo_chart_table_read(folder, false, &table, &err), MYO_FAIL);
	ASSERT_SAYS(err, "Is a directory");
	ck_assert_int_eq(myo_chart_table_read(file_with("bad.tsv", "a\ta\tb\n\n1\t 2\t3%\n1e200\t1\t1\n"), false,
	    &table, &err),
	    MYO_OK);
	ck_assert_int_eq(myo_chart_table_find(table, "a", &column, &err), MYO_FAIL);
	ASSERT_SAYS(err, "bad.tsv:1: two columns have the name 'a'");
	ck_assert_int_eq(myo_chart_table_number(table, 0, 1, &number, &err), MYO_FAIL);
	ASSERT_SAYS(err, "bad.tsv:3: ' 2' in column 'a' is no number");
	ck_assert_int_eq(myo_chart_table_number(table, 0, 2, &number, &err), MYO_FAIL);
	ASSERT_SAYS(err, "bad.tsv:3: '3%' in column 'b' is no number");
	ck_assert_int_eq(myo_chart_table_number(table, 1, 0, &number, &err), MYO_FAIL);
	ASSERT_SAYS(err, "bad.tsv:4: 1e200 in column 'a' is too large");
	myo_chart_table_free(table);
}
END_TEST

/* ---- axes -------------------------------------------------------------------------------------------- */

/* The labels along an axis, with spaces between. */
static const char *
labels(const struct chart_axis *axis)
{
	static char text[CHART_TICKS * CHART_LABEL];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < axis->count; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? " " : "",
		    axis->ticks[i].label);
	return text;
}

START_TEST(axes_have_round_ticks)
{
	static const struct {
		double points[4];
		double least, most;
		bool zero, log, places;
		double low, high; /* NaN: whatever */
		const char *labels;
	} cases[] = {
		{ { 0, 79, 40, 1 }, -INFINITY, INFINITY, true, false, false, 0, NAN, "0 20 40 60 80" },
		{ { 3, 79, 40, 5 }, -INFINITY, INFINITY, false, false, false, 0, NAN, "0 20 40 60 80" },
		{ { 44.8, 88.4, 70, 80 }, 0, 100, false, false, false, NAN, NAN, "50 60 70 80 90" },
		{ { 90, 100, 95, 97 }, 0, 100, false, false, false, NAN, 100, "90 92 94 96 98 100" },
		{ { 50000, 10000, 20000, 30000 }, -INFINITY, INFINITY, true, false, false, 0, NAN, "0 10,000 20,000 30,000 40,000 50,000" },
		{ { -0.3, 0.3, 0, 0 }, -INFINITY, INFINITY, false, false, false, NAN, NAN, "−0.2 0.0 0.2" },
		{ { 5, 5, 5, 5 }, -INFINITY, INFINITY, false, false, false, 4.5, 5.5, "4.6 4.8 5.0 5.2 5.4" },
		{ { 0, 0, 0, 0 }, -INFINITY, INFINITY, false, false, false, -1, 1, "−1.0 −0.5 0.0 0.5 1.0" },
		{ { 10, 30, 60, 150 }, -INFINITY, INFINITY, false, true, true, NAN, NAN, "10 30 60 150" },
		{ { 8, 12, 16, 32 }, -INFINITY, INFINITY, false, false, true, NAN, NAN, "8 12 16 32" },
		{ { 8, 8.1, 8.2, 320 }, -INFINITY, INFINITY, false, false, true, 0, NAN, "0 100 200 300" },
		{ { 0, 0.25, 0.5, 1 }, -INFINITY, 1, true, false, true, 0, 1, "0 0.25 0.5 1" },
		{ { 0, 0.1667, 0.3333, 1 }, -INFINITY, 1, true, false, true, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0" },
		{ { 1, 800, 3, 70 }, -INFINITY, INFINITY, false, true, false, NAN, NAN, "1 10 100 1,000" },
		{ { 0.002, 0.9, 0.1, 0.1 }, -INFINITY, INFINITY, false, true, false, NAN, NAN, "0.01 0.1 1" },
		{ { 1e-9, 1e-3, 1e-5, 1e-5 }, -INFINITY, INFINITY, false, true, false, NAN, NAN, "10⁻⁹ 10⁻⁸ 10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³" },
		{ { 1.2, 1.9, 1.5, 1.5 }, -INFINITY, INFINITY, false, true, false, NAN, NAN, "1.2 1.4 1.6 1.8" },
		{ { 0, 2e7, 1e6, 1 }, -INFINITY, INFINITY, true, false, false, 0, NAN, "0 5×10⁶ 10⁷ 1.5×10⁷ 2×10⁷" },
		{ { 1e9, 3e9, 2e9, 0 }, -INFINITY, INFINITY, false, false, false, 0, NAN, "0 10⁹ 2×10⁹ 3×10⁹" },
	};
	struct myo_err err = MYO_ERR_INIT;
	struct chart_axis axis;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const struct myo_chart_axis want = { .range = MYO_SCALE_INIT, .least = cases[i].least,
			.most = cases[i].most, .zero = cases[i].zero, .log = cases[i].log, .places = cases[i].places };
		ck_assert_int_eq(chart_axis_settle(&want, cases[i].points, 4, 4, 28, false, &axis, &err), MYO_OK);
		ck_assert_msg(strcmp(labels(&axis), cases[i].labels) == 0, "case %zu: %g to %g: %s, not %s", i,
		    axis.low, axis.high, labels(&axis), cases[i].labels);
		ck_assert_msg(isnan(cases[i].low) || fabs(axis.low - cases[i].low) < 1e-9, "case %zu begins at %g", i,
		    axis.low);
		ck_assert_msg(isnan(cases[i].high) || fabs(axis.high - cases[i].high) < 1e-9, "case %zu ends at %g",
		    i, axis.high);
		for (size_t k = 0; k < 4; k++) {
			const double share = chart_axis_share(&axis, cases[i].points[k]);
			ck_assert(share >= 0 && share <= 1);
		}
	}
}
END_TEST

START_TEST(axes_as_they_are_asked_for)
{
	static const double points[] = { 2, 8 };
	struct myo_chart_axis want = { .title = "loss", .range = { 0, 10 }, .least = -INFINITY, .most = INFINITY };
	struct myo_err err = MYO_ERR_INIT;
	struct chart_axis axis;

	ck_assert_int_eq(chart_axis_settle(&want, points, 2, 2, 20, false, &axis, &err), MYO_OK);
	ck_assert_double_eq(axis.low, 0);
	ck_assert_double_eq(axis.high, 10);
	ck_assert_double_eq_tol(chart_axis_share(&axis, 2.5), 0.25, 1e-12);
	/* however little room there is, there are two numbers */
	want.range = (struct myo_scale){ 0, 82 };
	ck_assert_int_eq(chart_axis_settle(&want, points, 2, 2, 2, false, &axis, &err), MYO_OK);
	ck_assert_str_eq(labels(&axis), "0 50");
	want.range = (struct myo_scale){ 0, 10 };
	want.down = true;
	ck_assert_int_eq(chart_axis_settle(&want, points, 2, 2, 20, false, &axis, &err), MYO_OK);
	ck_assert_double_eq_tol(chart_axis_share(&axis, 2.5), 0.75, 1e-12);
	want.log = true;
	ck_assert_int_eq(chart_axis_settle(&want, points, 2, 2, 20, false, &axis, &err), MYO_FAIL);
	ASSERT_SAYS(err, "the axis 'loss' is logarithmic, and there is no place for 0 on it");
	want.range = (struct myo_scale)MYO_SCALE_INIT;
	ck_assert_int_eq(chart_axis_settle(&want, points, 0, 0, 20, false, &axis, &err), MYO_FAIL);
	ASSERT_SAYS(err, "nothing to be drawn along 'loss'");
	want.down = false;
	ck_assert_int_eq(chart_axis_settle(&want, points, 2, 2, 20, false, &axis, &err), MYO_OK);
	ck_assert_double_eq_tol(chart_axis_share(&axis, 4), 0.5, 1e-12);
}
END_TEST

/* ---- curves ------------------------------------------------------------------------------------------- */

START_TEST(curves_of_logs)
{
	static const char *const text = "step\tepoch\trows\tlr\tloss\taccuracy\tseconds\tvalidation\n"
	    "10\t1\t100\t0.1\t2.5\t0.25\t60\tNA\n20\t2\t200\t0.1\tNA\tNA\t120\t0.5\n"
	    "30\t3\t300\t0.1\tnan\t0.75\t180\t\n40\t4\t400\t0.1\t1.5\t0.8\t240\t0.625\n50\t5\t500\t0.1\t1.4";
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *chart;
	const char *paths[2];

	paths[0] = file_with("one.log", text);
	(void)mkdir(path_of("deep"), 0777);
	paths[1] = file_with("deep/one.log", "epoch\tseconds\tloss\taccuracy\n1\t30\t2\t0.5\n");
	ck_assert_int_eq(myo_chart_curves(paths, 1, true, &chart, &err), MYO_OK);
	ck_assert_uint_eq(chart->panels, 2);
	ck_assert_uint_eq(chart->panel[0].count, 1);
	ck_assert_uint_eq(chart->panel[1].count, 2);
	const struct myo_chart_series *const loss = &chart->panel[0].series[0];
	ck_assert_uint_eq(loss->count, 2);
	ck_assert_double_eq(loss->points[1].x, 4);
	ck_assert_double_eq(loss->points[1].y, 1.5);
	ck_assert_uint_eq(chart->panel[1].series[0].count, 3);
	ck_assert_double_eq(chart->panel[1].series[1].points[0].y, 50);
	ck_assert_double_eq(chart->panel[1].series[1].points[1].y, 62.5);
	ck_assert_uint_eq(chart->keys, 3);
	ck_assert_str_eq(chart->key[0].name, "one.log");
	ck_assert_int_eq(myo_chart_name(chart, "a,b", &err), MYO_FAIL);
	ck_assert_int_eq(myo_chart_name(chart, "mine", &err), MYO_OK);
	ck_assert_str_eq(chart->key[0].name, "mine");
	myo_chart_free(chart);

	/* two of one name keep their folders; they differ in colour and mark */
	ck_assert_int_eq(myo_chart_curves(paths, 2, false, &chart, &err), MYO_OK);
	ck_assert_str_eq(chart->key[1].name, paths[1]);
	ck_assert_uint_eq(chart->panel[0].series[1].look.nth, 1);
	ck_assert_double_eq(chart->panel[0].series[0].points[1].x, 4);
	myo_chart_free(chart);

	paths[0] = file_with("new.log", "epoch\tseconds\tloss\taccuracy\n");
	ck_assert_int_eq(myo_chart_curves(paths, 1, false, &chart, &err), MYO_FAIL);
	ck_assert_ptr_null(chart);
	ASSERT_SAYS(err, "new.log: has no loss and no accuracy yet");
	paths[0] = file_with("new.log", "epoch\tseconds\tloss\taccuracy\n1\t2\tx\t1\n");
	ck_assert_int_eq(myo_chart_curves(paths, 1, false, &chart, &err), MYO_FAIL);
	ASSERT_SAYS(err, "new.log:2: 'x' in column 'loss' is no number");
	/* accuracy alone has one panel */
	paths[0] = file_with("new.log", "epoch\tseconds\tloss\taccuracy\n1\t2\tNA\t1\n");
	ck_assert_int_eq(myo_chart_curves(paths, 1, false, &chart, &err), MYO_OK);
	ck_assert_uint_eq(chart->panels, 1);
	ck_assert_str_eq(chart->panel[0].y.title, "accuracy (%)");
	myo_chart_free(chart);
}
END_TEST

/* ---- tables as lines ----------------------------------------------------------------------------------- */

START_TEST(lines_of_tables)
{
	static const char *const where[] = { "test=whole" };
	const struct myo_chart_columns columns = { .x = "minutes", .y = "accuracy", .low = "low", .high = "high",
		.series = "network", .may_lack = true, .where_count = 1, .where = where };
	const char *const path = file_with("lines.tsv", "network\tminutes\ttest\taccuracy\tlow\thigh\n"
	    "small\t60\twhole\t80\t79\t81\nlarge\t60\twhole\t85\tNA\tNA\nsmall\t10\twhole\t70\t69\t71\n"
	    "small\t10\ttiles\t75\t74\t76\nlarge\tNA\twhole\t10\t9\t11\nsmall\t10\twhole\t66\t65\t67\n");
	struct myo_chart_columns wrong = columns;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *chart;

	ck_assert_int_eq(myo_chart_new(&chart, &err), MYO_OK);
	ck_assert_int_eq(myo_chart_add_table(chart, &columns, path, &err), MYO_OK);
	ck_assert_uint_eq(chart->named, 2);
	ck_assert_str_eq(chart->key[1].name, "large");
	const struct myo_chart_series *series = chart->panel[0].series;
	ck_assert_uint_eq(series[0].count, 3);
	ck_assert_double_eq(series[0].points[0].y, 66); /* in the order of minutes */
	ck_assert_double_eq(series[0].points[1].y, 70);
	ck_assert_double_eq(series[0].points[2].low, 79);
	ck_assert_uint_eq(series[1].count, 1);
	ck_assert(isnan(series[1].points[0].low));
	ck_assert_str_eq(chart->panel[0].x.title, "minutes");
	/* another table goes on with the same lines, and may lack what may be lacking */
	ck_assert_int_eq(myo_chart_add_table(chart, &columns,
	    file_with("more.tsv", "test\tnetwork\tminutes\taccuracy\nwhole\tlarge\t5\t50\n"), &err), MYO_OK);
	series = chart->panel[0].series;
	ck_assert_uint_eq(chart->named, 2);
	ck_assert_double_eq(series[1].points[0].y, 50);
	wrong.may_lack = false;
	ck_assert_int_eq(myo_chart_add_table(chart, &wrong, path_of("more.tsv"), &err), MYO_FAIL);
	ASSERT_SAYS(err, "more.tsv: has no column 'low'");
	wrong.where = (const char *const[]){ "test" };
	ck_assert_int_eq(myo_chart_add_table(chart, &wrong, path, &err), MYO_FAIL);
	ASSERT_SAYS(err, "'test' is not COLUMN=WORD");
	wrong.where = (const char *const[]){ "test=none" };
	ck_assert_int_eq(myo_chart_add_table(chart, &wrong, path, &err), MYO_FAIL);
	ASSERT_SAYS(err, "lines.tsv: none of its 6 rows has a point to draw");
	myo_chart_free(chart);
}
END_TEST

/* ---- reports ----------------------------------------------------------------------------------------------- */

#define BIN(low, high, images, correct, confidence) "{\"probability\": [" #low ", " #high "], \"images\": " #images \
	", \"correct\": " #correct ", \"confidence\": " #confidence "}"

START_TEST(calibration_of_a_report)
{
	const char *const path = file_with("report.json",
	    "{\"accuracy\": {\"percent\": 60, \"hits\": 9, \"of\": 15, \"interval\": [35.7, 80.2]},\n"
	    "\"bins\": [" BIN(0, 0.5, 5, 2, 0.4) ", " BIN(0.5, 0.75, 0, 0, 0) ", " BIN(0.75, 1, 10, 7, 0.9) "]}");
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *chart;

	ck_assert_int_eq(myo_chart_calibration(path, &chart, &err), MYO_OK);
	ck_assert_uint_eq(chart->panels, 2);
	ck_assert(chart->stacked);
	/* errors 0 and 0.2 over 5 and 10 images; mean probability 73.3%, right 60% */
	ck_assert_str_eq(chart->subtitle, "Calibration error 13.3 points over 15 images"); /* as by chance */
	const struct myo_chart_series *const bars = &chart->panel[0].series[0],
	    *const marks = &chart->panel[0].series[1];
	ck_assert_uint_eq(bars->count, 2); /* none of the empty bin */
	ck_assert_double_eq(bars->points[1].low, 75);
	ck_assert_double_eq_tol(bars->points[1].y, 70, 1e-9);
	ck_assert_double_eq_tol(marks->points[1].x, 90, 1e-9);
	ck_assert(marks->points[1].low < 70 && marks->points[1].low > 35 && marks->points[1].high > 70);
	ck_assert_double_eq(chart->panel[1].series[0].points[1].y, 10);
	myo_chart_free(chart);
	const char *const many = file_with("many.json", "{\"accuracy\": {\"percent\": 70, \"hits\": 70, \"of\": 100},\n"
	    "\"bins\": [" BIN(0, 0.75, 0, 0, null) ", " BIN(0.75, 1, 100, 70, 0.9) "]}");
	ck_assert_int_eq(myo_chart_calibration(many, &chart, &err), MYO_OK);
	ck_assert_str_eq(chart->subtitle, "Calibration error 20.0 points over 100 images; probabilities 20.0 too high");
	myo_chart_free(chart);

	ck_assert_int_eq(myo_chart_new(&chart, &err), MYO_OK);
	myo_chart_by_size(chart);
	ck_assert_int_eq(myo_chart_add_report(chart, 16, path, &err), MYO_OK);
	ck_assert_int_eq(myo_chart_add_report(chart, 8, path, &err), MYO_OK);
	ck_assert_double_eq(chart->panel[0].series[0].points[0].x, 8);
	ck_assert_double_eq(chart->panel[0].series[0].points[1].high, 80.2);
	myo_chart_free(chart);
}
END_TEST

START_TEST(reports_that_are_none)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "bad.json:" }, { "{\n\"accuracy\": 3,\n}", "bad.json:3: is no JSON" },
		{ "[1]", "bad.json: is no report of myopic-eval: there is no 'accuracy'" },
		{ "{\"accuracy\": 3}", "bad.json: is no report" },
		{ "{\"accuracy\": {}}", "there is no 'percent'" },
		{ "{\"accuracy\": {\"percent\": 101}}", "its 'percent' is no number from 0 to 100" },
		{ "{\"accuracy\": {\"percent\": \"1\"}}", "its 'percent' is no number" },
		{ "{\"accuracy\": {\"percent\": 1, \"interval\": [2]}}", "its 'interval' is no pair" },
		{ "{\"accuracy\": {\"percent\": 1, \"interval\": [2, 1]}}", "its 'interval' is no pair" },
		{ "{\"accuracy\": {\"percent\": 1}}", "has no 'bins'" },
		{ "{\"accuracy\": {\"percent\": 1}, \"bins\": [3]}", "bin 1: its 'probability' is no pair" },
		{ "{\"accuracy\": {\"percent\": 1}, \"bins\": [" BIN(0, 1, 5, 6, 0.4) "]}", "bin 1: its 'images' and 'correct'" },
		{ "{\"accuracy\": {\"percent\": 1}, \"bins\": [" BIN(0, 1, 5, 3, 1.4) "]}", "bin 1: its 'confidence'" },
		{ "{\"accuracy\": {\"percent\": 1}, \"bins\": [" BIN(0, 1, 0, 0, 0) "]}", "no image in any of its bins" },
	};
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *chart;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		ck_assert_int_eq(myo_chart_calibration(file_with("bad.json", cases[i].text), &chart, &err), MYO_FAIL);
		ck_assert_ptr_null(chart);
		ASSERT_SAYS(err, cases[i].says);
		ASSERT_SAYS(err, "bad.json");
	}
}
END_TEST

/* ---- the paper ------------------------------------------------------------------------------------------- */

START_TEST(the_model_of_the_error)
{
	/*
	 * By Python, from the formula as it is published: T = ((h-t)/s + 1)**2; mesh = (N*T)**(-3/(3*t*t)); grad =
	 * (h/t)**(1/(3*t*t)); train = 0.5*sqrt(k)*log(h/t); (mesh*grad + train)/sqrt(T)
	 */
	static const struct {
		double t;
		struct myo_chart_setting setting;
		double error;
	} cases[] = {
		{ 8, { 50000, 32, 1, 10 }, 0.118444204370142 }, { 16, { 50000, 32, 1, 10 }, 0.119672890341512 },
		{ 32, { 50000, 32, 1, 10 }, 0.989489436360844 }, { 1, { 50000, 32, 1, 10 }, 0.171244052273168 },
		{ 12.5, { 50000, 32, 1, 100 }, 0.273148706591448 }, { 48, { 5000, 96, 5, 10 }, 0.197201137773174 },
		{ 24, { 100000, 64, 3, 200 }, 0.551668737507456 }, { 112, { 1281167, 256, 4, 1000 }, 0.380250336575573 },
	};
	static const struct myo_chart_setting cifar = { 50000, 32, 1, 10 };

	for (size_t i = 0; i < MYO_COUNT(cases); i++)
		ck_assert_double_eq_tol(myo_chart_model(&cases[i].setting, cases[i].t), cases[i].error, 1e-13);
	ck_assert(isnan(myo_chart_model(&cifar, 0.9)));
	ck_assert(isnan(myo_chart_model(&cifar, 32.1)));
	ck_assert(isnan(myo_chart_model(&cifar, NAN)));
}
END_TEST

START_TEST(the_paper_beside_others)
{
	const struct myo_chart_paper *const paper = myo_chart_paper_find("cifar10/resnet9");
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *chart;
	size_t n = 0;

	ck_assert_ptr_null(myo_chart_paper_find("cifar10"));
	for (const struct myo_chart_paper *each; (each = myo_chart_paper_nth(n)) != NULL; n++) {
		ck_assert_ptr_eq(myo_chart_paper_find(each->name), each);
		for (size_t i = 0; i < each->count; i++) {
			ck_assert(each->points[i].accuracy > 20 && each->points[i].accuracy < 94);
			ck_assert(each->points[i].size <= each->setting.side);
			ck_assert(i == 0 || each->points[i].size > each->points[i - 1].size);
		}
	}
	ck_assert_uint_eq(n, 10);
	ck_assert_int_eq(myo_chart_new(&chart, &err), MYO_OK);
	myo_chart_by_size(chart);
	ck_assert_int_eq(myo_chart_add_model(chart, &paper->setting, &err), MYO_FAIL); /* of no sizes */
	ck_assert_int_eq(myo_chart_add_paper(chart, paper, &err), MYO_OK);
	ck_assert_int_eq(myo_chart_add_model(chart, &myo_chart_paper_find("stl10-32/resnet9")->setting, &err),
	    MYO_FAIL);
	ASSERT_SAYS(err, "wants the images, the stride");
	ck_assert_int_eq(myo_chart_add_model(chart, &paper->setting, &err), MYO_OK);
	ck_assert_double_eq(chart->panel[0].series[0].points[2].y, 91.55);
	const struct myo_chart_series *const model = &chart->panel[0].series[1];
	ck_assert(model->right);
	ck_assert_double_eq(model->points[0].x, 8);
	ck_assert_double_eq(model->points[model->count - 1].x, 32);
	ck_assert_ptr_nonnull(strstr(chart->note, "arXiv 2205.10760"));
	ck_assert_ptr_nonnull(strstr(chart->note, "50,000 images of side 32, stride 1, 10 classes"));
	myo_chart_free(chart);
}
END_TEST

/* ---- drawing ------------------------------------------------------------------------------------------------ */

static struct myo_chart *
some_chart(void)
{
	const struct myo_chart_columns columns = { .x = "x", .y = "y", .low = "low", .high = "high" };
	const struct myo_chart_paper *const paper = myo_chart_paper_find("cifar10/resnet9");
	const char *const path = file_with("some.tsv",
	    "x\ty\tlow\thigh\n8\t40\t38\t42\n16\t80\tNA\tNA\n24\t85\t84\t86\n");
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *chart;

	ck_assert_int_eq(myo_chart_new(&chart, &err), MYO_OK);
	myo_chart_by_size(chart);
	ck_assert_int_eq(myo_chart_add_table(chart, &columns, path, &err), MYO_OK);
	ck_assert_int_eq(myo_chart_name(chart, "no UTF-8: \xff\xc3 and \x1b[1m", &err), MYO_OK);
	ck_assert_int_eq(myo_chart_add_paper(chart, paper, &err), MYO_OK);
	ck_assert_int_eq(myo_chart_add_model(chart, &paper->setting, &err), MYO_OK);
	return chart;
}

static char *
bytes_of(const char *path, size_t *length)
{
	FILE *const file = fopen(path, "r");
	char *const bytes = calloc(1, 1 << 20);

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(bytes);
	*length = fread(bytes, 1, 1 << 20, file);
	ck_assert_int_eq(fclose(file), 0);
	return bytes;
}

START_TEST(same_charts_have_the_same_bytes)
{
	static const char *const ends[] = { "png", "svg", "pdf" };
	static const struct myo_chart_size size = { 800, 500, 13 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *const chart = some_chart();
	char one[16], other[16];
	size_t length, other_length;

	for (size_t i = 0; i < MYO_COUNT(ends); i++) {
		(void)snprintf(one, sizeof one, "one.%s", ends[i]);
		(void)snprintf(other, sizeof other, "other.%s", ends[i]);
		ck_assert_msg(myo_chart_draw(chart, path_of(one), &size, &err) == MYO_OK, "%s", err.text);
		if (i == 2)
			(void)sleep(1); /* a date would be another one */
		ck_assert_int_eq(myo_chart_draw(chart, path_of(other), &size, &err), MYO_OK);
		char *const bytes = bytes_of(path_of(one), &length),
		*const again = bytes_of(path_of(other), &other_length);
		ck_assert_uint_gt(length, 1000);
		ck_assert_uint_eq(length, other_length);
		ck_assert_mem_eq(bytes, again, length);
		free(bytes);
		free(again);
	}
	myo_chart_free(chart);
}
END_TEST

/* Cairo counts pictures over all of the process; a page must not. */
START_TEST(pages_know_nothing_of_others)
{
	static const uint8_t pixels[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	struct myo_err err = MYO_ERR_INIT;
	size_t length, other_length;
	char name[16];

	for (int i = 0; i < 12; i++) {
		struct myo_page *page;
		(void)snprintf(name, sizeof name, "page%d.svg", i);
		ck_assert_int_eq(myo_page_new(path_of(name), 60, 40, &page, &err), MYO_OK);
		ck_assert_int_eq(myo_page_pixels(page, 10, 10, pixels, 2, 2, 8, &err), MYO_OK);
		ck_assert_int_eq(myo_page_pixels(page, 30, 10, pixels, 1, 4, 4, &err), MYO_OK);
		ck_assert_int_eq(myo_page_save(page, &err), MYO_OK);
		myo_page_free(page);
	}
	char *const first = bytes_of(path_of("page0.svg"), &length),
	*const last = bytes_of(path_of("page11.svg"), &other_length);
	ck_assert_ptr_nonnull(strstr(first, "data:image/png"));
	ck_assert_uint_eq(length, other_length);
	ck_assert_mem_eq(first, last, length);
	free(first);
	free(last);
}
END_TEST

START_TEST(pages_that_cannot_be)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_chart *const chart = some_chart();
	static const struct {
		const char *name;
		struct myo_chart_size size;
		const char *says;
	} cases[] = {
		{ "small.png", { 120, 90, 13 }, "small.png: a page of 120 x 90 pixels has no room" },
		{ "small.svg", { 800, 120, 13 }, "no room" },
		{ "text.pdf", { 800, 500, 90 }, "no room" },
		{ "large.png", { 40000, 500, 13 }, "too large" },
		{ "none/a.svg", { 800, 500, 13 }, "No such file" },
		{ "a.gif", { 800, 500, 13 }, ".png, .svg or .pdf" },
	};

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const char *const path = path_of(cases[i].name);
		ck_assert_int_eq(myo_chart_draw(chart, path, &cases[i].size, &err), MYO_FAIL);
		ASSERT_SAYS(err, cases[i].says);
		ck_assert_int_ne(access(path, F_OK), 0);
	}
	myo_chart_free(chart);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("chart");
	TCase *tcase = tcase_create("chart");

	tcase_set_timeout(tcase, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_unchecked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, tables_have_gaps);
	tcase_add_test(tcase, tables_name_the_line);
	tcase_add_test(tcase, axes_have_round_ticks);
	tcase_add_test(tcase, axes_as_they_are_asked_for);
	tcase_add_test(tcase, curves_of_logs);
	tcase_add_test(tcase, lines_of_tables);
	tcase_add_test(tcase, calibration_of_a_report);
	tcase_add_test(tcase, reports_that_are_none);
	tcase_add_test(tcase, the_model_of_the_error);
	tcase_add_test(tcase, the_paper_beside_others);
	tcase_add_test(tcase, same_charts_have_the_same_bytes);
	tcase_add_test(tcase, pages_know_nothing_of_others);
	tcase_add_test(tcase, pages_that_cannot_be);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
