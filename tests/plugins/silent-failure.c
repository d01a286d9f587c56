/* Fails without a word. */
#include "broken.h"

BROKEN_BUILD
{
	(void)net;
	(void)input;
	(void)classes;
	(void)args;
	(void)err;
	return -1;
}

BROKEN_PLUGIN("silent-failure", .build = build)
