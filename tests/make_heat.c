/*
 * make_heat IMAGES COUNT STRIDE [WORD]... - images with known objects, into the file, and on standard
 * output the predictions that a network would make of padded tiles of 8 x 8 if it knew the
 * object: the more of the object a tile holds, the surer it is. Further words are a command in their history.
 */
#include "stream/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEIGHT = 24, WIDTH = 32, SIDE = 8, CLASSES = 3 };

static const char *const names[CLASSES] = { "cat", "dog", "hen/house" };

/* Where image n has its object, a square of SIDE, all of it inside. */
static int
object_y(int n)
{
	return n * 5 % (HEIGHT - SIDE);
}

static int
object_x(int n)
{
	return n * 11 % (WIDTH - SIDE);
}

static int
put_image(struct myo_writer *writer, int n, struct myo_err *err)
{
	static uint8_t pixels[HEIGHT][WIDTH][3], mask[HEIGHT][WIDTH];
	const size_t shape[] = { 1, HEIGHT, WIDTH, 3 };
	const int64_t id = n;
	const int32_t label = n % CLASSES;
	struct myo_record record = MYO_RECORD_INIT;
	int status = MYO_FAIL;

	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			const int dy = y - object_y(n), dx = x - object_x(n);
			const bool on = dy >= 0 && dx >= 0 && dy < SIDE && dx < SIDE;
			mask[y][x] = on;
			pixels[y][x][0] = (uint8_t)(on ? 230 : 70 + 2 * y);
			pixels[y][x][1] = (uint8_t)(on ? 60 + 90 * (n % CLASSES) : 110 + y);
			pixels[y][x][2] = (uint8_t)(on ? 40 : 180 - 2 * x);
		}
	}
	if (myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, shape, &label, err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, shape, &id, err) == MYO_OK &&
	    myo_record_put(&record, "mask", MYO_U8, 3, shape, mask, err) == MYO_OK)
		status = myo_writer_put(writer, &record, err);
	myo_record_clear(&record);
	return status;
}

/* Pixels that two runs of SIDE share which start at a and b. */
static int
overlap(int a, int b)
{
	const int far = abs(a - b);

	return far < SIDE ? SIDE - far : 0;
}

static int
put_tiles(struct myo_writer *writer, int n, int stride, struct myo_err *err)
{
	enum { MOST = HEIGHT * WIDTH };
	static float logits[MOST][CLASSES];
	static int64_t id[MOST];
	static int32_t label[MOST], ys[MOST], xs[MOST], height[MOST], width[MOST];
	struct myo_record record = MYO_RECORD_INIT;
	size_t rows = 0;
	int status = MYO_FAIL;

	for (int y = 0; y < HEIGHT; y += stride) {
		for (int x = 0; x < WIDTH; x += stride, rows++) {
			const int top = y - SIDE / 2, left = x - SIDE / 2;
			memset(logits[rows], 0, sizeof logits[rows]);
			logits[rows][(n + 1) % CLASSES] = 0.3f;
			logits[rows][n % CLASSES] =
			    (float)(overlap(top, object_y(n)) * overlap(left, object_x(n))) / 8;
			id[rows] = n;
			label[rows] = n % CLASSES;
			ys[rows] = top;
			xs[rows] = left;
			height[rows] = HEIGHT;
			width[rows] = WIDTH;
		}
	}
	const size_t shape[] = { rows, CLASSES };
	if (myo_record_put(&record, "logits", MYO_F32, 2, shape, logits, err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, shape, label, err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, shape, id, err) == MYO_OK &&
	    myo_record_put(&record, "y", MYO_I32, 1, shape, ys, err) == MYO_OK &&
	    myo_record_put(&record, "x", MYO_I32, 1, shape, xs, err) == MYO_OK &&
	    myo_record_put(&record, "height", MYO_I32, 1, shape, height, err) == MYO_OK &&
	    myo_record_put(&record, "width", MYO_I32, 1, shape, width, err) == MYO_OK)
		status = myo_writer_put(writer, &record, err);
	myo_record_clear(&record);
	return status;
}

static int
make(int fd, enum myo_kind kind, int count, int stride, char *const *command, int words, struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_writer *writer = NULL;

	header.kind = kind;
	int status = myo_header_set_classes(&header, CLASSES, names, err);
	if (status == MYO_OK && kind == MYO_PREDICTIONS)
		if (myo_header_set(&header, "sampling", "grid", err) != MYO_OK ||
		    myo_header_set_int(&header, "tile", SIDE, err) != MYO_OK ||
		    myo_header_set_int(&header, "stride", stride, err) != MYO_OK ||
		    myo_header_set_int(&header, "pad", 1, err) != MYO_OK)
			status = MYO_FAIL;
	if (status == MYO_OK && words > 0)
		status = myo_history_add(&header.history, words, command, err);
	if (status == MYO_OK)
		status = myo_writer_new(fd, "output", &header, &writer, err);
	for (int n = 0; status == MYO_OK && n < count; n++)
		status = kind == MYO_IMAGES ? put_image(writer, n, err) : put_tiles(writer, n, stride, err);
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

	if (argc < 4)
		return 2;
	const int count = atoi(argv[2]), stride = atoi(argv[3]);
	const int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0 || count < 0 || stride < 1) {
		(void)fprintf(stderr, "make_heat: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	if (make(fd, MYO_IMAGES, count, stride, argv + 4, argc - 4, &err) != MYO_OK ||
	    make(STDOUT_FILENO, MYO_PREDICTIONS, count, stride, argv + 4, argc - 4, &err) != MYO_OK) {
		(void)fprintf(stderr, "make_heat: %s\n", err.text);
		return 1;
	}
	return close(fd) == 0 ? 0 : 1;
}
