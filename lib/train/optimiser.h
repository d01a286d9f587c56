/* optimiser.h - private to the train room: what an optimiser is made of. */
#ifndef MYO_TRAIN_OPTIMISER_H
#define MYO_TRAIN_OPTIMISER_H

#include "train/train.h"

/* A piece of one weight, small enough for the second-level cache: a work item. */
struct chunk {
	struct myo_weight *weight;
	size_t first, count;
	float *momentum, *square; /* state of these elements; square only for Adam; both NULL for a weight of Muon's */
	float *gathered;          /* sum of their gradients over earlier batches; NULL where nothing is gathered */
	double rate, decay;       /* factors of the step's rate and of the options' decay */
	double norm;              /* sum of the squares of their gradients, for clipping */
};

/* A convolution's weight as a matrix of rows x columns. */
struct matrix {
	struct myo_weight *weight;
	size_t rows, columns;
	double rate;     /* factor of the step's rate */
	float *momentum; /* state */
	float *x, *next; /* [rows, columns]: the step's direction, before and after an iteration */
	/* [side, side], side being the lesser of rows and columns: the Gram matrix of x; next is factor times x */
	float *gram, *factor;
};

/* A work item of Muon's products: some rows of one matrix. */
struct block {
	size_t matrix, first, count;
};

struct muon {
	const struct kernels *kernels;
	size_t matrix_count;
	struct matrix *matrices;
	size_t side_block_count, block_count; /* blocks of the sides, and of the rows of x */
	struct block *side_blocks, *blocks;
	float *memory;
	float momentum, rate; /* of the step under way */
};

/* Whether Muon trains a weight: one of a convolution that isn't frozen. */
bool train_muon_takes(const struct myo_weight *weight);

/*
 * Add a weight; the state [weight->elements] is the optimiser's. When all weights have been added, call
 * train_muon_prepare() once.
 */
MYO_MUST_USE int train_muon_add(struct muon *muon, struct myo_weight *weight, double rate, float *state,
    struct myo_err *err);
MYO_MUST_USE int train_muon_prepare(struct muon *muon, struct myo_err *err);
void train_muon_clear(struct muon *muon);

/* Make a step of the added weights. */
void train_muon_step(struct muon *muon, double rate, double momentum, int iterations, struct myo_pool *pool);

#endif
