/* The command line of myopic-train. */
#include "train-options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NESTEROV, SGD, ADAM, ADAMW, MUON };
static const char *const optimizers[] = { "nesterov", "sgd", "adam", "adamw", "muon", NULL };
enum { FLOAT32, BFLOAT16 };
static const char *const precisions[] = { "float32", "bfloat16", NULL };
static const char *const schedules[] = { "constant", "step", "cosine", "one-cycle", "triangle", NULL }; /* enum myo_schedule_kind */

static const struct settings defaults = {
	.arch = "resnet9", .seed = 1,
	.batch = 64, .accumulate = 1, .optimizer = NESTEROV,
	.lr = NAN, .momentum = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 5e-4,
	.muon_lr = 0.24, .muon_momentum = 0.6, .muon_iterations = 3,
	.schedule = MYO_ONECYCLE, .factor = 0.5, .start = 0.2, .end = 0.07, .epochs = NAN, .validate_every = NAN,
	.every = "5m",
};

static void
parse_table(struct settings *s, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-train",
		.summary = "train a network on patches, or on whole images",
		.usage = "-o MODEL < patches",
		.notes = "A SPAN is a number of epochs (3, 0.5), a share of the run (30%), or steps (200s).\n"
			 "A TIME is 90s, 10m or 1.5h. A PATTERN is one of the shell's, for names of weights: 'conv1.*'.\n"
			 "myopic-plugin --list shows the architectures.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('o', "output", "FILE", &s->output, "the model, written when the training is complete"),
		MYO_TEXT('a', "arch", "SPEC", &s->arch, "architecture: NAME, NAME:option=value,... or ./FILE.so"),
		MYO_TEXT(0, "init", "MODEL", &s->init,
		    "begin with this model's weights, as far as names and shapes agree"),
		MYO_LIST(0, "freeze", "PATTERN", &s->freeze,
		    "weights that stay as they are; may be given several times"),
		MYO_TEXT(0, "normalize", "M,M,M:D,D,D", &s->normalize,
		    "mean and deviation of red, green, blue, of 0 to 1 (default: those of --init, or measured)"),
		MYO_U64('S', "seed", "N", &s->seed, "seed of the initial weights"),

		MYO_INT('b', "batch", "N", &s->batch, 1, 65536, "rows that go through the network together"),
		MYO_INT(0, "accumulate", "N", &s->accumulate, 1, 65536, "batches whose mean gradient makes a step"),
		MYO_CHOICE(0, "precision", "NAME", &s->precision, precisions,
		    "of the operands of most 3x3 convolutions"),
		MYO_CHOICE(0, "optimizer", "NAME", &s->optimizer, optimizers, "what a step does"),
		MYO_REAL('l', "lr", "X", &s->lr, 0, 1e6,
		    "highest learning rate; by itself batch / 1280, for Adam 0.002"),
		MYO_REAL(0, "momentum", "X", &s->momentum, 0, 0.99999, "momentum, or the first beta of Adam"),
		MYO_REAL(0, "beta2", "X", &s->beta2, 0, 0.9999999, "the second beta of Adam"),
		MYO_REAL(0, "eps", "X", &s->eps, 1e-30, 1, "what Adam adds to the root"),
		MYO_REAL(0, "muon-lr", "X", &s->muon_lr, 0, 1e6,
		    "highest learning rate of Muon's weights, those of convolutions"),
		MYO_REAL(0, "muon-momentum", "X", &s->muon_momentum, 0, 0.99999, "momentum of Muon's weights"),
		MYO_INT(0, "muon-iterations", "N", &s->muon_iterations, 1, 20,
		    "Newton-Schulz iterations in a step of Muon"),
		MYO_LIST(0, "scale-lr", "PATTERN=X", &s->scale_lr,
		    "multiply the rate of weights; may be given several times"),
		MYO_REAL(0, "weight-decay", "X", &s->decay, 0, 1e6, "decay of the weights"),
		MYO_LIST(0, "scale-decay", "PATTERN=X", &s->scale_decay,
		    "multiply the decay of weights; may be given several times"),
		MYO_FLAG(0, "decay-weights-only", &s->decay_weights_only, "no decay of biases and normalisation"),
		MYO_REAL(0, "clip", "X", &s->clip, 0, 1e9, "largest norm of the gradient; 0: any"),
		MYO_REAL(0, "ema", "X", &s->average, 0, 0.9999999,
		    "decay of averaged weights, which are validated and saved; 0: none"),
		MYO_REAL(0, "label-smoothing", "X", &s->smoothing, 0, 0.999,
		    "share of the target spread over all classes"),
		MYO_TEXT(0, "class-weights", "W,W,...", &s->class_weights,
		    "weights of the classes in the loss, in the order of the labels"),

		MYO_CHOICE(0, "schedule", "NAME", &s->schedule, schedules, "course of the learning rate"),
		MYO_TEXT(0, "warmup", "SPAN", &s->warmup,
		    "rise of the learning rate (default: 25% of one-cycle and triangle, else 0)"),
		MYO_TEXT(0, "milestones", "SPAN,...", &s->milestones, "where the step schedule strikes"),
		MYO_REAL(0, "factor", "X", &s->factor, 1e-9, 1, "what --schedule step multiplies the rate by"),
		MYO_REAL(0, "start", "X", &s->start, 0, 1, "share of the rate that a triangle begins with"),
		MYO_REAL(0, "end", "X", &s->end, 0, 1, "share of the rate that a triangle ends with"),
		MYO_INT(0, "rows", "N", &s->rows, 0, 1e15, "train on so many rows; 0: on all of the stream"),
		MYO_REAL(0, "epochs", "X", &s->epochs, 1e-6, 1e9,
		    "train on so many epochs (default: all of the stream)"),
		MYO_TEXT(0, "budget", "TIME", &s->budget, "train for so long: the schedule is fitted to this machine"),

		MYO_LIST(0, "validate", "FILE", &s->validate,
		    "images to classify whole; the first file decides what is better"),
		MYO_REAL(0, "validate-every", "X", &s->validate_every, 0, 1e9,
		    "epochs between validations; 0: at the end (default: for 5% of the time at most)"),
		MYO_INT(0, "patience", "N", &s->patience, 0, 1e6,
		    "end after N validations that were no better; 0: never"),

		MYO_OPTIONS_BESIDE,
		MYO_TEXT(0, "best", "FILE", &s->best, "the model that was best on the validation images"),
		MYO_TEXT(0, "log", "FILE", &s->log, "a line of tab-separated values for each epoch"),
		MYO_INT(0, "log-every", "N", &s->log_steps, 0, 1e15, "a line for each N steps, too; 0: none"),
		MYO_TEXT(0, "checkpoint", "FILE", &s->checkpoint,
		    "where the run stands, written now and then and when it is stopped"),
		MYO_TEXT(0, "every", "TIME", &s->every, "how often"),
		MYO_TEXT(0, "resume", "FILE", &s->resume,
		    "go on from this checkpoint; from the beginning if there is none"),
		MYO_INT(0, "threads", "N", &s->threads, 0, 1024, "threads; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
}

/* ---- what goes together ---------------------------------------------------------------------------- */

static bool
same_inode(const char *a, const char *b, mode_t type)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 && (first.st_mode & S_IFMT) == type &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Split a path into its folder, with the slash, and its name. False: the folder doesn't fit. */
static bool
cut_folder(const char *path, char *folder, size_t size, const char **name)
{
	const char *slash = strrchr(path, '/');
	const int length = slash == NULL ? snprintf(folder, size, "./") :
	    snprintf(folder, size, "%.*s", (int)(slash + 1 - path), path);

	*name = slash == NULL ? path : slash + 1;
	return length > 0 && (size_t)length < size;
}

/* Whether two paths are the same name in the same folder; the file needn't exist. */
static bool
same_place(const char *a, const char *b)
{
	char first[4096], second[sizeof first];
	const char *name, *other;

	return cut_folder(a, first, sizeof first, &name) && cut_folder(b, second, sizeof second, &other) &&
	       strcmp(name, other) == 0 && same_inode(first, second, S_IFDIR);
}

bool
train_options_same_file(const char *a, const char *b)
{
	return a != NULL && b != NULL && (strcmp(a, b) == 0 || same_inode(a, b, S_IFREG) || same_place(a, b));
}

static bool
is_input(const char *path)
{
	struct stat in, there;

	return path != NULL && fstat(STDIN_FILENO, &in) == 0 && S_ISREG(in.st_mode) && stat(path, &there) == 0 &&
	       in.st_dev == there.st_dev && in.st_ino == there.st_ino;
}

static void
check_files(const struct settings *set)
{
	const struct {
		const char *option, *path;
	} files[] = { { "--output", set->output }, { "--best", set->best }, { "--checkpoint", set->checkpoint },
		{ "--log", set->log } };

	for (size_t i = 0; i < MYO_COUNT(files); i++) {
		for (size_t k = 0; k < i; k++)
			if (train_options_same_file(files[i].path, files[k].path))
				myo_cli_usage("%s and %s are the same file, %s: one would overwrite the other",
				    files[k].option, files[i].option, files[i].path);
		for (size_t k = 0; k < set->validate.count; k++)
			if (train_options_same_file(files[i].path, set->validate.items[k]))
				myo_cli_usage("%s would overwrite the images to --validate on, %s", files[i].option,
				    files[i].path);
		if (is_input(files[i].path))
			myo_cli_usage("%s would overwrite what is trained on, %s", files[i].option, files[i].path);
	}
	/* The model may replace that of --init, and the checkpoint that of --resume; nothing else may. */
	for (size_t i = 0; i < MYO_COUNT(files); i++) {
		const char *const path = files[i].path;
		if (path != set->output && train_options_same_file(path, set->init))
			myo_cli_usage("%s would overwrite the model of --init, %s", files[i].option, path);
		if (path != set->checkpoint && train_options_same_file(path, set->resume))
			myo_cli_usage("%s would overwrite the checkpoint to --resume, %s", files[i].option, path);
	}
}

static void
check_ends(const struct settings *s)
{
	if ((s->rows > 0) + !isnan(s->epochs) + (s->budget != NULL) > 1)
		myo_cli_usage("--rows, --epochs and --budget all say how long the run is: give one of them");
	if (s->patience > 0 && s->validate.count == 0)
		myo_cli_usage("--patience wants images to --validate on");
	if (s->patience > 0 && s->validate_every == 0)
		myo_cli_usage("--patience wants validations on the way, and --validate-every 0 makes one at the end");
	if (s->best != NULL && s->validate.count == 0)
		myo_cli_usage("--best wants images to --validate on");
	if (!isnan(s->validate_every) && s->validate.count == 0)
		myo_cli_usage("--validate-every wants images to --validate on");
	if (s->validate.count > MYO_MOST_VALIDATORS)
		myo_cli_usage("--validate: at most %d files", MYO_MOST_VALIDATORS);
	if (s->log_steps > 0 && s->log == NULL)
		myo_cli_usage("--log-every wants a --log");
	if ((s->schedule == MYO_STEP) != (s->milestones != NULL))
		myo_cli_usage("--milestones and --schedule step go together");
}

void
train_options_parse(struct settings *set, int argc, char **argv)
{
	struct myo_err err = MYO_ERR_INIT;

	*set = defaults;
	parse_table(set, argc, argv);
	set->arch_given = set->arch != defaults.arch;
	if (set->output == NULL)
		myo_cli_usage("-o, --output is missing: where does the model go?");
	check_files(set);
	check_ends(set);
	if (set->budget != NULL && myo_duration_parse(set->budget, &set->budget_seconds, &err) != MYO_OK)
		myo_cli_usage("--budget: %s", err.text);
	if (myo_duration_parse(set->every, &set->every_seconds, &err) != MYO_OK)
		myo_cli_usage("--every: %s", err.text);
}

const char *
train_optimizer_name(const struct settings *set)
{
	return optimizers[set->optimizer];
}

const char *
train_schedule_name(const struct settings *set)
{
	return schedules[set->schedule];
}

/* ---- the length of the run ----------------------------------------------------------------------------- */

int
train_options_length(const struct settings *set, const struct myo_header *header, struct length *out,
    struct myo_err *err)
{
	const double step = (double)set->batch * (double)set->accumulate;

	if (myo_header_get_int(header, "epoch_rows", 1, INT64_MAX, -1, &out->epoch_rows, err) != MYO_OK ||
	    myo_header_get_int(header, "first_row", 0, INT64_MAX, 0, &out->first_row, err) != MYO_OK) {
		myo_err_prefix(err, "standard input: ");
		return MYO_FAIL;
	}
	if (header->rows > INT64_MAX - out->first_row)
		return myo_fail(err, "standard input: damaged: its header promises %lld rows after row %lld",
		    (long long)header->rows, (long long)out->first_row);
	if (!isnan(set->epochs) && out->epoch_rows < 0)
		return myo_fail(err, "--epochs: the stream doesn't say how long an epoch is: give --rows");
	if (out->epoch_rows < 0 && (set->validate_every > 0 || set->patience > 0))
		return myo_fail(err,
		    "%s: the stream doesn't say how long an epoch is, so there is one validation, at the end",
		    set->patience > 0 ? "--patience" : "--validate-every");
	out->stream_rows = header->rows > 0 || (header->rows == 0 && out->first_row > 0) ?
	    out->first_row + header->rows : -1;
	out->rows = set->rows > 0 ? set->rows : !isnan(set->epochs) ?
	    (int64_t)fmax(1, fmin(1e15, round(set->epochs * (double)out->epoch_rows))) :
	    out->stream_rows;
	out->steps = out->rows > 0 ? ceil((double)out->rows / step) : 0;
	out->epoch_steps = out->epoch_rows > 0 ? (double)out->epoch_rows / step : 0;
	return MYO_OK;
}

int
train_options_settings(const struct length *length, json_t **out, struct myo_err *err)
{
	if (myo_cli_options(out, err) != MYO_OK)
		return MYO_FAIL;
	if (json_object_set_new(*out, "rows", json_sprintf("%lld", (long long)length->rows)) == 0 &&
	    json_object_set_new(*out, "rows an epoch", json_sprintf("%lld", (long long)length->epoch_rows)) == 0)
		return MYO_OK;
	return myo_fail_memory(err, 0);
}

/* ---- how to train --------------------------------------------------------------------------------------- */

/* Whether all spans of a list are shares of the run: how many epochs or steps a budget makes isn't known yet. */
static bool
all_shares(const char *list)
{
	for (;; list++) {
		const size_t length = strcspn(list, ",");
		if (length == 0 || (list[length - 1] != '%' && strspn(list, "0") != length))
			return false;
		list += length;
		if (*list == '\0')
			return true;
	}
}

static void
take_schedule(const struct settings *set, const struct length *length, struct myo_schedule *s)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_span span = { 0, 's' };
	int64_t *milestones = NULL;
	/* With a budget the length is set by measuring the speed, so this only sets the shape. */
	const double steps = set->budget != NULL ? 1e6 : length->steps;

	s->kind = (enum myo_schedule_kind)set->schedule;
	s->factor = set->factor;
	s->start = set->start;
	s->end = set->end;
	s->total = (int64_t)steps;
	const bool rises = s->kind == MYO_ONECYCLE || s->kind == MYO_TRIANGLE;
	if (s->total == 0 && (rises || s->kind == MYO_COSINE))
		myo_cli_usage("--schedule %s wants to know how long the run is, which the stream doesn't say: give --rows, --epochs or "
		    "--budget, or --schedule constant", schedules[set->schedule]);
	if (set->budget != NULL && ((set->warmup != NULL && !all_shares(set->warmup)) ||
	    (set->milestones != NULL && !all_shares(set->milestones))))
		myo_cli_usage("--budget: how many steps there will be isn't known yet: give --warmup and --milestones in per cent, as in "
		    "25%%");
	if (set->warmup == NULL && rises)
		span = (struct myo_span){ 25, '%' };
	if ((set->warmup != NULL && myo_span_parse(set->warmup, &span, &err) != MYO_OK) ||
	    myo_span_steps(&span, steps, length->epoch_steps, &s->warmup, &err) != MYO_OK)
		myo_cli_usage("--warmup: %s", err.text);
	if (s->total > 0 && s->warmup > s->total)
		myo_cli_usage("--warmup: %lld steps are more than the %lld of the run", (long long)s->warmup,
		    (long long)s->total);
	if (set->milestones != NULL && myo_span_list(set->milestones, steps, length->epoch_steps, &milestones,
	    &s->milestone_count, &err) != MYO_OK)
		myo_cli_usage("--milestones: %s", err.text);
	for (size_t i = 0; i < s->milestone_count; i++)
		if (set->budget == NULL && s->total > 0 && milestones[i] > s->total)
			myo_warn("--milestones: step %lld is beyond the %lld of the run, and changes nothing",
			    (long long)milestones[i], (long long)s->total);
	s->milestones = milestones;
}

/* "PATTERN=X" */
static void
take_rule(const char *option, const char *text, struct myo_rule *rule)
{
	const char *equals = strrchr(text, '=');
	char *end;
	struct myo_err err = MYO_ERR_INIT;

	const double factor = equals != NULL ? strtod(equals + 1, &end) : NAN;
	if (equals == NULL || equals == text || end == equals + 1 || *end != '\0' || !isfinite(factor) || factor < 0)
		myo_cli_usage("%s: '%s' is not a pattern, = and a factor, as in 'bn*.bias=64'", option, text);
	*rule = (struct myo_rule){ myo_format(&err, "%.*s", (int)(equals - text), text), factor };
	if (rule->pattern == NULL)
		exit(myo_cli_leave(MYO_FAIL, NULL, &err));
}

static void
take_rules(const char *option, const struct myo_texts *texts, struct myo_rules *out)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_rule *rules = myo_calloc(texts->count, sizeof *rules, &err);

	if (rules == NULL)
		exit(myo_cli_leave(MYO_FAIL, NULL, &err));
	for (size_t i = 0; i < texts->count; i++)
		take_rule(option, texts->items[i], &rules[i]);
	*out = (struct myo_rules){ texts->count, rules };
}

static void
release_rules(struct myo_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		free((char *)(uintptr_t)rules->items[i].pattern);
	free((struct myo_rule *)(uintptr_t)rules->items);
	*rules = (struct myo_rules){ 0 };
}

/* "W,W,...": a number above 0 for each class. */
static void
take_class_weights(const struct settings *set, const struct myo_header *header, struct myo_trainer_options *out)
{
	struct myo_err err = MYO_ERR_INIT;
	const char *at = set->class_weights;
	char *end;

	if (header->class_count == 0) /* which a resumed run may do without */
		myo_cli_usage("--class-weights wants a stream with the names of its classes");
	double *weights = myo_calloc(header->class_count, sizeof *weights, &err);
	if (weights == NULL)
		exit(myo_cli_leave(MYO_FAIL, NULL, &err));
	for (size_t k = 0; k < header->class_count; k++, at = end + 1) {
		weights[k] = strtod(at, &end);
		if (end == at || !isfinite(weights[k]) || weights[k] <= 0)
			myo_cli_usage("--class-weights: '%s': number %zu is not a number above 0",
			    set->class_weights, k + 1);
		if (*end != (k + 1 < header->class_count ? ',' : '\0'))
			myo_cli_usage("--class-weights: '%s': numbers with commas between them, %zu of them, one for each class",
			    set->class_weights, header->class_count);
	}
	out->class_weights = weights;
}

void
train_options_trainer(const struct settings *set, const struct myo_header *header, const struct length *length,
    struct myo_trainer_options *out)
{
	const bool adam = set->optimizer == ADAM || set->optimizer == ADAMW;

	*out = (struct myo_trainer_options){
		.batch = (size_t)set->batch, .accumulate = (size_t)set->accumulate, .bf16 = set->precision == BFLOAT16,
		.smoothing = set->smoothing,
		.optimiser = {
			.kind = set->optimizer == ADAM ? MYO_ADAM : set->optimizer == ADAMW ? MYO_ADAMW :
			    set->optimizer == MUON ? MYO_MUON : MYO_SGD,
			.momentum = set->momentum, .nesterov = set->optimizer == NESTEROV || set->optimizer == MUON,
			.beta1 = set->momentum, .beta2 = set->beta2, .eps = set->eps,
			.decay = set->decay, .decay_weights_only = set->decay_weights_only, .clip = set->clip,
			.muon_momentum = set->muon_momentum, .muon_iterations = (int)set->muon_iterations,
		},
		.average = set->average,
		.schedule.rate = !isnan(set->lr) ? set->lr : adam ? 0.002 :
		    (double)(set->batch * set->accumulate) / 1280,
	};
	if (set->optimizer == MUON && out->schedule.rate <= 0)
		myo_cli_usage("--optimizer muon wants an --lr above 0: Muon's rate follows its schedule");
	out->optimiser.muon_rate = set->muon_lr / out->schedule.rate;
	take_rules("--scale-lr", &set->scale_lr, &out->optimiser.rates);
	take_rules("--scale-decay", &set->scale_decay, &out->optimiser.decays);
	if (set->class_weights != NULL)
		take_class_weights(set, header, out);
	take_schedule(set, length, &out->schedule);
}

void
train_options_release(struct myo_trainer_options *options)
{
	free((int64_t *)(uintptr_t)options->schedule.milestones);
	options->schedule.milestones = NULL;
	release_rules(&options->optimiser.rates);
	release_rules(&options->optimiser.decays);
	free((double *)(uintptr_t)options->class_weights);
	options->class_weights = NULL;
}
