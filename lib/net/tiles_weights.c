/* The transforms of weights and of their gradient (tiles.h), between their own layout and packed panels. */
#include "net/vec.h"

INLINE void
map_weight(const vec g[3], vec out[PATCH]) /* G */
{
	const float quarter = 1.0F / 4, sixth = 1.0F / 6, part = 1.0F / 24;
	const vec ends = g[0] + g[2], ends4 = g[0] + 4 * g[2];

	out[0] = quarter * g[0];
	out[1] = -sixth * (ends + g[1]);
	out[2] = -sixth * (ends - g[1]);
	out[3] = part * (ends4 + 2 * g[1]);
	out[4] = part * (ends4 - 2 * g[1]);
	out[5] = g[2];
}

INLINE void
map_weight_gradient(const vec u[PATCH], vec out[3]) /* G' */
{
	const float quarter = 1.0F / 4, sixth = 1.0F / 6, part = 1.0F / 24;
	const vec sum = sixth * (u[1] + u[2]), difference = sixth * (u[2] - u[1]);
	const vec sum2 = part * (u[3] + u[4]), difference2 = part * (u[3] - u[4]);

	out[0] = quarter * u[0] - sum + sum2;
	out[1] = difference + 2 * difference2;
	out[2] = 4 * sum2 - sum + u[5];
}

/* One axis for 3x3 pictures (tiles.h); factors of 1/2 that belong to the transform of outputs are here. */
INLINE void
map_weight_trio(const vec g[3], vec out[FIVE])
{
	const vec ends = 0.25F * (g[0] + g[2]), middle = 0.25F * g[1];

	out[0] = ends + middle;
	out[1] = ends - middle;
	out[2] = 0.5F * (g[2] - g[0]);
	out[3] = 0.5F * g[1];
	out[4] = out[2] + out[3];
}

INLINE void
map_weight_gradient_trio(const vec u[FIVE], vec out[3])
{
	const vec ends = 0.25F * (u[0] + u[1]), real = 0.5F * (u[2] + u[4]);

	out[0] = ends - real;
	out[1] = 0.25F * (u[0] - u[1]) + 0.5F * (u[3] + u[4]);
	out[2] = ends + real;
}

/* The nine weights of `n` output channels, one a lane. */
INLINE void
gather(const float *w, size_t step_n, bool turned, size_t n, vec g[9])
{
	float lines[9][LANES] = { { 0 } };

	for (size_t lane = 0; lane < LANES && lane < n; lane++)
		UNROLL
		for (int i = 0; i < 9; i++)
			lines[i][lane] = w[lane * step_n + (size_t)(turned ? 8 - i : i)];
	UNROLL
	for (int i = 0; i < 9; i++)
		g[i] = load(lines[i]);
}

INLINE void
pack_four(const vec g[9], float *u, size_t apart)
{
	vec half[3][PATCH];

	UNROLL
	for (int x = 0; x < 3; x++) {
		const vec line[3] = { g[x], g[3 + x], g[6 + x] };
		map_weight(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < PATCH; y++) {
		const vec line[3] = { half[0][y], half[1][y], half[2][y] };
		vec out[PATCH];
		map_weight(line, out);
		UNROLL
		for (int x = 0; x < PATCH; x++)
			store(u + (size_t)(y * PATCH + x) * apart, out[x]);
	}
}

/* (w1, w2 - w1, w0 - w1) along both axes. */
INLINE void
pack_pair(const vec g[9], float *u, size_t apart)
{
	vec half[3][THREE]; /* [x][f] */

	UNROLL
	for (int x = 0; x < 3; x++) {
		half[x][0] = g[3 + x];
		half[x][1] = g[6 + x] - g[3 + x];
		half[x][2] = g[x] - g[3 + x];
	}
	UNROLL
	for (int y = 0; y < THREE; y++) {
		const size_t f = (size_t)(y * THREE);
		store(u + f * apart, half[1][y]);
		store(u + (f + 1) * apart, half[2][y] - half[1][y]);
		store(u + (f + 2) * apart, half[0][y] - half[1][y]);
	}
}

INLINE void
pack_trio(const vec g[9], float *u, size_t apart)
{
	vec half[3][FIVE];

	UNROLL
	for (int x = 0; x < 3; x++) {
		const vec line[3] = { g[x], g[3 + x], g[6 + x] };
		map_weight_trio(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < FIVE; y++) {
		const vec line[3] = { half[0][y], half[1][y], half[2][y] };
		vec out[FIVE];
		map_weight_trio(line, out);
		UNROLL
		for (int x = 0; x < FIVE; x++)
			store(u + (size_t)(y * FIVE + x) * apart, out[x]);
	}
}

/* All frequencies of one input, for a vector of outputs of which the first n count. */
INLINE void
pack_vector(const float *w, size_t step_n, bool turned, size_t n, float *u, size_t apart, const enum tile_form form)
{
	vec g[9] = { { 0 } };

	gather(w, step_n, turned, n, g);
	if (form == FORM_FOUR)
		pack_four(g, u, apart);
	else if (form == FORM_PAIR)
		pack_pair(g, u, apart);
	else
		pack_trio(g, u, apart);
}

#if defined(TILES_BF16)
/* Two inputs at a time, as floats that stay in the first-level cache, then as pairs of bfloat16. */
INLINE void
pack(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, void *to, size_t apart,
    const enum tile_form form)
{
	enum { MOST = PATCH * PATCH };
	const size_t frequencies = form == FORM_FOUR ? MOST : form == FORM_PAIR ? THREE * THREE : FIVE * FIVE;
	float lines[2][MOST * PANEL];
	value *u = to;

	for (size_t i = 0; i < inputs; i += 2, u += 2 * PANEL) {
		for (size_t k = 0; k < 2; k++)
			for (size_t first = 0; first < PANEL; first += LANES)
				pack_vector(w + first * step_n + (i + k) * step_i, step_n, turned,
				    first < n && i + k < inputs ? n - first : 0, lines[k] + first, PANEL, form);
		for (size_t f = 0; f < frequencies; f++)
			for (size_t first = 0; first < PANEL; first += LANES)
				put_pairs(u + f * apart + 2 * first, load(lines[0] + f * PANEL + first),
				    load(lines[1] + f * PANEL + first));
	}
}
#else
INLINE void
pack(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs, void *to, size_t apart,
    const enum tile_form form)
{
	float *u = to;

	for (size_t i = 0; i < inputs; i++)
		for (size_t first = 0; first < PANEL; first += LANES)
			pack_vector(w + first * step_n + i * step_i, step_n, turned, first < n ? n - first : 0,
			    u + i * PANEL + first, apart, form);
}
#endif

static void
weights_of_four(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs,
    void *u, size_t apart)
{
	pack(w, step_n, step_i, turned, n, inputs, u, apart, FORM_FOUR);
}

static void
weights_of_pair(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs,
    void *u, size_t apart)
{
	pack(w, step_n, step_i, turned, n, inputs, u, apart, FORM_PAIR);
}

static void
weights_of_trio(const float *w, size_t step_n, size_t step_i, bool turned, size_t n, size_t inputs,
    void *u, size_t apart)
{
	pack(w, step_n, step_i, turned, n, inputs, u, apart, FORM_TRIO);
}

INLINE void
unpack_four(const float *du, size_t apart, vec g[9])
{
	vec half[PATCH][3]; /* [x][y] */

	UNROLL
	for (int x = 0; x < PATCH; x++) {
		vec line[PATCH];
		UNROLL
		for (int y = 0; y < PATCH; y++)
			line[y] = load(du + (size_t)(y * PATCH + x) * apart);
		map_weight_gradient(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < 3; y++) {
		vec line[PATCH];
		UNROLL
		for (int x = 0; x < PATCH; x++)
			line[x] = half[x][y];
		map_weight_gradient(line, g + 3 * y);
	}
}

/* (u2, u0 - u1 - u2, u1) along both axes. */
INLINE void
unpack_pair(const float *du, size_t apart, vec g[9])
{
	vec half[THREE][3]; /* [x][y] */

	UNROLL
	for (int x = 0; x < THREE; x++) {
		const vec first = load(du + (size_t)x * apart), second = load(du + (size_t)(THREE + x) * apart);
		const vec third = load(du + (size_t)(2 * THREE + x) * apart);
		half[x][0] = third;
		half[x][1] = first - second - third;
		half[x][2] = second;
	}
	UNROLL
	for (int y = 0; y < 3; y++) {
		g[3 * y] = half[2][y];
		g[3 * y + 1] = half[0][y] - half[1][y] - half[2][y];
		g[3 * y + 2] = half[1][y];
	}
}

INLINE void
unpack_trio(const float *du, size_t apart, vec g[9])
{
	vec half[FIVE][3]; /* [x][y] */

	UNROLL
	for (int x = 0; x < FIVE; x++) {
		vec line[FIVE];
		UNROLL
		for (int y = 0; y < FIVE; y++)
			line[y] = load(du + (size_t)(y * FIVE + x) * apart);
		map_weight_gradient_trio(line, half[x]);
	}
	UNROLL
	for (int y = 0; y < 3; y++) {
		vec line[FIVE];
		UNROLL
		for (int x = 0; x < FIVE; x++)
			line[x] = half[x][y];
		map_weight_gradient_trio(line, g + 3 * y);
	}
}

INLINE void
unpack(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i,
    const enum tile_form form)
{
	for (size_t i = 0; i < inputs; i++)
		for (size_t first = 0; first < n; first += LANES) {
			const float *from = du + i * PANEL + first;
			float *to = dw + first * step_n + i * step_i;
			vec g[9];

			if (form == FORM_FOUR)
				unpack_four(from, apart, g);
			else if (form == FORM_PAIR)
				unpack_pair(from, apart, g);
			else
				unpack_trio(from, apart, g);
			for (size_t lane = 0; lane < LANES && first + lane < n; lane++, to += step_n) {
				UNROLL
				for (int k = 0; k < 9; k++)
					to[k] = g[k][lane];
			}
		}
}

static void
gradients_of_four(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i)
{
	unpack(du, apart, n, inputs, dw, step_n, step_i, FORM_FOUR);
}

static void
gradients_of_pair(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i)
{
	unpack(du, apart, n, inputs, dw, step_n, step_i, FORM_PAIR);
}

static void
gradients_of_trio(const float *du, size_t apart, size_t n, size_t inputs, float *dw, size_t step_n, size_t step_i)
{
	unpack(du, apart, n, inputs, dw, step_n, step_i, FORM_TRIO);
}

const struct tile_weights VARIANT(weights)[FORMS] = {
	[FORM_FOUR] = { weights_of_four, gradients_of_four },
	[FORM_PAIR] = { weights_of_pair, gradients_of_pair },
	[FORM_TRIO] = { weights_of_trio, gradients_of_trio },
};
