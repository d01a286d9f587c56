/* What happened at each step, as tab-separated values. */
#include "train/train.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct myo_log {
	FILE *file;
	char *path;
	int reason; /* errno of the first line that failed, or 0 */
};

static void
note_result(struct myo_log *log, bool good)
{
	if (!good && log->reason == 0)
		log->reason = errno != 0 ? errno : EIO;
}

int
myo_log_new(const char *path, struct myo_log **out, struct myo_err *err)
{
	*out = NULL;

	struct myo_log *log = myo_calloc(1, sizeof *log, err);
	if (log == NULL)
		return MYO_FAIL;
	log->path = myo_strdup(path, err);
	if (log->path == NULL) {
		free(log);
		return MYO_FAIL;
	}
	log->file = fopen(path, "we");
	if (log->file == NULL || setvbuf(log->file, NULL, _IOLBF, BUFSIZ) != 0) {
		(void)myo_fail_errno(err, "%s: can't be written", path);
		if (log->file != NULL)
			(void)fclose(log->file);
		free(log->path);
		free(log);
		return MYO_FAIL;
	}
	note_result(log, fputs("step\tepoch\trows\tlr\tloss\taccuracy\tseconds\tvalidation\n", log->file) >= 0);
	*out = log;
	return MYO_OK;
}

static const char *
number(char *to, size_t size, double value)
{
	if (isnan(value))
		return "NA";
	(void)snprintf(to, size, "%.4f", value);
	return to;
}

void
myo_log_step(struct myo_log *log, const struct myo_step *step, double epoch, double seconds, double validation)
{
	char of_epoch[32], of_validation[32];

	errno = 0;
	note_result(log, fprintf(log->file, "%lld\t%s\t%lld\t%.6g\t%.6f\t%.4f\t%.2f\t%s\n", (long long)step->number,
	    number(of_epoch, sizeof of_epoch, epoch), (long long)step->rows, step->rate, step->loss,
	    (double)step->correct / (double)step->batch, seconds,
	    number(of_validation, sizeof of_validation, validation)) >= 0);
}

int
myo_log_close(struct myo_log *log, struct myo_err *err)
{
	int rc = MYO_OK;

	if (log == NULL)
		return MYO_OK;
	errno = 0;
	note_result(log, fclose(log->file) == 0);
	if (log->reason != 0) {
		errno = log->reason;
		rc = myo_fail_errno(err, "%s: the log can't be written", log->path);
	}
	free(log->path);
	free(log);
	return rc;
}
