/*
 * train-run.h - a run of myopic-train: what it needs, how it begins, and what it writes. The steps in between are in
 * myopic-train.c.
 */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "train-options.h"

/* What a run needs. */
struct run {
	struct settings set;
	json_t *settings;         /* see train_options_settings() */
	struct length length;
	struct myo_header header; /* of the stream */
	json_t *past;             /* history of the data up to the checkpoint; NULL: the run wasn't resumed */
	struct myo_trainer_options how;
	struct myo_model model;
	struct myo_header begun_with; /* header of the model of --init, for its history */
	struct myo_record document; /* the checkpoint to resume from; empty: none */
	struct myo_pool *pool;
	struct myo_run_parts parts;
	struct myo_run *run;
	double saved;       /* seconds of training at the last checkpoint */
	int64_t saved_rows; /* rows trained on by then */
	const char *kept;   /* its file; NULL: there is no checkpoint */
	bool kept_best;     /* --best was written in this sitting */
	bool overrun;       /* it was warned that more rows came than were expected */
};

/* Check what can be checked before any row is read: that files can be written, that the network exists. */
MYO_MUST_USE int train_check(const struct settings *set, struct myo_err *err);

/*
 * Everything up to the first step: makes a new network, or loads that of the checkpoint. Needs only r->set; takes
 * ownership of the reader. Call train_end() afterwards in any case.
 */
MYO_MUST_USE int train_begin(struct run *r, struct myo_reader *reader, struct myo_err *err);

/* Releases everything; fails if the rest of the log can't be written. */
MYO_MUST_USE int train_end(struct run *r, struct myo_err *err);

/* What a checkpoint is saved from, and restored to. */
struct myo_checkpoint_of train_checkpoint_of(struct run *r);

/* Save the model as it is now to a file, with averaged weights if there are any. */
MYO_MUST_USE int train_save_model(struct run *r, const struct myo_run_state *state, const char *path,
    struct myo_err *err);

/* Save the state of the run to the file of --checkpoint. */
MYO_MUST_USE int train_save_checkpoint(struct run *r, const struct myo_run_state *state, struct myo_err *err);

/* The end: save the model, print its results, and remove the checkpoint, which is no longer needed. */
MYO_MUST_USE int train_publish(struct run *r, const struct myo_run_state *state, struct myo_err *err);

#endif
