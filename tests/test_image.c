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
#include <zlib.h>

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
encode_png(struct bytes *to, int type, int depth, bool interlaced, bool keyed, const uint8_t *rows, size_t row_bytes)
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

/* Put bytes into a file at a place. */
static void
splice(struct bytes *file, size_t at, const void *bytes, size_t count)
{
	ck_assert_uint_le(file->count + count, sizeof file->data);
	memmove(file->data + at + count, file->data + at, file->count - at);
	memcpy(file->data + at, bytes, count);
	file->count += count;
}

enum { AFTER_IHDR = 8 + 25, AFTER_SOI = 2 };

static void
splice_chunk(struct bytes *file, const char *name, const uint8_t *data, size_t count)
{
	uint8_t chunk[256];

	ck_assert_uint_le(count + 12, sizeof chunk);
	png_save_uint_32(chunk, (png_uint_32)count);
	memcpy(chunk + 4, name, 4);
	memcpy(chunk + 8, data, count);
	png_save_uint_32(chunk + 8 + count, (png_uint_32)crc32(0, chunk + 4, (uInt)count + 4));
	splice(file, AFTER_IHDR, chunk, count + 12);
}

/* Other sides in the head of a PNG; what follows doesn't fit them. */
static void
change_sides(struct bytes *file, uint32_t height, uint32_t width)
{
	uint8_t *head = file->data + 8;

	png_save_uint_32(head + 8, width);
	png_save_uint_32(head + 12, height);
	png_save_uint_32(head + 21, (png_uint_32)crc32(0, head + 4, 17));
}

/* A big-endian block of one entry, the orientation. */
enum { EXIF_BYTES = 26 };
static const uint8_t exif[EXIF_BYTES] = "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\1\0\0\0\0\0";
enum { EXIF_ORIENTATION = 19 };

static void
splice_exif(struct bytes *file, bool jpeg, const uint8_t *block, size_t count)
{
	uint8_t head[10] = "\xff\xe1\0\0Exif\0";

	if (!jpeg) {
		splice_chunk(file, "eXIf", block, count);
		return;
	}
	head[3] = (uint8_t)(count + 8);
	splice(file, AFTER_SOI, block, count);
	splice(file, AFTER_SOI, head, sizeof head);
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

	ck_assert_msg(myo_image_decode(file->data, file->count, NULL, &image, &err) == MYO_OK, "%s", err.text);
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
			encode_png(&file, PNG_COLOR_TYPE_GRAY, (int)depth, interlaced, false, rows, row_bytes);
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
	uint8_t *encoded;
	size_t size;

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
	ck_assert_int_eq(myo_image_encode_png(&image, &encoded, &size, &err), MYO_OK);
	ck_assert_uint_eq(size, file.count);
	ck_assert_mem_eq(encoded, file.data, size);
	free(encoded);
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
			ck_assert_msg(myo_image_decode(file.data, count, NULL, &image, &err) == MYO_FAIL,
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
			const int rc = myo_image_decode(file.data, whole, NULL, &image, &err);
			if (kind == 0)
				ck_assert_msg(rc == MYO_FAIL, "bit flipped in byte %zu", at);
			if (rc == MYO_OK)
				myo_image_clear(&image);
			else
				ck_assert_ptr_null(image.pixels);
		}
}
END_TEST

static void
refused(const void *data, size_t count, const struct myo_image_rules *rules, const char *why)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image;

	ck_assert_int_eq(myo_image_decode(data, count, rules, &image, &err), MYO_FAIL);
	ck_assert_ptr_null(image.pixels);
	ck_assert_str_eq(err.text, why);
}

/* libpng would leave it out with a warning, and give the colours below. */
START_TEST(damaged_transparency_is_no_transparency_lost)
{
	static const int types[] = { PNG_COLOR_TYPE_PALETTE, PNG_COLOR_TYPE_GRAY };
	struct bytes file;
	uint8_t rows[H * W] = { 0 };

	for (size_t t = 0; t < MYO_COUNT(types); t++) {
		encode_png(&file, types[t], 8, false, true, rows, W);
		size_t at = 0;
		while (at < file.count && memcmp(file.data + at, "tRNS", 4) != 0)
			at++;
		ck_assert_uint_lt(at, file.count);
		for (size_t i = at - 4; i < at + 10; i++) { /* its length, name, data and checksum; a name of another case is another chunk */
			struct bytes hurt = file;
			struct myo_err err = MYO_ERR_INIT;
			struct myo_image image;
			hurt.data[i] ^= 1;
			if (myo_image_decode(hurt.data, hurt.count, NULL, &image, &err) == MYO_OK) {
				ck_assert_msg(i >= at && i < at + 4, "byte %zu of the chunk goes unnoticed", i - at);
				myo_image_clear(&image);
			}
		}
		file.data[at + 4] ^= 1;
		refused(file.data, file.count, NULL, "broken PNG: its transparency (tRNS) can't be read");
	}
}
END_TEST

START_TEST(other_files_are_refused_by_name)
{
	static const struct {
		const char bytes[16];
		const char *why;
	} others[] = {
		{ "GIF89a.........", "a GIF, not a PNG or JPEG picture" },
		{ "RIFF....WEBPVP8", "a WebP, not a PNG or JPEG picture" },
		{ "BM.............", "a BMP, not a PNG or JPEG picture" },
		{ "II*\0...........", "a TIFF, not a PNG or JPEG picture" },
		{ "MM\0*...........", "a TIFF, not a PNG or JPEG picture" },
		{ "\0\0\0 ftypavif...", "an AVIF, not a PNG or JPEG picture" },
		{ "\0\0\0 ftypheic...", "a HEIF, not a PNG or JPEG picture" },
		{ "\0\0\0\fjP  \r\n\x87\n..", "a JPEG 2000, not a PNG or JPEG picture" },
		{ "\0\0\0\fJXL \r\n\x87\n..", "a JPEG XL, not a PNG or JPEG picture" },
		{ "a text of words", "not a PNG or JPEG picture" },
		{ "\x89PNG", "not a PNG or JPEG picture" },
	};

	for (size_t i = 0; i < MYO_COUNT(others); i++)
		refused(others[i].bytes, sizeof others[i].bytes, NULL, others[i].why);
	refused("\xff\xd8", 2, NULL, "not a PNG or JPEG picture");
	refused("", 0, NULL, "an empty file");
}
END_TEST

START_TEST(what_moves_is_refused)
{
	static const uint8_t twelve[8] = { 0, 0, 0, 12 }, one[8] = { 0, 0, 0, 1 };
	struct bytes file;

	(void)make_file(0, &file);
	splice_chunk(&file, "acTL", one, sizeof one);
	struct myo_image image = decoded(&file);
	myo_image_clear(&image);
	(void)make_file(0, &file);
	splice_chunk(&file, "acTL", twelve, sizeof twelve);
	refused(file.data, file.count, NULL, "an animated PNG of 12 frames");
	file.data[AFTER_IHDR + 8]++; /* the checksum no longer says so */
	image = decoded(&file);
	myo_image_clear(&image);
}
END_TEST

START_TEST(large_pictures_are_refused_before_they_have_memory)
{
	const char *const large = "60000x60000 pixels are more than 67108864 (--max-pixels)";
	struct myo_image_rules rules = MYO_IMAGE_RULES_INIT;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image;
	struct bytes file;

	(void)make_file(1, &file);
	for (size_t i = 0; i + 9 < file.count; i++)
		if (file.data[i] == 0xff && file.data[i + 1] == 0xc0) { /* a JPEG's frame header */
			memcpy(file.data + i + 5, "\xea\x60\xea\x60", 4);
			break;
		}
	refused(file.data, file.count, NULL, large);
	(void)make_file(0, &file);
	change_sides(&file, 60000, 60000);
	refused(file.data, file.count, NULL, large);
	rules.max_pixels = INT64_MAX; /* only we have the last word */
	refused(file.data, file.count, &rules, "60000x60000 pixels are more than 1073741824");
	rules.max_pixels = 1 << 28;
	refused(file.data, file.count, &rules, "60000x60000 pixels are more than 268435456 (--max-pixels)");
	change_sides(&file, 1, 65501);
	refused(file.data, file.count, NULL, "1x65501 pixels: no side may be longer than 65500");
	change_sides(&file, 9000, 9000); /* allowed now, so something else is wrong with it */
	refused(file.data, file.count, &rules, "broken PNG: Not enough image data");

	(void)make_file(0, &file);
	rules.max_pixels = H * W - 1;
	refused(file.data, file.count, &rules, "19x13 pixels are more than 246 (--max-pixels)");
	rules.max_pixels = H * W;
	ck_assert_int_eq(myo_image_decode(file.data, file.count, &rules, &image, &err), MYO_OK);
	myo_image_clear(&image);

	ck_assert_int_eq(myo_image_init(&image, -1, 5, &err), MYO_FAIL);
	ck_assert_int_eq(myo_image_init(&image, 5, 0, &err), MYO_FAIL);
	ck_assert_int_eq(myo_image_init(&image, 40000, 40000, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "40000x40000 pixels are more than 1073741824");
}
END_TEST

/* A flat picture of many scans: each coefficient by itself, in steps of a bit. */
static void
encode_scans(struct bytes *to, int scans)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr manager;
	jpeg_scan_info script[1 + 3 * 3 * 63] = { { 3, { 0, 1, 2 }, 0, 0, 0, 0 } };
	unsigned char *data = NULL;
	unsigned long count = 0;
	uint8_t row[W * 3] = { 0 };
	JSAMPROW rows = row;

	for (int i = 1; i < scans; i++) {
		const int at = (i - 1) / 3 % 63 + 1, low = 2 - (i - 1) % 3;
		script[i] = (jpeg_scan_info){ 1, { (i - 1) / 3 / 63 }, at, at, low < 2 ? low + 1 : 0, low };
	}
	jpeg.err = jpeg_std_error(&manager);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &data, &count);
	jpeg.image_width = W;
	jpeg.image_height = H;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg.scan_info = script;
	jpeg.num_scans = scans;
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < H)
		(void)jpeg_write_scanlines(&jpeg, &rows, 1);
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	ck_assert_uint_le(count, sizeof to->data);
	memcpy(to->data, data, count);
	to->count = count;
	free(data);
}

START_TEST(scans_without_end_are_refused)
{
	struct bytes file;

	encode_scans(&file, 500);
	struct myo_image image = decoded(&file);
	myo_image_clear(&image);
	encode_scans(&file, 501);
	refused(file.data, file.count, NULL, "broken JPEG: more than 500 scans");
}
END_TEST

START_TEST(transparency_shows_the_background)
{
	const struct myo_image_rules rules = { .background = { 10, 200, 30 } };
	static const uint8_t laid[3][3] = { { 10, 200, 30 }, { 55, 100, 115 }, { 100, 0, 200 } };
	static const uint8_t alphas[3] = { 0, 128, 255 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image image;
	struct bytes file;
	uint8_t rows[H * W * 4];

	for (size_t i = 0; i < H * W; i++)
		memcpy(rows + 4 * i, (const uint8_t[]){ 100, 0, 200, alphas[i % 3] }, 4);
	for (int interlaced = 0; interlaced < 2; interlaced++) {
		encode_png(&file, PNG_COLOR_TYPE_RGB_ALPHA, 8, interlaced, false, rows, W * 4);
		ck_assert_int_eq(myo_image_decode(file.data, file.count, &rules, &image, &err), MYO_OK);
		for (size_t i = 0; i < H * W; i++)
			ck_assert_mem_eq(image.pixels + 3 * i, laid[i % 3], 3);
		myo_image_clear(&image);
	}
}
END_TEST

/* ---- orientation
 * ------------------------------------------------------------------------------------------------- */

/* Where EXIF's table says a pixel of the stored picture (H x W) is seen. */
static void
turn_pixel(int orientation, int x, int y, int *to_x, int *to_y)
{
	const int right = W - 1 - x, below = H - 1 - y; /* counted from the other end */
	const int seen[9][2] = { [1] = { x, y },
		[2] = { right, y },
		[3] = { right, below },
		[4] = { x, below },
		[5] = { y, x },
		[6] = { below, x },
		[7] = { below, right },
		[8] = { y, right } };

	*to_x = seen[orientation][0];
	*to_y = seen[orientation][1];
}

START_TEST(pictures_are_turned_upright)
{
	const struct myo_image_rules as_stored = { .background = { 255, 255, 255 }, .as_stored = true };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image stored, image;
	struct bytes file;

	for (int kind = 0; kind < 3; kind++)
		for (int orientation = 0; orientation < 10; orientation++) {
			const bool sensible = orientation >= 1 && orientation <= 8;
			uint8_t block[EXIF_BYTES];
			memcpy(block, exif, sizeof block);
			block[EXIF_ORIENTATION] = (uint8_t)orientation;
			(void)make_file(kind, &file);
			splice_exif(&file, kind > 0, block, sizeof block);
			ck_assert_int_eq(myo_image_decode(file.data, file.count, &as_stored, &stored, &err), MYO_OK);
			ck_assert(stored.orientation == 1 && stored.height == H && stored.width == W);
			ck_assert_int_eq(myo_image_decode(file.data, file.count, NULL, &image, &err), MYO_OK);
			ck_assert_int_eq(image.orientation, sensible ? orientation : 1);
			ck_assert_int_eq(image.height, sensible && orientation > 4 ? W : H);
			for (int y = 0; y < H; y++)
				for (int x = 0; x < W; x++) {
					int to_x, to_y;
					turn_pixel(sensible ? orientation : 1, x, y, &to_x, &to_y);
					ck_assert_mem_eq(image.pixels + (to_y * image.width + to_x) * 3,
					    stored.pixels + (y * W + x) * 3, 3);
				}
			myo_image_clear(&image);
			myo_image_clear(&stored);
		}
}
END_TEST

START_TEST(boxes_turn_with_their_pictures)
{
	static const int32_t boxes[][4] = { { 0, 0, 0, 0 }, { 2, 3, 9, 5 }, { 0, 0, W - 1, H - 1 },
		{ W - 1, 0, W - 1, 7 } };

	for (int orientation = 1; orientation <= 8; orientation++) {
		const int height = orientation > 4 ? W : H, width = orientation > 4 ? H : W;
		for (size_t b = 0; b < MYO_COUNT(boxes); b++) {
			int32_t box[4], want[4] = { INT32_MAX, INT32_MAX, -1, -1 };
			for (int y = boxes[b][1]; y <= boxes[b][3]; y++)
				for (int x = boxes[b][0]; x <= boxes[b][2]; x++) {
					int at[2];
					turn_pixel(orientation, x, y, &at[0], &at[1]);
					for (int i = 0; i < 2; i++) {
						want[i] = at[i] < want[i] ? at[i] : want[i];
						want[i + 2] = at[i] > want[i + 2] ? at[i] : want[i + 2];
					}
				}
			memcpy(box, boxes[b], sizeof box);
			myo_image_turn_box(orientation, height, width, box);
			ck_assert_mem_eq(box, want, sizeof box);
		}
		int32_t unknown[4] = { 0, 0, -1, -1 };
		myo_image_turn_box(orientation, height, width, unknown);
		ck_assert_mem_eq(unknown, ((const int32_t[]){ 0, 0, -1, -1 }), sizeof unknown);
	}
}
END_TEST

/* A picture is what it is, whatever stands beside it; which way up, a block may say wrongly. */
START_TEST(broken_exif_breaks_no_picture)
{
	struct myo_rng rng = myo_rng_at(4, MYO_RNG_TEST, 0, 0);
	struct bytes file;

	for (int kind = 0; kind < 2; kind++)
		for (size_t round = 0; round < EXIF_BYTES + 2000; round++) {
			struct myo_err err = MYO_ERR_INIT;
			struct myo_image image;
			uint8_t block[EXIF_BYTES];
			memcpy(block, exif, sizeof block);
			if (round >= EXIF_BYTES)
				for (int i = 0; i < 4; i++)
					block[myo_rng_below(&rng, EXIF_BYTES)] =
					    (uint8_t)myo_rng_below(&rng, 256);
			(void)make_file(kind, &file);
			splice_exif(&file, kind > 0, block, round < EXIF_BYTES ? round : EXIF_BYTES);
			ck_assert_msg(myo_image_decode(file.data, file.count, NULL, &image, &err) == MYO_OK,
			    "round %zu: %s", round, err.text);
			ck_assert_int_eq(image.height * image.width, H * W);
			myo_image_clear(&image);
		}
}
END_TEST

/* ---- resizing
 * ---------------------------------------------------------------------------------------------------- */

/* The same filters in floating point, both axes at once. */
static double
weight(enum myo_filter filter, int in, int out, int at, int from)
{
	const double scale = (double)in / out, pi = acos(-1);
	const double x = (from + 0.5 - (at + 0.5) * scale) / fmax(scale, 1);

	if (filter == MYO_FILTER_TRIANGLE)
		return fmax(0, 1 - fabs(x));
	if (filter == MYO_FILTER_AREA)
		return x > -0.5 + 1e-9 && x < 0.5 + 1e-9; /* of two equally far, the left one */
	return fabs(x) >= 3 ? 0 : fabs(x) < 1e-9 ? 1 : 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
}

static double
resized_sample(const struct myo_image *image, enum myo_filter filter, int height, int width, int y, int x, int c)
{
	double sum = 0, weights = 0;

	for (int j = 0; j < image->height; j++)
		for (int i = 0; i < image->width; i++) {
			const double w = weight(filter, image->height, height, y, j) *
					 weight(filter, image->width, width, x, i);
			sum += w * image->pixels[(j * image->width + i) * 3 + c];
			weights += w;
		}
	return fmin(fmax(sum / weights, 0), 255);
}

/* Values from `least` on: two roundings to a byte and what weights lose, and no clipping between. */
static struct myo_image
noise(int height, int width, uint32_t least, uint32_t values)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_rng rng = myo_rng_at(1, MYO_RNG_TEST, 0, 0);
	struct myo_image image;

	ck_assert_int_eq(myo_image_init(&image, height, width, &err), MYO_OK);
	for (int i = 0; i < height * width * 3; i++)
		image.pixels[i] = (uint8_t)(least + myo_rng_below(&rng, values));
	return image;
}

START_TEST(resizing_agrees_with_floating_point)
{
	/* Sides that shrink get odd: no centre is on an edge, where the last bit decides for AREA. */
	static const int sizes[][2] = { { H, W }, { 7, 5 }, { 40, 31 }, { 1, 1 }, { H, 9 }, { 38, W },
		{ 17, 29 } };
	const enum myo_filter filter = (enum myo_filter)_i;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image other, image = noise(H, W, 70, 110);

	for (size_t s = 0; s < MYO_COUNT(sizes); s++) {
		const int h = sizes[s][0], w = sizes[s][1];
		ck_assert_int_eq(myo_image_resize(&image, h, w, filter, &other, &err), MYO_OK);
		ck_assert(other.height == h && other.width == w && other.orientation == 1);
		for (int y = 0; y < h; y++)
			for (int x = 0; x < w; x++)
				for (int c = 0; c < 3; c++) {
					const double want = resized_sample(&image, filter, h, w, y, x, c);
					const double is = other.pixels[(y * w + x) * 3 + c];
					ck_assert_msg(fabs(is - want) < 1.3, "%dx%d: %f, not %f", h, w, is, want);
				}
		if (s == 0)
			ck_assert_mem_eq(other.pixels, image.pixels, H * W * 3);
		myo_image_clear(&other);
	}
	memset(image.pixels, 217, H * W * 3);
	ck_assert_int_eq(myo_image_resize(&image, 5, 40, filter, &other, &err), MYO_OK);
	for (size_t i = 0; i < 5 * 40 * 3; i++)
		ck_assert_int_eq(other.pixels[i], 217);
	myo_image_clear(&other);
	ck_assert_int_eq(myo_image_resize(&image, 0, 5, filter, &other, &err), MYO_FAIL);
	ck_assert_ptr_null(other.pixels);
	myo_image_clear(&image);
}
END_TEST

/* FNV-1a */
static uint64_t
digest(const uint8_t *bytes, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Models were trained on what the triangle makes: it gives the bits that it gave in the first version. */
START_TEST(the_triangle_stays_what_it_is)
{
	static const struct {
		int height, width;
		uint64_t digest;
	} known[] = { { 64, 64, UINT64_C(0x03ce7001134e0d22) }, { 17, 90, UINT64_C(0x456fe6348d0b26b4) },
		{ 500, 333, UINT64_C(0x105ca86931a73bde) } };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image other, image = noise(211, 307, 0, 256);

	for (size_t i = 0; i < MYO_COUNT(known); i++) {
		ck_assert_int_eq(myo_image_resize(&image, known[i].height, known[i].width,
				     MYO_FILTER_TRIANGLE, &other, &err),
		    MYO_OK);
		ck_assert_uint_eq(
		    digest(other.pixels, (size_t)other.height * (size_t)other.width * 3), known[i].digest);
		myo_image_clear(&other);
	}
	myo_image_clear(&image);
}
END_TEST

START_TEST(the_shorter_side_leads)
{
	static const int sizes[][5] = { /* height, width, side, and what becomes of them */
		{ 10, 40, 5, 5, 20 }, { 40, 10, 5, 20, 5 }, { 12, 12, 7, 7, 7 }, { 3, 10, 2, 2, 7 },
		{ 9, 4, 6, 14, 6 }, { 1, 300, 1, 1, 300 }
	};
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(sizes); i++) {
		const int *s = sizes[i];
		struct myo_image is, want, image = noise(s[0], s[1], 0, 256);
		ck_assert_int_eq(myo_image_shorter(&image, s[2], MYO_FILTER_AREA, &is, &err), MYO_OK);
		ck_assert(is.height == s[3] && is.width == s[4]);
		ck_assert_int_eq(myo_image_resize(&image, s[3], s[4], MYO_FILTER_AREA, &want, &err), MYO_OK);
		ck_assert_mem_eq(is.pixels, want.pixels, (size_t)s[3] * (size_t)s[4] * 3);
		myo_image_clear(&want);
		myo_image_clear(&is);
		myo_image_clear(&image);
	}
	struct myo_image is, image = noise(1, 300, 0, 256);
	ck_assert_int_eq(myo_image_shorter(&image, 219, MYO_FILTER_AREA, &is, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "1x300 pixels resized to a shorter side of 219: no side may be longer than 65500");
	ck_assert_int_eq(myo_image_shorter(&image, 0, MYO_FILTER_AREA, &is, &err), MYO_FAIL);
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
	ck_assert_int_eq(myo_image_fill(&image, 6, 6, MYO_FILTER_TRIANGLE, &other, &err), MYO_OK);
	for (size_t i = 0; i < 6 * 6 * 3; i++)
		ck_assert_int_eq(other.pixels[i], 255);
	myo_image_clear(&other);
	myo_image_clear(&image);
}
END_TEST

/* Only what is seen is computed, but it is what is cut out of the whole. */
START_TEST(filling_is_resizing_and_cutting)
{
	const enum myo_filter filter = (enum myo_filter)_i;
	struct myo_err err = MYO_ERR_INIT;
	struct myo_image whole, is, image = noise(23, 61, 0, 256);

	for (int height = 1; height < 40; height += 6)
		for (int width = 1; width < 40; width += 6) {
			const struct myo_cover cover = myo_image_cover(23, 61, height, width);
			ck_assert_int_eq(myo_image_resize(&image, cover.height, cover.width, filter, &whole, &err),
			    MYO_OK);
			ck_assert_int_eq(myo_image_fill(&image, height, width, filter, &is, &err), MYO_OK);
			ck_assert(is.height == height && is.width == width);
			for (int y = 0; y < height; y++)
				ck_assert_mem_eq(is.pixels + y * width * 3,
				    whole.pixels + ((y + cover.top) * cover.width + cover.left) * 3,
				    (size_t)width * 3);
			myo_image_clear(&is);
			myo_image_clear(&whole);
		}
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
	tcase_add_test(all, damaged_transparency_is_no_transparency_lost);
	tcase_add_test(all, other_files_are_refused_by_name);
	tcase_add_test(all, what_moves_is_refused);
	tcase_add_test(all, large_pictures_are_refused_before_they_have_memory);
	tcase_add_test(all, scans_without_end_are_refused);
	tcase_add_test(all, transparency_shows_the_background);
	tcase_add_test(all, pictures_are_turned_upright);
	tcase_add_test(all, boxes_turn_with_their_pictures);
	tcase_add_test(all, broken_exif_breaks_no_picture);
	tcase_add_loop_test(all, resizing_agrees_with_floating_point, MYO_FILTER_TRIANGLE, MYO_FILTER_LANCZOS + 1);
	tcase_add_test(all, the_triangle_stays_what_it_is);
	tcase_add_test(all, the_shorter_side_leads);
	tcase_add_test(all, filling_keeps_proportions_and_the_middle);
	tcase_add_loop_test(all, filling_is_resizing_and_cutting, MYO_FILTER_TRIANGLE, MYO_FILTER_LANCZOS + 1);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
