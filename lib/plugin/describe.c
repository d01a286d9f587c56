/* An architecture in words. */
#include "plugin/arch.h"

#include <stdio.h>
#include <stdlib.h>

static void
describe_range(FILE *to, const struct myo_param *param)
{
	switch (param->type) {
	case MYO_PARAM_INT:
		(void)fprintf(to, "whole number, %.0f to %.0f", param->min, param->max);
		break;
	case MYO_PARAM_REAL:
		(void)fprintf(to, "number, %g to %g", param->min, param->max);
		break;
	case MYO_PARAM_BOOL:
		(void)fprintf(to, "0 or 1");
		break;
	case MYO_PARAM_CHOICE:
		for (size_t i = 0; param->choices[i] != NULL; i++)
			(void)fprintf(to, "%s%s", i == 0 ? "one of " : ", ", param->choices[i]);
		break;
	}
}

static void
describe_option(FILE *to, const struct myo_param *param, double value)
{
	char text[MYO_PARAM_TEXT];

	(void)fprintf(to, "  %s=%s  (", param->name, myo_param_text(param, value, text));
	describe_range(to, param);
	(void)fprintf(to, "; default %s)\n      %s\n", myo_param_text(param, param->def, text), param->help);
}

int
myo_arch_describe(const struct myo_arch *arch, char **out, struct myo_err *err)
{
	const struct myo_plugin *plugin = arch->plugin;
	const size_t options = myo_params_count(plugin->params);
	char *text = NULL;
	size_t length;

	*out = NULL;
	FILE *to = open_memstream(&text, &length);
	if (to == NULL)
		return myo_fail_errno(err, "no memory for a description");
	(void)fprintf(to, "%s: %s\nfile %s, version %u\n", plugin->name, plugin->summary, arch->file,
	    (unsigned)plugin->version);
	(void)fprintf(to, "%s\n", options > 0 ? "options:" : "no options");
	for (size_t i = 0; i < options; i++)
		describe_option(to, &plugin->params[i], arch->values[i]);
	const bool failed = ferror(to) != 0;
	if (fclose(to) != 0 || failed) {
		free(text);
		return myo_fail_errno(err, "no memory for a description");
	}
	*out = text;
	return MYO_OK;
}
