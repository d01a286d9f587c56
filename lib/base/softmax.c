/* From logits to probabilities. */
#include "base/base.h"

#include <math.h>

size_t
myo_exponentials(const float *logits, size_t count, double *out, double *sum)
{
	size_t best = 0;

	for (size_t k = 1; k < count; k++)
		if (logits[k] > logits[best])
			best = k;
	*sum = 0;
	for (size_t k = 0; k < count; k++)
		*sum += out[k] = exp((double)logits[k] - (double)logits[best]);
	return best;
}

size_t
myo_softmax(const float *logits, size_t count, double *out)
{
	double sum;
	const size_t best = myo_exponentials(logits, count, out, &sum);

	for (size_t k = 0; k < count; k++)
		out[k] /= sum;
	return best;
}
