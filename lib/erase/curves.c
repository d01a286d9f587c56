/* Curves and areas from a network's predictions for erased pictures. */
#include "erase/erase.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct myo_erase_curves {
	const char *mode, *order;
	size_t steps, classes, each; /* each: maps per image, which follow each other */
	uint64_t seed;
	size_t maps, at;    /* whole curves so far, and rows of the next one */
	double *curve;      /* [steps + 1], of the current map */
	double *sum;        /* [steps + 1] */
	double area, times[MYO_HEAT_RESAMPLINGS], areas[MYO_HEAT_RESAMPLINGS]; /* sums */
};

/* Which of some names a header has under a key; NULL: none. So only our own names are printed. */
static const char *
find_name(const struct myo_header *header, const char *key, const char *const *names)
{
	const char *const text = myo_header_get(header, key);

	while (text != NULL && *names != NULL && strcmp(*names, text) != 0)
		names++;
	return text != NULL ? *names : NULL;
}

int
myo_erase_curves_new(const struct myo_header *predictions, uint64_t seed, struct myo_erase_curves **out,
    struct myo_err *err)
{
	const char *const mode = find_name(predictions, "erase", myo_erase_modes);
	const char *const order = find_name(predictions, "order", myo_erase_orders);
	struct myo_erase_curves *c;
	int64_t steps, each;

	*out = NULL;
	if (mode == NULL || order == NULL)
		return myo_fail(err, "predictions of other pictures than myopic-erase makes");
	if (myo_header_get(predictions, "tile") != NULL)
		return myo_fail(err, "predictions of tiles: myopic-mean makes one of each picture of them");
	if (myo_header_get_int(predictions, "steps", 1, 10000, 1, &steps, err) != MYO_OK ||
	    myo_header_get_int(predictions, "top", 1, INT32_MAX, 1, &each, err) != MYO_OK)
		return MYO_FAIL;
	c = myo_calloc(1, sizeof *c, err);
	if (c == NULL)
		return MYO_FAIL;
	c->steps = (size_t)steps;
	c->each = (size_t)each;
	c->classes = predictions->class_count;
	c->seed = seed;
	c->mode = mode;
	c->order = order;
	c->curve = myo_calloc(c->steps + 1, sizeof *c->curve, err);
	c->sum = myo_calloc(c->steps + 1, sizeof *c->sum, err);
	if (c->curve == NULL || c->sum == NULL) {
		myo_erase_curves_free(c);
		return MYO_FAIL;
	}
	*out = c;
	return MYO_OK;
}

void
myo_erase_curves_free(struct myo_erase_curves *curves)
{
	if (curves == NULL)
		return;
	free(curves->curve);
	free(curves->sum);
	free(curves);
}

/* ---- adding ----------------------------------------------------------------------------------- */

static void
add_curve(struct myo_erase_curves *c)
{
	struct myo_rng rng = myo_rng_at(c->seed, MYO_RNG_RESAMPLE, c->maps / c->each, 0); /* of the image */
	double area = 0;

	for (size_t s = 0; s <= c->steps; s++) {
		c->sum[s] += c->curve[s];
		if (s > 0)
			area += (c->curve[s - 1] + c->curve[s]) / 2 / (double)c->steps;
	}
	c->area += area;
	for (int r = 0; r < MYO_HEAT_RESAMPLINGS; r++) {
		const double times = myo_rng_poisson(&rng);
		c->times[r] += times;
		c->areas[r] += times * area;
	}
	c->maps++;
	c->at = 0;
}

int
myo_erase_curves_add(struct myo_erase_curves *c, const struct myo_record *record, struct myo_err *err)
{
	const struct myo_tensor *logits, *label, *id;

	if (myo_record_need(record, "logits", MYO_F32, 2, &c->classes, &logits, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const float *const values = (const float *)logits->data + row * c->classes;
		const int64_t number = ((const int64_t *)id->data)[row];
		const int32_t of = ((const int32_t *)label->data)[row];
		double sum = 0;
		if (number != (int64_t)(c->maps * (c->steps + 1) + c->at))
			return myo_fail(err,
			    "picture %lld stands where picture %zu should: rows are missing or in another order",
			    (long long)number, c->maps * (c->steps + 1) + c->at);
		if (of < 0 || (size_t)of >= c->classes)
			return myo_fail(err, "picture %lld has label %d of %zu classes", (long long)number,
			    of, c->classes);
		for (size_t k = 0; k < c->classes; k++) {
			if (!isfinite(values[k]))
				return myo_fail(err, "picture %lld has a logit that is not finite", (long long)number);
			sum += exp((double)values[k] - (double)values[of]);
		}
		c->curve[c->at] = 1 / sum;
		if (c->at++ == c->steps)
			add_curve(c);
	}
	return MYO_OK;
}

/* ---- results ------------------------------------------------------------------------------------ */

/* The mean area, and the middle 95% of the resampled ones; NaN with few images. */
static int
area_of(const struct myo_erase_curves *c, double *area, double *low, double *high, struct myo_err *err)
{
	double sorted[MYO_HEAT_RESAMPLINGS];
	size_t count = 0;

	if (c->maps == 0 && c->at == 0)
		return myo_fail(err, "there are no predictions");
	if (c->at != 0 || c->maps % c->each != 0)
		return myo_fail(err, "the last image's pictures are not all there");
	for (int r = 0; r < MYO_HEAT_RESAMPLINGS; r++)
		if (c->times[r] > 0)
			sorted[count++] = c->areas[r] / c->times[r];
	*area = c->area / (double)c->maps;
	*low = *high = NAN;
	if (c->maps >= MYO_HEAT_IMAGES_LEAST * c->each)
		myo_heat_middle(sorted, count, low, high);
	return MYO_OK;
}

static void
put_bound(FILE *to, double bound)
{
	if (isnan(bound))
		(void)fprintf(to, "\tNA");
	else
		(void)fprintf(to, "\t%.4f", bound);
}

int
myo_erase_curves_text(FILE *to, const struct myo_erase_curves *c, struct myo_err *err)
{
	double area, low, high;

	if (area_of(c, &area, &low, &high, err) != MYO_OK)
		return MYO_FAIL;
	(void)fprintf(to, "share\tprobability\tmode\torder\tmaps\tarea\tlow\thigh\n");
	for (size_t s = 0; s <= c->steps; s++) {
		(void)fprintf(to, "%.4f\t%.4f\t%s\t%s\t%zu\t%.4f", (double)s / (double)c->steps,
		    c->sum[s] / (double)c->maps, c->mode, c->order, c->maps, area);
		put_bound(to, low);
		put_bound(to, high);
		(void)fprintf(to, "\n");
	}
	return MYO_OK;
}

static json_t *
bound_json(double bound)
{
	return isnan(bound) ? json_null() : json_real(bound);
}

int
myo_erase_curves_json(FILE *to, const struct myo_erase_curves *c, struct myo_err *err)
{
	double area, low, high;

	if (area_of(c, &area, &low, &high, err) != MYO_OK)
		return MYO_FAIL;
	json_t *const points = json_array();
	bool whole = points != NULL;
	for (size_t s = 0; whole && s <= c->steps; s++)
		whole = json_array_append_new(points, json_pack("[f, f]", (double)s / (double)c->steps,
		    c->sum[s] / (double)c->maps)) == 0;
	json_t *const all = whole
	    ? json_pack("{s:s, s:s, s:I, s:f, s:[o, o], s:O}", "mode", c->mode, "order", c->order, "maps",
	    (json_int_t)c->maps, "area",
	      area, "interval", bound_json(low), bound_json(high), "curve", points)
	    : NULL;
	json_decref(points);
	if (all == NULL)
		return myo_fail_memory(err, (c->steps + 1) * sizeof *c->sum);
	char *const text = myo_json_text(all, JSON_REAL_PRECISION(9), err);
	json_decref(all);
	if (text == NULL)
		return MYO_FAIL;
	(void)fprintf(to, "%s\n", text);
	free(text);
	return MYO_OK;
}
