/* Data sets: archives, what is in them, and texts that say something of pictures. */
#include "fuzz.h"

#include "data/data.h"

static void
on_broken(void *context, const char *text)
{
	(void)context;
	fuzz_require_line(text);
}

/* All rows, each of which is what the header promises. */
static void
read_rows(struct myo_dataset *set)
{
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	const struct myo_tensor *label;
	int64_t rows = 0;
	int rc;

	fuzz_require(myo_dataset_header(set, &header, NULL) == MYO_OK, "there is a header");
	while (fuzz_took(rc = myo_dataset_next(set, &record, &err), &err)) {
		fuzz_require(myo_record_need(record, "label", MYO_I32, 1, NULL, &label, NULL) == MYO_OK, "there are labels");
		for (size_t i = 0; i < label->shape[0]; i++) {
			const int32_t l = ((const int32_t *)label->data)[i];
			fuzz_require(l >= -1 && (l < 0 || (size_t)l < header.class_count), "a label is a class");
		}
		rows += (int64_t)label->shape[0];
	}
	const struct myo_dataset_facts facts = myo_dataset_facts(set);
	fuzz_require(rc == MYO_FAIL || (rows > 0 && rows == facts.pictures), "all pictures were handed on");
	fuzz_require(rc == MYO_FAIL || header.rows < 0 || header.rows == rows + facts.broken, "the header says how many");
	myo_header_clear(&header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct myo_dataset_options options = { .split = "all", .rules = { .max_pixels = 1 << 16 }, .max_member = 1 << 20,
		.threads = 1, .warn = on_broken };
	struct myo_dataset *set = NULL;
	struct myo_err err = MYO_ERR_INIT;

	(void)fuzz_file(bytes, size);
	const char *const path = fuzz_path();
	int rc = myo_dataset_new(&path, 1, &options, &set, &err);
	if (fuzz_took(rc, &err))
		read_rows(set);
	myo_dataset_free(set);
	return 0;
}
