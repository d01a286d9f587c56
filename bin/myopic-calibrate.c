/* myopic-calibrate - recompute the statistics of a model's batch normalisation from images or patches. */
#include "cli/cli.h"
#include "model/model.h"

#include <inttypes.h>

struct settings {
	const char *model, *output;
	long batch, threads, rows, shuffle;
};

static void
parse(struct settings *s, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-calibrate",
		.summary = "compute the statistics of a model's batch normalisation anew",
		.usage = "-m MODEL -o NEW < images|patches",
		.notes = "Weights stay as they are. Means and variances become those of the rows read: of whole images,\n"
			 "say, for a model that was trained on patches. With --shuffle it is a model that knows nothing,\n"
			 "to compare others with.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('m', "model", "FILE", &s->model, "the model, made by myopic-train"),
		MYO_TEXT('o', "output", "FILE", &s->output, "where the model with the new statistics goes"),
		MYO_INT('b', "batch", "N", &s->batch, 2, 65536, "rows that go through the network together"),
		MYO_INT('n', "rows", "N", &s->rows, 0, 1L << 40, "use the first N rows; 0: all"),
		MYO_INT(0, "shuffle", "SEED", &s->shuffle, -1, 1L << 53,
		    "first put each tensor's weights into a random order; -1: leave them"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &s->threads, 0, 1024, "threads; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (s->model == NULL)
		myo_cli_usage("-m, --model is missing: which model?");
	if (s->output == NULL)
		myo_cli_usage("-o, --output is missing: where does the model go?");
	myo_cli_check_words();
}

struct job {
	struct settings set;
	struct myo_reader *reader;
	struct myo_model model;
	struct myo_pool *pool;
	struct myo_calibrator *calibrator;
};

/* Reads to the end of the stream, even if fewer rows are used: it must be complete. */
static int
calibrate(struct job *job, struct myo_err *err)
{
	const struct myo_header *header = myo_reader_header(job->reader);
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_progress *progress = NULL;

	int rc = myo_progress_new(myo_kind_name(header->kind), header->rows, &progress, err);
	while (rc == MYO_OK && (rc = myo_reader_next(job->reader, &record, err)) == MYO_OK) {
		rc = myo_calibrator_feed(job->calibrator, &record, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "standard input: ");
		myo_progress_at(progress, myo_reader_rows(job->reader), NULL);
	}
	if (rc == MYO_END) {
		rc = myo_calibrator_finish(job->calibrator, err);
		if (rc != MYO_OK)
			myo_err_prefix(err, "standard input: ");
	}
	myo_progress_free(progress);
	myo_record_clear(&record);
	return rc;
}

/* The new model's history is the stream's, plus this program's step with the old model's history in it. */
static int
save(struct job *job, struct myo_err *err)
{
	json_t *history = NULL;

	if (myo_json_copy(myo_reader_header(job->reader)->history, &history, err) != MYO_OK ||
	    myo_cli_reads(job->set.model, &job->model.header, err) != MYO_OK ||
	    myo_cli_history(&history, err) != MYO_OK) {
		json_decref(history);
		return MYO_FAIL;
	}
	json_decref(job->model.header.history);
	job->model.header.history = history;
	/* The old model's results don't hold for this one. */
	static const char *const reached[] = { "loss", "accuracy", "validation" };
	for (size_t i = 0; i < MYO_COUNT(reached); i++)
		(void)json_object_del(job->model.training, reached[i]);
	if (myo_model_note(&job->model, err, "calibrated_on", "%" PRId64 " %s in batches of %ld",
	    myo_calibrator_rows(job->calibrator), myo_kind_name(myo_reader_header(job->reader)->kind),
	    job->set.batch) != MYO_OK)
		return MYO_FAIL;
	if (job->set.shuffle >= 0 &&
	    myo_model_note(&job->model, err, "shuffled", "each tensor's weights by seed %ld",
	    job->set.shuffle) != MYO_OK)
		return MYO_FAIL;
	return myo_model_save(&job->model, job->set.output, err);
}

static int
work(struct job *job, struct myo_err *err)
{
	const int64_t most = job->set.rows > 0 ? job->set.rows : INT64_MAX;

	if (myo_outfile_check(job->set.output, err) != MYO_OK ||
	    myo_model_load(job->set.model, &job->model, err) != MYO_OK || myo_cli_reader(&job->reader, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_reader_header(job->reader)->kind != MYO_PATCHES &&
	    myo_reader_need_kind(job->reader, MYO_IMAGES, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_pool_new((int)job->set.threads, &job->pool, err) != MYO_OK)
		return MYO_FAIL;
	if (myo_calibrator_new(&job->model, (size_t)job->set.batch, most, job->pool, &job->calibrator, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", job->set.model);
		return MYO_FAIL;
	}
	if (job->set.shuffle >= 0)
		myo_net_shuffle(job->model.net, (uint64_t)job->set.shuffle);
	if (calibrate(job, err) != MYO_OK || save(job, err) != MYO_OK)
		return MYO_FAIL;
	myo_say("%s: statistics of %" PRId64 " %s%s", job->set.output, myo_calibrator_rows(job->calibrator),
	    myo_kind_name(myo_reader_header(job->reader)->kind), job->set.shuffle >= 0 ? ", weights shuffled" : "");
	return MYO_OK;
}

int
main(int argc, char **argv)
{
	struct job job = { .set = { .batch = 128, .shuffle = -1 }, .model = MYO_MODEL_INIT };
	struct myo_err err = MYO_ERR_INIT;

	parse(&job.set, argc, argv);
	const int rc = work(&job, &err);
	const int status = myo_cli_leave(rc, NULL, &err);
	myo_calibrator_free(job.calibrator);
	myo_pool_free(job.pool);
	myo_reader_free(job.reader);
	myo_model_clear(&job.model);
	return status;
}
