/*
 * draw.h - ink on paper: text, lines, pixels and colours on a page that becomes a PNG, SVG or PDF file.
 *
 *   page      the paper and the file that it becomes
 *   text      one line at a time, cut with an ellipsis where it doesn't fit
 *   shapes    lines, areas, dots, and pictures whose pixels stay squares
 *   colours   even runs of colours for numbers, and one for each class
 *   scales    round numbers along an axis, and the bar that tells what a colour means
 *
 * Positions and lengths are in pixels from the top left corner (in SVG and PDF a pixel is a unit, a point).
 * Drawing never fails by itself; what went wrong is noticed when the page is saved. Pages are drawn by
 * Cairo, so fonts are the machine's; on one machine the same drawing makes the same bytes, whatever else the process
 * draws.
 */
#ifndef MYO_DRAW_H
#define MYO_DRAW_H

#include "base/base.h"

/* ---- page -------------------------------------------------------------------------- */

struct myo_page;

enum { MYO_PAGE_MAX_SIDE = 32000 }; /* Cairo's own limit is 32767 */

/*
 * A white page. What becomes of it is told by the path's end, .png, .svg or .pdf in any case of letters; MYO_FAIL for
 * others. Nothing is written before it is saved.
 */
MYO_MUST_USE int myo_page_new(const char *path, double width, double height, struct myo_page **out,
    struct myo_err *err);

/* Write the page: the file appears whole or not at all. Draw no more after that. */
MYO_MUST_USE int myo_page_save(struct myo_page *page, struct myo_err *err);
void myo_page_free(struct myo_page *page);

/* Its sides, in pixels. */
double myo_page_width(const struct myo_page *page);
double myo_page_height(const struct myo_page *page);

/* Whether a path ends as one that a page can become. */
bool myo_page_can_be(const char *path);

/* ---- text -------------------------------------------------------------------------- */

/* How a text looks: bold, plain, or in grey. */
enum myo_ink { MYO_INK_STRONG, MYO_INK_PLAIN, MYO_INK_FAINT };

enum { MYO_PAGE_LINE = 255 }; /* bytes of a line that are worth reading; what a longer one has more is cut */

/*
 * A line of text on a baseline, cut with an ellipsis at max_width; returns the width drawn. A question mark stands for
 * what is no UTF-8 or steers a terminal, here and in all texts.
 */
double myo_page_text(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text);

/* The same, ending at x; and with its middle at x. */
void myo_page_text_left_of(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text);
void myo_page_text_around(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text);

/* The same along a line that rises from (x, y), centred within length. */
void myo_page_text_up(struct myo_page *page, double x, double y, double length, double size, enum myo_ink ink,
    const char *text);

/* How wide the whole text would be. */
double myo_page_text_width(struct myo_page *page, double size, enum myo_ink ink, const char *text);

/* ---- shapes ------------------------------------------------------------------------- */

struct myo_rgb {
	uint8_t r, g, b; /* sRGB */
};

/* A filled rectangle. */
void myo_page_fill(struct myo_page *page, double x, double y, double width, double height, struct myo_rgb colour);

/* The outline of a rectangle, `thick` wide, inside of it. */
void myo_page_frame(struct myo_page *page, double x, double y, double width, double height, double thick,
    struct myo_rgb colour);

/* Straight lines from point to point, x y x y ...; a point that is no number parts them. count: of points. */
void myo_page_line(struct myo_page *page, const double *points, size_t count, double thick, struct myo_rgb colour);

/* The same in dashes. */
void myo_page_dashes(struct myo_page *page, const double *points, size_t count, double thick, struct myo_rgb colour);

/* The same in dashes of the n-th pattern, which differ without colour; the 0th is a solid line. */
void myo_page_dashes_nth(struct myo_page *page, const double *points, size_t count, double thick, size_t n,
    struct myo_rgb colour);

/*
 * A mark for the n-th of several things, within a white edge, or hollow, which is white inside. The first six differ
 * without colour: a disc, a square, a triangle, a diamond, a triangle on its tip, a plus.
 */
void myo_page_mark(struct myo_page *page, double x, double y, double radius, size_t n, bool hollow,
    struct myo_rgb colour);

/* A dot. */
void myo_page_dot(struct myo_page *page, double x, double y, double radius, struct myo_rgb colour);

/* From now on only what lies in the rectangle shows; everything again after myo_page_unclip(). */
void myo_page_clip(struct myo_page *page, double x, double y, double width, double height);
void myo_page_unclip(struct myo_page *page);

/*
 * A picture, U8 [height, width, 3], each pixel a square of factor x factor: exact, whatever a viewer would smooth.
 * x and y are whole. MYO_FAIL when there is no memory for it.
 */
MYO_MUST_USE int myo_page_pixels(struct myo_page *page, int x, int y, const uint8_t *pixels,
    size_t height, size_t width, int factor, struct myo_err *err);

/* ---- colours ------------------------------------------------------------------------ */

enum { MYO_COLOURS = 256 };

enum myo_colours {
	/*
	 * From dark blue over red to pale yellow in steps of equal perceived difference and rising
	 * lightness: a cubic curve in OKLab (Ottosson, 2020), walked at an even pace.
	 */
	MYO_COLOURS_EMBER,
	/* Matplotlib's, by Smith and van der Walt (2015, CC0): even, of rising lightness. */
	MYO_COLOURS_VIRIDIS,
	MYO_COLOURS_MAGMA,
	/* Mikhailov's (Google, 2019): a rainbow without jet's false edges; not of rising lightness. */
	MYO_COLOURS_TURBO,
	/* The paper's, to compare with: its bright bands are no feature of the numbers. */
	MYO_COLOURS_JET,
	/*
	 * For signed numbers, blue over near white to red: both arms alike in lightness and colourfulness, so equal
	 * amounts for and against look equally strong.
	 */
	MYO_COLOURS_BALANCE
};

/* Their names, in that order, and NULL. */
extern const char *const myo_colours_names[];

/* table[i] = the i-th colour. */
void myo_colours(enum myo_colours which, struct myo_rgb table[MYO_COLOURS]);

/*
 * A colour for the n-th of several things: neighbours differ clearly, and the first eight for the colour-blind, too
 * (Okabe and Ito, 2008).
 */
struct myo_rgb myo_colours_nth(size_t n);

/* ---- scales -------------------------------------------------------------------------- */

/* What numbers the ends of an axis, or the first and the last colour, stand for. */
struct myo_scale {
	double low, high;
};

#define MYO_SCALE_INIT { INFINITY, -INFINITY } /* of nothing; needs math.h */

/* From "MIN:MAX", two finite numbers, the smaller one first; false when it is something else. */
MYO_MUST_USE bool myo_scale_parse(const char *text, struct myo_scale *out);

/* Give a scale of nothing, or of one value, a width, so that it can be drawn. */
void myo_scale_settle(struct myo_scale *scale);

/* The colour, 0 to MYO_COLOURS - 1, of a number; beyond the scale its ends. The number is no NaN. */
unsigned myo_scale_colour(const struct myo_scale *scale, double number);

/*
 * Round numbers, 1, 2 or 5 times a power of ten apart, first to last within the scale, at most `most` of them (2 at
 * least). None of a scale without a finite width.
 */
struct myo_ticks {
	double first, step;
	size_t count;
	int decimals; /* that they need */
};

struct myo_ticks myo_scale_ticks(const struct myo_scale *scale, size_t most);

/* The n-th of them, and its text in `text`. */
double myo_ticks_at(const struct myo_ticks *ticks, size_t n, char *text, size_t size);

/*
 * A bar of all colours, numbers beside it, and along it what they measure. With scale NULL the
 * ends are words, since each picture has its own. It is MYO_BAR_WIDTH wide.
 */
enum { MYO_BAR_WIDTH = 76 };
void myo_page_bar(struct myo_page *page, int x, int y, int height, const struct myo_rgb table[MYO_COLOURS],
    const struct myo_scale *scale, const char *measures);

#endif
