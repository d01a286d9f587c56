/*
 * net.h - the engine: a network as a graph, its parameters, and a plan that runs it.
 *
 * A plugin describes the graph through the builder of myopic-plugin.h. The graph fixes
 * operations and parameters; the size of the input is fixed by a plan. So a network trained
 * with a plan for 16x16 runs with another plan on 32x32, as far as its pooling allows.
 *
 * Activations are NHWC (rows, height, width, channels), so that inner loops run over channels.
 * Parameters rest in PyTorch's layouts (convolution [out, in/groups, kernel, kernel], linear
 * [out, in]) and are repacked for the kernels inside a plan.
 *
 * Work is split into items whose shape depends on the problem alone, and sums over items are
 * added in item order: the same seed gives the same bits on any number of threads.
 */
#ifndef MYO_NET_H
#define MYO_NET_H

#include "base/base.h"
#include "plugin/myopic-plugin.h"

/* ---- the graph ---------------------------------------------------------------------- */

/* An empty network for inputs of this shape; the plugin's build() fills it. */
MYO_MUST_USE int myo_net_new(struct myo_shape input, int classes, struct myo_net **out, struct myo_err *err);
void myo_net_free(struct myo_net *net);

/* From now on a parameter fails if with it all would have more than `most` elements, buffers included; 0: no limit. */
void myo_net_limit(struct myo_net *net, size_t most);

/* MYO_OK when myo_output() has succeeded; else MYO_FAIL with the text of the first failure. */
MYO_MUST_USE int myo_net_finished(const struct myo_net *net, struct myo_err *err);

/* What myo_net_new() was given. */
struct myo_shape myo_net_input(const struct myo_net *net);
int myo_net_classes(const struct myo_net *net);

/* Multiply-accumulates of a forward pass over one row of this size; MYO_FAIL when the size doesn't fit the network. */
MYO_MUST_USE int myo_net_macs(const struct myo_net *net, int height, int width, double *macs, struct myo_err *err);

/*
 * The side of the receptive field, in input pixels, of a unit of the last feature map, before adaptive pooling or
 * flattening; 0 when no operation with a window comes before these.
 */
MYO_MUST_USE int myo_net_receptive_field(const struct myo_net *net, int *side, struct myo_err *err);

/* A line for each operation ("conv1  conv2d 3x3  16x16x64  1728"), for people; on the heap. */
MYO_MUST_USE int myo_net_describe(const struct myo_net *net, char **out, struct myo_err *err);

/* ---- parameters ---------------------------------------------------------------------- */

enum myo_role {
	MYO_WEIGHT,     /* convolution or linear weight */
	MYO_BIAS,       /* convolution or linear bias */
	MYO_NORM_SCALE, /* batch normalisation .weight */
	MYO_NORM_SHIFT, /* batch normalisation .bias */
	MYO_BUFFER      /* running_mean, running_var: saved, but not trained */
};

struct myo_weight {
	const char *name;
	enum myo_role role;
	int dims;
	size_t shape[4];
	size_t elements;
	float *value;
	float *gradient; /* NULL for buffers; zero until a backward pass, and always while frozen */
	bool frozen;     /* not to be trained: set by the plugin, or by the caller before plans are made */
};

size_t myo_net_weights(const struct myo_net *net);
struct myo_weight *myo_net_weight(const struct myo_net *net, size_t index);
struct myo_weight *myo_net_find_weight(const struct myo_net *net, const char *name); /* or NULL */

/* The number of elements of all parameters, frozen ones included, buffers not. */
size_t myo_net_parameters(const struct myo_net *net);

/* Draw the initial values; a function of the seed alone. */
void myo_net_init(struct myo_net *net, uint64_t seed);

/*
 * Permute the values of each weight, bias, scale and shift at random within their tensor, frozen ones included; a
 * function of the seed and the tensors' sizes. Running statistics stay. So each tensor keeps the distribution of its
 * values, but what the network has learnt is lost.
 */
void myo_net_shuffle(struct myo_net *net, uint64_t seed);

/*
 * Whether the plugin wants filters made from data (MYO_START_WHITEN); and make them, from rows
 * [count, height, width, channels], normalised as the network gets them: a few thousand, if they are small.
 * Call it after myo_net_init(); a network without such filters stays as it is. MYO_FAIL if the
 * rows are smaller than the kernel, or have numbers that aren't finite.
 */
bool myo_net_wants_whitening(const struct myo_net *net);
MYO_MUST_USE int myo_net_whiten(
    struct myo_net *net, const float *rows, size_t count, int height, int width, struct myo_err *err);

/*
 * Tell plans that weights have changed. A prediction plan repacks weights for its kernels only after this call.
 * myo_net_init(), myo_net_whiten(), myo_net_shuffle(), forward passes that update running statistics and
 * myo_plan_backward() (which a step of an optimiser follows) make it themselves; whoever writes weights otherwise
 * must make it.
 */
void myo_net_changed(struct myo_net *net);

/* ---- plans ----------------------------------------------------------------------------- */

enum myo_mode {
	MYO_PREDICT, /* forward only; batch normalisation uses its running statistics */
	MYO_TRAIN,   /* forward with batch statistics, backward */
	MYO_STATISTICS, /* the forward pass of MYO_TRAIN, bit for bit, in less memory; no loss, no backward */
	MYO_TRAIN_BF16, /* as MYO_TRAIN, but Winograd convolutions, most of those of 3x3, multiply in bfloat16 */
	MYO_EVIDENCE /* as MYO_PREDICT, bit for bit; and myo_plan_evidence() */
};

/*
 * Everything needed to run a network on up to `batch` rows of height x width: inferred shapes,
 * one arena planned by the lifetimes of buffers, scratch for each thread. Running it allocates nothing.
 * A plan borrows the network and the pool. Several plans may share a network, but may not run at the same
 * time if one of them trains.
 */
struct myo_plan;

MYO_MUST_USE int myo_plan_new(struct myo_net *net, enum myo_mode mode, size_t batch, int height,
    int width, struct myo_pool *pool, struct myo_plan **out, struct myo_err *err);
void myo_plan_free(struct myo_plan *plan);

/* Bytes that the plan holds. */
size_t myo_plan_bytes(const struct myo_plan *plan);

/* Where the caller puts the batch: F32 [batch, height, width, channels]. */
float *myo_plan_input(struct myo_plan *plan);

/* F32 [batch, classes], after a forward pass. */
const float *myo_plan_logits(const struct myo_plan *plan);

/*
 * Run the first `rows` rows (0 < rows <= batch) through the network. In training mode batch
 * normalisation updates its running statistics.
 */
void myo_plan_forward(struct myo_plan *plan, size_t rows);

/*
 * The momentum with which forward passes from now on update running statistics, in place of what each batch
 * normalisation was built with; 0: their own again. Training mode.
 */
void myo_plan_momentum(struct myo_plan *plan, double momentum);

/* A factor of the momentum from now on, 0 to 1, for batches that aren't full; 1 at first. */
void myo_plan_weigh(struct myo_plan *plan, double part);

/*
 * Softmax cross-entropy of the last forward pass, averaged over its rows, with label smoothing
 * s: the target is 1 - s + s/K for the label and s/K for the other K - 1 classes (Szegedy and
 * others, 2016; PyTorch's definition). Sets the gradient with respect to the logits for
 * myo_plan_backward().
 * labels [rows], each in [0, classes). *correct, unless NULL: the number of rows whose largest logit is the label's.
 */
double myo_plan_loss(struct myo_plan *plan, const int32_t *labels, double smoothing, size_t *correct);

/*
 * Weights of the classes in myo_plan_loss() from now on: [classes], above 0, borrowed; NULL: 1 each. The term of each
 * class is multiplied by its weight, and the sum over rows is divided by the sum of the weights of their labels
 * (PyTorch's definition, with smoothing too).
 */
void myo_plan_class_weights(struct myo_plan *plan, const double *weights);

/*
 * Set every weight's gradient to that of the mean loss. Training mode, after myo_plan_loss(), and at most once after
 * each forward pass, since it overwrites what that pass has kept.
 */
void myo_plan_backward(struct myo_plan *plan);

/*
 * The gradient with respect to the input, F32 [batch, height, width, channels], after myo_plan_backward(), if it was
 * asked for before the forward pass. For checks and saliency.
 */
void myo_plan_want_input_gradient(struct myo_plan *plan, bool want);
const float *myo_plan_input_gradient(const struct myo_plan *plan);

/*
 * Call each custom operation (myo_custom_op()) with random rows, for a tenth of a second: MYO_FAIL where one writes
 * outside its result, or where its result for a row differs when the row is alone, or when two threads of the pool call
 * it at once.
 */
MYO_MUST_USE int myo_plan_check_custom(const struct myo_plan *plan, struct myo_pool *pool, struct myo_err *err);

/* ---- evidence ------------------------------------------------------------------------------ */

/*
 * In many networks all that follows the last feature map [h, w, channels] is affine in prediction: averages,
 * flattening, linear layers, scales, batch normalisation. Then each logit is a constant (from biases) plus a sum with a
 * term for each position of the map. The evidence of a position for a class is h * w times its term, plus the
 * constant: so the mean of the evidence over all positions is the logit, up to rounding.
 *
 * MYO_FAIL, with the reason, for a network that has no such head. Where the head begins at the input, as in a linear
 * model, the positions are the pixels.
 */
MYO_MUST_USE int myo_net_has_evidence(const struct myo_net *net, struct myo_err *err);

/* h, w and classes for an input of this size; MYO_FAIL also where the map has only one position. */
MYO_MUST_USE int myo_net_evidence_shape(
    const struct myo_net *net, int height, int width, struct myo_shape *out, struct myo_err *err);

/*
 * Fill evidence F32 [rows, h, w, classes] for the rows of the last forward pass; mode MYO_EVIDENCE. A row's bits depend
 * on nothing but its feature map.
 */
void myo_plan_evidence(struct myo_plan *plan, float *evidence);

/* ---- time ------------------------------------------------------------------------------------ */

/*
 * Time spent in each operation while profiling was on (it is off at first).
 * myo_plan_profile_row() fills row `index`; false past the last.
 */
struct myo_profile {
	const char *name;      /* of the operation */
	const char *operation; /* "conv2d", "batchnorm", … */
	const char *pass;      /* "forward", "backward", "backward weights" */
	size_t calls;
	double seconds;
	double macs; /* done in all calls, counted as direct convolution */
};
void myo_plan_profile(struct myo_plan *plan, bool on);
bool myo_plan_profile_row(const struct myo_plan *plan, size_t index, struct myo_profile *out);

/* ---- matrix products --------------------------------------------------------------------- */

/* The engine's own, for other rooms that compute with weights; chosen as for plans. */
struct kernels;
MYO_MUST_USE int myo_kernels(const struct kernels **out, struct myo_err *err);
const char *myo_kernels_name(const struct kernels *kernels); /* as MYOPIC_KERNELS has it: "avx2" */

/*
 * C = op(A) op(B), or added to C, where op(A) is [m, k], op(B) [k, n], C [m, n], and op transposes where asked to.
 * Row-major; lda, ldb, ldc: elements from row to row as stored. On the calling thread. With AVX2 or AVX-512 the bits of
 * an element of C depend only on its row of op(A) and column of op(B); elsewhere (OpenBLAS) only the same call gives
 * the same bits.
 */
void myo_product(const struct kernels *kernels, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
    const float *a, size_t lda, const float *b, size_t ldb, bool add, float *c, size_t ldc);

#endif
