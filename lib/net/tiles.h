/*
 * tiles.h - private to the room: the vector code of Winograd convolution.
 *
 * F(4x4, 3x3) (Winograd, 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016) computes a 4x4 tile of outputs from a 6x6 tile of inputs with 36 multiplications for
 * each pair of channels, where the direct sum takes 144:
 *
 *     Y = A' [ (G g G') * (B' d B) ] A        * element by element; summed over channels
 *
 * and the gradients are the transposes of the same maps. The 36 elements of a transformed tile
 * are its "frequencies".
 *
 * Pictures of 2x2 pixels with a padding of 1 have transforms of their own. Along one axis,
 *
 *     y0 = w1 x0 + w2 x1 = w1 (x0 + x1) + (w2 - w1) x1
 *     y1 = w0 x0 + w1 x1 = w1 (x0 + x1) + (w0 - w1) x0
 *
 * takes three multiplications instead of four (Karatsuba's method for a Toeplitz matrix), so both axes take nine
 * where the direct sum takes 16, or 36 with the padding.
 *
 * So have pictures of 3x3 with a padding of 1. With c(z) = (w2 + w1 z + w0 z²)(x0 + x1 z + x2 z²), the outputs along
 * one axis are the coefficients c1, c2 and c3. c modulo z^4 - 1 has the same ones, as it only adds c4 to c0. It comes
 * from c(1) and c(-1), one multiplication each, and c modulo z² + 1, a complex multiplication, which takes three. So
 * both axes take 25 multiplications where a 4x4 tile takes 36, and no coefficient of the transforms is larger than 1.
 *
 * In all forms the sum over channels is a matrix product for each frequency, on packed panels.
 *
 * Transformed numbers are floats; in the variant bf16 they are rounded to bfloat16 when they are stored, in half of the
 * memory, and twice as many are multiplied at a time. Pairs of neighbours in the sum over k are multiplied together,
 * so they are stored side by side: u of two inputs is [panel column][2]. Sums are floats in all variants.
 *
 * tiles.c, tiles_maps.c and tiles_weights.c are compiled once for each variant. The variants round differently (fused
 * multiply-adds), so they agree up to rounding, not to the bit; within one variant every result
 * is a function of its operands alone.
 */
#ifndef MYO_NET_TILES_H
#define MYO_NET_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LANES_MAX = 16, /* channels are rounded up to a multiple of this wherever memory is laid out */
	PANEL_MAX = 2 * LANES_MAX
};

/* What is done to a tile of outputs while it is in registers. */
enum tile_finish {
	FINISH_SET,    /* y = v */
	FINISH_ADD,    /* y = y + v */
	FINISH_AFFINE, /* y = relu(relu(scale[c] v + shift[c]) + r), each ReLU and r where wanted */
	FINISH_POOL,    /* y = the maximum of relu(scale[c] v + shift[c]) over each 2x2 pixels */
	FINISH_MOMENTS, /* y = v; sums[c] += v, products[c] += v² */
	FINISH_NORM     /* y = v; sums[c] += g, products[c] += g (r - mean[c]), where g is v or, with relu,
			   v if scale[c] r + shift[c] > 0 and else 0 */
};

/* Where a tile of outputs goes. row, column: strides of y and r in floats; with pooling, those of the pooled y. */
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
 * Two ranges of memory to prefetch: `step` bytes of each per turn of a product's inner loop. They are addresses rather
 * than pointers, since any value will do: 0, or a little beyond the end of an array.
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

/* A form's transforms of activations. */
struct tile_maps {
	/*
	 * v[f][c] = (B' d B)[f] for each channel; channels: a multiple of the lanes. pixels: the
	 * top left corner of what the tile sees; row, column: strides in floats. Frequencies are `apart` values
	 * apart.
	 */
	void (*input)(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *v, size_t apart);

	/* A' m A, finished and stored as `to` says. */
	void (*output)(const float *m, size_t apart, size_t channels, const struct tile_output *to);

	/*
	 * The transformed gradient of a tile of outputs, w = A dy A', in panels: channel c
	 * goes to w[c / panel * panel_apart + c % panel]. channels: a multiple of the lanes.
	 */
	void (*gradient)(const float *pixels, ptrdiff_t row, ptrdiff_t column, size_t channels, void *w,
	    size_t apart, size_t panel_apart);
};

/* A form's transforms of weights. */
struct tile_weights {
	/*
	 * u[f][i][o] = (G g G')[f] for input channels i and the n (at most `panel`) output channels o of one
	 * panel, from weights w[o step_n + i step_i + 0…8]; turned: each 3x3 rotated by half a turn.
	 * Columns beyond n are set to 0. Frequencies of u are `apart` values apart.
	 */
	void (*pack)(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, void *u,
	    size_t apart);

	/* dw = G' du G, the transpose of pack(), with the same layouts. */
	void (*unpack)(
	    const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i);
};

struct tile_kernels {
	size_t lanes; /* floats in a vector */
	size_t panel; /* columns of a panel: two vectors */
	size_t value; /* size of a transformed number in bytes */
	const struct tile_maps *maps;       /* [FORMS] */
	const struct tile_weights *weights; /* [FORMS] */

	/*
	 * c[i][j] = sum over p < k of a(i, p) b[p][j], or added to c, for m rows. a(i, p) is a[i row_a + p column_a],
	 * one of the strides being 1; b is one packed panel [k][panel]; columns: how many of it are used, at
	 * most `panel`. m is rounded up to a multiple of 4, and columns to one of the lanes: the rows and
	 * columns beyond are read and written, too.
	 *
	 * soon: memory to be brought into the second-level cache meanwhile.
	 */
	void (*gemm)(size_t m, size_t k, const float *a, size_t row_a, size_t column_a, const float *b,
	    float *c, size_t row_c, size_t columns, bool add, const struct tile_soon *soon);

	/* The same for transformed numbers: c[i][j] = sum over p < k of v[i][p] u[p][j]. */
	void (*multiply)(size_t m, size_t k, const void *v, size_t v_step, const void *u, float *c, size_t row_c,
	    size_t columns, const struct tile_soon *soon);

	/*
	 * c[i][j] = sum over p < k of v[p][i] w[p][j], or added to c, for several panels: those of w are w_apart values
	 * apart, those of c are [m][panel] and c_apart floats apart. soon.at[0] is for the first panel, and advances
	 * with c.
	 */
	void (*correlate)(size_t m, size_t k, const void *v, size_t v_step, const void *w, size_t w_apart, float *c,
	    size_t c_apart, size_t columns, bool add, const struct tile_soon *soon);
};

extern const struct tile_kernels net_tiles_portable, net_tiles_avx2, net_tiles_avx512, net_tiles_bf16;

/* The address of the n-th of an array of transformed numbers: for reading, and for writing. */
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
