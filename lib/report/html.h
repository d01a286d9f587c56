/*
 * html.h - private to the room: text that becomes HTML.
 *
 * Nothing here fails by itself: what went wrong is told at the end. Text that comes from data only goes through
 * html_text() and html_name(), which leave nothing in it that a browser would take for more than text.
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

/* Zeroed but for fd, path and err. */
MYO_MUST_USE int html_end(struct html *html);

/* Our own text, as it is. */
void html_put(struct html *html, const char *text);
void html_print(struct html *html, const char *format, ...) MYO_PRINTF(2, 3);

/*
 * Any bytes as text: what is no UTF-8, or steers instead of showing, becomes U+FFFD. At most `most` bytes, up to a 0.
 */
void html_text(struct html *html, const char *text);
void html_text_most(struct html *html, const char *text, size_t most);

/* A name between other words: its direction of writing doesn't reach beyond it. */
void html_name(struct html *html, const char *text);

/* 12,345; and 87.5%, of a share in [0, 1]. */
void html_count(struct html *html, int64_t count);
void html_percent(struct html *html, double share);

void html_base64(struct html *html, const uint8_t *bytes, size_t count);

#endif
