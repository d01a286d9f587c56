/*
 * html.h - private to the room: writing HTML.
 *
 * These functions don't fail; html_end() reports what went wrong. Text that comes from data must go through
 * html_text() or html_name(), which leave nothing in it that a browser would take for markup.
 */
#ifndef MYO_REPORT_HTML_H
#define MYO_REPORT_HTML_H

#include "base/base.h"

struct html {
	int fd;
	const char *path; /* what messages call it */
	struct myo_err *err;
	bool failed;
	size_t used;
	char bytes[1 << 16];
};

/* To begin, zero a struct html and set fd, path and err. This writes the rest; MYO_FAIL if anything went wrong. */
MYO_MUST_USE int html_end(struct html *html);

/* Write our own text, as it is. */
void html_put(struct html *html, const char *text);
void html_print(struct html *html, const char *format, ...) MYO_PRINTF(2, 3);

/* Write any text, escaped; what isn't a character to be shown (myo_character()) becomes U+FFFD. most: bytes at most. */
void html_text(struct html *html, const char *text);
void html_text_most(struct html *html, const char *text, size_t most);

/* The same for a name within other text, which its direction of writing can't affect. */
void html_name(struct html *html, const char *text);

/* Write 12,345; and 87.5%, for a share in [0, 1]. */
void html_count(struct html *html, int64_t count);
void html_percent(struct html *html, double share);

void html_base64(struct html *html, const uint8_t *bytes, size_t count);

#endif
