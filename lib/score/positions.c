/* Accuracy by the place of a tile. */
#include "score/positions.h"

#include <stdlib.h>

struct position {
	int32_t y, x;
	int64_t count, right; /* count 0: the slot is empty */
};

void
positions_clear(struct positions *positions)
{
	free(positions->places);
	free(positions->sorted);
	*positions = (struct positions){ 0 };
}

/* The slot that holds a position, or the empty one where it belongs. */
static struct position *
find(const struct positions *p, int32_t y, int32_t x)
{
	size_t at = myo_ids_hash((uint64_t)(uint32_t)y << 32 | (uint32_t)x) & (p->room - 1);

	while (p->places[at].count != 0 && (p->places[at].y != y || p->places[at].x != x))
		at = (at + 1) & (p->room - 1);
	return &p->places[at];
}

static int
grow(struct positions *p, struct myo_err *err)
{
	struct positions larger = *p;

	if (p->count == POSITIONS_MOST)
		return myo_fail(err, "tiles are at more than %d places", POSITIONS_MOST);
	larger.room = p->room > 0 ? 2 * p->room : 256;
	larger.places = myo_calloc(larger.room, sizeof *larger.places, err);
	if (larger.places == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < p->room; i++)
		if (p->places[i].count != 0)
			*find(&larger, p->places[i].y, p->places[i].x) = p->places[i];
	free(p->places);
	*p = larger;
	return MYO_OK;
}

int
positions_add(struct positions *p, int32_t y, int32_t x, int32_t height, int32_t width, bool right, struct myo_err *err)
{
	if (p->count == 0) {
		p->height = height;
		p->width = width;
	}
	if (p->height != height || p->width != width)
		return myo_fail(err, "accuracy by position is of images of one size, and these are of %dx%d and %dx%d",
		    p->height, p->width, height, width);
	if (2 * (p->count + 1) > p->room && grow(p, err) != MYO_OK)
		return MYO_FAIL;
	struct position *place = find(p, y, x);
	p->count += place->count == 0;
	place->y = y;
	place->x = x;
	place->count++;
	place->right += right;
	return MYO_OK;
}

static int
compare_positions(const void *a, const void *b)
{
	const struct myo_position *p = a, *q = b;

	if (p->y != q->y)
		return p->y < q->y ? -1 : 1;
	return (p->x > q->x) - (p->x < q->x);
}

int
positions_result(struct positions *p, struct myo_err *err)
{
	size_t n = 0;

	free(p->sorted);
	p->sorted = myo_calloc(p->count, sizeof *p->sorted, err);
	if (p->sorted == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < p->room; i++)
		if (p->places[i].count > 0)
			p->sorted[n++] = (struct myo_position){ p->places[i].y, p->places[i].x,
				myo_share_of(p->places[i].right, p->places[i].count) };
	qsort(p->sorted, n, sizeof *p->sorted, compare_positions);
	return MYO_OK;
}
