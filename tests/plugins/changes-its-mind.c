/* Keeps a count in static data, so that no two networks are the same. */
#include "broken.h"

BROKEN_BUILD
{
	static int calls;

	(void)input;
	(void)args;
	calls++;
	myo_node x = myo_conv2d(net, "conv", myo_input(net), (struct myo_conv){ .out = 1 + calls % 7, .kernel = 3 });
	x = myo_flatten(net, myo_adaptive_avgpool(net, x, 2, 2));
	return myo_output(net, myo_linear(net, "fc", x, classes, true), err);
}

BROKEN_PLUGIN("changes-its-mind", .build = build)
