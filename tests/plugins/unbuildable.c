/* Can't build anything, and says so. */
#include "broken.h"

BROKEN_BUILD
{
	(void)net;
	(void)input;
	(void)classes;
	(void)args;
	return myo_fail(err, "nothing suits me");
}

BROKEN_PLUGIN("unbuildable", .build = build)
