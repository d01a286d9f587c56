/* Checkpoints: a model file that also has all the state that the rest of the training depends on. */
#include "train/private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS MYO_MODEL_MORE "settings"
#define NUMBERS MYO_MODEL_MORE "numbers"
#define BEGUN_WITH MYO_MODEL_MORE "begun_with"

/*
 * Numbers are strings in an object, since JSON has no 64-bit integers and no NaN; arrays are tensors.
 * `names` keeps the names of tensors until they are written.
 */
struct keeper {
	bool loads;
	struct myo_record *record;
	json_t *numbers;
	char **names;
	size_t name_count;
};

/* ---- the keeper ------------------------------------------------------------------------------- */

bool
train_keeper_loads(const struct keeper *keeper)
{
	return keeper->loads;
}

static int
set_number(struct keeper *keeper, const char *name, char *text, struct myo_err *err)
{
	const int rc = text != NULL ? json_object_set_new(keeper->numbers, name, json_string(text)) : -1;

	free(text);
	return rc == 0 ? MYO_OK : myo_fail(err, "out of memory");
}

static int
get_number(const struct keeper *keeper, const char *name, const char **out, struct myo_err *err)
{
	*out = json_string_value(json_object_get(keeper->numbers, name));
	return *out != NULL && **out != '\0' ? MYO_OK : myo_fail(err, "the checkpoint lacks the number '%s'", name);
}

int
train_keep_count(struct keeper *keeper, const char *name, int64_t *value, struct myo_err *err)
{
	const char *text;
	char *end;

	if (!keeper->loads)
		return set_number(keeper, name, myo_format(err, "%lld", (long long)*value), err);
	if (get_number(keeper, name, &text, err) != MYO_OK)
		return MYO_FAIL;
	errno = 0;
	*value = strtoll(text, &end, 10);
	if (*end != '\0' || errno != 0)
		return myo_fail(err, "the checkpoint's '%s' is '%.40s', which is no whole number", name, text);
	return MYO_OK;
}

int
train_keep_flag(struct keeper *keeper, const char *name, bool *value, struct myo_err *err)
{
	int64_t number = *value;

	const int rc = train_keep_count(keeper, name, &number, err);
	*value = number != 0;
	return rc;
}

int
train_keep_real(struct keeper *keeper, const char *name, double *value, struct myo_err *err)
{
	char number[MYO_REAL_TEXT];
	const char *text;
	char *end;

	if (!keeper->loads)
		return set_number(keeper, name,
		    myo_strdup(isnan(*value) ? "nan" : myo_real_text(number, *value), err), err);
	if (get_number(keeper, name, &text, err) != MYO_OK)
		return MYO_FAIL;
	*value = strtod(text, &end);
	if (*end != '\0')
		return myo_fail(err, "the checkpoint's '%s' is '%.40s', which is no number", name, text);
	return MYO_OK;
}

static int
keep_array(struct keeper *keeper, const char *name, enum myo_dtype dtype, void *values, size_t count,
    struct myo_err *err)
{
	char *full = myo_format(err, MYO_MODEL_MORE "%s", name);

	if (full == NULL)
		return MYO_FAIL;
	if (!keeper->loads) {
		char **names = myo_realloc(keeper->names, keeper->name_count + 1, sizeof *names, err);
		if (names == NULL) {
			free(full);
			return MYO_FAIL;
		}
		keeper->names = names;
		names[keeper->name_count++] = full;
		return myo_record_put(keeper->record, full, dtype, 1, &count, values, err);
	}
	const struct myo_tensor *t = myo_record_find(keeper->record, full);
	free(full);
	if (t == NULL)
		return myo_fail(err, "the checkpoint lacks the array '%s'", name);
	if (t->dtype != dtype || t->dims != 1 || t->shape[0] != count)
		return myo_fail(err, "the checkpoint's array '%s' has another size: it was made with other options",
		    name);
	if (t->bytes > 0)
		memcpy(values, t->data, t->bytes);
	return MYO_OK;
}

int
train_keep_floats(struct keeper *keeper, const char *name, float *values, size_t count, struct myo_err *err)
{
	return keep_array(keeper, name, MYO_F32, values, count, err);
}

int
train_keep_counts(struct keeper *keeper, const char *name, int64_t *values, size_t count, struct myo_err *err)
{
	return keep_array(keeper, name, MYO_I64, values, count, err);
}

static int
keep_all(struct keeper *keeper, const struct myo_checkpoint_of *of, struct myo_err *err)
{
	if (train_keep_trainer(keeper, of->trainer, err) != MYO_OK)
		return MYO_FAIL;
	return train_keep_run(keeper, of->run, err);
}

/* ---- saving ------------------------------------------------------------------------------------- */

int
myo_checkpoint_save(const char *path, const struct myo_checkpoint_of *of, struct myo_err *err)
{
	struct myo_record more = MYO_RECORD_INIT;
	struct keeper keeper = { .record = &more, .numbers = json_object() };
	const size_t flags = JSON_COMPACT | JSON_SORT_KEYS;

	more.meta = json_object();
	int rc = more.meta != NULL && keeper.numbers != NULL ? MYO_OK : myo_fail(err, "out of memory");
	if (rc == MYO_OK)
		rc = keep_all(&keeper, of, err);
	if (rc == MYO_OK && (myo_json_set_text(more.meta, NUMBERS, keeper.numbers, flags, err) != MYO_OK ||
	    myo_json_set_text(more.meta, SETTINGS, of->settings, flags, err) != MYO_OK ||
	    (*of->begun_with != NULL &&
	    myo_json_set_text(more.meta, BEGUN_WITH, *of->begun_with, flags, err) != MYO_OK)))
		rc = MYO_FAIL;
	if (rc == MYO_OK)
		rc = myo_model_save_more(of->model, &more, path, err);
	else
		myo_err_prefix(err, "%s: ", path);
	myo_record_clear(&more);
	json_decref(keeper.numbers);
	for (size_t i = 0; i < keeper.name_count; i++)
		free(keeper.names[i]);
	free(keeper.names);
	return rc;
}

/* ---- loading -------------------------------------------------------------------------------------- */

static int
get_json(const json_t *meta, const char *key, json_t **out, struct myo_err *err)
{
	const char *text = json_string_value(json_object_get(meta, key));

	*out = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (json_is_object(*out))
		return MYO_OK;
	json_decref(*out);
	*out = NULL;
	return myo_fail(err, text == NULL ? "is no checkpoint: a model alone is not enough to go on with" :
	    "is no checkpoint, or a damaged one");
}

static int
get_begun_with(const json_t *meta, json_t **out, struct myo_err *err)
{
	const char *text = json_string_value(json_object_get(meta, BEGUN_WITH));

	if (text == NULL)
		return MYO_OK;
	json_t *const history = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_array(history)) {
		json_decref(history);
		return myo_fail(err, "a damaged checkpoint: the history of what it began with is no list");
	}
	json_decref(*out);
	*out = history;
	return MYO_OK;
}

static int
check_setting(const char *key, const json_t *then, const json_t *now, struct myo_err *err)
{
	static const char rule[] = "a run goes on with the options that it began with";

	if (then == NULL)
		return myo_fail(err, "was made without %s %s, which this run has: %s", key, json_string_value(now),
		    rule);
	if (now == NULL)
		return myo_fail(err, "was made with %s %s, and this run without: %s", key, json_string_value(then),
		    rule);
	return myo_fail(err, "was made with %s %s, and this run has %s: %s", key, json_string_value(then),
	    json_string_value(now), rule);
}

static int
check_settings(const json_t *then, const json_t *now, struct myo_err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)now, key, value)
		if (!json_equal(value, json_object_get(then, key)))
			return check_setting(key, json_object_get(then, key), value, err);
	json_object_foreach((json_t *)(uintptr_t)then, key, value)
		if (json_object_get(now, key) == NULL)
			return check_setting(key, value, NULL, err);
	return MYO_OK;
}

int
myo_checkpoint_open(const char *path, const json_t *settings, struct myo_model *model,
    struct myo_record *document, struct myo_err *err)
{
	json_t *then;

	if (myo_model_load_more(path, model, document, err) != MYO_OK)
		return MYO_FAIL;
	int rc = get_json(document->meta, SETTINGS, &then, err);
	if (rc == MYO_OK)
		rc = check_settings(then, settings, err);
	json_decref(then);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	return rc;
}

int
myo_checkpoint_apply(const char *path, struct myo_record *document, const struct myo_checkpoint_of *of,
    struct myo_err *err)
{
	struct keeper keeper = { .loads = true, .record = document };

	int rc = get_json(document->meta, NUMBERS, &keeper.numbers, err);
	if (rc == MYO_OK)
		rc = get_begun_with(document->meta, of->begun_with, err);
	if (rc == MYO_OK)
		rc = keep_all(&keeper, of, err);
	json_decref(keeper.numbers);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	return rc;
}
