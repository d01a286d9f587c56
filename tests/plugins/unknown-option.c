/* Asks for an option that its table lacks. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	if (myo_arg_int(args, "depth") > 3)
		return -1;
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("unknown-option", .build = build)
