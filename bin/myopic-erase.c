/* myopic-erase - take pixels away in the order of their heat, and see what the network says. */
#include "cli/cli.h"
#include "erase/erase.h"
#include "heat/heat.h"
#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf {
	const char *images;
	int mode, order;
	long steps;
	double sigma;
	uint64_t seed;
	bool curves, json;
};

static const struct conf defaults = { .steps = 16, .sigma = 1.0 / 16 };

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-erase",
		.summary = "take pixels away in the order of their heat, and see what the network says",
		.usage = "--images FILE < heat > images",
		.notes = "What a network says of the pictures that come out is read by myopic-erase --curves.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('i', "images", "FILE", &c->images, "the images that the maps are of"),
		MYO_CHOICE('m', "mode", "MODE", &c->mode, myo_erase_modes, "what happens to pixels"),
		MYO_CHOICE(0, "order", "ORDER", &c->order, myo_erase_orders, "which come first"),
		MYO_INT('s', "steps", "N", &c->steps, 1, 1000, "into how many parts the pixels are divided"),
		MYO_REAL(0, "sigma", "SHARE", &c->sigma, 0, 1, "of insertion's blur, of the longer side"),
		MYO_U64('S', "seed", "SEED", &c->seed, "of --order random, and of the resampling of --curves"),
		MYO_FLAG('c', "curves", &c->curves, "read predictions, and print the curve and its area"),
		MYO_FLAG(0, "json", &c->json, "print them as JSON"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (!c->curves && c->images == NULL)
		myo_cli_usage("give --images FILE, or --curves to read predictions");
	if (c->curves && c->images != NULL)
		myo_cli_usage("--curves wants no --images");
	if (c->curves && (c->mode != defaults.mode || c->order != defaults.order || c->steps != defaults.steps ||
	    c->sigma != defaults.sigma))
		myo_cli_usage("--curves finds in the predictions how pictures were made: it goes without --mode, --order, --steps and "
		    "--sigma");
	if (c->mode != MYO_ERASE_INSERTION && c->sigma != defaults.sigma)
		myo_cli_usage("--sigma is for --mode insertion, which begins with a blur");
	if (c->json && !c->curves)
		myo_cli_usage("--json is for --curves");
	if (!c->curves)
		myo_cli_stream_out("a stream of images");
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* The tensors of a record of maps, and what came before it. */
struct maps {
	const struct myo_tensor *heat; /* [rows, height, width] */
	const int64_t *id;             /* [rows], as are the next two */
	const int32_t *label, *about;
	int64_t before, image;         /* number of maps before the record; id of the last map's image */
	int64_t each;                  /* maps of each image */
	struct myo_ids seen;           /* ids of images */
};

/*
 * --curves finds out only from a map's position which image it belongs to; and an image that comes again would count as
 * another one there, which would make intervals too narrow.
 */
static int
check_images(struct maps *maps, size_t rows, struct myo_err *err)
{
	for (size_t row = 0; row < rows; row++) {
		const bool first = (maps->before + (int64_t)row) % maps->each == 0;
		const int64_t id = maps->id[row];
		if (!first && id != maps->image)
			return myo_fail(err,
			    "a map of image %lld stands where one of image %lld should: an image has %lld of them",
			    (long long)id, (long long)maps->image, (long long)maps->each);
		if (first && myo_ids_have(&maps->seen, id))
			return myo_fail(err,
			    "image %lld comes again: several maps of an image are made by -c top:K of myopic-heat",
			    (long long)id);
		if (first && myo_ids_add(&maps->seen, id, err) != MYO_OK)
			return MYO_FAIL;
		maps->image = id;
	}
	return MYO_OK;
}

static int
find_maps(const struct myo_record *record, struct maps *maps, struct myo_err *err)
{
	const struct myo_tensor *id, *label, *about;

	if (myo_record_need(record, "heat", MYO_F32, 3, NULL, &maps->heat, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    myo_record_need(record, "class", MYO_I32, 1, NULL, &about, err) != MYO_OK)
		return MYO_FAIL;
	maps->id = id->data;
	maps->label = label->data;
	maps->about = about->data;
	return check_images(maps, myo_record_rows(record), err);
}

/* Make all pictures of one map, and write them as a record. */
static int
put_pictures(const struct myo_erase *how, const struct maps *maps, size_t row, const struct myo_heat_images *images,
    struct myo_writer *writer, struct myo_err *err)
{
	const size_t rows = (size_t)how->steps + 1, height = maps->heat->shape[1], width = maps->heat->shape[2];
	const size_t shape[] = { rows, height, width, 3 };
	const struct myo_heat_map map = { .id = maps->id[row], .label = maps->label[row], .height = height,
		.width = width, .heat = (float *)maps->heat->data + row * height * width };
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_heat_image image;
	size_t pixels = 0, bytes = 0;
	int status = MYO_FAIL;

	if (!myo_mul(height, width, &pixels) || !myo_mul(rows, pixels, &bytes) || !myo_mul(bytes, 3, &bytes))
		return myo_fail_memory(err, SIZE_MAX);
	uint8_t *const pictures = myo_calloc(bytes, 1, err);
	int64_t *const id = myo_calloc(rows, sizeof *id, err);
	int32_t *const label = myo_calloc(rows, sizeof *label, err);
	for (size_t i = 0; id != NULL && label != NULL && i < rows; i++) {
		id[i] = (maps->before + (int64_t)row) * (int64_t)rows + (int64_t)i;
		label[i] = maps->about[row];
	}
	if (pictures != NULL && id != NULL && label != NULL &&
	    myo_heat_images_find(images, &map, &image, err) == MYO_OK &&
	    myo_erase_make(how, &map, image.pixels, pictures, err) == MYO_OK &&
	    myo_record_put(&record, "image", MYO_U8, 4, shape, pictures, err) == MYO_OK &&
	    myo_record_put(&record, "label", MYO_I32, 1, shape, label, err) == MYO_OK &&
	    myo_record_put(&record, "id", MYO_I64, 1, shape, id, err) == MYO_OK)
		status = myo_writer_put(writer, &record, err);
	myo_record_clear(&record);
	free(pictures);
	free(id);
	free(label);
	return status;
}

static int
begin(const struct myo_erase *how, const struct myo_header *in, struct maps *maps, struct myo_header *out,
    struct myo_err *err)
{
	if (myo_header_get_int(in, "top", 1, INT32_MAX, 1, &maps->each, err) != MYO_OK)
		return MYO_FAIL;
	return myo_erase_header(how, in, out, err);
}

static int
erase(const struct conf *c, struct myo_reader *in, struct myo_writer **writer, struct myo_err *err)
{
	const struct myo_erase how = { .mode = (enum myo_erase_mode)c->mode, .order = (enum myo_erase_order)c->order,
		.steps = (int)c->steps, .sigma = c->sigma, .seed = c->seed };
	struct myo_header header = MYO_HEADER_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_heat_images *images = NULL;
	struct maps maps = { 0 };
	int status = myo_heat_images_new(c->images, myo_reader_header(in), &images, err);

	if (status == MYO_OK)
		status = myo_cli_reads(c->images, myo_heat_images_header(images), err);
	if (status == MYO_OK && (status = begin(&how, myo_reader_header(in), &maps, &header, err)) != MYO_OK)
		myo_err_prefix(err, "standard input: ");
	if (status == MYO_OK)
		status = myo_cli_writer(&header, writer, err);
	while (status == MYO_OK && (status = myo_reader_next(in, &record, err)) == MYO_OK) {
		status = find_maps(&record, &maps, err);
		if (status != MYO_OK)
			myo_err_prefix(err, "standard input: ");
		for (size_t row = 0; status == MYO_OK && row < myo_record_rows(&record); row++)
			status = put_pictures(&how, &maps, row, images, *writer, err);
		maps.before += (int64_t)myo_record_rows(&record);
	}
	if (status == MYO_END && maps.before == 0)
		status = myo_fail(err, "standard input: no maps in it");
	if (status == MYO_END)
		status = myo_cli_end(*writer, myo_reader_header(in)->history, err);
	myo_record_clear(&record);
	myo_header_clear(&header);
	myo_heat_images_free(images);
	myo_ids_clear(&maps.seen);
	return status;
}

/* ---- curves ------------------------------------------------------------------------------------ */

static int
print_curves(const struct conf *c, struct myo_reader *in, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_erase_curves *curves = NULL;
	int status = myo_erase_curves_new(myo_reader_header(in), c->seed, &curves, err);

	if (status != MYO_OK)
		myo_err_prefix(err, "standard input: ");
	while (status == MYO_OK && (status = myo_reader_next(in, &record, err)) == MYO_OK)
		if ((status = myo_erase_curves_add(curves, &record, err)) != MYO_OK)
			myo_err_prefix(err, "standard input: ");
	if (status == MYO_END) {
		status = c->json ? myo_erase_curves_json(stdout, curves, err) :
		    myo_erase_curves_text(stdout, curves, err);
		if (status != MYO_OK)
			myo_err_prefix(err, "standard input: ");
	}
	myo_record_clear(&record);
	myo_erase_curves_free(curves);
	return status;
}

int
main(int argc, char **argv)
{
	struct conf c = defaults;
	struct myo_writer *writer = NULL;
	struct myo_reader *in = NULL;
	struct myo_err err = MYO_ERR_INIT;

	parse(&c, argc, argv);
	int rc = myo_cli_reader(&in, &err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(in, c.curves ? MYO_PREDICTIONS : MYO_HEAT, &err);
	if (rc == MYO_OK)
		rc = c.curves ? print_curves(&c, in, &err) : erase(&c, in, &writer, &err);
	const int status = myo_cli_leave(rc, writer, &err);
	myo_writer_free(writer);
	myo_reader_free(in);
	return status;
}
