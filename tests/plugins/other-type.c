/* Asks for an option as what it isn't. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	if (myo_arg_int(args, "depth") > 3)
		return -1;
	return build_linear(net, classes, NULL, err);
}

static const struct myo_param params[] = {
	{ .name = "depth", .type = MYO_PARAM_REAL, .help = "depth", .def = 1, .min = 0, .max = 2 },
	{ .name = NULL },
};

BROKEN_PLUGIN("other-type", .build = build, .params = params)
