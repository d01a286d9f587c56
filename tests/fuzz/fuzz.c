/* Files in memory, and what targets hold parsers to. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int file = -1;
static char path[64];

int
fuzz_file(const uint8_t *bytes, size_t size)
{
	if (file < 0) {
		file = memfd_create("fuzz", MFD_CLOEXEC);
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	fuzz_require(file >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 &&
			 myo_write_all(file, bytes, size, NULL) == MYO_OK && lseek(file, 0, SEEK_SET) == 0,
	    "a file in memory can be made");
	return file;
}

const char *
fuzz_path(void)
{
	return path;
}

void
fuzz_require(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "fuzz: it isn't so that %s\n", what);
	abort();
}

void
fuzz_require_line(const char *text)
{
	const size_t length = strlen(text);
	const bool line = length > 0 && text[length - 1] != '\n';

	if (!line)
		(void)fprintf(stderr, "fuzz: '%s'\n", text);
	fuzz_require(line, "a message is a line");
}

bool
fuzz_took(int rc, const struct myo_err *err)
{
	if (rc == MYO_FAIL)
		fuzz_require_line(err->text);
	return rc == MYO_OK;
}

int64_t
fuzz_rows(struct myo_dataset *set, const struct myo_header *header, int *rc)
{
	struct myo_err err = MYO_ERR_INIT;
	const struct myo_record *record;
	const struct myo_tensor *label;
	int64_t rows = 0;

	while (fuzz_took(*rc = myo_dataset_next(set, &record, &err), &err)) {
		fuzz_require(myo_record_need(record, "label", MYO_I32, 1, NULL, &label, NULL) == MYO_OK,
		    "there are labels");
		for (size_t i = 0; i < label->shape[0]; i++) {
			const int32_t l = ((const int32_t *)label->data)[i];
			fuzz_require(l >= -1 && (l < 0 || (size_t)l < header->class_count), "a label is a class");
		}
		rows += (int64_t)label->shape[0];
	}
	return rows;
}
