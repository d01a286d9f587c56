/* private.h - what the files of the image room share. */
#ifndef MYO_IMAGE_PRIVATE_H
#define MYO_IMAGE_PRIVATE_H

#include "image/image.h"

/* As myo_image_init(), but without initialising the pixels, all of which the caller writes. */
MYO_MUST_USE int image_alloc(struct myo_image *image, int height, int width, struct myo_err *err);

/* MYO_FAIL, with the reason, unless a picture may have this size; most: how many pixels are allowed. */
MYO_MUST_USE int image_check_size(uint32_t height, uint32_t width, int64_t most, struct myo_err *err);

/*
 * The decoders. rules->max_pixels must be set. They set image->orientation to that of the file, but don't
 * turn the picture.
 */
MYO_MUST_USE int image_decode_png(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err);
MYO_MUST_USE int image_decode_jpeg(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err);

/*
 * The orientation in an EXIF block without its "Exif\0\0"; 1 if it has none that makes sense.
 * MYO_FAIL only if there is no memory.
 */
MYO_MUST_USE int image_exif_orientation(const uint8_t *exif, size_t size, int *orientation, struct myo_err *err);

/* Undo image->orientation. MYO_FAIL: no memory, and the picture is unchanged. */
MYO_MUST_USE int image_turn(struct myo_image *image, struct myo_err *err);

#endif
