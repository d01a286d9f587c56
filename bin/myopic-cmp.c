/* myopic-cmp - are two streams, or two models, the same within a tolerance? */
#include "cli/cli.h"
#include "inspect/inspect.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct conf {
	struct myo_comparison comparison;
	bool silent;
};

static int
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-cmp",
		.summary = "are two streams, or two models, the same within a tolerance",
		.usage = "FILE FILE",
		.notes = "One FILE may be '-', a stream on standard input. How the rows are divided into records\n"
		         "doesn't matter. Exit status: 0 the same, 1 different, 2 trouble.",
	};
	const struct myo_opt options[] = {
		MYO_REAL('t', "tolerance", "X", &c->comparison.absolute, 0, 1e300, "differences up to X are none"),
		MYO_REAL('r', "relative", "X", &c->comparison.relative, 0, 1e300,
		    "nor are those up to X times the larger value"),
		MYO_FLAG('H', "history", &c->comparison.history, "the commands that made them must be the same too"),
		MYO_FLAG('s', "silent", &c->silent, "print nothing: the exit status says it"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	return myo_cli_parse(options, 2, 2);
}

struct side {
	int fd;
	struct myo_reader *in; /* NULL: a document */
	struct myo_record document;
};

static int
open_side(const char *path, struct side *side, struct myo_err *err)
{
	const bool standard = strcmp(path, "-") == 0;

	side->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (side->fd < 0)
		return myo_fail_errno(err, "%s: can't be opened", path);
	if (standard)
		return myo_cli_reader(&side->in, err);
	if (myo_is_stream(side->fd))
		return myo_reader_new(side->fd, path, &side->in, err);
	return myo_document_load(path, &side->document, err);
}

static void
close_side(struct side *side)
{
	myo_record_clear(&side->document);
	myo_reader_free(side->in);
	if (side->fd > STDIN_FILENO)
		(void)close(side->fd);
}

static int
compare(struct myo_comparison *f, const char *first, const char *second, struct myo_err *err)
{
	struct side a = { .fd = -1, .document = MYO_RECORD_INIT }, b = { .fd = -1, .document = MYO_RECORD_INIT };

	int rc = open_side(first, &a, err);
	if (rc == MYO_OK)
		rc = open_side(second, &b, err);
	if (rc == MYO_OK && (a.in == NULL) != (b.in == NULL))
		rc = myo_fail(err, "%s is a stream, and %s is not", a.in != NULL ? first : second,
		    a.in != NULL ? second : first);
	else if (rc == MYO_OK && a.in != NULL)
		rc = myo_compare_streams(f, a.in, b.in, err);
	else if (rc == MYO_OK)
		myo_compare_documents(f, &a.document, &b.document);
	close_side(&a);
	close_side(&b);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .silent = false };
	const struct myo_comparison *f = &c.comparison;
	struct myo_err err = MYO_ERR_INIT;

	const int operand = parse(&c, argc, argv);
	if (strcmp(argv[operand], "-") == 0 && strcmp(argv[operand + 1], "-") == 0)
		myo_cli_usage("standard input can be only one of the two");
	const int rc = compare(&c.comparison, argv[operand], argv[operand + 1], &err);
	if (rc == MYO_OK && f->differences > 0 && !c.silent) {
		myo_put_text(stdout, f->first);
		(void)putchar('\n');
		if (f->differences > 1)
			(void)printf("and %lld more; largest difference of values %g\n", (long long)f->differences - 1,
			    f->largest);
	}
	const int status = myo_cli_leave(rc, NULL, &err);
	return status != 0 ? 2 : f->differences > 0 ? 1 : 0;
}
