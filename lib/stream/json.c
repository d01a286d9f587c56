/* Copies and texts of JSON that are complete or fail, where Jansson's may lack parts when memory runs out. */
#include "stream/stream.h"

#include <stdlib.h>

int
myo_json_copy(const json_t *json, json_t **copy, struct myo_err *err)
{
	*copy = json_deep_copy(json);
	if (json == NULL || json_equal(*copy, json)) /* json_deep_copy() drops what it can't append */
		return MYO_OK;
	json_decref(*copy);
	*copy = NULL;
	return myo_fail_memory(err, 0);
}

char *
myo_json_text(const json_t *json, size_t flags, struct myo_err *err)
{
	/* Not json_dumps(), which loses bytes when its buffer can't grow. */
	const size_t length = json != NULL ? json_dumpb(json, NULL, 0, flags) : 0;
	char *text = length > 0 ? myo_calloc(length + 1, 1, err) : NULL;

	if (length == 0)
		(void)myo_fail_memory(err, 0);
	if (text != NULL && json_dumpb(json, text, length, flags) != length) {
		(void)myo_fail_memory(err, length);
		free(text);
		return NULL;
	}
	return text;
}

int
myo_json_set_text(json_t *meta, const char *key, const json_t *value, size_t flags, struct myo_err *err)
{
	char *text = myo_json_text(value, flags, err);

	if (text == NULL)
		return MYO_FAIL;
	const int rc = json_object_set_new(meta, key, json_string(text));
	free(text);
	return rc == 0 ? MYO_OK : myo_fail(err, "metadata %s can't be written: not UTF-8, or out of memory", key);
}
