/*
 * Inner loops, written so that a compiler can vectorise them: channels are innermost
 * and independent of each other. Compiled with KERNELS_NAME=portable, avx2, avx512, and
 * once more as plain, with KERNELS_PLAIN.
 */
#include "net/kernels.h"

#include <math.h>
#include <string.h>

#define PASTE(a, b) a##b
#define VARIANT(name) PASTE(net_kernels_, name)
#define TILES(name) PASTE(net_tiles_, name)
#define TEXT(a) #a
#define NAME_OF(name) TEXT(name)

/* Before a loop whose iterations are independent, although its pointers may be equal. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

/*
 * Sums over pixels: a few pixels at a time are summed in single precision, for so many channels that the sums
 * stay in the nearest cache; these sums are then added up in double precision.
 */
enum { FEW_PIXELS = 16, SOME_CHANNELS = 128 };

struct part_sums {
	float first[SOME_CHANNELS], second[SOME_CHANNELS];
};

static void
add_part(const float *restrict part, size_t channels, double *restrict sum)
{
	for (size_t c = 0; c < channels; c++)
		sum[c] += part[c];
}

static void
moments(const float *x, size_t pixels, size_t channels, double *sum, double *square)
{
	for (size_t p = 0; p < pixels; p += FEW_PIXELS)
		for (size_t from = 0; from < channels; from += SOME_CHANNELS) {
			const size_t few = net_least(pixels - p, FEW_PIXELS),
			    some = net_least(channels - from, SOME_CHANNELS);
			struct part_sums part = { 0 };
			for (size_t i = 0; i < few; i++) {
				const float *restrict line = x + (p + i) * channels + from;
				for (size_t c = 0; c < some; c++) {
					part.first[c] += line[c];
					part.second[c] += line[c] * line[c];
				}
			}
			add_part(part.first, some, sum + from);
			add_part(part.second, some, square + from);
		}
}

static void
column_sums(const float *x, size_t pixels, size_t channels, double *sum)
{
	for (size_t p = 0; p < pixels; p += FEW_PIXELS)
		for (size_t from = 0; from < channels; from += SOME_CHANNELS) {
			const size_t few = net_least(pixels - p, FEW_PIXELS),
			    some = net_least(channels - from, SOME_CHANNELS);
			struct part_sums part = { 0 };
			for (size_t i = 0; i < few; i++) {
				const float *restrict line = x + (p + i) * channels + from;
				for (size_t c = 0; c < some; c++)
					part.first[c] += line[c];
			}
			add_part(part.first, some, sum + from);
		}
}

/* The three flags are constants wherever this is inlined, so that each case has a loop without branches. */
static inline __attribute__((always_inline)) void
affine_loop(const float *x, const float *r, float *y, size_t pixels, size_t channels, const float *restrict a,
    const float *restrict b, const bool relu, const bool add, const bool relu_after)
{
	for (size_t p = 0; p < pixels; p++) {
		const size_t at = p * channels;
		for (size_t c = 0; c < channels; c++) {
			float v = a[c] * x[at + c] + b[c];
			if (relu)
				v = v < 0 ? 0 : v;
			if (add)
				v += r[at + c];
			if (relu_after)
				v = v < 0 ? 0 : v;
			y[at + c] = v;
		}
	}
}

/* A case for each combination of flags, as a call with constants. */
#define FOR_EACH_CASE(after, call)                                                                           \
	switch ((after).relu * 4 + (after).add * 2 + (after).relu_after) {                                   \
	case 0:                                                                                              \
		call(false, false, false);                                                                   \
		break;                                                                                       \
	case 1:                                                                                              \
		call(false, false, true);                                                                    \
		break;                                                                                       \
	case 2:                                                                                              \
		call(false, true, false);                                                                    \
		break;                                                                                       \
	case 3:                                                                                              \
		call(false, true, true);                                                                     \
		break;                                                                                       \
	case 4:                                                                                              \
		call(true, false, false);                                                                    \
		break;                                                                                       \
	case 5:                                                                                              \
		call(true, false, true);                                                                     \
		break;                                                                                       \
	case 6:                                                                                              \
		call(true, true, false);                                                                     \
		break;                                                                                       \
	default:                                                                                             \
		call(true, true, true);                                                                      \
		break;                                                                                       \
	}

static void
affine(const float *x, const float *r, float *y, size_t pixels, size_t channels, const float *a,
    const float *b, struct after after)
{
#define CALL(relu, add, relu_after) affine_loop(x, r, y, pixels, channels, a, b, relu, add, relu_after)
	FOR_EACH_CASE(after, CALL)
#undef CALL
}

/* The gradient after going back through the ReLUs: zero where one of them set the value to 0. */
static inline __attribute__((always_inline)) float
gated(float x, float y, float dy, float a, float b, const bool relu, const bool relu_after)
{
	float g = dy;

	if (relu)
		g = a * x + b > 0 ? g : 0;
	if (relu_after)
		g = y > 0 ? g : 0;
	return g;
}

/* norm_sums() for a few pixels and some channels. */
static inline __attribute__((always_inline)) void
norm_sums_loop(const float *restrict x, const float *restrict y, const float *restrict dy, size_t pixels,
    size_t channels, size_t some, const float *restrict a, const float *restrict b,
    const float *restrict mean, struct part_sums *restrict part, const bool relu, const bool relu_after)
{
	for (size_t p = 0; p < pixels; p++) {
		const size_t at = p * channels;
		for (size_t c = 0; c < some; c++) {
			const float v = x[at + c];
			const float g =
			    gated(v, relu_after ? y[at + c] : 0, dy[at + c], a[c], b[c], relu, relu_after);
			part->first[c] += g;
			part->second[c] += g * (v - mean[c]);
		}
	}
}

static void
norm_sums(const float *x, const float *y, const float *dy, size_t pixels, size_t channels, const float *a,
    const float *b, const float *mean, struct after after, double *sum, double *product)
{
	for (size_t p = 0; p < pixels; p += FEW_PIXELS)
		for (size_t from = 0; from < channels; from += SOME_CHANNELS) {
			const size_t few = net_least(pixels - p, FEW_PIXELS),
			    some = net_least(channels - from, SOME_CHANNELS);
			const size_t at = p * channels + from;
			const float *behind = after.relu_after ? y + at : NULL;
			struct part_sums part = { 0 };
#define CALL(relu, add, relu_after)                                                                          \
	norm_sums_loop(x + at, behind, dy + at, few, channels, some, a + from, b + from, \
	    mean + from, &part, relu, relu_after)
			FOR_EACH_CASE(after, CALL)
#undef CALL
			add_part(part.first, some, sum + from);
			add_part(part.second, some, product + from);
		}
}

static inline __attribute__((always_inline)) void
norm_input_loop(const float *restrict x, const float *restrict y, const float *restrict dy,
    float *restrict dx, size_t pixels, size_t channels, const float *restrict a, const float *restrict b,
    const float *restrict mean, const float *restrict k, const float *restrict l, const bool relu,
    const bool relu_after, const bool adding)
{
	for (size_t p = 0; p < pixels; p++) {
		const size_t at = p * channels;
		for (size_t c = 0; c < channels; c++) {
			const float v = x[at + c];
			const float g =
			    gated(v, relu_after ? y[at + c] : 0, dy[at + c], a[c], b[c], relu, relu_after);
			const float d = a[c] * g + k[c] * (v - mean[c]) + l[c];
			dx[at + c] = adding ? dx[at + c] + d : d;
		}
	}
}

/* The same where y comes from a ReLU through which the gradient of a shortcut goes as well. */
static inline __attribute__((always_inline)) void
norm_shortcut_loop(const float *restrict x, const float *restrict y, const float *dy, float *restrict dx,
    float *dr, size_t pixels, size_t channels, const float *restrict a, const float *restrict b,
    const float *restrict mean, const float *restrict k, const float *restrict l, const bool relu)
{
	for (size_t p = 0; p < pixels; p++) {
		const size_t at = p * channels;
		INDEPENDENT
		for (size_t c = 0; c < channels; c++) {
			const float v = x[at + c];
			const float r = y[at + c] > 0 ? dy[at + c] : 0;
			const float g = relu ? (a[c] * v + b[c] > 0 ? r : 0) : r;
			dr[at + c] = r;
			dx[at + c] = a[c] * g + k[c] * (v - mean[c]) + l[c];
		}
	}
}

static void
norm_input(const float *x, const float *y, const float *dy, float *dx, float *dr, size_t pixels,
    size_t channels, const float *a, const float *b, const float *mean, const float *k, const float *l,
    struct after after, bool adding)
{
	if (dr != NULL) {
		if (after.relu)
			norm_shortcut_loop(x, y, dy, dx, dr, pixels, channels, a, b, mean, k, l, true);
		else
			norm_shortcut_loop(x, y, dy, dx, dr, pixels, channels, a, b, mean, k, l, false);
		return;
	}
	/* The tail's addition doesn't matter here: `add` selects whether to add to dx instead.
	 */
	const struct after cases = { .relu = after.relu, .add = adding, .relu_after = after.relu_after };

#define CALL(relu, add, relu_after)                                                                          \
	norm_input_loop(x, y, dy, dx, pixels, channels, a, b, mean, k, l, relu, relu_after, add)
	FOR_EACH_CASE(cases, CALL)
#undef CALL
}

/* The largest of four, the first of equals; NaN wins over numbers. */
struct winner {
	float value;
	int32_t which;
};

static inline __attribute__((always_inline)) struct winner
win(struct winner w, float v, int32_t which)
{
	const int wins = (v > w.value) | (v != v);

	return (struct winner){ wins ? v : w.value, wins ? which : w.which };
}

/* Of a window at x: pixels 0 and 1 in one line, 2 and 3 in the next. */
static inline __attribute__((always_inline)) struct winner
winner_of(const float *x, size_t row, size_t channels, float a, float b)
{
	struct winner w = { a * x[0] + b, 0 };

	w = win(w, a * x[channels] + b, 1);
	w = win(w, a * x[row] + b, 2);
	return win(w, a * x[row + channels] + b, 3);
}

static void
pool(const float *restrict x, size_t row, float *restrict y, size_t count, size_t channels,
    const float *restrict a, const float *restrict b, bool relu)
{
	for (size_t i = 0; i < count; i++, x += 2 * channels, y += channels)
		for (size_t c = 0; c < channels; c++) {
			const float v = winner_of(x + c, row, channels, a[c], b[c]).value;
			y[c] = relu && v < 0 ? 0 : v;
		}
}

static void
pool_sums(const float *restrict x, size_t row, const float *restrict dy, size_t count, size_t channels,
    const float *restrict a, const float *restrict b, const float *restrict mean, bool relu,
    double *restrict sum, double *restrict product)
{
	const float least_value = relu ? 0 : -INFINITY;

	for (size_t from = 0; from < channels; from += SOME_CHANNELS) {
		const size_t some = net_least(channels - from, SOME_CHANNELS);
		struct part_sums part = { 0 };
		for (size_t i = 0; i < count; i++) {
			const float *restrict at = x + i * 2 * channels + from;
			const float *restrict d = dy + i * channels + from;
			for (size_t c = 0; c < some; c++) {
				const float aa = a[from + c], bb = b[from + c];
				const struct winner w = winner_of(at + c, row, channels, aa, bb);
				const float low = w.which & 1 ? at[channels + c] : at[c];
				const float high = w.which & 1 ? at[row + channels + c] : at[row + c];
				const float v = w.which & 2 ? high : low;
				const float g = w.value > least_value ? d[c] : 0;
				part.first[c] += g;
				part.second[c] += g * (v - mean[from + c]);
			}
		}
		add_part(part.first, some, sum + from);
		add_part(part.second, some, product + from);
	}
}

static inline __attribute__((always_inline)) void
pool_input_loop(const float *restrict x, size_t row, const float *restrict dy, float *restrict dx, size_t count,
    size_t channels, const float *restrict a, const float *restrict b, const float *restrict mean,
    const float *restrict k, const float *restrict l, bool relu, const bool adding)
{
	const float least_value = relu ? 0 : -INFINITY;

	for (size_t i = 0; i < count; i++, x += 2 * channels, dx += 2 * channels, dy += channels)
		for (size_t c = 0; c < channels; c++) {
			const struct winner w = winner_of(x + c, row, channels, a[c], b[c]);
			const float g = w.value > least_value ? a[c] * dy[c] : 0;
			const float d0 = k[c] * (x[c] - mean[c]) + l[c] + (w.which == 0 ? g : 0);
			const float d1 = k[c] * (x[channels + c] - mean[c]) + l[c] + (w.which == 1 ? g : 0);
			const float d2 = k[c] * (x[row + c] - mean[c]) + l[c] + (w.which == 2 ? g : 0);
			const float d3 = k[c] * (x[row + channels + c] - mean[c]) + l[c] + (w.which == 3 ? g : 0);
			dx[c] = adding ? dx[c] + d0 : d0;
			dx[channels + c] = adding ? dx[channels + c] + d1 : d1;
			dx[row + c] = adding ? dx[row + c] + d2 : d2;
			dx[row + channels + c] = adding ? dx[row + channels + c] + d3 : d3;
		}
}

static void
pool_input(const float *x, size_t row, const float *dy, float *dx, size_t count, size_t channels, const float *a,
    const float *b, const float *mean, const float *k, const float *l, bool relu, bool adding)
{
	if (adding)
		pool_input_loop(x, row, dy, dx, count, channels, a, b, mean, k, l, relu, true);
	else
		pool_input_loop(x, row, dy, dx, count, channels, a, b, mean, k, l, relu, false);
}

static void
pool_which(const float *restrict x, size_t row, float *restrict y, uint8_t *restrict which, size_t count,
    size_t channels)
{
	for (size_t i = 0; i < count; i++, x += 2 * channels, y += channels, which += channels)
		for (size_t c = 0; c < channels; c++) {
			struct winner w = { x[c], 0 };
			w = win(w, x[channels + c], 1);
			w = win(w, x[row + c], 2);
			w = win(w, x[row + channels + c], 3);
			y[c] = w.value;
			which[c] = (uint8_t)w.which;
		}
}

/* One window. Its four places don't overlap, so the pointers can be restrict. */
static inline __attribute__((always_inline)) void
unpool_window(const float *restrict dy, const uint8_t *restrict which, float *restrict dx0, float *restrict dx1,
    float *restrict dx2, float *restrict dx3, size_t channels, const bool adding)
{
	for (size_t c = 0; c < channels; c++) {
		const float g = dy[c];
		const int32_t w = which[c];
		/* Selections between two numbers, which compilers turn into code without branches. */
		const float top = w & 2 ? 0 : g, bottom = w & 2 ? g : 0;
		const float d0 = w & 1 ? 0 : top, d1 = w & 1 ? top : 0;
		const float d2 = w & 1 ? 0 : bottom, d3 = w & 1 ? bottom : 0;
		dx0[c] = adding ? dx0[c] + d0 : d0;
		dx1[c] = adding ? dx1[c] + d1 : d1;
		dx2[c] = adding ? dx2[c] + d2 : d2;
		dx3[c] = adding ? dx3[c] + d3 : d3;
	}
}

static void
unpool(const float *dy, const uint8_t *which, float *dx, size_t row, size_t count, size_t channels, bool adding)
{
	for (size_t i = 0; i < count; i++, dx += 2 * channels, dy += channels, which += channels) {
		float *below = dx + row;
		if (adding)
			unpool_window(dy, which, dx, dx + channels, below, below + channels, channels, true);
		else
			unpool_window(dy, which, dx, dx + channels, below, below + channels, channels, false);
	}
}

static void
relu_forward(const float *x, float *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] < 0 ? 0 : x[i]; /* NaN passes through */
}

static void
gate(const float *restrict y, const float *dy, float *dx, size_t n, bool add)
{
	if (add)
		INDEPENDENT
		for (size_t i = 0; i < n; i++)
			dx[i] += y[i] > 0 ? dy[i] : 0;
	else
		INDEPENDENT
		for (size_t i = 0; i < n; i++)
			dx[i] = y[i] > 0 ? dy[i] : 0;
}

/* Of the normal distribution: the density at x without its constant, e^(-x²/2), and the cumulative Φ(x). */
struct normal {
	float bell, below;
};

/*
 * e^(-u) is 2^-n e^(-r) with |r| <= log(2) / 2, where e^(-r) is a series; Φ is by Abramowitz and
 * Stegun, 7.1.26. Both are within 2e-7, and compilers can vectorise every step.
 */
static inline __attribute__((always_inline)) struct normal
normal_at(float x)
{
	const float rounder = 12582912.0F; /* 1.5 * 2^23: a sum with it is rounded to a whole number */
	const float size = x < 0 ? -x : x, least_size = size < 13 ? size : 13;
	const float u = 0.5F * least_size * least_size;
	const float shifted = u * 1.44269504F + rounder, n = shifted - rounder;
	const float r = n * 0.693359375F - u + n * -2.12194440e-4F; /* log(2) in two parts */
	int32_t power;
	float scale;

	memcpy(&power, &shifted, sizeof power);
	power = 0x3F800000 - ((power - 0x4B400000) << 23);
	memcpy(&scale, &power, sizeof scale);
	float series = 1.0F / 720 * r + 1.0F / 120;
	series = series * r + 1.0F / 24;
	series = series * r + 1.0F / 6;
	series = series * r + 0.5F;
	series = series * r + 1;
	const float bell = (series * r + 1) * scale;

	const float t = 1 / (1 + 0.231641888F * size); /* 0.3275911 / sqrt(2) */
	float tail = 0.5307027145F * t - 0.7265760135F; /* the coefficients' halves */
	tail = tail * t + 0.7107068705F;
	tail = tail * t - 0.142248368F;
	tail = tail * t + 0.127414796F;
	tail = tail * t * bell;
	return (struct normal){ bell, x < 0 ? tail : 1 - tail };
}

static void
gelu(const float *x, float *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * normal_at(x[i]).below;
}

static inline __attribute__((always_inline)) float
gelu_slope(float x)
{
	const struct normal normal = normal_at(x);

	return normal.below + 0.3989422804F * x * normal.bell;
}

static void
gelu_gradient(const float *restrict x, const float *dy, float *dx, size_t n, bool add)
{
	if (add)
		INDEPENDENT
		for (size_t i = 0; i < n; i++)
			dx[i] += dy[i] * gelu_slope(x[i]);
	else
		INDEPENDENT
		for (size_t i = 0; i < n; i++)
			dx[i] = dy[i] * gelu_slope(x[i]);
}

static void
sum(const float *a, const float *b, float *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = a[i] + b[i];
}

static void
scale(const float *restrict x, float factor, float *restrict y, size_t n, bool add)
{
	if (add)
		for (size_t i = 0; i < n; i++)
			y[i] += factor * x[i];
	else
		for (size_t i = 0; i < n; i++)
			y[i] = factor * x[i];
}

static void
larger(const float *restrict x, size_t channels, int32_t index, float *restrict best, int32_t *restrict which)
{
	for (size_t c = 0; c < channels; c++) {
		const float v = x[c], b = best[c];
		const int wins = (v > b) | (v != v);
		best[c] = wins ? v : b;
		which[c] = wins ? index : which[c];
	}
}

extern const struct kernels VARIANT(KERNELS_NAME);
const struct kernels VARIANT(KERNELS_NAME) = {
	.name = NAME_OF(KERNELS_NAME),
#if defined(KERNELS_PLAIN)
	.plain = true,
#else
	.tiles = &TILES(KERNELS_NAME),
#endif
	.own_gemm = KERNELS_OWN_GEMM,
	.moments = moments,
	.column_sums = column_sums,
	.affine = affine,
	.norm_sums = norm_sums,
	.norm_input = norm_input,
	.pool = pool,
	.pool_sums = pool_sums,
	.pool_input = pool_input,
	.pool_which = pool_which,
	.unpool = unpool,
	.relu = relu_forward,
	.gate = gate,
	.gelu = gelu,
	.gelu_gradient = gelu_gradient,
	.sum = sum,
	.scale = scale,
	.larger = larger,
};
