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

static bool
matches(const struct myo_summary *s, const struct myo_tensor *tensor)
{
	return strcmp(s->name, tensor->name) == 0 && s->dtype == tensor->dtype && s->dims == tensor->dims &&
	    (tensor->dims < 2 || memcmp(s->shape + 1, tensor->shape + 1, (size_t)(tensor->dims - 1) * sizeof *s->shape) == 0);
}

static struct myo_summary *
find_summary(struct myo_summaries *all, const struct myo_tensor *tensor, struct myo_err *err)
{
	for (size_t i = 0; i < all->count; i++)
		if (matches(&all->items[i], tensor))
			return &all->items[i];
	struct myo_summary *items = myo_realloc(all->items, all->count + 1, sizeof *items, err);
	if (items == NULL)
		return NULL;
	all->items = items;
	struct myo_summary *s = &items[all->count];
	*s = (struct myo_summary){ .dtype = tensor->dtype, .dims = tensor->dims, .least = INFINITY, .most = -INFINITY };
	memcpy(s->shape, tensor->shape, sizeof s->shape);
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

/* NULL: no memory. */
static json_t *
summary_json(const struct myo_summary *s)
{
	json_t *shape = json_array();
	bool good = shape != NULL;

	for (int d = 0; d < s->dims && good; d++)
		good = json_array_append_new(shape, json_integer((json_int_t)s->shape[d])) == 0;
	json_t *out = json_pack("{s:s, s:s, s:O, s:I}", "name", s->name, "dtype", myo_dtype_name(s->dtype), "shape", shape,
	    "not_finite", (json_int_t)s->not_finite);
	json_decref(shape);
	if (s->elements > s->not_finite) {
		good = good && json_object_set_new(out, "least", json_real(s->least)) == 0;
		good = good && json_object_set_new(out, "most", json_real(s->most)) == 0;
		good = good && json_object_set_new(out, "mean", json_real(s->sum / (double)(s->elements - s->not_finite))) == 0;
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
