/* Writing HTML. */
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

void
html_text_most(struct html *html, const char *text, size_t most)
{
	const size_t all = strnlen(text, most);

	for (size_t i = 0, length; i < all; i += length) {
		bool shown;
		length = myo_character(text + i, all - i, &shown);
		if (!shown)
			html_put(html, "\xef\xbf\xbd");
		else if (text[i] == '&')
			html_put(html, "&amp;");
		else if (text[i] == '<')
			html_put(html, "&lt;");
		else if (text[i] == '>')
			html_put(html, "&gt;");
		else if (text[i] == '"')
			html_put(html, "&quot;");
		else if (text[i] == '\'')
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
		const char four[4] = { digits[word >> 18], digits[word >> 12 & 63],
			here > 1 ? digits[word >> 6 & 63] : '=', here > 2 ? digits[word & 63] : '=' };
		put_bytes(html, four, sizeof four);
	}
}
