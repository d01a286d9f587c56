/* Tests of the room erase: pictures by hand, and curves. */
#include "erase/erase.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(deletion_takes_the_hottest_first)
{
	float heat[4] = { 1, NAN, 2, 3 };
	const uint8_t pixels[12] = { 10, 20, 30, 50, 60, 70, 90, 100, 110, 130, 140, 150 }; /* mean 70 80 90 */
	static const uint8_t mean[3] = { 70, 80, 90 };
	static const int orders[4][4] = { { 3, 2, 0, 1 }, { 1, 0, 2, 3 }, { -1, -1, -1, -1 }, { 0, 1, 3, 2 } };
	const struct myo_heat_map map = { .height = 2, .width = 2, .heat = heat };
	struct myo_err err = MYO_ERR_INIT;
	uint8_t made[5][12];

	for (int o = 0; o < 4; o++) {
		const struct myo_erase how = { .mode = MYO_ERASE_DELETION, .order = (enum myo_erase_order)o,
			.steps = 4, .seed = 3 };
		ck_assert_int_eq(myo_erase_make(&how, &map, pixels, made[0], &err), MYO_OK);
		ck_assert_mem_eq(made[0], pixels, 12);
		for (int s = 1; s <= 4; s++) {
			int gone = 0;
			for (int i = 0; i < 4; i++)
				gone += memcmp(made[s] + 3 * i, mean, 3) == 0;
			ck_assert_int_eq(gone, s);
			if (orders[o][s - 1] >= 0)
				ck_assert_mem_eq(made[s] + 3 * orders[o][s - 1], mean, 3);
		}
	}
}
END_TEST

/* A map that says nothing is random, whichever end comes first. */
START_TEST(equals_are_drawn_by_lot)
{
	enum { SIDE = 8 };
	static float heat[SIDE * SIDE];
	static uint8_t pixels[SIDE * SIDE * 3], made[4][5][SIDE * SIDE * 3];
	const struct myo_heat_map map = { .id = 9, .height = SIDE, .width = SIDE, .heat = heat };
	struct myo_err err = MYO_ERR_INIT;

	for (int i = 0; i < SIDE * SIDE * 3; i++)
		pixels[i] = (uint8_t)(i == 0 ? 1 : 200);
	for (int o = 0; o < 4; o++) {
		const struct myo_erase how = { .mode = MYO_ERASE_DELETION, .order = (enum myo_erase_order)o,
			.steps = 4, .seed = 3 };
		ck_assert_int_eq(myo_erase_make(&how, &map, pixels, made[o][0], &err), MYO_OK);
		ck_assert_mem_eq(made[o], made[0], sizeof made[0]);
	}
	/* the first quarter that goes isn't the first quarter of the picture */
	ck_assert_int_ne(memcmp(made[0][1] + SIDE * SIDE * 3 / 4, pixels + SIDE * SIDE * 3 / 4,
	    SIDE * SIDE * 3 / 4 * 3), 0);
}
END_TEST

/*
 * Insertion begins with a blur that keeps what is flat, and ends with the picture; in three steps of uneven size, too.
 */
START_TEST(insertion_gives_the_picture_back)
{
	enum { SIDE = 16 };
	static uint8_t pixels[SIDE * SIDE * 3], made[4][SIDE * SIDE * 3];
	static float heat[SIDE * SIDE];
	const struct myo_heat_map map = { .height = SIDE, .width = SIDE, .heat = heat };
	const struct myo_erase how = { .mode = MYO_ERASE_INSERTION, .steps = 3, .sigma = 0.125 };
	struct myo_err err = MYO_ERR_INIT;
	double sum = 0;

	for (int i = 0; i < SIDE * SIDE; i++) {
		heat[i] = (float)-i; /* from the top */
		pixels[3 * i] = 200;
		pixels[3 * i + 1] = i % SIDE < SIDE / 2 ? 0 : 240; /* an edge from top to bottom */
		pixels[3 * i + 2] = (uint8_t)(i == 8 * SIDE + 8 ? 255 : 0);
	}
	ck_assert_int_eq(myo_erase_make(&how, &map, pixels, made[0], &err), MYO_OK);
	ck_assert_mem_eq(made[3], pixels, sizeof pixels);
	for (int i = 0; i < SIDE * SIDE; i++) {
		ck_assert_uint_eq(made[0][3 * i], 200);
		sum += made[0][3 * i + 2];
	}
	/* the edge is a Gaussian's distribution function, sigma 2: half a pixel beside it 0.599 of 240 */
	ck_assert_int_le(abs(made[0][(8 * SIDE + 8) * 3 + 1] - 144), 2);
	/* and the dot its density: 255 / (2 pi 4) */
	ck_assert_int_le(abs(made[0][(8 * SIDE + 8) * 3 + 2] - 10), 1);
	ck_assert_double_gt(sum, 150);
	for (int i = 0; i < SIDE * SIDE; i++) /* 85, 170 and 256 pixels */
		ck_assert_int_eq(memcmp(made[1] + 3 * i, (i < 85 ? pixels : made[0]) + 3 * i, 3), 0);
}
END_TEST

/* ---- curves -------------------------------------------------------------------------------------- */

enum { STEPS = 2, MAPS = 300, ROWS = MAPS * (STEPS + 1) };

/* each: maps of an image; 0: nothing is said of it. */
static struct myo_erase_curves *
curves_of(const float logits[ROWS][2], int64_t first, int rows, int each, int expected, const char *text)
{
	static int64_t id[ROWS];
	static int32_t label[ROWS];
	static const char *const names[] = { "cat", "dog" };
	const struct myo_erase how = { .mode = MYO_ERASE_DELETION, .steps = STEPS };
	const size_t shape[] = { (size_t)rows, 2 };
	struct myo_header maps = MYO_HEADER_INIT, header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_erase_curves *curves;

	ck_assert_int_eq(myo_header_set_classes(&maps, 2, names, &err), MYO_OK);
	if (each > 0)
		ck_assert_int_eq(myo_header_set_int(&maps, "top", each, &err), MYO_OK);
	ck_assert_int_eq(myo_erase_header(&how, &maps, &header, &err), MYO_OK);
	for (int i = 0; i < rows; i++) {
		id[i] = first + i;
		label[i] = 1;
	}
	ck_assert_int_eq(myo_erase_curves_new(&header, 1, &curves, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "logits", MYO_F32, 2, shape, logits, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, id, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, shape, label, &err), MYO_OK);
	ck_assert_int_eq(myo_erase_curves_add(curves, &record, &err), expected);
	ck_assert_msg(text == NULL || strstr(err.text, text) != NULL, "%s", err.text);
	myo_record_clear(&record);
	myo_header_clear(&header);
	myo_header_clear(&maps);
	return curves;
}

START_TEST(curves_are_means_and_areas)
{
	static float logits[ROWS][2];
	struct myo_err err = MYO_ERR_INIT;
	FILE *const file = tmpfile();
	double area, low, high, share, p;
	int maps;

	/* probabilities .9, .5, .1 and .7, .5, .3 in turn: areas .5, and so the interval is a point */
	for (int i = 0; i < ROWS; i++) {
		static const double of[2][3] = { { .9, .5, .1 }, { .7, .5, .3 } };
		const double q = of[i / 3 % 2][i % 3];
		logits[i][1] = (float)log(q / (1 - q));
	}
	struct myo_erase_curves *const curves = curves_of(logits, 0, ROWS, 0, MYO_OK, NULL);
	ck_assert_int_eq(myo_erase_curves_text(file, curves, &err), MYO_OK);
	rewind(file);
	ck_assert_int_eq(fscanf(file, "share probability mode order maps area low high"), 0);
	for (int s = 0; s <= STEPS; s++) {
		ck_assert_int_eq(fscanf(file, "%lf %lf deletion hottest %d %lf %lf %lf", &share, &p, &maps, &area,
		    &low, &high), 6);
		ck_assert_double_eq_tol(share, s / 2.0, 1e-4);
		ck_assert_double_eq_tol(p, 0.8 - 0.3 * s, 1e-4);
		ck_assert_int_eq(maps, MAPS);
		ck_assert_double_eq_tol(area, 0.5, 1e-4);
		ck_assert_double_eq_tol(low, 0.5, 1e-4);
		ck_assert_double_eq_tol(high, 0.5, 1e-4);
	}
	(void)fclose(file);
	myo_erase_curves_free(curves);
}
END_TEST

/* What is printed of these curves, as a table or as JSON; they are freed. */
static void
print(struct myo_erase_curves *curves, bool json, char *text, size_t size)
{
	struct myo_err err = MYO_ERR_INIT;
	FILE *const file = tmpfile();

	ck_assert_int_eq(json ? myo_erase_curves_json(file, curves, &err) : myo_erase_curves_text(file, curves, &err),
	    MYO_OK);
	rewind(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	(void)fclose(file);
	myo_erase_curves_free(curves);
}

/* Where each image is there twice, nothing more is known than if it were there once. */
START_TEST(maps_of_an_image_are_no_independent_ones)
{
	static float logits[2][ROWS][2];
	char text[2][1024];
	double low[2], high[2];

	for (int way = 0; way < 2; way++) {
		for (int i = 0; i < ROWS; i++) {
			const double q = 0.1 + 0.8 * (i / 3 / (way + 1)) / (MAPS / 2); /* of the image, in all steps */
			logits[way][i][1] = (float)log(q / (1 - q));
		}
		print(curves_of(logits[way], 0, way == 0 ? ROWS / 2 : ROWS, way + 1, MYO_OK, NULL), false, text[way],
		    sizeof text[way]);
		ck_assert_int_eq(sscanf(text[way], "%*[^\n]\n%*s %*s deletion hottest %*s %*s %lf %lf", &low[way],
		    &high[way]), 2);
	}
	ck_assert_double_gt(high[0] - low[0], 0.06); /* 2 * 1.96 * 0.231 / sqrt(150) is 0.074 */
	ck_assert_double_eq_tol(low[0], low[1], 1.5e-4);
	ck_assert_double_eq_tol(high[0], high[1], 1.5e-4);
}
END_TEST

START_TEST(few_images_have_no_interval)
{
	static float logits[ROWS][2];
	struct myo_err err = MYO_ERR_INIT;
	char text[1024];

	for (int maps = 1; maps <= 2; maps++) {
		print(curves_of(logits, 0, maps * (STEPS + 1), maps, MYO_OK, NULL), false, text, sizeof text);
		ck_assert_msg(strstr(text, "\t0.5000\tNA\tNA\n") != NULL, "%s", text);
		print(curves_of(logits, 0, maps * (STEPS + 1), maps, MYO_OK, NULL), true, text, sizeof text);
		ck_assert_msg(strstr(text, "\"interval\": [null, null]") != NULL, "%s", text);
	}
	for (int images = 9; images <= 10; images++) {
		print(curves_of(logits, 0, images * (STEPS + 1), 1, MYO_OK, NULL), false, text, sizeof text);
		ck_assert_msg((strstr(text, "\tNA\tNA\n") != NULL) == (images < 10), "%s", text);
	}
	struct myo_erase_curves *const curves = curves_of(logits, 0, 3 * (STEPS + 1), 2, MYO_OK, NULL);
	ck_assert_int_eq(myo_erase_curves_text(stdout, curves, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "not all there"));
	myo_erase_curves_free(curves);
}
END_TEST

/* What a header says of pictures is printed in our own words or not at all. */
START_TEST(other_words_are_refused)
{
	static const char *const words[][2] = { { "dele\ttion", "hottest" }, { "deletion", "hot\033[2J" },
		{ "", "random" },
		{ NULL, "random" }, { "insertion", NULL } };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_erase_curves *curves;

	for (size_t i = 0; i < MYO_COUNT(words); i++) {
		struct myo_header header = MYO_HEADER_INIT;
		ck_assert_int_eq(myo_header_set(&header, "erase", words[i][0], &err), MYO_OK);
		ck_assert_int_eq(myo_header_set(&header, "order", words[i][1], &err), MYO_OK);
		ck_assert_int_eq(myo_erase_curves_new(&header, 1, &curves, &err), MYO_FAIL);
		ck_assert_ptr_nonnull(strstr(err.text, "other pictures"));
		myo_header_clear(&header);
	}
}
END_TEST

START_TEST(missing_rows_are_noticed)
{
	static float logits[ROWS][2];
	struct myo_err err = MYO_ERR_INIT;

	myo_erase_curves_free(curves_of(logits, 1, 3, 0, MYO_FAIL, "picture 1 stands where picture 0"));
	struct myo_erase_curves *const curves = curves_of(logits, 0, 4, 0, MYO_OK, NULL);
	ck_assert_int_eq(myo_erase_curves_text(stdout, curves, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "not all there"));
	myo_erase_curves_free(curves);
	logits[2][0] = INFINITY;
	myo_erase_curves_free(curves_of(logits, 0, 3, 0, MYO_FAIL, "not finite"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("erase");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, deletion_takes_the_hottest_first);
	tcase_add_test(all, equals_are_drawn_by_lot);
	tcase_add_test(all, insertion_gives_the_picture_back);
	tcase_add_test(all, curves_are_means_and_areas);
	tcase_add_test(all, maps_of_an_image_are_no_independent_ones);
	tcase_add_test(all, few_images_have_no_interval);
	tcase_add_test(all, other_words_are_refused);
	tcase_add_test(all, missing_rows_are_noticed);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
