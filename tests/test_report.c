/* Tests of the report room: text that becomes HTML, and logs. Pages as a whole are for report.sh. */
#include "report/html.h"
#include "report/private.h"

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
	static const char *const texts64[] = { "", "", "f", "Zg==", "fo", "Zm8=", "foo", "Zm9v", "foob", "Zm9vYg==", "fooba",
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

/* However long: at most LOG_POINTS points, evenly apart, from the first to the last. */
START_TEST(long_logs_are_thinned)
{
	static const size_t lengths[] = { 1, 2, LOG_POINTS - 1, LOG_POINTS, LOG_POINTS + 1, 1023, 1024, 4999, 70000 };
	const size_t lines = lengths[_i];
	char path[] = "/tmp/myopic-log.XXXXXX";
	struct myo_err err = MYO_ERR_INIT;
	struct log log;

	FILE *file = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(file);
	(void)fprintf(file, "step\tepoch\tloss\tvalidation2\n");
	for (size_t i = 1; i <= lines; i++)
		(void)fprintf(file, "7\t%zu\t%zu\tNA\n", i, 2 * i);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_msg(log_read(path, &log, &err) == MYO_OK, "%s", err.text);
	ck_assert_uint_le(log.count, LOG_POINTS);
	ck_assert_uint_ge(log.count, lines < LOG_POINTS ? lines : LOG_POINTS / 2);
	ck_assert_double_eq(log.points[0].epoch, 1);
	ck_assert_double_eq(log.points[log.count - 1].epoch, (double)lines);
	for (size_t i = 0; i < log.count; i++) {
		ck_assert_double_eq(log.points[i].loss, 2 * log.points[i].epoch);
		ck_assert(isnan(log.points[i].share[LOG_ACCURACY]));
		if (i > 1 && i + 1 < log.count)
			ck_assert_double_eq(log.points[i].epoch - log.points[i - 1].epoch, log.points[1].epoch - log.points[0].epoch);
	}
	log_clear(&log);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("report");
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, text_is_only_text, 0, MYO_COUNT(texts));
	tcase_add_test(all, a_text_may_end_without_a_zero);
	tcase_add_test(all, numbers_are_as_people_write_them);
	tcase_add_test(all, bytes_are_as_base64_has_them);
	tcase_add_test(all, more_than_a_buffer_is_written);
	tcase_add_test(all, a_failure_is_told_at_the_end);
	tcase_add_loop_test(all, long_logs_are_thinned, 0, 9);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
