/* The section with the commands that made the predictions. */
#include "report/private.h"

#include <stdlib.h>
#include <string.h>

/* The end of the next line to show: at the end of a shell line, or at a pipe, an unquoted bar between spaces. */
static const char *
line_end(const char *at)
{
	bool quoted = false;

	for (; *at != '\0' && *at != '\n' && (quoted || strncmp(at, " | ", 3) != 0); at++) {
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == '\\' && !quoted && at[1] != '\0')
			at++;
	}
	return at;
}

/* Shell commands, with each program of a pipe on a line of its own. */
static void
put_commands(struct html *html, const char *text)
{
	html_put(html, "<pre><code>");
	for (const char *at = text; *at != '\0';) {
		const char *const end = line_end(at);
		html_text_most(html, at, (size_t)(end - at));
		at = end;
		if (*at == ' ') {
			html_put(html, " |\n    ");
			at += 3;
		} else if (*at == '\n') {
			html_put(html, "\n");
			at++;
		}
	}
	html_put(html, "</code></pre>\n");
}

/* An incomplete history is no failure, but told in the page; running out of memory is one. */
static int
put_replay(struct html *html, const json_t *history, struct myo_err *err)
{
	struct myo_err why = MYO_ERR_INIT;
	char *text;

	if (json_array_size(history) > 0 && myo_history_replay(history, &text, &why) == MYO_OK) {
		put_commands(html, text);
		free(text);
		return MYO_OK;
	}
	if (strncmp(why.text, "out of memory", 13) == 0) {
		*err = why;
		return MYO_FAIL;
	}
	html_put(html, "<p>How these predictions were made isn't known");
	if (why.text[0] != '\0') {
		html_put(html, ": ");
		html_text(html, why.text);
	}
	html_put(html, ".</p>\n");
	return MYO_OK;
}

int
put_making(struct html *html, const struct myo_report_page *page, const json_t *history, struct myo_err *err)
{
	html_put(html, "<section id=\"making\" aria-labelledby=\"making-title\">\n"
	    "<h2 id=\"making-title\">How it was made</h2>\n<p>By myopic " PACKAGE_VERSION
	    "; the same commands on the same files make the same page.</p>\n");
	if (put_replay(html, history, err) != MYO_OK)
		return MYO_FAIL;
	if (page->has_whole) {
		html_put(html, "<p>The predictions of whole images:</p>\n");
		if (put_replay(html, page->whole_history, err) != MYO_OK)
			return MYO_FAIL;
	}
	html_put(html, "</section>\n");
	return MYO_OK;
}
