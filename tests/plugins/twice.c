/* Two options of one name. */
#include "broken.h"

static const struct myo_param params[] = {
	{ .name = "width", .type = MYO_PARAM_INT, .def = 8, .min = 1, .max = 64, .help = "channels" },
	{ .name = "width", .type = MYO_PARAM_REAL, .def = 1, .min = 0, .max = 2, .help = "times as many" },
	{ .name = NULL }
};

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("twice", .build = build, .params = params)
