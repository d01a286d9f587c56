/* Writes through a null pointer in build(). */
#include "broken.h"

#include <stddef.h>

static int *volatile nowhere = NULL;

BROKEN_BUILD
{
	(void)input;
	(void)args;
	*nowhere = 1;
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("crashes", .build = build)
