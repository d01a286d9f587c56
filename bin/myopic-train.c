/* myopic-train - train a network on the patches of a stream. */
#include "train-run.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static void
show(struct myo_progress *progress, const struct myo_run_state *state)
{
	char note[160];
	int used = 0;

	if (!isnan(state->epoch))
		used = snprintf(note, sizeof note, "epoch %.2f, ", state->epoch);
	used += snprintf(note + used, sizeof note - (size_t)used, "loss %.3f, accuracy %.1f%%, lr %.2g", state->loss,
	    100 * state->accuracy, state->step.rate);
	if (!isnan(state->validation[0]) && (size_t)used < sizeof note)
		(void)snprintf(note + used, sizeof note - (size_t)used, ", validation %.1f%%",
		    100 * state->validation[0]);
	myo_progress_total(progress, state->total);
	myo_progress_at(progress, state->step.rows, note);
}

static int
keep_best(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	if (!state->better || r->set.best == NULL)
		return MYO_OK;
	if (train_save_model(r, state, r->set.best, err) != MYO_OK)
		return MYO_FAIL;
	myo_run_kept_best(r->run);
	r->kept_best = true;
	return MYO_OK;
}

static int
after_step(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	struct myo_err own = MYO_ERR_INIT;

	if (keep_best(r, state, err) != MYO_OK)
		return MYO_FAIL;
	if (r->set.checkpoint == NULL || state->seconds - r->saved < r->set.every_seconds)
		return MYO_OK;
	if (myo_model_check(&r->model, NULL) != MYO_OK)
		return MYO_OK; /* it has diverged, which the next step's loss will show; keep the previous checkpoint */
	if (train_save_checkpoint(r, state, &own) != MYO_OK) { /* a full disk, perhaps, which may have room later */
		myo_warn("%s; the training goes on, and the next checkpoint is due after %s", own.text, r->set.every);
		r->saved = state->seconds;
	}
	return MYO_OK;
}

/* Warn while there is time to stop: after its end the schedule stays at its last rate, which may be 0. */
static void
doubt_length(struct run *r, const struct myo_run_state *state)
{
	if (r->set.budget != NULL || r->length.rows <= 0 || state->step.rows <= r->length.rows || r->overrun ||
	    r->how.schedule.kind == MYO_CONSTANT)
		return;
	r->overrun = true;
	myo_warn("more rows come than the %lld that were expected: the schedule has ended, and they are learnt from at its last rate; "
	    "--rows sets how many come", (long long)r->length.rows);
}

static int
train(struct run *r, struct myo_run_state *state, struct myo_err *err)
{
	struct myo_progress *progress = NULL;

	r->saved = state->seconds;
	r->saved_rows = state->step.rows;
	int rc = keep_best(r, state, err); /* which the sitting before may have failed to write */
	if (rc == MYO_OK)
		rc = myo_progress_new(myo_kind_name(r->header.kind), r->length.rows, &progress, err);
	if (rc == MYO_OK)
		myo_progress_from(progress, myo_trainer_rows(r->parts.trainer));
	while (rc == MYO_OK && !myo_cli_stopped()) {
		rc = myo_run_next(r->run, state, err);
		if (rc != MYO_FAIL)
			show(progress, state);
		doubt_length(r, state);
		if (rc != MYO_FAIL && after_step(r, state, err) != MYO_OK)
			rc = MYO_FAIL;
	}
	myo_progress_free(progress);
	return rc;
}

/* The run was stopped, or failed: keep what there is. tried: train_publish() has failed already. */
static int
give_up(struct run *r, const struct myo_run_state *state, bool tried, struct myo_err *err)
{
	const long long rows = (long long)state->step.rows;
	const bool more = r->set.checkpoint != NULL && rows > r->saved_rows && !myo_trainer_spoilt(r->parts.trainer);
	struct myo_err own = MYO_ERR_INIT;

	/* If only the last validation failed, write the model: validation can be repeated, training can't. */
	if (!tried && myo_run_ended(r->run) && !myo_cli_stopped()) {
		if (train_publish(r, state, &own) == MYO_OK) {
			myo_warn("%s was written, since all rows were trained on", r->set.output);
			return MYO_FAIL;
		}
		myo_complain(&own);
	}
	if (more && train_save_checkpoint(r, state, &own) != MYO_OK)
		myo_complain(&own);
	if (myo_cli_stopped() && r->kept != NULL)
		return myo_fail(err, "stopped by a signal after %lld rows; --resume %s goes on from row %lld",
		    rows, r->kept, (long long)r->saved_rows);
	if (myo_cli_stopped())
		return myo_fail(err, "stopped by a signal after %lld rows; no model was written", rows);
	if (r->kept != NULL && more)
		myo_warn("%lld rows have been trained on; --resume %s goes on from row %lld", rows, r->kept,
		    (long long)r->saved_rows);
	return MYO_FAIL;
}

/* Takes ownership of the reader. */
static int
work(struct run *r, struct myo_reader *reader, struct myo_err *err)
{
	if (train_begin(r, reader, err) != MYO_OK)
		return MYO_FAIL;
	struct myo_run_state state = *myo_run_now(r->run);
	const bool ended = train(r, &state, err) == MYO_END;
	if (ended && train_publish(r, &state, err) == MYO_OK)
		return MYO_OK;
	return give_up(r, &state, ended, err);
}

int
main(int argc, char **argv)
{
	struct run run = { .header = MYO_HEADER_INIT, .model = MYO_MODEL_INIT, .begun_with = MYO_HEADER_INIT,
		.document = MYO_RECORD_INIT };
	struct myo_err err = MYO_ERR_INIT, log_err = MYO_ERR_INIT;
	struct myo_reader *reader;

	train_options_parse(&run.set, argc, argv);
	int rc = train_check(&run.set, &err);
	if (rc == MYO_OK)
		rc = myo_cli_reader(&reader, &err);
	if (rc == MYO_OK)
		rc = work(&run, reader, &err);
	if (train_end(&run, &log_err) != MYO_OK) {
		if (rc == MYO_OK)
			err = log_err;
		else
			myo_warn("%s", log_err.text);
		rc = MYO_FAIL;
	}
	return myo_cli_leave(rc, NULL, &err);
}
