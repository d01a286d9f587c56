/* Crashes before it has said anything about itself. */
#include "broken.h"

#include <stdlib.h>

const struct myo_plugin *
myopic_plugin_entry(void)
{
	abort();
}
