/* toy.h - what tests of the training share: rows that any network learns at once, models, and the loop over them. */
#ifndef MYO_TESTS_TOY_H
#define MYO_TESTS_TOY_H

#include "train/train.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 8, CLASSES = 3 };
static const char *const class_names[CLASSES] = { "red", "green", "blue" };

/* Patches whose class is the brightest channel: what any network learns at once. */
struct toy {
	struct myo_record record;
	uint8_t *pixels;
	int32_t *label;
	int64_t *id;
};

static inline void
make_toy(struct toy *toy, size_t rows, size_t side, uint64_t seed)
{
	struct myo_err err = MYO_ERR_INIT;
	const size_t shape[] = { rows, side, side, 3 };
	struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, 0, 0);

	*toy = (struct toy){ .record = MYO_RECORD_INIT, .pixels = malloc(rows * side * side * 3),
		.label = malloc(rows * sizeof *toy->label), .id = malloc(rows * sizeof *toy->id) };
	ck_assert(toy->pixels != NULL && toy->label != NULL && toy->id != NULL);
	for (size_t i = 0; i < rows; i++) {
		toy->id[i] = (int64_t)i;
		toy->label[i] = (int32_t)myo_rng_below(&rng, CLASSES);
		for (size_t p = 0; p < side * side; p++)
			for (size_t c = 0; c < 3; c++)
				toy->pixels[(i * side * side + p) * 3 + c] = (uint8_t)(myo_rng_below(&rng, 100) +
				    (c == (size_t)toy->label[i] ? 80 : 0));
	}
	ck_assert_int_eq(myo_record_put(&toy->record, "image", MYO_U8, 4, shape, toy->pixels, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&toy->record, "label", MYO_I32, 1, &rows, toy->label, &err), MYO_OK);
	ck_assert_int_eq(myo_record_put(&toy->record, "id", MYO_I64, 1, &rows, toy->id, &err), MYO_OK);
}

static inline void
clear_toy(struct toy *toy)
{
	myo_record_clear(&toy->record);
	free(toy->pixels);
	free(toy->label);
	free(toy->id);
}

static inline void
make_header(struct myo_header *header, enum myo_kind kind, int64_t rows)
{
	struct myo_err err = MYO_ERR_INIT;

	*header = (struct myo_header)MYO_HEADER_INIT;
	header->kind = kind;
	header->rows = rows;
	ck_assert_int_eq(myo_header_set_classes(header, CLASSES, class_names, &err), MYO_OK);
}

static inline void
make_model(struct myo_model *model, const char *spec)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_header header;

	make_header(&header, MYO_PATCHES, -1);
	ck_assert_msg(myo_model_new(model, spec, SIDE, &header, 1, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_model_parse_normalisation(model, ".3,.3,.3:.2,.2,.2", &err), MYO_OK);
	myo_header_clear(&header);
}

static inline struct myo_trainer_options
how_to(size_t batch)
{
	return (struct myo_trainer_options){ .batch = batch, .smoothing = 0.1,
		.optimiser = { .kind = MYO_SGD, .momentum = 0.9, .nesterov = true, .decay = 5e-4 },
		.schedule = { .kind = MYO_CONSTANT, .rate = 0.05 } };
}

/* Train on the rows of a toy, cut into records of `cut` rows; the last step's report. */
static inline struct myo_step
train(struct myo_model *model, const struct myo_trainer_options *how, const struct toy *toy, size_t cut,
    struct myo_pool *pool)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_trainer *trainer;
	struct myo_step step = { 0 };
	const size_t rows = myo_record_rows(&toy->record);
	int rc;

	ck_assert_msg(myo_trainer_new(model, how, pool, &trainer, &err) == MYO_OK, "%s", err.text);
	for (size_t first = 0; first < rows; first += cut) {
		struct myo_record part = MYO_RECORD_INIT;
		const size_t n = rows - first < cut ? rows - first : cut;
		const size_t shape[] = { n, SIDE, SIDE, 3 };
		size_t row = 0;
		ck_assert_int_eq(myo_record_put(&part, "image", MYO_U8, 4, shape, toy->pixels + first * SIDE * SIDE * 3,
		    &err), MYO_OK);
		ck_assert_int_eq(myo_record_put(&part, "label", MYO_I32, 1, &n, toy->label + first, &err), MYO_OK);
		while ((rc = myo_trainer_feed(trainer, &part, &row, n, &step, &err)) == MYO_OK)
			ck_assert_uint_eq(step.batch, how->batch);
		ck_assert_msg(rc == MYO_END, "%s", err.text);
		ck_assert_uint_eq(row, n);
		myo_record_clear(&part);
	}
	ck_assert_int_ne(myo_trainer_finish(trainer, &step, &err), MYO_FAIL);
	ck_assert_int_eq(myo_trainer_finish(trainer, &step, &err), MYO_END);
	myo_trainer_free(trainer);
	return step;
}

static inline void
ck_same_weights(const struct myo_model *a, const struct myo_model *b)
{
	for (size_t i = 0; i < myo_net_weights(a->net); i++) {
		const struct myo_weight *w = myo_net_weight(a->net, i), *v = myo_net_weight(b->net, i);
		ck_assert_msg(memcmp(w->value, v->value, w->elements * sizeof *w->value) == 0, "%s differs", w->name);
	}
}

#endif
