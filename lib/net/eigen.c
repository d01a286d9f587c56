/* Eigenvectors by Jacobi's rotations. */
#include "net/eigen.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Two elements become c x - s y and s x + c y. */
static void
rotate(double *x, double *y, double c, double s)
{
	const double was = *x;

	*x = c * was - s * *y;
	*y = s * was + c * *y;
}

/* Make a[p][q] zero by rotating rows and columns p and q. */
static void
annihilate(double *a, size_t n, double *vectors, size_t p, size_t q)
{
	const double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
	const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
	const double c = 1 / sqrt(t * t + 1), s = t * c;

	for (size_t i = 0; i < n; i++)
		rotate(&a[i * n + p], &a[i * n + q], c, s);
	for (size_t i = 0; i < n; i++)
		rotate(&a[p * n + i], &a[q * n + i], c, s);
	for (size_t i = 0; i < n; i++)
		rotate(&vectors[p * n + i], &vectors[q * n + i], c, s);
}

/* Rotate all pairs that aren't zero within double precision; false when there is none. */
static bool
sweep(double *a, size_t n, double *vectors)
{
	bool rotated = false;

	for (size_t p = 0; p < n; p++)
		for (size_t q = p + 1; q < n; q++) {
			const double size = sqrt(fabs(a[p * n + p]) * fabs(a[q * n + q]));
			if (fabs(a[p * n + q]) <= DBL_EPSILON * size || fabs(a[p * n + q]) < DBL_MIN)
				continue;
			annihilate(a, n, vectors, p, q);
			rotated = true;
		}
	return rotated;
}

static void
swap_rows(double *values, double *vectors, size_t n, size_t i, size_t k)
{
	const double value = values[i];

	values[i] = values[k];
	values[k] = value;
	for (size_t j = 0; j < n; j++) {
		const double element = vectors[i * n + j];
		vectors[i * n + j] = vectors[k * n + j];
		vectors[k * n + j] = element;
	}
}

/* Choose the sign that makes the first element of at least half the largest magnitude positive. */
static void
fix_sign(double *vector, size_t n)
{
	double largest = 0;
	size_t first = 0;

	for (size_t j = 0; j < n; j++)
		largest = fmax(largest, fabs(vector[j]));
	while (fabs(vector[first]) < largest / 2)
		first++;
	if (vector[first] < 0)
		for (size_t j = 0; j < n; j++)
			vector[j] = -vector[j];
}

void
net_eigen(double *a, size_t n, double *values, double *vectors)
{
	enum { SWEEPS = 60 }; /* ten are plenty; rounding might make two elements chase each other */

	for (size_t i = 0; i < n * n; i++)
		vectors[i] = i % (n + 1) == 0 ? 1 : 0;
	for (int i = 0; i < SWEEPS && sweep(a, n, vectors); i++)
		continue;
	for (size_t i = 0; i < n; i++)
		values[i] = a[i * (n + 1)];
	for (size_t i = 0; i < n; i++) {
		size_t largest = i;
		for (size_t k = i + 1; k < n; k++)
			largest = values[k] > values[largest] ? k : largest;
		swap_rows(values, vectors, n, i, largest);
		fix_sign(vectors + i * n, n);
	}
}
