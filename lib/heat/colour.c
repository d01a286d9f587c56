/* An even run of colours, and the scale that leads to them. */
#include "heat/heat.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = 4096 }; /* of the curve: far finer than the table */

/*
 * OKLab to sRGB (Björn Ottosson, "A perceptual color space for image processing", 2020): cube
 * roots of cone responses, mixed to lightness L and two colour axes. Here the way back.
 */
static void
to_srgb(const double lab[3], uint8_t out[3])
{
	const double l = pow(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2], 3);
	const double m = pow(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2], 3);
	const double s = pow(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2], 3);
	const double linear[3] = { 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
		-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
		-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s };

	for (int c = 0; c < 3; c++) {
		const double v = fmin(1, fmax(0, linear[c]));
		const double coded = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
		out[c] = (uint8_t)lround(255 * coded);
	}
}

/*
 * The curve at t in [0, 1]: cubic, by four control points in OKLab as (lightness, chroma, hue).
 * They were chosen so that the curve stays inside of sRGB, is long (many distinguishable
 * colours) and gains lightness at a nearly constant share of its length.
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
		const double hue = control[i][2] / 180 * acos(-1);
		lab[0] += weight[i] * control[i][0];
		lab[1] += weight[i] * control[i][1] * cos(hue);
		lab[2] += weight[i] * control[i][1] * sin(hue);
	}
}

/* Distance in OKLab between the curve at t and the point before. */
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

void
myo_heat_colours(uint8_t table[MYO_HEAT_COLOURS][3])
{
	double point[3], length = 0, walked = 0;
	int next = 0;

	curve(0, point);
	for (int i = 1; i <= STEPS; i++)
		length += step_to((double)i / STEPS, point);
	curve(0, point);
	to_srgb(point, table[next++]);
	for (int i = 1; i <= STEPS && next < MYO_HEAT_COLOURS; i++) {
		walked += step_to((double)i / STEPS, point);
		if (walked >= length * next / (MYO_HEAT_COLOURS - 1) || i == STEPS)
			to_srgb(point, table[next++]);
	}
}

bool
myo_heat_scale_parse(const char *text, struct myo_heat_scale *out)
{
	char *end;

	out->low = strtod(text, &end);
	if (end == text || *end != ':')
		return false;
	text = end + 1;
	out->high = strtod(text, &end);
	return end != text && *end == '\0' && out->low < out->high && isfinite(out->high - out->low);
}

void
myo_heat_scale_add(struct myo_heat_scale *scale, const struct myo_heat_map *map, enum myo_heat_method method)
{
	for (size_t i = 0; i < map->height * map->width; i++) {
		const double heat = (double)map->heat[i];
		if (!isnan(heat)) {
			scale->low = fmin(scale->low, method == MYO_HEAT_COVER ? 0 : heat);
			scale->high = fmax(scale->high, heat);
		}
	}
}

void
myo_heat_scale_settle(struct myo_heat_scale *scale)
{
	if (scale->low > scale->high) {
		scale->low = 0;
		scale->high = 1;
	} else if (!(scale->low < scale->high)) {
		scale->high = scale->low + fmax(1, fabs(scale->low));
	}
}

unsigned
myo_heat_scale_colour(const struct myo_heat_scale *scale, double heat)
{
	const double share = (heat - scale->low) / (scale->high - scale->low);

	/* written so that the 0/0 of a scale without width gives the first colour */
	return share > 0 ? (unsigned)lround(fmin(share, 1) * (MYO_HEAT_COLOURS - 1)) : 0;
}
