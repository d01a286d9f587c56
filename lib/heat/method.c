/* The methods, and the class in question. */
#include "heat/heat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct myo_heat_about_method methods[] = {
	[MYO_HEAT_PAPER] = { "paper", "largest logit", false, false, true, true },
	[MYO_HEAT_COVER] = { "cover", "mean probability", true, false, true, true },
	[MYO_HEAT_LOGIT] = { "logit", "logit", false, true, true, true },
	[MYO_HEAT_MARGIN] = { "margin", "logit above the best other", false, true, true, true },
	[MYO_HEAT_ENTROPY] = { "entropy", "entropy in bits", true, false, false, true },
	[MYO_HEAT_CLASSES] = { "classes", "class", false, false, false, true },
	[MYO_HEAT_EVIDENCE] = { "evidence", "evidence (mean: the logit)", false, true, true, false },
};

const char *const myo_heat_method_names[] = { "paper", "cover", "logit", "margin", "entropy", "classes", "evidence",
	NULL };

const struct myo_heat_about_method *
myo_heat_method(enum myo_heat_method method)
{
	return &methods[method];
}

/* ---- the class in question --------------------------------------------------------------------- */

/* "top:K" */
static int
ask_top(const char *number, size_t classes, struct myo_heat_choice *out, struct myo_err *err)
{
	char *end;

	errno = 0;
	const long top = strtol(number, &end, 10);
	if (end == number || *end != '\0' || errno != 0 || top < 1)
		return myo_fail(err, "class 'top:%s': top wants a number from 1 on", number);
	if ((unsigned long)top > classes)
		return myo_fail(err, "class 'top:%s': the predictions have %zu classes only", number, classes);
	out->about = MYO_ABOUT_TOP;
	out->top = (size_t)top;
	return MYO_OK;
}

int
myo_heat_ask(const struct myo_header *header, const char *about, struct myo_heat_choice *out,
    struct myo_err *err)
{
	const size_t count = header->class_count;

	out->about_class = -1;
	if (strcmp(about, "label") == 0) {
		out->about = MYO_ABOUT_LABEL;
		return MYO_OK;
	}
	if (strcmp(about, "predicted") == 0) {
		out->about = MYO_ABOUT_PREDICTED;
		return MYO_OK;
	}
	if (strncmp(about, "top:", 4) == 0)
		return ask_top(about + 4, count, out, err);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(header->classes[i], about) == 0) {
			out->about = MYO_ABOUT_CLASS;
			out->about_class = (int32_t)i;
			return MYO_OK;
		}
	}
	if (count == 0)
		return myo_fail(err, "no class '%s': the predictions name none", about);
	return myo_fail(err, "no class '%s' among the %zu of the predictions (%s%s%s)", about, count, header->classes[0],
	    count > 2 ? ", …, " : count > 1 ? ", " : "", count > 1 ? header->classes[count - 1] : "");
}
