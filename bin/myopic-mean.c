/* myopic-mean - the mean of several predictions of the same images. */
#include "cli/cli.h"
#include "score/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const averaged[] = { "probability", "logit", NULL };

struct conf {
	int of;
};

static bool
is_standard(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-mean",
		.summary = "the mean of several predictions of the same images",
		.usage = "FILE... > predictions",
		.streams = true,
		.notes = "Each FILE weighs the same, however many tiles it has of an image; one may be '-', standard\n"
			 "input. All have the same images in the same order.",
	};
	const struct myo_opt options[] = {
		MYO_CHOICE(0, "of", "WHAT", &c->of, averaged, "what is averaged, over tiles and over files"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	const int first = myo_cli_parse(options, 1, 255);
	int standard = 0;
	for (int i = first; i < argc; i++)
		standard += is_standard(argv[i]);
	if (standard > 1)
		myo_cli_usage("standard input can be only one of the files");
	myo_cli_stream_out("a stream of predictions");
	return first;
}

struct job {
	size_t count;
	char **paths;       /* operands */
	const char **names; /* what messages call them */
	struct myo_reader **inputs;
	const struct myo_reader *piped; /* the one that is standard input, or NULL */
	struct myo_mean *mean;
	struct myo_writer *writer;
};

static int
open_inputs(struct job *job, struct myo_err *err)
{
	job->names = myo_calloc(job->count, sizeof *job->names, err);
	job->inputs = myo_calloc(job->count, sizeof(struct myo_reader *), err);
	if (job->names == NULL || job->inputs == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < job->count; i++) {
		const bool piped = is_standard(job->paths[i]);
		struct myo_reader **in = &job->inputs[i];
		job->names[i] = piped ? "standard input" : job->paths[i];
		if ((piped ? myo_cli_reader(in, err) : myo_reader_open(job->paths[i], in, err)) != MYO_OK ||
		    myo_reader_need_kind(*in, MYO_PREDICTIONS, err) != MYO_OK)
			return MYO_FAIL;
		if (piped)
			job->piped = *in;
		else if (myo_cli_reads(job->paths[i], myo_reader_header(*in), err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

/* The history of standard input, to which this program's step is added. NULL if all inputs are files. */
static const json_t *
history_before(const struct job *job)
{
	return job->piped != NULL ? myo_reader_header(job->piped)->history : NULL;
}

/* Keep metadata that all inputs agree on: how myopic-erase made the images, but not how tiles were cut. */
static int
keep_common(const struct job *job, struct myo_header *header, struct myo_err *err)
{
	static const char *const keys[] = { "erase", "order", "steps", "top" };

	for (size_t k = 0; k < MYO_COUNT(keys); k++) {
		const char *const value = myo_header_get(myo_reader_header(job->inputs[0]), keys[k]);
		bool common = value != NULL;
		for (size_t i = 1; common && i < job->count; i++) {
			const char *const other = myo_header_get(myo_reader_header(job->inputs[i]), keys[k]);
			common = other != NULL && strcmp(other, value) == 0;
		}
		if (common && myo_header_set(header, keys[k], value, err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

static int
start_output(struct job *job, struct myo_err *err)
{
	const struct myo_header *first = myo_reader_header(job->inputs[0]);
	struct myo_header header = MYO_HEADER_INIT;

	header.kind = MYO_PREDICTIONS;
	int rc = myo_header_set_classes(&header, first->class_count, (const char *const *)first->classes, err);
	if (rc == MYO_OK)
		rc = keep_common(job, &header, err);
	if (rc == MYO_OK)
		rc = myo_json_copy(history_before(job), &header.history, err);
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, &job->writer, err);
	myo_header_clear(&header);
	return rc;
}

static int
work(const struct conf *c, struct job *job, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;

	if (open_inputs(job, err) != MYO_OK ||
	    myo_mean_new(job->inputs, job->names, job->count, (enum myo_mean_of)c->of, &job->mean, err) != MYO_OK ||
	    start_output(job, err) != MYO_OK)
		return MYO_FAIL;
	int rc;
	while ((rc = myo_mean_next(job->mean, &record, err)) == MYO_OK)
		if ((rc = myo_writer_put(job->writer, &record, err)) != MYO_OK)
			break;
	myo_record_clear(&record);
	return rc == MYO_END ? myo_cli_end(job->writer, history_before(job), err) : rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .of = MYO_MEAN_PROBABILITY };
	struct myo_err err = MYO_ERR_INIT;

	const int first = parse(&c, argc, argv);
	struct job job = { .count = (size_t)(argc - first), .paths = argv + first };
	const int rc = work(&c, &job, &err);
	const int status = myo_cli_leave(rc, job.writer, &err);
	myo_mean_free(job.mean);
	for (size_t i = 0; job.inputs != NULL && i < job.count; i++)
		myo_reader_free(job.inputs[i]);
	free(job.inputs);
	free(job.names);
	myo_writer_free(job.writer);
	return status;
}
