/* Scores of many maps by class, with intervals for the chance in the choice of the images. */
#include "heat/heat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const myo_heat_measure_names[MYO_HEAT_MEASURES] = { "energy", "area", "lift", "others", "own",
	"pointing", "centre", "rank", "roc", "iou" };

/* Sums over maps. Not every measure is known of every map, so some have counts of their own. Ratios have no sums. */
struct sums {
	double maps, with_energy, with_others, with_roc;
	double value[MYO_HEAT_MEASURES];
};

struct of_class {
	size_t maps, empty;
	double iou[MYO_HEAT_THRESHOLDS];
	struct sums sums, *again; /* again [MYO_HEAT_RESAMPLINGS]; NULL before the first map */
};

struct myo_heat_scores {
	size_t classes;
	uint64_t seed;
	struct of_class *of; /* [classes] */
	size_t images;       /* fewer than maps if an image has several, which follow each other */
	int64_t last;        /* id of the last image */
};

int
myo_heat_scores_new(size_t classes, uint64_t seed, struct myo_heat_scores **out, struct myo_err *err)
{
	struct myo_heat_scores *const scores = myo_calloc(1, sizeof *scores, err);

	if (scores == NULL)
		return MYO_FAIL;
	scores->classes = classes;
	scores->seed = seed;
	scores->of = myo_calloc(classes > 0 ? classes : 1, sizeof *scores->of, err);
	if (scores->of == NULL) {
		free(scores);
		return MYO_FAIL;
	}
	*out = scores;
	return MYO_OK;
}

void
myo_heat_scores_free(struct myo_heat_scores *scores)
{
	if (scores == NULL)
		return;
	for (size_t k = 0; k < scores->classes; k++)
		free(scores->of[k].again);
	free(scores->of);
	free(scores);
}

/* ---- adding --------------------------------------------------------------------------------- */

static void
add(struct sums *sums, const struct myo_heat_score *score, double weight)
{
	const bool has_energy = !isnan(score->value[MYO_HEAT_ENERGY]);

	sums->maps += weight;
	for (int m = 0; m < MYO_HEAT_MEASURES; m++)
		sums->value[m] += isnan(score->value[m]) ? 0 : weight * score->value[m];
	sums->with_energy += has_energy ? weight : 0;
	sums->with_others += isnan(score->value[MYO_HEAT_OTHERS]) ? 0 : weight;
	sums->with_roc += isnan(score->value[MYO_HEAT_ROC]) ? 0 : weight;
}

static void
count_image(struct myo_heat_scores *scores, int64_t id)
{
	scores->images += scores->images == 0 || id != scores->last;
	scores->last = id;
}

int
myo_heat_scores_add(struct myo_heat_scores *scores, const struct myo_heat_map *map,
    const struct myo_heat_image *image, struct myo_err *err)
{
	struct of_class *const of = &scores->of[map->about];
	struct myo_heat_score score;
	const int status = myo_heat_score(map, image, &score, err);

	if (status != MYO_OK)
		return status == MYO_END ? MYO_OK : MYO_FAIL;
	if (of->again == NULL && (of->again = myo_calloc(MYO_HEAT_RESAMPLINGS, sizeof *of->again, err)) == NULL)
		return MYO_FAIL;
	count_image(scores, map->id);
	of->maps++;
	of->empty += isnan(score.value[MYO_HEAT_ENERGY]) != 0;
	for (int i = 0; i < MYO_HEAT_THRESHOLDS; i++)
		of->iou[i] += score.iou[i];
	add(&of->sums, &score, 1);
	struct myo_rng rng = myo_rng_at(scores->seed, MYO_RNG_RESAMPLE, (uint64_t)map->id, 0);
	for (int r = 0; r < MYO_HEAT_RESAMPLINGS; r++) {
		const double times = myo_rng_poisson(&rng);
		if (times > 0)
			add(&of->again[r], &score, times);
	}
	return MYO_OK;
}

/* ---- lines ------------------------------------------------------------------------------------ */

static double
known_of(const struct sums *sums, int m)
{
	switch (m) {
	case MYO_HEAT_ENERGY:
	case MYO_HEAT_AREA:
		return sums->with_energy;
	case MYO_HEAT_OTHERS:
		return sums->with_others;
	case MYO_HEAT_ROC:
		return sums->with_roc;
	default:
		return sums->maps;
	}
}

/* Means from sums; NaN if there are no maps. */
static void
means(const struct sums *sums, double out[MYO_HEAT_MEASURES])
{
	for (int m = 0; m < MYO_HEAT_MEASURES; m++)
		out[m] = sums->value[m] / known_of(sums, m);
	out[MYO_HEAT_LIFT] = out[MYO_HEAT_ENERGY] / out[MYO_HEAT_AREA];
	out[MYO_HEAT_OWN] = out[MYO_HEAT_ENERGY] / out[MYO_HEAT_OTHERS];
}

/*
 * The same for all classes: the mean of their means. again: the number of a resampling; -1: the maps as they are. In a
 * resampling a class of few images is weighted by how many of its maps were drawn, since one of a single image, say,
 * could only have its one value or be missing.
 */
static void
means_of_classes(const struct myo_heat_scores *scores, int again, double out[MYO_HEAT_MEASURES])
{
	double weight[MYO_HEAT_MEASURES] = { 0 };

	memset(out, 0, MYO_HEAT_MEASURES * sizeof *out);
	for (size_t k = 0; k < scores->classes; k++) {
		const struct of_class *const of = &scores->of[k];
		if (of->maps == 0)
			continue;
		const struct sums *const sums = again < 0 ? &of->sums : &of->again[again];
		for (int m = 0; m < MYO_HEAT_MEASURES; m++) {
			const double known = known_of(&of->sums, m), drawn = known_of(sums, m);
			const double share = known >= MYO_HEAT_IMAGES_LEAST ? 1 : drawn / known;
			if (drawn > 0) {
				out[m] += share * sums->value[m] / drawn;
				weight[m] += share;
			}
		}
	}
	for (int m = 0; m < MYO_HEAT_MEASURES; m++)
		out[m] /= weight[m];
	out[MYO_HEAT_LIFT] = out[MYO_HEAT_ENERGY] / out[MYO_HEAT_AREA];
	out[MYO_HEAT_OWN] = out[MYO_HEAT_ENERGY] / out[MYO_HEAT_OTHERS];
}

static void
line_means(const struct myo_heat_scores *scores, size_t index, int again, double out[MYO_HEAT_MEASURES])
{
	if (index < scores->classes)
		means(again < 0 ? &scores->of[index].sums : &scores->of[index].again[again], out);
	else
		means_of_classes(scores, again, out);
}

static int
by_size(const void *a, const void *b)
{
	const double s = *(const double *)a, t = *(const double *)b;

	return (s > t) - (s < t);
}

void
myo_heat_middle(double *values, size_t count, double *low, double *high)
{
	static const double outside = 0.025;

	qsort(values, count, sizeof *values, by_size);
	*low = values[(size_t)(outside * (double)(count - 1))];
	*high = values[(size_t)ceil((1 - outside) * (double)(count - 1))];
}

/*
 * Wilson's interval, for measures that are 0 or 1: if all images agree, so they do in any resampling, though few of
 * them prove little.
 */
static void
interval_of_hits(struct myo_heat_line *out, enum myo_heat_measure m)
{
	myo_wilson(out->value[m] * (double)out->maps, (double)out->maps, &out->low[m], &out->high[m]);
}

/*
 * Whether a measure is known of enough images. With few, resamplings vary too little: with three, the 95%
 * interval of a mean holds the true value 72 times out of 100, with five 87 times.
 */
static bool
can_vary(const struct myo_heat_scores *scores, size_t index, int m)
{
	double known = 0;

	for (size_t k = 0; k < scores->classes; k++)
		if (k == index || index >= scores->classes)
			known += known_of(&scores->of[k].sums, m == MYO_HEAT_LIFT ? MYO_HEAT_AREA :
			    m == MYO_HEAT_OWN ? MYO_HEAT_OTHERS : m);
	return known >= MYO_HEAT_IMAGES_LEAST && (double)scores->images >= MYO_HEAT_IMAGES_LEAST;
}

/*
 * The middle 95% of the resamplings of each measure; NaN if too few of these have it, or it is known of too few images.
 * Measures of hits have Wilson's interval for a class, and over all classes none if all resamplings agree.
 */
static void
intervals(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out)
{
	double sorted[MYO_HEAT_MEASURES][MYO_HEAT_RESAMPLINGS];
	size_t count[MYO_HEAT_MEASURES] = { 0 };

	for (int r = 0; r < MYO_HEAT_RESAMPLINGS; r++) {
		double one[MYO_HEAT_MEASURES];
		line_means(scores, index, r, one);
		for (int m = 0; m < MYO_HEAT_MEASURES; m++)
			if (!isnan(one[m]))
				sorted[m][count[m]++] = one[m];
	}
	for (int m = 0; m < MYO_HEAT_MEASURES; m++) {
		out->low[m] = out->high[m] = NAN;
		if (count[m] >= MYO_HEAT_RESAMPLINGS / 2 && can_vary(scores, index, m))
			myo_heat_middle(sorted[m], count[m], &out->low[m], &out->high[m]);
		const bool hits = m == MYO_HEAT_POINTING || m == MYO_HEAT_CENTRE;
		if (hits && index < scores->classes)
			interval_of_hits(out, (enum myo_heat_measure)m);
		else if (hits && out->low[m] >= out->high[m])
			out->low[m] = out->high[m] = NAN;
	}
}

/* The threshold that is best for all of a line's maps together. */
static void
best_overlap(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out)
{
	const size_t from = index < scores->classes ? index : 0, to = index < scores->classes ? index + 1 :
	    scores->classes;

	for (int i = 0; i < MYO_HEAT_THRESHOLDS; i++) {
		double sum = 0, classes = 0;
		for (size_t k = from; k < to; k++) {
			if (scores->of[k].maps > 0) {
				sum += scores->of[k].iou[i] / (double)scores->of[k].maps;
				classes++;
			}
		}
		if (sum / classes > out->best_iou || i == 0) {
			out->best_iou = sum / classes;
			out->best_threshold = (double)(i + 1) / (MYO_HEAT_THRESHOLDS + 1);
		}
	}
}

int
myo_heat_scores_line(const struct myo_heat_scores *scores, size_t index, struct myo_heat_line *out)
{
	*out = (struct myo_heat_line){ 0 };
	for (size_t k = 0; k < scores->classes; k++) {
		if (k == index || index >= scores->classes) {
			out->maps += scores->of[k].maps;
			out->empty += scores->of[k].empty;
		}
	}
	if (out->maps == 0)
		return MYO_END;
	line_means(scores, index, -1, out->value);
	intervals(scores, index, out);
	best_overlap(scores, index, out);
	return MYO_OK;
}
