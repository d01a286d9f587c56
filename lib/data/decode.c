/* Decoding a picture, with its label and its box. */
#include "data/decode.h"

#include <string.h>

static int
resize(const struct myo_dataset_options *o, struct myo_image *image, struct myo_err *err)
{
	struct myo_image resized = MYO_IMAGE_INIT;
	int rc;

	if (o->height == 0)
		return MYO_OK;
	if (o->fit == MYO_FIT_SHORTER)
		rc = myo_image_shorter(image, o->height, o->filter, &resized, err);
	else if (image->height == o->height && image->width == o->width)
		return MYO_OK;
	else if (o->fit == MYO_FIT_CROP)
		rc = myo_image_fill(image, o->height, o->width, o->filter, &resized, err);
	else
		rc = myo_image_resize(image, o->height, o->width, o->filter, &resized, err);
	if (rc == MYO_OK) {
		myo_image_clear(image);
		*image = resized;
	}
	return rc;
}

/* Adapt a box to a picture that was resized from height x width to `now`. If nothing is left of it, x1 < x0. */
static void
move_box(const struct myo_dataset_options *o, int height, int width, const struct myo_image *now, int32_t box[4])
{
	struct myo_cover cover = { .height = now->height, .width = now->width };
	int32_t to[4];

	if (box[2] < box[0] || (height == now->height && width == now->width))
		return;
	if (o->fit == MYO_FIT_CROP)
		cover = myo_image_cover(height, width, now->height, now->width);
	const int old[2] = { width, height }, whole[2] = { cover.width, cover.height };
	const int offset[2] = { cover.left, cover.top }, limit[2] = { now->width, now->height };
	for (int i = 0; i < 2; i++) {
		const int64_t first = (int64_t)box[i] * whole[i] / old[i] - offset[i];
		const int64_t last =
		    (((int64_t)box[i + 2] + 1) * whole[i] + old[i] - 1) / old[i] - 1 - offset[i];
		to[i] = (int32_t)(first < 0 ? 0 : first);
		to[i + 2] = (int32_t)(last >= limit[i] ? limit[i] - 1 : last);
	}
	if (to[2] < to[0] || to[3] < to[1])
		memcpy(to, (const int32_t[]){ 0, 0, -1, -1 }, sizeof to);
	memcpy(box, to, sizeof to);
}

/* Boxes in annotations may end a pixel beyond their picture, or lie outside it entirely. */
static void
clip_box(int height, int width, int32_t box[4])
{
	box[2] = box[2] < width ? box[2] : width - 1;
	box[3] = box[3] < height ? box[3] : height - 1;
	if (box[2] < box[0] || box[3] < box[1])
		memcpy(box, (const int32_t[]){ 0, 0, -1, -1 }, 4 * sizeof *box);
}

void
decode_entry(const struct myo_dataset_options *options, const struct format *format, const struct plan *plan,
    const uint8_t *bytes, struct entry *entry)
{
	struct myo_image *image = &entry->image;
	struct myo_err err = MYO_ERR_INIT;
	int rc = MYO_OK;

	entry->summed = false;
	if (entry->broken)
		return;
	entry->label = entry->item->label;
	memcpy(entry->box, entry->item->box, sizeof entry->box);
	if (entry->label == LABEL_INSIDE)
		rc = format->label(plan, bytes, &entry->label, &err);
	if (rc == MYO_OK && format->decode != NULL)
		rc = format->decode(plan, bytes, image, &err);
	else if (rc == MYO_OK)
		rc = myo_image_decode(bytes, entry->size, &options->rules, image, &err);
	if (rc == MYO_OK) {
		const int height = image->height, width = image->width;
		const bool lies = image->orientation > 4; /* sides change places */
		clip_box(lies ? width : height, lies ? height : width, entry->box);
		myo_image_turn_box(image->orientation, height, width, entry->box);
		rc = resize(options, image, &err);
		if (rc == MYO_OK)
			move_box(options, height, width, image, entry->box);
	}
	if (rc == MYO_OK && myo_batch_room(image->height, image->width) == 1) {
		entry->sum = myo_sum(image->pixels, (size_t)image->height * (size_t)image->width * 3);
		entry->summed = true;
	}
	if (rc != MYO_OK) {
		entry->broken = true;
		entry->err = err;
	}
}
