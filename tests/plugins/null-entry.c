/* Returns no struct. */
#include <myopic-plugin.h>

#include <stddef.h>

const struct myo_plugin *
myopic_plugin_entry(void)
{
	return NULL;
}
