/* Pictures in memory, and which decoder a file is for. */
#include "image/private.h"

#include <stdlib.h>
#include <string.h>

/* Negative sides are passed as large numbers, and so are refused as well. */
int
image_check_size(uint32_t height, uint32_t width, int64_t most, struct myo_err *err)
{
	if (height < 1 || width < 1)
		return myo_fail(err, "a picture without pixels");
	if (height > MYO_IMAGE_MAX_SIDE || width > MYO_IMAGE_MAX_SIDE)
		return myo_fail(
		    err, "%ux%u pixels: no side may be longer than %d", height, width, MYO_IMAGE_MAX_SIDE);
	if ((int64_t)height * width > most)
		return myo_fail(err, "%ux%u pixels are more than %lld%s", height, width, (long long)most,
		    most < MYO_IMAGE_MOST_PIXELS ? " (--max-pixels)" : "");
	return MYO_OK;
}

static int
allocate(struct myo_image *image, int height, int width, bool zeroed, struct myo_err *err)
{
	*image = (struct myo_image)MYO_IMAGE_INIT;
	if (image_check_size((uint32_t)height, (uint32_t)width, MYO_IMAGE_MOST_PIXELS, err) != MYO_OK)
		return MYO_FAIL;
	const size_t pixels = (size_t)height * (size_t)width;
	image->pixels = zeroed ? myo_calloc(pixels, 3, err) : myo_realloc(NULL, pixels, 3, err);
	if (image->pixels == NULL)
		return MYO_FAIL;
	image->height = height;
	image->width = width;
	return MYO_OK;
}

int
myo_image_init(struct myo_image *image, int height, int width, struct myo_err *err)
{
	return allocate(image, height, width, true, err);
}

int
image_alloc(struct myo_image *image, int height, int width, struct myo_err *err)
{
	return allocate(image, height, width, false, err);
}

void
myo_image_clear(struct myo_image *image)
{
	free(image->pixels);
	*image = (struct myo_image)MYO_IMAGE_INIT;
}

/* ---- signatures ------------------------------------------------------------------------------ */

struct signature {
	size_t at, length;
	const char *bytes;
	const char *name;
};

static bool
has_signature(const uint8_t *bytes, size_t size, const struct signature *s)
{
	return size >= s->at + s->length && memcmp(bytes + s->at, s->bytes, s->length) == 0;
}

static int
refuse(const uint8_t *bytes, size_t size, struct myo_err *err)
{
	static const struct signature others[] = {
		{ 0, 4, "GIF8", "a GIF" },
		{ 8, 4, "WEBP", "a WebP" },
		{ 0, 4, "II*\0", "a TIFF" },
		{ 0, 4, "MM\0*", "a TIFF" },
		{ 4, 8, "ftypavif", "an AVIF" },
		{ 4, 8, "ftypavis", "an AVIF" },
		{ 4, 7, "ftyphei", "a HEIF" },
		{ 4, 7, "ftyphev", "a HEIF" },
		{ 4, 8, "ftypmif1", "a HEIF" },
		{ 4, 8, "ftypmsf1", "a HEIF" },
		{ 4, 4, "jP  ", "a JPEG 2000" },
		{ 0, 4, "\xff\x4f\xff\x51", "a JPEG 2000" },
		{ 4, 4, "JXL ", "a JPEG XL" },
		{ 0, 2, "\xff\x0a", "a JPEG XL" },
		{ 0, 2, "BM", "a BMP" },
	};

	for (size_t i = 0; i < MYO_COUNT(others); i++)
		if (has_signature(bytes, size, &others[i]))
			return myo_fail(err, "%s, not a PNG or JPEG picture", others[i].name);
	return myo_fail(err, "not a PNG or JPEG picture");
}

static const struct signature png = { 0, 8, "\x89PNG\r\n\x1a\n", "a PNG" };
static const struct signature jpeg = { 0, 3, "\xff\xd8\xff", "a JPEG" };

bool
myo_image_is_one(const void *bytes, size_t size)
{
	return has_signature(bytes, size, &png) || has_signature(bytes, size, &jpeg);
}

static int
decode(const void *bytes, size_t size, const struct myo_image_rules *rules, struct myo_image *image,
    struct myo_err *err)
{
	if (size == 0)
		return myo_fail(err, "an empty file");
	if (has_signature(bytes, size, &png))
		return image_decode_png(bytes, size, rules, image, err);
	if (has_signature(bytes, size, &jpeg))
		return image_decode_jpeg(bytes, size, rules, image, err);
	return refuse(bytes, size, err);
}

int
myo_image_decode(const void *bytes, size_t size, const struct myo_image_rules *rules, struct myo_image *image,
    struct myo_err *err)
{
	struct myo_image_rules r = MYO_IMAGE_RULES_INIT;

	if (rules != NULL)
		r = *rules;
	if (r.max_pixels <= 0)
		r.max_pixels = MYO_IMAGE_MAX_PIXELS;
	if (r.max_pixels > MYO_IMAGE_MOST_PIXELS)
		r.max_pixels = MYO_IMAGE_MOST_PIXELS;
	*image = (struct myo_image)MYO_IMAGE_INIT;
	int rc = decode(bytes, size, &r, image, err);
	if (rc == MYO_OK)
		rc = image_turn(image, err);
	if (rc != MYO_OK)
		myo_image_clear(image);
	return rc;
}
