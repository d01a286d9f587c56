/* myopic-eval - say how good predictions are. */
#include "cli/cli.h"
#include "heat/heat.h"
#include "score/score.h"

#include <math.h>
#include <stdlib.h>

struct conf {
	long top, pairs;
	const char *against, *images;
	bool each, classes, confusion, calibration, tiles, positions, json, tsv;
	enum myo_report_table table; /* what --tsv prints */
	uint64_t seed;
	double min_accuracy;
	size_t memory;
};

/* --tsv prints one table: the one that was asked for, or else a line of all figures. */
static void
choose_table(struct conf *c)
{
	const struct {
		const char *name;
		bool wanted;
		enum myo_report_table table;
	} tables[] = { { "classes", c->classes, MYO_TABLE_CLASSES }, { "confusion", c->confusion, MYO_TABLE_CONFUSION },
		{ "calibration", c->calibration, MYO_TABLE_CALIBRATION }, { "tiles", c->tiles, MYO_TABLE_TILES },
		{ "positions", c->positions, MYO_TABLE_POSITIONS }, { "against", c->against != NULL, MYO_TABLE_AGAINST } };
	const char *name = NULL;

	c->table = MYO_TABLE_ALL;
	for (size_t i = 0; i < MYO_COUNT(tables); i++) {
		if (!tables[i].wanted)
			continue;
		if (name != NULL)
			myo_cli_usage("--tsv prints one table: either --%s or --%s", name, tables[i].name);
		name = tables[i].name;
		c->table = tables[i].table;
	}
}

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-eval",
		.summary = "say how good predictions are",
		.usage = "< predictions",
		.notes = "Tiles of one image are combined by mean probability, by mean logit, and by vote.",
	};
	const struct myo_opt options[] = {
		MYO_INT('k', "top", "K", &c->top, 1, 100000,
		    "count a label among the K most probable classes as found"),
		MYO_INT('p', "pairs", "N", &c->pairs, 0, 1000, "most confused pairs of classes to list"),
		MYO_FLAG('a', "classes", &c->classes, "print the figures of every class, however many"),
		MYO_FLAG('m', "confusion", &c->confusion, "print the confusion matrix"),
		MYO_FLAG('c', "calibration", &c->calibration, "print the reliability table"),
		MYO_FLAG(0, "tiles", &c->tiles, "print the accuracy of 1, 2, 4 … tiles of each image"),
		MYO_U64('S', "seed", "SEED", &c->seed, "seed of the order in which --tiles takes them"),
		MYO_FLAG(0, "positions", &c->positions, "print the accuracy of tiles by their place in the image"),
		MYO_TEXT(0, "against", "FILE", &c->against, "compare with other predictions of the same images"),
		MYO_FLAG('e', "each", &c->each, "print a line for each image instead, with tabs between"),
		MYO_TEXT('i', "images", "FILE", &c->images, "the images, for the names of their files in --each"),
		MYO_FLAG('j', "json", &c->json, "print all for programs"),
		MYO_FLAG('t', "tsv", &c->tsv, "print a line of figures, or one table, with tabs between"),
		MYO_BYTES(0, "memory", "SIZE", &c->memory,
		    "memory for images with tiles to come; beyond it tiles of one are neighbours"),
		MYO_REAL(0, "min-accuracy", "PERCENT", &c->min_accuracy, 0, 100,
		    "exit with status 1 if the accuracy is less"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (c->json && c->tsv)
		myo_cli_usage("--json and --tsv: give one of them");
	if (c->each && (c->json || c->tsv || c->against != NULL || c->classes || c->confusion || c->calibration ||
	    c->tiles || c->positions))
		myo_cli_usage("--each prints images and nothing else: it goes without the tables, --json, --tsv and --against");
	if (c->images != NULL && !c->each)
		myo_cli_usage("--images is for the names in --each");
	if (c->tsv)
		choose_table(c);
}

/* ---- predictions ----------------------------------------------------------------------------------- */

/* A stream of predictions; `tell`, unless NULL, is called for each image. */
struct side {
	const char *name;
	struct myo_reader *in;
	struct myo_score *score;
	struct myo_result result;
	bool tiles, positions;
	myo_score_done *tell;
	void *to; /* its first argument */
	struct myo_against *against;
};

static int
start_score(const struct conf *c, struct side *side, const struct myo_record *record, struct myo_err *err)
{
	const struct myo_tensor *logits = myo_record_find(record, "logits");

	if (logits == NULL || logits->dims != 2)
		return myo_fail(err, "no tensor 'logits' of F32 [N, classes]");
	if (myo_score_new(logits->shape[1], (size_t)c->top, c->memory, &side->score, err) != MYO_OK ||
	    (side->tiles && myo_score_keep_tiles(side->score, c->seed, err) != MYO_OK))
		return MYO_FAIL;
	if (side->positions)
		myo_score_keep_positions(side->score);
	if (myo_header_get(myo_reader_header(side->in), "tile") == NULL)
		myo_score_once(side->score);
	if (side->tell != NULL)
		myo_score_tell(side->score, side->tell, side->to);
	return MYO_OK;
}

/* Score all predictions. Success means that the stream was complete, and its checksums right. */
static int
read_predictions(const struct conf *c, struct side *side, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	int rc;

	while ((rc = myo_reader_next(side->in, &record, err)) == MYO_OK) {
		if (side->score == NULL)
			rc = start_score(c, side, &record, err);
		if (rc == MYO_OK)
			rc = myo_score_add(side->score, &record, err);
		if (rc != MYO_OK) {
			myo_err_prefix(err, "%s: ", side->name);
			break;
		}
	}
	myo_record_clear(&record);
	if (rc != MYO_END)
		return MYO_FAIL;
	rc = side->score == NULL ? myo_fail(err, "there are no predictions") :
	    myo_score_result(side->score, &side->result, err);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", side->name);
	return rc;
}

/* ---- other predictions ------------------------------------------------------------------------------ */

/* Note the file's prediction for each image in side->against. */
static int
read_others(const struct conf *c, struct side *side, struct myo_err *err)
{
	struct side those = { .name = c->against, .tell = myo_against_those };
	int rc = myo_reader_open(c->against, &those.in, err);

	if (rc == MYO_OK)
		rc = myo_reader_need_kind(those.in, MYO_PREDICTIONS, err);
	if (rc == MYO_OK) {
		rc = myo_header_same_classes(myo_reader_header(those.in), myo_reader_header(side->in), side->name, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "%s: ", those.name);
	}
	if (rc == MYO_OK)
		rc = myo_against_new(c->against, myo_reader_header(those.in)->class_count, &side->against, err);
	those.to = side->to = side->against;
	if (rc == MYO_OK)
		rc = read_predictions(c, &those, err);
	side->tell = myo_against_these;
	myo_score_free(those.score);
	myo_reader_free(those.in);
	return rc;
}

/* ---- each image ------------------------------------------------------------------------------------ */

struct names {
	const struct myo_header *header;
	struct myo_heat_images *images; /* NULL: no names are printed */
	bool begun;
};

static int
print_image(void *context, const struct myo_score_image *image, struct myo_err *err)
{
	struct names *const names = context;
	char *name = NULL;

	if (names->images != NULL &&
	    myo_heat_images_name(names->images, image->id, image->label, &name, err) != MYO_OK)
		return MYO_FAIL;
	if (!names->begun)
		myo_score_put_image(stdout, NULL, NULL, name != NULL ? "name" : NULL);
	names->begun = true;
	myo_score_put_image(stdout, image, names->header, name);
	free(name);
	return MYO_OK;
}

static int
print_each(const struct conf *c, struct side *side, struct myo_err *err)
{
	struct names names = { myo_reader_header(side->in), NULL, false };

	if (c->images != NULL && myo_heat_images_new(c->images, names.header, &names.images, err) != MYO_OK)
		return MYO_FAIL;
	side->tell = print_image;
	side->to = &names;
	const int rc = read_predictions(c, side, err);
	myo_heat_images_free(names.images);
	return rc;
}

/* ---- the report --------------------------------------------------------------------------------------- */

static int
report(const struct conf *c, const struct side *side, struct myo_err *err)
{
	struct myo_agreement agreement;
	struct myo_score_report how = { .pairs = (size_t)c->pairs, .all_classes = c->classes, .confusion = c->confusion,
		.calibration = c->calibration, .against_name = c->against };
	const struct myo_header *header = myo_reader_header(side->in);
	const struct myo_share *share = &side->result.mean_probability;
	const double accuracy = 100 * (double)share->hits / (double)share->of;

	if (side->against != NULL) {
		if (myo_against_result(side->against, &agreement, err) != MYO_OK) {
			myo_err_prefix(err, "%s: ", side->name);
			return MYO_FAIL;
		}
		how.against = &agreement;
	}
	if (c->tsv)
		myo_score_tsv(stdout, c->table, &how, &side->result, header);
	else if (!c->each &&
	    (c->json ? myo_score_json : myo_score_text)(stdout, &how, &side->result, header, err) != MYO_OK)
		return MYO_FAIL;
	if (accuracy < c->min_accuracy)
		return myo_fail(err, "the accuracy is %.2f%% (%lld of %lld), less than %g%%", accuracy,
		    (long long)share->hits, (long long)share->of, c->min_accuracy);
	return MYO_OK;
}

int
main(int argc, char **argv)
{
	struct conf c = { .top = 5, .pairs = 5, .seed = 1, .min_accuracy = NAN, .memory = (size_t)512 << 20 };
	struct myo_err err = MYO_ERR_INIT;
	struct side side = { .name = "standard input" };

	parse(&c, argc, argv);
	side.tiles = c.tiles;
	side.positions = c.positions;
	int rc = myo_cli_reader(&side.in, &err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(side.in, MYO_PREDICTIONS, &err);
	if (rc == MYO_OK && c.against != NULL)
		rc = read_others(&c, &side, &err);
	if (rc == MYO_OK)
		rc = c.each ? print_each(&c, &side, &err) : read_predictions(&c, &side, &err);
	if (rc == MYO_OK && (!c.each || !isnan(c.min_accuracy)))
		rc = report(&c, &side, &err);
	const int status = myo_cli_leave(rc, NULL, &err);
	myo_against_free(side.against);
	myo_score_free(side.score);
	myo_reader_free(side.in);
	return status;
}
