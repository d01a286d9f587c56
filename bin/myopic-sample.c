/* myopic-sample - cut patches out of images: random crops, or a grid of tiles. */
#include "cli/cli.h"
#include "patch/patch.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { SEED = 1 };
#define MEMORY ((size_t)2 << 30)

struct conf {
	long size, epochs, first_epoch, first_row, crops, margin, stride, cutout;
	bool flip, alternate, grid, pad, skip_small;
	double brightness, contrast, saturation, hue;
	const char *scale;
	int least, most; /* sides of squares, of --scale */
	uint64_t seed;
	size_t memory;
};

static int
scaled(const struct conf *c, double factor)
{
	const long side = lround((double)c->size * factor);

	if (side > MYO_CROP_MOST)
		myo_cli_usage("--scale: squares of %ld pixels, and the most is %d", side, MYO_CROP_MOST);
	return side > 1 ? (int)side : 1;
}

static void
parse_scale(struct conf *c)
{
	char *comma, *end;
	const double least = strtod(c->scale, &comma);
	const double most = *comma == ',' ? strtod(comma + 1, &end) : NAN;

	if (comma == c->scale || isnan(most) || end == comma + 1 || *end != '\0')
		myo_cli_usage("--scale: '%s' is not two factors, MIN,MAX", c->scale);
	if (!(least >= 0.125 && least <= most && most <= 8))
		myo_cli_usage("--scale: %s is not from 0.125 to 8, the smaller factor first", c->scale);
	c->least = scaled(c, least);
	c->most = scaled(c, most);
}

static void
check_crops(struct conf *c)
{
	if (c->pad)
		myo_cli_usage("--pad goes with --grid; the padding of random crops is --margin");
	if (c->stride != 1)
		myo_cli_usage("--stride goes with --grid");
	if (c->flip && c->alternate)
		myo_cli_usage("--flip leaves to chance what --alternate-flip does in turn: choose one");
	if (c->scale != NULL)
		parse_scale(c);
	if (c->margin >= (c->scale != NULL ? c->least : c->size))
		myo_cli_usage("--margin %ld: less than %s, or a crop could miss its image", c->margin,
		    c->scale != NULL ? "the least side of --scale" : "--size");
	if (c->cutout > c->size)
		myo_cli_usage("--cutout %ld: at most --size", c->cutout);
}

static void
check_grid(const struct conf *c)
{
	if (c->flip || c->crops != 1 || c->epochs != 1 || c->first_epoch != 0 || c->first_row != 0 || c->margin != 0)
		myo_cli_usage("--grid cuts each tile once: it goes without --flip, --crops, --epochs, --first-epoch, --first-row and "
		    "--margin");
	if (c->seed != SEED || c->memory != MEMORY)
		myo_cli_usage("--grid leaves nothing to chance and keeps no images: it goes without --seed and --memory");
	if (c->alternate || c->scale != NULL || c->brightness > 0 || c->contrast > 0 || c->saturation > 0 ||
	    c->hue > 0 || c->cutout > 0)
		myo_cli_usage("--grid cuts tiles as they are: it goes without --alternate-flip, --scale, --brightness, --contrast, "
		    "--saturation, --hue and --cutout");
}

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-sample",
		.summary = "cut patches out of images: random crops, or a grid of tiles",
		.usage = "< images > patches",
		.streams = true,
		.notes = "Random crops never leave their image, but for --margin. With --grid, every tile whose corner\n"
		         "is a multiple of the stride is cut, image by image.",
	};
	const struct myo_opt options[] = {
		MYO_INT('s', "size", "N", &c->size, 1, 4096, "side of a patch in pixels"),
		MYO_INT('e', "epochs", "N", &c->epochs, 0, 1000000,
		    "passes over all images, each in an order of its own; 0: without end"),
		MYO_FLAG('f', "flip", &c->flip, "mirror half of the crops, left to right"),
		MYO_FLAG(0, "alternate-flip", &c->alternate,
		    "mirror each image in every other epoch instead, half of them in the first"),
		MYO_INT('c', "crops", "N", &c->crops, 1, 10000, "crops of each image in an epoch"),
		MYO_INT(0, "margin", "N", &c->margin, 0, 4095,
		    "pixels by which a crop may reach into zeros around its image"),
		MYO_TEXT(0, "scale", "MIN,MAX", &c->scale,
		    "cut squares of a side from MIN to MAX times the size, and resize them"),
		MYO_REAL(0, "brightness", "X", &c->brightness, 0, 1,
		    "change brightness by a random factor from 1 - X to 1 + X"),
		MYO_REAL(0, "contrast", "X", &c->contrast, 0, 1, "the same for contrast"),
		MYO_REAL(0, "saturation", "X", &c->saturation, 0, 1, "the same for saturation"),
		MYO_REAL(0, "hue", "X", &c->hue, 0, 0.5, "turn hues by a random part of the circle from -X to X"),
		MYO_INT(0, "cutout", "N", &c->cutout, 0, 4096,
		    "hide a square of so many pixels along a side, anywhere in a crop"),
		MYO_INT(0, "first-epoch", "N", &c->first_epoch, 0, 1000000,
		    "number of the first epoch, to go on where another run ended"),
		MYO_INT(0, "first-row", "N", &c->first_row, 0, 1e15,
		    "leave out the rows before this one, for a training that goes on"),
		MYO_U64('S', "seed", "SEED", &c->seed, "seed of order, places, flips and all else that is random"),
		MYO_BYTES('m', "memory", "SIZE", &c->memory,
		    "images of a pipe kept in memory at most; more are shuffled through a window"),
		MYO_FLAG('g', "grid", &c->grid, "cut a grid of tiles instead"),
		MYO_INT('t', "stride", "N", &c->stride, 1, 4096, "pixels from tile to tile of a grid"),
		MYO_FLAG('p', "pad", &c->pad, "surround images of a grid with zeros, so that each pixel is a centre"),
		MYO_FLAG(0, "skip-small", &c->skip_small, "leave out images that are smaller than a patch"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (c->grid)
		check_grid(c);
	else
		check_crops(c);
	if (isatty(STDIN_FILENO))
		myo_cli_usage("standard input is a terminal, not a stream of images");
	myo_cli_stream_out("a stream of patches");
}

static void
show_progress(void *context, int64_t done)
{
	myo_progress_at(context, done, NULL);
}

/* What both ways of cutting need. */
struct job {
	struct myo_header header;
	struct myo_writer *out;
	struct myo_patches *patches;
	struct myo_progress *progress;
};

static int
start(struct job *job, const struct conf *c, const struct myo_crops *crops, struct myo_err *err)
{
	int rc = myo_cli_writer(&job->header, &job->out, err);

	if (rc == MYO_OK)
		rc = myo_patches_new((int)c->size, crops, job->out, &job->patches, err);
	if (rc == MYO_OK)
		rc = myo_progress_new("patches", job->header.rows, &job->progress, err);
	return rc;
}

/* images: their header, if its history was incomplete when the output's was written; or NULL. */
static int
end(struct job *job, const struct myo_header *images, struct myo_err *err)
{
	int rc = myo_patches_flush(job->patches, err);

	if (rc == MYO_OK)
		rc = images != NULL ? myo_cli_end(job->out, images->history, err) : myo_writer_end(job->out, NULL, err);
	const int64_t skipped = myo_patches_skipped(job->patches);
	if (rc == MYO_OK && skipped > 0)
		myo_warn("%lld images left out that are smaller than a patch", (long long)skipped);
	return rc;
}

static int
placed(int rc, struct myo_err *err)
{
	if (rc == MYO_FAIL)
		myo_err_prefix(err, "standard input: ");
	return rc;
}

/* Crops of images in random order: those of a file, or as many of a pipe as memory holds. */
static int
sample_crops(const struct conf *c, struct job *job, struct myo_err *err)
{
	const struct myo_crops crops = { .size = (int)c->size, .margin = (int)c->margin, .crops = (int)c->crops,
		.epochs = c->epochs, .first_epoch = c->first_epoch, .first_row = c->first_row, .flip = c->flip,
		.alternate = c->alternate,
		.least = c->least, .most = c->most, .brightness = c->brightness, .contrast = c->contrast,
		.saturation = c->saturation, .hue = c->hue, .cutout = (int)c->cutout, .skip_small = c->skip_small,
		.seed = c->seed };
	struct myo_table *images = NULL;
	struct myo_reader *rest = NULL;

	int rc = myo_table_new(STDIN_FILENO, "standard input", MYO_IMAGES, c->memory, &images,
	    c->epochs == 1 ? &rest : NULL, err);
	if (rc == MYO_FAIL)
		return rc;
	const bool window = rc == MYO_END;
	rc = MYO_OK;
	if (window && c->first_row > 0)
		rc = myo_fail(err,
		    "--first-row: the images don't fit into --memory, and a window can't begin in the middle");
	if (window)
		myo_say("the images don't fit into --memory: shuffling through a window of %zu",
		    myo_crops_window_images(images, c->memory));
	else if (c->memory > 0 && myo_table_pixel_bytes(images) > c->memory)
		myo_cli_settle("memory", "0"); /* repeated through a pipe, it must be all in memory, not a window */
	if (rc == MYO_OK)
		rc = placed(myo_crops_header(&crops, images, rest, &job->header, err), err);
	if (rc == MYO_OK)
		rc = start(job, c, &crops, err);
	if (rc == MYO_OK)
		rc = window ? myo_crops_window(&crops, images, c->memory, rest, job->patches, show_progress,
		    job->progress, err) :
		    myo_crops_all(&crops, images, job->patches, show_progress, job->progress, err);
	if (rc == MYO_OK)
		rc = end(job, window ? myo_reader_header(rest) : NULL, err);
	myo_reader_free(rest);
	myo_table_free(images);
	return rc;
}

/* Tiles of images in the order in which these come. */
static int
sample_grid(const struct conf *c, struct job *job, struct myo_err *err)
{
	const struct myo_grid grid = { .size = (int)c->size, .stride = (int)c->stride, .pad = c->pad,
		.skip_small = c->skip_small };
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_reader *in = NULL;

	int rc = myo_cli_reader(&in, err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(in, MYO_IMAGES, err);
	if (rc == MYO_OK)
		rc = myo_reader_next(in, &record, err);
	if (rc == MYO_END)
		rc = myo_fail(err, "standard input: there are no images");
	if (rc == MYO_OK)
		rc = placed(myo_grid_header(&grid, myo_reader_header(in), &record, &job->header, err), err);
	if (rc == MYO_OK)
		rc = start(job, c, NULL, err);
	while (rc == MYO_OK) {
		rc = myo_grid_cut(&grid, &record, job->patches, err);
		if (rc == MYO_OK)
			rc = myo_reader_next(in, &record, err);
		if (rc == MYO_OK)
			show_progress(job->progress, myo_patches_count(job->patches));
	}
	if (rc == MYO_END && myo_patches_count(job->patches) == 0)
		rc = myo_fail(err,
		    "standard input: all of the %lld images are smaller than a tile of %ldx%ld: choose a smaller --size",
		    (long long)myo_patches_skipped(job->patches), c->size, c->size);
	if (rc == MYO_END)
		rc = end(job, myo_reader_header(in), err);
	myo_record_clear(&record);
	myo_reader_free(in);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .size = 16, .epochs = 1, .crops = 1, .stride = 1, .seed = SEED, .memory = MEMORY };
	struct job job = { .header = MYO_HEADER_INIT };
	struct myo_err err = MYO_ERR_INIT;

	parse(&c, argc, argv);
	const int rc = c.grid ? sample_grid(&c, &job, &err) : sample_crops(&c, &job, &err);
	myo_progress_free(job.progress);
	const int status = myo_cli_leave(rc, job.out, &err);
	myo_patches_free(job.patches);
	myo_writer_free(job.out);
	myo_header_clear(&job.header);
	return status;
}
