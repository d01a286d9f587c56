/* Tests of the inspect room: what is in streams, and whether two of them are the same. */
#include "inspect/inspect.h"
#include "streams.h"

#include <math.h>

/* A stream of these rows, in records of `each`; the descriptor stands at its beginning. */
static int
stream_in_records(int rows, int each, const char *tile)
{
	struct myo_writer *writer;
	struct myo_header header;
	const int fd = file_of("", 0);

	make_header(&header, MYO_PREDICTIONS, "made");
	ck_assert_int_eq(myo_header_set(&header, "tile", tile, NULL), MYO_OK);
	ck_assert_int_eq(myo_writer_new(fd, "test", &header, &writer, NULL), MYO_OK);
	for (int row = 0; row < rows; row += each)
		put_rows(writer, row, (size_t)(rows - row < each ? rows - row : each));
	ck_assert_int_eq(myo_writer_end(writer, NULL, NULL), MYO_OK);
	myo_writer_free(writer);
	myo_header_clear(&header);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static struct myo_comparison
compare(int a, int b)
{
	struct myo_comparison found = { .absolute = 0 };
	struct myo_reader *first, *second;
	struct myo_err err;

	ck_assert_int_eq(myo_reader_new(a, "a", &first, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_new(b, "b", &second, &err), MYO_OK);
	ck_assert_msg(myo_compare_streams(&found, first, second, &err) == MYO_OK, "%s", err.text);
	myo_reader_free(first);
	myo_reader_free(second);
	(void)close(a);
	(void)close(b);
	return found;
}

START_TEST(records_may_be_divided_anywhere)
{
	for (int each = 1; each <= 20; each++) {
		struct myo_comparison found = compare(stream_in_records(20, each, "3"), stream_in_records(20, 7, "3"));
		ck_assert_msg(found.differences == 0, "%s", found.first);
		found = compare(stream_in_records(20, each, "3"), stream_in_records(21, 7, "3"));
		ck_assert_int_eq((int)found.differences, 1);
		ck_assert_str_eq(found.first, "the first ends after 20 rows, the other goes on");
	}
	struct myo_comparison found = compare(stream_in_records(20, 3, "3"), stream_in_records(20, 3, "4"));
	ck_assert_str_eq(found.first, "metadata 'tile': '3' and '4'");
}
END_TEST

/* Two documents of one tensor with two elements. */
static struct myo_comparison
compare_values(enum myo_dtype dtype, const void *a, const void *b, double absolute, double relative)
{
	struct myo_comparison found = { .absolute = absolute, .relative = relative };
	struct myo_record first = MYO_RECORD_INIT, second = MYO_RECORD_INIT;

	ck_assert_int_eq(myo_record_put(&first, "t", dtype, 1, (size_t[]){ 2 }, a, NULL), MYO_OK);
	ck_assert_int_eq(myo_record_put(&second, "t", dtype, 1, (size_t[]){ 2 }, b, NULL), MYO_OK);
	myo_compare_documents(&found, &first, &second);
	myo_record_clear(&first);
	myo_record_clear(&second);
	return found;
}

static const struct {
	float a, b;
	double absolute, relative;
	bool same;
} floats[] = {
	{ 1, 1, 0, 0, true },
	{ 0.0F, -0.0F, 0, 0, true },
	{ 1, 1.5F, 0, 0, false },
	{ 1, 1.5F, 0.5, 0, true },
	{ 1, 1.5F, 0.4, 0, false },
	{ 100, 110, 0, 0.1, true },
	{ 100, 110, 0, 0.05, false },
	{ -100, -110, 5, 0.05, true },
	{ -1, 1, 0, 1, false },
	{ NAN, NAN, 0, 0, true },
	{ NAN, 1, 1e30, 1e30, false },
	{ 1, NAN, 1e30, 1e30, false },
	{ INFINITY, INFINITY, 0, 0, true },
	{ INFINITY, -INFINITY, 1e30, 0, false },
	{ INFINITY, 1, 1e30, 0, false },
	{ INFINITY, 1, 0, 0.1, false }, /* a tenth of infinity is infinite too */
};

START_TEST(values_are_the_same_within_a_tolerance)
{
	const float a[2] = { 7, floats[_i].a }, b[2] = { 7, floats[_i].b };
	const struct myo_comparison found = compare_values(MYO_F32, a, b, floats[_i].absolute, floats[_i].relative);

	ck_assert_msg((found.differences == 0) == floats[_i].same, "%d: %s", _i, found.first);
	if (!floats[_i].same)
		ck_assert_msg(strncmp(found.first, "tensor 't', element 1: ", 23) == 0, "%s", found.first);
}
END_TEST

/* Beside one that does differ, and then without any tolerance. */
START_TEST(what_is_no_number_is_the_same_as_itself)
{
	static const float none[] = { NAN, INFINITY, -INFINITY };

	for (size_t i = 0; i < MYO_COUNT(none); i++) {
		const float a[2] = { 7, none[i] }, b[2] = { 7.5F, none[i] };
		ck_assert_int_eq(compare_values(MYO_F32, a, b, 1, 0).differences, 0);
		ck_assert_int_eq(compare_values(MYO_F32, a, b, 0, 0.5).differences, 0);
		ck_assert_int_eq(compare_values(MYO_F32, a, b, 0, 0).differences, 1);
	}
}
END_TEST

START_TEST(large_whole_numbers_are_compared_exactly)
{
	const int64_t a[2] = { INT64_MAX, INT64_MAX }, b[2] = { INT64_MAX, INT64_MAX - 1 },
	    c[2] = { INT64_MIN, INT64_MAX };
	struct myo_comparison found = compare_values(MYO_I64, a, b, 0, 0);

	ck_assert_int_eq((int)found.differences, 1);
	ck_assert_double_eq(found.largest, 1);
	ck_assert_str_eq(found.first, "tensor 't', element 1: 9223372036854775807 and 9223372036854775806");
	ck_assert_int_eq((int)compare_values(MYO_I64, a, b, 1, 0).differences, 1); /* ids are no measurements */
	found = compare_values(MYO_I64, a, c, 0, 0);
	ck_assert_int_eq((int)found.differences, 1);
	ck_assert_double_ge(found.largest, 1.8e19);
}
END_TEST

/* Two models that say nothing but this. */
static struct myo_comparison
compare_said(const char *key, const char *a, const char *b, double tolerance, bool history)
{
	struct myo_comparison found = { .absolute = tolerance, .history = history };
	struct myo_record first = MYO_RECORD_INIT, second = MYO_RECORD_INIT;

	first.meta = json_pack("{s:s}", key, a);
	second.meta = json_pack("{s:s}", key, b);
	myo_compare_documents(&found, &first, &second);
	myo_record_clear(&first);
	myo_record_clear(&second);
	return found;
}

START_TEST(models_are_compared_by_what_they_are)
{
	ck_assert_int_eq((int)compare_said("training", "a", "b", 0, false).differences, 0);
	ck_assert_int_eq((int)compare_said("training", "a", "b", 0, true).differences, 1);
	ck_assert_int_eq((int)compare_said("mean", "0.5 0.25 0.1", "0.5 0.26 0.1", 0, false).differences, 1);
	ck_assert_int_eq((int)compare_said("mean", "0.5 0.25 0.1", "0.5 0.26 0.1", 0.02, false).differences, 0);
	ck_assert_int_eq((int)compare_said("mean", "0.5 0.25 0.1", "0.5 0.29 0.1", 0.02, false).differences, 1);
	ck_assert_int_eq((int)compare_said("deviation", "0.5 0.25 0.1", "0.5 0.25", 9, false).differences, 1);
	ck_assert_int_eq((int)compare_said("deviation", "[0.5,0.25]", "[0.5;0.25]", 9, false).differences, 1);
	ck_assert_int_eq((int)compare_said("tile", "15", "16", 9, false).differences, 1);
}
END_TEST

START_TEST(labels_are_counted)
{
	const int32_t some[6] = { 0, 2, -1, 2, 3, 7 };
	struct myo_labels labels = { .classes = 3 };
	struct myo_record record = MYO_RECORD_INIT;

	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, (size_t[]){ 6 }, some, NULL), MYO_OK);
	ck_assert_int_eq(myo_labels_add(&labels, &record, NULL), MYO_OK);
	ck_assert_int_eq(myo_labels_add(&labels, &record, NULL), MYO_OK);
	ck_assert(labels.of[0] == 2 && labels.of[1] == 0 && labels.of[2] == 4);
	ck_assert(labels.rows == 12 && labels.unlabelled == 2 && labels.beyond == 4);
	myo_record_clear(&record);
	myo_labels_clear(&labels);
}
END_TEST

START_TEST(summaries_of_whole_numbers_are_exact)
{
	const int64_t ids[2] = { (INT64_C(1) << 53) + 1, INT64_C(1000000000) };
	struct myo_summaries all = MYO_SUMMARIES_INIT;
	struct myo_record record = MYO_RECORD_INIT;

	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, (size_t[]){ 2 }, ids, NULL), MYO_OK);
	ck_assert_int_eq(myo_summaries_add(&all, &record, NULL), MYO_OK);
	ck_assert(all.items[0].most_whole == ids[0] && all.items[0].least_whole == ids[1]);
	json_t *json = myo_summaries_json(&all);
	ck_assert(json_integer_value(json_object_get(json_array_get(json, 0), "most")) == ids[0]);
	json_decref(json);
	myo_record_clear(&record);
	myo_summaries_clear(&all);
}
END_TEST

START_TEST(summaries_hold_ranges_and_shapes)
{
	const float some[4] = { 1, NAN, -3, INFINITY }, more[2] = { 10, 0 }, none[1] = { NAN };
	struct myo_summaries all = MYO_SUMMARIES_INIT;
	struct myo_record record = MYO_RECORD_INIT;

	ck_assert_int_eq(myo_record_put(&record, "t", MYO_F32, 2, (size_t[]){ 2, 2 }, some, NULL), MYO_OK);
	ck_assert_int_eq(myo_summaries_add(&all, &record, NULL), MYO_OK);
	myo_record_clear(&record);
	ck_assert_int_eq(myo_record_put(&record, "t", MYO_F32, 2, (size_t[]){ 1, 2 }, more, NULL), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "n", MYO_F32, 1, (size_t[]){ 1 }, none, NULL), MYO_OK);
	ck_assert_int_eq(myo_summaries_add(&all, &record, NULL), MYO_OK);
	myo_record_clear(&record);
	ck_assert_int_eq(myo_record_put(&record, "t", MYO_F32, 2, (size_t[]){ 2, 1 }, more, NULL), MYO_OK);
	ck_assert_int_eq(myo_summaries_add(&all, &record, NULL), MYO_OK);
	myo_record_clear(&record);

	ck_assert_uint_eq(all.count, 3); /* another row shape stands for itself */
	ck_assert_uint_eq(all.items[0].shape[0], 3);
	ck_assert_double_eq(all.items[0].least, -3);
	ck_assert_double_eq(all.items[0].most, 10);
	ck_assert_double_eq(all.items[0].sum, 8);
	ck_assert_int_eq((int)all.items[0].elements, 6);
	ck_assert_int_eq((int)all.items[0].not_finite, 2);
	ck_assert_double_gt(all.items[1].least, all.items[1].most);

	json_t *json = myo_summaries_json(&all);
	ck_assert_uint_eq(json_array_size(json), 3);
	ck_assert_double_eq(json_real_value(json_object_get(json_array_get(json, 0), "mean")), 2);
	ck_assert_ptr_null(json_object_get(json_array_get(json, 1), "mean"));
	json_decref(json);
	myo_summaries_clear(&all);
}
END_TEST

/* Of pictures as they come hardly two have one size: a line for each would tell nothing. */
START_TEST(many_shapes_are_one_summary)
{
	enum { MANY = MYO_SUMMARY_SHAPES + 3 };
	static float values[2 * MANY * MANY];
	struct myo_summaries all = MYO_SUMMARIES_INIT;
	struct myo_record record = MYO_RECORD_INIT;

	for (size_t n = 0; n < MANY; n++) {
		const size_t side = (n * 7) % MANY + 1; /* 1 to MANY, mixed */
		values[0] = (float)side;
		ck_assert_int_eq(myo_record_put(&record, "t", MYO_F32, 3, (size_t[]){ 2, side, MANY }, values, NULL),
		    MYO_OK);
		ck_assert_int_eq(myo_record_put(&record, "n", MYO_F32, 1, (size_t[]){ 2 }, values, NULL), MYO_OK);
		ck_assert_int_eq(myo_summaries_add(&all, &record, NULL), MYO_OK);
		myo_record_clear(&record);
		ck_assert_uint_eq(all.count, n < MYO_SUMMARY_SHAPES ? n + 2 : 2);
	}
	const struct myo_summary *const t = &all.items[0];
	ck_assert_uint_eq(t->shape[0], 2 * MANY);
	ck_assert_uint_eq(t->shape[1], 1);
	ck_assert_uint_eq(t->most_shape[1], MANY);
	ck_assert_uint_eq(t->shape[2], MANY);
	ck_assert_uint_eq(t->most_shape[2], MANY);
	ck_assert_double_eq(t->most, MANY);
	ck_assert_double_eq(t->sum, MANY * (MANY + 1) / 2);
	ck_assert_int_eq((int)t->elements, MANY * (MANY + 1) / 2 * 2 * MANY);
	json_t *json = myo_summaries_json(&all);
	ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(json_array_get(json, 0), "shape_most"), 1)),
	    MANY);
	ck_assert_ptr_null(json_object_get(json_array_get(json, 1), "shape_most"));
	json_decref(json);
	myo_summaries_clear(&all);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("inspect");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, records_may_be_divided_anywhere);
	tcase_add_loop_test(all, values_are_the_same_within_a_tolerance, 0, MYO_COUNT(floats));
	tcase_add_test(all, what_is_no_number_is_the_same_as_itself);
	tcase_add_test(all, large_whole_numbers_are_compared_exactly);
	tcase_add_test(all, models_are_compared_by_what_they_are);
	tcase_add_test(all, labels_are_counted);
	tcase_add_test(all, summaries_of_whole_numbers_are_exact);
	tcase_add_test(all, summaries_hold_ranges_and_shapes);
	tcase_add_test(all, many_shapes_are_one_summary);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
