/* Files in memory, and what targets hold parsers to. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int file = -1;
static char path[64];

int
fuzz_file(const uint8_t *bytes, size_t size)
{
	if (file < 0) {
		file = memfd_create("fuzz", MFD_CLOEXEC);
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	fuzz_require(file >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 &&
			 myo_write_all(file, bytes, size, NULL) == MYO_OK && lseek(file, 0, SEEK_SET) == 0,
	    "a file in memory can be made");
	return file;
}

const char *
fuzz_path(void)
{
	return path;
}

void
fuzz_require(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "fuzz: it isn't so that %s\n", what);
	abort();
}

void
fuzz_require_line(const char *text)
{
	const size_t length = strlen(text);
	const bool line = length > 0 && text[length - 1] != '\n';

	if (!line)
		(void)fprintf(stderr, "fuzz: '%s'\n", text);
	fuzz_require(line, "a message is a line");
}

bool
fuzz_took(int rc, const struct myo_err *err)
{
	if (rc == MYO_FAIL)
		fuzz_require_line(err->text);
	return rc == MYO_OK;
}
