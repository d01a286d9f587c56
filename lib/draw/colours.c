/* Colour maps for numbers, and a colour for each class. */
#include "draw/draw.h"

#include <math.h>

const char *const myo_colours_names[] = { "ember", "viridis", "magma", "turbo", "jet", "balance", NULL };

static uint8_t
byte_of(double share)
{
	return (uint8_t)lround(255 * fmin(1, fmax(0, share)));
}

/* ---- OKLab --------------------------------------------------------------------------------- */

/*
 * From OKLab to sRGB (Björn Ottosson, "A perceptual color space for image processing", 2020). OKLab is made of cube
 * roots of cone responses, mixed to lightness L and two colour axes; this is the inverse.
 */
static struct myo_rgb
to_srgb(const double lab[3])
{
	const double l = pow(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2], 3);
	const double m = pow(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2], 3);
	const double s = pow(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2], 3);
	double linear[3] = { 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
		-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
		-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s };

	for (int c = 0; c < 3; c++) {
		const double v = fmin(1, fmax(0, linear[c]));
		linear[c] = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
	}
	return (struct myo_rgb){ byte_of(linear[0]), byte_of(linear[1]), byte_of(linear[2]) };
}

static void
from_polar(double lightness, double chroma, double hue, double lab[3])
{
	const double angle = hue / 180 * acos(-1);

	lab[0] = lightness;
	lab[1] = chroma * cos(angle);
	lab[2] = chroma * sin(angle);
}

/* ---- ember ------------------------------------------------------------------------------------ */

enum { STEPS = 4096 }; /* into which the curve is divided, far finer than the table */

/*
 * The curve at t in [0, 1]: cubic, with four control points in OKLab as (lightness, chroma, hue).
 * They were chosen so that the curve stays inside sRGB, is long (many distinguishable
 * colours) and gains lightness nearly in proportion to its length.
 */
static void
curve(double t, double lab[3])
{
	static const double control[4][3] = { { 0.24, 0.14, 268 }, { 0.54, 0.32, 320 },
		{ 0.54, 0.30, 20 }, { 0.96, 0.15, 111 } };
	const double u = 1 - t;
	const double weight[4] = { u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t };

	lab[0] = lab[1] = lab[2] = 0;
	for (int i = 0; i < 4; i++) {
		double point[3];
		from_polar(control[i][0], control[i][1], control[i][2], point);
		for (int c = 0; c < 3; c++)
			lab[c] += weight[i] * point[c];
	}
}

/* The distance in OKLab between the curve at t and the previous point, which is updated. */
static double
step_to(double t, double before[3])
{
	double here[3], squares = 0;

	curve(t, here);
	for (int c = 0; c < 3; c++) {
		squares += (here[c] - before[c]) * (here[c] - before[c]);
		before[c] = here[c];
	}
	return sqrt(squares);
}

static void
ember(struct myo_rgb table[MYO_COLOURS])
{
	double point[3], length = 0, walked = 0;
	int next = 0;

	curve(0, point);
	for (int i = 1; i <= STEPS; i++)
		length += step_to((double)i / STEPS, point);
	curve(0, point);
	table[next++] = to_srgb(point);
	for (int i = 1; i <= STEPS && next < MYO_COLOURS; i++) {
		walked += step_to((double)i / STEPS, point);
		if (walked >= length * next / (MYO_COLOURS - 1) || i == STEPS)
			table[next++] = to_srgb(point);
	}
}

/* ---- published tables ---------------------------------------------------------------------------- */

/*
 * Every fifteenth colour of the published tables, as 0xrrggbb. Catmull-Rom splines through them come within 3 of 255 of
 * the colours between.
 */
enum { KNOTS = 18, APART = 15 };

static const uint32_t viridis[KNOTS] = { 0x440154, 0x481769, 0x472a7a, 0x433d84, 0x3d4e8a, 0x355e8d, 0x2e6d8e, 0x297b8e,
	0x23898e, 0x1f978b, 0x21a585, 0x2eb37c, 0x46c06f, 0x65cb5e, 0x89d548, 0xb0dd2f, 0xd8e219, 0xfde725 };
static const uint32_t magma[KNOTS] = { 0x000004, 0x090720, 0x1a1042, 0x311165, 0x4a1079, 0x621980, 0x792282, 0x912b81,
	0xaa337d, 0xc23b75, 0xd9466b, 0xec5860, 0xf7725c, 0xfc8e64, 0xfeaa74, 0xfec68a, 0xfde2a3, 0xfcfdbf };
static const uint32_t turbo[KNOTS] = { 0x30123b, 0x3f3e9c, 0x4666dd, 0x458cfd, 0x2fb2f4, 0x1ad4d0, 0x22ebaa, 0x52fa7a,
	0x8bff4b, 0xb7f735, 0xdbe236, 0xf5c53a, 0xfea130, 0xf9751d, 0xe84b0c, 0xce2d04, 0xa91601, 0x7a0403 };

/* A channel of the n-th knot; extrapolated linearly beyond the ends. */
static double
knot(const uint32_t *knots, int n, int shift)
{
	if (n < 0)
		return 2 * knot(knots, 0, shift) - knot(knots, 1, shift);
	if (n >= KNOTS)
		return 2 * knot(knots, KNOTS - 1, shift) - knot(knots, KNOTS - 2, shift);
	return (double)(knots[n] >> shift & 255);
}

static double
between(const uint32_t *knots, int i, int shift)
{
	const int k = i / APART < KNOTS - 1 ? i / APART : KNOTS - 2;
	const double u = (double)(i - k * APART) / APART;
	const double a = knot(knots, k - 1, shift), b = knot(knots, k, shift);
	const double c = knot(knots, k + 1, shift), d = knot(knots, k + 2, shift);

	return 0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u * u + (3 * b - a - 3 * c + d) * u * u * u);
}

static void
through(const uint32_t *knots, struct myo_rgb table[MYO_COLOURS])
{
	for (int i = 0; i < MYO_COLOURS; i++)
		table[i] = (struct myo_rgb){ byte_of(between(knots, i, 16) / 255), byte_of(between(knots, i, 8) / 255),
			byte_of(between(knots, i, 0) / 255) };
}

/* ---- the others --------------------------------------------------------------------------------- */

/* Each channel rises, stays and falls over quarters of the range, shifted by a quarter from the one before. */
static void
jet(struct myo_rgb table[MYO_COLOURS])
{
	for (int i = 0; i < MYO_COLOURS; i++) {
		const double x = 4.0 * i / (MYO_COLOURS - 1);
		table[i] = (struct myo_rgb){ byte_of(1.5 - fabs(x - 3)), byte_of(1.5 - fabs(x - 2)),
			byte_of(1.5 - fabs(x - 1)) };
	}
}

/* From the middle outwards lightness falls and chroma grows, on both arms equally. */
static void
balance(struct myo_rgb table[MYO_COLOURS])
{
	for (int i = 0; i < MYO_COLOURS; i++) {
		const double x = 2.0 * i / (MYO_COLOURS - 1) - 1, far = fabs(x);
		double lab[3];
		from_polar(0.97 - 0.5 * far, 0.155 * pow(far, 0.85), x < 0 ? 255 : 32, lab);
		table[i] = to_srgb(lab);
	}
}

void
myo_colours(enum myo_colours which, struct myo_rgb table[MYO_COLOURS])
{
	switch (which) {
	case MYO_COLOURS_EMBER:
		ember(table);
		break;
	case MYO_COLOURS_VIRIDIS:
		through(viridis, table);
		break;
	case MYO_COLOURS_MAGMA:
		through(magma, table);
		break;
	case MYO_COLOURS_TURBO:
		through(turbo, table);
		break;
	case MYO_COLOURS_JET:
		jet(table);
		break;
	case MYO_COLOURS_BALANCE:
		balance(table);
		break;
	}
}

struct myo_rgb
myo_colours_nth(size_t n)
{
	/*
	 * Masataka Okabe and Kei Ito, "Color Universal Design", 2008; black comes late, since text is black, too; and
	 * two more colours
	 */
	static const struct myo_rgb first[] = { { 0, 114, 178 }, { 230, 159, 0 }, { 0, 158, 115 }, { 213, 94, 0 },
		{ 86, 180, 233 }, { 204, 121, 167 }, { 240, 228, 66 }, { 60, 60, 60 }, { 94, 60, 153 },
		{ 133, 84, 43 } };
	const size_t more = n - MYO_COUNT(first);
	double lab[3];

	if (n < MYO_COUNT(first))
		return first[n];
	/* after these, hues a golden angle apart, in three lightnesses by turns */
	from_polar(0.48 + 0.16 * (double)(more % 3), 0.11, fmod(10 + 137.50776405 * (double)more, 360), lab);
	return to_srgb(lab);
}
