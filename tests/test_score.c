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
	/* Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I */
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
	ck_assert_double_eq_tol(r.tiles_loss, -(log(rows[0].p[_i]) + log(rows[1].p[_i]) + log(rows[2].p[_i])) / 3, 1e-6);
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
text_of(const struct myo_report *report, const struct myo_result *result, const struct myo_header *header)
{
	FILE *file = tmpfile();
	char *text = calloc(1, 1 << 16);

	ck_assert(file != NULL && text != NULL);
	ck_assert_int_eq(myo_report_text(file, report, result, header, NULL), MYO_OK);
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
	const struct myo_report report = { .pairs = 5, .confusion = true, .calibration = true };
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
	    "accuracy by class\n"
	    "  cat                    100.00%  (2 of 2)\n"
	    "  hen                     50.00%  (1 of 2)\n"
	    "\n"
	    "most confused\n"
	    "      1  hen taken for dog?[2J\n"
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

START_TEST(report_of_many_classes_has_the_worst)
{
	/* class k is right in k + 1 of 30 images; otherwise it is taken for its neighbour */
	enum { K = 30 };
	static int64_t confusion[K * K];
	struct myo_result r = { .classes = K, .top = 1, .confusion = confusion, .mean_probability = myo_share_of(1, 2) };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_report report = { .pairs = 3 };

	for (size_t k = 0; k < K; k++) {
		confusion[k * K + k] = (int64_t)k + 1;
		confusion[k * K + (k + 1) % K] = (int64_t)(K - 1 - k);
	}
	confusion[5 * K + 7] = 29; /* as many as class 0 taken for class 1 */
	char *text = text_of(&report, &r, &header);
	ck_assert_ptr_nonnull(strstr(text, "\naccuracy of the 10 worst of 30 classes\n  class 0  "));
	ck_assert_ptr_nonnull(strstr(text, "  class 9 "));
	ck_assert_ptr_null(strstr(text, "  class 10 "));
	ck_assert_ptr_nonnull(strstr(text, "\nmost confused\n     29  class 0 taken for class 1\n"
	    "     29  class 5 taken for class 7\n     28  class 1 taken for class 2\n"));
	free(text);
	report = (struct myo_report){ .all_classes = true };
	text = text_of(&report, &r, &header);
	ck_assert_ptr_nonnull(strstr(text, "\naccuracy by class\n"));
	ck_assert_ptr_nonnull(strstr(text, "  class 29 "));
	ck_assert_ptr_null(strstr(text, "most confused"));
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("score");
	TCase *all = tcase_create("all");

	tcase_add_test(all, intervals_are_wilson_s);
	tcase_add_test(all, images_by_hand);
	tcase_add_test(all, top_counts_the_label_among_the_largest);
	tcase_add_loop_test(all, three_ways_to_combine_tiles, 0, 3);
	tcase_add_test(all, equal_votes_go_to_the_more_probable);
	tcase_add_test(all, order_of_rows_changes_nothing);
	tcase_add_test(all, memory_changes_nothing);
	tcase_add_test(all, an_image_that_was_forgotten_is_refused);
	tcase_add_test(all, rows_without_a_label_are_left_out);
	tcase_add_loop_test(all, bad_rows_are_refused, 0, 7);
	tcase_add_test(all, certainty_of_the_wrong_class_costs_much_but_not_all);
	tcase_add_test(all, report_begins_with_the_accuracy);
	tcase_add_test(all, report_of_many_classes_has_the_worst);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
