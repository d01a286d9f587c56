/* An option of a type that doesn't exist. */
#include "broken.h"

static const struct myo_param params[] = {
	{ .name = "width", .type = (enum myo_param_type)77, .max = 1, .help = "channels" },
	{ .name = NULL }
};

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("unknown-type", .build = build, .params = params)
