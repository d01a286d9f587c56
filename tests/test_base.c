/* Tests of the base room: errors, memory, random numbers, the pool, files. */
#include "base/base.h"

#include <check.h>
#include <float.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(columns_hold_what_they_can)
{
	static const struct {
		const char *text, *column;
	} cases[] = { { "cat", "cat  " }, { "zebra", "zebra" }, { "airplane", "airp…" }, { "Märzé", "Märzé" },
		{ "Märzéé", "März…" },
		{ "a\033b", "a?b  " }, { "a\xc2\x9b" "b", "a?b  " }, { "a\xc2\xa0" "b", "a\xc2\xa0" "b  " }, { "", "     " },
		{ "a\xe2\x80\xae" "b", "a?b  " }, { "a\xe9" "b", "a?b  " } };

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		char *text = NULL;
		size_t size;
		FILE *const to = open_memstream(&text, &size);
		ck_assert_ptr_nonnull(to);
		myo_put_column(to, cases[i].text, 5);
		ck_assert_int_eq(fclose(to), 0);
		ck_assert_str_eq(text, cases[i].column);
		free(text);
	}
}
END_TEST

START_TEST(texts_have_no_power_over_terminals)
{
	static const char field[] = "ab\xc2\x9b";
	char *text = NULL;
	size_t size;
	FILE *const to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	myo_put_text(to, "a\033[1m\xc2\x80" "b\xc2\x9f\xc2\xa0\xc3\xa9\x7f\n");
	(void)fputc('|', to);
	myo_put_field(to, field, sizeof field + 9); /* its end counts, not that of the field */
	(void)fputc('|', to);
	myo_put_field(to, field, 3); /* nothing behind the field counts */
	ck_assert_int_eq(fclose(to), 0);
	ck_assert_str_eq(text, "a\\x1b[1m\\xc2\\x80b\\xc2\\x9f\xc2\xa0\xc3\xa9\\x7f\\x0a|ab\\xc2\\x9b|ab\\xc2");
	free(text);
}
END_TEST

START_TEST(characters_are_whole_and_shown)
{
	static const struct {
		const char *text;
		size_t bytes;
		bool shown;
	} cases[] = { { "a", 1, true }, { "\xc3\xa9", 2, true }, { "\xe2\x82\xac", 3, true },
		{ "\xf0\x9f\x90\x88", 4, true },
		{ "", 1, false }, { "\x1b", 1, false }, { "\x7f", 1, false }, { "\xc2\x9b", 2, false }, { "\xc2\xa0", 2, true },
		{ "\xa9", 1, false }, { "\xff", 1, false }, { "\xc3" "a", 1, false }, { "\xc0\xbc", 1, false }, { "\xc1\xbf", 1, false },
		{ "\xe0\x9f\xbf", 1, false }, { "\xe0\xa0\x80", 3, true }, { "\xed\x9f\xbf", 3, true }, { "\xed\xa0\x80", 1, false },
		{ "\xee\x80\x80", 3, true }, { "\xef\xb7\x90", 3, false }, { "\xef\xbf\xbd", 3, true }, { "\xef\xbf\xbe", 3, false },
		{ "\xf0\x8f\xbf\xbf", 1, false }, { "\xf0\x90\x80\x80", 4, true }, { "\xf0\x9f\xbf\xbf", 4, false },
		{ "\xf4\x8f\xbf\xbd", 4, true }, { "\xf4\x90\x80\x80", 1, false },
		{ "\xe2\x80\x8f", 3, false }, { "\xe2\x80\xae", 3, false }, { "\xe2\x81\xa9", 3, false }, { "\xe2\x80\x90", 3, true },
		{ "\xf8\x88\x80\x80\x80", 1, false } };
	bool shown;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		ck_assert_msg(myo_character(cases[i].text, strlen(cases[i].text) + 1, &shown) == cases[i].bytes,
		    "case %zu", i);
		ck_assert_msg(shown == cases[i].shown, "case %zu", i);
		for (size_t most = 1; most < cases[i].bytes; most++) { /* cut off */
			ck_assert_uint_eq(myo_character(cases[i].text, most, &shown), 1);
			ck_assert(!shown);
		}
	}
}
END_TEST

START_TEST(errors_carry_place_and_reason)
{
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_fail(&err, "image %d is broken", 17), MYO_FAIL);
	myo_err_prefix(&err, "%s: ", "tiny.tar");
	ck_assert_str_eq(err.text, "tiny.tar: image 17 is broken");

	errno = ENOENT;
	ck_assert_int_eq(myo_fail_errno(&err, "x: can't be read"), MYO_FAIL);
	ck_assert_str_eq(err.text, "x: can't be read: No such file or directory");
	ck_assert_int_eq(myo_fail(NULL, "nobody listens"), MYO_FAIL);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
	struct myo_err err = MYO_ERR_INIT;
	size_t product = 7;

	ck_assert(!myo_mul(SIZE_MAX / 2, 3, &product));
	ck_assert_uint_eq(product, 7);
	ck_assert(myo_mul(SIZE_MAX, 1, &product));
	ck_assert(myo_mul(0, SIZE_MAX, &product));
	ck_assert_uint_eq(product, 0);
	ck_assert_ptr_null(myo_calloc(SIZE_MAX / 2, 4, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "out of memory"));
	ck_assert_int_eq(myo_fail_memory(&err, 0), MYO_FAIL);
	ck_assert_str_eq(err.text, "out of memory");
	ck_assert_ptr_null(myo_calloc_aligned(SIZE_MAX, 1, &err));

	float *aligned = myo_calloc_aligned(3, sizeof *aligned, &err);
	ck_assert_uint_eq((uintptr_t)aligned % 64, 0);
	ck_assert(aligned[0] == 0 && aligned[2] == 0);
	free(aligned);
}
END_TEST

/* The test vectors of philox4x32-10 that Random123 publishes (kat_vectors). */
START_TEST(random_numbers_are_those_of_philox)
{
	static const uint32_t zeros[] = { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 };
	static const uint32_t ones[] = { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd };
	struct myo_rng a = { .used = 4 };
	struct myo_rng b = { .key = { UINT32_MAX, UINT32_MAX },
		.counter = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX }, .used = 4 };

	for (int i = 0; i < 4; i++) {
		ck_assert_uint_eq(myo_rng_u32(&a), zeros[i]);
		ck_assert_uint_eq(myo_rng_u32(&b), ones[i]);
	}
}
END_TEST

START_TEST(random_numbers_are_a_function_of_their_place)
{
	struct myo_rng a = myo_rng_at(1, MYO_RNG_CROP, 2, 3);
	struct myo_rng b = myo_rng_at(1, MYO_RNG_CROP, 2, 3);
	struct myo_rng c = myo_rng_at(1, MYO_RNG_CROP, 3, 2);
	struct myo_rng d = myo_rng_at(1, MYO_RNG_INIT, 2, 3);
	int same_c = 0, same_d = 0;

	for (int i = 0; i < 1000; i++) {
		const uint32_t word = myo_rng_u32(&a);
		ck_assert_uint_eq(word, myo_rng_u32(&b));
		same_c += word == myo_rng_u32(&c);
		same_d += word == myo_rng_u32(&d);
	}
	ck_assert_int_eq(same_c, 0);
	ck_assert_int_eq(same_d, 0);
}
END_TEST

START_TEST(random_numbers_have_their_distribution)
{
	struct myo_rng rng = myo_rng_at(5, MYO_RNG_TEST, 0, 0);
	enum { N = 60000, K = 6 };
	int counts[K] = { 0 };
	double sum = 0, squares = 0, reals = 0;

	for (int i = 0; i < N; i++) {
		counts[myo_rng_below(&rng, K)]++;
		reals += myo_rng_real(&rng);
		const double x = myo_rng_normal(&rng);
		sum += x;
		squares += x * x;
	}
	/* Five standard errors each. */
	for (int k = 0; k < K; k++)
		ck_assert_int_lt(abs(counts[k] - N / K), 5 * (int)sqrt(N * (1.0 / K) * (1 - 1.0 / K)));
	ck_assert_double_lt(fabs(reals / N - 0.5), 5 * sqrt(1.0 / 12 / N));
	ck_assert_double_lt(fabs(sum / N), 5 / sqrt(N));
	ck_assert_double_lt(fabs(squares / N - 1), 5 * sqrt(2.0 / N));
}
END_TEST

START_TEST(permutations_hold_everything_once)
{
	struct myo_rng rng = myo_rng_at(9, MYO_RNG_SHUFFLE, 0, 0);
	uint32_t order[1000];
	bool seen[1000] = { false };
	int fixed = 0;

	myo_rng_permute(&rng, order, 1000);
	for (uint32_t i = 0; i < 1000; i++) {
		ck_assert_uint_lt(order[i], 1000);
		ck_assert(!seen[order[i]]);
		seen[order[i]] = true;
		fixed += order[i] == i;
	}
	ck_assert_int_lt(fixed, 10);
}
END_TEST

/* Frequencies of a Poisson distribution of mean 1: within five deviations of 1 / (e n!). */
START_TEST(poisson_has_its_frequencies)
{
	enum { DRAWS = 200000, MOST = 6 };
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 5, 0);
	double count[MOST + 1] = { 0 }, factorial = 1;

	for (int i = 0; i < DRAWS; i++) {
		const unsigned n = myo_rng_poisson(&rng);
		count[n < MOST ? n : MOST]++;
	}
	for (int n = 0; n < MOST; n++) {
		factorial *= n > 0 ? n : 1;
		const double p = exp(-1) / factorial, deviation = sqrt(DRAWS * p * (1 - p));
		ck_assert_double_eq_tol(count[n], DRAWS * p, 5 * deviation);
	}
}
END_TEST

static void
count_item(void *context, size_t item, int thread)
{
	int *counts = context;

	ck_assert_int_ge(thread, 0);
	counts[item]++;
}

START_TEST(pool_does_each_item_once)
{
	struct myo_err err = MYO_ERR_INIT;

	for (int threads = 1; threads <= 8; threads++) {
		struct myo_pool *pool;
		ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
		ck_assert_int_eq(myo_pool_threads(pool), threads);
		for (int round = 0; round < 200; round++) {
			int counts[64] = { 0 };
			const size_t items = (size_t)round % 65;
			myo_pool_run(pool, items, count_item, counts);
			for (size_t i = 0; i < 64; i++)
				ck_assert_int_eq(counts[i], i < items);
		}
		myo_pool_free(pool);
	}
	int counts[3] = { 0 };
	myo_pool_run(NULL, 3, count_item, counts);
	ck_assert(counts[0] == 1 && counts[1] == 1 && counts[2] == 1);
}
END_TEST

#if defined(__x86_64__)
static void
halve_item(void *context, size_t item, int thread)
{
	float *numbers = context;

	(void)thread;
	numbers[item] /= 2;
}

/* The smallest normal number has no normal half: every thread makes it 0, and the caller only while it works. */
START_TEST(pool_flushes_small_numbers)
{
	enum { ITEMS = 1000 };
	float numbers[ITEMS];
	struct myo_err err = MYO_ERR_INIT;

	if (getenv("MYOPIC_TEST_NO_FLUSH") != NULL) /* an emulated processor */
		return;
	for (int threads = 1; threads <= 4; threads++) {
		struct myo_pool *pool;
		ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
		for (size_t i = 0; i < ITEMS; i++)
			numbers[i] = FLT_MIN;
		myo_pool_run(pool, ITEMS, halve_item, numbers);
		for (size_t i = 0; i < ITEMS; i++)
			ck_assert(numbers[i] == 0);
		myo_pool_free(pool);
		numbers[0] = FLT_MIN;
		halve_item(numbers, 0, 0);
		ck_assert(numbers[0] > 0);
	}
}
END_TEST
#endif

START_TEST(files_appear_whole_or_not_at_all)
{
	struct myo_err err = MYO_ERR_INIT;
	char folder[] = "/tmp/myopic-base.XXXXXX";
	char path[64], buffer[8];
	struct myo_outfile *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/file", folder);

	ck_assert_int_eq(myo_outfile_new(path, &file, &err), MYO_OK);
	ck_assert_int_eq(myo_write_all(myo_outfile_fd(file), "gone", 4, &err), MYO_OK);
	myo_outfile_discard(file);
	ck_assert_int_ne(access(path, F_OK), 0);

	for (int i = 0; i < 2; i++) { /* the second time it replaces */
		ck_assert_int_eq(myo_outfile_new(path, &file, &err), MYO_OK);
		ck_assert_int_eq(myo_write_all(myo_outfile_fd(file), i ? "new" : "old", 3, &err), MYO_OK);
		ck_assert_int_eq(myo_outfile_commit(file, &err), MYO_OK);
	}
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fread(buffer, 1, sizeof buffer, f), 3);
	ck_assert_mem_eq(buffer, "new", 3);
	(void)fclose(f);

	ck_assert_int_eq(myo_outfile_new(folder, &file, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "is a folder"));
	ck_assert_int_eq(myo_outfile_new("/no/such/folder/file", &file, &err), MYO_FAIL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left in it */
}
END_TEST

/* ---- where files go ---------------------------------------------------------------------------- */

static void
put_file(const char *path, const char *text)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_outfile *file;

	ck_assert_msg(myo_outfile_new(path, &file, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_write_all(myo_outfile_fd(file), text, strlen(text), &err), MYO_OK);
	ck_assert_msg(myo_outfile_commit(file, &err) == MYO_OK, "%s", err.text);
}

static void
holds(const char *path, const char *text)
{
	char bytes[64];
	size_t got;
	const int fd = open(path, O_RDONLY);

	ck_assert_msg(fd >= 0, "%s isn't there", path);
	ck_assert_int_eq(myo_read_all(fd, bytes, sizeof bytes, &got, NULL), MYO_OK);
	ck_assert_uint_eq(got, strlen(text));
	ck_assert_mem_eq(bytes, text, got);
	(void)close(fd);
}

static void
is_a(const char *path, mode_t type)
{
	struct stat status;

	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_msg((status.st_mode & S_IFMT) == type, "%s is something else", path);
}

/* From here on a test is in a folder of its own. */
static void
enter_folder(char folder[])
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void
leave_folder(const char *folder)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left in it */
}

/* Links stay; what they lead to is replaced, or appears where nothing was there yet. */
START_TEST(links_are_written_through)
{
	char folder[] = "/tmp/myopic-base.XXXXXX", absolute[64];
	struct myo_err err = MYO_ERR_INIT;

	enter_folder(folder);
	(void)snprintf(absolute, sizeof absolute, "%s/first", folder);
	ck_assert_int_eq(mkdir("there", 0777), 0);
	ck_assert_int_eq(symlink("../second", "there/first"), 0);
	ck_assert_int_eq(symlink("there/first", "first"), 0);
	ck_assert_int_eq(symlink(absolute, "link"), 0);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	for (int i = 0; i < 2; i++) {
		put_file("link", i > 0 ? "new" : "old");
		holds("second", i > 0 ? "new" : "old");
		is_a("second", S_IFREG);
		is_a("link", S_IFLNK);
		is_a("first", S_IFLNK);
		is_a("there/first", S_IFLNK);
	}
	ck_assert_int_eq(myo_outfile_check("loop", &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "loop: leads through too many links");
	for (int i = 0; i < 2; i++) { /* the second time nothing is there */
		ck_assert_int_eq(myo_outfile_remove("link", &err), MYO_OK);
		ck_assert_int_ne(access("second", F_OK), 0);
		is_a("link", S_IFLNK);
	}
	ck_assert(unlink("link") == 0 && unlink("first") == 0 && unlink("loop") == 0 && unlink("there/first") == 0);
	ck_assert_int_eq(rmdir("there"), 0);
	leave_folder(folder);
}
END_TEST

START_TEST(only_files_are_replaced)
{
	char folder[] = "/tmp/myopic-base.XXXXXX";
	struct myo_err err = MYO_ERR_INIT;

	enter_folder(folder);
	ck_assert_int_eq(mkfifo("pipe", 0666), 0);
	ck_assert_int_eq(myo_outfile_check("pipe", &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "pipe: is no regular file");
	ck_assert_int_eq(myo_outfile_remove("pipe", &err), MYO_OK);
	is_a("pipe", S_IFIFO);
	ck_assert_int_eq(unlink("pipe"), 0);
	ck_assert_int_eq(myo_outfile_check("new", &err), MYO_OK);
	ck_assert_int_ne(access("new", F_OK), 0);
	/* with the permissions that they had */
	struct stat status;
	put_file("new", "1");
	ck_assert_int_eq(chmod("new", 0640), 0);
	put_file("new", "2");
	ck_assert_int_eq(stat("new", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	if (geteuid() != 0) { /* who may write to everything is not asked */
		ck_assert_int_eq(chmod("new", 0440), 0);
		ck_assert_int_eq(myo_outfile_check("new", &err), MYO_FAIL);
		ck_assert_str_eq(err.text, "new: can't be written: Permission denied");
	}
	ck_assert_int_eq(unlink("new"), 0);
	ck_assert_int_eq(myo_outfile_check(NULL, &err), MYO_OK);
	ck_assert_int_eq(myo_outfile_check("", &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "a file to be written has no name");
	char name[257] = { 0 };
	memset(name, 'x', sizeof name - 1);
	ck_assert_int_eq(myo_outfile_check(name, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "xxx: can't be written: "));
	leave_folder(folder);
}
END_TEST

/* One that nothing could be put in the place of, should this fail: the end of a terminal. */
START_TEST(devices_are_written_to)
{
	char bytes[4];
	size_t got;
	const int end = posix_openpt(O_RDWR | O_NOCTTY);

	if (end < 0 || grantpt(end) != 0 || unlockpt(end) != 0)
		return;
	const char *name = ptsname(end);
	ck_assert_ptr_nonnull(name);
	const int open_too = open(name, O_RDWR | O_NOCTTY); /* or what is written could go with its writer */
	ck_assert_int_ge(open_too, 0);
	put_file(name, "text\n");
	ck_assert_int_eq(myo_read_all(end, bytes, sizeof bytes, &got, NULL), MYO_OK);
	ck_assert_mem_eq(bytes, "text", 4);
	is_a(name, S_IFCHR);
	(void)close(open_too);
	(void)close(end);
}
END_TEST

/* The longest names and the user's mask go with the temporary ones, too. */
START_TEST(files_have_the_name_and_the_mode_they_should)
{
	char folder[] = "/tmp/myopic-base.XXXXXX", name[256];
	struct stat status;

	enter_folder(folder);
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	const mode_t mask = umask(027);
	put_file(name, "text");
	(void)umask(mask);
	holds(name, "text");
	ck_assert_int_eq(stat(name, &status), 0);
	ck_assert_int_eq((int)(status.st_mode & 0777), 0640);
	ck_assert_int_eq(unlink(name), 0);
	leave_folder(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, errors_carry_place_and_reason);
	tcase_add_test(all, columns_hold_what_they_can);
	tcase_add_test(all, texts_have_no_power_over_terminals);
	tcase_add_test(all, characters_are_whole_and_shown);
	tcase_add_test(all, sizes_that_overflow_are_refused);
	tcase_add_test(all, random_numbers_are_those_of_philox);
	tcase_add_test(all, random_numbers_are_a_function_of_their_place);
	tcase_add_test(all, random_numbers_have_their_distribution);
	tcase_add_test(all, permutations_hold_everything_once);
	tcase_add_test(all, poisson_has_its_frequencies);
	tcase_add_test(all, pool_does_each_item_once);
#if defined(__x86_64__)
	tcase_add_test(all, pool_flushes_small_numbers);
#endif
	tcase_add_test(all, files_appear_whole_or_not_at_all);
	tcase_add_test(all, links_are_written_through);
	tcase_add_test(all, only_files_are_replaced);
	tcase_add_test(all, devices_are_written_to);
	tcase_add_test(all, files_have_the_name_and_the_mode_they_should);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
