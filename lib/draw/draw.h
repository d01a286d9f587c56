/*
 * draw.h - ink on paper: text, lines, pixels and colours on a page that becomes a PNG, SVG or PDF file.
 *
 *   page      the paper, and the file that it becomes
 *   text      one line at a time, cut with an ellipsis if it doesn't fit
 *   shapes    lines, areas, dots, and pictures whose pixels stay squares
 *   colours   colour maps for numbers, and a colour for each class
 *   scales    round numbers along an axis, and the bar that shows what colours mean
 *
 * Positions and lengths are in pixels from the top left corner (a pixel is a unit in SVG and a point in PDF).
 * Drawing functions don't fail; what went wrong is reported when the page is saved. Pages are drawn by
 * Cairo, so fonts are the machine's; on one machine the same drawing makes the same bytes, whatever else the process
 * has drawn.
 */
#ifndef MYO_DRAW_H
#define MYO_DRAW_H

#include "base/base.h"

/* ---- page -------------------------------------------------------------------------- */

struct myo_page;

enum { MYO_PAGE_MAX_SIDE = 32000 }; /* Cairo's own limit is 32767 */

/*
 * A white page. The ending of the path gives the format: .png, .svg or .pdf, in upper or lower case; MYO_FAIL for
 * others. Nothing is written before the page is saved.
 */
MYO_MUST_USE int myo_page_new(const char *path, double width, double height, struct myo_page **out,
    struct myo_err *err);

/* Write the page: the file appears whole or not at all. Draw no more after that. */
MYO_MUST_USE int myo_page_save(struct myo_page *page, struct myo_err *err);
void myo_page_free(struct myo_page *page);

/* Its sides, in pixels. */
double myo_page_width(const struct myo_page *page);
double myo_page_height(const struct myo_page *page);

/* Whether a path has the ending of a format of pages. */
bool myo_page_can_be(const char *path);

/* ---- text -------------------------------------------------------------------------- */

/* How a text looks: bold, plain, or in grey. */
enum myo_ink { MYO_INK_STRONG, MYO_INK_PLAIN, MYO_INK_FAINT };

enum { MYO_PAGE_LINE = 255 }; /* the most bytes of a line of text; a longer one is cut */

/*
 * A line of text on a baseline, cut with an ellipsis at max_width; returns the width drawn. In this and all other texts
 * a question mark replaces what isn't a character to be shown (myo_character()).
 */
double myo_page_text(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text);

/* The same, ending at x; and centred on x. */
void myo_page_text_left_of(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text);
void myo_page_text_around(struct myo_page *page, double x, double baseline, double max_width, double size,
    enum myo_ink ink, const char *text);

/* The same, running upwards from (x, y), centred within `length`. */
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

/* The outline of a rectangle, drawn inside it, `thick` wide. */
void myo_page_frame(struct myo_page *page, double x, double y, double width, double height, double thick,
    struct myo_rgb colour);

/* Straight lines from point to point, x y x y ...; there is a gap at a point that is NaN. count: of points. */
void myo_page_line(struct myo_page *page, const double *points, size_t count, double thick, struct myo_rgb colour);

/* The same in dashes. */
void myo_page_dashes(struct myo_page *page, const double *points, size_t count, double thick, struct myo_rgb colour);

/* The same in dashes of the n-th pattern, so that lines can be told apart without colour; the 0th is solid. */
void myo_page_dashes_nth(struct myo_page *page, const double *points, size_t count, double thick, size_t n,
    struct myo_rgb colour);

/*
 * A mark for the n-th of several things, filled with a white edge, or hollow, that is white inside. The first six can
 * be told apart without colour: a disc, a square, a triangle, a diamond, a triangle on its tip, a plus.
 */
void myo_page_mark(struct myo_page *page, double x, double y, double radius, size_t n, bool hollow,
    struct myo_rgb colour);

/* A dot. */
void myo_page_dot(struct myo_page *page, double x, double y, double radius, struct myo_rgb colour);

/* From now on draw only inside the rectangle, until myo_page_unclip(). */
void myo_page_clip(struct myo_page *page, double x, double y, double width, double height);
void myo_page_unclip(struct myo_page *page);

/*
 * A picture, U8 [height, width, 3], each pixel of which is a square of factor x factor that no viewer smooths.
 * MYO_FAIL when there is no memory for it.
 */
MYO_MUST_USE int myo_page_pixels(struct myo_page *page, int x, int y, const uint8_t *pixels,
    size_t height, size_t width, int factor, struct myo_err *err);

/* ---- colours ------------------------------------------------------------------------ */

enum { MYO_COLOURS = 256 };

enum myo_colours {
	/*
	 * From dark blue over red to pale yellow, in steps of equal perceived difference and rising
	 * lightness: a cubic curve in OKLab (Ottosson, 2020), divided into equal lengths.
	 */
	MYO_COLOURS_EMBER,
	/* Matplotlib's, by Smith and van der Walt (2015, CC0): perceptually uniform, of rising lightness. */
	MYO_COLOURS_VIRIDIS,
	MYO_COLOURS_MAGMA,
	/* Mikhailov's (Google, 2019): a rainbow without jet's false edges; not of rising lightness. */
	MYO_COLOURS_TURBO,
	/* The paper's, for comparison: its bright bands are artefacts. */
	MYO_COLOURS_JET,
	/*
	 * For signed numbers, from blue over near white to red: both arms have the same lightness and chroma, so that
	 * equal amounts for and against look equally strong.
	 */
	MYO_COLOURS_BALANCE
};

/* Their names, in the order of the enum, ended by NULL. */
extern const char *const myo_colours_names[];

/* table[i] = the i-th colour. */
void myo_colours(enum myo_colours which, struct myo_rgb table[MYO_COLOURS]);

/*
 * A colour for the n-th of several things: neighbours differ clearly, and the first eight also for colour-blind people
 * (Okabe and Ito, 2008).
 */
struct myo_rgb myo_colours_nth(size_t n);

/* ---- scales -------------------------------------------------------------------------- */

/* The numbers at the ends of an axis, or of the first and the last colour. */
struct myo_scale {
	double low, high;
};

#define MYO_SCALE_INIT { INFINITY, -INFINITY } /* empty; needs math.h */

/* Parse "MIN:MAX", two finite numbers, the smaller one first; false if it is something else. */
MYO_MUST_USE bool myo_scale_parse(const char *text, struct myo_scale *out);

/* Give a scale that is empty, or of a single value, some width, so that it can be drawn. */
void myo_scale_settle(struct myo_scale *scale);

/* The index of the colour of a number that isn't NaN, 0 to MYO_COLOURS - 1; clamped to the ends of the scale. */
unsigned myo_scale_colour(const struct myo_scale *scale, double number);

/*
 * Round numbers within the scale, 1, 2 or 5 times a power of ten apart, at most `most` of them (which counts as 2 at
 * least). None for a scale without a finite width.
 */
struct myo_ticks {
	double first, step;
	size_t count;
	int decimals; /* how many they need */
};

struct myo_ticks myo_scale_ticks(const struct myo_scale *scale, size_t most);

/* The n-th tick, and its label in `text`. */
double myo_ticks_at(const struct myo_ticks *ticks, size_t n, char *text, size_t size);

/*
 * A bar of all colours, with numbers beside it, and along it what they measure. scale NULL: each picture has its
 * own, and the ends are labelled by words. It is MYO_BAR_WIDTH wide.
 */
enum { MYO_BAR_WIDTH = 76 };
void myo_page_bar(struct myo_page *page, int x, int y, int height, const struct myo_rgb table[MYO_COLOURS],
    const struct myo_scale *scale, const char *measures);

#endif
