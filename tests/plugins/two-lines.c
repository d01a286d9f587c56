/* Has more to say of itself than a line. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return build_linear(net, classes, NULL, err);
}

static const struct myo_param params[] = {
	{ .name = "depth", .type = MYO_PARAM_REAL, .help = "depth\n\033[31m", .def = 1, .min = 0, .max = 2 },
	{ .name = NULL },
};

BROKEN_PLUGIN("two-lines", .build = build, .params = params)
