/* broken.h - what the plugins that are broken on purpose share: a network that would do, and a struct to spoil. */
#ifndef BROKEN_H
#define BROKEN_H

#include <myopic-plugin.h>

/* Pooled pixels and a linear layer; operation, if not NULL, comes first. */
static inline int
build_linear(struct myo_net *net, int classes, const struct myo_custom *operation, struct myo_err *err)
{
	myo_node x = myo_input(net);

	if (operation != NULL)
		x = myo_custom_op(net, x, operation);
	x = myo_flatten(net, myo_adaptive_avgpool(net, x, 4, 4));
	return myo_output(net, myo_linear(net, "fc", x, classes, true), err);
}

/* Of a row. */
static inline size_t
elements(struct myo_shape shape)
{
	return (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

static inline int
same_shape(const void *config, struct myo_shape in, struct myo_shape *out, struct myo_err *err)
{
	(void)config;
	(void)err;
	*out = in;
	return 0;
}

#define BROKEN_BUILD \
	static int build(struct myo_net *net, struct myo_shape input, int classes, \
	    const struct myo_args *args, struct myo_err *err)

#define BROKEN_PLUGIN(NAME, ...) \
	const struct myo_plugin *myopic_plugin_entry(void) \
	{ \
		static const struct myo_plugin plugin = { .abi = MYOPIC_PLUGIN_ABI, .size = sizeof plugin, \
			.name = NAME, .version = 1, .summary = "broken on purpose", __VA_ARGS__ }; \
		return &plugin; \
	}

#endif
