/* JPEG, by libjpeg. Its errors come by longjmp, its warnings (a file that ends early, a bad
 * code) by counting; both make a picture broken here. */
#include "image/private.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

struct trouble {
	struct jpeg_error_mgr manager; /* first: libjpeg hands us a pointer to it */
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

/* Level -1 is a warning: damage that libjpeg would paint over. 0 and up are traces. */
static void
on_message(j_common_ptr jpeg, int level)
{
	if (level < 0)
		on_error(jpeg);
}

static void
on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

struct decoding {
	struct jpeg_decompress_struct jpeg;
	struct trouble trouble;
	uint8_t *inks; /* one row of four inks: U8 [width, 4] */
};

/*
 * Adobe writes inks inverted (255 is no ink), and nearly all files with four inks are
 * Adobe's; a file without its marker has them the other way round.
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
decode(struct decoding *d, const void *bytes, size_t size, struct myo_image *image, struct myo_err *err)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;

	if (setjmp(d->trouble.escape) != 0)
		return myo_fail(err, "broken JPEG: %s", d->trouble.text);

	jpeg_create_decompress(jpeg);
	jpeg_mem_src(jpeg, bytes, (unsigned long)size);
	(void)jpeg_read_header(jpeg, TRUE);
	if (image_check_size(jpeg->image_height, jpeg->image_width, err) != MYO_OK)
		return MYO_FAIL;

	const bool four = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
	jpeg->out_color_space = four ? JCS_CMYK : JCS_RGB;
	jpeg->dct_method = JDCT_ISLOW; /* the exact one: the same bits on every machine */
	(void)jpeg_start_decompress(jpeg);
	if (jpeg->output_components != (four ? 4 : 3))
		return myo_fail(err, "broken JPEG: %d components", jpeg->output_components);
	if (myo_image_init(image, (int)jpeg->output_height, (int)jpeg->output_width, err) != MYO_OK)
		return MYO_FAIL;
	const size_t width = jpeg->output_width;
	if (four && (d->inks = myo_calloc(width, 4, err)) == NULL)
		return MYO_FAIL;

	while (jpeg->output_scanline < jpeg->output_height) {
		uint8_t *to = image->pixels + (size_t)jpeg->output_scanline * width * 3;
		JSAMPROW row = four ? d->inks : to;
		(void)jpeg_read_scanlines(jpeg, &row, 1);
		if (four)
			inks_to_rgb(d->inks, to, width, jpeg->saw_Adobe_marker != 0);
	}
	(void)jpeg_finish_decompress(jpeg);
	return MYO_OK;
}

int
image_decode_jpeg(const void *bytes, size_t size, struct myo_image *image, struct myo_err *err)
{
	struct decoding *d = myo_calloc(1, sizeof *d, err);

	if (d == NULL)
		return MYO_FAIL;
	d->jpeg.err = jpeg_std_error(&d->trouble.manager);
	d->trouble.manager.error_exit = on_error;
	d->trouble.manager.emit_message = on_message;
	d->trouble.manager.output_message = on_output;
	const int rc = decode(d, bytes, size, image, err);
	jpeg_destroy_decompress(&d->jpeg);
	free(d->inks);
	free(d);
	if (rc != MYO_OK)
		myo_image_clear(image);
	return rc;
}
