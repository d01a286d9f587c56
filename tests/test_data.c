/* Tests of the data room: drawn pictures, and data sets whole, damaged and cut. */
#include "data/data.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/myopic-data.XXXXXX";
static char path[128];

/* ---- drawn pictures -------------------------------------------------------------------------- */

START_TEST(masks_and_boxes_agree)
{
	static uint8_t pixels[64 * 64 * 3], mask[64 * 64];
	int32_t box[4];

	for (int side = MYO_SYNTH_MIN_SIDE; side <= 64; side += 16) {
		const struct myo_synth synth = { .side = side, .classes = 10, .noise = 3, .seed = 5 };
		for (uint32_t number = 0; number < 200; number++) {
			myo_synth_draw(&synth, number, pixels, mask, box);
			int area = 0, rows = 0;
			for (int y = 0; y < side; y++) {
				int in_row = 0;
				for (int x = 0; x < side; x++) {
					if (mask[y * side + x] == 0)
						continue;
					ck_assert_int_eq(mask[y * side + x], 1);
					ck_assert(x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
					in_row++;
				}
				area += in_row;
				rows += in_row > 0;
			}
			ck_assert_int_eq(rows, box[3] - box[1] + 1); /* no gaps, and the box is tight */
			/* An object worth the name, and a background around it. */
			ck_assert_int_gt(area, side * side / 12);
			ck_assert_int_lt(area, side * side / 2);
		}
	}
}
END_TEST

/*
 * The noise apart, the object's pixels are the same whatever the correlation is: only the
 * background follows it. So the mask marks where the evidence is.
 */
START_TEST(evidence_is_where_the_mask_says)
{
	static uint8_t one[32 * 32 * 3], other[32 * 32 * 3], mask[32 * 32];
	int32_t box[4];
	int inside = 0, outside = 0;

	for (int evidence = MYO_ON_OBJECT; evidence <= MYO_ON_BACKGROUND; evidence++) {
		struct myo_synth synth = {
			.side = 32, .classes = 5, .evidence = (enum myo_evidence)evidence, .seed = 8
		};
		const uint8_t free_part = evidence == MYO_ON_OBJECT ? 0 : 1;
		for (uint32_t number = 0; number < 50; number++) {
			synth.correlation = 0;
			myo_synth_draw(&synth, number, one, mask, box);
			synth.correlation = 1;
			myo_synth_draw(&synth, number, other, mask, box);
			for (int y = 0; y < 32; y++)
				for (int x = 0; x < 32; x++) {
					const size_t at = (size_t)(y * 32 + x);
					const bool differs = memcmp(one + 3 * at, other + 3 * at, 3) != 0;
					/* The edge belongs to both. */
					bool edge = false;
					for (int d = 0; d < 9; d++) {
						const int i = x + d % 3 - 1, j = y + d / 3 - 1;
						edge = edge || (i >= 0 && i < 32 && j >= 0 && j < 32 &&
								   mask[j * 32 + i] != mask[at]);
					}
					if (differs && !edge)
						*(mask[at] == free_part ? &outside : &inside) += 1;
				}
		}
	}
	ck_assert_int_eq(inside, 0);
	ck_assert_int_gt(outside, 20000);
}
END_TEST

/* ---- an archive to damage -------------------------------------------------------------------- */

enum { FILES = 12, SIDE = 16 };

static void
add_file(struct archive *archive, const char *name, const void *bytes, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
	ck_assert_int_eq(archive_write_data(archive, bytes, size), (la_ssize_t)size);
	archive_entry_free(entry);
}

/* A PNG of the number, as a file would hold it. */
static size_t
picture(int number, uint8_t *bytes, size_t room)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image;
	char name[160];

	(void)snprintf(name, sizeof name, "%s/one.png", folder);
	ck_assert_int_eq(myo_image_init(&image, SIDE, SIDE, &err), MYO_OK);
	for (size_t i = 0; i < SIDE * SIDE * 3; i++)
		image.pixels[i] = (uint8_t)(i * (size_t)(number + 3) + i / 7);
	ck_assert_int_eq(myo_image_write_png(name, &image, &err), MYO_OK);
	myo_image_clear(&image);
	FILE *in = fopen(name, "rb");
	const size_t size = fread(bytes, 1, room, in);
	(void)fclose(in);
	return size;
}

/* kind: 0 tar, 1 tar.gz, 2 zip, 3 tar.zst; twelve pictures of three classes. False: no such kind here. */
static bool
pack(int kind)
{
	struct archive *archive = archive_write_new();
	static uint8_t bytes[1 << 14];
	int rc = ARCHIVE_OK;

	if (kind == 2)
		rc = archive_write_set_format_zip(archive);
	else
		rc = archive_write_set_format_ustar(archive);
	if (kind == 1)
		rc = archive_write_add_filter_gzip(archive);
	if (kind == 3)
		rc = archive_write_add_filter_zstd(archive);
	if (rc != ARCHIVE_OK) {
		(void)archive_write_free(archive);
		return false;
	}
	ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
	for (int i = FILES - 1; i >= 0; i--) { /* backwards: ids must not follow the archive */
		char name[32];
		(void)snprintf(name, sizeof name, "set/%c/%02d.png", "xyz"[i / 4], i);
		const size_t size = picture(i, bytes, sizeof bytes);
		add_file(archive, name, bytes, size);
	}
	ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
	return true;
}

struct outcome {
	int rc;
	int rows;
	int broken;
	struct myo_err err;
};

static void
check_rows(const struct myo_record *record, struct outcome *outcome, bool sound)
{
	const int64_t *id = myo_record_find(record, "id")->data;
	const int32_t *label = myo_record_find(record, "label")->data;
	const uint8_t *image = myo_record_find(record, "image")->data;

	for (size_t row = 0; row < myo_record_rows(record); row++, outcome->rows++) {
		if (!sound)
			continue;
		ck_assert_int_eq(id[row], FILES - 1 - outcome->rows);
		ck_assert_int_eq(label[row], id[row] / 4);
		const uint8_t *pixels = image + row * SIDE * SIDE * 3;
		for (size_t i = 0; i < SIDE * SIDE * 3; i++)
			ck_assert_int_eq(pixels[i], (uint8_t)(i * (size_t)(id[row] + 3) + i / 7));
	}
}

static struct outcome
unpack(const struct myo_dataset_options *options, bool sound)
{
	struct outcome outcome = { .rc = MYO_FAIL, .err = MYO_ERR_INIT };
	const struct myo_record *record;
	struct myo_dataset *set;

	if (myo_dataset_new((const char *[]){ path }, 1, options, &set, &outcome.err) != MYO_OK)
		return outcome;
	while ((outcome.rc = myo_dataset_next(set, &record, &outcome.err)) == MYO_OK)
		check_rows(record, &outcome, sound);
	outcome.broken = (int)myo_dataset_facts(set).broken;
	myo_dataset_free(set);
	return outcome;
}

static size_t
load(uint8_t *bytes, size_t room)
{
	FILE *in = fopen(path, "rb");

	ck_assert_ptr_nonnull(in);
	const size_t size = fread(bytes, 1, room, in);
	(void)fclose(in);
	return size;
}

static void
store(const uint8_t *bytes, size_t size)
{
	FILE *out = fopen(path, "wb");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
	ck_assert_int_eq(fclose(out), 0);
}

static uint8_t whole[1 << 18], damaged[1 << 18];

START_TEST(archives_are_read_with_ids_of_sorted_paths)
{
	for (int threads = 1; threads <= 3; threads += 2) {
		const struct myo_dataset_options options = { .strict = true, .threads = threads };
		if (pack(_i)) {
			const struct outcome outcome = unpack(&options, true);
			ck_assert_msg(outcome.rc == MYO_END, "%s", outcome.err.text);
			ck_assert_int_eq(outcome.rows, FILES);
		}
	}
}
END_TEST

START_TEST(cut_archives_fail)
{
	const struct myo_dataset_options options = { .strict = false };

	if (!pack(_i))
		return;
	const size_t size = load(whole, sizeof whole);
	const size_t step = _i == 0 ? 97 : 23;
	/* A tar's padding may be cut in whole blocks: the end mark of two stays. */
	const size_t last = _i == 0 ? size / 10240 * 10240 - 10240 : size;
	for (size_t cut = 0; cut < last; cut += cut + 50 < last ? step : 1) {
		store(whole, cut);
		const struct outcome outcome = unpack(&options, false);
		ck_assert_msg(outcome.rc == MYO_FAIL, "kind %d, cut to %zu of %zu: %d", _i, cut, size, outcome.rc);
		ck_assert_ptr_nonnull(strstr(outcome.err.text, path));
	}
}
END_TEST

/* No harm; and what gzip packs has a checksum, so it fails before the first row, or all rows are right. */
START_TEST(flipped_bits_are_noticed)
{
	const struct myo_dataset_options options = { .strict = false };
	struct myo_rng rng = myo_rng_at(4, MYO_RNG_TEST, (uint64_t)_i, 0);

	if (!pack(_i))
		return;
	const size_t size = load(whole, sizeof whole);
	for (int round = 0; round < 400; round++) {
		memcpy(damaged, whole, size);
		damaged[myo_rng_below(&rng, (uint32_t)size)] ^= (uint8_t)(1u << myo_rng_below(&rng, 8));
		store(damaged, size);
		const struct outcome outcome = unpack(&options, _i == 1);
		ck_assert(outcome.rc == MYO_FAIL || outcome.rows + outcome.broken <= FILES);
		ck_assert(outcome.rc != MYO_FAIL || outcome.err.text[0] != '\0');
		if (_i == 1)
			ck_assert_int_eq(outcome.rows, outcome.rc == MYO_FAIL ? 0 : FILES);
	}
}
END_TEST

START_TEST(noise_is_refused)
{
	const struct myo_dataset_options options = { .strict = false };
	struct myo_rng rng = myo_rng_at(6, MYO_RNG_TEST, 0, 0);

	ck_assert(pack(0));
	(void)load(whole, sizeof whole);
	for (int round = 0; round < 200; round++) {
		const size_t size = 513 + myo_rng_below(&rng, 4000);
		for (size_t i = 0; i < size; i++)
			damaged[i] = (uint8_t)myo_rng_u32(&rng);
		if (round % 2 == 1) /* the head of an archive, then noise */
			memcpy(damaged, whole, 512);
		store(damaged, size);
		ck_assert_int_eq(unpack(&options, false).rc, MYO_FAIL);
	}
}
END_TEST

/* ---- limits ---------------------------------------------------------------------------------- */

static void
count_of(const struct myo_dataset_options *options, int counts[3])
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header header = MYO_HEADER_INIT;
	const struct myo_record *record;
	struct myo_dataset *set;
	int64_t rows = 0;

	memset(counts, 0, 3 * sizeof *counts);
	ck_assert_msg(myo_dataset_new((const char *[]){ path }, 1, options, &set, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_dataset_header(set, &header, &err), MYO_OK);
	ck_assert_uint_eq(header.class_count, 3);
	ck_assert_str_eq(header.classes[2], "z");
	while (myo_dataset_next(set, &record, &err) == MYO_OK)
		for (size_t i = 0; i < myo_record_rows(record); i++, rows++)
			counts[((const int32_t *)myo_record_find(record, "label")->data)[i]]++;
	ck_assert_int_eq(header.rows, rows);
	myo_header_clear(&header);
	myo_dataset_free(set);
}

START_TEST(limits_take_from_classes_in_turn)
{
	static const struct {
		int64_t limit, per_class;
		int counts[3];
	} cases[] = {
		{ 0, 0, { 4, 4, 4 } },
		{ 1, 0, { 1, 0, 0 } },
		{ 2, 0, { 1, 1, 0 } },
		{ 3, 0, { 1, 1, 1 } },
		{ 7, 0, { 3, 2, 2 } },
		{ 11, 0, { 4, 4, 3 } },
		{ 12, 0, { 4, 4, 4 } },
		{ 1000, 0, { 4, 4, 4 } },
		{ 0, 1, { 1, 1, 1 } },
		{ 0, 9, { 4, 4, 4 } },
		{ 5, 1, { 1, 1, 1 } },
		{ 4, 2, { 2, 1, 1 } },
	};

	ck_assert(pack(0));
	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const struct myo_dataset_options options = { .limit = cases[i].limit,
			.per_class = cases[i].per_class };
		int counts[3];
		count_of(&options, counts);
		for (int k = 0; k < 3; k++)
			ck_assert_msg(counts[k] == cases[i].counts[k], "case %zu: class %d has %d", i, k, counts[k]);
	}
}
END_TEST

/* ---- a part of a fold ------------------------------------------------------------------------- */

enum { PLACES = 60, FOLD = 30, PLANES = 3 * 96 * 96 };

/* STL-10 with the last half of the training pictures in its first fold, two classes in turn. */
static void
pack_fold(void)
{
	struct archive *archive = archive_write_new();
	uint8_t *pictures = calloc(PLACES, PLANES);
	char labels[PLACES], fold[4 * FOLD + 1] = "";

	ck_assert_ptr_nonnull(pictures);
	for (int i = 0; i < PLACES; i++)
		labels[i] = (char)(1 + i % 2);
	for (int i = PLACES - FOLD; i < PLACES; i++)
		(void)snprintf(fold + strlen(fold), sizeof fold - strlen(fold), "%d ", i);
	ck_assert_int_eq(archive_write_set_format_ustar(archive), ARCHIVE_OK);
	ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
	add_file(archive, "train_X.bin", pictures, (size_t)PLACES * PLANES);
	add_file(archive, "train_y.bin", labels, sizeof labels);
	add_file(archive, "fold_indices.txt", fold, strlen(fold));
	ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
	free(pictures);
}

/* Count the pictures of a part by their places, which are their ids here, and by their classes. */
static void
count_part(bool held_out, int places[PLACES], int classes[2])
{
	const struct myo_dataset_options options = {
		.split = "train", .fold = 1, .holdout = 0.2, .held_out = held_out, .seed = 1
	};
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	struct myo_dataset *set;
	int rc;

	ck_assert_msg(myo_dataset_new((const char *[]){ path }, 1, &options, &set, &err) == MYO_OK, "%s", err.text);
	while ((rc = myo_dataset_next(set, &record, &err)) == MYO_OK)
		for (size_t i = 0; i < myo_record_rows(record); i++) {
			const int64_t id = ((const int64_t *)myo_record_find(record, "id")->data)[i];
			const int32_t label = ((const int32_t *)myo_record_find(record, "label")->data)[i];
			ck_assert(id >= 0 && id < PLACES && label == id % 2);
			places[id]++;
			classes[label]++;
		}
	ck_assert_msg(rc == MYO_END, "%s", err.text);
	myo_dataset_free(set);
}

/* Ids of a fold have gaps. Of each five pictures of a class one is held out, and there are fifteen. */
START_TEST(a_part_of_a_fold_is_held_out)
{
	int places[PLACES] = { 0 }, kept[2] = { 0 }, held[2] = { 0 };

	pack_fold();
	count_part(false, places, kept);
	count_part(true, places, held);
	for (int i = 0; i < PLACES; i++)
		ck_assert_msg(places[i] == (i >= PLACES - FOLD), "picture %d is there %d times", i, places[i]);
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(kept[k], 12);
		ck_assert_int_eq(held[k], 3);
	}
}
END_TEST

/* ---- many classes ----------------------------------------------------------------------------- */

enum { MANY = 1000, KINDS = 500 };

/* Classes of a text, in no order, each of two pictures far from each other. */
START_TEST(many_classes_are_told_apart)
{
	char labels[sizeof folder + 16], name[32];
	static uint8_t bytes[1 << 14];
	const size_t size = picture(1, bytes, sizeof bytes);
	const struct myo_dataset_options options = { .labels = labels };
	struct archive *archive = archive_write_new();
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	struct myo_dataset *set;
	int row = 0;

	(void)snprintf(labels, sizeof labels, "%s/labels", folder);
	FILE *text = fopen(labels, "w");
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(archive_write_set_format_ustar(archive), ARCHIVE_OK);
	ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof name, "%04d.png", i);
		add_file(archive, name, bytes, size);
		(void)fprintf(text, "%04d.png\tclass %03d\n", i, i * 7919 % KINDS);
	}
	ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
	ck_assert_int_eq(fclose(text), 0);

	ck_assert_msg(myo_dataset_new((const char *[]){ path }, 1, &options, &set, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_dataset_header(set, &header, &err), MYO_OK);
	ck_assert_uint_eq(header.class_count, KINDS);
	for (int k = 0; k < KINDS; k++) {
		(void)snprintf(name, sizeof name, "class %03d", k);
		ck_assert_str_eq(header.classes[k], name);
	}
	while (myo_dataset_next(set, &record, &err) == MYO_OK)
		for (size_t i = 0; i < myo_record_rows(record); i++, row++)
			ck_assert_int_eq(
			    ((const int32_t *)myo_record_find(record, "label")->data)[i], row * 7919 % KINDS);
	ck_assert_int_eq(row, MANY);
	myo_header_clear(&header);
	myo_dataset_free(set);
	(void)unlink(labels);
}
END_TEST

/* ---- Tiny ImageNet --------------------------------------------------------------------------- */

START_TEST(tiny_imagenet_has_labels_and_boxes)
{
	static const char words[] =
	    "n00000009\tother\nn00000002\tdog, hound\nn00000001\tcat\nn00000003\tdog\n";
	static const char boxes[] = "n00000002_0.png\t1\t2\t10\t11\n";
	static const char notes[] =
	    "val_1.png\tn00000003\t0\t0\t15\t7\r\nval_0.png\tn00000001\t3\t4\t5\t6\r\n";
	static const int32_t want[2][5] = { { 0, 3, 4, 5, 6 }, { 2, 0, 0, 15, 7 } };
	static const int32_t half[2][5] = { { 0, 1, 2, 2, 3 }, { 2, 0, 0, 7, 3 } };
	static uint8_t bytes[1 << 14];
	const size_t size = picture(1, bytes, sizeof bytes);
	struct archive *archive = archive_write_new();
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(archive_write_set_format_ustar(archive), ARCHIVE_OK);
	ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
	add_file(archive, "t/wnids.txt", "n00000002\nn00000001\nn00000003\n", 30);
	add_file(archive, "t/words.txt", words, strlen(words));
	add_file(archive, "t/train/n00000002/n00000002_boxes.txt", boxes, strlen(boxes));
	add_file(archive, "t/train/n00000002/images/n00000002_0.png", bytes, size);
	add_file(archive, "t/val/images/val_0.png", bytes, size);
	add_file(archive, "t/val/images/val_1.png", bytes, size);
	add_file(archive, "t/val/val_annotations.txt", notes, strlen(notes));
	add_file(archive, "t/test/images/test_0.png", bytes, size);
	ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);

	for (int shrunk = 0; shrunk < 2; shrunk++) {
		const struct myo_dataset_options options = {
			.split = "val", .height = shrunk ? SIDE / 2 : 0, .width = shrunk ? SIDE / 2 : 0
		};
		struct myo_header header = MYO_HEADER_INIT;
		struct myo_dataset *set;
		const struct myo_record *record;
		ck_assert_msg(myo_dataset_new((const char *[]){ path }, 1, &options, &set, &err) == MYO_OK,
		    "%s", err.text);
		ck_assert_int_eq(myo_dataset_header(set, &header, &err), MYO_OK);
		ck_assert_uint_eq(header.class_count, 3);
		ck_assert_str_eq(header.classes[0], "cat");
		ck_assert_str_eq(header.classes[1], "dog");
		ck_assert_str_eq(header.classes[2], "dog (n00000003)");
		ck_assert_int_eq(myo_dataset_next(set, &record, &err), MYO_OK);
		ck_assert_uint_eq(myo_record_rows(record), 2);
		const int32_t *label = myo_record_find(record, "label")->data;
		const int32_t *box = myo_record_find(record, "box")->data;
		for (size_t row = 0; row < 2; row++) {
			const int32_t *expected = shrunk ? half[row] : want[row];
			ck_assert_int_eq(label[row], expected[0]);
			for (size_t i = 0; i < 4; i++)
				ck_assert_int_eq(box[4 * row + i], expected[1 + i]);
		}
		myo_header_clear(&header);
		myo_dataset_free(set);
	}
	const struct myo_dataset_options all = { .split = "test" };
	const struct outcome outcome = unpack(&all, false);
	ck_assert_int_eq(outcome.rows, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("data");
	TCase *all = tcase_create("all");

	if (mkdtemp(folder) == NULL)
		return EXIT_FAILURE;
	(void)snprintf(path, sizeof path, "%s/set", folder);
	tcase_set_timeout(all, 120);
	tcase_add_test(all, masks_and_boxes_agree);
	tcase_add_test(all, evidence_is_where_the_mask_says);
	tcase_add_loop_test(all, archives_are_read_with_ids_of_sorted_paths, 0, 4);
	tcase_add_loop_test(all, cut_archives_fail, 0, 4);
	tcase_add_loop_test(all, flipped_bits_are_noticed, 0, 4);
	tcase_add_test(all, noise_is_refused);
	tcase_add_test(all, limits_take_from_classes_in_turn);
	tcase_add_test(all, a_part_of_a_fold_is_held_out);
	tcase_add_test(all, many_classes_are_told_apart);
	tcase_add_test(all, tiny_imagenet_has_labels_and_boxes);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/one.png", folder);
	(void)unlink(path);
	(void)rmdir(folder);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
