/* Type, shape and range of tensors, gathered over the records of a stream. */
#include "inspect/inspect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double
myo_tensor_value(const struct myo_tensor *tensor, size_t i)
{
	switch (tensor->dtype) {
	case MYO_U8: return ((const uint8_t *)tensor->data)[i];
	case MYO_I32: return ((const int32_t *)tensor->data)[i];
	case MYO_I64: return (double)((const int64_t *)tensor->data)[i];
	case MYO_F32: return (double)((const float *)tensor->data)[i];
	}
	return NAN;
}

int64_t
myo_tensor_whole(const struct myo_tensor *tensor, size_t i)
{
	switch (tensor->dtype) {
	case MYO_U8: return ((const uint8_t *)tensor->data)[i];
	case MYO_I32: return ((const int32_t *)tensor->data)[i];
	case MYO_I64: return ((const int64_t *)tensor->data)[i];
	case MYO_F32: break;
	}
	return 0;
}

static bool
is_called(const struct myo_summary *s, const char *name, enum myo_dtype dtype, int dims)
{
	return strcmp(s->name, name) == 0 && s->dtype == dtype && s->dims == dims;
}

static bool
matches(const struct myo_summary *s, const struct myo_tensor *tensor)
{
	return is_called(s, tensor->name, tensor->dtype, tensor->dims) &&
	    (s->folded || tensor->dims < 2 ||
	    memcmp(s->shape + 1, tensor->shape + 1, (size_t)(tensor->dims - 1) * sizeof *s->shape) == 0);
}

static void
widen(struct myo_summary *s, const size_t *least, const size_t *most)
{
	for (int d = 1; d < s->dims; d++) {
		s->shape[d] = least[d] < s->shape[d] ? least[d] : s->shape[d];
		s->most_shape[d] = most[d] > s->most_shape[d] ? most[d] : s->most_shape[d];
	}
}

/* If a name has MYO_SUMMARY_SHAPES summaries already, merge them into one, which is returned; else NULL. */
static struct myo_summary *
fold(struct myo_summaries *all, const struct myo_tensor *tensor)
{
	struct myo_summary *first = NULL;
	size_t shapes = 0, kept = 0;

	for (size_t i = 0; i < all->count; i++)
		shapes += is_called(&all->items[i], tensor->name, tensor->dtype, tensor->dims);
	if (shapes < MYO_SUMMARY_SHAPES)
		return NULL;
	for (size_t i = 0; i < all->count; i++) {
		struct myo_summary *const s = &all->items[i];
		if (first == NULL || !is_called(s, tensor->name, tensor->dtype, tensor->dims)) {
			if (is_called(s, tensor->name, tensor->dtype, tensor->dims))
				first = &all->items[kept];
			all->items[kept++] = *s;
			continue;
		}
		widen(first, s->shape, s->most_shape);
		first->shape[0] += s->shape[0];
		first->least = fmin(first->least, s->least);
		first->most = fmax(first->most, s->most);
		first->least_whole = s->least_whole < first->least_whole ? s->least_whole : first->least_whole;
		first->most_whole = s->most_whole > first->most_whole ? s->most_whole : first->most_whole;
		first->sum += s->sum;
		first->elements += s->elements;
		first->not_finite += s->not_finite;
		free(s->name);
	}
	all->count = kept;
	first->folded = true;
	return first;
}

static struct myo_summary *
find_summary(struct myo_summaries *all, const struct myo_tensor *tensor, struct myo_err *err)
{
	for (size_t i = 0; i < all->count; i++)
		if (matches(&all->items[i], tensor))
			return &all->items[i];
	struct myo_summary *folded = fold(all, tensor);
	if (folded != NULL)
		return folded;
	struct myo_summary *items = myo_realloc(all->items, all->count + 1, sizeof *items, err);
	if (items == NULL)
		return NULL;
	all->items = items;
	struct myo_summary *s = &items[all->count];
	*s = (struct myo_summary){ .dtype = tensor->dtype, .dims = tensor->dims, .least = INFINITY, .most = -INFINITY,
		.least_whole = INT64_MAX, .most_whole = INT64_MIN };
	memcpy(s->shape, tensor->shape, sizeof s->shape);
	memcpy(s->most_shape, tensor->shape, sizeof s->most_shape);
	if (tensor->dims > 0)
		s->shape[0] = 0;
	s->name = myo_strdup(tensor->name, err);
	if (s->name == NULL)
		return NULL;
	all->count++;
	return s;
}

static int
add_tensor(struct myo_summaries *all, const struct myo_tensor *tensor, struct myo_err *err)
{
	struct myo_summary *s = find_summary(all, tensor, err);

	if (s == NULL)
		return MYO_FAIL;
	if (tensor->dims > 0)
		s->shape[0] += tensor->shape[0];
	widen(s, tensor->shape, tensor->shape);
	for (size_t i = 0; i < myo_tensor_elements(tensor); i++) {
		const double v = myo_tensor_value(tensor, i);
		if (!isfinite(v)) {
			s->not_finite++;
			continue;
		}
		s->least = v < s->least ? v : s->least;
		s->most = v > s->most ? v : s->most;
		s->sum += v;
	}
	for (size_t i = 0; tensor->dtype != MYO_F32 && i < myo_tensor_elements(tensor); i++) {
		const int64_t v = myo_tensor_whole(tensor, i);
		s->least_whole = v < s->least_whole ? v : s->least_whole;
		s->most_whole = v > s->most_whole ? v : s->most_whole;
	}
	s->elements += (int64_t)myo_tensor_elements(tensor);
	return MYO_OK;
}

int
myo_summaries_add(struct myo_summaries *all, const struct myo_record *record, struct myo_err *err)
{
	for (size_t i = 0; i < record->count; i++)
		if (add_tensor(all, &record->tensors[i], err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

void
myo_summaries_clear(struct myo_summaries *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->items[i].name);
	free(all->items);
	*all = (struct myo_summaries)MYO_SUMMARIES_INIT;
}

/* A shape: the rows, and these sides of a row. NULL: no memory. */
static json_t *
shape_json(const struct myo_summary *s, const size_t *sides)
{
	json_t *shape = json_array();
	bool good = shape != NULL;

	for (int d = 0; d < s->dims && good; d++)
		good = json_array_append_new(shape, json_integer((json_int_t)(d == 0 ? s->shape[0] : sides[d]))) == 0;
	if (good)
		return shape;
	json_decref(shape);
	return NULL;
}

/* One summary. NULL: no memory. */
static json_t *
summary_json(const struct myo_summary *s)
{
	json_t *out = json_pack("{s:s, s:s, s:o, s:I}", "name", s->name, "dtype", myo_dtype_name(s->dtype), "shape",
	    shape_json(s, s->shape), "not_finite", (json_int_t)s->not_finite);
	bool good = out != NULL;

	if (good && s->folded)
		good = json_object_set_new(out, "shape_most", shape_json(s, s->most_shape)) == 0;
	if (s->elements > s->not_finite) {
		const bool whole = s->dtype != MYO_F32;
		good = good && json_object_set_new(out, "least", whole ? json_integer(s->least_whole) :
		    json_real(s->least)) == 0;
		good = good && json_object_set_new(out, "most", whole ? json_integer(s->most_whole) :
		    json_real(s->most)) == 0;
		good = good && json_object_set_new(out, "mean",
		    json_real(s->sum / (double)(s->elements - s->not_finite))) == 0;
	}
	if (!good) {
		json_decref(out);
		return NULL;
	}
	return out;
}

json_t *
myo_summaries_json(const struct myo_summaries *all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->count; i++)
		if (json_array_append_new(list, summary_json(&all->items[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
