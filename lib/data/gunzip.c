/* Gzip files, by zlib, which verifies checksum and length of each member of the file. */
#include "data/gunzip.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

enum { BLOCK = 1 << 16, GZIP_ONLY = 16 };

struct gunzip {
	int fd;
	z_stream stream;
	bool started, ended; /* a member was begun; nothing but padding may follow */
	uint8_t in[BLOCK], out[BLOCK];
};

int
gunzip_wants(int fd, bool *wants, struct myo_err *err)
{
	uint8_t first[3];
	size_t got;

	*wants = false;
	if (myo_read_at(fd, first, sizeof first, 0, &got, err) != MYO_OK)
		return MYO_FAIL;
	*wants = got == sizeof first && first[0] == 0x1f && first[1] == 0x8b && first[2] == 8;
	return MYO_OK;
}

int
gunzip_new(int fd, struct gunzip **out, struct myo_err *err)
{
	*out = NULL;
	struct gunzip *gunzip = myo_calloc(1, sizeof *gunzip, err);
	if (gunzip == NULL)
		return MYO_FAIL;
	gunzip->fd = fd;
	if (inflateInit2(&gunzip->stream, MAX_WBITS + GZIP_ONLY) != Z_OK) {
		free(gunzip);
		return myo_fail_memory(err, sizeof *gunzip);
	}
	*out = gunzip;
	return MYO_OK;
}

void
gunzip_free(struct gunzip *gunzip)
{
	if (gunzip == NULL)
		return;
	(void)inflateEnd(&gunzip->stream);
	free(gunzip);
}

/* Bytes into `in`, where there are none; *more is false at the end of the file. */
static int
refill(struct gunzip *gunzip, bool *more, struct myo_err *err)
{
	size_t got;

	*more = true;
	if (gunzip->stream.avail_in > 0)
		return MYO_OK;
	if (myo_read_all(gunzip->fd, gunzip->in, BLOCK, &got, err) != MYO_OK)
		return MYO_FAIL;
	gunzip->stream.next_in = gunzip->in;
	gunzip->stream.avail_in = (uInt)got;
	*more = got > 0;
	return MYO_OK;
}

/* After a member: another one, padding of zeros (as tapes have it), or the end. */
static int
next_member(struct gunzip *gunzip, bool *more, struct myo_err *err)
{
	do {
		if (refill(gunzip, more, err) != MYO_OK)
			return MYO_FAIL;
		while (gunzip->stream.avail_in > 0 && *gunzip->stream.next_in == 0) {
			gunzip->ended = true;
			gunzip->stream.next_in++;
			gunzip->stream.avail_in--;
		}
	} while (*more && gunzip->stream.avail_in == 0);
	if (!*more)
		return MYO_OK;
	if (gunzip->ended || *gunzip->stream.next_in != 0x1f)
		return myo_fail(err, "gzip: there is something after the end");
	(void)inflateReset(&gunzip->stream);
	return MYO_OK;
}

int
gunzip_read(struct gunzip *gunzip, const void **bytes, size_t *count, struct myo_err *err)
{
	z_stream *stream = &gunzip->stream;
	bool more = true;

	stream->next_out = gunzip->out;
	stream->avail_out = BLOCK;
	while (stream->avail_out > 0) {
		if (!gunzip->started) {
			if (next_member(gunzip, &more, err) != MYO_OK)
				return MYO_FAIL;
			if (!more)
				break;
			gunzip->started = true;
		}
		if (refill(gunzip, &more, err) != MYO_OK)
			return MYO_FAIL;
		if (!more)
			return myo_fail(err, "gzip: the file is cut off");
		const int rc = inflate(stream, Z_NO_FLUSH);
		if (rc == Z_STREAM_END)
			gunzip->started = false;
		else if (rc != Z_OK)
			return myo_fail(err, "gzip: %s", stream->msg != NULL ? stream->msg : "damaged");
	}
	*bytes = gunzip->out;
	*count = BLOCK - stream->avail_out;
	return MYO_OK;
}
