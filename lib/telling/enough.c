/* The smallest size at which one tile is enough. */
#include "telling/telling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct image {
	int64_t id;
	int32_t label;
	int first; /* number of the first size that is enough; -1: none so far */
};

struct myo_enough {
	size_t classes, sizes, read, bytes; /* sizes read so far; bytes of an image's bits */
	size_t count, room;
	struct image *images;         /* [room] */
	uint8_t *said;                /* [room, bytes]: a bit for each class that some tile of this size is taken for */
	struct myo_ids seen;          /* the images */
	struct myo_enough_size *at;   /* [sizes] */
};

int
myo_enough_new(size_t classes, size_t sizes, struct myo_enough **out, struct myo_err *err)
{
	struct myo_enough *const e = myo_calloc(1, sizeof *e, err);

	*out = NULL;
	if (e == NULL)
		return MYO_FAIL;
	e->classes = classes;
	e->sizes = sizes;
	e->bytes = (classes + 7) / 8;
	e->at = myo_calloc(sizes, sizeof *e->at, err);
	if (e->at == NULL) {
		free(e);
		return MYO_FAIL;
	}
	*out = e;
	return MYO_OK;
}

void
myo_enough_free(struct myo_enough *enough)
{
	if (enough == NULL)
		return;
	free(enough->images);
	free(enough->said);
	myo_ids_clear(&enough->seen);
	free(enough->at);
	free(enough);
}

/* ---- reading -------------------------------------------------------------------------------- */

static int
append(struct myo_enough *e, int64_t id, int32_t label, struct myo_err *err)
{
	if (myo_ids_have(&e->seen, id))
		return myo_fail(err,
		    "image %lld comes a second time after others; an id is for one image, and its tiles follow each other",
		    (long long)id);
	if (myo_ids_add(&e->seen, id, err) != MYO_OK)
		return MYO_FAIL;
	if (e->count == e->room) {
		const size_t room = e->room == 0 ? 1024 : 2 * e->room;
		size_t bytes;
		if (!myo_mul(room, e->bytes, &bytes))
			return myo_fail_memory(err, SIZE_MAX);
		struct image *const images = myo_realloc(e->images, room, sizeof *images, err);
		if (images == NULL)
			return MYO_FAIL;
		e->images = images;
		uint8_t *const said = myo_realloc(e->said, bytes, 1, err);
		if (said == NULL)
			return MYO_FAIL;
		e->said = said;
		e->room = room;
	}
	e->images[e->count] = (struct image){ id, label, -1 };
	memset(e->said + e->count * e->bytes, 0, e->bytes);
	e->count++;
	return MYO_OK;
}

struct place {
	size_t image; /* 1 + the number of the current image; 0: none yet */
	struct myo_enough_size *size;
	bool mixed;   /* images aren't squares of one side */
};

static int
next_image(struct myo_enough *e, struct place *place, int64_t id, int32_t label, struct myo_err *err)
{
	if (e->read == 0 && append(e, id, label, err) != MYO_OK)
		return MYO_FAIL;
	if (place->image == e->count)
		return myo_fail(err, "image %lld comes after the last one of the smaller tiles", (long long)id);
	const struct image *const image = &e->images[place->image++];
	if (image->id != id || image->label != label)
		return myo_fail(err,
		    "image %lld with label %d stands where the smaller tiles have image %lld with label %d: all sizes are "
		    "to be cut from the same images", (long long)id, label, (long long)image->id, image->label);
	return MYO_OK;
}

/* Note the images' side if all are squares of one side: predictions for whole images then have a size of tile, too. */
static void
note_side(struct place *place, const struct myo_record *record)
{
	const struct myo_tensor *height, *width;
	int32_t *const side = &place->size->side;

	if (myo_record_need(record, "height", MYO_I32, 1, NULL, &height, NULL) != MYO_OK ||
	    myo_record_need(record, "width", MYO_I32, 1, NULL, &width, NULL) != MYO_OK) {
		place->mixed = true;
		return;
	}
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const int32_t h = ((const int32_t *)height->data)[row], w = ((const int32_t *)width->data)[row];
		*side = *side == 0 ? h : *side;
		place->mixed = place->mixed || h != w || h != *side;
	}
}

static int
take_record(struct myo_enough *e, struct place *place, const struct myo_record *record, struct myo_err *err)
{
	const struct myo_tensor *logits, *label, *id;

	if (myo_record_need(record, "logits", MYO_F32, 2, &e->classes, &logits, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK)
		return MYO_FAIL;
	note_side(place, record);
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const float *const values = (const float *)logits->data + row * e->classes;
		const int64_t number = ((const int64_t *)id->data)[row];
		const int32_t of = ((const int32_t *)label->data)[row];
		size_t says = 0;
		if (of < 0)
			continue;
		if ((size_t)of >= e->classes)
			return myo_fail(err, "image %lld has label %d of %zu classes", (long long)number,
			    of, e->classes);
		if ((place->image == 0 || e->images[place->image - 1].id != number) &&
		    next_image(e, place, number, of, err) != MYO_OK)
			return MYO_FAIL;
		for (size_t k = 0; k < e->classes; k++) {
			if (!isfinite(values[k]))
				return myo_fail(err, "image %lld has a logit that is not finite", (long long)number);
			says = values[k] > values[says] ? k : says;
		}
		place->size->tiles++;
		place->size->right_tiles += says == (size_t)of;
		e->said[(place->image - 1) * e->bytes + says / 8] |= (uint8_t)(1 << says % 8);
	}
	return MYO_OK;
}

/*
 * Count, for the size that was read, what the tiles were taken for. others: the share of images of other classes than
 * k of which some tile is taken for k, averaged over the images' classes k.
 */
static int
count(struct myo_enough *e, struct myo_enough_size *size, struct myo_err *err)
{
	int64_t *of = myo_calloc(e->classes, sizeof *of, err); /* images of a class */
	int64_t *said_of_others = of != NULL ? myo_calloc(e->classes, sizeof *said_of_others, err) : NULL;

	if (said_of_others == NULL) {
		free(of);
		return MYO_FAIL;
	}
	for (size_t i = 0; i < e->count; i++) {
		struct image *const image = &e->images[i];
		const uint8_t *const said = e->said + i * e->bytes;
		of[image->label]++;
		for (size_t k = 0; k < e->classes; k++)
			said_of_others[k] += k != (size_t)image->label && (said[k / 8] >> k % 8 & 1) != 0;
		if ((said[image->label / 8] >> image->label % 8 & 1) == 0)
			continue;
		size->enough++;
		if (image->first < 0) {
			image->first = (int)e->read;
			size->first++;
		}
	}
	size->images = (int64_t)e->count;
	size->others = 0;
	for (size_t k = 0; k < e->classes; k++) {
		const double others = (double)e->count - (double)of[k];
		size->others += others > 0 ? (double)of[k] / (double)e->count * (double)said_of_others[k] / others : 0;
	}
	free(said_of_others);
	free(of);
	return MYO_OK;
}

int
myo_enough_read(struct myo_enough *e, struct myo_reader *predictions, const char *name, struct myo_err *err)
{
	struct place place = { .size = &e->at[e->read] };
	struct myo_record record = MYO_RECORD_INIT;
	int status;

	if (e->count > 0)
		memset(e->said, 0, e->count * e->bytes);
	while ((status = myo_reader_next(predictions, &record, err)) == MYO_OK) {
		if ((status = take_record(e, &place, &record, err)) != MYO_OK) {
			myo_err_prefix(err, "%s: ", name);
			break;
		}
	}
	myo_record_clear(&record);
	if (status != MYO_END)
		return MYO_FAIL;
	if (place.image == 0)
		return myo_fail(err, "%s: no prediction with a label in it", name);
	if (place.image < e->count)
		return myo_fail(err, "%s: ends before image %lld, of which there are smaller tiles", name,
		    (long long)e->images[place.image].id);
	if (place.mixed)
		place.size->side = 0;
	if (count(e, place.size, err) != MYO_OK)
		return MYO_FAIL;
	e->read++;
	return MYO_OK;
}

/* ---- results --------------------------------------------------------------------------------- */

struct myo_enough_size
myo_enough_at(const struct myo_enough *enough, size_t size)
{
	return enough->at[size];
}

int
myo_enough_image(const struct myo_enough *enough, size_t n, int64_t *id, int32_t *label, int *size)
{
	if (n >= enough->count)
		return MYO_END;
	*id = enough->images[n].id;
	*label = enough->images[n].label;
	*size = enough->images[n].first;
	return MYO_OK;
}
