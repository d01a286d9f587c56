/* Gzip, by ISA-L, which verifies checksum and length of each member of the file. */
#include "data/gunzip.h"

#include <stdlib.h>

#include <isa-l/igzip_lib.h>

/* Each call of isal_inflate() saves the last 32 KiB of output, so the buffer is several times as large. */
enum { OUT = 1 << 18, RESERVED_FLAGS = 0xe0 };

struct gunzip {
	inflate_source *source;
	void *context;
	struct inflate_state state;
	struct isal_gzip_header header; /* as far as it was read: it may be split between two blocks */
	enum { BETWEEN, HEADER, BODY } place;
	bool ended; /* nothing but padding may follow */
	uint8_t out[OUT];
};

bool
gunzip_wants(const uint8_t *first, size_t count)
{
	return count >= 3 && first[0] == 0x1f && first[1] == 0x8b && first[2] == 8;
}

int
gunzip_new(inflate_source *source, void *context, struct gunzip **out, struct myo_err *err)
{
	*out = myo_calloc(1, sizeof **out, err);
	if (*out == NULL)
		return MYO_FAIL;
	(*out)->source = source;
	(*out)->context = context;
	isal_inflate_init(&(*out)->state);
	(*out)->state.crc_flag = ISAL_GZIP_NO_HDR_VER; /* read_header() reads headers */
	return MYO_OK;
}

void
gunzip_free(struct gunzip *gunzip)
{
	free(gunzip);
}

static int
fail(int code, struct myo_err *err)
{
	const char *why = "damaged";

	switch (code) {
	case ISAL_INVALID_BLOCK: why = "damaged: a block that can't be"; break;
	case ISAL_INVALID_SYMBOL: why = "damaged: a code that can't be"; break;
	case ISAL_INVALID_LOOKBACK: why = "damaged: a copy of what was before the beginning"; break;
	case ISAL_INVALID_WRAPPER: why = "there is no header where one belongs"; break;
	case ISAL_UNSUPPORTED_METHOD: why = "compressed in an unknown way"; break;
	case ISAL_INCORRECT_CHECKSUM: why = "damaged: its checksum or its length is another"; break;
	}
	return myo_fail(err, "gzip: %s", why);
}

static int
cut_off(struct myo_err *err)
{
	return myo_fail(err, "gzip: the file is cut off");
}

/* Get more bytes to inflate if none are left; *more is false at the end of the file. */
static int
refill(struct gunzip *gunzip, bool *more, struct myo_err *err)
{
	const void *bytes;
	size_t got;

	*more = true;
	if (gunzip->state.avail_in > 0)
		return MYO_OK;
	if (gunzip->source(gunzip->context, &bytes, &got, err) != MYO_OK)
		return MYO_FAIL;
	gunzip->state.next_in = (uint8_t *)(uintptr_t)bytes; /* it is only read */
	gunzip->state.avail_in = (uint32_t)got;
	*more = got > 0;
	return MYO_OK;
}

/* Between members: another one, padding of zeros (as tapes have it), or the end. */
static int
next_member(struct gunzip *gunzip, bool *more, struct myo_err *err)
{
	struct inflate_state *state = &gunzip->state;

	do {
		if (refill(gunzip, more, err) != MYO_OK)
			return MYO_FAIL;
		while (state->avail_in > 0 && *state->next_in == 0) {
			gunzip->ended = true;
			state->next_in++;
			state->avail_in--;
		}
	} while (*more && state->avail_in == 0);
	if (!*more)
		return MYO_OK;
	if (gunzip->ended || *state->next_in != 0x1f)
		return myo_fail(err, "gzip: there is something after the end");
	isal_inflate_reset(state);
	isal_gzip_header_init(&gunzip->header);
	gunzip->place = HEADER;
	return MYO_OK;
}

/* isal_inflate() could read headers too, but loses its place in one that is split between two blocks. */
static int
read_header(struct gunzip *gunzip, bool more, struct myo_err *err)
{
	if (!more)
		return cut_off(err);
	const int code = isal_read_gzip_header(&gunzip->state, &gunzip->header);
	if (code < 0)
		return fail(code, err);
	if (code == ISAL_DECOMP_OK) {
		if ((gunzip->header.flags & RESERVED_FLAGS) != 0)
			return myo_fail(err, "gzip: damaged: a header with unknown flags");
		gunzip->place = BODY;
	}
	return MYO_OK;
}

/* Output may be pending after all input was consumed, so the file is cut off only if nothing more comes out. */
static int
read_body(struct gunzip *gunzip, bool more, struct myo_err *err)
{
	const uint32_t room = gunzip->state.avail_out;
	const int code = isal_inflate(&gunzip->state);

	if (code != ISAL_DECOMP_OK)
		return fail(code, err);
	if (gunzip->state.block_state == ISAL_BLOCK_FINISH)
		gunzip->place = BETWEEN;
	else if (!more && gunzip->state.avail_out == room)
		return cut_off(err);
	return MYO_OK;
}

int
gunzip_read(struct gunzip *gunzip, const void **bytes, size_t *count, struct myo_err *err)
{
	struct inflate_state *state = &gunzip->state;
	bool more = true;

	state->next_out = gunzip->out;
	state->avail_out = OUT;
	while (state->avail_out > 0) {
		if (gunzip->place == BETWEEN) {
			if (next_member(gunzip, &more, err) != MYO_OK)
				return MYO_FAIL;
			if (!more)
				break;
		}
		if (refill(gunzip, &more, err) != MYO_OK ||
		    (gunzip->place == HEADER ? read_header : read_body)(gunzip, more, err) != MYO_OK)
			return MYO_FAIL;
	}
	*bytes = gunzip->out;
	*count = OUT - state->avail_out;
	return MYO_OK;
}
