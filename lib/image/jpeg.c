/* JPEG, by libjpeg. It reports errors by longjmp and counts warnings (a file that ends early, a bad
 * code); with either the picture counts as broken. */
#include "image/private.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

/*
 * As libjpeg-turbo's authors advise against small files that keep a decoder busy for hours ("Two
 * issues with the JPEG standard"), warnings are errors and scans are limited. Encoders write about ten.
 */
enum { MAX_SCANS = 500 };

struct trouble {
	struct jpeg_error_mgr manager; /* must be first: libjpeg passes a pointer to it */
	jmp_buf escape;
	char text[JMSG_LENGTH_MAX];
};

static void
on_error(j_common_ptr jpeg)
{
	struct trouble *trouble = (struct trouble *)(void *)jpeg->err;

	trouble->manager.format_message(jpeg, trouble->text);
	longjmp(trouble->escape, 1);
}

/* Level -1 is a warning: damage that libjpeg would conceal, or only an odd number in a header. 0 and up are traces. */
static void
on_message(j_common_ptr jpeg, int level)
{
	const int code = jpeg->err->msg_code;

	if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM)
		on_error(jpeg);
}

static void
on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

/* Called at least once in each scan of a file that has several. */
static void
on_progress(j_common_ptr common)
{
	const struct jpeg_decompress_struct *jpeg = (const struct jpeg_decompress_struct *)(void *)common;
	struct trouble *trouble = (struct trouble *)(void *)common->err;

	if (jpeg->input_scan_number <= MAX_SCANS)
		return;
	(void)snprintf(trouble->text, sizeof trouble->text, "more than %d scans", MAX_SCANS);
	longjmp(trouble->escape, 1);
}

struct decoding {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_progress_mgr progress;
	struct trouble trouble;
	uint8_t *inks; /* one row of four inks: U8 [width, 4] */
};

/* ---- decoding -------------------------------------------------------------------------------- */

/*
 * Adobe writes inks inverted (255 is no ink), as in nearly all files with four inks; in a file without
 * Adobe's marker they aren't inverted.
 */
static void
inks_to_rgb(const uint8_t *inks, uint8_t *to, size_t pixels, bool inverted)
{
	const unsigned flip = inverted ? 0 : 255;

	for (size_t i = 0; i < pixels; i++) {
		const unsigned k = inks[4 * i + 3] ^ flip;
		for (size_t c = 0; c < 3; c++)
			to[3 * i + c] = (uint8_t)(((inks[4 * i + c] ^ flip) * k + 127) / 255);
	}
}

static int
read_orientation(const struct jpeg_decompress_struct *jpeg, int *orientation, struct myo_err *err)
{
	static const uint8_t head[6] = { 'E', 'x', 'i', 'f', 0, 0 };
	const struct jpeg_marker_struct *marker = jpeg->marker_list;

	*orientation = 1;
	while (marker != NULL &&
	       (marker->data_length < sizeof head || memcmp(marker->data, head, sizeof head) != 0))
		marker = marker->next;
	if (marker == NULL)
		return MYO_OK;
	return image_exif_orientation(
	    marker->data + sizeof head, marker->data_length - sizeof head, orientation, err);
}

/*
 * For a file of several scans libjpeg keeps all coefficients, two bytes per sample. The limit is set so
 * that one from the environment ($JPEGMEM) has no effect.
 */
static void
limit_memory(struct jpeg_decompress_struct *jpeg)
{
	const int64_t pixels = (int64_t)jpeg->image_height * jpeg->image_width;

	jpeg->mem->max_memory_to_use = (long)(10 * pixels + (64 << 20));
}

static int
start(struct decoding *d, const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_err *err)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;

	jpeg_create_decompress(jpeg);
	d->progress.progress_monitor = on_progress;
	jpeg->progress = &d->progress;
	jpeg_mem_src(jpeg, bytes, (unsigned long)size);
	if (!rules->as_stored)
		jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
	(void)jpeg_read_header(jpeg, TRUE);
	if (image_check_size(jpeg->image_height, jpeg->image_width, rules->max_pixels, err) != MYO_OK)
		return MYO_FAIL;
	limit_memory(jpeg);
	return MYO_OK;
}

/* Read the rows into the picture's pixels, which are allocated. */
static void
read_rows(struct decoding *d, const struct myo_image *image, bool four)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;
	const size_t width = jpeg->output_width;

	while (jpeg->output_scanline < jpeg->output_height) {
		uint8_t *to = image->pixels + (size_t)jpeg->output_scanline * width * 3;
		JSAMPROW row = four ? d->inks : to;
		(void)jpeg_read_scanlines(jpeg, &row, 1);
		if (four)
			inks_to_rgb(d->inks, to, width, jpeg->saw_Adobe_marker != 0);
	}
	(void)jpeg_finish_decompress(jpeg);
}

static int
decode(struct decoding *d, const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;

	if (setjmp(d->trouble.escape) != 0)
		return myo_fail(err, "broken JPEG: %s", d->trouble.text);

	if (start(d, bytes, size, rules, err) != MYO_OK)
		return MYO_FAIL;
	const bool four = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
	jpeg->out_color_space = four ? JCS_CMYK : JCS_RGB;
	jpeg->dct_method = JDCT_ISLOW; /* the exact method: the same bits on every machine */
	(void)jpeg_start_decompress(jpeg);
	if (jpeg->output_components != (four ? 4 : 3))
		return myo_fail(err, "broken JPEG: %d components", jpeg->output_components);
	if (image_alloc(image, (int)jpeg->output_height, (int)jpeg->output_width, err) != MYO_OK ||
	    read_orientation(jpeg, &image->orientation, err) != MYO_OK)
		return MYO_FAIL;
	if (four && (d->inks = myo_calloc(jpeg->output_width, 4, err)) == NULL)
		return MYO_FAIL;
	read_rows(d, image, four);
	return MYO_OK;
}

int
image_decode_jpeg(const void *bytes, size_t size, const struct myo_image_rules *rules,
    struct myo_image *image, struct myo_err *err)
{
	struct decoding *d = myo_calloc(1, sizeof *d, err);

	if (d == NULL)
		return MYO_FAIL;
	d->jpeg.err = jpeg_std_error(&d->trouble.manager);
	d->trouble.manager.error_exit = on_error;
	d->trouble.manager.emit_message = on_message;
	d->trouble.manager.output_message = on_output;
	const int rc = decode(d, bytes, size, rules, image, err);
	jpeg_destroy_decompress(&d->jpeg);
	free(d->inks);
	free(d);
	return rc;
}
