/* myopic-train - train a network on the patches of a stream. */
#include "train-options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEASURED_ROWS = 10000, MEASURED_BYTES = 64 << 20 };

/* What a run needs. */
struct run {
	struct settings set;
	json_t *settings;         /* as a checkpoint has to agree with them */
	struct length length;
	struct myo_header header; /* of the stream */
	json_t *past;             /* history of the data up to the checkpoint; NULL: the run began in this sitting */
	struct myo_trainer_options how;
	struct myo_model model;
	struct myo_header begun_with; /* of the model of --init, as it was then: its history */
	struct myo_record document; /* the checkpoint to go on from; empty: none */
	struct myo_pool *pool;
	struct myo_run_parts parts;
	struct myo_run *run;
	double saved;       /* seconds of training at the last checkpoint */
	int64_t saved_rows; /* rows trained on then */
	const char *kept;   /* its file; NULL: there is none */
	bool kept_best;     /* in this sitting */
	bool overrun;       /* more rows came than were expected, and that was said */
};

/* ---- the beginning ------------------------------------------------------------------------- */

static int
check_early(const struct settings *set, struct myo_err *err)
{
	struct myo_arch *arch = NULL;
	json_t *history = NULL;

	if (myo_outfile_check(set->output, err) != MYO_OK || myo_outfile_check(set->best, err) != MYO_OK ||
	    myo_outfile_check(set->checkpoint, err) != MYO_OK ||
	    ((set->init == NULL || set->arch_given) && myo_arch_new(set->arch, &arch, err) != MYO_OK))
		return MYO_FAIL;
	myo_arch_free(arch);
	/* Neither a misspelt --resume nor the first sitting's line, typed again, may cost a checkpoint. */
	if (set->checkpoint != NULL && access(set->checkpoint, F_OK) == 0 &&
	    !train_options_same_file(set->checkpoint, set->resume))
		return myo_fail(err, "%s: exists: --resume %s goes on from there; remove it to begin anew",
		    set->checkpoint, set->checkpoint);
	const int rc = myo_cli_history(&history, err);
	json_decref(history);
	return rc;
}

/* With other inner loops than those before a run goes on, but not to the same bits. */
static int
check_kernels(const struct run *r, struct myo_err *err)
{
	const char *then = json_string_value(json_object_get(r->model.training, "kernels"));
	const struct kernels *kernels;

	if (myo_kernels(&kernels, err) != MYO_OK)
		return MYO_FAIL;
	const char *now = myo_kernels_name(kernels);
	if (then != NULL && strcmp(then, now) != 0)
		myo_warn("%s: was made with the inner loops %s, and this run has %s: the model won't be the same to the bit",
		    r->set.resume, then, now);
	return MYO_OK;
}

/* The model of the checkpoint, where there is one. */
static int
open_checkpoint(struct run *r, struct myo_err *err)
{
	const char *path = r->set.resume;

	if (path == NULL)
		return MYO_OK;
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		if (!train_options_same_file(path, r->set.checkpoint))
			return myo_fail(err, "%s: isn't there, and nothing is written to it: a training begins anew only with "
			    "--checkpoint of the same name", path);
		myo_say("%s: isn't there: the training begins anew", path);
		return MYO_OK;
	}
	if (myo_checkpoint_open(path, r->settings, &r->model, &r->document, err) != MYO_OK ||
	    check_kernels(r, err) != MYO_OK)
		return MYO_FAIL;
	if (r->header.class_count == 0 ||
	    myo_header_same_classes(&r->model.header, &r->header, "the stream", err) == MYO_OK)
		return MYO_OK;
	myo_err_prefix(err, "%s: ", path);
	return MYO_FAIL;
}

/* Weights of --init. */
static int
take_weights(struct run *r, const struct myo_model *init, struct myo_err *err)
{
	const size_t all = myo_net_weights(r->model.net);
	struct myo_err why = MYO_ERR_INIT;
	size_t taken;

	if (myo_begin_with(&r->model, init, &taken, err) != MYO_OK) {
		myo_err_prefix(err, "%s, of %s: ", r->set.init, myo_arch_plugin(init->arch)->name);
		return MYO_FAIL;
	}
	myo_say("%s: %zu of %zu tensors taken over", r->set.init, taken, all);
	if (init->header.class_count == r->header.class_count &&
	    myo_header_same_classes(&init->header, &r->header, "the stream", &why) != MYO_OK)
		myo_warn("%s: has as many classes, and not these in this order: what its last layer knows is of its own", r->set.init);
	return MYO_OK;
}

/* The normalisation that was given, or the one that the weights of --init were made for, or that of the first rows. */
static void
set_normalisation(struct run *r, const struct myo_model *init, const double mean[3], const double deviation[3])
{
	struct myo_model *m = &r->model;
	struct myo_err err = MYO_ERR_INIT;
	const bool inherits = r->set.init != NULL;

	for (int c = 0; c < 3; c++) {
		m->mean[c] = inherits ? init->mean[c] : mean[c];
		m->deviation[c] = inherits ? init->deviation[c] : deviation[c];
	}
	if (r->set.normalize != NULL && myo_model_parse_normalisation(m, r->set.normalize, &err) != MYO_OK)
		myo_cli_usage("--normalize: %s", err.text);
}

/* The network that was asked for; where none was, that of the model to begin with. */
static int
build(struct run *r, const struct myo_model *init, int side, struct myo_err *err)
{
	const struct settings *set = &r->set;
	char *options = NULL, *spec = NULL;

	if (set->init == NULL || set->arch_given)
		return myo_model_new(&r->model, set->arch, side, &r->header, set->seed, err);
	if (myo_arch_options(init->arch, &options, err) == MYO_OK)
		spec = myo_format(err, "%s%s%s", myo_arch_plugin(init->arch)->name, options[0] != '\0' ? ":" : "", options);
	const int rc = spec != NULL ? myo_model_new(&r->model, spec, side, &r->header, set->seed, err) : MYO_FAIL;
	free(spec);
	free(options);
	return rc;
}

/* A new model, of the size of what the stream begins with. No more of it than needed is waited for. */
static int
make_model(struct run *r, const struct myo_model *init, struct myo_err *err)
{
	const struct settings *set = &r->set;
	const bool measures = set->normalize == NULL && set->init == NULL;
	double mean[3], deviation[3];
	size_t rows;
	int side;

	if (myo_intake_keep(r->parts.intake, measures ? MEASURED_ROWS : 1, MEASURED_BYTES, &rows, err) != MYO_OK ||
	    myo_intake_measure(r->parts.intake, rows, &side, mean, deviation, err) != MYO_OK ||
	    build(r, init, side, err) != MYO_OK)
		return MYO_FAIL;
	set_normalisation(r, init, mean, deviation);
	if (myo_net_wants_whitening(r->model.net) &&
	    (myo_intake_keep(r->parts.intake, MYO_WHITENING_ROWS, MEASURED_BYTES, &rows, err) != MYO_OK ||
	    myo_begin_whiten(&r->model, r->parts.intake, rows, err) != MYO_OK))
		return MYO_FAIL;
	return set->init != NULL ? take_weights(r, init, err) : MYO_OK;
}

static int
new_model(struct run *r, struct myo_err *err)
{
	struct myo_model init = MYO_MODEL_INIT;
	int rc = MYO_OK;

	if (r->set.init != NULL) {
		rc = myo_model_load(r->set.init, &init, err);
		if (rc == MYO_OK)
			rc = myo_header_copy(&r->begun_with, &init.header, err);
	}
	if (rc == MYO_OK)
		rc = make_model(r, &init, err);
	myo_model_clear(&init);
	return rc;
}

static int
open_parts(struct run *r, struct myo_err *err)
{
	const struct settings *set = &r->set;
	struct myo_run_parts *p = &r->parts;

	for (size_t i = 0; i < set->freeze.count; i++)
		if (myo_begin_freeze(&r->model, set->freeze.items[i], err) != MYO_OK)
			return MYO_FAIL;
	if (myo_pool_new((int)set->threads, &r->pool, err) != MYO_OK ||
	    myo_trainer_new(&r->model, &r->how, r->pool, &p->trainer, err) != MYO_OK)
		return MYO_FAIL;
	while (p->validator_count < set->validate.count) {
		const char *const path = set->validate.items[p->validator_count];
		struct myo_validator **const v = &p->validators[p->validator_count];
		if (myo_validator_new(path, &r->model, (size_t)set->batch, r->pool, myo_cli_stopped, v, err) != MYO_OK)
			return MYO_FAIL;
		p->validator_count++;
		if (myo_cli_reads(path, myo_validator_header(*v), err) != MYO_OK)
			return MYO_FAIL;
	}
	if (set->log != NULL && myo_log_new(set->log, set->validate.count, r->document.count > 0,
	    &p->log, err) != MYO_OK)
		return MYO_FAIL;
	return MYO_OK;
}

static struct myo_checkpoint_of
checkpoint_of(struct run *r)
{
	return (struct myo_checkpoint_of){ &r->model, r->parts.trainer, r->run, r->settings, &r->begun_with.history };
}

/* What fits into the budget, as a first guess. */
static int
measure(struct run *r, struct myo_err *err)
{
	if (myo_run_measure(r->run, err) != MYO_OK)
		return MYO_FAIL;
	const double rows = (double)myo_run_now(r->run)->total, epoch = (double)r->length.epoch_rows;
	if (epoch > 0)
		myo_say("%s: about %.0f rows, %.1f epochs", r->set.budget, rows, rows / epoch);
	else
		myo_say("%s: about %.0f rows", r->set.budget, rows);
	return MYO_OK;
}

static int
begin_anew(struct run *r, const struct myo_run_options *options, struct myo_err *err)
{
	if (r->length.first_row > 0)
		return myo_fail(err,
		    "the stream begins at row %lld: that is for going on with --resume, and there is no checkpoint",
		    (long long)r->length.first_row);
	if (new_model(r, err) != MYO_OK || open_parts(r, err) != MYO_OK ||
	    myo_run_new(&r->parts, options, &r->run, err) != MYO_OK)
		return MYO_FAIL;
	return options->budget > 0 ? measure(r, err) : MYO_OK;
}

static int
go_on(struct run *r, const struct myo_run_options *options, struct myo_err *err)
{
	if (open_parts(r, err) != MYO_OK || myo_run_new(&r->parts, options, &r->run, err) != MYO_OK)
		return MYO_FAIL;
	const struct myo_checkpoint_of of = checkpoint_of(r);
	if (myo_checkpoint_apply(r->set.resume, &r->document, &of, err) != MYO_OK)
		return MYO_FAIL;
	myo_record_clear(&r->document);
	r->past = json_incref(r->model.header.history);
	r->kept = r->set.resume;
	myo_say("%s: going on after %lld rows", r->set.resume, (long long)myo_trainer_rows(r->parts.trainer));
	return MYO_OK;
}

static int
open_run(struct run *r, struct myo_err *err)
{
	const struct settings *set = &r->set;
	const struct myo_run_options options = {
		.epoch_rows = r->length.epoch_rows, .first_row = r->length.first_row,
		.stream_rows = r->length.stream_rows,
		.rows = set->rows > 0 || !isnan(set->epochs) ? r->length.rows : 0,
		.validate = set->validate_every, .log_steps = set->log_steps, .patience = set->patience,
		.budget = set->budget_seconds,
	};

	if (open_checkpoint(r, err) != MYO_OK ||
	    (r->document.count > 0 ? go_on(r, &options, err) : begin_anew(r, &options, err)) != MYO_OK ||
	    (set->init != NULL && myo_cli_reads(set->init, &r->begun_with, err) != MYO_OK))
		return MYO_FAIL;
	myo_detail("%s, %zu parameters, rows of %dx%d, mean %.4f %.4f %.4f, deviation %.4f %.4f %.4f",
	    myo_arch_plugin(r->model.arch)->name, myo_net_parameters(r->model.net), r->model.size, r->model.size,
	    r->model.mean[0], r->model.mean[1], r->model.mean[2], r->model.deviation[0], r->model.deviation[1],
	    r->model.deviation[2]);
	return MYO_OK;
}

/* ---- the result ------------------------------------------------------------------------------- */

/* What people want to know of a model; no times, so that the same training gives the same file. */
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
		(void)json_object_del(m->training, "validation"); /* which a checkpoint before may have had */
	return MYO_OK;
}

/*
 * How the data came about: the parts of the stream that rows have come from. What goes on behind the rows of earlier
 * sittings isn't all of it, and a run that had ended before it was resumed reads nothing.
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

/* The model as it is now, with averaged weights where there are such. */
static int
save_model(struct run *r, const struct myo_run_state *state, const char *path, struct myo_err *err)
{
	if (set_history(r, err) != MYO_OK || myo_cli_history(&r->model.header.history, err) != MYO_OK ||
	    note_facts(r, state, err) != MYO_OK)
		return MYO_FAIL;
	myo_trainer_swap_average(r->parts.trainer);
	const int rc = myo_model_save(&r->model, path, err);
	myo_trainer_swap_average(r->parts.trainer);
	return rc;
}

static int
save_checkpoint(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	const struct myo_checkpoint_of of = checkpoint_of(r);

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

static int
publish(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	struct myo_err own = MYO_ERR_INIT;

	if (save_model(r, state, r->set.output, err) != MYO_OK)
		return MYO_FAIL;
	say_result(r, state);
	if (r->set.checkpoint != NULL && myo_outfile_remove(r->set.checkpoint, &own) != MYO_OK)
		myo_warn("%s; the checkpoint is no longer needed", own.text);
	return MYO_OK;
}

/* ---- the run -------------------------------------------------------------------------------- */

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
	if (save_model(r, state, r->set.best, err) != MYO_OK)
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
		return MYO_OK; /* it has diverged, as the next step's loss will say; the last checkpoint is better */
	if (save_checkpoint(r, state, &own) != MYO_OK) { /* a full disk, say, which may have room again */
		myo_warn("%s; the training goes on, and the next checkpoint is due after %s", own.text, r->set.every);
		r->saved = state->seconds;
	}
	return MYO_OK;
}

/* While there is time to stop: beyond its end the schedule has one rate, which may be none. */
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

/* The steps, to the end of the run. */
static int
train(struct run *r, struct myo_run_state *state, struct myo_err *err)
{
	struct myo_progress *progress = NULL;

	r->saved = state->seconds;
	r->saved_rows = state->step.rows;
	int rc = keep_best(r, state, err); /* which the sitting before may have failed to */
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

/* The run was stopped, or failed: keep what there is. tried: to publish the model. */
static int
give_up(struct run *r, const struct myo_run_state *state, bool tried, struct myo_err *err)
{
	const long long rows = (long long)state->step.rows;
	const bool more = r->set.checkpoint != NULL && rows > r->saved_rows && !myo_trainer_spoilt(r->parts.trainer);
	struct myo_err own = MYO_ERR_INIT;

	/* The last validation can be made again, the training not. */
	if (!tried && myo_run_ended(r->run) && !myo_cli_stopped()) {
		if (publish(r, state, &own) == MYO_OK) {
			myo_warn("%s was written, since all rows were trained on", r->set.output);
			return MYO_FAIL;
		}
		myo_complain(&own);
	}
	if (more && save_checkpoint(r, state, &own) != MYO_OK)
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

/* Takes the reader over. */
static int
work(struct run *r, struct myo_reader *reader, struct myo_err *err)
{
	int rc = myo_header_copy(&r->header, myo_reader_header(reader), err);
	if (rc == MYO_OK && r->header.kind != MYO_IMAGES)
		rc = myo_reader_need_kind(reader, MYO_PATCHES, err);
	if (rc == MYO_OK)
		rc = train_options_length(&r->set, &r->header, &r->length, err);
	if (rc == MYO_OK)
		rc = train_options_settings(&r->length, &r->settings, err);
	if (rc != MYO_OK) {
		myo_reader_free(reader);
		return MYO_FAIL;
	}
	train_options_trainer(&r->set, &r->header, &r->length, &r->how);
	myo_cli_catch_stop();
	if (myo_intake_new(reader, myo_cli_stopped, &r->parts.intake, err) != MYO_OK || open_run(r, err) != MYO_OK)
		return myo_cli_stopped() ? myo_fail(err, "stopped by a signal; no model was written") : MYO_FAIL;

	struct myo_run_state state = *myo_run_now(r->run);
	rc = train(r, &state, err);
	const bool ended = rc == MYO_END;
	if (ended && publish(r, &state, err) == MYO_OK)
		return MYO_OK;
	return give_up(r, &state, ended, err);
}

static int
close_run(struct run *r, struct myo_err *err)
{
	myo_run_free(r->run);
	for (size_t i = 0; i < r->parts.validator_count; i++)
		myo_validator_free(r->parts.validators[i]);
	myo_trainer_free(r->parts.trainer);
	myo_intake_free(r->parts.intake);
	myo_pool_free(r->pool);
	myo_record_clear(&r->document);
	myo_model_clear(&r->model);
	myo_header_clear(&r->begun_with);
	myo_header_clear(&r->header);
	json_decref(r->settings);
	json_decref(r->past);
	train_options_release(&r->how);
	return myo_log_close(r->parts.log, err);
}

int
main(int argc, char **argv)
{
	struct run run = { .header = MYO_HEADER_INIT, .model = MYO_MODEL_INIT, .begun_with = MYO_HEADER_INIT,
		.document = MYO_RECORD_INIT };
	struct myo_err err = MYO_ERR_INIT, log_err = MYO_ERR_INIT;
	struct myo_reader *reader;

	train_options_parse(&run.set, argc, argv);
	int rc = check_early(&run.set, &err);
	if (rc == MYO_OK)
		rc = myo_cli_reader(&reader, &err);
	if (rc == MYO_OK)
		rc = work(&run, reader, &err);
	if (close_run(&run, &log_err) != MYO_OK) {
		if (rc == MYO_OK)
			err = log_err;
		else
			myo_warn("%s", log_err.text);
		rc = MYO_FAIL;
	}
	return myo_cli_leave(rc, NULL, &err);
}
