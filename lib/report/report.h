/*
 * report.h - a page about a model's predictions: how good they are, where they fail, and where the evidence lies.
 *
 * The page is one self-contained HTML file: pictures, charts, style and script are in it, and it loads
 * nothing from any network. It can be read without scripts, which only sort tables and filter
 * pictures. Predictions are processed as they come; only sums are kept, and for each class three times `each`
 * images to choose from at the end: a few bytes for each, and its map if it has one, a float per pixel.
 */
#ifndef MYO_REPORT_H
#define MYO_REPORT_H

#include "base/base.h"
#include "heat/heat.h"
#include "stream/stream.h"

enum { MYO_REPORT_AUTO = -1 };

/*
 * title    of the page; NULL: a default
 * method   of the heat maps, an enum myo_heat_method; or MYO_REPORT_AUTO: COVER for tiles, EVIDENCE for whole images if
 *          they have it, else pictures without maps
 * about    the class in question: "label", "predicted", or a name
 * top      the k of top-k
 * each     the most pictures of each kind and class
 * gallery  the most classes with pictures: if there are more, those of the lowest accuracy, and classes of only a few
 *          images last
 * memory   for the sums of images whose rows are still to come; see score.h
 */
struct myo_report_settings {
	const char *title;
	int method;
	const char *about;
	size_t top, each, gallery, memory;
};

/* A page in the making. */
struct myo_report_page;

/*
 * predictions  their header, for tiles or whole images
 * name         what messages call the stream
 * images       the images that were predicted; NULL: the page has only numbers
 *
 * All of these must outlive the page.
 */
MYO_MUST_USE int myo_report_page_new(const struct myo_report_settings *settings, const struct myo_header *predictions,
    const char *name, const struct myo_heat_images *images, struct myo_report_page **out, struct myo_err *err);
void myo_report_page_free(struct myo_report_page *page);

/* Add a record of predictions. */
MYO_MUST_USE int myo_report_page_add(struct myo_report_page *page, const struct myo_record *record,
    struct myo_err *err);

/*
 * Read a whole stream of predictions for whole images, to be shown with those for tiles; before the first record of
 * these. Then accuracy, confusion and calibration are those of whole images, and so is the class that a picture is
 * taken for; its map is made from the tiles. Keeps some 40 bytes per image if there are pictures. The name must outlive
 * the page. MYO_FAIL if the classes differ; myo_report_page_add() fails on an image that isn't in this stream.
 */
MYO_MUST_USE int myo_report_page_whole(struct myo_report_page *page, struct myo_reader *whole, const char *name,
    struct myo_err *err);

/* Add a log that myopic-train has written; there may be several. */
MYO_MUST_USE int myo_report_page_log(struct myo_report_page *page, const char *path, struct myo_err *err);

/*
 * After all of that: write the page. history: all steps that made the predictions, this program's included. path: what
 * messages call the file. The same input gives the same bytes.
 */
MYO_MUST_USE int myo_report_page_write(struct myo_report_page *page, const json_t *history, int fd, const char *path,
    struct myo_err *err);

#endif
