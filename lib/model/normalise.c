/* From pixels as bytes to the network's input, and the mean and deviation for that. */
#include "model/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The columns that say where rows of a record lie in their images; y is NULL for whole images. */
struct place {
	const int32_t *y, *x, *height, *width;
	const int32_t *side; /* of the squares that became the rows; NULL: they weren't resized */
	const uint8_t *flip; /* NULL: none is mirrored */
	const int32_t *hole; /* [N, 4] left, top, right, bottom pixel of what is hidden; NULL: nothing is */
};

/* Find the columns that only random crops have: side, flip and hole. */
static int
find_changes(const struct myo_record *record, struct place *place, struct myo_err *err)
{
	static const size_t corners[] = { 4 };
	const struct myo_tensor *t;

	if (myo_record_find(record, "side") != NULL) {
		if (myo_record_need(record, "side", MYO_I32, 1, NULL, &t, err) != MYO_OK)
			return MYO_FAIL;
		place->side = t->data;
		for (size_t i = 0; i < t->shape[0]; i++)
			if (place->side[i] < 1)
				return myo_fail(err, "tensor 'side': %d: a square has at least 1 pixel",
				    place->side[i]);
	}
	if (myo_record_find(record, "hole") != NULL) {
		if (myo_record_need(record, "hole", MYO_I32, 2, corners, &t, err) != MYO_OK)
			return MYO_FAIL;
		place->hole = t->data;
	}
	return MYO_OK;
}

static int
find_place(const struct myo_record *record, struct place *place, struct myo_err *err)
{
	static const char *const names[] = { "y", "x", "height", "width" };
	const int32_t **const to[] = { &place->y, &place->x, &place->height, &place->width };
	const struct myo_tensor *t;

	*place = (struct place){ .y = NULL };
	if (myo_record_find(record, "y") == NULL)
		return MYO_OK;
	for (size_t i = 0; i < MYO_COUNT(names); i++) {
		if (myo_record_need(record, names[i], MYO_I32, 1, NULL, &t, err) != MYO_OK)
			return MYO_FAIL;
		*to[i] = t->data;
	}
	if (myo_record_find(record, "flip") != NULL) {
		if (myo_record_need(record, "flip", MYO_U8, 1, NULL, &t, err) != MYO_OK)
			return MYO_FAIL;
		place->flip = t->data;
	}
	return find_changes(record, place, err);
}

/* Pixels [y0, y1) x [x0, x1) of a row: those inside its image, or those of its hole. */
struct part {
	size_t y0, y1, x0, x1;
};

static struct part
part_inside(const struct place *place, size_t row, size_t height, size_t width)
{
	struct part p = { 0, height, 0, width };

	if (place->y == NULL)
		return p;
	myo_shown(place->y[row], place->side != NULL ? place->side[row] : (int64_t)height, place->height[row], height,
	    &p.y0, &p.y1);
	myo_shown(place->x[row], place->side != NULL ? place->side[row] : (int64_t)width, place->width[row], width,
	    &p.x0, &p.x1);
	if (place->flip != NULL && place->flip[row] != 0) { /* the row was cut out, then mirrored */
		const size_t left = p.x0;
		p.x0 = width - p.x1;
		p.x1 = width - left;
	}
	return p;
}

static size_t
at_most(int64_t value, size_t most)
{
	return value < 0 ? 0 : (uint64_t)value < most ? (size_t)value : most;
}

/* The hole of a row; empty if it has none, or if its corners are impossible. */
static struct part
part_hidden(const struct place *place, size_t row, size_t height, size_t width)
{
	struct part p = { 0, 0, 0, 0 };

	if (place->hole == NULL)
		return p;
	const int32_t *corners = place->hole + 4 * row;
	p.x0 = at_most(corners[0], width);
	p.y0 = at_most(corners[1], height);
	p.x1 = at_most((int64_t)corners[2] + 1, width);
	p.y1 = at_most((int64_t)corners[3] + 1, height);
	return p;
}

/* in, out [height, width, 3] */
static void
normalise_row(const float (*table)[3], const uint8_t *in, size_t height, size_t width, struct part p, float *out)
{
	for (size_t y = 0; y < height; y++) {
		const uint8_t *from = in + 3 * y * width;
		float *to = out + 3 * y * width;
		if (y < p.y0 || y >= p.y1) {
			memset(to, 0, 3 * width * sizeof *to);
			continue;
		}
		memset(to, 0, 3 * p.x0 * sizeof *to);
		for (size_t x = p.x0; x < p.x1; x++)
			for (size_t c = 0; c < 3; c++)
				to[3 * x + c] = table[from[3 * x + c]][c];
		memset(to + 3 * p.x1, 0, 3 * (width - p.x1) * sizeof *to);
	}
}

/* row [height, width, 3] */
static void
hide(float *row, size_t width, struct part hole)
{
	for (size_t y = hole.y0; y < hole.y1 && hole.x0 < hole.x1; y++)
		memset(row + 3 * (y * width + hole.x0), 0, 3 * (hole.x1 - hole.x0) * sizeof *row);
}

int
myo_model_normalise(const struct myo_model *model, const struct myo_record *record, size_t first, size_t rows,
    float *out, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const struct myo_tensor *image;
	struct place place;
	float table[256][3];

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err) != MYO_OK ||
	    find_place(record, &place, err) != MYO_OK)
		return MYO_FAIL;
	if (first > image->shape[0] || rows > image->shape[0] - first)
		return myo_fail(err, "rows %zu to %zu are asked for, the record has %zu", first, first + rows,
		    image->shape[0]);
	for (int p = 0; p < 256; p++)
		for (int c = 0; c < 3; c++)
			table[p][c] = (float)((p / 255.0 - model->mean[c]) / model->deviation[c]);

	const size_t height = image->shape[1], width = image->shape[2], elements = myo_tensor_row_elements(image);
	for (size_t i = first; i < first + rows; i++) {
		float *row = out + (i - first) * elements;
		normalise_row((const float (*)[3])table, (const uint8_t *)image->data + i * elements, height, width,
		    part_inside(&place, i, height, width), row);
		hide(row, width, part_hidden(&place, i, height, width));
	}
	return MYO_OK;
}

int
model_check_normalisation(const struct myo_model *model, struct myo_err *err)
{
	for (int c = 0; c < 3; c++)
		for (int white = 0; white < 2; white++)
			if (!isfinite((float)((white - model->mean[c]) / model->deviation[c])))
				return myo_fail(err, "pixels normalised by mean %g and deviation %g aren't finite",
				    model->mean[c], model->deviation[c]);
	return MYO_OK;
}

int
myo_model_parse_normalisation(struct myo_model *model, const char *text, struct myo_err *err)
{
	const char *at = text;

	for (int i = 0; i < 6; i++) {
		char *end;
		const char after = i == 5 ? '\0' : i == 2 ? ':' : ',';
		const double value = strtod(at, &end);
		if (end == at || *end != after || !isfinite(value) || (i > 2 && value <= 0))
			return myo_fail(err, "'%.100s' is not M,M,M:D,D,D, three means and three deviations above 0",
			    text);
		*(i < 3 ? &model->mean[i] : &model->deviation[i - 3]) = value;
		at = end + 1;
	}
	return model_check_normalisation(model, err);
}

/* Pixels [from, to) of a line. */
static void
count_pixels(struct myo_pixels *pixels, const uint8_t *line, size_t from, size_t to)
{
	for (size_t x = from; x < to; x++)
		for (size_t c = 0; c < 3; c++) {
			const uint64_t value = line[3 * x + c];
			pixels->sum[c] += value;
			pixels->square[c] += value * value;
		}
	pixels->count += from < to ? to - from : 0;
}

/* row [height, width, 3]: count the pixels inside its image that aren't in its hole. */
static void
count_row(struct myo_pixels *pixels, const uint8_t *row, size_t width, struct part p, struct part hole)
{
	for (size_t y = p.y0; y < p.y1; y++) {
		const uint8_t *line = row + 3 * y * width;
		if (y < hole.y0 || y >= hole.y1 || hole.x0 >= hole.x1) {
			count_pixels(pixels, line, p.x0, p.x1);
			continue;
		}
		count_pixels(pixels, line, p.x0, hole.x0 < p.x1 ? hole.x0 : p.x1);
		count_pixels(pixels, line, hole.x1 > p.x0 ? hole.x1 : p.x0, p.x1);
	}
}

int
myo_pixels_add(struct myo_pixels *pixels, const struct myo_record *record, size_t rows, struct myo_err *err)
{
	static const size_t row_shape[] = { 0, 0, 3 };
	const struct myo_tensor *image;
	struct place place;

	if (myo_record_need(record, "image", MYO_U8, 4, row_shape, &image, err) != MYO_OK ||
	    find_place(record, &place, err) != MYO_OK)
		return MYO_FAIL;
	const size_t height = image->shape[1], width = image->shape[2];
	for (size_t i = 0; i < image->shape[0] && i < rows; i++)
		count_row(pixels, (const uint8_t *)image->data + i * myo_tensor_row_elements(image), width,
		    part_inside(&place, i, height, width), part_hidden(&place, i, height, width));
	return MYO_OK;
}

void
myo_pixels_result(const struct myo_pixels *pixels, double *mean, double *deviation)
{
	const double n = pixels->count > 0 ? (double)pixels->count : 1;

	for (int c = 0; c < 3; c++) {
		const double m = (double)pixels->sum[c] / n;
		const double variance = (double)pixels->square[c] / n - m * m;
		mean[c] = m / 255;
		deviation[c] = variance > 1e-6 ? sqrt(variance) / 255 : 1; /* 1 if all are alike */
	}
}
