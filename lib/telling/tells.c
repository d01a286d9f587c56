/* The most telling tiles of a data set. */
#include "telling/telling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tiles in order, the most telling first. */
struct list {
	size_t count;
	struct myo_tell *tells; /* [each] */
};

struct myo_telling {
	size_t classes, each;
	struct myo_heat_grid grid;
	double *odds;       /* [classes], of one row */
	struct list *lists; /* [classes, MYO_TELLS] */
};

int
myo_telling_new(size_t classes, const struct myo_heat_grid *grid, size_t each, struct myo_telling **out,
    struct myo_err *err)
{
	struct myo_telling *const t = myo_calloc(1, sizeof *t, err);
	size_t lists;

	*out = NULL;
	if (t == NULL)
		return MYO_FAIL;
	t->classes = classes;
	t->each = each;
	t->grid = *grid;
	t->odds = myo_calloc(classes, sizeof *t->odds, err);
	if (t->odds == NULL || !myo_mul(classes, MYO_TELLS, &lists) ||
	    (t->lists = myo_calloc(lists, sizeof *t->lists, err)) == NULL) {
		myo_telling_free(t);
		return MYO_FAIL;
	}
	*out = t;
	return MYO_OK;
}

void
myo_telling_free(struct myo_telling *telling)
{
	if (telling == NULL)
		return;
	for (size_t i = 0; telling->lists != NULL && i < telling->classes * MYO_TELLS; i++)
		free(telling->lists[i].tells);
	free(telling->lists);
	free(telling->odds);
	free(telling);
}

double
myo_tell_probability(double odds)
{
	return 1 / (1 + exp(-odds));
}

/*
 * Log-odds of all classes, out [classes]: the logit minus the logarithm of the sum of exp over the others. That sum
 * can't be found by subtracting the class from the sum over all, which may be nearly equal. MYO_FAIL when a logit is
 * not finite.
 */
static int
odds_of(const float *logits, size_t classes, double *out)
{
	size_t first = 0, second = classes > 1 ? 1 : 0;
	double sum = 0;

	for (size_t k = 0; k < classes; k++) {
		if (!isfinite(logits[k]))
			return MYO_FAIL;
		if (logits[k] > logits[first])
			first = k;
	}
	if (first == second)
		second = 0;
	for (size_t k = 0; k < classes; k++)
		if (k != first && logits[k] > logits[second])
			second = k;
	for (size_t k = 0; k < classes; k++)
		sum += k != first ? exp((double)logits[k] - (double)logits[second]) : 0;
	const double others = classes > 1 ? (double)logits[second] + log(sum) : -INFINITY; /* of the first one */
	for (size_t k = 0; k < classes; k++) {
		if (k == first) {
			out[k] = (double)logits[k] - others;
			continue;
		}
		/* relative to the largest, which adds 1: beside that the digits lost by subtracting don't matter */
		const double rest =
		    exp(others - (double)logits[first]) - exp((double)logits[k] - (double)logits[first]);
		out[k] = (double)logits[k] - (double)logits[first] - log1p(fmax(0, rest));
	}
	return MYO_OK;
}

/* How telling a tile is as one of this kind. */
static double
weight(const struct myo_tell *tell, enum myo_tells kind)
{
	return kind == MYO_TELLS_AGAINST ? -tell->odds : tell->odds;
}

static int
offer(struct myo_telling *t, struct list *list, enum myo_tells kind, const struct myo_tell *tell, struct myo_err *err)
{
	const double telling = weight(tell, kind);
	size_t at = list->count, old = list->count;

	if (list->count == t->each && !(telling > weight(&list->tells[list->count - 1], kind)))
		return MYO_OK;
	if (list->tells == NULL && (list->tells = myo_calloc(t->each, sizeof *list->tells, err)) == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < list->count; i++)
		if (list->tells[i].id == tell->id)
			old = i;
	while (at > 0 && telling > weight(&list->tells[at - 1], kind))
		at--;
	if (at > old)
		return MYO_OK; /* the image has a tile in the list that tells no less */
	if (old == list->count && list->count < t->each)
		list->count++;
	else if (old == list->count)
		old--; /* the last one goes */
	if (old > at)
		memmove(list->tells + at + 1, list->tells + at, (old - at) * sizeof *list->tells);
	list->tells[at] = *tell;
	return MYO_OK;
}

static size_t
largest_other(const double *odds, size_t classes, size_t but)
{
	size_t best = but == 0 ? 1 : 0;

	for (size_t k = 0; k < classes; k++)
		if (k != but && odds[k] > odds[best])
			best = k;
	return best;
}

static int
offer_row(struct myo_telling *t, struct myo_tell *tell, struct myo_err *err)
{
	const size_t label = (size_t)tell->label;
	struct list *const lists = &t->lists[label * MYO_TELLS];

	tell->about = tell->label;
	tell->odds = t->odds[label];
	if (offer(t, &lists[MYO_TELLS_FOR], MYO_TELLS_FOR, tell, err) != MYO_OK ||
	    offer(t, &lists[MYO_TELLS_AGAINST], MYO_TELLS_AGAINST, tell, err) != MYO_OK)
		return MYO_FAIL;
	if (t->classes < 2)
		return MYO_OK;
	tell->about = (int32_t)largest_other(t->odds, t->classes, label);
	tell->odds = t->odds[tell->about];
	return offer(t, &lists[MYO_TELLS_WRONG], MYO_TELLS_WRONG, tell, err);
}

int
myo_telling_add(struct myo_telling *t, const struct myo_record *record, struct myo_err *err)
{
	static const char *const names[] = { "label", "y", "x", "height", "width" };
	const struct myo_tensor *logits, *id, *column[MYO_COUNT(names)];

	if (myo_record_need(record, "logits", MYO_F32, 2, &t->classes, &logits, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < MYO_COUNT(names); i++)
		if (myo_record_need(record, names[i], MYO_I32, 1, NULL, &column[i], err) != MYO_OK)
			return MYO_FAIL;
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		int32_t value[MYO_COUNT(names)];
		for (size_t i = 0; i < MYO_COUNT(names); i++)
			value[i] = ((const int32_t *)column[i]->data)[row];
		struct myo_tell tell = { .id = ((const int64_t *)id->data)[row], .label = value[0], .y = value[1],
			.x = value[2], .height = value[3], .width = value[4] };
		if (tell.label < 0)
			continue;
		if ((size_t)tell.label >= t->classes)
			return myo_fail(err, "image %lld has label %d of %zu classes", (long long)tell.id,
			    tell.label, t->classes);
		if (odds_of((const float *)logits->data + row * t->classes, t->classes, t->odds) != MYO_OK)
			return myo_fail(err, "image %lld: the tile at y %d, x %d has a logit that is not finite",
			    (long long)tell.id, tell.y, tell.x);
		if (!myo_heat_leaves(&t->grid, tell.y, tell.x, tell.height, tell.width) &&
		    offer_row(t, &tell, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

const struct myo_tell *
myo_telling_get(const struct myo_telling *telling, size_t class_number, enum myo_tells kind, size_t n)
{
	const struct list *const list = &telling->lists[class_number * MYO_TELLS + (size_t)kind];

	return n < list->count ? &list->tells[n] : NULL;
}
