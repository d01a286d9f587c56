/*
 * plugin.h - the host's side of architecture plugins: find, load, choose options, build, check.
 *
 * A specification is what users write after --arch: a name or a file, then options:
 * "resnet9", "resnet:depth=20,width=16", "./my.so:width=8". A name is looked for in the
 * folders of $MYOPIC_PLUGIN_PATH (colon-separated, it replaces the installed folder), the
 * first match wins; only a name with a slash is a file.
 */
#ifndef MYO_PLUGIN_H
#define MYO_PLUGIN_H

#include "base/base.h"
#include "plugin/myopic-plugin.h"

/* An architecture with its options: a loaded plugin and a value for every parameter. */
struct myo_arch;

/* Load the plugin of a specification and set its options; each way to fail has its own text. */
MYO_MUST_USE int myo_arch_new(const char *spec, struct myo_arch **out, struct myo_err *err);
void myo_arch_free(struct myo_arch *arch); /* never unloads the plugin */

/* What was loaded; it lives as long as the process. */
const struct myo_plugin *myo_arch_plugin(const struct myo_arch *arch);
const char *myo_arch_file(const struct myo_arch *arch); /* the shared object's path */

/* The options as "width=16,depth=20", every one of them, defaults included, in table order; heap. */
MYO_MUST_USE int myo_arch_options(const struct myo_arch *arch, char **out, struct myo_err *err);

/* Summary, file, version, and each option with its value, type, range and help, for people; heap. */
MYO_MUST_USE int myo_arch_describe(const struct myo_arch *arch, char **out, struct myo_err *err);

/* Describe the network; the caller frees it. most: numbers that its parameters may have together; 0: any. */
MYO_MUST_USE int myo_arch_build(const struct myo_arch *arch, struct myo_shape input, int classes, size_t most,
    struct myo_net **out, struct myo_err *err);

/*
 * Every plugin file on the search path in order, one call for each: arch is NULL and why says
 * what is wrong where one can't be loaded; shadowed is true where an earlier folder has the name.
 */
typedef void myo_arch_found(void *context, const char *file, const struct myo_arch *arch,
    bool shadowed, const struct myo_err *why);
MYO_MUST_USE int myo_arch_list(myo_arch_found *found, void *context, struct myo_err *err);

/*
 * The contract, one call of report() for each point, as it is found out: loads, builds for
 * several shapes or says why not, builds the same twice, gradients against finite differences,
 * batch and thread invariance, tensors are all that there is, loss falls, silence. It all happens in a child
 * process, so that a plugin that crashes fails a point instead of ending the caller; call it
 * before starting threads. Returns MYO_OK when every point holds; else err says how many don't.
 */
typedef void myo_check_report(void *context, const char *point, bool holds, const char *detail);
MYO_MUST_USE int myo_arch_check(const char *spec, myo_check_report *report, void *context,
    struct myo_err *err);

#endif
