/*
 * private.h - private to the train room: a run's position in its stream, its budget of time, and
 * what a checkpoint keeps.
 *
 * Saving and loading share one description, so that they can't disagree: each object that a checkpoint keeps has one
 * function that names its numbers to a keeper, which either saves them or overwrites them.
 */
#ifndef MYO_TRAIN_PRIVATE_H
#define MYO_TRAIN_PRIVATE_H

#include "train/train.h"

/* ---- the stream --------------------------------------------------------------------------------- */

/* Rows are numbered from the beginning of the run's data, of which the stream may be only a later part. */
struct rows {
	struct myo_intake *intake;
	const struct myo_record *record; /* the current one; NULL: none yet */
	size_t row;              /* its first row that hasn't been taken */
	int64_t first, at;       /* the numbers of the stream's first row, and of `row` */
	int64_t resumed;         /* rows before this one were trained on before the checkpoint */
	uint64_t print;          /* fingerprint of the labels, ids, places and pixels of all rows so far */
	uint64_t resumed_print;  /* what it must be at `resumed` */
	bool over;               /* the end record was read */
};

/* Make sure that `record` has a row `row` to be trained on, by reading on if need be; MYO_END after the last. */
MYO_MUST_USE int train_rows_next(struct rows *rows, struct myo_err *err);

/* Whether more rows follow the last ones that are wanted: MYO_OK, MYO_END or MYO_FAIL. */
MYO_MUST_USE int train_rows_peek(struct rows *rows, struct myo_err *err);

/* MYO_FAIL unless the rows of image, U8 [N,H,W,3], are squares of this side. row: the number of the first of them. */
MYO_MUST_USE int train_check_side(const struct myo_tensor *image, int64_t row, size_t side, struct myo_err *err);

/* Note that rows of the record before `row` have been taken. */
void train_rows_taken(struct rows *rows, size_t row);

/* Before the first row: skip all rows before this one, and check that their fingerprint is `print`. */
MYO_MUST_USE int train_rows_resume(struct rows *rows, int64_t row, uint64_t print, struct myo_err *err);

/* ---- the time --------------------------------------------------------------------------------------- */

/* A time that a run has to fit into. */
struct budget {
	double limit;      /* seconds; 0: none */
	double pace;       /* seconds per step, of late */
	double next;       /* when to look again at how long steps take, in seconds of training */
	double looked;     /* when that was last done */
	int64_t steps;     /* made by then */
	double validation; /* seconds that the last one took; one more is to come at the end */
};

/*
 * After `steps` steps in `seconds`: whether the run should have another length than the planned one, `now` steps; then
 * *total is how many fit.
 */
bool train_budget_look(struct budget *budget, double seconds, int64_t steps, int64_t now, int64_t *total);

/* ---- what a checkpoint keeps ------------------------------------------------------------------------ */

struct keeper;

/* Save a number or an array under a name unique in the checkpoint, or overwrite it from there. */
MYO_MUST_USE int train_keep_count(struct keeper *keeper, const char *name, int64_t *value, struct myo_err *err);
MYO_MUST_USE int train_keep_real(struct keeper *keeper, const char *name, double *value, struct myo_err *err);
MYO_MUST_USE int train_keep_flag(struct keeper *keeper, const char *name, bool *value, struct myo_err *err);
MYO_MUST_USE int train_keep_floats(struct keeper *keeper, const char *name, float *values, size_t count,
    struct myo_err *err);
MYO_MUST_USE int train_keep_counts(struct keeper *keeper, const char *name, int64_t *values, size_t count,
    struct myo_err *err);

/* Whether the keeper loads a checkpoint, and so overwrites, rather than saves. */
bool train_keeper_loads(const struct keeper *keeper);

/* What the objects keep. */
MYO_MUST_USE int train_keep_trainer(struct keeper *keeper, struct myo_trainer *trainer, struct myo_err *err);
MYO_MUST_USE int train_keep_run(struct keeper *keeper, struct myo_run *run, struct myo_err *err);

#endif
