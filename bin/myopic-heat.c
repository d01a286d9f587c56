/* myopic-heat - draw heat maps of where the evidence for a class lies. */
#include "cli/cli.h"
#include "gallery/gallery.h"
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

enum { AS_CHOSEN = 0 }; /* --colours auto: what suits the method; after it come those of enum myo_colours */
static const char *const colours[] = { "auto", "ember", "viridis", "magma", "turbo", "jet", "balance", NULL };
static const char *const endings[] = { "png", "svg", "pdf", NULL };

struct settings {
	const char *images, *folder, *about, *scale_text, *floor;
	struct myo_scale scale;
	bool shared, each;
	int method; /* enum myo_heat_method */
	int colours, ending;
	double alpha;
	long enlarge, limit, sheet, class_sheets, threads;
	bool tensors, score, tsv, json, check;
	uint64_t seed;
};

static const struct settings defaults = { .scale_text = "shared", .scale = MYO_SCALE_INIT,
	.alpha = 0.6, .sheet = 64 };

/* --floor: this share of the pixels is below it in maps of a network that knows nothing. */
static const double floor_share = 0.95;

/* What is collected while predictions are read. */
struct work {
	const struct settings *settings;
	struct myo_heat_images *images;
	struct myo_writer *writer;
	struct myo_heat_sink *sink;
	struct myo_heat_scores *scores;
	struct myo_heat_picks *picks;
	struct myo_gallery_spool *spool; /* maps to be drawn */
	struct myo_gallery_style style;
	size_t seen;  /* maps so far */
	double worst; /* largest relative error in --check */
};

/* The first option about pictures that isn't at its default; NULL: none. */
static const char *
about_pictures(const struct settings *s)
{
	const struct {
		const char *name;
		bool set;
	} options[] = { { "scale", strcmp(s->scale_text, defaults.scale_text) != 0 },
		{ "colours", s->colours != defaults.colours },
		{ "floor", s->floor != NULL }, { "alpha", s->alpha != defaults.alpha }, { "enlarge", s->enlarge != defaults.enlarge },
		{ "limit", s->limit != defaults.limit }, { "sheet", s->sheet != defaults.sheet },
		{ "class-sheets", s->class_sheets != defaults.class_sheets }, { "format", s->ending != defaults.ending },
		{ "threads", s->threads != defaults.threads } };

	for (size_t i = 0; i < MYO_COUNT(options); i++)
		if (options[i].set)
			return options[i].name;
	return NULL;
}

/*
 * The default of --class. --score compares heat with the object, which is of the image's own class.
 */
static const char *
own_or_predicted(const struct settings *s)
{
	return s->score && myo_heat_method((enum myo_heat_method)s->method)->of_class ? "label" : "predicted";
}

static void
check_question(const struct settings *s)
{
	const struct myo_heat_about_method *const method = myo_heat_method((enum myo_heat_method)s->method);
	const bool several = strncmp(s->about, "top:", 4) == 0;

	if (several && s->class_sheets > 0)
		myo_cli_usage("--class-sheets shows one map of an image, and --class top:K makes several");
	if (several && !method->of_class)
		myo_cli_usage("--class top:K asks for several classes, and maps of --method %s are of none",
		    method->name);
	if (s->floor != NULL && !method->of_class)
		myo_cli_usage("--floor wants heat for a class, and maps of --method %s are of none", method->name);
	if (s->score && s->method == MYO_HEAT_CLASSES)
		myo_cli_usage("--score wants heat; the numbers of --method classes are names");
	if (s->check && s->method != MYO_HEAT_LOGIT && s->method != MYO_HEAT_EVIDENCE)
		myo_cli_usage("--check is for --method logit and --method evidence, whose maps add up to a logit");
}

static void
parse(int argc, char **argv, struct settings *s)
{
	const struct myo_opt options[] = {
		MYO_TEXT('i', "images", "FILE", &s->images, "the images that the predictions are of"),
		MYO_TEXT('o', "output", "FOLDER", &s->folder, "draw the maps into this folder, made if absent"),
		MYO_CHOICE('m', "method", "METHOD", &s->method, myo_heat_method_names, "what heat is"),
		MYO_TEXT('c', "class", "CLASS", &s->about,
		    "label (default of --score), predicted (otherwise), top:K or a name"),
		MYO_TEXT(0, "scale", "SCALE", &s->scale_text, "shared by all maps, each its own, or MIN:MAX"),
		MYO_CHOICE(0, "colours", "NAME", &s->colours, colours, "colour map"),
		MYO_TEXT(0, "floor", "FILE", &s->floor,
		    "predictions by a model of shuffled weights; heat no stronger than theirs is drawn faint"),
		MYO_REAL('a', "alpha", "SHARE", &s->alpha, 0, 1, "how much of the colour covers the picture"),
		MYO_INT('e', "enlarge", "N", &s->enlarge, 0, 1000,
		    "side of a pixel's square; 0: as much as makes 256 a side"),
		MYO_INT('n', "limit", "N", &s->limit, 0, 1e9, "draw the first N maps only; 0: all"),
		MYO_INT(0, "sheet", "N", &s->sheet, 0, 1e4, "maps on the contact sheet; 0: no sheet"),
		MYO_INT(0, "class-sheets", "N", &s->class_sheets, 0, 1000,
		    "a sheet for each class: N best, N worst, N mistakes; 0: none"),
		MYO_CHOICE('f', "format", "FORMAT", &s->ending, endings, "of the pictures"),
		MYO_FLAG('t', "tensors", &s->tensors, "write the maps to standard output, as a stream"),
		MYO_FLAG('s', "score", &s->score, "print how much of the heat lies on the objects"),
		MYO_FLAG(0, "tsv", &s->tsv, "print scores as tab-separated values"),
		MYO_FLAG(0, "json", &s->json, "print scores as JSON"),
		MYO_U64(0, "seed", "SEED", &s->seed, "of the resampling that gives scores their intervals"),
		MYO_FLAG(0, "check", &s->check, "fail unless each map's mean is the logit that it explains"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &s->threads, 0, 1024, "threads that draw; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (s->about == NULL)
		s->about = own_or_predicted(s);
	if (s->folder == NULL && !s->tensors && !s->score && !s->check)
		myo_cli_usage("nothing to do: give --output FOLDER, --tensors, --score or --check");
	if (s->images == NULL && (s->folder != NULL || s->score))
		myo_cli_usage("--%s wants --images FILE", s->folder != NULL ? "output" : "score");
	if (s->folder == NULL && about_pictures(s) != NULL)
		myo_cli_usage("--%s is about pictures: it wants --output FOLDER", about_pictures(s));
	if (s->tensors && s->score)
		myo_cli_usage("--tensors and --score both write to standard output: give one of them");
	if ((s->tsv || s->json) && !s->score)
		myo_cli_usage("--%s is for --score", s->tsv ? "tsv" : "json");
	if (s->tsv && s->json)
		myo_cli_usage("--tsv and --json: give one of them");
	check_question(s);
	s->shared = strcmp(s->scale_text, "shared") == 0;
	s->each = strcmp(s->scale_text, "each") == 0;
	if (!s->shared && !s->each && !myo_scale_parse(s->scale_text, &s->scale))
		myo_cli_usage("--scale '%s' is not shared, each or MIN:MAX", s->scale_text);
	if (s->tensors)
		myo_cli_stream_out("a stream of heat maps");
}

/* ---- a map ---------------------------------------------------------------------------------- */

static int
check_ledger(struct work *w, const struct myo_heat_map *map, struct myo_err *err)
{
	static const double most = 1e-4; /* rounding of sums of some thousand terms in single precision */
	double error;

	if (myo_heat_ledger(map, (enum myo_heat_method)w->settings->method, &error) != MYO_OK)
		return myo_fail(err,
		    "--check: image %lld: %zu tiles for %zu x %zu pixels add up to no logit; cut them with "
		    "--stride 1 --pad", (long long)map->id, map->tiles, map->height, map->width);
	w->worst = fmax(w->worst, error);
	if (error > most)
		return myo_fail(err, "--check: image %lld: the map's mean misses the logit %g by %g of it",
		    (long long)map->id, map->logit_about, error);
	return MYO_OK;
}

static int
set_aside(struct work *w, const struct myo_heat_map *map, struct myo_err *err)
{
	const struct settings *const s = w->settings;

	if (w->picks != NULL && myo_heat_picks_add(w->picks, map, err) != MYO_OK)
		return MYO_FAIL;
	if (s->limit > 0 && myo_gallery_spool_count(w->spool) >= (size_t)s->limit)
		return MYO_OK;
	if (s->shared)
		myo_gallery_scale_add(&w->style.scale, map, (enum myo_heat_method)s->method);
	return myo_gallery_spool_put(w->spool, map, err);
}

/* Pass a finished map to wherever it is wanted; called by myo_heat_read(). */
static int
use_map(void *context, struct myo_heat_map *map, struct myo_err *err)
{
	struct work *const w = context;
	struct myo_heat_image image;

	w->seen++;
	if (w->settings->check && check_ledger(w, map, err) != MYO_OK)
		return MYO_FAIL;
	if (w->images != NULL && myo_heat_images_find(w->images, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	if (w->scores != NULL && myo_heat_scores_add(w->scores, map, &image, err) != MYO_OK)
		return MYO_FAIL;
	if (w->sink != NULL && myo_heat_sink_put(w->sink, map, err) != MYO_OK)
		return MYO_FAIL;
	return w->spool != NULL ? set_aside(w, map, err) : MYO_OK;
}

/* ---- outputs ----------------------------------------------------------------------------------- */

static int
open_folder(struct work *w, const struct myo_header *predictions, struct myo_err *err)
{
	const struct settings *const s = w->settings;
	const struct myo_heat_about_method *const method = myo_heat_method((enum myo_heat_method)s->method);
	struct myo_gallery_style *const style = &w->style;
	const int chosen = s->colours != AS_CHOSEN ? s->colours - 1 : method->is_signed ? MYO_COLOURS_BALANCE :
	    MYO_COLOURS_EMBER;

	*style = (struct myo_gallery_style){ .method = (enum myo_heat_method)s->method, .scale = s->scale,
		.each = s->each, .alpha = s->alpha, .enlarge = (int)s->enlarge, .ending = endings[s->ending],
		.class_count = predictions->class_count, .classes = predictions->classes };
	myo_colours((enum myo_colours)chosen, style->colours);
	if (myo_heat_grid_of(predictions, style->method, &style->grid, err) != MYO_OK) {
		myo_err_prefix(err, "standard input: ");
		return MYO_FAIL;
	}
	if (s->floor != NULL &&
	    myo_heat_floor(s->floor, predictions, style->method, s->about, floor_share, &style->floor, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_gallery_folder_check(s->folder, err) != MYO_OK)
		return MYO_FAIL;
	if (s->class_sheets > 0 &&
	    myo_heat_picks_new(predictions->class_count, (size_t)s->class_sheets, &w->picks, err) != MYO_OK)
		return MYO_FAIL;
	return myo_gallery_spool_new(&w->spool, err);
}

static int
open_tensors(struct work *w, const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;
	int status = myo_heat_header(predictions, choice, &header, err);

	if (status == MYO_OK)
		status = myo_cli_writer(&header, &w->writer, err);
	if (status == MYO_OK)
		status = myo_heat_sink_new(w->writer, &w->sink, err);
	myo_header_clear(&header);
	return status;
}

static int
open_outputs(struct work *w, const struct myo_header *predictions, const struct myo_heat_choice *choice,
    struct myo_err *err)
{
	const struct settings *const s = w->settings;
	int status = MYO_OK;

	if (s->folder != NULL)
		status = open_folder(w, predictions, err);
	if (status == MYO_OK && s->images != NULL)
		status = myo_heat_images_new(s->images, predictions, &w->images, err);
	if (status == MYO_OK && s->score)
		status = myo_heat_images_survey(w->images, err);
	if (status == MYO_OK && s->score)
		status = myo_heat_scores_new(predictions->class_count, s->seed, &w->scores, err);
	if (status == MYO_OK && s->tensors)
		status = open_tensors(w, predictions, choice, err);
	return status;
}

/* Write the last records, and the history, which the predictions only have in full at their end. */
static int
end_tensors(struct work *w, const struct myo_reader *reader, struct myo_err *err)
{
	if (myo_heat_sink_flush(w->sink, err) != MYO_OK)
		return MYO_FAIL;
	return myo_cli_end(w->writer, myo_reader_header(reader)->history, err);
}

/* ---- pictures ------------------------------------------------------------------------------------ */

static void
show_progress(void *context, size_t pages)
{
	myo_progress_at(context, (int64_t)pages, NULL);
}

static bool
any_pick(const struct work *w)
{
	for (size_t k = 0; k < w->style.class_count; k++)
		for (int kind = 0; kind < MYO_PICKS; kind++)
			if (myo_heat_picks_get(w->picks, k, (enum myo_heat_pick)kind, 0) != NULL)
				return true;
	return false;
}

/* Sheets by class show maps beyond --limit, too, so the shared scale must cover these. */
static void
widen_by_picks(struct work *w)
{
	const struct myo_heat_map *map;

	for (size_t k = 0; w->picks != NULL && k < w->style.class_count; k++)
		for (int kind = 0; kind < MYO_PICKS; kind++)
			for (size_t n = 0;
			    (map = myo_heat_picks_get(w->picks, k, (enum myo_heat_pick)kind, n)) != NULL; n++)
				myo_gallery_scale_add(&w->style.scale, map, w->style.method);
}

static int
draw(struct work *w, struct myo_err *err)
{
	const struct settings *const s = w->settings;
	const size_t count = myo_gallery_spool_count(w->spool);
	struct myo_gallery_job job = { .folder = s->folder, .spool = w->spool, .picks = w->picks, .images = w->images,
		.sheet = (size_t)s->sheet, .class_sheet = (size_t)s->class_sheets, .drawn = show_progress };
	struct myo_progress *progress = NULL;
	int status = myo_pool_new((int)s->threads, &job.pool, err);

	if (s->shared)
		widen_by_picks(w);
	if (status == MYO_OK)
		status = myo_progress_new("pictures", (int64_t)count, &progress, err);
	job.context = progress;
	if (status == MYO_OK)
		status = myo_gallery_draw(&w->style, &job, err);
	myo_progress_free(progress);
	myo_pool_free(job.pool);
	if (status == MYO_OK && w->picks != NULL && !any_pick(w))
		myo_warn("--class-sheets: there are none, since no image has a label");
	if (status == MYO_OK)
		myo_say("%zu of %zu maps are drawn in %s", count, w->seen, s->folder);
	return status;
}

/* ---- main ------------------------------------------------------------------------------------------ */

static int
print_scores(const struct work *w, const struct myo_header *header, struct myo_err *err)
{
	const int status = w->settings->tsv ? myo_heat_scores_tsv(stdout, w->scores, header, err) :
	    w->settings->json               ? myo_heat_scores_json(stdout, w->scores, header, err) :
	                                      myo_heat_scores_text(stdout, w->scores, header, err);

	if (status != MYO_OK)
		myo_err_prefix(err, "%s: ", w->settings->images);
	return status;
}

static int
run(struct work *w, struct myo_err *err)
{
	struct myo_heat_choice choice = { .method = (enum myo_heat_method)w->settings->method };
	struct myo_reader *reader = NULL;
	int status = myo_cli_reader(&reader, err);

	/* only pages show tiles */
	choice.tells = w->settings->folder != NULL && myo_heat_method(choice.method)->of_class;
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
	if (status == MYO_OK && w->spool != NULL)
		status = draw(w, err);
	if (status == MYO_OK && w->scores != NULL)
		status = print_scores(w, header, err);
	if (status == MYO_OK && w->settings->check)
		myo_say("the means of %zu maps are their logits, to %.1g of them", w->seen, w->worst);
	myo_reader_free(reader);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings settings = defaults;
	struct work work = { .settings = &settings };
	struct myo_err err = MYO_ERR_INIT;

	parse(argc, argv, &settings);
	const int status = run(&work, &err);
	myo_gallery_spool_free(work.spool);
	myo_heat_picks_free(work.picks);
	myo_heat_scores_free(work.scores);
	myo_heat_sink_free(work.sink);
	myo_heat_images_free(work.images);
	const int left = myo_cli_leave(status, work.writer, &err);
	myo_writer_free(work.writer);
	return left;
}
