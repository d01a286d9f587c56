/*
 * mkdata - write small data sets in the layouts of real ones, from images on standard input.
 *
 *   mkdata pictures FOLDER   FOLDER/<class>/NNN.png and .jpg, in turns
 *   mkdata cifar10 FOLDER    FOLDER/cifar-10-batches-bin: five batches, a sixth for testing, names
 *   mkdata cifar100 FOLDER   FOLDER/cifar-100-binary: the same in its layout
 *
 * Images of 32x32 are wanted for the last two. It knows the formats by itself, so that what it
 * writes is a second opinion of what myopic-unpack reads.
 */
#include "image/image.h"
#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>

static _Noreturn void
die(const char *what, const struct myo_err *err)
{
	(void)fprintf(stderr, "mkdata: %s: %s\n", what, err != NULL ? err->text : "failed");
	exit(1);
}

static FILE *
create(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (file == NULL)
		die(path, NULL);
	return file;
}

static void
finish(FILE *file, const char *path)
{
	if (ferror(file) != 0 || fclose(file) != 0)
		die(path, NULL);
}

static void
make_folder(const char *path)
{
	struct stat status;

	if (mkdir(path, 0777) != 0 && (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)))
		die(path, NULL);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static void
write_jpeg(const char *path, const struct myo_image *image)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr manager;
	FILE *file = create(path);

	jpeg.err = jpeg_std_error(&manager);
	jpeg_create_compress(&jpeg);
	jpeg_stdio_dest(&jpeg, file);
	jpeg.image_width = (JDIMENSION)image->width;
	jpeg.image_height = (JDIMENSION)image->height;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, 95, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = image->pixels + (size_t)jpeg.next_scanline * (size_t)image->width * 3;
		(void)jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	finish(file, path);
}

static void
write_picture(const char *folder, const char *class, size_t number, const struct myo_image *image)
{
	struct myo_err err = MYO_ERR_INIT;
	char path[1024];

	(void)snprintf(path, sizeof path, "%s/%s", folder, class);
	make_folder(path);
	(void)snprintf(path, sizeof path, "%s/%s/%03zu.%s", folder, class, number, number % 2 == 0 ? "png" : "jpg");
	if (number % 2 != 0)
		write_jpeg(path, image);
	else if (myo_image_write_png(path, image, &err) != MYO_OK)
		die("png", &err);
}

static void
write_pictures(const char *folder, const struct myo_table *table)
{
	const struct myo_header *header = myo_table_header(table);

	make_folder(folder);
	for (size_t row = 0; row < myo_table_rows(table); row++) {
		size_t at;
		const struct myo_tensor *tensor = myo_table_find(table, row, "image", &at);
		struct myo_image image = { .height = (int)tensor->shape[1], .width = (int)tensor->shape[2] };
		image.pixels = (uint8_t *)tensor->data + at * myo_tensor_row_elements(tensor);
		const struct myo_tensor *labels = myo_table_find(table, row, "label", &at);
		write_picture(folder, header->classes[((const int32_t *)labels->data)[at]], row, &image);
	}
}

/* ---- CIFAR ----------------------------------------------------------------------------------- */

/* Planes of red, green and blue. */
static void
write_planes(FILE *file, const struct myo_tensor *tensor, size_t at)
{
	const uint8_t *pixels = (const uint8_t *)tensor->data + at * 3072;

	if (tensor->shape[1] != 32 || tensor->shape[2] != 32)
		die("CIFAR wants images of 32x32", NULL);
	for (size_t c = 0; c < 3; c++)
		for (size_t i = 0; i < 1024; i++)
			(void)fputc(pixels[3 * i + c], file);
}

/* Rows [from, to): a label, or a coarse and a fine one of a hundred, of which the label is a tenth. */
static void
write_batch(const char *path, const struct myo_table *table, size_t from, size_t to, bool hundred)
{
	FILE *file = create(path);
	size_t at;

	for (size_t row = from; row < to; row++) {
		const struct myo_tensor *labels = myo_table_find(table, row, "label", &at);
		const int32_t label = ((const int32_t *)labels->data)[at];
		const int fine = (int)(10 * (size_t)label + row % 10);
		if (hundred)
			(void)fputc(fine / 5, file);
		(void)fputc(hundred ? fine : label, file);
		const struct myo_tensor *images = myo_table_find(table, row, "image", &at);
		write_planes(file, images, at);
	}
	finish(file, path);
}

static void
write_cifar10(const char *folder, const struct myo_table *table)
{
	static const char names[] =
	    "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";
	const size_t batch = myo_table_rows(table) / 6;
	char path[1024];

	make_folder(folder);
	(void)snprintf(path, sizeof path, "%s/cifar-10-batches-bin", folder);
	make_folder(path);
	for (size_t i = 0; i < 5; i++) {
		(void)snprintf(path, sizeof path, "%s/cifar-10-batches-bin/data_batch_%zu.bin", folder, i + 1);
		write_batch(path, table, i * batch, (i + 1) * batch, false);
	}
	(void)snprintf(path, sizeof path, "%s/cifar-10-batches-bin/test_batch.bin", folder);
	write_batch(path, table, 5 * batch, myo_table_rows(table), false);
	(void)snprintf(path, sizeof path, "%s/cifar-10-batches-bin/batches.meta.txt", folder);
	FILE *file = create(path);
	(void)fputs(names, file);
	finish(file, path);
}

static void
write_names(const char *folder, const char *kind, int count)
{
	char path[1024];

	(void)snprintf(path, sizeof path, "%s/cifar-100-binary/%s_label_names.txt", folder, kind);
	FILE *file = create(path);
	for (int i = 0; i < count; i++)
		(void)fprintf(file, "%s_%02d\n", kind, i);
	finish(file, path);
}

static void
write_cifar100(const char *folder, const struct myo_table *table)
{
	const size_t rows = myo_table_rows(table), train = rows / 6 * 5;
	char path[1024];

	make_folder(folder);
	(void)snprintf(path, sizeof path, "%s/cifar-100-binary", folder);
	make_folder(path);
	(void)snprintf(path, sizeof path, "%s/cifar-100-binary/train.bin", folder);
	write_batch(path, table, 0, train, true);
	(void)snprintf(path, sizeof path, "%s/cifar-100-binary/test.bin", folder);
	write_batch(path, table, train, rows, true);
	write_names(folder, "fine", 100);
	write_names(folder, "coarse", 20);
}

int
main(int argc, char **argv)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_table *table;

	if (argc != 3)
		die("usage: mkdata pictures|cifar10|cifar100 FOLDER < images", NULL);
	if (myo_table_new(0, "standard input", MYO_IMAGES, 0, &table, NULL, &err) != MYO_OK)
		die("images", &err);
	if (strcmp(argv[1], "pictures") == 0)
		write_pictures(argv[2], table);
	else if (strcmp(argv[1], "cifar10") == 0)
		write_cifar10(argv[2], table);
	else if (strcmp(argv[1], "cifar100") == 0)
		write_cifar100(argv[2], table);
	else
		die(argv[1], NULL);
	myo_table_free(table);
	return 0;
}
