/* Comparing two streams or two documents. */
#include "inspect/inspect.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Count a difference, and keep the first one as text. */
static void MYO_PRINTF(2, 3)
differ(struct myo_comparison *f, const char *format, ...)
{
	if (f->differences++ == 0) {
		va_list args;
		va_start(args, format);
		(void)vsnprintf(f->first, sizeof f->first, format, args);
		va_end(args);
	}
}

static bool
near(const struct myo_comparison *f, double x, double y, double distance)
{
	const double larger = fabs(x) > fabs(y) ? fabs(x) : fabs(y);

	return distance == 0 || distance <= f->absolute + f->relative * larger;
}

/* Whether the tolerance applies to a tensor; it doesn't to labels, ids and places. */
static bool
has_tolerance(const struct myo_tensor *tensor)
{
	return tensor->dtype == MYO_F32 || (tensor->dtype == MYO_U8 && strcmp(tensor->name, "image") == 0);
}

/* |a - b|, 0 only if they are equal, even for integers that a double can't hold exactly. */
static double
distance(const struct myo_tensor *a, size_t at_a, const struct myo_tensor *b, size_t at_b)
{
	if (a->dtype == MYO_I64) {
		const int64_t x = ((const int64_t *)a->data)[at_a], y = ((const int64_t *)b->data)[at_b];
		return (double)(x > y ? (uint64_t)x - (uint64_t)y : (uint64_t)y - (uint64_t)x);
	}
	const double x = myo_tensor_value(a, at_a), y = myo_tensor_value(b, at_b);
	return x == y || (isnan(x) && isnan(y)) ? 0 : fabs(x - y); /* equal infinities, too */
}

static void
format_element(char text[32], const struct myo_tensor *tensor, size_t i)
{
	if (tensor->dtype == MYO_I64)
		(void)snprintf(text, 32, "%lld", (long long)((const int64_t *)tensor->data)[i]);
	else
		(void)snprintf(text, 32, "%.9g", myo_tensor_value(tensor, i));
}

/* Note that an element of a and b differs. row -1: in documents. */
static void
differ_at(struct myo_comparison *f, const struct myo_tensor *a, size_t at_a, const struct myo_tensor *b, size_t at_b,
    size_t element, int64_t row)
{
	char x[32], y[32];

	if (f->differences > 0) { /* only the first is described */
		f->differences++;
		return;
	}
	format_element(x, a, at_a);
	format_element(y, b, at_b);
	if (row >= 0)
		differ(f, "row %lld, tensor '%s', element %zu: %s and %s", (long long)row, a->name, element, x, y);
	else
		differ(f, "tensor '%s', element %zu: %s and %s", a->name, element, x, y);
}

/* Compare `count` elements of tensors of one type. row: for the message, -1 for none. */
static void
compare_elements(struct myo_comparison *f, const struct myo_tensor *a, size_t at_a, const struct myo_tensor *b,
    size_t at_b, size_t count, int64_t row)
{
	const size_t size = myo_dtype_size(a->dtype);

	if (memcmp((const char *)a->data + at_a * size, (const char *)b->data + at_b * size, count * size) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const double d = distance(a, at_a + i, b, at_b + i);
		const double x = myo_tensor_value(a, at_a + i), y = myo_tensor_value(b, at_b + i);
		if (isfinite(d)) { /* infinity and NaN are within no tolerance */
			f->largest = d > f->largest ? d : f->largest;
			if (has_tolerance(a) ? near(f, x, y, d) : d == 0)
				continue;
		}
		differ_at(f, a, at_a + i, b, at_b + i, i, row);
	}
}

static bool
same_form(const struct myo_tensor *a, const struct myo_tensor *b, int first_dimension)
{
	bool same = a->dtype == b->dtype && a->dims == b->dims;

	for (int d = first_dimension; same && d < a->dims; d++)
		same = a->shape[d] == b->shape[d];
	return same;
}

/* Whether a key is about how something was made, not what it is. */
static bool
is_past(const char *key)
{
	return strcmp(key, "history") == 0 || strcmp(key, "training") == 0;
}

/* A model's mean and deviation are texts of several numbers: compare these. */
static bool
near_numbers(const struct myo_comparison *f, const char *key, const char *a, const char *b)
{
	if ((strcmp(key, "mean") != 0 && strcmp(key, "deviation") != 0) || a == NULL || b == NULL)
		return false;
	while (*a != '\0' && *b != '\0') {
		char *end_a, *end_b;
		const double x = strtod(a, &end_a), y = strtod(b, &end_b);
		const bool number = end_a != a;
		if (number != (end_b != b) || (number ? !near(f, x, y, fabs(x - y)) : *a != *b))
			return false;
		a = number ? end_a : a + 1;
		b = number ? end_b : b + 1;
	}
	return *a == *b;
}

static void
compare_meta(struct myo_comparison *f, const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, key, value) {
		const json_t *other = json_object_get(b, key);
		if (is_past(key) && !f->history)
			continue;
		if (other == NULL)
			differ(f, "metadata '%s' is only in the first", key);
		else if (!json_equal(value, other) &&
		    !near_numbers(f, key, json_string_value(value), json_string_value(other)))
			differ(f, "metadata '%s': '%s' and '%s'", key, json_string_value(value),
			    json_string_value(other));
	}
	json_object_foreach((json_t *)(uintptr_t)b, key, value)
		if (json_object_get(a, key) == NULL && (!is_past(key) || f->history))
			differ(f, "metadata '%s' is only in the second", key);
}

/* ---- streams --------------------------------------------------------------------------------------- */

struct side {
	struct myo_reader *in;
	struct myo_record record;
	size_t row, rows; /* in the record */
	bool ended;
};

/* Make sure that there is a row, or that the stream has ended. */
static int
refill(struct side *side, struct myo_err *err)
{
	if (side->ended || side->row < side->rows)
		return MYO_OK;
	const int rc = myo_reader_next(side->in, &side->record, err);
	side->row = 0;
	side->rows = rc == MYO_OK ? myo_record_rows(&side->record) : 0;
	side->ended = rc == MYO_END;
	return rc == MYO_FAIL ? MYO_FAIL : MYO_OK;
}

/* Whether both are texts padded with zeros, to the longest of their record. */
static bool
are_texts(const struct myo_tensor *a, const struct myo_tensor *b)
{
	return strcmp(a->name, "name") == 0 && a->dtype == MYO_U8 && b->dtype == MYO_U8 && a->dims == 2 && b->dims == 2;
}

static void
compare_texts(struct myo_comparison *f, const struct myo_tensor *a, size_t row_a, const struct myo_tensor *b,
    size_t row_b, int64_t row)
{
	const char *x = (const char *)a->data + row_a * a->shape[1], *y = (const char *)b->data + row_b * b->shape[1];
	const size_t x_bytes = strnlen(x, a->shape[1]), y_bytes = strnlen(y, b->shape[1]);

	if (x_bytes != y_bytes || memcmp(x, y, x_bytes) != 0)
		differ(f, "row %lld: name '%.*s' and '%.*s'", (long long)row, (int)x_bytes, x, (int)y_bytes, y);
}

static void
compare_row(struct myo_comparison *f, const struct side *a, const struct side *b, int64_t row)
{
	for (size_t i = 0; i < a->record.count; i++) {
		const struct myo_tensor *x = &a->record.tensors[i], *y = myo_record_find(&b->record, x->name);
		const size_t each = myo_tensor_row_elements(x);
		if (y == NULL)
			differ(f, "row %lld: tensor '%s' is only in the first", (long long)row, x->name);
		else if (are_texts(x, y))
			compare_texts(f, x, a->row, y, b->row, row);
		else if (!same_form(x, y, 1))
			differ(f, "row %lld: tensor '%s' is of different type or shape", (long long)row, x->name);
		else
			compare_elements(f, x, a->row * each, y, b->row * each, each, row);
	}
	for (size_t i = 0; i < b->record.count; i++)
		if (myo_record_find(&a->record, b->record.tensors[i].name) == NULL)
			differ(f, "row %lld: tensor '%s' is only in the second", (long long)row,
			    b->record.tensors[i].name);
}

static void
compare_headers(struct myo_comparison *f, const struct myo_header *a, const struct myo_header *b)
{
	if (a->kind != b->kind)
		differ(f, "kind: %s and %s", myo_kind_name(a->kind), myo_kind_name(b->kind));
	if (a->class_count != b->class_count)
		differ(f, "classes: %zu and %zu", a->class_count, b->class_count);
	for (size_t i = 0; i < a->class_count && i < b->class_count; i++)
		if (strcmp(a->classes[i], b->classes[i]) != 0)
			differ(f, "class %zu: '%s' and '%s'", i, a->classes[i], b->classes[i]);
	compare_meta(f, a->extra, b->extra);
}

/* Row by row, to the end of both or of the shorter. */
static int
compare_rows(struct myo_comparison *f, struct side *a, struct side *b, struct myo_err *err)
{
	int64_t row = 0;

	for (;; row++, a->row++, b->row++) {
		if (refill(a, err) != MYO_OK || refill(b, err) != MYO_OK)
			return MYO_FAIL;
		if (a->ended || b->ended)
			break;
		compare_row(f, a, b, row);
	}
	if (!a->ended || !b->ended)
		differ(f, "the %s ends after %lld rows, the other goes on", a->ended ? "first" : "second",
		    (long long)row);
	while (!a->ended || !b->ended) { /* to check that the longer one is complete */
		a->row = a->rows;
		b->row = b->rows;
		if (refill(a, err) != MYO_OK || refill(b, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

int
myo_compare_streams(struct myo_comparison *f, struct myo_reader *a, struct myo_reader *b, struct myo_err *err)
{
	struct side first = { .in = a, .record = MYO_RECORD_INIT }, second = { .in = b, .record = MYO_RECORD_INIT };

	compare_headers(f, myo_reader_header(a), myo_reader_header(b));
	const int rc = compare_rows(f, &first, &second, err);
	if (rc == MYO_OK && f->history && !json_equal(myo_reader_header(a)->history, myo_reader_header(b)->history))
		differ(f, "the commands that made them");
	myo_record_clear(&first.record);
	myo_record_clear(&second.record);
	return rc;
}

/* ---- documents ----------------------------------------------------------------------------------------- */

void
myo_compare_documents(struct myo_comparison *f, const struct myo_record *a, const struct myo_record *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct myo_tensor *x = &a->tensors[i], *y = myo_record_find(b, x->name);
		if (y == NULL)
			differ(f, "tensor '%s' is only in the first", x->name);
		else if (!same_form(x, y, 0))
			differ(f, "tensor '%s' is of different type or shape", x->name);
		else
			compare_elements(f, x, 0, y, 0, myo_tensor_elements(x), -1);
	}
	for (size_t i = 0; i < b->count; i++)
		if (myo_record_find(a, b->tensors[i].name) == NULL)
			differ(f, "tensor '%s' is only in the second", b->tensors[i].name);
	compare_meta(f, a->meta, b->meta);
}
