/* myopic-heat - draw heat maps of where the evidence for a class lies. */
#include "cli/cli.h"
#include "heat/heat.h"
#include "stream/stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct myo_program program = {
	.name = "myopic-heat",
	.summary = "draw heat maps of where in an image the evidence for a class lies",
	.usage = "--images FILE -o FOLDER < predictions",
	.notes = "The predictions are those of a grid of tiles: myopic-sample --grid --stride 1 --pad.",
};

struct settings {
	const char *images, *folder, *about, *scale_text;
	struct myo_heat_scale scale;
	bool shared, each;
	int method; /* enum myo_heat_method */
	double alpha;
	long enlarge, limit, sheet, threads;
	bool tensors, score;
};

/* What reading the predictions fills. */
struct work {
	const struct settings *settings;
	struct myo_heat_images *images;
	struct myo_writer *writer;
	struct myo_heat_sink *sink;
	struct myo_heat_scores *scores;
	struct myo_heat_list list; /* to be drawn */
	size_t seen;
};

static void
parse(int argc, char **argv, struct settings *s)
{
	static const char *const methods[] = { "paper", "cover", NULL };
	const struct myo_opt options[] = {
		MYO_TEXT('i', "images", "FILE", &s->images, "the images that the predictions are of"),
		MYO_TEXT('o', "output", "FOLDER", &s->folder, "draw the maps into this folder, made if absent"),
		MYO_CHOICE('m', "method", "METHOD", &s->method, methods,
		    "what the heat of a pixel is"),
		MYO_TEXT('c', "class", "CLASS", &s->about, "the class in question: label, predicted or a name"),
		MYO_TEXT(0, "scale", "SCALE", &s->scale_text, "shared by all maps, each its own, or MIN:MAX"),
		MYO_REAL('a', "alpha", "SHARE", &s->alpha, 0, 1, "how much of the colour covers the picture"),
		MYO_INT('e', "enlarge", "N", &s->enlarge, 0, 1000,
		    "side of a pixel's square; 0: as much as makes 256 a side"),
		MYO_INT('n', "limit", "N", &s->limit, 0, 1e9, "draw the first N maps only; 0: all"),
		MYO_INT(0, "sheet", "N", &s->sheet, 0, 1e6, "maps on the contact sheet; 0: no sheet"),
		MYO_FLAG('t', "tensors", &s->tensors, "write the maps to standard output, as a stream"),
		MYO_FLAG('s', "score", &s->score, "print how much of the heat lies on the objects"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &s->threads, 0, 1024, "threads that draw; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (s->folder == NULL && !s->tensors && !s->score)
		myo_cli_usage("nothing to do: give --output FOLDER, --tensors or --score");
	if (s->images == NULL && (s->folder != NULL || s->score))
		myo_cli_usage("--%s wants --images FILE", s->folder != NULL ? "output" : "score");
	if (s->tensors && s->score)
		myo_cli_usage("--tensors and --score both write to standard output: give one of them");
	s->shared = strcmp(s->scale_text, "shared") == 0;
	s->each = strcmp(s->scale_text, "each") == 0;
	if (!s->shared && !s->each && !myo_heat_scale_parse(s->scale_text, &s->scale))
		myo_cli_usage("--scale '%s' is not shared, each or MIN:MAX", s->scale_text);
}

/* A finished map goes wherever it is wanted; called by myo_heat_read(). */
static int
use_map(void *context, struct myo_heat_map *map, struct myo_err *err)
{
	struct work *const w = context;
	const struct settings *const s = w->settings;
	struct myo_heat_image image;

	w->seen++;
	if (w->images != NULL && myo_heat_images_find(w->images, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	if (w->scores != NULL && myo_heat_scores_add(w->scores, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	if (w->sink != NULL && myo_heat_sink_put(w->sink, map, err) != MYO_OK)
		return MYO_FAIL;
	if (s->folder == NULL || (s->limit > 0 && w->list.count >= (size_t)s->limit))
		return MYO_OK;
	return myo_heat_list_take(&w->list, map, err);
}

static int
open_outputs(struct work *w, const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_err *err)
{
	const struct settings *const s = w->settings;
	struct myo_header header = MYO_HEADER_INIT;
	int status = MYO_OK;

	if (s->folder != NULL)
		status = myo_heat_folder_check(s->folder, err);
	if (status == MYO_OK && s->images != NULL)
		status = myo_heat_images_new(s->images, &w->images, err);
	if (status == MYO_OK && s->score)
		status = myo_heat_scores_new(predictions->class_count, &w->scores, err);
	if (status == MYO_OK && s->tensors) {
		status = myo_heat_header(predictions, choice, &header, err);
		if (status == MYO_OK)
			status = myo_cli_writer(&header, &w->writer, err);
		if (status == MYO_OK)
			status = myo_heat_sink_new(w->writer, &w->sink, err);
	}
	myo_header_clear(&header);
	return status;
}

/* The last records, with the history of all the parts that the predictions turned out to have. */
static int
end_tensors(struct work *w, const struct myo_reader *reader, struct myo_err *err)
{
	json_t *history = NULL;
	int status = MYO_FAIL;

	if (myo_json_copy(myo_reader_header(reader)->history, &history, err) == MYO_OK &&
	    myo_cli_history(&history, err) == MYO_OK && myo_heat_sink_flush(w->sink, err) == MYO_OK)
		status = myo_writer_end(w->writer, history, err);
	json_decref(history);
	return status;
}

static void
show_progress(void *context, size_t done)
{
	myo_progress_at(context, (int64_t)done, NULL);
}

static int
draw(struct work *w, const struct myo_header *header, const struct myo_heat_choice *choice,
    struct myo_err *err)
{
	const struct settings *const s = w->settings;
	const struct myo_heat_list *const list = &w->list;
	struct myo_heat_style style = { .method = choice->method, .scale = s->scale,
		.each = s->each, .alpha = s->alpha, .enlarge = (int)s->enlarge,
		.class_count = header->class_count, .classes = header->classes };
	struct myo_progress *progress = NULL;
	struct myo_pool *pool = NULL;

	if (myo_heat_grid_of(header, &style.grid, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t i = 0; s->shared && i < list->count; i++)
		myo_heat_scale_add(&style.scale, &list->maps[i], choice->method);
	int status = myo_pool_new((int)s->threads, &pool, err);
	if (status == MYO_OK)
		status = myo_progress_new("pictures", (int64_t)list->count, &progress, err);
	if (status == MYO_OK)
		status = myo_heat_gallery(&style, list->maps, w->images, list->count, (size_t)s->sheet,
		    s->folder, pool, show_progress, progress, err);
	myo_progress_free(progress);
	myo_pool_free(pool);
	if (status == MYO_OK)
		myo_say("%zu of %zu maps are drawn in %s", list->count, w->seen, s->folder);
	return status;
}

static int
print_scores(const struct myo_heat_scores *scores, const struct myo_header *header, struct myo_err *err)
{
	struct myo_heat_line line;

	if (myo_heat_scores_line(scores, header->class_count, &line) != MYO_OK)
		return myo_fail(err, "--score: none of the images has a mask or a box");
	(void)printf("class\tmaps\tempty\tenergy\tarea\tlift\tpointing\tcentre\n");
	for (size_t i = 0; i <= header->class_count; i++)
		if (myo_heat_scores_line(scores, i, &line) == MYO_OK)
			(void)printf("%s\t%zu\t%zu\t%.4f\t%.4f\t%.3f\t%.4f\t%.4f\n",
			    i < header->class_count ? header->classes[i] : "(mean)", line.maps, line.empty,
			    line.energy, line.area, line.lift, line.pointing, line.centre);
	return MYO_OK;
}

static int
run(struct work *w, struct myo_err *err)
{
	struct myo_heat_choice choice = { .method = (enum myo_heat_method)w->settings->method };
	struct myo_reader *reader = NULL;
	int status = myo_cli_reader(&reader, err);

	if (status == MYO_OK)
		status = myo_reader_need_kind(reader, MYO_PREDICTIONS, err);
	const struct myo_header *const header = status == MYO_OK ? myo_reader_header(reader) : NULL;
	if (status == MYO_OK)
		status = myo_heat_ask(header, w->settings->about, &choice, err);
	if (status == MYO_OK)
		status = open_outputs(w, header, &choice, err);
	if (status == MYO_OK)
		status = myo_heat_read(reader, "standard input", &choice, use_map, w, err);
	if (status == MYO_OK && w->seen == 0)
		status = myo_fail(err, "standard input: no predictions in it");
	if (status == MYO_OK && w->sink != NULL)
		status = end_tensors(w, reader, err);
	if (status == MYO_OK && w->settings->folder != NULL)
		status = draw(w, header, &choice, err);
	if (status == MYO_OK && w->scores != NULL)
		status = print_scores(w->scores, header, err);
	myo_reader_free(reader);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings settings = { .about = "predicted", .scale_text = "shared", .scale = MYO_HEAT_SCALE_INIT,
		.alpha = 0.8, .sheet = 64 };
	struct work work = { .settings = &settings };
	struct myo_err err = MYO_ERR_INIT;

	parse(argc, argv, &settings);
	const int status = run(&work, &err);
	myo_heat_list_clear(&work.list);
	myo_heat_scores_free(work.scores);
	myo_heat_sink_free(work.sink);
	myo_heat_images_free(work.images);
	const int left = myo_cli_leave(status, work.writer, &err);
	myo_writer_free(work.writer);
	return left;
}
