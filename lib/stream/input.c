/* The bytes of a stream, from a descriptor or from a mapped file; and what bytes seem to be. */
#include "stream/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As much as a pipe holds, so that a record's length and JSON usually come with one read. */
enum { BUFFER = 65536 };

int
stream_input_init(struct stream_input *input, int fd, const unsigned char *map, size_t map_bytes, struct myo_err *err)
{
	*input = (struct stream_input){ .fd = fd, .map = map, .end = map_bytes };
	if (map != NULL)
		return MYO_OK;
	input->end = 0;
	input->buffer = myo_calloc(BUFFER, 1, err);
	return input->buffer != NULL ? MYO_OK : MYO_FAIL;
}

void
stream_input_clear(struct stream_input *input)
{
	free(input->buffer);
	*input = (struct stream_input){ .fd = -1 };
}

static const unsigned char *
at_hand(const struct stream_input *input)
{
	return (input->map != NULL ? input->map : input->buffer) + input->at;
}

/* One read(2) at the end of the buffer; *got is 0 at the end of the input. */
static int
refill(struct stream_input *input, size_t *got, struct myo_err *err)
{
	ssize_t n;

	*got = 0;
	if (input->map != NULL)
		return MYO_OK;
	if (input->at == input->end)
		input->at = input->end = 0;
	do
		n = read(input->fd, input->buffer + input->end, BUFFER - input->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return myo_fail_errno(err, "can't read");
	input->end += (size_t)n;
	*got = (size_t)n;
	return MYO_OK;
}

int
stream_input_peek(struct stream_input *input, size_t want, const unsigned char **bytes, size_t *count,
    struct myo_err *err)
{
	size_t got = 1;

	while (input->end - input->at < want && got > 0)
		if (refill(input, &got, err) != MYO_OK)
			return MYO_FAIL;
	*bytes = at_hand(input);
	*count = input->end - input->at;
	return MYO_OK;
}

int
stream_input_read(struct stream_input *input, void *to, size_t count, size_t *got, struct myo_err *err)
{
	unsigned char *next = to;
	size_t n = 1;

	*got = 0;
	while (*got < count && n > 0) {
		if (input->at == input->end && count - *got >= BUFFER && input->map == NULL) {
			/* Large reads bypass the buffer. */
			const int rc = myo_read_all(input->fd, next + *got, count - *got, &n, err);
			*got += n;
			return rc;
		}
		if (input->at == input->end && refill(input, &n, err) != MYO_OK)
			return MYO_FAIL;
		n = input->end - input->at < count - *got ? input->end - input->at : count - *got;
		memcpy(next + *got, at_hand(input), n);
		input->at += n;
		*got += n;
	}
	return MYO_OK;
}

const unsigned char *
stream_input_lend(struct stream_input *input, size_t count)
{
	if (input->map == NULL || input->end - input->at < count || (uintptr_t)at_hand(input) % STREAM_ALIGN != 0)
		return NULL;
	const unsigned char *bytes = at_hand(input);
	input->at += count;
	return bytes;
}

/* ---- guesses ------------------------------------------------------------------------------------- */

static bool
is_text(const unsigned char *bytes, size_t count)
{
	bool text = count > 0;

	for (size_t i = 0; i < count && text; i++)
		text = bytes[i] >= 0x20 ? bytes[i] != 0x7f : bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t';
	return text;
}

const char *
stream_guess(const unsigned char *bytes, size_t count)
{
	static const struct {
		size_t at, length;
		const char *magic, *what;
	} known[] = {
		{ 0, 4, "\x89PNG", "it seems to be a PNG picture: myopic-unpack reads pictures" },
		{ 0, 3, "\xff\xd8\xff", "it seems to be a JPEG picture: myopic-unpack reads pictures" },
		{ 0, 2, "\x1f\x8b", "it seems to be a gzip file: myopic-unpack reads archives" },
		{ 0, 4, "\x28\xb5\x2f\xfd", "it seems to be a zstd file: myopic-unpack reads archives" },
		{ 0, 4, "PK\x03\x04", "it seems to be a zip archive: myopic-unpack reads archives" },
		{ 0, 6, "\xfd" "7zXZ\0", "it seems to be an xz file: myopic-unpack reads archives" },
		{ 0, 3, "BZh", "it seems to be a bzip2 file: myopic-unpack reads archives" },
		{ 257, 5, "ustar", "it seems to be a tar archive: myopic-unpack reads archives" },
	};

	for (size_t i = 0; i < MYO_COUNT(known); i++)
		if (count >= known[i].at + known[i].length &&
		    memcmp(bytes + known[i].at, known[i].magic, known[i].length) == 0)
			return known[i].what;
	return is_text(bytes, count) ? "it seems to be text" : "its first bytes make no sense";
}
