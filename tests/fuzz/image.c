/* Pictures: PNG and JPEG, and what EXIF says of them. */
#include "fuzz.h"

#include "image/image.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct myo_image_rules rules = { .max_pixels = 1 << 18 };
	struct myo_image image = MYO_IMAGE_INIT, again = MYO_IMAGE_INIT;
	struct myo_err err = MYO_ERR_INIT;
	uint8_t *png = NULL;
	size_t png_size;

	if (fuzz_took(myo_image_decode(bytes, size, &rules, &image, &err), &err)) {
		const size_t all = (size_t)image.height * (size_t)image.width * 3;
		fuzz_require(myo_image_is_one(bytes, size), "a picture looks like one");
		fuzz_require(image.height > 0 && image.width > 0 && all <= 3 * (size_t)rules.max_pixels,
		    "its size is allowed");
		fuzz_require(myo_image_encode_png(&image, &png, &png_size, NULL) == MYO_OK &&
				 myo_image_decode(png, png_size, &rules, &again, NULL) == MYO_OK,
		    "it can be written and read again");
		fuzz_require(again.height == image.height && again.width == image.width &&
				 memcmp(again.pixels, image.pixels, all) == 0,
		    "it is the same then");
	}
	free(png);
	myo_image_clear(&again);
	myo_image_clear(&image);
	return 0;
}
