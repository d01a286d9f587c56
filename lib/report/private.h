/* private.h - what the files of the report room share. */
#ifndef MYO_REPORT_PRIVATE_H
#define MYO_REPORT_PRIVATE_H

#include "report/html.h"
#include "report/report.h"
#include "score/score.h"
#include "telling/telling.h"

/* ---- what is gathered ------------------------------------------------------------------------ */

/*
 * What is drawn of a log: the loss, and shares of rows that were right, in training and by each validation of
 * myopic-train.
 */
enum { LOG_LOSS, LOG_ACCURACY, LOG_VALIDATION, LOG_VALIDATIONS = 8, LOG_SERIES = LOG_VALIDATION + LOG_VALIDATIONS };
enum { LOG_POINTS = 512 }; /* that are kept of a series, at most; even */

/*
 * The numbers of one column, which many lines may not have. Of long series a point stands for two, four, eight ...
 * numbers, the last one for those that are left, at the epoch of the last of them: in training for their mean over the
 * rows, so that it is what a log of fewer lines would say; of validations for the last.
 */
struct log_series {
	size_t count, stride, taken; /* points; numbers that one stands for; numbers that were there */
	double last;                 /* on the last line, and of validations the last one there was; NaN: none */
	/*
	 * [count], and a number on its way in; at: rows up to there, rows: that the point stands for. NaN where lines
	 * don't say
	 */
	double epoch[LOG_POINTS + 1], at[LOG_POINTS + 1], value[LOG_POINTS + 1], rows[LOG_POINTS + 1];
};

/* A training. */
struct log {
	char *path;
	double epochs, rows;       /* at its last line, NaN where it doesn't say */
	bool lacks_epochs;         /* on some line: crops of a stream that doesn't know how many make an epoch */
	struct log_series *series; /* [LOG_SERIES] */
};

/* Read a log. log_clear() after it, whatever came out. */
MYO_MUST_USE int log_read(const char *path, struct log *log, struct myo_err *err);
void log_clear(struct log *log);

/* What the model says of images as a whole, and what messages call that; by id, once sorted. */
struct wholes {
	const char *name;
	size_t count, room;
	struct myo_score_image *images; /* [count] */
};

/* For myo_score_tell(). */
myo_score_done wholes_add;

/* Before images are looked up: there are no more. */
void wholes_sort(struct wholes *wholes);

struct myo_report_page {
	struct myo_report_settings settings;
	const struct myo_header *header;
	const char *name;
	const struct myo_heat_images *images;
	struct myo_heat_grid grid; /* of the predictions; tile 0: whole images, stride 0: no grid */

	struct myo_score *score, *whole_score; /* NULL before the first record, and where there are none */
	json_t *whole_history;
	struct wholes wholes; /* where there are pictures */

	struct myo_heat_choice choice;
	struct myo_heat_collector *collector; /* NULL: there are no maps */
	struct myo_heat_collector *scored;    /* NULL: there are none of a class */
	struct myo_heat_picks *picks;         /* NULL: there are no pictures */
	struct myo_heat_scores *scores;
	struct myo_telling *telling;          /* NULL: there are no tiles with pictures */
	double *chance; /* [classes] */

	struct log *logs;
	size_t log_count;

	struct myo_result whole;              /* of whole images, where has_whole; they are read before the others */
	bool has_whole;

	/* Known when all has been read. */
	struct myo_result result;             /* of the predictions */
	const struct myo_result *figures;     /* whichever of the two the page is about */
	size_t *gallery;                      /* [gallery_count] classes with pictures, in their order */
	size_t gallery_count;
	bool gallery_cut;                     /* others are left out */
};

/* A record of whole images without evidence: pictures to choose from, without heat. */
MYO_MUST_USE int plain_add(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err);

/*
 * Rows of which maps are to be shown, to the collector: each asked about the class that its image is taken for by the
 * figures.
 */
MYO_MUST_USE int maps_show(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err);

/* The same of maps whose heat is compared with the objects. */
MYO_MUST_USE int maps_score_begin(struct myo_report_page *page, struct myo_err *err);
MYO_MUST_USE int maps_score(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err);

/* A map, or a picture without one, that may be worth showing. */
MYO_MUST_USE int page_take(void *page, struct myo_heat_map *map, struct myo_err *err);

/* There are no more records: fill what is known only then. */
MYO_MUST_USE int page_finish(struct myo_report_page *page, struct myo_err *err);

/* ---- what is written -------------------------------------------------------------------------- */

/* The style and the script, line by line, up to NULL; made from report.css and report.js. */
extern const char *const report_css[], *const report_js[];

/* A class by its name, or by its number where it has none; where it can be marked up, and where not. */
void put_class(struct html *html, const struct myo_report_page *page, size_t number);
void put_class_plain(struct html *html, const struct myo_report_page *page, size_t number);

/* The same as a link to its pictures, where it has some. */
void put_class_link(struct html *html, const struct myo_report_page *page, size_t number);

/*
 * Classes of fewer images are called neither best nor worst: chance has too much of a say in it. In lists they come
 * last.
 */
enum { IMAGES_TO_JUDGE = 10 };

/* A sentence that says so of a list, if there are such classes. */
void put_too_few(struct html *html, const struct myo_result *result);

/* "1 image", "12,345 images" */
void put_images(struct html *html, int64_t count);

/*
 * Whether the n-th pick of a kind and class has a figure of its own: not if an earlier kind has shown its image. NULL:
 * there is no such pick.
 */
const struct myo_heat_map *pick_at(const struct myo_report_page *page, size_t class_number, int kind, size_t n,
    bool *is_new);

/* Whether a class has pictures. */
bool in_gallery(const struct myo_report_page *page, size_t class_number);

/* The first figure of an image of one class that was taken for another; NULL: none is shown. */
const struct myo_heat_map *figure_of(const struct myo_report_page *page, size_t label, size_t predicted);

/* The sections, in this order. */
void put_summary(struct html *html, const struct myo_report_page *page);
void put_confusion(struct html *html, const struct myo_report_page *page);
void put_classes(struct html *html, const struct myo_report_page *page);
void put_calibration(struct html *html, const struct myo_report_page *page);
MYO_MUST_USE int put_pictures(struct html *html, const struct myo_report_page *page, struct myo_err *err);
void put_objects(struct html *html, const struct myo_report_page *page);
void put_curves(struct html *html, const struct myo_report_page *page);
MYO_MUST_USE int put_making(struct html *html, const struct myo_report_page *page, const json_t *history,
    struct myo_err *err);

/* Whether there is anything in it. */
bool has_objects(const struct myo_report_page *page);

#endif
