/* Tests of the patch room: every pixel of every patch is known, so is where patches may lie. */
#include "model/model.h"
#include "patch/patch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- images whose pixels say where they are ------------------------------------------- */

struct size {
	size_t height, width;
};

/* A record of `count` images of one size; the ids of all go on from record to record, times 7. */
struct batch {
	size_t count;
	struct size size;
};

enum { ID_STEP = 7, CLASSES = 3, MAX_BATCHES = 40 };

struct pictures {
	size_t batches;
	struct batch batch[MAX_BATCHES];
};

static const struct pictures many_sizes = { 4,
	{ { 5, { 12, 20 } }, { 7, { 20, 12 } }, { 1, { 16, 16 } }, { 4, { 9, 31 } } } };

/* Differs from image to image, line to line, column to column and channel to channel; never 0. */
static uint8_t
pixel_of(int64_t id, int y, int x, int channel)
{
	const uint32_t mixed = ((uint32_t)id * 1009 + (uint32_t)y * 131 + (uint32_t)x * 17 + (uint32_t)channel * 5) *
	    UINT32_C(2654435761);

	return (uint8_t)(mixed >> 24 | 1);
}

static int32_t
label_of(int64_t id)
{
	return (int32_t)(id % CLASSES);
}

static size_t
count_of(const struct pictures *p)
{
	size_t count = 0;

	for (size_t i = 0; i < p->batches; i++)
		count += p->batch[i].count;
	return count;
}

static struct size
size_of(const struct pictures *p, int64_t id)
{
	size_t n = (size_t)(id / ID_STEP), i = 0;

	ck_assert(id >= 0 && id % ID_STEP == 0 && n < count_of(p));
	for (; n >= p->batch[i].count; i++)
		n -= p->batch[i].count;
	return p->batch[i].size;
}

static void
put_batch(struct myo_writer *writer, const struct batch *batch, int64_t id)
{
	const size_t n = batch->count, height = batch->size.height, width = batch->size.width;
	const size_t shape[] = { n, height, width, 3 };
	uint8_t *pixels = calloc(n * height * width, 3), *to = pixels;
	int64_t *ids = calloc(n, sizeof *ids);
	int32_t *labels = calloc(n, sizeof *labels);
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert(pixels != NULL && ids != NULL && labels != NULL);
	for (size_t i = 0; i < n; i++, id += ID_STEP) {
		ids[i] = id;
		labels[i] = label_of(id);
		for (int y = 0; y < (int)height; y++)
			for (int x = 0; x < (int)width; x++)
				for (int c = 0; c < 3; c++)
					*to++ = pixel_of(id, y, x, c);
	}
	ck_assert_int_eq(myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, ids, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, shape, labels, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
	myo_record_clear(&record);
	free(labels);
	free(ids);
	free(pixels);
}

static FILE *
file_of(const struct pictures *p)
{
	static const char *const names[CLASSES] = { "cat", "dog", "hen" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_writer *writer;
	FILE *file = tmpfile();
	int64_t id = 0;

	ck_assert_ptr_nonnull(file);
	header.kind = MYO_IMAGES;
	header.rows = (int64_t)count_of(p);
	ck_assert_int_eq(myo_header_set_classes(&header, CLASSES, names, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fileno(file), "test", &header, &writer, &err), MYO_OK);
	for (size_t i = 0; i < p->batches; i++) {
		put_batch(writer, &p->batch[i], id);
		id += ID_STEP * (int64_t)p->batch[i].count;
	}
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_writer_free(writer);
	myo_header_clear(&header);
	ck_assert_int_eq((int)lseek(fileno(file), 0, SEEK_SET), 0);
	return file;
}

/* ---- patches that were cut ---------------------------------------------------------------- */

struct patch {
	int64_t id;
	int32_t label, y, x, height, width;
	int32_t side, hole[4]; /* 0 where they have none */
	bool flip;
};

struct cut {
	size_t count;
	struct patch *patches;
	uint8_t *pixels; /* [count, size, size, 3] */
	int64_t skipped;
	struct myo_header header;
};

static void
free_cut(struct cut *cut)
{
	free(cut->patches);
	free(cut->pixels);
	myo_header_clear(&cut->header);
}

/* Whether a patch holds what its image has at its place, mirrored if it says so, and 0 outside. */
static bool
right_pixels(const struct patch *p, const uint8_t *pixels, int size)
{
	for (int i = 0; i < size; i++)
		for (int j = 0; j < size; j++)
			for (int c = 0; c < 3; c++) {
				const int y = p->y + i, x = p->x + (p->flip ? size - 1 - j : j);
				const bool inside = y >= 0 && x >= 0 && y < p->height && x < p->width;
				if (*pixels++ != (inside ? pixel_of(p->id, y, x, c) : 0))
					return false;
			}
	return true;
}

static void
read_record(struct cut *cut, const struct myo_record *record, const struct pictures *from, int size, bool plain)
{
	static const char *const names[] = { "label", "y", "x", "height", "width" };
	const size_t rows = myo_record_rows(record), shape[] = { (size_t)size, (size_t)size, 3 };
	const size_t bytes = shape[0] * shape[1] * shape[2];
	const struct myo_tensor *image, *id, *columns[5], *flip = myo_record_find(record, "flip");
	const struct myo_tensor *side = myo_record_find(record, "side"), *hole = myo_record_find(record, "hole");
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_record_need(record, "image", MYO_U8, 4, shape, &image, &err), MYO_OK);
	ck_assert_int_eq(myo_record_need(record, "id", MYO_I64, 1, NULL, &id, &err), MYO_OK);
	for (size_t c = 0; c < MYO_COUNT(names); c++)
		ck_assert_int_eq(myo_record_need(record, names[c], MYO_I32, 1, NULL, &columns[c], &err), MYO_OK);
	cut->patches = realloc(cut->patches, (cut->count + rows) * sizeof *cut->patches);
	cut->pixels = realloc(cut->pixels, (cut->count + rows) * bytes);
	ck_assert(cut->patches != NULL && cut->pixels != NULL);
	memcpy(cut->pixels + cut->count * bytes, image->data, rows * bytes);
	for (size_t i = 0; i < rows; i++) {
		struct patch *p = &cut->patches[cut->count++];
		*p = (struct patch){ .id = ((const int64_t *)id->data)[i],
			.label = ((const int32_t *)columns[0]->data)[i],
			.y = ((const int32_t *)columns[1]->data)[i],
			.x = ((const int32_t *)columns[2]->data)[i],
			.height = ((const int32_t *)columns[3]->data)[i],
			.width = ((const int32_t *)columns[4]->data)[i],
			.side = side != NULL ? ((const int32_t *)side->data)[i] : 0,
			.flip = flip != NULL && ((const uint8_t *)flip->data)[i] == 1 };
		if (hole != NULL)
			memcpy(p->hole, (const int32_t *)hole->data + 4 * i, sizeof p->hole);
		ck_assert_int_eq(p->label, label_of(p->id));
		ck_assert_uint_eq((size_t)p->height, size_of(from, p->id).height);
		ck_assert_uint_eq((size_t)p->width, size_of(from, p->id).width);
		ck_assert(!plain || right_pixels(p, (const uint8_t *)image->data + i * bytes, size));
	}
}

static struct cut
read_patches(FILE *file, const struct pictures *from, int size, bool plain)
{
	struct cut cut = { .header = MYO_HEADER_INIT };
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_reader *reader;
	int rc;

	ck_assert_int_eq((int)lseek(fileno(file), 0, SEEK_SET), 0);
	ck_assert_int_eq(myo_reader_new(fileno(file), "patches", &reader, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_need_kind(reader, MYO_PATCHES, &err), MYO_OK);
	while ((rc = myo_reader_next(reader, &record, &err)) == MYO_OK)
		read_record(&cut, &record, from, size, plain);
	ck_assert_msg(rc == MYO_END, "%s", err.text);
	ck_assert_int_eq(myo_header_copy(&cut.header, myo_reader_header(reader), &err), MYO_OK);
	myo_record_clear(&record);
	myo_reader_free(reader);
	ck_assert_int_eq(fclose(file), 0);
	return cut;
}

/* Writes patches into a temporary file. */
struct sink {
	FILE *file;
	struct myo_writer *writer;
	struct myo_patches *patches;
	bool plain; /* pixels are those of the image */
};

static void
open_sink(struct sink *sink, struct myo_header *header, int size, const struct myo_crops *crops)
{
	struct myo_err err = MYO_ERR_INIT;

	sink->plain = crops == NULL || (crops->most == 0 && crops->brightness == 0 && crops->contrast == 0 &&
	    crops->saturation == 0 && crops->hue == 0 && crops->cutout == 0);
	sink->file = tmpfile();
	ck_assert_ptr_nonnull(sink->file);
	ck_assert_int_eq(myo_writer_new(fileno(sink->file), "patches", header, &sink->writer, &err), MYO_OK);
	ck_assert_int_eq(myo_patches_new(size, crops, sink->writer, &sink->patches, &err), MYO_OK);
	myo_header_clear(header);
}

static struct cut
close_sink(struct sink *sink, const struct pictures *from, int size)
{
	struct myo_err err = MYO_ERR_INIT;
	const int64_t skipped = myo_patches_skipped(sink->patches), count = myo_patches_count(sink->patches);

	ck_assert_int_eq(myo_patches_flush(sink->patches, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_end(sink->writer, NULL, &err), MYO_OK);
	myo_patches_free(sink->patches);
	myo_writer_free(sink->writer);
	struct cut cut = read_patches(sink->file, from, size, sink->plain);
	cut.skipped = skipped;
	ck_assert_int_eq((int64_t)cut.count, count);
	return cut;
}

static struct cut
crop_all(const struct myo_crops *crops, const struct pictures *from)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_table *table;
	struct sink sink;
	FILE *file = file_of(from);

	ck_assert_int_eq(myo_table_new(fileno(file), "images", MYO_IMAGES, 0, &table, NULL, &err), MYO_OK);
	const int rc = myo_crops_header(crops, table, NULL, &header, &err);
	ck_assert_msg(rc == MYO_OK, "%s", err.text);
	open_sink(&sink, &header, crops->size, crops);
	ck_assert_int_eq(myo_crops_all(crops, table, sink.patches, NULL, NULL, &err), MYO_OK);
	myo_table_free(table);
	ck_assert_int_eq(fclose(file), 0);
	return close_sink(&sink, from, crops->size);
}

static bool
same_patches(const struct patch *a, const struct patch *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].id != b[i].id || a[i].y != b[i].y || a[i].x != b[i].x || a[i].flip != b[i].flip ||
		    a[i].side != b[i].side || memcmp(a[i].hole, b[i].hole, sizeof a[i].hole) != 0)
			return false;
	return true;
}

/* Each image `times` times among patches [0, count), those left out by `fits` not at all. */
static void
check_times(const struct pictures *from, const struct patch *patches, size_t count, size_t times, size_t least)
{
	const size_t images = count_of(from);
	size_t *seen = calloc(images, sizeof *seen);

	ck_assert_ptr_nonnull(seen);
	for (size_t i = 0; i < count; i++)
		seen[patches[i].id / ID_STEP]++;
	for (size_t i = 0; i < images; i++) {
		const struct size size = size_of(from, (int64_t)i * ID_STEP);
		ck_assert_uint_eq(seen[i], size.height >= least && size.width >= least ? times : 0);
	}
	free(seen);
}

/* ---- random crops ------------------------------------------------------------------------------ */

START_TEST(each_epoch_has_each_image_once_and_crops_lie_inside)
{
	const struct myo_crops crops = { .size = 9, .crops = 1, .epochs = 3, .flip = true, .seed = 5 };
	const size_t images = count_of(&many_sizes);
	struct cut cut = crop_all(&crops, &many_sizes);
	size_t flips = 0;

	ck_assert_uint_eq(cut.count, 3 * images);
	for (size_t e = 0; e < 3; e++)
		check_times(&many_sizes, cut.patches + e * images, images, 1, 0);
	for (size_t i = 0; i < cut.count; i++) {
		const struct patch *p = &cut.patches[i];
		ck_assert(p->y >= 0 && p->x >= 0 && p->y + 9 <= p->height && p->x + 9 <= p->width);
		flips += p->flip;
	}
	ck_assert(flips > 0 && flips < cut.count);
	/* another epoch is another order and other places */
	ck_assert(!same_patches(cut.patches, cut.patches + images, images));
	size_t moved = 0;
	for (size_t i = 0; i < images; i++)
		for (size_t j = images; j < 2 * images; j++)
			moved += cut.patches[i].id == cut.patches[j].id &&
			    (cut.patches[i].y != cut.patches[j].y || cut.patches[i].x != cut.patches[j].x);
	ck_assert_uint_gt(moved, images / 2);
	free_cut(&cut);
}
END_TEST

/* FNV-1a over what a cut is, places and pixels. */
static uint64_t
print_of(const struct cut *cut, int size)
{
	const size_t bytes = (size_t)size * (size_t)size * 3;
	uint64_t print = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < cut->count; i++) {
		const struct patch *p = &cut->patches[i];
		const int64_t numbers[] = { p->id, p->y, p->x, p->flip };
		for (size_t n = 0; n < MYO_COUNT(numbers); n++)
			print = (print ^ (uint64_t)numbers[n]) * UINT64_C(0x100000001b3);
		for (size_t b = 0; b < bytes; b++)
			print = (print ^ cut->pixels[i * bytes + b]) * UINT64_C(0x100000001b3);
	}
	return print;
}

START_TEST(a_seed_names_the_same_crops_for_ever)
{
	/* as version 0.1.0 cut them: who repeats an experiment gets what was trained on then */
	const struct myo_crops plain = { .size = 9, .crops = 1, .epochs = 2, .seed = 5 };
	const struct myo_crops more = { .size = 9, .margin = 3, .crops = 3, .epochs = 2, .first_epoch = 1, .flip = true,
		.seed = 7 };
	struct cut a = crop_all(&plain, &many_sizes), b = crop_all(&more, &many_sizes);

	ck_assert_uint_eq(print_of(&a, 9), UINT64_C(115924744716694677));
	ck_assert_uint_eq(print_of(&b, 9), UINT64_C(13468512654535467688));
	free_cut(&a);
	free_cut(&b);
}
END_TEST

START_TEST(header_says_what_the_patches_are)
{
	const struct myo_crops crops = { .size = 4, .margin = 2, .crops = 5, .epochs = 2, .seed = 1 };
	struct cut cut = crop_all(&crops, &many_sizes);

	ck_assert_int_eq(cut.header.rows, 2 * 5 * 17);
	ck_assert_uint_eq(cut.count, 2 * 5 * 17);
	ck_assert_uint_eq(cut.header.class_count, CLASSES);
	ck_assert_str_eq(cut.header.classes[1], "dog");
	ck_assert_str_eq(myo_header_get(&cut.header, "sampling"), "random");
	ck_assert_str_eq(myo_header_get(&cut.header, "tile"), "4");
	ck_assert_str_eq(myo_header_get(&cut.header, "epochs"), "2");
	ck_assert_str_eq(myo_header_get(&cut.header, "epoch_rows"), "85");
	ck_assert_str_eq(myo_header_get(&cut.header, "margin"), "2");
	ck_assert_ptr_null(myo_header_get(&cut.header, "stride"));
	free_cut(&cut);
}
END_TEST

START_TEST(epochs_can_start_anywhere)
{
	const struct myo_crops all = { .size = 8, .crops = 2, .epochs = 4, .flip = true, .seed = 3 };
	const struct myo_crops tail = { .size = 8, .crops = 2, .epochs = 2, .first_epoch = 2, .flip = true, .seed = 3 };
	struct cut a = crop_all(&all, &many_sizes), b = crop_all(&tail, &many_sizes);

	ck_assert_uint_eq(a.count, 2 * b.count);
	ck_assert(same_patches(a.patches + b.count, b.patches, b.count));
	ck_assert(!same_patches(a.patches, b.patches, b.count));
	free_cut(&a);
	free_cut(&b);
}
END_TEST

START_TEST(streams_can_start_at_any_row)
{
	const struct myo_crops all = { .size = 8, .crops = 2, .epochs = 3, .flip = true, .seed = 3 };
	struct cut whole = crop_all(&all, &many_sizes);
	const size_t rows = whole.count;
	const size_t firsts[] = { 1, rows / 3 - 1, rows / 3, rows / 3 + 1, rows / 2, rows - 1 };

	for (size_t i = 0; i < MYO_COUNT(firsts); i++) {
		struct myo_crops tail = all;
		tail.first_row = (int64_t)firsts[i];
		struct cut b = crop_all(&tail, &many_sizes);
		int64_t first = -1;
		struct myo_err err = MYO_ERR_INIT;
		ck_assert_uint_eq(b.count, rows - firsts[i]);
		ck_assert_int_eq(b.header.rows, (int64_t)b.count);
		ck_assert(same_patches(whole.patches + firsts[i], b.patches, b.count));
		ck_assert_int_eq(myo_header_get_int(&b.header, "first_row", 0, INT64_MAX, -1, &first, &err), MYO_OK);
		ck_assert_int_eq(first, (int64_t)firsts[i]);
		free_cut(&b);
	}
	free_cut(&whole);
}
END_TEST

START_TEST(seeds_name_the_choices)
{
	const struct myo_crops one = { .size = 8, .crops = 1, .epochs = 1, .flip = true, .seed = 1 };
	const struct myo_crops two = { .size = 8, .crops = 1, .epochs = 1, .flip = true, .seed = UINT64_C(1) << 40 };
	struct cut a = crop_all(&one, &many_sizes), again = crop_all(&one, &many_sizes),
		b = crop_all(&two, &many_sizes);

	ck_assert(same_patches(a.patches, again.patches, a.count));
	ck_assert(!same_patches(a.patches, b.patches, a.count));
	free_cut(&a);
	free_cut(&again);
	free_cut(&b);
}
END_TEST

/* Pearson's statistic against equal shares. */
static double
chi_square(const size_t *seen, size_t cells, size_t count)
{
	const double expected = (double)count / (double)cells;
	double sum = 0;

	for (size_t i = 0; i < cells; i++)
		sum += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
	return sum;
}

START_TEST(places_and_flips_are_uniform)
{
	/* 5 x 9 places, mirrored or not: 90 cells of which each gets 200 */
	enum { DOWN = 5, ACROSS = 9, CELLS = DOWN * ACROSS * 2, IMAGES = 450, TIMES = CELLS * 200 / IMAGES };
	static const struct pictures from = { 1, { { IMAGES, { 8 + DOWN - 1, 8 + ACROSS - 1 } } } };
	const struct myo_crops crops = { .size = 8, .crops = 4, .epochs = TIMES / 4, .flip = true, .seed = 11 };
	struct cut cut = crop_all(&crops, &from);
	size_t seen[CELLS] = { 0 };

	ck_assert_uint_eq(cut.count, CELLS * 200);
	for (size_t i = 0; i < cut.count; i++) {
		const struct patch *p = &cut.patches[i];
		ck_assert(p->y >= 0 && p->y < DOWN && p->x >= 0 && p->x < ACROSS);
		seen[(p->y * ACROSS + p->x) * 2 + p->flip]++;
	}
	/* 136 is passed once in a thousand seeds */
	ck_assert_double_lt(chi_square(seen, CELLS, cut.count), 136);
	/* and not suspiciously even */
	ck_assert_double_gt(chi_square(seen, CELLS, cut.count), 52);
	free_cut(&cut);
}
END_TEST

START_TEST(order_is_uniform)
{
	/* the place in its epoch of image 0 of 10, over 2000 epochs */
	static const struct pictures from = { 1, { { 10, { 3, 3 } } } };
	const struct myo_crops crops = { .size = 2, .crops = 1, .epochs = 2000, .seed = 2 };
	struct cut cut = crop_all(&crops, &from);
	size_t seen[10] = { 0 };

	ck_assert_uint_eq(cut.count, 20000);
	for (size_t i = 0; i < cut.count; i++)
		if (cut.patches[i].id == 0)
			seen[i % 10]++;
	ck_assert_double_lt(chi_square(seen, 10, 2000), 27.9);
	free_cut(&cut);
}
END_TEST

START_TEST(crops_of_an_image_are_spread_over_the_epoch)
{
	static const struct pictures from = { 1, { { 500, { 6, 7 } } } };
	const struct myo_crops crops = { .size = 3, .crops = 6, .epochs = 1, .seed = 9 };
	struct cut cut = crop_all(&crops, &from);
	size_t neighbours = 0, twins = 0;

	check_times(&from, cut.patches, cut.count, 6, 0);
	for (size_t i = 1; i < cut.count; i++) {
		neighbours += cut.patches[i].id == cut.patches[i - 1].id;
		twins += cut.patches[i].y == cut.patches[i - 1].y && cut.patches[i].x == cut.patches[i - 1].x;
	}
	/* expected: 5 pairs of neighbours from one image (3000 pairs, 5 of 2999 partners) */
	ck_assert_uint_lt(neighbours, 20);
	ck_assert_uint_lt(twins, 250); /* 20 places */
	free_cut(&cut);
}
END_TEST

START_TEST(margin_is_zero_and_reached)
{
	static const struct pictures from = { 1, { { 300, { 6, 5 } } } };
	const struct myo_crops crops = { .size = 5, .margin = 2, .crops = 20, .epochs = 2, .flip = true, .seed = 4 }; /* more than a record */
	struct cut cut = crop_all(&crops, &from);
	size_t rows[6] = { 0 }, columns[5] = { 0 };

	for (size_t i = 0; i < cut.count; i++) {
		ck_assert(cut.patches[i].y >= -2 && cut.patches[i].y <= 3);
		ck_assert(cut.patches[i].x >= -2 && cut.patches[i].x <= 2);
		rows[cut.patches[i].y + 2]++;
		columns[cut.patches[i].x + 2]++;
	}
	ck_assert_double_lt(chi_square(rows, 6, cut.count), 20.6);
	ck_assert_double_lt(chi_square(columns, 5, cut.count), 18.5);
	free_cut(&cut);
}
END_TEST

START_TEST(small_images_are_named_or_left_out)
{
	struct myo_crops crops = { .size = 12, .crops = 1, .epochs = 2, .seed = 1 };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_table *table;
	FILE *file = file_of(&many_sizes);

	/* the last four are 9 lines of 31 pixels */
	ck_assert_int_eq(myo_table_new(fileno(file), "images", MYO_IMAGES, 0, &table, NULL, &err), MYO_OK);
	ck_assert_int_eq(myo_crops_header(&crops, table, NULL, &header, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "image 91 is 31x9 pixels, smaller than a patch of 12x12"));
	crops.skip_small = true;
	struct cut cut = crop_all(&crops, &many_sizes);
	ck_assert_uint_eq(cut.count, 2 * 13);
	ck_assert_int_eq(cut.header.rows, 2 * 13);
	ck_assert_int_eq(cut.skipped, 4);
	check_times(&many_sizes, cut.patches, cut.count, 2, 12);
	crops.size = 32;
	ck_assert_int_eq(myo_crops_header(&crops, table, NULL, &header, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "all of the 17 images are smaller than a patch of 32x32"));
	myo_table_free(table);
	ck_assert_int_eq(fclose(file), 0);
	free_cut(&cut);
}
END_TEST

/* ---- what befalls crops ---------------------------------------------------------------------------- */

enum { SIDE = 8, PATCH = SIDE * SIDE * 3, MANY = 400 };

/* Images of one size with room for all that follows. */
static const struct pictures many = { 1, { { MANY, { 20, 17 } } } };

static const struct myo_crops everything = { .size = SIDE, .margin = 3, .crops = 2, .epochs = 3, .least = 5, .most = 19,
	.alternate = true, .brightness = 0.4, .contrast = 0.3, .saturation = 0.6, .hue = 0.2, .cutout = 3, .seed = 3 };

static const uint8_t *
pixels_of(const struct cut *cut, size_t row)
{
	return cut->pixels + row * PATCH;
}

static bool
same_pixels(const struct cut *a, size_t from, const struct cut *b, size_t count)
{
	return memcmp(pixels_of(a, from), b->pixels, count * PATCH) == 0;
}

START_TEST(what_befalls_crops_begins_anywhere)
{
	struct myo_crops tail = everything;
	struct cut whole = crop_all(&everything, &many), again = crop_all(&everything, &many);
	const size_t firsts[] = { 1, 2 * MANY - 1, 2 * MANY, 5 * MANY + 7 };

	ck_assert_uint_eq(whole.count, 6 * MANY);
	ck_assert(same_patches(whole.patches, again.patches, whole.count) &&
	    same_pixels(&whole, 0, &again, whole.count));
	for (size_t i = 0; i < MYO_COUNT(firsts); i++) {
		tail.first_row = (int64_t)firsts[i];
		struct cut b = crop_all(&tail, &many);
		ck_assert_uint_eq(b.count, whole.count - firsts[i]);
		ck_assert(same_patches(whole.patches + firsts[i], b.patches, b.count));
		ck_assert(same_pixels(&whole, firsts[i], &b, b.count));
		free_cut(&b);
	}
	tail.first_row = 0;
	tail.first_epoch = 1;
	tail.epochs = 2;
	struct cut b = crop_all(&tail, &many);
	ck_assert(same_patches(whole.patches + 2 * MANY, b.patches, b.count) &&
	    same_pixels(&whole, 2 * MANY, &b, b.count));
	tail.seed = 4;
	struct cut other = crop_all(&tail, &many);
	ck_assert(!same_patches(b.patches, other.patches, b.count));
	free_cut(&other);
	free_cut(&b);
	free_cut(&again);
	free_cut(&whole);
}
END_TEST

START_TEST(every_crop_has_its_own)
{
	/* of two epochs, or of two crops in one */
	struct myo_crops crops = everything;
	size_t sides = 0, holes = 0, pairs = 0;

	crops.crops = _i == 0 ? 1 : 2;
	crops.epochs = _i == 0 ? 2 : 1;
	struct cut cut = crop_all(&crops, &many);
	for (size_t i = 0; i < cut.count; i++)
		for (size_t j = 0; j < i; j++)
			if (cut.patches[i].id == cut.patches[j].id) {
				sides += cut.patches[i].side == cut.patches[j].side;
				holes += memcmp(cut.patches[i].hole, cut.patches[j].hole,
				    sizeof cut.patches[i].hole) == 0;
				pairs++;
			}
	ck_assert_uint_eq(pairs, MANY);
	ck_assert_uint_lt(sides, MANY / 5); /* of 15 sides */
	ck_assert_uint_lt(holes, MANY / 10);
	free_cut(&cut);
}
END_TEST

START_TEST(nothing_changes_what_another_does)
{
	const struct myo_crops plain = { .size = SIDE, .margin = 3, .crops = 2, .epochs = 2, .flip = true, .seed = 3 };
	struct myo_crops crops = plain;
	struct cut bare = crop_all(&plain, &many);

	crops.brightness = 0.5;
	struct cut bright = crop_all(&crops, &many);
	crops.contrast = 1e-9; /* too little to be seen, but drawn */
	crops.cutout = 4;
	struct cut both = crop_all(&crops, &many);
	crops.brightness = crops.contrast = 0;
	struct cut hidden = crop_all(&crops, &many);
	ck_assert(same_patches(bare.patches, bright.patches, bare.count));
	ck_assert(same_patches(both.patches, hidden.patches, bare.count));
	ck_assert(!same_pixels(&bare, 0, &bright, bare.count) && !same_pixels(&bare, 0, &hidden, bare.count));
	for (size_t i = 0; i < bare.count; i++) {
		const struct patch *p = &both.patches[i], *q = &bare.patches[i];
		const int32_t *hole = p->hole;
		ck_assert(p->id == q->id && p->y == q->y && p->x == q->x && p->flip == q->flip);
		for (int k = 0; k < SIDE * SIDE; k++) {
			const int x = k % SIDE, y = k / SIDE;
			const bool in = x >= hole[0] && y >= hole[1] && x <= hole[2] && y <= hole[3];
			const struct cut *as = in ? &hidden : &bright;
			ck_assert_mem_eq(pixels_of(&both, i) + 3 * k, pixels_of(as, i) + 3 * k, 3);
		}
	}
	/* other sizes have other places, but the same mirrors and holes */
	crops.least = 6;
	crops.most = 12;
	struct cut sizes = crop_all(&crops, &many);
	for (size_t i = 0; i < bare.count; i++) {
		const struct patch *p = &sizes.patches[i], *q = &hidden.patches[i];
		ck_assert(p->id == q->id && p->flip == q->flip && memcmp(p->hole, q->hole, sizeof p->hole) == 0);
	}
	free_cut(&sizes);
	/* taking turns changes the sides that are seen and nothing else */
	crops = plain;
	crops.flip = false;
	crops.alternate = true;
	struct cut turns = crop_all(&crops, &many);
	ck_assert(!same_patches(bare.patches, turns.patches, bare.count));
	for (size_t i = 0; i < bare.count; i++)
		bare.patches[i].flip = turns.patches[i].flip;
	ck_assert(same_patches(bare.patches, turns.patches, bare.count));
	free_cut(&turns);
	free_cut(&hidden);
	free_cut(&both);
	free_cut(&bright);
	free_cut(&bare);
}
END_TEST

START_TEST(mirrors_take_turns)
{
	enum { EPOCHS = 5 };
	struct myo_crops crops = { .size = SIDE, .crops = 1, .epochs = EPOCHS, .alternate = true,
		.seed = (uint64_t)_i };
	bool flips[EPOCHS][MANY], first[2];
	struct cut cut = crop_all(&crops, &many);
	size_t begin = 0;

	for (size_t i = 0; i < cut.count; i++)
		flips[i / MANY][cut.patches[i].id / ID_STEP] = cut.patches[i].flip;
	for (size_t i = 0; i < MANY; i++) {
		begin += flips[0][i];
		for (size_t e = 1; e < EPOCHS; e++)
			ck_assert(flips[e][i] != flips[e - 1][i]);
	}
	/* half of them, within four deviations of a fair coin's */
	ck_assert(begin > MANY / 2 - 40 && begin < MANY / 2 + 40);
	free_cut(&cut);
	/* of two crops of an image in an epoch one is mirrored, of each image */
	crops.crops = 2;
	crops.epochs = 1;
	cut = crop_all(&crops, &many);
	for (int64_t id = 0; id < MANY * ID_STEP; id += ID_STEP) {
		size_t found = 0;
		for (size_t i = 0; i < cut.count; i++)
			if (cut.patches[i].id == id)
				first[found++] = cut.patches[i].flip;
		ck_assert(found == 2 && first[0] != first[1]);
	}
	free_cut(&cut);
}
END_TEST

/* Uniform in [1 - amount, 1 + amount]. */
static double
factor_of(struct myo_rng *rng, double amount)
{
	return 1 - amount + 2 * amount * myo_rng_real(rng);
}

static double
grey_of(const double *p)
{
	return round(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]);
}

static void
blend(double *p, double with, double factor)
{
	for (int c = 0; c < 3; c++)
		p[c] = round(fmin(255, fmax(0, factor * p[c] + (1 - factor) * with)));
}

/* By hue, saturation and value, and back by the six sectors of the circle, as Python's colorsys does it. */
static void
turn_hue(double *p, double turn)
{
	const double most = fmax(fmax(p[0], p[1]), p[2]), range = most - fmin(fmin(p[0], p[1]), p[2]);

	if (range == 0 || turn == 0)
		return;
	double hue = p[0] == most ? (p[1] - p[2]) / range : p[1] == most ? 2 + (p[2] - p[0]) / range :
	    4 + (p[0] - p[1]) / range;
	hue = fmod(hue / 6 + turn + 2, 1) * 6;
	const int sector = (int)hue;
	const double down = most - range * (hue - sector), up = most - range * (1 - (hue - sector)), least = most - range;
	const double rgb[6][3] = { { most, up, least }, { down, most, least }, { least, most, up },
		{ least, down, most }, { up, least, most }, { most, least, down } };
	for (int c = 0; c < 3; c++)
		p[c] = rgb[sector][c];
}

/* torchvision's formulas once more, in doubles and one after the other; padding is never touched. */
static void
recolour(double *p, const bool *inside, const struct myo_crops *crops, const struct patch *patch)
{
	struct myo_rng rng = myo_rng_at(crops->seed, MYO_RNG_COLOUR, (uint64_t)crops->first_epoch,
	    (uint64_t)(patch->id / ID_STEP));
	const double brightness = factor_of(&rng, crops->brightness), contrast = factor_of(&rng, crops->contrast);
	const double saturation = factor_of(&rng, crops->saturation), hue = factor_of(&rng, crops->hue) - 1;
	double sum = 0, count = 0;

	for (int i = 0; i < SIDE * SIDE; i++)
		if (inside[i]) {
			blend(p + 3 * i, 0, brightness);
			sum += grey_of(p + 3 * i);
			count++;
		}
	for (int i = 0; i < SIDE * SIDE; i++)
		if (inside[i]) {
			blend(p + 3 * i, sum / count, contrast);
			blend(p + 3 * i, grey_of(p + 3 * i), saturation);
			turn_hue(p + 3 * i, hue);
		}
}

START_TEST(colours_change_by_torchvision_s_formulas)
{
	const struct myo_crops plain = { .size = SIDE, .margin = 4, .crops = 1, .epochs = 1,
		.first_epoch = 5, .flip = true, .seed = 12 };
	struct myo_crops crops = plain;
	double error = 0, changed = 0;
	size_t count = 0;

	crops.brightness = _i == 0 || _i == 3 ? 0.6 : 0;
	crops.contrast = _i == 1 || _i == 3 ? 0.8 : 0;
	crops.saturation = _i == 2 || _i == 3 ? 1 : 0;
	crops.hue = _i == 4 ? 0.5 : 0;
	struct cut before = crop_all(&plain, &many), after = crop_all(&crops, &many);
	for (size_t i = 0; i < before.count; i++) {
		const uint8_t *from = pixels_of(&before, i), *to = pixels_of(&after, i);
		double p[PATCH];
		bool inside[SIDE * SIDE];
		for (int k = 0; k < PATCH; k++)
			p[k] = from[k];
		for (int k = 0; k < SIDE * SIDE; k++)
			inside[k] = from[3 * k] != 0; /* no pixel of an image is 0 */
		recolour(p, inside, &crops, &before.patches[i]);
		for (int k = 0; k < PATCH; k++) {
			/*
			 * the mean grey is a whole number there, and factors are multiples of 2^-16; saturation can
			 * double it
			 */
			ck_assert_double_le(fabs(to[k] - p[k]), _i == 3 ? 3 : 1);
			ck_assert(inside[k / 3] || to[k] == 0);
			error += to[k] - p[k];
			changed += abs(to[k] - from[k]);
			count++;
		}
	}
	ck_assert_double_lt(fabs(error / (double)count), 0.02); /* rounded down it would be 0.5 */
	ck_assert_double_gt(changed / (double)count, 5);
	free_cut(&before);
	free_cut(&after);
}
END_TEST

START_TEST(brightness_fills_its_range)
{
	const struct myo_crops plain = { .size = SIDE, .crops = 1, .epochs = 3, .seed = 12 };
	struct myo_crops crops = plain;
	size_t seen[8] = { 0 };

	crops.brightness = 0.25;
	struct cut before = crop_all(&plain, &many), after = crop_all(&crops, &many);
	for (size_t i = 0; i < before.count; i++) {
		double from = 0, to = 0; /* of pixels that no factor could cut off */
		for (int k = 0; k < PATCH; k++)
			if (pixels_of(&before, i)[k] <= 200) {
				from += pixels_of(&before, i)[k];
				to += pixels_of(&after, i)[k];
			}
		ck_assert(to / from > 0.749 && to / from < 1.251);
		const int eighth = (int)((to / from - 0.75) * 16);
		seen[eighth < 0 ? 0 : eighth > 7 ? 7 : eighth]++;
	}
	ck_assert_double_lt(chi_square(seen, 8, before.count), 24.3);
	free_cut(&before);
	free_cut(&after);
}
END_TEST

START_TEST(holes_are_squares_around_any_pixel)
{
	enum { TIMES = 10 };
	const struct myo_crops plain = { .size = SIDE, .crops = TIMES, .epochs = 1, .flip = true, .seed = 2 };
	struct myo_crops crops = plain;
	const int side = _i, before = side / 2, after = side - before - 1;
	size_t seen[SIDE * SIDE] = { 0 };

	crops.cutout = side;
	struct cut bare = crop_all(&plain, &many), cut = crop_all(&crops, &many);
	for (size_t i = 0; i < cut.count; i++) {
		const int32_t *hole = cut.patches[i].hole;
		int centre[2], hidden = 0;
		for (int d = 0; d < 2; d++) {
			ck_assert(0 <= hole[d] && hole[d] <= hole[d + 2] && hole[d + 2] < SIDE);
			centre[d] = hole[d] > 0 ? hole[d] + before : hole[d + 2] - after;
			/* nothing is missing but what would lie outside */
			ck_assert_int_eq(hole[d], centre[d] - before > 0 ? centre[d] - before : 0);
			ck_assert_int_eq(hole[d + 2], centre[d] + after < SIDE ? centre[d] + after : SIDE - 1);
		}
		if (hole[0] > 0 && hole[1] > 0 && hole[2] < SIDE - 1 && hole[3] < SIDE - 1)
			ck_assert_int_eq((hole[2] - hole[0] + 1) * (hole[3] - hole[1] + 1), side * side);
		if (side < SIDE) /* one as large as the patch may reach from edge to edge, and its centre is not known */
			seen[centre[1] * SIDE + centre[0]]++;
		for (int p = 0; p < SIDE * SIDE; p++) {
			const bool in = p % SIDE >= hole[0] && p / SIDE >= hole[1] && p % SIDE <= hole[2] &&
			    p / SIDE <= hole[3];
			hidden += in;
			for (int c = 3 * p; c < 3 * p + 3; c++)
				ck_assert_int_eq(pixels_of(&cut, i)[c], in ? 128 : pixels_of(&bare, i)[c]);
		}
		ck_assert_int_eq(hidden, (hole[2] - hole[0] + 1) * (hole[3] - hole[1] + 1));
	}
	if (side < SIDE) /* 63 degrees of freedom: passed once in a thousand seeds */
		ck_assert_double_lt(chi_square(seen, SIDE * SIDE, cut.count), 103.4);
	free_cut(&bare);
	free_cut(&cut);
}
END_TEST

/* Weight of pixel k of `side` in pixel i of SIDE: a triangle, at least as wide as bilinear interpolation's. */
static double
weight(int side, int i, int k)
{
	const double scale = (double)side / SIDE, radius = fmax(1, scale);

	return fmax(0, 1 - fabs(k - ((i + 0.5) * scale - 0.5)) / radius);
}

static double
resized(const struct patch *p, int row, int column, int channel)
{
	double sum = 0, weights = 0;

	for (int y = 0; y < p->side; y++)
		for (int x = 0; x < p->side; x++) {
			const double w = weight(p->side, row, y) * weight(p->side, column, x);
			sum += w == 0 ? 0 : w * pixel_of(p->id, p->y + y, p->x + x, channel);
			weights += w;
		}
	return sum / weights;
}

START_TEST(squares_of_other_sides_are_resized)
{
	const struct myo_crops crops = { .size = SIDE, .crops = 1, .epochs = 1, .least = 3, .most = 16, .flip = true,
		.seed = 21 };
	struct cut cut = crop_all(&crops, &many);

	for (size_t i = 0; i < cut.count; i++) {
		const struct patch *p = &cut.patches[i];
		ck_assert(p->side >= 3 && p->side <= 16 && p->y >= 0 && p->x >= 0);
		ck_assert(p->y + p->side <= p->height && p->x + p->side <= p->width);
		for (int k = 0; k < PATCH; k++) {
			const int column = k / 3 % SIDE;
			const double want = resized(p, k / 3 / SIDE, p->flip ? SIDE - 1 - column : column, k % 3);
			/* rounded after each of two passes, weights to 2^-14 */
			ck_assert_double_eq_tol(pixels_of(&cut, i)[k], want, 1.1);
		}
	}
	free_cut(&cut);
}
END_TEST

START_TEST(sides_are_uniform_in_area)
{
	/* an image has room for squares of 17 pixels, whatever was asked for */
	enum { LEAST = 6, MOST = 17 };
	struct myo_crops crops = { .size = SIDE, .crops = 10, .epochs = 1, .least = LEAST, .most = 40, .seed = 22 };
	struct cut cut = crop_all(&crops, &many);
	const double all = (MOST + 1) * (MOST + 1) - LEAST * LEAST;
	double seen[MOST + 1] = { 0 }, sum = 0;

	for (size_t i = 0; i < cut.count; i++) {
		ck_assert(cut.patches[i].side >= LEAST && cut.patches[i].side <= MOST);
		seen[cut.patches[i].side]++;
	}
	for (int s = LEAST; s <= MOST; s++) {
		const double want = (2 * s + 1) / all * (double)cut.count;
		sum += (seen[s] - want) * (seen[s] - want) / want;
	}
	ck_assert_double_lt(sum, 31.3); /* 11 degrees of freedom */
	free_cut(&cut);
	/* one side only is no choice */
	crops.least = crops.most = 10;
	cut = crop_all(&crops, &many);
	for (size_t i = 0; i < cut.count; i++)
		ck_assert_int_eq(cut.patches[i].side, 10);
	free_cut(&cut);
}
END_TEST

START_TEST(squares_of_the_patch_s_side_are_copied)
{
	const struct myo_crops plain = { .size = SIDE, .margin = 3, .crops = 1, .epochs = 2, .flip = true, .seed = 21 };
	struct myo_crops crops = plain;

	crops.least = crops.most = SIDE;
	struct cut a = crop_all(&plain, &many), b = crop_all(&crops, &many);
	for (size_t i = 0; i < a.count; i++)
		a.patches[i].side = SIDE;
	ck_assert(same_patches(a.patches, b.patches, a.count) && same_pixels(&a, 0, &b, a.count));
	free_cut(&a);
	free_cut(&b);
}
END_TEST

START_TEST(images_need_room_for_the_least_square)
{
	struct myo_crops crops = { .size = 12, .crops = 1, .epochs = 1, .least = 9, .most = 15, .seed = 1 };
	struct cut cut = crop_all(&crops, &many_sizes); /* the last four are 9 lines of 31 pixels */

	check_times(&many_sizes, cut.patches, cut.count, 1, 0);
	free_cut(&cut);
	crops.least = 10;
	crops.skip_small = true;
	cut = crop_all(&crops, &many_sizes);
	check_times(&many_sizes, cut.patches, cut.count, 1, 10);
	ck_assert_int_eq(cut.skipped, 4);
	free_cut(&cut);
}
END_TEST

/* A crop as a record of its own, normalised by what makes no pixel 0. */
static void
normalise(const struct patch *p, const uint8_t *pixels, float *out)
{
	static const size_t shape[] = { 1, SIDE, SIDE, 3 }, corners[] = { 1, 4 };
	const struct myo_model model = { .mean = { 2, 2, 2 }, .deviation = { 1, 1, 1 } };
	const uint8_t flip = p->flip;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "y", MYO_I32, 1, shape, &p->y, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "x", MYO_I32, 1, shape, &p->x, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "height", MYO_I32, 1, shape, &p->height, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "width", MYO_I32, 1, shape, &p->width, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "side", MYO_I32, 1, shape, &p->side, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "hole", MYO_I32, 2, corners, p->hole, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "flip", MYO_U8, 1, shape, &flip, &err), MYO_OK);
	ck_assert_int_eq(myo_model_normalise(&model, &record, 0, 1, out, &err), MYO_OK);
	myo_record_clear(&record);
}

/* Whether pixel i of SIDE shows a bit of [0, length). */
static bool
shows(int from, int side, int i, int length)
{
	const double begin = from + (double)i * side / SIDE, end = from + (double)(i + 1) * side / SIDE;

	return end > 1e-9 && begin < length - 1e-9;
}

START_TEST(models_see_what_is_padding_and_what_is_hidden)
{
	struct myo_crops crops = everything;
	size_t padded = 0, beyond = 0;

	crops.brightness = 0; /* or a pixel could become 0 by it */
	crops.contrast = crops.saturation = crops.hue = 0;
	crops.margin = 4;
	struct cut cut = crop_all(&crops, &many);
	for (size_t i = 0; i < cut.count; i++) {
		const struct patch *p = &cut.patches[i];
		float out[PATCH];
		beyond += p->side > p->width;
		normalise(p, pixels_of(&cut, i), out);
		for (int k = 0; k < SIDE * SIDE; k++) {
			const int y = k / SIDE, x = k % SIDE;
			const bool inside = shows(p->y, p->side, y, p->height) &&
			    shows(p->x, p->side, p->flip ? SIDE - 1 - x : x, p->width);
			const bool hidden = x >= p->hole[0] && y >= p->hole[1] && x <= p->hole[2] && y <= p->hole[3];
			ck_assert((pixels_of(&cut, i)[3 * k] != 0) == inside);
			ck_assert((out[3 * k] != 0) == (inside && !hidden));
			padded += !inside;
		}
	}
	ck_assert_uint_gt(padded, cut.count);
	ck_assert_uint_gt(beyond, 0); /* larger than the image by the margin's leave */
	free_cut(&cut);
}
END_TEST

/* ---- the window ---------------------------------------------------------------------------------- */

/* The images through a pipe, of which memory holds so many bytes. */
static struct cut
crop_window(const struct myo_crops *crops, const struct pictures *from, size_t memory, size_t *window)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_table *table;
	struct myo_reader *rest;
	struct sink sink;
	FILE *file = file_of(from);
	int ends[2], status;

	ck_assert_int_eq(pipe(ends), 0);
	const pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		char bytes[4096];
		ssize_t got;
		(void)close(ends[0]);
		while ((got = read(fileno(file), bytes, sizeof bytes)) > 0)
			if (myo_write_all(ends[1], bytes, (size_t)got, NULL) != MYO_OK)
				_exit(1);
		_exit(0);
	}
	(void)close(ends[1]);
	ck_assert_int_eq(myo_table_new(ends[0], "images", MYO_IMAGES, memory, &table, &rest, &err), MYO_END);
	*window = myo_crops_window_images(table, memory);
	ck_assert_int_eq(myo_crops_header(crops, table, rest, &header, &err), MYO_OK);
	open_sink(&sink, &header, crops->size, crops);
	const int rc = myo_crops_window(crops, table, memory, rest, sink.patches, NULL, NULL, &err);
	ck_assert_msg(rc == MYO_OK, "%s", err.text);
	myo_table_free(table);
	myo_reader_free(rest);
	(void)close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(fclose(file), 0);
	return close_sink(&sink, from, crops->size);
}

START_TEST(window_drops_nothing_whatever_the_sizes)
{
	/* later images are larger and smaller than those whose place they take */
	static const struct pictures from = { 6, { { 40, { 12, 20 } }, { 30, { 20, 30 } }, { 50, { 9, 9 } },
		{ 30, { 40, 30 } }, { 20, { 8, 50 } }, { 30, { 12, 20 } } } };
	struct myo_crops crops = { .size = 8, .crops = (_i & 1) != 0 ? 5 : 1, .epochs = 1, .flip = true, .seed = 6,
		.skip_small = (_i & 2) != 0 };
	size_t window;

	if (crops.skip_small)
		crops.size = 10;
	struct cut cut = crop_window(&crops, &from, 30000, &window);
	ck_assert_uint_eq(window, 40); /* 28,800 bytes; the next one has 1800 */
	check_times(&from, cut.patches, cut.count, (size_t)crops.crops, (size_t)crops.size);
	ck_assert_int_eq(cut.skipped, crops.skip_small ? 70 : 0);
	ck_assert_int_eq(cut.header.rows, crops.skip_small ? -1 : 200 * crops.crops);
	/* another epoch is another shuffle, the same one the same */
	struct cut again = crop_window(&crops, &from, 30000, &window);
	ck_assert(same_patches(cut.patches, again.patches, cut.count));
	crops.first_epoch = 1;
	struct cut other = crop_window(&crops, &from, 30000, &window);
	ck_assert(!same_patches(cut.patches, other.patches, cut.count));
	free_cut(&cut);
	free_cut(&again);
	free_cut(&other);
}
END_TEST

START_TEST(window_gives_the_crops_that_a_table_gives)
{
	/* where a crop lies is a matter of seed, epoch and row, not of how images are shuffled */
	static const struct pictures from = { 3, { { 50, { 9, 9 } }, { 50, { 9, 14 } }, { 50, { 9, 9 } } } };
	struct myo_crops crops = { .size = 4, .crops = 2, .epochs = 1, .first_epoch = 3, .flip = true, .seed = 6 };
	const size_t bytes = 4 * 4 * 3;
	size_t window, found = 0;

	if (_i == 1) { /* so is what befalls it */
		crops.flip = false;
		crops.alternate = true;
		crops.least = 3;
		crops.most = 7;
		crops.brightness = crops.contrast = crops.saturation = crops.hue = 0.5;
		crops.cutout = 2;
	}
	struct cut a = crop_window(&crops, &from, 15000, &window), b = crop_all(&crops, &from);

	ck_assert_uint_eq(a.count, b.count);
	ck_assert(!same_patches(a.patches, b.patches, a.count));
	for (size_t i = 0; i < a.count; i++)
		for (size_t j = 0; j < b.count; j++)
			if (same_patches(&a.patches[i], &b.patches[j], 1) &&
			    memcmp(a.pixels + i * bytes, b.pixels + j * bytes, bytes) == 0) {
				b.patches[j].id = -1;
				found++;
				break;
			}
	ck_assert_uint_eq(found, a.count);
	free_cut(&a);
	free_cut(&b);
}
END_TEST

static int
compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* How rows are divided into records means nothing. */
START_TEST(window_is_the_same_however_rows_are_divided)
{
	static const struct pictures whole = { 2, { { 150, { 9, 9 } }, { 60, { 9, 12 } } } },
	    parts = { 5, { { 1, { 9, 9 } }, { 80, { 9, 9 } }, { 69, { 9, 9 } }, { 30, { 9, 12 } }, { 30, { 9, 12 } } } };
	const struct myo_crops crops = { .size = 4, .crops = 2, .epochs = 1, .seed = 6 };
	size_t window;

	struct cut a = crop_window(&crops, &whole, 70 * 9 * 9 * 3 + 5, &window);
	ck_assert_uint_eq(window, 70);
	struct cut b = crop_window(&crops, &parts, 70 * 9 * 9 * 3 + 5, &window);
	ck_assert_uint_eq(window, 70);
	ck_assert_uint_eq(a.count, b.count);
	ck_assert(same_patches(a.patches, b.patches, a.count));
	free_cut(&a);
	free_cut(&b);
}
END_TEST

/* A pipe may begin with as many small images as memory holds. */
START_TEST(window_waits_for_images_with_room)
{
	static const struct pictures from = { 3, { { 100, { 9, 9 } }, { 80, { 12, 12 } }, { 30, { 9, 9 } } } };
	const struct myo_crops crops = { .size = 10, .crops = 2, .epochs = 1, .seed = 6, .skip_small = true };
	size_t window;

	struct cut cut = crop_window(&crops, &from, 20 * 12 * 12 * 3, &window);
	check_times(&from, cut.patches, cut.count, 2, 10);
	ck_assert_int_eq(cut.skipped, 130);
	ck_assert_int_eq(cut.header.rows, -1);
	free_cut(&cut);
}
END_TEST

START_TEST(window_shuffles_as_well_as_the_manual_says)
{
	enum { WINDOW = 1000, WINDOWS = 40, IMAGES = WINDOW * WINDOWS, IMAGE_BYTES = 4 * 4 * 3 };
	const struct myo_crops crops = { .size = 2, .crops = 1, .epochs = 1, .seed = 8 };
	struct pictures from;
	static double moved[IMAGES];
	double sum = 0;
	size_t window;

	for (from.batches = 0; from.batches < WINDOWS; from.batches++)
		from.batch[from.batches] = (struct batch){ WINDOW, { 4, 4 } };
	struct cut cut = crop_window(&crops, &from, WINDOW * IMAGE_BYTES, &window);
	ck_assert_uint_eq(window, WINDOW);
	for (size_t i = 0; i < IMAGES; i++) {
		const double late = (double)i - (double)(cut.patches[i].id / ID_STEP);
		ck_assert_double_ge(late, -WINDOW);
		moved[i] = fabs(late) / WINDOW;
		sum += late * late;
	}
	qsort(moved, IMAGES, sizeof *moved, compare_doubles);
	/* in windows, but for the ends of the pipe: half move by less than 0.635, a twentieth by more than 2 */
	ck_assert_double_eq_tol(moved[IMAGES / 2], 0.635, 0.02);
	ck_assert_double_eq_tol(moved[IMAGES / 20 * 19], 2, 0.05);
	ck_assert_double_eq_tol(sqrt(sum / IMAGES) / WINDOW, 1, 0.05);
	free_cut(&cut);
}
END_TEST

/* ---- grids ------------------------------------------------------------------------------------------ */

static struct cut
cut_grid(const struct myo_grid *grid, const struct pictures *from)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_reader *reader;
	struct sink sink;
	FILE *file = file_of(from);

	ck_assert_int_eq(myo_reader_new(fileno(file), "images", &reader, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_next(reader, &record, &err), MYO_OK);
	ck_assert_int_eq(myo_grid_header(grid, myo_reader_header(reader), &record, &header, &err), MYO_OK);
	open_sink(&sink, &header, grid->size, NULL);
	int rc = MYO_OK;
	while (rc == MYO_OK) {
		ck_assert_int_eq(myo_grid_cut(grid, &record, sink.patches, &err), MYO_OK);
		rc = myo_reader_next(reader, &record, &err);
	}
	ck_assert_int_eq(rc, MYO_END);
	myo_record_clear(&record);
	myo_reader_free(reader);
	ck_assert_int_eq(fclose(file), 0);
	return close_sink(&sink, from, grid->size);
}

/* Is there a tile at (y, x)? Its corner is so many strides from the first, and it ends within the padding. */
static bool
tile_at(const struct myo_grid *grid, int y, int x, const struct size *size)
{
	const int t = grid->size;
	const int before = !grid->pad ? 0 : t % 2 == 0 ? t / 2 : (t - 1) / 2;
	const int after = !grid->pad ? 0 : t % 2 == 0 ? t / 2 - 1 : (t - 1) / 2;

	return y >= -before && x >= -before && (y + before) % grid->stride == 0 && (x + before) % grid->stride == 0 &&
	    y + t <= (int)size->height + after && x + t <= (int)size->width + after;
}

START_TEST(grid_has_all_tiles_in_order)
{
	const struct pictures from = { 3, { { 2, { 7, 11 } }, { 1, { 11, 7 } }, { 1, { 8, 8 } } } };
	struct myo_grid grid = { .size = _i };

	for (int pad = 0; pad < 2; pad++)
		for (grid.stride = 1; grid.stride <= 9; grid.stride++) {
			grid.pad = pad == 1;
			struct cut cut = cut_grid(&grid, &from);
			size_t at = 0;
			for (int64_t id = 0; id < 4 * ID_STEP; id += ID_STEP) {
				const struct size size = size_of(&from, id);
				for (int y = -20; y < 20; y++)
					for (int x = -20; x < 20; x++)
						if (tile_at(&grid, y, x, &size)) {
							ck_assert_uint_lt(at, cut.count);
							ck_assert_int_eq(cut.patches[at].id, id);
							ck_assert_int_eq(cut.patches[at].y, y);
							ck_assert_int_eq(cut.patches[at].x, x);
							at++;
						}
			}
			ck_assert_uint_eq(at, cut.count);
			free_cut(&cut);
		}
}
END_TEST

START_TEST(padded_grid_has_each_pixel_as_a_centre)
{
	static const struct pictures from = { 1, { { 3, { 6, 9 } } } };
	const struct myo_grid grid = { .size = _i, .stride = 1, .pad = true };
	struct cut cut = cut_grid(&grid, &from);
	size_t seen[6][9] = { { 0 } };

	ck_assert_uint_eq(cut.count, 3 * 6 * 9);
	ck_assert_int_eq(cut.header.rows, 3 * 6 * 9);
	for (size_t i = 0; i < cut.count; i++) {
		const int y = cut.patches[i].y + _i / 2, x = cut.patches[i].x + _i / 2;
		ck_assert(y >= 0 && y < 6 && x >= 0 && x < 9);
		seen[y][x]++;
	}
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 9; j++)
			ck_assert_uint_eq(seen[i][j], 3);
	free_cut(&cut);
}
END_TEST

START_TEST(grid_counts_by_the_paper_s_formula)
{
	static const struct {
		int side, size, stride;
		bool pad;
		size_t tiles;
	} cases[] = { { 32, 16, 1, false, 17 }, { 32, 16, 4, false, 5 }, { 32, 16, 5, false, 4 },
		{ 32, 32, 3, false, 1 },
		{ 32, 33, 1, false, 0 }, { 32, 16, 1, true, 32 }, { 32, 15, 1, true, 32 }, { 32, 64, 1, true, 32 },
		{ 32, 16, 8, true, 4 }, { 96, 56, 5, false, 9 }, { 0, 4, 1, true, 0 }, { 1, 1, 7, false, 1 } };

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const struct myo_grid grid = { .size = cases[i].size, .stride = cases[i].stride, .pad = cases[i].pad };
		ck_assert_uint_eq(myo_grid_tiles(&grid, (size_t)cases[i].side), cases[i].tiles);
	}
}
END_TEST

START_TEST(grid_header_and_small_images)
{
	struct myo_grid grid = { .size = 10, .stride = 2, .skip_small = true };
	struct cut cut = cut_grid(&grid, &many_sizes);

	ck_assert_str_eq(myo_header_get(&cut.header, "sampling"), "grid");
	ck_assert_str_eq(myo_header_get(&cut.header, "tile"), "10");
	ck_assert_str_eq(myo_header_get(&cut.header, "stride"), "2");
	ck_assert_str_eq(myo_header_get(&cut.header, "pad"), "0");
	ck_assert_int_eq(cut.skipped, 4);
	ck_assert_uint_eq(cut.count, 5 * 12 + 7 * 12 + 16);
	ck_assert_int_eq(cut.header.rows, -1);
	free_cut(&cut);
}
END_TEST

/* ---- bad input ------------------------------------------------------------------------------------------ */

START_TEST(wrong_tensors_are_refused)
{
	static const struct {
		const char *image, *label, *id;
		enum myo_dtype pixel, number;
		size_t channels;
		const char *says;
	} cases[] = {
		{ "image", "label", "id", MYO_U8, MYO_I32, 3, NULL },
		{ "picture", "label", "id", MYO_U8, MYO_I32, 3, "'image'" },
		{ "image", "labels", "id", MYO_U8, MYO_I32, 3, "'label'" },
		{ "image", "label", "ids", MYO_U8, MYO_I32, 3, "'id'" },
		{ "image", "label", "id", MYO_F32, MYO_I32, 3, "'image'" },
		{ "image", "label", "id", MYO_U8, MYO_F32, 3, "'label'" },
		{ "image", "label", "id", MYO_U8, MYO_I32, 1, "'image'" },
	};
	static int32_t zeros[4 * 4 * 4];
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_header images = MYO_HEADER_INIT, out = MYO_HEADER_INIT;
	const struct myo_grid grid = { .size = 2, .stride = 1 };
	struct myo_err err = MYO_ERR_INIT;
	const size_t shape[] = { 2, 2, 2, cases[_i].channels };

	ck_assert_int_eq(myo_record_put(&record, cases[_i].image, cases[_i].pixel, 4, shape, zeros, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, cases[_i].label, cases[_i].number, 1, shape, zeros, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, cases[_i].id, MYO_I64, 1, shape, zeros, &err), MYO_OK);
	ck_assert_int_eq(myo_grid_header(&grid, &images, &record, &out, &err),
	    cases[_i].says == NULL ? MYO_OK : MYO_FAIL);
	ck_assert(cases[_i].says == NULL || strstr(err.text, cases[_i].says) != NULL);
	myo_record_clear(&record);
	myo_header_clear(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("patch");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_test(all, each_epoch_has_each_image_once_and_crops_lie_inside);
	tcase_add_test(all, a_seed_names_the_same_crops_for_ever);
	tcase_add_test(all, header_says_what_the_patches_are);
	tcase_add_test(all, epochs_can_start_anywhere);
	tcase_add_test(all, streams_can_start_at_any_row);
	tcase_add_test(all, seeds_name_the_choices);
	tcase_add_test(all, places_and_flips_are_uniform);
	tcase_add_test(all, order_is_uniform);
	tcase_add_test(all, crops_of_an_image_are_spread_over_the_epoch);
	tcase_add_test(all, margin_is_zero_and_reached);
	tcase_add_test(all, small_images_are_named_or_left_out);
	tcase_add_test(all, what_befalls_crops_begins_anywhere);
	tcase_add_loop_test(all, every_crop_has_its_own, 0, 2);
	tcase_add_test(all, nothing_changes_what_another_does);
	tcase_add_loop_test(all, mirrors_take_turns, 1, 4);
	tcase_add_loop_test(all, colours_change_by_torchvision_s_formulas, 0, 5);
	tcase_add_test(all, brightness_fills_its_range);
	tcase_add_loop_test(all, holes_are_squares_around_any_pixel, 1, 9);
	tcase_add_test(all, squares_of_other_sides_are_resized);
	tcase_add_test(all, sides_are_uniform_in_area);
	tcase_add_test(all, squares_of_the_patch_s_side_are_copied);
	tcase_add_test(all, images_need_room_for_the_least_square);
	tcase_add_test(all, models_see_what_is_padding_and_what_is_hidden);
	tcase_add_loop_test(all, window_drops_nothing_whatever_the_sizes, 0, 4);
	tcase_add_loop_test(all, window_gives_the_crops_that_a_table_gives, 0, 2);
	tcase_add_test(all, window_is_the_same_however_rows_are_divided);
	tcase_add_test(all, window_waits_for_images_with_room);
	tcase_add_test(all, window_shuffles_as_well_as_the_manual_says);
	tcase_add_loop_test(all, grid_has_all_tiles_in_order, 1, 8);
	tcase_add_loop_test(all, padded_grid_has_each_pixel_as_a_centre, 1, 12);
	tcase_add_test(all, grid_counts_by_the_paper_s_formula);
	tcase_add_test(all, grid_header_and_small_images);
	tcase_add_loop_test(all, wrong_tensors_are_refused, 0, 7);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
