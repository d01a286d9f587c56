/* How a run of myopic-train begins, and how its resources are released. */
#include "train-run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEASURED_ROWS = 10000, MEASURED_BYTES = 64 << 20 };

int
train_check(const struct settings *set, struct myo_err *err)
{
	struct myo_arch *arch = NULL;
	json_t *history = NULL;

	if (myo_outfile_check(set->output, err) != MYO_OK || myo_outfile_check(set->best, err) != MYO_OK ||
	    myo_outfile_check(set->checkpoint, err) != MYO_OK ||
	    ((set->init == NULL || set->arch_given) && myo_arch_new(set->arch, &arch, err) != MYO_OK))
		return MYO_FAIL;
	myo_arch_free(arch);
	/* Neither a misspelt --resume nor the first sitting's command, repeated, may overwrite a checkpoint. */
	if (set->checkpoint != NULL && access(set->checkpoint, F_OK) == 0 &&
	    !train_options_same_file(set->checkpoint, set->resume))
		return myo_fail(err, "%s: exists: --resume %s goes on from there; remove it to begin anew",
		    set->checkpoint, set->checkpoint);
	const int rc = myo_cli_history(&history, err);
	json_decref(history);
	return rc;
}

/* With other inner loops a run can be resumed, but its results won't be the same to the bit. */
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

/* The normalisation that was given; or the one of the model of --init; or mean and deviation of the first rows. */
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

/* Build the network that was asked for, or else that of the model of --init. */
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

/* Make a new model for rows of the stream's size. Waits for no more rows than it needs. */
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

/* Estimate how many rows fit into the budget. */
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
	const struct myo_checkpoint_of of = train_checkpoint_of(r);
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

int
train_begin(struct run *r, struct myo_reader *reader, struct myo_err *err)
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
	return MYO_OK;
}

int
train_end(struct run *r, struct myo_err *err)
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
