/*
 * resnet9 - the network of "CNNs Avoid the Curse of Dimensionality by Learning on Patches"
 * (Madala, Chandrasekaran and Bunk, 2022).
 *
 * Every convolution is 3x3, padded by one and followed by batch normalisation and ReLU. A
 * residual pair is x + unit(unit(x)): its ReLU comes before the addition, and none after.
 *
 *   conv1  3 -> w      conv2  w -> 2w    max pool 2
 *   pair1  2w          conv3  2w -> 4w   max pool 2
 *                      conv4  4w -> 4w   max pool 2
 *   pair2  4w          average to 2x2    fc
 *
 * Tensors: conv1.weight, bn1.weight, …, pair1.conv1.weight, pair1.bn1.weight, …, fc.weight, fc.bias.
 * With w = 64: 2.45 million parameters, 71 million multiply-accumulates for 16x16 pixels.
 */
#include <myopic-plugin.h>

enum { SMALLEST = 8 }; /* three poolings must leave a pixel */

static const struct myo_param params[] = {
	{ .name = "width", .type = MYO_PARAM_INT, .def = 64, .min = 1, .max = 1024,
	    .help = "channels of the first convolution; the later ones have 2 and 4 times as many" },
	{ .name = "momentum", .type = MYO_PARAM_REAL, .def = 0.1, .min = 1e-6, .max = 1,
	    .help = "share of the last batch in batch normalisation's running statistics (the paper: 0.9, "
		    "which makes the accuracy of single epochs jump)" },
	{ .name = NULL }
};

struct unit {
	struct myo_net *net;
	struct myo_norm norm;
};

/* Convolution, batch normalisation, ReLU: (h, w, any) -> (h, w, out). */
static myo_node
unit(const struct unit *u, const char *prefix, int number, myo_node x, int out)
{
	x = myo_conv2d(u->net, myo_name(u->net, "%sconv%d", prefix, number), x,
	    (struct myo_conv){ .out = out, .kernel = 3, .padding = 1 });
	x = myo_batchnorm(u->net, myo_name(u->net, "%sbn%d", prefix, number), x, u->norm);
	return myo_relu(u->net, x);
}

static myo_node
pair(const struct unit *u, const char *prefix, myo_node x)
{
	const int channels = myo_shape_of(u->net, x).channels;
	myo_node y = unit(u, prefix, 1, x, channels);

	y = unit(u, prefix, 2, y, channels);
	return myo_add(u->net, x, y);
}

static int
build(struct myo_net *net, struct myo_shape input, int classes, const struct myo_args *args,
    struct myo_err *err)
{
	const int width = (int)myo_arg_int(args, "width");
	const struct unit u = { net, { .momentum = myo_arg_real(args, "momentum") } };
	const struct myo_pool2d halve = { .kernel = 2 };

	if (input.height < SMALLEST || input.width < SMALLEST)
		return myo_fail(err, "an input of %dx%d is too small; at least %dx%d are needed", input.height,
		    input.width, SMALLEST, SMALLEST);

	/* Shapes for an input of 16x16 and width 64. */
	myo_node x = myo_input(net);                  /* (16, 16, 3) */
	x = unit(&u, "", 1, x, width);                /* (16, 16, 64) */
	x = unit(&u, "", 2, x, 2 * width);            /* (16, 16, 128) */
	x = myo_maxpool(net, x, halve);               /* (8, 8, 128) */
	x = pair(&u, "pair1.", x);                    /* (8, 8, 128) */
	x = unit(&u, "", 3, x, 4 * width);            /* (8, 8, 256) */
	x = myo_maxpool(net, x, halve);               /* (4, 4, 256) */
	x = unit(&u, "", 4, x, 4 * width);            /* (4, 4, 256) */
	x = myo_maxpool(net, x, halve);               /* (2, 2, 256) */
	x = pair(&u, "pair2.", x);                    /* (2, 2, 256) */
	x = myo_adaptive_avgpool(net, x, 2, 2);       /* (2, 2, 256) */
	x = myo_flatten(net, x);                      /* (1, 1, 1024) */
	x = myo_linear(net, "fc", x, classes, true);  /* (1, 1, classes) */
	return myo_output(net, x, err);
}

static const struct myo_plugin plugin = {
	.abi = MYOPIC_PLUGIN_ABI,
	.size = sizeof(struct myo_plugin),
	.name = "resnet9",
	.version = 1,
	.summary = "the patches paper's ResNet-9: eight 3x3 convolutions and a linear layer",
	.params = params,
	.build = build,
};

const struct myo_plugin *
myopic_plugin_entry(void)
{
	return &plugin;
}
