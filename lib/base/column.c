/* Texts for people, on lines and in tables. */
#include "base/base.h"

#include <stdio.h>

void
myo_put_field(FILE *to, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes && text[i] != '\0';) {
		bool shown;
		const size_t end = i + myo_character(text + i, bytes - i, &shown);
		for (; i < end; i++)
			if (shown)
				(void)fputc(text[i], to);
			else
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
	bool shown;

	for (; *text != '\0'; text += myo_character(text, SIZE_MAX, &shown))
		count++;
	return count;
}

void
myo_put_column(FILE *to, const char *text, size_t width)
{
	const size_t count = myo_characters(text), kept = count > width ? width - 1 : count;

	for (size_t i = 0; i < kept; i++) {
		bool shown;
		const size_t bytes = myo_character(text, SIZE_MAX, &shown);
		(void)fprintf(to, "%.*s", shown ? (int)bytes : 1, shown ? text : "?");
		text += bytes;
	}
	if (count > width)
		(void)fputs("…", to);
	for (size_t i = count; i < width; i++)
		(void)fputc(' ', to);
}
