/*
 * train-run.h - a run of myopic-train: what it needs, how it begins, and what it leaves. The steps between are in
 * myopic-train.c.
 */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "train-options.h"

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

/* What can be known to be wrong before any row is read: files that can't be written, a network that isn't there. */
MYO_MUST_USE int train_check(const struct settings *set, struct myo_err *err);

/*
 * Everything up to the first step: a new network, or that of the checkpoint. Only r->set need be there; takes the
 * reader over. Call train_end() whatever comes of it.
 */
MYO_MUST_USE int train_begin(struct run *r, struct myo_reader *reader, struct myo_err *err);

/* Releases it all; fails where the last of the log can't be written. */
MYO_MUST_USE int train_end(struct run *r, struct myo_err *err);

/* What a checkpoint is made of, and given back to. */
struct myo_checkpoint_of train_checkpoint_of(struct run *r);

/* The model as it is now, with averaged weights where there are such, to a file. */
MYO_MUST_USE int train_save_model(struct run *r, const struct myo_run_state *state, const char *path,
    struct myo_err *err);

/* Where the run stands, to the file of --checkpoint. */
MYO_MUST_USE int train_save_checkpoint(struct run *r, const struct myo_run_state *state, struct myo_err *err);

/* The end: the model, what there is to say of it, and the checkpoint, which nobody needs any more, removed. */
MYO_MUST_USE int train_publish(struct run *r, const struct myo_run_state *state, struct myo_err *err);

#endif
