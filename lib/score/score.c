/* Sums over predictions, row by row and image by image. */
#include "score/score.h"
#include "score/ids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct image {
	int64_t id;
	int64_t rows;
	int32_t label;
};

/* Images that are done with. */
struct tally {
	int64_t images, mean, top, logit, vote;
	double loss;
	bool tiled;
	struct myo_bin bins[MYO_BINS]; /* confidence: sums */
};

struct myo_score {
	size_t classes, top;
	int64_t rows, unlabelled;
	int64_t correct, correct_top; /* rows */
	double loss;

	struct image *images;           /* in the order in which they came first */
	double *probabilities, *logits; /* [images, classes], sums */
	int32_t *votes;                 /* [images, classes] */
	size_t count, room, most;
	size_t *slots; /* open addressing by id: index + 1, 0 for empty; twice as many as images at least */
	size_t slot_count;

	struct tally tally;
	struct ids settled; /* images that went from the table into the tally */

	double *row;        /* [classes], probabilities of one row */
	int64_t *confusion; /* [classes, classes], of the tally */
};

/* Images that the table may hold: two at least, of which one can be settled. */
static size_t
images_in(size_t memory, size_t classes)
{
	const double each = (double)sizeof(struct image) + 4 * (double)sizeof(size_t) +
	    (double)classes * (double)(2 * sizeof(double) + sizeof(int32_t));
	const double most = (double)memory / each;

	return most > 2 ? (size_t)most : 2;
}

int
myo_score_new(size_t classes, size_t top, size_t memory, struct myo_score **out, struct myo_err *err)
{
	*out = NULL;
	if (classes < 1)
		return myo_fail(err, "predictions of no class");
	struct myo_score *s = myo_calloc(1, sizeof *s, err);
	if (s == NULL)
		return MYO_FAIL;
	s->classes = classes;
	s->top = top < classes ? top : classes;
	s->most = images_in(memory, classes);
	s->row = myo_calloc(classes, sizeof *s->row, err);
	size_t cells;
	if (s->row == NULL || !myo_mul(classes, classes, &cells) ||
	    (s->confusion = myo_calloc(cells, sizeof *s->confusion, err)) == NULL) {
		myo_score_free(s);
		return MYO_FAIL;
	}
	*out = s;
	return MYO_OK;
}

void
myo_score_free(struct myo_score *score)
{
	if (score == NULL)
		return;
	free(score->images);
	free(score->probabilities);
	free(score->logits);
	free(score->votes);
	free(score->slots);
	ids_clear(&score->settled);
	free(score->row);
	free(score->confusion);
	free(score);
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

static size_t
largest(const double *values, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (values[i] > values[best])
			best = i;
	return best;
}

/* Whether fewer than `top` values beat the label's; of equals the first wins. */
static bool
among_top(const double *values, size_t count, size_t label, size_t top)
{
	size_t before = 0;

	for (size_t i = 0; i < count; i++)
		before += values[i] > values[label] || (values[i] == values[label] && i < label);
	return before < top;
}

/* Probabilities of one row. MYO_FAIL when a logit is not finite. */
static int
softmax(const float *logits, size_t count, double *out)
{
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(logits[i]))
			return MYO_FAIL;
		most = (double)logits[i] > most ? (double)logits[i] : most;
	}
	for (size_t i = 0; i < count; i++) {
		out[i] = exp((double)logits[i] - most);
		sum += out[i];
	}
	for (size_t i = 0; i < count; i++)
		out[i] /= sum;
	return MYO_OK;
}

/* -log p, where p may have been rounded to 0. */
static double
negative_log(double p)
{
	return -log(p > 1e-300 ? p : 1e-300);
}

/* The class with most votes; of equals that with the higher probability. */
static size_t
voted(const int32_t *votes, const double *probabilities, size_t classes)
{
	size_t best = 0;

	for (size_t c = 1; c < classes; c++)
		if (votes[c] > votes[best] || (votes[c] == votes[best] && probabilities[c] > probabilities[best]))
			best = c;
	return best;
}

static void
tally_image(struct myo_score *s, size_t at)
{
	const size_t k = s->classes, label = (size_t)s->images[at].label;
	const double *probabilities = s->probabilities + at * k;
	const size_t choice = largest(probabilities, k);
	const double rows = (double)s->images[at].rows;
	const double confidence = probabilities[choice] / rows;
	const int place = (int)(confidence * MYO_BINS);
	struct tally *t = &s->tally;
	struct myo_bin *bin = &t->bins[place < MYO_BINS ? place : MYO_BINS - 1];

	t->images++;
	t->mean += choice == label;
	t->top += among_top(probabilities, k, label, s->top);
	t->logit += largest(s->logits + at * k, k) == label;
	t->vote += voted(s->votes + at * k, probabilities, k) == label;
	t->loss += negative_log(probabilities[label] / rows);
	t->tiled = t->tiled || s->images[at].rows > 1;
	s->confusion[label * k + choice]++;
	bin->count++;
	bin->correct += choice == label;
	bin->confidence += confidence;
}

/* ---- images by id ------------------------------------------------------------------------------ */

/* The slot of an id: that holding it, or the empty one where it belongs. */
static size_t *
find_slot(const struct myo_score *s, int64_t id)
{
	size_t at = ids_hash((uint64_t)id) & (s->slot_count - 1);

	while (s->slots[at] != 0 && s->images[s->slots[at] - 1].id != id)
		at = (at + 1) & (s->slot_count - 1);
	return &s->slots[at];
}

/* Slots for all images that the table has. */
static void
fill_slots(struct myo_score *s)
{
	memset(s->slots, 0, s->slot_count * sizeof *s->slots);
	for (size_t i = 0; i < s->count; i++)
		*find_slot(s, s->images[i].id) = i + 1;
}

static int
grow(struct myo_score *s, struct myo_err *err)
{
	const size_t wanted = s->room == 0 ? 1024 : 2 * s->room, room = wanted < s->most ? wanted : s->most;
	size_t cells, slot_count = s->slot_count > 0 ? s->slot_count : 4;

	while (slot_count < 2 * room)
		slot_count *= 2;
	if (!myo_mul(room, s->classes, &cells))
		return myo_fail_memory(err, SIZE_MAX);
	void *images = myo_realloc(s->images, room, sizeof *s->images, err);
	if (images == NULL)
		return MYO_FAIL;
	s->images = images;
	void *probabilities = myo_realloc(s->probabilities, cells, sizeof *s->probabilities, err);
	if (probabilities == NULL)
		return MYO_FAIL;
	s->probabilities = probabilities;
	void *logits = myo_realloc(s->logits, cells, sizeof *s->logits, err);
	if (logits == NULL)
		return MYO_FAIL;
	s->logits = logits;
	void *votes = myo_realloc(s->votes, cells, sizeof *s->votes, err);
	if (votes == NULL)
		return MYO_FAIL;
	s->votes = votes;

	size_t *slots = myo_realloc(s->slots, slot_count, sizeof *slots, err);
	if (slots == NULL)
		return MYO_FAIL;
	s->slots = slots;
	s->slot_count = slot_count;
	s->room = room;
	fill_slots(s);
	return MYO_OK;
}

/* The table is full: the older half of its images, whose rows are likely to have come, make room. */
static int
settle_half(struct myo_score *s, struct myo_err *err)
{
	const size_t gone = s->count / 2, left = s->count - gone, k = s->classes;

	for (size_t i = 0; i < gone; i++) {
		if (ids_add(&s->settled, s->images[i].id, err) != MYO_OK)
			return MYO_FAIL;
		tally_image(s, i);
	}
	memmove(s->images, s->images + gone, left * sizeof *s->images);
	memmove(s->probabilities, s->probabilities + gone * k, left * k * sizeof *s->probabilities);
	memmove(s->logits, s->logits + gone * k, left * k * sizeof *s->logits);
	memmove(s->votes, s->votes + gone * k, left * k * sizeof *s->votes);
	s->count = left;
	fill_slots(s);
	return MYO_OK;
}

/* An image that the table doesn't have. */
static int
add_image(struct myo_score *s, int64_t id, int32_t label, size_t *out, struct myo_err *err)
{
	if (ids_have(&s->settled, id))
		return myo_fail(err, "image %lld comes again when too many others have come since to remember it: an id must "
		    "stand for one image, and its rows far apart want more memory", (long long)id);
	if (s->count == s->room && (s->room < s->most ? grow : settle_half)(s, err) != MYO_OK)
		return MYO_FAIL;
	const size_t at = s->count++;
	*find_slot(s, id) = at + 1;
	s->images[at] = (struct image){ .id = id, .label = label };
	memset(s->probabilities + at * s->classes, 0, s->classes * sizeof *s->probabilities);
	memset(s->logits + at * s->classes, 0, s->classes * sizeof *s->logits);
	memset(s->votes + at * s->classes, 0, s->classes * sizeof *s->votes);
	*out = at;
	return MYO_OK;
}

/* The image of a row, made if it is new. */
static int
find_image(struct myo_score *s, int64_t id, int32_t label, size_t *out, struct myo_err *err)
{
	const size_t slot = s->slot_count > 0 ? *find_slot(s, id) : 0;

	if (slot == 0)
		return add_image(s, id, label, out, err);
	*out = slot - 1;
	if (s->images[*out].label != label)
		return myo_fail(err, "image %lld has labels %d and %d: an id must stand for one image", (long long)id,
		    s->images[*out].label, label);
	return MYO_OK;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static int
add_row(struct myo_score *s, const float *logits, int32_t label, int64_t id, struct myo_err *err)
{
	size_t at = 0;

	if (label < 0) {
		s->unlabelled++;
		return MYO_OK;
	}
	if ((size_t)label >= s->classes)
		return myo_fail(err, "image %lld has label %d of %zu classes", (long long)id, label, s->classes);
	if (softmax(logits, s->classes, s->row) != MYO_OK)
		return myo_fail(err, "image %lld has a logit that is not finite", (long long)id);
	if (find_image(s, id, label, &at, err) != MYO_OK)
		return MYO_FAIL;

	const size_t choice = largest(s->row, s->classes);
	s->rows++;
	s->correct += choice == (size_t)label;
	s->correct_top += among_top(s->row, s->classes, (size_t)label, s->top);
	s->loss += negative_log(s->row[label]);
	s->images[at].rows++;
	s->votes[at * s->classes + choice]++;
	for (size_t c = 0; c < s->classes; c++) {
		s->probabilities[at * s->classes + c] += s->row[c];
		s->logits[at * s->classes + c] += (double)logits[c];
	}
	return MYO_OK;
}

int
myo_score_add(struct myo_score *score, const struct myo_record *record, struct myo_err *err)
{
	const struct myo_tensor *logits, *label, *id;
	const size_t row[1] = { score->classes };

	if (myo_record_need(record, "logits", MYO_F32, 2, row, &logits, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < logits->shape[0]; i++)
		if (add_row(score, (const float *)logits->data + i * score->classes, ((const int32_t *)label->data)[i],
		    ((const int64_t *)id->data)[i], err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

/* ---- results ---------------------------------------------------------------------------------------- */

struct myo_share
myo_share_of(int64_t hits, int64_t of)
{
	const double z = 1.959963984540054; /* of the normal distribution at 97.5% */
	struct myo_share share = { hits, of, 0, 1 };

	if (of > 0) {
		const double n = (double)of, p = (double)hits / n;
		const double centre = p + z * z / (2 * n);
		const double spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
		share.low = (centre - spread) / (1 + z * z / n);
		share.high = (centre + spread) / (1 + z * z / n);
		share.low = share.low < 0 ? 0 : share.low;
		share.high = share.high > 1 ? 1 : share.high;
	}
	return share;
}

/* The bins' sums become means. */
static void
finish_bins(struct myo_result *out)
{
	for (int i = 0; i < MYO_BINS; i++) {
		struct myo_bin *bin = &out->bins[i];
		if (bin->count == 0)
			continue;
		bin->confidence /= (double)bin->count;
		out->calibration_error += fabs((double)bin->correct / (double)bin->count - bin->confidence) *
		    (double)bin->count / (double)out->images;
	}
}

int
myo_score_result(struct myo_score *s, struct myo_result *out, struct myo_err *err)
{
	struct tally *t = &s->tally;

	if (s->rows == 0)
		return myo_fail(err, s->unlabelled > 0 ? "none of the predictions has a label to compare with" :
		    "there are no predictions");
	for (size_t i = 0; i < s->count; i++)
		tally_image(s, i);
	s->count = 0;
	*out = (struct myo_result){ .rows = s->rows, .images = t->images, .unlabelled = s->unlabelled, .tiled = t->tiled,
		.classes = s->classes, .top = s->top, .confusion = s->confusion };
	out->tiles = myo_share_of(s->correct, s->rows);
	out->tiles_top = myo_share_of(s->correct_top, s->rows);
	out->mean_probability = myo_share_of(t->mean, t->images);
	out->mean_top = myo_share_of(t->top, t->images);
	out->mean_logit = myo_share_of(t->logit, t->images);
	out->vote = myo_share_of(t->vote, t->images);
	out->tiles_loss = s->loss / (double)s->rows;
	out->loss = t->loss / (double)t->images;
	memcpy(out->bins, t->bins, sizeof out->bins);
	finish_bins(out);
	return MYO_OK;
}

struct myo_share
myo_result_class(const struct myo_result *result, size_t number)
{
	const int64_t *row = result->confusion + number * result->classes;
	int64_t all = 0;

	for (size_t k = 0; k < result->classes; k++)
		all += row[k];
	return myo_share_of(row[number], all);
}
