/*
 * train.h - how a network learns: optimisers, schedules of the learning rate, and the loop
 * that takes rows from a stream and makes steps of them.
 *
 *   schedule   the learning rate as a function of the step
 *   optimiser  what a step does to the weights
 *   trainer    a model, an optimiser, a schedule and a plan: feed it records, it makes steps
 *   intake     a stream that a thread of its own reads ahead
 *   validator  the accuracy on the whole images of a file
 *   log        the course of a training, as tab-separated values
 *   run        all of that from the first row to the last
 *   checkpoint the state of a run in a file, from which it can be resumed
 *
 * Results are a function of the rows and the options, and the same to the bit on any number of threads.
 */
#ifndef MYO_TRAIN_H
#define MYO_TRAIN_H

#include "model/model.h"

/* ---- schedules ----------------------------------------------------------------------- */

enum myo_schedule_kind {
	MYO_CONSTANT, /* the rate, throughout */
	MYO_STEP,     /* multiplied by `factor` at each milestone */
	MYO_COSINE,   /* half a cosine from the rate down to 0 (Loshchilov and Hutter, 2017, without restarts) */
	MYO_ONECYCLE, /* up from rate / 25, down to rate / 250000, each half a cosine (Smith and Topin,
	               * 2018; PyTorch's OneCycleLR and its defaults) */
	MYO_TRIANGLE  /* straight up from rate * start, and straight down to rate * end (Jordan, 2024) */
};

/*
 * rate        the highest learning rate
 * total       steps of the whole run; MYO_COSINE, MYO_ONECYCLE and MYO_TRIANGLE need it
 * warmup      steps at the start during which the rate rises: for MYO_ONECYCLE and MYO_TRIANGLE their rising part,
 *             for the others linearly, to (step + 1) / (warmup + 1) of what it would be without warm-up
 * factor      for MYO_STEP
 * milestones  for MYO_STEP, steps in ascending order; the caller's
 * start, end  for MYO_TRIANGLE, as multiples of the rate
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
		int64_t from; /* the first step to which it applies */
		double at;    /* the position of that step in the schedule as it was planned */
		double pace;  /* how far each further step advances that position */
	} stretch;
};

/*
 * From step `from` on go through the rest of the schedule faster or slower, so that it ends after `total`
 * steps in all, in place of the number that was planned.
 */
void myo_schedule_stretch(struct myo_schedule *schedule, int64_t from, int64_t total);

/* The learning rate of a step, counted from 0; past the total it stays that of the last step. */
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
 * A span as steps, rounded to the nearest. total: steps of the run; epoch: steps of an epoch, which
 * needn't be a whole number. Either is 0 if not known, and then spans that depend on it are MYO_FAIL.
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

/* A factor of the rate, or of the decay, of those weights whose names match a shell pattern. */
struct myo_rule {
	const char *pattern;
	double factor;
};

/* Of several rules that match a name the last one counts. Borrowed for the call. */
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
 * Muon takes a convolution's weight as a matrix of `out` rows, and makes the singular values of its step nearly equal:
 *   m = muon_momentum m + g;  u = g + muon_momentum m;  u = newton_schulz(u / |u|);
 *   w *= sqrt(out) / |w|;  w -= rate muon_rate u,  |.| being the Frobenius norm
 * as in Jordan's program for CIFAR-10; without decay.
 */
struct myo_optimiser_options {
	enum myo_optimiser_kind kind;
	double momentum;
	bool nesterov;
	double beta1, beta2, eps;
	double decay;
	bool decay_weights_only; /* not biases, nor the scales and shifts of batch normalisation */
	double clip;             /* scale gradients so that their global norm is at most this; 0: don't */
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
 * Accumulate the network's gradients, after each of the several batches of a step. myo_optimiser_step() then uses their
 * mean, weighted by `share` (above 0; the number of rows, say), and begins anew. Without this call it uses the
 * gradients as they are.
 */
MYO_MUST_USE int myo_optimiser_gather(struct myo_optimiser *optimiser, double share, struct myo_err *err);

/* Make a step: change every trained weight by its gradient. */
void myo_optimiser_step(struct myo_optimiser *optimiser, double rate);

/* For checkpoints: the state, to be saved or overwritten; and the number of steps made, to be saved and restored. */
float *myo_optimiser_state(struct myo_optimiser *optimiser, size_t *elements);
int64_t myo_optimiser_steps(const struct myo_optimiser *optimiser);
void myo_optimiser_resume(struct myo_optimiser *optimiser, int64_t steps);

/* ---- averaged weights ---------------------------------------------------------------------------- */

/*
 * An exponential moving average of the weights and of normalisation's running statistics, which often does
 * better than the last weights: a = w after the first step, then a += (1 - d) (w - a) after each step t, with
 * d = min(decay, (1 + t) / (10 + t)), so that the first weights soon lose their influence.
 */
struct myo_average;

/* Borrows the network and the pool. */
MYO_MUST_USE int myo_average_new(struct myo_net *net, double decay, struct myo_pool *pool, struct myo_average **out,
    struct myo_err *err);
void myo_average_free(struct myo_average *average);

/* To be called after each step; t counts from 1. */
void myo_average_step(struct myo_average *average, int64_t t);

/* Swap the network's values and the averaged ones; a second call undoes the first. */
void myo_average_swap(struct myo_average *average);

/* For checkpoints, as myo_optimiser_state(). */
float *myo_average_state(struct myo_average *average, size_t *elements);

/* ---- the trainer ----------------------------------------------------------------------- */

struct myo_trainer_options {
	size_t batch;      /* rows that go through the network together */
	size_t accumulate; /* batches per step, of whose gradients it uses the mean; 0 means 1 */
	bool bf16;         /* MYO_TRAIN_BF16 */
	double smoothing;  /* of the labels, see myo_plan_loss() */
	const double *class_weights; /* [classes], see myo_plan_class_weights(); or NULL */
	double average;    /* decay of averaged weights; 0: none */
	struct myo_optimiser_options optimiser;
	struct myo_schedule schedule;
};

/* What is known of a step that was made. */
struct myo_step {
	int64_t number; /* from 1 */
	int64_t rows;   /* trained on so far, those of this step included */
	size_t batch;   /* rows of this step */
	double rate;
	double loss;    /* mean over its rows, before the weights changed */
	size_t correct; /* rows whose largest logit was their label's */
};

struct myo_trainer;

/*
 * A trainer for rows of model->size x model->size pixels. Borrows the model, the pool, and what the options point to,
 * the optimiser's rules only for the call.
 */
MYO_MUST_USE int myo_trainer_new(struct myo_model *model, const struct myo_trainer_options *options,
    struct myo_pool *pool, struct myo_trainer **out, struct myo_err *err);
void myo_trainer_free(struct myo_trainer *trainer);

/*
 * Take rows [*row, end) of a record of images or patches until a step is made; *row moves on.
 * Returns MYO_OK   a step was made: *step says how it went, call again with the same record
 *         MYO_END  the rows are used up; those that didn't complete a step wait for more
 *         MYO_FAIL a row without a label or of another size; or a loss that isn't finite, and
 *                  then the model is spoilt, see myo_trainer_spoilt()
 */
MYO_MUST_USE int myo_trainer_feed(struct myo_trainer *trainer, const struct myo_record *record, size_t *row,
    size_t end, struct myo_step *step, struct myo_err *err);

/* At the end of the stream, make a step of the rows that are left; MYO_END if there are none. */
MYO_MUST_USE int myo_trainer_finish(struct myo_trainer *trainer, struct myo_step *step, struct myo_err *err);

/* Whether the training has diverged: then neither a model nor a checkpoint may be made of the weights. */
bool myo_trainer_spoilt(const struct myo_trainer *trainer);

/*
 * Swap the network's weights with the averaged ones, if there are any, to validate or save these; a second call undoes
 * the first.
 */
void myo_trainer_swap_average(struct myo_trainer *trainer);

/*
 * *pace: how many seconds a step takes, measured for `seconds` with blank rows and without changing the weights. Before
 * the first step.
 */
MYO_MUST_USE int myo_trainer_measure(struct myo_trainer *trainer, double seconds, double *pace, struct myo_err *err);

/* Stretch the rest of the schedule so that it ends after `total` steps in all: see myo_schedule_stretch(). */
void myo_trainer_stretch(struct myo_trainer *trainer, int64_t total);

/* The rows of a whole step; the steps made so far, and the rows trained on. */
size_t myo_trainer_step_rows(const struct myo_trainer *trainer);
int64_t myo_trainer_steps(const struct myo_trainer *trainer);
int64_t myo_trainer_rows(const struct myo_trainer *trainer);

/* Multiply-accumulates of a forward pass over a row. */
double myo_trainer_macs(const struct myo_trainer *trainer);

/* The first class of which no row has come so far, or -1. */
int myo_trainer_missing_class(const struct myo_trainer *trainer);

/* ---- the intake ------------------------------------------------------------------------- */

struct myo_intake;

/*
 * Read a stream a few records ahead. Takes the reader over, on failure too. stopped, if not NULL,
 * is called now and then while the intake waits; when it returns true, reading fails.
 */
MYO_MUST_USE int myo_intake_new(struct myo_reader *reader, bool (*stopped)(void), struct myo_intake **out,
    struct myo_err *err);

/*
 * Stop reading and free the intake. If the thread is stuck in a read that doesn't return, it and its memory
 * are left until the process ends.
 */
void myo_intake_free(struct myo_intake *intake);

/* The next record, as myo_reader_next(); valid until the next call. */
MYO_MUST_USE int myo_intake_next(struct myo_intake *intake, const struct myo_record **record, struct myo_err *err);

/* Whether there is another record, MYO_OK or MYO_END, without giving it out. No myo_intake_next() after this. */
MYO_MUST_USE int myo_intake_peek(struct myo_intake *intake, struct myo_err *err);

/*
 * The history of the records given out so far: of a stream that cat joined, of the parts that these are from. The
 * caller owns *out.
 */
MYO_MUST_USE int myo_intake_history(const struct myo_intake *intake, json_t **out, struct myo_err *err);

/*
 * Before the first myo_intake_next(): keep the first records, until they have `most` rows, or as many as take `bytes`
 * (at least one), or the stream ends or goes on with rows of another size. They will be given out like all others.
 * *rows: how many rows that is; the last record may have more.
 */
MYO_MUST_USE int myo_intake_keep(struct myo_intake *intake, size_t most, size_t bytes, size_t *rows,
    struct myo_err *err);

/*
 * The side of the stream's first row, which must be square; and mean and deviation [3], of each channel over the first
 * `rows` of the kept rows (of pixels / 255, without padding and holes; a deviation of 0 becomes 1).
 */
MYO_MUST_USE int myo_intake_measure(const struct myo_intake *intake, size_t rows, int *side, double *mean,
    double *deviation, struct myo_err *err);

/* Before the first myo_intake_next(): number `index` of the kept records, or NULL. */
const struct myo_record *myo_intake_kept(const struct myo_intake *intake, size_t index);

/* ---- what a model begins with --------------------------------------------------------------- */

enum { MYO_WHITENING_ROWS = 5000 }; /* the most that filters are made from */

/* Make the filters that the plugin wants made from data (myo_net_whiten()), if any, from the first kept `rows` rows. */
MYO_MUST_USE int myo_begin_whiten(struct myo_model *model, const struct myo_intake *intake, size_t rows,
    struct myo_err *err);

/* Copy the tensors of another model that agree in name and shape; *taken: how many. MYO_FAIL if there are none. */
MYO_MUST_USE int myo_begin_with(struct myo_model *model, const struct myo_model *other, size_t *taken,
    struct myo_err *err);

/* Freeze the weights whose names match a shell pattern; MYO_FAIL if there are none. Before the trainer is made. */
MYO_MUST_USE int myo_begin_freeze(struct myo_model *model, const char *pattern, struct myo_err *err);

/* ---- validation -------------------------------------------------------------------------- */

struct myo_validator;

/*
 * A validator for a stream of images in a file, which is read once, so that a broken one is found before the training.
 * stopped: as for the intake.
 */
MYO_MUST_USE int myo_validator_new(const char *path, struct myo_model *model, size_t batch, struct myo_pool *pool,
    bool (*stopped)(void), struct myo_validator **out, struct myo_err *err);
void myo_validator_free(struct myo_validator *validator);

/* The header of its images, valid as long as the validator. */
const struct myo_header *myo_validator_header(const struct myo_validator *validator);

/* Multiply-accumulates of a validation. */
double myo_validator_macs(const struct myo_validator *validator);

/* Run the network on the whole images: *images, how many have a label, and *correct, how many it predicts rightly. */
MYO_MUST_USE int myo_validator_run(struct myo_validator *validator, int64_t *images, int64_t *correct,
    struct myo_err *err);

/* What stopped() says: whether a validation that failed did so because of it. */
bool myo_validator_stopped(const struct myo_validator *validator);

/* ---- the log ---------------------------------------------------------------------------------- */

/*
 * Lines of tab-separated values, written as they come: step, epoch, rows, lr, loss, accuracy, seconds,
 * then validation, validation2 … for each file of images to validate on. Loss and accuracy are means over
 * the rows since the previous line. What is not known is NA. The first line has the names.
 */
struct myo_log;

struct myo_log_line {
	int64_t step, rows;
	double epoch;          /* NAN where not known */
	double rate;           /* of the last step */
	double loss, accuracy; /* NAN where there are no rows since the previous line */
	double seconds;        /* of training, before the run was resumed too */
	const double *validation; /* NAN where there was none */
};

/*
 * resume: a run is resumed, and the file stays as it is until myo_log_resume() is told how many bytes of it count:
 * what follows them was written after the checkpoint, and will be written again.
 */
MYO_MUST_USE int myo_log_new(const char *path, size_t validations, bool resume, struct myo_log **out,
    struct myo_err *err);
MYO_MUST_USE int myo_log_resume(struct myo_log *log, int64_t bytes, struct myo_err *err);
void myo_log_write(struct myo_log *log, const struct myo_log_line *line);

/* Sync the file; *bytes: the length of the lines so far. */
MYO_MUST_USE int myo_log_sync(struct myo_log *log, int64_t *bytes, struct myo_err *err);

/* Close and free the log; MYO_FAIL if any line couldn't be written. */
MYO_MUST_USE int myo_log_close(struct myo_log *log, struct myo_err *err);

/* ---- all of it --------------------------------------------------------------------------------- */

/*
 * A run: the steps from the first row of a stream to the last, validation at the end of epochs and of
 * the run, and the lines of the log.
 */
enum { MYO_MOST_VALIDATORS = 8 };

struct myo_run_parts { /* all borrowed; the caller frees them after the run */
	struct myo_intake *intake;
	struct myo_trainer *trainer;
	size_t validator_count;
	struct myo_validator *validators[MYO_MOST_VALIDATORS]; /* the first one decides which model is the best */
	struct myo_log *log; /* or NULL */
};

struct myo_run_options {
	int64_t epoch_rows;   /* -1: not known; then there is one validation, at the end */
	int64_t first_row;    /* number of the stream's first row within all of the run's data */
	int64_t rows;         /* end the run after so many, even if more come; 0: at the end of the stream */
	int64_t stream_rows;  /* rows of all of the run's data; -1: not known, or without end */
	double validate;      /* epochs from one validation to the next; 0: only at the end; NAN: as many as it takes
	                       * for validation to be at most a twentieth of the arithmetic */
	int64_t log_steps;    /* a line in the log also every so many steps; 0: only at the end of epochs */
	int64_t patience;     /* end the run after so many validations in a row without a new best; 0: don't */
	double budget;        /* seconds that the run may take, to which the schedule is stretched; 0: no limit */
};

struct myo_run_state {
	struct myo_step step;  /* the last one */
	double epoch;          /* trained so far, in epochs; NAN where not known */
	double loss, accuracy; /* moving averages, over some fifty steps */
	double validation[MYO_MOST_VALIDATORS]; /* accuracies on the validation images; NAN before the first */
	double best, best_epoch; /* the largest validation[0] so far, and its epoch; NAN before the first */
	bool better;           /* the model of this step is the best so far, and isn't saved yet */
	bool early;            /* the run has ended because of `patience` */
	bool over;             /* the stream has ended, and the run with it */
	bool beyond;           /* the stream goes on, though by its header it should end here */
	double seconds;        /* of training, before the run was resumed too */
	int64_t total;         /* rows of the whole run, 0 where not known */
};

struct myo_run;

MYO_MUST_USE int myo_run_new(const struct myo_run_parts *parts, const struct myo_run_options *options,
    struct myo_run **out, struct myo_err *err);
void myo_run_free(struct myo_run *run);

/*
 * With a budget, and unless a checkpoint has been applied: measure steps (myo_trainer_measure()) to find out how many
 * fit into the time. The length is adjusted as the run goes on, so that it ends in time.
 */
MYO_MUST_USE int myo_run_measure(struct myo_run *run, struct myo_err *err);

/* The state of the run. */
const struct myo_run_state *myo_run_now(const struct myo_run *run);

/*
 * Make the next step. Returns MYO_OK and the state after it; MYO_FAIL; or MYO_END and the final state when the run is
 * complete: all rows have been trained on and the end record was read, or the run's own end came first.
 */
MYO_MUST_USE int myo_run_next(struct myo_run *run, struct myo_run_state *state, struct myo_err *err);

/* To be called when the best model has been saved: clears `better`, which a checkpoint would keep. */
void myo_run_kept_best(struct myo_run *run);

/* Whether all rows have been trained on, even if the last validation then failed. */
bool myo_run_ended(const struct myo_run *run);

/* ---- checkpoints ----------------------------------------------------------------------------------- */

/*
 * A checkpoint is a model file with more in it (see MYO_MODEL_MORE): the optimiser's state, the averaged
 * weights, the state of the run. A run that is resumed from one makes the same steps, to the bit, as one that was never
 * stopped.
 *
 * settings: an object of strings, all that the result depends on besides the stream. A run can only be resumed
 * with the settings that it began with.
 * begun_with: the history of the model whose weights it began with, or NULL; kept, since that file may have changed.
 * Saved, and set when a checkpoint is applied.
 */
struct myo_checkpoint_of { /* all borrowed */
	struct myo_model *model;
	struct myo_trainer *trainer;
	struct myo_run *run;
	const json_t *settings;
	json_t **begun_with;
};

/* Atomically: the file is the old checkpoint or the new one. Between two steps, and not of a spoilt trainer. */
MYO_MUST_USE int myo_checkpoint_save(const char *path, const struct myo_checkpoint_of *of, struct myo_err *err);

/* Load a checkpoint's model, and leave the whole file in `document`, an empty record. MYO_FAIL if settings differ. */
MYO_MUST_USE int myo_checkpoint_open(const char *path, const json_t *settings, struct myo_model *model,
    struct myo_record *document, struct myo_err *err);

/* Restore a new trainer and a new run from the document; the run then skips the rows that have been trained on. */
MYO_MUST_USE int myo_checkpoint_apply(const char *path, struct myo_record *document,
    const struct myo_checkpoint_of *of, struct myo_err *err);

#endif
