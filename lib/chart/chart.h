/*
 * chart.h - curves on axes: what the programs say in numbers, to look at.
 *
 *   chart        series of points on axes, and how it is drawn
 *   table        tab-separated values with a line of names, as the programs write them
 *   lines        columns of tables against each other, and reports of myopic-eval by the size of their tiles
 *   curves       the logs of trainings
 *   calibration  how far the probabilities of a report can be believed
 *   paper        what the paper measured, and its model of the error
 *
 * A chart is made by one of the last four, may be added to, and is drawn in the end; nothing is written before. What
 * can't be read is refused with the file and, of a table, its line: "a.tsv:7: 5 cells, where the first line has 8".
 * The path "-" is standard input.
 */
#ifndef MYO_CHART_H
#define MYO_CHART_H

#include "base/base.h"
#include "draw/draw.h"

/* ---- chart -------------------------------------------------------------------------- */

struct myo_chart_point {
	double x, y;      /* in the units of their axes; never NaN */
	double low, high; /* ends of the whisker on y, of a bar its sides on x; NaN: none */
};

enum myo_chart_style {
	MYO_CHART_LINE,   /* with marks; where points share an x the line goes through their mean */
	MYO_CHART_BESIDE, /* the same thinner, with hollow marks: what is there to compare with */
	MYO_CHART_SMOOTH, /* without marks */
	MYO_CHART_GUIDE,  /* thin and without marks, below all others */
	MYO_CHART_MARKS,  /* marks alone */
	MYO_CHART_BARS    /* from zero to y */
};

struct myo_chart_look {
	enum myo_chart_style style;
	size_t nth;    /* which colour and mark */
	size_t dashes; /* which pattern of dashes; 0: solid */
	bool grey;     /* in place of the colour */
};

/* Points in the order of x. */
struct myo_chart_series {
	struct myo_chart_look look;
	bool right; /* y is on the axis at the right */
	size_t count, room;
	struct myo_chart_point *points;
};

/*
 * title   with the unit, "accuracy (%)"
 * range   its ends; what MYO_SCALE_INIT holds: as the points want it
 * least, most  points need no axis beyond these: 0 and 100 for shares in per cent
 * zero    it begins at zero
 * log     logarithmic; only positive numbers then
 * down    the low end is on top
 * places  ticks where the points are, as long as there is room, rather than at round numbers
 */
struct myo_chart_axis {
	char title[96];
	struct myo_scale range;
	double least, most;
	bool zero, log, down, places;
};

struct myo_chart_panel {
	struct myo_chart_axis x, y, right; /* right: only where a series is on it */
	size_t count, room;
	struct myo_chart_series *series;
};

/* A line of the key: a name on the heap, and the look that it explains. */
struct myo_chart_key {
	char *name;
	struct myo_chart_look look;
};

enum { MYO_CHART_PANELS = 2, MYO_CHART_TEXT = 256 };

/*
 * title, subtitle   above, where not empty
 * note              below, in small type, as many lines as it takes
 * stacked           the second panel is below the first one, a third as high, on the same x axis; else they stand side
 *                   by side
 * panels, panel     those in use
 * keys, key         what the lines are; one of a single name says nothing and isn't drawn, unless it was given
 * named             so many of the first keys are things of the user's, to be given names
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

/* Names for what has been read so far, in the order of the key, with commas between; as many as there are. */
MYO_MUST_USE int myo_chart_name(struct myo_chart *chart, const char *names, struct myo_err *err);

/* Width and height of the page, and the height of its plain text, which all else goes by; in pixels. */
struct myo_chart_size {
	double width, height, text;
};

/*
 * Draw it into a file, PNG, SVG or PDF by its name: whole, or not at all. MYO_FAIL also when the page is too small for
 * the axes, when there is no point on it, and for a number on a logarithmic axis that isn't positive.
 */
MYO_MUST_USE int myo_chart_draw(const struct myo_chart *chart, const char *path, const struct myo_chart_size *size,
    struct myo_err *err);

/* ---- table -------------------------------------------------------------------------- */

struct myo_chart_table;

/*
 * Read one. `growing`: another program may still be writing it, so a last line without its end is left out.
 * Empty lines are passed over; each other one has as many cells as the first one, which holds the names.
 */
MYO_MUST_USE int myo_chart_table_read(const char *path, bool growing, struct myo_chart_table **out,
    struct myo_err *err);
void myo_chart_table_free(struct myo_chart_table *table);

/* Its file as messages call it, and the number of rows below the names. */
const char *myo_chart_table_name(const struct myo_chart_table *table);
size_t myo_chart_table_rows(const struct myo_chart_table *table);

/* The number of the column of that name: MYO_END where there is none, MYO_FAIL where there are two. */
MYO_MUST_USE int myo_chart_table_find(const struct myo_chart_table *table, const char *name, size_t *column,
    struct myo_err *err);

/* The same where it has to be there: MYO_FAIL with the names of those that are. */
MYO_MUST_USE int myo_chart_table_need(const struct myo_chart_table *table, const char *name, size_t *column,
    struct myo_err *err);

/* A cell: its text, which lives as long as the table, */
const char *myo_chart_table_text(const struct myo_chart_table *table, size_t row, size_t column);

/* or its number: NaN where it is empty, NA, or not finite; MYO_FAIL where it is something else. */
MYO_MUST_USE int myo_chart_table_number(const struct myo_chart_table *table, size_t row, size_t column, double *number,
    struct myo_err *err);

/* ---- lines -------------------------------------------------------------------------- */

/*
 * Which columns of a table, by their names.
 *
 * low, high     ends of the whiskers, or NULL
 * may_lack      where the table has no such low and high there are no whiskers, and that is no error
 * series        rows of one word in this column are a line, in all tables; NULL: those of a table are
 * where         only rows in which a column has a word, "COLUMN=WORD", all of so many
 */
struct myo_chart_columns {
	const char *x, *y, *low, *high, *series;
	bool may_lack;
	size_t where_count;
	const char *const *where;
};

/* Add a table's rows to the panel of a chart. Rows without an x or y are passed over; none left is MYO_FAIL. */
MYO_MUST_USE int myo_chart_add_table(struct myo_chart *chart, const struct myo_chart_columns *columns, const char *path,
    struct myo_err *err);

/* Make the chart one of accuracy in per cent against the size of tiles. */
void myo_chart_by_size(struct myo_chart *chart);

/* Add the accuracy in a report of myopic-eval (JSON) at that size; all of these are one line, "measured". */
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
 * A report of myopic-eval (JSON): the accuracy of the images in each bin of probability, over the number of images in
 * it. The subtitle has the calibration error in words.
 */
MYO_MUST_USE int myo_chart_calibration(const char *path, struct myo_chart **out, struct myo_err *err);

/* ---- paper -------------------------------------------------------------------------- */

/*
 * What the model of the error depends on: training images, the images' side, the stride of the tiles, classes. 0: not
 * known.
 */
struct myo_chart_setting {
	double images, side, stride, classes;
};

enum { MYO_CHART_PAPER_POINTS = 8 };

/* A line of the paper's table: per cent of whole test images that a network trained on tiles of a size gets right. */
struct myo_chart_paper {
	const char *name; /* "cifar10/resnet9" */
	const char *data, *network;
	struct myo_chart_setting setting;
	size_t count;
	struct {
		double size, accuracy;
	} points[MYO_CHART_PAPER_POINTS];
};

/* The n-th line, NULL after the last; and the line of that name, or NULL. */
const struct myo_chart_paper *myo_chart_paper_nth(size_t n);
const struct myo_chart_paper *myo_chart_paper_find(const char *name);

/* Draw it beside the rest of a chart by size. */
MYO_MUST_USE int myo_chart_add_paper(struct myo_chart *chart, const struct myo_chart_paper *paper, struct myo_err *err);

/*
 * The paper's model of the error with tiles of side t, up to a factor that it leaves open; NaN unless 1 <= t <= side:
 *   (mesh grad + train) / sqrt(T), where T = ((side - t) / stride + 1)^2 tiles, mesh = (images T)^(-1 / t^2),
 *   grad = (side / t)^(1 / (3 t^2)), train = sqrt(classes) ln(side / t) / 2
 */
double myo_chart_model(const struct myo_chart_setting *setting, double t);

/* Draw it on an axis of its own at the right, which runs downwards so that better is up on both. */
MYO_MUST_USE int myo_chart_add_model(struct myo_chart *chart, const struct myo_chart_setting *setting,
    struct myo_err *err);

#endif
