/* Errors as values: one line of text in the caller's struct myo_err. */
#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
myo_fail(struct myo_err *err, const char *format, ...)
{
	if (err != NULL) {
		va_list args;
		va_start(args, format);
		(void)vsnprintf(err->text, sizeof err->text, format, args);
		va_end(args);
		err->program[0] = '\0';
	}
	return MYO_FAIL;
}

int
myo_fail_errno(struct myo_err *err, const char *format, ...)
{
	const int saved = errno;

	if (err != NULL) {
		va_list args;
		va_start(args, format);
		(void)vsnprintf(err->text, sizeof err->text, format, args);
		va_end(args);
		err->program[0] = '\0';

		const size_t used = strlen(err->text);
		(void)snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(saved));
	}
	errno = saved;
	return MYO_FAIL;
}

int
myo_fail_memory(struct myo_err *err, size_t bytes)
{
	return bytes > 0 ? myo_fail(err, "out of memory (%zu bytes wanted)", bytes) : myo_fail(err, "out of memory");
}

void
myo_err_prefix(struct myo_err *err, const char *format, ...)
{
	char text[sizeof err->text];
	va_list args;

	if (err == NULL || err->program[0] != '\0')
		return; /* another program's words stay as they are */
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);

	/* Where both together are too long, the end of the reason is cut. */
	const size_t place = strlen(text);
	(void)snprintf(text + place, sizeof text - place, "%s", err->text);
	memcpy(err->text, text, sizeof text);
}
