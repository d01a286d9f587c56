/* Pictures in memory, and which decoder a file is for. */
#include "image/private.h"

#include <stdlib.h>
#include <string.h>

int
myo_image_init(struct myo_image *image, int height, int width, struct myo_err *err)
{
	*image = (struct myo_image)MYO_IMAGE_INIT;
	if (image_check_size((uint32_t)height, (uint32_t)width, err) != MYO_OK)
		return MYO_FAIL;
	image->pixels = myo_calloc((size_t)height * (size_t)width, 3, err);
	if (image->pixels == NULL)
		return MYO_FAIL;
	image->height = height;
	image->width = width;
	return MYO_OK;
}

void
myo_image_clear(struct myo_image *image)
{
	free(image->pixels);
	*image = (struct myo_image)MYO_IMAGE_INIT;
}

/* Negative sides come in as large numbers and are refused with the rest. */
int
image_check_size(uint32_t height, uint32_t width, struct myo_err *err)
{
	if (height < 1 || width < 1)
		return myo_fail(err, "a picture without pixels");
	if (height > MYO_IMAGE_MAX_SIDE || width > MYO_IMAGE_MAX_SIDE ||
	    (uint64_t)height * width > MYO_IMAGE_MAX_PIXELS)
		return myo_fail(err, "%ux%u pixels are more than the limit of %d million", height, width,
		    MYO_IMAGE_MAX_PIXELS / 1000000);
	return MYO_OK;
}

int
myo_image_decode(const void *bytes, size_t size, struct myo_image *image, struct myo_err *err)
{
	static const uint8_t png[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	static const uint8_t jpeg[3] = { 0xff, 0xd8, 0xff };

	*image = (struct myo_image)MYO_IMAGE_INIT;
	if (size == 0)
		return myo_fail(err, "an empty file");
	if (size >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
		return image_decode_png(bytes, size, image, err);
	if (size >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
		return image_decode_jpeg(bytes, size, image, err);
	return myo_fail(err, "not a PNG or JPEG picture");
}
