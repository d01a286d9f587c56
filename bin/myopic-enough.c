/* myopic-enough - find the smallest tile that is enough. */
#include "cli/cli.h"
#include "stream/stream.h"
#include "score/score.h"
#include "telling/telling.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf {
	bool each;
};

struct input {
	const char *path;
	struct myo_reader *reader;
	int64_t tile; /* side in pixels; the images themselves: INT64_MAX */
};

static int
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-enough",
		.summary = "find the smallest tile that is enough",
		.usage = "FILE...",
		.notes = "Each FILE has the predictions of tiles of one size, of the same images.",
	};
	const struct myo_opt options[] = {
		MYO_FLAG('a', "each", &c->each, "print a line for each image"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	return myo_cli_parse(options, 1, 255);
}

/* ---- inputs ------------------------------------------------------------------------------ */

static int
by_tile(const void *a, const void *b)
{
	const struct input *const s = a, *const t = b;

	return (s->tile > t->tile) - (s->tile < t->tile);
}

static int
open_input(struct input *in, struct myo_err *err)
{
	if (myo_reader_open(in->path, &in->reader, err) != MYO_OK ||
	    myo_reader_need_kind(in->reader, MYO_PREDICTIONS, err) != MYO_OK)
		return MYO_FAIL;
	const struct myo_header *const header = myo_reader_header(in->reader);
	const char *const sampling = myo_header_get(header, "sampling");
	if (myo_header_get_int(header, "tile", 1, INT32_MAX, INT64_MAX, &in->tile, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", in->path);
		return MYO_FAIL;
	}
	/* a grid has all tiles of an image; of random crops there may be any number, and some twice */
	if (in->tile != INT64_MAX && (sampling == NULL || strcmp(sampling, "grid") != 0))
		return myo_fail(err, "%s: predictions of random crops; what is wanted are those of a grid of tiles, as "
		    "myopic-sample --grid cuts them", in->path);
	return MYO_OK;
}

/* Open all inputs, and sort them by size of tiles. They must have the same classes and different sizes. */
static int
open_inputs(struct input *inputs, size_t count, char *const *paths, struct myo_err *err)
{
	for (size_t i = 0; i < count; i++) {
		inputs[i] = (struct input){ .path = paths[i] };
		if (open_input(&inputs[i], err) != MYO_OK)
			return MYO_FAIL;
		if (myo_header_same_classes(myo_reader_header(inputs[i].reader), myo_reader_header(inputs[0].reader),
		        inputs[0].path, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", inputs[i].path);
			return MYO_FAIL;
		}
	}
	qsort(inputs, count, sizeof *inputs, by_tile);
	for (size_t i = 1; i < count; i++)
		if (inputs[i].tile == inputs[i - 1].tile)
			return myo_fail(err, "%s: tiles of the same size as in %s", inputs[i].path, inputs[i - 1].path);
	return MYO_OK;
}

/* ---- results ------------------------------------------------------------------------------ */

/* side: of the images; 0: they differ. */
static void
print_size(int64_t tile, int32_t side, char *text, size_t size)
{
	if (tile == INT64_MAX && side == 0)
		(void)snprintf(text, size, "whole");
	else
		(void)snprintf(text, size, "%" PRId64, tile == INT64_MAX ? side : tile);
}

static void
print_table(const struct myo_enough *enough, const struct input *inputs, size_t count)
{
	char tile[32];

	(void)printf("tile\ttiles\tright\tenough\tlow\thigh\tothers\tfirst\n");
	for (size_t i = 0; i < count; i++) {
		const struct myo_enough_size at = myo_enough_at(enough, i);
		const struct myo_share share = myo_share_of(at.enough, at.images);
		print_size(inputs[i].tile, at.side, tile, sizeof tile);
		(void)printf("%s\t%.1f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\n", tile,
		    (double)at.tiles / (double)at.images,
		    100 * (double)at.right_tiles / (double)at.tiles, 100 * (double)at.enough / (double)at.images,
		    100 * share.low, 100 * share.high, 100 * at.others, 100 * (double)at.first / (double)at.images);
	}
}

static void
print_images(const struct myo_enough *enough, const struct input *inputs)
{
	const struct myo_header *const header = myo_reader_header(inputs[0].reader);
	char tile[32] = "none";
	int64_t id;
	int32_t label;
	int size;

	(void)printf("id\tclass\ttile\n");
	for (size_t n = 0; myo_enough_image(enough, n, &id, &label, &size) == MYO_OK; n++) {
		if (size >= 0)
			print_size(inputs[size].tile, myo_enough_at(enough, (size_t)size).side, tile, sizeof tile);
		(void)printf("%" PRId64 "\t", id);
		myo_put_text(stdout, header->classes[label]);
		(void)printf("\t%s\n", size >= 0 ? tile : "none");
	}
}

static int
work(const struct conf *c, struct input *inputs, size_t count, char *const *paths, struct myo_err *err)
{
	struct myo_enough *enough = NULL;
	int status = open_inputs(inputs, count, paths, err);

	if (status == MYO_OK)
		status = myo_enough_new(myo_reader_header(inputs[0].reader)->class_count, count, &enough, err);
	for (size_t i = 0; status == MYO_OK && i < count; i++)
		status = myo_enough_read(enough, inputs[i].reader, inputs[i].path, err);
	if (status == MYO_OK && c->each)
		print_images(enough, inputs);
	else if (status == MYO_OK)
		print_table(enough, inputs, count);
	myo_enough_free(enough);
	return status;
}

int
main(int argc, char **argv)
{
	struct conf c = { 0 };
	struct myo_err err = MYO_ERR_INIT;

	const int first = parse(&c, argc, argv);
	const size_t count = (size_t)(argc - first);
	struct input *const inputs = myo_calloc(count, sizeof *inputs, &err);
	const int rc = inputs != NULL ? work(&c, inputs, count, argv + first, &err) : MYO_FAIL;
	for (size_t i = 0; inputs != NULL && i < count; i++)
		myo_reader_free(inputs[i].reader);
	free(inputs);
	return myo_cli_leave(rc, NULL, &err);
}
