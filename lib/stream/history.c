/* Histories: the commands that made a stream, and the shell lines that repeat them. */
#include "stream/private.h"

#include <stdlib.h>
#include <string.h>

int
myo_history_add(json_t **history, int count, char *const *words, struct myo_err *err)
{
	json_t *command = json_array();
	bool good = command != NULL;

	if (*history == NULL)
		*history = json_array();
	for (int i = 0; i < count && good; i++)
		good = json_array_append_new(command, json_string(words[i])) == 0;
	json_t *step = good ? json_pack("{s:O, s:s}", "command", command, "version", PACKAGE_VERSION) : NULL;
	good = json_array_append_new(*history, step) == 0;
	json_decref(command);
	return good ? MYO_OK : myo_fail(err,
	    "the command line can't be kept in the history: a word of it isn't UTF-8 (links can have other "
	                                  "names), or memory is full");
}

int
myo_history_add_file(json_t *history, const char *path, const json_t *of_file, struct myo_err *err)
{
	json_t *step = json_array_get(history, json_array_size(history) - 1);
	json_t *files = json_object_get(step, "files");
	json_t *copy = NULL;

	if (of_file != NULL && myo_json_copy(of_file, &copy, err) != MYO_OK)
		return MYO_FAIL;
	if (copy == NULL)
		copy = json_array();
	if (files == NULL) {
		files = json_object();
		if (json_object_set_new(step, "files", files) != 0)
			files = NULL;
	}
	if (json_object_set_new(files, path, copy) != 0)
		return myo_fail(err, "%s: its history can't be kept: memory is full", path);
	return MYO_OK;
}

int
myo_history_join(const json_t *histories, json_t **out, struct myo_err *err)
{
	json_t *copy = NULL;

	*out = NULL;
	if (json_array_size(histories) == 1)
		return myo_json_copy(json_array_get(histories, 0), out, err);
	if (myo_json_copy(histories, &copy, err) != MYO_OK)
		return MYO_FAIL;
	*out = json_array_size(copy) == 0 ? json_incref(copy) : json_pack("[{s:O}]", "cat", copy);
	json_decref(copy);
	return *out != NULL ? MYO_OK : myo_fail_memory(err, 0);
}

/* ---- replay ------------------------------------------------------------------------------------ */

struct text {
	char *bytes;
	size_t length, room;
	bool failed;
};

static void
append(struct text *text, const char *more)
{
	const size_t length = strlen(more);

	if (text->failed)
		return;
	if (text->length + length + 1 > text->room) {
		const size_t room = 2 * (text->length + length + 1);
		char *bytes = myo_realloc(text->bytes, room, 1, NULL);
		if (bytes == NULL) {
			text->failed = true;
			return;
		}
		text->bytes = bytes;
		text->room = room;
	}
	memcpy(text->bytes + text->length, more, length + 1);
	text->length += length;
}

/* A word quoted for sh: in single quotes, unless all of its characters are harmless. */
static void
append_word(struct text *text, const char *word)
{
	const char *harmless = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,=+@%^";
	char one[2] = { 0 };

	if (word[0] != '\0' && word[strspn(word, harmless)] == '\0') {
		append(text, word);
		return;
	}
	append(text, "'");
	for (const char *p = word; *p != '\0'; p++) {
		one[0] = *p;
		append(text, *p == '\'' ? "'\\''" : one);
	}
	append(text, "'");
}

/* Histories nest, by a level for each model that began with another. Jansson reads no JSON of 2048 levels. */
enum { DEPTH_MOST = 2048 };

static int
check_depth(int depth, struct myo_err *err)
{
	return depth <= DEPTH_MOST ? MYO_OK : myo_fail(err, "its history is nested more than %d deep", DEPTH_MOST);
}

static int append_files(struct text *text, const json_t *history, int depth, struct myo_err *err);

/* One pipeline, without a newline at its end. */
static int
append_pipe(struct text *text, const json_t *history, int depth, struct myo_err *err)
{
	size_t i, j;
	const json_t *step, *word, *part;

	if (check_depth(depth, err) != MYO_OK)
		return MYO_FAIL;
	if (!json_is_array(history))
		return myo_fail(err, "its history is damaged");
	if (json_array_size(history) == 0)
		return myo_fail(err, "a part of it doesn't say how it was made");
	json_array_foreach(history, i, step) {
		const json_t *command = json_object_get(step, "command"), *parts = json_object_get(step, "cat");
		if (i > 0)
			append(text, " | ");
		if (json_is_array(command) && json_array_size(command) > 0) {
			json_array_foreach(command, j, word) {
				if (!json_is_string(word))
					return myo_fail(err, "its history is damaged");
				if (j > 0)
					append(text, " ");
				append_word(text, json_string_value(word));
			}
		} else if (json_array_size(parts) > 0) {
			append(text, "{ ");
			json_array_foreach(parts, j, part) {
				if (append_pipe(text, part, depth + 1, err) != MYO_OK)
					return MYO_FAIL;
				append(text, "; ");
			}
			append(text, "}");
		} else {
			return myo_fail(err, "its history is damaged");
		}
	}
	return MYO_OK;
}

/* Whether the last program of a pipe writes its file by itself, as those that make models do. */
static bool
names_its_output(const json_t *history)
{
	const json_t *last = json_array_get(history, json_array_size(history) - 1), *word;
	size_t i;

	json_array_foreach(json_object_get(last, "command"), i, word)
		if (json_is_string(word) && (strcmp(json_string_value(word), "--output") == 0 ||
		                                strcmp(json_string_value(word), "-o") == 0))
			return true;
	return false;
}

/* The pipelines that make the files which the steps of a history read, each on a line before its own. */
static int
append_files(struct text *text, const json_t *history, int depth, struct myo_err *err)
{
	size_t i, j;
	const json_t *step, *part;
	const char *path;
	json_t *of_file;

	if (check_depth(depth, err) != MYO_OK)
		return MYO_FAIL;
	json_array_foreach(history, i, step) {
		json_array_foreach(json_object_get(step, "cat"), j, part)
			if (append_files(text, part, depth + 1, err) != MYO_OK)
				return MYO_FAIL;
		json_object_foreach(json_object_get(step, "files"), path, of_file) {
			if (json_array_size(of_file) == 0)
				continue;
			if (append_files(text, of_file, depth + 1, err) != MYO_OK ||
			    append_pipe(text, of_file, depth + 1, err) != MYO_OK)
				return MYO_FAIL;
			if (!names_its_output(of_file)) {
				append(text, " > ");
				append_word(text, path);
			}
			append(text, "\n");
		}
	}
	return MYO_OK;
}

int
myo_history_replay(const json_t *history, char **out, struct myo_err *err)
{
	struct text text = { 0 };

	*out = NULL;
	append(&text, "");
	if (append_files(&text, history, 0, err) != MYO_OK || append_pipe(&text, history, 0, err) != MYO_OK) {
		free(text.bytes);
		return MYO_FAIL;
	}
	append(&text, "\n");
	if (text.failed) {
		free(text.bytes);
		return myo_fail_memory(err, text.length);
	}
	*out = text.bytes;
	return MYO_OK;
}
