/*
 * jpeg - pictures per second that libjpeg decodes, and nothing else is done: what unpacking could reach.
 *
 * All JPEG files of folders and archives are read into memory, then decoded to RGB again and again, each
 * thread with a decoder of its own. Prints one row of tab-separated columns.
 */
#include "cli/cli.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>

struct conf {
	long threads;
	double seconds;
	int first; /* operand */
};

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "jpeg",
		.summary = "measure how fast libjpeg decodes",
		.usage = "FILE|FOLDER...",
	};
	const struct myo_opt options[] = { MYO_INT('t', "threads", "N", &c->threads, 0, 1024,
					       "threads; 0: one for each core"),
		MYO_REAL(0, "seconds", "S", &c->seconds, 0, 3600, "how long to decode, at least"),
		MYO_OPTIONS_END };

	myo_cli_start(&program, argc, argv);
	c->first = myo_cli_parse(options, 1, 10000);
}

/* ---- files ----------------------------------------------------------------------------------------- */

struct file {
	uint8_t *bytes;
	size_t size;
};

struct files {
	struct file *items;
	size_t count, room;
	size_t bytes; /* of all */
};

static void
free_files(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->items[i].bytes);
	free(files->items);
}

/* Takes the bytes over, also where it fails. */
static int
add_file(struct files *files, struct file file, struct myo_err *err)
{
	if (files->count == files->room) {
		const size_t room = files->room > 0 ? 2 * files->room : 1024;
		struct file *larger = myo_realloc(files->items, room, sizeof *larger, err);
		if (larger == NULL) {
			free(file.bytes);
			return MYO_FAIL;
		}
		files->items = larger;
		files->room = room;
	}
	files->items[files->count++] = file;
	files->bytes += file.size;
	return MYO_OK;
}

static int
fail_archive(struct archive *archive, struct myo_err *err)
{
	const char *why = archive_error_string(archive);

	return myo_fail(err, "%s", why != NULL ? why : "can't be read");
}

/* The whole of an entry, in memory of its own. */
static int
read_whole(struct archive *archive, struct file *file, struct myo_err *err)
{
	size_t room = 0;
	la_ssize_t got;

	do {
		if (file->size == room) {
			room = room > 0 ? 2 * room : 1 << 14;
			uint8_t *larger = myo_realloc(file->bytes, room, 1, err);
			if (larger == NULL)
				return MYO_FAIL;
			file->bytes = larger;
		}
		got = archive_read_data(archive, file->bytes + file->size, room - file->size);
		if (got < 0)
			return fail_archive(archive, err);
		file->size += (size_t)got;
	} while (got > 0);
	return MYO_OK;
}

static int
take_entry(struct files *files, struct archive *archive, struct myo_err *err)
{
	static const uint8_t magic[] = { 0xff, 0xd8, 0xff };
	struct file file = { NULL, 0 };

	const int rc = read_whole(archive, &file, err);
	if (rc == MYO_OK && file.size > sizeof magic && memcmp(file.bytes, magic, sizeof magic) == 0)
		return add_file(files, file, err);
	free(file.bytes);
	return rc;
}

static int
take_all(struct files *files, struct archive *archive, bool folder, struct myo_err *err)
{
	struct archive_entry *entry = archive_entry_new();
	int rc = MYO_OK, code;

	if (entry == NULL)
		return myo_fail_memory(err, 0);
	while (rc == MYO_OK && (code = archive_read_next_header2(archive, entry)) != ARCHIVE_EOF) {
		if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
			rc = fail_archive(archive, err);
		else if (archive_entry_filetype(entry) == AE_IFREG)
			rc = take_entry(files, archive, err);
		else if (folder && archive_read_disk_can_descend(archive))
			(void)archive_read_disk_descend(archive);
	}
	archive_entry_free(entry);
	return rc;
}

static int
read_files(struct files *files, const char *path, struct myo_err *err)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return myo_fail_errno(err, "%s: can't be read", path);
	const bool folder = S_ISDIR(status.st_mode);
	struct archive *archive = folder ? archive_read_disk_new() : archive_read_new();
	if (archive == NULL)
		return myo_fail_memory(err, 0);
	if (!folder) {
		(void)archive_read_support_filter_all(archive);
		(void)archive_read_support_format_all(archive);
		(void)archive_read_support_format_raw(archive); /* a picture by itself */
	}
	const int code = folder ? archive_read_disk_open(archive, path)
				: archive_read_open_filename(archive, path, 1 << 16);
	const int rc =
	    code == ARCHIVE_OK ? take_all(files, archive, folder, err) : fail_archive(archive, err);
	(void)archive_read_free(archive);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", path);
	return rc;
}

/* ---- decoding --------------------------------------------------------------------------------------- */

/* A thread's decoder, and what it did. */
struct decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr manager;
	jmp_buf escape;
	uint8_t *pixels; /* of the last picture */
	size_t room;
	int64_t pictures, broken;
	double megapixels;
};

struct decoders {
	struct decoder *items;
	int count;
	const struct files *files;
};

static void
on_error(j_common_ptr jpeg)
{
	struct decoder *decoder = jpeg->client_data;

	longjmp(decoder->escape, 1);
}

static void
on_message(j_common_ptr jpeg, int level)
{
	(void)jpeg;
	(void)level;
}

static void
decode(struct decoder *d, const struct file *file)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;

	if (setjmp(d->escape) != 0) {
		jpeg_abort_decompress(jpeg);
		d->broken++;
		return;
	}
	jpeg_mem_src(jpeg, file->bytes, (unsigned long)file->size);
	(void)jpeg_read_header(jpeg, TRUE);
	jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
	jpeg->dct_method = JDCT_ISLOW;
	(void)jpeg_start_decompress(jpeg);
	const size_t line = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
	const size_t bytes = line * jpeg->output_height;
	if (bytes > d->room) {
		uint8_t *larger = realloc(d->pixels, bytes);
		if (larger == NULL)
			longjmp(d->escape, 1);
		d->pixels = larger;
		d->room = bytes;
	}
	while (jpeg->output_scanline < jpeg->output_height) {
		JSAMPROW row = d->pixels + jpeg->output_scanline * line;
		(void)jpeg_read_scanlines(jpeg, &row, 1);
	}
	(void)jpeg_finish_decompress(jpeg);
	d->pictures++;
	d->megapixels += 1e-6 * (double)jpeg->output_width * (double)jpeg->output_height;
}

static void
work(void *context, size_t item, int thread)
{
	const struct decoders *decoders = context;

	decode(&decoders->items[thread], &decoders->files->items[item]);
}

static int
new_decoders(struct decoders *decoders, int count, const struct files *files, struct myo_err *err)
{
	decoders->files = files;
	decoders->items = myo_calloc((size_t)count, sizeof *decoders->items, err);
	if (decoders->items == NULL)
		return MYO_FAIL;
	for (; decoders->count < count; decoders->count++) {
		struct decoder *d = &decoders->items[decoders->count];
		d->jpeg.err = jpeg_std_error(&d->manager);
		d->manager.error_exit = on_error;
		d->manager.emit_message = on_message;
		if (setjmp(d->escape) != 0)
			return myo_fail_memory(err, 0);
		d->jpeg.client_data = d;
		jpeg_create_decompress(&d->jpeg);
	}
	return MYO_OK;
}

static void
free_decoders(struct decoders *decoders)
{
	for (int i = 0; i < decoders->count; i++) {
		jpeg_destroy_decompress(&decoders->items[i].jpeg);
		free(decoders->items[i].pixels);
	}
	free(decoders->items);
}

/* ---- the figures ------------------------------------------------------------------------------------ */

/* All pictures, again and again, for so many seconds; the first time is to warm up and doesn't count. */
static int
measure(const struct conf *c, struct decoders *decoders, struct myo_pool *pool, struct myo_err *err)
{
	const struct files *files = decoders->files;
	int64_t pictures = 0, broken = 0;
	double megapixels = 0, seconds, passes = 0;

	myo_pool_run(pool, files->count, work, decoders);
	for (int i = 0; i < decoders->count; i++) {
		broken += decoders->items[i].broken;
		decoders->items[i].pictures = 0;
		decoders->items[i].megapixels = 0;
	}
	if (broken == (int64_t)files->count)
		return myo_fail(err, "none of the %zu JPEG files can be decoded", files->count);
	if (broken > 0)
		myo_warn("%lld of %zu JPEG files are broken", (long long)broken, files->count);
	const double start = myo_now();
	do {
		myo_pool_run(pool, files->count, work, decoders);
		seconds = myo_now() - start;
		passes++;
	} while (seconds < c->seconds);
	for (int i = 0; i < decoders->count; i++) {
		pictures += decoders->items[i].pictures;
		megapixels += decoders->items[i].megapixels;
	}
	(void)printf("files\tthreads\tseconds\tpictures_per_s\tmegapixels_per_s\tmegabytes_per_s\n");
	(void)printf("%zu\t%d\t%.2f\t%.1f\t%.2f\t%.2f\n", files->count, decoders->count, seconds,
	    (double)pictures / seconds, megapixels / seconds, 1e-6 * passes * (double)files->bytes / seconds);
	return MYO_OK;
}

int
main(int argc, char **argv)
{
	struct conf c = { .seconds = 5 };
	struct files files = { 0 };
	struct decoders decoders = { 0 };
	struct myo_pool *pool = NULL;
	struct myo_err err = MYO_ERR_INIT;
	int rc = MYO_OK;

	parse(&c, argc, argv);
	for (int i = c.first; i < argc && rc == MYO_OK; i++)
		rc = read_files(&files, argv[i], &err);
	if (rc == MYO_OK && files.count == 0)
		rc = myo_fail(&err, "there are no JPEG files");
	if (rc == MYO_OK)
		rc = myo_pool_new((int)c.threads, &pool, &err);
	if (rc == MYO_OK)
		rc = new_decoders(&decoders, myo_pool_threads(pool), &files, &err);
	if (rc == MYO_OK)
		rc = measure(&c, &decoders, pool, &err);
	const int status = myo_cli_leave(rc, NULL, &err);
	free_decoders(&decoders);
	myo_pool_free(pool);
	free_files(&files);
	return status;
}
