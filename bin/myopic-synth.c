/* myopic-synth - draw a labelled data set whose evidence is known. */
#include "cli/cli.h"
#include "data/data.h"

enum { TEST_FIRST = 1000000000 }; /* number of the first test picture */

struct conf {
	long count, size, classes, threads;
	int evidence; /* enum myo_evidence */
	int split;    /* index into splits[] */
	double correlation, noise;
	uint64_t seed;
};

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-synth",
		.summary = "draw a labelled data set whose evidence is known",
		.usage = "> images",
		.streams = true,
		.notes = "Textures tell the label: on an object, on its background, or on both.",
	};
	static const char *const evidences[] = { "object", "background", "both", NULL };
	static const char *const splits[] = { "train", "test", NULL };
	const struct myo_opt options[] = {
		MYO_INT('n', "count", "N", &c->count, 1, TEST_FIRST, "number of pictures"),
		MYO_INT('s', "size", "N", &c->size, MYO_SYNTH_MIN_SIDE, MYO_SYNTH_MAX_SIDE,
		    "side of a picture in pixels"),
		MYO_INT('k', "classes", "K", &c->classes, 2, MYO_SYNTH_MAX_CLASSES, "number of classes"),
		MYO_CHOICE('e', "evidence", "WHERE", &c->evidence, evidences,
		    "the part whose texture is the label's"),
		MYO_REAL('c', "correlation", "P", &c->correlation, 0, 1,
		    "how often the other part is made to agree; otherwise it is random"),
		MYO_REAL(0, "noise", "DEVIATION", &c->noise, 0, 255,
		    "of what is added to each value of 0 to 255"),
		MYO_CHOICE(0, "split", "NAME", &c->split, splits,
		    "other pictures of the same kind, with other ids"),
		MYO_U64('S', "seed", "SEED", &c->seed, "seed of all choices"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &c->threads, 0, 1024, "threads that draw; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (c->evidence == MYO_ON_BOTH && c->correlation > 0)
		myo_cli_usage("--correlation: with --evidence both there is no other part");
	myo_cli_stream_out("a stream of images");
}

static int
open_stream(const struct conf *c, struct myo_writer **out, struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;
	const char *names[MYO_SYNTH_MAX_CLASSES];

	header.kind = MYO_IMAGES;
	header.rows = c->count;
	for (int k = 0; k < c->classes; k++)
		names[k] = myo_synth_class(k);
	int rc = myo_header_set_classes(&header, (size_t)c->classes, names, err);
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, out, err);
	myo_header_clear(&header);
	return rc;
}

static int
draw_all(const struct conf *c, struct myo_pool *pool, struct myo_batch *batch, struct myo_writer *out,
    struct myo_err *err)
{
	const struct myo_synth synth = {
		.side = (int)c->size,
		.classes = (int)c->classes,
		.evidence = (enum myo_evidence)c->evidence,
		.correlation = c->correlation,
		.noise = c->noise,
		.seed = c->seed,
	};
	const uint32_t first = c->split == 0 ? 0 : TEST_FIRST;
	struct myo_progress *progress;
	const struct myo_record *record;

	if (myo_progress_new("pictures", c->count, &progress, err) != MYO_OK)
		return MYO_FAIL;
	int rc = MYO_OK;
	for (size_t done = 0; rc == MYO_OK && done < (size_t)c->count; done += batch->rows) {
		myo_synth_fill(&synth, first + (uint32_t)done, (size_t)c->count - done, pool, batch);
		rc = myo_batch_record(batch, &record, err);
		if (rc == MYO_OK)
			rc = myo_writer_put(out, record, err);
		myo_progress_at(progress, (int64_t)(done + batch->rows), NULL);
	}
	myo_progress_free(progress);
	return rc == MYO_OK ? myo_writer_end(out, NULL, err) : rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .count = 1000, .size = 32, .classes = 10, .noise = 6, .seed = 1 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_batch batch = MYO_BATCH_INIT;
	struct myo_pool *pool = NULL;
	struct myo_writer *out = NULL;

	parse(&c, argc, argv);
	int rc = open_stream(&c, &out, &err);
	if (rc == MYO_OK)
		rc = myo_pool_new((int)c.threads, &pool, &err);
	if (rc == MYO_OK)
		rc = myo_batch_init(&batch, (int)c.size, (int)c.size, true, true, 0, &err);
	if (rc == MYO_OK)
		rc = draw_all(&c, pool, &batch, out, &err);
	if (rc == MYO_OK)
		myo_say("%ld pictures of %ldx%ld, %ld classes", c.count, c.size, c.size, c.classes);

	const int status = myo_cli_leave(rc, out, &err);
	myo_batch_clear(&batch);
	myo_pool_free(pool);
	myo_writer_free(out);
	return status;
}
