/* Patterns. Waves are triangular, not sines, so that results don't depend on the mathematics library. */
#include "data/texture.h"

#include <math.h>

const char *const texture_names[TEXTURE_KINDS] = {
	[COLUMNS] = "columns",
	[ROWS] = "rows",
	[CHECKERS] = "checkers",
	[DOTS] = "dots",
	[ZIGZAG] = "zigzag",
	[NET] = "net",
	[BRICKS] = "bricks",
	[CROSSES] = "crosses",
	[TRIANGLES] = "triangles",
	[GRAIN] = "grain",
};

static double
between(struct myo_rng *rng, double low, double high)
{
	return low + (high - low) * myo_rng_real(rng);
}

/* ---- colours --------------------------------------------------------------------------------- */

/* Hue, saturation and value, each 0 to 1, to RGB of 0 to 255. */
static void
hsv_to_rgb(double hue, double saturation, double value, double rgb[3])
{
	for (int c = 0; c < 3; c++) {
		const double turn = hue * 6 + 5 - 2 * c;
		const double k = turn - 6 * floor(turn / 6);
		const double edge = fmin(fmin(k, 4 - k), 1);
		rgb[c] = 255 * value * (1 - saturation * fmax(edge, 0));
	}
}

static double
brightness(const double rgb[3])
{
	return (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255;
}

/* Any two hues. Which of the two colours is the bright one is random, so that brightness tells nothing. */
static void
choose_colours(struct texture *texture, double contrast, struct myo_rng *rng)
{
	const uint32_t bright = myo_rng_below(rng, 2);

	for (int attempt = 0; attempt < 64; attempt++) {
		for (uint32_t i = 0; i < 2; i++) { /* one random number a statement: results depend on their order */
			const double value = i == 0 ? between(rng, 0.7, 1) : between(rng, 0.2, 0.75);
			const double saturation = i == 0 ? between(rng, 0.15, 0.7) : between(rng, 0.3, 0.9);
			const double hue = myo_rng_real(rng);
			hsv_to_rgb(hue, saturation, value, texture->colours[i == 0 ? bright : 1 - bright]);
		}
		const double *light = texture->colours[bright], *dark = texture->colours[1 - bright];
		if (brightness(light) - brightness(dark) >= contrast)
			return;
	}
	hsv_to_rgb(0, 0, 0.5 + contrast / 2, texture->colours[bright]);
	hsv_to_rgb(0, 0, 0.5 - contrast / 2, texture->colours[1 - bright]);
}

/* ---- forms ----------------------------------------------------------------------------------- */

void
texture_init(struct texture *texture, enum texture_kind kind, double shortest, double longest,
    double softness, double contrast, struct myo_rng *rng)
{
	const double period = between(rng, shortest, longest);
	const double turn = between(rng, -0.12, 0.12); /* seven degrees: rows stay rows */
	const double c = cos(turn) / period, s = sin(turn) / period;

	texture->kind = kind;
	texture->across[0] = c;
	texture->across[1] = s;
	texture->down[0] = -s;
	texture->down[1] = c;
	texture->phase[0] = myo_rng_real(rng);
	texture->phase[1] = myo_rng_real(rng);
	texture->softness = softness;
	for (int w = 0; w < TEXTURE_WAVES; w++) {
		const double direction = (w + myo_rng_real(rng)) * 3.14159265358979 / TEXTURE_WAVES;
		const double length = between(rng, 0.7, 1.3);
		texture->waves[w][0] = cos(direction) * length;
		texture->waves[w][1] = sin(direction) * length;
		texture->waves[w][2] = myo_rng_real(rng);
	}
	choose_colours(texture, contrast, rng);
}

/* Period 1, from -1 at whole numbers to 1 half-way. */
static double
wave(double t)
{
	const double f = t - floor(t);

	return f < 0.5 ? 4 * f - 1 : 3 - 4 * f;
}

static double
bricks(double u, double v)
{
	const double course = floor(v);
	const double shifted = u / 2 + (course - 2 * floor(course / 2) > 0 ? 0.5 : 0);

	/* Distance to the nearest joint, in periods, against half the mortar. */
	const double joint_v = fmin(v - course, course + 1 - v);
	const double along = shifted - floor(shifted);
	const double joint_u = 2 * fmin(along, 1 - along);
	return 8 * (fmin(joint_u, joint_v) - 0.16);
}

static double
crosses(double u, double v)
{
	const double x = fabs(u - floor(u) - 0.5), y = fabs(v - floor(v) - 0.5);

	return 8 * (0.14 - fmax(fmin(x, y), fmax(x, y) - 0.24));
}

static double
triangles(double u, double v)
{
	const double x = fabs(u - floor(u) - 0.5), y = v - floor(v);

	return 6 * fmin(y - 2 * x - 0.05, 0.85 - y);
}

/* Positive where colour 1 is, negative where colour 0 is; about -1 to 1. */
static double
level(const struct texture *t, double u, double v)
{
	switch (t->kind) {
	case COLUMNS:
		return wave(u);
	case ROWS:
		return wave(v);
	case CHECKERS:
		return 2 * wave(u / 2) * wave(v / 2) * 2;
	case DOTS: {
		const double x = u - floor(u) - 0.5, y = v - floor(v) - 0.5;
		return 6 * (0.32 - sqrt(x * x + y * y));
	}
	case ZIGZAG:
		return wave(v + 0.35 * wave(u * 0.6));
	case NET: {
		const double a = wave((u + v) * 0.6), b = wave((u - v) * 0.6);
		return 2 * (fmax(a, b) - 0.45);
	}
	case BRICKS:
		return bricks(u, v);
	case CROSSES:
		return crosses(u, v);
	case TRIANGLES:
		return triangles(u, v);
	case GRAIN: {
		double sum = 0;
		for (int w = 0; w < TEXTURE_WAVES; w++)
			sum += wave(t->waves[w][0] * u + t->waves[w][1] * v + t->waves[w][2]);
		return sum;
	}
	case TEXTURE_KINDS:
		break;
	}
	return 0;
}

double
texture_at(const struct texture *texture, double x, double y)
{
	const double u = texture->across[0] * x + texture->across[1] * y + texture->phase[0];
	const double v = texture->down[0] * x + texture->down[1] * y + texture->phase[1];
	const double share = 0.5 + level(texture, u, v) / (2 * texture->softness);

	return fmin(fmax(share, 0), 1);
}
