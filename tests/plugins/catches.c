/* Installs a signal handler. */
#include "broken.h"

#include <signal.h>

BROKEN_BUILD
{
	(void)input;
	(void)args;
	(void)signal(SIGINT, SIG_IGN);
	return build_linear(net, classes, NULL, err);
}

BROKEN_PLUGIN("catches", .build = build)
