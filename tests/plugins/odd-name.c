/* Has a tensor that no model file can name. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return myo_output(net, myo_linear(net, "\xff\xfe", myo_flatten(net, myo_input(net)), classes, true), err);
}

BROKEN_PLUGIN("odd-name", .build = build)
