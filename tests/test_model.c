/* Tests of the model room: normalisation, classes, files, predictions. */
#include "model/model.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = { "cat", "dog", "\xc3\xa9tang" }; /* UTF-8 */
static char folder[] = "/tmp/myopic-model.XXXXXX";
static char path[64];

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/m.safetensors", folder);
}

static void
remove_folder(void)
{
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* A model with weights of its own, none of them a default. */
static void
make_model(struct myo_model *model, const char *spec)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header data = MYO_HEADER_INIT;

	ck_assert_int_eq(myo_header_set_classes(&data, 3, names, &err), MYO_OK);
	ck_assert_msg(myo_model_new(model, spec, 8, &data, 7, &err) == MYO_OK, "%s", err.text);
	myo_header_clear(&data);
	ck_assert_int_eq(myo_model_parse_normalisation(model, "0.1,0.2,0.3:0.25,0.1,0.3333333333333333", &err), MYO_OK);
	for (size_t i = 0; i < myo_net_weights(model->net); i++) {
		struct myo_weight *w = myo_net_weight(model->net, i);
		struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, i, 0);
		for (size_t k = 0; k < w->elements; k++)
			w->value[k] = (float)(0.1 + 0.5 * myo_rng_real(&rng));
	}
	model->header.history = json_pack("[{s:[s,s], s:s}]", "command", "myopic-train", "-o", "version", "0");
	model->training = json_pack("{s:s}", "batches", "41");
}

/* rows of side x side pixels that are a function of the seed; free the array. */
static uint8_t *
make_images(struct myo_record *record, size_t rows, size_t height, size_t width, uint64_t seed)
{
	struct myo_err err = MYO_ERR_INIT;
	const size_t shape[] = { rows, height, width, 3 }, count = rows * height * width * 3;
	struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, 1, 0);
	uint8_t *pixels = malloc(count);

	ck_assert_ptr_nonnull(pixels);
	for (size_t i = 0; i < count; i++)
		pixels[i] = (uint8_t)myo_rng_below(&rng, 256);
	ck_assert_int_eq(myo_record_put(record, "image", MYO_U8, 4, shape, pixels, &err), MYO_OK);
	return pixels;
}

/* ---- normalisation ---------------------------------------------------------------------- */

START_TEST(pixels_are_normalised_by_channel)
{
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_model model = { .mean = { 0.5, 0.25, 0 }, .deviation = { 0.5, 0.25, 2 } };
	struct myo_record record = MYO_RECORD_INIT;
	const size_t shape[] = { 2, 1, 2, 3 };
	const uint8_t pixels[] = { 0, 0, 0, 255, 255, 255, 51, 102, 153, 1, 2, 3 };
	float out[6];

	ck_assert_int_eq(myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, &err), MYO_OK);
	ck_assert_int_eq(myo_model_normalise(&model, &record, 1, 1, out, &err), MYO_OK);
	for (int i = 0; i < 6; i++)
		ck_assert_double_eq_tol((double)out[i],
		    (pixels[6 + i] / 255.0 - model.mean[i % 3]) / model.deviation[i % 3], 1e-6);
	ck_assert_int_eq(myo_model_normalise(&model, &record, 1, 2, out, &err), MYO_FAIL);
	myo_record_clear(&record);
}
END_TEST

/* Each row is 4x4 with pixels that say where they are; what lies outside of its image must be 0. */
START_TEST(padding_becomes_zero)
{
	enum { ROWS = 6, SIDE = 4 };
	static const int32_t y[ROWS] = { 0, -2, 3, 0, 0, -9 }, x[ROWS] = { 0, 0, 1, -1, -1, 50 };
	static const int32_t height[ROWS] = { 4, 4, 5, 4, 4, 3 }, width[ROWS] = { 4, 4, 2, 9, 9, 3 };
	static const uint8_t flip[ROWS] = { 0, 0, 0, 0, 1, 0 };
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_model model = { .mean = { 2, 2, 2 }, .deviation = { 1, 1, 1 } };
	struct myo_record record = MYO_RECORD_INIT;
	const size_t rows = ROWS;
	float out[ROWS * SIDE * SIDE * 3];

	uint8_t *pixels = make_images(&record, ROWS, SIDE, SIDE, 1);
	ck_assert_int_eq(myo_record_put(&record, "y", MYO_I32, 1, &rows, y, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "x", MYO_I32, 1, &rows, x, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "height", MYO_I32, 1, &rows, height, &err), MYO_OK);
	ck_assert_int_eq(myo_model_normalise(&model, &record, 0, ROWS, out, &err), MYO_FAIL); /* no width */
	ck_assert_int_eq(myo_record_put(&record, "width", MYO_I32, 1, &rows, width, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "flip", MYO_U8, 1, &rows, flip, &err), MYO_OK);
	ck_assert_int_eq(myo_model_normalise(&model, &record, 0, ROWS, out, &err), MYO_OK);
	for (int i = 0; i < ROWS * SIDE * SIDE * 3; i++) {
		const int row = i / (SIDE * SIDE * 3), r = i / (SIDE * 3) % SIDE, c = i / 3 % SIDE;
		const int iy = y[row] + r, ix = x[row] + (flip[row] ? SIDE - 1 - c : c);
		const bool inside = iy >= 0 && iy < height[row] && ix >= 0 && ix < width[row];
		/* With a mean of 2 no pixel becomes 0 by itself. */
		ck_assert_msg((out[i] != 0) == inside, "row %d, y %d, x %d", row, r, c);
	}

	struct myo_pixels sums = MYO_PIXELS_INIT;
	ck_assert_int_eq(myo_pixels_add(&sums, &record, SIZE_MAX, &err), MYO_OK);
	ck_assert_uint_eq(sums.count, 16 + 8 + 2 + 12 + 12 + 0);
	free(pixels);
	myo_record_clear(&record);
}
END_TEST

/* Rows of 4x4 from squares of other sides, with holes: corners of a hole may be anything. */
START_TEST(resized_rows_and_holes_are_told_apart)
{
	enum { ROWS = 8, SIDE = 4 };
	static const int32_t y[ROWS] = { 5, -3, -1, 2, 0, 0, 0, 0 }, x[ROWS] = { 6, 0, 0, 0, 0, 0, -2, 2 };
	static const int32_t length[ROWS] = { 8, 8, 8, 8, 4, 4, 4, 4 };
	static const int32_t hole[ROWS][4] = { { 9, 9, 9, 9 }, { -5, -1, -1, 9 }, { 3, 2, 2, 3 }, { 3, 0, 0, 3 },
		{ 1, 2, 2, 99 }, { -9, -9, INT32_MAX, INT32_MAX }, { 0, 1, 0, 2 }, { 3, 0, 3, 3 } };
	/* pixels of the row that show the image: lines from top to below bottom, columns from left to before right */
	static const int top[ROWS] = { 0, 1, 2, 0, 0, 0, 0, 0 }, bottom[ROWS] = { 4, 4, 4, 3, 4, 4, 4, 4 };
	static const int left[ROWS] = { 0, 0, 0, 0, 0, 0, 2, 0 }, right[ROWS] = { 4, 4, 4, 4, 4, 4, 4, 2 };
	int32_t side[ROWS] = { 2, 8, 2, 8, 4, 4, 4, 4 };
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_model model = { .mean = { 2, 2, 2 }, .deviation = { 1, 1, 1 } };
	struct myo_record record = MYO_RECORD_INIT;
	const size_t rows[] = { ROWS, 4 };
	float out[ROWS * SIDE * SIDE * 3];
	uint64_t shown = 0, sum = 0;

	uint8_t *pixels = make_images(&record, ROWS, SIDE, SIDE, 1);
	ck_assert_int_eq(myo_record_put(&record, "y", MYO_I32, 1, rows, y, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "x", MYO_I32, 1, rows, x, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "height", MYO_I32, 1, rows, length, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "width", MYO_I32, 1, rows, length, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "hole", MYO_I32, 2, rows, hole, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "side", MYO_I32, 1, rows, side, &err), MYO_OK);
	ck_assert_int_eq(myo_model_normalise(&model, &record, 0, ROWS, out, &err), MYO_OK);
	for (int i = 0; i < ROWS * SIDE * SIDE * 3; i++) {
		const int row = i / (SIDE * SIDE * 3), r = i / (SIDE * 3) % SIDE, c = i / 3 % SIDE;
		const bool hidden = c >= hole[row][0] && r >= hole[row][1] && c <= hole[row][2] && r <= hole[row][3];
		const bool inside = r >= top[row] && r < bottom[row] && c >= left[row] && c < right[row];
		const bool shows = inside && !hidden;
		ck_assert_msg((out[i] != 0) == shows, "row %d, y %d, x %d", row, r, c);
		shown += shows && i % 3 == 0;
		sum += shows && i % 3 == 0 ? pixels[i] : 0;
	}

	struct myo_pixels sums = MYO_PIXELS_INIT;
	ck_assert_int_eq(myo_pixels_add(&sums, &record, SIZE_MAX, &err), MYO_OK);
	ck_assert_uint_eq(sums.count, shown);
	ck_assert_uint_eq(sums.sum[0], sum);
	side[2] = 0;
	ck_assert_int_eq(myo_model_normalise(&model, &record, 0, ROWS, out, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "'side': 0"));
	free(pixels);
	myo_record_clear(&record);
}
END_TEST

START_TEST(mean_and_deviation_are_measured)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_pixels sums = MYO_PIXELS_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	const size_t shape[] = { 1, 1, 2, 3 };
	const uint8_t pixels[] = { 0, 10, 255, 255, 30, 255 };
	double mean[3], deviation[3];

	ck_assert_int_eq(myo_record_put(&record, "image", MYO_U8, 4, shape, pixels, &err), MYO_OK);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(myo_pixels_add(&sums, &record, SIZE_MAX, &err), MYO_OK);
	myo_pixels_result(&sums, mean, deviation);
	ck_assert_double_eq_tol(mean[0], 0.5, 1e-12);
	ck_assert_double_eq_tol(deviation[0], 0.5, 1e-12);
	ck_assert_double_eq_tol(mean[1], 20 / 255.0, 1e-12);
	ck_assert_double_eq_tol(deviation[1], 10 / 255.0, 1e-12);
	ck_assert_double_eq_tol(mean[2], 1, 1e-12);
	ck_assert_double_eq(deviation[2], 1); /* all alike */
	myo_record_clear(&record);
}
END_TEST

START_TEST(normalisation_is_read_from_text)
{
	static const char *const bad[] = { "", "1,2,3", "1,2,3:4,5", "1,2,3:4,5,6,7", "1,2,3:4,0,6", "1,2,x:4,5,6",
		"1,2,3:4,5,nan", "1,2,inf:4,5,6", "1:2:3:4:5:6", "1,2,3:4,5,-6", "1,2,3:4,5,1e-320", "1e99,2,3:4,5,6" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model = MYO_MODEL_INIT;

	ck_assert_int_eq(myo_model_parse_normalisation(&model, "1,-2,.5:4,5,6e-1", &err), MYO_OK);
	ck_assert(model.mean[1] == -2 && model.mean[2] == 0.5 && model.deviation[2] == 0.6);
	for (size_t i = 0; i < MYO_COUNT(bad); i++)
		ck_assert_msg(myo_model_parse_normalisation(&model, bad[i], &err) == MYO_FAIL, "%s", bad[i]);
}
END_TEST

/* ---- classes ----------------------------------------------------------------------------- */

START_TEST(labels_follow_the_names)
{
	static const char *const others[] = { "dog", "horse", "cat" };
	static const int32_t labels[] = { 0, 1, 2, -1 };
	static const int32_t mapped[] = { 1, -1, 0, -1 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model = MYO_MODEL_INIT;
	struct myo_header data = MYO_HEADER_INIT;
	struct myo_class_map map;
	struct myo_record record = MYO_RECORD_INIT;
	size_t rows = 4;
	int32_t out[4];

	ck_assert_int_eq(myo_header_set_classes(&model.header, 3, names, &err), MYO_OK);
	ck_assert_int_eq(myo_header_set_classes(&data, 3, others, &err), MYO_OK);
	ck_assert_int_eq(myo_class_map_make(&map, &model, &data, &err), MYO_OK);
	ck_assert_str_eq(map.unknown, "horse");
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, &rows, labels, &err), MYO_OK);
	ck_assert_int_eq(myo_class_map_labels(&map, &record, out, &err), MYO_OK);
	ck_assert_mem_eq(out, mapped, sizeof out);
	myo_class_map_clear(&map);
	myo_header_clear(&data);

	/* Without names, numbers are the model's. */
	ck_assert_int_eq(myo_class_map_make(&map, &model, &data, &err), MYO_OK);
	ck_assert_ptr_null(map.unknown);
	ck_assert_int_eq(myo_class_map_labels(&map, &record, out, &err), MYO_OK);
	ck_assert_mem_eq(out, labels, sizeof out);
	const int32_t beyond = 3;
	rows = 1;
	myo_record_clear(&record);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, &rows, &beyond, &err), MYO_OK);
	ck_assert_int_eq(myo_class_map_labels(&map, &record, out, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "label 3"));
	myo_class_map_clear(&map);
	myo_record_clear(&record);
	myo_model_clear(&model);
}
END_TEST

/* ---- files -------------------------------------------------------------------------------- */

START_TEST(models_come_back_to_the_bit)
{
	static const char *const specs[] = { "linear:grid=4", "linear:grid=2,bias=0", "resnet9:width=4,momentum=0.3" };
	struct myo_err err = MYO_ERR_INIT;

	for (size_t s = 0; s < MYO_COUNT(specs); s++) {
		struct myo_model a, b;
		char *options_a, *options_b;
		make_model(&a, specs[s]);
		ck_assert_msg(myo_model_save(&a, path, &err) == MYO_OK, "%s", err.text);
		ck_assert_msg(myo_model_load(path, &b, &err) == MYO_OK, "%s", err.text);
		ck_assert_int_eq(b.size, 8);
		ck_assert_mem_eq(a.mean, b.mean, sizeof a.mean);
		ck_assert_mem_eq(a.deviation, b.deviation, sizeof a.deviation);
		ck_assert_uint_eq(b.header.class_count, 3);
		for (size_t k = 0; k < 3; k++)
			ck_assert_str_eq(b.header.classes[k], names[k]);
		ck_assert(json_equal(a.header.history, b.header.history));
		ck_assert(json_equal(a.training, b.training));
		ck_assert_int_eq(myo_arch_options(a.arch, &options_a, &err), MYO_OK);
		ck_assert_int_eq(myo_arch_options(b.arch, &options_b, &err), MYO_OK);
		ck_assert_str_eq(options_a, options_b);
		free(options_a);
		free(options_b);
		ck_assert_uint_eq(myo_net_weights(a.net), myo_net_weights(b.net));
		for (size_t i = 0; i < myo_net_weights(a.net); i++) {
			const struct myo_weight *w = myo_net_weight(a.net, i), *v = myo_net_weight(b.net, i);
			ck_assert_str_eq(w->name, v->name);
			ck_assert_mem_eq(w->value, v->value, w->elements * sizeof *w->value);
		}
		myo_model_clear(&a);
		myo_model_clear(&b);
	}
}
END_TEST

START_TEST(pytorch_finds_its_counters)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_model model;

	make_model(&model, "resnet9:width=1");
	ck_assert_int_eq(myo_model_save(&model, path, &err), MYO_OK);
	ck_assert_int_eq(myo_document_load(path, &record, &err), MYO_OK);
	const struct myo_tensor *t = myo_record_find(&record, "pair1.bn2.num_batches_tracked");
	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(t->dtype, MYO_I64);
	ck_assert_int_eq(t->dims, 0);
	ck_assert_int_eq(*(const int64_t *)t->data, 41);
	ck_assert_ptr_null(myo_record_find(&record, "fc.num_batches_tracked"));
	myo_record_clear(&record);
	myo_model_clear(&model);
}
END_TEST

START_TEST(diverged_models_are_not_saved)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;

	make_model(&model, "linear");
	myo_net_weight(model.net, 0)->value[5] = NAN;
	ck_assert_int_eq(myo_model_save(&model, path, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "fc.weight holds nan"));
	ck_assert_int_ne(access(path, F_OK), 0);
	myo_model_clear(&model);
}
END_TEST

/* A change of one thing in a good file, and what loading it must say. */
struct damage {
	const char *key, *value; /* metadata; value NULL removes it */
	const char *rename, *to; /* a tensor; to NULL removes it */
	const char *says;
};

static const struct damage damages[] = {
	{ .key = "format", .value = NULL, .says = "not a model" },
	{ .key = "format", .value = "pt", .says = "not a model" },
	{ .key = "version", .value = "2", .says = "of version 2" },
	{ .key = "version", .value = NULL, .says = "no version" },
	{ .key = "arch", .value = NULL, .says = "no arch" },
	{ .key = "arch", .value = "nosuch", .says = "nosuch: no such architecture" },
	{ .key = "arch", .value = "./resnet9.so", .says = "not the name of an architecture" },
	{ .key = "arch", .value = "linear:grid=1", .says = "not the name of an architecture" },
	{ .key = "arch_version", .value = "7", .says = "version 7 of resnet9" },
	{ .key = "arch_version", .value = "x", .says = "not a whole number" },
	{ .key = "options", .value = NULL, .says = "no options" },
	{ .key = "options", .value = "width=nine", .says = "width" },
	{ .key = "options", .value = "width=3", .says = "tensor conv1.weight is F32 [2, 3, 3, 3], not F32 [3, 3, 3, 3]" },
	{ .key = "options", .value = "width=1024", .says = "numbers in its parameters" }, /* before there is memory for them */
	{ .key = "size", .value = "0", .says = "size" },
	{ .key = "size", .value = "99999999999999999999", .says = "size" },
	{ .key = "size", .value = "4", .says = "too small" },
	{ .key = "mean", .value = "1 2", .says = "mean" },
	{ .key = "mean", .value = "1 2 3 4", .says = "mean" },
	{ .key = "mean", .value = "1 nan 3", .says = "mean" },
	{ .key = "deviation", .value = "1 0 3", .says = "deviation" },
	{ .key = "classes", .value = NULL, .says = "classes" },
	{ .key = "classes", .value = "[]", .says = "0 classes" },
	{ .key = "classes", .value = "[\"a\", 1, \"c\"]", .says = "class 1" },
	{ .key = "classes", .value = "[\"a\", \"b\"]", .says = "tensor fc.weight is F32 [3, 32], not F32 [2, 32]" },
	{ .key = "classes", .value = "{", .says = "not a JSON array" },
	{ .key = "history", .value = "{}", .says = "not a JSON array" },
	{ .key = "training", .value = "[]", .says = "not a JSON object" },
	{ .key = "training", .value = "{\"steps\": 1}", .says = "steps" },
	{ .key = "size", .value = "+16", .says = "not a whole number" },
	{ .key = "size", .value = " 16", .says = "not a whole number" },
	{ .key = "mean", .value = ".5.5.5", .says = "not three numbers" },
	{ .key = "mean", .value = "0x1p-1 0 0", .says = "not three numbers" },
	{ .key = "mean", .value = "0 0 0 ", .says = "not three numbers" },
	{ .key = "mean", .value = "1e300 0 0", .says = "aren't finite" },
	{ .key = "deviation", .value = "1e-320 1 1", .says = "aren't finite" },
	{ .key = "classes", .value = "[\"a\", \"b\", \"a\"]", .says = "two classes are called 'a'" },
	{ .rename = "fc.bias", .to = NULL, .says = "tensor fc.bias is missing" },
	{ .rename = "bn1.running_var", .to = "bn1.running_variance", .says = "tensor bn1.running_var is missing" },
	{ .rename = "bn1.num_batches_tracked", .to = "surplus", .says = "tensor surplus does not belong" },
};

static void
apply(const struct damage *damage, struct myo_record *record)
{
	if (damage->key != NULL && damage->value == NULL)
		ck_assert_int_eq(json_object_del(record->meta, damage->key), 0);
	if (damage->key != NULL && damage->value != NULL)
		ck_assert_int_eq(json_object_set_new(record->meta, damage->key, json_string(damage->value)), 0);
	for (size_t i = 0; damage->rename != NULL && i < record->count; i++) {
		if (strcmp(record->tensors[i].name, damage->rename) != 0)
			continue;
		if (damage->to != NULL) {
			record->tensors[i].name = damage->to;
		} else {
			record->tensors[i] = record->tensors[record->count - 1];
			record->count--;
		}
	}
}

START_TEST(files_are_not_trusted)
{
	const struct damage *damage = &damages[_i];
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_model model;

	make_model(&model, "resnet9:width=2");
	ck_assert_int_eq(myo_model_save(&model, path, &err), MYO_OK);
	myo_model_clear(&model);
	ck_assert_msg(myo_document_load(path, &record, &err) == MYO_OK, "%s", err.text);
	apply(damage, &record);
	ck_assert_msg(myo_document_save(path, &record, &err) == MYO_OK, "%s", err.text);
	myo_record_clear(&record);

	ck_assert_int_eq(myo_model_load(path, &model, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, damage->says) != NULL, "'%s' does not say '%s'", err.text, damage->says);
	ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0, "'%s' does not begin with the file", err.text);
	ck_assert_ptr_null(model.net);
	ck_assert_ptr_null(strchr(err.text, '\n'));
}
END_TEST

/* The document of a good model, to be spoilt. */
static void
open_good(struct myo_record *record)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;

	make_model(&model, "resnet9:width=2");
	ck_assert_int_eq(myo_model_save(&model, path, &err), MYO_OK);
	myo_model_clear(&model);
	ck_assert_int_eq(myo_document_load(path, record, &err), MYO_OK);
}

/* What has become of it is no model. */
static void
must_be_refused(struct myo_record *record, const char *says)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;

	ck_assert_int_eq(myo_document_save(path, record, &err), MYO_OK);
	myo_record_clear(record);
	ck_assert_int_eq(myo_model_load(path, &model, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, says) != NULL, "'%s' does not say '%s'", err.text, says);
}

/* A tensor of another type or form, which would not fit where it belongs. */
START_TEST(tensors_are_not_trusted)
{
	static const struct {
		const char *tensor;
		enum myo_dtype dtype;
		int dims;
		size_t shape[2];
		const char *says;
	} cases[] = {
		{ "fc.bias", MYO_I32, 1, { 3 }, "tensor fc.bias is I32 [3], not F32 [3]" },
		{ "fc.bias", MYO_I64, 1, { 3 }, "tensor fc.bias is I64 [3], not F32 [3]" },
		{ "fc.bias", MYO_F32, 2, { 3, 1 }, "tensor fc.bias is F32 [3, 1], not F32 [3]" },
		{ "bn1.num_batches_tracked", MYO_F32, 0, { 0 }, "num_batches_tracked is not one number of type I64" },
		{ "bn1.num_batches_tracked", MYO_I64, 1, { 2 }, "num_batches_tracked is not one number of type I64" },
	};
	static const int64_t zeros[3];
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		struct myo_record record = MYO_RECORD_INIT;
		open_good(&record);
		const struct damage gone = { .rename = cases[i].tensor };
		apply(&gone, &record);
		ck_assert_int_eq(myo_record_put(&record, cases[i].tensor, cases[i].dtype, cases[i].dims, cases[i].shape,
		    zeros, &err), MYO_OK);
		must_be_refused(&record, cases[i].says);
	}
}
END_TEST

START_TEST(one_class_is_no_choice)
{
	static const char *const one[] = { "all" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header data = MYO_HEADER_INIT;
	struct myo_model model = MYO_MODEL_INIT;

	ck_assert_int_eq(myo_header_set_classes(&data, 1, one, &err), MYO_OK);
	ck_assert_int_eq(myo_model_new(&model, "linear", 8, &data, 7, &err), MYO_FAIL);
	ck_assert_msg(strstr(err.text, "class") != NULL, "%s", err.text);
	myo_header_clear(&data);
}
END_TEST

START_TEST(values_are_not_trusted)
{
	static const struct {
		const char *tensor;
		float value;
		const char *says;
	} cases[] = { { "conv2.weight", NAN, "conv2.weight holds nan" }, { "fc.bias", INFINITY, "fc.bias holds inf" },
		{ "bn3.running_var", -1, "bn3.running_var holds a negative variance" } };

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		struct myo_record record = MYO_RECORD_INIT;
		open_good(&record);
		*(float *)myo_record_find(&record, cases[i].tensor)->data = cases[i].value;
		must_be_refused(&record, cases[i].says);
	}
}
END_TEST

/* ---- predictions ------------------------------------------------------------------------------ */

static void
predict(struct myo_model *model, size_t batch, int threads, const struct myo_record *record, float *logits)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_predictor *predictor;
	struct myo_pool *pool;

	ck_assert_int_eq(myo_pool_new(threads, &pool, &err), MYO_OK);
	ck_assert_int_eq(myo_predictor_new(model, batch, pool, &predictor, &err), MYO_OK);
	ck_assert_msg(myo_predictor_run(predictor, record, logits, NULL, &err) == MYO_OK, "%s", err.text);
	myo_predictor_free(predictor);
	myo_pool_free(pool);
}

START_TEST(logits_do_not_depend_on_batches)
{
	enum { ROWS = 37 };
	struct myo_model model;
	struct myo_record record = MYO_RECORD_INIT;
	float whole[ROWS * 3], parts[ROWS * 3];

	make_model(&model, "resnet9:width=8");
	uint8_t *pixels = make_images(&record, ROWS, 12, 10, 5);
	predict(&model, 64, 1, &record, whole);
	for (size_t batch = 1; batch < 9; batch++) {
		memset(parts, 0, sizeof parts);
		predict(&model, batch, 1 + (int)batch % 3, &record, parts);
		ck_assert_mem_eq(whole, parts, sizeof whole);
	}
	/* Rows differ, so the comparison means something. */
	ck_assert_mem_ne(whole, whole + 3, 3 * sizeof *whole);
	free(pixels);
	myo_record_clear(&record);
	myo_model_clear(&model);
}
END_TEST

START_TEST(sizes_may_change_from_record_to_record)
{
	static const size_t heights[] = { 8, 16, 16, 9, 16, 8 }, widths[] = { 8, 16, 24, 9, 16, 8 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;
	struct myo_predictor *predictor;
	float together[6 * 3], alone[6 * 3];

	make_model(&model, "resnet9:width=2");
	ck_assert_int_eq(myo_predictor_new(&model, 4, NULL, &predictor, &err), MYO_OK);
	for (size_t i = 0; i < MYO_COUNT(widths); i++) {
		struct myo_record record = MYO_RECORD_INIT;
		const size_t rows = 1 + i; /* more rows than the plan had room for, too */
		uint8_t *pixels = make_images(&record, rows, heights[i], widths[i], i);
		ck_assert_int_eq(myo_predictor_run(predictor, &record, together, NULL, &err), MYO_OK);
		predict(&model, 64, 1, &record, alone);
		ck_assert_mem_eq(together, alone, rows * 3 * sizeof *alone);
		free(pixels);
		myo_record_clear(&record);
	}
	struct myo_record small = MYO_RECORD_INIT;
	uint8_t *pixels = make_images(&small, 1, 4, 4, 0);
	ck_assert_int_eq(myo_predictor_run(predictor, &small, together, NULL, &err), MYO_FAIL);
	free(pixels);
	myo_record_clear(&small);
	myo_predictor_free(predictor);
	myo_model_clear(&model);
}
END_TEST

/* The mirror images are made here by hand. */
START_TEST(mirrored_rows_are_averaged)
{
	enum { ROWS = 9, HEIGHT = 12, WIDTH = 11 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;
	struct myo_predictor *predictor;
	struct myo_record record = MYO_RECORD_INIT, mirror = MYO_RECORD_INIT;
	float plain[ROWS * 3], turned[ROWS * 3], both[ROWS * 3];

	make_model(&model, "resnet9:width=8");
	uint8_t *pixels = make_images(&record, ROWS, HEIGHT, WIDTH, 5),
	*other = make_images(&mirror, ROWS, HEIGHT, WIDTH, 5);
	for (size_t line = 0; line < ROWS * HEIGHT; line++)
		for (size_t x = 0; x < WIDTH; x++)
			memcpy(other + (line * WIDTH + x) * 3, pixels + (line * WIDTH + WIDTH - 1 - x) * 3, 3);
	predict(&model, 4, 1, &record, plain);
	predict(&model, 4, 1, &mirror, turned);
	ck_assert_int_eq(myo_predictor_new(&model, 4, NULL, &predictor, &err), MYO_OK);
	myo_predictor_mirror(predictor);
	ck_assert_int_eq(myo_predictor_run(predictor, &record, both, NULL, &err), MYO_OK);
	for (size_t i = 0; i < MYO_COUNT(both); i++)
		ck_assert_float_eq(both[i], (plain[i] + turned[i]) / 2);
	ck_assert_mem_ne(plain, turned, sizeof plain);
	myo_predictor_free(predictor);
	free(pixels);
	free(other);
	myo_record_clear(&record);
	myo_record_clear(&mirror);
	myo_model_clear(&model);
}
END_TEST

/* ---- calibration ----------------------------------------------------------------------- */

/* Pixel (y, x), channel c, of a row as it enters the network; 0 around the picture. */
static double
normalised(const struct myo_model *model, const uint8_t *image, int side, int y, int x, int c)
{
	if (y < 0 || x < 0 || y >= side || x >= side)
		return 0;
	return (image[(y * side + x) * 3 + c] / 255.0 - model->mean[c]) / model->deviation[c];
}

/* Sum and sum of squares of a 3x3 convolution's output `out` over the pixels of a row. */
static void
add_moments(const struct myo_model *model, const uint8_t *image, int side, size_t out, double *sum, double *square)
{
	const float *filter = myo_net_find_weight(model->net, "conv1.weight")->value + out * 27;

	for (int place = 0; place < side * side; place++) {
		double v = 0;
		for (int k = 0; k < 27; k++)
			v += (double)filter[k] * normalised(model, image, side, place / side + k % 9 / 3 - 1,
						     place % side + k % 3 - 1, k / 9);
		*sum += v;
		*square += v * v;
	}
}

/* Four batches of at most five rows in two sizes, however the rows are spread over records. */
START_TEST(calibration_averages_batches_by_their_rows)
{
	enum { FIRST = 13, SECOND = 4, ROWS = FIRST + SECOND, SIDE = 12, OTHER = 9 };
	static const size_t batches[][2] = { { 0, 5 }, { 5, 10 }, { 10, 13 }, { 13, 17 } };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model, other;
	struct myo_record first = MYO_RECORD_INIT, second = MYO_RECORD_INIT;
	struct myo_calibrator *calibrator;

	make_model(&model, "resnet9:width=2");
	make_model(&other, "resnet9:width=2");
	uint8_t *a = make_images(&first, FIRST, SIDE, SIDE, 5), *b = make_images(&second, SECOND, OTHER, OTHER, 6);
	ck_assert_int_eq(myo_calibrator_new(&model, 5, ROWS, NULL, &calibrator, &err), MYO_OK);
	ck_assert_int_eq(myo_calibrator_finish(calibrator, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "the stream has no rows: there is nothing to calibrate on");
	ck_assert_int_eq(myo_calibrator_feed(calibrator, &first, &err), MYO_OK);
	ck_assert_int_eq(myo_calibrator_feed(calibrator, &second, &err), MYO_OK);
	ck_assert_int_eq(myo_calibrator_feed(calibrator, &first, &err), MYO_OK); /* more than it is to take */
	ck_assert_int_eq(myo_calibrator_finish(calibrator, &err), MYO_OK);
	ck_assert_int_eq(myo_calibrator_rows(calibrator), ROWS);
	myo_calibrator_free(calibrator);

	for (size_t out = 0; out < 2; out++) {
		double mean = 0, variance = 0;
		for (size_t i = 0; i < MYO_COUNT(batches); i++) {
			double sum = 0, square = 0, n = 0;
			for (size_t row = batches[i][0]; row < batches[i][1]; row++) {
				const int side = row < FIRST ? SIDE : OTHER;
				const uint8_t *image = row < FIRST ? a + row * SIDE * SIDE * 3
								   : b + (row - FIRST) * OTHER * OTHER * 3;
				add_moments(&model, image, side, out, &sum, &square);
				n += side * side;
			}
			const double share = (double)(batches[i][1] - batches[i][0]) / ROWS;
			mean += share * sum / n;
			variance += share * (square - sum * sum / n) / (n - 1);
		}
		ck_assert_double_eq_tol(
		    (double)myo_net_find_weight(model.net, "bn1.running_mean")->value[out], mean, 1e-5 * fabs(mean));
		ck_assert_double_eq_tol(
		    (double)myo_net_find_weight(model.net, "bn1.running_var")->value[out], variance, 1e-5 * variance);
	}
	for (size_t i = 0; i < myo_net_weights(model.net); i++) {
		const struct myo_weight *w = myo_net_weight(model.net, i), *was = myo_net_weight(other.net, i);
		const bool same = memcmp(w->value, was->value, w->elements * sizeof(float)) == 0;
		ck_assert_msg(same == (w->role != MYO_BUFFER), "%s", w->name);
	}

	/* The same rows, one in a record, into a model with these statistics. */
	ck_assert_int_eq(myo_calibrator_new(&other, 5, INT64_MAX, NULL, &calibrator, &err), MYO_OK);
	for (size_t row = 0; row < ROWS; row++) {
		struct myo_record one = MYO_RECORD_INIT;
		const size_t side = row < FIRST ? SIDE : OTHER, shape[] = { 1, side, side, 3 };
		const uint8_t *image = row < FIRST ? a + row * SIDE * SIDE * 3 : b + (row - FIRST) * OTHER * OTHER * 3;
		ck_assert_int_eq(myo_record_put(&one, "image", MYO_U8, 4, shape, image, &err), MYO_OK);
		ck_assert_int_eq(myo_calibrator_feed(calibrator, &one, &err), MYO_OK);
		myo_record_clear(&one);
	}
	ck_assert_int_eq(myo_calibrator_finish(calibrator, &err), MYO_OK);
	myo_calibrator_free(calibrator);
	for (size_t i = 0; i < myo_net_weights(model.net); i++)
		ck_assert_mem_eq(myo_net_weight(model.net, i)->value, myo_net_weight(other.net, i)->value,
		    myo_net_weight(model.net, i)->elements * sizeof(float));
	free(a);
	free(b);
	myo_record_clear(&first);
	myo_record_clear(&second);
	myo_model_clear(&model);
	myo_model_clear(&other);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("model");
	TCase *all = tcase_create("all"), *files = tcase_create("files");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */
	tcase_set_timeout(files, 60);

	tcase_add_test(all, pixels_are_normalised_by_channel);
	tcase_add_test(all, padding_becomes_zero);
	tcase_add_test(all, resized_rows_and_holes_are_told_apart);
	tcase_add_test(all, mean_and_deviation_are_measured);
	tcase_add_test(all, normalisation_is_read_from_text);
	tcase_add_test(all, labels_follow_the_names);
	tcase_add_test(all, logits_do_not_depend_on_batches);
	tcase_add_test(all, sizes_may_change_from_record_to_record);
	tcase_add_test(all, mirrored_rows_are_averaged);
	tcase_add_test(all, calibration_averages_batches_by_their_rows);
	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, models_come_back_to_the_bit);
	tcase_add_test(files, pytorch_finds_its_counters);
	tcase_add_test(files, diverged_models_are_not_saved);
	tcase_add_loop_test(files, files_are_not_trusted, 0, MYO_COUNT(damages));
	tcase_add_test(files, tensors_are_not_trusted);
	tcase_add_test(files, one_class_is_no_choice);
	tcase_add_test(files, values_are_not_trusted);
	suite_add_tcase(suite, all);
	suite_add_tcase(suite, files);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
