/*
 * plugin.h - the host's side of architecture plugins: find, load, choose options, build, check.
 *
 * A specification is what users write after --arch: a name or a file, then options:
 * "resnet9", "resnet:depth=20,width=16", "./my.so:width=8". What has a slash is a file; any other name is looked for
 * in the folders of $MYOPIC_PLUGIN_PATH (separated by colons; default: the folder that plugins are installed into), and
 * the first match wins.
 */
#ifndef MYO_PLUGIN_H
#define MYO_PLUGIN_H

#include "base/base.h"
#include "plugin/myopic-plugin.h"

/* An architecture with its options: a loaded plugin and a value for every parameter. */
struct myo_arch;

/* Load the plugin of a specification and set its options. */
MYO_MUST_USE int myo_arch_new(const char *spec, struct myo_arch **out, struct myo_err *err);
void myo_arch_free(struct myo_arch *arch); /* never unloads the plugin */

/* The plugin; it is valid as long as the process. */
const struct myo_plugin *myo_arch_plugin(const struct myo_arch *arch);
const char *myo_arch_file(const struct myo_arch *arch); /* the shared object's path */

/* All options, defaults included, as "width=16,depth=20", in the order of the table; on the heap. */
MYO_MUST_USE int myo_arch_options(const struct myo_arch *arch, char **out, struct myo_err *err);

/* Summary, file, version, and each option with its value, type, range and help, for people; on the heap. */
MYO_MUST_USE int myo_arch_describe(const struct myo_arch *arch, char **out, struct myo_err *err);

/* Build the network; the caller frees it. most: see myo_net_limit(). */
MYO_MUST_USE int myo_arch_build(const struct myo_arch *arch, struct myo_shape input, int classes, size_t most,
    struct myo_net **out, struct myo_err *err);

/*
 * Call found() for every plugin file on the search path, in order. arch: the plugin with its default options; NULL if
 * it can't be loaded, for the reason in `why`. shadowed: an earlier folder has a plugin of this name.
 */
typedef void myo_arch_found(void *context, const char *file, const struct myo_arch *arch,
    bool shadowed, const struct myo_err *why);
MYO_MUST_USE int myo_arch_list(myo_arch_found *found, void *context, struct myo_err *err);

/*
 * Check a plugin against the contract, with a call of report() for each point when it has been checked: it loads; it
 * builds for several shapes or says why not; it builds the same network twice; gradients agree with finite differences;
 * results depend neither on batches nor on threads; the tensors are all of the network's state; the loss falls; nothing
 * is printed. All of this happens in a child process, so that a plugin that crashes fails a point instead of ending the
 * caller; call it before starting threads. Returns MYO_OK when every point holds; else err says how many don't.
 */
typedef void myo_check_report(void *context, const char *point, bool holds, const char *detail);
MYO_MUST_USE int myo_arch_check(const char *spec, myo_check_report *report, void *context,
    struct myo_err *err);

#endif
