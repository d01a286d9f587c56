/*
 * Texts of pictures and classes, as people write them: --labels, --label-names and --class-names of four pictures in a
 * folder.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static const char *const pictures[] = { "a.png", "b.png", "c.png", "d.png" };

static const char *
inside(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void
remove_folder(void)
{
	for (size_t i = 0; i < MYO_COUNT(pictures); i++)
		(void)unlink(inside(pictures[i]));
	(void)rmdir(folder);
}

/* Pictures of a single pixel each. */
static void
make_folder(void)
{
	struct myo_image image = MYO_IMAGE_INIT;

	if (folder[0] != '\0')
		return;
	(void)snprintf(folder, sizeof folder, "/tmp/myopic-notes.XXXXXX");
	fuzz_require(mkdtemp(folder) != NULL && atexit(remove_folder) == 0 &&
	    myo_image_init(&image, 1, 1, NULL) == MYO_OK,
	    "there is a folder");
	for (size_t i = 0; i < MYO_COUNT(pictures); i++)
		fuzz_require(myo_image_write_png(inside(pictures[i]), &image, NULL) == MYO_OK,
		    "a picture can be written");
	myo_image_clear(&image);
}

/* Each class has a name, each label is a class. */
static void
read_rows(struct myo_dataset *set)
{
	struct myo_header header = MYO_HEADER_INIT;
	int rc;

	fuzz_require(myo_dataset_header(set, &header, NULL) == MYO_OK, "there is a header");
	for (size_t i = 0; i < header.class_count; i++)
		fuzz_require(header.classes[i][0] != '\0', "a class has a name");
	const int64_t rows = fuzz_rows(set, &header, &rc);
	fuzz_require(rc == MYO_END && rows == (int64_t)MYO_COUNT(pictures), "all pictures are there");
	myo_header_clear(&header);
}

static void
read_set(const struct myo_dataset_options *options)
{
	const char *const path = folder;
	struct myo_dataset *set = NULL;
	struct myo_err err = MYO_ERR_INIT;

	if (fuzz_took(myo_dataset_new(&path, 1, options, &set, &err), &err))
		read_rows(set);
	myo_dataset_free(set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	make_folder();
	(void)fuzz_file(bytes, size);
	const char *const text = fuzz_path();
	read_set(&(struct myo_dataset_options){ .threads = 1, .labels = text });
	read_set(&(struct myo_dataset_options){ .threads = 1, .labels = text, .label_names = text });
	read_set(&(struct myo_dataset_options){ .threads = 1, .labels = text, .class_names = text });
	return 0;
}
