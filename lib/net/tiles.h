/*
 * tiles.h - private to the room: the vector code of Winograd's convolution.
 *
 * F(4x4, 3x3) (Winograd, 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016) makes a 4x4 tile of outputs from a 6x6 tile of inputs with 36 products for
 * each pair of channels, where the sum itself takes 144:
 *
 *     Y = A' [ (G g G') * (B' d B) ] A        * element by element; summed over channels
 *
 * and the gradients are the transposes of the same maps. The 36 elements of a transformed tile
 * are its "frequencies".
 *
 * Pictures of 2x2 pixels with a padding of 1 have maps of their own. On one side,
 *
 *     y0 = w1 x0 + w2 x1 = w1 (x0 + x1) + (w2 - w1) x1
 *     y1 = w0 x0 + w1 x1 = w1 (x0 + x1) + (w0 - w1) x0
 *
 * takes three products instead of four (Karatsuba's way with a Toeplitz matrix), so both sides take nine
 * where the sum itself takes 16, and counting the padding 36.
 *
 * Pictures of 3x3 with a padding of 1 have theirs. With c(z) = (w2 + w1 z + w0 z²)(x0 + x1 z + x2 z²), the outputs of
 * one side are c1, c2 and c3, which c modulo z^4 - 1 leaves alone: it adds c4 to c0. That is c at 1 and
 * at -1, one product each, and modulo z² + 1 a complex product, by three. So both sides take 25
 * products where a 4x4 tile takes 36, and no number in the maps is larger than 1.
 *
 * In all forms the sum over channels is a product of matrices for each frequency, on packed panels.
 *
 * What is transformed is floats, or in the variant bf16 bfloat16s, to which they are rounded when they are stored: half
 * of the memory, and twice as many products at a time. Pairs of them that are neighbours in the sum over k go through a
 * product together, so they lie side by side: u of two inputs is [panel column][2]. Sums are floats in all variants.
 *
 * tiles.c, tiles_maps.c and tiles_weights.c are compiled once for each variant. The variants round differently (fused
 * multiply-adds), so they agree to rounding, not to the bit; within one variant every result
 * is a function of its operands alone.
 */
#ifndef MYO_NET_TILES_H
#define MYO_NET_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LANES_MAX = 16, /* channels are rounded up to this wherever memory is shared out */
	PANEL_MAX = 2 * LANES_MAX
};

/* What becomes of a tile of outputs while it is in registers. */
enum tile_finish {
	FINISH_SET,    /* y = v */
	FINISH_ADD,    /* y = y + v */
	FINISH_AFFINE, /* y = relu(relu(scale[c] v + shift[c]) + r), each part where wanted */
	FINISH_POOL,    /* y = the largest of relu(scale[c] v + shift[c]) in each 2x2 pixels */
	FINISH_MOMENTS, /* y = v; sums[c] += v, products[c] += v² */
	FINISH_NORM     /* y = v; sums[c] += g, products[c] += g (r - mean[c]), where g is v or, with relu,
			   v if scale[c] r + shift[c] > 0 and else 0 */
};

/* Where a tile of outputs goes; row and column: strides of y and r in floats (with pooling, of the pooled y). */
struct tile_output {
	float *y;
	ptrdiff_t row, column;
	int height, width; /* pixels of the tile that exist, at least 1 */
	enum tile_finish finish;
	const float *scale, *shift, *mean, *r; /* r may be NULL for FINISH_AFFINE */
	bool relu, relu_after;
	double *sums, *products;
};

/*
 * Two stretches of memory to fetch: `step` bytes of each for each turn of a product's inner loop. They are addresses
 * and no pointers, since any will do: 0, or somewhat beyond what there is.
 */
struct tile_soon {
	uintptr_t at[2];
	size_t step[2];
};

enum tile_form {
	FORM_FOUR, /* tiles of 4x4 outputs, which see 6x6 inputs */
	FORM_PAIR, /* whole pictures of 2x2 */
	FORM_TRIO, /* whole pictures of 3x3 */
	FORMS
};

/* A form's maps of activations. */
struct tile_maps {
	/*
	 * v[f][c] = (B' d B)[f] for each channel, of which there is a whole number of vectors. pixels: the
	 * top left corner of what the tile sees; row and column strides in floats; frequencies are `apart` values
	 * apart.
	 */
	void (*input)(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *v, size_t apart);

	/* A' m A, finished and stored as `to` says. */
	void (*output)(const float *m, size_t apart, size_t channels, const struct tile_output *to);

	/*
	 * The gradient of a tile of outputs among the frequencies, w = A dy A', in panels: channel c
	 * goes to w[c / panel * panel_apart + c % panel]. Channels: a whole number of vectors.
	 */
	void (*gradient)(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *w,
	    size_t apart, size_t panel_apart);
};

/* A form's maps of weights. */
struct tile_weights {
	/*
	 * u[f][i][n] = (G g G')[f] for input channel i and up to `panel` output channels n of one
	 * panel, from weights w(n, i) = w[n step_n + i step_i + 0…8]; turned: each 3x3 rotated by half a turn.
	 * Columns beyond n are set to 0. u's frequencies are `apart` values apart.
	 */
	void (*pack)(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, void *u,
	    size_t apart);

	/* dw(n, i) = (G' du[f][i][n] G), the reverse of pack(). */
	void (*unpack)(
	    const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i);
};

struct tile_kernels {
	size_t lanes; /* floats in a vector */
	size_t panel; /* columns of a panel: two vectors */
	size_t value; /* bytes of a transformed number */
	const struct tile_maps *maps;       /* [FORMS] */
	const struct tile_weights *weights; /* [FORMS] */

	/*
	 * c[m][n] = sum over k of a(m, k) b[k][n], or added to c. a(m, k) is a[m row_a + k column_a], one
	 * of the strides being 1; b is one packed panel [K][panel]; columns: of it that count, at
	 * most `panel`. m is rounded up to a multiple of 4 and columns to lanes: the rows and
	 * columns beyond are read and written.
	 *
	 * soon: memory needed soon, brought into the second-level cache meanwhile.
	 */
	void (*gemm)(size_t m, size_t k, const float *a, size_t row_a, size_t column_a, const float *b,
	    float *c, size_t row_c, size_t columns, bool add, const struct tile_soon *soon);

	/* The same of transformed numbers: c[m][n] = sum over k of v[m][k] u[k][n]. */
	void (*multiply)(size_t m, size_t k, const void *v, size_t v_step, const void *u, float *c, size_t row_c,
	    size_t columns, const struct tile_soon *soon);

	/*
	 * c[m][n] = sum over k of v[k][m] w[k][n], or added to c, for several panels: w's are w_apart values apart, c's
	 * [m][panel] and c_apart floats apart. soon.at[0] is what is needed in the first panel, and moves on as c does.
	 */
	void (*correlate)(size_t m, size_t k, const void *v, size_t v_step, const void *w, size_t w_apart, float *c,
	    size_t c_apart, size_t columns, bool add, const struct tile_soon *soon);
};

extern const struct tile_kernels net_tiles_portable, net_tiles_avx2, net_tiles_avx512, net_tiles_bf16;

/* Number n of transformed ones: to be read, and to be written. */
static inline const void *
net_value(const struct tile_kernels *tiles, const void *values, size_t n)
{
	return (const char *)values + n * tiles->value;
}

static inline void *
net_value_at(const struct tile_kernels *tiles, void *values, size_t n)
{
	return (char *)values + n * tiles->value;
}

#endif
