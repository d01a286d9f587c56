/* myopic-sample - cut patches out of images: random crops, or a grid of tiles. */
#include "cli/cli.h"
#include "patch/patch.h"

#include <unistd.h>

struct conf {
	long size, epochs, first_epoch, crops, stride;
	bool flip, grid, pad;
	uint64_t seed;
	size_t memory;
};

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-sample",
		.summary = "cut patches out of images: random crops, or a grid of tiles",
		.usage = "< images > patches",
		.notes = "Random crops never leave their image. With --grid, every tile whose corner is a multiple\n"
		         "of the stride is cut, image by image.",
	};
	const struct myo_opt options[] = {
		MYO_INT('s', "size", "N", &c->size, 1, 4096, "side of a patch in pixels"),
		MYO_INT('e', "epochs", "N", &c->epochs, 1, 1000000, "passes over all images, each in an order of its own"),
		MYO_FLAG('f', "flip", &c->flip, "mirror half of the crops, left to right"),
		MYO_INT('c', "crops", "N", &c->crops, 1, 10000, "crops of each image in an epoch"),
		MYO_INT(0, "first-epoch", "N", &c->first_epoch, 0, 1000000, "number of the first epoch, to go on where another run ended"),
		MYO_U64('S', "seed", "N", &c->seed, "seed of order, places and flips"),
		MYO_BYTES('m', "memory", "SIZE", &c->memory, "images of a pipe kept in memory at most; more are shuffled through a window"),
		MYO_FLAG('g', "grid", &c->grid, "cut a grid of tiles instead"),
		MYO_INT('t', "stride", "N", &c->stride, 1, 4096, "pixels from tile to tile of a grid"),
		MYO_FLAG('p', "pad", &c->pad, "surround images of a grid with zeros, so that each pixel is a centre"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (c->grid && (c->flip || c->crops != 1 || c->epochs != 1 || c->first_epoch != 0))
		myo_cli_usage("--grid cuts each tile once: it goes without --flip, --crops, --epochs and --first-epoch");
	if (!c->grid && c->pad)
		myo_cli_usage("--pad goes with --grid: random crops are never padded");
}

static void
show_progress(void *context, int64_t done)
{
	myo_progress_at(context, done, NULL);
}

/* Images from a file or as many as memory holds, in random order. */
static int
sample_crops(const struct conf *c, struct myo_writer **out, struct myo_err *err)
{
	const struct myo_crops crops = { .size = (int)c->size, .crops = (int)c->crops, .epochs = c->epochs,
		.first_epoch = c->first_epoch, .flip = c->flip, .seed = c->seed };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_table *images = NULL;
	struct myo_reader *rest = NULL;
	struct myo_patches *patches = NULL;
	struct myo_progress *progress = NULL;

	if (isatty(STDIN_FILENO))
		myo_cli_usage("standard input is a terminal, not a stream of images");
	int rc = myo_table_new(STDIN_FILENO, "standard input", c->memory, &images, c->epochs == 1 ? &rest : NULL, err);
	const bool window = rc == MYO_END;
	if (rc == MYO_FAIL)
		goto done;
	if (window)
		myo_say("the images don't fit into %zu MiB: shuffling through a window of %zu", c->memory >> 20,
		    myo_table_rows(images));
	const int64_t rows = window ? myo_table_header(images)->rows : (int64_t)myo_table_rows(images);
	if (myo_table_header(images)->kind != MYO_IMAGES) {
		rc = myo_fail(err, "standard input: holds %s, not images", myo_kind_name(myo_table_header(images)->kind));
		goto done;
	}
	rc = myo_crops_header(&crops, myo_table_header(images), rows, &header, err);
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, out, err);
	if (rc == MYO_OK)
		rc = myo_patches_new(crops.size, crops.flip, *out, &patches, err);
	if (rc == MYO_OK)
		rc = myo_progress_new("patches", header.rows, &progress, err);
	if (rc == MYO_OK)
		rc = window ? myo_crops_window(&crops, images, rest, patches, show_progress, progress, err)
		            : myo_crops_all(&crops, images, patches, show_progress, progress, err);
	if (rc == MYO_OK)
		rc = myo_patches_flush(patches, err);
	if (rc == MYO_OK)
		rc = myo_writer_end(*out, NULL, err);
done:
	myo_progress_free(progress);
	myo_patches_free(patches);
	myo_reader_free(rest);
	myo_table_free(images);
	myo_header_clear(&header);
	return rc;
}

/* Rows to expect, if all images are as large as those of the first record. */
static int64_t
expected_tiles(const struct myo_grid *grid, const struct myo_header *images, const struct myo_record *first)
{
	const struct myo_tensor *image = myo_record_find(first, "image");

	if (images->rows < 0 || image == NULL || image->dims != 4)
		return -1;
	return images->rows * (int64_t)(myo_grid_tiles(grid, image->shape[1]) * myo_grid_tiles(grid, image->shape[2]));
}

/* Images as they come, in the order in which they come. */
static int
sample_grid(const struct conf *c, struct myo_writer **out, struct myo_err *err)
{
	const struct myo_grid grid = { .size = (int)c->size, .stride = (int)c->stride, .pad = c->pad };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_reader *in = NULL;
	struct myo_patches *patches = NULL;
	struct myo_progress *progress = NULL;

	int rc = myo_cli_reader(&in, err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(in, MYO_IMAGES, err);
	if (rc == MYO_OK)
		rc = myo_reader_next(in, &record, err);
	if (rc == MYO_END)
		rc = myo_fail(err, "standard input: there are no images");
	if (rc == MYO_OK)
		rc = myo_grid_header(&grid, myo_reader_header(in),
		    expected_tiles(&grid, myo_reader_header(in), &record), &header, err);
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, out, err);
	if (rc == MYO_OK)
		rc = myo_patches_new(grid.size, false, *out, &patches, err);
	if (rc == MYO_OK)
		rc = myo_progress_new("tiles", header.rows, &progress, err);
	while (rc == MYO_OK) {
		rc = myo_grid_cut(&grid, &record, patches, err);
		if (rc == MYO_OK)
			rc = myo_reader_next(in, &record, err);
		if (rc == MYO_OK)
			myo_progress_at(progress, myo_patches_count(patches), NULL);
	}
	if (rc == MYO_END)
		rc = myo_patches_flush(patches, err);
	if (rc == MYO_OK)
		rc = myo_writer_end(*out, NULL, err);
	myo_progress_free(progress);
	myo_patches_free(patches);
	myo_record_clear(&record);
	myo_reader_free(in);
	myo_header_clear(&header);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .size = 16, .epochs = 1, .crops = 1, .stride = 1, .seed = 1, .memory = (size_t)4 << 30 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_writer *out = NULL;

	parse(&c, argc, argv);
	const int rc = c.grid ? sample_grid(&c, &out, &err) : sample_crops(&c, &out, &err);
	const int status = myo_cli_leave(rc, out, &err);
	myo_writer_free(out);
	return status;
}
