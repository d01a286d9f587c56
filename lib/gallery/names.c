/* File names of pages, and their folder. */
#include "gallery/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
myo_gallery_folder_check(const char *folder, struct myo_err *err)
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

/* Whether a byte may be in a file name: no blanks, control characters, slashes or what some systems don't allow. */
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

/* Write a part [GALLERY_NAME_BYTES + 1] of a file name. */
static void
write_part(char *part, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		part[i] = harmless((unsigned char)text[i]) ? text[i] : '_';
	part[length] = '\0';
}

/* A class name as a part: its beginning, if it is too long. */
static void
name_part(char *part, const char *name)
{
	size_t length = strlen(name);

	if (length > GALLERY_NAME_BYTES) {
		length = GALLERY_NAME_BYTES;
		while (length > 0 && within_character((unsigned char)name[length]))
			length--;
	}
	write_part(part, name, length);
}

/* Whether one of the first `count` classes has this part. */
static bool
names_another(const struct myo_gallery_style *style, const char *part, size_t count)
{
	char other[GALLERY_NAME_BYTES + 1];

	for (size_t k = 0; k < count && k < style->class_count; k++) {
		name_part(other, style->classes[k]);
		if (strcmp(part, other) == 0)
			return true;
	}
	return false;
}

void
gallery_class_part(char part[GALLERY_PART_BYTES], const struct myo_gallery_style *style, int32_t number)
{
	name_part(part, myo_gallery_class(style, number));
	if (!names_another(style, part, (size_t)number))
		return;
	size_t length = strlen(part);
	(void)snprintf(part + length, GALLERY_PART_BYTES - length, "-%d", number);
	while (names_another(style, part, style->class_count) && (length = strlen(part)) + 1 < GALLERY_PART_BYTES)
		memcpy(part + length, "_", 2);
}

/* An image's path as a part: its end, which tells most, if it is too long. */
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
	if (length > GALLERY_NAME_BYTES) {
		first = length - GALLERY_NAME_BYTES;
		while (first < length && within_character((unsigned char)image->name[first]))
			first++;
	}
	write_part(part, image->name + first, length - first);
}

char *
myo_gallery_file_name(const struct myo_gallery_style *style, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err)
{
	char class[GALLERY_PART_BYTES] = "", name[GALLERY_NAME_BYTES + 1] = "";

	if (myo_heat_method(style->method)->of_class)
		gallery_class_part(class, style, map->about);
	if (image->name != NULL)
		image_part(name, image);
	return myo_format(err, "%06lld%s%s%s%s.%s", (long long)map->id, class[0] != '\0' ? "-" : "", class,
	    name[0] != '\0' ? "-" : "", name, style->ending);
}
