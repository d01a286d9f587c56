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
 * What build() gets. A plugin that asks for an option that its table lacks has a mistake that
 * myo_arg_*() can't report, so it is noted here and myo_arch_build() fails.
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

/* Rows of a table; NULL is an empty one. */
size_t myo_params_count(const struct myo_param *params);

/* MYO_FAIL with a text if a table is not sane: names, types, ranges, defaults, choices. */
MYO_MUST_USE int myo_params_check(const struct myo_param *params, struct myo_err *err);

/* Set values from "width=16,depth=20" on top of the defaults. */
MYO_MUST_USE int myo_params_parse(
    const struct myo_param *params, const char *text, double *values, struct myo_err *err);

/* A value as the user would write it; to is a buffer of MYO_PARAM_TEXT bytes. */
enum { MYO_PARAM_TEXT = 64 };
const char *myo_param_text(const struct myo_param *param, double value, char *to);

/*
 * Load a file in a process of its own: MYO_FAIL if it crashes, hangs or exits. A plugin that is refused in good order
 * is none of that.
 */
MYO_MUST_USE int plugin_try(const char *file, struct myo_err *err);

/* Look at one file in the loader's order of checks. */
MYO_MUST_USE int myo_plugin_load(const char *file, const struct myo_plugin **out, struct myo_err *err);

#endif
