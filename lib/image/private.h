/* private.h - what the files of the image room share. */
#ifndef MYO_IMAGE_PRIVATE_H
#define MYO_IMAGE_PRIVATE_H

#include "image/image.h"

int image_check_size(uint32_t height, uint32_t width, struct myo_err *err);
int image_decode_png(const void *bytes, size_t size, struct myo_image *image, struct myo_err *err);
int image_decode_jpeg(const void *bytes, size_t size, struct myo_image *image, struct myo_err *err);

#endif
