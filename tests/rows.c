/*
 * rows - print a stream of images, for tests to compare with.
 *
 *   rows FILE             a line for the classes, and one for each row: id, label, size, record, digest
 *   rows FILE ID PIXEL    label and red, green, blue of one pixel (row-major) of the row of this id
 */
#include "stream/stream.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct myo_tensor *
need(const struct myo_record *record, const char *name)
{
	const struct myo_tensor *tensor = myo_record_find(record, name);

	if (tensor == NULL) {
		(void)fprintf(stderr, "rows: no %s\n", name);
		exit(1);
	}
	return tensor;
}

/* FNV-1a */
static uint64_t
digest(const uint8_t *bytes, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static void
print_rows(const struct myo_record *record, int number, int64_t wanted, size_t pixel)
{
	const struct myo_tensor *image = need(record, "image");
	const int32_t *label = need(record, "label")->data;
	const int64_t *id = need(record, "id")->data;
	const size_t bytes = myo_tensor_row_elements(image);

	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const uint8_t *at = (const uint8_t *)image->data + row * bytes;
		if (wanted < 0)
			(void)printf("id %lld label %d %zux%zu record %d %016llx\n", (long long)id[row],
			    label[row], image->shape[1], image->shape[2], number,
			    (unsigned long long)digest(at, bytes));
		else if (id[row] == wanted)
			(void)printf(
			    "%d %u %u %u\n", label[row], at[3 * pixel], at[3 * pixel + 1], at[3 * pixel + 2]);
	}
}

int
main(int argc, char **argv)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_reader *reader = NULL;
	const int64_t wanted = argc > 3 ? atoll(argv[2]) : -1;
	const size_t pixel = argc > 3 ? (size_t)atoll(argv[3]) : 0;
	const int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	int number = 0;

	if (fd < 0)
		return 2;
	int rc = myo_reader_new(fd, argv[1], &reader, &err);
	if (rc == MYO_OK && wanted < 0) {
		(void)printf("classes");
		for (size_t k = 0; k < myo_reader_header(reader)->class_count; k++)
			(void)printf(" %s", myo_reader_header(reader)->classes[k]);
		(void)printf("\n");
	}
	while (rc == MYO_OK && (rc = myo_reader_next(reader, &record, &err)) == MYO_OK)
		print_rows(&record, number++, wanted, pixel);
	if (rc == MYO_FAIL)
		(void)fprintf(stderr, "rows: %s %s\n", err.program, err.text);
	myo_record_clear(&record);
	myo_reader_free(reader);
	(void)close(fd);
	return rc == MYO_END ? 0 : 1;
}
