/*
 * make_report WHAT COUNT CLASSES - a stream on standard output: COUNT images with objects, names and bad manners, or
 * what a network would say of them that mistakes every third one for the next class.
 *
 *   images    16 x 16 pixels, with boxes; every fifth has no label
 *   tiles     predictions of padded tiles of 8 x 8, 4 apart
 *   fewer     the same, with a label for three in five images
 *   whole     predictions of whole images
 *   other     the same of a network that mistakes every fourth image, and not every third
 *   evidence  the same with evidence
 */
#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 16, TILE = 8, STRIDE = 4, ACROSS = SIDE / STRIDE, PLACES = ACROSS * ACROSS,
	CLASSES_MOST = 300, NAME = 64 };

static int classes, labelled = 4;

static int32_t
label_of(int n)
{
	return n % 5 >= labelled ? -1 : n % classes;
}

/* Of which images is one taken for another class? */
static int mistaken = 3;

/* What image n is taken for. */
static int
choice_of(int n)
{
	return n % mistaken == mistaken - 1 ? (n + 1) % classes : n % classes;
}

/* The object is a quarter of the image. */
static void
object_of(int n, int *y, int *x)
{
	*y = n * 3 % (SIDE / 2);
	*x = n * 7 % (SIDE / 2);
}

/* How much a place around pixel (y, x) speaks for the class: the more, the nearer to the object. */
static float
speaks(int n, int y, int x)
{
	int oy, ox;

	object_of(n, &oy, &ox);
	const int dy = abs(y - oy - SIDE / 4), dx = abs(x - ox - SIDE / 4);
	return (float)(n % 7 + 4) - 0.25f * (float)(dy + dx);
}

static int
put_image(struct myo_writer *writer, int n, struct myo_err *err)
{
	static uint8_t pixels[SIDE][SIDE][3];
	char name[NAME] = { 0 };
	const size_t shape[] = { 1, SIDE, SIDE, 3 }, box_shape[] = { 1, 4 }, name_shape[] = { 1, NAME };
	const int64_t id = n;
	const int32_t label = label_of(n);
	struct myo_record record = MYO_RECORD_INIT;
	int status = MYO_FAIL, oy, ox;

	object_of(n, &oy, &ox);
	const int32_t box[] = { ox, oy, ox + SIDE / 2 - 1, oy + SIDE / 2 - 1 };
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++) {
			const bool on = y >= box[1] && y <= box[3] && x >= box[0] && x <= box[2];
			pixels[y][x][0] = (uint8_t)(on ? 220 : 60 + 4 * y);
			pixels[y][x][1] = (uint8_t)(on ? 40 + 60 * (n % 4) : 100 + 2 * x);
			pixels[y][x][2] = (uint8_t)(on ? 50 : 170 - 3 * y);
		}
	(void)snprintf(name, sizeof name, n % 2 == 0 ? "</figure><b>%d\x1b\xff & \"co\"" : "folder/picture %d.png", n);
	if (myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, shape, &label, err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, shape, &id, err) == MYO_OK &&
	    myo_record_put(&record, "box", MYO_I32, 2, box_shape, box, err) == MYO_OK &&
	    myo_record_put(&record, "name", MYO_U8, 2, name_shape, name, err) == MYO_OK)
		status = myo_writer_put(writer, &record, err);
	myo_record_clear(&record);
	return status;
}

/* Rows of one image: its tiles, or itself, with or without evidence. */
static int
put_rows(struct myo_writer *writer, int n, bool tiles, bool with_evidence, struct myo_err *err)
{
	static float logits[PLACES * CLASSES_MOST], evidence[PLACES * CLASSES_MOST];
	int64_t id[PLACES];
	int32_t label[PLACES], y[PLACES], x[PLACES], size[PLACES];
	const size_t rows = tiles ? PLACES : 1, k = (size_t)classes;
	const size_t shape[] = { rows, k }, places[] = { rows, ACROSS, ACROSS, k };
	struct myo_record record = MYO_RECORD_INIT;
	int status = MYO_FAIL;

	memset(logits, 0, sizeof logits);
	memset(evidence, 0, sizeof evidence);
	for (size_t i = 0; i < PLACES; i++) {
		const int py = (int)i / ACROSS * STRIDE, px = (int)i % ACROSS * STRIDE;
		const float says = speaks(n, py, px);
		const size_t row = tiles ? i : 0, column = (size_t)choice_of(n);
		logits[row * k + column] += tiles ? says : says / PLACES;
		evidence[i * k + column] = says;
		id[row] = n;
		label[row] = label_of(n);
		y[row] = tiles ? py - TILE / 2 : 0;
		x[row] = tiles ? px - TILE / 2 : 0;
		size[row] = SIDE;
	}
	if (myo_record_put(&record, "logits", MYO_F32, 2, shape, logits, err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, shape, label, err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, shape, id, err) == MYO_OK &&
	    myo_record_put(&record, "y", MYO_I32, 1, shape, y, err) == MYO_OK &&
	    myo_record_put(&record, "x", MYO_I32, 1, shape, x, err) == MYO_OK &&
	    myo_record_put(&record, "height", MYO_I32, 1, shape, size, err) == MYO_OK &&
	    myo_record_put(&record, "width", MYO_I32, 1, shape, size, err) == MYO_OK &&
	    (!with_evidence || myo_record_put(&record, "evidence", MYO_F32, 4, places, evidence, err) == MYO_OK))
		status = myo_writer_put(writer, &record, err);
	myo_record_clear(&record);
	return status;
}

static int
set_header(struct myo_header *header, bool tiles, struct myo_err *err)
{
	static char names[CLASSES_MOST][NAME];
	const char *pointers[CLASSES_MOST];

	for (int k = 0; k < classes; k++) {
		(void)snprintf(names[k], NAME,
		    k == 0 ? "<script>alert(%d)</script>" : k == 1 ? "a \"b\" & 'c' %d" : "class %d", k);
		pointers[k] = names[k];
	}
	if (myo_header_set_classes(header, (size_t)classes, pointers, err) != MYO_OK)
		return MYO_FAIL;
	if (!tiles)
		return MYO_OK;
	if (myo_header_set(header, "sampling", "grid", err) != MYO_OK ||
	    myo_header_set_int(header, "tile", TILE, err) != MYO_OK ||
	    myo_header_set_int(header, "stride", STRIDE, err) != MYO_OK ||
	    myo_header_set_int(header, "pad", 1, err) != MYO_OK)
		return MYO_FAIL;
	return MYO_OK;
}

static int
make(const char *what, int count, struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_writer *writer = NULL;
	const bool images = strcmp(what, "images") == 0, fewer = strcmp(what, "fewer") == 0;
	const bool tiles = fewer || strcmp(what, "tiles") == 0;

	labelled = fewer ? 3 : labelled;
	if (strcmp(what, "other") == 0)
		mistaken = 4;
	header.kind = images ? MYO_IMAGES : MYO_PREDICTIONS;
	int status = set_header(&header, tiles, err);
	if (status == MYO_OK)
		status = myo_writer_new(STDOUT_FILENO, "output", &header, &writer, err);
	for (int n = 0; status == MYO_OK && n < count; n++)
		status = images ? put_image(writer, n, err) :
		    put_rows(writer, n, tiles, strcmp(what, "evidence") == 0, err);
	if (status == MYO_OK)
		status = myo_writer_end(writer, NULL, err);
	myo_writer_free(writer);
	myo_header_clear(&header);
	return status;
}

int
main(int argc, char **argv)
{
	struct myo_err err = MYO_ERR_INIT;

	if (argc != 4)
		return 2;
	classes = atoi(argv[3]);
	if (classes < 2 || classes > CLASSES_MOST)
		return 2;
	if (make(argv[1], atoi(argv[2]), &err) != MYO_OK) {
		(void)fprintf(stderr, "make_report: %s\n", err.text);
		return 1;
	}
	return 0;
}
