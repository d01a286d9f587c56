/* What a run of myopic-train writes: models, a checkpoint, and its results. */
#include "train-run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Facts about the training, saved with the model. No times, so that the same training gives the same file. */
static int
note_facts(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	const struct settings *set = &r->set;
	struct myo_model *m = &r->model;
	const struct kernels *kernels;

	if (myo_kernels(&kernels, err) != MYO_OK ||
	    myo_model_note(m, err, "kernels", "%s", myo_kernels_name(kernels)) != MYO_OK ||
	    myo_model_note(m, err, "rows", "%lld", (long long)state->step.rows) != MYO_OK ||
	    myo_model_note(m, err, "steps", "%lld", (long long)state->step.number) != MYO_OK ||
	    myo_model_note(m, err, "batch", "%ld", set->batch * set->accumulate) != MYO_OK ||
	    myo_model_note(m, err, "batches", "%lld", (long long)((state->step.rows + set->batch - 1) / set->batch)) !=
	    MYO_OK ||
	    myo_model_note(m, err, "optimizer", "%s", train_optimizer_name(set)) != MYO_OK ||
	    myo_model_note(m, err, "lr", "%g", r->how.schedule.rate) != MYO_OK ||
	    myo_model_note(m, err, "schedule", "%s", train_schedule_name(set)) != MYO_OK ||
	    myo_model_note(m, err, "loss", "%.4f", state->loss) != MYO_OK ||
	    myo_model_note(m, err, "accuracy", "%.4f", state->accuracy) != MYO_OK ||
	    (!isnan(state->epoch) && myo_model_note(m, err, "epochs", "%.2f", state->epoch) != MYO_OK) ||
	    (!isnan(state->validation[0]) &&
	    myo_model_note(m, err, "validation", "%.4f", state->validation[0]) != MYO_OK))
		return MYO_FAIL;
	if (isnan(state->validation[0]))
		(void)json_object_del(m->training, "validation"); /* which an earlier checkpoint may have had */
	return MYO_OK;
}

/*
 * The history of the data: that of the parts of the stream that rows have come from. A stream that begins after the
 * rows of earlier sittings isn't all of it, and a run that had ended before it was resumed has read nothing, so then
 * the earlier history is kept.
 */
static int
set_history(struct run *r, struct myo_err *err)
{
	json_t *history = NULL;

	if (myo_intake_history(r->parts.intake, &history, err) != MYO_OK)
		return MYO_FAIL;
	if (r->past != NULL && (r->length.first_row > 0 || json_array_size(history) == 0)) {
		json_decref(history);
		history = NULL;
		if (myo_json_copy(r->past, &history, err) != MYO_OK)
			return MYO_FAIL;
	}
	json_decref(r->model.header.history);
	r->model.header.history = history;
	return MYO_OK;
}

int
train_save_model(struct run *r, const struct myo_run_state *state, const char *path, struct myo_err *err)
{
	if (set_history(r, err) != MYO_OK || myo_cli_history(&r->model.header.history, err) != MYO_OK ||
	    note_facts(r, state, err) != MYO_OK)
		return MYO_FAIL;
	myo_trainer_swap_average(r->parts.trainer);
	const int rc = myo_model_save(&r->model, path, err);
	myo_trainer_swap_average(r->parts.trainer);
	return rc;
}

struct myo_checkpoint_of
train_checkpoint_of(struct run *r)
{
	return (struct myo_checkpoint_of){ &r->model, r->parts.trainer, r->run, r->settings, &r->begun_with.history };
}

int
train_save_checkpoint(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	const struct myo_checkpoint_of of = train_checkpoint_of(r);

	if (set_history(r, err) != MYO_OK || note_facts(r, state, err) != MYO_OK ||
	    myo_checkpoint_save(r->set.checkpoint, &of, err) != MYO_OK)
		return MYO_FAIL;
	r->saved = state->seconds;
	r->saved_rows = state->step.rows;
	r->kept = r->set.checkpoint;
	return MYO_OK;
}

static void
say_best(const struct run *r, const struct myo_run_state *state)
{
	char when[64] = "";

	if (!isnan(state->best_epoch))
		(void)snprintf(when, sizeof when, ", after epoch %.2f", state->best_epoch);
	if (!r->kept_best && access(r->set.best, F_OK) != 0)
		myo_warn("%s isn't there: the best model (%.2f%%%s) was kept before this sitting, under another name or somewhere else",
		    r->set.best, 100 * state->best, when);
	else
		myo_say("%s: %.2f%%%s", r->set.best, 100 * state->best, when);
}

static void
say_result(const struct run *r, const struct myo_run_state *state)
{
	const double rate = state->seconds > 0 ? (double)state->step.rows / state->seconds : 0;
	const char *path = r->set.output;

	if (state->early)
		myo_say("%ld validations were no better than the best: the training ends early", r->set.patience);
	myo_say("%s: %lld rows, %lld steps, %.0f s (%.0f rows/s); over the last steps loss %.3f, accuracy %.1f%%",
	    path, (long long)state->step.rows, (long long)state->step.number, state->seconds, rate, state->loss,
	    100 * state->accuracy);
	for (size_t i = 0; i < r->parts.validator_count && !isnan(state->validation[i]); i++)
		myo_say("%s: %.2f%% of the images of %s are right", path, 100 * state->validation[i],
		    r->set.validate.items[i]);
	if (r->set.best != NULL)
		say_best(r, state);
	if (r->set.budget != NULL && state->beyond)
		myo_warn("the stream goes on beyond the %lld rows that it had said, as after cat, and the rest was left: "
		    "with --budget a run ends there", (long long)state->step.rows);
	if (r->set.budget != NULL && state->over && state->seconds < 0.8 * r->set.budget_seconds)
		myo_warn("the stream ended after %.0f s, before the time was up: --epochs 0 of myopic-sample has no end",
		    state->seconds);
	if (r->set.budget == NULL && !state->early && r->length.rows > state->step.rows)
		myo_warn("%lld rows were expected, %lld came: the schedule was for another length; --rows sets it",
		    (long long)r->length.rows, (long long)state->step.rows);
	const int missing = myo_trainer_missing_class(r->parts.trainer);
	if (missing >= 0)
		myo_warn("the class '%s' never came: the model can't know it", r->model.header.classes[missing]);
}

int
train_publish(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	struct myo_err own = MYO_ERR_INIT;

	if (train_save_model(r, state, r->set.output, err) != MYO_OK)
		return MYO_FAIL;
	say_result(r, state);
	if (r->set.checkpoint != NULL && myo_outfile_remove(r->set.checkpoint, &own) != MYO_OK)
		myo_warn("%s; the checkpoint is no longer needed", own.text);
	return MYO_OK;
}
