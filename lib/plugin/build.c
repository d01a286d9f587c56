/* From an architecture and its options to a network. */
#include "net/net.h"
#include "plugin/arch.h"

int
myo_arch_build(const struct myo_arch *arch, struct myo_shape input, int classes, size_t most,
    struct myo_net **out, struct myo_err *err)
{
	const struct myo_plugin *plugin = arch->plugin;
	struct myo_misuse misuse = { false, "" };
	const struct myo_args args = { plugin->params, arch->values, &misuse };
	struct myo_err own = MYO_ERR_INIT;
	struct myo_net *net;

	*out = NULL;
	if (err == NULL)
		err = &own; /* plugins never get a NULL err */
	if (myo_net_new(input, classes, &net, err) != MYO_OK)
		return MYO_FAIL;
	myo_net_limit(net, most);
	err->text[0] = '\0';
	int rc = plugin->build(net, input, classes, &args, err) < 0 ? MYO_FAIL : MYO_OK;
	if (misuse.happened)
		rc = myo_fail(err, "%s", misuse.text);
	else if (rc == MYO_FAIL && err->text[0] == '\0')
		rc = myo_fail(err, "build() failed without saying why");
	else if (rc == MYO_OK)
		rc = myo_net_finished(net, err);
	if (rc != MYO_OK) {
		myo_err_prefix(err, "%s: ", plugin->name);
		myo_net_free(net);
		return MYO_FAIL;
	}
	*out = net;
	return MYO_OK;
}
