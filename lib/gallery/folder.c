/* The files of a folder: pages, a sheet of the first maps, and sheets by class. */
#include "gallery/private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- pages ------------------------------------------------------------------------------ */

enum { BATCH = 64 }; /* pages drawn before checking for errors and reporting progress */

static int
draw_one(const struct myo_gallery_style *style, const struct myo_heat_map *map,
    const struct myo_heat_images *images, const char *folder, struct myo_err *err)
{
	struct myo_heat_image image;
	char *path = NULL, *name = NULL;
	int status = MYO_FAIL;

	if (myo_heat_images_find(images, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	name = myo_gallery_file_name(style, map, &image, err);
	if (name != NULL)
		path = myo_format(err, "%s/%s", folder, name);
	if (path != NULL)
		status = myo_gallery_page(style, map, image.pixels, path, err);
	free(path);
	free(name);
	return status;
}

struct batch {
	const struct myo_gallery_style *style;
	const struct myo_heat_images *images;
	const char *folder;
	struct myo_heat_map maps[BATCH];
	int status[BATCH];
	struct myo_err err[BATCH];
};

static void
draw_item(void *context, size_t item, int thread)
{
	struct batch *const b = context;

	(void)thread;
	b->status[item] = draw_one(b->style, &b->maps[item], b->images, b->folder, &b->err[item]);
}

struct sheet {
	size_t count, room;
	struct myo_heat_map *maps;         /* [room] */
	const struct myo_heat_map **shown; /* [room] */
};

/* After a page was drawn: move its map to the sheet, or clear it. */
static void
pass_on(struct sheet *sheet, struct myo_heat_map *map)
{
	if (sheet->count < sheet->room) {
		sheet->shown[sheet->count] = &sheet->maps[sheet->count];
		sheet->maps[sheet->count++] = *map;
	} else {
		myo_heat_map_clear(map);
	}
}

/* Draw the next maps of the spool and pass them on; *count: how many. MYO_END with the last ones. */
static int
draw_batch(struct batch *batch, const struct myo_gallery_job *job, struct sheet *sheet, size_t *count,
    struct myo_err *err)
{
	int more = MYO_OK;

	for (*count = 0; *count < BATCH; (*count)++)
		if ((more = myo_gallery_spool_next(job->spool, &batch->maps[*count], err)) != MYO_OK)
			break;
	if (more != MYO_FAIL)
		myo_pool_run(job->pool, *count, draw_item, batch);
	for (size_t i = 0; i < *count; i++) {
		if (more != MYO_FAIL && batch->status[i] != MYO_OK) {
			*err = batch->err[i];
			more = MYO_FAIL;
		}
		pass_on(sheet, &batch->maps[i]);
	}
	return more;
}

static int
draw_pages(const struct myo_gallery_style *style, const struct myo_gallery_job *job, struct sheet *sheet,
    struct myo_err *err)
{
	struct batch *const batch = myo_calloc(1, sizeof *batch, err);
	size_t pages = 0, count;
	int status = MYO_OK;

	if (batch == NULL)
		return MYO_FAIL;
	batch->style = style;
	batch->images = job->images;
	batch->folder = job->folder;
	while (status == MYO_OK) {
		status = draw_batch(batch, job, sheet, &count, err);
		pages += count;
		if (job->drawn != NULL)
			job->drawn(job->context, pages);
	}
	free(batch);
	return status == MYO_END ? MYO_OK : status;
}

static int
draw_sheet(const struct myo_gallery_style *style, const struct myo_gallery_job *job, const struct sheet *sheet,
    struct myo_err *err)
{
	const struct myo_gallery_part part = { NULL, sheet->count, sheet->shown };
	char *const path = myo_format(err, "%s/sheet.%s", job->folder, style->ending);
	char *const title = myo_format(err, "%zu heat map%s", sheet->count, sheet->count == 1 ? "" : "s");
	const int status = path != NULL && title != NULL
	    ? myo_gallery_sheet(style, title, &part, 1, job->images, path, err)
	    : MYO_FAIL;

	free(title);
	free(path);
	return status;
}

/* ---- sheets by class -------------------------------------------------------------------------- */

/* Gather a class's maps of all kinds, [MYO_PICKS, each]; returns how many there are. */
static size_t
gather(const struct myo_heat_picks *picks, size_t class_number, size_t each, const struct myo_heat_map **maps,
    struct myo_gallery_part parts[MYO_PICKS])
{
	static const char *const titles[] = { [MYO_PICK_BEST] = "right, and surest",
		[MYO_PICK_WORST] = "the true class least probable", [MYO_PICK_MISTAKES] = "surest mistakes" };
	size_t all = 0;

	for (size_t kind = 0; kind < MYO_PICKS; kind++) {
		struct myo_gallery_part *const part = &parts[kind];
		*part = (struct myo_gallery_part){ titles[kind], 0, maps + kind * each };
		for (; part->count < each; part->count++, all++) {
			maps[kind * each + part->count] =
			    myo_heat_picks_get(picks, class_number, (enum myo_heat_pick)kind, part->count);
			if (maps[kind * each + part->count] == NULL)
				break;
		}
	}
	return all;
}

static int
class_sheet(const struct myo_gallery_style *style, size_t class_number, const struct myo_gallery_part *parts,
    const struct myo_heat_images *images, const char *folder, struct myo_err *err)
{
	struct myo_gallery_part shown[MYO_PICKS];
	char name[GALLERY_PART_BYTES];
	size_t count = 0;

	for (size_t kind = 0; kind < MYO_PICKS; kind++)
		if (parts[kind].count > 0)
			shown[count++] = parts[kind];
	gallery_class_part(name, style, (int32_t)class_number);
	char *const path = myo_format(err, "%s/class-%s.%s", folder, name, style->ending);
	char *const title = myo_format(err, "images of %s", style->classes[class_number]);
	const int status = path != NULL && title != NULL ? myo_gallery_sheet(style, title, shown, count, images,
	    path, err) : MYO_FAIL;
	free(title);
	free(path);
	return status;
}

static int
class_sheets(const struct myo_gallery_style *style, const struct myo_gallery_job *job, struct myo_err *err)
{
	const struct myo_heat_map **const maps = myo_calloc(MYO_PICKS * job->class_sheet, sizeof *maps, err);
	struct myo_gallery_part parts[MYO_PICKS];
	int status = maps != NULL ? MYO_OK : MYO_FAIL;

	for (size_t k = 0; status == MYO_OK && k < style->class_count; k++)
		if (gather(job->picks, k, job->class_sheet, maps, parts) > 0)
			status = class_sheet(style, k, parts, job->images, job->folder, err);
	free(maps);
	return status;
}

/* ---- the folder ----------------------------------------------------------------------------- */

int
myo_gallery_draw(const struct myo_gallery_style *style, const struct myo_gallery_job *job, struct myo_err *err)
{
	const size_t count = myo_gallery_spool_count(job->spool);
	struct sheet sheet = { .room = job->sheet < count ? job->sheet : count };
	int status = MYO_OK;

	if (mkdir(job->folder, 0777) != 0 && errno != EEXIST)
		return myo_fail_errno(err, "%s: can't be made", job->folder);
	sheet.maps = myo_calloc(sheet.room + 1, sizeof *sheet.maps, err);
	sheet.shown = myo_calloc(sheet.room + 1, sizeof *sheet.shown, err);
	if (sheet.maps == NULL || sheet.shown == NULL)
		status = MYO_FAIL;
	if (status == MYO_OK)
		status = draw_pages(style, job, &sheet, err);
	if (status == MYO_OK && sheet.count > 0)
		status = draw_sheet(style, job, &sheet, err);
	if (status == MYO_OK && job->picks != NULL && job->class_sheet > 0)
		status = class_sheets(style, job, err);
	for (size_t i = 0; i < sheet.count; i++)
		myo_heat_map_clear(&sheet.maps[i]);
	free(sheet.maps);
	free(sheet.shown);
	return status;
}
