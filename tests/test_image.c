/* Tests of the image room: every kind of PNG and JPEG, damage, resizing. */
#include "image/image.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

enum { H = 19, W = 13 }; /* nothing is square, so that nothing can be turned unnoticed */

struct bytes {
	size_t count;
	uint8_t data[1 << 16];
};

/* ---- encoders that write what ours can't ----------------------------------------------------- */

static void
append(png_structp png, png_bytep data, size_t count)
{
	struct bytes *to = png_get_io_ptr(png);

	ck_assert_uint_le(to->count + count, sizeof to->data);
	memcpy(to->data + to->count, data, count);
	to->count += count;
}

static void
flush(png_structp png)
{
	(void)png;
}

static const png_color palette[4] = { { 10, 20, 30 }, { 200, 0, 100 }, { 0, 255, 0 }, { 7, 77, 177 } };
static const png_byte palette_alpha[2] = { 255, 128 };

/* rows: what the type holds, packed; keyed: with a tRNS chunk. */
static void
encode_png(
    struct bytes *to, int type, int depth, bool interlaced, bool keyed, const uint8_t *rows, size_t row_bytes)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	const png_color_16 grey_key = { .gray = 1 };
	png_bytep at[H];

	to->count = 0;
	png_set_write_fn(png, to, append, flush);
	png_set_IHDR(png, info, W, H, depth, type, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (type == PNG_COLOR_TYPE_PALETTE)
		png_set_PLTE(png, info, palette, 4);
	if (keyed && type == PNG_COLOR_TYPE_PALETTE)
		png_set_tRNS(png, info, palette_alpha, 2, NULL);
	else if (keyed)
		png_set_tRNS(png, info, NULL, 0, &grey_key);
	for (size_t y = 0; y < H; y++) {
		at[y] = malloc(row_bytes);
		memcpy(at[y], rows + y * row_bytes, row_bytes);
	}
	png_set_rows(png, info, at);
	png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
	png_destroy_write_struct(&png, &info);
	for (size_t y = 0; y < H; y++)
		free(at[y]);
}

enum jpeg_form { BASELINE, PROGRESSIVE, GREY, CMYK, YCCK };

/* samples: U8 [H, W, components of the form] */
static void
encode_jpeg(struct bytes *to, enum jpeg_form form, const uint8_t *samples)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr manager;
	unsigned char *data = NULL;
	unsigned long count = 0;
	const size_t components = form == GREY ? 1 : form >= CMYK ? 4 : 3;

	jpeg.err = jpeg_std_error(&manager);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &data, &count);
	jpeg.image_width = W;
	jpeg.image_height = H;
	jpeg.input_components = (int)components;
	jpeg.in_color_space = form == GREY ? JCS_GRAYSCALE : form >= CMYK ? JCS_CMYK : JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, 100, TRUE);
	if (form == YCCK)
		jpeg_set_colorspace(&jpeg, JCS_YCCK);
	for (int i = 0; i < jpeg.num_components; i++)
		jpeg.comp_info[i].h_samp_factor = jpeg.comp_info[i].v_samp_factor = 1;
	if (form >= CMYK)
		jpeg.write_Adobe_marker = TRUE;
	if (form == PROGRESSIVE)
		jpeg_simple_progression(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < H) {
		uint8_t row[W * 4];
		JSAMPROW rows = row;
		memcpy(row, samples + (size_t)jpeg.next_scanline * W * components, W * components);
		(void)jpeg_write_scanlines(&jpeg, &rows, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	ck_assert_uint_le(count, sizeof to->data);
	memcpy(to->data, data, count);
	to->count = count;
	free(data);
}

/* A smooth picture without symmetry: U8 [H, W, 3]. */
static void
paint(uint8_t *rgb)
{
	for (size_t y = 0; y < H; y++)
		for (size_t x = 0; x < W; x++) {
			uint8_t *at = rgb + (y * W + x) * 3;
			at[0] = (uint8_t)(10 + 12 * x);
			at[1] = (uint8_t)(250 - 11 * y);
			at[2] = (uint8_t)(40 + 3 * x + 5 * y);
		}
}

static struct myo_image
decoded(const struct bytes *file)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image;

	ck_assert_msg(myo_image_decode(file->data, file->count, &image, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(image.height, H);
	ck_assert_int_eq(image.width, W);
	return image;
}

/* ---- PNG ------------------------------------------------------------------------------------- */

START_TEST(png_of_every_depth_of_grey)
{
	static const int depths[] = { 1, 2, 4, 8, 16 };
	struct bytes file;

	for (size_t d = 0; d < MYO_COUNT(depths); d++)
		for (int interlaced = 0; interlaced < 2; interlaced++) {
			const unsigned depth = (unsigned)depths[d];
			const unsigned top = (1u << (depth > 8 ? 8 : depth)) - 1;
			uint8_t rows[H * W * 2] = { 0 };
			const size_t row_bytes = (W * depth + 7) / 8;
			for (size_t y = 0; y < H; y++)
				for (size_t x = 0; x < W; x++) {
					const unsigned v = (unsigned)(3 * x + 7 * y) & top;
					if (depth == 16) {
						rows[y * row_bytes + 2 * x] = (uint8_t)v;
						rows[y * row_bytes + 2 * x + 1] = 0x20; /* rounds down */
					} else {
						rows[y * row_bytes + x * depth / 8] |=
						    (uint8_t)(v << (8 - depth - x * depth % 8));
					}
				}
			encode_png(
			    &file, PNG_COLOR_TYPE_GRAY, (int)depth, interlaced, false, rows, row_bytes);
			struct myo_image image = decoded(&file);
			for (size_t y = 0; y < H; y++)
				for (size_t x = 0; x < W; x++) {
					const uint8_t *at = image.pixels + (y * W + x) * 3;
					const unsigned v = ((unsigned)(3 * x + 7 * y) & top) * 255 / top;
					ck_assert_int_le(abs((int)at[0] - (int)v), depth == 16 ? 1 : 0);
					ck_assert(at[0] == at[1] && at[1] == at[2]);
				}
			myo_image_clear(&image);
		}
}
END_TEST

START_TEST(png_palettes_and_transparency)
{
	struct bytes file;
	uint8_t rows[H * W * 4];

	for (int keyed = 0; keyed < 2; keyed++) {
		for (size_t i = 0; i < H * W; i++)
			rows[i] = (uint8_t)(i % 4);
		encode_png(&file, PNG_COLOR_TYPE_PALETTE, 8, false, keyed, rows, W);
		struct myo_image image = decoded(&file);
		for (size_t i = 0; i < H * W; i++) {
			const png_color colour = palette[i % 4];
			/* the second colour is half transparent, on white */
			const int red =
			    keyed && i % 4 == 1 ? (colour.red * 128 + 255 * 127 + 127) / 255 : colour.red;
			ck_assert_int_eq(image.pixels[3 * i], red);
			if (!keyed || i % 4 != 1)
				ck_assert(image.pixels[3 * i + 1] == colour.green &&
					  image.pixels[3 * i + 2] == colour.blue);
		}
		myo_image_clear(&image);
	}
	for (size_t i = 0; i < H * W; i++)
		memcpy(rows + 4 * i, (const uint8_t[]){ 100, 0, 200, (uint8_t)(i % 3 * 127) }, 4);
	encode_png(&file, PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false, rows, W * 4);
	struct myo_image image = decoded(&file);
	static const uint8_t on_white[3][3] = { { 255, 255, 255 }, { 178, 128, 228 }, { 101, 1, 200 } };
	for (size_t i = 0; i < H * W; i++)
		ck_assert_mem_eq(image.pixels + 3 * i, on_white[i % 3], 3);
	myo_image_clear(&image);

	memset(rows, 1, sizeof rows); /* the grey that stands for nothing */
	rows[0] = 9;
	encode_png(&file, PNG_COLOR_TYPE_GRAY, 8, false, true, rows, W);
	image = decoded(&file);
	ck_assert_int_eq(image.pixels[0], 9);
	ck_assert_int_eq(image.pixels[3], 255);
	myo_image_clear(&image);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	char folder[] = "/tmp/myopic-image.XXXXXX", path[64];
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image, back;
	struct bytes file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/x.png", folder);
	ck_assert_int_eq(myo_image_init(&image, H, W, &err), MYO_OK);
	paint(image.pixels);
	ck_assert_int_eq(myo_image_write_png(path, &image, &err), MYO_OK);
	FILE *in = fopen(path, "rb");
	ck_assert_ptr_nonnull(in);
	file.count = fread(file.data, 1, sizeof file.data, in);
	(void)fclose(in);
	back = decoded(&file);
	ck_assert_mem_eq(back.pixels, image.pixels, H * W * 3);
	ck_assert_int_eq(myo_image_write_png("/no/such/folder/x.png", &image, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "/no/such/folder/x.png: "));
	if (access("/dev/full", W_OK) == 0) {
		ck_assert_int_eq(myo_image_write_png("/dev/full/x.png", &image, &err), MYO_FAIL);
		ck_assert_ptr_nonnull(strstr(err.text, "/dev/full/x.png: "));
	}
	myo_image_clear(&back);
	myo_image_clear(&image);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* ---- JPEG
 * --------------------------------------------------------------------------------------------------- */

START_TEST(jpeg_of_every_form)
{
	struct bytes file;
	uint8_t rgb[H * W * 3], samples[H * W * 4];

	paint(rgb);
	for (enum jpeg_form form = BASELINE; form <= YCCK; form++) {
		for (size_t i = 0; i < H * W; i++) {
			if (form == GREY)
				samples[i] = rgb[3 * i];
			else if (form >= CMYK) /* inverted inks, a little black */
				memcpy(samples + 4 * i,
				    (const uint8_t[]){ rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2], 200 }, 4);
		}
		encode_jpeg(&file, form, form < GREY ? rgb : samples);
		struct myo_image image = decoded(&file);
		for (size_t i = 0; i < H * W * 3; i++) {
			int want = form == GREY ? rgb[i / 3 * 3] : rgb[i];
			if (form >= CMYK)
				want = want * 200 / 255;
			ck_assert_msg(abs(image.pixels[i] - want) <= 4, "form %d: sample %zu is %d, not %d",
			    form, i, image.pixels[i], want);
		}
		myo_image_clear(&image);
	}
}
END_TEST

/* ---- damage
 * ---------------------------------------------------------------------------------------------------- */

static size_t
make_file(int kind, struct bytes *file)
{
	uint8_t rgb[H * W * 3];

	paint(rgb);
	if (kind == 0)
		encode_png(file, PNG_COLOR_TYPE_RGB, 8, false, false, rgb, W * 3);
	else
		encode_jpeg(file, kind == 1 ? BASELINE : PROGRESSIVE, rgb);
	return file->count;
}

START_TEST(cut_files_are_broken)
{
	struct bytes file;

	for (int kind = 0; kind < 3; kind++) {
		const size_t whole = make_file(kind, &file);
		for (size_t count = 0; count < whole; count++) {
			struct myo_err err = MYO_ERR_INIT;
			struct myo_image image;
			ck_assert_msg(myo_image_decode(file.data, count, &image, &err) == MYO_FAIL,
			    "kind %d cut to %zu of %zu", kind, count, whole);
			ck_assert_ptr_null(image.pixels);
			ck_assert_str_ne(err.text, "");
		}
	}
}
END_TEST

/* Whatever is flipped, it ends, and without harm; a PNG's checksums find every flip in its chunks. */
START_TEST(flipped_bits_do_no_harm)
{
	struct bytes file;
	struct myo_rng rng = myo_rng_at(3, MYO_RNG_TEST, 0, 0);

	for (int kind = 0; kind < 3; kind++)
		for (int round = 0; round < 1500; round++) {
			struct myo_err err = MYO_ERR_INIT;
			struct myo_image image;
			const size_t whole = make_file(kind, &file);
			const size_t at = myo_rng_below(&rng, (uint32_t)whole);
			file.data[at] ^= (uint8_t)(1u << myo_rng_below(&rng, 8));
			const int rc = myo_image_decode(file.data, whole, &image, &err);
			if (kind == 0)
				ck_assert_msg(rc == MYO_FAIL, "bit flipped in byte %zu", at);
			if (rc == MYO_OK)
				myo_image_clear(&image);
			else
				ck_assert_ptr_null(image.pixels);
		}
}
END_TEST

START_TEST(bombs_and_other_files_are_refused)
{
	static const char *const others[] = { "GIF89a......", "text", "\x89PNG", "\xff\xd8", "BM" };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image;
	struct bytes file;

	for (size_t i = 0; i < MYO_COUNT(others); i++)
		ck_assert_int_eq(myo_image_decode(others[i], strlen(others[i]), &image, &err), MYO_FAIL);
	ck_assert_int_eq(myo_image_decode("", 0, &image, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "an empty file");

	/* 65000 x 65000 in the frame header of a small JPEG */
	(void)make_file(1, &file);
	for (size_t i = 0; i + 9 < file.count; i++)
		if (file.data[i] == 0xff && file.data[i + 1] == 0xc0) {
			memset(file.data + i + 5, 0xfd, 4);
			break;
		}
	ck_assert_int_eq(myo_image_decode(file.data, file.count, &image, &err), MYO_FAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "more than the limit"));
	ck_assert_int_eq(myo_image_init(&image, -1, 5, &err), MYO_FAIL);
	ck_assert_int_eq(myo_image_init(&image, 5, 0, &err), MYO_FAIL);
	ck_assert_int_eq(myo_image_init(&image, 10000, 10000, &err), MYO_FAIL);
}
END_TEST

/* ---- resizing
 * ---------------------------------------------------------------------------------------------------- */

/* The same filter in floating point, both axes at once. */
static double
weight(int in, int out, int at, int from)
{
	const double scale = (double)in / out, radius = fmax(scale, 1);

	return fmax(0, 1 - fabs(from + 0.5 - (at + 0.5) * scale) / radius);
}

static double
resized_sample(const struct myo_image *image, int height, int width, int y, int x, int c)
{
	double sum = 0, weights = 0;

	for (int j = 0; j < image->height; j++)
		for (int i = 0; i < image->width; i++) {
			const double w =
			    weight(image->height, height, y, j) * weight(image->width, width, x, i);
			sum += w * image->pixels[(j * image->width + i) * 3 + c];
			weights += w;
		}
	return sum / weights;
}

START_TEST(resizing_agrees_with_floating_point)
{
	static const int sizes[][2] = { { H, W }, { 7, 5 }, { 40, 31 }, { 1, 1 }, { H, 6 }, { 38, W },
		{ 18, 29 } };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image, other;
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 0, 0);

	ck_assert_int_eq(myo_image_init(&image, H, W, &err), MYO_OK);
	for (size_t i = 0; i < H * W * 3; i++)
		image.pixels[i] = (uint8_t)myo_rng_below(&rng, 256);
	for (size_t s = 0; s < MYO_COUNT(sizes); s++) {
		const int h = sizes[s][0], w = sizes[s][1];
		ck_assert_int_eq(myo_image_resize(&image, h, w, &other, &err), MYO_OK);
		ck_assert(other.height == h && other.width == w);
		for (int y = 0; y < h; y++)
			for (int x = 0; x < w; x++)
				for (int c = 0; c < 3; c++) {
					/* two roundings to a byte, and weights of 14 bits */
					const double want = resized_sample(&image, h, w, y, x, c);
					const double is = other.pixels[(y * w + x) * 3 + c];
					ck_assert_msg(
					    fabs(is - want) < 1.2, "%dx%d: %f, not %f", h, w, is, want);
				}
		if (s == 0)
			ck_assert_mem_eq(other.pixels, image.pixels, H * W * 3);
		myo_image_clear(&other);
	}
	memset(image.pixels, 217, H * W * 3);
	ck_assert_int_eq(myo_image_resize(&image, 5, 40, &other, &err), MYO_OK);
	for (size_t i = 0; i < 5 * 40 * 3; i++)
		ck_assert_int_eq(other.pixels[i], 217);
	myo_image_clear(&other);
	ck_assert_int_eq(myo_image_resize(&image, 0, 5, &other, &err), MYO_FAIL);
	myo_image_clear(&image);
}
END_TEST

START_TEST(filling_keeps_proportions_and_the_middle)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image, other;

	const struct myo_cover wide = myo_image_cover(10, 40, 5, 5); /* becomes 5x20, 15 to cut */
	ck_assert(wide.height == 5 && wide.width == 20 && wide.top == 0 && wide.left == 7);
	const struct myo_cover tall = myo_image_cover(30, 10, 20, 20);
	ck_assert(tall.height == 60 && tall.width == 20 && tall.top == 20 && tall.left == 0);

	/* Columns black, white, black: only white is left. */
	ck_assert_int_eq(myo_image_init(&image, 6, 18, &err), MYO_OK);
	for (size_t i = 0; i < 6 * 18; i++)
		memset(image.pixels + 3 * i, i % 18 >= 6 && i % 18 < 12 ? 255 : 0, 3);
	ck_assert_int_eq(myo_image_fill(&image, 6, 6, &other, &err), MYO_OK);
	for (size_t i = 0; i < 6 * 6 * 3; i++)
		ck_assert_int_eq(other.pixels[i], 255);
	myo_image_clear(&other);
	myo_image_clear(&image);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("image");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60);
	tcase_add_test(all, png_of_every_depth_of_grey);
	tcase_add_test(all, png_palettes_and_transparency);
	tcase_add_test(all, what_is_written_is_read);
	tcase_add_test(all, jpeg_of_every_form);
	tcase_add_test(all, cut_files_are_broken);
	tcase_add_test(all, flipped_bits_do_no_harm);
	tcase_add_test(all, bombs_and_other_files_are_refused);
	tcase_add_test(all, resizing_agrees_with_floating_point);
	tcase_add_test(all, filling_keeps_proportions_and_the_middle);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
