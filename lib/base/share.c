/* Confidence intervals of proportions. */
#include "base/base.h"

#include <math.h>

void
myo_wilson(double hits, double of, double *low, double *high)
{
	const double z = 1.959963984540054; /* the 97.5% quantile of the normal distribution */

	*low = 0;
	*high = 1;
	if (!(of > 0))
		return;
	const double p = hits / of, centre = p + z * z / (2 * of);
	const double spread = z * sqrt(p * (1 - p) / of + z * z / (4 * of * of));
	*low = fmax(0, (centre - spread) / (1 + z * z / of));
	*high = fmin(1, (centre + spread) / (1 + z * z / of));
}
