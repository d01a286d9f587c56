/*
 * chart.h - charts of the numbers that the programs print.
 *
 *   chart        series of points on axes, and how they are drawn
 *   table        tab-separated values with a line of names, as the programs write them
 *   lines        columns of tables against each other, and reports of myopic-eval by the size of their tiles
 *   curves       logs of training
 *   calibration  how far the probabilities of a report can be believed
 *   paper        what the paper measured, and its model of the error
 *
 * A chart is made by one of the last four, may be added to, and is drawn in the end; nothing is written before. Errors
 * in what is read name the file and, for a table, the line: "a.tsv:7: 5 cells, where the first line has 8".
 * The path "-" is standard input.
 */
#ifndef MYO_CHART_H
#define MYO_CHART_H

#include "base/base.h"
#include "draw/draw.h"

/* ---- chart -------------------------------------------------------------------------- */

struct myo_chart_point {
	double x, y;      /* in the units of their axes; never NaN */
	double low, high; /* ends of the whisker along y; of a bar, its sides along x; NaN: none */
};

enum myo_chart_style {
	MYO_CHART_LINE,   /* a line with marks, through the mean of points that share an x */
	MYO_CHART_BESIDE, /* the same, but thinner and with hollow marks: for comparison */
	MYO_CHART_SMOOTH, /* a line without marks */
	MYO_CHART_GUIDE,  /* a thin line without marks, below all others */
	MYO_CHART_MARKS,  /* only marks */
	MYO_CHART_BARS    /* bars from zero to y */
};

struct myo_chart_look {
	enum myo_chart_style style;
	size_t nth;    /* number of the colour and the mark */
	size_t dashes; /* number of the pattern of dashes; 0: solid */
	bool grey;     /* grey in place of the colour */
};

/* Points in ascending order of x. */
struct myo_chart_series {
	struct myo_chart_look look;
	bool right; /* y belongs to the right axis */
	size_t count, room;
	struct myo_chart_point *points;
};

/*
 * title   with the unit, "accuracy (%)"
 * range   its ends; MYO_SCALE_INIT: chosen to fit the points
 * least, most  limits for ends that are chosen: 0 and 100 for percentages
 * zero    begin at zero
 * log     logarithmic; all numbers must be positive
 * down    the low end is at the top
 * places  ticks where the points are, as long as there is room, rather than at round numbers
 */
struct myo_chart_axis {
	char title[96];
	struct myo_scale range;
	double least, most;
	bool zero, log, down, places;
};

struct myo_chart_panel {
	struct myo_chart_axis x, y, right; /* right: used only if a series belongs to it */
	size_t count, room;
	struct myo_chart_series *series;
};

/* An entry of the key: a name on the heap, and the look that it explains. */
struct myo_chart_key {
	char *name;
	struct myo_chart_look look;
};

enum { MYO_CHART_PANELS = 2, MYO_CHART_TEXT = 256 };

/*
 * title, subtitle   above the chart, unless empty
 * note              below it, in small type, in as many lines as it takes
 * stacked           the second panel is below the first one, a third as high, with the same x axis; else they are side
 *                   by side
 * panels, panel     how many are in use, and these
 * keys, key         the key; with a single entry it is drawn only if `given`
 * named             how many of the first entries myo_chart_name() gives names to
 * given             names were given
 */
struct myo_chart {
	char title[MYO_CHART_TEXT], subtitle[MYO_CHART_TEXT];
	char note[4 * MYO_CHART_TEXT];
	bool stacked;
	size_t panels;
	struct myo_chart_panel panel[MYO_CHART_PANELS];
	size_t keys, named;
	bool given;
	struct myo_chart_key *key;
};

/* A chart of one empty panel. */
MYO_MUST_USE int myo_chart_new(struct myo_chart **out, struct myo_err *err);
void myo_chart_free(struct myo_chart *chart);

/* Give names, separated by commas, to what has been read so far, in the order of the key; exactly one for each. */
MYO_MUST_USE int myo_chart_name(struct myo_chart *chart, const char *names, struct myo_err *err);

/* Width and height of the page, and the height of plain text, to which all else is proportional; in pixels. */
struct myo_chart_size {
	double width, height, text;
};

/*
 * Draw it to a file, PNG, SVG or PDF by its name, that appears whole or not at all. MYO_FAIL also if the page is too
 * small for the axes, if it has no point, and for a number that isn't positive on a logarithmic axis.
 */
MYO_MUST_USE int myo_chart_draw(const struct myo_chart *chart, const char *path, const struct myo_chart_size *size,
    struct myo_err *err);

/* ---- table -------------------------------------------------------------------------- */

struct myo_chart_table;

/*
 * Read a table. growing: another program may still be writing it, so a last line without a newline is ignored.
 * Empty lines are skipped; each other one must have as many cells as the first one, which has the names.
 */
MYO_MUST_USE int myo_chart_table_read(const char *path, bool growing, struct myo_chart_table **out,
    struct myo_err *err);
void myo_chart_table_free(struct myo_chart_table *table);

/* What messages call its file, and the number of rows below the names. */
const char *myo_chart_table_name(const struct myo_chart_table *table);
size_t myo_chart_table_rows(const struct myo_chart_table *table);

/* The number of the column of that name: MYO_END where there is none, MYO_FAIL where there are two. */
MYO_MUST_USE int myo_chart_table_find(const struct myo_chart_table *table, const char *name, size_t *column,
    struct myo_err *err);

/* The same for a column that must be there: if not, MYO_FAIL with the names of those that are. */
MYO_MUST_USE int myo_chart_table_need(const struct myo_chart_table *table, const char *name, size_t *column,
    struct myo_err *err);

/* The text of a cell, valid as long as the table; */
const char *myo_chart_table_text(const struct myo_chart_table *table, size_t row, size_t column);

/* or its number: NaN if it is empty, NA, or not finite; MYO_FAIL if it is something else. */
MYO_MUST_USE int myo_chart_table_number(const struct myo_chart_table *table, size_t row, size_t column, double *number,
    struct myo_err *err);

/* ---- lines -------------------------------------------------------------------------- */

/*
 * Which columns of a table to draw, by their names.
 *
 * low, high     ends of the whiskers, or NULL
 * may_lack      if the table has no columns low and high, draw no whiskers, rather than fail
 * series        rows, of all tables, with the same word in this column are one line; NULL: each table is a line
 * where         use only rows that meet all of these conditions, "COLUMN=WORD"
 */
struct myo_chart_columns {
	const char *x, *y, *low, *high, *series;
	bool may_lack;
	size_t where_count;
	const char *const *where;
};

/* Add a table's rows to the panel of a chart. Rows without an x or y are skipped; MYO_FAIL if none is left. */
MYO_MUST_USE int myo_chart_add_table(struct myo_chart *chart, const struct myo_chart_columns *columns, const char *path,
    struct myo_err *err);

/* Make the chart one of accuracy in per cent by the size of tiles. */
void myo_chart_by_size(struct myo_chart *chart);

/* Add the accuracy in a report of myopic-eval (JSON) at that size; all such points are one line, "measured". */
MYO_MUST_USE int myo_chart_add_report(struct myo_chart *chart, double size, const char *path, struct myo_err *err);

/* ---- curves ------------------------------------------------------------------------- */

/*
 * Logs of myopic-train: the loss, and beside it the accuracy of the rows in training and of each validation, in per
 * cent; against epochs, or minutes. At least one log.
 */
MYO_MUST_USE int myo_chart_curves(const char *const *paths, size_t count, bool minutes, struct myo_chart **out,
    struct myo_err *err);

/* ---- calibration -------------------------------------------------------------------- */

/*
 * From a report of myopic-eval (JSON): the accuracy of the images in each bin of probability, above a histogram of the
 * images. The subtitle has the calibration error in words.
 */
MYO_MUST_USE int myo_chart_calibration(const char *path, struct myo_chart **out, struct myo_err *err);

/* ---- paper -------------------------------------------------------------------------- */

/*
 * What the model of the error depends on: the number of training images, their side, the stride of the tiles, and the
 * number of classes. 0: not known.
 */
struct myo_chart_setting {
	double images, side, stride, classes;
};

enum { MYO_CHART_PAPER_POINTS = 8 };

/* A series of the paper: the accuracy in per cent on whole test images, by the size of the tiles trained on. */
struct myo_chart_paper {
	const char *name; /* "cifar10/resnet9" */
	const char *data, *network;
	struct myo_chart_setting setting;
	size_t count;
	struct {
		double size, accuracy;
	} points[MYO_CHART_PAPER_POINTS];
};

/* The n-th series, NULL after the last; and the series of that name, or NULL. */
const struct myo_chart_paper *myo_chart_paper_nth(size_t n);
const struct myo_chart_paper *myo_chart_paper_find(const char *name);

/* Add it to a chart by size, for comparison. */
MYO_MUST_USE int myo_chart_add_paper(struct myo_chart *chart, const struct myo_chart_paper *paper, struct myo_err *err);

/*
 * The paper's model of the error with tiles of side t, up to an unknown factor; NaN unless 1 <= t <= side:
 *   (mesh grad + train) / sqrt(T), where T = ((side - t) / stride + 1)^2 tiles, mesh = (images T)^(-1 / t^2),
 *   grad = (side / t)^(1 / (3 t^2)), train = sqrt(classes) ln(side / t) / 2
 */
double myo_chart_model(const struct myo_chart_setting *setting, double t);

/* Add the model, with an axis of its own at the right, which runs downwards so that up is better on both. */
MYO_MUST_USE int myo_chart_add_model(struct myo_chart *chart, const struct myo_chart_setting *setting,
    struct myo_err *err);

#endif
