/*
 * Tests of the report room: text that becomes HTML, logs, and what is kept of pictures. Pages as a whole are for
 * report.sh.
 */
#include "report/html.h"
#include "report/private.h"
#include "train/train.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a writer has written, after it is ended. */
static char *
written(struct html *html)
{
	static char text[1 << 18];
	size_t got;

	ck_assert_int_eq(html_end(html), MYO_OK);
	ck_assert_int_eq((int)lseek(html->fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(myo_read_all(html->fd, text, sizeof text - 1, &got, NULL), MYO_OK);
	text[got] = '\0';
	(void)close(html->fd);
	return text;
}

static struct html *
new_html(void)
{
	static struct html html;
	char path[] = "/tmp/myopic-html.XXXXXX";

	memset(&html, 0, sizeof html);
	html.fd = mkstemp(path);
	ck_assert_int_ge(html.fd, 0);
	ck_assert_int_eq(unlink(path), 0);
	return &html;
}

static const struct {
	const char *text, *html;
} texts[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;" },
	{ "\x01\x1b\n\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88" },
	{ "\xc3", "\xef\xbf\xbd" },                                    /* cut off */
	{ "\xc3<", "\xef\xbf\xbd&lt;" },                               /* what follows is still escaped */
	{ "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd" },                    /* '<' in two bytes */
	{ "\xe0\x80\xbc", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },    /* and in three */
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },    /* half of a pair of UTF-16 */
	{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xc2\x85", "\xef\xbf\xbd" },                                /* a control character of two bytes */
	{ "\xef\xbf\xbe|\xf0\x9f\xbf\xbf", "\xef\xbf\xbd|\xef\xbf\xbd" }, /* no characters */
};

START_TEST(text_is_only_text)
{
	struct html *html = new_html();

	html_text(html, texts[_i].text);
	ck_assert_str_eq(written(html), texts[_i].html);
}
END_TEST

START_TEST(a_text_may_end_without_a_zero)
{
	const char name[4] = { 'a', '<', 'b', '\xc3' };
	struct html *html = new_html();

	html_text_most(html, name, sizeof name);
	html_text_most(html, "cd\0e", 4);
	ck_assert_str_eq(written(html), "a&lt;b\xef\xbf\xbd" "cd");
}
END_TEST

START_TEST(numbers_are_as_people_write_them)
{
	static const struct {
		int64_t count;
		const char *text;
	} counts[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { -1000, "-1,000" }, { -999, "-999" },
		{ 12345678, "12,345,678" }, { INT64_MIN, "-9,223,372,036,854,775,808" } };

	for (size_t i = 0; i < MYO_COUNT(counts); i++) {
		struct html *html = new_html();
		html_count(html, counts[i].count);
		ck_assert_str_eq(written(html), counts[i].text);
	}
	struct html *html = new_html();
	html_percent(html, 0.875);
	html_percent(html, NAN);
	ck_assert_str_eq(written(html), "87.5%\xe2\x80\x93");
}
END_TEST

/* RFC 4648 has these. */
START_TEST(bytes_are_as_base64_has_them)
{
	static const char *const texts64[] = { "", "", "f", "Zg==", "fo", "Zm8=", "foo", "Zm9v", "foob",
		"Zm9vYg==", "fooba",
		"Zm9vYmE=", "foobar", "Zm9vYmFy" };

	for (size_t i = 0; i < MYO_COUNT(texts64); i += 2) {
		struct html *html = new_html();
		html_base64(html, (const uint8_t *)texts64[i], strlen(texts64[i]));
		ck_assert_str_eq(written(html), texts64[i + 1]);
	}
	const uint8_t bytes[] = { 0xff, 0xef, 0xbe };
	struct html *html = new_html();
	html_base64(html, bytes, sizeof bytes);
	ck_assert_str_eq(written(html), "/+++");
}
END_TEST

START_TEST(more_than_a_buffer_is_written)
{
	struct html *html = new_html();

	for (int i = 0; i < 20000; i++)
		html_print(html, "%05d|", i);
	const char *text = written(html);
	ck_assert_uint_eq(strlen(text), 120000);
	ck_assert_str_eq(text + 119994, "19999|");
}
END_TEST

START_TEST(a_failure_is_told_at_the_end)
{
	struct myo_err err = MYO_ERR_INIT;
	struct html *html = new_html();

	(void)close(html->fd);
	html->fd = -1;
	html->err = &err;
	html->path = "page.html";
	html_put(html, "lost");
	ck_assert_int_eq(html_end(html), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "page.html: can't write"));
}
END_TEST

/* ---- logs ------------------------------------------------------------------------------------- */

/* What line i of a log says, from 1: rows and loss, and a validation after so many lines. */
enum { VALIDATED = 100 };

static double
rows_at(size_t i)
{
	return (double)(1 + i % 7);
}

static double
loss_at(size_t i)
{
	return (double)(i * 37 % 101);
}

/* The mean over the lines after `from` up to `to`: by their rows, or of lines alike. */
static double
mean_loss(size_t from, size_t to, bool by_rows)
{
	double sum = 0, rows = 0;

	for (size_t i = from + 1; i <= to; i++) {
		const double weight = by_rows ? rows_at(i) : 1;
		sum += weight * loss_at(i);
		rows += weight;
	}
	return sum / rows;
}

static void
write_log(char *path, size_t lines, bool by_rows)
{
	FILE *file = fdopen(mkstemp(path), "w");
	double rows = 0;

	ck_assert_ptr_nonnull(file);
	(void)fprintf(file, "step\tepoch\t%s\tloss\tvalidation2\n", by_rows ? "rows" : "lines");
	for (size_t i = 1; i <= lines; i++) {
		rows += rows_at(i);
		(void)fprintf(file, "7\t%zu\t%.0f\t%.0f\t", i, rows, loss_at(i));
		(void)fprintf(file, i % VALIDATED == 0 ? "%.6f\n" : "NA\n", (double)i / 1e6);
	}
	ck_assert_int_eq(fclose(file), 0);
}

/*
 * However long: at most LOG_POINTS points, evenly apart up to the last line, and each is the mean since the one before.
 */
START_TEST(long_logs_are_thinned)
{
	static const size_t lengths[] = { 1, 2, LOG_POINTS - 1, LOG_POINTS, LOG_POINTS + 1, 1023, 1024, 1025,
		4999, 70000 };
	const size_t lines = lengths[_i / 2];
	const bool by_rows = _i % 2 == 0;
	char path[] = "/tmp/myopic-log.XXXXXX";
	struct myo_err err = MYO_ERR_INIT;
	struct log log;

	write_log(path, lines, by_rows);
	ck_assert_msg(log_read(path, &log, &err) == MYO_OK, "%s", err.text);
	const struct log_series *const loss = &log.series[LOG_LOSS];
	ck_assert_uint_le(loss->count, LOG_POINTS);
	ck_assert_uint_ge(loss->count, lines < LOG_POINTS ? lines : LOG_POINTS / 2);
	for (size_t i = 0, before = 0; i < loss->count; i++) {
		const size_t to = (size_t)loss->epoch[i];
		if (i + 1 < loss->count)
			ck_assert_uint_eq(to - before, (size_t)loss->epoch[0]);
		ck_assert_double_eq_tol(loss->value[i], mean_loss(before, to, by_rows), 1e-9);
		before = to;
	}
	ck_assert_double_eq(loss->epoch[loss->count - 1], (double)lines);
	ck_assert_double_eq(loss->last, loss_at(lines));
	ck_assert_double_eq(log.epochs, (double)lines);
	ck_assert_uint_eq(log.series[LOG_ACCURACY].count, 0);
	ck_assert(isnan(log.series[LOG_ACCURACY].last));
	log_clear(&log);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* They stand on few lines, and are lost only where they are too many by themselves. */
START_TEST(validations_of_long_logs_stay)
{
	static const size_t counts[] = { 0, 1, 49, LOG_POINTS, LOG_POINTS + 188 };
	const size_t count = counts[_i];
	char path[] = "/tmp/myopic-log.XXXXXX";
	struct myo_err err = MYO_ERR_INIT;
	struct log log;

	write_log(path, count * VALIDATED + VALIDATED - 1, true);
	ck_assert_msg(log_read(path, &log, &err) == MYO_OK, "%s", err.text);
	const struct log_series *const found = &log.series[LOG_VALIDATION + 1];
	if (count <= LOG_POINTS)
		ck_assert_uint_eq(found->count, count);
	ck_assert_uint_le(found->count, LOG_POINTS);
	ck_assert_uint_ge(found->count, count < LOG_POINTS / 2 ? count : LOG_POINTS / 2);
	for (size_t i = 0; i < found->count; i++) {
		ck_assert_uint_eq((size_t)found->epoch[i] % VALIDATED, 0);
		ck_assert_double_eq_tol(found->value[i], found->epoch[i] / 1e6, 1e-12);
		ck_assert(i == 0 || found->epoch[i] > found->epoch[i - 1]);
	}
	if (count > 0) {
		ck_assert_double_eq(found->epoch[found->count - 1], (double)(count * VALIDATED));
		ck_assert_double_eq_tol(found->last, (double)(count * VALIDATED) / 1e6, 1e-12);
	}
	log_clear(&log);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* All that a training writes is found again, by as many validations as it may have. */
START_TEST(logs_of_trainings_are_understood)
{
	char path[] = "/tmp/myopic-log.XXXXXX";
	double validation[MYO_MOST_VALIDATORS];
	struct myo_err err = MYO_ERR_INIT;
	struct myo_log *written_log;
	struct log log;

	ck_assert_int_eq(LOG_VALIDATIONS, MYO_MOST_VALIDATORS);
	(void)close(mkstemp(path));
	ck_assert_msg(myo_log_new(path, MYO_MOST_VALIDATORS, false, &written_log, &err) == MYO_OK, "%s", err.text);
	for (int line = 1; line <= 2; line++) {
		for (int i = 0; i < MYO_MOST_VALIDATORS; i++)
			validation[i] = 0.1 * line + 0.01 * i;
		myo_log_write(written_log, &(struct myo_log_line){ .step = line, .rows = 64 * line,
			.epoch = line, .rate = 0.1,
		    .loss = 4 - line, .accuracy = 0.25 * line, .seconds = line, .validation = validation });
	}
	ck_assert_msg(myo_log_close(written_log, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(log_read(path, &log, &err) == MYO_OK, "%s", err.text);
	ck_assert_double_eq(log.rows, 128);
	for (size_t i = 0; i < LOG_SERIES; i++)
		ck_assert_uint_eq(log.series[i].count, 2);
	for (size_t line = 1; line <= 2; line++) {
		ck_assert_double_eq(log.series[LOG_LOSS].value[line - 1], 4 - (double)line);
		ck_assert_double_eq(log.series[LOG_ACCURACY].value[line - 1], 0.25 * (double)line);
		for (size_t i = 0; i < MYO_MOST_VALIDATORS; i++)
			ck_assert_double_eq_tol(log.series[LOG_VALIDATION + i].value[line - 1],
			    0.1 * (double)line + 0.01 * (double)i, 1e-9);
	}
	log_clear(&log);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* ---- pictures ----------------------------------------------------------------------------------- */

/* Nothing is kept of a map that isn't there, however large the picture. */
START_TEST(a_picture_may_have_no_map)
{
	struct myo_heat_map map = { .height = 8192, .width = 8192 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_heat_picks *picks;

	ck_assert_int_eq(myo_heat_picks_new(1, 2, &picks, &err), MYO_OK);
	for (map.id = 0; map.id < 5; map.id++) {
		map.p_predicted = map.p_label = 0.5 + 0.1 * (double)map.id;
		ck_assert_int_eq(myo_heat_picks_add(picks, &map, &err), MYO_OK);
	}
	for (size_t n = 0; n < 2; n++) {
		const struct myo_heat_map *const best = myo_heat_picks_get(picks, 0, MYO_PICK_BEST, n);
		ck_assert_ptr_nonnull(best);
		ck_assert_int_eq(best->id, 4 - (int64_t)n);
		ck_assert_uint_eq(best->width, 8192);
		ck_assert_ptr_null(best->heat);
	}
	myo_heat_picks_free(picks);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("report");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_loop_test(all, text_is_only_text, 0, MYO_COUNT(texts));
	tcase_add_test(all, a_text_may_end_without_a_zero);
	tcase_add_test(all, numbers_are_as_people_write_them);
	tcase_add_test(all, bytes_are_as_base64_has_them);
	tcase_add_test(all, more_than_a_buffer_is_written);
	tcase_add_test(all, a_failure_is_told_at_the_end);
	tcase_add_loop_test(all, long_logs_are_thinned, 0, 20);
	tcase_add_loop_test(all, validations_of_long_logs_stay, 0, 5);
	tcase_add_test(all, logs_of_trainings_are_understood);
	tcase_add_test(all, a_picture_may_have_no_map);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
