/* Scales its logits to next to nothing, so that no step makes a difference. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	(void)args;
	myo_node x = myo_flatten(net, myo_adaptive_avgpool(net, myo_input(net), 1, 1));
	return myo_output(net, myo_scale(net, myo_linear(net, "fc", x, classes, true), 1e-3), err);
}

BROKEN_PLUGIN("never-learns", .build = build)
