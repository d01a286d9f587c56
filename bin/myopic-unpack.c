/* myopic-unpack - turn a data set into a stream of labelled images. */
#include "cli/cli.h"
#include "data/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conf {
	const char *path, *resize;
	bool list, coarse;
	int fit; /* enum myo_fit */
	long limit, per_class, threads;
	struct myo_dataset_options set;
};

/* "32" or "32x48": height and width. */
static void
parse_size(const char *text, int *height, int *width)
{
	long sides[2];
	char *end = NULL;

	sides[0] = sides[1] = strtol(text, &end, 10);
	if (end != text && *end == 'x') {
		text = end + 1;
		sides[1] = strtol(text, &end, 10);
	}
	if (end == text || *end != '\0' || sides[0] < 1 || sides[1] < 1 || sides[0] > 16384 ||
	    sides[1] > 16384)
		myo_cli_usage("--resize: want N or HxW, sides from 1 to 16384");
	*height = (int)sides[0];
	*width = (int)sides[1];
}

static void
warn(void *context, const char *text)
{
	(void)context;
	myo_warn("skipped: %s", text);
}

static bool
is_format(const char *wanted)
{
	const char *name, *summary;

	for (size_t i = 0; myo_dataset_format(i, &name, &summary); i++)
		if (strcmp(name, wanted) == 0)
			return true;
	return false;
}

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-unpack",
		.summary = "turn a data set into a stream of labelled images",
		.usage = "FILE|FOLDER|- > images",
		.notes = "A data set is an archive, a folder or a single file; - is standard input.",
		.stream = true,
	};
	static const char *const fits[] = { "crop", "stretch", NULL };
	const struct myo_opt options[] = {
		MYO_TEXT('s', "split", "NAME", &c->set.split,
		    "train, test or whatever the set has; all for every one"),
		MYO_TEXT('f', "format", "NAME", &c->set.format,
		    "format of the data set; found out where not given"),
		MYO_FLAG(0, "list-formats", &c->list, "print the names of the formats and exit"),
		MYO_FLAG(0, "coarse", &c->set.coarse,
		    "CIFAR-100: the 20 coarse labels, not the 100 fine ones"),
		MYO_REAL(0, "holdout", "SHARE", &c->set.holdout, 0, 0.5,
		    "leave out this share of each class, to validate on; 0: none"),
		MYO_FLAG(0, "held-out", &c->set.held_out, "take what --holdout leaves out, and nothing else"),
		MYO_U64('S', "seed", "N", &c->set.seed, "seed of the choice of --holdout"),
		MYO_INT('n', "limit", "N", &c->limit, 0, 1e15,
		    "so many pictures at most, evenly from all classes; 0: all"),
		MYO_INT(0, "per-class", "N", &c->per_class, 0, 1e15,
		    "so many pictures of each class at most; 0: all"),
		MYO_TEXT('r', "resize", "SIZE", &c->resize,
		    "resize to NxN or, given HxW, to this height and width"),
		MYO_CHOICE(0, "fit", "HOW", &c->fit, fits, "what --resize does with other proportions"),
		MYO_FLAG(0, "strict", &c->set.strict,
		    "fail at the first broken picture; otherwise it is skipped"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &c->threads, 0, 1024, "threads that decode; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	const int first = myo_cli_parse(options, 0, 1);
	if (c->set.format != NULL && strcmp(c->set.format, "auto") == 0)
		c->set.format = NULL;
	if (c->set.format != NULL && !is_format(c->set.format))
		myo_cli_usage("--format %s: there is none of that name; --list-formats has all",
		    c->set.format);
	if (c->resize != NULL)
		parse_size(c->resize, &c->set.height, &c->set.width);
	if (c->set.held_out && c->set.holdout <= 0)
		myo_cli_usage("--held-out wants to know how much: give --holdout SHARE");
	if (c->list)
		return;
	if (first == argc)
		myo_cli_usage("no data set: name a file or a folder, or - for standard input");
	c->path = argv[first];
	if (strcmp(c->path, "-") == 0 && isatty(STDIN_FILENO))
		myo_cli_usage("standard input is a terminal, not a data set");
	c->set.fit = (enum myo_fit)c->fit;
	c->set.limit = c->limit;
	c->set.per_class = c->per_class;
	c->set.warn = warn;
}

static void
list_formats(void)
{
	const char *name, *summary;

	for (size_t i = 0; myo_dataset_format(i, &name, &summary); i++)
		(void)printf("%-10s %s\n", name, summary);
}

static int
open_stream(const struct myo_dataset *set, struct myo_writer **out, int64_t *rows, struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;

	int rc = myo_dataset_header(set, &header, err);
	*rows = header.rows;
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, out, err);
	myo_header_clear(&header);
	return rc;
}

static int
unpack(struct myo_dataset *set, struct myo_writer *out, int64_t rows, struct myo_err *err)
{
	struct myo_progress *progress;
	const struct myo_record *record;
	int rc;

	if (myo_progress_new("unpacking", rows, &progress, err) != MYO_OK)
		return MYO_FAIL;
	while ((rc = myo_dataset_next(set, &record, err)) == MYO_OK) {
		rc = myo_writer_put(out, record, err);
		if (rc != MYO_OK)
			break;
		myo_progress_at(progress, myo_dataset_facts(set).pictures, NULL);
	}
	myo_progress_free(progress);
	return rc == MYO_END ? myo_writer_end(out, NULL, err) : rc;
}

static void
report(const struct conf *c, const struct myo_dataset *set)
{
	const struct myo_dataset_facts facts = myo_dataset_facts(set);
	const char *path = strcmp(c->path, "-") == 0 ? "standard input" : c->path;

	if (facts.ignored > 0)
		myo_detail("%lld files are no pictures, such as %s", (long long)facts.ignored,
		    facts.ignored_example);
	if (facts.broken > 0)
		myo_warn("%s: %lld broken pictures were skipped, %lld unpacked", path,
		    (long long)facts.broken, (long long)facts.pictures);
	else
		myo_say("%s: %lld pictures (%s)", path, (long long)facts.pictures, facts.format);
}

int
main(int argc, char **argv)
{
	struct conf c = { .set.seed = 1, .path = NULL };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_pool *pool = NULL;
	struct myo_dataset *set = NULL;
	struct myo_writer *out = NULL;
	int64_t rows = -1;

	parse(&c, argc, argv);
	if (c.list) {
		list_formats();
		return myo_cli_leave(MYO_OK, NULL, &err);
	}
	myo_cli_refuse_terminal(STDOUT_FILENO, "a stream");
	int rc = myo_pool_new((int)c.threads, &pool, &err);
	c.set.pool = pool;
	if (rc == MYO_OK)
		rc = myo_dataset_new(c.path, &c.set, &set, &err);
	if (rc == MYO_OK)
		rc = open_stream(set, &out, &rows, &err);
	if (rc == MYO_OK)
		rc = unpack(set, out, rows, &err);
	if (rc == MYO_OK)
		report(&c, set);

	const int status = myo_cli_leave(rc, out, &err);
	myo_writer_free(out);
	myo_dataset_free(set);
	myo_pool_free(pool);
	return status;
}
