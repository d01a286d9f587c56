/* Tests of the room draw: pages as files, colours, scales. */
#include "draw/draw.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- colours ---------------------------------------------------------------------------------- */

static double
decoded(uint8_t byte)
{
	const double v = byte / 255.0;

	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* sRGB to OKLab, by the forward matrices of Ottosson's article. */
static void
to_oklab(struct myo_rgb rgb, double lab[3])
{
	const double r = decoded(rgb.r), g = decoded(rgb.g), b = decoded(rgb.b);
	const double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	const double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	const double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

	lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
	lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
	lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

START_TEST(colours_are_even_and_grow_lighter)
{
	struct myo_rgb table[MYO_COLOURS];
	double before[3], least = 1, most = 0;
	enum { STRIDE = 15 }; /* 17 steps: single ones drown in rounding to bytes */

	myo_colours(MYO_COLOURS_EMBER, table);
	to_oklab(table[0], before);
	ck_assert_double_lt(before[0], 0.3);
	for (int i = STRIDE; i < MYO_COLOURS; i += STRIDE) {
		double lab[3], squares = 0;
		to_oklab(table[i], lab);
		const double lighter = (lab[0] - before[0]) * (MYO_COLOURS - 1) / STRIDE;
		ck_assert_double_gt(lighter, 0.72 * 0.93); /* lightness itself is nearly even: 0.24 to 0.96 */
		ck_assert_double_lt(lighter, 0.72 * 1.07);
		for (int c = 0; c < 3; c++)
			squares += (lab[c] - before[c]) * (lab[c] - before[c]);
		least = fmin(least, sqrt(squares));
		most = fmax(most, sqrt(squares));
		memcpy(before, lab, sizeof before);
	}
	ck_assert_double_gt(before[0], 0.94);
	ck_assert_double_lt(most / least, 1.1);
	for (int i = 1; i < MYO_COLOURS; i++)
		ck_assert_int_ne(memcmp(&table[i], &table[i - 1], 3), 0);
}
END_TEST

START_TEST(signed_colours_are_balanced)
{
	struct myo_rgb table[MYO_COLOURS];
	double low[3], high[3];

	myo_colours(MYO_COLOURS_BALANCE, table);
	for (int i = 0; i < MYO_COLOURS / 2; i++) {
		to_oklab(table[i], low);
		to_oklab(table[MYO_COLOURS - 1 - i], high);
		ck_assert_double_eq_tol(low[0], high[0], 0.02); /* lightness */
		ck_assert_double_eq_tol(hypot(low[1], low[2]), hypot(high[1], high[2]), 0.02);
	}
	to_oklab(table[MYO_COLOURS / 2], high);
	ck_assert_double_gt(high[0], 0.95);
}
END_TEST

/* A few colours of the published tables that are not among those that ours goes through. */
START_TEST(published_colours_are_met)
{
	static const struct {
		enum myo_colours which;
		int number;
		struct myo_rgb colour;
	} cases[] = { { MYO_COLOURS_VIRIDIS, 64, { 59, 82, 139 } }, { MYO_COLOURS_VIRIDIS, 128, { 33, 145, 140 } },
		{ MYO_COLOURS_VIRIDIS, 192, { 94, 201, 98 } }, { MYO_COLOURS_MAGMA, 64, { 81, 18, 124 } },
		{ MYO_COLOURS_MAGMA, 128, { 183, 55, 121 } }, { MYO_COLOURS_MAGMA, 192, { 252, 137, 97 } },
		{ MYO_COLOURS_JET, 0, { 0, 0, 128 } }, { MYO_COLOURS_JET, 255, { 128, 0, 0 } } };
	struct myo_rgb table[MYO_COLOURS];

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		myo_colours(cases[i].which, table);
		const struct myo_rgb a = table[cases[i].number], b = cases[i].colour;
		ck_assert_msg(abs(a.r - b.r) <= 3 && abs(a.g - b.g) <= 3 && abs(a.b - b.b) <= 3, "case %zu: %d %d %d",
		    i, a.r, a.g, a.b);
	}
}
END_TEST

START_TEST(things_have_colours_of_their_own)
{
	for (size_t i = 0; i < 40; i++) {
		for (size_t j = 0; j < i; j++) {
			double a[3], b[3];
			to_oklab(myo_colours_nth(i), a);
			to_oklab(myo_colours_nth(j), b);
			const double far = sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
			ck_assert_msg(far > (i < 8 ? 0.1 : 0.01), "%zu and %zu: %g", i, j, far);
		}
	}
}
END_TEST

/* ---- scales ------------------------------------------------------------------------------------ */

START_TEST(scales_lead_to_colours)
{
	struct myo_scale scale = { -1, 2 };

	ck_assert_uint_eq(myo_scale_colour(&scale, -1), 0);
	ck_assert_uint_eq(myo_scale_colour(&scale, 2), MYO_COLOURS - 1);
	ck_assert_uint_eq(myo_scale_colour(&scale, -1 + 3 * 100.0 / 255), 100);
	ck_assert_uint_eq(myo_scale_colour(&scale, 1e30), MYO_COLOURS - 1);
	ck_assert_uint_eq(myo_scale_colour(&scale, -1e30), 0);
	scale = (struct myo_scale)MYO_SCALE_INIT;
	myo_scale_settle(&scale);
	ck_assert(scale.low == 0 && scale.high == 1);
	ck_assert(myo_scale_parse("-1.5:2e1", &scale));
	ck_assert(scale.low == -1.5 && scale.high == 20);
	static const char *const bad[] = { "", "1", "1:", ":1", "1:1", "2:1", "1:2x", "nan:1", "0:inf" };
	for (size_t i = 0; i < MYO_COUNT(bad); i++)
		ck_assert_msg(!myo_scale_parse(bad[i], &scale), "%s", bad[i]);
	scale.low = scale.high = -7;
	myo_scale_settle(&scale);
	ck_assert_double_lt(scale.low, scale.high);
}
END_TEST

START_TEST(ticks_are_round)
{
	static const struct {
		struct myo_scale scale;
		size_t most;
		const char *all;
	} cases[] = { { { 0, 1 }, 6, "0.0 0.2 0.4 0.6 0.8 1.0 " }, { { -3, 7 }, 6, "-2 0 2 4 6 " },
		{ { 0.013, 0.019 }, 4, "0.014 0.016 0.018 " },
		{ { -2.5, 2.5 }, 3, "0 " }, { { 0, 99 }, 11, "0 10 20 30 40 50 60 70 80 90 " }, { { 1e6, 3e6 }, 5, "1e+06 1.5e+06 2e+06 2.5e+06 3e+06 " },
		{ { -6e38, 6e38 }, 5, "-5e+38 0 5e+38 " }, { { -INFINITY, INFINITY }, 5, "" }, { { -1e308, 1e308 }, 2, "" },
		{ { 4, 4 }, 5, "" }, { { 0, 5e-324 }, 2, "" } };
	char text[64], all[256];

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const struct myo_ticks ticks = myo_scale_ticks(&cases[i].scale, cases[i].most);
		all[0] = '\0';
		for (size_t n = 0; n < ticks.count; n++) {
			(void)myo_ticks_at(&ticks, n, text, sizeof text);
			strcat(strcat(all, text), " ");
		}
		ck_assert_msg(strcmp(all, cases[i].all) == 0, "case %zu: %s", i, all);
		ck_assert_uint_le(ticks.count, cases[i].most);
	}
}
END_TEST

/* ---- pages --------------------------------------------------------------------------------------- */

static size_t
read_file(const char *path, char *bytes, size_t size)
{
	FILE *const file = fopen(path, "rb");

	ck_assert_msg(file != NULL, "%s", path);
	const size_t count = fread(bytes, 1, size, file);
	(void)fclose(file);
	return count;
}

static int
draw_something(const char *path, struct myo_err *err)
{
	static const uint8_t pixels[2 * 2 * 3] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30 };
	static const double line[] = { 0, 0, 20, 20, NAN, NAN, 40, 0, 60, 20 };
	struct myo_rgb table[MYO_COLOURS];
	const struct myo_scale scale = { 0, 1 };
	struct myo_page *page;

	if (myo_page_new(path, 200, 150, &page, err) != MYO_OK)
		return MYO_FAIL;
	myo_colours(MYO_COLOURS_EMBER, table);
	(void)myo_page_text(page, 10, 20, 100, 12, MYO_INK_STRONG, "caf\xc3\xa9");
	myo_page_line(page, line, 5, 1, (struct myo_rgb){ 0, 0, 0 });
	myo_page_dashes(page, line, 5, 1, (struct myo_rgb){ 0, 0, 0 });
	myo_page_dot(page, 50, 50, 3, (struct myo_rgb){ 9, 9, 9 });
	myo_page_frame(page, 60, 60, 10, 10, 1, (struct myo_rgb){ 9, 9, 9 });
	myo_page_bar(page, 100, 10, 120, table, &scale, "heat");
	int status = myo_page_pixels(page, 10, 30, pixels, 2, 2, 8, err);
	if (status == MYO_OK)
		status = myo_page_save(page, err);
	myo_page_free(page);
	return status;
}

/* Each kind begins as it should, and the same page has the same bytes twice. */
START_TEST(pages_become_files)
{
	static const struct {
		const char *end, *begins;
	} cases[] = { { "png", "\x89PNG" }, { "SVG", "<?xml" }, { "pdf", "%PDF" } };
	static char first[1 << 20], second[1 << 20];
	char folder[] = "/tmp/myopic-draw.XXXXXX", path[2][64];
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		for (int n = 0; n < 2; n++) {
			(void)snprintf(path[n], sizeof path[n], "%s/%d.%s", folder, n, cases[i].end);
			ck_assert_msg(draw_something(path[n], &err) == MYO_OK, "%s", err.text);
		}
		const size_t size = read_file(path[0], first, sizeof first);
		ck_assert_uint_eq(size, read_file(path[1], second, sizeof second));
		ck_assert_mem_eq(first, second, size);
		ck_assert_mem_eq(first, cases[i].begins, strlen(cases[i].begins));
		ck_assert_int_eq(unlink(path[0]) + unlink(path[1]), 0);
	}
	ck_assert_int_eq(draw_something("page.gif", &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "page.gif: a picture's name ends in .png, .svg or .pdf"));
	ck_assert(!myo_page_can_be(".png") && !myo_page_can_be("png") && myo_page_can_be("a.Pdf"));
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* A disk that fills up while a page is written leaves nothing behind. */
START_TEST(a_page_that_does_not_fit_is_no_file)
{
	static const char *const ends[] = { "png", "svg", "pdf" };
	char folder[] = "/tmp/myopic-draw.XXXXXX", path[64];
	struct myo_err err = MYO_ERR_INIT;
	struct rlimit limit, small;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	small = limit;
	small.rlim_cur = 100;
	for (size_t i = 0; i < MYO_COUNT(ends); i++) {
		(void)snprintf(path, sizeof path, "%s/page.%s", folder, ends[i]);
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
		const int status = draw_something(path, &err);
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
		ck_assert_int_eq(status, MYO_FAIL);
		ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0, "%s", err.text);
		ck_assert_int_ne(access(path, F_OK), 0);
	}
	(void)signal(SIGXFSZ, SIG_DFL);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("draw");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, colours_are_even_and_grow_lighter);
	tcase_add_test(all, signed_colours_are_balanced);
	tcase_add_test(all, published_colours_are_met);
	tcase_add_test(all, things_have_colours_of_their_own);
	tcase_add_test(all, scales_lead_to_colours);
	tcase_add_test(all, ticks_are_round);
	tcase_add_test(all, pages_become_files);
	tcase_add_test(all, a_page_that_does_not_fit_is_no_file);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
