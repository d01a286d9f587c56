/* From a safetensors document to a model; nothing in the file is trusted. */
#include "model/private.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 1000000 };

/* ---- metadata ------------------------------------------------------------------------------ */

static int
get_text(const json_t *meta, const char *key, const char **out, struct myo_err *err)
{
	*out = json_string_value(json_object_get(meta, key));
	if (*out == NULL)
		return myo_fail(err, "the metadata has no %s", key);
	return MYO_OK;
}

static int
get_int(const json_t *meta, const char *key, long min, long max, long *out, struct myo_err *err)
{
	const char *text;
	char *end;

	if (get_text(meta, key, &text, err) != MYO_OK)
		return MYO_FAIL;
	errno = 0;
	*out = strtol(text, &end, 10);
	if (strspn(text, "-0123456789") != strlen(text) || end == text || *end != '\0' || errno != 0 || *out < min || *out > max)
		return myo_fail(err, "metadata %s is '%.40s', not a whole number from %ld to %ld", key, text, min, max);
	return MYO_OK;
}

/* "0.49 0.48 0.45": three numbers, each above `least`. */
static int
get_channels(const json_t *meta, const char *key, double least, double *out, struct myo_err *err)
{
	const char *text;

	if (get_text(meta, key, &text, err) != MYO_OK)
		return MYO_FAIL;
	const char *at = text;
	for (int c = 0; c < 3; c++) {
		char *end;
		out[c] = strtod(at, &end);
		const bool good = strspn(at, "-+.0123456789e") == strcspn(at, " ") && *end == (c < 2 ? ' ' : '\0');
		if (end == at || !good || !isfinite(out[c]) || out[c] <= least)
			return myo_fail(err, "metadata %s is '%.60s', not three numbers%s", key, text,
			    least == 0 ? " above 0" : "");
		at = end + 1;
	}
	return MYO_OK;
}

static int
get_json(const json_t *meta, const char *key, json_type type, json_t **out, struct myo_err *err)
{
	const char *text;

	if (get_text(meta, key, &text, err) != MYO_OK)
		return MYO_FAIL;
	*out = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (*out == NULL || json_typeof(*out) != type) {
		json_decref(*out);
		*out = NULL;
		return myo_fail(err, "metadata %s is not a JSON %s", key, type == JSON_ARRAY ? "array" : "object");
	}
	return MYO_OK;
}

static int
get_classes(const json_t *meta, struct myo_header *header, struct myo_err *err)
{
	json_t *classes;
	int rc = MYO_OK;

	if (get_json(meta, "classes", JSON_ARRAY, &classes, err) != MYO_OK)
		return MYO_FAIL;
	const size_t count = json_array_size(classes);
	const char **names = myo_calloc(count, sizeof *names, err);
	if (names == NULL)
		rc = MYO_FAIL;
	else if (count == 0 || count > MOST_CLASSES)
		rc = myo_fail(err, "metadata classes lists %zu classes", count);
	for (size_t i = 0; rc == MYO_OK && i < count; i++) {
		names[i] = json_string_value(json_array_get(classes, i));
		if (names[i] == NULL)
			rc = myo_fail(err, "metadata classes: class %zu is not a string", i);
	}
	if (rc == MYO_OK)
		rc = myo_header_set_classes(header, count, names, err);
	free(names);
	json_decref(classes);
	return rc;
}

/* "training": an object of strings, which only people read. */
static int
get_training(const json_t *meta, json_t **out, struct myo_err *err)
{
	const char *key;
	json_t *value;

	if (get_json(meta, "training", JSON_OBJECT, out, err) != MYO_OK)
		return MYO_FAIL;
	json_object_foreach(*out, key, value)
		if (!json_is_string(value))
			return myo_fail(err, "metadata training: %.60s is not a string", key);
	return MYO_OK;
}

static int
check_format(const json_t *meta, struct myo_err *err)
{
	const char *format = json_string_value(json_object_get(meta, "format"));
	const char *version;

	if (format == NULL || strcmp(format, MODEL_FORMAT) != 0)
		return myo_fail(err, "not a model of myopic's: its metadata has no format=" MODEL_FORMAT);
	if (get_text(meta, "version", &version, err) != MYO_OK)
		return MYO_FAIL;
	if (strcmp(version, MODEL_VERSION) != 0)
		return myo_fail(err, "the model file is of version %.20s; this program reads version " MODEL_VERSION,
		    version);
	return MYO_OK;
}

/* ---- the network ------------------------------------------------------------------------------ */

/*
 * Load the architecture by name. A name with a slash would be a file, but a model from somebody else
 * must not choose code to run: only names on the search path are loaded.
 */
static int
get_arch(const json_t *meta, struct myo_arch **out, struct myo_err *err)
{
	const char *name, *options;
	long version;

	if (get_text(meta, "arch", &name, err) != MYO_OK || get_text(meta, "options", &options, err) != MYO_OK ||
	    get_int(meta, "arch_version", 0, INT_MAX, &version, err) != MYO_OK)
		return MYO_FAIL;
	if (name[0] == '\0' || strpbrk(name, "/:") != NULL)
		return myo_fail(err, "metadata arch is '%.60s', not the name of an architecture", name);

	char *spec = myo_format(err, "%s%s%s", name, options[0] != '\0' ? ":" : "", options);
	if (spec == NULL)
		return MYO_FAIL;
	const int rc = myo_arch_new(spec, out, err);
	free(spec);
	if (rc != MYO_OK)
		return MYO_FAIL;
	const struct myo_plugin *plugin = myo_arch_plugin(*out);
	if (plugin->version != (uint32_t)version)
		return myo_fail(err, "made with version %ld of %s, but %s is version %u; train it again, or put the "
		    "folder of the other plugin into MYOPIC_PLUGIN_PATH", version, name, myo_arch_file(*out),
		    (unsigned)plugin->version);
	return MYO_OK;
}

static void
shape_text(char *text, size_t size, int dims, const size_t *shape)
{
	size_t used = (size_t)snprintf(text, size, "[");

	for (int d = 0; d < dims && used < size; d++)
		used += (size_t)snprintf(text + used, size - used, "%s%zu", d > 0 ? ", " : "", shape[d]);
	if (used < size)
		(void)snprintf(text + used, size - used, "]");
}

static int
copy_weight(const struct myo_record *record, struct myo_weight *w, struct myo_err *err)
{
	const struct myo_tensor *t = myo_record_find(record, w->name);
	char there[128], wanted[128];

	if (t == NULL)
		return myo_fail(err, "tensor %s is missing", w->name);
	if (t->dtype != MYO_F32 || t->dims != w->dims ||
	    (w->dims > 0 && memcmp(t->shape, w->shape, (size_t)w->dims * sizeof w->shape[0]) != 0)) {
		shape_text(there, sizeof there, t->dims, t->shape);
		shape_text(wanted, sizeof wanted, w->dims, w->shape);
		return myo_fail(err, "tensor %s is %s %s, not F32 %s", w->name, myo_dtype_name(t->dtype),
		    there, wanted);
	}
	memcpy(w->value, t->data, t->bytes);
	return model_check_weight(w, err);
}

/* Counters are for PyTorch: a file may lack them, but a malformed one is refused. */
static int
check_counter(const struct myo_record *record, const struct myo_weight *w, size_t *known, struct myo_err *err)
{
	char *name;
	int rc = MYO_OK;

	if (model_counter_name(w, &name, err) != MYO_OK)
		return MYO_FAIL;
	const struct myo_tensor *t = name != NULL ? myo_record_find(record, name) : NULL;
	if (t != NULL) {
		(*known)++;
		if (t->dtype != MYO_I64 || t->bytes != sizeof(int64_t))
			rc = myo_fail(err, "tensor %s is not one number of type I64", name);
	}
	free(name);
	return rc;
}

static bool
is_more(const char *name)
{
	return strncmp(name, MYO_MODEL_MORE, strlen(MYO_MODEL_MORE)) == 0;
}

/* The file has a tensor that the network doesn't: name it in the message. */
static int
name_stranger(const struct myo_record *record, const struct myo_net *net, struct myo_err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		const char *name = record->tensors[i].name;
		bool known = is_more(name);
		for (size_t j = 0; !known && j < myo_net_weights(net); j++) {
			const struct myo_weight *w = myo_net_weight(net, j);
			char *counter;
			if (model_counter_name(w, &counter, err) != MYO_OK)
				return MYO_FAIL;
			known = strcmp(w->name, name) == 0 || (counter != NULL && strcmp(counter, name) == 0);
			free(counter);
		}
		if (!known)
			return myo_fail(err, "tensor %s does not belong to the network", name);
	}
	return myo_fail(err, "a tensor of the network is called " MYO_MODEL_MORE "..., as only those of a checkpoint may be");
}

static int
fill_net(const struct myo_record *record, struct myo_net *net, struct myo_err *err)
{
	size_t known = myo_net_weights(net);

	for (size_t i = 0; i < myo_net_weights(net); i++) {
		struct myo_weight *w = myo_net_weight(net, i);
		if (copy_weight(record, w, err) != MYO_OK || check_counter(record, w, &known, err) != MYO_OK)
			return MYO_FAIL;
	}
	for (size_t i = 0; i < record->count; i++)
		known += is_more(record->tensors[i].name);
	return record->count == known ? MYO_OK : name_stranger(record, net, err);
}

/*
 * The most elements that a network's parameters may have, so that a file can't make us allocate more than it holds; and
 * some more, so that a tensor that is missing can be named.
 */
static size_t
numbers_of(const struct myo_record *record)
{
	size_t numbers = 1 << 24;

	for (size_t i = 0; i < record->count; i++)
		numbers += is_more(record->tensors[i].name) ? 0 : record->tensors[i].bytes / sizeof(float);
	return numbers;
}

static int
fill_model(const struct myo_record *record, struct myo_model *model, struct myo_err *err)
{
	const json_t *meta = record->meta;
	long size;

	if (check_format(meta, err) != MYO_OK ||
	    get_int(meta, "size", 1, MYO_MODEL_SIDE, &size, err) != MYO_OK ||
	    get_channels(meta, "mean", -HUGE_VAL, model->mean, err) != MYO_OK ||
	    get_channels(meta, "deviation", 0, model->deviation, err) != MYO_OK ||
	    model_check_normalisation(model, err) != MYO_OK ||
	    get_classes(meta, &model->header, err) != MYO_OK ||
	    get_json(meta, "history", JSON_ARRAY, &model->header.history, err) != MYO_OK ||
	    get_training(meta, &model->training, err) != MYO_OK ||
	    get_arch(meta, &model->arch, err) != MYO_OK)
		return MYO_FAIL;
	model->size = (int)size;

	const struct myo_shape input = { model->size, model->size, 3 };
	if (myo_arch_build(model->arch, input, (int)model->header.class_count, numbers_of(record),
	    &model->net, err) != MYO_OK)
		return MYO_FAIL;
	return fill_net(record, model->net, err);
}

int
myo_model_load_more(const char *path, struct myo_model *model, struct myo_record *document, struct myo_err *err)
{
	*model = (struct myo_model)MYO_MODEL_INIT;
	if (myo_document_load(path, document, err) != MYO_OK)
		return MYO_FAIL;
	const int rc = fill_model(document, model, err);
	if (rc != MYO_OK) {
		myo_err_prefix(err, "%s: ", path);
		myo_model_clear(model);
	}
	return rc;
}

int
myo_model_load(const char *path, struct myo_model *model, struct myo_err *err)
{
	struct myo_record document = MYO_RECORD_INIT;

	const int rc = myo_model_load_more(path, model, &document, err);
	myo_record_clear(&document);
	return rc;
}
