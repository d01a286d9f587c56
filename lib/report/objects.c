/* The section on objects: how much of the evidence lies on them, if they are known. */
#include "report/private.h"

#include <math.h>

bool
has_objects(const struct myo_report_page *page)
{
	struct myo_heat_line line;

	return page->scored != NULL &&
	    myo_heat_scores_line(page->scores, page->header->class_count, &line) == MYO_OK &&
	    !isnan(line.value[MYO_HEAT_ENERGY]);
}

/* A ratio, with its interval if it has one: "0.64 (95% interval 0.55 to 0.73)" in a sentence, small in a table. */
static void
put_ratio(struct html *html, const struct myo_heat_line *line, enum myo_heat_measure ratio, bool in_table)
{
	html_print(html, "%.2f", line->value[ratio]);
	if (!isnan(line->low[ratio]))
		html_print(html, in_table ? " <small>%.2f to %.2f</small>" : " (95%% interval %.2f to %.2f)",
		    line->low[ratio], line->high[ratio]);
}

/* "aeroplane: 31.0% of the evidence on the object, 48.2% of the area, a ratio of 0.64" */
static void
put_sentence(struct html *html, const struct myo_report_page *page, size_t number)
{
	struct myo_heat_line line;

	if (myo_heat_scores_line(page->scores, number, &line) != MYO_OK)
		return;
	html_put(html, "<li>");
	put_class(html, page, number);
	html_put(html, ": ");
	html_percent(html, line.value[MYO_HEAT_ENERGY]);
	html_put(html, " of the evidence on the object, ");
	html_percent(html, line.value[MYO_HEAT_AREA]);
	html_put(html, " of the area, a ratio of ");
	put_ratio(html, &line, MYO_HEAT_LIFT, false);
	html_put(html, "</li>\n");
}

/* The class with the largest or smallest lift, among those with enough images; `classes` if there is none. */
static size_t
extreme(const struct myo_report_page *page, bool largest)
{
	size_t best = page->header->class_count;
	double found = 0;

	for (size_t k = 0; k < page->header->class_count; k++) {
		struct myo_heat_line line;
		if (myo_heat_scores_line(page->scores, k, &line) != MYO_OK ||
		    line.maps - line.empty < IMAGES_TO_JUDGE || isnan(line.value[MYO_HEAT_LIFT]))
			continue;
		if (best == page->header->class_count ||
		    (largest ? line.value[MYO_HEAT_LIFT] > found : line.value[MYO_HEAT_LIFT] < found)) {
			best = k;
			found = line.value[MYO_HEAT_LIFT];
		}
	}
	return best;
}

/*
 * Says "more" or "less" only where the interval, of chance in the choice of the images, excludes 1; without an
 * interval (NaN) chance could explain anything.
 */
static const char *
words_for(const struct myo_heat_line *line)
{
	return line->low[MYO_HEAT_OWN] > 1 ? ": more than where other images have theirs" :
	    line->high[MYO_HEAT_OWN] < 1   ? ": less than where other images have theirs" :
	                                     ": chance could explain the difference";
}

/* For comparison, the objects of other images: since objects tend to be in the middle, any map has heat on them. */
static void
put_others(struct html *html, const struct myo_heat_line *line)
{
	if (isnan(line->value[MYO_HEAT_OWN]))
		return;
	html_put(html, " Where the <em>other</em> images have their objects lie ");
	html_percent(html, line->value[MYO_HEAT_OTHERS]);
	html_put(html, " of it, and a map that has nothing to do with its image has as much on the one as on the others; here the ratio is <strong>");
	put_ratio(html, line, MYO_HEAT_OWN, false);
	html_print(html, "</strong>%s.", words_for(line));
}

static void
put_words(struct html *html, const struct myo_report_page *page)
{
	const size_t classes = page->header->class_count, most = extreme(page, true), least = extreme(page, false);
	struct myo_heat_line mean;

	if (myo_heat_scores_line(page->scores, classes, &mean) != MYO_OK)
		return;
	html_put(html, "<p>Where an image says what part of it is the object, by a mask or a box, one can ask how much of the "
	    "evidence lies there. An even map would have as much on the object as the object has of the area. On the mean over "
	    "the classes, <strong>");
	html_percent(html, mean.value[MYO_HEAT_ENERGY]);
	html_put(html, " of the evidence is on the object, which takes ");
	html_percent(html, mean.value[MYO_HEAT_AREA]);
	html_put(html, " of the area</strong>");
	if (!isnan(mean.low[MYO_HEAT_ENERGY]))
		html_print(html, " (95%% interval of the former %.1f to %.1f)", 100 * mean.low[MYO_HEAT_ENERGY],
		    100 * mean.high[MYO_HEAT_ENERGY]);
	if (!isnan(mean.value[MYO_HEAT_LIFT])) {
		html_put(html, ", a ratio of ");
		put_ratio(html, &mean, MYO_HEAT_LIFT, false);
	}
	html_put(html, ".");
	put_others(html, &mean);
	html_put(html, " Only heat for the class counts. Intervals are about the choice of the images, not of the training; and a network that "
	    "knows nothing may be off 1 as well, as objects look other than what is around them: what one of shuffled weights "
	    "has (<code>myopic-calibrate --shuffle</code>) says how much of this means nothing.");
	if (mean.empty > 0) {
		html_put(html, " ");
		html_count(html, (int64_t)mean.empty);
		html_put(html, " of ");
		html_count(html, (int64_t)mean.maps);
		html_put(html, " maps have none and are left out of these shares.");
	}
	html_put(html, "</p>\n");
	if (most < classes && least < classes && most != least) {
		html_put(html, "<p>The class whose evidence is most on the object, for its size, and the one whose is least:</p>\n<ul>\n");
		put_sentence(html, page, most);
		put_sentence(html, page, least);
		html_put(html, "</ul>\n");
	}
}

/* A share as a number with a bar below it; interval: show its interval, too, if it has one. */
static void
put_bar(struct html *html, const struct myo_heat_line *line, enum myo_heat_measure measure, bool interval)
{
	const double share = line->value[measure];

	if (isnan(share)) {
		html_put(html, "<td class=\"n\">–</td>");
		return;
	}
	html_print(html, "<td class=\"n share\" style=\"--v:%.3f\">", share);
	html_percent(html, share);
	if (interval && !isnan(line->low[measure]))
		html_print(html, " <small>%.1f to %.1f</small>", 100 * line->low[measure], 100 * line->high[measure]);
	html_put(html, "</td>");
}

static void
put_ratio_cell(struct html *html, const struct myo_heat_line *line, enum myo_heat_measure ratio)
{
	html_put(html, "<td class=\"n\">");
	if (isnan(line->value[ratio]))
		html_put(html, "–");
	else
		put_ratio(html, line, ratio, true);
	html_put(html, "</td>");
}

static void
put_row(struct html *html, const struct myo_report_page *page, size_t number)
{
	struct myo_heat_line line;

	if (myo_heat_scores_line(page->scores, number, &line) != MYO_OK)
		return;
	html_put(html, "<tr><th scope=\"row\">");
	put_class_link(html, page, number);
	html_put(html, "</th><td class=\"n\">");
	html_count(html, (int64_t)line.maps);
	html_put(html, "</td>");
	put_bar(html, &line, MYO_HEAT_ENERGY, true);
	put_bar(html, &line, MYO_HEAT_AREA, false);
	put_ratio_cell(html, &line, MYO_HEAT_LIFT);
	put_bar(html, &line, MYO_HEAT_OTHERS, false);
	put_ratio_cell(html, &line, MYO_HEAT_OWN);
	html_put(html, "<td class=\"n\">");
	html_percent(html, line.value[MYO_HEAT_POINTING]);
	html_put(html, "</td><td class=\"n\">");
	html_percent(html, line.value[MYO_HEAT_CENTRE]);
	html_put(html, "</td></tr>\n");
}

void
put_objects(struct html *html, const struct myo_report_page *page)
{
	static const char *const heads[] = { "Images", "On the object", "Its area", "Ratio", "On the others'", "Ratio",
		"Hottest pixel", "Centre" };

	html_put(html, "<section id=\"objects\" aria-labelledby=\"objects-title\">\n"
	    "<h2 id=\"objects-title\">Evidence and objects</h2>\n");
	put_words(html, page);
	html_put(html, "<p>The object is that of an image's true class, and so is the evidence here: each line is about the maps of a "
	    "class's own images for that class");
	if (page->choice.about == MYO_ABOUT_PREDICTED)
		html_put(html, ", whatever they are taken for; the pictures above show maps for what an image is taken for");
	else if (page->choice.about == MYO_ABOUT_CLASS)
		html_put(html, "; the pictures above show maps for one class alone");
	html_put(html, ". A hottest pixel counts as on the object up to 3% of the image's longer side beside it; how often the "
	    "image's centre does is what a map would score that looks at nothing.</p>\n"
	    "<div class=\"wide tall\" role=\"region\" tabindex=\"0\" aria-labelledby=\"objects-title\">\n"
	    "<table class=\"sortable\">\n<thead><tr><th scope=\"col\">Class</th>");
	for (size_t i = 0; i < MYO_COUNT(heads); i++)
		html_print(html, "<th scope=\"col\" class=\"n\">%s</th>", heads[i]);
	html_put(html, "</tr></thead>\n<tbody>\n");
	for (size_t k = 0; k < page->header->class_count; k++)
		put_row(html, page, k);
	html_put(html, "</tbody>\n</table>\n</div>\n</section>\n");
}
