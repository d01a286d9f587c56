/* figure.h - private to the room: pictures next to their maps, and the legend of the maps. */
#ifndef MYO_REPORT_FIGURE_H
#define MYO_REPORT_FIGURE_H

#include "gallery/gallery.h"
#include "image/image.h"
#include "report/private.h"

/* What all figures share. */
struct figures {
	const struct myo_report_page *page;
	struct myo_gallery_style style;
};

/* Initialise the figures, with a common scale for all maps that are shown. */
void figures_begin(struct figures *figures, const struct myo_report_page *page);

/* An img element of a picture of any size, up to the text of alt, which the caller writes and closes with "\">". */
MYO_MUST_USE int put_picture(struct html *html, const struct myo_image *image, struct myo_err *err);

/* A picture and its map. kind: of the pick, for the script. */
MYO_MUST_USE int put_figure(struct html *html, const struct figures *figures, const struct myo_heat_map *map,
    const char *kind, struct myo_err *err);

/* The tiles that argue most for a class, against it, and for another one. has_tiles(): whether there are any. */
bool has_tiles(const struct myo_report_page *page);
MYO_MUST_USE int put_tiles_of(struct html *html, const struct figures *figures, size_t number, struct myo_err *err);

/* The legend: colours, the numbers that they stand for, and what these measure. */
MYO_MUST_USE int put_legend(struct html *html, const struct figures *figures, struct myo_err *err);

#endif
