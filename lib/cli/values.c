/* Values of options: parsing and checking text, and restoring defaults. */
#include "cli/private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
parse_int(const struct myo_opt *o, const char *text)
{
	char *end;

	errno = 0;
	const long value = strtol(text, &end, 10);
	if (end == text || *end != '\0')
		myo_cli_usage("--%s: '%s' is not a whole number", o->name, text);
	if (errno != 0 || (double)value < o->min || (double)value > o->max)
		myo_cli_usage("--%s: %s is not from %.0f to %.0f", o->name, text, o->min, o->max);
	*(long *)o->to = value;
}

static void
parse_u64(const struct myo_opt *o, const char *text)
{
	char *end;

	errno = 0;
	const unsigned long long value = strtoull(text, &end, 10);
	if (end == text || *end != '\0' || strchr(text, '-') != NULL || errno != 0)
		myo_cli_usage("--%s: '%s' is not a whole number from 0 to 2^64 - 1", o->name, text);
	*(uint64_t *)o->to = value;
}

static void
parse_real(const struct myo_opt *o, const char *text)
{
	char *end;
	const double value = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(value))
		myo_cli_usage("--%s: '%s' is not a number", o->name, text);
	if (value < o->min || value > o->max)
		myo_cli_usage("--%s: %s is not from %.7g to %.7g", o->name, text, o->min, o->max);
	*(double *)o->to = value;
}

static void
parse_bytes(const struct myo_opt *o, const char *text)
{
	static const char units[] = "KMGT";
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	bool good = end != text && strchr(text, '-') == NULL && errno == 0;
	if (good && *end != '\0') {
		const char *unit = strchr(units, *end);
		good = unit != NULL && end[1] == '\0';
		for (const char *u = units; good && u <= unit; u++) {
			good = value <= SIZE_MAX / 1024;
			value *= 1024;
		}
	}
	if (!good)
		myo_cli_usage("--%s: '%s' is not a size like 512, 64K, 100M or 2G", o->name, text);
	*(size_t *)o->to = (size_t)value;
}

static void
parse_choice(const struct myo_opt *o, const char *text)
{
	char known[256];
	size_t used = 0;

	for (int i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], text) == 0) {
			*(int *)o->to = i;
			return;
		}
		if (used < sizeof known)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
			    i == 0 ? "" : ", ", o->choices[i]);
	}
	myo_cli_usage("--%s: '%s' is none of %s", o->name, text, known);
}

/*
 * The values of an option that may be given several times. They are kept until the program ends, like the words of its
 * command line.
 */
struct list {
	struct list *next;
	const char *items[];
};

static struct list *lists;

static void
add_text(const struct myo_opt *o, const char *text)
{
	struct myo_texts *texts = o->to;
	struct list **at = &lists;
	struct myo_err err = MYO_ERR_INIT;

	while (*at != NULL && (*at)->items != texts->items)
		at = &(*at)->next;
	struct list *next = *at != NULL ? (*at)->next : NULL;
	struct list *list = myo_realloc(*at, 1, sizeof *list + (texts->count + 1) * sizeof *list->items, &err);
	if (list == NULL)
		exit(myo_cli_leave(MYO_FAIL, NULL, &err));
	list->next = next;
	list->items[texts->count++] = text;
	texts->items = list->items;
	*at = list;
}

void
cli_set(const struct myo_opt *o, const char *text)
{
	switch (o->kind) {
	case MYO_OPT_FLAG: *(bool *)o->to = true; return;
	case MYO_OPT_INT: parse_int(o, text); return;
	case MYO_OPT_U64: parse_u64(o, text); return;
	case MYO_OPT_REAL: parse_real(o, text); return;
	case MYO_OPT_TEXT: *(const char **)o->to = text; return;
	case MYO_OPT_BYTES: parse_bytes(o, text); return;
	case MYO_OPT_CHOICE: parse_choice(o, text); return;
	case MYO_OPT_LIST: add_text(o, text); return;
	case MYO_OPT_BESIDE:
	case MYO_OPT_END: return;
	}
}

/* ---- defaults ------------------------------------------------------------------------------- */

static size_t
size_of(const struct myo_opt *o)
{
	switch (o->kind) {
	case MYO_OPT_FLAG: return sizeof(bool);
	case MYO_OPT_INT: return sizeof(long);
	case MYO_OPT_U64: return sizeof(uint64_t);
	case MYO_OPT_REAL: return sizeof(double);
	case MYO_OPT_TEXT: return sizeof(const char *);
	case MYO_OPT_BYTES: return sizeof(size_t);
	case MYO_OPT_CHOICE: return sizeof(int);
	case MYO_OPT_LIST: return sizeof(struct myo_texts);
	case MYO_OPT_BESIDE:
	case MYO_OPT_END: break;
	}
	return 0;
}

void
cli_keep(const struct myo_opt *o, unsigned char kept[CLI_VALUE_SIZE])
{
	memcpy(kept, o->to, size_of(o));
}

void
cli_give_back(const struct myo_opt *o, const unsigned char kept[CLI_VALUE_SIZE])
{
	switch (o->kind) {
	case MYO_OPT_FLAG: *(bool *)o->to = false; return; /* off, even if the default is on */
	case MYO_OPT_LIST: ((struct myo_texts *)o->to)->count = 0; return; /* the array is used again */
	default: memcpy(o->to, kept, size_of(o));
	}
}
