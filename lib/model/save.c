/* From a model to one safetensors document. */
#include "model/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool
ends_with(const char *text, const char *ending)
{
	const size_t length = strlen(text), tail = strlen(ending);

	return length >= tail && strcmp(text + length - tail, ending) == 0;
}

int
model_counter_name(const struct myo_weight *weight, char **out, struct myo_err *err)
{
	static const char mean[] = ".running_mean";

	*out = NULL;
	if (weight->role != MYO_BUFFER || !ends_with(weight->name, mean))
		return MYO_OK;
	*out = myo_format(err, "%.*s.num_batches_tracked", (int)(strlen(weight->name) - strlen(mean)),
	    weight->name);
	return *out != NULL ? MYO_OK : MYO_FAIL;
}

int
model_check_weight(const struct myo_weight *weight, struct myo_err *err)
{
	const bool variance = weight->role == MYO_BUFFER && ends_with(weight->name, ".running_var");

	for (size_t i = 0; i < weight->elements; i++) {
		if (!isfinite(weight->value[i]))
			return myo_fail(err, "tensor %s holds %g, which is no use: the training diverged, or the "
			    "file is damaged", weight->name, (double)weight->value[i]);
		if (variance && weight->value[i] < 0)
			return myo_fail(err, "tensor %s holds a negative variance: the file is damaged", weight->name);
	}
	return MYO_OK;
}

int
myo_model_check(const struct myo_model *model, struct myo_err *err)
{
	for (size_t i = 0; i < myo_net_weights(model->net); i++)
		if (model_check_weight(myo_net_weight(model->net, i), err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

/* ---- metadata -------------------------------------------------------------------------- */

static int
set_text(json_t *meta, const char *key, const char *value, struct myo_err *err)
{
	/* jansson refuses text that isn't UTF-8, which names of files may not be. */
	if (json_object_set_new(meta, key, json_string(value)) != 0)
		return myo_fail(err, "metadata %s can't be written: not UTF-8, or out of memory", key);
	return MYO_OK;
}

/* Set a metadata string to the text of a JSON value, or to `empty` if that is NULL. */
static int
set_json(json_t *meta, const char *key, const json_t *value, const char *empty, struct myo_err *err)
{
	return value != NULL ? myo_json_set_text(meta, key, value, JSON_COMPACT, err) : set_text(meta, key, empty, err);
}

static int
set_classes(json_t *meta, const struct myo_header *header, struct myo_err *err)
{
	json_t *classes = json_array();
	int rc = classes != NULL ? MYO_OK : myo_fail(err, "out of memory");

	for (size_t i = 0; rc == MYO_OK && i < header->class_count; i++)
		if (json_array_append_new(classes, json_string(header->classes[i])) != 0)
			rc = myo_fail(err, "the name of class %zu can't be written: not UTF-8, or out of memory", i);
	if (rc == MYO_OK)
		rc = set_json(meta, "classes", classes, "[]", err);
	json_decref(classes);
	return rc;
}

/* Three numbers, with enough digits to read back the same. */
static int
set_channels(json_t *meta, const char *key, const double *values, struct myo_err *err)
{
	char text[3][MYO_REAL_TEXT];

	char *line = myo_format(err, "%s %s %s", myo_real_text(text[0], values[0]),
	    myo_real_text(text[1], values[1]), myo_real_text(text[2], values[2]));
	const int rc = line != NULL ? set_text(meta, key, line, err) : MYO_FAIL;
	free(line);
	return rc;
}

static int
set_numbers(json_t *meta, const struct myo_model *model, struct myo_err *err)
{
	int rc = MYO_FAIL;
	char *version = myo_format(err, "%u", (unsigned)myo_arch_plugin(model->arch)->version);
	char *size = myo_format(err, "%d", model->size);
	char *options = NULL;

	if (version != NULL && size != NULL && myo_arch_options(model->arch, &options, err) == MYO_OK &&
	    set_text(meta, "arch_version", version, err) == MYO_OK &&
	    set_text(meta, "options", options, err) == MYO_OK && set_text(meta, "size", size, err) == MYO_OK)
		rc = MYO_OK;
	free(options);
	free(size);
	free(version);
	return rc;
}

static int
make_meta(const struct myo_model *model, json_t **out, struct myo_err *err)
{
	json_t *meta = json_object();

	*out = meta;
	if (meta == NULL)
		return myo_fail(err, "out of memory");
	if (set_text(meta, "format", MODEL_FORMAT, err) != MYO_OK ||
	    set_text(meta, "version", MODEL_VERSION, err) != MYO_OK ||
	    set_text(meta, "arch", myo_arch_plugin(model->arch)->name, err) != MYO_OK ||
	    set_numbers(meta, model, err) != MYO_OK ||
	    set_channels(meta, "mean", model->mean, err) != MYO_OK ||
	    set_channels(meta, "deviation", model->deviation, err) != MYO_OK ||
	    set_classes(meta, &model->header, err) != MYO_OK ||
	    set_json(meta, "history", model->header.history, "[]", err) != MYO_OK ||
	    set_json(meta, "training", model->training, "{}", err) != MYO_OK)
		return MYO_FAIL;
	return MYO_OK;
}

/* ---- tensors ----------------------------------------------------------------------------- */

struct counters {
	char **names; /* [weights]; NULL for one without a counter */
	int64_t batches;
};

static int
put_weights(const struct myo_net *net, struct counters *counters, struct myo_record *record,
    struct myo_err *err)
{
	for (size_t i = 0; i < myo_net_weights(net); i++) {
		const struct myo_weight *w = myo_net_weight(net, i);
		if (model_check_weight(w, err) != MYO_OK ||
		    myo_record_put(record, w->name, MYO_F32, w->dims, w->shape, w->value, err) != MYO_OK ||
		    model_counter_name(w, &counters->names[i], err) != MYO_OK)
			return MYO_FAIL;
	}
	/* Last, so that the tensors before them stay aligned and in the network's order. */
	for (size_t i = 0; i < myo_net_weights(net); i++)
		if (counters->names[i] != NULL && myo_record_put(record, counters->names[i], MYO_I64, 0, NULL,
		    &counters->batches, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_OK;
}

static int
put_more(const struct myo_record *more, struct myo_record *record, struct myo_err *err)
{
	const char *key;
	json_t *value;

	for (size_t i = 0; i < more->count; i++) {
		const struct myo_tensor *t = &more->tensors[i];
		if (myo_record_put(record, t->name, t->dtype, t->dims, t->shape, t->data, err) != MYO_OK)
			return MYO_FAIL;
	}
	json_object_foreach(more->meta, key, value)
		if (json_object_set(record->meta, key, value) != 0)
			return myo_fail(err, "out of memory");
	return MYO_OK;
}

int
myo_model_save_more(const struct myo_model *model, const struct myo_record *more, const char *path,
    struct myo_err *err)
{
	const size_t weights = myo_net_weights(model->net);
	const char *batches = json_string_value(json_object_get(model->training, "batches"));
	if (batches == NULL) /* an older version's file, which has steps instead */
		batches = json_string_value(json_object_get(model->training, "steps"));
	struct counters counters = { NULL, batches != NULL ? strtoll(batches, NULL, 10) : 0 };
	struct myo_record record = MYO_RECORD_INIT;
	int rc = MYO_FAIL;

	counters.names = myo_calloc(weights, sizeof *counters.names, err);
	if (counters.names != NULL && make_meta(model, &record.meta, err) == MYO_OK &&
	    put_weights(model->net, &counters, &record, err) == MYO_OK)
		rc = more != NULL ? put_more(more, &record, err) : MYO_OK;
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	else
		rc = myo_document_save(path, &record, err);
	myo_record_clear(&record);
	for (size_t i = 0; counters.names != NULL && i < weights; i++)
		free(counters.names[i]);
	free(counters.names);
	return rc;
}

int
myo_model_save(const struct myo_model *model, const char *path, struct myo_err *err)
{
	return myo_model_save_more(model, NULL, path, err);
}
