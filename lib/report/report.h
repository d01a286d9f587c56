/*
 * report.h - a page about a model's predictions: how good they are, where they fail, and where the evidence lies.
 *
 * The page is one HTML file that needs nothing beside it: pictures, charts, style and script are in it, and it asks for
 * nothing on any network. Without scripts all of it is there to be read; they only sort tables and choose among
 * pictures. Predictions are taken as they come; what is kept of them is sums, and of each class three times `each`
 * images to choose from at the end: a few bytes, and where there are maps, theirs, which are floats of all pixels.
 */
#ifndef MYO_REPORT_H
#define MYO_REPORT_H

#include "base/base.h"
#include "heat/heat.h"
#include "stream/stream.h"

enum { MYO_REPORT_AUTO = -1 };

/*
 * title    of the page; NULL: a plain one
 * method   of the heat maps, an enum myo_heat_method, or MYO_REPORT_AUTO: for tiles COVER, for whole images EVIDENCE
 *          where they have some; else pictures stand without maps
 * about    the class in question: "label", "predicted", or a name
 * top      the k of top-k
 * each     pictures of each kind and class, at most
 * gallery  classes with pictures, at most: of more, those of the lowest accuracy; classes of a handful of images come
 *          last
 * memory   for the sums of images whose rows are still to come; see score.h
 */
struct myo_report_settings {
	const char *title;
	int method;
	const char *about;
	size_t top, each, gallery, memory;
};

/* A page that is being gathered. */
struct myo_report_page;

/*
 * predictions  their header, of tiles or of whole images; lives as long as the page
 * name         what messages call the stream
 * images       the images that they are of, which live as long as the page; NULL: the page has figures only
 */
MYO_MUST_USE int myo_report_page_new(const struct myo_report_settings *settings, const struct myo_header *predictions,
    const char *name, const struct myo_heat_images *images, struct myo_report_page **out, struct myo_err *err);
void myo_report_page_free(struct myo_report_page *page);

/* Predictions, record by record. */
MYO_MUST_USE int myo_report_page_add(struct myo_report_page *page, const struct myo_record *record,
    struct myo_err *err);

/*
 * All predictions of whole images, from their header to their end, to set beside those of tiles; before the first
 * record of these. Accuracy, confusion and calibration are theirs then, and so is what a picture is taken for; its map
 * is made of the tiles. Keeps some 40 bytes an image where there are pictures. The name lives as long as the page.
 * MYO_FAIL if their classes are others; myo_report_page_add() fails on an image that isn't among them.
 */
MYO_MUST_USE int myo_report_page_whole(struct myo_report_page *page, struct myo_reader *whole, const char *name,
    struct myo_err *err);

/* A log of a training, as myopic-train writes it. Call it for each. */
MYO_MUST_USE int myo_report_page_log(struct myo_report_page *page, const char *path, struct myo_err *err);

/*
 * There is no more: write the page. history: all steps that made the predictions, this program's included. path is what
 * messages call the file. Same input, same bytes.
 */
MYO_MUST_USE int myo_report_page_write(struct myo_report_page *page, const json_t *history, int fd, const char *path,
    struct myo_err *err);

#endif
