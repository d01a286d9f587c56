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
		MYO_REAL('r', "relative", "X", &c->comparison.relative, 0, 1e300, "nor are those up to X times the larger value"),
		MYO_FLAG('H', "history", &c->comparison.history, "the commands that made them must be the same too"),
		MYO_FLAG('s', "silent", &c->silent, "print nothing: the exit status says it"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	return myo_cli_parse(options, 2, 2);
}

/* Open a stream; MYO_END: it is no stream, but may be a document. */
static int
open_stream(const char *path, int *fd, struct myo_reader **in, struct myo_err *err)
{
	const bool standard = strcmp(path, "-") == 0;

	*fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return myo_fail_errno(err, "%s: can't be opened", path);
	const int rc = myo_reader_new(*fd, standard ? "standard input" : path, in, err);
	if (rc == MYO_OK || standard)
		return rc;
	return MYO_END;
}

static int
compare(struct myo_comparison *f, const char *first, const char *second, struct myo_err *err)
{
	struct myo_reader *a = NULL, *b = NULL;
	struct myo_record left = MYO_RECORD_INIT, right = MYO_RECORD_INIT;
	int fd_a = -1, fd_b = -1;

	int rc = open_stream(first, &fd_a, &a, err);
	const int rc_b = rc == MYO_FAIL ? MYO_FAIL : open_stream(second, &fd_b, &b, err);
	if (rc == MYO_OK && rc_b == MYO_OK) {
		rc = myo_compare_streams(f, a, b, err);
	} else if (rc == MYO_END && rc_b == MYO_END) {
		rc = myo_document_load(first, &left, err);
		if (rc == MYO_OK)
			rc = myo_document_load(second, &right, err);
		if (rc == MYO_OK)
			myo_compare_documents(f, &left, &right);
	} else if (rc != MYO_FAIL && rc_b != MYO_FAIL) {
		rc = myo_fail(err, "%s is a stream, and %s is not", rc == MYO_OK ? first : second,
		    rc == MYO_OK ? second : first);
	} else {
		rc = MYO_FAIL;
	}
	myo_record_clear(&left);
	myo_record_clear(&right);
	myo_reader_free(a);
	myo_reader_free(b);
	if (fd_a > STDIN_FILENO)
		(void)close(fd_a);
	if (fd_b > STDIN_FILENO)
		(void)close(fd_b);
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
		(void)printf("%s\n", f->first);
		if (f->differences > 1)
			(void)printf("and %lld more; largest difference of values %g\n", (long long)f->differences - 1, f->largest);
	}
	const int status = myo_cli_leave(rc, NULL, &err);
	return status != 0 ? 2 : f->differences > 0 ? 1 : 0;
}
