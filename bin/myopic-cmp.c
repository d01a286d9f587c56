/* myopic-cmp - are two streams, or two models, the same within a tolerance? */
#include "cli/cli.h"

#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conf {
	double absolute, relative;
	bool history, silent;
};

/* What was found so far. */
struct findings {
	const struct conf *conf;
	int64_t differences;
	double largest; /* |a - b| */
	char first[512];
};

static int
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-cmp",
		.summary = "are two streams, or two models, the same within a tolerance",
		.usage = "FILE FILE",
		.notes = "One FILE may be '-', a stream on standard input. How the rows are divided into records\n"
		         "doesn't matter. Exit status: 0 the same, 1 different, 2 trouble.",
	};
	const struct myo_opt options[] = {
		MYO_REAL('t', "tolerance", "X", &c->absolute, 0, 1e300, "differences up to X are none"),
		MYO_REAL('r', "relative", "X", &c->relative, 0, 1e300, "nor are those up to X times the larger value"),
		MYO_FLAG('H', "history", &c->history, "the commands that made them must be the same too"),
		MYO_FLAG('s', "silent", &c->silent, "print nothing: the exit status says it"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	return myo_cli_parse(options, 2, 2);
}

/* The first difference is kept as text, all are counted. */
static void MYO_PRINTF(2, 3)
differ(struct findings *f, const char *format, ...)
{
	if (f->differences++ == 0) {
		va_list args;
		va_start(args, format);
		(void)vsnprintf(f->first, sizeof f->first, format, args);
		va_end(args);
	}
}

/* ---- tensors ------------------------------------------------------------------------------------ */

static double
element(const struct myo_tensor *tensor, size_t i)
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
same_value(const struct conf *c, double a, double b)
{
	if (a == b || (isnan(a) && isnan(b)))
		return true;
	const double larger = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
	return fabs(a - b) <= c->absolute + c->relative * larger; /* not where one is NaN */
}

/* `count` elements from two places. where and row (-1: none) name the first. */
static void
compare_elements(struct findings *f, const struct myo_tensor *a, size_t at_a, const struct myo_tensor *b, size_t at_b,
    size_t count, int64_t row)
{
	for (size_t i = 0; i < count; i++) {
		const double x = element(a, at_a + i), y = element(b, at_b + i);
		if (isfinite(x - y) && fabs(x - y) > f->largest)
			f->largest = fabs(x - y);
		if (same_value(f->conf, x, y))
			continue;
		if (row >= 0)
			differ(f, "row %lld, tensor '%s', element %zu: %.9g and %.9g", (long long)row, a->name, i, x, y);
		else
			differ(f, "tensor '%s', element %zu: %.9g and %.9g", a->name, i, x, y);
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

static int
compare_meta(struct findings *f, const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, key, value) {
		const json_t *other = json_object_get(b, key);
		if (strcmp(key, "history") == 0 && !f->conf->history)
			continue;
		if (other == NULL)
			differ(f, "metadata '%s' is only in the first", key);
		else if (!json_equal(value, other))
			differ(f, "metadata '%s': '%s' and '%s'", key, json_string_value(value), json_string_value(other));
	}
	json_object_foreach((json_t *)(uintptr_t)b, key, value)
		if (json_object_get(a, key) == NULL && (strcmp(key, "history") != 0 || f->conf->history))
			differ(f, "metadata '%s' is only in the second", key);
	return MYO_OK;
}

/* ---- streams --------------------------------------------------------------------------------------- */

/* A stream and the record that is being compared. */
struct side {
	struct myo_reader *in;
	struct myo_record record;
	size_t row, rows; /* in the record */
	bool ended;
};

/* A row at hand, or the end. */
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

static void
compare_row(struct findings *f, const struct side *a, const struct side *b, int64_t row)
{
	for (size_t i = 0; i < a->record.count; i++) {
		const struct myo_tensor *x = &a->record.tensors[i], *y = myo_record_find(&b->record, x->name);
		const size_t each = myo_tensor_row_elements(x);
		if (y == NULL)
			differ(f, "row %lld: tensor '%s' is only in the first", (long long)row, x->name);
		else if (!same_form(x, y, 1))
			differ(f, "row %lld: tensor '%s' is of different type or shape", (long long)row, x->name);
		else
			compare_elements(f, x, a->row * each, y, b->row * each, each, row);
	}
	for (size_t i = 0; i < b->record.count; i++)
		if (myo_record_find(&a->record, b->record.tensors[i].name) == NULL)
			differ(f, "row %lld: tensor '%s' is only in the second", (long long)row, b->record.tensors[i].name);
}

static void
compare_headers(struct findings *f, const struct myo_header *a, const struct myo_header *b)
{
	if (a->kind != b->kind)
		differ(f, "kind: %s and %s", myo_kind_name(a->kind), myo_kind_name(b->kind));
	if (a->class_count != b->class_count)
		differ(f, "classes: %zu and %zu", a->class_count, b->class_count);
	for (size_t i = 0; i < a->class_count && i < b->class_count; i++)
		if (strcmp(a->classes[i], b->classes[i]) != 0)
			differ(f, "class %zu: '%s' and '%s'", i, a->classes[i], b->classes[i]);
	(void)compare_meta(f, a->extra, b->extra);
}

static int
compare_streams(struct findings *f, struct side *a, struct side *b, struct myo_err *err)
{
	int64_t row = 0;

	compare_headers(f, myo_reader_header(a->in), myo_reader_header(b->in));
	for (;; row++, a->row++, b->row++) {
		if (refill(a, err) != MYO_OK || refill(b, err) != MYO_OK)
			return MYO_FAIL;
		if (a->ended || b->ended)
			break;
		compare_row(f, a, b, row);
	}
	if (!a->ended || !b->ended)
		differ(f, "the %s ends after %lld rows, the other goes on", a->ended ? "first" : "second", (long long)row);
	if (f->conf->history && !json_equal(myo_reader_header(a->in)->history, myo_reader_header(b->in)->history))
		differ(f, "the commands that made them");
	return MYO_OK;
}

/* ---- documents ----------------------------------------------------------------------------------------- */

static void
compare_documents(struct findings *f, const struct myo_record *a, const struct myo_record *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct myo_tensor *x = &a->tensors[i], *y = myo_record_find(b, x->name);
		if (y == NULL)
			differ(f, "tensor '%s' is only in the first", x->name);
		else if (!same_form(x, y, 0))
			differ(f, "tensor '%s' is of different type or shape", x->name);
		else
			compare_elements(f, x, 0, y, 0, x->bytes / myo_dtype_size(x->dtype), -1);
	}
	for (size_t i = 0; i < b->count; i++)
		if (myo_record_find(a, b->tensors[i].name) == NULL)
			differ(f, "tensor '%s' is only in the second", b->tensors[i].name);
	(void)compare_meta(f, a->meta, b->meta);
}

/* ---- the program ------------------------------------------------------------------------------------------ */

/* Open a stream; MYO_END: it is no stream, but may be a document. */
static int
open_stream(const char *path, int *fd, struct side *side, struct myo_err *err)
{
	const bool standard = strcmp(path, "-") == 0;

	*fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return myo_fail_errno(err, "%s: can't be opened", path);
	const int rc = myo_reader_new(*fd, standard ? "standard input" : path, &side->in, err);
	if (rc == MYO_OK || standard)
		return rc;
	return MYO_END;
}

static int
compare(struct findings *f, const char *first, const char *second, struct myo_err *err)
{
	struct side a = { .record = MYO_RECORD_INIT }, b = { .record = MYO_RECORD_INIT };
	int fd_a = -1, fd_b = -1;

	int rc = open_stream(first, &fd_a, &a, err);
	const int rc_b = rc == MYO_FAIL ? MYO_FAIL : open_stream(second, &fd_b, &b, err);
	if (rc == MYO_OK && rc_b == MYO_OK) {
		rc = compare_streams(f, &a, &b, err);
	} else if (rc == MYO_END && rc_b == MYO_END) {
		rc = myo_document_load(first, &a.record, err);
		if (rc == MYO_OK)
			rc = myo_document_load(second, &b.record, err);
		if (rc == MYO_OK)
			compare_documents(f, &a.record, &b.record);
	} else if (rc != MYO_FAIL && rc_b != MYO_FAIL) {
		rc = myo_fail(err, "%s is a stream, and %s is not", rc == MYO_OK ? first : second,
		    rc == MYO_OK ? second : first);
	} else {
		rc = MYO_FAIL;
	}
	myo_record_clear(&a.record);
	myo_record_clear(&b.record);
	myo_reader_free(a.in);
	myo_reader_free(b.in);
	if (fd_a > STDIN_FILENO)
		(void)close(fd_a);
	if (fd_b > STDIN_FILENO)
		(void)close(fd_b);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { 0 };
	struct findings f = { .conf = &c };
	struct myo_err err = MYO_ERR_INIT;

	const int operand = parse(&c, argc, argv);
	if (strcmp(argv[operand], "-") == 0 && strcmp(argv[operand + 1], "-") == 0)
		myo_cli_usage("standard input can be only one of the two");
	const int rc = compare(&f, argv[operand], argv[operand + 1], &err);
	if (rc == MYO_OK && f.differences > 0 && !c.silent) {
		(void)printf("%s\n", f.first);
		if (f.differences > 1)
			(void)printf("and %lld more; largest difference of values %g\n", (long long)f.differences - 1, f.largest);
	}
	const int status = myo_cli_leave(rc, NULL, &err);
	return status != 0 ? 2 : f.differences > 0 ? 1 : 0;
}
