/* PNG, by libpng's plain interface: its simplified one hides which warnings were given. */
#include "image/private.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* What a callback of libpng can reach: the reader's place and the text of its complaint. */
struct source {
	const uint8_t *bytes;
	size_t size, at;
	char text[128];
};

static void
keep_text(char *to, size_t room, const char *text)
{
	const size_t length = strlen(text) < room - 1 ? strlen(text) : room - 1;

	memcpy(to, text, length);
	to[length] = '\0';
}

static void
on_error(png_structp png, png_const_charp text)
{
	struct source *source = png_get_error_ptr(png);

	keep_text(source->text, sizeof source->text, text);
	png_longjmp(png, 1);
}

/* Warnings are about chunks that don't touch the pixels (profiles, text, times). */
static void
on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void
read_bytes(png_structp png, png_bytep to, size_t count)
{
	struct source *source = png_get_io_ptr(png);

	if (count > source->size - source->at)
		png_error(png, "the file ends early");
	memcpy(to, source->bytes + source->at, count);
	source->at += count;
}

/* Whatever the file holds, ask libpng for 8-bit RGB, or RGBA where there is transparency. */
static bool
ask_for_rgb(png_structp png, png_infop info)
{
	const int type = png_get_color_type(png, info);
	const bool keyed = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
	const bool alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || keyed;

	png_set_scale_16(png);
	png_set_expand(png);
	if ((type & PNG_COLOR_MASK_COLOR) == 0)
		png_set_gray_to_rgb(png);
	(void)png_set_interlace_handling(png);
	png_read_update_info(png, info);
	return alpha;
}

/* to = RGB of `from` (RGBA) on white, rounded: v * a + 255 * (1 - a). */
static void
lay_on_white(const uint8_t *from, uint8_t *to, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++) {
		const unsigned a = from[4 * i + 3];
		for (size_t c = 0; c < 3; c++)
			to[3 * i + c] = (uint8_t)((from[4 * i + c] * a + 255 * (255 - a) + 127) / 255);
	}
}

/* Everything that must be released after a longjmp lives here, not in the jumping function. */
struct decoding {
	png_structp png;
	png_infop info;
	uint8_t *raw; /* U8 [height, width, 3 or 4] */
	png_bytep *rows;
	struct source source;
};

static int
decode(struct decoding *d, struct myo_image *image, struct myo_err *err)
{
	if (setjmp(png_jmpbuf(d->png)) != 0)
		return myo_fail(err, "broken PNG: %s", d->source.text);

	png_set_read_fn(d->png, &d->source, read_bytes);
	png_set_user_limits(d->png, MYO_IMAGE_MAX_SIDE, MYO_IMAGE_MAX_SIDE);
	png_read_info(d->png, d->info);

	const png_uint_32 height = png_get_image_height(d->png, d->info);
	const png_uint_32 width = png_get_image_width(d->png, d->info);
	if (image_check_size(height, width, err) != MYO_OK)
		return MYO_FAIL;
	const bool alpha = ask_for_rgb(d->png, d->info);
	const size_t row_bytes = png_get_rowbytes(d->png, d->info);
	if (row_bytes != (size_t)width * (alpha ? 4 : 3))
		return myo_fail(err, "broken PNG: rows of %zu bytes", row_bytes);

	if (myo_image_init(image, (int)height, (int)width, err) != MYO_OK)
		return MYO_FAIL;
	uint8_t *to = image->pixels;
	if (alpha) {
		d->raw = myo_calloc(height, row_bytes, err);
		if (d->raw == NULL)
			return MYO_FAIL;
		to = d->raw;
	}
	d->rows = myo_calloc(height, sizeof *d->rows, err);
	if (d->rows == NULL)
		return MYO_FAIL;
	for (size_t y = 0; y < height; y++)
		d->rows[y] = to + y * row_bytes;
	png_read_image(d->png, d->rows);
	png_read_end(d->png, NULL); /* the checksums of what follows, and the end itself */
	if (alpha)
		lay_on_white(d->raw, image->pixels, (size_t)height * width);
	return MYO_OK;
}

int
image_decode_png(const void *bytes, size_t size, struct myo_image *image, struct myo_err *err)
{
	struct decoding d = { .source = { .bytes = bytes, .size = size } };
	int rc = MYO_FAIL;

	d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d.source, on_error, on_warning);
	d.info = d.png != NULL ? png_create_info_struct(d.png) : NULL;
	if (d.info == NULL)
		(void)myo_fail(err, "libpng can't be started: %s", d.source.text);
	else
		rc = decode(&d, image, err);
	png_destroy_read_struct(&d.png, &d.info, NULL);
	free(d.rows);
	free(d.raw);
	if (rc != MYO_OK)
		myo_image_clear(image);
	return rc;
}

/* ---- encoding -------------------------------------------------------------------------------- */

struct target {
	int fd;
	struct myo_err *err; /* set by a failed write; libpng only says that it failed */
	bool failed;
	char text[128];
};

static void
on_write_error(png_structp png, png_const_charp text)
{
	struct target *target = png_get_error_ptr(png);

	keep_text(target->text, sizeof target->text, text);
	png_longjmp(png, 1);
}

static void
write_bytes(png_structp png, png_bytep bytes, size_t count)
{
	struct target *target = png_get_io_ptr(png);

	if (myo_write_all(target->fd, bytes, count, target->err) != MYO_OK) {
		target->failed = true;
		png_error(png, "write");
	}
}

static void
flush_bytes(png_structp png)
{
	(void)png;
}

static int
encode(png_structp png, png_infop info, struct target *target, const struct myo_image *image)
{
	const size_t row_bytes = (size_t)image->width * 3;

	if (setjmp(png_jmpbuf(png)) != 0)
		return target->failed ? MYO_FAIL
				      : myo_fail(target->err, "can't be encoded: %s", target->text);
	png_set_write_fn(png, target, write_bytes, flush_bytes);
	png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, PNG_COLOR_TYPE_RGB,
	    PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (size_t y = 0; y < (size_t)image->height; y++)
		png_write_row(png, image->pixels + y * row_bytes);
	png_write_end(png, NULL);
	return MYO_OK;
}

int
myo_image_write_png(const char *path, const struct myo_image *image, struct myo_err *err)
{
	struct myo_outfile *file;

	if (myo_outfile_new(path, &file, err) != MYO_OK)
		return MYO_FAIL;
	struct target target = { .fd = myo_outfile_fd(file), .err = err };
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &target, on_write_error, on_warning);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
	int rc;
	if (info == NULL)
		rc = myo_fail(err, "libpng can't be started: %s", target.text);
	else
		rc = encode(png, info, &target, image);
	png_destroy_write_struct(&png, &info);
	if (rc != MYO_OK) {
		myo_outfile_discard(file);
		myo_err_prefix(err, "%s: ", path);
		return MYO_FAIL;
	}
	return myo_outfile_commit(file, err);
}
