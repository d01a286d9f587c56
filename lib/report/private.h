/* private.h - what the files of the report room share. */
#ifndef MYO_REPORT_PRIVATE_H
#define MYO_REPORT_PRIVATE_H

#include "report/html.h"
#include "report/report.h"
#include "score/score.h"
#include "telling/telling.h"

/* ---- what is gathered ------------------------------------------------------------------------ */

/* The series of a log: the loss, the accuracy in training, and that of each validation of myopic-train. */
enum { LOG_LOSS, LOG_ACCURACY, LOG_VALIDATION, LOG_VALIDATIONS = 8, LOG_SERIES = LOG_VALIDATION + LOG_VALIDATIONS };
enum { LOG_POINTS = 512 }; /* the most points that are kept of a series; even */

/*
 * The numbers of one column, which not every line need have. In a long series a point represents two, four, eight, ...
 * numbers (the last point those that are left), at the epoch of the last of them: in training by their mean over rows,
 * as a log with fewer lines would have it; in validations by the last.
 */
struct log_series {
	size_t count, stride, taken; /* points; numbers that one represents; numbers read so far */
	double last;                 /* of the last line; of validations the last one there was; NaN: none */
	/*
	 * [count], and one more while a number is added. at: rows up to this point; rows: those that it represents.
	 * NaN if lines don't say.
	 */
	double epoch[LOG_POINTS + 1], at[LOG_POINTS + 1], value[LOG_POINTS + 1], rows[LOG_POINTS + 1];
};

/* A training. */
struct log {
	char *path;
	double epochs, rows;       /* of its last line; NaN if it doesn't say */
	bool lacks_epochs;         /* some line has no epoch, as if a stream of crops doesn't say how many make one */
	struct log_series *series; /* [LOG_SERIES] */
};

/* Read a log. Call log_clear() afterwards, on failure too. */
MYO_MUST_USE int log_read(const char *path, struct log *log, struct myo_err *err);
void log_clear(struct log *log);

/* The predictions for whole images, sorted by id after wholes_sort(); name: what messages call them. */
struct wholes {
	const char *name;
	size_t count, room;
	struct myo_score_image *images; /* [count] */
};

/* For myo_score_tell(). */
myo_score_done wholes_add;

/* After the last image, and before images are looked up. */
void wholes_sort(struct wholes *wholes);

struct myo_report_page {
	struct myo_report_settings settings;
	const struct myo_header *header;
	const char *name;
	const struct myo_heat_images *images;
	struct myo_heat_grid grid; /* of the predictions; tile 0: whole images; stride 0: no grid */

	struct myo_score *score, *whole_score; /* NULL before the first record, and if there is none */
	json_t *whole_history;
	struct wholes wholes; /* only if there are pictures */

	struct myo_heat_choice choice;
	struct myo_heat_collector *collector; /* NULL: there are no maps */
	struct myo_heat_collector *scored;    /* NULL: no maps are scored */
	struct myo_heat_picks *picks;         /* NULL: there are no pictures */
	struct myo_heat_scores *scores;
	struct myo_telling *telling;          /* NULL: there are no tiles with pictures */
	double *chance; /* [classes] */

	struct log *logs;
	size_t log_count;

	struct myo_result whole;              /* of whole images, if has_whole; they are read before the others */
	bool has_whole;

	/* Set by page_finish(). */
	struct myo_result result;             /* of the predictions */
	const struct myo_result *figures;     /* the one of the two that the page is about */
	size_t *gallery;                      /* [gallery_count], the classes with pictures, in order */
	size_t gallery_count;
	bool gallery_cut;                     /* some classes with pictures are left out */
};

/* Add a record of whole images without evidence: pictures to choose from, without maps. */
MYO_MUST_USE int plain_add(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err);

/*
 * Passes rows of a record whose maps are to be shown to the collector; where maps are about the predicted class,
 * with the class that the figures take each whole image for as its label.
 */
MYO_MUST_USE int maps_show(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err);

/* The same for maps whose heat is compared with the objects. */
MYO_MUST_USE int maps_score_begin(struct myo_report_page *page, struct myo_err *err);
MYO_MUST_USE int maps_score(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err);

/* Offer a map, or a picture without one, for the page: the collector's done(). */
MYO_MUST_USE int page_take(void *page, struct myo_heat_map *map, struct myo_err *err);

/* After the last record: compute the results. */
MYO_MUST_USE int page_finish(struct myo_report_page *page, struct myo_err *err);

/* ---- what is written -------------------------------------------------------------------------- */

/* The style and the script as lines, ended by NULL; made from report.css and report.js. */
extern const char *const report_css[], *const report_js[];

/* Write a class by its name, or by its number if it has none; with markup, and without. */
void put_class(struct html *html, const struct myo_report_page *page, size_t number);
void put_class_plain(struct html *html, const struct myo_report_page *page, size_t number);

/* The same as a link to its pictures, if it has any. */
void put_class_link(struct html *html, const struct myo_report_page *page, size_t number);

/*
 * Classes with fewer images are called neither best nor worst, since that would be mostly chance. In lists they come
 * last.
 */
enum { IMAGES_TO_JUDGE = 10 };

/* A sentence about this for a list, if there are such classes. */
void put_too_few(struct html *html, const struct myo_result *result);

/* "1 image", "12,345 images" */
void put_images(struct html *html, int64_t count);

/*
 * The n-th pick of a kind and class, or NULL. *is_new: whether it has a figure of its own, that is unless one of an
 * earlier kind shows its image.
 */
const struct myo_heat_map *pick_at(const struct myo_report_page *page, size_t class_number, int kind, size_t n,
    bool *is_new);

/* Whether a class has pictures. */
bool in_gallery(const struct myo_report_page *page, size_t class_number);

/* The first figure of an image of one class that is taken for another; NULL: there is none. */
const struct myo_heat_map *figure_of(const struct myo_report_page *page, size_t label, size_t predicted);

/* The sections, in order. */
void put_summary(struct html *html, const struct myo_report_page *page);
void put_confusion(struct html *html, const struct myo_report_page *page);
void put_classes(struct html *html, const struct myo_report_page *page);
void put_calibration(struct html *html, const struct myo_report_page *page);
MYO_MUST_USE int put_pictures(struct html *html, const struct myo_report_page *page, struct myo_err *err);
void put_objects(struct html *html, const struct myo_report_page *page);
void put_curves(struct html *html, const struct myo_report_page *page);
MYO_MUST_USE int put_making(struct html *html, const struct myo_report_page *page, const json_t *history,
    struct myo_err *err);

/* Whether put_objects() has anything to show. */
bool has_objects(const struct myo_report_page *page);

#endif
