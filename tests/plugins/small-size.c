/* A struct that ends before its members do. */
#include <myopic-plugin.h>

const struct myo_plugin *
myopic_plugin_entry(void)
{
	static const uint32_t only[2] = { MYOPIC_PLUGIN_ABI, 8 };
	return (const struct myo_plugin *)(const void *)only;
}
