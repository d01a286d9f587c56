/* Two sets of predictions of the same images: do they choose alike, and is one better than the other? */
#include "score/score.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* What the first set has for an image. */
struct seen {
	int64_t id;
	int32_t label;
	uint32_t choice; /* 1 + the class; 0: the slot is empty */
	bool met;        /* the second set has it, too */
};

struct myo_against {
	char *name;
	size_t classes;
	struct seen *images; /* hash table by id, open addressing */
	size_t count, room;  /* images of the first set; size of the table, a power of two and more than twice that */

	int64_t met, same; /* images in both sets; those with the same choice */
	int64_t both, only_these, only_those, neither_same;
	int64_t *these, *those; /* [classes], how often each set chooses each class */
};

int
myo_against_new(const char *name, size_t classes, struct myo_against **out, struct myo_err *err)
{
	struct myo_against *a = myo_calloc(1, sizeof *a, err);

	*out = a;
	if (a == NULL)
		return MYO_FAIL;
	a->classes = classes;
	if ((a->name = myo_strdup(name, err)) == NULL ||
	    (a->these = myo_calloc(classes, sizeof *a->these, err)) == NULL ||
	    (a->those = myo_calloc(classes, sizeof *a->those, err)) == NULL) {
		myo_against_free(a);
		*out = NULL;
		return MYO_FAIL;
	}
	return MYO_OK;
}

void
myo_against_free(struct myo_against *against)
{
	if (against == NULL)
		return;
	free(against->name);
	free(against->images);
	free(against->these);
	free(against->those);
	free(against);
}

/* ---- images by id ------------------------------------------------------------------------------ */

/* The slot that holds an image, or the empty one where it belongs. */
static struct seen *
find(const struct myo_against *a, int64_t id)
{
	size_t at = myo_ids_hash((uint64_t)id) & (a->room - 1);

	while (a->images[at].choice != 0 && a->images[at].id != id)
		at = (at + 1) & (a->room - 1);
	return &a->images[at];
}

static int
grow(struct myo_against *a, struct myo_err *err)
{
	struct myo_against larger = *a;

	larger.room = a->room > 0 ? 2 * a->room : 1024;
	larger.images = myo_calloc(larger.room, sizeof *larger.images, err);
	if (larger.images == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < a->room; i++)
		if (a->images[i].choice != 0)
			*find(&larger, a->images[i].id) = a->images[i];
	free(a->images);
	*a = larger;
	return MYO_OK;
}

int
myo_against_those(void *against, const struct myo_score_image *image, struct myo_err *err)
{
	struct myo_against *a = against;

	if (image->choice >= a->classes)
		return myo_fail(err, "image %lld is taken for class %zu of %zu", (long long)image->id,
		    image->choice, a->classes);
	if (2 * (a->count + 1) > a->room && grow(a, err) != MYO_OK)
		return MYO_FAIL;
	*find(a, image->id) = (struct seen){ .id = image->id, .label = image->label,
		.choice = (uint32_t)image->choice + 1 };
	a->count++;
	return MYO_OK;
}

int
myo_against_these(void *against, const struct myo_score_image *image, struct myo_err *err)
{
	struct myo_against *a = against;
	struct seen *that = a->room > 0 ? find(a, image->id) : NULL;

	if (image->choice >= a->classes)
		return myo_fail(err, "image %lld is taken for class %zu of %zu", (long long)image->id,
		    image->choice, a->classes);
	if (that == NULL || that->choice == 0)
		return myo_fail(err, "image %lld is not in %s", (long long)image->id, a->name);
	if (that->label != image->label)
		return myo_fail(err, "image %lld has label %d, and %d in %s: these are other images",
		    (long long)image->id, image->label, that->label, a->name);
	const size_t choice = image->choice, others = that->choice - 1;
	const bool right = choice == (size_t)image->label, that_right = others == (size_t)image->label;
	that->met = true;
	a->met++;
	a->same += choice == others;
	a->both += right && that_right;
	a->only_these += right && !that_right;
	a->only_those += !right && that_right;
	a->neither_same += !right && choice == others;
	a->these[choice]++;
	a->those[others]++;
	return MYO_OK;
}

/* ---- what came out ------------------------------------------------------------------------------ */

/*
 * J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960): the
 * agreement beyond chance, relative to the most that is possible beyond chance; chance being the agreement of two that
 * choose each class as often as these do, independently of each other.
 */
static double
kappa_of(const struct myo_against *a)
{
	const double n = (double)a->met;
	double chance = 0;

	for (size_t k = 0; k < a->classes; k++)
		chance += (double)a->these[k] / n * ((double)a->those[k] / n);
	return chance < 1 ? ((double)a->same / n - chance) / (1 - chance) : NAN;
}

/*
 * Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
 * Psychometrika 12 (1947), in its exact form: if neither is better, then where only one is right, it is either with
 * equal chance. Both tails of the binomial distribution, for any number of images, so that no threshold and no
 * continuity correction are needed.
 */
double
myo_mcnemar(int64_t one, int64_t other)
{
	const double n = (double)one + (double)other, least = one < other ? (double)one : (double)other;
	double sum = 0;

	if (one == other)
		return 1;
	/* From the largest term, C(n, least) / 2^n, downwards; the terms fall ever faster. */
	double term = exp(lgamma(n + 1) - lgamma(least + 1) - lgamma(n - least + 1) - n * log(2));
	for (double i = least; i >= 0 && term > sum * 1e-17; i--) {
		sum += term;
		term *= i / (n - i + 1);
	}
	return 2 * sum < 1 ? fmax(2 * sum, DBL_MIN) : 1; /* not 0, even if it underflows */
}

/* The lowest id of the images that only the first set has. */
static int64_t
first_alone(const struct myo_against *a)
{
	int64_t id = INT64_MAX;

	for (size_t i = 0; i < a->room; i++)
		if (a->images[i].choice != 0 && !a->images[i].met && a->images[i].id < id)
			id = a->images[i].id;
	return id;
}

static void
difference(struct myo_agreement *a)
{
	static const double quantile = 1.959963984540054;
	const double n = (double)a->images + 2;
	const double these = (double)a->only_these + 0.5, those = (double)a->only_those + 0.5;
	const double middle = (these - those) / n, beside = these + those - (these - those) * (these - those) / n;
	const double reach = quantile * sqrt(beside) / n;

	a->difference = ((double)a->only_these - (double)a->only_those) / (double)a->images;
	a->low = fmax(-1, middle - reach);
	a->high = fmin(1, middle + reach);
}

int
myo_against_result(const struct myo_against *a, struct myo_agreement *out, struct myo_err *err)
{
	if (a->met < (int64_t)a->count)
		return myo_fail(err, "%lld of the %zu images in %s are missing, the first is %lld",
		    (long long)a->count - (long long)a->met, a->count, a->name, (long long)first_alone(a));
	if (a->met == 0)
		return myo_fail(err, "there are no images to compare");
	*out = (struct myo_agreement){ .images = a->met, .same = myo_share_of(a->same, a->met), .kappa = kappa_of(a),
		.these = myo_share_of(a->both + a->only_these, a->met),
		.those = myo_share_of(a->both + a->only_those, a->met),
		.both = a->both, .only_these = a->only_these, .only_those = a->only_those,
		.neither = a->met - a->both - a->only_these - a->only_those, .neither_same = a->neither_same,
		.p = myo_mcnemar(a->only_these, a->only_those) };
	difference(out);
	return MYO_OK;
}
