/* The section on single classes. */
#include "report/private.h"

/* The other class that a class's images are most often taken for; the class itself if there is none. */
static size_t
most_taken_for(const struct myo_result *r, size_t label)
{
	size_t best = label;

	for (size_t j = 0; j < r->classes; j++) {
		const int64_t count = r->confusion[label * r->classes + j];
		if (j != label && count > (best == label ? 0 : r->confusion[label * r->classes + best]))
			best = j;
	}
	return best;
}

static void
put_row(struct html *html, const struct myo_report_page *page, size_t number)
{
	const struct myo_result *const r = page->figures;
	const struct myo_quality quality = myo_result_quality(r, number);
	const size_t other = most_taken_for(r, number);

	html_put(html, "<tr><th scope=\"row\">");
	put_class_link(html, page, number);
	html_put(html, "</th><td class=\"n\">");
	html_percent(html, quality.recall);
	html_put(html, "</td><td class=\"n\">");
	html_percent(html, quality.precision);
	html_put(html, "</td><td class=\"n\">");
	html_percent(html, quality.f1);
	html_put(html, "</td><td class=\"n\">");
	html_count(html, quality.images);
	html_put(html, "</td><td>");
	if (other != number) {
		put_class(html, page, other);
		html_put(html, " (");
		html_count(html, r->confusion[number * r->classes + other]);
		html_put(html, ")");
	} else {
		html_put(html, "–");
	}
	html_put(html, "</td></tr>\n");
}

void
put_classes(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<section id=\"classes\" aria-labelledby=\"classes-title\">\n<h2 id=\"classes-title\">Classes</h2>\n"
	    "<p>Accuracy is the share of a class's images that are found (recall), precision the share of what is taken for "
	    "the class that is of it, and F1 their harmonic mean.</p>\n"
	    "<div class=\"wide tall\" role=\"region\" tabindex=\"0\" aria-labelledby=\"classes-title\">\n"
	    "<table class=\"sortable\">\n<thead><tr><th scope=\"col\">Class</th><th scope=\"col\" class=\"n\">Accuracy</th>"
	    "<th scope=\"col\" class=\"n\">Precision</th><th scope=\"col\" class=\"n\">F1</th>"
	    "<th scope=\"col\" class=\"n\">Images</th><th scope=\"col\">Most often taken for</th></tr></thead>\n<tbody>\n");
	for (size_t k = 0; k < page->figures->classes; k++)
		put_row(html, page, k);
	html_put(html, "</tbody>\n</table>\n</div>\n</section>\n");
}
