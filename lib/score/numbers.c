/* First choices, and other numbers of one row or image. */
#include "score/private.h"

#include <math.h>

size_t
score_largest(const double *values, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (values[i] > values[best])
			best = i;
	return best;
}

bool
score_among_top(const double *values, size_t count, size_t label, size_t top)
{
	size_t before = 0;

	for (size_t i = 0; i < count; i++)
		before += values[i] > values[label] || (values[i] == values[label] && i < label);
	return before < top;
}

bool
score_softmax(const float *logits, size_t count, double *out)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(logits[i]))
			return false;
	(void)myo_softmax(logits, count, out);
	return true;
}

double
score_negative_log(double p)
{
	return -log(p > 1e-300 ? p : 1e-300);
}

size_t
score_voted(const int32_t *votes, const double *probabilities, size_t classes)
{
	size_t best = 0;

	for (size_t c = 1; c < classes; c++)
		if (votes[c] > votes[best] || (votes[c] == votes[best] && probabilities[c] > probabilities[best]))
			best = c;
	return best;
}

struct outcome
score_outcome(const double *probabilities, const double *logits, const int32_t *votes, size_t classes, size_t label)
{
	return (struct outcome){ .mean = score_largest(probabilities, classes) == label,
		.logit = score_largest(logits, classes) == label,
		.vote = score_voted(votes, probabilities, classes) == label };
}
