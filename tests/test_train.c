/* Tests of the train room: schedules, the loop, reading ahead, validation. test_optimiser.c has what steps do. */
#include "toy.h"

#include "train/private.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- schedules --------------------------------------------------------------------------- */

/* Of a run of 100 steps at 0.4, from PyTorch's schedulers, with 25% of one-cycle rising. */
static const struct {
	enum myo_schedule_kind kind;
	int64_t step;
	double rate;
} rates[] = {
	{ MYO_CONSTANT, 0, 0.4 }, { MYO_CONSTANT, 99, 0.4 }, { MYO_CONSTANT, 1000000, 0.4 },
	{ MYO_STEP, 0, 0.4 }, { MYO_STEP, 29, 0.4 }, { MYO_STEP, 30, 0.04 }, { MYO_STEP, 59, 0.04 },
	{ MYO_STEP, 60, 0.004 }, { MYO_STEP, 99, 0.004 },
	{ MYO_COSINE, 0, 0.4 }, { MYO_COSINE, 1, 0.399901312073 }, { MYO_COSINE, 50, 0.2 },
	{ MYO_COSINE, 99, 9.86879268537e-05 }, { MYO_COSINE, 200, 9.86879268537e-05 },
	{ MYO_ONECYCLE, 0, 0.016 }, { MYO_ONECYCLE, 1, 0.0176425866162 }, { MYO_ONECYCLE, 12, 0.208 },
	{ MYO_ONECYCLE, 23, 0.398357413384 }, { MYO_ONECYCLE, 24, 0.4 }, { MYO_ONECYCLE, 25, 0.399824566722 },
	{ MYO_ONECYCLE, 50, 0.292659636387 }, { MYO_ONECYCLE, 98, 0.000177033278492 },
	{ MYO_ONECYCLE, 99, 1.6e-06 }, { MYO_ONECYCLE, 100, 1.6e-06 }, { MYO_ONECYCLE, 12345, 1.6e-06 },
};

static struct myo_schedule
schedule_of(enum myo_schedule_kind kind)
{
	static const int64_t milestones[] = { 30, 60 };

	return (struct myo_schedule){ .kind = kind, .rate = 0.4, .total = 100, .warmup = kind == MYO_ONECYCLE ? 25 : 0,
		.factor = 0.1, .milestone_count = 2, .milestones = milestones, .start = 0.2, .end = 0.1 };
}

START_TEST(schedules_are_pytorchs)
{
	const struct myo_schedule s = schedule_of(rates[_i].kind);

	ck_assert_double_eq_tol(myo_schedule_rate(&s, rates[_i].step), rates[_i].rate, 1e-10 * 0.4);
}
END_TEST

START_TEST(triangles_have_straight_sides)
{
	const struct myo_schedule s = { .kind = MYO_TRIANGLE, .rate = 2, .total = 101, .warmup = 21, .start = 0.2,
		.end = 0.05 };
	static const struct { int64_t step; double rate; } want[] = { { 0, 0.4 }, { 5, 0.8 }, { 10, 1.2 }, { 20, 2 },
		{ 21, 2 - 1.9 / 80 },
		{ 60, 2 - 1.9 / 2 }, { 100, 0.1 }, { 500, 0.1 } };

	for (size_t i = 0; i < MYO_COUNT(want); i++)
		ck_assert_double_eq_tol(myo_schedule_rate(&s, want[i].step), want[i].rate, 1e-12);
}
END_TEST

/* A run that turns out longer or shorter goes through the same rates, faster or slower. */
START_TEST(schedules_can_be_stretched)
{
	for (int kind = MYO_CONSTANT; kind <= MYO_TRIANGLE; kind++) {
		const struct myo_schedule plain = schedule_of((enum myo_schedule_kind)kind);
		struct myo_schedule s = plain;
		myo_schedule_stretch(&s, 0, 298); /* three for one, and the last for the last */
		for (int64_t step = 0; step < 298; step += 3)
			ck_assert_double_eq_tol(myo_schedule_rate(&s, step), myo_schedule_rate(&plain, step / 3), 1e-9);
		myo_schedule_stretch(&s, 153, 178); /* from the 51st on two for one */
		for (int64_t step = 153; step < 178; step++)
			ck_assert_double_eq_tol(myo_schedule_rate(&s, step),
			    myo_schedule_rate(&plain, 51 + 2 * (step - 153)), 1e-9);
	}
}
END_TEST

START_TEST(budgets_are_kept)
{
	/* A machine whose steps take 0.1 s, then 0.2, then 0.05; a validation of 1 s at the end. */
	struct budget budget = { .limit = 100, .next = 1, .validation = 1 };
	int64_t total = 100, looks = 0;
	double now = 0;

	for (int64_t step = 1; step <= total; step++) {
		now += step < 300 ? 0.1 : step < 500 ? 0.2 : 0.05;
		looks += train_budget_look(&budget, now, step, total, &total);
	}
	ck_assert_int_ge(looks, 3);
	ck_assert_int_le(looks, 22);
	ck_assert_double_ge(now + 1, 95);
	ck_assert_double_le(now + 1, 105);
}
END_TEST

/*
 * Something else that takes half of the machine for a twentieth of the time costs a run a twentieth at most, and not
 * half of its plan.
 */
START_TEST(budgets_outlast_disturbances)
{
	struct budget budget = { .limit = 100, .pace = 0.1, .next = 1, .validation = 1 };
	int64_t total = 990;
	double now = 0;

	for (int64_t step = 1; step <= total; step++) {
		now += now > 40 && now < 45 ? 0.2 : 0.1;
		(void)train_budget_look(&budget, now, step, total, &total);
		ck_assert_int_ge(total, 900);
		ck_assert_int_le(total, 1000);
	}
	ck_assert_double_ge(now + 1, 95);
	ck_assert_double_le(now + 1, 105);
}
END_TEST

START_TEST(warmup_rises_evenly)
{
	for (int kind = MYO_CONSTANT; kind <= MYO_COSINE; kind++) {
		struct myo_schedule s = schedule_of((enum myo_schedule_kind)kind);
		s.warmup = 7;
		for (int64_t step = 0; step < 7; step++)
			ck_assert_double_eq_tol(myo_schedule_rate(&s, step), 0.4 * (double)(step + 1) / 8, 1e-12);
		ck_assert_double_eq_tol(myo_schedule_rate(&s, 7), 0.4, 1e-12);
	}
}
END_TEST

START_TEST(short_runs_have_rates_too)
{
	for (int kind = MYO_CONSTANT; kind <= MYO_ONECYCLE; kind++)
		for (int64_t total = 1; total <= 4; total++)
			for (int64_t warmup = 0; warmup <= total; warmup++)
				for (int64_t step = 0; step < total + 2; step++) {
					struct myo_schedule s = schedule_of((enum myo_schedule_kind)kind);
					s.total = total;
					s.warmup = warmup;
					const double rate = myo_schedule_rate(&s, step);
					ck_assert_msg(rate > 0 && rate <= 0.4,
					    "kind %d, total %lld, warmup %lld, step %lld: %g",
					    kind, (long long)total, (long long)warmup, (long long)step, rate);
				}
}
END_TEST

START_TEST(spans_are_epochs_shares_or_steps)
{
	static const struct {
		const char *text;
		double total, epoch;
		int64_t steps; /* -1: fails */
	} cases[] = {
		{ "3", 100, 10, 30 }, { "0.25", 100, 10, 3 }, { "2.5", 0, 390.625, 977 }, { "30%", 200, 0, 60 },
		{ "200s", 0, 0, 200 }, { "0", 0, 0, 0 }, { "0%", 0, 0, 0 }, { "3", 100, 0, -1 }, { "30%", 0, 10, -1 },
		{ "", 1, 1, -1 }, { "x", 1, 1, -1 }, { "-1", 1, 1, -1 }, { "1.5s", 1, 1, -1 }, { "101%", 1, 1, -1 },
		{ "3 epochs", 1, 1, -1 }, { "nan", 1, 1, -1 }, { "inf", 1, 1, -1 }, { "1e300", 1, 1, -1 },
	};
	struct myo_err err = MYO_ERR_INIT;
	size_t count;
	int64_t *list;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		struct myo_span span;
		int64_t steps = -2;
		int rc = myo_span_parse(cases[i].text, &span, &err);
		if (rc == MYO_OK)
			rc = myo_span_steps(&span, cases[i].total, cases[i].epoch, &steps, &err);
		ck_assert_msg((rc == MYO_OK ? steps : -1) == cases[i].steps, "'%s': %lld", cases[i].text,
		    (long long)steps);
	}
	ck_assert_int_eq(myo_span_list("1,25%,90s", 100, 10, &list, &count, &err), MYO_OK);
	ck_assert_uint_eq(count, 3);
	ck_assert(list[0] == 10 && list[1] == 25 && list[2] == 90);
	free(list);
	ck_assert_int_eq(myo_span_list("2,1", 100, 10, &list, &count, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "ascending"));
	ck_assert_int_eq(myo_span_list("1,,2", 100, 10, &list, &count, &err), MYO_FAIL);
}
END_TEST

/* ---- the loop --------------------------------------------------------------------------------- */

START_TEST(records_and_threads_do_not_matter)
{
	static const size_t cuts[] = { 1000, 1, 7, 16, 33 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model first, other;
	struct toy toy;

	make_toy(&toy, 105, SIDE, 1);
	for (size_t i = 0; i < MYO_COUNT(cuts); i++) {
		const struct myo_trainer_options how = how_to(16);
		struct myo_pool *pool;
		ck_assert_int_eq(myo_pool_new(1 + (int)i, &pool, &err), MYO_OK);
		make_model(i == 0 ? &first : &other, "resnet9:width=4");
		const struct myo_step last = train(i == 0 ? &first : &other, &how, &toy, cuts[i], pool);
		ck_assert_int_eq(last.number, 7); /* six of 16 and one of 9 */
		ck_assert_int_eq(last.rows, 105);
		ck_assert_uint_eq(last.batch, 9);
		if (i > 0) {
			ck_same_weights(&first, &other);
			myo_model_clear(&other);
		}
		myo_pool_free(pool);
	}
	myo_model_clear(&first);
	clear_toy(&toy);
}
END_TEST

START_TEST(one_row_is_a_batch)
{
	struct myo_model model;
	struct myo_trainer_options how = how_to(16);
	struct toy toy;

	make_toy(&toy, 17, SIDE, 1);
	make_model(&model, "resnet9:width=2"); /* its last normalisation sees a single pixel then */
	const struct myo_step last = train(&model, &how, &toy, 17, NULL);
	ck_assert_uint_eq(last.batch, 1);
	ck_assert(isfinite(last.loss));
	for (size_t i = 0; i < myo_net_weights(model.net); i++)
		for (size_t k = 0; k < myo_net_weight(model.net, i)->elements; k++)
			ck_assert(isfinite(myo_net_weight(model.net, i)->value[k]));
	myo_model_clear(&model);
	clear_toy(&toy);
}
END_TEST

START_TEST(rows_that_cannot_be_trained_on_are_named)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;
	struct myo_trainer_options how = how_to(16);
	struct myo_trainer *trainer;
	struct myo_step step;
	struct toy toy;
	size_t row = 0;

	make_model(&model, "linear");
	ck_assert_int_eq(myo_trainer_new(&model, &how, NULL, &trainer, &err), MYO_OK);
	make_toy(&toy, 16, SIDE, 1);
	toy.label[11] = -1;
	ck_assert_int_eq(myo_trainer_feed(trainer, &toy.record, &row, myo_record_rows(&toy.record), &step, &err),
	    MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "row 11 of the stream has no label"));
	toy.label[11] = CLASSES;
	ck_assert_int_eq(myo_trainer_feed(trainer, &toy.record, &row, myo_record_rows(&toy.record), &step, &err),
	    MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "label 3"));
	clear_toy(&toy);
	make_toy(&toy, 4, SIDE + 1, 1);
	ck_assert_int_eq(myo_trainer_feed(trainer, &toy.record, &row, myo_record_rows(&toy.record), &step, &err),
	    MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "9x9"));
	clear_toy(&toy);
	myo_trainer_free(trainer);
	myo_model_clear(&model);
}
END_TEST

START_TEST(divergence_is_noticed)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_model model;
	struct myo_trainer_options how = how_to(16);
	struct myo_trainer *trainer;
	struct myo_step step;
	struct toy toy;
	size_t row = 0;
	int rc;

	how.schedule.rate = 1e38;
	make_model(&model, "linear");
	ck_assert_int_eq(myo_trainer_new(&model, &how, NULL, &trainer, &err), MYO_OK);
	make_toy(&toy, 160, SIDE, 1);
	do
		rc = myo_trainer_feed(trainer, &toy.record, &row, myo_record_rows(&toy.record), &step, &err);
	while (rc == MYO_OK);
	ck_assert_int_eq(rc, MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "diverged"));
	clear_toy(&toy);
	myo_trainer_free(trainer);
	myo_model_clear(&model);
}
END_TEST

/* ---- streams ------------------------------------------------------------------------------------ */

static char folder[] = "/tmp/myopic-train.XXXXXX";
static char path[64];

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/file", folder);
}

static void
remove_folder(void)
{
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* A stream of `records` records of a toy; without its end record where `whole` is false. */
static void
write_stream(enum myo_kind kind, const struct toy *toy, int records, bool whole)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header header;
	struct myo_writer *writer;

	make_header(&header, kind, -1);
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(myo_writer_new(fd, path, &header, &writer, &err), MYO_OK);
	for (int i = 0; i < records; i++)
		ck_assert_int_eq(myo_writer_put(writer, &toy->record, &err), MYO_OK);
	if (whole)
		ck_assert_int_eq(myo_writer_end(writer, NULL, &err), MYO_OK);
	myo_writer_free(writer);
	ck_assert_int_eq(close(fd), 0);
	myo_header_clear(&header);
}

static struct myo_intake *
open_intake(int *fd, bool (*stopped)(void))
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_reader *reader;
	struct myo_intake *intake;

	*fd = open(path, O_RDONLY);
	ck_assert_int_ge(*fd, 0);
	ck_assert_msg(myo_reader_new(*fd, path, &reader, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_intake_new(reader, stopped, &intake, &err), MYO_OK);
	return intake;
}

static void
measure(struct myo_intake *intake, size_t rows, int *side, double *mean, double *deviation)
{
	struct myo_err err = MYO_ERR_INIT;
	size_t kept;

	ck_assert_int_eq(myo_intake_keep(intake, rows, SIZE_MAX, &kept, &err), MYO_OK);
	ck_assert_uint_eq(kept, rows < 200 ? rows : 200);
	ck_assert_int_eq(myo_intake_measure(intake, kept, side, mean, deviation, &err), MYO_OK);
}

START_TEST(the_intake_gives_every_record_once)
{
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	double mean[3], deviation[3];
	struct toy toy;
	int fd, side, rc;

	make_toy(&toy, 5, SIDE, 1);
	write_stream(MYO_PATCHES, &toy, 40, true);
	for (size_t measured = 0; measured <= 300; measured += 60) {
		struct myo_intake *intake = open_intake(&fd, NULL);
		size_t rows = 0;
		if (measured > 0)
			measure(intake, measured, &side, mean, deviation);
		while ((rc = myo_intake_next(intake, &record, &err)) == MYO_OK) {
			const struct myo_tensor *image = myo_record_find(record, "image");
			ck_assert_mem_eq(image->data, toy.pixels, image->bytes);
			rows += myo_record_rows(record);
		}
		ck_assert_msg(rc == MYO_END, "%s", err.text);
		ck_assert_uint_eq(rows, 200);
		myo_intake_free(intake);
		(void)close(fd);
	}
	ck_assert_int_eq(side, SIDE);
	double sum = 0;
	for (size_t i = 0; i < 5 * SIDE * SIDE; i++)
		sum += toy.pixels[3 * i];
	ck_assert_double_eq_tol(mean[0], sum / (5 * SIDE * SIDE * 255), 1e-9);
	clear_toy(&toy);
}
END_TEST

START_TEST(the_intake_ends_early_when_asked)
{
	struct myo_err err = MYO_ERR_INIT;
	struct toy toy;
	const struct myo_record *record;
	double mean[3], deviation[3];
	int fd, side;

	make_toy(&toy, 5, SIDE, 1);
	write_stream(MYO_PATCHES, &toy, 40, true);
	struct myo_intake *intake = open_intake(&fd, NULL);
	measure(intake, 1, &side, mean, deviation);
	ck_assert_ptr_null(myo_intake_kept(intake, 1));
	measure(intake, 41, &side, mean, deviation); /* and more */
	ck_assert_ptr_nonnull(myo_intake_kept(intake, 1));
	ck_assert_int_eq(myo_intake_next(intake, &record, &err), MYO_OK); /* and holds it: nothing of it may leak */
	myo_intake_free(intake);
	(void)close(fd);
	clear_toy(&toy);
}
END_TEST

START_TEST(a_cut_off_stream_is_a_failure)
{
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	struct toy toy;
	size_t kept;
	int fd, rc;

	make_toy(&toy, 5, SIDE, 1);
	write_stream(MYO_PATCHES, &toy, 4, false);
	struct myo_intake *intake = open_intake(&fd, NULL);
	while ((rc = myo_intake_next(intake, &record, &err)) == MYO_OK)
		continue;
	ck_assert_int_eq(rc, MYO_FAIL);
	myo_intake_free(intake);
	(void)close(fd);

	intake = open_intake(&fd, NULL);
	ck_assert_int_eq(myo_intake_keep(intake, 1000, SIZE_MAX, &kept, &err), MYO_FAIL);
	myo_intake_free(intake);
	(void)close(fd);
	clear_toy(&toy);
}
END_TEST

START_TEST(an_empty_stream_is_nothing_to_train_on)
{
	struct myo_err err = MYO_ERR_INIT;
	struct toy toy;
	double mean[3], deviation[3];
	size_t kept;
	int fd, side;

	make_toy(&toy, 1, SIDE, 1);
	write_stream(MYO_PATCHES, &toy, 0, true);
	struct myo_intake *intake = open_intake(&fd, NULL);
	ck_assert_int_eq(myo_intake_keep(intake, 1, 1, &kept, &err), MYO_OK);
	ck_assert_int_eq(myo_intake_measure(intake, kept, &side, mean, deviation, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "no rows"));
	myo_intake_free(intake);
	(void)close(fd);
	clear_toy(&toy);
}
END_TEST

static bool
always(void)
{
	return true;
}

START_TEST(a_stop_ends_the_waiting)
{
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	struct myo_header header;
	struct myo_writer *writer;
	struct myo_reader *reader;
	struct myo_intake *intake;
	int ends[2];

	/* A pipe that stays open after the header: the reader waits for ever. */
	ck_assert_int_eq(pipe(ends), 0);
	make_header(&header, MYO_PATCHES, -1);
	ck_assert_int_eq(myo_writer_new(ends[1], "pipe", &header, &writer, &err), MYO_OK);
	ck_assert_int_eq(myo_reader_new(ends[0], "pipe", &reader, &err), MYO_OK);
	ck_assert_int_eq(myo_intake_new(reader, always, &intake, &err), MYO_OK);
	ck_assert_int_eq(myo_intake_next(intake, &record, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "stopped");
	myo_writer_free(writer);
	(void)close(ends[1]); /* which lets the thread end */
	myo_intake_free(intake);
	(void)close(ends[0]);
	myo_header_clear(&header);
}
END_TEST

START_TEST(validation_counts_what_is_right)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_validator *validator;
	struct myo_model model;
	struct toy toy;
	int64_t images, correct, right = 0;

	make_model(&model, "linear:grid=1,bias=0");
	/* Logit k is channel k: the model is right about every toy. */
	struct myo_weight *w = myo_net_find_weight(model.net, "fc.weight");
	for (size_t i = 0; i < w->elements; i++)
		w->value[i] = i / 3 == i % 3 ? 1 : 0;
	make_toy(&toy, 50, 11, 1);
	toy.label[7] = -1;
	toy.label[8] = (toy.label[8] + 1) % CLASSES;
	write_stream(MYO_IMAGES, &toy, 2, true);
	ck_assert_msg(myo_validator_new(path, &model, 16, NULL, NULL, &validator, &err) == MYO_OK, "%s", err.text);
	for (int again = 0; again < 2; again++) {
		ck_assert_msg(myo_validator_run(validator, &images, &correct, &err) == MYO_OK, "%s", err.text);
		right = correct;
		ck_assert_int_eq(images, 98);
		ck_assert_int_eq(right, 96);
	}
	myo_validator_free(validator);

	ck_assert_int_eq(myo_validator_new(path, &model, 16, NULL, always, &validator, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "stopped"));
	write_stream(MYO_PATCHES, &toy, 1, true);
	ck_assert_int_eq(myo_validator_new(path, &model, 16, NULL, NULL, &validator, &err), MYO_FAIL);
	write_stream(MYO_IMAGES, &toy, 1, false);
	ck_assert_int_eq(myo_validator_new(path, &model, 16, NULL, NULL, &validator, &err), MYO_FAIL);
	write_stream(MYO_IMAGES, &toy, 0, true);
	ck_assert_int_eq(myo_validator_new(path, &model, 16, NULL, NULL, &validator, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "no images"));
	/* What validation would stumble over at the end. */
	for (size_t k = 0; k < toy.record.count; k++)
		if (strcmp(toy.record.tensors[k].name, "id") == 0)
			toy.record.tensors[k].name = "number";
	write_stream(MYO_IMAGES, &toy, 1, true);
	ck_assert_int_eq(myo_validator_new(path, &model, 16, NULL, NULL, &validator, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "'id'"));
	clear_toy(&toy);
	myo_model_clear(&model);
}
END_TEST

static void
ck_file_is(const char *name, const char *wanted)
{
	char text[512] = { 0 };
	FILE *file = fopen(name, "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(text, 1, sizeof text - 1, file), 0);
	(void)fclose(file);
	ck_assert_str_eq(text, wanted);
}

START_TEST(the_log_is_a_table)
{
	const double none[] = { NAN, NAN }, some[] = { 0.75, NAN };
	struct myo_log_line line = { .step = 3, .rows = 48, .rate = 0.05, .loss = 1.25, .accuracy = 0.25, .epoch = NAN,
		.seconds = 1.5, .validation = none };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_log *log;

	ck_assert_int_eq(myo_log_new(path, 2, false, &log, &err), MYO_OK);
	myo_log_write(log, &line);
	line.epoch = 0.5;
	line.validation = some;
	myo_log_write(log, &line);
	ck_assert_int_eq(myo_log_close(log, &err), MYO_OK);
	ck_file_is(path, "step\tepoch\trows\tlr\tloss\taccuracy\tseconds\tvalidation\tvalidation2\n"
	    "3\tNA\t48\t0.05\t1.250000\t0.2500\t1.50\tNA\tNA\n3\t0.5000\t48\t0.05\t1.250000\t0.2500\t1.50\t0.7500\tNA\n");
	if (access("/dev/full", W_OK) == 0) {
		ck_assert_int_eq(myo_log_new("/dev/full", 2, false, &log, &err), MYO_OK);
		myo_log_write(log, &line);
		ck_assert_int_eq(myo_log_close(log, &err), MYO_FAIL);
		ck_assert_ptr_nonnull(strstr(err.text, "/dev/full: the log can't be written"));
	}
}
END_TEST

/* The disk is full for two lines, of which a part of the first fits. */
START_TEST(the_log_has_whole_lines_only)
{
	struct myo_log_line line = { .step = 1, .rows = 16, .rate = 0.05, .loss = 1.25, .accuracy = 0.25, .epoch = 1,
		.seconds = 1.5 };
	struct myo_err err = MYO_ERR_INIT;
	struct rlimit whole, small;
	struct myo_log *log;
	int64_t bytes;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &whole), 0);
	small = whole;
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(myo_log_new(path, 0, false, &log, &err), MYO_OK);
	ck_assert_int_eq(myo_log_sync(log, &bytes, &err), MYO_OK);
	small.rlim_cur = (rlim_t)bytes + 10;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	myo_log_write(log, &line);
	line.step = 2;
	myo_log_write(log, &line);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &whole), 0);
	line.step = 3;
	myo_log_write(log, &line);
	ck_assert_int_eq(myo_log_sync(log, &bytes, &err), MYO_OK);
	ck_file_is(path, "step\tepoch\trows\tlr\tloss\taccuracy\tseconds\n3\t1.0000\t16\t0.05\t1.250000\t0.2500\t1.50\n");
	ck_assert_int_eq(myo_log_close(log, &err), MYO_FAIL); /* which is told, though it went on */
	ck_assert_ptr_nonnull(strstr(err.text, ": the log can't be written: "));
	ck_assert_int_eq(myo_log_new(path, 0, true, &log, &err), MYO_OK);
	ck_assert_msg(myo_log_resume(log, bytes, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_log_close(log, &err), MYO_OK);
}
END_TEST

START_TEST(the_log_goes_on_where_the_checkpoint_stands)
{
	const double none[] = { NAN };
	const struct myo_log_line line = { .step = 3, .rows = 48, .rate = 0.05, .loss = 1.25,
		.accuracy = 0.25, .epoch = 1, .seconds = 1.5, .validation = none };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_log *log;
	int64_t bytes, more;

	ck_assert_int_eq(myo_log_new(path, 1, false, &log, &err), MYO_OK);
	ck_assert_int_eq(myo_log_sync(log, &bytes, &err), MYO_OK);
	myo_log_write(log, &line);
	ck_assert_int_eq(myo_log_sync(log, &more, &err), MYO_OK);
	ck_assert_int_gt(more, bytes);
	myo_log_write(log, &line);
	ck_assert_int_eq(myo_log_close(log, &err), MYO_OK);

	ck_assert_int_eq(myo_log_new(path, 1, true, &log, &err), MYO_OK);
	ck_assert_int_eq(myo_log_resume(log, bytes, &err), MYO_OK);
	myo_log_write(log, &line);
	ck_assert_int_eq(myo_log_close(log, &err), MYO_OK);
	ck_file_is(path, "step\tepoch\trows\tlr\tloss\taccuracy\tseconds\tvalidation\n"
	    "3\t1.0000\t48\t0.05\t1.250000\t0.2500\t1.50\tNA\n");

	ck_assert_int_eq(myo_log_new(path, 1, true, &log, &err), MYO_OK);
	ck_assert_int_eq(myo_log_resume(log, more + 1, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "another log"));
	ck_assert_int_eq(myo_log_close(log, &err), MYO_OK);
}
END_TEST

START_TEST(times_are_read_as_people_write_them)
{
	static const struct {
		const char *text;
		double seconds; /* 0: refused */
	} cases[] = { { "90", 90 }, { "90s", 90 }, { "10m", 600 }, { "1.5h", 5400 }, { "0.25s", 0.25 },
		{ "", 0 }, { "m", 0 },
		{ "5d", 0 }, { "5mm", 0 }, { "0", 0 }, { "-1s", 0 }, { "inf", 0 }, { "nan", 0 }, { "1e300h", 0 } };
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(cases); i++) {
		double seconds = -1;
		const int rc = myo_duration_parse(cases[i].text, &seconds, &err);
		ck_assert_msg(rc == (cases[i].seconds > 0 ? MYO_OK : MYO_FAIL), "'%s'", cases[i].text);
		if (rc == MYO_OK)
			ck_assert_double_eq(seconds, cases[i].seconds);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("train");
	TCase *all = tcase_create("all"), *files = tcase_create("files");

	tcase_add_loop_test(all, schedules_are_pytorchs, 0, MYO_COUNT(rates));
	tcase_add_test(all, triangles_have_straight_sides);
	tcase_add_test(all, schedules_can_be_stretched);
	tcase_add_test(all, budgets_are_kept);
	tcase_add_test(all, budgets_outlast_disturbances);
	tcase_add_test(all, warmup_rises_evenly);
	tcase_add_test(all, short_runs_have_rates_too);
	tcase_add_test(all, spans_are_epochs_shares_or_steps);
	tcase_add_test(all, records_and_threads_do_not_matter);
	tcase_add_test(all, one_row_is_a_batch);
	tcase_add_test(all, rows_that_cannot_be_trained_on_are_named);
	tcase_add_test(all, divergence_is_noticed);
	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, the_intake_gives_every_record_once);
	tcase_add_test(files, the_intake_ends_early_when_asked);
	tcase_add_test(files, a_cut_off_stream_is_a_failure);
	tcase_add_test(files, an_empty_stream_is_nothing_to_train_on);
	tcase_add_test(files, a_stop_ends_the_waiting);
	tcase_add_test(files, validation_counts_what_is_right);
	tcase_add_test(files, the_log_is_a_table);
	tcase_add_test(files, the_log_has_whole_lines_only);
	tcase_add_test(files, the_log_goes_on_where_the_checkpoint_stands);
	tcase_add_test(all, times_are_read_as_people_write_them);
	suite_add_tcase(suite, all);
	suite_add_tcase(suite, files);
	tcase_set_timeout(all, 60);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
