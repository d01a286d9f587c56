/* The file is called other-name, the plugin isn't. */
#include "broken.h"

BROKEN_BUILD
{
	(void)input;
	(void)args;
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("someone", .build = build)
