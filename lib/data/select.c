/* Which pictures are wanted. */
#include "data/select.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- splits ---------------------------------------------------------------------------------- */

static int
find_split(const struct plan *plan, const char *split, int32_t *out, struct myo_err *err)
{
	char list[256] = "";
	size_t length = 0;

	*out = -1;
	if (plan->splits.count == 0) {
		if (split == NULL || strcmp(split, "all") == 0)
			return MYO_OK;
		return myo_fail(err, "isn't split, so there is no split '%s'", split);
	}
	for (size_t i = 0; i < plan->splits.count; i++) {
		if (split != NULL && strcmp(plan->splits.items[i], split) == 0) {
			*out = (int32_t)i;
			return MYO_OK;
		}
		if (length < sizeof list)
			length += (size_t)snprintf(list + length, sizeof list - length, "%s%s",
			    i > 0 ? ", " : "", plan->splits.items[i]);
	}
	if (split == NULL && plan->splits.count == 1) {
		*out = 0;
		return MYO_OK;
	}
	if (split == NULL)
		return myo_fail(err, "has several splits: choose one (%s) or all", list);
	return strcmp(split, "all") == 0 ? MYO_OK
					 : myo_fail(err, "has no split '%s'; it has %s", split, list);
}

/* ---- ids ------------------------------------------------------------------------------------- */

struct place {
	const char *name;
	uint32_t operand, prefix; /* see struct member */
	size_t first, count;      /* items of this member */
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *p = a, *q = b;
	const int order = strcmp(p->name, q->name);

	return order != 0 ? order : p->first < q->first ? -1 : p->first > q->first;
}

static int
twins(const char *name, struct myo_err *err)
{
	return myo_fail(err, "%s: there are two files of this path, as where a tar lies beside the folder that was "
	    "unpacked from it: take one away", name);
}

static int
compare_names(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	return strcmp(p->name, q->name);
}

/*
 * Within one operand no path may occur twice: it would be one picture taken for two, which could then come to both
 * sides of --holdout. A set that is named twice is wanted twice. A tar in a folder may have been unpacked right there,
 * so its paths are also compared without the tar's prefix.
 */
static int
check_twins(const struct place *places, size_t count, struct myo_err *err)
{
	for (size_t p = 1; p < count; p++)
		if (places[p].operand == places[p - 1].operand && strcmp(places[p].name, places[p - 1].name) == 0)
			return twins(places[p].name, err);
	for (size_t p = 0; p < count; p++) {
		const struct place inside = { .name = places[p].name + places[p].prefix };
		const struct place *twin = places[p].prefix > 0 ?
		    bsearch(&inside, places, count, sizeof *places, compare_names) : NULL;
		while (twin != NULL && twin > places && compare_names(twin - 1, &inside) == 0)
			twin--;
		for (; twin != NULL && twin < places + count && compare_names(twin, &inside) == 0; twin++)
			if (twin->operand == places[p].operand && twin->prefix == 0)
				return twins(twin->name, err);
	}
	return MYO_OK;
}

/* Items are in the order of the list; number them in the order of their paths. */
static int
number_items(struct plan *plan, const struct listing *listing, struct myo_err *err)
{
	struct place *places = myo_calloc(listing->count + 1, sizeof *places, err);
	size_t count = 0;
	int64_t id = 0;

	if (places == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->count; i++) {
		const struct member *member = &listing->members[plan->items[i].member];
		if (i == 0 || plan->items[i].member != plan->items[i - 1].member)
			places[count++] = (struct place){ member->name, member->operand, member->prefix, i, 0 };
		places[count - 1].count++;
	}
	qsort(places, count, sizeof *places, compare_places);
	for (size_t p = 0; p < count; p++)
		for (size_t i = 0; i < places[p].count; i++)
			plan->items[places[p].first + i].id = id++;
	const int rc = check_twins(places, count, err);
	free(places);
	return rc;
}

int
select_split(struct plan *plan, const struct listing *listing, const char *split, struct myo_err *err)
{
	int32_t wanted;
	size_t kept = 0;

	if (find_split(plan, split, &wanted, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < plan->count; i++)
		if (wanted < 0 || plan->items[i].split == wanted)
			plan->items[kept++] = plan->items[i];
	plan->count = kept;
	if (number_items(plan, listing, err) != MYO_OK)
		return MYO_FAIL;
	kept = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->items[i].unwanted)
			plan->items[kept++] = plan->items[i];
	plan->count = kept;
	return MYO_OK;
}

/* ---- classes -------------------------------------------------------------------------------------- */

static size_t
find_class(const struct names *classes, const char *name, size_t length)
{
	for (size_t k = 0; k < classes->count; k++)
		if (strncmp(classes->items[k], name, length) == 0 && classes->items[k][length] == '\0')
			return k;
	return classes->count;
}

static int
mark_classes(const struct names *classes, const char *list, bool *wanted, struct myo_err *err)
{
	size_t k = find_class(classes, list, strlen(list));

	if (classes->count == 0)
		return myo_fail(err, "its pictures have no labels, so there is no class '%s'", list);
	if (k < classes->count) {
		wanted[k] = true;
		return MYO_OK;
	}
	while (*list != '\0') {
		const size_t length = strcspn(list, ",");
		k = find_class(classes, list, length);
		if (k == classes->count)
			return myo_fail(err, "has no class '%.*s'; of its %zu the first is '%s'", (int)length, list,
			    classes->count, classes->items[0]);
		wanted[k] = true;
		list += length + (list[length] == ',');
	}
	return MYO_OK;
}

/* Keep items and names of the wanted classes. now[k]: new number of class k, or -1. */
static void
keep_classes(struct plan *plan, const bool *wanted, int32_t *now)
{
	struct names *classes = &plan->classes;
	size_t kept = 0;
	int32_t next = 0;

	for (size_t k = 0; k < classes->count; k++) {
		now[k] = wanted[k] ? next++ : -1;
		if (wanted[k])
			classes->items[now[k]] = classes->items[k];
		else
			free(classes->items[k]);
	}
	classes->count = (size_t)next;
	names_changed(classes);
	for (size_t i = 0; i < plan->count; i++) {
		const int32_t label = plan->items[i].label;
		if (label < 0 || now[label] < 0)
			continue;
		plan->items[kept] = plan->items[i];
		plan->items[kept++].label = now[label];
	}
	plan->count = kept;
}

int
select_classes(struct plan *plan, const char *const *names, size_t count, struct myo_err *err)
{
	bool *wanted = myo_calloc(plan->classes.count + 1, sizeof *wanted, err);
	int32_t *now = wanted != NULL ? myo_calloc(plan->classes.count + 1, sizeof *now, err) : NULL;
	int rc = now != NULL ? MYO_OK : MYO_FAIL;

	for (size_t i = 0; i < count && rc == MYO_OK; i++)
		rc = mark_classes(&plan->classes, names[i], wanted, err);
	if (rc == MYO_OK)
		keep_classes(plan, wanted, now);
	free(now);
	free(wanted);
	return rc;
}

/* ---- holding out -------------------------------------------------------------------------------- */

/* Whether picture number n of a class is the chosen one of its block. Block b begins at b / share, rounded up. */
static bool
is_held(int64_t n, double share, int32_t label, uint64_t seed)
{
	int64_t block = (int64_t)((double)n * share);

	while ((int64_t)ceil((double)(block + 1) / share) <= n)
		block++;
	while (block > 0 && (int64_t)ceil((double)block / share) > n)
		block--;
	const int64_t first = (int64_t)ceil((double)block / share), next = (int64_t)ceil((double)(block + 1) / share);
	struct myo_rng rng = myo_rng_at(seed, MYO_RNG_HOLDOUT, (uint64_t)(label + 2), (uint64_t)block);
	return n - first == (int64_t)myo_rng_below(&rng, (uint32_t)(next - first));
}

struct numbered {
	int64_t id;
	size_t item;
};

static int
compare_numbered(const void *a, const void *b)
{
	const struct numbered *p = a, *q = b;

	return p->id < q->id ? -1 : p->id > q->id;
}

/* held[i]: whether item i is held out. Ids have gaps where unwanted pictures were left out. */
static int
mark_held(const struct plan *plan, double share, uint64_t seed, bool *held, struct myo_err *err)
{
	struct numbered *order = myo_calloc(plan->count, sizeof *order, err);
	int64_t *seen = myo_calloc(plan->classes.count + 2, sizeof *seen, err); /* [label + 2], see quotas_of() */
	const int rc = order != NULL && seen != NULL ? MYO_OK : MYO_FAIL;

	for (size_t i = 0; rc == MYO_OK && i < plan->count; i++)
		order[i] = (struct numbered){ plan->items[i].id, i };
	if (rc == MYO_OK)
		qsort(order, plan->count, sizeof *order, compare_numbered);
	for (size_t k = 0; rc == MYO_OK && k < plan->count; k++) {
		const int32_t label = plan->items[order[k].item].label;
		held[order[k].item] = is_held(seen[label + 2]++, share, label, seed);
	}
	free(seen);
	free(order);
	return rc;
}

int
select_holdout(struct plan *plan, double share, bool held_out, uint64_t seed, struct myo_err *err)
{
	bool *held = myo_calloc(plan->count, sizeof *held, err);
	const int rc = held != NULL ? mark_held(plan, share, seed, held, err) : MYO_FAIL;
	size_t kept = 0;

	for (size_t i = 0; rc == MYO_OK && i < plan->count; i++)
		if (held[i] == held_out)
			plan->items[kept++] = plan->items[i];
	plan->count = rc == MYO_OK ? kept : plan->count;
	free(held);
	return rc;
}

/* ---- limits ---------------------------------------------------------------------------------- */

/*
 * Lower the quotas until their sum is the limit, the largest first: as if pictures were taken
 * from each class in turn.
 */
static void
share_limit(int64_t *quotas, size_t classes, int64_t limit)
{
	int64_t sum = 0, level = 0, below;

	/* Find the highest level such that quotas cut to it fit the limit. */
	for (size_t k = 0; k < classes; k++)
		sum += quotas[k];
	if (sum <= limit)
		return;
	int64_t low = 0, high = limit;
	while (low < high) {
		level = low + (high - low + 1) / 2;
		sum = 0;
		for (size_t k = 0; k < classes && sum <= limit; k++)
			sum += quotas[k] < level ? quotas[k] : level;
		if (sum <= limit)
			low = level;
		else
			high = level - 1;
	}
	below = limit;
	for (size_t k = 0; k < classes; k++)
		below -= quotas[k] < low ? quotas[k] : low;
	/* What is left goes to the first classes above that level, one each. */
	for (size_t k = 0; k < classes; k++)
		if (quotas[k] > low)
			quotas[k] = low + (below-- > 0 ? 1 : 0);
}

/* How many pictures the limits leave of each label, [label + 2]: label is -2 if broken, -1 if there is none. */
static int64_t *
quotas_of(const struct plan *plan, int64_t per_class, int64_t limit, struct myo_err *err)
{
	const size_t classes = plan->classes.count + 2;
	int64_t *quotas = myo_calloc(classes, sizeof *quotas, err);

	if (quotas == NULL)
		return NULL;
	for (size_t i = 0; i < plan->count; i++)
		quotas[plan->items[i].label + 2]++;
	for (size_t k = 0; k < classes; k++)
		if (per_class > 0 && quotas[k] > per_class)
			quotas[k] = per_class;
	if (limit > 0)
		share_limit(quotas, classes, limit);
	return quotas;
}

/* Keep the first pictures of each class, as many as its quota; or (first false) only the others. */
static void
keep_first(struct plan *plan, int64_t *quotas, bool first)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->count; i++)
		if ((quotas[plan->items[i].label + 2]-- > 0) == first)
			plan->items[kept++] = plan->items[i];
	plan->count = kept;
}

int
select_limits(struct plan *plan, int64_t per_class, int64_t limit, struct myo_err *err)
{
	int64_t *quotas = quotas_of(plan, per_class, limit, err);

	if (quotas == NULL)
		return MYO_FAIL;
	keep_first(plan, quotas, true);
	free(quotas);
	return MYO_OK;
}

int
select_skip(struct plan *plan, int64_t skip, struct myo_err *err)
{
	int64_t *quotas = skip > 0 ? quotas_of(plan, 0, skip, err) : NULL;

	if (quotas == NULL)
		return skip > 0 ? MYO_FAIL : MYO_OK;
	keep_first(plan, quotas, false);
	free(quotas);
	return MYO_OK;
}
