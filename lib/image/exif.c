/*
 * The EXIF orientation, by libexif. It silently skips what it can't read, which is what we want for a broken
 * block, but not when memory runs out: whether a picture is turned would then depend on that. So libexif
 * allocates by the functions here, which note a failure.
 */
#include "image/private.h"

#include <stdlib.h>
#include <string.h>

#include <libexif/exif-data.h>

/* MOST: no block in a JPEG can be larger, and libexif reads no more. */
enum { MOST = 1 << 16, MOST_MEMORY = 1 << 22 };

static _Thread_local bool memory_short;

/* No valid block needs more than MOST_MEMORY at a time: that is no lack of memory, but a broken block. */
static void *
allocate(ExifLong size)
{
	if (size > MOST_MEMORY)
		return NULL;
	void *p = calloc(size > 0 ? size : 1, 1);
	memory_short |= p == NULL;
	return p;
}

static void *
reallocate(void *old, ExifLong size)
{
	if (size > MOST_MEMORY)
		return NULL;
	void *p = realloc(old, size > 0 ? size : 1);
	memory_short |= p == NULL;
	return p;
}

/* By the standard it is a SHORT; some programs write a LONG. */
static int
orientation_of(ExifData *data)
{
	const ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
	ExifLong value = 1;

	if (entry == NULL || entry->data == NULL || entry->components != 1)
		return 1;
	const ExifByteOrder order = exif_data_get_byte_order(data);
	if (entry->format == EXIF_FORMAT_SHORT && entry->size >= 2)
		value = exif_get_short(entry->data, order);
	else if (entry->format == EXIF_FORMAT_LONG && entry->size >= 4)
		value = exif_get_long(entry->data, order);
	return value >= 1 && value <= 8 ? (int)value : 1;
}

/* block: with "Exif\0\0" in front, by which libexif recognises it. */
static int
parse(const uint8_t *block, size_t size)
{
	ExifMem *memory = exif_mem_new(allocate, reallocate, free);
	ExifData *data = memory != NULL ? exif_data_new_mem(memory) : NULL;
	int orientation = 1;

	if (data != NULL) {
		/* This option would add entries that the standard requires. */
		exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
		exif_data_load_data(data, block, (unsigned int)size);
		orientation = orientation_of(data);
		exif_data_unref(data);
	}
	if (memory != NULL)
		exif_mem_unref(memory);
	return orientation;
}

int
image_exif_orientation(const uint8_t *exif, size_t size, int *orientation, struct myo_err *err)
{
	static const uint8_t head[6] = { 'E', 'x', 'i', 'f', 0, 0 };

	*orientation = 1;
	if (size > MOST)
		size = MOST;
	uint8_t *block = myo_realloc(NULL, sizeof head + size, 1, err);
	if (block == NULL)
		return MYO_FAIL;
	memcpy(block, head, sizeof head);
	memcpy(block + sizeof head, exif, size);
	memory_short = false;
	*orientation = parse(block, sizeof head + size);
	free(block);
	return memory_short ? myo_fail_memory(err, size) : MYO_OK;
}
