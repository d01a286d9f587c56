/*
 * myopic-plugin.h - the interface between myopic and an architecture plugin.
 *
 * A plugin is a shared object that exports one function, myopic_plugin_entry(), and describes
 * one architecture by calling the builder below, operation by operation. The library owns all
 * the rest: shapes, memory, gradients, threads, fusing, saving. myopic-plugin(3) is the
 * tutorial, plugins/linear.c the smallest example; `myopic-plugin --check FILE` checks a
 * plugin against this contract.
 *
 * Rules for plugins
 *   - keep no writable static data: build() may be called any number of times, on any thread
 *   - never write to standard output or standard error, never exit, never catch signals
 *   - the same arguments describe the same network
 *   - report a failure by a negative result and a text (myo_fail())
 * Rules for hosts
 *   - check abi and size before calling anything else of a plugin
 *   - refuse another abi, and a name that differs from the file's
 *   - never read past .size, never unload a plugin
 *
 * History
 *   abi 1   first version
 *   abi 2   convolutions choose their initial weights and can be frozen, normalisations can
 *           freeze their scale; myo_gelu()
 */
#ifndef MYOPIC_PLUGIN_H
#define MYOPIC_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MYOPIC_PLUGIN_ABI 2u

#if defined(__GNUC__)
#define MYOPIC_EXPORT __attribute__((visibility("default")))
#define MYOPIC_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))
#else
#define MYOPIC_EXPORT
#define MYOPIC_PRINTF(at, first)
#endif

/* ---- errors ---------------------------------------------------------------------- */

struct myo_err;

/* Set the text of an error, one line without a full stop; returns -1. */
int myo_fail(struct myo_err *err, const char *format, ...) MYOPIC_PRINTF(2, 3);

/* ---- options --------------------------------------------------------------------- */

enum myo_param_type {
	MYO_PARAM_INT = 1, /* a whole number */
	MYO_PARAM_REAL,
	MYO_PARAM_BOOL,  /* 0 or 1 */
	MYO_PARAM_CHOICE /* one of .choices; the number is the index */
};

/* One option of an architecture, set with `--arch NAME:option=value,…`; stored in the model. */
struct myo_param {
	const char *name; /* "width"; NULL ends the table */
	enum myo_param_type type;
	double def, min, max; /* default, and the range, whose ends belong to it */
	const char *help;     /* one line without a full stop */
	const char *const *choices; /* NULL-terminated, for MYO_PARAM_CHOICE */
};

/* A value for every option: the user's, whose range has been checked, or the default. */
struct myo_args;

long myo_arg_int(const struct myo_args *args, const char *name);
double myo_arg_real(const struct myo_args *args, const char *name);
bool myo_arg_bool(const struct myo_args *args, const char *name);
const char *myo_arg_choice(const struct myo_args *args, const char *name);

/* ---- the builder ----------------------------------------------------------------- */

/*
 * A network under construction, and a handle to the result of one of its operations. Rows of
 * a batch are independent; a result has a shape (height, width, channels), and vectors are
 * (1, 1, n). An operation on a failed node fails too, and a failed network stays failed, so a plugin
 * checks once, with myo_output().
 *
 * Parameters get the names that the caller gives, with PyTorch's endings and layouts:
 * "conv1" yields conv1.weight [out, in/groups, kernel, kernel] and, with a bias, conv1.bias.
 */
struct myo_net;
typedef int myo_node;

struct myo_shape {
	int height, width, channels;
};

/* The images. Call it once, first. Pixels are normalised by the host. */
myo_node myo_input(struct myo_net *net);

/* The shape of a node for the input size that build() was called with; zeros if it failed. */
struct myo_shape myo_shape_of(const struct myo_net *net, myo_node x);

/* A name from a format ("layer%d.%d.conv1"); lives as long as the network. */
const char *myo_name(struct myo_net *net, const char *format, ...) MYOPIC_PRINTF(2, 3);

/*
 * Initial weights of a convolution. HE: normal with standard deviation sqrt(2 / (out kernel^2 / groups))
 * (He and others, 2015, by fan-out). IDENTITY: the same, but in each group filter i passes on input i, for as many
 * filters as there are inputs: 1 at the kernel's centre, 0 elsewhere (PyTorch's dirac_). WHITEN: HE at first; when the
 * host has seen data, it makes the filters the principal components of the patches under the kernel, scaled to unit
 * variance, followed by the same negated (Jordan, 2024). That needs groups 1, the images themselves as x, and
 * out = 2 channels kernel^2.
 */
enum myo_start { MYO_START_HE = 0, MYO_START_IDENTITY, MYO_START_WHITEN };

/*
 * Two-dimensional convolution (cross-correlation, as in every framework).
 * Output side: (side + 2 padding - kernel) / stride + 1, rounded down. The bias starts at zero.
 */
struct myo_conv {
	int out;     /* channels; required, a multiple of groups */
	int kernel;  /* side; required */
	int stride;  /* 0 means 1 */
	int padding; /* zeros on each side */
	int groups;  /* 0 means 1 */
	bool bias;
	enum myo_start start;
	bool frozen; /* the weights keep their initial values; a bias is trained */
};
myo_node myo_conv2d(struct myo_net *net, const char *name, myo_node x, struct myo_conv conv);

/*
 * Batch normalisation over rows and pixels, with scale (.weight, starts at 1) and shift
 * (.bias, starts at 0). Training uses the batch's mean and variance and moves running_mean
 * and running_var by `momentum` towards them (the unbiased variance, as PyTorch does);
 * prediction uses the running values. momentum 0 means 0.1, eps 0 means 1e-5. A frozen scale
 * stays 1. The variance is computed as the mean of the squares less the square of the mean: it is off by 0.01% where
 * the mean is a hundred standard deviations from 0, and by 1% where it is a thousand.
 */
struct myo_norm {
	double momentum, eps;
	bool frozen_scale;
};
myo_node myo_batchnorm(struct myo_net *net, const char *name, myo_node x, struct myo_norm norm);

myo_node myo_relu(struct myo_net *net, myo_node x);

/* x Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel, 2016); not the approximation by tanh. */
myo_node myo_gelu(struct myo_net *net, myo_node x);

/* x + y, of the same shape. */
myo_node myo_add(struct myo_net *net, myo_node x, myo_node y);

/* Square windows; stride 0 means the kernel's side. Padding takes no part in maxima and averages. */
struct myo_pool2d {
	int kernel, stride, padding;
};
myo_node myo_maxpool(struct myo_net *net, myo_node x, struct myo_pool2d pool);
myo_node myo_avgpool(struct myo_net *net, myo_node x, struct myo_pool2d pool);

/* Average pooling to a fixed grid, whatever the input's size: this lets a network trained on
 * patches take whole images. Cell i covers pixels floor(i side / n) to ceil((i + 1) side / n) - 1. */
myo_node myo_adaptive_avgpool(struct myo_net *net, myo_node x, int height, int width);

/* To a vector, in PyTorch's order: all of channel 0 first, row by row. */
myo_node myo_flatten(struct myo_net *net, myo_node x);

/*
 * y = W x + b for a vector x: name.weight [out, in], name.bias [out].
 * Both start uniform in [-1, 1] / sqrt(in), PyTorch's default.
 */
myo_node myo_linear(struct myo_net *net, const char *name, myo_node x, int out, bool bias);

/* y = factor x. */
myo_node myo_scale(struct myo_net *net, myo_node x, double factor);

/*
 * An operation of the plugin's own, for what the ones above can't express. Rows are
 * independent of each other, and the functions must be pure: they may be called from several
 * threads at once, for different rows. Rows are laid out (height, width, channels).
 *
 * shape     the output's shape for an input's, or -1 and a text
 * forward   y = f(x), for `rows` rows
 * backward  dx = gradient of the loss by x, given x, y and dy; every element of dx is set.
 *           `myopic-plugin --check` compares it with finite differences.
 */
struct myo_custom {
	uint32_t size; /* sizeof(struct myo_custom) */
	const char *name;
	int (*shape)(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err);
	void (*forward)(const void *config, size_t rows, struct myo_shape in, struct myo_shape out,
	    const float *x, float *y);
	void (*backward)(const void *config, size_t rows, struct myo_shape in, struct myo_shape out,
	    const float *x, const float *y, const float *dy, float *dx);
	const void *config; /* copied: config_size bytes; may be NULL */
	size_t config_size;
};
myo_node myo_custom_op(struct myo_net *net, myo_node x, const struct myo_custom *op);

/* Make x the logits; it must be a vector with one element per class. Returns 0; or -1, with the text
 * of the first operation that failed. */
int myo_output(struct myo_net *net, myo_node x, struct myo_err *err);

/* ---- the plugin ------------------------------------------------------------------ */

struct myo_plugin {
	uint32_t abi;     /* MYOPIC_PLUGIN_ABI */
	uint32_t size;    /* sizeof(struct myo_plugin) */
	const char *name; /* equals the file's name without ".so" */
	uint32_t version; /* of this architecture; raise it when existing model files no longer fit */
	const char *summary; /* one line, shown by `myopic-plugin --list` */
	const struct myo_param *params; /* ends with .name = NULL; may itself be NULL */

	/*
	 * Describe the network for rows of this shape and this number of classes. Required.
	 * Returns 0, or -1 with *err set (an input too small, options that don't go together).
	 */
	int (*build)(struct myo_net *net, struct myo_shape input, int classes,
	    const struct myo_args *args, struct myo_err *err);

	/* New members go here, never above; each notes the size that added it. */
};

/* The one function that a plugin exports. The struct is constant, and valid as long as the process. */
MYOPIC_EXPORT const struct myo_plugin *myopic_plugin_entry(void);

#ifdef __cplusplus
}
#endif
#endif
