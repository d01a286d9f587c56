/*
 * plan.h - private to the room: a network planned for one batch and input size.
 *
 * Each node that counts becomes a step, or a part of one: element-wise operations after a
 * normalisation (or, in prediction, after a convolution) are its tail and run in the same pass.
 * Forward steps run at times 0 … n-1, the loss at n, backward steps at 2n … n+1. Every buffer
 * has a first and a last time, and buffers that never live together share memory (arena.c).
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
	bool x, y;       /* the backward calls read the first input, the result */
};

enum pass { PASS_FORWARD, PASS_BACKWARD, PASS_WEIGHTS, PASSES };

struct step {
	const struct node *node; /* the one whose operation runs */
	const struct node *norm; /* prediction: a batch normalisation folded into a convolution, or NULL */
	struct after tail;       /* what follows in the same pass; its addend is input[1] */
	struct myo_plan *plan;
	int inputs;
	int input[NET_INPUTS]; /* nodes read: the operation's own, then the tail's */
	int output;            /* node whose value this step makes */
	struct myo_shape in, out;

	struct need need;
	size_t at_forward, at_backward, at_keep, at_fixed, at_moments; /* requests to the arena */

	/* The rest is in place before a call. Activations are [rows, height, width, channels]. */
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
	struct step *gatherer; /* of a normalisation; NULL: it makes a pass of its own */
	int moments_last;      /* time when they are read; 0: nobody wants them */
	size_t moment_items;
	double *moments;

	/*
	 * A normalisation read by one convolution alone makes no result: the convolution reads what goes
	 * into it and applies it on the way. Backward it gathers the normalisation's sums:
	 * [sum_items, 2, channels], of g and g (x - mean).
	 */
	struct step *viewer;     /* of such a normalisation, or NULL */
	struct step *view;       /* of such a convolution, or NULL */
	size_t at_sums, sum_items;
	double *sums;

	uint64_t packed; /* version of the weights that lie in `fixed`; 0: none */
	double macs;     /* for a row */
	size_t calls[PASSES];
	double seconds[PASSES], rows[PASSES];
};

/* The result of a node, where a step makes it. */
struct value {
	struct myo_shape shape;
	struct step *maker; /* or NULL */
	int first, last;    /* time when it is made, when it is last read; -1: no step makes it */
	int grad_first;     /* time when its gradient is first set; -1: it has none */
	int grad_of;        /* node whose gradient's memory it shares, itself or one before it */
	int grad_start;     /* grad_first of the first that shares it */
	bool trains;        /* parameters before it want its gradient */
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
	bool forward_only; /* MYO_STATISTICS, which is MYO_TRAIN otherwise */
	double momentum; /* of all normalisations; 0: their own */
	double lessening; /* 1 - the part of it that passes have */
	const double *class_weights; /* [classes] in the loss; NULL: 1 each */
	size_t rows;     /* of the last forward pass */

	struct step *steps;
	size_t step_count;
	struct value *values; /* [node_count] */
	struct arena arena;
	unsigned char *memory; /* the arena's bytes */
	unsigned char *scratch;
	size_t scratch_bytes; /* a thread's */
	struct evidence *evidence; /* with MYO_EVIDENCE, or NULL */
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

/* Fill plan->steps from the graph, shapes in plan->values set already (fuse.c). */
MYO_MUST_USE int net_plan_steps(struct myo_plan *plan, struct myo_err *err);

/*
 * Share out [0, count) in chunks of `chunk`, a number that must not depend on the threads:
 * work(step, from, to, thread) for each.
 */
typedef void net_chunk_work(struct step *step, size_t from, size_t to, int thread);
void net_chunks(struct step *step, size_t count, size_t chunk, net_chunk_work *work);

/*
 * gradient [channels] = the sum of dy over rows and pixels: of a bias added to each pixel's
 * channels. Uses net_bias_bytes() of step->backward.
 */
void net_bias_gradient(struct step *step, float *gradient);
size_t net_bias_bytes(const struct step *step);

/* What a normalisation of the plan does to x: y = relu(scale x + shift), [channels] each; until its backward pass. */
struct norm_lines {
	const float *scale, *shift, *mean;
	bool relu;
};
struct norm_lines net_norm_lines(const struct step *norm);

/* Fold a normalisation by running statistics into y = scale x + shift, [channels] each (op_batchnorm.c). */
void net_fold_norm(const struct node *norm, float *scale, float *shift);

/* A chunk of things of `size` elements that makes up about 16384 elements; at least 1. */
static inline size_t
net_chunk_of(size_t size)
{
	const size_t elements = 16384;

	return size >= elements ? 1 : elements / (size > 0 ? size : 1);
}

#endif
