/* Writes to standard output. */
#include "broken.h"

#include <stdio.h>

BROKEN_BUILD
{
	(void)args;
	printf("building for %dx%d\n", input.height, input.width);
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("talks", .build = build)
