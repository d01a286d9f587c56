/* train-options.h - the command line of myopic-train. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include "cli/cli.h"
#include "train/train.h"

struct settings {
	/* outputs */
	const char *output, *best, *log;
	long log_steps;
	/* the network */
	const char *arch, *init, *normalize;
	struct myo_texts freeze;
	uint64_t seed;
	/* a step */
	long batch, accumulate;
	int optimizer, precision;
	double lr, momentum, beta2, eps, decay, clip, average, smoothing, muon_lr, muon_momentum;
	long muon_iterations;
	struct myo_texts scale_lr, scale_decay;
	bool decay_weights_only;
	const char *class_weights;
	/* schedule and length of the run */
	int schedule;
	const char *warmup, *milestones, *budget;
	double factor, start, end, epochs;
	long rows;
	/* validation */
	struct myo_texts validate;
	double validate_every;
	long patience;
	/* checkpoints */
	const char *checkpoint, *resume, *every;
	long threads;
	/* derived from the above */
	double budget_seconds, every_seconds;
	bool arch_given;
};

/* Set the defaults, then parse the command line, with all checks that need no data. Mistakes end the program. */
void train_options_parse(struct settings *set, int argc, char **argv);

/* Whether two paths are the same text, the same name in the same folder, or names of the same existing file. */
bool train_options_same_file(const char *a, const char *b);

/* Names, for the facts that are saved with a model. */
const char *train_optimizer_name(const struct settings *set);
const char *train_schedule_name(const struct settings *set);

/*
 * The length of the run, from the options and the stream's header.
 *   rows         of the whole run; -1: not known
 *   epoch_rows   -1: not known
 *   first_row    number of the stream's first row in the run
 *   stream_rows  first_row and the rows of the stream; -1: not known
 *   steps, epoch_steps   0: not known; epoch_steps may be fractional
 */
struct length {
	int64_t rows, epoch_rows, first_row, stream_rows;
	double steps, epoch_steps;
};

MYO_MUST_USE int train_options_length(const struct settings *set, const struct myo_header *header, struct length *out,
    struct myo_err *err);

/*
 * What the result depends on besides the rows, so that a checkpoint must agree with it: an object of strings, which
 * the caller releases.
 */
MYO_MUST_USE int train_options_settings(const struct length *length, json_t **out, struct myo_err *err);

/* How to train. Spans that don't fit the length end the program. Release with train_options_release(). */
void train_options_trainer(const struct settings *set, const struct myo_header *header, const struct length *length,
    struct myo_trainer_options *out);
void train_options_release(struct myo_trainer_options *options);

#endif
