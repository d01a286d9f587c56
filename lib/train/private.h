/*
 * private.h - private to the train room: where a run stands in its stream and in its time, and
 * what a checkpoint keeps of that.
 *
 * Saving and loading walk through the same description. An object that a checkpoint keeps has one
 * function that names its numbers to a keeper, which reads them or writes them over; so the two
 * can't come apart.
 */
#ifndef MYO_TRAIN_PRIVATE_H
#define MYO_TRAIN_PRIVATE_H

#include "train/train.h"

/* ---- the stream --------------------------------------------------------------------------------- */

/* Rows are numbered from the beginning of the run's data, of which the stream may be the later part. */
struct rows {
	struct myo_intake *intake;
	const struct myo_record *record; /* under way; NULL: none yet */
	size_t row;              /* the first of it that wasn't taken yet */
	int64_t first, at;       /* numbers of the stream's first row and of that one */
	int64_t resumed;         /* rows before this one were trained on before the checkpoint */
	uint64_t print;          /* of the rows that have gone by: the fingerprint of their labels, places and pixels */
	uint64_t resumed_print;  /* what it must be at `resumed` */
	bool over;               /* the end record was read */
};

/* See to it that record has rows from row on that are to be trained on; MYO_END after the last. */
MYO_MUST_USE int train_rows_next(struct rows *rows, struct myo_err *err);

/* Whether there are more rows, behind the last ones that are wanted: MYO_OK, MYO_END or MYO_FAIL. */
MYO_MUST_USE int train_rows_peek(struct rows *rows, struct myo_err *err);

/* MYO_FAIL unless the rows of image, U8 [N,H,W,3], of which the first has this number, are squares of this side. */
MYO_MUST_USE int train_check_side(const struct myo_tensor *image, int64_t row, size_t side, struct myo_err *err);

/* Rows of the record up to `row` have been taken. */
void train_rows_taken(struct rows *rows, size_t row);

/* Before the first row: go on at this one. */
MYO_MUST_USE int train_rows_resume(struct rows *rows, int64_t row, uint64_t print, struct myo_err *err);

/* ---- the time --------------------------------------------------------------------------------------- */

/* A time that a run has to fit into. */
struct budget {
	double limit;      /* seconds; 0: none */
	double pace;       /* seconds of a step, of late */
	double next;       /* when to look at the clock again */
	double looked;     /* when that was last done */
	int64_t steps;     /* that were made then */
	double validation; /* seconds of the last one; another is to come at the end */
};

/*
 * After `steps` steps in `seconds`: true where the run should have another length, then *total is what
 * fits, in steps. now: steps of the whole run as planned.
 */
bool train_budget_look(struct budget *budget, double seconds, int64_t steps, int64_t now, int64_t *total);

/* ---- what a checkpoint keeps ------------------------------------------------------------------------ */

struct keeper;

/* Keep a number, or an array whose length the file must have too. name: unique within the checkpoint. */
MYO_MUST_USE int train_keep_count(struct keeper *keeper, const char *name, int64_t *value, struct myo_err *err);
MYO_MUST_USE int train_keep_real(struct keeper *keeper, const char *name, double *value, struct myo_err *err);
MYO_MUST_USE int train_keep_flag(struct keeper *keeper, const char *name, bool *value, struct myo_err *err);
MYO_MUST_USE int train_keep_floats(struct keeper *keeper, const char *name, float *values, size_t count,
    struct myo_err *err);
MYO_MUST_USE int train_keep_counts(struct keeper *keeper, const char *name, int64_t *values, size_t count,
    struct myo_err *err);

/* True while a checkpoint is read: the numbers have just been written over. */
bool train_keeper_loads(const struct keeper *keeper);

/* What the objects keep. */
MYO_MUST_USE int train_keep_trainer(struct keeper *keeper, struct myo_trainer *trainer, struct myo_err *err);
MYO_MUST_USE int train_keep_run(struct keeper *keeper, struct myo_run *run, struct myo_err *err);

#endif
