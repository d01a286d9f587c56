/* Forgets to say which node holds the logits. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	(void)args;
	(void)err;
	(void)myo_linear(net, "fc", myo_flatten(net, myo_input(net)), classes, true);
	return 0;
}

BROKEN_PLUGIN("no-output", .build = build)
