/* Text that becomes HTML. */
#include "report/html.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
flush(struct html *html)
{
	if (!html->failed && myo_write_all(html->fd, html->bytes, html->used, html->err) != MYO_OK) {
		myo_err_prefix(html->err, "%s: ", html->path);
		html->failed = true;
	}
	html->used = 0;
}

int
html_end(struct html *html)
{
	flush(html);
	return html->failed ? MYO_FAIL : MYO_OK;
}

static void
put_bytes(struct html *html, const char *bytes, size_t count)
{
	while (count > 0) {
		const size_t left = sizeof html->bytes - html->used, now = count < left ? count : left;
		memcpy(html->bytes + html->used, bytes, now);
		html->used += now;
		bytes += now;
		count -= now;
		if (html->used == sizeof html->bytes)
			flush(html);
	}
}

void
html_put(struct html *html, const char *text)
{
	put_bytes(html, text, strlen(text));
}

void
html_print(struct html *html, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	const int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < sizeof text)
		put_bytes(html, text, (size_t)length);
	else if (!html->failed)
		html->failed = myo_fail(html->err, "a text that is too long") != MYO_OK;
}

/* ---- text from data -------------------------------------------------------------------------- */

/* Bytes of the character at `at`, of which there are `left`; 0: it is none of UTF-8 (RFC 3629). */
static size_t
character(const unsigned char *at, size_t left)
{
	const unsigned first = at[0];
	const size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] > 0x9f) || (first == 0xf0 && at[1] < 0x90) ||
	    (first == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* Control characters and what Unicode has set apart for no character have no place in HTML. */
static bool
is_shown(const unsigned char *at, size_t length)
{
	if (length == 1)
		return at[0] >= ' ' && at[0] != 127;
	if (length == 2)
		return at[0] != 0xc2 || at[1] >= 0xa0;
	if (length == 3 && at[0] == 0xef)
		return !(at[1] == 0xbf && at[2] >= 0xbe) && !(at[1] == 0xb7 && at[2] >= 0x90 && at[2] <= 0xaf);
	return length != 4 || !((at[1] & 0x0f) == 0x0f && at[2] == 0xbf && at[3] >= 0xbe);
}

void
html_text_most(struct html *html, const char *text, size_t most)
{
	const unsigned char *at = (const unsigned char *)text;
	const size_t all = strnlen(text, most);

	for (size_t i = 0, length; i < all; i += length > 0 ? length : 1) {
		length = character(at + i, all - i);
		if (length == 0 || !is_shown(at + i, length))
			html_put(html, "\xef\xbf\xbd");
		else if (at[i] == '&')
			html_put(html, "&amp;");
		else if (at[i] == '<')
			html_put(html, "&lt;");
		else if (at[i] == '>')
			html_put(html, "&gt;");
		else if (at[i] == '"')
			html_put(html, "&quot;");
		else if (at[i] == '\'')
			html_put(html, "&#39;");
		else
			put_bytes(html, text + i, length);
	}
}

void
html_text(struct html *html, const char *text)
{
	html_text_most(html, text, strlen(text));
}

void
html_name(struct html *html, const char *text)
{
	html_put(html, "<bdi>");
	html_text(html, text);
	html_put(html, "</bdi>");
}

/* ---- numbers ---------------------------------------------------------------------------------- */

void
html_count(struct html *html, int64_t count)
{
	char digits[32], text[48];
	const int length = snprintf(digits, sizeof digits, "%" PRId64, count);
	size_t to = 0;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
			text[to++] = ',';
		text[to++] = digits[i];
	}
	put_bytes(html, text, to);
}

void
html_percent(struct html *html, double share)
{
	if (isnan(share))
		html_put(html, "–");
	else
		html_print(html, "%.1f%%", 100 * share);
}

void
html_base64(struct html *html, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < count; i += 3) {
		const size_t here = count - i < 3 ? count - i : 3;
		const uint32_t word = (uint32_t)bytes[i] << 16 | (here > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
		    (here > 2 ? bytes[i + 2] : 0);
		const char four[4] = { digits[word >> 18], digits[word >> 12 & 63], here > 1 ? digits[word >> 6 & 63] : '=',
			here > 2 ? digits[word & 63] : '=' };
		put_bytes(html, four, sizeof four);
	}
}
