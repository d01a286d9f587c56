/*
 * winograd.h - private to the room: what the passes of Winograd's convolution share.
 *
 * The output is cut into tiles (tiles.h), tiles into lines across a picture, and an item takes a few
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
 * with channels of strips and inputs rounded up to LANES_MAX and outputs to PANEL_MAX. v, packed weights and w are of
 * values as tiles.h has them, and the room for them is always that of floats.
 */
#ifndef MYO_NET_WINOGRAD_H
#define MYO_NET_WINOGRAD_H

#include "net/conv.h"
#include "net/tiles.h"

/* Outputs that go through m at a time. */
enum { OUTPUTS_MOST = 4 * PANEL_MAX };

/* Strides of many lines used at once are this many floats more than a power of two, or they would share cache sets. */
enum { ASIDE = 16 };

/* A convolution as this room sees it. */
struct winograd {
	enum tile_form form;
	int tile, seen, margin; /* sides of a tile and of what it sees; padding that strips have to show */
	size_t frequencies;
	size_t inputs, outputs;       /* channels */
	size_t in_stride, out_stride; /* the same, rounded up */
	size_t v_step;                /* floats from tile to tile of v */
	size_t across, down;          /* tiles across a picture, lines of tiles down */
	size_t panel_rows;            /* inputs of a packed panel; gemm() takes four at a time */
	size_t packed_apart;          /* floats from frequency to frequency of packed weights */
};

/* Whether there is a form for it. */
bool net_winograd_fits(const struct conv_geometry *g);
struct winograd net_winograd(const struct conv_geometry *g);

/* Bytes of packed weights. */
size_t net_winograd_packed_bytes(const struct conv_geometry *g);

/* ---- items -------------------------------------------------------------------------------------- */

/* How a computation is cut into items. */
struct cut {
	size_t lines;            /* of tiles, in an item */
	size_t items;
	size_t tiles;            /* for which there is room */
	size_t v_apart, m_apart; /* floats from frequency to frequency of v, and of m or w */
};

/* The cut into items of `lines` lines of tiles; floats: of m or w for a tile and frequency. */
struct cut net_winograd_cut(const struct winograd *c, size_t rows, size_t lines, size_t floats);

/* The number of lines that serves best, and the most that it can be for any number of rows. */
size_t net_winograd_lines(const struct winograd *c, size_t rows, size_t floats);
size_t net_winograd_most_lines(const struct winograd *c, size_t floats);

/* Bytes for a strip, v, and m or w, in this order. */
size_t net_winograd_room(const struct winograd *c, size_t floats);

/* Lines of tiles [from, to), counted over the batch. */
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

/* What a convolution reads: a batch, perhaps as a normalisation makes it. */
struct source {
	const struct kernels *kernels;
	const float *x;
	struct myo_shape shape;
	size_t stride; /* of pixels in a strip: channels, rounded up */
	struct conv_norm view;
};

/* Floats from line to line of a strip. */
size_t net_strip_row(const struct winograd *c, size_t stride);

/* What line `line` of tiles sees, `count` lines from `margin` pixels outside the picture on. */
void net_fill_strip(
    const struct winograd *c, const struct source *s, size_t line, int count, int margin, float *strip);

/* v of the lines of a span. */
void net_transform_input(const struct winograd *c, const struct source *s, struct span span, float *strip, void *v,
    size_t apart);

/* ---- fetching ahead -------------------------------------------------------------------------------- */

/* Turns of gemm()'s inner loop for m rows, at least. */
size_t net_turns(size_t m, size_t k);

/*
 * What is to be fetched in each of `calls` of gemm() with `turns` turns: the panel of the next call, and a share
 * of `floats` floats that are needed after all of them.
 */
struct next {
	struct tile_soon soon;
	size_t share; /* bytes from call to call */
};
struct next net_next(
    const void *panel, size_t panel_bytes, const float *from, size_t floats, size_t calls, size_t turns);

#endif
