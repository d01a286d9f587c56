/* The mean of sets of predictions, read in parallel, image by image. */
#include "score/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A set, and the last image gathered from it. */
struct set {
	struct myo_reader *in; /* the caller's */
	const char *name;
	struct myo_record record;
	size_t row, rows; /* the next row of the record, and how many there are */
	const float *logits;
	const int64_t *ids;
	const int32_t *labels, *heights, *widths; /* the last two: both or neither */
	struct myo_ids seen;

	int64_t id;
	int32_t label, height, width;
	double *sum; /* [classes], of its rows, and then their mean */
};

struct myo_mean {
	size_t classes, count, room; /* sets; images in a record */
	enum myo_mean_of of;
	struct set *sets;
	int64_t images;
	double *row, *all; /* [classes]: probabilities of a row; mean over the sets for an image */

	/* the columns of the record that myo_mean_next() returns */
	float *logits;
	int64_t *ids;
	int32_t *labels, *places; /* [room]; [4][room]: y, x, height, width */
};

int
myo_mean_new(struct myo_reader *const *readers, const char *const *names, size_t count, enum myo_mean_of of,
    struct myo_mean **out, struct myo_err *err)
{
	const struct myo_header *first = myo_reader_header(readers[0]);
	const size_t classes = first->class_count;
	struct myo_mean *m;

	*out = NULL;
	if (classes < 1)
		return myo_fail(err, "%s: its classes have no names", names[0]);
	for (size_t s = 1; s < count; s++)
		if (myo_header_same_classes(myo_reader_header(readers[s]), first, names[0], err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", names[s]);
			return MYO_FAIL;
		}
	if ((m = myo_calloc(1, sizeof *m, err)) == NULL)
		return MYO_FAIL;
	m->classes = classes;
	m->of = of;
	m->room = myo_record_room(classes * sizeof(float));
	bool enough = (m->sets = myo_calloc(count, sizeof *m->sets, err)) != NULL &&
	    (m->row = myo_calloc(classes, sizeof *m->row, err)) != NULL &&
	    (m->all = myo_calloc(classes, sizeof *m->all, err)) != NULL &&
	    (m->logits = myo_calloc(m->room * classes, sizeof *m->logits, err)) != NULL &&
	    (m->ids = myo_calloc(m->room, sizeof *m->ids, err)) != NULL &&
	    (m->labels = myo_calloc(m->room, sizeof *m->labels, err)) != NULL &&
	    (m->places = myo_calloc(4 * m->room, sizeof *m->places, err)) != NULL;
	for (; enough && m->count < count; m->count++) {
		struct set *set = &m->sets[m->count];
		*set = (struct set){ .in = readers[m->count], .name = names[m->count], .record = MYO_RECORD_INIT };
		enough = (set->sum = myo_calloc(classes, sizeof *set->sum, err)) != NULL;
	}
	if (!enough) {
		myo_mean_free(m);
		return MYO_FAIL;
	}
	*out = m;
	return MYO_OK;
}

void
myo_mean_free(struct myo_mean *mean)
{
	if (mean == NULL)
		return;
	for (size_t s = 0; s < mean->count; s++) {
		myo_record_clear(&mean->sets[s].record);
		myo_ids_clear(&mean->sets[s].seen);
		free(mean->sets[s].sum);
	}
	free(mean->sets);
	free(mean->row);
	free(mean->all);
	free(mean->logits);
	free(mean->ids);
	free(mean->labels);
	free(mean->places);
	free(mean);
}

/* ---- an image of a set ----------------------------------------------------------------------------- */

static int
find_columns(const struct myo_mean *m, struct set *set, struct myo_err *err)
{
	const struct myo_record *record = &set->record;
	const struct myo_tensor *logits, *id, *label, *height = NULL, *width = NULL;
	const size_t row[1] = { m->classes };

	if (myo_record_need(record, "logits", MYO_F32, 2, row, &logits, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_record_find(record, "height") != NULL &&
	    (myo_record_need(record, "height", MYO_I32, 1, NULL, &height, err) != MYO_OK ||
	        myo_record_need(record, "width", MYO_I32, 1, NULL, &width, err) != MYO_OK))
		return MYO_FAIL;
	set->logits = logits->data;
	set->ids = id->data;
	set->labels = label->data;
	set->heights = height == NULL ? NULL : height->data;
	set->widths = height == NULL ? NULL : width->data;
	set->row = 0;
	set->rows = myo_record_rows(record);
	return MYO_OK;
}

/* Make sure that there is a next row, by reading on if need be. */
static int
look(const struct myo_mean *m, struct set *set, struct myo_err *err)
{
	while (set->row == set->rows) {
		const int rc = myo_reader_next(set->in, &set->record, err);
		if (rc != MYO_OK)
			return rc;
		if (find_columns(m, set, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", set->name);
			return MYO_FAIL;
		}
	}
	return MYO_OK;
}

static int
add_row(struct myo_mean *m, struct set *set, struct myo_err *err)
{
	const float *logits = set->logits + set->row * m->classes;

	if (set->labels[set->row] != set->label)
		return myo_fail(err, "%s: image %lld has labels %d and %d: an id must stand for one image", set->name,
		    (long long)set->id, set->label, set->labels[set->row]);
	if (!score_softmax(logits, m->classes, m->row))
		return myo_fail(err, "%s: image %lld has a logit that is not finite", set->name, (long long)set->id);
	for (size_t c = 0; c < m->classes; c++)
		set->sum[c] += m->of == MYO_MEAN_LOGIT ? (double)logits[c] : m->row[c];
	set->row++;
	return MYO_OK;
}

/* Gather all rows of the set's next image; MYO_END: there is none. */
static int
gather(struct myo_mean *m, struct set *set, struct myo_err *err)
{
	size_t rows = 0;

	int rc = look(m, set, err);
	if (rc != MYO_OK)
		return rc;
	set->id = set->ids[set->row];
	set->label = set->labels[set->row];
	set->height = set->heights == NULL ? 0 : set->heights[set->row];
	set->width = set->heights == NULL ? 0 : set->widths[set->row];
	memset(set->sum, 0, m->classes * sizeof *set->sum);
	if (myo_ids_have(&set->seen, set->id))
		return myo_fail(err,
		    "%s: image %lld comes again after others: the rows of an image must stand together", set->name,
		    (long long)set->id);
	if (myo_ids_add(&set->seen, set->id, err) != MYO_OK)
		return MYO_FAIL;
	while (rc == MYO_OK && set->ids[set->row] == set->id) {
		if (add_row(m, set, err) != MYO_OK)
			return MYO_FAIL;
		rows++;
		rc = look(m, set, err);
	}
	for (size_t c = 0; c < m->classes; c++)
		set->sum[c] /= (double)rows;
	return rc == MYO_FAIL ? MYO_FAIL : MYO_OK; /* at the end of the set the next call returns MYO_END */
}

/* ---- an image of all sets -------------------------------------------------------------------------- */

/* The next image of a set must be that of the first. */
static int
match(const struct set *first, const struct set *set, struct myo_err *err)
{
	if (set->id != first->id)
		return myo_fail(err,
		    "%s has image %lld where %s has %lld: they must be of the same images in the same order",
		    set->name, (long long)set->id, first->name, (long long)first->id);
	if (set->label != first->label)
		return myo_fail(err, "image %lld has label %d in %s, and %d in %s: these are other images",
		    (long long)set->id, set->label, set->name, first->label, first->name);
	return MYO_OK;
}

/* Compute the mean for the next image, in m->all; MYO_END when all sets have ended. */
static int
next_image(struct myo_mean *m, struct myo_err *err)
{
	const struct set *first = &m->sets[0];
	int of_first = MYO_OK;

	memset(m->all, 0, m->classes * sizeof *m->all);
	for (size_t s = 0; s < m->count; s++) {
		struct set *set = &m->sets[s];
		const int rc = gather(m, set, err);
		if (rc == MYO_FAIL)
			return MYO_FAIL;
		if (s == 0)
			of_first = rc;
		if (rc != of_first)
			return myo_fail(err, "%s ends after %lld images, and %s goes on",
			    rc == MYO_END ? set->name : first->name,
			    (long long)m->images, rc == MYO_END ? first->name : set->name);
		if (rc == MYO_END)
			continue;
		if (match(first, set, err) != MYO_OK)
			return MYO_FAIL;
		for (size_t c = 0; c < m->classes; c++)
			m->all[c] += set->sum[c] / (double)m->count;
	}
	m->images += of_first == MYO_OK;
	return of_first;
}

static void
keep_image(struct myo_mean *m, size_t at)
{
	const struct set *first = &m->sets[0];
	const int32_t place[] = { 0, 0, first->height, first->width };

	m->ids[at] = first->id;
	m->labels[at] = first->label;
	for (size_t k = 0; k < MYO_COUNT(place); k++)
		m->places[k * m->room + at] = place[k];
	for (size_t c = 0; c < m->classes; c++)
		m->logits[at * m->classes + c] =
		    (float)(m->of == MYO_MEAN_LOGIT ? m->all[c] : -score_negative_log(m->all[c]));
}

int
myo_mean_next(struct myo_mean *m, struct myo_record *record, struct myo_err *err)
{
	static const char *const names[] = { "y", "x", "height", "width" };
	size_t rows = 0;
	int rc = MYO_OK;

	myo_record_clear(record);
	while (rows < m->room && (rc = next_image(m, err)) == MYO_OK)
		keep_image(m, rows++);
	if (rc == MYO_FAIL || rows == 0)
		return rc;
	const size_t shape[] = { rows, m->classes };
	if (myo_record_put(record, "logits", MYO_F32, 2, shape, m->logits, err) != MYO_OK ||
	    myo_record_put(record, "label", MYO_I32, 1, shape, m->labels, err) != MYO_OK ||
	    myo_record_put(record, "id", MYO_I64, 1, shape, m->ids, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t k = 0; m->sets[0].heights != NULL && k < MYO_COUNT(names); k++)
		if (myo_record_put(record, names[k], MYO_I32, 1, shape, m->places + k * m->room, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}
