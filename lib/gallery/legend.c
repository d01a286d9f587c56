/* The legend of a page. */
#include "gallery/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE = 20, SQUARE = 12 };

struct seen {
	size_t class_number, pixels;
};

static int
compare_seen(const void *a, const void *b)
{
	const struct seen *const first = a, *const second = b;

	if (first->pixels != second->pixels)
		return first->pixels < second->pixels ? 1 : -1;
	return first->class_number > second->class_number ? 1 : -1;
}

/* All classes, sorted by their pixels in the maps, [classes], for the caller to free. */
static struct seen *
seen_classes(const struct myo_gallery_style *style, const struct myo_heat_map *const *maps, size_t count,
    struct myo_err *err)
{
	struct seen *const seen = myo_calloc(style->class_count, sizeof *seen, err);

	if (seen == NULL)
		return NULL;
	for (size_t k = 0; k < style->class_count; k++)
		seen[k].class_number = k;
	for (size_t n = 0; n < count; n++)
		for (size_t i = 0; i < maps[n]->height * maps[n]->width; i++)
			if (!isnan(maps[n]->heat[i]))
				seen[(size_t)maps[n]->heat[i]].pixels++;
	qsort(seen, style->class_count, sizeof *seen, compare_seen);
	return seen;
}

/* A square and a name for each class, the most frequent first; those for which there is no room are only counted. */
static int
name_classes(struct myo_page *page, int x, int y, int height, const struct myo_gallery_style *style,
    const struct myo_heat_map *const *maps, size_t count, struct myo_err *err)
{
	const size_t room = (size_t)(height / LINE > 1 ? height / LINE : 1);
	struct seen *const seen = seen_classes(style, maps, count, err);
	size_t all = 0;
	char text[32];

	if (seen == NULL)
		return MYO_FAIL;
	while (all < style->class_count && seen[all].pixels > 0)
		all++;
	const size_t shown = all > room ? room - 1 : all;
	for (size_t i = 0; i < shown; i++) {
		const int top = y + (int)i * LINE;
		myo_page_fill(page, x, top + 2, SQUARE, SQUARE, myo_colours_nth(seen[i].class_number));
		(void)myo_page_text(page, x + SQUARE + 6, top + 12, LEGEND_WIDTH - SQUARE - 6, 12, MYO_INK_PLAIN,
		    style->classes[seen[i].class_number]);
	}
	free(seen);
	if (shown < all) {
		(void)snprintf(text, sizeof text, "and %zu more", all - shown);
		(void)myo_page_text(page, x, y + (int)shown * LINE + 12, LEGEND_WIDTH, 12, MYO_INK_FAINT, text);
	}
	return MYO_OK;
}

int
gallery_legend(struct myo_page *page, int x, int y, int height, const struct myo_gallery_style *style,
    const struct myo_scale *scale, const struct myo_heat_map *const *maps, size_t count, struct myo_err *err)
{
	char text[64];

	if (style->method == MYO_HEAT_CLASSES)
		return name_classes(page, x, y, height, style, maps, count, err);
	if (style->floor > 0) {
		height -= 2 * LINE;
		(void)snprintf(text, sizeof text, "faint: up to %.3g,", style->floor);
		(void)myo_page_text(page, x, y + height + 22, LEGEND_WIDTH, 11, MYO_INK_FAINT, text);
		(void)myo_page_text(page, x, y + height + 37, LEGEND_WIDTH, 11, MYO_INK_FAINT, "as shuffled weights");
	}
	myo_page_bar(page, x, y, height, style->colours, scale, myo_heat_method(style->method)->measures);
	return MYO_OK;
}
