/* The section on confusion: a table for few classes, the most confused pairs for many. */
#include "report/private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { TABLE_MOST = 30, PAIRS = 30, WORST = 10 };

/* A number of images, as a link to the first of them that has a picture. */
static void
put_cell(struct html *html, const struct myo_report_page *page, size_t label, size_t predicted, int64_t count)
{
	const struct myo_heat_map *const shown = count > 0 ? figure_of(page, label, predicted) : NULL;

	if (shown != NULL)
		html_print(html, "<a href=\"#image-%" PRId64 "\" data-true=\"%zu\" data-predicted=\"%zu\">",
		    shown->id, label, predicted);
	html_count(html, count);
	if (shown != NULL)
		html_put(html, "</a>");
}

/* ---- the table ------------------------------------------------------------------------------------ */

static int64_t
images_of(const struct myo_result *r, size_t label)
{
	return myo_result_class(r, label).of;
}

/* The largest share of a class's images that is taken for one other class, which gets the darkest shade. */
static double
largest_mistake(const struct myo_result *r)
{
	double most = 0;

	for (size_t i = 0; i < r->classes; i++)
		for (size_t j = 0; j < r->classes; j++)
			if (i != j && r->confusion[i * r->classes + j] > 0)
				most = fmax(most, (double)r->confusion[i * r->classes + j] / (double)images_of(r, i));
	return most;
}

static void
put_row(struct html *html, const struct myo_report_page *page, size_t label, double most)
{
	const struct myo_result *const r = page->figures;
	const double all = (double)images_of(r, label);

	html_put(html, "<tr><th scope=\"row\">");
	put_class(html, page, label);
	html_put(html, "</th>");
	for (size_t j = 0; j < r->classes; j++) {
		const int64_t count = r->confusion[label * r->classes + j];
		const double share = all > 0 ? (double)count / all : 0;
		if (count == 0)
			html_put(html, "<td class=\"none\">0</td>");
		else {
			html_print(html, "<td class=\"%s\" style=\"--v:%.3f\">", label == j ? "hit" : "miss",
			    label == j ? share : share / most);
			put_cell(html, page, label, j, count);
			html_put(html, "</td>");
		}
	}
	html_put(html, "</tr>\n");
}

static void
put_table(struct html *html, const struct myo_report_page *page)
{
	const struct myo_result *const r = page->figures;
	const double most = largest_mistake(r);

	html_put(html, "<p>A row for each class, a column for what its images were taken for. Blue, on the diagonal, are the right "
	    "ones, by their share of the class; orange the mistakes, the darkest the most frequent one");
	if (most > 0) {
		html_put(html, ", ");
		html_percent(html, most);
		html_put(html, " of its class");
	}
	html_put(html, page->gallery_count > 0 ? ". A number that is a link leads to pictures of such images.</p>\n" :
	    ".</p>\n");
	html_put(html, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"confusion-title\">\n"
	    "<table class=\"matrix\">\n<thead><tr><th scope=\"col\">true class</th>");
	for (size_t k = 0; k < r->classes; k++) {
		html_put(html, "<th scope=\"col\"><span>");
		put_class(html, page, k);
		html_put(html, "</span></th>");
	}
	html_put(html, "</tr></thead>\n<tbody>\n");
	for (size_t k = 0; k < r->classes; k++)
		put_row(html, page, k, most);
	html_put(html, "</tbody>\n</table>\n</div>\n");
}

/* ---- lists ------------------------------------------------------------------------------------------ */

static void
put_pairs(struct html *html, const struct myo_report_page *page)
{
	const struct myo_result *const r = page->figures;
	const size_t cells = r->classes * r->classes;
	struct myo_weighed items[PAIRS];
	struct myo_best best = { .most = PAIRS, .items = items };

	for (size_t i = 0; i < cells; i++)
		if (i / r->classes != i % r->classes && r->confusion[i] > 0)
			myo_best_offer(&best, i, (double)r->confusion[i]);
	html_put(html, "<h3>Most confused</h3>\n");
	if (best.count == 0) {
		html_put(html, "<p>No image is taken for another class.</p>\n");
		return;
	}
	if (best.count == 1)
		html_put(html, "<p>The only pair of classes with mistakes.</p>\n");
	else
		html_print(html, "<p>The %zu pairs of classes with the most mistakes.</p>\n", best.count);
	html_put(html, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Most confused classes\">\n<table class=\"pairs\">\n<thead>"
	    "<tr><th scope=\"col\">True class</th><th scope=\"col\">Taken for</th><th scope=\"col\" class=\"n\">Images</th>"
	    "<th scope=\"col\" class=\"n\">Of its class</th></tr></thead>\n<tbody>\n");
	for (size_t n = 0; n < best.count; n++) {
		const size_t label = best.items[n].number / r->classes, predicted = best.items[n].number % r->classes;
		html_put(html, "<tr><th scope=\"row\">");
		put_class(html, page, label);
		html_put(html, "</th><td>");
		put_class(html, page, predicted);
		html_put(html, "</td><td class=\"n\">");
		put_cell(html, page, label, predicted, r->confusion[best.items[n].number]);
		html_put(html, "</td><td class=\"n\">");
		html_percent(html, best.items[n].weight / (double)images_of(r, label));
		html_put(html, "</td></tr>\n");
	}
	html_put(html, "</tbody>\n</table>\n</div>\n");
}

/* The classes of the lowest accuracy, among those with enough images to be judged, or among the others. */
static void
find_worst(const struct myo_result *r, bool too_few, struct myo_best *worst)
{
	for (size_t k = 0; k < r->classes; k++) {
		const struct myo_share share = myo_result_class(r, k);
		if (share.of > 0 && (share.of < IMAGES_TO_JUDGE) == too_few)
			myo_best_offer(worst, k, -(double)share.hits / (double)share.of);
	}
}

static void
put_worst_of(struct html *html, const struct myo_report_page *page, const struct myo_best *worst)
{
	for (size_t n = 0; n < worst->count; n++) {
		html_put(html, "<li>");
		put_class(html, page, worst->items[n].number);
		html_put(html, ": ");
		html_percent(html, -worst->items[n].weight);
		html_put(html, " of ");
		put_images(html, images_of(page->figures, worst->items[n].number));
		html_put(html, "</li>\n");
	}
}

static void
put_worst(struct html *html, const struct myo_report_page *page)
{
	const struct myo_result *const r = page->figures;
	struct myo_weighed items[2 * WORST];
	struct myo_best first = { .most = WORST, .items = items }, then = { .items = items + WORST };
	size_t never = 0;

	find_worst(r, false, &first);
	then.most = WORST - first.count;
	find_worst(r, true, &then);
	for (size_t k = 0; k < r->classes; k++) {
		const struct myo_share share = myo_result_class(r, k);
		never += share.of > 0 && share.hits == 0;
	}
	html_put(html, "<h3>Known least</h3>\n<p>");
	if (first.count + then.count == 1)
		html_put(html, "The only class of which there are images.");
	else
		html_print(html, "The %zu classes with the lowest accuracy.", first.count + then.count);
	if (never > WORST)
		html_print(html, " %zu classes are never found.", never);
	put_too_few(html, r);
	html_put(html, "</p>\n<ol>\n");
	put_worst_of(html, page, &first);
	put_worst_of(html, page, &then);
	html_put(html, "</ol>\n");
}

void
put_confusion(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<section id=\"confusion\" aria-labelledby=\"confusion-title\">\n"
	    "<h2 id=\"confusion-title\">Confusion</h2>\n");
	if (page->figures->classes <= TABLE_MOST) {
		put_table(html, page);
	} else {
		html_print(html, "<p>A table of all %zu classes would be too large to read.</p>\n",
		    page->figures->classes);
		put_pairs(html, page);
		put_worst(html, page);
	}
	html_put(html, "</section>\n");
}
