/* Calls a function that nobody has. */
#include "broken.h"

int myo_no_such_operation(struct myo_net *net, int x);

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return myo_output(net, myo_no_such_operation(net, myo_input(net)), err) + classes;
}

BROKEN_PLUGIN("undefined", .build = build)
