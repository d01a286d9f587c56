/* The section of pictures with the most telling maps, class by class, and the filter for them. */
#include "report/figure.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const kinds[MYO_PICKS] = { "best", "worst", "mistake" };
static const char *const titles[MYO_PICKS] = { "Right, and surest", "Least sure of the right class",
	"Surest mistakes" };

/* ---- one class ----------------------------------------------------------------------------------------- */

/* Links to picks that an earlier kind has shown. */
static void
put_also(struct html *html, const struct myo_report_page *page, size_t number, int kind)
{
	const struct myo_heat_map *map;
	size_t count = 0;
	bool is_new;

	for (size_t n = 0; (map = pick_at(page, number, kind, n, &is_new)) != NULL; n++) {
		if (is_new)
			continue;
		html_put(html, count++ == 0 ? "<p class=\"faint\">Of these, shown above: " : ", ");
		html_print(html, "<a href=\"#image-%" PRId64 "\">image %" PRId64 "</a>", map->id, map->id);
	}
	if (count > 0)
		html_put(html, "</p>\n");
}

static int
put_kind(struct html *html, const struct figures *figures, size_t number, int kind, struct myo_err *err)
{
	const struct myo_report_page *const page = figures->page;
	const struct myo_heat_map *map;
	bool is_new;

	if (pick_at(page, number, kind, 0, &is_new) == NULL)
		return MYO_OK;
	html_print(html, "<div class=\"kind\">\n<h4>%s</h4>\n<div class=\"figures\">\n", titles[kind]);
	for (size_t n = 0; (map = pick_at(page, number, kind, n, &is_new)) != NULL; n++)
		if (is_new && put_figure(html, figures, map, kinds[kind], err) != MYO_OK)
			return MYO_FAIL;
	html_put(html, "</div>\n");
	put_also(html, page, number, kind);
	html_put(html, "</div>\n");
	return MYO_OK;
}

static int
put_one_class(struct html *html, const struct figures *figures, size_t number, struct myo_err *err)
{
	const struct myo_share share = myo_result_class(figures->page->figures, number);

	html_print(html, "<section class=\"class\" id=\"class-%zu\" aria-labelledby=\"class-%zu-title\">\n"
	    "<h3 id=\"class-%zu-title\">", number, number, number);
	put_class(html, figures->page, number);
	html_put(html, " <small>");
	html_count(html, share.hits);
	html_put(html, " of ");
	put_images(html, share.of);
	html_put(html, " right</small></h3>\n");
	for (int kind = 0; kind < MYO_PICKS; kind++)
		if (put_kind(html, figures, number, kind, err) != MYO_OK)
			return MYO_FAIL;
	if (has_tiles(figures->page) && put_tiles_of(html, figures, number, err) != MYO_OK)
		return MYO_FAIL;
	html_put(html, "</section>\n");
	return MYO_OK;
}

/* ---- the filter: hidden unless the script runs that it needs --------------------------------------------- */

static void
put_option(struct html *html, const struct myo_report_page *page, size_t number)
{
	html_print(html, "<option value=\"%zu\">", number);
	put_class_plain(html, page, number);
	html_put(html, "</option>\n");
}

/* A choice of the classes that some picture is taken for. */
static int
put_predicted(struct html *html, const struct myo_report_page *page, struct myo_err *err)
{
	bool *const taken = myo_calloc(page->header->class_count, sizeof *taken, err);
	const struct myo_heat_map *map;

	if (taken == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < page->gallery_count; i++)
		for (enum myo_heat_pick kind = 0; kind < MYO_PICKS; kind++)
			for (size_t n = 0;
			    (map = myo_heat_picks_get(page->picks, page->gallery[i], kind, n)) != NULL; n++)
				taken[map->predicted] = true;
	html_put(html, "<label>Taken for <select name=\"predicted\">\n<option value=\"\">any class</option>\n");
	for (size_t k = 0; k < page->header->class_count; k++)
		if (taken[k])
			put_option(html, page, k);
	html_put(html, "</select></label>\n");
	free(taken);
	return MYO_OK;
}

static int
put_filter(struct html *html, const struct myo_report_page *page, struct myo_err *err)
{
	html_put(html, "<form id=\"filter\" aria-label=\"Choose pictures\" hidden>\n"
	    "<label>True class <select name=\"true\">\n<option value=\"\">any class</option>\n");
	for (size_t i = 0; i < page->gallery_count; i++)
		put_option(html, page, page->gallery[i]);
	html_put(html, "</select></label>\n");
	if (put_predicted(html, page, err) != MYO_OK)
		return MYO_FAIL;
	html_put(html, "<fieldset>\n<legend>Show</legend>\n"
	    "<label><input type=\"checkbox\" name=\"right\" checked> right</label>\n"
	    "<label><input type=\"checkbox\" name=\"wrong\" checked> wrong</label>\n</fieldset>\n"
	    "<button type=\"reset\">Show all</button>\n<p id=\"shown\" role=\"status\"></p>\n</form>\n");
	return MYO_OK;
}

/* ---- the section ------------------------------------------------------------------------------------------- */

static void
put_intro(struct html *html, const struct myo_report_page *page)
{
	html_print(html, "<p>Of each class at most %zu image%s of a kind: right and surest, least sure of the right class, and the "
	    "surest mistakes. A number is the probability of the class before it.", page->settings.each,
	    page->settings.each == 1 ? "" : "s");
	if (page->has_whole && page->collector != NULL)
		html_print(html, " It is what the model says of the whole image, as in the tables above; %s may say something else.",
		    page->grid.tile > 0 ? "a map is made of what it says of the image's tiles, which" :
		    "a map is made of the predictions on standard input, which");
	if (has_tiles(page))
		html_put(html, " Below them are tiles of the class's images that by themselves say most for the class, against it, and for "
		    "another one, with the probability that they give it.");
	if (page->gallery_cut) {
		html_print(html, " Left out are all classes but the %zu with the lowest accuracy; <code>--gallery</code> shows more.",
		    page->gallery_count);
		put_too_few(html, page->figures);
	}
	html_put(html, "</p>\n");
}

static void
put_list(struct html *html, const struct myo_report_page *page)
{
	html_put(html, "<nav aria-label=\"Classes with pictures\">\n<ul class=\"contents\">\n");
	for (size_t i = 0; i < page->gallery_count; i++) {
		html_print(html, "<li><a href=\"#class-%zu\">", page->gallery[i]);
		put_class(html, page, page->gallery[i]);
		html_put(html, "</a></li>\n");
	}
	html_put(html, "</ul>\n</nav>\n");
}

int
put_pictures(struct html *html, const struct myo_report_page *page, struct myo_err *err)
{
	struct figures figures;
	int rc = MYO_OK;

	figures_begin(&figures, page);
	html_put(html, "<section id=\"pictures\" aria-labelledby=\"pictures-title\">\n"
	    "<h2 id=\"pictures-title\" tabindex=\"-1\">Pictures</h2>\n");
	put_intro(html, page);
	if (page->collector != NULL)
		rc = put_legend(html, &figures, err);
	put_list(html, page);
	if (rc == MYO_OK)
		rc = put_filter(html, page, err);
	for (size_t i = 0; rc == MYO_OK && i < page->gallery_count; i++)
		rc = put_one_class(html, &figures, page->gallery[i], err);
	html_put(html, "</section>\n");
	return rc;
}
