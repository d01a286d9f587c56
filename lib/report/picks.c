/* Which of the picks have figures, so that no picture is on the page twice. */
#include "report/private.h"

static bool
shown_before(const struct myo_report_page *page, size_t class_number, int kind, int64_t id)
{
	const struct myo_heat_map *map;

	for (int earlier = 0; earlier < kind; earlier++)
		for (size_t n = 0;
		     (map = myo_heat_picks_get(page->picks, class_number, (enum myo_heat_pick)earlier, n)) != NULL; n++)
			if (map->id == id)
				return true;
	return false;
}

const struct myo_heat_map *
pick_at(const struct myo_report_page *page, size_t class_number, int kind, size_t n, bool *is_new)
{
	const struct myo_heat_map *const map =
	    myo_heat_picks_get(page->picks, class_number, (enum myo_heat_pick)kind, n);

	*is_new = map != NULL && !shown_before(page, class_number, kind, map->id);
	return map;
}

bool
in_gallery(const struct myo_report_page *page, size_t class_number)
{
	for (size_t i = 0; i < page->gallery_count; i++)
		if (page->gallery[i] == class_number)
			return true;
	return false;
}

const struct myo_heat_map *
figure_of(const struct myo_report_page *page, size_t label, size_t predicted)
{
	const struct myo_heat_map *map;

	if (!in_gallery(page, label))
		return NULL;
	for (int kind = 0; kind < MYO_PICKS; kind++)
		for (size_t n = 0;
		    (map = myo_heat_picks_get(page->picks, label, (enum myo_heat_pick)kind, n)) != NULL; n++)
			if ((size_t)map->predicted == predicted)
				return map;
	return NULL;
}
