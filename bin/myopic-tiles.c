/* myopic-tiles - show the tiles that argue most for and against each class. */
#include "cli/cli.h"
#include "gallery/gallery.h"
#include "stream/stream.h"
#include "telling/telling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf {
	const char *images, *page;
	struct myo_texts classes;
	long each;
	bool tsv;
};

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-tiles",
		.summary = "show the tiles that argue most for and against each class",
		.usage = "--images FILE -o PICTURE < predictions",
		.notes = "The predictions are those of a grid of tiles: myopic-sample --grid.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('i', "images", "FILE", &c->images, "the images that the predictions are of"),
		MYO_TEXT('o', "output", "FILE", &c->page, "draw the tiles into this file: .png, .svg or .pdf"),
		MYO_INT('n', "each", "N", &c->each, 1, 100, "tiles of a kind for each class"),
		MYO_LIST('c', "class", "CLASS", &c->classes,
		    "a class to show, may be given several times; without it all are"),
		MYO_FLAG(0, "tsv", &c->tsv, "print the tiles as tab-separated values"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (c->page == NULL && !c->tsv)
		myo_cli_usage("nothing to do: give --output FILE or --tsv");
	if (c->page != NULL && c->images == NULL)
		myo_cli_usage("--output wants --images FILE");
	if (c->page != NULL && !myo_page_can_be(c->page))
		myo_cli_usage("--output '%s' ends in none of .png, .svg and .pdf", c->page);
}

/* *out: which classes are wanted, [class_count]; NULL: all. */
static int
find_classes(const struct conf *c, const struct myo_header *header, bool **out, struct myo_err *err)
{
	*out = NULL;
	if (c->classes.count == 0)
		return MYO_OK;
	*out = myo_calloc(header->class_count, sizeof **out, err);
	for (size_t i = 0; *out != NULL && i < c->classes.count; i++) {
		struct myo_heat_choice choice;
		if (myo_heat_ask(header, c->classes.items[i], &choice, err) != MYO_OK)
			return MYO_FAIL;
		if (choice.about != MYO_ABOUT_CLASS)
			return myo_fail(err, "no class '%s' among the predictions", c->classes.items[i]);
		(*out)[choice.about_class] = true;
	}
	return *out != NULL ? MYO_OK : MYO_FAIL;
}

static int
read_tiles(struct myo_reader *in, struct myo_telling *telling, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	int status;

	while ((status = myo_reader_next(in, &record, err)) == MYO_OK) {
		if ((status = myo_telling_add(telling, &record, err)) != MYO_OK) {
			myo_err_prefix(err, "standard input: ");
			break;
		}
	}
	myo_record_clear(&record);
	return status == MYO_END ? MYO_OK : MYO_FAIL;
}

static bool
any_tile(const struct myo_telling *telling, size_t classes, const bool *shown)
{
	for (size_t k = 0; k < classes; k++)
		if ((shown == NULL || shown[k]) && myo_telling_get(telling, k, MYO_TELLS_FOR, 0) != NULL)
			return true;
	return false;
}

static int
print_name(const struct myo_heat_images *images, const struct myo_tell *tell, struct myo_err *err)
{
	char *name;

	if (myo_heat_images_name(images, tell->id, tell->label, &name, err) != MYO_OK)
		return MYO_FAIL;
	(void)printf("\t");
	myo_put_text(stdout, name);
	free(name);
	return MYO_OK;
}

/* At most one tile of each image is shown, so a class with few images has few. */
static void
say_few(const struct conf *c, const struct myo_telling *telling, const struct myo_header *header, const bool *shown)
{
	size_t few = 0, first = 0;

	for (size_t k = 0; k < header->class_count; k++) {
		const size_t last = (size_t)c->each - 1;
		if ((shown == NULL || shown[k]) && myo_telling_get(telling, k, MYO_TELLS_FOR, last) == NULL) {
			first = few == 0 ? k : first;
			few++;
		}
	}
	if (few > 0)
		myo_say("%zu class%s, as %s, with fewer than %ld images, and so with fewer tiles: one of each image", few,
		    few > 1 ? "es" : "", header->classes[first], c->each);
}

static int
print(const struct conf *c, const struct myo_telling *telling, const struct myo_header *header, const bool *shown,
    const struct myo_heat_images *images, struct myo_err *err)
{
	static const char *const kinds[MYO_TELLS] = { "for", "against", "wrong" };

	(void)printf("class\tkind\tabout\tlogodds\tprobability\tid\ty\tx%s\n", images != NULL ? "\tname" : "");
	for (size_t k = 0; k < header->class_count; k++) {
		for (size_t kind = 0; kind < MYO_TELLS && (shown == NULL || shown[k]); kind++) {
			for (size_t n = 0; n < (size_t)c->each; n++) {
				const struct myo_tell *const t = myo_telling_get(telling, k, (enum myo_tells)kind, n);
				if (t == NULL)
					break;
				myo_put_text(stdout, header->classes[k]);
				(void)printf("\t%s\t", kinds[kind]);
				myo_put_text(stdout, header->classes[t->about]);
				(void)printf("\t%.4f\t%.6f\t%lld\t%d\t%d", t->odds, myo_tell_probability(t->odds),
				    (long long)t->id, t->y, t->x);
				if (images != NULL && print_name(images, t, err) != MYO_OK)
					return MYO_FAIL;
				(void)printf("\n");
			}
		}
	}
	return MYO_OK;
}

static int
work(const struct conf *c, struct myo_reader **in, struct myo_err *err)
{
	struct myo_gallery_style style = { .method = MYO_HEAT_COVER };
	struct myo_heat_images *images = NULL;
	struct myo_telling *telling = NULL;
	bool *shown = NULL;
	int status = myo_outfile_check(c->page, err);

	if (status == MYO_OK)
		status = myo_cli_reader(in, err);
	if (status == MYO_OK)
		status = myo_reader_need_kind(*in, MYO_PREDICTIONS, err);
	const struct myo_header *const header = status == MYO_OK ? myo_reader_header(*in) : NULL;
	if (status == MYO_OK && (status = myo_heat_grid_of(header, style.method, &style.grid, err)) != MYO_OK)
		myo_err_prefix(err, "standard input: ");
	if (status == MYO_OK && header->class_count == 0)
		status = myo_fail(err, "standard input: predictions without classes");
	if (status == MYO_OK)
		status = find_classes(c, header, &shown, err);
	if (status == MYO_OK && c->images != NULL)
		status = myo_heat_images_new(c->images, header, &images, err);
	if (status == MYO_OK)
		status = myo_telling_new(header->class_count, &style.grid, (size_t)c->each, &telling, err);
	if (status == MYO_OK)
		status = read_tiles(*in, telling, err);
	if (status == MYO_OK && !any_tile(telling, header->class_count, shown))
		status = myo_fail(err,
		    "standard input: none of the tiles is of an image with a label that is to be shown");
	if (status == MYO_OK) {
		style.class_count = header->class_count;
		style.classes = header->classes;
	}
	if (status == MYO_OK && c->page != NULL)
		status = myo_gallery_tells(&style, telling, shown, (size_t)c->each, images, c->page, err);
	if (status == MYO_OK && c->tsv)
		status = print(c, telling, header, shown, images, err);
	if (status == MYO_OK)
		say_few(c, telling, header, shown);
	myo_telling_free(telling);
	myo_heat_images_free(images);
	free(shown);
	return status;
}

int
main(int argc, char **argv)
{
	struct conf c = { .each = 6 };
	struct myo_reader *in = NULL;
	struct myo_err err = MYO_ERR_INIT;

	parse(&c, argc, argv);
	const int status = myo_cli_leave(work(&c, &in, &err), NULL, &err);
	myo_reader_free(in);
	return status;
}
