/* Data sets: archives, what is in them, and texts that say something of pictures. */
#include "fuzz.h"

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
	int rc;

	fuzz_require(myo_dataset_header(set, &header, NULL) == MYO_OK, "there is a header");
	const int64_t rows = fuzz_rows(set, &header, &rc);
	const struct myo_dataset_facts facts = myo_dataset_facts(set);
	fuzz_require(rc == MYO_FAIL || (rows > 0 && rows == facts.pictures), "all pictures were handed on");
	fuzz_require(rc == MYO_FAIL || header.rows < 0 || header.rows == rows + facts.broken,
	    "the header says how many");
	myo_header_clear(&header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct myo_dataset_options options = { .split = "all", .rules = { .max_pixels = 1 << 16 },
		.max_member = 1 << 20, .threads = 1, .warn = on_broken };
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
