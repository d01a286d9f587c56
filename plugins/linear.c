/*
 * linear - one linear layer on the pixels: the smallest architecture.
 *
 * Start your own from this file (build-aux/new-plugin.sh NAME copies it): describe the network
 * in build(), put what users may choose into the table, fill in the struct at the end.
 */
#include <myopic-plugin.h>

static const struct myo_param params[] = {
	{ .name = "grid", .type = MYO_PARAM_INT, .def = 8, .min = 1, .max = 64,
	    .help = "side of the grid that the image is averaged to, whatever its size" },
	{ .name = "bias", .type = MYO_PARAM_BOOL, .def = 1, .help = "add a bias for each class" },
	{ .name = NULL }
};

static int
build(struct myo_net *net, struct myo_shape input, int classes, const struct myo_args *args,
    struct myo_err *err)
{
	const int grid = (int)myo_arg_int(args, "grid");

	if (input.height < grid || input.width < grid)
		return myo_fail(err, "an input of %dx%d is smaller than the grid of %dx%d; choose a smaller grid",
		    input.height, input.width, grid, grid);

	myo_node x = myo_input(net);                    /* (height, width, 3) */
	x = myo_adaptive_avgpool(net, x, grid, grid);   /* (grid, grid, 3) */
	x = myo_flatten(net, x);                        /* (1, 1, 3 grid^2) */
	x = myo_linear(net, "fc", x, classes, myo_arg_bool(args, "bias")); /* (1, 1, classes) */
	return myo_output(net, x, err); /* reports the first operation that failed, if one did */
}

static const struct myo_plugin plugin = {
	.abi = MYOPIC_PLUGIN_ABI,
	.size = sizeof(struct myo_plugin),
	.name = "linear",
	.version = 1,
	.summary = "one linear layer on the pixels, averaged to a grid: the smallest example",
	.params = params,
	.build = build,
};

const struct myo_plugin *
myopic_plugin_entry(void)
{
	return &plugin;
}
