/* Allocation that is always checked, for overflow too. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

bool
myo_mul(size_t a, size_t b, size_t *out)
{
	if (b != 0 && a > SIZE_MAX / b)
		return false;
	*out = a * b;
	return true;
}

void *
myo_calloc(size_t count, size_t size, struct myo_err *err)
{
	size_t bytes;

	if (!myo_mul(count, size, &bytes)) {
		(void)myo_fail_memory(err, SIZE_MAX);
		return NULL;
	}
	void *p = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
	if (p == NULL)
		(void)myo_fail_memory(err, bytes);
	return p;
}

void *
myo_realloc(void *old, size_t count, size_t size, struct myo_err *err)
{
	size_t bytes;

	if (!myo_mul(count, size, &bytes)) {
		(void)myo_fail_memory(err, SIZE_MAX);
		return NULL;
	}
	void *p = realloc(old, bytes > 0 ? bytes : 1);
	if (p == NULL)
		(void)myo_fail_memory(err, bytes);
	return p;
}

void *
myo_calloc_aligned(size_t count, size_t size, struct myo_err *err)
{
	enum { LINE = 64, HUGE_PAGE = 2 << 20 };
	size_t bytes;

	if (!myo_mul(count, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE) {
		(void)myo_fail_memory(err, SIZE_MAX);
		return NULL;
	}
	const bool large = bytes >= 2 * HUGE_PAGE;
	const size_t alignment = large ? HUGE_PAGE : LINE;
	bytes = (bytes + LINE) / LINE * LINE; /* never 0 */
	void *p = NULL;
	if (posix_memalign(&p, alignment, bytes) != 0) {
		(void)myo_fail_memory(err, bytes);
		return NULL;
	}
#if defined(MADV_HUGEPAGE)
	/* Transforms walk along dozens of lines at once, each of which would take a TLB entry with 4 KiB pages. */
	if (large)
		(void)madvise(p, bytes, MADV_HUGEPAGE);
#endif
	memset(p, 0, bytes);
	return p;
}

char *
myo_strdup(const char *text, struct myo_err *err)
{
	const size_t bytes = strlen(text) + 1;
	char *copy = myo_calloc(bytes, 1, err);

	if (copy != NULL)
		memcpy(copy, text, bytes);
	return copy;
}

char *
myo_format(struct myo_err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0) {
		(void)myo_fail(err, "text can't be formatted");
		return NULL;
	}
	char *text = myo_calloc((size_t)length + 1, 1, err);
	if (text != NULL) {
		va_start(args, format);
		(void)vsnprintf(text, (size_t)length + 1, format, args);
		va_end(args);
	}
	return text;
}

char *
myo_real_text(char *to, double value)
{
	for (int digits = 6; digits <= 17; digits++) {
		(void)snprintf(to, MYO_REAL_TEXT, "%.*g", digits, value);
		if (strtod(to, NULL) == value)
			break;
	}
	return to;
}

void
myo_keep_memory(void)
{
#if defined(__GLIBC__)
	(void)mallopt(M_MMAP_MAX, 0); /* no allocation is a mapping of its own, which free() would unmap, */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30); /* and the heap doesn't shrink */
#endif
}
