/* The summary: how good the model is, in a few numbers and in words. */
#include "report/private.h"

#include <math.h>
#include <stdio.h>

void
put_class_plain(struct html *html, const struct myo_report_page *page, size_t number)
{
	if (number < page->header->class_count)
		html_text(html, page->header->classes[number]);
	else
		html_print(html, "class %zu", number);
}

void
put_class(struct html *html, const struct myo_report_page *page, size_t number)
{
	html_put(html, "<bdi>");
	put_class_plain(html, page, number);
	html_put(html, "</bdi>");
}

void
put_class_link(struct html *html, const struct myo_report_page *page, size_t number)
{
	const bool linked = in_gallery(page, number);

	if (linked)
		html_print(html, "<a href=\"#class-%zu\">", number);
	put_class(html, page, number);
	html_put(html, linked ? "</a>" : "");
}

void
put_images(struct html *html, int64_t count)
{
	html_count(html, count);
	html_put(html, count == 1 ? " image" : " images");
}

void
put_too_few(struct html *html, const struct myo_result *result)
{
	bool any = false;

	for (size_t k = 0; k < result->classes; k++) {
		const int64_t images = myo_result_class(result, k).of;
		any = any || (images > 0 && images < IMAGES_TO_JUDGE);
	}
	if (any)
		html_print(html, " Classes of fewer than %d images come last: chance has too much of a say in them.",
		    IMAGES_TO_JUDGE);
}

static double
share_of(const struct myo_share *share)
{
	return share->of > 0 ? (double)share->hits / (double)share->of : NAN;
}

/* ---- numbers ------------------------------------------------------------------------------------ */

static void
begin_number(struct html *html, const char *what)
{
	html_print(html, "<div><dt>%s</dt><dd><b>", what);
}

static void
put_share(struct html *html, const char *what, const struct myo_share *share)
{
	begin_number(html, what);
	html_percent(html, share_of(share));
	html_print(html, "</b> <span>95%% interval %.1f to %.1f</span></dd></div>\n", 100 * share->low,
	    100 * share->high);
}

static void
put_numbers(struct html *html, const struct myo_report_page *page)
{
	const struct myo_result *const r = page->figures;
	char what[48];

	html_put(html, "<dl class=\"numbers\">\n");
	put_share(html, "Accuracy", &r->mean_probability);
	if (r->top > 1 && r->top < r->classes) {
		(void)snprintf(what, sizeof what, "Among the first %zu", r->top);
		put_share(html, what, &r->mean_top);
	}
	begin_number(html, "Loss");
	html_print(html, "%.3f</b> <span>guessing gives %.3f</span></dd></div>\n", r->loss, log((double)r->classes));
	begin_number(html, "Calibration error");
	html_percent(html, r->calibration_error);
	html_put(html, "</b> <span>0 is best</span></dd></div>\n");
	begin_number(html, "Images");
	html_count(html, r->images);
	html_put(html, "</b></dd></div>\n</dl>\n");
}

/* ---- words ---------------------------------------------------------------------------------------- */

static void
put_accuracy(struct html *html, const struct myo_report_page *page)
{
	const struct myo_result *const r = page->figures;
	const struct myo_share *const share = &r->mean_probability;

	html_put(html, "<p>The model takes ");
	html_count(html, share->hits);
	html_put(html, " of ");
	put_images(html, share->of);
	html_put(html, " for what they are: ");
	html_percent(html, share_of(share));
	html_print(html, ". Of all images of the same kind it probably takes %.1f to %.1f%% for what they are (95%% interval).",
	    100 * share->low, 100 * share->high);
	if (r->top > 1 && r->top < r->classes) {
		html_put(html, " The right class is among its first ");
		html_print(html, "%zu for ", r->top);
		html_percent(html, share_of(&r->mean_top));
		html_put(html, ".");
	}
	html_put(html, "</p>\n");
}

/* The mean probability of first choices minus their accuracy: above 0 if the model is too sure. */
static double
too_sure(const struct myo_result *r)
{
	double sum = 0;

	for (int i = 0; i < MYO_BINS; i++)
		sum += r->bins[i].confidence * (double)r->bins[i].count - (double)r->bins[i].correct;
	return r->images > 0 ? sum / (double)r->images : 0;
}

static void
put_sureness(struct html *html, const struct myo_result *r)
{
	const double off = 100 * too_sure(r);
	double error, deviation;

	myo_score_chance(r->bins, &error, &deviation);
	html_print(html, "<p>Its probabilities are off by %.1f points on average, of which chance alone would give some %.1f",
	    100 * r->calibration_error, 100 * error);
	if (fabs(off) < 0.05 || fabs(off) < 100 * 1.96 * deviation)
		html_put(html, "; on the whole it is right as often as it says, as far as so many images can tell.");
	else
		html_print(html, "; on the whole they are %.1f points too %s.", fabs(off),
		    off > 0 ? "high: it is right less often than it says" : "low: it is right more often than it says");
	html_print(html, " The loss is the mean negative logarithm of the right class's probability; to guess evenly among %zu "
	    "classes gives %.3f.</p>\n", r->classes, log((double)r->classes));
}

/* The accuracy of a class; NaN if it has too few images to be compared. */
static double
accuracy_of(const struct myo_result *r, size_t number)
{
	const struct myo_share share = myo_result_class(r, number);

	return share.of >= IMAGES_TO_JUDGE ? share_of(&share) : NAN;
}

/* The first class with exactly this accuracy; *others: how many more there are. */
static size_t
class_at(const struct myo_result *r, double accuracy, size_t *others)
{
	size_t first = r->classes;

	*others = 0;
	for (size_t k = 0; k < r->classes; k++) {
		const double here = accuracy_of(r, k);
		if (!(here >= accuracy && here <= accuracy)) /* also NaN */
			continue;
		if (first == r->classes)
			first = k;
		else
			++*others;
	}
	return first;
}

/* "cat (90.0% of its images are found)", "cat and 2 other classes (all of their images are found)" */
static void
put_classes_at(struct html *html, const struct myo_report_page *page, double accuracy)
{
	size_t others;

	put_class(html, page, class_at(page->figures, accuracy, &others));
	if (others > 0)
		html_print(html, " and %zu other class%s", others, others == 1 ? "" : "es");
	html_put(html, " (");
	if (accuracy <= 0)
		html_put(html, "none");
	else if (accuracy >= 1)
		html_put(html, "all");
	else
		html_percent(html, accuracy);
	html_print(html, " of %s images are found)", others > 0 ? "their" : "its");
}

static void
put_best_and_worst(struct html *html, const struct myo_report_page *page)
{
	double high = -1, low = 2;

	for (size_t k = 0; k < page->figures->classes; k++) {
		const double accuracy = accuracy_of(page->figures, k);
		if (accuracy > high) /* false for NaN */
			high = accuracy;
		if (accuracy < low)
			low = accuracy;
	}
	if (!(low < high))
		return;
	html_put(html, "<p>Best known: ");
	put_classes_at(html, page, high);
	html_put(html, "; least: ");
	put_classes_at(html, page, low);
	html_put(html, ".</p>\n");
}

/* How the predictions for the tiles of an image were combined, and what other ways would give. */
static void
put_tiles(struct html *html, const struct myo_report_page *page)
{
	const struct myo_result *const r = &page->result;

	if (page->has_whole) {
		html_put(html, "<p>These are the figures of ");
		html_text(html, page->wholes.name);
		html_put(html, ": what a model says of <em>whole</em> images is the figure to compare with others'. The ");
		html_put(html, r->tiled ? "tiles" : "predictions");
		html_put(html, " on standard input, an image by their mean probability, are right for ");
		html_percent(html, share_of(&r->mean_probability));
		html_print(html, " (95%% interval %.1f to %.1f) of ", 100 * r->mean_probability.low,
		    100 * r->mean_probability.high);
		put_images(html, r->images);
		html_put(html, "; the heat maps below are theirs, but what a picture is taken for is what those of whole images say.</p>\n");
	}
	if (!r->tiled)
		return;
	html_put(html, "<p>");
	html_count(html, r->rows);
	html_put(html, " tiles: together they take an image for the class of their largest mean probability. By their mean "
	    "logit ");
	html_percent(html, share_of(&r->mean_logit));
	html_put(html, " would be right, by their vote ");
	html_percent(html, share_of(&r->vote));
	html_put(html, "; a tile by itself is right in ");
	html_percent(html, share_of(&r->tiles));
	html_put(html, ".");
	if (!page->has_whole)
		html_put(html, " Whole images through the network, the figure to compare with others', may give another accuracy.");
	html_put(html, "</p>\n");
}

void
put_summary(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<section id=\"summary\" aria-labelledby=\"summary-title\">\n<h2 id=\"summary-title\">Summary</h2>\n");
	put_numbers(html, page);
	put_accuracy(html, page);
	put_sureness(html, page->figures);
	put_best_and_worst(html, page);
	put_tiles(html, page);
	if (page->result.unlabelled > 0) {
		html_put(html, "<p>");
		html_count(html, page->result.unlabelled);
		html_put(html, page->result.unlabelled == 1 ? " row has no label and is" :
		    " rows have no label and are");
		html_put(html, " left out.</p>\n");
	}
	html_put(html, "</section>\n");
}
