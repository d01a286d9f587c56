/*
 * plan.h - private to the room: a network planned for one batch and input size.
 *
 * Each node that the logits depend on becomes a step, or part of one: element-wise operations after a
 * normalisation (or, in prediction, after a convolution) are its tail and run in the same pass.
 * Forward, steps 0 to n-1 run at times 0 to n-1, the loss is at n, and backward, they run at 2n down to n+1. Every
 * buffer has a first and a last time, and buffers whose lifetimes don't overlap may share memory (arena.c).
 */
#ifndef MYO_NET_PLAN_H
#define MYO_NET_PLAN_H

#include "net/arena.h"
#include "net/graph.h"
#include "net/kernels.h"

/* Memory that an operation asks for; bytes. */
struct need {
	size_t scratch;  /* for each thread, during any call */
	size_t forward;  /* for the step, during its forward call */
	size_t backward; /* for the step, during its backward calls */
	size_t keep;     /* for the step, from its forward call to the end of its backward call */
	size_t fixed;    /* for the step, as long as the plan lives */
	size_t moments;  /* for the moments of its result, if a normalisation wants them */
	size_t sums;     /* of a normalisation, for the sums that its viewer gathers */
	bool x, y;       /* whether backward calls read the first input, and the result */
};

enum pass { PASS_FORWARD, PASS_BACKWARD, PASS_WEIGHTS, PASSES };

struct step {
	const struct node *node; /* whose operation runs */
	const struct node *norm; /* prediction: a batch normalisation folded into a convolution, or NULL */
	struct after tail;       /* what is fused to it; the addend is input[1] */
	struct myo_plan *plan;
	int inputs;
	int input[NET_INPUTS]; /* nodes read: the operation's own, then the tail's */
	int output;            /* the node whose value this step computes, the last one fused */
	struct myo_shape in, out;

	struct need need;
	size_t at_forward, at_backward, at_keep, at_fixed, at_moments; /* requests to the arena */

	/* What follows is set before a call. Activations are [rows, height, width, channels]. */
	const float *x[NET_INPUTS];
	float *y;
	const float *dy;
	float *dx[NET_INPUTS]; /* NULL: not wanted */
	bool add[NET_INPUTS];  /* add to dx instead of setting it */
	void *forward, *backward, *keep, *fixed;

	/*
	 * A convolution gathers the moments of its result for the normalisation that reads it:
	 * [moment_items, 2, channels], sums and sums of squares.
	 */
	struct step *gatherer; /* of a normalisation: that convolution; NULL: it makes a pass of its own */
	int moments_last;      /* of a convolution: the time when they are read; 0: they aren't wanted */
	size_t moment_items;
	double *moments;

	/*
	 * A normalisation that only one convolution reads stores no result: the convolution reads its
	 * input and applies it on the way. Backward, the convolution gathers the normalisation's sums:
	 * [sum_items, 2, channels], of g and g (x - mean).
	 */
	struct step *viewer;     /* of such a normalisation: the convolution; else NULL */
	struct step *view;       /* of such a convolution: the normalisation; else NULL */
	size_t at_sums, sum_items;
	double *sums;

	uint64_t packed; /* version of the packed weights in `fixed`; 0: none */
	double macs;     /* per row */
	size_t calls[PASSES];
	double seconds[PASSES], rows[PASSES];
};

/* The result of a node, if a step computes it. */
struct value {
	struct myo_shape shape;
	struct step *maker; /* the step; or NULL */
	int first, last;    /* times when it is computed, and when it is last read; -1: no step computes it */
	int grad_first;     /* time when its gradient is first set; -1: it has none */
	int grad_of;        /* the node in whose gradient's memory its own is: itself or an earlier one */
	int grad_start;     /* the earliest grad_first of those that share the memory */
	bool trains;        /* its gradient is needed for that of parameters before it */
	size_t at, grad_at; /* requests to the arena */
	float *data, *grad;
};

struct myo_plan {
	struct myo_net *net;
	enum myo_mode mode;
	size_t batch;
	int height, width;
	struct myo_pool *pool;
	const struct kernels *kernels;
	struct kernels bf16_kernels; /* only for MYO_TRAIN_BF16 */
	bool want_input, profile;
	bool forward_only; /* MYO_STATISTICS, which is otherwise planned as MYO_TRAIN */
	double momentum; /* of all normalisations; 0: their own */
	double lessening; /* 1 - the factor of myo_plan_weigh() */
	const double *class_weights; /* [classes] in the loss; NULL: 1 each */
	size_t rows;     /* of the last forward pass */

	struct step *steps;
	size_t step_count;
	struct value *values; /* [node_count] */
	struct arena arena;
	unsigned char *memory; /* the arena's bytes */
	unsigned char *scratch;
	size_t scratch_bytes; /* per thread */
	struct evidence *evidence; /* MYO_EVIDENCE; else NULL */
	double *losses;       /* [batch] */
	unsigned char *hits;  /* [batch] */
};

/* A thread's scratch space, need.scratch bytes of it. */
static inline void *
net_scratch(const struct step *step, int thread)
{
	return step->plan->scratch + (size_t)thread * step->plan->scratch_bytes;
}

static inline bool
net_training(const struct step *step)
{
	return step->plan->mode == MYO_TRAIN;
}

/* Fill plan->steps from the graph, when the shapes in plan->values are set (fuse.c). */
MYO_MUST_USE int net_plan_steps(struct myo_plan *plan, struct myo_err *err);

/*
 * Divide [0, count) into chunks of `chunk`, which must not depend on the number of threads, and call
 * work(step, from, to, thread) for each, on the plan's threads.
 */
typedef void net_chunk_work(struct step *step, size_t from, size_t to, int thread);
void net_chunks(struct step *step, size_t count, size_t chunk, net_chunk_work *work);

/*
 * The gradient [channels] of a bias that was added to each pixel's channels: the sum of dy over rows and pixels.
 * Uses net_bias_bytes() bytes of step->backward.
 */
void net_bias_gradient(struct step *step, float *gradient);
size_t net_bias_bytes(const struct step *step);

/*
 * What a normalisation does to x: y = relu(scale x + shift), [channels] each. Valid from its forward to its backward
 * pass.
 */
struct norm_lines {
	const float *scale, *shift, *mean;
	bool relu;
};
struct norm_lines net_norm_lines(const struct step *norm);

/*
 * Fold a normalisation, with its running statistics, into the scale and shift [channels] of y = scale x + shift, which
 * precedes it (op_batchnorm.c).
 */
void net_fold_norm(const struct node *norm, float *scale, float *shift);

/* How many things of `size` elements make a chunk of about 16384 elements; at least 1. */
static inline size_t
net_chunk_of(size_t size)
{
	const size_t elements = 16384;

	return size >= elements ? 1 : elements / (size > 0 ? size : 1);
}

#endif
