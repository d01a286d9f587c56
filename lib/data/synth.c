/* Drawn pictures: a textured object on a textured background. */
#include "data/data.h"
#include "data/texture.h"

#include <math.h>
#include <string.h>

#define TURN 6.283185307179586

enum { CORNERS = 40, SUB = 3 }; /* corners of an outline; samples along each side of a pixel */

const char *
myo_synth_class(int class)
{
	return texture_names[class];
}

int32_t
myo_synth_label(const struct myo_synth *synth, uint32_t number)
{
	const uint32_t classes = (uint32_t)synth->classes;
	struct myo_rng rng = myo_rng_at(synth->seed, MYO_RNG_SYNTH, number / classes, 1);
	uint32_t order[MYO_SYNTH_MAX_CLASSES] = { 0 };

	myo_rng_permute(&rng, order, classes);
	return (int32_t)order[number % classes];
}

/* ---- the object ------------------------------------------------------------------------------ */

struct outline {
	double x[CORNERS], y[CORNERS];
};

/* Distance from the centre to the edge in a direction, 1 at most, of a regular polygon. */
static double
polygon_radius(double direction, int sides)
{
	const double sector = TURN / sides;
	const double within = direction - sector * floor(direction / sector) - sector / 2;

	return cos(sector / 2) / cos(within);
}

/*
 * Discs, squares, triangles, stars and blobs, rotated and slightly stretched. Outlines have points at
 * equal angles, so the corners of polygons are a bit blunt, which doesn't matter.
 */
static void
choose_outline(struct outline *outline, int side, struct myo_rng *rng)
{
	enum { DISC, SQUARE, TRIANGLE, STAR, BLOB, SHAPES };
	const uint32_t shape = myo_rng_below(rng, SHAPES);
	const double turn = TURN * myo_rng_real(rng);
	const double stretch = 0.8 + 0.2 * myo_rng_real(rng);
	const double grown = shape == TRIANGLE || shape == STAR ? 0.06 : 0; /* they cover less */
	const double radius = side * (0.28 + grown + 0.1 * myo_rng_real(rng));
	const double bumps = 2 + floor(3 * myo_rng_real(rng));
	const double x = radius + (side - 2 * radius) * myo_rng_real(rng);
	const double y = radius + (side - 2 * radius) * myo_rng_real(rng);

	for (int i = 0; i < CORNERS; i++) {
		const double direction = TURN * i / CORNERS;
		double r = 1;
		if (shape == SQUARE)
			r = polygon_radius(direction, 4);
		else if (shape == TRIANGLE)
			r = polygon_radius(direction, 3);
		else if (shape == STAR)
			r = 0.76 + 0.24 * cos(5 * direction);
		else if (shape == BLOB)
			r = 0.8 + 0.13 * cos(bumps * direction) + 0.07 * cos((bumps + 1) * direction + turn);
		const double across = radius * r * cos(direction) * stretch,
			     down = radius * r * sin(direction);
		outline->x[i] = x + across * cos(turn) - down * sin(turn);
		outline->y[i] = y + across * sin(turn) + down * cos(turn);
	}
}

/* Where the outline crosses a horizontal line, in no particular order; returns how many times. */
static int
crossings(const struct outline *outline, double y, double at[CORNERS])
{
	int count = 0;

	for (int i = 0; i < CORNERS; i++) {
		const int next = (i + 1) % CORNERS;
		const double y0 = outline->y[i], y1 = outline->y[next];
		if ((y0 <= y) != (y1 <= y))
			at[count++] =
			    outline->x[i] + (y - y0) / (y1 - y0) * (outline->x[next] - outline->x[i]);
	}
	return count;
}

/* cover: U8 [side, side], the number of samples of each pixel (of SUB * SUB) inside the outline. */
static void
measure_cover(const struct outline *outline, int side, uint8_t *cover)
{
	double at[CORNERS];

	memset(cover, 0, (size_t)side * (size_t)side);
	for (int line = 0; line < side * SUB; line++) {
		const int count = crossings(outline, (line + 0.5) / SUB, at);
		uint8_t *row = cover + (size_t)(line / SUB) * (size_t)side;
		for (int i = 0; count > 0 && i < side * SUB; i++) {
			const double x = (i + 0.5) / SUB;
			int left = 0;
			for (int k = 0; k < count; k++)
				left += at[k] <= x;
			row[i / SUB] = (uint8_t)(row[i / SUB] + left % 2);
		}
	}
}

/* ---- the picture ----------------------------------------------------------------------------- */

static void
measure_mask(uint8_t *mask, int side, int32_t box[4])
{
	box[0] = box[1] = side;
	box[2] = box[3] = -1;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			uint8_t *at = &mask[(size_t)y * (size_t)side + (size_t)x];
			*at = 2 * *at > SUB * SUB;
			if (*at == 0)
				continue;
			box[0] = x < box[0] ? x : box[0];
			box[1] = y < box[1] ? y : box[1];
			box[2] = x > box[2] ? x : box[2];
			box[3] = y > box[3] ? y : box[3];
		}
}

static double
texture_over_pixel(const struct texture *texture, int x, int y)
{
	double sum = 0;

	for (int j = 0; j < SUB; j++)
		for (int i = 0; i < SUB; i++)
			sum += texture_at(texture, x + (i + 0.5) / SUB, y + (j + 0.5) / SUB);
	return sum / (SUB * SUB);
}

static void
add_texture(const struct texture *texture, int x, int y, double share, double rgb[3])
{
	const double one = texture_over_pixel(texture, x, y);

	for (int c = 0; c < 3; c++)
		rgb[c] += share *
			  (texture->colours[0][c] + one * (texture->colours[1][c] - texture->colours[0][c]));
}

static uint8_t
to_byte(double value)
{
	return (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : (int)(value + 0.5));
}

static void
choose_kinds(const struct myo_synth *synth, uint32_t number, struct myo_rng *rng, enum texture_kind kinds[2])
{
	const uint32_t label = (uint32_t)myo_synth_label(synth, number);
	const bool agrees = myo_rng_real(rng) < synth->correlation;
	const uint32_t any = myo_rng_below(rng, (uint32_t)synth->classes);
	const uint32_t other = agrees ? label : any;

	kinds[0] = (enum texture_kind)(synth->evidence == MYO_ON_BACKGROUND ? other : label);
	kinds[1] = (enum texture_kind)(synth->evidence == MYO_ON_OBJECT ? other : label);
}

/* Light falls from one side: up to a seventh more or less across the picture. */
struct light {
	double x, y;
};

/* cover: how much of each pixel is the object, of SUB * SUB. */
static void
paint(const struct myo_synth *synth, const struct texture parts[2], struct light light, const uint8_t *cover,
    struct myo_rng *rng, uint8_t *pixels)
{
	const int side = synth->side;

	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			const size_t at = (size_t)y * (size_t)side + (size_t)x;
			const double share = (double)cover[at] / (SUB * SUB);
			const double bright =
			    1 + light.x * ((x + 0.5) / side - 0.5) + light.y * ((y + 0.5) / side - 0.5);
			double rgb[3] = { 0, 0, 0 };
			if (share > 0)
				add_texture(&parts[0], x, y, share, rgb);
			if (share < 1)
				add_texture(&parts[1], x, y, 1 - share, rgb);
			for (size_t c = 0; c < 3; c++)
				pixels[3 * at + c] =
				    to_byte(rgb[c] * bright + synth->noise * myo_rng_normal(rng));
		}
}

void
myo_synth_draw(const struct myo_synth *synth, uint32_t number, uint8_t *pixels, uint8_t *mask, int32_t box[4])
{
	struct myo_rng rng = myo_rng_at(synth->seed, MYO_RNG_SYNTH, number, 0);
	enum texture_kind kinds[2];
	struct texture parts[2]; /* the object, the background */
	struct outline outline;
	struct light light;

	/* The periods fit a patch of 16 pixels: two or more of the fine, one and a half of the coarse. */
	choose_kinds(synth, number, &rng, kinds);
	texture_init(&parts[0], kinds[0], 4, 5.5, 0.7, 0.35, &rng);
	texture_init(&parts[1], kinds[1], 8, 11, 1.2, 0.25, &rng);
	choose_outline(&outline, synth->side, &rng);
	light.x = (myo_rng_real(&rng) - 0.5) * 0.28;
	light.y = (myo_rng_real(&rng) - 0.5) * 0.28;
	measure_cover(&outline, synth->side, mask);
	paint(synth, parts, light, mask, &rng, pixels);
	measure_mask(mask, synth->side, box);
}

struct filling {
	const struct myo_synth *synth;
	struct myo_batch *batch;
	uint32_t first;
};

static void
fill_row(void *context, size_t row, int thread)
{
	const struct filling *filling = context;
	const struct myo_batch *batch = filling->batch;
	const size_t pixels = (size_t)batch->height * (size_t)batch->width;
	const uint32_t number = filling->first + (uint32_t)row;

	(void)thread;
	batch->label[row] = myo_synth_label(filling->synth, number);
	batch->id[row] = number;
	myo_synth_draw(filling->synth, number, batch->image + row * pixels * 3, batch->mask + row * pixels,
	    batch->box + row * 4);
}

void
myo_synth_fill(const struct myo_synth *synth, uint32_t first, size_t rows, struct myo_pool *pool,
    struct myo_batch *batch)
{
	struct filling filling = { .synth = synth, .batch = batch, .first = first };

	batch->rows = rows < batch->capacity ? rows : batch->capacity;
	myo_pool_run(pool, batch->rows, fill_row, &filling);
}
