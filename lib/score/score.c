/* Gathering predictions, row by row and image by image. */
#include "score/images.h"
#include "score/positions.h"
#include "score/tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums over the images that are settled. */
struct tally {
	int64_t images, top;
	struct tiles_level all; /* by all tiles of each */
	double loss;
	bool tiled;
	struct myo_bin bins[MYO_BINS]; /* where confidence is a sum */
};

struct myo_score {
	size_t classes, top, memory;
	int64_t rows, unlabelled;
	int64_t correct, correct_top; /* rows */
	double loss;

	struct images images;
	struct tally tally;
	struct tiles *tiles; /* NULL: they are not kept */
	struct positions positions;
	bool by_position, once;
	myo_score_done *done;
	void *context;

	double *row;        /* [classes], probabilities of one row */
	int64_t *confusion; /* [classes, classes], of settled images */
};

static images_done tally_image;

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
	s->memory = memory;
	s->images = (struct images){ .classes = classes, .most = images_in(memory, classes), .done = tally_image,
		.context = s };
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
	images_clear(&score->images);
	tiles_free(score->tiles);
	positions_clear(&score->positions);
	free(score->row);
	free(score->confusion);
	free(score);
}

int
myo_score_keep_tiles(struct myo_score *score, uint64_t seed, struct myo_err *err)
{
	score->images.most = images_in(score->memory / 2, score->classes);
	return tiles_new(score->classes, seed, score->memory / 2, &score->tiles, err);
}

void
myo_score_keep_positions(struct myo_score *score)
{
	score->by_position = true;
}

void
myo_score_once(struct myo_score *score)
{
	score->once = true;
}

void
myo_score_tell(struct myo_score *score, myo_score_done *done, void *context)
{
	score->done = done;
	score->context = context;
}

/* ---- images that are settled --------------------------------------------------------------------- */

static int
tally_image(void *score, size_t at, struct myo_err *err)
{
	struct myo_score *s = score;
	struct tally *t = &s->tally;
	const struct image *image = &s->images.items[at];
	const size_t k = s->classes, label = (size_t)image->label;
	const double *probabilities = s->images.probabilities + at * k;
	const struct outcome all = score_outcome(probabilities, s->images.logits + at * k, s->images.votes + at * k, k,
	    label);
	const size_t choice = score_largest(probabilities, k);
	const double rows = (double)image->rows;
	const double confidence = probabilities[choice] / rows;
	const int place = (int)(confidence * MYO_BINS);
	struct myo_bin *bin = &t->bins[place < MYO_BINS ? place : MYO_BINS - 1];

	t->images++;
	t->top += score_among_top(probabilities, k, label, s->top);
	t->all.mean += all.mean;
	t->all.logit += all.logit;
	t->all.vote += all.vote;
	t->loss += score_negative_log(probabilities[label] / rows);
	t->tiled = t->tiled || image->rows > 1;
	s->confusion[label * k + choice]++;
	bin->count++;
	bin->correct += all.mean;
	bin->confidence += confidence;
	if (s->tiles != NULL && tiles_settle(s->tiles, image->tiles, (size_t)image->rows, label, all, err) != MYO_OK)
		return MYO_FAIL;
	const struct myo_score_image told = { image->id, image->label, choice, confidence,
		probabilities[label] / rows };
	return s->done == NULL ? MYO_OK : s->done(s->context, &told, err);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/* The columns of a record; y, x, height and width are NULL unless they are needed. */
struct columns {
	const float *logits; /* [rows, classes] */
	const int64_t *id;   /* [rows], as all below */
	const int32_t *label, *y, *x, *height, *width;
};

static int
find_columns(const struct myo_score *s, const struct myo_record *record, struct columns *out, struct myo_err *err)
{
	const struct {
		const char *name;
		const int32_t **to;
		bool needed;
	} whole[] = { { "label", &out->label, true }, { "y", &out->y, s->tiles != NULL || s->by_position },
		{ "x", &out->x, s->tiles != NULL || s->by_position }, { "height", &out->height, s->by_position },
		{ "width", &out->width, s->by_position } };
	const struct myo_tensor *tensor;
	const size_t row[1] = { s->classes };

	*out = (struct columns){ 0 };
	if (myo_record_need(record, "logits", MYO_F32, 2, row, &tensor, err) != MYO_OK)
		return MYO_FAIL;
	out->logits = tensor->data;
	if (myo_record_need(record, "id", MYO_I64, 1, NULL, &tensor, err) != MYO_OK)
		return MYO_FAIL;
	out->id = tensor->data;
	for (size_t i = 0; i < MYO_COUNT(whole); i++) {
		if (whole[i].needed && myo_record_need(record, whole[i].name, MYO_I32, 1, NULL, &tensor, err) != MYO_OK)
			return MYO_FAIL;
		if (whole[i].needed)
			*whole[i].to = tensor->data;
	}
	return MYO_OK;
}

/* Before a tile of an image is kept: if memory is full, settle the older images. */
static int
make_room(struct myo_score *s, int64_t id, struct myo_err *err)
{
	const size_t count = s->images.count;

	if (s->tiles == NULL || !tiles_full(s->tiles))
		return MYO_OK;
	if (count == 1 && s->images.items[0].id == id)
		return myo_fail(err, "image %lld has more tiles than memory may hold", (long long)id);
	return images_settle(&s->images, count > 1 ? count / 2 : count, err);
}

static int
add_row(struct myo_score *s, const struct columns *of, size_t i, struct myo_err *err)
{
	const size_t k = s->classes;
	const float *logits = of->logits + i * k;
	const int32_t label = of->label[i];
	const int64_t id = of->id[i];
	size_t at = 0;

	if (label < 0) {
		s->unlabelled++;
		return MYO_OK;
	}
	if ((size_t)label >= k)
		return myo_fail(err, "image %lld has label %d of %zu classes", (long long)id, label, k);
	if (!score_softmax(logits, k, s->row))
		return myo_fail(err, "image %lld has a logit that is not finite", (long long)id);
	if (make_room(s, id, err) != MYO_OK || images_find(&s->images, id, label, &at, err) != MYO_OK)
		return MYO_FAIL;

	const size_t choice = score_largest(s->row, k);
	struct image *image = &s->images.items[at];
	if (s->once && image->rows > 0)
		return myo_fail(err,
		    "two rows have the id %lld, and are no tiles: several data sets are for one myopic-unpack, not for cat; "
		    "several predictions of the same images for myopic-mean", (long long)id);
	s->rows++;
	s->correct += choice == (size_t)label;
	s->correct_top += score_among_top(s->row, k, (size_t)label, s->top);
	s->loss += score_negative_log(s->row[label]);
	image->rows++;
	s->images.votes[at * k + choice]++;
	for (size_t c = 0; c < k; c++) {
		s->images.probabilities[at * k + c] += s->row[c];
		s->images.logits[at * k + c] += (double)logits[c];
	}
	if (s->tiles != NULL && tiles_keep(s->tiles, &image->tiles, id, of->y[i], of->x[i], logits, err) != MYO_OK)
		return MYO_FAIL;
	return !s->by_position ? MYO_OK : positions_add(&s->positions, of->y[i], of->x[i], of->height[i], of->width[i],
	    choice == (size_t)label, err);
}

int
myo_score_add(struct myo_score *score, const struct myo_record *record, struct myo_err *err)
{
	struct columns columns;

	if (find_columns(score, record, &columns, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < myo_record_rows(record); i++)
		if (add_row(score, &columns, i, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

/* ---- results ---------------------------------------------------------------------------------------- */

/* Turn the bins' sums into means, and compute the calibration error. */
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

static int
finish_tables(struct myo_score *s, struct myo_result *out, struct myo_err *err)
{
	if (s->tiles != NULL) {
		out->tile_count_number = tiles_result(s->tiles, &s->tally.all, s->tally.images);
		out->tile_counts = s->tiles->counts;
	}
	if (s->by_position) {
		if (positions_result(&s->positions, err) != MYO_OK)
			return MYO_FAIL;
		out->position_number = s->positions.count;
		out->positions = s->positions.sorted;
	}
	return MYO_OK;
}

void
myo_score_chance(const struct myo_bin bins[MYO_BINS], double *error, double *deviation)
{
	double images = 0, variance = 0;

	*error = 0;
	for (int i = 0; i < MYO_BINS; i++) {
		const double n = (double)bins[i].count, c = bins[i].confidence;
		images += n;
		variance += n * c * (1 - c);
		*error += sqrt(2 * n * c * (1 - c) / acos(-1)); /* n times the mean of |normal deviate| */
	}
	*error = images > 0 ? *error / images : 0;
	*deviation = images > 0 ? sqrt(variance) / images : 0;
}

int
myo_score_result(struct myo_score *s, struct myo_result *out, struct myo_err *err)
{
	struct tally *t = &s->tally;

	if (s->rows == 0)
		return myo_fail(err, s->unlabelled > 0 ? "none of the predictions has a label to compare with" :
		    "there are no predictions");
	if (images_settle(&s->images, s->images.count, err) != MYO_OK)
		return MYO_FAIL;
	*out = (struct myo_result){ .rows = s->rows, .images = t->images, .unlabelled = s->unlabelled,
		.tiled = t->tiled, .classes = s->classes, .top = s->top, .confusion = s->confusion };
	out->tiles = myo_share_of(s->correct, s->rows);
	out->tiles_top = myo_share_of(s->correct_top, s->rows);
	out->mean_probability = myo_share_of(t->all.mean, t->images);
	out->mean_top = myo_share_of(t->top, t->images);
	out->mean_logit = myo_share_of(t->all.logit, t->images);
	out->vote = myo_share_of(t->all.vote, t->images);
	out->tiles_loss = s->loss / (double)s->rows;
	out->loss = t->loss / (double)t->images;
	memcpy(out->bins, t->bins, sizeof out->bins);
	finish_bins(out);
	return finish_tables(s, out, err);
}
