/* private.h - what the files of the image room share. */
#ifndef MYO_IMAGE_PRIVATE_H
#define MYO_IMAGE_PRIVATE_H

#include "image/image.h"

/* As myo_image_init(), but what the pixels hold is anything: for those who write all of them. */
MYO_MUST_USE int image_alloc(struct myo_image *image, int height, int width, struct myo_err *err);

/* MYO_FAIL, and why, for a picture of this size where so many pixels are allowed. */
MYO_MUST_USE int image_check_size(uint32_t height, uint32_t width, int64_t most, struct myo_err *err);

/*
 * The decoders. max_pixels of the rules is set. They leave in image->orientation what the file
 * says of it, and turn nothing.
 */
MYO_MUST_USE int image_decode_png(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err);
MYO_MUST_USE int image_decode_jpeg(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err);

/*
 * The orientation in an EXIF block without its "Exif\0\0"; 1 where it has none that makes sense.
 * MYO_FAIL: no memory, and nothing else.
 */
MYO_MUST_USE int image_exif_orientation(const uint8_t *exif, size_t size, int *orientation, struct myo_err *err);

/* Undo image->orientation. MYO_FAIL: no memory; the picture is as it was. */
MYO_MUST_USE int image_turn(struct myo_image *image, struct myo_err *err);

#endif
