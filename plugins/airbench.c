/*
 * airbench - the network of "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (Jordan, 2024): small, and
 * made to learn in a few epochs.
 *
 * A frozen 2x2 convolution whitens the pixels, with filters made from the data; only its bias is
 * trained. Three groups follow. Each convolution in them is 3x3, padded by one, without a bias, and initialised
 * as the identity; normalisations have no scale.
 *
 *   whiten 2x2  3 -> 24    activation
 *   group1  24 -> w        conv, max pool 2, bn, activation, conv, bn, activation
 *   group2  w -> 4w        the same
 *   group3  4w -> 4w       the same; pools=2: without the max pool
 *   average of all pixels  fc without bias, times 1/9
 *
 * head=max takes the maximum of all pixels in place of their average, as in the paper, where networks are trained on
 * whole images: for one that learnt from crops, maxima over a whole image are larger than any in training.
 *
 * depth=3 gives groups a third convolution and a shortcut around the last two, as the same author's
 * larger network has: y = activation(bn(conv(activation(bn(conv(x))))) + x).
 *
 * Tensors: whiten.weight, whiten.bias, group1.conv1.weight, group1.bn1.bias, ..., fc.weight.
 * With w = 64: 1.97 million parameters, 23 million multiply-accumulates for 16x16 pixels.
 */
#include <myopic-plugin.h>

#include <string.h>

enum { GROUPS = 3, KERNEL = 2, GROWTH = 4 };

static const char *const activations[] = { "gelu", "relu", NULL };
static const char *const heads[] = { "average", "max", NULL };

static const struct myo_param params[] = {
	{ .name = "width", .type = MYO_PARAM_INT, .def = 64, .min = 1, .max = 1024,
	    .help = "channels of the first group" },
	{ .name = "width2", .type = MYO_PARAM_INT, .def = 0, .min = 0, .max = 4096,
	    .help = "channels of the second group; 0: four times the first's" },
	{ .name = "width3", .type = MYO_PARAM_INT, .def = 0, .min = 0, .max = 4096,
	    .help = "channels of the third group; 0: four times the first's" },
	{ .name = "activation", .type = MYO_PARAM_CHOICE, .def = 0, .choices = activations,
	    .help = "what follows each normalisation" },
	{ .name = "pools", .type = MYO_PARAM_INT, .def = 3, .min = 2, .max = 3,
	    .help = "how many groups halve the picture; 2 leaves 3x3 pixels of 16x16 where 3 leaves one" },
	{ .name = "depth", .type = MYO_PARAM_INT, .def = 2, .min = 2, .max = 3,
	    .help = "convolutions of a group; 3 has a shortcut around the last two" },
	{ .name = "head", .type = MYO_PARAM_CHOICE, .def = 0, .choices = heads,
	    .help = "what the last layer gets of all pixels: their average, or the largest, for networks of whole images" },
	{ .name = "whiten", .type = MYO_PARAM_BOOL, .def = 1,
	    .help = "make the first convolution from the data and freeze it; 0: train it" },
	{ .name = "momentum", .type = MYO_PARAM_REAL, .def = 0.4, .min = 1e-6, .max = 1,
	    .help = "share of the last batch in batch normalisation's running statistics" },
	{ .name = NULL }
};

struct plan {
	struct myo_net *net;
	struct myo_norm norm;
	bool relu;
	int depth;
};

static myo_node
activation(const struct plan *p, myo_node x)
{
	return p->relu ? myo_relu(p->net, x) : myo_gelu(p->net, x);
}

/* (h, w, any) -> (h, w, out), or (h / 2, w / 2, out) with pooling. */
static myo_node
unit(const struct plan *p, int group, int number, myo_node x, int out, bool pool)
{
	x = myo_conv2d(p->net, myo_name(p->net, "group%d.conv%d", group, number), x,
	    (struct myo_conv){ .out = out, .kernel = 3, .padding = 1, .start = MYO_START_IDENTITY });
	if (pool)
		x = myo_maxpool(p->net, x, (struct myo_pool2d){ .kernel = 2 });
	return myo_batchnorm(p->net, myo_name(p->net, "group%d.bn%d", group, number), x, p->norm);
}

static myo_node
group(const struct plan *p, int number, myo_node x, int out, bool pool)
{
	x = activation(p, unit(p, number, 1, x, out, pool));
	myo_node y = unit(p, number, 2, x, out, false);

	if (p->depth > 2) {
		y = unit(p, number, 3, activation(p, y), out, false);
		y = myo_add(p->net, y, x);
	}
	return activation(p, y);
}

/* ---- the largest of all pixels, for each channel ------------------------------------------------- */

static int
largest_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	(void)err;
	*out = (struct myo_shape){ 1, 1, in.channels };
	return 0;
}

static void
largest_forward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x, float *y)
{
	const size_t pixels = (size_t)in.height * (size_t)in.width, channels = (size_t)in.channels;

	(void)config;
	(void)out;
	for (size_t row = 0; row < rows; row++, x += pixels * channels, y += channels) {
		memcpy(y, x, channels * sizeof *y);
		for (size_t i = 1; i < pixels; i++)
			for (size_t c = 0; c < channels; c++)
				y[c] = x[i * channels + c] > y[c] ? x[i * channels + c] : y[c];
	}
}

/* The gradient goes to the first of equal maxima, as in PyTorch. */
static void
largest_backward(const void *config, size_t rows, struct myo_shape in, struct myo_shape out, const float *x,
    const float *y, const float *dy, float *dx)
{
	const size_t pixels = (size_t)in.height * (size_t)in.width, channels = (size_t)in.channels,
	    step = pixels * channels;

	(void)config;
	(void)out;
	memset(dx, 0, rows * step * sizeof *dx);
	for (size_t row = 0; row < rows; row++, x += step, dx += step, y += channels, dy += channels)
		for (size_t c = 0; c < channels; c++) {
			size_t i = c;
			while (i + channels < step && x[i] != y[c])
				i += channels;
			dx[i] = dy[c];
		}
}

static myo_node
largest(struct myo_net *net, myo_node x)
{
	static const struct myo_custom op = { .size = sizeof op, .name = "largest", .shape = largest_shape,
		.forward = largest_forward, .backward = largest_backward };

	return myo_custom_op(net, x, &op);
}

/* ---- the network --------------------------------------------------------------------------------- */

static int
build(struct myo_net *net, struct myo_shape input, int classes, const struct myo_args *args,
    struct myo_err *err)
{
	const int width = (int)myo_arg_int(args, "width"), width2 = (int)myo_arg_int(args, "width2"),
		  width3 = (int)myo_arg_int(args, "width3"), pools = (int)myo_arg_int(args, "pools");
	const int channels[GROUPS] = { width, width2 > 0 ? width2 : GROWTH * width,
		width3 > 0 ? width3 : GROWTH * width };
	const bool whiten = myo_arg_bool(args, "whiten");
	const int smallest = (1 << pools) + KERNEL - 1; /* each pooling must leave a pixel */
	const struct plan p = { .net = net,
		.norm = { .momentum = myo_arg_real(args, "momentum"), .eps = 1e-12, .frozen_scale = true },
		.relu = strcmp(myo_arg_choice(args, "activation"), "relu") == 0,
		.depth = (int)myo_arg_int(args, "depth") };

	if (input.height < smallest || input.width < smallest)
		return myo_fail(err, "an input of %dx%d is too small; at least %dx%d are needed", input.height,
		    input.width, smallest, smallest);

	/* Shapes for an input of 16x16 and width 64. */
	myo_node x = myo_input(net); /* (16, 16, 3) */
	x = myo_conv2d(net, "whiten", x,
	    (struct myo_conv){ .out = 2 * input.channels * KERNEL * KERNEL,
		.kernel = KERNEL,
		.bias = true,
		.start = whiten ? MYO_START_WHITEN : MYO_START_HE,
		.frozen = whiten });
	x = activation(&p, x); /* (15, 15, 24) */
	for (int i = 0; i < GROUPS; i++)
		x = group(&p, i + 1, x, channels[i], i < pools); /* (7, 7, 64), (3, 3, 256), (1, 1, 256) */
	x = strcmp(myo_arg_choice(args, "head"), "max") == 0 ? largest(net, x) : myo_adaptive_avgpool(net, x, 1, 1);
	x = myo_flatten(net, x); /* (1, 1, 256) */
	x = myo_scale(net, myo_linear(net, "fc", x, classes, false), 1.0 / 9); /* (1, 1, classes) */
	return myo_output(net, x, err);
}

static const struct myo_plugin plugin = {
	.abi = MYOPIC_PLUGIN_ABI,
	.size = sizeof(struct myo_plugin),
	.name = "airbench",
	.version = 1,
	.summary = "a small network that learns fast: whitened pixels, three groups of convolutions, GELU",
	.params = params,
	.build = build,
};

const struct myo_plugin *
myopic_plugin_entry(void)
{
	return &plugin;
}
