/*
 * winograd.h - private to the room: what the passes of Winograd convolution share.
 *
 * The output is divided into tiles (tiles.h), which form lines across a picture, and an item is a few
 * lines: few enough that its transformed tiles stay in the second-level cache. A line's pixels are
 * first copied into a strip with zeros around the picture, so that all tiles are alike. The layouts
 * between the passes:
 *
 *   strip   [line][pixel][channel]                    what a line of tiles sees
 *   v       [frequency][tile][input]                  transformed input
 *   m       [frequency][tile][output]                 products, of OUTPUTS_MOST outputs at a time
 *   packed  [frequency][panel][input][panel column]   transformed weights; a sum of their gradient
 *   w       [frequency][panel][tile][panel column]    transformed gradient of the output
 *
 * with channels of strips and inputs rounded up to LANES_MAX and outputs to PANEL_MAX. v, packed weights and w hold
 * transformed numbers (tiles.h), but there is always room for as many floats.
 */
#ifndef MYO_NET_WINOGRAD_H
#define MYO_NET_WINOGRAD_H

#include "net/conv.h"
#include "net/tiles.h"

/* Outputs that go through m at a time. */
enum { OUTPUTS_MOST = 4 * PANEL_MAX };

/* Added to strides, in floats: lines that are used together and lay a power of two apart would share cache sets. */
enum { ASIDE = 16 };

/* A convolution, as these files see it. */
struct winograd {
	enum tile_form form;
	int tile, seen, margin; /* sides of a tile and of what it sees; padding to be shown in strips */
	size_t frequencies;
	size_t inputs, outputs;       /* channels */
	size_t in_stride, out_stride; /* the same, rounded up */
	size_t v_step;                /* floats from tile to tile of v */
	size_t across, down;          /* tiles across a picture, lines of tiles down */
	size_t panel_rows;            /* inputs of a packed panel, rounded up, since gemm() takes four at a time */
	size_t packed_apart;          /* floats from frequency to frequency of packed weights */
};

/* Whether there is a form for a convolution, and it is worth it. */
bool net_winograd_fits(const struct conv_geometry *g);
struct winograd net_winograd(const struct conv_geometry *g);

/* Bytes of packed weights. */
size_t net_winograd_packed_bytes(const struct conv_geometry *g);

/* ---- items -------------------------------------------------------------------------------------- */

/* How a computation is divided into items. */
struct cut {
	size_t lines;            /* of tiles, in an item */
	size_t items;
	size_t tiles;            /* for which an item has room */
	size_t v_apart, m_apart; /* floats from frequency to frequency of v, and of m or w */
};

/* The division into items of `lines` lines of tiles; floats: of m or w, for a tile and frequency. */
struct cut net_winograd_cut(const struct winograd *c, size_t rows, size_t lines, size_t floats);

/* The best number of lines for so many rows, and an upper bound of it for any number of rows. */
size_t net_winograd_lines(const struct winograd *c, size_t rows, size_t floats);
size_t net_winograd_most_lines(const struct winograd *c, size_t floats);

/* Bytes for a strip, v, and m or w, in this order. */
size_t net_winograd_room(const struct winograd *c, size_t floats);

/* The lines of tiles [from, to) of an item, counted over the batch. */
struct span {
	size_t from, to;
};

static inline struct span
net_winograd_span(const struct winograd *c, size_t rows, size_t item, size_t lines)
{
	const size_t all = rows * c->down, from = item * lines;

	return (struct span){ from, from + lines < all ? from + lines : all };
}

/* ---- transforms --------------------------------------------------------------------------------- */

/* What a convolution reads: a batch, perhaps through a normalisation. */
struct source {
	const struct kernels *kernels;
	const float *x;
	struct myo_shape shape;
	size_t stride; /* of pixels in a strip: channels, rounded up */
	struct conv_norm view;
};

/* Floats from line to line of a strip. */
size_t net_strip_row(const struct winograd *c, size_t stride);

/* Fill a strip with what line `line` of tiles sees: `count` lines of pixels, starting `margin` above and left of it. */
void net_fill_strip(
    const struct winograd *c, const struct source *s, size_t line, int count, int margin, float *strip);

/* Transform the lines of a span into v. */
void net_transform_input(const struct winograd *c, const struct source *s, struct span span, float *strip, void *v,
    size_t apart);

/* ---- fetching ahead -------------------------------------------------------------------------------- */

/* The least number of turns of gemm()'s inner loop for m rows. */
size_t net_turns(size_t m, size_t k);

/*
 * What to prefetch in each of `calls` calls of gemm() of `turns` turns: the panel of the next call, and a share
 * of the `floats` floats that are needed after all of the calls.
 */
struct next {
	struct tile_soon soon;
	size_t share; /* bytes by which soon.at[1] advances from call to call */
};
struct next net_next(
    const void *panel, size_t panel_bytes, const float *from, size_t floats, size_t calls, size_t turns);

#endif
