/* private.h - what the files of the patch room share: one image, and a patch cut out of it. */
#ifndef MYO_PATCH_PRIVATE_H
#define MYO_PATCH_PRIVATE_H

#include "patch/patch.h"

struct source {
	const uint8_t *pixels; /* [height, width, 3] */
	size_t height, width;
	int32_t label;
	int64_t id;
};

/* Row `row` of tensors image U8 [N,H,W,3] and, where not NULL, label I32 [N] and id I64 [N]. */
struct source patch_source(const struct myo_tensor *image, const struct myo_tensor *label,
    const struct myo_tensor *id, size_t row, int64_t fallback_id);

/* The three tensors of a record of images, checked; label and id may be absent (NULL). */
MYO_MUST_USE int patch_tensors(const struct myo_record *record, const struct myo_tensor **image,
    const struct myo_tensor **label, const struct myo_tensor **id, struct myo_err *err);

/* Add the patch whose top left corner is (y, x); what lies outside the image is 0. */
MYO_MUST_USE int patch_add(struct myo_patches *patches, const struct source *source, int y, int x, bool flip,
    struct myo_err *err);

/* Header of patches: classes and history of the images. */
MYO_MUST_USE int patch_header(const struct myo_header *images, int64_t rows, const char *sampling, int tile,
    struct myo_header *out, struct myo_err *err);

#endif
