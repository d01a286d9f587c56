/* Exports another function than the one that makes a plugin. */
#include <myopic-plugin.h>

MYOPIC_EXPORT int myopic_plugin_start(void);

int
myopic_plugin_start(void)
{
	return 0;
}
