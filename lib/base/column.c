/* Texts in tables for people. */
#include "base/base.h"

#include <stdio.h>

size_t
myo_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

void
myo_put_column(FILE *to, const char *text, size_t width)
{
	const size_t count = myo_characters(text), kept = count > width ? width - 1 : count;
	size_t done = 0;

	for (const char *c = text; *c != '\0'; c++) {
		done += ((unsigned char)*c & 0xc0) != 0x80;
		if (done > kept)
			break;
		(void)fputc((unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c, to);
	}
	if (count > width)
		(void)fputs("…", to);
	for (size_t i = count; i < width; i++)
		(void)fputc(' ', to);
}
