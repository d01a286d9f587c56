/* myopic-info - tell what is in a stream or a model, and where it came from. */
#include "cli/cli.h"
#include "inspect/inspect.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conf {
	long rows, first;
	bool replay, json;
};

static int
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-info",
		.summary = "say what is in a stream or a model, and where it came from",
		.usage = "[FILE]",
		.notes = "Without FILE, or with '-', it reads a stream from standard input.",
	};
	const struct myo_opt options[] = {
		MYO_FLAG('r', "replay", &c->replay, "print the shell commands that made it, and nothing else"),
		MYO_INT('n', "rows", "N", &c->rows, 0, 1000000000, "print the values of N rows"),
		MYO_INT('f', "first", "N", &c->first, 0, 1000000000, "number of the first row to print"),
		MYO_FLAG('j', "json", &c->json, "print for programs"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	const int operand = myo_cli_parse(options, 0, 1);
	if (c->first > 0 && c->rows == 0)
		myo_cli_usage("--first says which rows: give --rows, too");
	if (c->replay + c->json + (c->rows > 0) > 1)
		myo_cli_usage("--replay, --json and --rows are different things to print: give one of them");
	return operand;
}

/* Print a text that isn't ours, padded with blanks to a width. */
static void
print_padded(const char *text, size_t width)
{
	myo_put_text(stdout, text);
	for (size_t i = myo_characters(text); i < width; i++)
		(void)fputc(' ', stdout);
}

/* ---- tensors ------------------------------------------------------------------------------------ */

static void
print_summary(const struct myo_summary *s)
{
	char shape[128];
	size_t used = 0;

	shape[0] = '\0';
	for (int d = 0; d < s->dims && used < sizeof shape; d++) {
		used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%zu", d > 0 ? ", " : "", s->shape[d]);
		if (d > 0 && s->most_shape[d] > s->shape[d] && used < sizeof shape)
			used += (size_t)snprintf(shape + used, sizeof shape - used, " to %zu", s->most_shape[d]);
	}
	(void)printf("  ");
	print_padded(s->name, 28);
	(void)printf(" %-3s [%s]", myo_dtype_name(s->dtype), shape);
	const double mean = s->sum / (double)(s->elements - s->not_finite);
	if (s->elements > s->not_finite && s->dtype != MYO_F32)
		(void)printf("  %lld to %lld, mean %.*g", (long long)s->least_whole, (long long)s->most_whole,
		    fabs(mean) < 1e6 ? 6 : 15, mean);
	else if (s->elements > s->not_finite)
		(void)printf("  %g to %g, mean %.6g", s->least, s->most, mean);
	if (s->not_finite > 0)
		(void)printf("  %lld not finite", (long long)s->not_finite);
	(void)printf("\n");
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static void
print_value(const struct myo_tensor *tensor, size_t i)
{
	if (tensor->dtype == MYO_F32)
		(void)printf(" %.9g", myo_tensor_value(tensor, i));
	else if (tensor->dtype == MYO_I64)
		(void)printf(" %lld", (long long)((const int64_t *)tensor->data)[i]);
	else
		(void)printf(" %.0f", myo_tensor_value(tensor, i));
}

/* Names of images are text, padded with zeros. */
static bool
is_name(const struct myo_tensor *tensor)
{
	return tensor->dtype == MYO_U8 && tensor->dims == 2 && strcmp(tensor->name, "name") == 0;
}

static void
print_name(const struct myo_tensor *tensor, size_t row)
{
	const size_t room = tensor->shape[1];

	(void)fputc(' ', stdout);
	myo_put_field(stdout, (const char *)tensor->data + row * room, room);
}

/* Evidence is [rows, height, width, classes]. */
static bool
is_evidence(const struct myo_tensor *tensor)
{
	return tensor->dtype == MYO_F32 && tensor->dims == 4 && strcmp(tensor->name, "evidence") == 0;
}

/* A line for each position, which begins with its y, x. */
static void
print_evidence(const struct myo_tensor *tensor, size_t row)
{
	const size_t height = tensor->shape[1], width = tensor->shape[2], classes = tensor->shape[3];

	for (size_t p = 0; p < height * width; p++) {
		(void)printf("\n    %zu,%zu:", p / width, p % width);
		for (size_t k = 0; k < classes; k++)
			print_value(tensor, (row * height * width + p) * classes + k);
	}
}

static void
print_tensor(const struct myo_tensor *tensor, size_t row)
{
	const size_t each = myo_tensor_row_elements(tensor);

	(void)printf("  ");
	myo_put_text(stdout, tensor->name);
	(void)putchar(':');
	if (is_name(tensor))
		print_name(tensor, row);
	else if (is_evidence(tensor))
		print_evidence(tensor, row);
	else
		for (size_t i = 0; i < each; i++)
			print_value(tensor, row * each + i);
	(void)printf("\n");
}

static void
print_rows(const struct conf *c, const struct myo_record *record, int64_t first_row)
{
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const int64_t number = first_row + (int64_t)row;
		if (number < c->first || number >= c->first + c->rows)
			continue;
		(void)printf("row %lld\n", (long long)number);
		for (size_t t = 0; t < record->count; t++)
			print_tensor(&record->tensors[t], row);
	}
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

/* For a shell, commands are printed as they are; for a terminal, without control characters. */
static int
print_replay(const json_t *history, bool for_shell, struct myo_err *err)
{
	char *text;

	if (json_array_size(history) == 0)
		return myo_fail(err, "it doesn't say how it was made");
	if (myo_history_replay(history, &text, err) != MYO_OK)
		return MYO_FAIL;
	if (for_shell)
		(void)fputs(text, stdout);
	for (char *line = text, *end; !for_shell && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		myo_put_text(stdout, line);
		(void)putchar('\n');
	}
	free(text);
	return MYO_OK;
}

static void
print_meta(const json_t *meta)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)meta, key, value) {
		if (strcmp(key, "history") == 0)
			continue;
		print_padded(key, 14);
		(void)fputc(' ', stdout);
		myo_put_text(stdout, json_string_value(value));
		(void)fputc('\n', stdout);
	}
}

static void
print_classes(const struct myo_header *header)
{
	(void)printf("%-14s %zu:", "classes", header->class_count);
	for (size_t i = 0; i < header->class_count && i < 20; i++) {
		(void)fputs(i > 0 ? ", " : " ", stdout);
		myo_put_text(stdout, header->classes[i]);
	}
	(void)printf("%s\n", header->class_count > 20 ? ", …" : "");
}

/* Print how many rows each class has; if there are many classes, only the least and the most. */
static void
print_labels(const struct myo_labels *labels)
{
	int64_t least = INT64_MAX, most = 0;

	if (labels->rows == 0 || labels->classes == 0)
		return;
	(void)printf("%-14s", "of each");
	for (size_t k = 0; k < labels->classes; k++) {
		least = labels->of[k] < least ? labels->of[k] : least;
		most = labels->of[k] > most ? labels->of[k] : most;
		if (labels->classes <= 20)
			(void)printf("%s%lld", k > 0 ? ", " : " ", (long long)labels->of[k]);
	}
	if (labels->classes > 20)
		(void)printf(" %lld to %lld", (long long)least, (long long)most);
	if (labels->unlabelled > 0)
		(void)printf("; %lld without a label", (long long)labels->unlabelled);
	if (labels->beyond > 0)
		(void)printf("; %lld of no class: their labels are %zu or more", (long long)labels->beyond,
		    labels->classes);
	(void)printf("\n");
}

static int
print_made_by(const json_t *history, struct myo_err *err)
{
	if (json_array_size(history) == 0)
		return MYO_OK;
	(void)printf("made by\n");
	return print_replay(history, false, err);
}

static int
json_out(json_t *all, struct myo_err *err)
{
	char *text = myo_json_text(all, JSON_INDENT(2), err);

	json_decref(all);
	if (text == NULL)
		return MYO_FAIL;
	(void)printf("%s\n", text);
	free(text);
	return MYO_OK;
}

/* NULL when out of memory. */
static json_t *
classes_json(const struct myo_header *header)
{
	json_t *classes = json_array();

	for (size_t i = 0; i < header->class_count; i++)
		if (json_array_append_new(classes, json_string(header->classes[i])) != 0) {
			json_decref(classes);
			return NULL;
		}
	return classes;
}

static int
report_stream(const struct conf *c, const struct myo_reader *in, const struct myo_summaries *all,
    const struct myo_labels *labels, size_t records, struct myo_err *err)
{
	const struct myo_header *header = myo_reader_header(in);

	if (c->replay)
		return print_replay(header->history, isatty(STDOUT_FILENO) == 0, err);
	if (c->json) {
		const bool labelled = labels->rows > 0;
		return json_out(json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:O?, s:O?, s:o}", "kind",
		    myo_kind_name(header->kind), "rows", (json_int_t)myo_reader_rows(in), "records", (json_int_t)records,
		    "classes", classes_json(header), "of_each", labelled ? myo_labels_json(labels) : json_null(),
		    "unlabelled", labelled ? json_integer((json_int_t)labels->unlabelled) : json_null(), "metadata",
		    header->extra, "history", header->history, "tensors", myo_summaries_json(all)), err);
	}
	(void)printf("%-14s %s\n%-14s %lld in %zu records\n", "kind", myo_kind_name(header->kind), "rows",
	    (long long)myo_reader_rows(in), records);
	if (header->class_count > 0)
		print_classes(header);
	print_labels(labels);
	print_meta(header->extra);
	(void)printf("tensors\n");
	for (size_t i = 0; i < all->count; i++)
		print_summary(&all->items[i]);
	return print_made_by(header->history, err);
}

static int
info_stream(const struct conf *c, int fd, const char *name, struct myo_err *err)
{
	struct myo_reader *in = NULL;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_summaries all = MYO_SUMMARIES_INIT;
	struct myo_labels labels = { 0 };
	size_t records = 0;

	int rc = myo_reader_new(fd, name, &in, err);
	if (rc == MYO_OK)
		labels.classes = myo_reader_header(in)->class_count;
	while (rc == MYO_OK) {
		const int64_t first_row = myo_reader_rows(in);
		rc = myo_reader_next(in, &record, err);
		if (rc != MYO_OK)
			break;
		records++;
		if (c->rows > 0)
			print_rows(c, &record, first_row);
		else if (!c->replay && ((rc = myo_summaries_add(&all, &record, err)) != MYO_OK ||
		    (rc = myo_labels_add(&labels, &record, err)) != MYO_OK))
			myo_err_prefix(err, "%s: ", name);
	}
	if (rc == MYO_END)
		rc = MYO_OK;
	if (rc == MYO_OK && c->rows == 0 && (rc = report_stream(c, in, &all, &labels, records, err)) != MYO_OK)
		myo_err_prefix(err, "%s: ", name);
	myo_summaries_clear(&all);
	myo_labels_clear(&labels);
	myo_record_clear(&record);
	myo_reader_free(in);
	return rc;
}

static int
report_document(const struct conf *c, const struct myo_record *record, struct myo_err *err)
{
	const char *text = json_string_value(json_object_get(record->meta, "history"));
	json_t *history = text != NULL ? json_loads(text, 0, NULL) : NULL;
	struct myo_summaries all = MYO_SUMMARIES_INIT;

	if (text != NULL && history == NULL)
		return myo_fail(err, "its history can't be read: it is damaged, or memory is full");
	int rc = myo_summaries_add(&all, record, err);
	if (rc == MYO_OK && c->replay) {
		rc = print_replay(history, isatty(STDOUT_FILENO) == 0, err);
	} else if (rc == MYO_OK && c->json) {
		rc = json_out(json_pack("{s:O?, s:O?, s:o}", "metadata", record->meta, "history", history, "tensors",
		    myo_summaries_json(&all)), err);
	} else if (rc == MYO_OK) {
		print_meta(record->meta);
		(void)printf("tensors\n");
		for (size_t i = 0; i < all.count; i++)
			print_summary(&all.items[i]);
		rc = print_made_by(history, err);
	}
	json_decref(history);
	myo_summaries_clear(&all);
	return rc;
}

/* A document: a model, or any other safetensors file. */
static int
info_document(const struct conf *c, const char *path, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;

	int rc = myo_document_load(path, &record, err);
	if (rc == MYO_OK && c->rows > 0)
		myo_cli_usage("--rows is for streams, and %s is none", path);
	if (rc == MYO_OK && (rc = report_document(c, &record, err)) != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	myo_record_clear(&record);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { 0 };
	struct myo_err err = MYO_ERR_INIT;
	int rc;

	const int operand = parse(&c, argc, argv);
	const char *path = operand < argc ? argv[operand] : "-";
	if (strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			myo_cli_usage("standard input is a terminal, not a stream");
		return myo_cli_leave(info_stream(&c, STDIN_FILENO, "standard input", &err), NULL, &err);
	}
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		rc = myo_fail_errno(&err, "%s: can't be opened", path);
	else if (myo_is_stream(fd))
		rc = info_stream(&c, fd, path, &err);
	else
		rc = info_document(&c, path, &err);
	if (fd >= 0)
		(void)close(fd);
	return myo_cli_leave(rc, NULL, &err);
}
