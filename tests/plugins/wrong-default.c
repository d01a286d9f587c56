/* A default outside of its own range. */
#include "broken.h"

static const struct myo_param params[] = {
	{ .name = "width", .type = MYO_PARAM_INT, .def = 8, .min = 16, .max = 64, .help = "channels" },
	{ .name = NULL }
};

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("wrong-default", .build = build, .params = params)
