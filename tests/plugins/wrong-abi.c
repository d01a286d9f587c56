/* Made for an interface of the future; nothing else in it may be looked at. */
#include <myopic-plugin.h>

const struct myo_plugin *
myopic_plugin_entry(void)
{
	static const uint32_t only[2] = { MYOPIC_PLUGIN_ABI + 41, 8 };
	return (const struct myo_plugin *)(const void *)only;
}
