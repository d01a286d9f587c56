/* Ends the process. */
#include "broken.h"

#include <stdlib.h>

BROKEN_BUILD
{
	(void)net;
	(void)input;
	(void)classes;
	(void)args;
	(void)err;
	exit(0);
}

BROKEN_PLUGIN("exits", .build = build)
