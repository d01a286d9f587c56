/* private.h - what the files of the chart room share. */
#ifndef MYO_CHART_PRIVATE_H
#define MYO_CHART_PRIVATE_H

#include "chart/chart.h"

/* ---- what a chart holds (chart.c) ----------------------------------------------------- */

/* Add an empty series to a panel. The pointer is valid until the next one is added. NULL: no memory. */
struct myo_chart_series *chart_series(struct myo_chart_panel *panel, const struct myo_chart_look *look,
    struct myo_err *err);
MYO_MUST_USE int chart_point(struct myo_chart_series *series, double x, double y, double low, double high,
    struct myo_err *err);
/* Sort the points by x, and those of one x by y. */
void chart_sort(struct myo_chart_series *series);
MYO_MUST_USE int chart_key(struct myo_chart *chart, const char *name, const struct myo_chart_look *look,
    struct myo_err *err);
/* Append a sentence to the note. */
void chart_note(struct myo_chart *chart, const char *format, ...) MYO_PRINTF(2, 3);

/* ---- files (table.c, report.c) -------------------------------------------------------- */

/* What messages call a path. */
const char *chart_file(const char *path);

/* Read a whole file, on the heap, ended by 0; MYO_FAIL if there is a 0 in it. */
MYO_MUST_USE int chart_read(const char *path, char **text, size_t *length, struct myo_err *err);

enum { CHART_BINS = 256 };

struct chart_bin {
	double low, high, confidence; /* per cent */
	int64_t images, correct;
};

/* The numbers of a report of myopic-eval; shares in per cent. */
struct chart_report {
	double accuracy, low, high; /* low, high: NaN if it has no interval */
	double error;               /* calibration error; NaN if it has none */
	size_t bin_count;
	struct chart_bin bins[CHART_BINS];
};

/* bins: MYO_FAIL if the report has no bins. */
MYO_MUST_USE int chart_report_read(const char *path, bool bins, struct chart_report *report, struct myo_err *err);

/* ---- axes (ticks.c) --------------------------------------------------------------------- */

enum { CHART_TICKS = 64, CHART_LABEL = 48 };

struct chart_tick {
	double at;
	char label[CHART_LABEL];
};

/* An axis as it is drawn. */
struct chart_axis {
	double low, high; /* its ends; low < high, and above zero on a logarithmic one */
	bool log, down;
	size_t count;
	struct chart_tick ticks[CHART_TICKS];
};

/*
 * Choose an axis' ends and ticks.
 *
 * points, count  the numbers to be shown
 * marked         how many of the first ones have marks: with want->places ticks are at these
 * length         of the axis, in heights of a label, which limits the number of labels
 * upright        labels are above each other, not side by side
 */
MYO_MUST_USE int chart_axis_settle(const struct myo_chart_axis *want, const double *points, size_t count, size_t marked,
    double length, bool upright, struct chart_axis *axis, struct myo_err *err);

/* Where on the axis a number is: from 0 at its beginning (left, or bottom) to 1 at its end. */
double chart_axis_share(const struct chart_axis *axis, double number);

/* A number as a label, with so many decimals; CHART_POWERS: as a power of ten. */
enum { CHART_POWERS = -1 };
void chart_label(char label[CHART_LABEL], double number, int decimals);

/* ---- drawing ------------------------------------------------------------------------------ */

/* A panel on the page; x and y: the top left corner of the area within the axes. */
struct chart_frame {
	struct myo_page *page;
	double u; /* the unit: a twelfth of the height of plain text */
	double x, y, width, height;
	const struct myo_chart_panel *panel;
	struct chart_axis across, up, right;
	bool has_right;
	double left; /* width of labels and title to the left of that */
	bool bare; /* no labels below, since the next panel has them */
};

/* axes.c: the room that labels and titles take around the frame; the grid, drawn below the curves; and the axes. */
double chart_room_left(const struct chart_frame *frame);
double chart_room_right(const struct chart_frame *frame);
double chart_room_below(const struct chart_frame *frame);
void chart_draw_grid(const struct chart_frame *frame);
void chart_draw_axes(const struct chart_frame *frame);

/* series.c */
MYO_MUST_USE int chart_draw_series(const struct chart_frame *frame, const struct myo_chart_series *series,
    struct myo_err *err);
bool chart_has_marks(const struct myo_chart_series *series);
struct myo_rgb chart_colour(const struct myo_chart_look *look);
/* Draw a sample of a look for the key: `wide` to the right from x, centred on y. */
void chart_draw_sample(struct myo_page *page, double u, double x, double y, double wide,
    const struct myo_chart_look *look);

/*
 * words.c: title, subtitle and key from the top, and the note from the bottom. Each returns the height that it takes;
 * ink: draw it, too.
 */
double chart_words_above(const struct myo_chart *chart, struct myo_page *page, double u, bool ink);
double chart_words_below(const struct myo_chart *chart, struct myo_page *page, double u, bool ink);

#endif
