/*
 * train.h - how a network learns: optimisers, schedules of the learning rate, and the loop
 * that takes rows from a stream and makes steps of them.
 *
 *   schedule   the learning rate as a function of the step
 *   optimiser  what a step does to the weights
 *   trainer    a model, an optimiser, a schedule and a plan: feed it records, it makes steps
 *   intake     a stream that is read ahead by a thread of its own
 *   validator  the accuracy on whole images of a file
 *   log        what happened, as tab-separated values
 *   run        all of that from the first row to the last
 *   checkpoint where a run stands, in a file, so that it can go on
 *
 * Everything is a function of the rows and the options: no thread changes a bit of it.
 */
#ifndef MYO_TRAIN_H
#define MYO_TRAIN_H

#include "model/model.h"

/* ---- schedules ----------------------------------------------------------------------- */

enum myo_schedule_kind {
	MYO_CONSTANT, /* the rate, throughout */
	MYO_STEP,     /* times `factor` at each milestone */
	MYO_COSINE,   /* half a cosine from the rate down to 0 (Loshchilov and Hutter, 2017, without restarts) */
	MYO_ONECYCLE, /* up from rate / 25, down to rate / 250000, each half a cosine (Smith and Topin,
	               * 2018; PyTorch's OneCycleLR and its defaults) */
	MYO_TRIANGLE  /* in a straight line up from rate start, and down to rate end (Jordan, 2024) */
};

/*
 * rate        the highest learning rate
 * total       steps of the whole run; MYO_COSINE, MYO_ONECYCLE and MYO_TRIANGLE need it
 * warmup      steps at the start during which the rate rises: for MYO_ONECYCLE and MYO_TRIANGLE their first part,
 *             for the others in equal parts, (step + 1) / (warmup + 1) of what it would be
 * factor      of MYO_STEP
 * milestones  steps at which it strikes, ascending; the caller's
 * start, end  of MYO_TRIANGLE
 * stretch     see myo_schedule_stretch(); zeros at first
 */
struct myo_schedule {
	enum myo_schedule_kind kind;
	double rate;
	int64_t total, warmup;
	double factor;
	size_t milestone_count;
	const int64_t *milestones;
	double start, end;
	struct {
		int64_t from; /* the step from which on it holds */
		double at;    /* what that step counts as */
		double pace;  /* what each step after it counts as; 0: one */
	} stretch;
};

/*
 * From step `from` on the rest of the schedule is gone through faster or slower, so that it ends with `total`
 * steps in all, in place of what was planned.
 */
void myo_schedule_stretch(struct myo_schedule *schedule, int64_t from, int64_t total);

/* The learning rate of a step, counted from 0; past the total it stays where it ended. */
double myo_schedule_rate(const struct myo_schedule *schedule, int64_t step);

/*
 * A length of training as people write it: "3" or "0.5" epochs, "30%" of the whole run, "200s" steps.
 */
struct myo_span {
	double value;
	char unit; /* 'e', '%' or 's' */
};

MYO_MUST_USE int myo_span_parse(const char *text, struct myo_span *out, struct myo_err *err);

/*
 * Steps of a span, rounded to the nearest. total: steps of the run; epoch: steps of an epoch, which
 * needn't be whole; 0 where not known, and then MYO_FAIL for a span that is measured by it.
 */
MYO_MUST_USE int myo_span_steps(const struct myo_span *span, double total, double epoch, int64_t *steps,
    struct myo_err *err);

/* A time as people write it: "90s", "10m", "1.5h"; a bare number is seconds. Above 0. */
MYO_MUST_USE int myo_duration_parse(const char *text, double *seconds, struct myo_err *err);

/* "40,80,100": spans in ascending order, as steps; *out [*count] on the heap. */
MYO_MUST_USE int myo_span_list(const char *text, double total, double epoch, int64_t **out, size_t *count,
    struct myo_err *err);

/* ---- optimisers ---------------------------------------------------------------------- */

enum myo_optimiser_kind {
	MYO_SGD,   /* with momentum, Nesterov's if asked for; decay is added to the gradient */
	MYO_ADAM,  /* Kingma and Ba, 2015; decay is added to the gradient */
	MYO_ADAMW, /* Loshchilov and Hutter, 2019: decay shrinks the weights directly */
	MYO_MUON   /* convolutions by Muon (Jordan, 2024), the rest by MYO_SGD */
};

/* Weights whose names match a pattern of the shell's have something multiplied: their rate, their decay. */
struct myo_rule {
	const char *pattern;
	double factor;
};

/* The last one that matches a name counts. All of it is the caller's, for the call. */
struct myo_rules {
	size_t count;
	const struct myo_rule *items;
};

/*
 * The arithmetic of the first three is PyTorch's, with g the gradient, w the weight, t the step from 1:
 *   SGD    g += decay w;  m = momentum m + g;  w -= rate (nesterov ? g + momentum m : m)
 *   Adam   g += decay w;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g²;
 *          w -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
 *   AdamW  w *= 1 - rate decay, then as Adam without decay
 * Muon looks at a convolution's weight as a matrix of `out` rows, and makes its step's singular values alike:
 *   m = momentum m + g;  u = g + momentum m;  u = newton_schulz(u / |u|);
 *   w *= sqrt(out) / |w|;  w -= rate muon_rate u,  |.| being Frobenius' norm
 * as Jordan's program for CIFAR-10 does it, with muon_momentum; there is no decay.
 */
struct myo_optimiser_options {
	enum myo_optimiser_kind kind;
	double momentum;
	bool nesterov;
	double beta1, beta2, eps;
	double decay;
	bool decay_weights_only; /* neither biases nor the scales and shifts of batch normalisation */
	double clip;             /* largest norm of all gradients together, which are scaled down to it; 0: any */
	double muon_rate;        /* of MYO_MUON's convolutions, as a multiple of the rate of the rest */
	double muon_momentum;
	int muon_iterations;     /* of Newton and Schulz; 3 are enough for a large momentum to be of use */
	struct myo_rules rates, decays;
};

struct myo_optimiser;

/* Borrows the network and the pool. Frozen weights are left alone. MYO_FAIL also for a rule that matches nothing. */
MYO_MUST_USE int myo_optimiser_new(struct myo_net *net, const struct myo_optimiser_options *options,
    struct myo_pool *pool, struct myo_optimiser **out, struct myo_err *err);
void myo_optimiser_free(struct myo_optimiser *optimiser);

/*
 * Before a step, for each of several batches: keep the network's gradients. The step then goes by their mean, each
 * weighted by its `share` of any measure (above 0, say its rows), and the gathering begins anew. Without it, a
 * step goes by the gradients as they are.
 */
MYO_MUST_USE int myo_optimiser_gather(struct myo_optimiser *optimiser, double share, struct myo_err *err);

/* Change every weight by its gradient. */
void myo_optimiser_step(struct myo_optimiser *optimiser, double rate);

/* For checkpoints: all that the steps to come depend on, to be read and to be written over; and the steps made. */
float *myo_optimiser_state(struct myo_optimiser *optimiser, size_t *elements);
int64_t myo_optimiser_steps(const struct myo_optimiser *optimiser);
void myo_optimiser_resume(struct myo_optimiser *optimiser, int64_t steps);

/* ---- averaged weights ---------------------------------------------------------------------------- */

/*
 * An exponential moving average of the weights and of normalisation's running statistics, which often does
 * better than the last weights: a = w after the first step, then a += (1 - d) (w - a) after each, with
 * d = min(decay, (1 + t) / (10 + t)) at step t, so that the beginning is soon forgotten.
 */
struct myo_average;

/* Borrows the network and the pool. */
MYO_MUST_USE int myo_average_new(struct myo_net *net, double decay, struct myo_pool *pool, struct myo_average **out,
    struct myo_err *err);
void myo_average_free(struct myo_average *average);

/* After step t. */
void myo_average_step(struct myo_average *average, int64_t t);

/* Exchange the network's values and the averaged ones; twice is as if it had never been. */
void myo_average_swap(struct myo_average *average);

/* For checkpoints, as myo_optimiser_state(). */
float *myo_average_state(struct myo_average *average, size_t *elements);

/* ---- the trainer ----------------------------------------------------------------------- */

struct myo_trainer_options {
	size_t batch;      /* rows that go through the network together */
	size_t accumulate; /* batches whose mean gradient makes a step; 0 is 1 */
	bool bf16;         /* MYO_TRAIN_BF16 */
	double smoothing;  /* of the labels, see myo_plan_loss() */
	const double *class_weights; /* [classes], see myo_plan_class_weights(); or NULL */
	double average;    /* decay of averaged weights; 0: none */
	struct myo_optimiser_options optimiser;
	struct myo_schedule schedule;
};

/* What a step was. */
struct myo_step {
	int64_t number; /* from 1 */
	int64_t rows;   /* trained on so far, this step's included */
	size_t batch;   /* rows of this step */
	double rate;
	double loss;    /* mean over its rows, before the weights changed */
	size_t correct; /* rows whose largest logit was their label's */
};

struct myo_trainer;

/*
 * Plans for rows of model->size squared. Borrows the model, the pool, and what the options point to (but the rules,
 * which are only for the call).
 */
MYO_MUST_USE int myo_trainer_new(struct myo_model *model, const struct myo_trainer_options *options,
    struct myo_pool *pool, struct myo_trainer **out, struct myo_err *err);
void myo_trainer_free(struct myo_trainer *trainer);

/*
 * Take rows [*row, end) of a record of images or patches until a step is made; *row moves on.
 * Returns MYO_OK   a step was made: *step says how it went, call again with the same record
 *         MYO_END  the rows are used up; those that made no step wait for more
 *         MYO_FAIL a row without a label or of another size, or a loss that isn't finite:
 *                  then the model is spoilt, and myo_trainer_spoilt() says so
 */
MYO_MUST_USE int myo_trainer_feed(struct myo_trainer *trainer, const struct myo_record *record, size_t *row,
    size_t end, struct myo_step *step, struct myo_err *err);

/* At the end of the stream, make a step of the rows that wait; MYO_END if there are none. */
MYO_MUST_USE int myo_trainer_finish(struct myo_trainer *trainer, struct myo_step *step, struct myo_err *err);

/* Whether the weights are no use any more: neither a model nor a checkpoint may be made of them. */
bool myo_trainer_spoilt(const struct myo_trainer *trainer);

/*
 * Exchange the network's weights with the averaged ones, for as long as it is validated or saved; nothing
 * where there are none. Twice is as if it had never been.
 */
void myo_trainer_swap_average(struct myo_trainer *trainer);

/* Seconds of a step, from steps on blank rows that change nothing, made for so many seconds. Before the first one. */
MYO_MUST_USE int myo_trainer_measure(struct myo_trainer *trainer, double seconds, double *pace, struct myo_err *err);

/* Fit what is left of the schedule into a run of `total` steps in all. */
void myo_trainer_stretch(struct myo_trainer *trainer, int64_t total);

/* Rows of a whole step, and the steps and rows made so far. */
size_t myo_trainer_step_rows(const struct myo_trainer *trainer);
int64_t myo_trainer_steps(const struct myo_trainer *trainer);
int64_t myo_trainer_rows(const struct myo_trainer *trainer);

/* Multiply-accumulates of a forward pass over a row. */
double myo_trainer_macs(const struct myo_trainer *trainer);

/* The first class that no row has had so far, or -1. */
int myo_trainer_missing_class(const struct myo_trainer *trainer);

/* ---- the intake ------------------------------------------------------------------------- */

struct myo_intake;

/*
 * Read a stream ahead, a few records. Takes the reader over (on failure too). stopped, if not NULL,
 * is asked now and then while the intake waits; when it says true, reading fails.
 */
MYO_MUST_USE int myo_intake_new(struct myo_reader *reader, bool (*stopped)(void), struct myo_intake **out,
    struct myo_err *err);

/*
 * Ends the reading. Where the thread is stuck in a read that doesn't return, it and its memory
 * are left to the end of the process.
 */
void myo_intake_free(struct myo_intake *intake);

/* The next record, as myo_reader_next(); valid until the next call. */
MYO_MUST_USE int myo_intake_next(struct myo_intake *intake, const struct myo_record **record, struct myo_err *err);

/* Whether there is another record, which isn't given out, nor is any after it: MYO_OK or MYO_END. The last call. */
MYO_MUST_USE int myo_intake_peek(struct myo_intake *intake, struct myo_err *err);

/* The history of what was given out so far, where cat joined streams of their parts up to there; the caller's. */
MYO_MUST_USE int myo_intake_history(const struct myo_intake *intake, json_t **out, struct myo_err *err);

/*
 * Before the first myo_intake_next(): keep the first records, until there are `most` rows, or as many as take `bytes`
 * (one at least), or no more. They stay to be read. *rows: how many rows that is; the last record may have more.
 */
MYO_MUST_USE int myo_intake_keep(struct myo_intake *intake, size_t most, size_t bytes, size_t *rows,
    struct myo_err *err);

/*
 * Side of the stream's first row, which must be square, and the mean and deviation of each channel over the first
 * `rows` of those that were kept (pixels / 255, padding left out; a deviation of 0 becomes 1). mean and deviation [3].
 */
MYO_MUST_USE int myo_intake_measure(const struct myo_intake *intake, size_t rows, int *side, double *mean,
    double *deviation, struct myo_err *err);

/*
 * Before the first myo_intake_next(): record number `index` of those that were kept, or NULL.
 */
const struct myo_record *myo_intake_kept(const struct myo_intake *intake, size_t index);

/* ---- what a model begins with --------------------------------------------------------------- */

enum { MYO_WHITENING_ROWS = 5000 }; /* that filters are made of, or fewer */

/* Make the filters that the plugin wants made of data, if any, from the first `rows` of those that were kept. */
MYO_MUST_USE int myo_begin_whiten(struct myo_model *model, const struct myo_intake *intake, size_t rows,
    struct myo_err *err);

/*
 * Take the weights of another model, wherever name and shape agree; *taken: how many tensors. MYO_FAIL if there are
 * none.
 */
MYO_MUST_USE int myo_begin_with(struct myo_model *model, const struct myo_model *other, size_t *taken,
    struct myo_err *err);

/*
 * Freeze the weights whose names match a pattern of the shell's; MYO_FAIL if there are none. Before the trainer is
 * made.
 */
MYO_MUST_USE int myo_begin_freeze(struct myo_model *model, const char *pattern, struct myo_err *err);

/* ---- validation -------------------------------------------------------------------------- */

struct myo_validator;

/* Read the images file through once, so that a broken one is found before the training. stopped: as for the intake. */
MYO_MUST_USE int myo_validator_new(const char *path, struct myo_model *model, size_t batch, struct myo_pool *pool,
    bool (*stopped)(void), struct myo_validator **out, struct myo_err *err);
void myo_validator_free(struct myo_validator *validator);

/* The header of its images, which lives as long as the validator. */
const struct myo_header *myo_validator_header(const struct myo_validator *validator);

/* Multiply-accumulates of a validation. */
double myo_validator_macs(const struct myo_validator *validator);

/* Whole images through the network: how many, and how many it classifies as their label says. */
MYO_MUST_USE int myo_validator_run(struct myo_validator *validator, int64_t *images, int64_t *correct,
    struct myo_err *err);

/* Whether stopped() says so, as when a validation fails by it. */
bool myo_validator_stopped(const struct myo_validator *validator);

/* ---- the log ---------------------------------------------------------------------------------- */

/*
 * Lines of tab-separated values, written as they come: step, epoch, rows, lr, loss, accuracy, seconds,
 * then validation, validation2 … for each file of images to validate on. Loss and accuracy are means over
 * the rows since the line before. What is not known is NA. The first line has the names.
 */
struct myo_log;

struct myo_log_line {
	int64_t step, rows;
	double epoch;          /* NAN where not known */
	double rate;           /* of the last step */
	double loss, accuracy; /* NAN where there are no rows since the line before */
	double seconds;        /* of training, other sittings included */
	const double *validation; /* NAN where there was none */
};

/*
 * resume: a run goes on, and the file stays as it is until myo_log_resume() says how much of it counts:
 * what lies behind was written after the checkpoint, and will be written again.
 */
MYO_MUST_USE int myo_log_new(const char *path, size_t validations, bool resume, struct myo_log **out,
    struct myo_err *err);
MYO_MUST_USE int myo_log_resume(struct myo_log *log, int64_t bytes, struct myo_err *err);
void myo_log_write(struct myo_log *log, const struct myo_log_line *line);

/* See to it that all lines are on the disk; *bytes: how long they are. */
MYO_MUST_USE int myo_log_sync(struct myo_log *log, int64_t *bytes, struct myo_err *err);

/* Frees the log; MYO_FAIL where any line couldn't be written. */
MYO_MUST_USE int myo_log_close(struct myo_log *log, struct myo_err *err);

/* ---- all of it --------------------------------------------------------------------------------- */

/*
 * A run: the steps of a stream from its first row to its last, validation at the end of epochs and of
 * the run, and lines in the log.
 */
enum { MYO_MOST_VALIDATORS = 8 };

struct myo_run_parts { /* all borrowed, and the caller's to free after the run */
	struct myo_intake *intake;
	struct myo_trainer *trainer;
	size_t validator_count;
	struct myo_validator *validators[MYO_MOST_VALIDATORS]; /* the first one decides what is better */
	struct myo_log *log; /* or NULL */
};

struct myo_run_options {
	int64_t epoch_rows;   /* -1: not known; then there is one validation, at the end */
	int64_t first_row;    /* number of the stream's first row in the whole of the run's data */
	int64_t rows;         /* the run ends after so many, though more may come; 0: at the end of the stream */
	int64_t stream_rows;  /* of the run's data; -1: not known, or without end */
	double validate;      /* epochs from one validation to the next; 0: only at the end; NAN: so many that
	                       * validation has less than a twentieth of the arithmetic */
	int64_t log_steps;    /* lines of the log also each so many steps; 0: only at the end of epochs */
	int64_t patience;     /* the run ends after so many validations that are no better than the best; 0: never */
	double budget;        /* seconds that the run may take, the schedule being stretched to fit; 0: no limit */
};

struct myo_run_state {
	struct myo_step step;  /* the last one */
	double epoch;          /* trained so far, in epochs; NAN where not known */
	double loss, accuracy; /* averages over the last steps, some fifty */
	double validation[MYO_MOST_VALIDATORS]; /* accuracies on the validation images; NAN before the first */
	double best, best_epoch; /* the largest of validation[0] so far, and when it was; NAN before the first */
	bool better;           /* it is of this step, and not saved yet */
	bool early;            /* the run has ended by its patience */
	bool over;             /* the stream has ended, and the run with it */
	bool beyond;           /* the stream goes on, though it had said that it ends here */
	double seconds;        /* of training, other sittings included */
	int64_t total;         /* rows of the whole run as far as known, 0 where not */
};

struct myo_run;

MYO_MUST_USE int myo_run_new(const struct myo_run_parts *parts, const struct myo_run_options *options,
    struct myo_run **out, struct myo_err *err);
void myo_run_free(struct myo_run *run);

/*
 * With a budget, and unless a checkpoint has been applied: find out with a few steps that change nothing how many
 * fit into the time. The length is looked at again as the run goes on, so that it ends when it should.
 */
MYO_MUST_USE int myo_run_measure(struct myo_run *run, struct myo_err *err);

/* Where the run stands. */
const struct myo_run_state *myo_run_now(const struct myo_run *run);

/*
 * Make the next step. Returns MYO_OK and the state after it; MYO_END when the run is complete, with the
 * final state: the end record was read and all rows have been trained on, or the run's own end came first;
 * MYO_FAIL.
 */
MYO_MUST_USE int myo_run_next(struct myo_run *run, struct myo_run_state *state, struct myo_err *err);

/* The best model has been saved: a checkpoint needn't see to it. */
void myo_run_kept_best(struct myo_run *run);

/* Whether all rows were trained on, also where what comes after them, the last validation, failed. */
bool myo_run_ended(const struct myo_run *run);

/* ---- checkpoints ----------------------------------------------------------------------------------- */

/*
 * A checkpoint is a model file with more in it (see MYO_MODEL_MORE): the optimiser's state, the averaged
 * weights, where the run stands. A run that goes on from one makes the same steps as one that was never
 * stopped, to the last bit.
 *
 * settings: an object of strings, all that the result depends on besides the stream. A run can only go on
 * with the settings that it began with.
 * begun_with: the history of the model whose weights it began with, or NULL; the file may be another one by now.
 * Saved, and set when a checkpoint is applied.
 */
struct myo_checkpoint_of { /* all borrowed */
	struct myo_model *model;
	struct myo_trainer *trainer;
	struct myo_run *run;
	const json_t *settings;
	json_t **begun_with;
};

/* Atomically: the file is the old checkpoint or the new one. Not of a spoilt trainer. Between two steps. */
MYO_MUST_USE int myo_checkpoint_save(const char *path, const struct myo_checkpoint_of *of, struct myo_err *err);

/* Load the model of a checkpoint, and leave the whole of it in `document`, an empty record. */
MYO_MUST_USE int myo_checkpoint_open(const char *path, const json_t *settings, struct myo_model *model,
    struct myo_record *document, struct myo_err *err);

/* Put the rest of it into a new trainer and a new run; the run then passes over the rows that have been trained on. */
MYO_MUST_USE int myo_checkpoint_apply(const char *path, struct myo_record *document,
    const struct myo_checkpoint_of *of, struct myo_err *err);

#endif
