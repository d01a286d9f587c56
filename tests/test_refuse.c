/* What the stream room must refuse: documents that lie, streams that are cut off or damaged. */
#include "streams.h"

#include <sys/resource.h>

static struct bytes
join(struct bytes a, struct bytes b)
{
	struct bytes both = { malloc(a.count + b.count), a.count + b.count };

	ck_assert_ptr_nonnull(both.data);
	memcpy(both.data, a.data, a.count);
	memcpy(both.data + a.count, b.data, b.count);
	return both;
}

#define U8_4(name, begin, end) "\"" name "\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" begin "," end "]}"
#define ONE(dtype, shape, offsets) "{\"a\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

/* What is wrong with a document as such. */
static const struct {
	const char *json;
	size_t data;
	const char *says;
} bad_documents[] = {
	{ "[1, 2]", 0, "" },
	{ "{\"a\":", 0, "after 0 rows" },
	{ "{} {}", 0, "" },
	{ "{\"a\":1}", 0, "'a' has no dtype, shape and data_offsets" },
	{ "{" U8_4("a", "0", "4") "," U8_4("a", "4", "8") "}", 8, "duplicate" },
	{ "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "duplicate" },
	{ "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"more\":1}}", 4, "'a' has no dtype, shape" },
	{ "{" U8_4("a", "0", "4") "," U8_4("b", "2", "6") "}", 6, "overlaps" },
	{ "{" U8_4("a", "0", "4") "," U8_4("b", "0", "4") "}", 4, "overlaps" },
	{ "{" U8_4("a", "0", "4") "," U8_4("b", "5", "9") "}", 9, "hole" },
	{ "{" U8_4("a", "4", "8") "}", 8, "hole" },
	{ ONE("\"U8\"", "[4]", "[0,5]"), 5, "5 bytes of data, but its shape wants 4" },
	{ ONE("\"F32\"", "[4]", "[0,4]"), 4, "4 bytes of data, but its shape wants 16" },
	{ ONE("\"U8\"", "[4]", "[4,0]"), 4, "no range" },
	{ ONE("\"U8\"", "[4]", "[-4,0]"), 4, "no range" },
	{ ONE("\"U8\"", "[4]", "[0]"), 4, "no range" },
	{ ONE("\"U8\"", "[4]", "[0,4,8]"), 4, "no range" },
	{ ONE("\"U8\"", "[4]", "[0,4.0]"), 4, "no range" },
	{ ONE("\"U8\"", "[4]", "4"), 4, "has no dtype, shape and data_offsets" },
	{ ONE("\"U8\"", "[-4]", "[0,4]"), 4, "dimension that is no size" },
	{ ONE("\"U8\"", "[4.5]", "[0,4]"), 4, "dimension that is no size" },
	{ ONE("\"U8\"", "[\"4\"]", "[0,4]"), 4, "dimension that is no size" },
	{ ONE("\"U8\"", "4", "[0,4]"), 4, "has no dtype, shape" },
	{ ONE("\"U8\"", "[1,1,1,1,1,1,4]", "[0,4]"), 4, "7 dimensions" },
	{ ONE("\"F64\"", "[1]", "[0,8]"), 8, "type F64" },
	{ ONE("\"u8\"", "[4]", "[0,4]"), 4, "type u8" },
	{ ONE("8", "[4]", "[0,4]"), 4, "has no dtype, shape" },
	{ ONE("\"I64\"", "[4611686018427387904,2]", "[0,0]"), 0, "larger than memory" },
	{ ONE("\"U8\"", "[9223372036854775807,9]", "[0,0]"), 0, "larger than memory" },
	{ ONE("\"U8\"", "[99999999999999999999]", "[0,4]"), 4, "too big" },
	{ "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
	  "\"data_offsets\":[1,5]}}", 5, "not aligned" },
	{ "{\"__metadata__\":[]}", 0, "__metadata__ is not an object" },
	{ "{\"__metadata__\":{\"a\":1}}", 0, "metadata 'a' is not a string" },
	{ "{\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "NUL" },
	{ "{\"\xff\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "unable to decode byte" },
};

/* In a stream, between a header and an end. */
START_TEST(records_that_lie_are_refused)
{
	struct bytes header = make_stream(MYO_IMAGES, 0, false);
	struct bytes record = document(bad_documents[_i].json, bad_documents[_i].data);
	struct myo_err err;
	int64_t rows;

	const size_t end = 8 + (size_t)header.data[0] + ((size_t)header.data[1] << 8);
	struct bytes stream = join((struct bytes){ header.data, end }, record);
	ck_assert_int_eq(swallow(file_of(stream.data, stream.count), &rows, &err), MYO_FAIL);
	ck_assert_msg(strncmp(err.text, "test: ", 6) == 0 && strstr(err.text, bad_documents[_i].says) != NULL, "%s: %s",
	    bad_documents[_i].json, err.text);
	free(stream.data);
	free(record.data);
	free(header.data);
}
END_TEST

/* The same as a file of its own. */
START_TEST(documents_that_lie_are_refused)
{
	struct bytes bytes = document(bad_documents[_i].json, bad_documents[_i].data);
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_err err = MYO_ERR_INIT;
	char path[] = "/tmp/myopic.refuse.XXXXXX";
	const char *says = strcmp(bad_documents[_i].says, "after 0 rows") == 0 ? "damaged" : bad_documents[_i].says;

	const int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(myo_write_all(fd, bytes.data, bytes.count, &err), MYO_OK);
	(void)close(fd);
	const int rc = myo_document_load(path, &record, &err);
	(void)unlink(path);
	if (strcmp(says, "not aligned") == 0) { /* in a document that is none */
		ck_assert_int_eq(rc, MYO_OK);
		myo_record_clear(&record);
		free(bytes.data);
		return;
	}
	ck_assert_int_eq(rc, MYO_FAIL);
	ck_assert_ptr_null(record.tensors);
	ck_assert_msg(strstr(err.text, path) == err.text && strstr(err.text, says) != NULL, "%s: %s",
	    bad_documents[_i].json, err.text);
	free(bytes.data);
}
END_TEST

#define FORM "\"format\":\"myopic-stream\",\"version\":\"2\",\"kind\":\"images\""

/* What is no stream, told from its beginning. */
static const struct {
	const char *bytes;
	size_t count;
	const char *says;
} no_streams[] = {
	{ "", 0, "empty" },
	{ "a", 1, "it seems to be text" },
	{ "hello, world\n", 13, "it seems to be text" },
	{ "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16, "PNG" },
	{ "\xff\xd8\xff\xe0\0\x10JFIF", 10, "JPEG" },
	{ "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10, "gzip" },
	{ "PK\x03\x04\x14\0\0\0\0\0", 10, "zip" },
	{ "\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9, "its first bytes make no sense" },
	{ "\x02\0\0\0\0\0\0\0[]", 10, "its first bytes make no sense" },
	{ "\x02\0\0\0\0\0\0\0{}", 10, "not a stream, but a safetensors file" },
	{ "\x08\0\0\0\0\0\0\0{", 9, "cut off" },
	{ "\xff\xff\xff\xff\xff\xff\xff\x7f{", 9, "its first bytes make no sense" },
};

START_TEST(what_is_no_stream_is_told)
{
	struct myo_err err;
	int64_t rows;

	ck_assert_int_eq(swallow(pipe_of(no_streams[_i].bytes, no_streams[_i].count), &rows, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, no_streams[_i].says) != NULL, "%d: %s", _i, err.text);
}
END_TEST

/* Sequences of records that are each a good document, and no stream. */
static const struct {
	const char *records[3];
	size_t data[3];
	const char *says;
} bad_sequences[] = {
	{ { "{\"__metadata__\":{\"format\":\"myopic-model\"}}" }, { 0 }, "'myopic-model': models are read from a file, by its name" },
	{ { "{\"__metadata__\":{\"record\":\"end\",\"rows\":\"0\"}}" }, { 0 }, "not a header" },
	{ { "{\"__metadata__\":{\"record\":\"header\"}}" }, { 0 }, "not a myopic stream" },
	{ { "{\"__metadata__\":{\"record\":\"header\",\"format\":\"myopic-stream\",\"version\":\"1\",\"kind\":\"images\"}}" },
	  { 0 }, "version 2" },
	{ { "{\"__metadata__\":{\"record\":\"header\",\"format\":\"myopic-stream\",\"version\":\"2\",\"kind\":\"sounds\"}}" },
	  { 0 }, "kind is 'sounds'" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM ",\"rows\":\"-3\"}}" }, { 0 }, "'rows' is '-3'" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM ",\"rows\":\" 3\"}}" }, { 0 }, "'rows' is ' 3'" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM ",\"classes\":\"{}\"}}" }, { 0 }, "class names" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM ",\"classes\":\"[1]\"}}" }, { 0 }, "class name 0" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM ",\"history\":\"{}\"}}" }, { 0 }, "history" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}," U8_4("a", "0", "4") "}" }, { 4 }, "tensors in a record" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}" }, { 0 }, "cut off after 0 rows" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", "{}" }, { 0 }, "no rows" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", ONE("\"U8\"", "[]", "[0,1]") }, { 0, 1 }, "no rows" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", ONE("\"U8\"", "[0,3]", "[0,0]") }, { 0 }, "no rows" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", ONE("\"U8\"", "[9223372036854775807,0]", "[0,0]") }, { 0 },
	  "are empty" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", "{" U8_4("a", "0", "4") ",\"b\":{\"dtype\":\"U8\",\"shape\":[3],"
	  "\"data_offsets\":[4,7]}}" }, { 0, 7 }, "differ in rows" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", "{\"__metadata__\":{\"record\":\"header\"," FORM "}}" }, { 0 },
	  "sort 'header' within the stream" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", "{\"__metadata__\":{\"record\":\"end\"}}" }, { 0 },
	  "more or less" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}",
	  "{\"__metadata__\":{\"record\":\"end\",\"rows\":\"1\",\"xxh3\":\"0\"}}" }, { 0 },
	  "0 rows where its end record says 1" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}",
	  "{\"__metadata__\":{\"record\":\"end\",\"rows\":\"0\",\"xxh3\":\"0\"}}" }, { 0 }, "checksum" },
	{ { "{\"__metadata__\":{\"record\":\"header\"," FORM "}}", "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}\t" },
	  { 0, 4 }, "doesn't end with '}'" },
};

START_TEST(records_in_a_wrong_order_are_refused)
{
	struct bytes stream = { NULL, 0 };
	struct myo_err err;
	int64_t rows;

	for (int i = 0; i < 3 && bad_sequences[_i].records[i] != NULL; i++) {
		struct bytes record = document(bad_sequences[_i].records[i], bad_sequences[_i].data[i]);
		struct bytes longer = i == 0 ? record : join(stream, record);
		if (i > 0) {
			free(stream.data);
			free(record.data);
		}
		stream = longer;
	}
	ck_assert_int_eq(swallow(pipe_of(stream.data, stream.count), &rows, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, bad_sequences[_i].says) != NULL, "%d: %s", _i, err.text);
	free(stream.data);
}
END_TEST

/* A head that claims gigabytes which never come costs no more memory than what did come. */
START_TEST(a_head_that_lies_gets_no_memory)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	/* Their own maps don't fit into a limit. */
#else
	struct bytes header = make_stream(MYO_IMAGES, 0, false);
	struct bytes record = document(ONE("\"U8\"", "[4000000000]", "[0,4000000000]"), 100);
	struct rlimit limit = { (rlim_t)1 << 30, (rlim_t)1 << 30 };
	struct myo_err err;
	int64_t rows;

	const size_t end = 8 + (size_t)header.data[0] + ((size_t)header.data[1] << 8);
	struct bytes stream = join((struct bytes){ header.data, end }, record);
	const int fd = pipe_of(stream.data, stream.count);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_eq(swallow(fd, &rows, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, "cut off") != NULL, "%s", err.text);
	free(stream.data);
	free(record.data);
	free(header.data);
#endif
}
END_TEST

START_TEST(a_record_beyond_the_limit_is_refused)
{
	struct bytes header = make_stream(MYO_IMAGES, 0, false);
	struct bytes record = document(ONE("\"U8\"", "[5000000000]", "[0,5000000000]"), 100);
	struct myo_err err;
	int64_t rows;

	const size_t end = 8 + (size_t)header.data[0] + ((size_t)header.data[1] << 8);
	struct bytes stream = join((struct bytes){ header.data, end }, record);
	ck_assert_int_eq(swallow(pipe_of(stream.data, stream.count), &rows, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, "5000000000 bytes is larger than the limit") != NULL, "%s", err.text);
	free(stream.data);
	free(record.data);
	free(header.data);
}
END_TEST

/* ---- damage ------------------------------------------------------------------------------------------ */

/* Both ways to read must refuse. */
static void
refuse(const unsigned char *data, size_t count, const char *what, size_t where)
{
	struct myo_table *table = NULL;
	struct myo_err err = MYO_ERR_INIT;
	int64_t rows;

	ck_assert_msg(swallow(file_of(data, count), &rows, &err) == MYO_FAIL, "%s at %zu is not noticed", what, where);
	ck_assert_msg(err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "%s at %zu: '%s'", what, where, err.text);
	const int fd = file_of(data, count);
	ck_assert_msg(myo_table_new(fd, "test", MYO_PREDICTIONS, 0, &table, NULL, &err) == MYO_FAIL,
	    "%s at %zu: a table takes it", what, where);
	ck_assert_ptr_null(table);
	(void)close(fd);
}

START_TEST(a_stream_cut_anywhere_is_an_error)
{
	struct bytes stream = make_stream(MYO_PREDICTIONS, 2, _i == 1);
	struct myo_err err;
	int64_t rows;

	ck_assert_int_eq(swallow(file_of(stream.data, stream.count), &rows, &err), MYO_END);
	ck_assert_int_eq(rows, 3);
	for (size_t count = 0; count < stream.count; count++)
		refuse(stream.data, count, "a cut", count);
	free(stream.data);
}
END_TEST

START_TEST(any_bit_that_changes_is_noticed)
{
	struct bytes stream = make_stream(MYO_PREDICTIONS, 1, _i == 1);

	for (size_t bit = 0; bit < 8 * stream.count; bit++) {
		stream.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
		refuse(stream.data, stream.count, "bit", bit);
		stream.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	free(stream.data);
}
END_TEST

/* Change something, by chance: overwrite, remove, insert, repeat. Never back to what it was. */
static struct bytes
damage(struct bytes good, struct myo_rng *rng)
{
	struct bytes bad = { malloc(2 * good.count), good.count };
	const size_t at = myo_rng_below(rng, (uint32_t)good.count);
	const size_t most = good.count - at < 32 ? good.count - at : 32,
	    length = 1 + myo_rng_below(rng, (uint32_t)most);

	ck_assert_ptr_nonnull(bad.data);
	memcpy(bad.data, good.data, good.count);
	switch (myo_rng_below(rng, 4)) {
	case 0: /* overwrite */
		for (size_t i = 0; i < length; i++)
			bad.data[at + i] = (unsigned char)myo_rng_u32(rng);
		if (memcmp(bad.data, good.data, good.count) == 0)
			bad.data[at] ^= 1;
		break;
	case 1: /* remove */
		memmove(bad.data + at, bad.data + at + length, good.count - at - length);
		bad.count -= length;
		break;
	case 2: /* insert */
		memmove(bad.data + at + length, bad.data + at, good.count - at);
		for (size_t i = 0; i < length; i++)
			bad.data[at + i] = (unsigned char)myo_rng_u32(rng);
		bad.count += length;
		break;
	default: /* repeat */
		memmove(bad.data + at + length, bad.data + at, good.count - at);
		bad.count += length;
		break;
	}
	return bad;
}

START_TEST(no_damage_passes_for_a_whole_stream)
{
	struct bytes stream = make_stream(MYO_PREDICTIONS, 3, true);

	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, 1, 0);
		struct bytes bad = damage(stream, &rng);
		refuse(bad.data, bad.count, "damage", (size_t)seed);
		free(bad.data);
	}
	free(stream.data);
}
END_TEST

/* A document has no checksum: its data may change, but no damage may bring a program down. */
START_TEST(damaged_documents_are_survived)
{
	struct bytes good = document("{\"__metadata__\":{\"format\":\"x\"}," U8_4("a", "0", "4") ","
	    "\"b\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[4,20]}}    ", 20);
	char path[] = "/tmp/myopic.refuse.XXXXXX";
	int loaded = 0;

	const int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, 2, 0);
		struct bytes bad = damage(good, &rng);
		struct myo_record record = MYO_RECORD_INIT;
		struct myo_err err = MYO_ERR_INIT;
		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
		ck_assert_int_eq(myo_write_all(fd, bad.data, bad.count, &err), MYO_OK);
		if (myo_document_load(path, &record, &err) == MYO_OK)
			loaded++;
		else
			ck_assert_msg(strstr(err.text, path) == err.text, "%s", err.text);
		myo_record_clear(&record);
		free(bad.data);
	}
	(void)close(fd);
	(void)unlink(path);
	ck_assert_int_lt(loaded, 300); /* a seventh of its bytes is data */
	free(good.data);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("refuse");
	TCase *lies = tcase_create("lies"), *damages = tcase_create("damage");

	tcase_add_loop_test(lies, records_that_lie_are_refused, 0, MYO_COUNT(bad_documents));
	tcase_add_loop_test(lies, documents_that_lie_are_refused, 0, MYO_COUNT(bad_documents));
	tcase_add_loop_test(lies, what_is_no_stream_is_told, 0, MYO_COUNT(no_streams));
	tcase_add_loop_test(lies, records_in_a_wrong_order_are_refused, 0, MYO_COUNT(bad_sequences));
	tcase_add_test(lies, a_head_that_lies_gets_no_memory);
	tcase_add_test(lies, a_record_beyond_the_limit_is_refused);
	suite_add_tcase(suite, lies);

	tcase_set_timeout(damages, 120);
	tcase_add_loop_test(damages, a_stream_cut_anywhere_is_an_error, 0, 2);
	tcase_add_loop_test(damages, any_bit_that_changes_is_noticed, 0, 2);
	tcase_add_test(damages, no_damage_passes_for_a_whole_stream);
	tcase_add_test(damages, damaged_documents_are_survived);
	suite_add_tcase(suite, damages);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
