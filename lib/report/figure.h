/* figure.h - private to the room: a picture beside its map, and what the map's colours mean. */
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

/* One scale for all maps that are shown. */
void figures_begin(struct figures *figures, const struct myo_report_page *page);

/* An img of a picture of any size, up to the text of its alt, which the caller writes, and closes with "\">". */
MYO_MUST_USE int put_picture(struct html *html, const struct myo_image *image, struct myo_err *err);

/* kind: for the script. */
MYO_MUST_USE int put_figure(struct html *html, const struct figures *figures, const struct myo_heat_map *map,
    const char *kind, struct myo_err *err);

/* The tiles of a class that say most for it, against it, and for another. has_tiles(): whether any are known. */
bool has_tiles(const struct myo_report_page *page);
MYO_MUST_USE int put_tiles_of(struct html *html, const struct figures *figures, size_t number, struct myo_err *err);

/* The colours, what they stand for, and what the method's numbers mean. */
MYO_MUST_USE int put_legend(struct html *html, const struct figures *figures, struct myo_err *err);

#endif
