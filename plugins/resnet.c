/*
 * resnet - residual networks (He, Zhang, Ren and Sun, "Deep residual learning for image
 * recognition", CVPR 2016) in three forms. Tensors have torchvision's names, so that the
 * ImageNet form's files and torchvision's fit each other.
 *
 *   form      stem                            stages              depth
 *   cifar     3x3                             3: w, 2w, 4w        6n + 2, n basic blocks a stage
 *   imagenet  7x7 stride 2, max pool stride 2 4: w, 2w, 4w, 8w    18, 34 basic, 50 bottleneck
 *   small     7x7 stride 1                    as imagenet         as imagenet
 *
 * Each stage after the first begins with stride 2. A shortcut whose shape changes is a 1x1
 * convolution with batch normalisation, in all forms. A bottleneck has its stride in the 3x3
 * convolution, as torchvision's have. `small` is the patches paper's network for small images.
 */
#include <myopic-plugin.h>

#include <string.h>

enum { MAX_STAGES = 4, BOTTLENECK_GROWTH = 4 };

static const char *const forms[] = { "cifar", "imagenet", "small", NULL };

static const struct myo_param params[] = {
	{ .name = "form", .type = MYO_PARAM_CHOICE, .choices = forms,
	    .help = "cifar: 3 stages for small images; imagenet: 4 stages; small: the patches paper's, "
		    "imagenet with a stem that keeps the resolution" },
	{ .name = "depth", .type = MYO_PARAM_INT, .def = 0, .min = 0, .max = 1202,
	    .help = "layers: 8, 14, 20, 26 and so on for cifar, 18, 34 or 50 for the others; "
		    "0 means 20 for cifar, 18 for the others" },
	{ .name = "width", .type = MYO_PARAM_INT, .def = 0, .min = 0, .max = 1024,
	    .help = "channels of the first stage; 0 means 16 for cifar, 64 for the others" },
	{ .name = "momentum", .type = MYO_PARAM_REAL, .def = 0.1, .min = 1e-6, .max = 1,
	    .help = "share of the last batch in batch normalisation's running statistics" },
	{ .name = NULL }
};

struct plan {
	struct myo_net *net;
	struct myo_norm norm;
	bool cifar, small, bottleneck;
	int stages, blocks[MAX_STAGES];
	int width;
};

/* ---- the parts -------------------------------------------------------------------- */

/* Convolution without bias, batch normalisation: (h, w, any) -> (h / stride, w / stride, out). */
static myo_node
conv_bn(const struct plan *p, const char *conv, const char *bn, myo_node x, int out, int kernel, int stride)
{
	x = myo_conv2d(p->net, conv, x,
	    (struct myo_conv){ .out = out, .kernel = kernel, .stride = stride, .padding = kernel / 2 });
	return myo_batchnorm(p->net, bn, x, p->norm);
}

static myo_node
block_conv(const struct plan *p, const char *block, int number, myo_node x, int out, int kernel, int stride)
{
	return conv_bn(p, myo_name(p->net, "%s.conv%d", block, number),
	    myo_name(p->net, "%s.bn%d", block, number), x, out, kernel, stride);
}

/* relu(shortcut(x) + f(x)), f of two 3x3 convolutions, or of 1x1, 3x3 and 1x1. */
static myo_node
residual_block(const struct plan *p, const char *block, myo_node x, int width, int stride)
{
	const int out = p->bottleneck ? width * BOTTLENECK_GROWTH : width;
	myo_node y, shortcut = x;

	if (p->bottleneck) {
		y = myo_relu(p->net, block_conv(p, block, 1, x, width, 1, 1));
		y = myo_relu(p->net, block_conv(p, block, 2, y, width, 3, stride));
		y = block_conv(p, block, 3, y, out, 1, 1);
	} else {
		y = myo_relu(p->net, block_conv(p, block, 1, x, width, 3, stride));
		y = block_conv(p, block, 2, y, out, 3, 1);
	}
	if (stride != 1 || myo_shape_of(p->net, x).channels != out)
		shortcut = conv_bn(p, myo_name(p->net, "%s.downsample.0", block),
		    myo_name(p->net, "%s.downsample.1", block), x, out, 1, stride);
	return myo_relu(p->net, myo_add(p->net, y, shortcut));
}

static myo_node
stem(const struct plan *p, myo_node x)
{
	const int kernel = p->cifar ? 3 : 7, stride = p->cifar || p->small ? 1 : 2;

	x = myo_relu(p->net, conv_bn(p, "conv1", "bn1", x, p->width, kernel, stride));
	if (!p->cifar && !p->small)
		x = myo_maxpool(p->net, x, (struct myo_pool2d){ .kernel = 3, .stride = 2, .padding = 1 });
	return x;
}

/* ---- the options ------------------------------------------------------------------- */

static int
choose_blocks(struct plan *p, long depth, struct myo_err *err)
{
	static const struct {
		int depth;
		bool bottleneck;
		int blocks[MAX_STAGES];
	} known[] = {
		{ 18, false, { 2, 2, 2, 2 } },
		{ 34, false, { 3, 4, 6, 3 } },
		{ 50, true, { 3, 4, 6, 3 } },
	};

	if (p->cifar) {
		if (depth < 8 || (depth - 2) % 6 != 0)
			return myo_fail(err, "depth=%ld: the cifar form has 6n + 2 layers: 8, 14, 20, 26, ...", depth);
		p->stages = 3;
		for (int i = 0; i < p->stages; i++)
			p->blocks[i] = (int)(depth - 2) / 6;
		return 0;
	}
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].depth != depth)
			continue;
		p->stages = MAX_STAGES;
		p->bottleneck = known[i].bottleneck;
		memcpy(p->blocks, known[i].blocks, sizeof p->blocks);
		return 0;
	}
	return myo_fail(err, "depth=%ld: the imagenet and small forms have 18, 34 or 50 layers", depth);
}

static int
build(struct myo_net *net, struct myo_shape input, int classes, const struct myo_args *args,
    struct myo_err *err)
{
	const char *form = myo_arg_choice(args, "form");
	const long depth = myo_arg_int(args, "depth"), width = myo_arg_int(args, "width");
	struct plan p = { .net = net, .norm.momentum = myo_arg_real(args, "momentum") };

	(void)input; /* padding and the final average take any size */
	p.cifar = strcmp(form, "cifar") == 0;
	p.small = strcmp(form, "small") == 0;
	p.width = width != 0 ? (int)width : p.cifar ? 16 : 64;
	if (choose_blocks(&p, depth != 0 ? depth : p.cifar ? 20 : 18, err) < 0)
		return -1;

	myo_node x = stem(&p, myo_input(net));
	for (int stage = 0; stage < p.stages; stage++)
		for (int i = 0; i < p.blocks[stage]; i++)
			x = residual_block(&p, myo_name(net, "layer%d.%d", stage + 1, i), x, p.width << stage,
			    stage > 0 && i == 0 ? 2 : 1);
	x = myo_flatten(net, myo_adaptive_avgpool(net, x, 1, 1)); /* (1, 1, channels of the last stage) */
	x = myo_linear(net, "fc", x, classes, true);
	return myo_output(net, x, err);
}

static const struct myo_plugin plugin = {
	.abi = MYOPIC_PLUGIN_ABI,
	.size = sizeof(struct myo_plugin),
	.name = "resnet",
	.version = 1,
	.summary = "residual networks: the CIFAR form of any depth, ResNet-18, 34 and 50",
	.params = params,
	.build = build,
};

const struct myo_plugin *
myopic_plugin_entry(void)
{
	return &plugin;
}
