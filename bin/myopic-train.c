/* myopic-train - train a network on the patches of a stream. */
#include "cli/cli.h"
#include "train/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MEASURED_ROWS = 10000, MEASURED_BYTES = 64 << 20 };

enum { NESTEROV, SGD, ADAM, ADAMW };
static const char *const optimizers[] = { "nesterov", "sgd", "adam", "adamw", NULL };
static const char *const schedules[] = { "constant", "step", "cosine", "one-cycle", NULL }; /* enum myo_schedule_kind */

struct settings {
	const char *output, *arch, *warmup, *milestones, *normalize, *validate, *log;
	long batch, threads, rows;
	int optimizer, schedule;
	double lr, momentum, beta2, eps, decay, factor, smoothing;
	bool decay_weights_only;
	uint64_t seed;
};

static void
parse(struct settings *s, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-train",
		.summary = "train a network on patches, or on whole images",
		.usage = "-o MODEL < patches",
		.notes = "A SPAN is a number of epochs (3, 0.5), a share of the run (30%), or steps (200s).\n"
			 "myopic-plugin --list shows the architectures.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('o', "output", "FILE", &s->output, "the model, written when the training is complete"),
		MYO_TEXT('a', "arch", "SPEC", &s->arch, "architecture: NAME, NAME:option=value,... or ./FILE.so"),
		MYO_INT('b', "batch", "N", &s->batch, 1, 65536, "rows of a step"),
		MYO_CHOICE(0, "optimizer", "NAME", &s->optimizer, optimizers, "what a step does"),
		MYO_REAL('l', "lr", "X", &s->lr, 0, 1e6, "highest learning rate (default: batch / 1280, for Adam 0.002)"),
		MYO_REAL(0, "momentum", "X", &s->momentum, 0, 0.99999, "momentum, or the first beta of Adam"),
		MYO_REAL(0, "beta2", "X", &s->beta2, 0, 0.9999999, "the second beta of Adam"),
		MYO_REAL(0, "eps", "X", &s->eps, 1e-30, 1, "what Adam adds to the root"),
		MYO_REAL(0, "weight-decay", "X", &s->decay, 0, 1e6, "decay of the weights"),
		MYO_FLAG(0, "decay-weights-only", &s->decay_weights_only, "no decay of biases and normalisation"),
		MYO_CHOICE(0, "schedule", "NAME", &s->schedule, schedules, "course of the learning rate"),
		MYO_TEXT(0, "warmup", "SPAN", &s->warmup, "rise of the learning rate (default: 25% of one-cycle, else 0)"),
		MYO_TEXT(0, "milestones", "SPAN,...", &s->milestones, "where the step schedule strikes"),
		MYO_REAL(0, "factor", "X", &s->factor, 1e-9, 1, "of the step schedule"),
		MYO_REAL(0, "label-smoothing", "X", &s->smoothing, 0, 0.999, "share of the target spread over all classes"),
		MYO_TEXT(0, "normalize", "M,M,M:D,D,D", &s->normalize,
		    "mean and deviation of red, green, blue, of 0 to 1 (default: measured)"),
		MYO_INT(0, "rows", "N", &s->rows, 0, 1e15, "rows that the stream will hold; 0: as it says itself"),
		MYO_TEXT(0, "validate", "FILE", &s->validate, "images to classify whole after each epoch"),
		MYO_U64('S', "seed", "N", &s->seed, "seed of the initial weights"),
		MYO_OPTIONS_BESIDE,
		MYO_TEXT(0, "log", "FILE", &s->log, "a line of tab-separated values for each step"),
		MYO_INT(0, "threads", "N", &s->threads, 0, 1024, "threads; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (s->output == NULL)
		myo_cli_usage("-o, --output is missing: where does the model go?");
}

/* ---- what the options say ---------------------------------------------------------------- */

/* What is known of the run from the head of the stream and the options. */
struct plan {
	const struct settings *set;
	int64_t rows, epoch_rows; /* -1: not known */
	double steps, epoch_steps; /* 0: not known */
	struct myo_recipe recipe;
	int64_t *milestones;
};

static void
take_optimizer(struct plan *plan)
{
	const struct settings *set = plan->set;
	struct myo_recipe *recipe = &plan->recipe;
	const bool adam = set->optimizer == ADAM || set->optimizer == ADAMW;

	recipe->optimiser = (struct myo_optimiser_options){
		.kind = set->optimizer == ADAM ? MYO_ADAM : set->optimizer == ADAMW ? MYO_ADAMW : MYO_SGD,
		.momentum = set->momentum, .nesterov = set->optimizer == NESTEROV,
		.beta1 = set->momentum, .beta2 = set->beta2, .eps = set->eps,
		.decay = set->decay, .decay_weights_only = set->decay_weights_only,
	};
	recipe->batch = (size_t)set->batch;
	recipe->smoothing = set->smoothing;
	recipe->schedule.rate = !isnan(set->lr) ? set->lr : adam ? 0.002 : (double)set->batch / 1280;
}

/* Spans are mistakes of the user's if they don't parse or don't fit what the stream says of itself. */
static void
take_schedule(struct plan *plan)
{
	const struct settings *set = plan->set;
	struct myo_schedule *s = &plan->recipe.schedule;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_span span = { 0, 's' };

	s->kind = (enum myo_schedule_kind)set->schedule;
	s->factor = set->factor;
	s->total = (int64_t)plan->steps;
	if (s->total == 0 && (s->kind == MYO_ONECYCLE || s->kind == MYO_COSINE))
		myo_cli_usage("--schedule %s wants to know how long the stream is, which it doesn't say: give --rows, or "
		    "--schedule constant", schedules[set->schedule]);
	if (set->warmup == NULL && s->kind == MYO_ONECYCLE)
		span = (struct myo_span){ 25, '%' };
	if ((set->warmup != NULL && myo_span_parse(set->warmup, &span, &err) != MYO_OK) ||
	    myo_span_steps(&span, plan->steps, plan->epoch_steps, &s->warmup, &err) != MYO_OK)
		myo_cli_usage("--warmup: %s", err.text);
	if (s->total > 0 && s->warmup > s->total)
		myo_cli_usage("--warmup: %lld steps are more than the %lld of the run", (long long)s->warmup, (long long)s->total);
	if ((s->kind == MYO_STEP) != (set->milestones != NULL))
		myo_cli_usage("--milestones and --schedule step go together");
	if (set->milestones != NULL && myo_span_list(set->milestones, plan->steps, plan->epoch_steps, &plan->milestones,
	    &s->milestone_count, &err) != MYO_OK)
		myo_cli_usage("--milestones: %s", err.text);
	s->milestones = plan->milestones;
}

static int
take_length(const struct myo_header *header, struct plan *plan, struct myo_err *err)
{
	const struct settings *set = plan->set;

	if (myo_header_get_int(header, "epoch_rows", 1, INT64_MAX, -1, &plan->epoch_rows, err) != MYO_OK) {
		myo_err_prefix(err, "standard input: ");
		return MYO_FAIL;
	}
	plan->rows = set->rows > 0 ? set->rows : header->rows;
	plan->steps = plan->rows > 0 ? ceil((double)plan->rows / (double)set->batch) : 0;
	plan->epoch_steps = plan->epoch_rows > 0 ? (double)plan->epoch_rows / (double)set->batch : 0;
	return MYO_OK;
}

/* ---- the run -------------------------------------------------------------------------------- */

/* What a run needs. */
struct run {
	struct plan plan;
	struct myo_header header; /* of the stream */
	struct myo_model model;
	struct myo_pool *pool;
	struct myo_run_parts parts;
	struct myo_run *run;
};

/* The model, with the size and, unless given, the normalisation of what the stream begins with. */
static int
open_model(struct run *r, struct myo_err *err)
{
	const struct settings *set = r->plan.set;
	double mean[3], deviation[3];
	const bool measure = set->normalize == NULL;
	int side;

	if (myo_intake_measure(r->parts.intake, MEASURED_ROWS, MEASURED_BYTES, &side, measure ? mean : NULL,
	    deviation, err) != MYO_OK ||
	    myo_model_new(&r->model, set->arch, side, &r->header, set->seed, err) != MYO_OK)
		return MYO_FAIL;
	for (int c = 0; measure && c < 3; c++) {
		r->model.mean[c] = mean[c];
		r->model.deviation[c] = deviation[c];
	}
	if (!measure && myo_model_parse_normalisation(&r->model, set->normalize, err) != MYO_OK)
		myo_cli_usage("--normalize: %s", err->text);
	return MYO_OK;
}

static int
open_run(struct run *r, struct myo_err *err)
{
	const struct settings *set = r->plan.set;

	if (open_model(r, err) != MYO_OK || myo_pool_new((int)set->threads, &r->pool, err) != MYO_OK ||
	    myo_trainer_new(&r->model, &r->plan.recipe, r->pool, &r->parts.trainer, err) != MYO_OK)
		return MYO_FAIL;
	if (set->validate != NULL && myo_validator_new(set->validate, &r->model, (size_t)set->batch, r->pool,
	    myo_cli_stopped, &r->parts.validator, err) != MYO_OK)
		return MYO_FAIL;
	if (set->log != NULL && myo_log_new(set->log, &r->parts.log, err) != MYO_OK)
		return MYO_FAIL;
	r->parts.epoch_rows = r->plan.epoch_rows;
	myo_detail("%s, %zu parameters, rows of %dx%d, mean %.4f %.4f %.4f, deviation %.4f %.4f %.4f",
	    myo_arch_plugin(r->model.arch)->name, myo_net_parameters(r->model.net), r->model.size, r->model.size,
	    r->model.mean[0], r->model.mean[1], r->model.mean[2], r->model.deviation[0], r->model.deviation[1],
	    r->model.deviation[2]);
	return myo_run_new(&r->parts, &r->run, err);
}

static void
show(struct myo_progress *progress, const struct myo_run_state *state)
{
	char note[100];

	const int used = snprintf(note, sizeof note, "loss %.3f, accuracy %.1f%%", state->loss, 100 * state->accuracy);
	if (!isnan(state->validation) && (size_t)used < sizeof note)
		(void)snprintf(note + used, sizeof note - (size_t)used, ", validation %.1f%%", 100 * state->validation);
	myo_progress_at(progress, state->step.rows, note);
}

/* The steps, to the end of the stream. */
static int
train(struct run *r, struct myo_run_state *state, struct myo_err *err)
{
	struct myo_progress *progress = NULL;

	int rc = myo_progress_new(myo_kind_name(r->header.kind), r->plan.rows, &progress, err);
	while (rc == MYO_OK && !myo_cli_stopped() && (rc = myo_run_next(r->run, state, err)) == MYO_OK)
		show(progress, state);
	myo_progress_free(progress);
	return rc;
}

/* ---- the result ------------------------------------------------------------------------------- */

/* What people want to know of a model; no times, so that the same training gives the same file. */
static int
note_facts(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	const struct settings *set = r->plan.set;
	struct myo_model *m = &r->model;

	if (myo_model_note(m, err, "rows", "%lld", (long long)state->step.rows) != MYO_OK ||
	    myo_model_note(m, err, "steps", "%lld", (long long)state->step.number) != MYO_OK ||
	    myo_model_note(m, err, "batch", "%ld", set->batch) != MYO_OK ||
	    myo_model_note(m, err, "optimizer", "%s", optimizers[set->optimizer]) != MYO_OK ||
	    myo_model_note(m, err, "lr", "%g", r->plan.recipe.schedule.rate) != MYO_OK ||
	    myo_model_note(m, err, "schedule", "%s", schedules[set->schedule]) != MYO_OK ||
	    myo_model_note(m, err, "loss", "%.4f", state->loss) != MYO_OK ||
	    myo_model_note(m, err, "accuracy", "%.4f", state->accuracy) != MYO_OK ||
	    (!isnan(state->epoch) && myo_model_note(m, err, "epochs", "%.2f", state->epoch) != MYO_OK) ||
	    (!isnan(state->validation) && myo_model_note(m, err, "validation", "%.4f", state->validation) != MYO_OK))
		return MYO_FAIL;
	return MYO_OK;
}

static int
publish(struct run *r, const struct myo_run_state *state, struct myo_err *err)
{
	const char *path = r->plan.set->output;

	/* After the end record the reader knows the history of all parts. */
	const json_t *history = myo_reader_header(myo_intake_reader(r->parts.intake))->history;

	if (myo_json_copy(history, &r->model.header.history, err) != MYO_OK ||
	    myo_cli_history(&r->model.header.history, err) != MYO_OK || note_facts(r, state, err) != MYO_OK ||
	    myo_model_save(&r->model, path, err) != MYO_OK)
		return MYO_FAIL;
	const double rate = state->seconds > 0 ? (double)state->step.rows / state->seconds : 0;
	myo_say("%s: %lld rows, %lld steps, %.0f s (%.0f rows/s); loss %.3f, accuracy %.1f%%", path,
	    (long long)state->step.rows, (long long)state->step.number, state->seconds, rate, state->loss,
	    100 * state->accuracy);
	if (!isnan(state->validation))
		myo_say("%s: %.2f%% of the validation images are right", path, 100 * state->validation);
	if (r->plan.rows > 0 && r->plan.rows != state->step.rows)
		myo_warn("%lld rows were expected, %lld came: the schedule was for another length; --rows sets it",
		    (long long)r->plan.rows, (long long)state->step.rows);
	return MYO_OK;
}

/* What would be a pity to find out after hours of training. */
static int
check_early(const struct settings *set, struct myo_err *err)
{
	struct myo_outfile *file;
	struct myo_arch *arch;
	json_t *history = NULL;

	if (myo_outfile_new(set->output, &file, err) != MYO_OK)
		return MYO_FAIL;
	myo_outfile_discard(file);
	if (myo_arch_new(set->arch, &arch, err) != MYO_OK)
		return MYO_FAIL;
	myo_arch_free(arch);
	const int rc = myo_cli_history(&history, err);
	json_decref(history);
	return rc;
}

/* Takes the reader over. */
static int
work(struct run *r, struct myo_reader *reader, struct myo_err *err)
{
	struct myo_run_state state = { .epoch = NAN, .validation = NAN };

	int rc = myo_header_copy(&r->header, myo_reader_header(reader), err);
	if (rc == MYO_OK && r->header.kind != MYO_IMAGES)
		rc = myo_reader_need_kind(reader, MYO_PATCHES, err);
	if (rc == MYO_OK)
		rc = take_length(&r->header, &r->plan, err);
	if (rc != MYO_OK) {
		myo_reader_free(reader);
		return MYO_FAIL;
	}
	take_optimizer(&r->plan);
	take_schedule(&r->plan);
	myo_cli_catch_stop();
	rc = myo_intake_new(reader, myo_cli_stopped, &r->parts.intake, err);
	if (rc == MYO_OK)
		rc = open_run(r, err);
	if (rc == MYO_OK)
		rc = train(r, &state, err);
	if (rc == MYO_END)
		return publish(r, &state, err);
	return !myo_cli_stopped() ? MYO_FAIL :
	    myo_fail(err, "stopped by a signal after %lld rows; no model was written", (long long)state.step.rows);
}

static int
close_run(struct run *r, struct myo_err *err)
{
	myo_run_free(r->run);
	myo_validator_free(r->parts.validator);
	myo_trainer_free(r->parts.trainer);
	myo_intake_free(r->parts.intake);
	myo_pool_free(r->pool);
	myo_model_clear(&r->model);
	myo_header_clear(&r->header);
	free(r->plan.milestones);
	return myo_log_close(r->parts.log, err);
}

int
main(int argc, char **argv)
{
	struct settings set = { .arch = "resnet9", .batch = 64, .seed = 1, .schedule = MYO_ONECYCLE, .lr = NAN, .momentum = 0.9,
		.beta2 = 0.999, .eps = 1e-8, .decay = 5e-4, .factor = 0.5 };
	struct run run = { .plan.set = &set, .header = MYO_HEADER_INIT, .model = MYO_MODEL_INIT };
	struct myo_err err = MYO_ERR_INIT, log_err = MYO_ERR_INIT;
	struct myo_reader *reader;

	parse(&set, argc, argv);
	int rc = check_early(&set, &err);
	if (rc == MYO_OK)
		rc = myo_cli_reader(&reader, &err);
	if (rc == MYO_OK)
		rc = work(&run, reader, &err);
	if (close_run(&run, &log_err) != MYO_OK && rc == MYO_OK) {
		rc = MYO_FAIL;
		err = log_err;
	}
	return myo_cli_leave(rc, NULL, &err);
}
