/* Tests of the rooms heat and gallery: maps by hand, picks, scores, pages. */
#include "gallery/gallery.h"
#include "heat/heat.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- predictions made by hand -------------------------------------------------------- */

enum { MAX_TILES = 64, CLASSES = 3 };

struct row {
	int64_t id;
	int32_t label, y, x, height, width;
	float logits[CLASSES];
};

struct made {
	int tile, stride, pad;
	const char *sampling;
	size_t count;
	struct row row[MAX_TILES];
};

/* Write them as a stream of records of `chunk` rows. */
static FILE *
stream_of(const struct made *made, size_t chunk)
{
	static const char *const names[CLASSES] = { "cat", "dog", "hen" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_writer *writer;
	FILE *const file = tmpfile();

	ck_assert_ptr_nonnull(file);
	header.kind = MYO_PREDICTIONS;
	ck_assert_int_eq(myo_header_set_classes(&header, CLASSES, names, &err), MYO_OK);
	if (made->tile > 0)
		ck_assert_int_eq(myo_header_set_int(&header, "tile", made->tile, &err), MYO_OK);
	ck_assert_int_eq(myo_header_set_int(&header, "stride", made->stride, &err), MYO_OK);
	ck_assert_int_eq(myo_header_set_int(&header, "pad", made->pad, &err), MYO_OK);
	ck_assert_int_eq(myo_header_set(&header, "sampling", made->sampling, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fileno(file), "test", &header, &writer, &err), MYO_OK);
	for (size_t at = 0; at < made->count; at += chunk) {
		const size_t rows = made->count - at < chunk ? made->count - at : chunk;
		const size_t shape[] = { rows, CLASSES };
		float logits[MAX_TILES][CLASSES];
		int64_t id[MAX_TILES];
		int32_t whole[5][MAX_TILES];
		static const char *const columns[] = { "label", "y", "x", "height", "width" };
		struct myo_record record = MYO_RECORD_INIT;
		for (size_t i = 0; i < rows; i++) {
			const struct row *const r = &made->row[at + i];
			const int32_t values[] = { r->label, r->y, r->x, r->height, r->width };
			memcpy(logits[i], r->logits, sizeof logits[i]);
			id[i] = r->id;
			for (size_t c = 0; c < 5; c++)
				whole[c][i] = values[c];
		}
		ck_assert_int_eq(myo_record_put(&record, "logits", MYO_F32, 2, shape, logits, &err), MYO_OK);
		ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, id, &err), MYO_OK);
		for (size_t c = 0; c < 5; c++)
			ck_assert_int_eq(
			    myo_record_put(&record, columns[c], MYO_I32, 1, shape, whole[c], &err), MYO_OK);
		ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
		myo_record_clear(&record);
	}
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_writer_free(writer);
	myo_header_clear(&header);
	ck_assert_int_eq((int)lseek(fileno(file), 0, SEEK_SET), 0);
	return file;
}

/* Maps that were made. */
struct list {
	size_t count;
	struct myo_heat_map maps[16];
};

static void
list_clear(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		myo_heat_map_clear(&list->maps[i]);
	list->count = 0;
}

static int
keep(void *context, struct myo_heat_map *map, struct myo_err *err)
{
	struct list *const list = context;

	(void)err;
	ck_assert_uint_lt(list->count, MYO_COUNT(list->maps));
	list->maps[list->count++] = *map;
	map->heat = NULL;
	return MYO_OK;
}

static int
read_maps(const struct made *made, size_t chunk, struct myo_heat_choice choice,
    struct list *maps, struct myo_err *err)
{
	FILE *const file = stream_of(made, chunk);
	struct myo_reader *reader;

	ck_assert_int_eq(myo_reader_new(fileno(file), "test", &reader, err), MYO_OK);
	const int status = myo_heat_read(reader, "test", &choice, keep, maps, err);
	myo_reader_free(reader);
	(void)fclose(file);
	return status;
}

static void
put(struct made *made, int64_t id, int32_t label, int32_t y, int32_t x, int32_t height, int32_t width,
    float cat, float dog, float hen)
{
	ck_assert_uint_lt(made->count, MAX_TILES);
	made->row[made->count++] = (struct row){ id, label, y, x, height, width, { cat, dog, hen } };
}

static const struct myo_heat_choice paper = { MYO_HEAT_PAPER, MYO_ABOUT_CLASS, 1, 0, false };
static const struct myo_heat_choice cover = { MYO_HEAT_COVER, MYO_ABOUT_CLASS, 1, 0, false };

/* ---- the paper's way -------------------------------------------------------------------- */

/* Every pixel of a 3 x 5 image is the centre of one tile, which says 10 y + x + 1 for the dog,
 * but for the cat at (0, 4) and (2, 1). The tile's side, odd or even, only shifts the corners. */
START_TEST(paper_puts_each_logit_in_its_tile_s_centre)
{
	const int side = _i;
	struct made made = { .tile = side, .stride = 1, .pad = 1, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };

	for (int y = 2; y >= 0; y--) { /* backwards, and by columns: the order must not matter */
		for (int x = 0; x < 5; x++) {
			const bool cat = (y == 0 && x == 4) || (y == 2 && x == 1);
			const float heat = (float)(10 * y + x + 1);
			put(&made, 7, 2, y - side / 2, x - side / 2, 3, 5, cat ? 99.0f : -1.0f, heat, 0.0f);
		}
	}
	ck_assert_int_eq(read_maps(&made, 4, paper, &maps, &err), MYO_OK);
	ck_assert_uint_eq(maps.count, 1);
	const struct myo_heat_map *const map = &maps.maps[0];
	ck_assert_int_eq(map->id, 7);
	ck_assert_int_eq(map->label, 2);
	ck_assert_int_eq(map->about, 1);
	ck_assert_uint_eq(map->tiles, 15);
	ck_assert_uint_eq(map->height, 3);
	ck_assert_uint_eq(map->width, 5);
	for (int y = 0; y < 3; y++) {
		for (int x = 0; x < 5; x++) {
			const float heat = map->heat[y * 5 + x];
			if ((y == 0 && x == 4) || (y == 2 && x == 1))
				ck_assert(isnan(heat));
			else
				ck_assert_float_eq(heat, (float)(10 * y + x + 1));
		}
	}
	list_clear(&maps);
}
END_TEST

/*
 * Tiles of 4 with stride 2, unpadded, in 4 x 7: centres' cells are [1, 3) and so on; the last
 * tile, at x 3, is flush with the edge, and its cell [4, 7) overlaps that of x 2, [3, 5). Nothing is a stride before
 * the first.
 */
START_TEST(paper_fills_cells_at_larger_strides)
{
	struct made made = { .tile = 4, .stride = 2, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };
	static const float expected[7] = { NAN, 1, 1, 2, 2, 3, 3 };

	put(&made, 1, 0, 0, 3, 4, 7, 0, 3, 0);
	put(&made, 1, 0, 0, 0, 4, 7, 0, 1, 0);
	put(&made, 1, 0, 0, 2, 4, 7, 0, 2, 0);
	ck_assert_int_eq(read_maps(&made, 64, paper, &maps, &err), MYO_OK);
	for (int y = 0; y < 4; y++) {
		for (int x = 0; x < 7; x++) {
			const float heat = maps.maps[0].heat[y * 7 + x];
			if (y == 0 || isnan(expected[x]))
				ck_assert(isnan(heat));
			else
				ck_assert_float_eq(heat, expected[x]);
		}
	}
	list_clear(&maps);
}
END_TEST

/* ---- the mean over covering tiles ---------------------------------------------------------- */

/* Logits whose softmax is p for the dog, and the rest shared by the others. */
static void
put_p(struct made *made, int64_t id, int32_t y, int32_t x, int32_t height, int32_t width, double p)
{
	put(made, id, 0, y, x, height, width, (float)log((1 - p) / 2), (float)log(p), (float)log((1 - p) / 2));
}

START_TEST(cover_averages_the_tiles_over_a_pixel)
{
	struct made made = { .tile = 2, .stride = 1, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };
	/* 3 x 4: tiles at (0, 0), (0, 1), (1, 1), and one mostly in the padding at (-1, 3) */
	static const double expected[3][4] = { { 0.2, (0.2 + 0.6) / 2, 0.6, 0.5 },
		{ 0.2, (0.2 + 0.6 + 0.9) / 3, (0.6 + 0.9) / 2, NAN }, { NAN, 0.9, 0.9, NAN } };

	put_p(&made, 3, 1, 1, 3, 4, 0.9);
	put_p(&made, 3, 0, 0, 3, 4, 0.2);
	put_p(&made, 3, 0, 1, 3, 4, 0.6);
	put_p(&made, 3, -1, 3, 3, 4, 0.5);
	ck_assert_int_eq(read_maps(&made, 3, cover, &maps, &err), MYO_OK);
	const struct myo_heat_map *const map = &maps.maps[0];
	for (int y = 0; y < 3; y++) {
		for (int x = 0; x < 4; x++) {
			const double heat = (double)map->heat[y * 4 + x];
			if (isnan(expected[y][x]))
				ck_assert(isnan(heat));
			else
				ck_assert_double_eq_tol(heat, expected[y][x], 1e-6);
		}
	}
	ck_assert_int_eq(map->predicted, 1);
	ck_assert_double_eq_tol(map->p_predicted, (0.9 + 0.2 + 0.6 + 0.5) / 4, 1e-6);
	list_clear(&maps);
}
END_TEST

/* ---- at a pixel: logit, margin, entropy, classes ------------------------------------------------ */

/*
 * Tiles of 2 with stride 2, unpadded, in 4 x 5: around pixels 1 and 3 along y, 1, 3 and (flush with the edge) 4 along
 * x.
 */
static void
put_grid(struct made *made)
{
	static const float logits[6][3] = { { 0, 1, 3 }, { 0, 5, 1 }, { 0, 2, 1 }, { 0, 3, 0 }, { 2, 1, 1 },
		{ 0, 0, 0 } };

	for (int i = 0; i < 6; i++) {
		const int column = i % 3;
		put(made, 1, 0, i / 3 * 2, column == 2 ? 3 : 2 * column, 4, 5, logits[i][0], logits[i][1],
		    logits[i][2]);
	}
}

START_TEST(values_lie_between_the_tiles)
{
	/* dog's logits are 1 5 2 / 3 1 0 in the tiles' centres */
	static const double logits[4][5] = { { 1, 1, 3, 5, 2 }, { 1, 1, 3, 5, 2 }, { 2, 2, 2.5, 3, 1 },
		{ 3, 3, 2, 1, 0 } };
	/* and its margins -2 4 1 / 3 -1 0 */
	static const double margins[4][5] = { { -2, -2, 1, 4, 1 }, { -2, -2, 1, 4, 1 }, { .5, .5, 1, 1.5, .5 },
		{ 3, 3, 1, -1, 0 } };
	const struct myo_heat_choice choices[] = { { MYO_HEAT_LOGIT, MYO_ABOUT_CLASS, 1, 0, false },
		{ MYO_HEAT_MARGIN, MYO_ABOUT_CLASS, 1, 0, false } };
	struct made made = { .tile = 2, .stride = 2, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };
	double error;

	put_grid(&made);
	for (int m = 0; m < 2; m++) {
		ck_assert_msg(read_maps(&made, 4, choices[m], &maps, &err) == MYO_OK, "%s", err.text);
		for (int i = 0; i < 20; i++)
			ck_assert_double_eq_tol((double)maps.maps[0].heat[i],
			    m == 0 ? logits[i / 5][i % 5] : margins[i / 5][i % 5], 1e-6);
		ck_assert_double_eq_tol(maps.maps[0].logit_about, 2, 1e-6);
		ck_assert_int_eq(myo_heat_ledger(&maps.maps[0], choices[m].method, &error), MYO_END);
		list_clear(&maps);
	}
	made.count--; /* the last tile of the grid is missing */
	ck_assert_int_eq(read_maps(&made, 4, choices[0], &maps, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "test: image 1: its tiles are no grid"));
}
END_TEST

/*
 * Tiles of 3 with stride 1, unpadded, in 4 x 5: nothing is known of the pixels at the edges, which are no tile's
 * centre.
 */
START_TEST(nothing_is_known_beyond_the_centres)
{
	static const enum myo_heat_method methods[] = { MYO_HEAT_LOGIT, MYO_HEAT_MARGIN, MYO_HEAT_ENTROPY,
		MYO_HEAT_CLASSES };
	struct made made = { .tile = 3, .stride = 1, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };

	for (int i = 0; i < 6; i++)
		put(&made, 1, 0, i / 3, i % 3, 4, 5, 0, (float)i, 1);
	for (size_t m = 0; m < MYO_COUNT(methods); m++) {
		const struct myo_heat_choice choice = { methods[m], MYO_ABOUT_CLASS, 1, 0, false };
		ck_assert_msg(read_maps(&made, 4, choice, &maps, &err) == MYO_OK, "%s", err.text);
		for (int i = 0; i < 20; i++)
			ck_assert_int_eq(isnan(maps.maps[0].heat[i]) != 0, i / 5 == 0 || i / 5 == 3 ||
			    i % 5 == 0 || i % 5 == 4);
		if (methods[m] == MYO_HEAT_LOGIT)
			ck_assert_float_eq(maps.maps[0].heat[2 * 5 + 3], 5);
		list_clear(&maps);
	}
}
END_TEST

START_TEST(entropy_and_classes_are_of_no_class_in_question)
{
	struct made made = { .tile = 3, .stride = 1, .pad = 1, .sampling = "grid" };
	const struct myo_heat_choice entropy = { MYO_HEAT_ENTROPY, MYO_ABOUT_PREDICTED, -1, 0, false };
	const struct myo_heat_choice classes = { MYO_HEAT_CLASSES, MYO_ABOUT_PREDICTED, -1, 0, false };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };

	put(&made, 1, 0, -1, -1, 1, 3, 0, 0, 0);
	put(&made, 1, 0, -1, 0, 1, 3, 0, 0, -1000);
	put(&made, 1, 0, -1, 1, 1, 3, -1000, -1000, 7);
	ck_assert_int_eq(read_maps(&made, 4, entropy, &maps, &err), MYO_OK);
	ck_assert_double_eq_tol((double)maps.maps[0].heat[0], log2(3), 1e-6);
	ck_assert_double_eq_tol((double)maps.maps[0].heat[1], 1, 1e-6);
	ck_assert_double_eq_tol((double)maps.maps[0].heat[2], 0, 1e-6);
	list_clear(&maps);
	ck_assert_int_eq(read_maps(&made, 4, classes, &maps, &err), MYO_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_float_eq(maps.maps[0].heat[i], i == 2 ? 2.0f : 0.0f);
	list_clear(&maps);
}
END_TEST

/* With each pixel the centre of one tile the map's mean is the tiles' mean logit. */
START_TEST(logits_of_a_padded_grid_add_up)
{
	struct made made = { .tile = 4, .stride = 1, .pad = 1, .sampling = "grid" };
	const struct myo_heat_choice choice = { MYO_HEAT_LOGIT, MYO_ABOUT_TOP, -1, 3, false };
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 1, 0);
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };
	double error, before = 1;

	for (int32_t i = 0; i < 20; i++)
		put(&made, 1, 1, i / 5 - 2, i % 5 - 2, 4, 5, (float)(100 * myo_rng_normal(&rng)),
		    (float)(100 * myo_rng_normal(&rng)), (float)(100 * myo_rng_normal(&rng)));
	ck_assert_int_eq(read_maps(&made, 9, choice, &maps, &err), MYO_OK);
	ck_assert_uint_eq(maps.count, 3); /* the three classes, the most probable first */
	ck_assert_int_eq(maps.maps[0].about, maps.maps[0].predicted);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_double_le(maps.maps[i].p_about, before);
		before = maps.maps[i].p_about;
		ck_assert_int_eq(myo_heat_ledger(&maps.maps[i], MYO_HEAT_LOGIT, &error), MYO_OK);
		ck_assert_double_lt(error, 1e-6);
	}
	maps.maps[0].heat[3] += 1;
	ck_assert_int_eq(myo_heat_ledger(&maps.maps[0], MYO_HEAT_LOGIT, &error), MYO_OK);
	ck_assert_double_gt(error, 1e-4);
	list_clear(&maps);
}
END_TEST

/* The surest tiles, no two nearer than half a tile, and the least sure. */
START_TEST(tiles_that_tell)
{
	struct made made = { .tile = 4, .stride = 1, .sampling = "grid" };
	struct myo_heat_choice choice = cover;
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };
	static const double p[12] = { .1, .2, .9, .8, .3, .4, .5, .85, .05, .6, .7, .15 };

	for (int i = 0; i < 12; i++)
		put_p(&made, 1, 0, i, 4, 15, p[i]);
	ck_assert_int_eq(read_maps(&made, 5, cover, &maps, &err), MYO_OK);
	ck_assert_uint_eq(maps.maps[0].strong_count + maps.maps[0].weak_count, 0); /* nobody asks */
	list_clear(&maps);
	choice.tells = true;
	ck_assert_int_eq(read_maps(&made, 5, choice, &maps, &err), MYO_OK);
	const struct myo_heat_map *const map = &maps.maps[0];
	static const int strong[] = { 2, 7, 10 }, weak[] = { 8, 0, 11 };
	ck_assert_uint_eq(map->strong_count, 3);
	ck_assert_uint_eq(map->weak_count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(map->strong[i].x, strong[i]);
		ck_assert_int_eq(map->weak[i].x, weak[i]);
		ck_assert_double_eq_tol((double)map->strong[i].probability, p[strong[i]], 1e-6);
	}
	list_clear(&maps);
}
END_TEST

/* ---- evidence ------------------------------------------------------------------------------------ */

enum { PLACES_HIGH = 2, PLACES_WIDE = 3 };

/* One whole image of height x width with evidence, of which the logits are the means (spoilt: but one). */
static FILE *
evidence_stream(int32_t height, int32_t width, const float evidence[PLACES_HIGH * PLACES_WIDE][CLASSES], float spoilt)
{
	static const char *const names[CLASSES] = { "cat", "dog", "hen" };
	const size_t shape[] = { 1, PLACES_HIGH, PLACES_WIDE, CLASSES }, logits_shape[] = { 1, CLASSES };
	const int32_t nought = 0;
	const int64_t id = 5;
	float logits[CLASSES] = { 0 };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_writer *writer;
	FILE *const file = tmpfile();

	for (int i = 0; i < PLACES_HIGH * PLACES_WIDE; i++)
		for (int k = 0; k < CLASSES; k++)
			logits[k] += evidence[i][k] / (PLACES_HIGH * PLACES_WIDE);
	logits[1] += spoilt;
	header.kind = MYO_PREDICTIONS;
	ck_assert_int_eq(myo_header_set_classes(&header, CLASSES, names, &err), MYO_OK);
	ck_assert_int_eq(myo_history_add(&header.history, 3, (char *[]){ (char[]){ "myopic-calibrate" },
		(char[]){ "--shuffle" },
	    (char[]){ "1" }, NULL }, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fileno(file), "test", &header, &writer, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "logits", MYO_F32, 2, logits_shape, logits, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "evidence", MYO_F32, 4, shape, evidence, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, &id, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, shape, &nought, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "y", MYO_I32, 1, shape, &nought, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "x", MYO_I32, 1, shape, &nought, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "height", MYO_I32, 1, shape, &height, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "width", MYO_I32, 1, shape, &width, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
	myo_record_clear(&record);
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_writer_free(writer);
	myo_header_clear(&header);
	ck_assert_int_eq((int)lseek(fileno(file), 0, SEEK_SET), 0);
	return file;
}

/* Places are shared out among the pixels, whether their numbers divide or not; the mean stays the logit. */
START_TEST(evidence_adds_up)
{
	static const float evidence[PLACES_HIGH * PLACES_WIDE][CLASSES] =
	    { { 0, 1, 0 }, { 0, -2, 0 }, { 0, 4, 0 }, { 0, 8, 0 },
		{ 0, 16, 0 }, { 0, -32, 0 } };
	static const int32_t sizes[][2] = { { 4, 6 }, { 2, 3 }, { 5, 7 }, { 1, 1 }, { 1, 4 }, { 33, 17 } };
	const struct myo_heat_choice choice = { MYO_HEAT_EVIDENCE, MYO_ABOUT_CLASS, 1, 0, false };
	struct myo_err err = MYO_ERR_INIT;
	double error;

	for (size_t i = 0; i < 2 * MYO_COUNT(sizes); i++) {
		const int32_t *const size = sizes[i / 2];
		FILE *const file = evidence_stream(size[0], size[1], evidence, i % 2 == 0 ? 0 : 0.5f);
		struct list maps = { 0 };
		struct myo_reader *reader;
		ck_assert_int_eq(myo_reader_new(fileno(file), "test", &reader, &err), MYO_OK);
		ck_assert_msg(myo_heat_read(reader, "test", &choice, keep, &maps, &err) == MYO_OK, "%s", err.text);
		ck_assert_uint_eq(maps.count, 1);
		ck_assert_uint_eq(maps.maps[0].strong_count, 0);
		ck_assert_int_eq(myo_heat_ledger(&maps.maps[0], MYO_HEAT_EVIDENCE, &error), MYO_OK);
		if (i % 2 == 0)
			ck_assert_double_lt(error, 1e-6);
		else
			ck_assert_double_gt(error, 0.1);
		if (i == 0) { /* 4 x 6: each place is a square of 2 x 2 */
			ck_assert_float_eq(maps.maps[0].heat[0], 1);
			ck_assert_float_eq(maps.maps[0].heat[1 * 6 + 3], -2);
			ck_assert_float_eq(maps.maps[0].heat[3 * 6 + 5], -32);
		}
		list_clear(&maps);
		myo_reader_free(reader);
		(void)fclose(file);
	}
}
END_TEST

/* ---- picks ---------------------------------------------------------------------------------------- */

START_TEST(picks_are_the_most_telling)
{
	struct myo_rng rng = myo_rng_at(4, MYO_RNG_TEST, 2, 0);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_heat_picks *picks;
	struct myo_heat_map maps[200];
	float heat[1] = { 1 };
	enum { EACH = 5 };

	ck_assert_int_eq(myo_heat_picks_new(2, EACH, &picks, &err), MYO_OK);
	for (int i = 0; i < 200; i++) {
		maps[i] = (struct myo_heat_map){ .id = i, .label = (int32_t)myo_rng_below(&rng, 3) - 1,
			.predicted = (int32_t)myo_rng_below(&rng, 2), .height = 1, .width = 1, .heat = heat };
		maps[i].p_predicted = 0.5 + myo_rng_below(&rng, 50) / 100.0; /* with equals */
		maps[i].p_label = maps[i].label == maps[i].predicted ? maps[i].p_predicted : 1 - maps[i].p_predicted;
		ck_assert_int_eq(myo_heat_picks_add(picks, &maps[i], &err), MYO_OK);
	}
	for (int c = 0; c < 2; c++) {
		for (int kind = 0; kind < MYO_PICKS; kind++) {
			bool used[200] = { false };
			for (size_t n = 0; n < EACH; n++) {
				int best = -1;
				for (int i = 0; i < 200; i++) {
					const bool right = maps[i].predicted == maps[i].label;
					if (used[i] || maps[i].label != c || (kind == MYO_PICK_BEST && !right) ||
					    (kind == MYO_PICK_MISTAKES && right))
						continue;
					if (best < 0 || (kind == MYO_PICK_WORST ? maps[i].p_label < maps[best].p_label
					                                       : maps[i].p_predicted > maps[best].p_predicted))
						best = i;
				}
				const struct myo_heat_map *const got =
				    myo_heat_picks_get(picks, (size_t)c, (enum myo_heat_pick)kind, n);
				ck_assert_ptr_nonnull(got);
				ck_assert_int_eq(got->id, best);
				ck_assert_ptr_ne(got->heat, heat); /* a copy */
				used[best] = true;
			}
			ck_assert_ptr_null(myo_heat_picks_get(picks, (size_t)c, (enum myo_heat_pick)kind, EACH));
		}
	}
	myo_heat_picks_free(picks);
}
END_TEST

/* ---- images and classes -------------------------------------------------------------------- */

START_TEST(images_get_the_class_in_question)
{
	struct made made = { .tile = 2, .stride = 2, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };
	static const struct {
		struct myo_heat_choice choice;
		int32_t about[2];
	} cases[] = { { { MYO_HEAT_COVER, MYO_ABOUT_LABEL, -1, 0, false }, { 2, 0 } },
		{ { MYO_HEAT_COVER, MYO_ABOUT_PREDICTED, -1, 0, false }, { 1, 2 } },
		{ { MYO_HEAT_COVER, MYO_ABOUT_CLASS, 2, 0, false }, { 2, 2 } } };

	put(&made, 40, 2, 0, 0, 2, 2, 0, 5, 1);
	put(&made, -3, 0, 0, 0, 2, 3, 0, 0, 4); /* another size; ids may be anything */
	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		ck_assert_int_eq(read_maps(&made, 1, cases[i].choice, &maps, &err), MYO_OK);
		ck_assert_uint_eq(maps.count, 2);
		ck_assert_int_eq(maps.maps[0].id, 40);
		ck_assert_int_eq(maps.maps[1].id, -3);
		ck_assert_uint_eq(maps.maps[1].width, 3);
		for (int m = 0; m < 2; m++) {
			const double all = m == 0 ? 1 + exp(5) + exp(1) : 2 + exp(4);
			const struct row *const row = &made.row[m];
			ck_assert_int_eq(maps.maps[m].about, cases[i].about[m]);
			ck_assert_int_eq(maps.maps[m].predicted, m == 0 ? 1 : 2);
			const double logit = (double)row->logits[cases[i].about[m]];
			ck_assert_double_eq_tol(maps.maps[m].p_about, exp(logit) / all, 1e-9);
		}
		list_clear(&maps);
	}
}
END_TEST

/*
 * The most probable first, equals in the order of the classes; and the stream of such maps says how many an image has.
 */
START_TEST(classes_in_question_come_by_probability)
{
	static const char *const names[CLASSES] = { "cat", "dog", "hen" };
	static const int32_t expected[2][CLASSES] = { { 1, 0, 2 }, { 2, 1, 0 } };
	struct made made = { .tile = 2, .stride = 2, .sampling = "grid" };
	struct myo_heat_choice choice = { MYO_HEAT_LOGIT, MYO_ABOUT_TOP, -1, CLASSES, false };
	struct myo_header predictions = MYO_HEADER_INIT, header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };

	put(&made, 1, 0, 0, 0, 2, 4, 1, 5, 1);
	put(&made, 1, 0, 0, 2, 2, 4, 1, 5, 1);
	put(&made, 2, 0, 0, 0, 2, 4, 0, 1, 9);
	put(&made, 2, 0, 0, 2, 2, 4, 0, 1, -9);
	ck_assert_int_eq(read_maps(&made, 4, choice, &maps, &err), MYO_OK);
	ck_assert_uint_eq(maps.count, 2 * CLASSES);
	for (size_t i = 0; i < maps.count; i++) {
		ck_assert_int_eq(maps.maps[i].id, i < CLASSES ? 1 : 2);
		ck_assert_int_eq(maps.maps[i].about, expected[i / CLASSES][i % CLASSES]);
	}
	list_clear(&maps);
	ck_assert_int_eq(myo_header_set_classes(&predictions, CLASSES, names, &err), MYO_OK);
	ck_assert_int_eq(myo_heat_header(&predictions, &choice, &header, &err), MYO_OK);
	ck_assert_str_eq(myo_header_get(&header, "top"), "3");
	myo_header_clear(&header);
	choice.about = MYO_ABOUT_PREDICTED;
	ck_assert_int_eq(myo_heat_header(&predictions, &choice, &header, &err), MYO_OK);
	ck_assert_ptr_null(myo_header_get(&header, "top"));
	myo_header_clear(&header);
	myo_header_clear(&predictions);
}
END_TEST

START_TEST(order_of_tiles_changes_nothing)
{
	struct made made = { .tile = 3, .stride = 1, .pad = 1, .sampling = "grid" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, 0, 0);
	struct list a = { 0 }, b = { 0 };

	for (int32_t i = 0; i < 30; i++)
		put(&made, 1, 1, i / 6 - 1, i % 6 - 1, 5, 6, (float)myo_rng_normal(&rng),
		    (float)myo_rng_normal(&rng), (float)myo_rng_normal(&rng));
	for (int method = 0; method < 2; method++) {
		const struct myo_heat_choice choice = { method ? MYO_HEAT_COVER : MYO_HEAT_PAPER,
			MYO_ABOUT_LABEL, -1, 0, false };
		ck_assert_int_eq(read_maps(&made, 7, choice, &a, &err), MYO_OK);
		for (uint32_t i = 0; i < 30; i++) {
			const uint32_t other = myo_rng_below(&rng, 30);
			const struct row row = made.row[i];
			made.row[i] = made.row[other];
			made.row[other] = row;
		}
		ck_assert_int_eq(read_maps(&made, 30, choice, &b, &err), MYO_OK);
		ck_assert_mem_eq(a.maps[0].heat, b.maps[0].heat, 30 * sizeof(float));
		ck_assert_mem_eq(&a.maps[0].p_about, &b.maps[0].p_about, sizeof(double));
		list_clear(&a);
		list_clear(&b);
	}
}
END_TEST

/* Each case spoils good predictions of two images in one way. */
START_TEST(bad_predictions_are_refused)
{
	static const char *const says[] = { "of whole images", "random crops", "two tiles at y 0, x 2",
		"lies outside", "lies outside", "a second time", "agree", "agree", "no finite number",
		"no finite number", "label 3, but there are 3 classes", "given as 0 x 4", "given as 65536 x 4",
		"has no label" };
	struct made made = { .tile = 2, .stride = 2, .sampling = "grid" };
	struct myo_heat_choice choice = paper;
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };

	put(&made, 1, 1, 0, 0, 2, 4, 0, 1, 0);
	put(&made, 1, 1, 0, 2, 2, 4, 0, 1, 0);
	put(&made, 2, 0, 0, 0, 2, 4, 0, 1, 0);
	put(&made, 2, 0, 0, 2, 2, 4, 0, 1, 0);
	ck_assert_int_eq(read_maps(&made, 4, choice, &maps, &err), MYO_OK);
	list_clear(&maps);
	switch (_i) {
	case 0: made.tile = 0; break;
	case 1: made.sampling = "random"; break;
	case 2: made.row[0].x = 2; break;
	case 3: made.row[1].x = 4; break;
	case 4: made.row[1].y = -2; break;
	case 5: made.row[3].id = 1; break;
	case 6: made.row[1].width = 5; break;
	case 7: made.row[3].label = 1; break;
	case 8: made.row[3].logits[2] = NAN; break;
	case 9: made.row[0].logits[0] = INFINITY; break;
	case 10: made.row[2].label = 3; break;
	case 11: made.row[0].height = 0; break;
	case 12: made.row[2].height = 65536; break;
	case 13:
		made.row[2].label = made.row[3].label = -1;
		choice.about = MYO_ABOUT_LABEL;
		break;
	default: ck_abort();
	}
	ck_assert_int_eq(read_maps(&made, 4, choice, &maps, &err), MYO_FAIL);
	list_clear(&maps);
	ck_assert_msg(strstr(err.text, says[_i]) != NULL, "case %d says: %s", _i, err.text);
	ck_assert_msg(strncmp(err.text, "test: ", 6) == 0, "case %d says: %s", _i, err.text);
}
END_TEST

START_TEST(class_in_question_is_chosen_by_word_or_name)
{
	char *names[] = { (char[]){ "cat" }, (char[]){ "dog" } };
	const struct myo_header header = { .class_count = 2, .classes = names };
	struct myo_heat_choice choice = { MYO_HEAT_PAPER, MYO_ABOUT_LABEL, -1, 0, false };
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_heat_ask(&header, "dog", &choice, &err), MYO_OK);
	ck_assert(choice.about == MYO_ABOUT_CLASS && choice.about_class == 1);
	ck_assert_int_eq(myo_heat_ask(&header, "predicted", &choice, &err), MYO_OK);
	ck_assert(choice.about == MYO_ABOUT_PREDICTED);
	ck_assert_int_eq(myo_heat_ask(&header, "label", &choice, &err), MYO_OK);
	ck_assert(choice.about == MYO_ABOUT_LABEL);
	ck_assert_int_eq(myo_heat_ask(&header, "Dog", &choice, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "no class 'Dog' among the 2"));
}
END_TEST

/* Maps of two sizes go into a stream and come back. */
START_TEST(maps_travel_as_a_stream)
{
	float heat[3][6] = { { 1, 2, 3, 4, 5, NAN }, { 6, 5, 4, 3, 2, 1 }, { 0.5f, NAN, 0, 0, 0, 0 } };
	const struct myo_heat_map maps[3] = {
		{ .id = 5, .label = 1, .about = 2, .height = 2, .width = 3, .heat = heat[0] },
		{ .id = 6, .label = -1, .about = 0, .height = 2, .width = 3, .heat = heat[1] },
		{ .id = 9, .label = 0, .about = 1, .height = 1, .width = 2, .heat = heat[2] } };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_writer *writer;
	struct myo_heat_sink *sink;
	struct myo_table *table;
	FILE *const file = tmpfile();

	header.kind = MYO_HEAT;
	ck_assert_int_eq(myo_writer_new(fileno(file), "test", &header, &writer, &err), MYO_OK);
	ck_assert_int_eq(myo_heat_sink_new(writer, &sink, &err), MYO_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(myo_heat_sink_put(sink, &maps[i], &err), MYO_OK);
	ck_assert_int_eq(myo_heat_sink_flush(sink, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_heat_sink_free(sink);
	myo_writer_free(writer);
	ck_assert_int_eq((int)lseek(fileno(file), 0, SEEK_SET), 0);
	ck_assert_int_eq(myo_table_new(fileno(file), "test", MYO_HEAT, 0, &table, NULL, &err), MYO_OK);
	ck_assert_uint_eq(myo_table_rows(table), 3);
	for (size_t i = 0; i < 3; i++) {
		size_t within;
		const struct myo_tensor *tensor = myo_table_find(table, i, "heat", &within);
		const size_t pixels = maps[i].height * maps[i].width;
		ck_assert_uint_eq(tensor->shape[1], maps[i].height);
		ck_assert_uint_eq(tensor->shape[2], maps[i].width);
		ck_assert_mem_eq((float *)tensor->data + within * pixels, heat[i], pixels * sizeof(float));
		tensor = myo_table_find(table, i, "class", &within);
		ck_assert_int_eq(((int32_t *)tensor->data)[within], maps[i].about);
		tensor = myo_table_find(table, i, "id", &within);
		ck_assert_int_eq(((int64_t *)tensor->data)[within], maps[i].id);
	}
	myo_table_free(table);
	myo_header_clear(&header);
	(void)fclose(file);
}
END_TEST

/* ---- images -------------------------------------------------------------------------------- */

/* A file of four images: ids 30, 10, 20 and `last`, of 2 x 3, 2 x 3, 2 x 3 and 1 x 2 pixels. */
static void
write_images(const char *path, int64_t last, const char *const *names)
{
	static const uint8_t pixels[3][2 * 3 * 3] = { { 30 }, { 10 }, { 20 } };
	static const int64_t ids[3] = { 30, 10, 20 };
	static const int32_t labels[3] = { 0, 1, 2 };
	const int32_t boxes[3][4] = { { 0, 0, 1, 1 }, { 1, 0, 2, 0 }, { 2, 0, 2, 1 } };
	const size_t shape[] = { 3, 2, 3, 3 }, box_shape[] = { 3, 4 }, small[] = { 1, 1, 2, 3 };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_writer *writer;
	FILE *const file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	header.kind = MYO_IMAGES;
	if (names != NULL)
		ck_assert_int_eq(myo_header_set_classes(&header, 3, names, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fileno(file), path, &header, &writer, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, ids, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, shape, labels, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "box", MYO_I32, 2, box_shape, boxes, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
	myo_record_clear(&record);
	ck_assert_int_eq(myo_record_put(&record, "image", MYO_U8, 4, small, pixels, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, small, &last, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, small, labels, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
	myo_record_clear(&record);
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_writer_free(writer);
	myo_header_clear(&header);
	ck_assert_int_eq(fclose(file), 0);
}

/* path: ends in XXXXXX. */
static void
make_file(char *path)
{
	const int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
}

START_TEST(images_are_found_by_id)
{
	static const struct {
		struct myo_heat_map map;
		uint8_t first; /* byte of the image */
		const char *says;
	} cases[] = { { { .id = 10, .label = 1, .height = 2, .width = 3 }, 10, NULL },
		{ { .id = 20, .label = 2, .height = 2, .width = 3 }, 20, NULL },
		{ { .id = 30, .label = 0, .height = 2, .width = 3 }, 30, NULL },
		{ { .id = -5, .label = 0, .height = 1, .width = 2 }, 30, NULL },
		{ { .id = 10, .label = 1, .height = 3, .width = 2 }, 0, "image 10 is 2 x 3 pixels, but 3 x 2" },
		{ { .id = 20, .label = 1, .height = 2, .width = 3 }, 0, "image 20 is of another class" },
		{ { .id = 20, .label = -1, .height = 2, .width = 3 }, 20, NULL },
		{ { .id = 40, .label = 1, .height = 2, .width = 3 }, 0, "no image 40" } };
	const struct myo_header header = MYO_HEADER_INIT;
	char path[] = "/tmp/myopic-images.XXXXXX";
	struct myo_err err = MYO_ERR_INIT;
	struct myo_heat_images *images;
	struct myo_heat_image image;

	make_file(path);
	write_images(path, -5, NULL);
	ck_assert_int_eq(myo_heat_images_new(path, &header, &images, &err), MYO_OK);
	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const int status = myo_heat_images_find(images, &cases[i].map, &image, &err);
		ck_assert_int_eq(status, cases[i].says == NULL ? MYO_OK : MYO_FAIL);
		if (status == MYO_OK)
			ck_assert_uint_eq(image.pixels[0], cases[i].first);
		else
			ck_assert_msg(strstr(err.text, cases[i].says) != NULL, "case %zu: %s", i, err.text);
	}
	ck_assert_int_eq(myo_heat_images_find(images, &cases[1].map, &image, &err), MYO_OK);
	ck_assert_ptr_null(image.mask);
	ck_assert_int_eq(image.box[3], 1);
	ck_assert_int_eq(image.box[0], 2);
	ck_assert_int_eq(myo_heat_images_find(images, &cases[3].map, &image, &err), MYO_OK);
	ck_assert_ptr_null(image.box);
	myo_heat_images_free(images);

	write_images(path, 20, NULL);
	ck_assert_int_eq(myo_heat_images_new(path, &header, &images, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "two images have the id 20"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(myo_heat_images_new(path, &header, &images, &err), MYO_FAIL);
}
END_TEST

/* Predictions number classes as their model does, which may have others and in another order. */
START_TEST(labels_are_compared_by_name)
{
	static const char *const own[] = { "cat", "dog", "newt" }, *const model[] = { "cow", "newt", "cat" };
	static const struct {
		struct myo_heat_map map;
		int status;
	} cases[] = { { { .id = 30, .label = 2, .height = 2, .width = 3 }, MYO_OK },
		{ { .id = 30, .label = 0, .height = 2, .width = 3 }, MYO_FAIL },
		{ { .id = 10, .label = -1, .height = 2, .width = 3 }, MYO_OK }, { { .id = 10, .label = 1, .height = 2, .width = 3 }, MYO_FAIL },
		{ { .id = 20, .label = 1, .height = 2, .width = 3 }, MYO_OK }, { { .id = 20, .label = 2, .height = 2, .width = 3 }, MYO_FAIL } };
	char path[] = "/tmp/myopic-images.XXXXXX";
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_heat_images *images;
	struct myo_heat_image image;

	make_file(path);
	write_images(path, -5, own);
	ck_assert_int_eq(myo_header_set_classes(&header, 3, model, &err), MYO_OK);
	ck_assert_int_eq(myo_heat_images_new(path, &header, &images, &err), MYO_OK);
	for (size_t i = 0; i < MYO_COUNT(cases); i++)
		ck_assert_int_eq(myo_heat_images_find(images, &cases[i].map, &image, &err), cases[i].status);
	myo_heat_images_free(images);
	myo_header_clear(&header);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* ---- scores ------------------------------------------------------------------------------------ */

START_TEST(scores_by_hand)
{
	float heat[12] = { 1, 2, NAN, 0, /**/ 3, -5, 6, 0, /**/ 0, 0, 0, 8 };
	const uint8_t mask[12] = { 0, 1, 1, 0, /**/ 0, 1, 1, 0, /**/ 0, 0, 0, 0 };
	const int32_t box[4] = { 1, 0, 2, 1 }; /* the same pixels */
	struct myo_heat_map map = { .height = 3, .width = 4, .heat = heat, .bottom = 3, .right = 4 };
	struct myo_heat_image image = { .mask = mask };
	struct myo_heat_score score;
	struct myo_err err = MYO_ERR_INIT;

	for (int way = 0; way < 2; way++) {
		heat[11] = 8;
		ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_OK);
		ck_assert_double_eq_tol(score.value[MYO_HEAT_ENERGY], (2.0 + 6) / (1 + 2 + 3 + 6 + 8), 1e-12);
		ck_assert_double_eq_tol(score.value[MYO_HEAT_AREA], 4.0 / 12, 1e-12);
		ck_assert_double_eq(score.value[MYO_HEAT_POINTING], 0); /* the largest is in the corner */
		ck_assert_double_eq(score.value[MYO_HEAT_CENTRE], 1);
		heat[11] = 6; /* a tie: one of the two hits */
		ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_OK);
		ck_assert_double_eq(score.value[MYO_HEAT_POINTING], 0.5);
		image = (struct myo_heat_image){ .box = box };
	}
	/* if no tile is around the masked pixel, it counts for nothing: 3 of 11 pixels are the object's */
	map.bottom = map.right = 0;
	ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_OK);
	ck_assert_double_eq_tol(score.value[MYO_HEAT_ENERGY], (2.0 + 6) / (1 + 2 + 3 + 6 + 6), 1e-12);
	ck_assert_double_eq_tol(score.value[MYO_HEAT_AREA], 3.0 / 11, 1e-12);
	/* of the three hottest, 6 6 3, one */
	ck_assert_double_eq_tol(score.value[MYO_HEAT_RANK], 1.0 / 3, 1e-12);
	/* 2 beats 1 and five zeros, 6 all but its equal, -5 none: 6 + 7.5 + 0 of 24 */
	ck_assert_double_eq_tol(score.value[MYO_HEAT_ROC], 13.5 / 24, 1e-12);
	/* half of the largest: 3, 6 and 6, of which one is the object's */
	ck_assert_double_eq_tol(score.value[MYO_HEAT_IOU], 1.0 / (3 + 3 - 1), 1e-12);
	image = (struct myo_heat_image){ .pixels = mask };
	ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_END);
	const uint8_t nothing[12] = { 0 };
	image.mask = nothing;
	ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_END);
}
END_TEST

/* At a side of 64 the largest may be 2 pixels off, no more, in a straight line or a slant. */
START_TEST(pointing_has_its_tolerance)
{
	static float heat[64 * 64];
	const struct myo_heat_map map = { .height = 64, .width = 64, .heat = heat };
	const int32_t box[4] = { 10, 20, 15, 25 };
	const struct myo_heat_image image = { .box = box };
	static const struct {
		int y, x;
		double hit;
	} cases[] = { { 22, 12, 1 }, { 20, 8, 1 }, { 20, 7, 0 }, { 27, 13, 1 }, { 28, 13, 0 }, { 26, 16, 1 },
		{ 27, 17, 0 }, { 12, 22, 0 } };
	struct myo_heat_score score;
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		memset(heat, 0, sizeof heat);
		heat[cases[i].y * 64 + cases[i].x] = 1;
		ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_OK);
		ck_assert_msg(score.value[MYO_HEAT_POINTING] == cases[i].hit, "case %zu: %g", i,
		    score.value[MYO_HEAT_POINTING]);
		ck_assert_double_eq(score.value[MYO_HEAT_CENTRE], 0);
	}
}
END_TEST

START_TEST(scores_are_means_of_classes)
{
	float heat[2] = { 3, 1 }, none[2] = { NAN, NAN };
	const struct myo_heat_map maps[4] = {
		{ .about = 0, .height = 1, .width = 2, .heat = heat },
		{ .about = 0, .height = 1, .width = 2, .heat = none, .bottom = 1, .right = 2 },
		{ .about = 2, .height = 1, .width = 2, .heat = heat },
		{ .about = 2, .height = 1, .width = 2, .heat = heat } };
	const uint8_t left[2] = { 1, 0 }, right[2] = { 0, 1 };
	const struct myo_heat_image images[4] = { { .mask = left }, { .mask = left }, { .mask = right },
		{ .pixels = left } };
	struct myo_heat_scores *scores;
	struct myo_heat_line line;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_heat_scores_new(3, 1, &scores, &err), MYO_OK);
	ck_assert_int_eq(myo_heat_scores_line(scores, 3, &line), MYO_END);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(myo_heat_scores_add(scores, &maps[i], &images[i], &err), MYO_OK);
	ck_assert_int_eq(myo_heat_scores_line(scores, 0, &line), MYO_OK);
	ck_assert(line.maps == 2 && line.empty == 1);
	ck_assert_double_eq(line.value[MYO_HEAT_ENERGY], 0.75);
	ck_assert_double_eq(line.value[MYO_HEAT_LIFT], 1.5);
	ck_assert_double_eq(line.value[MYO_HEAT_POINTING], 0.5);
	ck_assert_int_eq(myo_heat_scores_line(scores, 1, &line), MYO_END);
	ck_assert_int_eq(myo_heat_scores_line(scores, 2, &line), MYO_OK);
	ck_assert_uint_eq(line.maps, 1); /* the other has no known object */
	ck_assert_int_eq(myo_heat_scores_line(scores, 3, &line), MYO_OK);
	ck_assert(line.maps == 3 && line.empty == 1);
	ck_assert_double_eq(line.value[MYO_HEAT_ENERGY], (0.75 + 0.25) / 2);
	ck_assert_double_eq(line.value[MYO_HEAT_POINTING], 0.25);
	ck_assert_double_eq(line.value[MYO_HEAT_LIFT], 1);
	myo_heat_scores_free(scores);
}
END_TEST

/* A map of 2 x 2 pixels for a class, and its image, of which the first `object` pixels are the object's. */
static void
add_square(struct myo_heat_scores *scores, int64_t id, int32_t about, const float heat[4], int object)
{
	float shown[4] = { heat[0], heat[1], heat[2], heat[3] };
	const struct myo_heat_map map = { .id = id, .about = about, .height = 2, .width = 2, .heat = shown };
	const uint8_t mask[4] = { 1, object > 1, object > 2, object > 3 };
	const struct myo_heat_image image = { .mask = mask };
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_heat_scores_add(scores, &map, &image, &err), MYO_OK);
}

static const float some_heat[4] = { 2, 1, 1, 0 }, no_heat[4] = { -1, -1, -1, -1 };

static void
check_lift(const struct myo_heat_line *line, double lift)
{
	ck_assert_double_eq_tol(line->value[MYO_HEAT_LIFT], lift, 1e-12);
	ck_assert_double_eq_tol(line->low[MYO_HEAT_LIFT], lift, 1e-12);
	ck_assert_double_eq_tol(line->high[MYO_HEAT_LIFT], lift, 1e-12);
}

/*
 * Objects are of two sizes: those of maps without any heat are no measure for the heat of the others, however images
 * are drawn.
 */
START_TEST(lift_is_of_maps_with_heat)
{
	struct myo_heat_scores *scores;
	struct myo_heat_line line;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_heat_scores_new(3, 1, &scores, &err), MYO_OK);
	for (int64_t i = 0; i < 30; i++) {
		add_square(scores, 4 * i, 0, some_heat, 1);
		add_square(scores, 4 * i + 1, 0, no_heat, 3);
		add_square(scores, 4 * i + 2, 1, no_heat, 3);
		add_square(scores, 4 * i + 3, 2, i % 2 == 0 ? some_heat : no_heat, 2);
	}
	ck_assert_int_eq(myo_heat_scores_line(scores, 0, &line), MYO_OK);
	ck_assert_double_eq_tol(line.value[MYO_HEAT_ENERGY], 0.5, 1e-12);
	ck_assert_double_eq_tol(line.value[MYO_HEAT_AREA], 0.25, 1e-12); /* of the same maps */
	check_lift(&line, 2);
	ck_assert_int_eq(myo_heat_scores_line(scores, 1, &line), MYO_OK);
	ck_assert(isnan(line.value[MYO_HEAT_LIFT]) && isnan(line.low[MYO_HEAT_LIFT]));
	ck_assert_int_eq(myo_heat_scores_line(scores, 2, &line), MYO_OK);
	check_lift(&line, 1.5);
	ck_assert_int_eq(myo_heat_scores_line(scores, 3, &line), MYO_OK);
	ck_assert_double_eq_tol(line.value[MYO_HEAT_AREA], (0.25 + 0.5) / 2, 1e-12);
	check_lift(&line, (0.5 + 0.75) / (0.25 + 0.5)); /* of two classes */
	myo_heat_scores_free(scores);
}
END_TEST

/* Of images that nobody has surveyed nothing is known of the others. */
static int
is_of_others(int m)
{
	return m == MYO_HEAT_OTHERS || m == MYO_HEAT_OWN;
}

/* Few images say little of others, one alone nothing: not by the only map that has heat, nor by its maps for several classes. */
START_TEST(few_images_have_no_interval)
{
	struct myo_heat_scores *scores;
	struct myo_heat_line line;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_heat_scores_new(2, 1, &scores, &err), MYO_OK);
	add_square(scores, 1, 0, some_heat, 1);
	add_square(scores, 1, 1, some_heat, 2);
	ck_assert_int_eq(myo_heat_scores_line(scores, 2, &line), MYO_OK);
	ck_assert_uint_eq(line.maps, 2);
	for (int m = 0; m < MYO_HEAT_MEASURES; m++)
		ck_assert(isnan(line.value[m]) == is_of_others(m) && isnan(line.low[m]) && isnan(line.high[m]));
	myo_heat_scores_free(scores);

	ck_assert_int_eq(myo_heat_scores_new(2, 1, &scores, &err), MYO_OK);
	for (int64_t i = 0; i < 9; i++)
		add_square(scores, i, 0, some_heat, (int)(1 + i % 2));
	add_square(scores, 9, 0, no_heat, 4); /* nothing is beside it: no ROC */
	add_square(scores, 10, 0, no_heat, 3);
	for (size_t index = 0; index <= 2; index += 2) {
		ck_assert_int_eq(myo_heat_scores_line(scores, index, &line), MYO_OK);
		for (int m = 0; m < MYO_HEAT_MEASURES; m++) {
			const bool of_few = m == MYO_HEAT_ENERGY || m == MYO_HEAT_AREA || m == MYO_HEAT_LIFT || is_of_others(m);
			ck_assert_int_eq(isnan(line.value[m]), is_of_others(m));
			ck_assert_msg(isnan(line.low[m]) == of_few && isnan(line.high[m]) == of_few, "line %zu, %s",
			    index, myo_heat_measure_names[m]);
		}
	}
	myo_heat_scores_free(scores);
}
END_TEST

/* What a table writes, [size]. */
static void
print(int table(FILE *, const struct myo_heat_scores *, const struct myo_header *, struct myo_err *),
    const struct myo_heat_scores *scores, const struct myo_header *header, char *text, size_t size)
{
	struct myo_err err = MYO_ERR_INIT;
	FILE *const file = tmpfile();

	ck_assert_int_eq(table(file, scores, header, &err), MYO_OK);
	rewind(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	(void)fclose(file);
}

START_TEST(tables_have_a_word_for_what_is_undefined)
{
	char *names[] = { (char[]){ "dog\033[2J\177" } };
	const struct myo_header header = { .class_count = 1, .classes = names };
	struct myo_heat_scores *scores;
	struct myo_err err = MYO_ERR_INIT;
	char text[8192], expected[256];

	ck_assert_int_eq(myo_heat_scores_new(1, 1, &scores, &err), MYO_OK);
	add_square(scores, 1, 0, no_heat, 4);
	print(myo_heat_scores_tsv, scores, &header, text, sizeof text);
	ck_assert_ptr_null(strstr(text, "nan"));
	ck_assert_msg(strstr(text,
	    "\ndog\\x1b[2J\\x7f\t1\t1\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\t1.0000\t0.2065\t") != NULL,
	    "%s", text);
	print(myo_heat_scores_text, scores, &header, text, sizeof text);
	ck_assert_ptr_null(strstr(text, "nan"));
	(void)snprintf(expected, sizeof expected, "\n%s %6d %17s %5s %5s %6s %18s %17s %6s %5s %5s ", "dog?[2J?", 1,
	    "-", "-", "-", "-", "-", "100% (21 to 100)", "100%", "1.00", "-");
	ck_assert_msg(strstr(text, expected) != NULL, "%s", text);
	print(myo_heat_scores_json, scores, &header, text, sizeof text);
	ck_assert_msg(strstr(text, "\"energy\": {\"mean\": null, \"low\": null, \"high\": null}") != NULL, "%s", text);
	myo_heat_scores_free(scores);
}
END_TEST

/* Rank, ROC and IoU as their words have them, over all pairs of pixels. */
START_TEST(scores_agree_with_their_definitions)
{
	struct myo_rng rng = myo_rng_at(2, MYO_RNG_TEST, 3, 0);
	struct myo_err err = MYO_ERR_INIT;

	for (int round = 0; round < 50; round++) {
		enum { PIXELS = 35 };
		float heat[PIXELS];
		uint8_t mask[PIXELS];
		double wins = 0, pairs = 0, above = 0, level = 0, largest = 0;
		size_t object = 0;
		for (int i = 0; i < PIXELS; i++) {
			heat[i] = (float)myo_rng_below(&rng, 9) - 3; /* with equals, and negative ones */
			if (round % 2 == 1 && heat[i] == 0)
				heat[i] = NAN;
			mask[i] = (uint8_t)(i == 0 || myo_rng_below(&rng, 3) == 0);
			object += mask[i];
			largest = heat[i] > largest ? (double)heat[i] : largest;
		}
		const struct myo_heat_map map = { .height = 5, .width = 7, .heat = heat, .bottom = 5, .right = 7 };
		const struct myo_heat_image image = { .mask = mask };
		struct myo_heat_score score;
		ck_assert_int_eq(myo_heat_score(&map, &image, &score, &err), MYO_OK);
		for (int i = 0; i < PIXELS; i++) {
			const double a = isnan(heat[i]) ? -INFINITY : (double)heat[i];
			size_t before = 0, equal = 0;
			for (int j = 0; j < PIXELS; j++) {
				const double b = isnan(heat[j]) ? -INFINITY : (double)heat[j];
				before += b > a;
				equal += b == a;
				if (mask[i] && !mask[j]) {
					pairs++;
					wins += a > b ? 1 : a == b ? 0.5 : 0;
				}
			}
			if (mask[i] && before < object) /* its chance to be among the strongest, equals drawn by lot */
				above += before + equal <= object ? 1 : (double)(object - before) / (double)equal;
			level += mask[i];
		}
		ck_assert_double_eq_tol(score.value[MYO_HEAT_RANK], above / (double)object, 1e-12);
		ck_assert_double_eq_tol(score.value[MYO_HEAT_ROC], wins / pairs, 1e-12);
		for (int t = 0; t < MYO_HEAT_THRESHOLDS; t++) {
			size_t both = 0, either = 0;
			for (int i = 0; i < PIXELS; i++) {
				const bool hot = largest > 0 &&
				    (double)heat[i] >= (double)(float)largest * (t + 1) / 20;
				both += hot && mask[i];
				either += hot || mask[i];
			}
			ck_assert_double_eq_tol(score.iou[t], (double)both / (double)either, 1e-12);
		}
		ck_assert_double_eq(score.value[MYO_HEAT_IOU], score.iou[9]);
	}
}
END_TEST

/* Of many maps the interval is as wide as the central limit theorem has it, whatever the order. */
START_TEST(intervals_are_those_of_the_mean)
{
	enum { MAPS = 400 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_heat_line lines[2];

	for (int way = 0; way < 2; way++) {
		struct myo_heat_scores *scores;
		ck_assert_int_eq(myo_heat_scores_new(1, 7, &scores, &err), MYO_OK);
		for (int n = 0; n < MAPS; n++) {
			const int i = way == 0 ? n : MAPS - 1 - n;
			const float share = ((float)i + 0.5f) / MAPS; /* even over [0, 1] */
			float heat[2] = { share, 1 - share };
			const uint8_t mask[2] = { 1, 0 };
			const struct myo_heat_map map = { .id = i, .height = 1, .width = 2, .heat = heat };
			const struct myo_heat_image image = { .mask = mask };
			ck_assert_int_eq(myo_heat_scores_add(scores, &map, &image, &err), MYO_OK);
		}
		ck_assert_int_eq(myo_heat_scores_line(scores, 0, &lines[way]), MYO_OK);
		myo_heat_scores_free(scores);
	}
	const double wide = lines[0].high[MYO_HEAT_ENERGY] - lines[0].low[MYO_HEAT_ENERGY];
	const double expected = 2 * 1.96 / sqrt(12.0 * MAPS);
	ck_assert_double_eq_tol(lines[0].value[MYO_HEAT_ENERGY], 0.5, 1e-6);
	ck_assert_double_gt(wide, 0.88 * expected);
	ck_assert_double_lt(wide, 1.12 * expected);
	ck_assert_double_eq_tol(lines[0].low[MYO_HEAT_ENERGY], lines[1].low[MYO_HEAT_ENERGY], 1e-12);
	ck_assert_double_eq_tol(lines[0].high[MYO_HEAT_LIFT], lines[1].high[MYO_HEAT_LIFT], 1e-12);
}
END_TEST

/* ---- the floor ------------------------------------------------------------------------------------- */

START_TEST(floor_is_what_most_heat_stays_below)
{
	static const float evidence[PLACES_HIGH * PLACES_WIDE][CLASSES] =
	    { { 0, 1, 0 }, { 0, -2, 0 }, { 0, 3, 0 }, { 0, 4, 0 },
		{ 0, -5, 0 }, { 0, 100, 0 } };
	static const char *const names[CLASSES] = { "cat", "dog", "hen" }, *const others[CLASSES] =
	    { "cat", "cow", "hen" };
	char path[] = "/tmp/myopic-floor.XXXXXX";
	struct myo_header maps = MYO_HEADER_INIT, strangers = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	double level;
	const int fd = mkstemp(path);
	FILE *const file = evidence_stream(4, 6, evidence, 0);
	char bytes[4096];

	ck_assert_int_ge(fd, 0);
	const size_t count = fread(bytes, 1, sizeof bytes, file);
	ck_assert_int_eq(myo_write_all(fd, bytes, count, &err), MYO_OK);
	(void)close(fd);
	(void)fclose(file);
	ck_assert_int_eq(myo_header_set_classes(&maps, CLASSES, names, &err), MYO_OK);
	ck_assert_int_eq(myo_header_set_classes(&strangers, CLASSES, others, &err), MYO_OK);
	ck_assert_msg(myo_heat_floor(path, &maps, MYO_HEAT_EVIDENCE, "dog", 0.8, &level, &err) == MYO_OK,
	    "%s", err.text);
	ck_assert_double_eq_tol(level, 5, 0.025);
	ck_assert_int_eq(myo_heat_floor(path, &maps, MYO_HEAT_EVIDENCE, "dog", 1, &level, &err), MYO_OK);
	ck_assert_double_eq_tol(level, 100, 0.5);
	ck_assert_int_eq(myo_heat_floor(path, &maps, MYO_HEAT_EVIDENCE, "cow", 0.8, &level, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_int_eq(myo_heat_floor(path, &strangers, MYO_HEAT_EVIDENCE, "dog", 0.8, &level, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "its class 1 is 'dog', and 'cow' in the maps"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(myo_heat_floor(path, &maps, MYO_HEAT_EVIDENCE, "dog", 0.8, &level, &err), MYO_FAIL);
	myo_header_clear(&maps);
	myo_header_clear(&strangers);
}
END_TEST

/* ---- pixels ------------------------------------------------------------------------------------------ */

START_TEST(heat_becomes_colour)
{
	float heat[4] = { 2, -1, NAN, 0.01f };
	const uint8_t pixels[12] = { 200, 200, 200, 0, 0, 0, 100, 100, 100, 50, 50, 50 };
	const struct myo_heat_map map = { .height = 1, .width = 4, .heat = heat };
	struct myo_gallery_style style = { .method = MYO_HEAT_MARGIN, .each = true, .alpha = 1, .floor = 0.5 };
	const struct myo_scale scale = myo_gallery_scale(&style, &map);
	uint8_t drawn[12];

	ck_assert_double_eq(scale.low, -2); /* as far for as against */
	ck_assert_double_eq(scale.high, 2);
	myo_colours(MYO_COLOURS_BALANCE, style.colours);
	myo_gallery_heat(&style, &map, drawn);
	ck_assert_mem_eq(drawn, &style.colours[255], 3);
	ck_assert_mem_eq(drawn + 3, &style.colours[64], 3); /* -1 of -2 to 2: a quarter */
	ck_assert(drawn[6] == 225 && drawn[7] == 225 && drawn[8] == 225);
	ck_assert_int_eq(drawn[9], lround(0.25 * style.colours[128].r + 0.75 * 225)); /* below the floor */
	style.alpha = 0.5;
	myo_gallery_overlay(&style, &map, pixels, drawn);
	ck_assert_int_eq(drawn[0], lround(0.5 * style.colours[255].r + 0.5 * 200));
	ck_assert_int_eq(drawn[6], lround((100 + 225) / 2.0));
	style.grid.tile = 2;
	const struct myo_heat_tile tile = { .y = -1, .x = 3 };
	myo_gallery_tile(&style, &map, pixels, &tile, drawn);
	static const uint8_t expected[12] = { 225, 225, 225, 195, 195, 195, 50, 50, 50, 225, 225, 225 };
	ck_assert_mem_eq(drawn, expected, sizeof expected);
	/* neither for nor against */
	memset(heat, 0, sizeof heat);
	style.floor = 0;
	myo_gallery_heat(&style, &map, drawn);
	ck_assert_mem_eq(drawn, &style.colours[128], 3);
}
END_TEST

/* ---- pages --------------------------------------------------------------------------------------- */

/* Side lengths from a PNG's header. */
static void
png_size(const char *path, unsigned *width, unsigned *height)
{
	unsigned char b[24];
	FILE *const file = fopen(path, "rb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(b, 1, sizeof b, file), sizeof b);
	(void)fclose(file);
	ck_assert_mem_eq(b + 1, "PNG", 3);
	*width = (unsigned)b[16] << 24 | (unsigned)b[17] << 16 | (unsigned)b[18] << 8 | b[19];
	*height = (unsigned)b[20] << 24 | (unsigned)b[21] << 16 | (unsigned)b[22] << 8 | b[23];
}

START_TEST(pages_hold_three_enlarged_pictures)
{
	static const struct {
		size_t height, width;
		int enlarge;
		unsigned least_width, least_height;
	} cases[] = { { 32, 32, 0, 3 * 256, 256 }, { 5, 7, 0, 3 * 364, 260 }, { 300, 200, 0, 3 * 400, 600 },
		{ 32, 32, 20, 3 * 640, 640 }, { 1, 300, 0, 3 * 900, 3 }, { 1, 1, 1, 600, 100 } };
	char folder[] = "/tmp/myopic-heat.XXXXXX", path[64];
	char long_name[] = "a class whose name is much longer than any line on any page could ever hold, "
	    "and then goes on for as long again, so that it must be cut: \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9";
	char *names[] = { long_name };
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/page.png", folder);
	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const size_t pixels = cases[i].height * cases[i].width;
		float *const heat = calloc(pixels, sizeof *heat);
		uint8_t *const picture = calloc(pixels, 3);
		const struct myo_heat_map map = { .height = cases[i].height, .width = cases[i].width,
			.heat = heat, .label = -1 };
		const struct myo_gallery_style style = { .grid = { 16, 1, true }, .alpha = 0.5, .class_count = 1,
			.classes = names, .enlarge = cases[i].enlarge, .each = i % 2 == 0 };
		unsigned width, height;
		heat[0] = NAN;
		ck_assert_msg(myo_gallery_page(&style, &map, picture, path, &err) == MYO_OK, "%s", err.text);
		png_size(path, &width, &height);
		ck_assert_uint_ge(width, cases[i].least_width);
		ck_assert_uint_ge(height, cases[i].least_height);
		ck_assert_uint_lt(width, cases[i].least_width + 300);
		free(heat);
		free(picture);
	}
	const struct myo_gallery_style vast = { .enlarge = 1000 };
	const struct myo_heat_map map = { .height = 100, .width = 100 };
	ck_assert_int_eq(myo_gallery_page(&vast, &map, NULL, path, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "too large"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(file_names_are_harmless)
{
	char *names[] = { (char[]){ "ship" }, (char[]){ "../../etc/pass wd\n" }, (char[]){ "" },
		(char[]){ "0123456789012345678901234567890123456789012345678901234567890123\xc3\xa9" },
		(char[]){ "012345678901234567890123456789012345678901234567890123456789012\xc3\xa9" },
		(char[]){ "a/b" }, (char[]){ "a:b" } };
	static const char *const expected[] = { "000042-ship.png", "000042-.._.._etc_pass_wd_.png",
		"000042.png",
		"000042-0123456789012345678901234567890123456789012345678901234567890123.png",
		"000042-012345678901234567890123456789012345678901234567890123456789012.png", "000042-a_b.png",
		"000042-a_b-6.png" };
	const struct myo_gallery_style style = { .class_count = MYO_COUNT(names), .classes = names, .ending = "png" };
	struct myo_err err = MYO_ERR_INIT;

	for (int32_t i = 0; i < (int32_t)MYO_COUNT(names); i++) {
		const struct myo_heat_map map = { .id = 42, .about = i };
		const struct myo_heat_image image = { .pixels = NULL };
		char *const name = myo_gallery_file_name(&style, &map, &image, &err);
		ck_assert_str_eq(name, expected[i]);
		free(name);
	}
}
END_TEST

START_TEST(file_names_have_the_name_of_the_image)
{
	static const char *const paths[][2] = { { "holiday/dog.jpg", "000042-ship-holiday_dog.png" },
		{ "../../etc/passwd", "000042-ship-.._.._etc_passwd.png" }, { "a.b/c", "000042-ship-a.b_c.png" },
		{ ".png", "000042-ship-.png.png" }, { "", "000042-ship.png" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789.png",
		    "000042-ship-6789012345678901234567890123456789012345678901234567890123456789.png" } };
	char *classes[] = { (char[]){ "ship" } };
	const struct myo_gallery_style style = { .class_count = 1, .classes = classes, .ending = "png" };
	const struct myo_heat_map map = { .id = 42, .about = 0 };
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(paths); i++) {
		/* not ended by a 0 */
		const struct myo_heat_image image = { .name = paths[i][0], .name_bytes = strlen(paths[i][0]) };
		char *const name = myo_gallery_file_name(&style, &map, &image, &err);
		ck_assert_str_eq(name, paths[i][1]);
		free(name);
	}
}
END_TEST

/* Two groups of three tiles stand below the panels, even where tiles are large and panels small. */
START_TEST(pages_are_as_wide_as_their_tiles)
{
	char path[] = "/tmp/myopic-heat.XXXXXX.png";
	char *classes[] = { (char[]){ "ship" } };
	static float heat[220 * 220];
	static uint8_t picture[220 * 220 * 3];
	const struct myo_gallery_style style = { .method = MYO_HEAT_COVER, .grid = { 200, 20, false }, .alpha = 0.5,
		.class_count = 1, .classes = classes, .enlarge = 1 };
	const struct myo_heat_map map = { .height = 220, .width = 220, .heat = heat, .tiles = 4, .strong_count = 3,
		.weak_count = 3 };
	struct myo_err err = MYO_ERR_INIT;
	unsigned width, height;

	(void)close(mkstemps(path, 4));
	ck_assert_msg(myo_gallery_page(&style, &map, picture, path, &err) == MYO_OK, "%s", err.text);
	png_size(path, &width, &height);
	ck_assert_uint_ge(width, 6 * 200);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* Two finite logits may be further apart than the largest float. */
START_TEST(heat_is_finite)
{
	struct made made = { .tile = 1, .stride = 1, .sampling = "grid" };
	const struct myo_heat_choice margin = { MYO_HEAT_MARGIN, MYO_ABOUT_CLASS, 1, 0, false };
	struct myo_err err = MYO_ERR_INIT;
	struct list maps = { 0 };

	put(&made, 1, 0, 0, 0, 1, 2, -3e38f, 3e38f, -3e38f);
	put(&made, 1, 0, 0, 1, 1, 2, 3e38f, -3e38f, 0);
	ck_assert_int_eq(read_maps(&made, 2, margin, &maps, &err), MYO_OK);
	ck_assert(isfinite(maps.maps[0].heat[0]) && maps.maps[0].heat[0] > 3e38f);
	ck_assert(isfinite(maps.maps[0].heat[1]) && maps.maps[0].heat[1] < -3e38f);
	list_clear(&maps);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("heat");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_loop_test(all, paper_puts_each_logit_in_its_tile_s_centre, 1, 7);
	tcase_add_test(all, paper_fills_cells_at_larger_strides);
	tcase_add_test(all, cover_averages_the_tiles_over_a_pixel);
	tcase_add_test(all, values_lie_between_the_tiles);
	tcase_add_test(all, nothing_is_known_beyond_the_centres);
	tcase_add_test(all, entropy_and_classes_are_of_no_class_in_question);
	tcase_add_test(all, logits_of_a_padded_grid_add_up);
	tcase_add_test(all, tiles_that_tell);
	tcase_add_test(all, evidence_adds_up);
	tcase_add_test(all, picks_are_the_most_telling);
	tcase_add_test(all, images_get_the_class_in_question);
	tcase_add_test(all, classes_in_question_come_by_probability);
	tcase_add_test(all, order_of_tiles_changes_nothing);
	tcase_add_loop_test(all, bad_predictions_are_refused, 0, 14);
	tcase_add_test(all, class_in_question_is_chosen_by_word_or_name);
	tcase_add_test(all, maps_travel_as_a_stream);
	tcase_add_test(all, images_are_found_by_id);
	tcase_add_test(all, labels_are_compared_by_name);
	tcase_add_test(all, scores_by_hand);
	tcase_add_test(all, pointing_has_its_tolerance);
	tcase_add_test(all, scores_are_means_of_classes);
	tcase_add_test(all, lift_is_of_maps_with_heat);
	tcase_add_test(all, few_images_have_no_interval);
	tcase_add_test(all, tables_have_a_word_for_what_is_undefined);
	tcase_add_test(all, scores_agree_with_their_definitions);
	tcase_add_test(all, intervals_are_those_of_the_mean);
	tcase_add_test(all, floor_is_what_most_heat_stays_below);
	tcase_add_test(all, heat_becomes_colour);
	tcase_add_test(all, pages_hold_three_enlarged_pictures);
	tcase_add_test(all, file_names_are_harmless);
	tcase_add_test(all, file_names_have_the_name_of_the_image);
	tcase_add_test(all, pages_are_as_wide_as_their_tiles);
	tcase_add_test(all, heat_is_finite);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
