/* Tests of the room telling: lists against sorting everything, and which sizes are enough. */
#include "telling/telling.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLASSES = 3, ROWS = 600, IMAGES = 60, TILE = 8 };

static const struct myo_heat_grid every = { TILE, 1, true };

struct rows {
	size_t count;
	float logits[ROWS][CLASSES];
	int64_t id[ROWS];
	int32_t label[ROWS], y[ROWS], x[ROWS], height[ROWS], width[ROWS];
};

static void
record_of(const struct rows *rows, size_t from, size_t count, struct myo_record *record)
{
	const size_t shape[] = { count, CLASSES };
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_record_put(record, "logits", MYO_F32, 2, shape, rows->logits[from], &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(record, "id", MYO_I64, 1, shape, rows->id + from, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(record, "label", MYO_I32, 1, shape, rows->label + from, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(record, "y", MYO_I32, 1, shape, rows->y + from, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(record, "x", MYO_I32, 1, shape, rows->x + from, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(record, "height", MYO_I32, 1, shape, rows->height + from, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(record, "width", MYO_I32, 1, shape, rows->width + from, &err), MYO_OK);
}

/* Tiles of many images, in any order; some are unlabelled. */
static void
make_rows(struct rows *rows)
{
	struct myo_rng rng = myo_rng_at(9, MYO_RNG_TEST, 0, 0);

	rows->count = ROWS;
	for (int i = 0; i < ROWS; i++) {
		rows->id[i] = myo_rng_below(&rng, IMAGES);
		rows->label[i] = (int32_t)(rows->id[i] % (CLASSES + 1)) - 1;
		rows->y[i] = i;
		rows->x[i] = i % 7 == 0 ? ROWS - TILE + 1 : i % 11 == 0 ? -1 : ROWS - TILE; /* some of them into the padding */
		rows->height[i] = ROWS + TILE;
		rows->width[i] = ROWS;
		for (int k = 0; k < CLASSES; k++)
			rows->logits[i][k] = (float)(10 * myo_rng_normal(&rng));
	}
}

/* log(p / (1 - p)) by its words, in long double. */
static double
odds(const float *logits, int class)
{
	long double others = 0;

	for (int k = 0; k < CLASSES; k++)
		others += k == class ? 0 : expl((long double)logits[k] - (long double)logits[class]);
	return (double)-logl(others);
}

static double
telling_of(const struct rows *rows, int row, int kind)
{
	const int label = rows->label[row];
	double best = -INFINITY;

	if (kind == MYO_TELLS_FOR)
		return odds(rows->logits[row], label);
	if (kind == MYO_TELLS_AGAINST)
		return -odds(rows->logits[row], label);
	for (int k = 0; k < CLASSES; k++)
		best = k == label ? best : fmax(best, odds(rows->logits[row], k));
	return best;
}

START_TEST(lists_are_the_first_of_all_sorted)
{
	static struct rows rows;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_telling *telling;
	enum { EACH = 4 };

	make_rows(&rows);
	ck_assert_int_eq(myo_telling_new(CLASSES, &every, EACH, &telling, &err), MYO_OK);
	for (size_t at = 0; at < ROWS; at += 50) {
		struct myo_record record = MYO_RECORD_INIT;
		record_of(&rows, at, 50, &record);
		ck_assert_int_eq(myo_telling_add(telling, &record, &err), MYO_OK);
		myo_record_clear(&record);
	}
	for (int c = 0; c < CLASSES; c++) {
		for (int kind = 0; kind < MYO_TELLS; kind++) {
			bool used[IMAGES] = { false };
			for (size_t n = 0; n < EACH; n++) {
				int best = -1;
				for (int i = 0; i < ROWS; i++)
					if (rows.label[i] == c && !used[rows.id[i]] && rows.x[i] == ROWS - TILE &&
					    (best < 0 || telling_of(&rows, i, kind) > telling_of(&rows, best, kind)))
						best = i;
				const struct myo_tell *const tell =
				    myo_telling_get(telling, (size_t)c, (enum myo_tells)kind, n);
				ck_assert_ptr_nonnull(tell);
				ck_assert_int_eq(tell->y, best);
				ck_assert_int_eq(tell->id, rows.id[best]);
				const double sign = kind == MYO_TELLS_AGAINST ? -1 : 1;
				ck_assert_double_eq_tol(sign * tell->odds, telling_of(&rows, best, kind),
				    1e-5 * fabs(tell->odds) + 1e-6);
				ck_assert(kind == MYO_TELLS_WRONG ? tell->about != c : tell->about == c);
				used[rows.id[best]] = true;
			}
			ck_assert_ptr_null(myo_telling_get(telling, (size_t)c, (enum myo_tells)kind, EACH));
		}
	}
	myo_telling_free(telling);
	ck_assert_double_eq_tol(myo_tell_probability(0), 0.5, 1e-12);
	ck_assert_double_eq_tol(myo_tell_probability(log(3)), 0.75, 1e-12);
}
END_TEST

/* Where no tile is within the image, all of them count; with a padded grid of stride 3 the first that is lies at 2. */
START_TEST(images_smaller_than_a_tile_have_tiles)
{
	static const struct {
		struct myo_heat_grid grid;
		int32_t height, width;
		bool counts;
	} cases[] = { { { TILE, 1, true }, TILE - 1, TILE, true }, { { TILE, 1, true }, TILE, TILE, false },
		{ { TILE, 3, true }, TILE + 1, TILE + 2, true }, { { TILE, 3, true }, TILE + 2, TILE + 1, true },
		{ { TILE, 3, true }, TILE + 2, TILE + 2, false }, { { TILE, 3, false }, TILE, TILE, false } };
	static struct rows rows;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_telling *telling;

	make_rows(&rows);
	rows.label[0] = 0;
	rows.y[0] = rows.x[0] = -2;
	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		rows.height[0] = cases[i].height;
		rows.width[0] = cases[i].width;
		record_of(&rows, 0, 1, &record);
		ck_assert_int_eq(myo_telling_new(CLASSES, &cases[i].grid, 2, &telling, &err), MYO_OK);
		ck_assert_int_eq(myo_telling_add(telling, &record, &err), MYO_OK);
		ck_assert_int_eq(myo_telling_get(telling, 0, MYO_TELLS_FOR, 0) != NULL, cases[i].counts);
		myo_telling_free(telling);
		myo_record_clear(&record);
	}
}
END_TEST

START_TEST(bad_tiles_are_refused)
{
	static struct rows rows;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_telling *telling;

	make_rows(&rows);
	rows.label[3] = rows.label[4] = 0;
	if (_i == 0)
		rows.label[3] = CLASSES;
	else
		rows.logits[4][1] = NAN;
	ck_assert_int_eq(myo_telling_new(CLASSES, &every, 2, &telling, &err), MYO_OK);
	record_of(&rows, 0, 10, &record);
	ck_assert_int_eq(myo_telling_add(telling, &record, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, _i == 0 ? "label 3 of 3 classes" : "not finite"));
	myo_record_clear(&record);
	myo_telling_free(telling);
}
END_TEST

/* ---- enough ----------------------------------------------------------------------------------- */

/* Predictions of `tiles` tiles of each image: says[image][tile] is what a tile is taken for. */
static void
read_size(struct myo_enough *enough, size_t images, size_t tiles, const int says[], const int64_t ids[],
    const int32_t labels[], int expected, const char *text)
{
	static const char *const names[CLASSES] = { "cat", "dog", "hen" };
	static struct rows rows;
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_writer *writer;
	struct myo_reader *reader;
	FILE *const file = tmpfile();

	for (size_t i = 0; i < images * tiles; i++) {
		rows.id[i] = ids[i / tiles];
		rows.label[i] = labels[i / tiles];
		for (int k = 0; k < CLASSES; k++)
			rows.logits[i][k] = k == says[i] ? 1 : 0;
	}
	header.kind = MYO_PREDICTIONS;
	ck_assert_int_eq(myo_header_set_classes(&header, CLASSES, names, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fileno(file), "test", &header, &writer, &err), MYO_OK);
	record_of(&rows, 0, images * tiles, &record);
	ck_assert_int_eq(myo_writer_put(writer, &record, &err), MYO_OK);
	ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_record_clear(&record);
	myo_writer_free(writer);
	myo_header_clear(&header);
	ck_assert_int_eq((int)lseek(fileno(file), 0, SEEK_SET), 0);
	ck_assert_int_eq(myo_reader_new(fileno(file), "test", &reader, &err), MYO_OK);
	const int status = myo_enough_read(enough, reader, "test", &err);
	ck_assert_msg(status == expected, "%s", err.text);
	ck_assert_msg(text == NULL || strstr(err.text, text) != NULL, "%s", err.text);
	myo_reader_free(reader);
	(void)fclose(file);
}

START_TEST(sizes_that_are_enough)
{
	static const int64_t ids[] = { 7, 3, 9, 5 };
	static const int32_t labels[] = { 0, 1, -1, 2 }; /* the third is left out */
	static const int small[] = { 1, 0, /**/ 2, 2, /**/ 0, 0, /**/ 0, 1 }, large[] = { 1, /**/ 1, /**/ 0, /**/ 0 };
	static const int expected[] = { 0, 1, -1 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_enough *enough;
	int64_t id;
	int32_t label;
	int size;

	ck_assert_int_eq(myo_enough_new(CLASSES, 2, &enough, &err), MYO_OK);
	read_size(enough, 4, 2, small, ids, labels, MYO_OK, NULL);
	read_size(enough, 4, 1, large, ids, labels, MYO_OK, NULL);
	const struct myo_enough_size a = myo_enough_at(enough, 0), b = myo_enough_at(enough, 1);
	ck_assert(a.images == 3 && a.tiles == 6 && a.right_tiles == 1 && a.first == 1 && a.enough == 1);
	ck_assert(b.images == 3 && b.tiles == 3 && b.right_tiles == 1 && b.first == 1 && b.enough == 1);
	/* wrong classes said, of two each: {1}, {2}, {0, 1}; by the larger tiles {1}, {}, {0} */
	ck_assert_double_eq_tol(a.others, (0.5 + 0.5 + 1) / 3, 1e-12);
	ck_assert_double_eq_tol(b.others, (0.5 + 0 + 0.5) / 3, 1e-12);
	for (size_t n = 0; n < 3; n++) {
		ck_assert_int_eq(myo_enough_image(enough, n, &id, &label, &size), MYO_OK);
		ck_assert_int_eq(id, ids[n < 2 ? n : 3]);
		ck_assert_int_eq(size, expected[n]);
	}
	ck_assert_int_eq(myo_enough_image(enough, 3, &id, &label, &size), MYO_END);
	myo_enough_free(enough);
}
END_TEST

START_TEST(sizes_of_other_images_are_refused)
{
	static const int64_t ids[] = { 7, 3, 5 }, others[] = { 7, 5, 3 }, more[] = { 7, 3, 5, 8 };
	static const int32_t labels[] = { 0, 1, 2, 2 };
	static const int says[] = { 0, 0, 0, 0 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_enough *enough;

	ck_assert_int_eq(myo_enough_new(CLASSES, 2, &enough, &err), MYO_OK);
	read_size(enough, 3, 1, says, ids, labels, MYO_OK, NULL);
	switch (_i) {
	case 0: read_size(enough, 3, 1, says, others, labels, MYO_FAIL,
	    "test: image 5 with label 1 stands where"); break;
	case 1: read_size(enough, 2, 1, says, ids, labels, MYO_FAIL, "test: ends before image 5"); break;
	default: read_size(enough, 4, 1, says, more, labels, MYO_FAIL, "test: image 8 comes after the last"); break;
	}
	myo_enough_free(enough);
}
END_TEST

START_TEST(an_image_that_comes_again_is_refused)
{
	static const int64_t ids[] = { 7, 3, 7 };
	static const int32_t labels[] = { 0, 1, 0 };
	static const int says[] = { 0, 0, 0 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_enough *enough;

	ck_assert_int_eq(myo_enough_new(CLASSES, 1, &enough, &err), MYO_OK);
	read_size(enough, 3, 1, says, ids, labels, MYO_FAIL, "test: image 7 comes a second time");
	myo_enough_free(enough);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("telling");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, lists_are_the_first_of_all_sorted);
	tcase_add_test(all, images_smaller_than_a_tile_have_tiles);
	tcase_add_loop_test(all, bad_tiles_are_refused, 0, 2);
	tcase_add_test(all, sizes_that_are_enough);
	tcase_add_loop_test(all, sizes_of_other_images_are_refused, 0, 3);
	tcase_add_test(all, an_image_that_comes_again_is_refused);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
