/*
 * arch.h - private to the plugin room: what an architecture and its option values are made of.
 */
#ifndef MYO_ARCH_H
#define MYO_ARCH_H

#include "plugin/plugin.h"

struct myo_arch {
	const struct myo_plugin *plugin;
	char *file;
	double *values; /* one for each row of plugin->params */
};

/*
 * What build() gets. If a plugin asks for an option that its table lacks, myo_arg_*() can't report the mistake; it is
 * noted in `misuse`, and myo_arch_build() fails.
 */
struct myo_args {
	const struct myo_param *params;
	const double *values;
	struct myo_misuse *misuse;
};

struct myo_misuse {
	bool happened;
	char text[192];
};

/* The number of rows of a table; NULL is an empty one. */
size_t myo_params_count(const struct myo_param *params);

/* MYO_FAIL if a table has something wrong: names, types, ranges, defaults or choices. */
MYO_MUST_USE int myo_params_check(const struct myo_param *params, struct myo_err *err);

/* Set values from "width=16,depth=20" on top of the defaults. */
MYO_MUST_USE int myo_params_parse(
    const struct myo_param *params, const char *text, double *values, struct myo_err *err);

/* A value as the user would write it; to is a buffer of MYO_PARAM_TEXT bytes. */
enum { MYO_PARAM_TEXT = 64 };
const char *myo_param_text(const struct myo_param *param, double value, char *to);

/*
 * Load a file in a process of its own: MYO_FAIL if that crashes, hangs or exits. It is no failure if the plugin is
 * merely refused.
 */
MYO_MUST_USE int plugin_try(const char *file, struct myo_err *err);

/* Load one file and check what it has, abi and size first. */
MYO_MUST_USE int myo_plugin_load(const char *file, const struct myo_plugin **out, struct myo_err *err);

#endif
