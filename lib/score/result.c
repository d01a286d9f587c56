/* Shares with intervals, and the quality of single classes in a result. */
#include "score/score.h"

#include <math.h>

struct myo_share
myo_share_of(int64_t hits, int64_t of)
{
	struct myo_share share = { hits, of, 0, 1 };

	myo_wilson((double)hits, (double)of, &share.low, &share.high);
	return share;
}

struct myo_share
myo_result_class(const struct myo_result *result, size_t number)
{
	const int64_t *row = result->confusion + number * result->classes;
	int64_t all = 0;

	for (size_t k = 0; k < result->classes; k++)
		all += row[k];
	return myo_share_of(row[number], all);
}

static double
ratio(int64_t part, int64_t of)
{
	return of > 0 ? (double)part / (double)of : NAN;
}

/*
 * C. J. van Rijsbergen, Information Retrieval, second edition (1979), chapter 7: precision, recall, and 1 - E with
 * equal weights, which is their harmonic mean, 2 hits / (images + predicted).
 */
struct myo_quality
myo_result_quality(const struct myo_result *result, size_t number)
{
	const struct myo_share found = myo_result_class(result, number);
	struct myo_quality q = { .images = found.of, .hits = found.hits };

	for (size_t k = 0; k < result->classes; k++)
		q.predicted += result->confusion[k * result->classes + number];
	q.recall = ratio(q.hits, q.images);
	q.precision = ratio(q.hits, q.predicted);
	q.f1 = ratio(2 * q.hits, q.images + q.predicted);
	return q;
}

/*
 * M. Sokolova and G. Lapalme, "A systematic analysis of performance measures for classification tasks", Information
 * Processing and Management 45 (2009), table 3, macro-averaging; F1 is the mean of the classes' F1, not that of the two
 * means (J. Opitz and S. Burst, "Macro F1 and Macro F1", arXiv 1911.03347, say why).
 */
struct myo_macro
myo_result_macro(const struct myo_result *result)
{
	struct myo_macro macro = { 0 };

	for (size_t k = 0; k < result->classes; k++) {
		const struct myo_quality q = myo_result_quality(result, k);
		if (q.images == 0)
			continue;
		macro.classes++;
		macro.recall += q.recall;
		macro.precision += q.predicted > 0 ? q.precision : 0;
		macro.f1 += q.f1;
	}
	if (macro.classes > 0) {
		macro.recall /= (double)macro.classes;
		macro.precision /= (double)macro.classes;
		macro.f1 /= (double)macro.classes;
	}
	return macro;
}
