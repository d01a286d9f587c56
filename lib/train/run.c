/* A run, from its first row to its last. */
#include "train/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct myo_run {
	struct myo_run_parts parts;
	struct myo_run_options options;
	struct myo_run_state state;
	struct rows rows;
	struct budget budget;

	/* What is due after the last step and not done yet; the run may be stopped before it is. */
	bool line_due, validation_due;
	bool ended; /* there is no further step to make */
	uint64_t print;                  /* of the rows up to the last step */
	int64_t line_rows, line_correct; /* since the last line of the log */
	double line_loss;                /* summed over those rows */
	int64_t validated; /* rows trained on at the last validation; -1: none yet */
	int64_t stale;     /* validations since the best one */
	double start, before; /* when this process began to train; seconds of training before that */
};

/* ---- the budget ------------------------------------------------------------------------------------- */

/* Change the length of the run to `total` steps, or as many as the stream has rows for. */
static void
stretch(struct myo_run *run, int64_t total)
{
	const int64_t rows = (int64_t)myo_trainer_step_rows(run->parts.trainer);
	const int64_t made = myo_trainer_steps(run->parts.trainer), stream = run->options.stream_rows;
	const int64_t most = stream / rows + (stream % rows != 0);

	if (stream > 0 && total > most)
		total = most;
	if (total <= made)
		total = made > 0 ? made : 1;
	run->options.rows = stream > 0 && total >= most ? stream : total * rows;
	run->state.total = run->options.rows;
	myo_trainer_stretch(run->parts.trainer, total);
}

/* The work of a step in forward passes: a backward pass is as much as two. */
static const double passes = 3;

static double
validation_cost(const struct myo_run *run)
{
	double cost = 0;

	for (size_t i = 0; i < run->parts.validator_count; i++)
		cost += myo_validator_macs(run->parts.validators[i]);
	return cost;
}

int
myo_run_measure(struct myo_run *run, struct myo_err *err)
{
	static const double share = 0.02, longest = 3;
	const double limit = run->budget.limit;

	if (myo_trainer_measure(run->parts.trainer, fmin(share * limit, longest), &run->budget.pace, err) != MYO_OK)
		return MYO_FAIL;
	/* The budget includes the last validation, whose time is estimated until one has been measured. */
	run->budget.validation = run->budget.pace * validation_cost(run) /
	    (passes * (double)myo_trainer_step_rows(run->parts.trainer) * myo_trainer_macs(run->parts.trainer));
	const double left = fmax(0, limit - run->budget.validation - (myo_now() - run->start));
	run->budget.looked = run->state.seconds = myo_now() - run->start;
	run->budget.next = run->state.seconds + share * limit;
	stretch(run, (int64_t)(left / run->budget.pace));
	return MYO_OK;
}

/* How many epochs from one validation to the next keep it at `share` of the arithmetic. */
static double
validation_period(const struct myo_run *run)
{
	static const double share = 0.05;
	const double cost = validation_cost(run),
	    epoch = passes * (double)run->options.epoch_rows * myo_trainer_macs(run->parts.trainer);

	return cost > 0 && epoch > 0 ? ceil(cost / (share * epoch)) : 0;
}

int
myo_run_new(const struct myo_run_parts *parts, const struct myo_run_options *options, struct myo_run **out,
    struct myo_err *err)
{
	struct myo_run *run = *out = myo_calloc(1, sizeof **out, err);

	if (run == NULL)
		return MYO_FAIL;
	run->parts = *parts;
	run->options = *options;
	run->rows = (struct rows){ .intake = parts->intake, .first = options->first_row, .at = options->first_row };
	run->budget.limit = options->budget;
	run->state.total = options->rows > 0 ? options->rows : options->stream_rows > 0 ? options->stream_rows : 0;
	if (isnan(options->validate))
		run->options.validate = validation_period(run);
	run->validated = -1;
	run->start = myo_now();
	run->state.epoch = run->state.best = run->state.best_epoch = NAN;
	for (size_t i = 0; i < MYO_MOST_VALIDATORS; i++)
		run->state.validation[i] = NAN;
	return MYO_OK;
}

const struct myo_run_state *
myo_run_now(const struct myo_run *run)
{
	return &run->state;
}

void
myo_run_free(struct myo_run *run)
{
	free(run);
}

void
myo_run_kept_best(struct myo_run *run)
{
	run->state.better = false;
}

bool
myo_run_ended(const struct myo_run *run)
{
	return run->ended;
}

/* ---- after a step ---------------------------------------------------------------------------------- */

/* Exponential moving averages with a share of 2% per step; plain means over the first fifty steps. */
static void
average(struct myo_run_state *state)
{
	const struct myo_step *step = &state->step;
	const double slowest = 0.02, equal = 1 / (double)step->number;
	const double share = equal > slowest ? equal : slowest;

	state->loss += share * (step->loss - state->loss);
	state->accuracy += share * ((double)step->correct / (double)step->batch - state->accuracy);
}

/* Whether the last step has reached a multiple of `period` rows. */
static bool
passed(const struct myo_run *run, double period)
{
	const double after = (double)run->state.step.rows, before = after - (double)run->state.step.batch;

	return period > 0 && floor(after / period) > floor(before / period);
}

/* At each period, and at the expected end; if rows go on after that, there is one more when they end. */
static bool
validation_is_due(const struct myo_run *run)
{
	const struct myo_run_options *o = &run->options;
	const struct myo_run_state *s = &run->state;

	if (run->parts.validator_count == 0)
		return false;
	if (s->total > 0 && s->step.rows >= s->total && s->step.rows - (int64_t)s->step.batch < s->total)
		return true;
	return o->epoch_rows > 0 && o->validate > 0 && passed(run, fmax(1, o->validate * (double)o->epoch_rows));
}

static void
account(struct myo_run *run)
{
	const struct myo_run_options *o = &run->options;
	struct myo_run_state *s = &run->state;
	const double epoch = (double)o->epoch_rows;

	average(s);
	run->line_rows += (int64_t)s->step.batch;
	run->line_correct += (int64_t)s->step.correct;
	run->line_loss += s->step.loss * (double)s->step.batch;
	if (o->epoch_rows > 0)
		s->epoch = (double)s->step.rows / epoch;
	run->validation_due = validation_is_due(run);
	run->line_due = run->validation_due || (o->epoch_rows > 0 && passed(run, epoch)) ||
	    (o->log_steps > 0 && s->step.number % o->log_steps == 0);
}

static int
validate(struct myo_run *run, struct myo_err *err)
{
	struct myo_run_state *s = &run->state;
	const double from = myo_now();
	int64_t images, correct;
	int rc = MYO_OK;

	myo_trainer_swap_average(run->parts.trainer);
	for (size_t i = 0; i < run->parts.validator_count && rc == MYO_OK; i++) {
		rc = myo_validator_run(run->parts.validators[i], &images, &correct, err);
		if (rc == MYO_OK)
			s->validation[i] = (double)correct / (double)images;
	}
	myo_trainer_swap_average(run->parts.trainer);
	for (size_t i = 0; i < run->parts.validator_count && rc != MYO_OK &&
	    !myo_validator_stopped(run->parts.validators[0]); i++)
		s->validation[i] = NAN; /* the old value is of an earlier model */
	if (rc != MYO_OK || run->parts.validator_count == 0)
		return rc;
	run->budget.validation = myo_now() - from;
	run->validated = s->step.rows;
	s->better = !(s->validation[0] <= s->best);
	if (s->better) {
		s->best = s->validation[0];
		s->best_epoch = s->epoch;
	}
	run->stale = s->better ? 0 : run->stale + 1;
	return MYO_OK;
}

static void
write_line(struct myo_run *run)
{
	const struct myo_run_state *s = &run->state;
	const double rows = (double)run->line_rows; /* 0 if the line is only for a validation: the means are NAN then */
	double none[MYO_MOST_VALIDATORS];

	for (size_t i = 0; i < MYO_MOST_VALIDATORS; i++)
		none[i] = NAN;
	if (run->parts.log != NULL)
		myo_log_write(run->parts.log, &(struct myo_log_line){ .step = s->step.number, .rows = s->step.rows,
		    .epoch = s->epoch, .rate = s->step.rate, .loss = run->line_loss / rows,
		    .accuracy = (double)run->line_correct / rows, .seconds = s->seconds,
		    .validation = run->validated == s->step.rows ? s->validation : none });
	run->line_rows = run->line_correct = 0;
	run->line_loss = 0;
}

static int
settle(struct myo_run *run, struct myo_err *err)
{
	struct myo_run_state *s = &run->state;
	int64_t total;

	const bool failed = run->validation_due && validate(run, err) != MYO_OK;
	const bool last = s->total > 0 && s->step.rows >= s->total;
	if (failed && ((!run->ended && !last) || myo_validator_stopped(run->parts.validators[0])))
		return MYO_FAIL;
	run->validation_due = false;
	s->seconds = run->before + myo_now() - run->start;
	/*
	 * If validation failed at the expected end, validation and line are tried again in close_run(), when the end of
	 * the stream has been read.
	 */
	if (run->line_due && (!failed || run->ended))
		write_line(run);
	run->line_due = false;
	if (failed && run->ended)
		return MYO_FAIL;
	s->early = run->options.patience > 0 && run->stale >= run->options.patience;
	const int64_t planned = run->options.rows / (int64_t)myo_trainer_step_rows(run->parts.trainer);
	if (train_budget_look(&run->budget, s->seconds, s->step.number, planned, &total))
		stretch(run, total);
	return MYO_OK;
}

/* ---- steps ------------------------------------------------------------------------------------------- */

/* MYO_OK: a step was made; MYO_END: there is no further step. */
static int
make_step(struct myo_run *run, struct myo_err *err)
{
	struct rows *rows = &run->rows;
	const int64_t end = run->options.rows;

	while (!run->state.early && (end == 0 || rows->at < end)) {
		const bool behind = rows->at < rows->resumed;
		int rc = train_rows_next(rows, err);
		if (behind) { /* skipping rows doesn't count as training */
			run->before = run->state.seconds;
			run->start = myo_now();
		}
		if (rc == MYO_END)
			break;
		if (rc == MYO_FAIL)
			return MYO_FAIL;
		const size_t there = myo_record_rows(rows->record);
		size_t row = rows->row, until = there;
		if (end > 0 && end - rows->at < (int64_t)(there - row))
			until = row + (size_t)(end - rows->at);
		rc = myo_trainer_feed(run->parts.trainer, rows->record, &row, until, &run->state.step, err);
		train_rows_taken(rows, row);
		if (rc != MYO_END)
			return rc;
	}
	if (run->state.early)
		return MYO_END;
	/* If the run ends where by its header the stream ends too, make sure that its end record is there. */
	if (end > 0 && end == run->options.stream_rows && !rows->over) {
		const int rc = train_rows_peek(rows, err);
		if (rc == MYO_FAIL)
			return MYO_FAIL;
		run->state.beyond = rc == MYO_OK;
	}
	run->state.over = rows->over;
	return myo_trainer_finish(run->parts.trainer, &run->state.step, err);
}

/* The last validation and the last line, unless they came with the last step. */
static int
close_run(struct myo_run *run, struct myo_err *err)
{
	run->validation_due = run->parts.validator_count > 0 && run->validated != run->state.step.rows;
	run->line_due = run->line_rows > 0 || run->validation_due;
	return settle(run, err) == MYO_OK ? MYO_END : MYO_FAIL;
}

int
myo_run_next(struct myo_run *run, struct myo_run_state *state, struct myo_err *err)
{
	int rc = MYO_OK;

	run->state.better = false;
	if (!run->validation_due && !run->line_due) { /* due from before the run was resumed */
		rc = make_step(run, err);
		if (rc == MYO_OK) {
			run->print = run->rows.print;
			account(run);
		}
	}
	if (rc == MYO_OK) {
		rc = settle(run, err);
	} else if (rc == MYO_END) {
		run->ended = true;
		rc = close_run(run, err);
	}
	*state = run->state;
	return rc;
}

/* ---- checkpoints --------------------------------------------------------------------------------------- */

static int
keep_state(struct keeper *keeper, struct myo_run *run, struct myo_err *err)
{
	struct myo_run_state *s = &run->state;
	int64_t batch = (int64_t)s->step.batch;
	char name[32];

	for (size_t i = 0; i < run->parts.validator_count; i++) {
		(void)snprintf(name, sizeof name, "validation%zu", i + 1);
		if (train_keep_real(keeper, name, &s->validation[i], err) != MYO_OK)
			return MYO_FAIL;
	}
	if (train_keep_count(keeper, "step", &s->step.number, err) != MYO_OK ||
	    train_keep_count(keeper, "step_rows", &s->step.rows, err) != MYO_OK ||
	    train_keep_count(keeper, "step_batch", &batch, err) != MYO_OK ||
	    train_keep_real(keeper, "step_rate", &s->step.rate, err) != MYO_OK ||
	    train_keep_real(keeper, "epoch", &s->epoch, err) != MYO_OK ||
	    train_keep_real(keeper, "loss", &s->loss, err) != MYO_OK ||
	    train_keep_real(keeper, "accuracy", &s->accuracy, err) != MYO_OK ||
	    train_keep_real(keeper, "best", &s->best, err) != MYO_OK ||
	    train_keep_real(keeper, "best_epoch", &s->best_epoch, err) != MYO_OK ||
	    train_keep_count(keeper, "total", &s->total, err) != MYO_OK)
		return MYO_FAIL;
	s->step.batch = (size_t)batch;
	return MYO_OK;
}

static int
keep_due(struct keeper *keeper, struct myo_run *run, struct myo_err *err)
{
	if (train_keep_flag(keeper, "line_due", &run->line_due, err) != MYO_OK ||
	    train_keep_flag(keeper, "validation_due", &run->validation_due, err) != MYO_OK ||
	    train_keep_count(keeper, "line_rows", &run->line_rows, err) != MYO_OK ||
	    train_keep_count(keeper, "line_correct", &run->line_correct, err) != MYO_OK ||
	    train_keep_real(keeper, "line_loss", &run->line_loss, err) != MYO_OK ||
	    train_keep_count(keeper, "validated", &run->validated, err) != MYO_OK)
		return MYO_FAIL;
	if (train_keep_count(keeper, "stale", &run->stale, err) != MYO_OK)
		return MYO_FAIL;
	run->state.early = run->options.patience > 0 && run->stale >= run->options.patience;
	return train_keep_flag(keeper, "better", &run->state.better, err);
}

/* The seconds of training so far, and the budget as it was adjusted. */
static int
keep_time(struct keeper *keeper, struct myo_run *run, struct myo_err *err)
{
	struct budget *b = &run->budget;
	double seconds = run->before + myo_now() - run->start;

	if (train_keep_real(keeper, "seconds", &seconds, err) != MYO_OK ||
	    train_keep_count(keeper, "planned_rows", &run->options.rows, err) != MYO_OK ||
	    train_keep_real(keeper, "budget_pace", &b->pace, err) != MYO_OK ||
	    train_keep_real(keeper, "budget_next", &b->next, err) != MYO_OK ||
	    train_keep_real(keeper, "budget_looked", &b->looked, err) != MYO_OK ||
	    train_keep_count(keeper, "budget_steps", &b->steps, err) != MYO_OK ||
	    train_keep_real(keeper, "budget_validation", &b->validation, err) != MYO_OK)
		return MYO_FAIL;
	if (train_keeper_loads(keeper)) {
		run->before = run->state.seconds = seconds;
		run->start = myo_now();
	}
	return MYO_OK;
}

static int
keep_log(struct keeper *keeper, struct myo_log *log, struct myo_err *err)
{
	int64_t bytes = 0;

	if (!train_keeper_loads(keeper) && log != NULL && myo_log_sync(log, &bytes, err) != MYO_OK)
		return MYO_FAIL;
	if (train_keep_count(keeper, "log_bytes", &bytes, err) != MYO_OK)
		return MYO_FAIL;
	return train_keeper_loads(keeper) && log != NULL ? myo_log_resume(log, bytes, err) : MYO_OK;
}

int
train_keep_run(struct keeper *keeper, struct myo_run *run, struct myo_err *err)
{
	int64_t print = (int64_t)run->print;

	if (train_keep_count(keeper, "fingerprint", &print, err) != MYO_OK ||
	    keep_state(keeper, run, err) != MYO_OK || keep_due(keeper, run, err) != MYO_OK ||
	    keep_time(keeper, run, err) != MYO_OK || keep_log(keeper, run->parts.log, err) != MYO_OK)
		return MYO_FAIL;
	run->print = (uint64_t)print;
	return train_keeper_loads(keeper) ?
	    train_rows_resume(&run->rows, myo_trainer_rows(run->parts.trainer), run->print, err) : MYO_OK;
}
