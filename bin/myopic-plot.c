/* myopic-plot - draw charts of the figures that other programs print. */
#include "chart/chart.h"
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum against { EPOCHS, MINUTES };
static const char *const againsts[] = { "epochs", "minutes", NULL };

enum log_axis { LOG_NONE, LOG_X, LOG_Y, LOG_BOTH };
static const char *const log_axes[] = { "none", "x", "y", "both", NULL };

struct settings {
	bool curves, sizes, lines, calibration;
	bool list; /* only list the paper's series */
	const char *output;
	int against; /* enum against */
	struct myo_chart_columns columns;
	struct myo_texts where, papers;
	bool model;
	struct myo_chart_setting setting;
	const char *names, *title, *subtitle, *x_title, *y_title, *x_range_text, *y_range_text;
	struct myo_scale x_range, y_range;
	int log; /* enum log_axis */
	long width, height;
	double text;
};

/* ---- the command line --------------------------------------------------------------------------- */

static void
check_kind(const struct settings *s)
{
	const struct myo_chart_columns *const c = &s->columns;
	const bool tables = s->lines || s->sizes;

	if (s->curves + s->sizes + s->lines + s->calibration != 1)
		myo_cli_usage("one of --curves, --sizes, --lines and --calibration has to be given");
	if (s->lines && (c->x == NULL || c->y == NULL))
		myo_cli_usage("--lines wants --x COLUMN and --y COLUMN");
	if ((c->low == NULL) != (c->high == NULL))
		myo_cli_usage("--low and --high come together");
	if (!tables && (c->x != NULL || c->y != NULL || c->low != NULL || c->series != NULL || s->where.count > 0))
		myo_cli_usage("--x, --y, --low, --high, --series and --where are for tables: --lines or --sizes");
	if (!tables && (s->x_title != NULL || s->y_title != NULL))
		myo_cli_usage("--x-title and --y-title are for --lines and --sizes");
	if (!s->curves && s->against != EPOCHS)
		myo_cli_usage("--against is for --curves");
	if (!s->sizes && (s->papers.count > 0 || s->model))
		myo_cli_usage("--paper and --model are for --sizes");
	if (s->calibration && (s->names != NULL || s->log != LOG_NONE || s->x_range_text != NULL ||
	    s->y_range_text != NULL))
		myo_cli_usage("--calibration has its own names and axes: no --names, --log-axis, --x-range or --y-range");
}

static void
check_range(const char *option, const char *text, struct myo_scale *range)
{
	if (text != NULL && !myo_scale_parse(text, range))
		myo_cli_usage("--%s: '%s' is not MIN:MAX, two numbers, the smaller one first", option, text);
}

/* The model's settings that aren't given are those of the data set of the first --paper series. */
static void
check_paper(struct settings *s)
{
	struct myo_chart_setting *const given = &s->setting;
	double *const values[] = { &given->images, &given->side, &given->stride, &given->classes };
	static const char *const names[] = { "images", "side", "stride", "classes" };

	for (size_t i = 0; i < s->papers.count; i++)
		if (myo_chart_paper_find(s->papers.items[i]) == NULL)
			myo_cli_usage("--paper: there is no '%s'; --paper list has them all", s->papers.items[i]);
	const struct myo_chart_paper *const paper =
	    s->papers.count > 0 ? myo_chart_paper_find(s->papers.items[0]) : NULL;
	const double of_paper[] = { paper != NULL ? paper->setting.images : 0, paper != NULL ? paper->setting.side : 0,
		paper != NULL ? paper->setting.stride : 0, paper != NULL ? paper->setting.classes : 0 };
	for (size_t i = 0; i < MYO_COUNT(values); i++) {
		if (!s->model && !isnan(*values[i]))
			myo_cli_usage("--%s is for --model", names[i]);
		if (isnan(*values[i]))
			*values[i] = of_paper[i];
		if (s->model && !(*values[i] > 0))
			myo_cli_usage("--model wants --%s%s", names[i],
			    paper == NULL ? ", or --paper for that of its data set" : ", which the paper doesn't give");
	}
}

static void
list_paper(void)
{
	const struct myo_chart_paper *paper;

	for (size_t n = 0; (paper = myo_chart_paper_nth(n)) != NULL; n++) {
		(void)printf("%-24s %s, %s:", paper->name, paper->data, paper->network);
		for (size_t i = 0; i < paper->count; i++)
			(void)printf("%s %g: %.2f", i > 0 ? "," : "", paper->points[i].size, paper->points[i].accuracy);
		(void)printf("\n");
	}
}

static int
parse(int argc, char **argv, struct settings *s)
{
	static const struct myo_program program = {
		.name = "myopic-plot",
		.summary = "draw charts of trainings, accuracies and calibration",
		.usage = "--curves|--sizes|--lines|--calibration -o FILE [INPUT]...",
		.notes = "The chart is PNG, SVG or PDF by the name of FILE. INPUT '-', or none, is standard input.",
	};
	const struct myo_opt options[] = {
		MYO_FLAG('c', "curves", &s->curves, "loss and accuracy from logs of myopic-train"),
		MYO_FLAG('s', "sizes", &s->sizes, "accuracy by tile size: SIZE=REPORT of myopic-eval, or tables"),
		MYO_FLAG('l', "lines", &s->lines, "columns of tables (TSV) against each other"),
		MYO_FLAG('b', "calibration", &s->calibration, "how far the probabilities of a report can be believed"),
		MYO_TEXT('o', "output", "FILE", &s->output, "the chart: a name that ends in .png, .svg or .pdf"),
		MYO_CHOICE('a', "against", "WHAT", &s->against, againsts, "what curves are drawn against"),
		MYO_TEXT('x', "x", "COLUMN", &s->columns.x, "column for the axis across; of sizes: size"),
		MYO_TEXT('y', "y", "COLUMN", &s->columns.y, "column for the axis up; of sizes: accuracy"),
		MYO_TEXT(0, "low", "COLUMN", &s->columns.low,
		    "lower ends of whiskers; of sizes: low, where there is one"),
		MYO_TEXT(0, "high", "COLUMN", &s->columns.high,
		    "upper ends of whiskers; of sizes: high, where there is one"),
		MYO_TEXT(0, "series", "COLUMN", &s->columns.series, "rows with one word in this column are a line"),
		MYO_LIST('w', "where", "COLUMN=WORD", &s->where,
		    "only rows with this word in this column; may be given again"),
		MYO_LIST('p', "paper", "SERIES", &s->papers, "what the paper measured, beside it; 'list' lists them"),
		MYO_FLAG('m', "model", &s->model, "the paper's model of the error, on an axis at the right"),
		MYO_REAL(0, "images", "N", &s->setting.images, 1, 1e12,
		    "training images, for the model; the paper's data set has its own"),
		MYO_REAL(0, "side", "N", &s->setting.side, 2, 1e6, "side of the images; the same"),
		MYO_REAL(0, "stride", "N", &s->setting.stride, 1, 1e6, "stride of the tiles; the same"),
		MYO_REAL(0, "classes", "N", &s->setting.classes, 1, 1e9, "number of classes; the same"),
		MYO_TEXT('n', "names", "A,B,C", &s->names,
		    "names for the key, in place of the files' and the columns'"),
		MYO_TEXT('t', "title", "TEXT", &s->title, "title of the chart"),
		MYO_TEXT(0, "subtitle", "TEXT", &s->subtitle, "a smaller line below it"),
		MYO_TEXT(0, "x-title", "TEXT", &s->x_title, "title of the axis across, with the unit"),
		MYO_TEXT(0, "y-title", "TEXT", &s->y_title, "title of the axis up"),
		MYO_TEXT(0, "x-range", "MIN:MAX", &s->x_range_text,
		    "ends of the axis across, in place of what the points want"),
		MYO_TEXT(0, "y-range", "MIN:MAX", &s->y_range_text,
		    "ends of the axis up; of curves, that of the accuracy"),
		MYO_CHOICE(0, "log-axis", "AXES", &s->log, log_axes,
		    "logarithmic axes; y of curves is that of the loss"),
		MYO_INT(0, "width", "PIXELS", &s->width, 0, MYO_PAGE_MAX_SIDE,
		    "width of the page; 0: as the chart wants"),
		MYO_INT(0, "height", "PIXELS", &s->height, 0, MYO_PAGE_MAX_SIDE, "height of the page; 0: the same"),
		MYO_REAL(0, "text", "PIXELS", &s->text, 4, 1000, "height of letters, by which lines and marks go, too"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	const int first = myo_cli_parse(options, 0, -1);
	s->list = s->papers.count == 1 && strcmp(s->papers.items[0], "list") == 0;
	if (s->list)
		return first;
	check_kind(s);
	if (s->output == NULL)
		myo_cli_usage("the chart wants a name: --output FILE");
	if (!myo_page_can_be(s->output))
		myo_cli_usage("--output: '%s' ends in none of .png, .svg and .pdf", s->output);
	check_range("x-range", s->x_range_text, &s->x_range);
	check_range("y-range", s->y_range_text, &s->y_range);
	check_paper(s);
	return first;
}

/* ---- charts -------------------------------------------------------------------------------------- */

/* An operand SIZE=REPORT; false for a table. */
static bool
is_report(const char *operand, double *size, const char **path)
{
	char *end;

	*size = strtod(operand, &end);
	if (end == operand || *end != '=' || !(*size > 0 && *size < 1e6))
		return false;
	*path = end + 1;
	return true;
}

static void
set_text(char *to, size_t size, const char *text)
{
	if (text != NULL)
		(void)snprintf(to, size, "%s", text);
}

static int
tables_chart(const struct settings *s, const char *const *inputs, size_t count, struct myo_chart **out,
    struct myo_err *err)
{
	struct myo_chart_columns columns = s->columns;
	int rc = myo_chart_new(out, err);

	columns.where_count = s->where.count;
	columns.where = s->where.items;
	if (s->sizes && rc == MYO_OK) {
		myo_chart_by_size(*out);
		columns.x = columns.x != NULL ? columns.x : "size";
		if (columns.y == NULL) {
			columns.y = "accuracy";
			columns.may_lack = columns.low == NULL;
			columns.low = columns.low != NULL ? columns.low : "low";
			columns.high = columns.high != NULL ? columns.high : "high";
		} else { /* only the user knows whether columns low and high are intervals of this one */
			set_text((*out)->panel[0].y.title, sizeof (*out)->panel[0].y.title, columns.y);
		}
	}
	for (size_t i = 0; i < count && rc == MYO_OK; i++) {
		const char *path;
		double size;
		if (s->sizes && is_report(inputs[i], &size, &path))
			rc = myo_chart_add_report(*out, size, path, err);
		else
			rc = myo_chart_add_table(*out, &columns, inputs[i], err);
	}
	if (rc == MYO_OK && s->names != NULL)
		rc = myo_chart_name(*out, s->names, err);
	for (size_t i = 0; i < s->papers.count && rc == MYO_OK; i++)
		rc = myo_chart_add_paper(*out, myo_chart_paper_find(s->papers.items[i]), err);
	if (rc == MYO_OK && s->model)
		rc = myo_chart_add_model(*out, &s->setting, err);
	return rc;
}

static int
make_chart(const struct settings *s, const char *const *inputs, size_t count, struct myo_chart **out,
    struct myo_err *err)
{
	if (s->curves) {
		const int rc = myo_chart_curves(inputs, count, s->against == MINUTES, out, err);
		return rc == MYO_OK && s->names != NULL ? myo_chart_name(*out, s->names, err) : rc;
	}
	if (s->calibration)
		return myo_chart_calibration(inputs[0], out, err);
	return tables_chart(s, inputs, count, out, err);
}

static void
set_words(const struct settings *s, struct myo_chart *chart)
{
	struct myo_chart_panel *const first = &chart->panel[0], *const last = &chart->panel[chart->panels - 1];

	set_text(chart->title, sizeof chart->title, s->title);
	set_text(chart->subtitle, sizeof chart->subtitle, s->subtitle);
	set_text(first->x.title, sizeof first->x.title, s->x_title);
	set_text(first->y.title, sizeof first->y.title, s->y_title);
	for (size_t i = 0; i < chart->panels; i++) {
		if (s->x_range_text != NULL)
			chart->panel[i].x.range = s->x_range;
		chart->panel[i].x.log = s->log == LOG_X || s->log == LOG_BOTH;
	}
	if (s->y_range_text != NULL)
		last->y.range = s->y_range;
	first->y.log = s->log == LOG_Y || s->log == LOG_BOTH;
}

static int
run(const struct settings *s, const char *const *inputs, size_t count, struct myo_err *err)
{
	const struct myo_chart_size size = { .width = s->width > 0 ? (double)s->width : s->calibration ? 600 : 800,
		.height = s->height > 0 ? (double)s->height : s->calibration ? 660 : 500, .text = s->text };
	struct myo_chart *chart = NULL;
	int rc = make_chart(s, inputs, count, &chart, err);

	if (rc == MYO_OK) {
		set_words(s, chart);
		rc = myo_chart_draw(chart, s->output, &size, err);
	}
	myo_chart_free(chart);
	return rc;
}

int
main(int argc, char **argv)
{
	static const char *const standard[] = { "-" };
	struct settings s = { .text = 13, .setting = { NAN, NAN, NAN, NAN } };
	struct myo_err err = MYO_ERR_INIT;
	const int first = parse(argc, argv, &s);
	size_t count = (size_t)(argc - first);
	const char *const *inputs = (const char *const *)argv + first;

	if (s.list) {
		list_paper();
		return myo_cli_leave(MYO_OK, NULL, &err);
	}
	if (count == 0 && s.papers.count == 0) {
		if (isatty(STDIN_FILENO))
			myo_cli_usage("what should be drawn? Name a file, or send one to standard input");
		inputs = standard;
		count = 1;
	}
	if (s.calibration && count > 1)
		myo_cli_usage("--calibration draws one report, and '%s' is one too many", inputs[1]);
	return myo_cli_leave(run(&s, inputs, count, &err), NULL, &err);
}
