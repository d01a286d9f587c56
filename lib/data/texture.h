/* texture.h - patterns of two colours that differ in form, not in colour. */
#ifndef MYO_DATA_TEXTURE_H
#define MYO_DATA_TEXTURE_H

#include "base/base.h"

enum texture_kind {
	COLUMNS,
	ROWS,
	CHECKERS,
	DOTS,
	ZIGZAG,
	NET,
	BRICKS,
	CROSSES,
	TRIANGLES,
	GRAIN,
	TEXTURE_KINDS
};

enum { TEXTURE_WAVES = 5 };

struct texture {
	enum texture_kind kind;
	double across[2], down[2];      /* the pattern's axes, slightly turned, in periods a pixel */
	double phase[2];                /* in periods */
	double waves[TEXTURE_WAVES][3]; /* of GRAIN: direction and phase */
	double softness;                /* half the width of the colours' transition, in units of level() */
	double colours[2][3];           /* 0 to 255 */
};

extern const char *const texture_names[TEXTURE_KINDS];

/*
 * Draw the free parameters: a period within [shortest, longest] pixels, phase, turn, colours
 * whose brightness differs by at least `contrast` (of 1).
 */
void texture_init(struct texture *texture, enum texture_kind kind, double shortest, double longest,
    double softness, double contrast, struct myo_rng *rng);

/* How much of colour 1 there is at a point, 0 to 1. */
double texture_at(const struct texture *texture, double x, double y);

#endif
