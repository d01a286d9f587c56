/* myopic-predict - run a model over images or patches: logits for each row. */
#include "cli/cli.h"
#include "model/model.h"

struct settings {
	const char *model;
	long batch, threads;
	bool mirror, evidence, ignore_classes;
};

static void
parse(struct settings *s, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-predict",
		.summary = "classify images or patches with a trained model",
		.usage = "-m MODEL < images > predictions",
		.streams = true,
		.notes = "The network takes images of any size that its pooling allows, whatever the size of the\n"
			 "patches it was trained on.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('m', "model", "FILE", &s->model, "the model, made by myopic-train"),
		MYO_INT('b', "batch", "N", &s->batch, 1, 65536, "rows that go through the network together, at most"),
		MYO_FLAG(0, "mirror", &s->mirror, "average the logits of each row and of its mirror image"),
		MYO_FLAG(0, "evidence", &s->evidence,
		    "say what each position of the last feature map adds to each logit"),
		MYO_FLAG(0, "ignore-classes", &s->ignore_classes,
		    "rows of classes that the model doesn't know count as unlabelled"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &s->threads, 0, 1024, "threads; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (s->model == NULL)
		myo_cli_usage("-m, --model is missing: which model?");
	myo_cli_stream_out("a stream of predictions");
}

struct job {
	struct settings set;
	struct myo_reader *reader;
	struct myo_model model;
	struct myo_class_map map;
	struct myo_pool *pool;
	struct myo_predictor *predictor;
	struct myo_writer *writer;
};

static int
map_classes(struct job *job, struct myo_err *err)
{
	const struct myo_model *model = &job->model;

	if (myo_class_map_make(&job->map, model, myo_reader_header(job->reader), err) != MYO_OK)
		return MYO_FAIL;
	if (job->map.unknown == NULL || job->set.ignore_classes)
		return MYO_OK;
	return myo_fail(err, "standard input: the model has no class '%.100s' (its first is '%.100s'); "
	    "--ignore-classes takes such rows as unlabelled", job->map.unknown, model->header.classes[0]);
}

/* Metadata of the input (tile, stride, pad …) stays; classes become the model's. */
static int
start_output(struct job *job, struct myo_err *err)
{
	const struct myo_header *classes = &job->model.header;
	struct myo_header header = MYO_HEADER_INIT;

	int rc = myo_header_copy(&header, myo_reader_header(job->reader), err);
	header.kind = MYO_PREDICTIONS;
	if (rc == MYO_OK)
		rc = myo_header_set_classes(&header, classes->class_count, (const char *const *)classes->classes, err);
	if (rc == MYO_OK)
		rc = myo_cli_reads(job->set.model, classes, err);
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, &job->writer, err);
	myo_header_clear(&header);
	return rc;
}

/* Predict all rows of a record; with evidence this may take several records of output. */
static int
predict_record(struct job *job, const struct myo_record *in, struct myo_predictions *predictions, struct myo_err *err)
{
	for (size_t row = 0; row < myo_record_rows(in);) {
		if (myo_predictions_make(predictions, job->predictor, &job->map, in, &row, err) != MYO_OK) {
			myo_err_prefix(err, "standard input: ");
			return MYO_FAIL;
		}
		if (myo_writer_put(job->writer, &predictions->record, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
predict(struct job *job, struct myo_err *err)
{
	const struct myo_header *header = myo_reader_header(job->reader);
	struct myo_predictions predictions = MYO_PREDICTIONS_INIT;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_progress *progress = NULL;

	int rc = myo_progress_new(myo_kind_name(header->kind), header->rows, &progress, err);
	while (rc == MYO_OK && (rc = myo_reader_next(job->reader, &record, err)) == MYO_OK) {
		rc = predict_record(job, &record, &predictions, err);
		myo_progress_at(progress, myo_reader_rows(job->reader), NULL);
	}
	if (rc == MYO_END)
		rc = myo_cli_end(job->writer, header->history, err);
	myo_progress_free(progress);
	myo_predictions_clear(&predictions);
	myo_record_clear(&record);
	return rc;
}

static int
work(struct job *job, struct myo_err *err)
{
	if (myo_model_load(job->set.model, &job->model, err) != MYO_OK || myo_cli_reader(&job->reader, err) != MYO_OK)
		return MYO_FAIL;
	const enum myo_kind kind = myo_reader_header(job->reader)->kind;
	if (kind != MYO_PATCHES && myo_reader_need_kind(job->reader, MYO_IMAGES, err) != MYO_OK)
		return MYO_FAIL;
	if (map_classes(job, err) != MYO_OK || myo_pool_new((int)job->set.threads, &job->pool, err) != MYO_OK ||
	    myo_predictor_new(&job->model, (size_t)job->set.batch, job->pool, &job->predictor, err) != MYO_OK)
		return MYO_FAIL;
	if (job->set.mirror)
		myo_predictor_mirror(job->predictor);
	if (job->set.evidence && myo_predictor_evidence(job->predictor, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", job->set.model);
		return MYO_FAIL;
	}
	if (start_output(job, err) != MYO_OK)
		return MYO_FAIL;
	if (predict(job, err) != MYO_OK)
		return MYO_FAIL;
	myo_detail("%lld %s classified", (long long)myo_reader_rows(job->reader), myo_kind_name(kind));
	return MYO_OK;
}

int
main(int argc, char **argv)
{
	struct job job = { .set.batch = 64, .model = MYO_MODEL_INIT, .map = MYO_CLASS_MAP_INIT };
	struct myo_err err = MYO_ERR_INIT;

	parse(&job.set, argc, argv);
	const int rc = work(&job, &err);
	const int status = myo_cli_leave(rc, job.writer, &err);
	myo_writer_free(job.writer);
	myo_predictor_free(job.predictor);
	myo_pool_free(job.pool);
	myo_class_map_clear(&job.map);
	myo_reader_free(job.reader);
	myo_model_clear(&job.model);
	return status;
}
