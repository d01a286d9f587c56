/* The few largest of many. */
#include "score/score.h"

#include <string.h>

void
myo_best_offer(struct myo_best *best, size_t number, double weight)
{
	size_t at = best->count;

	while (at > 0 && weight > best->items[at - 1].weight)
		at--;
	if (at == best->most)
		return;
	best->count += best->count < best->most;
	memmove(best->items + at + 1, best->items + at, (best->count - 1 - at) * sizeof *best->items);
	best->items[at] = (struct myo_weighed){ number, weight };
}
