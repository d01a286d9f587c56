/* Characters of texts that aren't our own. */
#include "base/base.h"

/*
 * Not shown: control characters, noncharacters, line separators, and characters that are invisible or change the
 * direction of writing, by which one name could be made to look like another.
 */
static bool
is_shown(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = { { 0, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200b, 0x200b }, { 0x200e, 0x200f },
		{ 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfdd0, 0xfdef }, { 0xfeff, 0xfeff } };

	for (size_t i = 0; i < MYO_COUNT(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	return (code & 0xfffe) != 0xfffe;
}

bool
myo_is_line(const char *text)
{
	bool shown = text[0] != '\0';

	for (size_t bytes; shown && *text != '\0'; text += bytes)
		bytes = myo_character(text, SIZE_MAX, &shown);
	return shown;
}

size_t
myo_character(const char *text, size_t most, bool *shown)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least; /* code of this form; smaller ones would be overlong */
	} forms[] = { { 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	const unsigned char *const bytes = (const unsigned char *)text;
	size_t form = 0;

	*shown = false;
	while (form < MYO_COUNT(forms) && (bytes[0] & forms[form].mask) != forms[form].lead)
		form++;
	if (form == MYO_COUNT(forms) || form >= most)
		return 1;
	uint32_t code = bytes[0] & (unsigned char)~forms[form].mask;
	for (size_t i = 1; i <= form; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 1;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	/* 0xd800 to 0xdfff: UTF-16 surrogates */
	if (code < forms[form].least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 1;
	*shown = is_shown(code);
	return form + 1;
}
