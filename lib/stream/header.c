/* The headers of streams. */
#include "stream/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[MYO_IMAGES] = "images",
	[MYO_PATCHES] = "patches",
	[MYO_PREDICTIONS] = "predictions",
	[MYO_HEAT] = "heat",
};

/* Keys of the header record that are not `extra`. */
static const char *const own_keys[] = { "record", "format", "version", "kind", "classes", "rows", "history" };

const char *
myo_kind_name(enum myo_kind kind)
{
	return kinds[kind];
}

static void
clear_classes(struct myo_header *header)
{
	for (size_t i = 0; i < header->class_count; i++)
		free(header->classes[i]);
	free(header->classes);
	header->classes = NULL;
	header->class_count = 0;
}

void
myo_header_clear(struct myo_header *header)
{
	clear_classes(header);
	json_decref(header->history);
	json_decref(header->extra);
	*header = (struct myo_header)MYO_HEADER_INIT;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Class names are the identity of classes, so no two may be the same. */
static int
check_names(const char *const *names, size_t count, struct myo_err *err)
{
	const char **sorted = myo_calloc(count, sizeof *sorted, err);
	int rc = sorted != NULL ? MYO_OK : MYO_FAIL;

	for (size_t i = 0; rc == MYO_OK && i < count; i++)
		sorted[i] = names[i];
	if (rc == MYO_OK && count > 1)
		qsort(sorted, count, sizeof *sorted, by_name);
	for (size_t i = 1; rc == MYO_OK && i < count; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			rc = myo_fail(err, "two classes are called '%.100s'", sorted[i]);
	free(sorted);
	return rc;
}

int
myo_header_set_classes(struct myo_header *header, size_t count, const char *const *names, struct myo_err *err)
{
	char **copy = NULL;

	if (check_names(names, count, err) != MYO_OK || (copy = myo_calloc(count, sizeof *copy, err)) == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < count; i++) {
		copy[i] = myo_strdup(names[i], err);
		if (copy[i] == NULL) {
			while (i > 0)
				free(copy[--i]);
			free(copy);
			return MYO_FAIL;
		}
	}
	clear_classes(header);
	header->classes = copy;
	header->class_count = count;
	return MYO_OK;
}

int
myo_header_same_classes(const struct myo_header *header, const struct myo_header *other, const char *name,
    struct myo_err *err)
{
	if (header->class_count == 0)
		return myo_fail(err, "its classes have no names to compare");
	if (header->class_count != other->class_count)
		return myo_fail(err, "has %zu classes, and %s %zu", header->class_count, name, other->class_count);
	for (size_t k = 0; k < header->class_count; k++)
		if (strcmp(header->classes[k], other->classes[k]) != 0)
			return myo_fail(err, "its class %zu is '%.100s', and '%.100s' in %s", k, header->classes[k],
			    other->classes[k], name);
	return MYO_OK;
}

int
myo_header_copy(struct myo_header *to, const struct myo_header *from, struct myo_err *err)
{
	myo_header_clear(to);
	to->kind = from->kind;
	to->rows = from->rows;
	if (myo_json_copy(from->history, &to->history, err) != MYO_OK ||
	    myo_json_copy(from->extra, &to->extra, err) != MYO_OK)
		return MYO_FAIL;
	return myo_header_set_classes(to, from->class_count, (const char *const *)from->classes, err);
}

const char *
myo_header_get(const struct myo_header *header, const char *key)
{
	return stream_meta(header->extra, key);
}

int
myo_header_set(struct myo_header *header, const char *key, const char *value, struct myo_err *err)
{
	if (header->extra == NULL)
		header->extra = json_object();
	if (value == NULL) {
		(void)json_object_del(header->extra, key); /* absent already: fine */
		return MYO_OK;
	}
	if (header->extra == NULL || json_object_set_new(header->extra, key, json_string(value)) != 0)
		return myo_fail(err, "metadata '%s' can't be set: not UTF-8, or memory is full", key);
	return MYO_OK;
}

static int
parse_int(const char *key, const char *text, int64_t min, int64_t max, int64_t *out, struct myo_err *err)
{
	char *end;

	errno = 0;
	const long long value = strtoll(text, &end, 10);
	if (((*text < '0' || *text > '9') && *text != '-') || *end != '\0' || errno != 0 || value < min || value > max)
		return myo_fail(err, "metadata '%s' is '%s', not a number from %lld to %lld", key, text, (long long)min,
		    (long long)max);
	*out = value;
	return MYO_OK;
}

int
myo_header_get_int(const struct myo_header *header, const char *key, int64_t min, int64_t max, int64_t fallback,
    int64_t *out, struct myo_err *err)
{
	const char *text = myo_header_get(header, key);

	*out = fallback;
	return text != NULL ? parse_int(key, text, min, max, out, err) : MYO_OK;
}

int
myo_header_set_int(struct myo_header *header, const char *key, int64_t value, struct myo_err *err)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%lld", (long long)value);
	return myo_header_set(header, key, text, err);
}

/* ---- from and to metadata ----------------------------------------------------------------------- */

static int
parse_classes(const char *text, struct myo_header *header, struct myo_err *err)
{
	json_t *array = json_loads(text, 0, NULL), *name;
	const size_t count = json_array_size(array);
	const char **names = myo_calloc(count, sizeof *names, err);
	size_t i;
	int rc = names != NULL ? MYO_OK : MYO_FAIL;

	if (rc == MYO_OK && !json_is_array(array))
		rc = myo_fail(err, "the class names are not a list");
	if (rc == MYO_OK)
		json_array_foreach(array, i, name) {
			names[i] = json_string_value(name);
			if (names[i] == NULL)
				rc = myo_fail(err, "class name %zu is not a text", i);
		}
	if (rc == MYO_OK)
		rc = myo_header_set_classes(header, count, names, err);
	free(names);
	json_decref(array);
	return rc;
}

static int
parse_kind(const char *text, enum myo_kind *out, struct myo_err *err)
{
	for (size_t i = 0; text != NULL && i < MYO_COUNT(kinds); i++)
		if (strcmp(kinds[i], text) == 0) {
			*out = (enum myo_kind)i;
			return MYO_OK;
		}
	return myo_fail(err, "its kind is '%s', which this version doesn't know", text != NULL ? text : "");
}

int
stream_header_parse(const json_t *meta, struct myo_header *header, struct myo_err *err)
{
	const char *format = stream_meta(meta, "format"), *version = stream_meta(meta, "version");
	const char *classes = stream_meta(meta, "classes"), *rows = stream_meta(meta, "rows");
	const char *history = stream_meta(meta, "history");

	if (format == NULL || strcmp(format, STREAM_FORMAT) != 0)
		return myo_fail(err, "not a myopic stream, but a document of format '%s'",
		    format != NULL ? format : "");
	if (version == NULL || strcmp(version, STREAM_VERSION) != 0)
		return myo_fail(err, "a stream of version %s, and this program reads version " STREAM_VERSION,
		    version != NULL ? version : "(none)");
	if (parse_kind(stream_meta(meta, "kind"), &header->kind, err) != MYO_OK)
		return MYO_FAIL;
	if (classes != NULL && parse_classes(classes, header, err) != MYO_OK)
		return MYO_FAIL;
	header->rows = -1;
	if (rows != NULL && parse_int("rows", rows, 0, INT64_MAX, &header->rows, err) != MYO_OK)
		return MYO_FAIL;
	if (history != NULL) {
		header->history = json_loads(history, 0, NULL);
		if (!json_is_array(header->history))
			return myo_fail(err, "the history is not a list");
	}
	if (myo_json_copy(meta, &header->extra, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; i < MYO_COUNT(own_keys); i++)
		(void)json_object_del(header->extra, own_keys[i]);
	return MYO_OK;
}

int
stream_header_meta(const struct myo_header *header, json_t **out, struct myo_err *err)
{
	json_t *meta = json_pack("{s:s, s:s, s:s, s:s}", "record", "header", "format", STREAM_FORMAT, "version",
	    STREAM_VERSION, "kind", myo_kind_name(header->kind));
	json_t *classes = json_array();
	bool good = meta != NULL && classes != NULL;
	const char *key;
	json_t *value;

	for (size_t i = 0; i < header->class_count && good; i++)
		good = json_array_append_new(classes, json_string(header->classes[i])) == 0;
	if (header->class_count > 0)
		good = good && myo_json_set_text(meta, "classes", classes, JSON_COMPACT, NULL) == MYO_OK;
	if (header->rows >= 0) {
		char rows[32];
		(void)snprintf(rows, sizeof rows, "%lld", (long long)header->rows);
		good = good && json_object_set_new(meta, "rows", json_string(rows)) == 0;
	}
	if (header->history != NULL)
		good = good && myo_json_set_text(meta, "history", header->history, JSON_COMPACT, NULL) == MYO_OK;
	json_object_foreach(header->extra, key, value)
		if (json_object_get(meta, key) == NULL)
			good = good && json_object_set(meta, key, value) == 0;
	json_decref(classes);
	if (!good) {
		json_decref(meta);
		*out = NULL;
		return myo_fail(err, "the header can't be made: a name is not UTF-8, or memory is full");
	}
	*out = meta;
	return MYO_OK;
}

/* Whether the parts agree in the metadata that a reader takes from the first header alone. */
static int
same_making(const struct myo_header *first, const struct myo_header *next, struct myo_err *err)
{
	static const char *const keys[] = { "sampling", "tile", "margin", "stride", "pad", "method", "top", "erase",
		"order", "steps" };

	for (size_t i = 0; i < MYO_COUNT(keys); i++) {
		const char *const a = myo_header_get(first, keys[i]), *const b = myo_header_get(next, keys[i]);
		if (a == NULL && b == NULL)
			continue;
		if (a == NULL || b == NULL || strcmp(a, b) != 0)
			return myo_fail(err, "joined of streams whose '%s' is '%.100s' and '%.100s'", keys[i],
			    a != NULL ? a : "(none)", b != NULL ? b : "(none)");
	}
	return MYO_OK;
}

int
stream_header_fits(const struct myo_header *first, const struct myo_header *next, struct myo_err *err)
{
	if (first->kind != next->kind)
		return myo_fail(err, "joined of %s and %s", myo_kind_name(first->kind), myo_kind_name(next->kind));
	if (first->class_count != next->class_count)
		return myo_fail(err, "joined of streams with %zu and %zu classes", first->class_count,
		    next->class_count);
	for (size_t i = 0; i < first->class_count; i++)
		if (strcmp(first->classes[i], next->classes[i]) != 0)
			return myo_fail(err, "joined of streams whose class %zu is '%s' and '%s'", i, first->classes[i],
			    next->classes[i]);
	return same_making(first, next, err);
}
