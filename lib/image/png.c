/* PNG, by libpng's low-level interface, since its simplified one hides which warnings there were. */
#include "image/private.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* For libpng's callbacks: the position of the reader, and the text of an error. */
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

/*
 * Warnings are about chunks that don't affect the pixels (profiles, text, times), with one exception, see
 * check_transparency(). libpng doesn't warn of indices beyond a palette, and makes them black.
 */
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

/* ---- chunks that not every libpng reads ------------------------------------------------------- */

enum { SIGNATURE = 8, AROUND = 12 }; /* AROUND: of a chunk's length, name and checksum around its data */

/* The data of the first chunk of this name whose checksum is right; NULL: there is none. */
static const uint8_t *
find_chunk(const uint8_t *bytes, size_t size, const char *name, size_t *length)
{
	for (size_t at = SIGNATURE; size - at >= AROUND; at += AROUND + *length) {
		const uint8_t *chunk = bytes + at;
		*length = png_get_uint_32(chunk);
		if (*length > size - at - AROUND)
			break;
		if (memcmp(chunk + 4, name, 4) == 0 &&
		    crc32(0, chunk + 4, (uInt)*length + 4) == png_get_uint_32(chunk + 8 + *length))
			return chunk + 8;
	}
	*length = 0;
	return NULL;
}

/* The still picture of an animation may be just a notice ("your browser shows no animations"). */
static int
refuse_animation(const struct source *source, struct myo_err *err)
{
	size_t length;
	const uint8_t *control = find_chunk(source->bytes, source->size, "acTL", &length);

	if (control == NULL || length < 8 || png_get_uint_32(control) <= 1)
		return MYO_OK;
	return myo_fail(err, "an animated PNG of %u frames", (unsigned)png_get_uint_32(control));
}

static int
read_orientation(const struct source *source, int *orientation, struct myo_err *err)
{
	size_t length;
	const uint8_t *exif = find_chunk(source->bytes, source->size, "eXIf", &length);

	return exif != NULL ? image_exif_orientation(exif, length, orientation, err) : MYO_OK;
}

/* Whether there is a chunk of this name before the pixels, damaged or not. */
static bool
is_announced(const uint8_t *bytes, size_t size, const char *name)
{
	for (size_t at = SIGNATURE, length; size - at >= AROUND; at += AROUND + length) {
		const uint8_t *chunk = bytes + at;
		length = png_get_uint_32(chunk);
		if (memcmp(chunk + 4, name, 4) == 0)
			return true;
		if (length > size - at - AROUND || memcmp(chunk + 4, "IDAT", 4) == 0)
			break;
	}
	return false;
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* Everything that must be released after a longjmp lives here, not in the jumping function. */
struct decoding {
	png_structp png;
	png_infop info;
	int passes;   /* more than one: interlaced */
	bool alpha;   /* libpng gives RGBA, else RGB */
	uint8_t *raw; /* where there is alpha: U8 [height where interlaced, else 1, width, 4] */
	struct source source;
};

/* libpng ignores transparency that it can't read, and gives the colours without it: then fail. */
static int
check_transparency(const struct decoding *d, struct myo_err *err)
{
	const bool channel = (png_get_color_type(d->png, d->info) & PNG_COLOR_MASK_ALPHA) != 0;

	if (channel || png_get_valid(d->png, d->info, PNG_INFO_tRNS) != 0 ||
	    !is_announced(d->source.bytes, d->source.size, "tRNS"))
		return MYO_OK;
	return myo_fail(err, "broken PNG: its transparency (tRNS) can't be read");
}

/* Whatever the file holds, ask libpng for 8-bit RGB, or RGBA if there is transparency. */
static int
ask_for_rgb(struct decoding *d, struct myo_err *err)
{
	const int type = png_get_color_type(d->png, d->info);
	const bool keyed = png_get_valid(d->png, d->info, PNG_INFO_tRNS) != 0;

	d->alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || keyed;
	png_set_scale_16(d->png);
	png_set_expand(d->png);
	if ((type & PNG_COLOR_MASK_COLOR) == 0)
		png_set_gray_to_rgb(d->png);
	d->passes = png_set_interlace_handling(d->png);
	png_read_update_info(d->png, d->info);
	const size_t bytes = png_get_rowbytes(d->png, d->info);
	if (bytes != (size_t)png_get_image_width(d->png, d->info) * (d->alpha ? 4 : 3))
		return myo_fail(err, "broken PNG: rows of %zu bytes", bytes);
	return MYO_OK;
}

/* Composite `from` (RGBA) on the background, into `to` (RGB): v * a + b * (1 - a), rounded. */
static void
lay(const uint8_t *from, const uint8_t background[3], uint8_t *to, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++) {
		const unsigned a = from[4 * i + 3];
		for (size_t c = 0; c < 3; c++)
			to[3 * i + c] =
			    (uint8_t)((from[4 * i + c] * a + background[c] * (255 - a) + 127) / 255);
	}
}

/* Each pass of an interlaced picture adds pixels to those of the passes before. */
static void
read_rows(struct decoding *d, const uint8_t background[3], const struct myo_image *image)
{
	const size_t height = (size_t)image->height, width = (size_t)image->width;

	for (int pass = 1; pass <= d->passes; pass++)
		for (size_t y = 0; y < height; y++) {
			uint8_t *to = image->pixels + y * width * 3;
			uint8_t *raw = d->passes > 1 && d->alpha ? d->raw + y * width * 4 : d->raw;
			png_read_row(d->png, d->alpha ? raw : to, NULL);
			if (d->alpha && pass == d->passes)
				lay(raw, background, to, width);
		}
	png_read_end(d->png, NULL); /* check what follows, and that the file is complete */
}

static int
decode(struct decoding *d, const struct myo_image_rules *rules, struct myo_image *image, struct myo_err *err)
{
	if (setjmp(png_jmpbuf(d->png)) != 0)
		return myo_fail(err, "broken PNG: %s", d->source.text);

	png_set_read_fn(d->png, &d->source, read_bytes);
	/* Our own check has better messages than libpng's limits. Profiles, texts and so on aren't unpacked. */
	png_set_user_limits(d->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
	png_set_keep_unknown_chunks(d->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
	png_read_info(d->png, d->info);
	const png_uint_32 height = png_get_image_height(d->png, d->info);
	const png_uint_32 width = png_get_image_width(d->png, d->info);
	if (image_check_size(height, width, rules->max_pixels, err) != MYO_OK ||
	    check_transparency(d, err) != MYO_OK || ask_for_rgb(d, err) != MYO_OK ||
	    image_alloc(image, (int)height, (int)width, err) != MYO_OK)
		return MYO_FAIL;
	if (d->alpha) {
		d->raw = myo_realloc(NULL, (d->passes > 1 ? (size_t)height : 1) * width, 4, err);
		if (d->raw == NULL)
			return MYO_FAIL;
	}
	read_rows(d, rules->background, image);
	return MYO_OK;
}

int
image_decode_png(const void *bytes, size_t size, const struct myo_image_rules *rules, struct myo_image *image,
    struct myo_err *err)
{
	struct decoding d = { .source = { .bytes = bytes, .size = size } };
	int rc = MYO_FAIL;

	if (refuse_animation(&d.source, err) != MYO_OK)
		return MYO_FAIL;
	d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d.source, on_error, on_warning);
	d.info = d.png != NULL ? png_create_info_struct(d.png) : NULL;
	if (d.info == NULL)
		(void)myo_fail(err, "libpng can't be started: %s", d.source.text);
	else
		rc = decode(&d, rules, image, err);
	png_destroy_read_struct(&d.png, &d.info, NULL);
	free(d.raw);
	if (rc == MYO_OK && !rules->as_stored)
		rc = read_orientation(&d.source, &image->orientation, err);
	return rc;
}

/* ---- encoding -------------------------------------------------------------------------------- */

/* Where the bytes of an encoded file go. */
struct target {
	int (*put)(void *to, const void *bytes, size_t count, struct myo_err *err);
	void *to;
	struct myo_err *err; /* set by a put() that failed, of which libpng only knows that it did */
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

	if (target->put(target->to, bytes, count, target->err) != MYO_OK) {
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
encode_rows(png_structp png, png_infop info, struct target *target, const struct myo_image *image)
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

static int
encode(struct target *target, const struct myo_image *image)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, target, on_write_error, on_warning);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
	int rc;

	if (info == NULL)
		rc = myo_fail(target->err, "libpng can't be started: %s", target->text);
	else
		rc = encode_rows(png, info, target, image);
	png_destroy_write_struct(&png, &info);
	return rc;
}

static int
put_file(void *to, const void *bytes, size_t count, struct myo_err *err)
{
	return myo_write_all(myo_outfile_fd(to), bytes, count, err);
}

int
myo_image_write_png(const char *path, const struct myo_image *image, struct myo_err *err)
{
	struct myo_outfile *file;

	if (myo_outfile_new(path, &file, err) != MYO_OK)
		return MYO_FAIL;
	struct target target = { .put = put_file, .to = file, .err = err };
	if (encode(&target, image) != MYO_OK) {
		myo_outfile_discard(file);
		myo_err_prefix(err, "%s: ", path);
		return MYO_FAIL;
	}
	return myo_outfile_commit(file, err);
}

struct memory {
	uint8_t *bytes;
	size_t size, room;
};

static int
put_memory(void *to, const void *bytes, size_t count, struct myo_err *err)
{
	struct memory *memory = to;

	if (count > memory->room - memory->size) {
		const size_t room = 2 * memory->room + count;
		uint8_t *more = myo_realloc(memory->bytes, room, 1, err);
		if (more == NULL)
			return MYO_FAIL;
		memory->bytes = more;
		memory->room = room;
	}
	memcpy(memory->bytes + memory->size, bytes, count);
	memory->size += count;
	return MYO_OK;
}

int
myo_image_encode_png(const struct myo_image *image, uint8_t **bytes, size_t *size, struct myo_err *err)
{
	struct memory memory = { NULL, 0, 0 };
	struct target target = { .put = put_memory, .to = &memory, .err = err };
	const int rc = encode(&target, image);

	*bytes = rc == MYO_OK ? memory.bytes : NULL;
	*size = rc == MYO_OK ? memory.size : 0;
	if (rc != MYO_OK)
		free(memory.bytes);
	return rc;
}
