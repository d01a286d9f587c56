/* From the first row of a stream to its last. */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

struct myo_run {
	struct myo_run_parts parts;
	const struct myo_record *record; /* under way; NULL: fetch the next */
	size_t row;                      /* the first of it that wasn't taken yet */
	struct myo_run_state state;
	int64_t validated; /* rows trained on at the last validation */
	double start;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int
myo_run_new(const struct myo_run_parts *parts, struct myo_run **out, struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	(*out)->parts = *parts;
	(*out)->start = now();
	(*out)->state.epoch = (*out)->state.validation = NAN;
	return MYO_OK;
}

void
myo_run_free(struct myo_run *run)
{
	free(run);
}

/* Averages whose weights fall off by 2% a step; the first steps count in equal parts. */
static void
average(struct myo_run_state *state)
{
	const struct myo_step *step = &state->step;
	const double slowest = 0.02, equal = 1 / (double)step->number;
	const double share = equal > slowest ? equal : slowest;

	state->loss += share * (step->loss - state->loss);
	state->accuracy += share * ((double)step->correct / (double)step->batch - state->accuracy);
}

static int
validate(struct myo_run *run, double *accuracy, struct myo_err *err)
{
	int64_t images, correct;

	run->validated = run->state.step.rows;
	if (myo_validator_run(run->parts.validator, &images, &correct, err) != MYO_OK)
		return MYO_FAIL;
	*accuracy = images > 0 ? (double)correct / (double)images : NAN;
	run->state.validation = *accuracy;
	return MYO_OK;
}

/* After a step: the averages, the validation when an epoch is over, the log. */
static int
account(struct myo_run *run, struct myo_err *err)
{
	struct myo_run_state *s = &run->state;
	const int64_t epoch = run->parts.epoch_rows;
	double validation = NAN;

	average(s);
	if (epoch > 0)
		s->epoch = (double)s->step.rows / (double)epoch;
	s->seconds = now() - run->start;
	if (run->parts.validator != NULL && epoch > 0 && s->step.rows / epoch > run->validated / epoch &&
	    validate(run, &validation, err) != MYO_OK)
		return MYO_FAIL;
	if (run->parts.log != NULL)
		myo_log_step(run->parts.log, &s->step, s->epoch, s->seconds, validation);
	return MYO_OK;
}

/* The rows that are left over; true in *stepped if there were any. */
static int
finish(struct myo_run *run, struct myo_err *err)
{
	struct myo_run_state *s = &run->state;
	double validation;

	int rc = myo_trainer_finish(run->parts.trainer, &s->step, err);
	if (rc == MYO_OK)
		rc = account(run, err);
	if (rc == MYO_FAIL)
		return MYO_FAIL;
	if (run->parts.validator != NULL && run->validated != s->step.rows) {
		if (validate(run, &validation, err) != MYO_OK)
			return MYO_FAIL;
	}
	s->seconds = now() - run->start;
	return MYO_END;
}

int
myo_run_next(struct myo_run *run, struct myo_run_state *state, struct myo_err *err)
{
	int rc = MYO_END;

	while (rc == MYO_END) {
		if (run->record == NULL) {
			rc = myo_intake_next(run->parts.intake, &run->record, err);
			run->row = 0;
			if (rc == MYO_END) {
				rc = finish(run, err);
				break;
			}
			if (rc == MYO_FAIL)
				return MYO_FAIL;
		}
		rc = myo_trainer_feed(run->parts.trainer, run->record, &run->row, &run->state.step, err);
		if (rc == MYO_OK)
			rc = account(run, err);
		else if (rc == MYO_END)
			run->record = NULL;
	}
	*state = run->state;
	return rc;
}
