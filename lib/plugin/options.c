/* Options of architectures: the table that a plugin has, and the values that a user chooses. */
#include "plugin/arch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

size_t
myo_params_count(const struct myo_param *params)
{
	size_t count = 0;

	while (params != NULL && params[count].name != NULL)
		count++;
	return count;
}

static size_t
choices_count(const struct myo_param *param)
{
	size_t count = 0;

	while (param->choices[count] != NULL)
		count++;
	return count;
}

/* ---- the table -------------------------------------------------------------------- */

static bool
is_name(const char *text)
{
	return text[0] != '\0' && text[strspn(text, NAME_LETTERS)] == '\0';
}

/* A whole number that fits a long on any platform. */
static bool
is_whole(double value)
{
	return value == floor(value) && fabs(value) <= INT32_MAX;
}

static int
check_choices(const struct myo_param *param, struct myo_err *err)
{
	if (param->choices == NULL || param->choices[0] == NULL)
		return myo_fail(err, "option '%s' has no choices", param->name);
	for (size_t i = 0; param->choices[i] != NULL; i++) {
		if (!is_name(param->choices[i]))
			return myo_fail(err, "option '%s': the choice '%s' is not made of a-z, 0-9, _ and -",
			    param->name, param->choices[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(param->choices[i], param->choices[j]) == 0)
				return myo_fail(err, "option '%s' has the choice '%s' twice", param->name,
				    param->choices[i]);
	}
	return MYO_OK;
}

static int
check_param(const struct myo_param *param, struct myo_err *err)
{
	double min = param->min, max = param->max;

	if (!is_name(param->name))
		return myo_fail(err, "the option name '%s' is not made of a-z, 0-9, _ and -", param->name);
	if (param->help == NULL || !myo_is_line(param->help))
		return myo_fail(err, "option '%s' has no help of one line of text", param->name);
	switch (param->type) {
	case MYO_PARAM_INT:
		if (!is_whole(param->def) || !is_whole(min) || !is_whole(max))
			return myo_fail(err,
			    "option '%s': default and range must be whole numbers of 32 bits", param->name);
		break;
	case MYO_PARAM_REAL:
		if (!isfinite(param->def) || !isfinite(min) || !isfinite(max))
			return myo_fail(err, "option '%s': default and range must be finite", param->name);
		break;
	case MYO_PARAM_BOOL: /* the range goes without saying */
		min = 0;
		max = 1;
		break;
	case MYO_PARAM_CHOICE:
		if (check_choices(param, err) != MYO_OK)
			return MYO_FAIL;
		min = 0;
		max = (double)choices_count(param) - 1;
		break;
	default:
		return myo_fail(err, "option '%s' has the unknown type %d", param->name, (int)param->type);
	}
	if (min > max)
		return myo_fail(err, "option '%s': the range %g to %g is empty", param->name, min, max);
	if (!(param->def >= min && param->def <= max))
		return myo_fail(err, "option '%s': the default %g is not within %g to %g", param->name,
		    param->def, min, max);
	if (param->type != MYO_PARAM_REAL && param->def != floor(param->def))
		return myo_fail(err, "option '%s': the default %g is not a whole number", param->name, param->def);
	return MYO_OK;
}

int
myo_params_check(const struct myo_param *params, struct myo_err *err)
{
	const size_t count = myo_params_count(params);

	for (size_t i = 0; i < count; i++) {
		if (check_param(&params[i], err) != MYO_OK)
			return MYO_FAIL;
		for (size_t j = 0; j < i; j++)
			if (strcmp(params[i].name, params[j].name) == 0)
				return myo_fail(err, "option '%s' stands twice in the table", params[i].name);
	}
	return MYO_OK;
}

/* ---- values ------------------------------------------------------------------------- */

/* "depth, width, form", for messages; truncated to size. */
static void
list_names(const struct myo_param *params, char *to, size_t size)
{
	size_t used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < myo_params_count(params) && used < size; i++)
		used += (size_t)snprintf(to + used, size - used, "%s%s", i > 0 ? ", " : "", params[i].name);
}

static int
parse_choice(const struct myo_param *param, const char *text, double *value, struct myo_err *err)
{
	char names[512];
	size_t used = 0;

	names[0] = '\0';
	for (size_t i = 0; param->choices[i] != NULL; i++) {
		if (strcmp(param->choices[i], text) == 0) {
			*value = (double)i;
			return MYO_OK;
		}
		if (used < sizeof names)
			used += (size_t)snprintf(
			    names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", param->choices[i]);
	}
	return myo_fail(err, "option '%s' takes one of %s, not '%s'", param->name, names, text);
}

static int
parse_value(const struct myo_param *param, const char *text, double *value, struct myo_err *err)
{
	char *end;

	if (param->type == MYO_PARAM_CHOICE)
		return parse_choice(param, text, value, err);
	if (param->type == MYO_PARAM_BOOL) {
		if ((text[0] != '0' && text[0] != '1') || text[1] != '\0')
			return myo_fail(err, "option '%s' takes 0 or 1, not '%s'", param->name, text);
		*value = text[0] - '0';
		return MYO_OK;
	}

	errno = 0;
	double number = strtod(text, &end);
	if (end == text || *end != '\0' || errno == EINVAL || !isfinite(number))
		return myo_fail(err, "option '%s' takes a number, not '%s'", param->name, text);
	if (param->type == MYO_PARAM_INT && number != floor(number))
		return myo_fail(err, "option '%s' takes a whole number, not '%s'", param->name, text);
	if (number < param->min || number > param->max)
		return myo_fail(err, "option '%s' takes %.15g to %.15g, not %s", param->name, param->min,
		    param->max, text);
	*value = number;
	return MYO_OK;
}

/* One "name=value"; the text is changed. */
static int
parse_setting(const struct myo_param *params, char *setting, bool *set, double *values, struct myo_err *err)
{
	char known[512];
	char *equals = strchr(setting, '=');

	list_names(params, known, sizeof known);
	if (known[0] == '\0')
		return myo_fail(err, "takes no options, but was given '%s'", setting);
	if (equals == NULL)
		return myo_fail(err, "'%s' is not option=value; the options are %s", setting, known);
	*equals = '\0';
	for (size_t i = 0; i < myo_params_count(params); i++) {
		if (strcmp(params[i].name, setting) != 0)
			continue;
		if (set[i])
			return myo_fail(err, "option '%s' is given twice", setting);
		set[i] = true;
		return parse_value(&params[i], equals + 1, &values[i], err);
	}
	return myo_fail(err, "there is no option '%s'; the options are %s", setting, known);
}

int
myo_params_parse(const struct myo_param *params, const char *text, double *values, struct myo_err *err)
{
	const size_t count = myo_params_count(params);
	int rc = MYO_OK;

	for (size_t i = 0; i < count; i++)
		values[i] = params[i].def;
	if (text[0] == '\0')
		return MYO_OK;

	bool *set = myo_calloc(count, sizeof *set, err);
	char *copy = set != NULL ? myo_strdup(text, err) : NULL;
	if (copy == NULL)
		rc = MYO_FAIL;
	for (char *setting = copy; rc == MYO_OK && setting != NULL;) {
		char *comma = strchr(setting, ',');
		if (comma != NULL)
			*comma++ = '\0';
		rc = parse_setting(params, setting, set, values, err);
		setting = comma;
	}
	free(copy);
	free(set);
	return rc;
}

const char *
myo_param_text(const struct myo_param *param, double value, char *to)
{
	if (param->type == MYO_PARAM_CHOICE)
		return param->choices[(size_t)value];
	if (param->type == MYO_PARAM_REAL)
		return myo_real_text(to, value);
	(void)snprintf(to, MYO_PARAM_TEXT, "%.17g", value);
	return to;
}

int
myo_arch_options(const struct myo_arch *arch, char **out, struct myo_err *err)
{
	const struct myo_param *params = arch->plugin->params;
	char *text = myo_strdup("", err);

	*out = NULL;
	for (size_t i = 0; text != NULL && i < myo_params_count(params); i++) {
		char value[MYO_PARAM_TEXT];
		char *longer = myo_format(err, "%s%s%s=%s", text, i > 0 ? "," : "", params[i].name,
		    myo_param_text(&params[i], arch->values[i], value));
		free(text);
		text = longer;
	}
	*out = text;
	return text != NULL ? MYO_OK : MYO_FAIL;
}

/* ---- what build() sees ---------------------------------------------------------------- */

static const double *
find(const struct myo_args *args, const char *name, enum myo_param_type type, size_t *row)
{
	static const char *const types[] = { "", "whole number", "real number", "boolean", "choice" };
	const size_t count = myo_params_count(args->params);

	for (size_t i = 0; i < count; i++)
		if (strcmp(args->params[i].name, name) == 0 && args->params[i].type == type) {
			*row = i;
			return &args->values[i];
		}
	if (args->misuse->happened)
		return NULL;
	args->misuse->happened = true;
	(void)snprintf(args->misuse->text, sizeof args->misuse->text,
	    "build() asks for the %s '%.64s', which is not in its table", types[type], name);
	for (size_t i = 0; i < count; i++)
		if (strcmp(args->params[i].name, name) == 0)
			(void)snprintf(args->misuse->text, sizeof args->misuse->text,
			    "build() asks for '%.64s' as a %s, and its table has it as a %s", name, types[type],
			    types[args->params[i].type]);
	return NULL;
}

long
myo_arg_int(const struct myo_args *args, const char *name)
{
	size_t row;
	const double *value = find(args, name, MYO_PARAM_INT, &row);

	return value != NULL ? (long)*value : 0;
}

double
myo_arg_real(const struct myo_args *args, const char *name)
{
	size_t row;
	const double *value = find(args, name, MYO_PARAM_REAL, &row);

	return value != NULL ? *value : 0;
}

bool
myo_arg_bool(const struct myo_args *args, const char *name)
{
	size_t row;
	const double *value = find(args, name, MYO_PARAM_BOOL, &row);

	return value != NULL && *value != 0;
}

const char *
myo_arg_choice(const struct myo_args *args, const char *name)
{
	size_t row;
	const double *value = find(args, name, MYO_PARAM_CHOICE, &row);

	return value != NULL ? args->params[row].choices[(size_t)*value] : "";
}
