/* Tests of the score room: examples worked out by hand, and published intervals. */
#include "score/score.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 16 };

/* A prediction, given by its probabilities. */
struct row {
	int64_t id;
	int32_t label;
	double p[4];
};

static int
add_logits(struct myo_score *score, size_t rows, size_t classes, const float *logits, const int32_t *label,
    const int64_t *id, struct myo_err *err)
{
	const size_t shape[] = { rows, classes };
	struct myo_record record = MYO_RECORD_INIT;

	ck_assert_int_eq(myo_record_put(&record, "logits", MYO_F32, 2, shape, logits, err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "label", MYO_I32, 1, shape, label, err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, id, err), MYO_OK);
	const int rc = myo_score_add(score, &record, err);
	myo_record_clear(&record);
	return rc;
}

/* All rows in one record; logits are logarithms of the probabilities and a number that changes nothing. */
static struct myo_score *
score_of(const struct row *rows, size_t count, size_t classes, size_t top)
{
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;
	float logits[MAX_ROWS * 4];
	int32_t label[MAX_ROWS];
	int64_t id[MAX_ROWS];

	for (size_t i = 0; i < count; i++) {
		label[i] = rows[i].label;
		id[i] = rows[i].id;
		for (size_t c = 0; c < classes; c++)
			logits[i * classes + c] = (float)(log(rows[i].p[c]) + 3);
	}
	ck_assert_int_eq(myo_score_new(classes, top, 1 << 20, &score, &err), MYO_OK);
	ck_assert_int_eq(add_logits(score, count, classes, logits, label, id, &err), MYO_OK);
	return score;
}

/* ---- intervals --------------------------------------------------------------------------------- */

START_TEST(intervals_are_wilson_s)
{
	/*
	 * Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table
	 * I
	 */
	static const struct {
		int64_t hits, of;
		double low, high;
	} cases[] = { { 81, 263, 0.2553, 0.3662 }, { 15, 148, 0.0624, 0.1605 }, { 0, 20, 0, 0.1611 },
		{ 1, 29, 0.0061, 0.1718 } };

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		const struct myo_share share = myo_share_of(cases[i].hits, cases[i].of);
		const struct myo_share others = myo_share_of(cases[i].of - cases[i].hits, cases[i].of);
		ck_assert_double_eq_tol(share.low, cases[i].low, 0.00005);
		ck_assert_double_eq_tol(share.high, cases[i].high, 0.00005);
		ck_assert_double_eq_tol(others.low, 1 - share.high, 1e-12);
		ck_assert_double_eq_tol(others.high, 1 - share.low, 1e-12);
	}
	ck_assert_double_eq(myo_share_of(0, 0).low, 0);
	ck_assert_double_eq(myo_share_of(0, 0).high, 1);
}
END_TEST

/* ---- whole images ---------------------------------------------------------------------------------- */

static const struct row four[] = {
	{ 10, 0, { 0.70, 0.20, 0.10 } },
	{ 11, 2, { 0.10, 0.61, 0.29 } },
	{ -5, 0, { 0.50, 0.25, 0.25 } },
	{ 13, 2, { 0.20, 0.18, 0.62 } },
};

START_TEST(images_by_hand)
{
	struct myo_score *score = score_of(four, 4, 3, 2);
	struct myo_result r;
	struct myo_err err = MYO_ERR_INIT;
	static const int64_t confusion[9] = { 2, 0, 0, 0, 0, 0, 0, 1, 1 };

	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	ck_assert_int_eq(r.rows, 4);
	ck_assert_int_eq(r.images, 4);
	ck_assert_int_eq(r.unlabelled, 0);
	ck_assert(!r.tiled);
	ck_assert_int_eq(r.mean_probability.hits, 3);
	ck_assert_int_eq(r.mean_probability.of, 4);
	ck_assert_int_eq(r.mean_logit.hits, 3);
	ck_assert_int_eq(r.vote.hits, 3);
	ck_assert_int_eq(r.tiles.hits, 3);
	ck_assert_int_eq(r.mean_top.hits, 4);
	ck_assert_int_eq(r.tiles_top.hits, 4);
	const double loss = -(log(0.70) + log(0.29) + log(0.50) + log(0.62)) / 4;
	ck_assert_double_eq_tol(r.loss, loss, 1e-6);
	ck_assert_double_eq_tol(r.tiles_loss, loss, 1e-6);
	ck_assert_mem_eq(r.confusion, confusion, sizeof confusion);
	/* confidences 0.50, 0.61 and 0.62, 0.70 lie in bins 7, 9 and 10 */
	for (int i = 0; i < MYO_BINS; i++)
		ck_assert_int_eq(r.bins[i].count, i == 9 ? 2 : i == 7 || i == 10);
	ck_assert_int_eq(r.bins[9].correct, 1);
	ck_assert_double_eq_tol(r.bins[9].confidence, 0.615, 1e-6);
	ck_assert_double_eq_tol(r.calibration_error, (0.5 + 2 * 0.115 + 0.3) / 4, 1e-6);
	ck_assert_int_eq(myo_result_class(&r, 2).hits, 1);
	ck_assert_int_eq(myo_result_class(&r, 2).of, 2);
	ck_assert_int_eq(myo_result_class(&r, 1).of, 0);
	/* asked again, it says the same */
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	ck_assert_mem_eq(r.confusion, confusion, sizeof confusion);
	myo_score_free(score);
}
END_TEST

START_TEST(top_counts_the_label_among_the_largest)
{
	/* label 1 is third of four; equal ones count in the order of the classes */
	static const struct row third = { 1, 1, { 0.1, 0.2, 0.3, 0.4 } }, equal = { 1, 2, { 0.25, 0.25, 0.25, 0.25 } };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;

	for (size_t top = 1; top <= 6; top++) {
		struct myo_score *score = score_of(&third, 1, 4, top);
		ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
		ck_assert_int_eq(r.mean_top.hits, top >= 3);
		ck_assert_uint_eq(r.top, top < 4 ? top : 4);
		myo_score_free(score);
		score = score_of(&equal, 1, 4, top);
		ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
		ck_assert_int_eq(r.mean_top.hits, top >= 3);
		ck_assert_int_eq(r.mean_probability.hits, 0);
		myo_score_free(score);
	}
}
END_TEST

/* ---- tiles ------------------------------------------------------------------------------------------- */

START_TEST(three_ways_to_combine_tiles)
{
	/* mean probability is for class 0 (1.301 of 3), mean logit for 1 (0.0077 to 0.0022), the vote for 2 (2 of 3) */
	struct row rows[] = {
		{ 7, _i, { 0.001, 0.45, 0.549 } },
		{ 7, _i, { 0.40, 0.19, 0.41 } },
		{ 7, _i, { 0.90, 0.09, 0.01 } },
	};
	struct myo_score *score = score_of(rows, 3, 3, 2);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;
	const double mean = (rows[0].p[_i] + rows[1].p[_i] + rows[2].p[_i]) / 3;

	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	ck_assert(r.tiled);
	ck_assert_int_eq(r.rows, 3);
	ck_assert_int_eq(r.images, 1);
	ck_assert_int_eq(r.mean_probability.hits, _i == 0);
	ck_assert_int_eq(r.mean_logit.hits, _i == 1);
	ck_assert_int_eq(r.vote.hits, _i == 2);
	ck_assert_int_eq(r.mean_top.hits, _i != 1);
	ck_assert_int_eq(r.tiles.hits, _i == 0 ? 1 : _i == 1 ? 0 : 2);
	ck_assert_int_eq(r.tiles_top.hits, 2);
	ck_assert_double_eq_tol(r.loss, -log(mean), 1e-6);
	ck_assert_double_eq_tol(r.tiles_loss, -(log(rows[0].p[_i]) + log(rows[1].p[_i]) + log(rows[2].p[_i])) / 3,
	    1e-6);
	ck_assert_int_eq(r.confusion[_i * 3], 1);
	ck_assert_int_eq(r.bins[6].count, 1); /* 0.434 */
	myo_score_free(score);
}
END_TEST

START_TEST(equal_votes_go_to_the_more_probable)
{
	static const struct row rows[] = { { 1, 1, { 0.6, 0.4 } }, { 1, 1, { 0.3, 0.7 } }, { 2, 0, { 0.2, 0.8 } },
		{ 2, 0, { 0.9, 0.1 } } };
	struct myo_score *score = score_of(rows, 4, 2, 1);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;

	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	ck_assert_int_eq(r.vote.hits, 2);
	myo_score_free(score);
}
END_TEST

START_TEST(order_of_rows_changes_nothing)
{
	/* more images than the first allocation holds, each of three tiles, far apart in the second order */
	enum { IMAGES = 5000, TILES = 3, ROWS = IMAGES * TILES, K = 5 };
	static uint32_t order[ROWS];
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 0, 0);
	struct myo_result r[2];
	struct myo_score *score[2];
	struct myo_err err = MYO_ERR_INIT;

	for (size_t pass = 0; pass < 2; pass++) {
		ck_assert_int_eq(myo_score_new(K, 2, 16 << 20, &score[pass], &err), MYO_OK);
		for (uint32_t i = 0; i < ROWS; i++)
			order[i] = i;
		if (pass == 1)
			myo_rng_permute(&rng, order, ROWS);
		for (size_t i = 0; i < ROWS; i++) {
			struct myo_rng own = myo_rng_at(1, MYO_RNG_TEST, 1, order[i]);
			/* ids far apart, negative ones too */
			const int64_t image = order[i] / TILES, id = (image - IMAGES / 2) * INT64_C(1000000007);
			const int32_t label = (int32_t)(image % K);
			float logits[K];
			for (size_t c = 0; c < K; c++)
				logits[c] = (float)myo_rng_normal(&own) + (c == (size_t)label ? 0.7f : 0);
			ck_assert_int_eq(add_logits(score[pass], 1, K, logits, &label, &id, &err), MYO_OK);
		}
		ck_assert_int_eq(myo_score_result(score[pass], &r[pass], &err), MYO_OK);
	}
	ck_assert_int_eq(r[0].images, IMAGES);
	ck_assert_int_eq(r[1].images, IMAGES);
	ck_assert_int_eq(r[0].rows, ROWS);
	ck_assert_int_eq(r[0].mean_probability.hits, r[1].mean_probability.hits);
	ck_assert_int_eq(r[0].mean_logit.hits, r[1].mean_logit.hits);
	ck_assert_int_eq(r[0].vote.hits, r[1].vote.hits);
	ck_assert_int_eq(r[0].tiles.hits, r[1].tiles.hits);
	ck_assert_mem_eq(r[0].confusion, r[1].confusion, K * K * sizeof *r[0].confusion);
	ck_assert_double_eq_tol(r[0].loss, r[1].loss, 1e-10);
	ck_assert_double_eq_tol(r[0].calibration_error, r[1].calibration_error, 1e-10);
	/* combining helps: by how much is known well enough to see that it happened */
	ck_assert_int_gt(r[0].mean_probability.hits * TILES, r[0].tiles.hits + ROWS / 10);
	myo_score_free(score[0]);
	myo_score_free(score[1]);
}
END_TEST

/* Images of three tiles, which stand together, with so much memory. */
static struct myo_score *
score_in(size_t memory, int64_t images)
{
	enum { K = 5, TILES = 3 };
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_score_new(K, 2, memory, &score, &err), MYO_OK);
	for (int64_t i = 0; i < images * TILES; i++) {
		struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 2, (uint64_t)i);
		/* now neighbours, now far apart, from both ends */
		const int64_t image = i / TILES, id = image % 2 == 0 ? image : -image * INT64_C(1000000007);
		const int32_t label = (int32_t)(image % K);
		float logits[K];
		for (size_t c = 0; c < K; c++)
			logits[c] = (float)myo_rng_normal(&rng);
		ck_assert_int_eq(add_logits(score, 1, K, logits, &label, &id, &err), MYO_OK);
	}
	return score;
}

START_TEST(memory_changes_nothing)
{
	enum { IMAGES = 3000 };
	static const size_t memory[] = { 16 << 20, 20000, 0 };
	struct myo_score *score[MYO_COUNT(memory)];
	struct myo_result r[MYO_COUNT(memory)];
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(memory); i++) {
		score[i] = score_in(memory[i], IMAGES);
		ck_assert_int_eq(myo_score_result(score[i], &r[i], &err), MYO_OK);
		ck_assert_int_eq(r[i].images, IMAGES);
		ck_assert(r[i].tiled);
		ck_assert_int_eq(r[i].mean_probability.hits, r[0].mean_probability.hits);
		ck_assert_int_eq(r[i].vote.hits, r[0].vote.hits);
		ck_assert_double_eq(r[i].loss, r[0].loss);
		ck_assert_double_eq(r[i].calibration_error, r[0].calibration_error);
		ck_assert_mem_eq(r[i].bins, r[0].bins, sizeof r[0].bins);
		ck_assert_mem_eq(r[i].confusion, r[0].confusion, 25 * sizeof *r[0].confusion);
	}
	for (size_t i = 0; i < MYO_COUNT(memory); i++)
		myo_score_free(score[i]);
}
END_TEST

START_TEST(an_image_that_was_forgotten_is_refused)
{
	const float logits[5] = { 1, 0, 0, 0, 0 };
	const int64_t ids[] = { -INT64_C(2999) * 1000000007, 0 };
	const int32_t labels[] = { 2999 % 5, 0 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_score *score = score_in(20000, 3000);

	ck_assert_int_eq(add_logits(score, 1, 5, logits, &labels[0], &ids[0], &err), MYO_OK);
	ck_assert_int_eq(add_logits(score, 1, 5, logits, &labels[1], &ids[1], &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "image 0 comes again"));
	myo_score_free(score);
}
END_TEST

/* ---- classes ----------------------------------------------------------------------------------- */

START_TEST(precision_recall_and_f1_by_hand)
{
	/* 5 of 8 images of class 0 are found, among 6 taken for it; class 2 is never chosen, class 3 has no images */
	static const int64_t confusion[16] = { 5, 2, 0, 1, 1, 9, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0 };
	const struct myo_result r = { .classes = 4, .confusion = confusion };
	static const double precision[] = { 5.0 / 6, 9.0 / 15, NAN, 0 }, recall[] = { 5.0 / 8, 9.0 / 10, 0, NAN },
		f1[] = { 10.0 / 14, 18.0 / 25, 0, 0 };
	const struct myo_macro macro = myo_result_macro(&r);

	for (size_t k = 0; k < 4; k++) {
		const struct myo_quality q = myo_result_quality(&r, k);
		ck_assert_int_eq(q.hits, confusion[5 * k]);
		if (isnan(precision[k]))
			ck_assert(isnan(q.precision));
		else
			ck_assert_double_eq_tol(q.precision, precision[k], 1e-15);
		if (isnan(recall[k]))
			ck_assert(isnan(q.recall));
		else
			ck_assert_double_eq_tol(q.recall, recall[k], 1e-15);
		ck_assert_double_eq_tol(q.f1, f1[k], 1e-15);
	}
	ck_assert_int_eq(myo_result_quality(&r, 0).images, 8);
	ck_assert_int_eq(myo_result_quality(&r, 0).predicted, 6);
	ck_assert_uint_eq(macro.classes, 3);
	ck_assert_double_eq_tol(macro.recall, (recall[0] + recall[1]) / 3, 1e-15);
	ck_assert_double_eq_tol(macro.precision, (precision[0] + precision[1]) / 3, 1e-15);
	ck_assert_double_eq_tol(macro.f1, (f1[0] + f1[1]) / 3, 1e-15);
	static const int64_t nothing[4] = { 0, 0, 0, 3 }; /* class 0 neither has images nor is chosen */
	ck_assert(isnan(myo_result_quality(&(struct myo_result){ .classes = 2, .confusion = nothing }, 0).f1));
}
END_TEST

/* By cat, images of two data sets would be taken for two views of one. */
START_TEST(whole_images_come_once)
{
	static const float logits[2][2] = { { 1, 0 }, { 0, 1 } };
	static const int32_t label = 0;
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_score_new(2, 1, 1 << 20, &score, &err), MYO_OK);
	myo_score_once(score);
	for (int64_t id = 5; id < 7; id++)
		ck_assert_int_eq(add_logits(score, 1, 2, logits[0], &label, &id, &err), MYO_OK);
	const int64_t again = 5;
	ck_assert_int_eq(add_logits(score, 1, 2, logits[1], &label, &again, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "two rows have the id 5, and are no tiles"));
	myo_score_free(score);
}
END_TEST

/* ---- the number of tiles, and their place --------------------------------------------------------- */

/* One row with its place, in an image of 32x32 or what `side` says. */
static int
add_tile(struct myo_score *score, size_t classes, const float *logits, int32_t label, int64_t id, int32_t y, int32_t x,
    int32_t side, struct myo_err *err)
{
	const size_t shape[] = { 1, classes };
	const struct {
		const char *name;
		const int32_t *value;
	} whole[] = { { "label", &label }, { "y", &y }, { "x", &x }, { "height", &side }, { "width", &side } };
	struct myo_record record = MYO_RECORD_INIT;

	ck_assert_int_eq(myo_record_put(&record, "logits", MYO_F32, 2, shape, logits, err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&record, "id", MYO_I64, 1, shape, &id, err), MYO_OK);
	for (size_t i = 0; i < MYO_COUNT(whole); i++)
		ck_assert_int_eq(myo_record_put(&record, whole[i].name, MYO_I32, 1, shape, whole[i].value, err),
		    MYO_OK);
	const int rc = myo_score_add(score, &record, err);
	myo_record_clear(&record);
	return rc;
}

enum { TILED_CLASSES = 3, TILED_IMAGES = 400 };

/*
 * Image i has 1 to 9 tiles, some of them at one place, in this order: images and their tiles forwards, or backwards and
 * mixed.
 */
static struct myo_score *
score_tiles(size_t memory, uint64_t seed, bool backwards)
{
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_score_new(TILED_CLASSES, 1, memory, &score, &err), MYO_OK);
	ck_assert_int_eq(myo_score_keep_tiles(score, seed, &err), MYO_OK);
	myo_score_keep_positions(score);
	for (int32_t n = 0; n < 9 * TILED_IMAGES; n++) {
		const int32_t image = backwards ? TILED_IMAGES - 1 - n % TILED_IMAGES : n / 9;
		const int32_t tile = backwards ? 8 - n / TILED_IMAGES : n % 9;
		struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, (uint64_t)tile, (uint64_t)image);
		float logits[TILED_CLASSES];
		if (tile > image % 9)
			continue;
		for (int32_t c = 0; c < TILED_CLASSES; c++)
			logits[c] = (float)myo_rng_normal(&rng) + (c == image % TILED_CLASSES ? 0.8f : 0);
		ck_assert_int_eq(add_tile(score, TILED_CLASSES, logits, image % TILED_CLASSES, image - 7,
		    tile % 4 - 2, tile % 2, 32, &err), MYO_OK);
	}
	return score;
}

START_TEST(more_tiles_by_hand)
{
	/* two tiles are wrong, and the third is right and sure of it */
	static const float logits[3][2] = { { 1, 0 }, { 1, 0 }, { 0, 9 } };
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;
	int64_t first_is_right = 0, two_are_right = 0;
	enum { SEEDS = 300 };

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		ck_assert_int_eq(myo_score_new(2, 1, 1 << 20, &score, &err), MYO_OK);
		ck_assert_int_eq(myo_score_keep_tiles(score, seed, &err), MYO_OK);
		for (int32_t t = 0; t < 3; t++)
			ck_assert_int_eq(add_tile(score, 2, logits[t], 1, 5, 4 * t, 0, 32, &err), MYO_OK);
		ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
		ck_assert_uint_eq(r.tile_count_number, 3);
		ck_assert_uint_eq(r.position_number, 0);
		for (size_t i = 0; i < 3; i++) {
			ck_assert_int_eq(r.tile_counts[i].tiles, (int64_t)i + 1);
			ck_assert_int_eq(r.tile_counts[i].enough, 1);
		}
		/* one tile is right where it is that one; of two, the mean logit is right where it is among them */
		first_is_right += r.tile_counts[0].mean_probability.hits;
		ck_assert_int_eq(r.tile_counts[0].vote.hits, r.tile_counts[0].mean_probability.hits);
		two_are_right += r.tile_counts[1].mean_logit.hits;
		/* probabilities of class 1: 0.269 + 0.269 + 1.000 of 3; two votes against one */
		ck_assert_int_eq(r.tile_counts[2].mean_probability.hits, 1);
		ck_assert_int_eq(r.tile_counts[2].mean_logit.hits, 1);
		ck_assert_int_eq(r.tile_counts[2].vote.hits, 0);
		myo_score_free(score);
	}
	/* a third and two thirds of the seeds, within four deviations */
	ck_assert_int_le(llabs(first_is_right - SEEDS / 3), 33);
	ck_assert_int_le(llabs(two_are_right - 2 * SEEDS / 3), 33);
}
END_TEST

START_TEST(order_and_memory_change_no_tiles)
{
	struct myo_score *score[4] = { score_tiles(1 << 20, 1, false), score_tiles(1 << 20, 1, true),
		score_tiles(1500, 1, false), score_tiles(1 << 20, 2, false) };
	struct myo_result r[4];
	struct myo_err err = MYO_ERR_INIT;
	static const int64_t tiles[] = { 1, 2, 4, 8, 9 };
	bool differs = false;

	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(myo_score_result(score[i], &r[i], &err), MYO_OK);
		ck_assert_uint_eq(r[i].tile_count_number, 5);
		ck_assert_uint_eq(r[i].position_number, r[0].position_number);
		ck_assert_mem_eq(r[i].positions, r[0].positions, r[0].position_number * sizeof *r[0].positions);
	}
	for (size_t n = 0; n < 5; n++) {
		ck_assert_int_eq(r[0].tile_counts[n].tiles, tiles[n]);
		ck_assert_int_eq(r[0].tile_counts[n].mean_probability.of, TILED_IMAGES);
		ck_assert_mem_eq(&r[1].tile_counts[n], &r[0].tile_counts[n], sizeof *r[0].tile_counts);
		ck_assert_mem_eq(&r[2].tile_counts[n], &r[0].tile_counts[n], sizeof *r[0].tile_counts);
		differs = differs || r[3].tile_counts[n].mean_logit.hits != r[0].tile_counts[n].mean_logit.hits;
	}
	ck_assert(differs);
	ck_assert_int_eq(r[0].tile_counts[0].enough, TILED_IMAGES);
	ck_assert_int_eq(r[0].tile_counts[4].enough, TILED_IMAGES / 9);
	ck_assert_int_eq(r[0].tile_counts[4].vote.hits, r[0].vote.hits);
	ck_assert_int_gt(r[0].tile_counts[4].mean_logit.hits, r[0].tile_counts[0].mean_logit.hits + TILED_IMAGES / 20);
	for (size_t i = 0; i < 4; i++)
		myo_score_free(score[i]);
}
END_TEST

START_TEST(an_image_of_more_tiles_than_memory_is_refused)
{
	static const float logits[2] = { 1, 0 };
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;
	int rc = MYO_OK;
	int32_t tiles = 0;

	ck_assert_int_eq(myo_score_new(2, 1, 4000, &score, &err), MYO_OK);
	ck_assert_int_eq(myo_score_keep_tiles(score, 1, &err), MYO_OK);
	for (; rc == MYO_OK && tiles < 1000; tiles++)
		rc = add_tile(score, 2, logits, 0, 3, tiles, 0, 32, &err);
	ck_assert_int_eq(rc, MYO_FAIL);
	ck_assert_int_gt(tiles, 20);
	ck_assert_ptr_nonnull(strstr(err.text, "image 3 has more tiles than memory may hold"));
	myo_score_free(score);
}
END_TEST

START_TEST(positions_by_hand)
{
	static const struct {
		int32_t y, x, label;
	} rows[] = { { 4, 0, 0 }, { -2, 4, 0 }, { 4, 0, 1 }, { -2, -4, 1 }, { 4, 0, 0 } };
	static const float logits[2] = { 1, 0 };
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;

	ck_assert_int_eq(myo_score_new(2, 1, 1 << 20, &score, &err), MYO_OK);
	myo_score_keep_positions(score);
	for (int64_t i = 0; i < 5; i++)
		ck_assert_int_eq(add_tile(score, 2, logits, rows[i].label, i, rows[i].y, rows[i].x, 32, &err), MYO_OK);
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	static const struct {
		int32_t y, x;
		int64_t hits, of;
	} wanted[] = { { -2, -4, 0, 1 }, { -2, 4, 1, 1 }, { 4, 0, 2, 3 } };
	ck_assert_uint_eq(r.position_number, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(r.positions[i].y, wanted[i].y);
		ck_assert_int_eq(r.positions[i].x, wanted[i].x);
		ck_assert_int_eq(r.positions[i].share.hits, wanted[i].hits);
		ck_assert_int_eq(r.positions[i].share.of, wanted[i].of);
	}
	ck_assert_uint_eq(r.tile_count_number, 0);
	ck_assert_int_eq(add_tile(score, 2, logits, 0, 9, 0, 0, 48, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "these are of 32x32 and 48x48"));
	myo_score_free(score);
}
END_TEST

/* ---- two sets of predictions ---------------------------------------------------------------------- */

START_TEST(mcnemar_is_the_coin_s)
{
	/* sums of binomial coefficients, in whole numbers */
	static const struct {
		int64_t one, other;
		double p;
	} cases[] = { { 0, 0, 1 }, { 0, 1, 1 }, { 0, 5, 0.0625 }, { 1, 8, 0.0390625 }, { 3, 12, 0.03515625 },
		{ 7, 7, 1 }, { 7, 8, 1 },
		{ 86, 150, 3.715936139571442e-05 }, { 1000, 1100, 0.030720707864242296 }, { 0, 2000, 0 } };

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		ck_assert_double_eq_tol(myo_mcnemar(cases[i].one, cases[i].other), cases[i].p,
		    1e-10 * cases[i].p + 1e-300);
		ck_assert_double_eq_tol(myo_mcnemar(cases[i].other, cases[i].one), cases[i].p,
		    1e-10 * cases[i].p + 1e-300);
	}
}
END_TEST

/* Tell of an image. */
static int
tell(myo_score_done *to, struct myo_against *against, int64_t id, int32_t label, size_t choice, struct myo_err *err)
{
	const struct myo_score_image image = { .id = id, .label = label, .choice = choice };

	return to(against, &image, err);
}

/* Tell of images with these choices: counts [2, 2] of the two sets' choices among classes 0 and 1; every label is 0. */
static struct myo_against *
against_of(const int64_t counts[4], struct myo_err *err)
{
	struct myo_against *against;

	ck_assert_int_eq(myo_against_new("others", 3, &against, err), MYO_OK);
	for (int pass = 0; pass < 2; pass++) {
		int64_t id = -17;
		for (size_t cell = 0; cell < 4; cell++)
			for (int64_t n = 0; n < counts[cell]; n++)
				ck_assert_int_eq(pass == 0 ? tell(myo_against_those, against, id++, 0, cell % 2, err) :
				    tell(myo_against_these, against, id++, 0, cell / 2, err), MYO_OK);
	}
	return against;
}

START_TEST(agreement_by_hand)
{
	/* 35 of 50 agree where chance alone makes 25 of it: kappa is 10 of 25 */
	static const int64_t counts[4] = { 20, 5, 10, 15 }, alike[4] = { 0, 0, 0, 9 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_against *against = against_of(counts, &err);
	struct myo_agreement a;

	ck_assert_int_eq(myo_against_result(against, &a, &err), MYO_OK);
	ck_assert_int_eq(a.images, 50);
	ck_assert_int_eq(a.same.hits, 35);
	ck_assert_double_eq_tol(a.kappa, 0.4, 1e-12);
	ck_assert_int_eq(a.these.hits, 25);
	ck_assert_int_eq(a.those.hits, 30);
	ck_assert_int_eq(a.both, 20);
	ck_assert_int_eq(a.only_these, 5);
	ck_assert_int_eq(a.only_those, 10);
	ck_assert_int_eq(a.neither, 15);
	ck_assert_int_eq(a.neither_same, 15);
	ck_assert_double_eq_tol(a.difference, -0.1, 1e-12);
	ck_assert_double_eq_tol(a.low, -5 / 52.0 - 1.959963984540054 * sqrt(16 - 25 / 52.0) / 52, 1e-12);
	ck_assert_double_eq_tol(a.high, -5 / 52.0 + 1.959963984540054 * sqrt(16 - 25 / 52.0) / 52, 1e-12);
	ck_assert_double_eq_tol(a.p, 2 * (1 + 15 + 105 + 455 + 1365 + 3003) / 32768.0, 1e-12);
	myo_against_free(against);

	against = against_of(alike, &err);
	ck_assert_int_eq(myo_against_result(against, &a, &err), MYO_OK);
	ck_assert(isnan(a.kappa));
	ck_assert_double_eq(a.p, 1);
	myo_against_free(against);
}
END_TEST

START_TEST(other_images_are_refused)
{
	static const int64_t counts[4] = { 2000, 0, 0, 0 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_against *against = against_of(counts, &err);
	struct myo_agreement a;

	ck_assert_int_eq(tell(myo_against_these, against, 1983, 0, 0, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "image 1983 is not in others"));
	ck_assert_int_eq(tell(myo_against_these, against, -17, 1, 0, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "image -17 has label 1, and 0 in others"));
	ck_assert_int_eq(tell(myo_against_these, against, -17, 0, 3, &err), MYO_FAIL);
	for (int64_t id = 5001; id > 4999; id--)
		ck_assert_int_eq(tell(myo_against_those, against, id, 0, 0, &err), MYO_OK);
	ck_assert_int_eq(myo_against_result(against, &a, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "2 of the 2002 images in others are missing, the first is 5000"));
	myo_against_free(against);
	ck_assert_int_eq(myo_against_new("others", 3, &against, &err), MYO_OK);
	ck_assert_int_eq(tell(myo_against_these, against, 1, 0, 0, &err), MYO_FAIL);
	ck_assert_int_eq(myo_against_result(against, &a, &err), MYO_FAIL);
	myo_against_free(against);
}
END_TEST

/* ---- what isn't counted, and what is refused ------------------------------------------------------ */

START_TEST(rows_without_a_label_are_left_out)
{
	const struct row rows[] = { four[0], { 90, -1, { 0.1, 0.1, 0.8 } }, four[1], { 91, -1, { 0.2, 0.2, 0.6 } } };
	struct myo_score *score = score_of(rows, 4, 3, 1);
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;

	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	ck_assert_int_eq(r.unlabelled, 2);
	ck_assert_int_eq(r.rows, 2);
	ck_assert_int_eq(r.images, 2);
	ck_assert_int_eq(r.mean_probability.of, 2);
	ck_assert_double_eq_tol(r.loss, -(log(0.70) + log(0.29)) / 2, 1e-6);
	myo_score_free(score);
	score = score_of(rows + 3, 1, 3, 1);
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "none of the predictions has a label"));
	myo_score_free(score);
	ck_assert_int_eq(myo_score_new(3, 1, 1 << 20, &score, &err), MYO_OK);
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "there are no predictions"));
	myo_score_free(score);
}
END_TEST

START_TEST(bad_rows_are_refused)
{
	static const struct {
		float logits[4];
		int32_t label[2];
		const char *says;
	} cases[] = {
		{ { 1, 2, 3, 4 }, { 0, 0 }, NULL },
		{ { 1, 2, 3, 4 }, { 0, 1 }, "image 5 has labels 0 and 1" },
		{ { 1, 2, 3, 4 }, { 2, 2 }, "label 2 of 2 classes" },
		{ { 1, 2, NAN, 4 }, { 0, 0 }, "not finite" },
		{ { 1, 2, 4, NAN }, { 0, 0 }, "not finite" },
		{ { 1, 2, INFINITY, 4 }, { 0, 0 }, "not finite" },
		{ { -INFINITY, 2, 3, 4 }, { 0, 0 }, "not finite" },
	};
	static const int64_t id[2] = { 5, 5 };
	struct myo_score *score;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_score_new(2, 1, 1 << 20, &score, &err), MYO_OK);
	ck_assert_int_eq(add_logits(score, 2, 2, cases[_i].logits, cases[_i].label, id, &err),
	    cases[_i].says == NULL ? MYO_OK : MYO_FAIL);
	ck_assert(cases[_i].says == NULL || strstr(err.text, cases[_i].says) != NULL);
	if (cases[_i].says == NULL) /* another number of classes in a later record */
		ck_assert_int_eq(add_logits(score, 1, 4, cases[_i].logits, cases[_i].label, id, &err), MYO_FAIL);
	myo_score_free(score);
}
END_TEST

START_TEST(certainty_of_the_wrong_class_costs_much_but_not_all)
{
	static const float logits[2] = { 30000, -30000 };
	static const int32_t label = 1;
	static const int64_t id = 1;
	struct myo_score *score;
	struct myo_result r;
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_score_new(2, 1, 1 << 20, &score, &err), MYO_OK);
	ck_assert_int_eq(add_logits(score, 1, 2, logits, &label, &id, &err), MYO_OK);
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	ck_assert(isfinite(r.loss) && r.loss > 600);
	ck_assert_int_eq(r.bins[MYO_BINS - 1].count, 1); /* a probability of 1 has its bin */
	myo_score_free(score);
}
END_TEST

/* ---- reports --------------------------------------------------------------------------------------- */

/* The text that a report writes, on the heap. */
static char *
text_of(const struct myo_score_report *report, const struct myo_result *result, const struct myo_header *header)
{
	FILE *file = tmpfile();
	char *text = calloc(1, 1 << 16);

	ck_assert(file != NULL && text != NULL);
	ck_assert_int_eq(myo_score_text(file, report, result, header, NULL), MYO_OK);
	rewind(file);
	ck_assert_uint_lt(fread(text, 1, (1 << 16) - 1, file), (1 << 16) - 1);
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

START_TEST(report_begins_with_the_accuracy)
{
	static const char *const names[] = { "cat", "dog\033[2J", "hen" };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_score *score = score_of(four, 4, 3, 2);
	const struct myo_score_report report = { .pairs = 5, .confusion = true, .calibration = true };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;

	ck_assert_int_eq(myo_header_set_classes(&header, 3, names, &err), MYO_OK);
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	char *text = text_of(&report, &r, &header);
	static const char expected[] =
	    "accuracy                  75.00%  (3 of 4; 95% interval 30.06 to 95.44)\n"
	    "top-2 accuracy           100.00%  (4 of 4; 95% interval 51.01 to 100.00)\n"
	    "loss                     0.6914\n"
	    "calibration error         25.75%\n"
	    "\n"
	    "by class                  recall  precision       F1   images\n"
	    "  cat                    100.00%    100.00%  100.00%        2\n"
	    "  hen                     50.00%    100.00%   66.67%        2\n"
	    "  mean                    75.00%    100.00%   83.33%\n"
	    "\n"
	    "most confused\n"
	    "      1  hen taken for dog\\x1b[2J\n"
	    "\n"
	    "confusion: a line for each class, a column for what it was taken for\n"
	    "                              0      1      2\n"
	    "   0 cat                      2      0      0\n"
	    "   1 dog?[2J                  0      0      0\n"
	    "   2 hen                      0      1      1\n"
	    "\n"
	    "reliability: images by the probability of their first choice\n"
	    "  probability    images       mean   accuracy\n"
	    "  0.47 to 0.53        1     50.00%    100.00%\n"
	    "  0.60 to 0.67        2     61.50%     50.00%\n"
	    "  0.67 to 0.73        1     70.00%    100.00%\n";
	ck_assert_str_eq(text, expected);
	free(text);
	myo_header_clear(&header);
	myo_score_free(score);
}
END_TEST

START_TEST(report_has_room_for_long_names)
{
	static const char *const names[] = { "cat", "a hen that lays an egg a d\xc3\xa4y",
		"d\xc3\xa4ys with longer names than anyone has patience for" };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_score *score = score_of(four, 4, 3, 2);
	const struct myo_score_report report = { .confusion = true };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_result r;

	ck_assert_int_eq(myo_header_set_classes(&header, 3, names, &err), MYO_OK);
	ck_assert_int_eq(myo_score_result(score, &r, &err), MYO_OK);
	char *text = text_of(&report, &r, &header);
	ck_assert_msg(strstr(text,
	    "by class                                    recall  precision       F1   images\n"
	    "  cat                                      100.00%    100.00%  100.00%        2\n"
	    "  d\xc3\xa4ys with longer names than anyone has …  50.00%    100.00%   66.67%        2\n"
	    "  mean                                      75.00%    100.00%   83.33%\n") != NULL, "%s", text);
	ck_assert_msg(strstr(text,
	    "                                                   0      1      2\n"
	    "   0 cat                                           2      0      0\n"
	    "   1 a hen that lays an egg a d\xc3\xa4y                  0      0      0\n"
	    "   2 d\xc3\xa4ys with longer names than anyone has …      0      1      1\n") != NULL, "%s", text);
	free(text);
	myo_header_clear(&header);
	myo_score_free(score);
}
END_TEST

START_TEST(report_of_many_classes_has_the_worst)
{
	/* class k is right in k + 1 of 30 images; otherwise it is taken for its neighbour */
	enum { K = 30 };
	static int64_t confusion[K * K];
	struct myo_result r = { .classes = K, .top = 1, .confusion = confusion,
		.mean_probability = myo_share_of(1, 2) };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_score_report report = { .pairs = 3 };

	for (size_t k = 0; k < K; k++) {
		confusion[k * K + k] = (int64_t)k + 1;
		confusion[k * K + (k + 1) % K] = (int64_t)(K - 1 - k);
	}
	confusion[5 * K + 7] = 29; /* as many as class 0 taken for class 1 */
	char *text = text_of(&report, &r, &header);
	ck_assert_ptr_nonnull(strstr(text,
	    "\n10 worst of 30 classes    recall  precision       F1   images\n  class 0  "));
	ck_assert_ptr_nonnull(strstr(text, "  class 9 "));
	ck_assert_ptr_null(strstr(text, "  class 10 "));
	ck_assert_ptr_nonnull(strstr(text, "\n  mean of all "));
	ck_assert_ptr_nonnull(strstr(text, "\nmost confused\n     29  class 0 taken for class 1\n"
	    "     29  class 5 taken for class 7\n     28  class 1 taken for class 2\n"));
	free(text);
	report = (struct myo_score_report){ .all_classes = true };
	text = text_of(&report, &r, &header);
	ck_assert_ptr_nonnull(strstr(text, "\nby class "));
	ck_assert_ptr_nonnull(strstr(text, "  class 29 "));
	ck_assert_ptr_null(strstr(text, "most confused"));
	free(text);
}
END_TEST

/* Pairs one by one, each the largest of those that are left; many are equal. */
START_TEST(most_confused_pairs_are_the_largest)
{
	enum { K = 9 };
	static const size_t pairs[] = { 0, 1, 7, 1000 };
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 3, 0);
	struct myo_header header = MYO_HEADER_INIT;
	int64_t confusion[K * K];

	for (size_t i = 0; i < K * K; i++)
		confusion[i] = myo_rng_below(&rng, 5);
	const struct myo_result r = { .classes = K, .top = 1, .confusion = confusion,
		.mean_probability = myo_share_of(1, 2) };
	for (size_t p = 0; p < MYO_COUNT(pairs); p++) {
		const struct myo_score_report report = { .pairs = pairs[p] };
		char *text = text_of(&report, &r, &header);
		char expected[K * K * 64] = "\nmost confused\n";
		bool used[K * K] = { false };
		size_t length = strlen(expected);
		for (size_t n = 0; n < pairs[p]; n++) {
			size_t best = K * K;
			for (size_t i = 0; i < K * K; i++)
				if (i / K != i % K && !used[i] && confusion[i] > 0 &&
				    (best == K * K || confusion[i] > confusion[best]))
					best = i;
			if (best == K * K)
				break;
			used[best] = true;
			length += (size_t)snprintf(expected + length, sizeof expected - length,
			    "  %5d  class %zu taken for class %zu\n", (int)confusion[best], best / K, best % K);
		}
		const char *found = strstr(text, "\nmost confused\n");
		if (pairs[p] == 0)
			ck_assert_ptr_null(found);
		else
			ck_assert_str_eq(found, expected);
		free(text);
	}
}
END_TEST

START_TEST(report_has_what_was_asked_for)
{
	static const int64_t confusion[4] = { 3, 1, 0, 0 };
	static const struct myo_position positions[] = { { -2, 0, { 1, 2, 0, 1 } }, { -2, 14, { 2, 2, 0, 1 } },
		{ 0, 7, { 0, 3, 0, 1 } } };
	const struct myo_tile_count counts[] = { { 1, 4, myo_share_of(1, 4), myo_share_of(2, 4), myo_share_of(3, 4) },
		{ 2, 3, myo_share_of(4, 4), myo_share_of(3, 4), myo_share_of(0, 4) } };
	struct myo_result r = { .classes = 2, .top = 1, .confusion = confusion, .tile_counts = counts,
		.tile_count_number = 2, .positions = positions, .position_number = 3 };
	struct myo_agreement a = { .images = 4, .same = myo_share_of(2, 4), .these = myo_share_of(3, 4),
		.those = myo_share_of(1, 4), .kappa = -0.25, .p = 0.625, .difference = 0.5, .low = -0.125,
		.high = 0.875, .both = 1, .only_these = 2,
		.only_those = 0, .neither = 1, .neither_same = 1 };
	const struct myo_score_report report = { .against = &a, .against_name = "that\033[2J" };
	struct myo_header header = MYO_HEADER_INIT;
	char *text = text_of(&report, &r, &header);
	static const char expected[] =
	    "\nagainst that\\x1b[2J\n"
	    "  its accuracy            25.00%  (1 of 4; 95% interval 4.56 to 69.94)\n"
	    "  difference             +50.00   (points that this one has more; 95% interval -12.50 to +87.50)\n"
	    "  the same choice         50.00%  (2 of 4; 95% interval 15.00 to 85.00)\n"
	    "  Cohen's kappa          -0.2500\n"
	    "  both right                  1\n"
	    "  only this right             2\n"
	    "  only that right             0\n"
	    "  both wrong                  1, 1 of them by the same choice\n"
	    "  McNemar's exact test   p = 0.625, of 2 images that only one has right\n"
	    "\n"
	    "accuracy by the number of tiles: so many of each image, or all where it has fewer\n"
	    "     tiles have so many  mean probability  mean logit     vote\n"
	    "         1            4            25.00%      50.00%   75.00%\n"
	    "         2            3           100.00%      75.00%    0.00%\n"
	    "\n"
	    "accuracy by position: per cent right of the tiles whose top left corner is at y (line) and x (column)\n"
	    "              0      7     14\n"
	    "      -2  50.00      - 100.00\n"
	    "       0      -   0.00      -\n"
	    "\n"
	    "by class ";
	const char *found = strstr(text, "\nagainst ");
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(strncmp(found, expected, sizeof expected - 1), 0);
	free(text);
	a.kappa = NAN;
	text = text_of(&report, &r, &header);
	ck_assert_ptr_nonnull(strstr(text, "\n  Cohen's kappa          undefined: both choose one class alone\n"));
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("score");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_test(all, intervals_are_wilson_s);
	tcase_add_test(all, images_by_hand);
	tcase_add_test(all, whole_images_come_once);
	tcase_add_test(all, top_counts_the_label_among_the_largest);
	tcase_add_loop_test(all, three_ways_to_combine_tiles, 0, 3);
	tcase_add_test(all, equal_votes_go_to_the_more_probable);
	tcase_add_test(all, order_of_rows_changes_nothing);
	tcase_add_test(all, memory_changes_nothing);
	tcase_add_test(all, an_image_that_was_forgotten_is_refused);
	tcase_add_test(all, precision_recall_and_f1_by_hand);
	tcase_add_test(all, more_tiles_by_hand);
	tcase_add_test(all, order_and_memory_change_no_tiles);
	tcase_add_test(all, an_image_of_more_tiles_than_memory_is_refused);
	tcase_add_test(all, positions_by_hand);
	tcase_add_test(all, mcnemar_is_the_coin_s);
	tcase_add_test(all, agreement_by_hand);
	tcase_add_test(all, other_images_are_refused);
	tcase_add_test(all, rows_without_a_label_are_left_out);
	tcase_add_loop_test(all, bad_rows_are_refused, 0, 7);
	tcase_add_test(all, certainty_of_the_wrong_class_costs_much_but_not_all);
	tcase_add_test(all, report_begins_with_the_accuracy);
	tcase_add_test(all, report_has_room_for_long_names);
	tcase_add_test(all, report_of_many_classes_has_the_worst);
	tcase_add_test(all, most_confused_pairs_are_the_largest);
	tcase_add_test(all, report_has_what_was_asked_for);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
