/* Words of command lines that have a grammar of their own, and histories: one of them on each line. */
#include "fuzz.h"

#include "model/model.h"
#include "train/train.h"

#include <stdlib.h>
#include <string.h>

static void
read_history(const char *text)
{
	json_t *history = json_loads(text, 0, NULL);
	struct myo_err err = MYO_ERR_INIT;
	char *commands = NULL;

	if (history != NULL)
		(void)fuzz_took(myo_history_replay(history, &commands, &err), &err);
	free(commands);
	json_decref(history);
}

static void
read_word(const char *text)
{
	struct myo_model model = MYO_MODEL_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_span span;
	struct myo_arch *arch;
	int64_t *steps = NULL, n;
	double seconds;
	size_t count;

	if (fuzz_took(myo_span_parse(text, &span, &err), &err) &&
	    fuzz_took(myo_span_steps(&span, 1000, 10, &n, &err), &err))
		fuzz_require(n >= 0, "a span is no less than nothing");
	if (fuzz_took(myo_duration_parse(text, &seconds, &err), &err))
		fuzz_require(seconds >= 0, "a time is no less than nothing");
	if (fuzz_took(myo_span_list(text, 1000, 10, &steps, &count, &err), &err))
		for (size_t i = 1; i < count; i++)
			fuzz_require(steps[i] > steps[i - 1], "they ascend");
	free(steps);
	(void)fuzz_took(myo_model_parse_normalisation(&model, text, &err), &err);
	if (strchr(text, '/') == NULL && fuzz_took(myo_arch_new(text, &arch, &err), &err))
		myo_arch_free(arch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1), *rest = text;

	fuzz_require(text != NULL, "there is memory");
	memcpy(text, bytes, size);
	text[size] = '\0';
	read_history(text);
	for (char *word = strsep(&rest, "\n"); word != NULL; word = strsep(&rest, "\n"))
		read_word(word);
	free(text);
	return 0;
}
