/* eigen.h - private to the room: eigenvectors of small symmetric matrices. */
#ifndef MYO_NET_EIGEN_H
#define MYO_NET_EIGEN_H

#include <stddef.h>

/*
 * a [n, n], symmetric and finite, = V' diag(values) V. Row i of vectors [n, n] belongs to
 * values[i]; values fall, rows have length 1, and the first large element of a row is positive. a is overwritten.
 * The same input gives the same bits everywhere. Cyclic Jacobi rotations (Golub and Van Loan,
 * Matrix Computations, section 8.5), of order n^3 for each of about ten sweeps.
 */
void net_eigen(double *a, size_t n, double *values, double *vectors);

#endif
