/* A folder of pages. */
#include "heat/heat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 64 }; /* of a class or an image in a file name */

/* The folder that holds path; on the heap. */
static char *
parent_of(const char *path, struct myo_err *err)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length == 0 ? myo_strdup(".", err) : myo_format(err, "%.*s", (int)length, path);
}

int
myo_heat_folder_check(const char *folder, struct myo_err *err)
{
	struct stat about;

	if (stat(folder, &about) == 0) {
		if (!S_ISDIR(about.st_mode))
			return myo_fail(err, "%s: is there, and no folder", folder);
		if (access(folder, W_OK | X_OK) != 0)
			return myo_fail_errno(err, "%s: can't be written to", folder);
		return MYO_OK;
	}
	if (errno != ENOENT)
		return myo_fail_errno(err, "%s: can't be used", folder);
	char *const parent = parent_of(folder, err);
	if (parent == NULL)
		return MYO_FAIL;
	const int status = access(parent, W_OK | X_OK) == 0
	    ? MYO_OK
	    : myo_fail_errno(err, "%s: can't be made in %s", folder, parent);
	free(parent);
	return status;
}

/* What may stand in a file name: no slash, nothing invisible, no blank; the rest stays as it is. */
static bool
harmless(unsigned char c)
{
	return c > ' ' && c != 0x7f && strchr("/\\:*?\"<>|", c) == NULL;
}

static bool
within_character(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* A part of a file name, [NAME_BYTES + 1]. */
static void
write_part(char *part, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		part[i] = harmless((unsigned char)text[i]) ? text[i] : '_';
	part[length] = '\0';
}

static void
class_part(char *part, const char *name)
{
	size_t length = strlen(name);

	if (length > NAME_BYTES) {
		length = NAME_BYTES;
		while (length > 0 && within_character((unsigned char)name[length]))
			length--;
	}
	write_part(part, name, length);
}

/* Of a path that is too long the end, which tells most. */
static void
image_part(char *part, const struct myo_heat_image *image)
{
	size_t length = 0, first = 0;

	while (length < image->name_bytes && image->name[length] != '\0')
		length++;
	for (size_t i = length; i-- > 0 && image->name[i] != '/';)
		if (image->name[i] == '.' && i > 0) {
			length = i;
			break;
		}
	if (length > NAME_BYTES) {
		first = length - NAME_BYTES;
		while (first < length && within_character((unsigned char)image->name[first]))
			first++;
	}
	write_part(part, image->name + first, length - first);
}

char *
myo_heat_file_name(const struct myo_heat_style *style, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err)
{
	const bool known = map->about >= 0 && (size_t)map->about < style->class_count;
	char class[NAME_BYTES + 1], name[NAME_BYTES + 1] = "";

	class_part(class, known ? style->classes[map->about] : "unknown");
	if (image->name != NULL)
		image_part(name, image);
	return myo_format(err, "%06lld-%s%s%s.png", (long long)map->id, class, name[0] != '\0' ? "-" : "", name);
}

static int
draw_one(const struct myo_heat_style *style, const struct myo_heat_map *map,
    const struct myo_heat_images *images, const char *folder, struct myo_err *err)
{
	struct myo_heat_image image;
	char *path = NULL, *name = NULL;
	int status = MYO_FAIL;

	if (myo_heat_images_find(images, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	name = myo_heat_file_name(style, map, &image, err);
	if (name != NULL)
		path = myo_format(err, "%s/%s", folder, name);
	if (path != NULL)
		status = myo_heat_draw(style, map, image.pixels, path, err);
	free(path);
	free(name);
	return status;
}

/* Pages between two looks at errors and progress. */
enum { BATCH = 64 };

struct batch {
	const struct myo_heat_style *style;
	const struct myo_heat_map *maps; /* the batch's first */
	const struct myo_heat_images *images;
	const char *folder;
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

/* Of several failures the first in order is told, whichever thread came first. */
static int
draw_batch(struct batch *batch, size_t count, struct myo_pool *pool, struct myo_err *err)
{
	myo_pool_run(pool, count, draw_item, batch);
	for (size_t i = 0; i < count; i++) {
		if (batch->status[i] != MYO_OK) {
			*err = batch->err[i];
			return MYO_FAIL;
		}
	}
	return MYO_OK;
}

static int
draw_sheet(const struct myo_heat_style *style, const struct myo_heat_map *maps,
    const struct myo_heat_images *images, size_t count, const char *folder, struct myo_err *err)
{
	char *const path = myo_format(err, "%s/sheet.png", folder);

	if (path == NULL)
		return MYO_FAIL;
	const int status = myo_heat_draw_sheet(style, maps, images, count, path, err);
	free(path);
	return status;
}

int
myo_heat_gallery(const struct myo_heat_style *style, const struct myo_heat_map *maps,
    const struct myo_heat_images *images, size_t count, size_t sheet, const char *folder,
    struct myo_pool *pool, myo_heat_drawn *drawn, void *context, struct myo_err *err)
{
	struct batch *batch;
	int status = MYO_OK;

	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return myo_fail_errno(err, "%s: can't be made", folder);
	batch = myo_calloc(1, sizeof *batch, err);
	if (batch == NULL)
		return MYO_FAIL;
	*batch = (struct batch){ .style = style, .images = images, .folder = folder };
	for (size_t at = 0; status == MYO_OK && at < count; at += BATCH) {
		const size_t rest = count - at < BATCH ? count - at : BATCH;
		batch->maps = maps + at;
		status = draw_batch(batch, rest, pool, err);
		if (drawn != NULL)
			drawn(context, at + rest);
	}
	free(batch);
	if (status == MYO_OK && sheet > 0 && count > 0)
		status = draw_sheet(style, maps, images, sheet < count ? sheet : count, folder, err);
	return status;
}
