/* Texts for people, on lines and in tables. */
#include "base/base.h"

#include <stdio.h>

/*
 * Bytes of the control character at the beginning of a text, 0 where another is there: those of ASCII, and those that
 * Unicode has beside them (C1), which terminals obey as well.
 */
static size_t
control(const char *text, size_t bytes)
{
	const unsigned char first = (unsigned char)text[0];

	if (first < 0x20 || first == 0x7f)
		return 1;
	return first == 0xc2 && bytes > 1 && ((unsigned char)text[1] & 0xe0) == 0x80 ? 2 : 0;
}

void
myo_put_field(FILE *to, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes && text[i] != '\0';) {
		const size_t end = i + control(text + i, bytes - i);
		if (end == i)
			(void)fputc(text[i++], to);
		for (; i < end; i++)
			(void)fprintf(to, "\\x%02x", (unsigned char)text[i]);
	}
}

void
myo_put_text(FILE *to, const char *text)
{
	myo_put_field(to, text, SIZE_MAX);
}

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

	for (const char *c = text; *c != '\0';) {
		const size_t bytes = control(c, SIZE_MAX);
		done += ((unsigned char)*c & 0xc0) != 0x80;
		if (done > kept)
			break;
		(void)fputc(bytes > 0 ? '?' : *c, to);
		c += bytes > 0 ? bytes : 1;
	}
	if (count > width)
		(void)fputs("…", to);
	for (size_t i = count; i < width; i++)
		(void)fputc(' ', to);
}
